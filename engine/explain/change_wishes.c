/* SPDX-License-Identifier: EUPL-1.2 */
/* What is asked of one value: several answers about it are one wish, as long as they fit together. */
#include "engine/explain/change_needs.h"

static struct wish *new_wish(struct telling *telling, uint32_t value)
{
	const struct image_value *about = &telling->change->view->values[value];
	const struct change_fact *fact = telling_fact(telling);
	struct wish *wish;

	if (telling->nwishes == WISHES)
		return NULL;
	wish = &telling->wishes[telling->nwishes++];
	*wish = (struct wish){ .value = value, .record = IMAGE_NONE, .field = IMAGE_NONE, .from = DAY_MIN,
			       .to = DAY_MAX, .may_open = true, .other = IMAGE_NONE, .feature = IMAGE_NONE };
	memset(wish->allowed, 1, sizeof wish->allowed);
	if (fact->kind == RKO_CHANGE_FIELD) {
		wish->record = fact->record;
		wish->field = fact->number;
	} else if (about->kind == IMAGE_VALUE_FIELD || about->kind == IMAGE_VALUE_ROWS) {
		wish->record = value_record(telling->change->view, about);
		wish->field = about->field;
	}
	return wish;
}

struct wish *wish_for(struct telling *telling, uint32_t value)
{
	const struct image_value *about = &telling->change->view->values[value];
	const struct change_fact *fact = telling_fact(telling);

	for (uint32_t i = 0; i < telling->nwishes; i++)
		if (telling->wishes[i].value == value || fact->kind == RKO_CHANGE_FIELD ||
		    (telling->one_row && about->kind != IMAGE_VALUE_REQUEST && about->kind != IMAGE_VALUE_TODAY &&
		     telling->wishes[i].field == about->field && telling->wishes[i].record == value_record(telling->change->view, about)))
			return &telling->wishes[i];
	return new_wish(telling, value);
}

void wish_codes(struct telling *telling, const struct image_feature *about, const uint8_t *classes)
{
	struct wish *wish = wish_for(telling, about->a);
	uint32_t count = about->size - (about->flags & IMAGE_HAS_NONE ? 1 : 0);

	if (!wish)
		return;
	wish->codes = true;
	for (uint32_t i = 0; i < count && i < sizeof wish->allowed; i++)
		wish->allowed[i] &= answer_wanted(telling, about, classes, i);
}

void wish_open(struct telling *telling, const struct image_feature *about, const uint8_t *classes)
{
	bool yes = answer_wanted(telling, about, classes, 1), no = answer_wanted(telling, about, classes, 0);
	struct wish *wish = wish_for(telling, about->a);

	if (!wish || yes == no)
		return;
	wish->must_open |= yes;
	wish->days |= no;
	wish->may_open &= yes;
}

/* None -------------------------------------------------------------------------------------------- */

static bool may_be_none(const struct telling *telling, uint32_t value)
{
	const struct plan_view *view = telling->change->view;
	const struct image_value *about = &view->values[value];

	return about->kind == IMAGE_VALUE_FIELD &&
	       record_field(telling_explain(telling)->image, view->slots[about->of].record, about->field)->flags &
		       IMAGE_FIELD_NONE;
}

static bool is_none(const struct telling *telling, uint32_t value)
{
	struct bind *bind = telling->change->bind;
	const struct bound_value *set;

	if (!(value_about(telling->change->view, telling_explain(telling)->image, value).flags & IMAGE_FIELD_SET))
		return bind_fact(bind, value) == FACT_NONE;
	set = bind_set(bind, value);
	return set && set->fact == FACT_NONE;
}

/* Of two that are compared one is none: the one that can be. */
void wish_none(struct telling *telling, const struct image_feature *about)
{
	uint32_t values[2] = { about->a, about->b }, value = IMAGE_NONE;
	struct wish *wish;

	for (int i = 0; i < 2; i++) {
		if (values[i] == IMAGE_NONE)
			continue;
		if (about->row == IMAGE_NONE && !telling_touches(telling, values[i])) {
			if (is_none(telling, values[i]))
				return;		/* what it is compared with is none as it is */
			continue;
		}
		if (value == IMAGE_NONE || may_be_none(telling, values[i]))
			value = values[i];
	}
	wish = value == IMAGE_NONE ? NULL : wish_for(telling, value);
	if (wish)
		wish->must_none = true;
}

/* Comparisons ------------------------------------------------------------------------------------- */

static void wish_compared(struct telling *telling, uint32_t value, enum rko_need_kind kind, uint32_t other,
			  uint32_t feature)
{
	struct wish *wish = wish_for(telling, value);

	/* What is compared as it is already needs no words where a record only changes. */
	if (!wish || (!telling->changed && telling_fact(telling)->kind != RKO_CHANGE_RECORD))
		return;
	if (wish->compared && (wish->comparison != kind || wish->other != other || wish->feature != feature)) {
		wish = new_wish(telling, value);
		if (!wish)
			return;
	}
	wish->compared = true;
	wish->comparison = kind;
	wish->other = other;
	wish->feature = feature;
}

void wish_compare(struct telling *telling, uint32_t number, bool yes)
{
	const struct image_feature *about = &telling->change->view->features[number];
	bool a = telling_touches(telling, about->a);
	uint32_t mine = a ? about->a : about->b, other = a ? about->b : about->a;

	switch (about->kind) {
	case IMAGE_FEATURE_EQUAL:
		wish_compared(telling, mine, yes ? RKO_NEED_SAME : RKO_NEED_DIFFERENT, other, IMAGE_NONE);
		break;
	case IMAGE_FEATURE_HITS:
		wish_compared(telling, about->a, yes ? RKO_NEED_HAS : RKO_NEED_HAS_NOT, IMAGE_NONE, number);
		break;
	case IMAGE_FEATURE_MEMBER:
		if (a && !telling_touches(telling, about->b)) {
			wish_compared(telling, mine, yes ? RKO_NEED_SAME : RKO_NEED_DIFFERENT, other, IMAGE_NONE);
			break;
		}
		wish_compared(telling, about->b, yes ? RKO_NEED_HAS : RKO_NEED_HAS_NOT, about->a, IMAGE_NONE);
		break;
	case IMAGE_FEATURE_INSIDE:
		if (!yes)
			wish_compared(telling, mine, RKO_NEED_HAS_NOT, other, IMAGE_NONE);
		else if (a)
			wish_compared(telling, mine, RKO_NEED_WITHIN, other, IMAGE_NONE);
		else if (telling->change->view->values[mine].kind == IMAGE_VALUE_ROWS)
			wish_compared(telling, mine, RKO_NEED_EACH, other, number);
		else
			wish_compared(telling, mine, RKO_NEED_HAS_ALL, other, IMAGE_NONE);
		break;
	default:	/* sets that overlap */
		wish_compared(telling, mine, yes ? RKO_NEED_HAS : RKO_NEED_HAS_NOT, other, IMAGE_NONE);
		break;
	}
}

/* All of it --------------------------------------------------------------------------------------- */

static bool fits(const struct wish *wish)
{
	bool some = false;

	for (uint32_t i = 0; i < sizeof wish->allowed; i++)
		some |= wish->allowed[i];
	if (wish->must_none)
		return !wish->must_some && !wish->must_open && !wish->days && (!wish->codes || !some);
	if (wish->must_open && !wish->may_open)
		return false;
	if (wish->codes && !some)
		return false;
	return !wish->days || wish->from <= wish->to || wish->may_open;
}

bool wishes_fit(const struct telling *telling)
{
	for (uint32_t i = 0; i < telling->nwishes; i++)
		if (!fits(&telling->wishes[i]))
			return false;
	return true;
}
