/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/base/map.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "engine/base/arena.h"

uint64_t map_hash(const void *data, size_t size)
{
	return XXH3_64bits(data, size);
}

void map_init(struct map *map, struct arena *arena)
{
	*map = (struct map){ .arena = arena };
}

static struct map_slot *find_slot(const struct map *map, struct text key, uint64_t hash)
{
	size_t mask = map->nslots - 1;

	for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
		struct map_slot *slot = &map->slots[i];

		if (!slot->entry)
			return slot;
		if (slot->hash == hash && text_equal(map->entries[slot->entry - 1].key, key))
			return slot;
	}
}

static void rehash(struct map *map)
{
	struct map_slot *old = map->slots;
	size_t count = map->nslots;

	map->nslots = count ? count * 2 : 16;
	map->slots = ARENA_ARRAY(map->arena, map->nslots, struct map_slot);
	for (size_t i = 0; i < count; i++) {
		size_t at = (size_t)old[i].hash & (map->nslots - 1);

		if (!old[i].entry)
			continue;
		while (map->slots[at].entry)
			at = (at + 1) & (map->nslots - 1);
		map->slots[at] = old[i];
	}
}

uint32_t map_get(const struct map *map, struct text key)
{
	const struct map_slot *slot;

	if (!map->nslots)
		return MAP_NONE;
	slot = find_slot(map, key, map_hash(key.at, key.len));
	return slot->entry ? map->entries[slot->entry - 1].value : (uint32_t)MAP_NONE;
}

/* The entry of `key`, made with `value` when it is new. */
static struct map_entry *reach(struct map *map, struct text key, uint32_t value)
{
	uint64_t hash = map_hash(key.at, key.len);
	struct map_slot *slot;

	if ((map->count + 1) * 4 > map->nslots * 3)
		rehash(map);
	slot = find_slot(map, key, hash);
	if (!slot->entry) {
		map->entries = arena_grow(map->arena, map->entries, map->count, &map->cap,
					  sizeof *map->entries);
		map->entries[map->count] = (struct map_entry){ text_copy(map->arena, key), value };
		slot->hash = hash;
		slot->entry = (uint32_t)++map->count;
	}
	return &map->entries[slot->entry - 1];
}

void map_set(struct map *map, struct text key, uint32_t value)
{
	reach(map, key, value)->value = value;
}

uint32_t map_intern(struct map *map, struct text key)
{
	return (uint32_t)(reach(map, key, (uint32_t)map->count) - map->entries);
}
