/* SPDX-License-Identifier: EUPL-1.2 */
/* Slots, values, scans and features, each made when it is first asked for. */
#include "dsl/diagram/plan.h"

#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"

#define ADD(plan, list, item) \
	((plan)->list = arena_grow((plan)->arena, (plan)->list, (plan)->n##list, \
				   &(plan)->cap_##list, sizeof *(plan)->list), \
	 (plan)->list[(plan)->n##list] = (item), (plan)->n##list++)

void plan_init(struct plan *plan, struct model *model, const struct question *question)
{
	*plan = (struct plan){ .arena = model->arena, .model = model, .question = question,
			       .pivot = NOWHERE };
	map_init(&plan->slot_map, plan->arena);
	map_init(&plan->value_map, plan->arena);
	map_init(&plan->scan_map, plan->arena);
	map_init(&plan->feature_map, plan->arena);
	map_init(&plan->expr_map, plan->arena);
	map_init(&plan->dates_map, plan->arena);
}

/* Slots ------------------------------------------------------------------------------------------- */

/* What a thing is known by: its kind, a letter, and the numbers that tell it from others. */
static struct text key_of(struct plan *plan, char letter, uint32_t a, uint32_t b, uint32_t c)
{
	const uint32_t words[] = { (uint32_t)letter, a, b, c };
	char *at = arena_alloc(plan->arena, sizeof words);

	memcpy(at, words, sizeof words);
	return (struct text){ at, sizeof words };
}

static uint32_t find_or(struct map *map, struct text key, bool *ret_new, uint32_t next)
{
	uint32_t old = map_get(map, key);

	*ret_new = old == MAP_NONE;
	if (*ret_new)
		map_set(map, key, next);
	return *ret_new ? next : old;
}

static void hang(uint32_t *hangs, bool *pivot, const struct value *on)
{
	if (on->hangs != HANGS_ON_NOTHING)
		*hangs = on->hangs;
	*pivot |= on->pivot;
}

uint32_t plan_slot_request(struct plan *plan, uint32_t field)
{
	const struct request_field *about = &plan->question->fields[field];
	uint32_t all = (uint32_t)((1ull << plan->question->nactions) - 1);
	struct slot slot = {
		.kind = SLOT_REQUEST,
		.record = about->type.record,
		.name = about->name,
		.field = field,
		.hangs = HANGS_ON_NOTHING,
		.may_lack = (about->given | about->found) != all || about->type.none,
	};
	bool new;
	uint32_t number = find_or(&plan->slot_map, key_of(plan, 'q', field, 0, 0), &new,
				  plan->nslots);

	if (new)
		ADD(plan, slots, slot);
	return number;
}

uint32_t plan_slot_self(struct plan *plan, const struct record *record)
{
	struct slot slot = { .kind = SLOT_ROW, .record = record, .name = record->name,
			     .scan = NOWHERE, .hangs = HANGS_ON_NOTHING };
	bool new;
	uint32_t number = find_or(&plan->slot_map, TEXT("self"), &new, plan->nslots);

	if (new)
		ADD(plan, slots, slot);
	return number;
}

uint32_t plan_slot_link(struct plan *plan, const struct link *link)
{
	struct text key = key_of(plan, 'l', link->index, 0, 0);
	uint32_t old = map_get(&plan->slot_map, key);
	struct slot slot = { .kind = SLOT_LINK, .record = link->record, .name = link->name,
			     .link = link, .hangs = HANGS_ON_NOTHING, .may_lack = true };

	if (old != MAP_NONE)
		return old;
	slot.nkeys = link->nkeys;
	slot.keys = ARENA_ARRAY(plan->arena, link->nkeys, uint32_t);
	for (uint32_t i = 0; i < link->nkeys; i++) {
		slot.keys[i] = plan_place(plan, &link->keys[i].place);
		hang(&slot.hangs, &slot.pivot, &plan->values[slot.keys[i]]);
	}
	map_set(&plan->slot_map, key, plan->nslots);
	ADD(plan, slots, slot);
	return plan->nslots - 1;
}

uint32_t plan_slot_ref(struct plan *plan, uint32_t value)
{
	const struct value *from = &plan->values[value];
	struct slot slot = {
		.kind = SLOT_REF,
		.record = from->type.record,
		.name = from->name,
		.value = value,
		.hangs = from->hangs,
		.pivot = from->pivot,
		.may_lack = from->may_lack,
	};
	bool new;
	uint32_t number = find_or(&plan->slot_map, key_of(plan, 'r', value, 0, 0), &new,
				  plan->nslots);

	if (new)
		ADD(plan, slots, slot);
	return number;
}

uint32_t plan_slot_finding(struct plan *plan, const struct judgement *judgement)
{
	struct text key = key_of(plan, 'f', judgement->index, 0, 0);
	uint32_t old = map_get(&plan->slot_map, key);
	struct slot slot = { .kind = SLOT_FINDING, .record = judgement->record, .name = judgement->name,
			     .judgement = judgement, .hangs = HANGS_ON_NOTHING };

	if (old != MAP_NONE)
		return old;
	slot.nkeys = judgement->nper;
	slot.keys = ARENA_ARRAY(plan->arena, judgement->nper, uint32_t);
	for (uint32_t i = 0; i < judgement->nper; i++) {
		slot.keys[i] = plan_place(plan, &judgement->per[i]);
		hang(&slot.hangs, &slot.pivot, &plan->values[slot.keys[i]]);
		slot.may_lack |= plan->values[slot.keys[i]].may_lack;
	}
	map_set(&plan->slot_map, key, plan->nslots);
	ADD(plan, slots, slot);
	return plan->nslots - 1;
}

uint32_t plan_scan(struct plan *plan, const struct link *link)
{
	struct text key = key_of(plan, 's', link->index, 0, 0);
	uint32_t old = map_get(&plan->scan_map, key), hangs = HANGS_ON_NOTHING;
	struct scan scan = { .link = link, .where = TRUE_EXPR, .nkeys = link->nkeys };
	struct slot row = { .kind = SLOT_ROW, .record = link->record, .name = link->name, .link = link };

	if (old != MAP_NONE)
		return old;
	scan.keys = ARENA_ARRAY(plan->arena, link->nkeys, uint32_t);
	scan.each = ARENA_ARRAY(plan->arena, link->nkeys, bool);
	for (uint32_t i = 0; i < link->nkeys; i++) {
		scan.keys[i] = plan_place(plan, &link->keys[i].place);
		scan.each[i] = link->keys[i].each;
		hang(&hangs, &scan.pivot, &plan->values[scan.keys[i]]);
	}
	row.scan = plan->nscans;
	row.pivot = link->kind == LINK_EACH || scan.pivot;
	row.hangs = link->kind == LINK_EACH ? (uint32_t)HANGS_ON_NOTHING : plan->nscans;
	row.may_lack = link->kind == LINK_EACH;
	scan.row = plan->nslots;
	ADD(plan, slots, row);
	map_set(&plan->scan_map, key, plan->nscans);
	ADD(plan, scans, scan);
	if (link->kind == LINK_EACH)
		plan->pivot = plan->nscans - 1;
	return plan->nscans - 1;
}

/* Values ------------------------------------------------------------------------------------------ */

uint32_t plan_today(struct plan *plan)
{
	struct value value = { .kind = VALUE_TODAY, .type = { .kind = KIND_DATE }, .name = TEXT("today"),
			       .hangs = HANGS_ON_NOTHING };
	bool new;
	uint32_t number = find_or(&plan->value_map, TEXT("today"), &new, plan->nvalues);

	if (new)
		ADD(plan, values, value);
	return number;
}

uint32_t plan_value_request(struct plan *plan, uint32_t field)
{
	const struct request_field *about = &plan->question->fields[field];
	uint32_t all = (uint32_t)((1ull << plan->question->nactions) - 1);
	struct value value = {
		.kind = VALUE_REQUEST,
		.field = field,
		.type = about->type,
		.name = about->name,
		.hangs = HANGS_ON_NOTHING,
		.may_lack = (about->given | about->found) != all || about->type.none,
	};
	bool new;
	uint32_t number = find_or(&plan->value_map, key_of(plan, 'q', field, 0, 0), &new,
				  plan->nvalues);

	if (new)
		ADD(plan, values, value);
	return number;
}

uint32_t plan_value(struct plan *plan, uint32_t slot, uint32_t field)
{
	const struct slot *from = &plan->slots[slot];
	const struct field *about = &from->record->fields[field];
	struct value value;
	uint32_t number;
	bool new;

	/* The only key field of a record that was found by its id is that id: nothing need be fetched. */
	if (from->kind == SLOT_REF && about->key && from->record->nkey == 1)
		return from->value;
	if (from->kind == SLOT_REQUEST && about->key && from->record->nkey == 1)
		return plan_value_request(plan, from->field);
	number = find_or(&plan->value_map, key_of(plan, 'f', slot, field, 0), &new,
			 plan->nvalues);
	if (!new)
		return number;
	value = (struct value){
		.kind = VALUE_FIELD,
		.slot = slot,
		.field = field,
		.type = about->type,
		.name = text_format(plan->arena, "%.*s.%.*s", TEXT_ARG(from->name), TEXT_ARG(about->name)),
		.hangs = from->hangs,
		.pivot = from->pivot,
		.may_lack = from->may_lack || about->type.none,
	};
	ADD(plan, values, value);
	return number;
}

static uint32_t value_rows(struct plan *plan, uint32_t scan, uint32_t field)
{
	const struct link *link = plan->scans[scan].link;
	struct value value = { .kind = VALUE_ROWS, .scan = scan, .field = field,
			       .type = link->record->fields[field].type, .hangs = HANGS_ON_NOTHING,
			       .pivot = plan->scans[scan].pivot };
	bool new;
	uint32_t number = find_or(&plan->value_map, key_of(plan, 'w', scan, field, 0),
				  &new, plan->nvalues);

	if (!new)
		return number;
	value.type.set = true;
	value.type.none = value.type.open = value.type.unknown = false;
	value.name = text_format(plan->arena, "%.*s.%.*s", TEXT_ARG(link->name),
				 TEXT_ARG(link->record->fields[field].name));
	ADD(plan, values, value);
	return number;
}

/* Places ------------------------------------------------------------------------------------------ */

/* The slot in which the last step of the place stands. */
static uint32_t slot_before_last(struct plan *plan, const struct place *place, uint32_t slot)
{
	for (uint32_t i = 0; i + 1 < place->nsteps; i++)
		slot = plan_slot_ref(plan, plan_value(plan, slot, place->steps[i]));
	return slot;
}

static uint32_t base_slot(struct plan *plan, const struct place *place, uint32_t self)
{
	uint32_t scan;

	switch (place->base) {
	case BASE_REQUEST:
		return plan_slot_request(plan, place->field);
	case BASE_SELF:
		return self;
	case BASE_LINK:
		break;
	}
	if (place->link->kind == LINK_THE)
		return plan_slot_link(plan, place->link);
	scan = plan_scan(plan, place->link);
	return plan->scans[scan].row;
}

uint32_t plan_place_of(struct plan *plan, const struct place *place, uint32_t self)
{
	uint32_t slot;

	if (place->base == BASE_REQUEST && !place->nsteps)
		return plan_value_request(plan, place->field);
	if (place->rows)
		return value_rows(plan, plan_scan(plan, place->link), place->steps[0]);
	slot = slot_before_last(plan, place, base_slot(plan, place, self));
	return plan_value(plan, slot, place->steps[place->nsteps - 1]);
}

uint32_t plan_place(struct plan *plan, const struct place *place)
{
	return plan_place_of(plan, place, NOWHERE);
}

uint32_t plan_place_slot(struct plan *plan, const struct place *place)
{
	uint32_t slot;

	if (!place->nsteps)
		return base_slot(plan, place, NOWHERE);
	slot = slot_before_last(plan, place, base_slot(plan, place, NOWHERE));
	return plan_slot_ref(plan, plan_value(plan, slot, place->steps[place->nsteps - 1]));
}

/* Features ---------------------------------------------------------------------------------------- */

static uint32_t add_feature(struct plan *plan, struct text key, struct feature feature)
{
	bool new;
	uint32_t number;

	if (plan->frozen)
		return map_get(&plan->feature_map, key);	/* MAP_NONE is NOWHERE */
	number = find_or(&plan->feature_map, key, &new, plan->nfeatures);
	if (new)
		ADD(plan, features, feature);
	return number;
}

/* The feature of a key, or NOWHERE: a name need not be made for one that is there. */
static uint32_t known_feature(struct plan *plan, struct text key)
{
	return map_get(&plan->feature_map, key);
}

static void feature_hang(struct plan *plan, struct feature *feature, uint32_t value)
{
	const struct value *on = &plan->values[value];

	hang(&feature->hangs, &feature->pivot, on);
	if (on->may_lack)
		feature->none = true;
}

uint32_t feature_action(struct plan *plan)
{
	struct feature feature = { .kind = FEATURE_ACTION, .size = plan->question->nactions,
				   .hangs = HANGS_ON_NOTHING, .name = TEXT("action") };

	return add_feature(plan, TEXT("action"), feature);
}

uint32_t feature_code(struct plan *plan, uint32_t value)
{
	struct feature feature = { .kind = FEATURE_CODE, .a = value, .hangs = HANGS_ON_NOTHING,
				   .name = plan->values[value].name };

	feature_hang(plan, &feature, value);
	feature.size = plan->values[value].type.codes->count + feature.none;
	return add_feature(plan, key_of(plan, 'c', value, 0, 0), feature);
}

uint32_t feature_present(struct plan *plan, uint32_t value)
{
	struct feature feature = { .kind = FEATURE_PRESENT, .a = value, .hangs = HANGS_ON_NOTHING,
				   .size = 2 };
	struct text key = key_of(plan, 'p', value, 0, 0);

	if (known_feature(plan, key) != NOWHERE)
		return known_feature(plan, key);
	feature_hang(plan, &feature, value);
	feature.none = false;
	feature.name = text_format(plan->arena, "%.*s exists", TEXT_ARG(plan->values[value].name));
	return add_feature(plan, key, feature);
}

uint32_t feature_present_slot(struct plan *plan, uint32_t slot)
{
	const struct slot *about = &plan->slots[slot];
	struct feature feature = { .kind = FEATURE_PRESENT, .a = NOWHERE, .b = slot, .size = 2,
				   .hangs = about->hangs, .pivot = about->pivot };

	if (about->kind == SLOT_REF)
		return feature_present(plan, about->value);
	if (about->kind == SLOT_REQUEST)
		return feature_present(plan, plan_value_request(plan, about->field));
	feature.name = text_format(plan->arena, "%.*s exists", TEXT_ARG(about->name));
	return add_feature(plan, key_of(plan, 't', slot, 0, 0), feature);
}

uint32_t feature_open(struct plan *plan, uint32_t value)
{
	struct feature feature = { .kind = FEATURE_OPEN, .a = value, .hangs = HANGS_ON_NOTHING };
	struct text key = key_of(plan, 'o', value, 0, 0);

	if (known_feature(plan, key) != NOWHERE)
		return known_feature(plan, key);
	feature_hang(plan, &feature, value);
	feature.size = 2 + feature.none;
	feature.name = text_format(plan->arena, "%.*s = open", TEXT_ARG(plan->values[value].name));
	return add_feature(plan, key, feature);
}

uint32_t feature_pair(struct plan *plan, enum feature_kind kind, uint32_t a, uint32_t b)
{
	static const char *const words[] = {
		[FEATURE_EQUAL] = "=", [FEATURE_MEMBER] = "in", [FEATURE_OVERLAPS] = "overlaps",
		[FEATURE_INSIDE] = "within",
	};
	struct feature feature = { .kind = kind, .hangs = HANGS_ON_NOTHING };
	struct text key;

	if ((kind == FEATURE_EQUAL || kind == FEATURE_OVERLAPS) && b < a) {
		uint32_t swap = a;

		a = b;
		b = swap;
	}
	key = key_of(plan, '=', (uint32_t)kind, a, b);
	if (known_feature(plan, key) != NOWHERE)
		return known_feature(plan, key);
	feature.a = a;
	feature.b = b;
	feature_hang(plan, &feature, a);
	feature_hang(plan, &feature, b);
	feature.size = 2 + feature.none;
	feature.name = text_format(plan->arena, "%.*s %s %.*s", TEXT_ARG(plan->values[a].name), words[kind],
				   TEXT_ARG(plan->values[b].name));
	return add_feature(plan, key, feature);
}

static struct text codes_text(struct plan *plan, const struct codeset *set, const bool *has)
{
	struct text text = { "", 0 };
	uint32_t count = 0, shown = 0;

	for (uint32_t i = 0; i < set->count; i++)
		count += has[i];
	for (uint32_t i = 0; i < set->count && shown < 4; i++)
		if (has[i])
			text = text_format(plan->arena, "%.*s%s%.*s", TEXT_ARG(text), shown++ ? ", " : "",
					   TEXT_ARG(set->codes[i].name));
	if (count > shown)
		text = text_format(plan->arena, "%.*s, … %u more", TEXT_ARG(text), count - shown);
	return text;
}

uint32_t feature_hits(struct plan *plan, uint32_t value, uint32_t atom)
{
	struct feature feature = { .kind = FEATURE_HITS, .a = value, .b = atom,
				   .hangs = HANGS_ON_NOTHING };
	struct partition *partition = plan_partition(plan, value, NULL, NULL);
	struct text key = key_of(plan, 'h', value, atom, 0);

	if (known_feature(plan, key) != NOWHERE)
		return known_feature(plan, key);
	feature_hang(plan, &feature, value);
	feature.size = 2 + feature.none;
	if (plan->settled && partition) {
		uint32_t count = partition->codes->count;

		feature.codes = ARENA_ARRAY(plan->arena, count, bool);
		for (uint32_t i = 0; i < count; i++)
			feature.codes[i] = partition->atom_of[i] == atom;
		feature.name = text_format(plan->arena, "%.*s overlaps { %.*s }",
					   TEXT_ARG(plan->values[value].name),
					   TEXT_ARG(codes_text(plan, partition->codes, feature.codes)));
	}
	return add_feature(plan, key, feature);
}

uint32_t feature_some(struct plan *plan, uint32_t scan, uint32_t expr)
{
	struct feature feature = { .kind = FEATURE_SOME, .scan = scan, .expr = expr, .size = 2,
				   .hangs = HANGS_ON_NOTHING, .pivot = plan->scans[scan].pivot };
	struct buf text = { .arena = plan->arena };
	struct text key = key_of(plan, 's', scan, expr, 0);

	if (known_feature(plan, key) != NOWHERE)
		return known_feature(plan, key);
	if (plan->settled && expr != TRUE_EXPR) {
		buf_printf(&text, "some %.*s with (", TEXT_ARG(plan->scans[scan].link->name));
		expr_dump(&text, plan, expr);
		buf_string(&text, ")");
		feature.name = buf_view(&text);
	} else {
		feature.name = text_format(plan->arena, "some %.*s",
					   TEXT_ARG(plan->scans[scan].link->name));
	}
	return add_feature(plan, key, feature);
}

uint32_t feature_finding(struct plan *plan, const struct judgement *judgement)
{
	uint32_t slot = plan_slot_finding(plan, judgement);
	struct feature feature = {
		.kind = FEATURE_FINDING,
		.judgement = judgement,
		.a = NOWHERE,
		.b = slot,
		.none = plan->slots[slot].may_lack,
		.size = 2 + plan->slots[slot].may_lack,
		.hangs = plan->slots[slot].hangs,
		.pivot = plan->slots[slot].pivot,
		.name = judgement->name,
	};

	return add_feature(plan, key_of(plan, 'f', judgement->index, 0, 0), feature);
}

uint32_t feature_gap(struct plan *plan, const struct parameter *parameter, struct text test, uint32_t on)
{
	struct feature feature = { .kind = FEATURE_GAP, .parameter = parameter, .on = on, .size = 2,
				   .hangs = HANGS_ON_NOTHING };

	feature.name = parameter ? text_format(plan->arena, "the value of %.*s", TEXT_ARG(parameter->name))
				 : TEXT("the overlay of the area");
	if (on != NOWHERE)
		hang(&feature.hangs, &feature.pivot, &plan->values[on]);
	return add_feature(plan,
			   text_format(plan->arena, "gap %d %.*s", parameter ? (int)parameter->index : -1,
				       TEXT_ARG(test)),
			   feature);
}

uint32_t feature_reading(struct plan *plan, const struct reading *reading)
{
	struct feature feature = { .kind = FEATURE_READING, .reading = reading, .size = reading->noptions,
				   .hangs = HANGS_ON_NOTHING };

	feature.name = text_format(plan->arena, "the reading %.*s", TEXT_ARG(reading->name));
	return add_feature(plan, key_of(plan, 'r', reading->index, 0, 0), feature);
}

/* Partitions and cuts ----------------------------------------------------------------------------- */

struct partition *plan_partition(struct plan *plan, uint32_t value, const struct codeset *codes,
				 const bool *set)
{
	struct partition *partition = NULL;

	for (uint32_t i = 0; i < plan->npartitions; i++)
		if (plan->partitions[i].value == value)
			partition = &plan->partitions[i];
	if (!partition && !plan->frozen) {
		ADD(plan, partitions, ((struct partition){ .value = value, .codes = codes }));
		partition = &plan->partitions[plan->npartitions - 1];
	}
	if (set && !plan->settled) {
		partition->sets = arena_grow(plan->arena, partition->sets, partition->nsets,
					     &partition->cap_sets, sizeof *partition->sets);
		partition->sets[partition->nsets++] = arena_copy(plan->arena, set, codes->count);
	}
	return partition;
}

static void settle_partition(struct plan *plan, struct partition *partition)
{
	struct map signatures;
	char *signature = arena_alloc(plan->arena, partition->nsets + 1);

	map_init(&signatures, plan->arena);
	partition->atom_of = ARENA_ARRAY(plan->arena, partition->codes->count, uint32_t);
	for (uint32_t i = 0; i < partition->codes->count; i++) {
		for (uint32_t j = 0; j < partition->nsets; j++)
			signature[j] = partition->sets[j][i] ? '1' : '0';
		partition->atom_of[i] =
			map_intern(&signatures, (struct text){ signature, partition->nsets });
	}
	partition->natoms = (uint32_t)signatures.count;
}

/* The least and the most days that a number of months can be, found by trying every day of 400 years. */
static void months_as_days(int32_t months, int32_t *ret_least, int32_t *ret_most)
{
	day_t first = day_from_civil(1905, 1, 1), then;

	*ret_least = INT32_MAX;
	*ret_most = INT32_MIN;
	for (day_t day = first; day < first + 97 * 366; day++) {
		/* Lengths of months repeat every 4 years between 1901 and 2099; 97 years are enough. */
		if (!day_add(day, months, UNIT_MONTHS, &then))
			continue;
		if (then - day < *ret_least)
			*ret_least = then - day;
		if (then - day > *ret_most)
			*ret_most = then - day;
	}
}

int cut_compare(const struct cut *a, const struct cut *b)
{
	int32_t a_least, a_most, b_least, b_most;

	if (a->unit == b->unit) {
		int64_t x = (int64_t)a->count * (a->unit == UNIT_DAYS ? 1 : 2) + a->after;
		int64_t y = (int64_t)b->count * (b->unit == UNIT_DAYS ? 1 : 2) + b->after;

		return x < y ? -1 : x > y;
	}
	if (a->count == 0 && b->count == 0)
		return a->after == b->after ? 0 : a->after ? 1 : -1;
	a_least = a_most = a->count;
	b_least = b_most = b->count;
	if (a->unit == UNIT_MONTHS)
		months_as_days(a->count, &a_least, &a_most);
	if (b->unit == UNIT_MONTHS)
		months_as_days(b->count, &b_least, &b_most);
	if (a_most + a->after <= b_least + b->after)
		return -1;
	if (a_least + a->after >= b_most + b->after)
		return 1;
	return 2;
}

/* Greedy: a cut joins the first group in which its order is fixed against every other. */
static void settle_dates(struct plan *plan, struct dates *dates)
{
	uint32_t count = dates->ncuts;

	dates->group = ARENA_ARRAY(plan->arena, count, uint32_t);
	dates->place = ARENA_ARRAY(plan->arena, count, uint32_t);
	for (uint32_t i = 0; i < count; i++) {
		for (uint32_t group = 0;; group++) {
			bool fits = true;

			for (uint32_t j = 0; j < i && fits; j++)
				fits = dates->group[j] != group ||
				       cut_compare(&dates->cuts[i], &dates->cuts[j]) != 2;
			if (!fits)
				continue;
			dates->group[i] = group;
			if (group >= dates->ngroups)
				dates->ngroups = group + 1;
			break;
		}
	}
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t j = 0; j < count; j++)
			if (dates->group[i] == dates->group[j] && i != j &&
			    (cut_compare(&dates->cuts[j], &dates->cuts[i]) < 0 ||
			     (cut_compare(&dates->cuts[j], &dates->cuts[i]) == 0 && j < i)))
				dates->place[i]++;
}

void plan_settle(struct plan *plan)
{
	for (uint32_t i = 0; i < plan->npartitions; i++)
		settle_partition(plan, &plan->partitions[i]);
	for (uint32_t i = 0; i < plan->ndates; i++)
		settle_dates(plan, &plan->dates[i]);
	plan->settled = true;
	plan->nfeatures = 0;
	plan->nexprs = 0;
	map_init(&plan->feature_map, plan->arena);
	map_init(&plan->expr_map, plan->arena);
	for (uint32_t i = 0; i < plan->nscans; i++)
		plan->scans[i].where = TRUE_EXPR;
}

static struct dates *reach_dates(struct plan *plan, uint32_t point, uint32_t anchor)
{
	bool new;
	uint32_t number = find_or(&plan->dates_map, key_of(plan, 'd', point, anchor, 0), &new,
				  plan->ndates);

	if (new)
		ADD(plan, dates, ((struct dates){ .point = point, .anchor = anchor }));
	return &plan->dates[number];
}

static struct dates *find_dates(struct plan *plan, uint32_t point, uint32_t anchor)
{
	for (uint32_t i = 0; i < plan->ndates; i++)
		if (plan->dates[i].point == point && plan->dates[i].anchor == anchor)
			return &plan->dates[i];
	return NULL;
}

static bool same_cut(const struct cut *a, const struct cut *b)
{
	if (a->count != b->count || a->after != b->after)
		return false;
	return a->unit == b->unit || a->count == 0;
}

static uint32_t reach_cut(struct plan *plan, struct dates *dates, struct cut cut)
{
	for (uint32_t i = 0; i < dates->ncuts; i++)
		if (same_cut(&dates->cuts[i], &cut))
			return i;
	if (plan->frozen)
		return NOWHERE;
	dates->cuts = arena_grow(plan->arena, dates->cuts, dates->ncuts, &dates->cap_cuts,
				 sizeof *dates->cuts);
	dates->cuts[dates->ncuts] = cut;
	return dates->ncuts++;
}

static uint32_t feature_dates(struct plan *plan, const struct dates *dates, uint32_t group)
{
	struct feature feature = {
		.kind = dates->anchor == NOWHERE ? FEATURE_CALENDAR : FEATURE_POSITION,
		.a = dates->point,
		.b = dates->anchor,
		.hangs = HANGS_ON_NOTHING,
	};
	struct text point = plan->values[dates->point].name;

	feature_hang(plan, &feature, dates->point);
	feature.name = text_format(plan->arena, "%.*s among fixed dates", TEXT_ARG(point));
	if (dates->anchor != NOWHERE) {
		feature_hang(plan, &feature, dates->anchor);
		feature.name = text_format(plan->arena, "%.*s against %.*s", TEXT_ARG(point),
					   TEXT_ARG(plan->values[dates->anchor].name));
	}
	feature.cuts = ARENA_ARRAY(plan->arena, dates->ncuts, struct cut);
	for (uint32_t i = 0; i < dates->ncuts && plan->settled; i++) {
		if (dates->group[i] != group)
			continue;
		feature.cuts[dates->place[i]] = dates->cuts[i];
		feature.ncuts++;
	}
	feature.size = (plan->settled ? feature.ncuts + 1 : 2u) + feature.none;
	return add_feature(plan,
			   key_of(plan, 'd', dates->point, dates->anchor, group),
			   feature);
}

uint32_t expr_reached(struct plan *plan, uint32_t point, uint32_t anchor, struct cut cut, bool yes)
{
	struct dates *dates = plan->frozen ? find_dates(plan, point, anchor) : reach_dates(plan, point, anchor);
	uint32_t number = dates ? reach_cut(plan, dates, cut) : NOWHERE, feature;
	const struct feature *about;
	bool *when;

	if (number == NOWHERE)
		return TRUE_EXPR;
	if (!plan->settled)
		return expr_test(plan, feature_dates(plan, dates, 0), yes);
	feature = feature_dates(plan, dates, dates->group[number]);
	if (feature == NOWHERE)
		return TRUE_EXPR;
	about = &plan->features[feature];
	when = ARENA_ARRAY(plan->arena, about->size, bool);
	for (uint32_t i = 0; i <= about->ncuts; i++)
		when[i] = (i > dates->place[number]) == yes;
	return expr_atom(plan, feature, when, NULL);
}
