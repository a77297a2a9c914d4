/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Policy texts: lexer, parser, formatter, checker, compiler. An input is a text; a line of `-- file` begins another one.
 *
 * The compiler comes to an end; what it says has a code that is explained and a place inside of a text; a text that
 * parses has one layout, which is the same policy; what is accepted gives the same bytes again, whatever the order of
 * files, and the bytes are an image that decides.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <rko/compile.h>

#include "engine/base/buf.h"
#include "engine/base/text.h"
#include "tests/fuzz/lib/fuzz.h"

enum { FILES_MOST = 4, TEXT_MOST = 16 << 10, ROUNDS = 20 };

struct texts {
	struct text list[FILES_MOST];
	size_t count;
};

static const char separator[] = "\n-- file\n";

static struct texts split(struct text text)
{
	struct texts texts = { 0 };

	for (;;) {
		const char *end = texts.count + 1 < FILES_MOST
				? memmem(text.at, text.len, separator, sizeof separator - 1) : NULL;

		texts.list[texts.count++] = (struct text){ text.at, end ? (size_t)(end - text.at) : text.len };
		if (!end)
			return texts;
		text.len -= (size_t)(end - text.at) + sizeof separator - 1;
		text.at = end + sizeof separator - 1;
	}
}

static const char *name_of(size_t number)
{
	static const char *const names[FILES_MOST] = { "a/one.rko", "a/two.rko", "b/three.rko", "b/four.rko" };

	return names[number];
}

static struct rko_compiler *compile(const struct texts *texts, bool backwards, enum rko_stage stage)
{
	struct rko_compiler *compiler;
	enum rko_status status;

	HOLDS(rko_compiler_new(&compiler) == RKO_OK, "memory ran out");
	for (size_t i = 0; i < texts->count; i++) {
		size_t number = backwards ? texts->count - 1 - i : i;

		status = rko_compiler_add_text(compiler, name_of(number), texts->list[number].at, texts->list[number].len);
		HOLDS(status == RKO_OK, "a text cannot be added: %s", rko_status_word(status));
	}
	status = rko_compiler_run(compiler, stage);
	HOLDS(status == RKO_OK || status == RKO_POLICY_ERRORS, "the compiler ends with %s", rko_status_word(status));
	HOLDS((status == RKO_OK) == !rko_compiler_errors(compiler), "errors, and none said");
	return compiler;
}

/* Messages ---------------------------------------------------------------------------------------- */

static size_t number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	HOLDS(json_is_integer(value) && json_integer_value(value) >= 0, "a place without `%s`", key);
	return (size_t)json_integer_value(value);
}

static void check_place(const json_t *place, const struct texts *texts)
{
	const char *file = json_string_value(json_object_get(place, "file"));
	size_t length = SIZE_MAX;

	for (size_t i = 0; file && i < texts->count; i++)
		if (strcmp(file, name_of(i)) == 0)
			length = texts->list[i].len;
	HOLDS(length != SIZE_MAX, "a place in no file");
	HOLDS(number(place, "offset") <= length && number(place, "length") <= length - number(place, "offset"),
	      "a place outside of the text");
	HOLDS(number(place, "line") >= 1 && number(place, "column") >= 1, "no line, no column");
}

/* The whole is too large, or the compiler has contradicted itself: there is no place for these. */
static bool is_placeless(unsigned code)
{
	return code == 116 || (code >= 1101 && code <= 1199);
}

static void check_message(const json_t *diag, const struct texts *texts)
{
	const char *code = json_string_value(json_object_get(diag, "code")), *text;
	unsigned known = 0;
	const json_t *also;
	size_t i;

	HOLDS(code && sscanf(code, "RKO%u", &known) == 1 && rko_explain_code(known, &text), "no code, or an unknown one");
	HOLDS(known != 716 && known != 1401, "no policy can bring about %s: %s", code,
	      json_string_value(json_object_get(diag, "message")));
	HOLDS(json_string_length(json_object_get(diag, "message")), "%s says nothing", code);
	if (json_object_get(diag, "file") || !is_placeless(known))
		check_place(diag, texts);
	if (json_object_get(diag, "fix"))
		check_place(json_object_get(diag, "fix"), texts);
	json_array_foreach(json_object_get(diag, "also"), i, also)
		check_place(also, texts);
}

static void check_messages(struct rko_compiler *compiler, const struct texts *texts)
{
	const char *text = rko_compiler_messages(compiler, RKO_MESSAGES_JSON, 0, 1);
	json_t *all = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
	const json_t *diags = json_object_get(all, "diagnostics"), *diag;
	size_t i;

	HOLDS(all, "the messages are not JSON");
	HOLDS(json_array_size(diags) == rko_compiler_errors(compiler) + rko_compiler_warnings(compiler) +
					rko_compiler_notes(compiler), "messages are missing");
	json_array_foreach(diags, i, diag)
		check_message(diag, texts);
	json_decref(all);
	HOLDS(rko_compiler_messages(compiler, RKO_MESSAGES_COLOUR, 20, 1), "no messages for a terminal");
}

/* Layout ------------------------------------------------------------------------------------------ */

/* A tree as text, without the places: they are what a layout changes. */
static char *tree(const struct texts *texts)
{
	struct rko_compiler *compiler = compile(texts, false, RKO_STAGE_AST);
	const char *dump = rko_compiler_errors(compiler) ? NULL : rko_compiler_dump(compiler, RKO_STAGE_AST);
	struct buf out = { 0 };

	for (; dump && *dump; dump++) {
		if (dump[0] == ' ' && dump[1] == '@')
			dump += 2 + strspn(dump + 2, "0123456789:");
		if (*dump)
			buf_char(&out, *dump);
		else
			break;
	}
	rko_compiler_free(compiler);
	return out.at;
}

/* The layout of one text: false when it does not parse. */
static bool lay_out(struct text text, char **ret_text, size_t *ret_length)
{
	char *messages;
	enum rko_status status = rko_format("a/one.rko", text.at, text.len, ret_text, ret_length, &messages);

	HOLDS(status == RKO_OK || status == RKO_POLICY_ERRORS, "the formatter ends with %s", rko_status_word(status));
	HOLDS(status == RKO_OK || (messages && *messages), "no layout, and no reason");
	free(messages);
	return status == RKO_OK;
}

static void check_layout(struct text text)
{
	struct texts before = { .list = { text }, .count = 1 }, after = { .count = 1 };
	char *once, *twice, *tree_before = tree(&before), *tree_after;
	size_t length, again;

	if (!lay_out(text, &once, &length)) {
		HOLDS(!tree_before || text.len * 2 > TEXT_MOST, "it parses, and has no layout");
		free(tree_before);
		return;
	}
	HOLDS(tree_before, "it has a layout, and does not parse");
	HOLDS(lay_out((struct text){ once, length }, &twice, &again), "a layout has no layout");
	HOLDS(length == again && memcmp(once, twice, length) == 0, "laid out twice:\n%s\n----\n%s", once, twice);
	after.list[0] = (struct text){ once, length };
	tree_after = tree(&after);
	HOLDS(tree_after && strcmp(tree_before, tree_after) == 0, "the layout says something else");
	free(tree_before);
	free(tree_after);
	free(once);
	free(twice);
}

/* Image ------------------------------------------------------------------------------------------- */

static void check_image(const struct rko_compiler *compiler, const struct texts *texts)
{
	static struct rko_facts *empty;
	struct rko_compiler *other = compile(texts, true, RKO_STAGE_IMAGE);
	struct rko_policy *policy;
	struct rko_session *session;
	struct rko_fault fault;
	size_t size, size_other;
	const void *image = rko_compiler_image(compiler, &size), *again = rko_compiler_image(other, &size_other);

	HOLDS(image && again && size == size_other && memcmp(image, again, size) == 0, "I7: other bytes the second time");
	HOLDS(rko_policy_from(image, size, &policy, &fault) == RKO_OK, "its own image is refused: %s", fault.text);
	if (!empty)
		empty = facts_new(fuzz_folder());
	HOLDS(rko_session_open(policy, empty, &session, &fault) == RKO_OK, "%s", fault.text);
	fuzz_ask(policy, session, ROUNDS, ROUNDS, size);
	rko_session_close(session);
	rko_policy_unref(policy);
	rko_compiler_free(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct texts texts = split((struct text){ (const char *)data, size });
	struct rko_compiler *compiler;

	if (size > TEXT_MOST)
		return 0;
	for (size_t i = 0; i < texts.count; i++)
		check_layout(texts.list[i]);
	compiler = compile(&texts, false, RKO_STAGE_IMAGE);
	check_messages(compiler, &texts);
	if (!rko_compiler_errors(compiler))
		check_image(compiler, &texts);
	rko_compiler_free(compiler);
	return 0;
}
