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

#include "engine/explain/change_places.h"

enum { CHANGE_STEPS = 20000, CHANGES_FOUND = 48 };

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

struct search {
	struct change *change;
	struct places places;
	struct way *ways;
	size_t nways, cap_ways;
	uint32_t *heap;		/* ways */
	size_t nheap, cap_heap;
};

static uint32_t fact_count(uint64_t facts)
{
	return (uint32_t)__builtin_popcountll(facts);
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

	search->heap = arena_grow(search->places.arena, search->heap, search->nheap, &search->cap_heap,
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
	for (uint32_t i = search->places.list[way->place].ways; i != IMAGE_NONE; i = search->ways[i].next)
		if (!(search->ways[i].facts & ~way->facts) && search->ways[i].mark == way->mark)
			return true;
	return false;
}

static void add_way(struct search *search, struct way way)
{
	uint16_t least = way.place == NO_PLACE ? NO_WAY : place_least(&search->places, way.place);

	if (least == NO_WAY)
		return;
	way.least = (uint16_t)(fact_count(way.facts) + least);
	way.next = IMAGE_NONE;
	search->ways = arena_grow(search->places.arena, search->ways, search->nways, &search->cap_ways,
				  sizeof *search->ways);
	search->ways[search->nways] = way;
	queue(search, (uint32_t)search->nways++);
}

/* The answers that one field was given must be told apart from others: not all of them fit together. */
static uint64_t marked(const struct search *search, uint64_t mark, uint32_t feature, uint32_t class_, uint64_t facts)
{
	uint32_t pair[2] = { feature, class_ };

	for (uint64_t left = search->places.alone[feature] ? 0 : places_facts(&search->places, feature) & facts; left; left &= left - 1)
		if (search->change->facts[__builtin_ctzll(left)].kind == RKO_CHANGE_FIELD)
			return mark + map_hash(pair, sizeof pair);
	return mark;
}

static void branch(struct search *search, uint32_t number, uint32_t feature, uint32_t class_, uint64_t fact)
{
	const struct way from = search->ways[number];
	bool changed = class_ != search->change->now[feature];
	struct way way = {
		.place = place_after(&search->places, from.place, class_),
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
	uint32_t feature = search->places.list[way.place].feature, now = search->change->now[feature];
	uint64_t facts = places_facts(&search->places, feature);

	if (now == IMAGE_NONE)
		branch(search, number, feature, IMAGE_NONE, 0);
	for (uint32_t i = 0; i < search->change->view->features[feature].nclasses; i++) {
		bool can_be = facts && places_can_be(&search->places, feature, i);

		if (i == now || (can_be && facts & way.facts)) {
			branch(search, number, feature, i, 0);
			continue;
		}
		for (uint64_t left = can_be ? facts : 0; left; left &= left - 1)
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
	uint8_t *classes = ARENA_ARRAY(search->places.arena, 256, uint8_t);
	uint32_t to = place_after(&search->places, place, class_);

	for (uint32_t i = 0; i < search->change->view->features[feature].nclasses; i++)
		classes[i] = class_ == i || place_after(&search->places, place, i) == to;
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
	found.answers = answers = ARENA_ARRAY(search->places.arena, length + 1, struct change_answer);
	found.count = length;
	for (uint32_t i = number; length-- > 0; i = search->ways[i].parent) {
		const struct way way = search->ways[i];

		answers[length] = (struct change_answer){ .feature = way.feature, .class_ = way.class_ };
		if (way.class_ != IMAGE_NONE && change->touch[way.feature] & found.facts)
			answers[length].classes = same_way(search, search->ways[way.parent].place, way.feature, way.class_);
	}
	if (!change_tell(change, &found, &found.told))
		return false;
	change->found = arena_grow(change->explain->arena, change->found, change->nfound, &change->cap_found,
				   sizeof *change->found);
	change->found[change->nfound++] = found;
	return true;
}

/*
 * A fact that does alone is in no other set that is looked for. Without it there are fewer ways, or none. False: what
 * changes in any case is enough, and every set holds that.
 */
static bool leave_out_found(struct search *search)
{
	const struct change *change = search->change;
	uint64_t out = 0;

	for (size_t i = 0; i < change->nfound; i++) {
		uint64_t rest = change->found[i].facts & ~search->places.begun;

		if (!rest)
			return false;
		if (!(rest & (rest - 1)))
			out |= rest & search->places.allowed;
	}
	if (out)
		places_leave_out(&search->places, out);
	return true;
}

/* Since facts were left out it may need more than was known when it was queued, or lead nowhere. */
static bool still_stands(struct search *search, uint32_t number)
{
	struct way *way = &search->ways[number];
	uint16_t least = place_least(&search->places, way->place);

	if (least == NO_WAY)
		return false;
	least = (uint16_t)(fact_count(way->facts) + least);
	if (least <= way->least)
		return true;
	way->least = least;
	queue(search, number);
	return false;
}

static void expand(struct search *search, uint32_t number)
{
	struct way *way = &search->ways[number];
	struct place *place = &search->places.list[way->place];

	if (beaten(search, way))
		return;
	way->next = place->ways;
	place->ways = number;
	go_on(search, number);
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
		if (holds_another(change, way.facts) || !still_stands(search, number))
			continue;
		if (!place_is_end(&search->places.list[way.place])) {
			expand(search, number);
			continue;
		}
		if (!keep(search, number))
			continue;
		if (++kept == RKO_CHANGES_SHOWN)
			enough = way.least;
		if (!leave_out_found(search))
			break;
	}
	change->steps += steps;
}

static uint64_t facts_but_asked(const struct change *change, bool request)
{
	uint64_t facts = 0;

	for (uint32_t i = 0; i < change->nfacts; i++)
		if (request || change->facts[i].kind != RKO_CHANGE_REQUEST)
			facts |= 1ull << i;
	return facts;
}

/* The row that is to be, or 0 where the policy lets nobody bring it. */
static uint64_t row_to_be(const struct change *change)
{
	uint32_t slot = change->view->scans[change->view->plan->pivot].row;
	uint64_t row = 0;

	for (uint32_t i = 0; i < change->nfacts; i++)
		if (change->facts[i].kind == RKO_CHANGE_RECORD && change->facts[i].slot == slot)
			row = 1ull << i;
	return row;
}

/* The candidate is at hand. */
static void search_candidate(struct change *change, bool request)
{
	struct search search = { .change = change };
	uint32_t where = IMAGE_TERMINAL | 1;
	uint64_t begun = 0;

	if (change->to_be) {
		begun = row_to_be(change);
		if (!begun)
			return;
		where = change->view->scans[change->view->plan->pivot].where;
	}
	places_init(&search.places, change, begun, facts_but_asked(change, request));
	if (!leave_out_found(&search))
		return;
	add_way(&search, (struct way){
		.place = places_begin(&search.places, change->root, where),
		.facts = begun, .parent = IMAGE_NONE });
	run(&search);
}

void change_search(struct change *change, bool request)
{
	const struct verdict *verdict = &change->explain->session->verdict;

	for (uint32_t i = 0; i < change_candidates(change) && change->bind->status == RKO_OK; i++) {
		if (!change->alone && i < verdict->ncandidates && verdict->asked_candidates &&
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

/* Rules and values that an area decides on: nothing that whoever asks could see to. */
static bool is_policy(const struct change *change, size_t number)
{
	for (uint64_t left = change->found[number].facts; left; left &= left - 1) {
		enum rko_change_kind kind = change->facts[__builtin_ctzll(left)].kind;

		if (kind == RKO_CHANGE_PARAMETER || kind == RKO_CHANGE_OVERLAY)
			return true;
	}
	return false;
}

static void show(struct change *change)
{
	struct rko_explanation *out = change->explain->out;
	struct rko_why_change *list = ARENA_ARRAY(change->explain->arena, RKO_CHANGES_SHOWN + 1, struct rko_why_change);
	bool *shown = ARENA_ARRAY(change->explain->scratch, change->nfound + 1, bool);

	while (out->nchanges < RKO_CHANGES_SHOWN) {
		size_t best = change->nfound;

		for (size_t i = 0; i < change->nfound; i++)
			if (!shown[i] && is_minimal(change, i) && !(change->told && is_policy(change, i)) &&
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

void explain_changes_told(struct explain *explain, uint32_t root, bool rows)
{
	struct change change;

	change_init(&change, explain);
	change.root = root;
	change.told = true;
	change.alone = !rows;
	change_search(&change, false);
	if (!change.nfound)
		change_search(&change, true);
	if (change.bind->status == RKO_OK)
		show(&change);
	change.bind->status = RKO_OK;
	explain->out->changes_steps = 0;
	arena_reset(explain->scratch);
}

/* Time -------------------------------------------------------------------------------------------- */

void explain_put_time(struct explain *explain, rko_day from, rko_day to)
{
	struct rko_explanation *out = explain->out;
	struct rko_why_step *step = ARENA_NEW(explain->arena, struct rko_why_step);
	struct rko_why_change *list = ARENA_ARRAY(explain->arena, RKO_CHANGES_SHOWN + 1, struct rko_why_change);

	*step = (struct rko_why_step){ .kind = RKO_CHANGE_TIME, .name = "", .record = "", .label = "", .asks = "",
				       .who = "", .who_label = "", .from = from, .to = to };
	list[0] = (struct rko_why_change){ .steps = step, .nsteps = 1, .opens = "", .opens_says = "" };
	for (size_t i = 0; i < out->nchanges && i + 1 < RKO_CHANGES_SHOWN; i++)
		list[i + 1] = out->changes[i];
	out->changes = list;
	out->nchanges += out->nchanges < RKO_CHANGES_SHOWN;
}

void explain_time(struct explain *explain, const struct rko_request *request)
{
	struct rko_explanation *out = explain->out;
	rko_day from, to;

	if (out->lists || out->decision.outcome == RKO_GRANTED)
		return;
	if (session_next_granted(explain->session, request, &out->decision, &from, &to) != RKO_OK)
		out->incomplete = 1;
	else if (from != RKO_DAY_OPEN)
		explain_put_time(explain, from, to);
}
