/* SPDX-License-Identifier: EUPL-1.2 */
/* What deciding needs at hand of an image: its plans, what requests of each question can say, its codes by name. */
#include "engine/decide/policy.h"

#include "engine/base/limits.h"

/* Plans -------------------------------------------------------------------------------------------- */

struct value_about value_about(const struct plan_view *view, const struct image *image, uint32_t number)
{
	const struct image_value *value = &view->values[number];
	struct value_about about = { IMAGE_TYPE_DATE, 0, IMAGE_NONE, 0 };
	const struct image_field *field;

	switch (value->kind) {
	case IMAGE_VALUE_REQUEST: {
		const struct image_input *input = &image->inputs[view->question->inputs.first + value->of];

		return (struct value_about){ input->kind, input->flags, input->target,
					     input->bound ? input->bound : LIMIT_SET_ELEMENTS };
	}
	case IMAGE_VALUE_FIELD:
		field = record_field(image, view->slots[value->of].record, value->field);
		return (struct value_about){ field->kind, field->flags, field->target,
					     field->bound ? field->bound : LIMIT_SET_ELEMENTS };
	case IMAGE_VALUE_ROWS:
		field = record_field(image, view->scans[value->of].record, value->field);
		about = (struct value_about){ field->kind, field->flags | IMAGE_FIELD_SET, field->target,
					      view->scans[value->of].bound };
		if (field->flags & IMAGE_FIELD_SET)
			about.bound *= field->bound ? field->bound : LIMIT_SET_ELEMENTS;
		return about;
	}
	return about;
}

static uint8_t lasts(uint32_t row, uint32_t flags)
{
	if (row != IMAGE_NONE)
		return (uint8_t)(LASTS_ROW + row);
	return flags & IMAGE_HANGS_PIVOT ? LASTS_CANDIDATE : LASTS_DECISION;
}

static void view_plan(struct rko_policy *policy, uint32_t number)
{
	const struct image *image = &policy->image;
	const struct image_plan *plan = &image->plans[number];
	struct plan_view *view = &policy->plans[number];
	struct arena *arena = &policy->arena;

	*view = (struct plan_view){
		.plan = plan,
		.question = plan->question == IMAGE_NONE ? NULL : &image->questions[plan->question],
		.slots = image->slots + plan->slots.first,
		.values = image->values + plan->values.first,
		.scans = image->scans + plan->scans.first,
		.features = image->features + plan->features.first,
		.words = image->nodes + plan->nodes.first,
		.nslots = plan->slots.count,
		.nvalues = plan->values.count,
		.nscans = plan->scans.count,
		.nfeatures = plan->features.count,
		.slot_lasts = ARENA_ARRAY(arena, plan->slots.count + 1, uint8_t),
		.value_lasts = ARENA_ARRAY(arena, plan->values.count + 1, uint8_t),
		.scan_lasts = ARENA_ARRAY(arena, plan->scans.count + 1, uint8_t),
		.feature_lasts = ARENA_ARRAY(arena, plan->features.count + 1, uint8_t),
		.elements_at = ARENA_ARRAY(arena, plan->values.count + 1, uint32_t),
		.rows_at = ARENA_ARRAY(arena, plan->scans.count + 1, uint32_t),
	};
	for (uint32_t i = 0; i < view->nslots; i++)
		view->slot_lasts[i] = lasts(view->slots[i].row, view->slots[i].flags);
	for (uint32_t i = 0; i < view->nfeatures; i++)
		view->feature_lasts[i] = lasts(view->features[i].row, view->features[i].flags);
	for (uint32_t i = 0; i < view->nvalues; i++) {
		struct value_about about = value_about(view, image, i);

		view->value_lasts[i] = lasts(view->values[i].row, view->values[i].flags);
		view->elements_at[i] = view->nelements;
		if (about.flags & IMAGE_FIELD_SET)
			view->nelements += about.bound;
	}
	for (uint32_t i = 0; i < view->nscans; i++) {
		view->scan_lasts[i] = lasts(IMAGE_NONE, view->scans[i].flags);
		view->rows_at[i] = view->nrows;
		view->nrows += view->scans[i].bound;
	}
}

/* Questions ---------------------------------------------------------------------------------------- */

static void add_request_field(struct question_view *view, struct request_field field)
{
	map_set(&view->names, field.name, view->nfields);
	view->fields[view->nfields++] = field;
}

/* Behind the inputs: the fields of records that are given. */
static void view_given(struct question_view *view, const struct image *image, struct arena *arena)
{
	const struct image_question *question = view->question;

	for (uint32_t i = 0; i < question->inputs.count; i++) {
		const struct image_input *input = &image->inputs[question->inputs.first + i];
		const struct image_record *record;

		if (!input->given || view->slot_of[i] == IMAGE_NONE)
			continue;
		record = &image->records[input->target];
		view->record_at[i] = view->nfields;
		for (uint32_t j = 0; j < record->fields.count; j++) {
			const struct image_field *field = &image->fields[record->fields.first + j];

			add_request_field(view, (struct request_field){
				i, j, text_format(arena, "%s.%s", image_string(image, input->name),
						  image_string(image, field->name)),
				field->kind, field->flags, field->target, field->bound });
		}
	}
}

/* A record that is given is said by its fields; one that is found, by its id. What is new need not have its id yet. */
static enum carries carries(const struct image *image, const struct question_view *view, uint32_t number,
			    uint32_t action)
{
	const struct request_field *field = &view->fields[number];
	const struct image_input *input = &image->inputs[view->question->inputs.first + field->input];
	bool given = input->given >> action & 1, found = input->found >> action & 1;
	bool record = view->record_at[field->input] != IMAGE_NONE, carried;

	if (field->field == IMAGE_NONE)
		carried = found || (given && !record);
	else
		carried = given && !(field->flags & IMAGE_FIELD_DERIVED);
	if (!carried)
		return CARRIES_NOT;
	if (field->flags & IMAGE_FIELD_UNKNOWN || (field->field != IMAGE_NONE && field->flags & IMAGE_FIELD_KEY))
		return CARRIES;
	return CARRIES_MUST;
}

static void view_carries(struct question_view *view, const struct image *image, struct arena *arena)
{
	const struct image_question *question = view->question;

	view->carries = ARENA_ARRAY(arena, (size_t)question->actions.count * view->nfields + 1, uint8_t);
	for (uint32_t i = 0; i < question->actions.count; i++)
		for (uint32_t j = 0; j < view->nfields; j++)
			view->carries[i * view->nfields + j] = (uint8_t)carries(image, view, j, i);
}

/* Whether a record is looked up because the request names it, or because a record that it may give refers to it. */
static bool is_named(const struct plan_view *view, const struct image_slot *slot)
{
	const struct image_value *from;

	if (slot->kind != IMAGE_SLOT_REF)
		return slot->kind == IMAGE_SLOT_REQUEST;
	from = &view->values[slot->from];
	return from->kind == IMAGE_VALUE_FIELD && view->slots[from->of].kind == IMAGE_SLOT_REQUEST;
}

static void view_named(struct question_view *view, struct arena *arena)
{
	view->named = ARENA_ARRAY(arena, view->view->nslots + 1, uint32_t);
	for (uint32_t i = 0; i < view->view->nslots; i++)
		if (is_named(view->view, &view->view->slots[i]))
			view->named[view->nnamed++] = i;
}

static void view_duties(struct question_view *view, const struct image *image, struct arena *arena)
{
	const struct image_question *question = view->question;

	view->terminal_duties = ARENA_ARRAY(arena, question->terminals.count + 1, uint64_t);
	for (uint32_t i = 0; i < question->terminals.count; i++) {
		const struct image_terminal *terminal = &image->terminals[question->terminals.first + i];

		for (uint32_t j = 0; j < terminal->duties.count; j++)
			view->terminal_duties[i] |= 1ull << image->duty_lists[terminal->duties.first + j];
	}
}

static void view_question(struct rko_policy *policy, uint32_t number)
{
	const struct image *image = &policy->image;
	const struct image_question *question = &image->questions[number];
	struct question_view *view = &policy->questions[number];
	struct arena *arena = &policy->arena;
	uint32_t room = question->inputs.count;

	view->question = question;
	view->view = &policy->plans[question->plan];
	map_init(&view->names, arena);
	for (uint32_t i = 0; i < question->inputs.count; i++) {
		const struct image_input *input = &image->inputs[question->inputs.first + i];

		if (input->kind == IMAGE_TYPE_REF)
			room += image->records[input->target].fields.count;
	}
	view->fields = ARENA_ARRAY(arena, room + 1, struct request_field);
	view->record_at = ARENA_ARRAY(arena, question->inputs.count + 1, uint32_t);
	view->slot_of = ARENA_ARRAY(arena, question->inputs.count + 1, uint32_t);
	for (uint32_t i = 0; i < question->inputs.count; i++) {
		const struct image_input *input = &image->inputs[question->inputs.first + i];

		view->slot_of[i] = view->record_at[i] = IMAGE_NONE;
		add_request_field(view, (struct request_field){
			i, IMAGE_NONE, text_from(image_string(image, input->name)), input->kind, input->flags,
			input->target, input->bound });
	}
	for (uint32_t i = 0; i < view->view->nslots; i++)
		if (view->view->slots[i].kind == IMAGE_SLOT_REQUEST)
			view->slot_of[view->view->slots[i].from] = i;
	view_given(view, image, arena);
	view_carries(view, image, arena);
	view_named(view, arena);
	view_duties(view, image, arena);
}

/* All of it ---------------------------------------------------------------------------------------- */

static void view_codes(struct rko_policy *policy, uint32_t number)
{
	const struct image *image = &policy->image;
	const struct image_codeset *set = &image->codesets[number];

	map_init(&policy->codes[number], &policy->arena);
	for (uint32_t i = 0; i < set->codes.count; i++)
		map_set(&policy->codes[number],
			text_from(image_string(image, image->codes[set->codes.first + i].name)), i);
}

/* Memory that runs out on the way jumps to whoever called. */
void policy_view(struct rko_policy *policy)
{
	const struct image *image = &policy->image;
	struct arena *arena = &policy->arena;

	policy->plans = ARENA_ARRAY(arena, image->n_plans + 1, struct plan_view);
	policy->questions = ARENA_ARRAY(arena, image->n_questions + 1, struct question_view);
	policy->codes = ARENA_ARRAY(arena, image->n_codesets + 1, struct map);
	for (uint32_t i = 0; i < image->n_plans; i++)
		view_plan(policy, i);
	for (uint32_t i = 0; i < image->n_questions; i++)
		view_question(policy, i);
	for (uint32_t i = 0; i < image->n_codesets; i++)
		view_codes(policy, i);
}
