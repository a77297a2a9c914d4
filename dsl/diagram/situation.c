/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Situations in words: what a finding shows of the cells in which it is so. A path through the diagram names more
 * than that: it also says what makes the cell a possible one. What can be left out without leaving the finding is
 * left out, so that an author reads what the matter hangs on and nothing else.
 */
#include "dsl/diagram/decision.h"

#include "engine/base/arena.h"
#include "engine/base/buf.h"

/* Whether every possible cell with the answers that are left is one of `bad`, of which `good` are all others. */
static bool still_bad(struct decision *decision, dd good, const uint32_t *class_of, uint32_t without)
{
	for (uint32_t level = 0; level < decision->plan.nfeatures && good != DD_FALSE; level++)
		if (class_of[level] != UINT32_MAX && level != without)
			good = dd_fix(&decision->dds, good, level, class_of[level]);
	return good == DD_FALSE && !decision->dds.full;
}

/* Leaves out, from the last one on, what follows from the others or does not matter. */
static void leave_out(struct decision *decision, dd bad, uint32_t *class_of)
{
	struct dds *dds = &decision->dds;
	bool full = dds->full;
	dd good = dd_and(dds, decision->possible, dd_not(dds, bad));

	for (uint32_t level = decision->plan.nfeatures; level-- > 0 && !dds->full;)
		if (class_of[level] != UINT32_MAX && still_bad(decision, good, class_of, level))
			class_of[level] = UINT32_MAX;
	dds->full = full;	/* room that only the words would have needed */
}

struct text decision_subject(const struct decision *decision, const struct feature *feature)
{
	const struct plan *plan = &decision->plan;
	struct text point;

	if (feature->kind != FEATURE_POSITION && feature->kind != FEATURE_CALENDAR)
		return feature->name;
	point = plan->values[feature->a].name;
	if (feature->kind == FEATURE_CALENDAR)
		return point;
	return plan->values[feature->a].kind == VALUE_TODAY
		       ? plan->values[feature->b].name
		       : text_format(decision->arena, "%.*s or %.*s", TEXT_ARG(point),
				     TEXT_ARG(plan->values[feature->b].name));
}

static void say_answer(struct decision *decision, struct buf *text, uint32_t number, uint32_t class_)
{
	const struct feature *feature = &decision->plan.features[number];
	bool dates = feature->kind == FEATURE_POSITION || feature->kind == FEATURE_CALENDAR;
	struct text answer = plan_class_text(&decision->plan, number, class_);
	struct text subject = decision_subject(decision, feature);

	/* A day is told against another, which the answer names; what is not there is what the answer is about. */
	if (dates && !text_equal(answer, TEXT("none")))
		subject = decision->plan.values[feature->a].name;
	buf_printf(text, "%.*s: %.*s", TEXT_ARG(subject), TEXT_ARG(answer));
}

struct text decision_cell(struct decision *decision, dd bad, uint32_t indent)
{
	uint32_t *class_of = ARENA_ARRAY(decision->arena, decision->plan.nfeatures + 1, uint32_t);
	struct buf text = { .arena = decision->arena };

	if (!dd_path(&decision->dds, bad, class_of))
		return TEXT("");
	leave_out(decision, bad, class_of);
	for (uint32_t level = 0; level < decision->plan.nfeatures; level++) {
		if (class_of[level] == UINT32_MAX)
			continue;
		buf_char(&text, '\n');
		buf_repeat(&text, ' ', indent);
		say_answer(decision, &text, decision->plan.order[level], class_of[level]);
	}
	if (!text.len)
		buf_string(&text, "\n  in every situation");
	return buf_view(&text);
}
