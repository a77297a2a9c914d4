/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the files of the store share, and the only header that includes LMDB's. For them alone.
 *
 *   store.c              opening and closing: the environment, its databases, the format
 *   store_map.c          the map: how large, and larger while nobody reads
 *   store_readers.c      readers: one state of the facts from renew to reset
 *   store_rows.c         rows as of a generation, and one that is put
 *   store_values.c       all entries that are no rows, with their checksum; strings and named values
 *   store_generations.c  generations, and when kinds were refreshed
 *   store_write.c        a writer: its transaction from begin to commit
 *   store_status.c       what LMDB's codes mean
 */
#ifndef RKO_FACTS_STORE_PARTS_H
#define RKO_FACTS_STORE_PARTS_H

#include <lmdb.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/facts/memory.h"
#include "engine/facts/store.h"

enum { DB_ROWS, DB_IDS, DB_NAMES, DB_SCHEMA, DB_META, DBS };
enum { STORE_FILES = 2 };

struct store {
	MDB_env *env;
	MDB_dbi dbi[DBS];
	size_t map_max;
	struct stat files[STORE_FILES];	/* as they were when it was opened; data.mdb, lock.mdb */
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

/* store_status.c */

/* Of a code that is no success; errno is that of the system. */
enum rko_status store_failure(int code);
/* Of a write: what the system refuses is the disk's fault, not the store's. */
enum rko_status store_write_status(int code);

static inline enum rko_status store_status(int code)
{
	return code == MDB_SUCCESS ? RKO_OK : store_failure(code);
}

/* store_map.c */

/* A map of `bytes`, or (0) as large as another process has made it. Waits until no reader is active. A code of LMDB. */
int store_replace_map(struct store *store, size_t bytes);
/* Before anything is read; waits while the map is being replaced. */
void store_enter(struct store_reader *reader);
void store_leave(struct store_reader *reader);

/* store_values.c */

enum { VALUE_TAIL = 4 };	/* the checksum behind a value that is not a row */

/* Takes the checksum off a value. False when it does not match. */
static inline bool store_checked(int db, const MDB_val *key, MDB_val *value)
{
	const uint8_t *data = value->mv_data;

	if (value->mv_size < VALUE_TAIL)
		return false;
	value->mv_size -= VALUE_TAIL;
	return get_le32(data + value->mv_size) ==
	       value_checksum((uint32_t)db, key->mv_data, key->mv_size, data, value->mv_size);
}

/* An entry of a database other than `rows`, without its checksum. RKO_FACTS_DAMAGED when that does not match. */
enum rko_status store_entry(struct store_reader *reader, int db, const void *key, size_t size, MDB_val *ret_value,
			    bool *ret_found);
/* Puts one, with its checksum behind it. `append`: as of store_put_row(). */
enum rko_status store_put(struct store_writer *writer, int db, const void *key, size_t key_size, const void *value,
			  size_t size, bool append);

#endif
