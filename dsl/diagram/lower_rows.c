/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of the rows of a link: `some`, `no`, and which rows it has. */
#include "dsl/diagram/lower_parts.h"

#include "engine/base/arena.h"

#include <string.h>

struct pair {
	uint32_t shared;	/* what does not speak of the row */
	uint32_t row;
};

struct pairs {
	struct pair *list;
	uint32_t count;
};

static struct pairs one_pair(struct plan *plan, uint32_t shared, uint32_t row)
{
	struct pairs pairs = { ARENA_NEW(plan->arena, struct pair), 1 };

	pairs.list[0] = (struct pair){ shared, row };
	return pairs;
}

/* Pairs with the same shared part become one. */
static struct pairs merge_pairs(struct plan *plan, struct pairs pairs)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < pairs.count; i++) {
		uint32_t same = 0;

		if (pairs.list[i].shared == FALSE_EXPR || pairs.list[i].row == FALSE_EXPR)
			continue;
		while (same < kept && pairs.list[same].shared != pairs.list[i].shared)
			same++;
		if (same < kept)
			pairs.list[same].row = expr_or(plan, pairs.list[same].row, pairs.list[i].row);
		else
			pairs.list[kept++] = pairs.list[i];
	}
	pairs.count = kept;
	return pairs;
}

/*
 * A condition on a row that also speaks of other things is an `or` of pairs; since those other things are the
 * same for every row, some row fulfils it exactly when for some pair the shared part holds and some row
 * fulfils the row's part.
 */
static struct pairs split(struct plan *plan, uint32_t number)
{
	struct pairs result = { 0 };
	struct expr expr;

	if (number <= TRUE_EXPR)	/* there may be no expression at all */
		return one_pair(plan, number, TRUE_EXPR);
	expr = plan->exprs[number];
	if (expr.hangs == HANGS_ON_NOTHING)
		return one_pair(plan, number, TRUE_EXPR);
	if (!expr.mixed)
		return one_pair(plan, TRUE_EXPR, number);
	if (expr.kind == EXPR_OR) {
		for (uint32_t i = 0; i < expr.count; i++) {
			struct pairs part = split(plan, expr.list[i]), both;

			both.count = result.count + part.count;
			both.list = ARENA_ARRAY(plan->arena, both.count, struct pair);
			if (result.count)
				memcpy(both.list, result.list, result.count * sizeof *both.list);
			memcpy(both.list + result.count, part.list, part.count * sizeof *both.list);
			result = both;
		}
		return merge_pairs(plan, result);
	}
	result = one_pair(plan, TRUE_EXPR, TRUE_EXPR);
	for (uint32_t i = 0; i < expr.count; i++) {
		struct pairs part = split(plan, expr.list[i]), both = { 0 };

		both.list = ARENA_ARRAY(plan->arena, (size_t)result.count * part.count, struct pair);
		for (uint32_t j = 0; j < result.count; j++)
			for (uint32_t k = 0; k < part.count; k++)
				both.list[both.count++] = (struct pair){
					expr_and(plan, result.list[j].shared, part.list[k].shared),
					expr_and(plan, result.list[j].row, part.list[k].row),
				};
		result = merge_pairs(plan, both);
	}
	return result;
}

static bool speaks_of_pivot(const struct plan *plan, uint32_t number)
{
	const struct expr *expr = &plan->exprs[number];

	if (number <= TRUE_EXPR)
		return false;
	if (expr->kind == EXPR_ATOM)
		return plan->features[expr->feature].pivot;
	for (uint32_t i = 0; i < expr->count; i++)
		if (speaks_of_pivot(plan, expr->list[i]))
			return true;
	return false;
}

uint32_t lower_where(struct plan *plan, const struct link *link)
{
	uint32_t scan = plan_scan(plan, link);

	if (link->where && plan->scans[scan].where == TRUE_EXPR) {
		uint32_t where = lower_signed(plan, link->where, NOWHERE, false);

		plan->scans[scan].where = where;
		if (plan->settled && !plan->scans[scan].pivot && link->kind != LINK_EACH &&
		    speaks_of_pivot(plan, where))
			diag_add(plan->model->diags, DIAG_LINK_USE, link->span,
				 "which rows `%.*s` has cannot hang on the `each` link", TEXT_ARG(link->name));
	}
	return scan;
}

uint32_t lower_some(struct plan *plan, const struct cond *cond, bool negative)
{
	uint32_t scan = lower_where(plan, cond->link);
	struct pairs pairs = split(plan, lower_signed(plan, cond->list[0], NOWHERE, false));
	uint32_t result = negative ? TRUE_EXPR : FALSE_EXPR;

	for (uint32_t i = 0; i < pairs.count; i++) {
		uint32_t some = expr_test(plan, feature_some(plan, scan, pairs.list[i].row), !negative);

		if (negative)
			result = expr_and(plan, result,
					  expr_or(plan, expr_not(plan, pairs.list[i].shared), some));
		else
			result = expr_or(plan, result, expr_and(plan, pairs.list[i].shared, some));
	}
	return result;
}
