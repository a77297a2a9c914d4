/* SPDX-License-Identifier: EUPL-1.2 */
/* An explanation as JSON: docs/schema/explanation.schema.json says what each member is, json_change.c what would change. */
#include "engine/explain/json.h"

#include "engine/explain/explain.h"

enum { USUAL_BYTES = 40 << 10 };	/* so that it seldom grows */

/* Members ------------------------------------------------------------------------------------------ */

void member_day(struct json_writer *json, const char *name, rko_day day)
{
	char text[RKO_DAY_TEXT];

	jw_name(json, name);
	if (day == RKO_DAY_OPEN) {
		jw_null(json);
		return;
	}
	rko_day_text(day, text);
	jw_string(json, text);
}

/* What is empty is left out. */
void member_text(struct json_writer *json, const char *name, const char *text)
{
	if (text && *text)
		member_string(json, name, text);
}

void member_string(struct json_writer *json, const char *name, const char *text)
{
	jw_name(json, name);
	jw_string(json, text);
}

void member_integer(struct json_writer *json, const char *name, int64_t value)
{
	jw_name(json, name);
	jw_integer(json, value);
}

void member_bool(struct json_writer *json, const char *name, bool value)
{
	jw_name(json, name);
	jw_bool(json, value);
}

/* 1, 0, or -1: not known. */
static void member_holds(struct json_writer *json, const char *name, int holds)
{
	jw_name(json, name);
	if (holds < 0)
		jw_null(json);
	else
		jw_bool(json, holds);
}

static void member_instant(struct json_writer *json, const char *name, int64_t instant)
{
	char text[RKO_INSTANT_TEXT];

	if (rko_instant_text(instant, text) == RKO_OK)
		member_string(json, name, text);
}

void member_words(struct json_writer *json, const char *name, const char *const *words, size_t count)
{
	jw_name(json, name);
	jw_array(json);
	for (size_t i = 0; i < count; i++)
		jw_string(json, words[i]);
	jw_array_end(json);
}

/* Rules and duties --------------------------------------------------------------------------------- */

static void put_cite(struct json_writer *json, const struct rko_cite *cite, bool see_also)
{
	jw_object(json);
	member_text(json, "source", cite->source);
	member_text(json, "id", cite->id);
	member_text(json, "title", cite->title);
	member_text(json, "passage", cite->passage);
	member_text(json, "says", cite->says);
	member_text(json, "original", cite->original);
	jw_name(json, "in_force");
	if (cite->pending) {
		jw_null(json);
	} else {
		jw_object(json);
		member_day(json, "from", cite->from);
		member_day(json, "to", cite->to);
		jw_object_end(json);
	}
	if (see_also)
		member_bool(json, "see_also", true);
	jw_object_end(json);
}

/* The last `see` of them are those to see also. */
static void put_cites(struct json_writer *json, const struct rko_cite *cites, size_t count, size_t see)
{
	jw_name(json, "cites");
	jw_array(json);
	for (size_t i = 0; i < count; i++)
		put_cite(json, &cites[i], i >= count - see);
	jw_array_end(json);
}

static void put_rule(struct json_writer *json, const struct rko_why_rule *rule)
{
	member_text(json, "name", rule->name);
	member_text(json, "verb", rule->verb);
	member_text(json, "says", rule->says);
	member_text(json, "overlay", rule->layer);
	put_cites(json, rule->cites, rule->ncites, rule->nsee);
	member_text(json, "file", rule->file);
	member_integer(json, "line", rule->line);
}

static void put_rules(struct json_writer *json, const char *name, const struct rko_why_rule *rules, size_t count)
{
	jw_name(json, name);
	jw_array(json);
	for (size_t i = 0; i < count; i++) {
		jw_object(json);
		put_rule(json, &rules[i]);
		jw_object_end(json);
	}
	jw_array_end(json);
}

static void put_duty(struct json_writer *json, const struct rko_why_duty *duty)
{
	jw_object(json);
	member_text(json, "name", duty->name);
	member_text(json, "says", duty->says);
	member_text(json, "bearer", duty->bearer);
	if (duty->has_due)
		member_day(json, "due", duty->due);
	if (duty->keep)
		member_integer(json, duty->keep_months ? "keep_months" : "keep_days", duty->keep);
	if (duty->redaction)
		member_words(json, "redacts", duty->fields, duty->nfields);
	put_cites(json, duty->cites, duty->ncites, duty->nsee);
	jw_object_end(json);
}

static void put_duties(struct json_writer *json, const struct rko_explanation *why)
{
	jw_name(json, "duties");
	jw_array(json);
	for (size_t i = 0; i < why->nduties; i++)
		put_duty(json, &why->duties[i]);
	jw_array_end(json);
}

static void put_nearest(struct json_writer *json, const struct rko_explanation *why)
{
	jw_name(json, "nearest");
	jw_object(json);
	put_rule(json, why->nearest);
	jw_name(json, "conditions");
	jw_array(json);
	for (size_t i = 0; i < why->nconditions; i++) {
		jw_object(json);
		member_text(json, "name", why->conditions[i].name);
		member_text(json, "text", why->conditions[i].text);
		member_text(json, "says", why->conditions[i].says);
		member_holds(json, "holds", why->conditions[i].holds);
		jw_object_end(json);
	}
	jw_array_end(json);
	member_bool(json, "in_force", why->nearest_in_force);
	member_bool(json, "excepted", why->nearest_excepted);
	jw_object_end(json);
}

static void put_missing(struct json_writer *json, const struct rko_explanation *why)
{
	static const char *const kinds[] = { "judgement", "overlay", "parameter", "record", "field", "request" };

	jw_name(json, "would_settle");
	jw_array(json);
	for (size_t i = 0; i < why->nmissing; i++) {
		jw_object(json);
		member_text(json, "kind", kinds[why->missing[i].kind]);
		member_text(json, "name", why->missing[i].name);
		member_text(json, "label", why->missing[i].label);
		member_text(json, "asks", why->missing[i].asks);
		member_text(json, "bearer", why->missing[i].bearer);
		member_text(json, "bearer_label", why->missing[i].bearer_label);
		jw_object_end(json);
	}
	jw_array_end(json);
}

static void put_otherwise(struct json_writer *json, const struct rko_why_otherwise *then)
{
	jw_object(json);
	member_text(json, "option", then->option);
	member_text(json, "option_says", then->option_says);
	member_text(json, "with", then->with);
	member_text(json, "with_option", then->with_option);
	member_text(json, "with_says", then->with_says);
	member_text(json, "outcome", rko_outcome_word(then->outcome));
	member_text(json, "rule", then->rule);
	member_text(json, "rule_says", then->rule_says);
	jw_object_end(json);
}

static void put_reading(struct json_writer *json, const struct rko_why_reading *reading)
{
	jw_object(json);
	member_text(json, "name", reading->name);
	member_text(json, "option", reading->option);
	member_text(json, "option_says", reading->option_says);
	member_bool(json, "confirmed", reading->confirmed);
	member_bool(json, "hangs", reading->hangs);
	jw_name(json, "otherwise");
	jw_array(json);
	for (size_t i = 0; i < reading->notherwise; i++) {
		put_otherwise(json, &reading->otherwise[i]);
	}
	jw_array_end(json);
	jw_object_end(json);
}

/* The ladder --------------------------------------------------------------------------------------- */

static void put_values(struct json_writer *json, const char *name, const struct rko_why_value *values, size_t count)
{
	jw_name(json, name);
	jw_array(json);
	for (size_t i = 0; i < count; i++) {
		jw_object(json);
		member_string(json, "code", values[i].code);
		member_string(json, "label", values[i].label);
		jw_object_end(json);
	}
	jw_array_end(json);
}

static void put_thing(struct json_writer *json, const char *name, const struct rko_why_thing *thing)
{
	jw_name(json, name);
	jw_object(json);
	member_text(json, "name", thing->name);
	member_text(json, "label", thing->label);
	member_text(json, "seen", rko_seen_word(thing->seen));
	if (thing->seen == RKO_SEEN_VALUE)
		put_values(json, "values", thing->values, thing->nvalues);
	jw_object_end(json);
}

static void put_end(struct json_writer *json, const char *name, const struct rko_why_end *end)
{
	jw_name(json, name);
	if (end->day == RKO_DAY_OPEN && !*end->name) {
		jw_null(json);
		return;
	}
	jw_object(json);
	member_day(json, "day", end->day);
	if (*end->name) {
		jw_name(json, "counts_from");
		jw_object(json);
		member_string(json, "name", end->name);
		member_string(json, "label", end->label);
		member_day(json, "day", end->anchor);
		jw_object_end(json);
		member_integer(json, end->months ? "months" : "days", end->count);
	}
	jw_object_end(json);
}

/* What would do. */
static void put_needed(struct json_writer *json, const struct rko_why_test *test)
{
	jw_name(json, "needed");
	jw_object(json);
	switch (test->test) {
	case RKO_TEST_CODE:
	case RKO_TEST_ACTION:
	case RKO_TEST_READING:
		put_values(json, test->needed_but ? "any_but" : "one_of", test->needed, test->nneeded);
		break;
	case RKO_TEST_HAS:
		put_values(json, "one_of", test->needed, test->nneeded);
		member_bool(json, "wanted", test->wanted);
		break;
	case RKO_TEST_DATE:
		put_end(json, "from", &test->from);
		put_end(json, "to", &test->to);
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
		member_bool(json, "wanted", test->wanted);
		break;
	}
	if (test->none_will_do)
		member_bool(json, "or_none", true);
	jw_object_end(json);
}

static void put_tests(struct json_writer *json, const char *name, const struct rko_why_test *tests, size_t count);

static void put_test(struct json_writer *json, const struct rko_why_test *test)
{
	jw_object(json);
	member_text(json, "test", rko_test_word(test->test));
	member_holds(json, "holds", test->holds);
	put_thing(json, "about", &test->about);
	if (*test->other.name)
		put_thing(json, "other", &test->other);
	put_needed(json, test);
	if (test->test == RKO_TEST_SOME) {
		member_text(json, "demands", test->demands);
		member_integer(json, "looked_at", (int64_t)test->looked_at);
		put_tests(json, "nearest", test->nested, test->nnested);
	}
	jw_object_end(json);
}

static void put_tests(struct json_writer *json, const char *name, const struct rko_why_test *tests, size_t count)
{
	jw_name(json, name);
	jw_array(json);
	for (size_t i = 0; i < count; i++)
		put_test(json, &tests[i]);
	jw_array_end(json);
}

static void put_conditions(struct json_writer *json, const char *name, const struct rko_why_condition *conditions,
			   size_t count)
{
	jw_name(json, name);
	jw_array(json);
	for (size_t i = 0; i < count; i++) {
		const struct rko_why_condition *condition = &conditions[i];

		jw_object(json);
		member_text(json, "name", condition->name);
		member_text(json, "text", condition->text);
		member_text(json, "says", condition->says);
		member_holds(json, "holds", condition->holds);
		if (condition->ncites)
			put_cites(json, condition->cites, condition->ncites, condition->nsee);
		if (condition->nparts)
			put_conditions(json, "parts", condition->parts, condition->nparts);
		else
			put_tests(json, "tests", condition->tests, condition->ntests);
		jw_object_end(json);
	}
	jw_array_end(json);
}

static void put_windows(struct json_writer *json, const struct rko_why_ladder *ladder)
{
	static const char *const stands[] = { "before", "in", "after" };

	jw_name(json, "windows");
	jw_array(json);
	for (size_t i = 0; i < ladder->nwindows; i++) {
		jw_object(json);
		member_text(json, "name", ladder->windows[i].name);
		member_text(json, "says", ladder->windows[i].says);
		put_end(json, "from", &ladder->windows[i].from);
		put_end(json, "to", &ladder->windows[i].to);
		member_text(json, "stands", stands[ladder->windows[i].stands + 1]);
		jw_object_end(json);
	}
	jw_array_end(json);
}

static void put_exceptions(struct json_writer *json, const struct rko_why_ladder *ladder)
{
	jw_name(json, "exceptions");
	jw_array(json);
	for (size_t i = 0; i < ladder->nexceptions; i++) {
		const struct rko_why_exception *exception = &ladder->exceptions[i];

		jw_object(json);
		put_rule(json, &exception->rule);
		member_integer(json, "depth", (int64_t)exception->depth);
		member_text(json, "to", exception->to);
		member_bool(json, "withholds_result", exception->cuts);
		member_bool(json, "in_force", exception->in_force);
		member_holds(json, "reached", exception->reached);
		member_holds(json, "holds", exception->holds);
		member_holds(json, "applies", exception->applies);
		put_conditions(json, "conditions", exception->conditions, exception->nconditions);
		jw_object_end(json);
	}
	jw_array_end(json);
}

static void put_overlays(struct json_writer *json, const struct rko_why_ladder *ladder)
{
	jw_name(json, "overlays");
	jw_array(json);
	for (size_t i = 0; i < ladder->noverlays; i++) {
		const struct rko_why_overlay *overlay = &ladder->overlays[i];

		jw_object(json);
		member_text(json, "effect", rko_effect_word(overlay->effect));
		member_text(json, "overlay", overlay->layer);
		member_text(json, "area", overlay->layer_label);
		member_text(json, "name", overlay->name);
		member_text(json, "label", overlay->label);
		member_text(json, "value", overlay->value);
		put_cites(json, overlay->cites, overlay->ncites, overlay->nsee);
		jw_object_end(json);
	}
	jw_array_end(json);
}

static void put_ladders(struct json_writer *json, const struct rko_explanation *why)
{
	jw_name(json, "ladders");
	jw_array(json);
	for (size_t i = 0; i < why->nladders; i++) {
		const struct rko_why_ladder *ladder = &why->ladders[i];

		jw_object(json);
		member_text(json, "role", rko_ladder_word(ladder->role));
		jw_name(json, "rule");
		jw_object(json);
		put_rule(json, &ladder->rule);
		jw_object_end(json);
		member_bool(json, "in_force", ladder->in_force);
		member_holds(json, "holds", ladder->holds);
		member_bool(json, "widened", ladder->widened);
		member_integer(json, "failing", (int64_t)ladder->failing);
		put_conditions(json, "conditions", ladder->conditions, ladder->nconditions);
		put_windows(json, ladder);
		put_exceptions(json, ladder);
		put_overlays(json, ladder);
		jw_object_end(json);
	}
	jw_array_end(json);
}

/* The rest ----------------------------------------------------------------------------------------- */

static void put_record_key(struct json_writer *json, const struct rko_why_record *record)
{
	jw_name(json, "key");
	jw_array(json);
	for (size_t i = 0; i < record->nkey; i++) {
		jw_object(json);
		member_string(json, "name", record->key[i].name);
		member_string(json, "label", record->key[i].label);
		member_string(json, "value", record->key[i].value);
		member_string(json, "value_label", record->key[i].value_label);
		jw_object_end(json);
	}
	jw_array_end(json);
}

static void put_record(struct json_writer *json, const struct rko_why_record *record)
{
	jw_object(json);
	member_text(json, "kind", record->kind);
	member_text(json, "name", record->name);
	member_text(json, "label", record->label);
	member_text(json, "seen", rko_seen_word(record->seen));
	member_bool(json, "given", record->given);
	member_bool(json, "by_decision", record->by_decision);
	member_holds(json, "fits", record->fits);
	put_record_key(json, record);
	if (record->generation) {
		member_integer(json, "generation", record->generation);
		member_instant(json, "recorded", record->recorded);
		member_text(json, "source", record->source);
		if (record->line)
			member_integer(json, "line", (int64_t)record->line);
	}
	jw_object_end(json);
}

static void put_records(struct json_writer *json, const struct rko_explanation *why)
{
	jw_name(json, "records");
	jw_array(json);
	for (size_t i = 0; i < why->nrecords; i++)
		put_record(json, &why->records[i]);
	jw_array_end(json);
}

static void put_answers(struct json_writer *json, const struct rko_explanation *why)
{
	jw_name(json, "answers");
	jw_object(json);
	for (size_t i = 0; i < why->nanswers; i++) {
		jw_any_name(json, why->answers[i].name);
		if (*why->answers[i].value)
			jw_string(json, why->answers[i].value);
		else
			jw_null(json);
	}
	jw_object_end(json);
}

static void put_excepted(struct json_writer *json, const struct rko_explanation *why)
{
	jw_name(json, "excepted");
	jw_array(json);
	for (size_t i = 0; i < why->nexcepted; i++) {
		jw_object(json);
		member_string(json, "rule", why->excepted[i].rule);
		member_string(json, "rule_says", why->excepted[i].rule_says);
		member_string(json, "by", why->excepted[i].by);
		member_string(json, "by_says", why->excepted[i].by_says);
		jw_object_end(json);
	}
	jw_array_end(json);
}

static void put_rests(struct json_writer *json, const struct rko_explanation *why)
{
	jw_name(json, "readings");
	jw_array(json);
	for (size_t i = 0; i < why->nreadings; i++)
		put_reading(json, &why->readings[i]);
	jw_array_end(json);
	jw_name(json, "pending");
	jw_array(json);
	for (size_t i = 0; i < why->npending; i++)
		jw_string(json, why->pending[i].name);
	jw_array_end(json);
}

static void put_question(struct json_writer *json, const struct rko_explanation *why)
{
	member_text(json, "question", why->question);
	member_text(json, "action", why->action);
	jw_name(json, "request");
	jw_object(json);
	for (size_t i = 0; i < why->nsaid; i++) {
		jw_any_name(json, why->said[i].name);
		jw_string(json, why->said[i].value);
	}
	jw_object_end(json);
	member_instant(json, "at", why->decision.instant);
	member_day(json, "day", why->decision.today);
	if (why->requester)
		member_string(json, "for", "requester");
	else
		member_integer(json, "generation", why->decision.generation);
	member_text(json, "status", rko_status_word(why->decision.status));
	member_text(json, "outcome", rko_outcome_word(why->decision.outcome));
}

static void put_refused(struct json_writer *json, const struct rko_explanation *why)
{
	jw_name(json, "refused");
	jw_object(json);
	member_string(json, "reason", rko_refusal_word(why->decision.refusal));
	member_string(json, "because", why->refused);
	member_string(json, "nearest", why->refused_near);
	member_string(json, "takes", why->refused_takes);
	member_text(json, "label", why->refused_label);
	jw_object_end(json);
}

static void put_reasons(struct json_writer *json, const struct rko_explanation *why)
{
	put_rules(json, "by", why->by, why->nby);
	put_ladders(json, why);
	put_records(json, why);
	if (why->npossible && why->decision.outcome == RKO_UNDECIDED) {
		put_rules(json, "possible", why->possible, why->npossible);
		put_missing(json, why);
	}
	if (why->nearest)
		put_nearest(json, why);
	if (why->decision.outcome != RKO_GRANTED && !why->lists) {
		json_changes(json, why);
		member_bool(json, "changes_incomplete", why->changes_incomplete);
	}
	put_duties(json, why);
	put_answers(json, why);
	put_excepted(json, why);
	put_rests(json, why);
}

/* How long it stands, and whether it came out as the trace says. */
static void put_standing(struct json_writer *json, const struct rko_explanation *why)
{
	member_text(json, "candidate", why->candidate);
	member_day(json, "since", why->since);
	member_day(json, "until", why->until);
	member_bool(json, "reproduced", why->reproduced);
	if (!why->reproduced) {
		member_text(json, "was", rko_outcome_word(why->was));
		member_text(json, "was_by", why->was_rule);
	}
	member_bool(json, "from_trace_alone", why->frozen);
	member_bool(json, "incomplete", why->incomplete);
}

const char *rko_explanation_json(struct rko_explanation *explanation, unsigned flags)
{
	struct explained *explained = (struct explained *)explanation;
	struct json_writer json = { .out = &explained->json, .indent = flags & RKO_JSON_INDENTED ? 2 : 0 };

	buf_reset(json.out);
	buf_room(json.out, USUAL_BYTES);
	jw_object(&json);
	member_integer(&json, "format", RKO_EXPLANATION_FORMAT);
	member_text(&json, "language", rko_language_word(explanation->language));
	put_question(&json, explanation);
	if (explanation->decision.status == RKO_OK && explanation->decision.outcome == RKO_REFUSED) {
		put_refused(&json, explanation);
	} else if (explanation->decision.status == RKO_OK) {
		put_reasons(&json, explanation);
		if (!explanation->requester)
			put_standing(&json, explanation);
	}
	jw_object_end(&json);
	return buf_failed(json.out) ? NULL : json.out->at;
}
