/* SPDX-License-Identifier: EUPL-1.2 */
/* Records: keys, fields, derived dates, validity, who changes them and who may know them. */
#include "dsl/check/vocabulary.h"

uint32_t record_field(const struct record *record, struct text name)
{
	return map_get(&record->names, name);
}

uint32_t duration_seconds(struct model *model, const struct node *node)
{
	if (!text_equal(node->text, TEXT("days")) || node->number < 1) {
		diag_add(model->diags, DIAG_TYPE, node->span, "a freshness bound is one day or more, in days");
		return 86400;
	}
	return (uint32_t)node->number * 86400u;
}

/* Fields ----------------------------------------------------------------------------------------- */

static struct field *add_field(struct model *model, struct record *record, const struct node *node)
{
	struct field *field = &record->fields[record->nfields];
	uint32_t old = record_field(record, node->text);

	if (old != NOWHERE) {
		struct diag *diag = diag_add(model->diags, DIAG_DUPLICATE, node->name,
					     "the record %.*s has two fields `%.*s`",
					     TEXT_ARG(record->name), TEXT_ARG(node->text));

		diag_also(model->diags, diag, record->fields[old].span, "here first");
		return NULL;
	}
	*field = (struct field){
		.name = node->text,
		.span = node->name,
		.derive = { NOWHERE, NOWHERE },
	};
	map_set(&record->names, node->text, record->nfields++);
	return field;
}

/* A field of the record by its name, which may be missing; NOWHERE after a report. */
static uint32_t named_field(struct model *model, const struct record *record, const struct node *name, struct span span)
{
	uint32_t field = name ? record_field(record, name->text) : NOWHERE;
	struct diag *diag;

	if (field != NOWHERE)
		return field;
	diag = diag_add(model->diags, DIAG_UNKNOWN_FIELD, span,
			"a field of the record %.*s is needed here", TEXT_ARG(record->name));
	if (name) {
		struct near near = near_init(name->text);

		for (uint32_t i = 0; i < record->nfields; i++)
			near_try(&near, record->fields[i].name);
		near_help(model, diag, span, &near);
	}
	return NOWHERE;
}

/* A path of one name that is a field of the record. */
static uint32_t own_field(struct model *model, const struct record *record, const struct node *path)
{
	const struct node *name = path->kind == N_PATH ? path->first : NULL;

	return named_field(model, record, name && !name->next ? name : NULL, path->span);
}

static void add_key(struct model *model, struct part *part, struct record *record,
		    const struct node *key)
{
	for (const struct node *slot = key->first; slot; slot = slot->next) {
		struct field *field = add_field(model, record, slot);
		struct diag *diag;

		if (!field || !type_resolve(model, part, slot->first, &field->type))
			continue;
		field->key = true;
		record->nkey++;
		if (!field->type.set && field->type.kind != KIND_DATE &&
		    field->type.kind != KIND_DURATION && !field->type.unknown)
			continue;
		diag = diag_add(model->diags, DIAG_TYPE, slot->span,
				"a key field is an id, an oid, a code or a reference");
		diag_help(model->diags, diag, "sets, dates and values that may be unknown identify nothing");
	}
	if (record->nkey > LIMIT_KEY_SLOTS)
		diag_add(model->diags, DIAG_LIMIT_FIELDS, key->span,
			 "a key has at most %d fields", LIMIT_KEY_SLOTS);
}

static void add_derived(struct model *model, struct record *record, const struct node *node)
{
	struct field *field = add_field(model, record, node);
	uint32_t from[2];

	if (!field)
		return;
	for (int i = 0; i < 2; i++) {
		const struct node *path = i ? node->last : node->first;

		from[i] = own_field(model, record, path);
		if (from[i] == NOWHERE || !type_known(&record->fields[from[i]].type))
			return;
		if (record->fields[from[i]].type.kind != KIND_DATE || record->fields[from[i]].type.set) {
			diag_add(model->diags, DIAG_TYPE, path->span, "only dates are derived, and from dates");
			return;
		}
		if (record->fields[from[i]].derive[0] != NOWHERE) {
			diag_add(model->diags, DIAG_TYPE, path->span,
				 "a derived date is not derived from another");
			return;
		}
	}
	if (!record->fields[from[0]].type.none)
		diag_add(model->diags, DIAG_NEVER_NONE, node->first->span,
			 "`%.*s` is never none, so what stands after `else` is never used",
			 TEXT_ARG(record->fields[from[0]].name));
	field->type = record->fields[from[1]].type;
	field->type.open |= record->fields[from[0]].type.open;
	field->type.unknown |= record->fields[from[0]].type.unknown;
	field->derive[0] = from[0];
	field->derive[1] = from[1];
}

static void add_valid(struct model *model, struct record *record, const struct node *node)
{
	const struct node *bounds[2] = { node->first, node->last };

	for (int i = 0; i < 2; i++) {
		uint32_t field = own_field(model, record, bounds[i]);

		if (field == NOWHERE || !type_known(&record->fields[field].type))
			return;
		if (record->fields[field].type.kind != KIND_DATE || record->fields[field].type.none ||
		    record->fields[field].type.set || (i == 0 && record->fields[field].type.open)) {
			diag_add(model->diags, DIAG_TYPE, bounds[i]->span,
				 i ? "the end of `valid` is a date, or a date or open"
				   : "the beginning of `valid` is a date that is always there");
			return;
		}
		record->valid[i] = field;
	}
}

/* Who changes it, who may know it ---------------------------------------------------------------- */

/* What is said of a field, or of the record, is said once. */
static void set_changed(struct model *model, const struct node *node, uint32_t *changed, uint32_t who)
{
	if (*changed)
		diag_add(model->diags, DIAG_DUPLICATE, node->span, "who can change this is said here twice");
	*changed = who;
}

static void add_changed(struct model *model, struct record *record, const struct node *node)
{
	const struct node *bearer = node->first;
	uint32_t who = CHANGED_BY_NOBODY;

	if (bearer->kind == N_NAME) {
		who = need_bearer(model, bearer);
		if (who == NOWHERE)
			return;
		who++;
	}
	if (!bearer->next)
		set_changed(model, node, &record->changed, who);
	for (const struct node *name = bearer->next; name; name = name->next) {
		uint32_t number = named_field(model, record, name, name->span);
		struct diag *diag;

		if (number == NOWHERE)
			continue;
		if (record->fields[number].key || record->fields[number].derive[0] != NOWHERE) {
			diag = diag_add(model->diags, DIAG_TYPE, name->span, "`%.*s` is not changed by itself",
					TEXT_ARG(name->text));
			diag_help(model->diags, diag, record->fields[number].key
				? "another key is another row" : "say who changes the dates that it is derived from");
			continue;
		}
		set_changed(model, name, &record->fields[number].changed, who);
	}
}

/* Who asks may know these fields, or all; what is not said so is told to reviewers only. */
static void add_shown(struct model *model, struct record *record, const struct node *node)
{
	const struct node *names = node_child(node, N_PROPERTIES);

	if (!check_audience(model, node))
		return;
	for (uint32_t i = 0; i < record->nfields && !names; i++)
		record->fields[i].shown = true;
	for (const struct node *name = names ? names->first : NULL; name; name = name->next) {
		uint32_t at = named_field(model, record, name, name->span);

		if (at != NOWHERE && record->fields[at].shown)
			diag_add(model->diags, DIAG_AUDIENCE, name->span, "`%.*s` is named twice", TEXT_ARG(name->text));
		if (at != NOWHERE)
			record->fields[at].shown = true;
	}
}

/* Records ---------------------------------------------------------------------------------------- */

void check_record(struct model *model, struct part *part, struct node *node)
{
	struct record *record = find_own(model, part, DECL_RECORD, node);
	const struct node *refreshed = node_child(node, N_REFRESHED);
	const struct node *common = node_child(part->node, N_REFRESHED);
	uint32_t count = 0;

	if (!record)
		return;
	if (refreshed)
		record->refreshed = duration_seconds(model, refreshed->first);
	else if (!record->open && common)
		record->refreshed = duration_seconds(model, common->first);
	if (record->open && refreshed)
		diag_add(model->diags, DIAG_TYPE, refreshed->span,
			 "an open record needs no freshness: its absence is unknown anyway");
	for (const struct node *child = node->first; child; child = child->next)
		count += child->kind == N_FIELD || child->kind == N_DERIVE;
	count += node_count(node_child(node, N_KEY));
	if (count > LIMIT_FIELDS) {
		diag_add(model->diags, DIAG_LIMIT_FIELDS, node->name,
			 "the record has %u fields; at most %d are allowed", count, LIMIT_FIELDS);
		return;
	}
	record->fields = ARENA_ARRAY(model->arena, count, struct field);
	add_key(model, part, record, node_child(node, N_KEY));
	for (const struct node *child = node->first; child; child = child->next) {
		struct field *field = child->kind == N_FIELD ? add_field(model, record, child) : NULL;

		if (field && type_resolve(model, part, child->first, &field->type) &&
		    field->type.kind == KIND_DURATION)
			diag_add(model->diags, DIAG_TYPE, child->span, "a fact is not a duration");
	}
	clause_once(model, node, N_VALID, "`valid`");
	for (const struct node *child = node->first; child; child = child->next) {
		if (child->kind == N_DERIVE)
			add_derived(model, record, child);
		else if (child->kind == N_VALID)
			add_valid(model, record, child);
		else if (child->kind == N_CHANGED)
			add_changed(model, record, child);
	}
	clause_once(model, node, N_SHOWN, "`shown to`");
	if (node_child(node, N_SHOWN))
		add_shown(model, record, node_child(node, N_SHOWN));
}
