/* SPDX-License-Identifier: EUPL-1.2 */
/* The floor: what LMDB itself needs for a decision's operations. Nothing is read of what is found. */
#include <lmdb.h>
#include <stdlib.h>

#include "tests/bench/tape.h"
#include "tests/bench/world.h"

struct floor {
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi[TAPE_DATABASES];
	MDB_cursor *cursor[TAPE_DATABASES];
};

static void must(int code, const char *what)
{
	if (code)
		world_fail("floor: %s: %s", what, mdb_strerror(code));
}

/* As engine/facts/store.c opens it. */
struct floor *floor_open(const char *path)
{
	struct floor *floor = calloc(1, sizeof *floor);

	if (!floor)
		world_fail("no memory");
	must(mdb_env_create(&floor->env), "mdb_env_create");
	must(mdb_env_set_maxdbs(floor->env, TAPE_DATABASES), "mdb_env_set_maxdbs");
	must(mdb_env_set_maxreaders(floor->env, 510), "mdb_env_set_maxreaders");
	must(mdb_env_open(floor->env, path, MDB_NOTLS | MDB_RDONLY, 0640), "mdb_env_open");
	must(mdb_txn_begin(floor->env, NULL, MDB_RDONLY, &floor->txn), "mdb_txn_begin");
	for (int i = 0; i < TAPE_DATABASES; i++)
		must(mdb_dbi_open(floor->txn, tape_databases[i], 0, &floor->dbi[i]), "mdb_dbi_open");
	must(mdb_txn_commit(floor->txn), "mdb_txn_commit");
	must(mdb_txn_begin(floor->env, NULL, MDB_RDONLY, &floor->txn), "mdb_txn_begin");
	for (int i = 0; i < TAPE_DATABASES; i++)
		must(mdb_cursor_open(floor->txn, floor->dbi[i], &floor->cursor[i]), "mdb_cursor_open");
	mdb_txn_reset(floor->txn);
	return floor;
}

void floor_close(struct floor *floor)
{
	for (int i = 0; i < TAPE_DATABASES; i++)
		mdb_cursor_close(floor->cursor[i]);
	mdb_txn_abort(floor->txn);
	mdb_env_close(floor->env);
	free(floor);
}

static inline int do_op(struct floor *floor, const struct tape_op *op, MDB_val *key, MDB_val *value)
{
	*key = (MDB_val){ op->key_size, (void *)(uintptr_t)tape_key(op) };
	switch ((enum tape_what)op->what) {
	case TAPE_RENEW:
		return mdb_txn_renew(floor->txn);
	case TAPE_RESET:
		mdb_txn_reset(floor->txn);
		return 0;
	case TAPE_CURSOR_RENEW:
		return mdb_cursor_renew(floor->txn, floor->cursor[op->database]);
	case TAPE_CURSOR_GET:
		return mdb_cursor_get(floor->cursor[op->database], key, value, (MDB_cursor_op)op->move);
	case TAPE_GET:
		return mdb_get(floor->txn, floor->dbi[op->database], key, value);
	case TAPE_WHATS:
		break;
	}
	return MDB_INCOMPATIBLE;
}

void floor_run(struct floor *floor, const uint8_t *at, size_t size)
{
	MDB_val key, value;

	for (const uint8_t *end = at + size; at < end; at += tape_step((const struct tape_op *)at))
		do_op(floor, (const struct tape_op *)at, &key, &value);
}

uint32_t floor_check(struct floor *floor, const uint8_t *at, size_t size)
{
	uint32_t different = 0;

	for (const uint8_t *end = at + size; at < end; at += tape_step((const struct tape_op *)at)) {
		const struct tape_op *op = (const struct tape_op *)at;
		MDB_val key, value;
		int code = do_op(floor, op, &key, &value);
		bool finds = op->what == TAPE_GET || op->what == TAPE_CURSOR_GET;

		different += code != op->code ||
			     (finds && !code && op->found != tape_sum(key.mv_data, key.mv_size, value.mv_data,
								      value.mv_size));
	}
	return different;
}
