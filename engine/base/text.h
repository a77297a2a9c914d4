/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Text: a pointer and a length, UTF-8, borrowed. Nothing here allocates but text_copy().
 */
#ifndef RKO_BASE_TEXT_H
#define RKO_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena;

struct text {
	const char *at;
	size_t len;
};

#define TEXT(literal) ((struct text){ (literal), sizeof(literal) - 1 })
/* For printf: `%.*s` takes TEXT_ARG(t). */
#define TEXT_ARG(t) (int)(t).len, (t).at ? (t).at : ""

static inline struct text text_from(const char *string)
{
	return (struct text){ string, string ? strlen(string) : 0 };
}

static inline bool text_equal(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* Order of bytes, the shorter first where one begins the other; for UTF-8 the order of code points. */
int text_compare(struct text a, struct text b);
/* A copy in the arena with a NUL behind it. */
struct text text_copy(struct arena *arena, struct text text);
/* As printf, into the arena. */
struct text text_format(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Bytes of the character that begins at `at`, of `left` bytes; 0 when what stands there is not well-formed UTF-8. */
size_t text_character(const char *at, size_t left);
/* Whether it is well-formed UTF-8 without control characters. */
bool text_is_clean(struct text text);
/* The same without blanks, and not empty: what can be an id. */
bool text_is_word(struct text text);

/*
 * Edits needed to turn `a` into `b` (insert, delete, replace, swap of neighbours), at most `limit`; a
 * larger distance gives limit + 1. For suggestions of near names. Works on bytes.
 */
unsigned text_distance(struct text a, struct text b, unsigned limit);
/* Whether they differ at most in case and in the rings and dots of å ä ö. */
bool text_alike(struct text a, struct text b);

#endif
