/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Log: the queue in front of the writer, and the thread that empties it. Callers put a batch into the queue and
 * wait, or are called back; the thread takes all that waits, writes it in one go, syncs once, and answers.
 */
#include "engine/audit/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "engine/audit/writer.h"
#include "engine/decide/policy.h"

enum {
	CHECKPOINT_RECORDS = 1024,
	CHECKPOINT_SECONDS = 10,
	RESERVE_BYTES = 16 << 20,
	WRITE_BYTES = 4 << 20,		/* a group is not made larger by more batches */
	PACE_NS = 4000000,		/* between two pieces of a spare segment */
	DISK_LOOK_NS = 1000000000,	/* between two looks at how much room the disk has */
};

/* A batch in the queue; or, when `text` is set, the wish for a checkpoint. */
struct submission {
	struct submission *next;
	const char *bytes;
	const uint32_t *ends;
	uint32_t count;
	char *text;
	rko_audit_done_fn *done;
	void *context;
	uint64_t since;			/* nanoseconds of the steady clock */
	uint64_t sequence;		/* of its first record, once it is put */
	bool owned;			/* it is on the heap and goes when it is done */
};

struct rko_audit {
	struct rko_audit_options options;
	int lock;

	/* Of the thread that writes */
	struct writer writer;
	pthread_t thread;
	bool running;
	uint64_t uncovered;		/* decisions since the last checkpoint */
	uint64_t uncovered_since;	/* steady clock, of the first of them */
	bool same_since;		/* nothing but the checkpoint itself came after it */
	bool unpublished;		/* the folder's copy is an older one */
	uint64_t published;		/* steady clock, when that was written; 0: not yet */
	char text[RKO_AUDIT_CHECKPOINT_TEXT];	/* the newest checkpoint */

	/* The thread that makes spare segments */
	pthread_t provider;
	bool providing;

	/* Under `mutex` */
	pthread_mutex_t mutex;
	pthread_cond_t work, room, provide;
	bool wanted;			/* a spare segment */
	int provided;			/* one that was made, or -1 */
	struct submission *first, **last;
	uint64_t queued;		/* bytes */
	uint64_t busy_since;		/* of the oldest that is being written; 0: none is */
	bool closing;
	struct rko_audit_about about;
	uint64_t looked;		/* at the disk's room; steady clock, under the lock */

	/* Under `keeping` */
	pthread_mutex_t keeping;
	struct rko_policy *kept;	/* the newest that was kept; held */
};

static uint64_t steady(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The queue --------------------------------------------------------------------------------------- */

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
		one->since = steady();
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

/* Takes from the queue what goes into one write. Called with the mutex. */
static struct submission *take_group(struct rko_audit *audit)
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

static void answer(struct submission *group, enum rko_status status)
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

/* Writing ----------------------------------------------------------------------------------------- */

static enum rko_status checkpoint(struct rko_audit *audit, struct checkpoint *ret_checkpoint)
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
			audit->uncovered_since = steady();
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
				 (audit->uncovered && steady() - audit->uncovered_since >= most)))
		status = checkpoint(audit, ret_checkpoint);
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
static enum rko_status publish(struct rko_audit *audit)
{
	enum rko_status status = io_put(audit->writer.io, audit->writer.folder.file, "checkpoint", audit->text,
					strlen(audit->text), 0600);

	audit->unpublished = false;
	audit->published = steady();
	return status;
}

static bool must_publish(const struct rko_audit *audit)
{
	return audit->unpublished &&
	       (!audit->published || steady() - audit->published >= audit->options.checkpoint_seconds * 1000000000ull);
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

/* Nothing more is taken, and nothing that waits is acknowledged. Called with the mutex. */
static struct submission *fall(struct rko_audit *audit, enum rko_status reason, int error)
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

/* Takes the spare segment that was made, or asks for one. */
static void look_for_spare(struct rko_audit *audit)
{
	int file;

	if (!writer_wants_spare(&audit->writer))
		return;
	pthread_mutex_lock(&audit->mutex);
	file = audit->provided;
	audit->provided = -1;
	if (file < 0 && !audit->wanted) {
		audit->wanted = true;
		pthread_cond_signal(&audit->provide);
	}
	pthread_mutex_unlock(&audit->mutex);
	if (file >= 0)
		writer_take_spare(&audit->writer, file);
}

/* Slowly while there is time: until three quarters of the segment in use are full. */
static bool pace_spare(void *context)
{
	struct rko_audit *audit = context;
	uint64_t until = steady() + PACE_NS;
	struct timespec at = { (time_t)(until / 1000000000u), (long)(until % 1000000000u) };
	bool on;

	pthread_mutex_lock(&audit->mutex);
	while (!audit->closing && audit->about.segment_free > audit->writer.segment_bytes / 4 &&
	       pthread_cond_timedwait(&audit->provide, &audit->mutex, &at) == 0)
		;
	on = !audit->closing;
	pthread_mutex_unlock(&audit->mutex);
	return on;
}

static void *make_spares(void *context)
{
	struct rko_audit *audit = context;

	pthread_mutex_lock(&audit->mutex);
	while (!audit->closing) {
		int file;

		if (!audit->wanted || audit->provided >= 0) {
			pthread_cond_wait(&audit->provide, &audit->mutex);
			continue;
		}
		pthread_mutex_unlock(&audit->mutex);
		file = writer_make_spare(&audit->writer.folder, audit->writer.segment_bytes, pace_spare, audit);
		pthread_mutex_lock(&audit->mutex);
		audit->provided = file;
		audit->wanted = false;
	}
	pthread_mutex_unlock(&audit->mutex);
	return NULL;
}

static void serve(struct rko_audit *audit, struct submission *group)
{
	struct checkpoint signed_now = { 0 };
	struct submission *rest = NULL;
	uint64_t begun = steady();
	enum rko_status status;
	int error;

	errno = 0;
	status = write_group(audit, group, &signed_now);
	error = errno;
	pthread_mutex_lock(&audit->mutex);
	tell(audit, group, &signed_now, steady() - begun, status);
	if (status != RKO_OK)
		rest = fall(audit, status, error);
	pthread_mutex_unlock(&audit->mutex);
	answer(group, status);
	answer(rest, RKO_AUDIT_FAILED);
	if (status != RKO_OK)
		return;
	if (must_publish(audit))
		status = publish(audit);
	if (status == RKO_OK) {
		look_for_spare(audit);
		return;
	}
	pthread_mutex_lock(&audit->mutex);
	rest = fall(audit, status, errno);
	pthread_mutex_unlock(&audit->mutex);
	answer(rest, RKO_AUDIT_FAILED);
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

	return at && steady() >= at;
}

static void *run(void *context)
{
	struct rko_audit *audit = context;

	pthread_mutex_lock(&audit->mutex);
	for (;;) {
		struct submission *group;

		while (!audit->first && !audit->closing && !is_due(audit))
			rest(audit);
		if (!audit->first && audit->closing)
			break;
		group = take_group(audit);
		pthread_mutex_unlock(&audit->mutex);
		serve(audit, group);
		pthread_mutex_lock(&audit->mutex);
	}
	pthread_mutex_unlock(&audit->mutex);
	return NULL;
}

/* Opening and closing ----------------------------------------------------------------------------- */

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
	error = pthread_create(&audit->thread, NULL, run, audit);
	audit->running = error == 0;
	/* Without it spare segments are made when they are needed. */
	audit->providing = !error && pthread_create(&audit->provider, NULL, make_spares, audit) == 0;
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

static void stop(struct rko_audit *audit)
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
		stop(audit);
	status = audit->about.status;
	if (status == RKO_OK && !audit->same_since) {
		status = checkpoint(audit, &signed_now);
		if (status == RKO_OK)
			status = writer_flush(&audit->writer);
	}
	if (status == RKO_OK && audit->unpublished)
		status = publish(audit);
	release(audit);
	return status;
}

/* Taking away ------------------------------------------------------------------------------------- */

/* A record of it and a checkpoint over that record are on the disk before anything goes. */
static enum rko_status record_expiry(struct rko_audit *audit, const struct segment_name *kept)
{
	struct writer *writer = &audit->writer;
	struct checkpoint signed_now;
	enum rko_status status;

	buf_reset(&writer->body);
	record_expired(&writer->body, kept->first, kept->month);
	status = buf_failed(&writer->body) ? RKO_NO_MEMORY : writer_put(writer, writer->body.at, writer->body.len);
	if (status == RKO_OK)
		status = checkpoint(audit, &signed_now);
	if (status == RKO_OK)
		status = writer_flush(writer);
	return status == RKO_OK ? publish(audit) : status;
}

/* The oldest first, so that what stays has no gap whenever this ends. */
static enum rko_status take_away(const struct writer *writer, const struct segment_list *list, size_t count)
{
	const struct audit_io *io = writer->io;
	char path[FOLDER_NAME];

	for (size_t i = 0; i < count; i++) {
		segment_path(&list->names[i], path);
		if (io->unlinkat(writer->folder.file, path, 0) != 0)
			return io_status();
		month_path(list->names[i].month, path);
		if (list->names[i].month != list->names[i + 1].month)
			io->unlinkat(writer->folder.file, path, AT_REMOVEDIR);
	}
	return io->fsync(writer->folder.file) == 0 ? RKO_OK : io_status();
}

enum rko_status audit_expire(struct rko_audit *audit, uint32_t month, uint64_t *ret_first, size_t *ret_segments,
			     struct rko_fault *fault)
{
	struct segment_list list;
	enum rko_status status;
	size_t kept = 0;

	stop(audit);
	status = folder_segments(&audit->writer.folder, &list);
	if (status != RKO_OK) {
		fault_say(fault, "%s", rko_status_meaning(status));
		return status;
	}
	while (kept + 1 < list.count && list.names[kept].month < month)
		kept++;
	if (!kept || month > audit->writer.month) {
		fault_say(fault, kept ? "that month has not begun" : "no segment is older than that month, but for the one in use");
		status = RKO_ARGUMENT;
	} else {
		status = record_expiry(audit, &list.names[kept]);
		if (status == RKO_OK)
			status = take_away(&audit->writer, &list, kept);
		if (status != RKO_OK)
			fault_say(fault, "%s", errno ? strerror(errno) : rko_status_meaning(status));
		*ret_first = list.names[kept].first;
		*ret_segments = kept;
	}
	segment_list_free(&list);
	return status;
}

/* Images ------------------------------------------------------------------------------------------ */

static enum rko_status keep_image(struct rko_audit *audit, const struct rko_policy *policy)
{
	const struct writer *writer = &audit->writer;
	const struct audit_io *io = writer->io;
	const uint8_t *digest = policy->image.head->digest;
	char path[IMAGE_PATH];
	enum rko_status status;
	int folder;

	image_path(digest, path);
	if (io->mkdirat(writer->folder.file, "images", 0700) == 0 ? io->fsync(writer->folder.file) != 0 : errno != EEXIST)
		return io_status();
	folder = io->openat(writer->folder.file, "images", O_RDONLY | O_DIRECTORY, 0);
	if (folder < 0)
		return io_status();
	/* A file of this name is whole: it was renamed into its place. That it stays there is made sure of. */
	if (faccessat(writer->folder.file, path, R_OK, 0) == 0)
		status = io->fsync(folder) == 0 ? RKO_OK : io_status();
	else
		status = io_put(io, folder, path + sizeof "images/" - 1, policy->bytes, policy->size, 0600);
	close(folder);
	return status;
}

enum rko_status rko_audit_keep(struct rko_audit *audit, struct rko_policy *policy)
{
	enum rko_status status = RKO_OK;

	pthread_mutex_lock(&audit->keeping);
	if (audit->kept != policy)
		status = keep_image(audit, policy);
	if (status == RKO_OK && audit->kept != policy) {
		rko_policy_unref(audit->kept);
		audit->kept = rko_policy_ref(policy);
	}
	pthread_mutex_unlock(&audit->keeping);
	return status;
}

/* Batches ----------------------------------------------------------------------------------------- */

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

/* Puts it into the queue and waits for the answer. */
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

/*
 * Asked for with each decision, and the file system's answer is not free: one that is a second old will do. Called with
 * the mutex, which it gives up while it asks.
 */
static void look_at_disk(struct rko_audit *audit)
{
	uint64_t now = steady();
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
		ret_about->oldest_ns = steady() - audit->busy_since;
	else if (audit->first)
		ret_about->oldest_ns = steady() - audit->first->since;
	pthread_mutex_unlock(&audit->mutex);
}
