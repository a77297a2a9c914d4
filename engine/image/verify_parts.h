/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the files of the verifier share. For them alone.
 *
 *   verify.c           the file and its vocabulary
 *   verify_plan.c      a plan: its tables, its diagrams, its question or record, in that order
 *   verify_values.c    its records, values and lists
 *   verify_features.c  its features
 *   verify_hangs.c     on which row at hand each of them hangs
 *   verify_nodes.c     its diagrams
 *   verify_question.c  rules, duties and what else a question has
 *
 * Each refuses the first entry that is not as it must be, with the number of the check.
 */
#ifndef RKO_IMAGE_VERIFY_PARTS_H
#define RKO_IMAGE_VERIFY_PARTS_H

#include "engine/base/date.h"
#include "engine/base/limits.h"
#include "engine/image/image.h"

struct verify {
	struct image *image;
	struct image_fault *fault;
	const char *section;	/* of the entry at hand */
	uint32_t index;
	bool failed;
	bool memory;
};

static inline bool refuse(struct verify *v, unsigned check, const char *what)
{
	if (!v->failed)
		*v->fault = (struct image_fault){ check, what, v->section, v->index };
	v->failed = true;
	return false;
}

#define REQUIRE(check, condition, what) \
	do { \
		if (!(condition)) { \
			refuse(v, (check), (what)); \
			return; \
		} \
	} while (0)

static inline void at(struct verify *v, const char *section, uint32_t index)
{
	v->section = section;
	v->index = index;
}

static inline bool range_ok(struct image_range range, uint32_t count)
{
	return range.first <= count && range.count <= count - range.first;
}

static inline bool string_ok(const struct verify *v, uint32_t string)
{
	return string < v->image->n_strings && (string == 0 || v->image->strings[string - 1] == '\0');
}

static inline bool label_ok(const struct verify *v, const struct image_label *label)
{
	return string_ok(v, label->in[0]) && string_ok(v, label->in[1]) && string_ok(v, label->in[2]);
}

static inline bool force_ok(const struct image_force *force)
{
	return day_valid(force->from) && day_valid(force->to) && force->flags <= 7;
}

static inline bool target_ok(const struct image *image, uint32_t kind, uint32_t target)
{
	switch (kind) {
	case IMAGE_TYPE_CODE:
		return target < image->n_codesets;
	case IMAGE_TYPE_REF:
		return target < image->n_records;
	case IMAGE_TYPE_DATE:
	case IMAGE_TYPE_ID:
	case IMAGE_TYPE_OID:
		return target == IMAGE_NONE;
	}
	return false;
}

static inline bool passages_ok(const struct verify *v, struct image_range range)
{
	if (!range_ok(range, v->image->n_links))
		return false;
	for (uint32_t i = 0; i < range.count; i++)
		if (v->image->links[range.first + i] >= v->image->n_passages)
			return false;
	return true;
}

struct plan_check {
	struct verify *v;
	const struct image *image;
	const struct image_plan *plan;
	const struct image_slot *slots;
	const struct image_value *values;
	const struct image_scan *scans;
	const struct image_feature *features;
	const uint32_t *words;
	uint8_t *node;		/* by word: 0 no node, 1 a node, 2 and reached */
	uint32_t *seen;		/* by word: as part of which roots a node was looked at, see seen_below() */
	uint32_t roots;		/* of the other kinds, counted */
};

/* What a value is, with the types of the request and the records. */
struct value_type {
	uint32_t kind;
	uint32_t flags;
	uint32_t target;
};

/* verify_plan.c */
void verify_plan(struct verify *v, uint32_t number);

/* verify_values.c: each by its number in the plan; values first, and records and rows of slots and scans are in range. */
struct value_type verify_value_type(const struct plan_check *p, uint32_t number);
void verify_value(struct plan_check *p, uint32_t number);
void verify_slot(struct plan_check *p, uint32_t number);
void verify_scan(struct plan_check *p, uint32_t number);

/* verify_features.c, verify_hangs.c: when those are as they must be. */
void verify_feature(struct plan_check *p, uint32_t number);
void verify_hangs(struct plan_check *p);

/* One value of that type, no set. */
static inline bool verify_plain(struct value_type type, uint32_t kind)
{
	return type.kind == kind && !(type.flags & IMAGE_FIELD_SET);
}

/* The id of a record and a reference to it are one value; otherwise kinds and targets are the same. */
static inline bool verify_same_type(struct value_type a, struct value_type b)
{
	if (a.kind != b.kind)
		return (a.kind == IMAGE_TYPE_ID && b.kind == IMAGE_TYPE_REF) ||
		       (a.kind == IMAGE_TYPE_REF && b.kind == IMAGE_TYPE_ID);
	return a.target == b.target;
}

/* verify_nodes.c */
void verify_nodes(struct plan_check *p);
void verify_reached(struct plan_check *p);
void verify_classes(struct plan_check *p);
/* Whether a reference is such a diagram of the plan; `values`: of a determination, codes + 1. Marks what it reaches. */
bool verify_root(struct plan_check *p, uint32_t ref, uint32_t kind, uint32_t row,
		 const struct image_question *question, uint32_t values);
bool verify_truth(struct plan_check *p, uint32_t ref, uint32_t row);

/* verify_question.c */
void verify_questions(struct verify *v);
void verify_question(struct plan_check *p, const struct image_question *question);

#endif
