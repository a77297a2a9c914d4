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
		[RKO_REFUSED] = { "PYYNTÖÄ EI TUTKITTU", "BEGÄRAN AVVISAD", "REQUEST REFUSED" },
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
	struct outcome_day out;

	day_say(day, language == RKO_EN, out.text);
	return out;
}
