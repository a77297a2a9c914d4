/* SPDX-License-Identifier: EUPL-1.2 */
/* Slots and scans: records that a decision may look at, one or row by row. */
#include "dsl/diagram/plan_parts.h"

/* The slot of a key: the one there is, or this one. */
static uint32_t add_slot(struct plan *plan, struct text key, struct slot slot)
{
	bool new;
	uint32_t number = plan_find(&plan->slot_map, key, &new, plan->nslots);

	if (new)
		PLAN_ADD(plan, slots, slot);
	return number;
}

uint32_t plan_slot_request(struct plan *plan, uint32_t field)
{
	const struct request_field *about = &plan->question->fields[field];
	struct slot slot = {
		.kind = SLOT_REQUEST,
		.record = about->type.record,
		.name = about->name,
		.field = field,
		.hangs = HANGS_ON_NOTHING,
		.may_lack = plan_request_lacks(plan, about),
	};

	return add_slot(plan, plan_key(plan, 'q', field, 0, 0), slot);
}

uint32_t plan_slot_self(struct plan *plan, const struct record *record)
{
	struct slot slot = { .kind = SLOT_ROW, .record = record, .name = record->name,
			     .scan = NOWHERE, .hangs = HANGS_ON_NOTHING };

	return add_slot(plan, TEXT("self"), slot);
}

uint32_t plan_slot_ref(struct plan *plan, uint32_t value)
{
	const struct value *from = &plan->values[value];
	struct slot slot = {
		.kind = SLOT_REF,
		.record = from->type.record,
		.name = from->name,
		.value = value,
		.hangs = from->hangs,
		.pivot = from->pivot,
		.may_lack = from->may_lack,
	};

	return add_slot(plan, plan_key(plan, 'r', value, 0, 0), slot);
}

/* Looked up by a key ----------------------------------------------------------------------------- */

/* The value of a part of a key, on which whatever is looked up by it hangs. */
static uint32_t key_value(struct plan *plan, const struct place *place, uint32_t *hangs, bool *pivot)
{
	uint32_t value = plan_place(plan, place);

	plan_hang(hangs, pivot, &plan->values[value]);
	return value;
}

uint32_t plan_slot_link(struct plan *plan, const struct link *link)
{
	struct text key = plan_key(plan, 'l', link->index, 0, 0);
	uint32_t old = map_get(&plan->slot_map, key);
	struct slot slot = { .kind = SLOT_LINK, .record = link->record, .name = link->name,
			     .link = link, .hangs = HANGS_ON_NOTHING, .may_lack = true };

	if (old != MAP_NONE)
		return old;
	slot.nkeys = link->nkeys;
	slot.keys = ARENA_ARRAY(plan->arena, link->nkeys, uint32_t);
	for (uint32_t i = 0; i < link->nkeys; i++)
		slot.keys[i] = key_value(plan, &link->keys[i].place, &slot.hangs, &slot.pivot);
	return add_slot(plan, key, slot);
}

uint32_t plan_slot_finding(struct plan *plan, const struct judgement *judgement)
{
	struct text key = plan_key(plan, 'f', judgement->index, 0, 0);
	uint32_t old = map_get(&plan->slot_map, key);
	struct slot slot = { .kind = SLOT_FINDING, .record = judgement->record, .name = judgement->name,
			     .judgement = judgement, .hangs = HANGS_ON_NOTHING };

	if (old != MAP_NONE)
		return old;
	slot.nkeys = judgement->nper;
	slot.keys = ARENA_ARRAY(plan->arena, judgement->nper, uint32_t);
	for (uint32_t i = 0; i < judgement->nper; i++) {
		slot.keys[i] = key_value(plan, &judgement->per[i], &slot.hangs, &slot.pivot);
		slot.may_lack |= plan->values[slot.keys[i]].may_lack;
	}
	return add_slot(plan, key, slot);
}

uint32_t plan_scan(struct plan *plan, const struct link *link)
{
	struct text key = plan_key(plan, 's', link->index, 0, 0);
	uint32_t old = map_get(&plan->scan_map, key), hangs = HANGS_ON_NOTHING;
	struct scan scan = { .link = link, .where = TRUE_EXPR, .nkeys = link->nkeys };
	struct slot row = { .kind = SLOT_ROW, .record = link->record, .name = link->name, .link = link };

	if (old != MAP_NONE)
		return old;
	scan.keys = ARENA_ARRAY(plan->arena, link->nkeys, uint32_t);
	scan.each = ARENA_ARRAY(plan->arena, link->nkeys, bool);
	for (uint32_t i = 0; i < link->nkeys; i++) {
		scan.keys[i] = key_value(plan, &link->keys[i].place, &hangs, &scan.pivot);
		scan.each[i] = link->keys[i].each;
	}
	row.scan = plan->nscans;
	row.pivot = link->kind == LINK_EACH || scan.pivot;
	row.hangs = link->kind == LINK_EACH ? (uint32_t)HANGS_ON_NOTHING : plan->nscans;
	row.may_lack = link->kind == LINK_EACH;
	scan.row = plan->nslots;
	PLAN_ADD(plan, slots, row);
	map_set(&plan->scan_map, key, plan->nscans);
	PLAN_ADD(plan, scans, scan);
	if (link->kind == LINK_EACH)
		plan->pivot = plan->nscans - 1;
	return plan->nscans - 1;
}
