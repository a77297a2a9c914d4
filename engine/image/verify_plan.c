/* SPDX-License-Identifier: EUPL-1.2 */
/* The door, 20–30, 35 and 36: the records, values, lists and features of a plan. */
#include "engine/image/verify_parts.h"

#include <stdlib.h>

#include "engine/image/depends.h"

struct value_type verify_value_type(const struct plan_check *p, uint32_t number)
{
	const struct image *image = p->image;
	const struct image_value *value = &p->values[number];
	const struct image_record *record;
	struct value_type type = { IMAGE_TYPE_DATE, 0, IMAGE_NONE };

	switch (value->kind) {
	case IMAGE_VALUE_REQUEST: {
		const struct image_question *question = &image->questions[p->plan->question];
		const struct image_input *input = &image->inputs[question->inputs.first + value->of];

		return (struct value_type){ input->kind, input->flags, input->target };
	}
	case IMAGE_VALUE_FIELD:
	case IMAGE_VALUE_ROWS: {
		const struct image_field *field;

		record = &image->records[value->kind == IMAGE_VALUE_FIELD ? p->slots[value->of].record
									 : p->scans[value->of].record];
		field = &image->fields[record->fields.first + value->field];
		type = (struct value_type){ field->kind, field->flags, field->target };
		if (value->kind == IMAGE_VALUE_ROWS)
			type.flags |= IMAGE_FIELD_SET;
		return type;
	}
	}
	return type;
}

/* The id of a record and a reference to it are one value; otherwise kinds and targets are the same. */
static bool same_type(struct value_type a, struct value_type b)
{
	if (a.kind != b.kind)
		return (a.kind == IMAGE_TYPE_ID && b.kind == IMAGE_TYPE_REF) ||
		       (a.kind == IMAGE_TYPE_REF && b.kind == IMAGE_TYPE_ID);
	return a.target == b.target;
}

/* The slot that must be at hand before the value can be read; 0 when none, else slot + 1. */
static uint32_t slot_before(const struct plan_check *p, uint32_t value)
{
	const struct image_value *about = &p->values[value];

	if (about->kind == IMAGE_VALUE_FIELD)
		return about->of + 1;
	if (about->kind == IMAGE_VALUE_ROWS)
		return p->scans[about->of].row + 1;
	return 0;
}

static bool keys_ok(const struct plan_check *p, const struct image_record *record, struct image_range keys,
		    uint32_t slot)
{
	const struct image *image = p->image;
	uint32_t each = 0;

	if (!range_ok(keys, image->n_keys) || keys.count > record->nkey || !keys.count)
		return false;
	for (uint32_t i = 0; i < keys.count; i++) {
		uint32_t key = image->keys[keys.first + i], value = key & ~IMAGE_KEY_EACH;
		const struct image_field *field = &image->fields[record->fields.first + i];
		struct value_type type;

		if (value >= p->plan->values.count || slot_before(p, value) > slot)
			return false;
		type = verify_value_type(p, value);
		if (!same_type(type, (struct value_type){ field->kind, field->flags, field->target }))
			return false;
		if (!(type.flags & IMAGE_FIELD_SET) != !(key & IMAGE_KEY_EACH))
			return false;
		each += key & IMAGE_KEY_EACH ? 1 : 0;
	}
	return each <= 1;
}

static void check_value(struct plan_check *p, uint32_t number)
{
	struct verify *v = p->v;
	const struct image *image = p->image;
	const struct image_value *value = &p->values[number];
	uint32_t record = IMAGE_NONE;

	at(v, "values", p->plan->values.first + number);
	REQUIRE(21, string_ok(v, value->name) && value->flags < 16, "its name or flags are out of range");
	REQUIRE(21, value->row == IMAGE_NONE || value->row < p->plan->scans.count, "its row is out of range");
	switch (value->kind) {
	case IMAGE_VALUE_REQUEST:
		REQUIRE(21, p->plan->question != IMAGE_NONE &&
			value->of < image->questions[p->plan->question].inputs.count, "it is of no input");
		return;
	case IMAGE_VALUE_TODAY:
		return;
	case IMAGE_VALUE_FIELD:
		REQUIRE(21, value->of < p->plan->slots.count, "it is of no slot");
		record = p->slots[value->of].record;
		break;
	case IMAGE_VALUE_ROWS:
		REQUIRE(21, value->of < p->plan->scans.count, "it is of no list");
		record = p->scans[value->of].record;
		break;
	default:
		refuse(v, 21, "a value of no kind");
		return;
	}
	REQUIRE(21, value->field < image->records[record].fields.count, "its record has no such field");
}

static bool is_yesno(const struct image *image, const struct image_record *record, uint32_t number)
{
	const struct image_field *field = &image->fields[record->fields.first + number];

	return field->kind == IMAGE_TYPE_CODE && field->target == 0 && !(field->flags & IMAGE_FIELD_SET);
}

static void check_slot(struct plan_check *p, uint32_t number)
{
	struct verify *v = p->v;
	const struct image *image = p->image;
	const struct image_slot *slot = &p->slots[number];
	const struct image_record *record;
	struct value_type type;

	at(v, "slots", p->plan->slots.first + number);
	REQUIRE(20, slot->record < image->n_records && string_ok(v, slot->name) && label_ok(v, &slot->asks) &&
		slot->flags < 16, "its record or name is out of range");
	REQUIRE(20, slot->row == IMAGE_NONE || slot->row < p->plan->scans.count, "its row is out of range");
	record = &image->records[slot->record];
	REQUIRE(20, slot->kind == IMAGE_SLOT_LINK || slot->kind == IMAGE_SLOT_FINDING ? slot->from == IMAGE_NONE
										       : slot->keys.count == 0,
		"it is found in two ways");
	switch (slot->kind) {
	case IMAGE_SLOT_REQUEST:
		REQUIRE(22, p->plan->question != IMAGE_NONE &&
			slot->from < image->questions[p->plan->question].inputs.count, "it is of no input");
		REQUIRE(22, image->inputs[image->questions[p->plan->question].inputs.first + slot->from].kind ==
				    IMAGE_TYPE_REF &&
			image->inputs[image->questions[p->plan->question].inputs.first + slot->from].target ==
				slot->record && record->nkey == 1, "the input is of another record");
		break;
	case IMAGE_SLOT_LINK:
		REQUIRE(22, slot->keys.count == record->nkey && keys_ok(p, record, slot->keys, number),
			"its key is not the record's");
		for (uint32_t i = 0; i < slot->keys.count; i++)
			REQUIRE(22, !(image->keys[slot->keys.first + i] & IMAGE_KEY_EACH),
				"a whole key runs through no set");
		break;
	case IMAGE_SLOT_FINDING:
		REQUIRE(22, record->flags & IMAGE_RECORD_FINDING && slot->keys.count == record->nkey &&
			keys_ok(p, record, slot->keys, number), "its key is not the record's");
		REQUIRE(22, record->fields.count == record->nkey + 3 && record->valid[0] == record->nkey + 1 &&
			record->valid[1] == record->nkey + 2 && is_yesno(image, record, record->nkey),
			"a finding has another shape");
		break;
	case IMAGE_SLOT_REF:
		REQUIRE(22, slot->from < p->plan->values.count && slot_before(p, slot->from) <= number,
			"its reference is not known before it");
		type = verify_value_type(p, slot->from);
		REQUIRE(22, type.kind == IMAGE_TYPE_REF && type.target == slot->record &&
			!(type.flags & IMAGE_FIELD_SET) && record->nkey == 1, "it refers to another record");
		break;
	case IMAGE_SLOT_ROW:
		REQUIRE(22, slot->from == IMAGE_NONE
				    ? p->plan->record == slot->record
				    : slot->from < p->plan->scans.count && p->scans[slot->from].row == number,
			"it is the row of no list");
		break;
	default:
		refuse(v, 20, "a slot of no kind");
	}
}

static void check_scan(struct plan_check *p, uint32_t number)
{
	struct verify *v = p->v;
	const struct image *image = p->image;
	const struct image_scan *scan = &p->scans[number];

	at(v, "scans", p->plan->scans.first + number);
	REQUIRE(23, scan->kind <= IMAGE_SCAN_ROWS && scan->record < image->n_records && string_ok(v, scan->name) &&
		scan->flags < 16, "its record or name is out of range");
	REQUIRE(23, scan->row < p->plan->slots.count && p->slots[scan->row].kind == IMAGE_SLOT_ROW &&
		p->slots[scan->row].from == number && p->slots[scan->row].record == scan->record,
		"its row is another's");
	REQUIRE(23, scan->bound >= 1 && scan->bound <= LIMIT_CANDIDATES, "its bound is out of range");
	REQUIRE(23, keys_ok(p, &image->records[scan->record], scan->keys, scan->row), "its key is not the record's");
	REQUIRE(23, (scan->kind == IMAGE_SCAN_EACH) == (p->plan->pivot == number), "the pivot is another");
}

static uint32_t answers_of(const struct plan_check *p, const struct image_feature *feature)
{
	uint32_t none = feature->flags & IMAGE_HAS_NONE ? 1 : 0;

	switch (feature->kind) {
	case IMAGE_FEATURE_ACTION:
		return p->image->questions[p->plan->question].actions.count;
	case IMAGE_FEATURE_READING:
		return p->image->readings[feature->b].options.count;
	case IMAGE_FEATURE_CODE:
		return p->image->codesets[verify_value_type(p, feature->a).target].codes.count + none;
	case IMAGE_FEATURE_POSITION:
	case IMAGE_FEATURE_CALENDAR:
		return feature->cuts.count + 1 + none;
	}
	return 2 + none;
}

static bool feature_types(const struct plan_check *p, const struct image_feature *feature)
{
	uint32_t nvalues = p->plan->values.count;
	bool a = feature->a < nvalues, b = feature->b < nvalues;
	bool dates = feature->kind == IMAGE_FEATURE_POSITION || feature->kind == IMAGE_FEATURE_CALENDAR;
	bool no_b = feature->b == IMAGE_NONE;
	struct value_type x = { 0 }, y = { 0 };

	if (a)
		x = verify_value_type(p, feature->a);
	if (b && feature->kind != IMAGE_FEATURE_READING)
		y = verify_value_type(p, feature->b);
	if ((feature->kind != IMAGE_FEATURE_SOME &&
	     (feature->scan != IMAGE_NONE || feature->root != IMAGE_TERMINAL)) ||
	    (feature->kind != IMAGE_FEATURE_HITS && feature->bits.count) || (!dates && feature->cuts.count))
		return false;	/* what a feature of this kind has no use for */
	switch (feature->kind) {
	case IMAGE_FEATURE_ACTION:
		return p->plan->question != IMAGE_NONE && feature->a == IMAGE_NONE && no_b;
	case IMAGE_FEATURE_GAP:
		return (a || feature->a == IMAGE_NONE) && no_b;
	case IMAGE_FEATURE_READING:
		return feature->a == IMAGE_NONE && feature->b < p->image->n_readings;
	case IMAGE_FEATURE_CODE:
		return a && no_b && verify_plain(x, IMAGE_TYPE_CODE);
	case IMAGE_FEATURE_PRESENT:
		return feature->a == IMAGE_NONE ? feature->b < p->plan->slots.count : a && no_b;
	case IMAGE_FEATURE_OPEN:
	case IMAGE_FEATURE_CALENDAR:
		return a && no_b && verify_plain(x, IMAGE_TYPE_DATE);
	case IMAGE_FEATURE_POSITION:
		return a && b && verify_plain(x, IMAGE_TYPE_DATE) && verify_plain(y, IMAGE_TYPE_DATE);
	case IMAGE_FEATURE_EQUAL:
		return a && b && same_type(x, y) && !((x.flags | y.flags) & IMAGE_FIELD_SET);
	case IMAGE_FEATURE_MEMBER:
		return a && b && same_type(x, y) && !(x.flags & IMAGE_FIELD_SET) && y.flags & IMAGE_FIELD_SET;
	case IMAGE_FEATURE_OVERLAPS:
	case IMAGE_FEATURE_INSIDE:
		return a && b && same_type(x, y) && x.flags & y.flags & IMAGE_FIELD_SET;
	case IMAGE_FEATURE_HITS:
		return a && no_b && x.kind == IMAGE_TYPE_CODE && x.flags & IMAGE_FIELD_SET &&
		       feature->bits.count == (p->image->codesets[x.target].codes.count + 31) / 32;
	case IMAGE_FEATURE_SOME:
		return feature->scan < p->plan->scans.count && p->scans[feature->scan].kind == IMAGE_SCAN_SOME &&
		       feature->a == IMAGE_NONE && no_b;
	case IMAGE_FEATURE_FINDING:
		return feature->a == IMAGE_NONE && feature->b < p->plan->slots.count &&
		       p->slots[feature->b].kind == IMAGE_SLOT_FINDING;
	}
	return false;
}

static void check_feature(struct plan_check *p, uint32_t number)
{
	struct verify *v = p->v;
	const struct image *image = p->image;
	const struct image_feature *feature = &p->features[number];
	uint32_t seen = 0;

	at(v, "features", p->plan->features.first + number);
	REQUIRE(24, string_ok(v, feature->name) && feature->flags < 16 && range_ok(feature->cuts, image->n_cuts) &&
		range_ok(feature->bits, image->n_bits), "its name, dates or codes are out of range");
	REQUIRE(24, feature->row == IMAGE_NONE || feature->row < p->plan->scans.count, "its row is out of range");
	REQUIRE(25, feature_types(p, feature), "its values are not of the kinds it needs");
	REQUIRE(26, feature->size == answers_of(p, feature), "it has more or fewer answers than it can give");
	REQUIRE(26, feature->nclasses >= 1 && feature->nclasses <= LIMIT_CLASSES &&
		range_ok((struct image_range){ feature->classes, feature->size }, image->n_classes),
		"its classes are out of range");
	for (uint32_t i = 0; i < feature->size; i++) {
		uint8_t class_ = image->classes[feature->classes + i];

		REQUIRE(27, class_ <= seen, "its classes are not numbered by their least answer");
		seen += class_ == seen;
	}
	REQUIRE(27, seen == feature->nclasses, "a class without an answer");
	for (uint32_t i = 0; i < feature->cuts.count; i++) {
		const struct image_cut *cut = &image->cuts[feature->cuts.first + i];

		REQUIRE(28, cut->flags <= 3 && cut->count >= -40000 && cut->count <= 90000,
			"a date is out of range");
		if (feature->kind == IMAGE_FEATURE_CALENDAR)
			REQUIRE(28, day_valid(cut->count) && (i == 0 || cut[-1].count < cut->count),
				"fixed dates are not in order");
	}
}

/* 35: on which row at hand a thing hangs, and whether on the candidate: as its parts say. */

struct hangs {
	uint32_t row;
	bool pivot;
	bool torn;	/* hangs on two rows */
};

static void hang(struct hangs *hangs, struct hangs on)
{
	hangs->torn |= on.torn || (on.row != IMAGE_NONE && hangs->row != IMAGE_NONE && on.row != hangs->row);
	if (on.row != IMAGE_NONE)
		hangs->row = on.row;
	hangs->pivot |= on.pivot;
}

static struct hangs value_hangs(const struct plan_check *p, uint32_t value)
{
	return (struct hangs){ p->values[value].row, p->values[value].flags & IMAGE_HANGS_PIVOT, false };
}

static bool hangs_said(struct hangs hangs, uint32_t row, uint32_t flags)
{
	return !hangs.torn && hangs.row == row && hangs.pivot == !!(flags & IMAGE_HANGS_PIVOT);
}

static struct hangs keys_hang(const struct plan_check *p, struct image_range keys)
{
	struct hangs hangs = { IMAGE_NONE, false, false };

	for (uint32_t i = 0; i < keys.count; i++)
		hang(&hangs, value_hangs(p, p->image->keys[keys.first + i] & ~IMAGE_KEY_EACH));
	return hangs;
}

static struct hangs slot_hangs(const struct plan_check *p, const struct image_slot *slot)
{
	struct hangs hangs = { IMAGE_NONE, false, false };

	switch (slot->kind) {
	case IMAGE_SLOT_LINK:
	case IMAGE_SLOT_FINDING:
		return keys_hang(p, slot->keys);
	case IMAGE_SLOT_REF:
		return value_hangs(p, slot->from);
	case IMAGE_SLOT_ROW:
		if (slot->from == IMAGE_NONE)
			break;
		hangs.pivot = p->plan->pivot == slot->from || p->scans[slot->from].flags & IMAGE_HANGS_PIVOT;
		hangs.row = p->plan->pivot == slot->from ? IMAGE_NONE : slot->from;
	}
	return hangs;
}

static struct hangs feature_hangs(const struct plan_check *p, const struct image_feature *feature)
{
	struct hangs hangs = { IMAGE_NONE, false, false };
	bool slot = feature->kind == IMAGE_FEATURE_FINDING ||
		    (feature->kind == IMAGE_FEATURE_PRESENT && feature->a == IMAGE_NONE);

	if (feature->kind == IMAGE_FEATURE_SOME)
		hangs.pivot = p->scans[feature->scan].flags & IMAGE_HANGS_PIVOT;
	else if (slot)
		return slot_hangs(p, &p->slots[feature->b]);
	if (feature->a != IMAGE_NONE)
		hang(&hangs, value_hangs(p, feature->a));
	if (feature->b != IMAGE_NONE && feature->kind != IMAGE_FEATURE_READING)
		hang(&hangs, value_hangs(p, feature->b));
	return hangs;
}

static bool feature_moves(const struct plan_check *p, const struct image_feature *feature)
{
	bool dates = feature->kind == IMAGE_FEATURE_POSITION || feature->kind == IMAGE_FEATURE_CALENDAR;

	return feature->kind == IMAGE_FEATURE_FINDING ||
	       (dates && p->values[feature->a].kind == IMAGE_VALUE_TODAY);
}

static void check_hangs(struct plan_check *p)
{
	struct verify *v = p->v;

	for (uint32_t i = 0; i < p->plan->values.count; i++) {
		const struct image_value *value = &p->values[i];
		struct hangs hangs = { IMAGE_NONE, false, false };

		at(v, "values", p->plan->values.first + i);
		if (value->kind == IMAGE_VALUE_FIELD)
			hangs = (struct hangs){ p->slots[value->of].row,
						p->slots[value->of].flags & IMAGE_HANGS_PIVOT, false };
		else if (value->kind == IMAGE_VALUE_ROWS)
			hangs.pivot = p->scans[value->of].flags & IMAGE_HANGS_PIVOT;
		REQUIRE(35, hangs_said(hangs, value->row, value->flags), "it hangs on something else");
	}
	for (uint32_t i = 0; i < p->plan->scans.count; i++) {
		struct hangs hangs = keys_hang(p, p->scans[i].keys);

		at(v, "scans", p->plan->scans.first + i);
		REQUIRE(35, hangs.row == IMAGE_NONE && !(p->plan->pivot == i && hangs.pivot) &&
			hangs_said(hangs, IMAGE_NONE, p->scans[i].flags), "it hangs on something else");
	}
	for (uint32_t i = 0; i < p->plan->slots.count; i++) {
		at(v, "slots", p->plan->slots.first + i);
		REQUIRE(35, hangs_said(slot_hangs(p, &p->slots[i]), p->slots[i].row, p->slots[i].flags),
			"it hangs on something else");
	}
	for (uint32_t i = 0; i < p->plan->features.count; i++) {
		const struct image_feature *feature = &p->features[i];

		at(v, "features", p->plan->features.first + i);
		REQUIRE(35, hangs_said(feature_hangs(p, feature), feature->row, feature->flags),
			"it hangs on something else");
		REQUIRE(35, feature_moves(p, feature) == !!(feature->flags & IMAGE_MOVES),
			"whether it moves with today is said wrongly");
	}
}

/* 30–34: diagrams */

static bool plan_ranges(const struct image *image, const struct image_plan *plan)
{
	return range_ok(plan->slots, image->n_slots) && range_ok(plan->values, image->n_values) &&
	       range_ok(plan->scans, image->n_scans) && range_ok(plan->features, image->n_features) &&
	       range_ok(plan->nodes, image->n_nodes) && plan->slots.count <= LIMIT_SLOTS &&
	       plan->scans.count <= LIMIT_LISTS && plan->features.count <= LIMIT_FEATURES &&
	       (plan->question == IMAGE_NONE || plan->question < image->n_questions) &&
	       (plan->record == IMAGE_NONE || plan->record < image->n_records) &&
	       (plan->question == IMAGE_NONE) != (plan->record == IMAGE_NONE) &&
	       (plan->pivot == IMAGE_NONE || plan->pivot < plan->scans.count);
}

void verify_plan(struct verify *v, uint32_t number)
{
	const struct image *image = v->image;
	const struct image_plan *plan = &image->plans[number];
	struct plan_check p = { .v = v, .image = image, .plan = plan };

	at(v, "plans", number);
	REQUIRE(29, plan_ranges(image, plan), "its tables are out of range");
	REQUIRE(29, plan->question != IMAGE_NONE ? image->questions[plan->question].plan == number
						 : image->records[plan->record].plan == number,
		"its question or record has another plan");
	p.slots = image->slots + plan->slots.first;
	p.values = image->values + plan->values.first;
	p.scans = image->scans + plan->scans.first;
	p.features = image->features + plan->features.first;
	p.words = image->nodes + plan->nodes.first;
	/* Records and rows first: values speak of them. */
	for (uint32_t i = 0; i < plan->slots.count; i++) {
		at(v, "slots", plan->slots.first + i);
		REQUIRE(20, p.slots[i].record < image->n_records, "its record is out of range");
	}
	for (uint32_t i = 0; i < plan->scans.count; i++) {
		at(v, "scans", plan->scans.first + i);
		REQUIRE(23, p.scans[i].record < image->n_records && p.scans[i].row < plan->slots.count,
			"its record or row is out of range");
	}
	for (uint32_t i = 0; i < plan->values.count && !v->failed; i++)
		check_value(&p, i);
	for (uint32_t i = 0; i < plan->slots.count && !v->failed; i++)
		check_slot(&p, i);
	for (uint32_t i = 0; i < plan->scans.count && !v->failed; i++)
		check_scan(&p, i);
	for (uint32_t i = 0; i < plan->features.count && !v->failed; i++)
		check_feature(&p, i);
	if (!v->failed)
		check_hangs(&p);
	if (v->failed)
		return;
	p.node = calloc(plan->nodes.count + 1, 1);
	p.seen = calloc(plan->nodes.count + 1, sizeof *p.seen);
	if (!p.node || !p.seen) {
		free(p.node);
		free(p.seen);
		v->memory = true;
		refuse(v, 30, "memory ran out");
		return;
	}
	verify_nodes(&p);
	for (uint32_t i = 0; i < plan->scans.count && !v->failed; i++) {
		uint32_t row = plan->pivot == i ? IMAGE_NONE : i;

		at(v, "scans", plan->scans.first + i);
		if (!verify_truth(&p, p.scans[i].where, row))
			refuse(v, 23, "its condition is no diagram over its row");
	}
	for (uint32_t i = 0; i < plan->features.count && !v->failed; i++) {
		at(v, "features", plan->features.first + i);
		if (p.features[i].kind == IMAGE_FEATURE_SOME &&
		    !verify_truth(&p, p.features[i].root, p.features[i].scan))
			refuse(v, 25, "its condition is no diagram over its row");
	}
	if (!v->failed) {
		at(v, "plans", number);
		if (!image_no_circle(image, plan, &v->memory))
			refuse(v, 36, "what it asks leads back to itself");
	}
	if (!v->failed && plan->question != IMAGE_NONE)
		verify_question(&p, &image->questions[plan->question]);
	for (uint32_t i = 0; plan->record != IMAGE_NONE && !v->failed &&
			     i < image->records[plan->record].musts.count; i++) {
		uint32_t must = image->records[plan->record].musts.first + i;

		at(v, "musts", must);
		if (!verify_truth(&p, image->musts[must].root, IMAGE_NONE) || !string_ok(v, image->musts[must].text))
			refuse(v, 51, "it is out of range");
	}
	if (!v->failed)
		verify_reached(&p);
	if (!v->failed)
		verify_classes(&p);
	free(p.node);
	free(p.seen);
}
