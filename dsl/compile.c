/* SPDX-License-Identifier: EUPL-1.2 */
/* The compiler's front: files in, stages in order, messages and dumps out. */
#include <rko/compile.h>

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dsl/check/model.h"
#include "dsl/diagram/build.h"
#include "dsl/diagram/passes.h"
#include "dsl/emit/emit.h"
#include "dsl/syntax/parse.h"
#include "dsl/syntax/unicode.h"
#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/limits.h"

enum { MEMORY_TO_SAY_SO = 256 * 1024 };

/* Which file it is, whatever path leads to it. */
struct file_id {
	dev_t device;
	ino_t number;
};

struct rko_compiler {
	struct arena arena;
	struct sources sources;
	struct diags diags;
	struct node **files;
	uint32_t nfiles;
	size_t cap_files;
	struct model *model;
	struct decision **decisions;
	uint32_t *readings;
	struct file_id *ids;	/* of the files that were read: one that is named twice is read once */
	size_t nids, cap_ids;
	struct text named;	/* the paths that were named */
	struct buf text;	/* of the last messages, dump or report */
	struct buf image;
	enum rko_stage reached;
	bool ran;
};

enum rko_status rko_compiler_new(struct rko_compiler **ret_compiler)
{
	struct rko_compiler *compiler = calloc(1, sizeof *compiler);

	if (!compiler)
		return RKO_NO_MEMORY;
	arena_init(&compiler->arena, LIMIT_COMPILE_BYTES);
	sources_init(&compiler->sources, &compiler->arena);
	diags_init(&compiler->diags, &compiler->arena, &compiler->sources);
	*ret_compiler = compiler;
	return RKO_OK;
}

void rko_compiler_free(struct rko_compiler *compiler)
{
	if (!compiler)
		return;
	arena_free(&compiler->arena);
	buf_release(&compiler->text);
	buf_release(&compiler->image);
	free(compiler);
}

/* Runs `act` with memory that may run out: then RKO_NO_MEMORY. May be nested. */
static enum rko_status guarded(struct rko_compiler *compiler,
			       void (*act)(struct rko_compiler *, const void *), const void *with)
{
	jmp_buf *volatile outer = compiler->arena.escape;
	jmp_buf escape;

	if (setjmp(escape)) {
		compiler->arena.escape = outer;
		return RKO_NO_MEMORY;
	}
	compiler->arena.escape = &escape;
	act(compiler, with);
	compiler->arena.escape = outer;
	return RKO_OK;
}

/* Files ------------------------------------------------------------------------------------------- */

static void add_path(struct rko_compiler *compiler, const void *with);

static bool is_policy(const char *name)
{
	size_t length = strlen(name);

	return length > 4 && strcmp(name + length - 4, ".rko") == 0;
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

struct folder {
	const char *path;
	struct dirent **entries;
	int count;
};

static void add_entries(struct rko_compiler *compiler, const void *with)
{
	const struct folder *folder = with;
	size_t length = strlen(folder->path);

	for (int i = 0; i < folder->count; i++) {
		struct text below = text_format(&compiler->arena, "%s%s%s", folder->path,
						length && folder->path[length - 1] == '/' ? "" : "/",
						folder->entries[i]->d_name);
		struct stat about;

		if (stat(below.at, &about) == 0 && (S_ISDIR(about.st_mode) || is_policy(below.at)))
			add_path(compiler, below.at);
	}
}

static void add_folder(struct rko_compiler *compiler, const char *path)
{
	struct folder folder = { .path = path };
	enum rko_status status;

	folder.count = scandir(path, &folder.entries, visible, alphasort);
	if (folder.count < 0) {
		diag_add(&compiler->diags, DIAG_UNREADABLE, SPAN_NONE, "%s: %s", path, strerror(errno));
		return;
	}
	status = guarded(compiler, add_entries, &folder);
	for (int i = 0; i < folder.count; i++)
		free(folder.entries[i]);
	free(folder.entries);
	if (status != RKO_OK)
		arena_give_up(&compiler->arena);
}

static bool room_for_file(struct rko_compiler *compiler)
{
	if (compiler->sources.count < LIMIT_FILES)
		return true;
	diag_add(&compiler->diags, DIAG_LIMIT_FILES, SPAN_NONE, "more than %d files", LIMIT_FILES);
	return false;
}

/* Whether the file was read before; from now on it was. */
static bool was_read(struct rko_compiler *compiler, const struct stat *about)
{
	for (size_t i = 0; i < compiler->nids; i++)
		if (compiler->ids[i].device == about->st_dev && compiler->ids[i].number == about->st_ino)
			return true;
	compiler->ids = arena_grow(&compiler->arena, compiler->ids, compiler->nids, &compiler->cap_ids,
				   sizeof *compiler->ids);
	compiler->ids[compiler->nids++] = (struct file_id){ about->st_dev, about->st_ino };
	return false;
}

/* Cases and facts are written in YAML, and are no policies. */
static bool is_yaml(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

static void add_path(struct rko_compiler *compiler, const void *with)
{
	const char *path = with;
	struct diag *diag;
	struct stat about;
	uint32_t source;

	if (stat(path, &about) != 0)
		about.st_mode = 0;	/* reading it says why */
	if (S_ISDIR(about.st_mode)) {
		add_folder(compiler, path);
		return;
	}
	if (is_yaml(path)) {
		diag = diag_add(&compiler->diags, DIAG_UNREADABLE, SPAN_NONE,
				"%s: this is no policy: cases and facts are written in YAML", path);
		diag_help(&compiler->diags, diag, "name a policy file, which ends in .rko, or a folder of them");
		return;
	}
	if (!room_for_file(compiler) || (S_ISREG(about.st_mode) && was_read(compiler, &about)))
		return;
	switch (source_read(&compiler->sources, path, LIMIT_FILE_BYTES, &source)) {
	case SOURCE_OK:
		break;
	case SOURCE_UNREADABLE:
		diag_add(&compiler->diags, DIAG_UNREADABLE, SPAN_NONE, "%s: %s", path, strerror(errno));
		break;
	case SOURCE_TOO_LARGE:
		diag_add(&compiler->diags, DIAG_LIMIT_FILE, SPAN_NONE,
			 "%s: a policy file has at most %u bytes", path, LIMIT_FILE_BYTES);
		break;
	case SOURCE_NO_MEMORY:	/* not with an escape */
		break;
	}
}

static void add_named(struct rko_compiler *compiler, const void *with)
{
	compiler->named = text_format(&compiler->arena, "%.*s%s%s", TEXT_ARG(compiler->named),
				      compiler->named.len ? ", " : "", (const char *)with);
	add_path(compiler, with);
}

enum rko_status rko_compiler_add(struct rko_compiler *compiler, const char *path)
{
	if (compiler->ran)
		return RKO_ARGUMENT;
	return guarded(compiler, add_named, path);
}

struct given_text {
	const char *name;
	struct text text;
};

static void add_given(struct rko_compiler *compiler, const void *with)
{
	const struct given_text *given = with;

	if (!room_for_file(compiler))
		return;
	if (given->text.len > LIMIT_FILE_BYTES) {
		diag_add(&compiler->diags, DIAG_LIMIT_FILE, SPAN_NONE,
			 "%s: a policy file has at most %u bytes", given->name, LIMIT_FILE_BYTES);
		return;
	}
	source_add(&compiler->sources, text_from(given->name), given->text);
}

enum rko_status rko_compiler_add_text(struct rko_compiler *compiler, const char *name, const char *text,
				      size_t length)
{
	struct given_text given = { name, { text, length } };

	if (compiler->ran)
		return RKO_ARGUMENT;
	return guarded(compiler, add_given, &given);
}

/* Stages ------------------------------------------------------------------------------------------ */

static int compare_sources(const void *a, const void *b)
{
	return text_compare(((const struct source *)a)->path, ((const struct source *)b)->path);
}

/* A copy of a file beside it would declare everything twice: that is said once. */
static bool is_copy(struct rko_compiler *compiler, uint32_t source)
{
	const struct source *list = compiler->sources.list;
	struct diag *diag;

	for (uint32_t i = 0; i < source; i++) {
		if (!list[source].text.len || !text_equal(list[i].text, list[source].text))
			continue;
		diag = diag_add(&compiler->diags, DIAG_DUPLICATE, (struct span){ source, 0, 0 },
				"this file says the same as %.*s, word for word", TEXT_ARG(list[i].path));
		diag_help(&compiler->diags, diag, "a folder stands for every .rko file in it: move the copy away");
		return true;
	}
	return false;
}

static void parse(struct rko_compiler *compiler)
{
	struct sources *sources = &compiler->sources;

	/* In the order of their paths, whatever the order they were named in. */
	if (sources->count)
		qsort(sources->list, sources->count, sizeof *sources->list, compare_sources);
	for (uint32_t i = 0; i < sources->count; i++) {
		if (is_copy(compiler, i) || !unicode_check(&compiler->diags, i))
			continue;
		compiler->files = arena_grow(&compiler->arena, compiler->files, compiler->nfiles,
					     &compiler->cap_files, sizeof *compiler->files);
		compiler->files[compiler->nfiles++] = parse_source(&compiler->arena, &compiler->diags, i);
	}
}

static void build(struct rko_compiler *compiler, enum rko_stage stage)
{
	struct model *model = compiler->model;

	compiler->readings = ARENA_ARRAY(&compiler->arena, model->nreadings + 1, uint32_t);
	for (uint32_t i = 0; i < model->nreadings; i++)
		compiler->readings[i] = model->readings[i]->chosen;
	compiler->decisions = ARENA_ARRAY(&compiler->arena, model->nquestions + 1, struct decision *);
	for (uint32_t i = 0; i < model->nquestions; i++) {
		struct decision *decision = decision_build(model, model->questions[i], compiler->readings);

		compiler->decisions[i] = decision;
		if (stage < RKO_STAGE_DIAGRAM || compiler->diags.errors)
			continue;
		decision_possible(decision);
		decision_analyse(decision);
		decision_laws(decision);
		decision_audience(decision);
		if (!compiler->diags.errors)
			decision_prove(decision);
	}
}

static void report_nothing(struct rko_compiler *compiler)
{
	struct diag *diag = diag_add(&compiler->diags, DIAG_UNREADABLE, SPAN_NONE, "there is no file ending in .rko%s%.*s",
				     compiler->named.len ? ": " : "", TEXT_ARG(compiler->named));

	diag_help(&compiler->diags, diag, "name the folder in which the policies are; for cases, with --policy=FOLDER");
}

static void run(struct rko_compiler *compiler, const void *with)
{
	enum rko_stage stage = *(const enum rko_stage *)with;

	compiler->reached = RKO_STAGE_TOKENS;
	if (stage == RKO_STAGE_TOKENS && !compiler->diags.errors)
		return;
	if (!compiler->sources.count && !compiler->diags.errors)
		report_nothing(compiler);
	parse(compiler);
	compiler->reached = RKO_STAGE_AST;
	if (stage == RKO_STAGE_AST || compiler->diags.errors)
		return;
	compiler->model = model_check(&compiler->arena, &compiler->diags, compiler->files, compiler->nfiles);
	if (compiler->diags.errors)	/* a model with holes: nothing is said of it */
		return;
	compiler->reached = RKO_STAGE_CHECK;
	if (stage == RKO_STAGE_CHECK)
		return;
	build(compiler, stage);
	compiler->reached = stage < RKO_STAGE_DIAGRAM ? RKO_STAGE_RULES : RKO_STAGE_DIAGRAM;
	if (stage < RKO_STAGE_IMAGE || compiler->diags.errors)
		return;
	emit_image(&compiler->image, compiler->model, compiler->decisions, &compiler->diags);
	if (!compiler->diags.errors)
		compiler->reached = RKO_STAGE_IMAGE;
}

/* The bound on memory was passed, and not the machine's: that is said, in a little more of it. */
static void report_memory(struct rko_compiler *compiler, const void *with)
{
	struct diag *diag;

	(void)with;
	compiler->arena.max += compiler->arena.max / 8 + MEMORY_TO_SAY_SO;
	diag = diag_add(&compiler->diags, DIAG_LIMIT_MEMORY, SPAN_NONE,
			"the policies need more than %zu MiB to be compiled", (size_t)(LIMIT_COMPILE_BYTES >> 20));
	diag_help(&compiler->diags, diag, "compile fewer files at a time, or ask for fewer different things");
}

enum rko_status rko_compiler_run(struct rko_compiler *compiler, enum rko_stage stage)
{
	enum rko_status status;

	if (compiler->ran)
		return RKO_ARGUMENT;
	compiler->ran = true;
	status = guarded(compiler, run, &stage);
	if (status == RKO_NO_MEMORY && compiler->arena.at_max)
		status = guarded(compiler, report_memory, NULL);
	if (status != RKO_OK)
		return status;
	diags_finish(&compiler->diags);
	return compiler->diags.errors ? RKO_POLICY_ERRORS : RKO_OK;
}

/* What came out ----------------------------------------------------------------------------------- */

size_t rko_compiler_errors(const struct rko_compiler *compiler)
{
	return compiler->diags.errors;
}

size_t rko_compiler_warnings(const struct rko_compiler *compiler)
{
	return compiler->diags.warnings;
}

size_t rko_compiler_notes(const struct rko_compiler *compiler)
{
	return compiler->diags.count - compiler->diags.errors - compiler->diags.warnings;
}

struct messages {
	enum rko_messages form;
	size_t most;
	bool notes;
};

static void show(struct rko_compiler *compiler, const void *with)
{
	const struct messages *messages = with;

	if (messages->form == RKO_MESSAGES_JSON)
		diags_json(&compiler->diags, &compiler->text, messages->notes);
	else
		diags_text(&compiler->diags, &compiler->text, messages->form == RKO_MESSAGES_COLOUR,
			   messages->most, messages->notes);
}

static const char *text_of(struct rko_compiler *compiler, enum rko_status status)
{
	if (status != RKO_OK || buf_failed(&compiler->text))
		return NULL;
	return compiler->text.at ? compiler->text.at : "";
}

const char *rko_compiler_messages(struct rko_compiler *compiler, enum rko_messages form, size_t most, int notes)
{
	struct messages messages = { form, most, notes };

	buf_reset(&compiler->text);
	return text_of(compiler, guarded(compiler, show, &messages));
}

static void dump_rules(struct rko_compiler *compiler, const struct decision *decision)
{
	struct buf *out = &compiler->text;

	buf_printf(out, "request %.*s\n\nfeatures\n", TEXT_ARG(decision->question->name));
	plan_dump(out, &decision->plan);
	buf_string(out, "\nrules\n");
	for (uint32_t i = 0; i < decision->nrules; i++) {
		const struct built_rule *built = &decision->rules[i];

		if (built->rule->item == ITEM_LAW)
			continue;
		buf_printf(out, "  %.*s: ", TEXT_ARG(built->rule->name));
		expr_dump(out, &decision->plan, built->on);
		buf_char(out, '\n');
	}
	buf_char(out, '\n');
}

static void dump(struct rko_compiler *compiler, const void *with)
{
	enum rko_stage stage = *(const enum rko_stage *)with;
	struct buf *out = &compiler->text;

	switch (stage) {
	case RKO_STAGE_TOKENS:
		for (uint32_t i = 0; i < compiler->sources.count; i++) {
			buf_printf(out, "%.*s\n", TEXT_ARG(compiler->sources.list[i].path));
			tokens_dump(out, &compiler->sources, i);
		}
		break;
	case RKO_STAGE_AST:
		for (uint32_t i = 0; i < compiler->nfiles; i++)
			ast_dump(out, &compiler->sources, compiler->files[i], true);
		break;
	case RKO_STAGE_CHECK:
		model_dump(out, compiler->model);
		break;
	case RKO_STAGE_RULES:
		for (uint32_t i = 0; i < compiler->model->nquestions; i++)
			dump_rules(compiler, compiler->decisions[i]);
		break;
	case RKO_STAGE_DIAGRAM:
		for (uint32_t i = 0; i < compiler->model->nquestions; i++)
			decision_dump(out, compiler->decisions[i]);
		break;
	case RKO_STAGE_IMAGE:
		emit_dump(out, &compiler->image);
		break;
	}
}

const char *rko_compiler_dump(struct rko_compiler *compiler, enum rko_stage stage)
{
	if (!compiler->ran || stage > compiler->reached)
		return NULL;
	buf_reset(&compiler->text);
	return text_of(compiler, guarded(compiler, dump, &stage));
}

static void report(struct rko_compiler *compiler, const void *with)
{
	(void)with;
	for (uint32_t i = 0; i < compiler->model->nquestions; i++)
		decision_report(&compiler->text, compiler->decisions[i]);
}

const char *rko_compiler_report(struct rko_compiler *compiler)
{
	if (!compiler->ran || compiler->reached < RKO_STAGE_DIAGRAM)
		return NULL;
	buf_reset(&compiler->text);
	return text_of(compiler, guarded(compiler, report, NULL));
}

const void *rko_compiler_image(const struct rko_compiler *compiler, size_t *ret_size)
{
	if (compiler->reached < RKO_STAGE_IMAGE)
		return NULL;
	*ret_size = compiler->image.len;
	return compiler->image.at;
}

const char *rko_explain_code(unsigned code, const char **ret_text)
{
	const struct diag_about *about = diag_about(code);

	if (!about)
		return NULL;
	*ret_text = about->text;
	return about->title;
}

unsigned rko_code_at(size_t index)
{
	return index < diag_about_count ? diag_abouts[index].number : 0;
}
