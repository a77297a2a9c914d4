/* SPDX-License-Identifier: EUPL-1.2 */
/* Readers: one state of the facts from renew to reset; and what one remembers of it. */
#include "engine/facts/store_parts.h"

#include <stdlib.h>

static int open_reader(struct store_reader *reader)
{
	struct store *store = reader->store;
	int code = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &reader->txn);

	if (!code)
		code = mdb_cursor_open(reader->txn, store->dbi[DB_ROWS], &reader->rows);
	if (!code)
		code = mdb_cursor_open(reader->txn, store->dbi[DB_META], &reader->meta);
	if (reader->txn)
		mdb_txn_reset(reader->txn);
	return code;
}

static void unlist(struct store_reader *reader)
{
	struct store *store = reader->store;

	pthread_mutex_lock(&store->readers_lock);
	for (struct store_reader **at = &store->readers; *at; at = &(*at)->next) {
		if (*at == reader) {
			*at = reader->next;
			break;
		}
	}
	pthread_mutex_unlock(&store->readers_lock);
}

enum rko_status store_reader_open(struct store *store, struct store_reader **ret_reader)
{
	struct store_reader *reader = calloc(1, sizeof *reader);
	int code;

	if (!reader)
		return RKO_NO_MEMORY;
	reader->store = store;
	pthread_mutex_lock(&store->readers_lock);
	reader->next = store->readers;
	store->readers = reader;
	pthread_mutex_unlock(&store->readers_lock);
	store_enter(reader);
	code = open_reader(reader);
	store_leave(reader);
	if (code == MDB_MAP_RESIZED) {	/* another process made the map larger */
		code = store_replace_map(store, 0);
		store_enter(reader);
		if (!code)
			code = open_reader(reader);
		store_leave(reader);
	}
	if (code) {
		store_reader_close(reader);
		return store_status(code);
	}
	*ret_reader = reader;
	return RKO_OK;
}

void store_reader_close(struct store_reader *reader)
{
	if (!reader)
		return;
	/* Idle first: who replaces the map holds the list until every reader is. */
	store_reader_reset(reader);
	unlist(reader);
	if (reader->rows)
		mdb_cursor_close(reader->rows);
	if (reader->meta)
		mdb_cursor_close(reader->meta);
	if (reader->txn)
		mdb_txn_abort(reader->txn);
	memory_free(reader->memory);
	free(reader);
}

enum rko_status store_reader_renew(struct store_reader *reader)
{
	int code;

	store_enter(reader);
	code = mdb_txn_renew(reader->txn);
	if (code == MDB_MAP_RESIZED) {
		store_leave(reader);
		code = store_replace_map(reader->store, 0);
		if (code)
			return store_status(code);
		store_enter(reader);
		code = mdb_txn_renew(reader->txn);
	}
	if (!code) {
		code = mdb_cursor_renew(reader->txn, reader->rows);
		if (code)
			mdb_txn_reset(reader->txn);
	}
	if (code)
		store_leave(reader);
	else if (reader->memory)
		memory_renew(reader->memory, mdb_txn_id(reader->txn), reader->store->maps);
	return store_status(code);
}

enum rko_status store_reader_begin(struct store *store, struct store_reader **ret_reader)
{
	struct store_reader *reader;
	enum rko_status status = store_reader_open(store, &reader);

	if (status != RKO_OK)
		return status;
	status = store_reader_renew(reader);
	if (status == RKO_OK)
		*ret_reader = reader;
	else
		store_reader_close(reader);
	return status;
}

void store_reader_reset(struct store_reader *reader)
{
	if (reader->borrowed || !reader->active)
		return;
	mdb_txn_reset(reader->txn);
	store_leave(reader);
}

enum rko_status store_reader_remember(struct store_reader *reader)
{
	if (!reader->memory)
		reader->memory = memory_new();
	return reader->memory ? RKO_OK : RKO_NO_MEMORY;
}

void store_reader_forget(struct store_reader *reader)
{
	if (reader->memory)
		memory_forget(reader->memory);
}

uint64_t store_reader_state(const struct store_reader *reader)
{
	return mdb_txn_id(reader->txn);
}
