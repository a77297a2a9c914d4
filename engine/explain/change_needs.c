/* SPDX-License-Identifier: EUPL-1.2 */
/* What is asked of one value, as it is shown: the field, what is recorded now, and what it would have to be. */
#include "engine/explain/change_needs.h"

static const char *fact_text(struct telling *telling, const struct value_about *about, int32_t fact, bool label)
{
	struct explain *explain = telling_explain(telling);
	char day[DAY_TEXT];
	struct text name;

	if (fact == FACT_NONE)
		return "none";
	if (fact == FACT_OPEN)
		return "open";
	if (fact == FACT_UNKNOWN)
		return "";
	if (about->kind == IMAGE_TYPE_CODE) {
		const struct image_code *code = image_code_at(explain->image, about->target, (uint32_t)fact);

		return label ? explain_label(explain, &code->label, code->name) : explain_string(explain, code->name);
	}
	if (about->kind == IMAGE_TYPE_DATE) {
		day_print(fact, day);
		return text_copy(explain->arena, text_from(day)).at;
	}
	if (fact >= BIND_NEW_ID || store_name(explain->bind->reader, (uint32_t)fact, &name) != RKO_OK)
		return "";
	return text_copy(explain->arena, name).at;
}

static const char *seen_text(struct telling *telling, uint32_t value, bool label)
{
	struct change *change = telling->change;
	struct value_about about = value_about(change->view, telling_explain(telling)->image, value);
	struct text words = { "", 0 };
	const struct bound_value *set;

	if (!(about.flags & IMAGE_FIELD_SET))
		return fact_text(telling, &about, bind_fact(change->bind, value), label);
	set = bind_set(change->bind, value);
	for (uint32_t i = 0; set && i < set->count; i++)
		words = text_format(telling_explain(telling)->arena, "%.*s%s%s", TEXT_ARG(words), i ? ", " : "",
				    fact_text(telling, &about, change->bind->elements[change->view->elements_at[value] + i],
					      label));
	return text_copy(telling_explain(telling)->arena, words).at;
}

/* False when they are all that there are. */
static bool need_values(struct telling *telling, const struct wish *wish, struct rko_why_need *need)
{
	struct explain *explain = telling_explain(telling);
	struct value_about about = value_about(telling->change->view, explain->image, wish->value);
	const struct image_feature *bits = wish->compared && wish->feature != IMAGE_NONE
						   ? &telling->change->view->features[wish->feature] : NULL;
	uint32_t count = explain->image->codesets[about.target].codes.count;
	const char **values = ARENA_ARRAY(explain->arena, count + 1, const char *);
	const char **labels = ARENA_ARRAY(explain->arena, count + 1, const char *);

	for (uint32_t i = 0; i < count; i++) {
		const struct image_code *code = image_code_at(explain->image, about.target, i);

		if (bits ? !(explain->image->bits[bits->bits.first + i / 32] >> i % 32 & 1)
			 : i >= sizeof wish->allowed || !wish->allowed[i])
			continue;
		values[need->nvalues] = explain_string(explain, code->name);
		labels[need->nvalues++] = explain_label(explain, &code->label, code->name);
	}
	need->values = values;
	need->value_labels = labels;
	return need->nvalues < count;
}

static const char *value_name(struct telling *telling, uint32_t value)
{
	return explain_string(telling_explain(telling), telling->change->view->values[value].name);
}

static const char *value_label(struct telling *telling, uint32_t value)
{
	struct explain *explain = telling_explain(telling);
	const struct image_value *about = &telling->change->view->values[value];
	const struct image_field *field;

	if (about->kind == IMAGE_VALUE_REQUEST || about->kind == IMAGE_VALUE_TODAY)
		return explain_value_label(explain, value);
	field = record_field(explain->image, value_record(telling->change->view, about), about->field);
	return explain_label(explain, &field->label, field->name);
}

/* Needs ------------------------------------------------------------------------------------------- */

static struct rko_why_need no_need(void)
{
	return (struct rko_why_need){ .field = "", .label = "", .seen = "", .seen_label = "", .other = "", .other_label = "",
				      .other_row = RKO_NOTHING, .other_field = "" };
}

/* Whose field it is, and what is recorded there now. */
static struct rko_why_need need_begin(struct telling *telling, const struct wish *wish)
{
	struct explain *explain = telling_explain(telling);
	enum rko_change_kind kind = telling_fact(telling)->kind;
	struct rko_why_need need = no_need();

	need.field = value_name(telling, wish->value);
	need.label = value_label(telling, wish->value);
	step_rows_need(&telling->rows, wish->value, wish->compared ? wish->other : IMAGE_NONE, &need);
	if (kind == RKO_CHANGE_FIELD) {
		const struct image_field *field = record_field(explain->image, wish->record, wish->field);

		need.field = explain_string(explain, field->name);
		need.label = explain_label(explain, &field->label, field->name);
		step_rows_field(&telling->rows, wish->field, &need);
	}
	if (kind == RKO_CHANGE_FIELD || kind == RKO_CHANGE_REQUEST) {
		need.seen = seen_text(telling, wish->value, false);
		need.seen_label = seen_text(telling, wish->value, true);
	}
	return need;
}

static void need_compared(struct telling *telling, const struct wish *wish, struct rko_why_need *need)
{
	need->kind = wish->comparison;
	if (wish->other != IMAGE_NONE) {
		need->other = value_name(telling, wish->other);
		need->other_label = explain_value_label(telling_explain(telling), wish->other);
	}
	if (wish->comparison == RKO_NEED_EACH)
		step_rows_each(&telling->rows, &telling->change->view->features[wish->feature], need);
	else if (wish->feature != IMAGE_NONE)
		need_values(telling, wish, need);
}

/* False when any day will do. */
static bool need_days(const struct wish *wish, struct rko_why_need *need)
{
	if (wish->from == DAY_MIN && wish->to == DAY_MAX) {
		need->kind = RKO_NEED_SOME;
		return !wish->may_open;
	}
	need->kind = RKO_NEED_DAYS;
	need->from = wish->from;
	need->to = wish->to == DAY_MAX ? RKO_DAY_OPEN : wish->to;
	return true;
}

bool need_of(struct telling *telling, const struct wish *wish, struct rko_why_need *ret_need)
{
	struct rko_why_need need = need_begin(telling, wish);

	if (wish->compared) {
		need_compared(telling, wish, &need);
	} else if (wish->must_none) {
		need.kind = RKO_NEED_NONE;
	} else if (wish->codes) {
		need.kind = RKO_NEED_ONE_OF;
		if (!need_values(telling, wish, &need) && telling_fact(telling)->kind == RKO_CHANGE_RECORD)
			return false;	/* any will do */
	} else if (wish->must_open || (wish->days && wish->from > wish->to)) {
		need.kind = RKO_NEED_OPEN;
	} else if (wish->days) {
		if (!need_days(wish, &need))
			return false;
	} else if (wish->must_some) {
		need.kind = RKO_NEED_SOME;
	} else {
		return false;
	}
	*ret_need = need;
	return true;
}

size_t needs_judged(struct telling *telling, struct rko_why_need *needs)
{
	struct explain *explain = telling_explain(telling);
	const struct image_code *code = image_code_at(explain->image, 0, telling->found);
	const char **values = ARENA_ARRAY(explain->arena, 2, const char *);
	uint32_t nkey = explain->image->records[telling_fact(telling)->record].nkey;

	values[0] = explain_string(explain, code->name);
	values[1] = explain_label(explain, &code->label, code->name);
	for (uint32_t i = 0; i < 3; i++) {
		needs[i] = no_need();
		needs[i].kind = RKO_NEED_DAYS;
		needs[i].from = DAY_MIN;
		needs[i].to = RKO_DAY_OPEN;
		step_rows_field(&telling->rows, nkey + i, &needs[i]);
		needs[i].field = needs[i].stored[0];
	}
	needs[0].kind = RKO_NEED_ONE_OF;
	needs[0].values = values;
	needs[0].value_labels = values + 1;
	needs[0].nvalues = 1;
	needs[1].to = needs[2].from = telling->change->bind->today;
	return 3;
}
