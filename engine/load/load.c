/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/load/load.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* The policy's kinds ------------------------------------------------------------------------------ */

uint32_t rko_policy_kinds(const struct rko_policy *policy)
{
	return policy->image.n_records;
}

uint32_t rko_policy_kind(const struct rko_policy *policy, const char *name)
{
	for (uint32_t i = 0; i < policy->image.n_records; i++)
		if (strcmp(policy_string(policy, policy->image.records[i].name), name) == 0)
			return i;
	return RKO_NOTHING;
}

void rko_kind_about(const struct rko_policy *policy, uint32_t kind, struct rko_kind_about *ret)
{
	const struct image_record *record = &policy->image.records[kind];

	*ret = (struct rko_kind_about){
		.name = policy_string(policy, record->name),
		.fields = record->fields.count,
		.key_fields = record->nkey,
		.open = !!(record->flags & IMAGE_RECORD_OPEN),
		.refreshed = record->refreshed,
		.finding = !!(record->flags & IMAGE_RECORD_FINDING),
	};
}

void rko_kind_field(const struct rko_policy *policy, uint32_t kind, uint32_t number, enum rko_language language,
		    struct rko_kind_field_about *ret)
{
	const struct image *image = &policy->image;
	const struct image_field *field = record_field(image, kind, number);

	*ret = (struct rko_kind_field_about){
		.name = image_string(image, field->name),
		.label = image_label_text(image, &field->label, language, field->name),
		.kind = RKO_FIELD_ID,
		.type = field->kind == IMAGE_TYPE_OID ? "oid" : "id",
		.key = !!(field->flags & IMAGE_FIELD_KEY),
		.derived = !!(field->flags & IMAGE_FIELD_DERIVED),
		.set = !!(field->flags & IMAGE_FIELD_SET),
		.may_be_none = !!(field->flags & IMAGE_FIELD_NONE),
		.may_be_open = !!(field->flags & IMAGE_FIELD_OPEN),
		.may_be_unknown = !!(field->flags & IMAGE_FIELD_UNKNOWN),
		.most = field->bound ? field->bound : LIMIT_SET_ELEMENTS,
	};
	if (field->kind == IMAGE_TYPE_CODE) {
		ret->kind = RKO_FIELD_CODE;
		ret->type = image_string(image, image->codesets[field->target].name);
	} else if (field->kind == IMAGE_TYPE_DATE) {
		ret->kind = RKO_FIELD_DATE;
		ret->type = "date";
	} else if (field->kind == IMAGE_TYPE_REF) {
		ret->kind = RKO_FIELD_RECORD;
		ret->type = image_string(image, image->records[field->target].name);
	}
}

/* Faults ------------------------------------------------------------------------------------------ */

void load_fault(struct rko_load *load, enum diag_code code, uint64_t origin, uint64_t other, const char *help,
		const char *format, ...)
{
	char text[600];
	va_list args;
	struct rko_load_fault *fault;

	load->nfaults++;
	if (load->nkept >= LIMIT_LOAD_ERRORS)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	load->faults = arena_grow(&load->arena, load->faults, load->nkept, &load->cap_faults,
				  sizeof *load->faults);
	fault = &load->faults[load->nkept++];
	*fault = (struct rko_load_fault){ .code = code, .origin = origin, .other = other };
	fault->text = text_copy(&load->arena, text_from(text)).at;
	fault->help = help ? text_copy(&load->arena, text_from(help)).at : NULL;
}

void load_watch(struct rko_load *load, const char *doing, uint64_t done, uint64_t of)
{
	if (load->watch)
		load->watch(load->watch_context, doing, done, of);
}

/* Beginning --------------------------------------------------------------------------------------- */

/* The schema as it will be: written to see its numbers, and taken back. The commit writes the same again. */
static enum rko_status foresee_schema(struct rko_load *load)
{
	struct store_writer *writer;
	enum rko_status status = store_write_begin(load->facts->store, &writer);
	bool changed;

	if (status != RKO_OK)
		return status;
	status = store_newest(store_writer_reader(writer), &load->base);
	if (status == RKO_OK)
		status = store_names(store_writer_reader(writer), &load->next_id);
	if (status == RKO_OK)
		status = schema_extend(&load->policy->image, writer, &changed);
	if (status == RKO_OK)
		status = binding_new(&load->policy->image, store_writer_reader(writer), &load->binding);
	store_write_abort(writer);
	return status;
}

static enum rko_status begin(struct rko_load *load)
{
	enum rko_status status = foresee_schema(load);

	while (status == RKO_FACTS_FULL) {	/* a store so full that not even the schema fits */
		status = store_grow(load->facts->store, 0);
		if (status == RKO_OK)
			status = foresee_schema(load);
	}
	if (status != RKO_OK)
		return status;
	load->generation = load->base.number + 1;
	status = bind_init(&load->bind, load->policy);
	if (status != RKO_OK)
		return status;
	load->bind_ready = true;
	return store_reader_begin(load->facts->store, &load->reader);
}

enum rko_status rko_load_begin(struct rko_facts *facts, struct rko_policy *policy, struct rko_load **ret_load,
			       struct rko_fault *fault)
{
	struct rko_load *load;
	enum rko_status status;

	if (fault)
		fault->text[0] = '\0';
	if (!facts->writable) {
		fault_say(fault, "the facts were not opened for writing");
		return RKO_ARGUMENT;
	}
	load = calloc(1, sizeof *load);
	if (!load)
		return RKO_NO_MEMORY;
	load->policy = rko_policy_ref(policy);
	load->facts = facts;
	arena_init(&load->arena, SIZE_MAX / 4);
	map_init(&load->ids, &load->arena);
	map_init(&load->sources, &load->arena);
	load->kinds = ARENA_ARRAY(&load->arena, policy->image.n_records + 1, struct staged_kind);
	status = load->kinds ? begin(load) : RKO_NO_MEMORY;
	if (status != RKO_OK) {
		fault_say(fault, "%s", rko_status_meaning(status));
		rko_load_free(load);
		return status;
	}
	*ret_load = load;
	return RKO_OK;
}

void rko_load_free(struct rko_load *load)
{
	if (!load)
		return;
	store_reader_close(load->reader);
	binding_free(load->binding);
	if (load->bind_ready)
		bind_release(&load->bind);
	arena_free(&load->arena);
	rko_policy_unref(load->policy);
	free(load);
}

/* Small things ------------------------------------------------------------------------------------ */

enum rko_status rko_load_refreshed(struct rko_load *load, uint32_t kind, int64_t instant)
{
	jmp_buf escape;

	if (load->status != RKO_OK)
		return load->status;
	if (kind >= load->policy->image.n_records)
		return RKO_ARGUMENT;
	load->arena.escape = &escape;
	if (setjmp(escape)) {
		load->arena.escape = NULL;
		load->status = RKO_NO_MEMORY;
		return load->status;
	}
	load->refreshed = arena_grow(&load->arena, load->refreshed, load->nrefreshed, &load->cap_refreshed,
				     sizeof *load->refreshed);
	load->refreshed[load->nrefreshed++] = (struct refreshed){ kind, instant };
	load->arena.escape = NULL;
	return RKO_OK;
}

size_t rko_load_faults(const struct rko_load *load, size_t *ret_kept)
{
	if (ret_kept)
		*ret_kept = load->nkept;
	return load->nfaults;
}

const struct rko_load_fault *rko_load_fault(const struct rko_load *load, size_t index)
{
	return index < load->nkept ? &load->faults[index] : NULL;
}

/* The number of a source; sets the load's status when it has one too many. */
static uint32_t source_number(struct rko_load *load, struct text name)
{
	uint32_t number = map_get(&load->sources, name);

	if (number != MAP_NONE)
		return number;
	if (load->sources.count < LIMIT_LOAD_SOURCES)
		return map_intern(&load->sources, name);
	load->status = RKO_LIMIT;
	return 0;
}

enum rko_status rko_load_source(struct rko_load *load, const char *name)
{
	enum { SOURCE_MOST = 1000 };
	struct text text = text_from(name);
	jmp_buf escape;

	if (load->status != RKO_OK)
		return load->status;
	if (text.len > SOURCE_MOST)
		for (text.len = SOURCE_MOST; ((unsigned char)text.at[text.len] & 0xc0) == 0x80;)
			text.len--;
	load->arena.escape = &escape;
	if (setjmp(escape))
		load->status = RKO_NO_MEMORY;
	else
		load->place.source = source_number(load, text);
	load->arena.escape = NULL;
	return load->status;
}

enum rko_status rko_load_line(struct rko_load *load, uint64_t line)
{
	if (load->status == RKO_OK && line > INT64_MAX)
		load->status = RKO_ARGUMENT;
	load->place.line = line;
	return load->status;
}

void rko_load_watch(struct rko_load *load, rko_load_watch_fn *watch, void *context)
{
	load->watch = watch;
	load->watch_context = context;
}
