/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Walk: from the features to an answer.
 *
 * The deciding diagram is followed from its root. Where nothing is unknown this is one path; what does not
 * hang on the pivot is walked once, the rest once for each candidate. Where a feature is unknown all of its
 * branches are followed, each node once; if the outcomes differ, the diagram over the possible cells says which
 * of them can be. Then the candidates' answers are combined. Nothing is ever picked.
 */
#ifndef RKO_DECIDE_WALK_H
#define RKO_DECIDE_WALK_H

#include "engine/decide/bind.h"

/* Outcomes that some completion of what is unknown has, a bit each. */
enum { MAY_NOT_GRANT = 1, MAY_GRANT = 2, MAY_FORBID = 4, MAY_CONFLICT = 8 };

enum candidate_kind {
	CANDIDATE_ROW,
	CANDIDATE_NONE,		/* there is no row */
	CANDIDATE_UNSEEN,	/* there may be a row that is not known */
};

struct candidate {
	enum candidate_kind kind;
	uint32_t row;		/* of the pivot's scan */
	bool sure;		/* surely a candidate */
	unsigned may;
	uint32_t terminal;	/* the one it came to, or IMAGE_NONE */
	uint64_t duties[3];	/* by outcome: not granted, granted, forbidden */
	uint32_t rule[3];	/* the first deciding rule by outcome; IMAGE_NONE: none */
	day_t next_cut;
};

enum { CANDIDATES_MAX = LIMIT_CANDIDATES + 2 };

struct verdict {
	enum rko_outcome outcome;
	uint64_t duties;
	uint32_t rule;			/* the first deciding rule, or IMAGE_NONE */
	uint32_t reported;		/* the candidate that is reported */
	uint32_t ncandidates;		/* 1 where nothing hangs on the pivot */
	bool asked_candidates;
	struct candidate candidates[CANDIDATES_MAX];
};

/*
 * The binder has begun. `every`: candidates are looked for even where the answer does not hang on them, for who
 * wants to know more. False on failure: bind->status.
 */
bool walk(struct bind *bind, bool every, struct verdict *ret_verdict);

/* Lists the candidates of a plan that has a pivot; nothing of the answer is set. False on failure. */
bool walk_candidates(struct bind *bind, struct verdict *verdict);

/* Makes a candidate of the verdict the one at hand. */
void walk_candidate(struct bind *bind, const struct verdict *verdict, uint32_t number);

/*
 * What a diagram of terminals (`analysis`: of outcomes) can come to for the candidate at hand, as bits.
 * Features whose bit is set in `hidden` count as unknown though they are known. 0: nothing possible, or a failure.
 */
unsigned walk_may(struct bind *bind, uint32_t ref, bool analysis, const uint8_t *hidden);

/* For a walk that meets each node once: what bind->seen has of those that it met; of no other node yet. */
uint8_t walk_mark(struct bind *bind);

#endif
