/* SPDX-License-Identifier: EUPL-1.2 */
#include "dsl/diagram/build.h"

#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/limits.h"

/* Expressions to diagrams ------------------------------------------------------------------------- */

static dd atom_dd(struct decision *decision, const struct expr *expr, const bool *when)
{
	const struct feature *feature = &decision->plan.features[expr->feature];
	dd children[256];

	for (uint32_t i = 0; i < feature->nclasses; i++)
		children[i] = DD_FALSE;
	for (uint32_t i = 0; i < feature->size; i++)
		if (when[i])
			children[feature->class_of[i]] = DD_TRUE;
	return dd_node(&decision->dds, feature->level, children);
}

static struct expr_memo *memo_of(struct decision *decision, uint32_t number)
{
	if (number >= decision->nmemo) {
		uint32_t count = decision->plan.nexprs + 1024;
		struct expr_memo *memo = ARENA_ARRAY(decision->arena, count, struct expr_memo);

		if (decision->nmemo)
			memcpy(memo, decision->memo, decision->nmemo * sizeof *memo);
		decision->memo = memo;
		decision->nmemo = count;
	}
	return &decision->memo[number];
}

static dd expr_to_dd(struct decision *decision, uint32_t number, bool loose)
{
	const struct expr *expr;
	struct expr_memo *memo;
	dd result;

	if (number <= TRUE_EXPR)
		return number == TRUE_EXPR ? DD_TRUE : DD_FALSE;
	memo = memo_of(decision, number);
	if (memo->done[loose])
		return memo->result[loose];
	expr = &decision->plan.exprs[number];
	if (expr->kind == EXPR_ATOM) {
		result = atom_dd(decision, expr, loose ? expr->loose : expr->when);
	} else {
		result = expr->kind == EXPR_AND ? DD_TRUE : DD_FALSE;
		for (uint32_t i = 0; i < expr->count; i++) {
			dd part = expr_to_dd(decision, expr->list[i], loose);

			result = expr->kind == EXPR_AND ? dd_and(&decision->dds, result, part)
							: dd_or(&decision->dds, result, part);
		}
	}
	memo = memo_of(decision, number);
	memo->done[loose] = true;
	memo->result[loose] = result;
	return result;
}

dd decision_dd(struct decision *decision, uint32_t expr)
{
	return expr_to_dd(decision, expr, false);
}

dd decision_loose(struct decision *decision, uint32_t expr)
{
	return expr_to_dd(decision, expr, true);
}

struct built_rule *decision_rule(struct decision *decision, const struct rule *rule)
{
	return &decision->rules[rule->rank];
}

bool decision_full(struct decision *decision, const struct rule *rule)
{
	struct diag *diag;

	if (!decision->dds.full)
		return false;
	if (decision->root == DD_TRUE)	/* said already */
		return true;
	decision->root = DD_TRUE;
	diag = diag_add(decision->diags, DIAG_LIMIT_NODES, rule ? rule->span : decision->question->span,
			"the diagram of %.*s has more than %u nodes%s%.*s%s",
			TEXT_ARG(decision->question->name), LIMIT_NODES, rule ? " after `" : "",
			TEXT_ARG(rule ? rule->name : ((struct text){ "", 0 })), rule ? "`" : "");
	diag_help(decision->diags, diag,
		  "rules that compare many facts with one another make it grow: see docs/language.md, "
		  "\"How large a policy can be\"");
	return true;
}

/* Lowering ---------------------------------------------------------------------------------------- */

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

struct notes {
	struct decision *decision;
	struct built_rule *built;
	size_t cap;
	unsigned depth;
};

/* `what` with one of its members set. */
static void add_note(struct notes *notes, struct note what, uint32_t expr)
{
	struct built_rule *built = notes->built;

	if (expr == FALSE_EXPR)
		return;
	for (uint32_t i = 0; i < built->nnotes; i++) {
		struct note *note = &built->notes[i];

		if (note->reading != what.reading || note->table != what.table || note->setting != what.setting ||
		    note->widening != what.widening)
			continue;
		note->expr = expr_or(&notes->decision->plan, note->expr, expr);
		return;
	}
	built->notes = arena_grow(notes->decision->arena, built->notes, built->nnotes, &notes->cap,
				  sizeof *built->notes);
	what.expr = expr;
	built->notes[built->nnotes++] = what;
}

static void note_cond(struct notes *notes, const struct cond *cond);

static void note_parameter(struct notes *notes, const struct parameter *parameter)
{
	struct plan *plan = &notes->decision->plan;

	for (uint32_t i = 0; i < parameter->nsettings; i++) {
		const struct setting *setting = &parameter->settings[i];

		if (setting->rests)
			add_note(notes, (struct note){ .reading = setting->rests }, lower_scope(plan, setting->layer));
		if (setting->layer->set)
			add_note(notes, (struct note){ .parameter = parameter, .setting = setting },
				 expr_and(plan, lower_scope(plan, setting->layer), lower_force(plan, setting->force)));
	}
}

static void note_operand(struct notes *notes, const struct operand *operand)
{
	struct plan *plan = &notes->decision->plan;

	if (!operand)
		return;
	if (operand->kind == OPERAND_PARAMETER)
		note_parameter(notes, operand->parameter);
	if (operand->kind == OPERAND_DEFINE)
		for (uint32_t i = 0; i < operand->define->ncases; i++)
			if (operand->define->cases[i].when)
				note_cond(notes, operand->define->cases[i].when);
	if (operand->kind == OPERAND_LOOKUP) {
		const struct table *table = operand->table;

		if (table->rests)
			add_note(notes, (struct note){ .reading = table->rests }, TRUE_EXPR);
		for (uint32_t r = 0; r < table->rows->count && table->npending; r++) {
			for (uint32_t c = 0; c < table->columns->count; c++) {
				struct cond row = { .kind = COND_IN, .a = operand->parts[0] };
				struct cond column = { .kind = COND_IN, .a = operand->parts[1] };
				uint32_t parts[2] = { TRUE_EXPR, TRUE_EXPR };
				bool here = true;

				if (table->has[r * table->columns->count + c])
					continue;
				for (int k = 0; k < 2; k++) {
					struct cond *test = k ? &column : &row;
					struct codeset *codes = k ? table->columns : table->rows;
					uint32_t code = k ? c : r;

					if (test->a->kind == OPERAND_CONSTANT) {
						here &= test->a->constant.code == code;
						continue;
					}
					test->set.has = ARENA_ARRAY(plan->arena, codes->count, bool);
					test->set.has[code] = true;
					test->set.codes = codes;
					parts[k] = lower_cond(plan, test, NOWHERE);
				}
				if (here)
					add_note(notes, (struct note){ .table = table }, expr_and_list(plan, parts, 2));
			}
		}
	}
	for (int i = 0; i < 2; i++)
		note_operand(notes, operand->parts[i]);
	for (uint32_t i = 0; i < operand->count; i++)
		note_operand(notes, operand->list[i]);
}

/* Every reading and pending table that a condition touches, with where it does. */
static void note_cond(struct notes *notes, const struct cond *cond)
{
	if (!cond || ++notes->depth > LIMIT_NESTING)
		return;
	if (cond->kind == COND_READS)
		add_note(notes, (struct note){ .reading = cond->reading }, TRUE_EXPR);
	if (cond->kind == COND_NAMED)
		note_cond(notes, cond->named->cond);
	if (cond->parameter)
		note_parameter(notes, cond->parameter);
	if (cond->kind == COND_DEFINE_IN) {
		for (uint32_t i = 0; i < cond->define->ncases; i++) {
			note_cond(notes, cond->define->cases[i].when);
			for (uint32_t j = 0; j < cond->define->cases[i].nexcept; j++)
				note_cond(notes, cond->define->cases[i].except[j].when);
		}
	}
	if (cond->window)
		for (int i = 0; i < 2; i++)
			note_operand(notes, cond->window->bounds[i]);
	if (cond->link && cond->link->where)
		note_cond(notes, cond->link->where);
	note_operand(notes, cond->a);
	note_operand(notes, cond->b);
	for (uint32_t i = 0; i < cond->count; i++)
		note_cond(notes, cond->list[i]);
	notes->depth--;
}

static void note_widenings(struct notes *notes)
{
	const struct question *question = notes->decision->question;
	struct plan *plan = &notes->decision->plan;

	for (uint32_t i = 0; i < question->nwidenings; i++) {
		const struct widening *widening = question->widenings[i];

		if (widening->rule == notes->built->rule)
			add_note(notes, (struct note){ .widening = widening },
				 expr_and(plan, lower_scope(plan, widening->layer),
					  lower_force(plan, widening->force)));
	}
}

static void lower_rule(struct decision *decision, struct built_rule *built)
{
	struct plan *plan = &decision->plan;
	const struct rule *rule = built->rule;
	struct notes notes = { .decision = decision, .built = built };
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
	built->notes = NULL;
	built->nnotes = 0;
	note_cond(&notes, rule->when);
	if (rule->rests)
		add_note(&notes, (struct note){ .reading = rule->rests }, TRUE_EXPR);
	note_widenings(&notes);
	if (rule->due) {
		lower_due(plan, rule->due, &built->due);
		note_operand(&notes, rule->due);
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

/* A record that a request gives is held to what every row of its kind is held to. */
static void find_checks(struct decision *decision)
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

static void lower_checks(struct decision *decision)
{
	struct plan *plan = &decision->plan;

	for (uint32_t i = 0; i < decision->nchecks; i++) {
		struct check *check = &decision->checks[i];

		if (check->given)
			check->self = plan_slot_request(plan, (uint32_t)(check->given - decision->question->fields));
		check->expr = lower_cond(plan, check->cond, check->self);
	}
}

static void build_checks(struct decision *decision)
{
	for (uint32_t i = 0; i < decision->nchecks; i++)
		decision->checks[i].holds = decision_dd(decision, decision->checks[i].expr);
}

/* Laws and examples speak of facts that no rule may ask about: they need features of their own. */
static void lower_others(struct decision *decision)
{
	struct question *question = decision->question;
	struct plan *plan = &decision->plan;

	lower_checks(decision);
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

static void lower_all(struct decision *decision)
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

	return decision_dd(decision,
			   expr_and_list(plan,
					 (uint32_t[]){ lower_actions(plan, rule->actions),
						       lower_cond(plan, widening->when, NOWHERE),
						       lower_scope(plan, widening->layer),
						       lower_force(plan, rule->force),
						       lower_force(plan, widening->force) },
					 5));
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

static void build_outcome(struct decision *decision)
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

/* Duties ------------------------------------------------------------------------------------------ */

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

static void build_duties(struct decision *decision)
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

/* All of it --------------------------------------------------------------------------------------- */

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
		lower_checks(decision);
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
	find_checks(decision);
	map_init(&decision->terminal_map, model->arena);
	map_init(&decision->duty_map, model->arena);
	for (uint32_t i = 0; i < question->nrules; i++) {
		decision->rules[i].rule = question->rules[i];
		if (question->rules[i]->item == ITEM_DUTY || question->rules[i]->item == ITEM_REDACT)
			decision->duties[decision->nduties++] = i;
	}
	plan_init(&decision->plan, model, question);
	decision->plan.readings = readings;
	lower_all(decision);
	plan_settle(&decision->plan);
	lower_all(decision);
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
