/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A change as it is shown: a step for each fact, with all that the answers on the way ask of it, and the rule that it
 * opens. Where the answers do not fit together (a day both before and after another) the facts cannot be so, and it is
 * no change.
 */
#include "engine/explain/change_needs.h"

static const char *bearer(struct explain *explain, uint32_t who, bool label)
{
	const struct image *image = explain->image;

	if (who == IMAGE_NONE)
		return "";
	for (uint32_t i = 0; i < image->n_codesets; i++) {
		const struct image_code *code;

		if (strcmp(explain_string(explain, image->codesets[i].name), "bearer") != 0 ||
		    who >= image->codesets[i].codes.count)
			continue;
		code = image_code_at(image, i, who);
		return label ? explain_label(explain, &code->label, code->name) : explain_string(explain, code->name);
	}
	return "";
}

static const char *name_of(struct telling *telling)
{
	const struct change_fact *fact = telling_fact(telling);
	struct explain *explain = telling_explain(telling);

	switch (fact->kind) {
	case RKO_CHANGE_PARAMETER:
	case RKO_CHANGE_OVERLAY:
		return explain_string(explain, fact->number);
	case RKO_CHANGE_REQUEST:
		return explain_string(explain, telling->change->view->values[fact->number].name);
	default:
		return explain_string(explain, fact->slot != IMAGE_NONE ? telling->change->view->slots[fact->slot].name
									: telling->change->view->scans[fact->scan].name);
	}
}

/* What the link is called, or the kind of record. */
static const char *label_of(struct telling *telling)
{
	const struct change_fact *fact = telling_fact(telling);
	uint32_t slot = fact->slot != IMAGE_NONE ? fact->slot : telling->change->view->scans[fact->scan].row;
	const struct image_slot *about = &telling->change->view->slots[slot];
	struct explain *explain = telling_explain(telling);

	return about->kind == IMAGE_SLOT_FINDING ? "" : explain_slot_label(explain, slot);
}

static void tell_step(struct telling *telling, struct rko_why_step *step)
{
	const struct change_fact *fact = telling_fact(telling);
	struct explain *explain = telling_explain(telling);
	struct rko_why_need *needs = ARENA_ARRAY(explain->arena, telling->nwishes + 3, struct rko_why_need);

	*step = (struct rko_why_step){ .kind = telling->kind, .name = name_of(telling), .record = "", .label = "",
				       .asks = "", .who = bearer(explain, fact->who, false),
				       .who_label = bearer(explain, fact->who, true), .needs = needs };
	if (fact->kind == RKO_CHANGE_PARAMETER)
		step->label = explain_parameter_label(explain, step->name);
	if (fact->record != IMAGE_NONE) {
		step->record = explain_string(explain, explain->image->records[fact->record].name);
		step->label = label_of(telling);
	}
	if (fact->kind == RKO_CHANGE_JUDGEMENT) {
		step->asks = explain_label(explain, &telling->change->view->slots[fact->slot].asks, 0);
		step->nneeds = needs_judged(telling, needs);
	}
	for (uint32_t i = 0; fact->kind != RKO_CHANGE_JUDGEMENT && i < telling->nwishes; i++)
		step->nneeds += need_of(telling, &telling->wishes[i], &needs[step->nneeds]);
	step->rows = telling->rows.list;
	step->nrows = telling->rows.count;
}

/* The rule that would speak: one that the deciding diagram names where the answers are as found. */
static uint32_t opens_rule(const struct change *change, const struct change_found *found, uint32_t ref, uint8_t mark)
{
	const struct image_question *question = change->explain->question->question;
	const uint32_t *words = change->view->words;
	uint32_t rule = IMAGE_NONE, feature, only = IMAGE_NONE;

	if (image_is_terminal(ref)) {
		const struct image_terminal *end =
			&change->explain->image->terminals[question->terminals.first + image_value_of(ref)];

		return end->outcome == IMAGE_OUT_GRANTED ? end->witness : IMAGE_NONE;
	}
	if (change->bind->seen[ref] == mark)
		return IMAGE_NONE;
	change->bind->seen[ref] = mark;
	feature = words[ref];
	if (!(change->touch[feature] & found->facts))
		only = change->now[feature];
	for (uint32_t i = 0; i < found->count; i++)
		if (found->answers[i].feature == feature)
			only = found->answers[i].class_;
	for (uint32_t i = 0; i < change->view->features[feature].nclasses && rule == IMAGE_NONE; i++)
		if (only == IMAGE_NONE || i == only)
			rule = opens_rule(change, found, words[ref + 1 + i], mark);
	return rule;
}

/* A row of a list comes to be, or goes; false where the same change would have to do both. */
static bool list_kind(struct telling *telling, const struct change_found *found)
{
	bool comes = false, goes = false;

	for (uint32_t i = 0; i < found->count; i++) {
		const struct change_answer *answer = &found->answers[i];
		const struct image_feature *about = &telling->change->view->features[answer->feature];

		if (!(telling->change->touch[answer->feature] & telling->fact) || !answer->classes || !answer_is_test(about) ||
		    answer->class_ == telling->change->now[answer->feature] || answer_rows(telling, about) == IMAGE_NONE)
			continue;
		comes |= !answer_wanted(telling, about, answer->classes, 0);
		goes |= !answer_wanted(telling, about, answer->classes, 1);
	}
	if (goes)
		telling->kind = RKO_CHANGE_NO_RECORD;
	return !(comes && goes);
}

static bool tell_fact(struct change *change, const struct change_found *found, uint64_t fact, struct rko_why_step *step)
{
	struct telling telling = { .change = change, .fact = fact };

	telling.kind = telling_fact(&telling)->kind;
	step_rows_begin(&telling.rows, change, telling_fact(&telling));
	if (telling.kind == RKO_CHANGE_RECORD && telling_fact(&telling)->scan != IMAGE_NONE && !list_kind(&telling, found))
		return false;
	/* Last what lists must not come to have: asked only as far as it is not clear from all else. */
	for (uint32_t i = 0; i < 2 * found->count; i++) {
		const struct change_answer *answer = &found->answers[i % found->count];
		const struct image_feature *about = &change->view->features[answer->feature];
		bool last;

		telling.changed = answer->class_ != change->now[answer->feature];
		last = !telling.changed && answer_rows(&telling, about) != IMAGE_NONE;
		if (change->touch[answer->feature] & fact && answer->classes && last == (i >= found->count))
			wish_answer(&telling, answer->feature, answer->classes);
	}
	if (telling.impossible || !wishes_fit(&telling))
		return false;
	tell_step(&telling, step);
	return true;
}

/* Whoever asks is not told which records there are, nor what is in one beside the field itself. */
static void withhold_rows(struct explain *explain, struct rko_why_step *step)
{
	struct rko_why_need *needs = ARENA_ARRAY(explain->arena, step->nneeds + 1, struct rko_why_need);

	for (size_t i = 0; i < step->nneeds; i++) {
		needs[i] = step->needs[i];
		needs[i].row = needs[i].other_row = RKO_NOTHING;
		needs[i].nstored = 0;
		needs[i].other_field = "";
		if (needs[i].kind != RKO_NEED_EACH)
			needs[i].nothers = 0;
	}
	step->needs = needs;
	step->nrows = 0;
}

bool change_tell(struct change *change, const struct change_found *way, struct rko_why_change *ret_change)
{
	const struct change_found wide = { way->facts, way->candidate, change_widen(change, way), way->count, way->told },
				  *found = &wide;
	struct explain *explain = change->explain;
	const struct image_question *question = explain->question->question;
	struct rko_why_step *steps = ARENA_ARRAY(explain->arena, (size_t)__builtin_popcountll(found->facts) + 1,
						 struct rko_why_step);
	struct rko_why_change out = { .steps = steps, .opens = "", .opens_says = "" };
	uint32_t rule;

	for (uint64_t left = found->facts; left; left &= left - 1)
		if (!tell_fact(change, found, left & ~(left - 1), &steps[out.nsteps++]))
			return false;
	if (change->told) {	/* by which rule, hangs on what is not shown */
		for (size_t i = 0; i < out.nsteps; i++)
			withhold_rows(explain, &steps[i]);
		*ret_change = out;
		return true;
	}
	rule = opens_rule(change, found, question->root, walk_mark(change->bind));
	if (rule != IMAGE_NONE) {
		out.opens = explain_string(explain, explain->rules[rule].name);
		out.opens_says = explain_label(explain, &explain->rules[rule].says, 0);
	}
	*ret_change = out;
	return true;
}
