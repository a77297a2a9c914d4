/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Dates that conditions compare. The cuts of one date against another are put in order, as far as they have one on every
 * day, and one feature tells how many of them have been reached.
 */
#include "dsl/diagram/plan_parts.h"

/* Their order ------------------------------------------------------------------------------------- */

/* The least and the most days that a number of months can be, found by trying every day of 400 years. */
static void months_as_days(int32_t months, int32_t *ret_least, int32_t *ret_most)
{
	day_t first = day_from_civil(1905, 1, 1), then;

	*ret_least = INT32_MAX;
	*ret_most = INT32_MIN;
	for (day_t day = first; day < first + 97 * 366; day++) {
		/* Lengths of months repeat every 4 years between 1901 and 2099; 97 years are enough. */
		if (!day_add(day, months, UNIT_MONTHS, &then))
			continue;
		if (then - day < *ret_least)
			*ret_least = then - day;
		if (then - day > *ret_most)
			*ret_most = then - day;
	}
}

int cut_compare(const struct cut *a, const struct cut *b)
{
	int32_t a_least, a_most, b_least, b_most;

	if (a->unit == b->unit) {
		int64_t x = (int64_t)a->count * (a->unit == UNIT_DAYS ? 1 : 2) + a->after;
		int64_t y = (int64_t)b->count * (b->unit == UNIT_DAYS ? 1 : 2) + b->after;

		return x < y ? -1 : x > y;
	}
	if (a->count == 0 && b->count == 0)
		return a->after == b->after ? 0 : a->after ? 1 : -1;
	a_least = a_most = a->count;
	b_least = b_most = b->count;
	if (a->unit == UNIT_MONTHS)
		months_as_days(a->count, &a_least, &a_most);
	if (b->unit == UNIT_MONTHS)
		months_as_days(b->count, &b_least, &b_most);
	if (a_most + a->after <= b_least + b->after)
		return -1;
	if (a_least + a->after >= b_most + b->after)
		return 1;
	return 2;
}

/* Greedy: a cut joins the first group in which its order is fixed against every other. */
void plan_settle_dates(struct plan *plan, struct dates *dates)
{
	uint32_t count = dates->ncuts;

	dates->group = ARENA_ARRAY(plan->arena, count, uint32_t);
	dates->place = ARENA_ARRAY(plan->arena, count, uint32_t);
	for (uint32_t i = 0; i < count; i++) {
		for (uint32_t group = 0;; group++) {
			bool fits = true;

			for (uint32_t j = 0; j < i && fits; j++)
				fits = dates->group[j] != group ||
				       cut_compare(&dates->cuts[i], &dates->cuts[j]) != 2;
			if (!fits)
				continue;
			dates->group[i] = group;
			if (group >= dates->ngroups)
				dates->ngroups = group + 1;
			break;
		}
	}
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t j = 0; j < count; j++)
			if (dates->group[i] == dates->group[j] && i != j &&
			    (cut_compare(&dates->cuts[j], &dates->cuts[i]) < 0 ||
			     (cut_compare(&dates->cuts[j], &dates->cuts[i]) == 0 && j < i)))
				dates->place[i]++;
}

/* What is asked of them --------------------------------------------------------------------------- */

static struct dates *reach_dates(struct plan *plan, uint32_t point, uint32_t anchor)
{
	bool new;
	uint32_t number = plan_find(&plan->dates_map, plan_key(plan, 'd', point, anchor, 0), &new,
				  plan->ndates);

	if (new)
		PLAN_ADD(plan, dates, ((struct dates){ .point = point, .anchor = anchor }));
	return &plan->dates[number];
}

static struct dates *find_dates(struct plan *plan, uint32_t point, uint32_t anchor)
{
	for (uint32_t i = 0; i < plan->ndates; i++)
		if (plan->dates[i].point == point && plan->dates[i].anchor == anchor)
			return &plan->dates[i];
	return NULL;
}

static bool same_cut(const struct cut *a, const struct cut *b)
{
	if (a->count != b->count || a->after != b->after)
		return false;
	return a->unit == b->unit || a->count == 0;
}

static uint32_t reach_cut(struct plan *plan, struct dates *dates, struct cut cut)
{
	for (uint32_t i = 0; i < dates->ncuts; i++)
		if (same_cut(&dates->cuts[i], &cut))
			return i;
	if (plan->frozen)
		return NOWHERE;
	dates->cuts = arena_grow(plan->arena, dates->cuts, dates->ncuts, &dates->cap_cuts,
				 sizeof *dates->cuts);
	dates->cuts[dates->ncuts] = cut;
	return dates->ncuts++;
}

static uint32_t feature_dates(struct plan *plan, const struct dates *dates, uint32_t group)
{
	struct feature feature = {
		.kind = dates->anchor == NOWHERE ? FEATURE_CALENDAR : FEATURE_POSITION,
		.a = dates->point,
		.b = dates->anchor,
		.hangs = HANGS_ON_NOTHING,
	};
	struct text point = plan->values[dates->point].name;

	feature_hang(plan, &feature, dates->point);
	feature.name = text_format(plan->arena, "%.*s among fixed dates", TEXT_ARG(point));
	if (dates->anchor != NOWHERE) {
		feature_hang(plan, &feature, dates->anchor);
		feature.name = text_format(plan->arena, "%.*s against %.*s", TEXT_ARG(point),
					   TEXT_ARG(plan->values[dates->anchor].name));
	}
	feature.cuts = ARENA_ARRAY(plan->arena, dates->ncuts, struct cut);
	for (uint32_t i = 0; i < dates->ncuts && plan->settled; i++) {
		if (dates->group[i] != group)
			continue;
		feature.cuts[dates->place[i]] = dates->cuts[i];
		feature.ncuts++;
	}
	feature.size = (plan->settled ? feature.ncuts + 1 : 2u) + feature.none;
	return feature_add(plan,
			   plan_key(plan, 'd', dates->point, dates->anchor, group),
			   feature);
}

uint32_t expr_reached(struct plan *plan, uint32_t point, uint32_t anchor, struct cut cut, bool yes)
{
	struct dates *dates = plan->frozen ? find_dates(plan, point, anchor) : reach_dates(plan, point, anchor);
	uint32_t number = dates ? reach_cut(plan, dates, cut) : NOWHERE, feature;
	const struct feature *about;
	bool *when;

	if (number == NOWHERE)
		return TRUE_EXPR;
	if (!plan->settled)
		return expr_test(plan, feature_dates(plan, dates, 0), yes);
	feature = feature_dates(plan, dates, dates->group[number]);
	if (feature == NOWHERE)
		return TRUE_EXPR;
	about = &plan->features[feature];
	when = ARENA_ARRAY(plan->arena, about->size, bool);
	for (uint32_t i = 0; i <= about->ncuts; i++)
		when[i] = (i > dates->place[number]) == yes;
	return expr_atom(plan, feature, when, NULL);
}
