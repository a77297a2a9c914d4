/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/common/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/decide/policy.h"

enum { CHOICES = 400 };

static const char *keep(struct world *world, const char *text, size_t length)
{
	char *copy = arena_alloc(&world->arena, length + 1);

	assert_non_null(copy);
	memcpy(copy, text, length);
	return copy;
}

static uint32_t any(struct world *world, size_t count)
{
	world->random = world->random * 1664525u + 1013904223u;
	return count ? (world->random >> 8) % (uint32_t)count : 0;
}

static void lack(struct world *world, const char *what, const char *where)
{
	if (!*world->lacks)
		snprintf(world->lacks, sizeof world->lacks, "%s: %s", where, what);
}

static struct rko_kind_field_about field_at(const struct world *world, uint32_t kind, uint32_t field)
{
	struct rko_kind_field_about about;

	rko_kind_field(world->policy, kind, field, RKO_EN, &about);
	return about;
}

static struct rko_kind_about kind_at(const struct world *world, uint32_t kind)
{
	struct rko_kind_about about;

	rko_kind_about(world->policy, kind, &about);
	return about;
}

static uint32_t field_named(const struct world *world, uint32_t kind, const char *name)
{
	for (uint32_t i = 0; i < kind_at(world, kind).fields; i++)
		if (strcmp(field_at(world, kind, i).name, name) == 0)
			return i;
	fail_msg("`%s` has no field `%s`", kind_at(world, kind).name, name);
	return 0;
}

/* Rows -------------------------------------------------------------------------------------------- */

static struct world_row *add_row(struct world *world, uint32_t kind)
{
	world->rows = arena_grow(&world->arena, world->rows, world->count, &world->cap, sizeof *world->rows);
	world->rows[world->count] = (struct world_row){ .kind = kind };
	return &world->rows[world->count++];
}

static int read_row(void *context, const struct rko_fact *fact)
{
	struct world *world = context;
	struct world_row *row;

	if (fact->removed)
		return 1;
	row = add_row(world, fact->kind);
	for (size_t i = 0; i < fact->count; i++) {
		const struct rko_value *value = &fact->values[i];
		struct cell *cell = &row->cells[i];

		cell->kind = value->kind;
		cell->count = value->kind == RKO_VALUE_TEXT ? 1 : value->kind == RKO_VALUE_SET ? value->length : 0;
		assert_true(cell->count <= sizeof cell->texts / sizeof cell->texts[0]);
		for (size_t j = 0; j < cell->count; j++) {
			const struct rko_value *one = value->kind == RKO_VALUE_SET ? &value->elements[j] : value;

			cell->texts[j] = keep(world, one->text, one->length);
		}
	}
	return 1;
}

void world_read(struct world *world, struct rko_policy *policy, struct rko_facts *facts, uint32_t as_of, rko_day today)
{
	*world = (struct world){ .policy = policy, .today = today };
	arena_init(&world->arena, 64u << 20);
	for (uint32_t i = 0; i < rko_policy_kinds(policy); i++)
		assert_int_equal(rko_facts_read(facts, policy, i, NULL, 0, as_of, 0, read_row, world), RKO_OK);
}

void world_free(struct world *world)
{
	arena_free(&world->arena);
}

static bool same_key(const struct world *world, const struct world_row *a, const struct world_row *b)
{
	bool same = a->kind == b->kind;

	for (uint32_t i = 0; same && i < kind_at(world, a->kind).key_fields; i++)
		same = a->cells[i].count == 1 && b->cells[i].count == 1 &&
		       strcmp(a->cells[i].texts[0], b->cells[i].texts[0]) == 0;
	return same;
}

static size_t find_row(const struct world *world, const struct world_row *like)
{
	for (size_t i = 0; i < world->count; i++)
		if (!world->rows[i].removed && same_key(world, &world->rows[i], like))
			return i;
	return SIZE_MAX;
}

static void put(struct cell *cell, const char *text)
{
	*cell = (struct cell){ .kind = RKO_VALUE_TEXT, .texts = { text }, .count = 1 };
}

/* Steps ------------------------------------------------------------------------------------------- */

/* A step while it is written: where its rows are. */
struct writing {
	struct world *world;
	const struct rko_why_step *step;
	size_t at[16];		/* by row of the step; SIZE_MAX: not yet */
	size_t turn;		/* of those that are written for each of something */
};

static uint32_t kind_of(const struct writing *writing, size_t row)
{
	uint32_t kind = rko_policy_kind(writing->world->policy, writing->step->rows[row].record);

	assert_int_not_equal(kind, RKO_NOTHING);
	return kind;
}

static const char *cell_of(const struct writing *writing, uint32_t row, const char *field)
{
	const struct world *world = writing->world;
	const struct cell *cell;

	if (writing->at[row] == SIZE_MAX)
		return NULL;
	cell = &world->rows[writing->at[row]].cells[field_named(world, world->rows[writing->at[row]].kind, field)];
	return cell->count == 1 ? cell->texts[0] : NULL;
}

static bool is_one_of(const char *text, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(text, list[i]) == 0)
			return true;
	return false;
}

static bool has_one_of(const struct cell *cell, const char *const *list, size_t count)
{
	for (size_t i = 0; i < cell->count; i++)
		if (is_one_of(cell->texts[i], list, count))
			return true;
	return false;
}

/* Whether a cell is as a need says. `writing` may be NULL: then nothing comes with the step. */
static bool meets(struct world *world, const struct writing *writing, const struct rko_why_need *need,
		  const struct cell *cell)
{
	const char *other = writing && need->other_row != RKO_NOTHING ? cell_of(writing, need->other_row, need->other_field)
								       : NULL;
	const char *const *list = need->nvalues ? need->values : other ? &other : need->others;
	size_t count = need->nvalues ? need->nvalues : other ? 1 : need->nothers;
	const char *text = cell->count ? cell->texts[0] : "";
	rko_day day;

	switch (need->kind) {
	case RKO_NEED_ONE_OF:
		return is_one_of(text, need->values, need->nvalues);
	case RKO_NEED_DAYS:
		if (strcmp(text, "open") == 0)
			return need->to == RKO_DAY_OPEN;
		return rko_day_parse(text, &day) == RKO_OK && day >= need->from && day <= need->to;
	case RKO_NEED_OPEN:
		return strcmp(text, "open") == 0;
	case RKO_NEED_SOME:
		return cell->count && strcmp(text, "none") != 0;
	case RKO_NEED_NONE:
		return cell->kind == RKO_VALUE_SET ? !cell->count : strcmp(text, "none") == 0;
	case RKO_NEED_SAME:
	case RKO_NEED_DIFFERENT:
	case RKO_NEED_HAS:
	case RKO_NEED_HAS_NOT:
		break;
	case RKO_NEED_HAS_ALL:
		for (size_t i = 0; i < count; i++)
			if (!is_one_of(list[i], cell->texts, cell->count))
				return false;
		return true;
	case RKO_NEED_WITHIN:
		for (size_t i = 0; i < cell->count; i++)
			if (!is_one_of(cell->texts[i], list, count))
				return false;
		return cell->count;
	case RKO_NEED_EACH:
		return need->nothers && strcmp(text, need->others[writing ? writing->turn % need->nothers : 0]) == 0;
	}
	if (!count && need->other_row == RKO_NOTHING && need->kind != RKO_NEED_HAS_NOT)
		lack(world, "what it is compared with has no value", need->field);
	return has_one_of(cell, list, count) == (need->kind == RKO_NEED_SAME || need->kind == RKO_NEED_HAS);
}

static bool is_about(const struct rko_why_need *need, uint32_t row, const char *field)
{
	bool about = false;

	for (size_t i = 0; i < need->nstored; i++)
		about |= strcmp(need->stored[i], field) == 0;
	return about && need->row == row;
}

/* Choosing ---------------------------------------------------------------------------------------- */

struct choices {
	struct world *world;
	const char *list[CHOICES];
	size_t count;
};

static void choice(struct choices *choices, const char *text)
{
	if (choices->count < CHOICES)
		choices->list[choices->count++] = text;
}

static void day_choice(struct choices *choices, rko_day day)
{
	char text[RKO_DAY_TEXT];

	if (day == RKO_DAY_OPEN) {
		choice(choices, "open");
		return;
	}
	rko_day_text(day, text);
	choice(choices, keep(choices->world, text, strlen(text)));
}

static void code_choices(struct choices *choices, const char *set)
{
	const struct image *image = &choices->world->policy->image;

	for (uint32_t i = 0; i < image->n_codesets; i++) {
		const struct image_codeset *about = &image->codesets[i];

		if (strcmp(image_string(image, about->name), set) != 0)
			continue;
		for (uint32_t j = 0; j < about->codes.count; j++)
			choice(choices, image_string(image, image->codes[about->codes.first + j].name));
	}
}

static void ref_choices(struct choices *choices, const char *record)
{
	const struct world *world = choices->world;

	for (size_t i = 0; i < world->count; i++)
		if (!world->rows[i].removed && strcmp(kind_at(world, world->rows[i].kind).name, record) == 0)
			choice(choices, world->rows[i].cells[0].texts[0]);
}

static void id_choice(struct choices *choices)
{
	char text[40];

	snprintf(text, sizeof text, "1.2.246.10.99999999.77.%u", ++choices->world->fresh);
	choice(choices, keep(choices->world, text, strlen(text)));
}

static void date_choices(struct choices *choices, const struct rko_why_need *const *needs, size_t count)
{
	static const rko_day steps[] = { 0, -1, 1, -30, 400 };

	for (size_t i = 0; i < count; i++) {
		rko_day from = needs[i]->from, to = needs[i]->to;

		if (needs[i]->kind != RKO_NEED_DAYS)
			continue;
		day_choice(choices, from > choices->world->today - 40000 ? from : to - 4000);
		day_choice(choices, to != RKO_DAY_OPEN ? to : from + 4000);
	}
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		day_choice(choices, choices->world->today + steps[i]);
}

/* All values that a field could have. */
static void all_choices(struct choices *choices, const struct rko_kind_field_about *field,
			const struct rko_why_need *const *needs, size_t count)
{
	if (field->may_be_none)
		choice(choices, "none");
	if (field->may_be_open)
		choice(choices, "open");
	switch (field->kind) {
	case RKO_FIELD_CODE:
		code_choices(choices, field->type);
		break;
	case RKO_FIELD_DATE:
		date_choices(choices, needs, count);
		break;
	case RKO_FIELD_RECORD:
		ref_choices(choices, field->type);
		break;
	case RKO_FIELD_ID:
		id_choice(choices);
		break;
	}
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < needs[i]->nothers; j++)
			choice(choices, needs[i]->others[j]);
}

static bool meets_all(struct world *world, const struct writing *writing, const struct rko_why_need *const *needs,
		      size_t count, const struct cell *cell)
{
	for (size_t i = 0; i < count; i++)
		if (!meets(world, writing, needs[i], cell))
			return false;
	return true;
}

/* One value of the choices that is as the needs say. */
static bool choose(struct choices *choices, const struct writing *writing, const struct rko_why_need *const *needs,
		   size_t count, struct cell *ret_cell)
{
	size_t start = any(choices->world, choices->count);

	for (size_t i = 0; i < choices->count; i++) {
		put(ret_cell, choices->list[(start + i) % choices->count]);
		if (meets_all(choices->world, writing, needs, count, ret_cell))
			return true;
	}
	return false;
}

/* A set: some of the choices, more and more of those that a need wants, none of those that one forbids. */
static bool choose_set(struct choices *choices, const struct writing *writing, const struct rko_why_need *const *needs,
		       size_t count, struct cell *cell)
{
	static const size_t most = sizeof cell->texts / sizeof cell->texts[0];
	unsigned often = any(choices->world, 4);

	for (size_t i = 0; i < choices->count && cell->count < most; i++) {
		size_t at = (i * 7 + often) % choices->count;
		struct cell one = { .kind = RKO_VALUE_SET, .texts = { choices->list[at] }, .count = 1 };
		bool wanted = false, barred = false;

		for (size_t j = 0; j < count; j++) {
			bool fits = meets(choices->world, writing, needs[j], &one);

			wanted |= (needs[j]->kind == RKO_NEED_HAS || needs[j]->kind == RKO_NEED_WITHIN ||
				   (needs[j]->kind == RKO_NEED_HAS_ALL &&
				    is_one_of(one.texts[0], needs[j]->others, needs[j]->nothers))) &&
				  (fits || needs[j]->kind == RKO_NEED_HAS_ALL) && !meets(choices->world, writing, needs[j], cell);
			barred |= ((needs[j]->kind == RKO_NEED_HAS_NOT || needs[j]->kind == RKO_NEED_WITHIN) && !fits) || needs[j]->kind == RKO_NEED_NONE;
		}
		if (!barred && !is_one_of(one.texts[0], cell->texts, cell->count) &&
		    strcmp(one.texts[0], "none") != 0 && (wanted || any(choices->world, 4) < often))
			cell->texts[cell->count++] = one.texts[0];
	}
	return meets_all(choices->world, writing, needs, count, cell);
}

const char *world_choose(struct world *world, const struct rko_why_need *need, bool may_be_open, uint32_t seed)
{
	struct choices choices = { .world = world };
	struct cell cell = { 0 };

	world->random = seed * 2654435761u;
	for (size_t i = 0; i < need->nvalues; i++)
		choice(&choices, need->values[i]);
	for (size_t i = 0; i < need->nothers; i++)
		choice(&choices, need->others[i]);
	date_choices(&choices, &need, 1);
	if (may_be_open)
		choice(&choices, "open");
	return choose(&choices, NULL, &need, 1, &cell) ? cell.texts[0] : NULL;
}

/* Filling a row ----------------------------------------------------------------------------------- */

enum { NEEDS = 32 };

/*
 * The needs that one field of a row has to meet. Of a date that comes from two fields the first carries them, unless it
 * is to be none; then the second does.
 */
static size_t needs_of(const struct writing *writing, uint32_t row, const char *field, bool second,
		       const struct rko_why_need *ret_needs[NEEDS])
{
	const struct rko_why_step *step = writing->step;
	size_t count = 0;

	for (size_t i = 0; i < step->nneeds && count < NEEDS; i++) {
		const struct rko_why_need *need = &step->needs[i];

		if (is_about(need, row, field) &&
		    (need->nstored == 1 || (strcmp(need->stored[1], field) == 0) == second))
			ret_needs[count++] = need;
	}
	return count;
}

/* Whether this field is the first of two from which a need's date comes. */
static const struct rko_why_need *first_of_two(const struct writing *writing, uint32_t row, const char *field)
{
	for (size_t i = 0; i < writing->step->nneeds; i++)
		if (is_about(&writing->step->needs[i], row, field) && writing->step->needs[i].nstored == 2 &&
		    strcmp(writing->step->needs[i].stored[0], field) == 0)
			return &writing->step->needs[i];
	return NULL;
}

static bool is_none(const struct cell *cell)
{
	return cell->count == 1 && strcmp(cell->texts[0], "none") == 0;
}

static size_t reference(const struct writing *writing, uint32_t row, const char *field)
{
	for (size_t i = 0; i < writing->step->nrows; i++)
		if (writing->step->rows[i].from == row && strcmp(writing->step->rows[i].by, field) == 0)
			return i;
	return SIZE_MAX;
}

/* What the row that refers to this one says of the same kind of record: mostly what a `must` wants. */
static const char *as_parent(struct writing *writing, uint32_t row, const struct rko_kind_field_about *field)
{
	struct world *world = writing->world;
	uint32_t from = writing->step->rows[row].from;
	const struct world_row *parent;

	if (from == RKO_NOTHING || writing->at[from] == SIZE_MAX)
		return NULL;
	parent = &world->rows[writing->at[from]];
	for (uint32_t i = 0; i < kind_at(world, parent->kind).fields; i++) {
		struct rko_kind_field_about about = field_at(world, parent->kind, i);

		if (about.kind == field->kind && !about.set && strcmp(about.type, field->type) == 0 &&
		    field->kind == RKO_FIELD_RECORD && parent->cells[i].count)
			return parent->cells[i].texts[0];
	}
	return NULL;
}

static bool place(struct writing *writing, uint32_t row);

/* Whether a field, the first of two from which a date comes, is to be none so that the second says it. */
static bool leaves_it(struct writing *writing, uint32_t row, const struct rko_kind_field_about *field,
		      const struct rko_why_need *const *needs, size_t count)
{
	struct cell none = { 0 };
	bool alone = false;

	put(&none, "none");
	if (!field->may_be_none || !first_of_two(writing, row, field->name))
		return false;
	for (size_t i = 0; i < count; i++) {
		alone |= needs[i]->nstored == 1;
		if (needs[i]->nstored == 1 && !meets(writing->world, writing, needs[i], &none))
			return false;
	}
	return alone || any(writing->world, 2);
}

/* Whether a field is the second of two, and the first is none. */
static bool says_it(const struct writing *writing, uint32_t row, uint32_t kind, const char *field)
{
	const struct world_row *here = &writing->world->rows[writing->at[row]];

	for (size_t i = 0; i < writing->step->nneeds; i++) {
		const struct rko_why_need *need = &writing->step->needs[i];

		if (is_about(need, row, field) && need->nstored == 2 && strcmp(need->stored[1], field) == 0)
			return is_none(&here->cells[field_named(writing->world, kind, need->stored[0])]);
	}
	return false;
}

/* Gives a field a value that the step allows; `fill`: also one of which it says nothing. */
static bool write_field(struct writing *writing, uint32_t row, uint32_t number, bool fill)
{
	struct world *world = writing->world;
	uint32_t kind = kind_of(writing, row);
	struct rko_kind_field_about field = field_at(world, kind, number);
	const struct rko_why_need *needs[NEEDS];
	struct choices choices = { .world = world };
	const char *parent = as_parent(writing, row, &field);
	size_t child = reference(writing, row, field.name);
	struct cell cell = { .kind = field.set ? RKO_VALUE_SET : RKO_VALUE_TEXT };
	size_t count = needs_of(writing, row, field.name, says_it(writing, row, kind, field.name), needs);

	if (child != SIZE_MAX) {
		if (!place(writing, (uint32_t)child))
			return false;
		put(&cell, world->rows[writing->at[child]].cells[0].texts[0]);
	} else if (!count && !fill) {
		return true;
	} else if (leaves_it(writing, row, &field, needs, count)) {
		put(&cell, "none");
	} else if (!count && parent && any(world, 8)) {
		put(&cell, parent);
	} else {
		all_choices(&choices, &field, needs, count);
		if (!(field.set ? choose_set : choose)(&choices, writing, needs, count, &cell))
			return false;
	}
	world->rows[writing->at[row]].cells[number] = cell;
	return true;
}

/* Whether a field is the second of two from which a date comes: then it hangs on the first. */
static bool comes_second(const struct writing *writing, uint32_t row, const char *field)
{
	for (size_t i = 0; i < writing->step->nneeds; i++)
		if (is_about(&writing->step->needs[i], row, field) && writing->step->needs[i].nstored == 2 &&
		    strcmp(writing->step->needs[i].stored[1], field) == 0)
			return true;
	return false;
}

static bool write_fields(struct writing *writing, uint32_t row, bool fill)
{
	struct world *world = writing->world;
	uint32_t kind = kind_of(writing, row);
	struct rko_kind_about about = kind_at(world, kind);

	world->rows[writing->at[row]].changed = true;
	for (uint32_t i = 0; i < 2 * about.fields; i++) {
		uint32_t number = i % about.fields;
		struct rko_kind_field_about field = field_at(world, kind, number);
		bool empty = world->rows[writing->at[row]].cells[number].kind == RKO_VALUE_MISSING;

		if (field.derived || (field.key && !(fill && empty)) ||
		    comes_second(writing, row, field.name) != (i >= about.fields))
			continue;
		if (!write_field(writing, row, number, fill && empty))
			return false;
	}
	return true;
}

/* The key as the step says it. False where a row that it needs is not placed yet. */
static bool key_of(struct writing *writing, uint32_t row, struct world_row *out)
{
	struct world *world = writing->world;
	const struct rko_why_row *about = &writing->step->rows[row];

	*out = (struct world_row){ .kind = kind_of(writing, row) };
	for (size_t i = 0; i < about->nkey; i++) {
		const struct rko_why_key *key = &about->key[i];
		struct cell *cell = &out->cells[field_named(world, out->kind, key->field)];
		const char *text = key->nvalues ? key->values[any(world, key->nvalues)] : NULL;

		for (size_t j = 0, first = any(world, key->nvalues); j < key->nvalues; j++) {	/* one that the needs allow */
			size_t at = (first + j) % key->nvalues;
			struct cell one = { 0 };
			const struct rko_why_need *needs[NEEDS];
			size_t count = needs_of(writing, row, key->field, false, needs);

			put(&one, key->values[at]);
			if (meets_all(world, writing, needs, count, &one))
				text = key->values[at];
		}
		if (key->row != RKO_NOTHING)
			text = cell_of(writing, key->row, key->of);
		if (text)
			put(cell, text);
		else if (key->row != RKO_NOTHING)
			return false;
	}
	return true;
}

/* Whether a row that is there is as the step wants this one, with those that it refers to. */
static bool fits(struct writing *writing, uint32_t row, size_t at)
{
	struct world *world = writing->world;
	const struct world_row *here = &world->rows[at];
	size_t before = writing->at[row];
	bool good = true;

	writing->at[row] = at;
	for (size_t i = 0; good && i < writing->step->nneeds; i++) {
		const struct rko_why_need *need = &writing->step->needs[i];
		const struct cell *cell;

		if (need->row != row)
			continue;
		cell = &here->cells[field_named(world, here->kind, need->stored[0])];
		if (need->nstored == 2 && is_none(cell))
			cell = &here->cells[field_named(world, here->kind, need->stored[1])];
		good = meets(world, writing, need, cell);
	}
	for (size_t i = 0; good && i < writing->step->nrows; i++) {
		const struct rko_why_row *child = &writing->step->rows[i];
		struct world_row like = { .kind = kind_of(writing, i) };

		if (child->from != row)
			continue;
		like.cells[0] = here->cells[field_named(world, here->kind, child->by)];
		good = find_row(world, &like) != SIZE_MAX && fits(writing, (uint32_t)i, find_row(world, &like));
	}
	writing->at[row] = before;
	return good;
}

/* A row that another refers to: one that is there and is as it must be, or a new one. */
static bool place(struct writing *writing, uint32_t row)
{
	struct world *world = writing->world;
	uint32_t kind = kind_of(writing, row);
	size_t fit[64], count = 0;

	if (writing->at[row] != SIZE_MAX)
		return true;
	for (size_t i = 0; i < world->count && count < 64; i++)
		if (world->rows[i].kind == kind && !world->rows[i].removed && fits(writing, row, i))
			fit[count++] = i;
	if (count && any(world, 2)) {
		writing->at[row] = fit[any(world, count)];
		return true;
	}
	add_row(world, kind);
	writing->at[row] = world->count - 1;
	return write_fields(writing, row, true);
}

/* A row that its key says: the one that is there, or a new one. */
static bool place_by_key(struct writing *writing, uint32_t row)
{
	struct world *world = writing->world;
	struct world_row like;
	size_t at;

	if (writing->at[row] != SIZE_MAX)
		return true;
	if (!key_of(writing, row, &like)) {
		lack(world, "its key hangs on a row that is not known", writing->step->rows[row].record);
		return false;
	}
	at = find_row(world, &like);
	if (at == SIZE_MAX && writing->step->rows[row].exists) {
		lack(world, "there is no such row", writing->step->rows[row].record);
		return false;
	}
	if (at == SIZE_MAX) {
		*add_row(world, like.kind) = like;
		at = world->count - 1;
		writing->at[row] = at;
		return write_fields(writing, row, true);
	}
	writing->at[row] = at;
	return write_fields(writing, row, false);
}

static bool end_rows(struct writing *writing)
{
	struct world *world = writing->world;

	for (uint32_t i = 0; i < writing->step->nrows; i++) {
		struct world_row like;
		size_t at;

		if (writing->step->rows[i].from != RKO_NOTHING || !writing->step->rows[i].exists)
			continue;
		at = key_of(writing, i, &like) ? find_row(world, &like) : SIZE_MAX;
		if (at == SIZE_MAX) {
			lack(world, "there is no such row to end", writing->step->rows[i].record);
			return false;
		}
		world->rows[at].removed = world->rows[at].changed = true;
	}
	return true;
}

static bool write_step(struct world *world, const struct rko_why_step *step, size_t turn)
{
	struct writing writing = { .world = world, .step = step, .turn = turn };

	memset(writing.at, 0xff, sizeof writing.at);
	if (step->kind == RKO_CHANGE_NO_RECORD)
		return end_rows(&writing);
	for (uint32_t i = 0; i < step->nrows; i++)
		if (step->rows[i].from == RKO_NOTHING && !place_by_key(&writing, i))
			return false;
	return true;
}

bool world_apply(struct world *world, const struct rko_why_step *step, uint32_t seed)
{
	size_t times = 1;

	world->random = seed * 2654435761u;
	world->lacks[0] = '\0';
	if (!step->nrows || step->nrows > sizeof ((struct writing *)0)->at / sizeof(size_t)) {
		lack(world, "no row is told", step->name);
		return false;
	}
	for (size_t i = 0; i < step->nneeds; i++)
		if (step->needs[i].row >= step->nrows || !step->needs[i].nstored) {
			lack(world, "it is not told of which row and field", step->needs[i].field);
			return false;
		}
	for (size_t i = 0; i < step->nneeds; i++)
		if (step->needs[i].kind == RKO_NEED_EACH)
			times = step->needs[i].nothers;
	for (size_t i = 0; i < times; i++)
		if (!write_step(world, step, i))
			return false;
	return times;
}

/* Loading ----------------------------------------------------------------------------------------- */

static void stage(struct world *world, struct rko_load *load, const struct world_row *row)
{
	struct rko_value values[LIMIT_FIELDS] = { 0 }, elements[LIMIT_FIELDS][64];
	struct rko_kind_about about = kind_at(world, row->kind);

	for (uint32_t i = 0; i < about.fields; i++) {
		const struct cell *cell = &row->cells[i];

		values[i].kind = cell->kind;
		for (size_t j = 0; j < cell->count; j++)
			elements[i][j] = (struct rko_value){ .kind = RKO_VALUE_TEXT, .text = cell->texts[j],
							     .length = strlen(cell->texts[j]) };
		if (cell->kind == RKO_VALUE_TEXT)
			values[i] = elements[i][0];
		else if (cell->kind == RKO_VALUE_SET)
			values[i] = (struct rko_value){ .kind = RKO_VALUE_SET, .elements = elements[i], .length = cell->count };
	}
	if (row->removed)
		assert_int_equal(rko_load_remove(load, row->kind, values, about.key_fields, 0), RKO_OK);
	else
		assert_int_equal(rko_load_row(load, row->kind, values, about.fields, 0), RKO_OK);
}

enum rko_status world_load(struct world *world, struct rko_facts *facts, int64_t recorded, char *ret_fault)
{
	struct rko_load *load;
	struct rko_loaded loaded;
	enum rko_status status;
	size_t kept;

	assert_int_equal(rko_load_begin(facts, world->policy, &load, NULL), RKO_OK);
	for (size_t i = 0; i < world->count; i++)
		if (world->rows[i].changed)
			stage(world, load, &world->rows[i]);
	status = rko_load_commit(load, recorded, &loaded);
	ret_fault[0] = '\0';
	if (rko_load_faults(load, &kept) && kept)
		snprintf(ret_fault, 256, "%s", rko_load_fault(load, 0)->text);
	rko_load_free(load);
	return status;
}
