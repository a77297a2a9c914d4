/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Load: rows in memory between a file and the store.
 *
 *   values -> row bytes (stage.c) -> sorted, checked (check.c) -> one transaction (commit.c)
 *
 * Numbers of strings are given while rows are staged, on top of those the store has; the store's generation at
 * the beginning is remembered, and a commit on any other one is refused.
 */
#ifndef RKO_LOAD_LOAD_H
#define RKO_LOAD_LOAD_H

#include <setjmp.h>
#include <stdarg.h>

#include <rko/load.h>

#include "engine/base/buf.h"
#include "engine/base/diag.h"
#include "engine/decide/bind.h"
#include "engine/facts/facts.h"
#include "engine/facts/schema.h"

/* A map of pairs of numbers. */
struct pair_slot {
	uint64_t key;	/* + 1; 0: free */
	uint64_t value;
};

struct pairs {
	struct pair_slot *slots;
	size_t nslots, count;
};

struct staged {
	uint64_t prefix;	/* the first bytes of the key's fields, to sort by */
	uint8_t *bytes;		/* key with generation, then the value */
	uint32_t size;		/* of the value */
	bool same;		/* the store has it already */
	uint64_t origin;
};

struct staged_kind {
	struct staged *rows;
	size_t count, cap;
	bool tombstones;
	bool moved;	/* some row differs from the stored one in what checks of other kinds look at */
};

struct new_id {
	struct text text;
	uint32_t number;
};

/* The id that a field last had: rows come in the order of their keys, and neighbours share most of them. */
struct last_id {
	struct text text;
	uint32_t number;
	uint32_t record;	/* that the field refers to; noted already */
};

struct refreshed {
	uint32_t record;
	int64_t instant;
};

struct rko_load {
	struct rko_policy *policy;
	struct rko_facts *facts;
	struct store_reader *reader;	/* renewed while rows are staged */
	struct binding *binding;	/* with the schema as it will be */
	struct generation base;		/* the newest when the load began */
	uint32_t generation;		/* the one that is being made */
	struct arena arena;
	struct bind bind;
	bool bind_ready;
	enum rko_status status;		/* the first that was not RKO_OK: the load is then of no use */

	struct map ids;			/* text -> number, of those met */
	struct last_id last[LIMIT_FIELDS];	/* by field */
	struct new_id *new_ids;
	size_t nnew_ids, cap_new_ids;
	uint32_t next_id;

	struct staged_kind *kinds;	/* by record */
	struct pairs by_id;		/* record and id -> staged row, of kinds with one key field */
	struct pairs references;	/* record and id -> origin of the first that refers to it */
	struct refreshed *refreshed;
	size_t nrefreshed, cap_refreshed;
	uint64_t nrows;
	uint64_t nbytes;

	struct rko_load_fault *faults;
	size_t nfaults, nkept, cap_faults;

	struct map sources;		/* what the rows are read from: name -> number */
	struct row_place place;		/* of the next row */
	rko_load_watch_fn *watch;
	void *watch_context;
};

/* Adds a fault. `help` may be NULL. */
void load_fault(struct rko_load *load, enum diag_code code, uint64_t origin, uint64_t other, const char *help,
		const char *format, ...) __attribute__((format(printf, 6, 7)));
void load_watch(struct rko_load *load, const char *doing, uint64_t done, uint64_t of);

/* A pair's value, or UINT64_MAX. */
uint64_t pairs_get(const struct pairs *pairs, uint64_t key);
/* Sets a value that is not there yet; gives false, and leaves it, when it is. */
bool pairs_add(struct pairs *pairs, struct arena *arena, uint64_t key, uint64_t value);
/* Sets a value that is there. */
void pairs_set(struct pairs *pairs, uint64_t key, uint64_t value);

static inline uint64_t pair_of(uint32_t record, uint32_t id)
{
	return (uint64_t)record << 32 | id;
}

/* check.c: sorts what was staged and adds what is wrong with the whole. */
enum rko_status load_check(struct rko_load *load);

/* Names of a kind's fields in faults. */
static inline const char *load_string(const struct rko_load *load, uint32_t at)
{
	return image_string(&load->policy->image, at);
}

#endif
