/* SPDX-License-Identifier: EUPL-1.2 */
/* Bytes: how numbers and texts lie in the body of a record, written and read back (docs/audit.md). */
#ifndef RKO_AUDIT_BYTES_H
#define RKO_AUDIT_BYTES_H

#include <string.h>

#include "engine/audit/record.h"
#include "engine/base/num.h"

/* Writing ----------------------------------------------------------------------------------------- */

static inline void add_8(struct buf *out, uint8_t value)
{
	buf_add(out, &value, 1);
}

static inline void add_16(struct buf *out, uint32_t value)
{
	uint8_t bytes[2];

	put_le16(bytes, (uint16_t)value);
	buf_add(out, bytes, sizeof bytes);
}

static inline void add_32(struct buf *out, uint32_t value)
{
	uint8_t bytes[4];

	put_le32(bytes, value);
	buf_add(out, bytes, sizeof bytes);
}

static inline void add_64(struct buf *out, uint64_t value)
{
	uint8_t bytes[8];

	put_le64(bytes, value);
	buf_add(out, bytes, sizeof bytes);
}

/* Texts of requests are ids, names and dates: none comes near the bound. */
static inline void add_text(struct buf *out, struct text text)
{
	size_t length = text.len < UINT16_MAX ? text.len : UINT16_MAX;

	add_16(out, (uint32_t)length);
	buf_add(out, text.at, length);
}

static inline void add_string(struct buf *out, const char *string)
{
	add_text(out, text_from(string));
}

static inline void add_head(struct buf *out, enum record_kind kind)
{
	add_8(out, (uint8_t)kind);
	add_8(out, RECORD_FORMAT);
	add_16(out, 0);
}

/* Printable ASCII, cut at the bound; what is not is replaced. */
static inline void add_safe(struct buf *out, const char *string)
{
	size_t length = string ? strnlen(string, RKO_AUDIT_NAME_BYTES) : 0;

	add_16(out, (uint32_t)length);
	for (size_t i = 0; i < length; i++)
		buf_char(out, string[i] >= ' ' && string[i] <= '~' ? string[i] : '?');
}

/* Reading ----------------------------------------------------------------------------------------- */

/* What is left of some bytes; a number or text that is not there is none, and is remembered. */
struct rest {
	const uint8_t *at;
	size_t len;
	bool failed;
};

static inline const uint8_t *take(struct rest *rest, size_t size)
{
	static const uint8_t nothing[HASH_BYTES];
	const uint8_t *at = rest->at;

	if (rest->failed || rest->len < size) {
		rest->failed = true;
		return nothing;
	}
	rest->at += size;
	rest->len -= size;
	return at;
}

static inline uint8_t take_8(struct rest *rest)
{
	return *take(rest, 1);
}

static inline uint16_t take_16(struct rest *rest)
{
	return get_le16(take(rest, 2));
}

static inline uint32_t take_32(struct rest *rest)
{
	return get_le32(take(rest, 4));
}

static inline uint64_t take_64(struct rest *rest)
{
	return get_le64(take(rest, 8));
}

static inline struct text take_text(struct rest *rest)
{
	uint16_t length = take_16(rest);
	const uint8_t *at = take(rest, length);

	return (struct text){ (const char *)at, rest->failed ? 0 : length };
}

static inline struct rest rest_of(struct text text)
{
	return (struct rest){ (const uint8_t *)text.at, text.len, false };
}

static inline bool all_taken(const struct rest *rest)
{
	return !rest->failed && !rest->len;
}

#endif
