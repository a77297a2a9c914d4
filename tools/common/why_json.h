/* SPDX-License-Identifier: EUPL-1.2 */
/* An explanation as JSON (docs/cli.md says what each member is). */
#ifndef RKO_TOOLS_WHY_JSON_H
#define RKO_TOOLS_WHY_JSON_H

#include <jansson.h>

#include <rko/explain.h>

/* A new reference; NULL when memory runs out. */
json_t *why_json(const struct rko_explanation *why);

#endif
