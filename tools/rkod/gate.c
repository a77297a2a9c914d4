/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rkod/gate.h"

#include <stdlib.h>
#include <string.h>

/* What the headers said, as far as it matters where a request ends and who is meant. */
struct headers {
	unsigned count, lengths, encodings, hosts, types, ids, expects;
	size_t bytes;
	const char *length, *encoding, *host, *type, *id, *expect;
	const char *wrong;	/* the first thing that cannot be */
};

/* RFC 9110: a field name is a token. Space before the colon makes another name of it. */
static const bool in_token[256] = {
	['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['!'] = true, ['#'] = true, ['$'] = true,
	['%'] = true, ['&'] = true, ['\''] = true, ['*'] = true, ['+'] = true, ['-'] = true, ['.'] = true, ['^'] = true,
	['_'] = true, ['`'] = true, ['|'] = true, ['~'] = true,
};

static bool is_token(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!in_token[(unsigned char)text[i]])
			return false;
	return size;
}

static bool is_value(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (((unsigned char)text[i] < ' ' && text[i] != '\t') || text[i] == 0x7f)
			return false;
	return true;
}

static void note(unsigned *count, const char **to, const char *value)
{
	++*count;
	*to = value;
}

static enum MHD_Result look(void *context, enum MHD_ValueKind kind, const char *name, size_t name_size,
			    const char *value, size_t size)
{
	struct headers *headers = context;

	(void)kind;
	headers->count++;
	headers->bytes += name_size + size + 4;
	if (!is_token(name, name_size))
		headers->wrong = "header_name";
	else if (!value || !is_value(value, size))
		headers->wrong = "header_value";
	else if (strcasecmp(name, "content-length") == 0)
		note(&headers->lengths, &headers->length, value);
	else if (strcasecmp(name, "transfer-encoding") == 0)
		note(&headers->encodings, &headers->encoding, value);
	else if (strcasecmp(name, "host") == 0)
		note(&headers->hosts, &headers->host, value);
	else if (strcasecmp(name, "content-type") == 0)
		note(&headers->types, &headers->type, value);
	else if (strcasecmp(name, "x-request-id") == 0)
		note(&headers->ids, &headers->id, value);
	else if (strcasecmp(name, "expect") == 0)
		note(&headers->expects, &headers->expect, value);
	return MHD_YES;
}

static bool refuse(struct exchange *exchange, unsigned status, const char *code, const char *message)
{
	exchange_error(exchange, status, code, NULL, message);
	return false;
}

static bool is_length(const char *text)
{
	size_t size = strlen(text);

	return size >= 1 && size <= 10 && strspn(text, "0123456789") == size;
}

/* Where the body ends must be said in one way and mean one thing. */
static bool framing_pass(struct exchange *exchange, const struct headers *headers, bool old)
{
	if (headers->wrong)
		return refuse(exchange, 400, headers->wrong, "A header holds a character that does not belong there.");
	if (headers->count > GATE_HEADERS || headers->bytes > GATE_HEADER_BYTES)
		return refuse(exchange, 431, "headers_too_large", "At most 64 headers of 16384 bytes together.");
	if (headers->lengths > 1 || headers->encodings > 1 || (headers->lengths && headers->encodings))
		return refuse(exchange, 400, "framing", "Say one Content-Length, or one Transfer-Encoding.");
	if (headers->lengths && !is_length(headers->length))
		return refuse(exchange, 400, "framing", "Content-Length is a number of at most 10 digits.");
	if (headers->encodings && (old || strcasecmp(headers->encoding, "chunked") != 0))
		return refuse(exchange, 400, "framing", "The only Transfer-Encoding is `chunked`, in HTTP/1.1.");
	if (headers->expects && (headers->expects > 1 || strcasecmp(headers->expect, "100-continue") != 0))
		return refuse(exchange, 417, "expectation", "The only expectation is `100-continue`.");
	if (headers->hosts > 1)
		return refuse(exchange, 400, "host", "Say one Host.");
	return true;
}

/*
 * The library's account of what it read must be the whole of what came: its parts, each line written `Name: value`
 * with CRLF, make up the size of the header block to the byte. What it cut off or took for the end (a NUL, a line
 * that begins with a colon, a bare line feed) shows here.
 */
static bool whole_pass(struct exchange *exchange, struct MHD_Connection *connection, const struct headers *headers,
		       const char *method, const char *version)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	size_t line = strlen(method) + 1 + strlen(exchange->path) + 1 + strlen(version) + 2;

	if (info && info->header_size == line + headers->bytes + 2)
		return true;
	return refuse(exchange, 400, "header_lines", "Every header is one line, `Name: value`, that ends with CRLF.");
}

static bool id_pass(struct exchange *exchange, const struct headers *headers)
{
	size_t size;

	if (!headers->ids)
		return true;
	size = strlen(headers->id);
	if (headers->ids > 1 || !size || size > REQUEST_ID_BYTES)
		return refuse(exchange, 400, "request_id", "Say one X-Request-ID, of 1 to 128 characters.");
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)headers->id[i] <= ' ' || (unsigned char)headers->id[i] > '~')
			return refuse(exchange, 400, "request_id", "X-Request-ID is printable ASCII without spaces.");
	memcpy(exchange->request_id, headers->id, size + 1);
	return true;
}

static bool type_pass(struct exchange *exchange, const struct headers *headers)
{
	static const char json[] = "application/json";
	size_t size = sizeof json - 1;

	if (headers->types == 1 && strncasecmp(headers->type, json, size) == 0) {
		const char *rest = headers->type + size + strspn(headers->type + size, " \t");

		if (!*rest || *rest == ';')
			return true;
	}
	return refuse(exchange, 400, "content_type", "Content-Type is application/json.");
}

/* A page in a browser can make a name of its own lead here; it cannot say ours. */
static bool host_pass(struct exchange *exchange, const struct headers *headers, const struct host_names *names)
{
	size_t length;

	if (!names)
		return true;
	if (headers->hosts) {
		length = strcspn(headers->host, ":");
		if (*headers->host == '[')
			length = strcspn(headers->host, "]") + 1;
		for (size_t i = 0; i < names->count; i++)
			if (strlen(names->name[i]) == length && strncasecmp(names->name[i], headers->host, length) == 0)
				return true;
	}
	return refuse(exchange, 421, "host", "This is not the host that was meant; the setting `host` names more.");
}

/* The path as it came, byte by byte: no escapes, no query but where the route takes one. */
static bool route_pass(struct exchange *exchange, const char *method)
{
	size_t length = strcspn(exchange->path, "?");
	const char *allowed = NULL;

	for (const struct route *route = routes; route->path; route++) {
		size_t size = strlen(route->path);
		bool tree = route->path[size - 1] == '/';

		if (tree ? strncmp(exchange->path, route->path, size) != 0
			 : length != size || exchange->path[length] || memcmp(exchange->path, route->path, size) != 0)
			continue;
		if (*route->method == '*' || strcmp(method, route->method) == 0) {
			exchange->route = route;
			return true;
		}
		allowed = route->method;
	}
	if (!allowed)
		return refuse(exchange, 404, "no_such_path", "There is nothing here.");
	refuse(exchange, 405, "method", "This path is asked in another way.");
	exchange_header(exchange, "Allow", allowed);
	return false;
}

bool gate_pass(struct exchange *exchange, struct MHD_Connection *connection, const char *method,
	       const char *version, const struct host_names *names)
{
	struct headers headers = { 0 };
	bool old = strcmp(version, "HTTP/1.0") == 0;

	MHD_get_connection_values_n(connection, MHD_HEADER_KIND, look, &headers);
	if (!old && strcmp(version, "HTTP/1.1") != 0)
		return refuse(exchange, 505, "version", "HTTP/1.1 is spoken here.");
	if (!*exchange->path)
		return refuse(exchange, 414, "path_too_long", "At most 1023 bytes of path and query.");
	if (!framing_pass(exchange, &headers, old) || !whole_pass(exchange, connection, &headers, method, version) ||
	    !id_pass(exchange, &headers) || !host_pass(exchange, &headers, names) || !route_pass(exchange, method))
		return false;
	/* The library reads chunks more kindly than others do (a bare line feed ends one), and where they end is not seen
	   here: what comes behind them is not taken for a request. */
	if (headers.encodings)
		exchange->close = true;
	if (strcmp(exchange->route->method, "POST") == 0) {
		if (!headers.lengths && !headers.encodings)
			return refuse(exchange, 411, "length", "Say how long the body is.");
		if (!type_pass(exchange, &headers))
			return false;
		if (headers.lengths && atoll(headers.length) >
		    (exchange->route->batch ? exchange->config->batch_bytes : exchange->config->body_bytes))
			return refuse(exchange, 413, "body_too_large", "The body is larger than allowed here.");
	} else if (*exchange->route->method != '*' &&
		   (headers.encodings || (headers.lengths && strspn(headers.length, "0") != strlen(headers.length)))) {
		return refuse(exchange, 400, "body", "No body belongs to this request.");
	}
	return true;
}
