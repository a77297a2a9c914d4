/* SPDX-License-Identifier: EUPL-1.2 */
/* Recording: what a command decides and explains goes into a log before anybody sees it. */
#ifndef RKO_TOOLS_RECORDING_H
#define RKO_TOOLS_RECORDING_H

#include <stdbool.h>

#include <rko/audit.h>

struct recording {
	const char *log;	/* folder; NULL: nothing is recorded */
	const char *command;	/* that asks: "rko decide" */
	struct rko_audit *audit;
	struct rko_audit_batch *batch;
};

#define TAKES_AUDIT { "audit", required_argument, NULL, 'A' }

/* Opens the log, if one was named. EXIT_GRANTED, or how to end: the message has been printed. */
int recording_open(struct recording *recording);
/*
 * Each is true when it is on the disk, or when nothing is recorded; else the message has been printed and nothing may
 * be shown. `id` gets the decision's.
 */
bool recording_decided(struct recording *recording, const struct rko_request *request,
		       const struct rko_decision *decision, uint8_t id[RKO_AUDIT_ID_BYTES]);
/* `decision` with its own trace, which explaining writes over; `of`: the id it was recorded under, or NULL. */
bool recording_explained(struct recording *recording, const struct rko_request *request,
			 const struct rko_decision *decision, const struct rko_explanation *explanation,
			 const uint8_t of[RKO_AUDIT_ID_BYTES]);
/* Closes what is open. False when the log could not be closed well; it has been said. */
bool recording_close(struct recording *recording);

#endif
