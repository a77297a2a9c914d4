/* SPDX-License-Identifier: EUPL-1.2 */
/* Names: who is declared where, what a part sees, and the nearest name to one that is not known. */
#include "dsl/check/names.h"

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
		model->untaken = true;
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
		model->untaken = true;
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

void *find_own(struct model *model, const struct part *part, enum decl_kind kind, const struct node *node)
{
	const struct decl *decl = find_global(model, part, node->text, NULL);

	return decl && decl->kind == kind && decl->span.at == node->name.at && decl->span.source == node->name.source
		       ? decl->thing : NULL;
}

static void report_clash(struct model *model, const struct part *part, const struct decl *here,
			 const struct decl *there)
{
	const struct node *uses = node_child(part->node, N_USES);
	bool own = here->module == part->module, layer = model->modules[part->module].layer;
	struct text name = here->name;
	struct span span = here->span;
	struct diag *diag;

	for (const struct node *use = uses && !own ? uses->first : NULL; use; use = use->next)
		if (text_equal(use->text, model->modules[here->module].name))
			span = use->span;
	if (own && layer) {
		diag = diag_add(model->diags, DIAG_SHADOW, span, "the base already has `%.*s`, as %s",
				TEXT_ARG(name), decl_word(there->kind));
		diag_help(model->diags, diag,
			  "an overlay adds to the base and replaces nothing: choose another name");
	} else {
		diag = diag_add(model->diags, DIAG_AMBIGUOUS, span,
				"`%.*s` is declared in %.*s and in %.*s, and this file sees both", TEXT_ARG(name),
				TEXT_ARG(model->modules[there->module].name),
				TEXT_ARG(model->modules[here->module].name));
		diag_help(model->diags, diag, "rename one of them, or do not use both modules here");
	}
	if (!own)
		diag_also(model->diags, diag, here->span, "declared here");
	diag_also(model->diags, diag, there->span, own ? "declared here" : "and here");
}

void check_clashes(struct model *model)
{
	for (uint32_t i = 0; i < model->nparts; i++) {
		const struct part *part = &model->parts[i];

		if (part->kind == PART_TRANSLATION)
			continue;
		for (uint32_t d = 0; d < model->ndecls; d++) {
			const struct decl *here = &model->decls[d];
			uint32_t from = 0, number;

			while (from < part->nsees && part->sees[from] != here->module)
				from++;
			/* Against the modules behind it; the part's own comes first. */
			for (uint32_t j = from + 1; j < part->nsees; j++) {
				if (part->sees[j] == here->module)
					continue;
				number = map_get(&model->globals, key_of(model, part->sees[j], here->name));
				if (number == MAP_NONE)
					continue;
				if (here->module == part->module)
					report_clash(model, part, here, &model->decls[number]);
				else
					report_clash(model, part, &model->decls[number], here);
			}
		}
	}
}

void clause_once(struct model *model, const struct node *node, enum node_kind kind, const char *what)
{
	const struct node *first = node_child(node, kind);

	for (const struct node *more = first ? node_more(first) : NULL; more; more = node_more(more)) {
		struct diag *diag = diag_add(model->diags, DIAG_DUPLICATE, more->span, "%s stands here twice", what);

		diag_also(model->diags, diag, first->span, "here first");
	}
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

void report_kind(struct model *model, const struct node *name, const struct decl *decl, const char *needed)
{
	struct diag *diag = diag_add(model->diags, DIAG_WRONG_KIND,
				     name->name.source == SOURCE_NONE ? name->span : name->name,
				     "`%.*s` is %s, and %s is needed here", TEXT_ARG(name->text),
				     decl_word(decl->kind), needed);

	diag_also(model->diags, diag, decl->span, "declared here");
}

/* What a part uses and did not say so is one mistake, however many names it uses: the first is shown. */
void report_hidden(struct model *model, const struct part *part, const struct node *name,
		   const struct decl *hidden)
{
	struct text module = model->modules[hidden->module].name;
	struct diag *diag;
	bool *told = &model->parts[part - model->parts].told[hidden->module];

	if (*told)
		return;
	*told = true;
	diag = diag_add(model->diags, DIAG_NOT_VISIBLE, name->name,
			"`%.*s` belongs to the module %.*s, which this file does not use",
			TEXT_ARG(name->text), TEXT_ARG(module));
	diag_also(model->diags, diag, hidden->span, "declared here");
	diag_help(model->diags, diag, "add `%.*s` to the `uses` of this file",
		  TEXT_ARG(module));
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
		report_kind(model, name, decl, decl_word(kind));
		return NULL;
	}
	if (hidden) {
		report_hidden(model, part, name, hidden);
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

void report_request(struct model *model, const struct node *chapter)
{
	struct near near = near_init(chapter->text);
	struct diag *diag = diag_add(model->diags, DIAG_UNKNOWN_NAME, chapter->name, "there is no request `%.*s`",
				     TEXT_ARG(chapter->text));

	for (uint32_t i = 0; i < model->nquestions; i++)
		near_try(&near, model->questions[i]->name);
	near_help(model, diag, chapter->name, &near);
}

static bool too_deep(struct model *model, struct text name, struct span span)
{
	struct diag *diag = diag_add(model->diags, DIAG_LIMIT_NESTING, span,
				     "`%.*s` stands for a name that stands for a name, more than %d deep",
				     TEXT_ARG(name), LIMIT_NESTING);

	diag_help(model->diags, diag, "say in one place what several names say now");
	return false;
}

struct height height_begin(struct model *model)
{
	struct height begun = { model->height };

	model->height = 0;
	model->depth++;
	return begun;
}

bool height_end(struct model *model, struct height begun, struct text name, struct span span,
		unsigned *ret_height)
{
	*ret_height = model->height + 1;
	model->depth--;
	model->height = begun.saved > *ret_height ? begun.saved : *ret_height;
	return *ret_height <= LIMIT_NESTING || *ret_height > LIMIT_NESTING + 1 || too_deep(model, name, span);
}

bool height_room(struct model *model, struct text name, struct span span)
{
	return model->depth < LIMIT_NESTING || too_deep(model, name, span);
}

void height_met(struct model *model, unsigned height)
{
	if (height > model->height)
		model->height = height;
}

struct near near_init(struct text wanted)
{
	unsigned limit = wanted.len < 2 ? 0 : wanted.len < 4 ? 1 : wanted.len < 8 ? 2 : 3;

	return (struct near){ .wanted = wanted, .distance = limit + 1, .limit = limit };
}

/* Whether one of them begins the other: `issue` and `issue_grant`, `copying` and `copy`. */
static bool begins(struct text a, struct text b)
{
	enum { SHORTEST = 4 };
	size_t len = a.len < b.len ? a.len : b.len;

	return len >= SHORTEST && memcmp(a.at, b.at, len) == 0;
}

void near_try(struct near *near, struct text name)
{
	unsigned distance = text_alike(near->wanted, name) ? 0 : text_distance(near->wanted, name, near->distance);

	if (distance > near->limit && begins(near->wanted, name))
		distance = near->limit;
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

bool check_audience(struct model *model, const struct node *node)
{
	struct diag *diag;

	if (text_equal(node->text, TEXT("requester")))
		return true;
	diag = diag_add(model->diags, DIAG_AUDIENCE, node->name, "`%.*s` is no audience", TEXT_ARG(node->text));
	diag_help(model->diags, diag, "facts are shown to the requester, or to reviewers only: `shown to requester`");
	return false;
}
