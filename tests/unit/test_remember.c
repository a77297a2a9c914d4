/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A reader that remembers sees what a reader that does not remember sees: after commits, on every generation, through
 * scans that grow and shrink, and when the store is mapped anew. Both go through the same steps side by side.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/facts/memory.h"
#include "engine/facts/store.h"
#include "tests/common/fixture.h"

enum { KIND = 1, GROUPS = 6, IDS = 12, KEY = KEY_HEAD + 8 };

struct both {
	char *folder, *path;
	struct store *store;
	struct store_reader *plain, *remembers;
	uint32_t generation;
};

static void open_both(struct both *both)
{
	*both = (struct both){ .folder = folder_new() };
	assert_true(asprintf(&both->path, "%s/facts", both->folder) > 0);
	assert_int_equal(store_open(both->path, STORE_CREATE | STORE_NOSYNC, 0, &both->store), RKO_OK);
	assert_int_equal(store_reader_open(both->store, &both->plain), RKO_OK);
	assert_int_equal(store_reader_open(both->store, &both->remembers), RKO_OK);
	assert_int_equal(store_reader_remember(both->remembers), RKO_OK);
}

static void close_both(struct both *both)
{
	store_reader_close(both->plain);
	store_reader_close(both->remembers);
	store_close(both->store);
	free(both->path);
	folder_remove(both->folder);
}

static void renew_both(struct both *both)
{
	assert_int_equal(store_reader_renew(both->plain), RKO_OK);
	assert_int_equal(store_reader_renew(both->remembers), RKO_OK);
}

static void reset_both(struct both *both)
{
	store_reader_reset(both->plain);
	store_reader_reset(both->remembers);
}

static void make_key(uint8_t key[KEY + KEY_TAIL], uint32_t group, uint32_t id)
{
	put_be16(key, KIND);
	put_be32(key + KEY_HEAD, group);
	put_be32(key + KEY_HEAD + 4, id);
}

static void put(struct store_writer *writer, uint32_t group, uint32_t id, uint32_t generation, uint32_t value,
		bool tombstone)
{
	uint8_t key[KEY + KEY_TAIL], row[ROW_HEAD + 4] = { 0 };

	make_key(key, group, id);
	put_be32(key + KEY, ~generation);
	put_le16(row + 8, 1);
	row[10] = tombstone ? ROW_TOMBSTONE : 0;
	put_le32(row + ROW_HEAD, value);
	put_le64(row, row_checksum(key, sizeof key, row, sizeof row));
	assert_int_equal(store_put_row(writer, key, sizeof key, row, sizeof row, false), RKO_OK);
}

/* One generation: some rows come, some change, some go; a new string. */
static void commit_some(struct both *both, unsigned *seed)
{
	struct generation generation = { .number = ++both->generation, .recorded = both->generation, .rows = 1 };
	struct store_writer *writer;
	char name[16];

	assert_int_equal(store_write_begin(both->store, &writer), RKO_OK);
	for (uint32_t group = 0; group < GROUPS; group++)
		for (uint32_t id = 0; id < IDS; id++)
			if (rand_r(seed) % 4 == 0)
				put(writer, group, id, generation.number, (uint32_t)rand_r(seed), rand_r(seed) % 3 == 0);
	snprintf(name, sizeof name, "name-%u", generation.number);
	assert_int_equal(store_put_number(writer, text_from(name), generation.number, false), RKO_OK);
	assert_int_equal(store_put_generation(writer, &generation), RKO_OK);
	assert_int_equal(store_write_commit(writer), RKO_OK);
}

static void same_row(const struct row *a, const struct row *b)
{
	assert_int_equal(a->key_size, b->key_size);
	assert_int_equal(a->size, b->size);
	assert_memory_equal(a->key, b->key, a->key_size);
	assert_memory_equal(a->value, b->value, a->size);
}

static void same_get(struct both *both, uint32_t group, uint32_t id, uint32_t generation)
{
	uint8_t key[KEY + KEY_TAIL];
	bool found, again;
	struct row a, b;

	make_key(key, group, id);
	assert_int_equal(store_get(both->plain, key, KEY, generation, &a, &found), RKO_OK);
	assert_int_equal(store_get(both->remembers, key, KEY, generation, &b, &again), RKO_OK);
	assert_int_equal(found, again);
	if (found)
		same_row(&a, &b);
}

static uint32_t same_scan(struct both *both, uint32_t group, uint32_t generation)
{
	struct store_cursor a = { .key_size = 0 }, b = { .key_size = 0 };
	uint8_t key[KEY + KEY_TAIL];
	uint32_t count = 0;
	bool found, again;
	struct row x, y;

	make_key(key, group, 0);
	for (;; count++) {
		assert_int_equal(store_next(both->plain, &a, key, KEY - 4, generation, &x, &found), RKO_OK);
		assert_int_equal(store_next(both->remembers, &b, key, KEY - 4, generation, &y, &again), RKO_OK);
		assert_int_equal(found, again);
		if (!found)
			return count;
		same_row(&x, &y);
		assert_int_equal(a.looked, b.looked);
	}
}

static void same_everything(struct both *both, unsigned *seed)
{
	for (int i = 0; i < 200; i++) {
		uint32_t generation = rand_r(seed) % 3 ? both->generation : 1 + rand_r(seed) % both->generation;
		uint32_t group = rand_r(seed) % (GROUPS + 1), number, again;
		char name[16];

		if (rand_r(seed) % 3)
			same_get(both, group, rand_r(seed) % IDS, generation);
		else
			same_scan(both, group, generation);
		snprintf(name, sizeof name, "name-%u", rand_r(seed) % (both->generation + 2));
		assert_int_equal(store_number(both->plain, text_from(name), &number), RKO_OK);
		assert_int_equal(store_number(both->remembers, text_from(name), &again), RKO_OK);
		assert_int_equal(number, again);
	}
}

static void through_commits(void **state)
{
	struct both both;
	unsigned seed = 1;

	(void)state;
	open_both(&both);
	for (int round = 0; round < 40; round++) {
		commit_some(&both, &seed);
		for (int again = 0; again < 2; again++) {
			renew_both(&both);
			same_everything(&both, &seed);
			reset_both(&both);
		}
	}
	close_both(&both);
}

/* Who is reading goes on seeing what was there; who renews sees the new. */
static void during_a_commit(void **state)
{
	struct both both;
	unsigned seed = 2;

	(void)state;
	open_both(&both);
	commit_some(&both, &seed);
	renew_both(&both);
	same_everything(&both, &seed);
	commit_some(&both, &seed);
	both.generation--;
	same_everything(&both, &seed);
	reset_both(&both);
	both.generation++;
	renew_both(&both);
	same_everything(&both, &seed);
	close_both(&both);
}

/* The map goes to another place: pointers into the old one must not be followed. */
static void through_a_new_map(void **state)
{
	struct both both;
	unsigned seed = 3;

	(void)state;
	open_both(&both);
	commit_some(&both, &seed);
	for (int round = 0; round < 3; round++) {
		renew_both(&both);
		same_everything(&both, &seed);
		reset_both(&both);
		assert_int_equal(store_grow(both.store, 0), RKO_OK);
	}
	renew_both(&both);
	same_everything(&both, &seed);
	close_both(&both);
}

/* What is remembered is really not looked for again: a key in memory answers with what was put there. */
static void is_remembered(void **state)
{
	struct memory *memory = memory_new();
	uint8_t key[4] = "key", value[ROW_HEAD] = { 0 };
	struct row row = { key, value, sizeof key, sizeof value };
	struct recall recall = { REMEMBERED_GET, key, sizeof key, 0, 7 };
	const struct remembered *found;
	struct remembered *place;

	(void)state;
	assert_non_null(memory);
	memory_renew(memory, 1, 0);
	assert_null(memory_recall(memory, &recall, &place));
	memory_keep(memory, place, &recall, &row, 0);
	found = memory_recall(memory, &recall, &place);
	assert_non_null(found);
	assert_ptr_equal(found->value, value);
	recall.generation = 8;	/* another generation is another question */
	assert_null(memory_recall(memory, &recall, &place));
	recall.generation = 7;
	recall.what = REMEMBERED_NEXT;
	assert_null(memory_recall(memory, &recall, &place));
	recall.what = REMEMBERED_GET;
	memory_renew(memory, 1, 0);
	assert_non_null(memory_recall(memory, &recall, &place));
	memory_renew(memory, 2, 0);	/* another state */
	assert_null(memory_recall(memory, &recall, &place));
	memory_keep(memory, place, &recall, NULL, 0);
	assert_false(memory_recall(memory, &recall, &place)->found);
	memory_renew(memory, 2, 1);	/* another map */
	assert_null(memory_recall(memory, &recall, &place));
	memory_free(memory);
}

static void strings_stay(void **state)
{
	struct memory *memory = memory_new();
	char longest[60];

	(void)state;
	assert_non_null(memory);
	memory_keep_number(memory, TEXT("liisa"), 5);
	memory_renew(memory, 9, 9);
	assert_int_equal(memory_number(memory, TEXT("liisa")), 5);
	assert_int_equal(memory_number(memory, TEXT("liis")), STRING_NONE);
	memset(longest, 'x', sizeof longest);
	memory_keep_number(memory, (struct text){ longest, 60 }, 6);	/* too long to be kept */
	assert_int_equal(memory_number(memory, (struct text){ longest, 60 }), STRING_NONE);
	memory_keep_number(memory, (struct text){ longest, 59 }, 6);
	assert_int_equal(memory_number(memory, (struct text){ longest, 59 }), 6);
	memory_forget(memory);
	assert_int_equal(memory_number(memory, TEXT("liisa")), STRING_NONE);
	memory_free(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(through_commits),   cmocka_unit_test(during_a_commit),
		cmocka_unit_test(through_a_new_map), cmocka_unit_test(is_remembered),
		cmocka_unit_test(strings_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
