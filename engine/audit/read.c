/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/audit/read.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { TRIES = 5, PAUSE_NS = 20000000 };

static enum walk_step bad(struct walk *walk, const char *what)
{
	walk->bad = (struct walk_bad){
		.segment = walk_segment(walk), .offset = walk->at, .record = walk->front.tree.count, .what = what,
	};
	return WALK_BAD;
}

struct segment_name walk_segment(const struct walk *walk)
{
	return walk->segment < walk->list.count ? walk->list.names[walk->segment] : (struct segment_name){ 0 };
}

/* Opening ----------------------------------------------------------------------------------------- */

static int open_segment(const struct walk *walk, size_t number, uint64_t *ret_size)
{
	char path[FOLDER_NAME];

	segment_path(&walk->list.names[number], path);
	return io_open(walk->folder->file, path, ret_size);
}

/* When a segment was begun; false when its head cannot be read, and then it is not passed over. */
static bool begun(const struct walk *walk, size_t number, int64_t *ret_begun)
{
	uint8_t bytes[SEGMENT_HEAD];
	struct segment_head head;
	uint64_t size;
	int file = open_segment(walk, number, &size);
	bool good = file >= 0 && io_read(file, bytes, sizeof bytes, 0) == SEGMENT_HEAD &&
		    segment_head_read(bytes, &head);

	if (file >= 0)
		close(file);
	if (good)
		*ret_begun = head.begun;
	return good;
}

/* The first and the last segment that can hold something of those times. */
static void pass_over(struct walk *walk, const struct walk_times *times)
{
	int64_t at;

	while (walk->segment + 1 < walk->list.count && begun(walk, walk->segment + 1, &at) && at < times->from)
		walk->segment++;
	while (walk->last > walk->segment && begun(walk, walk->last, &at) && at > times->to)
		walk->last--;
}

static void count_bytes(struct walk *walk)
{
	for (size_t i = walk->segment; i <= walk->last && i < walk->list.count; i++) {
		uint64_t size = 0;
		int file = open_segment(walk, i, &size);

		if (file >= 0)
			close(file);
		walk->bytes += size;
	}
}

enum rko_status walk_open(struct walk *walk, struct folder *folder, bool follow, const struct walk_times *times)
{
	enum rko_status status;

	memset(walk, 0, sizeof *walk);
	walk->folder = folder;
	walk->follow = follow;
	walk->busy = folder_is_locked(folder);
	status = folder_segments(folder, &walk->list);
	if (status != RKO_OK) {
		walk->bad.what = "two segments have the same number, or an older month than the one before";
		return status;
	}
	walk->last = walk->list.count ? walk->list.count - 1 : 0;
	if (times)
		pass_over(walk, times);
	if (walk->list.count)
		walk->front.tree.count = walk->list.names[walk->segment].first;
	count_bytes(walk);
	return RKO_OK;
}

void walk_close(struct walk *walk)
{
	segment_list_free(&walk->list);
	free(walk->data);
	walk->data = NULL;
}

/* Going on ---------------------------------------------------------------------------------------- */

static bool read_segment(struct walk *walk)
{
	int file = open_segment(walk, walk->segment, &walk->size);
	ssize_t got = -1;

	free(walk->data);
	walk->data = NULL;
	if (file >= 0 && walk->size > SEGMENT_BYTES_MAX)
		errno = EFBIG;
	else
		walk->data = file < 0 ? NULL : malloc(walk->size + 1);
	if (walk->data)
		got = io_read(file, walk->data, walk->size, 0);
	if (file >= 0)
		close(file);
	if (got < 0)
		return false;
	walk->size = (uint64_t)got;
	return true;
}

static enum walk_step begin_segment(struct walk *walk)
{
	struct segment_name name = walk_segment(walk);
	struct segment_head head;

	walk->at = 0;
	if (!read_segment(walk))
		return WALK_FAILED;
	if (walk->size < SEGMENT_HEAD || !segment_head_read(walk->data, &head))
		return bad(walk, "the head of the segment was changed");
	if (head.month != name.month || head.front.tree.count != name.first ||
	    !hash_equal(&head.log, &walk->folder->log))
		return bad(walk, "the segment is not what its name says, or of another log");
	if (name.first != walk->front.tree.count)
		return bad(walk, "records are missing before this segment");
	if (!walk->follow || (!walk->segment && name.first))
		walk->front = head.front;	/* what went before was taken away, or is not looked at */
	else if (!front_equal(&walk->front, &head.front))
		return bad(walk, "the segment does not continue the one before it");
	if (head.begun < walk->written)
		return bad(walk, "the segment was begun before the last record of the one before it");
	if (!walk->segment)
		walk->start = head.front.tree;
	walk->written = head.begun;
	walk->at = SEGMENT_HEAD;
	return WALK_RECORD;
}

/* A record that is cut may be one that is just being written. */
static enum frame_state read_again(struct walk *walk, struct frame *frame)
{
	const struct timespec pause = { 0, PAUSE_NS };
	enum frame_state state = frame_read(walk->data + walk->at, walk->size - walk->at, frame);

	for (int i = 0; i < TRIES && walk->busy && walk->segment + 1 == walk->list.count; i++) {
		if (state == FRAME_WHOLE || state == FRAME_END)
			break;
		nanosleep(&pause, NULL);
		if (!read_segment(walk) || walk->size < walk->at)
			return FRAME_CUT;
		state = frame_read(walk->data + walk->at, walk->size - walk->at, frame);
	}
	return state;
}

static void report(struct walk *walk, uint64_t in_segment)
{
	if (walk->progress)
		walk->progress(walk->context, walk->bytes_done + in_segment, walk->bytes);
}

static enum walk_step end_segment(struct walk *walk)
{
	uint64_t rest = walk->size - walk->at, empty = zeros(walk->data + walk->at, rest);

	/* What another process has written since this was read may lie behind the end that was read. */
	if (empty != rest && !(walk->busy && walk->segment + 1 == walk->list.count)) {
		walk->at += empty;
		return bad(walk, "there are bytes behind the last record");
	}
	walk->bytes_done += walk->size;
	report(walk, 0);
	free(walk->data);
	walk->data = NULL;
	walk->segment++;
	return WALK_RECORD;
}

static enum walk_step take(struct walk *walk, const struct frame *frame, struct entry *entry)
{
	const uint8_t *at = walk->data + walk->at;

	entry->sequence = frame->sequence;
	entry->written = frame->written;
	entry->batch = frame->batch;
	entry->body = at + FRAME_HEAD;
	entry->size = frame->size;
	entry->leaf_data = at + FRAME_LEAF;
	entry->leaf_size = FRAME_HEAD - FRAME_LEAF + frame->size;
	if (frame->sequence != walk->front.tree.count)
		return bad(walk, "another record stands in its place");
	if (frame->written < walk->written)
		return bad(walk, "it was written before the record in front of it");
	if (!walk->follow)
		walk->front.tree.count++;
	else if (frame_follow(at, frame, &walk->front, &entry->leaf) != FRAME_NEXT)
		return bad(walk, "it does not continue the record in front of it");
	walk->written = frame->written;
	walk->at += frame_bytes(frame->size);
	if (!(frame->sequence & 0xfff))
		report(walk, walk->at);
	return WALK_RECORD;
}

enum walk_step walk_next(struct walk *walk, struct entry *entry)
{
	for (;;) {
		struct frame frame;
		enum walk_step step;

		if (!walk->data) {
			if (walk->segment >= walk->list.count || walk->segment > walk->last)
				return WALK_END;
			step = begin_segment(walk);
			if (step != WALK_RECORD)
				return step;
		}
		switch (read_again(walk, &frame)) {
		case FRAME_WHOLE:
			return take(walk, &frame, entry);
		case FRAME_CUT:
			return bad(walk, "it is cut off, or its size was changed");
		case FRAME_DAMAGED:
			return bad(walk, "its bytes are not those that were written");
		case FRAME_END:
			step = end_segment(walk);
			if (step != WALK_RECORD)
				return step;
		}
	}
}
