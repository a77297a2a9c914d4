/* SPDX-License-Identifier: EUPL-1.2 */
/* The binder's memory, taken once, and where a decision begins in it. */
#include "engine/decide/bind.h"

#include <stdlib.h>

/* Memory ------------------------------------------------------------------------------------------ */

struct sizes {
	uint32_t slots, values, features, scans, rows, elements, words;
};

static void grow(uint32_t *most, uint32_t here)
{
	if (here > *most)
		*most = here;
}

enum rko_status bind_init(struct bind *bind, const struct rko_policy *policy)
{
	struct sizes most = { 0 };

	*bind = (struct bind){ .policy = policy };
	for (uint32_t i = 0; i < policy->image.n_plans; i++) {
		const struct plan_view *view = &policy->plans[i];

		grow(&most.slots, view->nslots);
		grow(&most.values, view->nvalues);
		grow(&most.features, view->nfeatures);
		grow(&most.scans, view->nscans);
		grow(&most.rows, view->nrows);
		grow(&most.elements, view->nelements);
		grow(&most.words, view->plan->nodes.count);
	}
	bind->slots = calloc(most.slots + 1, sizeof *bind->slots);
	bind->values = calloc(most.values + 1, sizeof *bind->values);
	bind->features = calloc(most.features + 1, sizeof *bind->features);
	bind->scans = calloc(most.scans + 1, sizeof *bind->scans);
	bind->rows = calloc(most.rows + 1, sizeof *bind->rows);
	bind->elements = calloc(most.elements + 1, sizeof *bind->elements);
	bind->freshness = calloc(policy->image.n_records + 1, sizeof *bind->freshness);
	bind->seen = calloc(most.words + 1, 1);
	bind->nseen = most.words;
	bind->new_ids = calloc(BIND_NEW_IDS, sizeof *bind->new_ids);
	bind->options = calloc(policy->image.n_readings + 1, 1);
	if (bind->slots && bind->values && bind->features && bind->scans && bind->rows && bind->elements &&
	    bind->freshness && bind->seen && bind->new_ids && bind->options) {
		for (uint32_t i = 0; i < policy->image.n_readings; i++)
			bind->options[i] = (uint8_t)policy->image.readings[i].chosen;
		return RKO_OK;
	}
	bind_release(bind);
	return RKO_NO_MEMORY;
}

void bind_release(struct bind *bind)
{
	free(bind->slots);
	free(bind->values);
	free(bind->features);
	free(bind->scans);
	free(bind->rows);
	free(bind->elements);
	free(bind->freshness);
	free(bind->seen);
	free(bind->new_ids);
	free(bind->options);
	*bind = (struct bind){ 0 };
}

static void forget_stamps(struct bind *bind)
{
	for (uint32_t i = 0; i < bind->view->nslots; i++)
		bind->slots[i].stamp = 0;
	for (uint32_t i = 0; i < bind->view->nvalues; i++)
		bind->values[i].stamp = 0;
	for (uint32_t i = 0; i < bind->view->nfeatures; i++)
		bind->features[i].stamp = 0;
	for (uint32_t i = 0; i < bind->view->nscans; i++)
		bind->scans[i].stamp = 0;
}

static void begin_answer(struct bind *bind)
{
	bind->candidate = 0;
	bind->fetches = 0;
	bind->next_cut = NO_CUT;
	bind->status = RKO_OK;
	bind->refusal = RKO_REFUSED_NOT;
	bind->refused_field = IMAGE_NONE;
}

/* Stamps of another plan's decision mean nothing here. */
void bind_begin(struct bind *bind, const struct plan_view *view, const struct question_view *question)
{
	bool other = bind->view != view;

	bind->view = view;
	bind->question = question;
	if (other || bind->clock > UINT32_MAX / 2) {
		forget_stamps(bind);
		bind->clock = 0;
	}
	bind->clock++;
	bind->stamps[LASTS_DECISION] = bind->clock;
	bind->stamps[LASTS_CANDIDATE] = ++bind->clock;
	bind->stamps[LASTS_ONLY_CANDIDATE] = ++bind->clock;
	for (uint32_t i = 0; i < view->nscans; i++)
		bind->stamps[LASTS_ROW + i] = ++bind->clock;
	bind->nnew_ids = 0;
	bind->root = question ? question->question->root : IMAGE_NONE;
	begin_answer(bind);
}

void bind_again(struct bind *bind, uint32_t lasts)
{
	bind->stamps[lasts] = ++bind->clock;
	bind->stamps[LASTS_CANDIDATE] = ++bind->clock;
	begin_answer(bind);
}

void bind_candidate(struct bind *bind)
{
	bind->stamps[LASTS_CANDIDATE] = ++bind->clock;
	bind->candidate++;
}

void bind_option(struct bind *bind, uint32_t reading, uint32_t option)
{
	const struct plan_view *view = bind->view;

	bind->options[reading] = (uint8_t)option;
	for (uint32_t i = 0; i < view->nfeatures; i++)
		if (view->features[i].kind == IMAGE_FEATURE_READING && view->features[i].b == reading)
			bind->features[i].stamp = 0;
}
