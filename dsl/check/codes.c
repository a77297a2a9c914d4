/* SPDX-License-Identifier: EUPL-1.2 */
/* Code sets, their codes, and the attributes of those; who bears duties is a code too. */
#include "dsl/check/vocabulary.h"

struct codeset *codeset_new(struct model *model, uint32_t module, struct text name, struct span span)
{
	struct codeset *set = ARENA_NEW(model->arena, struct codeset);

	set->name = name;
	set->span = span;
	set->module = module;
	set->index = model->ncodesets;
	map_init(&set->names, model->arena);
	PUSH(model, model, codesets, cap_codesets, set);
	return set;
}

uint32_t codeset_find(const struct codeset *set, struct text name)
{
	return map_get(&set->names, name);	/* MAP_NONE is NOWHERE */
}

uint32_t need_code(struct model *model, const struct codeset *set, struct text name, struct span span)
{
	uint32_t code = codeset_find(set, name);
	struct near near = near_init(name);
	struct diag *diag;

	if (code != NOWHERE)
		return code;
	diag = diag_add(model->diags, DIAG_UNKNOWN_CODE, span, "`%.*s` is not a code of %.*s",
			TEXT_ARG(name), TEXT_ARG(set->name));
	for (uint32_t i = 0; i < set->count; i++)
		near_try(&near, set->codes[i].name);
	near_help(model, diag, span, &near);
	if (set == model->yesno && !near.best.len)
		diag_help(model->diags, diag, "it is `yes` or `no`");
	if (set->span.source != SOURCE_NONE)
		diag_also(model->diags, diag, set->span, "the codes of %.*s are declared here",
			  TEXT_ARG(set->name));
	return NOWHERE;
}

uint32_t need_bearer(struct model *model, const struct node *name)
{
	struct diag *diag;

	if (model->bearers)
		return need_code(model, model->bearers, name->text, name->span);
	diag = diag_add(model->diags, DIAG_NEEDS_CODES, name->span,
			"no code set says who bears duties, makes judgements and changes records");
	diag_help(model->diags, diag, "declare `codes bearer`, for example: codes bearer organiser, producer");
	return NOWHERE;
}

/* Declarations ---------------------------------------------------------------------------------- */

static void add_code(struct model *model, struct codeset *set, const struct node *node)
{
	struct code *code = &set->codes[set->count];
	const struct node *official = node_child(node, N_OFFICIAL);
	uint32_t old = codeset_find(set, node->text);

	if (old != NOWHERE) {
		struct diag *diag = diag_add(model->diags, DIAG_DUPLICATE, node->name,
					     "%.*s has the code `%.*s` twice", TEXT_ARG(set->name),
					     TEXT_ARG(node->text));

		diag_also(model->diags, diag, set->codes[old].span, "here first");
		return;
	}
	code->name = node->text;
	code->span = node->name;
	code->attribute = NOWHERE;
	code->others = node->kind == N_OTHERS;
	if (official && official->number)
		code->pending = true;
	else if (official)
		code->official = official->text;
	labels_take(model, &code->labels, node);
	map_set(&set->names, node->text, set->count++);
}

static void check_official(struct model *model, const struct codeset *set)
{
	for (uint32_t i = 0; i < set->count; i++) {
		for (uint32_t j = 0; j < i; j++) {
			struct diag *diag;

			if (!set->codes[i].official.len ||
			    !text_equal(set->codes[i].official, set->codes[j].official))
				continue;
			diag = diag_add(model->diags, DIAG_DUPLICATE, set->codes[i].span,
					"the official code \"%.*s\" stands twice in %.*s",
					TEXT_ARG(set->codes[i].official), TEXT_ARG(set->name));
			diag_also(model->diags, diag, set->codes[j].span, "here first");
		}
	}
}

void check_codes(struct model *model, struct part *part, struct node *node)
{
	struct codeset *set = codeset_new(model, part->module, node->text, node->name);
	const struct node *official = node_child(node, N_OFFICIAL);
	uint32_t count = 0;

	declare(model, part, DECL_CODES, node, set);
	if (official && official->number)
		set->pending = true;
	else if (official)
		set->official = official->text;
	for (const struct node *child = node->first; child; child = child->next)
		count += child->kind == N_CODE || child->kind == N_OTHERS;
	if (count > LIMIT_CODES) {
		diag_add(model->diags, DIAG_LIMIT_CODES, node->name,
			 "%.*s has %u codes; at most %d are allowed", TEXT_ARG(set->name), count,
			 LIMIT_CODES);
		count = 0;
	}
	set->codes = ARENA_ARRAY(model->arena, count ? count : 1, struct code);
	for (const struct node *child = node->first; child && count; child = child->next)
		if (child->kind == N_CODE || child->kind == N_OTHERS)
			add_code(model, set, child);
	check_official(model, set);
	if (text_equal(set->name, TEXT("bearer")))
		model->bearers = set;
	if (text_equal(set->name, TEXT("source_kind")))
		model->source_kinds = set;
}

void check_codes_attributes(struct model *model, struct part *part, struct node *node)
{
	const struct node *attribute = node_child(node, N_ATTRIBUTE);
	struct codeset *set = find_own(model, part, DECL_CODES, node);
	struct codeset *values;

	if (!set)
		return;
	values = attribute ? need_global(model, part, DECL_CODES, attribute->first) : NULL;
	if (values) {
		set->attribute = attribute->text;
		set->attribute_set = values;
	}
	for (const struct node *child = node->first; child; child = child->next) {
		const struct node *value = child->kind == N_CODE ? node_child(child, N_NAME) : NULL;
		uint32_t code = child->kind == N_CODE ? codeset_find(set, child->text) : NOWHERE;

		if (code == NOWHERE)
			continue;
		if (value && !attribute)
			diag_add(model->diags, DIAG_TYPE, value->span,
				 "%.*s declares no attribute: `with name : set` is missing",
				 TEXT_ARG(set->name));
		else if (value && values)
			set->codes[code].attribute = need_code(model, values, value->text, value->span);
		else if (!value && values)
			diag_add(model->diags, DIAG_TYPE, child->span,
				 "the code `%.*s` has no %.*s: write it in parentheses",
				 TEXT_ARG(child->text), TEXT_ARG(set->attribute));
	}
}
