/* SPDX-License-Identifier: EUPL-1.2 */
#include "dsl/diagram/dd.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/map.h"

enum { OP_NONE, OP_AND, OP_OR, OP_NOT, OP_IF, OP_SOME, OP_FIX, OP_FIRST };

enum { ARITY_MAX = 256, MEMO_MIN = 1 << 12, MEMO_MAX = 1 << 20 };

void dd_init(struct dds *dds, struct arena *arena, const uint32_t *arity, uint32_t nlevels, uint32_t limit)
{
	*dds = (struct dds){ .arena = arena, .nlevels = nlevels, .limit = limit, .next_op = OP_FIRST };
	dds->arity = arena_copy(arena, arity, nlevels * sizeof *arity);
	dds->table_size = 1 << 10;
	dds->table = ARENA_ARRAY(arena, dds->table_size, uint64_t);
	dds->memo_size = MEMO_MIN;
	dds->memo = ARENA_ARRAY(arena, dds->memo_size, struct dd_memo);
}

uint32_t dd_new_op(struct dds *dds)
{
	return dds->next_op++;
}

/* Nodes ------------------------------------------------------------------------------------------- */

static uint32_t hash_node(uint32_t level, const dd *children, uint32_t arity)
{
	uint64_t hash = level * 0x9e3779b97f4a7c15ull;

	for (uint32_t i = 0; i < arity; i++)
		hash = (hash ^ children[i]) * 0xff51afd7ed558ccdull + (hash >> 29);
	return (uint32_t)(hash ^ hash >> 32);
}

static void grow_table(struct dds *dds)
{
	uint32_t size = dds->table_size * 2;
	uint64_t *table = ARENA_ARRAY(dds->arena, size, uint64_t);

	for (uint32_t i = 0; i < dds->table_size; i++) {
		uint32_t at = (uint32_t)(dds->table[i] >> 32) & (size - 1);

		if (!dds->table[i])
			continue;
		while (table[at])
			at = (at + 1) & (size - 1);
		table[at] = dds->table[i];
	}
	dds->table = table;
	dds->table_size = size;
}

/* Forgets what was remembered: cheaper than moving it, and it comes back quickly. */
static void grow_memo(struct dds *dds)
{
	dds->memo_size *= 2;
	dds->memo = ARENA_ARRAY(dds->arena, dds->memo_size, struct dd_memo);
}

static void grow_nodes(struct dds *dds, uint32_t arity)
{
	if (dds->count == dds->cap) {
		uint32_t cap = dds->cap ? dds->cap * 2 : 512;
		struct dd_node *nodes = ARENA_ARRAY(dds->arena, cap, struct dd_node);

		if (dds->count)
			memcpy(nodes, dds->nodes, dds->count * sizeof *nodes);
		dds->nodes = nodes;
		dds->cap = cap;
	}
	if (dds->npool + arity > dds->cap_pool) {
		uint32_t cap = dds->cap_pool ? dds->cap_pool * 2 : 2048;
		dd *pool = ARENA_ARRAY(dds->arena, cap, dd);

		if (dds->npool)
			memcpy(pool, dds->pool, dds->npool * sizeof *pool);
		dds->pool = pool;
		dds->cap_pool = cap;
	}
}

dd dd_node(struct dds *dds, uint32_t level, const dd *children)
{
	uint32_t arity = dds->arity[level], hash, at;
	bool one = true;

	for (uint32_t i = 1; i < arity && one; i++)
		one = children[i] == children[0];
	if (one)
		return children[0];
	hash = hash_node(level, children, arity);
	at = hash & (dds->table_size - 1);
	for (; dds->table[at]; at = (at + 1) & (dds->table_size - 1)) {
		dd found = (uint32_t)dds->table[at] - 1;
		const struct dd_node *node = &dds->nodes[found];

		if (dds->table[at] >> 32 == hash && node->level == level &&
		    memcmp(&dds->pool[node->first], children, arity * sizeof *children) == 0)
			return found;
	}
	if (dds->count >= dds->limit) {
		dds->full = true;
		return DD_FALSE;
	}
	grow_nodes(dds, arity);
	memcpy(&dds->pool[dds->npool], children, arity * sizeof *children);
	dds->nodes[dds->count] = (struct dd_node){ level, dds->npool };
	dds->npool += arity;
	dds->table[at] = (uint64_t)hash << 32 | ++dds->count;
	if (dds->count * 2 > dds->table_size)
		grow_table(dds);
	if (dds->count > dds->memo_size && dds->memo_size < MEMO_MAX)
		grow_memo(dds);
	return dds->count - 1;
}

/* Memo -------------------------------------------------------------------------------------------- */

static struct dd_memo *memo_of(struct dds *dds, uint32_t op, uint32_t a, uint32_t b, uint32_t c)
{
	uint64_t hash = a * 0x9e3779b97f4a7c15ull + b * 0xff51afd7ed558ccdull +
			((uint64_t)op << 32 | c) * 0xc4ceb9fe1a85ec53ull;

	return &dds->memo[(hash ^ hash >> 29) >> 20 & (dds->memo_size - 1)];
}

static bool recall(struct dds *dds, uint32_t op, uint32_t a, uint32_t b, uint32_t c, dd *ret)
{
	const struct dd_memo *memo = memo_of(dds, op, a, b, c);

	if (memo->op != op || memo->a != a || memo->b != b || memo->c != c)
		return false;
	*ret = memo->result;
	return true;
}

static dd remember(struct dds *dds, uint32_t op, uint32_t a, uint32_t b, uint32_t c, dd result)
{
	if (!dds->full)
		*memo_of(dds, op, a, b, c) = (struct dd_memo){ op, a, b, c, result };
	return result;
}

/* A diagram at a level that it may lie below: its children there, or it itself for every class. Nodes may move. */
struct side {
	dd all;
	uint32_t first;		/* in the pool, or NO_CHILDREN */
};

enum { NO_CHILDREN = UINT32_MAX };

static struct side side_of(const struct dds *dds, dd a, uint32_t level)
{
	return (struct side){ a, dd_level(dds, a) == level ? dds->nodes[a].first : (uint32_t)NO_CHILDREN };
}

static dd side_child(const struct dds *dds, struct side side, uint32_t class_)
{
	return side.first == (uint32_t)NO_CHILDREN ? side.all : dds->pool[side.first + class_];
}

/* Operations -------------------------------------------------------------------------------------- */

dd dd_apply(struct dds *dds, uint32_t op, dd a, dd b, bool commutative, dd unit, dd_combine *combine, void *context)
{
	dd children[ARITY_MAX], result;
	uint32_t level;
	struct side x, y;

	if (dds->full)
		return DD_FALSE;
	if (dd_is_terminal(a) && dd_is_terminal(b))
		return dd_terminal(combine(context, dd_value(a), dd_value(b)));
	if (b == unit)
		return a;
	if (commutative && a == unit)
		return b;
	if (commutative && b < a) {
		dd swap = a;

		a = b;
		b = swap;
	}
	if (recall(dds, op, a, b, 0, &result))
		return result;
	level = dd_level(dds, a) < dd_level(dds, b) ? dd_level(dds, a) : dd_level(dds, b);
	x = side_of(dds, a, level);
	y = side_of(dds, b, level);
	for (uint32_t i = 0; i < dds->arity[level]; i++)
		children[i] = dd_apply(dds, op, side_child(dds, x, i), side_child(dds, y, i),
				       commutative, unit, combine, context);
	return remember(dds, op, a, b, 0, dd_node(dds, level, children));
}

dd dd_map(struct dds *dds, uint32_t op, dd a, uint32_t (*change)(void *, uint32_t), void *context)
{
	dd children[ARITY_MAX], result;
	uint32_t level;

	if (dds->full)
		return DD_FALSE;
	if (dd_is_terminal(a))
		return dd_terminal(change(context, dd_value(a)));
	if (recall(dds, op, a, 0, 0, &result))
		return result;
	level = dd_level(dds, a);
	for (uint32_t i = 0; i < dds->arity[level]; i++)
		children[i] = dd_map(dds, op, dd_children(dds, a)[i], change, context);
	return remember(dds, op, a, 0, 0, dd_node(dds, level, children));
}

static dd logic(struct dds *dds, uint32_t op, dd a, dd b)
{
	dd zero = op == OP_AND ? DD_FALSE : DD_TRUE, unit = op == OP_AND ? DD_TRUE : DD_FALSE;
	dd children[ARITY_MAX], result;
	uint32_t level;
	struct side x, y;

	if (dds->full)
		return DD_FALSE;
	if (a == zero || b == zero)
		return zero;
	if (a == unit || a == b)
		return b;
	if (b == unit)
		return a;
	if (b < a) {
		dd swap = a;

		a = b;
		b = swap;
	}
	if (recall(dds, op, a, b, 0, &result))
		return result;
	level = dd_level(dds, a) < dd_level(dds, b) ? dd_level(dds, a) : dd_level(dds, b);
	x = side_of(dds, a, level);
	y = side_of(dds, b, level);
	for (uint32_t i = 0; i < dds->arity[level]; i++)
		children[i] = logic(dds, op, side_child(dds, x, i), side_child(dds, y, i));
	return remember(dds, op, a, b, 0, dd_node(dds, level, children));
}

dd dd_and(struct dds *dds, dd a, dd b)
{
	return logic(dds, OP_AND, a, b);
}

dd dd_or(struct dds *dds, dd a, dd b)
{
	return logic(dds, OP_OR, a, b);
}

static uint32_t negate(void *context, uint32_t value)
{
	(void)context;
	return !value;
}

dd dd_not(struct dds *dds, dd a)
{
	return dd_map(dds, OP_NOT, a, negate, NULL);
}

dd dd_if(struct dds *dds, dd condition, dd a, dd b)
{
	dd children[ARITY_MAX], result;
	struct side x, y, z;
	uint32_t level;

	if (dds->full)
		return DD_FALSE;
	if (dd_is_terminal(condition))
		return dd_value(condition) ? a : b;
	if (a == b)
		return a;
	if (recall(dds, OP_IF, condition, a, b, &result))
		return result;
	level = dd_level(dds, condition);
	if (dd_level(dds, a) < level)
		level = dd_level(dds, a);
	if (dd_level(dds, b) < level)
		level = dd_level(dds, b);
	x = side_of(dds, condition, level);
	y = side_of(dds, a, level);
	z = side_of(dds, b, level);
	for (uint32_t i = 0; i < dds->arity[level]; i++)
		children[i] = dd_if(dds, side_child(dds, x, i), side_child(dds, y, i), side_child(dds, z, i));
	return remember(dds, OP_IF, condition, a, b, dd_node(dds, level, children));
}

static dd some(struct dds *dds, dd a, uint32_t level, const bool *among, uint32_t op)
{
	dd children[ARITY_MAX], result;
	uint32_t at = dd_level(dds, a);

	if (dds->full)
		return DD_FALSE;
	if (at > level)
		return a;
	if (recall(dds, op, a, 0, 0, &result))
		return result;
	if (at == level) {
		result = DD_FALSE;
		for (uint32_t i = 0; i < dds->arity[level]; i++)
			if (!among || among[i])
				result = dd_or(dds, result, dd_children(dds, a)[i]);
		return remember(dds, op, a, 0, 0, result);
	}
	for (uint32_t i = 0; i < dds->arity[at]; i++)
		children[i] = some(dds, dd_children(dds, a)[i], level, among, op);
	return remember(dds, op, a, 0, 0, dd_node(dds, at, children));
}

dd dd_some(struct dds *dds, dd a, uint32_t level, const bool *among)
{
	bool any = !among;

	for (uint32_t i = 0; among && i < dds->arity[level]; i++)
		any |= among[i];
	/* Of no class nothing is true, also where the level is not asked about. */
	return any ? some(dds, a, level, among, dd_new_op(dds)) : DD_FALSE;
}

dd dd_fold(struct dds *dds, const struct dd_fold *fold, dd a, dd b)
{
	dd children[ARITY_MAX], result = DD_FALSE;
	uint32_t level = dd_level(dds, a) < dd_level(dds, b) ? dd_level(dds, a) : dd_level(dds, b);
	struct side x, y;

	if (dds->full || a == DD_FALSE || b == DD_TRUE || a == b)
		return DD_FALSE;
	if (level == dds->nlevels)
		return DD_TRUE;
	x = side_of(dds, a, level);
	y = side_of(dds, b, level);
	if (level == fold->fixed)
		return dd_fold(dds, fold, side_child(dds, x, fold->class_), side_child(dds, y, fold->class_));
	if (recall(dds, fold->ops[level], a, b, 0, &result))
		return result;
	result = DD_FALSE;
	for (uint32_t i = 0; i < dds->arity[level] && result != DD_TRUE; i++) {
		dd part = dd_fold(dds, fold, side_child(dds, x, i), side_child(dds, y, i));

		if (fold->away[level])
			result = dd_or(dds, result, part);
		else
			children[i] = part;
	}
	if (!fold->away[level])
		result = dd_node(dds, level, children);
	return remember(dds, fold->ops[level], a, b, 0, result);
}

dd dd_level_is(struct dds *dds, uint32_t level, uint32_t class_)
{
	dd children[ARITY_MAX];

	for (uint32_t i = 0; i < dds->arity[level]; i++)
		children[i] = i == class_ ? DD_TRUE : DD_FALSE;
	return dd_node(dds, level, children);
}

dd dd_fix(struct dds *dds, dd a, uint32_t level, uint32_t class_)
{
	dd children[ARITY_MAX], result;
	uint32_t at = dd_level(dds, a);

	if (dds->full)
		return DD_FALSE;
	if (at > level)
		return a;
	if (at == level)
		return dd_children(dds, a)[class_];
	if (recall(dds, OP_FIX, a, level, class_, &result))
		return result;
	for (uint32_t i = 0; i < dds->arity[at]; i++)
		children[i] = dd_fix(dds, dd_children(dds, a)[i], level, class_);
	return remember(dds, OP_FIX, a, level, class_, dd_node(dds, at, children));
}

bool dd_disjoint(struct dds *dds, dd a, dd b)
{
	return dd_and(dds, a, b) == DD_FALSE;
}

/* Looking at diagrams ----------------------------------------------------------------------------- */

static uint32_t size_of(const struct dds *dds, dd a, bool *seen)
{
	uint32_t size = 1;

	if (dd_is_terminal(a) || seen[a])
		return 0;
	seen[a] = true;
	for (uint32_t i = 0; i < dds->arity[dds->nodes[a].level]; i++)
		size += size_of(dds, dd_children(dds, a)[i], seen);
	return size;
}

uint32_t dd_size(const struct dds *dds, dd a)
{
	return size_of(dds, a, ARENA_ARRAY(dds->arena, dds->count + 1, bool));
}

struct values {
	uint32_t *list, count;
	size_t cap;
	bool *listed;		/* by value */
	uint32_t cap_listed;
	bool *seen;		/* by node */
};

static void add_value(const struct dds *dds, struct values *values, uint32_t value)
{
	if (value >= values->cap_listed) {
		uint32_t cap = value * 2 + 64;
		bool *listed = ARENA_ARRAY(dds->arena, cap, bool);

		if (values->cap_listed)
			memcpy(listed, values->listed, values->cap_listed);
		values->listed = listed;
		values->cap_listed = cap;
	}
	if (values->listed[value])
		return;
	values->listed[value] = true;
	values->list = arena_grow(dds->arena, values->list, values->count, &values->cap, sizeof *values->list);
	values->list[values->count++] = value;
}

static void find_values(const struct dds *dds, dd a, struct values *values)
{
	if (dd_is_terminal(a)) {
		add_value(dds, values, dd_value(a));
		return;
	}
	if (values->seen[a])
		return;
	values->seen[a] = true;
	for (uint32_t i = 0; i < dds->arity[dds->nodes[a].level]; i++)
		find_values(dds, dd_children(dds, a)[i], values);
}

uint32_t *dd_values(const struct dds *dds, dd a, uint32_t *ret_count)
{
	struct values values = { .seen = ARENA_ARRAY(dds->arena, dd_is_terminal(a) ? 1 : (size_t)a + 1, bool) };

	find_values(dds, a, &values);
	*ret_count = values.count;
	return values.list;
}

enum { NO_PATH = UINT32_MAX };

/* The least number of levels named on a path from `a` to true. Nodes' numbers grow upwards. */
static uint32_t path_length(const uint32_t *length, dd a)
{
	if (dd_is_terminal(a))
		return dd_value(a) ? 0 : NO_PATH;
	return length[a];
}

bool dd_path(const struct dds *dds, dd a, uint32_t *ret_class)
{
	uint32_t *length;

	for (uint32_t i = 0; i < dds->nlevels; i++)
		ret_class[i] = UINT32_MAX;
	if (dd_is_terminal(a))
		return dd_value(a);
	length = ARENA_ARRAY(dds->arena, (size_t)a + 1, uint32_t);
	for (uint32_t node = 0; node <= a; node++) {
		uint32_t best = NO_PATH;

		for (uint32_t i = 0; i < dds->arity[dds->nodes[node].level]; i++) {
			uint32_t below = path_length(length, dd_children(dds, node)[i]);

			if (below != NO_PATH && below + 1 < best)
				best = below + 1;
		}
		length[node] = best;
	}
	if (length[a] == NO_PATH)
		return false;
	while (!dd_is_terminal(a)) {
		for (uint32_t i = 0; i < dds->arity[dds->nodes[a].level]; i++) {
			dd child = dd_children(dds, a)[i];

			if (path_length(length, child) + 1 != length[a])
				continue;
			ret_class[dds->nodes[a].level] = i;
			a = child;
			break;
		}
	}
	return true;
}

double dd_count(const struct dds *dds, dd a, const double *const *weight)
{
	double *total = ARENA_ARRAY(dds->arena, dds->nlevels + 1, double), *count;
	double factor = 1;
	uint32_t level = dd_level(dds, a);

	/* total[l]: combinations of the levels from l on. */
	total[dds->nlevels] = 1;
	for (uint32_t l = dds->nlevels; l-- > 0;) {
		double sum = 0;

		for (uint32_t i = 0; i < dds->arity[l]; i++)
			sum += weight[l][i];
		total[l] = total[l + 1] * sum;
	}
	if (dd_is_terminal(a))
		return dd_value(a) ? total[0] : 0;
	count = ARENA_ARRAY(dds->arena, (size_t)a + 1, double);
	for (uint32_t node = 0; node <= a; node++) {
		uint32_t at = dds->nodes[node].level;

		for (uint32_t i = 0; i < dds->arity[at]; i++) {
			dd child = dd_children(dds, node)[i];
			double below = dd_is_terminal(child) ? dd_value(child) : count[child];
			double skipped = total[at + 1] / total[dd_level(dds, child)];

			count[node] += weight[at][i] * below * skipped;
		}
	}
	factor = total[0] / total[level];
	return count[a] * factor;
}
