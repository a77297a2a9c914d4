/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Asks one question of a policy, and says what came of it. docs/embedding.md goes through it.
 *
 *   cc decide.c $(pkg-config --cflags --libs rko) -o decide
 *   ./decide policy.image facts 2026-07-10T10:00+03:00 access read user=kaisa client=liisa …
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rko/decide.h>

/* FIELD=VALUE; `FIELD=` is a set with nothing in it. What is wrong with a field, the decision says. */
static void say(struct rko_request *request, const char *word)
{
	const char *equals = strchr(word, '=');

	if (equals && equals[1])
		rko_request_set_n(request, word, (size_t)(equals - word), equals + 1, strlen(equals + 1));
	else if (equals) {
		char field[128];

		snprintf(field, sizeof field, "%.*s", (int)(equals - word), word);
		rko_request_set_empty(request, field);
	}
}

static void print(const struct rko_policy *policy, const struct rko_decision *decision)
{
	struct rko_rule_about rule;
	char day[RKO_DAY_TEXT];

	printf("%s", rko_outcome_word(decision->outcome));
	if (decision->rule != RKO_NOTHING) {
		rko_question_rule(policy, decision->question, decision->rule, RKO_EN, &rule);
		printf(" by %s (%s)", rule.name, rule.says);
	}
	if (decision->outcome == RKO_REFUSED) {
		printf(": %s %s\n", decision->because, rko_refusal_word(decision->refusal));
		return;
	}
	rko_day_text(decision->stands_until, day);
	printf("\nstands until %s while the facts are those of generation %" PRIu32 "\n", day, decision->generation);
}

int main(int argc, char **argv)
{
	struct rko_policy *policy = NULL;
	struct rko_facts *facts = NULL;
	struct rko_session *session = NULL;
	struct rko_request *request = NULL;
	struct rko_decision decision = { .outcome = RKO_NOT_GRANTED };
	struct rko_fault fault = { "" };
	enum rko_status status;
	int64_t at;

	if (argc < 6 || rko_instant_parse(argv[3], &at) != RKO_OK) {
		fputs("usage: decide IMAGE STORE INSTANT QUESTION ACTION FIELD=VALUE…\n", stderr);
		return 3;
	}
	status = rko_policy_open(argv[1], &policy, &fault);
	if (status == RKO_OK)
		status = rko_facts_open(argv[2], 0, &facts, &fault);
	if (status == RKO_OK)
		status = rko_session_open(policy, facts, &session, &fault);
	if (status == RKO_OK)
		status = rko_request_new(policy, argv[4], &request);
	if (status == RKO_OK) {
		rko_request_action(request, argv[5]);
		for (int i = 6; i < argc; i++)
			say(request, argv[i]);
		rko_request_at(request, at);
		status = rko_decide(session, request, &decision);
	}
	if (status == RKO_OK)
		print(policy, &decision);
	else
		fprintf(stderr, "%s: %s\n", rko_status_word(status),
			fault.text[0] ? fault.text : rko_status_meaning(status));

	rko_request_free(request);	/* in this order: sessions before the facts they use */
	rko_session_close(session);
	rko_facts_close(facts);
	rko_policy_unref(policy);
	if (status != RKO_OK)
		return 5;
	return decision.outcome == RKO_GRANTED ? 0 : 1;
}
