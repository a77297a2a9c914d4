/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Places: what the words of a policy lead to. On the way stand records that are looked up by keys, of which each part is a
 * place again.
 */
#include "dsl/diagram/plan_parts.h"

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
	return plan_slot_add(plan, key, slot);
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
	return plan_slot_add(plan, key, slot);
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

/* Places ------------------------------------------------------------------------------------------ */

/* The slot in which the last step of the place stands. */
static uint32_t slot_before_last(struct plan *plan, const struct place *place, uint32_t slot)
{
	for (uint32_t i = 0; i + 1 < place->nsteps; i++)
		slot = plan_slot_ref(plan, plan_value(plan, slot, place->steps[i]));
	return slot;
}

static uint32_t base_slot(struct plan *plan, const struct place *place, uint32_t self)
{
	uint32_t scan;

	switch (place->base) {
	case BASE_REQUEST:
		return plan_slot_request(plan, place->field);
	case BASE_SELF:
		return self;
	case BASE_LINK:
		break;
	}
	if (place->link->kind == LINK_THE)
		return plan_slot_link(plan, place->link);
	scan = plan_scan(plan, place->link);
	return plan->scans[scan].row;
}

uint32_t plan_place_of(struct plan *plan, const struct place *place, uint32_t self)
{
	uint32_t slot;

	if (place->base == BASE_REQUEST && !place->nsteps)
		return plan_value_request(plan, place->field);
	if (place->rows)
		return plan_value_rows(plan, plan_scan(plan, place->link), place->steps[0]);
	slot = slot_before_last(plan, place, base_slot(plan, place, self));
	return plan_value(plan, slot, place->steps[place->nsteps - 1]);
}

uint32_t plan_place(struct plan *plan, const struct place *place)
{
	return plan_place_of(plan, place, NOWHERE);
}

uint32_t plan_place_slot(struct plan *plan, const struct place *place)
{
	uint32_t slot;

	if (!place->nsteps)
		return base_slot(plan, place, NOWHERE);
	slot = slot_before_last(plan, place, base_slot(plan, place, NOWHERE));
	return plan_slot_ref(plan, plan_value(plan, slot, place->steps[place->nsteps - 1]));
}
