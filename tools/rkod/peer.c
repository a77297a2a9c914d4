/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rkod/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/rkod/metrics.h"

static void look_unix(struct peer *peer, int socket)
{
	struct ucred credentials = { 0, (uid_t)-1, (gid_t)-1 };
	socklen_t size = sizeof credentials;

	if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
		credentials.uid = (uid_t)-1;
	peer->kind = PEER_UNIX;
	peer->uid = credentials.uid;
	if (credentials.uid == (uid_t)-1)
		strcpy(peer->name, "uid:unknown");
	else
		snprintf(peer->name, sizeof peer->name, "uid:%lu", (unsigned long)credentials.uid);
}

static void look_tcp(struct peer *peer, const struct sockaddr_storage *address)
{
	char text[INET6_ADDRSTRLEN] = "?";

	peer->kind = PEER_TCP;
	if (address->ss_family == AF_INET) {
		const struct sockaddr_in *four = (const struct sockaddr_in *)address;

		memcpy(peer->address, &four->sin_addr, 4);
		inet_ntop(AF_INET, &four->sin_addr, text, sizeof text);
	} else if (address->ss_family == AF_INET6) {
		const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;

		memcpy(peer->address, &six->sin6_addr, 16);
		inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof text);
	}
	snprintf(peer->name, sizeof peer->name, "address:%s", text);
}

void peer_look(struct peer *peer, int socket)
{
	struct sockaddr_storage address = { 0 };
	socklen_t size = sizeof address;

	memset(peer, 0, sizeof *peer);
	if (getsockname(socket, (struct sockaddr *)&address, &size) == 0 && address.ss_family == AF_UNIX) {
		look_unix(peer, socket);
		return;
	}
	size = sizeof address;
	memset(&address, 0, sizeof address);
	getpeername(socket, (struct sockaddr *)&address, &size);
	look_tcp(peer, &address);
}

bool peer_same(const struct peer *a, const struct peer *b)
{
	if (a->kind != b->kind)
		return false;
	return a->kind == PEER_UNIX ? a->uid == b->uid : memcmp(a->address, b->address, sizeof a->address) == 0;
}

static bool uid_listed(const struct config *config, uid_t uid)
{
	if (!config->allow_uids.count)
		return uid == 0 || uid == geteuid();
	for (size_t i = 0; i < config->allow_uids.count; i++) {
		char *end;
		unsigned long listed = strtoul(config->allow_uids.text[i], &end, 10);

		if (!*end && listed == uid)
			return true;
	}
	return false;
}

static bool client_listed(const struct config *config, const char *name)
{
	if (!config->allow_clients.count)
		return true;
	for (size_t i = 0; i < config->allow_clients.count; i++)
		if (strcmp(config->allow_clients.text[i], name) == 0)
			return true;
	return false;
}

static bool may_ask(struct exchange *exchange, struct MHD_Connection *connection, struct peer *peer)
{
	const struct config *config = exchange->config;
	char name[CALLER_BYTES - 3];

	if (peer->kind == PEER_UNIX)
		return uid_listed(config, peer->uid);
	if (!MHD_get_connection_info(connection, MHD_CONNECTION_INFO_PROTOCOL))
		return true;	/* plain TCP is on the loopback address only: sockets.c */
	if (!config->tls_client_ca)
		return true;
	if (tls_unjudged(&peer->tls)) {
		peer->trusted = tls_judge(&peer->tls, connection, name, sizeof name) && client_listed(config, name);
		if (peer->trusted)
			snprintf(peer->name, sizeof peer->name, "cn:%s", name);
	}
	return peer->trusted;
}

bool peer_pass(struct exchange *exchange, struct MHD_Connection *connection, struct peer *peer)
{
	if (exchange->route->open || may_ask(exchange, connection, peer))
		return true;
	metrics_add(METRIC_REFUSED_PEERS, 1);
	LOG(LOG_WARNING, "caller_refused", FIELD("kind", shown(peer->kind == PEER_UNIX ? "uid" : "certificate")),
	    FIELD("uid", peer->kind == PEER_UNIX ? (long)peer->uid : -1L));
	exchange_error(exchange, peer->kind == PEER_UNIX ? 403 : 401, "caller_not_allowed", NULL,
		       peer->kind == PEER_UNIX ? "This user may not ask; the setting `allow-uid` names who may."
					       : "Show a client certificate of somebody who may ask.");
	if (peer->kind == PEER_TCP)
		exchange_header(exchange, "WWW-Authenticate", "TLS");
	return false;
}
