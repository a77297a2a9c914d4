/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Bare: what the sidecar's HTTP library can do when there is nothing to do. The measure for `make bench-sidecar`.
 *
 *   bare SOCKET THREADS ANSWER
 *
 * A fair one: the same flags, threads, limits and memory for a connection as tools/rkod/http.c gives the library, the
 * head of each request parsed by it and the body received to its end; the answer has the same two headers and is made
 * once, as rkod has its usual answers. What it leaves out is rkod's: it looks at no header, keeps no byte of the body, and
 * asks for none of the library's notices of connections and requests.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <microhttpd.h>

static struct MHD_Response *answer;

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *data, size_t *size,
				  void **request)
{
	static int began;

	(void)context, (void)url, (void)method, (void)version, (void)data;
	if (!*request) {
		*request = &began;
		return MHD_YES;
	}
	if (*size) {
		*size = 0;
		return MHD_YES;
	}
	return MHD_queue_response(connection, MHD_HTTP_OK, answer);
}

static struct MHD_Daemon *start(int fd, unsigned threads)
{
	return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC, 0, NULL, NULL,
				on_request, NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE, threads,
				MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)26 << 10,
				MHD_OPTION_CONNECTION_LIMIT, 512u, MHD_OPTION_CONNECTION_TIMEOUT, 60u,
				MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (argc != 4 || strlen(argv[1]) >= sizeof address.sun_path)
		return 2;
	strcpy(address.sun_path, argv[1]);
	unlink(argv[1]);
	answer = MHD_create_response_from_buffer(strlen(argv[3]), argv[3], MHD_RESPMEM_PERSISTENT);
	MHD_add_response_header(answer, "Content-Type", "application/json");
	MHD_add_response_header(answer, "Cache-Control", "no-store");
	signal(SIGPIPE, SIG_IGN);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 512) < 0)
		return 2;
	if (!start(fd, (unsigned)atoi(argv[2])))
		return 2;
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
