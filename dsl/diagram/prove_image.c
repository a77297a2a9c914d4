/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The written image against the builder's diagrams, node by node, and against the rules on cells
 * drawn at random. Half of the cells are possible ones, half are anything at all: there rules
 * collide that never meet in a possible situation. The draws are the same in every run.
 */
#include "dsl/diagram/prove.h"

#include "dsl/diagram/passes.h"
#include "engine/image/image.h"

enum {
	CELLS = 1024,		/* drawn for each question */
	CELLS_APART = 16,	/* of so many one is held against the single conditions too */
};

/* What a terminal of the image means. */
static struct walked image_says(const struct prover *prover, const struct claim *claim,
				uint32_t value)
{
	const struct image *image = prover->image;
	const struct image_terminal *terminal;
	struct walked says = { value, 0 };

	if (claim->kind != CLAIM_DECISION)
		return says;
	terminal = &image->terminals[prover->question->terminals.first + value];
	says.outcome = ranked(terminal->outcome,
			      terminal->witness == IMAGE_NONE ? 0 : terminal->witness);
	for (uint32_t i = 0; i < terminal->duties.count; i++)
		says.duties |= 1ull << image->duty_lists[terminal->duties.first + i];
	return says;
}

static bool same(struct walked a, struct walked b)
{
	return a.outcome == b.outcome && a.duties == b.duties;
}

static void forget_path(struct prover *prover)
{
	for (uint32_t i = 0; i < prover->decision->plan.nfeatures; i++)
		prover->path[i] = NOWHERE;
}

/* Features ---------------------------------------------------------------------------------------- */

static bool same_cuts(const struct image *image, const struct image_feature *about,
		      const struct feature *feature)
{
	if (about->cuts.count != feature->ncuts)
		return false;
	for (uint32_t i = 0; i < feature->ncuts; i++) {
		const struct image_cut *cut = &image->cuts[about->cuts.first + i];
		uint32_t flags = (feature->cuts[i].unit == UNIT_MONTHS ? IMAGE_CUT_MONTHS : 0) |
				 (feature->cuts[i].after ? IMAGE_CUT_AFTER : 0);

		if (cut->count != feature->cuts[i].count || cut->flags != flags)
			return false;
	}
	return true;
}

static bool same_codes(const struct prover *prover, const struct image_feature *about,
		       const struct feature *feature)
{
	uint32_t count;

	if (!feature->codes)
		return true;
	count = prover->decision->plan.values[feature->a].type.codes->count;
	for (uint32_t i = 0; i < count; i++)
		if ((prover->image->bits[about->bits.first + i / 32] >> i % 32 & 1) !=
		    feature->codes[i])
			return false;
	return true;
}

static bool same_feature(const struct prover *prover, const struct image_feature *about,
			 const struct feature *feature)
{
	struct text name = text_from(image_string(prover->image, about->name));

	return text_equal(name, feature->name) && about->size == feature->size &&
	       same_cuts(prover->image, about, feature) && same_codes(prover, about, feature);
}

static void take_feature(struct prover *prover, uint32_t number, uint32_t feature)
{
	const struct feature *from = &prover->decision->plan.features[feature];
	const struct image_feature *to =
		&prover->image->features[prover->plan->features.first + number];
	uint8_t *classes = ARENA_ARRAY(prover->decision->arena, from->nclasses, uint8_t);

	for (uint32_t answer = 0; answer < from->size; answer++)
		classes[from->class_of[answer]] = prover->image->classes[to->classes + answer];
	prover->number[feature] = number;
	prover->classes[feature] = classes;
}

/* The image asks some of the plan's features, in the plan's order. */
static bool find_features(struct prover *prover)
{
	const struct plan *plan = &prover->decision->plan;
	uint32_t level = 0;

	for (uint32_t i = 0; i < plan->nfeatures; i++)
		prover->number[i] = NOWHERE;
	for (uint32_t i = 0; i < prover->plan->features.count; i++, level++) {
		const struct image_feature *about =
			&prover->image->features[prover->plan->features.first + i];

		while (level < plan->nfeatures &&
		       !same_feature(prover, about, &plan->features[plan->order[level]]))
			level++;
		if (level == plan->nfeatures)
			return false;
		take_feature(prover, i, plan->order[level]);
	}
	return true;
}

/* Node by node ------------------------------------------------------------------------------------ */

static bool same_diagram(struct prover *prover, const struct claim *claim, uint32_t ref, dd node)
{
	const struct dds *dds = &prover->decision->dds;
	const uint32_t *words = prover->image->nodes + prover->plan->nodes.first;
	uint32_t level, feature;

	if (image_is_terminal(ref) || dd_is_terminal(node))
		return image_is_terminal(ref) && dd_is_terminal(node) &&
		       same(image_says(prover, claim, image_value_of(ref)),
			    prover_terminal_says(prover, claim, dd_value(node)));
	if (prover->seen[node])
		return prover->seen[node] == ref + 1;
	prover->seen[node] = ref + 1;
	level = dd_level(dds, node);
	feature = prover->decision->plan.order[level];
	if (words[ref] != prover->number[feature])
		return false;
	for (uint32_t i = 0; i < dds->arity[level]; i++) {
		uint32_t child = words[ref + 1 + prover->classes[feature][i]];

		prover->path[level] = i;
		if (!same_diagram(prover, claim, child, dd_children(dds, node)[i]))
			return false;
	}
	prover->path[level] = NOWHERE;
	return true;
}

static bool same_diagrams(struct prover *prover)
{
	struct decision *decision = prover->decision;
	size_t size = (decision->dds.count + 1) * sizeof *prover->seen;

	prover->seen = arena_alloc(decision->arena, size);
	forget_path(prover);
	for (uint32_t i = 0; i < prover->nclaims; i++) {
		const struct claim *claim = &prover->claims[i];
		bool decides = claim->kind == CLAIM_DECISION;

		if (decides)		/* its terminals are numbers, not results */
			memset(prover->seen, 0, size);
		if (!same_diagram(prover, claim, claim->ref, claim->diagram)) {
			diag_add(decision->diags, DIAG_PROOF_FAILS, prover_span(prover, claim),
				 "the image of %.*s differs from the diagram, for example when%.*s",
				 TEXT_ARG(prover_name(prover, claim)),
				 TEXT_ARG(prover_path(prover)));
			return false;
		}
		if (decides)
			memset(prover->seen, 0, size);
	}
	return true;
}

/* Cells at random --------------------------------------------------------------------------------- */

/* splitmix64: short, and the same everywhere. */
static uint32_t draw(struct prover *prover, uint32_t below)
{
	uint64_t z = prover->random += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return (uint32_t)((z ^ z >> 31) >> 32) % below;
}

static void draw_any(struct prover *prover)
{
	const struct plan *plan = &prover->decision->plan;

	for (uint32_t i = 0; i < plan->nfeatures; i++)
		prover->walk.answer[i] = draw(prover, plan->features[i].size);
}

/* An answer of the class, each as likely as the others. */
static uint32_t draw_answer(struct prover *prover, const struct feature *feature, uint32_t class_)
{
	uint32_t count = 0, answer = 0;

	for (uint32_t i = 0; i < feature->size; i++)
		count += feature->class_of[i] == class_;
	count = draw(prover, count);
	while (feature->class_of[answer] != class_ || count-- > 0)
		answer++;
	return answer;
}

/* Down through the possible cells, by any class that leads to some; what is not asked is free. */
static void draw_possible(struct prover *prover)
{
	const struct decision *decision = prover->decision;
	const struct dds *dds = &decision->dds;
	dd node = decision->possible;

	draw_any(prover);
	while (!dd_is_terminal(node)) {
		uint32_t level = dd_level(dds, node), number = decision->plan.order[level];
		const dd *children = dd_children(dds, node);
		uint32_t open = 0, class_ = 0;

		for (uint32_t i = 0; i < dds->arity[level]; i++)
			open += children[i] != DD_FALSE;
		open = draw(prover, open);
		while (children[class_] == DD_FALSE || open-- > 0)
			class_++;
		prover->walk.answer[number] =
			draw_answer(prover, &decision->plan.features[number], class_);
		node = children[class_];
	}
}

/* The cell as the image has it. */
static void bind(struct prover *prover)
{
	const struct image *image = prover->image;
	const struct image_feature *features = &image->features[prover->plan->features.first];

	for (uint32_t i = 0; i < prover->decision->plan.nfeatures; i++) {
		uint32_t number = prover->number[i];

		if (number != NOWHERE)
			prover->class_of[number] =
				image->classes[features[number].classes + prover->walk.answer[i]];
	}
}

/* What the image asks on its way. */
static void trace_path(struct prover *prover, const struct claim *claim)
{
	const struct plan *plan = &prover->decision->plan;
	const uint32_t *words = prover->image->nodes + prover->plan->nodes.first;
	uint32_t ref = claim->ref;

	forget_path(prover);
	for (; !image_is_terminal(ref); ref = words[ref + 1 + prover->class_of[words[ref]]])
		for (uint32_t i = 0; i < plan->nfeatures; i++)
			if (prover->number[i] == words[ref])
				prover->path[plan->features[i].level] =
					plan->features[i].class_of[prover->walk.answer[i]];
}

static bool check_claim(struct prover *prover, const struct claim *claim, struct walked decided)
{
	struct walked rules = prover_rules_say(prover, claim, decided);
	uint32_t value = image_walk(prover->image, prover->plan, claim->ref, prover->class_of);
	struct walked found = image_says(prover, claim, value);

	if (same(rules, found))
		return true;
	trace_path(prover, claim);
	prover_report(prover, claim, "the image", rules, found);
	return false;
}

/* Whether what is told is so in the cell. What need not be told is not. */
static bool told_is_so(const struct prover *prover, const struct claim *claim, struct walked decided, uint32_t value)
{
	const struct decision *decision = prover->decision;
	const struct told *told = &decision->told[claim->number];
	bool granted = rank_class(decided.outcome) == OUT_GRANTED;

	switch ((enum image_told_kind)told->kind) {
	case IMAGE_TOLD_OPENS:
		return value == (granted ? OUT_GRANTED : value) && value != ANALYSIS_IMPOSSIBLE;
	case IMAGE_TOLD_RULE:
		return !value || treewalk_speaks(&prover->walk, decision->rules[told->number].rule);
	case IMAGE_TOLD_ANSWER:
		return !value || value == treewalk_answer(&prover->walk, told->number);
	case IMAGE_TOLD_DUTY_GRANTED:
	case IMAGE_TOLD_DUTY_DENIED:
		return !value || granted != (told->kind == IMAGE_TOLD_DUTY_GRANTED) || decided.duties >> told->number & 1;
	case IMAGE_TOLD_DUE:
		return true;
	}
	return false;
}

static bool check_told(struct prover *prover, const struct claim *claim, struct walked decided)
{
	uint32_t value = image_walk(prover->image, prover->plan, claim->ref, prover->class_of);

	if (told_is_so(prover, claim, decided, value))
		return true;
	trace_path(prover, claim);
	prover_report(prover, claim, "the image", (struct walked){ 0, 0 }, (struct walked){ value, 0 });
	return false;
}

static bool check_cell(struct prover *prover, bool apart)
{
	struct walked decided = treewalk_decide(&prover->walk), outcome = { OUT_NOTHING, 0 };

	if (prover_follow(prover, prover->decision->possible) != DD_TRUE)
		outcome.outcome = ANALYSIS_IMPOSSIBLE;
	else if (rank_class(decided.outcome) != OUT_SILENT)
		outcome.outcome = rank_class(decided.outcome);
	for (uint32_t i = 0; i < prover->nclaims; i++) {
		const struct claim *claim = &prover->claims[i];

		if (claim->kind == CLAIM_TOLD) {
			if (outcome.outcome != ANALYSIS_IMPOSSIBLE && !check_told(prover, claim, decided))
				return false;
			continue;
		}
		if ((claim->kind == CLAIM_CONDITION || claim->kind == CLAIM_ROOT_ON) && !apart)
			continue;
		if (!check_claim(prover, claim, claim->kind == CLAIM_ANALYSIS ? outcome : decided))
			return false;
	}
	return true;
}

static void check_cells(struct prover *prover)
{
	struct proof *proof = &prover->decision->proof;
	bool possible = prover->decision->possible != DD_FALSE;

	for (uint32_t i = 0; i < CELLS; i++) {
		if (i % 2 && possible)
			draw_possible(prover);
		else
			draw_any(prover);
		bind(prover);
		if (!check_cell(prover, i / 2 % CELLS_APART == 0))
			return;
		proof->cells++;
	}
}

void decision_prove_image(struct decision *decision, const struct image *image)
{
	uint32_t nfeatures = decision->plan.nfeatures;
	struct prover prover;

	decision->proof.cells = 0;
	prover_init(&prover, decision);
	prover.image = image;
	prover.question = &image->questions[decision->question->index];
	prover.plan = &image->plans[prover.question->plan];
	prover.number = ARENA_ARRAY(decision->arena, nfeatures + 1, uint32_t);
	prover.classes = ARENA_ARRAY(decision->arena, nfeatures + 1, uint8_t *);
	prover.class_of = ARENA_ARRAY(decision->arena, nfeatures + 1, uint8_t);
	if (!find_features(&prover)) {
		diag_add(decision->diags, DIAG_PROOF_FAILS, decision->question->span,
			 "the image of %.*s asks what the rules do not",
			 TEXT_ARG(decision->question->name));
		return;
	}
	prover_claim(&prover);
	if (same_diagrams(&prover))
		check_cells(&prover);
}
