/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of codes: one code, a set of codes, a parameter that is codes, a cell of a table. */
#include "dsl/diagram/lower_parts.h"

#include "engine/base/arena.h"

/* Codes ------------------------------------------------------------------------------------------- */

uint32_t lower_code_in(struct plan *plan, const struct place *place, uint32_t self, const bool *has,
		       bool negative)
{
	uint32_t feature = feature_code(plan, plan_place_of(plan, place, self));
	const struct codeset *codes;
	bool *when;

	if (feature == NOWHERE)
		return TRUE_EXPR;
	codes = plan->values[plan->features[feature].a].type.codes;
	when = ARENA_ARRAY(plan->arena, plan->features[feature].size, bool);

	for (uint32_t i = 0; i < codes->count; i++) {
		uint32_t code = place->attribute ? codes->codes[i].attribute : i;

		when[i] = (code != NOWHERE && has[code]) != negative;
	}
	return expr_atom(plan, feature, when, NULL);
}

uint32_t lower_in_parameter(struct plan *plan, const struct cond *cond, uint32_t self, bool negative)
{
	struct alternative *list;
	uint32_t count = lower_alternatives(plan, cond->parameter, &list), any = FALSE_EXPR;
	uint32_t place = plan_place_of(plan, &cond->a->place, self);
	struct text in = text_format(plan->arena, "%u%s in it", place, cond->a->place.attribute ? "'s attribute" : "");

	for (uint32_t i = 0; i < count; i++) {
		const struct constant *value = list[i].value;
		uint32_t test = FALSE_EXPR;
		bool *one;

		switch (value->kind) {
		case CONST_CODES:
			test = lower_code_in(plan, &cond->a->place, self, value->has, negative);
			break;
		case CONST_CODE:
			one = ARENA_ARRAY(plan->arena, value->codes->count, bool);
			one[value->code] = true;
			test = lower_code_in(plan, &cond->a->place, self, one, negative);
			break;
		case CONST_UNKNOWN:
			test = lower_untold(plan, cond->parameter, in, place, !negative);
			break;
		case CONST_NONE:
		case CONST_DATE:
		case CONST_DURATION:
			break;
		}
		any = expr_or(plan, any, expr_and(plan, list[i].guard, test));
	}
	return any;
}

/* It is one of `has`, or (`*ret_without`) none of the others: `yes` and not `no` are one test. */
static struct text codes_test(struct plan *plan, const struct constant *set, bool *ret_without)
{
	char *marks = arena_alloc(plan->arena, set->codes->count + 1);

	*ret_without = set->has[0];
	for (uint32_t i = 0; i < set->codes->count; i++)
		marks[i] = set->has[i] != *ret_without ? '1' : '0';
	return (struct text){ marks, set->codes->count };
}

uint32_t lower_parameter_in(struct plan *plan, const struct cond *cond, bool negative)
{
	struct alternative *list;
	uint32_t count = lower_alternatives(plan, cond->parameter, &list), any = FALSE_EXPR;
	bool without;
	struct text is = codes_test(plan, &cond->set, &without);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t test = FALSE_EXPR;

		if (list[i].value->kind == CONST_CODE)
			test = cond->set.has[list[i].value->code] != negative ? TRUE_EXPR : FALSE_EXPR;
		else if (list[i].value->kind == CONST_UNKNOWN)
			test = lower_untold(plan, cond->parameter, is, NOWHERE, negative == without);
		any = expr_or(plan, any, expr_and(plan, list[i].guard, test));
	}
	return any;
}

uint32_t lower_hits(struct plan *plan, uint32_t value, const struct codeset *codes, const bool *has,
		    bool negative)
{
	struct partition *partition = plan_partition(plan, value, codes, has);
	uint32_t result = negative ? TRUE_EXPR : FALSE_EXPR;
	bool *seen;

	if (!plan->settled)
		return expr_test(plan, feature_hits(plan, value, 0), !negative);
	if (plan->frozen)	/* the set need not be made of atoms */
		return TRUE_EXPR;
	seen = ARENA_ARRAY(plan->arena, partition->natoms + 1, bool);
	for (uint32_t i = 0; i < codes->count; i++) {
		uint32_t atom = partition->atom_of[i], test;

		if (!has[i] || seen[atom])
			continue;
		seen[atom] = true;
		test = expr_test(plan, feature_hits(plan, value, atom), !negative);
		result = negative ? expr_and(plan, result, test) : expr_or(plan, result, test);
	}
	return result;
}

uint32_t lower_covered(struct plan *plan, uint32_t value, const struct codeset *codes, const bool *has,
		       bool negative)
{
	bool *outside = ARENA_ARRAY(plan->arena, codes->count, bool);
	uint32_t in, out;

	for (uint32_t i = 0; i < codes->count; i++)
		outside[i] = !has[i];
	in = lower_hits(plan, value, codes, has, negative);
	out = lower_hits(plan, value, codes, outside, !negative);
	return negative ? expr_or(plan, in, out) : expr_and(plan, in, out);
}

uint32_t lower_hits_parameter(struct plan *plan, const struct cond *cond, uint32_t self, bool negative)
{
	uint32_t value = plan_place_of(plan, &cond->a->place, self);
	struct alternative *list;
	uint32_t count = lower_alternatives(plan, cond->parameter, &list), any = FALSE_EXPR;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t test = FALSE_EXPR;

		if (list[i].value->kind == CONST_CODES)
			test = lower_hits(plan, value, list[i].value->codes, list[i].value->has, negative);
		else if (list[i].value->kind == CONST_UNKNOWN)
			test = lower_untold(plan, cond->parameter, text_format(plan->arena, "%u overlaps it", value),
				      value, !negative);
		any = expr_or(plan, any, expr_and(plan, list[i].guard, test));
	}
	return any;
}

/* Tables ------------------------------------------------------------------------------------------ */

static bool cell_holds(const struct table *table, uint32_t row, uint32_t column, const bool *wanted,
		       bool negative)
{
	const bool *has = table->has[row * table->columns->count + column];
	bool any = false;

	if (!has)	/* pending: it has every value, and so never lacks one */
		return !negative;
	for (uint32_t i = 0; i < table->values->count; i++)
		any |= wanted[i] && has[i];
	return any != negative;
}

static uint32_t operand_is(struct plan *plan, const struct operand *operand, uint32_t self, const bool *has)
{
	if (operand->kind == OPERAND_CONSTANT)
		return has[operand->constant.code] ? TRUE_EXPR : FALSE_EXPR;
	return lower_code_in(plan, &operand->place, self, has, false);
}

uint32_t lower_lookup_in(struct plan *plan, const struct cond *cond, uint32_t self, bool negative)
{
	const struct operand *lookup = cond->a;
	const struct table *table = lookup->table;
	uint32_t any = FALSE_EXPR, nrows = table->rows->count, ncolumns = table->columns->count;
	bool *done = ARENA_ARRAY(plan->arena, nrows, bool);

	/* Rows with the same columns are taken together. */
	for (uint32_t r = 0; r < nrows; r++) {
		bool *rows = ARENA_ARRAY(plan->arena, nrows, bool);
		bool *columns = ARENA_ARRAY(plan->arena, ncolumns, bool), some = false;

		if (done[r])
			continue;
		for (uint32_t c = 0; c < ncolumns; c++) {
			columns[c] = cell_holds(table, r, c, cond->set.has, negative);
			some |= columns[c];
		}
		for (uint32_t s = r; s < nrows; s++) {
			bool same = true;

			for (uint32_t c = 0; c < ncolumns && same; c++)
				same = cell_holds(table, s, c, cond->set.has, negative) == columns[c];
			rows[s] = same && !done[s];
			done[s] |= same;
		}
		if (some) {
			uint32_t row = operand_is(plan, lookup->parts[0], self, rows);
			uint32_t column = operand_is(plan, lookup->parts[1], self, columns);

			any = expr_or(plan, any, expr_and(plan, row, column));
		}
	}
	return any;
}
