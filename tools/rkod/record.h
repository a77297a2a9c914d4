/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Record: holds an answer back until every decision in it is on the disk, and turns it into a 503 when that fails
 * or takes too long. Between the audit log, whose thread tells when, and HTTP, which sends.
 */
#ifndef RKOD_RECORD_H
#define RKOD_RECORD_H

#include <rko/audit.h>

#include "tools/rkod/config.h"
#include "tools/rkod/exchange.h"

/* Makes the log's folder where it is the usual one and not there yet. False after a message. */
bool record_prepare(const struct config *config);
/* Opens the log. RKO_… and a fault. Nothing to do where nothing is recorded. */
enum rko_status record_open(const struct config *config, struct rko_fault *ret_fault);
/* Opens the log again after it failed. */
enum rko_status record_reopen(const struct config *config, struct rko_fault *ret_fault);
/* Where the log is; "" when there is none. */
const char *record_folder(void);
void record_keep(struct rko_policy *policy);
enum rko_status record_close(void);

/* False: nothing is recorded, on the operator's word. */
bool record_wanted(void);
/* RKO_OK, or why nothing can be recorded now. */
enum rko_status record_state(struct rko_audit_about *ret_about);

/*
 * Gives the batch to the log. The exchange has its answer already; it leaves when the batch is on the disk, or as
 * a 503. WAITS, or HANDLED with the 503.
 */
enum handled record_submit(struct exchange *exchange, const struct rko_audit_batch *batch);
/* Gives up what has waited too long. From the main thread. */
void record_reap(long seconds);
/* Gives up everything that waits; from now on nothing does, and what would have to is a 503. */
void record_end(void);
/* The exchange ends; whatever comes of its record comes too late. */
void record_forget(struct exchange *exchange);

#endif
