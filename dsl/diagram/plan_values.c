/* SPDX-License-Identifier: EUPL-1.2 */
/* Values: what is read from the request, a slot or the rows of a scan; and the places that lead there. */
#include "dsl/diagram/plan_parts.h"

/* The value of a key: the one there is, or this one. */
static uint32_t add_value(struct plan *plan, struct text key, struct value value)
{
	bool new;
	uint32_t number = plan_find(&plan->value_map, key, &new, plan->nvalues);

	if (new)
		PLAN_ADD(plan, values, value);
	return number;
}

uint32_t plan_today(struct plan *plan)
{
	struct value value = { .kind = VALUE_TODAY, .type = { .kind = KIND_DATE }, .name = TEXT("today"),
			       .hangs = HANGS_ON_NOTHING };

	return add_value(plan, TEXT("today"), value);
}

uint32_t plan_value_request(struct plan *plan, uint32_t field)
{
	const struct request_field *about = &plan->question->fields[field];
	struct value value = {
		.kind = VALUE_REQUEST,
		.field = field,
		.type = about->type,
		.name = about->name,
		.hangs = HANGS_ON_NOTHING,
		.may_lack = plan_request_lacks(plan, about),
	};

	return add_value(plan, plan_key(plan, 'q', field, 0, 0), value);
}

uint32_t plan_value(struct plan *plan, uint32_t slot, uint32_t field)
{
	const struct slot *from = &plan->slots[slot];
	const struct field *about = &from->record->fields[field];
	struct value value;
	uint32_t number;
	bool new;

	/* The only key field of a record that was found by its id is that id: nothing need be fetched. */
	if (from->kind == SLOT_REF && about->key && from->record->nkey == 1)
		return from->value;
	if (from->kind == SLOT_REQUEST && about->key && from->record->nkey == 1)
		return plan_value_request(plan, from->field);
	number = plan_find(&plan->value_map, plan_key(plan, 'f', slot, field, 0), &new,
			 plan->nvalues);
	if (!new)
		return number;
	value = (struct value){
		.kind = VALUE_FIELD,
		.slot = slot,
		.field = field,
		.type = about->type,
		.name = text_format(plan->arena, "%.*s.%.*s", TEXT_ARG(from->name), TEXT_ARG(about->name)),
		.hangs = from->hangs,
		.pivot = from->pivot,
		.may_lack = from->may_lack || about->type.none,
	};
	PLAN_ADD(plan, values, value);
	return number;
}

uint32_t plan_value_rows(struct plan *plan, uint32_t scan, uint32_t field)
{
	const struct link *link = plan->scans[scan].link;
	struct value value = { .kind = VALUE_ROWS, .scan = scan, .field = field,
			       .type = link->record->fields[field].type, .hangs = HANGS_ON_NOTHING,
			       .pivot = plan->scans[scan].pivot };
	bool new;
	uint32_t number = plan_find(&plan->value_map, plan_key(plan, 'w', scan, field, 0),
				  &new, plan->nvalues);

	if (!new)
		return number;
	value.type.set = true;
	value.type.none = value.type.open = value.type.unknown = false;
	value.name = text_format(plan->arena, "%.*s.%.*s", TEXT_ARG(link->name),
				 TEXT_ARG(link->record->fields[field].name));
	PLAN_ADD(plan, values, value);
	return number;
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
