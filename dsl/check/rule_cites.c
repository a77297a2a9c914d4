/* SPDX-License-Identifier: EUPL-1.2 */
/* What an item cites, when it is in force by that, and to whom it may be told. */
#include "dsl/check/rules.h"

static void take_force(struct model *model, struct rule *rule)
{
	const struct node *clause = node_child(rule->node, N_FORCE);
	const struct layer *layer = &model->layers[rule->layer];
	struct force own = force_from(model, clause), law;
	struct diag *diag;

	rule->force = force_always();
	if (!rule->cites.count)
		return;
	law = rule->cites.list[0]->source->force;
	if (law.pending) {
		rule->force.pending = true;
		diag = diag_add(model->diags, DIAG_PENDING, rule->span,
				"`%.*s` is not in force: it is not known since when %.*s is",
				TEXT_ARG(rule->name), TEXT_ARG(rule->cites.list[0]->source->name));
		diag_also(model->diags, diag, rule->cites.spans[0], "the first citation governs force");
		return;
	}
	if (clause && !own.pending && !force_covers(law, own)) {
		diag = diag_add(model->diags, DIAG_OUTSIDE_FORCE, clause->span,
				"%.*s is in force %.*s, and the rule would reach beyond it",
				TEXT_ARG(rule->cites.list[0]->source->name),
				TEXT_ARG(force_text(model, law)));
		diag_also(model->diags, diag, rule->cites.spans[0], "the first citation governs force");
	}
	rule->force = force_meet(force_meet(law, own), layer->force);
	if (rule->force.pending) {
		diag_add(model->diags, DIAG_PENDING, rule->span,
			 "`%.*s` is not in force: its day is pending", TEXT_ARG(rule->name));
		return;
	}
	if (force_empty(own) || force_empty(law) || force_empty(layer->force))
		return;		/* reported where it is written */
	if (force_empty(rule->force)) {
		diag = diag_add(model->diags, DIAG_EMPTY_FORCE, rule->span,
				"`%.*s` is in force on no day", TEXT_ARG(rule->name));
		diag_also(model->diags, diag, rule->cites.spans[0], "this source is in force %.*s",
			  TEXT_ARG(force_text(model, law)));
		if (rule->layer)
			diag_also(model->diags, diag, layer->span, "and the overlay %.*s",
				  TEXT_ARG(force_text(model, layer->force)));
		return;
	}
	check_cover(model, &rule->cites, rule->force, "the rule",
		    "cite it under `see`, narrow the rule with `in force`, or cite it first");
}

/* Nothing decides by an exception that withholds. */
static void take_shown(struct model *model, struct rule *rule)
{
	const struct node *node = node_child(rule->node, N_SHOWN);
	struct diag *diag;

	if (!node || !check_audience(model, node))
		return;
	rule->shown = node->span;
	if (rule->item != ITEM_EXCEPTION || rule->verb != VERB_WITHHOLD)
		return;
	diag = diag_add(model->diags, DIAG_AUDIENCE, node->span, "`%.*s` withholds, so no answer names it",
			TEXT_ARG(rule->name));
	diag_help(model->diags, diag, "rules that grant or prohibit, and duties, are told to whoever asks");
}

void rule_cites(struct model *model, struct rule *rule)
{
	struct diag *diag;

	cites_take(model, rule->part, &rule->cites, rule->node);
	if (!rule->cites.count && !node_child(rule->node, N_CITE)) {
		diag = diag_add(model->diags, DIAG_NO_CITATION, rule->span, "%s must cite: `%.*s` cites nothing",
				item_word(rule), TEXT_ARG(rule->name));
		diag_help(model->diags, diag, "add a line: cite SOURCE \"passage\"");
	}
	labels_take(model, &rule->says, node_child(rule->node, N_SAYS));
	take_shown(model, rule);
	rule->rests = rests_take(model, rule->part, rule->node);
	if (rule->item != ITEM_LAW)
		take_force(model, rule);
}
