/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/common/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rko/explain.h>

int ask_option(struct ask *ask, int option, const char *value)
{
	switch (option) {
	case 'p':
		if (ask->npolicies == ASK_PATHS)
			return cli_usage(ask->cli, "too many policies");
		ask->policies[ask->npolicies++] = value;
		return EXIT_GRANTED;
	case 's':
		ask->store = value;
		return EXIT_GRANTED;
	case 'a':
		if (rko_instant_parse(value, &ask->at) != RKO_OK)
			return cli_usage(ask->cli, "--at takes an instant such as 2026-07-10T10:00+03:00");
		ask->has_at = true;
		return EXIT_GRANTED;
	case 'g':
		return cli_generation(ask->cli, value, &ask->as_of) ? EXIT_GRANTED : EXIT_INPUT;
	case 'f':
		if (strcmp(value, "text") != 0 && strcmp(value, "json") != 0)
			return cli_usage(ask->cli, "--format takes text or json, not `%s`", value);
		ask->json = strcmp(value, "json") == 0;
		return EXIT_GRANTED;
	default:
		return cli_language(ask->cli, value) ? EXIT_GRANTED : EXIT_INPUT;
	}
}

static int no_question(const struct cli *cli, const struct rko_policy *policy, const char *word)
{
	struct cli_near near = cli_near(word);
	struct rko_question_about about;

	for (uint32_t i = 0; i < rko_policy_questions(policy); i++) {
		rko_question_about(policy, i, RKO_EN, &about);
		cli_near_try(&near, about.name);
	}
	return cli_usage(cli, "the policy has no question `%s`%s", word, cli_near_words(&near).text);
}

/* One word of it. */
static int say(const struct cli *cli, struct rko_request *request, const char *word, char *open)
{
	const char *equals = strchr(word, '=');
	char name[LIMIT_NAME_BYTES * 2 + 2];

	if (!equals)
		return cli_usage(cli, "`%s` is no field=value", word);
	snprintf(name, sizeof name, "%.*s", (int)(equals - word), word);
	if (open && strcmp(equals, "=?") == 0) {
		if (*open)
			return cli_usage(cli, "one field can be left open, not both `%s` and `%s`", open, name);
		strcpy(open, name);
	} else if (equals[1]) {
		rko_request_set_n(request, word, (size_t)(equals - word), equals + 1, strlen(equals + 1));
	} else {
		rko_request_set_empty(request, name);
	}
	return EXIT_GRANTED;
}

int ask_words(const struct cli *cli, struct rko_policy *policy, char **words, int count, char *open,
	      struct rko_request **ret_request)
{
	struct rko_request *request;
	int result = EXIT_GRANTED;

	if (count < 2)
		return cli_usage(cli, "say the question, the action and the fields: access read user=n unit=u1 …");
	if (rko_request_new(policy, words[0], &request) != RKO_OK)
		return no_question(cli, policy, words[0]);
	rko_request_action(request, words[1]);
	for (int i = 2; i < count && result == EXIT_GRANTED; i++)
		result = say(cli, request, words[i], open);
	if (result == EXIT_GRANTED)
		*ret_request = request;
	else
		rko_request_free(request);
	return result;
}

int ask_open(struct ask *ask, char **words, int count)
{
	struct rko_fault fault;
	enum rko_status status;
	int result;

	if (!ask->npolicies || !ask->store)
		return cli_usage(ask->cli, "say by which policy and which facts: --policy=IMAGE-OR-FOLDER --store=FOLDER");
	ask->policy = cli_policy(ask->cli, ask->policies, ask->npolicies, &result);
	if (!ask->policy)
		return result;
	status = rko_facts_open(ask->store, 0, &ask->facts, &fault);
	if (status == RKO_OK)
		status = rko_session_open(ask->policy, ask->facts, &ask->session, &fault);
	if (status != RKO_OK) {
		cli_error("%s", fault.text);
		return cli_exit_status(status);
	}
	result = ask_words(ask->cli, ask->policy, words, count, ask->open, &ask->request);
	if (result != EXIT_GRANTED)
		return result;
	rko_request_at(ask->request, ask->has_at ? ask->at : (int64_t)time(NULL));
	rko_request_as_of(ask->request, ask->as_of);
	return EXIT_GRANTED;
}

void ask_close(struct ask *ask)
{
	rko_request_free(ask->request);
	rko_session_close(ask->session);
	rko_facts_close(ask->facts);
	rko_policy_unref(ask->policy);
}

int ask_refused(struct ask *ask, const struct rko_request *request)
{
	struct rko_explanation *why = NULL;
	const char *text;

	rko_explain(ask->session, request, NULL, ask->cli->language, &why);
	text = why ? rko_explanation_text(why, ask->cli->colour_err ? RKO_TEXT_COLOUR : 0, ask->cli->width) : NULL;
	fputs(text ? text : "", stderr);
	rko_explanation_free(why);
	return EXIT_INPUT;
}
