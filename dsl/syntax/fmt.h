/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Fmt: the canonical layout of a policy text. Only white space changes: words, signs and comments stay
 * as they are and in their order. The layout depends on the words and on where the author ended lines
 * inside a clause, never on how many spaces were there; formatting twice changes nothing.
 */
#ifndef RKO_DSL_FMT_H
#define RKO_DSL_FMT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/diag.h"
#include "engine/base/text.h"

struct buf;

/*
 * Writes the layout of a text that parses. One that does not is reported, nothing is written, and the
 * answer is false.
 */
bool fmt_source(struct buf *out, struct diags *diags, uint32_t source);

/*
 * Whether two texts differ in white space only: the same tokens and comments in the same order. White
 * space at the end of a comment does not count. Both must end in a NUL and be fit for the lexer.
 */
bool fmt_same(struct text a, struct text b);

#endif
