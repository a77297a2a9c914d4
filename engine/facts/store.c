/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/facts/store.h"

#include <errno.h>
#include <limits.h>
#include <lmdb.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "engine/facts/memory.h"

enum { DB_ROWS, DB_IDS, DB_NAMES, DB_SCHEMA, DB_META, DBS };

static const char *const db_names[DBS] = { "rows", "ids", "names", "schema", "meta" };

enum { MAX_READERS = 510 };
static const size_t map_first = 64u << 20, map_default = 64ull << 30;

/*
 * The map may be replaced by a larger one only while nobody in the process reads or writes. A reader says that
 * it is active and then looks whether the map is being replaced; who replaces it says so and then waits until
 * no reader is active. Neither can miss the other, and reading takes no lock.
 */
struct store {
	MDB_env *env;
	MDB_dbi dbi[DBS];
	size_t map_max;
	char *path;
	struct store *next;	/* of the stores this process has open */
	pthread_mutex_t readers_lock;	/* the list; held while the map is replaced */
	struct store_reader *readers;
	bool replacing;		/* atomic */
	uint64_t maps;		/* counts maps; changes only while `replacing` keeps everyone out */
	pthread_mutex_t writer_lock;	/* one writer of this process */
};

struct store_reader {
	struct store *store;
	MDB_txn *txn;
	MDB_cursor *rows;
	MDB_cursor *meta;	/* renewed when it is used */
	struct memory *memory;	/* NULL: nothing is remembered */
	uint32_t moves;		/* counts what has moved `rows`: a scan goes on from where it stands */
	bool active;		/* atomic: between renew and reset */
	bool borrowed;		/* belongs to a writer */
	struct store_reader *next;
};

struct store_writer {
	struct store *store;
	MDB_txn *txn;
	struct store_reader reader;
};

static pthread_mutex_t open_lock = PTHREAD_MUTEX_INITIALIZER;
static struct store *open_stores;

static enum rko_status status_of(int code)
{
	switch (code) {
	case MDB_SUCCESS:
		return RKO_OK;
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_PANIC:
	case MDB_BAD_TXN:
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
		return RKO_FACTS_DAMAGED;
	case MDB_MAP_FULL:
	case ENOSPC:
	case EDQUOT:
		return RKO_FACTS_FULL;
	case MDB_READERS_FULL:
		return RKO_FACTS_BUSY;
	case ENOMEM:
		return RKO_NO_MEMORY;
	case ENOENT:
		return RKO_FACTS_MISSING;
	}
	if (code > 0)
		errno = code;
	return RKO_FACTS_UNREADABLE;
}

/* Of a write: what the system refuses is the disk's fault, not the store's. */
static enum rko_status write_status_of(int code)
{
	if (code == EFBIG)	/* a bound on the size of files */
		return RKO_FACTS_FULL;
	if (code > 0 && status_of(code) == RKO_FACTS_UNREADABLE)
		return RKO_IO;
	return status_of(code);
}

/* Opening ----------------------------------------------------------------------------------------- */

/* LMDB maps files that others must not change under it: file systems over a network are refused. */
static bool is_remote(const char *path)
{
	static const long remote[] = { 0x6969 /* NFS */, 0x517b /* SMB */, 0xff534d42 /* CIFS */,
				       0xfe534d42 /* SMB2 */, 0x65735546 /* FUSE */ };
	struct statfs about;

	if (statfs(path, &about) < 0)
		return false;
	for (size_t i = 0; i < sizeof remote / sizeof remote[0]; i++)
		if ((long)about.f_type == remote[i])
			return true;
	return false;
}

static int open_databases(struct store *store, unsigned flags)
{
	MDB_txn *txn;
	int code = mdb_txn_begin(store->env, NULL, flags & STORE_WRITE ? 0 : MDB_RDONLY, &txn);

	if (code)
		return code;
	for (int i = 0; i < DBS && !code; i++)
		code = mdb_dbi_open(txn, db_names[i], flags & STORE_CREATE ? MDB_CREATE : 0, &store->dbi[i]);
	if (code) {
		mdb_txn_abort(txn);
		return code == MDB_NOTFOUND ? ENOENT : code;
	}
	return mdb_txn_commit(txn);
}

/* A store of another format may keep what it keeps in another way: its number is looked at before its checksum. */
static enum rko_status read_format(struct store_reader *reader, struct text what, bool *ret_found)
{
	MDB_val at = { what.len, (void *)(uintptr_t)what.at }, value;
	struct text checked;
	int code = mdb_get(reader->txn, reader->store->dbi[DB_SCHEMA], &at, &value);

	*ret_found = code == MDB_SUCCESS;
	if (code)
		return code == MDB_NOTFOUND ? RKO_OK : status_of(code);
	if (value.mv_size < 4 || get_le32(value.mv_data) != STORE_FORMAT)
		return RKO_FACTS_SCHEMA;
	return store_value(reader, what, &checked, ret_found);
}

static enum rko_status check_format(struct store *store, unsigned flags)
{
	struct text what = TEXT("format");
	struct store_reader *reader;
	struct store_writer *writer;
	enum rko_status status;
	uint8_t format[4];
	bool found = false;

	status = store_reader_open(store, &reader);
	if (status != RKO_OK)
		return status;
	status = store_reader_renew(reader);
	if (status == RKO_OK)
		status = read_format(reader, what, &found);
	store_reader_reset(reader);
	store_reader_close(reader);
	if (status != RKO_OK || found)
		return status;
	if (!(flags & STORE_CREATE))
		return RKO_FACTS_MISSING;
	put_le32(format, STORE_FORMAT);
	status = store_write_begin(store, &writer);
	if (status != RKO_OK)
		return status;
	status = store_put_value(writer, what, (struct text){ (const char *)format, sizeof format });
	if (status != RKO_OK) {
		store_write_abort(writer);
		return status;
	}
	return store_write_commit(writer);
}

static bool is_open(const char *path)
{
	for (const struct store *store = open_stores; store; store = store->next)
		if (strcmp(store->path, path) == 0)
			return true;
	return false;
}

static void forget(struct store *store)
{
	for (struct store **at = &open_stores; *at; at = &(*at)->next) {
		if (*at == store) {
			*at = store->next;
			return;
		}
	}
}

static void free_store(struct store *store)
{
	pthread_mutex_destroy(&store->readers_lock);
	pthread_mutex_destroy(&store->writer_lock);
	free(store->path);
	free(store);
}

static enum rko_status open_environment(struct store *store, const char *path, unsigned flags)
{
	unsigned mdb_flags = MDB_NOTLS;
	struct MDB_envinfo info;
	int code = mdb_env_create(&store->env);

	if (!(flags & STORE_WRITE))
		mdb_flags |= MDB_RDONLY;
	if (flags & STORE_NOSYNC)
		mdb_flags |= MDB_NOSYNC;
	if (!code)
		code = mdb_env_set_maxdbs(store->env, DBS);
	if (!code)
		code = mdb_env_set_maxreaders(store->env, MAX_READERS);
	if (!code)
		code = mdb_env_set_mapsize(store->env, map_first);
	if (!code)
		code = mdb_env_open(store->env, path, mdb_flags, 0640);
	if (!code)
		code = mdb_env_info(store->env, &info);
	if (!code && flags & STORE_WRITE && info.me_mapsize > store->map_max)
		store->map_max = info.me_mapsize;
	if (!code)
		code = open_databases(store, flags);
	return status_of(code);
}

enum rko_status store_open(const char *path, unsigned flags, size_t map_bytes, struct store **ret_store)
{
	struct store *store;
	enum rko_status status = RKO_OK;
	char *real;

	if (flags & STORE_CREATE)
		flags |= STORE_WRITE;
	if (flags & STORE_CREATE && mkdir(path, 0750) < 0 && errno != EEXIST)
		return RKO_IO;
	real = realpath(path, NULL);
	if (!real)
		return errno == ENOMEM ? RKO_NO_MEMORY : RKO_FACTS_MISSING;
	store = calloc(1, sizeof *store);
	if (!store) {
		free(real);
		return RKO_NO_MEMORY;
	}
	store->path = real;
	store->map_max = map_bytes ? map_bytes : map_default;
	pthread_mutex_init(&store->readers_lock, NULL);
	pthread_mutex_init(&store->writer_lock, NULL);
	pthread_mutex_lock(&open_lock);
	if (is_open(real) || is_remote(real)) {
		status = RKO_ARGUMENT;
	} else {
		status = open_environment(store, real, flags);
		if (status == RKO_OK) {
			store->next = open_stores;
			open_stores = store;
		}
	}
	pthread_mutex_unlock(&open_lock);
	if (status == RKO_OK) {
		status = check_format(store, flags);
		if (status == RKO_OK) {
			*ret_store = store;
			return RKO_OK;
		}
		store_close(store);
		return status;
	}
	if (store->env)
		mdb_env_close(store->env);
	free_store(store);
	return status;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	pthread_mutex_lock(&open_lock);
	forget(store);
	mdb_env_close(store->env);
	pthread_mutex_unlock(&open_lock);
	free_store(store);
}

void store_size(const struct store *store, size_t *ret_used, size_t *ret_map)
{
	struct MDB_envinfo info;
	MDB_stat stat;

	*ret_used = *ret_map = 0;
	if (mdb_env_info(store->env, &info) || mdb_env_stat(store->env, &stat))
		return;
	*ret_used = (info.me_last_pgno + 1) * stat.ms_psize;
	*ret_map = info.me_mapsize;
}

enum rko_status store_clean(struct store *store, int *ret_dead)
{
	*ret_dead = 0;
	return status_of(mdb_reader_check(store->env, ret_dead));
}

/* A map of `bytes`, or (0) as large as another process has made it. */
static int replace_map(struct store *store, size_t bytes)
{
	int code;

	pthread_mutex_lock(&store->readers_lock);
	__atomic_store_n(&store->replacing, true, __ATOMIC_SEQ_CST);
	for (struct store_reader *reader = store->readers; reader; reader = reader->next)
		while (__atomic_load_n(&reader->active, __ATOMIC_SEQ_CST))
			sched_yield();
	code = mdb_env_set_mapsize(store->env, bytes);
	store->maps++;
	__atomic_store_n(&store->replacing, false, __ATOMIC_SEQ_CST);
	pthread_mutex_unlock(&store->readers_lock);
	return code;
}

enum rko_status store_grow(struct store *store, size_t free_bytes)
{
	struct MDB_envinfo info;
	size_t want, used, map;
	int code = mdb_env_info(store->env, &info);

	if (code)
		return status_of(code);
	store_size(store, &used, &map);
	want = info.me_mapsize;
	if (free_bytes == 0 && want >= store->map_max)
		return RKO_FACTS_FULL;
	if (free_bytes == 0)
		want = want > store->map_max / 2 ? store->map_max : want * 2;
	while (want < used + free_bytes && want < store->map_max)
		want = want > store->map_max / 2 ? store->map_max : want * 2;
	if (want == info.me_mapsize)
		return RKO_OK;
	pthread_mutex_lock(&store->writer_lock);
	code = replace_map(store, want);
	pthread_mutex_unlock(&store->writer_lock);
	return status_of(code);
}

/* Readers ----------------------------------------------------------------------------------------- */

/* Before anything is read; waits while the map is being replaced. */
static void become_active(struct store_reader *reader)
{
	struct store *store = reader->store;

	for (;;) {
		__atomic_store_n(&reader->active, true, __ATOMIC_SEQ_CST);
		if (!__atomic_load_n(&store->replacing, __ATOMIC_SEQ_CST))
			return;
		__atomic_store_n(&reader->active, false, __ATOMIC_SEQ_CST);
		pthread_mutex_lock(&store->readers_lock);
		pthread_mutex_unlock(&store->readers_lock);
	}
}

static void become_idle(struct store_reader *reader)
{
	__atomic_store_n(&reader->active, false, __ATOMIC_RELEASE);
}

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
	become_active(reader);
	code = open_reader(reader);
	become_idle(reader);
	if (code == MDB_MAP_RESIZED) {	/* another process made the map larger */
		code = replace_map(store, 0);
		become_active(reader);
		if (!code)
			code = open_reader(reader);
		become_idle(reader);
	}
	if (code) {
		store_reader_close(reader);
		return status_of(code);
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

	become_active(reader);
	code = mdb_txn_renew(reader->txn);
	if (code == MDB_MAP_RESIZED) {
		become_idle(reader);
		code = replace_map(reader->store, 0);
		if (code)
			return status_of(code);
		become_active(reader);
		code = mdb_txn_renew(reader->txn);
	}
	if (!code) {
		code = mdb_cursor_renew(reader->txn, reader->rows);
		if (code)
			mdb_txn_reset(reader->txn);
	}
	if (code)
		become_idle(reader);
	else if (reader->memory)
		memory_renew(reader->memory, mdb_txn_id(reader->txn), reader->store->maps);
	return status_of(code);
}

void store_reader_reset(struct store_reader *reader)
{
	if (reader->borrowed || !reader->active)
		return;
	mdb_txn_reset(reader->txn);
	become_idle(reader);
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

/* Rows -------------------------------------------------------------------------------------------- */

static void to_row(const MDB_val *key, const MDB_val *value, struct row *row)
{
	row->key = key->mv_data;
	row->key_size = (uint32_t)key->mv_size;
	row->value = value->mv_data;
	row->size = (uint32_t)value->mv_size;
}

static enum rko_status seek_row(struct store_reader *reader, uint8_t *key, size_t key_size, struct row *ret_row,
				bool *ret_found)
{
	MDB_val at = { key_size + KEY_TAIL, key }, value;
	int code;

	reader->moves++;
	code = mdb_cursor_get(reader->rows, &at, &value, MDB_SET_RANGE);
	*ret_found = false;
	if (code == MDB_NOTFOUND)
		return RKO_OK;
	if (code)
		return status_of(code);
	if (at.mv_size != key_size + KEY_TAIL || memcmp(at.mv_data, key, key_size) != 0)
		return RKO_OK;
	to_row(&at, &value, ret_row);
	if (!row_intact(ret_row))
		return RKO_FACTS_DAMAGED;
	*ret_found = !row_is_tombstone(ret_row);
	return RKO_OK;
}

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
	if (status == RKO_OK)
		memory_keep(reader->memory, place, &recall, *ret_found ? ret_row : NULL, 0);
	return status;
}

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

		if (code || at->mv_size != cursor->key_size + KEY_TAIL ||
		    memcmp(at->mv_data, cursor->key, cursor->key_size) != 0)
			return code;
	}
	return seek_behind(reader, cursor, at, value);
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
		if (cursor->key_size && here)
			code = next_key(reader, cursor, &at, &value);
		else if (cursor->key_size)
			code = seek_behind(reader, cursor, &at, &value);
		else {
			at = (MDB_val){ prefix_size, (void *)(uintptr_t)prefix };
			code = mdb_cursor_get(reader->rows, &at, &value, MDB_SET_RANGE);
		}
		if (code == MDB_NOTFOUND || (!code && !begins(&at, prefix, prefix_size)))
			return RKO_OK;
		if (code)
			return status_of(code);
		size = at.mv_size - KEY_TAIL;
		if (size > sizeof cursor->key)
			return RKO_FACTS_DAMAGED;
		memcpy(cursor->key, at.mv_data, size);
		cursor->key_size = (uint32_t)size;
		cursor->looked++;
		cursor->moves = reader->moves;
		/* The key's newest row is at hand; an older generation is looked for by itself. */
		to_row(&at, &value, ret_row);
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

/* Goes on behind a remembered row; the reader's own cursor stands elsewhere. */
static void go_behind(struct store_reader *reader, struct store_cursor *cursor, const struct remembered *remembered)
{
	cursor->looked += remembered->looked;
	cursor->moves = reader->moves - 1;
	cursor->key_size = remembered->row_key_size - KEY_TAIL;
	memcpy(cursor->key, remembered->row_key, cursor->key_size);
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
		if (remembered->found)
			go_behind(reader, cursor, remembered);
		return give_remembered(remembered, ret_row, ret_found);
	}
	status = step(reader, cursor, prefix, prefix_size, generation, ret_row, ret_found);
	if (status == RKO_OK)
		memory_keep(reader->memory, place, &recall, *ret_found ? ret_row : NULL, cursor->looked - looked);
	return status;
}

enum rko_status store_history(struct store_reader *reader, struct store_cursor *cursor, const uint8_t *key,
			      size_t key_size, struct row *ret_row, bool *ret_found)
{
	uint8_t seek[LIMIT_KEY_BYTES + KEY_TAIL];
	MDB_val at = { key_size + KEY_TAIL, seek }, value;
	int code;

	*ret_found = false;
	memcpy(seek, key, key_size);
	/* `looked` holds the generation last given, inverted, plus one. */
	put_be32(seek + key_size, cursor->looked);
	reader->moves++;
	code = mdb_cursor_get(reader->rows, &at, &value, MDB_SET_RANGE);
	if (code == MDB_NOTFOUND)
		return RKO_OK;
	if (code)
		return status_of(code);
	if (at.mv_size != key_size + KEY_TAIL || memcmp(at.mv_data, key, key_size) != 0)
		return RKO_OK;
	to_row(&at, &value, ret_row);
	if (!row_intact(ret_row))
		return RKO_FACTS_DAMAGED;
	cursor->looked = ~row_generation(ret_row) + 1;
	*ret_found = true;
	return RKO_OK;
}

/* Strings and values ------------------------------------------------------------------------------ */

enum { VALUE_TAIL = 4 };	/* the checksum behind a value that is not a row */

/* Takes the checksum off a value. False when it does not match. */
static bool take_checksum(int db, const MDB_val *key, MDB_val *value)
{
	const uint8_t *data = value->mv_data;

	if (value->mv_size < VALUE_TAIL)
		return false;
	value->mv_size -= VALUE_TAIL;
	return get_le32(data + value->mv_size) ==
	       value_checksum((uint32_t)db, key->mv_data, key->mv_size, data, value->mv_size);
}

static enum rko_status get(struct store_reader *reader, int db, const void *key, size_t size, MDB_val *ret_value,
			   bool *ret_found)
{
	MDB_val at = { size, (void *)(uintptr_t)key };
	int code = mdb_get(reader->txn, reader->store->dbi[db], &at, ret_value);

	*ret_found = code == MDB_SUCCESS;
	if (code)
		return code == MDB_NOTFOUND ? RKO_OK : status_of(code);
	return take_checksum(db, &at, ret_value) ? RKO_OK : RKO_FACTS_DAMAGED;
}

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
	status = get(reader, DB_IDS, text.at, text.len, &value, &found);
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
	status = get(reader, DB_NAMES, key, sizeof key, &value, &found);
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
	return status_of(code);
}

enum rko_status store_value(struct store_reader *reader, struct text what, struct text *ret_value,
			    bool *ret_found)
{
	MDB_val value;
	enum rko_status status = get(reader, DB_SCHEMA, what.at, what.len, &value, ret_found);

	if (status == RKO_OK && *ret_found)
		*ret_value = (struct text){ value.mv_data, value.mv_size };
	return status;
}

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

enum rko_status store_values(struct store_reader *reader, struct text prefix,
			     bool (*act)(void *context, struct text what, struct text value), void *context)
{
	MDB_val at = { prefix.len, (void *)(uintptr_t)prefix.at }, value;
	MDB_cursor *cursor;
	int code = mdb_cursor_open(reader->txn, reader->store->dbi[DB_SCHEMA], &cursor);

	if (code)
		return status_of(code);
	for (code = mdb_cursor_get(cursor, &at, &value, MDB_SET_RANGE); !code;
	     code = mdb_cursor_get(cursor, &at, &value, MDB_NEXT)) {
		if (at.mv_size < prefix.len || memcmp(at.mv_data, prefix.at, prefix.len) != 0)
			break;
		if (!take_checksum(DB_SCHEMA, &at, &value)) {
			mdb_cursor_close(cursor);
			return RKO_FACTS_DAMAGED;
		}
		if (!act(context, (struct text){ at.mv_data, at.mv_size },
			 (struct text){ value.mv_data, value.mv_size }))
			break;
	}
	mdb_cursor_close(cursor);
	return code == MDB_NOTFOUND ? RKO_OK : status_of(code);
}

/* Generations ------------------------------------------------------------------------------------- */

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
	status = get(reader, DB_META, key, sizeof key, &value, &found);
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
		return status_of(code);
	/* Newest first: nearly always the first is the one. */
	code = mdb_cursor_get(reader->meta, &at, &value, MDB_SET_RANGE);
	while (!code && *(const char *)at.mv_data == 'g') {
		if (!take_checksum(DB_META, &at, &value) || !read_generation(&at, &value, &generation)) {
			status = RKO_FACTS_DAMAGED;
			break;
		}
		if (generation.recorded <= instant)
			break;
		generation = (struct generation){ 0 };
		code = mdb_cursor_get(reader->meta, &at, &value, MDB_NEXT);
	}
	if (status == RKO_OK && code && code != MDB_NOTFOUND)
		status = status_of(code);
	if (status == RKO_OK)
		*ret_generation = generation;
	return status;
}

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
		return status_of(code);
	refreshed_key(key, kind, generation);
	code = mdb_cursor_get(reader->meta, &at, &value, MDB_SET_RANGE);
	if (!code && at.mv_size == sizeof key && memcmp(at.mv_data, key, 3) == 0) {
		if (!take_checksum(DB_META, &at, &value) || value.mv_size != 8)
			return RKO_FACTS_DAMAGED;
		*ret_instant = (int64_t)get_le64(value.mv_data);
		*ret_found = true;
	}
	return code == MDB_NOTFOUND ? RKO_OK : status_of(code);
}

/* Writing ----------------------------------------------------------------------------------------- */

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
		code = replace_map(store, 0);
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
		pthread_mutex_unlock(&store->writer_lock);
		free(writer);
		return status_of(code);
	}
	*ret_writer = writer;
	return RKO_OK;
}

struct store_reader *store_writer_reader(struct store_writer *writer)
{
	return &writer->reader;
}

/* A value that is not a row, with its checksum behind it. */
static enum rko_status put(struct store_writer *writer, int db, const void *key, size_t key_size,
			   const void *value, size_t size, bool append)
{
	MDB_val at = { key_size, (void *)(uintptr_t)key }, data = { size + VALUE_TAIL, NULL };
	int code = mdb_put(writer->txn, writer->store->dbi[db], &at, &data,
			   MDB_RESERVE | (append ? MDB_APPEND : 0));

	if (code)
		return write_status_of(code);
	memcpy(data.mv_data, value, size);
	put_le32((uint8_t *)data.mv_data + size, value_checksum((uint32_t)db, key, key_size, value, size));
	return RKO_OK;
}

enum rko_status store_put_row(struct store_writer *writer, const uint8_t *key, size_t key_size,
			      const uint8_t *value, size_t size, bool append)
{
	MDB_val at = { key_size, (void *)(uintptr_t)key }, data = { size, (void *)(uintptr_t)value };

	return write_status_of(mdb_put(writer->txn, writer->store->dbi[DB_ROWS], &at, &data, append ? MDB_APPEND : 0));
}

enum rko_status store_put_name(struct store_writer *writer, uint32_t number, struct text text, bool append)
{
	uint8_t key[4];

	put_be32(key, number);
	return put(writer, DB_NAMES, key, sizeof key, text.at, text.len, append);
}

enum rko_status store_put_number(struct store_writer *writer, struct text text, uint32_t number, bool append)
{
	uint8_t value[4];

	put_le32(value, number);
	return put(writer, DB_IDS, text.at, text.len, value, sizeof value, append);
}

enum rko_status store_put_value(struct store_writer *writer, struct text what, struct text value)
{
	return put(writer, DB_SCHEMA, what.at, what.len, value.at, value.len, false);
}

enum rko_status store_put_source(struct store_writer *writer, uint32_t generation, uint32_t number, struct text name)
{
	struct source_key key = source_key(generation, number);

	return store_put_value(writer, (struct text){ key.at, key.size }, name);
}

enum rko_status store_put_generation(struct store_writer *writer, const struct generation *generation)
{
	uint8_t key[GENERATION_KEY], value[GENERATION_BYTES];

	generation_key(key, generation->number);
	put_le64(value, (uint64_t)generation->recorded);
	put_le32(value + 8, generation->rows);
	put_le32(value + 12, generation->schema);
	return put(writer, DB_META, key, sizeof key, value, sizeof value, false);
}

enum rko_status store_put_refreshed(struct store_writer *writer, uint16_t kind, uint32_t generation,
				    int64_t instant)
{
	uint8_t key[REFRESHED_KEY], value[8];

	refreshed_key(key, kind, generation);
	put_le64(value, (uint64_t)instant);
	return put(writer, DB_META, key, sizeof key, value, sizeof value, false);
}

enum rko_status store_write_commit(struct store_writer *writer)
{
	int code;

	mdb_cursor_close(writer->reader.rows);
	mdb_cursor_close(writer->reader.meta);
	code = mdb_txn_commit(writer->txn);
	pthread_mutex_unlock(&writer->store->writer_lock);
	free(writer);
	return write_status_of(code);
}

void store_write_abort(struct store_writer *writer)
{
	if (!writer)
		return;
	mdb_cursor_close(writer->reader.rows);
	mdb_cursor_close(writer->reader.meta);
	mdb_txn_abort(writer->txn);
	pthread_mutex_unlock(&writer->store->writer_lock);
	free(writer);
}
