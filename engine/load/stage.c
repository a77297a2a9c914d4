/* SPDX-License-Identifier: EUPL-1.2 */
/* Rows are staged: their values become bytes, which are kept for the load. */
#include <stdlib.h>

#include "engine/load/stage_parts.h"

/* Bytes ------------------------------------------------------------------------------------------- */

static uint16_t stored_code(int32_t fact)
{
	return fact == FACT_NONE ? CODE_NONE : fact == FACT_UNKNOWN ? CODE_UNKNOWN : (uint16_t)fact;
}

static uint32_t stored_string(int32_t fact)
{
	return fact == FACT_NONE ? (uint32_t)STRING_NONE : fact == FACT_UNKNOWN ? (uint32_t)STRING_UNKNOWN
										: (uint32_t)fact;
}

static void put_scalar(uint8_t *at, const struct image_field *field, int32_t fact)
{
	if (field->kind == IMAGE_TYPE_CODE)
		put_le16(at, stored_code(fact));
	else if (field->kind == IMAGE_TYPE_DATE)
		put_le32(at, (uint32_t)fact);
	else
		put_le32(at, stored_string(fact));
}

static bool scalar_fact(struct stage *stage, const struct image_field *field, const struct rko_value *value,
			uint64_t origin, int32_t *ret_fact)
{
	if (value->kind == RKO_VALUE_MISSING) {
		if (field->flags & IMAGE_FIELD_UNKNOWN) {
			*ret_fact = FACT_UNKNOWN;
			return true;
		}
		load_fault(stage->load, DIAG_FACT_MISSING, origin, 0, NULL, "a row of %s lacks `%s`", stage_kind(stage),
			   stage_field(stage, field));
		stage->fault = true;
		return false;
	}
	if (value->kind == RKO_VALUE_SET) {
		load_fault(stage->load, DIAG_FACT_SET, value->origin, 0, NULL, "`%s` of %s has one value, not a list",
			   stage_field(stage, field), stage_kind(stage));
		stage->fault = true;
		return false;
	}
	return stage_fact(stage, field, value, false, ret_fact);
}

static void put_key(struct stage *stage, const struct rko_value *values, uint64_t origin)
{
	const struct image *image = &stage->load->policy->image;

	put_be16(stage->bytes, stage->bound->kind);
	for (uint32_t i = 0; i < stage->about->nkey; i++) {
		const struct image_field *field = record_field(image, stage->record, i);
		uint8_t *at = stage->bytes + stage->bound->key_at[i];
		int32_t fact;

		if (!scalar_fact(stage, field, &values[i], origin, &fact))
			continue;
		if (field->kind == IMAGE_TYPE_CODE)
			put_be16(at, stored_code(fact));
		else
			put_be32(at, stored_string(fact));
	}
	put_be32(stage->bytes + stage->bound->key_size, ~stage->load->generation);
}

static uint8_t *value_at(struct stage *stage)
{
	return stage->bytes + stage->bound->key_size + KEY_TAIL;
}

/* Elements in the order of their numbers, each once. */
static bool add_element(struct stage *stage, const struct image_field *field, const struct rko_value *value,
			int32_t *list, uint32_t *count, int32_t fact)
{
	uint32_t at = *count;

	while (at && list[at - 1] > fact)
		at--;
	if (at && list[at - 1] == fact) {
		load_fault(stage->load, DIAG_FACT_SET, value->origin, 0, NULL, "`%s` is stated twice in `%s`",
			   stage_show((struct text){ value->text, value->length }).text, stage_field(stage, field));
		stage->fault = true;
		return false;
	}
	memmove(list + at + 1, list + at, (*count - at) * sizeof *list);
	list[at] = fact;
	(*count)++;
	return true;
}

/* A set behind what the row has already; `*size` is the row's size so far. */
static bool put_set(struct stage *stage, const struct image_field *field, const struct rko_value *value,
		    uint64_t origin, uint32_t *size)
{
	uint32_t bound = field->bound ? field->bound : LIMIT_SET_ELEMENTS, count = 0;
	uint32_t width = field->kind == IMAGE_TYPE_CODE ? 2 : 4;
	uint8_t *at = value_at(stage) + *size;
	int32_t list[LIMIT_SET_ELEMENTS];

	if (value->kind == RKO_VALUE_MISSING && !(field->flags & IMAGE_FIELD_UNKNOWN)) {
		load_fault(stage->load, DIAG_FACT_MISSING, origin, 0, "an empty list is written []", "a row of %s lacks `%s`",
			   stage_kind(stage), stage_field(stage, field));
		stage->fault = true;
		return true;
	}
	if (value->kind == RKO_VALUE_TEXT &&
	    !(field->flags & IMAGE_FIELD_UNKNOWN &&
	      text_equal((struct text){ value->text, value->length }, TEXT("unknown")))) {
		load_fault(stage->load, DIAG_FACT_SET, value->origin, 0, "write it in brackets: [a, b]",
			   "`%s` of %s is a list", stage_field(stage, field), stage_kind(stage));
		stage->fault = true;
		return true;
	}
	if (*size + 2 > LIMIT_ROW_BYTES)
		return false;
	if (value->kind != RKO_VALUE_SET) {
		put_le16(at, SET_UNKNOWN);
		*size += 2;
		return true;
	}
	if (value->length > bound) {
		load_fault(stage->load, DIAG_FACT_SET, value->origin, 0, NULL,
			   "`%s` of %s has %zu elements; at most %u are allowed", stage_field(stage, field),
			   stage_kind(stage), value->length, bound);
		stage->fault = true;
		return true;
	}
	if (*size + 2 + value->length * width > LIMIT_ROW_BYTES)
		return false;
	for (size_t i = 0; i < value->length; i++) {
		int32_t fact;

		if (value->elements[i].kind != RKO_VALUE_TEXT) {
			load_fault(stage->load, DIAG_FACT_SET, value->elements[i].origin, 0, NULL,
				   "an element of `%s` is one value, not a list", stage_field(stage, field));
			stage->fault = true;
		} else if (stage_fact(stage, field, &value->elements[i], true, &fact)) {
			add_element(stage, field, &value->elements[i], list, &count, fact);
		}
	}
	put_le16(at, (uint16_t)count);
	for (uint32_t i = 0; i < count; i++) {
		if (width == 2)
			put_le16(at + 2 + 2 * i, (uint16_t)list[i]);
		else
			put_le32(at + 2 + 4 * i, (uint32_t)list[i]);
	}
	*size += 2 + count * width;
	return true;
}

static bool put_fields(struct stage *stage, const struct rko_value *values, uint64_t origin, uint32_t *ret_size)
{
	const struct image *image = &stage->load->policy->image;
	uint32_t size = stage->layout->fixed;
	uint8_t *value = value_at(stage);

	memset(value, 0, size);
	put_le16(value + 8, stage->bound->layout);
	for (uint32_t i = stage->about->nkey; i < stage->about->fields.count; i++) {
		const struct image_field *field = record_field(image, stage->record, i);
		int32_t fact;

		if (field->flags & IMAGE_FIELD_DERIVED) {
			if (values[i].kind != RKO_VALUE_MISSING) {
				load_fault(stage->load, DIAG_FACT_FIELD, values[i].origin, 0, NULL,
					   "`%s` of %s is worked out from other fields and not stated",
					   stage_field(stage, field), stage_kind(stage));
				stage->fault = true;
			}
			continue;
		}
		if (field->flags & IMAGE_FIELD_SET) {
			if (!put_set(stage, field, &values[i], origin, &size))
				return false;
		} else if (scalar_fact(stage, field, &values[i], origin, &fact)) {
			put_scalar(value + stage->layout->fields[i].at, field, fact);
		}
	}
	*ret_size = size;
	return true;
}

/* The date of a field, and the stated field that it comes from: a derived one is the first of two that is not none. */
static int32_t date_of(struct stage *stage, uint32_t field, uint32_t *ret_from)
{
	const struct image_field *about = record_field(&stage->load->policy->image, stage->record, field);
	int32_t day;

	if (about->flags & IMAGE_FIELD_DERIVED) {
		day = date_of(stage, about->derive[0], ret_from);
		return day == FACT_NONE ? date_of(stage, about->derive[1], ret_from) : day;
	}
	*ret_from = field;
	return (int32_t)get_le32(value_at(stage) + stage->layout->fields[field].at);
}

static void check_dates(struct stage *stage, const struct rko_value *values)
{
	const uint32_t *valid = stage->about->valid;
	uint32_t from[2];
	int32_t begins, ends;

	if (valid[0] == IMAGE_NONE || stage->fault)
		return;
	begins = date_of(stage, valid[0], &from[0]);
	ends = date_of(stage, valid[1], &from[1]);
	if (begins < DAY_MIN || ends < DAY_MIN || begins <= ends)
		return;
	load_fault(stage->load, DIAG_FACT_DATES, values[from[1]].origin, values[from[0]].origin, NULL,
		   "a row of %s ends on %.*s, before it begins on %.*s", stage_kind(stage),
		   (int)values[from[1]].length, values[from[1]].text, (int)values[from[0]].length,
		   values[from[0]].text);
	stage->fault = true;
}

/* Staging ----------------------------------------------------------------------------------------- */

static void keep(struct stage *stage, uint32_t size, uint64_t origin, bool tombstone)
{
	struct rko_load *load = stage->load;
	struct staged_kind *kind = &load->kinds[stage->record];
	uint32_t key_size = stage->bound->key_size + KEY_TAIL;
	uint8_t *value = value_at(stage), prefix[8] = { 0 };
	uint32_t fields = stage->bound->key_size - KEY_HEAD;

	if (!load->sources.count)	/* rows before any source is named are of none */
		map_intern(&load->sources, TEXT(""));
	size = row_put_place(value, size, load->place);
	put_le64(value, row_checksum(stage->bytes, key_size, value, size));
	memcpy(prefix, stage->bytes + KEY_HEAD, fields < sizeof prefix ? fields : sizeof prefix);
	kind->rows = arena_grow(&load->arena, kind->rows, kind->count, &kind->cap, sizeof *kind->rows);
	kind->rows[kind->count] = (struct staged){
		.prefix = get_be64(prefix),
		.bytes = arena_copy(&load->arena, stage->bytes, key_size + size),
		.size = size,
		.origin = origin,
	};
	if (stage->about->nkey == 1)
		pairs_add(&load->by_id, &load->arena, pair_of(stage->record, get_be32(stage->bytes + KEY_HEAD)),
			  kind->count);
	kind->count++;
	kind->tombstones |= tombstone;
	load->nrows++;
	load->nbytes += key_size + size;
	if (load->nrows % 65536 == 0)
		load_watch(load, "read", load->nrows, 0);
}

static bool begin_stage(struct stage *stage, struct rko_load *load, uint32_t record, size_t count, size_t expected)
{
	if (load->status != RKO_OK)
		return false;
	if (record >= load->policy->image.n_records || count != expected) {
		load->status = RKO_ARGUMENT;
		return false;
	}
	stage->load = load;
	stage->record = record;
	stage->about = &load->policy->image.records[record];
	stage->bound = &load->binding->records[record];
	stage->layout = &load->binding->layouts[stage->bound->layout];
	stage->fault = false;
	stage->removal = false;
	return true;
}

static void stage_row(struct stage *stage, const struct rko_value *values, uint64_t origin)
{
	uint32_t size;

	put_key(stage, values, origin);
	if (!put_fields(stage, values, origin, &size)) {
		load_fault(stage->load, DIAG_FACT_LARGE, origin, 0, NULL, "a row of %s has more than %u bytes",
			   stage_kind(stage), LIMIT_ROW_BYTES);
		return;
	}
	check_dates(stage, values);
	if (!stage->fault && stage->load->status == RKO_OK)
		keep(stage, size, origin, false);
}

static void stage_removal(struct stage *stage, const struct rko_value *values, uint64_t origin)
{
	uint8_t *value;

	stage->removal = true;
	put_key(stage, values, origin);
	value = value_at(stage);
	memset(value, 0, ROW_HEAD);
	put_le16(value + 8, stage->bound->layout);
	value[10] = ROW_TOMBSTONE;
	if (!stage->fault && stage->load->status == RKO_OK)
		keep(stage, ROW_HEAD, origin, true);
}

static enum rko_status stage(struct rko_load *load, uint32_t record, const struct rko_value *values, size_t count,
			     uint64_t origin, bool removal)
{
	struct stage at;
	jmp_buf escape;
	size_t expected = 0;

	if (record < load->policy->image.n_records)
		expected = removal ? load->policy->image.records[record].nkey
				   : load->policy->image.records[record].fields.count;
	if (!begin_stage(&at, load, record, count, expected))
		return load->status;
	load->arena.escape = &escape;
	if (setjmp(escape)) {
		load->arena.escape = NULL;
		load->status = RKO_NO_MEMORY;
		return load->status;
	}
	if (removal)
		stage_removal(&at, values, origin);
	else
		stage_row(&at, values, origin);
	load->arena.escape = NULL;
	load->place.line = 0;
	return load->status;
}

enum rko_status rko_load_row(struct rko_load *load, uint32_t kind, const struct rko_value *values, size_t count,
			     uint64_t origin)
{
	return stage(load, kind, values, count, origin, false);
}

enum rko_status rko_load_remove(struct rko_load *load, uint32_t kind, const struct rko_value *values, size_t count,
				uint64_t origin)
{
	return stage(load, kind, values, count, origin, true);
}
