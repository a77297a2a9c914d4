/* SPDX-License-Identifier: EUPL-1.2 */
/* Requests in YAML: `question: action`, and a field each for what the caller says (docs/cases.md). */
#ifndef RKO_TOOLS_REQUESTS_H
#define RKO_TOOLS_REQUESTS_H

#include <rko/decide.h>

#include "tools/common/yaml.h"

/*
 * A request from a map; NULL after a diagnostic. A field that cannot be is kept as a mistake of the request, so
 * that the decision on it is refused. The caller frees it.
 */
struct rko_request *request_from(struct yaml_files *files, struct rko_policy *policy, const struct yaml_node *map);
/* The question a map asks: its key is the question's name. RKO_NOTHING after a diagnostic. */
uint32_t request_question(struct yaml_files *files, const struct rko_policy *policy, const struct yaml_node *map,
			  const struct yaml_pair **ret_pair);

/*
 * `base` with the fields of `change`: maps are merged field by field, `absent` takes a field away, everything
 * else replaces. Either may be NULL.
 */
struct yaml_node request_merge(struct arena *arena, const struct yaml_node *base, const struct yaml_node *change);

#endif
