/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Explaining a trace whose facts can no longer be read: what it says was seen is taken for seen, all else for not
 * examined. The ladder of the witness is then still complete (docs/semantics.md, "Trace"); the rest says what it lacks.
 */
#include "engine/explain/explain.h"

/* Every feature of the plan is unknown, but for those that never come from facts. */
static void forget_all(struct bind *bind)
{
	for (uint32_t i = 0; i < bind->view->nfeatures; i++) {
		if (bind->view->features[i].kind == IMAGE_FEATURE_READING || bind->view->features[i].kind == IMAGE_FEATURE_ACTION)
			continue;
		bind->features[i].stamp = bind->stamps[bind->view->feature_lasts[i]];
		bind->features[i].answer = ANSWER_UNKNOWN;
	}
}

static void learn(struct explain *explain, uint32_t number, uint32_t answer)
{
	struct bind *bind = explain->bind;
	const struct image_feature *feature;

	if (number >= bind->view->nfeatures)
		return;
	feature = &bind->view->features[number];
	if (answer >= feature->size)
		return;
	bind->features[number].answer = (uint16_t)answer;
	bind->features[number].class_ = explain->image->classes[feature->classes + answer];
}

/* What was seen of one candidate: what hangs on none, and what was read for it. Gives how many there are. */
static uint32_t learn_all(struct explain *explain, const uint8_t *trace, size_t size, uint32_t wanted)
{
	uint32_t candidates = 0;

	for (size_t at = sizeof(struct trace_head); at + 2 <= size; at += 2 + trace[at + 1]) {
		const uint8_t *entry = trace + at;

		if (entry[0] == TRACE_CANDIDATE)
			candidates++;
		if (entry[0] == TRACE_FEATURE && (!candidates || candidates == wanted))
			learn(explain, get_le16(entry + 2), get_le16(entry + 4));
	}
	return candidates;
}

/* Whether what was seen leads to the answer that the trace names: 1, 0, or -1 where something is not known. */
static int leads_there(const struct explain *explain, const struct rko_decision *decision)
{
	static const uint8_t outcomes[] = {
		[IMAGE_OUT_NOT_GRANTED] = RKO_NOT_GRANTED, [IMAGE_OUT_SILENT] = RKO_NOT_GRANTED,
		[IMAGE_OUT_GRANTED] = RKO_GRANTED, [IMAGE_OUT_FORBIDDEN] = RKO_FORBIDDEN,
		[IMAGE_OUT_INCONSISTENT] = RKO_NOT_GRANTED,
	};
	const struct image_question *question = explain->question->question;
	const struct bind *bind = explain->bind;
	const struct image_terminal *terminal;
	uint32_t ref = question->root;

	while (!image_is_terminal(ref)) {
		uint32_t feature = bind->view->words[ref];

		if (bind->view->features[feature].kind == IMAGE_FEATURE_ACTION) {
			uint32_t classes = bind->view->features[feature].classes;

			ref = bind->view->words[ref + 1 + explain->image->classes[classes + bind->action]];
			continue;
		}
		if (bind->features[feature].answer == ANSWER_UNKNOWN)
			return -1;
		ref = bind->view->words[ref + 1 + bind->features[feature].class_];
	}
	terminal = &explain->image->terminals[question->terminals.first + image_value_of(ref)];
	return outcomes[terminal->outcome] == decision->outcome &&
	       (decision->rule == RKO_NOTHING || terminal->witness == decision->rule);
}

/* The candidate by which the answer came about: the first that leads there, else the first. Gives whether one does. */
static int learn_reported(struct explain *explain, const struct rko_decision *decision)
{
	uint32_t count = 1;
	int found = 0;

	for (uint32_t i = 1; i <= count && found != 1; i++) {
		int here;

		forget_all(explain->bind);
		count = learn_all(explain, decision->trace, decision->trace_size, i);
		here = leads_there(explain, decision);
		if (here)
			found = here;
	}
	if (found != 1) {
		forget_all(explain->bind);
		learn_all(explain, decision->trace, decision->trace_size, 1);
	}
	return found;
}

enum rko_status explain_frozen(struct explain *explain, const struct rko_request *request,
			       const struct rko_decision *decision)
{
	struct rko_session *session = explain->session;
	struct rko_explanation *out = explain->out;
	struct bind *bind = explain->bind;
	enum rko_status status = store_reader_renew(session->reader);

	if (status != RKO_OK)
		return status;
	out->decision = *decision;
	out->frozen = out->incomplete = 1;
	explain->frozen = true;
	out->was = decision->outcome;
	out->was_rule = decision->rule_name;
	out->since = decision->today;
	out->until = decision->stands_until;
	session_aim(session, request, decision->generation);
	bind->trace = NULL;
	bind->today = decision->today;
	bind_begin(bind, request->view->view, request->view);
	session->verdict = (struct verdict){ .outcome = decision->outcome, .ncandidates = 1 };
	/* Where something is not known there is nothing to hold against it. */
	out->reproduced = learn_reported(explain, decision) != 0;
	explain_rules(explain);
	explain_ladders(explain);
	bind->status = RKO_OK;
	session_done(session);
	return RKO_OK;
}
