/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/explain/explain.h"

#include "engine/explain/change.h"

#include <stdlib.h>

/* What the request said --------------------------------------------------------------------------- */

static struct text said_word(struct explain *explain, const struct rko_request *request,
			     const struct request_field *field, const struct said_value *said, bool label)
{
	const struct image *image = explain->image;
	char day[DAY_TEXT];

	if (said->said == SAID_TEXT)
		return said_text(request, said);
	if (said->fact == FACT_NONE)
		return TEXT("none");
	if (said->fact == FACT_OPEN)
		return TEXT("open");
	if (said->fact == FACT_UNKNOWN)
		return TEXT("unknown");
	if (field->kind == IMAGE_TYPE_CODE) {
		const struct image_code *code =
			&image->codes[image->codesets[field->target].codes.first + (uint32_t)said->fact];

		return text_from(label ? explain_label(explain, &code->label, code->name)
				       : explain_string(explain, code->name));
	}
	day_print(said->fact, day);
	return text_copy(explain->arena, text_from(day));
}

static const char *said_words(struct explain *explain, const struct rko_request *request, uint32_t number, bool label)
{
	const struct request_field *field = &request->view->fields[number];
	const struct said_value *said = &request->fields[number];
	struct text words = { "", 0 };

	if (said->said != SAID_SET)
		return text_copy(explain->arena, said_word(explain, request, field, said, label)).at;
	for (uint32_t i = said->first; i; i = request->elements[i - 1].next)
		words = text_format(explain->arena, "%.*s%s%.*s", TEXT_ARG(words), words.len ? ", " : "",
				    TEXT_ARG(said_word(explain, request, field, &request->elements[i - 1], label)));
	return text_copy(explain->arena, words).at;
}

/* What a field of the request is called, or a field of the record that it gives. */
static const char *field_label(struct explain *explain, const struct rko_request *request, uint32_t number)
{
	const struct request_field *field = &request->view->fields[number];
	const struct image_input *input = &explain->image->inputs[request->view->question->inputs.first + field->input];
	const struct image_field *inner;

	if (field->field == IMAGE_NONE)
		return explain_label(explain, &input->label, input->name);
	inner = record_field(explain->image, input->target, field->field);
	return explain_label(explain, &inner->label, inner->name);
}

static void explain_said(struct explain *explain, const struct rko_request *request)
{
	struct rko_explanation *out = explain->out;
	struct rko_why_said *list = ARENA_ARRAY(explain->arena, request->view->nfields + 1, struct rko_why_said);

	for (uint32_t i = 0; i < request->view->nfields; i++) {
		if (request->fields[i].said == SAID_NOT)
			continue;
		list[out->nsaid++] = (struct rko_why_said){
			.name = request->view->fields[i].name.at,
			.label = field_label(explain, request, i),
			.value = said_words(explain, request, i, false),
			.value_label = said_words(explain, request, i, true),
		};
	}
	out->said = list;
}

/* Determinations ---------------------------------------------------------------------------------- */

/* The value that every completion gives, or IMAGE_NONE. Diagrams of determinations are small. */
static uint32_t value_of(struct bind *bind, uint32_t ref)
{
	const uint32_t *words = bind->view->words;

	while (!image_is_terminal(ref)) {
		uint32_t answer = bind_feature(bind, words[ref]), value;

		if (answer == ANSWER_FAILED)
			return IMAGE_NONE;
		if (answer != ANSWER_UNKNOWN) {
			ref = words[ref + 1 + bind_class(bind, words[ref])];
			continue;
		}
		value = value_of(bind, words[ref + 1]);
		for (uint32_t i = 1; i < bind->view->features[words[ref]].nclasses && value != IMAGE_NONE; i++)
			if (value_of(bind, words[ref + 1 + i]) != value)
				value = IMAGE_NONE;
		return value;
	}
	return image_value_of(ref);
}

static void explain_answers(struct explain *explain)
{
	const struct image *image = explain->image;
	const struct image_question *question = explain->question->question;
	struct rko_why_answer *list = ARENA_ARRAY(explain->arena, question->answers.count + 1, struct rko_why_answer);

	for (uint32_t i = 0; i < question->answers.count; i++) {
		const struct image_answer *answer = &image->answers[question->answers.first + i];
		uint32_t value = value_of(explain->bind, answer->root);

		list[i] = (struct rko_why_answer){
			.name = explain_string(explain, answer->name),
			.label = explain_label(explain, &answer->label, answer->name),
			.value = "",
			.value_label = "",
		};
		if (value != IMAGE_NONE && value > 0) {
			const struct image_code *code =
				&image->codes[image->codesets[answer->codeset].codes.first + value - 1];

			list[i].value = explain_string(explain, code->name);
			list[i].value_label = explain_label(explain, &code->label, code->name);
		}
	}
	explain->out->answers = list;
	explain->out->nanswers = question->answers.count;
}

/* The reported row of the `each` link: what tells it from the others is the end of its key. */
static const char *candidate_name(struct explain *explain)
{
	const struct verdict *verdict = &explain->session->verdict;
	const struct candidate *candidate = &verdict->candidates[verdict->reported];
	uint32_t pivot = explain->bind->view->plan->pivot, record, last;
	const struct bound_row *row;
	const struct image_field *field;
	struct text name;

	if (!verdict->asked_candidates || candidate->kind != CANDIDATE_ROW)
		return "";
	record = explain->bind->view->scans[pivot].record;
	last = explain->image->records[record].nkey - 1;
	field = record_field(explain->image, record, last);
	row = &explain->bind->rows[explain->bind->view->rows_at[pivot] + candidate->row];
	if (field->kind == IMAGE_TYPE_CODE ||
	    store_name(explain->bind->reader, get_be32(row->row.key + explain->bind->binding->records[record].key_at[last]),
		       &name) != RKO_OK)
		return "";
	return text_copy(explain->arena, name).at;
}

/* Refusals ---------------------------------------------------------------------------------------- */

enum { TAKES_MOST = 12 };	/* names that are listed */

struct names {
	struct explain *explain;
	struct text wanted, near, all;
	unsigned distance;
	uint32_t count;
};

static void try_name(struct names *names, const char *name)
{
	struct text text = text_from(name);
	unsigned distance = text_distance(names->wanted, text, names->distance);

	if (names->wanted.len && distance < names->distance) {
		names->distance = distance;
		names->near = text;
	}
	if (names->count++ < TAKES_MOST)
		names->all = text_format(names->explain->arena, "%.*s%s%s", TEXT_ARG(names->all),
					 names->all.len ? ", " : "", name);
}

static void tell_names(struct names *names)
{
	names->explain->out->refused_near = text_copy(names->explain->arena, names->near).at;
	if (names->count <= TAKES_MOST)
		names->explain->out->refused_takes = text_copy(names->explain->arena, names->all).at;
}

/* What does not hold of what must, as the tests it comes down to say it. The snapshot is open. */
static const char *must_words(struct explain *explain, const struct rko_request *request)
{
	const struct image_range musts = request->view->question->musts;
	struct text words = TEXT("");

	for (uint32_t i = 0; i < musts.count; i++) {
		const struct image_must *must = &explain->image->musts[musts.first + i];
		const struct rko_why_test *tests;
		size_t count;

		if (!(must->actions >> explain->bind->action & 1) ||
		    strcmp(explain_string(explain, must->text), explain->out->refused) != 0)
			continue;
		tests = explain_tests(explain, must->root, &count);
		for (size_t j = 0; j < count; j++)
			if (tests[j].holds != 1)
				words = text_format(explain->arena, "%.*s%s%s", TEXT_ARG(words), words.len ? "; " : "",
						    rko_why_test_says(explain->out, &tests[j]));
		break;
	}
	explain->bind->status = RKO_OK;	/* what cannot be read is not told */
	return words.at;
}

/* What the field is called that the request says wrongly, lacks or should not say; or what must hold, in words. */
static const char *refused_label(struct explain *explain, const struct rko_request *request)
{
	uint32_t number = explain->session->refused_field;

	if (explain->out->decision.refusal == RKO_REFUSED_MUST)
		return must_words(explain, request);
	return number < request->view->nfields ? field_label(explain, request, number) : "";
}

/* What the request may have meant. */
static void explain_refusal(struct explain *explain, const struct rko_request *request)
{
	const struct image *image = explain->image;
	const struct question_view *view = request->view;
	enum rko_refusal refusal = explain->out->decision.refusal;
	uint32_t number = explain->session->refused_field;
	struct names names = { .explain = explain, .near = TEXT(""), .all = TEXT("") };

	explain->out->refused_label = refused_label(explain, request);
	names.wanted = text_from(refusal == RKO_REFUSED_VALUE ? request->refused_code : request->refused_name);
	names.distance = (unsigned)names.wanted.len / 3 + 2;
	if (refusal == RKO_REFUSED_ACTION) {
		for (uint32_t i = 0; i < view->question->actions.count; i++)
			try_name(&names, explain_string(explain, image->actions[view->question->actions.first + i].name));
		tell_names(&names);
	} else if (refusal == RKO_REFUSED_NO_FIELD) {
		for (uint32_t i = 0; i < view->nfields; i++)
			try_name(&names, view->fields[i].name.at);
		names.count = TAKES_MOST + 1;
		tell_names(&names);
	} else if ((refusal == RKO_REFUSED_VALUE || refusal == RKO_REFUSED_MISSING) && number != IMAGE_NONE &&
		   view->fields[number].kind == IMAGE_TYPE_CODE) {
		const struct image_codeset *set = &image->codesets[view->fields[number].target];

		for (uint32_t i = 0; i < set->codes.count; i++)
			try_name(&names, explain_string(explain, image->codes[set->codes.first + i].name));
		tell_names(&names);
	}
}

/* All of it --------------------------------------------------------------------------------------- */

static void explain_question(struct explain *explain, const struct rko_request *request)
{
	const struct image *image = explain->image;
	const struct image_question *question = request->view->question;
	struct rko_explanation *out = explain->out;

	out->language = explain->language;
	out->question = explain_string(explain, question->name);
	out->asks = explain_label(explain, &question->asks, question->name);
	out->action = out->action_label = out->refused = out->candidate = "";
	out->refused_near = out->refused_takes = out->refused_label = "";
	out->lists = !question->grants;
	if (request->action != IMAGE_NONE) {
		const struct image_action *action = &image->actions[question->actions.first + request->action];

		out->action = explain_string(explain, action->name);
		out->action_label = explain_label(explain, &action->label, action->name);
	}
	explain_said(explain, request);
}

/* What only an explanation needs may be unreadable: that is told, and the rest goes on. */
static void section(struct explain *explain, void (*part)(struct explain *))
{
	part(explain);
	if (explain->bind->status != RKO_OK)
		explain->out->incomplete = 1;
	explain->bind->status = RKO_OK;
}

static void explain_tables(struct explain *explain)
{
	const struct plan_view *view = explain->question->view;

	explain->slot_labels = ARENA_ARRAY(explain->arena, view->nslots + 1, const char *);
	explain->value_labels = ARENA_ARRAY(explain->arena, view->nvalues + 1, const char *);
}

static void explain_kept(struct explain *explain)
{
	struct rko_explanation *out = explain->out;

	explain->bind->trace = NULL;
	walk_candidate(explain->bind, &explain->session->verdict, explain->session->verdict.reported);
	out->candidate = candidate_name(explain);
	section(explain, explain_answers);
	section(explain, explain_changes);
	section(explain, explain_rules);
	section(explain, explain_readings);
	section(explain, explain_ladders);
	section(explain, explain_records);
	section(explain, explain_duties);
	section(explain, explain_settle);
}

static bool same_answer(const struct rko_decision *a, const struct rko_decision *b)
{
	return a->status == b->status && a->outcome == b->outcome && a->rule == b->rule && a->duties == b->duties;
}

/* What was decided then cannot even be asked now: the facts, or the records that the request names, are no longer there. */
static bool facts_are_gone(const struct rko_explanation *out, enum rko_status status, const struct rko_decision *decision)
{
	if (decision->status != RKO_OK || decision->outcome == RKO_REFUSED)
		return false;
	return status == RKO_FACTS_GENERATION ||
	       (status == RKO_OK && out->decision.outcome == RKO_REFUSED && out->decision.refusal == RKO_REFUSED_NOT_FOUND);
}

/* What is left of the decision for whoever asks. */
static void withhold(struct rko_decision *decision)
{
	decision->outcome = decision->outcome == RKO_GRANTED ? RKO_GRANTED : RKO_NOT_GRANTED;
	decision->rule = RKO_NOTHING;
	decision->rule_name = decision->because = "";
	decision->refusal = RKO_REFUSED_NOT;
	decision->duties = 0;
	decision->stands_until = decision->today;
	decision->generation = decision->fetches = 0;
	decision->trace = NULL;
	decision->trace_size = 0;
}

/*
 * For whoever asks. A request that is wrong in itself is refused with the reason; what is refused because of the facts
 * is not granted, like everything else that is not granted.
 */
static enum rko_status run_requester(struct explain *explain, const struct rko_request *request,
				     const struct rko_decision *decision)
{
	struct decide_as as = { .generation = decision ? decision->generation : 0, .keep = true };
	struct rko_explanation *out = explain->out;
	struct rko_session *session = explain->session;
	enum rko_status status = session_decide(session, request, &as, &out->decision);
	uint32_t field;

	explain_question(explain, request);
	out->requester = out->reproduced = 1;
	out->was_rule = "";
	if (status == RKO_OK && session_wrong(request, &field) != RKO_REFUSED_NOT) {
		out->refused = text_copy(explain->arena, text_from(out->decision.because)).at;
		explain_refusal(explain, request);
	} else {
		withhold(&out->decision);
		session->bind.trace = NULL;
		explain_tables(explain);
		if (status == RKO_OK)
			explain_requester(explain);
	}
	out->was = out->decision.outcome;
	out->since = out->until = out->decision.today;
	out->decision.generation = out->decision.fetches = 0;
	out->decision.trace = NULL;
	out->decision.trace_size = 0;
	session_done(session);
	session->bind.status = RKO_OK;
	return status;
}

static enum rko_status run(struct explain *explain, const struct rko_request *request,
			   const struct rko_decision *decision)
{
	struct decide_as as = { .generation = decision ? decision->generation : 0, .keep = true, .every = true };
	struct rko_explanation *out = explain->out;
	struct rko_session *session = explain->session;
	enum rko_status status = session_decide(session, request, &as, &out->decision);

	explain_question(explain, request);
	explain_tables(explain);
	/* I13 */
	out->reproduced = !decision || same_answer(decision, &out->decision);
	out->was = out->decision.outcome;
	out->was_rule = "";
	if (!out->reproduced) {
		out->was = decision->outcome;
		if (decision->rule != RKO_NOTHING)
			out->was_rule = explain_string(explain, explain->rules[decision->rule].name);
	}
	out->since = out->until = out->decision.today;
	if (explain->of_trace && facts_are_gone(out, status, decision)) {
		if (status == RKO_OK)
			session_done(session);
		return explain_frozen(explain, request, decision);
	}
	if (status != RKO_OK)
		return status;
	if (out->decision.outcome == RKO_REFUSED) {
		out->refused = text_copy(explain->arena, text_from(out->decision.because)).at;
		explain_refusal(explain, request);
		session_done(session);
		return RKO_OK;
	}
	explain_kept(explain);
	session_done(session);
	if (rko_decide_until(session, request, &out->decision, &out->until, &out->since) != RKO_OK) {
		out->incomplete = 1;
		out->until = out->decision.stands_until;
		out->since = out->decision.today;
	}
	explain_time(explain, request);
	out->decision.trace = NULL;
	out->decision.trace_size = 0;
	return RKO_OK;
}

/* What is explained: a decision, a stored one, or what whoever asks may be told of one. */
enum form { FORM_DECISION, FORM_TRACE, FORM_REQUESTER };

static enum rko_status explain_one(struct rko_session *session, const struct rko_request *request,
				   const struct rko_decision *decision, enum form form, enum rko_language language,
				   struct rko_explanation **ret_explanation)
{
	struct explained *explained = calloc(1, sizeof *explained);
	struct explain explain = { .out = NULL };
	enum rko_status status;
	jmp_buf escape;

	if (!explained)
		return RKO_NO_MEMORY;
	if (request->policy != session->policy || (unsigned)language > RKO_EN) {
		free(explained);
		return RKO_ARGUMENT;
	}
	arena_init(&explained->arena, 256u << 20);
	explain.arena = &explained->arena;
	arena_init(&explained->scratch, 256u << 20);
	explain.scratch = &explained->scratch;
	explain.out = &explained->out;
	explain.session = session;
	explain.bind = &session->bind;
	explain.image = &session->policy->image;
	explain.question = request->view;
	explain.rules = explain.image->rules + request->view->question->rules.first;
	explain.nrules = request->view->question->rules.count;
	explain.language = language;
	explain.of_trace = form == FORM_TRACE;
	explained->arena.escape = &escape;
	explained->scratch.escape = &escape;
	if (setjmp(escape)) {
		session_done(session);
		session->bind.status = RKO_OK;
		rko_explanation_free(&explained->out);
		return RKO_NO_MEMORY;
	}
	status = (form == FORM_REQUESTER ? run_requester : run)(&explain, request, decision);
	explained->arena.escape = NULL;
	arena_free(&explained->scratch);
	*ret_explanation = &explained->out;
	return status;
}

enum rko_status rko_explain(struct rko_session *session, const struct rko_request *request,
			    const struct rko_decision *decision, enum rko_language language,
			    struct rko_explanation **ret_explanation)
{
	return explain_one(session, request, decision, FORM_DECISION, language, ret_explanation);
}

enum rko_status rko_explain_requester(struct rko_session *session, const struct rko_request *request,
				      const struct rko_decision *decision, enum rko_language language,
				      struct rko_explanation **ret_explanation)
{
	return explain_one(session, request, decision, FORM_REQUESTER, language, ret_explanation);
}

void rko_explanation_free(struct rko_explanation *explanation)
{
	struct explained *explained = (struct explained *)explanation;

	if (!explained)
		return;
	arena_free(&explained->arena);
	arena_free(&explained->scratch);
	buf_release(&explained->text);
	buf_release(&explained->json);
	free(explained);
}

enum rko_status rko_explain_trace(struct rko_session *session, const void *trace, size_t size,
				  enum rko_language language, struct rko_explanation **ret_explanation,
				  struct rko_fault *ret_fault)
{
	struct rko_request *request;
	struct rko_decision decision;
	enum rko_status status = rko_trace_read(session->policy, trace, size, &request, &decision, ret_fault);

	if (status != RKO_OK)
		return status;
	status = explain_one(session, request, &decision, FORM_TRACE, language, ret_explanation);
	rko_request_free(request);
	return status;
}
