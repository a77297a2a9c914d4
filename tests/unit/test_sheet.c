/* SPDX-License-Identifier: EUPL-1.2 */
/* Every case of the real policies has a sheet, for reviewers and for whoever asks, in three languages, well-formed. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/common/fixture.h"
#include "tests/common/wording.h"
#include "tools/common/cases.h"
#include "tools/common/sheet.h"

/* Every element is closed in its turn. The page writes `<x />` for what has no content, and escapes all else. */
static bool balanced(const char *page)
{
	char open[64][16];
	size_t depth = 0;

	for (const char *at = strchr(page + 1, '<'); at; at = strchr(at + 1, '<')) {
		size_t length = strcspn(at + 1, " />\n");
		const char *end = strchr(at, '>');

		if (!end)
			return false;
		if (at[1] == '/') {
			length = strcspn(at + 2, ">");
			if (!depth || strlen(open[depth - 1]) != length || strncmp(open[depth - 1], at + 2, length) != 0)
				return false;
			depth--;
		} else if (end[-1] != '/') {
			if (depth == 64 || length >= 16)
				return false;
			memcpy(open[depth], at + 1, length);
			open[depth++][length] = '\0';
		}
	}
	return depth == 0;
}

/* Each record that was consulted, with the file and the line it was read from. */
static void has_records(const char *page, const struct rko_explanation *why, const char *id)
{
	static const char *const lines[] = { "rivi", "rad", "line" };
	char words[200];

	for (size_t i = 0; i < why->nrecords; i++) {
		snprintf(words, sizeof words, "<td>%s, %s %llu</td>", why->records[i].source, lines[why->language],
			 (unsigned long long)why->records[i].line);
		if (why->records[i].generation && !strstr(page, words))
			fail_msg("%s: %s is not there: %s\n%s", id, why->records[i].label, words, page);
	}
}

static void has_sheet(struct rko_session *session, struct rko_policy *policy, const struct rko_request *request,
		      const struct test_case *about, enum rko_language language, bool requester)
{
	struct rko_explanation *why = NULL;
	struct sheet sheet = { .language = language };
	struct buf page = { 0 }, words;
	const char *title;
	struct text raw;

	(requester ? rko_explain_requester : rko_explain)(session, request, NULL, language, &why);
	assert_non_null(why);
	sheet_add(&sheet, &(struct sheet_decision){ .why = why, .policy = policy, .title = about->name.at });
	assert_true(sheet_finish(&sheet, &page));
	if (!balanced(page.at))
		fail_msg("%s: an element is not closed in its turn:\n%s", about->id.at, page.at);
	title = strstr(page.at, "<title>");
	assert_non_null(title);
	assert_true(title[7] != '<');
	if (strstr(page.at, "(null)") || strstr(page.at, "<h2 id=\"\"") || strstr(page.at, "%s") || strstr(page.at, "%1$"))
		fail_msg("%s: a word is missing:\n%s", about->id.at, page.at);
	/* What only reviewers see. */
	if (requester && (strstr(page.at, "class=\"appendix\"") || strstr(page.at, "class=\"ladders\"") ||
			  strstr(page.at, "class=\"times\"") || strstr(page.at, "class=\"records\"") ||
			  strstr(page.at, ".yaml") || (why->nchanges && *why->changes[0].opens)))
		fail_msg("%s: whoever asks is shown too much:\n%s", about->id.at, page.at);
	if (!requester && why->decision.outcome != RKO_REFUSED)
		has_records(page.at, why, about->id.at);
	words = wording_of_page(page.at);
	raw = wording_raw(buf_view(&words), about, policy);
	if (raw.len)
		fail_msg("%s: `%.*s` is no word for people:\n%s", about->id.at, TEXT_ARG(raw), page.at);
	buf_release(&words);
	buf_release(&page);
	sheet_release(&sheet);
	rko_explanation_free(why);
}

static void case_has_sheets(struct fact_reader *reader, struct rko_policy *policy, const struct test_case *about)
{
	char *folder = folder_new();
	struct rko_facts *facts = facts_new(folder);
	struct rko_session *session;
	struct rko_request *request;

	assert_int_equal(case_load(reader, policy, facts, about), RKO_OK);
	assert_int_equal(rko_session_open(policy, facts, &session, NULL), RKO_OK);
	request = case_request(reader, policy, facts, about);
	assert_non_null(request);
	for (int language = RKO_FI; language <= RKO_EN; language++)
		for (int requester = 0; requester < 2; requester++)
			has_sheet(session, policy, request, about, (enum rko_language)language, requester);
	rko_request_free(request);
	rko_session_close(session);
	rko_facts_close(facts);
	folder_remove(folder);
}

static void every_case_has_its_sheets(void **state)
{
	struct rko_policy *policy = policy_compile(NULL, "policies");
	struct yaml_files files;
	struct fact_reader reader = { .files = &files, .policy = policy };
	struct case_list cases = { 0 };
	glob_t found;
	size_t asked = 0;

	(void)state;
	yaml_files_init(&files);
	assert_int_equal(glob("policies/cases/*.yaml", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		assert_true(cases_read(&reader, found.gl_pathv[i], &cases));
	for (size_t i = 0; i < cases.count; i++) {
		if (cases.list[i]->outside.len)
			continue;
		case_has_sheets(&reader, policy, cases.list[i]);
		asked++;
	}
	assert_true(asked > 150);
	globfree(&found);
	yaml_files_free(&files);
	rko_policy_unref(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_has_its_sheets),
	};

	return cmocka_run_group_tests_name("sheet", tests, NULL, NULL);
}
