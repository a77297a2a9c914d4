/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Loading: rows of facts into a store, whole or not at all.
 *
 *   rko_load_begin(facts, policy, &load, NULL);
 *   rko_load_source(load, "contracts");                   what the rows are read from
 *   rko_load_line(load, 17);                              and where in it the next one stands
 *   rko_load_row(load, kind, values, count, origin);      for every row
 *   rko_load_refreshed(load, kind, instant, origin);
 *   rko_load_commit(load, time(NULL), &result);
 *   rko_load_free(load);
 *
 * Every row is checked against the policy's record as it comes, and the whole against itself and the store when
 * it is committed: every reference must exist, every `must` of a record must hold. With a single fault nothing
 * is stored. Rows that say what the store knows already are left out. A load makes one generation.
 *
 * A load is used by one thread. It holds its rows in memory until it is committed.
 */
#ifndef RKO_LOAD_H
#define RKO_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include <rko/facts.h>
#include <rko/policy.h>
#include <rko/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Kinds of rows: the policy's records, in its order. RKO_NOTHING when there is none of that name. */
uint32_t rko_policy_kinds(const struct rko_policy *policy);
uint32_t rko_policy_kind(const struct rko_policy *policy, const char *name);

struct rko_kind_about {
	const char *name;
	uint32_t fields;		/* the key first */
	uint32_t key_fields;
	int open;			/* absent means unknown; else: does not exist */
	uint32_t refreshed;		/* seconds for which absence is believed; 0: always */
	int finding;			/* holds the findings of a judgement */
};
void rko_kind_about(const struct rko_policy *policy, uint32_t kind, struct rko_kind_about *ret_about);

struct rko_kind_field_about {
	const char *name;
	const char *label;
	enum rko_field_kind kind;
	const char *type;		/* code set or kind of record; "id", "oid", "date" */
	int key, derived, set, may_be_none, may_be_open, may_be_unknown;
	uint32_t most;			/* of a set: elements */
};
void rko_kind_field(const struct rko_policy *policy, uint32_t kind, uint32_t field, enum rko_language language,
		    struct rko_kind_field_about *ret_about);

enum rko_value_kind {
	RKO_VALUE_MISSING,	/* not said: a fault, unless the field is derived or may be unknown */
	RKO_VALUE_TEXT,
	RKO_VALUE_SET,
};

/*
 * One field of a row. A text is a code, a date, an id, or the words `none`, `open` and `unknown` where the field
 * allows them. Nothing is kept of it after the call.
 */
struct rko_value {
	enum rko_value_kind kind;
	const char *text;
	size_t length;			/* of the text, or elements of the set */
	const struct rko_value *elements;
	uint64_t origin;		/* the caller's own; comes back with a fault of this value */
};

struct rko_load;

/*
 * The facts must be open for writing, and outlive the load. RKO_FACTS_SCHEMA when the store's rows of some kind
 * have another key than the policy's record; RKO_NO_MEMORY, RKO_ARGUMENT.
 */
enum rko_status rko_load_begin(struct rko_facts *facts, struct rko_policy *policy, struct rko_load **ret_load,
			       struct rko_fault *ret_fault);
/* Forgets what was not committed. Accepts NULL. */
void rko_load_free(struct rko_load *load);

/*
 * A row: `values` has one for each field of the kind, in its order; derived fields are missing. RKO_OK also
 * when there is a fault: faults are collected. RKO_NO_MEMORY, RKO_FACTS_*.
 */
enum rko_status rko_load_row(struct rko_load *load, uint32_t kind, const struct rko_value *values, size_t count,
			     uint64_t origin);
/* From this generation on there is no row of this key: `values` are the key's fields. */
enum rko_status rko_load_remove(struct rko_load *load, uint32_t kind, const struct rko_value *values, size_t count,
				uint64_t origin);
/*
 * Names what the rows given from now on are read from: a file, a message, a table. It is kept with the generation, and
 * explanations show it; it is cut at 1000 bytes. A name that was given before goes on with that source. RKO_NO_MEMORY;
 * RKO_LIMIT when a load has more than 65 535 sources: then nothing of it can be stored.
 */
enum rko_status rko_load_source(struct rko_load *load, const char *name);
/*
 * Where in its source the row or the removal stands that is given next, and no other: the line of a file, from 1, or
 * what you number your records by, such as the number of a row of a table. Explanations show it as it is; 0: not told.
 * It is kept with the row and takes as many bytes as it needs, most often two or three. RKO_ARGUMENT above INT64_MAX.
 */
enum rko_status rko_load_line(struct rko_load *load, uint64_t line);
/* Everything of this kind is known as of the instant: what is not there does not exist. */
enum rko_status rko_load_refreshed(struct rko_load *load, uint32_t kind, int64_t instant);

struct rko_load_fault {
	unsigned code;		/* RKO12…: rko_explain_code() has the long form */
	uint64_t origin;
	uint64_t other;		/* where the other one is, when there are two; else 0 */
	const char *text;	/* what was found and what was expected */
	const char *help;	/* what to do; or NULL */
};
/* Faults so far, and those of them that were kept to be shown. */
size_t rko_load_faults(const struct rko_load *load, size_t *ret_kept);
/* In the order in which they were found. */
const struct rko_load_fault *rko_load_fault(const struct rko_load *load, size_t index);

/* Told from time to time what is being done and how far it is; both counts are rows. */
typedef void rko_load_watch_fn(void *context, const char *doing, uint64_t done, uint64_t of);
void rko_load_watch(struct rko_load *load, rko_load_watch_fn *watch, void *context);

struct rko_loaded {
	uint32_t generation;	/* the newest: the one that was made, or the old one when nothing changed */
	uint64_t rows;		/* stored */
	uint64_t removed;
	uint64_t same;		/* left out: the store knew them */
};
/*
 * Checks the whole and stores it, in one transaction: durable when it gives RKO_OK. `recorded` is the instant at
 * which this became known. RKO_FACTS_REFUSED when there are faults, RKO_FACTS_BUSY when another load came
 * between, RKO_FACTS_FULL, RKO_IO, RKO_NO_MEMORY: then nothing was stored.
 */
enum rko_status rko_load_commit(struct rko_load *load, int64_t recorded, struct rko_loaded *ret_loaded);

/* Reading rows back ---------------------------------------------------------------------------------- */

struct rko_fact {
	uint32_t kind;
	uint32_t generation;		/* that made it known */
	int64_t recorded;		/* when that was */
	int removed;			/* 1: from then on there is no such row; only its key has values */
	const struct rko_value *values;	/* by field; derived ones are missing */
	size_t count;
	const char *source;		/* what it was read from, or "" */
	uint64_t line;			/* in it, as the loader counts; 0: not told */
};

/* Gives 0 to stop. What it is shown lives until it returns. */
typedef int rko_fact_fn(void *context, const struct rko_fact *fact);

/*
 * Shows the rows of a kind whose key begins with `key` (`nkey` values; 0: all) as of a generation (0: the newest),
 * in the order of their keys. With `history` every row of every generation, of each key the newest first.
 * RKO_ARGUMENT when a key value cannot be one, RKO_FACTS_*, RKO_NO_MEMORY.
 */
enum rko_status rko_facts_read(struct rko_facts *facts, struct rko_policy *policy, uint32_t kind,
			       const struct rko_value *key, size_t nkey, uint32_t as_of, int history,
			       rko_fact_fn *show, void *context);
/*
 * The same from behind the row with the key `behind`, as many values as a key of the kind has; NULL: from the first. So
 * a list is gone through in pages of one generation. RKO_ARGUMENT too when one of its ids was never stored.
 */
enum rko_status rko_facts_read_behind(struct rko_facts *facts, struct rko_policy *policy, uint32_t kind,
				      const struct rko_value *behind, uint32_t as_of, rko_fact_fn *show, void *context);
/* When a kind was last refreshed as of a generation (0: the newest). *ret_found 0: never. */
enum rko_status rko_facts_refreshed(struct rko_facts *facts, struct rko_policy *policy, uint32_t kind,
				    uint32_t as_of, int64_t *ret_instant, int *ret_found);

#ifdef __cplusplus
}
#endif

#endif
