/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Conditions: what their words stand for, and whether the tests fit the types. A word in a condition is
 * looked for in this order: the record at hand, the chapter (links, determinations, tables, conditions,
 * judgements), the fields of the request, the named values of the modules in use. Codes are looked for
 * only where a code is expected, and first.
 */
#include "dsl/check/check.h"

#include <assert.h>

struct cond *cond_new(const struct scope *scope, enum cond_kind kind, struct span span)
{
	struct cond *cond = ARENA_NEW(scope->model->arena, struct cond);

	cond->kind = kind;
	cond->span = span;
	return cond;
}

static struct operand *operand_new(const struct scope *scope, enum operand_kind kind,
				   struct span span)
{
	struct operand *operand = ARENA_NEW(scope->model->arena, struct operand);

	operand->kind = kind;
	operand->span = span;
	return operand;
}

/* Places ----------------------------------------------------------------------------------------- */

static uint32_t request_field(const struct question *question, struct text name)
{
	for (uint32_t i = 0; question && i < question->nfields; i++)
		if (text_equal(question->fields[i].name, name))
			return i;
	return NOWHERE;
}

static void near_words(const struct scope *scope, struct near *near)
{
	const struct question *question = scope->question;

	for (uint32_t i = 0; scope->self && i < scope->self->nfields; i++)
		near_try(near, scope->self->fields[i].name);
	if (!question)
		return;
	for (uint32_t i = 0; i < question->nfields; i++)
		near_try(near, question->fields[i].name);
	if (scope->request_only)
		return;
#define TRY(list) \
	for (uint32_t i = 0; i < question->n##list; i++) \
		if (!question->list[i]->layer || question->list[i]->layer == scope->layer) \
			near_try(near, question->list[i]->name)
	TRY(links);
	TRY(defines);
	TRY(tables);
	TRY(conds);
	TRY(judgements);
#undef TRY
	for (uint32_t i = 0; i < scope->model->nparameters; i++)
		near_try(near, scope->model->parameters[i]->name);
	for (uint32_t i = 0; i < scope->model->nsets; i++)
		near_try(near, scope->model->sets[i]->name);
}

static void report_word(const struct scope *scope, const struct node *name)
{
	struct near near = near_init(name->text);
	struct diag *diag = diag_add(scope->model->diags, DIAG_UNKNOWN_NAME, name->span,
				     "nothing here is called `%.*s`", TEXT_ARG(name->text));

	if (scope->row && !scope->self && record_field(scope->row->record, name->text) != NOWHERE) {
		struct text field = text_format(scope->model->arena, "%.*s.%.*s", TEXT_ARG(scope->row->name),
						TEXT_ARG(name->text));

		diag_fix(scope->model->diags, diag, name->span, field, "of a row one writes `%.*s`", TEXT_ARG(field));
		return;
	}
	near_words(scope, &near);
	near_help(scope->model, diag, name->span, &near);
}

/* Walks from the record or code reached so far through the rest of the path. */
static bool walk_steps(const struct scope *scope, struct place *place, const struct node *step)
{
	struct model *model = scope->model;
	struct arena *arena = model->arena;
	uint32_t capacity = 0;

	for (const struct node *node = step; node; node = node->next)
		capacity++;
	if (capacity > LIMIT_NESTING) {
		diag_add(model->diags, DIAG_LIMIT_NESTING, place->span,
			 "this path has %u fields behind one another; at most %d are allowed", capacity,
			 LIMIT_NESTING);
		return false;
	}
	if (capacity) {
		uint32_t *steps = ARENA_ARRAY(arena, place->nsteps + capacity, uint32_t);
		struct record **records = ARENA_ARRAY(arena, place->nsteps + capacity, struct record *);

		for (uint32_t i = 0; i < place->nsteps; i++) {
			steps[i] = place->steps[i];
			records[i] = place->records[i];
		}
		place->steps = steps;
		place->records = records;
	}
	for (; step; step = step->next) {
		struct type *type = &place->type;
		uint32_t field;
		struct near near;
		struct diag *diag;

		if (!type_known(type))
			return false;
		if (type->kind == KIND_CODE && !type->set && type->codes->attribute_set &&
		    text_equal(step->text, type->codes->attribute) && !step->next) {
			place->attribute = true;
			type->codes = type->codes->attribute_set;
			return true;
		}
		if (type->kind != KIND_REF || type->set) {
			diag = diag_add(model->diags, DIAG_NOT_A_RECORD, step->span,
					"`%.*s` cannot be asked of %s", TEXT_ARG(step->text),
					type_word(model, type));
			if (type->kind == KIND_CODE && type->codes->attribute.len)
				diag_help(model->diags, diag, "the codes of %.*s have the attribute `%.*s`",
					  TEXT_ARG(type->codes->name), TEXT_ARG(type->codes->attribute));
			return false;
		}
		field = record_field(type->record, step->text);
		if (field == NOWHERE) {
			diag = diag_add(model->diags, DIAG_UNKNOWN_FIELD, step->span,
					"%.*s has no field `%.*s`", TEXT_ARG(type->record->name),
					TEXT_ARG(step->text));
			near = near_init(step->text);
			for (uint32_t i = 0; i < type->record->nfields; i++)
				near_try(&near, type->record->fields[i].name);
			near_help(model, diag, step->span, &near);
			if (type->record->span.source != SOURCE_NONE)
				diag_also(model->diags, diag, type->record->span,
					  "the record is declared here");
			return false;
		}
		place->records[place->nsteps] = type->record;
		place->steps[place->nsteps++] = field;
		place->type = type->record->fields[field].type;
	}
	return type_known(&place->type);	/* else its type was reported where it is declared */
}

static bool place_of_link(const struct scope *scope, const struct node *path, struct link *link,
			  struct place *place)
{
	struct model *model = scope->model;
	struct diag *diag;

	if (!link_resolve(model, scope->question, link))
		return false;
	link->used = true;
	place->base = BASE_LINK;
	place->link = link;
	place->type = (struct type){ .kind = KIND_REF, .record = link->record };
	if (!walk_steps(scope, place, path->first->next))
		return false;
	if (scope->row == link || link->kind == LINK_THE || link->kind == LINK_EACH)
		return true;
	if (link->kind == LINK_SOME) {
		diag = diag_add(model->diags, DIAG_LINK_USE, path->span,
				"`%.*s` stands for several rows: say what one of them must fulfil",
				TEXT_ARG(link->name));
		diag_also(model->diags, diag, link->span, "a `some` link");
		diag_help(model->diags, diag, "write: some %.*s with (…)", TEXT_ARG(link->name));
		return false;
	}
	if (place->nsteps != 1 || place->attribute || place->type.kind == KIND_DATE) {
		diag = diag_add(model->diags, DIAG_LINK_USE, path->span,
				"`%.*s` stands for a set of rows: only sets of one field's values can be asked of it",
				TEXT_ARG(link->name));
		diag_also(model->diags, diag, link->span, "a `rows` link");
		return false;
	}
	place->rows = true;
	place->type.set = true;
	place->type.none = place->type.open = place->type.unknown = false;
	place->type.bound = link->bound;
	return true;
}

bool place_resolve(const struct scope *scope, const struct node *path, struct place *ret_place)
{
	const struct node *name = path->first;
	struct place place = { .span = path->span };
	struct decl *decl;
	uint32_t field;

	if (scope->self && record_field(scope->self, name->text) != NOWHERE) {
		place.base = scope->self_is_row ? BASE_LINK : BASE_SELF;
		place.link = scope->self_is_row ? scope->row : NULL;
		place.self = scope->self;
		place.type = (struct type){ .kind = KIND_REF, .record = scope->self };
		if (!walk_steps(scope, &place, name))
			return false;
		*ret_place = place;
		return true;
	}
	decl = scope->question && !scope->request_only
		       ? find_named(scope->model, scope->question, scope->layer, name->text) : NULL;
	if (decl && decl->kind == DECL_LINK) {
		if (!place_of_link(scope, path, decl->thing, &place))
			return false;
		*ret_place = place;
		return true;
	}
	if (decl) {
		report_kind(scope->model, name, decl, "a fact");
		return false;
	}
	field = request_field(scope->question, name->text);
	if (field == NOWHERE) {
		report_word(scope, name);
		return false;
	}
	place.base = BASE_REQUEST;
	place.field = field;
	place.type = scope->question->fields[field].type;
	if (!walk_steps(scope, &place, name->next))
		return false;
	*ret_place = place;
	return true;
}

/* The actions that carry the field of the request a place begins with, of those for which it is asked. */
static uint32_t carriers(const struct scope *scope, const struct place *place, uint32_t *ret_asked)
{
	const struct question *question = scope->question;
	const struct request_field *field = &question->fields[place->field];

	*ret_asked = scope->actions ? scope->actions : (uint32_t)((1ull << question->nactions) - 1);
	return (field->given | field->found) & *ret_asked;
}

/* Whether the place can be none: its field, or a record on the way to it. */
static bool may_lack(const struct scope *scope, const struct place *place)
{
	uint32_t asked;

	if (place->type.none || place->base == BASE_LINK)
		return true;
	for (uint32_t i = 0; i + 1 < place->nsteps; i++)
		if (place->records[i]->fields[place->steps[i]].type.none)
			return true;
	if (place->base != BASE_REQUEST)
		return false;
	/* A `must` of a request is asked only where its fields are carried. */
	return scope->question->fields[place->field].type.none ||
	       (!scope->request_only && carriers(scope, place, &asked) != asked);
}

/* That a test for absence can come out both ways; reports one that cannot. */
static bool lack_is_open(const struct scope *scope, const struct node *node, const struct place *place, const char *lack)
{
	uint32_t asked;
	struct diag *diag;

	if (!may_lack(scope, place)) {
		diag_add(scope->model->diags, DIAG_NEVER_NONE, node->span, "this is never %s", lack);
		return false;
	}
	if (place->base != BASE_REQUEST || scope->request_only || carriers(scope, place, &asked))
		return true;
	diag = diag_add(scope->model->diags, DIAG_NEVER_NONE, node->span, "this is always %s", lack);
	diag_also(scope->model->diags, diag, scope->question->fields[place->field].span,
		  "no action for which it is asked here carries it");
	return false;
}

/* Operands --------------------------------------------------------------------------------------- */

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
	struct decl *decl = scope->question && !scope->request_only
				    ? find_named(model, scope->question, scope->layer, node->text) : NULL;
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
		static const struct type duration = { .kind = KIND_DURATION };
		struct constant constant;

		if (!constant_resolve(model, scope->part, by, &duration, &constant))
			return NULL;
		operand->parts[1] = constant_operand(scope, by, &duration, constant);
		return operand;
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
	if (name->next || (scope->self && record_field(scope->self, name->text) != NOWHERE))
		return NULL;
	decl = scope->question && !scope->request_only
		       ? find_named(model, scope->question, scope->layer, name->text) : NULL;
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
	if (decl || request_field(scope->question, name->text) != NOWHERE || scope->request_only)
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
	return request_field(scope->question, name->text) == NOWHERE &&
	       !(scope->self && record_field(scope->self, name->text) != NOWHERE) &&
	       !(scope->question && find_named(scope->model, scope->question, scope->layer, name->text));
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

struct operand *operand_resolve(const struct scope *scope, const struct node *node,
				const struct type *wanted)
{
	static const struct type date = { .kind = KIND_DATE }, duration = { .kind = KIND_DURATION };
	struct constant constant = { 0 };
	struct operand *operand;
	uint32_t code;
	bool failed;

	switch (node->kind) {
	case N_DATE:
		constant.kind = CONST_DATE;
		constant.number = (int32_t)node->number;
		return constant_operand(scope, node, &date, constant);
	case N_DURATION:
		if (!constant_resolve(scope->model, scope->part, node, &duration, &constant))
			return NULL;
		return constant_operand(scope, node, &duration, constant);
	case N_BRACES:
		if (!wanted || wanted->kind != KIND_CODE) {
			diag_add(scope->model->diags, DIAG_TYPE, node->span,
				 "codes in braces are compared with codes");
			return NULL;
		} else {
			struct type set = { .kind = KIND_CODE, .set = true, .codes = wanted->codes };

			if (!constant_resolve(scope->model, scope->part, node, &set, &constant))
				return NULL;
			return constant_operand(scope, node, &set, constant);
		}
	case N_LOOKUP:
		return lookup_operand(scope, node);
	case N_SHIFT:
		return shift_operand(scope, node);
	case N_EARLIEST:
	case N_LATEST:
		return extreme_operand(scope, node);
	case N_PATH:
		break;
	default:
		diag_add(scope->model->diags, DIAG_TYPE, node->span, "a value is needed here");
		return NULL;
	}
	if (wanted && wanted->kind == KIND_CODE && !wanted->set) {
		code = lone_code(node, wanted->codes);
		if (code != NOWHERE) {
			struct type type = { .kind = KIND_CODE, .codes = wanted->codes };

			constant.kind = CONST_CODE;
			constant.codes = wanted->codes;
			constant.code = code;
			return constant_operand(scope, node, &type, constant);
		}
	}
	operand = named_operand(scope, node, &failed);
	if (operand || failed)
		return operand;
	if (wanted && wanted->kind == KIND_CODE && !node->first->next && names_nothing(scope, node->first)) {
		report_code(scope, node, wanted);
		return NULL;
	}
	operand = operand_new(scope, OPERAND_PLACE, node->span);
	if (!place_resolve(scope, node, &operand->place))
		return NULL;
	operand->type = operand->place.type;
	return operand;
}

/* Tests ------------------------------------------------------------------------------------------ */

static struct cond *refuse_test(const struct scope *scope, const struct node *node,
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
static struct cond *refuse_set(const struct scope *scope, const struct node *node, const struct operand *operand,
			       const char *what)
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

static struct cond *test_word(const struct scope *scope, const struct node *node, struct operand *a,
			      enum word word, bool negative)
{
	struct model *model = scope->model;
	struct cond *cond;
	struct constant set = { 0 };

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
		set_add_code(scope, &set, model->yesno, word == WORD_YES ? YESNO_YES : YESNO_NO);
		return in_constant(scope, node, a, set, negative);
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

static struct cond *test_equal(const struct scope *scope, const struct node *node)
{
	struct operand *a = operand_resolve(scope, node->first, NULL), *b;
	const struct node *value = node->last;
	bool negative = node->number == TEST_NE;
	struct constant set = { 0 };
	struct cond *cond;

	if (!a)
		return NULL;
	if (value->kind == N_WORD)
		return test_word(scope, node, a, (enum word)value->number, negative);
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

static struct cond *test_in(const struct scope *scope, const struct node *node)
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

static struct cond *test_has(const struct scope *scope, const struct node *node)
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

static struct cond *test_sets(const struct scope *scope, const struct node *node,
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
	return test_sets(scope, node, left, path, true);
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
	struct constant yes = { 0 };
	struct operand *a;
	struct cond *cond;

	if (path->kind == N_PATH && !path->first->next && scope->question && !scope->request_only &&
	    !(scope->self && record_field(scope->self, path->first->text) != NOWHERE))
		decl = find_named(model, scope->question, scope->layer, path->first->text);
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
	set_add_code(scope, &yes, model->yesno, YESNO_YES);
	return in_constant(scope, node, a, yes, false);
}

static struct cond *test_resolve(const struct scope *scope, const struct node *node)
{
	struct operand *a;

	switch ((enum test_kind)node->number) {
	case TEST_BARE:
		return test_bare(scope, node);
	case TEST_EQ:
	case TEST_NE:
		return test_equal(scope, node);
	case TEST_IN:
	case TEST_NOT_IN:
		return test_in(scope, node);
	case TEST_OVERLAPS:
		return test_sets(scope, node, node->first, node->last, false);
	case TEST_HAS:
		return test_has(scope, node);
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

static struct cond *some_resolve(const struct scope *scope, const struct node *node)
{
	struct model *model = scope->model;
	struct decl *decl = scope->question && !scope->request_only
				    ? find_named(model, scope->question, scope->layer, node->text) : NULL;
	struct link *link = decl && decl->kind == DECL_LINK ? decl->thing : NULL;
	struct cond *cond = cond_new(scope, COND_SOME, node->span);
	struct scope inner = *scope;
	struct operand row = { .kind = OPERAND_PLACE, .span = node->name };
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
	if (link->kind != LINK_SOME) {
		diag = diag_add(model->diags, DIAG_LINK_USE, node->span,
				"`some` and `no` are asked of a `some` link");
		diag_also(model->diags, diag, link->span, "this is another kind of link");
		if (link->kind == LINK_THE)
			diag_help(model->diags, diag, "write: %.*s exists, or %.*s is missing",
				  TEXT_ARG(link->name), TEXT_ARG(link->name));
		return NULL;
	}
	if (scope->row) {
		diag_add(model->diags, DIAG_LINK_USE, node->span,
			 "`some` and `no` do not stand inside a condition on a row");
		return NULL;
	}
	inner.row = link;
	cond->link = link;
	cond->negative = node->number;
	cond->list = ARENA_NEW(model->arena, struct cond *);
	cond->count = 1;
	if (!node->first) {
		cond->list[0] = cond_new(scope, COND_TRUE, node->span);
		return cond;
	}
	if (node->first->kind == N_PHASE) {
		struct operand *place = arena_copy(model->arena, &row, sizeof row);

		place->place = (struct place){ .base = BASE_LINK, .link = link, .span = node->name,
					       .type = { .kind = KIND_REF, .record = link->record } };
		place->type = place->place.type;
		cond->list[0] = phase_cond(&inner, node, place, node->first->number);
	} else {
		cond->list[0] = cond_resolve(&inner, node->first);
	}
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
