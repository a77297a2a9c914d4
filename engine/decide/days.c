/* SPDX-License-Identifier: EUPL-1.2 */
/* Days and instants as users of the library write and read them; the zone; the languages. */
#include "engine/decide/policy.h"

#include <string.h>

#include "engine/base/date.h"

void rko_day_text(rko_day day, char text[RKO_DAY_TEXT])
{
	if (day == RKO_DAY_OPEN || !day_valid(day))
		strcpy(text, "open");
	else
		day_print(day, text);
}

enum rko_status rko_instant_text(int64_t instant, char text[RKO_INSTANT_TEXT])
{
	day_t day;

	if (!zone_day(instant, &day))
		return RKO_CLOCK_RANGE;
	instant_print(instant, text);
	return RKO_OK;
}

enum rko_status rko_instant_parse(const char *text, int64_t *ret_instant)
{
	return instant_parse(text_from(text), ret_instant) ? RKO_OK : RKO_ARGUMENT;
}

enum rko_status rko_day_parse(const char *text, rko_day *ret_day)
{
	return day_parse(text_from(text), ret_day) ? RKO_OK : RKO_ARGUMENT;
}

const char *rko_language_word(enum rko_language language)
{
	static const char *const words[] = { "fi", "sv", "en" };

	return (unsigned)language < sizeof words / sizeof words[0] ? words[language] : "unknown";
}

const char *rko_zone_name(void)
{
	return zone_name();
}

const char *rko_zone_version(void)
{
	return zone_version();
}
