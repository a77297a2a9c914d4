/* SPDX-License-Identifier: EUPL-1.2 */
/* Filter: one request decided for many values of one of its fields, on one state of the facts. */
#ifndef RKO_DECIDE_FILTER_H
#define RKO_DECIDE_FILTER_H

#include <rko/search.h>

#include "engine/decide/session.h"

struct filter {
	struct rko_session *session;
	const struct rko_request *given;	/* the caller's */
	struct rko_request *request;		/* a copy that says the field anew for each value */
	uint32_t field;				/* of the request's view */
	struct plan_view view;			/* the plan's, with the lifetimes of a filter */
	struct question_view question;		/* with what has to be looked at again for each value */
	struct image_question asked;		/* its question */
	uint8_t *memory;			/* of the lifetimes, and behind them what hangs on the field */
	uint32_t *named;			/* of the question */
	size_t things;				/* slots, values, scans and features together */
	bool only_candidate;			/* all decisions have one and the same candidate */
	uint8_t open;				/* the lifetime of what hangs on the field */
	bool anew;				/* the next decision keeps nothing of those before it */
	bool complete;				/* the request says all that it has to */
};

/* rko_filter() without its bound, as of a generation (0: as the request says). */
enum rko_status filter_as_of(struct rko_session *session, const struct rko_request *request, uint32_t generation,
			     const char *field, const char *const *values, size_t count,
			     struct rko_filtered *ret_filtered, uint32_t *ret_generation);

#endif
