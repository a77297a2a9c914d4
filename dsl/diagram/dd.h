/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Decision diagrams: functions from the classes of features to small numbers, ordered and reduced, so that
 * equal functions are the same node.
 *
 * A reference is a node's number, or a terminal (dd_terminal). Nodes are made through dd_node() only, which
 * drops a node whose children are all one and never makes one twice. A manager has a bound on nodes; past it
 * every operation gives DD_FALSE and `full` is set: the caller asks once, after a step that can be named.
 */
#ifndef RKO_DSL_DD_H
#define RKO_DSL_DD_H

#include <stdbool.h>
#include <stdint.h>

struct arena;

typedef uint32_t dd;

#define DD_TERMINAL 0x80000000u
#define DD_FALSE (DD_TERMINAL | 0)
#define DD_TRUE (DD_TERMINAL | 1)

static inline bool dd_is_terminal(dd a)
{
	return a & DD_TERMINAL;
}

static inline dd dd_terminal(uint32_t value)
{
	return DD_TERMINAL | value;
}

static inline uint32_t dd_value(dd a)
{
	return a & ~DD_TERMINAL;
}

struct dd_node {
	uint32_t level;
	uint32_t first;		/* of its children, in the pool */
};

struct dd_memo {
	uint32_t op, a, b, c;	/* no operation has the number 0 */
	dd result;
};

/* Combines two terminals. Must be pure; `context` is the operation's own. */
typedef uint32_t dd_combine(void *context, uint32_t a, uint32_t b);

struct dds {
	struct arena *arena;
	uint32_t nlevels;
	uint32_t *arity;		/* by level */
	struct dd_node *nodes;
	uint32_t count;
	uint32_t cap;
	dd *pool;
	uint32_t npool;
	uint32_t cap_pool;
	uint64_t *table;		/* hash, and in the lower half node + 1; 0: free */
	uint32_t table_size;
	struct dd_memo *memo;
	uint32_t memo_size;
	uint32_t next_op;
	uint32_t limit;
	bool full;
};

void dd_init(struct dds *dds, struct arena *arena, const uint32_t *arity, uint32_t nlevels, uint32_t limit);

static inline const dd *dd_children(const struct dds *dds, dd a)
{
	return &dds->pool[dds->nodes[a].first];
}

/* Terminals lie below every level. */
static inline uint32_t dd_level(const struct dds *dds, dd a)
{
	return dd_is_terminal(a) ? dds->nlevels : dds->nodes[a].level;
}

dd dd_node(struct dds *dds, uint32_t level, const dd *children);

/* A number for an operation, so that results can be remembered. */
uint32_t dd_new_op(struct dds *dds);
/*
 * `op` names the operation for the memo. Commutative operations may say so: half of the work is then known. `unit` is
 * a terminal that as the second operand leaves the first as it is, or DD_NO_UNIT.
 */
#define DD_NO_UNIT UINT32_MAX
dd dd_apply(struct dds *dds, uint32_t op, dd a, dd b, bool commutative, dd unit, dd_combine *combine, void *context);
/* Each terminal through `change`. */
dd dd_map(struct dds *dds, uint32_t op, dd a, uint32_t (*change)(void *, uint32_t), void *context);

dd dd_and(struct dds *dds, dd a, dd b);
dd dd_or(struct dds *dds, dd a, dd b);
dd dd_not(struct dds *dds, dd a);
/* `a` where the condition is true, else `b`; the branches may have any terminals. */
dd dd_if(struct dds *dds, dd condition, dd a, dd b);
/* True where some class of the level, of those in `among`, makes `a` true. */
dd dd_some(struct dds *dds, dd a, uint32_t level, const bool *among);

/*
 * Levels that are done away with, all at once. `ops` has for each level the number of an operation (dd_new_op()): folds
 * that are the same from a level on may have the same number there, and so share what is remembered.
 */
struct dd_fold {
	const bool *away;	/* by level: any class will do */
	const uint32_t *ops;	/* by level */
	uint32_t fixed, class_;	/* of this level the class is known; DD_NO_LEVEL: of none */
};
#define DD_NO_LEVEL UINT32_MAX
/* True where some classes of the levels that are done away with make `a` true and `b` false. */
dd dd_fold(struct dds *dds, const struct dd_fold *fold, dd a, dd b);
/* True for this class of the level. */
dd dd_level_is(struct dds *dds, uint32_t level, uint32_t class_);
/* `a` with a level fixed to a class. */
dd dd_fix(struct dds *dds, dd a, uint32_t level, uint32_t class_);
bool dd_disjoint(struct dds *dds, dd a, dd b);

/* Nodes that `a` is made of. */
uint32_t dd_size(const struct dds *dds, dd a);

/* The values of its terminals, each once, in the manager's arena. */
uint32_t *dd_values(const struct dds *dds, dd a, uint32_t *ret_count);

/*
 * A path from `a` to a true terminal that names few levels. `ret_class[level]` is the class taken, or
 * UINT32_MAX where any will do. False when there is none.
 */
bool dd_path(const struct dds *dds, dd a, uint32_t *ret_class);

/* How many combinations of answers are true, when a class of a level stands for `weight[level][class]`. */
double dd_count(const struct dds *dds, dd a, const double *const *weight);

#endif
