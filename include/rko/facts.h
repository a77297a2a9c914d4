/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Facts: rows of the kinds that a policy's records describe, in a store that only grows.
 *
 * Each load makes one generation. A row of a newer generation replaces the older one of its key; a removal is
 * a row too. Nothing is overwritten, so what was known as of any generation can be asked for ever after.
 */
#ifndef RKO_FACTS_H
#define RKO_FACTS_H

#include <stddef.h>
#include <stdint.h>

#include <rko/policy.h>
#include <rko/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rko_facts;

enum rko_facts_flags {
	RKO_FACTS_WRITE = 1,	/* may load */
	RKO_FACTS_CREATE = 2,	/* makes the store when there is none; implies RKO_FACTS_WRITE */
	RKO_FACTS_NOSYNC = 4,	/* commits do not wait for the disk: for stores that may be lost */
};

/*
 * Opens a store: a folder, on a file system of this machine. RKO_FACTS_MISSING, RKO_FACTS_UNREADABLE,
 * RKO_FACTS_DAMAGED, RKO_FACTS_SCHEMA when it has another format; RKO_ARGUMENT when this process has it open
 * already (by whatever name; so a store is replaced by putting a whole folder in its place) or it lies on a network. May be
 * used by many threads.
 */
enum rko_status rko_facts_open(const char *path, unsigned flags, struct rko_facts **ret_facts,
			       struct rko_fault *ret_fault);
/* Accepts NULL. No session may use it any more. */
void rko_facts_close(struct rko_facts *facts);

struct rko_facts_about {
	uint32_t generation;	/* the newest; 0: nothing was loaded yet */
	int64_t recorded;	/* when it was */
	size_t used, most;	/* bytes used, and bytes that may be used before the store grows */
};
enum rko_status rko_facts_about(struct rko_facts *facts, struct rko_facts_about *ret_about);
/* The newest generation recorded at or before an instant. RKO_FACTS_GENERATION when there is none. */
enum rko_status rko_facts_generation_at(struct rko_facts *facts, int64_t instant, uint32_t *ret_generation);

#ifdef __cplusplus
}
#endif

#endif
