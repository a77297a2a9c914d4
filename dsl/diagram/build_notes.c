/* SPDX-License-Identifier: EUPL-1.2 */
/* What a rule rests on beside its words: readings, pending cells, values of areas, widenings; each with where. */
#include "dsl/diagram/build_parts.h"

#include "engine/base/arena.h"
#include "engine/base/limits.h"

struct notes {
	struct decision *decision;
	struct built_rule *built;
	size_t cap;
	unsigned depth;
};

/* `what` with one of its members set. */
static void add_note(struct notes *notes, struct note what, uint32_t expr)
{
	struct built_rule *built = notes->built;

	if (expr == FALSE_EXPR)
		return;
	for (uint32_t i = 0; i < built->nnotes; i++) {
		struct note *note = &built->notes[i];

		if (note->reading != what.reading || note->table != what.table || note->setting != what.setting ||
		    note->widening != what.widening)
			continue;
		note->expr = expr_or(&notes->decision->plan, note->expr, expr);
		return;
	}
	built->notes = arena_grow(notes->decision->arena, built->notes, built->nnotes, &notes->cap,
				  sizeof *built->notes);
	what.expr = expr;
	built->notes[built->nnotes++] = what;
}

static void note_cond(struct notes *notes, const struct cond *cond);

/* Where an overlay speaks, on these days. One after the other: see lower_parts.h. */
static uint32_t in_force(struct plan *plan, const struct layer *layer, struct force force)
{
	uint32_t days = lower_force(plan, force);

	return expr_and(plan, lower_scope(plan, layer), days);
}

static void note_parameter(struct notes *notes, const struct parameter *parameter)
{
	struct plan *plan = &notes->decision->plan;

	for (uint32_t i = 0; i < parameter->nsettings; i++) {
		const struct setting *setting = &parameter->settings[i];

		if (setting->rests)
			add_note(notes, (struct note){ .reading = setting->rests }, lower_scope(plan, setting->layer));
		if (setting->layer->set)
			add_note(notes, (struct note){ .parameter = parameter, .setting = setting },
				 in_force(plan, setting->layer, setting->force));
	}
}

/* That an operand of a lookup is the code; true where it is written as that code, false as another. */
static uint32_t is_code(struct plan *plan, struct operand *operand, struct codeset *codes, uint32_t code)
{
	struct cond test = { .kind = COND_IN, .a = operand };

	if (operand->kind == OPERAND_CONSTANT)
		return operand->constant.code == code ? TRUE_EXPR : FALSE_EXPR;
	test.set.has = ARENA_ARRAY(plan->arena, codes->count, bool);
	test.set.has[code] = true;
	test.set.codes = codes;
	return lower_cond(plan, &test, NOWHERE);
}

static void note_lookup(struct notes *notes, const struct operand *operand)
{
	struct plan *plan = &notes->decision->plan;
	const struct table *table = operand->table;

	if (table->rests)
		add_note(notes, (struct note){ .reading = table->rests }, TRUE_EXPR);
	for (uint32_t r = 0; r < table->rows->count && table->npending; r++) {
		for (uint32_t c = 0; c < table->columns->count; c++) {
			uint32_t parts[2];

			if (table->has[r * table->columns->count + c])
				continue;
			parts[0] = is_code(plan, operand->parts[0], table->rows, r);
			parts[1] = is_code(plan, operand->parts[1], table->columns, c);
			add_note(notes, (struct note){ .table = table }, expr_and_list(plan, parts, 2));
		}
	}
}

static void note_operand(struct notes *notes, const struct operand *operand)
{
	if (!operand)
		return;
	if (operand->kind == OPERAND_PARAMETER)
		note_parameter(notes, operand->parameter);
	if (operand->kind == OPERAND_DEFINE)
		for (uint32_t i = 0; i < operand->define->ncases; i++)
			if (operand->define->cases[i].when)
				note_cond(notes, operand->define->cases[i].when);
	if (operand->kind == OPERAND_LOOKUP)
		note_lookup(notes, operand);
	for (int i = 0; i < 2; i++)
		note_operand(notes, operand->parts[i]);
	for (uint32_t i = 0; i < operand->count; i++)
		note_operand(notes, operand->list[i]);
}

/* Every reading and pending table that a condition touches, with where it does. */
static void note_cond(struct notes *notes, const struct cond *cond)
{
	if (!cond || ++notes->depth > LIMIT_NESTING)
		return;
	if (cond->kind == COND_READS)
		add_note(notes, (struct note){ .reading = cond->reading }, TRUE_EXPR);
	if (cond->kind == COND_NAMED)
		note_cond(notes, cond->named->cond);
	if (cond->parameter)
		note_parameter(notes, cond->parameter);
	if (cond->kind == COND_DEFINE_IN) {
		for (uint32_t i = 0; i < cond->define->ncases; i++) {
			note_cond(notes, cond->define->cases[i].when);
			for (uint32_t j = 0; j < cond->define->cases[i].nexcept; j++)
				note_cond(notes, cond->define->cases[i].except[j].when);
		}
	}
	if (cond->window)
		for (int i = 0; i < 2; i++)
			note_operand(notes, cond->window->bounds[i]);
	if (cond->link && cond->link->where)
		note_cond(notes, cond->link->where);
	note_operand(notes, cond->a);
	note_operand(notes, cond->b);
	for (uint32_t i = 0; i < cond->count; i++)
		note_cond(notes, cond->list[i]);
	notes->depth--;
}

static void note_widenings(struct notes *notes)
{
	const struct question *question = notes->decision->question;
	struct plan *plan = &notes->decision->plan;

	for (uint32_t i = 0; i < question->nwidenings; i++) {
		const struct widening *widening = question->widenings[i];

		if (widening->rule == notes->built->rule)
			add_note(notes, (struct note){ .widening = widening },
				 in_force(plan, widening->layer, widening->force));
	}
}

void build_notes(struct decision *decision, struct built_rule *built)
{
	struct notes notes = { .decision = decision, .built = built };
	const struct rule *rule = built->rule;

	built->notes = NULL;
	built->nnotes = 0;
	note_cond(&notes, rule->when);
	if (rule->rests)
		add_note(&notes, (struct note){ .reading = rule->rests }, TRUE_EXPR);
	note_widenings(&notes);
}

void build_due_notes(struct decision *decision, struct built_rule *built)
{
	struct notes notes = { .decision = decision, .built = built, .cap = built->nnotes };

	note_operand(&notes, built->rule->due);
}
