/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a decision can cost at the most: nodes on the longest path, and rows looked up. For the latter the
 * records that the features on a path need are counted, each once (or once for each candidate), and each list
 * of candidates with its bound. Sets of records are kept per node while they are few; beyond that they are
 * united, which can only overstate. The compiler writes both figures and the verifier computes them again.
 */
#include "engine/image/cost.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/limits.h"

enum { WORDS = (LIMIT_SLOTS + LIMIT_LISTS + 63) / 64, SETS_MAX = 12 };

/* Bits of slots, and behind them of scans. */
struct needs {
	uint64_t bits[WORDS];
};

/* As it is kept, it has only so many sets. */
struct node_cost {
	uint32_t count;
	uint32_t steps;
	struct needs sets[SETS_MAX];
};

struct cost {
	const struct image *image;
	const struct image_plan *plan;
	const struct image_slot *slots;
	const struct image_value *values;
	const struct image_scan *scans;
	const struct image_feature *features;
	const uint32_t *words;
	struct needs *of_feature;
	bool *known;
	struct arena arena;	/* costs of nodes */
	const struct node_cost **of_node;	/* by word offset */
	uint32_t *seen;		/* by word offset: the last diagram that was gone through whole */
	uint32_t diagrams;
	bool failed;
};

static bool has(const struct needs *needs, uint32_t number)
{
	return needs->bits[number / 64] >> number % 64 & 1;
}

static void set(struct needs *needs, uint32_t number)
{
	needs->bits[number / 64] |= 1ull << number % 64;
}

static void unite(struct needs *a, const struct needs *b)
{
	for (uint32_t i = 0; i < WORDS; i++)
		a->bits[i] |= b->bits[i];
}

static bool inside(const struct needs *a, const struct needs *b)
{
	for (uint32_t i = 0; i < WORDS; i++)
		if (a->bits[i] & ~b->bits[i])
			return false;
	return true;
}

static void need_slot(const struct cost *cost, struct needs *needs, uint32_t slot);

static void need_value(const struct cost *cost, struct needs *needs, uint32_t value);

static void need_scan(const struct cost *cost, struct needs *needs, uint32_t scan)
{
	const struct image_scan *about = &cost->scans[scan];

	if (has(needs, cost->plan->slots.count + scan))
		return;
	set(needs, cost->plan->slots.count + scan);
	for (uint32_t i = 0; i < about->keys.count; i++)
		need_value(cost, needs, cost->image->keys[about->keys.first + i] & ~IMAGE_KEY_EACH);
}

static void need_slot(const struct cost *cost, struct needs *needs, uint32_t slot)
{
	const struct image_slot *about = &cost->slots[slot];

	if (has(needs, slot))
		return;
	set(needs, slot);
	for (uint32_t i = 0; i < about->keys.count; i++)
		need_value(cost, needs, cost->image->keys[about->keys.first + i]);
	if (about->kind == IMAGE_SLOT_REF)
		need_value(cost, needs, about->from);
	if (about->kind == IMAGE_SLOT_ROW && about->from != IMAGE_NONE)
		need_scan(cost, needs, about->from);
}

static void need_value(const struct cost *cost, struct needs *needs, uint32_t value)
{
	if (cost->values[value].kind == IMAGE_VALUE_FIELD)
		need_slot(cost, needs, cost->values[value].of);
	else if (cost->values[value].kind == IMAGE_VALUE_ROWS)
		need_scan(cost, needs, cost->values[value].of);
}

static const struct needs *feature_needs(struct cost *cost, uint32_t number);

static void need_below(struct cost *cost, struct needs *needs, uint32_t ref, uint32_t diagram)
{
	uint32_t feature;

	if (image_is_terminal(ref) || cost->seen[ref] == diagram)
		return;
	cost->seen[ref] = diagram;
	feature = cost->words[ref];
	unite(needs, feature_needs(cost, feature));
	for (uint32_t i = 0; i < cost->features[feature].nclasses; i++)
		need_below(cost, needs, cost->words[ref + 1 + i], diagram);
}

/* Everything that the diagram below `ref` can ask, on whatever path. */
static void need_all(struct cost *cost, struct needs *needs, uint32_t ref)
{
	need_below(cost, needs, ref, ++cost->diagrams);
}

static const struct needs *feature_needs(struct cost *cost, uint32_t number)
{
	const struct image_feature *feature = &cost->features[number];
	struct needs *needs = &cost->of_feature[number];

	if (cost->known[number])
		return needs;
	cost->known[number] = true;
	if (feature->kind == IMAGE_FEATURE_SOME) {
		need_scan(cost, needs, feature->scan);
		need_all(cost, needs, feature->root);
	} else if (feature->a != IMAGE_NONE) {
		need_value(cost, needs, feature->a);
		if (feature->b != IMAGE_NONE)
			need_value(cost, needs, feature->b);
	} else if (feature->b != IMAGE_NONE) {
		need_slot(cost, needs, feature->b);
	}
	for (uint32_t i = 0; i < cost->plan->scans.count; i++)
		if (has(needs, cost->plan->slots.count + i))
			need_all(cost, needs, cost->scans[i].where);
	return needs;
}

static void add_set(struct node_cost *node, const struct needs *needs)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < node->count; i++)
		if (inside(needs, &node->sets[i]))
			return;
	for (uint32_t i = 0; i < node->count; i++)
		if (!inside(&node->sets[i], needs))
			node->sets[kept++] = node->sets[i];
	node->count = kept;
	if (kept == SETS_MAX) {
		for (uint32_t i = 1; i < kept; i++)
			unite(&node->sets[0], &node->sets[i]);
		node->count = 1;
		unite(&node->sets[0], needs);
		return;
	}
	node->sets[node->count++] = *needs;
}

static const struct node_cost *node_cost(struct cost *cost, uint32_t ref)
{
	uint32_t feature = cost->words[ref];
	const struct needs *own;
	struct node_cost node;

	if (cost->of_node[ref])
		return cost->of_node[ref];
	own = feature_needs(cost, feature);
	node.count = node.steps = 0;	/* its sets are many words */
	for (uint32_t i = 0; i < cost->features[feature].nclasses && !cost->failed; i++) {
		uint32_t child = cost->words[ref + 1 + i];
		const struct node_cost *below;

		if (i && child == cost->words[ref + i])
			continue;
		below = image_is_terminal(child) ? NULL : node_cost(cost, child);
		if (!below)
			add_set(&node, own);
		for (uint32_t j = 0; below && j < below->count; j++) {
			struct needs both = below->sets[j];

			unite(&both, own);
			add_set(&node, &both);
		}
		if (below && below->steps > node.steps)
			node.steps = below->steps;
	}
	node.steps++;
	cost->of_node[ref] = arena_copy(&cost->arena, &node,
					offsetof(struct node_cost, sets) + node.count * sizeof node.sets[0]);
	cost->failed |= !cost->of_node[ref];
	return cost->of_node[ref];
}

/* Rows: a record once, or once for each candidate; a list with its bound. */
static uint32_t rows(const struct cost *cost, const struct needs *needs)
{
	const struct image_plan *plan = cost->plan;
	uint32_t candidates = plan->pivot == IMAGE_NONE ? 1 : cost->scans[plan->pivot].bound, total = 0;

	for (uint32_t i = 0; i < plan->slots.count; i++) {
		const struct image_slot *slot = &cost->slots[i];

		if (has(needs, i) && slot->kind != IMAGE_SLOT_ROW)
			total += (slot->flags & IMAGE_HANGS_PIVOT ? candidates : 1) *
				 (slot->row == IMAGE_NONE ? 1 : cost->scans[slot->row].bound);
	}
	for (uint32_t i = 0; i < plan->scans.count; i++)
		if (has(needs, plan->slots.count + i))
			total += cost->scans[i].bound *
				 (cost->scans[i].flags & IMAGE_HANGS_PIVOT ? candidates : 1);
	return total;
}

static bool slot_of_given(const struct cost *cost, const struct image_question *question, uint32_t number)
{
	const struct image_value *from;

	if (cost->slots[number].kind != IMAGE_SLOT_REF)
		return false;
	from = &cost->values[cost->slots[number].from];
	return from->kind == IMAGE_VALUE_FIELD && cost->slots[from->of].kind == IMAGE_SLOT_REQUEST &&
	       cost->image->inputs[question->inputs.first + cost->slots[from->of].from].given;
}

/*
 * What the request names, its `must`s and the candidates are looked up whatever the path: the records it
 * names, whether there is one with the key of a record it gives, and what such a record refers to.
 */
static void need_always(struct cost *cost, const struct image_question *question, struct needs *needs)
{
	for (uint32_t i = 0; i < cost->plan->slots.count; i++)
		if (cost->slots[i].kind == IMAGE_SLOT_REQUEST || slot_of_given(cost, question, i))
			need_slot(cost, needs, i);
	for (uint32_t i = 0; i < question->musts.count; i++)
		need_all(cost, needs, cost->image->musts[question->musts.first + i].root);
	if (cost->plan->pivot != IMAGE_NONE) {
		need_scan(cost, needs, cost->plan->pivot);
		need_all(cost, needs, cost->scans[cost->plan->pivot].where);
	}
}

/* I4 */
bool image_cost(const struct image *image, const struct image_question *question, uint32_t *ret_steps,
		uint32_t *ret_fetches)
{
	const struct image_plan *plan = &image->plans[question->plan];
	struct cost cost = {
		.image = image,
		.plan = plan,
		.slots = image->slots + plan->slots.first,
		.values = image->values + plan->values.first,
		.scans = image->scans + plan->scans.first,
		.features = image->features + plan->features.first,
		.words = image->nodes + plan->nodes.first,
	};
	struct needs always = { { 0 } };
	uint32_t most = 0, steps = 0;

	if (plan->slots.count + plan->scans.count > WORDS * 64)
		return false;
	arena_init(&cost.arena, SIZE_MAX / 4);
	cost.of_feature = calloc(plan->features.count + 1, sizeof *cost.of_feature);
	cost.known = calloc(plan->features.count + 1, sizeof *cost.known);
	cost.of_node = calloc(plan->nodes.count + 1, sizeof *cost.of_node);
	cost.seen = calloc(plan->nodes.count + 1, sizeof *cost.seen);
	if (!cost.of_feature || !cost.known || !cost.of_node || !cost.seen) {
		cost.failed = true;
	} else {
		need_always(&cost, question, &always);
		most = rows(&cost, &always);
	}
	if (!cost.failed && !image_is_terminal(question->root)) {
		const struct node_cost *root = node_cost(&cost, question->root);

		for (uint32_t i = 0; root && i < root->count; i++) {
			struct needs all = root->sets[i];
			uint32_t here;

			unite(&all, &always);
			here = rows(&cost, &all);
			if (here > most)
				most = here;
		}
		steps = root ? root->steps : 0;
	}
	arena_free(&cost.arena);
	free(cost.of_node);
	free(cost.of_feature);
	free(cost.known);
	free(cost.seen);
	*ret_steps = steps;
	*ret_fetches = most;
	return !cost.failed;
}
