/* SPDX-License-Identifier: EUPL-1.2 */
/* The door, 30–34: the diagrams of a plan: their order, what each of them may come to, that nothing in them is idle. */
#include "engine/image/verify_parts.h"

static int compare_nodes(const struct plan_check *p, uint32_t a, uint32_t b)
{
	uint32_t x = p->words[a], y = p->words[b];

	if (x != y)	/* later features first */
		return x > y ? -1 : 1;
	for (uint32_t i = 0; i < p->features[x].nclasses; i++)
		if (p->words[a + 1 + i] != p->words[b + 1 + i])
			return p->words[a + 1 + i] < p->words[b + 1 + i] ? -1 : 1;
	return 0;
}

void verify_nodes(struct plan_check *p)
{
	struct verify *v = p->v;
	uint32_t count = p->plan->nodes.count, before = IMAGE_NONE;

	for (uint32_t word = 0; word < count;) {
		uint32_t feature = p->words[word], arity;
		bool one = true;

		at(v, "nodes", p->plan->nodes.first + word);
		REQUIRE(30, feature < p->plan->features.count, "a node asks no feature");
		arity = p->features[feature].nclasses;
		REQUIRE(30, arity < count - word, "a node is cut");
		for (uint32_t i = 0; i < arity; i++) {
			uint32_t child = p->words[word + 1 + i];

			one &= child == p->words[word + 1];
			if (image_is_terminal(child))
				continue;
			REQUIRE(31, child < word && p->node[child], "a child is no earlier node");
			REQUIRE(31, p->words[child] > feature, "a child asks no later feature");
		}
		REQUIRE(32, !one, "a node whose children are all one");
		REQUIRE(32, before == IMAGE_NONE || compare_nodes(p, before, word) < 0,
			"nodes are not in order, or stand twice");
		p->node[word] = 1;
		before = word;
		word += 1 + arity;
	}
}

/* Features of rows only below the scan whose row they speak of. `row` IMAGE_NONE: of no row at all. */
struct root_check {
	struct plan_check *p;
	uint32_t row;
	uint32_t kind;
	const struct image_question *question;
	uint32_t values;	/* of a determination: codes + 1 */
};

/*
 * Whether a node was looked at as part of such a root, and marks it. What was fine below one root is fine below every
 * other of which the same is asked: conditions over no row, and ladders, have a bit each; any other root is by itself.
 */
static bool seen_below(struct root_check *r, uint32_t ref)
{
	uint32_t *seen = &r->p->seen[ref], bit = 0;

	if (r->kind == IMAGE_ROOT_TRUTH && r->row == IMAGE_NONE)
		bit = 1;
	else if (r->kind == IMAGE_ROOT_LADDER)
		bit = 2;
	if (bit ? *seen & bit : *seen >> 2 == r->p->roots)
		return true;
	*seen = bit ? *seen | bit : (*seen & 3) | r->p->roots << 2;
	return false;
}

static bool terminal_ok(const struct root_check *r, uint32_t value)
{
	switch (r->kind) {
	case IMAGE_ROOT_TRUTH:
		return value <= 1;
	case IMAGE_ROOT_VALUE:
		return value < r->values;
	case IMAGE_ROOT_TERMINAL:
		return value < r->question->terminals.count;
	case IMAGE_ROOT_OUTCOME:
		return value == IMAGE_OUT_NOT_GRANTED || value == IMAGE_OUT_GRANTED ||
		       value == IMAGE_OUT_FORBIDDEN || value == IMAGE_OUT_INCONSISTENT ||
		       value == IMAGE_OUT_IMPOSSIBLE;
	case IMAGE_ROOT_LADDER:
		return IMAGE_CLASS(value) <= IMAGE_LADDER_CONFLICT && IMAGE_RANK(value) < r->question->rules.count;
	}
	return false;
}

static bool walk_root(struct root_check *r, uint32_t ref)
{
	uint32_t feature;

	if (image_is_terminal(ref))
		return terminal_ok(r, image_value_of(ref));
	if (seen_below(r, ref))
		return true;
	r->p->node[ref] = 2;
	feature = r->p->words[ref];
	if (r->p->features[feature].row != r->row && r->p->features[feature].row != IMAGE_NONE)
		return false;
	for (uint32_t i = 0; i < r->p->features[feature].nclasses; i++)
		if (!walk_root(r, r->p->words[ref + 1 + i]))
			return false;
	return true;
}

bool verify_root(struct plan_check *p, uint32_t ref, uint32_t kind, uint32_t row,
		    const struct image_question *question, uint32_t values)
{
	struct root_check r = { .p = p, .row = row, .kind = kind, .question = question, .values = values };

	if (!image_is_terminal(ref) && (ref >= p->plan->nodes.count || !p->node[ref]))
		return false;
	p->roots++;
	return walk_root(&r, ref);
}

bool verify_truth(struct plan_check *p, uint32_t ref, uint32_t row)
{
	return verify_root(p, ref, IMAGE_ROOT_TRUTH, row, NULL, 0);
}

void verify_reached(struct plan_check *p)
{
	struct verify *v = p->v;

	for (uint32_t word = 0; word < p->plan->nodes.count; word++) {
		at(v, "nodes", p->plan->nodes.first + word);
		REQUIRE(33, p->node[word] != 1, "a node that nothing reaches");
	}
}

/* Two classes that every node of a feature treats alike should be one. Its nodes lie from `from` to `end`. */
static void check_classes_of(struct plan_check *p, uint32_t feature, uint32_t from, uint32_t end)
{
	struct verify *v = p->v;
	uint32_t n = p->features[feature].nclasses;

	at(v, "features", p->plan->features.first + feature);
	for (uint32_t a = 1; a < n; a++) {
		uint64_t apart[LIMIT_CLASSES / 64 + 1] = { 0 };

		for (uint32_t word = from; word < end; word += 1 + n)
			for (uint32_t b = 0; b < a; b++)
				if (p->words[word + 1 + a] != p->words[word + 1 + b])
					apart[b / 64] |= 1ull << b % 64;
		for (uint32_t b = 0; b < a; b++)
			REQUIRE(34, apart[b / 64] >> b % 64 & 1, "two classes that nothing tells apart");
	}
}

/* The nodes are in order, later features first: those of one feature lie together. */
void verify_classes(struct plan_check *p)
{
	uint32_t count = p->plan->nodes.count, word = 0;

	for (uint32_t f = p->plan->features.count; f-- > 0 && !p->v->failed;) {
		uint32_t from = word;

		while (word < count && p->words[word] == f)
			word += 1 + p->features[f].nclasses;
		check_classes_of(p, f, from, word);
	}
}
