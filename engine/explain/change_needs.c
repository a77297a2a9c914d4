/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a change asks of the facts: the answers on the way turned back into what fields would have to be. Several
 * answers about one field are one demand; where they do not fit together (a day both before and after another) the
 * facts cannot be so, and it is no change.
 */
#include "engine/explain/change.h"

/* A demand on one value: of the plan (`value`), shown as a field. */
struct wish {
	uint32_t value;
	uint32_t record, field;
	bool demands;		/* of codes, days, none or open: `how` says */
	bool codes, days, must_open, must_none, must_some;
	uint8_t allowed[256];	/* codes */
	day_t from, to;
	bool may_open;
	bool compared;
	enum rko_need_kind comparison;
	uint32_t other;		/* value, or IMAGE_NONE */
	uint32_t feature;	/* whose bits are meant, or (EACH) whose sets; or IMAGE_NONE */
};

enum { WISHES = 40 };

struct telling {
	struct change *change;
	uint64_t fact;
	bool changed;		/* the answer at hand is another than it is now */
	bool one_row;		/* at hand is a condition of other rows, which the one that is to be can fulfil too */
	enum rko_change_kind kind;
	struct wish wishes[WISHES];
	uint32_t nwishes;
	uint32_t found;		/* the answer of a judgement */
	bool impossible;	/* no row can be as all of it asks together */
	struct step_rows rows;
};

static struct explain *explain_of(const struct telling *telling)
{
	return telling->change->explain;
}

/* Wishes ------------------------------------------------------------------------------------------ */

static const struct change_fact *fact_of(const struct telling *telling)
{
	return &telling->change->facts[__builtin_ctzll(telling->fact)];
}

static uint32_t record_of(const struct telling *telling, uint32_t value)
{
	const struct plan_view *view = telling->change->view;
	const struct image_value *about = &view->values[value];

	return about->kind == IMAGE_VALUE_ROWS ? view->scans[about->of].record : view->slots[about->of].record;
}

static struct wish *new_wish(struct telling *telling, uint32_t value)
{
	const struct image_value *about = &telling->change->view->values[value];
	const struct change_fact *fact = fact_of(telling);
	struct wish *wish;

	if (telling->nwishes == WISHES)
		return NULL;
	wish = &telling->wishes[telling->nwishes++];
	*wish = (struct wish){ .value = value, .record = IMAGE_NONE, .field = IMAGE_NONE, .from = DAY_MIN,
			       .to = DAY_MAX, .may_open = true, .other = IMAGE_NONE, .feature = IMAGE_NONE };
	memset(wish->allowed, 1, sizeof wish->allowed);
	if (fact->kind == RKO_CHANGE_FIELD) {
		wish->record = fact->record;
		wish->field = fact->number;
	} else if (about->kind == IMAGE_VALUE_FIELD) {
		wish->record = telling->change->view->slots[about->of].record;
		wish->field = about->field;
	} else if (about->kind == IMAGE_VALUE_ROWS) {
		wish->record = telling->change->view->scans[about->of].record;
		wish->field = about->field;
	}
	return wish;
}

static struct wish *wish_for(struct telling *telling, uint32_t value)
{
	const struct image_value *about = &telling->change->view->values[value];
	const struct change_fact *fact = fact_of(telling);

	for (uint32_t i = 0; i < telling->nwishes; i++)
		if (telling->wishes[i].value == value || fact->kind == RKO_CHANGE_FIELD ||
		    (telling->one_row && about->kind != IMAGE_VALUE_REQUEST && about->kind != IMAGE_VALUE_TODAY &&
		     telling->wishes[i].field == about->field && telling->wishes[i].record == record_of(telling, value)))
			return &telling->wishes[i];
	return new_wish(telling, value);
}

static bool only_none(const struct telling *telling, const struct image_feature *about, const uint8_t *classes)
{
	const uint8_t *of = telling->change->explain->image->classes + about->classes;

	for (uint32_t i = 0; i < about->size; i++)
		if (classes[of[i]] && !(about->flags & IMAGE_HAS_NONE && i + 1 == about->size))
			return false;
	return true;
}

static bool answers(const struct telling *telling, const struct image_feature *about, const uint8_t *classes,
		    uint32_t answer)
{
	return classes[telling->change->explain->image->classes[about->classes + answer]];
}

static void wish_codes(struct telling *telling, const struct image_feature *about, const uint8_t *classes)
{
	struct wish *wish = wish_for(telling, about->a);
	uint32_t count = about->size - (about->flags & IMAGE_HAS_NONE ? 1 : 0);

	if (!wish)
		return;
	wish->codes = true;
	for (uint32_t i = 0; i < count && i < sizeof wish->allowed; i++)
		wish->allowed[i] &= answers(telling, about, classes, i);
}

static bool fits(const struct wish *wish)
{
	bool some = false;

	for (uint32_t i = 0; i < sizeof wish->allowed; i++)
		some |= wish->allowed[i];
	if (wish->must_none)
		return !wish->must_some && !wish->must_open && !wish->days && (!wish->codes || !some);
	if (wish->must_open && !wish->may_open)
		return false;
	if (wish->codes && !some)
		return false;
	return !wish->days || wish->from <= wish->to || wish->may_open;
}

/* Days ------------------------------------------------------------------------------------------------ */

/* The positions around one of the class, as far as they are wanted. */
static void positions(const struct telling *telling, const struct image_feature *about, const uint8_t *classes,
		      uint32_t *ret_first, uint32_t *ret_last)
{
	uint32_t first = 0, last;

	while (first < about->cuts.count && !answers(telling, about, classes, first))
		first++;
	last = first;
	while (last < about->cuts.count && answers(telling, about, classes, last + 1))
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
	const struct image_cut *cuts = explain_of(telling)->image->cuts + about->cuts.first;
	struct wish *wish = wish_for(telling, about->b);
	uint32_t first, last;

	positions(telling, about, classes, &first, &last);
	if (wish)
		wish_days(wish, last == about->cuts.count ? DAY_MIN : last_reached(&cuts[last], point) + 1,
			  first == 0 ? DAY_MAX : last_reached(&cuts[first - 1], point), first == 0);
}

static void wish_point(struct telling *telling, const struct image_feature *about, const uint8_t *classes, day_t anchor)
{
	const struct image_cut *cuts = explain_of(telling)->image->cuts + about->cuts.first;
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

static bool of_fact(const struct telling *telling, uint32_t value)
{
	return value != IMAGE_NONE && change_value_facts(telling->change, value) & telling->fact;
}

static void wish_position(struct telling *telling, const struct image_feature *about, const uint8_t *classes)
{
	bool point = of_fact(telling, about->a), anchor = of_fact(telling, about->b);
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

/* Comparisons -------------------------------------------------------------------------------------- */

static void wish_compared(struct telling *telling, uint32_t value, enum rko_need_kind kind, uint32_t other,
			  uint32_t feature)
{
	struct wish *wish = wish_for(telling, value);

	/* What is compared as it is already needs no words where a record only changes. */
	if (!wish || (!telling->changed && fact_of(telling)->kind != RKO_CHANGE_RECORD))
		return;
	if (wish->compared && (wish->comparison != kind || wish->other != other || wish->feature != feature)) {
		wish = new_wish(telling, value);
		if (!wish)
			return;
	}
	wish->compared = true;
	wish->comparison = kind;
	wish->other = other;
	wish->feature = feature;
}

static void wish_compare(struct telling *telling, uint32_t number, bool yes)
{
	const struct image_feature *about = &telling->change->view->features[number];
	bool a = of_fact(telling, about->a);
	uint32_t mine = a ? about->a : about->b, other = a ? about->b : about->a;

	switch (about->kind) {
	case IMAGE_FEATURE_EQUAL:
		wish_compared(telling, mine, yes ? RKO_NEED_SAME : RKO_NEED_DIFFERENT, other, IMAGE_NONE);
		break;
	case IMAGE_FEATURE_HITS:
		wish_compared(telling, about->a, yes ? RKO_NEED_HAS : RKO_NEED_HAS_NOT, IMAGE_NONE, number);
		break;
	case IMAGE_FEATURE_MEMBER:
		if (a && !of_fact(telling, about->b)) {
			wish_compared(telling, mine, yes ? RKO_NEED_SAME : RKO_NEED_DIFFERENT, other, IMAGE_NONE);
			break;
		}
		wish_compared(telling, about->b, yes ? RKO_NEED_HAS : RKO_NEED_HAS_NOT, about->a, IMAGE_NONE);
		break;
	case IMAGE_FEATURE_INSIDE:
		if (!yes)
			wish_compared(telling, mine, RKO_NEED_HAS_NOT, other, IMAGE_NONE);
		else if (a)
			wish_compared(telling, mine, RKO_NEED_WITHIN, other, IMAGE_NONE);
		else if (telling->change->view->values[mine].kind == IMAGE_VALUE_ROWS)
			wish_compared(telling, mine, RKO_NEED_EACH, other, number);
		else
			wish_compared(telling, mine, RKO_NEED_HAS_ALL, other, IMAGE_NONE);
		break;
	default:	/* sets that overlap */
		wish_compared(telling, mine, yes ? RKO_NEED_HAS : RKO_NEED_HAS_NOT, other, IMAGE_NONE);
		break;
	}
}

/* Answers ------------------------------------------------------------------------------------------ */

static void wish_answer(struct telling *telling, uint32_t number, const uint8_t *classes);

static bool fits_all(const struct telling *telling)
{
	for (uint32_t i = 0; i < telling->nwishes; i++)
		if (!fits(&telling->wishes[i]))
			return false;
	return true;
}

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
			if (fits_all(telling))
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

/* A day of the row against one of another's. */
static void wish_row_days(struct telling *telling, const struct image_feature *about, const uint8_t *classes)
{
	int32_t point = bind_fact(telling->change->bind, about->a);

	if (day_valid(point))
		wish_anchor(telling, about, classes, point);
}

/* The rows that a feature of no row asks for, or IMAGE_NONE. */
static uint32_t scan_of(const struct telling *telling, const struct image_feature *about)
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
	bool some = about->kind == IMAGE_FEATURE_SOME, yes = answers(telling, about, classes, 1);
	uint32_t root = some ? about->root : IMAGE_TERMINAL | 1;

	if (telling->kind != RKO_CHANGE_RECORD || telling->changed != yes)
		return;
	telling->one_row = true;	/* several lists may have the one new row */
	if (yes || can_be_in(telling, scan, root)) {
		/* Of a set that the candidate completes, its own key says that it is in. */
		if (!some && (about->kind != IMAGE_FEATURE_INSIDE || fact_of(telling)->scan != IMAGE_NONE))
			wish_compare(telling, number, yes);
		if (yes || some)
			telling->impossible |= !wish_row(telling, scan, root, yes);
	}
	telling->one_row = false;
}

static void wish_present(struct telling *telling, const struct image_feature *about, const uint8_t *classes)
{
	bool yes = answers(telling, about, classes, 1);
	struct wish *wish;

	if (about->a == IMAGE_NONE) {
		if (!yes)
			telling->kind = RKO_CHANGE_NO_RECORD;
		else
			step_rows_slot(&telling->rows, about->b);
		return;
	}
	wish = wish_for(telling, about->a);
	if (!wish || (yes && answers(telling, about, classes, 0)))
		return;
	wish->must_some |= yes;
	wish->must_none |= !yes;
}

static void wish_open(struct telling *telling, const struct image_feature *about, const uint8_t *classes)
{
	bool yes = answers(telling, about, classes, 1), no = answers(telling, about, classes, 0);
	struct wish *wish = wish_for(telling, about->a);

	if (!wish || yes == no)
		return;
	wish->must_open |= yes;
	wish->days |= no;
	wish->may_open &= yes;
}

static bool may_be_none(const struct telling *telling, uint32_t value)
{
	const struct plan_view *view = telling->change->view;
	const struct image_value *about = &view->values[value];

	return about->kind == IMAGE_VALUE_FIELD &&
	       record_field(explain_of(telling)->image, view->slots[about->of].record, about->field)->flags &
		       IMAGE_FIELD_NONE;
}

static bool is_none(const struct telling *telling, uint32_t value)
{
	struct bind *bind = telling->change->bind;
	const struct bound_value *set;

	if (!(value_about(telling->change->view, explain_of(telling)->image, value).flags & IMAGE_FIELD_SET))
		return bind_fact(bind, value) == FACT_NONE;
	set = bind_set(bind, value);
	return set && set->fact == FACT_NONE;
}

/* Of two that are compared one is none: the one that can be. */
static void wish_none(struct telling *telling, const struct image_feature *about, bool row)
{
	uint32_t values[2] = { about->a, about->b }, value = IMAGE_NONE;
	struct wish *wish;

	for (int i = 0; i < 2; i++) {
		if (values[i] == IMAGE_NONE)
			continue;
		if (!row && !of_fact(telling, values[i])) {
			if (is_none(telling, values[i]))
				return;		/* what it is compared with is none as it is */
			continue;
		}
		if (value == IMAGE_NONE || may_be_none(telling, values[i]))
			value = values[i];
	}
	wish = value == IMAGE_NONE ? NULL : wish_for(telling, value);
	if (wish)
		wish->must_none = true;
}

/* Answered by yes or no. */
static bool is_test(const struct image_feature *about)
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

static void wish_answer(struct telling *telling, uint32_t number, const uint8_t *classes)
{
	const struct image_feature *about = &telling->change->view->features[number];
	bool row = about->row != IMAGE_NONE;
	uint32_t scan;

	if (about->a != IMAGE_NONE && about->kind != IMAGE_FEATURE_PRESENT && only_none(telling, about, classes)) {
		wish_none(telling, about, row);
		return;
	}
	if (is_test(about) && answers(telling, about, classes, 0) && answers(telling, about, classes, 1))
		return;		/* either will do */
	scan = scan_of(telling, about);
	if (scan != IMAGE_NONE && (fact_of(telling)->scan != IMAGE_NONE || change_one_row(telling->change, scan))) {
		wish_rows(telling, number, classes, scan);
		return;
	}
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
		if (row)
			wish_row_days(telling, about, classes);
		else
			wish_position(telling, about, classes);
		break;
	case IMAGE_FEATURE_CALENDAR:
		wish_point(telling, about, classes, 0);
		break;
	case IMAGE_FEATURE_EQUAL:
	case IMAGE_FEATURE_HITS:
	case IMAGE_FEATURE_MEMBER:
	case IMAGE_FEATURE_OVERLAPS:
	case IMAGE_FEATURE_INSIDE:
		wish_compare(telling, number, answers(telling, about, classes, 1));
		break;
	case IMAGE_FEATURE_SOME:
	case IMAGE_FEATURE_FINDING:
		telling->found = answers(telling, about, classes, 1);
		break;
	case IMAGE_FEATURE_ACTION:
	case IMAGE_FEATURE_GAP:
	case IMAGE_FEATURE_READING:
		break;
	}
}

/* As it is shown ----------------------------------------------------------------------------------- */

static const struct image_code *code_at(const struct image *image, uint32_t set, uint32_t code)
{
	return &image->codes[image->codesets[set].codes.first + code];
}

static const char *fact_text(struct telling *telling, const struct value_about *about, int32_t fact, bool label)
{
	struct explain *explain = explain_of(telling);
	char day[DAY_TEXT];
	struct text name;

	if (fact == FACT_NONE)
		return "none";
	if (fact == FACT_OPEN)
		return "open";
	if (fact == FACT_UNKNOWN)
		return "";
	if (about->kind == IMAGE_TYPE_CODE) {
		const struct image_code *code = code_at(explain->image, about->target, (uint32_t)fact);

		return label ? explain_label(explain, &code->label, code->name) : explain_string(explain, code->name);
	}
	if (about->kind == IMAGE_TYPE_DATE) {
		day_print(fact, day);
		return text_copy(explain->arena, text_from(day)).at;
	}
	if (fact >= BIND_NEW_ID || store_name(explain->bind->reader, (uint32_t)fact, &name) != RKO_OK)
		return "";
	return text_copy(explain->arena, name).at;
}

static const char *seen_text(struct telling *telling, uint32_t value, bool label)
{
	struct change *change = telling->change;
	struct value_about about = value_about(change->view, explain_of(telling)->image, value);
	struct text words = { "", 0 };
	const struct bound_value *set;

	if (!(about.flags & IMAGE_FIELD_SET))
		return fact_text(telling, &about, bind_fact(change->bind, value), label);
	set = bind_set(change->bind, value);
	for (uint32_t i = 0; set && i < set->count; i++)
		words = text_format(explain_of(telling)->arena, "%.*s%s%s", TEXT_ARG(words), i ? ", " : "",
				    fact_text(telling, &about, change->bind->elements[change->view->elements_at[value] + i],
					      label));
	return text_copy(explain_of(telling)->arena, words).at;
}

/* False when they are all that there are. */
static bool need_values(struct telling *telling, const struct wish *wish, struct rko_why_need *need)
{
	struct explain *explain = explain_of(telling);
	struct value_about about = value_about(telling->change->view, explain->image, wish->value);
	const struct image_feature *bits = wish->compared && wish->feature != IMAGE_NONE
						   ? &telling->change->view->features[wish->feature] : NULL;
	uint32_t count = explain->image->codesets[about.target].codes.count;
	const char **values = ARENA_ARRAY(explain->arena, count + 1, const char *);
	const char **labels = ARENA_ARRAY(explain->arena, count + 1, const char *);

	for (uint32_t i = 0; i < count; i++) {
		const struct image_code *code = code_at(explain->image, about.target, i);

		if (bits ? !(explain->image->bits[bits->bits.first + i / 32] >> i % 32 & 1)
			 : i >= sizeof wish->allowed || !wish->allowed[i])
			continue;
		values[need->nvalues] = explain_string(explain, code->name);
		labels[need->nvalues++] = explain_label(explain, &code->label, code->name);
	}
	need->values = values;
	need->value_labels = labels;
	return need->nvalues < count;
}

static const char *value_name(struct telling *telling, uint32_t value)
{
	return explain_string(explain_of(telling), telling->change->view->values[value].name);
}

static const char *value_label(struct telling *telling, uint32_t value)
{
	struct explain *explain = explain_of(telling);
	const struct image_value *about = &telling->change->view->values[value];
	const struct image_field *field;

	if (about->kind == IMAGE_VALUE_REQUEST || about->kind == IMAGE_VALUE_TODAY)
		return explain_value_label(explain, value);
	field = record_field(explain->image, about->kind == IMAGE_VALUE_ROWS
						     ? telling->change->view->scans[about->of].record
						     : telling->change->view->slots[about->of].record, about->field);
	return explain_label(explain, &field->label, field->name);
}

static bool need_of(struct telling *telling, const struct wish *wish, struct rko_why_need *ret_need)
{
	struct explain *explain = explain_of(telling);
	struct rko_why_need need = { .field = value_name(telling, wish->value), .label = value_label(telling, wish->value),
				     .seen = "", .seen_label = "", .other = "", .other_label = "" };

	step_rows_need(&telling->rows, wish->value, wish->compared ? wish->other : IMAGE_NONE, &need);
	if (fact_of(telling)->kind == RKO_CHANGE_FIELD) {
		const struct image_field *field = record_field(explain->image, wish->record, wish->field);

		need.field = explain_string(explain, field->name);
		need.label = explain_label(explain, &field->label, field->name);
		step_rows_field(&telling->rows, wish->field, &need);
	}
	if (fact_of(telling)->kind == RKO_CHANGE_FIELD || fact_of(telling)->kind == RKO_CHANGE_REQUEST) {
		need.seen = seen_text(telling, wish->value, false);
		need.seen_label = seen_text(telling, wish->value, true);
	}
	if (wish->compared) {
		need.kind = wish->comparison;
		if (wish->other != IMAGE_NONE) {
			need.other = value_name(telling, wish->other);
			need.other_label = explain_value_label(explain, wish->other);
		}
		if (wish->comparison == RKO_NEED_EACH)
			step_rows_each(&telling->rows, &telling->change->view->features[wish->feature], &need);
		else if (wish->feature != IMAGE_NONE)
			need_values(telling, wish, &need);
	} else if (wish->must_none) {
		need.kind = RKO_NEED_NONE;
	} else if (wish->codes) {
		need.kind = RKO_NEED_ONE_OF;
		if (!need_values(telling, wish, &need) && fact_of(telling)->kind == RKO_CHANGE_RECORD)
			return false;	/* any will do */
	} else if (wish->must_open || (wish->days && wish->from > wish->to)) {
		need.kind = RKO_NEED_OPEN;
	} else if (wish->days && wish->from == DAY_MIN && wish->to == DAY_MAX) {
		if (wish->may_open)
			return false;	/* any day will do */
		need.kind = RKO_NEED_SOME;
	} else if (wish->days) {
		need.kind = RKO_NEED_DAYS;
		need.from = wish->from;
		need.to = wish->to == DAY_MAX ? RKO_DAY_OPEN : wish->to;
	} else if (wish->must_some) {
		need.kind = RKO_NEED_SOME;
	} else {
		return false;
	}
	*ret_need = need;
	return true;
}

static const char *bearer(struct explain *explain, uint32_t who, bool label)
{
	const struct image *image = explain->image;

	if (who == IMAGE_NONE)
		return "";
	for (uint32_t i = 0; i < image->n_codesets; i++) {
		const struct image_code *code;

		if (strcmp(explain_string(explain, image->codesets[i].name), "bearer") != 0 ||
		    who >= image->codesets[i].codes.count)
			continue;
		code = code_at(image, i, who);
		return label ? explain_label(explain, &code->label, code->name) : explain_string(explain, code->name);
	}
	return "";
}

static const char *name_of(struct telling *telling)
{
	const struct change_fact *fact = fact_of(telling);
	struct explain *explain = explain_of(telling);

	switch (fact->kind) {
	case RKO_CHANGE_PARAMETER:
	case RKO_CHANGE_OVERLAY:
		return explain_string(explain, fact->number);
	case RKO_CHANGE_REQUEST:
		return value_name(telling, fact->number);
	default:
		return explain_string(explain, fact->slot != IMAGE_NONE ? telling->change->view->slots[fact->slot].name
									: telling->change->view->scans[fact->scan].name);
	}
}

/* What the link is called, or the kind of record. */
static const char *label_of(struct telling *telling)
{
	const struct change_fact *fact = fact_of(telling);
	uint32_t slot = fact->slot != IMAGE_NONE ? fact->slot : telling->change->view->scans[fact->scan].row;
	const struct image_slot *about = &telling->change->view->slots[slot];
	struct explain *explain = explain_of(telling);

	return about->kind == IMAGE_SLOT_FINDING ? "" : explain_slot_label(explain, slot);
}

/* A finding, on the days of which one is the day asked about. */
static size_t judged_needs(struct telling *telling, struct rko_why_need *needs)
{
	struct explain *explain = explain_of(telling);
	const struct image_code *code = code_at(explain->image, 0, telling->found);
	const char **values = ARENA_ARRAY(explain->arena, 2, const char *);
	uint32_t nkey = explain->image->records[fact_of(telling)->record].nkey;

	values[0] = explain_string(explain, code->name);
	values[1] = explain_label(explain, &code->label, code->name);
	for (uint32_t i = 0; i < 3; i++) {
		needs[i] = (struct rko_why_need){ .kind = RKO_NEED_DAYS, .field = "", .label = "", .seen = "",
						  .seen_label = "", .other = "", .other_label = "",
						  .other_row = RKO_NOTHING, .other_field = "", .from = DAY_MIN,
						  .to = RKO_DAY_OPEN };
		step_rows_field(&telling->rows, nkey + i, &needs[i]);
		needs[i].field = needs[i].stored[0];
	}
	needs[0].kind = RKO_NEED_ONE_OF;
	needs[0].values = values;
	needs[0].value_labels = values + 1;
	needs[0].nvalues = 1;
	needs[1].to = needs[2].from = telling->change->bind->today;
	return 3;
}

static void tell_step(struct telling *telling, struct rko_why_step *step)
{
	const struct change_fact *fact = fact_of(telling);
	struct explain *explain = explain_of(telling);
	struct rko_why_need *needs = ARENA_ARRAY(explain->arena, telling->nwishes + 3, struct rko_why_need);

	*step = (struct rko_why_step){ .kind = telling->kind, .name = name_of(telling), .record = "", .label = "",
				       .asks = "", .who = bearer(explain, fact->who, false),
				       .who_label = bearer(explain, fact->who, true), .needs = needs };
	if (fact->kind == RKO_CHANGE_PARAMETER)
		step->label = explain_parameter_label(explain, step->name);
	if (fact->record != IMAGE_NONE) {
		step->record = explain_string(explain, explain->image->records[fact->record].name);
		step->label = label_of(telling);
	}
	if (fact->kind == RKO_CHANGE_JUDGEMENT) {
		step->asks = explain_label(explain, &telling->change->view->slots[fact->slot].asks, 0);
		step->nneeds = judged_needs(telling, needs);
	}
	for (uint32_t i = 0; fact->kind != RKO_CHANGE_JUDGEMENT && i < telling->nwishes; i++)
		step->nneeds += need_of(telling, &telling->wishes[i], &needs[step->nneeds]);
	step->rows = telling->rows.list;
	step->nrows = telling->rows.count;
}

/* The rule that would speak: one that the deciding diagram names where the answers are as found. */
static uint32_t opens_rule(const struct change *change, const struct change_found *found, uint32_t ref, uint8_t mark)
{
	const struct image_question *question = change->explain->question->question;
	const uint32_t *words = change->view->words;
	uint32_t rule = IMAGE_NONE, feature, only = IMAGE_NONE;

	if (image_is_terminal(ref)) {
		const struct image_terminal *end =
			&change->explain->image->terminals[question->terminals.first + image_value_of(ref)];

		return end->outcome == IMAGE_OUT_GRANTED ? end->witness : IMAGE_NONE;
	}
	if (change->bind->seen[ref] == mark)
		return IMAGE_NONE;
	change->bind->seen[ref] = mark;
	feature = words[ref];
	if (!(change->touch[feature] & found->facts))
		only = change->now[feature];
	for (uint32_t i = 0; i < found->count; i++)
		if (found->answers[i].feature == feature)
			only = found->answers[i].class_;
	for (uint32_t i = 0; i < change->view->features[feature].nclasses && rule == IMAGE_NONE; i++)
		if (only == IMAGE_NONE || i == only)
			rule = opens_rule(change, found, words[ref + 1 + i], mark);
	return rule;
}

/* A row of a list comes to be, or goes; false where the same change would have to do both. */
static bool list_kind(struct telling *telling, const struct change_found *found)
{
	bool comes = false, goes = false;

	for (uint32_t i = 0; i < found->count; i++) {
		const struct change_answer *answer = &found->answers[i];
		const struct image_feature *about = &telling->change->view->features[answer->feature];

		if (!(telling->change->touch[answer->feature] & telling->fact) || !answer->classes || !is_test(about) ||
		    answer->class_ == telling->change->now[answer->feature] || scan_of(telling, about) == IMAGE_NONE)
			continue;
		comes |= !answers(telling, about, answer->classes, 0);
		goes |= !answers(telling, about, answer->classes, 1);
	}
	if (goes)
		telling->kind = RKO_CHANGE_NO_RECORD;
	return !(comes && goes);
}

static bool tell_fact(struct change *change, const struct change_found *found, uint64_t fact, struct rko_why_step *step)
{
	struct telling telling = { .change = change, .fact = fact };

	telling.kind = fact_of(&telling)->kind;
	step_rows_begin(&telling.rows, change, fact_of(&telling));
	if (telling.kind == RKO_CHANGE_RECORD && fact_of(&telling)->scan != IMAGE_NONE && !list_kind(&telling, found))
		return false;
	/* Last what lists must not come to have: asked only as far as it is not clear from all else. */
	for (uint32_t i = 0; i < 2 * found->count; i++) {
		const struct change_answer *answer = &found->answers[i % found->count];
		const struct image_feature *about = &change->view->features[answer->feature];
		bool last;

		telling.changed = answer->class_ != change->now[answer->feature];
		last = !telling.changed && scan_of(&telling, about) != IMAGE_NONE;
		if (change->touch[answer->feature] & fact && answer->classes && last == (i >= found->count))
			wish_answer(&telling, answer->feature, answer->classes);
	}
	if (telling.impossible || !fits_all(&telling))
		return false;
	tell_step(&telling, step);
	return true;
}

/* Whoever asks is not told which records there are, nor what is in one beside the field itself. */
static void withhold_rows(struct explain *explain, struct rko_why_step *step)
{
	struct rko_why_need *needs = ARENA_ARRAY(explain->arena, step->nneeds + 1, struct rko_why_need);

	for (size_t i = 0; i < step->nneeds; i++) {
		needs[i] = step->needs[i];
		needs[i].row = needs[i].other_row = RKO_NOTHING;
		needs[i].nstored = 0;
		needs[i].other_field = "";
		if (needs[i].kind != RKO_NEED_EACH)
			needs[i].nothers = 0;
	}
	step->needs = needs;
	step->nrows = 0;
}

/* Answers -------------------------------------------------------------------------------------------
 *
 * The way that was found takes one answer after the other, and each demand would be as narrow as its answer. Wider is as
 * good where every cell with such answers is granted: an answer takes in whatever other class keeps it so.
 */

struct widening {
	struct change *change;
	uint64_t facts;
	uint8_t **allowed;	/* by feature: classes; NULL: not on the way */
	uint8_t *seen;		/* by word of the diagrams: the walk that has met it */
	uint8_t walk;
	size_t size;
};

/* Whether every possible cell with answers that are allowed is granted; of a condition: whether it holds. */
static bool all_granted(const struct widening *widening, uint32_t ref, bool condition)
{
	const struct change *change = widening->change;
	uint32_t feature, now;
	bool open;

	if (image_is_terminal(ref))
		return condition ? image_value_of(ref)
				 : image_value_of(ref) == IMAGE_OUT_GRANTED || image_value_of(ref) == IMAGE_OUT_IMPOSSIBLE;
	if (widening->seen[ref] == widening->walk)
		return true;	/* what came to anything else ended the walk */
	widening->seen[ref] = widening->walk;
	feature = change->view->words[ref];
	now = change->now[feature];
	open = now == IMAGE_NONE || change->touch[feature] & widening->facts;
	for (uint32_t i = 0; i < change->view->features[feature].nclasses; i++)
		if ((widening->allowed[feature] ? widening->allowed[feature][i] : open || i == now) &&
		    !all_granted(widening, change->view->words[ref + 1 + i], condition))
			return false;
	return true;
}

static void next_walk(struct widening *widening)
{
	if (!++widening->walk) {
		memset(widening->seen, 0, widening->size);
		widening->walk = 1;
	}
}

static bool holds(struct widening *widening)
{
	const struct change *change = widening->change;

	next_walk(widening);
	if (!all_granted(widening, change->explain->question->question->analysis, false))
		return false;
	if (!change->to_be)
		return true;
	next_walk(widening);
	return all_granted(widening, change->view->scans[change->view->plan->pivot].where, true);
}

/* The answers found, as wide as they can be: those that stay as they are first, for what stays need not be said. */
static struct change_answer *widen(struct change *change, const struct change_found *found)
{
	struct arena *arena = change->explain->scratch;
	struct change_answer *answers = ARENA_ARRAY(arena, found->count + 1, struct change_answer);
	struct widening widening = { .change = change, .facts = found->facts };

	widening.size = change->view->plan->nodes.count;
	widening.allowed = ARENA_ARRAY(arena, change->view->nfeatures + 1, uint8_t *);
	widening.seen = ARENA_ARRAY(arena, widening.size + 1, uint8_t);
	for (uint32_t i = 0; i < found->count; i++) {
		answers[i] = found->answers[i];
		if (answers[i].classes)
			answers[i].classes = widening.allowed[answers[i].feature] = arena_copy(arena, answers[i].classes, 256);
	}
	/* What whoever asks is told may not hang on the hidden answers of now, as this does. */
	if (change->told || !holds(&widening))
		return answers;
	for (uint32_t i = 0; i < 2 * found->count; i++) {
		const struct change_answer *answer = &answers[i % found->count];
		uint8_t *allowed = widening.allowed[answer->feature];
		bool stays = answer->class_ == change->now[answer->feature];

		if (!allowed || stays != (i < found->count) || !(change->touch[answer->feature] & found->facts))
			continue;
		for (uint32_t j = 0; j < change->view->features[answer->feature].nclasses; j++) {
			if (allowed[j])
				continue;
			allowed[j] = 1;
			allowed[j] = holds(&widening);
		}
	}
	return answers;
}

bool change_tell(struct change *change, const struct change_found *way, struct rko_why_change *ret_change)
{
	const struct change_found wide = { way->facts, way->candidate, widen(change, way), way->count, way->told },
				  *found = &wide;
	struct explain *explain = change->explain;
	const struct image_question *question = explain->question->question;
	struct rko_why_step *steps = ARENA_ARRAY(explain->arena, (size_t)__builtin_popcountll(found->facts) + 1,
						 struct rko_why_step);
	struct rko_why_change out = { .steps = steps, .opens = "", .opens_says = "" };
	uint32_t rule;

	for (uint64_t left = found->facts; left; left &= left - 1)
		if (!tell_fact(change, found, left & ~(left - 1), &steps[out.nsteps++]))
			return false;
	if (change->told) {	/* by which rule, hangs on what is not shown */
		for (size_t i = 0; i < out.nsteps; i++)
			withhold_rows(explain, &steps[i]);
		*ret_change = out;
		return true;
	}
	rule = opens_rule(change, found, question->root, walk_mark(change->bind));
	if (rule != IMAGE_NONE) {
		out.opens = explain_string(explain, explain->rules[rule].name);
		out.opens_says = explain_label(explain, &explain->rules[rule].says, 0);
	}
	*ret_change = out;
	return true;
}
