/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Asking in reverse: which of these documents, who, what, and when.
 *
 * A question has a field left open, or its day. Every answer here is a decision of the same evaluator on the same
 * facts as rko_decide() would give one by one, so the two cannot disagree; what makes these calls faster is that
 * what does not hang on the open field is read once. One call sees one state of the facts.
 *
 * These calls write no trace: who must record each decision decides each with rko_decide(). They allocate. A session
 * and a request are used by one thread at a time, as there.
 */
#ifndef RKO_SEARCH_H
#define RKO_SEARCH_H

#include <stddef.h>
#include <stdint.h>

#include <rko/decide.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Which of these ------------------------------------------------------------------------------------ */

enum { RKO_FILTER_MOST = 100000 };	/* values of one call */

struct rko_filtered {
	enum rko_status status;		/* other than RKO_OK: outcome is RKO_NOT_GRANTED */
	enum rko_outcome outcome;
	enum rko_refusal refusal;
	uint64_t duties;		/* as in a decision */
};

/*
 * Decides the request once for each of `count` values of `field`, as if rko_request_set() had said it. `field` is
 * one that takes a single value; the request does not say it. `ret_filtered` has room for `count`.
 *
 * RKO_OK when every decision was made: they may all be denials. Else the status of the first that was not, or
 * RKO_ARGUMENT (no such field, a set, a request of another policy), RKO_LIMIT, RKO_NO_MEMORY, RKO_FACTS_*; what was
 * not decided is a denial with its status. *ret_generation (may be NULL) is that of the facts that were read.
 */
enum rko_status rko_filter(struct rko_session *session, const struct rko_request *request, const char *field,
			   const char *const *values, size_t count, struct rko_filtered *ret_filtered,
			   uint32_t *ret_generation);

/* Who, what ----------------------------------------------------------------------------------------- */

/* Where the values of an open field are looked for: a field of the rows of a kind. */
struct rko_among {
	const char *kind, *field;	/* of a field of codes: "" and the code set */
	int listed;		/* 1: the rows are the records that the field names, or the codes: there are no others */
};
/*
 * Where rko_search() looks when it is not told: at the codes, or the records, that the field names; of one that is an id,
 * at the rows of the link whose key it is part of, with the most other parts said by the request too. RKO_ARGUMENT
 * when there is no such field, or nothing stored tells its values.
 */
enum rko_status rko_search_among(const struct rko_policy *policy, uint32_t question, const char *field,
				 struct rko_among *ret_among);

struct rko_where {
	const char *field;	/* of the kind that is looked through; a set: one of its elements */
	const char *value;
};

enum { RKO_SEARCH_MOST = 10000, RKO_SEARCH_ROWS = 200000, RKO_SEARCH_TOKEN = 160 };

struct rko_search {
	const char *field;			/* the open field */
	const char *among_kind, *among_field;	/* NULL: as rko_search_among() says */
	const struct rko_where *where;		/* only rows of which all of these are true */
	size_t nwhere;
	size_t limit;				/* values decided at most, up to RKO_SEARCH_MOST; 0: that many */
	const char *token;			/* of the page before, or NULL */
};

struct rko_found {
	const char *value;
	const struct rko_filtered *decision;
};
/* Gives 0 to stop. What it is shown lives until it returns. */
typedef int rko_found_fn(void *context, const struct rko_found *found);

struct rko_searched {
	uint32_t generation;
	size_t decided;
	char token[RKO_SEARCH_TOKEN];		/* for the next page; "": that was all */
};

/*
 * Decides the request for each value of the open field that the facts know, and shows every one with its outcome, in
 * the order of the values' bytes, each once. Pages of one search are decided on the same generation: the token says
 * which, and where to go on; it is not secret and not sealed. When the kind is looked through by fields that begin
 * its key, only the rows under that key are read; else all rows of the kind are.
 *
 * RKO_ARGUMENT: as rko_filter(), or there is no such kind, field or value, or the token is none; RKO_LIMIT when more
 * than RKO_SEARCH_ROWS rows fit, or the limit is too high. A status of a decision as in rko_filter(): then nothing
 * of the page is shown, for a list that lacks somebody would mislead.
 */
enum rko_status rko_search(struct rko_session *session, const struct rko_request *request,
			   const struct rko_search *search, rko_found_fn *show, void *context,
			   struct rko_searched *ret_searched, struct rko_fault *ret_fault);

/* When ---------------------------------------------------------------------------------------------- */

enum rko_cause_kind {
	RKO_CAUSE_DATE,		/* a recorded date, with an offset, is reached or passed */
	RKO_CAUSE_FINDING,	/* what somebody has judged begins or ceases to count */
	RKO_CAUSE_CALENDAR,	/* a date that the policy itself names: force of a source or rule, or a day in a condition */
};

/* Something that is otherwise from the boundary on. */
struct rko_cause {
	enum rko_cause_kind kind;
	const char *name;	/* the date as a policy writes it, such as grant.episode.end; the judgement's name */
	const char *label;	/* of the date, from the outside in; or "" */
	rko_day date;		/* DATE: as recorded; FINDING: first or last day for which it was found */
	int32_t offset;		/* DATE: days or months from there */
	int months;
	int ends;		/* 1: the day before the boundary was the last; 0: the boundary is the first */
	const char *key;	/* of the row with the date: its key fields, with blanks; "" when none */
	const char *says;	/* all of it as a sentence, in the language asked for */
	const char *key_label;	/* `key` in that language: codes by what they are called */
};

/* A condition of a deciding rule that holds on one side of the boundary only. */
struct rko_flip {
	const char *rule;
	const char *name, *says, *text;	/* as in struct rko_why_condition */
	int holds;			/* from the boundary on: 1 yes, 0 no, -1 not known */
};

/*
 * From `from` to `to`, both included, the answer and its reasons are the same on every day, and on the day before and
 * the day after something is otherwise, unless the days that were asked for end there.
 */
struct rko_interval {
	rko_day from, to;
	enum rko_outcome outcome;
	uint64_t duties;
	uint32_t rule;			/* as in a decision */
	const char *rule_name;
	const char *const *by;		/* every deciding rule, the witness first */
	size_t nby;
	int same_answer;		/* 1: outcome and duties are those of the interval before; only reasons differ */
	const struct rko_cause *causes;	/* of its beginning; none for the first interval */
	size_t ncauses;
	const struct rko_flip *flips;
	size_t nflips;
};

struct rko_intervals {
	rko_day from, to;
	enum rko_language language;
	uint32_t generation;
	uint32_t question;
	int lists;			/* the question grants nothing and only lists duties */
	enum rko_refusal refusal;	/* the request itself is wrong: there are no intervals */
	const char *because;		/* as in a decision */
	const struct rko_interval *list;
	size_t count;
};

/*
 * All maximal intervals of the days from `from` to `to`, in order, as the facts are known at the request's instant (a
 * day said with rko_request_on() is not looked at). RKO_ARGUMENT when `to` is before `from`, or a day is out of
 * range, or the request is of another policy; RKO_NO_MEMORY, or a status of a decision: then there is no answer.
 * The caller frees it; its texts belong to it or to the policy.
 */
enum rko_status rko_intervals(struct rko_session *session, const struct rko_request *request, rko_day from, rko_day to,
			      enum rko_language language, struct rko_intervals **ret_intervals);
/* Accepts NULL. */
void rko_intervals_free(struct rko_intervals *intervals);

#ifdef __cplusplus
}
#endif

#endif
