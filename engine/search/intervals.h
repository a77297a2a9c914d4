/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Intervals while they are made. At each cut the request is decided and explained; where the answer or its reasons
 * are others than the day before, an interval ends and causes.c says why.
 */
#ifndef RKO_SEARCH_INTERVALS_H
#define RKO_SEARCH_INTERVALS_H

#include <rko/search.h>

#include "engine/base/arena.h"
#include "engine/decide/validity.h"

struct intervals {
	struct rko_intervals out;	/* first: what the caller holds */
	struct arena arena;
};

/* What a day's answer is and rests on. Lists of rules of the question, in the order of their numbers. */
struct reason {
	enum rko_outcome outcome;
	uint64_t duties;
	uint32_t rule;
	const uint32_t *by;		/* deciding rules */
	size_t nby;
	uint32_t nearest;		/* not granted: the rule that came closest, or IMAGE_NONE */
};

struct making {
	struct intervals *made;
	struct arena *arena;
	struct rko_session *session;
	struct rko_request *request;	/* a copy, on the day that is looked at */
	const struct image *image;
	const struct question_view *question;
	uint32_t generation;
	struct cuts cuts;
};

/* Why the interval begins: what changed from the day before `day`, by the cuts of that day. */
enum rko_status causes_find(struct making *making, const struct cut *cuts, size_t ncuts, const struct reason *before,
			    const struct reason *after, struct rko_interval *ret_interval);

#endif
