/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Writer: puts records behind each other into the segments of a log. One thread, no waiting, no queue: that is
 * log.c's. Invariants:
 *
 *   W1  bytes of a segment are written once, and the next write begins only when the last one is synced
 *   W2  after a failure nothing is written any more
 *   W3  a segment is begun only when the one before it is synced to its end
 */
#ifndef RKO_AUDIT_WRITER_H
#define RKO_AUDIT_WRITER_H

#include "engine/audit/folder.h"
#include "engine/audit/record.h"

enum { SEGMENT_BYTES = 64 << 20, SEGMENT_BYTES_MIN = 64 << 10 };

struct writer {
	struct folder folder;
	const struct audit_io *io;
	uint64_t segment_bytes;
	struct front front;
	int64_t written;		/* of the last record; the next is not before it */
	uint32_t month;			/* of the segment in use */
	int file;			/* of it; -1: none yet */
	uint64_t at, size;		/* where the next write goes; end of the file */
	int spare;			/* an empty segment in store, or -1 */
	struct buf buffer;		/* records that were put and not flushed */
	uint32_t batch;			/* how many */
	uint64_t flushed;		/* records on the disk */
	struct buf body;		/* for bodies that are made here */
	bool failed;
};

/* Takes over the folder. Nothing is written until the first put. */
void writer_init(struct writer *writer, const struct folder *folder, const struct audit_io *io,
		 uint64_t segment_bytes);
void writer_release(struct writer *writer);

/* Adds a record to what the next flush writes; flushes and begins a new segment when this one or its month is over. */
enum rko_status writer_put(struct writer *writer, const void *body, size_t size);
/* On the disk when it gives RKO_OK. RKO_AUDIT_FULL, RKO_IO, RKO_NO_MEMORY, RKO_AUDIT_FAILED. */
enum rko_status writer_flush(struct writer *writer);
/* Signs what was put so far, and puts the checkpoint behind it. */
enum rko_status writer_checkpoint(struct writer *writer, char text[RKO_AUDIT_CHECKPOINT_TEXT],
				  struct checkpoint *ret_checkpoint);
/*
 * A spare segment is made by another thread while this one writes, because filling it with zeros takes long: a sync
 * of bytes that were written before is several times as fast as one of bytes that were only set aside.
 *
 *   if (writer_wants_spare(writer))                     the thread that writes, when more than half is full
 *           file = writer_make_spare(folder, bytes, pace, context);    the other thread; -1 when it cannot be made
 *   writer_take_spare(writer, file);                    the thread that writes
 *
 * `pace` is called after each quarter of a megabyte and may sleep, so that the records have the disk in between; false
 * gives the spare up. Without one a segment is made when it is needed; what fails then is a failure of the log.
 */
typedef bool writer_pace_fn(void *context);
bool writer_wants_spare(const struct writer *writer);
int writer_make_spare(const struct folder *folder, uint64_t bytes, writer_pace_fn *pace, void *context);
void writer_take_spare(struct writer *writer, int file);

/*
 * Finds the end of the log, makes good what a crash left, and makes the writer ready to go on there.
 * RKO_AUDIT_DAMAGED, RKO_IO, RKO_AUDIT_FULL, RKO_NO_MEMORY. *ret_aside: something was set aside.
 */
enum rko_status writer_recover(struct writer *writer, bool *ret_aside, struct rko_fault *fault);

#endif
