/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Tests: what a condition comes down to. Its diagram is walked with the answers that were seen. Where that ends in
 * truth, the features on the way are the tests, and all hold. Where it does not, the way to truth that changes the
 * fewest answers is looked for, and the features on that way are the tests: the changed ones fail, the others hold. A
 * feature's needed answers are those with which the way goes on at that price; the other features keep theirs.
 *
 * An answer that is not known counts as one that would have to change.
 */
#include "engine/explain/explain.h"

enum { PRICE_FACT = 1, PRICE_LAW = 8, PRICE_GIVEN = 1000, PRICE_NEVER = 1000000 };

/* The price of the way to truth from a node on, by node: a table that grows. */
struct way {
	struct explain *explain;
	uint32_t *keys;		/* reference + 1 */
	uint32_t *prices;
	uint32_t size, used;
};

static uint32_t *place_of(struct way *way, uint32_t ref)
{
	uint32_t at = (ref * 2654435761u) & (way->size - 1);

	while (way->keys[at] && way->keys[at] != ref + 1)
		at = (at + 1) & (way->size - 1);
	return &way->keys[at];
}

static void grow(struct way *way)
{
	struct way old = *way;

	way->size = old.size ? 2 * old.size : 64;
	way->keys = ARENA_ARRAY(way->explain->scratch, way->size, uint32_t);
	way->prices = ARENA_ARRAY(way->explain->scratch, way->size, uint32_t);
	for (uint32_t i = 0; i < old.size; i++) {
		uint32_t *place;

		if (!old.keys[i])
			continue;
		place = place_of(way, old.keys[i] - 1);
		*place = old.keys[i];
		way->prices[place - way->keys] = old.prices[i];
	}
}

static const struct image_feature *feature_of(const struct way *way, uint32_t ref)
{
	return &way->explain->bind->view->features[way->explain->bind->view->words[ref]];
}

/* The class that was seen, or IMAGE_NONE. */
static uint32_t seen_class(struct way *way, uint32_t feature)
{
	uint32_t answer = bind_feature(way->explain->bind, feature);

	return answer == ANSWER_UNKNOWN || answer == ANSWER_FAILED ? IMAGE_NONE : bind_class(way->explain->bind, feature);
}

/*
 * What another answer costs. Nobody changes what is asked, nor whose area it is; a reading is no fact; a date of the law
 * moves less readily than one of the facts.
 */
static uint32_t price_of(const struct way *way, const struct image_feature *feature)
{
	switch ((enum image_feature_kind)feature->kind) {
	case IMAGE_FEATURE_ACTION:
	case IMAGE_FEATURE_READING:
		return PRICE_GIVEN;
	case IMAGE_FEATURE_CODE:
		return feature->a == way->explain->question->question->layer_value ? PRICE_GIVEN : PRICE_FACT;
	case IMAGE_FEATURE_CALENDAR:
		return feature->flags & IMAGE_MOVES ? PRICE_LAW : PRICE_FACT;
	case IMAGE_FEATURE_PRESENT:
	case IMAGE_FEATURE_OPEN:
	case IMAGE_FEATURE_EQUAL:
	case IMAGE_FEATURE_MEMBER:
	case IMAGE_FEATURE_HITS:
	case IMAGE_FEATURE_OVERLAPS:
	case IMAGE_FEATURE_INSIDE:
	case IMAGE_FEATURE_POSITION:
	case IMAGE_FEATURE_SOME:
	case IMAGE_FEATURE_FINDING:
	case IMAGE_FEATURE_GAP:
		break;
	}
	return PRICE_FACT;
}

static uint32_t price(struct way *way, uint32_t ref)
{
	const uint32_t *words = way->explain->bind->view->words;
	uint32_t best = PRICE_NEVER, seen, *place;

	if (image_is_terminal(ref))
		return image_value_of(ref) ? 0 : PRICE_NEVER;
	if (way->used * 2 >= way->size)
		grow(way);
	place = place_of(way, ref);
	if (*place)
		return way->prices[place - way->keys];
	seen = seen_class(way, words[ref]);
	if (seen != IMAGE_NONE)
		best = price(way, words[ref + 1 + seen]);
	for (uint32_t i = 0; i < feature_of(way, ref)->nclasses && best > 0; i++) {
		uint32_t here = price(way, words[ref + 1 + i]) + (i == seen ? 0 : price_of(way, feature_of(way, ref)));

		if (here < best)
			best = here;
	}
	if (way->used * 2 >= way->size)
		grow(way);
	place = place_of(way, ref);
	*place = ref + 1;
	way->prices[place - way->keys] = best;
	way->used++;
	return best;
}

/* One feature --------------------------------------------------------------------------------------- */

struct wanted {
	const struct image_feature *feature;
	uint32_t number;
	uint32_t answer;	/* that was seen; ANSWER_UNKNOWN */
	int holds;
	const bool *classes;	/* with which it would do */
};

static bool would_do(const struct explain *explain, const struct wanted *wanted, uint32_t answer)
{
	return wanted->classes[explain->image->classes[wanted->feature->classes + answer]];
}

/* Answers without the one for `none`. */
static uint32_t answers_of(const struct image_feature *feature)
{
	return feature->size - (feature->flags & IMAGE_HAS_NONE ? 1 : 0);
}

/* The codes from a list of those that would do, or the others if they are fewer. */
static void need_codes(struct explain *explain, const struct wanted *wanted, uint32_t set, struct rko_why_test *out)
{
	uint32_t all = answers_of(wanted->feature), count = 0;
	struct rko_why_value *list;

	for (uint32_t i = 0; i < all; i++)
		count += would_do(explain, wanted, i);
	out->needed_but = count > 1 && count * 2 > all;
	list = ARENA_ARRAY(explain->arena, all + 1, struct rko_why_value);
	for (uint32_t i = 0; i < all; i++)
		if (would_do(explain, wanted, i) != (out->needed_but != 0))
			list[out->nneeded++] = explain_code(explain, set, i);
	out->needed = list;
}

static void need_bits(struct explain *explain, const struct wanted *wanted, struct rko_why_test *out)
{
	uint32_t set = value_about(explain->bind->view, explain->image, wanted->feature->a).target;
	const uint32_t *bits = explain->image->bits + wanted->feature->bits.first;
	uint32_t count = explain->image->codesets[set].codes.count;
	struct rko_why_value *list = ARENA_ARRAY(explain->arena, count + 1, struct rko_why_value);

	for (uint32_t i = 0; i < count; i++)
		if (bits[i / 32] >> i % 32 & 1)
			list[out->nneeded++] = explain_code(explain, set, i);
	out->needed = list;
}

/* One end of an interval: where the cut falls that begins it (`last` 0), or the day before the one that ends it. */
static struct rko_why_end end_of(struct explain *explain, const struct wanted *wanted, uint32_t cut, int last,
				 const struct rko_why_thing *anchor)
{
	const struct image_cut *about = &explain->image->cuts[wanted->feature->cuts.first + cut];
	bool after = about->flags & IMAGE_CUT_AFTER, months = about->flags & IMAGE_CUT_MONTHS;
	struct rko_why_end out = { .day = RKO_DAY_OPEN, .name = "", .label = "", .anchor = RKO_DAY_OPEN };
	day_t day;

	if (wanted->feature->kind == IMAGE_FEATURE_CALENDAR) {
		out.day = about->count - last;
		return out;
	}
	out.name = anchor->name;
	out.label = anchor->label;
	out.anchor = anchor->day;
	out.months = months;
	out.count = months ? about->count : about->count + after - last;
	if (anchor->day == RKO_DAY_OPEN || !bind_cut_day(about, anchor->day, &day))
		return out;
	out.day = day - last;
	if (months && after != last) {	/* no number of months: a day */
		out.name = out.label = "";
		out.months = 0;
		out.count = 0;
	}
	return out;
}

/* The interval of days that would do and is nearest to what was seen. */
static void need_days(struct explain *explain, const struct wanted *wanted, struct rko_why_test *out)
{
	static const struct rko_why_end none = { .day = RKO_DAY_OPEN, .name = "", .label = "", .anchor = RKO_DAY_OPEN };
	uint32_t all = answers_of(wanted->feature), first = IMAGE_NONE, last;

	out->from = out->to = none;
	for (uint32_t i = 0; i < all && wanted->answer < all; i++) {	/* outwards from what was seen */
		for (int side = 0; side < 2 && first == IMAGE_NONE; side++) {
			uint32_t at = side ? wanted->answer + i : wanted->answer - i;

			if (at < all && would_do(explain, wanted, at))
				first = at;
		}
	}
	for (uint32_t i = 0; i < all && first == IMAGE_NONE; i++)
		if (would_do(explain, wanted, i))
			first = i;
	if (first == IMAGE_NONE)
		return;
	for (last = first; last + 1 < all && would_do(explain, wanted, last + 1);)
		last++;
	while (first > 0 && would_do(explain, wanted, first - 1))
		first--;
	if (first > 0)
		out->from = end_of(explain, wanted, first - 1, 0, &out->other);
	if (last + 1 < all)
		out->to = end_of(explain, wanted, last, 1, &out->other);
}

static void need_yes_or_no(struct explain *explain, const struct wanted *wanted, struct rko_why_test *out)
{
	out->wanted = would_do(explain, wanted, 1);
	/* Whichever it is, as long as there is something to ask of. */
	if (would_do(explain, wanted, 0) && would_do(explain, wanted, 1)) {
		out->test = RKO_TEST_EXISTS;
		out->wanted = 1;
		out->needed = NULL;
		out->nneeded = 0;
	}
}

/* Of the records that one would have to fulfil it, the one that comes nearest. */
static void look_at_rows(struct explain *explain, const struct wanted *wanted, struct rko_why_test *out)
{
	uint32_t scan = wanted->feature->scan, best = PRICE_NEVER, nearest = IMAGE_NONE;
	const struct bound_scan *rows;

	out->about = explain_nothing();
	out->about.name = explain_string(explain, explain->bind->view->scans[scan].name);
	out->about.label = explain_slot_label(explain, explain->bind->view->scans[scan].row);
	out->about.seen = RKO_SEEN_UNEXAMINED;
	out->demands = explain_string(explain, wanted->feature->name);
	if (explain->frozen || !(rows = bind_scan(explain->bind, scan)))
		return;
	out->looked_at = rows->count;
	out->about.seen = rows->count ? RKO_SEEN_VALUE : rows->open_ended ? RKO_SEEN_UNKNOWN : RKO_SEEN_NONE;
	for (uint32_t i = 0; i < rows->count && wanted->feature->root != (IMAGE_TERMINAL | 1); i++) {
		struct way way = { .explain = explain };
		uint32_t here;

		if (explain->bind->rows[explain->bind->view->rows_at[scan] + i].where == TRUTH_NO)
			continue;
		bind_row(explain->bind, scan, i);
		here = price(&way, wanted->feature->root);
		if (here >= best)
			continue;
		best = here;
		nearest = i;
	}
	if (nearest == IMAGE_NONE)
		return;
	bind_row(explain->bind, scan, nearest);
	out->nested = explain_tests(explain, wanted->feature->root, &out->nnested);
}

static void see_both(struct explain *explain, const struct wanted *wanted, struct rko_why_test *out)
{
	out->about = explain_value(explain, wanted->feature->a);
	out->other = explain_value(explain, wanted->feature->b);
	need_yes_or_no(explain, wanted, out);
}

static struct rko_why_value option_in_words(struct explain *explain, uint32_t number)
{
	const struct image_option *option = &explain->image->options[number];

	return (struct rko_why_value){ explain_string(explain, option->name),
				       explain_label(explain, &option->label, option->name) };
}

static struct rko_why_value action_in_words(struct explain *explain, uint32_t number)
{
	const struct image_action *action = &explain->image->actions[number];

	return (struct rko_why_value){ explain_string(explain, action->name),
				       explain_label(explain, &action->label, action->name) };
}

/* One of things that have names, each of which is an answer: which it was, and which would do. */
static void see_choice(struct explain *explain, const struct wanted *wanted, struct image_range things,
		       struct rko_why_value in_words(struct explain *, uint32_t), struct rko_why_test *out)
{
	struct rko_why_value *list = ARENA_ARRAY(explain->arena, things.count + 1, struct rko_why_value);
	struct rko_why_value *seen = ARENA_NEW(explain->arena, struct rko_why_value);

	for (uint32_t i = 0; i < things.count; i++) {
		struct rko_why_value value = in_words(explain, things.first + i);

		if (i == wanted->answer)
			*seen = value;
		if (would_do(explain, wanted, i))
			list[out->nneeded++] = value;
	}
	out->about.seen = RKO_SEEN_VALUE;
	out->about.values = seen;
	out->about.nvalues = 1;
	out->needed = list;
}

static void see_reading(struct explain *explain, const struct wanted *wanted, struct rko_why_test *out)
{
	const struct image_reading *reading = &explain->image->readings[wanted->feature->b];

	out->about.name = out->about.label = explain_string(explain, reading->name);
	see_choice(explain, wanted, reading->options, option_in_words, out);
}

static void see_action(struct explain *explain, const struct wanted *wanted, struct rko_why_test *out)
{
	out->about.name = "action";
	out->about.label = explain->out->asks;
	see_choice(explain, wanted, explain->question->question->actions, action_in_words, out);
}

/* A code that only its answer tells, where the facts are no longer there. */
static void see_answer(struct explain *explain, const struct wanted *wanted, uint32_t set, struct rko_why_test *out)
{
	struct rko_why_value *value;

	if (out->about.seen != RKO_SEEN_UNEXAMINED || wanted->answer == ANSWER_UNKNOWN)
		return;
	if (wanted->answer >= answers_of(wanted->feature)) {
		out->about.seen = RKO_SEEN_NONE;
		return;
	}
	value = ARENA_NEW(explain->arena, struct rko_why_value);
	*value = explain_code(explain, set, wanted->answer);
	out->about.seen = RKO_SEEN_VALUE;
	out->about.values = value;
	out->about.nvalues = 1;
}

static void see_finding(struct explain *explain, const struct wanted *wanted, struct rko_why_test *out)
{
	const struct image_slot *slot = &explain->bind->view->slots[wanted->feature->b];

	out->about = explain_nothing();
	out->about.name = explain_string(explain, slot->name);
	out->about.label = explain_slot_label(explain, wanted->feature->b);
	out->about.seen = wanted->answer == ANSWER_UNKNOWN ? RKO_SEEN_UNKNOWN : RKO_SEEN_UNEXAMINED;
	see_answer(explain, wanted, 0, out);
	need_yes_or_no(explain, wanted, out);
}

static enum rko_test test_of(enum image_feature_kind kind)
{
	static const enum rko_test tests[] = {
		[IMAGE_FEATURE_ACTION] = RKO_TEST_ACTION,     [IMAGE_FEATURE_CODE] = RKO_TEST_CODE,
		[IMAGE_FEATURE_PRESENT] = RKO_TEST_EXISTS,    [IMAGE_FEATURE_OPEN] = RKO_TEST_OPEN,
		[IMAGE_FEATURE_EQUAL] = RKO_TEST_SAME,	      [IMAGE_FEATURE_MEMBER] = RKO_TEST_MEMBER,
		[IMAGE_FEATURE_HITS] = RKO_TEST_HAS,	      [IMAGE_FEATURE_OVERLAPS] = RKO_TEST_OVERLAPS,
		[IMAGE_FEATURE_INSIDE] = RKO_TEST_INSIDE,     [IMAGE_FEATURE_POSITION] = RKO_TEST_DATE,
		[IMAGE_FEATURE_CALENDAR] = RKO_TEST_DATE,     [IMAGE_FEATURE_SOME] = RKO_TEST_SOME,
		[IMAGE_FEATURE_FINDING] = RKO_TEST_FINDING,   [IMAGE_FEATURE_GAP] = RKO_TEST_UNTOLD,
		[IMAGE_FEATURE_READING] = RKO_TEST_READING,
	};

	return tests[kind];
}

static struct rko_why_test test_new(struct explain *explain, const struct wanted *wanted)
{
	const struct image_feature *feature = wanted->feature;
	uint32_t set;
	struct rko_why_test out = {
		.test = test_of(feature->kind),
		.holds = wanted->holds,
		.about = explain_nothing(),
		.other = explain_nothing(),
		.none_will_do = feature->flags & IMAGE_HAS_NONE && would_do(explain, wanted, feature->size - 1),
		.from = { .day = RKO_DAY_OPEN, .name = "", .label = "", .anchor = RKO_DAY_OPEN },
		.to = { .day = RKO_DAY_OPEN, .name = "", .label = "", .anchor = RKO_DAY_OPEN },
		.demands = "",
	};

	switch ((enum image_feature_kind)feature->kind) {
	case IMAGE_FEATURE_ACTION:
		see_action(explain, wanted, &out);
		break;
	case IMAGE_FEATURE_CODE:
		set = value_about(explain->bind->view, explain->image, feature->a).target;
		out.about = explain_value(explain, feature->a);
		see_answer(explain, wanted, set, &out);
		need_codes(explain, wanted, set, &out);
		break;
	case IMAGE_FEATURE_PRESENT:
		out.about = feature->a == IMAGE_NONE ? explain_slot(explain, feature->b) : explain_value(explain, feature->a);
		need_yes_or_no(explain, wanted, &out);
		break;
	case IMAGE_FEATURE_OPEN:
		out.about = explain_value(explain, feature->a);
		need_yes_or_no(explain, wanted, &out);
		break;
	case IMAGE_FEATURE_HITS:
		out.about = explain_value(explain, feature->a);
		need_bits(explain, wanted, &out);
		need_yes_or_no(explain, wanted, &out);
		break;
	case IMAGE_FEATURE_EQUAL:
	case IMAGE_FEATURE_MEMBER:
	case IMAGE_FEATURE_OVERLAPS:
	case IMAGE_FEATURE_INSIDE:
		see_both(explain, wanted, &out);
		break;
	case IMAGE_FEATURE_POSITION:
		out.other = explain_value(explain, feature->b);
		/* fallthrough */
	case IMAGE_FEATURE_CALENDAR:
		out.about = explain_value(explain, feature->a);
		need_days(explain, wanted, &out);
		break;
	case IMAGE_FEATURE_SOME:
		need_yes_or_no(explain, wanted, &out);
		look_at_rows(explain, wanted, &out);
		break;
	case IMAGE_FEATURE_FINDING:
		see_finding(explain, wanted, &out);
		break;
	case IMAGE_FEATURE_GAP:
		out.about.name = out.about.label = explain_string(explain, feature->name);
		out.about.seen = RKO_SEEN_UNKNOWN;
		break;
	case IMAGE_FEATURE_READING:
		see_reading(explain, wanted, &out);
		break;
	}
	return out;
}

/* The way ------------------------------------------------------------------------------------------- */

/* Which classes of a node's feature lead on at this price. Gives one of them: the one that was seen if it does. */
static uint32_t lead_on(struct way *way, uint32_t ref, uint32_t at_most, bool *ret_classes)
{
	const uint32_t *words = way->explain->bind->view->words;
	uint32_t seen = seen_class(way, words[ref]), next = IMAGE_NONE;

	for (uint32_t i = 0; i < feature_of(way, ref)->nclasses; i++) {
		ret_classes[i] = price(way, words[ref + 1 + i]) <= at_most;
		if (ret_classes[i] && (next == IMAGE_NONE || i == seen))
			next = i;
	}
	return next;
}

/* A feature of which every answer would do as well is on the way only because the diagram asks it. */
static bool tells(const struct wanted *wanted)
{
	for (uint32_t i = 0; i < wanted->feature->nclasses; i++)
		if (!wanted->classes[i])
			return true;
	return false;
}

struct rko_why_test *explain_tests(struct explain *explain, uint32_t root, size_t *ret_count)
{
	const uint32_t *words = explain->bind->view->words;
	struct way way = { .explain = explain };
	struct rko_why_test *list = NULL;
	size_t count = 0, cap = 0;

	*ret_count = 0;
	for (uint32_t ref = root; !image_is_terminal(ref);) {
		uint32_t left = price(&way, ref), seen = seen_class(&way, words[ref]), next;
		const struct image_feature *feature = feature_of(&way, ref);
		bool *classes = ARENA_ARRAY(explain->scratch, feature->nclasses, bool);
		struct wanted wanted = { .feature = feature, .number = words[ref], .classes = classes };

		if (left >= PRICE_NEVER || explain->bind->status != RKO_OK)
			break;
		/* Of an answer that has to change, only the rest of the price is left. */
		if (seen == IMAGE_NONE || price(&way, words[ref + 1 + seen]) > left)
			left -= price_of(&way, feature);
		next = lead_on(&way, ref, left, classes);
		wanted.answer = bind_feature(explain->bind, words[ref]);
		wanted.holds = seen == IMAGE_NONE ? -1 : classes[seen];
		if (feature->kind != IMAGE_FEATURE_ACTION && tells(&wanted)) {
			list = arena_grow(explain->arena, list, count, &cap, sizeof *list);
			list[count++] = test_new(explain, &wanted);
		}
		ref = words[ref + 1 + next];
	}
	*ret_count = count;
	return list;
}

/* Conditions ---------------------------------------------------------------------------------------- */

static struct rko_why_condition condition_of(struct explain *explain, const struct image_conjunct *part)
{
	unsigned truth = bind_truth(explain->bind, part->root);
	struct rko_why_condition out = {
		.name = explain_string(explain, part->name),
		.text = explain_string(explain, part->text),
		.says = explain_label(explain, &part->says, 0),
		.holds = truth == TRUTH_YES ? 1 : truth == TRUTH_NO ? 0 : -1,
	};

	out.cites = explain_passages(explain, part->cites, part->see, &out.ncites, &out.nsee);
	if (part->parts.count) {
		struct rko_why_condition *parts = ARENA_ARRAY(explain->arena, part->parts.count, struct rko_why_condition);

		for (uint32_t i = 0; i < part->parts.count; i++)
			parts[i] = condition_of(explain, &explain->image->conjuncts[part->parts.first + i]);
		out.parts = parts;
		out.nparts = part->parts.count;
	} else {
		out.tests = explain_tests(explain, part->root, &out.ntests);
	}
	return out;
}

const struct rko_why_condition *explain_conditions(struct explain *explain, const struct image_rule *rule,
						   size_t *ret_count, size_t *ret_failing)
{
	struct rko_why_condition *list = ARENA_ARRAY(explain->arena, rule->conjuncts.count + 1, struct rko_why_condition);

	*ret_failing = 0;
	for (uint32_t i = 0; i < rule->conjuncts.count; i++) {
		list[i] = condition_of(explain, &explain->image->conjuncts[rule->conjuncts.first + i]);
		*ret_failing += list[i].holds != 1;
	}
	*ret_count = rule->conjuncts.count;
	return list;
}
