/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/explain/change_places.h"

enum { OPEN_ENDS = 24, SLOTS_FIRST = 1024 };

/* What a place is made of, while it is made. */
struct ends {
	uint32_t where;
	uint32_t granted;
	uint32_t count;
	bool dead;
	uint32_t nodes[OPEN_ENDS];
};

static void add_end(struct places *places, struct ends *ends, uint32_t ref)
{
	uint32_t i = 0;

	if (image_is_terminal(ref)) {
		ends->granted |= image_value_of(ref) == IMAGE_OUT_GRANTED;
		ends->dead |= image_value_of(ref) != IMAGE_OUT_GRANTED && image_value_of(ref) != IMAGE_OUT_IMPOSSIBLE;
		return;
	}
	while (i < ends->count && ends->nodes[i] < ref)
		i++;
	if (i < ends->count && ends->nodes[i] == ref)
		return;
	if (ends->count == OPEN_ENDS) {
		places->change->incomplete = true;
		ends->dead = true;
		return;
	}
	memmove(ends->nodes + i + 1, ends->nodes + i, (ends->count - i) * sizeof *ends->nodes);
	ends->nodes[i] = ref;
	ends->count++;
}

/* Finding one again ------------------------------------------------------------------------------- */

static size_t first_slot(const struct places *places, uint32_t where, uint32_t granted, const uint32_t *nodes,
			 uint32_t count)
{
	uint64_t hash = where * 2ull + granted;

	for (uint32_t i = 0; i < count; i++)
		hash = (hash ^ nodes[i]) * 0x9e3779b97f4a7c15u;
	return (size_t)(hash >> 32) & (places->slots - 1);
}

static bool is_same(const struct place *place, const struct ends *ends)
{
	return place->where == ends->where && place->granted == ends->granted && place->count == ends->count &&
	       memcmp(place->nodes, ends->nodes, ends->count * sizeof *ends->nodes) == 0;
}

static void make_room(struct places *places)
{
	places->slots = places->slots ? places->slots * 2 : SLOTS_FIRST;
	places->table = ARENA_ARRAY(places->arena, places->slots, uint32_t);
	for (size_t i = 0; i < places->count; i++) {
		const struct place *place = &places->list[i];
		size_t at = first_slot(places, place->where, place->granted, place->nodes, place->count);

		while (places->table[at])
			at = (at + 1) & (places->slots - 1);
		places->table[at] = (uint32_t)i + 1;
	}
}

/* What is asked next: features come in the order of their numbers. */
static uint32_t next_feature(const struct places *places, const struct ends *ends)
{
	uint32_t feature = image_is_terminal(ends->where) ? UINT32_MAX : places->words[ends->where];

	for (uint32_t i = 0; i < ends->count; i++)
		if (places->words[ends->nodes[i]] < feature)
			feature = places->words[ends->nodes[i]];
	return feature;
}

static uint32_t place_of(struct places *places, const struct ends *ends)
{
	uint32_t feature, ways = 0, *nodes;
	struct place *place;
	size_t at;

	if (ends->dead || ends->where == IMAGE_TERMINAL || (!ends->count && !ends->granted))
		return NO_PLACE;
	if (places->count * 2 >= places->slots)
		make_room(places);
	at = first_slot(places, ends->where, ends->granted, ends->nodes, ends->count);
	for (; places->table[at]; at = (at + 1) & (places->slots - 1))
		if (is_same(&places->list[places->table[at] - 1], ends))
			return places->table[at] - 1;
	places->list = arena_grow(places->arena, places->list, places->count, &places->cap, sizeof *places->list);
	places->table[at] = (uint32_t)places->count + 1;
	feature = next_feature(places, ends);
	place = &places->list[places->count];
	*place = (struct place){ .where = ends->where, .granted = ends->granted, .count = ends->count, .feature = feature,
				 .ways = IMAGE_NONE };
	if (feature != UINT32_MAX)
		ways = places->change->view->features[feature].nclasses + 1u;
	place->to = ARENA_ARRAY(places->arena, ways + ends->count, uint32_t);
	nodes = place->to + ways;
	memcpy(nodes, ends->nodes, ends->count * sizeof *nodes);
	place->nodes = nodes;
	return (uint32_t)places->count++;
}

/* Going on ---------------------------------------------------------------------------------------- */

static uint32_t follow(struct places *places, const struct place *place, uint32_t class_)
{
	uint32_t feature = place->feature, count = places->change->view->features[feature].nclasses;
	struct ends ends;

	ends.where = place->where;
	ends.granted = place->granted;
	ends.count = 0;
	ends.dead = false;
	if (!image_is_terminal(place->where) && places->words[place->where] == feature) {
		if (class_ == IMAGE_NONE)
			return NO_PLACE;
		ends.where = places->words[place->where + 1 + class_];
	}
	for (uint32_t i = 0; i < place->count; i++) {
		const uint32_t *node = places->words + place->nodes[i];

		if (*node != feature)
			add_end(places, &ends, place->nodes[i]);
		else if (class_ != IMAGE_NONE)
			add_end(places, &ends, node[1 + class_]);
		else
			for (uint32_t j = 0; j < count; j++)
				add_end(places, &ends, node[1 + j]);
	}
	return place_of(places, &ends);
}

uint32_t place_after(struct places *places, uint32_t number, uint32_t class_)
{
	const struct place *place = &places->list[number];
	uint32_t *to = &place->to[class_ == IMAGE_NONE ? places->change->view->features[place->feature].nclasses : class_];

	if (!*to)
		*to = follow(places, place, class_) + 2;
	return *to == 1 ? NO_PLACE : *to - 2;
}

bool places_can_be(const struct places *places, uint32_t number, uint32_t class_)
{
	const struct change *change = places->change;
	const struct image_feature *about = &change->view->features[number];
	const struct image *image = change->explain->image;
	const struct image_value *value;

	if (!(places->begun & change->touch[number]) || !(about->flags & IMAGE_HAS_NONE) || about->a == IMAGE_NONE)
		return true;
	value = &change->view->values[about->a];
	if (value->kind != IMAGE_VALUE_FIELD || change->view->slots[value->of].kind != IMAGE_SLOT_ROW ||
	    record_field(image, change->view->slots[value->of].record, value->field)->flags & IMAGE_FIELD_NONE)
		return true;
	for (uint32_t i = 0; i + 1 < about->size; i++)
		if (image->classes[about->classes + i] == class_)
			return true;
	return false;
}

/* What is needed at the least --------------------------------------------------------------------- */

/* Every fact that must change is counted at the first feature that it touches. */
static uint16_t least_of(struct places *places, uint32_t number)
{
	uint32_t feature = places->list[number].feature, now = places->change->now[feature];
	uint32_t to = place_after(places, number, now), cost;	/* the answer as it is, or none */
	uint16_t least = to == NO_PLACE ? NO_WAY : place_least(places, to), here;
	uint64_t facts = places_facts(places, feature);

	cost = !(facts & places->begun) && facts == places->first[feature];
	/* Another answer costs that much in any case: it is not looked at when it cannot be better. */
	for (uint32_t i = 0; facts && least > cost && i < places->change->view->features[feature].nclasses; i++) {
		if (i == now || !places_can_be(places, feature, i))
			continue;
		to = place_after(places, number, i);
		here = to == NO_PLACE ? NO_WAY : place_least(places, to);
		if (here != NO_WAY && here + cost < least)
			least = (uint16_t)(here + cost);
	}
	return least;
}

uint16_t place_least(struct places *places, uint32_t number)
{
	uint16_t least = 0;

	if (places->list[number].round == places->round)
		return places->list[number].least;
	if (!place_is_end(&places->list[number]))
		least = least_of(places, number);	/* may move the places */
	places->list[number].round = places->round;
	places->list[number].least = least;
	return least;
}

static void find_firsts(struct places *places)
{
	uint64_t seen = 0, shared = 0;

	for (uint32_t i = 0; i < places->change->view->nfeatures; i++) {
		uint64_t facts = places_facts(places, i);

		places->first[i] = facts & ~seen;
		shared |= facts & seen;
		seen |= facts;
	}
	for (uint32_t i = 0; i < places->change->view->nfeatures; i++)
		places->alone[i] = !(places_facts(places, i) & shared);
}

void places_init(struct places *places, struct change *change, uint64_t begun, uint64_t allowed)
{
	*places = (struct places){ .change = change, .arena = change->explain->scratch, .words = change->view->words,
				   .begun = begun, .allowed = allowed, .round = 1 };
	places->first = ARENA_ARRAY(places->arena, change->view->nfeatures + 1, uint64_t);
	places->alone = ARENA_ARRAY(places->arena, change->view->nfeatures + 1, bool);
	find_firsts(places);
}

void places_leave_out(struct places *places, uint64_t facts)
{
	places->allowed &= ~facts;
	places->round++;
	find_firsts(places);
}

uint32_t places_begin(struct places *places, uint32_t analysis, uint32_t where)
{
	struct ends ends = { .where = where };

	add_end(places, &ends, analysis);
	return place_of(places, &ends);
}
