/* SPDX-License-Identifier: EUPL-1.2 */
/* Vocabulary: code sets, types, records. */
#include "dsl/check/check.h"

const char *lang_word(enum lang lang)
{
	static const char *const words[LANGS] = { "fi", "sv", "en" };

	return words[lang];
}

/* Where a text that is a piece of a source stands. */
static struct span place_of_text(const struct model *model, struct text text)
{
	for (uint32_t i = 0; i < model->sources->count; i++) {
		const struct text *whole = &model->sources->list[i].text;

		if (text.at >= whole->at && text.at < whole->at + whole->len)
			return (struct span){ i, (uint32_t)(text.at - whole->at), (uint32_t)text.len };
	}
	return SPAN_NONE;
}

void labels_take(struct model *model, struct labels *labels, const struct node *parent)
{
	if (!parent)
		return;
	for (const struct node *child = parent->first; child; child = child->next) {
		if (child->kind != N_LABEL)
			continue;
		if (labels->in[child->number].len) {
			struct diag *diag = diag_add(model->diags, DIAG_DUPLICATE_LABEL, child->span,
						     "a second text in %s", lang_word((enum lang)child->number));

			diag_also(model->diags, diag, place_of_text(model, labels->in[child->number]), "here first");
			continue;
		}
		labels->in[child->number] = child->text;
	}
}

/* Code sets -------------------------------------------------------------------------------------- */

struct codeset *codeset_new(struct model *model, uint32_t module, struct text name, struct span span)
{
	struct codeset *set = ARENA_NEW(model->arena, struct codeset);

	set->name = name;
	set->span = span;
	set->module = module;
	set->index = model->ncodesets;
	map_init(&set->names, model->arena);
	PUSH(model, model, codesets, cap_codesets, set);
	return set;
}

uint32_t codeset_find(const struct codeset *set, struct text name)
{
	return map_get(&set->names, name);	/* MAP_NONE is NOWHERE */
}

uint32_t need_code(struct model *model, const struct codeset *set, struct text name, struct span span)
{
	uint32_t code = codeset_find(set, name);
	struct near near = near_init(name);
	struct diag *diag;

	if (code != NOWHERE)
		return code;
	diag = diag_add(model->diags, DIAG_UNKNOWN_CODE, span, "`%.*s` is not a code of %.*s",
			TEXT_ARG(name), TEXT_ARG(set->name));
	for (uint32_t i = 0; i < set->count; i++)
		near_try(&near, set->codes[i].name);
	near_help(model, diag, span, &near);
	if (set == model->yesno && !near.best.len)
		diag_help(model->diags, diag, "it is `yes` or `no`");
	if (set->span.source != SOURCE_NONE)
		diag_also(model->diags, diag, set->span, "the codes of %.*s are declared here",
			  TEXT_ARG(set->name));
	return NOWHERE;
}

static void add_code(struct model *model, struct codeset *set, const struct node *node)
{
	struct code *code = &set->codes[set->count];
	const struct node *official = node_child(node, N_OFFICIAL);
	uint32_t old = codeset_find(set, node->text);

	if (old != NOWHERE) {
		struct diag *diag = diag_add(model->diags, DIAG_DUPLICATE, node->name,
					     "%.*s has the code `%.*s` twice", TEXT_ARG(set->name),
					     TEXT_ARG(node->text));

		diag_also(model->diags, diag, set->codes[old].span, "here first");
		return;
	}
	code->name = node->text;
	code->span = node->name;
	code->attribute = NOWHERE;
	code->others = node->kind == N_OTHERS;
	if (official && official->number)
		code->pending = true;
	else if (official)
		code->official = official->text;
	labels_take(model, &code->labels, node);
	map_set(&set->names, node->text, set->count++);
}

static void check_official(struct model *model, const struct codeset *set)
{
	for (uint32_t i = 0; i < set->count; i++) {
		for (uint32_t j = 0; j < i; j++) {
			struct diag *diag;

			if (!set->codes[i].official.len ||
			    !text_equal(set->codes[i].official, set->codes[j].official))
				continue;
			diag = diag_add(model->diags, DIAG_DUPLICATE, set->codes[i].span,
					"the official code \"%.*s\" stands twice in %.*s",
					TEXT_ARG(set->codes[i].official), TEXT_ARG(set->name));
			diag_also(model->diags, diag, set->codes[j].span, "here first");
		}
	}
}

void check_codes(struct model *model, struct part *part, struct node *node)
{
	struct codeset *set = codeset_new(model, part->module, node->text, node->name);
	const struct node *official = node_child(node, N_OFFICIAL);
	uint32_t count = 0;

	declare(model, part, DECL_CODES, node, set);
	if (official && official->number)
		set->pending = true;
	else if (official)
		set->official = official->text;
	for (const struct node *child = node->first; child; child = child->next)
		count += child->kind == N_CODE || child->kind == N_OTHERS;
	if (count > LIMIT_CODES) {
		diag_add(model->diags, DIAG_LIMIT_CODES, node->name,
			 "%.*s has %u codes; at most %d are allowed", TEXT_ARG(set->name), count,
			 LIMIT_CODES);
		count = 0;
	}
	set->codes = ARENA_ARRAY(model->arena, count ? count : 1, struct code);
	for (const struct node *child = node->first; child && count; child = child->next)
		if (child->kind == N_CODE || child->kind == N_OTHERS)
			add_code(model, set, child);
	check_official(model, set);
	if (text_equal(set->name, TEXT("bearer")))
		model->bearers = set;
	if (text_equal(set->name, TEXT("source_kind")))
		model->source_kinds = set;
}

void check_codes_attributes(struct model *model, struct part *part, struct node *node)
{
	const struct node *attribute = node_child(node, N_ATTRIBUTE);
	struct decl *decl = find_global(model, part, node->text, NULL);
	struct codeset *set = decl && decl->kind == DECL_CODES ? decl->thing : NULL;
	struct codeset *values;

	if (!set || set->span.at != node->name.at || set->span.source != node->name.source)
		return;	/* a second declaration, reported already */
	values = attribute ? need_global(model, part, DECL_CODES, attribute->first) : NULL;
	if (values) {
		set->attribute = attribute->text;
		set->attribute_set = values;
	}
	for (const struct node *child = node->first; child; child = child->next) {
		const struct node *value = child->kind == N_CODE ? node_child(child, N_NAME) : NULL;
		uint32_t code = child->kind == N_CODE ? codeset_find(set, child->text) : NOWHERE;

		if (code == NOWHERE)
			continue;
		if (value && !attribute)
			diag_add(model->diags, DIAG_TYPE, value->span,
				 "%.*s declares no attribute: `with name : set` is missing",
				 TEXT_ARG(set->name));
		else if (value && values)
			set->codes[code].attribute = need_code(model, values, value->text, value->span);
		else if (!value && values)
			diag_add(model->diags, DIAG_TYPE, child->span,
				 "the code `%.*s` has no %.*s: write it in parentheses",
				 TEXT_ARG(child->text), TEXT_ARG(set->attribute));
	}
}

/* Types ------------------------------------------------------------------------------------------ */

bool type_resolve(struct model *model, const struct part *part, const struct node *node,
		  struct type *ret_type)
{
	static const struct {
		const char *name;
		enum type_kind kind;
	} plain[] = {
		{ "date", KIND_DATE }, { "duration", KIND_DURATION }, { "id", KIND_ID }, { "oid", KIND_OID },
	};
	const struct node *most = node_child(node, N_AT_MOST);
	struct type type = {
		.set = node->number & TYPE_SET,
		.none = node->number & TYPE_OR_NONE,
		.open = node->number & TYPE_OR_OPEN,
		.unknown = node->number & TYPE_OR_UNKNOWN,
		.bound = most ? (uint32_t)most->number : 0,
	};
	bool known = false;
	struct decl *decl, *hidden;

	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
		if (text_equal(node->text, text_from(plain[i].name))) {
			type.kind = plain[i].kind;
			known = true;
		}
	}
	if (text_equal(node->text, TEXT("yesno"))) {
		type.kind = KIND_CODE;
		type.codes = model->yesno;
		known = true;
	}
	decl = known ? NULL : find_global(model, part, node->text, &hidden);
	if (decl && decl->kind == DECL_CODES && !(node->number & TYPE_REF)) {
		type.kind = KIND_CODE;
		type.codes = decl->thing;
	} else if (decl && decl->kind == DECL_RECORD) {
		type.kind = KIND_REF;
		type.record = decl->thing;
	} else if (!known) {
		struct node name = *node;
		struct near near = near_init(node->text);
		struct diag *diag;

		name.name = node->name;
		if (decl || (node->number & TYPE_REF)) {
			need_global(model, part, DECL_RECORD, &name);
			return false;
		}
		if (hidden) {
			need_global(model, part, hidden->kind, &name);
			return false;
		}
		diag = diag_add(model->diags, DIAG_UNKNOWN_NAME, node->name,
				"there is no type `%.*s`", TEXT_ARG(node->text));
		diag_help(model->diags, diag,
			  "a type is id, oid, date, yesno, a code set, or a record");
		for (uint32_t i = 0; i < model->ncodesets; i++)
			near_try(&near, model->codesets[i]->name);
		for (uint32_t i = 0; i < model->nrecords; i++)
			near_try(&near, model->records[i]->name);
		near_help(model, diag, node->name, &near);
		return false;
	}
	if (most && !type.set) {
		diag_help(model->diags,
			  diag_add(model->diags, DIAG_TYPE, most->span, "`at most` is said of a set, and this is one value"),
			  "leave it out, or write `set of %.*s`", TEXT_ARG(node->text));
		return false;
	}
	if (most && !type.bound) {
		diag_add(model->diags, DIAG_TYPE, most->span, "a set of at most 0 elements has none");
		return false;
	}
	if (type.set && type.bound > LIMIT_SET_ELEMENTS) {
		diag_add(model->diags, DIAG_LIMIT_CODES, node->span,
			 "a set may have at most %d elements", LIMIT_SET_ELEMENTS);
		return false;
	}
	if (type.set && !type.bound)
		type.bound = type.kind == KIND_CODE ? type.codes->count : LIMIT_SET_ELEMENTS;
	if (type.bound > LIMIT_SET_ELEMENTS)
		type.bound = LIMIT_SET_ELEMENTS;
	if (type.open && type.kind != KIND_DATE) {
		diag_add(model->diags, DIAG_TYPE, node->span, "only a date can be open");
		return false;
	}
	if (type.set && (type.none || type.open)) {
		struct diag *diag = diag_add(model->diags, DIAG_TYPE, node->span,
					     "a set is never none: it may be empty");

		diag_help(model->diags, diag, "leave out `or %s`", type.none ? "none" : "open");
		return false;
	}
	*ret_type = type;
	return true;
}

static const char *article(struct text name)
{
	return name.len && strchr("aeiouAEIOU\xc3", name.at[0]) ? "an " : "a ";	/* å ä ö begin with 0xc3 */
}

const char *type_word(struct model *model, const struct type *type)
{
	const char *of = type->set ? "a set of " : "";

	if (!type_known(type))
		return "of an unknown type";
	switch (type->kind) {
	case KIND_CODE:
		if (type->codes == model->yesno && !type->set)
			return "yes or no";
		return text_format(model->arena, "%s%.*s", type->set ? of : "a code of ",
				   TEXT_ARG(type->codes->name)).at;
	case KIND_DATE:
		return type->set ? "a set of dates" : "a date";
	case KIND_DURATION:
		return "a duration";
	case KIND_ID:
		return type->set ? "a set of ids" : "an id";
	case KIND_OID:
		return type->set ? "a set of oids" : "an oid";
	case KIND_REF:
		return text_format(model->arena, "%s%s%.*s", of, type->set ? "" : article(type->record->name),
				   TEXT_ARG(type->record->name)).at;
	}
	return "";
}

/* Records ---------------------------------------------------------------------------------------- */

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

uint32_t need_bearer(struct model *model, const struct node *name)
{
	struct diag *diag;

	if (model->bearers)
		return need_code(model, model->bearers, name->text, name->span);
	diag = diag_add(model->diags, DIAG_NEEDS_CODES, name->span,
			"no code set says who bears duties, makes judgements and changes records");
	diag_help(model->diags, diag, "declare `codes bearer`, for example: codes bearer organiser, producer");
	return NOWHERE;
}

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

bool check_audience(struct model *model, const struct node *node)
{
	struct diag *diag;

	if (text_equal(node->text, TEXT("requester")))
		return true;
	diag = diag_add(model->diags, DIAG_AUDIENCE, node->name, "`%.*s` is no audience", TEXT_ARG(node->text));
	diag_help(model->diags, diag, "facts are shown to the requester, or to reviewers only: `shown to requester`");
	return false;
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

void check_record(struct model *model, struct part *part, struct node *node)
{
	struct decl *decl = find_global(model, part, node->text, NULL);
	struct record *record = decl && decl->kind == DECL_RECORD ? decl->thing : NULL;
	const struct node *refreshed = node_child(node, N_REFRESHED);
	const struct node *common = node_child(part->node, N_REFRESHED);
	uint32_t count = 0;

	if (!record || record->span.at != node->name.at || record->span.source != node->name.source)
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

void check_record_musts(struct model *model, struct part *part, struct node *node)
{
	struct decl *decl = find_global(model, part, node->text, NULL);
	struct record *record = decl && decl->kind == DECL_RECORD ? decl->thing : NULL;
	struct scope scope = { .model = model, .part = part, .self = record };
	uint32_t count = 0;

	if (!record || record->span.at != node->name.at || record->span.source != node->name.source)
		return;
	for (const struct node *child = node->first; child; child = child->next)
		count += child->kind == N_MUST;
	record->musts = ARENA_ARRAY(model->arena, count, struct cond *);
	record->must_spans = ARENA_ARRAY(model->arena, count, struct span);
	for (const struct node *child = node->first; child; child = child->next) {
		struct cond *cond = child->kind == N_MUST ? cond_resolve(&scope, child->first) : NULL;

		if (!cond)
			continue;
		record->must_spans[record->nmusts] = child->span;
		record->musts[record->nmusts++] = cond;
	}
}
