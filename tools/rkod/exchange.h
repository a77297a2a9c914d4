/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Exchange: one HTTP request and its answer, apart from the library that carries them. Handlers read the request
 * and fill in the answer; what they leave undone is a 500.
 */
#ifndef RKOD_EXCHANGE_H
#define RKOD_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include <rko/audit.h>

#include "engine/base/buf.h"
#include "tools/rkod/config.h"
#include "tools/rkod/log.h"

enum { REQUEST_ID_BYTES = 128, PATH_BYTES = 1024, EXTRA_HEADERS = 8, CALLER_BYTES = 128 };

struct extra_header {
	char name[32];
	char value[256];
};

struct exchange {
	const struct config *config;
	const struct route *route;
	struct MHD_Connection *connection;	/* for headers that only some handlers read */
	const char *caller;		/* who asks, as it proved itself; lives as long as the exchange */
	const char *method;
	struct buf body;
	uint64_t whole_at;		/* clock_steady() when the last byte had come */
	/* The answer */
	unsigned status;
	const char *type;		/* of the content */
	struct buf out;
	bool close;
	unsigned extras;
	/* Waiting for the record, see record.h */
	struct pending *pending;
	bool waited;			/* there was one; known to the exchange's own thread */
	/* What is large, and is written before it is read: exchange_begin() leaves it as it is, but for its first bytes */
	char request_id[REQUEST_ID_BYTES + 1];	/* "" when none was said */
	char path[PATH_BYTES];		/* as it came, with its query; "" when it was longer */
	struct extra_header extra[EXTRA_HEADERS];
};

enum handled {
	HANDLED,	/* the answer is there */
	WAITS,		/* it is there, but must not leave before its record is on the disk */
};

struct route {
	const char *method;
	const char *path;
	enum handled (*handle)(struct exchange *exchange);
	bool batch;			/* may have the larger body */
	bool open;			/* probes: for everybody who can connect */
};

/* Makes ready for a request. What the one before it on the same connection left is forgotten; memory of its buffers stays. */
void exchange_begin(struct exchange *exchange, const struct config *config, struct MHD_Connection *connection);
/* The request is over. Buffers that it made large go back. */
void exchange_end(struct exchange *exchange);
void exchange_release(struct exchange *exchange);

/*
 * Makes the answer an error: a code for programs and a text for people, neither of which holds anything that the
 * caller said. `at` is the JSON pointer to what is wrong, or NULL.
 */
enum handled exchange_error(struct exchange *exchange, unsigned status, const char *code, const char *at,
			    const char *message);
/* 503: no decision was made, or none that may leave. */
enum handled exchange_unavailable(struct exchange *exchange, const char *code, const char *message);
void exchange_header(struct exchange *exchange, const char *name, const char *value);
/* The value of a request header, or NULL when it is not there. False: it is there more than once. */
bool exchange_asked_header(struct exchange *exchange, const char *name, const char **ret_value);

/* routes.c: NULL-ended. */
extern const struct route routes[];

#endif
