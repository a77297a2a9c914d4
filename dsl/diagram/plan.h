/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Plan: what one question may ask of the request and the facts, as features with finite domains.
 *
 *   slot     a record the decision may look at: of the request, behind a link, behind a reference
 *   value    one thing read from a slot or from the request
 *   scan     the rows of a link, looked at one by one
 *   feature  a question about values whose answers are few and numbered: 0 … size-1
 *
 * The binder of the engine works through exactly these, so a plan is also what goes into the image. An
 * answer that is none is the last number of a feature that can be none. Features are numbered in the order
 * in which the diagram asks them.
 */
#ifndef RKO_DSL_PLAN_H
#define RKO_DSL_PLAN_H

#include "dsl/check/model.h"

enum slot_kind {
	SLOT_REQUEST,	/* a record that the request gives or names */
	SLOT_LINK,	/* one row by its whole key */
	SLOT_REF,	/* the row a reference names */
	SLOT_ROW,	/* the row of a scan at hand; of the pivot: the candidate */
	SLOT_FINDING,	/* the finding of a judgement */
};

/* On which row at hand a slot, a value or a feature hangs. */
enum { HANGS_ON_NOTHING = UINT32_MAX };

struct slot {
	enum slot_kind kind;
	const struct record *record;
	struct text name;		/* as the author would write it: unit.organisation */
	uint32_t field;			/* SLOT_REQUEST: of the request */
	uint32_t value;			/* SLOT_REF: the reference */
	uint32_t *keys;			/* SLOT_LINK, SLOT_FINDING: values */
	uint32_t nkeys;
	uint32_t scan;			/* SLOT_ROW */
	const struct link *link;
	const struct judgement *judgement;
	uint32_t hangs;			/* scan on whose row it hangs, or HANGS_ON_NOTHING */
	bool pivot;			/* hangs on the candidate of the pivot */
	bool may_lack;			/* can be absent in a possible situation */
	uint32_t rank;			/* when it is fetched, at the earliest */
};

enum value_kind {
	VALUE_REQUEST,	/* a field of the request: a code, a date, an id, or the id of a record */
	VALUE_TODAY,
	VALUE_FIELD,	/* a field of a slot */
	VALUE_ROWS,	/* a field of all rows of a scan: a set */
};

struct value {
	enum value_kind kind;
	uint32_t slot;			/* VALUE_FIELD */
	uint32_t scan;			/* VALUE_ROWS */
	uint32_t field;
	struct type type;
	struct text name;
	uint32_t hangs;
	bool pivot;
	bool may_lack;
};

struct scan {
	const struct link *link;
	uint32_t *keys;			/* values: the start of the key */
	bool *each;
	uint32_t nkeys;
	uint32_t row;			/* the slot of the row at hand */
	uint32_t where;			/* expression that a row must fulfil */
	bool pivot;			/* its keys hang on the candidate of the pivot */
	uint32_t rank;
};

enum feature_kind {
	FEATURE_ACTION,		/* the action asked for */
	FEATURE_CODE,		/* a code: its number in the set */
	FEATURE_PRESENT,	/* a value or a slot is there: no, yes */
	FEATURE_OPEN,		/* a date is open: no, yes */
	FEATURE_EQUAL,		/* two values are the same: no, yes */
	FEATURE_MEMBER,		/* a value is in a set: no, yes */
	FEATURE_HITS,		/* a set of codes has one of some: no, yes */
	FEATURE_OVERLAPS,	/* two sets have something in common: no, yes */
	FEATURE_INSIDE,		/* a set is not empty and inside another: no, yes */
	FEATURE_POSITION,	/* how many dates, counted from a recorded one, a date point has reached */
	FEATURE_CALENDAR,	/* how many fixed dates a date point has reached */
	FEATURE_SOME,		/* some row of a scan fulfils a condition: no, yes */
	FEATURE_FINDING,	/* a judgement: no, yes */
	FEATURE_GAP,		/* what nobody has said yet: always unknown */
	FEATURE_READING,	/* which option of a reading is taken; no decision asks, explanations do */
};

enum { NO, YES };

/* A date reached when `anchor + count unit (+ 1 day when after)` has come. */
struct cut {
	int32_t count;			/* or the day itself, FEATURE_CALENDAR */
	enum span_unit unit;
	bool after;
};

/* -1: a never comes after b; 1: never before; 0: the same; 2: it varies with the date they count from. */
int cut_compare(const struct cut *a, const struct cut *b);

struct feature {
	enum feature_kind kind;
	uint32_t a, b;			/* values; FEATURE_PRESENT of a slot: a = NOWHERE, b the slot */
	uint32_t scan;			/* FEATURE_SOME */
	uint32_t expr;			/* FEATURE_SOME: of a row, by the plan's expressions */
	bool *codes;			/* FEATURE_HITS */
	struct cut *cuts;		/* in order */
	uint32_t ncuts;
	size_t cap_cuts;
	const struct judgement *judgement;
	const struct layer *layer;
	const struct parameter *parameter;
	const struct reading *reading;
	uint32_t on;			/* FEATURE_GAP: the value whose test is open, or NOWHERE */
	uint32_t size;			/* answers, none included */
	bool none;			/* the last answer is none */
	uint32_t hangs;
	bool pivot;
	struct text name;
	uint32_t level;			/* place in the order of asking */
	uint32_t nclasses;		/* answers that no condition tells apart share a class */
	uint8_t *class_of;		/* by answer */
};

/* Expressions --------------------------------------------------------------------------------------- */

/*
 * Conditions over features, hash-consed: equal expressions have one number. An atom says which answers make
 * it true. `loose` says which would, if absence were not read as false: where the two differ, the author has
 * left open what absence means (see check_restriction() in analyse.c).
 */
enum expr_kind { EXPR_FALSE, EXPR_TRUE, EXPR_ATOM, EXPR_AND, EXPR_OR };

enum { FALSE_EXPR, TRUE_EXPR };

struct expr {
	enum expr_kind kind;
	uint32_t feature;
	bool *when;			/* by answer */
	bool *loose;
	uint32_t *list;
	uint32_t count;
	uint32_t hangs;			/* a scan whose row it speaks of, or HANGS_ON_NOTHING */
	bool mixed;			/* speaks of a row and of other things */
};

struct plan {
	struct arena *arena;
	struct model *model;
	const struct question *question;	/* NULL: the checks of a record */
	const struct record *record;

	struct slot *slots;
	uint32_t nslots;
	size_t cap_slots;
	struct value *values;
	uint32_t nvalues;
	size_t cap_values;
	struct scan *scans;
	uint32_t nscans;
	size_t cap_scans;
	struct feature *features;
	uint32_t nfeatures;
	size_t cap_features;
	struct map slot_map, value_map, scan_map, feature_map, expr_map, dates_map;

	struct expr *exprs;
	uint32_t nexprs;
	size_t cap_exprs;

	uint32_t *order;		/* features by level */
	uint32_t pivot;			/* scan of the pivot, or NOWHERE */

	/* Sets named against one set-valued value, until their atoms are settled. */
	struct partition {
		uint32_t value;
		const struct codeset *codes;
		bool **sets;
		uint32_t nsets;
		size_t cap_sets;
		uint32_t *atom_of;	/* by code */
		uint32_t natoms;
	} *partitions;
	uint32_t npartitions;
	size_t cap_partitions;

	/* The cuts of one date point against one recorded date, or against the calendar. */
	struct dates {
		uint32_t point;
		uint32_t anchor;	/* NOWHERE: the calendar */
		struct cut *cuts;
		uint32_t *group;	/* by cut: those of one group have one order on every date */
		uint32_t *place;	/* by cut: its place in the group */
		uint32_t ncuts;
		size_t cap_cuts;
		uint32_t ngroups;
	} *dates;
	uint32_t ndates;
	size_t cap_dates;

	bool settled;			/* dates and atoms are known: expressions are final */
	unsigned tight;			/* inside a determination: absence has been thought of there */
	bool frozen;			/* no feature may be added: what would need one is taken as true */
	const uint32_t *readings;	/* the option taken, by reading */
	bool open;			/* conditions are lowered with every option left open */
};

void plan_init(struct plan *plan, struct model *model, const struct question *question);

/* Slots, values, features: made when first asked for. */
uint32_t plan_slot_request(struct plan *plan, uint32_t field);
uint32_t plan_slot_link(struct plan *plan, const struct link *link);
uint32_t plan_slot_ref(struct plan *plan, uint32_t value);
uint32_t plan_slot_finding(struct plan *plan, const struct judgement *judgement);
uint32_t plan_slot_self(struct plan *plan, const struct record *record);
uint32_t plan_scan(struct plan *plan, const struct link *link);
uint32_t plan_today(struct plan *plan);
uint32_t plan_value_request(struct plan *plan, uint32_t field);
uint32_t plan_value(struct plan *plan, uint32_t slot, uint32_t field);
/* The value a place reaches, or its slot when it reaches a record itself. */
uint32_t plan_place(struct plan *plan, const struct place *place);
uint32_t plan_place_slot(struct plan *plan, const struct place *place);
/* As plan_place(), for a place whose base `self` is the record of this slot. */
uint32_t plan_place_of(struct plan *plan, const struct place *place, uint32_t self);

uint32_t feature_action(struct plan *plan);
uint32_t feature_code(struct plan *plan, uint32_t value);
uint32_t feature_present(struct plan *plan, uint32_t value);
uint32_t feature_present_slot(struct plan *plan, uint32_t slot);
uint32_t feature_open(struct plan *plan, uint32_t value);
uint32_t feature_pair(struct plan *plan, enum feature_kind kind, uint32_t a, uint32_t b);
uint32_t feature_hits(struct plan *plan, uint32_t value, uint32_t atom);
uint32_t feature_some(struct plan *plan, uint32_t scan, uint32_t expr);
uint32_t feature_finding(struct plan *plan, const struct judgement *judgement);
/*
 * A test of a parameter without a value, of the value `on` (or NOWHERE); without a parameter, what the missing overlay
 * of an area would say.
 */
uint32_t feature_gap(struct plan *plan, const struct parameter *parameter, struct text test, uint32_t on);
uint32_t feature_reading(struct plan *plan, const struct reading *reading);
/* Notes a set that conditions name against a set-valued value. */
struct partition *plan_partition(struct plan *plan, uint32_t value, const struct codeset *codes,
				 const bool *set);

/* Expressions. */
uint32_t expr_atom(struct plan *plan, uint32_t feature, const bool *when, const bool *loose);
/* The answer `yes` of a feature of two answers, or `no`; both false when the feature is none. */
uint32_t expr_test(struct plan *plan, uint32_t feature, bool yes);
uint32_t expr_and(struct plan *plan, uint32_t a, uint32_t b);
uint32_t expr_or(struct plan *plan, uint32_t a, uint32_t b);
uint32_t expr_and_list(struct plan *plan, const uint32_t *list, uint32_t count);
uint32_t expr_or_list(struct plan *plan, const uint32_t *list, uint32_t count);
/* The complement: true exactly where the expression is not. */
uint32_t expr_not(struct plan *plan, uint32_t a);
/*
 * The date point `value` has reached the cut: true, or (no) it has not. `anchor` NOWHERE: the cut is a day
 * of the calendar. Until the plan is settled this only notes the cut.
 */
uint32_t expr_reached(struct plan *plan, uint32_t point, uint32_t anchor, struct cut cut, bool yes);

/*
 * Which dates and which sets there are is known only when every condition has been lowered. So each is
 * lowered twice: plan_settle() puts the cuts in order, settles the partitions and forgets the expressions and
 * features of the first round.
 */
void plan_settle(struct plan *plan);
/* Levels and classes, once every expression of the question is known. */
void plan_order(struct plan *plan);

/* For messages and dumps. */
struct text plan_answer_text(const struct plan *plan, uint32_t feature, uint32_t answer);
struct text plan_class_text(const struct plan *plan, uint32_t feature, uint32_t class_);
void plan_dump(struct buf *out, const struct plan *plan);
void expr_dump(struct buf *out, const struct plan *plan, uint32_t expr);

#endif
