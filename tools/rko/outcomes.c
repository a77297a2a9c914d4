/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rko/outcomes.h"

#include <stdio.h>

#include "engine/base/date.h"

const char *outcome_in(enum rko_language language, enum rko_outcome outcome)
{
	static const char *const words[][3] = {
		[RKO_NOT_GRANTED] = { "EI MYÖNNETTY", "INTE BEVILJAT", "NOT GRANTED" },
		[RKO_GRANTED] = { "MYÖNNETTY", "BEVILJAT", "GRANTED" },
		[RKO_FORBIDDEN] = { "KIELLETTY", "FÖRBJUDET", "FORBIDDEN" },
		[RKO_UNDECIDED] = { "RATKAISEMATTA", "OAVGJORT", "UNDECIDED" },
		[RKO_REFUSED] = { "PYYNTÖ HYLÄTTY", "BEGÄRAN AVVISAD", "REQUEST REFUSED" },
	};

	return words[outcome][language];
}

const char *outcome_mark(enum rko_outcome outcome)
{
	static const char *const marks[] = { "✘", "✔", "✘", "?", "!" };

	return marks[outcome];
}

const char *outcome_block(enum rko_outcome outcome)
{
	static const char *const blocks[] = { "·", "█", "×", "░", "!" };

	return blocks[outcome];
}

const char *outcome_colour(enum rko_outcome outcome)
{
	static const char *const colours[] = { "\033[31m", "\033[32m", "\033[31m", "\033[33m", "\033[33m" };

	return colours[outcome];
}

struct outcome_day outcome_day(enum rko_language language, rko_day day)
{
	static const char *const months[] = { "January", "February", "March",	  "April",   "May",	 "June",
					      "July",	 "August",   "September", "October", "November", "December" };
	struct outcome_day out;
	int y, m, d;

	day_to_civil(day, &y, &m, &d);
	if (language == RKO_EN)
		snprintf(out.text, sizeof out.text, "%d %s %d", d, months[m - 1], y);
	else
		snprintf(out.text, sizeof out.text, "%d.%d.%d", d, m, y);
	return out;
}
