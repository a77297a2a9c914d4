/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Asking: a policy, a store with facts and a session in one, and questions said as words. Whatever fails, fails the
 * test at hand (cmocka).
 *
 *   struct asking *asking = asking_open(NULL, "examples/documents", "documents", "user:\n  anna: {staff: yes}\n");
 *   struct rko_decision decision = ask(asking, "view user=anna document=budget network=vpn managed=yes");
 *   …
 *   asking_close(asking);
 */
#ifndef RKO_TESTS_ASKING_H
#define RKO_TESTS_ASKING_H

#include <rko/explain.h>

#include "tests/common/fixture.h"

struct asking {
	struct rko_policy *policy;
	char *folder;
	struct rko_facts *facts;
	struct rko_session *session;
	struct rko_request *request;
	int64_t at;		/* for ask_words(); an hour after RECORDED to begin with */
};

/* A policy from a text or a path, the facts of a text of YAML (NULL: none), and requests of one question. */
struct asking *asking_open(const char *text, const char *path, const char *question, const char *yaml);
void asking_close(struct asking *asking);

/* Makes the request: "action field=value …", each value one word; `field=` says an empty set. Its instant is `at`. */
void ask_words(struct asking *asking, const char *words);
/* Decides the request that was made; the call must go well. */
struct rko_decision ask_decide(struct asking *asking);
/* Both. */
struct rko_decision ask(struct asking *asking, const char *words);
/* The same for what must fail: the decision is a denial with that status. */
void ask_failing(struct asking *asking, const char *words, enum rko_status status);
/* An explanation of the request that was made, which is complete; the caller frees it. */
struct rko_explanation *ask_why(struct asking *asking);
/* The outcome of words, and its first deciding rule ("" for none). */
void expect_by(struct asking *asking, const char *words, enum rko_outcome outcome, const char *rule);
/* Undecided, and settled by these facts: their names in the order in which they are told, with blanks. */
void expect_missing(struct asking *asking, const char *words, const char *names);

#endif
