/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An open log: what is known of it, and what its files share. queue.c is the door, commit.c the thread behind it, spare.c the
 * one that makes the next segment ready; log.c opens and closes, expire.c takes away, keep.c keeps images.
 */
#ifndef RKO_AUDIT_OPEN_LOG_H
#define RKO_AUDIT_OPEN_LOG_H

#include <pthread.h>
#include <time.h>

#include "engine/audit/log.h"
#include "engine/audit/writer.h"

/* A batch in the queue; or, when `text` is set, the wish for a checkpoint. */
struct submission {
	struct submission *next;
	const char *bytes;
	const uint32_t *ends;
	uint32_t count;
	char *text;
	rko_audit_done_fn *done;
	void *context;
	uint64_t since;			/* nanoseconds of the steady clock */
	uint64_t sequence;		/* of its first record, once it is put */
	bool owned;			/* it is on the heap and goes when it is done */
};

struct rko_audit {
	struct rko_audit_options options;
	int lock;

	/* Of the thread that writes */
	struct writer writer;
	pthread_t thread;
	bool running;
	uint64_t uncovered;		/* decisions since the last checkpoint */
	uint64_t uncovered_since;	/* steady clock, of the first of them */
	bool same_since;		/* nothing but the checkpoint itself came after it */
	bool unpublished;		/* the folder's copy is an older one */
	uint64_t published;		/* steady clock, when that was written; 0: not yet */
	char text[RKO_AUDIT_CHECKPOINT_TEXT];	/* the newest checkpoint */

	/* The thread that makes spare segments */
	pthread_t provider;
	bool providing;

	/* Under `mutex` */
	pthread_mutex_t mutex;
	pthread_cond_t work, room, provide;
	bool wanted;			/* a spare segment */
	int provided;			/* one that was made, or -1 */
	uint64_t refused;		/* steady clock, when none could be made; 0: never */
	struct submission *first, **last;
	uint64_t queued;		/* bytes */
	uint64_t busy_since;		/* of the oldest that is being written; 0: none is */
	bool closing;
	struct rko_audit_about about;
	uint64_t looked;		/* at the disk's room; steady clock, under the lock */

	/* Under `keeping` */
	pthread_mutex_t keeping;
	struct rko_policy *kept;	/* the newest that was kept; held */
};

static inline uint64_t steady_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* queue.c. What goes into one write, taken from the queue; NULL when nothing waits. Called with the mutex. */
struct submission *queue_take(struct rko_audit *audit);
/* Nothing more is taken, and nothing that waits is acknowledged: gives what waited. Called with the mutex. */
struct submission *queue_fall(struct rko_audit *audit, enum rko_status reason, int error);
/* Tells those who wait for a group. */
void queue_answer(struct submission *group, enum rko_status status);

/* commit.c. The thread that writes, until the log closes and nothing waits. */
void *commit_run(void *audit);
/* Signs what was put, and puts the checkpoint behind it; the folder's copy of the newest one. When no thread writes. */
enum rko_status commit_checkpoint(struct rko_audit *audit, struct checkpoint *ret_checkpoint);
enum rko_status commit_publish(struct rko_audit *audit);

/* spare.c. The thread that makes spare segments; and what the thread that writes does about them. */
void *spare_run(void *audit);
void spare_look(struct rko_audit *audit);

/* log.c. Ends both threads; what waited is written. */
void log_stop(struct rko_audit *audit);

#endif
