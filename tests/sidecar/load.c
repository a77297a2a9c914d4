/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Load: asks a server on a Unix socket the same again and again, over connections that stay open, and says how fast it
 * answered and whether every answer was the expected one.
 *
 *   load [--connections=N] [--requests=N] [--path=PATH] [--expect=TEXT] [--status=CODE] [--rate=N] [--again] [--json]
 *        [--pair=TEXT=TEXT]… SOCKET BODY-FILE
 *
 * Closed loop: each connection asks when it has its answer. With --rate=N, N questions a second are begun at even times,
 * whether the server keeps up or not, and what a question waited for a free connection counts as its time. Prints
 * requests/s and p50, p99, p99.9 in microseconds, how many answers were 200 (or CODE) with the expected text (`good`),
 * 503 (`unavailable`) and anything else (`other`); `lost` counts connections that ended early. With --again, one that
 * the server closes after an answer, or because it rested too long, is opened again. With --pair, a good answer has both
 * texts of one pair and none of another; else it is `mixed`, and also `other`. One thread: what it measures is the server.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 256, ANSWER = 1 << 20 };

struct line {
	int fd;
	int waits;		/* for an answer */
	uint64_t sent_at;
	size_t got;
	char answer[ANSWER];
};

static struct line *lines[CONNECTIONS];
static char request[1 << 20];
static size_t request_size;
static const char *expect = "\"decision\":true", *status = "200", *socket_path;
static int again, poller;
static uint32_t *took;		/* microseconds * 10 */
static double rate;		/* questions a second; 0: as fast as answers come */
static uint64_t began;
static struct line *idle[CONNECTIONS];	/* in a ring: the one that has rested longest asks next, so that none rests long */
static size_t first_idle, nidle;
static struct { char *first, *second; } pairs[4];
static size_t npairs, mixed;
static size_t answered, asked, requests = 20000, good, unavailable, other, lost;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int dial(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0 || strlen(path) >= sizeof address.sun_path)
		return -1;
	strcpy(address.sun_path, path);
	return connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? fd : -1;
}

static void ask(struct line *line)
{
	line->got = 0;
	line->waits = 1;
	line->sent_at = rate > 0 ? began + (uint64_t)((double)asked * 1e9 / rate) : now_ns();
	asked++;
	for (size_t sent = 0; sent < request_size;) {
		ssize_t some = send(line->fd, request + sent, request_size - sent, MSG_NOSIGNAL);

		if (some <= 0)
			return;		/* reading will show that it has ended */
		sent += (size_t)some;
	}
}

/* The line may ask. */
static void free_line(struct line *line)
{
	if (rate > 0)
		idle[(first_idle + nidle++) % CONNECTIONS] = line;
	else if (asked < requests)
		ask(line);
}

/* Begins what is due; gives how long to wait for the next, in nanoseconds. */
static long begin_due(void)
{
	while (rate > 0 && asked < requests && nidle) {
		uint64_t due = began + (uint64_t)((double)asked * 1e9 / rate), now = now_ns();

		if (due > now)
			return (long)(due - now);
		nidle--;
		ask(idle[first_idle++ % CONNECTIONS]);
	}
	return 999999999;
}

/* The whole size of the answer, or 0 when its head has not come yet. */
static size_t whole(const struct line *line)
{
	const char *end = strstr(line->answer, "\r\n\r\n"), *length = strcasestr(line->answer, "\r\ncontent-length:");

	if (!end || !length || length > end)
		return 0;
	return (size_t)(end + 4 - line->answer) + strtoul(length + 17, NULL, 10);
}

static int is_mixed(const char *answer)
{
	unsigned whole = 0, half = 0;

	for (size_t i = 0; i < npairs; i++) {
		int first = strstr(answer, pairs[i].first) != NULL, second = strstr(answer, pairs[i].second) != NULL;

		whole += first && second;
		half += first != second;
	}
	return npairs && (whole != 1 || half);
}

static void judge(const struct line *line)
{
	if (strncmp(line->answer, "HTTP/1.1 ", 9) == 0 && strncmp(line->answer + 9, status, 3) == 0 &&
	    strstr(line->answer, expect) && !is_mixed(line->answer))
		good++;
	else if (strncmp(line->answer, "HTTP/1.1 503", 12) == 0)
		unavailable++;
	else
		other++;
	if (strncmp(line->answer, "HTTP/1.1 200", 12) == 0)
		mixed += (size_t)is_mixed(line->answer);
}

static int redial(struct line *line)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = line };

	close(line->fd);
	line->fd = dial(socket_path);
	return line->fd >= 0 && epoll_ctl(poller, EPOLL_CTL_ADD, line->fd, &event) == 0;
}

/* False when the connection has ended. */
static int listen_to(struct line *line)
{
	ssize_t some = recv(line->fd, line->answer + line->got, ANSWER - 1 - line->got, MSG_DONTWAIT);
	size_t size;

	if (some < 0 && (errno == EAGAIN || errno == EINTR))
		return 1;
	if (some <= 0)
		return again && !line->waits && redial(line);
	line->got += (size_t)some;
	line->answer[line->got] = '\0';
	size = whole(line);
	if (!size || line->got < size)
		return 1;
	took[answered++] = (uint32_t)((now_ns() - line->sent_at) / 100);
	judge(line);
	line->waits = 0;
	if (again && strcasestr(line->answer, "\r\nconnection: close") && !redial(line))
		return 0;
	free_line(line);
	return 1;
}

static int by_size(const void *a, const void *b)
{
	return *(const uint32_t *)a < *(const uint32_t *)b ? -1 : *(const uint32_t *)a > *(const uint32_t *)b;
}

static double at(double part)
{
	return answered ? took[(size_t)(part * (double)(answered - 1))] / 10.0 : 0;
}

static int run(const char *path, unsigned connections, int json)
{
	unsigned open_lines = connections;
	double seconds;

	poller = epoll_create1(0);
	socket_path = path;
	for (unsigned i = 0; i < connections; i++) {
		struct epoll_event event = { .events = EPOLLIN };

		lines[i] = calloc(1, sizeof *lines[i]);
		event.data.ptr = lines[i];
		if (!lines[i] || (lines[i]->fd = dial(path)) < 0 ||
		    epoll_ctl(poller, EPOLL_CTL_ADD, lines[i]->fd, &event) < 0) {
			fprintf(stderr, "load: %s: %s\n", path, strerror(errno));
			return 2;
		}
	}
	began = now_ns();
	for (unsigned i = 0; i < connections; i++)
		free_line(lines[i]);
	while (answered + lost < requests && open_lines) {
		struct epoll_event events[CONNECTIONS];
		struct timespec wait = { rate > 0 ? 0 : 10, 0 };
		int count;

		if (rate > 0)
			wait.tv_nsec = begin_due();
		count = epoll_pwait2(poller, events, CONNECTIONS, &wait, NULL);
		if (count < 0 || (count == 0 && rate <= 0))
			break;
		for (int i = 0; i < count; i++) {
			struct line *line = events[i].data.ptr;

			if (listen_to(line))
				continue;
			epoll_ctl(poller, EPOLL_CTL_DEL, line->fd, NULL);
			close(line->fd);
			lost++;
			open_lines--;
		}
	}
	seconds = (double)(now_ns() - began) / 1e9;
	qsort(took, answered, sizeof *took, by_size);
	printf(json ? "{\"rate\":%.0f,\"p50\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"good\":%zu,\"unavailable\":%zu,\"other\":%zu,"
		      "\"lost\":%zu,\"mixed\":%zu}\n"
		    : "%8.0f requests/s  p50 %7.1f  p99 %7.1f  p99.9 %7.1f us  good %zu unavailable %zu other %zu lost %zu mixed %zu\n",
	       (double)answered / seconds, at(0.5), at(0.99), at(0.999), good, unavailable, other, lost, mixed);
	return 0;
}

/* FIRST=SECOND */
static int take_pair(char *text)
{
	char *equals = strchr(text, '=');

	if (!equals || npairs == sizeof pairs / sizeof pairs[0])
		return 0;
	*equals = '\0';
	pairs[npairs].first = text;
	pairs[npairs++].second = equals + 1;
	return 1;
}

static int make_request(const char *path, const char *file)
{
	static char body[1 << 19];
	FILE *from = fopen(file, "r");
	size_t size = from ? fread(body, 1, sizeof body, from) : 0;

	if (from)
		fclose(from);
	if (!size || size == sizeof body)
		return 0;
	request_size = (size_t)snprintf(request, sizeof request,
					"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
					"Content-Length: %zu\r\n\r\n", path, size);
	memcpy(request + request_size, body, size);
	request_size += size;
	return 1;
}

int main(int argc, char **argv)
{
	const char *path = "/access/v1/evaluation", *words[2] = { NULL, NULL };
	unsigned connections = 16;
	int json = 0, count = 0;

	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--connections=", 14) == 0)
			connections = (unsigned)atoi(argv[i] + 14);
		else if (strncmp(argv[i], "--requests=", 11) == 0)
			requests = strtoul(argv[i] + 11, NULL, 10);
		else if (strncmp(argv[i], "--path=", 7) == 0)
			path = argv[i] + 7;
		else if (strncmp(argv[i], "--expect=", 9) == 0)
			expect = argv[i] + 9;
		else if (strncmp(argv[i], "--status=", 9) == 0)
			status = argv[i] + 9;
		else if (strncmp(argv[i], "--pair=", 7) == 0 && take_pair(argv[i] + 7))
			continue;
		else if (strcmp(argv[i], "--again") == 0)
			again = 1;
		else if (strncmp(argv[i], "--rate=", 7) == 0)
			rate = atof(argv[i] + 7);
		else if (strcmp(argv[i], "--json") == 0)
			json = 1;
		else if (count < 2)
			words[count++] = argv[i];
	}
	if (count != 2 || !connections || connections > CONNECTIONS || !requests || !make_request(path, words[1])) {
		fprintf(stderr, "usage: load [OPTION]… SOCKET BODY-FILE\n");
		return 2;
	}
	took = calloc(requests + 1, sizeof *took);
	return took ? run(words[0], connections, json) : 2;
}
