/* SPDX-License-Identifier: EUPL-1.2 */
/* What the tool says as JSON is JSON, and holds what the words say. Runs the tool that RKO names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>
#include <jansson.h>

#include "engine/base/buf.h"
#include "tests/common/fixture.h"

static char *folder;

/* The standard output of `rko …` as JSON; `exit` is how it must end. */
static json_t __attribute__((format(printf, 2, 3))) *run(int ends, const char *format, ...)
{
	const char *tool = getenv("RKO");
	struct buf command = { 0 }, out = { 0 };
	char block[4096];
	json_error_t error;
	json_t *json;
	va_list args;
	size_t got;
	FILE *pipe;
	int status;

	buf_printf(&command, "%s ", tool ? tool : "build/rko");
	va_start(args, format);
	buf_vprintf(&command, format, args);
	va_end(args);
	pipe = popen(command.at, "r");
	assert_non_null(pipe);
	while ((got = fread(block, 1, sizeof block, pipe)) > 0)
		buf_add(&out, block, got);
	status = pclose(pipe);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) != ends)
		fail_msg("%s: ended with %d", command.at, WEXITSTATUS(status));
	json = json_loadb(out.at ? out.at : "", out.len, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		fail_msg("%s: %s at %d:%d of\n%.400s", command.at, error.text, error.line, error.column, out.at);
	buf_release(&command);
	buf_release(&out);
	return json;
}

static const char *word(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_string(value))
		fail_msg("`%s` is no text", key);
	return json_string_value(value);
}

static size_t count(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_array(value))
		fail_msg("`%s` is no list", key);
	return json_array_size(value);
}

static void check_of_a_clean_policy(void **state)
{
	json_t *json = run(0, "check --format=json examples/documents");

	(void)state;
	assert_int_equal(count(json, "diagnostics"), 0);
	json_decref(json);
}

static void check_with_errors(void **state)
{
	static const char text[] = "vocabulary x version \"1\"\ncodes a b, \"é\"\nrecord r closed\n  key id : idd\n";
	char *path = file_write(folder, "a \"b\".rko", text, sizeof text - 1);
	json_t *json = run(4, "check --format=json '%s'", path), *list = json_object_get(json, "diagnostics");
	bool found = false;

	(void)state;
	assert_in_range(count(json, "diagnostics"), 1, 20);
	for (size_t i = 0; i < json_array_size(list); i++)
		found |= strncmp(word(json_array_get(list, i), "code"), "RKO", 3) == 0;
	assert_true(found);
	json_decref(json);
	free(path);
}

static void load_demo(void)
{
	struct rko_policy *policy = policy_compile(NULL, "policies");
	struct rko_facts *facts = facts_new(folder);
	char *yaml = file_read("policies/demo/facts.yaml", NULL);

	facts_load(facts, policy, yaml);
	free(yaml);
	rko_facts_close(facts);
	rko_policy_unref(policy);
}

static void questions_of_the_demo(void **state)
{
	json_t *json = run(0, "decide -p policies -s %s/facts --questions=policies/demo/questions.yaml --format=json", folder);
	const json_t *first = json_array_get(json, 0), *rule, *nearest = NULL;

	(void)state;
	assert_in_range(json_array_size(json), 10, 100);
	assert_string_equal(word(first, "id"), "liisa-lukeminen");
	assert_string_equal(word(first, "outcome"), "granted");
	assert_string_equal(word(first, "status"), "ok");
	assert_string_equal(word(first, "at"), "2026-07-10T10:00:00+03:00");
	assert_string_equal(word(first, "day"), "2026-07-10");
	assert_string_equal(word(first, "since"), "2026-06-24");
	assert_true(json_is_null(json_object_get(first, "until")));
	assert_int_equal(count(first, "duties"), 1);
	rule = json_array_get(json_object_get(first, "by"), 0);
	assert_string_equal(word(rule, "name"), "producer-reads");
	assert_in_range(count(rule, "cites"), 1, 10);
	assert_null(json_object_get(first, "otherwise"));
	for (size_t i = 0; i < json_array_size(json) && !nearest; i++)
		nearest = json_object_get(json_array_get(json, i), "nearest");
	assert_in_range(count(nearest, "conditions"), 1, 20);
	json_decref(json);
}

static void what_comes_out_otherwise_is_said(void **state)
{
	json_t *json = run(1, "decide -p policies -s %s/facts --questions=policies/demo/questions.yaml --format=json "
			   "--at=2026-01-01T12:00+02:00 liisa-lukeminen 2>/dev/null", folder);

	(void)state;
	assert_int_equal(json_array_size(json), 1);
	assert_non_null(strstr(word(json_array_get(json, 0), "otherwise"), "outcome: expected granted"));
	json_decref(json);
}

static void refused_and_failed(void **state)
{
	json_t *json = run(3, "decide -p policies -s %s/facts --at=2026-07-10T10:00+03:00 --format=json access raed user=x",
			   folder);

	(void)state;
	assert_string_equal(word(json, "outcome"), "refused");
	assert_string_equal(word(json_object_get(json, "refused"), "reason"), "action");
	assert_string_equal(word(json_object_get(json, "refused"), "because"), "raed");
	assert_string_equal(word(json_object_get(json, "refused"), "nearest"), "read");
	json_decref(json);
	json = run(3, "decide -p policies -s %s/facts --at=2026-07-10T10:00+03:00 --as-of=99 --format=json obligations list "
		   "episode=palvelu_liisa", folder);
	assert_string_equal(word(json, "status"), "facts_generation");
	assert_string_equal(word(json, "outcome"), "not_granted");
	json_decref(json);
}

static void tests_of_the_examples(void **state)
{
	json_t *json = run(0, "test --format=json --verbose examples/documents"), *list = json_object_get(json, "cases");

	(void)state;
	assert_int_equal(json_integer_value(json_object_get(json, "failed")), 0);
	assert_int_equal(json_integer_value(json_object_get(json, "passed")), json_array_size(list));
	assert_string_equal(word(json_array_get(list, 0), "id"), "D-01");
	assert_string_equal(word(json_array_get(list, 0), "result"), "passed");
	assert_non_null(strstr(word(json_array_get(list, 0), "decision"), "owner"));
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_of_a_clean_policy), cmocka_unit_test(check_with_errors),
		cmocka_unit_test(questions_of_the_demo),   cmocka_unit_test(what_comes_out_otherwise_is_said),
		cmocka_unit_test(refused_and_failed),	   cmocka_unit_test(tests_of_the_examples),
	};
	int failed;

	folder = folder_new();
	load_demo();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	folder_remove(folder);
	return failed;
}
