/* SPDX-License-Identifier: EUPL-1.2 */
/* I8. Claims, and the proof that the builder's diagrams keep them. */
#include "dsl/diagram/prove.h"

#include "dsl/diagram/passes.h"
#include "engine/base/limits.h"
#include "engine/image/image.h"

#define SCRATCH_BYTES (256ull << 20)

/* Claims ------------------------------------------------------------------------------------------ */

static void claim(struct prover *prover, struct claim claim)
{
	prover->claims = arena_grow(prover->decision->arena, prover->claims, prover->nclaims,
				    &prover->cap, sizeof *prover->claims);
	prover->claims[prover->nclaims++] = claim;
}

static void claim_condition(struct prover *prover, const struct rule *rule, uint32_t expr,
			    dd diagram, const uint32_t *ref)
{
	claim(prover, (struct claim){ .kind = CLAIM_CONDITION, .rule = rule, .expr = expr,
				      .diagram = diagram, .ref = ref ? *ref : 0 });
}

static void claim_dues(struct prover *prover, const struct built_rule *built)
{
	struct decision *decision = prover->decision;
	const struct image *image = prover->image;
	const struct image_duty *duty = NULL;

	for (uint32_t i = 0; i < decision->nduties && image; i++)
		if (decision->duties[i] == built->rule->rank)
			duty = &image->duties[prover->question->duties.first + i];
	for (uint32_t i = 0; i < built->due.count; i++) {
		uint32_t guard = built->due.dates[i].guard;

		claim_condition(prover, built->rule, guard, decision_dd(decision, guard),
				duty ? &image->dues[duty->dues.first + i].guard : NULL);
	}
}

static void claim_rule(struct prover *prover, const struct built_rule *built)
{
	const struct image *image = prover->image;
	const struct rule *rule = built->rule;
	const struct image_rule *about =
		image ? &image->rules[prover->question->rules.first + rule->rank] : NULL;

	claim_condition(prover, rule, built->on, built->on_dd, about ? &about->on : NULL);
	if (built->open != built->on)
		claim_condition(prover, rule, built->open, built->open_dd, about ? &about->open : NULL);
	claim(prover, (struct claim){ .kind = CLAIM_ROOT_ON, .rule = rule,
				      .diagram = built->root_on,
				      .ref = about ? about->root_on : 0 });
	if (is_root(rule))
		claim(prover, (struct claim){ .kind = CLAIM_LADDER, .rule = rule,
					      .diagram = built->ladder,
					      .ref = about ? about->ladder : 0 });
	for (uint32_t i = 0; i < built->nconjuncts; i++)
		claim_condition(prover, rule, built->conjuncts[i].expr, built->conjuncts[i].holds,
				about ? &image->conjuncts[about->conjuncts.first + i].root : NULL);
	for (uint32_t i = 0; i < built->nnotes; i++)
		claim_condition(prover, rule, built->notes[i].expr, built->notes[i].here,
				about ? &image->notes[about->notes.first + i].root : NULL);
	claim_dues(prover, built);
}

/* Conditions on the rows of a list: diagrams of their own, over features of the row. */
static void claim_rows(struct prover *prover)
{
	struct decision *decision = prover->decision;
	const struct plan *plan = &decision->plan;
	const struct image *image = prover->image;

	for (uint32_t i = 0; i < plan->nfeatures; i++) {
		const struct feature *feature = &plan->features[i];
		const struct image_feature *about = NULL;
		const uint32_t *where = NULL;
		uint32_t expr;

		if (feature->kind != FEATURE_SOME || (image && prover->number[i] == NOWHERE))
			continue;
		if (image) {
			about = &image->features[prover->plan->features.first + prover->number[i]];
			where = &image->scans[prover->plan->scans.first + about->scan].where;
		}
		claim_condition(prover, NULL, feature->expr, decision_dd(decision, feature->expr),
				about ? &about->root : NULL);
		expr = plan->scans[feature->scan].where;
		claim_condition(prover, NULL, expr, decision_dd(decision, expr), where);
	}
}

void prover_claim(struct prover *prover)
{
	const struct decision *decision = prover->decision;
	const struct image *image = prover->image;
	const struct image_question *about = prover->question;

	for (uint32_t i = 0; i < decision->nrules; i++)
		if (decision->rules[i].rule->item != ITEM_LAW)
			claim_rule(prover, &decision->rules[i]);
	for (uint32_t i = 0; i < decision->nchecks; i++)
		claim_condition(prover, NULL, decision->checks[i].expr, decision->checks[i].holds,
				image ? &image->musts[about->musts.first + i].root : NULL);
	claim_rows(prover);
	for (uint32_t i = 0; i < decision->nanswers; i++)
		claim(prover, (struct claim){
			.kind = CLAIM_ANSWER, .number = i, .diagram = decision->answers[i].value,
			.ref = image ? image->answers[about->answers.first + i].root : 0 });
	claim(prover, (struct claim){ .kind = CLAIM_DECISION, .diagram = decision->root,
				      .ref = image ? about->root : 0 });
	if (image)
		claim(prover, (struct claim){ .kind = CLAIM_ANALYSIS, .diagram = decision->analysis,
					      .ref = about->analysis });
	for (uint32_t i = 0; i < decision->ntold && image; i++)
		claim(prover, (struct claim){ .kind = CLAIM_TOLD, .number = i, .diagram = decision->told[i].root,
					      .ref = image->told[about->told.first + i].root });
}

void prover_init(struct prover *prover, struct decision *decision)
{
	*prover = (struct prover){ .decision = decision, .blurred = NOWHERE };
	forest_init(&prover->forest, decision);
	treewalk_init(&prover->walk, &prover->forest);
	prover->path = ARENA_ARRAY(decision->arena, decision->plan.nfeatures + 1, uint32_t);
}

/* What is said of a cell -------------------------------------------------------------------------- */

struct walked prover_rules_say(const struct prover *prover, const struct claim *claim,
			       struct walked decided)
{
	const struct treewalk *walk = &prover->walk;

	switch (claim->kind) {
	case CLAIM_CONDITION:
		return (struct walked){ treewalk_holds(walk, claim->expr), 0 };
	case CLAIM_ROOT_ON:
		return (struct walked){ treewalk_root_on(walk, claim->rule), 0 };
	case CLAIM_LADDER:
		return (struct walked){ walk->ladders[claim->rule->rank], 0 };
	case CLAIM_ANSWER:
		return (struct walked){ treewalk_answer(walk, claim->number), 0 };
	case CLAIM_DECISION:
	case CLAIM_ANALYSIS:
	case CLAIM_TOLD:
		break;
	}
	return decided;
}

struct walked prover_terminal_says(const struct prover *prover, const struct claim *claim,
				   uint32_t value)
{
	const struct decision *decision = prover->decision;

	if (claim->kind != CLAIM_DECISION)
		return (struct walked){ value, 0 };
	if (value >= decision->nterminals)
		return (struct walked){ UINT32_MAX, 0 };
	return (struct walked){ decision->terminals[value].outcome,
				decision->duty_sets[decision->terminals[value].duties].bits };
}

dd prover_follow(const struct prover *prover, dd node)
{
	const struct decision *decision = prover->decision;

	while (!dd_is_terminal(node)) {
		uint32_t number = decision->plan.order[dd_level(&decision->dds, node)];
		const struct feature *feature = &decision->plan.features[number];

		node = dd_children(&decision->dds,
				   node)[feature->class_of[prover->walk.answer[number]]];
	}
	return node;
}

/* In words ---------------------------------------------------------------------------------------- */

struct text prover_name(const struct prover *prover, const struct claim *claim)
{
	struct arena *arena = prover->decision->arena;

	switch (claim->kind) {
	case CLAIM_CONDITION:
	case CLAIM_ROOT_ON:
		if (!claim->rule)
			return TEXT("a condition");
		return text_format(arena, "a condition of `%.*s`", TEXT_ARG(claim->rule->name));
	case CLAIM_LADDER:
		return text_format(arena, "the tree of `%.*s`", TEXT_ARG(claim->rule->name));
	case CLAIM_ANSWER:
		return text_format(arena, "the determination `%.*s`",
				   TEXT_ARG(prover->decision->answers[claim->number].define->name));
	case CLAIM_DECISION:
		return text_format(arena, "the decision `%.*s`",
				   TEXT_ARG(prover->decision->question->name));
	case CLAIM_TOLD:
		return TEXT("what whoever asks may be told");
	case CLAIM_ANALYSIS:
		break;
	}
	return TEXT("the outcome on the possible cells");
}

static struct text words_of(const struct prover *prover, const struct claim *claim,
			    struct walked says)
{
	static const char *const ladders[] = { "silent", "grants", "prohibits", "withholds",
					       "a conflict" };
	static const char *const outcomes[] = { "not granted", "silent", "granted", "forbidden",
						"inconsistent" };
	const struct decision *decision = prover->decision;
	bool decided = claim->kind == CLAIM_DECISION;
	uint32_t class_ = rank_class(says.outcome), rank = says.outcome & RANK_MASK;
	struct text text;

	if (claim->kind != CLAIM_LADDER && !decided)
		return text_format(decision->arena, "%u", says.outcome);
	if (class_ > OUT_INCONSISTENT || rank >= decision->nrules)
		return TEXT("what has no meaning");
	text = text_format(decision->arena, "%s", decided ? outcomes[class_] : ladders[class_]);
	if (class_ != OUT_NOTHING && class_ != OUT_INCONSISTENT)
		text = text_format(decision->arena, "%.*s by `%.*s`", TEXT_ARG(text),
				   TEXT_ARG(decision->rules[rank].rule->name));
	for (uint32_t i = 0; i < decision->nduties && decided; i++) {
		const struct rule *duty = decision->rules[decision->duties[i]].rule;

		if (says.duties >> i & 1)
			text = text_format(decision->arena, "%.*s, `%.*s`", TEXT_ARG(text),
					   TEXT_ARG(duty->name));
	}
	return text;
}

/* One feature a line. */
struct text prover_path(const struct prover *prover)
{
	const struct plan *plan = &prover->decision->plan;
	struct text text = { "", 0 };

	for (uint32_t level = 0; level < plan->nfeatures; level++) {
		uint32_t number = plan->order[level], class_ = prover->path[level];

		if (class_ != NOWHERE)
			text = text_format(plan->arena, "%.*s\n  %.*s: %.*s", TEXT_ARG(text),
					   TEXT_ARG(plan->features[number].name),
					   TEXT_ARG(plan_class_text(plan, number, class_)));
	}
	return text.len ? text : TEXT("\n  in every situation");
}

struct span prover_span(const struct prover *prover, const struct claim *claim)
{
	if (claim->rule)
		return claim->rule->span;
	if (claim->kind == CLAIM_ANSWER)
		return prover->decision->answers[claim->number].define->span;
	return prover->decision->question->span;
}

void prover_report(const struct prover *prover, const struct claim *claim, const char *where,
		   struct walked rules, struct walked found)
{
	struct diags *diags = prover->decision->diags;
	struct diag *diag = diag_add(diags, DIAG_PROOF_FAILS, prover_span(prover, claim),
				     "%s of %.*s differs from the rules, for example when%.*s",
				     where, TEXT_ARG(prover_name(prover, claim)),
				     TEXT_ARG(prover_path(prover)));

	diag_help(diags, diag, "the rules say: %.*s; %s says: %.*s",
		  TEXT_ARG(words_of(prover, claim, rules)), where,
		  TEXT_ARG(words_of(prover, claim, found)));
}

static void report_blurred(const struct prover *prover)
{
	const struct decision *decision = prover->decision;

	diag_add(decision->diags, DIAG_PROOF_FAILS, decision->question->span,
		 "the rules tell answers of `%.*s` apart which the diagrams of %.*s take for one",
		 TEXT_ARG(decision->plan.features[prover->blurred].name),
		 TEXT_ARG(decision->question->name));
}

/* Any cell that the path leads to, and what rules and diagram say of it. */
static void report_path(struct prover *prover, const struct claim *claim)
{
	const struct plan *plan = &prover->decision->plan;
	struct walked decided;
	dd found;

	for (uint32_t level = 0; level < plan->nfeatures; level++) {
		uint32_t number = plan->order[level], answer = 0;
		const struct feature *feature = &plan->features[number];

		while (prover->path[level] != NOWHERE &&
		       feature->class_of[answer] != prover->path[level])
			answer++;
		prover->walk.answer[number] = answer;
	}
	decided = treewalk_decide(&prover->walk);
	found = prover_follow(prover, claim->diagram);
	prover_report(prover, claim, "the diagram", prover_rules_say(prover, claim, decided),
		      prover_terminal_says(prover, claim, dd_value(found)));
}

/* From the rules down ----------------------------------------------------------------------------- */

static uint32_t term_of(struct topdown *top, const struct claim *claim)
{
	switch (claim->kind) {
	case CLAIM_CONDITION:
		return topdown_condition(top, claim->expr);
	case CLAIM_ROOT_ON:
		return topdown_root_on(top, claim->rule);
	case CLAIM_LADDER:
		return topdown_ladder(top, claim->rule);
	case CLAIM_ANSWER:
		return topdown_answer(top, claim->number);
	case CLAIM_DECISION:
	case CLAIM_ANALYSIS:
	case CLAIM_TOLD:
		break;
	}
	return topdown_decision(top);
}

static enum topdown_result compare(struct prover *prover, const struct claim *claim)
{
	struct topdown *top = &prover->top;
	uint32_t term = term_of(top, claim), states = top->states;
	enum topdown_result result =
		claim->kind == CLAIM_DECISION ? topdown_compare_decision(top, term, claim->diagram)
					      : topdown_compare(top, term, claim->diagram);

	prover->decision->proof.states += top->states - states;
	return result;
}

/* The parts: every claim but the decision. The one that fails is handed back. */
static enum topdown_result compare_parts(struct prover *prover, const struct claim **ret_claim)
{
	enum topdown_result all = TOPDOWN_EQUAL;

	for (uint32_t i = 0; i < prover->nclaims; i++) {
		const struct claim *claim = &prover->claims[i];
		enum topdown_result result;

		if (claim->kind == CLAIM_DECISION)
			continue;
		prover->top.limit = prover->top.states + prover->limit;
		*ret_claim = claim;
		result = compare(prover, claim);
		if (result == TOPDOWN_DIFFERS)
			return result;
		if (result == TOPDOWN_STOPPED)
			all = result;
		else
			prover->decision->proof.ladders += claim->kind == CLAIM_LADDER;
	}
	return all;
}

static enum topdown_result compare_decision(struct prover *prover, const struct claim **ret_claim)
{
	*ret_claim = &prover->claims[prover->nclaims - 1];
	return compare(prover, *ret_claim);
}

/* An action and an area at a time. */
struct slices {
	uint32_t action, nactions;	/* level, and classes */
	uint32_t area, nareas;		/* NOWHERE and 1: the question knows no areas */
};

static struct slices slices_of(struct prover *prover)
{
	const struct question *question = prover->decision->question;
	struct plan *plan = &prover->decision->plan;
	const struct feature *feature = &plan->features[prover->forest.action];
	struct slices slices = { feature->level, feature->nclasses, NOWHERE, 1 };

	if (!question->layer_by)
		return slices;
	feature = &plan->features[feature_code(plan, plan_place(plan, question->layer_by))];
	slices.area = feature->level;
	slices.nareas = feature->nclasses;
	return slices;
}

static void cut_slice(struct topdown *top, const struct slices *slices, uint32_t number)
{
	topdown_slice(top, slices->action, number % slices->nactions);
	if (slices->area != NOWHERE)
		topdown_slice(top, slices->area, number / slices->nactions);
}

/*
 * A stretch of the proof: the parts, the decision, or (slices given) a slice of it. Its memory goes
 * with it; when that or the states run out the stretch is not proved, and nothing else is lost.
 */
static enum topdown_result stretch(struct prover *prover, bool parts, const struct slices *slices,
				   uint32_t number, const struct claim **ret_claim)
{
	enum topdown_result result;
	jmp_buf escape;

	arena_init(&prover->scratch, SCRATCH_BYTES);
	prover->scratch.escape = &escape;
	if (setjmp(escape)) {
		arena_free(&prover->scratch);
		return TOPDOWN_STOPPED;
	}
	topdown_init(&prover->top, &prover->forest, &prover->scratch, prover->limit);
	if (slices)
		cut_slice(&prover->top, slices, number);
	result = parts ? compare_parts(prover, ret_claim) : compare_decision(prover, ret_claim);
	memcpy(prover->path, prover->top.path,
	       prover->decision->plan.nfeatures * sizeof *prover->path);
	prover->blurred = prover->top.blurred;
	arena_free(&prover->scratch);
	return result;
}

static bool holds(struct prover *prover, enum topdown_result result, const struct claim *claim)
{
	if (prover->blurred != NOWHERE)
		report_blurred(prover);
	else if (result == TOPDOWN_DIFFERS)
		report_path(prover, claim);
	else
		return true;
	return false;
}

/* As a whole where the bound on states allows: every slice is a part of it. Else slice by slice. */
static void prove_decision(struct prover *prover)
{
	struct proof *proof = &prover->decision->proof;
	struct slices slices = slices_of(prover);
	uint32_t count = slices.nactions * slices.nareas;
	const struct claim *claim = NULL;
	enum topdown_result result = stretch(prover, false, NULL, 0, &claim);

	if (!holds(prover, result, claim))
		return;
	proof->whole = result == TOPDOWN_EQUAL;
	if (proof->whole)
		proof->slices = count;
	for (uint32_t i = 0; i < count && !proof->whole; i++) {
		result = stretch(prover, false, &slices, i, &claim);
		if (!holds(prover, result, claim))
			return;
		proof->slices += result == TOPDOWN_EQUAL;
	}
}

void decision_prove_within(struct decision *decision, uint32_t limit)
{
	const struct claim *claim = NULL;
	struct prover prover;
	enum topdown_result result;

	decision->proof = (struct proof){ 0 };
	prover_init(&prover, decision);
	prover.limit = limit;
	prover_claim(&prover);
	result = stretch(&prover, true, NULL, 0, &claim);
	if (holds(&prover, result, claim))
		prove_decision(&prover);
}

void decision_prove(struct decision *decision)
{
	decision_prove_within(decision, LIMIT_PROOF_STATES);
}
