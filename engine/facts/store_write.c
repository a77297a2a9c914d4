/* SPDX-License-Identifier: EUPL-1.2 */
/* A writer: its transaction from begin to commit, and a reader of what is being written. */
#include "engine/facts/store_parts.h"

#include <stdlib.h>

/* The next one may begin. */
static void release(struct store_writer *writer)
{
	pthread_mutex_unlock(&writer->store->writer_lock);
	free(writer);
}

enum rko_status store_write_begin(struct store *store, struct store_writer **ret_writer)
{
	struct store_writer *writer = calloc(1, sizeof *writer);
	int dead, code;

	if (!writer)
		return RKO_NO_MEMORY;
	pthread_mutex_lock(&store->writer_lock);
	writer->store = store;
	mdb_reader_check(store->env, &dead);
	code = mdb_txn_begin(store->env, NULL, 0, &writer->txn);
	if (code == MDB_MAP_RESIZED) {
		code = store_replace_map(store, 0);
		if (!code)
			code = mdb_txn_begin(store->env, NULL, 0, &writer->txn);
	}
	if (!code) {
		writer->reader = (struct store_reader){ .store = store, .txn = writer->txn, .borrowed = true };
		code = mdb_cursor_open(writer->txn, store->dbi[DB_ROWS], &writer->reader.rows);
		if (!code)
			code = mdb_cursor_open(writer->txn, store->dbi[DB_META], &writer->reader.meta);
		if (code)
			mdb_txn_abort(writer->txn);
	}
	if (code) {
		release(writer);
		return store_status(code);
	}
	*ret_writer = writer;
	return RKO_OK;
}

struct store_reader *store_writer_reader(struct store_writer *writer)
{
	return &writer->reader;
}

static void close_cursors(struct store_writer *writer)
{
	mdb_cursor_close(writer->reader.rows);
	mdb_cursor_close(writer->reader.meta);
}

enum rko_status store_write_commit(struct store_writer *writer)
{
	int code;

	close_cursors(writer);
	code = mdb_txn_commit(writer->txn);
	release(writer);
	return store_write_status(code);
}

void store_write_abort(struct store_writer *writer)
{
	if (!writer)
		return;
	close_cursors(writer);
	mdb_txn_abort(writer->txn);
	release(writer);
}
