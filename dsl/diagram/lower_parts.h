/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the files of the lowering share: lower.c (conditions), lower_codes.c (codes and tables), lower_dates.c (days),
 * lower_rows.c (`some` and `no`), lower_named.c (parameters, determinations), lower_force.c (force, areas, actions).
 * For them alone.
 *
 * Lowering makes features, and they are numbered as they are made. C leaves open in which order the arguments of a
 * call are worked out, so two parts that are both lowered never stand in one call: else the image would depend on
 * the compiler that built this one.
 *
 * `self`: the slot that bare names speak of, or NOWHERE. `negative`: that the test does not hold.
 */
#ifndef RKO_DSL_LOWER_PARTS_H
#define RKO_DSL_LOWER_PARTS_H

#include "dsl/diagram/lower.h"

/* lower.c */
uint32_t lower_signed(struct plan *plan, const struct cond *cond, uint32_t self, bool negative);

/* lower_force.c */
/* In the area of a layer, on these days. */
uint32_t lower_in_area(struct plan *plan, const struct layer *layer, struct force force);

/* lower_named.c */
struct alternative {
	uint32_t guard;
	const struct constant *value;
};

/* The values of a parameter that can be in effect, each with where it is. */
uint32_t lower_alternatives(struct plan *plan, const struct parameter *parameter,
			    struct alternative **ret_list);
/*
 * A test of a parameter that nobody has given a value. Each test is open by itself: one answer for all of them would
 * leave out values for which one holds and another does not.
 */
uint32_t lower_untold(struct plan *plan, const struct parameter *parameter, struct text test, uint32_t on,
		      bool yes);
/* Where a determination comes out as this day; as one of the codes of a test. */
uint32_t lower_define_day(struct plan *plan, const struct define *define, day_t day);
uint32_t lower_define_in(struct plan *plan, const struct cond *cond, bool negative);

/* lower_codes.c */
uint32_t lower_code_in(struct plan *plan, const struct place *place, uint32_t self, const bool *has,
		       bool negative);
uint32_t lower_in_parameter(struct plan *plan, const struct cond *cond, uint32_t self, bool negative);
uint32_t lower_parameter_in(struct plan *plan, const struct cond *cond, bool negative);
/* A set-valued place has one of `has`, or (negative) none of them. */
uint32_t lower_hits(struct plan *plan, uint32_t value, const struct codeset *codes, const bool *has,
		    bool negative);
/* Not empty and inside `has`; negative: something outside, or nothing at all. */
uint32_t lower_covered(struct plan *plan, uint32_t value, const struct codeset *codes, const bool *has,
		       bool negative);
uint32_t lower_hits_parameter(struct plan *plan, const struct cond *cond, uint32_t self, bool negative);
uint32_t lower_lookup_in(struct plan *plan, const struct cond *cond, uint32_t self, bool negative);

/* lower_dates.c */
uint32_t lower_order(struct plan *plan, const struct cond *cond, uint32_t self, bool negative);
uint32_t lower_window(struct plan *plan, const struct cond *cond, uint32_t self, bool negative);
uint32_t lower_phase(struct plan *plan, const struct cond *cond, uint32_t self, bool negative);

/* lower_rows.c */
/* The scan of a link, with its `where` lowered. */
uint32_t lower_where(struct plan *plan, const struct link *link);
uint32_t lower_some(struct plan *plan, const struct cond *cond, bool negative);

static inline uint32_t lower_slot(struct plan *plan, const struct place *place, uint32_t self)
{
	return place->base == BASE_SELF && !place->nsteps ? self : plan_place_slot(plan, place);
}

#endif
