/* SPDX-License-Identifier: EUPL-1.2 */
/* The door, 24–28: the features of a plan: their values, answers, classes and dates. */
#include "engine/image/verify_parts.h"

static uint32_t answers_of(const struct plan_check *p, const struct image_feature *feature)
{
	uint32_t none = feature->flags & IMAGE_HAS_NONE ? 1 : 0;

	switch (feature->kind) {
	case IMAGE_FEATURE_ACTION:
		return p->image->questions[p->plan->question].actions.count;
	case IMAGE_FEATURE_READING:
		return p->image->readings[feature->b].options.count;
	case IMAGE_FEATURE_CODE:
		return p->image->codesets[verify_value_type(p, feature->a).target].codes.count + none;
	case IMAGE_FEATURE_POSITION:
	case IMAGE_FEATURE_CALENDAR:
		return feature->cuts.count + 1 + none;
	}
	return 2 + none;
}

static bool feature_types(const struct plan_check *p, const struct image_feature *feature)
{
	uint32_t nvalues = p->plan->values.count;
	bool a = feature->a < nvalues, b = feature->b < nvalues;
	bool dates = feature->kind == IMAGE_FEATURE_POSITION || feature->kind == IMAGE_FEATURE_CALENDAR;
	bool no_b = feature->b == IMAGE_NONE;
	struct value_type x = { 0 }, y = { 0 };

	if (a)
		x = verify_value_type(p, feature->a);
	if (b && feature->kind != IMAGE_FEATURE_READING)
		y = verify_value_type(p, feature->b);
	if ((feature->kind != IMAGE_FEATURE_SOME &&
	     (feature->scan != IMAGE_NONE || feature->root != IMAGE_TERMINAL)) ||
	    (feature->kind != IMAGE_FEATURE_HITS && feature->bits.count) || (!dates && feature->cuts.count))
		return false;	/* what a feature of this kind has no use for */
	switch (feature->kind) {
	case IMAGE_FEATURE_ACTION:
		return p->plan->question != IMAGE_NONE && feature->a == IMAGE_NONE && no_b;
	case IMAGE_FEATURE_GAP:
		return (a || feature->a == IMAGE_NONE) && no_b;
	case IMAGE_FEATURE_READING:
		return feature->a == IMAGE_NONE && feature->b < p->image->n_readings;
	case IMAGE_FEATURE_CODE:
		return a && no_b && verify_plain(x, IMAGE_TYPE_CODE);
	case IMAGE_FEATURE_PRESENT:
		return feature->a == IMAGE_NONE ? feature->b < p->plan->slots.count : a && no_b;
	case IMAGE_FEATURE_OPEN:
	case IMAGE_FEATURE_CALENDAR:
		return a && no_b && verify_plain(x, IMAGE_TYPE_DATE);
	case IMAGE_FEATURE_POSITION:
		return a && b && verify_plain(x, IMAGE_TYPE_DATE) && verify_plain(y, IMAGE_TYPE_DATE);
	case IMAGE_FEATURE_EQUAL:
		return a && b && verify_same_type(x, y) && !((x.flags | y.flags) & IMAGE_FIELD_SET);
	case IMAGE_FEATURE_MEMBER:
		return a && b && verify_same_type(x, y) && !(x.flags & IMAGE_FIELD_SET) && y.flags & IMAGE_FIELD_SET;
	case IMAGE_FEATURE_OVERLAPS:
	case IMAGE_FEATURE_INSIDE:
		return a && b && verify_same_type(x, y) && x.flags & y.flags & IMAGE_FIELD_SET;
	case IMAGE_FEATURE_HITS:
		return a && no_b && x.kind == IMAGE_TYPE_CODE && x.flags & IMAGE_FIELD_SET &&
		       feature->bits.count == (p->image->codesets[x.target].codes.count + 31) / 32;
	case IMAGE_FEATURE_SOME:
		return feature->scan < p->plan->scans.count && p->scans[feature->scan].kind == IMAGE_SCAN_SOME &&
		       feature->a == IMAGE_NONE && no_b;
	case IMAGE_FEATURE_FINDING:
		return feature->a == IMAGE_NONE && feature->b < p->plan->slots.count &&
		       p->slots[feature->b].kind == IMAGE_SLOT_FINDING;
	}
	return false;
}

void verify_feature(struct plan_check *p, uint32_t number)
{
	struct verify *v = p->v;
	const struct image *image = p->image;
	const struct image_feature *feature = &p->features[number];
	uint32_t seen = 0;

	at(v, "features", p->plan->features.first + number);
	REQUIRE(24, string_ok(v, feature->name) && feature->flags < 16 && range_ok(feature->cuts, image->n_cuts) &&
		range_ok(feature->bits, image->n_bits), "its name, dates or codes are out of range");
	REQUIRE(24, feature->row == IMAGE_NONE || feature->row < p->plan->scans.count, "its row is out of range");
	REQUIRE(25, feature_types(p, feature), "its values are not of the kinds it needs");
	REQUIRE(26, feature->size == answers_of(p, feature), "it has more or fewer answers than it can give");
	REQUIRE(26, feature->nclasses >= 1 && feature->nclasses <= LIMIT_CLASSES &&
		range_ok((struct image_range){ feature->classes, feature->size }, image->n_classes),
		"its classes are out of range");
	for (uint32_t i = 0; i < feature->size; i++) {
		uint8_t class_ = image->classes[feature->classes + i];

		REQUIRE(27, class_ <= seen, "its classes are not numbered by their least answer");
		seen += class_ == seen;
	}
	REQUIRE(27, seen == feature->nclasses, "a class without an answer");
	for (uint32_t i = 0; i < feature->cuts.count; i++) {
		const struct image_cut *cut = &image->cuts[feature->cuts.first + i];

		REQUIRE(28, cut->flags <= 3 && cut->count >= -40000 && cut->count <= 90000,
			"a date is out of range");
		if (feature->kind == IMAGE_FEATURE_CALENDAR)
			REQUIRE(28, day_valid(cut->count) && (i == 0 || cut[-1].count < cut->count),
				"fixed dates are not in order");
	}
}
