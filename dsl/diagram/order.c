/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The order of asking, and which answers need not be told apart.
 *
 * What the request carries comes first, then record after record as the links reach them, each record's
 * features together: so a decision fetches a record once and late, and a diagram whose neighbours depend on
 * one another stays small. Two values that are compared are compared where the later one is known.
 */
#include <stdlib.h>

#include "dsl/diagram/plan.h"
#include "engine/base/arena.h"
#include "engine/base/buf.h"

struct order {
	struct plan *plan;
	uint32_t *place;	/* by slot; 0: not yet */
	uint32_t *scan_place;
	uint32_t next;
};

static void visit_slot(struct order *order, uint32_t slot);

static void visit_value(struct order *order, uint32_t value)
{
	const struct value *about = &order->plan->values[value];

	if (about->kind == VALUE_FIELD)
		visit_slot(order, about->slot);
}

static void visit_scan(struct order *order, uint32_t scan)
{
	const struct scan *about = &order->plan->scans[scan];

	if (order->scan_place[scan])
		return;
	order->scan_place[scan] = UINT32_MAX;
	for (uint32_t i = 0; i < about->nkeys; i++)
		visit_value(order, about->keys[i]);
	order->scan_place[scan] = ++order->next;
	visit_slot(order, about->row);
}

/* A record, and behind it the records it refers to. */
static void visit_slot(struct order *order, uint32_t slot)
{
	const struct plan *plan = order->plan;
	const struct slot *about = &plan->slots[slot];

	if (order->place[slot])
		return;
	order->place[slot] = UINT32_MAX;
	switch (about->kind) {
	case SLOT_REQUEST:
		break;
	case SLOT_LINK:
	case SLOT_FINDING:
		for (uint32_t i = 0; i < about->nkeys; i++)
			visit_value(order, about->keys[i]);
		break;
	case SLOT_REF:
		visit_value(order, about->value);
		break;
	case SLOT_ROW:
		if (about->scan != NOWHERE)
			visit_scan(order, about->scan);
		break;
	}
	order->place[slot] = ++order->next;
	for (uint32_t i = 0; i < plan->nslots; i++)
		if (plan->slots[i].kind == SLOT_REF && plan->values[plan->slots[i].value].kind == VALUE_FIELD &&
		    plan->values[plan->slots[i].value].slot == slot)
			visit_slot(order, i);
}

static void visit_all(struct order *order)
{
	struct plan *plan = order->plan;
	const struct question *question = plan->question;

	for (uint32_t i = 0; question && i < question->nfields; i++)
		for (uint32_t j = 0; j < plan->nslots; j++)
			if (plan->slots[j].kind == SLOT_REQUEST && plan->slots[j].field == i)
				visit_slot(order, j);
	for (uint32_t i = 0; question && i < question->nlinks; i++) {
		for (uint32_t j = 0; j < plan->nslots; j++)
			if (plan->slots[j].kind == SLOT_LINK && plan->slots[j].link == question->links[i])
				visit_slot(order, j);
		for (uint32_t j = 0; j < plan->nscans; j++)
			if (plan->scans[j].link == question->links[i])
				visit_scan(order, j);
	}
	for (uint32_t i = 0; i < plan->nslots; i++)
		visit_slot(order, i);
	for (uint32_t i = 0; i < plan->nscans; i++)
		visit_scan(order, i);
}

static uint32_t value_place(const struct order *order, uint32_t value)
{
	const struct value *about = &order->plan->values[value];

	switch (about->kind) {
	case VALUE_FIELD:
		return order->place[about->slot];
	case VALUE_ROWS:
		return order->scan_place[about->scan];
	case VALUE_REQUEST:
	case VALUE_TODAY:
		break;
	}
	return 0;
}

enum { PLACE_FINDINGS = 1 << 20, PLACE_GAPS = 1 << 21, PLACE_READINGS = 1 << 22 };

static uint32_t feature_place(const struct order *order, const struct feature *feature)
{
	uint32_t a, b;

	switch (feature->kind) {
	case FEATURE_ACTION:
		return 0;
	case FEATURE_CODE:
	case FEATURE_OPEN:
	case FEATURE_HITS:
	case FEATURE_CALENDAR:
		return value_place(order, feature->a);
	case FEATURE_PRESENT:
		return feature->a == NOWHERE ? order->place[feature->b] : value_place(order, feature->a);
	case FEATURE_EQUAL:
	case FEATURE_MEMBER:
	case FEATURE_OVERLAPS:
	case FEATURE_INSIDE:
	case FEATURE_POSITION:
		a = value_place(order, feature->a);
		b = value_place(order, feature->b);
		return a > b ? a : b;
	case FEATURE_SOME:
		return order->scan_place[feature->scan];
	case FEATURE_FINDING:
		return PLACE_FINDINGS;
	case FEATURE_GAP:
		return PLACE_GAPS;
	case FEATURE_READING:
		return PLACE_READINGS;
	}
	return 0;
}

struct placed {
	uint32_t place;
	uint32_t kind;
	uint32_t feature;
};

static int compare_placed(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return x->feature < y->feature ? -1 : x->feature > y->feature;
}

/* Whether something is there is asked before what it is. */
static uint32_t kind_order(enum feature_kind kind)
{
	switch (kind) {
	case FEATURE_ACTION:
		return 0;
	case FEATURE_PRESENT:
		return 1;
	case FEATURE_CODE:
		return 2;
	case FEATURE_OPEN:
	case FEATURE_EQUAL:
	case FEATURE_MEMBER:
	case FEATURE_HITS:
	case FEATURE_OVERLAPS:
	case FEATURE_INSIDE:
		return 3;
	case FEATURE_POSITION:
	case FEATURE_CALENDAR:
		return 4;
	case FEATURE_SOME:
	case FEATURE_FINDING:
	case FEATURE_GAP:
	case FEATURE_READING:
		break;
	}
	return 5;
}

/* Answers that every atom treats alike share a class; classes are numbered by their least answer. */
static void find_classes(struct plan *plan)
{
	struct map *signatures = ARENA_ARRAY(plan->arena, plan->nfeatures + 1, struct map);
	uint32_t *natoms = ARENA_ARRAY(plan->arena, plan->nfeatures + 1, uint32_t);
	uint32_t **atoms = ARENA_ARRAY(plan->arena, plan->nfeatures + 1, uint32_t *);

	for (uint32_t i = 0; i < plan->nexprs; i++)
		if (i > TRUE_EXPR && plan->exprs[i].kind == EXPR_ATOM)
			natoms[plan->exprs[i].feature]++;
	for (uint32_t i = 0; i < plan->nfeatures; i++) {
		atoms[i] = ARENA_ARRAY(plan->arena, natoms[i] + 1, uint32_t);
		natoms[i] = 0;
	}
	for (uint32_t i = 0; i < plan->nexprs; i++)
		if (i > TRUE_EXPR && plan->exprs[i].kind == EXPR_ATOM)
			atoms[plan->exprs[i].feature][natoms[plan->exprs[i].feature]++] = i;
	for (uint32_t i = 0; i < plan->nfeatures; i++) {
		struct feature *feature = &plan->features[i];
		char *signature = arena_alloc(plan->arena, 2 * natoms[i] + 2);

		map_init(&signatures[i], plan->arena);
		feature->class_of = ARENA_ARRAY(plan->arena, feature->size, uint8_t);
		for (uint32_t answer = 0; answer < feature->size; answer++) {
			uint32_t length = 0;

			for (uint32_t j = 0; j < natoms[i]; j++) {
				const struct expr *atom = &plan->exprs[atoms[i][j]];

				signature[length++] = atom->when[answer] ? '1' : '0';
				signature[length++] = atom->loose[answer] ? '1' : '0';
			}
			/* None stays apart: constraints and explanations speak of it. */
			signature[length++] = feature->none && answer == feature->size - 1 ? 'n' : 'v';
			/* Two answers are few enough to be kept. */
			signature[length++] = (char)(feature->kind != FEATURE_CODE &&
							     feature->kind != FEATURE_ACTION &&
							     feature->kind != FEATURE_POSITION &&
							     feature->kind != FEATURE_CALENDAR
						     ? '0' + answer : '0');
			feature->class_of[answer] = (uint8_t)map_intern(
				&signatures[i], (struct text){ signature, length });
			if (signatures[i].count > 255)
				break;
		}
		feature->nclasses = (uint32_t)signatures[i].count;
	}
}

void plan_order(struct plan *plan)
{
	struct order order = { .plan = plan };
	struct placed *placed = ARENA_ARRAY(plan->arena, plan->nfeatures + 1, struct placed);

	order.place = ARENA_ARRAY(plan->arena, plan->nslots + 1, uint32_t);
	order.scan_place = ARENA_ARRAY(plan->arena, plan->nscans + 1, uint32_t);
	visit_all(&order);
	for (uint32_t i = 0; i < plan->nfeatures; i++)
		placed[i] = (struct placed){ feature_place(&order, &plan->features[i]),
					     kind_order(plan->features[i].kind), i };
	qsort(placed, plan->nfeatures, sizeof *placed, compare_placed);
	plan->order = ARENA_ARRAY(plan->arena, plan->nfeatures + 1, uint32_t);
	for (uint32_t i = 0; i < plan->nfeatures; i++) {
		plan->order[i] = placed[i].feature;
		plan->features[placed[i].feature].level = i;
	}
	for (uint32_t i = 0; i < plan->nslots; i++)
		plan->slots[i].rank = order.place[i];
	for (uint32_t i = 0; i < plan->nscans; i++)
		plan->scans[i].rank = order.scan_place[i];
	find_classes(plan);
}

void plan_dump(struct buf *out, const struct plan *plan)
{
	for (uint32_t i = 0; i < plan->nfeatures; i++) {
		const struct feature *feature = &plan->features[plan->order[i]];

		buf_printf(out, "%3u  %.*s%s%s\n", i, TEXT_ARG(feature->name),
			   feature->pivot ? "  [each]" : "",
			   feature->hangs != HANGS_ON_NOTHING ? "  [row]" : "");
		for (uint32_t class_ = 0; class_ < feature->nclasses; class_++)
			buf_printf(out, "       %u: %.*s\n", class_,
				   TEXT_ARG(plan_class_text(plan, plan->order[i], class_)));
	}
}
