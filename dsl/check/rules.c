/* SPDX-License-Identifier: EUPL-1.2 */
/* Rules: every item of a chapter in the order of their names, and what all rules have. */
#include "dsl/check/rules.h"

#include <stdlib.h>

static void check_overlay_rule(struct model *model, const struct rule *rule)
{
	struct diag *diag;

	if (rule->layer && rule->item == ITEM_RULE && rule->verb == VERB_GRANT) {
		diag = diag_add(model->diags, DIAG_OVERLAY_GRANTS, rule->span, "an overlay cannot grant");
		diag_help(model->diags, diag,
			  "an overlay prohibits, withholds, sets parameters, adds duties, and widens what a "
			  "base rule delegates");
	}
	if (rule->layer && rule->item == ITEM_SILENT)
		diag_add(model->diags, DIAG_MISPLACED, rule->span,
			 "what is left ungranted is for the base to say");
}

static void check_rule(struct model *model, struct question *question, struct rule *rule)
{
	struct scope scope = scope_of(model, question, rule->part);
	const struct node *when = node_child(rule->node, N_WHEN);

	rule_cites(model, rule);
	scope.actions = rule->actions = actions_take(model, question, node_child(rule->node, N_ON));
	rule->when = when ? cond_resolve(&scope, when->first) : NULL;
	check_overlay_rule(model, rule);
	if (rule->item == ITEM_RULE)
		check_delegation(model, question, rule);
	if (rule->item == ITEM_EXCEPTION)
		check_exception(model, question, rule);
}

/* The canonical order of rules: by name, then by layer. */
static int compare_rules(const void *a, const void *b)
{
	const struct rule *x = *(struct rule *const *)a, *y = *(struct rule *const *)b;
	int order = text_compare(x->name, y->name);

	if (order)
		return order;
	return x->layer < y->layer ? -1 : x->layer > y->layer;
}

void check_rules(struct model *model, struct question *question)
{
	uint32_t rank = 0;

	if (question->nrules)
		qsort(question->rules, question->nrules, sizeof(struct rule *), compare_rules);
	for (uint32_t i = 0; i < question->nrules; i++) {
		struct rule *rule = question->rules[i];

		rule->rank = rank++;
		switch (rule->item) {
		case ITEM_RULE:
		case ITEM_EXCEPTION:
		case ITEM_SILENT:
			check_rule(model, question, rule);
			break;
		case ITEM_REDACT:
			check_rule(model, question, rule);
			check_redaction(model, rule);
			break;
		case ITEM_DUTY:
			check_duty(model, question, rule);
			break;
		case ITEM_LAW:
			check_law(model, question, rule);
			break;
		}
	}
	check_exceptions(model, question);
	for (uint32_t i = 0; i < question->nrules; i++)
		check_verb(model, question->rules[i]);
	for (uint32_t i = 0; i < question->nloose; i++) {
		if (question->loose[i].node->kind == N_WIDEN)
			check_widening(model, question, &question->loose[i]);
		else
			check_example(model, question, &question->loose[i]);
	}
}
