/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * How long an answer stands, on every case of the policies and of the examples: on the facts of the case the answer is
 * the same on the first and the last day of its interval, and another one on the days beside it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/date.h"
#include "tests/common/fixture.h"
#include "tools/common/cases.h"
#include "tools/common/cli.h"

struct asked {
	const struct test_case *about;
	struct rko_session *session;
	struct rko_request *request;
	struct rko_decision decision;
};

static bool same(const struct rko_decision *a, const struct rko_decision *b)
{
	return a->outcome == b->outcome && a->duties == b->duties;
}

/* The answer on another day, on what was known at the instant of the case. */
static struct rko_decision on_day(struct asked *asked, rko_day day)
{
	struct rko_decision there;

	if (rko_request_on(asked->request, day) != RKO_OK ||
	    rko_decide(asked->session, asked->request, &there) != RKO_OK)
		fail_msg("%s: it cannot be decided on day %d", asked->about->id.at, day);
	assert_int_equal(there.today, day);
	return there;
}

static void expect(struct asked *asked, rko_day day, bool like, const char *which)
{
	struct rko_decision there = on_day(asked, day);
	char text[RKO_DAY_TEXT];

	if (same(&there, &asked->decision) == like)
		return;
	rko_day_text(day, text);
	fail_msg("%s: %s, %s, the answer is %s: %s by `%s`, duties %llx; the case has %s by `%s`, duties %llx",
		 asked->about->id.at, which, text, like ? "another" : "the same", rko_outcome_word(there.outcome),
		 there.rule_name, (unsigned long long)there.duties, rko_outcome_word(asked->decision.outcome),
		 asked->decision.rule_name, (unsigned long long)asked->decision.duties);
}

/* Gives how many ends the interval has. */
static size_t look_at(struct asked *asked)
{
	rko_day day = asked->decision.today, path = asked->decision.stands_until, until, since;
	size_t ends = 0;

	assert_int_equal(rko_decide_until(asked->session, asked->request, &asked->decision, &until, &since), RKO_OK);
	assert_true(day <= path && path <= until);
	assert_true(since == RKO_DAY_OPEN || since <= day);
	expect(asked, day, true, "the day itself");
	if (path != RKO_DAY_OPEN)
		expect(asked, path, true, "the last day of the path");
	if (until != RKO_DAY_OPEN) {
		expect(asked, until, true, "the last day");
		expect(asked, until + 1, false, "the day after the last");
		ends++;
	}
	if (since != RKO_DAY_OPEN) {
		expect(asked, since, true, "the first day");
		expect(asked, since - 1, false, "the day before the first");
		ends++;
	}
	/* Asked from within, it is the same interval. */
	if (until != RKO_DAY_OPEN && until > day) {
		rko_day again, before;

		asked->decision = on_day(asked, until);
		assert_int_equal(rko_decide_until(asked->session, asked->request, &asked->decision, &again, &before), RKO_OK);
		assert_int_equal(again, until);
		assert_int_equal(before, since);
	}
	return ends;
}

static size_t look_at_case(struct fact_reader *reader, struct rko_policy *policy, const struct test_case *about)
{
	struct asked asked = { .about = about };
	char *folder = folder_new();
	struct rko_facts *facts = facts_new(folder);
	size_t ends = 0;

	assert_int_equal(case_load(reader, policy, facts, about), RKO_OK);
	assert_int_equal(rko_session_open(policy, facts, &asked.session, NULL), RKO_OK);
	asked.request = case_request(reader, policy, facts, about);
	assert_non_null(asked.request);
	assert_int_equal(rko_decide(asked.session, asked.request, &asked.decision), RKO_OK);
	if (asked.decision.outcome != RKO_REFUSED)
		ends = look_at(&asked);
	rko_request_free(asked.request);
	rko_session_close(asked.session);
	rko_facts_close(facts);
	folder_remove(folder);
	return ends;
}

static size_t look_at_file(struct rko_policy *policy, const char *path, size_t *cases)
{
	struct yaml_files files;
	struct fact_reader reader = { .files = &files, .policy = policy };
	struct case_list list = { 0 };
	size_t ends = 0;

	yaml_files_init(&files);
	assert_true(cases_read(&reader, path, &list));
	for (size_t i = 0; i < list.count; i++)
		if (!list.list[i]->outside.len)
			ends += look_at_case(&reader, policy, list.list[i]);
	*cases += list.count;
	yaml_files_free(&files);
	return ends;
}

static void cases_of_the_policies(void **state)
{
	static const char *const names[] = { "baseline", "eligibility", "extra", "matters", "pirkanmaa", "registers", "rest",
					     "technology", "transition", "who", "windows" };
	struct rko_policy *policy = policy_compile(NULL, "policies");
	size_t ends = 0, cases = 0;
	char path[100];

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(path, sizeof path, "policies/cases/%s.yaml", names[i]);
		ends += look_at_file(policy, path, &cases);
	}
	assert_in_range(cases, 200, 10000);
	assert_in_range(ends, 150, 20000);
	rko_policy_unref(policy);
}

static void cases_of_the_examples(void **state)
{
	struct rko_policy *policy = policy_compile(NULL, "examples/documents");
	size_t cases = 0;

	(void)state;
	assert_in_range(look_at_file(policy, "examples/documents/cases/documents.yaml", &cases), 20, 100);
	rko_policy_unref(policy);
}

int main(void)
{
	/* Where the reader of files goes when memory runs out. */
	if (setjmp(cli_no_memory))
		return 1;

	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases_of_the_policies),
		cmocka_unit_test(cases_of_the_examples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
