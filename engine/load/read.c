/* SPDX-License-Identifier: EUPL-1.2 */
/* Rows back into words. */
#include <stdlib.h>

#include "engine/load/load.h"

struct read {
	const struct rko_policy *policy;
	struct store_reader *reader;
	struct binding *binding;
	uint32_t record;
	uint32_t generation;
	const struct rko_value *behind;	/* a whole key; NULL: from the first */
	rko_fact_fn *show;
	void *context;
	struct rko_value *values, *elements;
	char (*days)[DAY_TEXT];
	struct buf source;	/* the name last given out */
	bool stopped;
};

static enum rko_status name_value(struct read *read, uint32_t number, struct rko_value *value)
{
	struct text name;
	enum rko_status status = store_name(read->reader, number, &name);

	value->kind = RKO_VALUE_TEXT;
	value->text = name.at;
	value->length = name.len;
	return status;
}

static void word_value(struct rko_value *value, const char *word)
{
	value->kind = RKO_VALUE_TEXT;
	value->text = word;
	value->length = strlen(word);
}

static enum rko_status code_value(struct read *read, uint32_t set, uint32_t stored, struct rko_value *value)
{
	const struct image *image = &read->policy->image;
	const struct bound_codes *codes = &read->binding->codes[set];

	if (stored >= codes->nfrom || codes->from[stored] == CODE_UNKNOWN)
		return RKO_FACTS_SCHEMA;
	word_value(value, image_string(image, image->codes[image->codesets[set].codes.first + codes->from[stored]].name));
	return RKO_OK;
}

static enum rko_status fact_value(struct read *read, const struct image_field *field, int32_t fact, uint32_t number,
				  struct rko_value *value)
{
	if (fact == FACT_NONE)
		word_value(value, "none");
	else if (fact == FACT_OPEN)
		word_value(value, "open");
	else if (fact == FACT_UNKNOWN)
		word_value(value, "unknown");
	else if (field->kind == IMAGE_TYPE_CODE)
		return code_value(read, field->target, (uint32_t)fact, value);
	else if (field->kind != IMAGE_TYPE_DATE)
		return name_value(read, (uint32_t)fact, value);
	else if (!day_valid(fact))
		return RKO_FACTS_DAMAGED;
	else {
		day_print(fact, read->days[number]);
		word_value(value, read->days[number]);
	}
	return RKO_OK;
}

static enum rko_status key_value(struct read *read, const struct row *row, uint32_t number)
{
	const struct image_field *field = record_field(&read->policy->image, read->record, number);
	const uint8_t *at = row->key + read->binding->records[read->record].key_at[number];
	int32_t fact = field->kind == IMAGE_TYPE_CODE ? row_code(get_be16(at)) : row_string(get_be32(at));

	return fact_value(read, field, fact, number, &read->values[number]);
}

static enum rko_status set_value(struct read *read, const struct row *row, const struct bound_layout *layout,
				 uint32_t number)
{
	const struct image_field *field = record_field(&read->policy->image, read->record, number);
	struct rko_value *value = &read->values[number];
	struct rko_value *elements = read->elements + (size_t)number * LIMIT_SET_ELEMENTS;
	enum rko_status status = RKO_OK;
	struct row_set set;

	if (!row_find_set(row, layout->fixed, layout->wide, layout->fields[number].at, &set) ||
	    set.count > LIMIT_SET_ELEMENTS)
		return RKO_FACTS_DAMAGED;
	if (set.unknown) {
		word_value(value, "unknown");
		return RKO_OK;
	}
	*value = (struct rko_value){ .kind = RKO_VALUE_SET, .elements = elements, .length = set.count };
	for (uint32_t i = 0; i < set.count && status == RKO_OK; i++) {
		elements[i] = (struct rko_value){ 0 };
		if (field->kind == IMAGE_TYPE_CODE)
			status = code_value(read, field->target, row_set_code(&set, i), &elements[i]);
		else
			status = name_value(read, row_set_string(&set, i), &elements[i]);
	}
	return status;
}

static enum rko_status field_value(struct read *read, const struct row *row, const struct bound_layout *layout,
				   uint32_t number)
{
	const struct image_field *field = record_field(&read->policy->image, read->record, number);
	const uint8_t *at;
	int32_t fact;

	read->values[number] = (struct rko_value){ .kind = RKO_VALUE_MISSING };
	if (field->flags & IMAGE_FIELD_KEY)
		return key_value(read, row, number);
	if (field->flags & IMAGE_FIELD_DERIVED || row_is_tombstone(row))
		return RKO_OK;
	if (layout->fields[number].at == FIELD_NOT_STORED) {
		word_value(&read->values[number], "unknown");
		return RKO_OK;
	}
	if (field->flags & IMAGE_FIELD_SET)
		return set_value(read, row, layout, number);
	at = row->value + layout->fields[number].at;
	if (field->kind == IMAGE_TYPE_CODE)
		fact = row_code(get_le16(at));
	else if (field->kind == IMAGE_TYPE_DATE)
		fact = (int32_t)get_le32(at);
	else
		fact = row_string(get_le32(at));
	return fact_value(read, field, fact, number, &read->values[number]);
}

/* What a row was read from, as its load named it. */
static enum rko_status tell_place(struct read *read, const struct row *row, struct rko_fact *fact)
{
	struct row_place place = row_place(row);
	struct text name;
	bool found;
	enum rko_status status = store_source(read->reader, fact->generation, place.source, &name, &found);

	if (status != RKO_OK)
		return status;
	fact->line = place.line;
	fact->source = "";
	if (!found)
		return RKO_OK;
	buf_reset(&read->source);
	buf_add(&read->source, name.at, name.len);
	buf_char(&read->source, '\0');
	fact->source = read->source.at;
	return buf_failed(&read->source) ? RKO_NO_MEMORY : RKO_OK;
}

static enum rko_status show_row(struct read *read, const struct row *row)
{
	const struct image_record *record = &read->policy->image.records[read->record];
	uint32_t number = row_layout(row);
	struct generation generation;
	struct rko_fact fact = { .kind = read->record, .values = read->values, .count = record->fields.count };
	enum rko_status status;

	if (number >= read->binding->nlayouts || read->binding->layouts[number].record != read->record ||
	    (!row_is_tombstone(row) && row->size < read->binding->layouts[number].fixed))
		return RKO_FACTS_DAMAGED;
	for (uint32_t i = 0; i < record->fields.count; i++) {
		status = field_value(read, row, &read->binding->layouts[number], i);
		if (status != RKO_OK)
			return status;
	}
	status = store_generation(read->reader, row_generation(row), &generation);
	if (status != RKO_OK)
		return status;
	fact.generation = generation.number;
	fact.recorded = generation.recorded;
	fact.removed = row_is_tombstone(row);
	status = tell_place(read, row, &fact);
	if (status != RKO_OK)
		return status;
	read->stopped = !read->show(read->context, &fact);
	return RKO_OK;
}

/* The start of a key from words; an id that was never stored leads to nothing. */
static enum rko_status key_prefix(struct read *read, const struct rko_value *key, size_t nkey, uint8_t *prefix,
				  uint32_t *ret_size, bool *ret_nothing)
{
	const struct image_record *record = &read->policy->image.records[read->record];
	const struct bound_record *bound = &read->binding->records[read->record];

	*ret_nothing = bound->kind == KIND_NOT_STORED;
	if (nkey > record->nkey)
		return RKO_ARGUMENT;
	put_be16(prefix, bound->kind);
	for (size_t i = 0; i < nkey; i++) {
		const struct image_field *field = record_field(&read->policy->image, read->record, (uint32_t)i);
		struct text text = { key[i].text, key[i].length };
		bool none = field->flags & IMAGE_FIELD_NONE && text_equal(text, TEXT("none"));
		enum rko_status status;
		uint32_t number;

		if (key[i].kind != RKO_VALUE_TEXT)
			return RKO_ARGUMENT;
		if (field->kind == IMAGE_TYPE_CODE) {
			number = none ? 0 : policy_code(read->policy, field->target, text);
			if (number == IMAGE_NONE)
				return RKO_ARGUMENT;
			put_be16(prefix + bound->key_at[i],
				 none ? CODE_NONE : read->binding->codes[field->target].to[number]);
			continue;
		}
		status = store_number(read->reader, text, &number);
		if (status != RKO_OK)
			return status;
		*ret_nothing |= number == STRING_NONE && !none;
		put_be32(prefix + bound->key_at[i], number);
	}
	*ret_size = nkey < record->nkey ? bound->key_at[nkey] : bound->key_size;
	return RKO_OK;
}

/* Puts the cursor on the key that the rows are to be behind. A key of ids that were never stored is none. */
static enum rko_status begin_behind(struct read *read, struct store_cursor *cursor)
{
	size_t nkey = read->policy->image.records[read->record].nkey;
	uint8_t key[LIMIT_KEY_BYTES + KEY_TAIL];
	enum rko_status status;
	uint32_t size;
	bool nothing;

	if (!read->behind)
		return RKO_OK;
	status = key_prefix(read, read->behind, nkey, key, &size, &nothing);
	if (status != RKO_OK || nothing)
		return status == RKO_OK ? RKO_ARGUMENT : status;
	store_go_behind(read->reader, cursor, key, size);
	return RKO_OK;
}

/* Of each key that the prefix has: its row, or all of them. */
static enum rko_status show_rows(struct read *read, const uint8_t *prefix, uint32_t size)
{
	struct store_cursor cursor = { .unbounded = true };
	enum rko_status status = begin_behind(read, &cursor);
	struct row row;
	bool found;

	while (status == RKO_OK && !read->stopped) {
		status = store_next(read->reader, &cursor, prefix, size,
						    read->generation, &row, &found);

		if (status != RKO_OK || !found)
			return status;
		status = show_row(read, &row);
	}
	return status;
}

static enum rko_status show_history(struct read *read, const uint8_t *prefix, uint32_t size)
{
	struct store_cursor keys = { .unbounded = true, .removed = true };
	struct row row;
	bool found;

	while (!read->stopped) {
		struct store_cursor cursor = { 0 };
		uint8_t key[LIMIT_KEY_BYTES];
		uint32_t key_size;
		enum rko_status status = store_next(read->reader, &keys, prefix, size, UINT32_MAX, &row, &found);

		if (status != RKO_OK || !found)
			return status;
		key_size = row.key_size - KEY_TAIL;
		memcpy(key, row.key, key_size);
		for (;;) {
			status = store_history(read->reader, &cursor, key, key_size, &row, &found);
			if (status != RKO_OK)
				return status;
			if (!found || read->stopped)
				break;
			status = show_row(read, &row);
			if (status != RKO_OK)
				return status;
		}
	}
	return RKO_OK;
}

static enum rko_status read_rows(struct read *read, const struct rko_value *key, size_t nkey, uint32_t as_of,
				 bool history)
{
	uint8_t prefix[LIMIT_KEY_BYTES + KEY_TAIL];
	struct generation newest;
	uint32_t size;
	bool nothing;
	enum rko_status status = store_newest(read->reader, &newest);

	if (status == RKO_OK)
		status = binding_new(&read->policy->image, read->reader, &read->binding);
	if (status != RKO_OK)
		return status;
	if (as_of > newest.number)
		return RKO_FACTS_GENERATION;
	read->generation = as_of ? as_of : newest.number;
	status = key_prefix(read, key, nkey, prefix, &size, &nothing);
	if (status != RKO_OK || nothing)
		return status;
	return history ? show_history(read, prefix, size) : show_rows(read, prefix, size);
}

static enum rko_status run(struct read *read, struct rko_facts *facts, const struct rko_value *key, size_t nkey,
			   uint32_t as_of, bool history)
{
	uint32_t fields = read->policy->image.records[read->record].fields.count;
	enum rko_status status;

	read->values = calloc(fields, sizeof *read->values);
	read->elements = calloc((size_t)fields * LIMIT_SET_ELEMENTS, sizeof *read->elements);
	read->days = calloc(fields, sizeof *read->days);
	status = read->values && read->elements && read->days ? store_reader_begin(facts->store, &read->reader)
								  : RKO_NO_MEMORY;
	if (status == RKO_OK)
		status = read_rows(read, key, nkey, as_of, history);
	store_reader_close(read->reader);
	binding_free(read->binding);
	free(read->values);
	free(read->elements);
	free(read->days);
	buf_release(&read->source);
	return status;
}

enum rko_status rko_facts_read(struct rko_facts *facts, struct rko_policy *policy, uint32_t kind,
			       const struct rko_value *key, size_t nkey, uint32_t as_of, int history,
			       rko_fact_fn *show, void *context)
{
	struct read read = { .policy = policy, .record = kind, .show = show, .context = context };

	return kind < policy->image.n_records ? run(&read, facts, key, nkey, as_of, history) : RKO_ARGUMENT;
}

enum rko_status rko_facts_read_behind(struct rko_facts *facts, struct rko_policy *policy, uint32_t kind,
				      const struct rko_value *behind, uint32_t as_of, rko_fact_fn *show, void *context)
{
	struct read read = { .policy = policy, .record = kind, .behind = behind, .show = show, .context = context };

	return kind < policy->image.n_records ? run(&read, facts, NULL, 0, as_of, false) : RKO_ARGUMENT;
}

static enum rko_status read_refreshed(struct store_reader *reader, const struct rko_policy *policy, uint32_t kind,
				      uint32_t as_of, int64_t *ret_instant, bool *ret_found)
{
	struct binding *binding;
	struct generation newest;
	enum rko_status status = store_newest(reader, &newest);

	if (status == RKO_OK)
		status = binding_new(&policy->image, reader, &binding);
	if (status != RKO_OK)
		return status;
	if (binding->records[kind].kind != KIND_NOT_STORED)
		status = store_refreshed(reader, binding->records[kind].kind, as_of ? as_of : newest.number,
					 ret_instant, ret_found);
	binding_free(binding);
	return status;
}

enum rko_status rko_facts_refreshed(struct rko_facts *facts, struct rko_policy *policy, uint32_t kind,
				    uint32_t as_of, int64_t *ret_instant, int *ret_found)
{
	struct store_reader *reader;
	enum rko_status status;
	bool found = false;

	*ret_found = 0;
	if (kind >= policy->image.n_records)
		return RKO_ARGUMENT;
	status = store_reader_begin(facts->store, &reader);
	if (status != RKO_OK)
		return status;
	status = read_refreshed(reader, policy, kind, as_of, ret_instant, &found);
	store_reader_close(reader);
	*ret_found = found;
	return status;
}
