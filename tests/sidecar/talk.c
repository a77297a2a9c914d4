/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Sends bytes as they are to a Unix socket and prints what comes back, for requests that no HTTP client would make.
 *
 *   printf 'GET / HTTP/1.1\r\n…' | talk [--slow=MILLISECONDS] [--open=COUNT] SOCKET
 *
 * --slow: one byte at a time with a pause. --open: holds so many connections that send nothing beside it. Ends when
 * the other side closes, with 0, or after ten seconds of silence, with 1 and "(open)" as the last line.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BYTES = 4 << 20, SILENCE_MS = 10000, OPEN_MOST = 1000 };

static int dial(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (strlen(path) >= sizeof address.sun_path || fd < 0)
		return -1;
	strcpy(address.sun_path, path);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	close(fd);
	return -1;
}

/* What the other side has said so far, without waiting. False when it has closed. */
static int print_some(int fd, int wait_ms)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	char bytes[4096];
	ssize_t got;

	if (poll(&poller, 1, wait_ms) <= 0)
		return -1;
	got = read(fd, bytes, sizeof bytes);
	if (got <= 0)
		return 0;
	fwrite(bytes, 1, (size_t)got, stdout);
	return 1;
}

static int send_all(int fd, const char *bytes, size_t size, long slow_ms)
{
	while (size) {
		ssize_t sent = send(fd, bytes, slow_ms ? 1 : size, MSG_NOSIGNAL);

		if (sent < 0)
			return errno == EINTR ? 1 : 0;
		bytes += sent;
		size -= (size_t)sent;
		if (slow_ms && print_some(fd, (int)slow_ms) == 0)
			return 0;
	}
	return 1;
}

int main(int argc, char **argv)
{
	static char bytes[BYTES];
	long slow = 0, open_count = 0;
	const char *path = NULL;
	size_t size;
	int fd, more;

	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--slow=", 7) == 0)
			slow = atol(argv[i] + 7);
		else if (strncmp(argv[i], "--open=", 7) == 0)
			open_count = atol(argv[i] + 7);
		else
			path = argv[i];
	}
	for (long i = 0; path && i < open_count && i < OPEN_MOST; i++)
		if (dial(path) < 0)
			break;
	fd = path ? dial(path) : -1;
	if (fd < 0) {
		fprintf(stderr, "talk: %s\n", path ? strerror(errno) : "no socket");
		return 2;
	}
	size = fread(bytes, 1, sizeof bytes, stdin);
	send_all(fd, bytes, size, slow);
	while ((more = print_some(fd, SILENCE_MS)) > 0)
		;
	if (more < 0)
		puts("(open)");
	return more < 0;
}
