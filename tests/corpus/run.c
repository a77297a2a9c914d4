/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The corpus of the compiler: text cases with sections, compared with what the public API gives.
 *
 *   run [--update] [folder or file]…	from the root of the repository; without arguments the folders of `stages`
 *
 * A case is a file ending in .txt:
 *
 *   -- what it is about, one line or more
 *   == base kirjasto.rko		tests/corpus/base/kirjasto.rko is compiled too, under this name
 *   == source access.rko		a text; with `escapes` behind the name, \xHH \r \t \\ stand for bytes, and
 *					a \ at the end of a line joins it with the next
 *   == tokens | ast | check | rules | diagram	the dump of that stage; a word behind it (`check request`) leaves
 *					out what stands before the first line that begins with it
 *   == diags				each diagnostic: code, place, first line of the message
 *   == text				the diagnostics as they are shown in a terminal
 *   == json				the diagnostics as JSON
 *
 * Only the sections that are there are compared. A case goes as far as its sections ask: `diags`, `text` and
 * `json` go all the way to the image. A case with none of these three may have no error and no warning. In
 * expectations a byte that is no visible character is written \xHH and an invisible character \u{HHHH}.
 *
 * --update writes what came out into the sections that are there; look at the difference before keeping it.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include <rko/compile.h>

static const char root[] = "tests/corpus";
static const char *const stages[] = { "tokens", "ast", "check", "diag", "rules", "diagram" };

/* Codes that no text of a policy can bring about, or none of a size to be read. */
static const struct {
	unsigned from, to;
	const char *why;
} elsewhere[] = {
	{ 110, 112, "needs a large input: tests/limits" },
	{ 116, 116, "needs a large input: tests/unit/test_memory.c" },
	{ 716, 716, "a theorem: it guards the compiler, and no policy can break it" },
	{ 1101, 1104, "needs a large input: tests/limits" },
	{ 1201, 1299, "about files of facts, cases and requests, not about policies" },
	{ 1401, 1401, "the compiler against itself: no policy can break it" },
};

/* Text -------------------------------------------------------------------------------------------- */

struct text {
	char *at;
	size_t len;
	size_t cap;
};

static void add(struct text *text, const char *data, size_t size)
{
	if (text->len + size + 1 > text->cap) {
		text->cap = (text->len + size + 1) * 2;
		text->at = realloc(text->at, text->cap);
		if (!text->at)
			abort();
	}
	memcpy(text->at + text->len, data, size);
	text->len += size;
	text->at[text->len] = '\0';
}

__attribute__((format(printf, 2, 3))) static void addf(struct text *text, const char *format, ...)
{
	char line[4096];
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	if (size < 0 || (size_t)size >= sizeof line)
		abort();
	add(text, line, (size_t)size);
}

static void release(struct text *text)
{
	free(text->at);
	*text = (struct text){ 0 };
}

static bool read_file(const char *path, struct text *ret_text)
{
	FILE *file = fopen(path, "rb");
	char part[1 << 14];
	size_t got;

	if (!file)
		return false;
	add(ret_text, "", 0);
	while ((got = fread(part, 1, sizeof part, file)) > 0)
		add(ret_text, part, got);
	fclose(file);
	return true;
}

/* The code point at `at`, and its bytes; 0 bytes when it is not UTF-8. Overlong forms are of no matter here. */
static unsigned code_point(const char *at, size_t left, unsigned *ret_bytes)
{
	unsigned char first = (unsigned char)*at;
	unsigned bytes = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : (first & 0xf0) == 0xe0 ? 3
		       : first >= 0xf0 && first < 0xf5 ? 4 : 0;
	unsigned point = bytes == 1 ? first : first & (0x7fu >> bytes);

	*ret_bytes = 0;
	if (!bytes || bytes > left)
		return first;
	for (unsigned i = 1; i < bytes; i++) {
		if (((unsigned char)at[i] & 0xc0) != 0x80)
			return first;
		point = point << 6 | ((unsigned char)at[i] & 0x3f);
	}
	*ret_bytes = bytes;
	return point;
}

static bool invisible(unsigned point)
{
	return (point >= 0x80 && point < 0xa0) || point == 0xad || (point >= 0x300 && point < 0x370) ||
	       point == 0x61c || point == 0x115f || point == 0x1160 || (point >= 0x200b && point <= 0x200f) ||
	       (point >= 0x2028 && point <= 0x202e) || (point >= 0x2060 && point <= 0x206f) ||
	       point == 0x3164 || point == 0xfeff || point == 0xffa0 || point >= 0xe0000;
}

/* What came out, so that every byte of it can be seen in a file. */
static void add_shown(struct text *text, const char *data, size_t size)
{
	for (size_t i = 0; i < size;) {
		unsigned bytes, point = code_point(data + i, size - i, &bytes);

		if (!bytes || (point < 0x20 && point != '\n' && point != '\t') || point == 0x7f)
			addf(text, "\\x%02x", (unsigned char)data[i]);
		else if (invisible(point))
			addf(text, "\\u{%x}", point);
		else
			add(text, data + i, bytes);
		i += bytes ? bytes : 1;
	}
	while (text->len && text->at[text->len - 1] == '\n')
		text->len--;
	if (text->at)
		text->at[text->len] = '\0';
}

/* Cases ------------------------------------------------------------------------------------------- */

enum kind { SOURCE, BASE, TOKENS, AST, CHECK, RULES, DIAGRAM, DIAGS, TEXT, JSON, KINDS };

static const char *const kind_words[KINDS] = {
	"source", "base", "tokens", "ast", "check", "rules", "diagram", "diags", "text", "json",
};

struct section {
	enum kind kind;
	char *head;		/* the line, without == */
	char name[128];		/* of a source; of a dump: the word it is shown from */
	bool escapes;
	struct text body;
	struct text came;
};

struct test {
	const char *path;
	struct text about;
	struct section sections[40];
	size_t count;
};

static void test_release(struct test *test)
{
	for (size_t i = 0; i < test->count; i++) {
		free(test->sections[i].head);
		release(&test->sections[i].body);
		release(&test->sections[i].came);
	}
	release(&test->about);
	test->count = 0;
}

static bool wrong(const char *path, const char *what)
{
	printf("%s: %s\n", path, what);
	return false;
}

static bool take_head(struct test *test, const char *line, size_t size)
{
	struct section *section = &test->sections[test->count];
	char word[32] = "", flag[32] = "";
	int words;

	if (test->count == sizeof test->sections / sizeof test->sections[0])
		return wrong(test->path, "too many sections");
	*section = (struct section){ .kind = KINDS, .head = strndup(line, size) };
	test->count++;
	words = sscanf(section->head, "%31s %127s %31s", word, section->name, flag);
	for (int i = 0; i < KINDS; i++)
		if (strcmp(word, kind_words[i]) == 0)
			section->kind = (enum kind)i;
	section->escapes = strcmp(flag, "escapes") == 0;
	if (section->kind == KINDS || (words == 3 && !section->escapes) ||
	    (words == 1 && (section->kind == SOURCE || section->kind == BASE)) ||
	    (words > 1 && section->kind >= DIAGS))
		return wrong(test->path, section->head);
	return true;
}

/* Of a dump: what the section wants to see. NULL when no line begins with its word. */
static const char *wanted_part(const struct section *section, const char *dump)
{
	size_t length = strlen(section->name);

	while (dump && strncmp(dump, section->name, length) != 0) {
		dump = strchr(dump, '\n');
		dump += dump != NULL;
	}
	return dump;
}

static bool take_lines(struct test *test, const struct text *file)
{
	for (size_t at = 0; at < file->len;) {
		const char *line = file->at + at, *end = memchr(line, '\n', file->len - at);
		size_t size = end ? (size_t)(end - line) + 1 : file->len - at;

		at += size;
		if (size > 3 && memcmp(line, "== ", 3) == 0) {
			if (!take_head(test, line + 3, size - 3 - (end != NULL)))
				return false;
		} else {
			add(test->count ? &test->sections[test->count - 1].body : &test->about, line, size);
		}
	}
	if (!test->count || !test->about.len || memcmp(test->about.at, "--", 2) != 0)
		return wrong(test->path, "a case begins with `-- what it is about`");
	return true;
}

static unsigned hex(char digit)
{
	return (unsigned)(isdigit((unsigned char)digit) ? digit - '0' : (digit | 32) - 'a' + 10);
}

/* The bytes that a source with escapes stands for. */
static bool unescape(const struct test *test, const struct text *body, struct text *ret_text)
{
	add(ret_text, "", 0);
	for (size_t i = 0; i < body->len; i++) {
		const char *at = body->at + i;
		char byte;

		if (*at != '\\') {
			add(ret_text, at, 1);
			continue;
		}
		i++;
		switch (at[1]) {
		case '\n':
			break;
		case '\\':
		case 'r':
		case 't':
			add(ret_text, at[1] == 'r' ? "\r" : at[1] == 't' ? "\t" : "\\", 1);
			break;
		case 'x':
			if (i + 2 >= body->len || !isxdigit((unsigned char)at[2]) || !isxdigit((unsigned char)at[3]))
				return wrong(test->path, "\\x has two digits");
			byte = (char)(hex(at[2]) << 4 | hex(at[3]));
			add(ret_text, &byte, 1);
			i += 2;
			break;
		default:
			return wrong(test->path, "an unknown escape");
		}
	}
	return true;
}

/* Running ----------------------------------------------------------------------------------------- */

static enum rko_stage stage_of(const struct test *test)
{
	enum rko_stage stage = RKO_STAGE_TOKENS;
	bool any = false;

	for (size_t i = 0; i < test->count; i++) {
		enum rko_stage own = RKO_STAGE_TOKENS;

		switch (test->sections[i].kind) {
		case SOURCE:
		case BASE:
		case KINDS:
			continue;
		case TOKENS:
			break;
		case AST:
			own = RKO_STAGE_AST;
			break;
		case CHECK:
			own = RKO_STAGE_CHECK;
			break;
		case RULES:
			own = RKO_STAGE_RULES;
			break;
		case DIAGRAM:
			own = RKO_STAGE_DIAGRAM;
			break;
		case DIAGS:
		case TEXT:
		case JSON:
			own = RKO_STAGE_IMAGE;
			break;
		}
		any = true;
		if (own > stage)
			stage = own;
	}
	return any ? stage : RKO_STAGE_IMAGE;
}

static bool add_source(struct rko_compiler *compiler, const struct test *test, const struct section *section)
{
	struct text text = { 0 };
	char path[512];
	bool fine = true;

	if (section->kind == BASE) {
		snprintf(path, sizeof path, "%s/base/%s", root, section->name);
		if (!read_file(path, &text))
			fine = wrong(test->path, path);
	} else if (section->escapes) {
		fine = unescape(test, &section->body, &text);
	} else {
		add(&text, section->body.at ? section->body.at : "", section->body.len);
	}
	if (fine && rko_compiler_add_text(compiler, section->name, text.at, text.len) != RKO_OK)
		fine = wrong(test->path, "the text was not taken");
	release(&text);
	return fine;
}

/* Adds the texts in their order, or in the opposite one, and runs. NULL when that was not possible. */
static struct rko_compiler *compile(const struct test *test, bool backwards)
{
	struct rko_compiler *compiler = NULL;
	enum rko_status status;

	if (rko_compiler_new(&compiler) != RKO_OK)
		abort();
	for (size_t i = 0; i < test->count; i++) {
		const struct section *section = &test->sections[backwards ? test->count - 1 - i : i];

		if ((section->kind != SOURCE && section->kind != BASE) || add_source(compiler, test, section))
			continue;
		rko_compiler_free(compiler);
		return NULL;
	}
	status = rko_compiler_run(compiler, stage_of(test));
	if (status != (rko_compiler_errors(compiler) ? RKO_POLICY_ERRORS : RKO_OK)) {
		wrong(test->path, rko_status_meaning(status));
		rko_compiler_free(compiler);
		return NULL;
	}
	return compiler;
}

static bool seen[10000];	/* by code: some case of diag/ brings it about */

/* The diagnostics of a run as JSON; the caller releases them. NULL, and said, when there are none to be had. */
static json_t *diagnostics(const struct test *test, struct rko_compiler *compiler)
{
	const char *messages = rko_compiler_messages(compiler, RKO_MESSAGES_JSON, 0, 1);
	json_error_t error;
	json_t *all;

	if (!messages) {
		wrong(test->path, "no messages");
		return NULL;
	}
	all = json_loads(messages, JSON_REJECT_DUPLICATES, &error);
	if (!all)
		printf("%s: the messages are not JSON: %s\n%s\n", test->path, error.text, messages);
	return all;
}

static bool diag_lines(const struct test *test, struct rko_compiler *compiler, struct text *ret_lines)
{
	json_t *all = diagnostics(test, compiler), *diag;
	size_t i;

	if (!all)
		return false;
	json_array_foreach(json_object_get(all, "diagnostics"), i, diag) {
		const char *file = json_string_value(json_object_get(diag, "file"));
		const char *message = json_string_value(json_object_get(diag, "message"));
		struct text shown = { 0 };

		add_shown(&shown, message, strcspn(message, "\n"));
		addf(ret_lines, "%s ", json_string_value(json_object_get(diag, "code")));
		if (file)
			addf(ret_lines, "%s:%lld:%lld ", file,
			     json_integer_value(json_object_get(diag, "line")),
			     json_integer_value(json_object_get(diag, "column")));
		else
			addf(ret_lines, "- ");
		addf(ret_lines, "%s\n", shown.at ? shown.at : "");
		release(&shown);
	}
	json_decref(all);
	add(ret_lines, "", 0);
	if (ret_lines->len)
		ret_lines->at[--ret_lines->len] = '\0';
	return true;
}

/* Which codes a case of diag/ brings about, in whatever form it shows them. */
static bool note_codes(const struct test *test, struct rko_compiler *compiler)
{
	json_t *all, *diag;
	size_t i;

	if (!strstr(test->path, "/diag/"))
		return true;
	all = diagnostics(test, compiler);
	if (!all)
		return false;
	json_array_foreach(json_object_get(all, "diagnostics"), i, diag)
		seen[strtoul(json_string_value(json_object_get(diag, "code")) + 3, NULL, 10) % 10000] = true;
	json_decref(all);
	return true;
}

static bool collect(struct test *test, struct rko_compiler *compiler)
{
	static const enum rko_stage dumps[KINDS] = {
		[TOKENS] = RKO_STAGE_TOKENS, [AST] = RKO_STAGE_AST,	   [CHECK] = RKO_STAGE_CHECK,
		[RULES] = RKO_STAGE_RULES,   [DIAGRAM] = RKO_STAGE_DIAGRAM,
	};

	for (size_t i = 0; i < test->count; i++) {
		struct section *section = &test->sections[i];
		const char *out;

		switch (section->kind) {
		case SOURCE:
		case BASE:
		case KINDS:
			continue;
		case DIAGS:
			if (!diag_lines(test, compiler, &section->came))
				return false;
			continue;
		case TEXT:
		case JSON:
			out = rko_compiler_messages(compiler, section->kind == JSON ? RKO_MESSAGES_JSON
										    : RKO_MESSAGES_TEXT, 0, 1);
			break;
		default:
			out = wanted_part(section, rko_compiler_dump(compiler, dumps[section->kind]));
			break;
		}
		if (!out) {
			struct text lines = { 0 };

			printf("%s: nothing for the section `%s`\n", test->path, section->head);
			if (diag_lines(test, compiler, &lines))
				printf("%s\n", lines.at);
			release(&lines);
			return false;
		}
		add_shown(&section->came, out, strlen(out));
	}
	return true;
}

static bool same_backwards(const struct test *test, struct rko_compiler *compiler)
{
	struct rko_compiler *other = compile(test, true);
	const char *a, *b;
	bool same;

	if (!other)
		return false;
	a = rko_compiler_messages(compiler, RKO_MESSAGES_JSON, 0, 1);
	b = rko_compiler_messages(other, RKO_MESSAGES_JSON, 0, 1);
	same = a && b && strcmp(a, b) == 0;
	if (same && rko_compiler_image(compiler, &(size_t){ 0 })) {
		size_t size, other_size;
		const void *image = rko_compiler_image(compiler, &size);
		const void *other_image = rko_compiler_image(other, &other_size);

		same = other_image && size == other_size && memcmp(image, other_image, size) == 0;
	}
	rko_compiler_free(other);
	return same || wrong(test->path, "in another order the files come out differently");
}

/* Differences ------------------------------------------------------------------------------------- */

enum { LINES = 1500 };

struct lines {
	const char *at[LINES];
	size_t len[LINES];
	size_t count;
};

static void split(const char *text, struct lines *ret_lines)
{
	ret_lines->count = 0;
	while (*text && ret_lines->count < LINES) {
		size_t len = strcspn(text, "\n");

		ret_lines->at[ret_lines->count] = text;
		ret_lines->len[ret_lines->count++] = len;
		text += len + (text[len] == '\n');
	}
}

static bool same_line(const struct lines *a, size_t i, const struct lines *b, size_t j)
{
	return a->len[i] == b->len[j] && memcmp(a->at[i], b->at[j], a->len[i]) == 0;
}

/* The lines of both, by a longest common subsequence; two lines of context. */
static void print_difference(const char *expected, const char *came)
{
	static struct lines a, b;
	static unsigned short common[LINES + 1][LINES + 1];
	size_t i = 0, j = 0, quiet = 0;

	split(expected, &a);
	split(came, &b);
	for (size_t x = a.count; x-- > 0;)
		for (size_t y = b.count; y-- > 0;)
			common[x][y] = same_line(&a, x, &b, y) ? common[x + 1][y + 1] + 1
				       : common[x + 1][y] > common[x][y + 1] ? common[x + 1][y] : common[x][y + 1];
	while (i < a.count || j < b.count) {
		if (i < a.count && j < b.count && same_line(&a, i, &b, j)) {
			if (++quiet <= 2)
				printf("  %.*s\n", (int)a.len[i], a.at[i]);
			i++;
			j++;
			continue;
		}
		if (quiet > 2)
			printf("@@ line %zu\n", i + 1);
		quiet = 0;
		if (j >= b.count || (i < a.count && common[i + 1][j] >= common[i][j + 1]))
			printf("- %.*s\n", (int)a.len[i], a.at[i]), i++;
		else
			printf("+ %.*s\n", (int)b.len[j], b.at[j]), j++;
	}
	for (size_t x = 0; x <= a.count; x++)
		memset(common[x], 0, (b.count + 1) * sizeof common[x][0]);
}

static bool is_expectation(const struct section *section)
{
	return section->kind != SOURCE && section->kind != BASE;
}

static bool compare(const struct test *test)
{
	bool fine = true;

	for (size_t i = 0; i < test->count; i++) {
		const struct section *section = &test->sections[i];
		struct text expected = { 0 };
		const char *came = section->came.at ? section->came.at : "";

		if (!is_expectation(section))
			continue;
		add(&expected, section->body.at ? section->body.at : "", section->body.len);
		while (expected.len && expected.at[expected.len - 1] == '\n')
			expected.at[--expected.len] = '\0';
		if (strcmp(expected.at, came) != 0) {
			printf("--- %s, %s: expected\n+++ what came out\n", test->path, section->head);
			print_difference(expected.at, came);
			fine = false;
		}
		release(&expected);
	}
	return fine;
}

static bool write_back(const struct test *test)
{
	FILE *file = fopen(test->path, "wb");

	if (!file)
		return wrong(test->path, strerror(errno));
	fwrite(test->about.at, 1, test->about.len, file);
	for (size_t i = 0; i < test->count; i++) {
		const struct section *section = &test->sections[i];
		const struct text *body = is_expectation(section) ? &section->came : &section->body;

		fprintf(file, "== %s\n", section->head);
		if (body->len)
			fwrite(body->at, 1, body->len, file);
		if (is_expectation(section) && body->len)
			fputc('\n', file);
	}
	return fclose(file) == 0 || wrong(test->path, strerror(errno));
}

/* What it does not name may not go wrong. */
static bool quiet(const struct test *test, struct rko_compiler *compiler)
{
	struct text lines = { 0 };

	for (size_t i = 0; i < test->count; i++)
		if (test->sections[i].kind >= DIAGS)
			return true;
	if (!rko_compiler_errors(compiler) && !rko_compiler_warnings(compiler))
		return true;
	printf("%s: messages, and no section that expects them\n", test->path);
	if (diag_lines(test, compiler, &lines))
		printf("%s\n", lines.at);
	release(&lines);
	return false;
}

static bool run_test(struct test *test, bool update)
{
	struct text file = { 0 };
	struct rko_compiler *compiler;
	bool fine;

	if (!read_file(test->path, &file))
		return wrong(test->path, strerror(errno));
	fine = take_lines(test, &file);
	release(&file);
	compiler = fine ? compile(test, false) : NULL;
	fine = compiler && collect(test, compiler) && note_codes(test, compiler) && quiet(test, compiler) &&
	       same_backwards(test, compiler);
	rko_compiler_free(compiler);
	if (fine && update)
		return write_back(test);
	return fine && compare(test);
}

/* All of them ------------------------------------------------------------------------------------- */

struct count {
	unsigned passed, failed;
	bool update;
};

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void run_path(struct count *count, const char *path)
{
	struct dirent **entries = NULL;
	struct stat about;
	int n;

	if (stat(path, &about) != 0) {
		wrong(path, strerror(errno));
		count->failed++;
		return;
	}
	if (!S_ISDIR(about.st_mode)) {
		static struct test test;
		bool fine;

		test.path = path;
		fine = run_test(&test, count->update);
		count->passed += fine;
		count->failed += !fine;
		test_release(&test);
		return;
	}
	n = scandir(path, &entries, visible, alphasort);
	for (int i = 0; i < n; i++) {
		char below[1024];
		size_t length = strlen(entries[i]->d_name);

		snprintf(below, sizeof below, "%s/%s", path, entries[i]->d_name);
		free(entries[i]);
		if (stat(below, &about) == 0 &&
		    (S_ISDIR(about.st_mode) || (length > 4 && strcmp(below + strlen(below) - 4, ".txt") == 0)))
			run_path(count, below);
	}
	free(entries);
}

static const char *excused(unsigned code)
{
	for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
		if (code >= elsewhere[i].from && code <= elsewhere[i].to)
			return elsewhere[i].why;
	return NULL;
}

/* The catalogue: each code has a case that brings it about, and a long form. */
static void check_catalogue(struct count *count)
{
	unsigned code, before = 0;

	for (size_t i = 0; (code = rko_code_at(i)); i++) {
		const char *text = NULL, *title = rko_explain_code(code, &text);
		bool fine = true;

		if (!title || !*title || !text || !*text || text[strlen(text) - 1] != '\n') {
			printf("RKO%04u: its long form is empty or does not end its line\n", code);
			fine = false;
		}
		for (size_t j = 0; j < i; j++)
			if (rko_code_at(j) == code) {
				printf("RKO%04u stands twice in the catalogue\n", code);
				fine = false;
			}
		if (!seen[code % 10000] && !excused(code)) {
			printf("RKO%04u (%s): no case of %s/diag brings it about\n", code, title ? title : "", root);
			fine = false;
		}
		if (seen[code % 10000] && excused(code)) {
			printf("RKO%04u: a case brings it about, and it is listed as one that none does\n", code);
			fine = false;
		}
		count->passed += fine;
		count->failed += !fine;
		before = code;
	}
	if (!before || rko_explain_code(9999, &(const char *){ NULL })) {
		printf("the catalogue is empty, or has a code that nobody gave\n");
		count->failed++;
	}
}

int main(int argc, char **argv)
{
	struct count count = { 0 };
	bool all = true;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--update") == 0) {
			count.update = true;
			continue;
		}
		all = false;
		run_path(&count, argv[i]);
	}
	for (size_t i = 0; all && i < sizeof stages / sizeof stages[0]; i++) {
		char path[256];

		snprintf(path, sizeof path, "%s/%s", root, stages[i]);
		run_path(&count, path);
	}
	if (all)
		check_catalogue(&count);
	printf("%u passed, %u failed\n", count.passed, count.failed);
	return count.failed > 0;
}
