/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Session: what one thread needs to decide, taken once. Between session_decide() with `keep` and
 * session_done() the snapshot stays open and what was bound stays bound, so that more can be asked of it.
 */
#ifndef RKO_DECIDE_SESSION_H
#define RKO_DECIDE_SESSION_H

#include <rko/decide.h>

#include "engine/decide/walk.h"

struct rko_session {
	struct rko_policy *policy;
	struct rko_facts *facts;
	struct store_reader *reader;
	struct binding *binding;
	struct bind bind;
	struct trace trace;
	struct verdict verdict;
	uint32_t refused_field;	/* of the request's view */
	/* The newest generation, while the state of the store is the same. */
	uint64_t newest_state;
	struct generation newest;
};

struct decide_as {
	const day_t *day;	/* that day instead of the instant's, or NULL */
	uint32_t generation;	/* instead of the request's; 0: as the request says */
	bool keep;		/* the snapshot stays open unless the decision fails */
	bool every;		/* every candidate, see walk() */
};

/* As rko_decide(). */
enum rko_status session_decide(struct rko_session *session, const struct rko_request *request,
			       const struct decide_as *as, struct rko_decision *ret_decision);
/* Closes a snapshot that was kept. */
void session_done(struct rko_session *session);

#endif
