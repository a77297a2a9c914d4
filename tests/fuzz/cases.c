/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Cases and requests in YAML. What is wrong becomes a message with a place; what is read becomes facts, a request, a
 * decision, and is compared with what is expected, or a message says why not.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/lib/fuzz.h"
#include "tools/common/cases.h"
#include "tools/common/cli.h"
#include "tools/rko/expect.c"

enum { TEXT_MOST = 8 << 10, CASES_MOST = 3 };

static struct rko_policy *policy;

static void decide(struct fact_reader *reader, struct rko_facts *facts, struct rko_request *request,
		   const struct test_case *about)
{
	struct rko_explanation *why = NULL;
	struct rko_session *session;
	struct rko_decision decision;
	struct buf otherwise = { 0 };

	HOLDS(rko_session_open(policy, facts, &session, NULL) == RKO_OK, "no session");
	rko_decide(session, request, &decision);
	HOLDS(decision.status == RKO_OK || decision.status == RKO_CLOCK_RANGE || decision.status == RKO_FACTS_GENERATION ||
	      decision.status == RKO_FACTS_CANDIDATES, "a case is decided with %s", rko_status_word(decision.status));
	rko_explain(session, request, &decision, RKO_EN, &why);
	if (why) {
		fuzz_explain(why);
		if (about->expect && !expect_compare(reader->files, about->expect, why, &otherwise))
			HOLDS(reader->files->diags.errors, "an expectation cannot be read, and nothing says so");
	}
	buf_release(&otherwise);
	rko_explanation_free(why);
	rko_session_close(session);
}

static void run_case(struct fact_reader *reader, const struct test_case *about)
{
	char *folder = folder_new();
	struct rko_facts *facts = facts_new(folder);
	struct rko_request *request;
	enum rko_status status = case_load(reader, policy, facts, about);

	HOLDS(status == RKO_OK || (status == RKO_FACTS_REFUSED && reader->files->diags.errors), "a case is loaded with %s",
	      rko_status_word(status));
	request = status == RKO_OK ? case_request(reader, policy, facts, about) : NULL;
	HOLDS(request || reader->files->diags.errors, "no request, and nothing says why");
	if (request)
		decide(reader, facts, request, about);
	rko_request_free(request);
	rko_facts_close(facts);
	folder_remove(folder);
}

/* What was said can be shown, and has a place in the file. */
static void check_messages(struct yaml_files *files)
{
	struct buf text = { 0 };

	diags_finish(&files->diags);
	for (size_t i = 0; i < files->diags.count; i++)
		HOLDS(files->diags.list[i]->code >= 1201 && files->diags.list[i]->code <= 1299, "a message of code %u",
		      files->diags.list[i]->code);
	diags_text(&files->diags, &text, false, DIAG_SHOW_ALL, true);
	HOLDS(!files->diags.errors || text.len, "an error without words");
	buf_release(&text);
}

static void read_cases(const char *path)
{
	struct yaml_files files;
	struct fact_reader reader = { .files = &files, .policy = policy };
	struct case_list list = { 0 };

	yaml_files_init(&files);
	if (cases_read(&reader, path, &list)) {
		for (size_t i = 0; i < list.count && i < CASES_MOST; i++)
			if (list.list[i]->outside.len == 0)
				run_case(&reader, list.list[i]);
	} else {
		HOLDS(files.diags.errors, "cases cannot be read, and nothing says why");
	}
	check_messages(&files);
	yaml_files_free(&files);
}

/* The same text as one request. */
static void read_request(const char *path)
{
	struct yaml_files files;
	struct yaml_node root;
	struct rko_request *request = NULL;

	yaml_files_init(&files);
	if (yaml_read(&files, path, TEXT_MOST, &root)) {
		request = request_from(&files, policy, &root);
		HOLDS(request || files.diags.errors, "no request, and nothing says why");
	}
	check_messages(&files);
	rko_request_free(request);
	yaml_files_free(&files);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path;

	if (!policy)
		policy = policy_compile(NULL, "examples/documents");
	if (size > TEXT_MOST)
		return 0;
	if (setjmp(cli_no_memory))
		fuzz_fail(__FILE__, __LINE__, "memory ran out");
	path = fuzz_file(data, size);
	read_cases(path);
	read_request(path);
	return 0;
}
