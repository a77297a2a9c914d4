/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * In place of engine/decide/trace_write.h, for the benchmark alone: nothing is written and the compiler leaves out what
 * was only worked out for it. What a decision costs more with the real one is the cost of its trace.
 */
#ifndef RKO_DECIDE_TRACE_WRITE_H
#define RKO_DECIDE_TRACE_WRITE_H

static inline uint8_t *trace_room(struct trace *trace, enum trace_kind kind, uint32_t size)
{
	(void)trace;
	(void)kind;
	(void)size;
	return NULL;
}

static inline void trace_copy(uint8_t *at, const void *from, uint32_t size)
{
	(void)at;
	(void)from;
	(void)size;
}

static inline void trace_feature(struct trace *trace, uint32_t feature, uint32_t answer)
{
	(void)trace;
	(void)feature;
	(void)answer;
}

static inline void trace_key(struct trace *trace, enum trace_kind kind, uint32_t number, uint32_t state,
			     uint32_t generation, const uint8_t *key, uint32_t key_size)
{
	(void)trace;
	(void)kind;
	(void)number;
	(void)state;
	(void)generation;
	(void)key;
	(void)key_size;
}

static inline void trace_scan(struct trace *trace, uint32_t scan, bool open_ended, uint32_t rows)
{
	(void)trace;
	(void)scan;
	(void)open_ended;
	(void)rows;
}

static inline void trace_finish(struct trace *trace, const struct trace_head *head)
{
	(void)trace;
	(void)head;
}

#endif
