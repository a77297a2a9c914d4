/* SPDX-License-Identifier: EUPL-1.2 */
/* Texts: order, copies, near names, and what is a character. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/arena.h"
#include "engine/base/text.h"

static void order(void **state)
{
	static const char *const ordered[] = { "", "a", "aa", "ab", "b", "z", "\xc3\xa4", "\xc3\xb6", "\xe2\x82\xac",
					       "\xf0\x9f\x98\x80" };

	(void)state;
	for (size_t i = 0; i < 10; i++) {
		for (size_t j = 0; j < 10; j++) {
			int found = text_compare(text_from(ordered[i]), text_from(ordered[j]));

			assert_true(i < j ? found < 0 : i > j ? found > 0 : found == 0);
			assert_int_equal(text_equal(text_from(ordered[i]), text_from(ordered[j])), i == j);
		}
	}
	assert_true(text_equal(text_from(NULL), TEXT("")));
	assert_int_equal(text_compare(text_from(NULL), TEXT("")), 0);
	assert_false(text_equal((struct text){ "a\0b", 3 }, (struct text){ "a\0c", 3 }));
}

static void copies(void **state)
{
	struct arena arena;
	struct text copy;

	(void)state;
	arena_init(&arena, 4096 * 64);
	copy = text_copy(&arena, (struct text){ "kotihoito tai muu", 9 });
	assert_string_equal(copy.at, "kotihoito");
	assert_int_equal(copy.len, 9);
	copy = text_copy(&arena, text_from(NULL));
	assert_string_equal(copy.at, "");
	copy = text_format(&arena, "%s %d/%04d", "A", 703, 2023);
	assert_string_equal(copy.at, "A 703/2023");
	assert_int_equal(copy.len, 10);
	copy = text_format(&arena, "%5000s|", "");
	assert_int_equal(copy.len, 5001);
	assert_int_equal(copy.at[5000], '|');
	arena_free(&arena);
}

/* The plain definition, by recursion: delete, insert, replace, swap neighbours. */
static unsigned plain_distance(const char *a, size_t n, const char *b, size_t m)
{
	unsigned best, other;

	if (!n || !m)
		return (unsigned)(n + m);
	best = plain_distance(a, n - 1, b, m - 1) + (a[n - 1] != b[m - 1]);
	other = plain_distance(a, n - 1, b, m) + 1;
	best = other < best ? other : best;
	other = plain_distance(a, n, b, m - 1) + 1;
	best = other < best ? other : best;
	if (n > 1 && m > 1 && a[n - 1] == b[m - 2] && a[n - 2] == b[m - 1]) {
		other = plain_distance(a, n - 2, b, m - 2) + 1;
		best = other < best ? other : best;
	}
	return best;
}

static void distances(void **state)
{
	uint32_t dice = 7;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		char a[7], b[7];
		size_t n, m;
		unsigned plain;

		dice = dice * 1103515245 + 12345;
		n = (dice >> 16) % 7;
		m = (dice >> 20) % 7;
		for (size_t i = 0; i < 7; i++) {
			dice = dice * 1103515245 + 12345;
			a[i] = (char)('a' + (dice >> 16) % 3);
			b[i] = (char)('a' + (dice >> 20) % 3);
		}
		plain = plain_distance(a, n, b, m);
		for (unsigned limit = 0; limit < 8; limit++)
			assert_int_equal(text_distance((struct text){ a, n }, (struct text){ b, m }, limit),
					 plain <= limit ? plain : limit + 1);
	}
}

static void long_words_are_far(void **state)
{
	char word[66];

	(void)state;
	memset(word, 'a', sizeof word);
	assert_int_equal(text_distance((struct text){ word, 64 }, (struct text){ word, 64 }, 3), 0);
	assert_int_equal(text_distance((struct text){ word, 64 }, (struct text){ word, 63 }, 3), 1);
	assert_int_equal(text_distance((struct text){ word, 65 }, (struct text){ word, 65 }, 3), 4);
}

static void words_alike(void **state)
{
	static const char *const pairs[][2] = {
		{ "KS", "ks" }, { "p\xc3\xa4iv\xc3\xa4toiminta", "paivatoiminta" }, { "\xc3\x85\xc3\x84\xc3\x96", "aao" },
		{ "", "" }, { "\xc3\x96ljy", "\xc3\xb6ljy" },
	};
	static const char *const others[][2] = {
		{ "a", "" }, { "", "a" }, { "ab", "a" }, { "a", "o" }, { "\xc3\xa4", "o" }, { "\xc3\xb6", "a" },
		{ "\xc3\xa9", "e" }, { "\xc3", "a" }, { "a-b", "a_b" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		assert_true(text_alike(text_from(pairs[i][0]), text_from(pairs[i][1])));
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_false(text_alike(text_from(others[i][0]), text_from(others[i][1])));
}

/* Every character there is, written and read; and every sequence of two bytes. */
static void characters(void **state)
{
	(void)state;
	for (uint32_t c = 0; c < 0x110000; c++) {
		unsigned char bytes[4];
		size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		bool surrogate = c >= 0xd800 && c < 0xe000;

		for (size_t i = size - 1, left = c; i; i--, left >>= 6)
			bytes[i] = (unsigned char)(0x80 | (left & 0x3f));
		bytes[0] = (unsigned char)(size == 1 ? c : (0xf00u >> size & 0xff) | c >> (6 * (size - 1)));
		assert_int_equal(text_character((const char *)bytes, size), surrogate ? 0 : size);
		assert_int_equal(text_character((const char *)bytes, size - 1), 0);	/* cut */
	}
	for (uint32_t pair = 0; pair < 0x10000; pair++) {
		const char bytes[] = { (char)(pair >> 8), (char)pair };
		unsigned char first = (unsigned char)bytes[0], second = (unsigned char)bytes[1];
		size_t size = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 && (second & 0xc0) == 0x80 ? 2 : 0;

		assert_int_equal(text_character(bytes, 2), size);
	}
	assert_int_equal(text_character("\xe0\x9f\xbf", 3), 0);		/* too long */
	assert_int_equal(text_character("\xf0\x8f\xbf\xbf", 4), 0);
	assert_int_equal(text_character("\xf4\x90\x80\x80", 4), 0);	/* beyond the last */
	assert_int_equal(text_character("\xf5\x80\x80\x80", 4), 0);
}

/* What can be shown, and what can be an id: never bytes that no text has, whatever else is in it. */
static void clean_and_words(void **state)
{
	static const struct {
		const char *text;
		bool clean, word;
	} cases[] = {
		{ "", true, false },	    { "liisa", true, true },	     { "li isa", true, false },
		{ "k\xc3\xb6kk\xc3\xb6", true, true }, { "\xf0\x9f\x98\x80", true, true }, { "~", true, true },
		{ "a\tb", false, false },    { "a\x7f", false, false },	     { "a\nb", false, false },
		{ "a\xe4", false, false },   { "\xff", false, false },	     { "\xc3", false, false },
		{ "\xed\xa0\x80", false, false }, { "\xc0\xaf", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(text_is_clean(text_from(cases[i].text)), cases[i].clean);
		assert_int_equal(text_is_word(text_from(cases[i].text)), cases[i].word);
	}
	assert_false(text_is_clean((struct text){ "a\0b", 3 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order),	      cmocka_unit_test(copies),	    cmocka_unit_test(distances),
		cmocka_unit_test(long_words_are_far), cmocka_unit_test(characters),
		cmocka_unit_test(clean_and_words),	cmocka_unit_test(words_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
