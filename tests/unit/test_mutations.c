/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The front end on texts that somebody damaged: bytes changed, cut out and put in; tokens left out, doubled and
 * exchanged; lines left out and exchanged. Whatever comes in, the compiler comes to an end, every place it names
 * lies inside of its text, and its messages can be shown, as text and as JSON. Deterministic: RKO_SEED and
 * RKO_ROUNDS steer it, and a failure names its seed. Run from the root of the repository.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include <rko/compile.h>

#include "dsl/syntax/lexer.h"
#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/limits.h"

enum { TOKENS_MAX = 8000 };

/* A text and its tokens, as they were before. */
struct sample {
	struct buf text;
	struct token tokens[TOKENS_MAX];
	size_t ntokens;
};

static uint64_t state;

/* xorshift64*: the same numbers everywhere. */
static uint32_t below(uint32_t bound)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * 0x2545f4914f6cdd1dull) >> 33) % (bound ? bound : 1);
}

static unsigned long setting(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 10) : otherwise;
}

static void read_sample(struct sample *sample, const char *path)
{
	FILE *file = fopen(path, "rb");
	char part[4096];
	size_t got;
	struct lexer lexer;

	assert_non_null(file);
	while ((got = fread(part, 1, sizeof part, file)) > 0)
		buf_add(&sample->text, part, got);
	fclose(file);
	assert_true(sample->text.len > 1000);
	lexer_init(&lexer, 0, (struct text){ sample->text.at, sample->text.len });
	for (;;) {
		assert_true(sample->ntokens < TOKENS_MAX);
		lexer_next(&lexer, &sample->tokens[sample->ntokens]);
		if (sample->tokens[sample->ntokens].kind == LEX_END)
			break;
		sample->ntokens++;
	}
}

/* Mutations --------------------------------------------------------------------------------------- */

/* Replaces `len` bytes at `at`. */
static void splice(struct buf *text, size_t at, size_t len, const char *with, size_t size)
{
	struct buf out = { 0 };

	buf_add(&out, text->at, at);
	buf_add(&out, with, size);
	buf_add(&out, text->at + at + len, text->len - at - len);
	buf_release(text);
	*text = out;
}

static void change_bytes(struct buf *text)
{
	static const char *const pieces[] = {
		"\"", "(", ")", "[", "]", "{", "}", "-", "--", "\n", "\r", " ", "\t", ".", "..", ",", "=", ":",
		"\xc3", "\xa4", "\xe2\x80\xae", "\xef\xbb\xbf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\xcc\x88", "\xd0\xb0",
		"9999999999", "2026-02-30", "in force", "and", "or", "not", "none", "every", "rule", "overlay",
	};
	size_t at = below((uint32_t)text->len), left = text->len - at;
	const char *piece = pieces[below(sizeof pieces / sizeof pieces[0])];
	char byte = (char)below(256);

	switch (below(5)) {
	case 0:		/* one bit */
		text->at[at] = (char)(text->at[at] ^ 1 << below(8));
		break;
	case 1:		/* any byte, NUL too */
		text->at[at] = byte;
		break;
	case 2:
		splice(text, at, 0, piece, strlen(piece));
		break;
	case 3:
		splice(text, at, left < 20 ? left : below(20), "", 0);
		break;
	case 4:		/* the end is missing */
		splice(text, at, left, "", 0);
		break;
	}
}

static void change_tokens(struct buf *text, const struct sample *sample)
{
	uint32_t i = below((uint32_t)sample->ntokens), j = below((uint32_t)sample->ntokens);
	struct span a = sample->tokens[i].span, b = sample->tokens[j].span;
	struct buf other = { 0 };

	buf_add(&other, sample->text.at + b.at, b.len);
	buf_char(&other, ' ');
	switch (below(4)) {
	case 0:
		splice(text, a.at, a.len, "", 0);
		break;
	case 1:
		splice(text, a.at, 0, sample->text.at + a.at, a.len);
		break;
	case 2:		/* another one instead */
		splice(text, a.at, a.len, other.at, other.len);
		break;
	case 3:		/* another one before it */
		splice(text, a.at, 0, other.at, other.len);
		break;
	}
	buf_release(&other);
}

/* Leaves out the statements from one token that begins a line to another, or puts them elsewhere. */
static void change_statements(struct buf *text, const struct sample *sample)
{
	uint32_t i = below((uint32_t)sample->ntokens), j, k = below((uint32_t)sample->ntokens);
	size_t from, to, elsewhere;

	while (i > 0 && !sample->tokens[i].first)
		i--;
	for (j = i + 1; j < sample->ntokens && !(sample->tokens[j].first && below(3) == 0);)
		j++;
	from = sample->tokens[i].span.at;
	to = sample->tokens[j].span.at;
	elsewhere = sample->tokens[k].span.at;
	if (below(2) && elsewhere >= to)
		splice(text, elsewhere, 0, sample->text.at + from, to - from);
	else
		splice(text, from, to - from, "", 0);
}

static void mutate(struct buf *text, const struct sample *sample)
{
	buf_reset(text);
	buf_add(text, sample->text.at, sample->text.len);
	switch (below(4)) {
	case 0:
		change_statements(text, sample);
		break;
	case 1:
		change_tokens(text, sample);
		break;
	default:
		for (uint32_t n = 1 + below(4); n && text->len > 1; n--)
			change_bytes(text);
		break;
	}
}

/* What must hold ---------------------------------------------------------------------------------- */

static size_t number(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	assert_true(json_is_integer(value));
	assert_true(json_integer_value(value) >= 0);
	return (size_t)json_integer_value(value);
}

static void check_place(const json_t *place, const char *name, size_t length)
{
	const json_t *file = json_object_get(place, "file");

	if (!json_is_string(file) || strcmp(json_string_value(file), name) != 0)
		return;
	assert_true(number(place, "offset") <= length);
	assert_true(number(place, "length") <= length - number(place, "offset"));
	assert_true(number(place, "line") >= 1 && number(place, "column") >= 1);
	assert_true(number(place, "end_line") > number(place, "line") ||
		    (number(place, "end_line") == number(place, "line") &&
		     number(place, "end_column") >= number(place, "column")));
}

static void check_messages(struct rko_compiler *compiler, const char *name, size_t length)
{
	const char *text = rko_compiler_messages(compiler, RKO_MESSAGES_JSON, 0, 1);
	json_t *all, *diags, *diag, *also;
	json_error_t error;
	size_t i, j, before = 0;

	assert_non_null(text);
	all = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!all)
		fail_msg("the messages are not JSON: %s\n%s", error.text, text);
	diags = json_object_get(all, "diagnostics");
	assert_int_equal(json_array_size(diags), rko_compiler_errors(compiler) + rko_compiler_warnings(compiler) +
							 rko_compiler_notes(compiler));
	json_array_foreach(diags, i, diag) {
		assert_true(json_string_length(json_object_get(diag, "message")) > 0);
		check_place(diag, name, length);
		check_place(json_object_get(diag, "fix"), name, length);
		json_array_foreach(json_object_get(diag, "also"), j, also)
			check_place(also, name, length);
		if (!json_is_string(json_object_get(diag, "file")) ||
		    strcmp(json_string_value(json_object_get(diag, "file")), name) != 0)
			continue;
		assert_true(number(diag, "offset") >= before);	/* in order of place */
		before = number(diag, "offset");
	}
	json_decref(all);
	assert_non_null(rko_compiler_messages(compiler, RKO_MESSAGES_COLOUR, LIMIT_SHOWN_ERRORS, 1));
}

static void compile_one(const struct buf *text, const char *name, const char *folder, enum rko_stage stage)
{
	struct rko_compiler *compiler;
	enum rko_status status;

	assert_int_equal(rko_compiler_new(&compiler), RKO_OK);
	if (folder)
		assert_int_equal(rko_compiler_add(compiler, folder), RKO_OK);
	assert_int_equal(rko_compiler_add_text(compiler, name, text->at, text->len), RKO_OK);
	status = rko_compiler_run(compiler, stage);
	assert_true(status == RKO_OK || status == RKO_POLICY_ERRORS);
	assert_int_equal(status == RKO_POLICY_ERRORS, rko_compiler_errors(compiler) > 0);
	check_messages(compiler, name, text->len);
	if (status == RKO_OK)
		assert_non_null(rko_compiler_dump(compiler, stage));
	rko_compiler_free(compiler);
}

static void run(const char *path, const char *folder, enum rko_stage stage, unsigned long rounds)
{
	static struct sample sample;
	struct buf text = { 0 };
	uint64_t seed = setting("RKO_SEED", 20260615);

	sample = (struct sample){ 0 };
	read_sample(&sample, path);
	compile_one(&sample.text, path, folder, stage);
	rounds = setting("RKO_ROUNDS", rounds);
	for (unsigned long round = 0; round < rounds; round++) {
		state = seed + round * 0x9e3779b97f4a7c15ull + 1;
		for (int i = 0; i < 4; i++)
			below(2);
		mutate(&text, &sample);
		if (getenv("RKO_SHOW"))	/* the last one shown is the one that failed */
			fprintf(stderr, "== round %lu\n%.*s\n", round, (int)text.len, text.at);
		compile_one(&text, path, folder, stage);
	}
	buf_release(&text);
	buf_release(&sample.text);
}

/* The longest policy there is, by itself: every kind of statement; names are unknown, and reported. */
static void test_access_alone(void **cmocka)
{
	(void)cmocka;
	run("policies/national/access.rko", NULL, RKO_STAGE_CHECK, 900);
}

/* A policy with its vocabulary in one file: damage goes as far as names, types and diagrams. */
static void test_documents(void **cmocka)
{
	(void)cmocka;
	run("examples/documents/documents.rko", NULL, RKO_STAGE_IMAGE, 1200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_access_alone),
		cmocka_unit_test(test_documents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
