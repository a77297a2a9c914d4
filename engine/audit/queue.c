/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Queue: where callers put a batch, and wait or are called back; the thread behind it takes all that waits and answers.
 */
#include "engine/audit/open_log.h"

#include <stdlib.h>
#include <string.h>

enum { WRITE_BYTES = 4 << 20 };	/* a group is not made larger by more batches */

static uint32_t bytes_of(const struct submission *one)
{
	return one->count ? one->ends[one->count - 1] : 0;
}

/* Waits for room. RKO_AUDIT_FAILED when nothing is taken any more. */
static enum rko_status enqueue(struct rko_audit *audit, struct submission *one)
{
	enum rko_status status;

	pthread_mutex_lock(&audit->mutex);
	while (audit->about.status == RKO_OK && audit->queued && audit->queued + bytes_of(one) > audit->options.reserve_bytes)
		pthread_cond_wait(&audit->room, &audit->mutex);
	status = audit->about.status;
	if (status == RKO_OK) {
		one->since = steady_ns();
		one->next = NULL;
		*audit->last = one;
		audit->last = &one->next;
		audit->queued += bytes_of(one);
		audit->about.waiting += one->count;
		pthread_cond_signal(&audit->work);
	}
	pthread_mutex_unlock(&audit->mutex);
	return status;
}

struct submission *queue_take(struct rko_audit *audit)
{
	struct submission *group = audit->first, *one = group;
	uint64_t bytes = 0;

	while (one && bytes < WRITE_BYTES) {
		bytes += bytes_of(one);
		if (!one->next || bytes >= WRITE_BYTES)
			break;
		one = one->next;
	}
	if (!one)
		return NULL;
	audit->first = one->next;
	if (!audit->first)
		audit->last = &audit->first;
	one->next = NULL;
	audit->queued -= bytes;
	audit->busy_since = group->since;
	return group;
}

struct submission *queue_fall(struct rko_audit *audit, enum rko_status reason, int error)
{
	struct submission *rest = audit->first;

	audit->about.status = RKO_AUDIT_FAILED;
	audit->about.reason = reason;
	audit->about.error = error;
	audit->about.waiting = 0;
	audit->first = NULL;
	audit->last = &audit->first;
	audit->queued = 0;
	pthread_cond_broadcast(&audit->room);
	return rest;
}

void queue_answer(struct submission *group, enum rko_status status)
{
	while (group) {
		struct submission *next = group->next;
		bool owned = group->owned;

		/* One that is not owned is gone as soon as it is told. */
		group->done(group->context, status, group->sequence);
		if (owned)
			free(group);
		group = next;
	}
}

/* The door ---------------------------------------------------------------------------------------- */

struct waiting {
	pthread_mutex_t mutex;
	pthread_cond_t told;
	bool done;
	enum rko_status status;
	uint64_t sequence;
};

static void wake(void *context, enum rko_status status, uint64_t sequence)
{
	struct waiting *waiting = context;

	pthread_mutex_lock(&waiting->mutex);
	waiting->status = status;
	waiting->sequence = sequence;
	waiting->done = true;
	pthread_cond_signal(&waiting->told);
	pthread_mutex_unlock(&waiting->mutex);
}

/* Puts it into the queue and waits for the queue_answer. */
static enum rko_status wait_for(struct rko_audit *audit, struct submission *one, uint64_t *ret_sequence)
{
	struct waiting waiting = { .mutex = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER };
	enum rko_status status;

	one->done = wake;
	one->context = &waiting;
	status = enqueue(audit, one);
	if (status != RKO_OK)
		return status;
	pthread_mutex_lock(&waiting.mutex);
	while (!waiting.done)
		pthread_cond_wait(&waiting.told, &waiting.mutex);
	pthread_mutex_unlock(&waiting.mutex);
	pthread_mutex_destroy(&waiting.mutex);
	pthread_cond_destroy(&waiting.told);
	if (waiting.status == RKO_OK && ret_sequence)
		*ret_sequence = waiting.sequence;
	return waiting.status;
}

enum rko_status rko_audit_append(struct rko_audit *audit, const struct rko_audit_batch *batch,
				 uint64_t *ret_sequence)
{
	struct submission one = { .bytes = batch->bytes.at, .ends = batch->ends, .count = batch->count };
	enum rko_status status = batch->policy ? rko_audit_keep(audit, batch->policy) : RKO_OK;

	if (status != RKO_OK || !batch->count)
		return status;
	return wait_for(audit, &one, ret_sequence);
}

enum rko_status rko_audit_submit(struct rko_audit *audit, const struct rko_audit_batch *batch,
				 rko_audit_done_fn *done, void *context)
{
	size_t ends = batch->count * sizeof batch->ends[0];
	enum rko_status status = batch->policy ? rko_audit_keep(audit, batch->policy) : RKO_OK;
	struct submission *one;

	if (status != RKO_OK)
		return status;
	one = malloc(sizeof *one + ends + batch->bytes.len);
	if (!one)
		return RKO_NO_MEMORY;
	*one = (struct submission){ .count = batch->count, .done = done, .context = context, .owned = true };
	memcpy(one + 1, batch->ends, ends);
	if (batch->bytes.len)
		memcpy((char *)(one + 1) + ends, batch->bytes.at, batch->bytes.len);
	one->ends = (const uint32_t *)(one + 1);
	one->bytes = (const char *)(one + 1) + ends;
	status = enqueue(audit, one);
	if (status != RKO_OK)
		free(one);
	return status;
}

enum rko_status rko_audit_checkpoint(struct rko_audit *audit, char text[RKO_AUDIT_CHECKPOINT_TEXT])
{
	struct submission one = { .text = text };

	return wait_for(audit, &one, NULL);
}
