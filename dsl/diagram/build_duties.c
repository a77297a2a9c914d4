/* SPDX-License-Identifier: EUPL-1.2 */
/* Duties: where each is due, and the terminals that name an outcome with its duties. */
#include "dsl/diagram/build_parts.h"
#include "dsl/diagram/passes.h"

#include "engine/base/arena.h"

static struct text bytes_of(const void *bytes, size_t size)
{
	return (struct text){ bytes, size };
}

static uint32_t duties_number(struct decision *decision, uint64_t bits)
{
	uint32_t number = map_get(&decision->duty_map, bytes_of(&bits, sizeof bits));

	if (number != MAP_NONE)
		return number;
	decision->duty_sets = arena_grow(decision->arena, decision->duty_sets, decision->nduty_sets,
					 &decision->cap_duty_sets, sizeof *decision->duty_sets);
	decision->duty_sets[decision->nduty_sets] = (struct duty_set){ bits };
	map_set(&decision->duty_map, bytes_of(&bits, sizeof bits), decision->nduty_sets);
	return decision->nduty_sets++;
}

static uint32_t terminal_number(struct decision *decision, uint32_t outcome, uint64_t bits)
{
	struct terminal terminal = { outcome, duties_number(decision, bits) };
	uint32_t number = map_get(&decision->terminal_map, bytes_of(&terminal, sizeof terminal));

	if (number != MAP_NONE)
		return number;
	decision->terminals = arena_grow(decision->arena, decision->terminals, decision->nterminals,
					 &decision->cap_terminals, sizeof *decision->terminals);
	decision->terminals[decision->nterminals] = terminal;
	map_set(&decision->terminal_map, bytes_of(&terminal, sizeof terminal), decision->nterminals);
	return decision->nterminals++;
}

static uint32_t plain_terminal(void *context, uint32_t outcome)
{
	return terminal_number(context, outcome, 0);
}

struct duty_context {
	struct decision *decision;
	uint32_t duty;
};

static uint32_t with_duty(void *context, uint32_t terminal, uint32_t due)
{
	const struct duty_context *duty = context;
	struct decision *decision = duty->decision;
	const struct terminal *old = &decision->terminals[terminal];

	if (!due)
		return terminal;
	return terminal_number(decision, old->outcome,
			       decision->duty_sets[old->duties].bits | 1ull << duty->duty);
}

static uint32_t is_class(void *context, uint32_t outcome)
{
	return rank_class(outcome) == *(const uint32_t *)context;
}

dd decision_outcome_is(struct decision *decision, dd outcome, enum outcome_class class_)
{
	uint32_t wanted = class_;

	return dd_map(&decision->dds, decision->ops.is_class[class_], outcome, is_class, &wanted);
}

/* The rule itself prohibits here, and so is among the deciding ones. */
static uint32_t is_own_prohibition(void *context, uint32_t result)
{
	return result == ranked(LADDER_PROHIBIT, *(const uint32_t *)context);
}

static dd trigger_dd(struct decision *decision, dd outcome, const struct trigger *trigger)
{
	struct dds *dds = &decision->dds;
	dd actions = decision_dd(decision, lower_actions(&decision->plan, trigger->action)), when = DD_TRUE;
	uint32_t rank;

	switch (trigger->kind) {
	case ON_ALWAYS:
		break;
	case ON_GRANTED:
		when = decision_outcome_is(decision, outcome, OUT_GRANTED);
		break;
	case ON_DENIED:
		when = dd_not(dds, decision_outcome_is(decision, outcome, OUT_GRANTED));
		break;
	case ON_FORBIDDEN:
		when = decision_outcome_is(decision, outcome, OUT_FORBIDDEN);
		if (!trigger->by)
			break;
		rank = trigger->by->rank;
		when = dd_and(dds, when, dd_map(dds, dd_new_op(dds),
						decision_rule(decision, trigger->by)->ladder,
						is_own_prohibition, &rank));
		break;
	}
	return dd_and(dds, actions, when);
}

dd decision_due(struct decision *decision, const struct rule *rule, dd outcome)
{
	dd due = DD_FALSE;

	for (uint32_t i = 0; i < rule->ntriggers; i++)
		due = dd_or(&decision->dds, due, trigger_dd(decision, outcome, &rule->triggers[i]));
	return dd_and(&decision->dds, due, decision_rule(decision, rule)->on_dd);
}

void build_duties(struct decision *decision)
{
	struct dds *dds = &decision->dds;

	decision->root = dd_map(dds, dd_new_op(dds), decision->outcome, plain_terminal, decision);
	for (uint32_t i = 0; i < decision->nduties; i++) {
		const struct rule *rule = decision->rules[decision->duties[i]].rule;
		struct duty_context context = { decision, i };

		decision->root = dd_apply(dds, dd_new_op(dds), decision->root,
					  decision_due(decision, rule, decision->outcome), false, DD_FALSE,
					  with_duty, &context);
		if (decision_full(decision, rule))
			return;
	}
}
