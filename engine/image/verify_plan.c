/* SPDX-License-Identifier: EUPL-1.2 */
/* The door, 20–51, plan by plan: its tables first, then the diagrams over them, then its question or record. */
#include "engine/image/verify_parts.h"

#include <stdlib.h>

#include "engine/image/depends.h"

static bool plan_ranges(const struct image *image, const struct image_plan *plan)
{
	return range_ok(plan->slots, image->n_slots) && range_ok(plan->values, image->n_values) &&
	       range_ok(plan->scans, image->n_scans) && range_ok(plan->features, image->n_features) &&
	       range_ok(plan->nodes, image->n_nodes) && plan->slots.count <= LIMIT_SLOTS &&
	       plan->scans.count <= LIMIT_LISTS && plan->features.count <= LIMIT_FEATURES &&
	       (plan->question == IMAGE_NONE || plan->question < image->n_questions) &&
	       (plan->record == IMAGE_NONE || plan->record < image->n_records) &&
	       (plan->question == IMAGE_NONE) != (plan->record == IMAGE_NONE) &&
	       (plan->pivot == IMAGE_NONE || plan->pivot < plan->scans.count);
}

/* A plan with its tables. False, after a refusal, when they are out of range. */
static bool open_plan(struct plan_check *p, uint32_t number)
{
	struct verify *v = p->v;
	const struct image *image = p->image;
	const struct image_plan *plan = p->plan;

	at(v, "plans", number);
	if (!plan_ranges(image, plan))
		return refuse(v, 29, "its tables are out of range");
	if (plan->question != IMAGE_NONE ? image->questions[plan->question].plan != number
					 : image->records[plan->record].plan != number)
		return refuse(v, 29, "its question or record has another plan");
	p->slots = image->slots + plan->slots.first;
	p->values = image->values + plan->values.first;
	p->scans = image->scans + plan->scans.first;
	p->features = image->features + plan->features.first;
	p->words = image->nodes + plan->nodes.first;
	return true;
}

/* Before all else of a plan: values speak of records and rows. */
static void check_records(struct plan_check *p)
{
	struct verify *v = p->v;
	const struct image_plan *plan = p->plan;

	for (uint32_t i = 0; i < plan->slots.count; i++) {
		at(v, "slots", plan->slots.first + i);
		REQUIRE(20, p->slots[i].record < p->image->n_records, "its record is out of range");
	}
	for (uint32_t i = 0; i < plan->scans.count; i++) {
		at(v, "scans", plan->scans.first + i);
		REQUIRE(23, p->scans[i].record < p->image->n_records && p->scans[i].row < plan->slots.count,
			"its record or row is out of range");
	}
}

static void check_tables(struct plan_check *p)
{
	const struct verify *v = p->v;
	const struct image_plan *plan = p->plan;

	check_records(p);
	for (uint32_t i = 0; i < plan->values.count && !v->failed; i++)
		verify_value(p, i);
	for (uint32_t i = 0; i < plan->slots.count && !v->failed; i++)
		verify_slot(p, i);
	for (uint32_t i = 0; i < plan->scans.count && !v->failed; i++)
		verify_scan(p, i);
	for (uint32_t i = 0; i < plan->features.count && !v->failed; i++)
		verify_feature(p, i);
	if (!v->failed)
		verify_hangs(p);
}

/* The conditions of rows, which are diagrams of the plan too. */
static void check_conditions(struct plan_check *p)
{
	struct verify *v = p->v;
	const struct image_plan *plan = p->plan;

	for (uint32_t i = 0; i < plan->scans.count && !v->failed; i++) {
		uint32_t row = plan->pivot == i ? IMAGE_NONE : i;

		at(v, "scans", plan->scans.first + i);
		if (!verify_truth(p, p->scans[i].where, row))
			refuse(v, 23, "its condition is no diagram over its row");
	}
	for (uint32_t i = 0; i < plan->features.count && !v->failed; i++) {
		at(v, "features", plan->features.first + i);
		if (p->features[i].kind == IMAGE_FEATURE_SOME &&
		    !verify_truth(p, p->features[i].root, p->features[i].scan))
			refuse(v, 25, "its condition is no diagram over its row");
	}
}

/* What must hold of a row that is loaded. */
static void check_musts(struct plan_check *p, const struct image_record *record)
{
	struct verify *v = p->v;

	for (uint32_t i = 0; !v->failed && i < record->musts.count; i++) {
		uint32_t must = record->musts.first + i;

		at(v, "musts", must);
		if (!verify_truth(p, p->image->musts[must].root, IMAGE_NONE) || !string_ok(v, p->image->musts[must].text))
			refuse(v, 51, "it is out of range");
	}
}

static void check_diagrams(struct plan_check *p, uint32_t number)
{
	struct verify *v = p->v;
	const struct image_plan *plan = p->plan;

	verify_nodes(p);
	check_conditions(p);
	if (!v->failed) {
		at(v, "plans", number);
		if (!image_no_circle(p->image, plan, &v->memory))
			refuse(v, 36, "what it asks leads back to itself");
	}
	if (!v->failed && plan->question != IMAGE_NONE)
		verify_question(p, &p->image->questions[plan->question]);
	if (plan->record != IMAGE_NONE)
		check_musts(p, &p->image->records[plan->record]);
	if (!v->failed)
		verify_reached(p);
	if (!v->failed)
		verify_classes(p);
}

void verify_plan(struct verify *v, uint32_t number)
{
	const struct image_plan *plan = &v->image->plans[number];
	struct plan_check p = { .v = v, .image = v->image, .plan = plan };

	if (!open_plan(&p, number))
		return;
	check_tables(&p);
	if (v->failed)
		return;
	p.node = calloc(plan->nodes.count + 1, 1);
	p.seen = calloc(plan->nodes.count + 1, sizeof *p.seen);
	if (p.node && p.seen) {
		check_diagrams(&p, number);
	} else {
		v->memory = true;
		refuse(v, 30, "memory ran out");
	}
	free(p.node);
	free(p.seen);
}
