/* SPDX-License-Identifier: EUPL-1.2 */
/* Names: who is declared where, what a part sees, and the nearest name to one that is not known. */
#include "dsl/check/check.h"

const char *decl_word(enum decl_kind kind)
{
	switch (kind) {
	case DECL_CODES:
		return "a code set";
	case DECL_RECORD:
		return "a record";
	case DECL_REQUEST:
		return "a request";
	case DECL_SOURCE:
		return "a source";
	case DECL_SET:
		return "a set";
	case DECL_PARAMETER:
		return "a parameter";
	case DECL_READING:
		return "a reading";
	case DECL_WINDOW:
		return "a window";
	case DECL_LINK:
		return "a link";
	case DECL_DEFINE:
		return "a determination";
	case DECL_TABLE:
		return "a table";
	case DECL_COND:
		return "a condition";
	case DECL_JUDGEMENT:
		return "a judgement";
	case DECL_ITEM:
		return "a rule";
	}
	return "a name";
}

static struct text key_of(struct model *model, uint32_t owner, struct text name)
{
	return text_format(model->arena, "%u %.*s", owner, TEXT_ARG(name));
}

static uint32_t add_decl(struct model *model, enum decl_kind kind, struct text name,
			 struct span span, uint32_t module, void *thing)
{
	model->decls = arena_grow(model->arena, model->decls, model->ndecls, &model->cap_decls,
				  sizeof *model->decls);
	model->decls[model->ndecls] = (struct decl){ kind, name, span, module, thing };
	return model->ndecls++;
}

static void report_second(struct model *model, struct text name, struct span span,
			  const struct decl *first)
{
	struct diag *diag = diag_add(model->diags, DIAG_DUPLICATE, span,
				     "`%.*s` is declared twice", TEXT_ARG(name));

	diag_also(model->diags, diag, first->span, "declared here first, as %s",
		  decl_word(first->kind));
}

void declare(struct model *model, struct part *part, enum decl_kind kind, const struct node *node,
	     void *thing)
{
	struct text key = key_of(model, part->module, node->text);
	uint32_t old = map_get(&model->globals, key);

	if (old != MAP_NONE) {
		report_second(model, node->text, node->name, &model->decls[old]);
		return;
	}
	map_set(&model->globals, key,
		add_decl(model, kind, node->text, node->name, part->module, thing));
}

bool declare_in(struct model *model, struct question *question, uint32_t layer,
		enum decl_kind kind, struct text name, struct span span, void *thing)
{
	struct map *map = &question->named;
	struct text key = key_of(model, layer, name);
	uint32_t old = map_get(map, key);
	struct diag *diag;

	if (old != MAP_NONE) {
		report_second(model, name, span, &model->decls[old]);
		return false;
	}
	old = layer ? map_get(map, key_of(model, 0, name)) : (uint32_t)MAP_NONE;
	if (old != MAP_NONE) {
		diag = diag_add(model->diags, DIAG_SHADOW, span,
				"the base already has `%.*s` in chapter %.*s", TEXT_ARG(name),
				TEXT_ARG(question->name));
		diag_also(model->diags, diag, model->decls[old].span, "declared here");
		diag_help(model->diags, diag,
			  "an overlay adds to the base and replaces nothing: choose another name");
		return false;
	}
	map_set(map, key, add_decl(model, kind, name, span, NOWHERE, thing));
	return true;
}

struct decl *find_global(struct model *model, const struct part *part, struct text name,
			 struct decl **ret_hidden)
{
	uint32_t number;

	for (uint32_t i = 0; i < part->nsees; i++) {
		number = map_get(&model->globals, key_of(model, part->sees[i], name));
		if (number != MAP_NONE)
			return &model->decls[number];
	}
	if (ret_hidden) {
		*ret_hidden = NULL;
		for (uint32_t i = 0; i < model->nmodules && !*ret_hidden; i++) {
			number = map_get(&model->globals, key_of(model, i, name));
			if (number != MAP_NONE)
				*ret_hidden = &model->decls[number];
		}
	}
	return NULL;
}

static void suggest_global(struct model *model, const struct part *part, enum decl_kind kind,
			   struct near *near)
{
	for (uint32_t i = 0; i < model->ndecls; i++) {
		const struct decl *decl = &model->decls[i];
		bool seen = false;

		for (uint32_t j = 0; j < part->nsees; j++)
			seen |= part->sees[j] == decl->module;
		if (seen && decl->kind == kind)
			near_try(near, decl->name);
	}
}

void *need_global(struct model *model, const struct part *part, enum decl_kind kind,
		  const struct node *name)
{
	struct decl *hidden;
	struct decl *decl = find_global(model, part, name->text, &hidden);
	struct near near = near_init(name->text);
	struct diag *diag;

	if (decl && decl->kind == kind)
		return decl->thing;
	if (decl) {
		diag = diag_add(model->diags, DIAG_WRONG_KIND, name->name,
				"`%.*s` is %s, and %s is needed here", TEXT_ARG(name->text),
				decl_word(decl->kind), decl_word(kind));
		diag_also(model->diags, diag, decl->span, "declared here");
		return NULL;
	}
	if (hidden) {
		struct text module = model->modules[hidden->module].name;

		diag = diag_add(model->diags, DIAG_NOT_VISIBLE, name->name,
				"`%.*s` belongs to the module %.*s, which this file does not use",
				TEXT_ARG(name->text), TEXT_ARG(module));
		diag_also(model->diags, diag, hidden->span, "declared here");
		diag_help(model->diags, diag, "add `%.*s` to the `uses` of this file",
			  TEXT_ARG(module));
		return NULL;
	}
	diag = diag_add(model->diags, DIAG_UNKNOWN_NAME, name->name, "there is no %s `%.*s`",
			strchr(decl_word(kind), ' ') + 1, TEXT_ARG(name->text));
	suggest_global(model, part, kind, &near);
	near_help(model, diag, name->name, &near);
	return NULL;
}

struct decl *find_named(const struct model *model, const struct question *question, uint32_t layer,
			struct text name)
{
	struct arena *arena = model->arena;
	uint32_t number = map_get(&question->named,
				  text_format(arena, "%u %.*s", layer, TEXT_ARG(name)));

	if (number == MAP_NONE && layer)
		number = map_get(&question->named, text_format(arena, "0 %.*s", TEXT_ARG(name)));
	return number == MAP_NONE ? NULL : &model->decls[number];
}

struct question *find_question(const struct model *model, struct text name)
{
	for (uint32_t i = 0; i < model->nquestions; i++)
		if (text_equal(model->questions[i]->name, name))
			return model->questions[i];
	return NULL;
}

struct near near_init(struct text wanted)
{
	unsigned limit = wanted.len < 4 ? 1 : wanted.len < 8 ? 2 : 3;

	return (struct near){ .wanted = wanted, .distance = limit + 1 };
}

void near_try(struct near *near, struct text name)
{
	unsigned distance = text_distance(near->wanted, name, near->distance);

	if (distance < near->distance ||
	    (distance == near->distance && near->best.len && text_compare(name, near->best) < 0)) {
		near->distance = distance;
		near->best = name;
	}
}

void near_help(struct model *model, struct diag *diag, struct span span, const struct near *near)
{
	if (!near->best.len)
		return;
	diag_fix(model->diags, diag, span, near->best, "did you mean `%.*s`?", TEXT_ARG(near->best));
}
