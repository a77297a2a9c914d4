/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Operands: what stands beside the sign of a test: a constant, a place, a parameter, a determination, a cell
 * of a table, a date moved or the first or last of several. Codes are looked for only where a code is
 * expected, and first.
 */
#include "dsl/check/scope.h"

struct operand *operand_new(const struct scope *scope, enum operand_kind kind, struct span span)
{
	struct operand *operand = ARENA_NEW(scope->model->arena, struct operand);

	operand->kind = kind;
	operand->span = span;
	return operand;
}

/* The code a lone name stands for where a code of that set is expected, or NOWHERE. */
static uint32_t lone_code(const struct node *node, const struct codeset *codes)
{
	if (node->kind != N_PATH || node->first->next)
		return NOWHERE;
	return codeset_find(codes, node->first->text);
}

static struct operand *constant_operand(const struct scope *scope, const struct node *node,
					const struct type *type, struct constant constant)
{
	struct operand *operand = operand_new(scope, OPERAND_CONSTANT, node->span);

	operand->type = *type;
	operand->constant = constant;
	return operand;
}

static struct operand *lookup_operand(const struct scope *scope, const struct node *node)
{
	struct model *model = scope->model;
	struct decl *decl = find_in_chapter(scope, node->text);
	struct operand *operand = operand_new(scope, OPERAND_LOOKUP, node->span);
	const struct node *paths[2] = { node->first, node->last };
	struct table *table;

	if (!decl || decl->kind != DECL_TABLE) {
		struct near near = near_init(node->text);
		struct diag *diag = diag_add(model->diags, DIAG_UNKNOWN_NAME, node->name,
					     "there is no table `%.*s`", TEXT_ARG(node->text));

		for (uint32_t i = 0; scope->question && !scope->request_only && i < scope->question->ntables; i++)
			near_try(&near, scope->question->tables[i]->name);
		near_help(model, diag, node->name, &near);
		return NULL;
	}
	table = decl->thing;
	table->used = true;
	operand->table = table;
	for (int i = 0; i < 2; i++) {
		struct codeset *codes = i ? table->columns : table->rows;
		struct type type = { .kind = KIND_CODE, .codes = codes };

		if (!codes)
			return NULL;
		operand->parts[i] = operand_resolve(scope, paths[i], &type);
		if (!operand->parts[i])
			return NULL;
		if (operand->parts[i]->type.kind != KIND_CODE || operand->parts[i]->type.codes != codes ||
		    operand->parts[i]->type.set ||
		    (operand->parts[i]->kind != OPERAND_PLACE &&
		     operand->parts[i]->kind != OPERAND_CONSTANT)) {
			diag_add(model->diags, DIAG_TYPE, paths[i]->span,
				 "the table's %s are codes of %.*s", i ? "columns" : "rows",
				 TEXT_ARG(codes->name));
			return NULL;
		}
	}
	operand->type = (struct type){ .kind = KIND_CODE, .codes = table->values, .set = table->at_most };
	return operand;
}

static struct operand *duration_operand(const struct scope *scope, const struct node *node)
{
	static const struct type duration = { .kind = KIND_DURATION };
	struct constant constant;

	if (!constant_resolve(scope->model, scope->part, node, &duration, &constant))
		return NULL;
	return constant_operand(scope, node, &duration, constant);
}

static struct operand *shift_operand(const struct scope *scope, const struct node *node)
{
	static const struct type date = { .kind = KIND_DATE };
	struct model *model = scope->model;
	struct operand *operand = operand_new(scope, OPERAND_SHIFT, node->span);
	const struct node *by = node->last;

	operand->sign = (int)node->number;
	operand->type = date;
	operand->parts[0] = operand_resolve(scope, node->first, &date);
	if (!operand->parts[0])
		return NULL;
	if (operand->parts[0]->type.kind != KIND_DATE || operand->parts[0]->type.set) {
		diag_add(model->diags, DIAG_TYPE, node->first->span,
			 "a duration is added to a date, and this is %s",
			 type_word(model, &operand->parts[0]->type));
		return NULL;
	}
	if (operand->parts[0]->kind == OPERAND_SHIFT || operand->parts[0]->kind == OPERAND_EARLIEST ||
	    operand->parts[0]->kind == OPERAND_LATEST) {
		struct diag *diag = diag_add(model->diags, DIAG_TYPE, node->span,
					     "one duration is added to one date");

		diag_help(model->diags, diag, "add it inside: latest of (a + 14 days, b + 14 days)");
		return NULL;
	}
	if (by->kind == N_DURATION) {
		operand->parts[1] = duration_operand(scope, by);
		return operand->parts[1] ? operand : NULL;
	}
	operand->parts[1] = operand_new(scope, OPERAND_PARAMETER, by->span);
	operand->parts[1]->parameter = need_global(model, scope->part, DECL_PARAMETER, by);
	if (!operand->parts[1]->parameter)
		return NULL;
	operand->parts[1]->parameter->used = true;
	operand->parts[1]->type = operand->parts[1]->parameter->type;
	if (!type_known(&operand->parts[1]->type))
		return NULL;
	if (operand->parts[1]->type.kind != KIND_DURATION) {
		diag_add(model->diags, DIAG_TYPE, by->span, "`%.*s` is not a duration",
			 TEXT_ARG(by->text));
		return NULL;
	}
	return operand;
}

static struct operand *extreme_operand(const struct scope *scope, const struct node *node)
{
	static const struct type date = { .kind = KIND_DATE };
	struct operand *operand = operand_new(
		scope, node->kind == N_EARLIEST ? OPERAND_EARLIEST : OPERAND_LATEST, node->span);

	operand->type = date;
	operand->list = ARENA_ARRAY(scope->model->arena, node_count(node), struct operand *);
	for (const struct node *child = node->first; child; child = child->next) {
		struct operand *part = operand_resolve(scope, child, &date);

		if (!part)
			return NULL;
		if (part->type.kind != KIND_DATE || part->type.set) {
			diag_add(scope->model->diags, DIAG_TYPE, child->span, "a date is needed here");
			return NULL;
		}
		operand->list[operand->count++] = part;
	}
	return operand;
}

/* A lone word that is a parameter, a determination or a set; NULL when it is a place or nothing. */
static struct operand *named_operand(const struct scope *scope, const struct node *path,
				     bool *ret_failed)
{
	struct model *model = scope->model;
	const struct node *name = path->first;
	struct operand *operand;
	struct decl *decl;

	*ret_failed = false;
	if (name->next || is_own_field(scope, name->text))
		return NULL;
	decl = find_in_chapter(scope, name->text);
	if (decl && decl->kind == DECL_DEFINE) {
		operand = operand_new(scope, OPERAND_DEFINE, path->span);
		operand->define = decl->thing;
		operand->define->used = true;
		if (!define_resolve(model, scope->question, operand->define)) {
			*ret_failed = true;
			return NULL;
		}
		operand->type = operand->define->codes
					? (struct type){ .kind = KIND_CODE, .codes = operand->define->codes }
					: (struct type){ .kind = KIND_DATE };
		return operand;
	}
	if (decl || find_request_field(scope->question, name->text) != NOWHERE || scope->request_only)
		return NULL;
	decl = find_global(model, scope->part, name->text, NULL);
	if (decl && decl->kind == DECL_PARAMETER) {
		operand = operand_new(scope, OPERAND_PARAMETER, path->span);
		operand->parameter = decl->thing;
		operand->parameter->used = true;
		operand->type = operand->parameter->type;
		*ret_failed = !type_known(&operand->type);
		return *ret_failed ? NULL : operand;
	}
	if (decl && decl->kind == DECL_SET) {
		struct named_set *set = decl->thing;

		*ret_failed = true;
		if (!set_resolve(model, set))
			return NULL;
		*ret_failed = false;
		set->used = true;
		operand = operand_new(scope, OPERAND_CONSTANT, path->span);
		operand->constant = set->value;
		operand->type = (struct type){ .kind = KIND_CODE, .set = true, .codes = set->value.codes };
		return operand;
	}
	return NULL;
}

static bool names_nothing(const struct scope *scope, const struct node *name)
{
	const struct decl *decl = scope->question ? find_named(scope->model, scope->question, scope->layer, name->text)
						  : NULL;

	if (decl && decl->kind == DECL_ITEM)	/* a rule says nothing in a condition: a code was meant */
		decl = NULL;
	return find_request_field(scope->question, name->text) == NOWHERE &&
	       !is_own_field(scope, name->text) && !decl;
}

/* A lone name where a code or a set of codes is expected, and that names nothing else. */
static void report_code(const struct scope *scope, const struct node *node, const struct type *wanted)
{
	struct model *model = scope->model;
	const struct node *name = node->first;

	if (!wanted->set) {	/* most likely a wrong code */
		need_code(model, wanted->codes, name->text, node->span);
		return;
	}
	if (lone_code(node, wanted->codes) == NOWHERE) {
		report_word(scope, name);
		return;
	}
	report_one_code(model, node->first);
}

static struct operand *date_operand(const struct scope *scope, const struct node *node)
{
	static const struct type date = { .kind = KIND_DATE };
	struct constant constant = { .kind = CONST_DATE, .number = (int32_t)node->number };

	return constant_operand(scope, node, &date, constant);
}

static struct operand *braces_operand(const struct scope *scope, const struct node *node,
				      const struct type *wanted)
{
	struct type set = { .kind = KIND_CODE, .set = true };
	struct constant constant;

	if (!wanted || wanted->kind != KIND_CODE) {
		diag_add(scope->model->diags, DIAG_TYPE, node->span, "codes in braces are compared with codes");
		return NULL;
	}
	set.codes = wanted->codes;
	if (!constant_resolve(scope->model, scope->part, node, &set, &constant))
		return NULL;
	return constant_operand(scope, node, &set, constant);
}

/* A code where one is expected; else something with a name; else a place. */
static struct operand *path_operand(const struct scope *scope, const struct node *node,
				    const struct type *wanted)
{
	bool codes = wanted && wanted->kind == KIND_CODE, failed;
	uint32_t code = codes && !wanted->set ? lone_code(node, wanted->codes) : NOWHERE;
	struct operand *operand;

	if (code != NOWHERE) {
		struct type type = { .kind = KIND_CODE, .codes = wanted->codes };
		struct constant constant = { .kind = CONST_CODE, .codes = wanted->codes, .code = code };

		return constant_operand(scope, node, &type, constant);
	}
	operand = named_operand(scope, node, &failed);
	if (operand || failed)
		return operand;
	if (codes && !node->first->next && names_nothing(scope, node->first)) {
		report_code(scope, node, wanted);
		return NULL;
	}
	operand = operand_new(scope, OPERAND_PLACE, node->span);
	if (!place_resolve(scope, node, &operand->place))
		return NULL;
	operand->type = operand->place.type;
	return operand;
}

struct operand *operand_resolve(const struct scope *scope, const struct node *node,
				const struct type *wanted)
{
	switch (node->kind) {
	case N_DATE:
		return date_operand(scope, node);
	case N_DURATION:
		return duration_operand(scope, node);
	case N_BRACES:
		return braces_operand(scope, node, wanted);
	case N_LOOKUP:
		return lookup_operand(scope, node);
	case N_SHIFT:
		return shift_operand(scope, node);
	case N_EARLIEST:
	case N_LATEST:
		return extreme_operand(scope, node);
	case N_PATH:
		return path_operand(scope, node, wanted);
	default:
		diag_add(scope->model->diags, DIAG_TYPE, node->span, "a value is needed here");
		return NULL;
	}
}
