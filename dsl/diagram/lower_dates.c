/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of days: before, after, inside a window, coming or past; and the days that duties are due on. */
#include "dsl/diagram/lower_parts.h"

#include "engine/base/arena.h"

#include <string.h>

enum relation { BEFORE, NOT_AFTER, NOT_BEFORE, AFTER, SAME_DAY, OTHER_DAY };

static enum relation opposite(enum relation relation)
{
	static const enum relation opposites[] = { NOT_BEFORE, AFTER, BEFORE, NOT_AFTER, OTHER_DAY, SAME_DAY };

	return opposites[relation];
}

struct offset {
	int32_t count;
	enum span_unit unit;
};

static uint32_t compare(struct plan *plan, uint32_t point, enum relation relation, uint32_t anchor,
			day_t day, struct offset offset)
{
	struct cut at = { offset.count, offset.unit, false }, after = { offset.count, offset.unit, true };
	uint32_t first;

	if (anchor == NOWHERE) {
		/* A fixed day: the offset is worked out now. Out of range it is never reached. */
		if (!day_add(day, offset.count, offset.unit, &day))
			day = offset.count < 0 ? DAY_MIN : DAY_MAX;
		at = (struct cut){ .count = day };
		after = (struct cut){ .count = day < DAY_MAX ? day + 1 : day };
	}
	switch (relation) {
	case BEFORE:
		return expr_reached(plan, point, anchor, at, false);
	case NOT_BEFORE:
		return expr_reached(plan, point, anchor, at, true);
	case NOT_AFTER:
		return expr_reached(plan, point, anchor, after, false);
	case AFTER:
		return expr_reached(plan, point, anchor, after, true);
	case SAME_DAY:
		first = expr_reached(plan, point, anchor, at, true);
		return expr_and(plan, first, expr_reached(plan, point, anchor, after, false));
	case OTHER_DAY:
		first = expr_reached(plan, point, anchor, at, false);
		return expr_or(plan, first, expr_reached(plan, point, anchor, after, true));
	}
	return FALSE_EXPR;
}

/* The same with a bound that nobody has given: `before` and not `before` are one test, so are those of `after`. */
static uint32_t compare_untold(struct plan *plan, uint32_t point, enum relation relation,
			       const struct parameter *parameter, struct text bound, uint32_t anchor)
{
	bool edge = relation == BEFORE || relation == NOT_BEFORE, day = relation == SAME_DAY || relation == OTHER_DAY;

	return lower_untold(plan, parameter,
		      text_format(plan->arena, "%u %s %.*s", point, day ? "on" : edge ? "before" : "after",
				  TEXT_ARG(bound)),
		      anchor == NOWHERE || plan->values[point].hangs != HANGS_ON_NOTHING ? point : anchor,
		      relation == BEFORE || relation == AFTER || relation == SAME_DAY);
}

static uint32_t compare_operand(struct plan *plan, uint32_t point, enum relation relation,
				const struct operand *operand, uint32_t self, struct offset offset,
				uint32_t when_none);

static uint32_t compare_parameter(struct plan *plan, uint32_t point, enum relation relation,
				  const struct operand *operand, struct offset offset, uint32_t when_none)
{
	struct alternative *list;
	uint32_t count = lower_alternatives(plan, operand->parameter, &list), any = FALSE_EXPR;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t test = when_none;

		if (list[i].value->kind == CONST_DATE)
			test = compare(plan, point, relation, NOWHERE, list[i].value->number, offset);
		else if (list[i].value->kind == CONST_UNKNOWN)
			test = compare_untold(plan, point, relation, operand->parameter,
					      text_format(plan->arena, "%d %d", offset.count, (int)offset.unit),
					      NOWHERE);
		any = expr_or(plan, any, expr_and(plan, list[i].guard, test));
	}
	return any;
}

/* What is moved: a date of the facts, a fixed one, or something else that is the same where it is written. */
static struct text moved_text(struct plan *plan, const struct operand *operand, uint32_t self)
{
	const struct operand *date = operand->parts[0];

	if (date->kind == OPERAND_PLACE)
		return text_format(plan->arena, "value %u %d", plan_place_of(plan, &date->place, self),
				   operand->sign);
	if (date->kind == OPERAND_CONSTANT)
		return text_format(plan->arena, "day %d %d", date->constant.number, operand->sign);
	return text_format(plan->arena, "at %u %u %u", operand->span.source, operand->span.at, self);
}

static uint32_t moved_value(struct plan *plan, const struct operand *operand, uint32_t self)
{
	const struct operand *date = operand->parts[0];

	return date->kind == OPERAND_PLACE ? plan_place_of(plan, &date->place, self) : (uint32_t)NOWHERE;
}

/* A date moved by a parameter: one alternative for each value; without a value the bound falls away. */
static uint32_t compare_shift(struct plan *plan, uint32_t point, enum relation relation,
			      const struct operand *operand, uint32_t self, uint32_t when_none)
{
	const struct operand *by = operand->parts[1];
	struct alternative *list;
	uint32_t count, any = FALSE_EXPR;

	if (by->kind == OPERAND_CONSTANT)
		return compare_operand(plan, point, relation, operand->parts[0], self,
				       (struct offset){ operand->sign * by->constant.number, by->constant.unit },
				       when_none);
	count = lower_alternatives(plan, by->parameter, &list);
	for (uint32_t i = 0; i < count; i++) {
		const struct constant *value = list[i].value;
		uint32_t test = when_none;

		if (value->kind == CONST_DURATION)
			test = compare_operand(plan, point, relation, operand->parts[0], self,
					       (struct offset){ operand->sign * value->number, value->unit },
					       when_none);
		else if (value->kind == CONST_UNKNOWN)
			test = compare_untold(plan, point, relation, by->parameter,
					      moved_text(plan, operand, self), moved_value(plan, operand, self));
		any = expr_or(plan, any, expr_and(plan, list[i].guard, test));
	}
	return any;
}

/* Against the earliest of several: before it is before all of them, after it is after one of them. */
static uint32_t compare_extreme(struct plan *plan, uint32_t point, enum relation relation,
				const struct operand *operand, uint32_t self, uint32_t when_none)
{
	bool earliest = operand->kind == OPERAND_EARLIEST;
	bool all = (relation == BEFORE || relation == NOT_AFTER) == earliest;
	uint32_t result;

	if (relation == SAME_DAY) {
		result = compare_extreme(plan, point, NOT_BEFORE, operand, self, when_none);
		return expr_and(plan, result, compare_extreme(plan, point, NOT_AFTER, operand, self, when_none));
	}
	if (relation == OTHER_DAY) {
		result = compare_extreme(plan, point, BEFORE, operand, self, when_none);
		return expr_or(plan, result, compare_extreme(plan, point, AFTER, operand, self, when_none));
	}
	result = all ? TRUE_EXPR : FALSE_EXPR;
	for (uint32_t i = 0; i < operand->count; i++) {
		uint32_t part = compare_operand(plan, point, relation, operand->list[i], self,
						(struct offset){ 0 }, when_none);

		result = all ? expr_and(plan, result, part) : expr_or(plan, result, part);
	}
	return result;
}

/* A date that is determined: one alternative for each case and each exception to one. */
static uint32_t compare_define(struct plan *plan, uint32_t point, enum relation relation,
			       const struct define *define, struct offset offset)
{
	uint32_t any = FALSE_EXPR, here;

	for (uint32_t i = 0; i < define->ncases; i++) {
		const struct define_case *item = &define->cases[i];

		here = lower_define_day(plan, define, item->day);
		any = expr_or(plan, any,
			      expr_and(plan, here, compare(plan, point, relation, NOWHERE, item->day, offset)));
		for (uint32_t j = 0; j < item->nexcept; j++) {
			day_t day = item->except[j].day;

			here = lower_define_day(plan, define, day);
			any = expr_or(plan, any,
				      expr_and(plan, here, compare(plan, point, relation, NOWHERE, day, offset)));
		}
	}
	return any;
}

static uint32_t compare_operand(struct plan *plan, uint32_t point, enum relation relation,
				const struct operand *operand, uint32_t self, struct offset offset,
				uint32_t when_none)
{
	switch (operand->kind) {
	case OPERAND_PLACE:
		return compare(plan, point, relation, plan_place_of(plan, &operand->place, self), 0, offset);
	case OPERAND_CONSTANT:
		return compare(plan, point, relation, NOWHERE, operand->constant.number, offset);
	case OPERAND_PARAMETER:
		return compare_parameter(plan, point, relation, operand, offset, when_none);
	case OPERAND_DEFINE:
		return compare_define(plan, point, relation, operand->define, offset);
	case OPERAND_SHIFT:
		return compare_shift(plan, point, relation, operand, self, when_none);
	case OPERAND_EARLIEST:
	case OPERAND_LATEST:
		return compare_extreme(plan, point, relation, operand, self, when_none);
	case OPERAND_LOOKUP:
	case OPERAND_TODAY:
		break;
	}
	return FALSE_EXPR;
}

static uint32_t lower_point(struct plan *plan, const struct operand *point, uint32_t self)
{
	return point->kind == OPERAND_TODAY ? plan_today(plan) : plan_place_of(plan, &point->place, self);
}

uint32_t lower_order(struct plan *plan, const struct cond *cond, uint32_t self, bool negative)
{
	enum relation relation = SAME_DAY;

	if (cond->order == TEST_BEFORE)
		relation = BEFORE;
	else if (cond->order == TEST_AFTER)
		relation = AFTER;
	else if (cond->order == TEST_ON_OR_AFTER)
		relation = NOT_BEFORE;
	if (negative)
		relation = opposite(relation);
	return compare_operand(plan, lower_point(plan, cond->a, self), relation, cond->b, self,
			       (struct offset){ 0 }, FALSE_EXPR);
}

/* There, without saying that this is asked: where it is not there, the author has said nothing. */
static uint32_t silently_present(struct plan *plan, uint32_t slot)
{
	static const bool yes[2] = { false, true }, both[2] = { true, true };

	if (!plan->slots[slot].may_lack)
		return TRUE_EXPR;
	return expr_atom(plan, feature_present_slot(plan, slot), yes, both);
}

uint32_t lower_window(struct plan *plan, const struct cond *cond, uint32_t self, bool negative)
{
	uint32_t point = lower_point(plan, cond->a, self);
	uint32_t slot = lower_slot(plan, &cond->b->place, self);
	struct operand *const *bounds = cond->window->bounds;
	struct offset none = { 0 };
	uint32_t parts[3];

	if (negative) {
		parts[0] = compare_operand(plan, point, BEFORE, bounds[0], slot, none, FALSE_EXPR);
		parts[1] = compare_operand(plan, point, AFTER, bounds[1], slot, none, FALSE_EXPR);
		return expr_or(plan, parts[0], parts[1]);
	}
	parts[0] = compare_operand(plan, point, NOT_BEFORE, bounds[0], slot, none, TRUE_EXPR);
	parts[1] = compare_operand(plan, point, NOT_AFTER, bounds[1], slot, none, TRUE_EXPR);
	parts[2] = silently_present(plan, slot);
	return expr_and_list(plan, parts, 3);
}

uint32_t lower_phase(struct plan *plan, const struct cond *cond, uint32_t self, bool negative)
{
	uint32_t slot = lower_slot(plan, &cond->a->place, self), today = plan_today(plan);
	const struct record *record = plan->slots[slot].record;
	uint32_t begins = plan_value(plan, slot, record->valid[0]);
	uint32_t ends = plan_value(plan, slot, record->valid[1]);
	struct offset none = { 0 };
	uint32_t coming = compare(plan, today, BEFORE, begins, 0, none);
	uint32_t begun = compare(plan, today, NOT_BEFORE, begins, 0, none);
	uint32_t past = compare(plan, today, AFTER, ends, 0, none);
	uint32_t going = compare(plan, today, NOT_AFTER, ends, 0, none);

	switch (cond->phase) {
	case PHASE_COMING:
		return negative ? begun : coming;
	case PHASE_CURRENT:
		return negative ? expr_or(plan, coming, past) : expr_and(plan, begun, going);
	case PHASE_PAST:
		return negative ? going : past;
	}
	return FALSE_EXPR;
}

/* Due dates --------------------------------------------------------------------------------------- */

static void add_date(struct plan *plan, struct lowered_due *due, uint32_t part, struct lowered_date date)
{
	struct lowered_date *dates = ARENA_ARRAY(plan->arena, due->count + 1, struct lowered_date);
	uint32_t *parts = ARENA_ARRAY(plan->arena, due->count + 1, uint32_t);

	if (date.guard == FALSE_EXPR)
		return;
	if (due->count) {
		memcpy(dates, due->dates, due->count * sizeof *dates);
		memcpy(parts, due->part, due->count * sizeof *parts);
	}
	dates[due->count] = date;
	parts[due->count++] = part;
	due->dates = dates;
	due->part = parts;
}

static void due_part(struct plan *plan, const struct operand *operand, uint32_t part, uint32_t guard,
		     struct offset offset, struct lowered_due *due);

static void due_parameter(struct plan *plan, const struct parameter *parameter, uint32_t part,
			  struct lowered_date date, struct lowered_due *due)
{
	struct alternative *list;
	uint32_t count = lower_alternatives(plan, parameter, &list), guard = date.guard;

	for (uint32_t i = 0; i < count; i++) {
		date.guard = expr_and(plan, guard, list[i].guard);
		date.day = list[i].value->number;
		if (list[i].value->kind == CONST_DATE)
			add_date(plan, due, part, date);
	}
}

static void due_define(struct plan *plan, const struct define *define, uint32_t part,
		       struct lowered_date date, struct lowered_due *due)
{
	uint32_t guard = date.guard;

	for (uint32_t i = 0; i < define->ncases; i++) {
		const struct define_case *item = &define->cases[i];

		date.day = item->day;
		date.guard = expr_and(plan, guard, lower_define_day(plan, define, date.day));
		add_date(plan, due, part, date);
		for (uint32_t j = 0; j < item->nexcept; j++) {
			date.day = item->except[j].day;
			date.guard = expr_and(plan, guard, lower_define_day(plan, define, date.day));
			add_date(plan, due, part, date);
		}
	}
}

static void due_shift(struct plan *plan, const struct operand *operand, uint32_t part, uint32_t guard,
		      struct lowered_due *due)
{
	const struct operand *by = operand->parts[1];
	struct alternative *list;
	uint32_t count;

	if (by->kind == OPERAND_CONSTANT) {
		due_part(plan, operand->parts[0], part, guard,
			 (struct offset){ operand->sign * by->constant.number, by->constant.unit }, due);
		return;
	}
	count = lower_alternatives(plan, by->parameter, &list);
	for (uint32_t i = 0; i < count; i++) {
		const struct constant *value = list[i].value;

		if (value->kind == CONST_DURATION)
			due_part(plan, operand->parts[0], part, expr_and(plan, guard, list[i].guard),
				 (struct offset){ operand->sign * value->number, value->unit }, due);
	}
}

static void due_part(struct plan *plan, const struct operand *operand, uint32_t part, uint32_t guard,
		     struct offset offset, struct lowered_due *due)
{
	struct lowered_date date = { guard, NOWHERE, 0, offset.count, offset.unit };

	switch (operand->kind) {
	case OPERAND_PLACE:
		date.value = plan_place(plan, &operand->place);
		add_date(plan, due, part, date);
		break;
	case OPERAND_CONSTANT:
		date.day = operand->constant.number;
		add_date(plan, due, part, date);
		break;
	case OPERAND_PARAMETER:
		due_parameter(plan, operand->parameter, part, date, due);
		break;
	case OPERAND_DEFINE:
		due_define(plan, operand->define, part, date, due);
		break;
	case OPERAND_SHIFT:
		due_shift(plan, operand, part, guard, due);
		break;
	case OPERAND_EARLIEST:
	case OPERAND_LATEST:
	case OPERAND_LOOKUP:
	case OPERAND_TODAY:
		break;
	}
}

void lower_due(struct plan *plan, const struct operand *operand, struct lowered_due *ret_due)
{
	*ret_due = (struct lowered_due){ .kind = LOWERED_DATE, .nparts = 1 };
	if (operand->kind != OPERAND_EARLIEST && operand->kind != OPERAND_LATEST) {
		due_part(plan, operand, 0, TRUE_EXPR, (struct offset){ 0 }, ret_due);
		return;
	}
	ret_due->kind = operand->kind == OPERAND_EARLIEST ? LOWERED_EARLIEST : LOWERED_LATEST;
	ret_due->nparts = operand->count;
	for (uint32_t i = 0; i < operand->count; i++)
		due_part(plan, operand->list[i], i, TRUE_EXPR, (struct offset){ 0 }, ret_due);
}
