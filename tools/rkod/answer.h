/* SPDX-License-Identifier: EUPL-1.2 */
/* Answer: a verdict as the standard's decision object, with as much context as was asked for and is allowed. */
#ifndef RKOD_ANSWER_H
#define RKOD_ANSWER_H

#include "tools/rkod/decide.h"

/* Adds {"decision":…} to the exchange's answer. `stopped`: a semantic that ended the batch here, or NULL. */
void answer_verdict(struct sitting *sitting, const struct ask *ask, const struct verdict *verdict,
		    const char *stopped);
/* Adds the denial of an item that could not be read; `status` is what the HTTP status would have been. */
void answer_fault(struct buf *out, unsigned status, const struct ask_fault *fault, const char *stopped);

#endif
