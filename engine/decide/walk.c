/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/decide/walk.h"

/* Ends -------------------------------------------------------------------------------------------- */

enum { END_NOT_GRANTED, END_GRANTED, END_FORBIDDEN, ENDS };

static const unsigned may_of_end[ENDS] = { MAY_NOT_GRANT, MAY_GRANT, MAY_FORBID };

static uint32_t end_of(uint32_t outcome)
{
	switch (outcome) {
	case IMAGE_OUT_GRANTED:
		return END_GRANTED;
	case IMAGE_OUT_FORBIDDEN:
		return END_FORBIDDEN;
	case IMAGE_OUT_NOT_GRANTED:
	case IMAGE_OUT_SILENT:
		return END_NOT_GRANTED;
	}
	return ENDS;
}

static void meet_terminal(struct bind *bind, struct candidate *candidate, uint32_t number)
{
	const struct image_question *question = bind->question->question;
	const struct image_terminal *terminal = &bind->policy->image.terminals[question->terminals.first + number];
	uint32_t end = end_of(terminal->outcome);

	if (!candidate->may)
		candidate->terminal = number;
	else if (candidate->terminal != number)
		candidate->terminal = IMAGE_NONE;
	if (end == ENDS) {
		candidate->may |= MAY_CONFLICT;
		return;
	}
	candidate->may |= may_of_end[end];
	candidate->duties[end] |= bind->question->terminal_duties[number];
	if (terminal->witness < candidate->rule[end])
		candidate->rule[end] = terminal->witness;
}

/* Unknown features -------------------------------------------------------------------------------- */

uint8_t walk_mark(struct bind *bind)
{
	if (++bind->seen_mark == 0) {
		memset(bind->seen, 0, bind->nseen);
		bind->seen_mark = 1;
	}
	return bind->seen_mark;
}

struct follow {
	struct bind *bind;
	struct candidate *candidate;	/* terminals of the deciding diagram, or */
	unsigned may;			/* outcomes */
	bool analysis;
	const uint8_t *hidden;
	uint8_t mark;
};

static void meet_end(struct follow *follow, uint32_t value)
{
	const struct image_question *question = follow->bind->question->question;
	uint32_t outcome = value;

	if (follow->candidate) {
		meet_terminal(follow->bind, follow->candidate, value);
		return;
	}
	if (!follow->analysis)
		outcome = follow->bind->policy->image.terminals[question->terminals.first + value].outcome;
	if (end_of(outcome) < ENDS)
		follow->may |= may_of_end[end_of(outcome)];
	else if (outcome == IMAGE_OUT_INCONSISTENT)
		follow->may |= MAY_CONFLICT;
}

/* Every branch of what is unknown, each node once. */
static void follow(struct follow *f, uint32_t ref)
{
	struct bind *bind = f->bind;
	const uint32_t *words = bind->view->words;

	while (!image_is_terminal(ref)) {
		uint32_t feature = words[ref], answer;

		if (bind->seen[ref] == f->mark)
			return;
		bind->seen[ref] = f->mark;
		answer = f->hidden && f->hidden[feature] ? (uint32_t)ANSWER_UNKNOWN : bind_feature(bind, feature);
		if (answer == ANSWER_FAILED)
			return;
		if (answer == ANSWER_UNKNOWN) {
			for (uint32_t i = 0; i < bind->view->features[feature].nclasses; i++)
				follow(f, words[ref + 1 + i]);
			return;
		}
		ref = words[ref + 1 + bind_class(bind, feature)];
	}
	meet_end(f, image_value_of(ref));
}

unsigned walk_may(struct bind *bind, uint32_t ref, bool analysis, const uint8_t *hidden)
{
	struct follow f = { .bind = bind, .analysis = analysis, .hidden = hidden, .mark = walk_mark(bind) };

	follow(&f, ref);
	return bind->status == RKO_OK ? f.may : 0;
}

/* Candidates -------------------------------------------------------------------------------------- */

static void new_candidate(struct verdict *verdict, enum candidate_kind kind, uint32_t row, bool sure)
{
	verdict->candidates[verdict->ncandidates++] = (struct candidate){
		.kind = kind,
		.row = row,
		.sure = sure,
		.terminal = IMAGE_NONE,
		.rule = { IMAGE_NONE, IMAGE_NONE, IMAGE_NONE },
	};
}

/* Every row; where there is none, none; where there may be one that is not known, that too. */
bool walk_candidates(struct bind *bind, struct verdict *verdict)
{
	uint32_t pivot = bind->view->plan->pivot;
	const struct bound_scan *scan = bind_scan(bind, pivot);
	bool some = false;

	if (!scan)
		return false;
	verdict->asked_candidates = true;
	verdict->ncandidates = 0;
	for (uint32_t i = 0; i < scan->count; i++) {
		uint8_t where = bind->rows[bind->view->rows_at[pivot] + i].where;

		if (where == TRUTH_NO)
			continue;
		some |= where == TRUTH_YES;
		new_candidate(verdict, CANDIDATE_ROW, i, where == TRUTH_YES);
	}
	if (scan->open_ended)
		new_candidate(verdict, CANDIDATE_UNSEEN, IMAGE_NONE, false);
	else if (!some)
		new_candidate(verdict, CANDIDATE_NONE, IMAGE_NONE, verdict->ncandidates == 0);
	return true;
}

/* Candidates that the answer does not need: without them it is the same. */
static void find_more(struct bind *bind, struct verdict *verdict)
{
	if (walk_candidates(bind, verdict))
		return;
	bind->status = RKO_OK;
	verdict->asked_candidates = false;
	verdict->ncandidates = 0;
	new_candidate(verdict, CANDIDATE_NONE, IMAGE_NONE, true);
}

void walk_candidate(struct bind *bind, const struct verdict *verdict, uint32_t number)
{
	static const enum slot_state states[] = {
		[CANDIDATE_ROW] = SLOT_PRESENT, [CANDIDATE_NONE] = SLOT_ABSENT, [CANDIDATE_UNSEEN] = SLOT_UNKNOWN,
	};
	const struct candidate *candidate = &verdict->candidates[number];
	uint32_t pivot = bind->view->plan->pivot, slot;
	const struct bound_row *row = NULL;

	if (!verdict->asked_candidates)
		return;
	slot = bind->view->scans[pivot].row;
	bind_candidate(bind);
	if (candidate->kind == CANDIDATE_ROW)
		row = &bind->rows[bind->view->rows_at[pivot] + candidate->row];
	bind_put_slot(bind, slot, states[candidate->kind], row ? &row->row : NULL, row ? row->layout : NULL);
	trace_key(bind->trace, TRACE_CANDIDATE, bind->candidate, states[candidate->kind],
		  row ? row_generation(&row->row) : 0, row ? row->row.key : NULL,
		  row ? row->row.key_size - KEY_TAIL : 0);
}

/* From `ref` on, for the candidate at hand. */
static bool decide_candidate(struct bind *bind, struct candidate *candidate, uint32_t ref)
{
	const uint32_t *words = bind->view->words;

	while (!image_is_terminal(ref)) {
		uint32_t answer = bind_feature(bind, words[ref]);

		if (answer == ANSWER_FAILED)
			return false;
		if (answer == ANSWER_UNKNOWN)
			break;
		ref = words[ref + 1 + bind_class(bind, words[ref])];
	}
	if (image_is_terminal(ref)) {
		meet_terminal(bind, candidate, image_value_of(ref));
	} else {
		struct follow f = { .bind = bind, .candidate = candidate, .mark = walk_mark(bind) };

		follow(&f, ref);
		if (bind->status != RKO_OK)
			return false;
		/* Several outcomes: perhaps not all of them are possible. */
		if (candidate->may & (candidate->may - 1))
			candidate->may = walk_may(bind, bind->question->question->analysis, true, NULL);
	}
	if (bind->status == RKO_OK && (candidate->may == 0 || candidate->may & MAY_CONFLICT))
		bind->status = RKO_FACTS_INCONSISTENT;
	return bind->status == RKO_OK;
}

/* Combining --------------------------------------------------------------------------------------- */

/*
 * A candidate that is sure and grants is enough. Where none is sure there are rows or there are none, and it is
 * enough that every one of them would grant, the absence of all included.
 */
static enum rko_outcome combine(const struct verdict *verdict)
{
	bool may_grant = false, some_grants = false, all_grant = true, forbidden = true, sure = false;

	for (uint32_t i = 0; i < verdict->ncandidates; i++) {
		const struct candidate *candidate = &verdict->candidates[i];

		sure |= candidate->sure;
		some_grants |= candidate->sure && candidate->may == MAY_GRANT;
		all_grant &= candidate->may == MAY_GRANT;
		may_grant |= candidate->may & MAY_GRANT;
		forbidden &= candidate->may == MAY_FORBID;
	}
	if (some_grants || (all_grant && !sure))
		return RKO_GRANTED;
	if (may_grant)
		return RKO_UNDECIDED;
	return forbidden ? RKO_FORBIDDEN : RKO_NOT_GRANTED;
}

/* Whether the candidate's own answer is the one that the decision comes to; `sure`: some candidate is. */
static bool agrees(const struct candidate *candidate, enum rko_outcome outcome, bool sure)
{
	switch (outcome) {
	case RKO_GRANTED:
		return (candidate->sure || !sure) && candidate->may == MAY_GRANT;
	case RKO_FORBIDDEN:
		return candidate->may == MAY_FORBID;
	case RKO_UNDECIDED:
		return candidate->may & MAY_GRANT;
	case RKO_NOT_GRANTED:
		return candidate->may != MAY_FORBID;
	case RKO_REFUSED:
		break;
	}
	return false;
}

static uint32_t end_of_decision(enum rko_outcome outcome)
{
	return outcome == RKO_GRANTED ? END_GRANTED : outcome == RKO_FORBIDDEN ? END_FORBIDDEN : END_NOT_GRANTED;
}

/*
 * The candidate whose answer lasts longest, of equals the first by key. A duty that is due under some candidate
 * that grants, or may, is due: it could be a redaction.
 */
static void report(struct verdict *verdict)
{
	uint32_t end = end_of_decision(verdict->outcome);
	bool any = false, sure = false;

	for (uint32_t i = 0; i < verdict->ncandidates; i++)
		sure |= verdict->candidates[i].sure;
	for (uint32_t i = 0; i < verdict->ncandidates; i++) {
		const struct candidate *candidate = &verdict->candidates[i];

		if (verdict->outcome == RKO_GRANTED && candidate->may & MAY_GRANT)
			verdict->duties |= candidate->duties[end];
		if (!agrees(candidate, verdict->outcome, sure))
			continue;
		verdict->duties |= candidate->duties[end];
		if (any && candidate->next_cut <= verdict->candidates[verdict->reported].next_cut)
			continue;
		verdict->reported = i;
		any = true;
	}
	verdict->rule = verdict->candidates[verdict->reported].rule[end];
	/* An open question has no rule that decides it. */
	if (verdict->outcome == RKO_UNDECIDED)
		verdict->rule = IMAGE_NONE;
}

bool walk(struct bind *bind, bool every, struct verdict *verdict)
{
	const uint32_t *words = bind->view->words;
	uint32_t ref = bind->root;
	bool needs_candidates = false;
	day_t shared;

	verdict->duties = 0;
	verdict->reported = 0;
	verdict->ncandidates = 0;
	verdict->asked_candidates = false;
	while (!image_is_terminal(ref)) {
		uint32_t feature = words[ref], answer;

		needs_candidates = bind->view->feature_lasts[feature] == LASTS_CANDIDATE ||
				   bind->view->feature_lasts[feature] == LASTS_ONLY_CANDIDATE;
		if (needs_candidates)
			break;
		answer = bind_feature(bind, feature);
		if (answer == ANSWER_FAILED)
			return false;
		if (answer == ANSWER_UNKNOWN) {
			needs_candidates = bind->view->plan->pivot != IMAGE_NONE;
			break;
		}
		ref = words[ref + 1 + bind_class(bind, feature)];
	}
	new_candidate(verdict, CANDIDATE_NONE, IMAGE_NONE, true);
	if (needs_candidates && !walk_candidates(bind, verdict))
		return false;
	if (!needs_candidates && every && bind->view->plan->pivot != IMAGE_NONE)
		find_more(bind, verdict);
	shared = bind->next_cut;
	for (uint32_t i = 0; i < verdict->ncandidates; i++) {
		bind->next_cut = shared;
		walk_candidate(bind, verdict, i);
		if (!decide_candidate(bind, &verdict->candidates[i], ref))
			return false;
		verdict->candidates[i].next_cut = bind->next_cut;
	}
	for (uint32_t i = 0; i < verdict->ncandidates; i++)
		if (verdict->candidates[i].next_cut < bind->next_cut)
			bind->next_cut = verdict->candidates[i].next_cut;
	verdict->outcome = combine(verdict);
	report(verdict);
	return true;
}
