/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * YAML: the part of it that files of facts, requests and cases use, as nodes with their places. Only yaml.c
 * knows libyaml. No anchors, aliases, tags, merge keys or second documents; keys are plain words, each once;
 * depth and size are bounded. What is wrong becomes a diagnostic and ends the reading.
 *
 * A file is gone through from the top: a part is either entered step by step, or taken as a tree, so that a
 * file of a million rows needs the memory of one.
 */
#ifndef RKO_TOOLS_YAML_H
#define RKO_TOOLS_YAML_H

#include <stdbool.h>

#include "engine/base/arena.h"
#include "engine/base/diag.h"

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };

/* Where something stands: kept in 64 bits, so that it can travel through other people's code. */
typedef uint64_t yaml_place;

struct yaml_node {
	enum yaml_kind kind;
	yaml_place place;
	struct text text;		/* YAML_TEXT */
	bool quoted;
	struct yaml_node *items;	/* YAML_LIST */
	struct yaml_pair *pairs;	/* YAML_MAP */
	size_t count;
};

struct yaml_pair {
	struct text key;
	yaml_place place;		/* of the key */
	struct yaml_node value;
};

struct yaml;

/* Files of one run: their texts and what is wrong with them. */
struct yaml_files {
	struct arena arena;		/* texts, messages and whatever the caller keeps as long */
	struct sources sources;
	struct diags diags;
};

/* Memory that runs out ends the program: this is a tool. */
void yaml_files_init(struct yaml_files *files);
void yaml_files_free(struct yaml_files *files);

/* NULL when the file cannot be read: a diagnostic says why. "-" is standard input. */
struct yaml *yaml_open(struct yaml_files *files, const char *path, size_t most_bytes);
void yaml_close(struct yaml *yaml);

/*
 * Steps. Each gives false when there is nothing more of that sort here, and after a fault.
 *
 *   if (yaml_enter_map(yaml))
 *           while (yaml_next_key(yaml, &key, &place))
 *                   … enter, take or skip the value …
 */
bool yaml_enter_map(struct yaml *yaml);
bool yaml_next_key(struct yaml *yaml, struct text *ret_key, yaml_place *ret_place);
bool yaml_enter_list(struct yaml *yaml);
/* In a list: whether another element follows, to be taken or entered. */
bool yaml_next_item(struct yaml *yaml);
/* What comes next, without taking it. False at the end or after a fault. */
bool yaml_peek(struct yaml *yaml, enum yaml_kind *ret_kind, yaml_place *ret_place);
/* The next value as a tree in an arena. */
bool yaml_take(struct yaml *yaml, struct arena *arena, struct yaml_node *ret_node);
bool yaml_failed(const struct yaml *yaml);
/* Bytes gone through, and of how many: for progress. */
void yaml_progress(const struct yaml *yaml, size_t *ret_done, size_t *ret_of);

/* The whole file as one tree; its root is a map. */
bool yaml_read(struct yaml_files *files, const char *path, size_t most_bytes, struct yaml_node *ret_root);

/* The value of a key, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);

/* A diagnostic at a place. `more` 0: no second place. */
struct diag *yaml_fault(struct yaml_files *files, enum diag_code code, yaml_place place, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void yaml_also(struct yaml_files *files, struct diag *diag, yaml_place place, const char *words);
/* The file of a place, without its folders, and the line, from 1. */
void yaml_locate(const struct yaml_files *files, yaml_place place, struct text *ret_name, uint32_t *ret_line);
/* A place as words: path:line:column. */
struct text yaml_where(struct yaml_files *files, yaml_place place);

#endif
