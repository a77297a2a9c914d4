/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * AuthZEN: which part of a request of that standard says which field of a question. Which of the parts' lines
 * is meant is told by the types, so every way to ask says a field in one place.
 */
#include "dsl/check/passes.h"

static bool find_part(struct model *model, const struct node *node, enum entity_part *ret_part)
{
	static const char *const words[] = { "subject", "resource", "action", "context" };
	struct diag *diag;

	for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (text_equal(node->text, text_from(words[i]))) {
			*ret_part = (enum entity_part)i;
			return true;
		}
	}
	diag = diag_add(model->diags, DIAG_AUTHZEN, node->name, "`%.*s` is no part of an AuthZEN request",
			TEXT_ARG(node->text));
	diag_help(model->diags, diag, "its parts are subject, resource, action and context");
	return false;
}

static uint32_t need_field(struct model *model, const struct question *question, const struct node *name)
{
	struct near near = near_init(name->text);
	struct diag *diag;

	for (uint32_t i = 0; i < question->nfields; i++)
		if (text_equal(question->fields[i].name, name->text))
			return i;
	diag = diag_add(model->diags, DIAG_UNKNOWN_FIELD, name->span, "`%.*s` is not a field of %.*s",
			TEXT_ARG(name->text), TEXT_ARG(question->name));
	for (uint32_t i = 0; i < question->nfields; i++)
		near_try(&near, question->fields[i].name);
	near_help(model, diag, name->span, &near);
	return NOWHERE;
}

/* The id of a subject or resource, with its type. */
static bool add_id(struct model *model, struct question *question, struct entity *entity, const struct node *node)
{
	const struct node *name = node_child(node, N_NAME), *type = node_child(node, N_STRING);
	bool named = entity->part == ENTITY_SUBJECT || entity->part == ENTITY_RESOURCE;

	if (named != (name != NULL)) {
		diag_add(model->diags, DIAG_AUTHZEN, name ? name->span : node->name,
			 named ? "which field does its id say?" : "an action and the context have no id");
		return false;
	}
	if (!name)
		return true;
	entity->id = need_field(model, question, name);
	if (entity->id == NOWHERE)
		return false;
	if (question->fields[entity->id].type.set) {
		diag_add(model->diags, DIAG_AUTHZEN, name->span, "an id is one value, and `%.*s` is a set",
			 TEXT_ARG(name->text));
		return false;
	}
	entity->type = type ? type->text : name->text;
	return true;
}

static void report_twice(struct model *model, struct span span, struct text name, struct span first)
{
	struct diag *diag = diag_add(model->diags, DIAG_AUTHZEN, span, "`%.*s` is said in two places", TEXT_ARG(name));

	diag_also(model->diags, diag, first, "it is said here first");
}

static bool says(const struct entity *entity, uint32_t field)
{
	for (uint32_t i = 0; i < entity->nfields; i++)
		if (entity->fields[i] == field)
			return true;
	return entity->id == field;
}

/* Beside a line of its own part stands one of another type, so there the field may be said again. */
static bool field_free(struct model *model, const struct question *question, const struct entity *entity,
		       uint32_t field, struct span span)
{
	for (uint32_t i = 0; i <= question->nentities; i++) {
		const struct entity *other = &question->entities[i];

		if ((other != entity && other->part == entity->part) || !says(other, field))
			continue;
		report_twice(model, span, question->fields[field].name, other->span);
		return false;
	}
	return true;
}

/* A property that a record given by the caller has as a field of its own would mean two things. */
static bool property_clear(struct model *model, const struct question *question, const struct entity *entity,
			   const struct node *name)
{
	const struct request_field *id;
	struct diag *diag;
	uint32_t at;

	if (entity->id == NOWHERE)
		return true;
	id = &question->fields[entity->id];
	if (!id->given || id->type.kind != KIND_REF)
		return true;
	at = record_field(id->type.record, name->text);
	if (at == NOWHERE)
		return true;
	diag = diag_add(model->diags, DIAG_AUTHZEN, name->span, "`%.*s` is also a field of the %.*s that is given",
			TEXT_ARG(name->text), TEXT_ARG(id->type.record->name));
	diag_also(model->diags, diag, id->type.record->fields[at].span, "this one");
	diag_help(model->diags, diag, "let another part of the request say it");
	return false;
}

static void add_properties(struct model *model, struct question *question, struct entity *entity,
			   const struct node *list)
{
	if (!list)
		return;
	entity->fields = ARENA_ARRAY(model->arena, node_count(list), uint32_t);
	for (const struct node *name = list->first; name; name = name->next) {
		uint32_t field = need_field(model, question, name);

		if (field != NOWHERE && field_free(model, question, entity, field, name->span) &&
		    property_clear(model, question, entity, name))
			entity->fields[entity->nfields++] = field;
	}
}

static bool type_free(struct model *model, const struct question *question, const struct entity *entity,
		      struct span span)
{
	for (uint32_t i = 0; i < question->nentities; i++) {
		const struct entity *other = &question->entities[i];
		struct diag *diag;

		if (other->part != entity->part || !text_equal(other->type, entity->type))
			continue;
		diag = entity->type.len ? diag_add(model->diags, DIAG_AUTHZEN, span, "the type `%.*s` is there twice",
						   TEXT_ARG(entity->type))
					: diag_add(model->diags, DIAG_AUTHZEN, span, "this part is there twice");
		diag_also(model->diags, diag, other->span, "here first");
		return false;
	}
	return true;
}

static void add_entity(struct model *model, struct question *question, const struct node *node)
{
	struct entity *entity = &question->entities[question->nentities];

	*entity = (struct entity){ .id = NOWHERE, .span = node->span };
	if (!find_part(model, node, &entity->part) || !add_id(model, question, entity, node) ||
	    !type_free(model, question, entity, node->span))
		return;
	if (entity->id != NOWHERE) {
		uint32_t id = entity->id;

		entity->id = NOWHERE;
		if (!field_free(model, question, entity, id, node_child(node, N_NAME)->span))
			return;
		entity->id = id;
	}
	add_properties(model, question, entity, node_child(node, N_PROPERTIES));
	question->nentities++;
}

/* A question that can be asked through AuthZEN can be asked whole. */
static void check_all_said(struct model *model, const struct question *question)
{
	for (uint32_t i = 0; i < question->nfields; i++) {
		struct diag *diag;
		bool said = false;

		for (uint32_t j = 0; j < question->nentities && !said; j++)
			said = says(&question->entities[j], i);
		if (said)
			continue;
		diag = diag_add(model->diags, DIAG_AUTHZEN, question->fields[i].span,
				"no part of an AuthZEN request says `%.*s`", TEXT_ARG(question->fields[i].name));
		diag_also(model->diags, diag, question->entities[0].span, "how AuthZEN asks it is said here");
		diag_help(model->diags, diag, "name it after `with` where it is to be said, most often under `context`");
	}
}

void check_entities(struct model *model, struct question *question)
{
	size_t errors = model->diags->errors;
	uint32_t count = 0;

	for (const struct node *line = node_child(question->node, N_AUTHZEN); line; line = node_more(line))
		count++;
	if (!count)
		return;
	question->entities = ARENA_ARRAY(model->arena, count + 1, struct entity);
	for (const struct node *line = node_child(question->node, N_AUTHZEN); line; line = node_more(line))
		add_entity(model, question, line);
	if (question->nentities && model->diags->errors == errors)
		check_all_said(model, question);
}
