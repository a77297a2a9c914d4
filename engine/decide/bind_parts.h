/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the files of the binder share: bind.c (its memory, where a decision begins), bind_facts.c (records and single
 * facts), bind_lists.c (sets and the rows of links), bind_answers.c (features). For them alone.
 */
#ifndef RKO_DECIDE_BIND_PARTS_H
#define RKO_DECIDE_BIND_PARTS_H

#include "engine/decide/bind.h"

/* Remembers the first failure. Gives false. */
static inline bool fail(struct bind *bind, enum rko_status status)
{
	if (bind->status == RKO_OK)
		bind->status = status;
	return false;
}

/* A code of the store as a code of the image. One that the image does not know is a failure. */
static inline bool code_fact(struct bind *bind, const struct field_place *place, uint32_t stored, int32_t *ret_fact)
{
	if (stored >= place->ncodes || place->codes[stored] == CODE_UNKNOWN)
		return fail(bind, RKO_FACTS_SCHEMA);
	*ret_fact = place->codes[stored];
	return true;
}

/* How a row of this record is laid out; NULL after a failure: a row of something else. */
static inline const struct bound_layout *layout_of(struct bind *bind, const struct row *row, uint32_t record)
{
	const struct binding *binding = bind->binding;
	uint32_t number = row_layout(row);

	if (number >= binding->nlayouts || binding->layouts[number].record != record ||
	    row->size < binding->layouts[number].fixed) {
		fail(bind, RKO_FACTS_DAMAGED);
		return NULL;
	}
	return &binding->layouts[number];
}

/* A field of a row; a derived one is the first of two that is not none. */
bool bind_row_fact(struct bind *bind, const struct row *row, const struct bound_layout *layout, uint32_t field,
		   int32_t *ret_fact);
/* What the caller said. */
bool bind_said_fact(struct bind *bind, const struct said_value *said, int32_t *ret_fact);
/* Whether what is not there does not exist, or is not known: by the record, and by when it was last refreshed. */
bool bind_absence_believed(struct bind *bind, uint32_t record, bool *ret_believed);

/* One part of a key. *ret_state: SLOT_PRESENT, or what the slot is without a look. */
static inline bool put_key(struct bind *bind, uint8_t *key, uint32_t record, uint32_t field, int32_t fact,
			   enum slot_state *ret_state)
{
	const struct image_field *about = record_field(&bind->policy->image, record, field);
	uint8_t *at = key + bind->binding->records[record].key_at[field];

	if (fact == FACT_UNKNOWN) {
		*ret_state = SLOT_UNKNOWN;
		return true;
	}
	if (fact == FACT_NONE && !(about->flags & IMAGE_FIELD_NONE)) {
		if (*ret_state == SLOT_PRESENT)
			*ret_state = SLOT_ABSENT;
		return true;
	}
	if (about->kind != IMAGE_TYPE_CODE) {
		put_be32(at, fact == FACT_NONE ? STRING_NONE : (uint32_t)fact);
	} else if (fact == FACT_NONE) {
		put_be16(at, CODE_NONE);
	} else {
		put_be16(at, bind->binding->codes[about->target].to[fact]);
	}
	return true;
}

#endif
