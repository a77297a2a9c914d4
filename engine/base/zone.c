/* SPDX-License-Identifier: EUPL-1.2 */
/* The zone table itself is made by tools/gen/zone.sh when the project is built. */
#include "engine/base/date.h"

#include <assert.h>
#include <stdio.h>

struct zone_step {
	int64_t from;		/* the instant at which the offset begins */
	int32_t offset;		/* seconds east of UTC */
};

#include "zone_table.h"	/* ZONE_NAME, ZONE_VERSION, zone_steps[], the first from INT64_MIN */

const char *zone_name(void)
{
	return ZONE_NAME;
}

const char *zone_version(void)
{
	return ZONE_VERSION;
}

int32_t zone_offset(int64_t instant)
{
	size_t low = 0, high = sizeof zone_steps / sizeof zone_steps[0];

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (zone_steps[middle].from <= instant)
			low = middle;
		else
			high = middle;
	}
	return zone_steps[low].offset;
}

static int64_t floor_day(int64_t seconds)
{
	return seconds >= 0 ? seconds / 86400 : -((-seconds + 86399) / 86400);
}

bool zone_day(int64_t instant, day_t *ret_day)
{
	int64_t day;

	if (instant < (int64_t)(DAY_MIN - 1) * 86400 || instant > (int64_t)(DAY_MAX + 2) * 86400)
		return false;
	day = floor_day(instant + zone_offset(instant));
	if (day < DAY_MIN || day > DAY_MAX)
		return false;
	*ret_day = (day_t)day;
	return true;
}

int64_t zone_day_start(day_t day)
{
	int64_t start = (int64_t)day * 86400;
	size_t count = sizeof zone_steps / sizeof zone_steps[0];
	int64_t best = INT64_MAX;

	/* In each stretch of one offset the date is met once at most: take the earliest that is real. */
	for (size_t i = 0; i < count; i++) {
		int64_t at = start - zone_steps[i].offset;

		if (at < zone_steps[i].from)
			at = zone_steps[i].from;
		if (i + 1 < count && at >= zone_steps[i + 1].from)
			continue;
		if (at < best)
			best = at;
	}
	return best;
}

void instant_print(int64_t instant, char text[INSTANT_TEXT])
{
	int32_t offset = zone_offset(instant);
	int64_t local = instant + offset;
	int64_t day = floor_day(local);
	unsigned left = (unsigned)(local - day * 86400);
	unsigned minutes = (unsigned)(offset < 0 ? -offset : offset) / 60;

	day_print((day_t)day, text);
	memcpy(text + 10, offset < 0 ? "T..:..:..-..:.." : "T..:..:..+..:..", INSTANT_TEXT - 10);
	two_digits(text + 11, left / 3600);
	two_digits(text + 14, left / 60 % 60);
	two_digits(text + 17, left % 60);
	two_digits(text + 20, minutes / 60);
	two_digits(text + 23, minutes % 60);
}
