/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Gate: looks at a request's first line and headers before anything else does. libmicrohttpd is lenient where two
 * programs could come to different ends of one request; here each such form is a 400 that closes the connection.
 */
#ifndef RKOD_GATE_H
#define RKOD_GATE_H

#include <microhttpd.h>

#include "tools/rkod/exchange.h"
#include "tools/rkod/sockets.h"

enum { GATE_HEADERS = 64, GATE_HEADER_BYTES = 16384 };

/* Sets the route and the request id. False: the exchange has its answer. `names` may be NULL: any host is meant. */
bool gate_pass(struct exchange *exchange, struct MHD_Connection *connection, const char *method,
	       const char *version, const struct host_names *names);

#endif
