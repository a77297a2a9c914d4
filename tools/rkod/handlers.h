/* SPDX-License-Identifier: EUPL-1.2 */
/* Handlers: a function for each path, and what they share. */
#ifndef RKOD_HANDLERS_H
#define RKOD_HANDLERS_H

#include <jansson.h>

#include "tools/rkod/exchange.h"

/* evaluate.c */
enum handled handle_evaluation(struct exchange *exchange);
enum handled handle_evaluations(struct exchange *exchange);
/* The body as an object, a new reference; NULL when it is none, and *ret_handled is how the exchange ends. */
json_t *read_body(struct exchange *exchange, enum handled *ret_handled);

/* search.c */
/* Once, before the first request: makes the key of tokens. */
void search_start(void);
enum handled handle_search_subject(struct exchange *exchange);
enum handled handle_search_resource(struct exchange *exchange);
enum handled handle_search_action(struct exchange *exchange);

/* gateway.c */
/* Whether every `route` of the settings is one. False after a message. */
bool gateway_check(const struct config *config);
enum handled handle_gateway(struct exchange *exchange);

/* probes.c */
enum handled handle_configuration(struct exchange *exchange);
enum handled handle_healthz(struct exchange *exchange);
enum handled handle_readyz(struct exchange *exchange);
enum handled handle_metrics(struct exchange *exchange);

#endif
