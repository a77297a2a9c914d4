/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Change: what would have to change for an answer to be granted.
 *
 *   change.c         the search: sets of facts, the smallest first
 *   change_places.c  where ways come to in the diagram, and what is still needed there
 *   change_facts.c   which facts an answer to a feature hangs on, and who can change them
 *   change_tell.c    a change as it is shown; with the files that change_needs.h lists
 *   change_rows.c    which records that is asked of, for whoever would write it into the facts
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
	uint32_t root;		/* IMAGE_ROOT_OUTCOME: which answers lead to `granted` */
	bool told;		/* to whoever asks: looks at nothing that is not shown */
	bool alone;		/* there are no candidates, or they are not shown */
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
/* Of a set that is to be inside what rows have: whether they lack its element of that number. */
bool change_missing(struct change *change, const struct image_feature *about, uint32_t element);
/* Whether the row of the pivot that is to be can be one of a scan's rows too. */
bool change_one_row(struct change *change, uint32_t scan);
/* Makes a candidate the one at hand: the answers as they are, and the facts behind them. */
void change_candidate(struct change *change, uint32_t candidate);
/* The number of candidates, one that is to be included. */
uint32_t change_candidates(const struct change *change);
void change_init(struct change *change, struct explain *explain);

/* All smallest sets of facts, over all candidates, in order of size. `request`: also what the request says. */
void change_search(struct change *change, bool request);

enum { STEP_ROWS = 12 };

/* The records that a step is about: the one whose fact it is, and those that it leads to. */
struct step_rows {
	struct change *change;
	const struct change_fact *fact;
	struct rko_why_row *list;
	uint32_t slots[STEP_ROWS];
	uint32_t count;
};
void step_rows_begin(struct step_rows *rows, struct change *change, const struct change_fact *fact);
/* The row that a slot is among them, added where it is not yet; RKO_NOTHING: it does not hang on the step's record. */
uint32_t step_rows_slot(struct step_rows *rows, uint32_t slot);
/* A need is about a stored field of the step's own record. */
void step_rows_field(struct step_rows *rows, uint32_t field, struct rko_why_need *need);
/* A need of one row for each element of a set that is to be inside what rows have: those that they lack. */
void step_rows_each(struct step_rows *rows, const struct image_feature *about, struct rko_why_need *need);
/* Says of a need which row and field it is about, and what its `other` is. IMAGE_NONE: none. */
void step_rows_need(struct step_rows *rows, uint32_t value, uint32_t other, struct rko_why_need *need);

/* As it is shown; false when no facts can be as is asked for together. */
bool change_tell(struct change *change, const struct change_found *found, struct rko_why_change *ret_change);

void explain_changes(struct explain *explain);
/*
 * The same for whoever asks: what of that which they may know would have to change for `granted` to be possible, by the
 * diagram `root`. `rows`: the candidates have been looked up, and are shown.
 */
void explain_changes_told(struct explain *explain, uint32_t root, bool rows);
/* Before the others: on these days waiting alone is enough. */
void explain_put_time(struct explain *explain, rko_day from, rko_day to);
/* Behind the others, and outside of the snapshot: what time alone brings. */
void explain_time(struct explain *explain, const struct rko_request *request);

#endif
