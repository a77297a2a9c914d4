/* SPDX-License-Identifier: EUPL-1.2 */
#include "dsl/emit/emit.h"

#include <sodium.h>
#include <stdlib.h>

#include <rko/status.h>

#include "dsl/emit/writer.h"
#include "engine/base/arena.h"
#include "engine/base/limits.h"
#include "engine/image/cost.h"
#include "engine/image/image.h"

/* Small things ------------------------------------------------------------------------------------ */

uint32_t write_string(struct writer *writer, struct text text)
{
	uint32_t at;

	if (!text.len)
		return 0;
	at = map_get(&writer->strings_map, text);
	if (at != MAP_NONE)
		return at;
	at = writer->n_strings;
	for (size_t i = 0; i < text.len; i++)
		WRITE(writer, strings, text.at[i]);
	WRITE(writer, strings, '\0');
	map_set(&writer->strings_map, text, at);
	return at;
}

struct image_label write_label(struct writer *writer, const struct labels *labels)
{
	struct image_label out;

	for (int i = 0; i < LANGS; i++)
		out.in[i] = write_string(writer, labels->in[i]);
	return out;
}

struct image_force write_force(struct force force)
{
	return (struct image_force){
		.from = force.from,
		.to = force.to,
		.flags = (force.pending ? IMAGE_FORCE_PENDING : 0) | (force.open ? IMAGE_FORCE_OPEN : 0) |
			 (force.end_pending ? IMAGE_FORCE_END_PENDING : 0),
	};
}

uint32_t write_type_kind(const struct type *type)
{
	static const uint32_t kinds[] = {
		[KIND_CODE] = IMAGE_TYPE_CODE, [KIND_DATE] = IMAGE_TYPE_DATE, [KIND_DURATION] = IMAGE_TYPE_DATE,
		[KIND_ID] = IMAGE_TYPE_ID,     [KIND_OID] = IMAGE_TYPE_OID,   [KIND_REF] = IMAGE_TYPE_REF,
	};

	return kinds[type->kind];
}

uint32_t write_type_flags(const struct type *type)
{
	return (type->set ? IMAGE_FIELD_SET : 0) | (type->none ? IMAGE_FIELD_NONE : 0) |
	       (type->open ? IMAGE_FIELD_OPEN : 0) | (type->unknown ? IMAGE_FIELD_UNKNOWN : 0);
}

uint32_t write_type_target(const struct type *type)
{
	if (type->kind == KIND_CODE)
		return type->codes->index;
	return type->kind == KIND_REF ? type->record->index : IMAGE_NONE;
}

/* White space and comments of the source become single spaces. */
static struct text source_text(struct writer *writer, struct span span)
{
	struct text text = span_text(writer->model->sources, span);
	char *out = arena_alloc(writer->arena, text.len + 1);
	size_t length = 0;

	for (size_t i = 0; i < text.len; i++) {
		bool gap = text.at[i] == ' ' || text.at[i] == '\n' || text.at[i] == '\t' || text.at[i] == '\r';

		if (text.at[i] == '-' && i + 1 < text.len && text.at[i + 1] == '-') {
			while (i + 1 < text.len && text.at[i + 1] != '\n')
				i++;
			continue;
		}
		if (!gap)
			out[length++] = text.at[i];
		else if (length && out[length - 1] != ' ')
			out[length++] = ' ';
	}
	while (length && out[length - 1] == ' ')
		length--;
	return (struct text){ out, length };
}

/* Vocabulary -------------------------------------------------------------------------------------- */

static void write_codesets(struct writer *writer)
{
	const struct model *model = writer->model;

	for (uint32_t i = 0; i < model->ncodesets; i++) {
		const struct codeset *set = model->codesets[i];
		struct image_codeset out = {
			.name = write_string(writer, set->name),
			.official = write_string(writer, set->official),
			.flags = set->pending ? IMAGE_PENDING : 0,
			.codes = { writer->n_codes, set->count },
			.attribute_name = write_string(writer, set->attribute),
			.attribute_set = set->attribute_set ? set->attribute_set->index : IMAGE_NONE,
		};

		for (uint32_t j = 0; j < set->count; j++) {
			const struct code *code = &set->codes[j];
			struct image_code value = {
				.name = write_string(writer, code->name),
				.official = write_string(writer, code->official),
				.flags = (code->pending ? IMAGE_PENDING : 0) | (code->others ? IMAGE_OTHERS : 0),
				.attribute = code->attribute,
				.label = write_label(writer, &code->labels),
			};

			WRITE(writer, codes, value);
		}
		WRITE(writer, codesets, out);
	}
}

/* What the field does not say, its record says. */
static uint32_t write_changed(uint32_t record, uint32_t field)
{
	uint32_t who = field ? field : record;

	return who == CHANGED_BY_NOBODY ? IMAGE_NOBODY : who ? who - 1 : IMAGE_NONE;
}

static void write_records(struct writer *writer)
{
	const struct model *model = writer->model;

	for (uint32_t i = 0; i < model->nrecords; i++) {
		const struct record *record = model->records[i];
		struct image_record out = {
			.name = write_string(writer, record->name),
			.flags = (record->open ? IMAGE_RECORD_OPEN : 0) |
				 (record->judgement ? IMAGE_RECORD_FINDING : 0),
			.refreshed = record->refreshed,
			.fields = { writer->n_fields, record->nfields },
			.nkey = record->nkey,
			.valid = { record->valid[0], record->valid[1] },
			.changed = write_changed(record->changed, 0),
			.plan = IMAGE_NONE,
		};

		for (uint32_t j = 0; j < record->nfields; j++) {
			const struct field *field = &record->fields[j];
			bool derived = field->derive[0] != NOWHERE;
			struct image_field value = {
				.name = write_string(writer, field->name),
				.kind = write_type_kind(&field->type),
				.flags = write_type_flags(&field->type) | (field->key ? IMAGE_FIELD_KEY : 0) |
					 (derived ? IMAGE_FIELD_DERIVED : 0) | (field->shown ? IMAGE_FIELD_SHOWN : 0),
				.target = write_type_target(&field->type),
				.bound = field->type.bound,
				.derive = { field->derive[0], field->derive[1] },
				.changed = write_changed(record->changed, field->changed),
				.label = write_label(writer, &field->labels),
			};

			WRITE(writer, fields, value);
		}
		WRITE(writer, records, out);
	}
}

static void write_layers(struct writer *writer)
{
	const struct model *model = writer->model;

	for (uint32_t i = 0; i < model->nlayers; i++) {
		const struct layer *layer = &model->layers[i];
		struct image_layer out = {
			.name = write_string(writer, layer->name),
			.codeset = layer->set ? layer->set->index : IMAGE_NONE,
			.code = layer->set ? layer->code : IMAGE_NONE,
			.force = write_force(layer->force),
			.label = write_label(writer, &layer->labels),
		};

		WRITE(writer, layers, out);
	}
}

static void write_sources(struct writer *writer)
{
	const struct model *model = writer->model;

	for (uint32_t i = 0; i < model->nlaws; i++) {
		const struct law_source *source = model->laws[i];
		struct image_source out = {
			.name = write_string(writer, source->name),
			.kind_set = model->source_kinds->index,
			.kind = source->kind,
			.id = write_string(writer, source->id),
			.by = write_string(writer, source->by),
			.force = write_force(source->force),
			.title = write_label(writer, &source->title),
			.passages = { writer->n_passages, source->count },
		};

		for (uint32_t j = 0; j < source->count; j++) {
			struct passage *passage = &source->passages[j];
			struct image_passage value = {
				.name = write_string(writer, passage->name),
				.source = i,
				.seen = write_string(writer, passage->seen),
				.label = write_label(writer, &passage->labels),
			};

			passage->index = writer->n_passages;
			WRITE(writer, passages, value);
		}
		WRITE(writer, sources, out);
	}
}

static void write_readings(struct writer *writer)
{
	const struct model *model = writer->model;

	for (uint32_t i = 0; i < model->nreadings; i++) {
		const struct reading *reading = model->readings[i];
		struct image_reading out = {
			.name = write_string(writer, reading->name),
			.passage = reading->of->index,
			.options = { writer->n_options, reading->noptions },
			.chosen = reading->chosen,
			.on = reading->on,
			.by = write_string(writer, reading->by),
			.because = write_string(writer, reading->because),
			.confirmed = reading->confirmed,
			.confirmed_on = reading->confirmed_on,
			.confirmed_by = write_string(writer, reading->confirmed_by),
		};

		for (uint32_t j = 0; j < reading->noptions; j++)
			WRITE(writer, options,
			      (struct image_option){ write_string(writer, reading->options[j].name),
						     write_label(writer, &reading->options[j].labels) });
		WRITE(writer, readings, out);
	}
}

/* Questions --------------------------------------------------------------------------------------- */

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

static struct image_range write_links(struct writer *writer, const uint32_t *list, uint32_t count)
{
	struct image_range range = { writer->n_links, count };

	for (uint32_t i = 0; i < count; i++)
		WRITE(writer, links, list[i]);
	return range;
}

static struct image_range write_rule_list(struct writer *writer, struct rule *const *list, uint32_t count)
{
	struct image_range range = { writer->n_links, count };

	for (uint32_t i = 0; i < count; i++)
		WRITE(writer, links, list[i]->rank);
	return range;
}

static struct image_range write_passage_list(struct writer *writer, struct passage *const *list, uint32_t count)
{
	struct image_range range = { writer->n_links, count };

	for (uint32_t i = 0; i < count; i++)
		WRITE(writer, links, list[i]->index);
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

static void write_rule(struct writer *writer, const struct plan_writer *pw, const struct built_rule *built)
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
	for (uint32_t i = 0; i < built->nconjuncts; i++) {
		const struct conjunct *conjunct = &built->conjuncts[i];
		const struct named_cond *named =
			conjunct->cond->kind == COND_NAMED && !conjunct->cond->negative ? conjunct->cond->named : NULL;
		struct image_conjunct part = {
			.parts = { conjunct->nparts ? out.conjuncts.first + conjunct->parts : 0, conjunct->nparts },
			.name = named ? write_string(writer, named->name) : 0,
			.text = write_string(writer, source_text(writer, conjunct->cond->span)),
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
	WRITE(writer, rules, out);
}

static void write_duty(struct writer *writer, const struct plan_writer *pw, const struct built_rule *built)
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

static void use_everything(struct plan_writer *pw, dd root)
{
	struct decision *decision = pw->decision;
	const struct question *question = decision->question;

	plan_use(pw, root);
	plan_use(pw, decision->analysis);
	for (uint32_t i = 0; i < decision->nrules; i++) {
		const struct built_rule *built = &decision->rules[i];

		if (built->rule->item == ITEM_LAW)
			continue;
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
			plan_use(pw, decision_dd(decision, built->due.dates[j].guard));
			if (built->due.dates[j].value != NOWHERE)
				plan_use_value(pw, built->due.dates[j].value);
		}
	}
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

static bool can_grant(const struct question *question)
{
	for (uint32_t i = 0; i < question->nrules; i++)
		if (question->rules[i]->item == ITEM_RULE && question->rules[i]->verb == VERB_GRANT)
			return true;
	return false;
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
		struct text text = source_text(writer, check->span);

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

static void write_question(struct writer *writer, struct decision *decision)
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
	for (uint32_t i = 0; i < question->nactions; i++)
		WRITE(writer, actions,
		      (struct image_action){ write_string(writer, question->actions[i]),
					     write_label(writer, &question->action_labels[i]) });
	write_inputs(writer, question);
	write_musts(writer, &pw);
	write_entities(writer, question);
	for (uint32_t i = 0; i < decision->nanswers; i++)
		WRITE(writer, answers,
		      (struct image_answer){ write_string(writer, decision->answers[i].define->name),
					     decision->answers[i].define->codes->index,
					     plan_ref(&pw, decision->answers[i].value),
					     write_label(writer, &decision->answers[i].define->labels) });
	for (uint32_t i = 0; i < decision->ntold; i++)
		WRITE(writer, told, (struct image_told){ decision->told[i].kind, decision->told[i].number,
							 plan_ref(&pw, decision->told[i].root) });
	for (uint32_t i = 0; i < decision->nrules; i++)
		write_rule(writer, &pw, &decision->rules[i]);
	for (uint32_t i = 0; i < decision->nduties; i++)
		write_duty(writer, &pw, &decision->rules[decision->duties[i]]);
	WRITE(writer, questions, out);
}

/* What must hold of a row that is loaded. */
static void write_checks(struct writer *writer, uint32_t number)
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

/* The bounds of each question's decisions, computed by the code that the verifier uses. */
static bool write_costs(struct writer *writer, struct decision **decisions)
{
	static const uint64_t nothing;	/* what an empty table points at */
	struct image image = { 0 };

#define SECTION(member, type) \
	image.member = writer->n_##member ? writer->member : (const void *)&nothing; \
	image.n_##member = writer->n_##member;
#include "engine/image/sections.def"
#undef SECTION
	for (uint32_t i = 0; i < writer->n_questions; i++) {
		struct image_question *question = &writer->questions[i];

		if (!image_cost(&image, question, &question->max_steps, &question->max_fetches))
			return false;
		decisions[i]->max_steps = question->max_steps;
		decisions[i]->max_fetches = question->max_fetches;
	}
	return true;
}

/* The file ---------------------------------------------------------------------------------------- */

/* I7: the texts, in the order of module and file, so that the digest does not depend on where they lie. */
static void digest_sources(struct writer *writer, uint8_t digest[IMAGE_DIGEST_BYTES])
{
	const struct sources *sources = writer->model->sources;
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, IMAGE_DIGEST_BYTES);
	for (size_t i = 0; i < sources->count; i++) {
		uint64_t length = sources->list[i].text.len;

		crypto_generichash_update(&state, (const unsigned char *)&length, sizeof length);
		crypto_generichash_update(&state, (const unsigned char *)sources->list[i].text.at, length);
	}
	crypto_generichash_final(&state, digest, IMAGE_DIGEST_BYTES);
}

static uint32_t write_modules(struct writer *writer)
{
	struct buf list = { .arena = writer->arena };

	for (uint32_t i = 0; i < writer->model->nmodules; i++) {
		const struct module *module = &writer->model->modules[i];

		buf_printf(&list, "%s%.*s", i ? ", " : "", TEXT_ARG(module->name));
		if (module->version.len)
			buf_printf(&list, " %.*s", TEXT_ARG(module->version));
	}
	return write_string(writer, buf_view(&list));
}

static void force_hull(const struct writer *writer, struct image_head *head)
{
	head->force_from = DAY_MAX;
	head->force_to = DAY_MIN;
	for (uint32_t i = 0; i < writer->n_rules; i++) {
		const struct image_rule *rule = &writer->rules[i];

		if (rule->item == IMAGE_ITEM_LAW || rule->force.flags & IMAGE_FORCE_PENDING)
			continue;
		if (rule->force.from < head->force_from)
			head->force_from = rule->force.from;
		if (rule->force.to > head->force_to)
			head->force_to = rule->force.to;
	}
	if (head->force_to < head->force_from)
		head->force_from = head->force_to = DAY_MIN;
}

static void write_file(struct buf *out, struct writer *writer)
{
	struct image_head head = { .magic = IMAGE_MAGIC, .format = IMAGE_FORMAT, .sections = IMAGE_SECTIONS };
	uint64_t at = (sizeof head + 7) / 8 * 8;

	head.compiler = write_string(writer, text_from(rko_version()));
	head.policy = write_modules(writer);
	force_hull(writer, &head);
	digest_sources(writer, head.sources_digest);
#define SECTION(member, type) \
	head.section[IMAGE_SECTION_##member].at = (uint32_t)at; \
	head.section[IMAGE_SECTION_##member].count = writer->n_##member; \
	at = (at + writer->n_##member * sizeof(type) + 7) / 8 * 8;
#include "engine/image/sections.def"
#undef SECTION
	head.size = at;
	buf_add(out, &head, sizeof head);
#define SECTION(member, type) \
	buf_repeat(out, '\0', head.section[IMAGE_SECTION_##member].at - out->len); \
	buf_add(out, writer->member, writer->n_##member * sizeof(type));
#include "engine/image/sections.def"
#undef SECTION
	buf_repeat(out, '\0', head.size - out->len);
	if (buf_failed(out))
		return;
	image_digest(out->at, out->len, head.digest);
	memcpy(out->at, &head, sizeof head);
}

void emit_image(struct buf *out, struct model *model, struct decision **decisions, struct diags *diags)
{
	struct writer writer = { .arena = model->arena, .model = model };
	enum rko_status status;
	struct image_fault fault;
	struct image image;

	map_init(&writer.strings_map, model->arena);
	WRITE(&writer, strings, '\0');
	write_codesets(&writer);
	write_records(&writer);
	write_layers(&writer);
	write_sources(&writer);
	write_readings(&writer);
	for (uint32_t i = 0; i < model->nquestions; i++)
		write_question(&writer, decisions[i]);
	for (uint32_t i = 0; i < model->nrecords; i++)
		write_checks(&writer, i);
	if (write_costs(&writer, decisions))
		write_file(out, &writer);
	if (!out->len || buf_failed(out))
		arena_give_up(model->arena);
	if (out->len > LIMIT_IMAGE_BYTES) {
		diag_add(diags, DIAG_LIMIT_MEMORY, SPAN_NONE, "the image has %zu bytes; at most %u are allowed",
			 out->len, LIMIT_IMAGE_BYTES);
		buf_reset(out);
		return;
	}
	/* What the door would refuse is not written. */
	status = image_open(out->at, out->len, &image, &fault);
	if (status == RKO_NO_MEMORY)
		arena_give_up(model->arena);
	if (status != RKO_OK) {
		diag_add(diags, DIAG_PROOF_FAILS, SPAN_NONE, "the image does not verify: check %u, %s (%s %u)",
			 fault.check, fault.what, fault.section, fault.index);
		buf_reset(out);
		return;
	}
	for (uint32_t i = 0; i < model->nquestions && !diags->errors; i++)
		decision_prove_image(decisions[i], &image);
}

void emit_dump(struct buf *out, const struct buf *bytes)
{
	struct image_fault fault;
	struct image image;

	if (image_open(bytes->at, bytes->len, &image, &fault) == RKO_OK)
		image_dump(out, &image);
}
