/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Tree walk: what the source rules say of one cell, read off the trees as they stand, rule by rule.
 * Slow and plain on purpose: the diagrams are compared with it. It uses no diagram, and nothing that
 * was remembered while one was built.
 *
 * A cell gives every feature of the plan an answer (its number, not its class).
 */
#ifndef RKO_DSL_TREEWALK_H
#define RKO_DSL_TREEWALK_H

#include "dsl/diagram/decision.h"

/* What a rule delegates: the cells in which an overlay's words may add to it. */
struct delegation {
	uint32_t where;			/* expression */
	uint32_t *features;		/* which may be otherwise */
	uint32_t count;
};

/* Where an overlay's words would widen a rule, besides the rule's actions and force. */
struct widened {
	uint32_t when;			/* expressions */
	uint32_t scope;
	uint32_t force;
};

/* One case of a determination, and the exceptions to it. */
struct case_exprs {
	uint32_t when;
	uint32_t *except;
	uint32_t unless;		/* none of the exceptions holds */
};

/* The rules as written, with their conditions as expressions: all that a proof starts from. */
struct forest {
	struct decision *decision;
	struct delegation *delegations;	/* by rank */
	struct widened *widenings;	/* by widening */
	struct case_exprs **cases;	/* by determination that is answered, by case */
	uint32_t action;		/* feature */
	uint32_t gap;			/* feature, or NOWHERE: no area is unsettled */
};

void forest_init(struct forest *forest, struct decision *decision);
/* An overlay's exception to a base rule, or a rule: what stands for itself in a decision. */
static inline bool is_root(const struct rule *rule)
{
	return rule->item == ITEM_RULE || rule->cut;
}

struct treewalk {
	const struct forest *forest;
	const struct plan *plan;
	uint32_t *answer;		/* by feature; the caller fills it in */
	uint32_t *ladders;		/* by rank, of roots */
};

struct walked {
	uint32_t outcome;		/* ranked */
	uint64_t duties;		/* by place among the decision's duties */
};

void treewalk_init(struct treewalk *walk, const struct forest *forest);

bool treewalk_holds(const struct treewalk *walk, uint32_t expr);
/* A rule's own condition: actions, words, scope and force. */
bool treewalk_on(const struct treewalk *walk, const struct rule *rule);
/* Of a root, with what overlays add. */
bool treewalk_root_on(const struct treewalk *walk, const struct rule *rule);
/* The code of a determination + 1, or 0. */
uint32_t treewalk_answer(const struct treewalk *walk, uint32_t number);
/* Some tree comes to this rule; after treewalk_decide(). */
bool treewalk_speaks(const struct treewalk *walk, const struct rule *rule);
/* Every ladder, and the decision. */
struct walked treewalk_decide(struct treewalk *walk);

#endif
