/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Commit: the thread that empties the queue. It takes all that waits, writes it in one go, syncs once, and answers; and it
 * signs a checkpoint when one is due.
 */
#include "engine/audit/open_log.h"

#include <errno.h>
#include <string.h>

enum rko_status commit_checkpoint(struct rko_audit *audit, struct checkpoint *ret_checkpoint)
{
	enum rko_status status = writer_checkpoint(&audit->writer, audit->text, ret_checkpoint);

	if (status == RKO_OK) {
		audit->uncovered = 0;
		audit->same_since = true;
		audit->unpublished = true;
	}
	return status;
}

/* When something must be done although nobody asks: steady clock, or 0 for never. */
static uint64_t due_at(const struct rko_audit *audit)
{
	uint64_t most = audit->options.checkpoint_seconds * 1000000000ull, sign = 0, publish = 0;

	if (audit->about.status != RKO_OK)
		return 0;
	if (audit->uncovered)
		sign = audit->uncovered_since + most;
	if (audit->unpublished)
		publish = audit->published ? audit->published + most : 1;
	return sign && publish ? sign < publish ? sign : publish : sign + publish;
}

static enum rko_status put(struct rko_audit *audit, struct submission *one)
{
	enum rko_status status = RKO_OK;
	uint32_t from = 0;

	one->sequence = audit->writer.front.tree.count;
	for (uint32_t i = 0; i < one->count && status == RKO_OK; i++) {
		status = writer_put(&audit->writer, one->bytes + from, one->ends[i] - from);
		from = one->ends[i];
	}
	if (one->count) {
		if (!audit->uncovered)
			audit->uncovered_since = steady_ns();
		audit->uncovered += one->count;
		audit->same_since = false;
	}
	return status;
}

/* Everything the group asks for, on the disk. *ret_checkpoint.at is 0 when none was signed. */
static enum rko_status write_group(struct rko_audit *audit, struct submission *group,
				   struct checkpoint *ret_checkpoint)
{
	uint64_t most = audit->options.checkpoint_seconds * 1000000000ull;
	enum rko_status status = RKO_OK;
	bool asked = false;

	for (struct submission *one = group; one && status == RKO_OK; one = one->next) {
		status = put(audit, one);
		asked |= one->text != NULL;
	}
	asked &= !audit->same_since;
	if (status == RKO_OK && (asked || audit->uncovered >= audit->options.checkpoint_records ||
				 (audit->uncovered && steady_ns() - audit->uncovered_since >= most)))
		status = commit_checkpoint(audit, ret_checkpoint);
	if (status == RKO_OK)
		status = writer_flush(&audit->writer);
	for (struct submission *one = group; one && status == RKO_OK; one = one->next)
		if (one->text)
			memcpy(one->text, audit->text, sizeof audit->text);
	return status;
}

/*
 * The folder's copy of the newest checkpoint. That it is old is no harm, so it is not written for each one: its syncs
 * would hold up the records. That it cannot be written is a failure.
 */
enum rko_status commit_publish(struct rko_audit *audit)
{
	enum rko_status status = io_put(audit->writer.io, audit->writer.folder.file, "checkpoint", audit->text,
					strlen(audit->text), 0600);

	audit->unpublished = false;
	audit->published = steady_ns();
	return status;
}

static bool must_publish(const struct rko_audit *audit)
{
	return audit->unpublished &&
	       (!audit->published || steady_ns() - audit->published >= audit->options.checkpoint_seconds * 1000000000ull);
}

static void tell(struct rko_audit *audit, const struct submission *group, const struct checkpoint *checkpoint,
		 uint64_t took, enum rko_status status)
{
	struct rko_audit_about *about = &audit->about;
	uint64_t count = 0;

	for (const struct submission *one = group; one; one = one->next)
		count += one->count;
	about->waiting -= count;
	audit->busy_since = 0;
	if (status == RKO_OK) {
		about->decisions += count;
		about->syncs++;
		about->sync_ns += took;
		about->records = audit->writer.flushed;
		about->written_at = audit->writer.written / 1000000000;
		about->segment_free = audit->writer.size - audit->writer.at;
		if (checkpoint->at) {
			about->checkpoint_records = checkpoint->size;
			about->checkpoint_at = checkpoint->at;
		}
	}
	pthread_cond_broadcast(&audit->room);
}

static void serve(struct rko_audit *audit, struct submission *group)
{
	struct checkpoint signed_now = { 0 };
	struct submission *rest = NULL;
	uint64_t begun = steady_ns();
	enum rko_status status;
	int error;

	errno = 0;
	status = write_group(audit, group, &signed_now);
	error = errno;
	pthread_mutex_lock(&audit->mutex);
	tell(audit, group, &signed_now, steady_ns() - begun, status);
	if (status != RKO_OK)
		rest = queue_fall(audit, status, error);
	pthread_mutex_unlock(&audit->mutex);
	queue_answer(group, status);
	queue_answer(rest, RKO_AUDIT_FAILED);
	if (status != RKO_OK)
		return;
	if (must_publish(audit))
		status = commit_publish(audit);
	if (status == RKO_OK) {
		spare_look(audit);
		return;
	}
	pthread_mutex_lock(&audit->mutex);
	rest = queue_fall(audit, status, errno);
	pthread_mutex_unlock(&audit->mutex);
	queue_answer(rest, RKO_AUDIT_FAILED);
}

/* Waits for work, or until something is due. Called with the mutex. */
static void rest(struct rko_audit *audit)
{
	uint64_t until = due_at(audit);
	struct timespec at = { (time_t)(until / 1000000000u), (long)(until % 1000000000u) };

	if (until)
		pthread_cond_timedwait(&audit->work, &audit->mutex, &at);
	else
		pthread_cond_wait(&audit->work, &audit->mutex);
}

static bool is_due(const struct rko_audit *audit)
{
	uint64_t at = due_at(audit);

	return at && steady_ns() >= at;
}

void *commit_run(void *context)
{
	struct rko_audit *audit = context;

	pthread_mutex_lock(&audit->mutex);
	for (;;) {
		struct submission *group;

		while (!audit->first && !audit->closing && !is_due(audit))
			rest(audit);
		if (!audit->first && audit->closing)
			break;
		group = queue_take(audit);
		pthread_mutex_unlock(&audit->mutex);
		serve(audit, group);
		pthread_mutex_lock(&audit->mutex);
	}
	pthread_mutex_unlock(&audit->mutex);
	return NULL;
}
