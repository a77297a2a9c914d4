/* SPDX-License-Identifier: EUPL-1.2 */
/* What json.c and json_change.c write with: one member of the open object each. */
#ifndef RKO_EXPLAIN_JSON_H
#define RKO_EXPLAIN_JSON_H

#include <rko/explain.h>

#include "engine/base/json.h"

/* null for RKO_DAY_OPEN. */
void member_day(struct json_writer *json, const char *name, rko_day day);
void member_text(struct json_writer *json, const char *name, const char *text);
void member_string(struct json_writer *json, const char *name, const char *text);
void member_integer(struct json_writer *json, const char *name, int64_t value);
void member_bool(struct json_writer *json, const char *name, bool value);
/* A list of texts. */
void member_words(struct json_writer *json, const char *name, const char *const *words, size_t count);

/* json_change.c */
void json_changes(struct json_writer *json, const struct rko_explanation *why);

#endif
