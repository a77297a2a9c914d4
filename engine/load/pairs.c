/* SPDX-License-Identifier: EUPL-1.2 */
/* Pairs: numbers by numbers, in a table of the load's own memory. */
#include "engine/load/load.h"

static size_t pair_place(const struct pairs *pairs, uint64_t key)
{
	size_t mask = pairs->nslots - 1;
	size_t at = (size_t)((key * 0x9e3779b97f4a7c15ull) >> 20) & mask;

	while (pairs->slots[at].key && pairs->slots[at].key != key + 1)
		at = (at + 1) & mask;
	return at;
}

uint64_t pairs_get(const struct pairs *pairs, uint64_t key)
{
	const struct pair_slot *slot;

	if (!pairs->nslots)
		return UINT64_MAX;
	slot = &pairs->slots[pair_place(pairs, key)];
	return slot->key ? slot->value : UINT64_MAX;
}

bool pairs_add(struct pairs *pairs, struct arena *arena, uint64_t key, uint64_t value)
{
	struct pair_slot *slot;

	if ((pairs->count + 1) * 3 > pairs->nslots * 2) {
		struct pairs old = *pairs;

		pairs->nslots = old.nslots ? old.nslots * 2 : 64;
		pairs->slots = ARENA_ARRAY(arena, pairs->nslots, struct pair_slot);
		for (size_t i = 0; i < old.nslots; i++)
			if (old.slots[i].key)
				pairs->slots[pair_place(pairs, old.slots[i].key - 1)] = old.slots[i];
	}
	slot = &pairs->slots[pair_place(pairs, key)];
	if (slot->key)
		return false;
	*slot = (struct pair_slot){ key + 1, value };
	pairs->count++;
	return true;
}

void pairs_set(struct pairs *pairs, uint64_t key, uint64_t value)
{
	pairs->slots[pair_place(pairs, key)].value = value;
}
