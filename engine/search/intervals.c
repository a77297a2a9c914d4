/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/search/intervals.h"

#include <stdlib.h>

#include <rko/explain.h>

/* What a day's answer is and rests on ---------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The explanation reads more than the decision: what of that cannot be read leaves the reasons short, not wrong. */
static void take_rules(struct making *making, const struct rko_explanation *why, struct reason *reason)
{
	uint32_t *by = ARENA_ARRAY(making->arena, why->nby + 1, uint32_t);

	for (size_t i = 0; i < why->nby; i++)
		by[i] = why->by[i].rule;
	qsort(by, why->nby, sizeof *by, compare_numbers);
	reason->by = by;
	reason->nby = why->nby;
	reason->nearest = why->nearest ? why->nearest->rule : IMAGE_NONE;
}

static enum rko_status look_at(struct making *making, day_t day, struct reason *ret)
{
	struct rko_explanation *why = NULL;
	enum rko_status status;

	rko_request_on(making->request, day);
	status = rko_explain(making->session, making->request, NULL, making->made->out.language, &why);
	if (status != RKO_OK) {
		rko_explanation_free(why);
		return status;
	}
	*ret = (struct reason){ .outcome = why->decision.outcome, .duties = why->decision.duties,
				.rule = why->decision.rule };
	take_rules(making, why, ret);
	rko_explanation_free(why);
	return RKO_OK;
}

static bool same_answer(const struct reason *a, const struct reason *b)
{
	return a->outcome == b->outcome && a->duties == b->duties;
}

static bool same_reasons(const struct reason *a, const struct reason *b)
{
	return a->rule == b->rule && a->nby == b->nby &&
	       (a->nby == 0 || memcmp(a->by, b->by, a->nby * sizeof *a->by) == 0);
}

/* Intervals ----------------------------------------------------------------------------------------- */

/* Every deciding rule, the witness first. */
static const char *const *rule_names(struct making *making, const struct reason *reason)
{
	const struct image_rule *rules = making->image->rules + making->question->question->rules.first;
	const char **names = ARENA_ARRAY(making->arena, reason->nby + 1, const char *);
	size_t count = 0;

	for (int first = 1; first >= 0; first--)
		for (size_t i = 0; i < reason->nby; i++)
			if ((reason->by[i] == reason->rule) == (first == 1))
				names[count++] = text_copy(making->arena,
							   text_from(image_string(making->image,
										  rules[reason->by[i]].name))).at;
	return names;
}

static struct rko_interval interval_of(struct making *making, const struct reason *reason, day_t from)
{
	const struct image_rule *rules = making->image->rules + making->question->question->rules.first;
	struct rko_interval out = {
		.from = from,
		.to = making->made->out.to,
		.outcome = reason->outcome,
		.duties = reason->duties,
		.rule = reason->rule,
		.rule_name = "",
		.by = rule_names(making, reason),
		.nby = reason->nby,
	};

	if (reason->rule != IMAGE_NONE)
		out.rule_name = text_copy(making->arena,
					  text_from(image_string(making->image, rules[reason->rule].name))).at;
	return out;
}

/* The cuts of one day; the list is in order. */
static size_t cuts_of_day(const struct cuts *cuts, size_t from)
{
	size_t to = from;

	while (to < cuts->count && cuts->list[to].day == cuts->list[from].day)
		to++;
	return to - from;
}

/* Between two neighbouring cuts nothing changes, so it is enough to look at each of them. */
static enum rko_status find_intervals(struct making *making)
{
	struct rko_intervals *out = &making->made->out;
	struct rko_interval *list;
	struct reason before, after;
	size_t cap = 0, step;
	enum rko_status status = look_at(making, out->from, &before);

	if (status != RKO_OK)
		return status;
	list = arena_grow(making->arena, NULL, 0, &cap, sizeof *list);
	list[out->count++] = interval_of(making, &before, out->from);
	out->list = list;
	for (size_t i = 0; i < making->cuts.count; i += step) {
		const struct cut *cuts = &making->cuts.list[i];

		step = cuts_of_day(&making->cuts, i);
		if (cuts->day <= out->from || cuts->day > out->to)
			continue;
		status = look_at(making, cuts->day, &after);
		if (status != RKO_OK)
			return status;
		if (same_answer(&before, &after) && same_reasons(&before, &after))
			continue;
		list = arena_grow(making->arena, list, out->count, &cap, sizeof *list);
		out->list = list;
		list[out->count - 1].to = cuts->day - 1;
		list[out->count] = interval_of(making, &after, cuts->day);
		list[out->count].same_answer = same_answer(&before, &after);
		status = causes_find(making, cuts, step, &before, &after, &list[out->count]);
		if (status != RKO_OK)
			return status;
		out->count++;
		before = after;
	}
	return RKO_OK;
}

/* The first decision: on which generation, whether the request can be asked at all, and where the cuts are. */
static enum rko_status begin(struct making *making)
{
	struct decide_as as = { .day = &making->made->out.from, .keep = true };
	struct rko_intervals *out = &making->made->out;
	struct rko_decision decision;
	enum rko_status status = session_decide(making->session, making->request, &as, &decision);

	if (status != RKO_OK)
		return status;
	out->generation = decision.generation;
	out->refusal = decision.refusal;
	out->because = text_copy(making->arena, text_from(decision.because)).at;
	rko_request_as_of(making->request, decision.generation);
	if (decision.outcome != RKO_REFUSED)
		status = cuts_find(making->session, false, &making->cuts);
	session_done(making->session);
	return status;
}

static enum rko_status make(struct making *making)
{
	enum rko_status status = begin(making);

	if (status == RKO_OK && making->made->out.refusal == RKO_REFUSED_NOT)
		status = find_intervals(making);
	return status;
}

/* Memory that runs out on the way jumps back here. */
static enum rko_status guarded(struct making *making)
{
	jmp_buf escape;
	enum rko_status status;

	making->arena->escape = &escape;
	if (setjmp(escape)) {
		session_done(making->session);
		status = RKO_NO_MEMORY;
	} else {
		status = make(making);
	}
	making->arena->escape = NULL;
	return status;
}

enum rko_status rko_intervals(struct rko_session *session, const struct rko_request *request, rko_day from, rko_day to,
			      enum rko_language language, struct rko_intervals **ret_intervals)
{
	struct making making = { .session = session, .image = &session->policy->image, .question = request->view };
	enum rko_status status;

	if (request->policy != session->policy || !day_valid(from) || !day_valid(to) || to < from ||
	    (unsigned)language > RKO_EN)
		return RKO_ARGUMENT;
	status = request_copy(request, &making.request);
	if (status != RKO_OK)
		return status;
	making.made = calloc(1, sizeof *making.made);
	if (!making.made) {
		rko_request_free(making.request);
		return RKO_NO_MEMORY;
	}
	arena_init(&making.made->arena, 256u << 20);
	making.arena = &making.made->arena;
	making.made->out = (struct rko_intervals){ .from = from, .to = to, .language = language, .because = "",
						   .question = request->question,
						   .lists = !request->view->question->grants };
	status = guarded(&making);
	cuts_free(&making.cuts);
	rko_request_free(making.request);
	if (status == RKO_OK)
		*ret_intervals = &making.made->out;
	else
		rko_intervals_free(&making.made->out);
	return status;
}

void rko_intervals_free(struct rko_intervals *intervals)
{
	struct intervals *made = (struct intervals *)intervals;

	if (!made)
		return;
	arena_free(&made->arena);
	free(made);
}
