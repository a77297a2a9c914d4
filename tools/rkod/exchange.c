/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rkod/exchange.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <microhttpd.h>

enum { KEPT_BYTES = 4096 };	/* of a buffer, from one request of a connection to the next */

void exchange_begin(struct exchange *exchange, const struct config *config, struct MHD_Connection *connection)
{
	struct buf body = exchange->body, out = exchange->out;

	memset(exchange, 0, offsetof(struct exchange, request_id));
	exchange->body = body;
	exchange->out = out;
	buf_reset(&exchange->body);
	buf_reset(&exchange->out);
	exchange->request_id[0] = '\0';
	exchange->path[0] = '\0';
	exchange->config = config;
	exchange->connection = connection;
}

static void shrink(struct buf *buf)
{
	if (buf->cap > KEPT_BYTES)
		buf_release(buf);
}

void exchange_end(struct exchange *exchange)
{
	shrink(&exchange->body);
	shrink(&exchange->out);
}

void exchange_release(struct exchange *exchange)
{
	buf_release(&exchange->body);
	buf_release(&exchange->out);
}

enum handled exchange_error(struct exchange *exchange, unsigned status, const char *code, const char *at,
			    const char *message)
{
	exchange->status = status;
	exchange->type = NULL;
	exchange->extras = 0;
	buf_reset(&exchange->out);
	buf_printf(&exchange->out, "{\"error\":{\"code\":\"%s\"", code);
	if (at) {
		buf_string(&exchange->out, ",\"at\":");
		buf_json(&exchange->out, text_from(at));
	}
	buf_string(&exchange->out, ",\"message\":");
	buf_json(&exchange->out, text_from(message));
	buf_string(&exchange->out, "}}");
	return HANDLED;
}

enum handled exchange_unavailable(struct exchange *exchange, const char *code, const char *message)
{
	return exchange_error(exchange, 503, code, NULL, message);
}

void exchange_header(struct exchange *exchange, const char *name, const char *value)
{
	struct extra_header *header;

	if (exchange->extras == EXTRA_HEADERS || !*value)	/* an empty one cannot be sent */
		return;
	header = &exchange->extra[exchange->extras++];
	snprintf(header->name, sizeof header->name, "%s", name);
	snprintf(header->value, sizeof header->value, "%s", value);
}

struct asked {
	const char *name, *value;
	unsigned count;
};

static enum MHD_Result look(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct asked *asked = context;

	(void)kind;
	if (strcasecmp(name, asked->name) == 0) {
		asked->value = value;
		asked->count++;
	}
	return MHD_YES;
}

bool exchange_asked_header(struct exchange *exchange, const char *name, const char **ret_value)
{
	struct asked asked = { name, NULL, 0 };

	MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, look, &asked);
	*ret_value = asked.value;
	return asked.count <= 1;
}
