/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rkod/answer.h"

#include <string.h>

#include <jansson.h>

#include "tools/rkod/json.h"
#include "tools/rkod/record.h"

static void put_string(struct buf *out, const char *name, const char *text)
{
	buf_printf(out, ",\"%s\":", name);
	buf_json(out, text_from(text));
}

static void put_reason(struct buf *out, const char *name, const char *verb, const char *says, const char *layer)
{
	buf_string(out, "{\"code\":");
	buf_json(out, text_from(name));
	put_string(out, "verb", verb);
	put_string(out, "says", says);
	if (*layer)
		put_string(out, "layer", layer);
	buf_char(out, '}');
}

static void put_reasons(const struct sitting *sitting, const struct ask *ask, const struct rko_decision *decision,
			struct buf *out)
{
	struct rko_rule_about rule;

	buf_string(out, ",\"reasons\":[");
	if (decision->rule != RKO_NOTHING) {
		rko_question_rule(sitting->ground->policy, decision->question, decision->rule, ask->language, &rule);
		put_reason(out, rule.name, rule.verb, rule.says, rule.layer);
	}
	buf_char(out, ']');
}

/* A duty is an obligation; one that hides fields must be obeyed by whoever shows the data. */
static void put_obligation(const struct sitting *sitting, const struct ask *ask, uint32_t question, uint32_t number,
			   struct buf *out)
{
	const struct rko_policy *policy = sitting->ground->policy;
	struct rko_duty_about duty;

	rko_question_duty(policy, question, number, ask->language, &duty);
	buf_string(out, "{\"id\":");
	buf_json(out, text_from(duty.name));
	buf_string(out, ",\"type\":\"custom\",\"properties\":{\"says\":");
	buf_json(out, text_from(duty.says));
	if (*duty.bearer)
		put_string(out, "bearer", duty.bearer);
	if (duty.redaction) {
		buf_string(out, ",\"hide\":[");
		for (uint32_t i = 0; i < duty.fields; i++) {
			if (i)
				buf_char(out, ',');
			buf_json(out, text_from(rko_question_duty_field(policy, question, number, i)));
		}
		buf_char(out, ']');
	}
	buf_string(out, "}}");
}

static void put_obligations(const struct sitting *sitting, const struct ask *ask, uint32_t question, uint64_t duties,
			    struct buf *out)
{
	bool any = false;

	buf_string(out, ",\"obligations\":[");
	for (uint32_t i = 0; i < 64; i++) {
		if (!(duties >> i & 1))
			continue;
		if (any)
			buf_char(out, ',');
		any = true;
		put_obligation(sitting, ask, question, i, out);
	}
	buf_char(out, ']');
}

/* Seconds for which a caller may keep a permit: the operator's, but not beyond the day to which it stands. */
static long keep_seconds(const struct sitting *sitting, const struct rko_decision *decision)
{
	long seconds = sitting->exchange->config->keep_seconds;
	char text[RKO_INSTANT_TEXT];
	rko_day day;

	if (!seconds || decision->outcome != RKO_GRANTED)
		return 0;
	if (rko_instant_text(sitting->instant + seconds, text) != RKO_OK)
		return 0;
	text[10] = '\0';
	if (rko_day_parse(text, &day) != RKO_OK || day > decision->stands_until)
		return 0;
	return seconds;
}

static void put_standing(const struct sitting *sitting, const struct rko_decision *decision, struct buf *out)
{
	char instant[RKO_INSTANT_TEXT], until[RKO_DAY_TEXT];

	put_string(out, "policy", sitting->ground->digest);
	buf_printf(out, ",\"generation\":%u", decision->generation);
	if (rko_instant_text(sitting->instant, instant) == RKO_OK)
		put_string(out, "instant", instant);
	if (decision->outcome != RKO_REFUSED) {
		rko_day_text(decision->stands_until, until);
		put_string(out, "stands_until", until);
	}
	buf_printf(out, ",\"keep_seconds\":%ld", keep_seconds(sitting, decision));
}

static void put_explained(struct rko_explanation *why, struct buf *out)
{
	const char *text = rko_explanation_json(why, 0);

	if (text) {
		buf_string(out, ",\"explanation\":");
		buf_string(out, text);
	}
}

/* It leaves with the record that it was told, or not at all. */
static void put_explanation(struct sitting *sitting, const struct ask *ask, const struct verdict *verdict,
			    struct buf *out)
{
	struct rko_decision decision = verdict->decision;
	struct rko_explanation *why = NULL;
	struct buf trace = { 0 };

	buf_add(&trace, decision.trace, decision.trace_size);
	decision.trace = trace.at;
	rko_explain(sitting->worker->session, verdict->request, &verdict->decision, ask->language, &why);
	if (why && !buf_failed(&trace) && sitting_explained(sitting, verdict, &decision, why))
		put_explained(why, out);
	buf_release(&trace);
	rko_explanation_free(why);
}

static void put_id(const struct verdict *verdict, struct buf *out)
{
	char id[RKO_AUDIT_ID_TEXT];

	if (!record_wanted())
		return;
	rko_audit_id_text(verdict->id, id);
	put_string(out, "id", id);
}

static void put_refused(const struct rko_decision *decision, struct buf *out)
{
	buf_printf(out, ",\"refused\":{\"code\":\"%s\"", rko_refusal_word(decision->refusal));
	/* The policy's own words; a name that the caller made up is not given back. */
	if (decision->refusal != RKO_REFUSED_NO_FIELD && decision->refusal != RKO_REFUSED_ACTION)
		put_string(out, "what", decision->because);
	buf_char(out, '}');
}

/* Duties to hide, of a permit: whoever shows the data must obey them, and so be told. */
static uint64_t to_hide(const struct sitting *sitting, const struct ask *ask, const struct rko_decision *decision)
{
	struct rko_duty_about duty;
	uint64_t hide = 0;

	for (uint32_t i = 0; i < 64 && decision->outcome == RKO_GRANTED; i++) {
		if (!(decision->duties >> i & 1))
			continue;
		rko_question_duty(sitting->ground->policy, decision->question, i, ask->language, &duty);
		hide |= duty.redaction ? 1ull << i : 0;
	}
	return hide;
}

/*
 * I15. What may be shown to whoever asks. Nothing of the decision itself but whether it is granted and what must be hidden:
 * until when it stands, for how long it may be kept, and the state of the facts would tell of what is not shown.
 */
static void put_requester(struct sitting *sitting, const struct ask *ask, const struct verdict *verdict, struct buf *out)
{
	struct rko_explanation *why = sitting_told(sitting, verdict, ask->language);
	const struct rko_decision *told;
	const char *text;

	if (!why) {
		buf_printf(out, "\"outcome\":\"%s\"", rko_outcome_word(verdict->permit ? RKO_GRANTED : RKO_NOT_GRANTED));
		put_id(verdict, out);
		put_obligations(sitting, ask, verdict->decision.question, to_hide(sitting, ask, &verdict->decision), out);
		return;
	}
	told = &why->decision;
	buf_printf(out, "\"outcome\":\"%s\"", rko_outcome_word(told->outcome));
	put_id(verdict, out);
	if (told->outcome == RKO_REFUSED)
		put_refused(told, out);
	buf_string(out, ",\"reasons\":[");
	for (size_t i = 0; i < why->nby; i++) {
		buf_string(out, i ? "," : "");
		put_reason(out, why->by[i].name, why->by[i].verb, why->by[i].says, why->by[i].layer);
	}
	buf_char(out, ']');
	put_obligations(sitting, ask, verdict->decision.question, told->duties | to_hide(sitting, ask, &verdict->decision),
			out);
	put_string(out, "policy", sitting->ground->digest);
	text = rko_explanation_text(why, 0, 0);
	put_string(out, "text", text ? text : "");
	put_explained(why, out);
	rko_explanation_free(why);
}

static void put_context(struct sitting *sitting, const struct ask *ask, const struct verdict *verdict, struct buf *out)
{
	const struct rko_decision *decision = &verdict->decision;

	if (ask->tell == TELL_REQUESTER) {
		put_requester(sitting, ask, verdict, out);
		return;
	}
	buf_printf(out, "\"outcome\":\"%s\"", rko_outcome_word(decision->outcome));
	put_id(verdict, out);
	if (decision->outcome == RKO_REFUSED)
		put_refused(decision, out);
	put_reasons(sitting, ask, decision, out);
	put_obligations(sitting, ask, decision->question, decision->duties, out);
	put_standing(sitting, decision, out);
	if (ask->tell == TELL_EXPLAIN)
		put_explanation(sitting, ask, verdict, out);
}

static void put_error(struct buf *out, unsigned status, const char *code, const char *at, const char *message)
{
	buf_printf(out, "\"error\":{\"status\":%u,\"code\":\"%s\"", status, code);
	if (at)
		put_string(out, "at", at);
	put_string(out, "message", message);
	buf_char(out, '}');
}

static void put_stopped(struct buf *out, const char *stopped)
{
	if (stopped)
		buf_printf(out, ",\"stopped\":\"%s\"", stopped);
}

void answer_verdict(struct sitting *sitting, const struct ask *ask, const struct verdict *verdict, const char *stopped)
{
	struct buf *out = &sitting->exchange->out;

	buf_string(out, verdict->permit ? "{\"decision\":true" : "{\"decision\":false");
	if (verdict->failure) {
		buf_string(out, ",\"context\":{");
		put_error(out, 503, verdict->failure, NULL, "No decision could be made.");
		put_stopped(out, stopped);
		buf_char(out, '}');
	} else if (ask->tell != TELL_BARE) {
		buf_string(out, ",\"context\":{");
		put_context(sitting, ask, verdict, out);
		put_stopped(out, stopped);
		buf_char(out, '}');
	}
	buf_char(out, '}');
}

void answer_fault(struct buf *out, unsigned status, const struct ask_fault *fault, const char *stopped)
{
	buf_string(out, "{\"decision\":false,\"context\":{");
	put_error(out, status, fault->code, fault->at, fault->message);
	put_stopped(out, stopped);
	buf_string(out, "}}");
}
