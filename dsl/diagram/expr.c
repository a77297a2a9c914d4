/* SPDX-License-Identifier: EUPL-1.2 */
/* Expressions over features: hash-consed, flattened, with the complement pushed to the atoms. */
#include <stdlib.h>

#include "dsl/diagram/plan.h"
#include "engine/base/arena.h"
#include "engine/base/buf.h"

static uint32_t cons(struct plan *plan, const struct expr *expr, struct text key)
{
	uint32_t old;

	if (!plan->nexprs) {	/* the two constants come first */
		static const struct expr constants[2] = {
			{ .kind = EXPR_FALSE, .hangs = HANGS_ON_NOTHING },
			{ .kind = EXPR_TRUE, .hangs = HANGS_ON_NOTHING },
		};

		plan->exprs = arena_grow(plan->arena, plan->exprs, plan->nexprs, &plan->cap_exprs,
					 sizeof *plan->exprs);
		plan->exprs[FALSE_EXPR] = constants[0];
		plan->exprs[TRUE_EXPR] = constants[1];
		plan->nexprs = 2;
	}
	old = map_get(&plan->expr_map, key);
	if (old != MAP_NONE)
		return old;
	plan->exprs = arena_grow(plan->arena, plan->exprs, plan->nexprs, &plan->cap_exprs,
				 sizeof *plan->exprs);
	plan->exprs[plan->nexprs] = *expr;
	map_set(&plan->expr_map, key, plan->nexprs);
	return plan->nexprs++;
}

uint32_t expr_atom(struct plan *plan, uint32_t feature, const bool *when, const bool *loose)
{
	const struct feature *about;
	struct expr expr = { .kind = EXPR_ATOM, .feature = feature };
	bool all = true, any = false;
	size_t size;
	char *key;

	if (feature == NOWHERE)		/* a frozen plan: see possible.c */
		return TRUE_EXPR;
	about = &plan->features[feature];
	expr.hangs = about->hangs;
	size = about->size;
	expr.when = arena_copy(plan->arena, when, size);
	expr.loose = arena_copy(plan->arena, loose ? loose : when, size);
	if (about->none && !loose && !plan->tight)
		expr.loose[size - 1] = true;
	for (size_t i = 0; i < size; i++) {
		all &= expr.when[i] && expr.loose[i];
		any |= expr.when[i] || expr.loose[i];
	}
	if (all)
		return TRUE_EXPR;
	if (!any)
		return FALSE_EXPR;
	key = arena_alloc(plan->arena, 2 * size + 5);
	key[0] = 'f';
	memcpy(key + 1, &feature, 4);
	memcpy(key + 5, expr.when, size);
	memcpy(key + 5 + size, expr.loose, size);
	return cons(plan, &expr, (struct text){ key, 2 * size + 5 });
}

uint32_t expr_test(struct plan *plan, uint32_t feature, bool yes)
{
	bool when[3] = { !yes, yes, false };

	return expr_atom(plan, feature, when, NULL);
}

static int compare_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static uint32_t join(struct plan *plan, enum expr_kind kind, const uint32_t *list, uint32_t count)
{
	uint32_t unit = kind == EXPR_AND ? TRUE_EXPR : FALSE_EXPR;
	uint32_t zero = kind == EXPR_AND ? FALSE_EXPR : TRUE_EXPR;
	struct expr expr = { .kind = kind, .hangs = HANGS_ON_NOTHING };
	uint32_t total = 0, kept = 0;
	bool pure = true;
	char *key;

	for (uint32_t i = 0; i < count; i++)
		total += list[i] > TRUE_EXPR && plan->exprs[list[i]].kind == kind
				 ? plan->exprs[list[i]].count : 1;
	expr.list = ARENA_ARRAY(plan->arena, total ? total : 1, uint32_t);
	for (uint32_t i = 0; i < count; i++) {
		const struct expr *part = list[i] > TRUE_EXPR ? &plan->exprs[list[i]] : NULL;

		if (list[i] == zero)
			return zero;
		if (list[i] == unit)
			continue;
		if (part->kind != kind) {
			expr.list[expr.count++] = list[i];
			continue;
		}
		for (uint32_t j = 0; j < part->count; j++)
			expr.list[expr.count++] = part->list[j];
	}
	if (!expr.count)
		return unit;
	qsort(expr.list, expr.count, sizeof *expr.list, compare_numbers);
	for (uint32_t i = 0; i < expr.count; i++)
		if (!kept || expr.list[kept - 1] != expr.list[i])
			expr.list[kept++] = expr.list[i];
	expr.count = kept;
	if (kept == 1)
		return expr.list[0];
	for (uint32_t i = 0; i < kept; i++) {
		const struct expr *part = &plan->exprs[expr.list[i]];

		if (part->hangs != HANGS_ON_NOTHING)
			expr.hangs = part->hangs;
		else
			pure = false;
		expr.mixed |= part->mixed;
	}
	expr.mixed |= expr.hangs != HANGS_ON_NOTHING && !pure;
	key = arena_alloc(plan->arena, 1 + kept * sizeof *expr.list);
	key[0] = kind == EXPR_AND ? '&' : '|';
	memcpy(key + 1, expr.list, kept * sizeof *expr.list);
	return cons(plan, &expr, (struct text){ key, 1 + kept * sizeof *expr.list });
}

uint32_t expr_and_list(struct plan *plan, const uint32_t *list, uint32_t count)
{
	return join(plan, EXPR_AND, list, count);
}

uint32_t expr_or_list(struct plan *plan, const uint32_t *list, uint32_t count)
{
	return join(plan, EXPR_OR, list, count);
}

uint32_t expr_and(struct plan *plan, uint32_t a, uint32_t b)
{
	return join(plan, EXPR_AND, (uint32_t[]){ a, b }, 2);
}

uint32_t expr_or(struct plan *plan, uint32_t a, uint32_t b)
{
	return join(plan, EXPR_OR, (uint32_t[]){ a, b }, 2);
}

uint32_t expr_not(struct plan *plan, uint32_t a)
{
	struct expr expr;
	uint32_t *list;

	if (a <= TRUE_EXPR)
		return a == TRUE_EXPR ? FALSE_EXPR : TRUE_EXPR;
	expr = plan->exprs[a];
	if (expr.kind == EXPR_ATOM) {
		size_t size = plan->features[expr.feature].size;
		bool *when = ARENA_ARRAY(plan->arena, size, bool), *loose = ARENA_ARRAY(plan->arena, size, bool);

		for (size_t i = 0; i < size; i++) {
			when[i] = !expr.when[i];
			loose[i] = !expr.loose[i];
		}
		return expr_atom(plan, expr.feature, when, loose);
	}
	list = ARENA_ARRAY(plan->arena, expr.count, uint32_t);
	for (uint32_t i = 0; i < expr.count; i++)
		list[i] = expr_not(plan, expr.list[i]);
	return join(plan, expr.kind == EXPR_AND ? EXPR_OR : EXPR_AND, list, expr.count);
}

/* Text -------------------------------------------------------------------------------------------- */

static struct text cut_text(const struct plan *plan, const struct feature *feature, uint32_t cut)
{
	const struct cut *about = &feature->cuts[cut];
	struct text anchor;
	char day[DAY_TEXT];

	if (feature->kind == FEATURE_CALENDAR) {
		day_print(about->count, day);
		return text_format(plan->arena, "%s", day);
	}
	anchor = plan->values[feature->b].name;
	if (!about->count)
		return text_format(plan->arena, "%.*s%s", TEXT_ARG(anchor), about->after ? " + 1 day" : "");
	return text_format(plan->arena, "%.*s %c %d %s%s", TEXT_ARG(anchor), about->count < 0 ? '-' : '+',
			   about->count < 0 ? -about->count : about->count,
			   about->unit == UNIT_DAYS ? "days" : "months", about->after ? " + 1 day" : "");
}

/* Answers whose order is that of days: neighbours are one stretch. */
static bool in_order(const struct feature *feature)
{
	return (feature->kind == FEATURE_POSITION || feature->kind == FEATURE_CALENDAR) && feature->ncuts;
}

/* The days from the first of these answers to the last. */
static struct text stretch_text(const struct plan *plan, const struct feature *feature, uint32_t first,
				uint32_t last)
{
	if (first == 0 && last == feature->ncuts)
		return TEXT("any day");
	if (first == 0)
		return text_format(plan->arena, "before %.*s", TEXT_ARG(cut_text(plan, feature, last)));
	if (last == feature->ncuts)
		return text_format(plan->arena, "on or after %.*s", TEXT_ARG(cut_text(plan, feature, first - 1)));
	return text_format(plan->arena, "on or after %.*s and before %.*s",
			   TEXT_ARG(cut_text(plan, feature, first - 1)), TEXT_ARG(cut_text(plan, feature, last)));
}

struct text plan_answer_text(const struct plan *plan, uint32_t number, uint32_t answer)
{
	const struct feature *feature = &plan->features[number];
	const struct codeset *codes;

	if (feature->none && answer == feature->size - 1)
		return TEXT("none");
	switch (feature->kind) {
	case FEATURE_ACTION:
		return plan->question->actions[answer];
	case FEATURE_CODE:
		codes = plan->values[feature->a].type.codes;
		return codes->codes[answer].name;
	case FEATURE_READING:
		return feature->reading->options[answer].name;
	case FEATURE_POSITION:
	case FEATURE_CALENDAR:
		return stretch_text(plan, feature, answer, answer);
	case FEATURE_PRESENT:
	case FEATURE_OPEN:
	case FEATURE_EQUAL:
	case FEATURE_MEMBER:
	case FEATURE_HITS:
	case FEATURE_OVERLAPS:
	case FEATURE_INSIDE:
	case FEATURE_SOME:
	case FEATURE_FINDING:
	case FEATURE_GAP:
		return answer == YES ? TEXT("yes") : TEXT("no");
	}
	return TEXT("");
}

/*
 * The next answers that are meant, from `*at` on: one, or a stretch of days. False when there are no more.
 */
static bool next_answers(const struct plan *plan, uint32_t number, const bool *meant, uint32_t *at,
			 struct text *ret_text)
{
	const struct feature *feature = &plan->features[number];
	uint32_t first = *at, last;

	while (first < feature->size && !meant[first])
		first++;
	if (first == feature->size)
		return false;
	last = first;
	while (in_order(feature) && last < feature->ncuts && meant[last + 1])
		last++;
	*ret_text = last > first ? stretch_text(plan, feature, first, last) : plan_answer_text(plan, number, first);
	*at = last + 1;
	return true;
}

struct text plan_class_text(const struct plan *plan, uint32_t number, uint32_t class_)
{
	const struct feature *feature = &plan->features[number];
	bool *meant = ARENA_ARRAY(plan->arena, feature->size, bool);
	struct text text = { "", 0 }, next;
	uint32_t count = 0, shown = 0, at = 0;

	for (uint32_t i = 0; i < feature->size; i++)
		meant[i] = feature->class_of[i] == class_;
	while (shown < 4 && next_answers(plan, number, meant, &at, &next))
		text = text_format(plan->arena, "%.*s%s%.*s", TEXT_ARG(text), shown++ ? " or " : "",
				   TEXT_ARG(next));
	while (next_answers(plan, number, meant, &at, &next))
		count++;
	if (count)
		text = text_format(plan->arena, "%.*s or one of %u others", TEXT_ARG(text), count);
	return text;
}

void expr_dump(struct buf *out, const struct plan *plan, uint32_t number)
{
	const struct expr *expr;
	bool first = true;
	uint32_t at = 0;
	struct text next;

	if (number <= TRUE_EXPR) {
		buf_string(out, number == TRUE_EXPR ? "always" : "never");
		return;
	}
	expr = &plan->exprs[number];
	if (expr->kind == EXPR_ATOM) {
		const struct feature *feature = &plan->features[expr->feature];

		buf_printf(out, "%.*s:", TEXT_ARG(feature->name));
		while (next_answers(plan, expr->feature, expr->when, &at, &next)) {
			buf_printf(out, "%s%.*s", first ? " " : " | ", TEXT_ARG(next));
			first = false;
		}
		return;
	}
	for (uint32_t i = 0; i < expr->count; i++) {
		bool nested = plan->exprs[expr->list[i]].kind != EXPR_ATOM;

		if (i)
			buf_string(out, expr->kind == EXPR_AND ? " and " : " or ");
		if (nested)
			buf_char(out, '(');
		expr_dump(out, plan, expr->list[i]);
		if (nested)
			buf_char(out, ')');
	}
}
