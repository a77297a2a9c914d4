/* SPDX-License-Identifier: EUPL-1.2 */
/* A `valid` interval whose end is a derived date: it is worked out, since it is neither stored nor said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rko/decide.h>

#include "tests/common/fixture.h"

static const char text[] =
	"vocabulary loans  version \"1\"\n"
	"codes source_kind  house\n"
	"record loan  closed\n"
	"  key    id : id\n"
	"  field  begins   : date\n"
	"  field  planned  : date\n"
	"  field  recalled : date or none\n"
	"  derive back = recalled else planned\n"
	"  valid  [begins, back]\n"
	"request loans\n"
	"  asks    en \"May it be renewed?\"\n"
	"  actions renew, lend\n"
	"  found   loan : loan  for renew\n"
	"  given   loan : loan  for lend\n"
	"source H house \"House rules\"  in force 2020-01-01 ..\n"
	"  passage \"1\" en \"A loan that goes on may be renewed.\"\n"
	"policy loans  version \"1\"\n"
	"  uses loans\n"
	"chapter loans\n"
	"rule going-on\n"
	"  grant renew\n"
	"  when loan is current\n"
	"  cite H \"1\"\n";

static void end_is_worked_out(void **state)
{
	struct rko_policy *policy = policy_compile(text, NULL);
	char *folder = folder_new();
	struct rko_facts *facts = facts_new(folder);
	struct load_result result;

	(void)state;
	assert_int_equal(facts_load(facts, policy,
				    "loan:\n"
				    "  a: {begins: 2026-06-01, planned: 2026-06-29, recalled: none}\n"
				    "  b: {begins: 2026-06-01, planned: 2026-05-01, recalled: 2026-06-01}\n").rows, 2);
	result = facts_try(facts, policy, "loan:\n  c: {begins: 2026-06-01, planned: 2026-05-01, recalled: none}\n",
			   SIZE_MAX, RECORDED);
	assert_int_equal(result.codes[0], 1207);
	assert_non_null(strstr(result.messages, "ends on 2026-05-01, before it begins on 2026-06-01"));
	result = facts_try(facts, policy, "loan:\n  c: {begins: 2026-06-01, planned: 2026-07-01, recalled: 2026-05-02}\n",
			   SIZE_MAX, RECORDED);
	assert_int_equal(result.codes[0], 1207);
	assert_non_null(strstr(result.messages, "ends on 2026-05-02"));
	rko_facts_close(facts);
	folder_remove(folder);
	rko_policy_unref(policy);
}

/* The same for a row that a request gives. */
static void given_end_is_worked_out(void **state)
{
	static const struct {
		const char *planned, *recalled;
		enum rko_refusal refusal;
		const char *because;
	} given[] = {
		{ "2026-06-29", "none", RKO_REFUSED_NOT, "" },
		{ "2026-05-01", "none", RKO_REFUSED_VALUE, "loan.planned" },
		{ "2026-06-29", "2026-05-02", RKO_REFUSED_VALUE, "loan.recalled" },
	};
	struct rko_policy *policy = policy_compile(text, NULL);
	char *folder = folder_new();
	struct rko_facts *facts = facts_new(folder);
	struct rko_session *session;
	struct rko_request *request;
	struct rko_decision decision;

	(void)state;
	facts_load(facts, policy, "loan:\n  a: {begins: 2026-06-01, planned: 2026-06-29, recalled: none}\n");
	assert_int_equal(rko_session_open(policy, facts, &session, NULL), RKO_OK);
	assert_int_equal(rko_request_new(policy, "loans", &request), RKO_OK);
	for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
		rko_request_clear(request);
		rko_request_action(request, "lend");
		rko_request_set(request, "loan.begins", "2026-06-01");
		rko_request_set(request, "loan.planned", given[i].planned);
		rko_request_set(request, "loan.recalled", given[i].recalled);
		rko_request_at(request, instant("2026-06-15T12:00+03:00"));
		assert_int_equal(rko_decide(session, request, &decision), RKO_OK);
		assert_int_equal(decision.refusal, given[i].refusal);
		assert_string_equal(decision.because, given[i].because);
	}
	rko_request_free(request);
	rko_session_close(session);
	rko_facts_close(facts);
	folder_remove(folder);
	rko_policy_unref(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(end_is_worked_out),
					    cmocka_unit_test(given_end_is_worked_out) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
