/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the files of the plan share. For them alone.
 *
 *   plan_values.c    slots and values: records, and what is read from them
 *   plan_places.c    what places lead to: slots, values and scans, looked up by keys that are places
 *   plan_features.c  features
 *   plan_sets.c      sets of codes, and the features that they come down to
 *   plan_dates.c     dates, their order, and the features that they come down to
 *   plan.c           the beginning of a plan; and settling, once every condition has been lowered
 *
 * Each thing is made when it is first asked for, and found by its key from then on.
 */
#ifndef RKO_DSL_PLAN_PARTS_H
#define RKO_DSL_PLAN_PARTS_H

#include <string.h>

#include "dsl/diagram/plan.h"
#include "engine/base/arena.h"

#define PLAN_ADD(plan, list, item) \
	((plan)->list = arena_grow((plan)->arena, (plan)->list, (plan)->n##list, \
				   &(plan)->cap_##list, sizeof *(plan)->list), \
	 (plan)->list[(plan)->n##list] = (item), (plan)->n##list++)

/* What a thing is known by: its kind, as a letter, and the numbers that tell it from others. */
static inline struct text plan_key(struct plan *plan, char letter, uint32_t a, uint32_t b, uint32_t c)
{
	const uint32_t words[] = { (uint32_t)letter, a, b, c };
	char *at = arena_alloc(plan->arena, sizeof words);

	memcpy(at, words, sizeof words);
	return (struct text){ at, sizeof words };
}

/* The number of a key; where it is not known yet, `next`, which is its number from now on. */
static inline uint32_t plan_find(struct map *map, struct text key, bool *ret_new, uint32_t next)
{
	uint32_t old = map_get(map, key);

	*ret_new = old == MAP_NONE;
	if (*ret_new)
		map_set(map, key, next);
	return *ret_new ? next : old;
}

/* A thing hangs on what a value that it needs hangs on. */
static inline void plan_hang(uint32_t *hangs, bool *pivot, const struct value *on)
{
	if (on->hangs != HANGS_ON_NOTHING)
		*hangs = on->hangs;
	*pivot |= on->pivot;
}

/* Whether a field of the request can be missing: for some action it is neither given nor found. */
static inline bool plan_request_lacks(const struct plan *plan, const struct request_field *field)
{
	uint32_t all = (uint32_t)((1ull << plan->question->nactions) - 1);

	return (field->given | field->found) != all || field->type.none;
}

/* plan_values.c */

/* The slot of a key: the one there is, or this one. */
uint32_t plan_slot_add(struct plan *plan, struct text key, struct slot slot);
/* A field of all rows of a scan. */
uint32_t plan_value_rows(struct plan *plan, uint32_t scan, uint32_t field);

/* plan_features.c */

/* The feature of a key, or NOWHERE: a name need not be made for one that is there. */
static inline uint32_t feature_known(struct plan *plan, struct text key)
{
	return map_get(&plan->feature_map, key);
}

/* The feature of a key: the one there is, or this one; NOWHERE where none may be added. */
uint32_t feature_add(struct plan *plan, struct text key, struct feature feature);
/* A feature asks a value: it hangs on what that hangs on, and is none where that can be missing. */
void feature_hang(struct plan *plan, struct feature *feature, uint32_t value);

/* plan_sets.c, plan_dates.c: once every condition has been lowered. */
void plan_settle_set(struct plan *plan, struct partition *partition);
void plan_settle_dates(struct plan *plan, struct dates *dates);

#endif
