/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Terms: source rules with some of their features known already.
 *
 * A condition, a tree, what a rule says of the outcome, a whole decision is a term. To put a class of
 * a feature into a term is to make it again from its parts and to leave out what can no longer matter:
 * a prohibition that surely stands puts every grant aside, whatever the grant may hang on. Terms are
 * made once only, so equal remainders are one number; the more is left out, the fewer there are.
 *
 * A term is a number; one with TERM_CONST is a result. Constructors take a list that was pushed on the
 * work stack, from `start` on, and leave the stack as it was below. They shrink what they are given and
 * nothing else: they know neither features nor diagrams.
 */
#ifndef RKO_DSL_TERM_H
#define RKO_DSL_TERM_H

#include <stdbool.h>

#include "engine/base/map.h"

#define TERM_CONST 0x80000000u
#define TERM_FALSE TERM_CONST
#define TERM_TRUE (TERM_CONST | 1)

enum term_kind {
	TERM_ATOM,	/* result: its level; list: bits of the classes that make it true */
	TERM_AND,
	TERM_OR,
	TERM_TREE,	/* list: condition, exceptions; result: the rule's own, if none of them speaks */
	TERM_SPOKEN,	/* as TERM_TREE, but the result is an exception's that surely speaks */
	TERM_WITHHOLDS,	/* list: ladder; true where it withholds */
	TERM_IS,	/* list: ladder; true where it is the result */
	TERM_SAYS,	/* list: ladder, where its grant is withheld; gives a ranked outcome */
	TERM_SILENCE,	/* list: condition; result: the outcome that holds under it */
	TERM_OUTCOME,	/* list: what may surpass the result */
	TERM_LAST,	/* list: pairs of a result and its condition, greatest first; else the result */
	TERM_DECISION,	/* list: outcome, duties due in DUTY_WORDS words, pairs of a due_key() and when */
};

enum {
	TERM_RANKED = 5,		/* classes of a ladder, and of an outcome */
	TERM_NEVER = UINT16_MAX,
	ATOM_WORDS = 8,
};

/* On what a duty waits. Those that can come to the same are neighbours. */
enum due { DUE_ALWAYS, DUE_DENIED, DUE_GRANTED, DUE_FORBIDDEN, DUES };

enum { DUTY_WORDS = 3, DUTY_BITS = 31 };

struct term {
	uint16_t kind;
	uint16_t level;			/* its uppermost */
	uint16_t least[TERM_RANKED];	/* by class: the least rank it can come with, or TERM_NEVER */
	uint16_t height;		/* of the uppermost outcome that it can say */
	uint32_t result;
	uint32_t first;			/* of its list, in the pool */
	uint32_t count;
	uint32_t below;			/* in the pool: what remains, by class of its level; 0: not yet */
};

struct terms {
	struct arena *arena;
	const uint32_t *arity;		/* by level */
	struct term *list;
	uint32_t count;
	size_t cap;
	uint32_t *pool;
	uint32_t npool;
	size_t cap_pool;
	uint64_t *table;		/* by hash: the hash above, the term + 1 below */
	uint32_t table_size;
	uint32_t *work;			/* lists being made, one on top of the other */
	uint32_t nwork;
	size_t cap_work;
	struct map results;		/* of decisions: outcome and duties -> number */
	struct term_fixed *fixed;	/* what term_fix() gave, where it did not lie at hand */
	uint32_t fixed_size, nfixed;
};

static inline bool term_is_const(uint32_t term)
{
	return term & TERM_CONST;
}

static inline uint32_t term_value(uint32_t term)
{
	return term & ~TERM_CONST;
}

static inline uint32_t due_key(uint32_t duty, enum due due)
{
	return TERM_CONST | duty * DUES | due;
}

/* Everything lives in the arena, which must have an escape. */
void terms_init(struct terms *terms, struct arena *arena, const uint32_t *arity);

void term_push(struct terms *terms, uint32_t word);
uint32_t term_atom(struct terms *terms, uint32_t level, const uint32_t *bits);
/* Of any other kind, from the list that begins at `start`. */
uint32_t term_make(struct terms *terms, enum term_kind kind, uint32_t result, uint32_t start);
/* TERM_AND or TERM_OR of two. */
uint32_t term_join(struct terms *terms, enum term_kind kind, uint32_t a, uint32_t b);
/* The number that stands for the result of a decision: by order of first appearance. */
uint32_t term_decided(struct terms *terms, uint32_t outcome, uint64_t duties);

/* What remains when the level has this class. */
uint32_t term_fix(struct terms *terms, uint32_t term, uint32_t level, uint32_t class_);

/* Between term.c and term_rules.c. */
uint32_t term_leave(struct terms *terms, uint32_t start, uint32_t term);
/* The list in order, each once: for what is the same in any order. */
void term_make_set(struct terms *terms, uint32_t start);
uint32_t term_cons(struct terms *terms, enum term_kind kind, uint32_t result, uint32_t start);
/* Seen at a glance: wherever the condition `a` holds, `b` does. */
bool term_implies(const struct terms *terms, uint32_t a, uint32_t b);
/* Fills in `least`. */
void term_bound(const struct terms *terms, struct term *term);
uint32_t term_make_rule(struct terms *terms, enum term_kind kind, uint32_t result, uint32_t start);

#endif
