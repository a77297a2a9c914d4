/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Frame: how records and the heads of segments lie in a file (docs/audit.md). Bytes only: knows nothing of files,
 * and nothing of what a body says.
 *
 * A `front` is where a log stands: what comes before its next record. It is what the head of a segment holds, and
 * what adding a record moves on.
 */
#ifndef RKO_AUDIT_FRAME_H
#define RKO_AUDIT_FRAME_H

#include "engine/audit/merkle.h"
#include "engine/base/num.h"

#define SEGMENT_MAGIC "RKOAUDIT"

enum {
	SEGMENT_FORMAT = 1,
	SEGMENT_HEAD = 4096,
	FRAME_HEAD = 64,
	FRAME_ALIGN = 8,
	FRAME_LEAF = 40,	/* where what is hashed begins */
	FRAME_BODY_MAX = 4 << 20,	/* a body is never longer */
	SEGMENT_BYTES_MAX = 1 << 30,	/* nor a segment, which is read as a whole: what is longer is none */
};

struct front {
	struct hash chain;		/* of the record before */
	struct merkle_range tree;	/* tree.count is the number of the next record */
};

struct frame {
	uint64_t check;
	struct hash chain;
	uint32_t size;			/* of the body */
	uint32_t batch;			/* records before it in the same write */
	uint64_t sequence;
	int64_t written;		/* nanoseconds since 1970 */
};

static inline size_t frame_bytes(size_t body)
{
	return (FRAME_HEAD + body + FRAME_ALIGN - 1) & ~(size_t)(FRAME_ALIGN - 1);
}

/*
 * Writes the frame of the next record into `at`, which has frame_bytes(size) bytes and holds the body already at
 * FRAME_HEAD, and moves the front on.
 */
void frame_write(uint8_t *at, size_t size, uint32_t batch, int64_t written, struct front *front);

enum frame_state {
	FRAME_WHOLE,
	FRAME_END,	/* zeros, or no room for another: nothing was written here */
	FRAME_CUT,	/* longer than what there is, or than any can be */
	FRAME_DAMAGED,	/* does not match its own check, or its filling is not zero */
};
/* Reads the head and looks whether the frame is whole: `room` bytes lie at `at`. */
enum frame_state frame_read(const uint8_t *at, size_t room, struct frame *ret_frame);

enum frame_order {
	FRAME_NEXT,
	FRAME_OTHER,	/* has another number than the next record */
	FRAME_CHAIN,	/* does not continue the record before it */
};
/* Whether a whole frame is the next of the log; then the front is moved on. *ret_leaf is its leaf. */
enum frame_order frame_follow(const uint8_t *at, const struct frame *frame, struct front *front,
			      struct hash *ret_leaf);

struct segment_head {
	uint32_t month;			/* 202607 */
	int64_t begun;			/* nanoseconds since 1970 */
	struct hash log;		/* of the log's file */
	struct front front;
};

void segment_head_write(const struct segment_head *head, uint8_t at[SEGMENT_HEAD]);
/* False unless it is one, every byte as segment_head_write() writes it. */
bool segment_head_read(const uint8_t at[SEGMENT_HEAD], struct segment_head *ret_head);

bool front_equal(const struct front *a, const struct front *b);

/* The number of the first byte that is not zero, or `size`. */
size_t zeros(const uint8_t *at, size_t size);

#endif
