/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/common/facts.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names ------------------------------------------------------------------------------------------- */

/* How far a name is from another, case, dots and rings aside; `limit` + 1 for further. */
static unsigned distance_of(struct text name, const char *other, unsigned limit)
{
	return text_alike(name, text_from(other)) ? 0 : text_distance(name, text_from(other), limit);
}

/* Words at the top of a file of cases, which holds facts of its own. */
static bool of_case_file(struct text name)
{
	static const char *const words[] = { "name", "base", "facts", "requests", "request", "cases", "variants", "at" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (text_equal(name, text_from(words[i])))
			return true;
	return false;
}

uint32_t facts_kind(struct fact_reader *reader, struct text name, yaml_place place)
{
	uint32_t count = rko_policy_kinds(reader->policy), near = RKO_NOTHING;
	struct rko_kind_about about;
	struct diag *diag;
	unsigned best = 4;

	for (uint32_t i = 0; i < count; i++) {
		unsigned distance;

		rko_kind_about(reader->policy, i, &about);
		if (text_equal(name, text_from(about.name)))
			return i;
		distance = distance_of(name, about.name, best);
		if (distance < best) {
			best = distance;
			near = i;
		}
	}
	diag = yaml_fault(reader->files, DIAG_FACT_KIND, place, "the policy has no kind of fact `%.*s`", TEXT_ARG(name));
	if (near != RKO_NOTHING) {
		rko_kind_about(reader->policy, near, &about);
		diag_help(&reader->files->diags, diag, "the nearest is `%s`", about.name);
	} else if (of_case_file(name)) {
		diag_help(&reader->files->diags, diag,
			  "a file of cases is run by `rko test`; what stands under its `facts` can be loaded from a file of its own");
	}
	return RKO_NOTHING;
}

static uint32_t find_field(struct fact_reader *reader, uint32_t kind, struct text name, yaml_place place)
{
	struct rko_kind_field_about field;
	struct rko_kind_about about;
	uint32_t near = RKO_NOTHING;
	struct diag *diag;
	unsigned best = 4;

	rko_kind_about(reader->policy, kind, &about);
	for (uint32_t i = 0; i < about.fields; i++) {
		unsigned distance;

		rko_kind_field(reader->policy, kind, i, RKO_FI, &field);
		if (text_equal(name, text_from(field.name)))
			return i;
		distance = distance_of(name, field.name, best);
		if (distance < best) {
			best = distance;
			near = i;
		}
	}
	diag = yaml_fault(reader->files, DIAG_FACT_FIELD, place, "%s has no field `%.*s`", about.name, TEXT_ARG(name));
	if (near != RKO_NOTHING) {
		rko_kind_field(reader->policy, kind, near, RKO_FI, &field);
		diag_help(&reader->files->diags, diag, "the nearest is `%s`", field.name);
	}
	if (memmem(name.at, name.len, "\u00a0", 2))
		diag_help(&reader->files->diags, diag,
			  "a no-break space stands in it, as text processors make them: type a space instead");
	return RKO_NOTHING;
}

/* Rows -------------------------------------------------------------------------------------------- */

bool facts_row(struct fact_reader *reader, uint32_t kind, const struct yaml_node *id,
	       const struct yaml_node *fields, struct fact_row *row)
{
	*row = (struct fact_row){ .kind = kind, .place = id ? id->place : fields->place };
	if (id)
		row->fields[0] = id;
	/* `id:` alone: a row with nothing but its key. */
	if (fields->kind == YAML_TEXT && !fields->text.len && id)
		return true;
	if (fields->kind != YAML_MAP) {
		yaml_fault(reader->files, DIAG_YAML_SHAPE, fields->place, "the fields of a row are expected: `name: value`");
		return false;
	}
	for (size_t i = 0; i < fields->count; i++) {
		const struct yaml_pair *pair = &fields->pairs[i];
		uint32_t field = find_field(reader, kind, pair->key, pair->place);

		if (field == RKO_NOTHING)
			return false;
		if (row->fields[field]) {
			yaml_fault(reader->files, DIAG_YAML_DUPLICATE, pair->place, "`%.*s` is stated twice",
				   TEXT_ARG(pair->key));
			return false;
		}
		row->fields[field] = &pair->value;
	}
	return true;
}

/* A node as a value of a load. Maps are no values, and (`elements` NULL) an element of a list is no list. */
static bool to_value(struct fact_reader *reader, const struct yaml_node *node, struct rko_value *elements,
		     struct rko_value *ret)
{
	*ret = (struct rko_value){ .kind = RKO_VALUE_MISSING };
	if (!node)
		return true;
	ret->origin = node->place;
	switch (node->kind) {
	case YAML_TEXT:
		ret->kind = RKO_VALUE_TEXT;
		ret->text = node->text.at;
		ret->length = node->text.len;
		return true;
	case YAML_LIST:
		if (!elements) {
			yaml_fault(reader->files, DIAG_FACT_SET, node->place, "an element of a list is one value, not a list");
			return false;
		}
		if (node->count > LIMIT_SET_ELEMENTS + 1) {
			yaml_fault(reader->files, DIAG_FACT_SET, node->place, "a list has at most %d elements",
				   LIMIT_SET_ELEMENTS);
			return false;
		}
		ret->kind = RKO_VALUE_SET;
		ret->elements = elements;
		ret->length = node->count;
		for (size_t i = 0; i < node->count; i++)
			if (!to_value(reader, &node->items[i], NULL, &elements[i]))
				return false;
		return true;
	case YAML_MAP:
		yaml_fault(reader->files, DIAG_YAML_SHAPE, node->place, "a value is expected here, not fields");
		return false;
	}
	return false;
}

/* The file and the line are kept with the row: explanations name them. */
static enum rko_status tell_place(struct fact_reader *reader, struct rko_load *load, yaml_place place)
{
	struct text name;
	char text[NAME_MAX + 1];
	uint32_t line;
	enum rko_status status;

	yaml_locate(reader->files, place, &name, &line);
	snprintf(text, sizeof text, "%.*s", TEXT_ARG(name));
	status = rko_load_source(load, text);
	return status == RKO_OK ? rko_load_line(load, line) : status;
}

enum rko_status facts_stage(struct fact_reader *reader, struct rko_load *load, const struct fact_row *row,
			    bool remove)
{
	static struct rko_value elements[LIMIT_FIELDS][LIMIT_SET_ELEMENTS + 1];
	struct rko_value values[LIMIT_FIELDS];
	struct rko_kind_about about;
	enum rko_status status;
	uint32_t count;

	rko_kind_about(reader->policy, row->kind, &about);
	count = remove ? about.key_fields : about.fields;
	for (uint32_t i = 0; i < count; i++)
		if (!to_value(reader, row->fields[i], elements[i], &values[i]))
			return RKO_OK;	/* the diagnostic says it */
	for (uint32_t i = count; i < about.fields; i++)
		if (row->fields[i])
			yaml_fault(reader->files, DIAG_FACT_REMOVE, row->fields[i]->place,
				   "a row is removed by its key alone");
	status = tell_place(reader, load, row->place);
	if (status != RKO_OK)
		return status;
	if (remove)
		return rko_load_remove(load, row->kind, values, count, row->place);
	return rko_load_row(load, row->kind, values, count, row->place);
}

bool facts_instant(struct fact_reader *reader, const struct yaml_node *node, int64_t *ret_instant)
{
	struct diag *diag;

	if (node->kind == YAML_TEXT && rko_instant_parse(node->text.at, ret_instant) == RKO_OK)
		return true;
	diag = yaml_fault(reader->files, DIAG_FACT_VALUE, node->place, "an instant is expected here");
	diag_help(&reader->files->diags, diag, "it is written 2026-07-10T10:00+03:00, with its offset");
	return false;
}

bool facts_refreshed(struct fact_reader *reader, struct rko_load *load, const struct yaml_node *node)
{
	int64_t instant;

	if (node->kind == YAML_TEXT) {
		if (!facts_instant(reader, node, &instant))
			return false;
		for (uint32_t i = 0; i < rko_policy_kinds(reader->policy); i++)
			rko_load_refreshed(load, i, instant);
		return true;
	}
	if (node->kind != YAML_MAP) {
		yaml_fault(reader->files, DIAG_YAML_SHAPE, node->place, "one instant is expected, or one for each kind");
		return false;
	}
	for (size_t i = 0; i < node->count; i++) {
		uint32_t kind = facts_kind(reader, node->pairs[i].key, node->pairs[i].place);

		if (kind == RKO_NOTHING || !facts_instant(reader, &node->pairs[i].value, &instant))
			return false;
		rko_load_refreshed(load, kind, instant);
	}
	return true;
}

/* Files ------------------------------------------------------------------------------------------- */

struct reading {
	struct fact_reader *reader;
	struct rko_load *load;
	struct yaml *yaml;
	struct arena row;	/* of one row */
	enum rko_status status;
	void (*progress)(void *context, size_t done, size_t of);
	void *context;
	uint64_t rows;
};

static bool stage(struct reading *reading, uint32_t kind, const struct yaml_node *id, const struct yaml_node *fields,
		  bool remove)
{
	struct fact_row row;

	if (!facts_row(reading->reader, kind, id, fields, &row))
		return false;
	reading->status = facts_stage(reading->reader, reading->load, &row, remove);
	if (++reading->rows % 16384 == 0 && reading->progress) {
		size_t done, of;

		yaml_progress(reading->yaml, &done, &of);
		reading->progress(reading->context, done, of);
	}
	return reading->status == RKO_OK;
}

static uint32_t key_fields(const struct reading *reading, uint32_t kind)
{
	struct rko_kind_about about;

	rko_kind_about(reading->reader->policy, kind, &about);
	return about.key_fields;
}

/* `id: fields` for each row. */
static bool rows_by_id(struct reading *reading, uint32_t kind)
{
	struct text key;
	yaml_place place;

	if (!yaml_enter_map(reading->yaml))
		return !yaml_failed(reading->yaml);
	while (yaml_next_key(reading->yaml, &key, &place)) {
		struct yaml_node id = { .kind = YAML_TEXT, .text = key, .place = place }, fields;

		arena_reset(&reading->row);
		if (!yaml_take(reading->yaml, &reading->row, &fields) ||
		    !stage(reading, kind, &id, &fields, false))
			return false;
	}
	return !yaml_failed(reading->yaml);
}

/* One row for each element; of a removal with one key field, its ids. */
static bool rows_in_list(struct reading *reading, uint32_t kind, bool remove)
{
	if (!yaml_enter_list(reading->yaml))
		return false;
	while (yaml_next_item(reading->yaml)) {
		struct yaml_node item, empty = { .kind = YAML_TEXT };

		arena_reset(&reading->row);
		if (!yaml_take(reading->yaml, &reading->row, &item))
			return false;
		if (remove && item.kind == YAML_TEXT && key_fields(reading, kind) == 1) {
			if (!stage(reading, kind, &item, &empty, true))
				return false;
		} else if (!stage(reading, kind, NULL, &item, remove)) {
			return false;
		}
	}
	return !yaml_failed(reading->yaml);
}

static bool rows_of_kind(struct reading *reading, struct text name, yaml_place place, bool remove)
{
	uint32_t kind = facts_kind(reading->reader, name, place);
	enum yaml_kind form;
	yaml_place at;

	if (kind == RKO_NOTHING)
		return false;
	if (!yaml_peek(reading->yaml, &form, &at))
		return false;
	if (form == YAML_LIST)
		return rows_in_list(reading, kind, remove);
	if (remove || (form == YAML_MAP && key_fields(reading, kind) != 1)) {
		yaml_fault(reading->reader->files, DIAG_YAML_SHAPE, at,
			   remove ? "a list of what is removed is expected here"
				  : "%.*s has a key of several fields: a list of rows is expected here",
			   TEXT_ARG(name));
		return false;
	}
	return rows_by_id(reading, kind);
}

static bool removals(struct reading *reading)
{
	struct text name;
	yaml_place place;

	if (!yaml_enter_map(reading->yaml))
		return !yaml_failed(reading->yaml);
	while (yaml_next_key(reading->yaml, &name, &place))
		if (!rows_of_kind(reading, name, place, true))
			return false;
	return !yaml_failed(reading->yaml);
}

static bool entry(struct reading *reading, struct facts_file *file, struct text name, yaml_place place)
{
	struct yaml_node node;

	if (text_equal(name, TEXT("remove")))
		return removals(reading);
	if (!text_equal(name, TEXT("refreshed")) && !text_equal(name, TEXT("recorded")))
		return rows_of_kind(reading, name, place, false);
	arena_reset(&reading->row);
	if (!yaml_take(reading->yaml, &reading->row, &node))
		return false;
	if (text_equal(name, TEXT("refreshed")))
		return facts_refreshed(reading->reader, reading->load, &node);
	file->has_recorded = facts_instant(reading->reader, &node, &file->recorded);
	return file->has_recorded;
}

bool facts_file(struct fact_reader *reader, struct rko_load *load, const char *path, struct facts_file *file,
		void (*progress)(void *context, size_t done, size_t of), void *context, enum rko_status *ret_status)
{
	struct reading reading = { .reader = reader, .load = load, .progress = progress, .context = context };
	struct text name;
	yaml_place place;
	bool good = true;

	*file = (struct facts_file){ 0 };
	reading.yaml = yaml_open(reader->files, path, LIMIT_YAML_BYTES);
	if (!reading.yaml)
		return false;
	arena_init(&reading.row, 64u << 20);
	reading.row.escape = reader->files->arena.escape;
	if (yaml_enter_map(reading.yaml))
		while (good && yaml_next_key(reading.yaml, &name, &place))
			good = entry(&reading, file, name, place);
	good &= !yaml_failed(reading.yaml);
	yaml_close(reading.yaml);
	arena_free(&reading.row);
	*ret_status = reading.status;
	return good;
}

void facts_faults(struct fact_reader *reader, const struct rko_load *load)
{
	size_t kept, all = rko_load_faults(load, &kept);

	for (size_t i = 0; i < kept; i++) {
		const struct rko_load_fault *fault = rko_load_fault(load, i);
		struct diag *diag = yaml_fault(reader->files, (enum diag_code)fault->code, fault->origin, "%s",
					       fault->text);

		if (fault->other)
			yaml_also(reader->files, diag, fault->other, "the other one");
		if (fault->help)
			diag_help(&reader->files->diags, diag, "%s", fault->help);
	}
	if (all > kept)
		diag_add(&reader->files->diags, DIAG_FACT_VALUE, SPAN_NONE, "and %zu faults more", all - kept);
}
