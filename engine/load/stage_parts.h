/* SPDX-License-Identifier: EUPL-1.2 */
/* What the files that stage rows share: stage.c (rows) and stage_values.c (the words in them). For them alone. */
#ifndef RKO_LOAD_STAGE_PARTS_H
#define RKO_LOAD_STAGE_PARTS_H

#include "engine/load/load.h"

/* The row at hand. */
struct stage {
	struct rko_load *load;
	uint32_t record;
	const struct image_record *about;
	const struct bound_record *bound;
	const struct bound_layout *layout;
	uint8_t bytes[LIMIT_KEY_BYTES + KEY_TAIL + LIMIT_ROW_BYTES + ROW_PLACE_BYTES];
	bool removal;
	bool fault;
};

static inline const char *stage_field(const struct stage *stage, const struct image_field *field)
{
	return load_string(stage->load, field->name);
}

static inline const char *stage_kind(const struct stage *stage)
{
	return load_string(stage->load, stage->about->name);
}

/* What a person wrote, short enough to be shown. */
struct shown {
	char text[64];
};
struct shown stage_show(struct text text);

/*
 * One value of a field as a fact, with codes and strings in the store's numbers; of a reference it is noted to what.
 * `element`: of a set. False after a fault (`stage->fault`), or with the load's status set.
 */
bool stage_fact(struct stage *stage, const struct image_field *field, const struct rko_value *value, bool element,
		int32_t *ret_fact);

#endif
