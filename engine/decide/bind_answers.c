/* SPDX-License-Identifier: EUPL-1.2 */
/* Answers: what a feature comes to, given the facts that it looks at; and what a diagram over truth does. */
#include "engine/decide/bind_parts.h"

/* Features ---------------------------------------------------------------------------------------- */

static void note_cut(struct bind *bind, day_t day)
{
	if (day > bind->today && day < bind->next_cut)
		bind->next_cut = day;
}

bool bind_cut_day(const struct image_cut *cut, day_t anchor, day_t *ret_day)
{
	day_t day;

	if (!day_add(anchor, cut->count, cut->flags & IMAGE_CUT_MONTHS ? UNIT_MONTHS : UNIT_DAYS, &day))
		return false;
	*ret_day = day + (cut->flags & IMAGE_CUT_AFTER ? 1 : 0);
	return true;
}

/* How many cuts, counted from the anchor, the point has reached. Without an end nothing is ever reached. */
static uint32_t position(struct bind *bind, const struct image_feature *about, int32_t point, int32_t anchor)
{
	const struct image_cut *cuts = bind->policy->image.cuts + about->cuts.first;
	uint32_t reached = 0;

	if (anchor == FACT_OPEN)
		return 0;
	if (point == FACT_OPEN)
		return about->cuts.count;
	for (uint32_t i = 0; i < about->cuts.count; i++) {
		day_t day;

		if (!bind_cut_day(&cuts[i], anchor, &day)) {
			fail(bind, RKO_CLOCK_RANGE);
			return ANSWER_FAILED;
		}
		if (point >= day)
			reached = i + 1;
		else if (about->flags & IMAGE_MOVES)
			note_cut(bind, day);
	}
	return reached;
}

static uint32_t calendar(struct bind *bind, const struct image_feature *about, int32_t point)
{
	const struct image_cut *cuts = bind->policy->image.cuts + about->cuts.first;
	uint32_t reached = 0;

	if (point == FACT_OPEN)
		return about->cuts.count;
	while (reached < about->cuts.count && cuts[reached].count <= point)
		reached++;
	if (about->flags & IMAGE_MOVES && reached < about->cuts.count)
		note_cut(bind, cuts[reached].count);
	return reached;
}

static uint32_t none_answer(struct bind *bind, const struct image_feature *about)
{
	if (about->flags & IMAGE_HAS_NONE)
		return about->size - 1;
	fail(bind, RKO_FACTS_INCONSISTENT);	/* nothing that is always there is absent */
	return ANSWER_FAILED;
}

static bool has_element(const struct bind *bind, uint32_t set, uint32_t from, uint32_t count, int32_t fact)
{
	const int32_t *elements = bind->elements + bind->view->elements_at[set];

	for (uint32_t i = from; i < from + count; i++)
		if (elements[i] == fact)
			return true;
	return false;
}

/* Whether a set has this one: enum truth. */
static unsigned set_has(const struct bind *bind, uint32_t number, const struct bound_value *set, int32_t fact)
{
	if (has_element(bind, number, 0, set->count, fact))
		return TRUTH_YES;
	if (set->open_ended || has_element(bind, number, set->count, set->maybe, fact))
		return TRUTH_MAYBE;
	return TRUTH_NO;
}

static uint32_t answer_of(unsigned truth)
{
	return truth == TRUTH_MAYBE ? (uint32_t)ANSWER_UNKNOWN : truth == TRUTH_YES;
}

static uint32_t member(struct bind *bind, const struct image_feature *about)
{
	const struct bound_value *set = bind_set(bind, about->b);
	int32_t fact = bind_fact(bind, about->a);

	if (!set || bind->status != RKO_OK)
		return ANSWER_FAILED;
	if (fact == FACT_NONE || set->fact == FACT_NONE)
		return none_answer(bind, about);
	if (fact == FACT_UNKNOWN)	/* in an empty set there is nothing */
		return set->count || set->maybe || set->open_ended ? (uint32_t)ANSWER_UNKNOWN : 0;
	return answer_of(set_has(bind, about->b, set, fact));
}

/* The two sets that a feature compares; NULL when their elements need no look, and *ret_answer says why. */
static const struct bound_value *two_sets(struct bind *bind, const struct image_feature *about,
					  const struct bound_value **ret_other, uint32_t *ret_answer)
{
	const struct bound_value *set = bind_set(bind, about->a), *other = bind_set(bind, about->b);

	*ret_other = other;
	*ret_answer = ANSWER_FAILED;
	if (!set || !other)
		return NULL;
	if (set->fact != FACT_NONE && other->fact != FACT_NONE)
		return set;
	*ret_answer = none_answer(bind, about);
	return NULL;
}

static uint32_t overlaps(struct bind *bind, const struct image_feature *about)
{
	const int32_t *elements = bind->elements + bind->view->elements_at[about->a];
	const struct bound_value *a, *b;
	unsigned some = TRUTH_NO;
	uint32_t answer;

	a = two_sets(bind, about, &b, &answer);
	if (!a)
		return answer;
	for (uint32_t i = 0; i < a->count + a->maybe; i++) {
		unsigned here = set_has(bind, about->b, b, elements[i]);

		if (here == TRUTH_YES && i < a->count)
			return answer_of(TRUTH_YES);
		if (here != TRUTH_NO)
			some = TRUTH_MAYBE;
	}
	if (a->open_ended && (b->count || b->maybe || b->open_ended))
		some = TRUTH_MAYBE;
	return answer_of(some);
}

/* Not empty, and inside the other. */
static uint32_t inside(struct bind *bind, const struct image_feature *about)
{
	const int32_t *elements = bind->elements + bind->view->elements_at[about->a];
	const struct bound_value *a, *b;
	unsigned all = TRUTH_YES;
	uint32_t answer;

	a = two_sets(bind, about, &b, &answer);
	if (!a)
		return answer;
	for (uint32_t i = 0; i < a->count + a->maybe; i++) {
		unsigned here = set_has(bind, about->b, b, elements[i]);

		if (here == TRUTH_NO && i < a->count)
			return answer_of(TRUTH_NO);
		if (here != TRUTH_YES)
			all = TRUTH_MAYBE;
	}
	if (!a->count && !a->maybe && !a->open_ended)
		return answer_of(TRUTH_NO);
	if (!a->count || a->open_ended)
		all = TRUTH_MAYBE;
	return answer_of(all);
}

static uint32_t hits(struct bind *bind, const struct image_feature *about)
{
	const struct bound_value *set = bind_set(bind, about->a);
	const int32_t *elements = bind->elements + bind->view->elements_at[about->a];
	const uint32_t *bits = bind->policy->image.bits + about->bits.first;
	unsigned some = TRUTH_NO;

	if (!set)
		return ANSWER_FAILED;
	if (set->fact == FACT_NONE)
		return none_answer(bind, about);
	for (uint32_t i = 0; i < set->count + set->maybe; i++) {
		if (!(bits[elements[i] / 32] >> elements[i] % 32 & 1))
			continue;
		if (i < set->count)
			return answer_of(TRUTH_YES);
		some = TRUTH_MAYBE;
	}
	return answer_of(set->open_ended ? (unsigned)TRUTH_MAYBE : some);
}

/* One row must fulfil the whole of the condition. */
static uint32_t some(struct bind *bind, const struct image_feature *about)
{
	const struct bound_scan *scan = bind_scan(bind, about->scan);
	unsigned found = TRUTH_NO;

	if (!scan)
		return ANSWER_FAILED;
	for (uint32_t i = 0; i < scan->count; i++) {
		unsigned where = bind->rows[bind->view->rows_at[about->scan] + i].where, truth;

		if (where == TRUTH_NO)
			continue;
		bind_row(bind, about->scan, i);
		truth = bind_truth(bind, about->root);
		if (bind->status != RKO_OK)
			return ANSWER_FAILED;
		if (where == TRUTH_YES && truth == TRUTH_YES)
			return answer_of(TRUTH_YES);
		if (truth != TRUTH_NO)
			found = TRUTH_MAYBE;
	}
	if (scan->open_ended && about->root != IMAGE_TERMINAL)
		found = TRUTH_MAYBE;
	return answer_of(found);
}

/* Nothing was found: about nobody or nothing, or nobody has looked. */
static uint32_t not_found(struct bind *bind, const struct image_feature *about)
{
	const struct image_slot *kind = &bind->view->slots[about->b];

	for (uint32_t i = 0; i < kind->keys.count; i++) {
		int32_t key = bind_fact(bind, bind->policy->image.keys[kind->keys.first + i]);

		if (bind->status != RKO_OK)
			return ANSWER_FAILED;
		if (key == FACT_NONE && about->flags & IMAGE_HAS_NONE)
			return about->size - 1;
	}
	return ANSWER_UNKNOWN;
}

/* What a person has found, on the days for which it was found. */
static uint32_t finding(struct bind *bind, const struct image_feature *about)
{
	const struct bound_slot *slot = bind_slot(bind, about->b);
	uint32_t nkey = bind->policy->image.records[bind->view->slots[about->b].record].nkey;
	int32_t found, begins, ends;

	if (!slot)
		return ANSWER_FAILED;
	if (slot->state != SLOT_PRESENT)
		return not_found(bind, about);
	if (!bind_slot_fact(bind, slot, about->b, nkey, &found) ||
	    !bind_finding_days(bind, about->b, &begins, &ends))
		return ANSWER_FAILED;
	if (bind->today < begins) {
		note_cut(bind, begins);
		return ANSWER_UNKNOWN;
	}
	if (ends > FACT_UNKNOWN && bind->today > ends)
		return ANSWER_UNKNOWN;
	if (ends > FACT_UNKNOWN)
		note_cut(bind, ends + 1);
	return found < 0 ? (uint32_t)ANSWER_UNKNOWN : (uint32_t)found;
}

static uint32_t equal(struct bind *bind, const struct image_feature *about)
{
	int32_t a = bind_fact(bind, about->a), b;

	if (bind->status != RKO_OK)
		return ANSWER_FAILED;
	if (a == FACT_NONE)
		return none_answer(bind, about);
	b = bind_fact(bind, about->b);
	if (bind->status != RKO_OK)
		return ANSWER_FAILED;
	if (b == FACT_NONE)
		return none_answer(bind, about);
	if (a == FACT_UNKNOWN || b == FACT_UNKNOWN)
		return ANSWER_UNKNOWN;
	return a == b;
}

static uint32_t present(struct bind *bind, const struct image_feature *about)
{
	const struct bound_slot *slot;
	int32_t fact;

	if (about->a == IMAGE_NONE) {
		slot = bind_slot(bind, about->b);
		if (!slot)
			return ANSWER_FAILED;
		return slot->state == SLOT_UNKNOWN ? (uint32_t)ANSWER_UNKNOWN : slot->state == SLOT_PRESENT;
	}
	if (value_about(bind->view, &bind->policy->image, about->a).flags & IMAGE_FIELD_SET) {
		const struct bound_value *set = bind_set(bind, about->a);

		if (!set)
			return ANSWER_FAILED;
		fact = set->fact;
	} else {
		fact = bind_fact(bind, about->a);
	}
	return fact == FACT_UNKNOWN ? (uint32_t)ANSWER_UNKNOWN : fact != FACT_NONE;
}

static uint32_t dated(struct bind *bind, const struct image_feature *about)
{
	int32_t point = bind_fact(bind, about->a), anchor = 0;

	if (about->kind == IMAGE_FEATURE_POSITION && bind->status == RKO_OK)
		anchor = bind_fact(bind, about->b);
	if (bind->status != RKO_OK)
		return ANSWER_FAILED;
	if (point == FACT_NONE || anchor == FACT_NONE)
		return none_answer(bind, about);
	if (point == FACT_UNKNOWN || anchor == FACT_UNKNOWN)
		return ANSWER_UNKNOWN;
	if (about->kind == IMAGE_FEATURE_POSITION)
		return position(bind, about, point, anchor);
	return calendar(bind, about, point);
}

static uint32_t scalar(struct bind *bind, const struct image_feature *about)
{
	int32_t fact = bind_fact(bind, about->a);

	if (bind->status != RKO_OK)
		return ANSWER_FAILED;
	if (fact == FACT_NONE)
		return none_answer(bind, about);
	if (fact == FACT_UNKNOWN)
		return ANSWER_UNKNOWN;
	return about->kind == IMAGE_FEATURE_OPEN ? fact == FACT_OPEN : (uint32_t)fact;
}

uint32_t bind_feature_new(struct bind *bind, uint32_t number)
{
	const struct image_feature *about = &bind->view->features[number];
	struct bound_feature *bound = &bind->features[number];
	uint32_t answer = ANSWER_FAILED;

	switch ((enum image_feature_kind)about->kind) {
	case IMAGE_FEATURE_ACTION:
		answer = bind->action;
		break;
	case IMAGE_FEATURE_CODE:
	case IMAGE_FEATURE_OPEN:
		answer = scalar(bind, about);
		break;
	case IMAGE_FEATURE_PRESENT:
		answer = present(bind, about);
		break;
	case IMAGE_FEATURE_EQUAL:
		answer = equal(bind, about);
		break;
	case IMAGE_FEATURE_MEMBER:
		answer = member(bind, about);
		break;
	case IMAGE_FEATURE_HITS:
		answer = hits(bind, about);
		break;
	case IMAGE_FEATURE_OVERLAPS:
		answer = overlaps(bind, about);
		break;
	case IMAGE_FEATURE_INSIDE:
		answer = inside(bind, about);
		break;
	case IMAGE_FEATURE_POSITION:
	case IMAGE_FEATURE_CALENDAR:
		answer = dated(bind, about);
		break;
	case IMAGE_FEATURE_SOME:
		answer = some(bind, about);
		break;
	case IMAGE_FEATURE_FINDING:
		answer = finding(bind, about);
		break;
	case IMAGE_FEATURE_GAP:
		answer = ANSWER_UNKNOWN;
		break;
	case IMAGE_FEATURE_READING:
		answer = bind->options[about->b];
		break;
	}
	if (bind->status != RKO_OK || answer == ANSWER_FAILED) {
		fail(bind, RKO_INTERNAL);
		return ANSWER_FAILED;
	}
	bound->stamp = bind->stamps[bind->view->feature_lasts[number]];
	bound->answer = (uint16_t)answer;
	if (answer != ANSWER_UNKNOWN)
		bound->class_ = bind->policy->image.classes[about->classes + answer];
	if (about->row == IMAGE_NONE)
		trace_feature(bind->trace, number, answer);
	return answer;
}

/* Truth ------------------------------------------------------------------------------------------- */

/* Both ends of a diagram that some completion of what is unknown reaches, each node once. */
static unsigned truths(struct bind *bind, uint32_t ref, uint8_t mark)
{
	const uint32_t *words = bind->view->words;
	unsigned found = 0;
	uint32_t answer;

	while (!image_is_terminal(ref)) {
		if (bind->seen[ref] == mark)
			return found;
		bind->seen[ref] = mark;
		answer = bind_feature(bind, words[ref]);
		if (answer == ANSWER_FAILED)
			return 0;
		if (answer == ANSWER_UNKNOWN) {
			for (uint32_t i = 0; i < bind->view->features[words[ref]].nclasses; i++)
				found |= truths(bind, words[ref + 1 + i], mark);
			return found;
		}
		ref = words[ref + 1 + bind_class(bind, words[ref])];
	}
	return found | (image_value_of(ref) ? TRUTH_YES : TRUTH_NO);
}

static uint8_t new_mark(struct bind *bind)
{
	if (++bind->seen_mark == 0) {
		memset(bind->seen, 0, bind->nseen);
		bind->seen_mark = 1;
	}
	return bind->seen_mark;
}

unsigned bind_truth(struct bind *bind, uint32_t ref)
{
	const uint32_t *words = bind->view->words;

	while (!image_is_terminal(ref)) {
		uint32_t answer = bind_feature(bind, words[ref]);

		if (answer == ANSWER_FAILED)
			return 0;
		if (answer == ANSWER_UNKNOWN)
			return truths(bind, ref, new_mark(bind));
		ref = words[ref + 1 + bind_class(bind, words[ref])];
	}
	return image_value_of(ref) ? TRUTH_YES : TRUTH_NO;
}
