/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the files of the rules share. A chapter's items are declared first, so that the order of files never matters;
 * check_rules() (rules.c) then checks each in the order of their names, and exceptions as a whole.
 *
 *   items.c       what is declared: rules, exceptions, duties, redactions, silences, laws
 *   rules.c       each item in turn; what all rules have
 *   rule_cites.c  what an item cites, and when it is in force by that
 *   exceptions.c  to which rules an exception is, how deep, and with which verb
 *   duties.c      duties and redactions
 *   widenings.c   what a rule of the base delegates, and overlays widen
 *   laws.c        laws and examples, and the facts they are about
 */
#ifndef RKO_DSL_CHECK_RULES_H
#define RKO_DSL_CHECK_RULES_H

#include "dsl/check/passes.h"

/* items.c */

/* Declares a rule, an exception, a duty, a silence or a law; others are kept for check_rules(). */
void declare_item(struct model *model, struct part *part, struct question *question, struct node *node);
/* What an item is called in messages: "a duty". */
const char *item_word(const struct rule *rule);
/* The item of a name, as a layer sees it; NULL after a report. */
struct rule *need_item(struct model *model, struct question *question, uint32_t layer, const struct node *name);

/* rules.c */

/* Every item of a chapter; once all that a condition can name is declared. */
void check_rules(struct model *model, struct question *question);

/* rule_cites.c */

/* Citations, readings, force; what is said, and to whom it may be told. Reports what is missing or does not fit. */
void rule_cites(struct model *model, struct rule *rule);

/* exceptions.c */

/* Takes the parents of an exception; one that cannot be is reported and left out. */
void check_exception(struct model *model, struct question *question, struct rule *rule);
/*
 * Once all parents are taken: each item's height and ways. What stands in a circle or past a bound is reported, and has
 * no parents from then on.
 */
void check_exceptions(struct model *model, struct question *question);
/* After check_exceptions(): that the verb fits what is above. */
void check_verb(struct model *model, struct rule *rule);

/* duties.c */

void check_redaction(struct model *model, struct rule *rule);
void check_duty(struct model *model, struct question *question, struct rule *rule);

/* widenings.c */

/* What a rule leaves to overlays: the features, the bounds, the passage. */
void check_delegation(struct model *model, struct question *question, struct rule *rule);
/* Adds the widening to the question; not after a report. Every rule has been checked. */
void check_widening(struct model *model, struct question *question, const struct loose *loose);

/* laws.c: each adds to the question what it checks; not after a report. */

void check_law(struct model *model, struct question *question, struct rule *item);
void check_example(struct model *model, struct question *question, const struct loose *loose);

#endif
