/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Stored traces. What is read back can be decided and explained, in three languages, in words and as JSON; also for
 * whoever asked, and also when its generation cannot be read. The digest and the size are put right first.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/decide/policy.h"
#include "engine/decide/trace.h"
#include "tests/fuzz/lib/fuzz.h"

enum { TRACE_MOST = 8 << 10 };

static struct rko_policy *policy;
static struct rko_session *session;

static void begin(void)
{
	struct rko_facts *facts = facts_new(fuzz_folder());
	char *yaml = file_read("tests/common/library.yaml", NULL);

	policy = policy_compile(NULL, "tests/common/library.rko");
	facts_load(facts, policy, yaml);
	facts_load(facts, policy, "recorded: 2026-02-01T12:00+02:00\ncustomer:\n  pekka: {group: adult, town: raahe, "
				  "guardian: none, banned: no, likes: [film]}\n");
	free(yaml);
	HOLDS(rko_session_open(policy, facts, &session, NULL) == RKO_OK, "no session");
}

static void explain(const uint8_t *trace, size_t size)
{
	for (int language = RKO_FI; language <= RKO_EN; language++) {
		struct rko_explanation *why = NULL;
		struct rko_fault fault = { "" };
		enum rko_status status = rko_explain_trace(session, trace, size, (enum rko_language)language, &why, &fault);

		HOLDS(status != RKO_ARGUMENT && status != RKO_INTERNAL, "a trace that was read is explained with %s: %s",
		      rko_status_word(status), fault.text);
		if (why)
			fuzz_explain(why);
		rko_explanation_free(why);
	}
}

static void ask_again(struct rko_request *request, const struct rko_decision *then)
{
	struct rko_explanation *why = NULL;
	struct rko_decision now;

	rko_decide(session, request, &now);
	HOLDS(now.status != RKO_INTERNAL && now.status != RKO_ARGUMENT, "deciding again ends with %s",
	      rko_status_word(now.status));
	rko_explain_requester(session, request, then, RKO_EN, &why);
	if (why)
		fuzz_explain(why);
	rko_explanation_free(why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rko_request *request = NULL;
	struct rko_fault fault = { "" };
	struct rko_decision decision;
	struct trace_head head;
	uint8_t *trace;

	if (!session)
		begin();
	if (size > TRACE_MOST)
		return 0;
	trace = malloc(size ? size : 1);
	memcpy(trace, data, size);
	if (size >= sizeof head) {
		memcpy(&head, trace, sizeof head);
		memcpy(head.policy, policy->image.head->digest, sizeof head.policy);
		head.size = (uint32_t)size;
		memcpy(trace, &head, sizeof head);
	}
	if (rko_trace_read(policy, trace, size, &request, &decision, &fault) == RKO_OK) {
		explain(trace, size);
		ask_again(request, &decision);
		rko_request_free(request);
	} else {
		HOLDS(fault.text[0], "refused, and no reason");
	}
	free(trace);
	return 0;
}
