/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The passes of the checker, in their order. Each takes every file before the next begins, so the order of
 * statements and of files never matters.
 */
#include "dsl/check/check.h"

#include <stdlib.h>

static const struct span nowhere = { SOURCE_NONE, 0, 0 };

/* 1. Modules and layers -------------------------------------------------------------------------- */

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
	model->layers[0] = (struct layer){ .name = TEXT("base"), .span = nowhere,
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

/* What an overlay is `for` needs the vocabulary, and so comes after the codes. */
static void check_layers(struct model *model)
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

/* 2. Statements ---------------------------------------------------------------------------------- */

static bool in_chapter(enum node_kind kind)
{
	switch (kind) {
	case N_LINK:
	case N_DEFINE:
	case N_TABLE:
	case N_COND:
	case N_JUDGEMENT:
	case N_RULE:
	case N_EXCEPTION:
	case N_WIDEN:
	case N_DUTY:
	case N_LAW:
	case N_SILENT:
	case N_EXAMPLE:
		return true;
	default:
		return false;
	}
}

static void misplaced(struct model *model, const struct node *node, const char *why)
{
	diag_add(model->diags, DIAG_MISPLACED, node->name.source == SOURCE_NONE ? node->span : node->name,
		 "%s", why);
}

/* Calls `act` for each statement of each file, with the question of its chapter. */
static void each_statement(struct model *model,
			   void (*act)(struct model *, struct part *, struct question *, struct node *))
{
	for (uint32_t i = 0; i < model->nparts; i++) {
		struct part *part = &model->parts[i];
		struct question *question = NULL;
		bool lost = false;	/* in a chapter of no request, which check_chapters() reports */

		if (part->kind == PART_TRANSLATION || part->lost)
			continue;
		for (struct node *node = part->node->first; node; node = node->next) {
			if (node->kind == N_CHAPTER) {
				question = find_question(model, node->text);
				lost = !question;
			} else if (!lost || !in_chapter(node->kind)) {
				act(model, part, question, node);
			}
		}
	}
}

static void declare_vocabulary(struct model *model, struct part *part, struct question *question,
			       struct node *node)
{
	(void)question;
	if (node->kind == N_CODES) {
		if (part->kind == PART_OVERLAY)
			misplaced(model, node, "an overlay declares no codes: they belong to the vocabulary");
		check_codes(model, part, node);
	} else if (node->kind == N_RECORD) {
		struct record *record = ARENA_NEW(model->arena, struct record);

		if (part->kind == PART_OVERLAY)
			misplaced(model, node, "an overlay declares no records: they belong to the vocabulary");
		record->index = model->nrecords;
		record->name = node->text;
		record->span = node->name;
		record->module = part->module;
		record->open = node->number;
		record->valid[0] = record->valid[1] = NOWHERE;
		map_init(&record->names, model->arena);
		declare(model, part, DECL_RECORD, node, record);
		PUSH(model, model, records, cap_records, record);
	} else if (node->kind == N_REQUEST) {
		if (part->kind == PART_OVERLAY)
			misplaced(model, node, "an overlay asks no questions of its own");
		check_request(model, part, node);
	}
}

static void check_attributes(struct model *model, struct part *part, struct question *question,
			     struct node *node)
{
	(void)question;
	if (node->kind == N_CODES)
		check_codes_attributes(model, part, node);
}

static void declare_values(struct model *model, struct part *part, struct question *question,
			   struct node *node)
{
	uint32_t layer = model->modules[part->module].layer;

	(void)question;
	if (node->kind == N_SOURCE) {
		check_source(model, part, node);
	} else if (node->kind == N_PARAMETER) {
		struct parameter *parameter = ARENA_NEW(model->arena, struct parameter);

		*parameter = (struct parameter){ .index = model->nparameters, .name = node->text,
						 .span = node->name, .module = part->module,
						 .layer = layer };
		declare(model, part, DECL_PARAMETER, node, parameter);
		PUSH(model, model, parameters, cap_parameters, parameter);
	} else if (node->kind == N_READING) {
		struct reading *reading = ARENA_NEW(model->arena, struct reading);

		*reading = (struct reading){ .index = model->nreadings, .name = node->text,
					     .span = node->name, .module = part->module };
		declare(model, part, DECL_READING, node, reading);
		PUSH(model, model, readings, cap_readings, reading);
	} else if (node->kind == N_WINDOW) {
		struct window *window = ARENA_NEW(model->arena, struct window);

		*window = (struct window){ .name = node->text, .span = node->name,
					   .module = part->module };
		declare(model, part, DECL_WINDOW, node, window);
		PUSH(model, model, windows, cap_windows, window);
	}
}

/* A `set` is a named set unless its name is a parameter: so parameters come first. */
static void declare_sets(struct model *model, struct part *part, struct question *question,
			 struct node *node)
{
	struct decl *decl;
	struct named_set *set;

	(void)question;
	if (node->kind != N_SET)
		return;
	decl = find_global(model, part, node->text, NULL);
	if (decl && decl->kind == DECL_PARAMETER)
		return;
	set = ARENA_NEW(model->arena, struct named_set);
	*set = (struct named_set){ .name = node->text, .span = node->name, .module = part->module,
				   .node = node, .part = part };
	declare(model, part, DECL_SET, node, set);
	PUSH(model, model, sets, cap_sets, set);
}

static void declare_chapter(struct model *model, struct part *part, struct question *question,
			    struct node *node, bool overlay)
{
	if (!in_chapter(node->kind) || (part->kind == PART_OVERLAY) != overlay)
		return;
	if (part->kind == PART_VOCABULARY) {
		misplaced(model, node, "a vocabulary declares words and facts; rules belong to a policy");
		return;
	}
	if (!question) {
		if (!part->outside)
			misplaced(model, node, "this belongs to a chapter: write `chapter` and a request before it");
		part->outside = model->untaken = true;	/* what follows it too */
		return;
	}
	declare_statement(model, part, question, node);
	switch (node->kind) {
	case N_RULE:
	case N_EXCEPTION:
	case N_WIDEN:
	case N_DUTY:
	case N_LAW:
	case N_SILENT:
	case N_EXAMPLE:
		declare_item(model, part, question, node);
		break;
	default:
		break;
	}
}

/* The base first: an overlay may take none of its names, whichever file comes first. */
static void declare_base(struct model *model, struct part *part, struct question *question, struct node *node)
{
	declare_chapter(model, part, question, node, false);
}

static void declare_overlays(struct model *model, struct part *part, struct question *question,
			     struct node *node)
{
	declare_chapter(model, part, question, node, true);
}

static void check_facts(struct model *model, struct part *part, struct question *question,
			struct node *node)
{
	(void)question;
	if (node->kind == N_RECORD)
		check_record(model, part, node);
}

static void check_musts(struct model *model, struct part *part, struct question *question,
			struct node *node)
{
	(void)question;
	if (node->kind == N_RECORD)
		check_record_musts(model, part, node);
}

static void check_values(struct model *model, struct part *part, struct question *question,
			 struct node *node)
{
	(void)question;
	if (node->kind == N_PARAMETER)
		check_parameter(model, part, node);
	else if (node->kind == N_READING)
		check_reading(model, part, node);
}

static void check_settings(struct model *model, struct part *part, struct question *question,
			   struct node *node)
{
	(void)question;
	if (node->kind == N_SET)
		check_setting(model, part, node);
}

/* A bound that is a date of the record, moved by a fixed time or not at all. */
static bool fixed_bound(const struct operand *bound, const struct place **ret_place, int32_t ret_days[2])
{
	const struct operand *date = bound, *moved = NULL;
	int32_t count;

	if (bound->kind == OPERAND_SHIFT) {
		date = bound->parts[0];
		moved = bound->parts[1];
	}
	if (date->kind != OPERAND_PLACE || (moved && moved->kind != OPERAND_CONSTANT))
		return false;
	count = moved ? moved->constant.number * bound->sign : 0;
	*ret_place = &date->place;
	ret_days[0] = ret_days[1] = count;
	if (moved && moved->constant.unit == UNIT_MONTHS) {	/* of 28 to 31 days */
		ret_days[0] *= count < 0 ? 31 : 28;
		ret_days[1] *= count < 0 ? 28 : 31;
	}
	return true;
}

/* Both bounds are counted from one date, and the last day lies before the first. */
static bool window_is_empty(const struct window *window)
{
	const struct place *places[2];
	int32_t days[2][2];

	for (int i = 0; i < 2; i++)
		if (!fixed_bound(window->bounds[i], &places[i], days[i]))
			return false;
	if (places[0]->nsteps != places[1]->nsteps || days[0][0] <= days[1][1])
		return false;
	for (uint32_t i = 0; i < places[0]->nsteps; i++)
		if (places[0]->steps[i] != places[1]->steps[i])
			return false;
	return true;
}

static void check_windows(struct model *model, struct part *part, struct question *question,
			  struct node *node)
{
	static const struct type date = { .kind = KIND_DATE };
	struct window *window;
	struct scope scope = { .model = model, .part = part };
	const struct node *bound;

	(void)question;
	if (node->kind != N_WINDOW)
		return;
	window = find_own(model, part, DECL_WINDOW, node);
	if (!window)
		return;
	window->record = need_global(model, part, DECL_RECORD, node_child(node, N_NAME));
	if (!window->record)
		return;
	scope.self = window->record;
	bound = node->first->next;
	for (int i = 0; i < 2; i++, bound = bound->next) {
		window->bounds[i] = operand_resolve(&scope, bound, &date);
		if (window->bounds[i] && window->bounds[i]->type.kind == KIND_DATE &&
		    !window->bounds[i]->type.set)
			continue;
		if (window->bounds[i])
			diag_add(model->diags, DIAG_TYPE, bound->span, "a window has dates for its bounds");
		window->record = NULL;
		return;
	}
	if (window_is_empty(window)) {
		struct diag *diag = diag_add(model->diags, DIAG_UNREACHABLE, window->span,
					     "the window `%.*s` has no day: it ends before it begins",
					     TEXT_ARG(window->name));

		diag_help(model->diags, diag, "its first day stands first: [first, last]");
	}
}

/* 3. What is declared and never used ------------------------------------------------------------- */

static void unused(struct model *model, struct text name, struct span span, const char *what)
{
	diag_add(model->diags, DIAG_UNUSED, span, "%s `%.*s` is never used", what, TEXT_ARG(name));
}

static void check_unused(struct model *model)
{
	for (uint32_t i = 0; i < model->nreadings; i++)
		if (!model->readings[i]->used)
			unused(model, model->readings[i]->name, model->readings[i]->span, "the reading");
	for (uint32_t i = 0; i < model->nsets; i++)
		if (!model->sets[i]->used)
			unused(model, model->sets[i]->name, model->sets[i]->span, "the set");
	for (uint32_t i = 0; i < model->nparameters; i++)
		if (!model->parameters[i]->used)
			unused(model, model->parameters[i]->name, model->parameters[i]->span, "the parameter");
	for (uint32_t i = 0; i < model->nwindows; i++)
		if (!model->windows[i]->used)
			unused(model, model->windows[i]->name, model->windows[i]->span, "the window");
	for (uint32_t i = 0; i < model->nquestions; i++) {
		const struct question *question = model->questions[i];

		for (uint32_t j = 0; j < question->ndefines; j++)
			if (!question->defines[j]->used)
				unused(model, question->defines[j]->name, question->defines[j]->span,
				       "the determination");
		for (uint32_t j = 0; j < question->ntables; j++)
			if (!question->tables[j]->used)
				unused(model, question->tables[j]->name, question->tables[j]->span, "the table");
		for (uint32_t j = 0; j < question->nlinks; j++)
			if (!question->links[j]->used)
				unused(model, question->links[j]->name, question->links[j]->span, "the link");
		for (uint32_t j = 0; j < question->nconds; j++)
			if (!question->conds[j]->used)
				unused(model, question->conds[j]->name, question->conds[j]->span,
				       "the condition");
		for (uint32_t j = 0; j < question->njudgements; j++)
			if (!question->judgements[j]->used)
				unused(model, question->judgements[j]->name, question->judgements[j]->span,
				       "the judgement");
	}
}

/* An unconfirmed reading is named by the build, so that a reviewer sees it. */
static void note_readings(struct model *model)
{
	for (uint32_t i = 0; i < model->nreadings; i++) {
		const struct reading *reading = model->readings[i];
		const struct option *option = reading->noptions ? &reading->options[reading->chosen] : NULL;

		if (!reading->confirmed && option)
			diag_add(model->diags, DIAG_UNCONFIRMED, reading->span,
				 "the reading `%.*s` is unconfirmed: `%.*s` was chosen by %.*s",
				 TEXT_ARG(reading->name), TEXT_ARG(option->name), TEXT_ARG(reading->by));
	}
}

static void check_chapters(struct model *model)
{
	for (uint32_t i = 0; i < model->nparts; i++)
		for (struct node *node = model->parts[i].node->first; node; node = node->next)
			if (node->kind == N_CHAPTER && model->parts[i].kind != PART_TRANSLATION &&
			    !find_question(model, node->text)) {
				report_request(model, node);
				model->untaken = true;
			}
}

static void make_yesno(struct model *model)
{
	static const struct labels no = { { TEXT("ei"), TEXT("nej"), TEXT("no") } };
	static const struct labels yes = { { TEXT("kyllä"), TEXT("ja"), TEXT("yes") } };
	struct codeset *set = codeset_new(model, NOWHERE, TEXT("yesno"), nowhere);

	set->codes = ARENA_ARRAY(model->arena, 2, struct code);
	set->count = 2;
	set->codes[YESNO_NO] = (struct code){ .name = TEXT("no"), .span = nowhere, .labels = no,
					      .attribute = NOWHERE };
	set->codes[YESNO_YES] = (struct code){ .name = TEXT("yes"), .span = nowhere, .labels = yes,
					       .attribute = NOWHERE };
	map_set(&set->names, TEXT("no"), YESNO_NO);
	map_set(&set->names, TEXT("yes"), YESNO_YES);
	model->yesno = set;
}

struct model *model_check(struct arena *arena, struct diags *diags, struct node **files, uint32_t count)
{
	struct model *model = ARENA_NEW(arena, struct model);

	model->arena = arena;
	model->diags = diags;
	model->sources = diags->sources;
	map_init(&model->globals, arena);
	make_yesno(model);

	take_parts(model, files, count);
	check_kinds(model);
	take_layers(model);
	check_heads(model);
	for (uint32_t i = 0; i < model->nparts; i++)
		take_uses(model, &model->parts[i]);

	each_statement(model, declare_vocabulary);
	check_chapters(model);
	each_statement(model, check_attributes);
	check_layers(model);
	each_statement(model, declare_values);
	each_statement(model, declare_sets);
	check_clashes(model);
	each_statement(model, declare_base);
	each_statement(model, declare_overlays);

	each_statement(model, check_facts);
	each_statement(model, check_values);
	each_statement(model, check_settings);
	settings_check(model);
	each_statement(model, check_windows);
	each_statement(model, check_musts);
	for (uint32_t i = 0; i < model->nquestions; i++)
		check_request_lines(model, model->questions[i]);
	for (uint32_t i = 0; i < model->nquestions; i++)
		check_question(model, model->questions[i]);
	for (uint32_t i = 0; i < model->nquestions; i++)
		check_rules(model, model->questions[i]);

	for (uint32_t i = 0; i < model->nparts; i++)
		if (model->parts[i].kind == PART_TRANSLATION)
			check_translation(model, &model->parts[i]);
	if (!diags->errors) {
		check_unused(model);
		note_readings(model);
		check_labels(model);
	}
	return model;
}
