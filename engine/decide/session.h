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
/*
 * The first later day on which the same facts grant what the decision did not, and the last day of it; *ret_from is
 * RKO_DAY_OPEN when there is none. Like rko_decide_until().
 */
enum rko_status session_next_granted(struct rko_session *session, const struct rko_request *request,
				     const struct rko_decision *decision, rko_day *ret_from, rko_day *ret_to);
/* Closes a snapshot that was kept. */
void session_done(struct rko_session *session);

/*
 * The parts of it, for who decides many times on one snapshot: the reader has been renewed, and is reset at the end.
 * session_snapshot() gives the generation to read (`wanted` 0: the newest), session_aim() hands everything but the day
 * and the trace to the binder, session_wrong() says what is wrong with the request before any fact is read, and
 * session_answer() answers once the binder has begun; failures are in the binder's status.
 */
enum rko_status session_snapshot(struct rko_session *session, uint32_t wanted, uint32_t *ret_generation);
void session_aim(struct rko_session *session, const struct rko_request *request, uint32_t generation);
/* The day that is asked about; left as it is when the request does not say. */
void session_day(const struct rko_request *request, day_t *ret_day);
enum rko_refusal session_wrong(const struct rko_request *request, uint32_t *ret_field);
void session_answer(struct rko_session *session, const struct rko_request *request, bool every,
		    struct rko_decision *decision);

#endif
