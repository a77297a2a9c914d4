/* SPDX-License-Identifier: EUPL-1.2 */
/* Words become facts: codes by the policy, days, ids by their numbers in the store; and what is wrong with a word. */
#include <stdio.h>

#include "engine/load/stage_parts.h"

/* Ids --------------------------------------------------------------------------------------------- */

enum { MAX_ID = 0x40000000 };	/* numbers beyond are for ids that only a request has */

static bool id_number(struct rko_load *load, struct text text, uint32_t *ret_number)
{
	uint32_t number = map_get(&load->ids, text);

	if (number != MAP_NONE) {
		*ret_number = number;
		return true;
	}
	number = STRING_NONE;
	if (load->base.number) {
		enum rko_status status = store_number(load->reader, text, &number);

		if (status != RKO_OK) {
			load->status = status;
			return false;
		}
	}
	if (number == STRING_NONE) {
		number = load->next_id++;
		if (number >= MAX_ID) {
			load->status = RKO_LIMIT;
			return false;
		}
		load->new_ids = arena_grow(&load->arena, load->new_ids, load->nnew_ids, &load->cap_new_ids,
					   sizeof *load->new_ids);
		map_set(&load->ids, text, number);
		load->new_ids[load->nnew_ids++] =
			(struct new_id){ map_key(&load->ids, (uint32_t)load->ids.count - 1), number };
	} else {
		map_set(&load->ids, text, number);
	}
	*ret_number = number;
	return true;
}

/* The same for one field's id, which is often the one of the row before; a reference is noted once. */
static bool field_number(struct rko_load *load, struct text text, uint32_t field, uint32_t *ret_number)
{
	struct last_id *last = &load->last[field];

	if (last->text.len == text.len && memcmp(last->text.at, text.at, text.len) == 0) {
		*ret_number = last->number;
		return true;
	}
	if (!id_number(load, text, ret_number))
		return false;
	*last = (struct last_id){ .number = *ret_number, .record = IMAGE_NONE };
	if (load->nnew_ids && *ret_number >= load->new_ids[0].number)
		last->text = load->new_ids[*ret_number - load->new_ids[0].number].text;
	return true;
}

static void note_reference(struct rko_load *load, uint32_t field, uint32_t target, uint32_t number, uint64_t origin)
{
	struct last_id *last = &load->last[field];

	if (last->record == target)
		return;
	pairs_add(&load->references, &load->arena, pair_of(target, number), origin);
	last->record = target;
}

static bool is_id(struct text text)
{
	return text.len <= LIMIT_ID_BYTES && text_is_word(text);
}

/* Values ------------------------------------------------------------------------------------------ */

struct shown stage_show(struct text text)
{
	struct shown shown;
	size_t length = text.len > 40 ? 40 : text.len;

	while (length < text.len && length && ((unsigned char)text.at[length] & 0xc0) == 0x80)
		length--;
	snprintf(shown.text, sizeof shown.text, "%.*s%s", (int)length, text.at, length < text.len ? "…" : "");
	return shown;
}

static void bad_code(struct stage *stage, const struct image_field *field, const struct rko_value *value,
		     struct text text)
{
	struct rko_load *load = stage->load;
	const struct image_codeset *set = &load->policy->image.codesets[field->target];
	unsigned best = 4;
	const char *near = NULL;
	char help[160];

	for (uint32_t i = 0; i < set->codes.count; i++) {
		const char *name = load_string(load, load->policy->image.codes[set->codes.first + i].name);
		unsigned distance = text_distance(text, text_from(name), best);

		if (distance >= best)
			continue;
		best = distance;
		near = name;
	}
	if (near)
		snprintf(help, sizeof help, "the nearest is `%s`", near);
	load_fault(load, DIAG_FACT_VALUE, value->origin, 0, near ? help : NULL, "`%s` is no code of %s, which `%s` needs",
		   stage_show(text).text, load_string(load, set->name), stage_field(stage, field));
	stage->fault = true;
}

/* The words that mean that there is no value, where the field allows them. */
static bool read_word(const struct image_field *field, struct text text, bool element, int32_t *ret_fact)
{
	if (element)
		return false;
	if (field->flags & IMAGE_FIELD_NONE && text_equal(text, TEXT("none")))
		*ret_fact = FACT_NONE;
	else if (field->flags & IMAGE_FIELD_OPEN && text_equal(text, TEXT("open")))
		*ret_fact = FACT_OPEN;
	else if (field->flags & IMAGE_FIELD_UNKNOWN && text_equal(text, TEXT("unknown")))
		*ret_fact = FACT_UNKNOWN;
	else
		return false;
	return true;
}

/* The words that stand where there is no value. */
static bool is_no_value(struct text text)
{
	return text_equal(text, TEXT("none")) || text_equal(text, TEXT("open")) || text_equal(text, TEXT("unknown"));
}

static void bad_value(struct stage *stage, const struct image_field *field, const struct rko_value *value,
		      struct text text)
{
	struct rko_load *load = stage->load;
	bool word = is_no_value(text);

	stage->fault = true;
	if (word)
		load_fault(load, DIAG_FACT_VALUE, value->origin, 0, NULL, "`%s` of %s cannot be %.*s",
			   stage_field(stage, field), stage_kind(stage), TEXT_ARG(text));
	else if (field->kind == IMAGE_TYPE_DATE)
		load_fault(load, DIAG_FACT_VALUE, value->origin, 0, "a date is written 2026-06-15, from 1900 to 2199",
			   "`%s` is no date, which `%s` needs", stage_show(text).text, stage_field(stage, field));
	else
		load_fault(load, DIAG_FACT_VALUE, value->origin, 0,
			   "an id has no spaces or control characters and at most 128 bytes",
			   "`%s` is no id, which `%s` needs", stage_show(text).text, stage_field(stage, field));
}

/* One value of a field as a fact, with codes and strings in the store's numbers. */
bool stage_fact(struct stage *stage, const struct image_field *field, const struct rko_value *value,
		      bool element, int32_t *ret_fact)
{
	struct rko_load *load = stage->load;
	struct text text = { value->text, value->length };
	uint32_t number, place = (uint32_t)(field - record_field(&load->policy->image, stage->record, 0));
	day_t day;

	if (read_word(field, text, element, ret_fact))
		return true;
	switch (field->kind) {
	case IMAGE_TYPE_CODE:
		number = policy_code(load->policy, field->target, text);
		if (number == IMAGE_NONE) {
			if (is_no_value(text))
				bad_value(stage, field, value, text);
			else
				bad_code(stage, field, value, text);
			return false;
		}
		*ret_fact = load->binding->codes[field->target].to[number];
		return true;
	case IMAGE_TYPE_DATE:
		if (!day_parse(text, &day)) {
			bad_value(stage, field, value, text);
			return false;
		}
		*ret_fact = day;
		return true;
	}
	if (!is_id(text) || is_no_value(text)) {
		bad_value(stage, field, value, text);
		return false;
	}
	if (!field_number(load, text, place, &number))
		return false;
	if (field->kind == IMAGE_TYPE_REF && !stage->removal)
		note_reference(load, place, field->target, number, value->origin);
	*ret_fact = (int32_t)number;
	return true;
}
