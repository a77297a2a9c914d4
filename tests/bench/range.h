/* SPDX-License-Identifier: EUPL-1.2 */
/* Range: what several rounds came to; and the clocks that they are taken from. */
#ifndef TESTS_BENCH_RANGE_H
#define TESTS_BENCH_RANGE_H

#include <stddef.h>
#include <stdlib.h>
#include <time.h>

struct range {
	double middle, least, most;
};

static inline int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Sorts the values, of which there is one at least. */
static inline struct range range_of(double *values, size_t count)
{
	qsort(values, count, sizeof *values, compare_doubles);
	return (struct range){ values[count / 2], values[0], values[count - 1] };
}

static inline double clock_seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

#endif
