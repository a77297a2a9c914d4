/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * TLS: 1.2 and 1.3 with the operator's certificate, and callers' certificates where a CA for them is set.
 *
 * An identity is certificate, key and CA as they were read at one time. A reload reads them anew and switches one
 * pointer: new connections get the new identity, open ones go on, and their callers are judged again by its CA.
 */
#ifndef RKOD_TLS_H
#define RKOD_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <microhttpd.h>
#include <rko/status.h>

#include "tools/rkod/config.h"

enum { TLS_OPTIONS = 2 };

struct identity;

/* What a connection has of TLS. All zeroes is a connection without. */
struct tls_link {
	struct identity *identity;	/* held */
	bool judged;			/* the caller's certificate was looked at */
	unsigned number;		/* of the identity by whose CA */
	int64_t until;			/* the last second of the caller's certificate */
};

/* Reads the files and uses them. On failure what was in use stays. RKO_IO or RKO_NO_MEMORY, and a fault. */
enum rko_status tls_load(const struct config *config, struct rko_fault *ret_fault);
/* Gives everything back, when no connection is left. */
void tls_free(void);
/* For MHD_OPTION_ARRAY; gives how many. */
unsigned tls_options(struct MHD_OptionItem options[TLS_OPTIONS]);

/* A connection begins, before its first byte was read; and ends. */
void tls_begin(struct tls_link *ret_link, struct MHD_Connection *connection);
void tls_end(struct tls_link *link);
/* Whether the caller is to be looked at: nobody has, or the CA is another one since, or the certificate has run out. */
bool tls_unjudged(const struct tls_link *link);
/* Whether the caller showed a certificate that the CA in use signed and that is valid now; its common name. */
bool tls_judge(struct tls_link *link, struct MHD_Connection *connection, char *name, size_t size);

enum tls_state { TLS_OFF, TLS_GOOD, TLS_OLD, TLS_EXPIRED };
struct tls_about {
	enum tls_state state;		/* TLS_OLD: the newest files were refused, and the ones before are in use */
	int64_t until;			/* the last second of the certificate in use */
};
struct tls_about tls_about(void);
/* "off", "good", "tls_old", "tls_expired". */
const char *tls_word(enum tls_state state);

#endif
