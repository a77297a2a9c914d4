/* SPDX-License-Identifier: EUPL-1.2 */
/* What was staged, looked at as a whole: its order, its references, and what must hold of each row. */
#include <stdlib.h>

#include "engine/load/load.h"

/* Order ------------------------------------------------------------------------------------------- */

struct sorter {
	struct staged *rows, *room;
	uint32_t key_size;
};

static bool before(const struct sorter *sorter, const struct staged *a, const struct staged *b)
{
	if (a->prefix != b->prefix)
		return a->prefix < b->prefix;
	return memcmp(a->bytes, b->bytes, sorter->key_size) < 0;
}

/* Where the run that begins at `from` ends. */
static size_t run_end(const struct sorter *sorter, size_t from, size_t count)
{
	size_t at = from + 1;

	while (at < count && !before(sorter, &sorter->rows[at], &sorter->rows[at - 1]))
		at++;
	return at;
}

static void merge(const struct sorter *sorter, size_t a, size_t b, size_t end)
{
	size_t i = a, j = b, out = 0;

	while (i < b && j < end)
		sorter->room[out++] = before(sorter, &sorter->rows[j], &sorter->rows[i]) ? sorter->rows[j++]
											  : sorter->rows[i++];
	while (i < b)
		sorter->room[out++] = sorter->rows[i++];
	memcpy(sorter->rows + a, sorter->room, out * sizeof *sorter->rows);
}

/* Rows mostly come in order already: runs are found, and merged two by two until one is left. */
static void sort_rows(struct rko_load *load, struct staged_kind *kind, uint32_t key_size)
{
	struct sorter sorter = { .rows = kind->rows, .key_size = key_size };
	bool merged = run_end(&sorter, 0, kind->count) < kind->count;

	if (merged)
		sorter.room = ARENA_ARRAY(&load->arena, kind->count, struct staged);
	while (merged) {
		merged = false;
		for (size_t a = 0; a < kind->count;) {
			size_t b = run_end(&sorter, a, kind->count), end;

			if (b == kind->count)
				break;
			end = run_end(&sorter, b, kind->count);
			merge(&sorter, a, b, end);
			merged = true;
			a = end;
		}
	}
}

static void find_twice(struct rko_load *load, uint32_t record)
{
	const struct staged_kind *kind = &load->kinds[record];
	uint32_t key_size = load->binding->records[record].key_size;

	for (size_t i = 1; i < kind->count; i++) {
		const struct staged *a = &kind->rows[i - 1], *b = &kind->rows[i];

		if (a->prefix != b->prefix || memcmp(a->bytes, b->bytes, key_size) != 0)
			continue;
		load_fault(load, DIAG_FACT_TWICE, a->origin > b->origin ? a->origin : b->origin,
			   a->origin > b->origin ? b->origin : a->origin, NULL, "two rows of %s have the same key",
			   load_string(load, load->policy->image.records[record].name));
	}
}

/* Sorting has moved the rows: where a row with that id is now. */
static void renumber(struct rko_load *load, uint32_t record)
{
	const struct staged_kind *kind = &load->kinds[record];

	if (load->policy->image.records[record].nkey != 1)
		return;
	for (size_t i = 0; i < kind->count; i++)
		pairs_set(&load->by_id, pair_of(record, get_be32(kind->rows[i].bytes + KEY_HEAD)), i);
}

/* Rows by key, staged or stored -------------------------------------------------------------------- */

static struct row row_of(const struct staged *staged, uint32_t key_size)
{
	return (struct row){ .key = staged->bytes, .value = staged->bytes + key_size + KEY_TAIL,
			     .key_size = key_size + KEY_TAIL, .size = staged->size };
}

/* As the store will be. References lead to kinds with one id as their key. */
static enum rko_status get_row(void *context, uint8_t *key, size_t key_size, struct row *ret_row, bool *ret_found)
{
	struct rko_load *load = context;
	uint16_t kind = get_be16(key);

	for (uint32_t i = 0; i < load->policy->image.n_records; i++) {
		uint64_t at;

		if (load->binding->records[i].kind != kind || load->policy->image.records[i].nkey != 1)
			continue;
		at = pairs_get(&load->by_id, pair_of(i, get_be32(key + KEY_HEAD)));
		if (at == UINT64_MAX)
			break;
		*ret_row = row_of(&load->kinds[i].rows[at], (uint32_t)key_size);
		*ret_found = !row_is_tombstone(ret_row);
		return RKO_OK;
	}
	return store_get(load->reader, key, key_size, load->base.number, ret_row, ret_found);
}

/* The text of an id that was met. */
static struct text id_text(struct rko_load *load, uint32_t number)
{
	struct text text = { "?", 1 };

	if (load->nnew_ids && number >= load->new_ids[0].number)
		return load->new_ids[number - load->new_ids[0].number].text;
	store_name(load->reader, number, &text);
	return text;
}

static enum rko_status check_references(struct rko_load *load)
{
	for (size_t i = 0; i < load->references.nslots; i++) {
		const struct pair_slot *slot = &load->references.slots[i];
		uint32_t record, id;
		uint8_t key[LIMIT_KEY_BYTES + KEY_TAIL];
		enum rko_status status;
		struct row row;
		bool found;

		if (!slot->key)
			continue;
		record = (uint32_t)((slot->key - 1) >> 32);
		id = (uint32_t)(slot->key - 1);
		put_be16(key, load->binding->records[record].kind);
		put_be32(key + KEY_HEAD, id);
		status = get_row(load, key, load->binding->records[record].key_size, &row, &found);
		if (status != RKO_OK)
			return status;
		if (!found)
			load_fault(load, DIAG_FACT_REFERENCE, slot->value, 0, NULL,
				   "there is no %s `%.*s`, neither in this load nor in the store",
				   load_string(load, load->policy->image.records[record].name),
				   TEXT_ARG(id_text(load, id)));
	}
	return RKO_OK;
}

/* What must hold ---------------------------------------------------------------------------------- */

static uint32_t self_slot(const struct plan_view *view)
{
	for (uint32_t i = 0; i < view->nslots; i++)
		if (view->slots[i].kind == IMAGE_SLOT_ROW && view->slots[i].from == IMAGE_NONE)
			return i;
	return IMAGE_NONE;
}

static void begin_musts(struct rko_load *load)
{
	struct bind *bind = &load->bind;

	bind->binding = load->binding;
	bind->reader = NULL;	/* nothing here is absent without being a fault */
	bind->get = get_row;
	bind->get_context = load;
}

/*
 * The first `must` of a record that does not hold of a row, or IMAGE_NONE; also where a reference of the row leads
 * nowhere, which was told already. What was looked at stays bound.
 */
static enum rko_status broken_must(struct rko_load *load, uint32_t record, const struct row *row, uint32_t *ret_must)
{
	const struct image_record *about = &load->policy->image.records[record];
	const struct plan_view *view = &load->policy->plans[about->plan];
	struct bind *bind = &load->bind;

	*ret_must = IMAGE_NONE;
	bind_begin(bind, view, NULL);
	bind_put_slot(bind, self_slot(view), SLOT_PRESENT, row, &load->binding->layouts[row_layout(row)]);
	for (uint32_t i = 0; i < about->musts.count; i++) {
		unsigned truth = bind_truth(bind, load->policy->image.musts[about->musts.first + i].root);

		if (bind->status != RKO_OK)
			return bind->status == RKO_FACTS_INCONSISTENT ? RKO_OK : bind->status;
		if (truth != TRUTH_NO)
			continue;
		*ret_must = about->musts.first + i;
		return RKO_OK;
	}
	return RKO_OK;
}

static enum rko_status check_musts(struct rko_load *load, uint32_t record)
{
	const struct image_record *about = &load->policy->image.records[record];
	const struct staged_kind *kind = &load->kinds[record];
	uint32_t key_size = load->binding->records[record].key_size;

	if (about->plan == IMAGE_NONE)
		return RKO_OK;
	begin_musts(load);
	for (size_t i = 0; i < kind->count; i++) {
		struct row row = row_of(&kind->rows[i], key_size);
		enum rko_status status;
		uint32_t must;

		if (row_is_tombstone(&row))
			continue;
		status = broken_must(load, record, &row, &must);
		if (status != RKO_OK)
			return status;
		if (must != IMAGE_NONE)
			load_fault(load, DIAG_FACT_MUST, kind->rows[i].origin, 0, NULL, "of every row of %s must hold: %s",
				   load_string(load, about->name), load_string(load, load->policy->image.musts[must].text));
		if (i % 65536 == 65535)
			load_watch(load, "checked", i + 1, kind->count);
	}
	return RKO_OK;
}

/* Rows of the store that refer to what a load changes --------------------------------------------------- */

/* Whether a field is another in two rows of a record. What is not easily told is taken to be. */
static bool field_moved(const struct rko_load *load, uint32_t record, uint32_t number, const struct row *a,
			const struct row *b)
{
	const struct image_field *field = record_field(&load->policy->image, record, number);
	const struct bound_layout *layout = &load->binding->layouts[row_layout(b)];
	uint32_t at = layout->fields[number].at, width = row_type_width(field_row_type(field));

	if (field->flags & IMAGE_FIELD_KEY)
		return false;
	if (row_layout(a) != row_layout(b) || field->flags & (IMAGE_FIELD_SET | IMAGE_FIELD_DERIVED) ||
	    at == FIELD_NOT_STORED)
		return true;
	return memcmp(a->value + at, b->value + at, width) != 0;
}

/* Whether a row of a record was changed in a field that the checks of another kind look at through a reference. */
static bool row_moved(const struct rko_load *load, uint32_t record, const struct row *old, const struct row *new)
{
	for (uint32_t i = 0; i < load->policy->image.n_records; i++) {
		const struct plan_view *view;

		if (load->policy->image.records[i].plan == IMAGE_NONE)
			continue;
		view = &load->policy->plans[load->policy->image.records[i].plan];
		for (uint32_t j = 0; j < view->nvalues; j++) {
			const struct image_value *value = &view->values[j];

			if (value->kind == IMAGE_VALUE_FIELD && view->slots[value->of].kind == IMAGE_SLOT_REF &&
			    view->slots[value->of].record == record && field_moved(load, record, value->field, old, new))
				return true;
		}
	}
	return false;
}

static bool leans_on_moved(const struct rko_load *load, uint32_t record)
{
	const struct image_record *about = &load->policy->image.records[record];
	const struct plan_view *view;

	if (about->plan == IMAGE_NONE)
		return false;
	view = &load->policy->plans[about->plan];
	for (uint32_t i = 0; i < view->nslots; i++)
		if (view->slots[i].kind == IMAGE_SLOT_REF && load->kinds[view->slots[i].record].moved)
			return true;
	return false;
}

/* The staged row that the check just made has looked at, or NULL. */
static const struct staged *moved_row(struct rko_load *load, uint32_t record)
{
	const struct plan_view *view = &load->policy->plans[load->policy->image.records[record].plan];

	for (uint32_t i = 0; i < view->nslots; i++) {
		const struct bound_slot *slot = &load->bind.slots[i];
		const struct staged_kind *kind = &load->kinds[view->slots[i].record];
		uint64_t at;

		if (view->slots[i].kind != IMAGE_SLOT_REF || !kind->moved || slot->state != SLOT_PRESENT ||
		    slot->stamp != load->bind.stamps[view->slot_lasts[i]])
			continue;
		at = pairs_get(&load->by_id, pair_of(view->slots[i].record, get_be32(slot->row.key + KEY_HEAD)));
		if (at != UINT64_MAX && !kind->rows[at].same)
			return &kind->rows[at];
	}
	return NULL;
}

static bool is_staged(const struct rko_load *load, uint32_t record, const struct row *row);

/* What held of the rows of the store must hold of them still. */
static enum rko_status check_stored_musts(struct rko_load *load, uint32_t record)
{
	const struct image_record *about = &load->policy->image.records[record];
	struct store_cursor cursor = { .unbounded = true };
	uint8_t prefix[KEY_HEAD];

	begin_musts(load);
	put_be16(prefix, load->binding->records[record].kind);
	for (;;) {
		const struct staged *by = NULL;
		enum rko_status status;
		struct row row;
		uint32_t must;
		bool found;

		status = store_next(load->reader, &cursor, prefix, sizeof prefix, load->base.number, &row, &found);
		if (status != RKO_OK || !found)
			return status;
		if (row_layout(&row) >= load->binding->nlayouts)
			return RKO_FACTS_DAMAGED;
		if (is_staged(load, record, &row))
			continue;
		status = broken_must(load, record, &row, &must);
		if (status != RKO_OK)
			return status;
		if (must != IMAGE_NONE)
			by = moved_row(load, record);
		if (by)
			load_fault(load, DIAG_FACT_MUST, by->origin, 0, "load the rows that refer to it together with it",
				   "a row of %s in the store refers to this row, and no longer would hold of it: %s",
				   load_string(load, about->name), load_string(load, load->policy->image.musts[must].text));
	}
}

/* Removing ---------------------------------------------------------------------------------------- */

/* Whether a row of the store, as it will be, refers to something that is removed. */
static bool refers_to_removed(struct rko_load *load, uint32_t record, const struct row *row, uint32_t *ret_target,
			      uint32_t *ret_id)
{
	const struct image *image = &load->policy->image;
	const struct image_record *about = &image->records[record];
	const struct bound_layout *layout = &load->binding->layouts[row_layout(row)];

	for (uint32_t i = 0; i < about->fields.count; i++) {
		const struct image_field *field = record_field(image, record, i);
		uint32_t ids[LIMIT_SET_ELEMENTS], count = 0;
		struct row_set set;

		if (field->kind != IMAGE_TYPE_REF || field->flags & IMAGE_FIELD_DERIVED ||
		    !load->kinds[field->target].tombstones)
			continue;
		if (field->flags & IMAGE_FIELD_KEY) {
			ids[count++] = get_be32(row->key + load->binding->records[record].key_at[i]);
		} else if (layout->fields[i].at == FIELD_NOT_STORED) {
			continue;
		} else if (field->flags & IMAGE_FIELD_SET) {
			if (!row_find_set(row, layout->fixed, layout->wide, layout->fields[i].at, &set))
				continue;
			for (uint32_t j = 0; j < set.count && j < LIMIT_SET_ELEMENTS; j++)
				ids[count++] = row_set_string(&set, j);
		} else {
			ids[count++] = get_le32(row->value + layout->fields[i].at);
		}
		for (uint32_t j = 0; j < count; j++) {
			uint64_t at = pairs_get(&load->by_id, pair_of(field->target, ids[j]));
			struct row target;

			if (at == UINT64_MAX)
				continue;
			target = row_of(&load->kinds[field->target].rows[at],
					load->binding->records[field->target].key_size);
			if (!row_is_tombstone(&target))
				continue;
			*ret_target = field->target;
			*ret_id = ids[j];
			return true;
		}
	}
	return false;
}

static bool is_staged(const struct rko_load *load, uint32_t record, const struct row *row)
{
	const struct staged_kind *kind = &load->kinds[record];
	size_t low = 0, high = kind->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = memcmp(kind->rows[middle].bytes, row->key, load->binding->records[record].key_size);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static enum rko_status check_left(struct rko_load *load, uint32_t record)
{
	struct store_cursor cursor = { .unbounded = true };
	uint8_t prefix[KEY_HEAD];

	put_be16(prefix, load->binding->records[record].kind);
	for (;;) {
		struct row row;
		bool found;
		enum rko_status status = store_next(load->reader, &cursor, prefix, sizeof prefix,
						    load->base.number, &row, &found);
		uint32_t target, id;
		uint64_t at;

		if (status != RKO_OK || !found)
			return status;
		if (row_layout(&row) >= load->binding->nlayouts)
			return RKO_FACTS_DAMAGED;
		if (is_staged(load, record, &row) || !refers_to_removed(load, record, &row, &target, &id))
			continue;
		at = pairs_get(&load->by_id, pair_of(target, id));
		load_fault(load, DIAG_FACT_REMOVE, load->kinds[target].rows[at].origin, 0,
			   "remove what refers to it in the same load",
			   "%s `%.*s` cannot be removed: a row of %s refers to it",
			   load_string(load, load->policy->image.records[target].name),
			   TEXT_ARG(id_text(load, id)), load_string(load, load->policy->image.records[record].name));
	}
}

static bool refers_to_kind_with_removals(const struct rko_load *load, uint32_t record)
{
	const struct image *image = &load->policy->image;

	for (uint32_t i = 0; i < image->records[record].fields.count; i++) {
		const struct image_field *field = record_field(image, record, i);

		if (field->kind == IMAGE_TYPE_REF && load->kinds[field->target].tombstones)
			return true;
	}
	return false;
}

/* Against the store -------------------------------------------------------------------------------- */

/* A row that says what the store knows is left out; one that removes nothing is a fault. */
static enum rko_status check_against_store(struct rko_load *load, uint32_t record)
{
	struct staged_kind *kind = &load->kinds[record];
	uint32_t key_size = load->binding->records[record].key_size;

	for (size_t i = 0; i < kind->count && (load->base.number || kind->tombstones); i++) {
		uint8_t key[LIMIT_KEY_BYTES + KEY_TAIL];
		struct row old, row = row_of(&kind->rows[i], key_size);
		enum rko_status status;
		bool found;

		memcpy(key, row.key, key_size);
		status = store_get(load->reader, key, key_size, load->base.number, &old, &found);
		if (status != RKO_OK)
			return status;
		if (row_is_tombstone(&row) && !found)
			load_fault(load, DIAG_FACT_REMOVE, kind->rows[i].origin, 0, NULL, "there is no such row of %s",
				   load_string(load, load->policy->image.records[record].name));
		kind->rows[i].same = found && row_same(&old, &row);
		if (found && !kind->rows[i].same && !row_is_tombstone(&row) && !kind->moved)
			kind->moved = row_moved(load, record, &old, &row);
	}
	return RKO_OK;
}

enum rko_status load_check(struct rko_load *load)
{
	uint32_t nrecords = load->policy->image.n_records;
	enum rko_status status;

	for (uint32_t i = 0; i < nrecords; i++) {
		if (!load->kinds[i].count)
			continue;
		sort_rows(load, &load->kinds[i], load->binding->records[i].key_size);
		find_twice(load, i);
		renumber(load, i);
	}
	status = check_references(load);
	for (uint32_t i = 0; i < nrecords && status == RKO_OK; i++) {
		status = check_against_store(load, i);
		if (status == RKO_OK && load->base.number && refers_to_kind_with_removals(load, i))
			status = check_left(load, i);
	}
	for (uint32_t i = 0; i < nrecords && status == RKO_OK && !load->nfaults; i++)
		status = check_musts(load, i);
	for (uint32_t i = 0; i < nrecords && status == RKO_OK && !load->nfaults; i++)
		if (leans_on_moved(load, i))
			status = check_stored_musts(load, i);
	return status;
}
