/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What is asked of a decision that is built.
 *
 *   possible cells -> analyses -> laws -> audience -> proof -> image -> report
 */
#ifndef RKO_DSL_PASSES_H
#define RKO_DSL_PASSES_H

#include "dsl/diagram/decision.h"

/* build_outcome.c: parts of the outcome, and the outcome with something else in their place. */

/* Where the chain of conditions above a rule holds: its parents, up to a root. */
dd decision_chain(struct decision *decision, const struct rule *rule);
/* Where an overlay's words would widen a rule: its actions and force are the rule's. */
dd decision_widening(struct decision *decision, const struct widening *widening);
/* The ladder of a tree whose root has the condition `on`. */
dd decision_ladder(struct decision *decision, const struct rule *rule, dd on);
/*
 * The ranked outcomes that the policy would give without the trees and widenings of a layer; WITHOUT_UNKNOWN: if the
 * overlays that are not known had nothing to say.
 */
enum { WITHOUT_UNKNOWN = NOWHERE };
dd decision_without(struct decision *decision, uint32_t layer);
/* What one rule's tree says of the outcome: ranked. */
dd decision_part(struct decision *decision, const struct built_rule *built);

/* build_duties.c */

/* Where a duty is due, for some ranked outcomes. */
dd decision_due(struct decision *decision, const struct rule *rule, dd outcome);
/* Where a ranked outcome is of that class. */
dd decision_outcome_is(struct decision *decision, dd outcome, enum outcome_class class_);

/* possible.c: the cells that can occur, and the outcome on them for analyses (`possible`, `analysis`). */
void decision_possible(struct decision *decision);

/* analyse.c: reports what is unreachable, overlaps, falls silent or widens too far. */

/* Whether a rule, or all that it is an exception to, waits for a day that is pending. */
bool rule_waits(const struct rule *rule);
void decision_analyse(struct decision *decision);
/* Sets `cells`, `decided` and `silent`, for the report. */
void decision_count(struct decision *decision);

/* laws.c: reports laws and examples that do not hold. */
void decision_laws(struct decision *decision);

/* audience.c: `shown` and `told`; refuses what would tell too much. */
void decision_audience(struct decision *decision);

/* prove.c, prove_image.c: the diagrams against the source trees, and the written image against both. */
struct image;
void decision_prove(struct decision *decision);
void decision_prove_image(struct decision *decision, const struct image *image);

/* report.c: in words, for a dump and for the report of a build. */
struct buf;
void decision_dump(struct buf *out, struct decision *decision);
void decision_report(struct buf *out, struct decision *decision);

#endif
