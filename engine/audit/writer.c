/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/audit/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void writer_init(struct writer *writer, const struct folder *folder, const struct audit_io *io,
		 uint64_t segment_bytes)
{
	memset(writer, 0, sizeof *writer);
	writer->folder = *folder;
	writer->io = io;
	writer->segment_bytes = segment_bytes ? segment_bytes : SEGMENT_BYTES;
	if (writer->segment_bytes < SEGMENT_BYTES_MIN)
		writer->segment_bytes = SEGMENT_BYTES_MIN;
	if (writer->segment_bytes > SEGMENT_BYTES_MAX)
		writer->segment_bytes = SEGMENT_BYTES_MAX;
	writer->file = writer->spare = -1;
}

void writer_release(struct writer *writer)
{
	if (writer->file >= 0)
		close(writer->file);
	if (writer->spare >= 0)
		close(writer->spare);
	buf_release(&writer->buffer);
	buf_release(&writer->body);
	folder_close(&writer->folder);
}

static enum rko_status fail(struct writer *writer, enum rko_status status)
{
	writer->failed = true;
	return status;
}

/* Segments ---------------------------------------------------------------------------------------- */

enum { FILL_BYTES = 256 << 10 };

/* How a file is filled with zeros: NULL for the pace means not at all. */
struct filling {
	writer_pace_fn *pace;
	void *context;
};

static bool at_once(void *context)
{
	(void)context;
	return true;
}

static enum rko_status fill(const struct audit_io *io, int file, uint64_t size, const struct filling *filling)
{
	static uint8_t nothing[FILL_BYTES];	/* never written; were it const, the program's file would hold it */

	for (uint64_t at = 0; at < size; at += FILL_BYTES) {
		enum rko_status status = io_write(io, file, nothing, size - at < FILL_BYTES ? size - at : FILL_BYTES, at);

		if (status != RKO_OK)
			return status;
		/*
		 * All of it in the last sync would hold up the syncs of the records for as long as it takes. This is no
		 * sync and makes none, so that it cannot be had does no harm.
		 */
		if (filling->pace != at_once)
			sync_file_range(file, (off_t)at, FILL_BYTES, SYNC_FILE_RANGE_WAIT_BEFORE |
					SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
		if (!filling->pace(filling->context)) {
			errno = ECANCELED;
			return RKO_IO;
		}
	}
	return RKO_OK;
}

/* Room on the disk, and zeros in it if asked for, or if the file system cannot set room aside. */
static enum rko_status reserve(const struct audit_io *io, int file, uint64_t size, struct filling filling)
{
	enum rko_status status = RKO_OK;

	if (io->fallocate(file, 0, 0, (off_t)size) != 0) {
		if (errno != EOPNOTSUPP)
			return io_status();
		if (!filling.pace)
			filling.pace = at_once;
	}
	if (filling.pace)
		status = fill(io, file, size, &filling);
	if (status == RKO_OK && io->fsync(file) != 0)
		status = io_status();
	return status;
}

/* An empty file of that size: -1 when it cannot be made; *ret_status says why. */
static int make_empty(const struct audit_io *io, const struct folder *folder, const char *name, uint64_t size,
		      struct filling filling, enum rko_status *ret_status)
{
	int file = io->openat(folder->file, name, O_RDWR | O_CREAT | O_TRUNC, 0600), error;

	*ret_status = file < 0 ? io_status() : reserve(io, file, size, filling);
	if (*ret_status == RKO_OK)
		return file;
	error = errno;
	if (file >= 0)
		close(file);
	io->unlinkat(folder->file, name, 0);
	errno = error;
	return -1;
}

bool writer_wants_spare(const struct writer *writer)
{
	return !writer->failed && writer->spare < 0 && writer->at > writer->size / 2;
}

/* By the system's own calls, whatever the writer's are: those belong to one thread. */
int writer_make_spare(const struct folder *folder, uint64_t bytes, writer_pace_fn *pace, void *context)
{
	enum rko_status status;

	return make_empty(&audit_io_system, folder, "spare.new", bytes, (struct filling){ pace, context }, &status);
}

void writer_take_spare(struct writer *writer, int file)
{
	if (writer->io->renameat(writer->folder.file, "spare.new", writer->folder.file, "spare") == 0)
		writer->spare = file;
	else
		close(file);
}

/* The folder of a month, durable under its name. */
static enum rko_status make_month(struct writer *writer, uint32_t month)
{
	char name[FOLDER_MONTH_NAME];

	month_path(month, name);
	if (writer->io->mkdirat(writer->folder.file, name, 0700) != 0)
		return errno == EEXIST ? RKO_OK : io_status();
	return writer->io->fsync(writer->folder.file) == 0 ? RKO_OK : io_status();
}

/* Gives the spare its head and its name. Both are durable before a record goes in. */
static enum rko_status name_segment(struct writer *writer, int file, uint32_t month)
{
	struct segment_head head = {
		.month = month, .begun = writer->written, .log = writer->folder.log, .front = writer->front,
	};
	struct segment_name name = { month, writer->front.tree.count };
	const struct audit_io *io = writer->io;
	char path[FOLDER_NAME], folder[FOLDER_MONTH_NAME];
	uint8_t bytes[SEGMENT_HEAD];
	enum rko_status status;
	int month_file;

	segment_head_write(&head, bytes);
	status = io_write(io, file, bytes, sizeof bytes, 0);
	if (status != RKO_OK)
		return status;
	if (io->fsync(file) != 0)
		return io_status();
	month_path(month, folder);
	month_file = io->openat(writer->folder.file, folder, O_RDONLY | O_DIRECTORY, 0);
	if (month_file < 0)
		return io_status();
	segment_path(&name, path);
	if (io->renameat(writer->folder.file, "spare", writer->folder.file, path) != 0 || io->fsync(month_file) != 0 ||
	    io->fsync(writer->folder.file) != 0)
		status = io_status();
	close(month_file);
	return status;
}

/*
 * A segment that a crash left without a record, and whose month is over: its number is that of the one to come, and two
 * of one number are damage. It is gone for certain before the other gets its name.
 */
static enum rko_status take_back(struct writer *writer)
{
	struct segment_name name = { writer->month, writer->front.tree.count };
	const struct audit_io *io = writer->io;
	char path[FOLDER_NAME], folder[FOLDER_MONTH_NAME];
	enum rko_status status = RKO_OK;
	int month_file;

	if (writer->file < 0 || writer->at > SEGMENT_HEAD)
		return RKO_OK;
	segment_path(&name, path);
	month_path(writer->month, folder);
	month_file = io->openat(writer->folder.file, folder, O_RDONLY | O_DIRECTORY, 0);
	if (month_file < 0)
		return io_status();
	if (io->unlinkat(writer->folder.file, path, 0) != 0 || io->fsync(month_file) != 0)
		status = io_status();
	close(month_file);
	return status;
}

static enum rko_status begin_segment(struct writer *writer, uint32_t month, size_t least)
{
	uint64_t size = SEGMENT_HEAD + least > writer->segment_bytes ? SEGMENT_HEAD + least : writer->segment_bytes;
	enum rko_status status = make_month(writer, month);
	int file = writer->spare;
	/* The first segment of a log is made when nobody waits for an answer yet. */
	struct filling filling = { writer->front.tree.count ? NULL : at_once, NULL };
	struct stat about;

	if (status == RKO_OK)
		status = take_back(writer);
	if (status != RKO_OK)
		return status;
	if (file >= 0 && (fstat(file, &about) != 0 || (uint64_t)about.st_size < size)) {
		close(file);
		file = writer->spare = -1;
	}
	if (file < 0)
		file = make_empty(writer->io, &writer->folder, "spare", size, filling, &status);
	else
		size = (uint64_t)about.st_size;
	if (file < 0)
		return status;
	writer->spare = -1;
	status = name_segment(writer, file, month);
	if (status != RKO_OK) {
		close(file);
		return status;
	}
	if (writer->file >= 0) {
		/* What was taken beforehand and not used goes back; nothing rests on it. */
		if (writer->io->ftruncate(writer->file, (off_t)writer->at) != 0)
			errno = 0;
		close(writer->file);
	}
	writer->file = file;
	writer->month = month;
	writer->at = SEGMENT_HEAD;
	writer->size = size;
	return RKO_OK;
}

/* Records ----------------------------------------------------------------------------------------- */

/* What is written into a file that was removed is gone when it is closed. */
static enum rko_status still_there(const struct writer *writer)
{
	struct stat about;

	if (fstat(writer->file, &about) != 0)
		return io_status();
	errno = ENOENT;
	return about.st_nlink ? RKO_OK : io_status();
}

enum rko_status writer_flush(struct writer *writer)
{
	enum rko_status status;

	if (writer->failed)
		return RKO_AUDIT_FAILED;
	if (!writer->batch)
		return RKO_OK;
	status = io_write(writer->io, writer->file, writer->buffer.at, writer->buffer.len, writer->at);
	if (status == RKO_OK && writer->io->fdatasync(writer->file) != 0)
		status = io_status();
	if (status == RKO_OK)
		status = still_there(writer);
	if (status != RKO_OK)
		return fail(writer, status);
	writer->at += writer->buffer.len;
	writer->batch = 0;
	writer->flushed = writer->front.tree.count;
	buf_reset(&writer->buffer);
	return RKO_OK;
}

/* A clock that was set back does not turn the order of the records round. */
static void tell_time(struct writer *writer)
{
	int64_t now = writer->io->now();

	if (now > writer->written)
		writer->written = now;
}

static enum rko_status make_room(struct writer *writer, size_t bytes)
{
	uint32_t month = month_of(writer->written);
	enum rko_status status;

	if (month < writer->month)
		month = writer->month;
	if (writer->file >= 0 && month == writer->month && writer->at + writer->buffer.len + bytes <= writer->size)
		return RKO_OK;
	status = writer_flush(writer);
	if (status != RKO_OK)
		return status;
	status = begin_segment(writer, month, bytes);
	return status == RKO_OK ? RKO_OK : fail(writer, status);
}

enum rko_status writer_put(struct writer *writer, const void *body, size_t size)
{
	size_t bytes = frame_bytes(size);
	enum rko_status status;
	char *at;

	if (writer->failed)
		return RKO_AUDIT_FAILED;
	if (size > FRAME_BODY_MAX)
		return fail(writer, RKO_LIMIT);
	tell_time(writer);
	status = make_room(writer, bytes);
	if (status != RKO_OK)
		return status;
	at = buf_room(&writer->buffer, bytes);
	if (!at)
		return fail(writer, RKO_NO_MEMORY);
	memcpy(at + FRAME_HEAD, body, size);
	frame_write((uint8_t *)at, size, writer->batch, writer->written, &writer->front);
	writer->buffer.len += bytes;
	writer->batch++;
	return RKO_OK;
}

enum rko_status writer_checkpoint(struct writer *writer, char text[RKO_AUDIT_CHECKPOINT_TEXT],
				  struct checkpoint *ret_checkpoint)
{
	tell_time(writer);
	*ret_checkpoint = (struct checkpoint){
		.size = writer->front.tree.count,
		.root = merkle_root(&writer->front.tree),
		.at = writer->written / 1000000000,
	};
	note_sign(&writer->folder.key, ret_checkpoint, text);
	buf_reset(&writer->body);
	record_checkpoint(&writer->body, text);
	if (buf_failed(&writer->body))
		return fail(writer, RKO_NO_MEMORY);
	return writer_put(writer, writer->body.at, writer->body.len);
}
