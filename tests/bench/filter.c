/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * How long a list takes: 10 000 documents of one client, which of them may be read. One call of rko_filter() beside
 * as many of rko_decide(), in turns, on the demonstration's facts and documents made up for it. Both must agree.
 *
 *   build/bench/filter [--self-check] policies policies/demo/facts.yaml
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rko/search.h>

#include "tests/bench/range.h"
#include "tests/common/fixture.h"
#include "tools/common/cli.h"

enum { DOCUMENTS = 10000, ROUNDS = 9 };

static char ids[DOCUMENTS][24];
static const char *values[DOCUMENTS];
static struct rko_filtered found[DOCUMENTS];
static enum rko_outcome outcomes[DOCUMENTS];
static int64_t at;

static double now(void)
{
	return clock_seconds(CLOCK_PROCESS_CPUTIME_ID) * 1e3;
}

/* One document in three is of another client's matter. */
static char *documents(void)
{
	static const char *const matters[] = { "asia_liisa", "asia_liisa", "asia_martti" };
	static const char *const clients[] = { "liisa", "liisa", "martti" };
	static const char *const episodes[] = { "palvelu_liisa", "palvelu_liisa", "palvelu_martti" };
	size_t size = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		exit(1);
	fputs("document:\n", out);
	for (int i = 0; i < DOCUMENTS; i++) {
		snprintf(ids[i], sizeof ids[i], "merkinta_%05d", i);
		values[i] = ids[i];
		fprintf(out, "  %s: {original: %s, controller: ekhva, register: social, type: tapaaminen, state: final, "
			"matter: %s, clients: [%s], service_task: iakkaat, service: yhteisollinen_asuminen, episode: %s, "
			"author_unit: kukkakoti_u1, event: 2026-07-08, created: 2026-07-08, phase: two, "
			"hidden_in_mykanta: no}\n",
			ids[i], ids[i], matters[i % 3], clients[i % 3], episodes[i % 3]);
	}
	fclose(out);
	return text;
}

/* Everything but the document, as a caller says it. */
static void say(struct rko_request *request)
{
	static const char *const said[][2] = {
		{ "user", "kaisa" }, { "unit", "kukkakoti_u1" }, { "work_task", "priv_implementation" },
		{ "purpose", "service" }, { "identification", "professional_card" }, { "client", "liisa" },
		{ "register", "ekhva" }, { "system", "x_jarjestelma" }, { "channel", "kanta" },
	};

	rko_request_clear(request);
	rko_request_action(request, "read");
	for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
		rko_request_set(request, said[i][0], said[i][1]);
	rko_request_at(request, at);
}

static double one_by_one(struct rko_session *session, struct rko_request *request)
{
	double from = now();

	for (int i = 0; i < DOCUMENTS; i++) {
		struct rko_decision decision;

		say(request);
		rko_request_set(request, "document", values[i]);
		rko_decide(session, request, &decision);
		outcomes[i] = decision.outcome;
	}
	return now() - from;
}

static double all_at_once(struct rko_session *session, struct rko_request *request)
{
	double from = now();

	say(request);
	if (rko_filter(session, request, "document", values, DOCUMENTS, found, NULL) != RKO_OK)
		exit(1);
	return now() - from;
}

/* How many are granted; ends the program when the two do not agree. */
static size_t agree(void)
{
	size_t granted = 0;

	for (int i = 0; i < DOCUMENTS; i++) {
		granted += found[i].outcome == RKO_GRANTED;
		if (found[i].outcome == outcomes[i])
			continue;
		printf("%s: %s at once, %s alone\n", values[i], rko_outcome_word(found[i].outcome),
		       rko_outcome_word(outcomes[i]));
		exit(1);
	}
	return granted;
}

static void show(const char *what, double *times)
{
	struct range range = range_of(times, ROUNDS);

	printf("    %s %6.2f ms [%.2f .. %.2f]\n", what, range.middle, range.least, range.most);
}

static void check(size_t granted)
{
	printf("%sok 1 - the list has some that are granted and some that are not\n",
	       granted && granted < DOCUMENTS ? "" : "not ");
	printf("ok 2 - a list at once comes to what its documents come to one by one\n1..2\n");	/* agree() */
	exit(!granted || granted == DOCUMENTS);
}

static void compare(struct rko_session *session, struct rko_request *request, bool checks)
{
	double singly[ROUNDS], at_once[ROUNDS];
	size_t granted = 0;

	for (int i = 0; i < ROUNDS; i++) {
		singly[i] = one_by_one(session, request);
		at_once[i] = all_at_once(session, request);
		granted = agree();
		if (checks)
			check(granted);
	}
	printf("a list of %d documents, %zu of them granted; processor time, the middle of %d rounds\n", DOCUMENTS, granted,
	       ROUNDS);
	show("one by one  ", singly);
	show("rko_filter()", at_once);
}

static void run(const char *policies, const char *demo, bool checks)
{
	char *folder = folder_new(), *yaml, *rows = documents();
	struct rko_policy *policy = policy_compile(NULL, policies);
	struct rko_facts *facts = facts_new(folder);
	struct rko_session *session;
	struct rko_request *request;

	yaml = file_read(demo, NULL);
	facts_load(facts, policy, yaml);
	facts_load(facts, policy, rows);
	at = instant("2026-07-10T10:00+03:00");
	if (rko_session_open(policy, facts, &session, NULL) != RKO_OK ||
	    rko_request_new(policy, "access", &request) != RKO_OK)
		exit(1);
	compare(session, request, checks);
	rko_request_free(request);
	rko_session_close(session);
	rko_facts_close(facts);
	rko_policy_unref(policy);
	folder_remove(folder);
	free(yaml);
	free(rows);
}

int main(int argc, char **argv)
{
	bool checks = argc == 4 && strcmp(argv[1], "--self-check") == 0;

	if (setjmp(cli_no_memory) || argc != 3 + checks)
		return 1;
	run(argv[1 + checks], argv[2 + checks], checks);
	return 0;
}
