/* SPDX-License-Identifier: EUPL-1.2 */
/* Where a rule speaks: on the days of its force, in the area of its overlay, for its actions. */
#include "dsl/diagram/lower_parts.h"

#include "engine/base/arena.h"
#include "engine/base/limits.h"

static uint32_t reached_day(struct plan *plan, day_t day, bool yes)
{
	return expr_reached(plan, plan_today(plan), NOWHERE, (struct cut){ .count = day }, yes);
}

uint32_t lower_force(struct plan *plan, struct force force)
{
	uint32_t parts[2] = { TRUE_EXPR, TRUE_EXPR };

	if (force.pending || force.to < force.from)
		return FALSE_EXPR;
	if (force.from > DAY_MIN)
		parts[0] = reached_day(plan, force.from, true);
	if (!force.open && force.to < DAY_MAX)
		parts[1] = reached_day(plan, force.to + 1, false);
	return expr_and_list(plan, parts, 2);
}

/* The area is that of `code`. What the area is, is never left open: loose says the same as when. */
static uint32_t area_is(struct plan *plan, const struct codeset *set, uint32_t code, bool none)
{
	const struct place *place = plan->question ? plan->question->layer_by : NULL;
	uint32_t feature;
	bool *when;

	if (!place || place->type.codes != set)
		return FALSE_EXPR;
	feature = feature_code(plan, plan_place(plan, place));
	when = ARENA_ARRAY(plan->arena, plan->features[feature].size, bool);
	if (!none)
		when[code] = true;
	else if (plan->features[feature].none)
		when[plan->features[feature].size - 1] = true;
	return expr_atom(plan, feature, when, when);
}

uint32_t lower_in_area(struct plan *plan, const struct layer *layer, struct force force)
{
	uint32_t area = area_is(plan, layer->set, layer->code, false);

	return expr_and(plan, area, lower_force(plan, force));
}

uint32_t lower_scope(struct plan *plan, const struct layer *layer)
{
	if (!layer->set)
		return TRUE_EXPR;
	return lower_in_area(plan, layer, layer->force);
}

uint32_t lower_unsettled(struct plan *plan)
{
	const struct question *question = plan->question;
	const struct place *place = question->layer_by;
	uint32_t any = FALSE_EXPR;

	if (!place)
		return FALSE_EXPR;
	for (uint32_t code = 0; code < place->type.codes->count; code++) {
		uint32_t covered = FALSE_EXPR, here;

		if (question->layer_except[code])
			continue;
		for (uint32_t i = 1; i < plan->model->nlayers; i++)
			if (plan->model->layers[i].set == place->type.codes &&
			    plan->model->layers[i].code == code)
				covered = expr_or(plan, covered,
						  lower_force(plan, plan->model->layers[i].force));
		here = area_is(plan, place->type.codes, code, false);
		any = expr_or(plan, any, expr_and(plan, here, expr_not(plan, covered)));
	}
	if (!question->layer_except_none)
		any = expr_or(plan, any, area_is(plan, place->type.codes, 0, true));
	return any;
}

uint32_t lower_actions(struct plan *plan, uint32_t actions)
{
	uint32_t feature = feature_action(plan);
	bool when[LIMIT_ACTIONS] = { false };

	for (uint32_t i = 0; i < plan->question->nactions; i++)
		when[i] = actions >> i & 1;
	return expr_atom(plan, feature, when, when);
}
