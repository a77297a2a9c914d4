/* SPDX-License-Identifier: EUPL-1.2 */
/* An explanation as JSON (docs/explanations.md says what each member is). */
#ifndef RKO_TOOLS_WHY_JSON_H
#define RKO_TOOLS_WHY_JSON_H

#include <jansson.h>

#include <rko/explain.h>

/* Members are added within a format; what they mean changes only with it (docs/schema/explanation.schema.json). */
enum { WHY_JSON_FORMAT = 1 };

/* A new reference; NULL when memory runs out. */
json_t *why_json(const struct rko_explanation *why);

#endif
