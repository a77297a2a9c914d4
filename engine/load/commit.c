/* SPDX-License-Identifier: EUPL-1.2 */
/* I10. One transaction: schema, strings, rows, refreshes, and the generation that holds them together. */
#include <stdlib.h>

#include "engine/load/load.h"

struct by_text {
	uint64_t prefix;
	uint32_t number;	/* of new_ids */
};

struct commit {
	struct rko_load *load;
	struct store_writer *writer;
	struct by_text *texts;	/* the new strings in order */
	uint64_t done, of;
	struct rko_loaded loaded;
};

static int compare_texts(const void *a, const void *b, void *context)
{
	const struct by_text *x = a, *y = b;
	const struct rko_load *load = context;

	if (x->prefix != y->prefix)
		return x->prefix < y->prefix ? -1 : 1;
	return text_compare(load->new_ids[x->number].text, load->new_ids[y->number].text);
}

/* LMDB orders keys by their bytes, the shorter first: as text_compare() does. */
static void sort_texts(struct commit *commit)
{
	struct rko_load *load = commit->load;
	bool sorted = true;

	commit->texts = ARENA_ARRAY(&load->arena, load->nnew_ids + 1, struct by_text);
	for (size_t i = 0; i < load->nnew_ids; i++) {
		uint8_t prefix[8] = { 0 };
		struct text text = load->new_ids[i].text;

		memcpy(prefix, text.at, text.len < sizeof prefix ? text.len : sizeof prefix);
		commit->texts[i] = (struct by_text){ get_be64(prefix), (uint32_t)i };
		sorted &= i == 0 || compare_texts(&commit->texts[i - 1], &commit->texts[i], load) < 0;
	}
	if (!sorted)
		qsort_r(commit->texts, load->nnew_ids, sizeof *commit->texts, compare_texts, load);
}

static void tick(struct commit *commit)
{
	if (++commit->done % 65536 == 0)
		load_watch(commit->load, "stored", commit->done, commit->of);
}

static enum rko_status put_strings(struct commit *commit)
{
	struct rko_load *load = commit->load;
	enum rko_status status = RKO_OK;

	for (size_t i = 0; i < load->nnew_ids && status == RKO_OK; i++)
		status = store_put_name(commit->writer, load->new_ids[i].number, load->new_ids[i].text, true);
	for (size_t i = 0; i < load->nnew_ids && status == RKO_OK; i++) {
		const struct new_id *id = &load->new_ids[commit->texts[i].number];

		status = store_put_number(commit->writer, id->text, id->number, load->base.number == 0);
	}
	return status;
}

/* Records in the order of their kinds' numbers, which is the order of keys. */
static uint32_t next_record(const struct rko_load *load, uint32_t after_kind)
{
	uint32_t best = IMAGE_NONE;

	for (uint32_t i = 0; i < load->policy->image.n_records; i++) {
		uint32_t kind = load->binding->records[i].kind;

		if (kind > after_kind && (best == IMAGE_NONE || kind < load->binding->records[best].kind))
			best = i;
	}
	return best;
}

static enum rko_status put_rows(struct commit *commit)
{
	struct rko_load *load = commit->load;
	enum rko_status status = RKO_OK;
	uint32_t record = next_record(load, 0);

	while (record != IMAGE_NONE && status == RKO_OK) {
		const struct staged_kind *kind = &load->kinds[record];
		uint32_t key_size = load->binding->records[record].key_size + KEY_TAIL;

		for (size_t i = 0; i < kind->count && status == RKO_OK; i++) {
			const struct staged *row = &kind->rows[i];
			bool tombstone = row->bytes[key_size + 10] & ROW_TOMBSTONE;

			tick(commit);
			if (row->same) {
				commit->loaded.same++;
				continue;
			}
			status = store_put_row(commit->writer, row->bytes, key_size, row->bytes + key_size,
					       row->size, load->base.number == 0);
			commit->loaded.rows += !tombstone;
			commit->loaded.removed += tombstone;
		}
		record = next_record(load, load->binding->records[record].kind);
	}
	return status;
}

/* Sets *ret_any when a register was refreshed at another time than the store knows. */
static enum rko_status put_refreshed(struct commit *commit, bool *ret_any)
{
	struct rko_load *load = commit->load;
	enum rko_status status = RKO_OK;

	*ret_any = false;
	for (size_t i = 0; i < load->nrefreshed && status == RKO_OK; i++) {
		uint16_t kind = load->binding->records[load->refreshed[i].record].kind;
		int64_t known;
		bool found;

		status = store_refreshed(store_writer_reader(commit->writer), kind, load->base.number, &known, &found);
		if (status != RKO_OK || (found && known == load->refreshed[i].instant))
			continue;
		*ret_any = true;
		status = store_put_refreshed(commit->writer, kind, load->generation, load->refreshed[i].instant);
	}
	return status;
}

static enum rko_status put_sources(struct commit *commit)
{
	struct rko_load *load = commit->load;
	enum rko_status status = RKO_OK;

	for (uint32_t i = 0; i < load->sources.count && status == RKO_OK; i++)
		if (map_key(&load->sources, i).len)
			status = store_put_source(commit->writer, load->generation, i, map_key(&load->sources, i));
	return status;
}

static enum rko_status write_all(struct commit *commit, int64_t recorded, bool *ret_nothing)
{
	struct rko_load *load = commit->load;
	struct generation newest;
	bool schema, refreshed = false;
	enum rko_status status = store_newest(store_writer_reader(commit->writer), &newest);

	if (status != RKO_OK)
		return status;
	if (newest.number != load->base.number)
		return RKO_FACTS_BUSY;
	status = schema_extend(&load->policy->image, commit->writer, &schema);
	if (status == RKO_OK)
		status = put_strings(commit);
	if (status == RKO_OK)
		status = put_rows(commit);
	if (status == RKO_OK)
		status = put_refreshed(commit, &refreshed);
	*ret_nothing = !schema && !commit->loaded.rows && !commit->loaded.removed && !refreshed;
	if (status != RKO_OK || *ret_nothing)
		return status;
	status = put_sources(commit);
	if (status != RKO_OK)
		return status;
	newest = (struct generation){
		.number = load->generation,
		.recorded = recorded,
		.rows = (uint32_t)(commit->loaded.rows + commit->loaded.removed),
		.schema = load->base.schema + schema,
	};
	return store_put_generation(commit->writer, &newest);
}

/* About what the pages of so many rows and strings take. */
static size_t room_needed(const struct rko_load *load)
{
	size_t strings = 0;

	for (size_t i = 0; i < load->nnew_ids; i++)
		strings += 2 * (load->new_ids[i].text.len + 24);
	return load->nbytes * 2 + load->nrows * 24 + strings * 2 + (4u << 20);
}

static enum rko_status commit_once(struct commit *commit, int64_t recorded)
{
	enum rko_status status;
	bool nothing = false;

	commit->loaded = (struct rko_loaded){ 0 };
	commit->done = 0;
	status = store_write_begin(commit->load->facts->store, &commit->writer);
	if (status != RKO_OK)
		return status;
	status = write_all(commit, recorded, &nothing);
	if (status != RKO_OK || nothing) {
		store_write_abort(commit->writer);
		commit->loaded.generation = commit->load->base.number;
		return status;
	}
	commit->loaded.generation = commit->load->generation;
	load_watch(commit->load, "writing to disk", commit->of, commit->of);
	return store_write_commit(commit->writer);
}

static enum rko_status commit_load(struct rko_load *load, int64_t recorded, struct rko_loaded *ret_loaded)
{
	struct commit commit = { .load = load, .of = load->nrows };
	enum rko_status status = load_check(load);

	if (status != RKO_OK)
		return status;
	if (load->nfaults)
		return RKO_FACTS_REFUSED;
	sort_texts(&commit);
	store_reader_reset(load->reader);	/* nobody may be reading while the map grows */
	status = store_grow(load->facts->store, room_needed(load));
	if (status == RKO_OK)
		status = commit_once(&commit, recorded);
	while (status == RKO_FACTS_FULL) {
		status = store_grow(load->facts->store, 0);
		if (status == RKO_OK)
			status = commit_once(&commit, recorded);
	}
	if (status == RKO_OK)
		*ret_loaded = commit.loaded;
	return status;
}

enum rko_status rko_load_commit(struct rko_load *load, int64_t recorded, struct rko_loaded *ret_loaded)
{
	jmp_buf escape;

	if (load->status != RKO_OK)
		return load->status;
	load->arena.escape = &escape;
	if (setjmp(escape))
		load->status = RKO_NO_MEMORY;
	else
		load->status = commit_load(load, recorded, ret_loaded);
	load->arena.escape = NULL;
	/* Faults may be looked at, and corrected in another load. */
	if (load->status == RKO_OK)
		load->status = RKO_ARGUMENT;	/* a load is committed once */
	else
		return load->status;
	return RKO_OK;
}
