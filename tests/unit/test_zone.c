/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The zone against the C library with TZ=Europe/Helsinki: every transition, the hour that is missing and the one that
 * is there twice, a large sample of instants, and the start of every day. The environment is of no matter otherwise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "engine/base/date.h"

struct zone_step {
	int64_t from;
	int32_t offset;
};

#include "zone_table.h"

enum { STEPS = sizeof zone_steps / sizeof zone_steps[0] };

static int64_t at(const char *text)
{
	int64_t instant;

	assert_true(instant_parse(text_from(text), &instant));
	return instant;
}

static void assert_same_as_library(int64_t instant)
{
	time_t time = (time_t)instant;
	char text[INSTANT_TEXT], expected[64];
	struct tm tm;
	day_t day;

	assert_non_null(localtime_r(&time, &tm));
	assert_int_equal(zone_offset(instant), tm.tm_gmtoff);
	assert_true(zone_day(instant, &day));
	assert_int_equal(day, day_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday));
	instant_print(instant, text);
	snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02d+%02ld:%02ld", tm.tm_year + 1900, tm.tm_mon + 1,
		 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, tm.tm_gmtoff / 3600, tm.tm_gmtoff / 60 % 60);
	assert_string_equal(text, expected);
}

static void every_transition(void **state)
{
	int64_t end = at("2199-12-31T21:59:59Z");

	(void)state;
	assert_int_equal(zone_steps[0].from, INT64_MIN);
	assert_true(STEPS > 400);	/* two a year to the end */
	for (size_t i = 1; i < STEPS; i++) {
		assert_true(zone_steps[i - 1].from < zone_steps[i].from);
		if (zone_steps[i].from > end)	/* the table goes on beyond the last day there is */
			continue;
		for (int64_t shift = -3700; shift <= 3700; shift += i % 50 ? 100 : 1)
			assert_same_as_library(zone_steps[i].from + shift);
		assert_same_as_library(zone_steps[i].from - 1);
		assert_same_as_library(zone_steps[i].from + 1);
	}
	assert_true(zone_steps[STEPS - 1].from > at("2199-10-01T00:00Z"));
	assert_string_equal(zone_name(), "Europe/Helsinki");
	assert_true(strlen(zone_version()) >= 5);
}

/* The library knows of no transition that the table has not. */
static void no_transition_is_missing(void **state)
{
	size_t step = 0;
	long last = 0;

	(void)state;
	for (int64_t hour = at("1900-01-01T00:00Z"); hour < at("2199-12-31T21:00Z"); hour += 6 * 3600) {
		time_t time = (time_t)hour;
		struct tm tm;

		localtime_r(&time, &tm);
		if (tm.tm_gmtoff != last) {
			last = tm.tm_gmtoff;
			assert_true(step < STEPS);
			assert_int_equal(zone_steps[step++].offset, last);
		}
	}
	assert_true(step == STEPS || zone_steps[step].from > at("2199-12-31T21:00Z"));
}

static void a_large_sample(void **state)
{
	int64_t first = at("1900-01-01T00:00Z"), last = at("2199-12-31T21:59:59Z");
	uint64_t dice = 88172645463325252ull;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		dice ^= dice << 13;
		dice ^= dice >> 7;
		dice ^= dice << 17;
		assert_same_as_library(first + (int64_t)(dice % (uint64_t)(last - first)));
	}
	assert_same_as_library(last);
}

/* The least instant whose date is the day or later. */
static void the_start_of_every_day(void **state)
{
	(void)state;
	for (day_t day = DAY_MIN + 1; day <= DAY_MAX; day++) {
		int64_t start = zone_day_start(day);
		day_t here, before;

		assert_true(zone_day(start, &here));
		assert_true(zone_day(start - 1, &before));
		assert_true(here >= day && before < day);
	}
}

static void assert_start(const char *day, const char *expected)
{
	day_t number;

	assert_true(day_parse(text_from(day), &number));
	assert_int_equal(zone_day_start(number), at(expected));
}

static void days_of_other_lengths(void **state)
{
	int64_t spring = at("2026-03-29T01:00Z"), autumn = at("2026-10-25T01:00Z");
	day_t day;

	(void)state;
	/* 3.00 becomes 4.00: no hour between. */
	assert_int_equal(zone_offset(spring - 1), 7200);
	assert_int_equal(zone_offset(spring), 10800);
	assert_start("2026-03-29", "2026-03-29T00:00+02:00");
	assert_start("2026-03-30", "2026-03-30T00:00+03:00");
	/* 4.00 becomes 3.00: the hour between is there twice, on one day. */
	assert_int_equal(zone_offset(autumn - 1), 10800);
	assert_int_equal(zone_offset(autumn), 7200);
	assert_int_equal(at("2026-10-25T03:30+03:00") + 3600, at("2026-10-25T03:30+02:00"));
	assert_start("2026-10-25", "2026-10-25T00:00+03:00");
	assert_start("2026-10-26", "2026-10-26T00:00+02:00");
	/* In 1942 the clocks were moved at midnight: 3 April has none, and 3 October began twice. */
	assert_start("1942-04-03", "1942-04-02T22:00Z");
	assert_true(zone_day(at("1942-04-02T21:59:59Z"), &day));
	assert_int_equal(day, day_from_civil(1942, 4, 2));
	assert_start("1942-10-04", "1942-10-03T21:00Z");
	/* The last minutes of a day and of the year. */
	assert_true(zone_day(at("2026-12-31T23:59:59+02:00"), &day));
	assert_int_equal(day, day_from_civil(2026, 12, 31));
	assert_true(zone_day(at("2027-01-01T00:00+02:00"), &day));
	assert_int_equal(day, day_from_civil(2027, 1, 1));
}

static void out_of_range(void **state)
{
	day_t day = 7;

	(void)state;
	assert_false(zone_day(INT64_MIN, &day));
	assert_false(zone_day(INT64_MAX, &day));
	assert_false(zone_day(at("2199-12-31T22:00:00Z"), &day));	/* 2200 in Helsinki */
	assert_false(zone_day((int64_t)DAY_MIN * 86400 - 5990, &day));	/* 1899, by its local mean time */
	assert_int_equal(day, 7);
	assert_true(zone_day((int64_t)DAY_MIN * 86400 - 5989, &day));
	assert_int_equal(day, DAY_MIN);
	assert_true(zone_day(at("2199-12-31T21:59:59Z"), &day));
	assert_int_equal(day, DAY_MAX);
}

/* Nothing of the environment changes what an instant is. */
static void the_environment_is_ignored(void **state)
{
	static const char *const zones[] = { "Pacific/Auckland", "America/New_York", "UTC", "nonsense", "" };

	(void)state;
	for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
		char text[INSTANT_TEXT];
		day_t day;

		setenv("TZ", zones[i], 1);
		tzset();
		assert_int_equal(zone_offset(at("2026-06-15T12:00Z")), 10800);
		assert_true(zone_day(at("2026-06-15T21:00Z"), &day));
		assert_int_equal(day, day_from_civil(2026, 6, 16));
		instant_print(at("2026-01-15T12:00Z"), text);
		assert_string_equal(text, "2026-01-15T14:00:00+02:00");
	}
	setenv("TZ", "Europe/Helsinki", 1);
	tzset();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_transition),	 cmocka_unit_test(no_transition_is_missing),
		cmocka_unit_test(a_large_sample),	 cmocka_unit_test(the_start_of_every_day),
		cmocka_unit_test(days_of_other_lengths), cmocka_unit_test(out_of_range),
		cmocka_unit_test(the_environment_is_ignored),
	};

	setenv("TZ", "Europe/Helsinki", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
