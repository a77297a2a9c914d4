/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The way that was found takes one answer after the other, and each demand would be as narrow as its answer. Wider is as
 * good where every cell with such answers is granted: an answer takes in whatever other class keeps it so.
 */
#include "engine/explain/change_needs.h"

struct widening {
	struct change *change;
	uint64_t facts;
	uint8_t **allowed;	/* by feature: classes; NULL: not on the way */
	uint8_t mark;		/* of the walk, on the places that it has met */
};

/* Whether every possible cell with answers that are allowed is granted; of a condition: whether it holds. */
static bool all_granted(const struct widening *widening, uint32_t ref, bool condition)
{
	const struct change *change = widening->change;
	uint32_t feature, now;
	bool open;

	if (image_is_terminal(ref))
		return condition ? image_value_of(ref)
				 : image_value_of(ref) == IMAGE_OUT_GRANTED || image_value_of(ref) == IMAGE_OUT_IMPOSSIBLE;
	if (change->bind->seen[ref] == widening->mark)
		return true;	/* what came to anything else ended the walk */
	change->bind->seen[ref] = widening->mark;
	feature = change->view->words[ref];
	now = change->now[feature];
	open = now == IMAGE_NONE || change->touch[feature] & widening->facts;
	for (uint32_t i = 0; i < change->view->features[feature].nclasses; i++)
		if ((widening->allowed[feature] ? widening->allowed[feature][i] : open || i == now) &&
		    !all_granted(widening, change->view->words[ref + 1 + i], condition))
			return false;
	return true;
}

static bool holds(struct widening *widening)
{
	const struct change *change = widening->change;

	widening->mark = walk_mark(change->bind);
	if (!all_granted(widening, change->explain->question->question->analysis, false))
		return false;
	if (!change->to_be)
		return true;
	widening->mark = walk_mark(change->bind);
	return all_granted(widening, change->view->scans[change->view->plan->pivot].where, true);
}

/* The answers found, as wide as they can be: those that stay as they are first, for what stays need not be said. */
struct change_answer *change_widen(struct change *change, const struct change_found *found)
{
	struct arena *arena = change->explain->scratch;
	struct change_answer *answers = ARENA_ARRAY(arena, found->count + 1, struct change_answer);
	struct widening widening = { .change = change, .facts = found->facts };

	widening.allowed = ARENA_ARRAY(arena, change->view->nfeatures + 1, uint8_t *);
	for (uint32_t i = 0; i < found->count; i++) {
		answers[i] = found->answers[i];
		if (answers[i].classes)
			answers[i].classes = widening.allowed[answers[i].feature] = arena_copy(arena, answers[i].classes, 256);
	}
	/* What whoever asks is told may not hang on the hidden answers of now, as this does. */
	if (change->told || !holds(&widening))
		return answers;
	for (uint32_t i = 0; i < 2 * found->count; i++) {
		const struct change_answer *answer = &answers[i % found->count];
		uint8_t *allowed = widening.allowed[answer->feature];
		bool stays = answer->class_ == change->now[answer->feature];

		if (!allowed || stays != (i < found->count) || !(change->touch[answer->feature] & found->facts))
			continue;
		for (uint32_t j = 0; j < change->view->features[answer->feature].nclasses; j++) {
			if (allowed[j])
				continue;
			allowed[j] = 1;
			allowed[j] = holds(&widening);
		}
	}
	return answers;
}
