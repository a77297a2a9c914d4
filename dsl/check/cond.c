/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Conditions: what their words stand for, and whether the tests fit the types. A word in a condition is
 * looked for in this order: the record at hand, the chapter (links, determinations, tables, conditions,
 * judgements), the fields of the request, the named values of the modules in use: place.c, operand.c. The tests
 * that compare are in compare.c; here are those of days, of being there and of one word, and what joins tests.
 */
#include "dsl/check/scope.h"

#include <assert.h>

/* Tests ------------------------------------------------------------------------------------------ */

/* A date point: today when nothing is written. */
static struct operand *point_resolve(const struct scope *scope, const struct node *node)
{
	static const struct type date = { .kind = KIND_DATE };
	struct operand *point;

	if (!node) {
		point = operand_new(scope, OPERAND_TODAY, SPAN_NONE);
		point->type = date;
		return point;
	}
	point = operand_resolve(scope, node, &date);
	if (!point)
		return NULL;
	if (point->kind != OPERAND_PLACE || point->type.kind != KIND_DATE || point->type.set) {
		diag_add(scope->model->diags, DIAG_TYPE, node->span,
			 "a recorded date is needed here, or nothing for the day asked about");
		return NULL;
	}
	return point;
}

static struct cond *test_order(const struct scope *scope, const struct node *node)
{
	static const struct type date = { .kind = KIND_DATE };
	const struct node *left = node->first == node->last ? NULL : node->first;
	struct operand *a = point_resolve(scope, left);
	struct operand *b = a ? operand_resolve(scope, node->last, &date) : NULL;
	struct cond *cond = cond_new(scope, COND_ORDER, node->span);

	if (!b)
		return NULL;
	if (b->type.kind != KIND_DATE || b->type.set) {
		diag_add(scope->model->diags, DIAG_TYPE, node->last->span,
			 "a date is needed here, and this is %s", type_word(scope->model, &b->type));
		return NULL;
	}
	cond->a = a;
	cond->b = b;
	cond->order = (enum test_kind)node->number;
	return cond;
}

static struct cond *test_window(const struct scope *scope, const struct node *node,
				const struct node *left, const struct node *inside,
				struct window *window)
{
	struct model *model = scope->model;
	const struct node *of = node_child(inside, N_NAME);
	struct cond *cond = cond_new(scope, COND_WINDOW, node->span);
	struct node *path;
	struct diag *diag;

	window->used = true;
	cond->a = point_resolve(scope, left);
	if (!cond->a || !window->record)
		return NULL;
	cond->window = window;
	cond->b = operand_new(scope, OPERAND_PLACE, inside->span);
	if (!of) {
		diag = diag_add(model->diags, DIAG_BAD_TEST, inside->span,
				"say whose window this is: within %.*s of …", TEXT_ARG(window->name));
		diag_also(model->diags, diag, window->span, "a window of %.*s",
			  TEXT_ARG(window->record->name));
		return NULL;
	}
	path = node_add(node_new(model->arena, N_PATH, of->span),
			arena_copy(model->arena, of, sizeof *of));
	path->first->next = NULL;
	path->last = path->first;
	if (!place_resolve(scope, path, &cond->b->place))
		return NULL;
	cond->b->type = cond->b->place.type;
	if (cond->b->type.kind == KIND_REF && cond->b->type.record == window->record &&
	    !cond->b->type.set)
		return cond;
	diag = diag_add(model->diags, DIAG_TYPE, of->span, "%.*s is a window of %.*s, and this is %s",
			TEXT_ARG(window->name), TEXT_ARG(window->record->name),
			type_word(model, &cond->b->type));
	diag_also(model->diags, diag, window->span, "declared here");
	return NULL;
}

static struct cond *test_within(const struct scope *scope, const struct node *node)
{
	const struct node *left = node->first == node->last ? NULL : node->first;
	const struct node *inside = node->last;
	const struct node *path = inside->first;
	struct decl *decl = path->first->next ? NULL
					      : find_global(scope->model, scope->part,
							    path->first->text, NULL);

	if (decl && decl->kind == DECL_WINDOW)
		return test_window(scope, node, left, inside, decl->thing);
	if (node_child(inside, N_NAME) || !left) {
		struct near near = near_init(path->first->text);
		struct diag *diag = diag_add(scope->model->diags, DIAG_UNKNOWN_NAME, path->span,
					     "there is no window `%.*s`", TEXT_ARG(path->first->text));

		for (uint32_t i = 0; i < scope->model->nwindows; i++)
			near_try(&near, scope->model->windows[i]->name);
		near_help(scope->model, diag, path->span, &near);
		return NULL;
	}
	return compare_sets(scope, node, left, path, true);
}

static struct cond *phase_cond(const struct scope *scope, const struct node *node,
			       struct operand *record, int64_t phase)
{
	struct cond *cond = cond_new(scope, COND_PHASE, node->span);
	struct diag *diag;

	if (record->kind != OPERAND_PLACE || record->type.kind != KIND_REF || record->type.set)
		return refuse_test(scope, node, record, "`is coming`, `is current` or `is past`",
				   "a record is current; of a date one asks `before`, `after`, `on or after`");
	if (record->type.record->valid[0] == NOWHERE) {
		diag = diag_add(scope->model->diags, DIAG_BAD_TEST, node->span,
				"the record %.*s does not say when it is valid",
				TEXT_ARG(record->type.record->name));
		diag_also(scope->model->diags, diag, record->type.record->span,
			  "it has no `valid [begin, end]`");
		return NULL;
	}
	cond->a = record;
	cond->phase = (enum phase)(phase < 0 ? -phase : phase);
	cond->negative = phase < 0;
	return cond;
}

/* `when user exists` is how a rule says `whoever`: that it always holds is meant. */
static bool says_known(const struct scope *scope, const struct node *node, const struct place *place)
{
	return node->number == TEST_EXISTS && place->base == BASE_REQUEST && !place->nsteps && !may_lack(scope, place);
}

static struct cond *test_exists(const struct scope *scope, const struct node *node)
{
	struct operand *a = operand_resolve(scope, node->first, NULL);
	struct cond *cond = cond_new(scope, COND_EXISTS, node->span);

	if (!a)
		return NULL;
	if (a->kind != OPERAND_PLACE || a->type.kind != KIND_REF || a->type.set)
		return refuse_test(scope, node, a, "`exists` or `is missing`",
				   "whether a field is there is asked with `= none` and `!= none`");
	if (!says_known(scope, node, &a->place) && !lack_is_open(scope, node, &a->place, "missing"))
		return NULL;
	cond->a = a;
	cond->negative = node->number == TEST_MISSING;
	return cond;
}

/* A word alone: a condition, a judgement, or something that is yes or no. */
static struct cond *test_bare(const struct scope *scope, const struct node *node)
{
	struct model *model = scope->model;
	const struct node *path = node->first;
	struct decl *decl = NULL;
	struct operand *a;
	struct cond *cond;

	if (path->kind == N_PATH && !path->first->next && !is_own_field(scope, path->first->text))
		decl = find_in_chapter(scope, path->first->text);
	if (decl && decl->kind == DECL_COND) {
		cond = cond_new(scope, COND_NAMED, node->span);
		cond->named = decl->thing;
		cond->named->used = true;
		return named_resolve(model, scope->question, cond->named) ? cond : NULL;
	}
	if (decl && decl->kind == DECL_JUDGEMENT) {
		cond = cond_new(scope, COND_JUDGEMENT, node->span);
		cond->judgement = decl->thing;
		cond->judgement->used = true;
		return cond;
	}
	a = operand_resolve(scope, path, NULL);
	if (!a)
		return NULL;
	if (a->type.kind != KIND_CODE || a->type.codes != model->yesno || a->type.set) {
		diag_add(model->diags, DIAG_BAD_TEST, node->span,
			 "this is %s, and says nothing by itself: compare it with something",
			 type_word(model, &a->type));
		return NULL;
	}
	return compare_yesno(scope, node, a, YESNO_YES, false);
}

static struct cond *test_resolve(const struct scope *scope, const struct node *node)
{
	struct operand *a;

	switch ((enum test_kind)node->number) {
	case TEST_BARE:
		return test_bare(scope, node);
	case TEST_EQ:
	case TEST_NE:
		return compare_equal(scope, node);
	case TEST_IN:
	case TEST_NOT_IN:
		return compare_in(scope, node);
	case TEST_OVERLAPS:
		return compare_sets(scope, node, node->first, node->last, false);
	case TEST_HAS:
		return compare_has(scope, node);
	case TEST_IS_PHASE:
		a = operand_resolve(scope, node->first, NULL);
		return a ? phase_cond(scope, node, a, node->last->number) : NULL;
	case TEST_MISSING:
	case TEST_EXISTS:
		return test_exists(scope, node);
	case TEST_BEFORE:
	case TEST_AFTER:
	case TEST_ON_OR_AFTER:
		return test_order(scope, node);
	case TEST_WITHIN:
		return test_within(scope, node);
	}
	return NULL;
}

/* Conditions ------------------------------------------------------------------------------------- */

/* The `some` link of that name; NULL after a report. */
static struct link *need_some_link(const struct scope *scope, const struct node *node)
{
	struct model *model = scope->model;
	struct decl *decl = find_in_chapter(scope, node->text);
	struct link *link = decl && decl->kind == DECL_LINK ? decl->thing : NULL;
	struct diag *diag;

	if (decl && !link) {
		report_kind(model, node, decl, "a link");
		return NULL;
	}
	if (!link) {
		struct near near = near_init(node->text);

		diag = diag_add(model->diags, DIAG_UNKNOWN_NAME, node->name,
				"there is no link `%.*s` here", TEXT_ARG(node->text));
		for (uint32_t i = 0; scope->question && i < scope->question->nlinks; i++)
			near_try(&near, scope->question->links[i]->name);
		near_help(model, diag, node->name, &near);
		return NULL;
	}
	if (!link_resolve(model, scope->question, link))
		return NULL;
	link->used = true;
	if (link->kind == LINK_SOME)
		return link;
	diag = diag_add(model->diags, DIAG_LINK_USE, node->span, "`some` and `no` are asked of a `some` link");
	diag_also(model->diags, diag, link->span, "this is another kind of link");
	if (link->kind == LINK_THE)
		diag_help(model->diags, diag, "write: %.*s exists, or %.*s is missing",
			  TEXT_ARG(link->name), TEXT_ARG(link->name));
	return NULL;
}

/* The row looked at, as an operand. */
static struct operand *row_operand(const struct scope *scope, const struct node *node)
{
	struct operand *row = operand_new(scope, OPERAND_PLACE, node->name);
	struct link *link = scope->row;

	row->place = (struct place){ .base = BASE_LINK, .link = link, .span = node->name,
				     .type = { .kind = KIND_REF, .record = link->record } };
	row->type = row->place.type;
	return row;
}

/* What one of the rows must fulfil. */
static struct cond *row_cond(const struct scope *scope, const struct node *node)
{
	if (!node->first)
		return cond_new(scope, COND_TRUE, node->span);
	if (node->first->kind == N_PHASE)
		return phase_cond(scope, node, row_operand(scope, node), node->first->number);
	return cond_resolve(scope, node->first);
}

static struct cond *some_resolve(const struct scope *scope, const struct node *node)
{
	struct link *link = need_some_link(scope, node);
	struct scope inner = *scope;
	struct cond *cond;

	if (!link)
		return NULL;
	if (scope->row) {
		diag_add(scope->model->diags, DIAG_LINK_USE, node->span,
			 "`some` and `no` do not stand inside a condition on a row");
		return NULL;
	}
	inner.row = link;
	cond = cond_new(scope, COND_SOME, node->span);
	cond->link = link;
	cond->negative = node->number;
	cond->list = ARENA_NEW(scope->model->arena, struct cond *);
	cond->count = 1;
	cond->list[0] = row_cond(&inner, node);
	return cond->list[0] ? cond : NULL;
}

static struct cond *reads_resolve(const struct scope *scope, const struct node *node)
{
	struct model *model = scope->model;
	struct reading *reading = need_global(model, scope->part, DECL_READING, node);
	struct cond *cond = cond_new(scope, COND_READS, node->span);
	struct near near = near_init(node->first->text);
	struct diag *diag;

	if (!reading)
		return NULL;
	reading->used = true;
	cond->reading = reading;
	for (uint32_t i = 0; i < reading->noptions; i++) {
		if (text_equal(reading->options[i].name, node->first->text)) {
			cond->option = i;
			return cond;
		}
		near_try(&near, reading->options[i].name);
	}
	diag = diag_add(model->diags, DIAG_UNKNOWN_NAME, node->first->span,
			"the reading %.*s has no option `%.*s`", TEXT_ARG(reading->name),
			TEXT_ARG(node->first->text));
	diag_also(model->diags, diag, reading->span, "declared here");
	near_help(model, diag, node->first->span, &near);
	return NULL;
}

static struct cond *list_resolve(const struct scope *scope, const struct node *node,
				 enum cond_kind kind)
{
	struct cond *cond = cond_new(scope, kind, node->span);
	bool fine = true;

	cond->list = ARENA_ARRAY(scope->model->arena, node_count(node), struct cond *);
	for (const struct node *child = node->first; child; child = child->next) {
		struct cond *part = cond_resolve(scope, child);

		if (part)
			cond->list[cond->count++] = part;
		else
			fine = false;
	}
	return fine ? cond : NULL;
}

static struct cond *resolve(const struct scope *scope, const struct node *node)
{
	switch (node->kind) {
	case N_AND:
		return list_resolve(scope, node, COND_AND);
	case N_OR:
		return list_resolve(scope, node, COND_OR);
	case N_NOT:
		return list_resolve(scope, node, COND_NOT);
	case N_SOME:
		return some_resolve(scope, node);
	case N_TEST:
		return test_resolve(scope, node);
	case N_READS:
		return reads_resolve(scope, node);
	default:
		diag_add(scope->model->diags, DIAG_SYNTAX, node->span, "a condition is needed here");
		return NULL;
	}
}

/* A rule without a condition always holds: so no condition may get lost without a word. */
struct cond *cond_resolve(const struct scope *scope, const struct node *node)
{
	struct cond *cond = resolve(scope, node);

	assert(cond || scope->model->diags->errors);
	return cond;
}
