/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Decision diagrams against truth tables: a random function is built from operations and, beside it, from its table;
 * both are the same node. Every operation is looked up at every point.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dsl/diagram/dd.h"
#include "engine/base/arena.h"

enum { LEVELS = 5, POINTS = 2 * 3 * 4 * 2 * 3 };

static const uint32_t arity[LEVELS] = { 2, 3, 4, 2, 3 };

struct table {
	uint8_t value[POINTS];
};

static uint64_t dice_state = 1;

static uint32_t roll(uint32_t sides)
{
	dice_state ^= dice_state << 13;
	dice_state ^= dice_state >> 7;
	dice_state ^= dice_state << 17;
	return (uint32_t)((dice_state >> 20) % sides);
}

static void to_classes(uint32_t point, uint32_t classes[LEVELS])
{
	for (uint32_t level = LEVELS; level-- > 0; point /= arity[level])
		classes[level] = point % arity[level];
}

static uint32_t to_point(const uint32_t classes[LEVELS])
{
	uint32_t point = 0;

	for (uint32_t level = 0; level < LEVELS; level++)
		point = point * arity[level] + classes[level];
	return point;
}

static uint32_t look_up(const struct dds *dds, dd a, const uint32_t classes[LEVELS])
{
	while (!dd_is_terminal(a))
		a = dd_children(dds, a)[classes[dds->nodes[a].level]];
	return dd_value(a);
}

static dd from_table(struct dds *dds, const struct table *table, uint32_t level, uint32_t point)
{
	dd children[4];

	if (level == LEVELS)
		return dd_terminal(table->value[point]);
	for (uint32_t i = 0; i < arity[level]; i++)
		children[i] = from_table(dds, table, level + 1, point * arity[level] + i);
	return dd_node(dds, level, children);
}

static void assert_is(struct dds *dds, dd a, const struct table *table)
{
	for (uint32_t point = 0; point < POINTS; point++) {
		uint32_t classes[LEVELS];

		to_classes(point, classes);
		assert_int_equal(look_up(dds, a, classes), table->value[point]);
	}
	assert_int_equal(a, from_table(dds, table, 0, 0));	/* the same node */
}

static void open_dds(struct dds *dds, struct arena *arena)
{
	arena_init(arena, SIZE_MAX / 4);
	dd_init(dds, arena, arity, LEVELS, 100000);
}

/* A condition on one level. */
static dd leaf(struct dds *dds, struct table *table)
{
	uint32_t level = roll(LEVELS);
	dd children[4];
	bool in[4];

	for (uint32_t i = 0; i < 4; i++) {
		in[i] = roll(2);
		children[i] = in[i] ? DD_TRUE : DD_FALSE;
	}
	for (uint32_t point = 0; point < POINTS; point++) {
		uint32_t classes[LEVELS];

		to_classes(point, classes);
		table->value[point] = in[classes[level]];
	}
	return dd_node(dds, level, children);
}

static dd random_condition(struct dds *dds, int depth, struct table *table)
{
	struct table x, y, z;
	dd a, b, c;

	if (!depth)
		return leaf(dds, table);
	a = random_condition(dds, depth - 1, &x);
	b = random_condition(dds, depth - 1, &y);
	switch (roll(4)) {
	case 0:
		for (uint32_t i = 0; i < POINTS; i++)
			table->value[i] = x.value[i] && y.value[i];
		return dd_and(dds, a, b);
	case 1:
		for (uint32_t i = 0; i < POINTS; i++)
			table->value[i] = x.value[i] || y.value[i];
		return dd_or(dds, a, b);
	case 2:
		for (uint32_t i = 0; i < POINTS; i++)
			table->value[i] = !x.value[i];
		return dd_not(dds, a);
	}
	c = random_condition(dds, depth - 1, &z);
	for (uint32_t i = 0; i < POINTS; i++)
		table->value[i] = x.value[i] ? y.value[i] : z.value[i];
	return dd_if(dds, a, b, c);
}

static void conditions(void **state)
{
	(void)state;
	for (int round = 0; round < 300; round++) {
		struct arena arena;
		struct table table;
		struct dds dds;
		dd a;

		open_dds(&dds, &arena);
		a = random_condition(&dds, 4, &table);
		assert_is(&dds, a, &table);
		assert_false(dds.full);
		arena_free(&arena);
	}
}

/* Equal functions are one node, however they are said. */
static void laws_of_thought(void **state)
{
	(void)state;
	for (int round = 0; round < 200; round++) {
		struct arena arena;
		struct table x, y, z;
		struct dds dds;
		dd a, b, c;

		open_dds(&dds, &arena);
		a = random_condition(&dds, 3, &x);
		b = random_condition(&dds, 3, &y);
		c = random_condition(&dds, 3, &z);
		assert_int_equal(dd_and(&dds, a, b), dd_and(&dds, b, a));
		assert_int_equal(dd_or(&dds, a, dd_or(&dds, b, c)), dd_or(&dds, dd_or(&dds, a, b), c));
		assert_int_equal(dd_and(&dds, a, dd_or(&dds, b, c)), dd_or(&dds, dd_and(&dds, a, b), dd_and(&dds, a, c)));
		assert_int_equal(dd_not(&dds, dd_and(&dds, a, b)), dd_or(&dds, dd_not(&dds, a), dd_not(&dds, b)));
		assert_int_equal(dd_not(&dds, dd_not(&dds, a)), a);
		assert_int_equal(dd_and(&dds, a, dd_not(&dds, a)), DD_FALSE);
		assert_int_equal(dd_or(&dds, a, dd_not(&dds, a)), DD_TRUE);
		assert_int_equal(dd_if(&dds, a, b, c),
				 dd_or(&dds, dd_and(&dds, a, b), dd_and(&dds, dd_not(&dds, a), c)));
		assert_int_equal(dd_disjoint(&dds, a, b), dd_and(&dds, a, b) == DD_FALSE);
		assert_true(dd_disjoint(&dds, a, dd_not(&dds, a)));
		arena_free(&arena);
	}
}

/* Functions of several values ------------------------------------------------------------------------- */

static dd random_function(struct dds *dds, uint32_t values, struct table *table)
{
	for (uint32_t point = 0; point < POINTS; point++)
		table->value[point] = (uint8_t)roll(values);
	return from_table(dds, table, 0, 0);
}

static uint32_t lesser(void *context, uint32_t a, uint32_t b)
{
	(void)context;
	return a < b ? a : b;
}

static uint32_t minus(void *context, uint32_t a, uint32_t b)
{
	return (a + *(uint32_t *)context - b) % *(uint32_t *)context;
}

static uint32_t halved(void *context, uint32_t value)
{
	(void)context;
	return value / 2;
}

static void functions(void **state)
{
	(void)state;
	for (int round = 0; round < 200; round++) {
		uint32_t values = 2 + roll(6);
		struct table x, y, cond, out;
		struct arena arena;
		struct dds dds;
		dd a, b, c;

		open_dds(&dds, &arena);
		a = random_function(&dds, values, &x);
		b = random_function(&dds, values, &y);
		c = random_condition(&dds, 2, &cond);
		for (uint32_t i = 0; i < POINTS; i++)
			out.value[i] = x.value[i] < y.value[i] ? x.value[i] : y.value[i];
		assert_is(&dds, dd_apply(&dds, dd_new_op(&dds), a, b, true, DD_NO_UNIT, lesser, NULL), &out);
		assert_is(&dds, dd_apply(&dds, dd_new_op(&dds), a, b, true, dd_terminal(values - 1), lesser, NULL), &out);
		for (uint32_t i = 0; i < POINTS; i++)
			out.value[i] = (uint8_t)minus(&values, x.value[i], y.value[i]);
		assert_is(&dds, dd_apply(&dds, dd_new_op(&dds), a, b, false, DD_NO_UNIT, minus, &values), &out);
		assert_is(&dds, dd_apply(&dds, dd_new_op(&dds), a, b, false, dd_terminal(0), minus, &values), &out);
		for (uint32_t i = 0; i < POINTS; i++)
			out.value[i] = x.value[i] / 2;
		assert_is(&dds, dd_map(&dds, dd_new_op(&dds), a, halved, NULL), &out);
		for (uint32_t i = 0; i < POINTS; i++)
			out.value[i] = cond.value[i] ? x.value[i] : y.value[i];
		assert_is(&dds, dd_if(&dds, c, a, b), &out);
		arena_free(&arena);
	}
}

static void fixing_and_some(void **state)
{
	(void)state;
	for (int round = 0; round < 200; round++) {
		uint32_t level = roll(LEVELS), class_ = roll(arity[level]);
		struct table x, cond, out;
		bool among[4];
		struct arena arena;
		struct dds dds;
		dd a, c;

		open_dds(&dds, &arena);
		a = random_function(&dds, 4, &x);
		c = random_condition(&dds, 3, &cond);
		for (uint32_t i = 0; i < POINTS; i++) {
			uint32_t classes[LEVELS];

			to_classes(i, classes);
			classes[level] = class_;
			out.value[i] = x.value[to_point(classes)];
		}
		assert_is(&dds, dd_fix(&dds, a, level, class_), &out);
		for (uint32_t i = 0; i < 4; i++)
			among[i] = roll(2);
		for (uint32_t i = 0; i < POINTS; i++) {
			uint32_t classes[LEVELS];

			to_classes(i, classes);
			out.value[i] = 0;
			for (uint32_t j = 0; j < arity[level]; j++) {
				classes[level] = j;
				out.value[i] |= among[j] && cond.value[to_point(classes)];
			}
		}
		assert_is(&dds, dd_some(&dds, c, level, among), &out);
		arena_free(&arena);
	}
}

static bool says(const struct table *x, const struct table *y, uint32_t point)
{
	return x->value[point] && !y->value[point];
}

/* Levels folded away, point by point: whether some point that agrees in the other levels makes it true. */
static void fold_table(const struct table *x, const struct table *y, const struct dd_fold *fold, struct table *out)
{
	memset(out, 0, sizeof *out);
	for (uint32_t i = 0; i < POINTS; i++)
		for (uint32_t j = 0; j < POINTS; j++) {
			uint32_t here[LEVELS], there[LEVELS];
			bool agree = true;

			to_classes(i, here);
			to_classes(j, there);
			for (uint32_t level = 0; level < LEVELS; level++)
				if (level == fold->fixed)
					agree &= there[level] == fold->class_;
				else
					agree &= fold->away[level] || here[level] == there[level];
			out->value[i] |= agree && says(x, y, j);
		}
}

/* Two folds that differ above a level share what is remembered from there on. */
static void folding(void **state)
{
	(void)state;
	for (int round = 0; round < 100; round++) {
		uint32_t ops[2][LEVELS], fixed = roll(LEVELS + 1), share = roll(LEVELS + 1);
		bool away[2][LEVELS];
		struct table x, y, out;
		struct arena arena;
		struct dds dds;
		dd a, b;

		open_dds(&dds, &arena);
		a = random_condition(&dds, 3, &x);
		b = random_condition(&dds, 3, &y);
		if (fixed < LEVELS && share <= fixed)
			share = fixed + 1;
		for (uint32_t i = 0; i < 2; i++) {
			uint32_t own = dd_new_op(&dds);

			for (uint32_t level = 0; level < LEVELS; level++) {
				away[i][level] = i && level >= share ? away[0][level] : roll(2);
				ops[i][level] = i && level >= share ? ops[0][level] : own;
			}
		}
		for (uint32_t i = 0; i < 2; i++) {
			struct dd_fold fold = { away[i], ops[i], fixed == LEVELS ? DD_NO_LEVEL : fixed, 0 };

			if (fixed < LEVELS)
				fold.class_ = roll(arity[fixed]);
			fold_table(&x, &y, &fold, &out);
			assert_is(&dds, dd_fold(&dds, &fold, a, b), &out);
			if (!roll(2))
				continue;
			memset(&y, 0, sizeof y);
			b = DD_FALSE;
		}
		arena_free(&arena);
	}
}

static void values_of_terminals(void **state)
{
	(void)state;
	for (int round = 0; round < 100; round++) {
		uint32_t values = 1 + roll(6), count, *found;
		bool there[6] = { false }, listed[6] = { false };
		struct arena arena;
		struct table table;
		struct dds dds;

		open_dds(&dds, &arena);
		found = dd_values(&dds, random_function(&dds, values, &table), &count);
		for (uint32_t i = 0; i < POINTS; i++)
			there[table.value[i]] = true;
		for (uint32_t i = 0; i < count; i++) {
			assert_false(listed[found[i]]);
			listed[found[i]] = true;
		}
		assert_memory_equal(listed, there, sizeof there);
		arena_free(&arena);
	}
}

/* A path names classes that make it true whatever the other levels are; the count is that of the points. */
static void paths_and_counts(void **state)
{
	static const double one[4] = { 1, 1, 1, 1 }, two[4] = { 2, 1, 3, 1 };
	const double *const plain[LEVELS] = { one, one, one, one, one };
	const double *const weighted[LEVELS] = { two, one, two, one, two };

	(void)state;
	for (int round = 0; round < 300; round++) {
		uint32_t path[LEVELS], points = 0;
		double weights = 0;
		struct arena arena;
		struct table table;
		struct dds dds;
		bool found;
		dd a;

		open_dds(&dds, &arena);
		a = random_condition(&dds, 4, &table);
		found = dd_path(&dds, a, path);
		assert_int_equal(found, a != DD_FALSE);
		for (uint32_t i = 0; i < POINTS; i++) {
			uint32_t classes[LEVELS];
			bool on = found;
			double weight = 1;

			to_classes(i, classes);
			for (uint32_t level = 0; level < LEVELS; level++) {
				on &= path[level] == UINT32_MAX || path[level] == classes[level];
				weight *= weighted[level][classes[level]];
			}
			if (on)
				assert_true(table.value[i]);
			points += table.value[i];
			weights += table.value[i] ? weight : 0;
		}
		assert_true(dd_count(&dds, a, plain) == points);
		assert_true(dd_count(&dds, a, weighted) == weights);
		arena_free(&arena);
	}
}

/* Nodes ---------------------------------------------------------------------------------------------- */

static void nodes_are_reduced(void **state)
{
	const dd same[] = { DD_TRUE, DD_TRUE, DD_TRUE }, other[] = { DD_TRUE, DD_FALSE, DD_TRUE };
	struct arena arena;
	struct dds dds;
	dd a;

	(void)state;
	open_dds(&dds, &arena);
	assert_int_equal(dd_node(&dds, 1, same), DD_TRUE);
	a = dd_node(&dds, 1, other);
	assert_int_equal(dd_node(&dds, 1, other), a);
	assert_int_equal(dds.count, 1);
	assert_int_equal(dd_size(&dds, a), 1);
	assert_int_equal(dd_size(&dds, DD_TRUE), 0);
	assert_int_equal(dd_level(&dds, a), 1);
	assert_int_equal(dd_level(&dds, DD_FALSE), LEVELS);
	arena_free(&arena);
}

/* Past the bound every operation gives the false terminal, and says so. */
static void the_bound_on_nodes(void **state)
{
	struct arena arena;
	struct table table;
	struct dds dds;

	(void)state;
	arena_init(&arena, SIZE_MAX / 4);
	dd_init(&dds, &arena, arity, LEVELS, 5);
	random_function(&dds, 7, &table);
	assert_true(dds.full);
	assert_true(dds.count <= 5);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions),	    cmocka_unit_test(laws_of_thought),
		cmocka_unit_test(functions),	    cmocka_unit_test(fixing_and_some),
		cmocka_unit_test(paths_and_counts), cmocka_unit_test(nodes_are_reduced),
		cmocka_unit_test(folding),	    cmocka_unit_test(values_of_terminals),
		cmocka_unit_test(the_bound_on_nodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
