/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Ladders: for each rule that bears on the answer its conditions, its exceptions and what the area's overlay does to
 * it. Which rules those are comes from rules.c; what a condition comes down to, from tests.c.
 */
#include "engine/explain/explain.h"

/* Which rules --------------------------------------------------------------------------------------- */

enum { NEAREST_MOST = 3, NO_ROLE = 255, MANY = 1 << 16 };

struct picking {
	struct explain *explain;
	uint8_t *roles;		/* by rule: enum rko_ladder, NO_ROLE */
	uint32_t *nearest;	/* rules, the nearest first */
	uint32_t nnearest;
};

static bool is_root(const struct explain *explain, uint32_t number)
{
	const struct image_rule *rule = &explain->rules[number];

	return rule->actions >> explain->bind->action & 1 && rule->item == IMAGE_ITEM_RULE;
}

static void give_role(struct picking *picking, uint32_t number, enum rko_ladder role)
{
	if (picking->roles[number] > role)
		picking->roles[number] = (uint8_t)role;
}

/* The roots above a deciding rule on whose chain it stands. */
static void give_roots(struct picking *picking, uint32_t number, enum rko_ladder role)
{
	const struct explain *explain = picking->explain;
	const struct image_rule *rule = &explain->rules[number];

	if (rule->item != IMAGE_ITEM_EXCEPTION) {
		give_role(picking, number, role);
		return;
	}
	for (uint32_t i = 0; i < rule->parents.count; i++) {
		uint32_t parent = explain->image->links[rule->parents.first + i];
		const struct image_rule *above = &explain->rules[parent];

		if (bind_truth(explain->bind, above->item == IMAGE_ITEM_RULE ? above->root_on : above->on) != TRUTH_NO)
			give_roots(picking, parent, role);
	}
}

static uint32_t failing_of(struct explain *explain, uint32_t number, uint32_t *ret_holding)
{
	const struct image_rule *rule = &explain->rules[number];
	uint32_t failing = 0;

	for (uint32_t i = 0; i < rule->conjuncts.count; i++)
		failing += bind_truth(explain->bind, explain->image->conjuncts[rule->conjuncts.first + i].root) != TRUTH_YES;
	*ret_holding = rule->conjuncts.count - failing;
	return failing;
}

/*
 * The granting rules that came closest: those that the changes shown would open, then those with the fewest conditions
 * that fail, then with the most that hold.
 */
static void find_nearest(struct picking *picking)
{
	struct explain *explain = picking->explain;
	uint32_t failing[NEAREST_MOST + 1], holding[NEAREST_MOST + 1];

	picking->nearest = ARENA_ARRAY(explain->arena, NEAREST_MOST + 1, uint32_t);
	for (uint32_t i = 0; i < explain->nrules; i++) {
		uint32_t fails, holds, at = picking->nnearest;

		if (!is_root(explain, i) || explain->rules[i].verb != IMAGE_GRANT || picking->roles[i] != NO_ROLE)
			continue;
		fails = failing_of(explain, i, &holds) + explain_opened(explain, i) * MANY;
		for (; at > 0 && (fails != failing[at - 1] ? fails < failing[at - 1] : holds > holding[at - 1]); at--) {
			failing[at] = failing[at - 1];
			holding[at] = holding[at - 1];
			picking->nearest[at] = picking->nearest[at - 1];
		}
		if (at == NEAREST_MOST)
			continue;
		failing[at] = fails;
		holding[at] = holds;
		picking->nearest[at] = i;
		if (picking->nnearest < NEAREST_MOST)
			picking->nnearest++;
	}
	for (uint32_t i = 0; i < picking->nnearest; i++)
		give_role(picking, picking->nearest[i], RKO_LADDER_NEAREST);
}

static void pick(struct picking *picking)
{
	struct explain *explain = picking->explain;
	const struct rko_explanation *out = explain->out;

	picking->roles = ARENA_ARRAY(explain->arena, explain->nrules + 1, uint8_t);
	memset(picking->roles, NO_ROLE, explain->nrules);
	for (size_t i = 0; i < out->nby; i++)
		give_roots(picking, out->by[i].rule, RKO_LADDER_DECIDES);
	for (uint32_t i = 0; i < explain->nrules; i++) {
		struct explain_spoken said;

		if (!is_root(explain, i) || picking->roles[i] != NO_ROLE ||
		    bind_truth(explain->bind, explain->rules[i].root_on) != TRUTH_YES)
			continue;
		said = explain_spoken(explain, i);
		if (said.speaks == 0 || said.cut == 1)
			give_role(picking, i, RKO_LADDER_STOPPED);
	}
	if (out->decision.outcome == RKO_UNDECIDED)
		for (size_t i = 0; i < out->npossible; i++)
			give_roots(picking, out->possible[i].rule, RKO_LADDER_POSSIBLE);
	if (out->decision.outcome != RKO_GRANTED && !out->lists)
		find_nearest(picking);
}

/* Exceptions ---------------------------------------------------------------------------------------- */

struct trying {
	struct explain *explain;
	struct rko_why_exception *list;
	size_t count, cap;
};

static int is_in_force(const struct explain *explain, const struct image_rule *rule)
{
	return !(rule->force.flags & IMAGE_FORCE_PENDING) && explain->bind->today >= rule->force.from &&
	       explain->bind->today <= rule->force.to;
}

static int holds_of(unsigned truth)
{
	return truth == TRUTH_YES ? 1 : truth == TRUTH_NO ? 0 : -1;
}

static int both(int a, int b)
{
	return a == 0 || b == 0 ? 0 : a == 1 && b == 1 ? 1 : -1;
}

static void try_exceptions(struct trying *trying, uint32_t number, unsigned depth, int above);

static void try_exception(struct trying *trying, uint32_t number, uint32_t to, unsigned depth, int above)
{
	struct explain *explain = trying->explain;
	const struct image_rule *rule = &explain->rules[number];
	struct explain_spoken said = explain_spoken(explain, number);
	struct rko_why_exception out = {
		.rule = explain_rule(explain, number),
		.depth = depth,
		.to = explain_string(explain, explain->rules[to].name),
		.cuts = (rule->flags & IMAGE_RULE_CUT) != 0,
		.in_force = is_in_force(explain, rule),
		.holds = holds_of(bind_truth(explain->bind, rule->on)),
		.reached = above,
		.applies = both(both(above, said.says), said.speaks),
	};

	out.conditions = explain_conditions(explain, rule, &out.nconditions, &out.failing);
	trying->list = arena_grow(explain->arena, trying->list, trying->count, &trying->cap, sizeof *trying->list);
	trying->list[trying->count++] = out;
	try_exceptions(trying, number, depth + 1, both(above, out.holds));
}

/* Those of a rule or of an exception; of a rule then those that overlays make to its result. */
static void try_exceptions(struct trying *trying, uint32_t number, unsigned depth, int above)
{
	const struct explain *explain = trying->explain;
	const struct image_rule *rule = &explain->rules[number];

	if (depth > LIMIT_NESTING)
		return;
	for (uint32_t i = 0; i < rule->children.count; i++) {
		uint32_t child = explain->image->links[rule->children.first + i];

		if (!(explain->rules[child].flags & IMAGE_RULE_CUT) &&
		    explain->rules[child].actions >> explain->bind->action & 1)
			try_exception(trying, child, number, depth, above);
	}
	for (uint32_t i = 0; i < explain->nrules && rule->item == IMAGE_ITEM_RULE; i++) {
		const struct image_rule *other = &explain->rules[i];

		for (uint32_t j = 0; other->flags & IMAGE_RULE_CUT && j < other->parents.count; j++)
			if (explain->image->links[other->parents.first + j] == number)
				try_exception(trying, i, number, depth, 1);
	}
}

/* Overlays ------------------------------------------------------------------------------------------ */

static const char *set_value(struct explain *explain, const struct image_effect *effect)
{
	static const char *const none[] = { "ei mitään", "ingenting", "none" };
	static const char *const units[][2][3] = {	/* one, several */
		{ { "päivä", "dag", "day" }, { "päivää", "dagar", "days" } },
		{ { "kuukausi", "månad", "month" }, { "kuukautta", "månader", "months" } },
	};
	struct text out = TEXT("");

	switch ((enum image_effect_kind)effect->kind) {
	case IMAGE_EFFECT_DATE:
		return explain_day(explain, effect->number);
	case IMAGE_EFFECT_DAYS:
	case IMAGE_EFFECT_MONTHS:
		return text_format(explain->arena, "%d %s", effect->number,
				   units[effect->kind == IMAGE_EFFECT_MONTHS][effect->number != 1][explain->language]).at;
	case IMAGE_EFFECT_CODES:
		for (uint32_t i = 0; i < effect->codes.count; i++)
			out = text_format(explain->arena, "%.*s%s%s", TEXT_ARG(out), i ? ", " : "",
					  explain_code(explain, effect->codeset,
						       explain->image->links[effect->codes.first + i]).label);
		return effect->codes.count ? out.at : none[explain->language];
	case IMAGE_EFFECT_WIDENS:
	case IMAGE_EFFECT_NONE:
		break;
	}
	return effect->kind == IMAGE_EFFECT_NONE ? none[explain->language] : "";
}

static struct rko_why_overlay overlay_of(struct explain *explain, uint32_t layer)
{
	const struct image_layer *about = &explain->image->layers[layer];
	const struct image_label *label = &about->label;

	/* A layer is called as its area is. */
	if (!label->in[0] && !label->in[1] && !label->in[2] && about->codeset != IMAGE_NONE)
		label = &explain->image->codes[explain->image->codesets[about->codeset].codes.first + about->code].label;
	return (struct rko_why_overlay){
		.layer = explain_string(explain, about->name),
		.layer_label = explain_label(explain, label, about->name),
		.name = "", .label = "", .value = "",
	};
}

static void list_overlays(struct explain *explain, const struct image_rule *rule, struct rko_why_ladder *out)
{
	struct rko_why_overlay *list = ARENA_ARRAY(explain->arena, rule->notes.count + out->nexceptions + 1,
						   struct rko_why_overlay), *one;

	for (uint32_t i = 0; i < rule->notes.count; i++) {
		const struct image_note *note = &explain->image->notes[rule->notes.first + i];
		const struct image_effect *effect;

		if (note->kind != IMAGE_NOTE_EFFECT || bind_truth(explain->bind, note->root) != TRUTH_YES)
			continue;
		effect = &explain->image->effects[note->what];
		if (effect->kind == IMAGE_EFFECT_WIDENS && !out->widened)
			continue;
		one = &list[out->noverlays++];
		*one = overlay_of(explain, effect->layer);
		one->effect = effect->kind == IMAGE_EFFECT_WIDENS ? RKO_EFFECT_WIDENS : RKO_EFFECT_SETS;
		one->name = explain_string(explain, effect->name);
		one->label = explain_label(explain, &effect->label, effect->name);
		one->value = set_value(explain, effect);
		one->cites = explain_passages(explain, effect->cites, effect->see, &one->ncites, &one->nsee);
	}
	for (size_t i = 0; i < out->nexceptions; i++) {
		const struct rko_why_exception *exception = &out->exceptions[i];

		if (!exception->cuts || exception->applies != 1)
			continue;
		one = &list[out->noverlays++];
		*one = overlay_of(explain, explain->rules[exception->rule.rule].layer);
		one->effect = RKO_EFFECT_WITHHOLDS;
		one->name = exception->rule.name;
		one->label = *exception->rule.says ? exception->rule.says : exception->rule.name;
		one->cites = exception->rule.cites;
		one->ncites = exception->rule.ncites;
		one->nsee = exception->rule.nsee;
	}
	out->overlays = list;
}

/* Windows ------------------------------------------------------------------------------------------- */

enum { NOWHERE_AT_ALL = 2 };	/* of a window: there is none */

/* Narrows a window to the days that a test of today leaves. */
static bool narrow(struct rko_why_window *window, const struct rko_why_test *test)
{
	if (test->test != RKO_TEST_DATE || strcmp(test->about.name, "today") != 0)
		return false;
	/* Counted from a date that is not there, there is no window. */
	if (*test->other.name && test->other.seen != RKO_SEEN_VALUE && test->other.seen != RKO_SEEN_OPEN)
		window->stands = NOWHERE_AT_ALL;
	if (test->from.day != RKO_DAY_OPEN && (window->from.day == RKO_DAY_OPEN || test->from.day > window->from.day))
		window->from = test->from;
	/* An end that is itself open says more than none. */
	if (test->to.day != RKO_DAY_OPEN ? window->to.day == RKO_DAY_OPEN || test->to.day < window->to.day
					 : window->to.day == RKO_DAY_OPEN && *test->to.name)
		window->to = test->to;
	return true;
}

static bool narrow_by(struct rko_why_window *window, const struct rko_why_condition *condition)
{
	bool any = false;

	for (size_t i = 0; i < condition->ntests; i++)
		any |= narrow(window, &condition->tests[i]);
	for (size_t i = 0; i < condition->nparts; i++)
		any |= narrow_by(window, &condition->parts[i]);
	return any;
}

/* What a date belongs to: its label without the last step. */
static const char *record_of(struct explain *explain, const struct rko_why_end *end)
{
	static const char step[] = " › ";
	const char *at = end->label, *last = NULL;

	while ((at = strstr(at, step))) {
		last = at;
		at += sizeof step - 1;
	}
	return last ? text_copy(explain->arena, (struct text){ end->label, (size_t)(last - end->label) }).at : end->label;
}

static void list_windows(struct explain *explain, struct rko_why_ladder *out)
{
	static const struct rko_why_end none = { .day = RKO_DAY_OPEN, .name = "", .label = "", .anchor = RKO_DAY_OPEN };
	struct rko_why_window *list = ARENA_ARRAY(explain->arena, out->nconditions + 1, struct rko_why_window);

	for (size_t i = 0; i < out->nconditions && !explain->frozen; i++) {
		const struct rko_why_condition *condition = &out->conditions[i];
		struct rko_why_window window = { .name = condition->name, .says = condition->says, .from = none, .to = none };

		if (!narrow_by(&window, condition) || (window.from.day == RKO_DAY_OPEN && window.to.day == RKO_DAY_OPEN &&
						       !*window.to.name) || window.stands == NOWHERE_AT_ALL)
			continue;
		if (!*window.name)
			window.name = condition->text;
		if (!*window.says)
			window.says = record_of(explain, *window.from.name ? &window.from : &window.to);
		if (window.from.day != RKO_DAY_OPEN && explain->bind->today < window.from.day)
			window.stands = -1;
		else if (window.to.day != RKO_DAY_OPEN && explain->bind->today > window.to.day)
			window.stands = 1;
		list[out->nwindows++] = window;
	}
	out->windows = list;
}

/* Ladders ------------------------------------------------------------------------------------------- */

static struct rko_why_ladder ladder_of(struct explain *explain, uint32_t number, enum rko_ladder role)
{
	const struct image_rule *rule = &explain->rules[number];
	struct trying trying = { .explain = explain };
	struct explain_spoken said = explain_spoken(explain, number);
	unsigned added = rule->item == IMAGE_ITEM_RULE ? bind_truth(explain->bind, rule->root_on)
						       : bind_truth(explain->bind, rule->on);
	struct rko_why_ladder out = {
		.role = role,
		.rule = explain_rule(explain, number),
		.in_force = is_in_force(explain, rule),
		.holds = holds_of(added),
		.widened = added == TRUTH_YES && bind_truth(explain->bind, rule->on) == TRUTH_NO,
	};

	out.conditions = explain_conditions(explain, rule, &out.nconditions, &out.failing);
	if (out.widened)
		out.failing = 0;
	out.failing += !out.in_force;
	out.failing += out.holds == 1 && (said.speaks == 0 || said.cut == 1);
	try_exceptions(&trying, number, 1, out.holds);
	out.exceptions = trying.list;
	out.nexceptions = trying.count;
	list_overlays(explain, rule, &out);
	list_windows(explain, &out);
	return out;
}

static uint32_t witness_root(struct picking *picking)
{
	struct picking alone = { .explain = picking->explain };
	uint32_t witness = picking->explain->out->decision.rule;

	if (witness == RKO_NOTHING)
		return IMAGE_NONE;
	alone.roles = ARENA_ARRAY(picking->explain->scratch, picking->explain->nrules + 1, uint8_t);
	memset(alone.roles, NO_ROLE, picking->explain->nrules);
	give_roots(&alone, witness, RKO_LADDER_DECIDES);
	for (uint32_t i = 0; i < picking->explain->nrules; i++)
		if (alone.roles[i] != NO_ROLE)
			return i;
	return IMAGE_NONE;
}

void explain_ladders(struct explain *explain)
{
	struct picking picking = { .explain = explain };
	struct rko_explanation *out = explain->out;
	struct rko_why_ladder *list;
	uint32_t count = 0, witness;

	pick(&picking);
	witness = witness_root(&picking);
	for (uint32_t i = 0; i < explain->nrules; i++)
		count += picking.roles[i] != NO_ROLE;
	list = ARENA_ARRAY(explain->arena, count + 1, struct rko_why_ladder);
	if (witness != IMAGE_NONE)
		list[out->nladders++] = ladder_of(explain, witness, RKO_LADDER_DECIDES);
	for (enum rko_ladder role = RKO_LADDER_DECIDES; role < RKO_LADDER_NEAREST; role++)
		for (uint32_t i = 0; i < explain->nrules; i++)
			if (picking.roles[i] == role && i != witness)
				list[out->nladders++] = ladder_of(explain, i, role);
	for (uint32_t i = 0; i < picking.nnearest; i++)
		list[out->nladders++] = ladder_of(explain, picking.nearest[i], RKO_LADDER_NEAREST);
	out->ladders = list;
	arena_reset(explain->scratch);
}

/* A short reason ------------------------------------------------------------------------------------ */

const struct rko_why_ladder *rko_why_nearest(const struct rko_explanation *explanation)
{
	for (size_t i = 0; i < explanation->nladders && explanation->nearest; i++)
		if (explanation->ladders[i].rule.rule == explanation->nearest->rule)
			return &explanation->ladders[i];
	return NULL;
}

static bool should_be_there(const struct rko_why_test *test)
{
	return test->test == RKO_TEST_EXISTS && test->wanted && test->holds != 1;
}

/* Whether the conditions say that the record should be there whose part `thing` is. */
static bool missing_is_said(const struct rko_why_condition *list, size_t count, const struct rko_why_thing *thing)
{
	if (thing->seen != RKO_SEEN_NONE)
		return false;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < list[i].ntests; j++) {
			const char *record = list[i].tests[j].about.name;
			size_t length = strlen(record);

			if (should_be_there(&list[i].tests[j]) && strncmp(thing->name, record, length) == 0 &&
			    thing->name[length] == '.')
				return true;
		}
		if (missing_is_said(list[i].parts, list[i].nparts, thing))
			return true;
	}
	return false;
}

static size_t take_failing(const struct rko_why_ladder *ladder, const struct rko_why_condition *about, size_t count,
			   const struct rko_why_test *ret_tests[])
{
	for (size_t i = 0; i < about->nparts; i++)
		if (about->parts[i].holds != 1)
			count = take_failing(ladder, &about->parts[i], count, ret_tests);
	for (size_t i = 0; i < about->ntests && count < RKO_FAILING_MOST; i++) {
		const struct rko_why_test *test = &about->tests[i];

		if (test->holds != 1 && !missing_is_said(ladder->conditions, ladder->nconditions, &test->about) &&
		    !missing_is_said(ladder->conditions, ladder->nconditions, &test->other))
			ret_tests[count++] = test;
	}
	return count;
}

size_t rko_why_failing(const struct rko_why_ladder *ladder, size_t condition,
		       const struct rko_why_test *ret_tests[RKO_FAILING_MOST])
{
	const struct rko_why_condition *about = condition < ladder->nconditions ? &ladder->conditions[condition] : NULL;

	return about && about->holds != 1 ? take_failing(ladder, about, 0, ret_tests) : 0;
}
