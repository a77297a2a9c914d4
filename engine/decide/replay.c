/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A stored trace, read back: the request that was asked and the decision it came to, so that the same can be
 * decided and explained again. Nothing of the bytes is trusted: they may come from anywhere.
 */
#include "engine/decide/request.h"
#include "engine/decide/trace.h"

struct replay {
	const struct rko_policy *policy;
	const uint8_t *bytes;
	struct trace_head head;
	struct rko_fault *fault;
};

static bool bad(const struct replay *replay, const char *why)
{
	fault_say(replay->fault, "%s", why);
	return false;
}

/* What every trace begins with, whatever policy it is of. */
static bool read_head(struct replay *replay, size_t size)
{
	struct trace_head *head = &replay->head;

	if (size < sizeof *head || memcmp(replay->bytes, TRACE_MAGIC, sizeof head->magic) != 0)
		return bad(replay, "this is no trace of a decision");
	memcpy(head, replay->bytes, sizeof *head);
	if (head->format != TRACE_FORMAT)
		return bad(replay, "the trace has another format than this library reads");
	if (head->size != size || !memchr(head->zone, '\0', sizeof head->zone) || head->reserved)
		return bad(replay, "the trace is damaged: its head does not fit it");
	return true;
}

/* The numbers of the head mean something in the policy. */
static bool head_fits(const struct replay *replay)
{
	const struct trace_head *head = &replay->head;
	const struct image *image = &replay->policy->image;
	const struct image_question *question;

	if (memcmp(head->policy, image->head->digest, sizeof head->policy) != 0)
		return bad(replay, "the trace is of another policy than this image");
	if (head->question >= image->n_questions)
		return bad(replay, "the trace is damaged: there is no such question");
	question = &image->questions[head->question];
	if (head->action >= question->actions.count && head->action != UINT16_MAX)
		return bad(replay, "the trace is damaged: there is no such action");
	if ((head->rule >= question->rules.count && head->rule != RKO_NOTHING) || head->outcome > RKO_REFUSED ||
	    head->refusal > RKO_REFUSED_LIMIT || (head->outcome == RKO_REFUSED) != (head->refusal != RKO_REFUSED_NOT) ||
	    (question->duties.count < 64 && head->duties >> question->duties.count))
		return bad(replay, "the trace is damaged: what came of the decision cannot be");
	if ((head->today || head->refusal != RKO_REFUSED_INSTANT) && !day_valid(head->today))
		return bad(replay, "the trace is damaged: there is no such day");
	if (head->refused_field >= replay->policy->questions[head->question].nfields && head->refused_field != UINT16_MAX)
		return bad(replay, "the trace is damaged: there is no such field");
	return true;
}

/* How long the rest of an entry may be. */
static bool entry_fits(uint8_t kind, uint8_t size)
{
	switch ((enum trace_kind)kind) {
	case TRACE_SAID:
		return size >= 3;
	case TRACE_CANDIDATE:
	case TRACE_SLOT:
	case TRACE_ROW:
		return size >= 7 && size <= 7 + LIMIT_KEY_BYTES;
	case TRACE_SCAN:
		return size == 5;
	case TRACE_FEATURE:
		return size == 4;
	}
	return false;
}

static bool read_entries(const struct replay *replay, struct rko_request *request)
{
	uint32_t at = sizeof(struct trace_head), count = 0;
	bool said = true;

	for (; at < replay->head.size; count++) {
		const uint8_t *entry = replay->bytes + at;
		uint32_t left = replay->head.size - at;

		if (left < 2 || left - 2 < entry[1] || !entry_fits(entry[0], entry[1]))
			return bad(replay, "the trace is damaged: an entry does not fit it");
		/* What the request said stands before what was read. */
		if (entry[0] == TRACE_SAID &&
		    (!said || !request_restore(request, get_le16(entry + 2), entry[4], entry + 5, entry[1] - 3u)))
			return bad(replay, "the trace is damaged: the request cannot have said that");
		said = entry[0] == TRACE_SAID;
		at += entry[1] + 2u;
	}
	return count == replay->head.entries || bad(replay, "the trace is damaged: entries are missing");
}

/* A mistake that was made while the request was said is not among what it said. */
static void restore_refusal(const struct trace_head *head, struct rko_request *request)
{
	switch ((enum rko_refusal)head->refusal) {
	case RKO_REFUSED_INSTANT:
	case RKO_REFUSED_ACTION:
	case RKO_REFUSED_NO_FIELD:
	case RKO_REFUSED_TWICE:
	case RKO_REFUSED_VALUE:
	case RKO_REFUSED_LIMIT:
		request->refusal = (enum rko_refusal)head->refusal;
		request->refused_field = head->refused_field == UINT16_MAX ? IMAGE_NONE : head->refused_field;
		break;
	case RKO_REFUSED_NOT:
	case RKO_REFUSED_MISSING:
	case RKO_REFUSED_NOT_CARRIED:
	case RKO_REFUSED_NOT_FOUND:
	case RKO_REFUSED_EXISTS:
	case RKO_REFUSED_MUST:
		break;
	}
}

static bool restore(const struct replay *replay, struct rko_request *request)
{
	const struct trace_head *head = &replay->head;
	day_t day;

	if (!read_entries(replay, request))
		return false;
	request->action = head->action == UINT16_MAX ? IMAGE_NONE : head->action;
	rko_request_at(request, head->instant);
	if (zone_day(head->instant, &day) && day != head->today && day_valid(head->today))
		rko_request_on(request, head->today);
	rko_request_as_of(request, head->generation);
	restore_refusal(head, request);
	return true;
}

static struct rko_decision decision_of(const struct replay *replay, const struct rko_request *request)
{
	const struct trace_head *head = &replay->head;
	const struct image *image = &replay->policy->image;

	return (struct rko_decision){
		.status = (enum rko_status)head->status,
		.outcome = (enum rko_outcome)head->outcome,
		.question = head->question,
		.action = request->action,
		.rule = head->rule,
		.rule_name = head->rule == RKO_NOTHING
				     ? "" : image_string(image, image->rules[request->view->question->rules.first + head->rule].name),
		.duties = head->duties,
		.today = head->today,
		.stands_until = head->stands_until,
		.instant = head->instant,
		.generation = head->generation,
		.refusal = (enum rko_refusal)head->refusal,
		.because = head->refused_field == UINT16_MAX ? "" : request->view->fields[head->refused_field].name.at,
		.fetches = head->fetches,
		.trace = replay->bytes,
		.trace_size = head->size,
	};
}

enum rko_status rko_trace_policy(const void *trace, size_t size, uint8_t ret_digest[RKO_DIGEST_BYTES],
				 struct rko_fault *fault)
{
	struct replay replay = { .bytes = trace, .fault = fault };

	if (!read_head(&replay, size))
		return RKO_ARGUMENT;
	memcpy(ret_digest, replay.head.policy, RKO_DIGEST_BYTES);
	return RKO_OK;
}

enum rko_status rko_trace_read(struct rko_policy *policy, const void *trace, size_t size,
			       struct rko_request **ret_request, struct rko_decision *ret_decision,
			       struct rko_fault *fault)
{
	struct replay replay = { .policy = policy, .bytes = trace, .fault = fault };
	struct rko_request *request;
	enum rko_status status;

	if (!read_head(&replay, size) || !head_fits(&replay))
		return RKO_ARGUMENT;
	status = rko_request_new(policy, image_string(&policy->image, policy->image.questions[replay.head.question].name),
				 &request);
	if (status != RKO_OK)
		return status;
	if (!restore(&replay, request)) {
		rko_request_free(request);
		return RKO_ARGUMENT;
	}
	*ret_decision = decision_of(&replay, request);
	*ret_request = request;
	return RKO_OK;
}
