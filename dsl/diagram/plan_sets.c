/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Sets of codes that conditions name against one set-valued value. Codes that no set tells apart are one atom, and each
 * atom is a feature: whether the value has one of its codes.
 */
#include "dsl/diagram/plan_parts.h"

struct partition *plan_partition(struct plan *plan, uint32_t value, const struct codeset *codes,
				 const bool *set)
{
	struct partition *partition = NULL;

	for (uint32_t i = 0; i < plan->npartitions; i++)
		if (plan->partitions[i].value == value)
			partition = &plan->partitions[i];
	if (!partition && !plan->frozen) {
		PLAN_ADD(plan, partitions, ((struct partition){ .value = value, .codes = codes }));
		partition = &plan->partitions[plan->npartitions - 1];
	}
	if (set && !plan->settled) {
		partition->sets = arena_grow(plan->arena, partition->sets, partition->nsets,
					     &partition->cap_sets, sizeof *partition->sets);
		partition->sets[partition->nsets++] = arena_copy(plan->arena, set, codes->count);
	}
	return partition;
}

void plan_settle_set(struct plan *plan, struct partition *partition)
{
	struct map signatures;
	char *signature = arena_alloc(plan->arena, partition->nsets + 1);

	map_init(&signatures, plan->arena);
	partition->atom_of = ARENA_ARRAY(plan->arena, partition->codes->count, uint32_t);
	for (uint32_t i = 0; i < partition->codes->count; i++) {
		for (uint32_t j = 0; j < partition->nsets; j++)
			signature[j] = partition->sets[j][i] ? '1' : '0';
		partition->atom_of[i] =
			map_intern(&signatures, (struct text){ signature, partition->nsets });
	}
	partition->natoms = (uint32_t)signatures.count;
}

static struct text codes_text(struct plan *plan, const struct codeset *set, const bool *has)
{
	struct text text = { "", 0 };
	uint32_t count = 0, shown = 0;

	for (uint32_t i = 0; i < set->count; i++)
		count += has[i];
	for (uint32_t i = 0; i < set->count && shown < 4; i++)
		if (has[i])
			text = text_format(plan->arena, "%.*s%s%.*s", TEXT_ARG(text), shown++ ? ", " : "",
					   TEXT_ARG(set->codes[i].name));
	if (count > shown)
		text = text_format(plan->arena, "%.*s, … %u more", TEXT_ARG(text), count - shown);
	return text;
}

uint32_t feature_hits(struct plan *plan, uint32_t value, uint32_t atom)
{
	struct feature feature = { .kind = FEATURE_HITS, .a = value, .b = atom,
				   .hangs = HANGS_ON_NOTHING };
	struct partition *partition = plan_partition(plan, value, NULL, NULL);
	struct text key = plan_key(plan, 'h', value, atom, 0);
	uint32_t old = feature_known(plan, key);

	if (old != NOWHERE)
		return old;
	feature_hang(plan, &feature, value);
	feature.size = 2 + feature.none;
	if (plan->settled && partition) {
		uint32_t count = partition->codes->count;

		feature.codes = ARENA_ARRAY(plan->arena, count, bool);
		for (uint32_t i = 0; i < count; i++)
			feature.codes[i] = partition->atom_of[i] == atom;
		feature.name = text_format(plan->arena, "%.*s overlaps { %.*s }",
					   TEXT_ARG(plan->values[value].name),
					   TEXT_ARG(codes_text(plan, partition->codes, feature.codes)));
	}
	return feature_add(plan, key, feature);
}
