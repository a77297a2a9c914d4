/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a connection of the sidecar brings: the library that reads HTTP, with the gate behind it, on a socket. However
 * the bytes are cut into pieces, the answers are the same; and what a handler gets to see is what another reader finds
 * in the same bytes, a small strict one that is written here: nobody can smuggle a request.
 */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/fuzz/lib/fuzz.h"

#include "tools/rkod/http.c"

enum { INPUT_MOST = 4096, SEEN_MOST = 64, RUNS_IDLE = 3 };

static struct config config = { .connections_per_peer = 100, .body_bytes = 2048, .batch_bytes = 2048 };

/* Handlers that keep what they see ---------------------------------------------------------------- */

struct seen {
	char *words;	/* method, path, id, body */
	size_t size;
};

static struct seen seen[SEEN_MOST];
static size_t nseen;

static void see(const char *method, const char *path, const char *id, struct text body)
{
	struct buf words = { 0 };

	buf_printf(&words, "%s %s id=%s ", method, path, id);
	buf_add(&words, body.at, body.len);
	HOLDS(nseen < SEEN_MOST, "more requests than bytes for them");
	seen[nseen++] = (struct seen){ words.at, words.len };
}

static void forget_seen(void)
{
	while (nseen)
		free(seen[--nseen].words);
}

static enum handled handle(struct exchange *exchange)
{
	see(exchange->method, exchange->path, exchange->request_id, buf_view(&exchange->body));
	exchange->status = 200;
	buf_printf(&exchange->out, "{\"bytes\":%zu}", exchange->body.len);
	return HANDLED;
}

const struct route routes[] = {
	{ "POST", "/access/v1/evaluation", handle, false, false },
	{ "POST", "/access/v1/evaluations", handle, true, false },
	{ "*", "/authz/", handle, false, false },
	{ "GET", "/healthz", handle, false, true },
	{ NULL, NULL, NULL, false, false },
};

/* One connection ---------------------------------------------------------------------------------- */

static void serve(void)
{
	struct listener *listener = &listeners[0];

	listener->config = &config;
	nlisteners = 1;
	/* As start() has it, but run by hand, without a thread or a clock. */
	listener->daemon = MHD_start_daemon(MHD_USE_NO_LISTEN_SOCKET | MHD_USE_EPOLL | MHD_USE_SUPPRESS_DATE_NO_CLOCK, 0, NULL,
		NULL, on_request, listener, MHD_OPTION_EXTERNAL_LOGGER, on_library_log, NULL,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_URI_LOG_CALLBACK, on_uri, listener, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, listener, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
		MHD_OPTION_END);
	HOLDS(listener->daemon, "no server");
	signal(SIGPIPE, SIG_IGN);
}

/* Lets the server work until nothing more comes. False: it has closed the connection. */
static bool work_on(int socket, struct buf *out)
{
	char block[4096];
	ssize_t got;

	for (int idle = 0; idle < RUNS_IDLE; idle++) {
		MHD_run(listeners[0].daemon);
		while ((got = recv(socket, block, sizeof block, MSG_DONTWAIT)) > 0) {
			buf_add(out, block, (size_t)got);
			idle = 0;
		}
		if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK))
			return false;
	}
	return true;
}

/* What the server answers when the bytes come in pieces whose sizes `next` gives. */
static void converse(const uint8_t *data, size_t size, size_t (*next)(size_t at), struct buf *out)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	bool open = true;
	int pair[2];

	HOLDS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0, "no sockets");
	HOLDS(MHD_add_connection(listeners[0].daemon, pair[1], (struct sockaddr *)&address, sizeof address) == MHD_YES,
	      "no connection");
	for (size_t at = 0; open && at < size;) {
		size_t piece = next(at);
		ssize_t sent = send(pair[0], data + at, piece < size - at ? piece : size - at, MSG_NOSIGNAL);

		open = sent > 0;
		at += open ? (size_t)sent : 0;
		open = work_on(pair[0], out) && open;
	}
	shutdown(pair[0], SHUT_WR);
	while (work_on(pair[0], out) && !http_busy() && clients)
		;
	close(pair[0]);
	for (int i = 0; clients && i < 100; i++)
		MHD_run(listeners[0].daemon);
	HOLDS(!clients && !http_busy(), "a connection stays when its caller is gone");
	HOLDS(atomic_load(&bodies) == 0, "bytes of bodies are counted that nobody holds");
}

static size_t whole(size_t at) { (void)at; return INPUT_MOST; }
static size_t single(size_t at) { (void)at; return 1; }
static size_t uneven(size_t at) { return 1 + at * 7 % 23; }

/* Another reader ---------------------------------------------------------------------------------- */

struct reader {
	const char *at, *end;
};

static bool is_name(char byte)
{
	return byte && (isalnum((unsigned char)byte) || strchr("!#$%&'*+-.^_`|~", byte));
}

/* A line that ends with CRLF; false when there is none. */
static bool take_line(struct reader *reader, struct text *ret_line)
{
	const char *end = memmem(reader->at, (size_t)(reader->end - reader->at), "\r\n", 2);

	if (!end)
		return false;
	*ret_line = (struct text){ reader->at, (size_t)(end - reader->at) };
	reader->at = end + 2;
	return true;
}

static bool is_header(struct text line, const char *name, struct text *ret_value)
{
	size_t size = strlen(name);

	if (line.len < size + 1 || strncasecmp(line.at, name, size) != 0 || line.at[size] != ':')
		return false;
	line = (struct text){ line.at + size + 1, line.len - size - 1 };
	while (line.len && (*line.at == ' ' || *line.at == '\t'))
		line.at++, line.len--;
	while (line.len && (line.at[line.len - 1] == ' ' || line.at[line.len - 1] == '\t'))
		line.len--;
	*ret_value = line;
	return true;
}

static bool take_chunks(struct reader *reader, struct buf *body)
{
	struct text line;

	for (;;) {
		unsigned long size;
		char *end;

		if (!take_line(reader, &line) || !line.len || !isxdigit((unsigned char)*line.at))
			return false;
		size = strtoul(line.at, &end, 16);
		if (*end != '\r' && *end != ';' && *end != ' ' && *end != '\t')
			return false;
		if (!size)
			break;
		if (size > (size_t)(reader->end - reader->at) || size + 2 > (size_t)(reader->end - reader->at) ||
		    memcmp(reader->at + size, "\r\n", 2) != 0)
			return false;
		buf_add(body, reader->at, size);
		reader->at += size + 2;
	}
	while (take_line(reader, &line))
		if (!line.len)
			return true;
	return false;
}

/*
 * RFC 9112: empty lines before a request are passed over. To the library, which forgets here that a text can hold a NUL,
 * a line that begins with one is empty too, and a bare line feed ends it.
 */
static void pass_over_empty(struct reader *reader)
{
	const char *end;

	while ((end = memchr(reader->at, '\n', (size_t)(reader->end - reader->at))) &&
	       (end == reader->at || !*reader->at || (*reader->at == '\r' && end == reader->at + 1)))
		reader->at = end + 1;
}

/* The next request as a strict reader finds it. False: here is none that may be handled. */
static bool take_request(struct reader *reader, struct buf *words, bool *ret_chunked)
{
	struct text line, length = { 0 }, coding = { 0 }, id = { 0 }, value;
	struct buf body = { 0 };
	const char *first, *second;
	bool good = true;

	pass_over_empty(reader);
	if (!take_line(reader, &line))
		return false;
	first = memchr(line.at, ' ', line.len);
	second = first ? memrchr(line.at, ' ', line.len) : NULL;
	if (!first || second == first)
		return false;
	buf_printf(words, "%.*s %.*s", (int)(first - line.at), line.at, (int)(second - first - 1), first + 1);
	while ((good = take_line(reader, &line)) && line.len) {
		size_t name = 0;

		while (name < line.len && is_name(line.at[name]))
			name++;
		if (!name || name == line.len || line.at[name] != ':')
			return false;
		if (is_header(line, "content-length", &value))
			length = value;
		if (is_header(line, "transfer-encoding", &value))
			coding = value;
		if (is_header(line, "x-request-id", &value))
			id = value;
	}
	*ret_chunked = coding.len;
	if (good && coding.len) {
		take_chunks(reader, &body);
	} else if (good && length.len) {
		size_t size = strtoul(length.at, NULL, 10);

		good = size <= (size_t)(reader->end - reader->at);
		buf_add(&body, reader->at, good ? size : 0);
		reader->at += good ? size : 0;
	}
	buf_printf(words, " id=%.*s ", (int)id.len, id.at ? id.at : "");
	buf_add(words, body.at, body.len);
	buf_release(&body);
	return good;
}

/*
 * Every request that a handler saw is the next one of the strict reader. The library takes a bare line feed behind a
 * chunk and reads sizes in its own way, so where chunks end is not sure: such a request is the last one.
 */
static void check_seen(const uint8_t *data, size_t size)
{
	char *text = calloc(size + 1, 1);
	struct reader reader = { text, text + size };
	bool chunked = false;

	memcpy(text, data, size);
	for (size_t i = 0; i < nseen; i++) {
		struct buf words = { 0 };

		HOLDS(!chunked, "a request was handled behind one in chunks: %.*s", (int)seen[i].size, seen[i].words);
		HOLDS(take_request(&reader, &words, &chunked), "request %zu was handled, and is none: %.*s", i,
		      (int)seen[i].size, seen[i].words);
		HOLDS(chunked || (words.len == seen[i].size && memcmp(words.at, seen[i].words, words.len) == 0),
		      "request %zu was read in another way:\n%.*s\n%.*s", i, (int)seen[i].size, seen[i].words, (int)words.len,
		      words.at);
		buf_release(&words);
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t (*const cuts[])(size_t) = { whole, uneven, single };
	struct buf answers[3] = { { 0 } };

	if (!nlisteners)
		serve();
	if (size > INPUT_MOST)
		return 0;
	for (size_t i = 0; i < 3; i++) {
		forget_seen();
		converse(data, size, cuts[i], &answers[i]);
		check_seen(data, size);
		HOLDS(answers[i].len == answers[0].len && (!answers[0].len || memcmp(answers[i].at, answers[0].at, answers[0].len) == 0),
		      "cut in another way it is answered otherwise:\n%.*s\n----\n%.*s", (int)answers[0].len, answers[0].at,
		      (int)answers[i].len, answers[i].at);
	}
	for (size_t i = 0; i < 3; i++)
		buf_release(&answers[i]);
	return 0;
}
