/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Decision: what is known of a question on the way from its rules to its diagrams. Building fills it, the passes behind
 * that add what they find, and the image is written from it.
 *
 * The deciding diagram is total: where the facts contradict one another and rules collide it gives
 * `inconsistent`. Its terminals carry outcome, witness and duties, never the set of all deciding rules.
 */
#ifndef RKO_DSL_DECISION_H
#define RKO_DSL_DECISION_H

#include "dsl/diagram/dd.h"
#include "dsl/diagram/lower.h"
#include "dsl/diagram/plan.h"

/* Results of a ladder and of the whole: a class and the rank of the deciding rule. */
enum {
	RANK_BITS = 12,
	RANK_MASK = (1 << RANK_BITS) - 1,
};

enum ladder_class { LADDER_SILENT, LADDER_GRANT, LADDER_PROHIBIT, LADDER_WITHHOLD, LADDER_CONFLICT };
enum outcome_class {
	OUT_NOTHING,
	OUT_SILENT,		/* left ungranted on purpose */
	OUT_GRANTED,
	OUT_FORBIDDEN,
	OUT_INCONSISTENT,
};

static inline uint32_t ranked(uint32_t class_, uint32_t rank)
{
	return class_ << RANK_BITS | rank;
}

static inline uint32_t rank_class(uint32_t result)
{
	return result >> RANK_BITS;
}

/* One part of a rule's condition, as the author wrote it: what an explanation lists. */
struct conjunct {
	const struct cond *cond;
	uint32_t expr;
	dd holds;
	uint32_t parts, nparts;		/* of a named condition: what it demands, further on in the same list */
};

/* What a decision that rests on the rule must name. */
struct note {
	const struct reading *reading;	/* or */
	const struct table *table;	/* a pending cell of it, or */
	const struct parameter *parameter;	/* that an overlay sets, so; or */
	const struct setting *setting;
	const struct widening *widening;
	uint32_t expr;			/* where it matters */
	dd here;
};

struct built_rule {
	const struct rule *rule;
	uint32_t self;			/* expression: actions and condition, with the overlay's scope */
	uint32_t force;			/* expression: the days of its force */
	uint32_t on;			/* both */
	dd on_dd;
	dd root_on;			/* of a base rule: with what overlays add */
	dd ladder;			/* of a root: ranked results */
	struct conjunct *conjuncts;	/* with the parts of named ones behind */
	uint32_t nconjuncts;
	uint32_t ntop;			/* without the parts */
	struct note *notes;
	uint32_t nnotes;
	uint32_t open;			/* expression: `on`, by the options of readings */
	dd open_dd;
	struct lowered_due due;		/* of a duty */
};

struct terminal {
	uint32_t outcome;		/* ranked: enum outcome_class and the witness */
	uint32_t duties;		/* index of a set of duties */
};

struct duty_set {
	uint64_t bits;			/* by place among the duties */
};

struct built_define {
	const struct define *define;
	dd value;			/* the code + 1; 0: no value */
};

struct decision {
	struct arena *arena;
	struct diags *diags;
	struct model *model;
	struct question *question;
	struct plan plan;
	struct dds dds;
	struct expr_memo {		/* by expression: its diagram, as it is and read loosely */
		dd result[2];
		bool done[2];
	} *memo;
	uint32_t nmemo;
	struct {			/* numbers of operations, for what is remembered */
		uint32_t siblings, own, outcomes, turn, withholds;
		uint32_t is_class[OUT_INCONSISTENT + 1];
	} ops;

	struct built_rule *rules;	/* in canonical order, like the question's */
	uint32_t nrules;
	uint32_t *duties;		/* rules that are duties or redactions */
	uint32_t nduties;
	struct check {			/* what must hold of a request, and of the records it gives */
		const struct cond *cond;
		const struct request_field *given;	/* the field that gives the record, or NULL */
		uint32_t self;		/* slot of the record, or NOWHERE */
		uint32_t actions;
		struct span span;
		uint32_t expr;
		dd holds;
	} *checks;
	uint32_t nchecks;
	uint32_t unsettled;		/* expression: a known area without an overlay in force */
	dd *widened;			/* by widening: where it adds to its rule */

	dd outcome;			/* ranked outcomes without duties */
	dd root;			/* terminals */
	struct terminal *terminals;
	uint32_t nterminals;
	size_t cap_terminals;
	struct duty_set *duty_sets;
	uint32_t nduty_sets;
	size_t cap_duty_sets;
	struct map terminal_map, duty_map;

	dd possible;			/* the cells that can occur */
	dd *possible_rows;		/* by scan: of its rows */
	dd analysis;			/* outcome class, or IMPOSSIBLE */
	struct built_define *answers;
	uint32_t nanswers;

	uint32_t *shown;		/* by feature: actions, by bit, in which whoever asks may know the answer */
	uint32_t *rows_shown;		/* by scan: in which they may know the rows */
	uint32_t *slots_shown;		/* by slot: in which they may know whether it is there */
	struct told {			/* what they may be told, see audience.c */
		uint32_t kind;		/* enum image_told_kind */
		uint32_t number;	/* of the rule, determination or duty */
		dd root;
	} *told;
	uint32_t ntold;

	struct proof {			/* what the last proof covered, for the report */
		uint32_t ladders;
		uint32_t slices;
		bool whole;
		uint32_t states;
		uint32_t cells;
	} proof;
	double cells, decided, silent;	/* for the report */
	uint32_t max_fetches;
	uint32_t max_steps;
};

enum { ANALYSIS_IMPOSSIBLE = 15 };

/* Where an expression holds; and where it would, if absence were not read as false. */
dd decision_dd(struct decision *decision, uint32_t expr);
dd decision_loose(struct decision *decision, uint32_t expr);
struct built_rule *decision_rule(struct decision *decision, const struct rule *rule);
/* A cell of `bad` in words: the features it names and their answers, one a line. */
struct text decision_cell(struct decision *decision, dd bad, uint32_t indent);
/* What a feature asks about, for messages: of a date compared with another, the date that may be missing. */
struct text decision_subject(const struct decision *decision, const struct feature *feature);
/* Reports a node limit passed, once, and says after which rule. */
bool decision_full(struct decision *decision, const struct rule *rule);

#endif
