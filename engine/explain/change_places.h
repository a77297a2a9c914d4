/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Places: where the ways of a search can come to, found as they are asked for and each once. A way stands on a node of
 * the analysis diagram; on several where what is unknown is left so, of which all must come to `granted`; and on a node
 * of the condition of a row that is to be.
 */
#ifndef RKO_EXPLAIN_CHANGE_PLACES_H
#define RKO_EXPLAIN_CHANGE_PLACES_H

#include "engine/explain/change.h"

enum { NO_WAY = 0xffff };
#define NO_PLACE UINT32_MAX

struct place {
	uint32_t where;		/* of the condition; IMAGE_TERMINAL | 1: it is met, or there is none */
	bool granted;		/* some way on from what was left unknown has come to it */
	const uint32_t *nodes;	/* in ascending order */
	uint32_t count;
	uint32_t feature;	/* that is asked there; UINT32_MAX: the way is at its end, and is granted */
	uint32_t *to;		/* by class, and behind them for what is left unknown: place + 2; 1: none; 0: not asked yet */
	uint32_t round;		/* in which `least` was worked out */
	uint16_t least;		/* facts that are still needed at the least; NO_WAY */
	uint32_t ways;		/* of the search: the first, or IMAGE_NONE */
};

struct places {
	struct change *change;
	struct arena *arena;
	const uint32_t *words;
	uint64_t begun;		/* facts that change in any case */
	uint64_t allowed;	/* facts that may change */
	uint64_t *first;	/* by feature: facts of which it is the first feature */
	bool *alone;		/* by feature: its facts touch no other */
	uint32_t round;
	struct place *list;
	size_t count, cap;
	uint32_t *table;	/* by hash: place + 1 */
	size_t slots;
};

void places_init(struct places *places, struct change *change, uint64_t begun, uint64_t allowed);
/* Facts are no longer allowed: what is needed at the least is worked out anew. */
void places_leave_out(struct places *places, uint64_t facts);
/* Where a search begins, or NO_PLACE. */
uint32_t places_begin(struct places *places, uint32_t analysis, uint32_t where);
/* Where an answer leads, or NO_PLACE; IMAGE_NONE: where all of them lead. Places may move. */
uint32_t place_after(struct places *places, uint32_t place, uint32_t class_);
/* Places may move. */
uint16_t place_least(struct places *places, uint32_t place);

static inline bool place_is_end(const struct place *place)
{
	return place->feature == UINT32_MAX;
}

static inline uint64_t places_facts(const struct places *places, uint32_t feature)
{
	return places->change->touch[feature] & places->allowed;
}

/* Whether a row that is to be can have an answer: it has a value in each field that cannot be none. */
bool places_can_be(const struct places *places, uint32_t feature, uint32_t class_);

#endif
