/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/common/asking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct asking *asking_open(const char *text, const char *path, const char *question, const char *yaml)
{
	struct asking *asking = calloc(1, sizeof *asking);

	assert_non_null(asking);
	asking->at = RECORDED + 3600;
	asking->policy = policy_compile(text, path);
	asking->folder = folder_new();
	asking->facts = facts_new(asking->folder);
	if (yaml)
		facts_load(asking->facts, asking->policy, yaml);
	assert_int_equal(rko_session_open(asking->policy, asking->facts, &asking->session, NULL), RKO_OK);
	assert_int_equal(rko_request_new(asking->policy, question, &asking->request), RKO_OK);
	return asking;
}

void asking_close(struct asking *asking)
{
	rko_request_free(asking->request);
	rko_session_close(asking->session);
	rko_facts_close(asking->facts);
	folder_remove(asking->folder);
	rko_policy_unref(asking->policy);
	free(asking);
}

void ask_words(struct asking *asking, const char *words)
{
	char *copy = strdup(words), *rest = copy, *word;

	assert_non_null(copy);
	rko_request_clear(asking->request);
	while ((word = strsep(&rest, " "))) {
		char *equals = strchr(word, '=');

		if (!equals && *word)
			rko_request_action(asking->request, word);
		if (!equals)
			continue;
		*equals = '\0';
		if (equals[1])
			rko_request_set(asking->request, word, equals + 1);
		else
			rko_request_set_empty(asking->request, word);
	}
	rko_request_at(asking->request, asking->at);
	free(copy);
}

struct rko_decision ask_decide(struct asking *asking)
{
	struct rko_decision decision;
	enum rko_status status;

	memset(&decision, 0xa5, sizeof decision);
	status = rko_decide(asking->session, asking->request, &decision);
	if (status != RKO_OK)
		fail_msg("%s", rko_status_word(status));
	assert_int_equal(decision.status, RKO_OK);
	return decision;
}

struct rko_decision ask(struct asking *asking, const char *words)
{
	ask_words(asking, words);
	return ask_decide(asking);
}

void ask_failing(struct asking *asking, const char *words, enum rko_status status)
{
	struct rko_decision decision;

	memset(&decision, 0xa5, sizeof decision);
	ask_words(asking, words);
	if (rko_decide(asking->session, asking->request, &decision) != status)
		fail_msg("`%s`: expected %s, found %s", words, rko_status_word(status), rko_status_word(decision.status));
	assert_int_equal(decision.status, status);
	assert_int_equal(decision.outcome, RKO_NOT_GRANTED);
	assert_int_equal(decision.duties, 0);
	assert_int_equal(decision.rule, RKO_NOTHING);
	assert_string_equal(decision.rule_name, "");
	assert_int_equal(decision.stands_until, decision.today);
}

struct rko_explanation *ask_why(struct asking *asking)
{
	struct rko_decision decision = ask_decide(asking);
	struct rko_explanation *why;

	assert_int_equal(rko_explain(asking->session, asking->request, &decision, RKO_EN, &why), RKO_OK);
	assert_true(why->reproduced && !why->incomplete);
	return why;
}

void expect_by(struct asking *asking, const char *words, enum rko_outcome outcome, const char *rule)
{
	struct rko_decision decision = ask(asking, words);

	if (decision.outcome != outcome || strcmp(decision.rule_name, rule) != 0)
		fail_msg("`%s`: expected %s by `%s`, found %s by `%s` (%s)", words, rko_outcome_word(outcome), rule,
			 rko_outcome_word(decision.outcome), decision.rule_name, decision.because);
}

void expect_missing(struct asking *asking, const char *words, const char *names)
{
	struct rko_explanation *why;
	char found[400] = "";

	expect_by(asking, words, RKO_UNDECIDED, "");
	why = ask_why(asking);
	for (size_t i = 0; i < why->nmissing; i++) {
		strncat(found, i ? " " : "", sizeof found - strlen(found) - 1);
		strncat(found, why->missing[i].name, sizeof found - strlen(found) - 1);
	}
	if (strcmp(found, names) != 0)
		fail_msg("`%s`: expected to be settled by `%s`, found `%s`", words, names, found);
	rko_explanation_free(why);
}
