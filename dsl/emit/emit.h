/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Emit: a checked model and its built decisions become an image. Same input, same bytes: tables are in a
 * fixed order, diagrams are renumbered canonically, and nothing that no decision can use is written.
 */
#ifndef RKO_DSL_EMIT_H
#define RKO_DSL_EMIT_H

#include "dsl/diagram/decision.h"
#include "engine/base/buf.h"

/* Reports what cannot be written. On errors `out` is left empty. */
void emit_image(struct buf *out, struct model *model, struct decision **decisions, struct diags *diags);
/* The image in words. */
void emit_dump(struct buf *out, const struct buf *image);

#endif
