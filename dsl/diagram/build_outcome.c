/* SPDX-License-Identifier: EUPL-1.2 */
/* What the rules say: the ladder of each tree, and the outcome in which all trees are joined. */
#include "dsl/diagram/build_parts.h"
#include "dsl/diagram/passes.h"

#include "engine/base/arena.h"

/* Ladders ----------------------------------------------------------------------------------------- */

/* Siblings: one verb among those that speak, and its least rule; two verbs are a conflict. */
static uint32_t join_siblings(void *context, uint32_t a, uint32_t b)
{
	(void)context;
	if (rank_class(a) == LADDER_SILENT)
		return b;
	if (rank_class(b) == LADDER_SILENT)
		return a;
	if (rank_class(a) != rank_class(b))
		return ranked(LADDER_CONFLICT, 0);
	return a < b ? a : b;
}

/* The children's result where they speak, else the node's own. */
static uint32_t own_or_children(void *context, uint32_t own, uint32_t children)
{
	(void)context;
	if (rank_class(own) == LADDER_SILENT)
		return own;
	return rank_class(children) == LADDER_SILENT ? own : children;
}

static uint32_t ladder_class_of(enum verb verb)
{
	switch (verb) {
	case VERB_GRANT:
		return LADDER_GRANT;
	case VERB_PROHIBIT:
		return LADDER_PROHIBIT;
	case VERB_WITHHOLD:
	case VERB_REDACT:
		break;
	}
	return LADDER_WITHHOLD;
}

dd decision_ladder(struct decision *decision, const struct rule *rule, dd on)
{
	dd children = dd_terminal(ranked(LADDER_SILENT, 0)), own;

	for (uint32_t i = 0; i < rule->nchildren; i++) {
		const struct rule *child = rule->children[i];
		dd value = decision_ladder(decision, child, decision_rule(decision, child)->on_dd);

		children = dd_apply(&decision->dds, decision->ops.siblings, children, value, true, DD_NO_UNIT,
				    join_siblings, NULL);
	}
	own = dd_if(&decision->dds, on, dd_terminal(ranked(ladder_class_of(rule->verb), rule->rank)),
		    dd_terminal(ranked(LADDER_SILENT, 0)));
	return dd_apply(&decision->dds, decision->ops.own, own, children, false, DD_NO_UNIT,
			own_or_children, NULL);
}

/* Where an overlay's widening may add to a rule: its delegated features could be otherwise. */
static dd delegated(struct decision *decision, const struct rule *rule)
{
	struct plan *plan = &decision->plan;
	dd there = decision_rule(decision, rule)->on_dd;

	for (uint32_t i = 0; i < rule->ndelegated; i++) {
		uint32_t number = feature_code(plan, plan_place(plan, &rule->delegated[i]));
		const struct feature *feature = &plan->features[number];
		bool *among = ARENA_ARRAY(decision->arena, feature->nclasses, bool);

		for (uint32_t j = 0; j < feature->size - feature->none; j++)
			among[feature->class_of[j]] = true;
		there = dd_some(&decision->dds, there, feature->level, among);
	}
	return dd_and(&decision->dds, there,
		      decision_dd(decision, lower_cond(plan, rule->delegated_where, NOWHERE)));
}

dd decision_widening(struct decision *decision, const struct widening *widening)
{
	struct plan *plan = &decision->plan;
	const struct rule *rule = widening->rule;
	uint32_t parts[5];

	parts[0] = lower_actions(plan, rule->actions);
	parts[1] = lower_cond(plan, widening->when, NOWHERE);
	parts[2] = lower_scope(plan, widening->layer);
	parts[3] = lower_force(plan, rule->force);
	parts[4] = lower_force(plan, widening->force);
	return decision_dd(decision, expr_and_list(plan, parts, 5));
}

/*
 * The condition of a base rule with what the overlays add (all but those of the layer `without`, if it is not
 * 0), and what an overlay not yet known could add.
 */
static dd widened_on(struct decision *decision, const struct rule *rule, uint32_t without)
{
	struct question *question = decision->question;
	struct plan *plan = &decision->plan;
	struct dds *dds = &decision->dds;
	dd on = decision_rule(decision, rule)->on_dd, region;

	if (!rule->ndelegated)
		return on;
	region = delegated(decision, rule);
	for (uint32_t i = 0; i < question->nwidenings; i++) {
		const struct widening *widening = question->widenings[i];
		dd adds;

		if (widening->rule != rule ||
		    (without && (uint32_t)(widening->layer - decision->model->layers) == without))
			continue;
		adds = decision_widening(decision, widening);
		decision->widened[i] = dd_and(dds, adds, region);
		on = dd_or(dds, on, decision->widened[i]);
	}
	if (decision->unsettled != FALSE_EXPR && without != WITHOUT_UNKNOWN) {
		uint32_t gap = expr_test(plan, feature_gap(plan, NULL, TEXT(""), NOWHERE), true);

		on = dd_or(dds, on, dd_and(dds, region, decision_dd(decision, expr_and(plan, decision->unsettled, gap))));
	}
	return on;
}

/* The decision ------------------------------------------------------------------------------------ */

static uint32_t join_outcomes(void *context, uint32_t a, uint32_t b)
{
	(void)context;
	if (rank_class(a) != rank_class(b))
		return rank_class(a) > rank_class(b) ? a : b;
	return a < b ? a : b;
}

/* What a tree says about the outcome. */
static uint32_t outcome_of_ladder(void *context, uint32_t result)
{
	(void)context;
	switch (rank_class(result)) {
	case LADDER_GRANT:
		return ranked(OUT_GRANTED, result & RANK_MASK);
	case LADDER_PROHIBIT:
		return ranked(OUT_FORBIDDEN, result & RANK_MASK);
	case LADDER_CONFLICT:
		return ranked(OUT_INCONSISTENT, 0);
	default:
		return ranked(OUT_NOTHING, 0);
	}
}

static uint32_t says_withhold(void *context, uint32_t result)
{
	(void)context;
	return rank_class(result) == LADDER_WITHHOLD;
}

/* Where some overlay withholds the result of a base rule; an area without its overlay might. */
static dd cut_of(struct decision *decision, const struct rule *rule, uint32_t without)
{
	struct plan *plan = &decision->plan;
	struct dds *dds = &decision->dds;
	dd cut = DD_FALSE;

	if (rule->layer || rule->verb != VERB_GRANT)
		return DD_FALSE;
	for (uint32_t i = 0; i < decision->nrules; i++) {
		const struct rule *other = decision->rules[i].rule;

		if (!other->cut || (without && other->layer == without))
			continue;
		for (uint32_t j = 0; j < other->nparents; j++)
			if (other->parents[j] == rule)
				cut = dd_or(dds, cut, dd_map(dds, decision->ops.withholds,
							     decision->rules[i].ladder, says_withhold, NULL));
	}
	if (decision->unsettled != FALSE_EXPR && without != WITHOUT_UNKNOWN) {
		uint32_t gap = expr_test(plan, feature_gap(plan, NULL, TEXT(""), NOWHERE), false);

		cut = dd_or(dds, cut, decision_dd(decision, expr_and(plan, decision->unsettled, gap)));
	}
	return cut;
}

/*
 * A balanced tree of joins: small diagrams meet small ones. Where there is a part for each rule (`all`) and the
 * diagram grows too large, the last rule of those that were joined is named.
 */
static dd join_all(struct decision *decision, dd *parts, uint32_t count, bool all)
{
	for (uint32_t width = 2; count > 1; width *= 2) {
		uint32_t half = 0;

		for (uint32_t i = 0; i < count; i += 2) {
			uint32_t past = (i / 2 + 1) * width;

			parts[half++] = i + 1 < count
						? dd_apply(&decision->dds, decision->ops.outcomes, parts[i],
							   parts[i + 1], true,
							   dd_terminal(ranked(OUT_NOTHING, 0)), join_outcomes, NULL)
						: parts[i];
			if (past > decision->nrules)
				past = decision->nrules;
			if (decision_full(decision, all ? decision->rules[past - 1].rule : NULL))
				return DD_FALSE;
		}
		count = half;
	}
	return count ? parts[0] : dd_terminal(ranked(OUT_NOTHING, 0));
}

/* What one rule says of the outcome, given the ladder of its tree. */
static dd outcome_of(struct decision *decision, const struct built_rule *built, dd ladder, uint32_t without)
{
	struct dds *dds = &decision->dds;
	const struct rule *rule = built->rule;
	dd nothing = dd_terminal(ranked(OUT_NOTHING, 0)), part = nothing;

	if (rule->item == ITEM_RULE || rule->cut)
		part = dd_map(dds, decision->ops.turn, ladder, outcome_of_ladder, NULL);
	else if (rule->item == ITEM_SILENT)
		part = dd_if(dds, built->on_dd, dd_terminal(ranked(OUT_SILENT, rule->rank)), nothing);
	if (rule->item == ITEM_RULE)	/* the grant is withheld; a prohibition under the rule stands */
		part = dd_if(dds, dd_and(dds, cut_of(decision, rule, without),
					 decision_outcome_is(decision, part, OUT_GRANTED)),
			     nothing, part);
	return part;
}

dd decision_part(struct decision *decision, const struct built_rule *built)
{
	return outcome_of(decision, built, built->ladder, 0);
}

void build_outcome(struct decision *decision)
{
	dd *parts = ARENA_ARRAY(decision->arena, decision->nrules + 1, dd);

	for (uint32_t i = 0; i < decision->nrules; i++) {
		struct built_rule *built = &decision->rules[i];

		built->on_dd = built->root_on = decision_dd(decision, built->on);
		built->open_dd = decision_dd(decision, built->open);
		for (uint32_t j = 0; j < built->nconjuncts; j++)
			built->conjuncts[j].holds = decision_dd(decision, built->conjuncts[j].expr);
		for (uint32_t j = 0; j < built->nnotes; j++)
			built->notes[j].here = decision_dd(decision, built->notes[j].expr);
		if (decision_full(decision, built->rule))
			return;
	}
	decision->widened = ARENA_ARRAY(decision->arena, decision->question->nwidenings + 1, dd);
	for (uint32_t i = 0; i < decision->nrules; i++) {
		struct built_rule *built = &decision->rules[i];

		if (built->rule->item == ITEM_RULE)
			built->root_on = widened_on(decision, built->rule, 0);
		if (built->rule->item == ITEM_RULE || built->rule->cut)
			built->ladder = decision_ladder(decision, built->rule, built->root_on);
		if (decision_full(decision, built->rule))
			return;
	}
	for (uint32_t i = 0; i < decision->nrules; i++) {
		parts[i] = outcome_of(decision, &decision->rules[i], decision->rules[i].ladder, 0);
		if (decision_full(decision, decision->rules[i].rule))
			return;
	}
	decision->outcome = join_all(decision, parts, decision->nrules, true);
	decision_full(decision, NULL);
}

dd decision_without(struct decision *decision, uint32_t layer)
{
	dd *parts = ARENA_ARRAY(decision->arena, decision->nrules + 1, dd);
	uint32_t count = 0;

	for (uint32_t i = 0; i < decision->nrules; i++) {
		const struct built_rule *built = &decision->rules[i];
		dd ladder = built->ladder;

		if (built->rule->layer == layer)
			continue;
		if (built->rule->item == ITEM_RULE && built->rule->ndelegated)
			ladder = decision_ladder(decision, built->rule,
						 widened_on(decision, built->rule, layer));
		parts[count++] = outcome_of(decision, built, ladder, layer);
	}
	return join_all(decision, parts, count, false);
}

dd decision_chain(struct decision *decision, const struct rule *rule)
{
	dd chain = DD_FALSE;

	if (rule->item != ITEM_EXCEPTION || rule->cut)
		return DD_TRUE;
	for (uint32_t i = 0; i < rule->nparents; i++)
		chain = dd_or(&decision->dds, chain,
			      dd_and(&decision->dds, decision_rule(decision, rule->parents[i])->root_on,
				     decision_chain(decision, rule->parents[i])));
	return chain;
}
