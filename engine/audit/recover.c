/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Recovering: where a log ends, after whatever befell the process that wrote it. What was acknowledged stays, or
 * the log is called damaged; what was not may stay when it is whole, and is set aside when it is not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/audit/writer.h"
#include "engine/decide/policy.h"

/* The last segment, in memory, and how far it is whole. */
struct tail {
	struct segment_name name;
	int file;
	uint8_t *data;
	uint64_t size;
	struct front front;
	int64_t written;
	uint64_t end;			/* of the last whole record */
	uint64_t batch_at;		/* where the write that it came with began */
	bool crossed;			/* a record that is whole, but not the next of this log */
	bool has_checkpoint;
	struct checkpoint checkpoint;	/* the one that lies in the folder */
};

static enum rko_status damaged(struct rko_fault *fault, const struct tail *tail, const char *what)
{
	char path[FOLDER_NAME];

	segment_path(&tail->name, path);
	fault_say(fault, "%s, record %llu: %s; `rko audit verify` tells more", path,
		  (unsigned long long)tail->front.tree.count, what);
	return RKO_AUDIT_DAMAGED;
}

static enum rko_status failed(struct rko_fault *fault, const struct tail *tail)
{
	enum rko_status status = io_status();
	char path[FOLDER_NAME];

	segment_path(&tail->name, path);
	fault_say(fault, "%s: %s", path, strerror(errno));
	return status;
}

static enum rko_status read_tail(const struct writer *writer, struct tail *tail, struct rko_fault *fault)
{
	char path[FOLDER_NAME];
	struct stat about;

	segment_path(&tail->name, path);
	tail->file = writer->io->openat(writer->folder.file, path, O_RDWR, 0);
	if (tail->file < 0 || fstat(tail->file, &about) != 0)
		return failed(fault, tail);
	tail->size = (uint64_t)about.st_size;
	if (tail->size > SEGMENT_BYTES_MAX)
		return damaged(fault, tail, "the file is longer than a segment can be");
	tail->data = malloc(tail->size + 1);
	if (!tail->data)
		return RKO_NO_MEMORY;
	if (io_read(tail->file, tail->data, tail->size, 0) != (ssize_t)tail->size)
		return failed(fault, tail);
	return RKO_OK;
}

static enum rko_status read_head(const struct writer *writer, struct tail *tail, struct rko_fault *fault)
{
	struct segment_head head;

	tail->front.tree.count = tail->name.first;
	if (tail->size < SEGMENT_HEAD || !segment_head_read(tail->data, &head))
		return damaged(fault, tail, "the head of the segment was changed");
	if (head.month != tail->name.month || head.front.tree.count != tail->name.first ||
	    !hash_equal(&head.log, &writer->folder.log))
		return damaged(fault, tail, "the segment belongs elsewhere");
	tail->front = head.front;
	tail->written = head.begun;
	tail->end = tail->batch_at = SEGMENT_HEAD;
	return RKO_OK;
}

/* A checkpoint of exactly so many records must have their root. */
static bool meets_checkpoint(struct tail *tail)
{
	struct hash root;

	if (!tail->has_checkpoint || tail->checkpoint.size != tail->front.tree.count)
		return true;
	root = merkle_root(&tail->front.tree);
	return hash_equal(&root, &tail->checkpoint.root);
}

static enum rko_status scan(struct tail *tail, struct rko_fault *fault)
{
	struct frame frame;
	struct hash leaf;

	if (!meets_checkpoint(tail))
		return damaged(fault, tail, "the records before it are not those of the checkpoint");
	while (frame_read(tail->data + tail->end, tail->size - tail->end, &frame) == FRAME_WHOLE) {
		if (frame_follow(tail->data + tail->end, &frame, &tail->front, &leaf) != FRAME_NEXT) {
			tail->crossed = true;
			break;
		}
		if (!frame.batch)
			tail->batch_at = tail->end;
		tail->end += frame_bytes(frame.size);
		tail->written = frame.written;
		if (!meets_checkpoint(tail))
			return damaged(fault, tail, "the records before it are not those of the checkpoint");
	}
	return RKO_OK;
}

/*
 * Whether something behind the end shows that what should stand there had been acknowledged: a write begins only
 * when the one before it is synced.
 */
static bool was_acknowledged(const struct tail *tail)
{
	struct frame frame;

	if (tail->crossed)
		return true;
	for (uint64_t at = tail->end; at + FRAME_HEAD <= tail->size; at += FRAME_ALIGN) {
		if (frame_read(tail->data + at, tail->size - at, &frame) != FRAME_WHOLE)
			continue;
		if (frame.sequence - frame.batch > tail->front.tree.count)
			return true;
	}
	return tail->has_checkpoint && tail->checkpoint.size > tail->front.tree.count;
}

static enum rko_status wipe(const struct writer *writer, const struct tail *tail, uint64_t size)
{
	uint8_t *nothing = calloc(1, size);
	enum rko_status status;

	if (!nothing)
		return RKO_NO_MEMORY;
	status = io_write(writer->io, tail->file, nothing, size, tail->end);
	free(nothing);
	if (status == RKO_OK && writer->io->fsync(tail->file) != 0)
		status = io_status();
	return status;
}

/* Copies what lies torn behind the end, wipes its place, and puts a record of it for the next flush. */
static enum rko_status set_aside(struct writer *writer, const struct tail *tail, uint64_t size)
{
	const struct audit_io *io = writer->io;
	const uint8_t *torn = tail->data + tail->end;
	char name[64], path[80];
	enum rko_status status;
	struct hash hash;
	int folder;

	if (io->mkdirat(writer->folder.file, "aside", 0700) == 0 ? io->fsync(writer->folder.file) != 0 : errno != EEXIST)
		return io_status();
	folder = io->openat(writer->folder.file, "aside", O_RDONLY | O_DIRECTORY, 0);
	if (folder < 0)
		return io_status();
	snprintf(name, sizeof name, "%018llu-%lld.torn", (unsigned long long)tail->front.tree.count,
		 (long long)io->now());
	status = io_put(io, folder, name, torn, size, 0600);
	close(folder);
	if (status == RKO_OK)
		status = wipe(writer, tail, size);
	if (status != RKO_OK)
		return status;
	hash = sha_of(torn, size);
	snprintf(path, sizeof path, "aside/%s", name);
	buf_reset(&writer->body);
	record_aside(&writer->body, path, size, &hash);
	return buf_failed(&writer->body) ? RKO_NO_MEMORY : RKO_OK;
}

/* What was found whole may be in memory only, after a sync that failed: it is written again. */
static enum rko_status make_durable(const struct writer *writer, const struct tail *tail)
{
	enum rko_status status = io_write(writer->io, tail->file, tail->data + tail->batch_at,
					  tail->end - tail->batch_at, tail->batch_at);

	if (status == RKO_OK && writer->io->fsync(tail->file) != 0)
		status = io_status();
	return status;
}

static void go_on(struct writer *writer, struct tail *tail)
{
	writer->front = tail->front;
	writer->flushed = tail->front.tree.count;
	writer->written = tail->written;
	writer->month = tail->name.month;
	writer->file = tail->file;
	writer->at = tail->end;
	writer->size = tail->size;
	tail->file = -1;
}

static enum rko_status recover_tail(struct writer *writer, struct tail *tail, bool *ret_aside, struct rko_fault *fault)
{
	enum rko_status status = read_tail(writer, tail, fault);
	uint64_t rest, torn;

	if (status == RKO_OK)
		status = read_head(writer, tail, fault);
	if (status == RKO_OK)
		status = scan(tail, fault);
	if (status != RKO_OK)
		return status;
	rest = tail->size - tail->end;
	if (was_acknowledged(tail))
		return damaged(fault, tail, "it is missing or was changed, and later ones had been acknowledged");
	status = make_durable(writer, tail);
	for (torn = rest; torn && !tail->data[tail->end + torn - 1]; torn--)
		;
	if (status == RKO_OK && torn) {
		status = set_aside(writer, tail, torn);
		*ret_aside = true;
	}
	if (status != RKO_OK) {
		failed(fault, tail);
		return status;
	}
	go_on(writer, tail);
	return torn ? writer_put(writer, writer->body.at, writer->body.len) : RKO_OK;
}

enum rko_status writer_recover(struct writer *writer, bool *ret_aside, struct rko_fault *fault)
{
	struct segment_list list = { 0 };
	struct tail tail = { .file = -1 };
	enum rko_status status = folder_segments(&writer->folder, &list);
	enum note_fault note;

	*ret_aside = false;
	if (status != RKO_OK) {
		fault_say(fault, "the log's segments: %s", status == RKO_AUDIT_DAMAGED ?
			  "two have the same number" : rko_status_meaning(status));
		return status;
	}
	tail.has_checkpoint = folder_checkpoint(&writer->folder, &tail.checkpoint, &note);
	if (note != NOTE_OK) {
		fault_say(fault, "checkpoint: %s", note_fault_meaning(note));
		status = note == NOTE_UNREADABLE ? RKO_IO : RKO_AUDIT_DAMAGED;
	} else if (list.count) {
		tail.name = list.names[list.count - 1];
		status = recover_tail(writer, &tail, ret_aside, fault);
	} else if (tail.has_checkpoint) {
		fault_say(fault, "the log has a checkpoint and no segment: its records are gone");
		status = RKO_AUDIT_DAMAGED;
	}
	if (tail.file >= 0)
		close(tail.file);
	free(tail.data);
	segment_list_free(&list);
	return status;
}
