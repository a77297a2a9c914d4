/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Verify: whether a log is what was written, whole and in order: every byte of its segments, its own checkpoints,
 * the checkpoints that somebody outside has kept, and the files that its records name.
 */
#ifndef RKO_AUDIT_VERIFY_H
#define RKO_AUDIT_VERIFY_H

#include "engine/audit/read.h"

struct verify_with {
	const struct checkpoint *outside;	/* already opened with the log's key; in any order */
	size_t noutside;
	walk_progress_fn *progress;
	void *context;
};

struct verify_found {
	uint64_t first, records, decisions, explanations;	/* records: how many there ever were, with those taken away */
	uint64_t checkpoints;			/* of the log itself, that hold */
	uint64_t aside;				/* torn ends that were set aside */
	uint64_t covered;			/* records that the newest checkpoint covers, of any kind */
	uint64_t unreachable;			/* outside checkpoints of before what was taken away */
	size_t segments;
	int64_t from, to;			/* when its first and last records were written, nanoseconds */
	struct hash root;
	bool busy;				/* was being written meanwhile */

	bool bad;
	/* The first bad record is one of these; usually it is known exactly, and they are the same. */
	uint64_t bad_first, bad_last;
	const char *what;
	char where[96];				/* file and byte, or "" */
};

/* RKO_OK also when the log is bad: ret_found says so. RKO_IO, RKO_NO_MEMORY. */
enum rko_status audit_verify(struct folder *folder, const struct verify_with *with, struct verify_found *ret_found);

/*
 * A proof in one pass over the log: that record `at` is among the first `size`, or (consistency) that the first
 * `at` records of the log are the beginning of the first `size`. *ret_roots: of `at` (consistency only) and of `size`.
 */
struct prove_wish {
	bool consistency;
	uint64_t at, size;
	walk_progress_fn *progress;
	void *context;
};
struct prove_found {
	struct merkle_proof proof;
	struct hash root, old_root, leaf;
	char *leaf_data;		/* of the record, heap, the caller frees it; inclusion only */
	size_t leaf_size;
	struct walk_bad bad;
};
/* RKO_ARGUMENT when the log has fewer records, or has not these any more; RKO_AUDIT_DAMAGED with ret_found->bad. */
enum rko_status audit_prove(struct folder *folder, const struct prove_wish *wish, struct prove_found *ret_found);

#endif
