/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Ground: what decisions rest on, a policy with its facts. A reload makes a new one and switches one pointer;
 * whoever works on the old one finishes on it, so that no request is decided by two policies. Facts that are
 * loaded into the same store are seen by the next decision without any of this.
 */
#ifndef RKOD_GROUND_H
#define RKOD_GROUND_H

#include <pthread.h>

#include <rko/audit.h>
#include <rko/decide.h>

#include "tools/rkod/config.h"
#include "tools/rkod/mapping.h"
#include "tools/rkod/metrics.h"

struct facts_handle;

struct ground {
	int refs;			/* atomic */
	unsigned number;		/* counts reloads */
	struct rko_policy *policy;
	struct facts_handle *facts;
	struct mapping *mapping;
	char digest[2 * RKO_DIGEST_BYTES + 1];
	uint32_t questions;
	struct rule_count ***counts;	/* by question and rule; the last is for no rule */
	struct worker *idle;		/* under `lock` */
	pthread_mutex_t lock;
};

/* What one thread needs to decide. Kept for the next one. */
struct worker {
	struct ground *ground;
	struct worker *next;
	struct rko_session *session;
	struct rko_request **requests;	/* by question; made when first needed */
	struct rko_audit_batch *batch;
};

/* Opens what the settings name and makes it current. On failure the old one stays. RKO_… and a fault. */
enum rko_status ground_load(const struct config *config, struct rko_fault *ret_fault);
/* The current one, held; NULL before the first was loaded. */
struct ground *ground_take(void);
void ground_drop(struct ground *ground);
/* Drops the current one, when the process ends. */
void ground_end(void);

/* NULL when memory or LMDB's reader slots ran out. */
struct worker *ground_worker(struct ground *ground);
void ground_worker_back(struct worker *worker);
/* The request of a question, cleared; NULL when memory ran out. */
struct rko_request *worker_request(struct worker *worker, uint32_t question);

struct rko_facts *ground_facts(const struct ground *ground);
/* Counts a decision under its rule. */
void ground_count(const struct ground *ground, const struct rko_decision *decision);

/* What the ticker last saw of the current facts: a status, the newest generation and when it was recorded. */
struct facts_seen {
	enum rko_status status;
	uint32_t generation;
	int64_t recorded;
};
void ground_look(void);
struct facts_seen ground_seen(void);

#endif
