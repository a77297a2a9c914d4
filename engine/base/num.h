/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Num: little-endian and big-endian numbers in bytes. Images and rows have fixed-width integers; keys
 * are big-endian so that memcmp() orders them.
 */
#ifndef RKO_BASE_NUM_H
#define RKO_BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "images are mapped as little-endian structures");

static inline uint16_t get_le16(const void *at)
{
	uint16_t v;

	memcpy(&v, at, sizeof v);
	return v;
}

static inline uint32_t get_le32(const void *at)
{
	uint32_t v;

	memcpy(&v, at, sizeof v);
	return v;
}

static inline uint64_t get_le64(const void *at)
{
	uint64_t v;

	memcpy(&v, at, sizeof v);
	return v;
}

static inline void put_le16(void *at, uint16_t v)
{
	memcpy(at, &v, sizeof v);
}

static inline void put_le32(void *at, uint32_t v)
{
	memcpy(at, &v, sizeof v);
}

static inline void put_le64(void *at, uint64_t v)
{
	memcpy(at, &v, sizeof v);
}

static inline uint16_t get_be16(const void *at)
{
	return __builtin_bswap16(get_le16(at));
}

static inline uint32_t get_be32(const void *at)
{
	return __builtin_bswap32(get_le32(at));
}

static inline uint64_t get_be64(const void *at)
{
	return __builtin_bswap64(get_le64(at));
}

static inline void put_be16(void *at, uint16_t v)
{
	put_le16(at, __builtin_bswap16(v));
}

static inline void put_be32(void *at, uint32_t v)
{
	put_le32(at, __builtin_bswap32(v));
}

static inline void put_be64(void *at, uint64_t v)
{
	put_le64(at, __builtin_bswap64(v));
}

#endif
