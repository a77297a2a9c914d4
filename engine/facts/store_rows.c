/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rows: one by its key and those that begin with a prefix, as of a generation, from memory where they are remembered; one
 * in every generation.
 */
#include "engine/facts/store_parts.h"

static void give_row(const MDB_val *key, const MDB_val *value, struct row *row)
{
	row->key = key->mv_data;
	row->key_size = (uint32_t)key->mv_size;
	row->value = value->mv_data;
	row->size = (uint32_t)value->mv_size;
}

/* In some generation. */
static bool is_of_key(const MDB_val *at, const uint8_t *key, size_t size)
{
	return at->mv_size == size + KEY_TAIL && memcmp(at->mv_data, key, size) == 0;
}

/* The first row of a key from the generation on that stands behind it, to older ones. */
static enum rko_status seek_row(struct store_reader *reader, const uint8_t *key, size_t key_size, struct row *ret_row,
				bool *ret_found)
{
	MDB_val at = { key_size + KEY_TAIL, (void *)(uintptr_t)key }, value;
	int code;

	reader->moves++;
	code = mdb_cursor_get(reader->rows, &at, &value, MDB_SET_RANGE);
	*ret_found = false;
	if (code == MDB_NOTFOUND)
		return RKO_OK;
	if (code)
		return store_status(code);
	if (!is_of_key(&at, key, key_size))
		return RKO_OK;
	give_row(&at, &value, ret_row);
	if (!row_intact(ret_row))
		return RKO_FACTS_DAMAGED;
	*ret_found = true;
	return RKO_OK;
}

/* One ---------------------------------------------------------------------------------------------- */

/* A remembered row is as good as the bytes it points to are now. */
static enum rko_status give_remembered(const struct remembered *remembered, struct row *ret_row, bool *ret_found)
{
	*ret_found = remembered->found;
	if (!remembered->found)
		return RKO_OK;
	*ret_row = remembered_row(remembered);
	return row_intact(ret_row) ? RKO_OK : RKO_FACTS_DAMAGED;
}

enum rko_status store_get(struct store_reader *reader, uint8_t *key, size_t key_size, uint32_t generation,
			  struct row *ret_row, bool *ret_found)
{
	struct recall recall = { REMEMBERED_GET, key, (uint32_t)key_size, 0, generation };
	struct remembered *place;
	const struct remembered *remembered = memory_recall(reader->memory, &recall, &place);
	enum rko_status status;

	put_be32(key + key_size, ~generation);
	if (remembered)
		return give_remembered(remembered, ret_row, ret_found);
	status = seek_row(reader, key, key_size, ret_row, ret_found);
	if (status != RKO_OK)
		return status;
	*ret_found = *ret_found && !row_is_tombstone(ret_row);
	memory_keep(reader->memory, place, &recall, *ret_found ? ret_row : NULL, 0);
	return RKO_OK;
}

/* Several ------------------------------------------------------------------------------------------ */

static bool begins(const MDB_val *key, const uint8_t *prefix, size_t size)
{
	return key->mv_size >= size + KEY_TAIL && memcmp(key->mv_data, prefix, size) == 0;
}

/* Behind every generation of the cursor's key, by a seek. */
static int seek_behind(struct store_reader *reader, const struct store_cursor *cursor, MDB_val *at, MDB_val *value)
{
	uint8_t seek[LIMIT_KEY_BYTES + KEY_TAIL];
	int code;

	memcpy(seek, cursor->key, cursor->key_size);
	memset(seek + cursor->key_size, 0xff, KEY_TAIL);
	*at = (MDB_val){ cursor->key_size + KEY_TAIL, seek };
	code = mdb_cursor_get(reader->rows, at, value, MDB_SET_RANGE);
	if (!code && at->mv_size == cursor->key_size + KEY_TAIL && memcmp(at->mv_data, seek, at->mv_size) == 0)
		code = mdb_cursor_get(reader->rows, at, value, MDB_NEXT);
	return code;
}

/* The same from where the cursor of the reader stands: most keys have one generation, or few. */
static int next_key(struct store_reader *reader, const struct store_cursor *cursor, MDB_val *at, MDB_val *value)
{
	for (int i = 0; i < 4; i++) {
		int code = mdb_cursor_get(reader->rows, at, value, MDB_NEXT);

		if (code || !is_of_key(at, cursor->key, cursor->key_size))
			return code;
	}
	return seek_behind(reader, cursor, at, value);
}

/* The newest row of the next key; `here`: the cursor of the reader still stands where this one left it. */
static int seek_next(struct store_reader *reader, const struct store_cursor *cursor, const uint8_t *prefix,
		     size_t prefix_size, bool here, MDB_val *ret_at, MDB_val *ret_value)
{
	if (cursor->key_size)
		return here ? next_key(reader, cursor, ret_at, ret_value) : seek_behind(reader, cursor, ret_at, ret_value);
	*ret_at = (MDB_val){ prefix_size, (void *)(uintptr_t)prefix };
	return mdb_cursor_get(reader->rows, ret_at, ret_value, MDB_SET_RANGE);
}

static enum rko_status step(struct store_reader *reader, struct store_cursor *cursor, const uint8_t *prefix,
			    size_t prefix_size, uint32_t generation, struct row *ret_row, bool *ret_found)
{
	uint8_t seek[LIMIT_KEY_BYTES + KEY_TAIL];

	*ret_found = false;
	for (;;) {
		MDB_val at, value;
		bool here = cursor->moves == reader->moves++;
		size_t size;
		int code;

		if (cursor->looked > LIMIT_SCAN_ROWS && !cursor->unbounded)
			return RKO_FACTS_CANDIDATES;
		code = seek_next(reader, cursor, prefix, prefix_size, here, &at, &value);
		if (code == MDB_NOTFOUND || (!code && !begins(&at, prefix, prefix_size)))
			return RKO_OK;
		if (code)
			return store_status(code);
		size = at.mv_size - KEY_TAIL;
		if (size > sizeof cursor->key)
			return RKO_FACTS_DAMAGED;
		memcpy(cursor->key, at.mv_data, size);
		cursor->key_size = (uint32_t)size;
		cursor->looked++;
		cursor->moves = reader->moves;
		/* The key's newest row is at hand; an older generation is looked for by itself. */
		give_row(&at, &value, ret_row);
		if (row_generation(ret_row) > generation) {
			enum rko_status status;

			memcpy(seek, cursor->key, size);
			status = store_get(reader, seek, size, generation, ret_row, ret_found);
			if (status != RKO_OK || *ret_found)
				return status;
			continue;
		}
		if (!row_intact(ret_row))
			return RKO_FACTS_DAMAGED;
		if (row_is_tombstone(ret_row) && !cursor->removed)
			continue;
		*ret_found = true;
		return RKO_OK;
	}
}

void store_go_behind(struct store_reader *reader, struct store_cursor *cursor, const uint8_t *key, uint32_t size)
{
	cursor->moves = reader->moves - 1;	/* the reader's own cursor stands elsewhere */
	cursor->key_size = size;
	memcpy(cursor->key, key, size);
}

enum rko_status store_next(struct store_reader *reader, struct store_cursor *cursor, const uint8_t *prefix,
			   size_t prefix_size, uint32_t generation, struct row *ret_row, bool *ret_found)
{
	uint8_t last[LIMIT_KEY_BYTES];
	struct recall recall = { REMEMBERED_FIRST, prefix, (uint32_t)prefix_size, (uint32_t)prefix_size, generation };
	uint32_t looked = cursor->looked;
	const struct remembered *remembered = NULL;
	struct remembered *place = NULL;
	enum rko_status status;

	if (cursor->key_size) {
		memcpy(last, cursor->key, cursor->key_size);
		recall.what = REMEMBERED_NEXT;
		recall.key = last;
		recall.key_size = cursor->key_size;
	}
	if (!cursor->unbounded && !cursor->removed)
		remembered = memory_recall(reader->memory, &recall, &place);
	if (remembered && looked + remembered->looked <= LIMIT_SCAN_ROWS) {
		if (remembered->found) {
			cursor->looked += remembered->looked;
			store_go_behind(reader, cursor, remembered->row_key, remembered->row_key_size - KEY_TAIL);
		}
		return give_remembered(remembered, ret_row, ret_found);
	}
	status = step(reader, cursor, prefix, prefix_size, generation, ret_row, ret_found);
	if (status == RKO_OK)
		memory_keep(reader->memory, place, &recall, *ret_found ? ret_row : NULL, cursor->looked - looked);
	return status;
}

/* Every generation --------------------------------------------------------------------------------- */

enum rko_status store_history(struct store_reader *reader, struct store_cursor *cursor, const uint8_t *key,
			      size_t key_size, struct row *ret_row, bool *ret_found)
{
	uint8_t seek[LIMIT_KEY_BYTES + KEY_TAIL];
	enum rko_status status;

	memcpy(seek, key, key_size);
	/* `looked` holds the generation last given, inverted, plus one. */
	put_be32(seek + key_size, cursor->looked);
	status = seek_row(reader, seek, key_size, ret_row, ret_found);
	if (status == RKO_OK && *ret_found)
		cursor->looked = ~row_generation(ret_row) + 1;
	return status;
}

/* Writing ------------------------------------------------------------------------------------------ */

enum rko_status store_put_row(struct store_writer *writer, const uint8_t *key, size_t key_size,
			      const uint8_t *value, size_t size, bool append)
{
	MDB_val at = { key_size, (void *)(uintptr_t)key }, data = { size, (void *)(uintptr_t)value };

	return store_write_status(mdb_put(writer->txn, writer->store->dbi[DB_ROWS], &at, &data, append ? MDB_APPEND : 0));
}
