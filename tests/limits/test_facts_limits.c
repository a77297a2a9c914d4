/* SPDX-License-Identifier: EUPL-1.2 */
/* The bounds on facts and on files of facts (engine/base/limits.h), each at the bound and one past it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/base/buf.h"
#include "engine/base/limits.h"
#include "engine/facts/store.h"
#include "tests/common/fixture.h"
#include "tools/common/cli.h"
#include "tools/common/yaml.h"

static struct rko_policy *library;

/* A store of its own. */
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

static struct load_result load(struct place *place, struct rko_policy *policy, struct buf *yaml)
{
	struct load_result result = facts_try(place->facts, policy, yaml->at, yaml->len, RECORDED);

	buf_release(yaml);
	return result;
}

static void assert_refused(const struct load_result *result, unsigned code, const char *says)
{
	assert_int_equal(result->status, RKO_FACTS_REFUSED);
	assert_int_equal(result->codes[0], code);
	if (!strstr(result->messages, says))
		fail_msg("not there: %s\n%s", says, result->messages);
}

/* Facts ---------------------------------------------------------------------------------------------- */

static struct load_result load_id(struct place *place, size_t length)
{
	struct buf yaml = { 0 };

	buf_string(&yaml, "branch:\n  ");
	buf_repeat(&yaml, 'x', length);
	buf_string(&yaml, ": {town: espoo, kinds: [], number: none}\n");
	return load(place, library, &yaml);
}

static void id_bytes(void **state)
{
	struct place place = place_new();
	struct load_result result = load_id(&place, LIMIT_ID_BYTES);

	(void)state;
	assert_int_equal(result.status, RKO_OK);
	result = load_id(&place, LIMIT_ID_BYTES + 1);
	assert_refused(&result, 1204, "at most 128 bytes");
	assert_non_null(strstr(result.messages, "--> facts.yaml:2:3\n"));
	place_remove(&place);
}

/*
 * A row of a policy of its own: the head of a row, four sets of as many ids as a set may have, less or more, and one
 * set more that brings the row to the bound.
 */
static const char wide[] =
	"vocabulary wide  version \"1\"\n"
	"codes source_kind  house\n"
	"record sheet  closed\n"
	"  key    id : id\n"
	"  field  a : set of sheet  at most 256\n  field  b : set of sheet  at most 256\n  field  c : set of sheet  at most 256\n  field  d : set of sheet  at most 256\n"
	"request wide\n"
	"  asks    en \"May it?\"\n"
	"  actions do\n"
	"  found   sheet : sheet\n"
	"source H house \"House\"  in force 2020-01-01 ..\n"
	"  passage \"1\" en \"It may.\"\n"
	"policy wide  version \"1\"\n"
	"  uses wide\n"
	"chapter wide\n"
	"rule bound\n"
	"  grant do\n"
	"  when sheet in sheet.a or sheet in sheet.b or sheet in sheet.c or sheet in sheet.d\n"
	"  cite H \"1\"\n";

static void set_of(struct buf *yaml, const char *name, uint32_t count)
{
	buf_printf(yaml, "%s: [", name);
	for (uint32_t i = 0; i < count; i++)
		buf_printf(yaml, "%sr%u", i ? ", " : "", i);
	buf_string(yaml, "]");
}

static struct load_result load_wide(struct place *place, struct rko_policy *policy, const uint32_t counts[4])
{
	struct buf yaml = { 0 };

	buf_string(&yaml, "sheet:\n");
	for (uint32_t i = 0; i < LIMIT_SET_ELEMENTS; i++)
		buf_printf(&yaml, "  r%u: {a: [], b: [], c: [], d: []}\n", i);
	buf_string(&yaml, "  wide: {");
	for (uint32_t i = 0; i < 4; i++) {
		set_of(&yaml, (const char[]){ (char)('a' + i), 0 }, counts[i]);
		buf_string(&yaml, i < 3 ? ", " : "}\n");
	}
	return load(place, policy, &yaml);
}

static void row_bytes(void **state)
{
	/* head, four counts, and ids of four bytes each */
	enum { IDS = (LIMIT_ROW_BYTES - ROW_HEAD - 4 * 2) / 4, SET = LIMIT_SET_ELEMENTS };
	const uint32_t most[4] = { SET, SET, SET, IDS - 3 * SET }, more[4] = { SET, SET, SET, IDS - 3 * SET + 1 };
	struct rko_policy *policy = policy_compile(wide, NULL);
	struct place place = place_new();
	struct load_result result;

	(void)state;
	assert_int_equal(ROW_HEAD + 4 * 2 + IDS * 4, LIMIT_ROW_BYTES);
	result = load_wide(&place, policy, most);
	assert_int_equal(result.status, RKO_OK);
	result = load_wide(&place, policy, more);
	assert_refused(&result, 1211, "a row of sheet has more than 4096 bytes");
	assert_non_null(strstr(result.messages, "--> facts.yaml:258:3\n"));
	place_remove(&place);
	rko_policy_unref(policy);
}

static struct load_result load_set(struct place *place, struct rko_policy *policy, uint32_t count)
{
	struct buf yaml = { 0 };

	buf_string(&yaml, "sheet:\n");
	for (uint32_t i = 0; i < count; i++)
		buf_printf(&yaml, "  r%u: {a: [], b: [], c: [], d: []}\n", i);
	buf_string(&yaml, "  wide: {");
	set_of(&yaml, "a", count);
	buf_string(&yaml, ", b: [], c: [], d: []}\n");
	return load(place, policy, &yaml);
}

static void set_elements(void **state)
{
	struct rko_policy *policy = policy_compile(wide, NULL);
	struct place place = place_new();
	struct load_result result = load_set(&place, policy, LIMIT_SET_ELEMENTS);

	(void)state;
	assert_int_equal(result.status, RKO_OK);
	result = load_set(&place, policy, LIMIT_SET_ELEMENTS + 1);
	assert_refused(&result, 1209, "`a` of sheet has 257 elements; at most 256 are allowed");
	result = load_set(&place, policy, LIMIT_SET_ELEMENTS + 2);
	assert_refused(&result, 1209, "a list has at most 256 elements");
	place_remove(&place);
	rko_policy_unref(policy);
}

/* The longest key that a record can have fits with room to spare. */
_Static_assert(KEY_HEAD + LIMIT_KEY_SLOTS * 4 + KEY_TAIL <= LIMIT_KEY_BYTES, "keys fit");

static void shown_faults(void **state)
{
	struct place place = place_new();

	(void)state;
	for (unsigned count = LIMIT_LOAD_ERRORS; count <= LIMIT_LOAD_ERRORS + 1; count++) {
		struct buf yaml = { 0 };
		struct load_result result;
		unsigned shown = 0;

		buf_string(&yaml, "branch:\n");
		for (unsigned i = 0; i < count; i++)
			buf_printf(&yaml, "  b%u: {town: nowhere, kinds: [], number: none}\n", i);
		result = load(&place, library, &yaml);
		for (const char *at = result.messages; (at = strstr(at, "`nowhere` is no code")); at++)
			shown++;
		assert_int_equal(shown, LIMIT_LOAD_ERRORS);
		assert_int_equal(strstr(result.messages, "and 1 faults more") != NULL, count > LIMIT_LOAD_ERRORS);
	}
	place_remove(&place);
}

/* The last source is kept with its rows; one more, and nothing of the load is stored. */
static int last_source(void *context, const struct rko_fact *fact)
{
	assert_string_equal(fact->source, "s65534");
	assert_int_equal(fact->line, 17);
	++*(int *)context;
	return 1;
}

static void sources(void **state)
{
	struct rko_value values[] = {
		{ .kind = RKO_VALUE_TEXT, .text = "b1", .length = 2 },
		{ .kind = RKO_VALUE_TEXT, .text = "espoo", .length = 5 },
		{ .kind = RKO_VALUE_SET },
		{ .kind = RKO_VALUE_TEXT, .text = "none", .length = 4 },
	};
	uint32_t branch = rko_policy_kind(library, "branch");
	int rows = 0;

	(void)state;
	for (unsigned count = LIMIT_LOAD_SOURCES; count <= LIMIT_LOAD_SOURCES + 1; count++) {
		bool good = count <= LIMIT_LOAD_SOURCES;
		struct place place = place_new();
		struct rko_loaded loaded;
		struct rko_load *load;
		char name[16];

		assert_int_equal(rko_load_begin(place.facts, library, &load, NULL), RKO_OK);
		for (unsigned i = 0; i < count; i++) {
			snprintf(name, sizeof name, "s%u", i);
			assert_int_equal(rko_load_source(load, name), i < LIMIT_LOAD_SOURCES ? RKO_OK : RKO_LIMIT);
		}
		assert_int_equal(rko_load_line(load, 17), good ? RKO_OK : RKO_LIMIT);
		assert_int_equal(rko_load_row(load, branch, values, 4, 0), good ? RKO_OK : RKO_LIMIT);
		assert_int_equal(rko_load_commit(load, RECORDED, &loaded), good ? RKO_OK : RKO_LIMIT);
		rko_load_free(load);
		assert_int_equal(rko_facts_read(place.facts, library, branch, NULL, 0, 0, 0, last_source, &rows), RKO_OK);
		place_remove(&place);
	}
	assert_int_equal(rows, 1);
}

/* Rows that one list of candidates looks at, removed ones too. */
static void scan_rows(void **state)
{
	enum { KEY = KEY_HEAD + 8 };
	char *folder = folder_new(), *path;
	struct store_writer *writer;
	struct store_reader *reader;
	struct store *store;

	(void)state;
	assert_true(asprintf(&path, "%s/facts", folder) > 0);
	assert_int_equal(store_open(path, STORE_CREATE | STORE_NOSYNC, 0, &store), RKO_OK);
	assert_int_equal(store_write_begin(store, &writer), RKO_OK);
	for (uint32_t prefix = 0; prefix < 2; prefix++) {
		for (uint32_t i = 0; i < LIMIT_SCAN_ROWS + prefix; i++) {
			uint8_t key[KEY + KEY_TAIL], row[ROW_HEAD] = { 0 };

			put_be16(key, 1);
			put_be32(key + KEY_HEAD, prefix);
			put_be32(key + KEY_HEAD + 4, i);
			put_be32(key + KEY, ~1u);
			row[10] = ROW_TOMBSTONE;
			put_le64(row, row_checksum(key, sizeof key, row, sizeof row));
			assert_int_equal(store_put_row(writer, key, sizeof key, row, sizeof row, false), RKO_OK);
		}
	}
	assert_int_equal(store_write_commit(writer), RKO_OK);
	assert_int_equal(store_reader_open(store, &reader), RKO_OK);
	assert_int_equal(store_reader_renew(reader), RKO_OK);
	for (uint32_t prefix = 0; prefix < 2; prefix++) {
		struct store_cursor cursor = { .key_size = 0 };
		uint8_t key[KEY_HEAD + 4];
		struct row row;
		bool found = true;

		put_be16(key, 1);
		put_be32(key + KEY_HEAD, prefix);
		assert_int_equal(store_next(reader, &cursor, key, sizeof key, 1, &row, &found),
				 prefix ? RKO_FACTS_CANDIDATES : RKO_OK);
		assert_false(found);
	}
	store_reader_close(reader);
	store_close(store);
	free(path);
	folder_remove(folder);
}

/* Readers of one store: 510, of all processes together. */
static void readers(void **state)
{
	enum { READERS = 510 };
	static struct store_reader *all[READERS + 1];
	char *folder = folder_new(), *path;
	struct store *store;

	(void)state;
	assert_true(asprintf(&path, "%s/facts", folder) > 0);
	assert_int_equal(store_open(path, STORE_CREATE | STORE_NOSYNC, 0, &store), RKO_OK);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(store_reader_open(store, &all[i]), RKO_OK);
	assert_int_equal(store_reader_open(store, &all[READERS]), RKO_FACTS_BUSY);
	store_reader_close(all[0]);
	assert_int_equal(store_reader_open(store, &all[0]), RKO_OK);
	for (int i = 0; i < READERS; i++)
		store_reader_close(all[i]);
	store_close(store);
	free(path);
	folder_remove(folder);
}

/* YAML ------------------------------------------------------------------------------------------------- */

/* A tree of lists and maps, so deep; the file's own map is the first. */
static bool read_depth(unsigned depth, bool maps, struct buf *messages)
{
	char *folder = folder_new(), *path;
	struct yaml_files files;
	struct yaml_node root;
	struct buf yaml = { 0 };
	bool read;

	buf_string(&yaml, "a: ");
	for (unsigned i = 1; i < depth; i++)
		buf_string(&yaml, maps ? "{a: " : "[");
	buf_string(&yaml, "x");
	for (unsigned i = 1; i < depth; i++)
		buf_string(&yaml, maps ? "}" : "]");
	path = file_write(folder, "deep.yaml", yaml.at, yaml.len);
	buf_release(&yaml);
	if (setjmp(cli_no_memory))
		fail_msg("memory ran out");
	yaml_files_init(&files);
	read = yaml_read(&files, path, LIMIT_YAML_CASE_BYTES, &root);
	buf_reset(messages);
	buf_string(messages, "");
	diags_text(&files.diags, messages, false, DIAG_SHOW_ALL, false);
	yaml_files_free(&files);
	free(path);
	folder_remove(folder);
	return read;
}

static void yaml_depth(void **state)
{
	struct buf messages = { 0 };

	(void)state;
	for (int maps = 0; maps < 2; maps++) {
		char where[40];

		assert_true(read_depth(LIMIT_YAML_DEPTH, maps, &messages));
		assert_false(read_depth(LIMIT_YAML_DEPTH + 1, maps, &messages));
		assert_non_null(strstr(messages.at, "error[RKO1215]: the file is nested too deeply"));
		snprintf(where, sizeof where, "deep.yaml:1:%d\n", 4 + (LIMIT_YAML_DEPTH - 1) * (maps ? 4 : 1));
		assert_non_null(strstr(messages.at, where));
		assert_false(read_depth(20000, maps, &messages));	/* ends at the bound as well */
		assert_non_null(strstr(messages.at, where));
	}
	buf_release(&messages);
}

static void yaml_scalar(void **state)
{
	struct place place = place_new();

	(void)state;
	for (unsigned past = 0; past < 2; past++) {
		struct buf yaml = { 0 };
		struct load_result result;

		buf_string(&yaml, "branch:\n  b1: {town: ");
		buf_repeat(&yaml, 'x', LIMIT_YAML_SCALAR + past);
		buf_string(&yaml, ", kinds: [], number: none}\n");
		result = load(&place, library, &yaml);
		if (past)
			assert_refused(&result, 1215, "a value has more than 2000 bytes");
		else
			assert_refused(&result, 1204, "is no code of town");
		assert_non_null(strstr(result.messages, "--> facts.yaml:2:14\n"));
	}
	place_remove(&place);
}

static bool opens(const char *path, size_t most, unsigned *ret_code)
{
	struct yaml_files files;
	struct yaml *yaml;

	if (setjmp(cli_no_memory))
		fail_msg("memory ran out");
	yaml_files_init(&files);
	yaml = yaml_open(&files, path, most);
	*ret_code = files.diags.count ? files.diags.list[0]->code : 0;
	yaml_close(yaml);
	yaml_files_free(&files);
	return yaml;
}

static void yaml_bytes(void **state)
{
	char *folder = folder_new(), *path = file_write(folder, "facts.yaml", "branch:\n", 8);
	struct place place = place_new();
	struct load_result result;
	struct buf yaml = { 0 };
	unsigned code;

	(void)state;
	assert_true(opens(path, 8, &code));
	assert_int_equal(code, 0);
	assert_false(opens(path, 7, &code));
	assert_int_equal(code, 1215);
	/* The bounds that files of facts and of cases are read with; sparse, so that nothing is written. */
	assert_int_equal(truncate(path, (off_t)LIMIT_YAML_BYTES + 1), 0);
	assert_false(opens(path, LIMIT_YAML_BYTES, &code));
	assert_int_equal(code, 1215);
	assert_int_equal(truncate(path, (off_t)LIMIT_YAML_CASE_BYTES + 1), 0);
	assert_false(opens(path, LIMIT_YAML_CASE_BYTES, &code));
	assert_int_equal(code, 1215);
	assert_int_equal(truncate(path, 8), 0);
	buf_string(&yaml, "# ");
	while (yaml.len < LIMIT_YAML_CASE_BYTES - 9)
		buf_repeat(&yaml, yaml.len % 100 == 99 ? '#' : 'x', 1);
	buf_string(&yaml, "\nbranch:\n");
	assert_int_equal(yaml.len, LIMIT_YAML_CASE_BYTES);
	result = load(&place, library, &yaml);
	assert_int_equal(result.status, RKO_OK);
	place_remove(&place);
	free(path);
	folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(id_bytes),	cmocka_unit_test(row_bytes),  cmocka_unit_test(set_elements),
		cmocka_unit_test(shown_faults),	cmocka_unit_test(scan_rows),  cmocka_unit_test(readers),
		cmocka_unit_test(sources),
		cmocka_unit_test(yaml_depth),	cmocka_unit_test(yaml_scalar), cmocka_unit_test(yaml_bytes),
	};
	int failed;

	library = policy_compile(NULL, "tests/common/library.rko");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rko_policy_unref(library);
	return failed;
}
