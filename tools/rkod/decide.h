/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Decide: from an ask to a decision, with its place in the record. What one HTTP request asks is decided by one
 * policy, on one generation of the facts, at one instant.
 */
#ifndef RKOD_DECIDE_H
#define RKOD_DECIDE_H

#include "tools/rkod/ask.h"
#include "tools/rkod/exchange.h"
#include "tools/rkod/ground.h"

/* What one HTTP request works with. */
struct sitting {
	struct exchange *exchange;
	struct ground *ground;
	struct worker *worker;
	int64_t instant;
	uint32_t generation;		/* 0: the newest; after the first decision, its */
};

/* Takes what is needed. False: the exchange is a 503 and nothing was taken. */
bool sitting_begin(struct sitting *sitting, struct exchange *exchange);
/* Gives the decisions to the record and everything else back. */
enum handled sitting_end(struct sitting *sitting);

struct verdict {
	bool permit;			/* granted, and nothing went wrong */
	struct rko_decision decision;	/* its strings belong to the policy */
	uint8_t id[RKO_AUDIT_ID_BYTES];
	struct rko_request *request;	/* the worker's */
	const char *failure;		/* a code, when no decision could be made; else NULL */
};

/*
 * That the decision was explained goes to the record too. `decision` with its own trace, which explaining writes over.
 * False: there is no room; then nothing of it may be told.
 */
bool sitting_explained(struct sitting *sitting, const struct verdict *verdict, const struct rko_decision *decision,
		       const struct rko_explanation *explanation);

/*
 * I15. What may be told of the verdict to whoever asks; the caller frees it. NULL: no more than whether it is a permit.
 * The decision's trace is overwritten.
 */
struct rko_explanation *sitting_told(struct sitting *sitting, const struct verdict *verdict, enum rko_language language);

/* Decides and adds it to the batch. The verdict is a denial whatever happens. */
void sitting_decide(struct sitting *sitting, const struct ask *ask, struct verdict *ret_verdict);

#endif
