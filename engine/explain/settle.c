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
 * branches are united. What is left is a small diagram whose ends are sets of outcomes. There is one for every
 * candidate; they are joined as the decision joins candidates.
 */
#include "engine/explain/explain.h"

#include "engine/base/map.h"

/* Facts ------------------------------------------------------------------------------------------- */

enum { SCAN_FACT = 1 << 16 };	/* in the number of a fact: rows of a scan */
enum { FACTS_MAX = 60 };	/* unknown facts of one decision; beyond them all are named */

struct unknown {
	enum rko_missing_kind kind;
	uint32_t number;	/* slot, scan, value or feature */
	uint32_t candidate;	/* whose it is; 0 also of what all of them share */
	const char *name;
};

struct settle {
	struct explain *explain;
	struct bind *bind;
	const struct plan_view *view;
	struct unknown facts[FACTS_MAX];
	uint32_t nfacts;
	bool overflow;
	uint32_t candidate;	/* the one at hand */
	uint64_t *of_feature;	/* by candidate and feature: the unknown facts on which its answer hangs, a bit each */
};

/* The unknown facts behind a feature of the candidate at hand. */
static uint64_t *causes_of(const struct settle *settle, uint32_t feature)
{
	return &settle->of_feature[settle->candidate * settle->view->nfeatures + feature];
}

/* `lasts` as of what the fact is read for: a field of one candidate's row is another fact than that of the next. */
static uint64_t add_fact_of(struct settle *settle, enum rko_missing_kind kind, uint32_t number, const char *name,
			    uint32_t lasts)
{
	uint32_t candidate = lasts == LASTS_CANDIDATE ? settle->candidate : 0;

	for (uint32_t i = 0; i < settle->nfacts; i++)
		if (settle->facts[i].kind == kind && settle->facts[i].number == number &&
		    settle->facts[i].candidate == candidate)
			return 1ull << i;
	if (settle->nfacts == FACTS_MAX) {
		settle->overflow = true;
		return 0;
	}
	settle->facts[settle->nfacts] = (struct unknown){ kind, number, candidate, name };
	return 1ull << settle->nfacts++;
}

static uint64_t add_fact(struct settle *settle, enum rko_missing_kind kind, uint32_t number, const char *name)
{
	return add_fact_of(settle, kind, number, name, LASTS_DECISION);
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
		      : add_fact(settle, RKO_MISSING_RECORD, SCAN_FACT | scan,
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
	return add_fact_of(settle, RKO_MISSING_RECORD, number, explain_string(settle->explain, about->name),
			   settle->view->slot_lasts[number]);
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
		return causes ? causes : add_fact_of(settle, RKO_MISSING_FIELD, number, name,
						     settle->view->value_lasts[number]);
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

/*
 * The name that a gap's feature carries: "the value of x", or the overlay of the area. Several features test one
 * parameter, and bear one name.
 */
static uint64_t gap_cause(struct settle *settle, uint32_t feature)
{
	const char *name = explain_string(settle->explain, settle->view->features[feature].name);
	static const char of[] = "the value of ";

	if (strncmp(name, of, sizeof of - 1) == 0)
		return add_fact(settle, RKO_MISSING_PARAMETER, settle->view->features[feature].name,
				name + sizeof of - 1);
	return add_fact(settle, RKO_MISSING_OVERLAY, feature, area_name(settle));
}

/* What a test of every row hangs on: a value nobody has set; and rows that are not known, or not known to be all. */
static uint64_t row_causes(struct settle *settle, uint32_t number)
{
	const struct bound_scan *scan = bind_scan(settle->bind, number);
	uint64_t causes = 0;

	for (uint32_t i = 0; i < settle->view->nfeatures; i++)
		if (settle->view->features[i].row == number && settle->view->features[i].kind == IMAGE_FEATURE_GAP)
			causes |= gap_cause(settle, i);
	return causes && scan && !scan->open_ended ? causes : causes | scan_causes(settle, number);
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
		return causes ? causes : add_fact_of(settle, RKO_MISSING_JUDGEMENT, about->b,
						     explain_string(settle->explain, finding->name),
						     settle->view->slot_lasts[about->b]);
	case IMAGE_FEATURE_GAP:
		return gap_cause(settle, number);
	case IMAGE_FEATURE_SOME:
		return row_causes(settle, about->scan);
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

/*
 * Nodes over the features that are to be learned. A feature that hangs on the pivot is another variable for every
 * candidate. Ends are sets of outcomes (bits of MAY_…) or, joined, what the candidates come to together.
 */
enum { END = 0x80000000u };
enum { JOINED_GRANTS = 1, JOINED_MAY_GRANT = 2, JOINED_NOT_ALL = 4, JOINED_IMPOSSIBLE = 8 };

struct small {
	struct settle *settle;
	struct arena *arena;
	struct map unique;	/* bytes of a node -> its number */
	struct map done;	/* reference in the image -> here; pairs united or joined -> here */
	uint32_t **nodes;
	size_t count, cap;
	uint64_t learned;	/* facts */
};

/* The variable of a feature of the candidate at hand: in the order of features. */
static uint32_t variable(const struct small *small, uint32_t feature)
{
	const struct settle *settle = small->settle;
	bool own = settle->view->feature_lasts[feature] == LASTS_CANDIDATE;

	return feature * CANDIDATES_MAX + (own ? settle->candidate : 0);
}

static uint32_t arity(const struct small *small, uint32_t variable)
{
	return small->settle->view->features[variable / CANDIDATES_MAX].nclasses;
}

static uint32_t make(struct small *small, uint32_t variable, const uint32_t *children)
{
	uint32_t n = arity(small, variable), *node, number;
	bool same = true;
	struct text key;

	for (uint32_t i = 1; i < n; i++)
		same &= children[i] == children[0];
	if (same)
		return children[0];
	node = ARENA_ARRAY(small->arena, n + 1, uint32_t);
	node[0] = variable;
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

enum pairing { UNITE = 1, REDUCE, JOIN };

/* Two diagrams as one. Both kinds of ends are united by their bits. */
static uint32_t pair_up(struct small *small, enum pairing how, uint32_t a, uint32_t b)
{
	uint32_t pair[3] = { a < b ? a : b, a < b ? b : a, how }, first, result, done;
	uint32_t children[256];
	struct text key = { (const char *)pair, sizeof pair };
	const uint32_t *x, *y;

	if (a == b)
		return a;
	if (a & b & END)
		return a | b;
	if (how == UNITE && (a == END || b == END))	/* nothing possible there */
		return a == END ? b : a;
	done = map_get(&small->done, key);
	if (done != MAP_NONE)
		return done - 1;
	x = a & END ? NULL : small->nodes[a];
	y = b & END ? NULL : small->nodes[b];
	first = !x ? y[0] : !y ? x[0] : x[0] < y[0] ? x[0] : y[0];
	for (uint32_t i = 0; i < arity(small, first); i++)
		children[i] = pair_up(small, how, x && x[0] == first ? x[1 + i] : a, y && y[0] == first ? y[1 + i] : b);
	result = make(small, first, children);
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
	uint32_t pair[3] = { ref, small->settle->candidate, REDUCE }, result, done, feature, answer, children[256];
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
		result = reduce(small, words[ref + 1 + bind_class(bind, feature)]);
	} else {
		uint64_t causes = *causes_of(small->settle, feature);
		uint32_t count = arity(small, variable(small, feature));

		for (uint32_t i = 0; i < count; i++)
			children[i] = reduce(small, words[ref + 1 + i]);
		if (causes && !(causes & ~small->learned)) {
			result = make(small, variable(small, feature), children);
		} else {
			result = children[0];
			for (uint32_t i = 1; i < count; i++)
				result = pair_up(small, UNITE, result, children[i]);
		}
	}
	map_set(&small->done, key, result + 1);
	return result;
}

/* Outcomes of one candidate as its part of what all of them come to, see combine() in engine/decide/walk.c. */
static uint32_t as_part(struct small *small, uint32_t ref, bool sure, uint32_t *done)
{
	uint32_t children[256], may = ref & ~END, part = END;

	if (!(ref & END)) {
		if (done[ref])
			return done[ref] - 1;
		for (uint32_t i = 0; i < arity(small, small->nodes[ref][0]); i++)
			children[i] = as_part(small, small->nodes[ref][1 + i], sure, done);
		part = make(small, small->nodes[ref][0], children);
		done[ref] = part + 1;
		return part;
	}
	if (!may)
		return END | JOINED_IMPOSSIBLE;
	if (may == MAY_GRANT && sure)
		part |= JOINED_GRANTS;
	if (may & MAY_GRANT)
		part |= JOINED_MAY_GRANT;
	if (may != MAY_GRANT)
		part |= JOINED_NOT_ALL;
	return part;
}

static bool all_settled(const struct small *small, uint32_t ref, bool sure, uint8_t *seen)
{
	if (ref & END)
		return ref & (JOINED_IMPOSSIBLE | JOINED_GRANTS) || !(ref & JOINED_MAY_GRANT) ||
		       (!sure && !(ref & JOINED_NOT_ALL));
	if (seen[ref])
		return true;
	seen[ref] = 1;
	for (uint32_t i = 0; i < arity(small, small->nodes[ref][0]); i++)
		if (!all_settled(small, small->nodes[ref][1 + i], sure, seen))
			return false;
	return true;
}

/* Where rows are learned, those that may exist are taken to. */
static bool is_sure(const struct settle *settle, const struct candidate *candidate, uint64_t learned)
{
	for (uint32_t i = 0; i < settle->nfacts; i++)
		if (settle->facts[i].kind == RKO_MISSING_RECORD && learned >> i & 1 &&
		    settle->facts[i].number == (SCAN_FACT | settle->view->plan->pivot))
			return true;
	return candidate->sure;
}

/* Whether learning these facts settles the question. */
static bool settles(struct settle *settle, uint64_t learned)
{
	struct small small = { .settle = settle, .learned = learned };
	const struct verdict *verdict = &settle->explain->session->verdict;
	uint32_t root = END, part;
	bool result, sure = false;

	small.arena = settle->explain->scratch;
	map_init(&small.unique, small.arena);
	map_init(&small.done, small.arena);
	for (uint32_t i = 0; i < verdict->ncandidates; i++) {
		bool here = is_sure(settle, &verdict->candidates[i], learned);

		settle->candidate = i;
		walk_candidate(settle->bind, verdict, i);
		part = reduce(&small, settle->explain->question->question->analysis);
		part = as_part(&small, part, here, ARENA_ARRAY(small.arena, small.count + 1, uint32_t));
		root = i ? pair_up(&small, JOIN, root, part) : part;
		sure |= here;
	}
	result = settle->bind->status == RKO_OK &&
		 all_settled(&small, root, sure, ARENA_ARRAY(small.arena, small.count + 1, uint8_t));
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

/* What a missing fact is called. */
static const char *label_of(struct settle *settle, const struct unknown *fact)
{
	struct explain *explain = settle->explain;
	uint32_t area = explain->question->question->layer_value;
	int32_t code;

	switch (fact->kind) {
	case RKO_MISSING_JUDGEMENT:
		return explain_label(explain, &settle->view->slots[fact->number].asks, 0);
	case RKO_MISSING_RECORD:
		return explain_slot_label(explain, fact->number & SCAN_FACT
							   ? settle->view->scans[fact->number & ~(uint32_t)SCAN_FACT].row
							   : fact->number);
	case RKO_MISSING_FIELD:
	case RKO_MISSING_REQUEST:
		return explain_value_label(explain, fact->number);
	case RKO_MISSING_OVERLAY:
		code = area == IMAGE_NONE ? -1 : bind_fact(settle->bind, area);
		if (code < 0)
			break;
		return explain_code(explain, value_about(settle->view, explain->image, area).target, (uint32_t)code).label;
	case RKO_MISSING_PARAMETER:
		return explain_parameter_label(explain, fact->name);
	}
	return fact->name;
}

static void tell(struct settle *settle, const struct unknown *fact)
{
	struct explain *explain = settle->explain;
	struct rko_why_missing out = { .kind = fact->kind, .name = fact->name, .label = label_of(settle, fact), .asks = "",
				       .bearer = "", .bearer_label = "" };
	struct rko_why_missing *list = (struct rko_why_missing *)(uintptr_t)explain->out->missing;

	/* The same of several candidates is named once. */
	for (size_t i = 0; i < explain->out->nmissing; i++)
		if (list[i].kind == fact->kind && strcmp(list[i].name, fact->name) == 0)
			return;
	if (fact->kind == RKO_MISSING_JUDGEMENT) {
		const struct image *image = explain->image;
		const struct image_slot *slot = &settle->view->slots[fact->number];
		uint32_t set = bearer_set(image);

		out.asks = out.label;
		if (set != IMAGE_NONE && slot->judgement_role < image->codesets[set].codes.count) {
			const struct image_code *code =
				&image->codes[image->codesets[set].codes.first + slot->judgement_role];

			out.bearer = explain_string(explain, code->name);
			out.bearer_label = explain_label(explain, &code->label, code->name);
		}
	}
	list[explain->out->nmissing++] = out;
}

/* For every candidate, all that could matter is bound, and the facts behind what is unknown are listed. */
static void find_causes(struct settle *settle)
{
	const struct verdict *verdict = &settle->explain->session->verdict;
	struct bind *bind = settle->bind;

	settle->of_feature = ARENA_ARRAY(settle->explain->arena,
					 (size_t)verdict->ncandidates * settle->view->nfeatures + 1, uint64_t);
	for (uint32_t c = 0; c < verdict->ncandidates; c++) {
		settle->candidate = c;
		walk_candidate(bind, verdict, c);
		walk_may(bind, settle->explain->question->question->analysis, true, NULL);
		for (uint32_t i = 0; i < settle->view->nfeatures; i++) {
			const struct bound_feature *bound = &bind->features[i];

			if (settle->view->features[i].row == IMAGE_NONE &&
			    bound->stamp == bind->stamps[settle->view->feature_lasts[i]] &&
			    bound->answer == ANSWER_UNKNOWN)
				*causes_of(settle, i) = feature_causes(settle, i);
		}
	}
}

void explain_settle(struct explain *explain)
{
	struct settle settle = { .explain = explain, .bind = explain->bind, .view = explain->bind->view };
	uint64_t left;

	if (explain->out->decision.outcome != RKO_UNDECIDED)
		return;
	find_causes(&settle);
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
	/* What was bound is again of the candidate that is reported. */
	walk_candidate(explain->bind, &explain->session->verdict, explain->session->verdict.reported);
}
