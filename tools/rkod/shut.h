/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Shut: the process gives up what it does not need, before it reads the first byte of a caller. No new privileges,
 * no core dumps; Landlock: no file but the policy's, the facts' and the record's folders; seccomp: no other system
 * calls than these take. Threads started later inherit it.
 */
#ifndef RKOD_SHUT_H
#define RKOD_SHUT_H

#include <stdbool.h>

#include "tools/rkod/config.h"

/* False after a message: `confine` is full and something is not to be had. */
bool shut_in(const struct config *config, const char *record_folder);
/* "full", "reduced" or "off". */
const char *shut_word(void);

#endif
