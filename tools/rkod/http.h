/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * HTTP: listeners over libmicrohttpd, with a gate before every handler for what that library lets through, and a
 * reaper that cuts connections which are too slow. The only place that knows the library.
 */
#ifndef RKOD_HTTP_H
#define RKOD_HTTP_H

#include "tools/rkod/config.h"
#include "tools/rkod/exchange.h"

/* Opens every socket, before the process shuts itself in. False after a message. */
bool http_listen(const struct config *config);
/* Starts answering. False after a message. */
bool http_start(const struct config *config);
/* Cuts what is over its time. From the main thread, a few times a second. */
void http_reap(void);
/* Takes no new connections; gives how many requests are under way. */
void http_quiesce(void);
unsigned http_busy(void);
/* Closes everything. Nothing may wait for a record any more. */
void http_stop(void);

/* From any thread: the exchange has its answer. */
void http_resume(struct MHD_Connection *connection);
void http_suspend(struct MHD_Connection *connection);

#endif
