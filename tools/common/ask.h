/* SPDX-License-Identifier: EUPL-1.2 */
/* Ask: a question from the command line: by which policy, on which facts, for which instant, and its words. */
#ifndef RKO_TOOLS_ASK_H
#define RKO_TOOLS_ASK_H

#include "engine/base/limits.h"
#include "tools/common/options.h"

struct ask {
	struct options with;
	struct rko_request *request;
	char open[LIMIT_NAME_BYTES * 2 + 2];	/* the field of which `?` was said, or "" */
};

/* The options that every such command has, for options_take(). */
#define ASK_OPTIONS TAKES_POLICY, TAKES_STORE, TAKES_AT, TAKES_AS_OF, TAKES_FORMAT, TAKES_LANG

/*
 * Opens what the options name, and makes the request of the words: question, action, field=value … EXIT_GRANTED, or
 * how to end: the message has been printed.
 */
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
