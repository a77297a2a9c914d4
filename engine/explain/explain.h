/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Explain: an explanation while it is made. Works on a session whose snapshot is kept open and whose binder
 * still has the decision's features; what is missing is bound as it is asked for.
 *
 *   rules.c    which rules decide, which nearly would have, what they rest on
 *   readings.c what is not settled about the law, and what else the answer could be
 *   settle.c   which facts would settle an open question
 *   duties.c   what is due, by whom, by when
 *   text.c     all of it in words
 */
#ifndef RKO_EXPLAIN_EXPLAIN_H
#define RKO_EXPLAIN_EXPLAIN_H

#include <setjmp.h>

#include <rko/explain.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/decide/session.h"

struct explain {
	struct arena *arena;		/* of the explanation */
	struct arena *scratch;		/* emptied after each use */
	struct rko_explanation *out;
	struct rko_session *session;
	struct bind *bind;
	const struct image *image;
	const struct question_view *question;
	const struct image_rule *rules;	/* of the question */
	uint32_t nrules;
	enum rko_language language;
	uint8_t *rests;			/* by rule: the answer rests on it */
};

struct explained {	/* what rko_explanation_free() frees */
	struct rko_explanation out;
	struct arena arena, scratch;
	struct buf text;
};

static inline const char *explain_string(const struct explain *explain, uint32_t at)
{
	return image_string(explain->image, at);
}

static inline const char *explain_label(const struct explain *explain, const struct image_label *label,
					uint32_t name)
{
	return image_label_text(explain->image, label, explain->language, name);
}

struct rko_why_rule explain_rule(struct explain *explain, uint32_t rule);
const struct rko_cite *explain_cites(struct explain *explain, const struct image_rule *rule, size_t *ret_count,
				     size_t *ret_see);

/* What the trees come to for the candidate at hand, by the options that are taken now. */
struct explain_outcome {
	enum rko_outcome outcome;
	uint32_t rule;		/* the first deciding one, or IMAGE_NONE */
};
struct explain_outcome explain_outcome(struct explain *explain);

void explain_rules(struct explain *explain);
void explain_readings(struct explain *explain);
void explain_settle(struct explain *explain);
void explain_duties(struct explain *explain);

#endif
