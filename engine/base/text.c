/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/base/text.h"

#include <stdarg.h>
#include <stdio.h>

#include "engine/base/arena.h"

int text_compare(struct text a, struct text b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common ? memcmp(a.at, b.at, common) : 0;

	if (order)
		return order;
	return a.len < b.len ? -1 : a.len > b.len;
}

struct text text_copy(struct arena *arena, struct text text)
{
	char *copy = arena_alloc(arena, text.len + 1);

	if (!copy)
		return (struct text){ NULL, 0 };
	if (text.len)
		memcpy(copy, text.at, text.len);
	return (struct text){ copy, text.len };
}

struct text text_format(struct arena *arena, const char *format, ...)
{
	va_list args, again;
	char near[400];		/* most fit: those are printed once */
	int length;
	char *copy;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(near, sizeof near, format, args);
	va_end(args);
	copy = length < 0 ? NULL : arena_alloc(arena, (size_t)length + 1);
	if (copy && (size_t)length < sizeof near)
		memcpy(copy, near, (size_t)length + 1);
	else if (copy)
		vsnprintf(copy, (size_t)length + 1, format, again);
	va_end(again);
	return (struct text){ copy, copy ? (size_t)length : 0 };
}

size_t text_character(const char *at, size_t left)
{
	const unsigned char *c = (const unsigned char *)at;
	size_t size;

	if (!left)
		return 0;
	size = c[0] < 0x80 ? 1 : c[0] >= 0xc2 && c[0] < 0xe0 ? 2 : (c[0] & 0xf0) == 0xe0 ? 3
			: c[0] >= 0xf0 && c[0] < 0xf5 ? 4 : 0;
	if (!size || size > left)
		return 0;
	for (size_t i = 1; i < size; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	/* Written too long, a surrogate, or beyond the last character. */
	if ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] >= 0xa0) || (c[0] == 0xf0 && c[1] < 0x90) ||
	    (c[0] == 0xf4 && c[1] >= 0x90))
		return 0;
	return size;
}

/* Characters above `last` of ASCII; ids are mostly ASCII, and read for every request. */
static bool all_above(struct text text, unsigned char last)
{
	for (size_t i = 0; i < text.len;) {
		unsigned char byte = (unsigned char)text.at[i];
		size_t size = byte > last && byte < 0x7f ? 1 : byte < 0x80 ? 0 : text_character(text.at + i, text.len - i);

		if (!size)
			return false;
		i += size;
	}
	return true;
}

bool text_is_clean(struct text text)
{
	return all_above(text, ' ' - 1);
}

bool text_is_word(struct text text)
{
	return text.len && all_above(text, ' ');
}

enum { DISTANCE_MAX = 64 };	/* longer words are not compared */

unsigned text_distance(struct text a, struct text b, unsigned limit)
{
	unsigned rows[3][DISTANCE_MAX + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];

	if (a.len > DISTANCE_MAX || b.len > DISTANCE_MAX)
		return limit + 1;
	for (size_t j = 0; j <= b.len; j++)
		above[j] = (unsigned)j;
	for (size_t i = 1; i <= a.len; i++) {
		unsigned *spare = before;

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b.len; j++) {
			unsigned best = above[j - 1] + (a.at[i - 1] != b.at[j - 1]);

			if (above[j] + 1 < best)
				best = above[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] &&
			    a.at[i - 2] == b.at[j - 1] && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			row[j] = best;
		}
		before = above;
		above = row;
		row = spare;
	}
	return above[b.len] <= limit ? above[b.len] : limit + 1;
}

/* The next letter, small and without ring or dots; 0 at the end. Moves `text` on. */
static int plain_letter(struct text *text)
{
	unsigned char c = text->len ? (unsigned char)text->at[0] : 0, second;

	if (!c)
		return 0;
	text->at++;
	text->len--;
	if (c != 0xc3 || !text->len)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	second = (unsigned char)text->at[0] | 0x20;	/* the second byte of å ä ö; their capitals are 32 before */
	if (second != 0xa5 && second != 0xa4 && second != 0xb6)
		return c;
	text->at++;
	text->len--;
	return second == 0xb6 ? 'o' : 'a';
}

bool text_alike(struct text a, struct text b)
{
	int letter;

	do {
		letter = plain_letter(&a);
		if (letter != plain_letter(&b))
			return false;
	} while (letter);
	return true;
}
