/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rkod/handlers.h"

/* A path that ends in / stands for everything below it. */
const struct route routes[] = {
	{ "POST", "/access/v1/evaluation", handle_evaluation, false, false },
	{ "POST", "/access/v1/evaluations", handle_evaluations, true, false },
	{ "POST", "/access/v1/search/subject", handle_search_subject, false, false },
	{ "POST", "/access/v1/search/resource", handle_search_resource, false, false },
	{ "POST", "/access/v1/search/action", handle_search_action, false, false },
	{ "*", "/authz/", handle_gateway, false, false },
	{ "GET", "/healthz", handle_healthz, false, true },
	{ "GET", "/readyz", handle_readyz, false, true },
	{ "GET", "/metrics", handle_metrics, false, false },
	{ "GET", "/.well-known/authzen-configuration", handle_configuration, false, true },
	{ NULL, NULL, NULL, false, false },
};
