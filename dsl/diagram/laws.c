/* SPDX-License-Identifier: EUPL-1.2 */
/* Laws and examples: what must hold over every possible situation, and in some of them. */
#include "dsl/diagram/passes.h"

#include "engine/base/arena.h"
#include "engine/base/buf.h"

/* A law of an overlay speaks of its area and time. */
static dd scope_of(struct decision *decision, uint32_t layer)
{
	if (!layer)
		return DD_TRUE;
	return decision_dd(decision, lower_scope(&decision->plan, &decision->model->layers[layer]));
}

static void fails(struct decision *decision, const struct law *law, dd bad, const char *what)
{
	diag_add(decision->diags, DIAG_LAW_FAILS, law->span, "the law `%.*s` fails: %s when%.*s",
		 TEXT_ARG(law->name), what, TEXT_ARG(decision_cell(decision, bad, 2)));
}

static void check_never(struct decision *decision, const struct law *law)
{
	struct dds *dds = &decision->dds;
	dd where = decision_dd(decision, lower_cond(&decision->plan, law->when, NOWHERE)), bad;

	where = dd_and(dds, dd_and(dds, decision->possible, where), scope_of(decision, law->layer));
	if (!law->actions) {
		if (where != DD_FALSE)
			fails(decision, law, where, "it is possible");
		return;
	}
	where = dd_and(dds, where, decision_dd(decision, lower_actions(&decision->plan, law->actions)));
	if (where == DD_FALSE)
		diag_add(decision->diags, DIAG_LAW_VACUOUS, law->span,
			 "the law `%.*s` says nothing: its condition is never fulfilled", TEXT_ARG(law->name));
	bad = dd_and(dds, where, decision_outcome_is(decision, decision->outcome, OUT_GRANTED));
	if (bad != DD_FALSE)
		fails(decision, law, bad, "a rule grants");
}

/* The levels that the givens fix are fixed; what is granted before must be granted after. */
static void check_implies(struct decision *decision, const struct law *law)
{
	struct dds *dds = &decision->dds;
	dd actions = decision_dd(decision, lower_actions(&decision->plan, law->actions));
	dd granted = dd_and(dds, actions, decision_outcome_is(decision, decision->outcome, OUT_GRANTED));
	dd sides[2] = { DD_TRUE, DD_TRUE }, where[2], bad;
	bool *among = NULL;

	for (int side = 0; side < 2; side++) {
		const struct given_value *given = side ? law->then_given : law->if_given;
		uint32_t count = side ? law->nthen : law->nif;

		for (uint32_t i = 0; i < count; i++)
			if (given[i].cond)
				sides[side] = dd_and(dds, sides[side],
						     decision_dd(decision, lower_cond(&decision->plan,
										      given[i].cond, NOWHERE)));
	}
	for (int side = 0; side < 2; side++)
		where[side] = dd_and(dds, dd_and(dds, decision->possible, sides[side]), scope_of(decision, law->layer));
	where[0] = dd_and(dds, where[0], granted);
	where[1] = dd_and(dds, dd_and(dds, where[1], actions),
			  dd_not(dds, decision_outcome_is(decision, decision->outcome, OUT_GRANTED)));
	/* What the givens speak of is forgotten on both sides; the rest must be the same cell. */
	for (uint32_t level = 0; level < decision->plan.nfeatures; level++) {
		bool named = false;

		for (int side = 0; side < 2; side++)
			named |= dd_some(dds, sides[side], level, among) != sides[side];
		if (!named)
			continue;
		where[0] = dd_some(dds, where[0], level, NULL);
		where[1] = dd_some(dds, where[1], level, NULL);
	}
	bad = dd_and(dds, where[0], where[1]);
	if (bad != DD_FALSE)
		fails(decision, law, bad, "the first is granted and the second is not");
}

/* Records -------------------------------------------------------------------------------------------- */

static void mark_value(const struct plan *plan, uint32_t value, bool *slots, bool *scans);

static void mark_slot(const struct plan *plan, uint32_t number, bool *slots, bool *scans)
{
	const struct slot *slot = &plan->slots[number];

	if (slots[number])
		return;
	slots[number] = true;
	for (uint32_t i = 0; i < slot->nkeys; i++)
		mark_value(plan, slot->keys[i], slots, scans);
	if (slot->kind == SLOT_REF)
		mark_value(plan, slot->value, slots, scans);
	if (slot->kind == SLOT_ROW && slot->scan != NOWHERE)
		scans[slot->scan] = true;
}

static void mark_value(const struct plan *plan, uint32_t value, bool *slots, bool *scans)
{
	if (plan->values[value].kind == VALUE_FIELD)
		mark_slot(plan, plan->values[value].slot, slots, scans);
	if (plan->values[value].kind == VALUE_ROWS)
		scans[plan->values[value].scan] = true;
}

/* Which records a diagram can make the binder read. */
static void mark_reads(struct decision *decision, dd a, bool *seen, bool *slots, bool *scans)
{
	const struct plan *plan = &decision->plan;
	const struct feature *feature;

	if (dd_is_terminal(a) || seen[a])
		return;
	seen[a] = true;
	feature = &plan->features[plan->order[dd_level(&decision->dds, a)]];
	if (feature->kind == FEATURE_SOME) {
		scans[feature->scan] = true;
	} else if (feature->a == NOWHERE) {
		mark_slot(plan, feature->b, slots, scans);
	} else if (feature->kind != FEATURE_ACTION && feature->kind != FEATURE_GAP) {
		mark_value(plan, feature->a, slots, scans);
		if (feature->kind != FEATURE_CODE && feature->kind != FEATURE_HITS &&
		    feature->kind != FEATURE_PRESENT && feature->kind != FEATURE_OPEN &&
		    feature->kind != FEATURE_CALENDAR)
			mark_value(plan, feature->b, slots, scans);
	}
	for (uint32_t i = 0; i < decision->dds.arity[dd_level(&decision->dds, a)]; i++)
		mark_reads(decision, dd_children(&decision->dds, a)[i], seen, slots, scans);
}

static void check_asks(struct decision *decision, const struct law *law)
{
	const struct plan *plan = &decision->plan;
	bool *seen = ARENA_ARRAY(decision->arena, decision->dds.count + 1, bool);
	bool *slots = ARENA_ARRAY(decision->arena, plan->nslots + 1, bool);
	bool *scans = ARENA_ARRAY(decision->arena, plan->nscans + 1, bool);

	mark_reads(decision, decision->root, seen, slots, scans);
	for (uint32_t i = 0; i < decision->nanswers; i++)
		mark_reads(decision, decision->answers[i].value, seen, slots, scans);
	for (uint32_t i = 0; i < law->nasks; i++) {
		for (uint32_t j = 0; j < plan->nslots; j++)
			if (slots[j] && plan->slots[j].record == law->asks[i])
				diag_add(decision->diags, DIAG_LAW_FAILS, law->span,
					 "the law `%.*s` fails: a decision can read %.*s, as `%.*s`",
					 TEXT_ARG(law->name), TEXT_ARG(law->asks[i]->name),
					 TEXT_ARG(plan->slots[j].name));
		for (uint32_t j = 0; j < plan->nscans; j++)
			if (scans[j] && plan->scans[j].link->record == law->asks[i])
				diag_add(decision->diags, DIAG_LAW_FAILS, law->span,
					 "the law `%.*s` fails: a decision can read %.*s, by the link `%.*s`",
					 TEXT_ARG(law->name), TEXT_ARG(law->asks[i]->name),
					 TEXT_ARG(plan->scans[j].link->name));
	}
}

/* Examples ----------------------------------------------------------------------------------------- */

/* The one code a given names, where a set of codes was given too: whether it is in the set is then known. */
static dd member_known(struct decision *decision, const struct given_value *code, const struct given_value *set)
{
	struct plan *plan = &decision->plan;
	uint32_t feature, one;

	if (!code->place || !set->place || code->value.kind != CONST_CODE || set->value.kind != CONST_CODES ||
	    code->value.codes != set->value.codes)
		return DD_TRUE;
	plan->frozen = true;
	one = plan_place(plan, &code->place->place);
	feature = feature_pair(plan, FEATURE_MEMBER, one, plan_place(plan, &set->place->place));
	plan->frozen = false;
	if (feature == NOWHERE)
		return DD_TRUE;
	return decision_dd(decision, expr_test(plan, feature, set->value.has[code->value.code]));
}

static dd step_cells(struct decision *decision, const struct example *example,
		     const struct example_step *step)
{
	struct plan *plan = &decision->plan;
	struct dds *dds = &decision->dds;
	dd where = dd_and(dds, decision->possible, decision_dd(decision, lower_actions(plan, step->action)));

	where = dd_and(dds, where, scope_of(decision, example->layer));
	if (step->has_day)
		where = dd_and(dds, where,
			       decision_dd(decision, lower_force(plan, (struct force){ .from = step->day,
										       .to = step->day })));
	/* Without a day: one on which the rules it names are in force. */
	for (uint32_t i = 0; i < step->nby && !step->has_day; i++)
		where = dd_and(dds, where, decision_dd(decision, decision_rule(decision, step->by[i])->force));
	for (uint32_t i = 0; i < step->ngiven; i++) {
		if (step->given[i].cond)
			where = dd_and(dds, where,
				       decision_dd(decision, lower_cond(plan, step->given[i].cond, NOWHERE)));
		for (uint32_t j = 0; j < step->ngiven; j++)
			where = dd_and(dds, where, member_known(decision, &step->given[i], &step->given[j]));
	}
	return where;
}

static uint32_t decides(void *context, uint32_t result)
{
	const struct rule *rule = context;

	return (result & RANK_MASK) == rule->rank &&
	       (rank_class(result) == LADDER_GRANT || rank_class(result) == LADDER_PROHIBIT);
}

static const struct rule *root_of(const struct rule *rule)
{
	while (rule->item == ITEM_EXCEPTION && !rule->cut && rule->nparents)
		rule = rule->parents[0];
	return rule;
}

/* Where the rule is among the deciding ones. */
static dd decided_by(struct decision *decision, const struct rule *rule)
{
	const struct rule *root = root_of(rule);

	if (rule->item == ITEM_SILENT)
		return decision_rule(decision, rule)->on_dd;
	return dd_map(&decision->dds, dd_new_op(&decision->dds), decision_rule(decision, root)->ladder, decides,
		      (void *)(uintptr_t)rule);
}

/* Levels that hang on what the example calls unknown. */
static bool hangs_on(const struct plan *plan, uint32_t level, uint32_t value)
{
	const struct feature *feature = &plan->features[plan->order[level]];

	switch (feature->kind) {
	case FEATURE_ACTION:
	case FEATURE_SOME:
	case FEATURE_FINDING:
	case FEATURE_GAP:
	case FEATURE_READING:
		return false;
	case FEATURE_CODE:
	case FEATURE_PRESENT:
	case FEATURE_OPEN:
	case FEATURE_HITS:
	case FEATURE_CALENDAR:
		return feature->a == value;
	case FEATURE_EQUAL:
	case FEATURE_MEMBER:
	case FEATURE_OVERLAPS:
	case FEATURE_INSIDE:
	case FEATURE_POSITION:
		return feature->a == value || feature->b == value;
	}
	return false;
}

/* Some situation in which the facts called unknown could turn the answer to a grant and away from it. */
static bool can_be_undecided(struct decision *decision, const struct example_step *step, dd where)
{
	struct dds *dds = &decision->dds;
	struct plan *plan = &decision->plan;
	dd granted = decision_outcome_is(decision, decision->outcome, OUT_GRANTED);
	dd may = dd_and(dds, where, granted), may_not = dd_and(dds, where, dd_not(dds, granted));

	for (uint32_t i = 0; i < step->ngiven; i++) {
		uint32_t value;

		if (step->given[i].value.kind != CONST_UNKNOWN || !step->given[i].place)
			continue;
		value = plan_place(plan, &step->given[i].place->place);
		for (uint32_t level = 0; level < plan->nfeatures; level++) {
			if (!hangs_on(plan, level, value))
				continue;
			may = dd_some(dds, may, level, NULL);
			may_not = dd_some(dds, may_not, level, NULL);
		}
	}
	/* A judgement that was not made is unknown too. */
	for (uint32_t level = 0; level < plan->nfeatures; level++) {
		enum feature_kind kind = plan->features[plan->order[level]].kind;

		if (kind != FEATURE_FINDING && kind != FEATURE_GAP)
			continue;
		may = dd_some(dds, may, level, NULL);
		may_not = dd_some(dds, may_not, level, NULL);
	}
	return dd_and(dds, may, may_not) != DD_FALSE;
}

static void check_step(struct decision *decision, const struct example *example,
		       const struct example_step *step)
{
	struct dds *dds = &decision->dds;
	dd where = step_cells(decision, example, step), bad = DD_FALSE, good;
	dd granted = decision_outcome_is(decision, decision->outcome, OUT_GRANTED);
	dd forbidden = decision_outcome_is(decision, decision->outcome, OUT_FORBIDDEN);

	for (uint32_t i = 0; i < step->nby; i++)
		if (rule_waits(step->by[i]))	/* nothing can be said yet */
			return;
	if (where == DD_FALSE) {
		diag_add(decision->diags, DIAG_EXAMPLE_FAILS, step->span,
			 "no possible situation has these facts");
		return;
	}
	switch (step->outcome) {
	case WORD_GRANTED:
		good = dd_and(dds, where, granted);
		for (uint32_t i = 0; i < step->nby; i++)
			good = dd_and(dds, good, decided_by(decision, step->by[i]));
		if (good == DD_FALSE)
			diag_add(decision->diags, DIAG_EXAMPLE_FAILS, step->span,
				 dd_and(dds, where, granted) == DD_FALSE
					 ? "with these facts nothing is granted, whatever the rest"
					 : "with these facts the rules named never grant together");
		return;
	case WORD_FORBIDDEN:
		bad = dd_and(dds, where, dd_not(dds, forbidden));
		for (uint32_t i = 0; i < step->nby; i++)
			bad = dd_or(dds, bad,
				    dd_and(dds, where, dd_not(dds, decided_by(decision, step->by[i]))));
		break;
	case WORD_NOT_GRANTED:
		bad = dd_and(dds, where, granted);
		for (uint32_t i = 0; i < step->nby; i++)
			bad = dd_or(dds, bad,
				    dd_and(dds, where, dd_not(dds, decided_by(decision, step->by[i]))));
		break;
	case WORD_UNDECIDED:
		if (!can_be_undecided(decision, step, where))
			diag_add(decision->diags, DIAG_EXAMPLE_FAILS, step->span,
				 "with these facts the answer is never undecided");
		return;
	case WORD_REFUSED:	/* the checker has said that this is for a case */
		return;
	}
	if (bad != DD_FALSE)
		diag_add(decision->diags, DIAG_EXAMPLE_FAILS, step->span,
			 "not in every situation with these facts: otherwise when%.*s",
			 TEXT_ARG(decision_cell(decision, bad, 2)));
}

void decision_laws(struct decision *decision)
{
	const struct question *question = decision->question;

	for (uint32_t i = 0; i < question->nlaws; i++) {
		switch (question->laws[i]->kind) {
		case N_NEVER:
			check_never(decision, question->laws[i]);
			break;
		case N_NEVER_ASKS:
			check_asks(decision, question->laws[i]);
			break;
		default:
			check_implies(decision, question->laws[i]);
			break;
		}
	}
	for (uint32_t i = 0; i < question->nexamples; i++)
		for (uint32_t j = 0; j < question->examples[i]->nsteps; j++)
			check_step(decision, question->examples[i], &question->examples[i]->steps[j]);
	decision_full(decision, NULL);
}
