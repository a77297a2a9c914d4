/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Explain: an explanation while it is made. Works on a session whose snapshot is kept open and whose binder
 * still has the decision's features; what is missing is bound as it is asked for.
 *
 *   kinds.c    what its kinds are called
 *   rules.c    which rules decide, which nearly would have, what they rest on
 *   ladder.c   their conditions, exceptions and overlays
 *   tests.c    what a condition comes down to: seen and needed
 *   things.c   what is looked at, in words
 *   records.c  which records were consulted
 *   frozen.c   a trace whose facts can no longer be read
 *   readings.c what is not settled about the law, and what else the answer could be
 *   settle.c   which facts would settle an open question
 *   duties.c   what is due, by whom, by when
 *   audience.c what whoever asks may be told of it
 *   text.c     all of it in words; why_text.c: the ladders; words.c: what both write with
 *   json.c     all of it as JSON; json_change.c: what would have to change
 */
#ifndef RKO_EXPLAIN_EXPLAIN_H
#define RKO_EXPLAIN_EXPLAIN_H

#include <setjmp.h>

#include <rko/explain.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/decide/session.h"

struct explain {
	struct arena *arena;		/* of the explanation */
	struct arena *scratch;		/* emptied after each use */
	struct rko_explanation *out;
	struct rko_session *session;
	struct bind *bind;
	const struct image *image;
	const struct question_view *question;
	const struct image_rule *rules;	/* of the question */
	uint32_t nrules;
	enum rko_language language;
	uint8_t *rests;			/* by rule: the answer rests on it */
	bool of_trace;			/* what is explained is a stored trace */
	bool frozen;			/* only what a trace holds is known */
	const char **slot_labels, **value_labels;	/* once they were asked for */
};

struct explained {	/* what rko_explanation_free() frees */
	struct rko_explanation out;
	struct arena arena, scratch;
	struct buf text, json;
};

static inline const char *explain_string(const struct explain *explain, uint32_t at)
{
	return image_string(explain->image, at);
}

static inline const char *explain_label(const struct explain *explain, const struct image_label *label,
					uint32_t name)
{
	return image_label_text(explain->image, label, explain->language, name);
}

struct rko_why_rule explain_rule(struct explain *explain, uint32_t rule);
const struct rko_cite *explain_cites(struct explain *explain, const struct image_rule *rule, size_t *ret_count,
				     size_t *ret_see);

/* What the trees come to for the candidate at hand, by the options that are taken now. */
struct explain_outcome {
	enum rko_outcome outcome;
	uint32_t rule;		/* the first deciding one, or IMAGE_NONE */
};
struct explain_outcome explain_outcome(struct explain *explain);

/* What a rule comes to for the candidate at hand: 1 surely, 0 not, -1 perhaps. */
struct explain_spoken {
	int speaks;	/* in its own words: no exception says otherwise */
	int says;	/* anything at all, itself or by an exception */
	int cut;	/* an overlay withholds its result */
};
struct explain_spoken explain_spoken(struct explain *explain, uint32_t rule);

/* Conditions of a rule, with their tests. */
const struct rko_why_condition *explain_conditions(struct explain *explain, const struct image_rule *rule,
						   size_t *ret_count, size_t *ret_failing);
/* What a diagram over truth comes down to at the cell at hand. */
struct rko_why_test *explain_tests(struct explain *explain, uint32_t root, size_t *ret_count);

/* What features look at. */
const char *explain_slot_label(struct explain *explain, uint32_t slot);
const char *explain_value_label(struct explain *explain, uint32_t value);
/* What a parameter is called: as where an area sets it. */
const char *explain_parameter_label(const struct explain *explain, const char *name);
struct rko_why_thing explain_nothing(void);
struct rko_why_thing explain_value(struct explain *explain, uint32_t value);
struct rko_why_thing explain_slot(struct explain *explain, uint32_t slot);
struct rko_why_value explain_code(struct explain *explain, uint32_t set, uint32_t code);
struct rko_why_value explain_day_value(struct explain *explain, day_t day);

enum { EXPLAIN_DAY = 40 };
/* A day as it is written in a language. */
void explain_print_day(enum rko_language language, day_t day, char text[EXPLAIN_DAY]);
const char *explain_day(struct explain *explain, day_t day);
/* The word for a value that is none. */
const char *explain_none(const struct explain *explain);

const struct rko_cite *explain_passages(struct explain *explain, struct image_range cites, struct image_range see,
					size_t *ret_count, size_t *ret_see);

/* Instead of all else, when the facts of a stored trace cannot be read. */
enum rko_status explain_frozen(struct explain *explain, const struct rko_request *request,
			       const struct rko_decision *decision);
void explain_rules(struct explain *explain);
void explain_ladders(struct explain *explain);
void explain_records(struct explain *explain);
/* A key field of a stored record, as it stands in the row's key. */
void explain_key_word(struct explain *explain, uint32_t record, uint32_t field, const uint8_t *key,
		      struct rko_why_said *ret_word);
void explain_readings(struct explain *explain);
void explain_settle(struct explain *explain);
/* Which of the changes shown would open this granting rule: 0 the smallest, RKO_CHANGES_SHOWN none. rules.c */
uint32_t explain_opened(const struct explain *explain, uint32_t rule);
void explain_duties(struct explain *explain);
/* One duty, by its number in the question, for the candidate at hand. */
struct rko_why_duty explain_duty(struct explain *explain, uint32_t number, bool tell_due);
/* Rules, duties and determinations that whoever asks may be told; the decision's outcome has been set. */
void explain_requester(struct explain *explain);

#endif
