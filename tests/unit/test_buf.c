/* SPDX-License-Identifier: EUPL-1.2 */
/* Buffers: growing, a failed allocation that is remembered, JSON strings that a JSON parser reads back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "engine/base/buf.h"
#include "engine/base/json.h"

static void growing(void **state)
{
	struct buf buf = { 0 };
	size_t expected = 0;

	(void)state;
	assert_int_equal(buf_view(&buf).len, 0);
	assert_string_equal(buf_view(&buf).at, "");
	for (size_t i = 0; i < 2000; i++) {
		buf_char(&buf, (char)('a' + i % 26));
		buf_repeat(&buf, '-', i % 7);
		buf_printf(&buf, "%zu", i % 10);
		buf_text(&buf, TEXT("x"));
		expected += 3 + i % 7;
		assert_int_equal(buf.len, expected);
		assert_int_equal(buf.at[buf.len], '\0');
	}
	for (size_t i = 0, at = 0; i < 2000; i++) {
		assert_int_equal(buf.at[at], 'a' + i % 26);
		at += 1 + i % 7;
		assert_int_equal(buf.at[at], '0' + i % 10);
		at += 2;
	}
	assert_false(buf_failed(&buf));
	buf_reset(&buf);
	assert_int_equal(buf.len, 0);
	assert_string_equal(buf.at, "");
	buf_string(&buf, "again");
	assert_string_equal(buf.at, "again");
	buf_release(&buf);
	buf_release(&buf);
}

static void a_failure_is_remembered(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	buf_string(&buf, "kept");
	assert_null(buf_room(&buf, SIZE_MAX - 100));
	assert_true(buf_failed(&buf));
	buf_string(&buf, "more");
	buf_printf(&buf, "%d", 1);
	buf_repeat(&buf, 'x', 3);
	assert_string_equal(buf.at, "kept");
	assert_int_equal(buf.len, 4);
	buf_reset(&buf);
	assert_false(buf_failed(&buf));
	buf_string(&buf, "new");
	assert_string_equal(buf.at, "new");
	buf_release(&buf);
}

/* At every distance from the end of what was taken: printed into it, or once more behind more room. */
static void printing_at_the_edge(void **state)
{
	(void)state;
	for (size_t filled = 0; filled < 300; filled++) {
		struct buf buf = { 0 };

		buf_repeat(&buf, '.', filled);
		buf_printf(&buf, "%s|%d", "h\xc3\xa4me", 4711);
		buf_printf(&buf, "%s", "");
		assert_int_equal(buf.len, filled + 10);
		assert_int_equal(buf.at[buf.len], '\0');
		assert_string_equal(buf.at + filled, "h\xc3\xa4me|4711");
		buf_release(&buf);
	}
}

static void assert_json(struct text text, const char *expected, size_t length)
{
	struct buf buf = { 0 };
	json_error_t error;
	json_t *parsed;

	buf_json(&buf, text);
	parsed = json_loadb(buf.at, buf.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
	if (!parsed)
		fail_msg("%s: %s", buf.at, error.text);
	assert_int_equal(json_string_length(parsed), length);
	assert_memory_equal(json_string_value(parsed), expected, length);
	json_decref(parsed);
	buf_release(&buf);
}

static void json_strings(void **state)
{
	static const struct { const char *text, *read; } bad[] = {
		{ "a\xe4z", "a\xef\xbf\xbdz" },		/* Latin-1 */
		{ "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd" },
	};
	char every[128];

	(void)state;
	for (int i = 0; i < 128; i++)
		every[i] = (char)i;
	assert_json((struct text){ every, 128 }, every, 128);
	assert_json(TEXT("H\xc3\xa4me \"\\\" \xe2\x82\xac \xf0\x9f\x98\x80"), "H\xc3\xa4me \"\\\" \xe2\x82\xac \xf0\x9f\x98\x80",
		    strlen("H\xc3\xa4me \"\\\" \xe2\x82\xac \xf0\x9f\x98\x80"));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_json(text_from(bad[i].text), bad[i].read, strlen(bad[i].read));
}

static void hex_digits(void **state)
{
	static const unsigned char bytes[] = { 0x00, 0x0f, 0xf0, 0xa5, 0xff };
	static const struct { size_t size, group; const char *text; } cases[] = {
		{ 0, 4, "" }, { 1, 1, "00" }, { 5, 0, "000ff0a5ff" }, { 4, 4, "000ff0a5" }, { 5, 4, "000ff0a5 ff" },
		{ 5, 2, "000f f0a5 ff" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf buf = { 0 };

		buf_string(&buf, "=");
		buf_hex(&buf, bytes, cases[i].size, cases[i].group);
		assert_string_equal(buf.at + 1, cases[i].text);
		buf_release(&buf);
	}
}

/* Objects and arrays in one another, empty and not, one after the other; what jansson would write of it. */
static void write_some(struct json_writer *json)
{
	jw_object(json);
	jw_name(json, "none");
	jw_object(json);
	jw_object_end(json);
	jw_any_name(json, "h\xc3\xa4me \"\\");
	jw_array(json);
	jw_integer(json, INT64_MIN);
	jw_array(json);
	jw_array_end(json);
	jw_array(json);
	jw_bool(json, true);
	jw_null(json);
	jw_object(json);
	jw_name(json, "inner");
	jw_string(json, "line\nnext\t\"quoted\" \\ \xe2\x82\xac");
	jw_name(json, "last");
	jw_bool(json, false);
	jw_object_end(json);
	jw_array_end(json);
	jw_string(json, "");
	jw_array_end(json);
	jw_name(json, "end");
	jw_integer(json, 0);
	jw_object_end(json);
}

static void json_as_jansson_writes_it(void **state)
{
	static const unsigned indents[] = { 0, 1, 2, 7 };

	(void)state;
	for (size_t i = 0; i < sizeof indents / sizeof indents[0]; i++) {
		struct buf buf = { 0 };
		json_error_t error;
		json_t *parsed;
		char *again;

		write_some(&(struct json_writer){ .out = &buf, .indent = indents[i] });
		parsed = json_loadb(buf.at, buf.len, JSON_REJECT_DUPLICATES, &error);
		if (!parsed)
			fail_msg("%s: %s", buf.at, error.text);
		assert_int_equal(json_object_size(parsed), 3);
		again = json_dumps(parsed, indents[i] ? JSON_INDENT(indents[i]) : JSON_COMPACT);
		assert_string_equal(buf.at, again);
		free(again);
		json_decref(parsed);
		buf_release(&buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(growing),
		cmocka_unit_test(a_failure_is_remembered),
		cmocka_unit_test(printing_at_the_edge),
		cmocka_unit_test(json_strings),
		cmocka_unit_test(hex_digits),
		cmocka_unit_test(json_as_jansson_writes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
