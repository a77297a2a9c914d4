/* SPDX-License-Identifier: EUPL-1.2 */
/* Arenas: zeroed, aligned, bounded; and what happens past the bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/arena.h"
#include "engine/base/text.h"

static void zeroed_and_aligned(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 1u << 20);
	for (size_t size = 0; size < 300; size++) {
		unsigned char *at = arena_alloc(&arena, size);

		assert_non_null(at);
		assert_int_equal((uintptr_t)at % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(at[i], 0);
		memset(at, 0xff, size);
	}
	arena_free(&arena);
	/* Again from the beginning: memory that was used comes zeroed too. */
	for (int i = 0; i < 100; i++) {
		unsigned char *at = arena_alloc(&arena, 1000);

		for (size_t j = 0; j < 1000; j++)
			assert_int_equal(at[j], 0);
		memset(at, 0xff, 1000);
	}
	arena_free(&arena);
	arena_free(&arena);
}

/* What was handed out stays where it is and what it is while the arena grows. */
static void growth(void **state)
{
	enum { BLOCKS = 3000 };
	static unsigned char *blocks[BLOCKS];
	struct arena arena;

	(void)state;
	arena_init(&arena, SIZE_MAX / 4);
	for (size_t i = 0; i < BLOCKS; i++) {
		blocks[i] = arena_alloc(&arena, i % 700 + 1);
		memset(blocks[i], (int)(i % 251), i % 700 + 1);
	}
	assert_true(arena.used <= arena.reserved);
	assert_non_null(arena_alloc(&arena, 5u << 20));	/* larger than any chunk */
	for (size_t i = 0; i < BLOCKS; i++)
		for (size_t j = 0; j <= i % 700; j++)
			assert_int_equal(blocks[i][j], i % 251);
	arena_free(&arena);
	assert_int_equal(arena.reserved, 0);
}

static void the_bound(void **state)
{
	enum { MOST = 200000 };
	struct arena arena;
	size_t given = 0;

	(void)state;
	arena_init(&arena, MOST);
	while (arena_alloc(&arena, 1000))
		given += 1000;
	assert_true(arena.exhausted);
	assert_true(given > MOST - 70000 && given <= MOST);
	assert_true(arena.reserved <= MOST);
	arena_free(&arena);
	assert_false(arena.exhausted);
	assert_non_null(arena_alloc(&arena, MOST / 32 * 32));	/* the bound itself */
	arena_free(&arena);
	assert_null(arena_alloc(&arena, MOST + 1));	/* and one past it */
	assert_true(arena.exhausted);
	arena_free(&arena);
}

static void sizes_that_overflow(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, SIZE_MAX / 4);
	assert_null(arena_alloc(&arena, SIZE_MAX));
	assert_null(arena_array(&arena, SIZE_MAX / 2, 4));
	assert_null(arena_array(&arena, (size_t)1 << 33, (size_t)1 << 33));
	assert_true(arena.exhausted);
	assert_null(text_copy(&arena, (struct text){ "", SIZE_MAX - 1 }).at);
	assert_non_null(arena_array(&arena, 0, 100));
	arena_free(&arena);
}

static void the_escape(void **state)
{
	struct arena arena;
	jmp_buf escape;
	volatile int jumped = 0;

	(void)state;
	arena_init(&arena, 100000);
	if (setjmp(escape)) {
		jumped++;
		if (jumped < 3) {
			arena_reset(&arena);	/* the escape stays */
			assert_ptr_equal(arena.escape, &escape);
		}
	} else {
		arena.escape = &escape;
	}
	if (jumped < 3) {
		for (;;)
			assert_non_null(arena_alloc(&arena, 777));
	}
	assert_int_equal(jumped, 3);
	arena_free(&arena);
	assert_null(arena.escape);
}

/* Emptied again and again it is as new each time: zeroed, and with all of its room. */
static void emptied_is_as_new(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 400000);
	for (size_t round = 1; round <= 20; round++) {
		size_t sizes[] = { 100, 30000 * (round % 4), 65000, 1000 * round };

		for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
			char *bytes = arena_alloc(&arena, sizes[i]);

			assert_non_null(bytes);
			for (size_t j = 0; j < sizes[i]; j++)
				assert_int_equal(bytes[j], 0);
			memset(bytes, 0xa5, sizes[i]);
		}
		arena_reset(&arena);
		assert_int_equal(arena.used, 0);
	}
	arena_free(&arena);
}

static void arrays_that_grow(void **state)
{
	struct arena arena;
	uint32_t *list = NULL;
	size_t cap = 0;

	(void)state;
	arena_init(&arena, SIZE_MAX / 4);
	for (uint32_t i = 0; i < 100000; i++) {
		list = arena_grow(&arena, list, i, &cap, sizeof *list);
		assert_true(cap > i);
		assert_int_equal(list[i], 0);
		list[i] = i * 3;
	}
	for (uint32_t i = 0; i < 100000; i++)
		assert_int_equal(list[i], i * 3);
	assert_true(arena.used < 100000 * sizeof *list * 4);
	arena_free(&arena);
}

static void copies(void **state)
{
	struct arena arena;
	char text[] = "Lappeenranta";
	char *copy;

	(void)state;
	arena_init(&arena, 1u << 20);
	copy = arena_copy(&arena, text, sizeof text);
	text[0] = 'x';
	assert_string_equal(copy, "Lappeenranta");
	assert_non_null(arena_copy(&arena, NULL, 0));
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zeroed_and_aligned), cmocka_unit_test(growth),	     cmocka_unit_test(the_bound),
		cmocka_unit_test(sizes_that_overflow), cmocka_unit_test(the_escape), cmocka_unit_test(emptied_is_as_new),
		cmocka_unit_test(arrays_that_grow),
		cmocka_unit_test(copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
