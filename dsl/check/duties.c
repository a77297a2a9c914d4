/* SPDX-License-Identifier: EUPL-1.2 */
/* Duties: who bears them, on what, until when; and redactions. */
#include "dsl/check/rules.h"

void check_redaction(struct model *model, struct rule *rule)
{
	const struct node *names = node_child(rule->node, N_REDACT);

	rule->redact_set = codes_holding(model, rule->part, names);
	if (!rule->redact_set)
		return;
	rule->redacts = ARENA_ARRAY(model->arena, node_count(names), uint32_t);
	for (const struct node *name = names->first; name; name = name->next)
		rule->redacts[rule->nredacts++] = codeset_find(rule->redact_set, name->text);
	rule->triggers = ARENA_ARRAY(model->arena, 1, struct trigger);
	rule->triggers[0] = (struct trigger){ .action = rule->actions, .kind = ON_GRANTED,
					      .span = rule->span };
	rule->ntriggers = 1;
}

/* The rule by whose prohibition a duty is due; NULL after a report. */
static struct rule *take_by(struct model *model, struct question *question, const struct rule *rule,
			    const struct node *name)
{
	struct rule *by = need_item(model, question, rule->layer, name);
	struct diag *diag;

	if (by && by->verb != VERB_PROHIBIT) {
		diag = diag_add(model->diags, DIAG_DUTY, name->span, "`%.*s` does not prohibit", TEXT_ARG(name->text));
		diag_also(model->diags, diag, by->span, "%s", item_word(by));
		return NULL;
	}
	if (by && by->item == ITEM_EXCEPTION) {
		diag_add(model->diags, DIAG_DUTY, name->span, "name the rule, not its exception");
		return NULL;
	}
	return by;
}

static void take_triggers(struct model *model, struct question *question, struct rule *rule)
{
	rule->triggers = ARENA_ARRAY(model->arena, node_count(rule->node), struct trigger);
	for (const struct node *node = rule->node->first; node; node = node->next) {
		struct trigger *trigger = &rule->triggers[rule->ntriggers];

		if (node->kind != N_TRIGGER)
			continue;
		trigger->action = action_take(model, question, node->text, node->name);
		trigger->kind = (enum trigger_kind)node->number;
		trigger->span = node->span;
		if (node->first)
			trigger->by = take_by(model, question, rule, node->first);
		rule->actions |= trigger->action;
		rule->ntriggers++;
	}
}

static void take_bearer(struct model *model, struct rule *rule, const struct node *name)
{
	struct diag *diag;

	if (model->bearers) {
		rule->bearer = need_code(model, model->bearers, name->text, name->span);
		return;
	}
	diag = diag_add(model->diags, DIAG_NEEDS_CODES, name->span, "no code set says who bears duties");
	diag_help(model->diags, diag, "declare `codes bearer`, for example: codes bearer organiser, producer");
}

/* NULL after a report. */
static struct operand *take_due(const struct scope *scope, const struct node *node)
{
	static const struct type date = { .kind = KIND_DATE };
	struct model *model = scope->model;
	struct operand *due = operand_resolve(scope, node, &date);

	if (due && (due->type.kind != KIND_DATE || due->type.set)) {
		diag_add(model->diags, DIAG_TYPE, node->span, "a duty is due on a date, and this is %s",
			 type_word(model, &due->type));
		return NULL;
	}
	for (uint32_t i = 0; due && i < due->count; i++)
		if (due->list[i]->count)
			diag_add(model->diags, DIAG_TYPE, due->list[i]->span,
				 "the earliest or latest of several dates is not counted from another such date");
	return due;
}

void check_duty(struct model *model, struct question *question, struct rule *rule)
{
	static const struct type duration = { .kind = KIND_DURATION };
	struct scope scope = scope_of(model, question, rule->part);
	const struct node *when = node_child(rule->node, N_WHEN), *due = node_child(rule->node, N_DUE);
	const struct node *keep = node_child(rule->node, N_KEEP);
	struct diag *diag;

	rule_cites(model, rule);
	take_bearer(model, rule, node_child(rule->node, N_NAME));
	take_triggers(model, question, rule);
	scope.actions = rule->actions;
	rule->when = when ? cond_resolve(&scope, when->first) : NULL;
	if (due)
		rule->due = take_due(&scope, due->first);
	if (keep)
		constant_resolve(model, rule->part, keep->first, &duration, &rule->keep);
	if (!node_child(rule->node, N_SAYS)) {
		diag = diag_add(model->diags, DIAG_DUTY, rule->span, "the duty `%.*s` does not say what to do",
				TEXT_ARG(rule->name));
		diag_help(model->diags, diag, "add a line: says fi \"…\"");
	}
}
