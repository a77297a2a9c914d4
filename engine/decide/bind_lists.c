/* SPDX-License-Identifier: EUPL-1.2 */
/* Sets, and the rows of a link that is looked through: what surely belongs, what may, and whether there may be more. */
#include "engine/decide/bind_parts.h"

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

		if (!bind_said_fact(bind, &bind->request->elements[i - 1], &fact) ||
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
				if (!bind_row_fact(bind, &row->row, row->layout, about->field, &fact))
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

/* Where the rows of a scan lie: how their keys begin, and the part of it that runs through a set. */
struct scan_key {
	uint8_t bytes[LIMIT_KEY_BYTES + KEY_TAIL];
	enum slot_state state;		/* SLOT_PRESENT: there may be rows */
	uint32_t each, each_value;	/* the part, and the value that it runs through */
	const struct bound_value *set;	/* of it; NULL: every part is one value */
};

static bool make_scan_key(struct bind *bind, uint32_t number, struct scan_key *key)
{
	const struct image_scan *about = &bind->view->scans[number];

	for (uint32_t i = 0; i < about->keys.count; i++) {
		uint32_t part = bind->policy->image.keys[about->keys.first + i];

		if (part & IMAGE_KEY_EACH) {
			key->each = i;
			key->each_value = part & ~IMAGE_KEY_EACH;
			key->set = bind_set(bind, key->each_value);
			if (!key->set)
				return false;
			bind->scans[number].open_ended |= key->set->open_ended;
			if (key->set->fact == FACT_NONE)
				key->state = SLOT_ABSENT;
			continue;
		}
		if (!put_key(bind, key->bytes, about->record, i, bind_fact(bind, part), &key->state) ||
		    bind->status != RKO_OK)
			return false;
	}
	return true;
}

/* Rows whose key begins as the scan says; an `each` part runs through a set. */
static bool find_rows(struct bind *bind, uint32_t number)
{
	const struct image_scan *about = &bind->view->scans[number];
	const struct bound_record *record = &bind->binding->records[about->record];
	struct bound_scan *scan = &bind->scans[number];
	struct scan_key key;
	uint32_t size;
	bool believed;

	key.state = SLOT_PRESENT;
	key.set = NULL;
	if (!make_scan_key(bind, number, &key))
		return false;
	if (key.state != SLOT_PRESENT) {
		scan->open_ended = key.state == SLOT_UNKNOWN;
		scan->none = key.state == SLOT_ABSENT;
		return true;
	}
	if (!bind_absence_believed(bind, about->record, &believed))
		return false;
	scan->open_ended |= !believed;
	if (record->kind == KIND_NOT_STORED)
		return true;
	put_be16(key.bytes, record->kind);
	size = about->keys.count < bind->policy->image.records[about->record].nkey
		       ? record->key_at[about->keys.count] : record->key_size;
	if (!key.set) {
		bind->fetches++;
		return rows_of_prefix(bind, number, key.bytes, size, true);
	}
	for (uint32_t i = 0; i < key.set->count + key.set->maybe; i++) {
		int32_t fact = bind->elements[bind->view->elements_at[key.each_value] + i];

		bind->fetches++;
		if (!put_key(bind, key.bytes, about->record, key.each, fact, &key.state) ||
		    !rows_of_prefix(bind, number, key.bytes, size, i < key.set->count))
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
