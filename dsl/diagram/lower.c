/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Conditions of the model become expressions over features.
 *
 * Lowering makes features, and they are numbered as they are made. C leaves open in which order the arguments of a
 * call are worked out, so two parts that are both lowered never stand in one call: else the image would depend on
 * the compiler that built this one.
 */
#include "dsl/diagram/lower.h"

#include "engine/base/arena.h"
#include "engine/base/limits.h"

static uint32_t lower(struct plan *plan, const struct cond *cond, uint32_t self, bool negative);

/* Layers and force -------------------------------------------------------------------------------- */

static uint32_t reached_day(struct plan *plan, day_t day, bool yes)
{
	return expr_reached(plan, plan_today(plan), NOWHERE, (struct cut){ .count = day }, yes);
}

uint32_t lower_force(struct plan *plan, struct force force)
{
	uint32_t parts[2] = { TRUE_EXPR, TRUE_EXPR };

	if (force.pending || force.to < force.from)
		return FALSE_EXPR;
	if (force.from > DAY_MIN)
		parts[0] = reached_day(plan, force.from, true);
	if (!force.open && force.to < DAY_MAX)
		parts[1] = reached_day(plan, force.to + 1, false);
	return expr_and_list(plan, parts, 2);
}

/* The area is that of `code`. What the area is, is never left open: loose says the same as when. */
static uint32_t area_is(struct plan *plan, const struct codeset *set, uint32_t code, bool none)
{
	const struct place *place = plan->question ? plan->question->layer_by : NULL;
	uint32_t feature;
	bool *when;

	if (!place || place->type.codes != set)
		return FALSE_EXPR;
	feature = feature_code(plan, plan_place(plan, place));
	when = ARENA_ARRAY(plan->arena, plan->features[feature].size, bool);
	if (!none)
		when[code] = true;
	else if (plan->features[feature].none)
		when[plan->features[feature].size - 1] = true;
	return expr_atom(plan, feature, when, when);
}

/* In the area of a layer, on these days. */
static uint32_t in_area(struct plan *plan, const struct layer *layer, struct force force)
{
	uint32_t area = area_is(plan, layer->set, layer->code, false);

	return expr_and(plan, area, lower_force(plan, force));
}

uint32_t lower_scope(struct plan *plan, const struct layer *layer)
{
	if (!layer->set)
		return TRUE_EXPR;
	return in_area(plan, layer, layer->force);
}

uint32_t lower_unsettled(struct plan *plan)
{
	const struct question *question = plan->question;
	const struct place *place = question->layer_by;
	uint32_t any = FALSE_EXPR;

	if (!place)
		return FALSE_EXPR;
	for (uint32_t code = 0; code < place->type.codes->count; code++) {
		uint32_t covered = FALSE_EXPR, here;

		if (question->layer_except[code])
			continue;
		for (uint32_t i = 1; i < plan->model->nlayers; i++)
			if (plan->model->layers[i].set == place->type.codes &&
			    plan->model->layers[i].code == code)
				covered = expr_or(plan, covered,
						  lower_force(plan, plan->model->layers[i].force));
		here = area_is(plan, place->type.codes, code, false);
		any = expr_or(plan, any, expr_and(plan, here, expr_not(plan, covered)));
	}
	if (!question->layer_except_none)
		any = expr_or(plan, any, area_is(plan, place->type.codes, 0, true));
	return any;
}

uint32_t lower_actions(struct plan *plan, uint32_t actions)
{
	uint32_t feature = feature_action(plan);
	bool when[LIMIT_ACTIONS] = { false };

	for (uint32_t i = 0; i < plan->question->nactions; i++)
		when[i] = actions >> i & 1;
	return expr_atom(plan, feature, when, when);
}

/* Parameters -------------------------------------------------------------------------------------- */

struct alternative {
	uint32_t guard;
	const struct constant *value;
};

/* The values that can be in effect, each with where it is. */
static uint32_t alternatives(struct plan *plan, const struct parameter *parameter,
			     struct alternative **ret_list)
{
	struct alternative *list = ARENA_ARRAY(plan->arena, parameter->nsettings + 1, struct alternative);
	uint32_t count = 0, any = FALSE_EXPR;

	for (uint32_t i = 0; i < parameter->nsettings; i++) {
		const struct setting *setting = &parameter->settings[i];
		uint32_t guard = in_area(plan, setting->layer, setting->force);

		if (guard == FALSE_EXPR)
			continue;
		list[count++] = (struct alternative){ guard, &setting->value };
		any = expr_or(plan, any, guard);
	}
	list[count++] = (struct alternative){ expr_not(plan, any), &parameter->value };
	*ret_list = list;
	return count;
}

/*
 * A test of a parameter that nobody has given a value. Each test is open by itself: one answer for all of them would
 * leave out values for which one holds and another does not.
 */
static uint32_t untold(struct plan *plan, const struct parameter *parameter, struct text test, uint32_t on, bool yes)
{
	return expr_test(plan, feature_gap(plan, parameter, test, on), yes);
}

/* Codes ------------------------------------------------------------------------------------------- */

static uint32_t code_in(struct plan *plan, const struct place *place, uint32_t self, const bool *has,
			bool negative)
{
	uint32_t feature = feature_code(plan, plan_place_of(plan, place, self));
	const struct codeset *codes;
	bool *when;

	if (feature == NOWHERE)
		return TRUE_EXPR;
	codes = plan->values[plan->features[feature].a].type.codes;
	when = ARENA_ARRAY(plan->arena, plan->features[feature].size, bool);

	for (uint32_t i = 0; i < codes->count; i++) {
		uint32_t code = place->attribute ? codes->codes[i].attribute : i;

		when[i] = (code != NOWHERE && has[code]) != negative;
	}
	return expr_atom(plan, feature, when, NULL);
}

static uint32_t in_parameter(struct plan *plan, const struct cond *cond, uint32_t self, bool negative)
{
	struct alternative *list;
	uint32_t count = alternatives(plan, cond->parameter, &list), any = FALSE_EXPR;
	uint32_t place = plan_place_of(plan, &cond->a->place, self);
	struct text in = text_format(plan->arena, "%u%s in it", place, cond->a->place.attribute ? "'s attribute" : "");

	for (uint32_t i = 0; i < count; i++) {
		const struct constant *value = list[i].value;
		uint32_t test = FALSE_EXPR;
		bool *one;

		switch (value->kind) {
		case CONST_CODES:
			test = code_in(plan, &cond->a->place, self, value->has, negative);
			break;
		case CONST_CODE:
			one = ARENA_ARRAY(plan->arena, value->codes->count, bool);
			one[value->code] = true;
			test = code_in(plan, &cond->a->place, self, one, negative);
			break;
		case CONST_UNKNOWN:
			test = untold(plan, cond->parameter, in, place, !negative);
			break;
		case CONST_NONE:
		case CONST_DATE:
		case CONST_DURATION:
			break;
		}
		any = expr_or(plan, any, expr_and(plan, list[i].guard, test));
	}
	return any;
}

/* It is one of `has`, or (`*ret_without`) none of the others: `yes` and not `no` are one test. */
static struct text codes_test(struct plan *plan, const struct constant *set, bool *ret_without)
{
	char *marks = arena_alloc(plan->arena, set->codes->count + 1);

	*ret_without = set->has[0];
	for (uint32_t i = 0; i < set->codes->count; i++)
		marks[i] = set->has[i] != *ret_without ? '1' : '0';
	return (struct text){ marks, set->codes->count };
}

static uint32_t parameter_in(struct plan *plan, const struct cond *cond, bool negative)
{
	struct alternative *list;
	uint32_t count = alternatives(plan, cond->parameter, &list), any = FALSE_EXPR;
	bool without;
	struct text is = codes_test(plan, &cond->set, &without);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t test = FALSE_EXPR;

		if (list[i].value->kind == CONST_CODE)
			test = cond->set.has[list[i].value->code] != negative ? TRUE_EXPR : FALSE_EXPR;
		else if (list[i].value->kind == CONST_UNKNOWN)
			test = untold(plan, cond->parameter, is, NOWHERE, negative == without);
		any = expr_or(plan, any, expr_and(plan, list[i].guard, test));
	}
	return any;
}

/* A set-valued place has one of `has`, or (negative) none of them. */
static uint32_t hits(struct plan *plan, uint32_t value, const struct codeset *codes, const bool *has,
		     bool negative)
{
	struct partition *partition = plan_partition(plan, value, codes, has);
	uint32_t result = negative ? TRUE_EXPR : FALSE_EXPR;
	bool *seen;

	if (!plan->settled)
		return expr_test(plan, feature_hits(plan, value, 0), !negative);
	if (plan->frozen)	/* the set need not be made of atoms */
		return TRUE_EXPR;
	seen = ARENA_ARRAY(plan->arena, partition->natoms + 1, bool);
	for (uint32_t i = 0; i < codes->count; i++) {
		uint32_t atom = partition->atom_of[i], test;

		if (!has[i] || seen[atom])
			continue;
		seen[atom] = true;
		test = expr_test(plan, feature_hits(plan, value, atom), !negative);
		result = negative ? expr_and(plan, result, test) : expr_or(plan, result, test);
	}
	return result;
}

/* Not empty and inside `has`; negative: something outside, or nothing at all. */
static uint32_t covered(struct plan *plan, uint32_t value, const struct codeset *codes, const bool *has,
			bool negative)
{
	bool *outside = ARENA_ARRAY(plan->arena, codes->count, bool);
	uint32_t in, out;

	for (uint32_t i = 0; i < codes->count; i++)
		outside[i] = !has[i];
	in = hits(plan, value, codes, has, negative);
	out = hits(plan, value, codes, outside, !negative);
	return negative ? expr_or(plan, in, out) : expr_and(plan, in, out);
}

static uint32_t hits_parameter(struct plan *plan, const struct cond *cond, uint32_t self, bool negative)
{
	uint32_t value = plan_place_of(plan, &cond->a->place, self);
	struct alternative *list;
	uint32_t count = alternatives(plan, cond->parameter, &list), any = FALSE_EXPR;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t test = FALSE_EXPR;

		if (list[i].value->kind == CONST_CODES)
			test = hits(plan, value, list[i].value->codes, list[i].value->has, negative);
		else if (list[i].value->kind == CONST_UNKNOWN)
			test = untold(plan, cond->parameter, text_format(plan->arena, "%u overlaps it", value),
				      value, !negative);
		any = expr_or(plan, any, expr_and(plan, list[i].guard, test));
	}
	return any;
}

/* Tables ------------------------------------------------------------------------------------------ */

static bool cell_holds(const struct table *table, uint32_t row, uint32_t column, const bool *wanted,
		       bool negative)
{
	const bool *has = table->has[row * table->columns->count + column];
	bool any = false;

	if (!has)	/* pending: it has every value, and so never lacks one */
		return !negative;
	for (uint32_t i = 0; i < table->values->count; i++)
		any |= wanted[i] && has[i];
	return any != negative;
}

static uint32_t operand_is(struct plan *plan, const struct operand *operand, uint32_t self, const bool *has)
{
	if (operand->kind == OPERAND_CONSTANT)
		return has[operand->constant.code] ? TRUE_EXPR : FALSE_EXPR;
	return code_in(plan, &operand->place, self, has, false);
}

static uint32_t lookup_in(struct plan *plan, const struct cond *cond, uint32_t self, bool negative)
{
	const struct operand *lookup = cond->a;
	const struct table *table = lookup->table;
	uint32_t any = FALSE_EXPR, nrows = table->rows->count, ncolumns = table->columns->count;
	bool *done = ARENA_ARRAY(plan->arena, nrows, bool);

	/* Rows with the same columns are taken together. */
	for (uint32_t r = 0; r < nrows; r++) {
		bool *rows = ARENA_ARRAY(plan->arena, nrows, bool);
		bool *columns = ARENA_ARRAY(plan->arena, ncolumns, bool), some = false;

		if (done[r])
			continue;
		for (uint32_t c = 0; c < ncolumns; c++) {
			columns[c] = cell_holds(table, r, c, cond->set.has, negative);
			some |= columns[c];
		}
		for (uint32_t s = r; s < nrows; s++) {
			bool same = true;

			for (uint32_t c = 0; c < ncolumns && same; c++)
				same = cell_holds(table, s, c, cond->set.has, negative) == columns[c];
			rows[s] = same && !done[s];
			done[s] |= same;
		}
		if (some) {
			uint32_t row = operand_is(plan, lookup->parts[0], self, rows);
			uint32_t column = operand_is(plan, lookup->parts[1], self, columns);

			any = expr_or(plan, any, expr_and(plan, row, column));
		}
	}
	return any;
}

/* Determinations ---------------------------------------------------------------------------------- */

/*
 * The cases of a determination exclude one another and leave no situation out, which is checked: so what is
 * absent falls into the case meant for it, and a rule that names the determination has said what it means.
 */
uint32_t lower_case(struct plan *plan, const struct define *define, uint32_t number)
{
	uint32_t others = FALSE_EXPR;

	plan->tight++;
	for (uint32_t i = 0; i < define->ncases; i++)
		if (define->cases[i].when && (i == number || !define->cases[number].when))
			others = expr_or(plan, others, lower(plan, define->cases[i].when, NOWHERE, false));
	plan->tight--;
	return define->cases[number].when ? others : expr_not(plan, others);
}

/* Where the determination comes out as an outcome that `wanted` picks. */
static uint32_t define_where(struct plan *plan, const struct define *define, const void *context,
			     bool (*wanted)(const struct define_case *, const void *))
{
	uint32_t any = FALSE_EXPR;

	for (uint32_t i = 0; i < define->ncases; i++) {
		const struct define_case *item = &define->cases[i];
		uint32_t here = lower_case(plan, define, i), excepted = FALSE_EXPR;

		for (uint32_t j = 0; j < item->nexcept; j++) {
			uint32_t except;

			plan->tight++;
			except = lower(plan, item->except[j].when, NOWHERE, false);
			plan->tight--;
			if (wanted(&item->except[j], context))
				any = expr_or(plan, any, expr_and(plan, here, except));
			excepted = expr_or(plan, excepted, except);
		}
		if (wanted(item, context))
			any = expr_or(plan, any, expr_and(plan, here, expr_not(plan, excepted)));
	}
	return any;
}

static bool is_value(const struct define_case *item, const void *context)
{
	return item->value == *(const uint32_t *)context;
}

static bool is_day(const struct define_case *item, const void *context)
{
	return item->day == *(const day_t *)context;
}

uint32_t lower_define(struct plan *plan, const struct define *define, uint32_t value)
{
	return define_where(plan, define, &value, is_value);
}

static uint32_t define_in(struct plan *plan, const struct cond *cond, bool negative)
{
	uint32_t any = FALSE_EXPR;

	for (uint32_t value = 0; value < cond->define->codes->count; value++)
		if (cond->set.has[value] != negative)
			any = expr_or(plan, any, lower_define(plan, cond->define, value));
	return any;
}

/* Dates ------------------------------------------------------------------------------------------- */

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

	return untold(plan, parameter,
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
	uint32_t count = alternatives(plan, operand->parameter, &list), any = FALSE_EXPR;

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
	count = alternatives(plan, by->parameter, &list);
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

static uint32_t compare_operand(struct plan *plan, uint32_t point, enum relation relation,
				const struct operand *operand, uint32_t self, struct offset offset,
				uint32_t when_none)
{
	uint32_t any = FALSE_EXPR;

	switch (operand->kind) {
	case OPERAND_PLACE:
		return compare(plan, point, relation, plan_place_of(plan, &operand->place, self), 0, offset);
	case OPERAND_CONSTANT:
		return compare(plan, point, relation, NOWHERE, operand->constant.number, offset);
	case OPERAND_PARAMETER:
		return compare_parameter(plan, point, relation, operand, offset, when_none);
	case OPERAND_DEFINE:
		for (uint32_t i = 0; i < operand->define->ncases; i++) {
			const struct define_case *item = &operand->define->cases[i];
			uint32_t here = define_where(plan, operand->define, &item->day, is_day);

			any = expr_or(plan, any,
				      expr_and(plan, here,
					       compare(plan, point, relation, NOWHERE, item->day, offset)));
			for (uint32_t j = 0; j < item->nexcept; j++) {
				const day_t *day = &item->except[j].day;

				here = define_where(plan, operand->define, day, is_day);
				any = expr_or(plan, any,
					      expr_and(plan, here, compare(plan, point, relation, NOWHERE,
									   *day, offset)));
			}
		}
		return any;
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

static uint32_t lower_order(struct plan *plan, const struct cond *cond, uint32_t self, bool negative)
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

static uint32_t slot_of(struct plan *plan, const struct place *place, uint32_t self)
{
	return place->base == BASE_SELF && !place->nsteps ? self : plan_place_slot(plan, place);
}

static uint32_t lower_window(struct plan *plan, const struct cond *cond, uint32_t self, bool negative)
{
	uint32_t point = lower_point(plan, cond->a, self);
	uint32_t slot = slot_of(plan, &cond->b->place, self);
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

static uint32_t lower_phase(struct plan *plan, const struct cond *cond, uint32_t self, bool negative)
{
	uint32_t slot = slot_of(plan, &cond->a->place, self), today = plan_today(plan);
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

/* Some and no ------------------------------------------------------------------------------------- */

struct pair {
	uint32_t shared;	/* what does not speak of the row */
	uint32_t row;
};

struct pairs {
	struct pair *list;
	uint32_t count;
};

static struct pairs one_pair(struct plan *plan, uint32_t shared, uint32_t row)
{
	struct pairs pairs = { ARENA_NEW(plan->arena, struct pair), 1 };

	pairs.list[0] = (struct pair){ shared, row };
	return pairs;
}

/* Pairs with the same shared part become one. */
static struct pairs merge_pairs(struct plan *plan, struct pairs pairs)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < pairs.count; i++) {
		uint32_t same = 0;

		if (pairs.list[i].shared == FALSE_EXPR || pairs.list[i].row == FALSE_EXPR)
			continue;
		while (same < kept && pairs.list[same].shared != pairs.list[i].shared)
			same++;
		if (same < kept)
			pairs.list[same].row = expr_or(plan, pairs.list[same].row, pairs.list[i].row);
		else
			pairs.list[kept++] = pairs.list[i];
	}
	pairs.count = kept;
	return pairs;
}

/*
 * A condition on a row that also speaks of other things is an `or` of pairs; since those other things are the
 * same for every row, some row fulfils it exactly when for some pair the shared part holds and some row
 * fulfils the row's part.
 */
static struct pairs split(struct plan *plan, uint32_t number)
{
	struct pairs result = { 0 };
	struct expr expr;

	if (number <= TRUE_EXPR)	/* there may be no expression at all */
		return one_pair(plan, number, TRUE_EXPR);
	expr = plan->exprs[number];
	if (expr.hangs == HANGS_ON_NOTHING)
		return one_pair(plan, number, TRUE_EXPR);
	if (!expr.mixed)
		return one_pair(plan, TRUE_EXPR, number);
	if (expr.kind == EXPR_OR) {
		for (uint32_t i = 0; i < expr.count; i++) {
			struct pairs part = split(plan, expr.list[i]), both;

			both.count = result.count + part.count;
			both.list = ARENA_ARRAY(plan->arena, both.count, struct pair);
			if (result.count)
				memcpy(both.list, result.list, result.count * sizeof *both.list);
			memcpy(both.list + result.count, part.list, part.count * sizeof *both.list);
			result = both;
		}
		return merge_pairs(plan, result);
	}
	result = one_pair(plan, TRUE_EXPR, TRUE_EXPR);
	for (uint32_t i = 0; i < expr.count; i++) {
		struct pairs part = split(plan, expr.list[i]), both = { 0 };

		both.list = ARENA_ARRAY(plan->arena, (size_t)result.count * part.count, struct pair);
		for (uint32_t j = 0; j < result.count; j++)
			for (uint32_t k = 0; k < part.count; k++)
				both.list[both.count++] = (struct pair){
					expr_and(plan, result.list[j].shared, part.list[k].shared),
					expr_and(plan, result.list[j].row, part.list[k].row),
				};
		result = merge_pairs(plan, both);
	}
	return result;
}

static bool speaks_of_pivot(const struct plan *plan, uint32_t number)
{
	const struct expr *expr = &plan->exprs[number];

	if (number <= TRUE_EXPR)
		return false;
	if (expr->kind == EXPR_ATOM)
		return plan->features[expr->feature].pivot;
	for (uint32_t i = 0; i < expr->count; i++)
		if (speaks_of_pivot(plan, expr->list[i]))
			return true;
	return false;
}

static uint32_t lower_where(struct plan *plan, const struct link *link)
{
	uint32_t scan = plan_scan(plan, link);

	if (link->where && plan->scans[scan].where == TRUE_EXPR) {
		uint32_t where = lower(plan, link->where, NOWHERE, false);

		plan->scans[scan].where = where;
		if (plan->settled && !plan->scans[scan].pivot && link->kind != LINK_EACH &&
		    speaks_of_pivot(plan, where))
			diag_add(plan->model->diags, DIAG_LINK_USE, link->span,
				 "which rows `%.*s` has cannot hang on the `each` link", TEXT_ARG(link->name));
	}
	return scan;
}

static uint32_t lower_some(struct plan *plan, const struct cond *cond, bool negative)
{
	uint32_t scan = lower_where(plan, cond->link);
	struct pairs pairs = split(plan, lower(plan, cond->list[0], NOWHERE, false));
	uint32_t result = negative ? TRUE_EXPR : FALSE_EXPR;

	for (uint32_t i = 0; i < pairs.count; i++) {
		uint32_t some = expr_test(plan, feature_some(plan, scan, pairs.list[i].row), !negative);

		if (negative)
			result = expr_and(plan, result,
					  expr_or(plan, expr_not(plan, pairs.list[i].shared), some));
		else
			result = expr_or(plan, result, expr_and(plan, pairs.list[i].shared, some));
	}
	return result;
}

/* Conditions -------------------------------------------------------------------------------------- */

static uint32_t lower_absent(struct plan *plan, const struct cond *cond, uint32_t self, bool negative)
{
	const struct place *place = &cond->a->place;
	uint32_t value, feature;
	bool *when;

	if (place->base == BASE_LINK && !place->nsteps) {
		feature = feature_present_slot(plan, slot_of(plan, place, self));
		return expr_test(plan, feature, negative);
	}
	value = plan_place_of(plan, place, self);
	if (plan->values[value].type.kind != KIND_CODE)
		return expr_test(plan, feature_present(plan, value), negative);
	feature = feature_code(plan, value);
	if (feature == NOWHERE)
		return TRUE_EXPR;
	if (!plan->features[feature].none)
		return negative ? TRUE_EXPR : FALSE_EXPR;
	when = ARENA_ARRAY(plan->arena, plan->features[feature].size, bool);
	for (uint32_t i = 0; i < plan->features[feature].size; i++)
		when[i] = (i == plan->features[feature].size - 1) != negative;
	return expr_atom(plan, feature, when, when);
}

static uint32_t lower_pair(struct plan *plan, const struct cond *cond, uint32_t self, bool negative,
			   enum feature_kind kind)
{
	uint32_t a = plan_place_of(plan, &cond->a->place, self);
	uint32_t b = plan_place_of(plan, &cond->b->place, self);

	/* The rows of a link are looked at through its `where`. */
	if (cond->a->place.rows)
		lower_where(plan, cond->a->place.link);
	if (cond->b->place.rows)
		lower_where(plan, cond->b->place.link);
	return expr_test(plan, feature_pair(plan, kind, a, b), !negative);
}

static uint32_t set_value(struct plan *plan, const struct operand *operand, uint32_t self)
{
	if (operand->place.rows)
		lower_where(plan, operand->place.link);
	return plan_place_of(plan, &operand->place, self);
}

static uint32_t lower_list(struct plan *plan, const struct cond *cond, uint32_t self, bool negative)
{
	uint32_t *list = ARENA_ARRAY(plan->arena, cond->count, uint32_t);

	for (uint32_t i = 0; i < cond->count; i++)
		list[i] = lower(plan, cond->list[i], self, negative);
	if ((cond->kind == COND_AND) != negative)
		return expr_and_list(plan, list, cond->count);
	return expr_or_list(plan, list, cond->count);
}

/* The pivot's own condition on its rows is a fact about every candidate. */
static void note_pivot(struct plan *plan)
{
	if (plan->question && plan->question->pivot && plan->pivot != NOWHERE)
		lower_where(plan, plan->question->pivot);
}

/* With options left open, which is taken is one more thing to be asked. */
static uint32_t lower_option(struct plan *plan, const struct cond *cond, bool negative)
{
	bool *when = ARENA_ARRAY(plan->arena, cond->reading->noptions, bool);

	for (uint32_t i = 0; i < cond->reading->noptions; i++)
		when[i] = (i == cond->option) != negative;
	return expr_atom(plan, feature_reading(plan, cond->reading), when, when);
}

static uint32_t lower(struct plan *plan, const struct cond *cond, uint32_t self, bool negative)
{
	negative ^= cond->negative;
	switch (cond->kind) {
	case COND_TRUE:
		return negative ? FALSE_EXPR : TRUE_EXPR;
	case COND_AND:
	case COND_OR:
		return lower_list(plan, cond, self, negative);
	case COND_NOT:
		return lower(plan, cond->list[0], self, !negative);
	case COND_NAMED:
		return lower(plan, cond->named->cond, self, negative);
	case COND_JUDGEMENT:
		return expr_test(plan, feature_finding(plan, cond->judgement), !negative);
	case COND_READS:
		if (plan->open)
			return lower_option(plan, cond, negative);
		return (plan->readings[cond->reading->index] == cond->option) != negative ? TRUE_EXPR
											  : FALSE_EXPR;
	case COND_SOME:
		return lower_some(plan, cond, negative);
	case COND_IN:
		return code_in(plan, &cond->a->place, self, cond->set.has, negative);
	case COND_DEFINE_IN:
		return define_in(plan, cond, negative);
	case COND_LOOKUP_IN:
		return lookup_in(plan, cond, self, negative);
	case COND_PARAMETER:
		return parameter_in(plan, cond, negative);
	case COND_IN_PARAMETER:
		return in_parameter(plan, cond, self, negative);
	case COND_NONE:
		return lower_absent(plan, cond, self, negative);
	case COND_EXISTS:
		return lower_absent(plan, cond, self, !negative);
	case COND_OPEN:
		return expr_test(plan, feature_open(plan, plan_place_of(plan, &cond->a->place, self)),
				 !negative);
	case COND_EQUAL:
		return lower_pair(plan, cond, self, negative, FEATURE_EQUAL);
	case COND_MEMBER:
		return lower_pair(plan, cond, self, negative, FEATURE_MEMBER);
	case COND_OVERLAPS:
		return lower_pair(plan, cond, self, negative, FEATURE_OVERLAPS);
	case COND_INSIDE:
		return lower_pair(plan, cond, self, negative, FEATURE_INSIDE);
	case COND_HITS:
		return hits(plan, set_value(plan, cond->a, self), cond->set.codes, cond->set.has, negative);
	case COND_COVERED:
		return covered(plan, set_value(plan, cond->a, self), cond->set.codes, cond->set.has, negative);
	case COND_HITS_PARAMETER:
		set_value(plan, cond->a, self);
		return hits_parameter(plan, cond, self, negative);
	case COND_PHASE:
		return lower_phase(plan, cond, self, negative);
	case COND_ORDER:
		return lower_order(plan, cond, self, negative);
	case COND_WINDOW:
		return lower_window(plan, cond, self, negative);
	}
	return FALSE_EXPR;
}

uint32_t lower_cond(struct plan *plan, const struct cond *cond, uint32_t self)
{
	uint32_t expr = lower(plan, cond, self, false);

	note_pivot(plan);
	return expr;
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
		     struct offset offset, struct lowered_due *due)
{
	struct lowered_date date = { guard, NOWHERE, 0, offset.count, offset.unit };
	struct alternative *list;
	uint32_t count;

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
		count = alternatives(plan, operand->parameter, &list);
		for (uint32_t i = 0; i < count; i++) {
			date.guard = expr_and(plan, guard, list[i].guard);
			date.day = list[i].value->number;
			if (list[i].value->kind == CONST_DATE)
				add_date(plan, due, part, date);
		}
		break;
	case OPERAND_DEFINE:
		for (uint32_t i = 0; i < operand->define->ncases; i++) {
			date.day = operand->define->cases[i].day;
			date.guard = expr_and(plan, guard,
					      define_where(plan, operand->define, &date.day, is_day));
			add_date(plan, due, part, date);
			for (uint32_t j = 0; j < operand->define->cases[i].nexcept; j++) {
				date.day = operand->define->cases[i].except[j].day;
				date.guard = expr_and(plan, guard,
						      define_where(plan, operand->define, &date.day, is_day));
				add_date(plan, due, part, date);
			}
		}
		break;
	case OPERAND_SHIFT:
		if (operand->parts[1]->kind == OPERAND_CONSTANT) {
			offset.count = operand->sign * operand->parts[1]->constant.number;
			offset.unit = operand->parts[1]->constant.unit;
			due_part(plan, operand->parts[0], part, guard, offset, due);
			break;
		}
		count = alternatives(plan, operand->parts[1]->parameter, &list);
		for (uint32_t i = 0; i < count; i++) {
			offset.count = operand->sign * list[i].value->number;
			offset.unit = list[i].value->unit;
			if (list[i].value->kind == CONST_DURATION)
				due_part(plan, operand->parts[0], part,
					 expr_and(plan, guard, list[i].guard), offset, due);
		}
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
