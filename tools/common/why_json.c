/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/common/why_json.h"

json_t *why_json(struct rko_explanation *why)
{
	const char *text = rko_explanation_json(why, 0);

	return text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
}
