/* SPDX-License-Identifier: EUPL-1.2 */
/* I9. Rows: their numbers, their order as keys, their sets, and the checksum that binds a value to its key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/facts/rows.h"

enum { KEY = 6, FIXED = ROW_HEAD + 8 };	/* a kind and one string; a date and a string */

/* A row with two sets behind its fields: codes { 7, 9 } and strings { 1, 2, 3 }. */
struct sample {
	uint8_t key[KEY + KEY_TAIL];
	uint8_t value[FIXED + 2 + 4 + 2 + 12];
	struct row row;
};

static void seal(struct sample *sample)
{
	put_le64(sample->value, row_checksum(sample->key, sizeof sample->key, sample->value, sizeof sample->value));
}

static void make(struct sample *sample)
{
	uint8_t *at = sample->value + FIXED;

	*sample = (struct sample){ 0 };
	put_be16(sample->key, 3);
	put_be32(sample->key + 2, 70000);
	put_be32(sample->key + KEY, ~17u);
	put_le16(sample->value + 8, 5);
	put_le32(sample->value + ROW_HEAD, 20000);
	put_le32(sample->value + ROW_HEAD + 4, 42);
	put_le16(at, 2);
	put_le16(at + 2, 7);
	put_le16(at + 4, 9);
	put_le16(at + 6, 3);
	for (uint32_t i = 0; i < 3; i++)
		put_le32(at + 8 + 4 * i, i + 1);
	seal(sample);
	sample->row = (struct row){ sample->key, sample->value, sizeof sample->key, sizeof sample->value };
}

static void head(void **state)
{
	struct sample sample;

	(void)state;
	make(&sample);
	assert_true(row_intact(&sample.row));
	assert_int_equal(row_layout(&sample.row), 5);
	assert_int_equal(row_generation(&sample.row), 17);
	assert_false(row_is_tombstone(&sample.row));
	sample.value[10] = ROW_TOMBSTONE;
	assert_false(row_intact(&sample.row));
	seal(&sample);
	assert_true(row_intact(&sample.row));
	assert_true(row_is_tombstone(&sample.row));
}

/* Whatever byte of key or value changes, and in whatever way. */
static void every_byte_is_bound(void **state)
{
	struct sample sample;

	(void)state;
	make(&sample);
	for (size_t i = 0; i < sizeof sample.key + sizeof sample.value; i++) {
		uint8_t *at = i < sizeof sample.key ? sample.key + i : sample.value + (i - sizeof sample.key);

		for (unsigned change = 1; change < 256; change++) {
			*at ^= (uint8_t)change;
			assert_false(row_intact(&sample.row));
			*at ^= (uint8_t)change;
		}
	}
	assert_true(row_intact(&sample.row));
	for (uint32_t size = 0; size < sizeof sample.value; size++) {
		sample.row.size = size;
		assert_false(row_intact(&sample.row));
	}
}

static void other_values_are_bound(void **state)
{
	uint32_t sum = value_checksum(1, "key", 3, "value", 5);

	(void)state;
	assert_int_not_equal(sum, value_checksum(2, "key", 3, "value", 5));
	assert_int_not_equal(sum, value_checksum(1, "kex", 3, "value", 5));
	assert_int_not_equal(sum, value_checksum(1, "ke", 2, "value", 5));
	assert_int_not_equal(sum, value_checksum(1, "key", 3, "valuf", 5));
	assert_int_not_equal(sum, value_checksum(1, "key", 3, "valu", 4));
	assert_int_equal(sum, value_checksum(1, "key", 3, "value", 5));
}

/* Where a row was read takes the bytes it needs, changes nothing else, and is no part of what the row says. */
static void places(void **state)
{
	static const struct {
		struct row_place place;
		uint32_t bytes;
	} told[] = {
		{ { 0, 0 }, 0 },     { { 1, 0 }, 1 },	   { { 255, 0 }, 1 },	  { { 256, 0 }, 2 },	   { { 70000, 0 }, 3 },
		{ { 0, 1 }, 1 },     { { 17, 255 }, 2 },   { { 17, 256 }, 3 },	  { { 0, UINT16_MAX }, 2 },
		{ { INT64_MAX, UINT16_MAX }, ROW_PLACE_BYTES },
	};

	(void)state;
	for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
		struct sample plain, sample;
		uint8_t value[sizeof sample.value + ROW_PLACE_BYTES];
		struct row row = { sample.key, value, sizeof sample.key, 0 };
		struct row_set set;

		make(&plain);
		make(&sample);
		memcpy(value, sample.value, sizeof sample.value);
		row.size = row_put_place(value, sizeof sample.value, told[i].place);
		assert_int_equal(row.size - sizeof sample.value, told[i].bytes);
		assert_int_equal(row_place_size(&row), told[i].bytes);
		assert_int_equal(row_place(&row).line, told[i].place.line);
		assert_int_equal(row_place(&row).source, told[i].place.source);
		assert_memory_equal(value + ROW_HEAD, sample.value + ROW_HEAD, sizeof sample.value - ROW_HEAD);
		assert_true(row_same(&row, &plain.row) && row_same(&plain.row, &row));
		assert_true(row_find_set(&row, FIXED, (const bool[]){ false, true }, 1, &set) && set.count == 3);
		for (uint32_t at = 8; at < sizeof sample.value; at++) {
			value[at] ^= 1;
			assert_true(at == 11 || !row_same(&row, &plain.row));
			value[at] ^= 1;
		}
	}
}

/* A row that claims more bytes than it has, or than a place takes, has none. */
static void a_place_that_cannot_be(void **state)
{
	uint8_t value[ROW_HEAD + 12] = { 0 };
	struct row row = { NULL, value, 0, 0 };

	(void)state;
	memset(value + ROW_HEAD, 0x55, 12);
	for (row.size = ROW_HEAD; row.size <= sizeof value; row.size++) {
		for (unsigned place = 0; place < 256; place++) {
			unsigned line = place & 0xf, source = place >> 4;
			bool good = line <= 8 && source <= 2 && line + source <= row.size - ROW_HEAD;

			value[11] = (uint8_t)place;
			assert_int_equal(row_place_size(&row), good ? line + source : 0);
			assert_int_equal(row_place(&row).source, !good || !source ? 0 : source == 1 ? 0x55 : 0x5555);
			assert_true((row_place(&row).line != 0) == (good && line));
		}
	}
}

/* memcmp() puts kinds and keys in order, and of one key the newest generation first. */
static void keys_are_in_order(void **state)
{
	static const uint32_t ordered[][3] = {	/* kind, string, generation */
		{ 1, 0, 9 }, { 1, 0, 1 }, { 1, 1, 300 }, { 1, 1, 255 }, { 1, 256, UINT32_MAX }, { 1, 256, 0 },
		{ 1, 0x40000000, 4 }, { 2, 0, 1 }, { 256, 0, 1 },
	};
	uint8_t last[KEY + KEY_TAIL], key[KEY + KEY_TAIL];

	(void)state;
	for (size_t i = 0; i < sizeof ordered / sizeof ordered[0]; i++) {
		put_be16(key, (uint16_t)ordered[i][0]);
		put_be32(key + 2, ordered[i][1]);
		put_be32(key + KEY, ~ordered[i][2]);
		if (i)
			assert_true(memcmp(last, key, sizeof key) < 0);
		memcpy(last, key, sizeof key);
	}
}

static void scalars(void **state)
{
	(void)state;
	assert_int_equal(row_code(0), 0);
	assert_int_equal(row_code(CODE_MAX), CODE_MAX);
	assert_int_equal(row_code(CODE_NONE), FACT_NONE);
	assert_int_equal(row_code(CODE_UNKNOWN), FACT_UNKNOWN);
	assert_int_equal(row_string(STRING_MAX), STRING_MAX);
	assert_int_equal(row_string(STRING_NONE), FACT_NONE);
	assert_int_equal(row_string(STRING_UNKNOWN), FACT_UNKNOWN);
}

static void sets(void **state)
{
	static const bool wide[] = { false, true };
	struct sample sample;
	struct row_set set;

	(void)state;
	make(&sample);
	assert_true(row_find_set(&sample.row, FIXED, wide, 0, &set));
	assert_int_equal(set.count, 2);
	assert_int_equal(row_set_code(&set, 0), 7);
	assert_int_equal(row_set_code(&set, 1), 9);
	assert_true(row_find_set(&sample.row, FIXED, wide, 1, &set));
	assert_int_equal(set.count, 3);
	assert_false(set.unknown);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(row_set_string(&set, i), i + 1);
	assert_false(row_find_set(&sample.row, FIXED, (const bool[]){ false, true, false }, 2, &set));
	put_le16(sample.value + FIXED, SET_UNKNOWN);	/* then the other set begins behind its count */
	assert_true(row_find_set(&sample.row, FIXED, wide, 0, &set));
	assert_true(set.unknown);
	assert_int_equal(set.count, 0);
}

/* A row shorter than it says gives no set, whatever its counts are. */
static void short_rows_have_no_sets(void **state)
{
	static const bool wide[] = { false, true };
	struct sample sample;
	struct row_set set;

	(void)state;
	make(&sample);
	for (uint32_t size = 0; size < sizeof sample.value; size++) {
		sample.row.size = size;
		assert_false(row_find_set(&sample.row, FIXED, wide, 1, &set));
		assert_true(row_find_set(&sample.row, FIXED, wide, 0, &set) == (size >= FIXED + 6));
	}
	make(&sample);
	for (uint32_t count = 4; count < SET_UNKNOWN; count++) {
		put_le16(sample.value + FIXED + 6, (uint16_t)count);
		assert_false(row_find_set(&sample.row, FIXED, wide, 1, &set));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head),
		cmocka_unit_test(every_byte_is_bound),
		cmocka_unit_test(other_values_are_bound),
		cmocka_unit_test(places),
		cmocka_unit_test(a_place_that_cannot_be),
		cmocka_unit_test(keys_are_in_order),
		cmocka_unit_test(scalars),
		cmocka_unit_test(sets),
		cmocka_unit_test(short_rows_have_no_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
