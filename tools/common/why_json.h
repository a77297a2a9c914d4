/* SPDX-License-Identifier: EUPL-1.2 */
/* An explanation as JSON that can be added to. */
#ifndef RKO_TOOLS_WHY_JSON_H
#define RKO_TOOLS_WHY_JSON_H

#include <jansson.h>

#include <rko/explain.h>

/* A new reference; NULL when memory runs out. */
json_t *why_json(struct rko_explanation *why);

#endif
