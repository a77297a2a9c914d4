/* SPDX-License-Identifier: EUPL-1.2 */
/* What all questions share: codes, records, layers, sources, readings. */
#include "dsl/emit/writer.h"

#include "engine/base/arena.h"

void write_codesets(struct writer *writer)
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

void write_records(struct writer *writer)
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

void write_layers(struct writer *writer)
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

void write_sources(struct writer *writer)
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

void write_readings(struct writer *writer)
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
