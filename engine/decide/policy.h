/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Policy: an open image with what deciding needs to have at hand: the plans' tables by plan, where each plan's
 * lists lie in a session's memory, and codes by name.
 */
#ifndef RKO_DECIDE_POLICY_H
#define RKO_DECIDE_POLICY_H

#include <rko/policy.h>

#include "engine/base/arena.h"
#include "engine/base/map.h"
#include "engine/image/image.h"

/*
 * How long something that was read stays as it is: for the whole decision, for one candidate of the pivot,
 * for the only candidate there is (in filters: filter.c), or for one row of a scan (LASTS_ROW + scan).
 */
enum { LASTS_DECISION, LASTS_CANDIDATE, LASTS_ONLY_CANDIDATE, LASTS_ROW };

struct plan_view {
	const struct image_plan *plan;
	const struct image_question *question;	/* NULL: the checks of a record */
	const struct image_slot *slots;
	const struct image_value *values;
	const struct image_scan *scans;
	const struct image_feature *features;
	const uint32_t *words;
	uint32_t nslots, nvalues, nscans, nfeatures;
	uint8_t *slot_lasts, *value_lasts, *scan_lasts, *feature_lasts;
	uint32_t *elements_at;	/* by value: where a set's elements lie */
	uint32_t nelements;
	uint32_t *rows_at;	/* by scan */
	uint32_t nrows;
};

/* What one question's requests can say: its inputs, and behind a record that is given its fields. */
struct request_field {
	uint32_t input;
	uint32_t field;		/* within the record, or IMAGE_NONE: the input itself */
	struct text name;	/* dotted */
	uint32_t kind, flags, target, bound;
};

/* Whether an action carries a field. */
enum carries { CARRIES_NOT, CARRIES, CARRIES_MUST };

struct question_view {
	const struct image_question *question;
	const struct plan_view *view;
	struct request_field *fields;
	uint32_t nfields;
	uint32_t *record_at;	/* by input: its first record field, or IMAGE_NONE */
	uint32_t *slot_of;	/* by input: the slot of the record it names, or IMAGE_NONE */
	struct map names;
	uint64_t *terminal_duties;	/* by terminal */
	uint8_t *carries;		/* by action and field: enum carries */
	uint32_t *named;		/* slots of records that a request names, or that one it gives refers to */
	uint32_t nnamed;
};

struct rko_policy {
	int refs;		/* atomic */
	struct arena arena;
	void *bytes;
	size_t size;
	bool mapped;
	struct image image;
	struct plan_view *plans;
	struct question_view *questions;
	struct map *codes;	/* by code set: name -> code */
};

/* Fills what is at hand, when the image has been verified. Memory that runs out jumps to the arena's escape. policy_view.c */
void policy_view(struct rko_policy *policy);

/* The code of that name, or IMAGE_NONE. */
uint32_t policy_code(const struct rko_policy *policy, uint32_t set, struct text name);

static inline const char *policy_string(const struct rko_policy *policy, uint32_t at)
{
	return image_string(&policy->image, at);
}

static inline const struct image_field *record_field(const struct image *image, uint32_t record, uint32_t field)
{
	return &image->fields[image->records[record].fields.first + field];
}

/* What a rule does, in a word. */
const char *rule_verb(const struct image_rule *rule);

/* `fault` may be NULL. */
void fault_say(struct rko_fault *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What a value is. */
struct value_about {
	uint32_t kind, flags, target;
	uint32_t bound;		/* of a set */
};
struct value_about value_about(const struct plan_view *view, const struct image *image, uint32_t value);

#endif
