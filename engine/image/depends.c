/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * To answer `some row …` the binder looks up rows and asks of each what stands in a diagram; to look them up it may
 * need another list of rows. The order of slots keeps single records from going in circles, nothing keeps lists and
 * their conditions from it but this: a walk over everything, with what is under way marked.
 */
#include "engine/image/depends.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/limits.h"

enum { NEW, BUSY, DONE };

struct depends {
	const struct image *image;
	const struct image_plan *plan;
	uint8_t feature[LIMIT_FEATURES];
	uint8_t scan[64];
	uint8_t slot[LIMIT_SLOTS];
	uint32_t *seen;		/* by word: the last diagram that went through it */
	uint32_t diagrams;
};

static bool feature_ok(struct depends *d, uint32_t number);
static bool scan_ok(struct depends *d, uint32_t number);
static bool value_ok(struct depends *d, uint32_t number);

static const uint32_t *words(const struct depends *d)
{
	return d->image->nodes + d->plan->nodes.first;
}

/* Which features a diagram asks. */
static void asked(struct depends *d, uint32_t ref, uint32_t diagram, bool *features)
{
	const uint32_t *node = words(d) + ref;

	if (image_is_terminal(ref) || d->seen[ref] == diagram)
		return;
	d->seen[ref] = diagram;
	features[*node] = true;
	for (uint32_t i = 0; i < d->image->features[d->plan->features.first + *node].nclasses; i++)
		asked(d, node[1 + i], diagram, features);
}

static bool diagram_ok(struct depends *d, uint32_t ref)
{
	bool features[LIMIT_FEATURES] = { false };

	asked(d, ref, ++d->diagrams, features);
	for (uint32_t i = 0; i < d->plan->features.count; i++)
		if (features[i] && !feature_ok(d, i))
			return false;
	return true;
}

static bool keys_ok(struct depends *d, struct image_range keys)
{
	for (uint32_t i = 0; i < keys.count; i++)
		if (!value_ok(d, d->image->keys[keys.first + i] & ~IMAGE_KEY_EACH))
			return false;
	return true;
}

/* A row at hand, and a record of the request, need nothing. */
static bool slot_ok(struct depends *d, uint32_t number)
{
	const struct image_slot *slot = &d->image->slots[d->plan->slots.first + number];
	bool fine = true;

	if (d->slot[number] != NEW)
		return d->slot[number] == DONE;
	d->slot[number] = BUSY;
	if (slot->kind == IMAGE_SLOT_REF)
		fine = value_ok(d, slot->from);
	else if (slot->kind == IMAGE_SLOT_LINK || slot->kind == IMAGE_SLOT_FINDING)
		fine = keys_ok(d, slot->keys);
	d->slot[number] = DONE;
	return fine;
}

static bool value_ok(struct depends *d, uint32_t number)
{
	const struct image_value *value = &d->image->values[d->plan->values.first + number];

	if (value->kind == IMAGE_VALUE_FIELD)
		return slot_ok(d, value->of);
	return value->kind != IMAGE_VALUE_ROWS || scan_ok(d, value->of);
}

static bool scan_ok(struct depends *d, uint32_t number)
{
	const struct image_scan *scan = &d->image->scans[d->plan->scans.first + number];
	bool fine;

	if (d->scan[number] != NEW)
		return d->scan[number] == DONE;
	d->scan[number] = BUSY;
	fine = keys_ok(d, scan->keys) && diagram_ok(d, scan->where);
	d->scan[number] = DONE;
	return fine;
}

static bool feature_ok(struct depends *d, uint32_t number)
{
	const struct image_feature *feature = &d->image->features[d->plan->features.first + number];
	bool slot = feature->kind == IMAGE_FEATURE_FINDING || feature->kind == IMAGE_FEATURE_PRESENT;
	bool fine = true;

	if (d->feature[number] != NEW)
		return d->feature[number] == DONE;
	d->feature[number] = BUSY;
	if (feature->a != IMAGE_NONE)
		fine = value_ok(d, feature->a);
	if (fine && feature->b != IMAGE_NONE)
		fine = slot ? slot_ok(d, feature->b) : value_ok(d, feature->b);
	if (fine && feature->kind == IMAGE_FEATURE_SOME)
		fine = scan_ok(d, feature->scan) && diagram_ok(d, feature->root);
	d->feature[number] = DONE;
	return fine;
}

bool image_no_circle(const struct image *image, const struct image_plan *plan, bool *ret_memory)
{
	struct depends d = { .image = image, .plan = plan };
	bool fine = true;

	d.seen = calloc(plan->nodes.count + 1, sizeof *d.seen);
	if (!d.seen) {
		*ret_memory = true;
		return false;
	}
	for (uint32_t i = 0; i < plan->scans.count && fine; i++)
		fine = scan_ok(&d, i);
	for (uint32_t i = 0; i < plan->features.count && fine; i++)
		fine = feature_ok(&d, i);
	free(d.seen);
	return fine;
}
