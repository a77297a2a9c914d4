/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Clock: the only place that reads one. Decisions are about an instant, so a clock that was set back would revive
 * rights that have ended: then there is no instant, until the clock has caught up. A jump forward that the time
 * since boot does not bear out stops decisions too, until an operator confirms it (SIGHUP).
 */
#ifndef RKOD_CLOCK_H
#define RKOD_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum clock_state { CLOCK_GOOD, CLOCK_REGRESSED, CLOCK_STEPPED };

/* `step`: seconds by which it may jump forward, or stand still while the machine goes on. `demo`: an instant to start at instead of now, or NULL. */
bool clock_start(long step, const char *demo);
/* The clock has been at least here: the newest facts, the newest record. */
void clock_seen(int64_t instant);
/* An operator says that the clock is right. One that was set back is not, whoever says so. */
void clock_confirm(void);

/* The instant, in seconds since 1970. Only CLOCK_GOOD sets it. May be called by any thread. */
enum clock_state clock_now(int64_t *ret_instant);
/* "good", "clock_regressed", "clock_step". */
const char *clock_word(enum clock_state state);
bool clock_is_demo(void);

/* What the machine's clock says, believed or not: seconds since 1970, for certificates. */
int64_t clock_wall(void);
/* For measuring and for deadlines: nanoseconds that only grow. */
uint64_t clock_steady(void);

#endif
