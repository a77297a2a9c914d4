/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Metrics: counters that only grow, and how long answers took, as Prometheus reads them. Labels are words of the
 * policy and of this program; nothing that a caller or a fact says becomes one.
 */
#ifndef RKOD_METRICS_H
#define RKOD_METRICS_H

#include <stdatomic.h>
#include <stdint.h>

#include <rko/decide.h>

#include "engine/base/buf.h"

enum { OUTCOMES = RKO_REFUSED + 1 };

/* Decisions that one rule brought about, by outcome. Lives as long as the process. */
struct rule_count {
	struct rule_count *next;
	char *question, *rule;
	_Atomic uint64_t by[OUTCOMES];
};
/* The counter of that name; the same one after a reload. NULL when memory runs out. Takes a lock. */
struct rule_count *metrics_rule(const char *question, const char *rule);

enum metric {
	METRIC_REQUESTS, METRIC_BAD_REQUESTS, METRIC_REFUSED_PEERS, METRIC_UNAVAILABLE, METRIC_FAILED_DECISIONS,
	METRIC_FETCHES, METRIC_RELOADS, METRIC_FAILED_RELOADS, METRIC_AUDIT_LATE, METRIC_FAILED_CERTIFICATES,
	METRIC_CUT_CONNECTIONS,
	METRICS
};
void metrics_add(enum metric metric, uint64_t count);
/* A decision, and an HTTP request from its last byte to the answer, in nanoseconds. */
void metrics_decided(uint64_t ns);
void metrics_answered(uint64_t ns);

void metrics_write(struct buf *out);
void metrics_free(void);

#endif
