/* SPDX-License-Identifier: EUPL-1.2 */
/* What is declared and never used; and readings that nobody has confirmed. */
#include "dsl/check/passes.h"

static void unused(struct model *model, struct text name, struct span span, const char *what)
{
	diag_add(model->diags, DIAG_UNUSED, span, "%s `%.*s` is never used", what, TEXT_ARG(name));
}

void check_unused(struct model *model)
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
void check_confirmed(struct model *model)
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
