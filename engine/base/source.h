/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Source: the texts a run has read, and places in them.
 *
 * A place is a source number, a byte offset and a length. Lines and columns are worked out when they
 * are shown: both count from 1, columns count characters. Every text ends in a NUL that is not part
 * of it.
 */
#ifndef RKO_BASE_SOURCE_H
#define RKO_BASE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "engine/base/text.h"

struct arena;

enum { SOURCE_NONE = UINT32_MAX };

struct span {
	uint32_t source;	/* SOURCE_NONE: no place */
	uint32_t at;
	uint32_t len;
};

#define SPAN_NONE ((struct span){ SOURCE_NONE, 0, 0 })

struct source {
	struct text path;	/* as it is shown */
	struct text text;
	uint32_t *lines;	/* offset of the first byte of each line; made on first use */
	uint32_t nlines;
};

struct sources {
	struct arena *arena;
	struct source *list;
	size_t count;
	size_t cap;
};

enum source_fault { SOURCE_OK, SOURCE_UNREADABLE, SOURCE_TOO_LARGE, SOURCE_NO_MEMORY };

void sources_init(struct sources *sources, struct arena *arena);
/* Copies path and text. Gives the number of the source. */
uint32_t source_add(struct sources *sources, struct text path, struct text text);
/*
 * Reads a file of at most `max` bytes. On SOURCE_UNREADABLE errno says why. SOURCE_NO_MEMORY comes only where
 * the arena has no escape.
 */
enum source_fault source_read(struct sources *sources, const char *path, size_t max,
			      uint32_t *ret_source);
/* Line and column of an offset. */
void source_locate(struct sources *sources, uint32_t source, uint32_t at, uint32_t *ret_line,
		   uint32_t *ret_column);
/* The text of a line (from 1), without its end. Beyond the last line, the empty text where the source ends. */
struct text source_line(struct sources *sources, uint32_t source, uint32_t line);

static inline struct text span_text(const struct sources *sources, struct span span)
{
	if (span.source == SOURCE_NONE)
		return (struct text){ NULL, 0 };
	return (struct text){ sources->list[span.source].text.at + span.at, span.len };
}

/* From the first byte of `a` to the last of `b`; both in one source. */
static inline struct span span_join(struct span a, struct span b)
{
	if (a.source != b.source || b.at + b.len < a.at)
		return a;
	return (struct span){ a.source, a.at, b.at + b.len - a.at };
}

#endif
