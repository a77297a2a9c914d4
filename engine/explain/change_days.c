/* SPDX-License-Identifier: EUPL-1.2 */
/* Where a day lies to cuts, turned back: from where to where it would have to be, or the day it is compared with. */
#include "engine/explain/change_needs.h"

/* The positions around one of the class, as far as they are wanted. */
static void positions(const struct telling *telling, const struct image_feature *about, const uint8_t *classes,
		      uint32_t *ret_first, uint32_t *ret_last)
{
	uint32_t first = 0, last;

	while (first < about->cuts.count && !answer_wanted(telling, about, classes, first))
		first++;
	last = first;
	while (last < about->cuts.count && answer_wanted(telling, about, classes, last + 1))
		last++;
	*ret_first = first;
	*ret_last = last;
}

/* The last day whose cut is on the point or before it. DAY_MIN - 1: none. */
static day_t last_reached(const struct image_cut *cut, day_t point)
{
	day_t low = DAY_MIN - 1, high = DAY_MAX, day;

	while (low < high) {
		day_t middle = low + (high - low + 1) / 2;

		if (bind_cut_day(cut, middle, &day) ? day <= point : cut->count < 0)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

static void wish_days(struct wish *wish, day_t from, day_t to, bool may_open)
{
	wish->days = true;
	wish->from = from > wish->from ? from : wish->from;
	wish->to = to < wish->to ? to : wish->to;
	wish->may_open &= may_open;
}

/* The date that is compared with: as far as the positions are wanted. */
static void wish_anchor(struct telling *telling, const struct image_feature *about, const uint8_t *classes, day_t point)
{
	const struct image_cut *cuts = telling_explain(telling)->image->cuts + about->cuts.first;
	struct wish *wish = wish_for(telling, about->b);
	uint32_t first, last;

	positions(telling, about, classes, &first, &last);
	if (wish)
		wish_days(wish, last == about->cuts.count ? DAY_MIN : last_reached(&cuts[last], point) + 1,
			  first == 0 ? DAY_MAX : last_reached(&cuts[first - 1], point), first == 0);
}

static void wish_point(struct telling *telling, const struct image_feature *about, const uint8_t *classes, day_t anchor)
{
	const struct image_cut *cuts = telling_explain(telling)->image->cuts + about->cuts.first;
	bool fixed = about->kind == IMAGE_FEATURE_CALENDAR;
	struct wish *wish = wish_for(telling, about->a);
	day_t from = DAY_MIN, to = DAY_MAX + 1;
	uint32_t first, last;

	positions(telling, about, classes, &first, &last);
	if (first && fixed)
		from = cuts[first - 1].count;
	else if (first && !bind_cut_day(&cuts[first - 1], anchor, &from))
		return;
	if (last < about->cuts.count && fixed)
		to = cuts[last].count;
	else if (last < about->cuts.count && !bind_cut_day(&cuts[last], anchor, &to))
		return;
	if (wish)
		wish_days(wish, from, to - 1, last == about->cuts.count);
}

void wish_calendar(struct telling *telling, const struct image_feature *about, const uint8_t *classes)
{
	wish_point(telling, about, classes, 0);
}

void wish_position(struct telling *telling, const struct image_feature *about, const uint8_t *classes)
{
	bool point = telling_touches(telling, about->a), anchor = telling_touches(telling, about->b);
	int32_t day;

	if (point == anchor)
		return;		/* two dates of one record: what they are to each other is not told */
	day = bind_fact(telling->change->bind, point ? about->b : about->a);
	if (!day_valid(day))
		return;
	if (point)
		wish_point(telling, about, classes, day);
	else
		wish_anchor(telling, about, classes, day);
}

/* A day of the row against one of another's. */
void wish_row_days(struct telling *telling, const struct image_feature *about, const uint8_t *classes)
{
	int32_t point = bind_fact(telling->change->bind, about->a);

	if (day_valid(point))
		wish_anchor(telling, about, classes, point);
}
