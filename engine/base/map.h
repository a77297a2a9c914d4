/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Map: byte strings to numbers, in an arena. Used for names (interning), for hash-consing and for
 * memo tables. Numbers are given in order of first appearance, so results do not depend on hashes.
 */
#ifndef RKO_BASE_MAP_H
#define RKO_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "engine/base/text.h"

struct arena;

enum { MAP_NONE = UINT32_MAX };

struct map_slot {
	uint64_t hash;
	uint32_t entry;		/* index + 1; 0 is free */
};

struct map_entry {
	struct text key;	/* a copy in the arena */
	uint32_t value;
};

struct map {
	struct arena *arena;
	struct map_slot *slots;
	size_t nslots;
	struct map_entry *entries;
	size_t count;
	size_t cap;
};

void map_init(struct map *map, struct arena *arena);
/* The value of `key`, or MAP_NONE. */
uint32_t map_get(const struct map *map, struct text key);
/* Sets the value, which must not be MAP_NONE. */
void map_set(struct map *map, struct text key, uint32_t value);
/* The number of `key`: its place among the keys in order of first appearance. */
uint32_t map_intern(struct map *map, struct text key);
/* The key with that number. */
static inline struct text map_key(const struct map *map, uint32_t number)
{
	return map->entries[number].key;
}

uint64_t map_hash(const void *data, size_t size);

#endif
