/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The trees of rules, walked over what is known: a node speaks where its condition holds and no exception of
 * it speaks otherwise (docs/semantics.md, "Trees"). With unknown facts a node may speak; then it is not among
 * the deciding ones but among the possible ones.
 */
#include "engine/explain/explain.h"

#include <stdlib.h>

/* Rules as they are shown ------------------------------------------------------------------------- */

const struct rko_cite *explain_passages(struct explain *explain, struct image_range cited, struct image_range see,
					size_t *ret_count, size_t *ret_see)
{
	const struct image *image = explain->image;
	size_t count = cited.count + see.count;
	struct rko_cite *cites = ARENA_ARRAY(explain->arena, count + 1, struct rko_cite);

	for (size_t i = 0; i < count; i++) {
		uint32_t link = i < cited.count ? cited.first + (uint32_t)i : see.first + (uint32_t)(i - cited.count);
		const struct image_passage *passage = &image->passages[image->links[link]];
		const struct image_source *source = &image->sources[passage->source];

		cites[i] = (struct rko_cite){
			.source = explain_string(explain, source->name),
			.id = explain_string(explain, source->id),
			.title = explain_label(explain, &source->title, source->name),
			.passage = explain_string(explain, passage->name),
			.says = explain_label(explain, &passage->label, 0),
			.original = "",
			.seen = explain_string(explain, passage->seen),
			.from = source->force.from,
			.to = source->force.flags & (IMAGE_FORCE_OPEN | IMAGE_FORCE_END_PENDING) ||
			      source->force.to == DAY_MAX ? RKO_DAY_OPEN : source->force.to,
			.pending = (source->force.flags & IMAGE_FORCE_PENDING) != 0,
		};
		if (explain->language != RKO_FI && passage->label.in[explain->language] && passage->label.in[RKO_FI])
			cites[i].original = explain_string(explain, passage->label.in[RKO_FI]);
	}
	*ret_count = count;
	*ret_see = see.count;
	return cites;
}

const struct rko_cite *explain_cites(struct explain *explain, const struct image_rule *rule, size_t *ret_count,
				     size_t *ret_see)
{
	return explain_passages(explain, rule->cites, rule->see, ret_count, ret_see);
}

struct rko_why_rule explain_rule(struct explain *explain, uint32_t number)
{
	const struct image_rule *rule = &explain->rules[number];
	struct rko_why_rule out = {
		.rule = number,
		.name = explain_string(explain, rule->name),
		.says = explain_label(explain, &rule->says, 0),
		.verb = rule_verb(rule),
		.layer = rule->layer ? explain_string(explain, explain->image->layers[rule->layer].name) : "",
		.file = explain_string(explain, rule->file),
		.line = rule->line,
		.from = rule->force.from,
		.to = rule->force.flags & IMAGE_FORCE_OPEN || rule->force.to == DAY_MAX ? RKO_DAY_OPEN
											  : rule->force.to,
	};

	out.cites = explain_cites(explain, rule, &out.ncites, &out.nsee);
	return out;
}

/* Trees ------------------------------------------------------------------------------------------- */

/* What a node can come to: one bit a verb, and one for saying nothing. */
enum { SAYS_NOTHING = 1, SAYS_GRANT = 2, SAYS_PROHIBIT = 4, SAYS_WITHHOLD = 8 };

static unsigned says_of(const struct image_rule *rule)
{
	static const unsigned says[] = { SAYS_GRANT, SAYS_PROHIBIT, SAYS_WITHHOLD, SAYS_NOTHING };

	return says[rule->verb];
}

struct tree {
	struct explain *explain;
	bool tell;		/* what is excepted goes into the explanation */
	uint8_t *certain;	/* by rule: surely speaks */
	uint8_t *possible;	/* by rule: speaks or may */
	size_t cap_excepted;
};

/* The condition of a node, by the options of readings as they are taken now. */
static unsigned on(const struct tree *tree, uint32_t number)
{
	const struct image_rule *rule = &tree->explain->rules[number];
	struct bind *bind = tree->explain->bind;
	unsigned closed = bind_truth(bind, rule->on), open, added;

	open = rule->open == IMAGE_NONE ? closed : bind_truth(bind, rule->open);
	if (rule->item != IMAGE_ITEM_RULE || open == TRUTH_YES)
		return open;
	added = bind_truth(bind, rule->root_on);	/* by overlays, where the rule itself is off */
	if (closed == TRUTH_YES || added == TRUTH_NO)
		return open;
	return added == TRUTH_YES && closed == TRUTH_NO ? (unsigned)TRUTH_YES : (unsigned)TRUTH_MAYBE;
}

static void add_excepted(struct tree *tree, uint32_t number, uint32_t by)
{
	struct explain *explain = tree->explain;
	struct rko_why_excepted *list = (struct rko_why_excepted *)(uintptr_t)explain->out->excepted;

	for (size_t i = 0; i < explain->out->nexcepted; i++)
		if (strcmp(list[i].rule, explain_string(explain, explain->rules[number].name)) == 0 &&
		    strcmp(list[i].by, explain_string(explain, explain->rules[by].name)) == 0)
			return;
	list = arena_grow(explain->arena, list, explain->out->nexcepted, &tree->cap_excepted, sizeof *list);
	list[explain->out->nexcepted++] = (struct rko_why_excepted){
		explain_rule(explain, number).name, explain_rule(explain, number).says,
		explain_rule(explain, by).name, explain_rule(explain, by).says };
	explain->out->excepted = list;
}

struct spoken {
	unsigned says;
	uint8_t *certain;	/* by rule, of this subtree */
	uint8_t *possible;
};

static void unite(uint8_t *into, const uint8_t *from, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		into[i] |= from[i];
}

static struct spoken nothing(struct tree *tree)
{
	return (struct spoken){ SAYS_NOTHING, ARENA_ARRAY(tree->explain->arena, tree->explain->nrules + 1, uint8_t),
				ARENA_ARRAY(tree->explain->arena, tree->explain->nrules + 1, uint8_t) };
}

static struct spoken speak(struct tree *tree, uint32_t number)
{
	struct explain *explain = tree->explain;
	const struct image_rule *rule = &explain->rules[number];
	struct spoken out = nothing(tree), child;
	unsigned truth = on(tree, number), sure = 0, maybe = 0;

	if (truth == TRUTH_NO || explain->bind->status != RKO_OK)
		return out;
	out.says = 0;
	for (uint32_t i = 0; i < rule->children.count; i++) {
		uint32_t other = explain->image->links[rule->children.first + i];

		if (explain->rules[other].flags & IMAGE_RULE_CUT)
			continue;
		child = speak(tree, other);
		if (child.says == SAYS_NOTHING)
			continue;
		if (child.says & SAYS_NOTHING) {
			maybe |= child.says & ~(unsigned)SAYS_NOTHING;
		} else {
			sure |= child.says;
			unite(out.certain, child.certain, explain->nrules);
			if (tree->tell && truth == TRUTH_YES && child.says != says_of(rule))
				add_excepted(tree, number, other);
		}
		unite(out.possible, child.possible, explain->nrules);
	}
	if (sure) {
		out.says = sure | maybe;
	} else {
		out.says = says_of(rule) | maybe;
		out.possible[number] = 1;
		out.certain[number] = !maybe;
	}
	if (truth != TRUTH_YES) {
		out.says |= SAYS_NOTHING;
		memset(out.certain, 0, explain->nrules);
	}
	return out;
}

/* What overlays withhold of a base rule's result. */
static unsigned cut(struct tree *tree, uint32_t number)
{
	struct explain *explain = tree->explain;
	unsigned truth = TRUTH_NO;

	for (uint32_t i = 0; i < explain->nrules; i++) {
		const struct image_rule *other = &explain->rules[i];
		struct spoken said;

		if (!(other->flags & IMAGE_RULE_CUT))
			continue;
		for (uint32_t j = 0; j < other->parents.count; j++) {
			if (explain->image->links[other->parents.first + j] != number)
				continue;
			said = speak(tree, i);
			if (said.says == SAYS_WITHHOLD) {
				if (tree->tell)
					add_excepted(tree, number, i);
				return TRUTH_YES;
			}
			if (said.says & SAYS_WITHHOLD)
				truth = TRUTH_MAYBE;
		}
	}
	return truth;
}

/* By rule: those that decide or may decide for the candidate at hand. */
struct deciding {
	uint8_t *grants, *may_grant, *forbids, *may_forbid;
};

static void speak_all(struct tree *tree, struct deciding *ret)
{
	struct explain *explain = tree->explain;

	ret->grants = ARENA_ARRAY(explain->arena, explain->nrules + 1, uint8_t);
	ret->may_grant = ARENA_ARRAY(explain->arena, explain->nrules + 1, uint8_t);
	ret->forbids = ARENA_ARRAY(explain->arena, explain->nrules + 1, uint8_t);
	ret->may_forbid = ARENA_ARRAY(explain->arena, explain->nrules + 1, uint8_t);

	for (uint32_t i = 0; i < explain->nrules; i++) {
		const struct image_rule *rule = &explain->rules[i];
		unsigned withheld;
		struct spoken said;

		if (!(rule->actions >> explain->bind->action & 1) ||
		    (rule->item != IMAGE_ITEM_RULE && !(rule->flags & IMAGE_RULE_CUT)))
			continue;
		said = speak(tree, i);
		if (said.says == SAYS_GRANT || said.says & SAYS_GRANT) {
			withheld = rule->layer ? (unsigned)TRUTH_NO : cut(tree, i);
			if (withheld == TRUTH_YES)
				said.says &= ~(unsigned)SAYS_GRANT;
			else if (withheld == TRUTH_NO && said.says == SAYS_GRANT)
				unite(ret->grants, said.certain, explain->nrules);
			if (withheld != TRUTH_YES)
				unite(ret->may_grant, said.possible, explain->nrules);
		}
		if (said.says == SAYS_PROHIBIT)
			unite(ret->forbids, said.certain, explain->nrules);
		if (said.says & SAYS_PROHIBIT)
			unite(ret->may_forbid, said.possible, explain->nrules);
	}
}

/* Lists ------------------------------------------------------------------------------------------- */

/* The rules that are marked and say this, the witness first. */
static const struct rko_why_rule *list_rules(struct explain *explain, const uint8_t *marked, unsigned says,
					     size_t *ret_count)
{
	struct rko_why_rule *list = ARENA_ARRAY(explain->arena, explain->nrules + 1, struct rko_why_rule);
	uint32_t witness = explain->out->decision.rule;
	size_t count = 0;

	for (int first = 1; first >= 0; first--) {
		for (uint32_t i = 0; i < explain->nrules; i++) {
			if (!marked[i] || (i == witness) != (first == 1))
				continue;
			if (explain->rules[i].item == IMAGE_ITEM_SILENT ? says != SAYS_NOTHING
									: !(says_of(&explain->rules[i]) & says))
				continue;
			list[count++] = explain_rule(explain, i);
		}
	}
	*ret_count = count;
	return list;
}

static void rest_on(struct explain *explain, uint32_t number)
{
	const struct image_rule *rule = &explain->rules[number];

	if (explain->rests[number])
		return;
	explain->rests[number] = 1;
	/* An exception rests on what it is an exception to. */
	for (uint32_t i = 0; i < rule->parents.count && !(rule->flags & IMAGE_RULE_CUT); i++) {
		uint32_t parent = explain->image->links[rule->parents.first + i];
		bool root = explain->rules[parent].item == IMAGE_ITEM_RULE;

		if (bind_truth(explain->bind, root ? explain->rules[parent].root_on
						   : explain->rules[parent].on) == TRUTH_YES)
			rest_on(explain, parent);
	}
}

/* The nearest granting rule ------------------------------------------------------------------------ */

uint32_t explain_opened(const struct explain *explain, uint32_t rule)
{
	const struct rko_explanation *out = explain->out;

	for (uint32_t i = 0; i < out->nchanges && explain->rules[rule].verb == IMAGE_GRANT; i++)
		if (strcmp(explain_string(explain, explain->rules[rule].name), out->changes[i].opens) == 0)
			return i;
	return RKO_CHANGES_SHOWN;
}

static bool better(uint32_t failing, uint32_t holding, uint32_t best_failing, uint32_t best_holding)
{
	return failing != best_failing ? failing < best_failing : holding > best_holding;
}

static void explain_nearest(struct explain *explain)
{
	const struct image *image = explain->image;
	uint32_t best = IMAGE_NONE, best_failing = 0, best_holding = 0;
	struct rko_why_condition *conditions;
	const struct image_rule *rule;
	struct rko_why_rule *nearest;

	for (uint32_t i = 0; i < explain->nrules; i++) {
		uint32_t failing = 0, holding = 0;

		rule = &explain->rules[i];
		if (rule->item != IMAGE_ITEM_RULE || rule->verb != IMAGE_GRANT ||
		    !(rule->actions >> explain->bind->action & 1))
			continue;
		for (uint32_t j = 0; j < rule->conjuncts.count; j++) {
			bool holds = bind_truth(explain->bind, image->conjuncts[rule->conjuncts.first + j].root) ==
				     TRUTH_YES;

			holding += holds;
			failing += !holds;
		}
		if (best != IMAGE_NONE && !better(failing, holding, best_failing, best_holding))
			continue;
		best = i;
		best_failing = failing;
		best_holding = holding;
	}
	for (uint32_t i = 0; i < explain->nrules && explain->out->nchanges; i++)
		if (explain_opened(explain, i) == 0)	/* by the smallest change of all */
			best = i;
	if (best == IMAGE_NONE)
		return;
	rule = &explain->rules[best];
	nearest = ARENA_NEW(explain->arena, struct rko_why_rule);
	*nearest = explain_rule(explain, best);
	conditions = ARENA_ARRAY(explain->arena, rule->conjuncts.count + 1, struct rko_why_condition);
	for (uint32_t j = 0; j < rule->conjuncts.count; j++) {
		const struct image_conjunct *part = &image->conjuncts[rule->conjuncts.first + j];
		unsigned truth = bind_truth(explain->bind, part->root);

		conditions[j] = (struct rko_why_condition){
			.name = explain_string(explain, part->name),
			.text = explain_string(explain, part->text),
			.says = explain_label(explain, &part->says, 0),
			.holds = truth == TRUTH_YES ? 1 : truth == TRUTH_NO ? 0 : -1,
		};
	}
	explain->out->nearest = nearest;
	explain->out->conditions = conditions;
	explain->out->nconditions = rule->conjuncts.count;
	explain->out->nearest_in_force = !(rule->force.flags & IMAGE_FORCE_PENDING) &&
					 explain->bind->today >= rule->force.from &&
					 explain->bind->today <= rule->force.to;
	for (size_t i = 0; i < explain->out->nexcepted; i++)
		explain->out->nearest_excepted |= strcmp(explain->out->excepted[i].rule, nearest->name) == 0;
	if (!explain->out->nby)
		rest_on(explain, best);
}

struct explain_spoken explain_spoken(struct explain *explain, uint32_t number)
{
	struct tree tree = { .explain = explain };
	const struct image_rule *rule = &explain->rules[number];
	struct spoken said = speak(&tree, number);
	struct explain_spoken out = { .says = 1, .speaks = -1 };
	bool root = rule->item == IMAGE_ITEM_RULE && !rule->layer;
	unsigned withheld = root ? cut(&tree, number) : (unsigned)TRUTH_NO;

	if (said.says & SAYS_NOTHING)
		out.says = said.says == SAYS_NOTHING ? 0 : -1;
	if (said.says == says_of(rule) || (rule->item == IMAGE_ITEM_SILENT && bind_truth(explain->bind, rule->on) == TRUTH_YES))
		out.speaks = 1;
	else if (!(said.says & says_of(rule)))
		out.speaks = 0;
	out.cut = withheld == TRUTH_YES ? 1 : withheld == TRUTH_MAYBE ? -1 : 0;
	return out;
}

/* Under other readings ----------------------------------------------------------------------------- */

static uint32_t first_of(const struct explain *explain, const uint8_t *marked)
{
	for (uint32_t i = 0; i < explain->nrules; i++)
		if (marked[i])
			return i;
	return IMAGE_NONE;
}

struct explain_outcome explain_outcome(struct explain *explain)
{
	struct tree tree = { .explain = explain };
	struct explain_outcome out = { .outcome = RKO_NOT_GRANTED, .rule = IMAGE_NONE };
	struct deciding deciding;
	uint32_t forbids, grants;

	speak_all(&tree, &deciding);
	forbids = first_of(explain, deciding.forbids);
	grants = first_of(explain, deciding.grants);
	if (forbids != IMAGE_NONE) {
		out = (struct explain_outcome){ RKO_FORBIDDEN, forbids };
	} else if (first_of(explain, deciding.may_grant) != IMAGE_NONE) {
		bool sure = grants != IMAGE_NONE && first_of(explain, deciding.may_forbid) == IMAGE_NONE;

		out.outcome = sure ? RKO_GRANTED : RKO_UNDECIDED;
		out.rule = sure ? grants : IMAGE_NONE;
	}
	return out;
}

/* All --------------------------------------------------------------------------------------------- */

void explain_rules(struct explain *explain)
{
	struct tree tree = { .explain = explain, .tell = true };
	struct rko_explanation *out = explain->out;
	struct deciding deciding;

	explain->rests = ARENA_ARRAY(explain->arena, explain->nrules + 1, uint8_t);
	speak_all(&tree, &deciding);
	switch (out->decision.outcome) {
	case RKO_GRANTED:
		out->by = list_rules(explain, deciding.grants, SAYS_GRANT, &out->nby);
		out->possible = list_rules(explain, deciding.may_grant, SAYS_GRANT, &out->npossible);
		break;
	case RKO_FORBIDDEN:
		out->by = list_rules(explain, deciding.forbids, SAYS_PROHIBIT, &out->nby);
		out->possible = list_rules(explain, deciding.may_forbid, SAYS_PROHIBIT, &out->npossible);
		break;
	case RKO_UNDECIDED:
		unite(deciding.may_grant, deciding.may_forbid, explain->nrules);
		out->possible = list_rules(explain, deciding.may_grant, SAYS_GRANT | SAYS_PROHIBIT, &out->npossible);
		break;
	case RKO_NOT_GRANTED:
		for (uint32_t i = 0; i < explain->nrules; i++)
			deciding.grants[i] = explain->rules[i].item == IMAGE_ITEM_SILENT &&
				    bind_truth(explain->bind, explain->rules[i].on) == TRUTH_YES;
		out->by = list_rules(explain, deciding.grants, SAYS_NOTHING, &out->nby);
		break;
	case RKO_REFUSED:
		return;
	}
	for (size_t i = 0; i < out->nby; i++)
		rest_on(explain, out->by[i].rule);
	if (out->decision.outcome != RKO_GRANTED && !out->lists)
		explain_nearest(explain);
}
