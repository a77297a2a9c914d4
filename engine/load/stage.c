/* SPDX-License-Identifier: EUPL-1.2 */
/* Values become the bytes of a row. */
#include <stdio.h>
#include <stdlib.h>

#include "engine/load/load.h"

/* Pairs ------------------------------------------------------------------------------------------- */

static size_t pair_place(const struct pairs *pairs, uint64_t key)
{
	size_t mask = pairs->nslots - 1;
	size_t at = (size_t)((key * 0x9e3779b97f4a7c15ull) >> 20) & mask;

	while (pairs->slots[at].key && pairs->slots[at].key != key + 1)
		at = (at + 1) & mask;
	return at;
}

uint64_t pairs_get(const struct pairs *pairs, uint64_t key)
{
	const struct pair_slot *slot;

	if (!pairs->nslots)
		return UINT64_MAX;
	slot = &pairs->slots[pair_place(pairs, key)];
	return slot->key ? slot->value : UINT64_MAX;
}

bool pairs_add(struct pairs *pairs, struct arena *arena, uint64_t key, uint64_t value)
{
	struct pair_slot *slot;

	if ((pairs->count + 1) * 3 > pairs->nslots * 2) {
		struct pairs old = *pairs;

		pairs->nslots = old.nslots ? old.nslots * 2 : 64;
		pairs->slots = ARENA_ARRAY(arena, pairs->nslots, struct pair_slot);
		for (size_t i = 0; i < old.nslots; i++)
			if (old.slots[i].key)
				pairs->slots[pair_place(pairs, old.slots[i].key - 1)] = old.slots[i];
	}
	slot = &pairs->slots[pair_place(pairs, key)];
	if (slot->key)
		return false;
	*slot = (struct pair_slot){ key + 1, value };
	pairs->count++;
	return true;
}

void pairs_set(struct pairs *pairs, uint64_t key, uint64_t value)
{
	pairs->slots[pair_place(pairs, key)].value = value;
}

/* Faults ------------------------------------------------------------------------------------------ */

void load_fault(struct rko_load *load, enum diag_code code, uint64_t origin, uint64_t other, const char *help,
		const char *format, ...)
{
	char text[600];
	va_list args;
	struct rko_load_fault *fault;

	load->nfaults++;
	if (load->nkept >= LIMIT_LOAD_ERRORS)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	load->faults = arena_grow(&load->arena, load->faults, load->nkept, &load->cap_faults,
				  sizeof *load->faults);
	fault = &load->faults[load->nkept++];
	*fault = (struct rko_load_fault){ .code = code, .origin = origin, .other = other };
	fault->text = text_copy(&load->arena, text_from(text)).at;
	fault->help = help ? text_copy(&load->arena, text_from(help)).at : NULL;
}

void load_watch(struct rko_load *load, const char *doing, uint64_t done, uint64_t of)
{
	if (load->watch)
		load->watch(load->watch_context, doing, done, of);
}

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

struct stage {
	struct rko_load *load;
	uint32_t record;
	const struct image_record *about;
	const struct bound_record *bound;
	const struct bound_layout *layout;
	uint8_t bytes[LIMIT_KEY_BYTES + KEY_TAIL + LIMIT_ROW_BYTES + ROW_PLACE_BYTES];
	bool removal;
	bool fault;
};

/* What a person wrote, short enough to be shown. */
struct shown {
	char text[64];
};

static struct shown show(struct text text)
{
	struct shown shown;
	size_t length = text.len > 40 ? 40 : text.len;

	while (length < text.len && length && ((unsigned char)text.at[length] & 0xc0) == 0x80)
		length--;
	snprintf(shown.text, sizeof shown.text, "%.*s%s", (int)length, text.at, length < text.len ? "…" : "");
	return shown;
}

static const char *field_name(const struct stage *stage, const struct image_field *field)
{
	return load_string(stage->load, field->name);
}

static const char *kind_name(const struct stage *stage)
{
	return load_string(stage->load, stage->about->name);
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
		   show(text).text, load_string(load, set->name), field_name(stage, field));
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

static void bad_value(struct stage *stage, const struct image_field *field, const struct rko_value *value,
		      struct text text)
{
	struct rko_load *load = stage->load;
	bool word = text_equal(text, TEXT("none")) || text_equal(text, TEXT("open")) ||
		    text_equal(text, TEXT("unknown"));

	stage->fault = true;
	if (word)
		load_fault(load, DIAG_FACT_VALUE, value->origin, 0, NULL, "`%s` of %s cannot be %.*s",
			   field_name(stage, field), kind_name(stage), TEXT_ARG(text));
	else if (field->kind == IMAGE_TYPE_DATE)
		load_fault(load, DIAG_FACT_VALUE, value->origin, 0, "a date is written 2026-06-15, from 1900 to 2199",
			   "`%s` is no date, which `%s` needs", show(text).text, field_name(stage, field));
	else
		load_fault(load, DIAG_FACT_VALUE, value->origin, 0,
			   "an id has no spaces or control characters and at most 128 bytes",
			   "`%s` is no id, which `%s` needs", show(text).text, field_name(stage, field));
}

/* One value of a field as a fact, with codes and strings in the store's numbers. */
static bool read_fact(struct stage *stage, const struct image_field *field, const struct rko_value *value,
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
			if (text_equal(text, TEXT("none")) || text_equal(text, TEXT("open")) ||
			    text_equal(text, TEXT("unknown")))
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
	if (!is_id(text) || text_equal(text, TEXT("none")) || text_equal(text, TEXT("open")) ||
	    text_equal(text, TEXT("unknown"))) {
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
		load_fault(stage->load, DIAG_FACT_MISSING, origin, 0, NULL, "a row of %s lacks `%s`", kind_name(stage),
			   field_name(stage, field));
		stage->fault = true;
		return false;
	}
	if (value->kind == RKO_VALUE_SET) {
		load_fault(stage->load, DIAG_FACT_SET, value->origin, 0, NULL, "`%s` of %s has one value, not a list",
			   field_name(stage, field), kind_name(stage));
		stage->fault = true;
		return false;
	}
	return read_fact(stage, field, value, false, ret_fact);
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
			   show((struct text){ value->text, value->length }).text, field_name(stage, field));
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
			   kind_name(stage), field_name(stage, field));
		stage->fault = true;
		return true;
	}
	if (value->kind == RKO_VALUE_TEXT &&
	    !(field->flags & IMAGE_FIELD_UNKNOWN &&
	      text_equal((struct text){ value->text, value->length }, TEXT("unknown")))) {
		load_fault(stage->load, DIAG_FACT_SET, value->origin, 0, "write it in brackets: [a, b]",
			   "`%s` of %s is a list", field_name(stage, field), kind_name(stage));
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
			   "`%s` of %s has %zu elements; at most %u are allowed", field_name(stage, field),
			   kind_name(stage), value->length, bound);
		stage->fault = true;
		return true;
	}
	if (*size + 2 + value->length * width > LIMIT_ROW_BYTES)
		return false;
	for (size_t i = 0; i < value->length; i++) {
		int32_t fact;

		if (value->elements[i].kind != RKO_VALUE_TEXT) {
			load_fault(stage->load, DIAG_FACT_SET, value->elements[i].origin, 0, NULL,
				   "an element of `%s` is one value, not a list", field_name(stage, field));
			stage->fault = true;
		} else if (read_fact(stage, field, &value->elements[i], true, &fact)) {
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
					   field_name(stage, field), kind_name(stage));
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
		   "a row of %s ends on %.*s, before it begins on %.*s", kind_name(stage),
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
			   kind_name(stage), LIMIT_ROW_BYTES);
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
