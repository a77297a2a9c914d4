/* SPDX-License-Identifier: EUPL-1.2 */
/* Modules: which files make one, whose overlay is which layer, which modules each file sees. */
#include "dsl/check/passes.h"

#include <stdlib.h>

static uint32_t find_module(const struct model *model, struct text name)
{
	for (uint32_t i = 0; i < model->nmodules; i++)
		if (text_equal(model->modules[i].name, name))
			return i;
	return NOWHERE;
}

static void report_module(struct model *model, struct text name, struct span span, const char *to_what)
{
	struct near near = near_init(name);
	struct diag *diag = diag_add(model->diags, DIAG_UNKNOWN_MODULE, span, "there is no module `%.*s`%s",
				     TEXT_ARG(name), to_what);

	for (uint32_t i = 0; i < model->nmodules; i++)
		near_try(&near, model->modules[i].name);
	near_help(model, diag, span, &near);
	if (!near.best.len)
		diag_help(model->diags, diag, "give its files, or their folder, to the compiler too");
}

static uint32_t reach_module(struct model *model, const struct node *node)
{
	uint32_t module = find_module(model, node->text);
	const struct node *version = node_child(node, N_VERSION);
	struct diag *diag;

	if (module == NOWHERE) {
		model->modules = arena_grow(model->arena, model->modules, model->nmodules,
					    &model->cap_modules, sizeof *model->modules);
		module = model->nmodules++;
		model->modules[module] = (struct module){ .name = node->text, .span = node->name };
	}
	if (version && !model->modules[module].version.len) {
		model->modules[module].version = version->text;
		model->modules[module].span = node->name;
	} else if (version && !text_equal(model->modules[module].version, version->text)) {
		diag = diag_add(model->diags, DIAG_VERSIONS, version->span,
				"the module %.*s has another version elsewhere", TEXT_ARG(node->text));
		diag_also(model->diags, diag, model->modules[module].span, "version \"%.*s\"",
			  TEXT_ARG(model->modules[module].version));
	}
	return module;
}

static void take_parts(struct model *model, struct node **files, uint32_t count)
{
	uint32_t parts = 0;

	for (uint32_t i = 0; i < count; i++)
		parts += node_count(files[i]);
	model->parts = ARENA_ARRAY(model->arena, parts ? parts : 1, struct part);
	for (uint32_t i = 0; i < count; i++) {
		for (struct node *node = files[i]->first; node; node = node->next) {
			struct part *part = &model->parts[model->nparts++];

			part->node = node;
			part->kind = (enum part_kind)node->number;
			part->module = NOWHERE;
			if (part->kind != PART_TRANSLATION)
				part->module = reach_module(model, node);
		}
	}
	for (uint32_t i = 0; i < model->nparts; i++) {
		struct part *part = &model->parts[i];

		if (part->kind != PART_TRANSLATION)
			continue;
		part->module = find_module(model, part->node->text);
		if (part->module != NOWHERE)
			continue;
		report_module(model, part->node->text, part->node->name, " to translate");
		part->module = 0;
		part->lost = true;
	}
}

/* An overlay and a vocabulary or policy of one name would share names across layers. */
static void check_kinds(struct model *model)
{
	for (uint32_t i = 0; i < model->nparts; i++) {
		for (uint32_t j = 0; j < i; j++) {
			const struct part *a = &model->parts[i], *b = &model->parts[j];
			struct diag *diag;

			if (a->module != b->module || a->kind == PART_TRANSLATION ||
			    b->kind == PART_TRANSLATION ||
			    (a->kind == PART_OVERLAY) == (b->kind == PART_OVERLAY))
				continue;
			if (b->kind == PART_OVERLAY) {
				const struct part *swap = a;

				a = b;
				b = swap;
			}
			diag = diag_add(model->diags, DIAG_WRONG_KIND, a->node->name,
					"`%.*s` is both an overlay and a module of the base",
					TEXT_ARG(a->node->text));
			diag_also(model->diags, diag, b->node->name, "the module of the base");
			return;
		}
	}
}

/* Clauses of a head that would otherwise be read once, or not at all. */
static void check_heads(struct model *model)
{
	for (uint32_t i = 0; i < model->nparts; i++) {
		const struct part *part = &model->parts[i];
		const struct node *node = part->node;
		const struct node *force = node_child(node, N_FORCE), *refreshed = node_child(node, N_REFRESHED);
		struct diag *diag;

		clause_once(model, node, N_USES, "`uses`");
		clause_once(model, node, N_FORCE, "`in force`");
		clause_once(model, node, N_REFRESHED, "`closed refreshed`");
		if (force && part->kind != PART_OVERLAY) {
			diag = diag_add(model->diags, DIAG_MISPLACED, force->span,
					"the base is not in force as a whole: each of its rules is, by what it cites");
			diag_help(model->diags, diag, "write `in force` at the source, or at the rule");
		} else if (force && !node_child(node, N_FOR) && model->modules[part->module].layer) {
			diag = diag_add(model->diags, DIAG_MISPLACED, force->span,
					"an overlay says once when it is in force: where it says whose it is");
			diag_help(model->diags, diag, "write it under: overlay %.*s for …", TEXT_ARG(node->text));
		}
		if (refreshed && part->kind == PART_OVERLAY)
			diag_add(model->diags, DIAG_MISPLACED, refreshed->span,
				 "an overlay declares no records: there is nothing here to be refreshed");
	}
}

static int compare_parts(const void *a, const void *b)
{
	const struct part *x = *(struct part *const *)a, *y = *(struct part *const *)b;

	return text_compare(x->node->text, y->node->text);
}

/* Layer 0 is the base; overlays follow in the order of their names. */
static void take_layers(struct model *model)
{
	struct part **heads = ARENA_ARRAY(model->arena, model->nparts ? model->nparts : 1, struct part *);
	uint32_t count = 0;

	for (uint32_t i = 0; i < model->nparts; i++)
		if (model->parts[i].kind == PART_OVERLAY && node_child(model->parts[i].node, N_FOR))
			heads[count++] = &model->parts[i];
	if (count)
		qsort(heads, count, sizeof *heads, compare_parts);
	model->layers = ARENA_ARRAY(model->arena, count + 1, struct layer);
	model->layers[0] = (struct layer){ .name = TEXT("base"), .span = SPAN_NONE,
					   .force = force_always() };
	model->nlayers = 1;
	for (uint32_t i = 0; i < count; i++) {
		struct layer *layer = &model->layers[model->nlayers];
		const struct node *node = heads[i]->node;

		if (i && heads[i - 1]->module == heads[i]->module) {
			struct diag *diag = diag_add(model->diags, DIAG_DUPLICATE, node->name,
						     "the overlay %.*s says twice whose it is",
						     TEXT_ARG(node->text));

			diag_also(model->diags, diag, heads[i - 1]->node->name, "here first");
			diag_help(model->diags, diag, "its other files begin: overlay %.*s",
				  TEXT_ARG(node->text));
			continue;
		}
		layer->name = node->text;
		layer->span = node->name;
		layer->force = force_from(model, node_child(node, N_FORCE));
		layer->code = NOWHERE;
		model->modules[heads[i]->module].layer = model->nlayers++;
	}
	for (uint32_t i = 0; i < model->nparts; i++) {
		struct part *part = &model->parts[i];

		if (part->kind != PART_OVERLAY || model->modules[part->module].layer)
			continue;
		diag_add(model->diags, DIAG_UNKNOWN_MODULE, part->node->name,
			 "no file says whose overlay `%.*s` is: overlay %.*s for SET CODE",
			 TEXT_ARG(part->node->text), TEXT_ARG(part->node->text));
		part->lost = true;
	}
}

static void take_uses(struct model *model, struct part *part)
{
	const struct node *uses = node_child(part->node, N_USES);
	uint32_t count = uses ? node_count(uses) : 0;

	part->sees = ARENA_ARRAY(model->arena, count + model->nmodules + 1, uint32_t);
	part->told = ARENA_ARRAY(model->arena, model->nmodules, bool);
	part->sees[part->nsees++] = part->module;
	if (part->kind == PART_TRANSLATION) {	/* speaks of whatever there is */
		for (uint32_t i = 0; i < model->nmodules; i++)
			part->sees[part->nsees++] = i;
		return;
	}
	for (const struct node *name = uses ? uses->first : NULL; name; name = name->next) {
		uint32_t module = find_module(model, name->text);

		if (module != NOWHERE)
			part->sees[part->nsees++] = module;
		else
			report_module(model, name->text, name->span, "");
	}
}

void check_modules(struct model *model, struct node **files, uint32_t count)
{
	take_parts(model, files, count);
	check_kinds(model);
	take_layers(model);
	check_heads(model);
	for (uint32_t i = 0; i < model->nparts; i++)
		take_uses(model, &model->parts[i]);
}

/* What an overlay is `for` needs the vocabulary, and so comes after the codes. */
void check_layers(struct model *model)
{
	for (uint32_t i = 0; i < model->nparts; i++) {
		struct part *part = &model->parts[i];
		const struct node *of = node_child(part->node, N_FOR);
		struct layer *layer;

		if (part->kind != PART_OVERLAY || !of || !model->modules[part->module].layer)
			continue;
		layer = &model->layers[model->modules[part->module].layer];
		if (layer->set)
			continue;
		layer->set = need_global(model, part, DECL_CODES, of->first);
		if (!layer->set)
			continue;
		layer->code = need_code(model, layer->set, of->last->text, of->last->span);
		if (layer->code != NOWHERE)
			layer->labels = layer->set->codes[layer->code].labels;
	}
}
