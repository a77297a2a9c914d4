/* SPDX-License-Identifier: EUPL-1.2 */
/* The records that were consulted for the candidate at hand: which, whether they were there, since when they are known. */
#include "engine/explain/explain.h"

struct consulting {
	struct explain *explain;
	struct rko_why_record *list;
	size_t count, cap;
	uint8_t *slots_read, *scans_read;	/* by the decision itself */
	struct generation generation;		/* the one that was looked up last */
	const char *source;			/* and its source with that number */
	uint32_t source_number;
};

/* What the decision's trace names. Entries were written by the session: they are whole. */
static void read_trace(struct consulting *consulting)
{
	const struct trace *trace = &consulting->explain->session->trace;
	const struct plan_view *view = consulting->explain->bind->view;

	for (uint32_t at = sizeof(struct trace_head); at + 2 <= trace_len(trace); at += 2 + trace->at[at + 1]) {
		uint32_t number = get_le16(trace->at + at + 2);

		if (trace->at[at] == TRACE_SLOT && number < view->nslots)
			consulting->slots_read[number] = 1;
		if ((trace->at[at] == TRACE_ROW || trace->at[at] == TRACE_SCAN) && number < view->nscans)
			consulting->scans_read[number] = 1;
	}
}

static const char *source_of(struct explain *explain, uint32_t generation, uint32_t number)
{
	struct text name = TEXT("");
	bool found;

	if (store_source(explain->bind->reader, generation, number, &name, &found) != RKO_OK || !found)
		return "";
	return text_copy(explain->arena, name).at;
}

static void tell_origin(struct consulting *consulting, const struct row *row, struct rko_why_record *out)
{
	struct explain *explain = consulting->explain;
	uint32_t generation = row_generation(row);
	struct row_place place = row_place(row);

	if (consulting->generation.number != generation || consulting->source_number != place.source) {
		if (store_generation(explain->bind->reader, generation, &consulting->generation) != RKO_OK)
			consulting->generation = (struct generation){ .number = generation };
		consulting->source = source_of(explain, generation, place.source);
		consulting->source_number = place.source;
	}
	out->generation = generation;
	out->recorded = consulting->generation.recorded;
	out->source = consulting->source;
	out->line = place.line;
}

static const char *stored_name(struct explain *explain, uint32_t number)
{
	struct text name;

	if (store_name(explain->bind->reader, number, &name) != RKO_OK)
		return "";
	return text_copy(explain->arena, name).at;
}

void explain_key_word(struct explain *explain, uint32_t record, uint32_t field, const uint8_t *key,
		      struct rko_why_said *out)
{
	const struct image_field *about = record_field(explain->image, record, field);
	uint32_t at = explain->bind->binding->records[record].key_at[field];

	out->value = out->value_label = "";
	if (about->kind == IMAGE_TYPE_CODE) {
		const struct bound_codes *codes = &explain->bind->binding->codes[about->target];
		uint32_t stored = get_be16(key + at);

		if (stored == CODE_NONE) {
			out->value = "none";
		} else if (stored < codes->nfrom && codes->from[stored] != CODE_UNKNOWN) {
			struct rko_why_value code = explain_code(explain, about->target, codes->from[stored]);

			out->value = code.code;
			out->value_label = code.label;
			return;
		}
	} else if (about->kind == IMAGE_TYPE_DATE) {
		return;
	} else {
		uint32_t stored = get_be32(key + at);

		out->value = stored == STRING_NONE ? "none" : stored_name(explain, stored);
	}
	out->value_label = strcmp(out->value, "none") == 0 ? explain_none(explain) : out->value;
}

static void name_fields(struct explain *explain, uint32_t record, struct rko_why_said *key)
{
	for (uint32_t i = 0; i < explain->image->records[record].nkey; i++) {
		const struct image_field *field = record_field(explain->image, record, i);

		key[i] = (struct rko_why_said){ explain_string(explain, field->name),
						explain_label(explain, &field->label, field->name), "", "" };
	}
}

static struct rko_why_record *add(struct consulting *consulting, uint32_t record, const char *name, const char *label)
{
	struct explain *explain = consulting->explain;
	struct rko_why_said *key = ARENA_ARRAY(explain->arena, explain->image->records[record].nkey + 1, struct rko_why_said);

	consulting->list = arena_grow(explain->arena, consulting->list, consulting->count, &consulting->cap,
				      sizeof *consulting->list);
	name_fields(explain, record, key);
	consulting->list[consulting->count] = (struct rko_why_record){
		.kind = explain_string(explain, explain->image->records[record].name),
		.name = name, .label = label, .fits = 1, .key = key,
		.nkey = explain->image->records[record].nkey, .source = "",
	};
	return &consulting->list[consulting->count++];
}

/* The key by which a record was looked for: values of the plan, or the reference that names it. */
static void key_by_values(struct explain *explain, const struct image_slot *slot, struct rko_why_record *out)
{
	struct rko_why_said *key = (struct rko_why_said *)(uintptr_t)out->key;

	for (uint32_t i = 0; i < out->nkey; i++) {
		uint32_t value = slot->kind == IMAGE_SLOT_REF ? slot->from
				 : i < slot->keys.count ? explain->image->keys[slot->keys.first + i] : IMAGE_NONE;
		struct rko_why_thing thing;

		if (slot->kind == IMAGE_SLOT_REQUEST || value == IMAGE_NONE)
			continue;
		thing = explain_value(explain, value);
		key[i].value = thing.nvalues ? thing.values[0].code : rko_seen_word(thing.seen);
		key[i].value_label = thing.nvalues ? thing.values[0].label
				     : thing.seen == RKO_SEEN_NONE ? explain_none(explain) : "?";
	}
}

static void consult_slot(struct consulting *consulting, uint32_t number)
{
	struct explain *explain = consulting->explain;
	const struct plan_view *view = explain->bind->view;
	const struct image_slot *slot = &view->slots[number];
	const struct bound_slot *bound = &explain->bind->slots[number];
	struct rko_why_record *out;

	if (slot->kind == IMAGE_SLOT_ROW || slot->row != IMAGE_NONE ||
	    bound->stamp != explain->bind->stamps[view->slot_lasts[number]])
		return;
	if (slot->kind == IMAGE_SLOT_REQUEST && bound->state == SLOT_ABSENT)	/* the action does not carry it */
		return;
	out = add(consulting, slot->record, explain_string(explain, slot->name), explain_slot_label(explain, number));
	out->by_decision = consulting->slots_read[number];
	out->given = bound->given;
	out->seen = bound->state == SLOT_PRESENT ? RKO_SEEN_VALUE : bound->state == SLOT_ABSENT ? RKO_SEEN_NONE
										      : RKO_SEEN_UNKNOWN;
	if (bound->state != SLOT_PRESENT || bound->given) {
		key_by_values(explain, slot, out);
		return;
	}
	for (uint32_t i = 0; i < out->nkey; i++)
		explain_key_word(explain, slot->record, i, bound->row.key, (struct rko_why_said *)(uintptr_t)&out->key[i]);
	tell_origin(consulting, &bound->row, out);
}

static void consult_scan(struct consulting *consulting, uint32_t number)
{
	struct explain *explain = consulting->explain;
	const struct plan_view *view = explain->bind->view;
	const struct image_scan *about = &view->scans[number];
	const struct bound_scan *scan = &explain->bind->scans[number];
	const char *name = explain_string(explain, about->name), *label = explain_slot_label(explain, about->row);
	struct rko_why_record *out;

	if (scan->stamp != explain->bind->stamps[view->scan_lasts[number]])
		return;
	if (!scan->count) {
		out = add(consulting, about->record, name, label);
		out->nkey = 0;
		out->seen = scan->open_ended ? RKO_SEEN_UNKNOWN : RKO_SEEN_NONE;
		out->by_decision = consulting->scans_read[number];
	}
	for (uint32_t i = 0; i < scan->count; i++) {
		const struct bound_row *row = &explain->bind->rows[view->rows_at[number] + i];

		out = add(consulting, about->record, name, label);
		out->seen = RKO_SEEN_VALUE;
		out->by_decision = consulting->scans_read[number];
		out->fits = row->where == TRUTH_YES ? 1 : row->where == TRUTH_NO ? 0 : -1;
		for (uint32_t j = 0; j < out->nkey; j++)
			explain_key_word(explain, about->record, j, row->row.key,
					 (struct rko_why_said *)(uintptr_t)&out->key[j]);
		tell_origin(consulting, &row->row, out);
	}
}

void explain_records(struct explain *explain)
{
	const struct plan_view *view = explain->bind->view;
	struct consulting consulting = { .explain = explain, .source = "" };

	consulting.slots_read = ARENA_ARRAY(explain->arena, view->nslots + 1, uint8_t);
	consulting.scans_read = ARENA_ARRAY(explain->arena, view->nscans + 1, uint8_t);
	read_trace(&consulting);
	for (uint32_t i = 0; i < view->nslots; i++)
		consult_slot(&consulting, i);
	for (uint32_t i = 0; i < view->nscans; i++)
		consult_scan(&consulting, i);
	explain->out->records = consulting.list;
	explain->out->nrecords = consulting.count;
}
