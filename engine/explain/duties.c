/* SPDX-License-Identifier: EUPL-1.2 */
/* What is due with the answer: by whom, by when, and what is hidden. */
#include "engine/explain/explain.h"

/* The latest, the earliest or the only one of the dates at which a duty's due date can lie. */
static bool due_day(struct explain *explain, const struct image_duty *duty, day_t *ret_day)
{
	bool any = false;
	day_t best = 0;

	for (uint32_t i = 0; i < duty->dues.count; i++) {
		const struct image_due *due = &explain->image->dues[duty->dues.first + i];
		day_t day = due->day;

		if (bind_truth(explain->bind, due->guard) != TRUTH_YES)
			continue;
		if (due->value != IMAGE_NONE)
			day = bind_fact(explain->bind, due->value);
		if (!day_valid(day) ||
		    !day_add(day, due->count, due->flags & IMAGE_CUT_MONTHS ? UNIT_MONTHS : UNIT_DAYS, &day))
			continue;
		if (!any || (duty->due == IMAGE_DUE_EARLIEST ? day < best : day > best))
			best = day;
		any = true;
	}
	*ret_day = best;
	return any;
}

static void list_fields(struct explain *explain, const struct image_duty *duty, struct rko_why_duty *out)
{
	const struct image *image = explain->image;
	const char **names = ARENA_ARRAY(explain->arena, duty->redacts.count + 1, const char *);
	const char **labels = ARENA_ARRAY(explain->arena, duty->redacts.count + 1, const char *);

	for (uint32_t i = 0; i < duty->redacts.count; i++) {
		const struct image_code *code =
			&image->codes[image->codesets[duty->redact_set].codes.first +
				      image->links[duty->redacts.first + i]];

		names[i] = explain_string(explain, code->name);
		labels[i] = explain_label(explain, &code->label, code->name);
	}
	out->fields = names;
	out->field_labels = labels;
	out->nfields = duty->redacts.count;
}

struct rko_why_duty explain_duty(struct explain *explain, uint32_t number, bool tell_due)
{
	const struct image *image = explain->image;
	const struct image_duty *duty = &image->duties[explain->question->question->duties.first + number];
	const struct image_rule *rule = &explain->rules[duty->rule];
	struct rko_why_duty out = {
		.name = explain_string(explain, rule->name),
		.says = explain_label(explain, &rule->says, 0),
		.bearer = "",
		.bearer_label = "",
		.redaction = rule->item == IMAGE_ITEM_REDACT,
		.due = RKO_DAY_OPEN,
		.keep = duty->keep,
		.keep_months = (int)duty->keep_months,
	};
	day_t day;

	if (duty->bearer != IMAGE_NONE && duty->bearer_set != IMAGE_NONE) {
		const struct image_code *bearer =
			&image->codes[image->codesets[duty->bearer_set].codes.first + duty->bearer];

		out.bearer = explain_string(explain, bearer->name);
		out.bearer_label = explain_label(explain, &bearer->label, bearer->name);
	}
	if (tell_due && duty->due != IMAGE_DUE_NONE && due_day(explain, duty, &day)) {
		out.has_due = 1;
		out.due = day;
	}
	if (out.redaction)
		list_fields(explain, duty, &out);
	out.cites = explain_cites(explain, rule, &out.ncites, &out.nsee);
	return out;
}

/* The candidate by which a duty is due: the reported one if it is, else the first. */
static uint32_t candidate_of(const struct verdict *verdict, uint32_t duty)
{
	for (int reported = 1; reported >= 0; reported--) {
		for (uint32_t i = 0; i < verdict->ncandidates; i++) {
			const struct candidate *candidate = &verdict->candidates[i];

			if ((i == verdict->reported) != (reported == 1))
				continue;
			for (int end = 0; end < 3; end++)
				if (candidate->duties[end] >> duty & 1)
					return i;
		}
	}
	return verdict->reported;
}

void explain_duties(struct explain *explain)
{
	struct rko_explanation *out = explain->out;
	uint32_t count = explain->question->question->duties.count, at_hand = explain->session->verdict.reported;
	struct rko_why_duty *list = ARENA_ARRAY(explain->arena, count + 1, struct rko_why_duty);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t candidate;

		if (!(out->decision.duties >> i & 1))
			continue;
		candidate = candidate_of(&explain->session->verdict, i);
		if (candidate != at_hand)
			walk_candidate(explain->bind, &explain->session->verdict, candidate);
		at_hand = candidate;
		list[out->nduties++] = explain_duty(explain, i, true);
	}
	if (at_hand != explain->session->verdict.reported)
		walk_candidate(explain->bind, &explain->session->verdict, explain->session->verdict.reported);
	out->duties = list;
}
