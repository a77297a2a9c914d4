/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Store: the facts in LMDB. The only place that knows LMDB.
 *
 * One environment, five databases: `rows`, `ids` (string to number), `names` (number to string), `schema` (what
 * kinds, layouts and codes there are), `meta` (generations, refreshes). LMDB notices no damage, so every entry
 * carries a checksum over its key and value: a row its own, all else four bytes behind its value. One writer; readers
 * see the state of one commit. A transaction of a reader is reset after each use and renewed for the next, which takes
 * no lock and allocates nothing.
 *
 * Lifetimes: rows and names that are read point into the map and live until the reader is reset.
 */
#ifndef RKO_FACTS_STORE_H
#define RKO_FACTS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rko/status.h>

#include "engine/base/text.h"
#include "engine/facts/rows.h"

struct store;
struct store_reader;
struct store_writer;

enum { STORE_WRITE = 1, STORE_CREATE = 2, STORE_NOSYNC = 4 };

enum { STORE_FORMAT = 2 };

/*
 * A store is opened once in a process, by whatever name: RKO_ARGUMENT with EBUSY when it is open already, or one of its
 * files is another open store's; with ENOTSUP when it lies on a network. `map_bytes` 0: a size of our own.
 */
enum rko_status store_open(const char *path, unsigned flags, size_t map_bytes, struct store **ret_store);
void store_close(struct store *store);
/* Bytes used and bytes that may be used. */
void store_size(const struct store *store, size_t *ret_used, size_t *ret_map);
/* Readers that died while reading are forgotten, so that their pages can be used again. */
enum rko_status store_clean(struct store *store, int *ret_dead);

/* Reading ------------------------------------------------------------------------------------------ */

enum rko_status store_reader_open(struct store *store, struct store_reader **ret_reader);
/* Opens one and renews it, for who reads one state and is done. Nothing is open on failure. */
enum rko_status store_reader_begin(struct store *store, struct store_reader **ret_reader);
/* Resets it first. */
void store_reader_close(struct store_reader *reader);
/* The newest state from now until the reset. */
enum rko_status store_reader_renew(struct store_reader *reader);
void store_reader_reset(struct store_reader *reader);
/*
 * From now on the reader remembers what it finds for as long as the facts are the same (memory.h). Takes memory once;
 * RKO_NO_MEMORY.
 */
enum rko_status store_reader_remember(struct store_reader *reader);
void store_reader_forget(struct store_reader *reader);
/* A number that changes with every commit and stands for the state that is read. */
uint64_t store_reader_state(const struct store_reader *reader);

/*
 * The row of a key (kind and key fields, `key_size` bytes; room for KEY_TAIL bytes more behind it) as of a
 * generation. *ret_found false: there is none. RKO_FACTS_DAMAGED when the row does not match its checksum.
 */
enum rko_status store_get(struct store_reader *reader, uint8_t *key, size_t key_size, uint32_t generation,
			  struct row *ret_row, bool *ret_found);

/*
 * The rows whose key begins with a prefix, one for each key, as of a generation, removed ones left out.
 * Begin with `*cursor` zeroed; *ret_found false ends it. RKO_FACTS_CANDIDATES when more than LIMIT_SCAN_ROWS
 * keys had to be looked at.
 */
struct store_cursor {
	uint8_t key[LIMIT_KEY_BYTES];
	uint32_t key_size;	/* of the last key, without generation; 0: not begun */
	uint32_t looked;
	uint32_t moves;		/* of the reader, when the last row was given */
	bool unbounded;		/* for going through everything; never for a decision */
	bool removed;		/* removed rows too */
};
enum rko_status store_next(struct store_reader *reader, struct store_cursor *cursor, const uint8_t *prefix,
			   size_t prefix_size, uint32_t generation, struct row *ret_row, bool *ret_found);
/* Makes a cursor go on behind a key (without generation), as if that had been given last. */
void store_go_behind(struct store_reader *reader, struct store_cursor *cursor, const uint8_t *key, uint32_t size);
/* Every row of every generation of one key, newest first. Works as store_next(). */
enum rko_status store_history(struct store_reader *reader, struct store_cursor *cursor, const uint8_t *key,
			      size_t key_size, struct row *ret_row, bool *ret_found);

/* The number of a string; *ret_number STRING_NONE when it was never stored. */
enum rko_status store_number(struct store_reader *reader, struct text text, uint32_t *ret_number);
enum rko_status store_name(struct store_reader *reader, uint32_t number, struct text *ret_text);
/* How many strings there are: their numbers are 0 … count-1. */
enum rko_status store_names(struct store_reader *reader, uint32_t *ret_count);

/* Small named values: `what` is a short key of its own. *ret_found false when there is none. */
enum rko_status store_value(struct store_reader *reader, struct text what, struct text *ret_value,
			    bool *ret_found);
/* Every value whose name begins with `prefix`, in order; `act` gives false to stop. */
enum rko_status store_values(struct store_reader *reader, struct text prefix,
			     bool (*act)(void *context, struct text what, struct text value), void *context);

/* What rows of a generation were read from: its source with that number, from 0. *ret_found false: there is none. */
enum rko_status store_source(struct store_reader *reader, uint32_t generation, uint32_t number, struct text *ret_name,
			     bool *ret_found);

struct generation {
	uint32_t number;	/* counts from 1; 0: nothing was ever stored */
	int64_t recorded;	/* instant */
	uint32_t rows;
	uint32_t schema;	/* changes when kinds, layouts or codes do */
};
/* The newest generation. */
enum rko_status store_newest(struct store_reader *reader, struct generation *ret_generation);
/* One generation. RKO_FACTS_GENERATION when there is none of that number. */
enum rko_status store_generation(struct store_reader *reader, uint32_t number,
				 struct generation *ret_generation);
/* The newest that was recorded at or before an instant; number 0 when there is none. */
enum rko_status store_generation_at(struct store_reader *reader, int64_t instant,
				    struct generation *ret_generation);
/* When a kind was last refreshed as of a generation; *ret_found false: never. */
enum rko_status store_refreshed(struct store_reader *reader, uint16_t kind, uint32_t generation,
				int64_t *ret_instant, bool *ret_found);

/* Writing ------------------------------------------------------------------------------------------- */

/* One writer at a time, in all processes; waits for it. Cleans dead readers first. */
enum rko_status store_write_begin(struct store *store, struct store_writer **ret_writer);
/* Reading what is being written. */
struct store_reader *store_writer_reader(struct store_writer *writer);
/* `append`: the key is greater than every key of the database, which is much faster. */
enum rko_status store_put_row(struct store_writer *writer, const uint8_t *key, size_t key_size,
			      const uint8_t *value, size_t size, bool append);
enum rko_status store_put_name(struct store_writer *writer, uint32_t number, struct text text, bool append);
enum rko_status store_put_number(struct store_writer *writer, struct text text, uint32_t number, bool append);
enum rko_status store_put_value(struct store_writer *writer, struct text what, struct text value);
enum rko_status store_put_source(struct store_writer *writer, uint32_t generation, uint32_t number, struct text name);
enum rko_status store_put_generation(struct store_writer *writer, const struct generation *generation);
enum rko_status store_put_refreshed(struct store_writer *writer, uint16_t kind, uint32_t generation,
				    int64_t instant);
/* Durable when it gives RKO_OK. RKO_FACTS_FULL, RKO_IO. The writer is gone in any case. */
enum rko_status store_write_commit(struct store_writer *writer);
void store_write_abort(struct store_writer *writer);
/*
 * Makes the map larger, so that `free_bytes` more fit, or (0) twice as large for a write that did not fit.
 * Waits for the writer and for every reader of this process: whoever calls it must have none of either.
 * RKO_FACTS_FULL at the bound that store_open() was given.
 */
enum rko_status store_grow(struct store *store, size_t free_bytes);

#endif
