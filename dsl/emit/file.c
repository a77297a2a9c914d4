/* SPDX-License-Identifier: EUPL-1.2 */
/* The tables become a file: its head, with the digest of the sources, and each section. */
#include "dsl/emit/writer.h"

#include <sodium.h>
#include <string.h>

#include <rko/status.h>

#include "engine/base/arena.h"
#include "engine/image/image.h"

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

void write_file(struct buf *out, struct writer *writer)
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
