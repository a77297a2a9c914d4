/* SPDX-License-Identifier: EUPL-1.2 */
/* Rules and duties of a question: their words and places, their diagrams, and what they rest on. */
#include "dsl/emit/writer.h"

#include <string.h>

#include "engine/base/arena.h"

static struct image_range write_rule_list(struct writer *writer, struct rule *const *list, uint32_t count)
{
	struct image_range range = { writer->n_links, count };

	for (uint32_t i = 0; i < count; i++)
		WRITE(writer, links, list[i]->rank);
	return range;
}

/* Module and file name: the same wherever the sources lie. */
static uint32_t write_place(struct writer *writer, const struct rule *rule, uint32_t *ret_line)
{
	struct sources *sources = writer->model->sources;
	struct text path = sources->list[rule->span.source].path, module;
	const char *slash = memrchr(path.at, '/', path.len);
	uint32_t column;

	if (slash)
		path = (struct text){ slash + 1, path.len - (size_t)(slash + 1 - path.at) };
	module = writer->model->modules[rule->part->module].name;
	source_locate(sources, rule->span.source, rule->span.at, ret_line, &column);
	return write_string(writer, text_format(writer->arena, "%.*s/%.*s", TEXT_ARG(module), TEXT_ARG(path)));
}

/* What a rule rests on --------------------------------------------------------------------------- */

static void write_set_value(struct writer *writer, const struct constant *value, struct image_effect *out)
{
	out->number = value->number;
	switch (value->kind) {
	case CONST_CODE:
	case CONST_CODES:
		out->kind = IMAGE_EFFECT_CODES;
		out->number = 0;
		out->codeset = value->codes->index;
		out->codes.first = writer->n_links;
		for (uint32_t i = 0; i < value->codes->count; i++)
			if (value->kind == CONST_CODE ? i == value->code : value->has[i])
				WRITE(writer, links, i);
		out->codes.count = writer->n_links - out->codes.first;
		break;
	case CONST_DATE:
		out->kind = IMAGE_EFFECT_DATE;
		break;
	case CONST_DURATION:
		out->kind = value->unit == UNIT_MONTHS ? IMAGE_EFFECT_MONTHS : IMAGE_EFFECT_DAYS;
		break;
	case CONST_NONE:
	case CONST_UNKNOWN:
		out->kind = IMAGE_EFFECT_NONE;
		out->number = 0;
		break;
	}
}

/* What an overlay sets or widens; gives its number. */
static uint32_t write_effect(struct writer *writer, const struct note *note)
{
	const struct layer *layer = note->widening ? note->widening->layer : note->setting->layer;
	const struct cites *cites = note->widening ? &note->widening->cites : &note->setting->cites;
	struct image_effect out = {
		.kind = IMAGE_EFFECT_WIDENS,
		.layer = (uint32_t)(layer - writer->model->layers),
		.codeset = IMAGE_NONE,
	};

	if (note->widening) {
		out.name = write_string(writer, note->widening->rule->name);
		out.label = write_label(writer, &note->widening->says);
	} else {
		out.name = write_string(writer, note->parameter->name);
		out.label = write_label(writer, &note->parameter->says);
		write_set_value(writer, &note->setting->value, &out);
	}
	out.cites = write_passage_list(writer, cites->list, cites->count);
	out.see = write_passage_list(writer, cites->see, cites->nsee);
	WRITE(writer, effects, out);
	return writer->n_effects - 1;
}

/* What it rests on beside its words. */
static void write_notes(struct writer *writer, const struct plan_writer *pw, const struct built_rule *built)
{
	for (uint32_t i = 0; i < built->nnotes; i++) {
		const struct note *note = &built->notes[i];
		struct image_note value = {
			.kind = note->reading ? IMAGE_NOTE_READING
				: note->table ? IMAGE_NOTE_PENDING : IMAGE_NOTE_EFFECT,
			.what = note->reading ? note->reading->index
				: note->table ? write_string(writer, note->table->name) : write_effect(writer, note),
			.root = plan_ref(pw, note->here),
		};

		if (note->table)
			value.label = write_label(writer, &note->table->labels);
		WRITE(writer, notes, value);
	}
}

/* Conditions -------------------------------------------------------------------------------------- */

/* "Kind of use: internal use", of a condition on a determination that asks for one value. */
static struct image_label write_determined(struct writer *writer, const struct cond *cond)
{
	const struct codeset *codes = cond->set.codes;
	uint32_t count = 0, code = 0;
	struct labels labels = { 0 };

	for (uint32_t i = 0; i < codes->count; i++) {
		if (!cond->set.has[i])
			continue;
		code = i;
		count++;
	}
	for (int i = 0; i < IMAGE_LANGS && count == 1 && !cond->negative; i++) {
		struct text define = cond->define->labels.in[i], value = codes->codes[code].labels.in[i];

		if (define.len && value.len)
			labels.in[i] = text_format(writer->arena, "%.*s: %.*s", TEXT_ARG(define), TEXT_ARG(value));
	}
	return write_label(writer, &labels);
}

/* The conditions of a rule, part by part; `first` is the number of its first. */
static void write_conjuncts(struct writer *writer, const struct plan_writer *pw, const struct built_rule *built,
			    uint32_t first)
{
	for (uint32_t i = 0; i < built->nconjuncts; i++) {
		const struct conjunct *conjunct = &built->conjuncts[i];
		const struct named_cond *named =
			conjunct->cond->kind == COND_NAMED && !conjunct->cond->negative ? conjunct->cond->named : NULL;
		struct image_conjunct part = {
			.parts = { conjunct->nparts ? first + conjunct->parts : 0, conjunct->nparts },
			.name = named ? write_string(writer, named->name) : 0,
			.text = write_string(writer, write_words(writer, conjunct->cond->span)),
			.root = plan_ref(pw, conjunct->holds),
		};

		if (conjunct->cond->kind == COND_DEFINE_IN)
			part.says = write_determined(writer, conjunct->cond);
		if (conjunct->cond->kind == COND_READS && !conjunct->cond->negative)
			part.says = write_label(writer, &conjunct->cond->reading->options[conjunct->cond->option].labels);
		if (named) {
			part.says = write_label(writer, &named->says);
			part.cites = write_passage_list(writer, named->cites.list, named->cites.count);
			part.see = write_passage_list(writer, named->cites.see, named->cites.nsee);
		}
		WRITE(writer, conjuncts, part);
	}
}

/* Rules and duties -------------------------------------------------------------------------------- */

void write_rule(struct writer *writer, const struct plan_writer *pw, const struct built_rule *built)
{
	static const uint32_t items[] = {
		[ITEM_RULE] = IMAGE_ITEM_RULE,	   [ITEM_EXCEPTION] = IMAGE_ITEM_EXCEPTION,
		[ITEM_DUTY] = IMAGE_ITEM_DUTY,	   [ITEM_REDACT] = IMAGE_ITEM_REDACT,
		[ITEM_SILENT] = IMAGE_ITEM_SILENT, [ITEM_LAW] = IMAGE_ITEM_LAW,
	};
	static const uint32_t verbs[] = {
		[VERB_GRANT] = IMAGE_GRANT, [VERB_PROHIBIT] = IMAGE_PROHIBIT,
		[VERB_WITHHOLD] = IMAGE_WITHHOLD, [VERB_REDACT] = IMAGE_REDACT,
	};
	const struct rule *rule = built->rule;
	bool law = rule->item == ITEM_LAW, tree = rule->item == ITEM_RULE || rule->cut;
	struct image_rule out = {
		.name = write_string(writer, rule->name),
		.item = items[rule->item],
		.verb = verbs[rule->verb],
		.layer = rule->layer,
		.flags = rule->cut ? IMAGE_RULE_CUT : 0,
		.actions = rule->actions,
		.on = law ? IMAGE_TERMINAL : plan_ref(pw, built->on_dd),
		.root_on = law ? IMAGE_TERMINAL : plan_ref(pw, built->root_on),
		.open = law || built->open == built->on ? IMAGE_NONE : plan_ref(pw, built->open_dd),
		.ladder = tree ? plan_ref(pw, built->ladder) : IMAGE_NONE,
		.force = write_force(rule->force),
		.parents = write_rule_list(writer, rule->parents, rule->nparents),
		.children = write_rule_list(writer, rule->children, rule->nchildren),
		.conjuncts = { writer->n_conjuncts, built->ntop },
		.cites = write_passage_list(writer, rule->cites.list, rule->cites.count),
		.see = write_passage_list(writer, rule->cites.see, rule->cites.nsee),
		.notes = { writer->n_notes, built->nnotes },
		.says = write_label(writer, &rule->says),
	};

	out.file = write_place(writer, rule, &out.line);
	write_conjuncts(writer, pw, built, out.conjuncts.first);
	write_notes(writer, pw, built);
	WRITE(writer, rules, out);
}

void write_duty(struct writer *writer, const struct plan_writer *pw, const struct built_rule *built)
{
	static const uint32_t kinds[] = {
		[LOWERED_DATE] = IMAGE_DUE_DATE, [LOWERED_EARLIEST] = IMAGE_DUE_EARLIEST,
		[LOWERED_LATEST] = IMAGE_DUE_LATEST,
	};
	const struct rule *rule = built->rule;
	struct image_duty out = {
		.rule = rule->rank,
		.bearer = rule->bearer,
		.bearer_set = writer->model->bearers ? writer->model->bearers->index : IMAGE_NONE,
		.due = rule->due ? kinds[built->due.kind] : IMAGE_DUE_NONE,
		.parts = built->due.nparts,
		.dues = { writer->n_dues, built->due.count },
		.keep = rule->keep.kind == CONST_DURATION ? rule->keep.number : 0,
		.keep_months = rule->keep.kind == CONST_DURATION && rule->keep.unit == UNIT_MONTHS,
		.redacts = write_links(writer, rule->redacts, rule->nredacts),
		.redact_set = rule->redact_set ? rule->redact_set->index : IMAGE_NONE,
	};

	for (uint32_t i = 0; i < rule->ntriggers; i++)
		out.prohibited |= rule->triggers[i].kind == ON_FORBIDDEN;
	for (uint32_t i = 0; i < built->due.count; i++) {
		const struct lowered_date *date = &built->due.dates[i];
		struct image_due value = {
			.guard = plan_ref(pw, decision_dd(pw->decision, date->guard)),
			.value = date->value == NOWHERE ? IMAGE_NONE : pw->value_number[date->value],
			.day = date->day,
			.count = date->count,
			.flags = date->unit == UNIT_MONTHS ? IMAGE_CUT_MONTHS : 0,
			.part = built->due.part[i],
		};

		WRITE(writer, dues, value);
	}
	WRITE(writer, duties, out);
}
