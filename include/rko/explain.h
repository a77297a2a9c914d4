/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Explaining: why a decision came out as it did, what else stood in the way, what is to be done, and until when
 * it stands. It decides the same request again on the same generation of the facts, keeps the snapshot open,
 * and reads on: more personal data than the decision needed. Whoever lets people ask for it should treat it as
 * a permission of its own, and log it: rko_audit_batch_explained().
 */
#ifndef RKO_EXPLAIN_H
#define RKO_EXPLAIN_H

#include <stddef.h>
#include <stdint.h>

#include <rko/decide.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Texts are in the language that was asked for; where that is missing, in another. All belong to the explanation. */

struct rko_cite {
	const char *source;		/* name in the policy, such as A703 */
	const char *id;			/* official identifier, such as 703/2023 */
	const char *title;
	const char *passage;		/* the place in the source */
	const char *says;		/* its words, or "" */
	const char *original;		/* its words in Finnish, when `says` is a translation of them; else "" */
	const char *seen;		/* what of it has been seen, or "" */
	rko_day from, to;		/* the source is in force; to: RKO_DAY_OPEN when no end is set */
	int pending;			/* its force has not been seen: from and to say nothing */
};

struct rko_why_rule {
	uint32_t rule;			/* of the question */
	const char *name;
	const char *says;
	const char *verb;		/* grant, prohibit, withhold, redact, silent, duty */
	const char *layer;		/* the overlay it belongs to, or "" for the base */
	const char *file;		/* module/file.rko */
	uint32_t line;
	const struct rko_cite *cites;	/* the first governs when the rule is in force */
	size_t ncites, nsee;		/* the last nsee of them: see also */
	rko_day from, to;		/* its force */
};

struct rko_why_said {
	const char *name, *label;
	const char *value, *value_label;	/* a set: its elements, with commas */
};

/*
 * The ladder --------------------------------------------------------------------------------------------
 *
 * A rule, the conditions it sets, each exception to it, what the area's overlay does to it. A condition comes down to
 * tests, each of one thing in the facts or in the request: the value that was seen, and those with which the condition
 * would hold. Which tests are shown is exact: where the condition holds, those that make it hold; where it does not,
 * those of a way to make it hold that changes the fewest of them.
 *
 * `holds` everywhere: 1 yes, 0 no, -1 not known.
 */

enum rko_test {
	RKO_TEST_CODE,		/* a code is one of `needed` */
	RKO_TEST_EXISTS,	/* there is a record, or a value in a field: `wanted` */
	RKO_TEST_OPEN,		/* a date has no end: `wanted` */
	RKO_TEST_SAME,		/* `about` and `other` are the same: `wanted` */
	RKO_TEST_MEMBER,	/* `about` is in the set `other`: `wanted` */
	RKO_TEST_HAS,		/* the set `about` has one of `needed`: `wanted` */
	RKO_TEST_OVERLAPS,	/* the sets `about` and `other` have something in common: `wanted` */
	RKO_TEST_INSIDE,	/* the set `about` is not empty and inside the set `other`: `wanted` */
	RKO_TEST_DATE,		/* the day `about` lies from `from` to `to` */
	RKO_TEST_SOME,		/* one of the records `about` fulfils `demands` as a whole: `wanted` */
	RKO_TEST_FINDING,	/* a judgement was made, and found `wanted` */
	RKO_TEST_UNTOLD,	/* a value that the area has not set, or an overlay that is not in force */
	RKO_TEST_READING,	/* an option of a reading is taken */
	RKO_TEST_ACTION,	/* what is asked for */
};
const char *rko_test_word(enum rko_test test);

enum rko_seen {
	RKO_SEEN_VALUE,		/* `values` of it, perhaps none of a set */
	RKO_SEEN_NONE,		/* the register was asked, and there is none */
	RKO_SEEN_OPEN,		/* without an end */
	RKO_SEEN_UNKNOWN,	/* no register says */
	RKO_SEEN_UNEXAMINED,	/* the facts could not be read any more */
};
const char *rko_seen_word(enum rko_seen seen);

struct rko_why_value {
	const char *code;		/* code, id or date (YYYY-MM-DD) */
	const char *label;		/* of a code; else as it is written in the language */
};

/* Something in the facts or the request, and what was seen there. */
struct rko_why_thing {
	const char *name;		/* as policies write it: grant.episode.end; "" when there is none */
	const char *label;		/* in words, from the outside in: "Rekisterinkäyttöoikeus › Palvelu päättyy" */
	enum rko_seen seen;
	const struct rko_why_value *values;
	size_t nvalues;
	rko_day day;			/* of a date that was seen */
};

/*
 * One end of an interval. It counts from a date that has a name; without a name it is a day of its own, or, with
 * RKO_DAY_OPEN, there is no such end. A date with a name whose day is RKO_DAY_OPEN is itself without an end.
 */
struct rko_why_end {
	rko_day day;			/* the first or the last that is inside */
	const char *name, *label;	/* of the date it counts from, or "" */
	rko_day anchor;			/* that date */
	int32_t count;			/* 0: that very day; negative: before it */
	int months;			/* `count` is in months, else in days */
};

struct rko_why_test {
	enum rko_test test;
	int holds;
	struct rko_why_thing about, other;
	int wanted;			/* 1 yes, 0 no */
	const struct rko_why_value *needed;	/* a code's: all those with which it would do */
	size_t nneeded;
	int needed_but;			/* 1: any but `needed`, the shorter way to say it */
	int none_will_do;		/* 1: it would also do if there were none; of a code with no `needed`: only then */
	struct rko_why_end from, to;	/* of a date; the day `from` and the day `to` are inside */
	const char *demands;		/* what one record must fulfil, as written in the policy; or "" */
	size_t looked_at;		/* how many records there were */
	const struct rko_why_test *nested;	/* of the record that comes nearest to it */
	size_t nnested;
};

struct rko_why_condition {
	const char *name;		/* of a named condition, or "" */
	const char *text;		/* as written in the policy */
	const char *says;		/* label of a named condition, or "" */
	int holds;
	const struct rko_why_test *tests;
	size_t ntests;
	const struct rko_why_condition *parts;	/* of a named condition that is a list of them: one level */
	size_t nparts;
	const struct rko_cite *cites;	/* of a named condition */
	size_t ncites, nsee;
};

/* An interval of days in which conditions of one rule hold, on the facts that were seen. */
struct rko_why_window {
	const char *name, *says;	/* of the condition, as in rko_why_condition */
	struct rko_why_end from, to;
	int stands;			/* the day asked about: -1 is before it, 0 in it, 1 after it */
};

struct rko_why_exception {
	struct rko_why_rule rule;	/* its layer tells whether it is an overlay's */
	unsigned depth;			/* 1: to the ladder's rule itself, 2: to an exception, … ; its own follow it */
	const char *to;			/* name of the rule or exception that it excepts */
	int cuts;			/* 1: an overlay's; withholds the result of the whole rule */
	int in_force;
	int holds;			/* its own condition, on the day asked about */
	int reached;			/* what it excepts holds, and so on up to the rule */
	int applies;			/* it is reached and holds, and no exception of its own stands against it */
	const struct rko_why_condition *conditions;
	size_t nconditions, failing;
};

enum rko_effect { RKO_EFFECT_WITHHOLDS, RKO_EFFECT_WIDENS, RKO_EFFECT_SETS };
const char *rko_effect_word(enum rko_effect effect);

/* What the overlay of the area does to a rule. */
struct rko_why_overlay {
	enum rko_effect effect;
	const char *layer;		/* name of the overlay */
	const char *layer_label;	/* of its area */
	const char *name, *label;	/* withholds: the exception; sets: the parameter */
	const char *value;		/* sets: what, as written */
	const struct rko_cite *cites;
	size_t ncites, nsee;
};

enum rko_ladder {
	RKO_LADDER_DECIDES,	/* it, or an exception of it, is a deciding rule */
	RKO_LADDER_STOPPED,	/* its conditions hold, and an exception or an overlay keeps it from speaking */
	RKO_LADDER_POSSIBLE,	/* undecided: it could decide if what is unknown were known */
	RKO_LADDER_NEAREST,	/* not granted: a granting rule that came close, the nearest first */
};
const char *rko_ladder_word(enum rko_ladder ladder);

struct rko_why_ladder {
	enum rko_ladder role;
	struct rko_why_rule rule;	/* the base rule */
	int in_force;
	int holds;			/* its conditions, with what overlays add */
	int widened;			/* it holds only by what an overlay adds */
	const struct rko_why_condition *conditions;
	size_t nconditions;
	size_t failing;			/* of them, force and exceptions that stop it included */
	const struct rko_why_window *windows;
	size_t nwindows;
	const struct rko_why_exception *exceptions;	/* each tried, its own behind it */
	size_t nexceptions;
	const struct rko_why_overlay *overlays;
	size_t noverlays;
};

/* A record that was consulted. */
struct rko_why_record {
	const char *kind;		/* of record */
	const char *name, *label;	/* as the policy calls it */
	enum rko_seen seen;		/* VALUE: there is one */
	int given;			/* 1: by the request, not from the store */
	int by_decision;		/* 1: the decision itself read it; 0: only the explanation */
	int fits;			/* one of a list: 1 it is one of those looked for, 0 not, -1 not known */
	const struct rko_why_said *key;	/* its key fields */
	size_t nkey;
	uint32_t generation;		/* that made it known; 0: none did */
	int64_t recorded;		/* instant at which that was; 0 with generation 0 */
	const char *source;		/* what it was read from, as the loader named it: a file; or "" */
	uint64_t line;			/* in it, or what the loader counts instead; 0: not told */
};

struct rko_why_duty {
	const char *name;
	const char *says;
	const char *bearer;		/* code, or "" */
	const char *bearer_label;
	int redaction;			/* hides `fields` instead of demanding something */
	const char *const *fields;	/* codes of what is hidden */
	const char *const *field_labels;
	size_t nfields;
	int has_due;
	rko_day due;			/* RKO_DAY_OPEN: no date is known */
	int32_t keep;			/* how long something is kept; 0: not said */
	int keep_months;		/* 1: `keep` counts months, else days */
	const struct rko_cite *cites;
	size_t ncites, nsee;
};

/* What the answer would be under another option of a reading. */
struct rko_why_otherwise {
	const char *option, *option_says;
	const char *with, *with_option;	/* only if this other reading were taken so too; "" when alone */
	enum rko_outcome outcome;
	const char *rule, *rule_says;	/* the first deciding rule then, or "" */
	const char *with_says;		/* of `with_option`, or "" */
};

struct rko_why_reading {
	const char *name;
	const char *option, *option_says;	/* as it is taken */
	int confirmed;
	int hangs;			/* 1: another option would give another answer or another deciding rule */
	const struct rko_why_otherwise *otherwise;
	size_t notherwise;
};

enum rko_missing_kind { RKO_MISSING_JUDGEMENT, RKO_MISSING_OVERLAY, RKO_MISSING_PARAMETER, RKO_MISSING_RECORD,
			RKO_MISSING_FIELD, RKO_MISSING_REQUEST };
struct rko_why_missing {
	enum rko_missing_kind kind;
	const char *name;		/* judgement, link or path of a field, area of the overlay, parameter */
	const char *label;		/* what that is called */
	const char *asks;		/* of a judgement */
	const char *bearer;		/* of a judgement: who decides it, a code, or "" */
	const char *bearer_label;
};

struct rko_why_answer {
	const char *name, *label;
	const char *value, *value_label;	/* "" when it is not known */
};

struct rko_why_excepted {
	const char *rule, *rule_says;	/* what would have spoken */
	const char *by, *by_says;	/* the exception that holds */
};

struct rko_why_pending {
	const char *name, *label;	/* of a table */
};

/* What would have to change for the answer to be granted. */

/* What one field of a record would have to be. */
enum rko_need_kind {
	RKO_NEED_ONE_OF,	/* one of `values` */
	RKO_NEED_DAYS,		/* a day from `from` to `to`; RKO_DAY_OPEN as `to`: or later, or open */
	RKO_NEED_OPEN,		/* open, so without an end */
	RKO_NEED_SOME,		/* anything but none */
	RKO_NEED_NONE,
	RKO_NEED_SAME,		/* the same as `other` */
	RKO_NEED_DIFFERENT,	/* another than `other` */
	RKO_NEED_HAS,		/* a set: one of `values`, or what `other` is */
	RKO_NEED_HAS_NOT,	/* a set: none of `values`, or nothing of what `other` is */
	RKO_NEED_HAS_ALL,	/* a set: all that `other` is */
	RKO_NEED_WITHIN,	/* a set: something, and nothing but what `other` is */
	RKO_NEED_EACH,		/* one such record for each of `others`, in which the field is just that */
};
struct rko_why_need {
	enum rko_need_kind kind;
	uint32_t row;			/* of the step's `rows`: whose field it is; RKO_NOTHING: of the request */
	const char *const *stored;	/* fields of that record which say it: one; of a derived date the first of two, and */
	size_t nstored;			/* where that is none the second */
	const char *field, *label;
	const char *seen, *seen_label;	/* what is recorded now; "" where there is no record yet, or it is not known */
	const char *const *values;	/* codes */
	const char *const *value_labels;
	size_t nvalues;
	const char *other, *other_label; /* name of the value compared with, or "" */
	const char *const *others;	/* what that is now: codes, ids, days; none where it comes with the change */
	size_t nothers;
	uint32_t other_row;		/* it comes with this row of the step, which says it in `other_field`; or RKO_NOTHING */
	const char *other_field;	/* or "" */
	rko_day from, to;		/* RKO_NEED_DAYS; the first day there is as `from`: or earlier */
};

/*
 * A record that a step is about: who would write the change into the facts finds here which one. The first is the record
 * that changes, comes to be or goes; the others are those that it leads to, by a reference or by what it brings for
 * their key, and a need is about. One that is not there yet can as well be one that is there and is as it must be.
 */
struct rko_why_key {
	const char *field;
	const char *const *values;	/* code, id, date or "none": one of them; no values and no row: any that is free */
	size_t nvalues;
	uint32_t row;			/* it is what this row of the step says in its field `of`; or RKO_NOTHING */
	const char *of;
};
struct rko_why_row {
	const char *record;		/* the kind */
	int exists;			/* 1: it is there now, and `key` says which; 0: not */
	uint32_t from;			/* the row of the step that refers to it by its field `by`; or RKO_NOTHING */
	const char *by;			/* or "" */
	const struct rko_why_key *key;	/* its key fields; none where a row refers to it */
	size_t nkey;
};

enum rko_change_kind {
	RKO_CHANGE_TIME,	/* time passing: from the day `from` on */
	RKO_CHANGE_JUDGEMENT,	/* found as `needs` say */
	RKO_CHANGE_RECORD,	/* a record comes to be, with what `needs` say */
	RKO_CHANGE_NO_RECORD,	/* a record as `needs` say is there no longer */
	RKO_CHANGE_FIELD,	/* of a record that is there */
	RKO_CHANGE_PARAMETER,	/* a value that an area sets */
	RKO_CHANGE_OVERLAY,	/* the rules of an area */
	RKO_CHANGE_REQUEST,	/* what the request itself says: asked otherwise */
};
/* One thing that would have to change: one record changes as a whole. */
struct rko_why_step {
	enum rko_change_kind kind;
	const char *name;	/* of the link, judgement, parameter, area, field of the request */
	const char *record, *label;	/* the kind of record and what it is called, or "" */
	const char *asks;	/* of a judgement */
	const char *who;	/* who can change it, a code of `bearer`; "": the policy does not say, or it is time */
	const char *who_label;
	rko_day from, to;	/* RKO_CHANGE_TIME: the days on which it is granted then, for whoever asks: could be; else not set */
	const struct rko_why_need *needs;	/* all of them */
	size_t nneeds;
	const struct rko_why_row *rows;		/* of a record, field or judgement; else none */
	size_t nrows;
};
struct rko_why_change {
	const struct rko_why_step *steps;	/* all of them: no part of them is enough */
	size_t nsteps;
	const char *opens, *opens_says;	/* the rule that would grant */
};

enum { RKO_CHANGES_SHOWN = 3 };

struct rko_explanation {
	struct rko_decision decision;	/* made again; its trace is not kept */
	int requester;			/* 1: for whoever asks, see rko_explain_requester() */
	int reproduced;			/* 1: it came out as the decision that was to be explained */
	enum rko_outcome was;		/* not reproduced: what that decision had come to, */
	const char *was_rule;		/* and its first deciding rule, or "" */
	int incomplete;			/* 1: something that only the explanation needs could not be read */
	enum rko_language language;
	const char *question, *asks, *action, *action_label;
	int lists;			/* the question grants nothing and only lists duties */
	const struct rko_why_said *said;
	size_t nsaid;
	const char *refused;		/* refused: the field, or the text of what must hold; else "" */
	const char *refused_near;	/* refused: the nearest action, field or code; or "" */
	const char *refused_takes;	/* refused: the codes or actions there are, when they are few; or "" */
	const struct rko_why_rule *by;	/* every deciding rule, the witness first */
	size_t nby;
	const struct rko_why_rule *possible;	/* rules that could decide, if what is unknown were known */
	size_t npossible;
	const struct rko_why_excepted *excepted;
	size_t nexcepted;
	const struct rko_why_ladder *ladders;	/* in the order of their roles, those that decide first */
	size_t nladders;
	const struct rko_why_record *records;	/* each that was consulted, in the order of the plan */
	size_t nrecords;
	int frozen;			/* 1: made from the trace alone: what it does not hold is not examined */
	const struct rko_why_rule *nearest;	/* not granted: the granting rule that came closest, or NULL */
	const struct rko_why_condition *conditions;	/* of it */
	size_t nconditions;
	int nearest_in_force, nearest_excepted;
	const struct rko_why_duty *duties;
	size_t nduties;
	const struct rko_why_reading *readings;	/* that the deciding rules, or the nearest, name */
	size_t nreadings;
	const struct rko_why_pending *pending;	/* tables with a cell that has not been seen, on which it rests */
	size_t npending;
	const struct rko_why_missing *missing;	/* undecided: a smallest set of facts that would settle it */
	size_t nmissing;
	const struct rko_why_answer *answers;
	size_t nanswers;
	const struct rko_why_change *changes;	/* not granted, forbidden, undecided: the smallest first */
	size_t nchanges;		/* RKO_CHANGES_SHOWN at most */
	int changes_incomplete;		/* 1: the search was ended before all that are as small had been seen */
	uint32_t changes_steps;		/* of the search */
	const char *candidate;		/* the row of the `each` link that is reported: its last key field, or "" */
	rko_day since, until;		/* first and last day on which the answer is the same on these facts */
	const char *refused_label;	/* what the field is called, or what must hold in words; else "" */
};

/*
 * Explains the decision that the request gives on the generation and at the instant of `decision`; NULL: on the
 * newest. Allocates. RKO_OK also for denials and refusals; otherwise the status of the decision itself, and
 * *ret_explanation is set all the same where it can be.
 */
enum rko_status rko_explain(struct rko_session *session, const struct rko_request *request,
			    const struct rko_decision *decision, enum rko_language language,
			    struct rko_explanation **ret_explanation);
/*
 * What whoever asks may be told: granted or not; rules, duties and determinations that follow from nothing but what the
 * policy shows to the requester (`shown to requester`) and what the request itself said. Prohibited, not granted,
 * undecided and refused because of the facts are all RKO_NOT_GRANTED here: a duty that waits for a prohibition is told
 * only where that prohibition follows from what is shown. Where the shown facts alone rule a grant out, `changes` are
 * those of them without which nothing can be granted, before them the days from which they rule it out no longer
 * (RKO_CHANGE_TIME); something that is not told may still be in the way, and no rule is named. Two situations that look alike to the requester, and are both granted or both not, give the same explanation.
 * Everything else in it is empty, the decision's generation, trace, rule and dates included. The same statuses as
 * rko_explain(); a failure is told.
 */
enum rko_status rko_explain_requester(struct rko_session *session, const struct rko_request *request,
				      const struct rko_decision *decision, enum rko_language language,
				      struct rko_explanation **ret_explanation);
/*
 * Explains a stored trace as of the generation it was made on. What came out then is told: where it does not come out
 * the same again, the explanation is not `reproduced` and says what would come out now. Where the generation cannot be
 * read any more, it is made from the trace alone (`frozen`). RKO_ARGUMENT when the bytes are no trace of this policy.
 */
enum rko_status rko_explain_trace(struct rko_session *session, const void *trace, size_t size,
				  enum rko_language language, struct rko_explanation **ret_explanation,
				  struct rko_fault *ret_fault);
/* Accepts NULL. */
void rko_explanation_free(struct rko_explanation *explanation);

/* Why a request is none, in words; "" for RKO_REFUSED_NOT. */
const char *rko_refusal_says(enum rko_refusal refusal, enum rko_language language);

enum rko_text_flags {
	RKO_TEXT_COLOUR = 1,	/* for a terminal that shows colours */
	RKO_TEXT_LONG = 2,	/* with sources, conditions and where the rules stand */
	RKO_TEXT_WHY = 4,	/* with the ladders, the records and the words of the sources */
};
/* The explanation in words, in its language. Belongs to the explanation; NULL when memory runs out. */
const char *rko_explanation_text(struct rko_explanation *explanation, unsigned flags, size_t width);

/*
 * The whole explanation as JSON (UTF-8), labels in its language; docs/explanations.md tells it, and
 * docs/schema/explanation.schema.json says what each member is. Members are added within a format, and what one means
 * changes only with it. RKO_JSON_INDENTED: for people, else without blanks. Belongs to the explanation, until it is asked
 * for again; NULL when memory runs out.
 */
enum { RKO_EXPLANATION_FORMAT = 1, RKO_JSON_INDENTED = 1 };
const char *rko_explanation_json(struct rko_explanation *explanation, unsigned flags);

/*
 * One step of a change, or one need of a step, in words. It belongs to the explanation until the next text is asked of
 * it; NULL when memory runs out.
 */
const char *rko_why_step_says(struct rko_explanation *explanation, const struct rko_why_step *step);
const char *rko_why_need_says(struct rko_explanation *explanation, const struct rko_why_need *need);
/* What a test found and what should be, in words, without its nested tests. Belongs to the explanation. */
const char *rko_why_test_says(struct rko_explanation *explanation, const struct rko_why_test *test);
/*
 * The first tests that keep a condition of a ladder from holding, for a short reason. Those that fail only because a
 * record is not there are left out where it is said that it should be. Returns how many; the tests belong to the ladder.
 */
enum { RKO_FAILING_MOST = 3 };
size_t rko_why_failing(const struct rko_why_ladder *ladder, size_t condition,
		       const struct rko_why_test *ret_tests[RKO_FAILING_MOST]);
/* The ladder of the rule that came closest, `nearest`; NULL when there is none. Belongs to the explanation. */
const struct rko_why_ladder *rko_why_nearest(const struct rko_explanation *explanation);

#ifdef __cplusplus
}
#endif

#endif
