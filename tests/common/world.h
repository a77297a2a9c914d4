/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * World: the rows of a store in memory, where the steps of a change are written into them, and from where they are
 * loaded again. A step is followed word by word, from its structure alone: which record, which fields, which values.
 * What it leaves open is filled with anything, by a seed: another seed, other values, so that a demand that was not told is
 * met by some seeds and by others not.
 */
#ifndef RKO_TESTS_WORLD_H
#define RKO_TESTS_WORLD_H

#include <stdbool.h>

#include <rko/explain.h>
#include <rko/load.h>

#include "engine/base/arena.h"
#include "engine/base/limits.h"

struct cell {
	enum rko_value_kind kind;
	const char *texts[64];		/* one; of a set its elements */
	size_t count;
};

struct world_row {
	uint32_t kind;
	struct cell cells[LIMIT_FIELDS];
	bool removed, changed;
};

struct world {
	struct arena arena;
	struct rko_policy *policy;
	rko_day today;
	struct world_row *rows;
	size_t count, cap;
	uint32_t random;
	unsigned fresh;			/* ids made so far */
	char lacks[300];		/* what the structure of a step does not say; or empty */
};

/* Reads all rows as of a generation (0: the newest). */
void world_read(struct world *world, struct rko_policy *policy, struct rko_facts *facts, uint32_t as_of, rko_day today);
void world_free(struct world *world);

/*
 * Writes a step that facts can do. False when no fact could be found that it allows; `lacks` says so when it is
 * the structure that does not say enough.
 */
bool world_apply(struct world *world, const struct rko_why_step *step, uint32_t seed);
/* Loads what has changed. RKO_FACTS_REFUSED: the store does not take it; *ret_fault says why (256 bytes). */
enum rko_status world_load(struct world *world, struct rko_facts *facts, int64_t recorded, char *ret_fault);
/* A value that a need of the request allows. */
const char *world_choose(struct world *world, const struct rko_why_need *need, bool may_be_open, uint32_t seed);

#endif
