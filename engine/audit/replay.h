/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Replay: makes a recorded decision again, and says what became of it: the same bytes, or what is different and why.
 */
#ifndef RKO_AUDIT_REPLAY_H
#define RKO_AUDIT_REPLAY_H

#include "engine/audit/record.h"

/*
 * The recorded request, for a policy: the one it was asked by, or another. What another policy does not know is a
 * mistake of the request, which it then remembers. RKO_ARGUMENT when it has no such question, RKO_NO_MEMORY.
 */
enum rko_status replay_request(struct rko_policy *policy, const struct record_request *from,
			       struct rko_request **ret_request);

/*
 * Whether a trace made again is the recorded one. An id that the store did not know then has no number in the
 * recorded keys; it may have one now, and that is no difference: *ret_named counts such keys.
 */
bool replay_same(struct text recorded, struct text again, uint32_t *ret_named);

/* What became of the rows that two decisions read, between two generations. */
struct replay_rows {
	bool late;		/* some were not known then */
	bool corrected;		/* some said something else then */
	bool removed;		/* some are not there any more */
};
/* `then` 0: nothing was known. A status of the store. */
enum rko_status replay_rows(struct rko_facts *facts, struct text recorded, struct text again, uint32_t then,
			    uint32_t now, struct replay_rows *ret_rows);

#endif
