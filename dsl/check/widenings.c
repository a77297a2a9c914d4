/* SPDX-License-Identifier: EUPL-1.2 */
/* What a rule of the base delegates, and what overlays widen by it. */
#include "dsl/check/rules.h"

void check_delegation(struct model *model, struct question *question, struct rule *rule)
{
	struct scope scope = scope_of(model, question, rule->part);
	const struct node *node = node_child(rule->node, N_DELEGATES);
	struct diag *diag;

	if (!node)
		return;
	if (rule->layer || rule->verb != VERB_GRANT) {
		diag_add(model->diags, DIAG_MISPLACED, node->span,
			 "only a rule of the base that grants can delegate");
		return;
	}
	rule->delegated = ARENA_ARRAY(model->arena, node_count(node), struct place);
	for (const struct node *path = node->first; path; path = path->next) {
		struct place *place = &rule->delegated[rule->ndelegated];

		if (path->kind != N_PATH)
			continue;
		if (!place_resolve(&scope, path, place))
			return;
		if (place->type.kind != KIND_CODE || place->type.set) {
			diag = diag_add(model->diags, DIAG_TYPE, path->span,
					"what is delegated is a code, and this is %s",
					type_word(model, &place->type));
			diag_help(model->diags, diag,
				  "delegate the feature whose values an overlay may add");
			return;
		}
		rule->ndelegated++;
	}
	rule->delegated_where = cond_resolve(&scope, node_child(node, N_WHERE)->first);
	rule->delegated_under = need_passage(model, rule->part, node_child(node, N_REF));
}

/* That the rule leaves it to overlays, and under that passage. */
static bool is_delegated(struct model *model, const struct node *node, const struct rule *rule,
			 const struct passage *under)
{
	struct diag *diag;

	if (!rule->delegated_under) {
		diag = diag_add(model->diags, DIAG_NOT_DELEGATED, node->name, "`%.*s` delegates nothing",
				TEXT_ARG(node->text));
		diag_also(model->diags, diag, rule->span, "%s", item_word(rule));
		return false;
	}
	if (rule->delegated_under != under) {
		diag = diag_add(model->diags, DIAG_NOT_DELEGATED, node_child(node, N_REF)->span,
				"`%.*s` delegates under %.*s \"%.*s\"", TEXT_ARG(node->text),
				TEXT_ARG(rule->delegated_under->source->name), TEXT_ARG(rule->delegated_under->name));
		diag_also(model->diags, diag, rule->span, "declared here");
		return false;
	}
	return true;
}

void check_widening(struct model *model, struct question *question, const struct loose *loose)
{
	const struct node *node = loose->node;
	struct scope scope = scope_of(model, question, loose->part);
	struct widening *widening = ARENA_NEW(model->arena, struct widening);
	const struct passage *under;

	widening->layer = &model->layers[scope.layer];
	widening->span = node->name;
	if (!scope.layer) {
		diag_add(model->diags, DIAG_MISPLACED, node->name, "only an overlay widens");
		return;
	}
	widening->rule = need_item(model, question, 0, node);
	widening->when = cond_resolve(&scope, node_child(node, N_WHEN)->first);
	under = need_passage(model, loose->part, node_child(node, N_REF));
	cites_take(model, loose->part, &widening->cites, node);
	labels_take(model, &widening->says, node_child(node, N_SAYS));
	widening->force = widening->layer->force;
	if (widening->cites.count)
		widening->force = force_of_layer(model, widening->layer, &widening->cites, node->name,
						 text_format(model->arena, "the widening of `%.*s`",
							     TEXT_ARG(node->text)));
	else if (!node_child(node, N_CITE))
		diag_add(model->diags, DIAG_NO_CITATION, node->name, "a widening must cite");
	if (!widening->rule || !widening->when || !under)
		return;
	if (is_delegated(model, node, widening->rule, under))
		PUSH(model, question, widenings, cap_widenings, widening);
}
