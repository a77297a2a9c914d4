/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Analyses over the possible cells: cases that overlap, exceptions that contradict one another, rules that
 * never hold, restrictions that fall silent, overlays that reach too far. Each finding shows cells.
 */
#include "dsl/diagram/passes.h"

#include "engine/base/arena.h"

static struct diag *report(struct decision *decision, enum diag_code code, struct span span, dd bad,
			   const char *what)
{
	return diag_add(decision->diags, code, span, "%s, for example when%.*s", what,
			TEXT_ARG(decision_cell(decision, bad, 2)));
}

static dd within_possible(struct decision *decision, dd a)
{
	return dd_and(&decision->dds, decision->possible, a);
}

/* Determinations ---------------------------------------------------------------------------------- */

static void check_cases(struct decision *decision, const struct define *define)
{
	struct dds *dds = &decision->dds;
	dd covered = DD_FALSE;

	for (uint32_t i = 0; i < define->ncases; i++) {
		dd here = decision_dd(decision, lower_case(&decision->plan, define, i));

		for (uint32_t j = 0; j < i; j++) {
			dd other = decision_dd(decision, lower_case(&decision->plan, define, j));
			dd both = within_possible(decision, dd_and(dds, here, other));
			struct diag *diag;

			if (both == DD_FALSE)
				continue;
			diag = report(decision, DIAG_CASES, define->cases[i].span, both,
				      "two cases hold together");
			diag_also(decision->diags, diag, define->cases[j].span, "this case too");
			return;
		}
		covered = dd_or(dds, covered, here);
	}
	covered = within_possible(decision, dd_not(dds, covered));
	if (covered != DD_FALSE) {
		struct diag *diag = report(decision, DIAG_CASES, define->span, covered,
					   text_format(decision->arena, "`%.*s` has no case",
						       TEXT_ARG(define->name)).at);

		diag_help(decision->diags, diag, "add a case, or `case … otherwise`");
	}
}

static void check_excepts(struct decision *decision, const struct define *define)
{
	for (uint32_t i = 0; i < define->ncases; i++) {
		const struct define_case *item = &define->cases[i];
		dd here = decision_dd(decision, lower_case(&decision->plan, define, i));

		for (uint32_t j = 0; j < item->nexcept; j++) {
			dd first = decision_dd(decision, lower_cond(&decision->plan, item->except[j].when, NOWHERE));

			first = within_possible(decision, dd_and(&decision->dds, here, first));
			if (first == DD_FALSE)
				diag_also(decision->diags,
					  diag_add(decision->diags, DIAG_UNREACHABLE, item->except[j].span,
						   "this never holds: it excludes what it is an exception to"),
					  item->span, "an exception to this");
			for (uint32_t k = 0; k < j; k++) {
				dd second = decision_dd(decision, lower_cond(&decision->plan,
									     item->except[k].when, NOWHERE));
				dd both = dd_and(&decision->dds, first, second);
				struct diag *diag;

				if (both == DD_FALSE || item->except[j].value == item->except[k].value)
					continue;
				diag = report(decision, DIAG_CASES, item->except[j].span, both,
					      "two exceptions hold together");
				diag_also(decision->diags, diag, item->except[k].span, "this one too");
			}
		}
	}
}

/* Exceptions -------------------------------------------------------------------------------------- */

/* Both speak, with different verbs; a conflict deeper down is reported there. */
static uint32_t collide(void *context, uint32_t a, uint32_t b)
{
	(void)context;
	a = rank_class(a);
	b = rank_class(b);
	return a != b && a != LADDER_SILENT && b != LADDER_SILENT && a != LADDER_CONFLICT &&
	       b != LADDER_CONFLICT;
}

static const char *verb_word(enum verb verb)
{
	static const char *const words[] = { "grants", "prohibits", "withholds", "redacts" };

	return words[verb];
}

static void check_siblings(struct decision *decision, const struct rule *parent, uint32_t collide_op)
{
	struct dds *dds = &decision->dds;
	dd chain = dd_and(dds, decision_rule(decision, parent)->root_on, decision_chain(decision, parent));

	chain = within_possible(decision, chain);
	for (uint32_t i = 0; i < parent->nchildren; i++) {
		for (uint32_t j = 0; j < i; j++) {
			const struct rule *a = parent->children[j], *b = parent->children[i];
			dd x = decision_ladder(decision, a, decision_rule(decision, a)->on_dd);
			dd y = decision_ladder(decision, b, decision_rule(decision, b)->on_dd);
			dd bad = dd_apply(dds, collide_op, x, y, true, DD_NO_UNIT, collide, NULL);
			struct diag *diag;

			bad = dd_and(dds, chain, bad);
			if (bad == DD_FALSE)
				continue;
			diag = report(decision, DIAG_CONFLICT, b->span, bad,
				      text_format(decision->arena,
						  "`%.*s` %s and `%.*s` %s in the same situation",
						  TEXT_ARG(b->name), verb_word(b->verb), TEXT_ARG(a->name),
						  verb_word(a->verb)).at);
			diag_also(decision->diags, diag, a->span, "`%.*s`", TEXT_ARG(a->name));
			diag_also(decision->diags, diag, parent->span, "both are exceptions to this");
			diag_help(decision->diags, diag,
				  "narrow one of them, or make one an exception to the other");
		}
	}
}

/* Rules that never hold --------------------------------------------------------------------------- */

static void unreachable(struct decision *decision, const struct rule *rule, const char *why)
{
	struct diag *diag = diag_add(decision->diags, DIAG_UNREACHABLE, rule->span,
				     "`%.*s` never holds: %s", TEXT_ARG(rule->name), why);

	if (rule->nparents)
		diag_also(decision->diags, diag, rule->parents[0]->span, "an exception to this");
	diag_help(decision->diags, diag, "delete it, or look for a condition that cannot be fulfilled");
}

/* A cut stands where its base rule comes out as a grant. */
static dd reach_of(struct decision *decision, const struct rule *rule)
{
	struct dds *dds = &decision->dds;
	dd reach = decision_chain(decision, rule);

	if (!rule->cut)
		return reach;
	reach = DD_FALSE;
	for (uint32_t i = 0; i < rule->nparents; i++)
		reach = dd_or(dds, reach, decision_rule(decision, rule->parents[i])->root_on);
	return reach;
}

/* In force on no day yet: its own is pending, or those of all rules above it. */
bool rule_waits(const struct rule *rule)
{
	if (rule->force.pending)
		return true;
	for (uint32_t i = 0; i < rule->nparents; i++)
		if (!rule_waits(rule->parents[i]))
			return false;
	return rule->nparents > 0;
}

/* A rule about some of these actions waits: what hangs on an outcome may wait for it. */
static bool outcome_waits(const struct decision *decision, uint32_t actions)
{
	for (uint32_t i = 0; i < decision->nrules; i++) {
		const struct rule *rule = decision->rules[i].rule;

		if (rule->item == ITEM_RULE && rule->actions & actions && rule_waits(rule))
			return true;
	}
	return false;
}

static void check_reach(struct decision *decision, const struct rule *rule)
{
	struct dds *dds = &decision->dds;
	const struct built_rule *built = decision_rule(decision, rule);
	dd on = built->on_dd, reach;

	if (rule->item == ITEM_LAW || rule_waits(rule))
		return;
	reach = within_possible(decision, on);
	if (reach == DD_FALSE && within_possible(decision, built->open_dd) != DD_FALSE)
		return;		/* it waits for another option of a reading */
	if (reach == DD_FALSE) {
		unreachable(decision, rule, "its condition is fulfilled in no possible situation");
		return;
	}
	reach = dd_and(dds, reach, reach_of(decision, rule));
	if (reach == DD_FALSE) {
		unreachable(decision, rule, "its condition excludes what it is an exception to");
		return;
	}
	if (rule->item == ITEM_DUTY || rule->item == ITEM_REDACT) {
		dd due = decision_due(decision, rule, decision->outcome);

		if (within_possible(decision, due) == DD_FALSE && !outcome_waits(decision, rule->actions))
			unreachable(decision, rule, "the outcome it hangs on does not come with its condition");
	}
	if (rule->item == ITEM_RULE && rule->verb == VERB_GRANT) {
		dd effect = dd_and(dds, within_possible(decision, built->root_on),
				   decision_outcome_is(decision, decision->outcome, OUT_GRANTED));

		if (effect == DD_FALSE)
			diag_add(decision->diags, DIAG_WITHOUT_EFFECT, rule->span,
				 "`%.*s` never leads to a grant: wherever it holds, something forbids or withholds",
				 TEXT_ARG(rule->name));
	}
}

/*
 * A prohibition under one ground leaves the others untouched. Where another rule grants what the exception's
 * own words seem to forbid, the author may have meant a rule for all grounds.
 */
static void check_narrow(struct decision *decision, const struct rule *rule)
{
	struct dds *dds = &decision->dds;
	dd outside;
	struct diag *diag;

	if (rule->item != ITEM_EXCEPTION || rule->verb != VERB_PROHIBIT || rule->cut)
		return;
	outside = dd_and(dds, decision_rule(decision, rule)->on_dd, dd_not(dds, decision_chain(decision, rule)));
	outside = dd_and(dds, within_possible(decision, outside),
			 decision_outcome_is(decision, decision->outcome, OUT_GRANTED));
	if (outside == DD_FALSE)
		return;
	diag = report(decision, DIAG_NARROW, rule->span, outside,
		      text_format(decision->arena,
				  "`%.*s` prohibits only under its own rule, and another rule grants",
				  TEXT_ARG(rule->name)).at);
	diag_help(decision->diags, diag, "if it is meant for all grounds, make it a rule of its own");
}

static void check_silence(struct decision *decision, const struct rule *rule)
{
	struct dds *dds = &decision->dds;
	dd here = within_possible(decision, decision_rule(decision, rule)->on_dd), bad;
	struct diag *diag;

	if (rule->item != ITEM_SILENT || here == DD_FALSE)
		return;
	bad = dd_and(dds, here, decision_outcome_is(decision, decision->outcome, OUT_GRANTED));
	/* What an overlay that nobody has seen could grant contradicts no silence: it speaks of the rules there are. */
	if (bad != DD_FALSE && decision->unsettled != FALSE_EXPR)
		bad = dd_and(dds, here, decision_outcome_is(decision, decision_without(decision, WITHOUT_UNKNOWN),
							    OUT_GRANTED));
	if (bad != DD_FALSE) {
		diag = report(decision, DIAG_SILENT, rule->span, bad,
			      text_format(decision->arena, "`%.*s` says that nothing is granted, and a rule grants",
					  TEXT_ARG(rule->name)).at);
		diag_help(decision->diags, diag, "narrow the silence, or the rule");
	} else if (dd_and(dds, here, dd_not(dds, decision_outcome_is(decision, decision->outcome,
								      OUT_FORBIDDEN))) == DD_FALSE) {
		unreachable(decision, rule, "everything it speaks of is forbidden already");
	}
}

/* Restrictions that fall silent -------------------------------------------------------------------- */

static bool restricts(const struct rule *rule)
{
	const struct rule *root = rule;

	if (rule->item != ITEM_RULE && rule->item != ITEM_EXCEPTION)
		return false;
	if (rule->verb == VERB_PROHIBIT || rule->cut)
		return true;
	while (root->item == ITEM_EXCEPTION && !root->cut)
		root = root->parents[0];
	return rule->verb == VERB_WITHHOLD && root->verb == VERB_GRANT;
}

/* The atoms that are read differently where something is none. */
static void suspect_atoms(struct decision *decision, uint32_t number, dd bad, struct text *names)
{
	const struct expr *expr;
	const struct feature *feature;
	dd none[2];

	if (number <= TRUE_EXPR)
		return;
	expr = &decision->plan.exprs[number];
	if (expr->kind != EXPR_ATOM) {
		for (uint32_t i = 0; i < expr->count; i++)
			suspect_atoms(decision, expr->list[i], bad, names);
		return;
	}
	feature = &decision->plan.features[expr->feature];
	none[0] = decision_dd(decision, number);
	none[1] = decision_loose(decision, number);
	if (none[0] == none[1] ||
	    dd_and(&decision->dds, bad, dd_and(&decision->dds, none[1], dd_not(&decision->dds, none[0]))) ==
		    DD_FALSE)
		return;
	if (names->len > 120)
		return;
	*names = text_format(decision->arena, "%.*s%s%.*s", TEXT_ARG(*names), names->len ? "; " : "",
			     TEXT_ARG(decision_subject(decision, feature)));
}

static void check_restriction(struct decision *decision, const struct rule *rule)
{
	struct dds *dds = &decision->dds;
	const struct built_rule *built = decision_rule(decision, rule);
	dd strict = built->on_dd, loose = decision_loose(decision, built->on), bad;
	struct text names = { "", 0 };
	struct diag *diag;

	if (!restricts(rule) || strict == loose)
		return;
	bad = dd_or(dds, dd_and(dds, strict, dd_not(dds, loose)), dd_and(dds, loose, dd_not(dds, strict)));
	bad = dd_and(dds, within_possible(decision, bad), reach_of(decision, rule));
	if (bad == DD_FALSE)
		return;
	suspect_atoms(decision, built->on, bad, &names);
	diag = report(decision, DIAG_FALLS_SILENT, rule->span, bad,
		      text_format(decision->arena, "`%.*s` does not say what happens when something is not there",
				  TEXT_ARG(rule->name)).at);
	if (names.len)
		diag_label(decision->diags, diag, "rests on: %.*s", TEXT_ARG(names));
	diag_help(decision->diags, diag,
		  "say it: `x exists and …`, `x is missing or …`, `x != none and …`; a missing record would "
		  "otherwise lift the restriction");
}

/* Overlays ---------------------------------------------------------------------------------------- */

static void check_widening(struct decision *decision, uint32_t number)
{
	const struct widening *widening = decision->question->widenings[number];
	struct dds *dds = &decision->dds;
	struct plan *plan = &decision->plan;
	const struct built_rule *built = decision_rule(decision, widening->rule);
	dd where = decision_dd(decision, lower_cond(plan, widening->rule->delegated_where, NOWHERE));
	dd adds = decision_widening(decision, widening);
	dd beyond = dd_and(dds, dd_and(dds, adds, where), dd_not(dds, built->root_on));
	dd effect = dd_and(dds, decision->widened[number], dd_not(dds, built->on_dd));
	struct diag *diag;

	beyond = within_possible(decision, beyond);
	if (beyond != DD_FALSE) {
		diag = report(decision, DIAG_NOT_DELEGATED, widening->span, beyond,
			      text_format(decision->arena,
					  "this widens `%.*s` beyond what it delegates",
					  TEXT_ARG(widening->rule->name)).at);
		diag_also(decision->diags, diag, widening->rule->delegated[0].span,
			  "only this may be otherwise than in the rule");
		diag_help(decision->diags, diag,
			  "what the rule asks besides must be asked here too");
	} else if (within_possible(decision, effect) == DD_FALSE && !widening->force.pending &&
		   !rule_waits(widening->rule)) {
		diag = diag_add(decision->diags, DIAG_UNREACHABLE, widening->span,
				"this widens nothing: no possible situation is added to `%.*s`",
				TEXT_ARG(widening->rule->name));
		diag_also(decision->diags, diag, widening->rule->span, "the rule");
	}
}

/*
 * What an overlay can do is limited by what it can say; the check is made all the same, since it guards the
 * compiler: outside its scope nothing changes, a grant that the base does not give lies in a widening, a
 * prohibition of the base stands, and no duty of the base is lost.
 */
static void check_overlay(struct decision *decision, uint32_t layer)
{
	struct dds *dds = &decision->dds;
	const struct layer *about = &decision->model->layers[layer];
	dd without = decision_without(decision, layer), with = decision->outcome;
	dd scope = decision_dd(decision, lower_scope(&decision->plan, about));
	dd granted = decision_outcome_is(decision, with, OUT_GRANTED), widened = DD_FALSE, bad;
	dd granted_before = decision_outcome_is(decision, without, OUT_GRANTED);
	dd forbidden_before = decision_outcome_is(decision, without, OUT_FORBIDDEN);

	for (uint32_t i = 0; i < decision->question->nwidenings; i++)
		if (decision->question->widenings[i]->layer == about)
			widened = dd_or(dds, widened, decision->widened[i]);
	for (int class_ = OUT_NOTHING; class_ <= OUT_INCONSISTENT; class_++) {
		bad = dd_and(dds, decision_outcome_is(decision, with, (enum outcome_class)class_),
			     dd_not(dds, decision_outcome_is(decision, without, (enum outcome_class)class_)));
		bad = dd_and(dds, within_possible(decision, bad), dd_not(dds, scope));
		if (bad != DD_FALSE)
			report(decision, DIAG_OVERLAY_REACH, about->span, bad,
			       "this overlay changes an answer outside of its area and time");
	}
	bad = dd_and(dds, within_possible(decision, granted), dd_not(dds, dd_or(dds, granted_before, widened)));
	if (bad != DD_FALSE)
		report(decision, DIAG_OVERLAY_REACH, about->span, bad,
		       "this overlay grants what neither the base nor a delegation grants");
	bad = dd_and(dds, within_possible(decision, granted), forbidden_before);
	if (bad != DD_FALSE)
		report(decision, DIAG_OVERLAY_REACH, about->span, bad,
		       "this overlay lifts a prohibition of the base");
	for (uint32_t i = 0; i < decision->nduties; i++) {
		const struct rule *rule = decision->rules[decision->duties[i]].rule;
		dd lost;

		if (rule->layer)
			continue;
		lost = dd_and(dds, decision_due(decision, rule, without),
			      dd_not(dds, decision_due(decision, rule, with)));
		bad = dd_and(dds, within_possible(decision, lost), dd_and(dds, granted, granted_before));
		if (bad != DD_FALSE)
			report(decision, DIAG_OVERLAY_REACH, about->span, bad,
			       text_format(decision->arena, "this overlay drops the duty `%.*s`",
					   TEXT_ARG(rule->name)).at);
	}
}

/* Figures for the report --------------------------------------------------------------------------- */

void decision_count(struct decision *decision)
{
	const struct plan *plan = &decision->plan;
	double **weight = ARENA_ARRAY(decision->arena, plan->nfeatures + 1, double *);
	dd decided, silent;

	for (uint32_t level = 0; level < plan->nfeatures; level++) {
		const struct feature *feature = &plan->features[plan->order[level]];

		weight[level] = ARENA_ARRAY(decision->arena, feature->nclasses, double);
		for (uint32_t i = 0; i < feature->size; i++)
			weight[level][feature->class_of[i]] += 1;
	}
	decided = dd_or(&decision->dds, decision_outcome_is(decision, decision->outcome, OUT_GRANTED),
			decision_outcome_is(decision, decision->outcome, OUT_FORBIDDEN));
	silent = decision_outcome_is(decision, decision->outcome, OUT_SILENT);
	decision->cells = dd_count(&decision->dds, decision->possible, (const double *const *)weight);
	decision->decided = dd_count(&decision->dds, within_possible(decision, decided),
				     (const double *const *)weight);
	decision->silent = dd_count(&decision->dds, within_possible(decision, silent),
				    (const double *const *)weight);
}

void decision_analyse(struct decision *decision)
{
	const struct question *question = decision->question;
	uint32_t collide_op = dd_new_op(&decision->dds);
	bool layers = question->layer_by != NULL;

	for (uint32_t i = 0; i < question->ndefines; i++) {
		check_cases(decision, question->defines[i]);
		check_excepts(decision, question->defines[i]);
	}
	for (uint32_t i = 0; i < question->nrules; i++) {
		check_siblings(decision, question->rules[i], collide_op);
		check_reach(decision, question->rules[i]);
		check_restriction(decision, question->rules[i]);
		check_narrow(decision, question->rules[i]);
		check_silence(decision, question->rules[i]);
	}
	for (uint32_t i = 0; i < question->nwidenings; i++)
		check_widening(decision, i);
	for (uint32_t i = 1; i < decision->model->nlayers && layers; i++)
		check_overlay(decision, i);
	decision_full(decision, NULL);
}
