/* SPDX-License-Identifier: EUPL-1.2 */
/* On which readings an answer hangs, and what it would be under their other options. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <rko/explain.h>

#include "tests/common/fixture.h"

static const char text[] =
	"vocabulary doors  version \"1\"\n"
	"  closed refreshed within 1 day\n"
	"codes source_kind  house\n"
	"codes kind  front, back, cellar, attic\n"
	"record door  closed\n"
	"  key    id : id\n"
	"  field  kind : kind\n"
	"request doors\n"
	"  asks    en \"May it be opened?\"\n"
	"  actions open-it\n"
	"  found   door : door\n"
	"source H house \"House rules\"  in force 2020-01-01 ..\n"
	"  passage \"1\" en \"The outer doors may be opened.\"\n"
	"policy doors  version \"1\"\n"
	"  uses doors\n"
	"chapter doors\n"
	"reading outer  of H \"1\"\n"
	"  option front-only  en \"the front door alone\"\n"
	"  option both        en \"the back door too\"\n"
	"  chosen front-only  on 2026-01-01  by \"test\"  because \"the narrow reading\"\n"
	"  unconfirmed\n"
	"reading up  of H \"1\"\n"
	"  option no-attic  en \"not the attic\"\n"
	"  option attic     en \"the attic\"\n"
	"  chosen no-attic  on 2026-01-01  by \"test\"  because \"the narrow reading\"\n"
	"  unconfirmed\n"
	"reading hatch  of H \"1\"\n"
	"  option closed-hatch  en \"the hatch is no door\"\n"
	"  option open-hatch    en \"the hatch is a door\"\n"
	"  chosen closed-hatch  on 2026-01-01  by \"test\"  because \"the narrow reading\"\n"
	"  unconfirmed\n"
	"rule outer-doors\n"
	"  grant open-it\n"
	"  when door.kind = front or (door.kind = back and reading outer is both)\n"
	"    or (door.kind = attic and reading up is attic and reading hatch is open-hatch)\n"
	"  cite H \"1\"\n";

static struct rko_policy *policy;
static char *folder;
static struct rko_facts *facts;
static struct rko_session *session;
static struct rko_request *request;

static int set_up(void **state)
{
	(void)state;
	policy = policy_compile(text, NULL);
	folder = folder_new();
	facts = facts_new(folder);
	facts_load(facts, policy,
		   "door:\n  f: {kind: front}\n  b: {kind: back}\n  c: {kind: cellar}\n  a: {kind: attic}\n");
	assert_int_equal(rko_session_open(policy, facts, &session, NULL), RKO_OK);
	assert_int_equal(rko_request_new(policy, "doors", &request), RKO_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	rko_request_free(request);
	rko_session_close(session);
	rko_facts_close(facts);
	folder_remove(folder);
	rko_policy_unref(policy);
	return 0;
}

static struct rko_explanation *ask(const char *door)
{
	struct rko_explanation *why = NULL;

	rko_request_clear(request);
	rko_request_action(request, "open-it");
	rko_request_set(request, "door", door);
	rko_request_at(request, instant("2026-01-01T13:00+02:00"));
	assert_int_equal(rko_explain(session, request, NULL, RKO_EN, &why), RKO_OK);
	return why;
}

static const struct rko_why_reading *find(const struct rko_explanation *why, const char *name)
{
	for (size_t i = 0; i < why->nreadings; i++)
		if (strcmp(why->readings[i].name, name) == 0)
			return &why->readings[i];
	fail_msg("the explanation does not name %s", name);
	return NULL;
}

static void test_named_and_of_no_matter(void **state)
{
	struct rko_explanation *why = ask("f");

	(void)state;
	assert_int_equal(why->decision.outcome, RKO_GRANTED);
	assert_int_equal(why->nreadings, 3);
	for (size_t i = 0; i < why->nreadings; i++) {
		assert_false(why->readings[i].hangs);
		assert_int_equal(why->readings[i].notherwise, 0);
	}
	rko_explanation_free(why);
}

static void test_the_other_option_turns_the_answer(void **state)
{
	struct rko_explanation *why = ask("b");
	const struct rko_why_reading *outer = find(why, "outer");

	(void)state;
	assert_int_equal(why->decision.outcome, RKO_NOT_GRANTED);
	assert_true(outer->hangs);
	assert_string_equal(outer->option, "front-only");
	assert_int_equal(outer->notherwise, 1);
	assert_string_equal(outer->otherwise[0].option, "both");
	assert_string_equal(outer->otherwise[0].with, "");
	assert_int_equal(outer->otherwise[0].outcome, RKO_GRANTED);
	assert_string_equal(outer->otherwise[0].rule, "outer-doors");
	assert_false(find(why, "up")->hangs);
	assert_non_null(strstr(rko_explanation_text(why, 0, 100), "Read otherwise (the back door too): GRANTED"));
	rko_explanation_free(why);
}

static void test_two_together(void **state)
{
	struct rko_explanation *why = ask("a");
	const struct rko_why_reading *up = find(why, "up");

	(void)state;
	assert_true(up->hangs);
	assert_int_equal(up->notherwise, 1);
	assert_string_equal(up->otherwise[0].with, "hatch");
	assert_string_equal(up->otherwise[0].with_option, "open-hatch");
	assert_int_equal(up->otherwise[0].outcome, RKO_GRANTED);
	assert_true(find(why, "hatch")->hangs);
	assert_false(find(why, "outer")->hangs);
	rko_explanation_free(why);
}

/* Asking leaves the readings as they are taken. */
static void test_asking_changes_nothing(void **state)
{
	struct rko_explanation *why = ask("b");

	rko_explanation_free(why);
	test_the_other_option_turns_the_answer(state);
	why = ask("c");
	for (size_t i = 0; i < why->nreadings; i++)
		assert_false(why->readings[i].hangs);
	rko_explanation_free(why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_named_and_of_no_matter),
		cmocka_unit_test(test_the_other_option_turns_the_answer),
		cmocka_unit_test(test_two_together),
		cmocka_unit_test(test_asking_changes_nothing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
