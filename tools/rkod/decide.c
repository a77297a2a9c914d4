/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rkod/decide.h"

#include <string.h>

#include "tools/rkod/clock.h"
#include "tools/rkod/record.h"

/* Whether anything may be decided now at all; else the exchange says why. */
static bool fit_to_decide(struct sitting *sitting)
{
	const struct config *config = sitting->exchange->config;
	struct facts_seen facts = ground_seen();
	struct rko_audit_about about;
	enum clock_state clock = clock_now(&sitting->instant);

	if (clock != CLOCK_GOOD) {
		exchange_unavailable(sitting->exchange, clock_word(clock),
				     "The clock of this machine cannot be right; see docs/sidecar.md.");
		return false;
	}
	if (facts.status != RKO_OK) {
		exchange_unavailable(sitting->exchange, rko_status_word(facts.status), "The facts cannot be read.");
		return false;
	}
	if (config->facts_max_age && sitting->instant - facts.recorded > config->facts_max_age) {
		exchange_unavailable(sitting->exchange, "facts_stale", "The facts are older than is allowed here.");
		return false;
	}
	if (record_state(&about) != RKO_OK) {
		exchange_unavailable(sitting->exchange, "audit_unavailable",
				     "The record cannot be written; no decision leaves without one.");
		return false;
	}
	if (about.oldest_ns > (uint64_t)config->audit_seconds * 1000000000u) {
		exchange_unavailable(sitting->exchange, "audit_slow", "The record is not written in time.");
		return false;
	}
	return true;
}

bool sitting_begin(struct sitting *sitting, struct exchange *exchange)
{
	*sitting = (struct sitting){ .exchange = exchange };
	if (!fit_to_decide(sitting))
		return false;
	sitting->ground = ground_take();
	if (sitting->ground)
		sitting->worker = ground_worker(sitting->ground);
	if (sitting->worker)
		return true;
	exchange_unavailable(exchange, sitting->ground ? "no_memory" : "policy_unavailable",
			     sitting->ground ? "Memory or readers of the facts ran out." : "There is no policy.");
	ground_drop(sitting->ground);
	return false;
}

enum handled sitting_end(struct sitting *sitting)
{
	enum handled handled = HANDLED;

	if (rko_audit_batch_count(sitting->worker->batch))
		handled = record_submit(sitting->exchange, sitting->worker->batch);
	ground_worker_back(sitting->worker);
	ground_drop(sitting->ground);
	return handled;
}

/* The facts' kinds or codes may have grown since the session was opened. */
static void decide(struct sitting *sitting, const struct rko_request *request, struct rko_decision *decision)
{
	uint64_t began = clock_steady();

	rko_decide(sitting->worker->session, request, decision);
	if (decision->status == RKO_FACTS_SCHEMA && rko_session_refresh(sitting->worker->session) == RKO_OK)
		rko_decide(sitting->worker->session, request, decision);
	metrics_decided(clock_steady() - began);
}

static struct rko_audit_asker asker_of(const struct sitting *sitting)
{
	return (struct rko_audit_asker){
		.caller = sitting->exchange->caller,
		.correlation = sitting->exchange->request_id[0] ? sitting->exchange->request_id : NULL,
	};
}

static void record(struct sitting *sitting, struct verdict *verdict)
{
	struct rko_audit_asker asker = asker_of(sitting);
	enum rko_status status;

	if (!record_wanted())
		return;
	status = rko_audit_batch_add(sitting->worker->batch, &asker, verdict->request, &verdict->decision, verdict->id);
	if (status == RKO_OK)
		return;
	verdict->permit = false;
	verdict->failure = "audit_unavailable";
}

bool sitting_explained(struct sitting *sitting, const struct verdict *verdict, const struct rko_decision *decision,
		       const struct rko_explanation *explanation)
{
	struct rko_audit_asker asker = asker_of(sitting);

	return !record_wanted() ||
	       rko_audit_batch_explained(sitting->worker->batch, &asker, verdict->request, decision, explanation,
					 verdict->id, NULL) == RKO_OK;
}

struct rko_explanation *sitting_told(struct sitting *sitting, const struct verdict *verdict, enum rko_language language)
{
	struct rko_explanation *told = NULL;

	if (rko_explain_requester(sitting->worker->session, verdict->request, &verdict->decision, language, &told) == RKO_OK)
		return told;
	rko_explanation_free(told);
	return NULL;
}

void sitting_decide(struct sitting *sitting, const struct ask *ask, struct verdict *verdict)
{
	const struct mapping *mapping = sitting->ground->mapping;
	const struct map_action *action = mapping_action(mapping, ask->action);
	uint32_t question = action ? action->question : mapping->first;

	memset(verdict, 0, sizeof *verdict);
	verdict->request = worker_request(sitting->worker, question);
	if (!verdict->request) {
		verdict->failure = "no_memory";
		return;
	}
	if (action)
		mapping_say(mapping, action, ask, verdict->request);
	else
		rko_request_action(verdict->request, ask->action);
	rko_request_at(verdict->request, sitting->instant);
	if (sitting->generation)
		rko_request_as_of(verdict->request, sitting->generation);
	decide(sitting, verdict->request, &verdict->decision);
	ground_count(sitting->ground, &verdict->decision);
	if (verdict->decision.status != RKO_OK) {
		metrics_add(METRIC_FAILED_DECISIONS, 1);
		verdict->failure = rko_status_word(verdict->decision.status);
	} else if (verdict->decision.generation) {
		sitting->generation = verdict->decision.generation;
	}
	verdict->permit = !verdict->failure && verdict->decision.outcome == RKO_GRANTED;
	record(sitting, verdict);
}
