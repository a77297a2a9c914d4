/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * I2. The door: one look at every byte of a file before anything uses it. After it every index is in range,
 * every walk ends, every answer has a witness that cites, and the file is the only one that says what it says.
 * The evaluator relies on it and checks nothing again.
 *
 * Each check has a number, which a refusal names and a test triggers.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/date.h"
#include "engine/base/limits.h"
#include "engine/image/cost.h"
#include "engine/image/depends.h"
#include "engine/image/image.h"

struct verify {
	struct image *image;
	struct image_fault *fault;
	const char *section;	/* of the entry at hand */
	uint32_t index;
	bool failed;
	bool memory;
};

static bool refuse(struct verify *v, unsigned check, const char *what)
{
	if (!v->failed)
		*v->fault = (struct image_fault){ check, what, v->section, v->index };
	v->failed = true;
	return false;
}

#define REQUIRE(check, condition, what) \
	do { \
		if (!(condition)) { \
			refuse(v, (check), (what)); \
			return; \
		} \
	} while (0)

static void at(struct verify *v, const char *section, uint32_t index)
{
	v->section = section;
	v->index = index;
}

static bool range_ok(struct image_range range, uint32_t count)
{
	return range.first <= count && range.count <= count - range.first;
}

static bool string_ok(const struct verify *v, uint32_t string)
{
	return string < v->image->n_strings && (string == 0 || v->image->strings[string - 1] == '\0');
}

static bool label_ok(const struct verify *v, const struct image_label *label)
{
	return string_ok(v, label->in[0]) && string_ok(v, label->in[1]) && string_ok(v, label->in[2]);
}

static bool force_ok(const struct image_force *force)
{
	return day_valid(force->from) && day_valid(force->to) && force->flags <= 7;
}

/* 1–9: the file ----------------------------------------------------------------------------------- */

static enum rko_status open_head(struct verify *v, const uint8_t *bytes, size_t size)
{
	struct image *image = v->image;
	const struct image_head *head = (const void *)bytes;
	uint8_t digest[IMAGE_DIGEST_BYTES];
	uint64_t expected;

	at(v, "head", 0);
	if (size < sizeof *head || memcmp(head->magic, IMAGE_MAGIC, sizeof head->magic) != 0) {
		refuse(v, 1, "not an image: it does not begin as one");
		return RKO_IMAGE_INVALID;
	}
	if (head->format != IMAGE_FORMAT) {
		refuse(v, 2, "an image of another format");
		return RKO_IMAGE_VERSION;
	}
	if (head->sections != IMAGE_SECTIONS || head->size != size || size > LIMIT_IMAGE_BYTES ||
	    (uintptr_t)bytes % 8) {
		refuse(v, 3, "the file is cut, or longer than it says");
		return RKO_IMAGE_INVALID;
	}
	image_digest(bytes, size, digest);
	if (memcmp(digest, head->digest, sizeof digest) != 0) {
		refuse(v, 4, "the contents do not match the digest");
		return RKO_IMAGE_DIGEST;
	}
	expected = (sizeof *head + 7) / 8 * 8;
#define SECTION(member, type) \
	at(v, #member, 0); \
	if (head->section[IMAGE_SECTION_##member].at != expected || \
	    head->section[IMAGE_SECTION_##member].count > (size - expected) / sizeof(type)) { \
		refuse(v, 5, "a table does not lie where it should"); \
		return RKO_IMAGE_INVALID; \
	} \
	image->member = (const void *)(bytes + expected); \
	image->n_##member = head->section[IMAGE_SECTION_##member].count; \
	expected += image->n_##member * sizeof(type); \
	for (; expected % 8; expected++) { \
		if (expected >= size || bytes[expected]) { \
			refuse(v, 6, "bytes between tables are not zero"); \
			return RKO_IMAGE_INVALID; \
		} \
	}
#include "engine/image/sections.def"
#undef SECTION
	if (expected != size) {
		refuse(v, 7, "bytes behind the last table");
		return RKO_IMAGE_INVALID;
	}
	image->head = head;
	image->size = size;
	return RKO_OK;
}

/* Well-formed UTF-8 without control characters but NUL. */
static bool utf8_ok(const char *text, uint32_t size)
{
	for (uint32_t i = 0; i < size;) {
		size_t length = text_character(text + i, size - i);

		if (!length || ((unsigned char)text[i] < 0x20 && text[i] != '\0'))
			return false;
		i += (uint32_t)length;
	}
	return true;
}

static void check_strings(struct verify *v)
{
	const struct image *image = v->image;

	at(v, "strings", 0);
	REQUIRE(8, image->n_strings && !image->strings[0] && !image->strings[image->n_strings - 1],
		"the strings do not begin and end as they should");
	REQUIRE(9, utf8_ok(image->strings, image->n_strings), "a string is not UTF-8");
	REQUIRE(9, string_ok(v, image->head->compiler) && string_ok(v, image->head->policy),
		"a string does not begin where it is said to");
	REQUIRE(9, day_valid(image->head->force_from) && day_valid(image->head->force_to),
		"the days of force are out of range");
}

/* 10–19: vocabulary ------------------------------------------------------------------------------- */

static void check_codesets(struct verify *v)
{
	const struct image *image = v->image;
	uint32_t next = 0;

	for (uint32_t i = 0; i < image->n_codesets && !v->failed; i++) {
		const struct image_codeset *set = &image->codesets[i];
		uint32_t attributes = 0;

		at(v, "codesets", i);
		REQUIRE(10, string_ok(v, set->name) && string_ok(v, set->official) &&
			string_ok(v, set->attribute_name), "a name is out of range");
		REQUIRE(10, set->codes.first == next && range_ok(set->codes, image->n_codes) &&
			set->codes.count <= LIMIT_CODES,
			"its codes are out of range");
		REQUIRE(10, set->attribute_set == IMAGE_NONE || set->attribute_set < image->n_codesets,
			"its attribute is out of range");
		next += set->codes.count;
		if (set->attribute_set != IMAGE_NONE)
			attributes = image->codesets[set->attribute_set].codes.count;
		for (uint32_t j = 0; j < set->codes.count; j++) {
			const struct image_code *code = &image->codes[set->codes.first + j];

			at(v, "codes", set->codes.first + j);
			REQUIRE(11, string_ok(v, code->name) && string_ok(v, code->official) &&
				label_ok(v, &code->label), "a name is out of range");
			REQUIRE(11, code->attribute == IMAGE_NONE || code->attribute < attributes,
				"its attribute is out of range");
		}
	}
	at(v, "codesets", 0);
	REQUIRE(10, next == image->n_codes, "codes that belong to no set");
	REQUIRE(10, image->n_codesets && image->codesets[0].codes.count == 2, "the set of yes and no is missing");
}

static bool target_ok(const struct image *image, uint32_t kind, uint32_t target)
{
	switch (kind) {
	case IMAGE_TYPE_CODE:
		return target < image->n_codesets;
	case IMAGE_TYPE_REF:
		return target < image->n_records;
	case IMAGE_TYPE_DATE:
	case IMAGE_TYPE_ID:
	case IMAGE_TYPE_OID:
		return target == IMAGE_NONE;
	}
	return false;
}

/* The language keeps the name `bearer` for those who bear duties, make judgements and change records. */
static bool bearer_ok(const struct image *image, uint32_t who)
{
	if (who == IMAGE_NONE || who == IMAGE_NOBODY)
		return true;
	for (uint32_t i = 0; i < image->n_codesets; i++)
		if (strcmp(image_string(image, image->codesets[i].name), "bearer") == 0)
			return who < image->codesets[i].codes.count;
	return false;
}

static bool date_field(const struct image *image, const struct image_record *record, uint32_t field)
{
	return field < record->fields.count &&
	       image->fields[record->fields.first + field].kind == IMAGE_TYPE_DATE &&
	       !(image->fields[record->fields.first + field].flags & IMAGE_FIELD_SET);
}

static void check_field(struct verify *v, const struct image_record *record, uint32_t number)
{
	const struct image *image = v->image;
	const struct image_field *field = &image->fields[record->fields.first + number];

	at(v, "fields", record->fields.first + number);
	REQUIRE(13, string_ok(v, field->name) && label_ok(v, &field->label), "a name is out of range");
	REQUIRE(13, target_ok(image, field->kind, field->target), "its type is out of range");
	REQUIRE(13, field->flags < 128 && !(field->flags & IMAGE_FIELD_KEY) == (number >= record->nkey),
		"its flags are not what its place says");
	REQUIRE(13, !(field->flags & IMAGE_FIELD_SET) || (field->bound >= 1 && field->bound <= LIMIT_SET_ELEMENTS),
		"a set without a bound");
	REQUIRE(13, bearer_ok(image, field->changed), "who changes it is no bearer");
	if (field->flags & IMAGE_FIELD_KEY)
		REQUIRE(13, !(field->flags & (IMAGE_FIELD_SET | IMAGE_FIELD_OPEN | IMAGE_FIELD_UNKNOWN |
					      IMAGE_FIELD_DERIVED)) && field->kind != IMAGE_TYPE_DATE,
			"a key field that identifies nothing");
	if (field->flags & IMAGE_FIELD_DERIVED)
		for (int i = 0; i < 2; i++)
			REQUIRE(14, date_field(image, record, field->derive[i]) &&
				!(image->fields[record->fields.first + field->derive[i]].flags &
				  IMAGE_FIELD_DERIVED), "it is derived from no date");
}

static void check_records(struct verify *v)
{
	const struct image *image = v->image;
	uint32_t next = 0;

	for (uint32_t i = 0; i < image->n_records && !v->failed; i++) {
		const struct image_record *record = &image->records[i];

		at(v, "records", i);
		REQUIRE(12, string_ok(v, record->name) && record->flags <= 3, "its name or flags are out of range");
		REQUIRE(12, record->fields.first == next && range_ok(record->fields, image->n_fields) &&
			record->fields.count <= LIMIT_FIELDS, "its fields are out of range");
		REQUIRE(12, record->nkey >= 1 && record->nkey <= record->fields.count &&
			record->nkey <= LIMIT_KEY_SLOTS, "its key is out of range");
		REQUIRE(12, (record->valid[0] == IMAGE_NONE && record->valid[1] == IMAGE_NONE) ||
			(date_field(image, record, record->valid[0]) && date_field(image, record, record->valid[1])),
			"what it is valid by is no date");
		REQUIRE(12, record->plan == IMAGE_NONE
				    ? record->musts.count == 0
				    : record->plan < image->n_plans && image->plans[record->plan].record == i,
			"its checks are out of range");
		REQUIRE(12, range_ok(record->musts, image->n_musts), "its checks are out of range");
		REQUIRE(12, bearer_ok(image, record->changed), "who changes it is no bearer");
		next += record->fields.count;
		for (uint32_t j = 0; j < record->fields.count && !v->failed; j++)
			check_field(v, record, j);
	}
	REQUIRE(12, next == image->n_fields, "fields that belong to no record");
}

static void check_sources(struct verify *v)
{
	const struct image *image = v->image;
	uint32_t next = 0;

	for (uint32_t i = 0; i < image->n_layers && !v->failed; i++) {
		const struct image_layer *layer = &image->layers[i];

		at(v, "layers", i);
		REQUIRE(15, string_ok(v, layer->name) && label_ok(v, &layer->label) && force_ok(&layer->force),
			"its name or force is out of range");
		REQUIRE(15, layer->codeset == IMAGE_NONE ||
			(layer->codeset < image->n_codesets &&
			 layer->code < image->codesets[layer->codeset].codes.count), "its area is out of range");
		REQUIRE(15, (layer->codeset == IMAGE_NONE) == (i == 0), "only the base is of no area");
	}
	at(v, "layers", 0);
	REQUIRE(15, image->n_layers >= 1, "there is no base");
	for (uint32_t i = 0; i < image->n_sources && !v->failed; i++) {
		const struct image_source *source = &image->sources[i];

		at(v, "sources", i);
		REQUIRE(16, string_ok(v, source->name) && string_ok(v, source->id) && string_ok(v, source->by) &&
			label_ok(v, &source->title) && force_ok(&source->force), "a name or force is out of range");
		REQUIRE(16, source->kind_set < image->n_codesets &&
			source->kind < image->codesets[source->kind_set].codes.count, "its kind is out of range");
		REQUIRE(16, source->passages.first == next && range_ok(source->passages, image->n_passages),
			"its passages are out of range");
		next += source->passages.count;
		for (uint32_t j = 0; j < source->passages.count && !v->failed; j++) {
			const struct image_passage *passage = &image->passages[source->passages.first + j];

			at(v, "passages", source->passages.first + j);
			REQUIRE(17, string_ok(v, passage->name) && string_ok(v, passage->seen) &&
				label_ok(v, &passage->label) && passage->source == i, "it is out of range");
		}
	}
	REQUIRE(16, next == image->n_passages, "passages that belong to no source");
}

static void check_readings(struct verify *v)
{
	const struct image *image = v->image;
	uint32_t next = 0;

	for (uint32_t i = 0; i < image->n_readings && !v->failed; i++) {
		const struct image_reading *reading = &image->readings[i];

		at(v, "readings", i);
		REQUIRE(18, string_ok(v, reading->name) && string_ok(v, reading->by) &&
			string_ok(v, reading->because) && string_ok(v, reading->confirmed_by) &&
			reading->passage < image->n_passages && day_valid(reading->on) &&
			day_valid(reading->confirmed_on) && reading->confirmed <= 1,
			"it is out of range");
		REQUIRE(18, reading->options.first == next && range_ok(reading->options, image->n_options) &&
			reading->chosen < reading->options.count, "its options are out of range");
		next += reading->options.count;
		for (uint32_t j = 0; j < reading->options.count; j++)
			REQUIRE(18, string_ok(v, image->options[reading->options.first + j].name) &&
				label_ok(v, &image->options[reading->options.first + j].label),
				"an option is out of range");
	}
	REQUIRE(18, next == image->n_options, "options that belong to no reading");
}

static bool passages_ok(const struct verify *v, struct image_range range)
{
	if (!range_ok(range, v->image->n_links))
		return false;
	for (uint32_t i = 0; i < range.count; i++)
		if (v->image->links[range.first + i] >= v->image->n_passages)
			return false;
	return true;
}

static void check_effects(struct verify *v)
{
	const struct image *image = v->image;

	for (uint32_t i = 0; i < image->n_effects && !v->failed; i++) {
		const struct image_effect *effect = &image->effects[i];
		bool codes = effect->kind == IMAGE_EFFECT_CODES;

		at(v, "effects", i);
		REQUIRE(19, string_ok(v, effect->name) && label_ok(v, &effect->label) && effect->layer < image->n_layers &&
			effect->kind <= IMAGE_EFFECT_NONE && (codes ? effect->codeset < image->n_codesets
								    : effect->codeset == IMAGE_NONE) &&
			(effect->kind != IMAGE_EFFECT_DATE || day_valid(effect->number)), "it is out of range");
		REQUIRE(19, range_ok(effect->codes, image->n_links) && (codes || !effect->codes.count),
			"its codes are out of range");
		for (uint32_t j = 0; j < effect->codes.count; j++)
			REQUIRE(19, image->links[effect->codes.first + j] < image->codesets[effect->codeset].codes.count,
				"its codes are out of range");
		REQUIRE(19, passages_ok(v, effect->cites) && passages_ok(v, effect->see), "it cites what there is not");
	}
}

/* 20–39: plans ------------------------------------------------------------------------------------ */

struct plan_check {
	struct verify *v;
	const struct image *image;
	const struct image_plan *plan;
	const struct image_slot *slots;
	const struct image_value *values;
	const struct image_scan *scans;
	const struct image_feature *features;
	const uint32_t *words;
	uint8_t *node;		/* by word: 0 no node, 1 a node, 2 and reached */
	uint32_t *seen;		/* by word: as part of which roots a node was looked at, see seen_below() */
	uint32_t roots;		/* of the other kinds, counted */
};

/* What a value is, with the types of the request and the records. */
struct value_type {
	uint32_t kind;
	uint32_t flags;
	uint32_t target;
};

static struct value_type value_type(const struct plan_check *p, uint32_t number)
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
		type = value_type(p, value);
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
		type = value_type(p, slot->from);
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
		return p->image->codesets[value_type(p, feature->a).target].codes.count + none;
	case IMAGE_FEATURE_POSITION:
	case IMAGE_FEATURE_CALENDAR:
		return feature->cuts.count + 1 + none;
	}
	return 2 + none;
}

static bool plain(struct value_type type, uint32_t kind)
{
	return type.kind == kind && !(type.flags & IMAGE_FIELD_SET);
}

/* The values of a feature are of the kinds its question needs. */
static bool feature_types(const struct plan_check *p, const struct image_feature *feature)
{
	uint32_t nvalues = p->plan->values.count;
	bool a = feature->a < nvalues, b = feature->b < nvalues;
	bool dates = feature->kind == IMAGE_FEATURE_POSITION || feature->kind == IMAGE_FEATURE_CALENDAR;
	bool no_b = feature->b == IMAGE_NONE;
	struct value_type x = { 0 }, y = { 0 };

	if (a)
		x = value_type(p, feature->a);
	if (b && feature->kind != IMAGE_FEATURE_READING)
		y = value_type(p, feature->b);
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
		return a && no_b && plain(x, IMAGE_TYPE_CODE);
	case IMAGE_FEATURE_PRESENT:
		return feature->a == IMAGE_NONE ? feature->b < p->plan->slots.count : a && no_b;
	case IMAGE_FEATURE_OPEN:
	case IMAGE_FEATURE_CALENDAR:
		return a && no_b && plain(x, IMAGE_TYPE_DATE);
	case IMAGE_FEATURE_POSITION:
		return a && b && plain(x, IMAGE_TYPE_DATE) && plain(y, IMAGE_TYPE_DATE);
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

static int compare_nodes(const struct plan_check *p, uint32_t a, uint32_t b)
{
	uint32_t x = p->words[a], y = p->words[b];

	if (x != y)	/* later features first */
		return x > y ? -1 : 1;
	for (uint32_t i = 0; i < p->features[x].nclasses; i++)
		if (p->words[a + 1 + i] != p->words[b + 1 + i])
			return p->words[a + 1 + i] < p->words[b + 1 + i] ? -1 : 1;
	return 0;
}

static void check_nodes(struct plan_check *p)
{
	struct verify *v = p->v;
	uint32_t count = p->plan->nodes.count, before = IMAGE_NONE;

	for (uint32_t word = 0; word < count;) {
		uint32_t feature = p->words[word], arity;
		bool one = true;

		at(v, "nodes", p->plan->nodes.first + word);
		REQUIRE(30, feature < p->plan->features.count, "a node asks no feature");
		arity = p->features[feature].nclasses;
		REQUIRE(30, arity < count - word, "a node is cut");
		for (uint32_t i = 0; i < arity; i++) {
			uint32_t child = p->words[word + 1 + i];

			one &= child == p->words[word + 1];
			if (image_is_terminal(child))
				continue;
			REQUIRE(31, child < word && p->node[child], "a child is no earlier node");
			REQUIRE(31, p->words[child] > feature, "a child asks no later feature");
		}
		REQUIRE(32, !one, "a node whose children are all one");
		REQUIRE(32, before == IMAGE_NONE || compare_nodes(p, before, word) < 0,
			"nodes are not in order, or stand twice");
		p->node[word] = 1;
		before = word;
		word += 1 + arity;
	}
}

/* Features of rows only below the scan whose row they speak of. `row` IMAGE_NONE: of no row at all. */
struct root_check {
	struct plan_check *p;
	uint32_t row;
	uint32_t kind;
	const struct image_question *question;
	uint32_t values;	/* of a determination: codes + 1 */
};

/*
 * Whether a node was looked at as part of such a root, and marks it. What was fine below one root is fine below every
 * other of which the same is asked: conditions over no row, and ladders, have a bit each; any other root is by itself.
 */
static bool seen_below(struct root_check *r, uint32_t ref)
{
	uint32_t *seen = &r->p->seen[ref], bit = 0;

	if (r->kind == IMAGE_ROOT_TRUTH && r->row == IMAGE_NONE)
		bit = 1;
	else if (r->kind == IMAGE_ROOT_LADDER)
		bit = 2;
	if (bit ? *seen & bit : *seen >> 2 == r->p->roots)
		return true;
	*seen = bit ? *seen | bit : (*seen & 3) | r->p->roots << 2;
	return false;
}

static bool terminal_ok(const struct root_check *r, uint32_t value)
{
	switch (r->kind) {
	case IMAGE_ROOT_TRUTH:
		return value <= 1;
	case IMAGE_ROOT_VALUE:
		return value < r->values;
	case IMAGE_ROOT_TERMINAL:
		return value < r->question->terminals.count;
	case IMAGE_ROOT_OUTCOME:
		return value == IMAGE_OUT_NOT_GRANTED || value == IMAGE_OUT_GRANTED ||
		       value == IMAGE_OUT_FORBIDDEN || value == IMAGE_OUT_INCONSISTENT ||
		       value == IMAGE_OUT_IMPOSSIBLE;
	case IMAGE_ROOT_LADDER:
		return IMAGE_CLASS(value) <= IMAGE_LADDER_CONFLICT && IMAGE_RANK(value) < r->question->rules.count;
	}
	return false;
}

static bool walk_root(struct root_check *r, uint32_t ref)
{
	uint32_t feature;

	if (image_is_terminal(ref))
		return terminal_ok(r, image_value_of(ref));
	if (seen_below(r, ref))
		return true;
	r->p->node[ref] = 2;
	feature = r->p->words[ref];
	if (r->p->features[feature].row != r->row && r->p->features[feature].row != IMAGE_NONE)
		return false;
	for (uint32_t i = 0; i < r->p->features[feature].nclasses; i++)
		if (!walk_root(r, r->p->words[ref + 1 + i]))
			return false;
	return true;
}

static bool root_ok(struct plan_check *p, uint32_t ref, uint32_t kind, uint32_t row,
		    const struct image_question *question, uint32_t values)
{
	struct root_check r = { .p = p, .row = row, .kind = kind, .question = question, .values = values };

	if (!image_is_terminal(ref) && (ref >= p->plan->nodes.count || !p->node[ref]))
		return false;
	p->roots++;
	return walk_root(&r, ref);
}

static bool truth_ok(struct plan_check *p, uint32_t ref, uint32_t row)
{
	return root_ok(p, ref, IMAGE_ROOT_TRUTH, row, NULL, 0);
}

static bool date_value(const struct plan_check *p, uint32_t value)
{
	return value < p->plan->values.count && plain(value_type(p, value), IMAGE_TYPE_DATE);
}

static void check_conjunct(struct verify *v, struct plan_check *p, const struct image_conjunct *part)
{
	REQUIRE(44, string_ok(v, part->name) && string_ok(v, part->text) && label_ok(v, &part->says) &&
		truth_ok(p, part->root, IMAGE_NONE), "a condition is out of range");
	REQUIRE(44, passages_ok(v, part->cites) && passages_ok(v, part->see), "a condition cites what there is not");
}

static void check_rule(struct plan_check *p, const struct image_question *question, uint32_t number)
{
	struct verify *v = p->v;
	const struct image *image = p->image;
	const struct image_rule *rule = &image->rules[question->rules.first + number];
	struct image_range lists[4] = { rule->parents, rule->children, rule->cites, rule->see };

	at(v, "rules", question->rules.first + number);
	REQUIRE(40, string_ok(v, rule->name) && string_ok(v, rule->file) && label_ok(v, &rule->says) &&
		rule->item <= IMAGE_ITEM_LAW && rule->verb <= IMAGE_REDACT && rule->layer < image->n_layers &&
		force_ok(&rule->force), "a name, kind or force is out of range");
	for (int i = 0; i < 4; i++) {
		REQUIRE(41, range_ok(lists[i], image->n_links), "a list is out of range");
		for (uint32_t j = 0; j < lists[i].count; j++)
			REQUIRE(41, image->links[lists[i].first + j] <
					    (i < 2 ? question->rules.count : image->n_passages),
				"a list names what there is not");
	}
	/* I6 */
	REQUIRE(42, rule->cites.count > 0, "a rule that cites nothing");
	REQUIRE(43, truth_ok(p, rule->on, IMAGE_NONE) && truth_ok(p, rule->root_on, IMAGE_NONE) &&
			    (rule->open == IMAGE_NONE || truth_ok(p, rule->open, IMAGE_NONE)),
		"its condition is no diagram of this plan");
	REQUIRE(43, rule->ladder == IMAGE_NONE ||
		root_ok(p, rule->ladder, IMAGE_ROOT_LADDER, IMAGE_NONE, question, 0),
		"its ladder is no diagram of this plan");
	REQUIRE(44, range_ok(rule->conjuncts, image->n_conjuncts) && range_ok(rule->notes, image->n_notes),
		"its conditions are out of range");
	for (uint32_t i = 0; i < rule->conjuncts.count && !v->failed; i++) {
		const struct image_conjunct *conjunct = &image->conjuncts[rule->conjuncts.first + i];

		check_conjunct(v, p, conjunct);
		REQUIRE(44, range_ok(conjunct->parts, image->n_conjuncts), "what a condition demands is out of range");
		for (uint32_t j = 0; j < conjunct->parts.count && !v->failed; j++) {
			check_conjunct(v, p, &image->conjuncts[conjunct->parts.first + j]);
			REQUIRE(44, image->conjuncts[conjunct->parts.first + j].parts.count == 0,
				"conditions within conditions within conditions");
		}
	}
	for (uint32_t i = 0; i < rule->notes.count; i++) {
		const struct image_note *note = &image->notes[rule->notes.first + i];

		REQUIRE(45, note->kind == IMAGE_NOTE_READING  ? note->what < image->n_readings
			    : note->kind == IMAGE_NOTE_EFFECT ? note->what < image->n_effects
			    : note->kind == IMAGE_NOTE_PENDING && string_ok(v, note->what),
			"a note names what there is not");
		REQUIRE(45, truth_ok(p, note->root, IMAGE_NONE), "a note is no diagram of this plan");
	}
}

/*
 * How many rules stand in the longest chain of children (or of parents) from a rule on; 0 when a chain is a circle or
 * longer than the language nests. `known` holds by rule what is known already, CHAIN_BUSY while it is worked out.
 */
enum { CHAIN_BUSY = 255 };

static unsigned chain(const struct image *image, const struct image_question *question, uint32_t number, bool up,
		      uint8_t *known)
{
	const struct image_rule *rule = &image->rules[question->rules.first + number];
	struct image_range next = up ? rule->parents : rule->children;
	unsigned longest = 1;

	if (known[number])
		return known[number] == CHAIN_BUSY ? 0 : known[number];
	known[number] = CHAIN_BUSY;
	for (uint32_t i = 0; i < next.count; i++) {
		unsigned below = chain(image, question, image->links[next.first + i], up, known);

		if (!below || below > LIMIT_NESTING)
			return 0;
		if (below + 1 > longest)
			longest = below + 1;
	}
	known[number] = (uint8_t)longest;
	return longest;
}

/* In how many ways a rule is reached from the rules above it; what is known of others is in `ways`. */
static uint32_t count_ways(const struct image *image, const struct image_question *question, uint32_t number,
			   uint32_t *ways)
{
	const struct image_rule *rule = &image->rules[question->rules.first + number];
	uint32_t count = !rule->parents.count;

	if (ways[number])
		return ways[number];
	for (uint32_t i = 0; i < rule->parents.count && count <= LIMIT_WAYS; i++)
		count += count_ways(image, question, image->links[rule->parents.first + i], ways);
	return ways[number] = count <= LIMIT_WAYS ? count : LIMIT_WAYS + 1;
}

static uint32_t times_named(const struct image *image, struct image_range list, uint32_t rule)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < list.count; i++)
		count += image->links[list.first + i] == rule;
	return count;
}

/* Who is below a rule says that it is above, and the other way round; an overlay's exception is below nothing. */
static bool mirrored(const struct image *image, const struct image_question *question, uint32_t number)
{
	const struct image_rule *rules = &image->rules[question->rules.first], *rule = &rules[number];

	for (uint32_t i = 0; i < rule->children.count; i++) {
		uint32_t child = image->links[rule->children.first + i];

		if (times_named(image, rule->children, child) != times_named(image, rules[child].parents, number))
			return false;
	}
	for (uint32_t i = 0; i < rule->parents.count; i++) {
		uint32_t parent = image->links[rule->parents.first + i];
		bool below = times_named(image, rules[parent].children, number) != 0;

		if (below == ((rule->flags & IMAGE_RULE_CUT) != 0))
			return false;
	}
	return true;
}

/* Explanations walk these trees way by way, up and down: how long and how many the ways are is bounded. */
static void check_trees(struct verify *v, const struct image_question *question)
{
	uint8_t *known = calloc(question->rules.count + 1, 2);
	uint32_t *ways = calloc(question->rules.count + 1, sizeof *ways);

	if (!known || !ways) {
		v->memory = true;
		refuse(v, 41, "memory ran out");
	}
	for (uint32_t i = 0; i < question->rules.count && !v->failed; i++) {
		at(v, "rules", question->rules.first + i);
		if (!chain(v->image, question, i, false, known) ||
		    !chain(v->image, question, i, true, known + question->rules.count))
			refuse(v, 41, "exceptions form a circle");
		else if (count_ways(v->image, question, i, ways) > LIMIT_WAYS)
			refuse(v, 41, "an exception is reached in too many ways");
	}
	for (uint32_t i = 0; i < question->rules.count && !v->failed; i++) {
		at(v, "rules", question->rules.first + i);
		if (!mirrored(v->image, question, i))
			refuse(v, 41, "a rule and its exception do not name one another");
	}
	free(known);
	free(ways);
}

static void check_duty(struct plan_check *p, const struct image_question *question, uint32_t number)
{
	struct verify *v = p->v;
	const struct image *image = p->image;
	const struct image_duty *duty = &image->duties[question->duties.first + number];
	uint32_t bearers = 0, redactions = 0;

	at(v, "duties", question->duties.first + number);
	REQUIRE(46, duty->rule < question->rules.count && duty->due <= IMAGE_DUE_LATEST &&
		duty->keep_months <= 1 && duty->keep >= 0 && duty->prohibited <= 1, "it is out of range");
	REQUIRE(46, duty->bearer_set == IMAGE_NONE || duty->bearer_set < image->n_codesets,
		"its bearer is out of range");
	REQUIRE(46, duty->redact_set == IMAGE_NONE || duty->redact_set < image->n_codesets,
		"what it redacts is out of range");
	if (duty->bearer_set != IMAGE_NONE)
		bearers = image->codesets[duty->bearer_set].codes.count;
	if (duty->redact_set != IMAGE_NONE)
		redactions = image->codesets[duty->redact_set].codes.count;
	REQUIRE(46, duty->bearer == IMAGE_NONE || duty->bearer < bearers, "its bearer is out of range");
	REQUIRE(46, range_ok(duty->redacts, image->n_links), "what it redacts is out of range");
	for (uint32_t i = 0; i < duty->redacts.count; i++)
		REQUIRE(46, image->links[duty->redacts.first + i] < redactions, "what it redacts is out of range");
	REQUIRE(47, range_ok(duty->dues, image->n_dues), "its due dates are out of range");
	for (uint32_t i = 0; i < duty->dues.count; i++) {
		const struct image_due *due = &image->dues[duty->dues.first + i];

		REQUIRE(47, truth_ok(p, due->guard, IMAGE_NONE), "a due date is no diagram of this plan");
		REQUIRE(47, due->value == IMAGE_NONE ? day_valid(due->day) : date_value(p, due->value),
			"a due date counts from no date");
		REQUIRE(47, due->flags <= 1 && due->part < duty->parts && due->count >= -40000 &&
			due->count <= 40000, "a due date is out of range");
	}
}

static bool witness_ok(const struct image *image, const struct image_question *question,
		       const struct image_terminal *terminal)
{
	const struct image_rule *rule;

	if (terminal->outcome == IMAGE_OUT_NOT_GRANTED || terminal->outcome == IMAGE_OUT_INCONSISTENT)
		return terminal->witness == IMAGE_NONE;
	if (terminal->witness >= question->rules.count)
		return false;
	rule = &image->rules[question->rules.first + terminal->witness];
	switch (terminal->outcome) {
	case IMAGE_OUT_GRANTED:
		return rule->verb == IMAGE_GRANT && rule->item <= IMAGE_ITEM_EXCEPTION;
	case IMAGE_OUT_FORBIDDEN:
		return rule->verb == IMAGE_PROHIBIT && rule->item <= IMAGE_ITEM_EXCEPTION;
	case IMAGE_OUT_SILENT:
		return rule->item == IMAGE_ITEM_SILENT;
	}
	return false;
}

static void check_terminals(struct plan_check *p, const struct image_question *question)
{
	struct verify *v = p->v;
	const struct image *image = p->image;

	for (uint32_t i = 0; i < question->terminals.count; i++) {
		const struct image_terminal *terminal = &image->terminals[question->terminals.first + i];

		at(v, "terminals", question->terminals.first + i);
		REQUIRE(48, witness_ok(image, question, terminal), "an answer without a rule that gives it");
		REQUIRE(49, range_ok(terminal->duties, image->n_duty_lists), "its duties are out of range");
		for (uint32_t j = 0; j < terminal->duties.count; j++) {
			const uint32_t *duty = &image->duty_lists[terminal->duties.first + j];

			REQUIRE(49, *duty < question->duties.count && (j == 0 || duty[-1] < *duty),
				"its duties are not in order");
		}
	}
}

static void check_inputs(struct verify *v, const struct image_question *question)
{
	const struct image *image = v->image;
	uint32_t all = (uint32_t)((1ull << question->actions.count) - 1);

	for (uint32_t i = 0; i < question->actions.count; i++) {
		at(v, "actions", question->actions.first + i);
		REQUIRE(50, string_ok(v, image->actions[question->actions.first + i].name) &&
			label_ok(v, &image->actions[question->actions.first + i].label), "a name is out of range");
	}
	for (uint32_t i = 0; i < question->inputs.count; i++) {
		const struct image_input *input = &image->inputs[question->inputs.first + i];

		at(v, "inputs", question->inputs.first + i);
		REQUIRE(50, string_ok(v, input->name) && label_ok(v, &input->label) &&
			target_ok(image, input->kind, input->target), "its name or type is out of range");
		REQUIRE(50, input->flags <= 15 &&
			(!(input->flags & IMAGE_FIELD_SET) || (input->bound >= 1 && input->bound <= LIMIT_SET_ELEMENTS)),
			"its flags or bound are out of range");
		REQUIRE(50, !((input->given | input->found) & ~all) && !(input->given & input->found),
			"its actions are out of range");
		REQUIRE(50, !input->found || input->kind == IMAGE_TYPE_REF, "what is found is no record");
	}
}

static bool entity_ok(struct verify *v, const struct image_question *question, const struct image_entity *entity)
{
	const struct image *image = v->image;
	bool named = entity->part == IMAGE_SUBJECT || entity->part == IMAGE_RESOURCE;

	if (entity->part > IMAGE_CONTEXT || named != (entity->type != 0) || !string_ok(v, entity->type) ||
	    !range_ok(entity->fields, image->n_links))
		return false;
	if (named ? entity->id >= question->inputs.count : entity->id != IMAGE_NONE)
		return false;
	for (uint32_t i = 0; i < entity->fields.count; i++)
		if (image->links[entity->fields.first + i] >= question->inputs.count)
			return false;
	return true;
}

static void check_entities(struct verify *v, const struct image_question *question)
{
	const struct image_entity *entity = v->image->entities + question->entities.first;

	for (uint32_t i = 0; i < question->entities.count; i++) {
		at(v, "entities", question->entities.first + i);
		REQUIRE(56, entity_ok(v, question, &entity[i]), "it is out of range");
		for (uint32_t j = 0; j < i; j++)
			REQUIRE(56, entity[i].part != entity[j].part ||
				strcmp(image_string(v->image, entity[i].type),
				       image_string(v->image, entity[j].type)) != 0, "its type is there twice");
	}
}

/* 57, 58: I15, what whoever asks may be told. */

static uint32_t told_numbers(const struct image_question *question, uint32_t kind)
{
	switch (kind) {
	case IMAGE_TOLD_OPENS:
		return 1;
	case IMAGE_TOLD_RULE:
		return question->rules.count;
	case IMAGE_TOLD_ANSWER:
		return question->answers.count;
	case IMAGE_TOLD_DUTY_GRANTED:
	case IMAGE_TOLD_DUTY_DENIED:
	case IMAGE_TOLD_DUE:
		return question->duties.count;
	}
	return 0;
}

/* For the actions, of which one has been asked when `asked`: nothing on the way that they do not all show. */
static bool only_shown(const struct plan_check *p, uint32_t ref, uint32_t actions, bool asked, uint8_t *seen)
{
	const struct image_feature *feature;
	uint32_t split;

	if (image_is_terminal(ref) || (asked && seen[ref]))
		return true;
	seen[ref] |= asked;
	feature = &p->features[p->words[ref]];
	split = feature->kind == IMAGE_FEATURE_ACTION;
	if (!split && (feature->shown & actions) != actions)
		return false;
	for (uint32_t i = 0; i < feature->nclasses; i++) {
		uint32_t of_class = 0;

		for (uint32_t j = 0; split && j < feature->size; j++)
			if (p->image->classes[feature->classes + j] == i)
				of_class |= 1u << j;
		if (split)
			memset(seen, 0, p->plan->nodes.count);
		if (!only_shown(p, p->words[ref + 1 + i], split ? actions & of_class : actions, true, seen))
			return false;
	}
	return true;
}

static void check_told(struct plan_check *p, const struct image_question *question)
{
	struct verify *v = p->v;
	uint32_t actions = (uint32_t)((1ull << question->actions.count) - 1);
	uint8_t *seen = calloc(p->plan->nodes.count + 1, 1);

	for (uint32_t i = 0; i < question->told.count && seen && !v->failed; i++) {
		const struct image_told *told = &p->image->told[question->told.first + i];
		uint32_t kind = told->kind == IMAGE_TOLD_OPENS ? IMAGE_ROOT_OUTCOME
				: told->kind == IMAGE_TOLD_ANSWER ? IMAGE_ROOT_VALUE : IMAGE_ROOT_TRUTH;
		uint32_t values = 0;

		at(v, "told", question->told.first + i);
		if (told->number >= told_numbers(question, told->kind)) {
			refuse(v, 57, "it is about nothing");
			break;
		}
		if (told->kind == IMAGE_TOLD_ANSWER)
			values = p->image->codesets[p->image->answers[question->answers.first + told->number].codeset]
					 .codes.count + 1;
		memset(seen, 0, p->plan->nodes.count);
		if (!root_ok(p, told->root, kind, IMAGE_NONE, question, values))
			refuse(v, 57, "it is no diagram of this plan");
		else if (!only_shown(p, told->root, actions, false, seen))
			refuse(v, 58, "it hangs on what whoever asks may not know");
	}
	if (!seen) {
		v->memory = true;
		refuse(v, 57, "memory ran out");
	}
	free(seen);
}

static void check_question(struct plan_check *p, const struct image_question *question)
{
	struct verify *v = p->v;
	const struct image *image = p->image;
	uint32_t steps, fetches;

	for (uint32_t i = 0; i < question->musts.count; i++) {
		at(v, "musts", question->musts.first + i);
		REQUIRE(51, truth_ok(p, image->musts[question->musts.first + i].root, IMAGE_NONE) &&
			string_ok(v, image->musts[question->musts.first + i].text), "it is out of range");
	}
	for (uint32_t i = 0; i < question->answers.count; i++) {
		const struct image_answer *answer = &image->answers[question->answers.first + i];

		at(v, "answers", question->answers.first + i);
		REQUIRE(52, string_ok(v, answer->name) && label_ok(v, &answer->label) &&
			answer->codeset < image->n_codesets, "it is out of range");
		REQUIRE(52, root_ok(p, answer->root, IMAGE_ROOT_VALUE, IMAGE_NONE, question,
				    image->codesets[answer->codeset].codes.count + 1),
			"it is no diagram of this plan");
	}
	for (uint32_t i = 0; i < question->rules.count && !v->failed; i++)
		check_rule(p, question, i);
	if (!v->failed)
		check_trees(v, question);
	for (uint32_t i = 0; i < question->duties.count && !v->failed; i++)
		check_duty(p, question, i);
	if (v->failed)
		return;
	check_terminals(p, question);
	if (v->failed)
		return;
	check_told(p, question);
	if (v->failed)
		return;
	at(v, "questions", (uint32_t)(question - image->questions));
	REQUIRE(53, question->layer_value == IMAGE_NONE ||
		(question->layer_value < p->plan->values.count &&
		 plain(value_type(p, question->layer_value), IMAGE_TYPE_CODE)), "its area is out of range");
	REQUIRE(54, root_ok(p, question->root, IMAGE_ROOT_TERMINAL, IMAGE_NONE, question, 0),
		"what decides is no diagram of this plan");
	REQUIRE(54, root_ok(p, question->analysis, IMAGE_ROOT_OUTCOME, IMAGE_NONE, question, 0),
		"the analysis is no diagram of this plan");
	if (!image_cost(image, question, &steps, &fetches)) {
		v->memory = true;
		refuse(v, 55, "its cost cannot be computed");
		return;
	}
	REQUIRE(55, steps == question->max_steps && fetches == question->max_fetches,
		"its bounds are not what its diagrams say");
}

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

static void check_reached(struct plan_check *p)
{
	struct verify *v = p->v;

	for (uint32_t word = 0; word < p->plan->nodes.count; word++) {
		at(v, "nodes", p->plan->nodes.first + word);
		REQUIRE(33, p->node[word] != 1, "a node that nothing reaches");
	}
}

/* Two classes that every node of a feature treats alike should be one. Its nodes lie from `from` to `end`. */
static void check_classes_of(struct plan_check *p, uint32_t feature, uint32_t from, uint32_t end)
{
	struct verify *v = p->v;
	uint32_t n = p->features[feature].nclasses;

	at(v, "features", p->plan->features.first + feature);
	for (uint32_t a = 1; a < n; a++) {
		uint64_t apart[LIMIT_CLASSES / 64 + 1] = { 0 };

		for (uint32_t word = from; word < end; word += 1 + n)
			for (uint32_t b = 0; b < a; b++)
				if (p->words[word + 1 + a] != p->words[word + 1 + b])
					apart[b / 64] |= 1ull << b % 64;
		for (uint32_t b = 0; b < a; b++)
			REQUIRE(34, apart[b / 64] >> b % 64 & 1, "two classes that nothing tells apart");
	}
}

/* The nodes are in order, later features first: those of one feature lie together. */
static void check_classes(struct plan_check *p)
{
	uint32_t count = p->plan->nodes.count, word = 0;

	for (uint32_t f = p->plan->features.count; f-- > 0 && !p->v->failed;) {
		uint32_t from = word;

		while (word < count && p->words[word] == f)
			word += 1 + p->features[f].nclasses;
		check_classes_of(p, f, from, word);
	}
}

static void check_plan(struct verify *v, uint32_t number)
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
	check_nodes(&p);
	for (uint32_t i = 0; i < plan->scans.count && !v->failed; i++) {
		uint32_t row = plan->pivot == i ? IMAGE_NONE : i;

		at(v, "scans", plan->scans.first + i);
		if (!truth_ok(&p, p.scans[i].where, row))
			refuse(v, 23, "its condition is no diagram over its row");
	}
	for (uint32_t i = 0; i < plan->features.count && !v->failed; i++) {
		at(v, "features", plan->features.first + i);
		if (p.features[i].kind == IMAGE_FEATURE_SOME &&
		    !truth_ok(&p, p.features[i].root, p.features[i].scan))
			refuse(v, 25, "its condition is no diagram over its row");
	}
	if (!v->failed) {
		at(v, "plans", number);
		if (!image_no_circle(image, plan, &v->memory))
			refuse(v, 36, "what it asks leads back to itself");
	}
	if (!v->failed && plan->question != IMAGE_NONE)
		check_question(&p, &image->questions[plan->question]);
	for (uint32_t i = 0; plan->record != IMAGE_NONE && !v->failed &&
			     i < image->records[plan->record].musts.count; i++) {
		uint32_t must = image->records[plan->record].musts.first + i;

		at(v, "musts", must);
		if (!truth_ok(&p, image->musts[must].root, IMAGE_NONE) || !string_ok(v, image->musts[must].text))
			refuse(v, 51, "it is out of range");
	}
	if (!v->failed)
		check_reached(&p);
	if (!v->failed)
		check_classes(&p);
	free(p.node);
	free(p.seen);
}

/* Ranges of the questions before their plans, which lean on them. */
static void check_questions(struct verify *v)
{
	const struct image *image = v->image;

	for (uint32_t i = 0; i < image->n_questions && !v->failed; i++) {
		const struct image_question *question = &image->questions[i];

		at(v, "questions", i);
		REQUIRE(53, string_ok(v, question->name) && label_ok(v, &question->asks) &&
			question->plan < image->n_plans && image->plans[question->plan].question == i &&
			question->grants <= 1, "its name or plan is out of range");
		REQUIRE(53, range_ok(question->actions, image->n_actions) && question->actions.count >= 1 &&
			question->actions.count <= LIMIT_ACTIONS && range_ok(question->inputs, image->n_inputs) &&
			range_ok(question->musts, image->n_musts) && range_ok(question->answers, image->n_answers) &&
			range_ok(question->rules, image->n_rules) && question->rules.count < 1u << IMAGE_RANK_BITS &&
			range_ok(question->duties, image->n_duties) && question->duties.count <= LIMIT_DUTIES &&
			range_ok(question->entities, image->n_entities) && range_ok(question->told, image->n_told) &&
			range_ok(question->terminals, image->n_terminals), "its tables are out of range");
		check_inputs(v, question);
		check_entities(v, question);
	}
}

enum rko_status image_open(const void *bytes, size_t size, struct image *ret_image,
			   struct image_fault *ret_fault)
{
	struct image image = { 0 };
	struct verify v = { .image = &image, .fault = ret_fault };
	enum rko_status status = open_head(&v, bytes, size);
	static void (*const checks[])(struct verify *) = {
		check_strings, check_codesets, check_records, check_sources, check_readings, check_effects,
		check_questions,
	};

	if (status != RKO_OK)
		return status;
	for (size_t i = 0; i < sizeof checks / sizeof checks[0] && !v.failed; i++)
		checks[i](&v);
	for (uint32_t i = 0; i < image.n_plans && !v.failed; i++)
		check_plan(&v, i);
	if (v.memory)
		return RKO_NO_MEMORY;
	if (v.failed)
		return RKO_IMAGE_INVALID;
	*ret_image = image;
	return RKO_OK;
}
