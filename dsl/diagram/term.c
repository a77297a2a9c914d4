/* SPDX-License-Identifier: EUPL-1.2 */
/* Terms as such, conditions, and what remains of a term. Rules are in term_rules.c. */
#include "dsl/diagram/term.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"

enum { TABLE_MIN = 1 << 10, NO_LEVEL = UINT16_MAX };

struct term_fixed {
	uint32_t term, level, class_;
	uint32_t result;
	bool used;
};

/* Lists ------------------------------------------------------------------------------------------- */

/* Lists are reached by place, since the stack and the pool move when they grow. */
void term_push(struct terms *terms, uint32_t word)
{
	if (terms->nwork == terms->cap_work)
		terms->work = arena_grow(terms->arena, terms->work, terms->nwork, &terms->cap_work,
					 sizeof *terms->work);
	terms->work[terms->nwork++] = word;
}

uint32_t term_leave(struct terms *terms, uint32_t start, uint32_t term)
{
	terms->nwork = start;
	return term;
}

static int compare_words(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Most lists are short, and nearly in order already. */
static void sort_words(uint32_t *list, uint32_t count)
{
	if (count > 64) {
		qsort(list, count, sizeof *list, compare_words);
		return;
	}
	for (uint32_t i = 1; i < count; i++) {
		uint32_t word = list[i], at = i;

		for (; at && list[at - 1] > word; at--)
			list[at] = list[at - 1];
		list[at] = word;
	}
}

void term_make_set(struct terms *terms, uint32_t start)
{
	uint32_t kept = start;

	sort_words(terms->work + start, terms->nwork - start);
	for (uint32_t i = start; i < terms->nwork; i++)
		if (kept == start || terms->work[kept - 1] != terms->work[i])
			terms->work[kept++] = terms->work[i];
	terms->nwork = kept;
}

/* Terms ------------------------------------------------------------------------------------------- */

static uint32_t hash_term(uint32_t kind, uint32_t result, const uint32_t *list, uint32_t count)
{
	uint64_t hash = (kind + ((uint64_t)result << 8)) * 0x9e3779b97f4a7c15ull;

	for (uint32_t i = 0; i < count; i++)
		hash = (hash ^ list[i]) * 0xff51afd7ed558ccdull + (hash >> 29);
	return (uint32_t)(hash ^ hash >> 32);
}

static void grow_table(struct terms *terms)
{
	uint32_t size = terms->table_size ? terms->table_size * 2 : TABLE_MIN;
	uint64_t *table = ARENA_ARRAY(terms->arena, size, uint64_t);

	for (uint32_t i = 0; i < terms->table_size; i++) {
		uint32_t at = (uint32_t)(terms->table[i] >> 32) & (size - 1);

		while (terms->table[i] && table[at])
			at = (at + 1) & (size - 1);
		if (terms->table[i])
			table[at] = terms->table[i];
	}
	terms->table = table;
	terms->table_size = size;
}

static uint32_t add_to_pool(struct terms *terms, const uint32_t *list, uint32_t count)
{
	uint32_t first = terms->npool;

	if (terms->npool + count > terms->cap_pool) {
		size_t cap = 2 * (terms->cap_pool + count) + TABLE_MIN;
		uint32_t *pool = ARENA_ARRAY(terms->arena, cap, uint32_t);

		if (terms->npool)
			memcpy(pool, terms->pool, terms->npool * sizeof *pool);
		terms->pool = pool;
		terms->cap_pool = cap;
	}
	memcpy(terms->pool + first, list, count * sizeof *list);
	terms->npool += count;
	return first;
}

void terms_init(struct terms *terms, struct arena *arena, const uint32_t *arity)
{
	static const uint32_t nothing;

	*terms = (struct terms){ .arena = arena, .arity = arity };
	grow_table(terms);
	add_to_pool(terms, &nothing, 1);	/* no list lies at 0 */
	map_init(&terms->results, arena);
}

uint32_t term_decided(struct terms *terms, uint32_t outcome, uint64_t duties)
{
	char bytes[sizeof outcome + sizeof duties];

	memcpy(bytes, &outcome, sizeof outcome);
	memcpy(bytes + sizeof outcome, &duties, sizeof duties);
	return map_intern(&terms->results, (struct text){ bytes, sizeof bytes });
}

static uint16_t uppermost(const struct terms *terms, uint32_t start)
{
	uint16_t level = NO_LEVEL;

	for (uint32_t i = start; i < terms->nwork; i++)
		if (!term_is_const(terms->work[i]) && terms->list[terms->work[i]].level < level)
			level = terms->list[terms->work[i]].level;
	return level;
}

uint32_t term_cons(struct terms *terms, enum term_kind kind, uint32_t result, uint32_t start)
{
	const uint32_t *list = terms->work + start;
	uint32_t count = terms->nwork - start, hash = hash_term(kind, result, list, count);
	uint32_t at = hash & (terms->table_size - 1);
	struct term *term;

	for (; terms->table[at]; at = (at + 1) & (terms->table_size - 1)) {
		uint32_t old = (uint32_t)terms->table[at] - 1;

		term = &terms->list[old];
		if (terms->table[at] >> 32 == hash && term->kind == kind &&
		    term->result == result && term->count == count &&
		    memcmp(terms->pool + term->first, list, count * sizeof *list) == 0)
			return term_leave(terms, start, old);
	}
	terms->list = arena_grow(terms->arena, terms->list, terms->count, &terms->cap,
				 sizeof *terms->list);
	term = &terms->list[terms->count];
	*term = (struct term){ .kind = (uint16_t)kind, .result = result, .count = count };
	term->level = kind == TERM_ATOM ? (uint16_t)result : uppermost(terms, start);
	term->first = add_to_pool(terms, list, count);
	if (kind > TERM_OR)
		term_bound(terms, term);
	terms->table[at] = (uint64_t)hash << 32 | ++terms->count;
	if (terms->count * 2 > terms->table_size)
		grow_table(terms);
	return term_leave(terms, start, terms->count - 1);
}

/* Conditions -------------------------------------------------------------------------------------- */

uint32_t term_atom(struct terms *terms, uint32_t level, const uint32_t *bits)
{
	uint32_t words = (terms->arity[level] + 31) / 32, start = terms->nwork;
	bool none = true, all = true;

	for (uint32_t i = 0; i < words; i++) {
		uint32_t left = terms->arity[level] - 32 * i;
		uint32_t full = left >= 32 ? UINT32_MAX : (1u << left) - 1;

		none &= bits[i] == 0;
		all &= bits[i] == full;
	}
	if (none || all)
		return all ? TERM_TRUE : TERM_FALSE;
	for (uint32_t i = 0; i < words; i++)
		term_push(terms, bits[i]);
	return term_cons(terms, TERM_ATOM, level, start);
}

/* Two atoms of one feature are one. */
static uint32_t meet_atoms(struct terms *terms, bool both, uint32_t a, uint32_t b)
{
	const struct term *x = &terms->list[a], *y = &terms->list[b];
	uint32_t bits[ATOM_WORDS] = { 0 };

	for (uint32_t i = 0; i < x->count; i++) {
		uint32_t p = terms->pool[x->first + i], q = terms->pool[y->first + i];

		bits[i] = both ? p & q : p | q;
	}
	return term_atom(terms, x->level, bits);
}

/* Adds a part to the list from `start` on; false when it decides the whole. */
static bool take_part(struct terms *terms, bool both, uint32_t start, uint32_t part)
{
	const struct term *term = &terms->list[part];
	uint32_t level = term->level;

	for (uint32_t i = start; i < terms->nwork && term->kind == TERM_ATOM; i++) {
		const struct term *other = &terms->list[terms->work[i]];
		uint32_t met;

		if (other->kind != TERM_ATOM || other->level != level)
			continue;
		met = meet_atoms(terms, both, terms->work[i], part);
		if (!term_is_const(met))
			terms->work[i] = met;
		else if ((met == TERM_TRUE) != both)
			return false;
		else
			terms->work[i] = terms->work[--terms->nwork];
		return true;
	}
	term_push(terms, part);
	return true;
}

static uint32_t make_join(struct terms *terms, enum term_kind kind, uint32_t start)
{
	bool both = kind == TERM_AND;
	uint32_t unit = both ? TERM_TRUE : TERM_FALSE, zero = both ? TERM_FALSE : TERM_TRUE;
	uint32_t end = terms->nwork;

	for (uint32_t i = start; i < end; i++) {
		uint32_t part = terms->work[i];

		if (part == zero)
			return term_leave(terms, start, zero);
		if (part == unit)
			continue;
		if (terms->list[part].kind != kind) {
			if (!take_part(terms, both, end, part))
				return term_leave(terms, start, zero);
			continue;
		}
		for (uint32_t j = 0; j < terms->list[part].count; j++)
			if (!take_part(terms, both, end, terms->pool[terms->list[part].first + j]))
				return term_leave(terms, start, zero);
	}
	term_make_set(terms, end);
	if (terms->nwork == end)
		return term_leave(terms, start, unit);
	if (terms->nwork == end + 1)
		return term_leave(terms, start, terms->work[end]);
	return term_leave(terms, start, term_cons(terms, kind, 0, end));
}

uint32_t term_join(struct terms *terms, enum term_kind kind, uint32_t a, uint32_t b)
{
	uint32_t start = terms->nwork;

	term_push(terms, a);
	term_push(terms, b);
	return make_join(terms, kind, start);
}

uint32_t term_make(struct terms *terms, enum term_kind kind, uint32_t result, uint32_t start)
{
	if (kind == TERM_AND || kind == TERM_OR)
		return make_join(terms, kind, start);
	return term_make_rule(terms, kind, result, start);
}

/* Every class that makes the one atom true makes the other true. */
static bool atom_implies(const struct terms *terms, const struct term *a, const struct term *b)
{
	if (a->kind != TERM_ATOM || b->kind != TERM_ATOM || a->level != b->level)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (terms->pool[a->first + i] & ~terms->pool[b->first + i])
			return false;
	return true;
}

static bool part_implies(const struct terms *terms, uint32_t a, uint32_t b)
{
	const struct term *x = &terms->list[a], *y = &terms->list[b];

	if (a == b || atom_implies(terms, x, y))
		return true;
	for (uint32_t i = 0; i < x->count && x->kind == TERM_AND; i++) {
		uint32_t part = terms->pool[x->first + i];

		if (part == b || atom_implies(terms, &terms->list[part], y))
			return true;
	}
	return false;
}

bool term_implies(const struct terms *terms, uint32_t a, uint32_t b)
{
	const struct term *y;

	if (term_is_const(a) || term_is_const(b))
		return a == TERM_FALSE || b == TERM_TRUE;
	y = &terms->list[b];
	if (terms->list[a].level > y->level)	/* it does not speak of what `b` asks first */
		return false;
	if (y->kind != TERM_AND)
		return part_implies(terms, a, b);
	for (uint32_t i = 0; i < y->count; i++)
		if (!part_implies(terms, a, terms->pool[y->first + i]))
			return false;
	return true;
}

/* What remains ------------------------------------------------------------------------------------ */

static uint32_t remake(struct terms *terms, uint32_t number, uint32_t level, uint32_t class_)
{
	const struct term term = terms->list[number];
	uint32_t start = terms->nwork;

	if (term.kind == TERM_ATOM)
		return TERM_CONST | (terms->pool[term.first + class_ / 32] >> class_ % 32 & 1);
	for (uint32_t i = 0; i < term.count; i++) {
		uint32_t part = terms->pool[term.first + i];

		if (!term_is_const(part) && terms->list[part].level <= level)
			part = term_fix(terms, part, level, class_);
		term_push(terms, part);
	}
	return term_make(terms, (enum term_kind)term.kind, term.result, start);
}

/* Where in the pool the remainders of a term lie, for each class of its uppermost level. */
static uint32_t below(struct terms *terms, uint32_t term)
{
	uint32_t level = terms->list[term].level, start = terms->nwork, first;

	if (terms->list[term].below)
		return terms->list[term].below;
	for (uint32_t i = 0; i < terms->arity[level]; i++) {
		uint32_t rest = remake(terms, term, level, i);

		term_push(terms, rest);
	}
	first = add_to_pool(terms, terms->work + start, terms->arity[level]);
	terms->nwork = start;
	terms->list[term].below = first;
	return first;
}

/* The entry, or where it would be. */
static struct term_fixed *find_fixed(struct term_fixed *table, uint32_t size,
				     const struct term_fixed *entry)
{
	uint64_t hash = entry->term * 0x9e3779b97f4a7c15ull ^
			(entry->level << 8 | entry->class_) * 0xff51afd7ed558ccdull;
	uint32_t at = (uint32_t)(hash >> 32) & (size - 1);

	while (table[at].used && (table[at].term != entry->term || table[at].level != entry->level ||
				  table[at].class_ != entry->class_))
		at = (at + 1) & (size - 1);
	return &table[at];
}

static void keep_fixed(struct terms *terms, struct term_fixed entry)
{
	if (terms->nfixed * 2 >= terms->fixed_size) {
		uint32_t size = terms->fixed_size ? terms->fixed_size * 2 : TABLE_MIN;
		struct term_fixed *table = ARENA_ARRAY(terms->arena, size, struct term_fixed);

		for (uint32_t i = 0; i < terms->fixed_size; i++)
			if (terms->fixed[i].used)
				*find_fixed(table, size, &terms->fixed[i]) = terms->fixed[i];
		terms->fixed = table;
		terms->fixed_size = size;
	}
	*find_fixed(terms->fixed, terms->fixed_size, &entry) = entry;
	terms->nfixed++;
}

/* In order a term is taken apart from its uppermost level; any other is asked for rarely. */
uint32_t term_fix(struct terms *terms, uint32_t term, uint32_t level, uint32_t class_)
{
	struct term_fixed entry = { term, level, class_, term, true };

	if (term_is_const(term) || terms->list[term].level > level)
		return term;
	if (terms->list[term].level == level) {
		uint32_t at = below(terms, term) + class_;

		return terms->pool[at];
	}
	if (terms->list[term].kind == TERM_ATOM)
		return term;
	if (terms->fixed_size) {
		const struct term_fixed *old = find_fixed(terms->fixed, terms->fixed_size, &entry);

		if (old->used)
			return old->result;
	}
	entry.result = remake(terms, term, level, class_);
	keep_fixed(terms, entry);
	return entry.result;
}
