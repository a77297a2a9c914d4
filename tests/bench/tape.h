/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Tape: the LMDB operations of real decisions, in order, with their keys as bytes and what they came to. The recorder
 * writes it; the floor does the same again and nothing else.
 */
#ifndef TESTS_BENCH_TAPE_H
#define TESTS_BENCH_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tape_what {
	TAPE_RENEW,		/* the transaction */
	TAPE_RESET,
	TAPE_CURSOR_RENEW,
	TAPE_CURSOR_GET,
	TAPE_GET,
	TAPE_WHATS
};

/* Databases by name; a session has at most one cursor on each. */
enum { TAPE_DATABASES = 5 };
extern const char *const tape_databases[TAPE_DATABASES];

/* Followed by its key, padded to eight bytes. */
struct tape_op {
	uint8_t what;		/* enum tape_what */
	uint8_t database;
	uint8_t move;		/* MDB_cursor_op */
	uint8_t key_size;
	int32_t code;		/* that LMDB gave */
	uint64_t found;		/* a checksum of the key and value that were found */
};

static inline size_t tape_step(const struct tape_op *op)
{
	return sizeof *op + ((size_t)op->key_size + 7) / 8 * 8;
}

static inline const uint8_t *tape_key(const struct tape_op *op)
{
	return (const uint8_t *)(op + 1);
}

/* What the recorder saw beside the operations. */
struct tape_about {
	uint32_t questions;
	uint32_t allocations, locks;	/* while deciding; UINT32_MAX: could not be counted */
	uint32_t calls;			/* 1: the kernel was called while deciding */
	uint64_t bytes;			/* of operations */
	uint64_t counts[TAPE_WHATS];
	uint64_t fetches;		/* as the decisions say */
	uint64_t trace_bytes;
	uint32_t outcomes[5];		/* by enum rko_outcome */
};

struct tape {
	struct tape_about about;
	uint32_t *ends;			/* by question: where its operations end */
	uint8_t *ops;
	size_t cap;
};

void tape_init(struct tape *tape, uint32_t questions);
void tape_release(struct tape *tape);
/* Adds an operation to the question that is open. */
void tape_add(struct tape *tape, const struct tape_op *op, const void *key);
/* Closes a question. */
void tape_end(struct tape *tape);
/* The operations of a question. */
static inline const uint8_t *tape_question(const struct tape *tape, uint32_t n, size_t *ret_size)
{
	uint32_t from = n ? tape->ends[n - 1] : 0;

	*ret_size = tape->ends[n] - from;
	return tape->ops + from;
}

/* End the program with a message when they cannot. */
void tape_write(const struct tape *tape, const char *path);
void tape_read(struct tape *tape, const char *path);

/* A checksum of what was found; 0 bytes when nothing was. */
uint64_t tape_sum(const void *key, size_t key_size, const void *value, size_t size);

/* The floor: an environment of its own on the same folder. */
struct floor;
struct floor *floor_open(const char *path);
void floor_close(struct floor *floor);
/* Does what is on the tape, from `at` on. */
void floor_run(struct floor *floor, const uint8_t *at, size_t size);
/* The same, and looks whether it came to the same. Gives how many operations did not. */
uint32_t floor_check(struct floor *floor, const uint8_t *at, size_t size);

#endif
