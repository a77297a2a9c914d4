/* SPDX-License-Identifier: EUPL-1.2 */
#include "dsl/diagram/topdown.h"

#include "engine/base/arena.h"
#include "engine/base/limits.h"

enum { PAIRS_MIN = 1 << 10 };

static void fill_nowhere(uint32_t *list, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		list[i] = NOWHERE;
}

void topdown_init(struct topdown *top, const struct forest *forest, struct arena *arena,
		  uint32_t limit)
{
	struct decision *decision = forest->decision;
	const struct plan *plan = &decision->plan;

	*top = (struct topdown){ .forest = forest, .decision = decision, .plan = plan,
				 .arena = arena, .limit = limit, .blurred = NOWHERE };
	terms_init(&top->terms, arena, decision->dds.arity);
	top->of_expr = ARENA_ARRAY(arena, plan->nexprs, uint32_t);
	fill_nowhere(top->of_expr, plan->nexprs);
	top->ladders = ARENA_ARRAY(arena, decision->nrules + 1, uint32_t);
	fill_nowhere(top->ladders, decision->nrules);
	top->path = ARENA_ARRAY(arena, plan->nfeatures + 1, uint32_t);
	fill_nowhere(top->path, plan->nfeatures);
	top->sliced = ARENA_ARRAY(arena, plan->nfeatures + 1, bool);
	top->decided = ARENA_ARRAY(arena, decision->nterminals + 1, uint32_t);
	for (uint32_t i = 0; i < decision->nterminals; i++) {
		const struct terminal *terminal = &decision->terminals[i];

		top->decided[i] = term_decided(&top->terms, terminal->outcome,
					       decision->duty_sets[terminal->duties].bits);
	}
}

/* Conditions -------------------------------------------------------------------------------------- */

/* From answers to classes. What holds of one answer must hold of its whole class. */
static uint32_t atom_of(struct topdown *top, uint32_t number, const bool *when)
{
	const struct feature *feature = &top->plan->features[number];
	uint32_t bits[ATOM_WORDS] = { 0 };

	for (uint32_t i = 0; i < feature->size; i++)
		if (when[i])
			bits[feature->class_of[i] / 32] |= 1u << feature->class_of[i] % 32;
	for (uint32_t i = 0; i < feature->size; i++)
		if (!when[i] && bits[feature->class_of[i] / 32] >> feature->class_of[i] % 32 & 1)
			top->blurred = number;
	return term_atom(&top->terms, feature->level, bits);
}

static uint32_t actions_of(struct topdown *top, uint32_t actions)
{
	bool when[LIMIT_ACTIONS];

	for (uint32_t i = 0; i < LIMIT_ACTIONS; i++)
		when[i] = actions >> i & 1;
	return atom_of(top, top->forest->action, when);
}

uint32_t topdown_condition(struct topdown *top, uint32_t number)
{
	const struct expr *expr = &top->plan->exprs[number];
	enum term_kind kind = expr->kind == EXPR_AND ? TERM_AND : TERM_OR;
	uint32_t start = top->terms.nwork;

	if (number <= TRUE_EXPR)
		return number == TRUE_EXPR ? TERM_TRUE : TERM_FALSE;
	if (top->of_expr[number] != NOWHERE)
		return top->of_expr[number];
	if (expr->kind == EXPR_ATOM)
		return top->of_expr[number] = atom_of(top, expr->feature, expr->when);
	for (uint32_t i = 0; i < expr->count; i++)
		term_push(&top->terms, topdown_condition(top, expr->list[i]));
	top->of_expr[number] = term_make(&top->terms, kind, 0, start);
	return top->of_expr[number];
}

static uint32_t both(struct topdown *top, uint32_t a, uint32_t b)
{
	return term_join(&top->terms, TERM_AND, a, b);
}

static uint32_t either(struct topdown *top, uint32_t a, uint32_t b)
{
	return term_join(&top->terms, TERM_OR, a, b);
}

static uint32_t condition_of(struct topdown *top, const struct rule *rule)
{
	const struct built_rule *built = &top->decision->rules[rule->rank];

	return both(top, topdown_condition(top, built->self), topdown_condition(top, built->force));
}

/* Some value of what the rule delegates makes its own condition true. */
static uint32_t region_of(struct topdown *top, const struct rule *rule)
{
	const struct delegation *delegation = &top->forest->delegations[rule->rank];
	uint32_t there = condition_of(top, rule);

	for (uint32_t i = 0; i < delegation->count; i++) {
		const struct feature *feature = &top->plan->features[delegation->features[i]];
		uint32_t any = TERM_FALSE;

		for (uint32_t j = 0; j < feature->size - feature->none; j++)
			any = either(top, any, term_fix(&top->terms, there, feature->level,
							feature->class_of[j]));
		there = any;
	}
	return both(top, there, topdown_condition(top, delegation->where));
}

/* The area is known and its overlay is not: the gap is one answer to what it may say. */
static uint32_t unsettled(struct topdown *top, uint32_t gap)
{
	bool when[2] = { gap == NO, gap == YES };

	if (top->forest->gap == NOWHERE)
		return TERM_FALSE;
	return both(top, topdown_condition(top, top->decision->unsettled),
		    atom_of(top, top->forest->gap, when));
}

static uint32_t words_of(struct topdown *top, const struct rule *rule, const struct widened *words)
{
	uint32_t start = top->terms.nwork;

	term_push(&top->terms, actions_of(top, rule->actions));
	term_push(&top->terms, topdown_condition(top, top->decision->rules[rule->rank].force));
	term_push(&top->terms, topdown_condition(top, words->when));
	term_push(&top->terms, topdown_condition(top, words->scope));
	term_push(&top->terms, topdown_condition(top, words->force));
	return term_make(&top->terms, TERM_AND, 0, start);
}

uint32_t topdown_root_on(struct topdown *top, const struct rule *rule)
{
	const struct question *question = top->decision->question;
	uint32_t on = condition_of(top, rule), any;

	if (rule->item != ITEM_RULE || !rule->ndelegated)
		return on;
	any = unsettled(top, YES);
	for (uint32_t i = 0; i < question->nwidenings; i++)
		if (question->widenings[i]->rule == rule)
			any = either(top, any, words_of(top, rule, &top->forest->widenings[i]));
	any = both(top, any, region_of(top, rule));
	return either(top, on, any);
}

/* Trees ------------------------------------------------------------------------------------------- */

static uint32_t tree_of(struct topdown *top, const struct rule *rule, uint32_t on)
{
	uint32_t start = top->terms.nwork;
	enum ladder_class class_ = LADDER_WITHHOLD;

	if (rule->verb == VERB_GRANT)
		class_ = LADDER_GRANT;
	else if (rule->verb == VERB_PROHIBIT)
		class_ = LADDER_PROHIBIT;
	term_push(&top->terms, on);
	for (uint32_t i = 0; i < rule->nchildren; i++) {
		const struct rule *child = rule->children[i];

		term_push(&top->terms, tree_of(top, child, condition_of(top, child)));
	}
	return term_make(&top->terms, TERM_TREE, ranked(class_, rule->rank), start);
}

uint32_t topdown_ladder(struct topdown *top, const struct rule *root)
{
	if (top->ladders[root->rank] == NOWHERE)
		top->ladders[root->rank] = tree_of(top, root, topdown_root_on(top, root));
	return top->ladders[root->rank];
}

/* A term of one ladder. */
static uint32_t of_ladder(struct topdown *top, enum term_kind kind, uint32_t result,
			  const struct rule *root)
{
	uint32_t start = top->terms.nwork;

	term_push(&top->terms, topdown_ladder(top, root));
	return term_make(&top->terms, kind, result, start);
}

static uint32_t withheld_from(struct topdown *top, const struct rule *rule)
{
	const struct decision *decision = top->decision;
	uint32_t any;

	if (rule->layer || rule->verb != VERB_GRANT)
		return TERM_FALSE;
	any = unsettled(top, NO);
	for (uint32_t i = 0; i < decision->nrules; i++) {
		const struct rule *cut = decision->rules[i].rule;

		for (uint32_t j = 0; j < cut->nparents && cut->cut; j++)
			if (cut->parents[j] == rule)
				any = either(top, any, of_ladder(top, TERM_WITHHOLDS, 0, cut));
	}
	return any;
}

/* The decision ------------------------------------------------------------------------------------ */

static uint32_t says_of(struct topdown *top, const struct rule *rule)
{
	uint32_t start = top->terms.nwork;

	if (rule->item == ITEM_SILENT) {
		term_push(&top->terms, condition_of(top, rule));
		return term_make(&top->terms, TERM_SILENCE, ranked(OUT_SILENT, rule->rank), start);
	}
	if (!is_root(rule))
		return TERM_CONST | ranked(OUT_NOTHING, 0);
	term_push(&top->terms, topdown_ladder(top, rule));
	term_push(&top->terms, withheld_from(top, rule));
	return term_make(&top->terms, TERM_SAYS, 0, start);
}

static uint32_t outcome_of(struct topdown *top)
{
	uint32_t start = top->terms.nwork;

	for (uint32_t i = 0; i < top->decision->nrules; i++)
		term_push(&top->terms, says_of(top, top->decision->rules[i].rule));
	return term_make(&top->terms, TERM_OUTCOME, ranked(OUT_NOTHING, 0), start);
}

/* Where the duty is due, if the outcome is one that this kind of trigger waits for. */
static uint32_t due_when(struct topdown *top, const struct rule *rule, enum due due)
{
	static const enum due dues[] = {
		[ON_ALWAYS] = DUE_ALWAYS, [ON_GRANTED] = DUE_GRANTED, [ON_DENIED] = DUE_DENIED,
		[ON_FORBIDDEN] = DUE_FORBIDDEN,
	};
	uint32_t any = TERM_FALSE;

	for (uint32_t i = 0; i < rule->ntriggers; i++) {
		const struct trigger *trigger = &rule->triggers[i];
		uint32_t when = actions_of(top, trigger->action), own = TERM_TRUE;

		if (dues[trigger->kind] != due)
			continue;
		if (trigger->kind == ON_FORBIDDEN && trigger->by)
			own = of_ladder(top, TERM_IS, ranked(LADDER_PROHIBIT, trigger->by->rank),
					trigger->by);
		any = either(top, any, both(top, when, own));
	}
	return both(top, any, condition_of(top, rule));
}

uint32_t topdown_decision(struct topdown *top)
{
	const struct decision *decision = top->decision;
	uint32_t start = top->terms.nwork;

	term_push(&top->terms, outcome_of(top));
	for (uint32_t i = 0; i < DUTY_WORDS; i++)
		term_push(&top->terms, TERM_CONST);
	for (uint32_t i = 0; i < decision->nduties; i++) {
		const struct rule *duty = decision->rules[decision->duties[i]].rule;

		for (uint32_t due = DUE_ALWAYS; due < DUES; due++) {
			term_push(&top->terms, due_key(i, (enum due)due));
			term_push(&top->terms, due_when(top, duty, (enum due)due));
		}
	}
	return term_make(&top->terms, TERM_DECISION, 0, start);
}

/* Where a case gives the code and no exception to it holds, or an exception to a case gives it. */
static uint32_t code_when(struct topdown *top, const struct define *define,
			  const struct case_exprs *cases, uint32_t code)
{
	uint32_t any = TERM_FALSE;

	for (uint32_t i = 0; i < define->ncases; i++) {
		const struct define_case *item = &define->cases[i];
		uint32_t here = topdown_condition(top, cases[i].when), there = TERM_FALSE;

		if (item->value == code)
			there = topdown_condition(top, cases[i].unless);
		for (uint32_t j = 0; j < item->nexcept; j++)
			if (item->except[j].value == code)
				there = either(top, there, topdown_condition(top, cases[i].except[j]));
		any = either(top, any, both(top, here, there));
	}
	return any;
}

uint32_t topdown_answer(struct topdown *top, uint32_t number)
{
	const struct define *define = top->decision->answers[number].define;
	uint32_t start = top->terms.nwork;

	for (uint32_t code = define->codes->count; code-- > 0;) {
		term_push(&top->terms, TERM_CONST | (code + 1));
		term_push(&top->terms, code_when(top, define, top->forest->cases[number], code));
	}
	return term_make(&top->terms, TERM_LAST, 0, start);
}

/* Comparing --------------------------------------------------------------------------------------- */

void topdown_slice(struct topdown *top, uint32_t level, uint32_t class_)
{
	top->path[level] = class_;
	top->sliced[level] = true;
	top->fresh = true;
}

static uint32_t place_of_pair(const uint64_t *table, uint32_t size, uint64_t pair)
{
	uint64_t hash = pair * 0x9e3779b97f4a7c15ull;
	uint32_t at = (uint32_t)(hash >> 32) & (size - 1);

	while (table[at] && table[at] != pair)
		at = (at + 1) & (size - 1);
	return at;
}

static void grow_pairs(struct topdown *top)
{
	uint32_t size = top->pairs_size ? top->pairs_size * 2 : PAIRS_MIN;
	uint64_t *table = ARENA_ARRAY(top->arena, size, uint64_t);

	for (uint32_t i = 0; i < top->pairs_size; i++)
		if (top->pairs[i])
			table[place_of_pair(table, size, top->pairs[i])] = top->pairs[i];
	top->pairs = table;
	top->pairs_size = size;
}

/* Whether the pair is new. */
static bool note_pair(struct topdown *top, uint32_t term, dd node)
{
	uint64_t pair = ((uint64_t)term << 32 | node) + 1;
	uint32_t at;

	if (top->npairs * 2 >= top->pairs_size)
		grow_pairs(top);
	at = place_of_pair(top->pairs, top->pairs_size, pair);
	if (top->pairs[at])
		return false;
	top->pairs[at] = pair;
	top->npairs++;
	return true;
}

/* `decided` says what the diagram's terminals mean; NULL: themselves. */
static enum topdown_result compare(struct topdown *top, uint32_t term, dd node,
				   const uint32_t *decided)
{
	const struct dds *dds = &top->decision->dds;
	enum topdown_result result = TOPDOWN_EQUAL;
	uint32_t level, value;

	while (!dd_is_terminal(node) && top->sliced[dd_level(dds, node)])
		node = dd_children(dds, node)[top->path[dd_level(dds, node)]];
	if (term_is_const(term) && dd_is_terminal(node)) {
		value = decided ? decided[dd_value(node)] : dd_value(node);
		return term_value(term) == value ? TOPDOWN_EQUAL : TOPDOWN_DIFFERS;
	}
	if (!note_pair(top, term, node))
		return TOPDOWN_EQUAL;
	if (++top->states > top->limit)
		return TOPDOWN_STOPPED;
	level = dd_level(dds, node);
	if (!term_is_const(term) && top->terms.list[term].level < level)
		level = top->terms.list[term].level;
	for (uint32_t i = 0; i < dds->arity[level] && result == TOPDOWN_EQUAL; i++) {
		dd child = dd_level(dds, node) == level ? dd_children(dds, node)[i] : node;

		top->path[level] = i;
		result = compare(top, term_fix(&top->terms, term, level, i), child, decided);
	}
	if (result == TOPDOWN_EQUAL)
		top->path[level] = NOWHERE;
	return result;
}

static enum topdown_result start(struct topdown *top, uint32_t term, dd diagram,
				 const uint32_t *decided)
{
	enum topdown_result result;

	for (uint32_t level = 0; level < top->plan->nfeatures; level++) {
		if (top->sliced[level])
			term = term_fix(&top->terms, term, level, top->path[level]);
		else
			top->path[level] = NOWHERE;
	}
	if (top->fresh && top->npairs) {
		memset(top->pairs, 0, top->pairs_size * sizeof *top->pairs);
		top->npairs = 0;
	}
	result = compare(top, term, diagram, decided);
	top->fresh = result != TOPDOWN_EQUAL;	/* what was left undone is not equal yet */
	return result;
}

enum topdown_result topdown_compare(struct topdown *top, uint32_t term, dd diagram)
{
	return start(top, term, diagram, NULL);
}

enum topdown_result topdown_compare_decision(struct topdown *top, uint32_t term, dd diagram)
{
	enum topdown_result result;

	top->fresh = true;	/* terminals mean something else now, and afterwards */
	result = start(top, term, diagram, top->decided);
	top->fresh = true;
	return result;
}
