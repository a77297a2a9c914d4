/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Bind: the answer to each feature of a plan, from one request and one state of the facts, found when it is
 * first asked for and kept as long as it stays true: for the decision, for one candidate, for one row.
 *
 * Everything here works in memory that was taken when the binder was made. What is read goes into the trace
 * as it is read. A failure is remembered in `status`; from then on answers mean nothing.
 */
#ifndef RKO_DECIDE_BIND_H
#define RKO_DECIDE_BIND_H

#include <rko/decide.h>

#include "engine/base/date.h"
#include "engine/decide/policy.h"
#include "engine/decide/request.h"
#include "engine/decide/trace.h"
#include "engine/facts/schema.h"
#include "engine/facts/store.h"

/* Beside a feature's answers. */
enum { ANSWER_UNKNOWN = 0xffff, ANSWER_FAILED = 0xfffe };

enum slot_state { SLOT_PRESENT, SLOT_ABSENT, SLOT_UNKNOWN };

struct bound_slot {
	uint32_t stamp;
	uint8_t state;		/* enum slot_state */
	bool given;		/* by the request: its fields are said there */
	uint32_t said_at;	/* field of the request's view with the record's first field */
	const struct bound_layout *layout;
	struct row row;
};

struct bound_value {
	uint32_t stamp;
	int32_t fact;		/* of a scalar; of a set FACT_NONE or 0 */
	uint32_t count;		/* of a set: elements that it surely has */
	uint32_t maybe;		/* behind them: elements that it may have */
	bool open_ended;	/* of a set: it may have others */
};

struct bound_feature {
	uint32_t stamp;
	uint16_t answer;
	uint8_t class_;		/* of an answer that is known */
};

/* Whether a row fulfils a scan's condition. */
enum truth { TRUTH_NO = 1, TRUTH_YES = 2, TRUTH_MAYBE = 3 };

struct bound_row {
	struct row row;
	const struct bound_layout *layout;
	uint8_t where;		/* enum truth */
};

struct bound_scan {
	uint32_t stamp;
	uint32_t count;
	bool open_ended;	/* there may be rows that are not known */
	bool none;		/* a key is none: there are no rows */
};

/* How far absence is believed, by record, while the state of the store is the same. */
struct freshness {
	uint64_t state;
	uint32_t generation;
	bool found;
	int64_t refreshed;
};

/* Ids of a request that the store does not know: every one it can hold, with numbers beyond every stored string's. */
enum { BIND_NEW_IDS = 1200, BIND_NEW_ID = 0x40000000 };

struct bind {
	/* For as long as the binder lives */
	const struct rko_policy *policy;
	const struct binding *binding;
	struct bound_slot *slots;
	struct bound_value *values;
	struct bound_feature *features;
	struct bound_scan *scans;
	struct bound_row *rows;
	int32_t *elements;
	struct freshness *freshness;
	uint8_t *options;	/* by reading: the option taken, as the image has it but for explanations */
	uint8_t *seen;		/* by word of a plan: in which walk over unknowns a node was met */
	uint8_t seen_mark;
	uint32_t nseen;
	struct text *new_ids;
	struct trace *trace;	/* NULL: not wanted */

	/* For one decision */
	const struct plan_view *view;
	const struct question_view *question;
	const struct rko_request *request;
	struct store_reader *reader;
	/* Rows by key; NULL: the reader's, as of the generation. */
	enum rko_status (*get)(void *context, uint8_t *key, size_t key_size, struct row *ret_row, bool *ret_found);
	void *get_context;
	uint32_t generation;
	int64_t instant;
	day_t today;
	uint32_t action;
	uint32_t root;		/* where the deciding diagram is entered: its root, or a node that is reached in any case */
	uint32_t clock;		/* counts stamps */
	uint32_t stamps[LASTS_ROW + LIMIT_LISTS + 1];	/* of what lasts so long, now; the last: bind_again() */
	uint16_t candidate;	/* for the trace: 0 none yet */
	uint32_t nnew_ids;
	uint32_t fetches;
	day_t next_cut;		/* the nearest day on which something read so far changes; DAY_MAX + 1: none */
	enum rko_status status;
	enum rko_refusal refusal;
	uint32_t refused_field;
};

enum { NO_CUT = DAY_MAX + 1 };

/* Takes memory for any plan of the policy. RKO_NO_MEMORY. */
enum rko_status bind_init(struct bind *bind, const struct rko_policy *policy);
void bind_release(struct bind *bind);

/*
 * Begins a decision: the caller has set binding, reader or get, generation, instant, today, action and
 * request; everything bound before is forgotten.
 */
void bind_begin(struct bind *bind, const struct plan_view *view, const struct question_view *question);
/*
 * Begins the first, after bind_begin(), or the next of several decisions on one state of the facts, which differ in what lasts `lasts`: that and what
 * hangs on the pivot is forgotten, all else is kept. The one before came to an answer.
 */
void bind_again(struct bind *bind, uint32_t lasts);
/* From now on another candidate: what hangs on the pivot is forgotten. */
void bind_candidate(struct bind *bind);

/* What would hold if another option of a reading were taken. Only conditions left `open` ask for it. */
void bind_option(struct bind *bind, uint32_t reading, uint32_t option);

/* The answer of a feature: ANSWER_UNKNOWN, ANSWER_FAILED. */
uint32_t bind_feature_new(struct bind *bind, uint32_t feature);
static inline uint32_t bind_feature(struct bind *bind, uint32_t feature)
{
	const struct bound_feature *bound = &bind->features[feature];

	if (bound->stamp == bind->stamps[bind->view->feature_lasts[feature]])
		return bound->answer;
	return bind_feature_new(bind, feature);
}

/* Slots, scalars, sets and scans, for those that look at facts themselves. NULL on failure. */
const struct bound_slot *bind_slot_new(struct bind *bind, uint32_t slot);
static inline const struct bound_slot *bind_slot(struct bind *bind, uint32_t slot)
{
	const struct bound_slot *bound = &bind->slots[slot];

	if (bound->stamp == bind->stamps[bind->view->slot_lasts[slot]])
		return bound;
	return bind_slot_new(bind, slot);
}

int32_t bind_fact_new(struct bind *bind, uint32_t value);
static inline int32_t bind_fact(struct bind *bind, uint32_t value)
{
	const struct bound_value *bound = &bind->values[value];

	if (bound->stamp == bind->stamps[bind->view->value_lasts[value]])
		return bound->fact;
	return bind_fact_new(bind, value);
}

const struct bound_value *bind_set(struct bind *bind, uint32_t value);
const struct bound_scan *bind_scan(struct bind *bind, uint32_t scan);
/* Makes a row of a scan the one at hand. */
void bind_row(struct bind *bind, uint32_t scan, uint32_t row);
/* Makes a slot's state known from outside: the row being checked, the candidate. */
void bind_put_slot(struct bind *bind, uint32_t slot, enum slot_state state, const struct row *row,
		   const struct bound_layout *layout);

/* What a diagram over truth can come to: enum truth, or 0 on failure. */
unsigned bind_truth(struct bind *bind, uint32_t root);

/* The class of a feature whose answer is known. */
static inline uint32_t bind_class(const struct bind *bind, uint32_t feature)
{
	return bind->features[feature].class_;
}

/* One field, no set, of a record that is there, whether a value of the plan or not. */
bool bind_slot_fact(struct bind *bind, const struct bound_slot *slot, uint32_t number, uint32_t field, int32_t *ret_fact);

/* The days for which a judgement was found; its slot is present. */
bool bind_finding_days(struct bind *bind, uint32_t slot, int32_t *ret_begins, int32_t *ret_ends);

/* The day of one cut of a position whose anchor is known. False: out of range. */
bool bind_cut_day(const struct image_cut *cut, day_t anchor, day_t *ret_day);

#endif
