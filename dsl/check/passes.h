/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The passes over files and chapters, as check.c calls them in their order; those over rules are in rules.h. For the files
 * of dsl/check alone.
 */
#ifndef RKO_DSL_CHECK_PASSES_H
#define RKO_DSL_CHECK_PASSES_H

#include "dsl/check/scope.h"

/* modules.c ------------------------------------------------------------------------------------ */

/* Parts, modules, layers, and what each part sees: before anything is declared. */
void check_modules(struct model *model, struct node **files, uint32_t count);
/* Whose overlay each is: needs the vocabulary, and so comes after the codes. */
void check_layers(struct model *model);

/* request.c ------------------------------------------------------------------------------------ */

void check_request(struct model *model, struct part *part, struct node *node);
void check_request_lines(struct model *model, struct question *question);
/* One action as a bit, or (by the name of the question) all of them; 0 after a report. */
uint32_t action_take(struct model *model, const struct question *question, struct text name, struct span span);
/* Those of a list; NULL: all. */
uint32_t actions_take(struct model *model, const struct question *question, const struct node *list);

/* authzen.c ------------------------------------------------------------------------------------ */

void check_entities(struct model *model, struct question *question);

/* question.c ----------------------------------------------------------------------------------- */

void declare_statement(struct model *model, struct part *part, struct question *question,
		       struct node *node);
void check_question(struct model *model, struct question *question);

/* unused.c ------------------------------------------------------------------------------------- */

/* At the end, where there are no errors. */
void check_unused(struct model *model);
void check_confirmed(struct model *model);

/* labels.c ------------------------------------------------------------------------------------- */

void check_translation(struct model *model, struct part *part);
void check_labels(struct model *model);

#endif
