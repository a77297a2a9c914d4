/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/common/why_json.h"

#include <string.h>

static json_t *day_json(rko_day day)
{
	char text[RKO_DAY_TEXT];

	if (day == RKO_DAY_OPEN)
		return json_null();
	rko_day_text(day, text);
	return json_string(text);
}

static void put(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

/* What is empty is left out. */
static void put_text(json_t *object, const char *key, const char *text)
{
	if (text && *text)
		put(object, key, json_string(text));
}

static json_t *cites_json(const struct rko_cite *cites, size_t count, size_t see)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *cite = json_object();

		put_text(cite, "source", cites[i].source);
		put_text(cite, "id", cites[i].id);
		put_text(cite, "title", cites[i].title);
		put_text(cite, "passage", cites[i].passage);
		put_text(cite, "says", cites[i].says);
		put_text(cite, "original", cites[i].original);
		if (cites[i].pending) {
			put(cite, "in_force", json_null());
		} else {
			json_t *force = json_object();

			put(force, "from", day_json(cites[i].from));
			put(force, "to", day_json(cites[i].to));
			put(cite, "in_force", force);
		}
		if (i >= count - see)
			put(cite, "see_also", json_true());
		json_array_append_new(list, cite);
	}
	return list;
}

static json_t *rule_json(const struct rko_why_rule *rule)
{
	json_t *out = json_object();

	put_text(out, "name", rule->name);
	put_text(out, "verb", rule->verb);
	put_text(out, "says", rule->says);
	put_text(out, "overlay", rule->layer);
	put(out, "cites", cites_json(rule->cites, rule->ncites, rule->nsee));
	put_text(out, "file", rule->file);
	put(out, "line", json_integer(rule->line));
	return out;
}

static json_t *rules_json(const struct rko_why_rule *rules, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, rule_json(&rules[i]));
	return list;
}

static json_t *duties_json(const struct rko_explanation *why)
{
	json_t *list = json_array();

	for (size_t i = 0; i < why->nduties; i++) {
		const struct rko_why_duty *duty = &why->duties[i];
		json_t *out = json_object();

		put_text(out, "name", duty->name);
		put_text(out, "says", duty->says);
		put_text(out, "bearer", duty->bearer);
		if (duty->has_due)
			put(out, "due", day_json(duty->due));
		if (duty->keep)
			put(out, duty->keep_months ? "keep_months" : "keep_days", json_integer(duty->keep));
		if (duty->redaction) {
			json_t *fields = json_array();

			for (size_t j = 0; j < duty->nfields; j++)
				json_array_append_new(fields, json_string(duty->fields[j]));
			put(out, "redacts", fields);
		}
		put(out, "cites", cites_json(duty->cites, duty->ncites, duty->nsee));
		json_array_append_new(list, out);
	}
	return list;
}

static json_t *nearest_json(const struct rko_explanation *why)
{
	json_t *out = rule_json(why->nearest), *list = json_array();

	for (size_t i = 0; i < why->nconditions; i++) {
		const struct rko_why_condition *condition = &why->conditions[i];
		json_t *part = json_object();

		put_text(part, "name", condition->name);
		put_text(part, "text", condition->text);
		put_text(part, "says", condition->says);
		put(part, "holds", condition->holds < 0 ? json_null() : json_boolean(condition->holds));
		json_array_append_new(list, part);
	}
	put(out, "conditions", list);
	put(out, "in_force", json_boolean(why->nearest_in_force));
	put(out, "excepted", json_boolean(why->nearest_excepted));
	return out;
}

static json_t *missing_json(const struct rko_explanation *why)
{
	static const char *const kinds[] = { "judgement", "overlay", "parameter", "record", "field", "request" };
	json_t *list = json_array();

	for (size_t i = 0; i < why->nmissing; i++) {
		json_t *out = json_object();

		put_text(out, "kind", kinds[why->missing[i].kind]);
		put_text(out, "name", why->missing[i].name);
		put_text(out, "label", why->missing[i].label);
		put_text(out, "asks", why->missing[i].asks);
		put_text(out, "bearer", why->missing[i].bearer);
		json_array_append_new(list, out);
	}
	return list;
}

static json_t *reading(const struct rko_why_reading *about)
{
	json_t *out = json_object(), *list = json_array();

	put_text(out, "name", about->name);
	put_text(out, "option", about->option);
	put(out, "confirmed", json_boolean(about->confirmed));
	put(out, "hangs", json_boolean(about->hangs));
	for (size_t i = 0; i < about->notherwise; i++) {
		json_t *then = json_object();

		put_text(then, "option", about->otherwise[i].option);
		put_text(then, "with", about->otherwise[i].with);
		put_text(then, "with_option", about->otherwise[i].with_option);
		put_text(then, "outcome", rko_outcome_word(about->otherwise[i].outcome));
		put_text(then, "rule", about->otherwise[i].rule);
		json_array_append_new(list, then);
	}
	put(out, "otherwise", list);
	return out;
}

/* The ladder -------------------------------------------------------------------------------------- */

static json_t *holds_json(int holds)
{
	return holds < 0 ? json_null() : json_boolean(holds);
}

static json_t *values_json(const struct rko_why_value *values, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_pack("{s:s, s:s}", "code", values[i].code, "label", values[i].label));
	return list;
}

static json_t *thing_json(const struct rko_why_thing *thing)
{
	json_t *out = json_object();

	put_text(out, "name", thing->name);
	put_text(out, "label", thing->label);
	put_text(out, "seen", rko_seen_word(thing->seen));
	if (thing->seen == RKO_SEEN_VALUE)
		put(out, "values", values_json(thing->values, thing->nvalues));
	return out;
}

static json_t *end_json(const struct rko_why_end *end)
{
	json_t *out;

	if (end->day == RKO_DAY_OPEN && !*end->name)
		return json_null();
	out = json_object();
	put(out, "day", day_json(end->day));
	if (*end->name) {
		put(out, "counts_from", json_pack("{s:s, s:s, s:o}", "name", end->name, "label", end->label, "day",
						  day_json(end->anchor)));
		put(out, end->months ? "months" : "days", json_integer(end->count));
	}
	return out;
}

static json_t *tests_json(const struct rko_why_test *tests, size_t count);

/* What would do. */
static json_t *needed_json(const struct rko_why_test *test)
{
	json_t *out = json_object();

	switch (test->test) {
	case RKO_TEST_CODE:
	case RKO_TEST_ACTION:
	case RKO_TEST_READING:
		put(out, test->needed_but ? "any_but" : "one_of", values_json(test->needed, test->nneeded));
		break;
	case RKO_TEST_HAS:
		put(out, "one_of", values_json(test->needed, test->nneeded));
		put(out, "wanted", json_boolean(test->wanted));
		break;
	case RKO_TEST_DATE:
		put(out, "from", end_json(&test->from));
		put(out, "to", end_json(&test->to));
		break;
	case RKO_TEST_EXISTS:
	case RKO_TEST_OPEN:
	case RKO_TEST_SAME:
	case RKO_TEST_MEMBER:
	case RKO_TEST_OVERLAPS:
	case RKO_TEST_INSIDE:
	case RKO_TEST_SOME:
	case RKO_TEST_FINDING:
	case RKO_TEST_UNTOLD:
		put(out, "wanted", json_boolean(test->wanted));
		break;
	}
	if (test->none_will_do)
		put(out, "or_none", json_true());
	return out;
}

static json_t *test_json(const struct rko_why_test *test)
{
	json_t *out = json_object();

	put_text(out, "test", rko_test_word(test->test));
	put(out, "holds", holds_json(test->holds));
	put(out, "about", thing_json(&test->about));
	if (*test->other.name)
		put(out, "other", thing_json(&test->other));
	put(out, "needed", needed_json(test));
	if (test->test == RKO_TEST_SOME) {
		put_text(out, "demands", test->demands);
		put(out, "looked_at", json_integer((json_int_t)test->looked_at));
		put(out, "nearest", tests_json(test->nested, test->nnested));
	}
	return out;
}

static json_t *tests_json(const struct rko_why_test *tests, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, test_json(&tests[i]));
	return list;
}

static json_t *conditions_json(const struct rko_why_condition *conditions, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		const struct rko_why_condition *condition = &conditions[i];
		json_t *out = json_object();

		put_text(out, "name", condition->name);
		put_text(out, "text", condition->text);
		put_text(out, "says", condition->says);
		put(out, "holds", holds_json(condition->holds));
		if (condition->ncites)
			put(out, "cites", cites_json(condition->cites, condition->ncites, condition->nsee));
		if (condition->nparts)
			put(out, "parts", conditions_json(condition->parts, condition->nparts));
		else
			put(out, "tests", tests_json(condition->tests, condition->ntests));
		json_array_append_new(list, out);
	}
	return list;
}

static json_t *windows_json(const struct rko_why_ladder *ladder)
{
	static const char *const stands[] = { "before", "in", "after" };
	json_t *list = json_array();

	for (size_t i = 0; i < ladder->nwindows; i++) {
		const struct rko_why_window *window = &ladder->windows[i];
		json_t *out = json_object();

		put_text(out, "name", window->name);
		put_text(out, "says", window->says);
		put(out, "from", end_json(&window->from));
		put(out, "to", end_json(&window->to));
		put_text(out, "stands", stands[window->stands + 1]);
		json_array_append_new(list, out);
	}
	return list;
}

static json_t *exceptions_json(const struct rko_why_ladder *ladder)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ladder->nexceptions; i++) {
		const struct rko_why_exception *exception = &ladder->exceptions[i];
		json_t *out = rule_json(&exception->rule);

		put(out, "depth", json_integer((json_int_t)exception->depth));
		put_text(out, "to", exception->to);
		put(out, "withholds_result", json_boolean(exception->cuts));
		put(out, "in_force", json_boolean(exception->in_force));
		put(out, "reached", holds_json(exception->reached));
		put(out, "holds", holds_json(exception->holds));
		put(out, "applies", holds_json(exception->applies));
		put(out, "conditions", conditions_json(exception->conditions, exception->nconditions));
		json_array_append_new(list, out);
	}
	return list;
}

static json_t *overlays_json(const struct rko_why_ladder *ladder)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ladder->noverlays; i++) {
		const struct rko_why_overlay *overlay = &ladder->overlays[i];
		json_t *out = json_object();

		put_text(out, "effect", rko_effect_word(overlay->effect));
		put_text(out, "overlay", overlay->layer);
		put_text(out, "area", overlay->layer_label);
		put_text(out, "name", overlay->name);
		put_text(out, "label", overlay->label);
		put_text(out, "value", overlay->value);
		put(out, "cites", cites_json(overlay->cites, overlay->ncites, overlay->nsee));
		json_array_append_new(list, out);
	}
	return list;
}

static json_t *ladders_json(const struct rko_explanation *why)
{
	json_t *list = json_array();

	for (size_t i = 0; i < why->nladders; i++) {
		const struct rko_why_ladder *ladder = &why->ladders[i];
		json_t *out = json_object();

		put_text(out, "role", rko_ladder_word(ladder->role));
		put(out, "rule", rule_json(&ladder->rule));
		put(out, "in_force", json_boolean(ladder->in_force));
		put(out, "holds", holds_json(ladder->holds));
		put(out, "widened", json_boolean(ladder->widened));
		put(out, "failing", json_integer((json_int_t)ladder->failing));
		put(out, "conditions", conditions_json(ladder->conditions, ladder->nconditions));
		put(out, "windows", windows_json(ladder));
		put(out, "exceptions", exceptions_json(ladder));
		put(out, "overlays", overlays_json(ladder));
		json_array_append_new(list, out);
	}
	return list;
}

static json_t *records_json(const struct rko_explanation *why)
{
	json_t *list = json_array();

	for (size_t i = 0; i < why->nrecords; i++) {
		const struct rko_why_record *record = &why->records[i];
		json_t *out = json_object(), *key = json_array();
		char recorded[RKO_INSTANT_TEXT];

		for (size_t j = 0; j < record->nkey; j++)
			json_array_append_new(key, json_pack("{s:s, s:s, s:s, s:s}", "name", record->key[j].name, "label",
							     record->key[j].label, "value", record->key[j].value,
							     "value_label", record->key[j].value_label));
		put_text(out, "kind", record->kind);
		put_text(out, "name", record->name);
		put_text(out, "label", record->label);
		put_text(out, "seen", rko_seen_word(record->seen));
		put(out, "given", json_boolean(record->given));
		put(out, "by_decision", json_boolean(record->by_decision));
		put(out, "fits", holds_json(record->fits));
		put(out, "key", key);
		if (record->generation) {
			put(out, "generation", json_integer(record->generation));
			if (rko_instant_text(record->recorded, recorded) == RKO_OK)
				put_text(out, "recorded", recorded);
			put_text(out, "source", record->source);
			if (record->line)
				put(out, "line", json_integer((json_int_t)record->line));
		}
		json_array_append_new(list, out);
	}
	return list;
}

/* The rest ---------------------------------------------------------------------------------------- */

static void put_lists(json_t *out, const struct rko_explanation *why)
{
	json_t *readings = json_array(), *pending = json_array(), *excepted = json_array(), *answers = json_object();

	for (size_t i = 0; i < why->nreadings; i++)
		json_array_append_new(readings, reading(&why->readings[i]));
	for (size_t i = 0; i < why->npending; i++)
		json_array_append_new(pending, json_string(why->pending[i].name));
	for (size_t i = 0; i < why->nexcepted; i++)
		json_array_append_new(excepted, json_pack("{s:s, s:s, s:s, s:s}", "rule", why->excepted[i].rule,
							  "rule_says", why->excepted[i].rule_says, "by", why->excepted[i].by,
							  "by_says", why->excepted[i].by_says));
	for (size_t i = 0; i < why->nanswers; i++)
		put(answers, why->answers[i].name,
		    *why->answers[i].value ? json_string(why->answers[i].value) : json_null());
	put(out, "answers", answers);
	put(out, "excepted", excepted);
	put(out, "readings", readings);
	put(out, "pending", pending);
}

static json_t *said_json(const struct rko_explanation *why)
{
	json_t *out = json_object();

	for (size_t i = 0; i < why->nsaid; i++)
		put(out, why->said[i].name, json_string(why->said[i].value));
	return out;
}

/* What would have to change */

static json_t *words_json(const char *const *words, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(words[i]));
	return list;
}

static json_t *need_json(const struct rko_why_need *need)
{
	static const char *const kinds[] = { "one_of", "days", "open", "some", "none", "same", "different", "has",
					     "has_not", "has_all", "within", "each" };
	json_t *out = json_object();
	rko_day first;

	put_text(out, "field", need->field);
	put_text(out, "label", need->label);
	put_text(out, "seen", need->seen);
	if (need->row != RKO_NOTHING) {
		put(out, "row", json_integer(need->row));
		put(out, "stored", words_json(need->stored, need->nstored));
	}
	put_text(out, "needed", kinds[need->kind]);
	if (need->nvalues)
		put(out, "values", words_json(need->values, need->nvalues));
	put_text(out, "other", need->other);
	if (need->nothers)
		put(out, "others", words_json(need->others, need->nothers));
	if (need->other_row != RKO_NOTHING) {
		put(out, "other_row", json_integer(need->other_row));
		put_text(out, "other_field", need->other_field);
	}
	if (need->kind == RKO_NEED_DAYS) {
		if (rko_day_parse("1900-01-01", &first) != RKO_OK || need->from > first)
			put(out, "from", day_json(need->from));
		if (need->to != RKO_DAY_OPEN)
			put(out, "to", day_json(need->to));
	}
	return out;
}

static json_t *row_json(const struct rko_why_row *row)
{
	json_t *out = json_object(), *key = json_array();

	put_text(out, "record", row->record);
	put(out, "exists", json_boolean(row->exists));
	if (row->from != RKO_NOTHING) {
		put(out, "from", json_integer(row->from));
		put_text(out, "by", row->by);
	}
	for (size_t i = 0; i < row->nkey; i++) {
		json_t *part = json_object();

		put_text(part, "field", row->key[i].field);
		if (row->key[i].nvalues)
			put(part, "values", words_json(row->key[i].values, row->key[i].nvalues));
		if (row->key[i].row != RKO_NOTHING) {
			put(part, "row", json_integer(row->key[i].row));
			put_text(part, "of", row->key[i].of);
		}
		json_array_append_new(key, part);
	}
	put(out, "key", key);
	return out;
}

static json_t *step_json(const struct rko_why_step *step)
{
	static const char *const kinds[] = { "time", "judgement", "record", "no_record", "field", "parameter", "overlay",
					     "request" };
	json_t *out = json_object(), *needs = json_array(), *rows = json_array();

	put_text(out, "kind", kinds[step->kind]);
	put_text(out, "name", step->name);
	put_text(out, "record", step->record);
	put_text(out, "asks", step->asks);
	put_text(out, "who", step->who);
	put_text(out, "who_label", step->who_label);
	if (step->kind == RKO_CHANGE_TIME) {
		put(out, "from", day_json(step->from));
		put(out, "to", day_json(step->to));
	}
	for (size_t i = 0; i < step->nneeds; i++)
		json_array_append_new(needs, need_json(&step->needs[i]));
	put(out, "needs", needs);
	for (size_t i = 0; i < step->nrows; i++)
		json_array_append_new(rows, row_json(&step->rows[i]));
	put(out, "rows", rows);
	return out;
}

static json_t *changes_json(const struct rko_explanation *why)
{
	json_t *list = json_array();

	for (size_t i = 0; i < why->nchanges; i++) {
		json_t *out = json_object(), *steps = json_array();

		put_text(out, "opens", why->changes[i].opens);
		for (size_t j = 0; j < why->changes[i].nsteps; j++)
			json_array_append_new(steps, step_json(&why->changes[i].steps[j]));
		put(out, "steps", steps);
		json_array_append_new(list, out);
	}
	return list;
}

json_t *why_json(const struct rko_explanation *why)
{
	const struct rko_decision *decision = &why->decision;
	static const char *const languages[] = { "fi", "sv", "en" };
	json_t *out = json_object();
	char instant[RKO_INSTANT_TEXT];

	put(out, "format", json_integer(WHY_JSON_FORMAT));
	put_text(out, "language", languages[why->language]);
	put_text(out, "question", why->question);
	put_text(out, "action", why->action);
	put(out, "request", said_json(why));
	if (rko_instant_text(decision->instant, instant) == RKO_OK)
		put_text(out, "at", instant);
	put(out, "day", day_json(decision->today));
	if (why->requester)
		put(out, "for", json_string("requester"));
	else
		put(out, "generation", json_integer(decision->generation));
	put_text(out, "status", rko_status_word(decision->status));
	put_text(out, "outcome", rko_outcome_word(decision->outcome));
	if (decision->status != RKO_OK)
		return out;
	if (decision->outcome == RKO_REFUSED) {
		put(out, "refused", json_pack("{s:s, s:s, s:s, s:s}", "reason", rko_refusal_word(decision->refusal),
					      "because", why->refused, "nearest", why->refused_near, "takes",
					      why->refused_takes));
		return out;
	}
	put(out, "by", rules_json(why->by, why->nby));
	put(out, "ladders", ladders_json(why));
	put(out, "records", records_json(why));
	if (why->npossible && decision->outcome == RKO_UNDECIDED) {
		put(out, "possible", rules_json(why->possible, why->npossible));
		put(out, "would_settle", missing_json(why));
	}
	if (why->nearest)
		put(out, "nearest", nearest_json(why));
	if (decision->outcome != RKO_GRANTED && !why->lists) {
		put(out, "changes", changes_json(why));
		put(out, "changes_incomplete", json_boolean(why->changes_incomplete));
	}
	put(out, "duties", duties_json(why));
	put_lists(out, why);
	if (why->requester)
		return out;
	put_text(out, "candidate", why->candidate);
	put(out, "since", day_json(why->since));
	put(out, "until", day_json(why->until));
	put(out, "reproduced", json_boolean(why->reproduced));
	if (!why->reproduced) {
		put_text(out, "was", rko_outcome_word(why->was));
		put_text(out, "was_by", why->was_rule);
	}
	put(out, "from_trace_alone", json_boolean(why->frozen));
	put(out, "incomplete", json_boolean(why->incomplete));
	return out;
}
