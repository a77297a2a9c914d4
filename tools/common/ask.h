/* SPDX-License-Identifier: EUPL-1.2 */
/* Ask: a question from the command line: by which policy, on which facts, for which instant, and its words. */
#ifndef RKO_TOOLS_ASK_H
#define RKO_TOOLS_ASK_H

#include <rko/decide.h>

#include "engine/base/limits.h"
#include "tools/common/cli.h"

enum { ASK_PATHS = 64 };

struct ask {
	struct cli *cli;
	const char *policies[ASK_PATHS];
	size_t npolicies;
	const char *store;
	bool has_at, json;
	int64_t at;
	uint32_t as_of;
	struct rko_policy *policy;
	struct rko_facts *facts;
	struct rko_session *session;
	struct rko_request *request;
	char open[LIMIT_NAME_BYTES * 2 + 2];	/* the field of which `?` was said, or "" */
};

/* The options that every such command has; `val` of each is what ask_option() takes. */
#define ASK_OPTIONS                                                                                          \
	{ "policy", required_argument, NULL, 'p' }, { "store", required_argument, NULL, 's' },               \
	{ "at", required_argument, NULL, 'a' }, { "as-of", required_argument, NULL, 'g' },                   \
	{ "format", required_argument, NULL, 'f' }, { "lang", required_argument, NULL, 'l' }

/* Takes one of those options. EXIT_GRANTED, or how to end: the message has been printed. */
int ask_option(struct ask *ask, int option, const char *value);
/* Opens what the options name, and makes the request of the words: question, action, field=value … The same. */
int ask_open(struct ask *ask, char **words, int count);
/* Accepts what was never opened. */
void ask_close(struct ask *ask);

/*
 * A request of words: question, action, field=value …; `field=` says an empty set. With `open` (room as in struct
 * ask; may be NULL) `field=?` leaves one field open. The caller frees it. The same.
 */
int ask_words(const struct cli *cli, struct rko_policy *policy, char **words, int count, char *open,
	      struct rko_request **ret_request);

/* Prints what the explanation of a refused request says, as `rko decide` does. Gives EXIT_INPUT. */
int ask_refused(struct ask *ask, const struct rko_request *request);

#endif
