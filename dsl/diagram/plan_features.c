/* SPDX-License-Identifier: EUPL-1.2 */
/* Features: questions about values whose answers are few and numbered. */
#include "dsl/diagram/plan_parts.h"

#include "engine/base/buf.h"

uint32_t feature_add(struct plan *plan, struct text key, struct feature feature)
{
	bool new;
	uint32_t number;

	if (plan->frozen)
		return map_get(&plan->feature_map, key);	/* MAP_NONE is NOWHERE */
	number = plan_find(&plan->feature_map, key, &new, plan->nfeatures);
	if (new)
		PLAN_ADD(plan, features, feature);
	return number;
}

void feature_hang(struct plan *plan, struct feature *feature, uint32_t value)
{
	const struct value *on = &plan->values[value];

	plan_hang(&feature->hangs, &feature->pivot, on);
	if (on->may_lack)
		feature->none = true;
}

/* Of one or two values ---------------------------------------------------------------------------- */

uint32_t feature_action(struct plan *plan)
{
	struct feature feature = { .kind = FEATURE_ACTION, .size = plan->question->nactions,
				   .hangs = HANGS_ON_NOTHING, .name = TEXT("action") };

	return feature_add(plan, TEXT("action"), feature);
}

uint32_t feature_code(struct plan *plan, uint32_t value)
{
	struct feature feature = { .kind = FEATURE_CODE, .a = value, .hangs = HANGS_ON_NOTHING,
				   .name = plan->values[value].name };

	feature_hang(plan, &feature, value);
	feature.size = plan->values[value].type.codes->count + feature.none;
	return feature_add(plan, plan_key(plan, 'c', value, 0, 0), feature);
}

uint32_t feature_present(struct plan *plan, uint32_t value)
{
	struct feature feature = { .kind = FEATURE_PRESENT, .a = value, .hangs = HANGS_ON_NOTHING,
				   .size = 2 };
	struct text key = plan_key(plan, 'p', value, 0, 0);
	uint32_t old = feature_known(plan, key);

	if (old != NOWHERE)
		return old;
	feature_hang(plan, &feature, value);
	feature.none = false;
	feature.name = text_format(plan->arena, "%.*s exists", TEXT_ARG(plan->values[value].name));
	return feature_add(plan, key, feature);
}

uint32_t feature_present_slot(struct plan *plan, uint32_t slot)
{
	const struct slot *about = &plan->slots[slot];
	struct feature feature = { .kind = FEATURE_PRESENT, .a = NOWHERE, .b = slot, .size = 2,
				   .hangs = about->hangs, .pivot = about->pivot };

	if (about->kind == SLOT_REF)
		return feature_present(plan, about->value);
	if (about->kind == SLOT_REQUEST)
		return feature_present(plan, plan_value_request(plan, about->field));
	feature.name = text_format(plan->arena, "%.*s exists", TEXT_ARG(about->name));
	return feature_add(plan, plan_key(plan, 't', slot, 0, 0), feature);
}

uint32_t feature_open(struct plan *plan, uint32_t value)
{
	struct feature feature = { .kind = FEATURE_OPEN, .a = value, .hangs = HANGS_ON_NOTHING };
	struct text key = plan_key(plan, 'o', value, 0, 0);
	uint32_t old = feature_known(plan, key);

	if (old != NOWHERE)
		return old;
	feature_hang(plan, &feature, value);
	feature.size = 2 + feature.none;
	feature.name = text_format(plan->arena, "%.*s = open", TEXT_ARG(plan->values[value].name));
	return feature_add(plan, key, feature);
}

uint32_t feature_pair(struct plan *plan, enum feature_kind kind, uint32_t a, uint32_t b)
{
	static const char *const words[] = {
		[FEATURE_EQUAL] = "=", [FEATURE_MEMBER] = "in", [FEATURE_OVERLAPS] = "overlaps",
		[FEATURE_INSIDE] = "within",
	};
	struct feature feature = { .kind = kind, .hangs = HANGS_ON_NOTHING };
	struct text key;
	uint32_t old;

	if ((kind == FEATURE_EQUAL || kind == FEATURE_OVERLAPS) && b < a) {
		uint32_t swap = a;

		a = b;
		b = swap;
	}
	key = plan_key(plan, '=', (uint32_t)kind, a, b);
	old = feature_known(plan, key);
	if (old != NOWHERE)
		return old;
	feature.a = a;
	feature.b = b;
	feature_hang(plan, &feature, a);
	feature_hang(plan, &feature, b);
	feature.size = 2 + feature.none;
	feature.name = text_format(plan->arena, "%.*s %s %.*s", TEXT_ARG(plan->values[a].name), words[kind],
				   TEXT_ARG(plan->values[b].name));
	return feature_add(plan, key, feature);
}

/* Of rows ----------------------------------------------------------------------------------------- */

uint32_t feature_some(struct plan *plan, uint32_t scan, uint32_t expr)
{
	struct feature feature = { .kind = FEATURE_SOME, .scan = scan, .expr = expr, .size = 2,
				   .hangs = HANGS_ON_NOTHING, .pivot = plan->scans[scan].pivot };
	struct buf text = { .arena = plan->arena };
	struct text key = plan_key(plan, 's', scan, expr, 0);
	uint32_t old = feature_known(plan, key);

	if (old != NOWHERE)
		return old;
	if (plan->settled && expr != TRUE_EXPR) {
		buf_printf(&text, "some %.*s with (", TEXT_ARG(plan->scans[scan].link->name));
		expr_dump(&text, plan, expr);
		buf_string(&text, ")");
		feature.name = buf_view(&text);
	} else {
		feature.name = text_format(plan->arena, "some %.*s",
					   TEXT_ARG(plan->scans[scan].link->name));
	}
	return feature_add(plan, key, feature);
}

/* Of what people say ------------------------------------------------------------------------------ */

uint32_t feature_finding(struct plan *plan, const struct judgement *judgement)
{
	uint32_t slot = plan_slot_finding(plan, judgement);
	struct feature feature = {
		.kind = FEATURE_FINDING,
		.judgement = judgement,
		.a = NOWHERE,
		.b = slot,
		.none = plan->slots[slot].may_lack,
		.size = 2 + plan->slots[slot].may_lack,
		.hangs = plan->slots[slot].hangs,
		.pivot = plan->slots[slot].pivot,
		.name = judgement->name,
	};

	return feature_add(plan, plan_key(plan, 'f', judgement->index, 0, 0), feature);
}

uint32_t feature_gap(struct plan *plan, const struct parameter *parameter, struct text test, uint32_t on)
{
	struct feature feature = { .kind = FEATURE_GAP, .parameter = parameter, .on = on, .size = 2,
				   .hangs = HANGS_ON_NOTHING };

	feature.name = parameter ? text_format(plan->arena, "the value of %.*s", TEXT_ARG(parameter->name))
				 : TEXT("the overlay of the area");
	if (on != NOWHERE)
		plan_hang(&feature.hangs, &feature.pivot, &plan->values[on]);
	return feature_add(plan,
			   text_format(plan->arena, "gap %d %.*s", parameter ? (int)parameter->index : -1,
				       TEXT_ARG(test)),
			   feature);
}

uint32_t feature_reading(struct plan *plan, const struct reading *reading)
{
	struct feature feature = { .kind = FEATURE_READING, .reading = reading, .size = reading->noptions,
				   .hangs = HANGS_ON_NOTHING };

	feature.name = text_format(plan->arena, "the reading %.*s", TEXT_ARG(reading->name));
	return feature_add(plan, plan_key(plan, 'r', reading->index, 0, 0), feature);
}
