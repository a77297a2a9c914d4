/* SPDX-License-Identifier: EUPL-1.2 */
/* Loading facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/common/fixture.h"

static void same_load_twice(void **state)
{
	static const char yaml[] = "user:\n  liisa: {staff: yes}\n  pekka: {staff: no}\n";
	struct rko_policy *policy = policy_compile(NULL, "examples/documents");
	char *folder = folder_new();
	struct rko_facts *facts = facts_new(folder);
	struct load_result result;

	(void)state;
	assert_int_equal(facts_load(facts, policy, yaml).rows, 2);
	assert_int_equal(facts_load(facts, policy, yaml).generation, 1);
	result = facts_try(facts, policy, "user:\n  liisa: {staf: yes}\n", SIZE_MAX, RECORDED);
	assert_int_equal(result.status, RKO_FACTS_REFUSED);
	assert_int_equal(result.codes[0], 1202);
	assert_non_null(strstr(result.messages, "facts.yaml:2:11"));
	rko_facts_close(facts);
	folder_remove(folder);
	rko_policy_unref(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(same_load_twice) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
