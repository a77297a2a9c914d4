/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"

void buf_release(struct buf *buf)
{
	if (!buf->arena)
		free(buf->at);
	*buf = (struct buf){ .arena = buf->arena };
}

void buf_reset(struct buf *buf)
{
	buf->len = 0;
	buf->failed = false;
	if (buf->at)
		buf->at[0] = '\0';
}

static char *larger(struct buf *buf, size_t cap)
{
	char *at;

	if (!buf->arena)
		return realloc(buf->at, cap);
	at = arena_alloc(buf->arena, cap);
	if (at && buf->len)
		memcpy(at, buf->at, buf->len);
	return at;
}

char *buf_room(struct buf *buf, size_t size)
{
	if (buf->failed)
		return NULL;
	if (size >= buf->cap - buf->len) {
		size_t cap = buf->cap ? buf->cap : 256;
		char *at = NULL;

		while (cap <= buf->len + size && cap < SIZE_MAX / 2)
			cap *= 2;
		if (cap > buf->len + size)
			at = larger(buf, cap);
		if (!at) {
			buf->failed = true;
			return NULL;
		}
		buf->at = at;
		buf->cap = cap;
	}
	return buf->at + buf->len;
}

void buf_add(struct buf *buf, const void *data, size_t size)
{
	char *room = buf_room(buf, size);

	if (!room)
		return;
	if (size)
		memcpy(room, data, size);
	buf->len += size;
	buf->at[buf->len] = '\0';
}

void buf_text(struct buf *buf, struct text text)
{
	buf_add(buf, text.at, text.len);
}

void buf_string(struct buf *buf, const char *string)
{
	buf_add(buf, string, strlen(string));
}

void buf_char(struct buf *buf, char byte)
{
	buf_add(buf, &byte, 1);
}

void buf_repeat(struct buf *buf, char byte, size_t count)
{
	char *room = buf_room(buf, count);

	if (!room)
		return;
	memset(room, byte, count);
	buf->len += count;
	buf->at[buf->len] = '\0';
}

void buf_vprintf(struct buf *buf, const char *format, va_list args)
{
	size_t free = buf->failed ? 0 : buf->cap - buf->len;
	char *room = free ? buf->at + buf->len : NULL;
	va_list again;
	int length;

	va_copy(again, args);
	length = vsnprintf(room, free, format, args);
	if (length >= 0 && (size_t)length >= free) {	/* it did not fit: once more */
		if (room)
			*room = '\0';
		room = buf_room(buf, (size_t)length);
		if (room)
			vsnprintf(room, (size_t)length + 1, format, again);
	}
	if (length >= 0 && room)
		buf->len += (size_t)length;
	va_end(again);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_vprintf(buf, format, args);
	va_end(args);
}

void buf_hex(struct buf *buf, const void *bytes, size_t size, size_t group)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *at = bytes;

	for (size_t i = 0; i < size; i++) {
		char text[3] = { ' ', digits[at[i] >> 4], digits[at[i] & 15] };
		size_t blank = i && group && i % group == 0;

		buf_add(buf, text + 1 - blank, 2 + blank);
	}
}

/* How many bytes from here on a JSON string takes as they are. */
static size_t plain(struct text text, size_t from)
{
	size_t at = from;

	while (at < text.len) {
		unsigned char c = (unsigned char)text.at[at];
		size_t size = c >= 0x80 ? text_character(text.at + at, text.len - at)
				: c >= ' ' && c != '"' && c != '\\' && c != 0x7f;

		if (!size)
			break;
		at += size;
	}
	return at - from;
}

static void escape(struct buf *buf, unsigned char c)
{
	if (c == '"' || c == '\\') {
		buf_char(buf, '\\');
		buf_char(buf, (char)c);
	} else if (c == '\n') {
		buf_string(buf, "\\n");
	} else if (c == '\t') {
		buf_string(buf, "\\t");
	} else if (c < 0x80) {
		buf_printf(buf, "\\u%04x", c);
	} else {
		buf_string(buf, "\xef\xbf\xbd");
	}
}

void buf_json(struct buf *buf, struct text text)
{
	buf_char(buf, '"');
	for (size_t at = 0; at < text.len;) {
		size_t size = plain(text, at);

		buf_add(buf, text.at + at, size);
		at += size;
		if (at < text.len)
			escape(buf, (unsigned char)text.at[at++]);
	}
	buf_char(buf, '"');
}
