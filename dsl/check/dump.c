/* SPDX-License-Identifier: EUPL-1.2 */
/* The model in words, for `rko dump --after=check`. */
#include "dsl/check/check.h"
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
}

static void dump_record(struct buf *out, const struct model *model, const struct record *record)
{
	struct model *m = (struct model *)(uintptr_t)model;

	buf_printf(out, "record %.*s %s\n", TEXT_ARG(record->name), record->open ? "open" : "closed");
	for (uint32_t i = 0; i < record->nfields; i++) {
		const struct field *field = &record->fields[i];

		buf_printf(out, "  %s %.*s: %s%s%s%s\n", field->key ? "key  " : "field",
			   TEXT_ARG(field->name), type_word(m, &field->type),
			   field->type.none ? " or none" : "", field->type.open ? " or open" : "",
			   field->type.unknown ? " or unknown" : "");
	}
}

static void dump_rule(struct buf *out, const struct model *model, const struct rule *rule)
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
	if (rule->item != ITEM_LAW)
		dump_force(out, model, rule->force);
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
		buf_printf(out, "codes %.*s: %u\n", TEXT_ARG(model->codesets[i]->name),
			   model->codesets[i]->count);
	for (uint32_t i = 0; i < model->nrecords; i++)
		dump_record(out, model, model->records[i]);
	for (uint32_t i = 0; i < model->nlaws; i++) {
		buf_printf(out, "source %.*s: %u passages", TEXT_ARG(model->laws[i]->name), model->laws[i]->count);
		dump_force(out, model, model->laws[i]->force);
		buf_char(out, '\n');
	}
	for (uint32_t i = 0; i < model->nquestions; i++) {
		const struct question *question = model->questions[i];

		buf_printf(out, "request %.*s\n", TEXT_ARG(question->name));
		for (uint32_t j = 0; j < question->nentities; j++)
			dump_entity(out, question, &question->entities[j]);
		for (uint32_t j = 0; j < question->nlinks; j++)
			buf_printf(out, "  link %.*s to %.*s, at most %u\n", TEXT_ARG(question->links[j]->name),
				   TEXT_ARG(question->links[j]->record->name), question->links[j]->bound);
		for (uint32_t j = 0; j < question->nconds; j++) {
			buf_printf(out, "  cond %.*s", TEXT_ARG(question->conds[j]->name));
			dump_cites(out, &question->conds[j]->cites);
			buf_char(out, '\n');
		}
		for (uint32_t j = 0; j < question->nrules; j++)
			dump_rule(out, model, question->rules[j]);
	}
}
