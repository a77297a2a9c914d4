/* SPDX-License-Identifier: EUPL-1.2 */
/* Sockets: opens what `listen` names, or takes over what systemd has opened. */
#ifndef RKOD_SOCKETS_H
#define RKOD_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

#include "tools/rkod/config.h"

/* By which a caller over TCP may call this. */
struct host_names {
	const char *name[CONFIG_ALLOWED + 4];
	size_t count;
};

struct opened_socket {
	int fd;
	bool tls;
	const char *path;		/* of a Unix socket that is to be removed, or NULL */
	int lock;			/* held for it, or -1 */
	const struct host_names *names;	/* NULL: a Unix socket */
	char shown[128];		/* for messages */
};

/* Gives how many were opened; 0 after a message. */
size_t sockets_open(const struct config *config, const char *listen, struct opened_socket *ret_opened, size_t room);
void sockets_close(struct opened_socket *opened);

/* Tells systemd how the service is; nothing where there is none. */
void sockets_notify(const char *state);

#endif
