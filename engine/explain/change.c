/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Which smallest sets of facts would have to change, found in the diagram over the possible cells: a way from its root
 * to `granted` follows the answers as they are, and where it leaves them it changes a fact behind the answer. A fact
 * that has changed may change every answer that hangs on it. What leads to an impossible cell is no way.
 *
 * The search takes the way that needs the fewest facts first (A*: what is still needed at the least is known for every
 * node, counting each fact at the first feature that it touches). So the sets are met in order of size, and one that
 * holds a set met before is not minimal. Ways that meet at a node with more facts than another are dropped. The work
 * is bounded by CHANGE_STEPS; beyond that the result says that it is incomplete.
 *
 * A question with an `each` link is granted when one row grants: every row is tried, and one that does not exist yet.
 */
#include "engine/explain/change.h"

#include <stdlib.h>

enum { CHANGE_STEPS = 20000, CHANGES_FOUND = 48, OPEN_ENDS = 24 };
enum { NO_WAY = 0xffff };
#define NO_PLACE UINT32_MAX

/* A way so far. */
struct way {
	uint32_t place;
	uint64_t facts;
	uint64_t mark;		/* of the answers that fields were given */
	uint32_t parent;	/* way, or IMAGE_NONE */
	uint32_t feature, class_;	/* the last answer; IMAGE_NONE: left unknown */
	uint16_t least;		/* facts that any end of it needs */
	uint16_t changed;	/* answers */
	uint32_t next;		/* of the same place */
};

/*
 * Where a way has come to: nodes of the analysis diagram, several where what is unknown is left so, of which all must
 * come to `granted`; and a node of the condition of a row that is to be.
 */
struct place {
	uint32_t where;
	bool granted;		/* some way on from what was left unknown has come to it */
	const uint32_t *nodes;
	uint32_t count;
	uint16_t least;		/* facts that are still needed at the least; NO_WAY */
	uint32_t ways;		/* the first, or IMAGE_NONE */
};

struct search {
	struct change *change;
	struct arena *arena;
	const uint32_t *words;
	uint64_t begun;		/* facts that change in any case */
	uint64_t allowed;
	uint64_t *first;	/* by feature: facts of which it is the first feature */
	bool *alone;		/* by feature: its facts touch no other */
	struct map numbers;	/* of places, by what they hold */
	struct place *places;
	size_t nplaces, cap_places;
	struct way *ways;
	size_t nways, cap_ways;
	uint32_t *heap;		/* ways */
	size_t nheap, cap_heap;
};

static uint32_t fact_count(uint64_t facts)
{
	return (uint32_t)__builtin_popcountll(facts);
}

static uint64_t facts_of(const struct search *search, uint32_t feature)
{
	return search->change->touch[feature] & search->allowed;
}

/* Places ------------------------------------------------------------------------------------------ */

static uint16_t least_of(struct search *search, uint32_t place);

/* What a place is made of, while it is made. */
struct ends {
	uint32_t where;
	uint32_t granted;
	uint32_t nodes[OPEN_ENDS];
	uint32_t count;
	bool dead;
};

static void add_end(struct search *search, struct ends *ends, uint32_t ref)
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
		search->change->incomplete = true;
		ends->dead = true;
		return;
	}
	memmove(ends->nodes + i + 1, ends->nodes + i, (ends->count - i) * sizeof *ends->nodes);
	ends->nodes[i] = ref;
	ends->count++;
}

static uint32_t place_of(struct search *search, const struct ends *ends)
{
	uint32_t key[OPEN_ENDS + 2] = { ends->where, ends->granted }, number;
	struct text text = { (const char *)key, (ends->count + 2) * sizeof *key };
	uint16_t least;

	if (ends->dead || ends->where == IMAGE_TERMINAL || (!ends->count && !ends->granted))
		return NO_PLACE;
	memcpy(key + 2, ends->nodes, ends->count * sizeof *key);
	number = map_intern(&search->numbers, text);
	if (number < search->nplaces)
		return number;
	search->places = arena_grow(search->arena, search->places, search->nplaces, &search->cap_places,
				    sizeof *search->places);
	search->places[search->nplaces++] = (struct place){
		ends->where, ends->granted, arena_copy(search->arena, ends->nodes, (ends->count + 1) * sizeof *key),
		ends->count, NO_WAY, IMAGE_NONE };
	least = least_of(search, number);	/* may move the places */
	search->places[number].least = least;
	return number;
}

static bool at_end(const struct place *place)
{
	return !place->count && image_is_terminal(place->where);
}

static uint32_t feature_at(const struct search *search, const struct place *place)
{
	uint32_t feature = image_is_terminal(place->where) ? UINT32_MAX : search->words[place->where];

	for (uint32_t i = 0; i < place->count; i++)
		if (search->words[place->nodes[i]] < feature)
			feature = search->words[place->nodes[i]];
	return feature;
}

/* Where an answer leads; IMAGE_NONE: every one of them. NO_PLACE where it does not. */
static uint32_t follow(struct search *search, uint32_t number, uint32_t feature, uint32_t class_)
{
	const struct place place = search->places[number];
	uint32_t count = search->change->view->features[feature].nclasses;
	struct ends ends = { .where = place.where, .granted = place.granted };

	if (!image_is_terminal(place.where) && search->words[place.where] == feature) {
		if (class_ == IMAGE_NONE)
			return NO_PLACE;
		ends.where = search->words[place.where + 1 + class_];
	}
	for (uint32_t i = 0; i < place.count; i++) {
		const uint32_t *node = search->words + place.nodes[i];

		if (*node != feature)
			add_end(search, &ends, place.nodes[i]);
		else if (class_ != IMAGE_NONE)
			add_end(search, &ends, node[1 + class_]);
		else
			for (uint32_t j = 0; j < count; j++)
				add_end(search, &ends, node[1 + j]);
	}
	return place_of(search, &ends);
}

/* A row that is to be has a value in each field that cannot be none. */
static bool can_be(const struct search *search, uint32_t number, uint32_t class_)
{
	const struct change *change = search->change;
	const struct image_feature *about = &change->view->features[number];
	const struct image *image = change->explain->image;
	const struct image_value *value;

	if (!(search->begun & change->touch[number]) || !(about->flags & IMAGE_HAS_NONE) || about->a == IMAGE_NONE)
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

/* What is still needed: every fact that must change is counted at the first feature that it touches. */
static uint16_t least_of(struct search *search, uint32_t place)
{
	uint32_t feature, now, cost, to;
	uint64_t facts;
	uint16_t least = NO_WAY, here;

	if (at_end(&search->places[place]))
		return 0;	/* a place that is not granted is none */
	feature = feature_at(search, &search->places[place]);
	now = search->change->now[feature];
	facts = facts_of(search, feature);
	cost = !(facts & search->begun) && facts == search->first[feature];
	for (uint32_t i = 0; i <= search->change->view->features[feature].nclasses; i++) {
		bool unknown = i == search->change->view->features[feature].nclasses;

		if (unknown ? now != IMAGE_NONE : i != now && (!facts || !can_be(search, feature, i)))
			continue;
		to = follow(search, place, feature, unknown ? IMAGE_NONE : i);
		here = to == NO_PLACE ? NO_WAY : search->places[to].least;
		if (here != NO_WAY && i != now && !unknown)
			here = (uint16_t)(here + cost);
		if (here < least)
			least = here;
	}
	return least;
}

/* The queue --------------------------------------------------------------------------------------- */

static bool before(const struct search *search, uint32_t x, uint32_t y)
{
	const struct way *a = &search->ways[x], *b = &search->ways[y];

	if (a->least != b->least)
		return a->least < b->least;
	return a->changed != b->changed ? a->changed < b->changed : x < y;
}

static void queue(struct search *search, uint32_t way)
{
	size_t i = search->nheap;

	search->heap = arena_grow(search->arena, search->heap, search->nheap, &search->cap_heap,
				  sizeof *search->heap);
	search->nheap++;
	for (; i && before(search, way, search->heap[(i - 1) / 2]); i = (i - 1) / 2)
		search->heap[i] = search->heap[(i - 1) / 2];
	search->heap[i] = way;
}

static uint32_t take(struct search *search)
{
	uint32_t out = search->heap[0], last = search->heap[--search->nheap];
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= search->nheap)
			break;
		if (child + 1 < search->nheap && before(search, search->heap[child + 1], search->heap[child]))
			child++;
		if (!before(search, search->heap[child], last))
			break;
		search->heap[i] = search->heap[child];
		i = child;
	}
	search->heap[i] = last;
	return out;
}

/* Another way to the same place needs no more, with the same answers. */
static bool beaten(const struct search *search, const struct way *way)
{
	for (uint32_t i = search->places[way->place].ways; i != IMAGE_NONE; i = search->ways[i].next)
		if (!(search->ways[i].facts & ~way->facts) && search->ways[i].mark == way->mark)
			return true;
	return false;
}

static void add_way(struct search *search, struct way way)
{
	uint16_t least = way.place == NO_PLACE ? NO_WAY : search->places[way.place].least;

	if (least == NO_WAY)
		return;
	way.least = (uint16_t)(fact_count(way.facts) + least);
	way.next = IMAGE_NONE;
	search->ways = arena_grow(search->arena, search->ways, search->nways, &search->cap_ways,
				  sizeof *search->ways);
	search->ways[search->nways] = way;
	queue(search, (uint32_t)search->nways++);
}

/* The answers that one field was given must be told apart from others: not all of them fit together. */
static uint64_t marked(const struct search *search, uint64_t mark, uint32_t feature, uint32_t class_, uint64_t facts)
{
	uint32_t pair[2] = { feature, class_ };

	for (uint64_t left = search->alone[feature] ? 0 : facts_of(search, feature) & facts; left; left &= left - 1)
		if (search->change->facts[__builtin_ctzll(left)].kind == RKO_CHANGE_FIELD)
			return mark + map_hash(pair, sizeof pair);
	return mark;
}

static void branch(struct search *search, uint32_t number, uint32_t feature, uint32_t class_, uint64_t fact)
{
	const struct way from = search->ways[number];
	bool changed = class_ != search->change->now[feature];
	struct way way = {
		.place = follow(search, from.place, feature, class_),
		.facts = from.facts | fact,
		.mark = from.mark,
		.parent = number,
		.feature = feature,
		.class_ = class_,
		.changed = (uint16_t)(from.changed + changed),
	};

	if (changed)
		way.mark = marked(search, from.mark, feature, class_, way.facts);
	add_way(search, way);
}

static void go_on(struct search *search, uint32_t number)
{
	const struct way way = search->ways[number];
	uint32_t feature = feature_at(search, &search->places[way.place]), now = search->change->now[feature];
	uint64_t facts = facts_of(search, feature);

	if (now == IMAGE_NONE)
		branch(search, number, feature, IMAGE_NONE, 0);
	for (uint32_t i = 0; i < search->change->view->features[feature].nclasses; i++) {
		if (i == now || (facts & way.facts && can_be(search, feature, i))) {
			branch(search, number, feature, i, 0);
			continue;
		}
		for (uint64_t left = can_be(search, feature, i) ? facts : 0; left; left &= left - 1)
			branch(search, number, feature, i, left & ~(left - 1));
	}
}

/* What is found ----------------------------------------------------------------------------------- */

static bool holds_another(const struct change *change, uint64_t facts)
{
	for (size_t i = 0; i < change->nfound; i++)
		if (!(change->found[i].facts & ~facts))
			return true;
	return false;
}

/* The classes of a feature that lead on the same way as the one taken. */
static const uint8_t *same_way(struct search *search, uint32_t place, uint32_t feature, uint32_t class_)
{
	uint8_t *classes = ARENA_ARRAY(search->arena, 256, uint8_t);
	uint32_t to = follow(search, place, feature, class_);

	for (uint32_t i = 0; i < search->change->view->features[feature].nclasses; i++)
		classes[i] = class_ == i || follow(search, place, feature, i) == to;
	return classes;
}

/* True: it is one. */
static bool keep(struct search *search, uint32_t number)
{
	struct change *change = search->change;
	struct change_found found = { .facts = search->ways[number].facts, .candidate = change->candidate };
	struct change_answer *answers;
	uint32_t length = 0;

	for (uint32_t i = number; search->ways[i].parent != IMAGE_NONE; i = search->ways[i].parent)
		length++;
	found.answers = answers = ARENA_ARRAY(search->arena, length + 1, struct change_answer);
	found.count = length;
	for (uint32_t i = number; length-- > 0; i = search->ways[i].parent) {
		const struct way way = search->ways[i];

		answers[length] = (struct change_answer){
			way.feature, way.class_,
			way.class_ == IMAGE_NONE ? NULL : same_way(search, search->ways[way.parent].place, way.feature,
								   way.class_) };
	}
	if (!change_tell(change, &found, &found.told))
		return false;
	change->found = arena_grow(change->explain->arena, change->found, change->nfound, &change->cap_found,
				   sizeof *change->found);
	change->found[change->nfound++] = found;
	return true;
}

static void run(struct search *search)
{
	struct change *change = search->change;
	uint32_t kept = 0, enough = UINT32_MAX, steps = 0;

	while (search->nheap && change->bind->status == RKO_OK) {
		uint32_t number = take(search);
		const struct way way = search->ways[number];

		if (way.least > enough)
			break;
		if (++steps > CHANGE_STEPS || kept == CHANGES_FOUND) {
			change->incomplete = true;
			break;
		}
		if (holds_another(change, way.facts))
			continue;
		if (at_end(&search->places[way.place])) {
			kept += keep(search, number);
			if (kept == RKO_CHANGES_SHOWN && enough == UINT32_MAX)
				enough = way.least;
			continue;
		}
		if (beaten(search, &way))
			continue;
		search->ways[number].next = search->places[way.place].ways;
		search->places[way.place].ways = number;
		go_on(search, number);
	}
	change->steps += steps;
}

static void find_firsts(struct search *search)
{
	uint32_t count = search->change->view->nfeatures;
	uint64_t seen = 0, shared = 0;

	search->first = ARENA_ARRAY(search->arena, count + 1, uint64_t);
	search->alone = ARENA_ARRAY(search->arena, count + 1, bool);
	for (uint32_t i = 0; i < count; i++) {
		search->first[i] = facts_of(search, i) & ~seen;
		shared |= facts_of(search, i) & seen;
		seen |= facts_of(search, i);
	}
	for (uint32_t i = 0; i < count; i++)
		search->alone[i] = !(facts_of(search, i) & shared);
}

static uint64_t facts_but_asked(const struct change *change, bool request)
{
	uint64_t facts = 0;

	for (uint32_t i = 0; i < change->nfacts; i++)
		if (request || change->facts[i].kind != RKO_CHANGE_REQUEST)
			facts |= 1ull << i;
	return facts;
}

/* The candidate is at hand. */
static void search_candidate(struct change *change, bool request)
{
	uint32_t pivot = change->view->plan->pivot;
	struct search search = { .change = change, .arena = change->explain->scratch, .words = change->view->words };
	struct ends ends = { .where = IMAGE_TERMINAL | 1 };

	if (change->to_be) {
		uint32_t slot = change->view->scans[pivot].row;

		for (uint32_t i = 0; i < change->nfacts; i++)
			if (change->facts[i].kind == RKO_CHANGE_RECORD && change->facts[i].slot == slot)
				search.begun = 1ull << i;
		if (!search.begun)
			return;
		ends.where = change->view->scans[pivot].where;
	}
	search.allowed = facts_but_asked(change, request);
	map_init(&search.numbers, search.arena);
	find_firsts(&search);
	add_end(&search, &ends, change->explain->question->question->analysis);
	add_way(&search, (struct way){ .place = place_of(&search, &ends), .facts = search.begun, .parent = IMAGE_NONE });
	run(&search);
}

void change_search(struct change *change, bool request)
{
	const struct verdict *verdict = &change->explain->session->verdict;

	for (uint32_t i = 0; i < change_candidates(change) && change->bind->status == RKO_OK; i++) {
		if (i < verdict->ncandidates && verdict->asked_candidates &&
		    (!verdict->candidates[i].sure || verdict->candidates[i].kind == CANDIDATE_UNSEEN))
			continue;
		change_candidate(change, i);
		if (change->bind->status == RKO_OK)
			search_candidate(change, request);
	}
}

/* What is shown ----------------------------------------------------------------------------------- */

/* Those who can be asked first, then what nobody is said to change, then rules and values, then another request. */
static uint32_t rank(const struct change *change, const struct change_found *found)
{
	uint32_t rank = 0;

	for (uint64_t left = found->facts; left; left &= left - 1) {
		const struct change_fact *fact = &change->facts[__builtin_ctzll(left)];
		uint32_t here = fact->who < 0x1000 ? fact->who : 0x1000;

		if (fact->kind == RKO_CHANGE_PARAMETER || fact->kind == RKO_CHANGE_OVERLAY)
			here = 0x2000;
		else if (fact->kind == RKO_CHANGE_REQUEST)
			here = 0x3000;
		if (here > rank)
			rank = here;
	}
	return rank;
}

static bool goes_before(const struct change *change, const struct change_found *a, const struct change_found *b)
{
	if (fact_count(a->facts) != fact_count(b->facts))
		return fact_count(a->facts) < fact_count(b->facts);
	return rank(change, a) < rank(change, b);
}

static bool is_minimal(const struct change *change, size_t number)
{
	uint64_t facts = change->found[number].facts;

	for (size_t i = 0; i < change->nfound; i++)
		if (i != number && !(change->found[i].facts & ~facts) && (change->found[i].facts != facts || i < number))
			return false;
	return true;
}

static void show(struct change *change)
{
	struct rko_explanation *out = change->explain->out;
	struct rko_why_change *list = ARENA_ARRAY(change->explain->arena, RKO_CHANGES_SHOWN + 1, struct rko_why_change);
	bool *shown = ARENA_ARRAY(change->explain->scratch, change->nfound + 1, bool);

	while (out->nchanges < RKO_CHANGES_SHOWN) {
		size_t best = change->nfound;

		for (size_t i = 0; i < change->nfound; i++)
			if (!shown[i] && is_minimal(change, i) &&
			    (best == change->nfound || goes_before(change, &change->found[i], &change->found[best])))
				best = i;
		if (best == change->nfound)
			break;
		shown[best] = true;
		list[out->nchanges++] = change->found[best].told;
	}
	out->changes = list;
	out->changes_incomplete = change->incomplete || change->overflow;
	out->changes_steps = change->steps;
}

void explain_changes(struct explain *explain)
{
	const struct rko_explanation *out = explain->out;
	struct change change;

	if (out->lists || out->decision.outcome == RKO_GRANTED || out->decision.outcome == RKO_REFUSED)
		return;
	change_init(&change, explain);
	/* Where the candidates cannot be read there is nothing to begin with. */
	if (change.view->plan->pivot != IMAGE_NONE && !explain->session->verdict.asked_candidates) {
		explain->out->changes_incomplete = 1;
		return;
	}
	change_search(&change, false);
	if (!change.nfound)
		change_search(&change, true);
	show(&change);
	arena_reset(explain->scratch);
	walk_candidate(explain->bind, &explain->session->verdict, explain->session->verdict.reported);
}

uint32_t explain_opened(const struct explain *explain, uint32_t rule)
{
	const struct rko_explanation *out = explain->out;

	for (uint32_t i = 0; i < out->nchanges && explain->rules[rule].verb == IMAGE_GRANT; i++)
		if (strcmp(explain_string(explain, explain->rules[rule].name), out->changes[i].opens) == 0)
			return i;
	return RKO_CHANGES_SHOWN;
}

/* Time -------------------------------------------------------------------------------------------- */

void explain_time(struct explain *explain, const struct rko_request *request)
{
	struct rko_explanation *out = explain->out;
	struct rko_why_change *list;
	struct rko_why_step *step;
	rko_day from, to;

	if (out->lists || out->decision.outcome == RKO_GRANTED)
		return;
	if (session_next_granted(explain->session, request, &out->decision, &from, &to) != RKO_OK) {
		out->incomplete = 1;
		return;
	}
	if (from == RKO_DAY_OPEN)
		return;
	step = ARENA_NEW(explain->arena, struct rko_why_step);
	*step = (struct rko_why_step){ .kind = RKO_CHANGE_TIME, .name = "", .record = "", .label = "", .asks = "",
				       .who = "", .who_label = "", .from = from, .to = to };
	list = ARENA_ARRAY(explain->arena, RKO_CHANGES_SHOWN + 1, struct rko_why_change);
	list[0] = (struct rko_why_change){ .steps = step, .nsteps = 1, .opens = "", .opens_says = "" };
	for (size_t i = 0; i < out->nchanges && i + 1 < RKO_CHANGES_SHOWN; i++)
		list[i + 1] = out->changes[i];
	out->changes = list;
	out->nchanges += out->nchanges < RKO_CHANGES_SHOWN;
}
