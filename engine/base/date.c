/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/base/date.h"

#include <assert.h>
#include <stdio.h>

/* Days and years of an era of 400 years that begins on 1 March: the leap day is the last of its year. */
enum { ERA_DAYS = 146097, ERA_SHIFT = 719468 };

day_t day_from_civil(int year, int month, int day)
{
	int y = year - (month <= 2);
	int era = (y >= 0 ? y : y - 399) / 400;
	int yoe = y - era * 400;
	int doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * ERA_DAYS + doe - ERA_SHIFT;
}

void day_to_civil(day_t number, int *ret_year, int *ret_month, int *ret_day)
{
	int z = number + ERA_SHIFT;
	int era = (z >= 0 ? z : z - ERA_DAYS + 1) / ERA_DAYS;
	int doe = z - era * ERA_DAYS;
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153;

	*ret_day = doy - (153 * mp + 2) / 5 + 1;
	*ret_month = mp + (mp < 10 ? 3 : -9);
	*ret_year = yoe + era * 400 + (*ret_month <= 2);
}

static int month_length(int year, int month)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return lengths[month - 1] + (month == 2 && leap);
}

bool day_add(day_t day, int32_t count, enum span_unit unit, day_t *ret_day)
{
	int64_t sum = INT64_MAX;

	switch (unit) {
	case UNIT_DAYS:
		sum = (int64_t)day + count;
		break;
	case UNIT_MONTHS: {
		int y, m, d, length;
		int64_t months;

		day_to_civil(day, &y, &m, &d);
		months = (int64_t)y * 12 + (m - 1) + count;
		if (months < 1900 * 12 || months >= 2200 * 12)
			return false;
		y = (int)(months / 12);
		m = (int)(months % 12) + 1;
		length = month_length(y, m);
		sum = day_from_civil(y, m, d < length ? d : length);
		break;
	}
	}
	if (sum < DAY_MIN || sum > DAY_MAX)
		return false;
	*ret_day = (day_t)sum;
	return true;
}

/* The number in `count` digits at `at`, or -1. */
static int digits(const char *at, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++) {
		if (at[i] < '0' || at[i] > '9')
			return -1;
		value = value * 10 + (at[i] - '0');
	}
	return value;
}

bool day_parse(struct text text, day_t *ret_day)
{
	int y, m, d;

	if (text.len != 10 || text.at[4] != '-' || text.at[7] != '-')
		return false;
	y = digits(text.at, 4);
	m = digits(text.at + 5, 2);
	d = digits(text.at + 8, 2);
	if (y < 1900 || y > 2199 || m < 1 || m > 12 || d < 1 || d > month_length(y, m))
		return false;
	*ret_day = day_from_civil(y, m, d);
	return true;
}

void two_digits(char text[2], unsigned number)
{
	text[0] = (char)('0' + number / 10 % 10);
	text[1] = (char)('0' + number % 10);
}

void day_print(day_t day, char text[DAY_TEXT])
{
	int y, m, d;

	assert(day_valid(day));
	day_to_civil(day, &y, &m, &d);
	two_digits(text, (unsigned)y / 100);
	two_digits(text + 2, (unsigned)y);
	text[4] = '-';
	two_digits(text + 5, (unsigned)m);
	text[7] = '-';
	two_digits(text + 8, (unsigned)d);
	text[10] = '\0';
}

/* Of one or two digits; where it ends. */
static char *number(char *text, int n)
{
	two_digits(text, (unsigned)n);
	if (n >= 10)
		return text + 2;
	text[0] = text[1];
	return text + 1;
}

void day_say(day_t day, bool english, char text[DAY_SAID])
{
	static const char *const months[] = { "January", "February", "March",	  "April",   "May",	 "June",
					      "July",	 "August",   "September", "October", "November", "December" };
	int y, m, d;

	day_to_civil(day, &y, &m, &d);
	text = number(text, d);
	if (english) {
		*text++ = ' ';
		text = stpcpy(text, months[m - 1]);
		*text++ = ' ';
	} else {
		*text++ = '.';
		text = number(text, m);
		*text++ = '.';
	}
	two_digits(text, (unsigned)y / 100);
	two_digits(text + 2, (unsigned)y);
	text[4] = '\0';
}

static bool offset_parse(struct text text, int *ret_seconds)
{
	int h, m;

	if (text.len == 1 && text.at[0] == 'Z') {
		*ret_seconds = 0;
		return true;
	}
	if (text.len != 6 || (text.at[0] != '+' && text.at[0] != '-') || text.at[3] != ':')
		return false;
	h = digits(text.at + 1, 2);
	m = digits(text.at + 4, 2);
	if (h < 0 || h > 14 || m < 0 || m > 59)
		return false;
	*ret_seconds = (h * 3600 + m * 60) * (text.at[0] == '-' ? -1 : 1);
	return true;
}

bool instant_parse(struct text text, int64_t *ret_instant)
{
	struct text date = { text.at, 10 };
	int h, m, s = 0, offset;
	size_t at = 16;
	day_t day;

	if (text.len < 17 || text.at[10] != 'T' || text.at[13] != ':' || !day_parse(date, &day))
		return false;
	h = digits(text.at + 11, 2);
	m = digits(text.at + 14, 2);
	if (text.at[at] == ':') {
		if (text.len < 20)
			return false;
		s = digits(text.at + 17, 2);
		at = 19;
	}
	if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59)
		return false;
	if (!offset_parse((struct text){ text.at + at, text.len - at }, &offset))
		return false;
	*ret_instant = (int64_t)day * 86400 + h * 3600 + m * 60 + s - offset;
	return true;
}
