/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests that compare: a fact with codes, with a parameter or with another fact, and sets with sets. */
#include "dsl/check/scope.h"

struct cond *refuse_test(const struct scope *scope, const struct node *node,
			 const struct operand *operand, const char *what, const char *help)
{
	struct diag *diag = diag_add(scope->model->diags, DIAG_BAD_TEST, node->span, "%s cannot be asked of %s",
				     what, type_word(scope->model, &operand->type));

	if (help)
		diag_help(scope->model->diags, diag, "%s", help);
	return NULL;
}

static struct cond *refuse_types(const struct scope *scope, const struct node *node,
				 const struct operand *a, const struct operand *b)
{
	struct model *model = scope->model;
	struct diag *diag = diag_add(model->diags, DIAG_TYPE, b->span,
				     "%s is not compared with %s", type_word(model, &a->type),
				     type_word(model, &b->type));

	(void)node;
	diag_label(model->diags, diag, "this is %s", type_word(model, &b->type));
	diag_also(model->diags, diag, a->span, "this is %s", type_word(model, &a->type));
	return NULL;
}

/* The types fit, and still two such things are not compared: one of them must be a fact. */
static struct cond *refuse_operand(const struct scope *scope, const struct operand *operand)
{
	const char *what = operand->kind == OPERAND_DEFINE ? "a determination"
			   : operand->kind == OPERAND_PARAMETER ? "a parameter"
			   : operand->kind == OPERAND_LOOKUP ? "a cell of a table" : "a fixed value";
	struct diag *diag = diag_add(scope->model->diags, DIAG_BAD_TEST, operand->span,
				     "%s is not compared in this way", what);

	diag_help(scope->model->diags, diag,
		  operand->type.set ? "ask a fact: fact overlaps { codes }"
				    : "compare each with codes: x = code, x in { codes }");
	return NULL;
}

/* What is asked of one thing is asked of a set. */
static struct cond *refuse_set(const struct scope *scope, const struct node *node,
			       const struct operand *operand, const char *what)
{
	struct model *model = scope->model;
	struct diag *diag;

	if (operand->kind == OPERAND_LOOKUP) {
		diag_add(model->diags, DIAG_BAD_TEST, node->span, "a cell of an `at most` table is asked with `has`");
		return NULL;
	}
	diag = diag_add(model->diags, DIAG_BAD_TEST, node->span, "%s cannot be asked of %s", what,
			type_word(model, &operand->type));
	diag_help(model->diags, diag, "a set is asked with `has`, `overlaps` and `within`");
	return NULL;
}

static bool comparable(const struct type *a, const struct type *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == KIND_CODE)
		return a->codes == b->codes;
	if (a->kind == KIND_REF)
		return a->record == b->record;
	return true;
}

static void set_add_code(const struct scope *scope, struct constant *set, struct codeset *codes,
			 uint32_t code)
{
	set->kind = CONST_CODES;
	set->codes = codes;
	if (!set->has)
		set->has = ARENA_ARRAY(scope->model->arena, codes->count, bool);
	set->has[code] = true;
}

/* A thing with one code (a place, a determination, a cell, a parameter) in a constant set. */
static struct cond *in_constant(const struct scope *scope, const struct node *node,
				struct operand *a, struct constant set, bool negative)
{
	struct cond *cond = cond_new(scope, COND_IN, node->span);

	cond->a = a;
	cond->set = set;
	cond->negative = negative;
	switch (a->kind) {
	case OPERAND_PLACE:
		if (a->type.set)
			return refuse_test(scope, node, a, "being one code", NULL);
		return cond;
	case OPERAND_DEFINE:
		cond->kind = COND_DEFINE_IN;
		cond->define = a->define;
		return cond;
	case OPERAND_LOOKUP:
		if (a->table->at_most) {
			diag_add(scope->model->diags, DIAG_BAD_TEST, node->span,
				 "a cell of an `at most` table is asked with `has`");
			return NULL;
		}
		cond->kind = COND_LOOKUP_IN;
		return cond;
	case OPERAND_PARAMETER:
		if (a->type.set)
			return refuse_test(scope, node, a, "being one code", NULL);
		cond->kind = COND_PARAMETER;
		cond->parameter = a->parameter;
		return cond;
	case OPERAND_CONSTANT:
	case OPERAND_SHIFT:
	case OPERAND_EARLIEST:
	case OPERAND_LATEST:
	case OPERAND_TODAY:
		break;
	}
	return refuse_test(scope, node, a, "being in a set of codes", "write the fact first");
}

struct cond *compare_yesno(const struct scope *scope, const struct node *node, struct operand *a,
			   uint32_t code, bool negative)
{
	struct constant set = { 0 };

	set_add_code(scope, &set, scope->model->yesno, code);
	return in_constant(scope, node, a, set, negative);
}

static struct cond *compare_word(const struct scope *scope, const struct node *node, struct operand *a,
				 enum word word, bool negative)
{
	struct model *model = scope->model;
	struct cond *cond;

	switch (word) {
	case WORD_NONE:
		if (a->kind != OPERAND_PLACE || a->type.set)
			return refuse_test(scope, node, a, "being none",
					   a->type.set ? "a set is never none: it may be empty" : NULL);
		if (!lack_is_open(scope, node, &a->place, "none"))
			return NULL;
		cond = cond_new(scope, COND_NONE, node->span);
		break;
	case WORD_OPEN:
		if (a->kind != OPERAND_PLACE || a->type.kind != KIND_DATE || !a->type.open)
			return refuse_test(scope, node, a, "being open", "a date can be open whose field says `or open`");
		cond = cond_new(scope, COND_OPEN, node->span);
		break;
	case WORD_YES:
	case WORD_NO:
		if (a->type.kind != KIND_CODE || a->type.codes != model->yesno || a->type.set)
			return refuse_test(scope, node, a, "being yes or no", NULL);
		return compare_yesno(scope, node, a, word == WORD_YES ? YESNO_YES : YESNO_NO, negative);
	case WORD_UNKNOWN:
	case WORD_PENDING:
	default:
		diag_add(model->diags, DIAG_BAD_TEST, node->span,
			 word == WORD_UNKNOWN
				 ? "a rule cannot ask whether something is unknown"
				 : "a rule cannot ask whether something is pending");
		return NULL;
	}
	cond->a = a;
	cond->negative = negative;
	return cond;
}

/* What two facts are compared by: an attribute of a code is none of it, nor is a row with a long key. */
static bool has_value(const struct scope *scope, const struct operand *operand)
{
	const struct place *place = &operand->place;
	struct diag *diag;

	if (place->attribute) {
		diag = diag_add(scope->model->diags, DIAG_BAD_TEST, operand->span,
				"an attribute of a code is compared with codes only");
		diag_help(scope->model->diags, diag, "compare the codes themselves");
		return false;
	}
	if (place->base == BASE_LINK && !place->nsteps) {
		diag = diag_add(scope->model->diags, DIAG_BAD_TEST, operand->span,
				"a row found by a link is not compared as a whole");
		diag_help(scope->model->diags, diag, "compare one of its fields");
		return false;
	}
	return true;
}

struct cond *compare_equal(const struct scope *scope, const struct node *node)
{
	struct operand *a = operand_resolve(scope, node->first, NULL), *b;
	const struct node *value = node->last;
	bool negative = node->number == TEST_NE;
	struct constant set = { 0 };
	struct cond *cond;

	if (!a)
		return NULL;
	if (value->kind == N_WORD)
		return compare_word(scope, node, a, (enum word)value->number, negative);
	if (a->type.set)
		return refuse_set(scope, node, a, negative ? "`!=`" : "`=`");
	b = operand_resolve(scope, value, &a->type);
	if (!b)
		return NULL;
	if (a->type.kind == KIND_DATE && b->type.kind == KIND_DATE && !a->type.set && !b->type.set) {
		if (a->kind != OPERAND_PLACE)
			return refuse_test(scope, node, a, "being the same day as another", "write the fact first");
		cond = cond_new(scope, COND_ORDER, node->span);
		cond->order = TEST_EQ;
		cond->a = a;
		cond->b = b;
		cond->negative = negative;
		return cond;
	}
	if (b->type.set || !comparable(&a->type, &b->type))
		return refuse_types(scope, node, a, b);
	if (b->kind == OPERAND_CONSTANT) {
		set_add_code(scope, &set, b->constant.codes, b->constant.code);
		return in_constant(scope, node, a, set, negative);
	}
	if (a->kind == OPERAND_PLACE && b->kind == OPERAND_PARAMETER) {
		cond = cond_new(scope, COND_IN_PARAMETER, node->span);
		cond->a = a;
		cond->parameter = b->parameter;
		cond->negative = negative;
		return cond;
	}
	if (a->kind != OPERAND_PLACE || b->kind != OPERAND_PLACE)
		return refuse_operand(scope, b->kind != OPERAND_PLACE ? b : a);
	if (!has_value(scope, a) || !has_value(scope, b))
		return NULL;
	cond = cond_new(scope, COND_EQUAL, node->span);
	cond->a = a;
	cond->b = b;
	cond->negative = negative;
	return cond;
}

struct cond *compare_in(const struct scope *scope, const struct node *node)
{
	struct operand *a = operand_resolve(scope, node->first, NULL), *b;
	bool negative = node->number == TEST_NOT_IN;
	struct cond *cond;
	struct type wanted;

	if (!a)
		return NULL;
	if (a->type.set)
		return refuse_set(scope, node, a, negative ? "`not in`" : "`in`");
	wanted = a->type;
	wanted.set = true;
	b = operand_resolve(scope, node->last, &wanted);
	if (!b)
		return NULL;
	if (!b->type.set || !comparable(&a->type, &b->type))
		return refuse_types(scope, node, a, b);
	if (b->kind == OPERAND_CONSTANT)
		return in_constant(scope, node, a, b->constant, negative);
	if (a->kind != OPERAND_PLACE)
		return refuse_operand(scope, a);
	if (b->kind == OPERAND_PARAMETER) {
		cond = cond_new(scope, COND_IN_PARAMETER, node->span);
		cond->parameter = b->parameter;
	} else if (b->kind == OPERAND_PLACE) {
		if (!has_value(scope, a))
			return NULL;
		cond = cond_new(scope, COND_MEMBER, node->span);
		cond->b = b;
	} else {
		diag_add(scope->model->diags, DIAG_BAD_TEST, node->span,
			 "a cell of an `at most` table is asked with `has`");
		return NULL;
	}
	cond->a = a;
	cond->negative = negative;
	return cond;
}

struct cond *compare_has(const struct scope *scope, const struct node *node)
{
	struct operand *a = operand_resolve(scope, node->first, NULL);
	const struct node *name = node->last;
	struct cond *cond;
	uint32_t code;

	if (!a)
		return NULL;
	if (!a->type.set || a->type.kind != KIND_CODE ||
	    (a->kind != OPERAND_PLACE && a->kind != OPERAND_LOOKUP))
		return refuse_test(scope, node, a, "`has`", "one value is asked with `=` and `in`");
	code = need_code(scope->model, a->type.codes, name->text, name->span);
	if (code == NOWHERE)
		return NULL;
	cond = cond_new(scope, a->kind == OPERAND_LOOKUP ? COND_LOOKUP_IN : COND_HITS, node->span);
	cond->a = a;
	set_add_code(scope, &cond->set, a->type.codes, code);
	return cond;
}

struct cond *compare_sets(const struct scope *scope, const struct node *node,
			  const struct node *left, const struct node *right, bool inside)
{
	struct operand *a = operand_resolve(scope, left, NULL), *b;
	struct cond *cond = cond_new(scope, inside ? COND_INSIDE : COND_OVERLAPS, node->span);

	if (!a)
		return NULL;
	if (!a->type.set || a->kind != OPERAND_PLACE)
		return refuse_test(scope, node, a, inside ? "`within`" : "`overlaps`",
				   a->type.set ? NULL : "one value is asked with `=` and `in`");
	b = operand_resolve(scope, right, &a->type);
	if (!b)
		return NULL;
	if (!b->type.set || !comparable(&a->type, &b->type))
		return refuse_types(scope, node, a, b);
	cond->a = a;
	switch (b->kind) {
	case OPERAND_CONSTANT:
		cond->kind = inside ? COND_COVERED : COND_HITS;
		cond->set = b->constant;
		return cond;
	case OPERAND_PARAMETER:
		if (inside)
			break;
		cond->kind = COND_HITS_PARAMETER;
		cond->parameter = b->parameter;
		return cond;
	case OPERAND_PLACE:
		cond->b = b;
		return cond;
	case OPERAND_DEFINE:
	case OPERAND_SHIFT:
	case OPERAND_EARLIEST:
	case OPERAND_LATEST:
	case OPERAND_LOOKUP:
	case OPERAND_TODAY:
		break;
	}
	return refuse_operand(scope, b);
}
