/* SPDX-License-Identifier: EUPL-1.2 */
/* Questions: terminals, what is asked of requests, answers; and what must hold of a row that is loaded. */
#include "dsl/emit/writer.h"

#include <stdlib.h>

#include "dsl/diagram/build.h"
#include "engine/base/arena.h"

/* Terminals --------------------------------------------------------------------------------------- */

/* Terminals that the deciding diagram can reach, in a canonical order. */
struct terminals {
	struct decision *decision;
	uint32_t *list;
	uint32_t count;
	uint32_t *number;
};

static uint32_t renumber(void *context, uint32_t terminal)
{
	const struct terminals *terminals = context;

	return terminals->number[terminal];
}

static int compare_terminals(const void *a, const void *b, void *context)
{
	const struct decision *decision = context;
	const struct terminal *x = &decision->terminals[*(const uint32_t *)a];
	const struct terminal *y = &decision->terminals[*(const uint32_t *)b];
	uint64_t p = decision->duty_sets[x->duties].bits, q = decision->duty_sets[y->duties].bits;

	if (x->outcome != y->outcome)
		return x->outcome < y->outcome ? -1 : 1;
	return p < q ? -1 : p > q;
}

static dd number_terminals(struct decision *decision, struct terminals *terminals)
{
	struct dds *dds = &decision->dds;

	*terminals = (struct terminals){ .decision = decision };
	terminals->number = ARENA_ARRAY(decision->arena, decision->nterminals + 1, uint32_t);
	terminals->list = dd_values(dds, decision->root, &terminals->count);
	qsort_r(terminals->list, terminals->count, sizeof *terminals->list, compare_terminals, decision);
	for (uint32_t i = 0; i < terminals->count; i++)
		terminals->number[terminals->list[i]] = i;
	return dd_map(dds, dd_new_op(dds), decision->root, renumber, terminals);
}

static struct image_range write_terminals(struct writer *writer, const struct decision *decision,
					  const struct terminals *terminals)
{
	struct image_range range = { writer->n_terminals, terminals->count };

	for (uint32_t i = 0; i < terminals->count; i++) {
		const struct terminal *terminal = &decision->terminals[terminals->list[i]];
		uint64_t bits = decision->duty_sets[terminal->duties].bits;
		uint32_t class_ = rank_class(terminal->outcome);
		bool decided = class_ != OUT_NOTHING && class_ != OUT_INCONSISTENT;
		struct image_terminal out = {
			.outcome = class_,
			.witness = decided ? terminal->outcome & RANK_MASK : IMAGE_NONE,
			.duties = { writer->n_duty_lists, 0 },
		};

		for (uint32_t duty = 0; duty < decision->nduties; duty++)
			if (bits >> duty & 1)
				WRITE(writer, duty_lists, duty);
		out.duties.count = writer->n_duty_lists - out.duties.first;
		WRITE(writer, terminals, out);
	}
	return range;
}

/* What is used ------------------------------------------------------------------------------------ */

static void use_rule(struct plan_writer *pw, const struct built_rule *built)
{
	plan_use(pw, built->on_dd);
	plan_use(pw, built->root_on);
	plan_use(pw, built->open_dd);
	if (built->rule->item == ITEM_RULE || built->rule->cut)
		plan_use(pw, built->ladder);
	for (uint32_t j = 0; j < built->nconjuncts; j++)
		plan_use(pw, built->conjuncts[j].holds);
	for (uint32_t j = 0; j < built->nnotes; j++)
		plan_use(pw, built->notes[j].here);
	for (uint32_t j = 0; j < built->due.count; j++) {
		plan_use(pw, decision_dd(pw->decision, built->due.dates[j].guard));
		if (built->due.dates[j].value != NOWHERE)
			plan_use_value(pw, built->due.dates[j].value);
	}
}

static void use_everything(struct plan_writer *pw, dd root)
{
	struct decision *decision = pw->decision;
	const struct question *question = decision->question;

	plan_use(pw, root);
	plan_use(pw, decision->analysis);
	for (uint32_t i = 0; i < decision->nrules; i++)
		if (decision->rules[i].rule->item != ITEM_LAW)
			use_rule(pw, &decision->rules[i]);
	for (uint32_t i = 0; i < decision->nanswers; i++)
		plan_use(pw, decision->answers[i].value);
	for (uint32_t i = 0; i < decision->ntold; i++)
		plan_use(pw, decision->told[i].root);
	for (uint32_t i = 0; i < decision->nchecks; i++)
		plan_use(pw, decision->checks[i].holds);
	if (question->layer_by)
		plan_use_value(pw, plan_place(pw->plan, question->layer_by));
	for (uint32_t i = 0; i < pw->plan->nslots; i++)
		if (pw->plan->slots[i].kind == SLOT_REQUEST)
			plan_use_slot(pw, i);
	plan_use_value(pw, plan_today(pw->plan));
}

/* Requests ---------------------------------------------------------------------------------------- */

static void write_actions(struct writer *writer, const struct question *question)
{
	for (uint32_t i = 0; i < question->nactions; i++)
		WRITE(writer, actions,
		      (struct image_action){ write_string(writer, question->actions[i]),
					     write_label(writer, &question->action_labels[i]) });
}

static void write_inputs(struct writer *writer, const struct question *question)
{
	for (uint32_t i = 0; i < question->nfields; i++) {
		const struct request_field *field = &question->fields[i];
		struct image_input out = {
			.name = write_string(writer, field->name),
			.kind = write_type_kind(&field->type),
			.flags = write_type_flags(&field->type),
			.target = write_type_target(&field->type),
			.bound = field->type.bound,
			.given = field->given,
			.found = field->found,
			.label = write_label(writer, &field->labels),
		};

		WRITE(writer, inputs, out);
	}
}

static void write_musts(struct writer *writer, struct plan_writer *pw)
{
	for (uint32_t i = 0; i < pw->decision->nchecks; i++) {
		const struct check *check = &pw->decision->checks[i];
		struct text text = write_words(writer, check->span);

		if (check->given)
			text = text_format(writer->model->arena, "%.*s: %.*s", TEXT_ARG(check->given->name),
					   TEXT_ARG(text));
		WRITE(writer, musts,
		      (struct image_must){ plan_ref(pw, check->holds), check->actions, write_string(writer, text) });
	}
}

static void write_entities(struct writer *writer, const struct question *question)
{
	for (uint32_t i = 0; i < question->nentities; i++) {
		const struct entity *entity = &question->entities[i];
		struct image_entity out = {
			.part = (uint32_t)entity->part,
			.type = entity->type.len ? write_string(writer, entity->type) : 0,
			.id = entity->id == NOWHERE ? IMAGE_NONE : entity->id,
			.fields = { writer->n_links, entity->nfields },
		};

		for (uint32_t j = 0; j < entity->nfields; j++)
			WRITE(writer, links, entity->fields[j]);
		WRITE(writer, entities, out);
	}
}

/* Questions --------------------------------------------------------------------------------------- */

static bool can_grant(const struct question *question)
{
	for (uint32_t i = 0; i < question->nrules; i++)
		if (question->rules[i]->item == ITEM_RULE && question->rules[i]->verb == VERB_GRANT)
			return true;
	return false;
}

/* What the question answers beside its outcome, and what whoever asks may be told. */
static void write_answers(struct writer *writer, const struct plan_writer *pw)
{
	const struct decision *decision = pw->decision;

	for (uint32_t i = 0; i < decision->nanswers; i++)
		WRITE(writer, answers,
		      (struct image_answer){ write_string(writer, decision->answers[i].define->name),
					     decision->answers[i].define->codes->index,
					     plan_ref(pw, decision->answers[i].value),
					     write_label(writer, &decision->answers[i].define->labels) });
	for (uint32_t i = 0; i < decision->ntold; i++)
		WRITE(writer, told, (struct image_told){ decision->told[i].kind, decision->told[i].number,
							 plan_ref(pw, decision->told[i].root) });
}

void write_question(struct writer *writer, struct decision *decision)
{
	const struct question *question = decision->question;
	struct terminals terminals;
	dd root = number_terminals(decision, &terminals);
	struct plan_writer pw;
	struct image_question out = {
		.name = write_string(writer, question->name),
		.asks = write_label(writer, &question->asks),
		.actions = { writer->n_actions, question->nactions },
		.inputs = { writer->n_inputs, question->nfields },
		.musts = { writer->n_musts, decision->nchecks },
		.entities = { writer->n_entities, question->nentities },
		.answers = { writer->n_answers, decision->nanswers },
		.told = { writer->n_told, decision->ntold },
		.rules = { writer->n_rules, decision->nrules },
		.duties = { writer->n_duties, decision->nduties },
		.layer_value = IMAGE_NONE,
		.grants = can_grant(question),
	};

	plan_writer_init(&pw, writer, decision);
	use_everything(&pw, root);
	out.plan = plan_write(&pw);
	out.root = plan_ref(&pw, root);
	out.analysis = plan_ref(&pw, decision->analysis);
	out.terminals = write_terminals(writer, decision, &terminals);
	if (question->layer_by)
		out.layer_value = pw.value_number[plan_place(pw.plan, question->layer_by)];
	write_actions(writer, question);
	write_inputs(writer, question);
	write_musts(writer, &pw);
	write_entities(writer, question);
	write_answers(writer, &pw);
	for (uint32_t i = 0; i < decision->nrules; i++)
		write_rule(writer, &pw, &decision->rules[i]);
	for (uint32_t i = 0; i < decision->nduties; i++)
		write_duty(writer, &pw, &decision->rules[decision->duties[i]]);
	WRITE(writer, questions, out);
}

/* What must hold of a row that is loaded. */
void write_checks(struct writer *writer, uint32_t number)
{
	const struct record *record = writer->model->records[number];
	struct decision *decision;
	struct plan_writer pw;

	if (!record->nmusts)
		return;
	decision = decision_build_record(writer->model, record);
	plan_writer_init(&pw, writer, decision);
	for (uint32_t i = 0; i < decision->nchecks; i++)
		plan_use(&pw, decision->checks[i].holds);
	plan_use_slot(&pw, plan_slot_self(pw.plan, record));
	writer->records[number].plan = plan_write(&pw);
	writer->records[number].musts = (struct image_range){ writer->n_musts, record->nmusts };
	write_musts(writer, &pw);
}
