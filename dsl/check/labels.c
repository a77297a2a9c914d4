/* SPDX-License-Identifier: EUPL-1.2 */
/* Labels: translations that stand in files of their own, and what is still missing. */
#include "dsl/check/passes.h"

static struct labels *code_labels(struct codeset *set, struct text name)
{
	uint32_t code = codeset_find(set, name);

	return code == NOWHERE ? NULL : &set->codes[code].labels;
}

static struct labels *item_labels(struct decl *decl)
{
	switch (decl->kind) {
	case DECL_ITEM:
		return &((struct rule *)decl->thing)->says;
	case DECL_COND:
		return &((struct named_cond *)decl->thing)->says;
	case DECL_JUDGEMENT:
		return &((struct judgement *)decl->thing)->asks;
	case DECL_LINK:
		return &((struct link *)decl->thing)->labels;
	case DECL_DEFINE:
		return &((struct define *)decl->thing)->labels;
	case DECL_TABLE:
		return &((struct table *)decl->thing)->labels;
	case DECL_PARAMETER:
		return &((struct parameter *)decl->thing)->says;
	case DECL_SOURCE:
		return &((struct law_source *)decl->thing)->title;
	case DECL_REQUEST:
		return &((struct question *)decl->thing)->asks;
	case DECL_CODES:
	case DECL_RECORD:
	case DECL_SET:
	case DECL_READING:
	case DECL_WINDOW:
		break;
	}
	return NULL;
}

/* `set.code`, `reading.option`, `request.action`, `request.field`, `record.field`. */
static struct labels *inner_labels(struct decl *decl, struct text name)
{
	struct question *question;
	struct reading *reading;
	struct record *record;
	uint32_t field;

	switch (decl->kind) {
	case DECL_CODES:
		return code_labels(decl->thing, name);
	case DECL_READING:
		reading = decl->thing;
		for (uint32_t i = 0; i < reading->noptions; i++)
			if (text_equal(reading->options[i].name, name))
				return &reading->options[i].labels;
		return NULL;
	case DECL_REQUEST:
		question = decl->thing;
		for (uint32_t i = 0; i < question->nactions; i++)
			if (text_equal(question->actions[i], name))
				return &question->action_labels[i];
		for (uint32_t i = 0; i < question->nfields; i++)
			if (text_equal(question->fields[i].name, name))
				return &question->fields[i].labels;
		return NULL;
	case DECL_RECORD:
		record = decl->thing;
		field = record_field(record, name);
		return field == NOWHERE ? NULL : &record->fields[field].labels;
	default:
		return NULL;
	}
}

static void near_parts(const struct decl *decl, struct near *near)
{
	const struct codeset *set = decl->thing;
	const struct reading *reading = decl->thing;
	const struct question *question = decl->thing;
	const struct record *record = decl->thing;

	switch (decl->kind) {
	case DECL_CODES:
		for (uint32_t i = 0; i < set->count; i++)
			near_try(near, set->codes[i].name);
		break;
	case DECL_READING:
		for (uint32_t i = 0; i < reading->noptions; i++)
			near_try(near, reading->options[i].name);
		break;
	case DECL_REQUEST:
		for (uint32_t i = 0; i < question->nactions; i++)
			near_try(near, question->actions[i]);
		for (uint32_t i = 0; i < question->nfields; i++)
			near_try(near, question->fields[i].name);
		break;
	case DECL_RECORD:
		for (uint32_t i = 0; i < record->nfields; i++)
			near_try(near, record->fields[i].name);
		break;
	default:
		break;
	}
}

/* The name is known, and has no text, or no part of that name. */
static void report_part(struct model *model, const struct node *node, const struct decl *decl)
{
	const struct node *path = node->first, *inner = path->first->next;
	struct near near = near_init(inner ? inner->text : path->first->text);
	struct diag *diag;

	if (!inner) {
		diag = diag_add(model->diags, DIAG_UNKNOWN_PHRASE, path->span,
				"`%.*s` is %s, and has no text of its own", TEXT_ARG(path->first->text),
				decl_word(decl->kind));
		diag_also(model->diags, diag, decl->span, "declared here");
		return;
	}
	diag = diag_add(model->diags, DIAG_UNKNOWN_PHRASE, inner->span, "`%.*s` has nothing called `%.*s` to translate",
			TEXT_ARG(path->first->text), TEXT_ARG(inner->text));
	diag_also(model->diags, diag, decl->span, "declared here");
	near_parts(decl, &near);
	near_help(model, diag, inner->span, &near);
}

static void check_phrase(struct model *model, struct part *part, struct question *question,
			 const struct node *node)
{
	const struct node *path = node->first, *name = path->first, *inner = name->next;
	uint32_t layer = model->modules[part->module].layer;
	struct decl *decl = question ? find_named(model, question, layer, name->text) : NULL;
	struct labels *labels = NULL;
	struct near near = near_init(name->text);
	struct diag *diag;

	if (!decl)
		decl = find_global(model, part, name->text, NULL);
	if (decl && inner && !inner->next)
		labels = inner_labels(decl, inner->text);
	else if (decl && !inner)
		labels = item_labels(decl);
	if (labels) {
		labels_take(model, labels, node);
		return;
	}
	if (decl && !(inner && inner->next)) {
		report_part(model, node, decl);
		return;
	}
	/* A statement that was not taken, for its chapter or its name, was reported; and one `chapter` is one slip. */
	if (model->untaken || (!question && part->outside))
		return;
	part->outside = !question;
	diag = diag_add(model->diags, DIAG_UNKNOWN_PHRASE, path->span,
			"there is nothing called `%.*s` to translate",
			TEXT_ARG(span_text(model->sources, path->span)));
	for (uint32_t i = 0; question && i < question->nrules && !inner; i++)
		near_try(&near, question->rules[i]->name);
	for (uint32_t i = 0; question && i < question->nconds && !inner; i++)
		near_try(&near, question->conds[i]->name);
	near_help(model, diag, path->span, &near);
	if (!near.best.len && !question)
		diag_help(model->diags, diag, "what stands in a chapter is translated after `chapter`");
}

void check_translation(struct model *model, struct part *part)
{
	struct question *question = NULL;
	bool lost = false;

	if (part->lost)
		return;
	for (const struct node *node = part->node->first; node; node = node->next) {
		if (node->kind == N_CHAPTER) {
			question = find_question(model, node->text);
			lost = !question;
			if (lost)
				report_request(model, node);
		} else if (node->kind == N_PHRASE && !lost) {
			check_phrase(model, part, question, node);
		}
	}
}

/* What is missing -------------------------------------------------------------------------------- */

static void look(struct model *model, const struct labels *labels, struct text name, struct span span)
{
	struct text missing = { "", 0 };
	bool any = false;

	for (int i = 0; i < LANGS; i++) {
		if (labels->in[i].len)
			any = true;
		else
			missing = text_format(model->arena, "%.*s%s%s", TEXT_ARG(missing),
					      missing.len ? ", " : "", lang_word((enum lang)i));
	}
	if (any && missing.len)
		diag_add(model->diags, DIAG_MISSING_LABEL, span, "`%.*s` has no text in %.*s",
			 TEXT_ARG(name), TEXT_ARG(missing));
}

static void look_at_question(struct model *model, const struct question *question)
{
	look(model, &question->asks, question->name, question->span);
	for (uint32_t i = 0; i < question->nactions; i++)
		look(model, &question->action_labels[i], question->actions[i], question->action_spans[i]);
	for (uint32_t i = 0; i < question->nrules; i++)
		look(model, &question->rules[i]->says, question->rules[i]->name, question->rules[i]->span);
	for (uint32_t i = 0; i < question->nconds; i++)
		look(model, &question->conds[i]->says, question->conds[i]->name, question->conds[i]->span);
	for (uint32_t i = 0; i < question->njudgements; i++)
		look(model, &question->judgements[i]->asks, question->judgements[i]->name,
		     question->judgements[i]->span);
}

void check_labels(struct model *model)
{
	for (uint32_t i = 0; i < model->ncodesets; i++)
		for (uint32_t j = 0; j < model->codesets[i]->count; j++)
			look(model, &model->codesets[i]->codes[j].labels,
			     model->codesets[i]->codes[j].name, model->codesets[i]->codes[j].span);
	for (uint32_t i = 0; i < model->nparameters; i++)
		look(model, &model->parameters[i]->says, model->parameters[i]->name,
		     model->parameters[i]->span);
	for (uint32_t i = 0; i < model->nreadings; i++)
		for (uint32_t j = 0; j < model->readings[i]->noptions; j++)
			look(model, &model->readings[i]->options[j].labels,
			     model->readings[i]->options[j].name, model->readings[i]->options[j].span);
	for (uint32_t i = 0; i < model->nlaws; i++)
		look(model, &model->laws[i]->title, model->laws[i]->name, model->laws[i]->span);
	for (uint32_t i = 0; i < model->nquestions; i++)
		look_at_question(model, model->questions[i]);
}
