/* SPDX-License-Identifier: EUPL-1.2 */
/* An image in words. */
#include "engine/base/buf.h"
#include "engine/base/date.h"
#include "engine/image/image.h"

static void ref(struct buf *out, uint32_t to)
{
	if (to == IMAGE_NONE)
		buf_string(out, "-");
	else if (image_is_terminal(to))
		buf_printf(out, "=%u", image_value_of(to));
	else
		buf_printf(out, "@%u", to);
}

static void dump_head(struct buf *out, const struct image *image)
{
	char from[DAY_TEXT], to[DAY_TEXT];

	day_print(image->head->force_from, from);
	day_print(image->head->force_to, to);
	buf_printf(out, "image format %u, %zu bytes, compiler %s\npolicy  %s\ndigest  ", image->head->format,
		   image->size, image_string(image, image->head->compiler),
		   image_string(image, image->head->policy));
	buf_hex(out, image->head->digest, IMAGE_DIGEST_BYTES, 0);
	buf_string(out, "\nsources ");
	buf_hex(out, image->head->sources_digest, IMAGE_DIGEST_BYTES, 0);
	buf_printf(out, "\nin force %s .. %s\n\ntables\n", from, to);
#define SECTION(member, type) \
	buf_printf(out, "  %-11s %7u  %8zu bytes\n", #member, image->n_##member, \
		   image->n_##member * sizeof(type));
#include "engine/image/sections.def"
#undef SECTION
}

/* Vocabulary and sources ---------------------------------------------------------------------------- */

static const char *type_word(const struct image *image, uint32_t kind, uint32_t target)
{
	switch (kind) {
	case IMAGE_TYPE_CODE:
		return image_string(image, image->codesets[target].name);
	case IMAGE_TYPE_REF:
		return image_string(image, image->records[target].name);
	case IMAGE_TYPE_DATE:
		return "date";
	case IMAGE_TYPE_OID:
		return "oid";
	}
	return "id";
}

static void dump_flags(struct buf *out, uint32_t flags)
{
	static const char *const words[] = { "set", "or none", "or open", "or unknown", "key", "derived", "shown" };

	for (uint32_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (flags >> i & 1)
			buf_printf(out, ", %s", words[i]);
}

static void dump_codes(struct buf *out, const struct image *image)
{
	for (uint32_t i = 0; i < image->n_codesets; i++) {
		const struct image_codeset *set = &image->codesets[i];

		buf_printf(out, "codes %s:", image_string(image, set->name));
		for (uint32_t j = 0; j < set->codes.count; j++)
			buf_printf(out, "%s %s", j ? "," : "", image_string(image, image->codes[set->codes.first + j].name));
		buf_char(out, '\n');
	}
}

static void dump_changed(struct buf *out, const struct image *image, uint32_t who)
{
	if (who == IMAGE_NOBODY)
		buf_string(out, ", changed by none");
	for (uint32_t i = 0; i < image->n_codesets; i++)
		if (strcmp(image_string(image, image->codesets[i].name), "bearer") == 0 &&
		    who < image->codesets[i].codes.count)
			buf_printf(out, ", changed by %s",
				   image_string(image, image->codes[image->codesets[i].codes.first + who].name));
}

static void dump_records(struct buf *out, const struct image *image)
{
	for (uint32_t i = 0; i < image->n_records; i++) {
		const struct image_record *record = &image->records[i];

		buf_printf(out, "record %s: %s", image_string(image, record->name),
			   record->flags & IMAGE_RECORD_OPEN ? "open" : "closed");
		if (record->refreshed)
			buf_printf(out, ", refreshed within %u s", record->refreshed);
		dump_changed(out, image, record->changed);
		buf_char(out, '\n');
		for (uint32_t j = 0; j < record->fields.count; j++) {
			const struct image_field *field = &image->fields[record->fields.first + j];

			buf_printf(out, "  field %u  %s: %s", j, image_string(image, field->name),
				   type_word(image, field->kind, field->target));
			dump_flags(out, field->flags);
			dump_changed(out, image, field->changed);
			buf_char(out, '\n');
		}
		for (uint32_t j = 0; j < record->musts.count; j++) {
			const struct image_must *must = &image->musts[record->musts.first + j];

			buf_printf(out, "  %s: ", image_string(image, must->text));
			ref(out, must->root);
			buf_char(out, '\n');
		}
	}
}

static void dump_force(struct buf *out, const struct image_force *force)
{
	char from[DAY_TEXT], to[DAY_TEXT];

	day_print(force->from, from);
	day_print(force->to, to);
	if (force->flags & IMAGE_FORCE_PENDING)
		buf_string(out, "pending");
	else
		buf_printf(out, "%s .. %s", from, force->flags & IMAGE_FORCE_OPEN ? "" :
			   force->flags & IMAGE_FORCE_END_PENDING ? "pending" : to);
}

static void dump_sources(struct buf *out, const struct image *image)
{
	for (uint32_t i = 0; i < image->n_layers; i++) {
		buf_printf(out, "layer %u  %s: ", i, image_string(image, image->layers[i].name));
		dump_force(out, &image->layers[i].force);
		buf_char(out, '\n');
	}
	for (uint32_t i = 0; i < image->n_sources; i++) {
		const struct image_source *source = &image->sources[i];

		buf_printf(out, "source %s %s: ", image_string(image, source->name), image_string(image, source->id));
		dump_force(out, &source->force);
		buf_char(out, '\n');
		for (uint32_t j = 0; j < source->passages.count; j++)
			buf_printf(out, "  passage %s\n",
				   image_string(image, image->passages[source->passages.first + j].name));
	}
	for (uint32_t i = 0; i < image->n_readings; i++) {
		const struct image_reading *reading = &image->readings[i];

		buf_printf(out, "reading %s: %s%s\n", image_string(image, reading->name),
			   image_string(image, image->options[reading->options.first + reading->chosen].name),
			   reading->confirmed ? "" : ", unconfirmed");
	}
}

/* Questions ---------------------------------------------------------------------------------------- */

static void dump_terminals(struct buf *out, const struct image *image, const struct image_question *question)
{
	static const char *const outcomes[] = { "not granted", "silent", "granted", "forbidden", "inconsistent" };

	for (uint32_t i = 0; i < question->terminals.count; i++) {
		const struct image_terminal *terminal = &image->terminals[question->terminals.first + i];

		buf_printf(out, "  terminal =%u  %s", i, outcomes[terminal->outcome]);
		if (terminal->witness != IMAGE_NONE)
			buf_printf(out, " by rule %u", terminal->witness);
		for (uint32_t j = 0; j < terminal->duties.count; j++)
			buf_printf(out, "%s %u", j ? "," : ", duties", image->duty_lists[terminal->duties.first + j]);
		buf_char(out, '\n');
	}
	for (uint32_t i = 0; i < question->duties.count; i++) {
		const struct image_duty *duty = &image->duties[question->duties.first + i];

		buf_printf(out, "  duty %u  rule %u\n", i, duty->rule);
		for (uint32_t j = 0; j < duty->dues.count; j++) {
			buf_string(out, "    due where ");
			ref(out, image->dues[duty->dues.first + j].guard);
			buf_char(out, '\n');
		}
	}
}

static void dump_told(struct buf *out, const struct image *image, const struct image_question *question)
{
	static const char *const kinds[] = {
		[IMAGE_TOLD_OPENS] = "what can be granted",
		[IMAGE_TOLD_RULE] = "rule",
		[IMAGE_TOLD_ANSWER] = "answer",
		[IMAGE_TOLD_DUTY_GRANTED] = "duty where granted",
		[IMAGE_TOLD_DUTY_DENIED] = "duty where not granted",
		[IMAGE_TOLD_DUE] = "due date of duty",
	};

	for (uint32_t i = 0; i < question->told.count; i++) {
		const struct image_told *told = &image->told[question->told.first + i];

		buf_printf(out, "  told %s %u: ", kinds[told->kind], told->number);
		ref(out, told->root);
		buf_char(out, '\n');
	}
}

static void dump_plan(struct buf *out, const struct image *image, const struct image_plan *plan)
{
	const uint32_t *words = image->nodes + plan->nodes.first;

	for (uint32_t i = 0; i < plan->slots.count; i++) {
		const struct image_slot *slot = &image->slots[plan->slots.first + i];

		buf_printf(out, "  slot %u  %s: %s\n", i, image_string(image, slot->name),
			   image_string(image, image->records[slot->record].name));
	}
	for (uint32_t i = 0; i < plan->values.count; i++)
		buf_printf(out, "  value %u  %s\n", i,
			   image_string(image, image->values[plan->values.first + i].name));
	for (uint32_t i = 0; i < plan->scans.count; i++) {
		const struct image_scan *scan = &image->scans[plan->scans.first + i];

		buf_printf(out, "  list %u  %s, at most %u, where ", i, image_string(image, scan->name), scan->bound);
		ref(out, scan->where);
		buf_char(out, '\n');
	}
	for (uint32_t i = 0; i < plan->features.count; i++) {
		const struct image_feature *feature = &image->features[plan->features.first + i];

		buf_printf(out, "  feature %u  %s: %u answers in %u classes, shown %x\n", i,
			   image_string(image, feature->name), feature->size, feature->nclasses, feature->shown);
	}
	for (uint32_t word = 0; word < plan->nodes.count;) {
		uint32_t arity = image->features[plan->features.first + words[word]].nclasses;

		buf_printf(out, "  node @%u  %u:", word, words[word]);
		for (uint32_t i = 0; i < arity; i++) {
			buf_char(out, ' ');
			ref(out, words[word + 1 + i]);
		}
		buf_char(out, '\n');
		word += 1 + arity;
	}
}

static void dump_entities(struct buf *out, const struct image *image, const struct image_question *question)
{
	static const char *const parts[] = { "subject", "resource", "action", "context" };
	const struct image_input *inputs = image->inputs + question->inputs.first;

	for (uint32_t i = 0; i < question->entities.count; i++) {
		const struct image_entity *entity = &image->entities[question->entities.first + i];

		buf_printf(out, "  authzen %s", parts[entity->part]);
		if (entity->id != IMAGE_NONE)
			buf_printf(out, " \"%s\": id %s", image_string(image, entity->type),
				   image_string(image, inputs[entity->id].name));
		for (uint32_t j = 0; j < entity->fields.count; j++)
			buf_printf(out, "%s%s", j ? ", " : "; properties ",
				   image_string(image, inputs[image->links[entity->fields.first + j]].name));
		buf_char(out, '\n');
	}
}

void image_dump(struct buf *out, const struct image *image)
{
	dump_head(out, image);
	buf_char(out, '\n');
	dump_codes(out, image);
	dump_records(out, image);
	dump_sources(out, image);
	for (uint32_t i = 0; i < image->n_questions; i++) {
		const struct image_question *question = &image->questions[i];

		buf_printf(out, "\nrequest %s: at most %u steps and %u rows looked up; decides ",
			   image_string(image, question->name), question->max_steps, question->max_fetches);
		ref(out, question->root);
		buf_string(out, ", analysis ");
		ref(out, question->analysis);
		buf_char(out, '\n');
		dump_entities(out, image, question);
		for (uint32_t j = 0; j < question->rules.count; j++) {
			const struct image_rule *rule = &image->rules[question->rules.first + j];

			buf_printf(out, "  rule %u  %s: on ", j, image_string(image, rule->name));
			ref(out, rule->on);
			buf_string(out, ", ladder ");
			ref(out, rule->ladder);
			buf_char(out, '\n');
		}
		dump_terminals(out, image, question);
		dump_told(out, image, question);
		dump_plan(out, image, &image->plans[question->plan]);
	}
	for (uint32_t i = 0; i < image->n_records; i++) {
		if (image->records[i].plan == IMAGE_NONE)
			continue;
		buf_printf(out, "\nchecks of record %s\n", image_string(image, image->records[i].name));
		dump_plan(out, image, &image->plans[image->records[i].plan]);
	}
}
