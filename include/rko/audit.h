/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The record: one entry for each decision, on disk before anybody hears the answer, and kept so that whoever
 * holds a checkpoint of it can tell later whether anything was changed, left out or put in. docs/audit.md says
 * what each byte is and how to check it with other tools.
 *
 *   rko_audit_open("audit", NULL, &audit, &fault);          the only writer; after rko_audit_init() once
 *   rko_audit_batch_new(&batch);                            one for each thread, or each connection
 *
 *   rko_decide(session, request, &decision);
 *   rko_audit_batch_clear(batch);
 *   rko_audit_batch_add(batch, NULL, request, &decision, id);
 *   if (rko_audit_append(audit, batch, NULL) != RKO_OK)
 *           deny;                                           there is no record of it
 *
 * A permit may leave the process only after rko_audit_append() gave RKO_OK, or after rko_audit_submit() has told
 * `done` so. Every other status means that the record may be lost, and then the answer is a denial.
 *
 * Threads: a batch belongs to one thread at a time. Everything that takes a struct rko_audit may be called by any
 * number of threads at once, but for rko_audit_close(), which must be the last call. The log has one thread of its
 * own that writes and syncs: all that waits at that moment goes to the disk in one write and one sync, so many
 * callers together cost hardly more than one; a second one makes the next file ready. Both block all signals. Open after fork(). A process that shuts itself
 * in may do so before or after opening, if it leaves the folder writable (Landlock) and these calls allowed
 * (seccomp): openat, pread64, pwrite64, fdatasync, fsync, sync_file_range, fallocate, ftruncate, renameat, mkdirat, unlinkat,
 * getdents64, faccessat (as a newer C library calls it, faccessat2), newfstatat, fstat, fstatfs, fcntl, close, futex,
 * clock_gettime, getrandom, mmap, munmap, clone3.
 *
 * Failure: the first write or sync that fails, for whatever reason (no room, an error of the disk, a write that stays short),
 * ends the log: nothing of that write is acknowledged, and every later call gives RKO_AUDIT_FAILED. A sync is never
 * tried again on the same file, because the second one can succeed although the data are gone. Close and open
 * again: opening keeps every record that was acknowledged and sets what is torn aside, in a file of its own.
 *
 * Nothing here logs, and no message holds an id or anything else a request or a fact said.
 */
#ifndef RKO_AUDIT_H
#define RKO_AUDIT_H

#include <stddef.h>
#include <stdint.h>

#include <rko/decide.h>
#include <rko/explain.h>
#include <rko/policy.h>
#include <rko/status.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	RKO_AUDIT_ID_BYTES = 16,	/* of a decision */
	RKO_AUDIT_ID_TEXT = 33,		/* in hexadecimal digits, with the NUL */
	RKO_AUDIT_NAME_BYTES = 128,	/* the longest origin, caller and correlation */
	RKO_AUDIT_BATCH = 512,		/* decisions and explanations in one batch */
	RKO_AUDIT_KEY_TEXT = 256,	/* a public key as text, with the NUL */
	RKO_AUDIT_CHECKPOINT_TEXT = 1024, /* a checkpoint, with the NUL */
};

/* Making a log ---------------------------------------------------------------------------------------- */

/*
 * Makes an empty log in `folder` (which is made too, mode 0700, or must be empty) and a new key that signs its
 * checkpoints, in `key_file` (mode 0600; NULL: `key` in the folder). `origin` names the log for ever in its
 * checkpoints, such as "audit.county.example/rkod-1": printable ASCII without spaces and `+`.
 *
 * RKO_ARGUMENT when the origin cannot be one or there is a log or another file already, RKO_IO (errno).
 */
enum rko_status rko_audit_init(const char *folder, const char *origin, const char *key_file,
			       struct rko_fault *ret_fault);

/* Writing --------------------------------------------------------------------------------------------- */

struct rko_audit;

struct rko_audit_options {
	const char *key_file;		/* NULL: `key` in the folder */
	uint64_t segment_bytes;		/* size of a file, taken from the disk beforehand, 64 KiB to 1 GiB;
					   0: 64 MiB */
	uint32_t checkpoint_records;	/* a checkpoint is signed after so many decisions and
					   explanations; 0: 1024 */
	uint32_t checkpoint_seconds;	/* and so long after a decision that none covers; the folder's copy of the
					   newest is renewed at most so often; 0: 10 */
	uint64_t reserve_bytes;		/* waiting records together; beyond it callers wait; 0: 16 MiB */
};

/*
 * Opens a log for writing and makes good what a crash left: every acknowledged record stays, what lies torn behind
 * them is moved to a file of its own in `aside/`, and a record says so. `options` may be NULL.
 *
 * RKO_AUDIT_MISSING when there is no log, RKO_AUDIT_BUSY when another process writes it, RKO_AUDIT_KEY when the key
 * is missing, not the log's, or readable by others; RKO_AUDIT_DAMAGED when something that had been acknowledged is
 * gone or changed: `rko audit verify` tells where. RKO_IO (errno), RKO_NO_MEMORY, RKO_ARGUMENT.
 */
enum rko_status rko_audit_open(const char *folder, const struct rko_audit_options *options,
			       struct rko_audit **ret_audit, struct rko_fault *ret_fault);
/*
 * Writes what was submitted, signs a last checkpoint, closes. RKO_OK, or what went wrong: what was acknowledged
 * before stays so. Accepts NULL. `audit` is gone in any case.
 */
enum rko_status rko_audit_close(struct rko_audit *audit);

/*
 * Keeps a copy of a policy's image in the log's folder, by its digest, so that its decisions can be made again.
 * Durable when it gives RKO_OK. rko_audit_append() and rko_audit_submit() do this by themselves when they meet a
 * new policy; call it when a policy is loaded, so that no decision waits for it. RKO_IO (errno), RKO_NO_MEMORY.
 */
enum rko_status rko_audit_keep(struct rko_audit *audit, struct rko_policy *policy);

/* Decisions that go to the log together. */
struct rko_audit_batch;

enum rko_status rko_audit_batch_new(struct rko_audit_batch **ret_batch);
/* Accepts NULL. */
void rko_audit_batch_free(struct rko_audit_batch *batch);
/* Forgets what was added; keeps the memory. */
void rko_audit_batch_clear(struct rko_audit_batch *batch);
size_t rko_audit_batch_count(const struct rko_audit_batch *batch);

/*
 * What the service knows of who asked, beside what the request says. Printable ASCII of at most
 * RKO_AUDIT_NAME_BYTES; other bytes are replaced by `?` and what is longer is cut. NULL: nothing.
 */
struct rko_audit_asker {
	const char *caller;		/* the program that asked, as it proved itself: "uid:990", a certificate's name */
	const char *correlation;	/* its own number for the request, so that two logs can be joined */
};

/*
 * Adds a decision: everything of the request and of the decision is copied, with its trace, so both may be used
 * again at once. All decisions of a batch must come from one policy. `asker` may be NULL. `ret_id`, unless it is
 * NULL, gets the decision's id: random, made here, safe to give away.
 *
 * Denials, refusals and decisions that failed are recorded like permits. RKO_LIMIT when the batch is full or the
 * record would be longer than 4 MiB, RKO_ARGUMENT when the request or the decision is of another policy,
 * RKO_NO_MEMORY. Then nothing was added.
 */
enum rko_status rko_audit_batch_add(struct rko_audit_batch *batch, const struct rko_audit_asker *asker,
				    const struct rko_request *request, const struct rko_decision *decision,
				    uint8_t ret_id[RKO_AUDIT_ID_BYTES]);

/*
 * Adds that a decision was explained. An explanation reads more of the facts than its decision did, and somebody sees
 * it: that is a use of the data in its own right (docs/audit.md). The record names who asked, the decision, and each record of the
 * facts that the explanation consulted. Let the explanation leave only when this too is on the disk.
 *
 * `decision` is the one that was explained, with its own trace: rko_explain() decides again in the same session and writes over
 * what decision->trace points to, so keep a copy of it. `of` is the id that rko_audit_batch_add() gave; NULL when it is not known.
 * `ret_id` and the statuses are as with rko_audit_batch_add().
 */
enum rko_status rko_audit_batch_explained(struct rko_audit_batch *batch, const struct rko_audit_asker *asker,
					  const struct rko_request *request, const struct rko_decision *decision,
					  const struct rko_explanation *explanation,
					  const uint8_t of[RKO_AUDIT_ID_BYTES],
					  uint8_t ret_id[RKO_AUDIT_ID_BYTES]);

/*
 * Puts a batch into the log and waits until it is on the disk: all of it or, with any other status than RKO_OK,
 * nothing that may be relied on. *ret_sequence (may be NULL) is the number of its first record; records count
 * from 0. The batch can be cleared and used again. An empty batch is done at once.
 *
 * RKO_AUDIT_FAILED when the log has failed before, RKO_AUDIT_FULL when this write found no room, RKO_IO when it
 * failed otherwise, or the policy's image could not be kept; RKO_NO_MEMORY.
 */
enum rko_status rko_audit_append(struct rko_audit *audit, const struct rko_audit_batch *batch,
				 uint64_t *ret_sequence);

/*
 * The same without waiting: returns when the batch is copied (it waits only while reserve_bytes are taken), and the
 * log's own thread calls `done` when the batch is on the disk or has failed; exactly once if this gave RKO_OK, and
 * never otherwise. `done` may run before this returns. It must be quick and must not call the log, but for
 * rko_audit_about(): it holds up every other batch. Batches are acknowledged in the order of submission.
 */
typedef void rko_audit_done_fn(void *context, enum rko_status status, uint64_t sequence);
enum rko_status rko_audit_submit(struct rko_audit *audit, const struct rko_audit_batch *batch,
				 rko_audit_done_fn *done, void *context);

/*
 * Signs a checkpoint now that covers everything acknowledged so far, as text (see docs/audit.md): what to give to
 * somebody outside, who can then prove what the log was. RKO_AUDIT_FAILED, RKO_IO, RKO_AUDIT_FULL.
 */
enum rko_status rko_audit_checkpoint(struct rko_audit *audit, char text[RKO_AUDIT_CHECKPOINT_TEXT]);

struct rko_audit_about {
	enum rko_status status;		/* RKO_OK, or RKO_AUDIT_FAILED: nothing can be recorded any more */
	enum rko_status reason;		/* of the failure: RKO_AUDIT_FULL, RKO_IO, …; else RKO_OK */
	int error;			/* its errno, or 0 */
	uint64_t records;		/* on the disk, of every kind */
	int64_t written_at;		/* the instant of the newest of them, seconds since 1970 */
	uint64_t decisions;		/* of them, decisions and explanations acknowledged since the log was opened */
	uint64_t waiting;		/* decisions and explanations that are not on the disk yet */
	uint64_t syncs;			/* since it was opened */
	uint64_t sync_ns;		/* that they took together, nanoseconds */
	uint64_t oldest_ns;		/* how long the oldest of those waiting has waited, 0 when none does */
	uint64_t checkpoint_records;	/* covered by the newest checkpoint */
	int64_t checkpoint_at;		/* when it was signed, seconds since 1970; 0: there is none */
	uint64_t segment_free;		/* bytes left in the file that is being written */
	uint64_t disk_free;		/* bytes left to this process on its file system, at most a second ago; 0: not known */
	int set_aside;			/* 1: a torn end was set aside when the log was opened */
};
/* Takes no lock that waits for the disk. */
void rko_audit_about(struct rko_audit *audit, struct rko_audit_about *ret_about);

/* An id as 32 hexadecimal digits. */
void rko_audit_id_text(const uint8_t id[RKO_AUDIT_ID_BYTES], char text[RKO_AUDIT_ID_TEXT]);

#ifdef __cplusplus
}
#endif

#endif
