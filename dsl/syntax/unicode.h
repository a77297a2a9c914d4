/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Unicode: what a policy text may be made of. Well-formed UTF-8 in NFC; no control, invisible or
 * direction-changing character but tab and line end; no word that mixes alphabets. Looks at the whole
 * text, comments and quoted texts too.
 */
#ifndef RKO_DSL_UNICODE_H
#define RKO_DSL_UNICODE_H

#include <stdbool.h>

#include "engine/base/diag.h"

/* Reports what is wrong; true when the text may go to the lexer. */
bool unicode_check(struct diags *diags, uint32_t source);

#endif
