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

static void put_lists(json_t *out, const struct rko_explanation *why)
{
	json_t *readings = json_array(), *pending = json_array(), *excepted = json_array(), *answers = json_object();

	for (size_t i = 0; i < why->nreadings; i++)
		json_array_append_new(readings, reading(&why->readings[i]));
	for (size_t i = 0; i < why->npending; i++)
		json_array_append_new(pending, json_string(why->pending[i]));
	for (size_t i = 0; i < why->nexcepted; i++)
		json_array_append_new(excepted, json_pack("{s:s, s:s}", "rule", why->excepted[i].rule, "by",
							  why->excepted[i].by));
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

json_t *why_json(const struct rko_explanation *why)
{
	const struct rko_decision *decision = &why->decision;
	json_t *out = json_object();
	char instant[RKO_INSTANT_TEXT];

	put_text(out, "question", why->question);
	put_text(out, "action", why->action);
	put(out, "request", said_json(why));
	if (rko_instant_text(decision->instant, instant) == RKO_OK)
		put_text(out, "at", instant);
	put(out, "day", day_json(decision->today));
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
	if (why->npossible && decision->outcome == RKO_UNDECIDED) {
		put(out, "possible", rules_json(why->possible, why->npossible));
		put(out, "would_settle", missing_json(why));
	}
	if (why->nearest)
		put(out, "nearest", nearest_json(why));
	put(out, "duties", duties_json(why));
	put_lists(out, why);
	put_text(out, "candidate", why->candidate);
	put(out, "since", day_json(why->since));
	put(out, "until", day_json(why->until));
	put(out, "reproduced", json_boolean(why->reproduced));
	put(out, "incomplete", json_boolean(why->incomplete));
	return out;
}
