/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * I2. The door: one look at every byte of a file before anything uses it. After it every index is in range,
 * every walk ends, every answer has a witness that cites, and the file is the only one that says what it says.
 * The evaluator relies on it and checks nothing again.
 *
 * Each check has a number, which a refusal names and a test triggers.
 */
#include "engine/image/verify_parts.h"

#include <string.h>

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

/* All of it ----------------------------------------------------------------------------------------- */

enum rko_status image_open(const void *bytes, size_t size, struct image *ret_image,
			   struct image_fault *ret_fault)
{
	struct image image = { 0 };
	struct verify v = { .image = &image, .fault = ret_fault };
	enum rko_status status = open_head(&v, bytes, size);
	static void (*const checks[])(struct verify *) = {
		check_strings, check_codesets, check_records, check_sources, check_readings, check_effects,
		verify_questions,
	};

	if (status != RKO_OK)
		return status;
	for (size_t i = 0; i < sizeof checks / sizeof checks[0] && !v.failed; i++)
		checks[i](&v);
	for (uint32_t i = 0; i < image.n_plans && !v.failed; i++)
		verify_plan(&v, i);
	if (v.memory)
		return RKO_NO_MEMORY;
	if (v.failed)
		return RKO_IMAGE_INVALID;
	*ret_image = image;
	return RKO_OK;
}
