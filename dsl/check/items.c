/* SPDX-License-Identifier: EUPL-1.2 */
/* Items of a chapter: declared, and found by their names. */
#include "dsl/check/rules.h"

const char *item_word(const struct rule *rule)
{
	switch (rule->item) {
	case ITEM_RULE:
		return rule->verb == VERB_GRANT ? "a rule that grants" : "a rule that prohibits";
	case ITEM_EXCEPTION:
		return "an exception";
	case ITEM_DUTY:
		return "a duty";
	case ITEM_REDACT:
		return "a redaction";
	case ITEM_SILENT:
		return "a silence";
	case ITEM_LAW:
		return "a law";
	}
	return "";
}

void declare_item(struct model *model, struct part *part, struct question *question,
		  struct node *node)
{
	struct rule *rule = ARENA_NEW(model->arena, struct rule);

	if (node->kind == N_WIDEN || node->kind == N_EXAMPLE) {
		PUSH(model, question, loose, cap_loose, ((struct loose){ node, part }));
		return;
	}
	rule->name = node->text;
	rule->span = node->name;
	rule->node = node;
	rule->part = part;
	rule->layer = model->modules[part->module].layer;
	rule->bearer = NOWHERE;
	switch (node->kind) {
	case N_RULE:
		rule->verb = (enum verb)node->number;
		rule->item = rule->verb == VERB_REDACT ? ITEM_REDACT : ITEM_RULE;
		break;
	case N_EXCEPTION:
		rule->verb = (enum verb)node->number;
		rule->item = ITEM_EXCEPTION;
		break;
	case N_DUTY:
		rule->item = ITEM_DUTY;
		break;
	case N_SILENT:
		rule->item = ITEM_SILENT;
		break;
	default:
		rule->item = ITEM_LAW;
		break;
	}
	if (declare_in(model, question, rule->layer, DECL_ITEM, node->text, node->name, rule))
		PUSH(model, question, rules, cap_rules, rule);
}

struct rule *need_item(struct model *model, struct question *question, uint32_t layer,
		       const struct node *name)
{
	struct decl *decl = find_named(model, question, layer, name->text);
	struct near near = near_init(name->text);
	struct diag *diag;

	if (decl && decl->kind == DECL_ITEM)
		return decl->thing;
	if (decl) {
		report_kind(model, name, decl, "a rule");
		return NULL;
	}
	diag = diag_add(model->diags, DIAG_UNKNOWN_NAME, name->name.source == SOURCE_NONE ? name->span
											  : name->name,
			"chapter %.*s has no rule `%.*s`", TEXT_ARG(question->name), TEXT_ARG(name->text));
	for (uint32_t i = 0; i < question->nrules; i++)
		if (!question->rules[i]->layer || question->rules[i]->layer == layer)
			near_try(&near, question->rules[i]->name);
	near_help(model, diag, name->span, &near);
	return NULL;
}
