/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Keeps the trace of a decision, reads it byte by byte, and explains the decision from it later. docs/trace.md says
 * what each byte is.
 *
 *   cc trace.c $(pkg-config --cflags --libs rko) -o trace
 *   ./trace keep t.bin policy.image facts 2026-07-10T10:00+03:00 access read user=kaisa client=liisa …
 *   ./trace show t.bin policy.image
 *   ./trace explain t.bin policy.image facts access read user=kaisa client=liisa …
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rko/decide.h>
#include <rko/explain.h>

enum { HEAD = 120, TRACE_MOST = 1 << 20, SAID = 1, CANDIDATE, SLOT, ROW, SCAN, FEATURE };

static uint32_t get(const uint8_t *at, int bytes)
{
	uint32_t value = 0;

	for (int i = bytes; i-- > 0;)
		value = value << 8 | at[i];
	return value;
}

static int64_t get_instant(const uint8_t *at)
{
	return (int64_t)((uint64_t)get(at + 4, 4) << 32 | get(at, 4));
}

/* The next entry; NULL when there is none. A trace comes from outside: its lengths are not believed. */
static const uint8_t *next_entry(const uint8_t *trace, size_t size, size_t *at)
{
	const uint8_t *entry = trace + *at;

	if (size - *at < 2 || size - *at - 2 < entry[1])
		return NULL;
	*at += 2u + entry[1];
	return entry;
}

/* keep -------------------------------------------------------------------------------------------- */

static int keep(const char *path, struct rko_session *session, struct rko_request *request, const char *instant)
{
	struct rko_decision decision;
	int64_t at;
	FILE *file;
	int good;

	if (rko_instant_parse(instant, &at) == RKO_OK)
		rko_request_at(request, at);
	rko_decide(session, request, &decision);
	file = fopen(path, "wb");
	good = file && fwrite(decision.trace, 1, decision.trace_size, file) == decision.trace_size;
	if (file && fclose(file) != 0)
		good = 0;
	printf("%s, a trace of %zu bytes\n", rko_outcome_word(decision.outcome), decision.trace_size);
	return good ? 0 : 5;
}

/* show -------------------------------------------------------------------------------------------- */

/* Fields are numbered as the question has them; behind them come those of records that the request gives. */
static void show_said(const uint8_t *entry, const struct rko_policy *policy, uint32_t question)
{
	const uint8_t *rest = entry + 2;
	struct rko_question_about about;
	struct rko_field_about field = { .name = "a field of a record" };

	rko_question_about(policy, question, RKO_EN, &about);
	if (get(rest, 2) < about.fields)
		rko_question_field(policy, question, get(rest, 2), RKO_EN, &field);
	if (rest[2] == 2)
		printf("said %s = %.*s\n", field.name, entry[1] - 3, (const char *)rest + 3);
	else if (rest[2] == 1)
		printf("said %s = number %" PRIu32 "\n", field.name, get(rest + 3, 4));
	else
		printf("said %s = an empty set\n", field.name);
}

static void show_entry(const uint8_t *entry, const struct rko_policy *policy, uint32_t question)
{
	static const char *const states[] = { "there", "absent", "not known" };
	const uint8_t *rest = entry + 2;

	switch (entry[0]) {
	case SAID:
		show_said(entry, policy, question);
		break;
	case CANDIDATE:
		printf("candidate %" PRIu32 ": %s\n", get(rest, 2), states[rest[2] % 3]);
		break;
	case SLOT:
		printf("record %" PRIu32 ": %s, generation %" PRIu32 "\n", get(rest, 2), states[rest[2] % 3], get(rest + 3, 4));
		break;
	case ROW:
		printf("row of scan %" PRIu32 ", generation %" PRIu32 "\n", get(rest, 2), get(rest + 3, 4));
		break;
	case SCAN:
		printf("scan %" PRIu32 ": %" PRIu32 " rows\n", get(rest, 2), get(rest + 3, 2));
		break;
	case FEATURE:
		printf("feature %" PRIu32 ": answer %" PRIu32 "\n", get(rest, 2), get(rest + 2, 2));
		break;
	}
}

static int show(const uint8_t *trace, size_t size, const struct rko_policy *policy)
{
	char instant[RKO_INSTANT_TEXT] = "?";
	uint32_t question = get(trace + 80, 2);
	const uint8_t *entry;
	size_t at = HEAD;

	rko_instant_text(get_instant(trace + 64), instant);
	printf("policy %02x%02x%02x%02x…, zone table %.16s, instant %s, generation %" PRIu32 "\n", trace[16], trace[17],
	       trace[18], trace[19], (const char *)trace + 48, instant, get(trace + 76, 4));
	printf("status %" PRIu32 ", outcome %s, rule %" PRIu32 ", %" PRIu32 " rows looked up, %" PRIu32 " entries\n",
	       get(trace + 84, 2), rko_outcome_word((enum rko_outcome)trace[86]), get(trace + 88, 4), get(trace + 108, 4),
	       get(trace + 112, 4));
	while ((entry = next_entry(trace, size, &at)))
		show_entry(entry, policy, question);
	return at == size ? 0 : 5;
}

/* explain ----------------------------------------------------------------------------------------- */

/* The decision as the trace tells it, made again on the generation that it read. */
static int explain(const uint8_t *trace, struct rko_policy *policy, struct rko_session *session,
		   struct rko_request *request)
{
	struct rko_decision decision = {
		.status = (enum rko_status)get(trace + 84, 2),
		.outcome = (enum rko_outcome)trace[86],
		.rule = get(trace + 88, 4),
		.duties = (uint64_t)get_instant(trace + 96),
		.generation = get(trace + 76, 4),
	};
	struct rko_explanation *why = NULL;
	struct rko_policy_about about;
	int good;

	rko_policy_about(policy, &about);
	if (memcmp(about.digest, trace + 16, sizeof about.digest) != 0) {
		fputs("the decision was made by another policy\n", stderr);
		return 3;
	}
	rko_request_at(request, get_instant(trace + 64));
	rko_request_on(request, (rko_day)get(trace + 72, 4));
	good = rko_explain(session, request, &decision, RKO_EN, &why) == RKO_OK;
	if (good)
		printf("%s: %s", why->reproduced ? "it comes out as it did" : "it comes out otherwise",
		       rko_explanation_text(why, 0, 100));
	rko_explanation_free(why);
	return good ? 0 : 5;
}

/* All --------------------------------------------------------------------------------------------- */

/* QUESTION ACTION FIELD=VALUE…; NULL when there is no such question. */
static struct rko_request *make_request(struct rko_policy *policy, char **words, int count)
{
	struct rko_request *request;

	if (count < 2 || rko_request_new(policy, words[0], &request) != RKO_OK)
		return NULL;
	rko_request_action(request, words[1]);
	for (int i = 2; i < count; i++) {
		const char *equals = strchr(words[i], '=');

		if (equals)
			rko_request_set_n(request, words[i], (size_t)(equals - words[i]), equals + 1, strlen(equals + 1));
	}
	return request;
}

static size_t read_trace(const char *path, uint8_t *trace)
{
	FILE *file = fopen(path, "rb");
	size_t size = file ? fread(trace, 1, TRACE_MOST, file) : 0;

	if (file)
		fclose(file);
	if (size >= HEAD && memcmp(trace, "RKOTRACE", 8) == 0 && get(trace + 8, 4) == 1 && get(trace + 12, 4) == size)
		return size;
	fprintf(stderr, "%s holds no trace of format 1\n", path);
	return 0;
}

/* keep: INSTANT and the request; explain: the request. */
static int with_facts(int keeps, const char *path, const uint8_t *trace, struct rko_policy *policy, char **words,
		      int count)
{
	struct rko_facts *facts = NULL;
	struct rko_session *session = NULL;
	struct rko_request *request = NULL;
	int result = 3;

	if (count > 2 + keeps)
		request = make_request(policy, words + 1 + keeps, count - 1 - keeps);
	if (request && rko_facts_open(words[0], 0, &facts, NULL) == RKO_OK &&
	    rko_session_open(policy, facts, &session, NULL) == RKO_OK)
		result = keeps ? keep(path, session, request, words[1]) : explain(trace, policy, session, request);
	else
		fputs("the request cannot be, or the facts cannot be opened\n", stderr);
	rko_request_free(request);
	rko_session_close(session);
	rko_facts_close(facts);
	return result;
}

int main(int argc, char **argv)
{
	static uint8_t trace[TRACE_MOST];
	struct rko_policy *policy = NULL;
	struct rko_fault fault;
	int keeps, result = 3;
	size_t size = 0;

	if (argc < 4) {
		fputs("usage: trace keep|show|explain FILE IMAGE …\n", stderr);
		return 3;
	}
	keeps = strcmp(argv[1], "keep") == 0;
	if (rko_policy_open(argv[3], &policy, &fault) != RKO_OK)
		fprintf(stderr, "%s\n", fault.text);
	else if (keeps || (size = read_trace(argv[2], trace)) > 0)
		result = strcmp(argv[1], "show") == 0 ? show(trace, size, policy)
						      : with_facts(keeps, argv[2], trace, policy, argv + 4, argc - 4);
	rko_policy_unref(policy);
	return result;
}
