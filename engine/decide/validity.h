/* SPDX-License-Identifier: EUPL-1.2 */
/* Cuts: the days on which, on fixed facts, something that a decision could look at changes. */
#ifndef RKO_DECIDE_VALIDITY_H
#define RKO_DECIDE_VALIDITY_H

#include "engine/decide/session.h"

struct cut {
	day_t day;		/* the first day on which it is otherwise */
	uint32_t feature;
	uint32_t number;	/* of the feature's cuts; of a finding: 0 begins, 1 has ended */
	day_t anchor;		/* the recorded date that it counts from; of a calendar the day itself */
	uint32_t slot;		/* that holds the date, or IMAGE_NONE */
	uint32_t key_size;	/* of the row in it, without generation; 0: none */
	uint8_t key[LIMIT_KEY_BYTES];
};

struct cuts {
	struct bind *bind;
	bool shown;		/* only of what whoever asks may know; nothing else is read */
	struct cut *list;	/* by day */
	size_t count, cap;
	bool no_memory;
};

/*
 * Every cut of every date that the decision could look at, of all candidates and rows; `shown`: of what whoever asks may
 * know alone. The decision was kept. Frees with cuts_free() in any case.
 */
enum rko_status cuts_find(struct rko_session *session, bool shown, struct cuts *ret_cuts);
void cuts_free(struct cuts *cuts);

/*
 * The first cut after `today` on whose day it is open, and the last day before it closes again; *ret_from is RKO_DAY_OPEN
 * when there is none, *ret_to when it stays open. Ends with the first status of `open_on` that is not RKO_OK.
 */
typedef enum rko_status cuts_test(void *context, day_t day, bool *ret_open);
enum rko_status cuts_open(const struct cuts *cuts, day_t today, cuts_test *open_on, void *context, rko_day *ret_from,
			  rko_day *ret_to);

#endif
