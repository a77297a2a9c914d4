/* SPDX-License-Identifier: EUPL-1.2 */
/* What a chapter names to be used in conditions: determinations, and conditions themselves. */
#include "dsl/check/scope.h"

static bool case_value(struct model *model, const struct define *define, const struct node *value,
		       struct define_case *item)
{
	static const struct type date = { .kind = KIND_DATE };
	struct type type = { .kind = KIND_CODE, .codes = define->codes };
	struct constant constant;

	if (!constant_resolve(model, define->part, value, define->codes ? &type : &date, &constant))
		return false;
	if (constant.kind == CONST_CODE)
		item->value = constant.code;
	else if (constant.kind == CONST_DATE)
		item->day = constant.number;
	else
		return false;
	return true;
}

static bool resolve_case(struct model *model, struct question *question, struct define *define,
			 const struct node *node, struct define_case *item)
{
	struct scope scope = scope_of(model, question, define->part);
	const struct node *when = node->first->next;
	bool fine = case_value(model, define, node->first, item);
	uint32_t count = 0;

	item->span = node->span;
	cites_take(model, define->part, &item->cites, node);
	if (when->kind != N_OTHERWISE) {
		item->when = cond_resolve(&scope, when);
		fine &= item->when != NULL;
	}
	for (const struct node *child = node->first; child; child = child->next)
		count += child->kind == N_UNLESS;
	item->except = ARENA_ARRAY(model->arena, count, struct define_case);
	for (const struct node *child = node->first; child; child = child->next) {
		struct define_case *except = &item->except[item->nexcept];

		if (child->kind != N_UNLESS)
			continue;
		except->span = child->span;
		fine &= case_value(model, define, child->first, except);
		except->when = cond_resolve(&scope, child->first->next);
		fine &= except->when != NULL;
		cites_take(model, define->part, &except->cites, child);
		item->nexcept++;
	}
	return fine;
}

static bool resolve_define(struct model *model, struct question *question, struct define *define)
{
	const struct node *type = node_child(define->node, N_NAME);
	const struct node *otherwise = NULL;
	bool fine = true;

	if (!text_equal(type->text, TEXT("date"))) {
		define->codes = need_global(model, define->part, DECL_CODES, type);
		if (!define->codes)
			return false;
	}
	define->cases = ARENA_ARRAY(model->arena, node_count(define->node), struct define_case);
	for (const struct node *child = define->node->first; child; child = child->next) {
		struct define_case *item = &define->cases[define->ncases];

		if (child->kind != N_CASE)
			continue;
		fine &= resolve_case(model, question, define, child, item);
		if (!item->when && child->first->next && child->first->next->kind == N_OTHERWISE) {
			if (otherwise)
				diag_also(model->diags,
					  diag_add(model->diags, DIAG_CASES, child->first->next->span,
						   "a second `otherwise`"),
					  otherwise->span, "here first");
			else
				otherwise = child->first->next;
		}
		define->ncases++;
	}
	return fine;
}

bool define_resolve(struct model *model, struct question *question, struct define *define)
{
	struct height height;

	if (define->resolved) {
		height_met(model, define->height);
		return define->ncases > 0;
	}
	if (define->resolving) {
		diag_add(model->diags, DIAG_RECURSIVE, define->span,
			 "the determination `%.*s` is defined by itself", TEXT_ARG(define->name));
		return false;
	}
	if (!height_room(model, define->name, define->span))
		return false;
	define->resolving = true;
	height = height_begin(model);
	if (!resolve_define(model, question, define))
		define->ncases = 0;
	if (!height_end(model, height, define->name, define->span, &define->height))
		define->ncases = 0;
	define->resolving = false;
	define->resolved = true;
	return define->ncases > 0;
}

bool named_resolve(struct model *model, struct question *question, struct named_cond *named)
{
	struct scope scope = scope_of(model, question, named->part);
	struct height height;

	if (named->resolved) {
		height_met(model, named->height);
		return named->cond != NULL;
	}
	if (named->resolving) {
		diag_add(model->diags, DIAG_RECURSIVE, named->span,
			 "the condition `%.*s` is defined by itself", TEXT_ARG(named->name));
		return false;
	}
	if (!height_room(model, named->name, named->span))
		return false;
	named->resolving = true;
	height = height_begin(model);
	named->cond = cond_resolve(&scope, named->node->first);
	if (!height_end(model, height, named->name, named->span, &named->height))
		named->cond = NULL;
	cites_take(model, named->part, &named->cites, named->node);
	labels_take(model, &named->says, node_child(named->node, N_SAYS));
	named->resolving = false;
	named->resolved = true;
	return named->cond != NULL;
}
