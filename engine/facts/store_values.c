/* SPDX-License-Identifier: EUPL-1.2 */
/* Entries that are no rows: strings with their numbers, and small named values, sources of facts among them. */
#include "engine/facts/store_parts.h"

enum rko_status store_entry(struct store_reader *reader, int db, const void *key, size_t size, MDB_val *ret_value,
			   bool *ret_found)
{
	MDB_val at = { size, (void *)(uintptr_t)key };
	int code = mdb_get(reader->txn, reader->store->dbi[db], &at, ret_value);

	*ret_found = code == MDB_SUCCESS;
	if (code)
		return code == MDB_NOTFOUND ? RKO_OK : store_status(code);
	return store_checked(db, &at, ret_value) ? RKO_OK : RKO_FACTS_DAMAGED;
}

enum rko_status store_put(struct store_writer *writer, int db, const void *key, size_t key_size,
			   const void *value, size_t size, bool append)
{
	MDB_val at = { key_size, (void *)(uintptr_t)key }, data = { size + VALUE_TAIL, NULL };
	int code = mdb_put(writer->txn, writer->store->dbi[db], &at, &data,
			   MDB_RESERVE | (append ? MDB_APPEND : 0));

	if (code)
		return store_write_status(code);
	memcpy(data.mv_data, value, size);
	put_le32((uint8_t *)data.mv_data + size, value_checksum((uint32_t)db, key, key_size, value, size));
	return RKO_OK;
}

/* Strings ------------------------------------------------------------------------------------------ */

enum rko_status store_number(struct store_reader *reader, struct text text, uint32_t *ret_number)
{
	MDB_val value;
	enum rko_status status;
	bool found;

	*ret_number = STRING_NONE;
	if (!text.len || text.len > LIMIT_ID_BYTES)
		return RKO_OK;
	*ret_number = memory_number(reader->memory, text);
	if (*ret_number != STRING_NONE)
		return RKO_OK;
	status = store_entry(reader, DB_IDS, text.at, text.len, &value, &found);
	if (status != RKO_OK || !found)
		return status;
	if (value.mv_size != 4)
		return RKO_FACTS_DAMAGED;
	*ret_number = get_le32(value.mv_data);
	memory_keep_number(reader->memory, text, *ret_number);
	return RKO_OK;
}

enum rko_status store_name(struct store_reader *reader, uint32_t number, struct text *ret_text)
{
	MDB_val value;
	enum rko_status status;
	uint8_t key[4];
	bool found;

	put_be32(key, number);
	status = store_entry(reader, DB_NAMES, key, sizeof key, &value, &found);
	if (status != RKO_OK)
		return status;
	if (!found)
		return RKO_FACTS_DAMAGED;
	*ret_text = (struct text){ value.mv_data, value.mv_size };
	return RKO_OK;
}

enum rko_status store_names(struct store_reader *reader, uint32_t *ret_count)
{
	MDB_stat stat;
	int code = mdb_stat(reader->txn, reader->store->dbi[DB_NAMES], &stat);

	if (!code)
		*ret_count = (uint32_t)stat.ms_entries;
	return store_status(code);
}

enum rko_status store_put_name(struct store_writer *writer, uint32_t number, struct text text, bool append)
{
	uint8_t key[4];

	put_be32(key, number);
	return store_put(writer, DB_NAMES, key, sizeof key, text.at, text.len, append);
}

enum rko_status store_put_number(struct store_writer *writer, struct text text, uint32_t number, bool append)
{
	uint8_t value[4];

	put_le32(value, number);
	return store_put(writer, DB_IDS, text.at, text.len, value, sizeof value, append);
}

/* Named values ------------------------------------------------------------------------------------- */

enum rko_status store_value(struct store_reader *reader, struct text what, struct text *ret_value,
			    bool *ret_found)
{
	MDB_val value;
	enum rko_status status = store_entry(reader, DB_SCHEMA, what.at, what.len, &value, ret_found);

	if (status == RKO_OK && *ret_found)
		*ret_value = (struct text){ value.mv_data, value.mv_size };
	return status;
}

enum rko_status store_values(struct store_reader *reader, struct text prefix,
			     bool (*act)(void *context, struct text what, struct text value), void *context)
{
	MDB_val at = { prefix.len, (void *)(uintptr_t)prefix.at }, value;
	MDB_cursor *cursor;
	int code = mdb_cursor_open(reader->txn, reader->store->dbi[DB_SCHEMA], &cursor);

	if (code)
		return store_status(code);
	for (code = mdb_cursor_get(cursor, &at, &value, MDB_SET_RANGE); !code;
	     code = mdb_cursor_get(cursor, &at, &value, MDB_NEXT)) {
		if (at.mv_size < prefix.len || memcmp(at.mv_data, prefix.at, prefix.len) != 0)
			break;
		if (!store_checked(DB_SCHEMA, &at, &value)) {
			mdb_cursor_close(cursor);
			return RKO_FACTS_DAMAGED;
		}
		if (!act(context, (struct text){ at.mv_data, at.mv_size },
			 (struct text){ value.mv_data, value.mv_size }))
			break;
	}
	mdb_cursor_close(cursor);
	return code == MDB_NOTFOUND ? RKO_OK : store_status(code);
}

enum rko_status store_put_value(struct store_writer *writer, struct text what, struct text value)
{
	return store_put(writer, DB_SCHEMA, what.at, what.len, value.at, value.len, false);
}

/* Sources ------------------------------------------------------------------------------------------ */

struct source_key {
	char at[12];
	size_t size;
};

/* The first source of a generation has no number in its key: most loads have one. */
static struct source_key source_key(uint32_t generation, uint32_t number)
{
	struct source_key key = { .at = "source", .size = number ? 12 : 10 };

	put_be32(key.at + 6, generation);
	put_be16(key.at + 10, (uint16_t)number);
	return key;
}

enum rko_status store_source(struct store_reader *reader, uint32_t generation, uint32_t number, struct text *ret_name,
			     bool *ret_found)
{
	struct source_key key = source_key(generation, number);

	return store_value(reader, (struct text){ key.at, key.size }, ret_name, ret_found);
}

enum rko_status store_put_source(struct store_writer *writer, uint32_t generation, uint32_t number, struct text name)
{
	struct source_key key = source_key(generation, number);

	return store_put_value(writer, (struct text){ key.at, key.size }, name);
}
