/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Which facts would settle an open question.
 *
 * What is unknown are facts, not features: a record that is missing is one fact with many features. A set of facts
 * settles the question when for every way in which they can turn out the outcome is one, whatever the others
 * are. Facts are dropped one by one while the rest still settles, so that none of those left is needless: first
 * judgements, then what overlays and parameters leave open, then records, then fields, then what the request says.
 *
 * To test a set, the features of the other facts are taken out of the analysis diagram: the outcomes of their
 * branches are united. What is left is a small diagram whose ends are sets of outcomes.
 */
#include "engine/explain/explain.h"

#include "engine/base/map.h"

/* Facts ------------------------------------------------------------------------------------------- */

enum { FACTS_MAX = 60 };	/* unknown facts of one decision; beyond them all are named */

struct unknown {
	enum rko_missing_kind kind;
	uint32_t number;	/* slot, scan, value or feature */
	const char *name;
	bool dropped;
};

struct settle {
	struct explain *explain;
	struct bind *bind;
	const struct plan_view *view;
	struct unknown facts[FACTS_MAX];
	uint32_t nfacts;
	bool overflow;
	uint64_t *of_feature;	/* the unknown facts on which its answer hangs, a bit each */
};

static uint64_t add_fact(struct settle *settle, enum rko_missing_kind kind, uint32_t number, const char *name)
{
	for (uint32_t i = 0; i < settle->nfacts; i++)
		if (settle->facts[i].kind == kind && settle->facts[i].number == number)
			return 1ull << i;
	if (settle->nfacts == FACTS_MAX) {
		settle->overflow = true;
		return 0;
	}
	settle->facts[settle->nfacts] = (struct unknown){ kind, number, name, false };
	return 1ull << settle->nfacts++;
}

static uint64_t value_causes(struct settle *settle, uint32_t value);

static uint64_t keys_causes(struct settle *settle, struct image_range keys)
{
	uint64_t causes = 0;

	for (uint32_t i = 0; i < keys.count; i++)
		causes |= value_causes(settle, settle->explain->image->keys[keys.first + i] & ~IMAGE_KEY_EACH);
	return causes;
}

/* Rows that are not known, or not known to be all. */
static uint64_t scan_causes(struct settle *settle, uint32_t scan)
{
	uint64_t causes = keys_causes(settle, settle->view->scans[scan].keys);

	return causes ? causes
		      : add_fact(settle, RKO_MISSING_RECORD, 1u << 16 | scan,
				 explain_string(settle->explain, settle->view->scans[scan].name));
}

static uint64_t slot_causes(struct settle *settle, uint32_t number)
{
	const struct image_slot *about = &settle->view->slots[number];
	const struct bound_slot *slot = bind_slot(settle->bind, number);
	uint64_t causes = 0;

	if (!slot || slot->state != SLOT_UNKNOWN)
		return 0;
	switch (about->kind) {
	case IMAGE_SLOT_LINK:
	case IMAGE_SLOT_FINDING:
		causes = keys_causes(settle, about->keys);
		break;
	case IMAGE_SLOT_REF:
		causes = value_causes(settle, about->from);
		break;
	case IMAGE_SLOT_ROW:
		return about->from == IMAGE_NONE ? 0 : scan_causes(settle, about->from);
	}
	if (causes)
		return causes;
	return add_fact(settle, RKO_MISSING_RECORD, number, explain_string(settle->explain, about->name));
}

static uint64_t value_causes(struct settle *settle, uint32_t number)
{
	const struct image_value *about = &settle->view->values[number];
	bool set = value_about(settle->view, settle->explain->image, number).flags & IMAGE_FIELD_SET;
	const char *name = explain_string(settle->explain, about->name);
	uint64_t causes;

	if (set) {
		const struct bound_value *value = bind_set(settle->bind, number);

		if (!value || (!value->open_ended && !value->maybe))
			return 0;
	} else if (bind_fact(settle->bind, number) != FACT_UNKNOWN) {
		return 0;
	}
	switch (about->kind) {
	case IMAGE_VALUE_REQUEST:
		return add_fact(settle, RKO_MISSING_REQUEST, number, name);
	case IMAGE_VALUE_FIELD:
		causes = slot_causes(settle, about->of);
		return causes ? causes : add_fact(settle, RKO_MISSING_FIELD, number, name);
	case IMAGE_VALUE_ROWS:
		return scan_causes(settle, about->of);
	}
	return 0;
}

static const char *area_name(struct settle *settle)
{
	const struct image *image = settle->explain->image;
	uint32_t value = settle->explain->question->question->layer_value, set;
	int32_t code;

	if (value == IMAGE_NONE)
		return "";
	set = value_about(settle->view, image, value).target;
	code = bind_fact(settle->bind, value);
	for (uint32_t i = 0; i < image->n_layers && code >= 0; i++)
		if (image->layers[i].codeset == set && image->layers[i].code == (uint32_t)code)
			return explain_string(settle->explain, image->layers[i].name);
	return code >= 0 ? explain_string(settle->explain,
					  image->codes[image->codesets[set].codes.first + (uint32_t)code].name) : "";
}

/* The name that a gap's feature carries: "the value of x", or the overlay of the area. */
static uint64_t gap_cause(struct settle *settle, uint32_t feature)
{
	const char *name = explain_string(settle->explain, settle->view->features[feature].name);
	static const char of[] = "the value of ";

	if (strncmp(name, of, sizeof of - 1) == 0)
		return add_fact(settle, RKO_MISSING_PARAMETER, feature, name + sizeof of - 1);
	return add_fact(settle, RKO_MISSING_OVERLAY, feature, area_name(settle));
}

static uint64_t feature_causes(struct settle *settle, uint32_t number)
{
	const struct image_feature *about = &settle->view->features[number];
	const struct image_slot *finding;
	uint64_t causes = 0;

	switch ((enum image_feature_kind)about->kind) {
	case IMAGE_FEATURE_FINDING:
		finding = &settle->view->slots[about->b];
		causes = keys_causes(settle, finding->keys);
		return causes ? causes : add_fact(settle, RKO_MISSING_JUDGEMENT, about->b,
						  explain_string(settle->explain, finding->name));
	case IMAGE_FEATURE_GAP:
		return gap_cause(settle, number);
	case IMAGE_FEATURE_SOME:
		return scan_causes(settle, about->scan);
	case IMAGE_FEATURE_PRESENT:
		if (about->a == IMAGE_NONE)
			return slot_causes(settle, about->b);
		break;
	default:
		break;
	}
	if (about->a != IMAGE_NONE)
		causes |= value_causes(settle, about->a);
	if (about->b != IMAGE_NONE)
		causes |= value_causes(settle, about->b);
	return causes;
}

/* A small diagram --------------------------------------------------------------------------------- */

/* Nodes over the features that are to be learned; ends are sets of outcomes (bits of MAY_…). */
enum { END = 0x80000000u };

struct small {
	struct settle *settle;
	struct arena *arena;
	struct map unique;	/* bytes of a node -> its number */
	struct map done;	/* reference in the image -> here; pairs united -> here */
	uint32_t **nodes;
	size_t count, cap;
	uint64_t learned;	/* facts */
};

static uint32_t arity(const struct small *small, uint32_t feature)
{
	return small->settle->view->features[feature].nclasses;
}

static uint32_t make(struct small *small, uint32_t feature, const uint32_t *children)
{
	uint32_t n = arity(small, feature), *node, number;
	bool same = true;
	struct text key;

	for (uint32_t i = 1; i < n; i++)
		same &= children[i] == children[0];
	if (same)
		return children[0];
	node = ARENA_ARRAY(small->arena, n + 1, uint32_t);
	node[0] = feature;
	memcpy(node + 1, children, n * sizeof *node);
	key = (struct text){ (const char *)node, (n + 1) * sizeof *node };
	number = map_intern(&small->unique, key);
	if (number == small->count) {
		small->nodes = arena_grow(small->arena, small->nodes, small->count, &small->cap,
					  sizeof *small->nodes);
		small->nodes[small->count++] = node;
	}
	return number;
}

static uint32_t unite(struct small *small, uint32_t a, uint32_t b)
{
	uint32_t pair[3] = { a < b ? a : b, a < b ? b : a, 1 }, feature, result, done;
	uint32_t children[256];
	struct text key = { (const char *)pair, sizeof pair };
	const uint32_t *x, *y;

	if (a == b)
		return a;
	if (a & b & END)
		return a | b;
	if (a == END)	/* nothing possible */
		return b;
	if (b == END)
		return a;
	done = map_get(&small->done, key);
	if (done != MAP_NONE)
		return done - 1;
	x = a & END ? NULL : small->nodes[a];
	y = b & END ? NULL : small->nodes[b];
	feature = !x ? y[0] : !y ? x[0] : x[0] < y[0] ? x[0] : y[0];
	for (uint32_t i = 0; i < arity(small, feature); i++)
		children[i] = unite(small, x && x[0] == feature ? x[1 + i] : a,
				    y && y[0] == feature ? y[1 + i] : b);
	result = make(small, feature, children);
	map_set(&small->done, key, result + 1);
	return result;
}

static uint32_t end_mask(uint32_t outcome)
{
	switch (outcome) {
	case IMAGE_OUT_GRANTED:
		return END | MAY_GRANT;
	case IMAGE_OUT_FORBIDDEN:
		return END | MAY_FORBID;
	case IMAGE_OUT_NOT_GRANTED:
	case IMAGE_OUT_SILENT:
		return END | MAY_NOT_GRANT;
	}
	return END;
}

/* The diagram with known features followed, learned ones kept and the others taken out. */
static uint32_t reduce(struct small *small, uint32_t ref)
{
	struct bind *bind = small->settle->bind;
	const uint32_t *words = small->settle->view->words;
	uint32_t pair[3] = { ref, 0, 2 }, result, done, feature, answer, children[256];
	struct text key = { (const char *)pair, sizeof pair };

	if (image_is_terminal(ref))
		return end_mask(image_value_of(ref));
	done = map_get(&small->done, key);
	if (done != MAP_NONE)
		return done - 1;
	feature = words[ref];
	answer = bind_feature(bind, feature);
	if (answer == ANSWER_FAILED)
		return END;
	if (answer != ANSWER_UNKNOWN) {
		result = reduce(small, words[ref + 1 + bind_class(bind, feature, answer)]);
	} else {
		uint64_t causes = small->settle->of_feature[feature];

		for (uint32_t i = 0; i < arity(small, feature); i++)
			children[i] = reduce(small, words[ref + 1 + i]);
		if (causes && !(causes & ~small->learned)) {
			result = make(small, feature, children);
		} else {
			result = children[0];
			for (uint32_t i = 1; i < arity(small, feature); i++)
				result = unite(small, result, children[i]);
		}
	}
	map_set(&small->done, key, result + 1);
	return result;
}

static bool settled_end(uint32_t end)
{
	uint32_t may = end & ~END;

	return may == 0 || may == MAY_GRANT || !(may & MAY_GRANT);
}

static bool all_settled(const struct small *small, uint32_t ref, uint8_t *seen)
{
	if (ref & END)
		return settled_end(ref);
	if (seen[ref])
		return true;
	seen[ref] = 1;
	for (uint32_t i = 0; i < arity(small, small->nodes[ref][0]); i++)
		if (!all_settled(small, small->nodes[ref][1 + i], seen))
			return false;
	return true;
}

/* Whether learning these facts settles the question. */
static bool settles(struct settle *settle, uint64_t learned)
{
	struct small small = { .settle = settle, .learned = learned };
	bool result;
	uint32_t root;

	small.arena = settle->explain->scratch;
	map_init(&small.unique, small.arena);
	map_init(&small.done, small.arena);
	root = reduce(&small, settle->explain->question->question->analysis);
	result = settle->bind->status == RKO_OK &&
		 all_settled(&small, root, ARENA_ARRAY(small.arena, small.count + 1, uint8_t));
	arena_reset(small.arena);
	return result;
}

/* All --------------------------------------------------------------------------------------------- */

/* The language keeps the name `bearer` for those who bear duties and make judgements. */
static uint32_t bearer_set(const struct image *image)
{
	for (uint32_t i = 0; i < image->n_codesets; i++)
		if (strcmp(image_string(image, image->codesets[i].name), "bearer") == 0)
			return i;
	return IMAGE_NONE;
}

static void tell(struct settle *settle, const struct unknown *fact)
{
	struct explain *explain = settle->explain;
	struct rko_why_missing out = { .kind = fact->kind, .name = fact->name, .asks = "", .bearer = "",
				       .bearer_label = "" };
	struct rko_why_missing *list = (struct rko_why_missing *)(uintptr_t)explain->out->missing;

	if (fact->kind == RKO_MISSING_JUDGEMENT) {
		const struct image *image = explain->image;
		const struct image_slot *slot = &settle->view->slots[fact->number];
		uint32_t set = bearer_set(image);

		out.asks = explain_label(explain, &slot->asks, 0);
		if (set != IMAGE_NONE && slot->judgement_role < image->codesets[set].codes.count) {
			const struct image_code *code =
				&image->codes[image->codesets[set].codes.first + slot->judgement_role];

			out.bearer = explain_string(explain, code->name);
			out.bearer_label = explain_label(explain, &code->label, code->name);
		}
	}
	list[explain->out->nmissing++] = out;
}

void explain_settle(struct explain *explain)
{
	struct settle settle = { .explain = explain, .bind = explain->bind, .view = explain->bind->view };
	uint64_t left;

	if (explain->out->decision.outcome != RKO_UNDECIDED)
		return;
	/* Everything that could matter is bound by this walk. */
	walk_may(explain->bind, explain->question->question->analysis, true, NULL);
	settle.of_feature = ARENA_ARRAY(explain->arena, settle.view->nfeatures + 1, uint64_t);
	for (uint32_t i = 0; i < settle.view->nfeatures; i++) {
		const struct bound_feature *bound = &explain->bind->features[i];

		if (settle.view->features[i].row == IMAGE_NONE &&
		    bound->stamp == explain->bind->stamps[settle.view->feature_lasts[i]] &&
		    bound->answer == ANSWER_UNKNOWN)
			settle.of_feature[i] = feature_causes(&settle, i);
	}
	explain->out->missing = ARENA_ARRAY(explain->arena, settle.nfacts + 1, struct rko_why_missing);
	left = settle.nfacts == 64 ? UINT64_MAX : (1ull << settle.nfacts) - 1;
	if (!settle.overflow && settles(&settle, left)) {
		for (int kind = RKO_MISSING_JUDGEMENT; kind <= RKO_MISSING_REQUEST; kind++)
			for (uint32_t i = 0; i < settle.nfacts; i++)
				if ((int)settle.facts[i].kind == kind && settles(&settle, left & ~(1ull << i)))
					left &= ~(1ull << i);
	}
	for (uint32_t i = 0; i < settle.nfacts; i++)
		if (left >> i & 1)
			tell(&settle, &settle.facts[i]);
}
