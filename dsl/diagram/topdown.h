/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Top-down: the source rules once more, by a way that shares nothing with the builder of the diagrams.
 *
 * The rules become one term. Its uppermost feature is asked, each class is put into the term, and so on
 * with what remains until nothing is left to ask. Where the builder combines finished diagrams, this
 * never holds two: it cannot make the same mistake.
 *
 * A term is compared with a diagram by going down both together, each pair once. That is exact on every
 * cell, counts on no canonical form, and where the two differ the way down is the cell.
 */
#ifndef RKO_DSL_TOPDOWN_H
#define RKO_DSL_TOPDOWN_H

#include "dsl/diagram/term.h"
#include "dsl/diagram/treewalk.h"

struct topdown {
	const struct forest *forest;
	struct decision *decision;
	const struct plan *plan;
	struct arena *arena;
	struct terms terms;
	uint32_t *of_expr;		/* by expression: its term, or NOWHERE */
	uint32_t *ladders;		/* by rank: its term, or NOWHERE */
	uint32_t *decided;		/* by terminal of the decision: the term's number for it */
	uint64_t *pairs;		/* of a term and a node, compared in this slice, + 1 */
	uint32_t pairs_size, npairs;
	uint32_t *path;			/* by level: the class taken, or NOWHERE */
	bool *sliced;			/* by level: the class was given beforehand */
	bool fresh;			/* the pairs say nothing of what is compared next */
	uint32_t states;		/* pairs in all */
	uint32_t limit;			/* on states */
	uint32_t blurred;		/* a feature with classes too coarse for the rules, or NOWHERE */
};

/* Everything lives in the arena, which must have an escape. */
void topdown_init(struct topdown *top, const struct forest *forest, struct arena *arena,
		  uint32_t limit);

/* Terms. */
uint32_t topdown_condition(struct topdown *top, uint32_t expr);
/* A rule's condition; of a base rule with what overlays add. */
uint32_t topdown_root_on(struct topdown *top, const struct rule *rule);
uint32_t topdown_ladder(struct topdown *top, const struct rule *root);
/* A code + 1, or 0. */
uint32_t topdown_answer(struct topdown *top, uint32_t number);
uint32_t topdown_decision(struct topdown *top);

/* From now on only cells with this class of the level are compared. */
void topdown_slice(struct topdown *top, uint32_t level, uint32_t class_);

enum topdown_result { TOPDOWN_DIFFERS, TOPDOWN_EQUAL, TOPDOWN_STOPPED };

/*
 * Compares on every cell of the slice. TOPDOWN_DIFFERS: `path` leads to a cell. TOPDOWN_STOPPED: it
 * would take more states than `limit`. Terminals of a decision are compared by what they mean.
 */
enum topdown_result topdown_compare(struct topdown *top, uint32_t term, dd diagram);
enum topdown_result topdown_compare_decision(struct topdown *top, uint32_t term, dd diagram);

#endif
