/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Which records a step of a change is about. Whoever would write the change into the facts must know which record it is, by
 * its key, and of a record that it leads to, how it is found: by a reference, or by a key that holds what another one
 * brings. What a need compares with is told as it is now, so that a value can be chosen.
 */
#include "engine/explain/change.h"

static struct explain *explain_of(const struct step_rows *rows)
{
	return rows->change->explain;
}

/* What a value is now, as it is written in a file of facts. */
static size_t values_now(struct step_rows *rows, uint32_t value, const char *const **ret_values)
{
	struct rko_why_thing thing = explain_value(explain_of(rows), value);
	const char **values = ARENA_ARRAY(explain_of(rows)->arena, thing.nvalues + 1, const char *);

	for (size_t i = 0; i < thing.nvalues; i++)
		values[i] = thing.values[i].code;
	if (thing.seen == RKO_SEEN_NONE)
		values[0] = "none";
	*ret_values = values;
	return thing.seen == RKO_SEEN_NONE ? 1 : thing.nvalues;
}

static const char *field_name(const struct step_rows *rows, uint32_t record, uint32_t field)
{
	const struct image *image = explain_of(rows)->image;

	return explain_string(explain_of(rows), record_field(image, record, field)->name);
}

/* The row that brings a value, or RKO_NOTHING: it does not come with the step. */
static uint32_t row_of_value(struct step_rows *rows, uint32_t value)
{
	const struct image_value *about = &rows->change->view->values[value];

	return about->kind == IMAGE_VALUE_FIELD ? step_rows_slot(rows, about->of)
	       : about->kind == IMAGE_VALUE_ROWS ? step_rows_slot(rows, rows->change->view->scans[about->of].row)
						 : RKO_NOTHING;
}

/* A part of a key that is looked up by: it is known, or comes with another row of the step. */
static void key_part(struct step_rows *rows, uint32_t part, struct rko_why_key *out)
{
	uint32_t value = part & ~IMAGE_KEY_EACH;
	const struct image_value *about = &rows->change->view->values[value];

	out->row = rows->count ? row_of_value(rows, value) : RKO_NOTHING;
	if (out->row == RKO_NOTHING)
		out->nvalues = values_now(rows, value, &out->values);
	else
		out->of = field_name(rows, rows->change->view->slots[about->of].record, about->field);
}

static struct rko_why_key *new_key(struct step_rows *rows, uint32_t record, size_t *ret_count)
{
	uint32_t count = explain_of(rows)->image->records[record].nkey;
	struct rko_why_key *key = ARENA_ARRAY(explain_of(rows)->arena, count + 1, struct rko_why_key);

	for (uint32_t i = 0; i < count; i++)
		key[i] = (struct rko_why_key){ .field = field_name(rows, record, i), .row = RKO_NOTHING, .of = "" };
	*ret_count = count;
	return key;
}

static void key_of_parts(struct step_rows *rows, struct image_range keys, struct rko_why_row *row, uint32_t record)
{
	struct rko_why_key *key = new_key(rows, record, &row->nkey);

	for (uint32_t i = 0; i < keys.count && i < row->nkey; i++)
		key_part(rows, explain_of(rows)->image->keys[keys.first + i], &key[i]);
	row->key = key;
}

static void key_of_row(struct step_rows *rows, const struct bound_slot *slot, struct rko_why_row *row, uint32_t record)
{
	struct rko_why_key *key = new_key(rows, record, &row->nkey);
	const char **values = ARENA_ARRAY(explain_of(rows)->arena, row->nkey + 1, const char *);

	for (uint32_t i = 0; i < row->nkey; i++) {
		struct rko_why_said word;

		explain_key_word(explain_of(rows), record, i, slot->row.key, &word);
		values[i] = word.value;
		key[i].values = values + i;
		key[i].nvalues = 1;
	}
	row->key = key;
}

static struct rko_why_row new_row(struct step_rows *rows, uint32_t record)
{
	const struct image_record *about = &explain_of(rows)->image->records[record];

	return (struct rko_why_row){ .record = explain_string(explain_of(rows), about->name), .from = RKO_NOTHING, .by = "" };
}

static uint32_t add_row(struct step_rows *rows, uint32_t slot, struct rko_why_row row)
{
	if (rows->count == STEP_ROWS)
		return RKO_NOTHING;
	rows->slots[rows->count] = slot;
	rows->list[rows->count] = row;
	return rows->count++;
}

void step_rows_begin(struct step_rows *rows, struct change *change, const struct change_fact *fact)
{
	const struct plan_view *view = change->view;
	const struct image_slot *slot = fact->slot == IMAGE_NONE ? NULL : &view->slots[fact->slot];
	const struct bound_slot *bound = slot ? bind_slot(change->bind, fact->slot) : NULL;
	struct rko_why_row row;

	*rows = (struct step_rows){ .change = change, .fact = fact };
	if (fact->record == IMAGE_NONE)
		return;
	rows->list = ARENA_ARRAY(explain_of(rows)->arena, STEP_ROWS, struct rko_why_row);
	row = new_row(rows, fact->record);
	row.exists = bound && bound->state == SLOT_PRESENT && !bound->given;
	if (row.exists)
		key_of_row(rows, bound, &row, fact->record);
	else if (!slot)
		key_of_parts(rows, view->scans[fact->scan].keys, &row, fact->record);
	else if (slot->kind == IMAGE_SLOT_ROW && slot->from != IMAGE_NONE)
		key_of_parts(rows, view->scans[slot->from].keys, &row, fact->record);
	else
		key_of_parts(rows, slot->keys, &row, fact->record);
	add_row(rows, slot ? fact->slot : view->scans[fact->scan].row, row);
}

/* A record that a row of the step refers to. */
static uint32_t referred(struct step_rows *rows, uint32_t slot)
{
	const struct image_slot *about = &rows->change->view->slots[slot];
	const struct image_value *value = &rows->change->view->values[about->from];
	uint32_t from = value->kind == IMAGE_VALUE_FIELD ? step_rows_slot(rows, value->of) : RKO_NOTHING;
	struct rko_why_row row = new_row(rows, about->record);

	if (from == RKO_NOTHING)
		return RKO_NOTHING;
	row.from = from;
	row.by = field_name(rows, rows->change->view->slots[value->of].record, value->field);
	for (uint32_t i = 0; i < rows->count; i++)
		if (rows->list[i].from == from && strcmp(rows->list[i].by, row.by) == 0)
			return i;
	return add_row(rows, slot, row);
}

/* A record that is looked up by what a row of the step brings. */
static uint32_t looked_up(struct step_rows *rows, uint32_t slot)
{
	const struct image_slot *about = &rows->change->view->slots[slot];
	struct rko_why_row row = new_row(rows, about->record);
	bool hangs = false;

	key_of_parts(rows, about->keys, &row, about->record);
	for (size_t i = 0; i < row.nkey; i++)
		hangs |= row.key[i].row != RKO_NOTHING;
	return hangs ? add_row(rows, slot, row) : RKO_NOTHING;
}

uint32_t step_rows_slot(struct step_rows *rows, uint32_t slot)
{
	const struct image_slot *about = &rows->change->view->slots[slot];

	for (uint32_t i = 0; i < rows->count; i++)
		if (rows->slots[i] == slot)
			return i;
	if (!rows->count)
		return RKO_NOTHING;
	switch ((enum image_slot_kind)about->kind) {
	case IMAGE_SLOT_ROW:	/* of another list that the new row is in, too */
		return about->record == rows->fact->record && rows->fact->kind == RKO_CHANGE_RECORD ? 0 : RKO_NOTHING;
	case IMAGE_SLOT_REF:
		return referred(rows, slot);
	case IMAGE_SLOT_LINK:
		return looked_up(rows, slot);
	case IMAGE_SLOT_REQUEST:
	case IMAGE_SLOT_FINDING:
		break;
	}
	return RKO_NOTHING;
}

/* The fields that say it: of a derived date both that it can come from. */
static void stored_fields(struct step_rows *rows, uint32_t record, uint32_t field, struct rko_why_need *need)
{
	const struct image_field *about = record_field(explain_of(rows)->image, record, field);
	const char **stored = ARENA_ARRAY(explain_of(rows)->arena, 2, const char *);
	bool derived = about->flags & IMAGE_FIELD_DERIVED;

	stored[0] = field_name(rows, record, derived ? about->derive[0] : field);
	if (derived)
		stored[1] = field_name(rows, record, about->derive[1]);
	need->stored = stored;
	need->nstored = derived ? 2 : 1;
}

void step_rows_field(struct step_rows *rows, uint32_t field, struct rko_why_need *need)
{
	need->row = 0;
	stored_fields(rows, rows->fact->record, field, need);
}

void step_rows_need(struct step_rows *rows, uint32_t value, uint32_t other, struct rko_why_need *need)
{
	const struct plan_view *view = rows->change->view;
	const struct image_value *about = &view->values[value];

	need->row = row_of_value(rows, value);
	need->other_row = other == IMAGE_NONE ? RKO_NOTHING : row_of_value(rows, other);
	need->other_field = "";
	if (need->row != RKO_NOTHING && about->kind == IMAGE_VALUE_FIELD)
		stored_fields(rows, view->slots[about->of].record, about->field, need);
	else if (need->row != RKO_NOTHING)
		stored_fields(rows, view->scans[about->of].record, about->field, need);
	if (other == IMAGE_NONE)
		return;
	about = &view->values[other];
	if (need->other_row == RKO_NOTHING)
		need->nothers = values_now(rows, other, &need->others);
	else
		need->other_field = field_name(rows, about->kind == IMAGE_VALUE_ROWS ? view->scans[about->of].record
										     : view->slots[about->of].record,
					       about->field);
}

void step_rows_each(struct step_rows *rows, const struct image_feature *about, struct rko_why_need *need)
{
	struct explain *explain = explain_of(rows);
	const struct bound_value *set = bind_set(rows->change->bind, about->a);
	const int32_t *elements = rows->change->bind->elements + rows->change->view->elements_at[about->a];
	struct rko_why_thing thing = explain_value(explain, about->a);
	const char **others = ARENA_ARRAY(explain->arena, thing.nvalues + 1, const char *);

	need->nothers = 0;
	/* The same element twice is one value. */
	for (uint32_t i = 0, next = 0; set && i < set->count && next < thing.nvalues; i++) {
		bool twice = false;

		for (uint32_t j = 0; j < i; j++)
			twice |= elements[j] == elements[i];
		if (!twice && change_missing(rows->change, about, i))
			others[need->nothers++] = thing.values[next].code;
		next += !twice;
	}
	need->others = others;
}
