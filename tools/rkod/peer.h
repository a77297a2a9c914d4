/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Peer: who is at the other end. On a Unix socket the kernel says which user; over TLS a certificate does. Who may
 * ask is the operator's word; the name goes into the record.
 */
#ifndef RKOD_PEER_H
#define RKOD_PEER_H

#include <stdbool.h>
#include <sys/types.h>

#include <microhttpd.h>

#include "tools/rkod/exchange.h"
#include "tools/rkod/tls.h"

enum peer_kind { PEER_UNIX, PEER_TCP };

struct peer {
	enum peer_kind kind;
	uid_t uid;			/* PEER_UNIX */
	unsigned char address[16];	/* PEER_TCP */
	struct tls_link tls;
	bool trusted;			/* a certificate of the CA was shown, for somebody who may ask */
	char name[CALLER_BYTES];	/* "uid:990", "cn:journal", "address:127.0.0.1" */
};

void peer_look(struct peer *peer, int socket);
bool peer_same(const struct peer *a, const struct peer *b);
/* False: the exchange has its answer. */
bool peer_pass(struct exchange *exchange, struct MHD_Connection *connection, struct peer *peer);

#endif
