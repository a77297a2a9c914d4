/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The bounds on policy texts and on what a policy may declare (the first two groups of engine/base/limits.h): at each
 * bound a policy is accepted, and one past it it is refused, with the bound's code and its number in the message.
 *
 * The texts are written here, as small as they can be. `limits` is the table; what has no line in it is said behind it.
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

#include "dsl/diagram/dd.h"
#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/limits.h"

/* Texts of a compile, by name. */
struct texts {
	struct buf list[LIMIT_FILES + 1];
	unsigned count;
};

static struct buf *add_text(struct texts *texts)
{
	assert_true(texts->count <= LIMIT_FILES);
	return &texts->list[texts->count++];
}

static void vocabulary(struct buf *out)
{
	buf_string(out, "vocabulary a version \"1\"\n"
			"codes source_kind laki\ncodes bearer me\ncodes kanava tiski, verkko\n"
			"source KL laki \"1\" in force 2017-01-01 ..\n  passage \"1\" fi \"x\"\n");
}

/* A request with these further lines, and the beginning of its chapter. */
static void question(struct buf *out, const char *lines)
{
	buf_printf(out, "request q\n  asks fi \"?\"\n  actions x\n  given kanava : kanava\n%s"
			"policy a version \"1\"\nchapter q\n", lines);
}

static void grant(struct buf *out, const char *when)
{
	buf_printf(out, "rule r grant x when %s cite KL \"1\"\n", when);
}

/* Texts ------------------------------------------------------------------------------------------- */

static void write_file(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);

	vocabulary(out);
	while (out->len < n) {	/* comments, 100 bytes a line */
		size_t left = n - out->len;

		if (left > 100)
			left = 100;
		buf_string(out, left == 1 ? "\n" : "--");
		if (left > 2)
			buf_repeat(out, 'x', left - 3);
		if (left > 2)
			buf_char(out, '\n');
	}
	assert_int_equal(out->len, n);
}

static void write_files(struct texts *texts, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		buf_printf(add_text(texts), "vocabulary a version \"1\"\ncodes c%u k\n", i);
}

static void write_tokens(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);
	unsigned left = n - 4, set = 0;

	buf_string(out, "vocabulary a version \"1\"\n");
	while (left) {	/* `codes NAME` and as many codes as there is room for; nothing is left over that is too small */
		unsigned codes = left > 3002 + 3 ? 3000 : left - 2;

		buf_printf(out, "codes s%u\n", set++);
		for (unsigned i = 0; i < codes; i++)
			buf_printf(out, "%c%c%c\n", 'a' + i / 360, '0' + i / 36 % 10,
				   "abcdefghijklmnopqrstuvwxyz0123456789"[i % 36]);
		left -= codes + 2;
	}
}

static void write_name(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);

	buf_string(out, "vocabulary a version \"1\"\ncodes ");
	buf_repeat(out, 'x', n);
	buf_string(out, " k\n");
}

static void write_string(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);

	buf_string(out, "vocabulary a version \"1\"\ncodes c k fi \"");
	buf_repeat(out, 'x', n);
	buf_string(out, "\"\n");
}

static void write_parentheses(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);

	vocabulary(out);
	question(out, "");
	buf_string(out, "rule r grant x when ");
	buf_repeat(out, '(', n);
	buf_string(out, "kanava = tiski");
	buf_repeat(out, ')', n);
	buf_string(out, " cite KL \"1\"\n");
}

static void write_names_behind_names(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);

	vocabulary(out);
	question(out, "");
	for (unsigned i = n; i-- > 1;)
		buf_printf(out, "cond c%u when c%u\n", i, i - 1);
	buf_string(out, "cond c0 when kanava = tiski\n");
	buf_printf(out, "rule r grant x when c%u cite KL \"1\"\n", n - 1);
}

/* Links: the rows of each are found by the record that the one before it gives. */
static void write_links_behind_links(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);

	vocabulary(out);
	buf_string(out, "record p closed key id : id field next : ref p\n");
	buf_string(out, "record s closed key p : ref p field other : ref p\n");
	question(out, "  found p : p\n");
	for (unsigned i = 0; i < n; i++)
		if (i)
			buf_printf(out, "link l%u = the s [l%u.other]\n", i, i - 1);
		else
			buf_string(out, "link l0 = the s [p]\n");
	buf_printf(out, "rule r grant x when l%u exists cite KL \"1\"\n", n - 1);
}

static void write_exceptions(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);

	vocabulary(out);
	buf_string(out, "request q\n  asks fi \"?\"\n  actions x\n  given kanava : kanava\n");
	for (unsigned i = 1; i <= n; i++)
		buf_printf(out, "  given f%u : yesno\n", i);
	buf_string(out, "policy a version \"1\"\nchapter q\nrule e0 grant x when kanava = tiski cite KL \"1\"\n");
	for (unsigned i = 1; i <= n; i++)
		buf_printf(out, "exception e%u to e%u %s when f%u cite KL \"1\"\n", i, i - 1,
			   i % 2 ? "withhold" : "grant", i);
}

/* One exception to as many rules. (More than LIMIT_CLASSES values, so the diagram is not built.) */
static void write_ways(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);

	vocabulary(out);
	buf_string(out, "codes laji\n");
	for (unsigned i = 0; i < n; i++)
		buf_printf(out, "k%u\n", i);
	question(out, "  given laji : laji\n");
	for (unsigned i = 0; i < n; i++)
		buf_printf(out, "rule r%u grant x when laji = k%u cite KL \"1\"\n", i, i);
	buf_string(out, "exception e to r0");
	for (unsigned i = 1; i < n; i++)
		buf_printf(out, ", r%u", i);
	buf_string(out, " withhold when kanava = verkko cite KL \"1\"\n");
}

static void write_path(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);

	vocabulary(out);
	buf_string(out, "record p closed key id : id field next : ref p field flag : yesno\n");
	question(out, "  found p : p\n");
	buf_string(out, "rule r grant x when p");
	for (unsigned i = 1; i < n; i++)
		buf_string(out, ".next");
	buf_string(out, ".flag cite KL \"1\"\n");
}

/* Declarations ------------------------------------------------------------------------------------ */

static void write_codes(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);

	buf_string(out, "vocabulary a version \"1\"\ncodes c\n");
	for (unsigned i = 0; i + 1 < n; i++)
		buf_printf(out, "k%u\n", i);
	buf_string(out, "others rest\n");	/* counts too */
}

static void write_fields(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);

	buf_string(out, "vocabulary a version \"1\"\nrecord r closed key id : id\nfield d : date or none\nfield e : date\n");
	for (unsigned i = 4; i < n; i++)
		buf_printf(out, "field f%u : yesno\n", i);
	buf_string(out, "derive last = d else e\n");
}

static void write_key(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);

	buf_string(out, "vocabulary a version \"1\"\nrecord r closed key ");
	for (unsigned i = 0; i < n; i++)
		buf_printf(out, "%sf%u : id", i ? ", " : "", i);
	buf_char(out, '\n');
}

static void write_judgement(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);

	vocabulary(out);
	buf_string(out, "record p closed key id : id\n");
	buf_string(out, "request q\n  asks fi \"?\"\n  actions x\n");
	for (unsigned i = 0; i < n; i++)
		buf_printf(out, "  found p%u : p\n", i);
	buf_string(out, "policy a version \"1\"\nchapter q\njudgement j by me per ");
	for (unsigned i = 0; i < n; i++)
		buf_printf(out, "%sp%u", i ? ", " : "", i);
	buf_string(out, " asks fi \"?\"\n");
	grant(out, "j");
}

static void write_elements(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);

	vocabulary(out);
	buf_printf(out, "record r closed key id : id field s : set of id at most %u\n", n);
}

static void write_candidates(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);

	vocabulary(out);
	buf_string(out, "record p closed key id : id\nrecord s closed key p : ref p, n : id\n");
	question(out, "  found p : p\n");
	buf_printf(out, "link l = some s [p] at most %u\n", n);
	grant(out, "some l");
}

static void write_actions(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);

	vocabulary(out);
	buf_string(out, "request q\n  asks fi \"?\"\n  actions ");
	for (unsigned i = 0; i < n; i++)
		buf_printf(out, "%sx%u", i ? ", " : "", i);
	buf_printf(out, "\n  given kanava : kanava\npolicy a version \"1\"\nchapter q\n"
			"rule r grant q when kanava = tiski cite KL \"1\"\n");
}

/* Features: the action, the day, and a field of the request for each of the others. */
static void write_features(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);

	vocabulary(out);
	buf_string(out, "request q\n  asks fi \"?\"\n  actions x\n");
	for (unsigned i = 1; i < n - 1; i++)
		buf_printf(out, "  given f%u : yesno\n", i);
	buf_string(out, "policy a version \"1\"\nchapter q\nrule r grant x when f1");
	for (unsigned i = 2; i < n - 1; i++)
		buf_printf(out, " and f%u", i);
	buf_string(out, " cite KL \"1\"\n");
}

/* Values told apart: one rule for each. */
static void write_classes(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);

	vocabulary(out);
	buf_string(out, "codes laji\n");
	for (unsigned i = 0; i < n; i++)
		buf_printf(out, "k%u\n", i);
	question(out, "  given laji : laji\n");
	for (unsigned i = 0; i < n; i++)
		buf_printf(out, "rule r%u grant x when laji = k%u cite KL \"1\"\n", i, i);
}

/* Records: what the request finds, and what its fields refer to, one behind the other. */
static void write_slots(struct texts *texts, unsigned n)
{
	enum { FIELDS = 60 };
	struct buf *out = add_text(texts);

	vocabulary(out);
	buf_string(out, "record p closed key id : id\nfield flag : yesno\n");
	for (unsigned i = 0; i < FIELDS; i++)
		buf_printf(out, "field f%u : ref p\n", i);
	question(out, "  found p : p\n");
	buf_string(out, "rule r grant x when kanava = tiski");
	for (unsigned i = 1, shown = 0; i < n; i++, shown++) {
		unsigned step = shown % FIELDS, deep = shown / FIELDS;

		buf_string(out, " and p");
		for (unsigned j = 0; j < deep; j++)	/* a chain that was read before */
			buf_printf(out, ".f%u", step);
		buf_printf(out, ".f%u.flag", step);
	}
	buf_string(out, " cite KL \"1\"\n");
}

static void write_lists(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);

	vocabulary(out);
	buf_string(out, "record p closed key id : id\nrecord s closed key p : ref p, n : id\n");
	question(out, "  found p : p\n");
	for (unsigned i = 0; i < n; i++)
		buf_printf(out, "link l%u = some s [p] at most 4\n", i);
	buf_string(out, "rule r grant x when some l0");
	for (unsigned i = 1; i < n; i++)
		buf_printf(out, " and some l%u", i);
	buf_string(out, " cite KL \"1\"\n");
}

static void write_duties(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);

	vocabulary(out);
	question(out, "");
	grant(out, "kanava = tiski");
	for (unsigned i = 0; i + 1 < n; i++)
		buf_printf(out, "duty d%u of me on x granted cite KL \"1\" says fi \"d\"\n", i);
	buf_string(out, "rule redacted redact tiski on x when kanava = tiski cite KL \"1\"\n");	/* counts too */
}

/* The table --------------------------------------------------------------------------------------- */

static const struct limit {
	const char *name;
	unsigned bound;
	unsigned code;
	void (*write)(struct texts *texts, unsigned n);
	enum rko_stage stage;
} limits[] = {
	{ "LIMIT_FILE_BYTES", LIMIT_FILE_BYTES, 110, write_file, RKO_STAGE_IMAGE },
	{ "LIMIT_FILES", LIMIT_FILES, 111, write_files, RKO_STAGE_CHECK },
	{ "LIMIT_TOKENS", LIMIT_TOKENS, 112, write_tokens, RKO_STAGE_CHECK },
	{ "LIMIT_NAME_BYTES", LIMIT_NAME_BYTES, 113, write_name, RKO_STAGE_CHECK },
	{ "LIMIT_STRING_BYTES", LIMIT_STRING_BYTES, 114, write_string, RKO_STAGE_CHECK },
	{ "LIMIT_NESTING, parentheses", LIMIT_NESTING, 115, write_parentheses, RKO_STAGE_IMAGE },
	{ "LIMIT_NESTING, names behind names", LIMIT_NESTING, 115, write_names_behind_names, RKO_STAGE_IMAGE },
	{ "LIMIT_NESTING, links behind links", LIMIT_NESTING, 115, write_links_behind_links, RKO_STAGE_IMAGE },
	{ "LIMIT_NESTING, exceptions to exceptions", LIMIT_NESTING, 115, write_exceptions, RKO_STAGE_IMAGE },
	{ "LIMIT_WAYS", LIMIT_WAYS, 115, write_ways, RKO_STAGE_CHECK },
	{ "LIMIT_NESTING, a path", LIMIT_NESTING, 115, write_path, RKO_STAGE_IMAGE },
	{ "LIMIT_CODES", LIMIT_CODES, 1101, write_codes, RKO_STAGE_IMAGE },
	{ "LIMIT_FIELDS", LIMIT_FIELDS, 1102, write_fields, RKO_STAGE_IMAGE },
	{ "LIMIT_KEY_SLOTS", LIMIT_KEY_SLOTS, 1102, write_key, RKO_STAGE_IMAGE },
	{ "LIMIT_KEY_SLOTS, of a judgement", LIMIT_KEY_SLOTS, 1102, write_judgement, RKO_STAGE_IMAGE },
	{ "LIMIT_SET_ELEMENTS", LIMIT_SET_ELEMENTS, 1101, write_elements, RKO_STAGE_IMAGE },
	{ "LIMIT_CANDIDATES", LIMIT_CANDIDATES, 602, write_candidates, RKO_STAGE_IMAGE },
	{ "LIMIT_ACTIONS", LIMIT_ACTIONS, 1102, write_actions, RKO_STAGE_IMAGE },
	{ "LIMIT_FEATURES", LIMIT_FEATURES, 1104, write_features, RKO_STAGE_IMAGE },
	{ "LIMIT_CLASSES", LIMIT_CLASSES, 1104, write_classes, RKO_STAGE_IMAGE },
	{ "LIMIT_SLOTS", LIMIT_SLOTS, 1104, write_slots, RKO_STAGE_IMAGE },
	{ "LIMIT_LISTS", LIMIT_LISTS, 1104, write_lists, RKO_STAGE_IMAGE },
	{ "LIMIT_DUTIES", LIMIT_DUTIES, 1104, write_duties, RKO_STAGE_IMAGE },
};

static struct rko_compiler *compile(const struct limit *limit, unsigned n, enum rko_status *ret_status)
{
	static struct texts texts;
	struct rko_compiler *compiler;

	texts.count = 0;
	limit->write(&texts, n);
	assert_int_equal(rko_compiler_new(&compiler), RKO_OK);
	for (unsigned i = 0; i < texts.count; i++) {
		char name[16];

		snprintf(name, sizeof name, "%03u.rko", i);
		assert_int_equal(rko_compiler_add_text(compiler, name, texts.list[i].at, texts.list[i].len), RKO_OK);
		buf_release(&texts.list[i]);
	}
	*ret_status = rko_compiler_run(compiler, limit->stage);
	return compiler;
}

/* Every error has the code and says the number. */
static void check_refusal(struct rko_compiler *compiler, const struct limit *limit)
{
	json_t *all = json_loads(rko_compiler_messages(compiler, RKO_MESSAGES_JSON, 0, 1), 0, NULL), *diag;
	char code[16], number[16];
	size_t i, said = 0;

	assert_non_null(all);
	snprintf(code, sizeof code, "RKO%04u", limit->code);
	snprintf(number, sizeof number, "%u", limit->bound);
	json_array_foreach(json_object_get(all, "diagnostics"), i, diag) {
		const char *message = json_string_value(json_object_get(diag, "message"));

		if (strcmp(json_string_value(json_object_get(diag, "severity")), "error") != 0)
			continue;
		if (strcmp(json_string_value(json_object_get(diag, "code")), code) != 0 || !strstr(message, number))
			fail_msg("%s: %s %s", limit->name, json_string_value(json_object_get(diag, "code")), message);
		said++;
	}
	assert_int_equal(said, rko_compiler_errors(compiler));
	json_decref(all);
}

static void test_limit(void **state)
{
	const struct limit *limit = *state;
	struct rko_compiler *compiler;
	enum rko_status status;

	compiler = compile(limit, limit->bound, &status);
	if (status != RKO_OK)
		fail_msg("%s: at the bound: %s", limit->name, rko_compiler_messages(compiler, RKO_MESSAGES_TEXT, 2, 0));
	rko_compiler_free(compiler);
	compiler = compile(limit, limit->bound + 1, &status);
	assert_int_equal(status, RKO_POLICY_ERRORS);
	check_refusal(compiler, limit);
	rko_compiler_free(compiler);
}

/* The others -------------------------------------------------------------------------------------- */

/*
 * What has no line in the table:
 *
 *   LIMIT_COMPILE_BYTES   what a compile uses is no round number of anything that is written; the same bound, made
 *                         smaller, is passed at a great many places in tests/unit/test_memory.c, which holds the arena
 *                         to its last byte too
 *   LIMIT_NODES           a policy cannot be written with exactly so many; the bound is held to the node by
 *                         test_nodes, and test_too_many_nodes is a policy that passes it
 *   LIMIT_PROOF_STATES    no error: tests/unit/test_prove.c proves with smaller bounds, at one and one past it
 */
static void test_nodes(void **state)
{
	enum { LEVELS = 40, BOUND = 700 };
	uint32_t arity[LEVELS];
	struct arena arena;
	struct dds dds;
	dd node = DD_TRUE;

	(void)state;
	for (int i = 0; i < LEVELS; i++)
		arity[i] = 2;
	arena_init(&arena, 1 << 24);
	dd_init(&dds, &arena, arity, LEVELS, BOUND);
	while (dds.count < BOUND) {	/* each a node of its own */
		node = dd_node(&dds, LEVELS - 1, (dd[]){ dd_terminal(dds.count), dd_terminal(dds.count + 1) });
		assert_false(dds.full || dd_is_terminal(node));
	}
	assert_int_equal(dd_node(&dds, LEVELS - 1, (dd[]){ dd_terminal(0), dd_terminal(1) }), 0);	/* known */
	assert_false(dds.full);
	node = dd_node(&dds, 0, (dd[]){ DD_TRUE, DD_FALSE });
	assert_true(dds.full);
	assert_int_equal(node, DD_FALSE);
	arena_free(&arena);
}

/* The one pair of each fact lies far from the other, and every combination of the first is a node. */
static void write_nodes(struct texts *texts, unsigned n)
{
	struct buf *out = add_text(texts);

	vocabulary(out);
	buf_string(out, "request q\n  asks fi \"?\"\n  actions x\n");
	for (unsigned i = 0; i < n; i++)
		buf_printf(out, "  given f%u : yesno\n  given g%u : yesno\n", i, i);
	buf_string(out, "policy a version \"1\"\nchapter q\n");
	for (unsigned side = 0; side < 2; side++) {
		buf_printf(out, "rule a%u grant x when %c0", side, "fg"[side]);
		for (unsigned i = 1; i < n; i++)
			buf_printf(out, " and %c%u", "fg"[side], i);
		buf_string(out, " cite KL \"1\"\n");
	}
	for (unsigned i = 0; i < n; i++)
		buf_printf(out, "rule c%02u grant x when f%u and g%u cite KL \"1\"\n", i, i, i);
}

static void test_too_many_nodes(void **state)
{
	static const struct limit limit = { "LIMIT_NODES", LIMIT_NODES, 1103, write_nodes, RKO_STAGE_IMAGE };
	struct rko_compiler *compiler;
	enum rko_status status;

	(void)state;
	compiler = compile(&limit, 20, &status);
	assert_int_equal(status, RKO_POLICY_ERRORS);
	check_refusal(compiler, &limit);
	assert_int_equal(rko_compiler_errors(compiler), 1);
	/* The rule after which it was passed. */
	assert_non_null(strstr(rko_compiler_messages(compiler, RKO_MESSAGES_TEXT, 0, 0), "after `c"));
	assert_null(rko_compiler_image(compiler, &(size_t){ 0 }));
	rko_compiler_free(compiler);
}

static size_t count_of(const char *text, const char *word)
{
	size_t count = 0;

	while ((text = strstr(text, word))) {
		count++;
		text++;
	}
	return count;
}

/* As many errors are shown as the bound says, and the others are counted. */
static void test_shown_errors(void **state)
{
	(void)state;
	for (unsigned n = LIMIT_SHOWN_ERRORS; n <= LIMIT_SHOWN_ERRORS + 2; n++) {
		struct buf text = { 0 };
		char *out = NULL, *messages = NULL, rest[64];
		size_t length;

		buf_string(&text, "vocabulary a version \"1\"\n");
		for (unsigned i = 0; i < n; i++)
			buf_string(&text, "codes c ,\n");
		assert_int_equal(rko_format("a.rko", text.at, text.len, &out, &length, &messages), RKO_POLICY_ERRORS);
		assert_non_null(messages);
		assert_int_equal(count_of(messages, "error[RKO0201]"), LIMIT_SHOWN_ERRORS);
		snprintf(rest, sizeof rest, "… and %u error%s more\n", n - LIMIT_SHOWN_ERRORS,
			 n - LIMIT_SHOWN_ERRORS == 1 ? "" : "s");
		if (n == LIMIT_SHOWN_ERRORS)
			assert_null(strstr(messages, "more\n"));
		else
			assert_non_null(strstr(messages, rest));
		free(messages);
		free(out);
		buf_release(&text);
	}
}

int main(void)
{
	enum { TABLE = sizeof limits / sizeof limits[0], COUNT = TABLE + 3 };
	struct CMUnitTest tests[COUNT] = {
		[TABLE] = cmocka_unit_test(test_nodes),
		[TABLE + 1] = cmocka_unit_test(test_too_many_nodes),
		[TABLE + 2] = cmocka_unit_test(test_shown_errors),
	};

	for (size_t i = 0; i < TABLE; i++)
		tests[i] = (struct CMUnitTest){ .name = limits[i].name, .test_func = test_limit,
						.initial_state = (void *)(uintptr_t)&limits[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
