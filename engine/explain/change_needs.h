/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the files that tell a change share. An answer on the way asks something of values (wishes); what is asked of one
 * value together is one need, as it is shown.
 *
 *   change_tell.c     a change as it is shown: its steps, and the rule that it opens
 *   change_widen.c    the answers on the way, as wide as they can be
 *   change_answers.c  what an answer asks: of values, of rows, or that there be none
 *   change_wishes.c   what is asked of one value, joined as long as it fits together
 *   change_days.c     what an answer about where a day lies asks of it
 *   change_needs.c    what is asked of one value, as it is shown
 */
#ifndef RKO_EXPLAIN_CHANGE_NEEDS_H
#define RKO_EXPLAIN_CHANGE_NEEDS_H

#include "engine/explain/change.h"

/* A demand on one value: of the plan (`value`), shown as a field. */
struct wish {
	uint32_t value;
	uint32_t record, field;
	bool demands;		/* of codes, days, none or open: `how` says */
	bool codes, days, must_open, must_none, must_some;
	uint8_t allowed[256];	/* codes */
	day_t from, to;
	bool may_open;
	bool compared;
	enum rko_need_kind comparison;
	uint32_t other;		/* value, or IMAGE_NONE */
	uint32_t feature;	/* whose bits are meant, or (EACH) whose sets; or IMAGE_NONE */
};

enum { WISHES = 40 };

/* One fact of a change, while it is told. Copied to try a way: it holds all that a way comes to. */
struct telling {
	struct change *change;
	uint64_t fact;
	bool changed;		/* the answer at hand is another than it is now */
	bool one_row;		/* at hand is a condition of other rows, which the one that is to be can fulfil too */
	enum rko_change_kind kind;
	struct wish wishes[WISHES];
	uint32_t nwishes;
	uint32_t found;		/* the answer of a judgement */
	bool impossible;	/* no row can be as all of it asks together */
	struct step_rows rows;
};

static inline struct explain *telling_explain(const struct telling *telling)
{
	return telling->change->explain;
}

static inline const struct change_fact *telling_fact(const struct telling *telling)
{
	return &telling->change->facts[__builtin_ctzll(telling->fact)];
}

/* Whether the fact that is told can make a value another. IMAGE_NONE: no. */
static inline bool telling_touches(const struct telling *telling, uint32_t value)
{
	return value != IMAGE_NONE && change_value_facts(telling->change, value) & telling->fact;
}

/* Whether an answer to a feature is among those that will do, which are given by class. */
static inline bool answer_wanted(const struct telling *telling, const struct image_feature *about,
				 const uint8_t *classes, uint32_t answer)
{
	return classes[telling->change->explain->image->classes[about->classes + answer]];
}

/* The kind of record that a value is a field of, which is no value of the request. */
static inline uint32_t value_record(const struct plan_view *view, const struct image_value *about)
{
	return about->kind == IMAGE_VALUE_ROWS ? view->scans[about->of].record : view->slots[about->of].record;
}

/*
 * change_wishes.c. Each adds to what is asked of a value; what does not fit with what is asked already is found by
 * wishes_fit(). `classes` are those of the feature that will do. Beyond WISHES of them nothing more is asked.
 */

/* What is asked of a value, or of the field that the fact is: the one there is, or a new one. NULL: there are too many. */
struct wish *wish_for(struct telling *telling, uint32_t value);
/* A code is one of those. */
void wish_codes(struct telling *telling, const struct image_feature *about, const uint8_t *classes);
/* A day is open, or one that is set. */
void wish_open(struct telling *telling, const struct image_feature *about, const uint8_t *classes);
/* Of two that are compared one is none: the one that can be. Both may be of the row at hand. */
void wish_none(struct telling *telling, const struct image_feature *about);
/* Two values are to each other as the feature of that number asks, or (`yes` false) are not. */
void wish_compare(struct telling *telling, uint32_t number, bool yes);
/* Whether the facts can be as all of it asks together. */
bool wishes_fit(const struct telling *telling);

/* change_days.c */

/* A day lies where it must to one of another record: which of the two the fact can change is asked. */
void wish_position(struct telling *telling, const struct image_feature *about, const uint8_t *classes);
/* The same of a day of the row at hand. */
void wish_row_days(struct telling *telling, const struct image_feature *about, const uint8_t *classes);
/* A day lies where it must in the calendar. */
void wish_calendar(struct telling *telling, const struct image_feature *about, const uint8_t *classes);

/* change_answers.c */

/* Whether a feature is answered by yes or no. */
bool answer_is_test(const struct image_feature *about);
/* The rows that a feature of no row asks for: a scan, or IMAGE_NONE. */
uint32_t answer_rows(const struct telling *telling, const struct image_feature *about);
/* All that an answer to the feature of that number asks. May set `kind`, `found` and `impossible`. */
void wish_answer(struct telling *telling, uint32_t number, const uint8_t *classes);

/* change_needs.c. Text and lists live as long as the explanation. */

/* What is asked of one value. False when anything will do, and there is nothing to show. */
bool need_of(struct telling *telling, const struct wish *wish, struct rko_why_need *ret_need);
/* A finding, on the days of which one is the day asked about: three needs. */
size_t needs_judged(struct telling *telling, struct rko_why_need *needs);

/* change_widen.c: by number in `found`, in memory of the scratch arena; what stays as it is is widened first. */
struct change_answer *change_widen(struct change *change, const struct change_found *found);

#endif
