/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Date: civil dates of the Gregorian calendar as day numbers, and instants.
 *
 * A day number counts days from 1970-01-01. Dates lie between 1900-01-01 and 2199-12-31; what falls
 * outside is an error of the caller's data, never wrapped or clamped. An instant is seconds from
 * 1970-01-01T00:00:00Z. Nothing here reads a clock or the environment.
 *
 * Months keep the number of the day and clip to the last day of the month: 31 August plus six months
 * is the last of February. The sum is always computed forwards from the recorded date.
 */
#ifndef RKO_BASE_DATE_H
#define RKO_BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/text.h"

typedef int32_t day_t;

#define DAY_MIN ((day_t)-25567)		/* 1900-01-01 */
#define DAY_MAX ((day_t)84005)		/* 2199-12-31 */

enum span_unit { UNIT_DAYS, UNIT_MONTHS };

static inline bool day_valid(day_t day)
{
	return day >= DAY_MIN && day <= DAY_MAX;
}

day_t day_from_civil(int year, int month, int day);
void day_to_civil(day_t number, int *ret_year, int *ret_month, int *ret_day);

/* `count` may be negative. False when the result is out of range; *ret_day is then untouched. */
bool day_add(day_t day, int32_t count, enum span_unit unit, day_t *ret_day);

/* Reads exactly YYYY-MM-DD. False for anything else, for dates that do not exist, and out of range. */
bool day_parse(struct text text, day_t *ret_day);

enum { DAY_TEXT = 11, INSTANT_TEXT = 26 };	/* bytes with the NUL */
/* Writes YYYY-MM-DD and a NUL. */
void day_print(day_t day, char text[DAY_TEXT]);
/* The last two digits of a number, without an end. */
void two_digits(char text[2], unsigned number);
enum { DAY_SAID = 24 };
/* Writes 10.7.2026, as Finnish and Swedish do, or 10 July 2026. */
void day_say(day_t day, bool english, char text[DAY_SAID]);

/*
 * Reads YYYY-MM-DDTHH:MM[:SS](Z|+HH:MM|-HH:MM). A time without an offset is refused: it does not exist
 * once a year and exists twice once a year. So are 24:00 and a leap second.
 */
bool instant_parse(struct text text, int64_t *ret_instant);

/*
 * The zone: Europe/Helsinki, from a table made when the project is built (tools/gen/zone.sh). The
 * table's version goes into each trace. The day of an instant is the civil date there.
 */
const char *zone_name(void);
const char *zone_version(void);
/* False when the day is out of range. */
bool zone_day(int64_t instant, day_t *ret_day);
int32_t zone_offset(int64_t instant);
/* The least instant whose civil date is `day` or later. */
int64_t zone_day_start(day_t day);
/* YYYY-MM-DDTHH:MM:SS+HH:MM in the zone, and a NUL. The instant must be one zone_day() accepts. */
void instant_print(int64_t instant, char text[INSTANT_TEXT]);

#endif
