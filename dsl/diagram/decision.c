/* SPDX-License-Identifier: EUPL-1.2 */
/* What every pass asks: an expression as a diagram; and the diagram that grows too large. */
#include "dsl/diagram/decision.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/limits.h"

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
