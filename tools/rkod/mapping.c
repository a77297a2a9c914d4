/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rkod/mapping.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/rkod/json.h"

enum { NAME_BYTES = 256 };	/* more than two names of the language and a point */

static struct map_field field_of(const struct rko_policy *policy, uint32_t question, const char *name)
{
	size_t length = strlen(name);

	return (struct map_field){ name, length, rko_question_says(policy, question, name, length) == 2 };
}

static bool fill_entity(const struct rko_policy *policy, uint32_t question, uint32_t number, struct map_entity *to)
{
	struct rko_entity_about about;
	struct rko_field_about field;
	char *prefix;

	rko_question_entity(policy, question, number, &about);
	*to = (struct map_entity){
		.part = about.part,
		.type = about.type,
		.id = about.id,
		.id_given = about.id_given,
		.kind = "",
		.nfields = about.nfields,
		.fields = calloc(about.nfields + 1, sizeof *to->fields),
	};
	if (!to->fields)
		return false;
	for (uint32_t i = 0; i < about.nfields; i++) {
		rko_question_field(policy, question, about.fields[i], RKO_EN, &field);
		to->fields[i] = field_of(policy, question, field.name);
	}
	if (about.id == RKO_NOTHING)
		return true;
	rko_question_field(policy, question, about.id, RKO_EN, &field);
	to->id_found = field.name;
	to->found = field.found;
	to->given = field.given;
	to->kind = field.kind == RKO_FIELD_RECORD ? field.type : "";
	if (!field.given || !strchr(about.id_given, '.'))
		return true;
	prefix = malloc(strlen(field.name) + 2);
	if (!prefix)
		return false;
	sprintf(prefix, "%s.", field.name);
	to->prefix = prefix;
	return true;
}

static bool fill_question(struct mapping *mapping, uint32_t question)
{
	struct map_question *to = &mapping->questions[question];
	uint32_t count = rko_question_entities(mapping->policy, question);
	struct rko_question_about about;
	struct map_action *actions;

	if (!count)
		return true;
	if (mapping->first == RKO_NOTHING)
		mapping->first = question;
	to->entities = calloc(count, sizeof *to->entities);
	if (!to->entities)
		return false;
	to->nentities = count;
	for (uint32_t i = 0; i < count; i++)
		if (!fill_entity(mapping->policy, question, i, &to->entities[i]))
			return false;
	rko_question_about(mapping->policy, question, RKO_EN, &about);
	actions = realloc(mapping->actions, (mapping->nactions + about.actions) * sizeof *actions);
	if (!actions)
		return false;
	mapping->actions = actions;
	for (uint32_t i = 0; i < about.actions; i++)
		actions[mapping->nactions++] =
			(struct map_action){ rko_question_action(mapping->policy, question, i), question, i };
	return true;
}

struct mapping *mapping_new(const struct rko_policy *policy)
{
	struct mapping *mapping = calloc(1, sizeof *mapping);

	if (!mapping)
		return NULL;
	mapping->policy = policy;
	mapping->first = RKO_NOTHING;
	mapping->nquestions = rko_policy_questions(policy);
	mapping->questions = calloc(mapping->nquestions + 1, sizeof *mapping->questions);
	for (uint32_t i = 0; mapping->questions && i < mapping->nquestions; i++) {
		if (fill_question(mapping, i))
			continue;
		mapping_free(mapping);
		return NULL;
	}
	if (mapping->questions)
		return mapping;
	mapping_free(mapping);
	return NULL;
}

void mapping_free(struct mapping *mapping)
{
	if (!mapping)
		return;
	for (uint32_t i = 0; mapping->questions && i < mapping->nquestions; i++) {
		struct map_question *question = &mapping->questions[i];

		for (uint32_t j = 0; question->entities && j < question->nentities; j++) {
			free(question->entities[j].fields);
			free((char *)(uintptr_t)question->entities[j].prefix);
		}
		free(question->entities);
	}
	free(mapping->questions);
	free(mapping->actions);
	free(mapping);
}

const struct map_action *mapping_action(const struct mapping *mapping, const char *name)
{
	for (uint32_t i = 0; i < mapping->nactions; i++)
		if (strcmp(mapping->actions[i].name, name) == 0)
			return &mapping->actions[i];
	return NULL;
}

const struct map_entity *mapping_entity(const struct mapping *mapping, uint32_t question, enum rko_part part,
					const char *type, bool *ret_any)
{
	const struct map_question *asked = &mapping->questions[question];

	*ret_any = false;
	for (uint32_t i = 0; i < asked->nentities; i++) {
		if (asked->entities[i].part != part)
			continue;
		*ret_any = true;
		if (strcmp(asked->entities[i].type, type) == 0)
			return &asked->entities[i];
	}
	return NULL;
}

/* Saying ---------------------------------------------------------------------------------------------- */

/* A value that no field can have, so that the request is refused for it. */
static void say_wrong(struct rko_request *request, const struct map_field *field)
{
	rko_request_set_n(request, field->name, field->length, "", 0);
}

/* Strings say themselves and booleans are yes and no. Numbers and objects are no value of any field. */
static void say_one(struct rko_request *request, const struct map_field *field, const json_t *value)
{
	if (json_is_string(value))
		rko_request_set_n(request, field->name, field->length, json_string_value(value),
				  json_string_length(value));
	else if (json_is_boolean(value))
		rko_request_set(request, field->name, json_is_true(value) ? "yes" : "no");
	else
		say_wrong(request, field);
}

static void say_value(struct rko_request *request, const struct map_field *field, const json_t *value)
{
	size_t index;
	json_t *element;

	if (field->set != json_is_array(value)) {
		say_wrong(request, field);
		return;
	}
	if (!field->set) {
		say_one(request, field, value);
		return;
	}
	if (!json_array_size(value))
		rko_request_set_empty(request, field->name);
	json_array_foreach(value, index, element)
		say_one(request, field, element);
}

static bool listed(const struct map_entity *entity, const char *name)
{
	for (uint32_t i = 0; i < entity->nfields; i++)
		if (strcmp(entity->fields[i].name, name) == 0)
			return true;
	return false;
}

/* The fields of a record that the caller gives. Other properties say nothing, as the standard demands. */
static void say_record(const struct mapping *mapping, uint32_t question, struct rko_request *request,
		       const struct map_entity *entity, const json_t *properties)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)properties, key, value) {
		struct map_field field;
		char name[NAME_BYTES];

		if (json_is_null(value) || listed(entity, key) ||
		    snprintf(name, sizeof name, "%s%s", entity->prefix, key) >= (int)sizeof name ||
		    strcmp(name, entity->id_given) == 0 ||
		    !rko_question_says(mapping->policy, question, name, strlen(name)))
			continue;
		field = field_of(mapping->policy, question, name);
		say_value(request, &field, value);
	}
}

static void say_properties(const struct mapping *mapping, const struct map_action *action,
			   struct rko_request *request, const struct map_entity *entity, const json_t *properties)
{
	for (uint32_t i = 0; properties && i < entity->nfields; i++) {
		const struct map_field *field = &entity->fields[i];
		const json_t *value = json_object_getn(properties, field->name, field->length);

		if (value && !json_is_null(value))
			say_value(request, field, value);
	}
	if (properties && entity->prefix && entity->given >> action->bit & 1)
		say_record(mapping, action->question, request, entity, properties);
}

static void say_entity(const struct mapping *mapping, const struct map_action *action, struct rko_request *request,
		       enum rko_part part, const struct entity *said)
{
	bool any;
	const struct map_entity *entity = mapping_entity(mapping, action->question, part, said->type, &any);

	if (!entity) {
		if (any)
			rko_request_set(request, part == RKO_SUBJECT ? "subject.type" : "resource.type", "unknown");
		return;
	}
	if (said->id)
		rko_request_set(request, entity->given >> action->bit & 1 ? entity->id_given : entity->id_found,
				said->id);
	say_properties(mapping, action, request, entity, said->properties);
}

static void say_part(const struct mapping *mapping, const struct map_action *action, struct rko_request *request,
		     enum rko_part part, const json_t *properties)
{
	bool any;
	const struct map_entity *entity = mapping_entity(mapping, action->question, part, "", &any);

	if (entity)
		say_properties(mapping, action, request, entity, properties);
}

void mapping_say(const struct mapping *mapping, const struct map_action *action, const struct ask *ask,
		 struct rko_request *request)
{
	rko_request_action(request, action->name);
	say_entity(mapping, action, request, RKO_SUBJECT, &ask->subject);
	say_entity(mapping, action, request, RKO_RESOURCE, &ask->resource);
	say_part(mapping, action, request, RKO_ACTION, ask->action_properties);
	say_part(mapping, action, request, RKO_CONTEXT, ask->context);
}
