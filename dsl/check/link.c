/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Links: by which key the rows of a record are found and how many there can be, which of them count, and that
 * none hangs in the end on itself.
 */
#include "dsl/check/scope.h"

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
	if (!type_known(&type) || !type_known(&link->record->fields[link->nkeys].type))
		return false;	/* of a type that was reported */
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

void check_where(struct model *model, struct question *question, struct link *link)
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

void check_circles(struct model *model, struct question *question)
{
	struct circle circle = { .model = model };

	for (uint32_t i = 0; i < question->nlinks; i++)
		circle_link(&circle, question->links[i]);
}

void check_pivot(struct model *model, struct question *question)
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
