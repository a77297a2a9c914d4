/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Change: what would have to change for an answer to be granted.
 *
 *   change.c         the search: sets of facts, the smallest first
 *   change_places.c  where ways come to in the diagram, and what is still needed there
 *   change_facts.c  which facts an answer to a feature hangs on, and who can change them
 *   change_needs.c   what a change asks of the facts, as it is shown
 */
#ifndef RKO_EXPLAIN_CHANGE_H
#define RKO_EXPLAIN_CHANGE_H

#include "engine/base/map.h"
#include "engine/explain/explain.h"

enum { CHANGE_FACTS = 64 };

/* What can change: a field of a record, a record that is there or not, a judgement, … */
struct change_fact {
	enum rko_change_kind kind;
	uint32_t number;	/* FIELD: field of the record; PARAMETER, OVERLAY: string; REQUEST: value */
	uint32_t slot;		/* of the record; or IMAGE_NONE */
	uint32_t scan;		/* of the records; or IMAGE_NONE */
	uint32_t record;	/* kind of record, or IMAGE_NONE */
	uint32_t candidate;	/* whose it is; IMAGE_NONE: of all */
	uint32_t who;		/* code of the bearer, or IMAGE_NONE: not said */
};

/* An answer on the way: IMAGE_NONE where it was left unknown. */
struct change_answer {
	uint32_t feature, class_;
	const uint8_t *classes;	/* by class: leads on the same way; NULL */
};

/* A set of facts that opens it, and the answers on the way: whatever the others are, it is granted. */
struct change_found {
	uint64_t facts;
	uint32_t candidate;	/* a number of the verdict's, or one beyond: a row that is to be */
	const struct change_answer *answers;
	uint32_t count;
	struct rko_why_change told;
};

struct change {
	struct explain *explain;
	struct bind *bind;
	const struct plan_view *view;
	struct change_fact facts[CHANGE_FACTS];
	uint32_t nfacts;
	bool overflow;		/* there are more */
	uint32_t candidate;	/* at hand */
	bool to_be;		/* at hand is a row of the pivot that does not exist yet */
	uint8_t *is_key;	/* by value: some record is looked up by it */
	uint64_t *touch;	/* by feature: facts that can change its answer, for the candidate at hand */
	uint32_t *now;		/* by feature: its class, or IMAGE_NONE: not known */
	struct change_found *found;
	size_t nfound, cap_found;
	uint32_t steps;
	bool incomplete;
};

/* The facts behind a value, as bits: what can make it another. */
uint64_t change_value_facts(struct change *change, uint32_t value);
/* Whether the row of the pivot that is to be can be one of a scan's rows too. */
bool change_one_row(struct change *change, uint32_t scan);
/* Makes a candidate the one at hand: the answers as they are, and the facts behind them. */
void change_candidate(struct change *change, uint32_t candidate);
/* The number of candidates, one that is to be included. */
uint32_t change_candidates(const struct change *change);
void change_init(struct change *change, struct explain *explain);

/* All smallest sets of facts, over all candidates, in order of size. `request`: also what the request says. */
void change_search(struct change *change, bool request);

/* As it is shown; false when no facts can be as is asked for together. */
bool change_tell(struct change *change, const struct change_found *found, struct rko_why_change *ret_change);

void explain_changes(struct explain *explain);
/* Behind the others, and outside of the snapshot: what time alone brings. */
void explain_time(struct explain *explain, const struct rko_request *request);

#endif
