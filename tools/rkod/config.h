/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Config: what the operator sets, from a file of `key = value` lines and from options of the same names, which win.
 * docs/sidecar.md lists every key; the table in config.c is the only other place that knows them.
 */
#ifndef RKOD_CONFIG_H
#define RKOD_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include <rko/policy.h>

enum {
	CONFIG_LISTENS = 4,
	CONFIG_ALLOWED = 32,
	CONFIG_ROUTES = 64,
};

/* How much an answer tells, each more than the one before. What is more than TELL_REQUESTER may reveal a hidden fact. */
enum telling { TELL_BARE, TELL_REQUESTER, TELL_REASONS, TELL_EXPLAIN };
enum confine { CONFINE_REDUCED, CONFINE_FULL, CONFINE_OFF };

struct listed {
	const char *text[CONFIG_ROUTES];
	size_t count;
	size_t most;
	bool from_option;	/* an option replaces what the file lists */
};

struct config {
	const char *policy, *facts;
	const char *audit;		/* folder; NULL: beside the facts; "none": nothing is recorded */
	const char *audit_key;
	struct listed listens, allow_uids, allow_clients, hosts, routes;
	const char *tls_certificate, *tls_key, *tls_client_ca;
	const char *public_url;
	const char *clock;		/* for demos: the instant at which this process started */
	long tell, tell_most;		/* enum telling */
	long language;			/* enum rko_language */
	long confine;			/* enum confine */
	long log_level;
	long keep_seconds;		/* an answer may be kept so long; 0: not at all */
	long facts_max_age;		/* seconds; 0: any */
	long clock_step;		/* seconds by which the clock may jump forward */
	long threads, connections, connections_per_peer;
	long body_bytes, batch_bytes, batch_items;
	long request_seconds, idle_seconds, audit_seconds, drain_seconds;
	long search_candidates;
	long socket_mode;		/* of Unix sockets: as it is written, in octal */
};

/*
 * Reads arguments, and the file they name. False after a message on standard error. *ret_done: nothing more is to
 * be done (--help, --version). Strings live as long as the process.
 */
bool config_read(struct config *config, int argc, char **argv, bool *ret_done);

#endif
