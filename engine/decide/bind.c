/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/decide/bind.h"

#include <stdlib.h>

/* Memory ------------------------------------------------------------------------------------------ */

struct sizes {
	uint32_t slots, values, features, scans, rows, elements, words;
};

static void grow(uint32_t *most, uint32_t here)
{
	if (here > *most)
		*most = here;
}

enum rko_status bind_init(struct bind *bind, const struct rko_policy *policy)
{
	struct sizes most = { 0 };

	*bind = (struct bind){ .policy = policy };
	for (uint32_t i = 0; i < policy->image.n_plans; i++) {
		const struct plan_view *view = &policy->plans[i];

		grow(&most.slots, view->nslots);
		grow(&most.values, view->nvalues);
		grow(&most.features, view->nfeatures);
		grow(&most.scans, view->nscans);
		grow(&most.rows, view->nrows);
		grow(&most.elements, view->nelements);
		grow(&most.words, view->plan->nodes.count);
	}
	bind->slots = calloc(most.slots + 1, sizeof *bind->slots);
	bind->values = calloc(most.values + 1, sizeof *bind->values);
	bind->features = calloc(most.features + 1, sizeof *bind->features);
	bind->scans = calloc(most.scans + 1, sizeof *bind->scans);
	bind->rows = calloc(most.rows + 1, sizeof *bind->rows);
	bind->elements = calloc(most.elements + 1, sizeof *bind->elements);
	bind->freshness = calloc(policy->image.n_records + 1, sizeof *bind->freshness);
	bind->seen = calloc(most.words + 1, 1);
	bind->nseen = most.words;
	bind->new_ids = calloc(BIND_NEW_IDS, sizeof *bind->new_ids);
	bind->options = calloc(policy->image.n_readings + 1, 1);
	if (bind->slots && bind->values && bind->features && bind->scans && bind->rows && bind->elements &&
	    bind->freshness && bind->seen && bind->new_ids && bind->options) {
		for (uint32_t i = 0; i < policy->image.n_readings; i++)
			bind->options[i] = (uint8_t)policy->image.readings[i].chosen;
		return RKO_OK;
	}
	bind_release(bind);
	return RKO_NO_MEMORY;
}

void bind_release(struct bind *bind)
{
	free(bind->slots);
	free(bind->values);
	free(bind->features);
	free(bind->scans);
	free(bind->rows);
	free(bind->elements);
	free(bind->freshness);
	free(bind->seen);
	free(bind->new_ids);
	free(bind->options);
	*bind = (struct bind){ 0 };
}

static void forget_stamps(struct bind *bind)
{
	for (uint32_t i = 0; i < bind->view->nslots; i++)
		bind->slots[i].stamp = 0;
	for (uint32_t i = 0; i < bind->view->nvalues; i++)
		bind->values[i].stamp = 0;
	for (uint32_t i = 0; i < bind->view->nfeatures; i++)
		bind->features[i].stamp = 0;
	for (uint32_t i = 0; i < bind->view->nscans; i++)
		bind->scans[i].stamp = 0;
}

static void begin_answer(struct bind *bind)
{
	bind->candidate = 0;
	bind->fetches = 0;
	bind->next_cut = NO_CUT;
	bind->status = RKO_OK;
	bind->refusal = RKO_REFUSED_NOT;
	bind->refused_field = IMAGE_NONE;
}

/* Stamps of another plan's decision mean nothing here. */
void bind_begin(struct bind *bind, const struct plan_view *view, const struct question_view *question)
{
	bool other = bind->view != view;

	bind->view = view;
	bind->question = question;
	if (other || bind->clock > UINT32_MAX / 2) {
		forget_stamps(bind);
		bind->clock = 0;
	}
	bind->clock++;
	bind->stamps[LASTS_DECISION] = bind->clock;
	bind->stamps[LASTS_CANDIDATE] = ++bind->clock;
	bind->stamps[LASTS_ONLY_CANDIDATE] = ++bind->clock;
	for (uint32_t i = 0; i < view->nscans; i++)
		bind->stamps[LASTS_ROW + i] = ++bind->clock;
	bind->nnew_ids = 0;
	bind->root = question ? question->question->root : IMAGE_NONE;
	begin_answer(bind);
}

void bind_again(struct bind *bind, uint32_t lasts)
{
	bind->stamps[lasts] = ++bind->clock;
	bind->stamps[LASTS_CANDIDATE] = ++bind->clock;
	begin_answer(bind);
}

void bind_candidate(struct bind *bind)
{
	bind->stamps[LASTS_CANDIDATE] = ++bind->clock;
	bind->candidate++;
}

void bind_option(struct bind *bind, uint32_t reading, uint32_t option)
{
	const struct plan_view *view = bind->view;

	bind->options[reading] = (uint8_t)option;
	for (uint32_t i = 0; i < view->nfeatures; i++)
		if (view->features[i].kind == IMAGE_FEATURE_READING && view->features[i].b == reading)
			bind->features[i].stamp = 0;
}

static bool fail(struct bind *bind, enum rko_status status)
{
	if (bind->status == RKO_OK)
		bind->status = status;
	return false;
}

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

static bool said_fact(struct bind *bind, const struct said_value *said, int32_t *ret_fact)
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

static const struct bound_layout *layout_of(struct bind *bind, const struct row *row, uint32_t record)
{
	const struct binding *binding = bind->binding;
	uint32_t number = row_layout(row);

	if (number >= binding->nlayouts || binding->layouts[number].record != record ||
	    row->size < binding->layouts[number].fixed) {
		fail(bind, RKO_FACTS_DAMAGED);
		return NULL;
	}
	return &binding->layouts[number];
}

/* A code of the store as a code of the image. One that the image does not know is a failure. */
static bool code_fact(struct bind *bind, const struct field_place *place, uint32_t stored, int32_t *ret_fact)
{
	if (stored >= place->ncodes || place->codes[stored] == CODE_UNKNOWN)
		return fail(bind, RKO_FACTS_SCHEMA);
	*ret_fact = place->codes[stored];
	return true;
}

static bool scalar_code(struct bind *bind, const struct field_place *place, uint16_t stored, int32_t *ret_fact)
{
	int32_t fact = row_code(stored);

	*ret_fact = fact;
	return fact < 0 || code_fact(bind, place, (uint32_t)fact, ret_fact);
}

/* A field of a row; a derived one is the first of two that is not none. */
static bool row_fact(struct bind *bind, const struct row *row, const struct bound_layout *layout, uint32_t field,
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
		return row_fact(bind, row, layout, about->derive[0], ret_fact) &&
		       (*ret_fact != FACT_NONE || row_fact(bind, row, layout, about->derive[1], ret_fact));
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
		return said_fact(bind, said, ret_fact);
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
	return row_fact(bind, &slot->row, slot->layout, field, ret_fact);
}

/* Absence ----------------------------------------------------------------------------------------- */

/* What is not there does not exist, or is not known: by the record, and by when it was last refreshed. */
static bool absence_believed(struct bind *bind, uint32_t record, bool *ret_believed)
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

/* One part of a key. *ret_state: SLOT_PRESENT, or what the slot is without a look. */
static bool put_key(struct bind *bind, uint8_t *key, uint32_t record, uint32_t field, int32_t fact,
		    enum slot_state *ret_state)
{
	const struct image_field *about = record_field(&bind->policy->image, record, field);
	uint8_t *at = key + bind->binding->records[record].key_at[field];

	if (fact == FACT_UNKNOWN) {
		*ret_state = SLOT_UNKNOWN;
		return true;
	}
	if (fact == FACT_NONE && !(about->flags & IMAGE_FIELD_NONE)) {
		if (*ret_state == SLOT_PRESENT)
			*ret_state = SLOT_ABSENT;
		return true;
	}
	if (about->kind != IMAGE_TYPE_CODE) {
		put_be32(at, fact == FACT_NONE ? STRING_NONE : (uint32_t)fact);
	} else if (fact == FACT_NONE) {
		put_be16(at, CODE_NONE);
	} else {
		put_be16(at, bind->binding->codes[about->target].to[fact]);
	}
	return true;
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
		if (!absence_believed(bind, about->record, &believed))
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

static bool bind_input(struct bind *bind, uint32_t number)
{
	const struct image_slot *about = &bind->view->slots[number];
	const struct image_input *input =
		&bind->policy->image.inputs[bind->question->question->inputs.first + about->from];
	uint8_t key[LIMIT_KEY_BYTES + KEY_TAIL];
	struct bound_slot *slot = &bind->slots[number];
	enum slot_state state = SLOT_PRESENT;
	uint32_t said = about->from;
	int32_t fact;

	if (is_given(bind, about->from)) {
		struct row row;
		bool found = false;

		/* A caller never overrides a fact. */
		said = bind->question->record_at[about->from];
		if (bind->request->fields[said].said == SAID_NOT)
			fact = FACT_NONE;
		else if (!said_fact(bind, &bind->request->fields[said], &fact))
			return false;
		if (!put_key(bind, key, about->record, 0, fact, &state))
			return false;
		if (bind->binding->records[about->record].kind != KIND_NOT_STORED && state == SLOT_PRESENT &&
		    fact != FACT_NONE) {
			put_be16(key, bind->binding->records[about->record].kind);
			if (!look_up(bind, key, bind->binding->records[about->record].key_size, &row, &found))
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
	if (!(input->found >> bind->action & 1) || bind->request->fields[said].said == SAID_NOT) {
		put_slot(bind, number, SLOT_ABSENT);
		return true;
	}
	if (!said_fact(bind, &bind->request->fields[said], &fact))
		return false;
	if (fact == FACT_NONE) {
		put_slot(bind, number, SLOT_ABSENT);
		return true;
	}
	if (!put_key(bind, key, about->record, 0, fact, &state) || !fetch(bind, number, key))
		return false;
	if (slot->state != SLOT_PRESENT) {
		bind->refusal = RKO_REFUSED_NOT_FOUND;
		bind->refused_field = said;
	}
	return true;
}

const struct bound_slot *bind_slot_new(struct bind *bind, uint32_t number)
{
	bool bound = false;

	switch (bind->view->slots[number].kind) {
	case IMAGE_SLOT_REQUEST:
		bound = bind_input(bind, number);
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
	return said_fact(bind, &bind->request->fields[given ? record : input], ret_fact);
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

/* Sets -------------------------------------------------------------------------------------------- */

static bool add_element(struct bind *bind, uint32_t number, uint32_t *count, uint32_t bound, int32_t fact)
{
	if (*count >= bound)
		return fail(bind, RKO_FACTS_DAMAGED);
	bind->elements[bind->view->elements_at[number] + (*count)++] = fact;
	return true;
}

static bool said_set(struct bind *bind, uint32_t number, uint32_t bound, const struct said_value *said)
{
	struct bound_value *value = &bind->values[number];

	if (said->said == SAID_NOT) {
		value->fact = FACT_NONE;
		return true;
	}
	if (said->said == SAID_FACT) {
		value->fact = said->fact;
		value->open_ended = said->fact == FACT_UNKNOWN;
		return true;
	}
	for (uint32_t i = said->first; i; i = bind->request->elements[i - 1].next) {
		int32_t fact;

		if (!said_fact(bind, &bind->request->elements[i - 1], &fact) ||
		    !add_element(bind, number, &value->count, bound, fact))
			return false;
	}
	return true;
}

/* The elements of a stored set, behind those that the value has already. */
static bool stored_set(struct bind *bind, uint32_t number, uint32_t *count, uint32_t bound,
		       const struct row *row, const struct bound_layout *layout, uint32_t record, uint32_t field,
		       bool *ret_known)
{
	const struct image_field *about = record_field(&bind->policy->image, record, field);
	uint32_t place = layout->fields[field].at;
	struct row_set set;

	*ret_known = false;
	if (place == FIELD_NOT_STORED)
		return true;
	if (!row_find_set(row, layout->fixed, layout->wide, place, &set))
		return fail(bind, RKO_FACTS_DAMAGED);
	*ret_known = !set.unknown;
	for (uint32_t i = 0; i < set.count; i++) {
		int32_t fact;

		if (about->kind != IMAGE_TYPE_CODE)
			fact = (int32_t)row_set_string(&set, i);
		else if (!code_fact(bind, &layout->fields[field], row_set_code(&set, i), &fact))
			return false;
		if (!add_element(bind, number, count, bound, fact))
			return false;
	}
	return true;
}

static bool field_set(struct bind *bind, uint32_t number, uint32_t bound)
{
	const struct image_value *about = &bind->view->values[number];
	struct bound_value *value = &bind->values[number];
	const struct bound_slot *slot = bind_slot(bind, about->of);
	bool known = true;

	if (!slot)
		return false;
	if (slot->state != SLOT_PRESENT) {
		value->fact = slot->state == SLOT_ABSENT ? FACT_NONE : FACT_UNKNOWN;
		value->open_ended = slot->state == SLOT_UNKNOWN;
		return true;
	}
	if (slot->given) {
		const struct said_value *said = &bind->request->fields[slot->said_at + about->field];

		if (said->said != SAID_NOT)
			return said_set(bind, number, bound, said);
		known = false;
	} else if (!stored_set(bind, number, &value->count, bound, &slot->row, slot->layout,
			       bind->view->slots[about->of].record, about->field, &known)) {
		return false;
	}
	if (!known)
		value->fact = FACT_UNKNOWN;
	value->open_ended = !known;
	return true;
}

/* One field of every row: of the rows that surely belong, and then of those that may. */
static bool rows_set(struct bind *bind, uint32_t number, uint32_t bound)
{
	const struct image_value *about = &bind->view->values[number];
	struct bound_value *value = &bind->values[number];
	const struct bound_scan *scan = bind_scan(bind, about->of);
	uint32_t record = bind->view->scans[about->of].record;
	const struct image_field *field = record_field(&bind->policy->image, record, about->field);

	if (!scan)
		return false;
	value->open_ended = scan->open_ended;
	for (int sure = 1; sure >= 0; sure--) {
		uint32_t *count = sure ? &value->count : &value->maybe, total = value->count + value->maybe;

		for (uint32_t i = 0; i < scan->count; i++) {
			const struct bound_row *row = &bind->rows[bind->view->rows_at[about->of] + i];
			uint32_t before = total;
			bool known = true;
			int32_t fact;

			if (row->where != (sure ? TRUTH_YES : TRUTH_MAYBE))
				continue;
			if (field->flags & IMAGE_FIELD_SET) {
				if (!stored_set(bind, number, &total, bound, &row->row, row->layout, record,
						about->field, &known))
					return false;
			} else {
				if (!row_fact(bind, &row->row, row->layout, about->field, &fact))
					return false;
				known = fact != FACT_UNKNOWN;
				if (known && fact != FACT_NONE && !add_element(bind, number, &total, bound, fact))
					return false;
			}
			*count += total - before;
			value->open_ended |= !known;
		}
	}
	return true;
}

const struct bound_value *bind_set(struct bind *bind, uint32_t number)
{
	const struct image_value *about = &bind->view->values[number];
	struct bound_value *value = &bind->values[number];
	uint32_t stamp = bind->stamps[bind->view->value_lasts[number]];
	uint32_t bound;
	bool done = false;

	if (value->stamp == stamp)
		return value;
	bound = (number + 1 < bind->view->nvalues ? bind->view->elements_at[number + 1] : bind->view->nelements) -
		bind->view->elements_at[number];
	*value = (struct bound_value){ .stamp = 0 };
	switch (about->kind) {
	case IMAGE_VALUE_REQUEST:
		done = said_set(bind, number, bound, &bind->request->fields[about->of]);
		break;
	case IMAGE_VALUE_FIELD:
		done = field_set(bind, number, bound);
		break;
	case IMAGE_VALUE_ROWS:
		done = rows_set(bind, number, bound);
		break;
	case IMAGE_VALUE_TODAY:
		fail(bind, RKO_INTERNAL);
		break;
	}
	if (!done)
		return NULL;
	value->stamp = stamp;
	return value;
}

/* Scans ------------------------------------------------------------------------------------------- */

void bind_row(struct bind *bind, uint32_t scan, uint32_t number)
{
	const struct bound_row *row = &bind->rows[bind->view->rows_at[scan] + number];
	uint32_t slot = bind->view->scans[scan].row;

	bind->stamps[bind->view->slot_lasts[slot]] = ++bind->clock;
	bind_put_slot(bind, slot, SLOT_PRESENT, &row->row, row->layout);
}

static bool rows_of_prefix(struct bind *bind, uint32_t number, const uint8_t *prefix, uint32_t size, bool sure)
{
	const struct image_scan *about = &bind->view->scans[number];
	struct bound_scan *scan = &bind->scans[number];
	struct store_cursor cursor = { .key_size = 0 };

	for (;;) {
		struct bound_row *row = &bind->rows[bind->view->rows_at[number] + scan->count];
		struct row found_row;
		enum rko_status status;
		bool found;

		status = store_next(bind->reader, &cursor, prefix, size, bind->generation, &found_row, &found);
		if (status != RKO_OK)
			return fail(bind, status);
		if (!found)
			return true;
		bind->fetches++;
		if (scan->count == about->bound)	/* I12: what is cut short might be the denial */
			return fail(bind, RKO_FACTS_CANDIDATES);
		row->row = found_row;
		row->layout = layout_of(bind, &found_row, about->record);
		row->where = sure ? TRUTH_YES : TRUTH_MAYBE;
		if (!row->layout)
			return false;
		scan->count++;
	}
}

/* Rows whose key begins as the scan says; an `each` part runs through a set. */
static bool find_rows(struct bind *bind, uint32_t number)
{
	const struct image_scan *about = &bind->view->scans[number];
	const struct bound_record *record = &bind->binding->records[about->record];
	struct bound_scan *scan = &bind->scans[number];
	uint8_t key[LIMIT_KEY_BYTES + KEY_TAIL];
	enum slot_state state = SLOT_PRESENT;
	const struct bound_value *set = NULL;
	uint32_t each = IMAGE_NONE, size, each_value = 0;
	bool believed;

	for (uint32_t i = 0; i < about->keys.count; i++) {
		uint32_t part = bind->policy->image.keys[about->keys.first + i];

		if (part & IMAGE_KEY_EACH) {
			each = i;
			each_value = part & ~IMAGE_KEY_EACH;
			set = bind_set(bind, each_value);
			if (!set)
				return false;
			scan->open_ended |= set->open_ended;
			if (set->fact == FACT_NONE)
				state = SLOT_ABSENT;
			continue;
		}
		if (!put_key(bind, key, about->record, i, bind_fact(bind, part), &state) || bind->status != RKO_OK)
			return false;
	}
	if (state != SLOT_PRESENT) {
		scan->open_ended = state == SLOT_UNKNOWN;
		scan->none = state == SLOT_ABSENT;
		return true;
	}
	if (!absence_believed(bind, about->record, &believed))
		return false;
	scan->open_ended |= !believed;
	if (record->kind == KIND_NOT_STORED)
		return true;
	put_be16(key, record->kind);
	size = about->keys.count < bind->policy->image.records[about->record].nkey
		       ? record->key_at[about->keys.count] : record->key_size;
	if (!set) {
		bind->fetches++;
		return rows_of_prefix(bind, number, key, size, true);
	}
	for (uint32_t i = 0; i < set->count + set->maybe; i++) {
		int32_t fact = bind->elements[bind->view->elements_at[each_value] + i];

		bind->fetches++;
		if (!put_key(bind, key, about->record, each, fact, &state) ||
		    !rows_of_prefix(bind, number, key, size, i < set->count))
			return false;
	}
	return true;
}

const struct bound_scan *bind_scan(struct bind *bind, uint32_t number)
{
	const struct image_scan *about = &bind->view->scans[number];
	struct bound_scan *scan = &bind->scans[number];
	uint32_t stamp = bind->stamps[bind->view->scan_lasts[number]];
	struct bound_row *rows = bind->rows + bind->view->rows_at[number];

	if (scan->stamp == stamp)
		return scan;
	*scan = (struct bound_scan){ 0 };
	if (!find_rows(bind, number))
		return NULL;
	for (uint32_t i = 0; i < scan->count; i++) {
		if (about->where != (IMAGE_TERMINAL | 1)) {
			unsigned truth;

			bind_row(bind, number, i);
			truth = bind_truth(bind, about->where);
			if (bind->status != RKO_OK)
				return NULL;
			if (truth != TRUTH_YES)
				rows[i].where = (uint8_t)truth;
		}
		trace_key(bind->trace, TRACE_ROW, number, rows[i].where, row_generation(&rows[i].row),
			  rows[i].row.key, rows[i].row.key_size - KEY_TAIL);
	}
	trace_scan(bind->trace, number, scan->open_ended, scan->count);
	scan->stamp = stamp;
	return scan;
}

/* Features ---------------------------------------------------------------------------------------- */

static void note_cut(struct bind *bind, day_t day)
{
	if (day > bind->today && day < bind->next_cut)
		bind->next_cut = day;
}

bool bind_cut_day(const struct image_cut *cut, day_t anchor, day_t *ret_day)
{
	day_t day;

	if (!day_add(anchor, cut->count, cut->flags & IMAGE_CUT_MONTHS ? UNIT_MONTHS : UNIT_DAYS, &day))
		return false;
	*ret_day = day + (cut->flags & IMAGE_CUT_AFTER ? 1 : 0);
	return true;
}

/* How many cuts, counted from the anchor, the point has reached. Without an end nothing is ever reached. */
static uint32_t position(struct bind *bind, const struct image_feature *about, int32_t point, int32_t anchor)
{
	const struct image_cut *cuts = bind->policy->image.cuts + about->cuts.first;
	uint32_t reached = 0;

	if (anchor == FACT_OPEN)
		return 0;
	if (point == FACT_OPEN)
		return about->cuts.count;
	for (uint32_t i = 0; i < about->cuts.count; i++) {
		day_t day;

		if (!bind_cut_day(&cuts[i], anchor, &day)) {
			fail(bind, RKO_CLOCK_RANGE);
			return ANSWER_FAILED;
		}
		if (point >= day)
			reached = i + 1;
		else if (about->flags & IMAGE_MOVES)
			note_cut(bind, day);
	}
	return reached;
}

static uint32_t calendar(struct bind *bind, const struct image_feature *about, int32_t point)
{
	const struct image_cut *cuts = bind->policy->image.cuts + about->cuts.first;
	uint32_t reached = 0;

	if (point == FACT_OPEN)
		return about->cuts.count;
	while (reached < about->cuts.count && cuts[reached].count <= point)
		reached++;
	if (about->flags & IMAGE_MOVES && reached < about->cuts.count)
		note_cut(bind, cuts[reached].count);
	return reached;
}

static uint32_t none_answer(struct bind *bind, const struct image_feature *about)
{
	if (about->flags & IMAGE_HAS_NONE)
		return about->size - 1;
	fail(bind, RKO_FACTS_INCONSISTENT);	/* nothing that is always there is absent */
	return ANSWER_FAILED;
}

static bool has_element(const struct bind *bind, uint32_t set, uint32_t from, uint32_t count, int32_t fact)
{
	const int32_t *elements = bind->elements + bind->view->elements_at[set];

	for (uint32_t i = from; i < from + count; i++)
		if (elements[i] == fact)
			return true;
	return false;
}

/* Whether a set has this one: enum truth. */
static unsigned set_has(const struct bind *bind, uint32_t number, const struct bound_value *set, int32_t fact)
{
	if (has_element(bind, number, 0, set->count, fact))
		return TRUTH_YES;
	if (set->open_ended || has_element(bind, number, set->count, set->maybe, fact))
		return TRUTH_MAYBE;
	return TRUTH_NO;
}

static uint32_t answer_of(unsigned truth)
{
	return truth == TRUTH_MAYBE ? (uint32_t)ANSWER_UNKNOWN : truth == TRUTH_YES;
}

static uint32_t member(struct bind *bind, const struct image_feature *about)
{
	const struct bound_value *set = bind_set(bind, about->b);
	int32_t fact = bind_fact(bind, about->a);

	if (!set || bind->status != RKO_OK)
		return ANSWER_FAILED;
	if (fact == FACT_NONE || set->fact == FACT_NONE)
		return none_answer(bind, about);
	if (fact == FACT_UNKNOWN)	/* in an empty set there is nothing */
		return set->count || set->maybe || set->open_ended ? (uint32_t)ANSWER_UNKNOWN : 0;
	return answer_of(set_has(bind, about->b, set, fact));
}

static uint32_t overlaps(struct bind *bind, const struct image_feature *about)
{
	const struct bound_value *a = bind_set(bind, about->a), *b = bind_set(bind, about->b);
	const int32_t *elements = bind->elements + bind->view->elements_at[about->a];
	unsigned some = TRUTH_NO;

	if (!a || !b)
		return ANSWER_FAILED;
	if (a->fact == FACT_NONE || b->fact == FACT_NONE)
		return none_answer(bind, about);
	for (uint32_t i = 0; i < a->count + a->maybe; i++) {
		unsigned here = set_has(bind, about->b, b, elements[i]);

		if (here == TRUTH_YES && i < a->count)
			return answer_of(TRUTH_YES);
		if (here != TRUTH_NO)
			some = TRUTH_MAYBE;
	}
	if (a->open_ended && (b->count || b->maybe || b->open_ended))
		some = TRUTH_MAYBE;
	return answer_of(some);
}

/* Not empty, and inside the other. */
static uint32_t inside(struct bind *bind, const struct image_feature *about)
{
	const struct bound_value *a = bind_set(bind, about->a), *b = bind_set(bind, about->b);
	const int32_t *elements = bind->elements + bind->view->elements_at[about->a];
	unsigned all = TRUTH_YES;

	if (!a || !b)
		return ANSWER_FAILED;
	if (a->fact == FACT_NONE || b->fact == FACT_NONE)
		return none_answer(bind, about);
	for (uint32_t i = 0; i < a->count + a->maybe; i++) {
		unsigned here = set_has(bind, about->b, b, elements[i]);

		if (here == TRUTH_NO && i < a->count)
			return answer_of(TRUTH_NO);
		if (here != TRUTH_YES)
			all = TRUTH_MAYBE;
	}
	if (!a->count && !a->maybe && !a->open_ended)
		return answer_of(TRUTH_NO);
	if (!a->count || a->open_ended)
		all = TRUTH_MAYBE;
	return answer_of(all);
}

static uint32_t hits(struct bind *bind, const struct image_feature *about)
{
	const struct bound_value *set = bind_set(bind, about->a);
	const int32_t *elements = bind->elements + bind->view->elements_at[about->a];
	const uint32_t *bits = bind->policy->image.bits + about->bits.first;
	unsigned some = TRUTH_NO;

	if (!set)
		return ANSWER_FAILED;
	if (set->fact == FACT_NONE)
		return none_answer(bind, about);
	for (uint32_t i = 0; i < set->count + set->maybe; i++) {
		if (!(bits[elements[i] / 32] >> elements[i] % 32 & 1))
			continue;
		if (i < set->count)
			return answer_of(TRUTH_YES);
		some = TRUTH_MAYBE;
	}
	return answer_of(set->open_ended ? (unsigned)TRUTH_MAYBE : some);
}

/* One row must fulfil the whole of the condition. */
static uint32_t some(struct bind *bind, const struct image_feature *about)
{
	const struct bound_scan *scan = bind_scan(bind, about->scan);
	unsigned found = TRUTH_NO;

	if (!scan)
		return ANSWER_FAILED;
	for (uint32_t i = 0; i < scan->count; i++) {
		unsigned where = bind->rows[bind->view->rows_at[about->scan] + i].where, truth;

		if (where == TRUTH_NO)
			continue;
		bind_row(bind, about->scan, i);
		truth = bind_truth(bind, about->root);
		if (bind->status != RKO_OK)
			return ANSWER_FAILED;
		if (where == TRUTH_YES && truth == TRUTH_YES)
			return answer_of(TRUTH_YES);
		if (truth != TRUTH_NO)
			found = TRUTH_MAYBE;
	}
	if (scan->open_ended && about->root != IMAGE_TERMINAL)
		found = TRUTH_MAYBE;
	return answer_of(found);
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

/* What a person has found, on the days for which it was found. */
static uint32_t finding(struct bind *bind, const struct image_feature *about)
{
	const struct image_slot *kind = &bind->view->slots[about->b];
	const struct bound_slot *slot = bind_slot(bind, about->b);
	uint32_t nkey = bind->policy->image.records[kind->record].nkey;
	int32_t found, begins, ends;

	if (!slot)
		return ANSWER_FAILED;
	if (slot->state != SLOT_PRESENT) {
		for (uint32_t i = 0; i < kind->keys.count; i++) {
			int32_t key = bind_fact(bind, bind->policy->image.keys[kind->keys.first + i]);

			if (bind->status != RKO_OK)
				return ANSWER_FAILED;
			if (key == FACT_NONE && about->flags & IMAGE_HAS_NONE)
				return about->size - 1;
		}
		return ANSWER_UNKNOWN;
	}
	if (!slot_fact(bind, slot, about->b, nkey, &found) ||
	    !bind_finding_days(bind, about->b, &begins, &ends))
		return ANSWER_FAILED;
	if (bind->today < begins) {
		note_cut(bind, begins);
		return ANSWER_UNKNOWN;
	}
	if (ends > FACT_UNKNOWN && bind->today > ends)
		return ANSWER_UNKNOWN;
	if (ends > FACT_UNKNOWN)
		note_cut(bind, ends + 1);
	return found < 0 ? (uint32_t)ANSWER_UNKNOWN : (uint32_t)found;
}

static uint32_t equal(struct bind *bind, const struct image_feature *about)
{
	int32_t a = bind_fact(bind, about->a), b;

	if (bind->status != RKO_OK)
		return ANSWER_FAILED;
	if (a == FACT_NONE)
		return none_answer(bind, about);
	b = bind_fact(bind, about->b);
	if (bind->status != RKO_OK)
		return ANSWER_FAILED;
	if (b == FACT_NONE)
		return none_answer(bind, about);
	if (a == FACT_UNKNOWN || b == FACT_UNKNOWN)
		return ANSWER_UNKNOWN;
	return a == b;
}

static uint32_t present(struct bind *bind, const struct image_feature *about)
{
	const struct bound_slot *slot;
	int32_t fact;

	if (about->a == IMAGE_NONE) {
		slot = bind_slot(bind, about->b);
		if (!slot)
			return ANSWER_FAILED;
		return slot->state == SLOT_UNKNOWN ? (uint32_t)ANSWER_UNKNOWN : slot->state == SLOT_PRESENT;
	}
	if (value_about(bind->view, &bind->policy->image, about->a).flags & IMAGE_FIELD_SET) {
		const struct bound_value *set = bind_set(bind, about->a);

		if (!set)
			return ANSWER_FAILED;
		fact = set->fact;
	} else {
		fact = bind_fact(bind, about->a);
	}
	return fact == FACT_UNKNOWN ? (uint32_t)ANSWER_UNKNOWN : fact != FACT_NONE;
}

static uint32_t dated(struct bind *bind, const struct image_feature *about)
{
	int32_t point = bind_fact(bind, about->a), anchor = 0;

	if (about->kind == IMAGE_FEATURE_POSITION && bind->status == RKO_OK)
		anchor = bind_fact(bind, about->b);
	if (bind->status != RKO_OK)
		return ANSWER_FAILED;
	if (point == FACT_NONE || anchor == FACT_NONE)
		return none_answer(bind, about);
	if (point == FACT_UNKNOWN || anchor == FACT_UNKNOWN)
		return ANSWER_UNKNOWN;
	if (about->kind == IMAGE_FEATURE_POSITION)
		return position(bind, about, point, anchor);
	return calendar(bind, about, point);
}

static uint32_t scalar(struct bind *bind, const struct image_feature *about)
{
	int32_t fact = bind_fact(bind, about->a);

	if (bind->status != RKO_OK)
		return ANSWER_FAILED;
	if (fact == FACT_NONE)
		return none_answer(bind, about);
	if (fact == FACT_UNKNOWN)
		return ANSWER_UNKNOWN;
	return about->kind == IMAGE_FEATURE_OPEN ? fact == FACT_OPEN : (uint32_t)fact;
}

uint32_t bind_feature_new(struct bind *bind, uint32_t number)
{
	const struct image_feature *about = &bind->view->features[number];
	struct bound_feature *bound = &bind->features[number];
	uint32_t answer = ANSWER_FAILED;

	switch ((enum image_feature_kind)about->kind) {
	case IMAGE_FEATURE_ACTION:
		answer = bind->action;
		break;
	case IMAGE_FEATURE_CODE:
	case IMAGE_FEATURE_OPEN:
		answer = scalar(bind, about);
		break;
	case IMAGE_FEATURE_PRESENT:
		answer = present(bind, about);
		break;
	case IMAGE_FEATURE_EQUAL:
		answer = equal(bind, about);
		break;
	case IMAGE_FEATURE_MEMBER:
		answer = member(bind, about);
		break;
	case IMAGE_FEATURE_HITS:
		answer = hits(bind, about);
		break;
	case IMAGE_FEATURE_OVERLAPS:
		answer = overlaps(bind, about);
		break;
	case IMAGE_FEATURE_INSIDE:
		answer = inside(bind, about);
		break;
	case IMAGE_FEATURE_POSITION:
	case IMAGE_FEATURE_CALENDAR:
		answer = dated(bind, about);
		break;
	case IMAGE_FEATURE_SOME:
		answer = some(bind, about);
		break;
	case IMAGE_FEATURE_FINDING:
		answer = finding(bind, about);
		break;
	case IMAGE_FEATURE_GAP:
		answer = ANSWER_UNKNOWN;
		break;
	case IMAGE_FEATURE_READING:
		answer = bind->options[about->b];
		break;
	}
	if (bind->status != RKO_OK || answer == ANSWER_FAILED) {
		fail(bind, RKO_INTERNAL);
		return ANSWER_FAILED;
	}
	bound->stamp = bind->stamps[bind->view->feature_lasts[number]];
	bound->answer = (uint16_t)answer;
	if (answer != ANSWER_UNKNOWN)
		bound->class_ = bind->policy->image.classes[about->classes + answer];
	if (about->row == IMAGE_NONE)
		trace_feature(bind->trace, number, answer);
	return answer;
}

/* Truth ------------------------------------------------------------------------------------------- */

/* Both ends of a diagram that some completion of what is unknown reaches, each node once. */
static unsigned truths(struct bind *bind, uint32_t ref, uint8_t mark)
{
	const uint32_t *words = bind->view->words;
	unsigned found = 0;
	uint32_t answer;

	while (!image_is_terminal(ref)) {
		if (bind->seen[ref] == mark)
			return found;
		bind->seen[ref] = mark;
		answer = bind_feature(bind, words[ref]);
		if (answer == ANSWER_FAILED)
			return 0;
		if (answer == ANSWER_UNKNOWN) {
			for (uint32_t i = 0; i < bind->view->features[words[ref]].nclasses; i++)
				found |= truths(bind, words[ref + 1 + i], mark);
			return found;
		}
		ref = words[ref + 1 + bind_class(bind, words[ref])];
	}
	return found | (image_value_of(ref) ? TRUTH_YES : TRUTH_NO);
}

static uint8_t new_mark(struct bind *bind)
{
	if (++bind->seen_mark == 0) {
		memset(bind->seen, 0, bind->nseen);
		bind->seen_mark = 1;
	}
	return bind->seen_mark;
}

unsigned bind_truth(struct bind *bind, uint32_t ref)
{
	const uint32_t *words = bind->view->words;

	while (!image_is_terminal(ref)) {
		uint32_t answer = bind_feature(bind, words[ref]);

		if (answer == ANSWER_FAILED)
			return 0;
		if (answer == ANSWER_UNKNOWN)
			return truths(bind, ref, new_mark(bind));
		ref = words[ref + 1 + bind_class(bind, words[ref])];
	}
	return image_value_of(ref) ? TRUTH_YES : TRUTH_NO;
}
