/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rkod/clock.h"

#include <stdatomic.h>
#include <time.h>

#include <rko/policy.h>

enum { BACK_SECONDS = 2 };	/* by which a clock that is being disciplined may go back */

static long most_step;
static bool demo_clock;
static int64_t demo_offset;	/* added to the wall clock */
static _Atomic int64_t highest;	/* instant that was seen */
static _Atomic int64_t apart;	/* wall clock less time since boot, when it was last believed */

static int64_t read_seconds(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec;
}

bool clock_start(long step, const char *demo)
{
	int64_t wall = read_seconds(CLOCK_REALTIME), instant;

	most_step = step;
	if (demo) {
		if (rko_instant_parse(demo, &instant) != RKO_OK)
			return false;
		demo_clock = true;
		demo_offset = instant - wall;
	}
	clock_confirm();
	return true;
}

void clock_confirm(void)
{
	if (read_seconds(CLOCK_REALTIME) + demo_offset < atomic_load(&highest) - BACK_SECONDS)
		return;
	atomic_store(&apart, read_seconds(CLOCK_REALTIME) - read_seconds(CLOCK_BOOTTIME));
}

void clock_seen(int64_t instant)
{
	int64_t before = atomic_load(&highest);

	while (instant > before && !atomic_compare_exchange_weak(&highest, &before, instant))
		;
}

enum clock_state clock_now(int64_t *ret_instant)
{
	int64_t wall = read_seconds(CLOCK_REALTIME), believed = atomic_load(&apart);
	int64_t instant = wall + demo_offset, drift = wall - read_seconds(CLOCK_BOOTTIME) - believed;

	if (instant < atomic_load(&highest) - BACK_SECONDS)
		return CLOCK_REGRESSED;
	if (drift > most_step || drift < -most_step)
		return CLOCK_STEPPED;
	/* A clock that is disciplined slowly may drift any distance. */
	if (drift && drift <= BACK_SECONDS && drift >= -BACK_SECONDS)
		atomic_compare_exchange_strong(&apart, &believed, believed + drift);
	clock_seen(instant);
	*ret_instant = instant;
	return CLOCK_GOOD;
}

const char *clock_word(enum clock_state state)
{
	static const char *const words[] = { "good", "clock_regressed", "clock_step" };

	return words[state];
}

bool clock_is_demo(void)
{
	return demo_clock;
}

int64_t clock_wall(void)
{
	return read_seconds(CLOCK_REALTIME);
}

uint64_t clock_steady(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
