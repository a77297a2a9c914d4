/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Writing a trace: part of trace.h, and a file of its own so that the benchmark can put one in its place that writes
 * nothing (tests/bench/untraced).
 */
#ifndef RKO_DECIDE_TRACE_WRITE_H
#define RKO_DECIDE_TRACE_WRITE_H

/* Room for an entry with `size` bytes behind its two; NULL when the trace is full. */
static inline uint8_t *trace_room(struct trace *trace, enum trace_kind kind, uint32_t size)
{
	uint8_t *at = trace->at + trace->len;

	if (size > 255 || trace->cap - trace->len < size + 2) {
		trace->full = true;
		return NULL;
	}
	at[0] = (uint8_t)kind;
	at[1] = (uint8_t)size;
	trace->len += size + 2;
	trace->entries++;
	return at + 2;
}

static inline void trace_feature(struct trace *trace, uint32_t feature, uint32_t answer)
{
	uint8_t *at;

	if (!trace || !(at = trace_room(trace, TRACE_FEATURE, 4)))
		return;
	put_le16(at, (uint16_t)feature);
	put_le16(at + 2, (uint16_t)answer);
}

/* `key` with its kind; `generation` 0 when there is no row. */
void trace_key(struct trace *trace, enum trace_kind kind, uint32_t number, uint32_t state, uint32_t generation,
	       const uint8_t *key, uint32_t key_size);
void trace_scan(struct trace *trace, uint32_t scan, bool open_ended, uint32_t rows);

static inline void trace_finish(struct trace *trace, const struct trace_head *head)
{
	memcpy(trace->at, head, sizeof *head);
}

#endif
