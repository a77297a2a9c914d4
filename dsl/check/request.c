/* SPDX-License-Identifier: EUPL-1.2 */
/* Requests: their actions, what is given and found, what must hold of it, the area that chooses an overlay. */
#include "dsl/check/passes.h"

static uint32_t find_action(const struct question *question, struct text name)
{
	for (uint32_t i = 0; i < question->nactions; i++)
		if (text_equal(question->actions[i], name))
			return i;
	return NOWHERE;
}

static struct text actions_listed(const struct model *model, const struct question *question)
{
	struct text list = question->nactions ? question->actions[0] : TEXT("");

	for (uint32_t i = 1; i < question->nactions; i++)
		list = text_format(model->arena, "%.*s, %.*s", TEXT_ARG(list), TEXT_ARG(question->actions[i]));
	return list;
}

static uint32_t all_actions(const struct question *question)
{
	return (uint32_t)((1ull << question->nactions) - 1);
}

uint32_t action_take(struct model *model, const struct question *question, struct text name, struct span span)
{
	uint32_t action = find_action(question, name);
	struct near near = near_init(name);
	struct diag *diag;

	if (text_equal(name, question->name))
		return all_actions(question);
	if (action != NOWHERE)
		return 1u << action;
	diag = diag_add(model->diags, DIAG_UNKNOWN_ACTION, span, "`%.*s` is not an action of %.*s", TEXT_ARG(name),
			TEXT_ARG(question->name));
	diag_also(model->diags, diag, question->span, "its actions are declared here");
	for (uint32_t i = 0; i < question->nactions; i++)
		near_try(&near, question->actions[i]);
	near_try(&near, question->name);
	near_help(model, diag, span, &near);
	if (!near.best.len)
		diag_help(model->diags, diag, "its actions: %.*s", TEXT_ARG(actions_listed(model, question)));
	for (uint32_t i = 0; i < model->nquestions; i++)
		if (find_action(model->questions[i], name) != NOWHERE)
			diag_help(model->diags, diag, "it is an action of %.*s, which has a chapter of its own",
				  TEXT_ARG(model->questions[i]->name));
	return 0;
}

uint32_t actions_take(struct model *model, const struct question *question, const struct node *list)
{
	uint32_t bits = 0;

	if (!list)
		return all_actions(question);
	for (const struct node *name = list->first; name; name = name->next)
		bits |= action_take(model, question, name->text, name->span);
	return bits;
}

static void add_actions(struct model *model, struct question *question, const struct node *node)
{
	uint32_t count = node_count(node);

	if (count > LIMIT_ACTIONS) {
		diag_add(model->diags, DIAG_LIMIT_FIELDS, node->span, "a request has at most %d actions",
			 LIMIT_ACTIONS);
		return;
	}
	question->actions = ARENA_ARRAY(model->arena, count, struct text);
	question->action_spans = ARENA_ARRAY(model->arena, count, struct span);
	question->action_labels = ARENA_ARRAY(model->arena, count, struct labels);
	for (const struct node *name = node->first; name; name = name->next) {
		for (uint32_t i = 0; i < model->nquestions; i++) {
			const struct question *other = model->questions[i];
			uint32_t action = find_action(other, name->text);
			struct diag *diag;

			if (action == NOWHERE && !text_equal(other->name, name->text))
				continue;
			if (action == NOWHERE && other == question)
				continue;	/* an action may have the name of its request */
			diag = diag_add(model->diags, DIAG_DUPLICATE, name->span,
					"`%.*s` is already an action or a request", TEXT_ARG(name->text));
			diag_also(model->diags, diag,
				  action == NOWHERE ? other->span : other->action_spans[action],
				  "declared here first");
		}
		question->actions[question->nactions] = name->text;
		question->action_spans[question->nactions++] = name->span;
	}
}

void check_request(struct model *model, struct part *part, struct node *node)
{
	struct question *question = ARENA_NEW(model->arena, struct question);

	question->index = model->nquestions;
	question->name = node->text;
	question->span = node->name;
	question->module = part->module;
	question->node = node;
	question->part = part;
	map_init(&question->named, model->arena);
	labels_take(model, &question->asks, node_child(node, N_ASKS));
	declare(model, part, DECL_REQUEST, node, question);
	for (uint32_t i = 0; i < model->nquestions; i++) {
		uint32_t action = find_action(model->questions[i], question->name);
		struct diag *diag;

		if (action == NOWHERE)
			continue;
		diag = diag_add(model->diags, DIAG_DUPLICATE, node->name,
				"`%.*s` is already an action or a request", TEXT_ARG(node->text));
		diag_also(model->diags, diag, model->questions[i]->action_spans[action], "declared here first");
	}
	PUSH(model, model, questions, cap_questions, question);
	add_actions(model, question, node_child(node, N_ACTIONS));
}

/* What a request field may be; reports what it may not. */
static bool field_type(struct model *model, const struct question *question, const struct node *node,
		       struct type *ret_type)
{
	struct type type;
	struct diag *diag;

	if (!type_resolve(model, question->part, node->first, &type))
		return false;
	if (type.kind == KIND_DURATION || type.unknown) {
		diag_add(model->diags, DIAG_TYPE, node->first->span,
			 type.unknown ? "what the caller says is known"
				      : "a request field is not a duration");
		return false;
	}
	if (node->kind == N_FOUND && (type.kind != KIND_REF || type.set || type.none)) {
		diag = diag_add(model->diags, DIAG_NOT_A_RECORD, node->first->span,
				"what is found is a record");
		diag_help(model->diags, diag, "what the caller says is `given`");
		return false;
	}
	if (node->kind == N_FOUND && type.record->nkey != 1) {
		diag = diag_add(model->diags, DIAG_NO_INDEX, node->first->span,
				"%.*s has a key of several fields and cannot be found by one id",
				TEXT_ARG(type.record->name));
		diag_help(model->diags, diag, "give its key fields, and reach it by a `link`");
		return false;
	}
	*ret_type = type;
	return true;
}

static void add_request_field(struct model *model, struct question *question, const struct node *node)
{
	uint32_t actions = actions_take(model, question, node_child(node, N_FOR));
	struct request_field *field = NULL;
	struct type type = { 0 };	/* stays unknown after a report: the name is known all the same */
	bool known = field_type(model, question, node, &type);
	struct diag *diag;

	for (uint32_t i = 0; i < question->nfields; i++)
		if (text_equal(question->fields[i].name, node->text))
			field = &question->fields[i];
	if (!field) {
		field = &question->fields[question->nfields++];
		field->name = node->text;
		field->span = node->name;
		field->type = type;
	} else if (!known || !type_known(&field->type)) {
		return;
	} else if (field->type.kind != type.kind || field->type.record != type.record ||
		   field->type.codes != type.codes || field->type.set != type.set) {
		diag = diag_add(model->diags, DIAG_TYPE, node->span,
				"`%.*s` is %s here and %s elsewhere", TEXT_ARG(node->text),
				type_word(model, &type), type_word(model, &field->type));
		diag_also(model->diags, diag, field->span, "declared here first");
		return;
	}
	if ((field->given | field->found) & actions) {
		diag = diag_add(model->diags, DIAG_DUPLICATE, node->name,
				"an action has `%.*s` twice", TEXT_ARG(node->text));
		diag_also(model->diags, diag, field->span, "declared here first");
	}
	if (node->kind == N_GIVEN)
		field->given |= actions;
	else
		field->found |= actions;
	cites_take(model, question->part, &field->cites, node);
}

static void add_layer(struct model *model, struct question *question, const struct node *node)
{
	struct scope scope = scope_of(model, question, question->part);
	struct place *place = ARENA_NEW(model->arena, struct place);

	scope.request_only = true;
	if (!place_resolve(&scope, node->first, place))
		return;
	if (place->type.kind != KIND_CODE || place->type.set || place->attribute) {
		diag_add(model->diags, DIAG_TYPE, node->first->span, "an area is a code, and this is %s",
			 type_word(model, &place->type));
		return;
	}
	question->layer_by = place;
	question->layer_span = node->span;
	question->layer_except = ARENA_ARRAY(model->arena, place->type.codes->count, bool);
	for (const struct node *except = node->first->next; except; except = except->next) {
		uint32_t code;

		if (except->kind == N_WORD) {
			question->layer_except_none = true;
			continue;
		}
		code = need_code(model, place->type.codes, except->text, except->span);
		if (code != NOWHERE)
			question->layer_except[code] = true;
	}
}

void check_request_lines(struct model *model, struct question *question)
{
	const struct node *node = question->node;
	uint32_t count = node_count(node);

	question->fields = ARENA_ARRAY(model->arena, count, struct request_field);
	question->musts = ARENA_ARRAY(model->arena, count, struct cond *);
	question->must_actions = ARENA_ARRAY(model->arena, count, uint32_t);
	question->must_spans = ARENA_ARRAY(model->arena, count, struct span);
	clause_once(model, node, N_LAYER, "`layer by`");
	clause_once(model, node, N_ANSWERS, "`answers`");
	for (const struct node *line = node->first; line; line = line->next)
		if (line->kind == N_GIVEN || line->kind == N_FOUND)
			add_request_field(model, question, line);
	for (const struct node *line = node->first; line; line = line->next) {
		if (line->kind == N_MUST)
			check_request_must(model, question, line);
		else if (line->kind == N_LAYER)
			add_layer(model, question, line);
	}
	check_entities(model, question);
}
