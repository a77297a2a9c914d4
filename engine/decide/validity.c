/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The days on which an answer stays the same. For fixed facts every feature changes with the day only at known
 * cuts: of every date that some feature compares with today, for every candidate, whether the decision read it
 * or not. Between two neighbouring cuts nothing changes, so it is enough to decide again at each of them
 * (docs/semantics.md, "How long an answer stands").
 */
#include "engine/decide/validity.h"

#include <stdlib.h>

static void add_cut(struct cuts *cuts, struct cut cut)
{
	if (!day_valid(cut.day) || cuts->no_memory)
		return;
	if (cuts->count == cuts->cap) {
		size_t cap = cuts->cap ? cuts->cap * 2 : 256;
		struct cut *list = realloc(cuts->list, cap * sizeof *list);

		if (!list) {
			cuts->no_memory = true;
			return;
		}
		cuts->list = list;
		cuts->cap = cap;
	}
	cuts->list[cuts->count++] = cut;
}

/* The row in which the date stands, when it stands in one that is stored. */
static void keep_key(const struct bind *bind, uint32_t number, struct cut *cut)
{
	const struct bound_slot *slot = &bind->slots[number];

	cut->slot = number;
	cut->key_size = 0;
	if (slot->state != SLOT_PRESENT || slot->given)
		return;
	cut->key_size = slot->row.key_size - KEY_TAIL;
	memcpy(cut->key, slot->row.key, cut->key_size);
}

static void add_finding(struct cuts *cuts, uint32_t number, const struct image_feature *about)
{
	struct bind *bind = cuts->bind;
	const struct bound_slot *slot = bind_slot(bind, about->b);
	struct cut cut = { .feature = number };
	int32_t begins, ends;

	if (!slot || slot->state != SLOT_PRESENT || !bind_finding_days(bind, about->b, &begins, &ends))
		return;
	keep_key(bind, about->b, &cut);
	cut.day = cut.anchor = begins;
	add_cut(cuts, cut);
	if (day_valid(ends)) {
		cut.number = 1;
		cut.anchor = ends;
		cut.day = ends + 1;
		add_cut(cuts, cut);
	}
}

static void add_positions(struct cuts *cuts, uint32_t number, const struct image_feature *about)
{
	struct bind *bind = cuts->bind;
	const struct image_value *value = &bind->view->values[about->b];
	int32_t anchor = bind_fact(bind, about->b);
	struct cut cut = { .feature = number, .anchor = anchor, .slot = IMAGE_NONE };

	if (bind->status != RKO_OK || !day_valid(anchor))
		return;
	if (value->kind == IMAGE_VALUE_FIELD)
		keep_key(bind, value->of, &cut);
	for (; cut.number < about->cuts.count; cut.number++)
		if (bind_cut_day(&bind->policy->image.cuts[about->cuts.first + cut.number], anchor, &cut.day))
			add_cut(cuts, cut);
}

static void add_calendar(struct cuts *cuts, uint32_t number, const struct image_feature *about)
{
	const struct image_cut *list = cuts->bind->policy->image.cuts + about->cuts.first;

	for (uint32_t i = 0; i < about->cuts.count; i++)
		add_cut(cuts, (struct cut){ .day = list[i].count, .feature = number, .number = i,
					    .anchor = list[i].count, .slot = IMAGE_NONE });
}

/* `shown`: the actions for which whoever asks may know it. */
static bool is_asked(const struct cuts *cuts, uint32_t shown)
{
	return !cuts->shown || shown >> cuts->bind->action & 1;
}

static bool moves(const struct cuts *cuts, uint32_t number)
{
	const struct image_feature *about = &cuts->bind->view->features[number];

	return about->flags & IMAGE_MOVES && is_asked(cuts, about->shown);
}

static void add_feature(struct cuts *cuts, uint32_t number)
{
	struct bind *bind = cuts->bind;
	const struct image_feature *about = &bind->view->features[number];

	if (!moves(cuts, number) || bind->status != RKO_OK)
		return;
	if (about->kind == IMAGE_FEATURE_FINDING)
		add_finding(cuts, number, about);
	else if (about->kind == IMAGE_FEATURE_CALENDAR)
		add_calendar(cuts, number, about);
	else if (about->kind == IMAGE_FEATURE_POSITION)
		add_positions(cuts, number, about);
}

/* Without it the rows need not be looked up, and where they may not be known they are not. */
static bool rows_move(const struct cuts *cuts, uint32_t number)
{
	const struct plan_view *view = cuts->bind->view;

	for (uint32_t f = 0; f < view->nfeatures && is_asked(cuts, view->scans[number].shown); f++)
		if (view->features[f].row == number && moves(cuts, f))
			return true;
	return false;
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
		if (i != bind->view->plan->pivot && rows_move(cuts, i))
			add_rows(cuts, i);
}

static void look(struct cuts *cuts)
{
	struct bind *bind = cuts->bind;
	uint32_t pivot = bind->view->plan->pivot;
	const struct bound_scan *scan;

	if (pivot == IMAGE_NONE || !is_asked(cuts, bind->view->scans[pivot].shown)) {
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

static int compare_cuts(const void *a, const void *b)
{
	const struct cut *x = a, *y = b;

	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return x->feature < y->feature ? -1 : x->feature > y->feature;
}

enum rko_status cuts_find(struct rko_session *session, bool shown, struct cuts *cuts)
{
	*cuts = (struct cuts){ .bind = &session->bind, .shown = shown };
	session->bind.trace = NULL;
	look(cuts);
	if (cuts->count)
		qsort(cuts->list, cuts->count, sizeof *cuts->list, compare_cuts);
	return cuts->no_memory ? RKO_NO_MEMORY : session->bind.status;
}

void cuts_free(struct cuts *cuts)
{
	free(cuts->list);
	*cuts = (struct cuts){ 0 };
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
		if (cuts->list[i].day <= decision->today || (i && cuts->list[i].day == cuts->list[i - 1].day))
			continue;
		status = differs(session, request, decision, cuts->list[i].day, &other);
		if (other)
			*ret_until = cuts->list[i].day - 1;
	}
	other = false;
	for (size_t i = cuts->count; i-- > 0 && status == RKO_OK && !other;) {
		if (cuts->list[i].day > decision->today || !day_valid(cuts->list[i].day - 1) ||
		    (i && cuts->list[i].day == cuts->list[i - 1].day))
			continue;
		status = differs(session, request, decision, cuts->list[i].day - 1, &other);
		if (other)
			*ret_since = cuts->list[i].day;
	}
	return status;
}

enum rko_status rko_decide_until(struct rko_session *session, const struct rko_request *request,
				 const struct rko_decision *decision, rko_day *ret_until, rko_day *ret_since)
{
	struct decide_as as = { .generation = decision->generation, .keep = true };
	struct cuts cuts;
	struct rko_decision again;
	rko_day until, since;
	enum rko_status status = session_decide(session, request, &as, &again);

	if (status != RKO_OK)
		return status;
	if (again.outcome == RKO_REFUSED) {
		session_done(session);
		*ret_until = *ret_since = decision->today;
		return RKO_OK;
	}
	status = cuts_find(session, false, &cuts);
	session_done(session);
	if (status == RKO_OK)
		status = search(session, request, &again, &cuts, &until, &since);
	cuts_free(&cuts);
	if (status == RKO_OK) {
		*ret_until = until;
		*ret_since = since;
	}
	return status;
}

/* Time alone -------------------------------------------------------------------------------------- */

enum rko_status cuts_open(const struct cuts *cuts, day_t today, cuts_test *open_on, void *context, rko_day *ret_from,
			  rko_day *ret_to)
{
	enum rko_status status = RKO_OK;

	*ret_from = *ret_to = RKO_DAY_OPEN;
	for (size_t i = 0; i < cuts->count && status == RKO_OK && *ret_to == RKO_DAY_OPEN; i++) {
		day_t day = cuts->list[i].day;
		bool open = false;

		if (day <= today || (i && day == cuts->list[i - 1].day))
			continue;
		status = open_on(context, day, &open);
		if (*ret_from == RKO_DAY_OPEN && open)
			*ret_from = day;
		else if (*ret_from != RKO_DAY_OPEN && !open)
			*ret_to = day - 1;
	}
	return status;
}

struct asked {
	struct rko_session *session;
	const struct rko_request *request;
	uint32_t generation;
};

static enum rko_status granted_on(void *context, day_t day, bool *ret_open)
{
	const struct asked *asked = context;
	struct decide_as as = { .day = &day, .generation = asked->generation };
	struct rko_decision then;
	enum rko_status status = session_decide(asked->session, asked->request, &as, &then);

	*ret_open = then.outcome == RKO_GRANTED;
	return status;
}

enum rko_status session_next_granted(struct rko_session *session, const struct rko_request *request,
				     const struct rko_decision *decision, rko_day *ret_from, rko_day *ret_to)
{
	struct decide_as now = { .generation = decision->generation, .keep = true };
	struct asked asked = { session, request, decision->generation };
	rko_day from = RKO_DAY_OPEN, to = RKO_DAY_OPEN;
	struct rko_decision then;
	struct cuts cuts;
	enum rko_status status = session_decide(session, request, &now, &then);

	if (status != RKO_OK)
		return status;
	status = cuts_find(session, false, &cuts);
	session_done(session);
	if (status == RKO_OK)
		status = cuts_open(&cuts, decision->today, granted_on, &asked, &from, &to);
	cuts_free(&cuts);
	if (status == RKO_OK) {
		*ret_from = from;
		*ret_to = to;
	}
	return status;
}
