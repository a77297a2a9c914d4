/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/common/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rko/explain.h>

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
	int result = options_open(&ask->with);

	if (result == EXIT_GRANTED)
		result = ask_words(ask->with.cli, ask->with.policy, words, count, ask->open, &ask->request);
	if (result != EXIT_GRANTED)
		return result;
	rko_request_at(ask->request, ask->with.has_at ? ask->with.at : (int64_t)time(NULL));
	rko_request_as_of(ask->request, ask->with.as_of);
	return EXIT_GRANTED;
}

void ask_close(struct ask *ask)
{
	rko_request_free(ask->request);
	options_close(&ask->with);
}

int ask_refused(struct ask *ask, const struct rko_request *request)
{
	struct rko_explanation *why = NULL;
	const char *text;

	rko_explain(ask->with.session, request, NULL, ask->with.cli->language, &why);
	text = why ? rko_explanation_text(why, ask->with.cli->colour_err ? RKO_TEXT_COLOUR : 0, ask->with.cli->width) : NULL;
	fputs(text ? text : "", stderr);
	rko_explanation_free(why);
	return EXIT_INPUT;
}
