/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rkod/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 512, SYSTEMD_FIRST = 3 };

static size_t fail(const struct opened_socket *opened, const char *what)
{
	fprintf(stderr, "rkod: %s: %s\n", opened->shown, what);
	if (opened->fd >= 0)
		close(opened->fd);
	if (opened->lock >= 0)
		close(opened->lock);
	return 0;
}

/* Unix ---------------------------------------------------------------------------------------------- */

/* Only who holds the lock may take a socket's place, so that of two processes the second does not start. */
static bool take_lock(struct opened_socket *opened)
{
	char path[sizeof((struct sockaddr_un *)0)->sun_path + 8];

	snprintf(path, sizeof path, "%s.lock", opened->path);
	opened->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return opened->lock >= 0 && flock(opened->lock, LOCK_EX | LOCK_NB) == 0;
}

static size_t open_unix(const struct config *config, const char *path, struct opened_socket *opened)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat about;
	mode_t before;
	int bound;

	opened->path = path;
	if (!*path || strlen(path) >= sizeof address.sun_path)
		return fail(opened, "the path of a socket has 1 to 107 bytes");
	strcpy(address.sun_path, path);
	if (!take_lock(opened))
		return fail(opened, errno == EWOULDBLOCK ? "another process answers on this socket" : strerror(errno));
	if (lstat(path, &about) == 0 && !S_ISSOCK(about.st_mode))
		return fail(opened, "is there, and is no socket");
	unlink(path);
	opened->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (opened->fd < 0)
		return fail(opened, strerror(errno));
	before = umask((mode_t)(0777 & ~config->socket_mode));
	bound = bind(opened->fd, (struct sockaddr *)&address, sizeof address);
	umask(before);
	if (bound < 0 || listen(opened->fd, BACKLOG) < 0)
		return fail(opened, strerror(errno));
	return 1;
}

/* TCP ----------------------------------------------------------------------------------------------- */

static bool parse_address(const char *text, struct sockaddr_storage *address, socklen_t *size, char *host, size_t room)
{
	const char *colon = strrchr(text, ':');
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)address;
	struct sockaddr_in *four = (struct sockaddr_in *)address;
	unsigned long port;
	char *end;

	memset(address, 0, sizeof *address);
	if (!colon || (size_t)(colon - text) >= room)
		return false;
	port = strtoul(colon + 1, &end, 10);
	if (end == colon + 1 || *end || port > 65535)
		return false;
	snprintf(host, room, "%.*s", (int)(colon - text), text);
	if (inet_pton(AF_INET, host, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons((uint16_t)port);
		*size = sizeof *four;
		return true;
	}
	if (*host != '[' || host[strlen(host) - 1] != ']')
		return false;
	host[strlen(host) - 1] = '\0';
	if (inet_pton(AF_INET6, host + 1, &six->sin6_addr) != 1)
		return false;
	host[strlen(host)] = ']';
	six->sin6_family = AF_INET6;
	six->sin6_port = htons((uint16_t)port);
	*size = sizeof *six;
	return true;
}

static bool is_loopback(const struct sockaddr_storage *address)
{
	if (address->ss_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

static const struct host_names *known_names(const struct config *config, const char *host)
{
	struct host_names *names = calloc(1, sizeof *names);

	if (!names)
		return NULL;
	names->name[names->count++] = "localhost";
	names->name[names->count++] = strdup(host);
	for (size_t i = 0; i < config->hosts.count; i++)
		names->name[names->count++] = config->hosts.text[i];
	return names;
}

static size_t open_tcp(const struct config *config, const char *text, struct opened_socket *opened)
{
	struct sockaddr_storage address;
	socklen_t size = 0;
	char host[64];
	int on = 1;

	if (!parse_address(text, &address, &size, host, sizeof host))
		return fail(opened, "expected ADDRESS:PORT, such as 127.0.0.1:8181 or [::1]:8181");
	if (opened->tls && !config->tls_certificate)
		return fail(opened, "tls needs the settings tls-certificate and tls-key");
	if (!opened->tls && !is_loopback(&address))
		return fail(opened, "without TLS only the loopback address is listened on; use tls:ADDRESS:PORT");
	opened->names = known_names(config, host);
	opened->fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (!opened->names || opened->fd < 0)
		return fail(opened, strerror(errno));
	setsockopt(opened->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (address.ss_family == AF_INET6)
		setsockopt(opened->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (bind(opened->fd, (struct sockaddr *)&address, size) < 0 || listen(opened->fd, BACKLOG) < 0)
		return fail(opened, strerror(errno));
	return 1;
}

/* systemd ------------------------------------------------------------------------------------------- */

static bool take_over(struct opened_socket *opened, int fd)
{
	struct sockaddr_storage address = { 0 };
	socklen_t size = sizeof address;

	*opened = (struct opened_socket){ .fd = fd, .lock = -1 };
	snprintf(opened->shown, sizeof opened->shown, "socket %d of systemd", fd);
	if (getsockname(fd, (struct sockaddr *)&address, &size) < 0 || address.ss_family != AF_UNIX)
		return false;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return true;
}

static size_t open_systemd(struct opened_socket *opened, size_t room)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	size_t found = 0, number;

	if (!pid || !count || atol(pid) != (long)getpid() || atol(count) < 1)
		return fail(opened, "systemd has handed over no socket");
	number = (size_t)atol(count);
	if (number > room)
		return fail(opened, "systemd has handed over too many sockets");
	for (size_t i = 0; i < number; i++) {
		if (!take_over(&opened[i], SYSTEMD_FIRST + (int)i))
			return fail(&opened[i], "is no Unix socket; TCP is listened on by a `listen` of its own");
		found++;
	}
	return found;
}

void sockets_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = path ? strlen(path) : 0;
	static int fd = -1;

	if (!length || length >= sizeof address.sun_path)
		return;
	memcpy(address.sun_path, path, length);
	if (*path == '@')
		address.sun_path[0] = '\0';
	/* Opened once, before the process shuts itself in. */
	if (fd < 0)
		fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address,
		       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
}

/* --------------------------------------------------------------------------------------------------- */

size_t sockets_open(const struct config *config, const char *listen_on, struct opened_socket *opened, size_t room)
{
	if (!room)
		return 0;
	*opened = (struct opened_socket){ .fd = -1, .lock = -1 };
	snprintf(opened->shown, sizeof opened->shown, "%s", listen_on);
	if (strncmp(listen_on, "unix:", 5) == 0)
		return open_unix(config, listen_on + 5, opened);
	if (strncmp(listen_on, "tcp:", 4) == 0)
		return open_tcp(config, listen_on + 4, opened);
	opened->tls = strncmp(listen_on, "tls:", 4) == 0;
	if (opened->tls)
		return open_tcp(config, listen_on + 4, opened);
	if (strcmp(listen_on, "systemd") == 0)
		return open_systemd(opened, room);
	return fail(opened, "expected unix:PATH, tcp:ADDRESS:PORT, tls:ADDRESS:PORT or systemd");
}

/* The library has closed the descriptor, unless it was never started. */
void sockets_close(struct opened_socket *opened)
{
	if (opened->path)
		unlink(opened->path);
	if (opened->lock >= 0)
		close(opened->lock);
	opened->lock = -1;
	if (opened->names) {
		free((void *)(uintptr_t)opened->names->name[1]);
		free((void *)(uintptr_t)opened->names);
		opened->names = NULL;
	}
}
