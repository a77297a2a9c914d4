/* SPDX-License-Identifier: EUPL-1.2 */
/* What every table is written with: strings, each once; labels, force, types; lists of numbers. */
#include "dsl/emit/writer.h"

#include "engine/base/arena.h"

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
struct text write_words(struct writer *writer, struct span span)
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

struct image_range write_links(struct writer *writer, const uint32_t *list, uint32_t count)
{
	struct image_range range = { writer->n_links, count };

	for (uint32_t i = 0; i < count; i++)
		WRITE(writer, links, list[i]);
	return range;
}

struct image_range write_passage_list(struct writer *writer, struct passage *const *list, uint32_t count)
{
	struct image_range range = { writer->n_links, count };

	for (uint32_t i = 0; i < count; i++)
		WRITE(writer, links, list[i]->index);
	return range;
}
