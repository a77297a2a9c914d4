/* SPDX-License-Identifier: EUPL-1.2 */
/* Generations, the newest first; and when each kind was refreshed. */
#include "engine/facts/store_parts.h"

enum { GENERATION_KEY = 5, GENERATION_BYTES = 16, REFRESHED_KEY = 7 };

static void generation_key(uint8_t key[GENERATION_KEY], uint32_t number)
{
	key[0] = 'g';
	put_be32(key + 1, ~number);	/* the newest first */
}

static bool read_generation(const MDB_val *key, const MDB_val *value, struct generation *ret)
{
	const uint8_t *data = value->mv_data;

	if (key->mv_size != GENERATION_KEY || value->mv_size != GENERATION_BYTES)
		return false;
	*ret = (struct generation){
		.number = ~get_be32((const uint8_t *)key->mv_data + 1),
		.recorded = (int64_t)get_le64(data),
		.rows = get_le32(data + 8),
		.schema = get_le32(data + 12),
	};
	return true;
}

static int renew_meta(struct store_reader *reader)
{
	return reader->borrowed ? 0 : mdb_cursor_renew(reader->txn, reader->meta);
}

enum rko_status store_newest(struct store_reader *reader, struct generation *ret_generation)
{
	struct generation generation;
	enum rko_status status = store_generation_at(reader, INT64_MAX, &generation);

	if (status == RKO_OK)
		*ret_generation = generation;
	return status;
}

enum rko_status store_generation(struct store_reader *reader, uint32_t number,
				 struct generation *ret_generation)
{
	uint8_t key[GENERATION_KEY];
	MDB_val value, at = { sizeof key, key };
	enum rko_status status;
	bool found;

	generation_key(key, number);
	status = store_entry(reader, DB_META, key, sizeof key, &value, &found);
	if (status != RKO_OK)
		return status;
	if (!found)
		return RKO_FACTS_GENERATION;
	return read_generation(&at, &value, ret_generation) ? RKO_OK : RKO_FACTS_DAMAGED;
}

enum rko_status store_generation_at(struct store_reader *reader, int64_t instant,
				    struct generation *ret_generation)
{
	uint8_t key[1] = { 'g' };
	MDB_val at = { sizeof key, key }, value;
	struct generation generation = { 0 };
	enum rko_status status = RKO_OK;
	int code = renew_meta(reader);

	if (code)
		return store_status(code);
	/* Newest first: nearly always the first is the one. */
	code = mdb_cursor_get(reader->meta, &at, &value, MDB_SET_RANGE);
	while (!code && *(const char *)at.mv_data == 'g') {
		if (!store_checked(DB_META, &at, &value) || !read_generation(&at, &value, &generation)) {
			status = RKO_FACTS_DAMAGED;
			break;
		}
		if (generation.recorded <= instant)
			break;
		generation = (struct generation){ 0 };
		code = mdb_cursor_get(reader->meta, &at, &value, MDB_NEXT);
	}
	if (status == RKO_OK && code && code != MDB_NOTFOUND)
		status = store_status(code);
	if (status == RKO_OK)
		*ret_generation = generation;
	return status;
}

enum rko_status store_put_generation(struct store_writer *writer, const struct generation *generation)
{
	uint8_t key[GENERATION_KEY], value[GENERATION_BYTES];

	generation_key(key, generation->number);
	put_le64(value, (uint64_t)generation->recorded);
	put_le32(value + 8, generation->rows);
	put_le32(value + 12, generation->schema);
	return store_put(writer, DB_META, key, sizeof key, value, sizeof value, false);
}

/* Refreshed ---------------------------------------------------------------------------------------- */

static void refreshed_key(uint8_t key[REFRESHED_KEY], uint16_t kind, uint32_t generation)
{
	key[0] = 'r';
	put_be16(key + 1, kind);
	put_be32(key + 3, ~generation);
}

enum rko_status store_refreshed(struct store_reader *reader, uint16_t kind, uint32_t generation,
				int64_t *ret_instant, bool *ret_found)
{
	uint8_t key[REFRESHED_KEY];
	MDB_val at = { sizeof key, key }, value;
	int code = renew_meta(reader);

	*ret_found = false;
	if (code)
		return store_status(code);
	refreshed_key(key, kind, generation);
	code = mdb_cursor_get(reader->meta, &at, &value, MDB_SET_RANGE);
	if (!code && at.mv_size == sizeof key && memcmp(at.mv_data, key, 3) == 0) {
		if (!store_checked(DB_META, &at, &value) || value.mv_size != 8)
			return RKO_FACTS_DAMAGED;
		*ret_instant = (int64_t)get_le64(value.mv_data);
		*ret_found = true;
	}
	return code == MDB_NOTFOUND ? RKO_OK : store_status(code);
}

enum rko_status store_put_refreshed(struct store_writer *writer, uint16_t kind, uint32_t generation,
				    int64_t instant)
{
	uint8_t key[REFRESHED_KEY], value[8];

	refreshed_key(key, kind, generation);
	put_le64(value, (uint64_t)instant);
	return store_put(writer, DB_META, key, sizeof key, value, sizeof value, false);
}
