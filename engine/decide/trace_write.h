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
	uint8_t *at = trace->next;

	if (size > 255 || at > trace->last) {
		trace->full = true;
		return NULL;
	}
	at[0] = (uint8_t)kind;
	at[1] = (uint8_t)size;
	trace->next = at + 2 + size;
	trace->entries++;
	return at + 2;
}

/* Keys and ids are short: copying them takes less than calling for it. */
static inline void trace_copy(uint8_t *at, const void *from, uint32_t size)
{
	const uint8_t *bytes = from;

	if (size < 8 || size > 32) {
		memcpy(at, bytes, size);
		return;
	}
	if (size > 16)
		memcpy(at + 8, bytes + 8, 8);
	if (size > 24)
		memcpy(at + 16, bytes + 16, 8);
	memcpy(at, bytes, 8);
	memcpy(at + size - 8, bytes + size - 8, 8);
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
static inline void trace_key(struct trace *trace, enum trace_kind kind, uint32_t number, uint32_t state,
			     uint32_t generation, const uint8_t *key, uint32_t key_size)
{
	uint8_t *at;

	if (!trace || !(at = trace_room(trace, kind, 7 + key_size)))
		return;
	put_le16(at, (uint16_t)number);
	at[2] = (uint8_t)state;
	put_le32(at + 3, generation);
	if (key_size)
		trace_copy(at + 7, key, key_size);
}

static inline void trace_scan(struct trace *trace, uint32_t scan, bool open_ended, uint32_t rows)
{
	uint8_t *at;

	if (!trace || !(at = trace_room(trace, TRACE_SCAN, 5)))
		return;
	put_le16(at, (uint16_t)scan);
	at[2] = open_ended;
	put_le16(at + 3, (uint16_t)rows);
}

/* The head but for what is the same for a whole session: policy, format, zone. */
static inline void trace_finish(struct trace *trace, const struct trace_head *head)
{
	enum { FROM = offsetof(struct trace_head, instant) };

	put_le32(trace->at + offsetof(struct trace_head, size), head->size);
	memcpy(trace->at + FROM, (const uint8_t *)head + FROM, sizeof *head - FROM);
}

#endif
