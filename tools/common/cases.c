/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/common/cases.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tools/common/cli.h"

/* What a file holds, and what it takes over from the one it is based on. */
struct case_file {
	struct fact_reader *reader;
	struct arena *arena;
	struct text path;
	struct yaml_node root;
	struct case_file *base;
	struct case_row *rows;
	size_t nrows, cap_rows;
};

static const struct yaml_node *own(const struct case_file *file, const char *key)
{
	return yaml_get(&file->root, key);
}

/* What the file says, or the one below it. */
static const struct yaml_node *inherited(const struct case_file *file, const char *key)
{
	const struct yaml_node *node = NULL;

	for (; file && !node; file = file->base)
		node = own(file, key);
	return node;
}

static bool fault(struct case_file *file, enum diag_code code, yaml_place place, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static bool fault(struct case_file *file, enum diag_code code, yaml_place place, const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	yaml_fault(file->reader->files, code, place, "%s", text);
	return false;
}

static bool expect_kind(struct case_file *file, const struct yaml_node *node, enum yaml_kind kind)
{
	static const char *const words[] = { "a value", "a list", "entries of the form `name: value`" };

	if (node->kind == kind)
		return true;
	if (kind == YAML_LIST && node->kind == YAML_TEXT && node->text.len)
		return fault(file, DIAG_YAML_SHAPE, node->place, "a list is expected here: [%.*s]", TEXT_ARG(node->text));
	return fault(file, DIAG_YAML_SHAPE, node->place, "%s is expected here", words[kind]);
}

/* Says what is nearest, or else what there is. */
static bool unknown_key(struct case_file *file, const struct yaml_pair *pair, const char *const *keys)
{
	struct diags *diags = &file->reader->files->diags;
	struct cli_near near = cli_near(pair->key.at);
	struct diag *diag = yaml_fault(file->reader->files, DIAG_YAML_SHAPE, pair->place, "`%.*s` has no meaning here",
				       TEXT_ARG(pair->key));
	struct text list = { "", 0 };

	for (size_t i = 0; keys[i]; i++) {
		cli_near_try(&near, keys[i]);
		list = text_format(file->arena, "%.*s%s%s", TEXT_ARG(list), i ? ", " : "", keys[i]);
	}
	if (near.nearest)
		diag_help(diags, diag, "the nearest is `%s`", near.nearest);
	else
		diag_help(diags, diag, "here may stand: %.*s", TEXT_ARG(list));
	return false;
}

static bool known_keys(struct case_file *file, const struct yaml_node *map, const char *const *keys)
{
	for (size_t i = 0; i < map->count; i++) {
		bool known = false;

		for (size_t j = 0; keys[j] && !known; j++)
			known = text_equal(map->pairs[i].key, text_from(keys[j]));
		if (!known)
			return unknown_key(file, &map->pairs[i], keys);
	}
	return true;
}

/* The keys of a case; a variant has the same. */
static const char *const case_keys[] = { "id", "name", "rules", "as", "at", "on", "request", "change", "remove",
					 "recorded", "refreshed", "expect", "outside", NULL };

/* Rows -------------------------------------------------------------------------------------------- */

struct rows {
	struct case_row *list;
	size_t count, cap;
};

static void add_row(struct arena *arena, struct rows *rows, const struct fact_row *row)
{
	rows->list = arena_grow(arena, rows->list, rows->count, &rows->cap, sizeof *rows->list);
	rows->list[rows->count++] = (struct case_row){ .row = *row };
}

static bool same_value(const struct yaml_node *a, const struct yaml_node *b)
{
	if (!a || !b || a->kind != b->kind || a->count != b->count)
		return false;
	if (a->kind == YAML_TEXT)
		return text_equal(a->text, b->text);
	for (size_t i = 0; i < a->count; i++)
		if (a->kind == YAML_MAP || !same_value(&a->items[i], &b->items[i]))
			return false;
	return true;
}

/* Whether the row has everything that `wanted` says, of its first `fields` fields. */
static bool row_matches(const struct fact_row *row, const struct fact_row *wanted, uint32_t fields)
{
	if (row->kind != wanted->kind)
		return false;
	for (uint32_t i = 0; i < fields; i++)
		if (wanted->fields[i] && !same_value(row->fields[i], wanted->fields[i]))
			return false;
	return true;
}

/* How many rows match; *ret_at is the last of them. */
static size_t find_rows(const struct rows *rows, const struct fact_row *wanted, uint32_t fields, size_t *ret_at)
{
	size_t found = 0;

	for (size_t i = 0; i < rows->count; i++) {
		if (!row_matches(&rows->list[i].row, wanted, fields))
			continue;
		*ret_at = i;
		found++;
	}
	return found;
}

struct kind_size {
	uint32_t fields, key;
};

static struct kind_size size_of(const struct case_file *file, uint32_t kind)
{
	struct rko_kind_about about;

	rko_kind_about(file->reader->policy, kind, &about);
	return (struct kind_size){ about.fields, about.key_fields };
}

static void merge_row(struct fact_row *into, const struct fact_row *from, uint32_t fields)
{
	for (uint32_t i = 0; i < fields; i++)
		if (from->fields[i])
			into->fields[i] = from->fields[i];
	into->place = from->place;
}

/* A row that is there for the first time has every field; one that was to be changed is misspelt, most likely. */
static bool is_whole(struct case_file *file, const struct fact_row *row)
{
	struct rko_kind_about about;
	struct text lacks = { "", 0 };

	rko_kind_about(file->reader->policy, row->kind, &about);
	for (uint32_t i = 0; i < about.fields; i++) {
		struct rko_kind_field_about field;

		rko_kind_field(file->reader->policy, row->kind, i, RKO_EN, &field);
		if (!row->fields[i] && !field.derived && !field.may_be_unknown)
			lacks = text_format(file->arena, "%.*s%s%s", TEXT_ARG(lacks), lacks.len ? ", " : "", field.name);
	}
	if (!lacks.len)
		return true;
	return fault(file, DIAG_FACT_MISSING, row->place, "no row of %s has this key, and a new one lacks %.*s", about.name,
		     TEXT_ARG(lacks));
}

static const char *const match_key = "match";

/* One row of `change`: merged into the one it picks, or new. */
static bool change_row(struct case_file *file, struct rows *rows, uint32_t kind, const struct yaml_node *id,
		       const struct yaml_node *fields)
{
	const struct yaml_node *match = fields->kind == YAML_MAP ? yaml_get(fields, match_key) : NULL;
	struct kind_size size = size_of(file, kind);
	struct fact_row change, wanted;
	struct yaml_node without = *fields;
	uint32_t given = 0;
	size_t at = 0, found;

	if (match) {	/* the others are the changes */
		without = (struct yaml_node){ .kind = YAML_MAP, .place = fields->place };
		without.pairs = ARENA_ARRAY(file->arena, fields->count, struct yaml_pair);
		for (size_t i = 0; i < fields->count; i++)
			if (&fields->pairs[i].value != match)
				without.pairs[without.count++] = fields->pairs[i];
		if (!expect_kind(file, match, YAML_MAP) || !facts_row(file->reader, kind, NULL, match, &wanted))
			return false;
	}
	if (!facts_row(file->reader, kind, id, &without, &change))
		return false;
	if (match) {
		found = find_rows(rows, &wanted, size.fields, &at);
	} else {
		for (uint32_t i = 0; i < size.key; i++)
			given += change.fields[i] != NULL;
		found = find_rows(rows, &change, size.key, &at);
		if (!found && given == size.key)
			return is_whole(file, &change) && (add_row(file->arena, rows, &change), true);
	}
	if (found != 1)
		return fault(file, DIAG_CASE_UNKNOWN, change.place, "%zu rows match; a change picks exactly one", found);
	merge_row(&rows->list[at].row, &change, size.fields);
	return true;
}

/* Goes through the rows under a kind, as a map by id or as a list. */
static bool each_row(struct case_file *file, struct rows *rows, const struct yaml_pair *kind_pair,
		     bool (*act)(struct case_file *file, struct rows *rows, uint32_t kind, const struct yaml_node *id,
				 const struct yaml_node *fields))
{
	const struct yaml_node *node = &kind_pair->value;
	uint32_t kind = facts_kind(file->reader, kind_pair->key, kind_pair->place);

	if (kind == RKO_NOTHING)
		return false;
	if (node->kind == YAML_TEXT && !node->text.len)
		return true;
	if (node->kind == YAML_MAP && size_of(file, kind).key == 1) {
		for (size_t i = 0; i < node->count; i++) {
			struct yaml_node *id = ARENA_NEW(file->arena, struct yaml_node);

			*id = (struct yaml_node){ .kind = YAML_TEXT, .text = node->pairs[i].key,
						  .place = node->pairs[i].place };
			if (!act(file, rows, kind, id, &node->pairs[i].value))
				return false;
		}
		return true;
	}
	if (!expect_kind(file, node, YAML_LIST))
		return false;
	for (size_t i = 0; i < node->count; i++)
		if (!act(file, rows, kind, NULL, &node->items[i]))
			return false;
	return true;
}

static bool each_kind(struct case_file *file, struct rows *rows, const struct yaml_node *node,
		      bool (*act)(struct case_file *file, struct rows *rows, uint32_t kind,
				  const struct yaml_node *id, const struct yaml_node *fields))
{
	if (!node)
		return true;
	if (!expect_kind(file, node, YAML_MAP))
		return false;
	for (size_t i = 0; i < node->count; i++)
		if (!each_row(file, rows, &node->pairs[i], act))
			return false;
	return true;
}

static bool state_row(struct case_file *file, struct rows *rows, uint32_t kind, const struct yaml_node *id,
		      const struct yaml_node *fields)
{
	struct fact_row row;

	if (!facts_row(file->reader, kind, id, fields, &row))
		return false;
	add_row(file->arena, rows, &row);
	return true;
}

/* What a removal or a time names: an id, or some fields. */
static bool wanted_row(struct case_file *file, uint32_t kind, const struct yaml_node *fields, struct fact_row *wanted)
{
	static const struct yaml_node nothing = { .kind = YAML_TEXT };

	if (fields->kind == YAML_TEXT && size_of(file, kind).key == 1)
		return facts_row(file->reader, kind, fields, &nothing, wanted);
	return facts_row(file->reader, kind, NULL, fields, wanted);
}

static bool remove_row(struct case_file *file, struct rows *rows, uint32_t kind, const struct yaml_node *id,
		       const struct yaml_node *fields)
{
	struct kind_size size = size_of(file, kind);
	struct fact_row wanted;
	size_t kept = 0, before = rows->count;

	(void)id;
	if (!wanted_row(file, kind, fields, &wanted))
		return false;
	for (size_t i = 0; i < rows->count; i++)
		if (!row_matches(&rows->list[i].row, &wanted, size.fields))
			rows->list[kept++] = rows->list[i];
	rows->count = kept;
	if (kept == before)
		return fault(file, DIAG_CASE_UNKNOWN, fields->place, "there is no such row to remove");
	return true;
}

static bool record_row(struct case_file *file, struct rows *rows, uint32_t kind, const struct yaml_node *id,
		       const struct yaml_node *fields)
{
	const struct yaml_node *at;
	struct yaml_node without = { .kind = YAML_MAP, .place = fields->place };
	struct fact_row wanted;
	int64_t instant;
	size_t found = 0;

	(void)id;
	if (!expect_kind(file, fields, YAML_MAP))
		return false;
	at = yaml_get(fields, "at");
	if (!at)
		return fault(file, DIAG_FACT_MISSING, fields->place, "`at` says when it became known");
	without.pairs = ARENA_ARRAY(file->arena, fields->count, struct yaml_pair);
	for (size_t i = 0; i < fields->count; i++)
		if (&fields->pairs[i].value != at)
			without.pairs[without.count++] = fields->pairs[i];
	if (!facts_instant(file->reader, at, &instant) || !facts_row(file->reader, kind, NULL, &without, &wanted))
		return false;
	for (size_t i = 0; i < rows->count; i++) {
		if (!row_matches(&rows->list[i].row, &wanted, size_of(file, kind).fields))
			continue;
		rows->list[i].has_recorded = true;
		rows->list[i].recorded = instant;
		found++;
	}
	return found ? true : fault(file, DIAG_CASE_UNKNOWN, fields->place, "there is no such row");
}

/* Files ------------------------------------------------------------------------------------------- */

static struct case_file *read_file(struct fact_reader *reader, const char *path, unsigned depth)
{
	static const char *const keys[] = { "base", "name", "facts", "requests", "request", "at", "refreshed",
					    "variants", "cases", NULL };
	struct arena *arena = &reader->files->arena;
	struct case_file *file = ARENA_NEW(arena, struct case_file);
	const struct yaml_node *base;
	struct rows rows = { 0 };

	*file = (struct case_file){ .reader = reader, .arena = arena, .path = text_copy(arena, text_from(path)) };
	if (!yaml_read(reader->files, path, LIMIT_YAML_CASE_BYTES, &file->root) ||
	    !known_keys(file, &file->root, keys))
		return NULL;
	base = own(file, "base");
	if (base) {
		const char *slash = strrchr(path, '/');
		int folder = slash ? (int)(slash - path) + 1 : 0;

		if (!expect_kind(file, base, YAML_TEXT))
			return NULL;
		if (depth > LIMIT_YAML_DEPTH) {
			fault(file, DIAG_YAML_LIMIT, base->place, "files are based on one another in a circle, or too deeply");
			return NULL;
		}
		file->base = read_file(reader, text_format(arena, "%.*s%.*s", folder, path, TEXT_ARG(base->text)).at,
				       depth + 1);
		if (!file->base)
			return NULL;
		for (size_t i = 0; i < file->base->nrows; i++)
			add_row(arena, &rows, &file->base->rows[i].row);
	}
	/* What the base says may be said otherwise: a row with the same key replaces fields. */
	if (!each_kind(file, &rows, own(file, "facts"), base ? change_row : state_row))
		return NULL;
	file->rows = rows.list;
	file->nrows = rows.count;
	return file;
}

/* Putting a case together -------------------------------------------------------------------------- */

struct build {
	struct case_file *file;
	struct test_case *out;
	struct rows rows;
	size_t cap_refreshed;
	bool has_at;
	unsigned depth;
};

/* A variant by its name, or a case by its id, here or in a file below. */
static const struct yaml_node *find_part(struct case_file *file, struct text name)
{
	for (; file; file = file->base) {
		const struct yaml_node *variants = own(file, "variants"), *cases = own(file, "cases");
		const struct yaml_node *part = variants ? yaml_get(variants, name.at) : NULL;

		for (size_t i = 0; !part && cases && cases->kind == YAML_LIST && i < cases->count; i++) {
			const struct yaml_node *id = yaml_get(&cases->items[i], "id");

			if (id && id->kind == YAML_TEXT && text_equal(id->text, name))
				part = &cases->items[i];
		}
		if (part)
			return part;
	}
	return NULL;
}

static const struct yaml_node *named_request(struct case_file *file, const struct yaml_node *name)
{
	const struct yaml_node *found = NULL;

	if (!expect_kind(file, name, YAML_TEXT))
		return NULL;
	for (struct case_file *at = file; at && !found; at = at->base)
		if (own(at, "requests"))
			found = yaml_get(own(at, "requests"), name->text.at);
	if (!found)
		fault(file, DIAG_CASE_UNKNOWN, name->place, "there is no request `%.*s`", TEXT_ARG(name->text));
	return found && expect_kind(file, found, YAML_MAP) ? found : NULL;
}

static bool apply_request(struct build *build, const struct yaml_node *request)
{
	struct arena *arena = build->file->arena;
	const struct yaml_node *like;
	struct yaml_node without = { .kind = YAML_MAP };

	if (request->kind == YAML_TEXT) {
		like = named_request(build->file, request);
		if (!like)
			return false;
		build->out->request = request_merge(arena, like, NULL);
		return true;
	}
	if (!expect_kind(build->file, request, YAML_MAP))
		return false;
	like = yaml_get(request, "like");
	without.place = request->place;
	without.pairs = ARENA_ARRAY(arena, request->count + 1, struct yaml_pair);
	for (size_t i = 0; i < request->count; i++)
		if (&request->pairs[i].value != like)
			without.pairs[without.count++] = request->pairs[i];
	if (like) {
		like = named_request(build->file, like);
		if (!like)
			return false;
		build->out->request = request_merge(arena, like, NULL);
	}
	build->out->request = request_merge(arena, &build->out->request, &without);
	return true;
}

static bool apply_refreshed(struct build *build, const struct yaml_node *node)
{
	struct test_case *out = build->out;

	if (!expect_kind(build->file, node, YAML_MAP))
		return false;
	for (size_t i = 0; i < node->count; i++) {
		struct case_refresh refresh = { .kind = facts_kind(build->file->reader, node->pairs[i].key,
								   node->pairs[i].place) };

		if (refresh.kind == RKO_NOTHING ||
		    !facts_instant(build->file->reader, &node->pairs[i].value, &refresh.instant))
			return false;
		out->refreshed = arena_grow(build->file->arena, out->refreshed, out->nrefreshed,
					    &build->cap_refreshed, sizeof *out->refreshed);
		out->refreshed[out->nrefreshed++] = refresh;
	}
	return true;
}

static bool apply(struct build *build, const struct yaml_node *part)
{
	struct case_file *file = build->file;
	const struct yaml_node *as, *node;

	if (!expect_kind(file, part, YAML_MAP) || !known_keys(file, part, case_keys))
		return false;
	if (++build->depth > LIMIT_NESTING)
		return fault(file, DIAG_YAML_LIMIT, part->place, "parts build on one another in a circle, or too deeply");
	as = yaml_get(part, "as");
	if (as && !expect_kind(file, as, YAML_LIST))
		return false;
	for (size_t i = 0; as && i < as->count; i++) {
		if (!expect_kind(file, &as->items[i], YAML_TEXT))
			return false;
		node = find_part(file, as->items[i].text);
		if (!node)
			return fault(file, DIAG_CASE_UNKNOWN, as->items[i].place, "there is no variant or case `%.*s`",
				     TEXT_ARG(as->items[i].text));
		if (!apply(build, node))
			return false;
	}
	node = yaml_get(part, "at");
	if (node) {
		if (!facts_instant(file->reader, node, &build->out->at))
			return false;
		build->has_at = true;
	}
	node = yaml_get(part, "on");
	if (node) {
		if (node->kind != YAML_TEXT || rko_day_parse(node->text.at, &build->out->day) != RKO_OK)
			return fault(file, DIAG_FACT_VALUE, node->place, "a date is expected here: 2026-07-10");
		build->out->has_day = true;
	}
	node = yaml_get(part, "request");
	if (node && !apply_request(build, node))
		return false;
	node = yaml_get(part, "refreshed");
	if (node && !apply_refreshed(build, node))
		return false;
	build->depth--;
	return each_kind(file, &build->rows, yaml_get(part, "change"), change_row) &&
	       each_kind(file, &build->rows, yaml_get(part, "remove"), remove_row) &&
	       each_kind(file, &build->rows, yaml_get(part, "recorded"), record_row);
}

static bool build_case(struct case_file *file, const struct yaml_node *node, struct test_case *out)
{
	struct build build = { .file = file, .out = out };
	const struct yaml_node *id = yaml_get(node, "id"), *name = yaml_get(node, "name"), *start;

	if (!expect_kind(file, node, YAML_MAP) || !known_keys(file, node, case_keys))
		return false;
	if (!id || id->kind != YAML_TEXT || !name || name->kind != YAML_TEXT)
		return fault(file, DIAG_YAML_SHAPE, node->place, "a case has an `id` and a `name`");
	out->id = id->text;
	out->name = name->text;
	out->place = node->place;
	out->file = file->path;
	out->rules = yaml_get(node, "rules");
	out->expect = yaml_get(node, "expect");
	start = yaml_get(node, "outside");
	if (start) {
		out->outside = start->text;
		return expect_kind(file, start, YAML_TEXT);
	}
	if (!out->expect || !expect_kind(file, out->expect, YAML_MAP))
		return out->expect ? false
				   : fault(file, DIAG_YAML_SHAPE, node->place, "the case expects nothing, and does not say why (`outside`)");
	for (size_t i = 0; i < file->nrows; i++)
		add_row(file->arena, &build.rows, &file->rows[i].row);
	start = inherited(file, "request");
	if (start && !apply_request(&build, start))
		return false;
	start = inherited(file, "at");
	if (start) {
		if (!facts_instant(file->reader, start, &out->at))
			return false;
		build.has_at = true;
	}
	start = inherited(file, "refreshed");
	if (start && !apply_refreshed(&build, start))
		return false;
	if (!apply(&build, node))
		return false;
	if (!build.has_at)
		return fault(file, DIAG_YAML_SHAPE, node->place, "the case has no instant (`at`)");
	out->rows = build.rows.list;
	out->nrows = build.rows.count;
	return true;
}

static bool is_new(struct case_file *file, const struct case_list *list, const struct test_case *out)
{
	for (size_t i = 0; i < list->count; i++) {
		struct diag *diag;

		if (!text_equal(list->list[i]->id, out->id))
			continue;
		diag = yaml_fault(file->reader->files, DIAG_YAML_DUPLICATE, out->place, "there are two cases `%.*s`",
				  TEXT_ARG(out->id));
		yaml_also(file->reader->files, diag, list->list[i]->place, "the other one");
		return false;
	}
	return true;
}

bool cases_read(struct fact_reader *reader, const char *path, struct case_list *list)
{
	struct case_file *file = read_file(reader, path, 0);
	const struct yaml_node *cases = file ? own(file, "cases") : NULL;

	if (!file || !cases)
		return file != NULL;
	if (!expect_kind(file, cases, YAML_LIST))
		return false;
	for (size_t i = 0; i < cases->count; i++) {
		struct test_case *out = ARENA_NEW(file->arena, struct test_case);

		if (!build_case(file, &cases->items[i], out) || !is_new(file, list, out))
			return false;
		list->list = arena_grow(file->arena, list->list, list->count, &list->cap, sizeof *list->list);
		list->list[list->count++] = out;
	}
	return true;
}

/* Asking ------------------------------------------------------------------------------------------ */

/* When the rows of one load became known. */
static int64_t first_recorded(const struct test_case *about)
{
	int64_t first = about->at;

	for (size_t i = 0; i < about->nrows; i++)
		if (about->rows[i].has_recorded && about->rows[i].recorded < first)
			first = about->rows[i].recorded;
	return first - 86400;
}

/* The next time at which something became known; false when there is none. */
static bool next_recorded(const struct test_case *about, int64_t after, int64_t *ret_next)
{
	bool any = false;

	for (size_t i = 0; i < about->nrows; i++) {
		const struct case_row *row = &about->rows[i];

		if (!row->has_recorded || row->recorded <= after || (any && row->recorded >= *ret_next))
			continue;
		*ret_next = row->recorded;
		any = true;
	}
	return any;
}

static bool refreshes(const struct test_case *about, uint32_t kind)
{
	for (size_t i = 0; i < about->nrefreshed; i++)
		if (about->refreshed[i].kind == kind)
			return true;
	return false;
}

static enum rko_status load_rows(struct fact_reader *reader, struct rko_policy *policy, struct rko_facts *facts,
				 const struct test_case *about, bool first, int64_t recorded)
{
	struct rko_load *load;
	struct rko_loaded loaded;
	enum rko_status status = rko_load_begin(facts, policy, &load, NULL);

	if (status != RKO_OK)
		return status;
	for (size_t i = 0; i < about->nrows && status == RKO_OK; i++) {
		const struct case_row *row = &about->rows[i];

		if (row->has_recorded ? !first && row->recorded == recorded : first)
			status = facts_stage(reader, load, &row->row, false);
	}
	for (uint32_t i = 0; first && i < rko_policy_kinds(reader->policy); i++)
		if (!refreshes(about, i))
			rko_load_refreshed(load, i, about->at);
	for (size_t i = 0; first && i < about->nrefreshed; i++)
		rko_load_refreshed(load, about->refreshed[i].kind, about->refreshed[i].instant);
	if (status == RKO_OK)
		status = rko_load_commit(load, recorded, &loaded);
	facts_faults(reader, load);
	rko_load_free(load);
	return status == RKO_OK && reader->files->diags.errors ? RKO_FACTS_REFUSED : status;
}

enum rko_status case_load(struct fact_reader *reader, struct rko_policy *policy, struct rko_facts *facts,
			  const struct test_case *about)
{
	int64_t recorded = first_recorded(about);
	enum rko_status status = load_rows(reader, policy, facts, about, true, recorded);

	while (status == RKO_OK && next_recorded(about, recorded, &recorded))
		status = load_rows(reader, policy, facts, about, false, recorded);
	return status;
}

struct rko_request *case_request(struct fact_reader *reader, struct rko_policy *policy, struct rko_facts *facts,
				 const struct test_case *about)
{
	struct rko_request *request = request_from(reader->files, policy, &about->request);
	uint32_t generation;

	if (!request)
		return NULL;
	rko_request_at(request, about->at);
	if (about->has_day)
		rko_request_on(request, about->day);
	if (rko_facts_generation_at(facts, about->at, &generation) == RKO_OK)
		rko_request_as_of(request, generation);
	return request;
}
