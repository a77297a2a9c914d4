/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What is not settled about the law itself: readings that somebody chose and nobody has confirmed, tables with
 * cells that have not been seen. The rules on which the answer rests name some of them. On a reading the answer
 * hangs where another option would give another one: that is found by taking the other option and walking the
 * trees again, one reading at a time, and two together where one alone changes nothing. A walk that did not ask for a
 * reading comes to the same whatever its option: it is not walked again for that.
 */
#include "engine/explain/explain.h"

#include <string.h>

struct finder {
	struct explain *explain;
	uint32_t *features;	/* that ask for a reading */
	uint32_t nfeatures;
	uint8_t *asked;		/* by reading: the walk asked for it, with the options as they are chosen */
	uint8_t **asked_with;	/* by reading, its option and another reading: the same with that option */
	struct explain_outcome now;
	struct rko_why_otherwise **found;	/* by reading */
	size_t *nfound, *cap;
};

static const struct image_option *option_of(const struct explain *explain, uint32_t reading, uint32_t option)
{
	return &explain->image->options[explain->image->readings[reading].options.first + option];
}

/* Where the options that are taken now lead, and which readings the walk asked for. */
static struct explain_outcome walk_trees(struct finder *finder, uint8_t *ret_asked)
{
	struct bind *bind = finder->explain->bind;
	struct explain_outcome out;

	for (uint32_t i = 0; i < finder->nfeatures; i++)
		bind->features[finder->features[i]].stamp = 0;
	out = explain_outcome(finder->explain);
	memset(ret_asked, 0, finder->explain->image->n_readings);
	for (uint32_t i = 0; i < finder->nfeatures; i++)
		if (bind->features[finder->features[i]].stamp)
			ret_asked[bind->view->features[finder->features[i]].b] = 1;
	return out;
}

static bool other(struct finder *finder, uint8_t *ret_asked, struct explain_outcome *ret)
{
	*ret = walk_trees(finder, ret_asked);
	return ret->outcome != finder->now.outcome || ret->rule != finder->now.rule;
}

static void add(struct finder *finder, uint32_t reading, uint32_t option, uint32_t with, uint32_t with_option,
		struct explain_outcome then)
{
	struct explain *explain = finder->explain;
	const struct image_option *about = option_of(explain, reading, option);
	struct rko_why_otherwise otherwise = {
		.option = explain_string(explain, about->name),
		.option_says = explain_label(explain, &about->label, about->name),
		.with = "",
		.with_option = "",
		.with_says = "",
		.outcome = then.outcome,
		.rule = "",
		.rule_says = "",
	};

	if (with != IMAGE_NONE) {
		const struct image_option *second = option_of(explain, with, with_option);

		otherwise.with = explain_string(explain, explain->image->readings[with].name);
		otherwise.with_option = explain_string(explain, second->name);
		otherwise.with_says = explain_label(explain, &second->label, second->name);
	}
	if (then.rule != IMAGE_NONE) {
		otherwise.rule = explain_string(explain, explain->rules[then.rule].name);
		otherwise.rule_says = explain_label(explain, &explain->rules[then.rule].says, 0);
	}
	finder->found[reading] = arena_grow(explain->arena, finder->found[reading], finder->nfound[reading],
					    &finder->cap[reading], sizeof *finder->found[reading]);
	finder->found[reading][finder->nfound[reading]++] = otherwise;
}

static void take_back(const struct finder *finder, uint32_t reading)
{
	bind_option(finder->explain->bind, reading, finder->explain->image->readings[reading].chosen);
}

static void find_alone(struct finder *finder, uint32_t reading)
{
	const struct image_reading *about = &finder->explain->image->readings[reading];
	uint32_t count = finder->explain->image->n_readings;
	struct explain_outcome then;

	if (!finder->asked[reading])
		return;
	finder->asked_with[reading] = ARENA_ARRAY(finder->explain->scratch, about->options.count * count, uint8_t);
	for (uint32_t i = 0; i < about->options.count; i++) {
		if (i == about->chosen)
			continue;
		bind_option(finder->explain->bind, reading, i);
		if (other(finder, finder->asked_with[reading] + i * count, &then))
			add(finder, reading, i, IMAGE_NONE, 0, then);
	}
	take_back(finder, reading);
}

/* Neither alone changes anything; so both can only where the walk with one of them asks for the other. */
static bool ask_each_other(const struct finder *finder, uint32_t a, uint32_t i, uint32_t b, uint32_t j)
{
	const uint8_t *with_a = finder->asked_with[a], *with_b = finder->asked_with[b];
	uint32_t count = finder->explain->image->n_readings;

	return (with_a ? with_a[i * count + b] : finder->asked[b]) && (with_b ? with_b[j * count + a] : finder->asked[a]);
}

static void find_together(struct finder *finder, uint32_t a, uint32_t b)
{
	const struct image_reading *first = &finder->explain->image->readings[a];
	const struct image_reading *second = &finder->explain->image->readings[b];
	uint8_t *asked = ARENA_ARRAY(finder->explain->scratch, finder->explain->image->n_readings, uint8_t);
	struct explain_outcome then;

	for (uint32_t i = 0; i < first->options.count; i++) {
		for (uint32_t j = 0; j < second->options.count; j++) {
			if (i == first->chosen || j == second->chosen || !ask_each_other(finder, a, i, b, j))
				continue;
			bind_option(finder->explain->bind, a, i);
			bind_option(finder->explain->bind, b, j);
			if (!other(finder, asked, &then))
				continue;
			add(finder, a, i, b, j, then);
			add(finder, b, j, a, i, then);
		}
	}
	take_back(finder, b);
	take_back(finder, a);
}

/* The features that ask for a reading, and the readings that some condition of the question asks for. */
static uint32_t find_asked(struct finder *finder, uint32_t *ret_readings)
{
	struct explain *explain = finder->explain;
	const struct plan_view *view = explain->bind->view;
	uint8_t *some = ARENA_ARRAY(explain->scratch, explain->image->n_readings + 1, uint8_t);
	uint32_t count = 0;

	finder->features = ARENA_ARRAY(explain->scratch, view->nfeatures + 1, uint32_t);
	for (uint32_t i = 0; i < view->nfeatures; i++) {
		if (view->features[i].kind != IMAGE_FEATURE_READING)
			continue;
		finder->features[finder->nfeatures++] = i;
		some[view->features[i].b] = 1;
	}
	for (uint32_t i = 0; i < explain->image->n_readings; i++)
		if (some[i])
			ret_readings[count++] = i;
	return count;
}

static void find_all(struct finder *finder)
{
	struct explain *explain = finder->explain;
	uint32_t count = explain->image->n_readings;
	uint32_t *list = ARENA_ARRAY(explain->scratch, count + 1, uint32_t), n = find_asked(finder, list);

	finder->asked = ARENA_ARRAY(explain->scratch, count + 1, uint8_t);
	finder->asked_with = ARENA_ARRAY(explain->scratch, count + 1, uint8_t *);
	finder->found = ARENA_ARRAY(explain->arena, count + 1, struct rko_why_otherwise *);
	finder->nfound = ARENA_ARRAY(explain->arena, count + 1, size_t);
	finder->cap = ARENA_ARRAY(explain->arena, count + 1, size_t);
	finder->now = walk_trees(finder, finder->asked);
	for (uint32_t i = 0; i < n; i++)
		find_alone(finder, list[i]);
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t j = i + 1; j < n; j++)
			if (!finder->nfound[list[i]] && !finder->nfound[list[j]])
				find_together(finder, list[i], list[j]);
	arena_reset(explain->scratch);
}

static void add_pending(struct explain *explain, struct rko_why_pending *pending, const struct image_note *note)
{
	const char *name = explain_string(explain, note->what);

	for (size_t i = 0; i < explain->out->npending; i++)
		if (strcmp(pending[i].name, name) == 0)
			return;
	pending[explain->out->npending++] = (struct rko_why_pending){
		.name = name,
		.label = explain_label(explain, &note->label, note->what),
	};
}

/* The readings and tables that the rules on which the answer rests name. */
static void take_notes(struct explain *explain, uint8_t *ret_readings)
{
	const struct image *image = explain->image;
	struct rko_why_pending *pending;
	size_t most = 0;

	for (uint32_t i = 0; i < explain->nrules; i++)
		most += explain->rules[i].notes.count;
	pending = ARENA_ARRAY(explain->arena, most + 1, struct rko_why_pending);
	explain->out->pending = pending;
	for (uint32_t i = 0; i < explain->nrules; i++) {
		const struct image_rule *rule = &explain->rules[i];

		for (uint32_t j = 0; j < rule->notes.count && explain->rests[i]; j++) {
			const struct image_note *note = &image->notes[rule->notes.first + j];

			if (bind_truth(explain->bind, note->root) == TRUTH_NO)
				continue;
			if (note->kind == IMAGE_NOTE_READING)
				ret_readings[note->what] = 1;
			else if (note->kind == IMAGE_NOTE_PENDING)
				add_pending(explain, pending, note);
		}
	}
}

void explain_readings(struct explain *explain)
{
	const struct image *image = explain->image;
	struct rko_why_reading *list = ARENA_ARRAY(explain->arena, image->n_readings + 1, struct rko_why_reading);
	uint8_t *named = ARENA_ARRAY(explain->arena, image->n_readings + 1, uint8_t);
	struct finder finder = { .explain = explain };

	take_notes(explain, named);
	find_all(&finder);
	for (uint32_t i = 0; i < image->n_readings; i++) {
		const struct image_reading *reading = &image->readings[i];
		const struct image_option *option = option_of(explain, i, reading->chosen);

		if (!named[i] && !finder.nfound[i])
			continue;
		list[explain->out->nreadings++] = (struct rko_why_reading){
			.name = explain_string(explain, reading->name),
			.option = explain_string(explain, option->name),
			.option_says = explain_label(explain, &option->label, option->name),
			.confirmed = (int)reading->confirmed,
			.hangs = finder.nfound[i] > 0,
			.otherwise = finder.found[i],
			.notherwise = finder.nfound[i],
		};
	}
	explain->out->readings = list;
}
