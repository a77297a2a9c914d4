/* SPDX-License-Identifier: EUPL-1.2 */
/* Outcomes and days as `when`, `who-can` and `what-can` print them. */
#ifndef RKO_TOOLS_OUTCOMES_H
#define RKO_TOOLS_OUTCOMES_H

#include <rko/decide.h>

/* In words of a language; a mark that tells them apart without colour; the same as a full cell; an escape. */
const char *outcome_in(enum rko_language language, enum rko_outcome outcome);
const char *outcome_mark(enum rko_outcome outcome);
const char *outcome_block(enum rko_outcome outcome);
const char *outcome_colour(enum rko_outcome outcome);

struct outcome_day {
	char text[24];
};
/* 10.7.2026, in English 10 July 2026. */
struct outcome_day outcome_day(enum rko_language language, rko_day day);

#endif
