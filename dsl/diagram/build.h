/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Build: from the rules of a question to its diagrams.
 *
 *   lower (twice) -> order -> ladders -> decision
 *
 * What is asked of a decision after that is in passes.h.
 */
#ifndef RKO_DSL_BUILD_H
#define RKO_DSL_BUILD_H

#include "dsl/diagram/decision.h"

/* Lowers and builds; reports limits that are passed. `readings`: the option of each. */
struct decision *decision_build(struct model *model, struct question *question, const uint32_t *readings);
/* The checks of a record's rows: `musts` alone. */
struct decision *decision_build_record(struct model *model, const struct record *record);

#endif
