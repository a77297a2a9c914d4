/* SPDX-License-Identifier: EUPL-1.2 */
/* What a name of the policy stands for: a parameter, by the value in effect; a determination, by its cases. */
#include "dsl/diagram/lower_parts.h"

#include "engine/base/arena.h"

/* Parameters -------------------------------------------------------------------------------------- */

uint32_t lower_alternatives(struct plan *plan, const struct parameter *parameter,
			    struct alternative **ret_list)
{
	struct alternative *list = ARENA_ARRAY(plan->arena, parameter->nsettings + 1, struct alternative);
	uint32_t count = 0, any = FALSE_EXPR;

	for (uint32_t i = 0; i < parameter->nsettings; i++) {
		const struct setting *setting = &parameter->settings[i];
		uint32_t guard = lower_in_area(plan, setting->layer, setting->force);

		if (guard == FALSE_EXPR)
			continue;
		list[count++] = (struct alternative){ guard, &setting->value };
		any = expr_or(plan, any, guard);
	}
	list[count++] = (struct alternative){ expr_not(plan, any), &parameter->value };
	*ret_list = list;
	return count;
}

uint32_t lower_untold(struct plan *plan, const struct parameter *parameter, struct text test, uint32_t on,
		      bool yes)
{
	return expr_test(plan, feature_gap(plan, parameter, test, on), yes);
}

/* Determinations ---------------------------------------------------------------------------------- */

/*
 * The cases of a determination exclude one another and leave no situation out, which is checked: so what is
 * absent falls into the case meant for it, and a rule that names the determination has said what it means.
 */
uint32_t lower_case(struct plan *plan, const struct define *define, uint32_t number)
{
	uint32_t others = FALSE_EXPR;

	plan->tight++;
	for (uint32_t i = 0; i < define->ncases; i++)
		if (define->cases[i].when && (i == number || !define->cases[number].when))
			others = expr_or(plan, others, lower_signed(plan, define->cases[i].when, NOWHERE, false));
	plan->tight--;
	return define->cases[number].when ? others : expr_not(plan, others);
}

/* Where the determination comes out as an outcome that `wanted` picks. */
static uint32_t define_where(struct plan *plan, const struct define *define, const void *context,
			     bool (*wanted)(const struct define_case *, const void *))
{
	uint32_t any = FALSE_EXPR;

	for (uint32_t i = 0; i < define->ncases; i++) {
		const struct define_case *item = &define->cases[i];
		uint32_t here = lower_case(plan, define, i), excepted = FALSE_EXPR;

		for (uint32_t j = 0; j < item->nexcept; j++) {
			uint32_t except;

			plan->tight++;
			except = lower_signed(plan, item->except[j].when, NOWHERE, false);
			plan->tight--;
			if (wanted(&item->except[j], context))
				any = expr_or(plan, any, expr_and(plan, here, except));
			excepted = expr_or(plan, excepted, except);
		}
		if (wanted(item, context))
			any = expr_or(plan, any, expr_and(plan, here, expr_not(plan, excepted)));
	}
	return any;
}

static bool is_value(const struct define_case *item, const void *context)
{
	return item->value == *(const uint32_t *)context;
}

static bool is_day(const struct define_case *item, const void *context)
{
	return item->day == *(const day_t *)context;
}

uint32_t lower_define(struct plan *plan, const struct define *define, uint32_t value)
{
	return define_where(plan, define, &value, is_value);
}

uint32_t lower_define_day(struct plan *plan, const struct define *define, day_t day)
{
	return define_where(plan, define, &day, is_day);
}

uint32_t lower_define_in(struct plan *plan, const struct cond *cond, bool negative)
{
	uint32_t any = FALSE_EXPR;

	for (uint32_t value = 0; value < cond->define->codes->count; value++)
		if (cond->set.has[value] != negative)
			any = expr_or(plan, any, lower_define(plan, cond->define, value));
	return any;
}
