/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Lower: checked conditions become expressions over the features of a plan.
 *
 * What disappears here: named conditions, sets, windows, tables, determinations, parameters (a condition that
 * uses one becomes one alternative for each value that is in effect), readings (the option taken), and `not`,
 * which is pushed to the tests: a test and its negation are both false where there is nothing to test.
 */
#ifndef RKO_DSL_LOWER_H
#define RKO_DSL_LOWER_H

#include "dsl/diagram/plan.h"

/* `self`: the slot that bare names speak of, or NOWHERE. */
uint32_t lower_cond(struct plan *plan, const struct cond *cond, uint32_t self);
/* Where a determination has a value, and where it has none of them. */
uint32_t lower_define(struct plan *plan, const struct define *define, uint32_t value);
/* One case of a determination, and one of its `except`s, by themselves: for the check that they exclude. */
uint32_t lower_case(struct plan *plan, const struct define *define, uint32_t number);
/* The days of a stretch of force. */
uint32_t lower_force(struct plan *plan, struct force force);
/* Where an overlay speaks: in its area, while it is in force. */
uint32_t lower_scope(struct plan *plan, const struct layer *layer);
/* Where the area is known and its overlay is not in force, and national rules alone were not declared. */
uint32_t lower_unsettled(struct plan *plan);
/* The actions of a rule. */
uint32_t lower_actions(struct plan *plan, uint32_t actions);

/* One way a date can come about: where `guard` holds it is `value` (or the day) plus `count` units. */
struct lowered_date {
	uint32_t guard;
	uint32_t value;		/* NOWHERE: the fixed day in `day` */
	day_t day;
	int32_t count;
	enum span_unit unit;
};

enum lowered_kind { LOWERED_DATE, LOWERED_EARLIEST, LOWERED_LATEST };

/* What a duty is due on, as a tree of at most two levels. */
struct lowered_due {
	enum lowered_kind kind;
	struct lowered_date *dates;	/* LOWERED_DATE: the alternatives; else all parts' alternatives */
	uint32_t *part;			/* by date: which part it belongs to */
	uint32_t count;
	uint32_t nparts;
};

void lower_due(struct plan *plan, const struct operand *operand, struct lowered_due *ret_due);

#endif
