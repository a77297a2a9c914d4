/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What whoever asks may be told.
 *
 * The compiler has worked it out (dsl/diagram/audience.c): each thing that could be told has a diagram over what they
 * may know, and the door refuses an image in which one of them asks for more. Here those diagrams are followed, and
 * nothing else is looked at. So what is told depends on the shown facts alone, and on one thing more: whether the answer
 * was granted or not, which whoever asks sees anyway. A shown fact that is not known leaves every branch open: what all
 * their ends agree on is told.
 */
#include "engine/explain/change.h"

#include "engine/decide/validity.h"

struct audience {
	struct explain *explain;
	uint8_t *seen;		/* by word: met in this walk */
	uint32_t *met, nmet;	/* the words that were: there are few, and many diagrams */
	uint32_t *told;		/* by what could be told: what every candidate has in common */
	uint32_t candidates;
	bool rows;		/* the candidates may be known, and are told apart */
	bool may_open;		/* for all that may be known it could have been granted */
	uint32_t opens;		/* the diagram of that: where some hidden answers allow `granted`; IMAGE_NONE: nowhere */
	bool opens_then;	/* for some candidate, on the day at hand */
	bool failed;
};

static const struct image_told *told_of(const struct explain *explain, uint32_t number)
{
	return &explain->image->told[explain->question->question->told.first + number];
}

/* Following --------------------------------------------------------------------------------------- */

enum { NOT_MET = IMAGE_NONE - 1 };

/* What all ends so far have in common: a value, NOT_MET, or IMAGE_NONE: nothing. */
static void follow(struct audience *audience, const struct image_told *told, uint32_t ref, uint32_t *common)
{
	struct bind *bind = audience->explain->bind;
	const uint32_t *words = bind->view->words;

	while (!image_is_terminal(ref)) {
		uint32_t answer = bind_feature(bind, words[ref]);

		if (audience->seen[ref])
			return;
		audience->seen[ref] = 1;
		audience->met[audience->nmet++] = ref;
		audience->failed |= answer == ANSWER_FAILED;
		if (audience->failed)
			return;
		if (answer == ANSWER_UNKNOWN) {
			for (uint32_t i = 0; i < bind->view->features[words[ref]].nclasses; i++)
				follow(audience, told, words[ref + 1 + i], common);
			return;
		}
		ref = words[ref + 1 + bind_class(bind, words[ref])];
	}
	audience->may_open |= told->kind == IMAGE_TOLD_OPENS && image_value_of(ref) != IMAGE_OUT_NOT_GRANTED;
	if (*common == NOT_MET)
		*common = image_value_of(ref);
	else if (*common != image_value_of(ref))
		*common = IMAGE_NONE;
}

static void tell_candidate(struct audience *audience)
{
	uint32_t count = audience->explain->question->question->told.count;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t common = audience->candidates ? audience->told[i] : NOT_MET;

		follow(audience, told_of(audience->explain, i), told_of(audience->explain, i)->root, &common);
		while (audience->nmet)
			audience->seen[audience->met[--audience->nmet]] = 0;
		audience->told[i] = common;
	}
	audience->candidates++;
}

static void may_open_then(struct audience *audience)
{
	audience->opens_then |= walk_may(audience->explain->bind, audience->opens, true, NULL) & MAY_GRANT;
}

/* The candidates that may be known, as a verdict that came to nothing yet. False when they cannot be looked up. */
static bool each_candidate(struct audience *audience, void (*look)(struct audience *audience))
{
	struct explain *explain = audience->explain;
	struct verdict *verdict = &explain->session->verdict;
	uint32_t pivot = explain->bind->view->plan->pivot;

	audience->rows = pivot != IMAGE_NONE && explain->bind->view->scans[pivot].shown >> explain->bind->action & 1;
	if (!audience->rows) {
		look(audience);
		return true;
	}
	if (!walk_candidates(explain->bind, verdict))
		return false;
	for (uint32_t i = 0; i < verdict->ncandidates && !audience->failed; i++) {
		walk_candidate(explain->bind, verdict, i);
		look(audience);
	}
	return true;
}

/* Telling ----------------------------------------------------------------------------------------- */

static uint32_t told_value(const struct audience *audience, enum image_told_kind kind, uint32_t number)
{
	for (uint32_t i = 0; i < audience->explain->question->question->told.count; i++) {
		const struct image_told *told = told_of(audience->explain, i);

		if (told->kind == kind && told->number == number)
			return audience->told[i] == IMAGE_NONE ? 0 : audience->told[i];
	}
	return 0;
}

static void tell_rules(struct audience *audience, bool granted)
{
	struct explain *explain = audience->explain;
	struct rko_why_rule *list = ARENA_ARRAY(explain->arena, explain->nrules + 1, struct rko_why_rule);
	uint32_t verb = granted ? IMAGE_GRANT : IMAGE_PROHIBIT;

	for (uint32_t i = 0; i < explain->nrules; i++)
		if (explain->rules[i].verb == verb && told_value(audience, IMAGE_TOLD_RULE, i))
			list[explain->out->nby++] = explain_rule(explain, i);
	explain->out->by = list;
}

static void tell_answers(struct audience *audience)
{
	struct explain *explain = audience->explain;
	const struct image *image = explain->image;
	const struct image_question *question = explain->question->question;
	struct rko_why_answer *list = ARENA_ARRAY(explain->arena, question->answers.count + 1, struct rko_why_answer);

	for (uint32_t i = 0; i < question->answers.count; i++) {
		const struct image_answer *answer = &image->answers[question->answers.first + i];
		uint32_t value = told_value(audience, IMAGE_TOLD_ANSWER, i);
		const struct image_code *code;

		if (!value)
			continue;
		code = &image->codes[image->codesets[answer->codeset].codes.first + value - 1];
		list[explain->out->nanswers++] = (struct rko_why_answer){
			.name = explain_string(explain, answer->name),
			.label = explain_label(explain, &answer->label, answer->name),
			.value = explain_string(explain, code->name),
			.value_label = explain_label(explain, &code->label, code->name),
		};
	}
	explain->out->answers = list;
}

static void tell_duties(struct audience *audience, bool granted)
{
	struct explain *explain = audience->explain;
	const struct image_question *question = explain->question->question;
	struct rko_why_duty *list = ARENA_ARRAY(explain->arena, question->duties.count + 1, struct rko_why_duty);
	enum image_told_kind kind = granted ? IMAGE_TOLD_DUTY_GRANTED : IMAGE_TOLD_DUTY_DENIED;

	for (uint32_t i = 0; i < question->duties.count; i++) {
		if (!told_value(audience, kind, i))
			continue;
		explain->out->decision.duties |= 1ull << i;
		list[explain->out->nduties++] = explain_duty(
			explain, i, audience->candidates == 1 && told_value(audience, IMAGE_TOLD_DUE, i));
	}
	explain->out->duties = list;
}

/* As far as what is shown goes: nothing else is bound for that day. */
static enum rko_status opens_on(void *context, day_t day, bool *ret_open)
{
	struct audience *audience = context;
	struct bind *bind = audience->explain->bind;

	bind->today = day;
	bind_begin(bind, bind->view, bind->question);
	audience->opens_then = false;
	if (!each_candidate(audience, may_open_then))
		return bind->status;
	*ret_open = audience->opens_then;
	return bind->status;
}

/* Whether nothing but recorded days would be others. */
static bool moves_days(const struct rko_why_change *change)
{
	for (size_t i = 0; i < change->nsteps; i++) {
		const struct rko_why_step *step = &change->steps[i];

		if (step->kind != RKO_CHANGE_FIELD)
			return false;
		for (size_t j = 0; j < step->nneeds; j++)
			if (step->needs[j].kind != RKO_NEED_DAYS && step->needs[j].kind != RKO_NEED_OPEN)
				return false;
	}
	return true;
}

/* Who only has to wait is not told to ask for other days as well. */
static void drop_moved_days(struct explain *explain)
{
	struct rko_explanation *out = explain->out;
	struct rko_why_change *list = ARENA_ARRAY(explain->arena, out->nchanges + 1, struct rko_why_change);
	size_t count = 0;

	for (size_t i = 0; i < out->nchanges; i++)
		if (!moves_days(&out->changes[i]))
			list[count++] = out->changes[i];
	out->changes = list;
	out->nchanges = count;
}

/*
 * The first later day on which what is shown rules a grant out no longer, and the last such day. Between two days on which
 * a shown answer changes nothing of it changes, so other days need not be tried, and hidden dates are not looked at.
 */
static void tell_time(struct audience *audience)
{
	struct explain *explain = audience->explain;
	rko_day from = RKO_DAY_OPEN, to = RKO_DAY_OPEN;
	struct cuts cuts;
	enum rko_status status = cuts_find(explain->session, true, &cuts);

	if (status == RKO_OK)
		status = cuts_open(&cuts, explain->out->decision.today, opens_on, audience, &from, &to);
	cuts_free(&cuts);
	if (status != RKO_OK) {
		explain->out->incomplete = 1;
	} else if (from != RKO_DAY_OPEN) {
		drop_moved_days(explain);
		explain_put_time(explain, from, to);
	}
}

static uint32_t opens_root(const struct explain *explain)
{
	for (uint32_t i = 0; i < explain->question->question->told.count; i++)
		if (told_of(explain, i)->kind == IMAGE_TOLD_OPENS)
			return told_of(explain, i)->root;
	return IMAGE_NONE;
}

/*
 * What would have to change, where for all that may be known nothing can be granted as it is: then it hangs on no hidden
 * fact whether anything is said here.
 */
static void tell_changes(struct audience *audience, bool granted)
{
	if (granted || audience->may_open || audience->opens == IMAGE_NONE)
		return;
	explain_changes_told(audience->explain, audience->opens, audience->rows);
	tell_time(audience);
}

void explain_requester(struct explain *explain)
{
	const struct plan_view *view = explain->bind->view;
	bool granted = explain->out->decision.outcome == RKO_GRANTED;
	struct audience audience = {
		.explain = explain, .opens = opens_root(explain),
	};

	audience.seen = ARENA_ARRAY(explain->arena, view->plan->nodes.count + 1, uint8_t);
	audience.met = ARENA_ARRAY(explain->arena, view->plan->nodes.count + 1, uint32_t);
	audience.told = ARENA_ARRAY(explain->arena, explain->question->question->told.count + 1, uint32_t);
	if (!each_candidate(&audience, tell_candidate) || audience.failed || !audience.candidates)
		return;
	tell_rules(&audience, granted);
	tell_answers(&audience);
	tell_duties(&audience, granted);
	tell_changes(&audience, granted);
}
