/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/facts/rows.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* I9: bound to the key and its generation, so that a row in another place is noticed too. */
uint64_t row_checksum(const uint8_t *key, size_t key_size, const uint8_t *value, size_t size)
{
	return XXH3_64bits_withSeed(value + 8, size - 8, XXH3_64bits(key, key_size));
}

uint32_t value_checksum(uint32_t what, const void *key, size_t key_size, const void *value, size_t size)
{
	return (uint32_t)XXH3_64bits_withSeed(value, size, XXH3_64bits_withSeed(key, key_size, what));
}

static uint64_t get_short(const uint8_t *at, uint32_t bytes)
{
	uint64_t number = 0;

	while (bytes)
		number = number << 8 | at[--bytes];
	return number;
}

static uint32_t put_short(uint8_t *at, uint64_t number)
{
	uint32_t bytes = 0;

	for (; number; number >>= 8)
		at[bytes++] = (uint8_t)number;
	return bytes;
}

struct row_place row_place(const struct row *row)
{
	uint32_t size = row_place_size(row), line = row->value[11] & 0xf;
	const uint8_t *at = row->value + row->size - size;

	if (!size)
		return (struct row_place){ 0 };
	return (struct row_place){ get_short(at, line), (uint32_t)get_short(at + line, size - line) };
}

uint32_t row_put_place(uint8_t *value, uint32_t size, struct row_place place)
{
	uint32_t line = put_short(value + size, place.line), source = put_short(value + size + line, place.source);

	value[11] = (uint8_t)(line | source << 4);
	return size + line + source;
}

bool row_same(const struct row *a, const struct row *b)
{
	uint32_t size = a->size - row_place_size(a);

	/* Behind the checksum, which covers the generation too: layout and flags, then all but where they were read. */
	return size == b->size - row_place_size(b) && memcmp(a->value + 8, b->value + 8, 3) == 0 &&
	       memcmp(a->value + ROW_HEAD, b->value + ROW_HEAD, size - ROW_HEAD) == 0;
}

bool row_find_set(const struct row *row, uint32_t fixed, const bool *wide, uint32_t number,
		  struct row_set *ret_set)
{
	uint32_t at = fixed;

	for (uint32_t i = 0;; i++) {
		uint32_t count, bytes;

		if (row->size < at + 2)
			return false;
		count = get_le16(row->value + at);
		bytes = count == SET_UNKNOWN ? 0 : count * (wide[i] ? 4 : 2);
		if (row->size - at - 2 < bytes)
			return false;
		if (i == number) {
			*ret_set = (struct row_set){ row->value + at + 2, count == SET_UNKNOWN ? 0 : count,
						     count == SET_UNKNOWN };
			return true;
		}
		at += 2 + bytes;
	}
}
