/* SPDX-License-Identifier: EUPL-1.2 */
/* The door, 35: on which row at hand each thing of a plan hangs, and whether on the candidate: as its parts say. */
#include "engine/image/verify_parts.h"

struct hangs {
	uint32_t row;
	bool pivot;
	bool torn;	/* hangs on two rows */
};

static void hang(struct hangs *hangs, struct hangs on)
{
	hangs->torn |= on.torn || (on.row != IMAGE_NONE && hangs->row != IMAGE_NONE && on.row != hangs->row);
	if (on.row != IMAGE_NONE)
		hangs->row = on.row;
	hangs->pivot |= on.pivot;
}

static struct hangs value_hangs(const struct plan_check *p, uint32_t value)
{
	return (struct hangs){ p->values[value].row, p->values[value].flags & IMAGE_HANGS_PIVOT, false };
}

static bool hangs_said(struct hangs hangs, uint32_t row, uint32_t flags)
{
	return !hangs.torn && hangs.row == row && hangs.pivot == !!(flags & IMAGE_HANGS_PIVOT);
}

static struct hangs keys_hang(const struct plan_check *p, struct image_range keys)
{
	struct hangs hangs = { IMAGE_NONE, false, false };

	for (uint32_t i = 0; i < keys.count; i++)
		hang(&hangs, value_hangs(p, p->image->keys[keys.first + i] & ~IMAGE_KEY_EACH));
	return hangs;
}

static struct hangs slot_hangs(const struct plan_check *p, const struct image_slot *slot)
{
	struct hangs hangs = { IMAGE_NONE, false, false };

	switch (slot->kind) {
	case IMAGE_SLOT_LINK:
	case IMAGE_SLOT_FINDING:
		return keys_hang(p, slot->keys);
	case IMAGE_SLOT_REF:
		return value_hangs(p, slot->from);
	case IMAGE_SLOT_ROW:
		if (slot->from == IMAGE_NONE)
			break;
		hangs.pivot = p->plan->pivot == slot->from || p->scans[slot->from].flags & IMAGE_HANGS_PIVOT;
		hangs.row = p->plan->pivot == slot->from ? IMAGE_NONE : slot->from;
	}
	return hangs;
}

static struct hangs feature_hangs(const struct plan_check *p, const struct image_feature *feature)
{
	struct hangs hangs = { IMAGE_NONE, false, false };
	bool slot = feature->kind == IMAGE_FEATURE_FINDING ||
		    (feature->kind == IMAGE_FEATURE_PRESENT && feature->a == IMAGE_NONE);

	if (feature->kind == IMAGE_FEATURE_SOME)
		hangs.pivot = p->scans[feature->scan].flags & IMAGE_HANGS_PIVOT;
	else if (slot)
		return slot_hangs(p, &p->slots[feature->b]);
	if (feature->a != IMAGE_NONE)
		hang(&hangs, value_hangs(p, feature->a));
	if (feature->b != IMAGE_NONE && feature->kind != IMAGE_FEATURE_READING)
		hang(&hangs, value_hangs(p, feature->b));
	return hangs;
}

static bool feature_moves(const struct plan_check *p, const struct image_feature *feature)
{
	bool dates = feature->kind == IMAGE_FEATURE_POSITION || feature->kind == IMAGE_FEATURE_CALENDAR;

	return feature->kind == IMAGE_FEATURE_FINDING ||
	       (dates && p->values[feature->a].kind == IMAGE_VALUE_TODAY);
}

void verify_hangs(struct plan_check *p)
{
	struct verify *v = p->v;

	for (uint32_t i = 0; i < p->plan->values.count; i++) {
		const struct image_value *value = &p->values[i];
		struct hangs hangs = { IMAGE_NONE, false, false };

		at(v, "values", p->plan->values.first + i);
		if (value->kind == IMAGE_VALUE_FIELD)
			hangs = (struct hangs){ p->slots[value->of].row,
						p->slots[value->of].flags & IMAGE_HANGS_PIVOT, false };
		else if (value->kind == IMAGE_VALUE_ROWS)
			hangs.pivot = p->scans[value->of].flags & IMAGE_HANGS_PIVOT;
		REQUIRE(35, hangs_said(hangs, value->row, value->flags), "it hangs on something else");
	}
	for (uint32_t i = 0; i < p->plan->scans.count; i++) {
		struct hangs hangs = keys_hang(p, p->scans[i].keys);

		at(v, "scans", p->plan->scans.first + i);
		REQUIRE(35, hangs.row == IMAGE_NONE && !(p->plan->pivot == i && hangs.pivot) &&
			hangs_said(hangs, IMAGE_NONE, p->scans[i].flags), "it hangs on something else");
	}
	for (uint32_t i = 0; i < p->plan->slots.count; i++) {
		at(v, "slots", p->plan->slots.first + i);
		REQUIRE(35, hangs_said(slot_hangs(p, &p->slots[i]), p->slots[i].row, p->slots[i].flags),
			"it hangs on something else");
	}
	for (uint32_t i = 0; i < p->plan->features.count; i++) {
		const struct image_feature *feature = &p->features[i];

		at(v, "features", p->plan->features.first + i);
		REQUIRE(35, hangs_said(feature_hangs(p, feature), feature->row, feature->flags),
			"it hangs on something else");
		REQUIRE(35, feature_moves(p, feature) == !!(feature->flags & IMAGE_MOVES),
			"whether it moves with today is said wrongly");
	}
}
