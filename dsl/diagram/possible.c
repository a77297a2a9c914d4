/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The cells that can occur. Features are correlated: a record that is not there makes all its features none
 * together, two equal codes are in one class, a day after the end is after the beginning. Each constraint has
 * a guarantor: the binder, the load check of a record, or the request's own `must`. What no one guarantees is
 * not assumed: the set of cells may be too large and is never too small, so that an analysis may show a cell
 * that cannot be, and never hides one that can.
 */
#include "dsl/diagram/passes.h"

#include <stdlib.h>

#include "engine/base/arena.h"

struct constraint {
	dd holds;
	uint32_t level;		/* its uppermost */
	uint32_t hangs;
};

struct possible {
	struct decision *decision;
	struct plan *plan;
	struct dds *dds;
	struct constraint *list;
	uint32_t count;
	size_t cap;
};

/* Whether something is none: known as a diagram, or not known. */
struct lack {
	bool known;
	dd here;
};

static const struct lack never = { true, DD_FALSE };
static const struct lack unknown = { false, DD_FALSE };

static void add(struct possible *possible, dd holds, uint32_t hangs)
{
	if (holds == DD_TRUE)
		return;
	possible->list = arena_grow(possible->decision->arena, possible->list, possible->count,
				    &possible->cap, sizeof *possible->list);
	possible->list[possible->count++] =
		(struct constraint){ holds, dd_level(possible->dds, holds), hangs };
}

static dd implies(struct possible *possible, dd a, dd b)
{
	return dd_or(possible->dds, dd_not(possible->dds, a), b);
}

static dd same(struct possible *possible, dd a, dd b)
{
	return dd_and(possible->dds, implies(possible, a, b), implies(possible, b, a));
}

/* The feature has this answer. */
static dd answers(struct possible *possible, uint32_t number, uint32_t answer)
{
	const struct feature *feature = &possible->plan->features[number];
	dd children[256];

	for (uint32_t i = 0; i < feature->nclasses; i++)
		children[i] = i == feature->class_of[answer] ? DD_TRUE : DD_FALSE;
	return dd_node(possible->dds, feature->level, children);
}

/* What the feature calls none: its last answer; for presence, `no`. */
static dd is_none(struct possible *possible, uint32_t number)
{
	const struct feature *feature = &possible->plan->features[number];

	if (feature->kind == FEATURE_PRESENT)
		return answers(possible, number, NO);
	return feature->none ? answers(possible, number, feature->size - 1) : DD_FALSE;
}

/* G1: presence ------------------------------------------------------------------------------------ */

/* A feature that is none exactly when the value is. */
static bool tells_of(const struct plan *plan, const struct feature *feature, uint32_t value)
{
	switch (feature->kind) {
	case FEATURE_PRESENT:
	case FEATURE_CODE:
	case FEATURE_OPEN:
	case FEATURE_HITS:
	case FEATURE_CALENDAR:
		return feature->a == value;
	case FEATURE_POSITION:
		return (feature->b == value && !plan->values[feature->a].may_lack) ||
		       (feature->a == value && !plan->values[feature->b].may_lack);
	case FEATURE_EQUAL:
	case FEATURE_MEMBER:
	case FEATURE_OVERLAPS:
	case FEATURE_INSIDE:
		return (feature->a == value && !plan->values[feature->b].may_lack) ||
		       (feature->b == value && !plan->values[feature->a].may_lack);
	case FEATURE_ACTION:
	case FEATURE_SOME:
	case FEATURE_FINDING:
	case FEATURE_GAP:
	case FEATURE_READING:
		break;
	}
	return false;
}

/* The first feature, in the order of asking, that tells of the value; NOWHERE if none does. */
static uint32_t teller(const struct possible *possible, uint32_t value)
{
	const struct plan *plan = possible->plan;

	for (uint32_t i = 0; i < plan->nfeatures; i++)
		if (tells_of(plan, &plan->features[plan->order[i]], value))
			return plan->order[i];
	return NOWHERE;
}

static struct lack slot_lacks(struct possible *possible, uint32_t slot);

static struct lack value_lacks(struct possible *possible, uint32_t number)
{
	const struct value *value = &possible->plan->values[number];
	const struct request_field *field;
	uint32_t tell;

	if (!value->may_lack)
		return never;
	switch (value->kind) {
	case VALUE_TODAY:
	case VALUE_ROWS:
		return never;
	case VALUE_REQUEST:
		field = &possible->plan->question->fields[value->field];
		if (!value->type.none) {
			dd carried = decision_dd(possible->decision,
						 lower_actions(possible->plan, field->given | field->found));

			return (struct lack){ true, dd_not(possible->dds, carried) };
		}
		break;
	case VALUE_FIELD:
		if (!value->type.none)
			return slot_lacks(possible, value->slot);
		break;
	}
	tell = teller(possible, number);
	return tell == NOWHERE ? unknown : (struct lack){ true, is_none(possible, tell) };
}

static struct lack slot_lacks(struct possible *possible, uint32_t number)
{
	const struct plan *plan = possible->plan;
	const struct slot *slot = &plan->slots[number];
	struct lack lack = never;

	if (!slot->may_lack)
		return never;
	switch (slot->kind) {
	case SLOT_REQUEST:
		return value_lacks(possible, plan_value_request(possible->plan, slot->field));
	case SLOT_REF:
		return value_lacks(possible, slot->value);
	case SLOT_FINDING:
		for (uint32_t i = 0; i < slot->nkeys; i++) {
			struct lack key = value_lacks(possible, slot->keys[i]);

			if (!key.known)
				return unknown;
			lack.here = dd_or(possible->dds, lack.here, key.here);
		}
		return lack;
	case SLOT_LINK:
	case SLOT_ROW:
		break;
	}
	for (uint32_t i = 0; i < plan->nfeatures; i++) {
		uint32_t feature = plan->order[i];
		const struct feature *about = &plan->features[feature];

		if (about->kind == FEATURE_PRESENT && about->a == NOWHERE && about->b == number)
			return (struct lack){ true, is_none(possible, feature) };
		for (uint32_t v = 0; v < plan->nvalues; v++)
			if (plan->values[v].kind == VALUE_FIELD && plan->values[v].slot == number &&
			    !plan->values[v].type.none && tells_of(plan, about, v))
				return (struct lack){ true, is_none(possible, feature) };
	}
	return unknown;
}

/* A field is none where its record is; a row behind none is none. */
static void presence_of_value(struct possible *possible, uint32_t number)
{
	const struct value *value = &possible->plan->values[number];
	struct lack whole, own = value_lacks(possible, number);

	if (value->kind != VALUE_FIELD || !own.known || !value->type.none)
		return;
	whole = slot_lacks(possible, value->slot);
	if (whole.known)
		add(possible, implies(possible, whole.here, own.here), value->hangs);
}

static void presence_of_slot(struct possible *possible, uint32_t number)
{
	const struct slot *slot = &possible->plan->slots[number];
	struct lack own = slot_lacks(possible, number);
	const uint32_t *keys = slot->keys;
	uint32_t nkeys = slot->nkeys;

	if (slot->kind == SLOT_ROW && slot->scan != NOWHERE && slot->may_lack) {
		keys = possible->plan->scans[slot->scan].keys;
		nkeys = possible->plan->scans[slot->scan].nkeys;
	}
	if (!own.known || slot->kind == SLOT_FINDING)
		return;
	for (uint32_t i = 0; i < nkeys; i++) {
		struct lack key = value_lacks(possible, keys[i]);

		/* A key field that may be none is found by none. */
		if (key.known && !slot->record->fields[i].type.none)
			add(possible, implies(possible, key.here, own.here), slot->hangs);
	}
}

static void presence_of_feature(struct possible *possible, uint32_t number)
{
	const struct feature *feature = &possible->plan->features[number];
	bool pair = feature->kind == FEATURE_EQUAL || feature->kind == FEATURE_MEMBER ||
		    feature->kind == FEATURE_OVERLAPS || feature->kind == FEATURE_INSIDE ||
		    feature->kind == FEATURE_POSITION;
	struct lack a, b = never;
	dd none;

	if (feature->kind == FEATURE_ACTION || feature->kind == FEATURE_SOME ||
	    feature->kind == FEATURE_GAP || feature->kind == FEATURE_READING)
		return;
	if (!feature->none && feature->kind != FEATURE_PRESENT)
		return;
	none = is_none(possible, number);
	if (feature->a == NOWHERE)
		a = slot_lacks(possible, feature->b);
	else
		a = value_lacks(possible, feature->a);
	if (pair)
		b = value_lacks(possible, feature->b);
	if (a.known && b.known) {
		add(possible, same(possible, none, dd_or(possible->dds, a.here, b.here)), feature->hangs);
		return;
	}
	if (a.known)
		add(possible, implies(possible, a.here, none), feature->hangs);
	if (b.known)
		add(possible, implies(possible, b.here, none), feature->hangs);
}

/* G2: dates of one interval ----------------------------------------------------------------------- */

static dd reached(struct possible *possible, uint32_t number, uint32_t cut)
{
	dd result = DD_FALSE;

	for (uint32_t i = cut + 1; i <= possible->plan->features[number].ncuts; i++)
		result = dd_or(possible->dds, result, answers(possible, number, i));
	return result;
}

/* The end of a valid interval is not before its beginning: what has passed the end has reached the beginning. */
static void interval_order(struct possible *possible, uint32_t begins, uint32_t ends)
{
	const struct feature *b = &possible->plan->features[begins], *e = &possible->plan->features[ends];

	for (uint32_t i = 0; i < e->ncuts; i++)
		for (uint32_t j = b->ncuts; j-- > 0;)
			if (cut_compare(&b->cuts[j], &e->cuts[i]) <= 0) {
				add(possible, implies(possible, reached(possible, ends, i),
						      reached(possible, begins, j)), e->hangs);
				break;
			}
}

static void order_of_dates(struct possible *possible)
{
	const struct plan *plan = possible->plan;

	for (uint32_t i = 0; i < plan->nfeatures; i++) {
		for (uint32_t j = 0; j < plan->nfeatures; j++) {
			const struct feature *a = &plan->features[i], *b = &plan->features[j];
			const struct value *from, *to;

			if (a->kind != FEATURE_POSITION || b->kind != FEATURE_POSITION || a->a != b->a)
				continue;
			from = &plan->values[a->b];
			to = &plan->values[b->b];
			if (from->kind == VALUE_FIELD && to->kind == VALUE_FIELD && from->slot == to->slot &&
			    plan->slots[from->slot].record->valid[0] == from->field &&
			    plan->slots[from->slot].record->valid[1] == to->field)
				interval_order(possible, i, j);
		}
	}
}

/* G3, G4: codes, equality, sets ------------------------------------------------------------------- */

static uint32_t find_pair(const struct plan *plan, enum feature_kind kind, uint32_t a, uint32_t b)
{
	for (uint32_t i = 0; i < plan->nfeatures; i++) {
		const struct feature *feature = &plan->features[i];

		if (feature->kind == kind && ((feature->a == a && feature->b == b) ||
					      (kind == FEATURE_EQUAL && feature->a == b && feature->b == a)))
			return i;
	}
	return NOWHERE;
}

static uint32_t find_code(const struct plan *plan, uint32_t value)
{
	for (uint32_t i = 0; i < plan->nfeatures; i++)
		if (plan->features[i].kind == FEATURE_CODE && plan->features[i].a == value)
			return i;
	return NOWHERE;
}

static dd class_is(struct possible *possible, uint32_t number, uint32_t class_)
{
	const struct feature *feature = &possible->plan->features[number];
	dd children[256];

	for (uint32_t i = 0; i < feature->nclasses; i++)
		children[i] = i == class_ ? DD_TRUE : DD_FALSE;
	return dd_node(possible->dds, feature->level, children);
}

/* Equal codes are in classes that share a code; two classes of the same one code are equal. */
static void equal_codes(struct possible *possible, uint32_t number)
{
	const struct plan *plan = possible->plan;
	const struct feature *equal = &plan->features[number];
	uint32_t a = find_code(plan, equal->a), b = find_code(plan, equal->b);
	const struct feature *x, *y;

	if (a == NOWHERE || b == NOWHERE)
		return;
	x = &plan->features[a];
	y = &plan->features[b];
	for (uint32_t i = 0; i < x->nclasses; i++) {
		for (uint32_t j = 0; j < y->nclasses; j++) {
			uint32_t common = 0, in_x = 0, in_y = 0;
			dd both = dd_and(possible->dds, class_is(possible, a, i), class_is(possible, b, j));
			uint32_t codes = x->size - x->none;

			for (uint32_t code = 0; code < codes; code++) {
				in_x += x->class_of[code] == i;
				in_y += y->class_of[code] == j;
				common += x->class_of[code] == i && y->class_of[code] == j;
			}
			if (!in_x || !in_y)
				continue;
			if (!common)
				add(possible, implies(possible, both, dd_not(possible->dds, answers(possible, number, YES))),
				    equal->hangs);
			else if (in_x == 1 && in_y == 1)
				add(possible, implies(possible, both, answers(possible, number, YES)),
				    equal->hangs);
		}
	}
}

static void equal_triples(struct possible *possible, uint32_t number)
{
	const struct plan *plan = possible->plan;
	const struct feature *ab = &plan->features[number];
	struct dds *dds = possible->dds;

	for (uint32_t i = 0; i < plan->nfeatures; i++) {
		const struct feature *bc = &plan->features[i];
		uint32_t shared, a, c, ac;
		dd yes[3];

		if (i == number || bc->kind != FEATURE_EQUAL)
			continue;
		if (bc->a == ab->a || bc->b == ab->a)
			shared = ab->a;
		else if (bc->a == ab->b || bc->b == ab->b)
			shared = ab->b;
		else
			continue;
		a = ab->a == shared ? ab->b : ab->a;
		c = bc->a == shared ? bc->b : bc->a;
		ac = find_pair(plan, FEATURE_EQUAL, a, c);
		if (ac == NOWHERE)
			continue;
		yes[0] = answers(possible, number, YES);
		yes[1] = answers(possible, i, YES);
		yes[2] = answers(possible, ac, YES);
		add(possible, implies(possible, dd_and(dds, yes[0], yes[1]), yes[2]), ab->hangs);
	}
}

/* A code that is in a set hits one of the set's atoms that its class reaches. */
static void member_hits(struct possible *possible, uint32_t number)
{
	const struct plan *plan = possible->plan;
	const struct feature *member = &plan->features[number], *code;
	uint32_t feature = find_code(plan, member->a);

	if (feature == NOWHERE)
		return;
	code = &plan->features[feature];
	for (uint32_t class_ = 0; class_ < code->nclasses; class_++) {
		dd some = DD_FALSE;
		uint32_t reached_codes = 0, covered = 0;

		for (uint32_t i = 0; i < code->size - code->none; i++)
			reached_codes += code->class_of[i] == class_;
		for (uint32_t i = 0; i < plan->nfeatures; i++) {
			const struct feature *hits = &plan->features[i];
			uint32_t common = 0, size = 0;

			if (hits->kind != FEATURE_HITS || hits->a != member->b)
				continue;
			for (uint32_t k = 0; k < code->size - code->none; k++) {
				size += hits->codes[k];
				common += hits->codes[k] && code->class_of[k] == class_;
			}
			if (!common)
				continue;
			covered += common;
			some = dd_or(possible->dds, some, answers(possible, i, YES));
			if (size == 1 && reached_codes == 1)
				add(possible,
				    implies(possible, dd_and(possible->dds, class_is(possible, feature, class_),
							     answers(possible, number, NO)),
					    dd_not(possible->dds, answers(possible, i, YES))),
				    member->hangs);
		}
		/* Only where every code of the class is in some atom that has a feature. */
		if (reached_codes && covered == reached_codes)
			add(possible,
			    implies(possible, dd_and(possible->dds, class_is(possible, feature, class_),
						     answers(possible, number, YES)), some),
			    member->hangs);
	}
}

/* G5, G7: what loaders and requests guarantee ------------------------------------------------------ */

static void invariants(struct possible *possible)
{
	struct decision *decision = possible->decision;
	struct plan *plan = possible->plan;
	uint32_t nslots = plan->nslots;

	plan->frozen = true;
	for (uint32_t i = 0; i < nslots; i++) {
		const struct record *record = plan->slots[i].record;
		uint32_t hangs = plan->slots[i].hangs;
		struct lack lack = slot_lacks(possible, i);

		for (uint32_t j = 0; j < record->nmusts && lack.known; j++) {
			dd must = decision_dd(decision, lower_cond(plan, record->musts[j], i));

			add(possible, dd_or(possible->dds, lack.here, must), hangs);
		}
	}
	plan->frozen = false;
	for (uint32_t i = 0; i < decision->nchecks; i++) {
		const struct check *check = &decision->checks[i];
		dd actions = decision_dd(decision, lower_actions(plan, check->actions));

		add(possible, implies(possible, actions, check->holds), HANGS_ON_NOTHING);
	}
	if (plan->pivot != NOWHERE && plan->scans[plan->pivot].where != TRUE_EXPR) {
		struct lack lack = slot_lacks(possible, plan->scans[plan->pivot].row);

		if (lack.known)
			add(possible, dd_or(possible->dds, lack.here,
					    decision_dd(decision, plan->scans[plan->pivot].where)),
			    HANGS_ON_NOTHING);
	}
}

/* G6: several questions about the rows of one link -------------------------------------------------- */

enum { PROFILES_MAX = 6 };

/* Which of the conditions one single row can fulfil, as sets of bits. */
static uint32_t row_profiles(struct possible *possible, uint32_t scan, const uint32_t *features,
			     uint32_t count, bool *can)
{
	struct decision *decision = possible->decision;
	struct dds *dds = possible->dds;
	dd rows = dd_and(dds, decision->possible_rows[scan],
			 decision_dd(decision, possible->plan->scans[scan].where));
	uint32_t found = 0;

	for (uint32_t set = 0; set < 1u << count; set++) {
		dd here = rows;

		for (uint32_t i = 0; i < count; i++) {
			dd part = decision_dd(decision, possible->plan->features[features[i]].expr);

			here = dd_and(dds, here, set >> i & 1 ? part : dd_not(dds, part));
		}
		can[set] = here != DD_FALSE;
		found += can[set];
	}
	return found;
}

static void some_profiles(struct possible *possible, uint32_t scan)
{
	const struct plan *plan = possible->plan;
	struct dds *dds = possible->dds;
	uint32_t features[PROFILES_MAX], count = 0;
	bool can[1 << PROFILES_MAX];
	dd allowed = DD_FALSE;

	for (uint32_t i = 0; i < plan->nfeatures && count < PROFILES_MAX; i++)
		if (plan->features[i].kind == FEATURE_SOME && plan->features[i].scan == scan)
			features[count++] = i;
	if (count < 1)
		return;
	row_profiles(possible, scan, features, count, can);
	for (uint32_t set = 0; set < 1u << count; set++) {
		uint32_t reach = 0;
		dd here = DD_TRUE;

		for (uint32_t profile = 0; profile < 1u << count; profile++)
			if (can[profile] && (profile & ~set) == 0)
				reach |= profile;
		if (reach != set)
			continue;
		for (uint32_t i = 0; i < count; i++)
			here = dd_and(dds, here, answers(possible, features[i], set >> i & 1 ? YES : NO));
		allowed = dd_or(dds, allowed, here);
	}
	add(possible, allowed, HANGS_ON_NOTHING);
}

/* All of it --------------------------------------------------------------------------------------- */

static int compare_constraints(const void *a, const void *b)
{
	const struct constraint *x = a, *y = b;

	if (x->level != y->level)	/* the deepest first: what is joined stays small */
		return x->level > y->level ? -1 : 1;
	return x->holds < y->holds ? -1 : x->holds > y->holds;
}

static void sort_constraints(struct possible *possible)
{
	if (possible->count)
		qsort(possible->list, possible->count, sizeof *possible->list, compare_constraints);
}

static dd join(struct possible *possible, uint32_t hangs)
{
	dd all = DD_TRUE;

	for (uint32_t i = 0; i < possible->count; i++)
		if (possible->list[i].hangs == hangs)
			all = dd_and(possible->dds, possible->list[i].holds, all);
	return all;
}

/* Only what speaks of the row alone constrains the row. */
static bool row_alone(struct possible *possible, dd a, uint32_t scan, bool *seen)
{
	const struct plan *plan = possible->plan;

	if (dd_is_terminal(a) || seen[a])
		return true;
	seen[a] = true;
	if (plan->features[plan->order[dd_level(possible->dds, a)]].hangs != scan)
		return false;
	for (uint32_t i = 0; i < possible->dds->arity[dd_level(possible->dds, a)]; i++)
		if (!row_alone(possible, dd_children(possible->dds, a)[i], scan, seen))
			return false;
	return true;
}

static uint32_t outcome_alone(void *context, uint32_t outcome)
{
	(void)context;
	return rank_class(outcome) == OUT_SILENT ? OUT_NOTHING : rank_class(outcome);
}

void decision_possible(struct decision *decision)
{
	struct possible possible = { .decision = decision, .plan = &decision->plan, .dds = &decision->dds };
	struct plan *plan = &decision->plan;
	uint32_t nvalues = plan->nvalues, nslots = plan->nslots;

	for (uint32_t i = 0; i < nvalues; i++)
		presence_of_value(&possible, i);
	for (uint32_t i = 0; i < nslots; i++)
		presence_of_slot(&possible, i);
	for (uint32_t i = 0; i < plan->nfeatures; i++)
		presence_of_feature(&possible, i);
	order_of_dates(&possible);
	for (uint32_t i = 0; i < plan->nfeatures; i++) {
		if (plan->features[i].kind == FEATURE_EQUAL) {
			equal_codes(&possible, i);
			equal_triples(&possible, i);
		} else if (plan->features[i].kind == FEATURE_MEMBER) {
			member_hits(&possible, i);
		}
	}
	invariants(&possible);
	for (uint32_t i = 0; i < possible.count; i++) {
		bool *seen = ARENA_ARRAY(decision->arena, decision->dds.count + 1, bool);

		if (possible.list[i].hangs != HANGS_ON_NOTHING &&
		    !row_alone(&possible, possible.list[i].holds, possible.list[i].hangs, seen))
			possible.list[i].hangs = HANGS_ON_NOTHING - 1;	/* of no use */
	}
	sort_constraints(&possible);
	decision->possible_rows = ARENA_ARRAY(decision->arena, plan->nscans + 1, dd);
	for (uint32_t i = 0; i < plan->nscans; i++)
		decision->possible_rows[i] = join(&possible, i);
	for (uint32_t i = 0; i < plan->nscans; i++)
		some_profiles(&possible, i);
	sort_constraints(&possible);
	decision->possible = join(&possible, HANGS_ON_NOTHING);
	decision->analysis = dd_if(&decision->dds, decision->possible,
				   dd_map(&decision->dds, dd_new_op(&decision->dds), decision->outcome,
					  outcome_alone, NULL),
				   dd_terminal(ANALYSIS_IMPOSSIBLE));
	decision_full(decision, NULL);
}
