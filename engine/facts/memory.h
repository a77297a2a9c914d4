/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Memory: what a reader has found in one state of the facts, so that it need not be looked for again: rows by their
 * whole key, steps of a scan, and numbers of strings. What was not there is remembered too.
 *
 * Everything holds for one state only (docs/performance.md, "What a session remembers"): the number of the last
 * commit, looked at after the snapshot was renewed, and the place where the store is mapped. When either is another
 * one, all is forgotten, so a remembered answer is exactly as fresh as a read. Rows are pointers into the map and
 * their checksums are looked at again at every use. Numbers of strings never change and stay.
 *
 * A place in the table is given by a checksum of the key; who comes later takes it over.
 */
#ifndef RKO_FACTS_MEMORY_H
#define RKO_FACTS_MEMORY_H

#include <stdbool.h>

#include "engine/base/text.h"
#include "engine/facts/rows.h"

enum remembered_what { REMEMBERED_GET, REMEMBERED_FIRST, REMEMBERED_NEXT };

/* One finding; a cache line. */
struct remembered {
	uint32_t stamp;
	uint32_t generation;	/* that was asked for */
	uint8_t what;		/* enum remembered_what */
	uint8_t key_size;
	uint8_t prefix_size;	/* of a scan */
	uint8_t looked;		/* of a scan: keys that the step went over */
	bool found;
	uint8_t row_key_size;
	uint16_t size;
	const uint8_t *row_key, *value;
	uint8_t key[32];
};

/* What is asked. */
struct recall {
	enum remembered_what what;
	const uint8_t *key;	/* of the row; of a scan's first step its prefix, of others the last row's key */
	uint32_t key_size;
	uint32_t prefix_size;
	uint32_t generation;
};

struct memory;

/* NULL when there is no memory for it. */
struct memory *memory_new(void);
/* Accepts NULL. */
void memory_free(struct memory *memory);
/* Before anything is asked or kept: the state that is read from now on. */
void memory_renew(struct memory *memory, uint64_t state, uint64_t map);
void memory_forget(struct memory *memory);

/*
 * What is remembered, or NULL; then *ret_place is where it can be kept, NULL when it cannot. `memory` may be NULL.
 */
const struct remembered *memory_recall(struct memory *memory, const struct recall *recall,
				       struct remembered **ret_place);
/* Keeps what was found: `row` NULL for nothing. `place` may be NULL. */
void memory_keep(struct memory *memory, struct remembered *place, const struct recall *recall, const struct row *row,
		 uint32_t looked);

static inline struct row remembered_row(const struct remembered *remembered)
{
	return (struct row){ .key = remembered->row_key, .value = remembered->value,
			     .key_size = remembered->row_key_size, .size = remembered->size };
}

/* The number of a string; STRING_NONE when it is not remembered. `memory` may be NULL. */
uint32_t memory_number(const struct memory *memory, struct text text);
void memory_keep_number(struct memory *memory, struct text text, uint32_t number);

#endif
