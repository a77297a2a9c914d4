/* SPDX-License-Identifier: EUPL-1.2 */
/* An image in words. */
#include "engine/base/buf.h"
#include "engine/base/date.h"
#include "engine/image/image.h"

static void hex(struct buf *out, const uint8_t *bytes)
{
	for (int i = 0; i < IMAGE_DIGEST_BYTES; i++)
		buf_printf(out, "%02x", bytes[i]);
}

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
	hex(out, image->head->digest);
	buf_string(out, "\nsources ");
	hex(out, image->head->sources_digest);
	buf_printf(out, "\nin force %s .. %s\n\ntables\n", from, to);
#define SECTION(member, type) \
	buf_printf(out, "  %-11s %7u  %8zu bytes\n", #member, image->n_##member, \
		   image->n_##member * sizeof(type));
#include "engine/image/sections.def"
#undef SECTION
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

		buf_printf(out, "  feature %u  %s: %u answers in %u classes\n", i,
			   image_string(image, feature->name), feature->size, feature->nclasses);
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
		dump_plan(out, image, &image->plans[question->plan]);
	}
}
