/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What an answer asks. Most ask something of values; what is asked of rows asks it of the one that comes to be, by the
 * ways on which a condition of rows can be met.
 */
#include "engine/explain/change_needs.h"

/* Answered by yes or no. */
bool answer_is_test(const struct image_feature *about)
{
	switch ((enum image_feature_kind)about->kind) {
	case IMAGE_FEATURE_PRESENT:
	case IMAGE_FEATURE_OPEN:
	case IMAGE_FEATURE_EQUAL:
	case IMAGE_FEATURE_MEMBER:
	case IMAGE_FEATURE_HITS:
	case IMAGE_FEATURE_OVERLAPS:
	case IMAGE_FEATURE_INSIDE:
	case IMAGE_FEATURE_SOME:
		return true;
	case IMAGE_FEATURE_CODE:
	case IMAGE_FEATURE_POSITION:
	case IMAGE_FEATURE_CALENDAR:
	case IMAGE_FEATURE_FINDING:
	case IMAGE_FEATURE_ACTION:
	case IMAGE_FEATURE_GAP:
	case IMAGE_FEATURE_READING:
		break;
	}
	return false;
}

/* The rows that a feature of no row asks for, or IMAGE_NONE. */
uint32_t answer_rows(const struct telling *telling, const struct image_feature *about)
{
	const struct image_value *values = telling->change->view->values;

	if (about->row != IMAGE_NONE)
		return IMAGE_NONE;
	if (about->kind == IMAGE_FEATURE_SOME)
		return about->scan;
	if (about->a != IMAGE_NONE && values[about->a].kind == IMAGE_VALUE_ROWS)
		return values[about->a].of;
	return about->b != IMAGE_NONE && about->kind != IMAGE_FEATURE_PRESENT &&
	       about->kind != IMAGE_FEATURE_FINDING && values[about->b].kind == IMAGE_VALUE_ROWS ? values[about->b].of
												  : IMAGE_NONE;
}

static bool only_none(const struct telling *telling, const struct image_feature *about, const uint8_t *classes)
{
	const uint8_t *of = telling->change->explain->image->classes + about->classes;

	for (uint32_t i = 0; i < about->size; i++)
		if (classes[of[i]] && !(about->flags & IMAGE_HAS_NONE && i + 1 == about->size))
			return false;
	return true;
}

/* Rows -------------------------------------------------------------------------------------------- */

/* One way of a condition to come to that: the answers of the row, each with all that go the same way. */
static bool wish_way(struct telling *telling, uint32_t ref, bool truth)
{
	const struct change *change = telling->change;
	const uint32_t *words = change->view->words;
	uint32_t feature, count, now;
	bool of_row;

	if (image_is_terminal(ref))
		return image_value_of(ref) == truth;
	feature = words[ref];
	count = change->view->features[feature].nclasses;
	of_row = change->view->features[feature].row != IMAGE_NONE;
	now = of_row ? IMAGE_NONE : change->now[feature];
	for (uint32_t i = 0; i < count; i++) {
		const struct telling before = *telling;
		uint8_t classes[256] = { 0 };

		if ((now == IMAGE_NONE || i == now) && wish_way(telling, words[ref + 1 + i], truth)) {
			for (uint32_t j = 0; j < count; j++)
				classes[j] = words[ref + 1 + j] == words[ref + 1 + i];
			if (of_row)
				wish_answer(telling, feature, classes);
			if (wishes_fit(telling))
				return true;
		}
		*telling = before;
	}
	return false;
}

/* Of a row that there may be; its slot has none now. */
static bool wish_row(struct telling *telling, uint32_t scan, uint32_t root, bool truth)
{
	const struct image_scan *about = &telling->change->view->scans[scan];

	bind_put_slot(telling->change->bind, about->row, SLOT_ABSENT, NULL, NULL);
	if (truth)
		return wish_way(telling, about->where, true) && wish_way(telling, root, true);
	return wish_way(telling, root, false) || wish_way(telling, about->where, false);
}

/* Whether the row that comes to be can be one of a scan's, with what is asked of it so far. */
static bool can_be_in(const struct telling *telling, uint32_t scan, uint32_t root)
{
	struct telling tried = *telling;

	return wish_row(&tried, scan, root, true);
}

/*
 * What lists say of a row that comes to be: it is in the list that lacks one, and is none that a list must not have. What
 * a list has already needs no new row.
 */
static void wish_rows(struct telling *telling, uint32_t number, const uint8_t *classes, uint32_t scan)
{
	const struct image_feature *about = &telling->change->view->features[number];
	bool some = about->kind == IMAGE_FEATURE_SOME, yes = answer_wanted(telling, about, classes, 1);
	uint32_t root = some ? about->root : IMAGE_TERMINAL | 1;

	if (telling->kind != RKO_CHANGE_RECORD || telling->changed != yes)
		return;
	telling->one_row = true;	/* several lists may have the one new row */
	if (yes || can_be_in(telling, scan, root)) {
		/* Of a set that the candidate completes, its own key says that it is in. */
		if (!some && (about->kind != IMAGE_FEATURE_INSIDE || telling_fact(telling)->scan != IMAGE_NONE))
			wish_compare(telling, number, yes);
		if (yes || some)
			telling->impossible |= !wish_row(telling, scan, root, yes);
	}
	telling->one_row = false;
}

/* Answers ----------------------------------------------------------------------------------------- */

static void wish_present(struct telling *telling, const struct image_feature *about, const uint8_t *classes)
{
	bool yes = answer_wanted(telling, about, classes, 1);
	struct wish *wish;

	if (about->a == IMAGE_NONE) {
		if (!yes)
			telling->kind = RKO_CHANGE_NO_RECORD;
		else
			step_rows_slot(&telling->rows, about->b);
		return;
	}
	wish = wish_for(telling, about->a);
	if (!wish || (yes && answer_wanted(telling, about, classes, 0)))
		return;
	wish->must_some |= yes;
	wish->must_none |= !yes;
}

/* By the kind of the feature. */
static void wish_by_kind(struct telling *telling, uint32_t number, const uint8_t *classes)
{
	const struct image_feature *about = &telling->change->view->features[number];

	switch ((enum image_feature_kind)about->kind) {
	case IMAGE_FEATURE_CODE:
		wish_codes(telling, about, classes);
		break;
	case IMAGE_FEATURE_PRESENT:
		wish_present(telling, about, classes);
		break;
	case IMAGE_FEATURE_OPEN:
		wish_open(telling, about, classes);
		break;
	case IMAGE_FEATURE_POSITION:
		if (about->row != IMAGE_NONE)
			wish_row_days(telling, about, classes);
		else
			wish_position(telling, about, classes);
		break;
	case IMAGE_FEATURE_CALENDAR:
		wish_calendar(telling, about, classes);
		break;
	case IMAGE_FEATURE_EQUAL:
	case IMAGE_FEATURE_HITS:
	case IMAGE_FEATURE_MEMBER:
	case IMAGE_FEATURE_OVERLAPS:
	case IMAGE_FEATURE_INSIDE:
		wish_compare(telling, number, answer_wanted(telling, about, classes, 1));
		break;
	case IMAGE_FEATURE_SOME:
	case IMAGE_FEATURE_FINDING:
		telling->found = answer_wanted(telling, about, classes, 1);
		break;
	case IMAGE_FEATURE_ACTION:
	case IMAGE_FEATURE_GAP:
	case IMAGE_FEATURE_READING:
		break;
	}
}

void wish_answer(struct telling *telling, uint32_t number, const uint8_t *classes)
{
	const struct image_feature *about = &telling->change->view->features[number];
	uint32_t scan;

	if (about->a != IMAGE_NONE && about->kind != IMAGE_FEATURE_PRESENT && only_none(telling, about, classes)) {
		wish_none(telling, about);
		return;
	}
	if (answer_is_test(about) && answer_wanted(telling, about, classes, 0) && answer_wanted(telling, about, classes, 1))
		return;		/* either will do */
	scan = answer_rows(telling, about);
	if (scan != IMAGE_NONE && (telling_fact(telling)->scan != IMAGE_NONE || change_one_row(telling->change, scan))) {
		wish_rows(telling, number, classes, scan);
		return;
	}
	wish_by_kind(telling, number, classes);
}
