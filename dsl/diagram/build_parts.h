/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the files of the building share: build.c (the order), build_lower.c (all that is asked), build_notes.c (what a
 * rule rests on), build_outcome.c (ladders and the outcome), build_duties.c (duties).
 * For them alone.
 */
#ifndef RKO_DSL_BUILD_PARTS_H
#define RKO_DSL_BUILD_PARTS_H

#include "dsl/diagram/decision.h"

/* build_lower.c */
/* What must hold of a request; a record that it gives is held to what every row of its kind is held to. */
void build_find_checks(struct decision *decision);
void build_lower_checks(struct decision *decision);
void build_lower(struct decision *decision);

/* build_notes.c: lowers what the notes of a rule ask; then those of the day that a duty is due on. */
void build_notes(struct decision *decision, struct built_rule *built);
void build_due_notes(struct decision *decision, struct built_rule *built);

/* build_outcome.c */
void build_outcome(struct decision *decision);

/* build_duties.c */
void build_duties(struct decision *decision);

#endif
