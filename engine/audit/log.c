/* SPDX-License-Identifier: EUPL-1.2 */
/* Log: opening and closing it, and what is known of it meanwhile. */
#include "engine/audit/open_log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "engine/decide/policy.h"

enum {
	CHECKPOINT_RECORDS = 1024,
	CHECKPOINT_SECONDS = 10,
	RESERVE_BYTES = 16 << 20,
	DISK_LOOK_NS = 1000000000,	/* between two looks at how much room the disk has */
};

static enum rko_status lock(struct rko_audit *audit, struct rko_fault *fault)
{
	enum rko_status status;

	audit->lock = audit->writer.io->openat(audit->writer.folder.file, "lock", O_RDWR | O_CREAT, 0600);
	if (audit->lock < 0) {
		fault_say(fault, "lock: %s", strerror(errno));
		return io_status();
	}
	if (folder_lock(audit->lock))
		return RKO_OK;
	status = errno == EAGAIN || errno == EACCES ? RKO_AUDIT_BUSY : RKO_IO;
	fault_say(fault, "%s", status == RKO_IO ? strerror(errno) : rko_status_meaning(status));
	return status;
}

/* The first record of a process: that it began, and so that the disk takes anything at all. */
static enum rko_status begin(struct rko_audit *audit, struct rko_fault *fault)
{
	struct writer *writer = &audit->writer;
	bool aside, made;
	enum rko_status status = writer_recover(writer, &aside, fault);

	if (status != RKO_OK)
		return status;
	made = !writer->front.tree.count;
	buf_reset(&writer->body);
	record_opened(&writer->body, made);
	status = buf_failed(&writer->body) ? RKO_NO_MEMORY : writer_put(writer, writer->body.at, writer->body.len);
	if (status == RKO_OK)
		status = writer_flush(writer);
	if (status != RKO_OK) {
		fault_say(fault, "the log cannot be written: %s", errno ? strerror(errno) : rko_status_meaning(status));
		return status;
	}
	audit->about.set_aside = aside;
	audit->about.records = writer->flushed;
	audit->about.written_at = writer->written / 1000000000;
	audit->about.segment_free = writer->size - writer->at;
	return RKO_OK;
}

static enum rko_status start(struct rko_audit *audit)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&audit->thread, NULL, commit_run, audit);
	audit->running = error == 0;
	/* Without it spare segments are made when they are needed. */
	audit->providing = !error && pthread_create(&audit->provider, NULL, spare_run, audit) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error ? RKO_NO_MEMORY : RKO_OK;
}

static void init_locks(struct rko_audit *audit)
{
	pthread_condattr_t steadily;

	pthread_condattr_init(&steadily);
	pthread_condattr_setclock(&steadily, CLOCK_MONOTONIC);
	pthread_mutex_init(&audit->mutex, NULL);
	pthread_mutex_init(&audit->keeping, NULL);
	pthread_cond_init(&audit->work, &steadily);
	pthread_cond_init(&audit->room, NULL);
	pthread_cond_init(&audit->provide, &steadily);
	pthread_condattr_destroy(&steadily);
}

static void release(struct rko_audit *audit)
{
	writer_release(&audit->writer);
	if (audit->lock >= 0)
		close(audit->lock);
	if (audit->provided >= 0)
		close(audit->provided);
	pthread_cond_destroy(&audit->work);
	pthread_cond_destroy(&audit->room);
	pthread_cond_destroy(&audit->provide);
	pthread_mutex_destroy(&audit->mutex);
	pthread_mutex_destroy(&audit->keeping);
	rko_policy_unref(audit->kept);
	free(audit);
}

static void set_options(struct rko_audit *audit, const struct rko_audit_options *options)
{
	if (options)
		audit->options = *options;
	if (!audit->options.checkpoint_records)
		audit->options.checkpoint_records = CHECKPOINT_RECORDS;
	if (!audit->options.checkpoint_seconds)
		audit->options.checkpoint_seconds = CHECKPOINT_SECONDS;
	if (!audit->options.reserve_bytes)
		audit->options.reserve_bytes = RESERVE_BYTES;
}

enum rko_status audit_open_with(const char *path, const struct rko_audit_options *options,
				const struct audit_io *io, struct rko_audit **ret_audit, struct rko_fault *fault)
{
	struct rko_audit *audit;
	struct folder folder;
	enum rko_status status;

	if (fault)
		fault->text[0] = '\0';
	audit = sodium_init() < 0 ? NULL : calloc(1, sizeof *audit);
	if (!audit)
		return RKO_NO_MEMORY;
	status = folder_open(path, &folder, fault);
	if (status != RKO_OK) {
		free(audit);
		return status;
	}
	set_options(audit, options);
	writer_init(&audit->writer, &folder, io, audit->options.segment_bytes);
	audit->last = &audit->first;
	audit->lock = audit->provided = -1;
	init_locks(audit);
	status = folder_secret(&audit->writer.folder, audit->options.key_file, fault);
	audit->options.key_file = NULL;	/* the caller's, and not needed any more */
	if (status == RKO_OK)
		status = lock(audit, fault);
	errno = 0;
	if (status == RKO_OK)
		status = begin(audit, fault);
	if (status == RKO_OK)
		status = start(audit);
	if (status != RKO_OK) {
		int error = errno;

		if (fault && !fault->text[0])
			fault_say(fault, "%s", rko_status_meaning(status));
		release(audit);
		errno = error;
		return status;
	}
	*ret_audit = audit;
	return RKO_OK;
}

enum rko_status rko_audit_open(const char *folder, const struct rko_audit_options *options,
			       struct rko_audit **ret_audit, struct rko_fault *ret_fault)
{
	return audit_open_with(folder, options, &audit_io_system, ret_audit, ret_fault);
}

void log_stop(struct rko_audit *audit)
{
	pthread_mutex_lock(&audit->mutex);
	audit->closing = true;
	pthread_cond_signal(&audit->work);
	pthread_cond_signal(&audit->provide);
	pthread_mutex_unlock(&audit->mutex);
	pthread_join(audit->thread, NULL);
	if (audit->providing)
		pthread_join(audit->provider, NULL);
	audit->running = audit->providing = false;
}

enum rko_status rko_audit_close(struct rko_audit *audit)
{
	struct checkpoint signed_now;
	enum rko_status status;

	if (!audit)
		return RKO_OK;
	if (audit->running)
		log_stop(audit);
	status = audit->about.status;
	if (status == RKO_OK && !audit->same_since) {
		status = commit_checkpoint(audit, &signed_now);
		if (status == RKO_OK)
			status = writer_flush(&audit->writer);
	}
	if (status == RKO_OK && audit->unpublished)
		status = commit_publish(audit);
	release(audit);
	return status;
}

/* What is known ----------------------------------------------------------------------------------- */

/*
 * Asked for with each decision, and the file system's answer is not free: one that is a second old will do. Called with
 * the mutex, which it gives up while it asks.
 */
static void look_at_disk(struct rko_audit *audit)
{
	uint64_t now = steady_ns();
	struct statvfs disk;
	bool known;

	if (audit->looked && now - audit->looked < DISK_LOOK_NS)
		return;
	audit->looked = now;
	pthread_mutex_unlock(&audit->mutex);
	known = fstatvfs(audit->writer.folder.file, &disk) == 0;
	pthread_mutex_lock(&audit->mutex);
	audit->about.disk_free = known ? (uint64_t)disk.f_bavail * disk.f_frsize : 0;
}

void rko_audit_about(struct rko_audit *audit, struct rko_audit_about *ret_about)
{
	pthread_mutex_lock(&audit->mutex);
	look_at_disk(audit);
	*ret_about = audit->about;
	if (audit->busy_since)
		ret_about->oldest_ns = steady_ns() - audit->busy_since;
	else if (audit->first)
		ret_about->oldest_ns = steady_ns() - audit->first->since;
	pthread_mutex_unlock(&audit->mutex);
}
