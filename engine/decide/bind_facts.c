/* SPDX-License-Identifier: EUPL-1.2 */
/* Records and single facts: which row a slot holds, and what stands in its fields; what the request says itself. */
#include "engine/decide/bind_parts.h"

/* Ids --------------------------------------------------------------------------------------------- */

enum {
	NEW_ID = BIND_NEW_ID,
	NAMELESS_ID = NEW_ID + BIND_NEW_IDS,	/* of records that are given without an id: equal to nothing */
};

/* The store's number; an id it does not know gets one of its own, the same for the same id. */
static bool id_number(struct bind *bind, struct text text, int32_t *ret_fact)
{
	uint32_t number;
	enum rko_status status = store_number(bind->reader, text, &number);

	if (status != RKO_OK)
		return fail(bind, status);
	if (number != STRING_NONE) {
		*ret_fact = (int32_t)number;
		return true;
	}
	for (uint32_t i = 0; i < bind->nnew_ids; i++) {
		if (text_equal(bind->new_ids[i], text)) {
			*ret_fact = (int32_t)(NEW_ID + i);
			return true;
		}
	}
	if (bind->nnew_ids == BIND_NEW_IDS)
		return fail(bind, RKO_LIMIT);
	bind->new_ids[bind->nnew_ids] = text;
	*ret_fact = (int32_t)(NEW_ID + bind->nnew_ids++);
	return true;
}

bool bind_said_fact(struct bind *bind, const struct said_value *said, int32_t *ret_fact)
{
	switch ((enum said)said->said) {
	case SAID_FACT:
		*ret_fact = said->fact;
		return true;
	case SAID_TEXT:
		return id_number(bind, said_text(bind->request, said), ret_fact);
	case SAID_NOT:		/* an action that does not carry it */
		*ret_fact = FACT_NONE;
		return true;
	case SAID_SET:
		break;
	}
	return fail(bind, RKO_INTERNAL);
}

/* Reading rows ------------------------------------------------------------------------------------ */

static bool scalar_code(struct bind *bind, const struct field_place *place, uint16_t stored, int32_t *ret_fact)
{
	int32_t fact = row_code(stored);

	*ret_fact = fact;
	return fact < 0 || code_fact(bind, place, (uint32_t)fact, ret_fact);
}

bool bind_row_fact(struct bind *bind, const struct row *row, const struct bound_layout *layout, uint32_t field,
		   int32_t *ret_fact)
{
	const struct field_place *place = &layout->fields[field];
	const struct image_field *about;

	switch ((enum field_reading)place->reading) {
	case FIELD_CODE:
		return scalar_code(bind, place, get_le16(row->value + place->read_at), ret_fact);
	case FIELD_DATE:
		*ret_fact = (int32_t)get_le32(row->value + place->read_at);
		return true;
	case FIELD_STRING:
		*ret_fact = row_string(get_le32(row->value + place->read_at));
		return true;
	case FIELD_KEY_CODE:
		return scalar_code(bind, place, get_be16(row->key + place->read_at), ret_fact);
	case FIELD_KEY_STRING:
		*ret_fact = row_string(get_be32(row->key + place->read_at));
		return true;
	case FIELD_NOT_THERE:
		*ret_fact = FACT_UNKNOWN;
		return true;
	case FIELD_DERIVED:
		about = record_field(&bind->policy->image, layout->record, field);
		return bind_row_fact(bind, row, layout, about->derive[0], ret_fact) &&
		       (*ret_fact != FACT_NONE || bind_row_fact(bind, row, layout, about->derive[1], ret_fact));
	case FIELD_SET:
		break;
	}
	return fail(bind, RKO_INTERNAL);
}

/* The same of a record that the request gives. */
static bool given_fact(struct bind *bind, const struct bound_slot *slot, uint32_t record, uint32_t field,
		       int32_t *ret_fact)
{
	const struct image_field *about = record_field(&bind->policy->image, record, field);
	const struct said_value *said = &bind->request->fields[slot->said_at + field];

	if (about->flags & IMAGE_FIELD_DERIVED)
		return given_fact(bind, slot, record, about->derive[0], ret_fact) &&
		       (*ret_fact != FACT_NONE || given_fact(bind, slot, record, about->derive[1], ret_fact));
	if (said->said != SAID_NOT)
		return bind_said_fact(bind, said, ret_fact);
	/* An id, or a field that a row may lack. */
	*ret_fact = about->flags & IMAGE_FIELD_KEY ? (int32_t)(NAMELESS_ID + slot->said_at) : FACT_UNKNOWN;
	return true;
}

/* A field of a record that is there. */
static inline bool slot_fact(struct bind *bind, const struct bound_slot *slot, uint32_t number, uint32_t field,
			     int32_t *ret_fact)
{
	if (slot->given)
		return given_fact(bind, slot, bind->view->slots[number].record, field, ret_fact);
	return bind_row_fact(bind, &slot->row, slot->layout, field, ret_fact);
}

/* Absence ----------------------------------------------------------------------------------------- */

bool bind_absence_believed(struct bind *bind, uint32_t record, bool *ret_believed)
{
	const struct image_record *about = &bind->policy->image.records[record];
	struct freshness *fresh = &bind->freshness[record];
	uint64_t state;

	*ret_believed = !(about->flags & IMAGE_RECORD_OPEN);
	if (!*ret_believed || !about->refreshed || !bind->reader)
		return true;
	state = store_reader_state(bind->reader);
	if (fresh->state != state || fresh->generation != bind->generation) {
		enum rko_status status;

		fresh->found = false;
		if (bind->binding->records[record].kind != KIND_NOT_STORED) {
			status = store_refreshed(bind->reader, bind->binding->records[record].kind,
						 bind->generation, &fresh->refreshed, &fresh->found);
			if (status != RKO_OK)
				return fail(bind, status);
		}
		fresh->state = state;
		fresh->generation = bind->generation;
	}
	*ret_believed = fresh->found && bind->instant - fresh->refreshed <= (int64_t)about->refreshed;
	return true;
}

/* Slots ------------------------------------------------------------------------------------------- */

void bind_put_slot(struct bind *bind, uint32_t number, enum slot_state state, const struct row *row,
		   const struct bound_layout *layout)
{
	struct bound_slot *slot = &bind->slots[number];

	slot->stamp = bind->stamps[bind->view->slot_lasts[number]];
	slot->state = (uint8_t)state;
	slot->given = false;
	if (row)
		slot->row = *row;
	slot->layout = layout;
}

static void put_slot(struct bind *bind, uint32_t number, enum slot_state state)
{
	bind_put_slot(bind, number, state, NULL, NULL);
}

static bool look_up(struct bind *bind, uint8_t *key, size_t size, struct row *row, bool *ret_found)
{
	enum rko_status status;

	bind->fetches++;
	if (bind->get)
		status = bind->get(bind->get_context, key, size, row, ret_found);
	else
		status = store_get(bind->reader, key, size, bind->generation, row, ret_found);
	return status == RKO_OK || fail(bind, status);
}

/* The row of a whole key, if there is one; an absence that is not to be believed is unknown. */
static bool fetch(struct bind *bind, uint32_t number, uint8_t *key)
{
	const struct image_slot *about = &bind->view->slots[number];
	const struct bound_record *record = &bind->binding->records[about->record];
	const struct bound_layout *layout = NULL;
	struct bound_slot *slot = &bind->slots[number];
	bool found = false, believed;
	struct row row = { 0 };

	put_be16(key, record->kind);
	if (record->kind != KIND_NOT_STORED && !look_up(bind, key, record->key_size, &row, &found))
		return false;
	if (found) {
		layout = layout_of(bind, &row, about->record);
		if (!layout)
			return false;
		bind_put_slot(bind, number, SLOT_PRESENT, &row, layout);
	} else {
		if (!bind_absence_believed(bind, about->record, &believed))
			return false;
		put_slot(bind, number, believed ? SLOT_ABSENT : SLOT_UNKNOWN);
	}
	trace_key(bind->trace, TRACE_SLOT, number, slot->state, found ? row_generation(&row) : 0, key,
		  record->key_size);
	return true;
}

static bool bind_link(struct bind *bind, uint32_t number)
{
	const struct image_slot *about = &bind->view->slots[number];
	uint8_t key[LIMIT_KEY_BYTES + KEY_TAIL];
	enum slot_state state = SLOT_PRESENT;

	for (uint32_t i = 0; i < about->keys.count; i++) {
		int32_t fact = bind_fact(bind, bind->policy->image.keys[about->keys.first + i]);

		if (bind->status != RKO_OK || !put_key(bind, key, about->record, i, fact, &state))
			return false;
	}
	if (state == SLOT_PRESENT)
		return fetch(bind, number, key);
	put_slot(bind, number, state);
	return true;
}

/* The record of a request that is given here, or IMAGE_NONE: what a reference of it names must exist. */
static uint32_t given_by(const struct bind *bind, uint32_t value)
{
	const struct image_value *about = &bind->view->values[value];

	if (about->kind != IMAGE_VALUE_FIELD || bind->view->slots[about->of].kind != IMAGE_SLOT_REQUEST ||
	    !bind->slots[about->of].given)
		return IMAGE_NONE;
	return bind->slots[about->of].said_at + about->field;
}

static bool bind_ref(struct bind *bind, uint32_t number)
{
	const struct image_slot *about = &bind->view->slots[number];
	int32_t fact = bind_fact(bind, about->from);
	uint8_t key[LIMIT_KEY_BYTES + KEY_TAIL];
	enum slot_state state = SLOT_PRESENT;
	uint32_t given;

	if (bind->status != RKO_OK)
		return false;
	if (fact == FACT_NONE || fact == FACT_UNKNOWN) {
		put_slot(bind, number, fact == FACT_NONE ? SLOT_ABSENT : SLOT_UNKNOWN);
		return true;
	}
	if (!put_key(bind, key, about->record, 0, fact, &state) || !fetch(bind, number, key))
		return false;
	if (bind->slots[number].state == SLOT_PRESENT)
		return true;
	given = given_by(bind, about->from);
	if (given == IMAGE_NONE)	/* the load has promised that what is referred to is there */
		return fail(bind, RKO_FACTS_INCONSISTENT);
	bind->refusal = RKO_REFUSED_NOT_FOUND;
	bind->refused_field = given;
	return true;
}

static bool is_given(const struct bind *bind, uint32_t input)
{
	const struct image *image = &bind->policy->image;

	return image->inputs[bind->question->question->inputs.first + input].given >> bind->action & 1;
}

/* A record that the caller gives. A caller never overrides a fact. */
static bool bind_given(struct bind *bind, uint32_t number)
{
	const struct image_slot *about = &bind->view->slots[number];
	const struct bound_record *record = &bind->binding->records[about->record];
	struct bound_slot *slot = &bind->slots[number];
	uint8_t key[LIMIT_KEY_BYTES + KEY_TAIL];
	enum slot_state state = SLOT_PRESENT;
	uint32_t said = bind->question->record_at[about->from];
	int32_t fact = FACT_NONE;
	bool found = false;
	struct row row;

	if (bind->request->fields[said].said != SAID_NOT &&
	    !bind_said_fact(bind, &bind->request->fields[said], &fact))
		return false;
	if (!put_key(bind, key, about->record, 0, fact, &state))
		return false;
	if (record->kind != KIND_NOT_STORED && state == SLOT_PRESENT && fact != FACT_NONE) {
		put_be16(key, record->kind);
		if (!look_up(bind, key, record->key_size, &row, &found))
			return false;
	}
	if (found) {
		bind->refusal = RKO_REFUSED_EXISTS;
		bind->refused_field = said;
	}
	put_slot(bind, number, SLOT_PRESENT);
	slot->given = true;
	slot->said_at = said;
	return true;
}

/* A record whose id the caller says, and that the store has. */
static bool bind_found(struct bind *bind, uint32_t number)
{
	const struct image_slot *about = &bind->view->slots[number];
	const struct image_input *input =
		&bind->policy->image.inputs[bind->question->question->inputs.first + about->from];
	const struct said_value *said = &bind->request->fields[about->from];
	uint8_t key[LIMIT_KEY_BYTES + KEY_TAIL];
	enum slot_state state = SLOT_PRESENT;
	int32_t fact = FACT_NONE;

	if (input->found >> bind->action & 1 && said->said != SAID_NOT && !bind_said_fact(bind, said, &fact))
		return false;
	if (fact == FACT_NONE) {
		put_slot(bind, number, SLOT_ABSENT);
		return true;
	}
	if (!put_key(bind, key, about->record, 0, fact, &state) || !fetch(bind, number, key))
		return false;
	if (bind->slots[number].state != SLOT_PRESENT) {
		bind->refusal = RKO_REFUSED_NOT_FOUND;
		bind->refused_field = about->from;
	}
	return true;
}

const struct bound_slot *bind_slot_new(struct bind *bind, uint32_t number)
{
	bool bound = false;

	switch (bind->view->slots[number].kind) {
	case IMAGE_SLOT_REQUEST:
		bound = is_given(bind, bind->view->slots[number].from) ? bind_given(bind, number)
								       : bind_found(bind, number);
		break;
	case IMAGE_SLOT_LINK:
	case IMAGE_SLOT_FINDING:
		bound = bind_link(bind, number);
		break;
	case IMAGE_SLOT_REF:
		bound = bind_ref(bind, number);
		break;
	case IMAGE_SLOT_ROW:	/* is put there by who goes through the rows */
		fail(bind, RKO_INTERNAL);
		break;
	}
	return bound ? &bind->slots[number] : NULL;
}

/* Scalars ----------------------------------------------------------------------------------------- */

/* The id of a record that is given stands among its fields. */
static bool said_input(struct bind *bind, uint32_t input, int32_t *ret_fact)
{
	uint32_t record = bind->question->record_at[input];
	bool given = record != IMAGE_NONE && is_given(bind, input);

	if (given && bind->request->fields[record].said == SAID_NOT) {
		*ret_fact = (int32_t)(NAMELESS_ID + record);
		return true;
	}
	return bind_said_fact(bind, &bind->request->fields[given ? record : input], ret_fact);
}

static bool field_fact(struct bind *bind, const struct image_value *about, int32_t *ret_fact)
{
	const struct bound_slot *slot = bind_slot(bind, about->of);

	if (!slot)
		return false;
	if (slot->state == SLOT_PRESENT)
		return slot_fact(bind, slot, about->of, about->field, ret_fact);
	*ret_fact = slot->state == SLOT_ABSENT ? FACT_NONE : FACT_UNKNOWN;
	return true;
}

int32_t bind_fact_new(struct bind *bind, uint32_t number)
{
	const struct image_value *about = &bind->view->values[number];
	struct bound_value *value = &bind->values[number];
	int32_t fact = FACT_UNKNOWN;

	switch (about->kind) {
	case IMAGE_VALUE_TODAY:
		fact = bind->today;
		break;
	case IMAGE_VALUE_REQUEST:
		if (!said_input(bind, about->of, &fact))
			return FACT_UNKNOWN;
		break;
	case IMAGE_VALUE_FIELD:
		if (!field_fact(bind, about, &fact))
			return FACT_UNKNOWN;
		break;
	case IMAGE_VALUE_ROWS:
		fail(bind, RKO_INTERNAL);
		return FACT_UNKNOWN;
	}
	value->stamp = bind->stamps[bind->view->value_lasts[number]];
	value->fact = fact;
	return fact;
}

bool bind_slot_fact(struct bind *bind, const struct bound_slot *slot, uint32_t number, uint32_t field, int32_t *ret_fact)
{
	return slot_fact(bind, slot, number, field, ret_fact);
}

bool bind_finding_days(struct bind *bind, uint32_t slot, int32_t *ret_begins, int32_t *ret_ends)
{
	uint32_t nkey = bind->policy->image.records[bind->view->slots[slot].record].nkey;

	return slot_fact(bind, &bind->slots[slot], slot, nkey + 1, ret_begins) &&
	       slot_fact(bind, &bind->slots[slot], slot, nkey + 2, ret_ends);
}
