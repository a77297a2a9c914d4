/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Many decisions that differ in one field of the request. What does not hang on that field is bound once and kept:
 * the plan is looked at with one more lifetime, shorter than the decision's, for all that does. A decision that
 * came to no answer (refused, failed) leaves nothing behind, so each of those begins anew.
 */
#include "engine/decide/filter.h"

#include <stdlib.h>

/* What hangs on the field --------------------------------------------------------------------------- */

struct hangs {
	const struct plan_view *view;
	const struct image *image;
	uint8_t *slots, *values, *scans, *features;
	uint8_t *seen;		/* by word of the plan */
	uint8_t mark;
	bool more;		/* something was found in this round */
};

static void mark(struct hangs *hangs, uint8_t *hangs_one, bool does)
{
	if (!does || *hangs_one)
		return;
	*hangs_one = 1;
	hangs->more = true;
}

static bool diagram_hangs(struct hangs *hangs, uint32_t ref)
{
	const uint32_t *words = hangs->view->words;

	if (image_is_terminal(ref) || hangs->seen[ref] == hangs->mark)
		return false;
	hangs->seen[ref] = hangs->mark;
	if (hangs->features[words[ref]])
		return true;
	for (uint32_t i = 0; i < hangs->view->features[words[ref]].nclasses; i++)
		if (diagram_hangs(hangs, words[ref + 1 + i]))
			return true;
	return false;
}

static bool hangs_on(struct hangs *hangs, uint32_t root)
{
	if (++hangs->mark == 0) {
		memset(hangs->seen, 0, hangs->view->plan->nodes.count);
		hangs->mark = 1;
	}
	return diagram_hangs(hangs, root);
}

static bool key_hangs(const struct hangs *hangs, struct image_range keys)
{
	for (uint32_t i = 0; i < keys.count; i++)
		if (hangs->values[hangs->image->keys[keys.first + i] & ~IMAGE_KEY_EACH])
			return true;
	return false;
}

static bool slot_hangs(const struct hangs *hangs, const struct image_slot *slot, uint32_t input)
{
	switch ((enum image_slot_kind)slot->kind) {
	case IMAGE_SLOT_REQUEST:
		return slot->from == input;
	case IMAGE_SLOT_LINK:
	case IMAGE_SLOT_FINDING:
		return key_hangs(hangs, slot->keys);
	case IMAGE_SLOT_REF:
		return hangs->values[slot->from];
	case IMAGE_SLOT_ROW:
		return slot->from != IMAGE_NONE && hangs->scans[slot->from];
	}
	return true;
}

static bool value_hangs(const struct hangs *hangs, const struct image_value *value, uint32_t input)
{
	switch ((enum image_value_kind)value->kind) {
	case IMAGE_VALUE_REQUEST:
		return value->of == input;
	case IMAGE_VALUE_TODAY:
		return false;
	case IMAGE_VALUE_FIELD:
		return hangs->slots[value->of];
	case IMAGE_VALUE_ROWS:
		return hangs->scans[value->of];
	}
	return true;
}

static bool feature_hangs(struct hangs *hangs, const struct image_feature *feature)
{
	const uint8_t *values = hangs->values;

	switch ((enum image_feature_kind)feature->kind) {
	case IMAGE_FEATURE_ACTION:
	case IMAGE_FEATURE_GAP:
	case IMAGE_FEATURE_READING:
		return false;
	case IMAGE_FEATURE_CODE:
	case IMAGE_FEATURE_OPEN:
	case IMAGE_FEATURE_HITS:
	case IMAGE_FEATURE_CALENDAR:
		return values[feature->a];
	case IMAGE_FEATURE_PRESENT:
		return feature->a == IMAGE_NONE ? hangs->slots[feature->b] : values[feature->a];
	case IMAGE_FEATURE_EQUAL:
	case IMAGE_FEATURE_MEMBER:
	case IMAGE_FEATURE_OVERLAPS:
	case IMAGE_FEATURE_INSIDE:
	case IMAGE_FEATURE_POSITION:
		return values[feature->a] || values[feature->b];
	case IMAGE_FEATURE_SOME:
		return hangs->scans[feature->scan] || hangs_on(hangs, feature->root);
	case IMAGE_FEATURE_FINDING:
		return hangs->slots[feature->b];
	}
	return true;
}

/* Until nothing more is found: things hang on things that come behind them in the tables too. */
static void find_hanging(struct hangs *hangs, uint32_t input)
{
	const struct plan_view *view = hangs->view;

	do {
		hangs->more = false;
		for (uint32_t i = 0; i < view->nslots; i++)
			mark(hangs, &hangs->slots[i], slot_hangs(hangs, &view->slots[i], input));
		for (uint32_t i = 0; i < view->nvalues; i++)
			mark(hangs, &hangs->values[i], value_hangs(hangs, &view->values[i], input));
		for (uint32_t i = 0; i < view->nscans; i++)
			mark(hangs, &hangs->scans[i], !hangs->scans[i] && (key_hangs(hangs, view->scans[i].keys) ||
									 hangs_on(hangs, view->scans[i].where)));
		for (uint32_t i = 0; i < view->nfeatures; i++)
			mark(hangs, &hangs->features[i],
			     !hangs->features[i] && feature_hangs(hangs, &view->features[i]));
	} while (hangs->more);
}

/* Lifetimes by what hangs: what would last for the decision lasts for one value of the field. */
static void shorten(uint8_t *at, const uint8_t *lasts, uint32_t count, uint8_t open)
{
	for (uint32_t i = 0; i < count; i++)
		at[i] = at[i] && lasts[i] == LASTS_DECISION ? open : lasts[i];
}

/* What hangs on the pivot and not on the field, when all decisions have one and the same candidate. */
static void keep_candidate(uint8_t *lasts, const uint8_t *hangs, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (lasts[i] == LASTS_CANDIDATE && !hangs[i])
			lasts[i] = LASTS_ONLY_CANDIDATE;
}

/* After a first answer: candidates are found without the field, and there is one. */
static void look_for_only_candidate(struct filter *filter)
{
	const struct plan_view *view = &filter->view;
	const struct verdict *verdict = &filter->session->verdict;
	const uint8_t *hangs = filter->memory + filter->things;

	if (filter->only_candidate || !verdict->asked_candidates || verdict->ncandidates != 1 ||
	    view->scan_lasts[view->plan->pivot] != LASTS_DECISION)
		return;
	filter->only_candidate = true;
	keep_candidate(view->slot_lasts, hangs, view->nslots);
	keep_candidate(view->value_lasts, hangs + view->nslots, view->nvalues);
	keep_candidate(view->feature_lasts, hangs + view->nslots + view->nvalues + view->nscans, view->nfeatures);
}

/* Records that are named, and what must hold, are alike for every value where they do not hang on the field. */
static void shorten_question(struct filter *filter, struct hangs *hangs)
{
	const struct question_view *view = filter->request->view;
	const struct image_must *musts = hangs->image->musts;
	struct image_range *range = &filter->asked.musts;

	filter->asked = *view->question;
	filter->question = *view;
	filter->question.question = &filter->asked;
	filter->question.named = filter->named;
	filter->question.nnamed = 0;
	for (uint32_t i = 0; i < view->nnamed; i++)
		if (hangs->slots[view->named[i]])
			filter->named[filter->question.nnamed++] = view->named[i];
	for (; range->count && !hangs_on(hangs, musts[range->first].root); range->count--)
		range->first++;
	while (range->count && !hangs_on(hangs, musts[range->first + range->count - 1].root))
		range->count--;
}

/* The plan and the question as the decisions of a filter look at them. Frees with filter->memory and filter->named. */
static enum rko_status view_filter(struct filter *filter)
{
	const struct plan_view *view = filter->request->view->view;
	size_t things = (size_t)view->nslots + view->nvalues + view->nscans + view->nfeatures;
	struct hangs hangs = { .view = view, .image = &filter->session->policy->image };

	filter->things = things;
	filter->memory = calloc(1, things * 2 + view->plan->nodes.count + 1);
	filter->named = calloc(filter->request->view->nnamed + 1, sizeof *filter->named);
	if (!filter->memory || !filter->named)
		return RKO_NO_MEMORY;
	hangs.slots = filter->memory;
	hangs.values = hangs.slots + view->nslots;
	hangs.scans = hangs.values + view->nvalues;
	hangs.features = hangs.scans + view->nscans;
	hangs.seen = filter->memory + things * 2;
	find_hanging(&hangs, filter->request->view->fields[filter->field].input);
	shorten_question(filter, &hangs);
	memcpy(filter->memory + things, filter->memory, things);
	filter->open = (uint8_t)(LASTS_ROW + view->nscans);
	filter->view = *view;
	filter->view.slot_lasts = hangs.slots;
	filter->view.value_lasts = hangs.values;
	filter->view.scan_lasts = hangs.scans;
	filter->view.feature_lasts = hangs.features;
	shorten(hangs.slots, view->slot_lasts, view->nslots, filter->open);
	shorten(hangs.values, view->value_lasts, view->nvalues, filter->open);
	shorten(hangs.scans, view->scan_lasts, view->nscans, filter->open);
	shorten(hangs.features, view->feature_lasts, view->nfeatures, filter->open);
	return RKO_OK;
}

/* Deciding ------------------------------------------------------------------------------------------ */

/* Ids that the store does not know are remembered by their text, which must outlast the next value said. */
static void keep_new_ids(struct filter *filter, uint32_t from, const char *value)
{
	struct bind *bind = &filter->session->bind;
	const char *said = filter->request->text + filter->given->text_len;

	for (uint32_t i = from; i < bind->nnew_ids; i++)
		if (bind->new_ids[i].at == said)
			bind->new_ids[i].at = value;
	if (bind->nnew_ids > BIND_NEW_IDS - LIMIT_REQUEST_ELEMENTS - 64)
		filter->anew = true;
}

/* Whether everything was said that has to be; the same for every value, but for a date of a record. */
static enum rko_refusal wrong(struct filter *filter)
{
	const struct rko_request *request = filter->request;
	uint32_t field;

	if (request->refusal != RKO_REFUSED_NOT)
		return request->refusal;
	if (!filter->complete || request->view->fields[filter->field].field != IMAGE_NONE) {
		enum rko_refusal refusal = session_wrong(request, &field);

		if (refusal != RKO_REFUSED_NOT)
			return refusal;
		filter->complete = true;
	}
	return RKO_REFUSED_NOT;
}

/* As far as the diagram is followed alike whatever the field says; the walk before has bound what stands there. */
static void follow_shared(struct bind *bind)
{
	const struct plan_view *view = bind->view;

	while (!image_is_terminal(bind->root)) {
		uint32_t feature = view->words[bind->root];
		const struct bound_feature *bound = &bind->features[feature];

		if (view->feature_lasts[feature] != LASTS_DECISION ||
		    bound->stamp != bind->stamps[LASTS_DECISION] || bound->answer == ANSWER_UNKNOWN)
			return;
		bind->root = view->words[bind->root + 1 + bound->class_];
	}
}

static void decide_one(struct filter *filter, const char *value, struct rko_filtered *ret)
{
	struct rko_session *session = filter->session;
	struct bind *bind = &session->bind;
	struct rko_decision decision = { .outcome = RKO_NOT_GRANTED };
	uint32_t known;

	*ret = (struct rko_filtered){ .outcome = RKO_NOT_GRANTED };
	request_vary(filter->request, filter->given, filter->field, text_from(value));
	decision.refusal = wrong(filter);
	if (decision.refusal != RKO_REFUSED_NOT) {
		ret->outcome = RKO_REFUSED;
		ret->refusal = decision.refusal;
		return;
	}
	if (filter->anew)
		bind_begin(bind, &filter->view, filter->request->view);
	bind_again(bind, filter->open);
	known = bind->nnew_ids;
	session_answer(session, filter->request, false, &decision);
	if (filter->anew && bind->status == RKO_OK)
		follow_shared(bind);
	if (bind->status == RKO_OK && decision.refusal == RKO_REFUSED_NOT) {
		look_for_only_candidate(filter);
		bind->question = &filter->question;
	}
	filter->anew = bind->status != RKO_OK || bind->refusal != RKO_REFUSED_NOT;
	if (bind->nnew_ids > known)
		keep_new_ids(filter, known, value);
	ret->status = bind->status;
	if (bind->status != RKO_OK)
		return;
	ret->outcome = decision.outcome;
	ret->refusal = decision.refusal;
	ret->duties = decision.duties;
}

static enum rko_status decide_all(struct filter *filter, uint32_t wanted, const char *const *values, size_t count,
				  struct rko_filtered *ret, uint32_t *ret_generation)
{
	struct rko_session *session = filter->session;
	struct bind *bind = &session->bind;
	uint32_t generation;
	enum rko_status status = session_snapshot(session, wanted, &generation);

	if (status != RKO_OK)
		return status;
	session_aim(session, filter->request, generation);
	bind->trace = NULL;
	session_day(filter->request, &bind->today);
	filter->anew = true;
	for (size_t i = 0; i < count; i++) {
		decide_one(filter, values[i], &ret[i]);
		if (status == RKO_OK)
			status = ret[i].status;
	}
	/* The views are gone in a moment: nobody shall take what was bound by them for his own. */
	bind->view = NULL;
	bind->question = NULL;
	bind->request = NULL;
	if (ret_generation)
		*ret_generation = generation;
	return status;
}

static void fail_all(struct rko_filtered *ret, size_t count, enum rko_status status)
{
	for (size_t i = 0; i < count; i++)
		ret[i] = (struct rko_filtered){ .status = status, .outcome = RKO_NOT_GRANTED };
}

enum rko_status filter_as_of(struct rko_session *session, const struct rko_request *request, uint32_t generation,
			     const char *field, const char *const *values, size_t count,
			     struct rko_filtered *ret_filtered, uint32_t *ret_generation)
{
	struct filter filter = { .session = session, .given = request };
	enum rko_status status = RKO_ARGUMENT;

	fail_all(ret_filtered, count, RKO_INTERNAL);	/* nothing is granted that was not decided */
	if (request->policy == session->policy)
		status = request_open(request, text_from(field), &filter.request, &filter.field);
	if (status == RKO_OK)
		status = view_filter(&filter);
	if (status == RKO_OK)
		status = store_reader_renew(session->reader);
	if (status != RKO_OK) {
		fail_all(ret_filtered, count, status);
	} else {
		uint32_t seen = 0;

		status = decide_all(&filter, generation ? generation : request->generation, values, count,
				    ret_filtered, &seen);
		store_reader_reset(session->reader);
		if (!seen && status != RKO_OK)
			fail_all(ret_filtered, count, status);
		if (ret_generation)
			*ret_generation = seen;
	}
	free(filter.memory);
	free(filter.named);
	rko_request_free(filter.request);
	return status;
}

enum rko_status rko_filter(struct rko_session *session, const struct rko_request *request, const char *field,
			   const char *const *values, size_t count, struct rko_filtered *ret_filtered,
			   uint32_t *ret_generation)
{
	if (count > RKO_FILTER_MOST) {
		fail_all(ret_filtered, count, RKO_LIMIT);
		return RKO_LIMIT;
	}
	return filter_as_of(session, request, 0, field, values, count, ret_filtered, ret_generation);
}
