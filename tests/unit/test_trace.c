/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * I13. Traces that were stored: what is read back is what was asked and decided; the explanation made from one is the one
 * that was made at once, also when much has been loaded since; damaged ones are refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/decide/trace.h"
#include "tests/common/asking.h"
#include "tools/common/cases.h"
#include "tools/common/cli.h"

/* A decision, and what was said of it at once. */
struct kept {
	char *trace, *text;
	size_t size;
	struct rko_decision decision;
};

static char *text_of(struct rko_session *session, const struct rko_request *request, const struct rko_decision *decision)
{
	struct rko_explanation *why;
	char *text;

	rko_explain(session, request, decision, RKO_EN, &why);
	assert_non_null(why);
	assert_true(why->reproduced);
	text = strdup(rko_explanation_text(why, RKO_TEXT_LONG, 100));
	assert_non_null(text);
	rko_explanation_free(why);
	return text;
}

static struct kept keep(struct rko_session *session, const struct rko_request *request)
{
	struct kept kept = { .size = 0 };

	rko_decide(session, request, &kept.decision);
	kept.size = kept.decision.trace_size;
	kept.trace = malloc(kept.size);
	assert_non_null(kept.trace);
	memcpy(kept.trace, kept.decision.trace, kept.size);
	kept.text = text_of(session, request, &kept.decision);
	return kept;
}

static void forget(struct kept *kept)
{
	free(kept->trace);
	free(kept->text);
}

static void same_decision(const struct rko_decision *a, const struct rko_decision *b)
{
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->outcome, b->outcome);
	assert_int_equal(a->question, b->question);
	assert_int_equal(a->action, b->action);
	assert_int_equal(a->rule, b->rule);
	assert_string_equal(a->rule_name, b->rule_name);
	assert_int_equal(a->duties, b->duties);
	assert_int_equal(a->today, b->today);
	assert_int_equal(a->stands_until, b->stands_until);
	assert_int_equal(a->instant, b->instant);
	assert_int_equal(a->generation, b->generation);
	assert_int_equal(a->refusal, b->refusal);
	assert_int_equal(a->fetches, b->fetches);
}

/* Read back, decided again and explained again, all is as it was. */
static void comes_again(struct rko_policy *policy, struct rko_session *session, const struct kept *kept)
{
	struct rko_request *request;
	struct rko_decision stored, again;
	struct rko_fault fault;
	char *text;

	if (rko_trace_read(policy, kept->trace, kept->size, &request, &stored, &fault) != RKO_OK)
		fail_msg("%s\n%s", fault.text, kept->text);
	same_decision(&stored, &kept->decision);
	assert_ptr_equal(stored.trace, kept->trace);
	rko_decide(session, request, &again);
	same_decision(&again, &kept->decision);
	assert_int_equal(again.trace_size, kept->size);
	assert_memory_equal(again.trace, kept->trace, kept->size);
	text = text_of(session, request, &stored);
	assert_string_equal(text, kept->text);
	free(text);
	rko_request_free(request);
}

static void every_question_of_the_demo(void **state)
{
	struct asking *asking = asking_open(NULL, "policies", "access", NULL);
	char *yaml = file_read("policies/demo/facts.yaml", NULL);
	struct yaml_files files;
	struct fact_reader reader = { .files = &files, .policy = asking->policy };
	struct case_list list = { 0 };
	struct kept kept[64];
	struct rko_loaded loaded;
	uint8_t digest[RKO_DIGEST_BYTES];
	struct rko_policy_about about;

	(void)state;
	facts_load(asking->facts, asking->policy, yaml);
	assert_int_equal(rko_session_refresh(asking->session), RKO_OK);
	yaml_files_init(&files);
	assert_true(cases_read(&reader, "policies/demo/questions.yaml", &list));
	assert_in_range(list.count, 10, 64);
	rko_policy_about(asking->policy, &about);
	for (size_t i = 0; i < list.count; i++) {
		struct rko_request *request = request_from(&files, asking->policy, &list.list[i]->request);

		rko_request_at(request, list.list[i]->at);
		kept[i] = keep(asking->session, request);
		assert_int_equal(rko_trace_policy(kept[i].trace, kept[i].size, digest, NULL), RKO_OK);
		assert_memory_equal(digest, about.digest, sizeof digest);
		comes_again(asking->policy, asking->session, &kept[i]);
		rko_request_free(request);
	}
	/* Much becomes known later; what was known then is what is told. */
	loaded = facts_load(asking->facts, asking->policy,
			    "rko_grant:\n  - {controller: ekhva, client: liisa, unit: kukkakoti_u1, service_task: iakkaat, "
			    "service: yhteisollinen_asuminen, id: oikeus_liisa, episode: palvelu_liisa, state: nullified, "
			    "issued: 2026-06-22, begins: 2026-06-24, ends: open, told: none}\n"
			    "remove:\n  known_system:\n    - {controller: ekhva, organisation: kukkakoti_oy}\n");
	assert_int_equal(loaded.generation, 2);
	for (size_t i = 0; i < list.count; i++) {
		comes_again(asking->policy, asking->session, &kept[i]);
		forget(&kept[i]);
	}
	yaml_files_free(&files);
	free(yaml);
	asking_close(asking);
}

/* Every outcome, sets, days asked about, refusals and failures. */
static const struct {
	const char *question, *words, *on;
} asked[] = {
	{ "use", "use maker=ann tool=saw hour=daytime guests=child guests=dog", NULL },
	{ "an empty set", "use maker=ann tool=saw hour=night guests=", NULL },
	{ "another day", "use maker=ann tool=saw hour=daytime guests=", "2026-03-01" },
	{ "undecided", "use maker=bob tool=saw hour=daytime guests=", NULL },
	{ "forbidden", "repair maker=dan tool=saw hour=daytime", NULL },
	{ "not granted", "scrap maker=ann tool=saw hour=daytime", NULL },
	{ "missing", "scrap maker=ann tool=saw", NULL },
	{ "not carried", "scrap maker=ann tool=saw hour=daytime guests=child", NULL },
	{ "not found", "scrap maker=eve tool=saw hour=daytime", NULL },
	{ "twice", "scrap maker=ann tool=saw hour=daytime hour=night", NULL },
	{ "a bad value", "scrap maker=ann tool=saw hour=noon", NULL },
	{ "no action", "maker=ann tool=saw hour=daytime", NULL },
	{ "a failure", "use maker=many tool=saw hour=daytime guests=", NULL },
};

static const char workshop[] =
	"refreshed: 2026-01-01T12:00+02:00\n"
	"maker:\n  ann: {level: basic, staff: no}\n  dan: {level: basic, staff: no}\n  bob: {level: master, staff: no}\n  many: {level: basic, staff: no}\n"
	"tool:\n  saw: {kind: saw, state: good, site: north, owner: none, bought: 2020-01-01}\n"
	"training:\n  - {maker: ann, kind: saw, begins: 2020-01-01, ends: 2026-02-01}\n"
	"booking:\n  - {tool: saw, maker: ann, number: n1, stage: agreed, paid: no, begins: 2025-12-30, ends: open}\n"
	"ban:\n  - {maker: dan, number: b1, kind: saw, begins: 2026-01-01, ends: open}\n"
	"  - {maker: many, number: b1, kind: saw, begins: 2026-01-05, ends: open}\n"
	"  - {maker: many, number: b2, kind: saw, begins: 2026-01-05, ends: open}\n"
	"  - {maker: many, number: b3, kind: saw, begins: 2026-01-05, ends: open}\n"
	"  - {maker: many, number: b4, kind: saw, begins: 2026-01-05, ends: open}\n"
	"  - {maker: many, number: b5, kind: saw, begins: 2026-01-05, ends: open}\n";

static void ask_number(struct asking *asking, size_t number)
{
	rko_day day;

	ask_words(asking, asked[number].words);
	if (!asked[number].on)
		return;
	assert_int_equal(rko_day_parse(asked[number].on, &day), RKO_OK);
	rko_request_on(asking->request, day);
}

static void every_kind_of_answer(void **state)
{
	struct asking *asking = asking_open(NULL, "tests/unit/workshop.rko", "workshop", workshop);
	unsigned outcomes = 0;

	(void)state;
	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
		struct kept kept;

		ask_number(asking, i);
		kept = keep(asking->session, asking->request);
		outcomes |= 1u << kept.decision.outcome;
		if (strcmp(asked[i].question, "another day") == 0)
			assert_int_equal(kept.decision.today, 20513);	/* and ann's training has ended */
		if (strcmp(asked[i].question, "a failure") == 0)
			assert_int_equal(kept.decision.status, RKO_FACTS_CANDIDATES);
		else
			comes_again(asking->policy, asking->session, &kept);
		forget(&kept);
	}
	assert_int_equal(outcomes, (1u << (RKO_REFUSED + 1)) - 1);
	asking_close(asking);
}

static void refuse(struct rko_policy *policy, const void *trace, size_t size, const char *why)
{
	struct rko_request *request = NULL;
	struct rko_decision decision;
	struct rko_fault fault = { "" };

	assert_int_equal(rko_trace_read(policy, trace, size, &request, &decision, &fault), RKO_ARGUMENT);
	assert_null(request);
	if (why)
		assert_string_equal(fault.text, why);
	assert_true(*fault.text);
}

static void damaged_traces_are_refused(void **state)
{
	struct asking *asking = asking_open(NULL, "tests/unit/workshop.rko", "workshop", workshop);
	struct rko_policy *other = policy_compile(NULL, "examples/documents");
	struct trace_head head;
	struct kept kept;
	char *copy;

	(void)state;
	ask_number(asking, 0);
	kept = keep(asking->session, asking->request);
	copy = malloc(kept.size + 1);
	assert_non_null(copy);
	memcpy(copy, kept.trace, kept.size);
	copy[kept.size] = 0;
	for (size_t size = 0; size < kept.size; size++)
		refuse(asking->policy, kept.trace, size, NULL);
	refuse(asking->policy, "", 0, "this is no trace of a decision");
	refuse(asking->policy, copy, kept.size + 1, "the trace is damaged: its head does not fit it");
	refuse(other, kept.trace, kept.size, "the trace is of another policy than this image");
#define WITH(field, value, why) \
	memcpy(&head, kept.trace, sizeof head); \
	head.field = value; \
	memcpy(copy, &head, sizeof head); \
	refuse(asking->policy, copy, kept.size, why)
	WITH(magic[0], 'X', "this is no trace of a decision");
	WITH(format, 2, "the trace has another format than this library reads");
	WITH(size, head.size - 1, "the trace is damaged: its head does not fit it");
	WITH(policy[31], (uint8_t)~head.policy[31], "the trace is of another policy than this image");
	WITH(question, 1, "the trace is damaged: there is no such question");
	WITH(action, 3, "the trace is damaged: there is no such action");
	WITH(rule, 99, "the trace is damaged: what came of the decision cannot be");
	WITH(outcome, 9, "the trace is damaged: what came of the decision cannot be");
	WITH(outcome, RKO_REFUSED, "the trace is damaged: what came of the decision cannot be");
	WITH(refusal, RKO_REFUSED_VALUE, "the trace is damaged: what came of the decision cannot be");
	WITH(duties, 1u << 3, "the trace is damaged: what came of the decision cannot be");
	WITH(today, INT32_MAX, "the trace is damaged: there is no such day");
	WITH(refused_field, 50, "the trace is damaged: there is no such field");
	WITH(entries, head.entries + 1, "the trace is damaged: entries are missing");
	WITH(reserved, 1, "the trace is damaged: its head does not fit it");
#undef WITH
	free(copy);
	forget(&kept);
	rko_policy_unref(other);
	asking_close(asking);
}

/* Whatever one byte becomes, what is read is refused, or is a request that can be decided. */
static void no_byte_does_harm(void **state)
{
	struct asking *asking = asking_open(NULL, "tests/unit/workshop.rko", "workshop", workshop);
	size_t refused = 0, read = 0;
	struct kept kept;
	char *copy;

	(void)state;
	ask_number(asking, 0);
	kept = keep(asking->session, asking->request);
	copy = malloc(kept.size);
	assert_non_null(copy);
	for (size_t at = 0; at < kept.size; at++) {
		for (unsigned change = 1; change < 256; change += at < sizeof(struct trace_head) ? 37 : 5) {
			struct rko_request *request;
			struct rko_decision decision;

			memcpy(copy, kept.trace, kept.size);
			copy[at] = (char)(copy[at] ^ (int)change);
			if (rko_trace_read(asking->policy, copy, kept.size, &request, &decision, NULL) != RKO_OK) {
				refused++;
				continue;
			}
			read++;
			rko_decide(asking->session, request, &decision);
			assert_true(decision.outcome <= RKO_REFUSED);
			rko_request_free(request);
		}
	}
	assert_in_range(refused, 500, 100000);
	assert_in_range(read, 500, 100000);
	free(copy);
	forget(&kept);
	asking_close(asking);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_question_of_the_demo),
		cmocka_unit_test(every_kind_of_answer),
		cmocka_unit_test(damaged_traces_are_refused),
		cmocka_unit_test(no_byte_does_harm),
	};

	/* Where the reader of files goes when memory runs out. */
	if (setjmp(cli_no_memory))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
