/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Places: the field of a record or of the request that a path leads to. The first word of a path is looked
 * for in the record at hand, the chapter and the fields of the request, in this order; each word after it is
 * a field of what was reached so far.
 */
#include "dsl/check/scope.h"

uint32_t find_request_field(const struct question *question, struct text name)
{
	for (uint32_t i = 0; question && i < question->nfields; i++)
		if (text_equal(question->fields[i].name, name))
			return i;
	return NOWHERE;
}

bool is_own_field(const struct scope *scope, struct text name)
{
	return scope->self && record_field(scope->self, name) != NOWHERE;
}

struct decl *find_in_chapter(const struct scope *scope, struct text name)
{
	return scope->question && !scope->request_only
		       ? find_named(scope->model, scope->question, scope->layer, name) : NULL;
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

/* What was most likely meant by a word that is no fact. */
static void help_word(const struct scope *scope, struct diag *diag, struct text word)
{
	struct model *model = scope->model;

	if (text_alike(word, TEXT("today")) || text_alike(word, TEXT("now"))) {
		diag_help(model->diags, diag, "today is meant where no date stands before the word: `after x`, `before x`");
		return;
	}
	for (uint32_t i = 0; i < model->ncodesets; i++) {
		if (codeset_find(model->codesets[i], word) == NOWHERE)
			continue;
		diag_help(model->diags, diag, "`%.*s` is a code of %.*s: it stands behind = or !=, and several stand in braces: `in { a, b }`",
			  TEXT_ARG(word), TEXT_ARG(model->codesets[i]->name));
		return;
	}
	if (scope->question && !scope->self)
		diag_also(model->diags, diag, scope->question->span,
			  "a condition names what this request asks for, or a link of the chapter");
}

void report_word(const struct scope *scope, const struct node *name)
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
	if (!near.best.len)
		help_word(scope, diag, name->text);
}

/* Makes room for so many steps more. */
static bool make_room(const struct scope *scope, struct place *place, uint32_t count)
{
	struct arena *arena = scope->model->arena;
	uint32_t *steps;
	struct record **records;

	if (count > LIMIT_NESTING) {
		diag_add(scope->model->diags, DIAG_LIMIT_NESTING, place->span,
			 "this path has %u fields behind one another; at most %d are allowed", count,
			 LIMIT_NESTING);
		return false;
	}
	if (!count)
		return true;
	steps = ARENA_ARRAY(arena, place->nsteps + count, uint32_t);
	records = ARENA_ARRAY(arena, place->nsteps + count, struct record *);
	for (uint32_t i = 0; i < place->nsteps; i++) {
		steps[i] = place->steps[i];
		records[i] = place->records[i];
	}
	place->steps = steps;
	place->records = records;
	return true;
}

static void report_not_record(const struct scope *scope, const struct type *type, const struct node *step)
{
	struct model *model = scope->model;
	struct diag *diag = diag_add(model->diags, DIAG_NOT_A_RECORD, step->span, "`%.*s` cannot be asked of %s",
				     TEXT_ARG(step->text), type_word(model, type));

	if (type->kind == KIND_CODE && type->codes->attribute.len)
		diag_help(model->diags, diag, "the codes of %.*s have the attribute `%.*s`",
			  TEXT_ARG(type->codes->name), TEXT_ARG(type->codes->attribute));
}

static void report_field(const struct scope *scope, const struct record *record, const struct node *step)
{
	struct model *model = scope->model;
	struct diag *diag = diag_add(model->diags, DIAG_UNKNOWN_FIELD, step->span, "%.*s has no field `%.*s`",
				     TEXT_ARG(record->name), TEXT_ARG(step->text));
	struct near near = near_init(step->text);

	for (uint32_t i = 0; i < record->nfields; i++)
		near_try(&near, record->fields[i].name);
	near_help(model, diag, step->span, &near);
	if (record->span.source != SOURCE_NONE)
		diag_also(model->diags, diag, record->span, "the record is declared here");
}

/* Whether the last word of a path is the attribute of the code reached. */
static bool is_attribute(const struct type *type, const struct node *step)
{
	return type->kind == KIND_CODE && !type->set && type->codes->attribute_set &&
	       text_equal(step->text, type->codes->attribute) && !step->next;
}

/* Walks from the record or code reached so far through the rest of the path. */
static bool walk_steps(const struct scope *scope, struct place *place, const struct node *step)
{
	struct type *type = &place->type;
	uint32_t count = 0, field;

	for (const struct node *node = step; node; node = node->next)
		count++;
	if (!make_room(scope, place, count))
		return false;
	for (; step; step = step->next) {
		if (!type_known(type))
			return false;
		if (is_attribute(type, step)) {
			place->attribute = true;
			type->codes = type->codes->attribute_set;
			return true;
		}
		if (type->kind != KIND_REF || type->set) {
			report_not_record(scope, type, step);
			return false;
		}
		field = record_field(type->record, step->text);
		if (field == NOWHERE) {
			report_field(scope, type->record, step);
			return false;
		}
		place->records[place->nsteps] = type->record;
		place->steps[place->nsteps++] = field;
		*type = type->record->fields[field].type;
	}
	return type_known(type);	/* else its type was reported where it is declared */
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

	if (is_own_field(scope, name->text)) {
		place.base = scope->self_is_row ? BASE_LINK : BASE_SELF;
		place.link = scope->self_is_row ? scope->row : NULL;
		place.self = scope->self;
		place.type = (struct type){ .kind = KIND_REF, .record = scope->self };
		if (!walk_steps(scope, &place, name))
			return false;
		*ret_place = place;
		return true;
	}
	decl = find_in_chapter(scope, name->text);
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
	field = find_request_field(scope->question, name->text);
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

bool may_lack(const struct scope *scope, const struct place *place)
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

bool lack_is_open(const struct scope *scope, const struct node *node, const struct place *place,
		  const char *lack)
{
	uint32_t asked;
	struct diag *diag;

	if (!may_lack(scope, place)) {
		diag = diag_add(scope->model->diags, DIAG_NEVER_NONE, node->span, "this is never %s", lack);
		if (place->nsteps)
			diag_also(scope->model->diags, diag,
				  place->records[place->nsteps - 1]->fields[place->steps[place->nsteps - 1]].span,
				  "every row has one: `or none` does not stand here");
		diag_help(scope->model->diags, diag, "leave the test out: it always comes to the same");
		return false;
	}
	if (place->base != BASE_REQUEST || scope->request_only || carriers(scope, place, &asked))
		return true;
	diag = diag_add(scope->model->diags, DIAG_NEVER_NONE, node->span, "this is always %s", lack);
	diag_also(scope->model->diags, diag, scope->question->fields[place->field].span,
		  "no action for which it is asked here carries it");
	return false;
}
