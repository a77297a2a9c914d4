/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * I10. Loading facts from YAML: what is wrong with a file, and where; whole or not at all; what is known again; and what
 * was known before. The policy is tests/common/library.rko.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/base/buf.h"
#include "engine/base/diag.h"
#include "engine/base/limits.h"
#include "tests/common/fixture.h"

#define LIBRARY "tests/common/library.rko"

static struct rko_policy *library;
static char *library_facts;

/* A store of its own for each test. */
struct place {
	char *folder;
	struct rko_facts *facts;
};

static struct place place_new(void)
{
	struct place place = { .folder = folder_new() };

	place.facts = facts_new(place.folder);
	return place;
}

static void place_remove(struct place *place)
{
	rko_facts_close(place->facts);
	folder_remove(place->folder);
}

/* Faults --------------------------------------------------------------------------------------------- */

/* Rows to refer to; every fault below comes behind them. */
#define GROUND \
	"branch:\n" \
	"  b1: {town: espoo, kinds: [book], number: none}\n" \
	"customer:\n" \
	"  liisa: {group: adult, town: espoo, guardian: none, banned: no, likes: []}\n"
#define COPY(fields) "copy:\n  c1: {" fields "}\n"
#define CARD(fields) "card:\n  - {" fields "}\n"

static const struct fault {
	unsigned code;
	const char *at;		/* line and column */
	const char *says;	/* a part of the message */
	const char *yaml;
} faults[] = {
	/* kinds and fields */
	{ 1201, "1:1", "no kind of fact `brnach`", "brnach:\n  b1: {}\n" },
	{ 1201, "1:1", "the nearest is `branch`", "brnach:\n  b1: {}\n" },
	{ 1201, "2:3", "no kind of fact `cards`", "remove:\n  cards: [a]\n" },
	{ 1201, "1:13", "no kind of fact `lones`", "refreshed: {lones: 2026-06-15T12:00+03:00}\n" },
	{ 1202, "2:8", "branch has no field `twn`", "branch:\n  b1: {twn: espoo}\n" },
	{ 1202, "6:14", "worked out from other fields", GROUND "copy:\n  c1: {last: 2027-01-01, shelf: a1, kind: book, "
	  "state: lent, branch: b1, bought: 2020-01-01, removed: none, planned: open}\n" },
	{ 1203, "2:3", "a row of branch lacks `town`", "branch:\n  b1: {kinds: [], number: none}\n" },
	{ 1203, "2:3", "an empty list is written []", "branch:\n  b1: {town: espoo, number: none}\n" },
	{ 1203, "2:3", "a row of branch lacks `town`", "branch:\n  b1:\n" },
	{ 1203, "6:5", "a row of card lacks `customer`", GROUND CARD("number: k1, way: own_card, kinds: [], friends: [], "
	  "begins: 2026-01-01, ends: open") },
	/* values */
	{ 1204, "2:14", "`espo` is no code of town, which `town` needs", "branch:\n  b1: {town: espo, kinds: [], number: none}\n" },
	{ 1204, "2:14", "the nearest is `espoo`", "branch:\n  b1: {town: espo, kinds: [], number: none}\n" },
	{ 1204, "2:14", "`town` of branch cannot be none", "branch:\n  b1: {town: none, kinds: [], number: none}\n" },
	{ 1204, "2:14", "`town` of branch cannot be unknown", "branch:\n  b1: {town: unknown, kinds: [], number: none}\n" },
	{ 1204, "2:29", "`bok` is no code of kind", "branch:\n  b1: {town: espoo, kinds: [bok], number: none}\n" },
	{ 1204, "2:29", "`kinds` of branch cannot be none", "branch:\n  b1: {town: espoo, kinds: [none], number: none}\n" },
	{ 1204, "2:40", "`number` of branch cannot be open", "branch:\n  b1: {town: espoo, kinds: [], number: open}\n" },
	{ 1204, "2:3", "`b 1` is no id, which `id` needs", "branch:\n  b 1: {town: espoo, kinds: [], number: none}\n" },
	{ 1204, "2:3", "`` is no id", "branch:\n  '': {town: espoo, kinds: [], number: none}\n" },
	{ 1204, "2:3", "`id` of branch cannot be none", "branch:\n  none: {town: espoo, kinds: [], number: none}\n" },
	{ 1204, "2:3", "`id` of branch cannot be open", "branch:\n  open: {town: espoo, kinds: [], number: none}\n" },
	{ 1204, "6:64", "`2026-02-30` is no date, which `bought` needs", GROUND COPY("shelf: a1, kind: book, state: lent, branch: b1, "
	  "bought: 2026-02-30, removed: none, planned: open") },
	{ 1204, "6:64", "from 1900 to 2199", GROUND COPY("shelf: a1, kind: book, state: lent, branch: b1, "
	  "bought: 1899-12-31, removed: none, planned: open") },
	{ 1204, "6:64", "`bought` of copy cannot be open", GROUND COPY("shelf: a1, kind: book, state: lent, branch: b1, "
	  "bought: open, removed: none, planned: open") },
	{ 1204, "1:12", "an instant is expected here", "refreshed: 2026-06-15\n" },
	{ 1204, "1:12", "with its offset", "refreshed: 2026-06-15T12:00\n" },
	{ 1204, "1:11", "an instant is expected here", "recorded: yesterday\n" },
	/* rows and what they refer to */
	{ 1205, "7:5", "two rows of loan have the same key", GROUND
	  "loan:\n"
	  "  - {customer: liisa, copy: c1, begins: 2026-01-01, ends: 2026-02-01}\n"
	  "  - {customer: liisa, copy: c1, begins: 2026-03-01, ends: 2026-04-01}\n"
	  COPY("shelf: a1, kind: book, state: lent, branch: b1, bought: 2020-01-01, removed: none, planned: open") },
	{ 1206, "2:47", "there is no customer `pekka`, neither in this load nor in the store",
	  "customer:\n  liisa: {group: adult, town: none, guardian: pekka, banned: no, likes: []}\n" },
	{ 1206, "6:16", "there is no customer `kaisa`", GROUND CARD("customer: kaisa, number: k1, way: own_card, kinds: [], friends: [], "
	  "begins: 2026-01-01, ends: open") },
	{ 1206, "6:71", "there is no customer `kaisa`", GROUND CARD("customer: liisa, number: k1, way: own_card, kinds: [], friends: [kaisa], "
	  "begins: 2026-01-01, ends: open") },
	{ 1207, "6:100", "a row of card ends on 2026-01-01, before it begins on 2026-01-02", GROUND
	  CARD("customer: liisa, number: k1, way: own_card, kinds: [], friends: [], begins: 2026-01-02, ends: 2026-01-01") },
	{ 1207, "6:85", "a row of copy ends on 2026-01-01, before it begins on 2026-01-02", GROUND	/* a derived end */
	  COPY("shelf: a1, kind: book, state: lent, branch: b1, bought: 2026-01-02, removed: 2026-01-01, planned: open") },
	{ 1208, "6:3", "of every row of copy must hold: ", GROUND
	  COPY("shelf: a1, kind: film, state: lent, branch: b1, bought: 2020-01-01, removed: none, planned: open") },
	{ 1208, "6:5", "begins on or after 1990-01-01", GROUND
	  CARD("customer: liisa, number: k1, way: own_card, kinds: [], friends: [], begins: 1989-12-31, ends: open") },
	/* sets */
	{ 1209, "2:28", "`kinds` of branch is a list", "branch:\n  b1: {town: espoo, kinds: book, number: none}\n" },
	{ 1209, "2:28", "write it in brackets: [a, b]", "branch:\n  b1: {town: espoo, kinds: book, number: none}\n" },
	{ 1209, "2:28", "`kinds` of branch is a list", "branch:\n  b1: {town: espoo, kinds: unknown, number: none}\n" },
	{ 1209, "2:14", "`town` of branch has one value, not a list", "branch:\n  b1: {town: [espoo], kinds: [], number: none}\n" },
	{ 1209, "2:35", "`book` is stated twice in `kinds`", "branch:\n  b1: {town: espoo, kinds: [book, book], number: none}\n" },
	{ 1209, "2:35", "an element of a list is one value, not a list",
	  "branch:\n  b1: {town: espoo, kinds: [book, [film]], number: none}\n" },
	{ 1209, "2:76", "`likes` of customer has 4 elements; at most 3 are allowed",
	  "customer:\n  liisa: {group: adult, town: none, guardian: none, banned: no, likes:     [book, film, game, score]}\n" },
	/* removals */
	{ 1210, "2:12", "there is no such row of branch", "remove:\n  branch: [b1]\n" },
	{ 1210, "7:5", "there is no such row of loan", GROUND "remove:\n  loan:\n  - {customer: liisa, copy: c1}\n" },
	{ 1210, "2:27", "a row is removed by its key alone", "remove:\n  branch: [{id: b1, town: espoo}]\n" },
	/* YAML */
	{ 1212, "3:1", "did not find expected", "branch:\n  b1: [a\n" },
	{ 1212, "2:1", "cannot start any token", "branch:\n\tb1: {}\n" },
	{ 1212, "2:4", "a control character has no place here", "branch:\n  b\x1b: {}\n" },
	{ 1212, "2:5", "the file is not UTF-8 text", "branch:\n  b\xe4" "1: {}\n" },
	{ 1212, "1:1", "the file is not UTF-8 text", "\xff\xfe" "branch\n" },
	{ 1212, "2:3", "the file is not UTF-8 text", "branch:\n  \xc0\xaf: {}\n" },
	{ 1212, "2:3", "the file is not UTF-8 text", "branch:\n  \xed\xa0\x80: {}\n" },
	{ 1213, "1:9", "anchors (&) and aliases (*)", "branch: &a\n  b1: {}\n" },
	{ 1213, "2:14", "anchors (&) and aliases (*)", "branch:\n  b1: {town: &a espoo}\n" },
	{ 1213, "2:28", "anchors (&) and aliases (*)", "branch:\n  b1: {town: espoo, kinds: &a [], number: none}\n" },
	{ 1213, "2:14", "anchors (&) and aliases (*)", "branch:\n  b1: {town: *a}\n" },
	{ 1213, "2:14", "tags (!)", "branch:\n  b1: {town: !!str espoo}\n" },
	{ 1213, "2:7", "tags (!)", "branch:\n  b1: !x {town: espoo}\n" },
	{ 1213, "2:28", "tags (!)", "branch:\n  b1: {town: espoo, kinds: !x [], number: none}\n" },
	{ 1213, "2:3", "merge keys (<<)", "branch:\n  <<: {}\n" },
	{ 1213, "2:8", "merge keys (<<)", "branch:\n  b1: {<<: {}}\n" },
	{ 1213, "3:1", "a file holds one document", "---\nbranch:\n---\nbranch:\n" },
	{ 1214, "2:1", "`branch` is stated twice", "branch:\nbranch:\n" },
	{ 1214, "3:3", "`b1` is stated twice", "branch:\n  b1: {town: espoo, kinds: [], number: none}\n  b1: {town: espoo, kinds: [], number: none}\n" },
	{ 1214, "2:21", "`town` is stated twice", "branch:\n  b1: {town: espoo, town: raahe}\n" },
	{ 1214, "2:8", "`id` is stated twice", "branch:\n  b1: {id: b2, town: espoo, kinds: [], number: none}\n" },
	{ 1216, "1:1", "the file is empty", "" },
	{ 1216, "2:1", "the file is empty", "# nothing\n" },
	{ 1216, "1:1", "entries of the form `name: value`", "- a\n" },
	{ 1216, "1:1", "entries of the form `name: value`", "abc\n" },
	{ 1216, "1:9", "entries of the form `name: value`", "branch: abc\n" },
	{ 1216, "2:7", "the fields of a row are expected", "branch:\n  b1: x\n" },
	{ 1216, "2:14", "a value is expected here, not fields", "branch:\n  b1: {town: {a: b}}\n" },
	{ 1216, "2:3", "card has a key of several fields: a list of rows", "card:\n  k1: {}\n" },
	{ 1216, "1:9", "entries of the form `name: value`", "remove: [b1]\n" },
	{ 1216, "2:11", "a list of what is removed", "remove:\n  branch: b1\n" },
	{ 1216, "1:12", "one instant is expected, or one for each kind", "refreshed: [a]\n" },
	{ 1216, "2:5", "a name is expected here", "branch:\n  ? [a]\n  : b\n" },
};

static bool has_code(const struct load_result *result, unsigned code)
{
	for (size_t i = 0; i < sizeof result->codes / sizeof result->codes[0]; i++)
		if (result->codes[i] == code)
			return true;
	return false;
}

static uint32_t generation(struct rko_facts *facts)
{
	struct rko_facts_about about;

	assert_int_equal(rko_facts_about(facts, &about), RKO_OK);
	return about.generation;
}

static void faults_and_their_places(void **state)
{
	struct place place = place_new();
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		struct load_result result = facts_try(place.facts, library, faults[i].yaml, SIZE_MAX, RECORDED);
		char head[40], where[40];

		snprintf(head, sizeof head, "error[RKO%u]: ", faults[i].code);
		snprintf(where, sizeof where, "--> facts.yaml:%s\n", faults[i].at);
		if (result.status != RKO_FACTS_REFUSED || !has_code(&result, faults[i].code) ||
		    !strstr(result.messages, head) || !strstr(result.messages, where) ||
		    !strstr(result.messages, faults[i].says)) {
			print_message("expected %u at %s: %s\n%s\nfound %s\n%s\n", faults[i].code, faults[i].at, faults[i].says,
				      faults[i].yaml, rko_status_word(result.status), result.messages);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
	assert_int_equal(generation(place.facts), 0);
	place_remove(&place);
}

/* A byte order mark and a directive are no part of the data. */
static void other_forms_of_the_same(void **state)
{
	static const char *const forms[] = {
		"branch:\n  b1: {town: espoo, kinds: [book], number: none}\n",
		"\xef\xbb\xbf\x62ranch:\n  b1: {town: espoo, kinds: [book], number: none}\n",
		"%YAML 1.1\n---\nbranch:\n  b1: {town: espoo, kinds: [book], number: none}\n...\n",
		"branch:\r\n  b1:\r\n    town: espoo\r\n    kinds:\r\n    - book\r\n    number: none\r\n",
		"branch:\n  - {id: b1, town: espoo, kinds: [book], number: none}\n",
		"\"branch\": {'b1': {\"town\": 'espoo', \"kinds\": [\"book\"], \"number\": \"none\"}}\n",
		"branch: {b1: {number: none, kinds: [book], town: espoo}}\n# the end",
	};
	struct place place = place_new();

	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		struct rko_loaded loaded = facts_load(place.facts, library, forms[i]);

		assert_int_equal(loaded.generation, 1);
		assert_int_equal(loaded.rows, i == 0);
		assert_int_equal(loaded.same, i != 0);
	}
	place_remove(&place);
}

static void a_nul_byte_does_not_end_a_file(void **state)
{
	static const char yaml[] = "branch:\n  b1: {town: espoo, kinds: [], number: none}\n\0nonsense";
	struct place place = place_new();
	struct load_result result = facts_try(place.facts, library, yaml, sizeof yaml - 1, RECORDED);

	(void)state;
	assert_int_equal(result.status, RKO_FACTS_REFUSED);
	assert_int_equal(result.codes[0], 1212);
	assert_non_null(strstr(result.messages, "--> facts.yaml:3:1\n"));
	place_remove(&place);
}

/* libyaml ends lines where nobody else does, and at the end of a text; such a place is the end of the file. */
static void a_line_that_only_libyaml_has(void **state)
{
	struct place place = place_new();
	struct load_result result;
	char text[400];

	(void)state;
	memset(text, 'x', sizeof text);
	text[0] = '#';
	result = facts_try(place.facts, library, text, sizeof text, RECORDED);
	assert_int_equal(result.codes[0], 1216);
	assert_non_null(strstr(result.messages, "--> facts.yaml:1:401\n"));
	result = facts_try(place.facts, library, "# a\r# b\xc2\x85no_kind: {}", SIZE_MAX, RECORDED);
	assert_int_equal(result.codes[0], 1201);
	assert_non_null(strstr(result.messages, "--> facts.yaml:1:20\n"));
	place_remove(&place);
}

/* What a terminal would obey is shown as a mark. */
static void messages_hold_no_control_characters(void **state)
{
	struct place place = place_new();
	struct load_result result = facts_try(place.facts, library,
		"branch:\n  b1: {town: \"\\x1b[31m\", kinds: [], number: none}\n", SIZE_MAX, RECORDED);

	(void)state;
	assert_int_equal(result.codes[0], 1204);
	assert_non_null(strstr(result.messages, "`\xef\xbf\xbd[31m` is no code of town"));
	for (const char *at = result.messages; *at; at++)
		assert_true((unsigned char)*at >= 0x20 || *at == '\n');
	place_remove(&place);
}

/* Rows read back -------------------------------------------------------------------------------------- */

struct listing {
	struct buf text;
	struct rko_policy *policy;
	int left;	/* rows, before it stops */
};

static void add_value(struct buf *out, const struct rko_value *value)
{
	if (value->kind == RKO_VALUE_MISSING)
		buf_char(out, '-');
	else if (value->kind == RKO_VALUE_TEXT)
		buf_text(out, (struct text){ value->text, value->length });
	for (size_t i = 0; value->kind == RKO_VALUE_SET && i < value->length; i++)
		buf_printf(out, "%c%.*s", i ? '+' : '=', (int)value->elements[i].length, value->elements[i].text);
	if (value->kind == RKO_VALUE_SET && !value->length)
		buf_char(out, '=');
}

static int list_fact(void *context, const struct rko_fact *fact)
{
	struct listing *listing = context;

	buf_printf(&listing->text, "%u%s", fact->generation, fact->removed ? " removed" : "");
	for (size_t i = 0; i < fact->count; i++) {
		buf_char(&listing->text, ' ');
		add_value(&listing->text, &fact->values[i]);
	}
	buf_char(&listing->text, '\n');
	return 1;
}

/* Rows of a kind as text: generation and values; sets with = and +, what is not there as -. */
static char *list(struct rko_facts *facts, struct rko_policy *policy, const char *kind, const char *key,
		  uint32_t as_of, int history)
{
	struct listing listing = { .policy = policy };
	struct rko_value value = { .kind = RKO_VALUE_TEXT, .text = key, .length = key ? strlen(key) : 0 };

	assert_int_equal(rko_facts_read(facts, policy, rko_policy_kind(policy, kind), &value, key ? 1 : 0, as_of,
					history, list_fact, &listing), RKO_OK);
	if (!listing.text.at)
		buf_string(&listing.text, "");
	return listing.text.at;
}

static void assert_list(struct rko_facts *facts, struct rko_policy *policy, const char *kind, const char *key,
			uint32_t as_of, int history, const char *expected)
{
	char *found = list(facts, policy, kind, key, as_of, history);

	assert_string_equal(found, expected);
	free(found);
}

static int stop_after(void *context, const struct rko_fact *fact)
{
	struct listing *listing = context;

	list_fact(context, fact);
	return --listing->left > 0;
}

/* Page by page it is what it is at once, whatever the length of a page, and as of the same generation. */
static void pages_of_rows(void **state)
{
	struct place place = place_new();
	uint32_t kind = rko_policy_kind(library, "branch");
	struct rko_value behind = { .kind = RKO_VALUE_TEXT };
	char *whole;

	(void)state;
	facts_load(place.facts, library, GROUND);
	facts_load(place.facts, library, "branch:\n  b3: {town: espoo, kinds: [], number: none}\n"
		   "  b0: {town: raahe, kinds: [], number: none}\n  b2: {town: sipoo, kinds: [], number: none}\n");
	whole = list(place.facts, library, "branch", NULL, 2, 0);
	facts_load(place.facts, library, "branch:\n  b4: {town: espoo, kinds: [], number: none}\n");
	for (int length = 1; length <= 5; length++) {
		struct listing listing = { .policy = library };
		char last[8] = "";
		size_t before;

		do {
			before = listing.text.len;
			listing.left = length;
			behind.text = last;
			behind.length = strlen(last);
			assert_int_equal(rko_facts_read_behind(place.facts, library, kind, *last ? &behind : NULL, 2, stop_after,
							       &listing), RKO_OK);
			if (listing.text.len > before) {
				const char *line = listing.text.at + listing.text.len - 1;

				while (line > listing.text.at && line[-1] != '\n')
					line--;
				assert_int_equal(sscanf(line, "%*u %7s", last), 1);
			}
		} while (listing.text.len > before);
		assert_string_equal(listing.text.at, whole);
		buf_release(&listing.text);
	}
	behind.text = "nowhere";
	behind.length = strlen(behind.text);
	assert_int_equal(rko_facts_read_behind(place.facts, library, kind, &behind, 0, stop_after, NULL), RKO_ARGUMENT);
	free(whole);
	place_remove(&place);
}

static void every_type_is_read_back(void **state)
{
	struct place place = place_new();

	(void)state;
	facts_load(place.facts, library, library_facts);
	assert_list(place.facts, library, "branch", NULL, 0, 0,
		    "1 b1 espoo =book+film 1.2.3\n1 b2 sipoo = none\n");
	assert_list(place.facts, library, "customer", NULL, 0, 0,
		    "1 liisa adult espoo none no =book+score n1\n1 pekka child none liisa yes unknown unknown\n"
		    "1 kaisa staff sipoo pekka no = unknown\n");
	assert_list(place.facts, library, "copy", "c1", 0, 0,
		    "1 c1 a1 book shelved b1 2020-01-01 none open -\n");
	assert_list(place.facts, library, "card", "liisa", 0, 0,
		    "1 liisa k1 own_card =book+game =kaisa 2026-01-01 open\n"
		    "1 liisa k2 family_card =score = 2026-02-01 2026-08-01\n");
	assert_list(place.facts, library, "card", "pekka", 0, 0, "");
	assert_list(place.facts, library, "card", "nobody", 0, 0, "");
	assert_list(place.facts, library, "loan", NULL, 0, 0, "1 liisa c1 2026-06-01 2026-06-20\n");
	place_remove(&place);
}

/* Generations ------------------------------------------------------------------------------------------ */

static struct rko_loaded load_at(struct rko_facts *facts, const char *yaml, const char *recorded)
{
	struct load_result result = facts_try(facts, library, yaml, SIZE_MAX, instant(recorded));

	if (result.status != RKO_OK)
		fail_msg("%s\n%s", rko_status_word(result.status), result.messages);
	return result.loaded;
}

static void what_was_known_is_kept(void **state)
{
	struct place place = place_new();
	uint32_t number;

	(void)state;
	load_at(place.facts, "branch:\n  b1: {town: espoo, kinds: [], number: none}\n"
			     "  b2: {town: raahe, kinds: [], number: none}\n", "2026-01-01T12:00+02:00");
	load_at(place.facts, "branch:\n  b1: {town: sipoo, kinds: [book], number: none}\n", "2026-02-01T12:00+02:00");
	assert_int_equal(load_at(place.facts, "remove:\n  branch: [b1]\n", "2026-03-01T12:00+02:00").removed, 1);
	load_at(place.facts, "branch:\n  b1: {town: raahe, kinds: [], number: 1.2}\n", "2026-04-01T12:00+03:00");
	assert_list(place.facts, library, "branch", NULL, 1, 0, "1 b1 espoo = none\n1 b2 raahe = none\n");
	assert_list(place.facts, library, "branch", NULL, 2, 0, "2 b1 sipoo =book none\n1 b2 raahe = none\n");
	assert_list(place.facts, library, "branch", NULL, 3, 0, "1 b2 raahe = none\n");
	assert_list(place.facts, library, "branch", NULL, 0, 0, "4 b1 raahe = 1.2\n1 b2 raahe = none\n");
	assert_list(place.facts, library, "branch", "b1", 0, 1,
		    "4 b1 raahe = 1.2\n3 removed b1 - - -\n2 b1 sipoo =book none\n1 b1 espoo = none\n");
	assert_int_equal(rko_facts_generation_at(place.facts, instant("2025-12-31T12:00+02:00"), &number),
			 RKO_FACTS_GENERATION);
	assert_int_equal(rko_facts_generation_at(place.facts, instant("2026-02-01T11:59:59+02:00"), &number), RKO_OK);
	assert_int_equal(number, 1);
	assert_int_equal(rko_facts_generation_at(place.facts, instant("2026-02-01T12:00+02:00"), &number), RKO_OK);
	assert_int_equal(number, 2);
	assert_int_equal(rko_facts_generation_at(place.facts, instant("2030-01-01T12:00+02:00"), &number), RKO_OK);
	assert_int_equal(number, 4);
	assert_int_equal(rko_facts_read(place.facts, library, 0, NULL, 0, 5, 0, list_fact, NULL), RKO_FACTS_GENERATION);
	place_remove(&place);
}

static void what_is_known_makes_no_generation(void **state)
{
	struct place place = place_new();
	struct rko_loaded loaded;
	char *twice;

	(void)state;
	loaded = facts_load(place.facts, library, GROUND);
	assert_int_equal(loaded.generation, 1);
	assert_int_equal(loaded.rows, 2);
	loaded = facts_load(place.facts, library, GROUND);
	assert_int_equal(loaded.generation, 1);
	assert_int_equal(loaded.rows, 0);
	assert_int_equal(loaded.same, 2);
	assert_int_equal(generation(place.facts), 1);
	/* That everything is known as of an instant is news once. */
	assert_true(asprintf(&twice, "%srefreshed: 2026-06-15T12:00+03:00\n", GROUND) > 0);
	assert_int_equal(facts_load(place.facts, library, twice).generation, 2);
	assert_int_equal(facts_load(place.facts, library, twice).generation, 2);
	free(twice);
	assert_true(asprintf(&twice, "%srefreshed: 2026-06-15T13:00+03:00\n", GROUND) > 0);
	assert_int_equal(facts_load(place.facts, library, twice).generation, 3);
	free(twice);
	/* One row that differs is stored alone. */
	loaded = facts_load(place.facts, library, GROUND "  pekka: {group: child, town: none, guardian: liisa, banned: no, likes: []}\n");
	assert_int_equal(loaded.generation, 4);
	assert_int_equal(loaded.rows, 1);
	assert_int_equal(loaded.same, 2);
	place_remove(&place);
}

/* Many rows, one of them wrong: at the beginning, in the middle, at the end. */
static void whole_or_not_at_all(void **state)
{
	enum { ROWS = 1000 };
	static const int wrong[] = { 0, 500, ROWS - 1 };
	struct place place = place_new();

	(void)state;
	facts_load(place.facts, library, GROUND);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct buf yaml = { 0 };
		struct load_result result;
		char where[40];

		buf_string(&yaml, "customer:\n");
		for (int row = 0; row < ROWS; row++)
			buf_printf(&yaml, "  c%d: {group: %s, town: none, guardian: none, banned: no, likes: []}\n", row,
				   row == wrong[i] ? "adults" : "adult");
		result = facts_try(place.facts, library, yaml.at, yaml.len, RECORDED);
		assert_int_equal(result.status, RKO_FACTS_REFUSED);
		snprintf(where, sizeof where, "--> facts.yaml:%d:", wrong[i] + 2);
		assert_non_null(strstr(result.messages, where));
		assert_int_equal(generation(place.facts), 1);
		assert_list(place.facts, library, "customer", "c1", 0, 0, "");
		buf_release(&yaml);
	}
	place_remove(&place);
}

/* Beyond 256 keys the reader of YAML remembers no more; the load does. */
static void one_row_twice_among_many(void **state)
{
	struct place place = place_new();
	struct load_result result;
	struct buf yaml = { 0 };

	(void)state;
	buf_string(&yaml, "customer:\n");
	for (int row = 0; row < 600; row++)
		buf_printf(&yaml, "  c%d: {group: adult, town: none, guardian: none, banned: no, likes: []}\n", row % 599);
	result = facts_try(place.facts, library, yaml.at, yaml.len, RECORDED);
	assert_int_equal(result.status, RKO_FACTS_REFUSED);
	assert_true(result.codes[0] == 1205 && !result.codes[1]);
	assert_non_null(strstr(result.messages, "--> facts.yaml:601:3\n"));
	assert_non_null(strstr(result.messages, "::: facts.yaml:2:3\n"));
	buf_release(&yaml);
	place_remove(&place);
}

/* Removing --------------------------------------------------------------------------------------------- */

static void what_is_referred_to_stays(void **state)
{
	static const struct { const char *yaml; unsigned code; } loads[] = {
		{ "remove:\n  customer: [kaisa]\n", 1210 },			/* a friend of a card */
		{ "remove:\n  customer: [pekka]\n", 1210 },			/* kaisa's guardian, and the key of a denial */
		{ "remove:\n  branch: [b1]\n", 1210 },				/* a field of copies */
		{ "remove:\n  branch: [b1, b1]\n", 1205 },
		{ "remove:\n  copy: [c1]\n", 1210 },				/* the key of a loan */
		{ "remove:\n  copy: [c1]\n  loan:\n  - {customer: liisa, copy: c1}\n", 0 },
		{ "remove:\n  loan:\n  - {customer: liisa, copy: c1}\n", 1210 },	/* gone already */
		{ "loan:\n  - {customer: liisa, copy: c1, begins: 2026-06-01, ends: 2026-06-20}\n", 1206 },
		{ "remove:\n  branch: [b2]\ncopy:\n  c2: {shelf: f1, kind: film, state: lent, branch: b1, bought: 2026-07-01, "
		  "removed: none, planned: open}\n", 0 },			/* what referred to it does so no more */
		{ "remove:\n  customer: [kaisa]\ncustomer:\n  kaisa: {group: staff, town: sipoo, guardian: pekka, banned: no, likes: []}\n",
		  1205 },
	};
	struct place place = place_new();

	(void)state;
	facts_load(place.facts, library, library_facts);
	for (size_t i = 0; i < sizeof loads / sizeof loads[0]; i++) {
		uint32_t before = generation(place.facts);
		struct load_result result = facts_try(place.facts, library, loads[i].yaml, SIZE_MAX, RECORDED);

		assert_int_equal(result.status, loads[i].code ? RKO_FACTS_REFUSED : RKO_OK);
		if (loads[i].code && !has_code(&result, loads[i].code))
			fail_msg("load %zu:\n%s", i, result.messages);
		assert_int_equal(generation(place.facts), before + !loads[i].code);
	}
	place_remove(&place);
}

/* Other loads, other policies --------------------------------------------------------------------------- */

/* Where rows were read ---------------------------------------------------------------------------------- */

static int list_place(void *context, const struct rko_fact *fact)
{
	struct listing *listing = context;

	buf_printf(&listing->text, "%u%s %.*s %s:%llu\n", fact->generation, fact->removed ? " removed" : "",
		   (int)fact->values[0].length, fact->values[0].text, fact->source, (unsigned long long)fact->line);
	return 1;
}

static void assert_places(struct rko_facts *facts, const char *kind, int history, const char *expected)
{
	struct listing listing = { .policy = library };

	assert_int_equal(rko_facts_read(facts, library, rko_policy_kind(library, kind), NULL, 0, 0, history, list_place,
					&listing), RKO_OK);
	assert_string_equal(listing.text.at, expected);
	buf_release(&listing.text);
}

/* Of a file: the line on which the row begins, of whichever generation made it known. */
static void lines_of_a_file(void **state)
{
	struct place place = place_new();

	(void)state;
	facts_load(place.facts, library, GROUND "\n# a remark\n"
		   "  pekka:\n    group: child\n    town: none\n    guardian: liisa\n    banned: no\n    likes: []\n"
		   "card:\n  - customer: liisa\n    number: k1\n    way: own_card\n    kinds: []\n    friends: []\n"
		   "    begins: 2026-01-01\n    ends: open\n");
	assert_places(place.facts, "branch", 0, "1 b1 facts.yaml:2\n");
	assert_places(place.facts, "customer", 0, "1 liisa facts.yaml:4\n1 pekka facts.yaml:7\n");
	assert_places(place.facts, "card", 0, "1 liisa facts.yaml:14\n");
	/* What is known already stays where it was first read; a correction names its own line, and so does a removal. */
	assert_int_equal(facts_load(place.facts, library, "\n\n" GROUND).generation, 1);
	facts_load(place.facts, library, "\n\ncustomer:\n  liisa: {group: staff, town: espoo, guardian: none, banned: no, likes: []}\n"
		   "remove:\n  card:\n  - {customer: liisa, number: k1}\n");
	assert_places(place.facts, "customer", 0, "2 liisa facts.yaml:4\n1 pekka facts.yaml:7\n");
	assert_places(place.facts, "card", 1, "2 removed liisa facts.yaml:7\n1 liisa facts.yaml:14\n");
	place_remove(&place);
}

static enum rko_status stage_branch(struct rko_load *load, const char *id)
{
	const struct rko_value values[] = {
		{ .kind = RKO_VALUE_TEXT, .text = id, .length = strlen(id) },
		{ .kind = RKO_VALUE_TEXT, .text = "espoo", .length = 5 },
		{ .kind = RKO_VALUE_SET },
		{ .kind = RKO_VALUE_TEXT, .text = "none", .length = 4 },
	};

	return rko_load_row(load, rko_policy_kind(library, "branch"), values, 4, 0);
}

/* Of a program that loads: what it counts by, from whatever it reads. */
static void lines_of_a_program(void **state)
{
	struct place place = place_new();
	struct rko_loaded loaded;
	struct rko_load *load;
	char *long_name = calloc(1, 1010);

	(void)state;
	memset(long_name, 'x', 999);
	strcat(long_name, "ä…");
	assert_int_equal(rko_load_begin(place.facts, library, &load, NULL), RKO_OK);
	assert_int_equal(stage_branch(load, "nothing"), RKO_OK);
	assert_int_equal(rko_load_line(load, 7), RKO_OK);
	assert_int_equal(stage_branch(load, "b1"), RKO_OK);
	assert_int_equal(stage_branch(load, "b2"), RKO_OK);	/* a line is of one row */
	assert_int_equal(rko_load_source(load, "table b"), RKO_OK);
	assert_int_equal(rko_load_line(load, INT64_MAX), RKO_OK);
	assert_int_equal(stage_branch(load, "b3"), RKO_OK);
	assert_int_equal(rko_load_source(load, long_name), RKO_OK);
	assert_int_equal(rko_load_line(load, 300), RKO_OK);
	assert_int_equal(stage_branch(load, "b4"), RKO_OK);
	assert_int_equal(rko_load_source(load, "table b"), RKO_OK);	/* goes on */
	assert_int_equal(stage_branch(load, "b5"), RKO_OK);
	assert_int_equal(rko_load_commit(load, RECORDED, &loaded), RKO_OK);
	rko_load_free(load);
	long_name[999] = '\0';
	{
		char *expected;

		/* In the order of their numbers; what came before a source was named is of none. */
		assert_true(asprintf(&expected, "1 nothing :0\n1 b1 :7\n1 b2 :0\n1 b3 table b:%lld\n"
				     "1 b4 %s:300\n1 b5 table b:0\n", (long long)INT64_MAX, long_name) > 0);
		assert_places(place.facts, "branch", 0, expected);
		free(expected);
	}
	assert_int_equal(rko_load_begin(place.facts, library, &load, NULL), RKO_OK);
	assert_int_equal(rko_load_line(load, (uint64_t)INT64_MAX + 1), RKO_ARGUMENT);
	assert_int_equal(stage_branch(load, "b6"), RKO_ARGUMENT);
	assert_int_equal(rko_load_commit(load, RECORDED, &loaded), RKO_ARGUMENT);
	rko_load_free(load);
	free(long_name);
	place_remove(&place);
}

static void a_load_that_came_between(void **state)
{
	struct place place = place_new();
	struct rko_load *first, *second;
	struct rko_loaded loaded;

	(void)state;
	assert_int_equal(rko_load_begin(place.facts, library, &first, NULL), RKO_OK);
	assert_int_equal(rko_load_begin(place.facts, library, &second, NULL), RKO_OK);
	assert_int_equal(stage_branch(first, "b1"), RKO_OK);
	assert_int_equal(stage_branch(second, "b2"), RKO_OK);
	assert_int_equal(rko_load_commit(second, RECORDED, &loaded), RKO_OK);
	assert_int_equal(rko_load_commit(first, RECORDED, &loaded), RKO_FACTS_BUSY);
	rko_load_free(first);
	rko_load_free(second);
	assert_list(place.facts, library, "branch", NULL, 0, 0, "1 b2 espoo = none\n");
	place_remove(&place);
}

static void how_a_load_is_used(void **state)
{
	struct place place = place_new();
	struct rko_loaded loaded;
	struct rko_fault fault;
	struct rko_load *load;
	struct rko_value value = { 0 };
	char *path;

	(void)state;
	assert_int_equal(rko_load_begin(place.facts, library, &load, NULL), RKO_OK);
	assert_int_equal(rko_load_refreshed(load, 99, 0), RKO_ARGUMENT);
	assert_int_equal(stage_branch(load, "b1"), RKO_OK);
	assert_int_equal(rko_load_commit(load, RECORDED, &loaded), RKO_OK);
	assert_int_equal(rko_load_commit(load, RECORDED, &loaded), RKO_ARGUMENT);	/* once */
	assert_int_equal(stage_branch(load, "b2"), RKO_ARGUMENT);
	rko_load_free(load);
	assert_int_equal(rko_load_begin(place.facts, library, &load, NULL), RKO_OK);
	assert_int_equal(rko_load_row(load, 0, &value, 1, 0), RKO_ARGUMENT);	/* another number of fields */
	rko_load_free(load);
	assert_int_equal(rko_load_begin(place.facts, library, &load, NULL), RKO_OK);
	assert_int_equal(rko_load_row(load, 99, &value, 1, 0), RKO_ARGUMENT);	/* no such kind */
	rko_load_free(load);
	rko_load_free(NULL);
	rko_facts_close(place.facts);
	assert_true(asprintf(&path, "%s/facts", place.folder) > 0);
	assert_int_equal(rko_facts_open(path, 0, &place.facts, &fault), RKO_OK);
	assert_int_equal(rko_load_begin(place.facts, library, &load, &fault), RKO_ARGUMENT);
	assert_string_equal(fault.text, "the facts were not opened for writing");
	assert_int_equal(generation(place.facts), 1);
	free(path);
	place_remove(&place);
}

/* The library's text with one part of it in other words. */
static struct rko_policy *library_with(const char *old, const char *new)
{
	char *text = file_read(LIBRARY, NULL), *at = strstr(text, old), *changed;
	struct rko_policy *policy;

	assert_non_null(at);
	assert_true(asprintf(&changed, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old)) > 0);
	policy = policy_compile(changed, NULL);
	free(changed);
	free(text);
	return policy;
}

static enum rko_status open_session(struct rko_policy *policy, struct rko_facts *facts)
{
	struct rko_session *session = NULL;
	enum rko_status status = rko_session_open(policy, facts, &session, NULL);

	rko_session_close(session);
	return status;
}

/* A store outlives policies: what a newer one has and the rows have not is unknown. */
static void a_field_more(void **state)
{
	struct rko_policy *newer = library_with("  field   town   : town\n  field   kinds",
						"  field   town   : town\n  field   opened : date or unknown\n  field   kinds");
	struct place place = place_new();
	struct load_result result;

	(void)state;
	facts_load(place.facts, library, GROUND);
	assert_int_equal(open_session(newer, place.facts), RKO_OK);
	assert_list(place.facts, newer, "branch", NULL, 0, 0, "1 b1 espoo unknown =book none\n");
	result = facts_try(place.facts, newer, "branch:\n  b2: {town: raahe, opened: 2020-05-01, kinds: [], number: none}\n",
			   SIZE_MAX, RECORDED);
	assert_int_equal(result.status, RKO_OK);
	assert_int_equal(result.loaded.generation, 2);
	assert_list(place.facts, newer, "branch", NULL, 0, 0,
		    "1 b1 espoo unknown =book none\n2 b2 raahe 2020-05-01 = none\n");
	assert_list(place.facts, library, "branch", NULL, 0, 0, "1 b1 espoo =book none\n2 b2 raahe = none\n");
	place_remove(&place);
	rko_policy_unref(newer);
}

/* A code more is a row's to have; a policy that does not know it cannot decide by the row. */
static void a_code_more(void **state)
{
	struct rko_policy *newer = library_with("espoo, raahe, sipoo\n", "vihti, espoo, raahe, sipoo\n");
	struct place place = place_new();
	struct listing listing = { 0 };

	(void)state;
	facts_load(place.facts, library, GROUND);
	assert_int_equal(facts_load(place.facts, newer, "branch:\n  b2: {town: vihti, kinds: [], number: none}\n").generation, 2);
	assert_list(place.facts, newer, "branch", NULL, 0, 0, "1 b1 espoo =book none\n2 b2 vihti = none\n");
	assert_list(place.facts, library, "branch", "b1", 0, 0, "1 b1 espoo =book none\n");
	assert_int_equal(rko_facts_read(place.facts, library, rko_policy_kind(library, "branch"), NULL, 0, 0, 0,
					list_fact, &listing), RKO_FACTS_SCHEMA);
	buf_release(&listing.text);
	place_remove(&place);
	rko_policy_unref(newer);
}

/* Rows of another key cannot be told apart any more: neither loaded nor decided by. */
static void another_key(void **state)
{
	struct rko_policy *other = library_with("number : id\n  field   kind", "number : channel\n  field   kind");
	struct place place = place_new();
	struct rko_load *load = NULL;
	struct rko_fault fault;

	(void)state;
	facts_load(place.facts, library, library_facts);
	assert_int_equal(rko_load_begin(place.facts, other, &load, &fault), RKO_FACTS_SCHEMA);
	assert_string_equal(fault.text, rko_status_meaning(RKO_FACTS_SCHEMA));
	assert_int_equal(open_session(other, place.facts), RKO_FACTS_SCHEMA);
	assert_null(load);
	assert_int_equal(generation(place.facts), 1);
	place_remove(&place);
	rko_policy_unref(other);
}

/* What must hold of a row that is there already holds of it still when what it refers to changes. */
static void what_must_hold_goes_on_holding(void **state)
{
	static const char text[] =
		"vocabulary m  version \"1\"\n"
		"codes source_kind  house\n"
		"codes kind  a, b\n"
		"record top  closed\n"
		"  key    id : id\n"
		"  field  kind : kind\n"
		"  field  note : kind\n"
		"record middle  closed\n"
		"  key    id : id\n"
		"  field  top : ref top\n"
		"record low  closed\n"
		"  key    id : id\n"
		"  field  kind   : kind\n"
		"  field  middle : ref middle\n"
		"  must   kind = middle.top.kind\n"
		"request m\n"
		"  asks    en \"May it?\"\n"
		"  actions do\n"
		"  found   low : low\n"
		"source H house \"House\"  in force 2020-01-01 ..\n"
		"  passage \"1\" en \"It may.\"\n"
		"policy m  version \"1\"\n"
		"  uses m\n"
		"chapter m\n"
		"rule of-a\n"
		"  grant do\n"
		"  when low.kind = a and low.middle.top.note = a\n"
		"  cite H \"1\"\n";
	static const struct { const char *yaml, *fault; } loads[] = {
		{ "top:\n  t: {kind: a, note: a}\n  u: {kind: b, note: a}\nmiddle:\n  m: {top: t}\n  n: {top: t}\n"
		  "low:\n  l: {kind: a, middle: m}\n", NULL },
		{ "top:\n  t: {kind: a, note: b}\n", NULL },			/* not what is looked at */
		{ "top:\n  t: {kind: b, note: a}\n", "facts.yaml:2:3" },
		{ "middle:\n  m: {top: u}\n", "facts.yaml:2:3" },			/* a reference on the way */
		{ "middle:\n  n: {top: u}\n", NULL },				/* nothing refers to it */
		{ "top:\n  t: {kind: b, note: a}\nlow:\n  l: {kind: b, middle: m}\n", NULL },
		{ "low:\n  l: {kind: a, middle: m}\n", "facts.yaml:2:3" },
		{ "top:\n  t: {kind: a, note: a}\nremove:\n  low: [l]\n", NULL },
	};
	struct rko_policy *policy = policy_compile(text, NULL);
	struct place place = place_new();

	(void)state;
	for (size_t i = 0; i < sizeof loads / sizeof loads[0]; i++) {
		struct load_result result = facts_try(place.facts, policy, loads[i].yaml, SIZE_MAX, RECORDED);

		if ((result.status == RKO_OK) != !loads[i].fault)
			fail_msg("load %zu: %s\n%s", i, rko_status_word(result.status), result.messages);
		if (loads[i].fault) {
			assert_int_equal(result.codes[0], 1208);
			assert_non_null(strstr(result.messages, loads[i].fault));
		}
	}
	place_remove(&place);
	rko_policy_unref(policy);
}

/* Killed --------------------------------------------------------------------------------------------- */

static void die_when_writing(void *context, const char *doing, uint64_t done, uint64_t of)
{
	(void)done;
	(void)of;
	if (strcmp(doing, context) == 0)
		raise(SIGKILL);
}

/* In a child: a load that is killed while it does what `doing` says. */
static void load_and_die(const char *path, const char *doing)
{
	static const char yes[] = "writing to disk";
	struct rko_facts *facts;
	struct rko_loaded loaded;
	struct rko_load *load;
	char word[40], id[20];

	snprintf(word, sizeof word, "%s", doing ? doing : yes);
	if (rko_facts_open(path, RKO_FACTS_WRITE, &facts, NULL) != RKO_OK ||
	    rko_load_begin(facts, library, &load, NULL) != RKO_OK)
		_exit(1);
	rko_load_watch(load, die_when_writing, word);
	for (int i = 0; i < 70000; i++) {
		snprintf(id, sizeof id, "n%d", i);
		if (stage_branch(load, id) != RKO_OK)
			_exit(2);
	}
	rko_load_commit(load, RECORDED, &loaded);
	_exit(3);
}

static void a_killed_load_leaves_nothing(void **state)
{
	static const char *const when[] = { "read", "stored", "writing to disk" };
	struct place place = place_new();
	char *path;

	(void)state;
	facts_load(place.facts, library, GROUND);
	rko_facts_close(place.facts);
	assert_true(asprintf(&path, "%s/facts", place.folder) > 0);
	for (size_t i = 0; i < sizeof when / sizeof when[0]; i++) {
		pid_t child = fork();
		int status;

		if (child == 0)
			load_and_die(path, when[i]);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		assert_int_equal(rko_facts_open(path, RKO_FACTS_WRITE, &place.facts, NULL), RKO_OK);
		assert_int_equal(generation(place.facts), 1);
		assert_list(place.facts, library, "branch", NULL, 0, 0, "1 b1 espoo =book none\n");
		rko_facts_close(place.facts);
	}
	assert_int_equal(rko_facts_open(path, RKO_FACTS_WRITE | RKO_FACTS_NOSYNC, &place.facts, NULL), RKO_OK);
	assert_int_equal(facts_load(place.facts, library, "branch:\n  n1: {town: raahe, kinds: [], number: none}\n").generation, 2);
	free(path);
	place_remove(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_and_their_places),
		cmocka_unit_test(other_forms_of_the_same),
		cmocka_unit_test(a_nul_byte_does_not_end_a_file),
		cmocka_unit_test(a_line_that_only_libyaml_has),
		cmocka_unit_test(messages_hold_no_control_characters),
		cmocka_unit_test(every_type_is_read_back), cmocka_unit_test(pages_of_rows),
		cmocka_unit_test(what_was_known_is_kept),
		cmocka_unit_test(what_is_known_makes_no_generation),
		cmocka_unit_test(whole_or_not_at_all),
		cmocka_unit_test(one_row_twice_among_many),
		cmocka_unit_test(what_is_referred_to_stays),
		cmocka_unit_test(lines_of_a_file),
		cmocka_unit_test(lines_of_a_program),
		cmocka_unit_test(a_load_that_came_between),
		cmocka_unit_test(how_a_load_is_used),
		cmocka_unit_test(a_field_more),
		cmocka_unit_test(a_code_more),
		cmocka_unit_test(another_key),
		cmocka_unit_test(what_must_hold_goes_on_holding),
		cmocka_unit_test(a_killed_load_leaves_nothing),
	};
	int failed;

	library = policy_compile(NULL, LIBRARY);
	library_facts = file_read("tests/common/library.yaml", NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(library_facts);
	rko_policy_unref(library);
	return failed;
}
