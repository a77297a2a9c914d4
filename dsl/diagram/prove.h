/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The proof that every build carries: the diagrams say what the rules say.
 *
 *   rules = diagrams    on every cell, by going down from the rules       prove.c, topdown.c
 *   diagrams = image    node by node, on the bytes that were written      prove_image.c
 *   rules = image       on cells drawn at random, by the plain tree walk  prove_image.c, treewalk.c
 *
 * The third follows from the others; it is made all the same, with the least code of its own, since
 * it would find an error of theirs.
 *
 * What is proved is a list of claims: this diagram stands for that part of the rules. This header
 * is shared by the two files and by tests; decision_prove() and decision_prove_image() are the
 * doors.
 */
#ifndef RKO_DSL_PROVE_H
#define RKO_DSL_PROVE_H

#include "dsl/diagram/topdown.h"
#include "dsl/diagram/treewalk.h"
#include "engine/base/arena.h"

enum claim_kind {
	CLAIM_CONDITION,	/* an expression */
	CLAIM_ROOT_ON,		/* a rule's condition, with what overlays add */
	CLAIM_LADDER,
	CLAIM_ANSWER,		/* a determination */
	CLAIM_DECISION,
	CLAIM_ANALYSIS,		/* its outcome on the possible cells; of an image only */
	CLAIM_TOLD,		/* what whoever asks may be told; of an image only */
};

struct claim {
	enum claim_kind kind;
	uint32_t expr;
	const struct rule *rule;	/* of the first three, if it is one's */
	uint32_t number;		/* of the determination; of what is told */
	dd diagram;
	uint32_t ref;			/* in the image */
};

struct image;
struct image_question;
struct image_plan;

struct prover {
	struct decision *decision;
	struct forest forest;
	struct treewalk walk;
	struct claim *claims;
	uint32_t nclaims;
	size_t cap;
	uint32_t *path;			/* to a cell: by level a class, or NOWHERE */
	/* made on the way down, and gone with it */
	struct topdown top;
	struct arena scratch;
	uint32_t limit;			/* on states of each stretch */
	uint32_t blurred;		/* as the topdown's */
	/* the image */
	const struct image *image;	/* NULL: there is none yet */
	const struct image_question *question;
	const struct image_plan *plan;
	uint32_t *number;		/* by feature: its number in the image, or NOWHERE */
	uint8_t **classes;		/* by feature, by class: its class in the image */
	uint8_t *class_of;		/* of a cell: by feature of the image */
	uint32_t *seen;			/* by node: its place in the image + 1 */
	uint64_t random;
};

void prover_init(struct prover *prover, struct decision *decision);
/* Every claim; with their places in the image, if there is one. */
void prover_claim(struct prover *prover);

/* What the rules say of the walk's cell, when the decision there is known. */
struct walked prover_rules_say(const struct prover *prover, const struct claim *claim,
			       struct walked decided);
/* What a terminal of a claim's diagram means. */
struct walked prover_terminal_says(const struct prover *prover, const struct claim *claim,
				   uint32_t value);
/* Where the walk's cell leads in a diagram. */
dd prover_follow(const struct prover *prover, dd node);

struct text prover_name(const struct prover *prover, const struct claim *claim);
struct text prover_path(const struct prover *prover);
struct span prover_span(const struct prover *prover, const struct claim *claim);
/* At the cell of the path, `where` ("the diagram") says something else than the rules. */
void prover_report(const struct prover *prover, const struct claim *claim, const char *where,
		   struct walked rules, struct walked found);

/* As decision_prove(), with another bound on the states of a stretch: for tests. */
void decision_prove_within(struct decision *decision, uint32_t limit);

#endif
