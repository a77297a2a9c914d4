/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * In the store's `schema` database:
 *
 *   c SET      the codes, a line each, in the order of their numbers
 *   k RECORD   the kind's number, and a line for each key field: NAME TYPE TARGET
 *   l NUMBER   the kind's number, and a line for each field, as they lie: NAME TYPE TARGET
 *
 * TYPE is code, date, string, codes or strings; TARGET the code set, or -.
 */
#include "engine/facts/schema.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"

static const char *const type_words[] = { "code", "date", "string", "codes", "strings" };

enum row_type field_row_type(const struct image_field *field)
{
	bool set = field->flags & IMAGE_FIELD_SET;

	switch (field->kind) {
	case IMAGE_TYPE_CODE:
		return set ? ROW_CODES : ROW_CODE;
	case IMAGE_TYPE_DATE:
		return ROW_DATE;
	default:
		return set ? ROW_STRINGS : ROW_STRING;
	}
}

static bool stored(const struct image_field *field)
{
	return !(field->flags & (IMAGE_FIELD_KEY | IMAGE_FIELD_DERIVED));
}

/* Text of the schema ------------------------------------------------------------------------------ */

static struct text next_line(struct text *rest)
{
	const char *end = memchr(rest->at, '\n', rest->len);
	struct text line = { rest->at, end ? (size_t)(end - rest->at) : rest->len };
	size_t gone = line.len + (end ? 1 : 0);

	rest->at += gone;
	rest->len -= gone;
	return line;
}

static struct text next_word(struct text *line)
{
	const char *end = memchr(line->at, ' ', line->len);
	struct text word = { line->at, end ? (size_t)(end - line->at) : line->len };
	size_t gone = word.len + (end ? 1 : 0);

	line->at += gone;
	line->len -= gone;
	return word;
}

static bool to_number(struct text text, uint32_t *ret_number)
{
	uint32_t number = 0;

	if (!text.len || text.len > 5)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		number = number * 10 + (uint32_t)(text.at[i] - '0');
	}
	*ret_number = number;
	return number < 0xffff;
}

static bool to_type(struct text word, enum row_type *ret_type)
{
	for (int i = ROW_CODE; i <= ROW_STRINGS; i++) {
		if (text_equal(word, text_from(type_words[i]))) {
			*ret_type = (enum row_type)i;
			return true;
		}
	}
	return false;
}

static void add_field(struct buf *out, const struct image *image, const struct image_field *field)
{
	buf_printf(out, "\n%s %s %s", image_string(image, field->name), type_words[field_row_type(field)],
		   field->kind == IMAGE_TYPE_CODE ? image_string(image, image->codesets[field->target].name)
						  : "-");
}

static void kind_text(struct buf *out, const struct image *image, const struct image_record *record,
		      uint32_t kind)
{
	buf_reset(out);
	buf_printf(out, "%u", kind);
	for (uint32_t i = 0; i < record->nkey; i++)
		add_field(out, image, &image->fields[record->fields.first + i]);
}

/* Scalars first, then sets, each in the order of the record. */
static void layout_text(struct buf *out, const struct image *image, const struct image_record *record,
			uint32_t kind)
{
	buf_reset(out);
	buf_printf(out, "%u", kind);
	for (int sets = 0; sets < 2; sets++) {
		for (uint32_t i = 0; i < record->fields.count; i++) {
			const struct image_field *field = &image->fields[record->fields.first + i];

			if (stored(field) && row_type_is_set(field_row_type(field)) == (sets == 1))
				add_field(out, image, field);
		}
	}
}

static struct text named(struct buf *out, char what, const char *name)
{
	buf_reset(out);
	buf_printf(out, "%c %s", what, name);
	return buf_view(out);
}

/* Binding ----------------------------------------------------------------------------------------- */

struct bind {
	struct binding *binding;
	const struct image *image;
	struct store_reader *reader;
	struct buf name;
	struct buf text;
	enum rko_status status;
	uint32_t wanted;	/* layouts: how many there are */
};

static void bind_codes(struct bind *bind, uint32_t set)
{
	const struct image *image = bind->image;
	const struct image_codeset *codes = &image->codesets[set];
	struct bound_codes *bound = &bind->binding->codes[set];
	uint16_t *from, *to = ARENA_ARRAY(bind->binding->arena, codes->codes.count + 1, uint16_t);
	struct text value, rest;
	uint32_t count = 0;
	bool found;

	for (uint32_t i = 0; to && i < codes->codes.count; i++)
		to[i] = CODE_UNKNOWN;
	bound->to = to;
	bind->status = store_value(bind->reader, named(&bind->name, 'c', image_string(image, codes->name)),
				   &value, &found);
	if (bind->status != RKO_OK || !found)
		return;
	for (size_t i = 0; i < value.len; i++)
		count += value.at[i] == '\n';
	from = ARENA_ARRAY(bind->binding->arena, count + 1, uint16_t);
	if (!from || !to) {
		bind->status = RKO_NO_MEMORY;
		return;
	}
	rest = value;
	for (uint32_t i = 0; rest.len && i <= count; i++) {
		struct text name = next_line(&rest);

		from[i] = CODE_UNKNOWN;
		for (uint32_t j = 0; j < codes->codes.count; j++) {
			if (!text_equal(name, text_from(image_string(image,
								     image->codes[codes->codes.first + j].name))))
				continue;
			from[i] = (uint16_t)j;
			to[j] = (uint16_t)i;
		}
	}
	bound->from = from;
	bound->nfrom = count + 1;
}

static void bind_record(struct bind *bind, uint32_t number)
{
	const struct image *image = bind->image;
	const struct image_record *record = &image->records[number];
	struct bound_record *bound = &bind->binding->records[number];
	uint16_t at = KEY_HEAD;
	struct text value, rest;
	uint32_t kind;
	bool found;

	bound->kind = KIND_NOT_STORED;
	for (uint32_t i = 0; i < record->nkey; i++) {
		bound->key_at[i] = at;
		at = (uint16_t)(at + key_width(&image->fields[record->fields.first + i]));
	}
	bound->key_size = at;
	bind->status = store_value(bind->reader, named(&bind->name, 'k', image_string(image, record->name)),
				   &value, &found);
	if (bind->status != RKO_OK || !found)
		return;
	rest = value;
	if (!to_number(next_line(&rest), &kind)) {
		bind->status = RKO_FACTS_DAMAGED;
		return;
	}
	kind_text(&bind->text, image, record, kind);
	if (!text_equal(value, buf_view(&bind->text))) {
		bind->status = RKO_FACTS_SCHEMA;
		return;
	}
	bound->kind = (uint16_t)kind;
}

static uint32_t record_of_kind(const struct bind *bind, uint32_t kind)
{
	for (uint32_t i = 0; i < bind->image->n_records; i++)
		if (bind->binding->records[i].kind == kind)
			return i;
	return IMAGE_NONE;
}

static uint32_t field_of(const struct image *image, const struct image_record *record, struct text name,
			 enum row_type type, struct text target)
{
	for (uint32_t i = 0; i < record->fields.count; i++) {
		const struct image_field *field = &image->fields[record->fields.first + i];
		const char *set = field->kind == IMAGE_TYPE_CODE
					  ? image_string(image, image->codesets[field->target].name) : "-";

		if (stored(field) && text_equal(name, text_from(image_string(image, field->name))))
			return field_row_type(field) == type && text_equal(target, text_from(set)) ? i
												   : IMAGE_NONE;
	}
	return IMAGE_NONE;
}

/* How many fields a layout's text lists, and of them sets. */
static bool bind_fields(struct bind *bind, struct bound_layout *layout, struct text rest)
{
	const struct image_record *record = &bind->image->records[layout->record];
	uint32_t lines = 1;

	for (size_t i = 0; i < rest.len; i++)
		lines += rest.at[i] == '\n';
	layout->fields = ARENA_ARRAY(bind->binding->arena, record->fields.count, struct field_place);
	layout->wide = ARENA_ARRAY(bind->binding->arena, lines, bool);
	if (!layout->fields || !layout->wide) {
		bind->status = RKO_NO_MEMORY;
		return false;
	}
	for (uint32_t i = 0; i < record->fields.count; i++)
		layout->fields[i].at = FIELD_NOT_STORED;
	layout->fixed = ROW_HEAD;
	while (rest.len) {
		struct text line = next_line(&rest), name = next_word(&line), word = next_word(&line);
		enum row_type type;
		uint32_t field;

		if (!to_type(word, &type))
			return false;
		field = field_of(bind->image, record, name, type, line);
		if (row_type_is_set(type)) {
			layout->wide[layout->nsets] = type == ROW_STRINGS;
			if (field != IMAGE_NONE)
				layout->fields[field].at = (uint16_t)layout->nsets;
			layout->nsets++;
		} else {
			if (layout->nsets)
				return false;
			if (field != IMAGE_NONE)
				layout->fields[field].at = (uint16_t)layout->fixed;
			layout->fixed += row_type_width(type);
		}
	}
	return true;
}

/* Once it is known where the fields lie: how each is read. */
static void bind_readings(struct bind *bind, struct bound_layout *layout)
{
	const struct image_record *record = &bind->image->records[layout->record];

	for (uint32_t i = 0; i < record->fields.count; i++) {
		const struct image_field *field = &bind->image->fields[record->fields.first + i];
		struct field_place *place = &layout->fields[i];
		bool code = field->kind == IMAGE_TYPE_CODE;

		if (code) {
			place->codes = bind->binding->codes[field->target].from;
			place->ncodes = (uint16_t)bind->binding->codes[field->target].nfrom;
		}
		place->read_at = place->at;
		if (field->flags & IMAGE_FIELD_DERIVED) {
			place->reading = FIELD_DERIVED;
		} else if (field->flags & IMAGE_FIELD_KEY) {
			place->read_at = bind->binding->records[layout->record].key_at[i];
			place->reading = code ? FIELD_KEY_CODE : FIELD_KEY_STRING;
		} else if (place->at != FIELD_NOT_STORED) {
			place->reading = field->flags & IMAGE_FIELD_SET ? FIELD_SET
					 : code ? FIELD_CODE
					 : field->kind == IMAGE_TYPE_DATE ? FIELD_DATE
									  : FIELD_STRING;
		}
	}
}

static bool count_layout(void *context, struct text what, struct text value)
{
	struct bind *bind = context;
	uint32_t number;

	(void)value;
	what.at += 2;
	what.len -= 2;
	if (to_number(what, &number) && number >= bind->wanted)
		bind->wanted = number + 1;
	return true;
}

static bool bind_layout(void *context, struct text what, struct text value)
{
	struct bind *bind = context;
	struct bound_layout *layout;
	struct text rest = value;
	uint32_t number, kind;

	what.at += 2;
	what.len -= 2;
	if (!to_number(what, &number) || !to_number(next_line(&rest), &kind) ||
	    number >= bind->binding->nlayouts) {
		bind->status = RKO_FACTS_DAMAGED;
		return false;
	}
	layout = &bind->binding->layouts[number];
	layout->record = record_of_kind(bind, kind);
	if (layout->record == IMAGE_NONE)
		return true;
	if (!bind_fields(bind, layout, rest)) {
		if (bind->status == RKO_OK)
			bind->status = RKO_FACTS_DAMAGED;
		return false;
	}
	bind_readings(bind, layout);
	/* The layout in which the image would write is the one it would make. */
	layout_text(&bind->text, bind->image, &bind->image->records[layout->record], kind);
	if (text_equal(value, buf_view(&bind->text)))
		bind->binding->records[layout->record].layout = (uint16_t)number;
	return true;
}

static enum rko_status bind_all(struct bind *bind)
{
	const struct image *image = bind->image;
	struct binding *binding = bind->binding;
	struct arena *arena = binding->arena;
	struct generation newest;

	bind->status = store_newest(bind->reader, &newest);
	if (bind->status != RKO_OK)
		return bind->status;
	binding->schema = newest.schema;
	binding->records = ARENA_ARRAY(arena, image->n_records + 1, struct bound_record);
	binding->codes = ARENA_ARRAY(arena, image->n_codesets + 1, struct bound_codes);
	if (!binding->records || !binding->codes)
		return RKO_NO_MEMORY;
	for (uint32_t i = 0; i < image->n_codesets && bind->status == RKO_OK; i++)
		bind_codes(bind, i);
	for (uint32_t i = 0; i < image->n_records && bind->status == RKO_OK; i++)
		bind_record(bind, i);
	if (bind->status != RKO_OK)
		return bind->status;
	bind->status = store_values(bind->reader, TEXT("l "), count_layout, bind);
	if (bind->status != RKO_OK)
		return bind->status;
	binding->nlayouts = bind->wanted;
	binding->layouts = ARENA_ARRAY(arena, bind->wanted + 1, struct bound_layout);
	if (!binding->layouts)
		return RKO_NO_MEMORY;
	for (uint32_t i = 0; i < bind->wanted; i++)
		binding->layouts[i].record = IMAGE_NONE;
	if (bind->wanted) {
		enum rko_status status = store_values(bind->reader, TEXT("l "), bind_layout, bind);

		if (bind->status == RKO_OK)
			bind->status = status;
	}
	if (buf_failed(&bind->name) || buf_failed(&bind->text))
		return RKO_NO_MEMORY;
	return bind->status;
}

enum rko_status binding_new(const struct image *image, struct store_reader *reader, struct binding **ret_binding)
{
	struct binding *binding = calloc(1, sizeof *binding);
	struct arena *arena = calloc(1, sizeof *arena);
	struct bind bind = { .binding = binding, .image = image, .reader = reader };
	enum rko_status status;

	if (!binding || !arena) {
		free(binding);
		free(arena);
		return RKO_NO_MEMORY;
	}
	arena_init(arena, 16u << 20);
	binding->arena = arena;
	binding->image = image;
	status = bind_all(&bind);
	buf_release(&bind.name);
	buf_release(&bind.text);
	if (status != RKO_OK) {
		binding_free(binding);
		return status;
	}
	*ret_binding = binding;
	return RKO_OK;
}

void binding_free(struct binding *binding)
{
	struct arena *arena;

	if (!binding)
		return;
	arena = binding->arena;
	arena_free(arena);
	free(arena);
	free(binding);
}

/* Extending --------------------------------------------------------------------------------------- */

struct extend {
	const struct image *image;
	struct store_writer *writer;
	struct store_reader *reader;
	struct buf name, text;
	uint32_t kinds, layouts;	/* numbers given so far */
	bool changed;
};

static bool count_kind(void *context, struct text what, struct text value)
{
	struct extend *extend = context;
	uint32_t number;

	(void)what;
	if (to_number(next_line(&value), &number) && number >= extend->kinds)
		extend->kinds = number + 1;
	return true;
}

static bool count_layouts(void *context, struct text what, struct text value)
{
	struct extend *extend = context;
	uint32_t number;

	(void)value;
	what.at += 2;
	what.len -= 2;
	if (to_number(what, &number) && number >= extend->layouts)
		extend->layouts = number + 1;
	return true;
}

static enum rko_status write(struct extend *extend, struct text what, struct text value)
{
	if (buf_failed(&extend->name) || buf_failed(&extend->text))
		return RKO_NO_MEMORY;
	extend->changed = true;
	return store_put_value(extend->writer, what, value);
}

static enum rko_status extend_codes(struct extend *extend, const struct image_codeset *set)
{
	const struct image *image = extend->image;
	struct text what = named(&extend->name, 'c', image_string(image, set->name)), value = { "", 0 };
	enum rko_status status;
	bool found, new = false;

	status = store_value(extend->reader, what, &value, &found);
	if (status != RKO_OK)
		return status;
	buf_reset(&extend->text);
	if (found)
		buf_text(&extend->text, value);
	for (uint32_t i = 0; i < set->codes.count; i++) {
		struct text name = text_from(image_string(image, image->codes[set->codes.first + i].name));
		struct text rest = found ? value : (struct text){ "", 0 };
		bool known = false;

		while (rest.len && !known)
			known = text_equal(next_line(&rest), name);
		if (known)
			continue;
		if (extend->text.len)
			buf_char(&extend->text, '\n');
		buf_text(&extend->text, name);
		new = true;
	}
	return new ? write(extend, what, buf_view(&extend->text)) : RKO_OK;
}

struct find_layout {
	struct text wanted;
	bool found;
};

static bool same_layout(void *context, struct text what, struct text value)
{
	struct find_layout *find = context;

	(void)what;
	find->found |= text_equal(value, find->wanted);
	return !find->found;
}

static enum rko_status extend_record(struct extend *extend, const struct image_record *record)
{
	const struct image *image = extend->image;
	struct text what = named(&extend->name, 'k', image_string(image, record->name)), value, rest;
	struct find_layout find = { 0 };
	enum rko_status status;
	uint32_t kind;
	bool found;

	status = store_value(extend->reader, what, &value, &found);
	if (status != RKO_OK)
		return status;
	if (found) {
		rest = value;
		if (!to_number(next_line(&rest), &kind))
			return RKO_FACTS_DAMAGED;
		kind_text(&extend->text, image, record, kind);
		if (!text_equal(value, buf_view(&extend->text)))
			return RKO_FACTS_SCHEMA;
	} else {
		kind = extend->kinds++;
		kind_text(&extend->text, image, record, kind);
		status = write(extend, what, buf_view(&extend->text));
		if (status != RKO_OK)
			return status;
	}
	layout_text(&extend->text, image, record, kind);
	find.wanted = buf_view(&extend->text);
	status = store_values(extend->reader, TEXT("l "), same_layout, &find);
	if (status != RKO_OK || find.found)
		return status;
	buf_reset(&extend->name);
	buf_printf(&extend->name, "l %05u", extend->layouts++);
	return write(extend, buf_view(&extend->name), buf_view(&extend->text));
}

enum rko_status schema_extend(const struct image *image, struct store_writer *writer, bool *ret_changed)
{
	struct extend extend = { .image = image, .writer = writer, .reader = store_writer_reader(writer),
				 .kinds = 1, .layouts = 1 };
	enum rko_status status = store_values(extend.reader, TEXT("k "), count_kind, &extend);

	if (status == RKO_OK)
		status = store_values(extend.reader, TEXT("l "), count_layouts, &extend);
	for (uint32_t i = 0; i < image->n_codesets && status == RKO_OK; i++)
		status = extend_codes(&extend, &image->codesets[i]);
	for (uint32_t i = 0; i < image->n_records && status == RKO_OK; i++)
		status = extend_record(&extend, &image->records[i]);
	if (extend.kinds >= 0xfff0 || extend.layouts >= 0xfff0)
		status = RKO_FACTS_SCHEMA;
	buf_release(&extend.name);
	buf_release(&extend.text);
	*ret_changed = extend.changed;
	return status;
}
