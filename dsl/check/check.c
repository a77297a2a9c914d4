/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The passes of the checker, in their order. Each takes every file before the next begins, so the order of
 * statements and of files never matters.
 */
#include "dsl/check/passes.h"
#include "dsl/check/rules.h"

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

static void check_windows(struct model *model, struct part *part, struct question *question,
			  struct node *node)
{
	(void)question;
	if (node->kind == N_WINDOW)
		check_window(model, part, node);
}

static void check_settings(struct model *model, struct part *part, struct question *question,
			   struct node *node)
{
	(void)question;
	if (node->kind == N_SET)
		check_setting(model, part, node);
}

/* All of it -------------------------------------------------------------------------------------- */

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
	struct codeset *set = codeset_new(model, NOWHERE, TEXT("yesno"), SPAN_NONE);

	set->codes = ARENA_ARRAY(model->arena, 2, struct code);
	set->count = 2;
	set->codes[YESNO_NO] = (struct code){ .name = TEXT("no"), .span = SPAN_NONE, .labels = no,
					      .attribute = NOWHERE };
	set->codes[YESNO_YES] = (struct code){ .name = TEXT("yes"), .span = SPAN_NONE, .labels = yes,
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

	check_modules(model, files, count);
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
		check_confirmed(model);
		check_labels(model);
	}
	return model;
}
