/* SPDX-License-Identifier: EUPL-1.2 */
/* Slots and values: records that a decision may look at, and what is read from them, from the request and from rows. */
#include "dsl/diagram/plan_parts.h"

/* Slots ------------------------------------------------------------------------------------------- */

uint32_t plan_slot_add(struct plan *plan, struct text key, struct slot slot)
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

	return plan_slot_add(plan, plan_key(plan, 'q', field, 0, 0), slot);
}

uint32_t plan_slot_self(struct plan *plan, const struct record *record)
{
	struct slot slot = { .kind = SLOT_ROW, .record = record, .name = record->name,
			     .scan = NOWHERE, .hangs = HANGS_ON_NOTHING };

	return plan_slot_add(plan, TEXT("self"), slot);
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

	return plan_slot_add(plan, plan_key(plan, 'r', value, 0, 0), slot);
}

/* Values ------------------------------------------------------------------------------------------ */

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
