/* SPDX-License-Identifier: EUPL-1.2 */
/* Civil dates against a plain calendar that counts day by day, and against the rules of docs/semantics: month ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/date.h"

struct civil {
	int y, m, d;
};

static bool leap(int y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int length_of(int y, int m)
{
	return m == 2 ? 28 + leap(y) : m == 4 || m == 6 || m == 9 || m == 11 ? 30 : 31;
}

static struct civil next(struct civil at)
{
	if (++at.d <= length_of(at.y, at.m))
		return at;
	at.d = 1;
	if (++at.m <= 12)
		return at;
	return (struct civil){ at.y + 1, 1, 1 };
}

static void every_day(void **state)
{
	struct civil at = { 1900, 1, 1 };

	(void)state;
	for (day_t day = DAY_MIN; day <= DAY_MAX; day++, at = next(at)) {
		char text[DAY_TEXT], expected[32];
		int y, m, d;
		day_t parsed;

		assert_true(day_valid(day));
		assert_int_equal(day_from_civil(at.y, at.m, at.d), day);
		day_to_civil(day, &y, &m, &d);
		assert_true(y == at.y && m == at.m && d == at.d);
		day_print(day, text);
		snprintf(expected, sizeof expected, "%04d-%02d-%02d", at.y, at.m, at.d);
		assert_string_equal(text, expected);
		assert_true(day_parse(text_from(text), &parsed));
		assert_int_equal(parsed, day);
	}
	assert_true(at.y == 2200 && at.m == 1 && at.d == 1);
	assert_false(day_valid(DAY_MIN - 1));
	assert_false(day_valid(DAY_MAX + 1));
	assert_int_equal(day_from_civil(1970, 1, 1), 0);
}

/* The number of the day is kept, or the last day of the month is taken. */
static bool plain_months(struct civil at, int count, struct civil *ret)
{
	int months = at.y * 12 + at.m - 1 + count;

	*ret = (struct civil){ months / 12, months % 12 + 1, at.d };
	if (months < 0 || ret->y < 1900 || ret->y > 2199)
		return false;
	if (ret->d > length_of(ret->y, ret->m))
		ret->d = length_of(ret->y, ret->m);
	return true;
}

static void months(void **state)
{
	static const int counts[] = { -3600, -121, -13, -12, -6, -1, 0, 1, 2, 3, 6, 11, 12, 18, 144, 1200, 3599, 3600 };
	struct civil at = { 1900, 1, 1 };

	(void)state;
	for (day_t day = DAY_MIN; day <= DAY_MAX; day++, at = next(at)) {
		for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
			struct civil to;
			day_t found = 12345;
			bool fine = plain_months(at, counts[i], &to);

			assert_int_equal(day_add(day, counts[i], UNIT_MONTHS, &found), fine);
			assert_int_equal(found, fine ? day_from_civil(to.y, to.m, to.d) : 12345);
		}
	}
}

static void days(void **state)
{
	day_t day = 77;

	(void)state;
	assert_true(day_add(DAY_MIN, DAY_MAX - DAY_MIN, UNIT_DAYS, &day));
	assert_int_equal(day, DAY_MAX);
	assert_true(day_add(DAY_MAX, DAY_MIN - DAY_MAX, UNIT_DAYS, &day));
	assert_int_equal(day, DAY_MIN);
	day = 77;
	assert_false(day_add(DAY_MIN, -1, UNIT_DAYS, &day));
	assert_false(day_add(DAY_MAX, 1, UNIT_DAYS, &day));
	assert_false(day_add(DAY_MAX, INT32_MAX, UNIT_DAYS, &day));
	assert_false(day_add(DAY_MIN, INT32_MIN, UNIT_DAYS, &day));
	assert_false(day_add(DAY_MAX, INT32_MAX, UNIT_MONTHS, &day));
	assert_false(day_add(DAY_MIN, INT32_MIN, UNIT_MONTHS, &day));
	assert_int_equal(day, 77);
}

static day_t day_of(const char *text)
{
	day_t day;

	assert_true(day_parse(text_from(text), &day));
	return day;
}

static void assert_months(const char *from, int count, const char *expected)
{
	char text[DAY_TEXT];
	day_t day;

	assert_true(day_add(day_of(from), count, UNIT_MONTHS, &day));
	day_print(day, text);
	assert_string_equal(text, expected);
}

/* What the meaning of a decision says of month ends. */
static void month_ends(void **state)
{
	(void)state;
	assert_months("2026-08-31", 6, "2027-02-28");
	assert_months("2027-08-31", 6, "2028-02-29");
	assert_months("2027-08-29", 6, "2028-02-29");
	assert_months("2028-02-29", 12, "2029-02-28");
	assert_months("2026-03-31", -1, "2026-02-28");
	assert_months("2099-12-31", 2, "2100-02-28");	/* 2100 has no leap day */
	assert_months("1999-12-31", 2, "2000-02-29");
	/* 3 + 3 months are not 6. */
	assert_months("2026-08-31", 3, "2026-11-30");
	assert_months("2026-11-30", 3, "2027-02-28");
	assert_months("2026-11-30", 6, "2027-05-30");
	assert_months("2026-05-31", 6, "2026-11-30");
	assert_months("2026-05-31", 3, "2026-08-31");
	assert_months("2026-08-31", 3, "2026-11-30");
	assert_months("2026-03-31", 3, "2026-06-30");
	assert_months("2026-06-30", 3, "2026-09-30");
	assert_months("2026-03-31", 6, "2026-09-30");
	assert_months("2026-01-31", 1, "2026-02-28");
	assert_months("2026-02-28", 1, "2026-03-28");
	assert_months("2026-01-31", 2, "2026-03-31");
}

/* Adding is monotone, so positions against a window keep their order; forwards and backwards are not the same. */
static void forwards_is_monotone_and_not_backwards(void **state)
{
	unsigned differ = 0, tried = 0;

	(void)state;
	for (int count = 1; count <= 12; count++) {
		day_t last = DAY_MIN - 1;

		for (day_t day = day_of("1990-01-01"); day <= day_of("2100-12-31"); day++) {
			day_t to;

			assert_true(day_add(day, count, UNIT_MONTHS, &to));
			assert_true(to >= last);
			last = to;
		}
	}
	for (day_t day = day_of("2020-01-01"); day <= day_of("2023-12-31"); day++) {
		for (int shift = 175; shift < 190; shift++, tried++) {
			day_t today = day + shift, back, forth;

			assert_true(day_add(today, -6, UNIT_MONTHS, &back));
			assert_true(day_add(day, 6, UNIT_MONTHS, &forth));
			differ += (back <= day) != (today <= forth);
		}
	}
	assert_true(differ > 0 && differ < tried / 20);
}

static void what_is_no_date(void **state)
{
	static const char *const bad[] = {
		"", "2026-06-1", "2026-6-15", "2026-06-155", "26-06-15", "2026/06/15", "2026-06-15 ", " 2026-06-15", "2026-13-01",
		"2026-00-10", "2026-02-29", "2026-02-30", "2026-04-31", "2026-06-00", "2026-06-32", "1900-02-29", "2100-02-29",
		"1899-12-31", "2200-01-01", "0000-00-00", "+026-06-15", "-026-06-15", "2026-0x-15", "2026-06-1a", "20260615",
		("2026\xe2\x88\x92" "06-15"), "12026-06-15",
	};
	day_t day = 5;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(day_parse(text_from(bad[i]), &day));
	assert_false(day_parse((struct text){ "2026-06-\0" "1", 10 }, &day));
	assert_int_equal(day, 5);
	assert_true(day_parse((struct text){ "2026-06-15tail", 10 }, &day));
	assert_true(day_parse(TEXT("2000-02-29"), &day));
}

static void instants(void **state)
{
	static const struct { const char *text; int64_t at; } good[] = {
		{ "1970-01-01T00:00Z", 0 }, { "1970-01-01T02:00+02:00", 0 }, { "1969-12-31T19:00-05:00", 0 },
		{ "1970-01-01T00:00:59Z", 59 }, { "2026-06-15T12:00:00+03:00", 1781514000 },
		{ "2026-06-15T12:00+03:00", 1781514000 }, { "2026-06-15T23:59:59+14:00", 1781517599 },
		{ "1900-01-01T00:00Z", -2208988800 }, { "2199-12-31T23:59:59Z", 7258118399 },
	};
	static const char *const bad[] = {
		"", "2026-06-15", "2026-06-15T12:00", "2026-06-15T12:00:00", "2026-06-15 12:00Z", "2026-06-15t12:00Z",
		"2026-06-15T12:00z", "2026-06-15T24:00Z", "2026-06-15T12:60Z", "2026-06-15T12:00:60Z", "2026-06-15T12:00:0Z",
		"2026-06-15T12:00+3:00", "2026-06-15T12:00+0300", "2026-06-15T12:00+03", "2026-06-15T12:00+15:00",
		"2026-06-15T12:00+03:60", "2026-06-15T12:00Z ", "2026-06-15T12:00ZZ", "2026-06-15T12:00:00.5Z", "2026-02-30T12:00Z",
		"1899-12-31T23:59Z", "2200-01-01T00:00Z", "2026-06-15T1x:00Z", "2026-06-15T12:00:",
	};
	int64_t at = 5;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_true(instant_parse(text_from(good[i].text), &at));
		assert_int_equal(at, good[i].at);
	}
	at = 5;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(instant_parse(text_from(bad[i]), &at));
	assert_int_equal(at, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day),	   cmocka_unit_test(months),
		cmocka_unit_test(days),		   cmocka_unit_test(month_ends),
		cmocka_unit_test(what_is_no_date), cmocka_unit_test(forwards_is_monotone_and_not_backwards),
		cmocka_unit_test(instants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
