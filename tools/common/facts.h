/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Facts in YAML: rows by their kind (docs/facts.md). A row is read into nodes by field, where a case can change
 * it, and from there handed to a load.
 */
#ifndef RKO_TOOLS_FACTS_H
#define RKO_TOOLS_FACTS_H

#include <rko/load.h>

#include "engine/base/limits.h"
#include "tools/common/yaml.h"

/* A row as it was written: its fields in the order of the kind, NULL where nothing was said. */
struct fact_row {
	uint32_t kind;
	yaml_place place;
	const struct yaml_node *fields[LIMIT_FIELDS];
};

struct fact_reader {
	struct yaml_files *files;
	const struct rko_policy *policy;
};

/* The kind of that name; a diagnostic and RKO_NOTHING when there is none. */
uint32_t facts_kind(struct fact_reader *reader, struct text name, yaml_place place);
/*
 * Reads one row: a map of fields; of a kind with one key field also that key (`id`, or NULL) and the rest. Sets
 * only what is said. False after a diagnostic.
 */
bool facts_row(struct fact_reader *reader, uint32_t kind, const struct yaml_node *id,
	       const struct yaml_node *fields, struct fact_row *ret_row);
/* Hands a row to a load, or (remove) its key. */
enum rko_status facts_stage(struct fact_reader *reader, struct rko_load *load, const struct fact_row *row,
			    bool remove);
/* An instant written in a file. */
bool facts_instant(struct fact_reader *reader, const struct yaml_node *node, int64_t *ret_instant);
/* Marks kinds as refreshed: one instant for all, or a map from kind to instant. */
bool facts_refreshed(struct fact_reader *reader, struct rko_load *load, const struct yaml_node *node);

struct facts_file {
	bool has_recorded;
	int64_t recorded;
};
/*
 * Reads a whole file into a load, row by row. `progress` (may be NULL) is told how many bytes are done. False after
 * a diagnostic; *ret_status is a failure of the load itself.
 */
bool facts_file(struct fact_reader *reader, struct rko_load *load, const char *path, struct facts_file *ret_file,
		void (*progress)(void *context, size_t done, size_t of), void *context, enum rko_status *ret_status);

/* Turns the faults of a load into diagnostics. */
void facts_faults(struct fact_reader *reader, const struct rko_load *load);

#endif
