/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rkod/http.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "tools/rkod/clock.h"
#include "tools/rkod/gate.h"
#include "tools/rkod/metrics.h"
#include "tools/rkod/peer.h"
#include "tools/rkod/record.h"
#include "tools/rkod/sockets.h"
#include "tools/rkod/tls.h"

/*
 * The library's memory for a connection: the longest head that gate.h lets through with its path (17 KiB), the list of
 * its headers (4), and the head of an answer (3). All of it is cleared after each request, so it is not made larger.
 */
enum { CONNECTION_MEMORY = 26 << 10, DISCARD_FACTOR = 4, BODIES_MOST = 64 << 20 };

struct listener {
	struct MHD_Daemon *daemon;
	struct opened_socket socket;
	const struct config *config;
};
static struct listener listeners[CONFIG_LISTENS];
static size_t nlisteners;
static _Atomic unsigned busy;
static _Atomic size_t bodies;	/* bytes of all bodies that are held now */
static _Atomic bool draining;	/* every answer is the last of its connection */

/* One request on its way through the library. */
struct call {
	struct exchange exchange;
	bool open;			/* it began and has not ended */
	bool began;			/* its headers have passed the gate */
	bool refused;			/* the answer was made before the body came */
	bool answered;
	bool crowded;			/* all callers together have sent too much */
	size_t most, dropped, held;
};

/*
 * A connection, and where it stands. The library tells before it closes a socket, so the reaper may touch the sockets
 * of all that are in the list. It carries one request after the other, so it has room for one.
 */
enum doing { COMING, READING, WORKING, RESTING, DOINGS };
struct client {
	struct client *next, **link;
	struct listener *listener;
	struct peer peer;
	int socket;
	_Atomic uint64_t stands;	/* what it does, and the steady clock when it began that, see stand() */
	bool over_quota;
	bool cut;
	bool counted;			/* among those that were cut; under `listing` */
	struct call call;
};
static struct client *clients;
static pthread_mutex_t listing = PTHREAD_MUTEX_INITIALIZER;

/* Connections --------------------------------------------------------------------------------------- */

/* Both in one word, so that the reaper sees one with the other although nobody takes a lock for it. */
static void stand(struct client *client, enum doing doing, uint64_t now)
{
	atomic_store_explicit(&client->stands, now * DOINGS + doing, memory_order_relaxed);
}

static enum doing doing_of(uint64_t stands)
{
	return (enum doing)(stands % DOINGS);
}

static struct client *client_new(struct listener *listener, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct client *client = calloc(1, sizeof *client);
	long same = 0;

	if (!client || !info) {
		free(client);
		return NULL;
	}
	client->listener = listener;
	client->socket = info->connect_fd;
	peer_look(&client->peer, client->socket);
	tls_begin(&client->peer.tls, connection);
	stand(client, COMING, clock_steady());
	pthread_mutex_lock(&listing);
	for (const struct client *other = clients; other; other = other->next)
		same += peer_same(&other->peer, &client->peer);
	client->over_quota = same >= listener->config->connections_per_peer;
	client->next = clients;
	client->link = &clients;
	if (clients)
		clients->link = &client->next;
	clients = client;
	pthread_mutex_unlock(&listing);
	return client;
}

static void client_free(struct client *client)
{
	if (!client)
		return;
	pthread_mutex_lock(&listing);
	*client->link = client->next;
	if (client->next)
		client->next->link = client->link;
	pthread_mutex_unlock(&listing);
	tls_end(&client->peer.tls);
	exchange_release(&client->call.exchange);
	free(client);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
			  enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*socket_context = client_new(context, connection);
	} else {
		client_free(*socket_context);
		*socket_context = NULL;
	}
}

static bool too_long(const struct client *client, uint64_t now, const struct config *config)
{
	static const uint64_t second = 1000000000u;
	uint64_t stands = atomic_load_explicit(&client->stands, memory_order_relaxed);
	uint64_t since = stands / DOINGS, spent = now > since ? now - since : 0;	/* it may have moved on after `now` */

	switch (doing_of(stands)) {
	case COMING:
	case READING:
		return spent > (uint64_t)config->request_seconds * second;
	case WORKING:
		return spent > (uint64_t)(config->audit_seconds + config->request_seconds) * second;
	case RESTING:
		return spent > (uint64_t)config->idle_seconds * second;
	case DOINGS:
		break;
	}
	return true;
}

/* Called with `listing`. */
static void count_cut(struct client *client)
{
	if (!client->counted)
		metrics_add(METRIC_CUT_CONNECTIONS, 1);
	client->counted = true;
}

void http_reap(void)
{
	uint64_t now = clock_steady();

	pthread_mutex_lock(&listing);
	for (struct client *client = clients; client; client = client->next) {
		if (client->cut || !(client->over_quota || too_long(client, now, client->listener->config)))
			continue;
		client->cut = true;
		shutdown(client->socket, SHUT_RDWR);
		count_cut(client);
	}
	pthread_mutex_unlock(&listing);
}

static struct client *client_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

void http_suspend(struct MHD_Connection *connection)
{
	MHD_suspend_connection(connection);
}

void http_resume(struct MHD_Connection *connection)
{
	MHD_resume_connection(connection);
}

/* Answers ------------------------------------------------------------------------------------------- */

static bool put_header(struct MHD_Response *response, const char *name, const char *value)
{
	return MHD_add_response_header(response, name, value) == MHD_YES;
}

/*
 * The answers that are given most are made once. The library counts who uses one, and it is the same for everybody:
 * nothing in it is of a request.
 */
static const char *const usual_texts[] = { "{\"decision\":true}", "{\"decision\":false}" };
enum { USUAL = sizeof usual_texts / sizeof usual_texts[0] };
static struct MHD_Response *usual[USUAL];

static bool make_usual(void)
{
	for (unsigned i = 0; i < USUAL; i++) {
		char *text = (char *)(uintptr_t)usual_texts[i];

		usual[i] = MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_PERSISTENT);
		if (!usual[i] || !put_header(usual[i], MHD_HTTP_HEADER_CONTENT_TYPE, "application/json") ||
		    !put_header(usual[i], MHD_HTTP_HEADER_CACHE_CONTROL, "no-store"))
			return false;
	}
	return true;
}

static void drop_usual(void)
{
	for (unsigned i = 0; i < USUAL; i++) {
		if (usual[i])
			MHD_destroy_response(usual[i]);
		usual[i] = NULL;
	}
}

/* One of them, when it says all that this answer has to; to be used with its status of 200, and not to be destroyed. */
static struct MHD_Response *find_usual(const struct exchange *exchange)
{
	struct text out = buf_view(&exchange->out);

	if (exchange->status != MHD_HTTP_OK || exchange->type || exchange->request_id[0] || exchange->extras ||
	    exchange->close || atomic_load(&draining) || buf_failed(&exchange->out))
		return NULL;
	for (unsigned i = 0; i < USUAL; i++)
		if (out.len == strlen(usual_texts[i]) && memcmp(out.at, usual_texts[i], out.len) == 0)
			return usual[i];
	return NULL;
}

/* Takes the memory of `out`. */
static struct MHD_Response *make_response(struct exchange *exchange)
{
	static char nothing[1];
	struct MHD_Response *response;
	bool good;

	if (buf_failed(&exchange->out))
		return NULL;
	response = MHD_create_response_from_buffer(exchange->out.len, exchange->out.at ? exchange->out.at : nothing,
						   exchange->out.at ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
	if (!response)
		return NULL;
	exchange->out = (struct buf){ 0 };
	good = put_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, exchange->type ? exchange->type : "application/json") &&
	       put_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (exchange->request_id[0])
		good = good && put_header(response, "X-Request-ID", exchange->request_id);
	if (exchange->status == MHD_HTTP_SERVICE_UNAVAILABLE)
		good = good && put_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "1");
	/* Who makes one mistake in a request may have made it where the next one begins. */
	if (exchange->close || atomic_load(&draining) || (exchange->status >= 400 && exchange->status < 500))
		good = good && put_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	for (unsigned i = 0; i < exchange->extras; i++)
		good = good && put_header(response, exchange->extra[i].name, exchange->extra[i].value);
	if (good)
		return response;
	MHD_destroy_response(response);
	return NULL;
}

/* An answer that cannot be made cuts the connection, which is no permit either. */
static enum MHD_Result send_answer(struct call *call, struct MHD_Connection *connection)
{
	struct exchange *exchange = &call->exchange;
	struct MHD_Response *ready = find_usual(exchange), *made = ready ? NULL : make_response(exchange);
	enum MHD_Result result;

	call->answered = true;
	if (!ready && !made)
		return MHD_NO;
	if (exchange->status >= 400 && exchange->status < 500)
		metrics_add(METRIC_BAD_REQUESTS, 1);
	if (exchange->status == MHD_HTTP_SERVICE_UNAVAILABLE)
		metrics_add(METRIC_UNAVAILABLE, 1);
	if (exchange->whole_at)
		metrics_answered(clock_steady() - exchange->whole_at);
	result = MHD_queue_response(connection, exchange->status, ready ? ready : made);
	if (made)
		MHD_destroy_response(made);
	return result;
}

/* The library ----------------------------------------------------------------------------------------- */

/* A connection that has no client, because memory ran out, has no call either and is closed. */
static void *on_uri(void *context, const char *uri, struct MHD_Connection *connection)
{
	struct client *client = client_of(connection);
	struct call *call;
	size_t size = strlen(uri);

	if (!client || client->call.open)
		return NULL;
	call = &client->call;
	exchange_begin(&call->exchange, ((struct listener *)context)->config, connection);
	call->open = true;
	call->began = call->refused = call->answered = call->crowded = false;
	call->most = call->dropped = call->held = 0;
	if (size < sizeof call->exchange.path)
		memcpy(call->exchange.path, uri, size + 1);
	stand(client, READING, clock_steady());
	atomic_fetch_add(&busy, 1);
	return call;
}

static struct client *client_of_call(struct call *call)
{
	return (struct client *)((char *)call - offsetof(struct client, call));
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request,
			 enum MHD_RequestTerminationCode code)
{
	struct call *call = *request;

	(void)context;
	(void)connection;
	(void)code;
	if (!call)
		return;
	record_forget(&call->exchange);
	atomic_fetch_sub(&bodies, call->held);
	exchange_end(&call->exchange);
	call->open = false;
	*request = NULL;
	stand(client_of_call(call), RESTING, clock_steady());
	atomic_fetch_sub(&busy, 1);
}

/* Until the reaper comes by, somebody with too many connections could ask over each of them. */
static bool quota_pass(struct exchange *exchange, struct client *client)
{
	if (!client->over_quota)
		return true;
	pthread_mutex_lock(&listing);
	count_cut(client);
	pthread_mutex_unlock(&listing);
	exchange_unavailable(exchange, "overloaded", "One caller has too many connections.");
	return false;
}

/* The headers are there, the body is not. What is refused here is refused with the connection. */
static enum MHD_Result begin(struct call *call, struct MHD_Connection *connection, const char *method,
			     const char *version)
{
	struct exchange *exchange = &call->exchange;
	struct client *client = client_of_call(call);

	call->began = true;
	exchange->method = method;
	metrics_add(METRIC_REQUESTS, 1);
	exchange->status = 500;
	if (!quota_pass(exchange, client) ||
	    !gate_pass(exchange, connection, method, version, client->listener->socket.names) ||
	    !peer_pass(exchange, connection, &client->peer)) {
		exchange->close = true;
		call->refused = true;
		return send_answer(call, connection);
	}
	exchange->caller = client->peer.name;
	call->most = (size_t)(exchange->route->batch ? exchange->config->batch_bytes : exchange->config->body_bytes);
	return MHD_YES;
}

static enum MHD_Result take_body(struct call *call, const char *data, size_t *size)
{
	struct exchange *exchange = &call->exchange;

	if (exchange->body.len + *size > call->most || atomic_load(&bodies) + *size > BODIES_MOST) {
		call->crowded = exchange->body.len + *size <= call->most;
		call->dropped += *size;
		if (call->dropped > call->most * DISCARD_FACTOR)
			return MHD_NO;
	} else {
		atomic_fetch_add(&bodies, *size);
		call->held += *size;
		buf_add(&exchange->body, data, *size);
	}
	*size = 0;
	return MHD_YES;
}

static enum MHD_Result work(struct call *call, struct MHD_Connection *connection)
{
	struct exchange *exchange = &call->exchange;
	enum handled handled;

	exchange->whole_at = clock_steady();
	stand(client_of_call(call), WORKING, exchange->whole_at);
	if (call->crowded)
		handled = exchange_unavailable(exchange, "overloaded", "Too much is being asked at once.");
	else if (call->dropped)
		handled = exchange_error(exchange, 413, "body_too_large", NULL, "The body is larger than allowed here.");
	else if (buf_failed(&exchange->body))
		handled = exchange_unavailable(exchange, "no_memory", "Memory ran out.");
	else
		handled = exchange->route->handle(exchange);
	return handled == WAITS ? MHD_YES : send_answer(call, connection);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *data, size_t *size,
				  void **request)
{
	struct call *call = *request;

	(void)context;
	(void)url;
	if (!call)
		return MHD_NO;
	if (!call->began)
		return begin(call, connection, method, version);
	if (call->refused) {
		*size = 0;
		return MHD_YES;
	}
	if (*size)
		return take_body(call, data, size);
	if (!call->exchange.whole_at)
		return work(call, connection);
	/* Resumed: the record is on the disk, or the answer has become a 503. */
	return call->answered ? MHD_YES : send_answer(call, connection);
}

static void on_library_log(void *context, const char *format, va_list args)
{
	(void)context;
	(void)format;
	(void)args;	/* its messages quote requests */
}

/* Starting and stopping ----------------------------------------------------------------------------- */

bool http_listen(const struct config *config)
{
	for (size_t i = 0; i < config->listens.count; i++) {
		size_t room = CONFIG_LISTENS - nlisteners;
		struct opened_socket opened[CONFIG_LISTENS];
		size_t count = sockets_open(config, config->listens.text[i], opened, room);

		if (!count)
			return false;
		for (size_t j = 0; j < count; j++)
			listeners[nlisteners++] = (struct listener){ .socket = opened[j], .config = config };
	}
	return true;
}

static bool start(struct listener *listener)
{
	const struct config *config = listener->config;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | MHD_USE_ITC;
	struct MHD_OptionItem options[20];
	unsigned n = 0;

	options[n++] = (struct MHD_OptionItem){ MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)on_library_log, NULL };
	options[n++] = (struct MHD_OptionItem){ MHD_OPTION_LISTEN_SOCKET, listener->socket.fd, NULL };
	options[n++] = (struct MHD_OptionItem){ MHD_OPTION_CONNECTION_LIMIT, config->connections, NULL };
	options[n++] = (struct MHD_OptionItem){ MHD_OPTION_CONNECTION_TIMEOUT, config->idle_seconds, NULL };
	options[n++] = (struct MHD_OptionItem){ MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL };
	options[n++] = (struct MHD_OptionItem){ MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL };
	options[n++] = (struct MHD_OptionItem){ MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)on_uri, listener };
	options[n++] = (struct MHD_OptionItem){ MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, NULL };
	options[n++] = (struct MHD_OptionItem){ MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, listener };
	options[n++] = (struct MHD_OptionItem){ MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, NULL };
	if (config->threads > 1)
		options[n++] = (struct MHD_OptionItem){ MHD_OPTION_THREAD_POOL_SIZE, config->threads, NULL };
	if (listener->socket.tls) {
		flags |= MHD_USE_TLS;
		n += tls_options(options + n);
	}
	options[n] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
	listener->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, listener, MHD_OPTION_ARRAY, options,
					    MHD_OPTION_END);
	if (listener->daemon)
		return true;
	fprintf(stderr, "rkod: %s: cannot answer on this socket\n", listener->socket.shown);
	return false;
}

bool http_start(const struct config *config)
{
	(void)config;
	if (!make_usual()) {
		fprintf(stderr, "rkod: memory ran out\n");
		return false;
	}
	for (size_t i = 0; i < nlisteners; i++) {
		if (!start(&listeners[i]))
			return false;
		LOG(LOG_INFO, "listening", FIELD("on", shown(listeners[i].socket.shown)));
	}
	return true;
}

void http_quiesce(void)
{
	atomic_store(&draining, true);
	for (size_t i = 0; i < nlisteners; i++)
		if (listeners[i].daemon)
			MHD_quiesce_daemon(listeners[i].daemon);
	/* Who rests has no request under way. */
	pthread_mutex_lock(&listing);
	for (struct client *client = clients; client; client = client->next) {
		enum doing doing = doing_of(atomic_load(&client->stands));

		if (doing == RESTING || doing == COMING)
			shutdown(client->socket, SHUT_RD);
	}
	pthread_mutex_unlock(&listing);
}

unsigned http_busy(void)
{
	return atomic_load(&busy);
}

void http_stop(void)
{
	for (size_t i = 0; i < nlisteners; i++) {
		if (listeners[i].daemon)
			MHD_stop_daemon(listeners[i].daemon);
		sockets_close(&listeners[i].socket);
	}
	nlisteners = 0;
	drop_usual();
}
