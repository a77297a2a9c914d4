/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/audit/verify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/decide/policy.h"

enum { IMAGES_MAX = 1024 };

struct verifying {
	struct folder *folder;
	const struct verify_with *with;
	struct verify_found *found;
	struct walk walk;
	struct merkle_range before;	/* the tree without the record at hand */
	struct checkpoint newest;	/* of the folder, read before the records */
	bool has_newest;
	uint64_t good;			/* size of the newest checkpoint that held */
	uint64_t expired;		/* the greatest first record that a record says was kept */
	uint32_t batch;			/* the number that the next record must have in its write, unless it begins one */
	uint8_t (*images)[RKO_DIGEST_BYTES];
	size_t nimages;
};

static bool bad(struct verifying *job, uint64_t first, uint64_t last, const char *what)
{
	job->found->bad = true;
	job->found->bad_first = first;
	job->found->bad_last = last;
	job->found->what = what;
	return false;
}

static void bad_place(struct verifying *job, const struct segment_name *segment, uint64_t offset)
{
	char path[FOLDER_NAME];

	segment_path(segment, path);
	snprintf(job->found->where, sizeof job->found->where, "%s, byte %llu", path, (unsigned long long)offset);
}

static bool bad_here(struct verifying *job, const struct entry *entry, const char *what)
{
	struct segment_name segment = walk_segment(&job->walk);

	bad_place(job, &segment, job->walk.at - frame_bytes(entry->size));
	return bad(job, entry->sequence, entry->sequence, what);
}

/* Checkpoints ------------------------------------------------------------------------------------- */

/* Whether so many records, when they are as many as a checkpoint covers, are those. */
static bool holds(struct verifying *job, const struct merkle_range *tree, const struct checkpoint *checkpoint,
		  const char *what)
{
	struct hash root;

	if (checkpoint->size != tree->count)
		return true;
	root = merkle_root(tree);
	if (!hash_equal(&root, &checkpoint->root))
		return bad(job, job->good, checkpoint->size ? checkpoint->size - 1 : 0, what);
	job->good = checkpoint->size;
	return true;
}

static bool hold_all(struct verifying *job, const struct merkle_range *tree)
{
	if (job->has_newest &&
	    !holds(job, tree, &job->newest, "the records do not have the root of the log's newest checkpoint"))
		return false;
	for (size_t i = 0; i < job->with->noutside; i++)
		if (!holds(job, tree, &job->with->outside[i],
			   "the records do not have the root of the outside checkpoint"))
			return false;
	return true;
}

static bool own_checkpoint(struct verifying *job, const struct entry *entry, struct text text)
{
	struct checkpoint checkpoint;
	struct hash root;

	if (note_open(&job->folder->key, text, &checkpoint) != NOTE_OK)
		return bad_here(job, entry, "this is a checkpoint that the log's key did not sign");
	if (checkpoint.size != entry->sequence)
		return bad_here(job, entry, "this is a checkpoint of another place in the log");
	root = merkle_root(&job->before);
	if (!hash_equal(&root, &checkpoint.root))
		return bad(job, job->good, checkpoint.size - 1, "the records do not have the root that the log's key signed");
	job->good = job->found->covered = checkpoint.size;
	job->found->checkpoints++;
	return true;
}

/* What records say -------------------------------------------------------------------------------- */

static bool image_is_kept(const struct verifying *job, const uint8_t *digest)
{
	uint8_t found[IMAGE_DIGEST_BYTES];
	char path[IMAGE_PATH];
	size_t size;
	char *data;
	bool same;

	image_path(digest, path);
	data = io_get(job->folder->file, path, LIMIT_IMAGE_BYTES, &size);
	if (!data)
		return false;
	same = size >= sizeof(struct image_head);
	if (same)
		image_digest(data, size, found);
	same = same && memcmp(found, digest, sizeof found) == 0;
	free(data);
	return same;
}

static bool check_image(struct verifying *job, const struct entry *entry, const uint8_t *digest)
{
	for (size_t i = 0; i < job->nimages; i++)
		if (memcmp(job->images[i], digest, RKO_DIGEST_BYTES) == 0)
			return true;
	if (!image_is_kept(job, digest))
		return bad_here(job, entry, "the image of its policy is gone from `images/`, or was changed");
	if (job->nimages < IMAGES_MAX)
		memcpy(job->images[job->nimages++], digest, RKO_DIGEST_BYTES);
	return true;
}

static bool is_aside(struct text file, size_t room)
{
	const size_t folder = sizeof "aside/" - 1;

	return file.len > folder && file.len < room && memcmp(file.at, "aside/", folder) == 0 &&
	       !memchr(file.at + folder, '/', file.len - folder) && !memchr(file.at, '\0', file.len);
}

/* Whether a file has those bytes: they need not fit into memory. */
static bool has_bytes(const struct verifying *job, const char *path, uint64_t size, const struct hash *hash)
{
	static const size_t piece = 64 << 10;
	uint8_t *data = malloc(piece);
	uint64_t found, at = 0;
	int file = data ? io_open(job->folder->file, path, &found) : -1;
	struct hash all;
	struct sha state;
	ssize_t got = 0;

	sha_init(&state);
	if (file >= 0 && found == size && size <= SEGMENT_BYTES_MAX)
		while ((got = io_read(file, data, piece, at)) > 0) {
			sha_add(&state, data, (size_t)got);
			at += (uint64_t)got;
		}
	if (file >= 0)
		close(file);
	free(data);
	all = sha_end(&state);
	return file >= 0 && !got && at == size && hash_equal(&all, hash);
}

static bool check_aside(struct verifying *job, const struct entry *entry, const struct record *record)
{
	char path[128];

	job->found->aside++;
	/* A name from a record leads nowhere else. */
	if (!is_aside(record->aside.file, sizeof path))
		return bad_here(job, entry, "it names a file that is not in `aside/`");
	snprintf(path, sizeof path, "%.*s", TEXT_ARG(record->aside.file));
	return has_bytes(job, path, record->aside.bytes, &record->aside.hash) ||
	       bad_here(job, entry, "the torn end that was set aside is gone, or was changed");
}

static bool check_entry(struct verifying *job, const struct entry *entry)
{
	struct record record;

	if (entry->batch && entry->batch != job->batch)
		return bad_here(job, entry, "it says of another write that it came with it");
	job->batch = entry->batch + 1;
	if (!record_read(entry->body, entry->size, &record))
		return bad_here(job, entry, "this is no record that this version knows");
	switch (record.kind) {
	case RECORD_DECISION:
		job->found->decisions++;
		return check_image(job, entry, record.decision.head.policy);
	case RECORD_EXPLAINED:
		job->found->explanations++;
		return check_image(job, entry, record.explained.policy);
	case RECORD_CHECKPOINT:
		return own_checkpoint(job, entry, record.checkpoint);
	case RECORD_ASIDE:
		return check_aside(job, entry, &record);
	case RECORD_EXPIRED:
		if (record.expired.first > job->expired)
			job->expired = record.expired.first;
		return true;
	case RECORD_OPENED:
		return true;
	}
	return false;
}

/* The whole --------------------------------------------------------------------------------------- */

/* What can only be said when every record was seen. */
static bool check_end(struct verifying *job)
{
	struct verify_found *found = job->found;
	uint64_t count = job->walk.front.tree.count, most = job->has_newest ? job->newest.size : 0;

	for (size_t i = 0; i < job->with->noutside; i++) {
		if (job->with->outside[i].size > most)
			most = job->with->outside[i].size;
		found->unreachable += job->with->outside[i].size < found->first;
	}
	if (most > count)
		return bad(job, count, most - 1, "these records are gone: a checkpoint covers them");
	if (found->first && found->first > job->expired)
		return bad(job, 0, found->first - 1, "these records are gone, and no record says that they were taken away");
	if (found->first && job->good <= found->first)
		return bad(job, found->first, count - 1, "no checkpoint shows what these records continue");
	return true;
}

/* False when the log is bad here. */
static bool look_at(struct verifying *job, const struct entry *entry)
{
	struct verify_found *found = job->found;

	if (found->records++ == 0) {
		job->before = job->walk.start;
		found->from = entry->written;
		if (!hold_all(job, &job->before))
			return false;
	}
	found->to = entry->written;
	if (!check_entry(job, entry) || !hold_all(job, &job->walk.front.tree))
		return false;
	job->before = job->walk.front.tree;
	return true;
}

static enum rko_status walk_all(struct verifying *job)
{
	struct entry entry;
	enum walk_step step;

	if (job->walk.list.count)
		job->found->first = job->walk.list.names[0].first;
	while ((step = walk_next(&job->walk, &entry)) == WALK_RECORD)
		if (!look_at(job, &entry))
			return RKO_OK;
	if (step == WALK_FAILED)
		return errno == ENOMEM ? RKO_NO_MEMORY : RKO_IO;
	if (step == WALK_BAD) {
		bad(job, job->walk.bad.record, job->walk.bad.record, job->walk.bad.what);
		bad_place(job, &job->walk.bad.segment, job->walk.bad.offset);
	} else if (job->found->records || hold_all(job, &job->walk.front.tree)) {
		check_end(job);
	}
	return RKO_OK;
}

static enum rko_status verify(struct verifying *job)
{
	struct verify_found *found = job->found;
	enum note_fault note;
	enum rko_status status;

	job->has_newest = folder_checkpoint(job->folder, &job->newest, &note);
	if (note == NOTE_UNREADABLE)
		return RKO_IO;
	if (note != NOTE_OK) {
		bad(job, 0, 0, note_fault_meaning(note));
		snprintf(found->where, sizeof found->where, "checkpoint");
		return RKO_OK;
	}
	status = walk_open(&job->walk, job->folder, true, NULL);
	job->walk.progress = job->with->progress;
	job->walk.context = job->with->context;
	if (status == RKO_AUDIT_DAMAGED) {
		bad(job, 0, 0, job->walk.bad.what);
		return RKO_OK;
	}
	if (status != RKO_OK)
		return status;
	status = walk_all(job);
	found->records = job->walk.front.tree.count;
	found->segments = job->walk.list.count;
	found->root = merkle_root(&job->walk.front.tree);
	found->busy = job->walk.busy;
	if (job->has_newest && job->newest.size > found->covered)
		found->covered = job->newest.size;
	walk_close(&job->walk);
	return status;
}

enum rko_status audit_verify(struct folder *folder, const struct verify_with *with, struct verify_found *ret_found)
{
	struct verifying *job = calloc(1, sizeof *job);
	enum rko_status status = RKO_NO_MEMORY;

	if (!job)
		return RKO_NO_MEMORY;
	job->images = calloc(IMAGES_MAX, sizeof *job->images);
	*ret_found = (struct verify_found){ .what = "" };
	job->folder = folder;
	job->with = with;
	job->found = ret_found;
	if (job->images)
		status = verify(job);
	free(job->images);
	free(job);
	return status;
}

/* Proofs ------------------------------------------------------------------------------------------ */

/* The roots come from ranges of their own: a proof says nothing of them. */
struct proving {
	const struct prove_wish *wish;
	struct prove_found *found;
	struct merkle_wish parts;
	struct walk walk;
	bool old_known;
};

static bool note_root(struct proving *job)
{
	uint64_t count = job->walk.front.tree.count;

	if (job->wish->consistency && count == job->wish->at) {
		job->found->old_root = merkle_root(&job->walk.front.tree);
		job->old_known = true;
	}
	if (count != job->wish->size)
		return false;
	job->found->root = merkle_root(&job->walk.front.tree);
	return true;
}

static enum rko_status keep_leaf(struct proving *job, const struct entry *entry)
{
	struct prove_found *found = job->found;

	if (job->wish->consistency || entry->sequence != job->wish->at)
		return RKO_OK;
	found->leaf = entry->leaf;
	found->leaf_size = entry->leaf_size;
	found->leaf_data = malloc(entry->leaf_size);
	if (!found->leaf_data)
		return RKO_NO_MEMORY;
	memcpy(found->leaf_data, entry->leaf_data, entry->leaf_size);
	return RKO_OK;
}

static enum rko_status prove(struct proving *job)
{
	enum rko_status status = RKO_OK;
	bool begun = false, done = false;
	struct entry entry;

	while (!done && status == RKO_OK) {
		enum walk_step step = walk_next(&job->walk, &entry);

		if (step == WALK_BAD) {
			job->found->bad = job->walk.bad;
			return RKO_AUDIT_DAMAGED;
		}
		if (step != WALK_RECORD)
			return step == WALK_END ? RKO_ARGUMENT : RKO_IO;
		if (!begun && entry.sequence)
			merkle_wish_start(&job->parts, &job->walk.start);
		begun = true;
		merkle_wish_leaf(&job->parts, entry.sequence, &entry.leaf);
		status = keep_leaf(job, &entry);
		done = note_root(job);
	}
	if (status == RKO_OK && (!merkle_wish_proof(&job->parts, &job->found->proof) ||
				 (job->wish->consistency ? !job->old_known : !job->found->leaf_data)))
		status = RKO_ARGUMENT;
	return status;
}

enum rko_status audit_prove(struct folder *folder, const struct prove_wish *wish, struct prove_found *ret_found)
{
	struct proving *job;
	enum rko_status status;

	memset(ret_found, 0, sizeof *ret_found);
	if (wish->consistency ? !wish->at || wish->at > wish->size : wish->at >= wish->size)
		return RKO_ARGUMENT;
	job = calloc(1, sizeof *job);
	if (!job)
		return RKO_NO_MEMORY;
	job->wish = wish;
	job->found = ret_found;
	if (wish->consistency)
		merkle_wish_consistency(&job->parts, wish->at, wish->size);
	else
		merkle_wish_inclusion(&job->parts, wish->at, wish->size);
	status = walk_open(&job->walk, folder, true, NULL);
	job->walk.progress = wish->progress;
	job->walk.context = wish->context;
	if (status == RKO_OK)
		status = prove(job);
	else
		ret_found->bad = job->walk.bad;
	if (status != RKO_OK) {
		free(ret_found->leaf_data);
		ret_found->leaf_data = NULL;
	}
	walk_close(&job->walk);
	free(job);
	return status;
}
