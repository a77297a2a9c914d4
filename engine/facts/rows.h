/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rows: how a fact lies in the store.
 *
 *   key    kind u16 | key fields | generation, inverted u32        big-endian: memcmp() orders rows by record
 *                                                                  and key, of one key the newest first
 *   value  checksum u64 | layout u16 | flags u8 | place u8 | fields | line, source
 *
 * A key field is a code (u16) or the number of a string (u32): ids, oids and references are numbered when they
 * are first stored. In a value codes are u16, dates i32, numbers of strings u32, all little-endian, at the
 * offsets of the row's layout; behind them lie the sets, in order, each a count u16 and its elements. The
 * checksum covers key and value, so that a row found under another key is damage.
 *
 * Last come, as far as the loader told them, the line on which the row stood and the number of its source among those
 * of its load, little-endian without leading zeroes; `place` says in how many bytes: the line's in the low half, the
 * source's in the high one. So a row whose loader told nothing has not a byte more, and others have two or three.
 *
 * A row of a newer generation replaces the older ones of its key; a tombstone removes it. Nothing is ever
 * overwritten: what was known as of a generation is the first row of the key at or below it.
 *
 * Knows nothing of LMDB, policies or requests.
 */
#ifndef RKO_FACTS_ROWS_H
#define RKO_FACTS_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/limits.h"
#include "engine/base/num.h"

/* What a scalar can be beside itself, once read. Dates are small numbers, codes and strings not negative. */
enum {
	FACT_NONE = INT32_MIN,
	FACT_OPEN = INT32_MIN + 1,
	FACT_UNKNOWN = INT32_MIN + 2,
};

enum { CODE_NONE = 0xffff, CODE_UNKNOWN = 0xfffe, CODE_MAX = 0xfff0 };
enum { STRING_NONE = 0x7fffffff, STRING_UNKNOWN = 0x7ffffffe, STRING_MAX = 0x7ffffff0 };
enum { SET_UNKNOWN = 0xffff };

enum row_type { ROW_CODE, ROW_DATE, ROW_STRING, ROW_CODES, ROW_STRINGS };

static inline bool row_type_is_set(enum row_type type)
{
	return type >= ROW_CODES;
}

/* Bytes in the fixed part; a set has none. */
static inline uint32_t row_type_width(enum row_type type)
{
	static const uint8_t widths[] = { 2, 4, 4, 0, 0 };

	return widths[type];
}

enum { ROW_HEAD = 12, ROW_TOMBSTONE = 1, KEY_HEAD = 2, KEY_TAIL = 4 };

struct row {
	const uint8_t *key;
	const uint8_t *value;
	uint32_t key_size;	/* with kind and generation */
	uint32_t size;
};

static inline uint16_t row_layout(const struct row *row)
{
	return get_le16(row->value + 8);
}

static inline bool row_is_tombstone(const struct row *row)
{
	return row->value[10] & ROW_TOMBSTONE;
}

static inline uint32_t row_generation(const struct row *row)
{
	return ~get_be32(row->key + row->key_size - KEY_TAIL);
}

enum { ROW_LINE_BYTES = 8, ROW_SOURCE_BYTES = 2, ROW_PLACE_BYTES = ROW_LINE_BYTES + ROW_SOURCE_BYTES };

/* Where a row was read. */
struct row_place {
	uint64_t line;		/* or what the loader counts instead; 0: not told */
	uint32_t source;	/* of its load, from 0; at most UINT16_MAX */
};

/* Bytes of a row's value that tell its place; none when it cannot have so many. */
static inline uint32_t row_place_size(const struct row *row)
{
	uint32_t line = row->value[11] & 0xf, source = row->value[11] >> 4;

	return line > ROW_LINE_BYTES || source > ROW_SOURCE_BYTES || row->size - ROW_HEAD < line + source ? 0 : line + source;
}

struct row_place row_place(const struct row *row);
/* Writes a place behind a value of `size` bytes, where ROW_PLACE_BYTES must be free, and gives its new size. */
uint32_t row_put_place(uint8_t *value, uint32_t size, struct row_place place);
/* Whether two rows say the same, whenever and wherever they were read. */
bool row_same(const struct row *a, const struct row *b);

/* The checksum that key and value should carry. */
uint64_t row_checksum(const uint8_t *key, size_t key_size, const uint8_t *value, size_t size);

/* The same for what is not a row: names, numbers, schema, generations. `what` tells one database from another. */
uint32_t value_checksum(uint32_t what, const void *key, size_t key_size, const void *value, size_t size);

static inline bool row_intact(const struct row *row)
{
	return row->size >= ROW_HEAD &&
	       get_le64(row->value) == row_checksum(row->key, row->key_size, row->value, row->size);
}

/* Scalars as stored to scalars as read. Codes stay the store's numbers. */
static inline int32_t row_code(uint16_t stored)
{
	if (stored == CODE_NONE)
		return FACT_NONE;
	return stored == CODE_UNKNOWN ? FACT_UNKNOWN : stored;
}

static inline int32_t row_string(uint32_t stored)
{
	if (stored == STRING_NONE)
		return FACT_NONE;
	return stored == STRING_UNKNOWN ? FACT_UNKNOWN : (int32_t)stored;
}

/* One set of a row. */
struct row_set {
	const uint8_t *at;	/* of the first element */
	uint32_t count;
	bool unknown;
};

static inline uint32_t row_set_code(const struct row_set *set, uint32_t i)
{
	return get_le16(set->at + 2 * (size_t)i);
}

static inline uint32_t row_set_string(const struct row_set *set, uint32_t i)
{
	return get_le32(set->at + 4 * (size_t)i);
}

/*
 * Finds the set with a number among a row's sets; `fixed` is where the sets begin, `wide` says for each set
 * whether its elements are strings. False when the row is shorter than it says.
 */
bool row_find_set(const struct row *row, uint32_t fixed, const bool *wide, uint32_t number,
		  struct row_set *ret_set);

#endif
