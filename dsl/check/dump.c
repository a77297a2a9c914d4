/* SPDX-License-Identifier: EUPL-1.2 */
/* The model in words, for `rko dump --after=check`. */
#include "dsl/check/vocabulary.h"
#include "engine/base/buf.h"

static void dump_force(struct buf *out, const struct model *model, struct force force)
{
	struct text text = force_text((struct model *)(uintptr_t)model, force);

	buf_printf(out, "  in force %.*s", TEXT_ARG(text));
}

static void dump_cites(struct buf *out, const struct cites *cites)
{
	for (uint32_t i = 0; i < cites->count; i++)
		buf_printf(out, "%s%.*s \"%.*s\"", i ? ", " : "  cite ", TEXT_ARG(cites->list[i]->source->name),
			   TEXT_ARG(cites->list[i]->name));
	for (uint32_t i = 0; i < cites->nsee; i++)
		buf_printf(out, "%s%.*s \"%.*s\"", i ? ", " : "  see ", TEXT_ARG(cites->see[i]->source->name),
			   TEXT_ARG(cites->see[i]->name));
}

static void dump_rests(struct buf *out, const struct reading *rests)
{
	if (rests)
		buf_printf(out, "  rests on %.*s", TEXT_ARG(rests->name));
}

static void dump_has(struct buf *out, const struct codeset *set, const bool *has)
{
	bool first = true;

	buf_char(out, '{');
	for (uint32_t i = 0; i < set->count; i++) {
		if (!has[i])
			continue;
		buf_printf(out, "%s%.*s", first ? " " : ", ", TEXT_ARG(set->codes[i].name));
		first = false;
	}
	buf_string(out, first ? "}" : " }");
}

static void dump_constant(struct buf *out, const struct constant *constant)
{
	char day[DAY_TEXT];

	switch (constant->kind) {
	case CONST_CODE:
		buf_text(out, constant->codes->codes[constant->code].name);
		break;
	case CONST_CODES:
		dump_has(out, constant->codes, constant->has);
		break;
	case CONST_DATE:
		day_print(constant->number, day);
		buf_string(out, day);
		break;
	case CONST_DURATION:
		buf_printf(out, "%d %s", constant->number, constant->unit == UNIT_DAYS ? "days" : "months");
		break;
	case CONST_NONE:
		buf_string(out, "none");
		break;
	case CONST_UNKNOWN:
		buf_string(out, "unknown");
		break;
	}
}

static void dump_type(struct buf *out, const struct model *model, const struct type *type)
{
	buf_printf(out, "%s", type_word((struct model *)(uintptr_t)model, type));
	if (type->set)
		buf_printf(out, ", at most %u", type->bound);
	buf_printf(out, "%s%s%s", type->none ? " or none" : "", type->open ? " or open" : "",
		   type->unknown ? " or unknown" : "");
}

/* Names of the things whose bits are set. */
static void dump_actions(struct buf *out, const struct question *question, uint32_t bits, const char *before)
{
	for (uint32_t i = 0; i < question->nactions; i++) {
		if (!(bits & 1u << i))
			continue;
		buf_printf(out, "%s%.*s", before, TEXT_ARG(question->actions[i]));
		before = ", ";
	}
}

static void dump_place(struct buf *out, const struct question *question, const struct place *place)
{
	struct record *record = NULL;

	switch (place->base) {
	case BASE_REQUEST:
		buf_text(out, question->fields[place->field].name);
		break;
	case BASE_LINK:
		buf_text(out, place->link->name);
		break;
	case BASE_SELF:
		buf_string(out, "self");
		break;
	}
	for (uint32_t i = 0; i < place->nsteps; i++) {
		record = place->records[i];
		buf_printf(out, ".%.*s", TEXT_ARG(record->fields[place->steps[i]].name));
	}
	if (place->attribute)
		buf_string(out, ".attribute");
}

/* Vocabulary ------------------------------------------------------------------------------------- */

static void dump_codes(struct buf *out, const struct codeset *set)
{
	buf_printf(out, "codes %.*s:", TEXT_ARG(set->name));
	for (uint32_t i = 0; i < set->count; i++) {
		const struct code *code = &set->codes[i];

		buf_printf(out, "%s%.*s", i ? ", " : " ", TEXT_ARG(code->name));
		if (code->official.len)
			buf_printf(out, " \"%.*s\"", TEXT_ARG(code->official));
		if (code->attribute != NOWHERE)
			buf_printf(out, " (%.*s)", TEXT_ARG(set->attribute_set->codes[code->attribute].name));
		buf_printf(out, "%s%s", code->pending ? " pending" : "", code->others ? " and all others" : "");
	}
	if (set->attribute_set)
		buf_printf(out, "; %.*s of %.*s", TEXT_ARG(set->attribute), TEXT_ARG(set->attribute_set->name));
	buf_char(out, '\n');
}

static void dump_changed(struct buf *out, const struct model *model, uint32_t who, const char *before,
			 const char *behind)
{
	if (who == CHANGED_BY_NOBODY)
		buf_printf(out, "%snone%s", before, behind);
	else if (who)
		buf_printf(out, "%s%.*s%s", before, TEXT_ARG(model->bearers->codes[who - 1].name), behind);
}

static void dump_record(struct buf *out, const struct model *model, const struct record *record)
{
	buf_printf(out, "record %.*s %s", TEXT_ARG(record->name), record->open ? "open" : "closed");
	if (record->refreshed)
		buf_printf(out, ", refreshed within %u s", record->refreshed);
	buf_char(out, '\n');
	dump_changed(out, model, record->changed, "  changed by ", "\n");
	for (uint32_t i = 0; i < record->nfields; i++) {
		const struct field *field = &record->fields[i];

		buf_printf(out, "  %s %.*s: ", field->key ? "key  " : "field", TEXT_ARG(field->name));
		dump_type(out, model, &field->type);
		if (field->derive[0] != NOWHERE)
			buf_printf(out, " = %.*s else %.*s", TEXT_ARG(record->fields[field->derive[0]].name),
				   TEXT_ARG(record->fields[field->derive[1]].name));
		dump_changed(out, model, field->changed, ", changed by ", "");
		buf_string(out, field->shown ? ", shown\n" : "\n");
	}
	if (record->valid[0] != NOWHERE)
		buf_printf(out, "  valid %.*s to %.*s\n", TEXT_ARG(record->fields[record->valid[0]].name),
			   TEXT_ARG(record->fields[record->valid[1]].name));
	if (record->nmusts)
		buf_printf(out, "  conditions: %u\n", record->nmusts);
}

static void dump_source(struct buf *out, const struct model *model, const struct law_source *source)
{
	buf_printf(out, "source %.*s:", TEXT_ARG(source->name));
	for (uint32_t i = 0; i < source->count; i++)
		buf_printf(out, "%s\"%.*s\"", i ? ", " : " ", TEXT_ARG(source->passages[i].name));
	dump_force(out, model, source->force);
	buf_char(out, '\n');
}

static void dump_parameter(struct buf *out, const struct model *model, const struct parameter *parameter)
{
	buf_printf(out, "parameter %.*s: ", TEXT_ARG(parameter->name));
	dump_type(out, model, &parameter->type);
	buf_string(out, " = ");
	dump_constant(out, &parameter->value);
	dump_cites(out, &parameter->cites);
	buf_char(out, '\n');
	for (uint32_t i = 0; i < parameter->nsettings; i++) {
		const struct setting *setting = &parameter->settings[i];

		buf_printf(out, "  set by %.*s = ", TEXT_ARG(setting->layer->name));
		dump_constant(out, &setting->value);
		dump_force(out, model, setting->force);
		dump_cites(out, &setting->cites);
		dump_rests(out, setting->rests);
		buf_char(out, '\n');
	}
}

static void dump_reading(struct buf *out, const struct reading *reading)
{
	buf_printf(out, "reading %.*s of %.*s \"%.*s\":", TEXT_ARG(reading->name),
		   TEXT_ARG(reading->of->source->name), TEXT_ARG(reading->of->name));
	for (uint32_t i = 0; i < reading->noptions; i++)
		buf_printf(out, "%s%.*s%s", i ? ", " : " ", TEXT_ARG(reading->options[i].name),
			   i == reading->chosen ? " (chosen)" : "");
	buf_printf(out, "; %s\n", reading->confirmed ? "confirmed" : "unconfirmed");
}

static void dump_values(struct buf *out, const struct model *model)
{
	for (uint32_t i = 0; i < model->nsets; i++) {
		buf_printf(out, "set %.*s = ", TEXT_ARG(model->sets[i]->name));
		dump_constant(out, &model->sets[i]->value);
		buf_char(out, '\n');
	}
	for (uint32_t i = 0; i < model->nparameters; i++)
		dump_parameter(out, model, model->parameters[i]);
	for (uint32_t i = 0; i < model->nreadings; i++)
		dump_reading(out, model->readings[i]);
	for (uint32_t i = 0; i < model->nwindows; i++)
		buf_printf(out, "window %.*s of %.*s\n", TEXT_ARG(model->windows[i]->name),
			   TEXT_ARG(model->windows[i]->record->name));
}

/* Questions -------------------------------------------------------------------------------------- */

static void dump_request(struct buf *out, const struct model *model, const struct question *question)
{
	uint32_t all = question->nactions == 32 ? UINT32_MAX : (1u << question->nactions) - 1;

	buf_printf(out, "request %.*s", TEXT_ARG(question->name));
	dump_actions(out, question, all, " asks ");
	buf_char(out, '\n');
	for (uint32_t i = 0; i < question->nfields; i++) {
		const struct request_field *field = &question->fields[i];

		buf_printf(out, "  %.*s: ", TEXT_ARG(field->name));
		dump_type(out, model, &field->type);
		dump_actions(out, question, field->given, "; given for ");
		dump_actions(out, question, field->found, "; found for ");
		dump_cites(out, &field->cites);
		buf_char(out, '\n');
	}
	for (uint32_t i = 0; i < question->nmusts; i++) {
		buf_string(out, "  must hold");
		dump_actions(out, question, question->must_actions[i], " for ");
		buf_char(out, '\n');
	}
	if (question->layer_by) {
		buf_string(out, "  layer by ");
		dump_place(out, question, question->layer_by);
		if (question->layer_except) {
			buf_string(out, ", the base alone for ");
			dump_has(out, question->layer_by->type.codes, question->layer_except);
		}
		buf_string(out, question->layer_except_none ? " and none\n" : "\n");
	}
	for (uint32_t i = 0; i < question->nanswers; i++)
		buf_printf(out, "  answers %.*s\n", TEXT_ARG(question->answers[i]->name));
}

static void dump_link(struct buf *out, const struct question *question, const struct link *link)
{
	static const char *const kinds[] = { "the", "some", "each", "rows" };

	buf_printf(out, "  link %.*s = %s %.*s [", TEXT_ARG(link->name), kinds[link->kind],
		   TEXT_ARG(link->record->name));
	for (uint32_t i = 0; i < link->nkeys; i++) {
		buf_string(out, i ? ", " : "");
		buf_string(out, link->keys[i].each ? "each " : "");
		dump_place(out, question, &link->keys[i].place);
	}
	buf_printf(out, "], at most %u%s\n", link->bound, link->where ? ", where" : "");
}

static void dump_case(struct buf *out, const struct define *define, const struct define_case *one)
{
	char day[DAY_TEXT];

	if (define->codes) {
		buf_text(out, define->codes->codes[one->value].name);
		return;
	}
	day_print(one->day, day);
	buf_string(out, day);
}

static void dump_define(struct buf *out, const struct define *define)
{
	buf_printf(out, "  define %.*s:", TEXT_ARG(define->name));
	for (uint32_t i = 0; i < define->ncases; i++) {
		const struct define_case *one = &define->cases[i];

		buf_string(out, i ? "; " : " ");
		dump_case(out, define, one);
		buf_string(out, one->when ? "" : " otherwise");
		for (uint32_t j = 0; j < one->nexcept; j++) {
			buf_string(out, ", except ");
			dump_case(out, define, &one->except[j]);
		}
	}
	buf_char(out, '\n');
}

static void dump_table(struct buf *out, const struct table *table)
{
	buf_printf(out, "  table %.*s%s %.*s", TEXT_ARG(table->name), table->at_most ? ", at most" : " of",
		   TEXT_ARG(table->values->name));
	dump_cites(out, &table->cites);
	dump_rests(out, table->rests);
	buf_char(out, '\n');
	for (uint32_t i = 0; i < table->rows->count; i++) {
		buf_printf(out, "    %.*s:", TEXT_ARG(table->rows->codes[i].name));
		for (uint32_t j = 0; j < table->columns->count; j++) {
			const bool *has = table->has[i * table->columns->count + j];

			buf_printf(out, " %.*s ", TEXT_ARG(table->columns->codes[j].name));
			if (has)
				dump_has(out, table->values, has);
			else
				buf_string(out, "pending");
		}
		buf_char(out, '\n');
	}
}

static void dump_judgement(struct buf *out, const struct model *model, const struct question *question,
			   const struct judgement *judgement)
{
	buf_printf(out, "  judgement %.*s by %.*s per ", TEXT_ARG(judgement->name),
		   TEXT_ARG(model->bearers->codes[judgement->bearer].name));
	for (uint32_t i = 0; i < judgement->nper; i++) {
		buf_string(out, i ? ", " : "");
		dump_place(out, question, &judgement->per[i]);
	}
	buf_printf(out, ", kept as %.*s\n", TEXT_ARG(judgement->record->name));
}

static void dump_duty(struct buf *out, const struct model *model, const struct question *question,
		      const struct rule *rule)
{
	static const char *const words[] = { "granted", "denied", "always", "forbidden" };

	if (rule->item == ITEM_DUTY)
		buf_printf(out, " of %.*s", TEXT_ARG(model->bearers->codes[rule->bearer].name));
	for (uint32_t i = 0; i < rule->nredacts; i++)
		buf_printf(out, "%s%.*s", i ? ", " : " ", TEXT_ARG(rule->redact_set->codes[rule->redacts[i]].name));
	for (uint32_t i = 0; i < rule->ntriggers; i++) {
		dump_actions(out, question, rule->triggers[i].action, i ? "; " : " on ");
		buf_printf(out, " %s", words[rule->triggers[i].kind]);
		if (rule->triggers[i].by)
			buf_printf(out, " by %.*s", TEXT_ARG(rule->triggers[i].by->name));
	}
	if (rule->due)
		buf_string(out, ", due");
	if (rule->item == ITEM_DUTY && rule->keep.number) {
		buf_string(out, ", keep ");
		dump_constant(out, &rule->keep);
	}
}

static void dump_rule(struct buf *out, const struct model *model, const struct question *question,
		      const struct rule *rule)
{
	static const char *const items[] = { "rule", "exception", "duty", "redact", "silent", "law" };
	static const char *const verbs[] = { " grant", " prohibit", " withhold", " redact" };

	buf_printf(out, "  %s %.*s", items[rule->item], TEXT_ARG(rule->name));
	if (rule->layer)
		buf_printf(out, " of %.*s", TEXT_ARG(model->layers[rule->layer].name));
	if (rule->item == ITEM_RULE || rule->item == ITEM_EXCEPTION)
		buf_string(out, verbs[rule->verb]);
	for (uint32_t i = 0; i < rule->nparents; i++)
		buf_printf(out, "%s%.*s", i ? ", " : " to ", TEXT_ARG(rule->parents[i]->name));
	if (rule->cut)
		buf_string(out, ", its whole result");
	if (rule->item == ITEM_DUTY || rule->item == ITEM_REDACT)
		dump_duty(out, model, question, rule);
	if (rule->item != ITEM_LAW && rule->item != ITEM_DUTY)
		dump_actions(out, question, rule->actions, ": ");
	if (rule->item != ITEM_LAW)
		dump_force(out, model, rule->force);
	for (uint32_t i = 0; i < rule->ndelegated; i++) {
		buf_string(out, i ? ", " : "  delegates ");
		dump_place(out, question, &rule->delegated[i]);
	}
	dump_rests(out, rule->rests);
	dump_cites(out, &rule->cites);
	buf_char(out, '\n');
}

static void dump_entity(struct buf *out, const struct question *question, const struct entity *entity)
{
	static const char *const parts[] = { "subject", "resource", "action", "context" };

	buf_printf(out, "  authzen %s", parts[entity->part]);
	if (entity->id != NOWHERE)
		buf_printf(out, " \"%.*s\": id %.*s", TEXT_ARG(entity->type),
			   TEXT_ARG(question->fields[entity->id].name));
	for (uint32_t i = 0; i < entity->nfields; i++)
		buf_printf(out, "%s%.*s", i ? ", " : "; properties ",
			   TEXT_ARG(question->fields[entity->fields[i]].name));
	buf_char(out, '\n');
}

static void dump_question(struct buf *out, const struct model *model, const struct question *question)
{
	dump_request(out, model, question);
	for (uint32_t i = 0; i < question->nentities; i++)
		dump_entity(out, question, &question->entities[i]);
	for (uint32_t i = 0; i < question->nlinks; i++)
		dump_link(out, question, question->links[i]);
	for (uint32_t i = 0; i < question->ndefines; i++)
		dump_define(out, question->defines[i]);
	for (uint32_t i = 0; i < question->ntables; i++)
		dump_table(out, question->tables[i]);
	for (uint32_t i = 0; i < question->nconds; i++) {
		buf_printf(out, "  cond %.*s", TEXT_ARG(question->conds[i]->name));
		dump_cites(out, &question->conds[i]->cites);
		buf_char(out, '\n');
	}
	for (uint32_t i = 0; i < question->njudgements; i++)
		dump_judgement(out, model, question, question->judgements[i]);
	for (uint32_t i = 0; i < question->nrules; i++)
		dump_rule(out, model, question, question->rules[i]);
	for (uint32_t i = 0; i < question->nwidenings; i++) {
		const struct widening *widening = question->widenings[i];

		buf_printf(out, "  widen %.*s by %.*s", TEXT_ARG(widening->rule->name),
			   TEXT_ARG(widening->layer->name));
		dump_force(out, model, widening->force);
		dump_cites(out, &widening->cites);
		buf_char(out, '\n');
	}
	for (uint32_t i = 0; i < question->nexamples; i++)
		buf_printf(out, "  example \"%.*s\": %u %s\n", TEXT_ARG(question->examples[i]->name),
			   question->examples[i]->nsteps, question->examples[i]->nsteps == 1 ? "question" : "questions");
}

void model_dump(struct buf *out, const struct model *model)
{
	for (uint32_t i = 0; i < model->nlayers; i++) {
		const struct layer *layer = &model->layers[i];

		buf_printf(out, "layer %.*s", TEXT_ARG(layer->name));
		if (layer->set)
			buf_printf(out, " for %.*s %.*s", TEXT_ARG(layer->set->name),
				   TEXT_ARG(layer->set->codes[layer->code].name));
		dump_force(out, model, layer->force);
		buf_char(out, '\n');
	}
	for (uint32_t i = 0; i < model->ncodesets; i++)
		dump_codes(out, model->codesets[i]);
	for (uint32_t i = 0; i < model->nrecords; i++)
		dump_record(out, model, model->records[i]);
	for (uint32_t i = 0; i < model->nlaws; i++)
		dump_source(out, model, model->laws[i]);
	dump_values(out, model);
	for (uint32_t i = 0; i < model->nquestions; i++)
		dump_question(out, model, model->questions[i]);
}
