/* SPDX-License-Identifier: EUPL-1.2 */
/* A plan in the image: what is used, in canonical numbers, and its diagrams as words. */
#include <stdlib.h>

#include "dsl/emit/writer.h"
#include "engine/base/arena.h"

void plan_writer_init(struct plan_writer *pw, struct writer *writer, struct decision *decision)
{
	struct arena *arena = writer->arena;
	struct plan *plan = &decision->plan;

	*pw = (struct plan_writer){ .writer = writer, .decision = decision, .plan = plan,
				    .dds = &decision->dds };
	pw->use_slot = ARENA_ARRAY(arena, plan->nslots + 1, bool);
	pw->use_value = ARENA_ARRAY(arena, plan->nvalues + 1, bool);
	pw->use_scan = ARENA_ARRAY(arena, plan->nscans + 1, bool);
	pw->use_feature = ARENA_ARRAY(arena, plan->nfeatures + 1, bool);
	pw->use_node = ARENA_ARRAY(arena, pw->dds->limit + 1, bool);
	pw->slot_number = ARENA_ARRAY(arena, plan->nslots + 1, uint32_t);
	pw->value_number = ARENA_ARRAY(arena, plan->nvalues + 1, uint32_t);
	pw->scan_number = ARENA_ARRAY(arena, plan->nscans + 1, uint32_t);
	pw->feature_number = ARENA_ARRAY(arena, plan->nfeatures + 1, uint32_t);
	pw->class_number = ARENA_ARRAY(arena, plan->nfeatures + 1, uint32_t *);
	pw->nclasses = ARENA_ARRAY(arena, plan->nfeatures + 1, uint32_t);
}

/* What is used ------------------------------------------------------------------------------------ */

void plan_use_value(struct plan_writer *pw, uint32_t value)
{
	const struct value *about = &pw->plan->values[value];

	if (pw->use_value[value])
		return;
	pw->use_value[value] = true;
	if (about->kind == VALUE_FIELD)
		plan_use_slot(pw, about->slot);
	else if (about->kind == VALUE_ROWS)
		plan_use_scan(pw, about->scan);
}

void plan_use_slot(struct plan_writer *pw, uint32_t slot)
{
	const struct slot *about = &pw->plan->slots[slot];

	if (pw->use_slot[slot])
		return;
	pw->use_slot[slot] = true;
	for (uint32_t i = 0; i < about->nkeys; i++)
		plan_use_value(pw, about->keys[i]);
	if (about->kind == SLOT_REF)
		plan_use_value(pw, about->value);
	if (about->kind == SLOT_ROW && about->scan != NOWHERE)
		plan_use_scan(pw, about->scan);
}

void plan_use_scan(struct plan_writer *pw, uint32_t scan)
{
	const struct scan *about = &pw->plan->scans[scan];

	if (pw->use_scan[scan])
		return;
	pw->use_scan[scan] = true;
	for (uint32_t i = 0; i < about->nkeys; i++)
		plan_use_value(pw, about->keys[i]);
	plan_use_slot(pw, about->row);
	plan_use(pw, decision_dd(pw->decision, about->where));
}

static void use_feature(struct plan_writer *pw, uint32_t number)
{
	const struct feature *feature = &pw->plan->features[number];

	if (pw->use_feature[number])
		return;
	pw->use_feature[number] = true;
	switch (feature->kind) {
	case FEATURE_ACTION:
	case FEATURE_READING:
		break;
	case FEATURE_GAP:
		if (feature->on != NOWHERE)
			plan_use_value(pw, feature->on);
		break;
	case FEATURE_EQUAL:
	case FEATURE_MEMBER:
	case FEATURE_OVERLAPS:
	case FEATURE_INSIDE:
	case FEATURE_POSITION:
		plan_use_value(pw, feature->a);
		plan_use_value(pw, feature->b);
		break;
	case FEATURE_CODE:
	case FEATURE_OPEN:
	case FEATURE_HITS:
	case FEATURE_CALENDAR:
		plan_use_value(pw, feature->a);
		break;
	case FEATURE_PRESENT:
		if (feature->a == NOWHERE)
			plan_use_slot(pw, feature->b);
		else
			plan_use_value(pw, feature->a);
		break;
	case FEATURE_FINDING:
		plan_use_slot(pw, feature->b);
		break;
	case FEATURE_SOME:
		plan_use_scan(pw, feature->scan);
		plan_use(pw, decision_dd(pw->decision, feature->expr));
		break;
	}
}

void plan_use(struct plan_writer *pw, dd a)
{
	uint32_t level;

	if (dd_is_terminal(a) || pw->use_node[a])
		return;
	pw->use_node[a] = true;
	level = dd_level(pw->dds, a);
	use_feature(pw, pw->plan->order[level]);
	for (uint32_t i = 0; i < pw->dds->arity[level]; i++)
		plan_use(pw, dd_children(pw->dds, a)[i]);
}

/* Numbers ----------------------------------------------------------------------------------------- */

struct keyed {
	uint64_t key;
	uint32_t number;
};

static int compare_keyed(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* What is used, in its order: numbers[thing] is its place. */
static struct keyed *number(struct keyed *keyed, uint32_t count, uint32_t *numbers)
{
	qsort(keyed, count, sizeof *keyed, compare_keyed);
	for (uint32_t i = 0; i < count; i++)
		numbers[keyed[i].number] = i;
	return keyed;
}

/* Slots and scans in the order in which they can be fetched; values by where they stand. */
static struct keyed *number_slots(struct plan_writer *pw, uint32_t *ret_count)
{
	struct keyed *keyed = ARENA_ARRAY(pw->writer->arena, pw->plan->nslots + 1, struct keyed);
	uint32_t count = 0;

	for (uint32_t i = 0; i < pw->plan->nslots; i++)
		if (pw->use_slot[i])
			keyed[count++] = (struct keyed){ pw->plan->slots[i].rank, i };
	*ret_count = count;
	return number(keyed, count, pw->slot_number);
}

static struct keyed *number_scans(struct plan_writer *pw, uint32_t *ret_count)
{
	struct keyed *keyed = ARENA_ARRAY(pw->writer->arena, pw->plan->nscans + 1, struct keyed);
	uint32_t count = 0;

	for (uint32_t i = 0; i < pw->plan->nscans; i++)
		if (pw->use_scan[i])
			keyed[count++] = (struct keyed){ pw->plan->scans[i].rank, i };
	*ret_count = count;
	return number(keyed, count, pw->scan_number);
}

static struct keyed *number_values(struct plan_writer *pw, uint32_t *ret_count)
{
	struct keyed *keyed = ARENA_ARRAY(pw->writer->arena, pw->plan->nvalues + 1, struct keyed);
	uint32_t count = 0;

	for (uint32_t i = 0; i < pw->plan->nvalues; i++) {
		const struct value *value = &pw->plan->values[i];
		uint64_t of = 0;

		if (!pw->use_value[i])
			continue;
		if (value->kind == VALUE_FIELD)
			of = pw->slot_number[value->slot];
		else if (value->kind == VALUE_ROWS)
			of = pw->scan_number[value->scan];
		keyed[count++] = (struct keyed){ (uint64_t)value->kind << 48 | of << 24 | value->field, i };
	}
	*ret_count = count;
	return number(keyed, count, pw->value_number);
}

static void sort_levels(struct plan_writer *pw)
{
	struct arena *arena = pw->writer->arena;

	pw->by_level = ARENA_ARRAY(arena, pw->plan->nfeatures + 1, struct level_nodes);
	for (uint32_t node = 0; node < pw->dds->count; node++)
		if (pw->use_node[node])
			pw->by_level[pw->dds->nodes[node].level].count++;
	for (uint32_t level = 0; level < pw->plan->nfeatures; level++) {
		pw->by_level[level].list = ARENA_ARRAY(arena, pw->by_level[level].count, uint32_t);
		pw->by_level[level].count = 0;
	}
	for (uint32_t node = 0; node < pw->dds->count; node++) {
		struct level_nodes *here = &pw->by_level[pw->dds->nodes[node].level];

		if (pw->use_node[node])
			here->list[here->count++] = node;
	}
}

/* Classes that every diagram of the plan treats alike become one. */
static void merge_classes(struct plan_writer *pw)
{
	uint32_t *group;

	for (uint32_t i = 0; i < pw->plan->nfeatures; i++) {
		const struct feature *feature = &pw->plan->features[i];
		uint32_t next = 0;

		pw->class_number[i] = group = ARENA_ARRAY(pw->writer->arena, feature->nclasses, uint32_t);
		for (uint32_t class_ = 0; class_ < feature->nclasses; class_++) {
			uint32_t like = 0;

			for (; like < class_; like++) {
				bool alike = true;

				for (uint32_t k = 0; k < pw->by_level[feature->level].count && alike; k++) {
					const dd *children = dd_children(pw->dds,
									 pw->by_level[feature->level].list[k]);

					alike = children[like] == children[class_];
				}
				if (alike)
					break;
			}
			group[class_] = like < class_ ? group[like] : next++;
		}
		pw->nclasses[i] = next;
	}
}

/* Nodes ------------------------------------------------------------------------------------------- */

struct pending {
	uint32_t node;
	uint32_t arity;
	uint32_t *children;
};

static int compare_pending(const void *a, const void *b)
{
	const struct pending *x = a, *y = b;

	for (uint32_t i = 0; i < x->arity; i++)
		if (x->children[i] != y->children[i])
			return x->children[i] < y->children[i] ? -1 : 1;
	return 0;
}

uint32_t plan_ref(const struct plan_writer *pw, dd a)
{
	return dd_is_terminal(a) ? IMAGE_TERMINAL | dd_value(a) : pw->ref[a];
}

static uint32_t *children_of(struct plan_writer *pw, uint32_t feature, dd node)
{
	uint32_t *children = ARENA_ARRAY(pw->writer->arena, pw->nclasses[feature], uint32_t);

	for (uint32_t i = 0; i < pw->plan->features[feature].nclasses; i++)
		children[pw->class_number[feature][i]] = plan_ref(pw, dd_children(pw->dds, node)[i]);
	return children;
}

static void write_level(struct plan_writer *pw, uint32_t level, uint32_t first)
{
	uint32_t feature = pw->plan->order[level], count = pw->by_level[level].count;
	uint32_t arity = pw->nclasses[feature];
	struct pending *list;

	if (!count)
		return;
	list = ARENA_ARRAY(pw->writer->arena, count, struct pending);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t node = pw->by_level[level].list[i];

		list[i] = (struct pending){ node, arity, children_of(pw, feature, node) };
	}
	qsort(list, count, sizeof *list, compare_pending);
	for (uint32_t i = 0; i < count; i++) {
		pw->ref[list[i].node] = pw->writer->n_nodes - first;
		WRITE(pw->writer, nodes, pw->feature_number[feature]);
		for (uint32_t j = 0; j < arity; j++)
			WRITE(pw->writer, nodes, list[i].children[j]);
	}
}

static struct image_range write_nodes(struct plan_writer *pw)
{
	uint32_t first = pw->writer->n_nodes;

	pw->ref = ARENA_ARRAY(pw->writer->arena, pw->dds->count + 1, uint32_t);
	for (uint32_t level = pw->plan->nfeatures; level-- > 0;)
		write_level(pw, level, first);
	return (struct image_range){ first, pw->writer->n_nodes - first };
}

/* The parts of a plan ----------------------------------------------------------------------------- */

static uint32_t row_of(const struct plan_writer *pw, uint32_t hangs)
{
	return hangs == HANGS_ON_NOTHING ? IMAGE_NONE : pw->scan_number[hangs];
}

static void write_slot(struct plan_writer *pw, const struct slot *slot)
{
	static const uint32_t kinds[] = {
		[SLOT_REQUEST] = IMAGE_SLOT_REQUEST, [SLOT_LINK] = IMAGE_SLOT_LINK,
		[SLOT_REF] = IMAGE_SLOT_REF,	     [SLOT_ROW] = IMAGE_SLOT_ROW,
		[SLOT_FINDING] = IMAGE_SLOT_FINDING,
	};
	struct image_slot out = {
		.kind = kinds[slot->kind],
		.record = slot->record->index,
		.name = write_string(pw->writer, slot->name),
		.from = IMAGE_NONE,
		.keys = { pw->writer->n_keys, slot->nkeys },
		.flags = (slot->pivot ? IMAGE_HANGS_PIVOT : 0) | (slot->may_lack ? IMAGE_MAY_LACK : 0),
		.row = row_of(pw, slot->hangs),
		.judgement_role = IMAGE_NONE,
		.shown = pw->decision->slots_shown ? pw->decision->slots_shown[slot - pw->plan->slots] : 0,
	};

	for (uint32_t i = 0; i < slot->nkeys; i++)
		WRITE(pw->writer, keys, pw->value_number[slot->keys[i]]);
	switch (slot->kind) {
	case SLOT_REQUEST:
		out.from = slot->field;
		break;
	case SLOT_REF:
		out.from = pw->value_number[slot->value];
		break;
	case SLOT_ROW:
		out.from = slot->scan == NOWHERE ? IMAGE_NONE : pw->scan_number[slot->scan];
		break;
	case SLOT_FINDING:
		out.judgement_role = slot->judgement->bearer;
		out.asks = write_label(pw->writer, &slot->judgement->asks);
		break;
	case SLOT_LINK:
		break;
	}
	if (slot->link && slot->kind != SLOT_FINDING)
		out.asks = write_label(pw->writer, &slot->link->labels);
	WRITE(pw->writer, slots, out);
}

static void write_value(struct plan_writer *pw, const struct value *value)
{
	static const uint32_t kinds[] = {
		[VALUE_REQUEST] = IMAGE_VALUE_REQUEST, [VALUE_TODAY] = IMAGE_VALUE_TODAY,
		[VALUE_FIELD] = IMAGE_VALUE_FIELD,     [VALUE_ROWS] = IMAGE_VALUE_ROWS,
	};
	struct image_value out = {
		.kind = kinds[value->kind],
		.field = value->field,
		.name = write_string(pw->writer, value->name),
		.flags = (value->pivot ? IMAGE_HANGS_PIVOT : 0) | (value->may_lack ? IMAGE_MAY_LACK : 0),
		.row = row_of(pw, value->hangs),
	};

	switch (value->kind) {
	case VALUE_REQUEST:
		out.of = value->field;
		break;
	case VALUE_FIELD:
		out.of = pw->slot_number[value->slot];
		break;
	case VALUE_ROWS:
		out.of = pw->scan_number[value->scan];
		break;
	case VALUE_TODAY:
		break;
	}
	WRITE(pw->writer, values, out);
}

static void write_scan(struct plan_writer *pw, const struct scan *scan)
{
	const struct link *link = scan->link;
	struct image_scan out = {
		.kind = link->kind == LINK_EACH ? IMAGE_SCAN_EACH
			: link->kind == LINK_ROWS ? IMAGE_SCAN_ROWS : IMAGE_SCAN_SOME,
		.record = link->record->index,
		.name = write_string(pw->writer, link->name),
		.keys = { pw->writer->n_keys, scan->nkeys },
		.row = pw->slot_number[scan->row],
		.where = plan_ref(pw, decision_dd(pw->decision, scan->where)),
		.bound = link->bound,
		.flags = scan->pivot ? IMAGE_HANGS_PIVOT : 0,
		.shown = pw->decision->rows_shown ? pw->decision->rows_shown[scan - pw->plan->scans] : 0,
	};

	for (uint32_t i = 0; i < scan->nkeys; i++)
		WRITE(pw->writer, keys,
		      pw->value_number[scan->keys[i]] | (scan->each[i] ? (uint32_t)IMAGE_KEY_EACH : 0));
	WRITE(pw->writer, scans, out);
}

static struct image_range write_bits(struct plan_writer *pw, const bool *has, uint32_t count)
{
	struct image_range range = { pw->writer->n_bits, (count + 31) / 32 };

	for (uint32_t word = 0; word < range.count; word++) {
		uint32_t bits = 0;

		for (uint32_t i = 0; i < 32 && word * 32 + i < count; i++)
			bits |= (uint32_t)has[word * 32 + i] << i;
		WRITE(pw->writer, bits, bits);
	}
	return range;
}

static uint32_t value_or_none(const struct plan_writer *pw, uint32_t value)
{
	return value == NOWHERE ? IMAGE_NONE : pw->value_number[value];
}

/* What a feature asks: values, a slot, a list or codes, by its kind. */
static void write_asked(struct plan_writer *pw, const struct feature *feature, struct image_feature *out)
{
	switch (feature->kind) {
	case FEATURE_ACTION:
		break;
	case FEATURE_READING:
		out->b = feature->reading->index;
		break;
	case FEATURE_GAP:
		out->a = value_or_none(pw, feature->on);
		break;
	case FEATURE_EQUAL:
	case FEATURE_MEMBER:
	case FEATURE_OVERLAPS:
	case FEATURE_INSIDE:
	case FEATURE_POSITION:
		out->b = value_or_none(pw, feature->b);
		out->a = value_or_none(pw, feature->a);
		break;
	case FEATURE_CODE:
	case FEATURE_OPEN:
	case FEATURE_CALENDAR:
		out->a = value_or_none(pw, feature->a);
		break;
	case FEATURE_HITS:
		out->a = value_or_none(pw, feature->a);
		out->bits = write_bits(pw, feature->codes,
				      pw->plan->values[feature->a].type.codes->count);
		break;
	case FEATURE_PRESENT:
		out->a = value_or_none(pw, feature->a);
		if (feature->a == NOWHERE)
			out->b = pw->slot_number[feature->b];
		break;
	case FEATURE_FINDING:
		out->b = pw->slot_number[feature->b];
		break;
	case FEATURE_SOME:
		out->scan = pw->scan_number[feature->scan];
		out->root = plan_ref(pw, decision_dd(pw->decision, feature->expr));
		break;
	}
}

/* Whether its answer can become another as days go by, all else as it is. */
static bool moves(const struct plan_writer *pw, const struct feature *feature)
{
	bool dates = feature->kind == FEATURE_POSITION || feature->kind == FEATURE_CALENDAR;

	return feature->kind == FEATURE_FINDING || (dates && pw->plan->values[feature->a].kind == VALUE_TODAY);
}

static void write_feature(struct plan_writer *pw, uint32_t number)
{
	static const uint32_t kinds[] = {
		[FEATURE_ACTION] = IMAGE_FEATURE_ACTION,     [FEATURE_CODE] = IMAGE_FEATURE_CODE,
		[FEATURE_PRESENT] = IMAGE_FEATURE_PRESENT,   [FEATURE_OPEN] = IMAGE_FEATURE_OPEN,
		[FEATURE_EQUAL] = IMAGE_FEATURE_EQUAL,	     [FEATURE_MEMBER] = IMAGE_FEATURE_MEMBER,
		[FEATURE_HITS] = IMAGE_FEATURE_HITS,	     [FEATURE_OVERLAPS] = IMAGE_FEATURE_OVERLAPS,
		[FEATURE_INSIDE] = IMAGE_FEATURE_INSIDE,     [FEATURE_POSITION] = IMAGE_FEATURE_POSITION,
		[FEATURE_CALENDAR] = IMAGE_FEATURE_CALENDAR, [FEATURE_SOME] = IMAGE_FEATURE_SOME,
		[FEATURE_FINDING] = IMAGE_FEATURE_FINDING,   [FEATURE_GAP] = IMAGE_FEATURE_GAP,
		[FEATURE_READING] = IMAGE_FEATURE_READING,
	};
	const struct feature *feature = &pw->plan->features[number];
	struct image_feature out = {
		.kind = kinds[feature->kind],
		.a = IMAGE_NONE,
		.b = IMAGE_NONE,
		.scan = IMAGE_NONE,
		.root = IMAGE_TERMINAL,
		.size = feature->size,
		.flags = (feature->pivot ? IMAGE_HANGS_PIVOT : 0) | (feature->none ? IMAGE_HAS_NONE : 0),
		.row = row_of(pw, feature->hangs),
		.classes = pw->writer->n_classes,
		.nclasses = pw->nclasses[number],
		.shown = pw->decision->shown ? pw->decision->shown[number] : 0,
		.name = write_string(pw->writer, feature->name),
		.cuts = { pw->writer->n_cuts, feature->ncuts },
		.bits = { pw->writer->n_bits, 0 },
	};

	write_asked(pw, feature, &out);
	if (moves(pw, feature))
		out.flags |= IMAGE_MOVES;
	for (uint32_t i = 0; i < feature->ncuts; i++)
		WRITE(pw->writer, cuts,
		      (struct image_cut){ feature->cuts[i].count,
					  (feature->cuts[i].unit == UNIT_MONTHS ? IMAGE_CUT_MONTHS : 0) |
						  (feature->cuts[i].after ? IMAGE_CUT_AFTER : 0) });
	for (uint32_t i = 0; i < feature->size; i++)
		WRITE(pw->writer, classes, (uint8_t)pw->class_number[number][feature->class_of[i]]);
	WRITE(pw->writer, features, out);
}

uint32_t plan_write(struct plan_writer *pw)
{
	struct plan *plan = pw->plan;
	struct writer *writer = pw->writer;
	uint32_t nslots, nvalues, nscans, nfeatures = 0;
	struct keyed *slots = number_slots(pw, &nslots), *scans = number_scans(pw, &nscans);
	struct keyed *values = number_values(pw, &nvalues);
	struct image_plan out = {
		.question = plan->question ? plan->question->index : IMAGE_NONE,
		.record = plan->record ? plan->record->index : IMAGE_NONE,
		.slots = { writer->n_slots, nslots },
		.values = { writer->n_values, nvalues },
		.scans = { writer->n_scans, nscans },
		.pivot = IMAGE_NONE,
	};

	for (uint32_t level = 0; level < plan->nfeatures; level++)
		if (pw->use_feature[plan->order[level]])
			pw->feature_number[plan->order[level]] = nfeatures++;
	out.features = (struct image_range){ writer->n_features, nfeatures };
	if (plan->pivot != NOWHERE && pw->use_scan[plan->pivot])
		out.pivot = pw->scan_number[plan->pivot];
	sort_levels(pw);
	merge_classes(pw);
	out.nodes = write_nodes(pw);
	for (uint32_t i = 0; i < nslots; i++)
		write_slot(pw, &plan->slots[slots[i].number]);
	for (uint32_t i = 0; i < nvalues; i++)
		write_value(pw, &plan->values[values[i].number]);
	for (uint32_t i = 0; i < nscans; i++)
		write_scan(pw, &plan->scans[scans[i].number]);
	for (uint32_t level = 0; level < plan->nfeatures; level++)
		if (pw->use_feature[plan->order[level]])
			write_feature(pw, plan->order[level]);
	WRITE(writer, plans, out);
	return writer->n_plans - 1;
}
