/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Gateway: the same decision for a proxy that only understands a status, as nginx (auth_request) and Envoy (ext_authz
 * over HTTP) do: 200 may pass, 403 may not, everything else is a failure and may not either. What is asked follows
 * from the method and path of the guarded request, by the operator's `route` lines, and from headers that the proxy
 * sets:
 *
 *   route = GET /documents/{document} read user document
 *
 *   method  path with {field} for a segment  action  type of the subject  type of the resource
 *
 * X-Rko-Subject is the subject's id, and X-Rko-Field-NAME says the field NAME with `_` for `-`. The proxy must not let
 * a caller's own headers of these names through: docs/sidecar.md and examples/nginx show how.
 */
#include "tools/rkod/handlers.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <microhttpd.h>

#include "tools/rkod/answer.h"
#include "tools/rkod/json.h"
#include "tools/rkod/record.h"

enum { WORDS = 5, WORD_BYTES = 256 };

struct guarded {
	char words[WORDS][WORD_BYTES];	/* of the route: method, path, action, subject type, resource type */
	json_t *properties, *context;
	bool failed;			/* memory ran out: a field is missing that was said */
	char resource[WORD_BYTES];
};

/* Routes ---------------------------------------------------------------------------------------------- */

static bool split(const char *route, char words[WORDS][WORD_BYTES])
{
	int used = 0;

	return sscanf(route, "%255s %255s %255s %255s %255s %n", words[0], words[1], words[2], words[3], words[4],
		      &used) == WORDS && !route[used] && words[1][0] == '/';
}

bool gateway_check(const struct config *config)
{
	char words[WORDS][WORD_BYTES];

	for (size_t i = 0; i < config->routes.count; i++) {
		if (split(config->routes.text[i], words))
			continue;
		fprintf(stderr, "rkod: route is `%s`; expected METHOD /PATH/{field} ACTION SUBJECT-TYPE RESOURCE-TYPE\n",
			config->routes.text[i]);
		return false;
	}
	return true;
}

/* A segment that is safe to compare: no escapes, no dots that climb, nothing that two programs read in two ways. */
static bool plain(const char *segment, size_t size)
{
	if (!size || segment[0] == '.')
		return false;
	for (size_t i = 0; i < size; i++)
		if (!isalnum((unsigned char)segment[i]) && !strchr("-._~:", segment[i]) &&
		    (unsigned char)segment[i] < 0x80)
			return false;
	return true;
}

/* Whether the path fits; what stands for {field} is put into the properties, and the last of them is the resource. */
static bool path_fits(struct guarded *guarded, const char *path)
{
	const char *pattern = guarded->words[1];

	json_object_clear(guarded->properties);
	guarded->resource[0] = '\0';
	while (*pattern == '/' && *path == '/') {
		size_t said = strcspn(++path, "/?"), wanted = strcspn(++pattern, "/");

		if (!plain(path, said))
			return false;
		if (*pattern == '{' && pattern[wanted - 1] == '}') {
			char name[WORD_BYTES];

			if (said >= sizeof guarded->resource)
				return false;
			snprintf(name, sizeof name, "%.*s", (int)wanted - 2, pattern + 1);
			snprintf(guarded->resource, sizeof guarded->resource, "%.*s", (int)said, path);
			if (json_object_set_new(guarded->properties, name, json_stringn(path, said)) < 0)
				return false;
		} else if (said != wanted || memcmp(path, pattern, said) != 0) {
			return false;
		}
		path += said;
		pattern += wanted;
	}
	return !*pattern && (!*path || *path == '?') && guarded->resource[0];
}

static bool find_route(struct guarded *guarded, const struct config *config, const char *method, const char *path)
{
	for (size_t i = 0; i < config->routes.count; i++)
		if (split(config->routes.text[i], guarded->words) && strcmp(guarded->words[0], method) == 0 &&
		    path_fits(guarded, path))
			return true;
	return false;
}

/* Headers --------------------------------------------------------------------------------------------- */

/* One of X-Rko-Field-NAME: it may say a property of any part, so it is put where each part looks. */
static enum MHD_Result take_field(void *context, enum MHD_ValueKind kind, const char *header, const char *value)
{
	static const char prefix[] = "X-Rko-Field-";
	struct guarded *guarded = context;
	char name[WORD_BYTES];
	json_t *said;
	size_t size = 0;

	(void)kind;
	if (strncasecmp(header, prefix, sizeof prefix - 1) != 0)
		return MHD_YES;
	for (header += sizeof prefix - 1; *header && size < sizeof name - 1; header++)
		name[size++] = *header == '-' ? '_' : (char)tolower((unsigned char)*header);
	name[size] = '\0';
	/* Twice the same is no value of anything: two proxies could mean two different ones. Nor is what is no UTF-8. It must
	   not be left out either: then the field would seem not to have been said. */
	said = json_object_get(guarded->context, name) || json_object_get(guarded->properties, name) ? NULL : json_string(value);
	if (json_object_set_new(guarded->context, name, said ? said : json_integer(0)) < 0)
		guarded->failed = true;
	return MHD_YES;
}

/* --------------------------------------------------------------------------------------------------------- */

/* I15. The outcome and a rule as whoever asks may be told them: what a gateway hears, it may pass on. */
static void put_told(struct exchange *exchange, struct sitting *sitting, const struct verdict *verdict)
{
	struct rko_explanation *told =
		sitting_told(sitting, verdict, (enum rko_language)exchange->config->language);
	enum rko_outcome outcome = verdict->permit ? RKO_GRANTED : RKO_NOT_GRANTED;

	exchange_header(exchange, "X-Rko-Outcome", rko_outcome_word(told ? told->decision.outcome : outcome));
	if (told && told->nby)
		exchange_header(exchange, "X-Rko-Rule", told->by[0].name);
	rko_explanation_free(told);
}

/* As much as an AuthZEN answer could tell at the most. */
static void put_headers(struct exchange *exchange, struct sitting *sitting, const struct verdict *verdict)
{
	char id[RKO_AUDIT_ID_TEXT];

	if (exchange->config->tell_most == TELL_REQUESTER) {
		put_told(exchange, sitting, verdict);
	} else if (exchange->config->tell_most > TELL_REQUESTER) {
		exchange_header(exchange, "X-Rko-Outcome", rko_outcome_word(verdict->decision.outcome));
		exchange_header(exchange, "X-Rko-Rule", verdict->decision.rule_name);
	}
	exchange_header(exchange, "X-Rko-Policy", sitting->ground->digest);
	if (!record_wanted())
		return;
	rko_audit_id_text(verdict->id, id);
	exchange_header(exchange, "X-Rko-Decision", id);
}

static enum handled decide_guarded(struct exchange *exchange, const struct guarded *guarded, const char *subject)
{
	struct ask ask = {
		.subject = { guarded->words[3], subject, guarded->context },
		.resource = { guarded->words[4], guarded->resource, guarded->context },
		.action = guarded->words[2],
		.action_properties = guarded->context,
		.context = guarded->context,
		.tell = TELL_BARE,
	};
	struct sitting sitting;
	struct verdict verdict;

	if (!sitting_begin(&sitting, exchange))
		return HANDLED;
	sitting_decide(&sitting, &ask, &verdict);
	if (verdict.failure) {
		exchange_unavailable(exchange, verdict.failure, "No decision could be made.");
	} else {
		exchange->status = verdict.permit ? 200 : 403;
		buf_printf(&exchange->out, "{\"decision\":%s}", verdict.permit ? "true" : "false");
		put_headers(exchange, &sitting, &verdict);
	}
	return sitting_end(&sitting);
}

static enum handled guard(struct exchange *exchange, struct guarded *guarded)
{
	const char *path = exchange->path + strlen(exchange->route->path) - 1, *subject, *method;

	/* A second one would be the caller's own, passed on by a proxy that should not. */
	if (!exchange_asked_header(exchange, "X-Rko-Subject", &subject) ||
	    !exchange_asked_header(exchange, "X-Original-Method", &method))
		return exchange_error(exchange, 403, "said_twice", NULL, "X-Rko-Subject or X-Original-Method is there twice.");
	if (!subject)
		return exchange_error(exchange, 403, "no_subject", NULL, "The proxy has not said who asks: X-Rko-Subject.");
	if (!find_route(guarded, exchange->config, method ? method : exchange->method, path))
		return exchange_error(exchange, 403, "no_route", NULL, "No `route` says what this request asks.");
	MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, take_field, guarded);
	/* What stands in the path is the resource, by its type, and may say fields besides. */
	if (guarded->failed || json_object_update_missing(guarded->context, guarded->properties) < 0)
		return exchange_unavailable(exchange, "no_memory", "Memory ran out.");
	return decide_guarded(exchange, guarded, subject);
}

enum handled handle_gateway(struct exchange *exchange)
{
	struct guarded guarded = { 0 };
	enum handled handled;

	json_anew();
	guarded.properties = json_object();
	guarded.context = json_object();
	if (guarded.properties && guarded.context)
		handled = guard(exchange, &guarded);
	else
		handled = exchange_unavailable(exchange, "no_memory", "Memory ran out.");
	json_done(guarded.properties);
	json_done(guarded.context);
	return handled;
}
