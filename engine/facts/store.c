/* SPDX-License-Identifier: EUPL-1.2 */
/* Opening and closing: one environment, its databases, and the format of what it holds. */
#include "engine/facts/store_parts.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>

static const char *const db_names[DBS] = { "rows", "ids", "names", "schema", "meta" };

enum { MAX_READERS = 510 };

static const size_t map_first = 64u << 20, map_default = 64ull << 30;

static pthread_mutex_t open_lock = PTHREAD_MUTEX_INITIALIZER;
static struct store *open_stores;

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

/* Format ------------------------------------------------------------------------------------------- */

/* A store of another format may keep what it keeps in another way: its number is looked at before its checksum. */
static enum rko_status read_format(struct store_reader *reader, struct text what, bool *ret_found)
{
	MDB_val at = { what.len, (void *)(uintptr_t)what.at }, value;
	struct text checked;
	int code = mdb_get(reader->txn, reader->store->dbi[DB_SCHEMA], &at, &value);

	*ret_found = code == MDB_SUCCESS;
	if (code)
		return code == MDB_NOTFOUND ? RKO_OK : store_status(code);
	if (value.mv_size < 4 || get_le32(value.mv_data) != STORE_FORMAT)
		return RKO_FACTS_SCHEMA;
	return store_value(reader, what, &checked, ret_found);
}

static enum rko_status find_format(struct store *store, struct text what, bool *ret_found)
{
	struct store_reader *reader;
	enum rko_status status = store_reader_begin(store, &reader);

	if (status != RKO_OK)
		return status;
	status = read_format(reader, what, ret_found);
	store_reader_close(reader);
	return status;
}

static enum rko_status write_format(struct store *store, struct text what)
{
	struct store_writer *writer;
	enum rko_status status;
	uint8_t format[4];

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

static enum rko_status check_format(struct store *store, unsigned flags)
{
	struct text what = TEXT("format");
	bool found = false;
	enum rko_status status = find_format(store, what, &found);

	if (status != RKO_OK || found)
		return status;
	return flags & STORE_CREATE ? write_format(store, what) : RKO_FACTS_MISSING;
}

/* Opening ------------------------------------------------------------------------------------------ */

/* A store is its two files: a folder may have got another name since, or others may stand in its place. */
static void find_files(const char *path, struct stat files[STORE_FILES])
{
	static const char *const names[STORE_FILES] = { "data.mdb", "lock.mdb" };

	for (int i = 0; i < STORE_FILES; i++) {
		char file[PATH_MAX];

		/* A path too long for this is too long for the system. */
		if (snprintf(file, sizeof file, "%s/%s", path, names[i]) >= (int)sizeof file || stat(file, &files[i]) < 0)
			files[i].st_nlink = 0;	/* it is not there */
	}
}

/* One of the files is enough: closing the one store would take the locks of the other. */
static bool is_open(const struct stat files[STORE_FILES])
{
	for (const struct store *store = open_stores; store; store = store->next)
		for (int i = 0; i < STORE_FILES; i++)
			if (files[i].st_nlink && store->files[i].st_dev == files[i].st_dev &&
			    store->files[i].st_ino == files[i].st_ino)
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
	return store_status(code);
}

static struct store *new_store(size_t map_bytes)
{
	struct store *store = calloc(1, sizeof *store);

	if (!store)
		return NULL;
	store->map_max = map_bytes ? map_bytes : map_default;
	pthread_mutex_init(&store->readers_lock, NULL);
	pthread_mutex_init(&store->writer_lock, NULL);
	return store;
}

/* Opens the environment and lists the store, if no other of this process has it open (EBUSY). */
static enum rko_status open_once(struct store *store, const char *path, unsigned flags)
{
	enum rko_status status = RKO_ARGUMENT;

	pthread_mutex_lock(&open_lock);
	find_files(path, store->files);
	if (is_open(store->files)) {
		errno = EBUSY;
	} else if (is_remote(path)) {
		errno = ENOTSUP;
	} else {
		status = open_environment(store, path, flags);
		if (status == RKO_OK) {
			find_files(path, store->files);
			store->next = open_stores;
			open_stores = store;
		}
	}
	pthread_mutex_unlock(&open_lock);
	return status;
}

enum rko_status store_open(const char *path, unsigned flags, size_t map_bytes, struct store **ret_store)
{
	struct store *store;
	enum rko_status status;
	struct stat folder;

	if (flags & STORE_CREATE)
		flags |= STORE_WRITE;
	if (flags & STORE_CREATE && mkdir(path, 0750) < 0 && errno != EEXIST)
		return RKO_IO;
	if (stat(path, &folder) < 0)
		return RKO_FACTS_MISSING;
	store = new_store(map_bytes);
	if (!store)
		return RKO_NO_MEMORY;
	status = open_once(store, path, flags);
	if (status != RKO_OK) {
		if (store->env)
			mdb_env_close(store->env);
		free_store(store);
		return status;
	}
	status = check_format(store, flags);
	if (status != RKO_OK) {
		store_close(store);
		return status;
	}
	*ret_store = store;
	return RKO_OK;
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

enum rko_status store_clean(struct store *store, int *ret_dead)
{
	*ret_dead = 0;
	return store_status(mdb_reader_check(store->env, ret_dead));
}
