/* SPDX-License-Identifier: EUPL-1.2 */
/* A plan begins, and is settled once every condition has been lowered. */
#include "dsl/diagram/plan_parts.h"

void plan_init(struct plan *plan, struct model *model, const struct question *question)
{
	*plan = (struct plan){ .arena = model->arena, .model = model, .question = question,
			       .pivot = NOWHERE };
	map_init(&plan->slot_map, plan->arena);
	map_init(&plan->value_map, plan->arena);
	map_init(&plan->scan_map, plan->arena);
	map_init(&plan->feature_map, plan->arena);
	map_init(&plan->expr_map, plan->arena);
	map_init(&plan->dates_map, plan->arena);
}

void plan_settle(struct plan *plan)
{
	for (uint32_t i = 0; i < plan->npartitions; i++)
		plan_settle_set(plan, &plan->partitions[i]);
	for (uint32_t i = 0; i < plan->ndates; i++)
		plan_settle_dates(plan, &plan->dates[i]);
	plan->settled = true;
	plan->nfeatures = 0;
	plan->nexprs = 0;
	map_init(&plan->feature_map, plan->arena);
	map_init(&plan->expr_map, plan->arena);
	for (uint32_t i = 0; i < plan->nscans; i++)
		plan->scans[i].where = TRUE_EXPR;
}
