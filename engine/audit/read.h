/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Read: goes through the records of a log, from its first or from a time on. Also while another process writes it:
 * what is not whole at its end is then taken for not written yet.
 */
#ifndef RKO_AUDIT_READ_H
#define RKO_AUDIT_READ_H

#include "engine/audit/folder.h"
#include "engine/audit/record.h"

enum walk_step {
	WALK_RECORD,
	WALK_END,
	WALK_BAD,	/* the walk's `bad` says what; there is nothing behind it */
	WALK_FAILED,	/* a file could not be read, or memory ran out; errno */
};

/* One record as it lies in a file; lives until the next step. */
struct entry {
	uint64_t sequence;
	int64_t written;
	uint32_t batch;
	const uint8_t *body;
	size_t size;
	const uint8_t *leaf_data;	/* what its leaf is the hash of */
	size_t leaf_size;
	struct hash leaf;		/* only when the walk follows */
};

struct walk_bad {
	struct segment_name segment;
	uint64_t offset;		/* in its file */
	uint64_t record;
	const char *what;
};

typedef void walk_progress_fn(void *context, uint64_t done, uint64_t of);

struct walk {
	struct folder *folder;
	bool follow;			/* hashes everything: else only accidents are seen */
	bool busy;			/* another process writes the log */
	walk_progress_fn *progress;	/* may be NULL */
	void *context;

	struct segment_list list;
	size_t segment, last;		/* in the list: the one at hand, and the last that is read */
	uint8_t *data;			/* all of it; NULL: not read yet */
	uint64_t size, at;
	struct front front;		/* when following; else only its count is right */
	struct merkle_range start;	/* what went before the first record that was given */
	int64_t written;
	struct walk_bad bad;
	uint64_t bytes_done, bytes;	/* for the progress */
};

/* What times are wanted, nanoseconds; segments that hold none of them are passed over. */
struct walk_times {
	int64_t from, to;
};

/*
 * `times` NULL: all. With `follow` the walk must begin at the log's first segment, so `times` is not for it.
 * RKO_IO, RKO_NO_MEMORY, RKO_AUDIT_DAMAGED (walk.bad).
 */
enum rko_status walk_open(struct walk *walk, struct folder *folder, bool follow, const struct walk_times *times);
void walk_close(struct walk *walk);
enum walk_step walk_next(struct walk *walk, struct entry *ret_entry);
/* Where the walk is: the record it gave last, as a path and an offset. */
struct segment_name walk_segment(const struct walk *walk);

#endif
