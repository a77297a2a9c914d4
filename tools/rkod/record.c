/* SPDX-License-Identifier: EUPL-1.2 */
/* I14: an answer waits here until its record is on the disk. */
#include "tools/rkod/record.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/rkod/clock.h"
#include "tools/rkod/http.h"
#include "tools/rkod/metrics.h"

static struct rko_audit *audit;	/* under `using` for reading while it is used, for writing while it changes */
static pthread_rwlock_t using = PTHREAD_RWLOCK_INITIALIZER;
static bool wanted = true;
static char folder[4096];

/*
 * One answer that waits. Two hold it: the exchange, until it ends or the answer is free to go, and the log, until it
 * has called record_done(). Everything is under `waiting`.
 */
struct pending {
	int refs;
	struct exchange *exchange;	/* NULL: it has gone on without us */
	uint64_t since;
	struct pending *next, **link;	/* of those whose exchange waits */
};
static struct pending *first;
static bool ended;	/* nobody may wait any more */
static pthread_mutex_t waiting = PTHREAD_MUTEX_INITIALIZER;

/* Opening ------------------------------------------------------------------------------------------- */

static bool name_folder(const struct config *config)
{
	size_t length = strlen(config->facts);
	int size;

	while (length > 1 && config->facts[length - 1] == '/')
		length--;
	size = config->audit ? snprintf(folder, sizeof folder, "%s", config->audit)
			     : snprintf(folder, sizeof folder, "%.*s.audit", (int)length, config->facts);
	return size > 0 && (size_t)size < sizeof folder;
}

bool record_prepare(const struct config *config)
{
	char host[64] = "host", origin[RKO_AUDIT_NAME_BYTES];
	struct rko_fault fault = { "" };
	struct stat about;

	if (config->audit && strcmp(config->audit, "none") == 0) {
		wanted = false;
		LOG(LOG_WARNING, "nothing_is_recorded", FIELD("setting", shown("audit=none")));
		return true;
	}
	if (!name_folder(config)) {
		fprintf(stderr, "rkod: the path of the record is too long\n");
		return false;
	}
	if (config->audit || stat(folder, &about) == 0)
		return true;
	gethostname(host, sizeof host - 1);
	for (char *at = host; *at; at++)
		if (*at <= ' ' || *at > '~' || *at == '+')
			*at = '-';
	snprintf(origin, sizeof origin, "%s/rkod", host);
	if (rko_audit_init(folder, origin, config->audit_key, &fault) != RKO_OK) {
		fprintf(stderr, "rkod: %s: %s\n", folder, fault.text);
		return false;
	}
	LOG(LOG_INFO, "record_begun", FIELD("folder", shown(folder)));
	return true;
}

enum rko_status record_open(const struct config *config, struct rko_fault *fault)
{
	struct rko_audit_options options = { .key_file = config->audit_key };
	struct rko_audit *opened = NULL;
	struct rko_audit_about about;
	enum rko_status status;

	fault->text[0] = '\0';
	if (!wanted)
		return RKO_OK;
	status = rko_audit_open(folder, &options, &opened, fault);
	if (status != RKO_OK) {
		if (!fault->text[0])
			snprintf(fault->text, sizeof fault->text, "%.120s: %.100s", folder, rko_status_meaning(status));
		return status;
	}
	rko_audit_about(opened, &about);
	if (!clock_is_demo())
		clock_seen(about.written_at);	/* whoever sets the clock back meets the record */
	pthread_rwlock_wrlock(&using);
	audit = opened;
	pthread_rwlock_unlock(&using);
	return RKO_OK;
}

enum rko_status record_close(void)
{
	struct rko_audit *closing;

	pthread_rwlock_wrlock(&using);
	closing = audit;
	audit = NULL;
	pthread_rwlock_unlock(&using);
	return closing ? rko_audit_close(closing) : RKO_OK;
}

enum rko_status record_reopen(const struct config *config, struct rko_fault *fault)
{
	record_close();
	return record_open(config, fault);
}

const char *record_folder(void)
{
	return folder;
}

void record_keep(struct rko_policy *policy)
{
	enum rko_status status = RKO_OK;

	pthread_rwlock_rdlock(&using);
	if (audit)
		status = rko_audit_keep(audit, policy);
	pthread_rwlock_unlock(&using);
	if (status != RKO_OK)
		LOG(LOG_ERROR, "image_not_kept", FIELD("status", shown(rko_status_word(status))));
}

bool record_wanted(void)
{
	return wanted;
}

enum rko_status record_state(struct rko_audit_about *about)
{
	enum rko_status status = wanted ? RKO_AUDIT_MISSING : RKO_OK;

	memset(about, 0, sizeof *about);
	pthread_rwlock_rdlock(&using);
	if (audit) {
		rko_audit_about(audit, about);
		status = about->status;
	}
	pthread_rwlock_unlock(&using);
	return status;
}

/* Waiting ------------------------------------------------------------------------------------------- */

static void unref(struct pending *pending)
{
	if (--pending->refs == 0)
		free(pending);
}

static void unlink_pending(struct pending *pending)
{
	*pending->link = pending->next;
	if (pending->next)
		pending->next->link = pending->link;
}

/* Lets the answer go: as it stands, or as a 503. Under `waiting`, and only once. */
static void release(struct pending *pending, const char *code, const char *message)
{
	struct exchange *exchange = pending->exchange;

	pending->exchange = NULL;
	unlink_pending(pending);
	exchange->pending = NULL;
	if (code)
		exchange_unavailable(exchange, code, message);
	http_resume(exchange->connection);
	unref(pending);
}

static void record_done(void *context, enum rko_status status, uint64_t sequence)
{
	struct pending *pending = context;

	(void)sequence;
	pthread_mutex_lock(&waiting);
	if (pending->exchange)
		release(pending, status == RKO_OK ? NULL : "audit_unavailable",
			"The record of the decision could not be written; no decision leaves without one.");
	unref(pending);
	pthread_mutex_unlock(&waiting);
}

/* False when nobody may wait any more. */
static bool enlist(struct exchange *exchange, struct pending *pending)
{
	bool good;

	pending->refs = 2;
	pending->exchange = exchange;
	pthread_mutex_lock(&waiting);
	good = !ended;
	if (good) {
		exchange->waited = true;
		pending->since = clock_steady();
		pending->next = first;
		pending->link = &first;
		if (first)
			first->link = &pending->next;
		first = pending;
		exchange->pending = pending;
	}
	pthread_mutex_unlock(&waiting);
	return good;
}

enum handled record_submit(struct exchange *exchange, const struct rko_audit_batch *batch)
{
	enum rko_status status = RKO_AUDIT_MISSING;
	struct pending *pending;

	if (!wanted || rko_audit_batch_count(batch) == 0)
		return HANDLED;
	pending = calloc(1, sizeof *pending);
	if (!pending)
		return exchange_unavailable(exchange, "no_memory", "Memory ran out.");
	if (!enlist(exchange, pending)) {
		free(pending);
		return exchange_unavailable(exchange, "audit_unavailable", "The service is stopping.");
	}
	http_suspend(exchange->connection);
	pthread_rwlock_rdlock(&using);
	if (audit)
		status = rko_audit_submit(audit, batch, record_done, pending);
	pthread_rwlock_unlock(&using);
	if (status == RKO_OK)
		return WAITS;
	/* The log did not take it and will not call. */
	record_done(pending, status, 0);
	return WAITS;
}

void record_reap(long seconds)
{
	uint64_t now, most = (uint64_t)seconds * 1000000000u;
	struct pending *next;

	pthread_mutex_lock(&waiting);
	now = clock_steady();	/* under the lock: nothing has begun to wait later */
	for (struct pending *pending = first; pending; pending = next) {
		next = pending->next;
		if (now - pending->since <= most)
			continue;
		metrics_add(METRIC_AUDIT_LATE, 1);
		release(pending, "audit_slow", "The record of the decision was not on the disk in time.");
	}
	pthread_mutex_unlock(&waiting);
}

void record_end(void)
{
	pthread_mutex_lock(&waiting);
	ended = true;
	while (first)
		release(first, "audit_unavailable", "The service is stopping.");
	pthread_mutex_unlock(&waiting);
}

void record_forget(struct exchange *exchange)
{
	struct pending *pending;

	if (!exchange->waited)
		return;
	pthread_mutex_lock(&waiting);
	pending = exchange->pending;
	if (pending) {
		exchange->pending = NULL;
		pending->exchange = NULL;
		unlink_pending(pending);
		unref(pending);
	}
	pthread_mutex_unlock(&waiting);
}
