/* SPDX-License-Identifier: EUPL-1.2 */
/* Maps against a plain list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/arena.h"
#include "engine/base/map.h"

static void empty(void **state)
{
	struct arena arena;
	struct map map;

	(void)state;
	arena_init(&arena, 1u << 20);
	map_init(&map, &arena);
	assert_int_equal(map_get(&map, TEXT("x")), MAP_NONE);
	assert_int_equal(map_intern(&map, TEXT("")), 0);	/* the empty key is a key */
	assert_int_equal(map_get(&map, TEXT("")), 0);
	assert_int_equal(map_get(&map, TEXT("x")), MAP_NONE);
	arena_free(&arena);
}

/* Numbers come in order of first appearance, whatever the hashes are, through every growth. */
static void interning(void **state)
{
	enum { KEYS = 20000 };
	struct arena arena;
	struct map map;
	char name[20];

	(void)state;
	arena_init(&arena, SIZE_MAX / 4);
	map_init(&map, &arena);
	for (uint32_t i = 0; i < KEYS; i++) {
		snprintf(name, sizeof name, "k%u", i * 7919u);
		assert_int_equal(map_intern(&map, text_from(name)), i);
		assert_int_equal(map_intern(&map, text_from(name)), i);
	}
	assert_int_equal(map.count, KEYS);
	for (uint32_t i = 0; i < KEYS; i++) {
		snprintf(name, sizeof name, "k%u", i * 7919u);
		assert_int_equal(map_get(&map, text_from(name)), i);
		assert_true(text_equal(map_key(&map, i), text_from(name)));
		assert_int_equal(map_key(&map, i).at[map_key(&map, i).len], '\0');
	}
	arena_free(&arena);
}

static void setting(void **state)
{
	enum { KEYS = 500 };
	uint32_t model[KEYS], dice = 3;
	struct arena arena;
	struct map map;

	(void)state;
	memset(model, 0xff, sizeof model);
	arena_init(&arena, SIZE_MAX / 4);
	map_init(&map, &arena);
	for (uint32_t i = 0; i < 20000; i++) {
		uint32_t key;

		dice = dice * 1103515245 + 12345;
		key = (dice >> 16) % KEYS;
		if (i % 3 == 0) {
			assert_int_equal(map_get(&map, (struct text){ (const char *)&key, sizeof key }), model[key]);
			continue;
		}
		model[key] = i;
		map_set(&map, (struct text){ (const char *)&key, sizeof key }, i);
	}
	for (uint32_t key = 0; key < KEYS; key++)
		assert_int_equal(map_get(&map, (struct text){ (const char *)&key, sizeof key }), model[key]);
	arena_free(&arena);
}

/* A key is its bytes: a NUL within, and what stands behind it, belong to it. */
static void keys_are_bytes(void **state)
{
	struct arena arena;
	struct map map;

	(void)state;
	arena_init(&arena, 1u << 20);
	map_init(&map, &arena);
	assert_int_equal(map_intern(&map, (struct text){ "a\0b", 3 }), 0);
	assert_int_equal(map_intern(&map, (struct text){ "a\0c", 3 }), 1);
	assert_int_equal(map_intern(&map, (struct text){ "a", 1 }), 2);
	assert_int_equal(map_intern(&map, (struct text){ "a\0b", 3 }), 0);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),
		cmocka_unit_test(interning),
		cmocka_unit_test(setting),
		cmocka_unit_test(keys_are_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
