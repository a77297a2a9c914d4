/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The facts behind the answers. A fact that can change is a field of a record that is there, a record that is not
 * there, a judgement, a value or the rules of an area. What says which record is meant does not change: keys, ids,
 * references, what other records are looked up by. Nor does what the policy says nobody can change.
 */
#include "engine/explain/change.h"

/* Whether what is shown for these actions must not be looked at. */
static bool is_hidden(const struct change *change, uint32_t shown)
{
	return change->told && !(shown >> change->bind->action & 1);
}

static uint64_t add_fact(struct change *change, struct change_fact fact)
{
	for (uint32_t i = 0; i < change->nfacts; i++) {
		const struct change_fact *other = &change->facts[i];

		if (other->kind == fact.kind && other->number == fact.number && other->slot == fact.slot &&
		    other->scan == fact.scan && other->candidate == fact.candidate)
			return 1ull << i;
	}
	if (change->nfacts == CHANGE_FACTS) {
		change->overflow = true;
		return 0;
	}
	change->facts[change->nfacts] = fact;
	return 1ull << change->nfacts++;
}

static const struct change_fact no_fact = {
	.number = IMAGE_NONE, .slot = IMAGE_NONE, .scan = IMAGE_NONE, .record = IMAGE_NONE, .candidate = IMAGE_NONE,
	.who = IMAGE_NONE,
};

static bool of_candidate(const struct change *change, uint32_t slot)
{
	return change->view->slot_lasts[slot] == LASTS_CANDIDATE;
}

/* Whether all parts of a key are there: else no record can come to be under it. */
static bool has_key(struct change *change, struct image_range keys)
{
	for (uint32_t i = 0; i < keys.count; i++) {
		uint32_t part = change->explain->image->keys[keys.first + i];
		int32_t fact;

		if (part & IMAGE_KEY_EACH)
			continue;
		fact = bind_fact(change->bind, part);
		if (fact == FACT_UNKNOWN || fact == FACT_NONE)
			return false;
	}
	return true;
}

static uint64_t record_fact(struct change *change, uint32_t slot, uint32_t scan)
{
	struct change_fact fact = no_fact;
	const struct image *image = change->explain->image;

	fact.kind = RKO_CHANGE_RECORD;
	fact.slot = slot;
	fact.scan = scan;
	fact.record = slot != IMAGE_NONE ? change->view->slots[slot].record : change->view->scans[scan].record;
	fact.who = image->records[fact.record].changed;
	if (slot != IMAGE_NONE && of_candidate(change, slot))
		fact.candidate = change->candidate;
	return fact.who == IMAGE_NOBODY ? 0 : add_fact(change, fact);
}

static bool same_part(struct change *change, uint32_t a, uint32_t b)
{
	const struct bound_value *set;
	int32_t fact;

	if (b & IMAGE_KEY_EACH) {
		uint32_t swap = a;

		a = b;
		b = swap;
	}
	if (!(a & IMAGE_KEY_EACH))
		return a == b || bind_fact(change->bind, a) == bind_fact(change->bind, b);
	set = b & IMAGE_KEY_EACH ? NULL : bind_set(change->bind, a & ~IMAGE_KEY_EACH);
	fact = set ? bind_fact(change->bind, b) : FACT_UNKNOWN;
	for (uint32_t i = 0; set && i < set->count; i++)
		if (change->bind->elements[change->view->elements_at[a & ~IMAGE_KEY_EACH] + i] == fact)
			return true;
	return false;
}

static bool same_rows(struct change *change, uint32_t one, uint32_t other)
{
	const uint32_t *keys = change->explain->image->keys;
	const struct image_scan *a = &change->view->scans[one], *b = &change->view->scans[other];

	if (a->record != b->record || is_hidden(change, a->shown & b->shown))
		return false;
	for (uint32_t i = 0; i < a->keys.count && i < b->keys.count; i++)
		if (!same_part(change, keys[a->keys.first + i], keys[b->keys.first + i]))
			return false;
	return true;
}

bool change_one_row(struct change *change, uint32_t scan)
{
	return change->to_be && same_rows(change, change->view->plan->pivot, scan);
}

/* Lists of one kind of record under one key have one new row: the first list stands for all of them. */
static uint32_t first_scan(struct change *change, uint32_t scan)
{
	for (uint32_t i = 0; i < scan; i++)
		if (i != change->view->plan->pivot && same_rows(change, i, scan))
			return i;
	return scan;
}

static uint64_t scan_facts(struct change *change, uint32_t scan)
{
	const struct image_scan *about = &change->view->scans[scan];
	uint64_t facts = 0;

	if (!has_key(change, about->keys))
		return 0;
	if (change_one_row(change, scan))
		facts = record_fact(change, change->view->scans[change->view->plan->pivot].row, IMAGE_NONE);
	return facts | record_fact(change, IMAGE_NONE, first_scan(change, scan));
}

/* One row can be met by several ways: the first slot that has it stands for all of them. */
static uint32_t first_slot(struct change *change, uint32_t slot)
{
	const struct bound_slot *here = bind_slot(change->bind, slot);

	for (uint32_t i = 0; i < slot; i++) {
		const struct bound_slot *other = &change->bind->slots[i];

		if (change->view->slots[i].record != change->view->slots[slot].record ||
		    is_hidden(change, change->view->slots[i].shown) ||
		    change->view->slots[i].row != IMAGE_NONE ||
		    other->stamp != change->bind->stamps[change->view->slot_lasts[i]] ||
		    other->state != SLOT_PRESENT || other->given || here->given)
			continue;
		if (other->row.key_size == here->row.key_size &&
		    memcmp(other->row.key, here->row.key, here->row.key_size) == 0)
			return i;
	}
	return slot;
}

static bool names_a_record(const struct image_field *field)
{
	return !(field->flags & IMAGE_FIELD_SET) && field->kind != IMAGE_TYPE_CODE && field->kind != IMAGE_TYPE_DATE;
}

static uint64_t one_field(struct change *change, uint32_t slot, uint32_t field, bool names)
{
	const struct image_field *about = record_field(change->explain->image, change->view->slots[slot].record, field);
	struct change_fact fact = no_fact;

	if (about->flags & IMAGE_FIELD_KEY || names || (change->told && !(about->flags & IMAGE_FIELD_SHOWN)))
		return 0;
	fact.kind = RKO_CHANGE_FIELD;
	fact.number = field;
	fact.slot = first_slot(change, slot);
	fact.record = change->view->slots[slot].record;
	fact.who = about->changed;
	if (of_candidate(change, fact.slot))
		fact.candidate = change->candidate;
	return fact.who == IMAGE_NOBODY ? 0 : add_fact(change, fact);
}

/* A derived date is the first of two, or where that is none the second: the first can replace it, either can be it. */
static uint64_t field_fact(struct change *change, uint32_t slot, uint32_t value)
{
	const struct image *image = change->explain->image;
	uint32_t record = change->view->slots[slot].record, field = change->view->values[value].field;
	const struct image_field *about = record_field(image, record, field);
	const struct bound_slot *bound = bind_slot(change->bind, slot);
	int32_t first;

	if (change->is_key[value])
		return 0;
	if (!(about->flags & IMAGE_FIELD_DERIVED))
		return one_field(change, slot, field,
				 names_a_record(about) && bind_fact(change->bind, value) != FACT_NONE);
	if (change->told && !(record_field(image, record, about->derive[0])->flags & IMAGE_FIELD_SHOWN))
		return 0;
	if (!bind_slot_fact(change->bind, bound, slot, about->derive[0], &first))
		return 0;
	return one_field(change, slot, about->derive[0], false) |
	       (first == FACT_NONE ? one_field(change, slot, about->derive[1], false) : 0);
}

static uint64_t request_fact(struct change *change, uint32_t value)
{
	struct value_about about = value_about(change->view, change->explain->image, value);
	struct change_fact fact = no_fact;

	if (change->is_key[value] || (about.kind != IMAGE_TYPE_CODE && about.kind != IMAGE_TYPE_DATE) ||
	    (!(about.flags & IMAGE_FIELD_SET) && bind_fact(change->bind, value) == FACT_NONE))
		return 0;
	fact.kind = RKO_CHANGE_REQUEST;
	fact.number = value;
	return add_fact(change, fact);
}

/* A record that is looked up by what another brings: when that comes to be, it can name one. */
static uint64_t key_facts(struct change *change, struct image_range keys)
{
	uint64_t facts = 0;

	for (uint32_t i = 0; i < keys.count; i++) {
		uint32_t part = change->explain->image->keys[keys.first + i];
		int32_t fact = bind_fact(change->bind, part);

		if (fact == FACT_UNKNOWN || fact == FACT_NONE)
			facts |= change_value_facts(change, part);
	}
	return facts;
}

/* What makes a record be there that is not, or is not known. */
static uint64_t slot_facts(struct change *change, uint32_t slot)
{
	const struct image_slot *about = &change->view->slots[slot];

	switch (about->kind) {
	case IMAGE_SLOT_LINK:
		return has_key(change, about->keys) ? record_fact(change, slot, IMAGE_NONE)
						    : key_facts(change, about->keys);
	case IMAGE_SLOT_REF:
		return change_value_facts(change, about->from);
	case IMAGE_SLOT_ROW:
		return change->to_be ? record_fact(change, slot, IMAGE_NONE) : 0;
	}
	return 0;
}

uint64_t change_value_facts(struct change *change, uint32_t value)
{
	const struct image_value *about = &change->view->values[value];
	const struct bound_slot *slot;

	switch (about->kind) {
	case IMAGE_VALUE_REQUEST:
		return request_fact(change, value);
	case IMAGE_VALUE_TODAY:
		return 0;
	case IMAGE_VALUE_ROWS:
		return scan_facts(change, about->of);
	}
	slot = bind_slot(change->bind, about->of);
	if (!slot)
		return 0;
	if (slot->state != SLOT_PRESENT)
		return slot_facts(change, about->of);
	return slot->given ? request_fact(change, value) : field_fact(change, about->of, value);
}

static uint64_t judgement_fact(struct change *change, uint32_t slot)
{
	const struct image_slot *about = &change->view->slots[slot];
	struct change_fact fact = no_fact;

	if (!has_key(change, about->keys))
		return 0;
	fact.kind = RKO_CHANGE_JUDGEMENT;
	fact.slot = slot;
	fact.record = about->record;
	fact.who = about->judgement_role;
	if (of_candidate(change, slot))
		fact.candidate = change->candidate;
	return add_fact(change, fact);
}

/* A gap's feature is named "the value of x", or the overlay of the area. */
static uint64_t gap_fact(struct change *change, uint32_t feature)
{
	static const char of[] = "the value of ";
	uint32_t name = change->view->features[feature].name;
	bool value = strncmp(explain_string(change->explain, name), of, sizeof of - 1) == 0;
	struct change_fact fact = no_fact;

	fact.kind = value ? RKO_CHANGE_PARAMETER : RKO_CHANGE_OVERLAY;
	fact.number = value ? name + (uint32_t)sizeof of - 1 : name;
	return add_fact(change, fact);
}

static bool has_element(const struct change *change, uint32_t value, uint32_t count, int32_t element)
{
	const int32_t *elements = change->bind->elements + change->view->elements_at[value];

	for (uint32_t i = 0; i < count; i++)
		if (elements[i] == element)
			return true;
	return false;
}

bool change_missing(struct change *change, const struct image_feature *about, uint32_t element)
{
	const struct bound_value *rows = bind_set(change->bind, about->b);

	return !rows || !has_element(change, about->b, rows->count,
				     change->bind->elements[change->view->elements_at[about->a] + element]);
}

/* Whether the row that is to be is all that is missing for a set to be inside what the rows have. */
static bool completes(struct change *change, const struct image_feature *about)
{
	const struct image_value *rows = &change->view->values[about->b];
	const struct image_scan *pivot = &change->view->scans[change->view->plan->pivot];
	const struct bound_value *set = bind_set(change->bind, about->a);
	const int32_t *elements = change->bind->elements + change->view->elements_at[about->a];
	uint32_t part;

	if (!set || rows->field >= pivot->keys.count)
		return set && set->count == 1;
	part = change->explain->image->keys[pivot->keys.first + rows->field];
	if (part & IMAGE_KEY_EACH)
		return false;
	for (uint32_t i = 0; i < set->count; i++)
		if (change_missing(change, about, i) && elements[i] != bind_fact(change->bind, part))
			return false;
	return true;
}

/* A set that is to be inside what rows have: one new row is seldom enough. */
static uint64_t inside_facts(struct change *change, const struct image_feature *about)
{
	uint32_t scan = change->view->values[about->b].of;
	uint64_t facts = change_value_facts(change, about->a) | scan_facts(change, scan);

	if (change_one_row(change, scan) && !completes(change, about))
		facts &= ~record_fact(change, change->view->scans[change->view->plan->pivot].row, IMAGE_NONE);
	return facts;
}

static uint64_t feature_facts(struct change *change, uint32_t number)
{
	const struct image_feature *about = &change->view->features[number];
	uint64_t facts = 0;

	switch ((enum image_feature_kind)about->kind) {
	case IMAGE_FEATURE_ACTION:
	case IMAGE_FEATURE_READING:
		return 0;
	case IMAGE_FEATURE_SOME:
		return scan_facts(change, about->scan);
	case IMAGE_FEATURE_FINDING:
		return judgement_fact(change, about->b);
	case IMAGE_FEATURE_GAP:
		return gap_fact(change, number);
	case IMAGE_FEATURE_INSIDE:
		if (change->view->values[about->b].kind == IMAGE_VALUE_ROWS)
			return inside_facts(change, about);
		break;
	case IMAGE_FEATURE_PRESENT:
		if (about->a == IMAGE_NONE) {
			const struct bound_slot *slot = bind_slot(change->bind, about->b);

			if (slot && slot->state == SLOT_PRESENT && change->view->slots[about->b].kind == IMAGE_SLOT_LINK)
				return record_fact(change, about->b, IMAGE_NONE);
			return slot && slot->state != SLOT_PRESENT ? slot_facts(change, about->b) : 0;
		}
		break;
	default:
		break;
	}
	if (about->a != IMAGE_NONE)
		facts |= change_value_facts(change, about->a);
	if (about->b != IMAGE_NONE && about->kind != IMAGE_FEATURE_PRESENT)
		facts |= change_value_facts(change, about->b);
	return facts;
}

uint32_t change_candidates(const struct change *change)
{
	const struct verdict *verdict = &change->explain->session->verdict;

	if (change->alone)
		return 1;
	return verdict->ncandidates + (change->view->plan->pivot != IMAGE_NONE);
}

void change_candidate(struct change *change, uint32_t candidate)
{
	const struct verdict *verdict = &change->explain->session->verdict;
	uint32_t pivot = change->view->plan->pivot;

	change->candidate = candidate;
	change->to_be = !change->alone && candidate >= verdict->ncandidates;
	if (change->alone) {
		bind_candidate(change->bind);
	} else if (change->to_be) {
		bind_candidate(change->bind);
		bind_put_slot(change->bind, change->view->scans[pivot].row, SLOT_ABSENT, NULL, NULL);
	} else {
		walk_candidate(change->bind, verdict, candidate);
	}
	/* Which of them the decision has met already, it does not hang on. */
	for (uint32_t i = 0; i < change->view->nslots && change->told; i++)
		if (change->view->slots[i].row == IMAGE_NONE && !is_hidden(change, change->view->slots[i].shown))
			bind_slot(change->bind, i);
	for (uint32_t i = 0; i < change->view->nfeatures && change->bind->status == RKO_OK; i++) {
		uint32_t answer;

		change->now[i] = IMAGE_NONE;
		change->touch[i] = 0;
		if (change->view->features[i].row != IMAGE_NONE || is_hidden(change, change->view->features[i].shown))
			continue;
		answer = bind_feature(change->bind, i);
		change->now[i] = answer == ANSWER_UNKNOWN ? IMAGE_NONE : bind_class(change->bind, i);
		change->touch[i] = feature_facts(change, i);
	}
}

static void note_keys(struct change *change, struct image_range keys)
{
	for (uint32_t i = 0; i < keys.count; i++)
		change->is_key[change->explain->image->keys[keys.first + i] & ~IMAGE_KEY_EACH] = 1;
}

void change_init(struct change *change, struct explain *explain)
{
	const struct plan_view *view = explain->bind->view;

	*change = (struct change){ .explain = explain, .bind = explain->bind, .view = view,
				   .root = explain->question->question->analysis };
	change->is_key = ARENA_ARRAY(explain->scratch, view->nvalues + 1, uint8_t);
	change->touch = ARENA_ARRAY(explain->scratch, view->nfeatures + 1, uint64_t);
	change->now = ARENA_ARRAY(explain->scratch, view->nfeatures + 1, uint32_t);
	for (uint32_t i = 0; i < view->nslots; i++)
		if (view->slots[i].kind == IMAGE_SLOT_LINK || view->slots[i].kind == IMAGE_SLOT_FINDING)
			note_keys(change, view->slots[i].keys);
	for (uint32_t i = 0; i < view->nscans; i++)
		note_keys(change, view->scans[i].keys);
}
