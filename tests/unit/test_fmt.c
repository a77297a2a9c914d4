/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The formatter. It may change white space only, and a second formatting may change nothing: held on every
 * policy of the repository, on a corpus of texts with the layout they should get, and on policies whose white
 * space was shaken. Run from the root of the repository; RKO_SEED and RKO_ROUNDS steer the shaking.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glob.h>

#include <rko/compile.h>

#include "dsl/syntax/fmt.h"
#include "dsl/syntax/parse.h"
#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/limits.h"
#include "engine/base/num.h"
#include "grammar.h"

struct work {
	struct arena arena;
	struct sources sources;
	struct diags diags;
};

static void work_init(struct work *work)
{
	arena_init(&work->arena, LIMIT_COMPILE_BYTES);
	sources_init(&work->sources, &work->arena);
	diags_init(&work->diags, &work->arena, &work->sources);
}

static void work_free(struct work *work)
{
	arena_free(&work->arena);
}

static struct text kept(struct work *work, struct buf *buf)
{
	struct text text = text_copy(&work->arena, buf_view(buf));

	buf_release(buf);
	return text;
}

/* The layout of a text, which must parse. */
static struct text layout(struct work *work, const char *name, struct text text)
{
	uint32_t source = source_add(&work->sources, text_from(name), text);
	struct buf out = { 0 };

	if (!fmt_source(&out, &work->diags, source)) {
		struct buf messages = { 0 };

		diags_finish(&work->diags);
		diags_text(&work->diags, &messages, false, LIMIT_SHOWN_ERRORS, false);
		fail_msg("%s does not parse:\n%s\n--\n%.*s", name, messages.at, TEXT_ARG(text));
	}
	assert_false(buf_failed(&out));
	return kept(work, &out);
}

/* Tokens and comments, one a line. A comment ends with its last character that can be seen. */
static struct text tokens_of(struct work *work, struct text text)
{
	struct lexer lexer;
	struct token token;
	struct buf out = { 0 };

	lexer_init(&lexer, 0, text);
	lexer.trivia = true;
	do {
		lexer_next(&lexer, &token);
		if (token.kind == LEX_COMMENT)
			while (token.text.len && strchr(" \t", token.text.at[token.text.len - 1]))
				token.text.len--;
		buf_printf(&out, "%d ", token.kind);
		if (token.kind == LEX_COMMENT || token.kind == TOK_NAME || token.kind == TOK_STRING ||
		    token.kind == TOK_INT || token.kind == TOK_DATE)
			buf_text(&out, token.text);
		buf_char(&out, '\n');
	} while (token.kind != LEX_END);
	return kept(work, &out);
}

static struct text tree_of(struct work *work, struct text text)
{
	uint32_t source = source_add(&work->sources, TEXT("tree"), text);
	struct buf out = { 0 };

	ast_dump(&out, &work->sources, parse_source(&work->arena, &work->diags, source), false);
	return kept(work, &out);
}

/* Shows the first line that differs. */
static void must_equal(const char *name, const char *what, struct text wanted, struct text got)
{
	size_t same = 0, line = 0;

	if (text_equal(wanted, got))
		return;
	while (same < wanted.len && same < got.len && wanted.at[same] == got.at[same])
		if (wanted.at[same++] == '\n')
			line = same;
	fail_msg("%s: %s\nwanted: %.*s\n   got: %.*s", name, what,
		 (int)strcspn(wanted.at + line, "\n"), wanted.at + line,
		 (int)strcspn(got.at + line, "\n"), got.at + line);
}

/* What holds for every text. Gives its layout. */
static struct text must_hold(struct work *work, const char *name, struct text text)
{
	struct text once = layout(work, name, text);

	must_equal(name, "other tokens", tokens_of(work, text), tokens_of(work, once));
	must_equal(name, "another tree", tree_of(work, text), tree_of(work, once));
	must_equal(name, "another layout the second time", once, layout(work, name, once));
	assert_true(fmt_same(text_copy(&work->arena, text), once));
	return once;
}

static struct text read_file(struct work *work, const char *path)
{
	uint32_t source;

	if (source_read(&work->sources, path, LIMIT_FILE_BYTES, &source) != SOURCE_OK)
		fail_msg("%s cannot be read", path);
	return work->sources.list[source].text;
}

static void find(const char *const *patterns, size_t count, glob_t *ret_paths)
{
	memset(ret_paths, 0, sizeof *ret_paths);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(glob(patterns[i], i ? GLOB_APPEND : 0, NULL, ret_paths), 0);
}

static void find_policies(glob_t *ret_paths)
{
	static const char *const patterns[] = { "policies/*/*.rko", "examples/*/*.rko" };

	find(patterns, 2, ret_paths);
}

static void test_policies(void **state)
{
	glob_t paths;

	(void)state;
	find_policies(&paths);
	for (size_t i = 0; i < paths.gl_pathc; i++) {
		struct work work;

		work_init(&work);
		must_hold(&work, paths.gl_pathv[i], read_file(&work, paths.gl_pathv[i]));
		work_free(&work);
	}
	globfree(&paths);
}

/* Shaken white space ------------------------------------------------------------------------------ */

static unsigned long seed, rounds;
static uint64_t random_state;

/* xorshift64*: the same numbers everywhere. */
static uint32_t draw(uint32_t below)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)(random_state * 2685821657736338717ull >> 33) % below;
}

enum shaking {
	SHAKE_SPACES,		/* line ends stay where they are */
	SHAKE_SOME,		/* a gap in eight */
	SHAKE_ALL,
	SHAKE_TO_LINES,		/* each token on a line of its own */
	SHAKE_JOINED,		/* as few lines as comments allow */
	SHAKE_COMMENTS,		/* new comments in odd places */
	SHAKINGS
};

static void add_blanks(struct buf *out, uint32_t least)
{
	for (uint32_t i = least + draw(4); i; i--)
		buf_char(out, draw(5) ? ' ' : '\t');
}

static void add_line_end(struct buf *out)
{
	add_blanks(out, 0);
	buf_string(out, draw(4) ? "\n" : "\r\n");
}

/* The same line ends with other blanks. `needed`: there must be something. */
static void shake_spaces(struct buf *out, struct text gap, bool needed)
{
	bool ended = false;

	for (size_t i = 0; i < gap.len; i++)
		if (gap.at[i] == '\n') {
			add_line_end(out);
			ended = true;
		}
	add_blanks(out, needed && !ended);
}

static void shake_lines(struct buf *out, uint32_t least, uint32_t most)
{
	uint32_t ends = least + draw(most - least + 1);

	for (uint32_t i = 0; i < ends; i++)
		add_line_end(out);
	add_blanks(out, !ends);
}

/* White space in the place of `gap`. Behind a comment there is always a line end. */
static void shake(struct buf *out, struct text gap, bool behind_comment, enum shaking how)
{
	switch (how) {
	case SHAKE_SPACES:
		shake_spaces(out, gap, gap.len && !behind_comment);
		break;
	case SHAKE_SOME:
		if (draw(8))
			buf_text(out, gap);
		else
			shake_lines(out, behind_comment, 3);
		break;
	case SHAKE_ALL:
		shake_lines(out, behind_comment, draw(3) ? behind_comment : 3);
		break;
	case SHAKE_TO_LINES:
		shake_lines(out, 1, 1);
		break;
	case SHAKE_COMMENTS:
		shake(out, gap, behind_comment, SHAKE_SOME);
		if (draw(8) == 0) {
			buf_string(out, draw(4) ? "-- odd" : "-- Odd ---");
			shake_lines(out, 1, 3);
		}
		break;
	case SHAKE_JOINED:
	case SHAKINGS:
		shake_lines(out, behind_comment, behind_comment);
		break;
	}
}

/* A token as it stands, the space inside a word of two parts shaken too. */
static void add_token(struct buf *out, struct text text, const struct token *token, enum shaking how)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] == ' ' && token->kind != TOK_STRING && token->kind != LEX_COMMENT)
			shake(out, TEXT(" "), false, how == SHAKE_SPACES ? how : SHAKE_ALL);
		else
			buf_char(out, text.at[i]);
}

static struct text shaken(struct work *work, struct text text, enum shaking how)
{
	struct lexer lexer;
	struct token token;
	struct buf out = { 0 };
	uint32_t at = 0;
	bool behind_comment = false;

	lexer_init(&lexer, 0, text);
	lexer.trivia = true;
	for (;;) {
		lexer_next(&lexer, &token);
		/* `force--` and `force-` may depend on it that nothing comes between. */
		if (token.span.at > at || (token.kind != LEX_COMMENT && token.kind != '-'))
			shake(&out, (struct text){ text.at + at, token.span.at - at }, behind_comment, how);
		if (token.kind == LEX_END)
			break;
		add_token(&out, (struct text){ text.at + token.span.at, token.span.len }, &token, how);
		at = token.span.at + token.span.len;
		behind_comment = token.kind == LEX_COMMENT;
	}
	return kept(work, &out);
}

static void shake_text(struct work *work, const char *name, struct text text, enum shaking how)
{
	struct text formatted = must_hold(work, name, shaken(work, text, how));

	if (how == SHAKE_SPACES)
		must_equal(name, "spaces alone changed the layout", layout(work, name, text), formatted);
	/* From its own layout too, which has other line ends. */
	must_hold(work, name, shaken(work, formatted, how));
}

static void test_shaken_policies(void **state)
{
	glob_t paths;

	(void)state;
	find_policies(&paths);
	for (unsigned long round = 0; round < rounds; round++)
		for (size_t i = 0; i < paths.gl_pathc * SHAKINGS; i++) {
			const char *path = paths.gl_pathv[i / SHAKINGS];
			struct work work;

			work_init(&work);
			shake_text(&work, path, read_file(&work, path), i % SHAKINGS);
			work_free(&work);
		}
	globfree(&paths);
}

/* Corpus ------------------------------------------------------------------------------------------ */

/*
 * A file of the corpus holds cases: what stands before the first section is prose, `== source` begins a
 * case, `== formatted` is the layout it must get, without the blank lines at the section's end. In `== source
 * escaped` the line ends of the file count for nothing and \n \r \t \s \\ stand for a line end, a carriage
 * return, a tab, a space and the stroke itself.
 */
enum section { PROSE, SOURCE, ESCAPED, FORMATTED };

static enum section section_of(const char *path, struct text line)
{
	if (text_equal(line, TEXT("== source")))
		return SOURCE;
	if (text_equal(line, TEXT("== source escaped")))
		return ESCAPED;
	if (text_equal(line, TEXT("== formatted")))
		return FORMATTED;
	fail_msg("%s: no such section: %.*s", path, TEXT_ARG(line));
	return PROSE;
}

static void add_escaped(struct buf *out, struct text line)
{
	for (size_t i = 0; i < line.len; i++) {
		static const char letters[] = "nrts\\", signs[] = "\n\r\t \\";
		const char *letter;

		if (line.at[i] != '\\' || i + 1 == line.len) {
			buf_char(out, line.at[i]);
			continue;
		}
		letter = strchr(letters, line.at[++i]);
		assert_non_null(letter);
		buf_char(out, signs[letter - letters]);
	}
}

static void run_case(struct work *work, const char *path, unsigned number, struct buf *source,
		     struct buf *formatted)
{
	struct text wanted = buf_view(formatted);
	char name[256];

	while (wanted.len > 1 && wanted.at[wanted.len - 2] == '\n' && wanted.at[wanted.len - 1] == '\n')
		wanted.len--;
	snprintf(name, sizeof name, "%s, case %u", path, number);
	must_equal(name, "not the layout that was wanted", wanted, must_hold(work, name, buf_view(source)));
	for (unsigned long i = 0; i < rounds * SHAKINGS; i++)
		shake_text(work, name, wanted, i % SHAKINGS);
	buf_reset(source);
	buf_reset(formatted);
}

static void run_corpus_file(const char *path)
{
	struct buf source = { 0 }, formatted = { 0 };
	enum section section = PROSE;
	unsigned cases = 0;
	struct work work;
	struct text rest;

	work_init(&work);
	rest = read_file(&work, path);
	while (rest.len) {
		const char *end = memchr(rest.at, '\n', rest.len);
		struct text line = { rest.at, end ? (size_t)(end - rest.at) : rest.len };

		rest = (struct text){ line.at + line.len + !!end, rest.len - line.len - !!end };
		if (line.len > 2 && memcmp(line.at, "== ", 3) == 0) {
			if (section == FORMATTED)
				run_case(&work, path, ++cases, &source, &formatted);
			section = section_of(path, line);
		} else if (section == ESCAPED) {
			add_escaped(&source, line);
		} else if (section != PROSE) {
			buf_text(section == SOURCE ? &source : &formatted, line);
			buf_char(section == SOURCE ? &source : &formatted, '\n');
		}
	}
	assert_int_equal(section, FORMATTED);
	run_case(&work, path, ++cases, &source, &formatted);
	buf_release(&source);
	buf_release(&formatted);
	work_free(&work);
}

static void test_corpus(void **state)
{
	static const char *const patterns[] = { "tests/corpus/fmt/*.txt" };
	glob_t paths;

	(void)state;
	find(patterns, 1, &paths);
	for (size_t i = 0; i < paths.gl_pathc; i++)
		run_corpus_file(paths.gl_pathv[i]);
	globfree(&paths);
}

/* The door ---------------------------------------------------------------------------------------- */

static void test_door(void **state)
{
	static const char ugly[] = "policy p version \"1\" chapter c";
	char *text, *messages;
	size_t length;

	(void)state;
	assert_int_equal(rko_format("p.rko", ugly, strlen(ugly), &text, &length, &messages), RKO_OK);
	assert_string_equal(text, "policy p  version \"1\"\n\nchapter c\n");
	assert_int_equal(length, strlen(text));
	assert_null(messages);
	free(text);

	assert_int_equal(rko_format("p.rko", ugly, 0, &text, &length, &messages), RKO_OK);
	assert_string_equal(text, "");
	assert_int_equal(length, 0);
	free(text);
}

static void test_door_refuses(void **state)
{
	static const char *const wrong[] = {
		"policy p version", "rule", "policy p version \"1\" rule r grant a when x and y or z",
		"\"", "policy p version \"1\" -- \xff",
	};
	char *text, *messages;
	size_t length;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_int_equal(rko_format("wrong.rko", wrong[i], strlen(wrong[i]), &text, &length, &messages),
				 RKO_POLICY_ERRORS);
		assert_null(text);
		assert_int_equal(length, 0);
		assert_non_null(strstr(messages, "wrong.rko"));
		free(messages);
	}
}

static void test_door_limits_length(void **state)
{
	char *spaces = malloc(LIMIT_FILE_BYTES + 1), *text, *messages;
	size_t length;

	(void)state;
	assert_non_null(spaces);
	memset(spaces, ' ', LIMIT_FILE_BYTES + 1);
	assert_int_equal(rko_format("s.rko", spaces, LIMIT_FILE_BYTES, &text, &length, &messages), RKO_OK);
	assert_string_equal(text, "");
	free(text);
	assert_int_equal(rko_format("s.rko", spaces, LIMIT_FILE_BYTES + 1, &text, &length, &messages),
			 RKO_POLICY_ERRORS);
	assert_non_null(strstr(messages, "s.rko"));
	free(messages);
	free(spaces);
}

/* A layout that would be no policy file any more, for its white space, is not given. */
static void test_door_limits_layout(void **state)
{
	struct buf source = { 0 };
	char *text, *messages;
	size_t length;

	(void)state;
	buf_string(&source, "policy p version \"1\" chapter c table t : a, b -> c columns");
	for (int i = 0; i < 100; i++)
		buf_string(&source, " a_name_that_is_rather_long_for_the_head_of_a_column");
	for (int row = 0; row < 1000; row++) {
		buf_string(&source, "\nrow r");
		for (int i = 0; i < 100; i++)
			buf_string(&source, " .");
	}
	assert_int_equal(rko_format("t.rko", source.at, source.len, &text, &length, &messages), RKO_POLICY_ERRORS);
	assert_null(text);
	assert_non_null(strstr(messages, "t.rko"));
	free(messages);
	buf_release(&source);
}

static void test_nothing_is_written_on_errors(void **state)
{
	struct buf out = { 0 };
	struct work work;
	uint32_t source;

	(void)state;
	work_init(&work);
	source = source_add(&work.sources, TEXT("wrong"), TEXT("policy p version \"1\" link"));
	assert_false(fmt_source(&out, &work.diags, source));
	assert_int_equal(out.len, 0);
	assert_int_not_equal(work.diags.errors, 0);
	/* What was wrong before does not count against the next text. */
	source = source_add(&work.sources, TEXT("right"), TEXT("policy p version \"1\" chapter c"));
	assert_true(fmt_source(&out, &work.diags, source));
	assert_int_not_equal(out.len, 0);
	buf_release(&out);
	work_free(&work);
}

/* With memory for everything, and with any less: an escape, never a crash. */
static void test_memory_runs_out(void **state)
{
	static const char path[] = "examples/documents/documents.rko";
	volatile size_t max = 0;
	volatile bool done = false;

	(void)state;
	while (!done) {
		struct work work;
		struct buf out = { 0 };
		jmp_buf escape;
		uint32_t source;

		work_init(&work);
		work.arena.max = max;
		work.arena.escape = &escape;
		if (!setjmp(escape)) {
			assert_int_equal(source_read(&work.sources, path, LIMIT_FILE_BYTES, &source), SOURCE_OK);
			done = fmt_source(&out, &work.diags, source);
		}
		work.arena.escape = NULL;
		buf_release(&out);
		work_free(&work);
		max += 8192;
	}
	assert_true(max > 8192);
}

/*
 * `in force` is one word, unless a stroke or the end of the text follows it at once: then it is `in` and a name.
 * Nothing may come between then. (Where the lexer takes them for one, there is nothing to hold.)
 */
static void test_words_that_would_merge(void **state)
{
	static const char *const texts[][2] = {
		{ "cond c when x in force-- why", "cond c\n  when x in force-- why\n" },
		{ "cond c when x in force- y or z", "cond c\n  when x in force- y or z\n" },
		{ "codes c at most-- two", "codes c  at  most-- two\n" },
		{ "codes c\nat\nmost-- two", "codes c\n  at\n  most-- two\n" },
		{ "cond c when x in force", "cond c\n  when x in force" },
	};
	static const char head[] = "policy p  version \"1\"\n\n";

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		char source[128], *text, *messages;
		size_t length;

		snprintf(source, sizeof source, "%s%s", head, texts[i][0]);
		if (rko_format("c", source, strlen(source), &text, &length, &messages) != RKO_OK) {
			assert_non_null(strstr(messages, "does not fit"));
			free(messages);
			continue;
		}
		assert_memory_equal(text, head, strlen(head));
		assert_string_equal(text + strlen(head), texts[i][1]);
		free(text);
	}
}

static void test_same(void **state)
{
	(void)state;
	assert_true(fmt_same(TEXT("a -- b"), TEXT("a\n-- b  \n")));
	assert_true(fmt_same(TEXT("in  force 1"), TEXT("in\nforce\t1")));
	assert_true(fmt_same(TEXT("2026-06-15"), TEXT(" 2026-06-15")));
	assert_false(fmt_same(TEXT("a b"), TEXT("a")));
	assert_false(fmt_same(TEXT("a"), TEXT("a b")));
	assert_false(fmt_same(TEXT("a-b"), TEXT("a - b")));
	assert_false(fmt_same(TEXT("a -- b"), TEXT("a -- c")));
	assert_false(fmt_same(TEXT("a -- b"), TEXT("a")));
	assert_false(fmt_same(TEXT("\"a\""), TEXT("\"a \"")));
	assert_false(fmt_same(TEXT("2026-06-15"), TEXT("2026-06-16")));
	assert_false(fmt_same(TEXT("in force "), TEXT("in forces ")));
	assert_false(fmt_same(TEXT("1"), TEXT("01")));
}

static unsigned long from_environment(const char *name, unsigned long otherwise)
{
	const char *value = getenv(name);

	return value ? strtoul(value, NULL, 0) : otherwise;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_corpus),
		cmocka_unit_test(test_shaken_policies),
		cmocka_unit_test(test_door),
		cmocka_unit_test(test_door_refuses),
		cmocka_unit_test(test_door_limits_length),
		cmocka_unit_test(test_door_limits_layout),
		cmocka_unit_test(test_nothing_is_written_on_errors),
		cmocka_unit_test(test_memory_runs_out),
		cmocka_unit_test(test_words_that_would_merge),
		cmocka_unit_test(test_same),
	};

	seed = from_environment("RKO_SEED", 20260615);
	rounds = from_environment("RKO_ROUNDS", 3);
	random_state = seed * 2 + 1;
	print_message("RKO_SEED=%lu RKO_ROUNDS=%lu\n", seed, rounds);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
