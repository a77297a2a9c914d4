/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Conditions of the model become expressions over features: here those that join tests, and the tests of being there
 * and of two facts beside each other.
 */
#include "dsl/diagram/lower_parts.h"

#include "engine/base/arena.h"

static uint32_t lower_absent(struct plan *plan, const struct cond *cond, uint32_t self, bool negative)
{
	const struct place *place = &cond->a->place;
	uint32_t value, feature;
	bool *when;

	if (place->base == BASE_LINK && !place->nsteps) {
		feature = feature_present_slot(plan, lower_slot(plan, place, self));
		return expr_test(plan, feature, negative);
	}
	value = plan_place_of(plan, place, self);
	if (plan->values[value].type.kind != KIND_CODE)
		return expr_test(plan, feature_present(plan, value), negative);
	feature = feature_code(plan, value);
	if (feature == NOWHERE)
		return TRUE_EXPR;
	if (!plan->features[feature].none)
		return negative ? TRUE_EXPR : FALSE_EXPR;
	when = ARENA_ARRAY(plan->arena, plan->features[feature].size, bool);
	for (uint32_t i = 0; i < plan->features[feature].size; i++)
		when[i] = (i == plan->features[feature].size - 1) != negative;
	return expr_atom(plan, feature, when, when);
}

static uint32_t lower_pair(struct plan *plan, const struct cond *cond, uint32_t self, bool negative,
			   enum feature_kind kind)
{
	uint32_t a = plan_place_of(plan, &cond->a->place, self);
	uint32_t b = plan_place_of(plan, &cond->b->place, self);

	/* The rows of a link are looked at through its `where`. */
	if (cond->a->place.rows)
		lower_where(plan, cond->a->place.link);
	if (cond->b->place.rows)
		lower_where(plan, cond->b->place.link);
	return expr_test(plan, feature_pair(plan, kind, a, b), !negative);
}

static uint32_t set_value(struct plan *plan, const struct operand *operand, uint32_t self)
{
	if (operand->place.rows)
		lower_where(plan, operand->place.link);
	return plan_place_of(plan, &operand->place, self);
}

static uint32_t lower_list(struct plan *plan, const struct cond *cond, uint32_t self, bool negative)
{
	uint32_t *list = ARENA_ARRAY(plan->arena, cond->count, uint32_t);

	for (uint32_t i = 0; i < cond->count; i++)
		list[i] = lower_signed(plan, cond->list[i], self, negative);
	if ((cond->kind == COND_AND) != negative)
		return expr_and_list(plan, list, cond->count);
	return expr_or_list(plan, list, cond->count);
}

/* The pivot's own condition on its rows is a fact about every candidate. */
static void note_pivot(struct plan *plan)
{
	if (plan->question && plan->question->pivot && plan->pivot != NOWHERE)
		lower_where(plan, plan->question->pivot);
}

/* The option taken is known, or, with options left open, one more thing to be asked. */
static uint32_t lower_option(struct plan *plan, const struct cond *cond, bool negative)
{
	bool *when;

	if (!plan->open)
		return (plan->readings[cond->reading->index] == cond->option) != negative ? TRUE_EXPR
											  : FALSE_EXPR;
	when = ARENA_ARRAY(plan->arena, cond->reading->noptions, bool);
	for (uint32_t i = 0; i < cond->reading->noptions; i++)
		when[i] = (i == cond->option) != negative;
	return expr_atom(plan, feature_reading(plan, cond->reading), when, when);
}

uint32_t lower_signed(struct plan *plan, const struct cond *cond, uint32_t self, bool negative)
{
	negative ^= cond->negative;
	switch (cond->kind) {
	case COND_TRUE:
		return negative ? FALSE_EXPR : TRUE_EXPR;
	case COND_AND:
	case COND_OR:
		return lower_list(plan, cond, self, negative);
	case COND_NOT:
		return lower_signed(plan, cond->list[0], self, !negative);
	case COND_NAMED:
		return lower_signed(plan, cond->named->cond, self, negative);
	case COND_JUDGEMENT:
		return expr_test(plan, feature_finding(plan, cond->judgement), !negative);
	case COND_READS:
		return lower_option(plan, cond, negative);
	case COND_SOME:
		return lower_some(plan, cond, negative);
	case COND_IN:
		return lower_code_in(plan, &cond->a->place, self, cond->set.has, negative);
	case COND_DEFINE_IN:
		return lower_define_in(plan, cond, negative);
	case COND_LOOKUP_IN:
		return lower_lookup_in(plan, cond, self, negative);
	case COND_PARAMETER:
		return lower_parameter_in(plan, cond, negative);
	case COND_IN_PARAMETER:
		return lower_in_parameter(plan, cond, self, negative);
	case COND_NONE:
		return lower_absent(plan, cond, self, negative);
	case COND_EXISTS:
		return lower_absent(plan, cond, self, !negative);
	case COND_OPEN:
		return expr_test(plan, feature_open(plan, plan_place_of(plan, &cond->a->place, self)),
				 !negative);
	case COND_EQUAL:
		return lower_pair(plan, cond, self, negative, FEATURE_EQUAL);
	case COND_MEMBER:
		return lower_pair(plan, cond, self, negative, FEATURE_MEMBER);
	case COND_OVERLAPS:
		return lower_pair(plan, cond, self, negative, FEATURE_OVERLAPS);
	case COND_INSIDE:
		return lower_pair(plan, cond, self, negative, FEATURE_INSIDE);
	case COND_HITS:
		return lower_hits(plan, set_value(plan, cond->a, self), cond->set.codes, cond->set.has, negative);
	case COND_COVERED:
		return lower_covered(plan, set_value(plan, cond->a, self), cond->set.codes, cond->set.has, negative);
	case COND_HITS_PARAMETER:
		set_value(plan, cond->a, self);
		return lower_hits_parameter(plan, cond, self, negative);
	case COND_PHASE:
		return lower_phase(plan, cond, self, negative);
	case COND_ORDER:
		return lower_order(plan, cond, self, negative);
	case COND_WINDOW:
		return lower_window(plan, cond, self, negative);
	}
	return FALSE_EXPR;
}

uint32_t lower_cond(struct plan *plan, const struct cond *cond, uint32_t self)
{
	uint32_t expr = lower_signed(plan, cond, self, false);

	note_pivot(plan);
	return expr;
}
