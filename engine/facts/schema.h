/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Schema: what kinds of rows a store has, and how an image's records find their fields in them.
 *
 * A store outlives policies. It numbers record kinds, layouts of rows and codes itself, in the order in which it
 * meets them, and never gives a number a second meaning. A binding translates between the numbers of one image
 * and those of the store; it is made when an image meets a store, and again when the store's schema changes.
 */
#ifndef RKO_FACTS_SCHEMA_H
#define RKO_FACTS_SCHEMA_H

#include "engine/facts/store.h"
#include "engine/image/image.h"

enum { KIND_NOT_STORED = 0xffff, FIELD_NOT_STORED = 0xffff };

/* How a field is read from a row; a row may be older than a field. */
enum field_reading {
	FIELD_NOT_THERE,
	FIELD_CODE,
	FIELD_DATE,
	FIELD_STRING,
	FIELD_KEY_CODE,
	FIELD_KEY_STRING,
	FIELD_DERIVED,
	FIELD_SET,
};

/* Where one field of an image's record lies in rows of one layout, with all that reading it needs. */
struct field_place {
	uint16_t at;		/* byte offset; of a set: its number; FIELD_NOT_STORED */
	uint16_t read_at;	/* byte offset in the key or in the value */
	uint16_t ncodes;
	uint8_t reading;	/* enum field_reading */
	const uint16_t *codes;	/* store's code -> image's */
};

struct bound_layout {
	uint32_t record;	/* of the image; IMAGE_NONE: of no use to it */
	uint32_t fixed;		/* bytes before the sets */
	uint32_t nsets;
	bool *wide;		/* by set: strings */
	struct field_place *fields;	/* by field of the image's record */
};

struct bound_record {
	uint16_t kind;		/* KIND_NOT_STORED: no row can be there */
	uint16_t key_at[LIMIT_KEY_SLOTS];	/* byte offset of each key field in the key */
	uint16_t key_size;	/* with the kind, without the generation */
	uint16_t layout;	/* in which rows are written; 0 when none was made */
};

struct bound_codes {
	const uint16_t *from;	/* store's code -> image's; CODE_UNKNOWN: the image does not know it */
	uint32_t nfrom;
	const uint16_t *to;	/* image's code -> store's; CODE_UNKNOWN: never stored */
};

struct binding {
	struct arena *arena;	/* the binding's own */
	const struct image *image;
	uint32_t schema;	/* version it was made from */
	struct bound_record *records;
	struct bound_layout *layouts;	/* by number */
	uint32_t nlayouts;
	struct bound_codes *codes;
};

/*
 * Makes a binding from what the store has. RKO_FACTS_SCHEMA when a kind has another key than the image's
 * record; RKO_FACTS_DAMAGED, RKO_NO_MEMORY.
 */
enum rko_status binding_new(const struct image *image, struct store_reader *reader, struct binding **ret_binding);
void binding_free(struct binding *binding);

/*
 * Writes into the store's schema whatever the image has and the store has not: kinds, layouts, codes.
 * *ret_changed tells whether anything was. A binding made before is then out of date.
 */
enum rko_status schema_extend(const struct image *image, struct store_writer *writer, bool *ret_changed);

/* How a field of the image is stored. */
enum row_type field_row_type(const struct image_field *field);

/* Bytes of a key field. */
static inline uint32_t key_width(const struct image_field *field)
{
	return field->kind == IMAGE_TYPE_CODE ? 2 : 4;
}

#endif
