/* SPDX-License-Identifier: EUPL-1.2 */
#include "dsl/diagram/treewalk.h"

#include "engine/base/arena.h"

/* The forest -------------------------------------------------------------------------------------- */

static void take_delegation(struct forest *forest, const struct rule *rule)
{
	struct plan *plan = &forest->decision->plan;
	struct delegation *delegation = &forest->delegations[rule->rank];

	delegation->count = rule->ndelegated;
	if (!rule->ndelegated)
		return;
	delegation->where = lower_cond(plan, rule->delegated_where, NOWHERE);
	delegation->features = ARENA_ARRAY(forest->decision->arena, rule->ndelegated, uint32_t);
	for (uint32_t i = 0; i < rule->ndelegated; i++)
		delegation->features[i] = feature_code(plan, plan_place(plan, &rule->delegated[i]));
}

static void take_cases(struct forest *forest, uint32_t number)
{
	struct decision *decision = forest->decision;
	struct plan *plan = &decision->plan;
	const struct define *define = decision->answers[number].define;
	struct arena *arena = decision->arena;
	struct case_exprs *cases = ARENA_ARRAY(arena, define->ncases + 1, struct case_exprs);

	for (uint32_t i = 0; i < define->ncases; i++) {
		const struct define_case *item = &define->cases[i];

		cases[i].when = lower_case(plan, define, i);
		cases[i].except = ARENA_ARRAY(arena, item->nexcept + 1, uint32_t);
		plan->tight++;
		for (uint32_t j = 0; j < item->nexcept; j++)
			cases[i].except[j] = lower_cond(plan, item->except[j].when, NOWHERE);
		plan->tight--;
		cases[i].unless = expr_or_list(plan, cases[i].except, item->nexcept);
		cases[i].unless = expr_not(plan, cases[i].unless);
	}
	forest->cases[number] = cases;
}

void forest_init(struct forest *forest, struct decision *decision)
{
	const struct question *question = decision->question;
	struct plan *plan = &decision->plan;

	*forest = (struct forest){ .decision = decision, .gap = NOWHERE };
	forest->action = feature_action(plan);
	if (decision->unsettled != FALSE_EXPR)
		forest->gap = feature_gap(plan, NULL, TEXT(""), NOWHERE);
	forest->delegations = ARENA_ARRAY(decision->arena, decision->nrules + 1, struct delegation);
	for (uint32_t i = 0; i < decision->nrules; i++)
		take_delegation(forest, decision->rules[i].rule);
	forest->widenings = ARENA_ARRAY(decision->arena, question->nwidenings + 1, struct widened);
	for (uint32_t i = 0; i < question->nwidenings; i++) {
		const struct widening *widening = question->widenings[i];

		forest->widenings[i] = (struct widened){
			.when = lower_cond(plan, widening->when, NOWHERE),
			.scope = lower_scope(plan, widening->layer),
			.force = lower_force(plan, widening->force),
		};
	}
	forest->cases = ARENA_ARRAY(decision->arena, decision->nanswers + 1, struct case_exprs *);
	for (uint32_t i = 0; i < decision->nanswers; i++)
		take_cases(forest, i);
}

/* Conditions -------------------------------------------------------------------------------------- */

void treewalk_init(struct treewalk *walk, const struct forest *forest)
{
	struct decision *decision = forest->decision;

	*walk = (struct treewalk){ .forest = forest, .plan = &decision->plan };
	walk->answer = ARENA_ARRAY(decision->arena, decision->plan.nfeatures + 1, uint32_t);
	walk->ladders = ARENA_ARRAY(decision->arena, decision->nrules + 1, uint32_t);
}

bool treewalk_holds(const struct treewalk *walk, uint32_t number)
{
	const struct expr *expr;

	if (number <= TRUE_EXPR)
		return number == TRUE_EXPR;
	expr = &walk->plan->exprs[number];
	if (expr->kind == EXPR_ATOM)
		return expr->when[walk->answer[expr->feature]];
	for (uint32_t i = 0; i < expr->count; i++)
		if (treewalk_holds(walk, expr->list[i]) != (expr->kind == EXPR_AND))
			return expr->kind == EXPR_OR;
	return expr->kind == EXPR_AND;
}

static bool asks_for(const struct treewalk *walk, uint32_t actions)
{
	return actions >> walk->answer[walk->forest->action] & 1;
}

bool treewalk_on(const struct treewalk *walk, const struct rule *rule)
{
	const struct built_rule *built = &walk->forest->decision->rules[rule->rank];

	return asks_for(walk, rule->actions) && treewalk_holds(walk, built->force) &&
	       treewalk_holds(walk, built->self);
}

/* The rule's own condition holds for some value of what it delegates, from the `from`th on. */
static bool holds_otherwise(const struct treewalk *walk, const struct rule *rule, uint32_t from)
{
	const struct delegation *delegation = &walk->forest->delegations[rule->rank];
	const struct feature *feature;
	uint32_t *answer, old;
	bool found = false;

	if (from == delegation->count)
		return treewalk_on(walk, rule);
	feature = &walk->plan->features[delegation->features[from]];
	answer = &walk->answer[delegation->features[from]];
	old = *answer;
	for (uint32_t value = 0; value < feature->size - feature->none && !found; value++) {
		*answer = value;
		found = holds_otherwise(walk, rule, from + 1);
	}
	*answer = old;
	return found;
}

static bool unsettled(const struct treewalk *walk, uint32_t gap)
{
	return walk->forest->gap != NOWHERE && walk->answer[walk->forest->gap] == gap &&
	       treewalk_holds(walk, walk->forest->decision->unsettled);
}

/* Some overlay has words that hold here, or an overlay nobody knows could have them. */
static bool widened_here(const struct treewalk *walk, const struct rule *rule)
{
	const struct decision *decision = walk->forest->decision;
	const struct question *question = decision->question;

	for (uint32_t i = 0; i < question->nwidenings; i++) {
		const struct widened *words = &walk->forest->widenings[i];

		if (question->widenings[i]->rule == rule && asks_for(walk, rule->actions) &&
		    treewalk_holds(walk, decision->rules[rule->rank].force) &&
		    treewalk_holds(walk, words->force) && treewalk_holds(walk, words->scope) &&
		    treewalk_holds(walk, words->when))
			return true;
	}
	return unsettled(walk, YES);
}

bool treewalk_root_on(const struct treewalk *walk, const struct rule *rule)
{
	const struct delegation *delegation = &walk->forest->delegations[rule->rank];

	if (treewalk_on(walk, rule))
		return true;
	return delegation->count && widened_here(walk, rule) &&
	       treewalk_holds(walk, delegation->where) && holds_otherwise(walk, rule, 0);
}

/* Trees ------------------------------------------------------------------------------------------- */

static uint32_t own_result(const struct rule *rule)
{
	enum ladder_class class_ = LADDER_WITHHOLD;

	if (rule->verb == VERB_GRANT)
		class_ = LADDER_GRANT;
	else if (rule->verb == VERB_PROHIBIT)
		class_ = LADDER_PROHIBIT;
	return ranked(class_, rule->rank);
}

/* What the tree below a rule comes to, where the rule itself is on. */
static uint32_t value_of(const struct treewalk *walk, const struct rule *rule)
{
	uint32_t result = ranked(LADDER_SILENT, 0);
	bool conflict = false;

	for (uint32_t i = 0; i < rule->nchildren; i++) {
		uint32_t value;

		if (!treewalk_on(walk, rule->children[i]))
			continue;
		value = value_of(walk, rule->children[i]);
		if (rank_class(result) == LADDER_SILENT)
			result = value;
		else if (rank_class(result) != rank_class(value))
			conflict = true;
		else if (value < result)
			result = value;
	}
	if (conflict)
		return ranked(LADDER_CONFLICT, 0);
	return rank_class(result) == LADDER_SILENT ? own_result(rule) : result;
}

static uint32_t ladder_of(const struct treewalk *walk, const struct rule *rule)
{
	return treewalk_root_on(walk, rule) ? value_of(walk, rule) : ranked(LADDER_SILENT, 0);
}

/* An overlay withholds what the rule grants; where no overlay is in force yet, one might. */
static bool withheld(const struct treewalk *walk, const struct rule *rule)
{
	const struct decision *decision = walk->forest->decision;

	if (rule->layer || rule->verb != VERB_GRANT)
		return false;
	for (uint32_t i = 0; i < decision->nrules; i++) {
		const struct rule *cut = decision->rules[i].rule;

		if (!cut->cut || rank_class(walk->ladders[i]) != LADDER_WITHHOLD)
			continue;
		for (uint32_t j = 0; j < cut->nparents; j++)
			if (cut->parents[j] == rule)
				return true;
	}
	return unsettled(walk, NO);
}

/* The decision ------------------------------------------------------------------------------------ */

static uint32_t says_of_outcome(const struct treewalk *walk, const struct rule *rule)
{
	uint32_t ladder = walk->ladders[rule->rank];

	if (rule->item == ITEM_SILENT && treewalk_on(walk, rule))
		return ranked(OUT_SILENT, rule->rank);
	if (!is_root(rule))
		return ranked(OUT_NOTHING, 0);
	switch (rank_class(ladder)) {
	case LADDER_GRANT:
		if (!withheld(walk, rule))
			return ranked(OUT_GRANTED, ladder & RANK_MASK);
		break;
	case LADDER_PROHIBIT:
		return ranked(OUT_FORBIDDEN, ladder & RANK_MASK);
	case LADDER_CONFLICT:
		return ranked(OUT_INCONSISTENT, 0);
	default:
		break;
	}
	return ranked(OUT_NOTHING, 0);
}

bool treewalk_speaks(const struct treewalk *walk, const struct rule *rule)
{
	const struct decision *decision = walk->forest->decision;
	uint32_t wanted = ranked(rule->verb == VERB_GRANT ? OUT_GRANTED : OUT_FORBIDDEN, rule->rank);

	for (uint32_t i = 0; i < decision->nrules; i++)
		if (says_of_outcome(walk, decision->rules[i].rule) == wanted)
			return true;
	return false;
}

/* A prohibition stands before a grant, a grant before silence; of equals the least rank is named. */
static uint32_t outcome_of(const struct treewalk *walk)
{
	const struct decision *decision = walk->forest->decision;
	uint32_t outcome = ranked(OUT_NOTHING, 0);

	for (uint32_t i = 0; i < decision->nrules; i++) {
		uint32_t says = says_of_outcome(walk, decision->rules[i].rule);

		if (rank_class(says) > rank_class(outcome) ||
		    (rank_class(says) == rank_class(outcome) && says < outcome))
			outcome = says;
	}
	return outcome;
}

static bool triggered(const struct treewalk *walk, const struct trigger *trigger, uint32_t outcome)
{
	if (!asks_for(walk, trigger->action))
		return false;
	switch (trigger->kind) {
	case ON_ALWAYS:
		return true;
	case ON_GRANTED:
		return rank_class(outcome) == OUT_GRANTED;
	case ON_DENIED:
		return rank_class(outcome) != OUT_GRANTED;
	case ON_FORBIDDEN:
		if (rank_class(outcome) != OUT_FORBIDDEN)
			return false;
		return !trigger->by || walk->ladders[trigger->by->rank] ==
					       ranked(LADDER_PROHIBIT, trigger->by->rank);
	}
	return false;
}

static uint64_t duties_of(const struct treewalk *walk, uint32_t outcome)
{
	const struct decision *decision = walk->forest->decision;
	uint64_t bits = 0;

	for (uint32_t i = 0; i < decision->nduties; i++) {
		const struct rule *rule = decision->rules[decision->duties[i]].rule;
		bool due = false;

		for (uint32_t j = 0; j < rule->ntriggers && !due; j++)
			due = triggered(walk, &rule->triggers[j], outcome);
		if (due && treewalk_on(walk, rule))
			bits |= 1ull << i;
	}
	return bits;
}

struct walked treewalk_decide(struct treewalk *walk)
{
	const struct decision *decision = walk->forest->decision;
	struct walked walked;

	for (uint32_t i = 0; i < decision->nrules; i++)
		if (is_root(decision->rules[i].rule))
			walk->ladders[i] = ladder_of(walk, decision->rules[i].rule);
	walked.outcome = outcome_of(walk);
	walked.duties = duties_of(walk, walked.outcome);
	return walked;
}

/* Determinations ---------------------------------------------------------------------------------- */

/* Off the possible cells two cases can hold together: then the last code is taken. */
uint32_t treewalk_answer(const struct treewalk *walk, uint32_t number)
{
	const struct define *define = walk->forest->decision->answers[number].define;
	uint32_t last = 0;

	for (uint32_t i = 0; i < define->ncases; i++) {
		const struct define_case *item = &define->cases[i];
		const struct case_exprs *exprs = &walk->forest->cases[number][i];
		bool excepted = false;

		if (!treewalk_holds(walk, exprs->when))
			continue;
		for (uint32_t j = 0; j < item->nexcept; j++) {
			if (!treewalk_holds(walk, exprs->except[j]))
				continue;
			excepted = true;
			if (item->except[j].value + 1 > last)
				last = item->except[j].value + 1;
		}
		if (!excepted && item->value + 1 > last)
			last = item->value + 1;
	}
	return last;
}
