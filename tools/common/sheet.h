/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Sheet: explanations as a page for people, in HTML that needs nothing else: no script, no picture from elsewhere, good
 * on a screen and on A4 paper. Each explanation is an article of its own; on paper it begins a page.
 *
 *   struct sheet sheet = { .language = RKO_FI };
 *   sheet_add(&sheet, &(struct sheet_decision){ .why = why, .policy = policy, .title = "…" });
 *   sheet_finish(&sheet, &out);		the whole page, as UTF-8
 *   sheet_release(&sheet);
 */
#ifndef RKO_TOOLS_SHEET_H
#define RKO_TOOLS_SHEET_H

#include <stddef.h>

#include <rko/explain.h>

#include "engine/base/buf.h"

struct sheet {
	enum rko_language language;
	struct buf title;		/* of the page: what the first article says */
	struct buf body;
	unsigned count;			/* articles */
};

struct sheet_decision {
	struct rko_explanation *why;
	const struct rko_policy *policy;
	const char *title;		/* what the question is called, or NULL */
	const void *trace;		/* as the decision gave it; NULL: not shown */
	size_t trace_size;
};

void sheet_add(struct sheet *sheet, const struct sheet_decision *decision);
/* Writes the page. False when memory ran out. */
bool sheet_finish(struct sheet *sheet, struct buf *out);
void sheet_release(struct sheet *sheet);

#endif
