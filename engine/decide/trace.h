/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Trace: what a decision read and what came of it, as bytes that outlive policies and facts. docs/trace.md
 * says what each byte is. Little-endian.
 *
 *   head | what the request said | what was read, in the order of reading
 *
 * An entry begins with a byte for its kind (enum trace_kind) and one for the length of the rest.
 */
#ifndef RKO_DECIDE_TRACE_H
#define RKO_DECIDE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/num.h"
#include "engine/facts/rows.h"
#include "engine/image/format.h"

#define TRACE_MAGIC "RKOTRACE"

enum { TRACE_FORMAT = 1, TRACE_ZONE_BYTES = 16 };

struct trace_head {
	char magic[8];
	uint32_t format;
	uint32_t size;			/* of the whole trace */
	uint8_t policy[IMAGE_DIGEST_BYTES];
	char zone[TRACE_ZONE_BYTES];	/* version of the zone table */
	int64_t instant;
	int32_t today;
	uint32_t generation;
	uint16_t question;
	uint16_t action;		/* 0xffff: none was said */
	uint16_t status;		/* enum rko_status */
	uint8_t outcome;		/* enum rko_outcome */
	uint8_t refusal;		/* enum rko_refusal */
	uint32_t rule;			/* of the question, or RKO_NOTHING */
	int32_t stands_until;
	uint64_t duties;
	uint16_t refused_field;		/* of the question, or 0xffff */
	uint16_t candidates;
	uint32_t fetches;
	uint32_t entries;
	uint32_t reserved;
};

enum trace_kind {
	TRACE_SAID = 1,		/* field u16, kind u8, bytes: what the request said */
	TRACE_CANDIDATE,	/* number u16, state u8, generation u32, key: entries from here on are of it */
	TRACE_SLOT,		/* slot u16, state u8, generation u32 (0: no row), key */
	TRACE_ROW,		/* scan u16, where u8, generation u32, key */
	TRACE_SCAN,		/* scan u16, open-ended u8, rows u16 */
	TRACE_FEATURE,		/* feature u16, answer u16 (0xffff: unknown) */
};

enum { TRACE_ENTRY_MOST = 2 + 255 };

struct trace {
	uint8_t *at, *next;
	uint8_t *last;		/* up to here there is room for any entry */
	uint32_t entries;
	bool full;		/* cannot be, and is a failure if it is */
};

static inline uint32_t trace_len(const struct trace *trace)
{
	return (uint32_t)(trace->next - trace->at);
}

#include "engine/decide/trace_write.h"

#endif
