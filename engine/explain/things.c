/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Things: what features look at, as a reader knows it: a field of a request, a field of a record that a link found.
 * Its name is the author's path; its label goes the same way in words. What was seen there comes from the binder.
 */
#include "engine/explain/explain.h"

#include <stdio.h>

static const char *const todays[] = { "Kysytty päivä", "Dagen som frågan gäller", "The day asked about" };
static const char *const yesno[][3] = { { "ei", "nej", "no" }, { "kyllä", "ja", "yes" } };

/* Labels ------------------------------------------------------------------------------------------ */

static const char *join_labels(struct explain *explain, const char *outer, const char *inner)
{
	return text_format(explain->arena, "%s › %s", outer, inner).at;
}

static const char *field_label(struct explain *explain, uint32_t record, uint32_t field)
{
	const struct image_field *about = record_field(explain->image, record, field);

	return explain_label(explain, &about->label, about->name);
}

const char *explain_slot_label(struct explain *explain, uint32_t number)
{
	const struct image_slot *slot = &explain->bind->view->slots[number];

	if (explain->slot_labels[number])
		return explain->slot_labels[number];
	switch ((enum image_slot_kind)slot->kind) {
	case IMAGE_SLOT_REQUEST: {
		const struct image_input *input = &explain->image->inputs[explain->question->question->inputs.first + slot->from];

		explain->slot_labels[number] = explain_label(explain, &input->label, input->name);
		break;
	}
	case IMAGE_SLOT_REF:
		explain->slot_labels[number] = explain_value_label(explain, slot->from);
		break;
	case IMAGE_SLOT_LINK:
	case IMAGE_SLOT_ROW:
	case IMAGE_SLOT_FINDING:
		explain->slot_labels[number] = explain_label(explain, &slot->asks, slot->name);
		break;
	}
	return explain->slot_labels[number];
}

const char *explain_value_label(struct explain *explain, uint32_t number)
{
	const struct plan_view *view = explain->bind->view;
	const struct image_value *value = &view->values[number];
	const char *label = "";

	if (explain->value_labels[number])
		return explain->value_labels[number];
	switch ((enum image_value_kind)value->kind) {
	case IMAGE_VALUE_TODAY:
		label = todays[explain->language];
		break;
	case IMAGE_VALUE_REQUEST: {
		const struct image_input *input = &explain->image->inputs[explain->question->question->inputs.first + value->of];

		label = explain_label(explain, &input->label, input->name);
		break;
	}
	case IMAGE_VALUE_FIELD:
		label = join_labels(explain, explain_slot_label(explain, value->of),
				    field_label(explain, view->slots[value->of].record, value->field));
		break;
	case IMAGE_VALUE_ROWS:
		label = join_labels(explain, explain_slot_label(explain, view->scans[value->of].row),
				    field_label(explain, view->scans[value->of].record, value->field));
		break;
	}
	explain->value_labels[number] = label;
	return label;
}

const char *explain_parameter_label(const struct explain *explain, const char *name)
{
	for (uint32_t i = 0; i < explain->image->n_effects; i++) {
		const struct image_effect *effect = &explain->image->effects[i];

		if (strcmp(explain_string(explain, effect->name), name) == 0)
			return explain_label(explain, &effect->label, effect->name);
	}
	return name;
}

const char *explain_none(const struct explain *explain)
{
	static const char *const words[] = { "ei ole", "finns inte", "none" };

	return words[explain->language];
}

/* Values ------------------------------------------------------------------------------------------ */

struct rko_why_value explain_code(struct explain *explain, uint32_t set, uint32_t number)
{
	const struct image *image = explain->image;
	const struct image_code *code = &image->codes[image->codesets[set].codes.first + number];
	bool labelled = code->label.in[0] || code->label.in[1] || code->label.in[2];

	return (struct rko_why_value){
		.code = explain_string(explain, code->name),
		.label = set == 0 && number < 2 && !labelled ? yesno[number][explain->language]
							     : explain_label(explain, &code->label, code->name),
	};
}

const char *explain_day(struct explain *explain, day_t day)
{
	char text[EXPLAIN_DAY];

	explain_print_day(explain->language, day, text);
	return text_copy(explain->arena, text_from(text)).at;
}

struct rko_why_value explain_day_value(struct explain *explain, day_t day)
{
	char text[DAY_TEXT];

	day_print(day, text);
	return (struct rko_why_value){ text_copy(explain->arena, text_from(text)).at, explain_day(explain, day) };
}

/* What a string of the store, or one that only the request knows, is called. */
static const char *id_name(struct explain *explain, int32_t fact)
{
	struct bind *bind = explain->bind;
	struct text name = { "", 0 };

	if (fact >= BIND_NEW_ID)
		name = (uint32_t)(fact - BIND_NEW_ID) < bind->nnew_ids ? bind->new_ids[fact - BIND_NEW_ID] : TEXT("");
	else if (store_name(bind->reader, (uint32_t)fact, &name) != RKO_OK)
		name = TEXT("");
	return text_copy(explain->arena, name).at;
}

static struct rko_why_value word_of(struct explain *explain, const struct value_about *about, int32_t fact)
{
	const char *name;

	if (about->kind == IMAGE_TYPE_CODE)
		return explain_code(explain, about->target, (uint32_t)fact);
	if (about->kind == IMAGE_TYPE_DATE)
		return explain_day_value(explain, fact);
	name = id_name(explain, fact);
	return (struct rko_why_value){ name, name };
}

static void see_set(struct explain *explain, uint32_t number, const struct value_about *about,
		    struct rko_why_thing *out)
{
	const struct bound_value *set = bind_set(explain->bind, number);
	const int32_t *elements = explain->bind->elements + explain->bind->view->elements_at[number];
	struct rko_why_value *values;

	if (!set)
		return;
	out->seen = set->fact == FACT_NONE ? RKO_SEEN_NONE
		    : set->open_ended && !set->count ? RKO_SEEN_UNKNOWN : RKO_SEEN_VALUE;
	values = ARENA_ARRAY(explain->arena, set->count + 1, struct rko_why_value);
	for (uint32_t i = 0; i < set->count; i++) {
		bool twice = false;

		for (uint32_t j = 0; j < i; j++)
			twice |= elements[j] == elements[i];
		if (!twice)
			values[out->nvalues++] = word_of(explain, about, elements[i]);
	}
	out->values = values;
}

static void see(struct explain *explain, uint32_t number, struct rko_why_thing *out)
{
	struct value_about about = value_about(explain->bind->view, explain->image, number);
	struct rko_why_value *value;
	int32_t fact;

	out->seen = RKO_SEEN_UNEXAMINED;
	out->day = RKO_DAY_OPEN;
	if (explain->frozen && explain->bind->view->values[number].kind != IMAGE_VALUE_TODAY)
		return;
	if (about.flags & IMAGE_FIELD_SET) {
		see_set(explain, number, &about, out);
		return;
	}
	fact = bind_fact(explain->bind, number);
	if (explain->bind->status != RKO_OK)
		return;
	out->seen = fact == FACT_NONE ? RKO_SEEN_NONE : fact == FACT_OPEN ? RKO_SEEN_OPEN
		    : fact == FACT_UNKNOWN ? RKO_SEEN_UNKNOWN : RKO_SEEN_VALUE;
	if (out->seen != RKO_SEEN_VALUE)
		return;
	value = ARENA_NEW(explain->arena, struct rko_why_value);
	*value = word_of(explain, &about, fact);
	out->values = value;
	out->nvalues = 1;
	if (about.kind == IMAGE_TYPE_DATE)
		out->day = fact;
}

struct rko_why_thing explain_nothing(void)
{
	return (struct rko_why_thing){ .name = "", .label = "", .seen = RKO_SEEN_NONE, .day = RKO_DAY_OPEN };
}

struct rko_why_thing explain_value(struct explain *explain, uint32_t number)
{
	struct rko_why_thing out = explain_nothing();

	out.name = explain_string(explain, explain->bind->view->values[number].name);
	out.label = explain_value_label(explain, number);
	see(explain, number, &out);
	return out;
}

struct rko_why_thing explain_slot(struct explain *explain, uint32_t number)
{
	struct rko_why_thing out = explain_nothing();
	const struct bound_slot *slot;

	out.name = explain_string(explain, explain->bind->view->slots[number].name);
	out.label = explain_slot_label(explain, number);
	out.seen = RKO_SEEN_UNEXAMINED;
	if (explain->frozen)
		return out;
	slot = bind_slot(explain->bind, number);
	if (slot)
		out.seen = slot->state == SLOT_PRESENT ? RKO_SEEN_VALUE
			   : slot->state == SLOT_ABSENT ? RKO_SEEN_NONE : RKO_SEEN_UNKNOWN;
	return out;
}
