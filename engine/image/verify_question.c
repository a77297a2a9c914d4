/* SPDX-License-Identifier: EUPL-1.2 */
/* The door, 40 and on: what a question has: its fields, rules, duties, answers, bounds. */
#include "engine/image/verify_parts.h"

#include <stdlib.h>
#include <string.h>

#include "engine/image/cost.h"

static bool date_value(const struct plan_check *p, uint32_t value)
{
	return value < p->plan->values.count && verify_plain(verify_value_type(p, value), IMAGE_TYPE_DATE);
}

static void check_conjunct(struct verify *v, struct plan_check *p, const struct image_conjunct *part)
{
	REQUIRE(44, string_ok(v, part->name) && string_ok(v, part->text) && label_ok(v, &part->says) &&
		verify_truth(p, part->root, IMAGE_NONE), "a condition is out of range");
	REQUIRE(44, passages_ok(v, part->cites) && passages_ok(v, part->see), "a condition cites what there is not");
}

static void check_rule(struct plan_check *p, const struct image_question *question, uint32_t number)
{
	struct verify *v = p->v;
	const struct image *image = p->image;
	const struct image_rule *rule = &image->rules[question->rules.first + number];
	struct image_range lists[4] = { rule->parents, rule->children, rule->cites, rule->see };

	at(v, "rules", question->rules.first + number);
	REQUIRE(40, string_ok(v, rule->name) && string_ok(v, rule->file) && label_ok(v, &rule->says) &&
		rule->item <= IMAGE_ITEM_LAW && rule->verb <= IMAGE_REDACT && rule->layer < image->n_layers &&
		force_ok(&rule->force), "a name, kind or force is out of range");
	for (int i = 0; i < 4; i++) {
		REQUIRE(41, range_ok(lists[i], image->n_links), "a list is out of range");
		for (uint32_t j = 0; j < lists[i].count; j++)
			REQUIRE(41, image->links[lists[i].first + j] <
					    (i < 2 ? question->rules.count : image->n_passages),
				"a list names what there is not");
	}
	/* I6 */
	REQUIRE(42, rule->cites.count > 0, "a rule that cites nothing");
	REQUIRE(43, verify_truth(p, rule->on, IMAGE_NONE) && verify_truth(p, rule->root_on, IMAGE_NONE) &&
			    (rule->open == IMAGE_NONE || verify_truth(p, rule->open, IMAGE_NONE)),
		"its condition is no diagram of this plan");
	REQUIRE(43, rule->ladder == IMAGE_NONE ||
		verify_root(p, rule->ladder, IMAGE_ROOT_LADDER, IMAGE_NONE, question, 0),
		"its ladder is no diagram of this plan");
	REQUIRE(44, range_ok(rule->conjuncts, image->n_conjuncts) && range_ok(rule->notes, image->n_notes),
		"its conditions are out of range");
	for (uint32_t i = 0; i < rule->conjuncts.count && !v->failed; i++) {
		const struct image_conjunct *conjunct = &image->conjuncts[rule->conjuncts.first + i];

		check_conjunct(v, p, conjunct);
		REQUIRE(44, range_ok(conjunct->parts, image->n_conjuncts), "what a condition demands is out of range");
		for (uint32_t j = 0; j < conjunct->parts.count && !v->failed; j++) {
			check_conjunct(v, p, &image->conjuncts[conjunct->parts.first + j]);
			REQUIRE(44, image->conjuncts[conjunct->parts.first + j].parts.count == 0,
				"conditions within conditions within conditions");
		}
	}
	for (uint32_t i = 0; i < rule->notes.count; i++) {
		const struct image_note *note = &image->notes[rule->notes.first + i];

		REQUIRE(45, note->kind == IMAGE_NOTE_READING  ? note->what < image->n_readings
			    : note->kind == IMAGE_NOTE_EFFECT ? note->what < image->n_effects
			    : note->kind == IMAGE_NOTE_PENDING && string_ok(v, note->what) && label_ok(v, &note->label),
			"a note names what there is not");
		REQUIRE(45, verify_truth(p, note->root, IMAGE_NONE), "a note is no diagram of this plan");
	}
}

/*
 * How many rules stand in the longest chain of children (or of parents) from a rule on; 0 when a chain is a circle or
 * longer than the language nests. `known` holds by rule what is known already, CHAIN_BUSY while it is worked out.
 */
enum { CHAIN_BUSY = 255 };

static unsigned chain(const struct image *image, const struct image_question *question, uint32_t number, bool up,
		      uint8_t *known)
{
	const struct image_rule *rule = &image->rules[question->rules.first + number];
	struct image_range next = up ? rule->parents : rule->children;
	unsigned longest = 1;

	if (known[number])
		return known[number] == CHAIN_BUSY ? 0 : known[number];
	known[number] = CHAIN_BUSY;
	for (uint32_t i = 0; i < next.count; i++) {
		unsigned below = chain(image, question, image->links[next.first + i], up, known);

		if (!below || below > LIMIT_NESTING)
			return 0;
		if (below + 1 > longest)
			longest = below + 1;
	}
	known[number] = (uint8_t)longest;
	return longest;
}

/* In how many ways a rule is reached from the rules above it; what is known of others is in `ways`. */
static uint32_t count_ways(const struct image *image, const struct image_question *question, uint32_t number,
			   uint32_t *ways)
{
	const struct image_rule *rule = &image->rules[question->rules.first + number];
	uint32_t count = !rule->parents.count;

	if (ways[number])
		return ways[number];
	for (uint32_t i = 0; i < rule->parents.count && count <= LIMIT_WAYS; i++)
		count += count_ways(image, question, image->links[rule->parents.first + i], ways);
	return ways[number] = count <= LIMIT_WAYS ? count : LIMIT_WAYS + 1;
}

static uint32_t times_named(const struct image *image, struct image_range list, uint32_t rule)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < list.count; i++)
		count += image->links[list.first + i] == rule;
	return count;
}

/* Who is below a rule says that it is above, and the other way round; an overlay's exception is below nothing. */
static bool mirrored(const struct image *image, const struct image_question *question, uint32_t number)
{
	const struct image_rule *rules = &image->rules[question->rules.first], *rule = &rules[number];

	for (uint32_t i = 0; i < rule->children.count; i++) {
		uint32_t child = image->links[rule->children.first + i];

		if (times_named(image, rule->children, child) != times_named(image, rules[child].parents, number))
			return false;
	}
	for (uint32_t i = 0; i < rule->parents.count; i++) {
		uint32_t parent = image->links[rule->parents.first + i];
		bool below = times_named(image, rules[parent].children, number) != 0;

		if (below == ((rule->flags & IMAGE_RULE_CUT) != 0))
			return false;
	}
	return true;
}

/* Explanations walk these trees way by way, up and down: how long and how many the ways are is bounded. */
static void check_trees(struct verify *v, const struct image_question *question)
{
	uint8_t *known = calloc(question->rules.count + 1, 2);
	uint32_t *ways = calloc(question->rules.count + 1, sizeof *ways);

	if (!known || !ways) {
		v->memory = true;
		refuse(v, 41, "memory ran out");
	}
	for (uint32_t i = 0; i < question->rules.count && !v->failed; i++) {
		at(v, "rules", question->rules.first + i);
		if (!chain(v->image, question, i, false, known) ||
		    !chain(v->image, question, i, true, known + question->rules.count))
			refuse(v, 41, "exceptions form a circle");
		else if (count_ways(v->image, question, i, ways) > LIMIT_WAYS)
			refuse(v, 41, "an exception is reached in too many ways");
	}
	for (uint32_t i = 0; i < question->rules.count && !v->failed; i++) {
		at(v, "rules", question->rules.first + i);
		if (!mirrored(v->image, question, i))
			refuse(v, 41, "a rule and its exception do not name one another");
	}
	free(known);
	free(ways);
}

static void check_duty(struct plan_check *p, const struct image_question *question, uint32_t number)
{
	struct verify *v = p->v;
	const struct image *image = p->image;
	const struct image_duty *duty = &image->duties[question->duties.first + number];
	uint32_t bearers = 0, redactions = 0;

	at(v, "duties", question->duties.first + number);
	REQUIRE(46, duty->rule < question->rules.count && duty->due <= IMAGE_DUE_LATEST &&
		duty->keep_months <= 1 && duty->keep >= 0 && duty->prohibited <= 1, "it is out of range");
	REQUIRE(46, duty->bearer_set == IMAGE_NONE || duty->bearer_set < image->n_codesets,
		"its bearer is out of range");
	REQUIRE(46, duty->redact_set == IMAGE_NONE || duty->redact_set < image->n_codesets,
		"what it redacts is out of range");
	if (duty->bearer_set != IMAGE_NONE)
		bearers = image->codesets[duty->bearer_set].codes.count;
	if (duty->redact_set != IMAGE_NONE)
		redactions = image->codesets[duty->redact_set].codes.count;
	REQUIRE(46, duty->bearer == IMAGE_NONE || duty->bearer < bearers, "its bearer is out of range");
	REQUIRE(46, range_ok(duty->redacts, image->n_links), "what it redacts is out of range");
	for (uint32_t i = 0; i < duty->redacts.count; i++)
		REQUIRE(46, image->links[duty->redacts.first + i] < redactions, "what it redacts is out of range");
	REQUIRE(47, range_ok(duty->dues, image->n_dues), "its due dates are out of range");
	for (uint32_t i = 0; i < duty->dues.count; i++) {
		const struct image_due *due = &image->dues[duty->dues.first + i];

		REQUIRE(47, verify_truth(p, due->guard, IMAGE_NONE), "a due date is no diagram of this plan");
		REQUIRE(47, due->value == IMAGE_NONE ? day_valid(due->day) : date_value(p, due->value),
			"a due date counts from no date");
		REQUIRE(47, due->flags <= 1 && due->part < duty->parts && due->count >= -40000 &&
			due->count <= 40000, "a due date is out of range");
	}
}

static bool witness_ok(const struct image *image, const struct image_question *question,
		       const struct image_terminal *terminal)
{
	const struct image_rule *rule;

	if (terminal->outcome == IMAGE_OUT_NOT_GRANTED || terminal->outcome == IMAGE_OUT_INCONSISTENT)
		return terminal->witness == IMAGE_NONE;
	if (terminal->witness >= question->rules.count)
		return false;
	rule = &image->rules[question->rules.first + terminal->witness];
	switch (terminal->outcome) {
	case IMAGE_OUT_GRANTED:
		return rule->verb == IMAGE_GRANT && rule->item <= IMAGE_ITEM_EXCEPTION;
	case IMAGE_OUT_FORBIDDEN:
		return rule->verb == IMAGE_PROHIBIT && rule->item <= IMAGE_ITEM_EXCEPTION;
	case IMAGE_OUT_SILENT:
		return rule->item == IMAGE_ITEM_SILENT;
	}
	return false;
}

static void check_terminals(struct plan_check *p, const struct image_question *question)
{
	struct verify *v = p->v;
	const struct image *image = p->image;

	for (uint32_t i = 0; i < question->terminals.count; i++) {
		const struct image_terminal *terminal = &image->terminals[question->terminals.first + i];

		at(v, "terminals", question->terminals.first + i);
		REQUIRE(48, witness_ok(image, question, terminal), "an answer without a rule that gives it");
		REQUIRE(49, range_ok(terminal->duties, image->n_duty_lists), "its duties are out of range");
		for (uint32_t j = 0; j < terminal->duties.count; j++) {
			const uint32_t *duty = &image->duty_lists[terminal->duties.first + j];

			REQUIRE(49, *duty < question->duties.count && (j == 0 || duty[-1] < *duty),
				"its duties are not in order");
		}
	}
}

static void check_inputs(struct verify *v, const struct image_question *question)
{
	const struct image *image = v->image;
	uint32_t all = (uint32_t)((1ull << question->actions.count) - 1);

	for (uint32_t i = 0; i < question->actions.count; i++) {
		at(v, "actions", question->actions.first + i);
		REQUIRE(50, string_ok(v, image->actions[question->actions.first + i].name) &&
			label_ok(v, &image->actions[question->actions.first + i].label), "a name is out of range");
	}
	for (uint32_t i = 0; i < question->inputs.count; i++) {
		const struct image_input *input = &image->inputs[question->inputs.first + i];

		at(v, "inputs", question->inputs.first + i);
		REQUIRE(50, string_ok(v, input->name) && label_ok(v, &input->label) &&
			target_ok(image, input->kind, input->target), "its name or type is out of range");
		REQUIRE(50, input->flags <= 15 &&
			(!(input->flags & IMAGE_FIELD_SET) || (input->bound >= 1 && input->bound <= LIMIT_SET_ELEMENTS)),
			"its flags or bound are out of range");
		REQUIRE(50, !((input->given | input->found) & ~all) && !(input->given & input->found),
			"its actions are out of range");
		REQUIRE(50, !input->found || input->kind == IMAGE_TYPE_REF, "what is found is no record");
	}
}

static bool entity_ok(struct verify *v, const struct image_question *question, const struct image_entity *entity)
{
	const struct image *image = v->image;
	bool named = entity->part == IMAGE_SUBJECT || entity->part == IMAGE_RESOURCE;

	if (entity->part > IMAGE_CONTEXT || named != (entity->type != 0) || !string_ok(v, entity->type) ||
	    !range_ok(entity->fields, image->n_links))
		return false;
	if (named ? entity->id >= question->inputs.count : entity->id != IMAGE_NONE)
		return false;
	for (uint32_t i = 0; i < entity->fields.count; i++)
		if (image->links[entity->fields.first + i] >= question->inputs.count)
			return false;
	return true;
}

static void check_entities(struct verify *v, const struct image_question *question)
{
	const struct image_entity *entity = v->image->entities + question->entities.first;

	for (uint32_t i = 0; i < question->entities.count; i++) {
		at(v, "entities", question->entities.first + i);
		REQUIRE(56, entity_ok(v, question, &entity[i]), "it is out of range");
		for (uint32_t j = 0; j < i; j++)
			REQUIRE(56, entity[i].part != entity[j].part ||
				strcmp(image_string(v->image, entity[i].type),
				       image_string(v->image, entity[j].type)) != 0, "its type is there twice");
	}
}

/* 57, 58: I15, what whoever asks may be told. */

static uint32_t told_numbers(const struct image_question *question, uint32_t kind)
{
	switch (kind) {
	case IMAGE_TOLD_OPENS:
		return 1;
	case IMAGE_TOLD_RULE:
		return question->rules.count;
	case IMAGE_TOLD_ANSWER:
		return question->answers.count;
	case IMAGE_TOLD_DUTY_GRANTED:
	case IMAGE_TOLD_DUTY_DENIED:
	case IMAGE_TOLD_DUE:
		return question->duties.count;
	}
	return 0;
}

/*
 * For these actions: nothing on the way that they do not all show. `seen` has for each node the actions, by bit, for
 * which that is known, below whatever root.
 */
static bool only_shown(const struct plan_check *p, uint32_t ref, uint32_t actions, uint32_t *seen)
{
	const struct image_feature *feature;
	bool split;

	if (image_is_terminal(ref) || !(actions & ~seen[ref]))
		return true;
	seen[ref] |= actions;
	feature = &p->features[p->words[ref]];
	split = feature->kind == IMAGE_FEATURE_ACTION;
	if (!split && (feature->shown & actions) != actions)
		return false;
	for (uint32_t i = 0; i < feature->nclasses; i++) {
		uint32_t of_class = 0;

		for (uint32_t j = 0; split && j < feature->size; j++)
			if (p->image->classes[feature->classes + j] == i)
				of_class |= 1u << j;
		if (!only_shown(p, p->words[ref + 1 + i], split ? actions & of_class : actions, seen))
			return false;
	}
	return true;
}

static void check_told(struct plan_check *p, const struct image_question *question)
{
	struct verify *v = p->v;
	uint32_t actions = (uint32_t)((1ull << question->actions.count) - 1);
	uint32_t *seen = calloc(p->plan->nodes.count + 1, sizeof *seen);

	for (uint32_t i = 0; i < question->told.count && seen && !v->failed; i++) {
		const struct image_told *told = &p->image->told[question->told.first + i];
		uint32_t kind = told->kind == IMAGE_TOLD_OPENS ? IMAGE_ROOT_OUTCOME
				: told->kind == IMAGE_TOLD_ANSWER ? IMAGE_ROOT_VALUE : IMAGE_ROOT_TRUTH;
		uint32_t values = 0;

		at(v, "told", question->told.first + i);
		if (told->number >= told_numbers(question, told->kind)) {
			refuse(v, 57, "it is about nothing");
			break;
		}
		if (told->kind == IMAGE_TOLD_ANSWER)
			values = p->image->codesets[p->image->answers[question->answers.first + told->number].codeset]
					 .codes.count + 1;
		if (!verify_root(p, told->root, kind, IMAGE_NONE, question, values))
			refuse(v, 57, "it is no diagram of this plan");
		else if (!only_shown(p, told->root, actions, seen))
			refuse(v, 58, "it hangs on what whoever asks may not know");
	}
	if (!seen) {
		v->memory = true;
		refuse(v, 57, "memory ran out");
	}
	free(seen);
}

void verify_question(struct plan_check *p, const struct image_question *question)
{
	struct verify *v = p->v;
	const struct image *image = p->image;
	uint32_t steps, fetches;

	for (uint32_t i = 0; i < question->musts.count; i++) {
		at(v, "musts", question->musts.first + i);
		REQUIRE(51, verify_truth(p, image->musts[question->musts.first + i].root, IMAGE_NONE) &&
			string_ok(v, image->musts[question->musts.first + i].text), "it is out of range");
	}
	for (uint32_t i = 0; i < question->answers.count; i++) {
		const struct image_answer *answer = &image->answers[question->answers.first + i];

		at(v, "answers", question->answers.first + i);
		REQUIRE(52, string_ok(v, answer->name) && label_ok(v, &answer->label) &&
			answer->codeset < image->n_codesets, "it is out of range");
		REQUIRE(52, verify_root(p, answer->root, IMAGE_ROOT_VALUE, IMAGE_NONE, question,
				    image->codesets[answer->codeset].codes.count + 1),
			"it is no diagram of this plan");
	}
	for (uint32_t i = 0; i < question->rules.count && !v->failed; i++)
		check_rule(p, question, i);
	if (!v->failed)
		check_trees(v, question);
	for (uint32_t i = 0; i < question->duties.count && !v->failed; i++)
		check_duty(p, question, i);
	if (v->failed)
		return;
	check_terminals(p, question);
	if (v->failed)
		return;
	check_told(p, question);
	if (v->failed)
		return;
	at(v, "questions", (uint32_t)(question - image->questions));
	REQUIRE(53, question->layer_value == IMAGE_NONE ||
		(question->layer_value < p->plan->values.count &&
		 verify_plain(verify_value_type(p, question->layer_value), IMAGE_TYPE_CODE)), "its area is out of range");
	REQUIRE(54, verify_root(p, question->root, IMAGE_ROOT_TERMINAL, IMAGE_NONE, question, 0),
		"what decides is no diagram of this plan");
	REQUIRE(54, verify_root(p, question->analysis, IMAGE_ROOT_OUTCOME, IMAGE_NONE, question, 0),
		"the analysis is no diagram of this plan");
	if (!image_cost(image, question, &steps, &fetches)) {
		v->memory = true;
		refuse(v, 55, "its cost cannot be computed");
		return;
	}
	REQUIRE(55, steps == question->max_steps && fetches == question->max_fetches,
		"its bounds are not what its diagrams say");
}

/* Ranges of the questions before their plans, which lean on them. */
void verify_questions(struct verify *v)
{
	const struct image *image = v->image;

	for (uint32_t i = 0; i < image->n_questions && !v->failed; i++) {
		const struct image_question *question = &image->questions[i];

		at(v, "questions", i);
		REQUIRE(53, string_ok(v, question->name) && label_ok(v, &question->asks) &&
			question->plan < image->n_plans && image->plans[question->plan].question == i &&
			question->grants <= 1, "its name or plan is out of range");
		REQUIRE(53, range_ok(question->actions, image->n_actions) && question->actions.count >= 1 &&
			question->actions.count <= LIMIT_ACTIONS && range_ok(question->inputs, image->n_inputs) &&
			range_ok(question->musts, image->n_musts) && range_ok(question->answers, image->n_answers) &&
			range_ok(question->rules, image->n_rules) && question->rules.count < 1u << IMAGE_RANK_BITS &&
			range_ok(question->duties, image->n_duties) && question->duties.count <= LIMIT_DUTIES &&
			range_ok(question->entities, image->n_entities) && range_ok(question->told, image->n_told) &&
			range_ok(question->terminals, image->n_terminals), "its tables are out of range");
		check_inputs(v, question);
		check_entities(v, question);
	}
}
