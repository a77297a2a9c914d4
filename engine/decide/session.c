/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/decide/session.h"

#include <stdlib.h>

#include "engine/facts/facts.h"

/* Opening ----------------------------------------------------------------------------------------- */

/* The most that a trace can hold: what was said, every slot and feature for each candidate, every row. */
static uint32_t trace_size(const struct rko_policy *policy)
{
	uint64_t most = 0;	/* and room for one entry behind it */

	for (uint32_t i = 0; i < policy->image.n_questions; i++) {
		const struct question_view *question = &policy->questions[i];
		const struct plan_view *view = question->view;
		uint64_t candidates = view->plan->pivot == IMAGE_NONE
					      ? 1 : view->scans[view->plan->pivot].bound + 2u;
		uint64_t key = 2 + 7 + LIMIT_KEY_BYTES, here = sizeof(struct trace_head);

		here += LIMIT_REQUEST_BYTES + (question->nfields + LIMIT_REQUEST_ELEMENTS) * 6ull;
		here += candidates * (key + view->nslots * key + view->nfeatures * 6ull + view->nrows * key +
				      view->nscans * 7ull);
		if (here > most)
			most = here;
	}
	most += TRACE_ENTRY_MOST;
	return most < UINT32_MAX ? (uint32_t)most : UINT32_MAX;
}

/* What every trace of the session begins with is written once. */
static enum rko_status trace_init(struct trace *trace, const struct rko_policy *policy)
{
	struct trace_head head = { .magic = TRACE_MAGIC, .format = TRACE_FORMAT };
	size_t size = trace_size(policy);

	trace->at = malloc(size);
	if (!trace->at)
		return RKO_NO_MEMORY;
	memcpy(head.policy, policy->image.head->digest, sizeof head.policy);
	strncpy(head.zone, zone_version(), sizeof head.zone - 1);
	memcpy(trace->at, &head, sizeof head);
	trace->last = trace->at + size - TRACE_ENTRY_MOST;
	return RKO_OK;
}

static enum rko_status bind_store(struct rko_session *session, struct binding **ret_binding)
{
	enum rko_status status = store_reader_renew(session->reader);

	if (status != RKO_OK)
		return status;
	status = binding_new(&session->policy->image, session->reader, ret_binding);
	store_reader_reset(session->reader);
	return status;
}

enum rko_status rko_session_open(struct rko_policy *policy, struct rko_facts *facts, struct rko_session **ret_session,
				 struct rko_fault *fault)
{
	struct rko_session *session = calloc(1, sizeof *session);
	enum rko_status status;

	if (fault)
		fault->text[0] = '\0';
	if (!session)
		return RKO_NO_MEMORY;
	session->policy = rko_policy_ref(policy);
	session->facts = facts;
	status = bind_init(&session->bind, policy);
	if (status == RKO_OK)
		status = trace_init(&session->trace, policy);
	if (status == RKO_OK)
		status = store_reader_open(facts->store, &session->reader);
	if (status == RKO_OK)
		status = store_reader_remember(session->reader);
	if (status == RKO_OK)
		status = bind_store(session, &session->binding);
	if (status != RKO_OK) {
		fault_say(fault, "%s", rko_status_meaning(status));
		rko_session_close(session);
		return status;
	}
	*ret_session = session;
	return RKO_OK;
}

void rko_session_close(struct rko_session *session)
{
	if (!session)
		return;
	store_reader_close(session->reader);
	binding_free(session->binding);
	bind_release(&session->bind);
	free(session->trace.at);
	rko_policy_unref(session->policy);
	free(session);
}

enum rko_status rko_session_refresh(struct rko_session *session)
{
	struct binding *binding;
	enum rko_status status = bind_store(session, &binding);

	if (status != RKO_OK)
		return status;
	binding_free(session->binding);
	session->binding = binding;
	session->newest_state = 0;
	return RKO_OK;
}

/* Deciding ---------------------------------------------------------------------------------------- */

/* I5: the generation that this decision reads, of the snapshot that is open. */
enum rko_status session_snapshot(struct rko_session *session, uint32_t wanted, uint32_t *ret_generation)
{
	uint64_t state = store_reader_state(session->reader);
	enum rko_status status;

	if (session->newest_state != state || !state) {
		status = store_newest(session->reader, &session->newest);
		if (status != RKO_OK)
			return status;
		session->newest_state = state;
	}
	if (session->newest.schema != session->binding->schema)
		return RKO_FACTS_SCHEMA;
	if (wanted > session->newest.number)
		return RKO_FACTS_GENERATION;
	*ret_generation = wanted ? wanted : session->newest.number;
	return RKO_OK;
}

enum rko_refusal session_wrong(const struct rko_request *request, uint32_t *ret_field)
{
	day_t today;

	*ret_field = IMAGE_NONE;
	if (request->refusal != RKO_REFUSED_NOT) {
		*ret_field = request->refused_field;
		return request->refusal;
	}
	if (!request->has_instant || !zone_day(request->instant, &today))
		return RKO_REFUSED_INSTANT;
	if (request->action == IMAGE_NONE)
		return RKO_REFUSED_ACTION;
	return request_complete(request, ret_field);
}

/* The records that the request names, and those that a record it gives refers to. */
static bool find_named(struct bind *bind)
{
	const struct plan_view *view = bind->view;
	const struct question_view *question = bind->question;

	for (uint32_t i = 0; i < question->nnamed && bind->status == RKO_OK && !bind->refusal; i++) {
		const struct image_slot *slot = &view->slots[question->named[i]];

		if (slot->kind == IMAGE_SLOT_REQUEST || bind->slots[view->values[slot->from].of].given)
			bind_slot(bind, question->named[i]);
	}
	return bind->status == RKO_OK;
}

/* The number of the first `must` that does not hold, or IMAGE_NONE. */
static uint32_t broken_must(struct bind *bind)
{
	const struct image_question *question = bind->question->question;

	for (uint32_t i = 0; i < question->musts.count; i++) {
		const struct image_must *must = &bind->policy->image.musts[question->musts.first + i];

		if (must->actions >> bind->action & 1 && bind_truth(bind, must->root) == TRUTH_NO &&
		    bind->status == RKO_OK)
			return question->musts.first + i;
	}
	return IMAGE_NONE;
}

static void refused(struct rko_session *session, const struct rko_request *request, enum rko_refusal refusal,
		    uint32_t field, struct rko_decision *decision)
{
	session->refused_field = field;
	decision->outcome = RKO_REFUSED;
	decision->refusal = refusal;
	if (field != IMAGE_NONE)
		decision->because = request->view->fields[field].name.at;
	else if (request->refused_name[0])
		decision->because = request->refused_name;
	else if (refusal == RKO_REFUSED_INSTANT)
		decision->because = "instant";
	else if (refusal == RKO_REFUSED_ACTION)
		decision->because = "action";
}

void session_answer(struct rko_session *session, const struct rko_request *request, bool every,
		    struct rko_decision *decision)
{
	struct bind *bind = &session->bind;
	const struct image *image = &session->policy->image;
	uint32_t must;

	if (!find_named(bind))
		return;
	if (bind->refusal) {
		refused(session, request, bind->refusal, bind->refused_field, decision);
		return;
	}
	must = broken_must(bind);
	if (bind->status != RKO_OK)
		return;
	if (must != IMAGE_NONE) {
		refused(session, request, RKO_REFUSED_MUST, IMAGE_NONE, decision);
		decision->because = image_string(image, image->musts[must].text);
		return;
	}
	if (!walk(bind, every, &session->verdict))
		return;
	decision->outcome = session->verdict.outcome;
	decision->duties = session->verdict.duties;
	decision->rule = session->verdict.rule;
	decision->stands_until = bind->next_cut == NO_CUT ? RKO_DAY_OPEN : bind->next_cut - 1;
	if (decision->rule != IMAGE_NONE)
		decision->rule_name = image_string(
			image, image->rules[bind->question->question->rules.first + decision->rule].name);
}

static inline void trace_one(struct trace *trace, const struct rko_request *request, uint32_t field,
			     const struct said_value *said)
{
	bool text = said->said == SAID_TEXT;
	uint32_t size = said->said == SAID_SET ? 0 : text ? said->text_len : 4;
	uint8_t *at = trace_room(trace, TRACE_SAID, 3 + size);

	if (!at)
		return;
	put_le16(at, (uint16_t)field);
	at[2] = said->said;
	if (text)
		trace_copy(at + 3, request->text + said->text_at, size);
	else if (size)
		put_le32(at + 3, (uint32_t)said->fact);
}

/* What the request said, as it said it, so that the same can be asked again. */
static void trace_said(struct trace *trace, const struct rko_request *request)
{
	for (uint32_t i = 0; i < request->view->nfields; i++) {
		const struct said_value *said = &request->fields[i];

		if (said->said == SAID_NOT)
			continue;
		if (said->said != SAID_SET || !said->first)
			trace_one(trace, request, i, said);
		else
			for (uint32_t next = said->first; next; next = request->elements[next - 1].next)
				trace_one(trace, request, i, &request->elements[next - 1]);
	}
}

static void begin_trace(struct rko_session *session, const struct rko_request *request)
{
	session->refused_field = IMAGE_NONE;
	session->trace.next = session->trace.at + sizeof(struct trace_head);
	session->trace.entries = 0;
	session->trace.full = false;
	trace_said(&session->trace, request);
}

static void end_trace(struct rko_session *session, const struct rko_request *request,
		      struct rko_decision *decision)
{
	struct trace *trace = &session->trace;
	struct trace_head head = {
		.size = trace_len(trace),
		.instant = request->instant,
		.today = decision->today,
		.generation = decision->generation,
		.question = (uint16_t)request->question,
		.action = (uint16_t)request->action,
		.status = (uint16_t)decision->status,
		.outcome = (uint8_t)decision->outcome,
		.refusal = (uint8_t)decision->refusal,
		.rule = decision->rule,
		.stands_until = decision->stands_until,
		.duties = decision->duties,
		.refused_field = (uint16_t)session->refused_field,
		.candidates = session->bind.candidate,
		.fetches = decision->fetches,
		.entries = trace->entries,
	};

	trace_finish(trace, &head);
	decision->trace = trace->at;
	decision->trace_size = trace_len(trace);
}

void session_day(const struct rko_request *request, day_t *ret_day)
{
	if (request->has_day)
		*ret_day = request->day;
	else if (request->has_instant)
		zone_day(request->instant, ret_day);
}

/* I1: a failure is a denial, whatever had been found by then. */
static enum rko_status failed(struct rko_decision *decision, enum rko_status status)
{
	decision->status = status;
	decision->outcome = RKO_NOT_GRANTED;
	decision->duties = 0;
	decision->rule = RKO_NOTHING;
	decision->rule_name = "";
	decision->because = "";
	decision->refusal = RKO_REFUSED_NOT;
	decision->stands_until = decision->today;
	return status;
}

void session_aim(struct rko_session *session, const struct rko_request *request, uint32_t generation)
{
	struct bind *bind = &session->bind;

	bind->binding = session->binding;
	bind->reader = session->reader;
	bind->get = NULL;
	bind->request = request;
	bind->generation = generation;
	bind->instant = request->instant;
	bind->action = request->action;
}

static enum rko_status decide_in(struct rko_session *session, const struct rko_request *request,
				 const struct decide_as *as, struct rko_decision *decision)
{
	struct bind *bind = &session->bind;
	uint32_t wanted = as->generation ? as->generation : request->generation;
	enum rko_status status = session_snapshot(session, wanted, &decision->generation);
	enum rko_refusal refusal;
	uint32_t field;

	if (status != RKO_OK)
		return status;
	session_aim(session, request, decision->generation);
	bind->trace = &session->trace;
	bind_begin(bind, request->view->view, request->view);
	refusal = session_wrong(request, &field);
	if (refusal != RKO_REFUSED_NOT) {
		refused(session, request, refusal, field, decision);
	} else {
		bind->today = decision->today;
		session_answer(session, request, as->every, decision);
	}
	decision->fetches = bind->fetches;
	if (session->trace.full && bind->status == RKO_OK)
		bind->status = RKO_INTERNAL;
	return bind->status;
}

enum rko_status session_decide(struct rko_session *session, const struct rko_request *request,
			       const struct decide_as *as, struct rko_decision *decision)
{
	enum rko_status status;

	*decision = (struct rko_decision){
		.outcome = RKO_NOT_GRANTED,
		.question = request->question,
		.action = request->action,
		.rule = RKO_NOTHING,
		.rule_name = "",
		.because = "",
		.instant = request->instant,
	};
	if (request->policy != session->policy)
		return failed(decision, RKO_ARGUMENT);
	if (as->day)
		decision->today = *as->day;
	else
		session_day(request, &decision->today);
	begin_trace(session, request);
	status = store_reader_renew(session->reader);
	if (status == RKO_OK) {
		status = decide_in(session, request, as, decision);
		if (!as->keep || status != RKO_OK)
			store_reader_reset(session->reader);
	}
	if (status != RKO_OK)
		failed(decision, status);
	end_trace(session, request, decision);
	return status;
}

void session_done(struct rko_session *session)
{
	store_reader_reset(session->reader);
}

/* I3: from here on no memory is taken and no lock; what is needed was taken by rko_session_open(). */
enum rko_status rko_decide(struct rko_session *session, const struct rko_request *request,
			   struct rko_decision *ret_decision)
{
	static const struct decide_as plainly = { 0 };

	return session_decide(session, request, &plainly, ret_decision);
}
