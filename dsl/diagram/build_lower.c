/* SPDX-License-Identifier: EUPL-1.2 */
/* All that a question may ask is lowered, in one order: rules, checks, laws, examples, determinations. */
#include "dsl/diagram/build_parts.h"

#include "engine/base/arena.h"

static bool is_list(const struct cond *cond)
{
	return cond->kind == COND_AND && !cond->negative;
}

static void add_conjunct(struct decision *decision, struct built_rule *built, const struct cond *cond, size_t *cap)
{
	built->conjuncts = arena_grow(decision->arena, built->conjuncts, built->nconjuncts, cap,
				      sizeof *built->conjuncts);
	built->conjuncts[built->nconjuncts++] =
		(struct conjunct){ .cond = cond, .expr = lower_cond(&decision->plan, cond, NOWHERE) };
}

/* The parts that an explanation lists: the members of a top-level `and`, and of one in a condition it names. */
static void lower_conjuncts(struct decision *decision, struct built_rule *built)
{
	const struct cond *when = built->rule->when;
	size_t cap = 0;

	built->ntop = built->nconjuncts = 0;
	built->conjuncts = NULL;
	if (!when)
		return;
	if (is_list(when))
		for (uint32_t i = 0; i < when->count; i++)
			add_conjunct(decision, built, when->list[i], &cap);
	else
		add_conjunct(decision, built, when, &cap);
	built->ntop = built->nconjuncts;
	for (uint32_t i = 0; i < built->ntop; i++) {
		const struct cond *cond = built->conjuncts[i].cond;
		const struct cond *inside = cond->kind == COND_NAMED && !cond->negative ? cond->named->cond : NULL;

		if (!inside || !is_list(inside))
			continue;
		built->conjuncts[i].parts = built->nconjuncts;
		built->conjuncts[i].nparts = inside->count;
		for (uint32_t j = 0; j < inside->count; j++)
			add_conjunct(decision, built, inside->list[j], &cap);
	}
}

static void lower_rule(struct decision *decision, struct built_rule *built)
{
	struct plan *plan = &decision->plan;
	const struct rule *rule = built->rule;
	bool root = rule->item != ITEM_EXCEPTION || rule->cut;
	uint32_t parts[3] = { TRUE_EXPR, TRUE_EXPR, TRUE_EXPR };

	if (rule->item == ITEM_LAW)
		return;
	parts[0] = lower_actions(plan, rule->actions);
	parts[1] = rule->when ? lower_cond(plan, rule->when, NOWHERE) : TRUE_EXPR;
	if (rule->layer && root)
		parts[2] = lower_scope(plan, &plan->model->layers[rule->layer]);
	built->self = expr_and_list(plan, parts, 3);
	built->force = lower_force(plan, rule->force);
	built->on = expr_and(plan, built->self, built->force);
	plan->open = true;
	parts[1] = rule->when ? lower_cond(plan, rule->when, NOWHERE) : TRUE_EXPR;
	plan->open = false;
	built->open = expr_and(plan, expr_and_list(plan, parts, 3), built->force);
	lower_conjuncts(decision, built);
	build_notes(decision, built);
	if (rule->due) {
		lower_due(plan, rule->due, &built->due);
		build_due_notes(decision, built);
	}
}

static void lower_given(struct decision *decision, const struct given_value *given, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (given[i].cond)
			lower_cond(&decision->plan, given[i].cond, NOWHERE);
}

static bool gives_record(const struct request_field *field)
{
	return field->given && field->type.kind == KIND_REF;
}

void build_find_checks(struct decision *decision)
{
	const struct question *question = decision->question;
	uint32_t most = question->nmusts, count = 0;

	for (uint32_t i = 0; i < question->nfields; i++)
		if (gives_record(&question->fields[i]))
			most += question->fields[i].type.record->nmusts;
	decision->checks = ARENA_ARRAY(decision->arena, most + 1, struct check);
	for (uint32_t i = 0; i < question->nmusts; i++)
		decision->checks[count++] = (struct check){ .cond = question->musts[i], .self = NOWHERE,
							    .actions = question->must_actions[i],
							    .span = question->must_spans[i] };
	for (uint32_t i = 0; i < question->nfields; i++) {
		const struct request_field *field = &question->fields[i];

		for (uint32_t j = 0; gives_record(field) && j < field->type.record->nmusts; j++)
			decision->checks[count++] = (struct check){ .cond = field->type.record->musts[j],
								    .given = field, .actions = field->given,
								    .span = field->type.record->must_spans[j] };
	}
	decision->nchecks = count;
}

void build_lower_checks(struct decision *decision)
{
	struct plan *plan = &decision->plan;

	for (uint32_t i = 0; i < decision->nchecks; i++) {
		struct check *check = &decision->checks[i];

		if (check->given)
			check->self = plan_slot_request(plan, (uint32_t)(check->given - decision->question->fields));
		check->expr = lower_cond(plan, check->cond, check->self);
	}
}

/* Laws and examples speak of facts that no rule may ask about: they need features of their own. */
static void lower_others(struct decision *decision)
{
	struct question *question = decision->question;
	struct plan *plan = &decision->plan;

	build_lower_checks(decision);
	for (uint32_t i = 0; i < question->nlaws; i++) {
		if (question->laws[i]->when)
			lower_cond(plan, question->laws[i]->when, NOWHERE);
		lower_given(decision, question->laws[i]->if_given, question->laws[i]->nif);
		lower_given(decision, question->laws[i]->then_given, question->laws[i]->nthen);
	}
	for (uint32_t i = 0; i < question->nexamples; i++)
		for (uint32_t j = 0; j < question->examples[i]->nsteps; j++) {
			const struct example_step *step = &question->examples[i]->steps[j];

			lower_given(decision, step->given, step->ngiven);
			if (step->has_day)
				lower_force(plan, (struct force){ .from = step->day, .to = step->day });
		}
	for (uint32_t i = 0; i < question->nwidenings; i++) {
		lower_cond(plan, question->widenings[i]->when, NOWHERE);
		lower_scope(plan, question->widenings[i]->layer);
		lower_force(plan, question->widenings[i]->force);
	}
	for (uint32_t i = 0; i < question->nrules; i++) {
		const struct rule *rule = question->rules[i];

		if (rule->delegated_where)
			lower_cond(plan, rule->delegated_where, NOWHERE);
		for (uint32_t j = 0; j < rule->ndelegated; j++)
			feature_code(plan, plan_place(plan, &rule->delegated[j]));
	}
	for (uint32_t i = 0; i < question->ndefines; i++)
		for (uint32_t j = 0; j < question->defines[i]->ncases; j++)
			lower_case(plan, question->defines[i], j);
	for (uint32_t i = 0; i < question->nanswers; i++)
		for (uint32_t j = 0; j < question->answers[i]->codes->count; j++)
			lower_define(plan, question->answers[i], j);
	if (question->layer_by) {
		decision->unsettled = lower_unsettled(plan);
		if (decision->unsettled != FALSE_EXPR)
			feature_gap(plan, NULL, TEXT(""), NOWHERE);
	}
	if (question->pivot) {	/* whether there is a candidate is asked even if no rule does */
		uint32_t scan = plan_scan(plan, question->pivot);

		feature_present_slot(plan, plan->scans[scan].row);
	}
}

void build_lower(struct decision *decision)
{
	/* Each by itself: triggers, request fields and laws name actions that no rule may tell apart. */
	for (uint32_t i = 0; i < decision->question->nactions; i++)
		lower_actions(&decision->plan, 1u << i);
	/* What the request names is looked up, whether a rule asks about it or not. */
	for (uint32_t i = 0; i < decision->question->nfields; i++)
		if (decision->question->fields[i].type.kind == KIND_REF && !decision->question->fields[i].type.set)
			plan_slot_request(&decision->plan, i);
	for (uint32_t i = 0; i < decision->nrules; i++)
		lower_rule(decision, &decision->rules[i]);
	lower_others(decision);
}
