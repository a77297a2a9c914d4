/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Writer: the tables of an image while they grow, and what the files of dsl/emit share. For them alone.
 *
 *   emit.c        the tables in their order; the image verified and proved
 *   vocabulary.c  what all questions share
 *   question.c    a question, and what must hold of a row that is loaded
 *   rules.c       its rules and duties
 *   plan.c        a plan with its diagrams
 *   file.c        the tables as bytes
 *   writer.c      what every table is written with
 */
#ifndef RKO_DSL_WRITER_H
#define RKO_DSL_WRITER_H

#include "dsl/diagram/decision.h"
#include "engine/base/buf.h"
#include "engine/base/map.h"
#include "engine/image/format.h"

struct writer {
	struct arena *arena;
	struct model *model;
	struct map strings_map;
#define SECTION(member, type) \
	type *member; \
	uint32_t n_##member; \
	size_t cap_##member;
#include "engine/image/sections.def"
#undef SECTION
};

#define WRITE(writer, member, ...) \
	((writer)->member = arena_grow((writer)->arena, (writer)->member, (writer)->n_##member, \
				       &(writer)->cap_##member, sizeof *(writer)->member), \
	 (writer)->member[(writer)->n_##member] = __VA_ARGS__, (writer)->n_##member++)

/* writer.c */

/* The number of a string, which is written once. */
uint32_t write_string(struct writer *writer, struct text text);
struct image_label write_label(struct writer *writer, const struct labels *labels);
struct image_force write_force(struct force force);
uint32_t write_type_flags(const struct type *type);
uint32_t write_type_kind(const struct type *type);
uint32_t write_type_target(const struct type *type);
/* The words of the source at a span: white space and comments become single spaces. Lives in the arena. */
struct text write_words(struct writer *writer, struct span span);
/* Lists of numbers; of passages, which write_sources() has numbered. */
struct image_range write_links(struct writer *writer, const uint32_t *list, uint32_t count);
struct image_range write_passage_list(struct writer *writer, struct passage *const *list, uint32_t count);

/* vocabulary.c: in this order, before any question. */

void write_codesets(struct writer *writer);
void write_records(struct writer *writer);
void write_layers(struct writer *writer);
void write_sources(struct writer *writer);
void write_readings(struct writer *writer);

/* plan.c: a plan with its diagrams. */
struct plan_writer {
	struct writer *writer;
	struct decision *decision;
	struct plan *plan;
	struct dds *dds;
	bool *use_slot, *use_value, *use_scan, *use_feature;
	bool *use_node;
	struct level_nodes {
		uint32_t *list;		/* used nodes of a level */
		uint32_t count;
	} *by_level;
	uint32_t *slot_number, *value_number, *scan_number, *feature_number;
	uint32_t **class_number;	/* by feature: class -> class in the image */
	uint32_t *nclasses;
	uint32_t *ref;			/* by node */
};

void plan_writer_init(struct plan_writer *pw, struct writer *writer, struct decision *decision);
void plan_use_value(struct plan_writer *pw, uint32_t value);
void plan_use_slot(struct plan_writer *pw, uint32_t slot);
void plan_use_scan(struct plan_writer *pw, uint32_t scan);
/* Everything the diagram asks, and everything those features need. */
void plan_use(struct plan_writer *pw, dd a);
/* After every root was used: writes the plan and gives its number. */
uint32_t plan_write(struct plan_writer *pw);
/* A diagram's reference within the plan that was written. */
uint32_t plan_ref(const struct plan_writer *pw, dd a);

/* question.c */

void write_question(struct writer *writer, struct decision *decision);
/* What must hold of a row that is loaded, of a record that write_records() has written. */
void write_checks(struct writer *writer, uint32_t number);

/* rules.c: by the plan that was written. */

void write_rule(struct writer *writer, const struct plan_writer *pw, const struct built_rule *built);
void write_duty(struct writer *writer, const struct plan_writer *pw, const struct built_rule *built);

/* file.c: all tables, once they are complete. `out` is left failed, or empty, where there is no memory. */
void write_file(struct buf *out, struct writer *writer);

#endif
