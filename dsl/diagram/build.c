/* SPDX-License-Identifier: EUPL-1.2 */
/* The order of building: lowered twice, ordered, then outcome, duties and answers become diagrams. */
#include "dsl/diagram/build.h"

#include "dsl/diagram/build_parts.h"
#include "engine/base/arena.h"
#include "engine/base/limits.h"

static void build_checks(struct decision *decision)
{
	for (uint32_t i = 0; i < decision->nchecks; i++)
		decision->checks[i].holds = decision_dd(decision, decision->checks[i].expr);
}

static void build_answers(struct decision *decision)
{
	struct question *question = decision->question;
	struct dds *dds = &decision->dds;

	decision->nanswers = question->nanswers;
	decision->answers = ARENA_ARRAY(decision->arena, question->nanswers + 1, struct built_define);
	for (uint32_t i = 0; i < question->nanswers; i++) {
		dd value = dd_terminal(0);

		for (uint32_t j = 0; j < question->answers[i]->codes->count; j++) {
			dd here = decision_dd(decision, lower_define(&decision->plan, question->answers[i], j));

			value = dd_if(dds, here, dd_terminal(j + 1), value);
		}
		decision->answers[i] = (struct built_define){ question->answers[i], value };
	}
	build_checks(decision);
	decision_full(decision, NULL);
}

static bool within_limits(struct decision *decision)
{
	const struct plan *plan = &decision->plan;
	struct span span = decision->question->span;

	if (plan->nfeatures > LIMIT_FEATURES) {
		diag_add(decision->diags, DIAG_LIMIT_FEATURES, span,
			 "%.*s asks %u different things of the facts; at most %d are allowed",
			 TEXT_ARG(decision->question->name), plan->nfeatures, LIMIT_FEATURES);
		return false;
	}
	if (plan->nslots > LIMIT_SLOTS) {
		diag_add(decision->diags, DIAG_LIMIT_FEATURES, span,
			 "%.*s reads %u different records; at most %d are allowed",
			 TEXT_ARG(decision->question->name), plan->nslots, LIMIT_SLOTS);
		return false;
	}
	if (plan->nscans > LIMIT_LISTS) {
		diag_add(decision->diags, DIAG_LIMIT_FEATURES, span,
			 "%.*s looks through %u different lists of rows; at most %d are allowed",
			 TEXT_ARG(decision->question->name), plan->nscans, LIMIT_LISTS);
		return false;
	}
	for (uint32_t i = 0; i < plan->nfeatures; i++) {
		if (plan->features[i].nclasses <= LIMIT_CLASSES)
			continue;
		diag_add(decision->diags, DIAG_LIMIT_FEATURES, span,
			 "the rules tell %u values of `%.*s` apart; at most %d are allowed",
			 plan->features[i].nclasses, TEXT_ARG(plan->features[i].name), LIMIT_CLASSES);
		return false;
	}
	if (decision->nduties > LIMIT_DUTIES || decision->nrules >= RANK_MASK) {
		bool duties = decision->nduties > LIMIT_DUTIES;

		diag_add(decision->diags, DIAG_LIMIT_FEATURES, span, "%.*s has %u %s; at most %d are allowed",
			 TEXT_ARG(decision->question->name), duties ? decision->nduties : decision->nrules,
			 duties ? "duties and redactions" : "rules", duties ? LIMIT_DUTIES : RANK_MASK - 1);
		return false;
	}
	return true;
}

static void start_dds(struct decision *decision)
{
	struct plan *plan = &decision->plan;
	uint32_t *arity = ARENA_ARRAY(decision->arena, plan->nfeatures + 1, uint32_t);

	for (uint32_t i = 0; i < plan->nfeatures; i++)
		arity[plan->features[i].level] = plan->features[i].nclasses;
	dd_init(&decision->dds, decision->arena, arity, plan->nfeatures, LIMIT_NODES);
	decision->ops.siblings = dd_new_op(&decision->dds);
	decision->ops.own = dd_new_op(&decision->dds);
	decision->ops.outcomes = dd_new_op(&decision->dds);
	decision->ops.turn = dd_new_op(&decision->dds);
	decision->ops.withholds = dd_new_op(&decision->dds);
	for (int i = 0; i <= OUT_INCONSISTENT; i++)
		decision->ops.is_class[i] = dd_new_op(&decision->dds);
}

struct decision *decision_build_record(struct model *model, const struct record *record)
{
	struct decision *decision = ARENA_NEW(model->arena, struct decision);
	struct plan *plan = &decision->plan;
	uint32_t self;

	decision->arena = model->arena;
	decision->diags = model->diags;
	decision->model = model;
	decision->checks = ARENA_ARRAY(model->arena, record->nmusts + 1, struct check);
	for (; decision->nchecks < record->nmusts; decision->nchecks++)
		decision->checks[decision->nchecks] =
			(struct check){ .cond = record->musts[decision->nchecks], .actions = UINT32_MAX,
					.span = record->must_spans[decision->nchecks] };
	plan_init(plan, model, NULL);
	plan->record = record;
	for (int round = 0; round < 2; round++) {	/* see plan_settle() */
		self = plan_slot_self(plan, record);
		for (uint32_t i = 0; i < decision->nchecks; i++)
			decision->checks[i].self = self;
		build_lower_checks(decision);
		if (round == 0)
			plan_settle(plan);
	}
	plan_order(plan);
	start_dds(decision);
	build_checks(decision);
	return decision;
}

struct decision *decision_build(struct model *model, struct question *question, const uint32_t *readings)
{
	struct decision *decision = ARENA_NEW(model->arena, struct decision);

	decision->arena = model->arena;
	decision->diags = model->diags;
	decision->model = model;
	decision->question = question;
	decision->nrules = question->nrules;
	decision->rules = ARENA_ARRAY(model->arena, question->nrules + 1, struct built_rule);
	decision->duties = ARENA_ARRAY(model->arena, question->nrules + 1, uint32_t);
	build_find_checks(decision);
	map_init(&decision->terminal_map, model->arena);
	map_init(&decision->duty_map, model->arena);
	for (uint32_t i = 0; i < question->nrules; i++) {
		decision->rules[i].rule = question->rules[i];
		if (question->rules[i]->item == ITEM_DUTY || question->rules[i]->item == ITEM_REDACT)
			decision->duties[decision->nduties++] = i;
	}
	plan_init(&decision->plan, model, question);
	decision->plan.readings = readings;
	build_lower(decision);
	plan_settle(&decision->plan);
	build_lower(decision);
	plan_order(&decision->plan);
	if (!within_limits(decision))
		return decision;

	start_dds(decision);
	build_outcome(decision);
	if (!decision->dds.full)
		build_duties(decision);
	if (!decision->dds.full)
		build_answers(decision);
	return decision;
}
