/* SPDX-License-Identifier: EUPL-1.2 */
/* Questions: requests, links, determinations, tables, named conditions, judgements. */
#include "dsl/check/check.h"

static uint32_t layer_of(const struct model *model, const struct part *part)
{
	return model->modules[part->module].layer;
}

/* Requests --------------------------------------------------------------------------------------- */

static uint32_t find_action(const struct question *question, struct text name)
{
	for (uint32_t i = 0; i < question->nactions; i++)
		if (text_equal(question->actions[i], name))
			return i;
	return NOWHERE;
}

uint32_t actions_take(struct model *model, struct question *question, const struct node *list)
{
	uint32_t all = (uint32_t)((1ull << question->nactions) - 1), bits = 0;

	if (!list)
		return all;
	for (const struct node *name = list->first; name; name = name->next) {
		uint32_t action = find_action(question, name->text);
		struct near near = near_init(name->text);
		struct diag *diag;

		if (text_equal(name->text, question->name)) {
			bits |= all;
			continue;
		}
		if (action != NOWHERE) {
			bits |= 1u << action;
			continue;
		}
		diag = diag_add(model->diags, DIAG_UNKNOWN_ACTION, name->span,
				"`%.*s` is not an action of %.*s", TEXT_ARG(name->text),
				TEXT_ARG(question->name));
		diag_also(model->diags, diag, question->span, "its actions are declared here");
		for (uint32_t i = 0; i < question->nactions; i++)
			near_try(&near, question->actions[i]);
		near_try(&near, question->name);
		near_help(model, diag, name->span, &near);
		for (uint32_t i = 0; i < model->nquestions; i++)
			if (find_action(model->questions[i], name->text) != NOWHERE)
				diag_help(model->diags, diag, "it is an action of %.*s, which has a chapter of its own",
					  TEXT_ARG(model->questions[i]->name));
	}
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

/* The actions that carry every request field the condition names. */
static uint32_t carried_by(const struct question *question, const struct cond *cond);

static uint32_t operand_carried(const struct question *question, const struct operand *operand)
{
	uint32_t bits = UINT32_MAX;

	if (!operand)
		return bits;
	if (operand->kind == OPERAND_PLACE && operand->place.base == BASE_REQUEST) {
		const struct request_field *field = &question->fields[operand->place.field];

		bits &= field->given | field->found;
	}
	for (int i = 0; i < 2; i++)
		bits &= operand_carried(question, operand->parts[i]);
	for (uint32_t i = 0; i < operand->count; i++)
		bits &= operand_carried(question, operand->list[i]);
	return bits;
}

static uint32_t carried_by(const struct question *question, const struct cond *cond)
{
	uint32_t bits = operand_carried(question, cond->a) & operand_carried(question, cond->b);

	for (uint32_t i = 0; i < cond->count; i++)
		bits &= carried_by(question, cond->list[i]);
	return bits;
}

static void add_must(struct model *model, struct question *question, const struct node *node)
{
	struct scope scope = scope_of(model, question, question->part);
	struct cond *cond;

	scope.request_only = true;
	cond = cond_resolve(&scope, node->first);
	if (!cond)
		return;
	question->must_actions[question->nmusts] =
		carried_by(question, cond) & actions_take(model, question, NULL);
	question->must_spans[question->nmusts] = node->span;
	question->musts[question->nmusts++] = cond;
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
			add_must(model, question, line);
		else if (line->kind == N_LAYER)
			add_layer(model, question, line);
	}
	check_entities(model, question);
}

/* Declarations of a chapter ---------------------------------------------------------------------- */

void declare_statement(struct model *model, struct part *part, struct question *question,
		       struct node *node)
{
	uint32_t layer = layer_of(model, part);
	struct arena *arena = model->arena;

#define NEW(type, list, decl) \
	do { \
		struct type *thing = ARENA_NEW(arena, struct type); \
		thing->name = node->text; \
		thing->span = node->name; \
		thing->layer = layer; \
		thing->node = node; \
		thing->part = part; \
		thing->index = question->n##list; \
		if (declare_in(model, question, layer, decl, node->text, node->name, \
			       thing)) \
			PUSH(model, question, list, cap_##list, thing); \
	} while (0)

	switch (node->kind) {
	case N_LINK:
		NEW(link, links, DECL_LINK);
		break;
	case N_DEFINE:
		NEW(define, defines, DECL_DEFINE);
		break;
	case N_TABLE:
		NEW(table, tables, DECL_TABLE);
		break;
	case N_COND:
		NEW(named_cond, conds, DECL_COND);
		break;
	case N_JUDGEMENT:
		NEW(judgement, judgements, DECL_JUDGEMENT);
		break;
	default:
		break;
	}
#undef NEW
}

/* A name of the chapter may not be the name of a request field: a condition could mean either. */
static void check_field_names(struct model *model, struct question *question)
{
	for (uint32_t i = 0; i < question->nfields; i++) {
		for (uint32_t layer = 0; layer < model->nlayers; layer++) {
			struct decl *decl = find_named(model, question, layer, question->fields[i].name);
			struct diag *diag;

			if (!decl)
				continue;
			diag = diag_add(model->diags, DIAG_DUPLICATE, decl->span,
					"`%.*s` is already a field of the request",
					TEXT_ARG(decl->name));
			diag_also(model->diags, diag, question->fields[i].span, "declared here");
			break;
		}
	}
}

/* Links ------------------------------------------------------------------------------------------ */

static struct text key_text(struct model *model, const struct record *record)
{
	struct text text = { "", 0 };

	for (uint32_t i = 0; i < record->nkey; i++)
		text = text_format(model->arena, "%.*s%s%.*s: %s", TEXT_ARG(text), i ? ", " : "",
				   TEXT_ARG(record->fields[i].name),
				   type_word(model, &record->fields[i].type));
	return text;
}

static void report_index(struct model *model, const struct link *link, struct span span,
			 const char *why)
{
	struct diag *diag = diag_add(model->diags, DIAG_NO_INDEX, span, "%s", why);

	diag_also(model->diags, diag, link->record->span, "the key of %.*s is %.*s",
		  TEXT_ARG(link->record->name), TEXT_ARG(key_text(model, link->record)));
	if (link->kind == LINK_THE)
		diag_help(model->diags, diag, "`the` names the whole key, in its order");
	else
		diag_help(model->diags, diag, "rows are found by the start of their key, in its order");
}

static bool key_fits(const struct type *slot, const struct type *value)
{
	if (slot->kind != value->kind)
		return false;
	if (slot->kind == KIND_REF)
		return slot->record == value->record;
	if (slot->kind == KIND_CODE)
		return slot->codes == value->codes;
	return true;
}

static bool add_key_part(struct model *model, struct question *question, struct link *link,
			 const struct node *node)
{
	struct scope scope = scope_of(model, question, link->part);
	struct key_part *part = &link->keys[link->nkeys];
	const struct node *path = node->kind == N_EACH ? node->first : node;
	struct type type;

	part->each = node->kind == N_EACH;
	if (!place_resolve(&scope, path, &part->place))
		return false;
	type = part->place.type;
	if (part->each) {
		if (!type.set || link->kind == LINK_THE || link->kind == LINK_EACH) {
			diag_add(model->diags, DIAG_NO_INDEX, node->span,
				 type.set ? "`each` in a key belongs to a `some` or a `rows` link"
					  : "`each` runs through a set, and this is one value");
			return false;
		}
		for (uint32_t i = 0; i < link->nkeys; i++) {
			if (!link->keys[i].each)
				continue;
			diag_add(model->diags, DIAG_NO_INDEX, node->span, "one `each` in a key is enough");
			return false;
		}
		type.set = false;
	}
	if (link->nkeys >= link->record->nkey) {
		report_index(model, link, node->span, "the key has no field for this");
		return false;
	}
	if (type.set || part->place.attribute ||
	    !key_fits(&link->record->fields[link->nkeys].type, &type)) {
		report_index(model, link, node->span,
			     text_format(model->arena, "the key's field `%.*s` is %s, and this is %s",
					 TEXT_ARG(link->record->fields[link->nkeys].name),
					 type_word(model, &link->record->fields[link->nkeys].type),
					 type_word(model, &type)).at);
		return false;
	}
	link->nkeys++;
	return true;
}

static bool resolve_link(struct model *model, struct question *question, struct link *link)
{
	const struct node *node = link->node;
	const struct node *keys = node_child(node, N_KEYS), *most = node_child(node, N_AT_MOST);
	struct diag *diag;

	link->kind = (enum link_kind)node->number;
	link->record = need_global(model, link->part, DECL_RECORD, node_child(node, N_NAME));
	if (!link->record)
		return false;
	link->keys = ARENA_ARRAY(model->arena, node_count(keys), struct key_part);
	for (const struct node *key = keys->first; key; key = key->next)
		if (!add_key_part(model, question, link, key))
			return false;
	if (link->kind == LINK_THE && link->nkeys != link->record->nkey) {
		report_index(model, link, keys->span, "this is not the whole key");
		return false;
	}
	if (link->kind == LINK_THE) {
		link->bound = 1;
		if (most)
			diag_add(model->diags, DIAG_LINK_USE, most->span, "`the` is one row already");
		return true;
	}
	if (!most) {
		diag = diag_add(model->diags, DIAG_NO_BOUND, node->name,
				"how many rows can `%.*s` have at most?", TEXT_ARG(link->name));
		diag_help(model->diags, diag,
			  "add `at most 16`: more rows are then a failure, never a cut list");
		return false;
	}
	if (most->number < 1 || most->number > LIMIT_CANDIDATES) {
		diag_add(model->diags, DIAG_NO_BOUND, most->span, "a bound lies between 1 and %d",
			 LIMIT_CANDIDATES);
		return false;
	}
	link->bound = (uint32_t)most->number;
	return true;
}

bool link_resolve(struct model *model, struct question *question, struct link *link)
{
	struct height height;

	if (link->resolved) {
		height_met(model, link->height);
		return link->record != NULL;
	}
	if (link->resolving) {
		diag_add(model->diags, DIAG_RECURSIVE, link->span,
			 "to find the link `%.*s` one must have found it", TEXT_ARG(link->name));
		return false;
	}
	if (!height_room(model, link->name, link->span))
		return false;
	link->resolving = true;
	height = height_begin(model);
	if (!resolve_link(model, question, link))
		link->record = NULL;
	if (!height_end(model, height, link->name, link->span, &link->height))
		link->record = NULL;
	link->resolving = false;
	link->resolved = true;
	return link->record != NULL;
}

static void check_where(struct model *model, struct question *question, struct link *link)
{
	const struct node *where = node_child(link->node, N_WHERE);
	struct scope scope = scope_of(model, question, link->part);

	if (!link->record || !where)
		return;
	if (link->kind == LINK_THE) {
		diag_add(model->diags, DIAG_LINK_USE, where->span,
			 "`where` chooses among rows, and `the` is one row");
		return;
	}
	scope.self = link->record;
	scope.self_is_row = true;
	scope.row = link;
	link->where = cond_resolve(&scope, where->first);
}

/*
 * Which rows a link has may be asked about other rows, and so through conditions and determinations in the
 * end about its own. Looks for such circles along everything a `where` names.
 */
struct circle {
	struct model *model;
	struct link *link;		/* whose `where` is looked at */
	unsigned depth;
};

static void circle_cond(struct circle *circle, const struct cond *cond);

static void circle_found(struct circle *circle)
{
	diag_add(circle->model->diags, DIAG_RECURSIVE, circle->link->span,
		 "which rows `%.*s` has hangs in the end on which rows it has", TEXT_ARG(circle->link->name));
}

/* Whether to go inside; a circle is closed where one is inside already. */
static bool circle_enter(struct circle *circle, enum look *look)
{
	if (*look == LOOK_INSIDE)
		circle_found(circle);
	if (*look != LOOK_NOT_YET)
		return false;
	*look = LOOK_INSIDE;
	return true;
}

static void circle_link(struct circle *circle, struct link *link)
{
	struct link *before = circle->link;

	if (!link->where || !circle_enter(circle, &link->look))
		return;
	if (circle->depth < LIMIT_NESTING) {
		circle->link = link;
		circle->depth++;
		circle_cond(circle, link->where);
		circle->depth--;
		circle->link = before;
	} else {
		diag_add(circle->model->diags, DIAG_LIMIT_NESTING, link->span,
			 "rows that hang on rows that hang on rows, more than %d deep", LIMIT_NESTING);
	}
	link->look = LOOK_DONE;
}

static void circle_define(struct circle *circle, struct define *define)
{
	if (!circle_enter(circle, &define->look))
		return;
	for (uint32_t i = 0; i < define->ncases; i++) {
		if (define->cases[i].when)
			circle_cond(circle, define->cases[i].when);
		for (uint32_t j = 0; j < define->cases[i].nexcept; j++)
			circle_cond(circle, define->cases[i].except[j].when);
	}
	define->look = LOOK_DONE;
}

static void circle_operand(struct circle *circle, const struct operand *operand)
{
	if (!operand)
		return;
	if (operand->kind == OPERAND_PLACE && operand->place.rows)
		circle_link(circle, operand->place.link);
	if (operand->kind == OPERAND_DEFINE)
		circle_define(circle, operand->define);
	for (int i = 0; i < 2; i++)
		circle_operand(circle, operand->parts[i]);
	for (uint32_t i = 0; i < operand->count; i++)
		circle_operand(circle, operand->list[i]);
}

static void circle_cond(struct circle *circle, const struct cond *cond)
{
	if (!cond)
		return;
	if (cond->kind == COND_NAMED && circle_enter(circle, &cond->named->look)) {
		circle_cond(circle, cond->named->cond);
		cond->named->look = LOOK_DONE;
	}
	if (cond->link)
		circle_link(circle, cond->link);
	if (cond->define)
		circle_define(circle, cond->define);
	circle_operand(circle, cond->a);
	circle_operand(circle, cond->b);
	for (uint32_t i = 0; i < cond->count; i++)
		circle_cond(circle, cond->list[i]);
}

static void check_circles(struct model *model, struct question *question)
{
	struct circle circle = { .model = model };

	for (uint32_t i = 0; i < question->nlinks; i++)
		circle_link(&circle, question->links[i]);
}

static void check_pivot(struct model *model, struct question *question)
{
	for (uint32_t i = 0; i < question->nlinks; i++) {
		struct link *link = question->links[i];
		struct diag *diag;

		if (link->kind != LINK_EACH || !link->record)
			continue;
		if (link->layer) {
			diag = diag_add(model->diags, DIAG_SECOND_PIVOT, link->span,
					"an overlay has no `each` link of its own");
			diag_help(model->diags, diag, "use `some`, or the base's `each` link");
			continue;
		}
		if (question->pivot) {
			diag = diag_add(model->diags, DIAG_SECOND_PIVOT, link->span,
					"a question has one `each` link at most");
			diag_also(model->diags, diag, question->pivot->span, "the first one");
			continue;
		}
		if (link->record->open) {
			diag = diag_add(model->diags, DIAG_OPEN_PIVOT, link->span,
					"the rows of an open record can never be known to be all");
			diag_also(model->diags, diag, link->record->span, "declared open here");
			diag_help(model->diags, diag, "ask `some` of it, or declare the record closed");
			continue;
		}
		question->pivot = link;
	}
}

/* Determinations --------------------------------------------------------------------------------- */

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

/* Tables ----------------------------------------------------------------------------------------- */

/* The head of a table names a code set, or a place whose codes are meant. */
static struct codeset *table_codes(struct model *model, struct question *question,
				   const struct table *table, const struct node *path)
{
	struct scope scope = scope_of(model, question, table->part);
	struct decl *decl = path->first->next
				    ? NULL : find_global(model, table->part, path->first->text, NULL);
	struct place place;

	if (decl && decl->kind == DECL_CODES)
		return decl->thing;
	if (!place_resolve(&scope, path, &place))
		return NULL;
	if (place.type.kind == KIND_CODE && !place.type.set)
		return place.type.codes;
	diag_add(model->diags, DIAG_TYPE, path->span, "a table is spanned by codes, and this is %s",
		 type_word(model, &place.type));
	return NULL;
}

static bool *cell_of_constant(struct model *model, struct table *table, const struct node *value,
			      const struct text *word)
{
	struct type type = { .kind = KIND_CODE, .codes = table->values };
	bool *has = ARENA_ARRAY(model->arena, table->values->count, bool);
	struct constant constant;
	uint32_t code;

	if (value && value->kind == N_WORD && value->number == WORD_NONE && table->at_most)
		return has;
	if (value && value->kind == N_BRACES && table->at_most)
		type.set = true;
	if (word) {
		code = codeset_find(table->values, *word);
		if (code == NOWHERE)
			return NULL;
		has[code] = true;
		return has;
	}
	if (!constant_resolve(model, table->part, value, &type, &constant))
		return NULL;
	if (constant.kind == CONST_CODES)
		return constant.has;
	has[constant.code] = true;
	return has;
}

/* What a cell says; false after a report. A pending cell gives NULL. */
static bool cell_value(struct model *model, struct table *table, const struct node *cell, bool **ret)
{
	const struct node *legend = node_child(table->node, N_LEGEND);
	const struct node *blank = node_child(table->node, N_BLANK);
	struct near near = near_init(cell->text);
	struct diag *diag;

	*ret = NULL;
	if (text_equal(cell->text, TEXT("."))) {
		if (!blank) {
			diag = diag_add(model->diags, DIAG_TABLE, cell->span, "this cell is empty");
			diag_help(model->diags, diag, "say what empty cells mean with `blank`, or fill it");
			return false;
		}
		if (blank->first->kind == N_WORD && blank->first->number == WORD_PENDING)
			return true;
		*ret = cell_of_constant(model, table, blank->first, NULL);
		return *ret != NULL;
	}
	if (text_equal(cell->text, TEXT("pending")))
		return true;
	if (text_equal(cell->text, TEXT("none")) && table->at_most) {
		*ret = ARENA_ARRAY(model->arena, table->values->count, bool);
		return true;
	}
	for (const struct node *meaning = legend ? legend->first : NULL; meaning;
	     meaning = meaning->next) {
		near_try(&near, meaning->text);
		if (!text_equal(meaning->text, cell->text))
			continue;
		*ret = cell_of_constant(model, table, meaning->first, NULL);
		return *ret != NULL;
	}
	*ret = cell_of_constant(model, table, NULL, &cell->text);
	if (*ret)
		return true;
	diag = diag_add(model->diags, DIAG_TABLE, cell->span,
			"`%.*s` is neither a code of %.*s nor in the legend", TEXT_ARG(cell->text),
			TEXT_ARG(table->values->name));
	for (uint32_t i = 0; i < table->values->count; i++)
		near_try(&near, table->values->codes[i].name);
	near_help(model, diag, cell->span, &near);
	return false;
}

static bool check_row(struct model *model, struct table *table, const struct node *row,
		      const uint32_t *columns, uint32_t ncolumns, bool *seen)
{
	uint32_t code = need_code(model, table->rows, row->text, row->name), i = 0;
	bool fine = true;

	if (code == NOWHERE)
		return false;
	if (seen[code]) {
		diag_add(model->diags, DIAG_TABLE, row->name, "the row `%.*s` stands twice",
			 TEXT_ARG(row->text));
		return false;
	}
	seen[code] = true;
	if (node_count(row) != ncolumns) {
		diag_add(model->diags, DIAG_TABLE, row->span,
			 "the row `%.*s` has %u cell%s and the table %u column%s", TEXT_ARG(row->text),
			 node_count(row), node_count(row) == 1 ? "" : "s", ncolumns, ncolumns == 1 ? "" : "s");
		return false;
	}
	for (const struct node *cell = row->first; cell; cell = cell->next, i++) {
		uint32_t at = code * table->columns->count + columns[i];
		bool *has;

		table->cells[at] = cell->span;
		if (!cell_value(model, table, cell, &has)) {
			fine = false;
			continue;
		}
		table->has[at] = has;
		table->npending += has == NULL;
	}
	return fine;
}

/* Cells that no row or column names: what `blank` says, or an error. */
static void fill_rest(struct model *model, struct table *table, const bool *rows, const bool *columns)
{
	const struct node *blank = node_child(table->node, N_BLANK);
	bool pending = blank && blank->first->kind == N_WORD && blank->first->number == WORD_PENDING;
	bool *value = blank && !pending ? cell_of_constant(model, table, blank->first, NULL) : NULL;
	bool reported = false;
	struct diag *diag;

	if (blank && !pending && !value)
		return;
	for (uint32_t r = 0; r < table->rows->count; r++) {
		for (uint32_t c = 0; c < table->columns->count; c++) {
			uint32_t at = r * table->columns->count + c;

			if (rows[r] && columns[c])
				continue;
			table->has[at] = value;
			table->cells[at] = table->span;
			table->npending += pending;
			if (blank || reported)
				continue;
			reported = true;
			diag = diag_add(model->diags, DIAG_TABLE, table->span,
					rows[r] ? "the table has no column for `%.*s`"
						: "the table has no row for `%.*s`",
					TEXT_ARG(rows[r] ? table->columns->codes[c].name
							 : table->rows->codes[r].name));
			diag_help(model->diags, diag, "add it, or say with `blank` what cells that are not written mean");
		}
	}
}

static void check_legend(struct model *model, const struct node *legend)
{
	for (const struct node *mark = legend ? legend->first : NULL; mark; mark = mark->next) {
		for (const struct node *other = legend->first; other != mark; other = other->next) {
			struct diag *diag;

			if (!text_equal(mark->text, other->text))
				continue;
			diag = diag_add(model->diags, DIAG_DUPLICATE, mark->name, "the legend has the mark `%.*s` twice",
					TEXT_ARG(mark->text));
			diag_also(model->diags, diag, other->name, "here first");
		}
	}
}

static void check_table(struct model *model, struct question *question, struct table *table)
{
	const struct node *node = table->node, *names = node_child(node, N_COLUMNS);
	bool *rows, *columns;
	uint32_t *order, count = 0;
	size_t cells;
	bool fine = true;

	table->at_most = node->number;
	check_legend(model, node_child(node, N_LEGEND));
	table->rows = table_codes(model, question, table, node->first);
	table->columns = table_codes(model, question, table, node->first->next);
	if (text_equal(node_child(node, N_NAME)->text, TEXT("yesno")))
		table->values = model->yesno;
	else
		table->values = need_global(model, table->part, DECL_CODES, node_child(node, N_NAME));
	cites_take(model, table->part, &table->cites, node);
	table->rests = rests_take(model, table->part, node);
	if (!table->rows || !table->columns || !table->values) {
		table->rows = table->columns = NULL;
		return;
	}
	if (!table->cites.count && !node_child(node, N_CITE))
		diag_add(model->diags, DIAG_NO_CITATION, node->name, "the table `%.*s` cites nothing",
			 TEXT_ARG(node->text));
	cells = (size_t)table->rows->count * table->columns->count;
	table->has = ARENA_ARRAY(model->arena, cells, bool *);
	table->cells = ARENA_ARRAY(model->arena, cells, struct span);
	rows = ARENA_ARRAY(model->arena, table->rows->count, bool);
	columns = ARENA_ARRAY(model->arena, table->columns->count, bool);
	order = ARENA_ARRAY(model->arena, node_count(names), uint32_t);
	for (const struct node *name = names->first; name; name = name->next) {
		uint32_t code = need_code(model, table->columns, name->text, name->span);

		if (code != NOWHERE && columns[code])
			diag_add(model->diags, DIAG_TABLE, name->span, "the column `%.*s` stands twice",
				 TEXT_ARG(name->text));
		if (code == NOWHERE || columns[code]) {
			fine = false;
			continue;
		}
		columns[code] = true;
		order[count++] = code;
	}
	for (const struct node *row = node->first; row && fine; row = row->next)
		if (row->kind == N_ROW)
			fine &= check_row(model, table, row, order, count, rows);
	if (fine)
		fill_rest(model, table, rows, columns);
	for (size_t i = 0; fine && table->npending && !table->at_most && i < cells; i++) {
		if (table->has[i])
			continue;
		diag_add(model->diags, DIAG_TABLE, table->cells[i],
			 "only an `at most` table can have pending cells: here a cell must say something");
		break;
	}
}

/* Judgements ------------------------------------------------------------------------------------- */

/* Findings of a judgement are facts: a record kind of its own, keyed by what it is judged per. */
static void judgement_record(struct model *model, struct judgement *judgement)
{
	static const struct {
		const char *name;
		enum type_kind kind;
		bool open;
	} rest[] = {
		{ "finding", KIND_CODE, false },
		{ "begins", KIND_DATE, false },
		{ "ends", KIND_DATE, true },
	};
	struct record *record = ARENA_NEW(model->arena, struct record);
	uint32_t count = judgement->nper + 3;

	*record = (struct record){
		.index = model->nrecords,
		.name = judgement->name,
		.span = judgement->span,
		.module = judgement->part->module,
		.open = true,
		.judgement = judgement,
		.valid = { judgement->nper + 1, judgement->nper + 2 },
	};
	map_init(&record->names, model->arena);
	record->fields = ARENA_ARRAY(model->arena, count, struct field);
	for (uint32_t i = 0; i < judgement->nper; i++) {
		const struct place *place = &judgement->per[i];
		struct field *field = &record->fields[record->nfields];
		struct text name = place->nsteps
					   ? place->records[place->nsteps - 1]
						     ->fields[place->steps[place->nsteps - 1]].name
					   : span_text(model->sources, place->span);

		field->name = name;
		field->span = place->span;
		field->type = place->type;
		field->key = true;
		field->derive[0] = field->derive[1] = NOWHERE;
		if (record_field(record, name) != NOWHERE)
			field->name = text_format(model->arena, "%.*s%u", TEXT_ARG(name), i + 1);
		map_set(&record->names, field->name, record->nfields++);
		record->nkey++;
	}
	for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++) {
		struct field *field = &record->fields[record->nfields];

		field->name = text_from(rest[i].name);
		field->span = judgement->span;
		field->type = (struct type){ .kind = rest[i].kind, .open = rest[i].open,
					     .codes = model->yesno };
		field->derive[0] = field->derive[1] = NOWHERE;
		map_set(&record->names, field->name, record->nfields++);
	}
	judgement->record = record;
	PUSH(model, model, records, cap_records, record);
}

static void check_judgement(struct model *model, struct question *question,
			    struct judgement *judgement)
{
	const struct node *node = judgement->node, *per = node_child(node, N_PER);
	struct scope scope = scope_of(model, question, judgement->part);

	judgement->bearer = need_bearer(model, node_child(node, N_NAME));
	labels_take(model, &judgement->asks, node_child(node, N_ASKS));
	if (node_count(per) > LIMIT_KEY_SLOTS) {
		diag_add(model->diags, DIAG_LIMIT_FIELDS, per->span, "a judgement is made per %d things at most",
			 LIMIT_KEY_SLOTS);
		return;
	}
	judgement->per = ARENA_ARRAY(model->arena, node_count(per), struct place);
	for (const struct node *path = per->first; path; path = path->next) {
		struct place *place = &judgement->per[judgement->nper];

		if (!place_resolve(&scope, path, place))
			return;
		if (place->type.set || place->type.kind == KIND_DATE || place->attribute) {
			diag_add(model->diags, DIAG_TYPE, path->span,
				 "a judgement is made per id, code or record, and this is %s",
				 type_word(model, &place->type));
			return;
		}
		judgement->nper++;
	}
	for (uint32_t i = 0; i < model->nrecords; i++) {
		struct diag *diag;

		if (!text_equal(model->records[i]->name, judgement->name))
			continue;
		diag = diag_add(model->diags, DIAG_DUPLICATE, judgement->span,
				"the findings of `%.*s` need a record of that name, and it is taken",
				TEXT_ARG(judgement->name));
		diag_also(model->diags, diag, model->records[i]->span, "declared here");
		return;
	}
	judgement_record(model, judgement);
}

void check_question(struct model *model, struct question *question)
{
	const struct node *answers = node_child(question->node, N_ANSWERS);

	check_field_names(model, question);
	for (uint32_t i = 0; i < question->nlinks; i++)
		link_resolve(model, question, question->links[i]);
	check_pivot(model, question);
	for (uint32_t i = 0; i < question->ntables; i++)
		check_table(model, question, question->tables[i]);
	for (uint32_t i = 0; i < question->njudgements; i++)
		check_judgement(model, question, question->judgements[i]);
	for (uint32_t i = 0; i < question->nlinks; i++)
		check_where(model, question, question->links[i]);
	for (uint32_t i = 0; i < question->ndefines; i++)
		define_resolve(model, question, question->defines[i]);
	for (uint32_t i = 0; i < question->nconds; i++)
		named_resolve(model, question, question->conds[i]);
	check_circles(model, question);
	if (!answers)
		return;
	question->answers = ARENA_ARRAY(model->arena, node_count(answers), struct define *);
	question->answer_spans = ARENA_ARRAY(model->arena, node_count(answers), struct span);
	for (const struct node *name = answers->first; name; name = name->next) {
		struct decl *decl = find_named(model, question, 0, name->text);
		struct near near = near_init(name->text);
		struct diag *diag;

		if (decl && decl->kind == DECL_DEFINE && ((struct define *)decl->thing)->codes) {
			((struct define *)decl->thing)->used = true;
			question->answer_spans[question->nanswers] = name->span;
			question->answers[question->nanswers++] = decl->thing;
			continue;
		}
		if (decl && decl->kind != DECL_DEFINE) {
			report_kind(model, name, decl, decl_word(DECL_DEFINE));
			continue;
		}
		if (decl) {
			diag = diag_add(model->diags, DIAG_TYPE, name->span,
					"an answer is a code, and `%.*s` is a date", TEXT_ARG(name->text));
			diag_also(model->diags, diag, decl->span, "declared here");
			continue;
		}
		diag = diag_add(model->diags, DIAG_UNKNOWN_NAME, name->span,
				"chapter %.*s has no determination `%.*s`",
				TEXT_ARG(question->name), TEXT_ARG(name->text));
		for (uint32_t i = 0; i < question->ndefines; i++)
			near_try(&near, question->defines[i]->name);
		near_help(model, diag, name->span, &near);
	}
}
