/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/facts/rows.h"

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
