/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/facts/memory.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { PLACES = 32768, STRINGS = 2048 };	/* powers of two */

struct remembered_string {
	uint32_t number;
	uint8_t length;		/* 0: nothing is remembered here */
	char text[59];
};

struct memory {
	uint64_t state, map;
	uint32_t stamp;
	struct remembered_string strings[STRINGS];
	struct remembered places[PLACES];
};

struct memory *memory_new(void)
{
	struct memory *memory = aligned_alloc(64, (sizeof *memory + 63) / 64 * 64);

	if (!memory)
		return NULL;
	memset(memory, 0, sizeof *memory);
	memory->stamp = 1;
	return memory;
}

void memory_free(struct memory *memory)
{
	free(memory);
}

static void forget_rows(struct memory *memory)
{
	if (++memory->stamp == 0) {
		memset(memory->places, 0, sizeof memory->places);
		memory->stamp = 1;
	}
}

void memory_renew(struct memory *memory, uint64_t state, uint64_t map)
{
	if (memory->state == state && memory->map == map)
		return;
	memory->state = state;
	memory->map = map;
	forget_rows(memory);
}

void memory_forget(struct memory *memory)
{
	forget_rows(memory);
	memset(memory->strings, 0, sizeof memory->strings);
}

/* Rows -------------------------------------------------------------------------------------------- */

const struct remembered *memory_recall(struct memory *memory, const struct recall *recall,
				       struct remembered **ret_place)
{
	struct remembered *place;

	*ret_place = NULL;
	if (!memory || recall->key_size > sizeof place->key)
		return NULL;
	place = &memory->places[XXH3_64bits_withSeed(recall->key, recall->key_size, recall->what) & (PLACES - 1)];
	*ret_place = place;
	if (place->stamp != memory->stamp || place->generation != recall->generation || place->what != recall->what ||
	    place->key_size != recall->key_size || place->prefix_size != recall->prefix_size ||
	    memcmp(place->key, recall->key, recall->key_size) != 0)
		return NULL;
	return place;
}

void memory_keep(struct memory *memory, struct remembered *place, const struct recall *recall, const struct row *row,
		 uint32_t looked)
{
	if (!place || looked > UINT8_MAX || (row && (row->size > UINT16_MAX || row->key_size > UINT8_MAX)))
		return;
	*place = (struct remembered){
		.stamp = memory->stamp,
		.generation = recall->generation,
		.what = (uint8_t)recall->what,
		.key_size = (uint8_t)recall->key_size,
		.prefix_size = (uint8_t)recall->prefix_size,
		.looked = (uint8_t)looked,
		.found = row != NULL,
	};
	memcpy(place->key, recall->key, recall->key_size);
	if (row) {
		place->row_key_size = (uint8_t)row->key_size;
		place->size = (uint16_t)row->size;
		place->row_key = row->key;
		place->value = row->value;
	}
}

/* Strings ----------------------------------------------------------------------------------------- */

static uint32_t place_of(struct text text)
{
	return (uint32_t)XXH3_64bits(text.at, text.len) & (STRINGS - 1);
}

uint32_t memory_number(const struct memory *memory, struct text text)
{
	const struct remembered_string *string;

	if (!memory || text.len > sizeof string->text)
		return STRING_NONE;
	string = &memory->strings[place_of(text)];
	if (string->length != text.len || memcmp(string->text, text.at, text.len) != 0)
		return STRING_NONE;
	return string->number;
}

void memory_keep_number(struct memory *memory, struct text text, uint32_t number)
{
	struct remembered_string *string;

	if (!memory || text.len > sizeof string->text)
		return;
	string = &memory->strings[place_of(text)];
	string->number = number;
	string->length = (uint8_t)text.len;
	memcpy(string->text, text.at, text.len);
}
