/* SPDX-License-Identifier: EUPL-1.2 */
/* The door, 20–23: what a plan looks at: the records, the values read from them, the lists of rows. */
#include "engine/image/verify_parts.h"

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
		if (!verify_same_type(type, (struct value_type){ field->kind, field->flags, field->target }))
			return false;
		if (!(type.flags & IMAGE_FIELD_SET) != !(key & IMAGE_KEY_EACH))
			return false;
		each += key & IMAGE_KEY_EACH ? 1 : 0;
	}
	return each <= 1;
}

void verify_value(struct plan_check *p, uint32_t number)
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

void verify_slot(struct plan_check *p, uint32_t number)
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

void verify_scan(struct plan_check *p, uint32_t number)
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
