/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The days on which an answer stays the same. For fixed facts every feature changes with the day only at known
 * cuts: of every date that some feature compares with today, for every candidate, whether the decision read it
 * or not. Between two neighbouring cuts nothing changes, so it is enough to decide again at each of them
 * (docs/semantics.md, "How long an answer stands").
 */
#include <stdlib.h>

#include "engine/decide/session.h"

struct cuts {
	struct bind *bind;
	day_t *days;
	size_t count, cap;
	bool no_memory;
};

static void add_day(struct cuts *cuts, day_t day)
{
	if (!day_valid(day) || cuts->no_memory)
		return;
	if (cuts->count == cuts->cap) {
		size_t cap = cuts->cap ? cuts->cap * 2 : 256;
		day_t *days = realloc(cuts->days, cap * sizeof *days);

		if (!days) {
			cuts->no_memory = true;
			return;
		}
		cuts->days = days;
		cuts->cap = cap;
	}
	cuts->days[cuts->count++] = day;
}

static void add_finding(struct cuts *cuts, const struct image_feature *about)
{
	struct bind *bind = cuts->bind;
	const struct bound_slot *slot = bind_slot(bind, about->b);
	int32_t begins, ends;

	if (!slot || slot->state != SLOT_PRESENT || !bind_finding_days(bind, about->b, &begins, &ends))
		return;
	add_day(cuts, begins);
	if (day_valid(ends))
		add_day(cuts, ends + 1);
}

static void add_feature(struct cuts *cuts, uint32_t number)
{
	struct bind *bind = cuts->bind;
	const struct image_feature *about = &bind->view->features[number];
	const struct image_cut *list = bind->policy->image.cuts + about->cuts.first;
	int32_t anchor;

	if (!(about->flags & IMAGE_MOVES) || bind->status != RKO_OK)
		return;
	switch (about->kind) {
	case IMAGE_FEATURE_FINDING:
		add_finding(cuts, about);
		break;
	case IMAGE_FEATURE_CALENDAR:
		for (uint32_t i = 0; i < about->cuts.count; i++)
			add_day(cuts, list[i].count);
		break;
	case IMAGE_FEATURE_POSITION:
		anchor = bind_fact(bind, about->b);
		for (uint32_t i = 0; i < about->cuts.count && bind->status == RKO_OK && day_valid(anchor); i++) {
			day_t day;

			if (bind_cut_day(&list[i], anchor, &day))
				add_day(cuts, day);
		}
		break;
	}
}

/* Features of the rows of a scan, of every row: which of them count may itself change with the day. */
static void add_rows(struct cuts *cuts, uint32_t number)
{
	struct bind *bind = cuts->bind;
	const struct bound_scan *scan = bind_scan(bind, number);

	for (uint32_t i = 0; scan && i < scan->count && bind->status == RKO_OK; i++) {
		bind_row(bind, number, i);
		for (uint32_t f = 0; f < bind->view->nfeatures; f++)
			if (bind->view->features[f].row == number)
				add_feature(cuts, f);
	}
}

static void add_candidate(struct cuts *cuts)
{
	struct bind *bind = cuts->bind;

	for (uint32_t f = 0; f < bind->view->nfeatures; f++)
		if (bind->view->features[f].row == IMAGE_NONE)
			add_feature(cuts, f);
	for (uint32_t i = 0; i < bind->view->nscans; i++)
		if (i != bind->view->plan->pivot)
			add_rows(cuts, i);
}

static void find_cuts(struct cuts *cuts)
{
	struct bind *bind = cuts->bind;
	uint32_t pivot = bind->view->plan->pivot;
	const struct bound_scan *scan;

	if (pivot == IMAGE_NONE) {
		add_candidate(cuts);
		return;
	}
	scan = bind_scan(bind, pivot);
	for (uint32_t i = 0; scan && i < scan->count && bind->status == RKO_OK; i++) {
		bind_candidate(bind);
		bind_row(bind, pivot, i);
		add_candidate(cuts);
	}
	bind_candidate(bind);
	bind_put_slot(bind, bind->view->scans[pivot].row, SLOT_ABSENT, NULL, NULL);
	add_candidate(cuts);
}

static int compare_days(const void *a, const void *b)
{
	day_t x = *(const day_t *)a, y = *(const day_t *)b;

	return x < y ? -1 : x > y;
}

/* Whether the answer on a day is another one. */
static enum rko_status differs(struct rko_session *session, const struct rko_request *request,
			       const struct rko_decision *decision, day_t day, bool *ret_differs)
{
	struct decide_as as = { .day = &day, .generation = decision->generation };
	struct rko_decision then;
	enum rko_status status = session_decide(session, request, &as, &then);

	*ret_differs = then.outcome != decision->outcome || then.duties != decision->duties;
	return status;
}

static enum rko_status search(struct rko_session *session, const struct rko_request *request,
			      const struct rko_decision *decision, const struct cuts *cuts, rko_day *ret_until,
			      rko_day *ret_since)
{
	enum rko_status status = RKO_OK;
	bool other = false;

	*ret_until = *ret_since = RKO_DAY_OPEN;
	for (size_t i = 0; i < cuts->count && status == RKO_OK && !other; i++) {
		if (cuts->days[i] <= decision->today || (i && cuts->days[i] == cuts->days[i - 1]))
			continue;
		status = differs(session, request, decision, cuts->days[i], &other);
		if (other)
			*ret_until = cuts->days[i] - 1;
	}
	other = false;
	for (size_t i = cuts->count; i-- > 0 && status == RKO_OK && !other;) {
		if (cuts->days[i] > decision->today || !day_valid(cuts->days[i] - 1) ||
		    (i && cuts->days[i] == cuts->days[i - 1]))
			continue;
		status = differs(session, request, decision, cuts->days[i] - 1, &other);
		if (other)
			*ret_since = cuts->days[i];
	}
	return status;
}

enum rko_status rko_decide_until(struct rko_session *session, const struct rko_request *request,
				 const struct rko_decision *decision, rko_day *ret_until, rko_day *ret_since)
{
	struct decide_as as = { .generation = decision->generation, .keep = true };
	struct cuts cuts = { .bind = &session->bind };
	struct rko_decision again;
	rko_day until, since;
	enum rko_status status = session_decide(session, request, &as, &again);

	if (status != RKO_OK)
		return status;
	session->bind.trace = NULL;
	if (again.outcome == RKO_REFUSED) {
		session_done(session);
		*ret_until = *ret_since = decision->today;
		return RKO_OK;
	}
	find_cuts(&cuts);
	status = session->bind.status;
	session_done(session);
	if (cuts.no_memory)
		status = RKO_NO_MEMORY;
	if (status == RKO_OK) {
		if (cuts.count)
			qsort(cuts.days, cuts.count, sizeof *cuts.days, compare_days);
		status = search(session, request, &again, &cuts, &until, &since);
	}
	free(cuts.days);
	if (status == RKO_OK) {
		*ret_until = until;
		*ret_since = since;
	}
	return status;
}
