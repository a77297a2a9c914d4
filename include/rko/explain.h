/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Explaining: why a decision came out as it did, what else stood in the way, what is to be done, and until when
 * it stands. It decides the same request again on the same generation of the facts, keeps the snapshot open,
 * and reads on: more personal data than the decision needed. Whoever lets people ask for it should treat it as
 * a permission of its own, and log it.
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
	const char *seen;		/* what of it has been seen, or "" */
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

struct rko_why_condition {
	const char *name;		/* of a named condition, or "" */
	const char *text;		/* as written in the policy */
	const char *says;		/* label of a named condition, or "" */
	int holds;			/* 1 yes, 0 no, -1 not known */
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
	const char *asks;		/* of a judgement */
	const char *bearer;		/* of a judgement: who decides it, a code, or "" */
	const char *bearer_label;
};

struct rko_why_answer {
	const char *name, *label;
	const char *value, *value_label;	/* "" when it is not known */
};

struct rko_why_excepted {
	const char *rule;		/* what would have spoken */
	const char *by;			/* the exception that holds */
};

struct rko_why_said {
	const char *name, *label;
	const char *value, *value_label;	/* a set: its elements, with commas */
};

struct rko_explanation {
	struct rko_decision decision;	/* made again; its trace is not kept */
	int reproduced;			/* 1: it came out as the decision that was to be explained */
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
	const struct rko_why_rule *nearest;	/* not granted: the granting rule that came closest, or NULL */
	const struct rko_why_condition *conditions;	/* of it */
	size_t nconditions;
	int nearest_in_force, nearest_excepted;
	const struct rko_why_duty *duties;
	size_t nduties;
	const struct rko_why_reading *readings;	/* that the deciding rules, or the nearest, name */
	size_t nreadings;
	const char *const *pending;	/* tables with a cell that has not been seen, on which it rests */
	size_t npending;
	const struct rko_why_missing *missing;	/* undecided: a smallest set of facts that would settle it */
	size_t nmissing;
	const struct rko_why_answer *answers;
	size_t nanswers;
	const char *candidate;		/* the row of the `each` link that is reported: its last key field, or "" */
	rko_day since, until;		/* first and last day on which the answer is the same on these facts */
};

/*
 * Explains the decision that the request gives on the generation and at the instant of `decision`; NULL: on the
 * newest. Allocates. RKO_OK also for denials and refusals; otherwise the status of the decision itself, and
 * *ret_explanation is set all the same where it can be.
 */
enum rko_status rko_explain(struct rko_session *session, const struct rko_request *request,
			    const struct rko_decision *decision, enum rko_language language,
			    struct rko_explanation **ret_explanation);
/* Accepts NULL. */
void rko_explanation_free(struct rko_explanation *explanation);

enum rko_text_flags {
	RKO_TEXT_COLOUR = 1,	/* for a terminal that shows colours */
	RKO_TEXT_LONG = 2,	/* with sources, conditions and where the rules stand */
};
/* The explanation in words, in its language. Belongs to the explanation; NULL when memory runs out. */
const char *rko_explanation_text(struct rko_explanation *explanation, unsigned flags, size_t width);

#ifdef __cplusplus
}
#endif

#endif
