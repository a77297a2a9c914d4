/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Buf: a byte buffer that grows, for output. Owns its memory (heap); buf_release() frees it. A
 * failed allocation is remembered: later calls do nothing, and the owner asks buf_failed() once.
 * One that begins as { .arena = a } lives in the arena instead, and runs out as the arena does.
 */
#ifndef RKO_BASE_BUF_H
#define RKO_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/text.h"

struct arena;

struct buf {
	char *at;	/* a NUL follows the last byte once anything was added */
	size_t len;
	size_t cap;
	bool failed;
	struct arena *arena;
};

void buf_release(struct buf *buf);
/* Keeps the memory, forgets the contents. */
void buf_reset(struct buf *buf);
/* Room for `size` bytes more; NULL after a failed allocation. */
char *buf_room(struct buf *buf, size_t size);
void buf_add(struct buf *buf, const void *data, size_t size);
void buf_text(struct buf *buf, struct text text);
void buf_string(struct buf *buf, const char *string);
void buf_char(struct buf *buf, char byte);
void buf_repeat(struct buf *buf, char byte, size_t count);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
/* Two digits for each byte; a blank behind every `group` bytes but the last, 0: none. */
void buf_hex(struct buf *buf, const void *bytes, size_t size, size_t group);
/* A JSON string with its quotes. Escapes what JSON demands; a byte that is no UTF-8 becomes U+FFFD. */
void buf_json(struct buf *buf, struct text text);

static inline bool buf_failed(const struct buf *buf)
{
	return buf->failed;
}

static inline struct text buf_view(const struct buf *buf)
{
	return (struct text){ buf->at ? buf->at : "", buf->len };
}

#endif
