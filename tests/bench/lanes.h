/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Lanes: processes on the same store, one with the engine, one with the engine when it writes no trace, and two with
 * floors, that take turns. While one runs the others wait, and what they come to is compared within one round of turns.
 * The engines are programs of their own (lane.c, linked once with each engine).
 */
#ifndef TESTS_BENCH_LANES_H
#define TESTS_BENCH_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/bench/world.h"

enum lane_kind {
	LANE_ENGINE,
	LANE_UNTRACED,		/* the same engine, compiled with tests/bench/untraced/…/trace_write.h */
	LANE_FLOOR,		/* each row and id of a decision once, nothing from one decision to the next */
	LANE_FLOOR_KEPT,	/* only what the engine did that remembers */
	LANES
};

struct lane_setup {
	const char *image, *store;
	const char *engines[2];		/* programs, LANE_ENGINE and LANE_UNTRACED */
	struct world world;
	const char *tapes[LANES][2];	/* of the floors, by series */
	uint32_t questions[2];
};

enum lane_task {
	LANE_TIME,	/* each decision by itself */
	LANE_BULK,	/* an engine: said and decided, all together */
	LANE_SAY,	/* the engine: said only */
	LANE_WALK,	/* the engine: the diagram alone, with the features given */
	LANE_CHECK,	/* the floor: whether it finds what the engine found; engine: whether the walks agree */
	LANE_COUNT,	/* an engine: what the decisions came to, and the bytes of their traces */
	LANE_MEMORY,
	LANE_END,
};

/* One turn, in memory that both processes share. */
struct lane_turn {
	enum lane_task task;
	uint32_t series, from, count;
	/* What came of it */
	uint32_t clock_ns;		/* of looking at the clock twice */
	uint64_t ns, cpu_ns;		/* of all of it */
	uint64_t wrong;
	uint64_t rss, rss_private;	/* bytes */
	uint64_t outcomes[5], trace_bytes;	/* LANE_COUNT */
	uint32_t latencies[];		/* LANE_TIME: ns by question, the clock's own time taken away */
};

struct lane;
struct lane *lane_open(const struct lane_setup *setup, enum lane_kind kind);
/* Runs one turn and gives it back. */
struct lane_turn *lane_run(struct lane *lane, enum lane_task task, uint32_t series, uint32_t from, uint32_t count);
void lane_close(struct lane *lane);
/* The program of an engine's lane, with the words that lane_open() gave it. Does not return. */
void lane_serve(char **words, int count) __attribute__((noreturn));

#endif
