/* SPDX-License-Identifier: EUPL-1.2 */
/* Terms of rules: trees, what they say of the outcome, determinations, the decision. */
#include "dsl/diagram/decision.h"
#include "dsl/diagram/term.h"

/* Bounds ------------------------------------------------------------------------------------------ */

/* The least rank with which a result of this class can come, TERM_NEVER if none can. */
static uint32_t least(const struct terms *terms, uint32_t term, uint32_t class_)
{
	if (!term_is_const(term))
		return terms->list[term].least[class_];
	if (rank_class(term_value(term)) != class_)
		return TERM_NEVER;
	return term_value(term) & RANK_MASK;
}

static bool can_be(const struct terms *terms, uint32_t term, uint32_t class_)
{
	return least(terms, term, class_) != TERM_NEVER;
}

static void lower_least(struct term *term, uint32_t class_, uint32_t rank)
{
	if (rank < term->least[class_])
		term->least[class_] = (uint16_t)rank;
}

static void lower_least_to(struct term *term, uint32_t result)
{
	lower_least(term, rank_class(result), result & RANK_MASK);
}

/* What a tree can come to; a conflict where two exceptions can speak with different verbs. */
static void bound_tree(const struct terms *terms, struct term *term)
{
	uint32_t verbs = term->kind == TERM_SPOKEN ? 1u << rank_class(term->result) : 0;

	lower_least_to(term, term->result);
	for (uint32_t i = 1; i < term->count; i++) {
		uint32_t child = terms->pool[term->first + i], own = 0;

		for (uint32_t class_ = LADDER_GRANT; class_ <= LADDER_CONFLICT; class_++) {
			lower_least(term, class_, least(terms, child, class_));
			if (can_be(terms, child, class_))
				own |= 1u << class_;
		}
		if (verbs && own && ((verbs | own) & ((verbs | own) - 1)))
			term->least[LADDER_CONFLICT] = 0;
		verbs |= own;
	}
}

/* How far up an outcome stands: the greater class, and in it the lesser rank. */
static uint16_t height(uint32_t outcome)
{
	return (uint16_t)ranked(rank_class(outcome), RANK_MASK - (outcome & RANK_MASK));
}

/* The height of the uppermost outcome that the term can come to. */
static uint16_t highest(const struct term *term)
{
	uint32_t class_ = TERM_RANKED;

	while (class_-- > 0)
		if (term->least[class_] != TERM_NEVER)
			return height(ranked(class_, term->least[class_]));
	return 0;
}

static void bound_outcome(const struct terms *terms, struct term *term)
{
	const uint32_t *list = terms->pool + term->first;

	lower_least_to(term, term->result);
	for (uint32_t i = 0; i < term->count; i++)
		for (uint32_t class_ = rank_class(term->result); class_ < TERM_RANKED; class_++)
			lower_least(term, class_, least(terms, list[i], class_));
}

void term_bound(const struct terms *terms, struct term *term)
{
	const uint32_t *list = terms->pool + term->first;

	for (uint32_t i = 0; i < TERM_RANKED; i++)
		term->least[i] = TERM_NEVER;
	switch ((enum term_kind)term->kind) {
	case TERM_TREE:
	case TERM_SPOKEN:
		bound_tree(terms, term);
		break;
	case TERM_SAYS:
		if (list[1] != TERM_TRUE)
			lower_least(term, OUT_GRANTED, least(terms, list[0], LADDER_GRANT));
		lower_least(term, OUT_FORBIDDEN, least(terms, list[0], LADDER_PROHIBIT));
		lower_least(term, OUT_INCONSISTENT, least(terms, list[0], LADDER_CONFLICT));
		term->height = highest(term);
		break;
	case TERM_SILENCE:
		lower_least_to(term, term->result);
		term->height = highest(term);
		break;
	case TERM_OUTCOME:
		bound_outcome(terms, term);
		break;
	case TERM_ATOM:
	case TERM_AND:
	case TERM_OR:
	case TERM_WITHHOLDS:
	case TERM_IS:
	case TERM_LAST:
	case TERM_DECISION:
		break;
	}
}

/* Trees ------------------------------------------------------------------------------------------- */

static uint32_t join_spoken(uint32_t a, uint32_t b)
{
	if (rank_class(a) != rank_class(b))
		return ranked(LADDER_CONFLICT, 0);
	return a < b ? a : b;
}

/* Whatever the exception comes to, what was spoken already stands. */
static bool adds_nothing(const struct terms *terms, uint32_t child, uint32_t spoken)
{
	if (rank_class(spoken) == LADDER_CONFLICT)
		return true;
	for (uint32_t class_ = LADDER_GRANT; class_ <= LADDER_CONFLICT; class_++)
		if (class_ != rank_class(spoken) && can_be(terms, child, class_))
			return false;
	return least(terms, child, rank_class(spoken)) >= (spoken & RANK_MASK);
}

/* Exceptions that came to a result already are joined; gives whether one of them spoke. */
static bool hear_children(struct terms *terms, uint32_t start, bool spoken, uint32_t *result)
{
	uint32_t kept = start;

	for (uint32_t i = start; i < terms->nwork; i++) {
		uint32_t child = terms->work[i], value = term_value(child);

		if (!term_is_const(child)) {
			terms->work[kept++] = child;
		} else if (rank_class(value) != LADDER_SILENT) {
			*result = spoken ? join_spoken(*result, value) : value;
			spoken = true;
		}
	}
	terms->nwork = kept;
	kept = start;
	for (uint32_t i = start; i < terms->nwork; i++)
		if (!spoken || !adds_nothing(terms, terms->work[i], *result))
			terms->work[kept++] = terms->work[i];
	terms->nwork = kept;
	return spoken;
}

static uint32_t make_tree(struct terms *terms, enum term_kind kind, uint32_t result, uint32_t start)
{
	uint32_t on = terms->work[start];
	bool spoken;

	if (on == TERM_FALSE)
		return term_leave(terms, start, TERM_CONST | ranked(LADDER_SILENT, 0));
	spoken = hear_children(terms, start + 1, kind == TERM_SPOKEN, &result);
	if (terms->nwork > start + 1)
		term_make_set(terms, start + 1);
	else if (on == TERM_TRUE)
		return term_leave(terms, start, TERM_CONST | result);
	else
		spoken = false;		/* nobody is left to join or to yield to */
	return term_cons(terms, spoken ? TERM_SPOKEN : TERM_TREE, result, start);
}

static uint32_t make_withholds(struct terms *terms, uint32_t start)
{
	uint32_t ladder = terms->work[start];

	if (!can_be(terms, ladder, LADDER_WITHHOLD))
		return term_leave(terms, start, TERM_FALSE);
	if (term_is_const(ladder))
		return term_leave(terms, start, TERM_TRUE);
	return term_cons(terms, TERM_WITHHOLDS, 0, start);
}

static uint32_t make_is(struct terms *terms, uint32_t result, uint32_t start)
{
	uint32_t ladder = terms->work[start];

	if (term_is_const(ladder))
		return term_leave(terms, start, TERM_CONST | (term_value(ladder) == result));
	if (least(terms, ladder, rank_class(result)) > (result & RANK_MASK))
		return term_leave(terms, start, TERM_FALSE);
	return term_cons(terms, TERM_IS, result, start);
}

/* What one rule says of the outcome --------------------------------------------------------------- */

static uint32_t outcome_of_ladder(uint32_t ladder)
{
	switch (rank_class(ladder)) {
	case LADDER_GRANT:
		return ranked(OUT_GRANTED, ladder & RANK_MASK);
	case LADDER_PROHIBIT:
		return ranked(OUT_FORBIDDEN, ladder & RANK_MASK);
	case LADDER_CONFLICT:
		return ranked(OUT_INCONSISTENT, 0);
	default:
		return ranked(OUT_NOTHING, 0);
	}
}

/* An overlay withholds what a rule grants; a prohibition under the rule stands. */
static uint32_t make_says(struct terms *terms, uint32_t start)
{
	uint32_t ladder = terms->work[start], withheld = terms->work[start + 1];
	bool grants = can_be(terms, ladder, LADDER_GRANT);

	if (!grants)
		withheld = TERM_FALSE;
	if (term_is_const(ladder) && withheld == TERM_FALSE)
		return term_leave(terms, start, TERM_CONST | outcome_of_ladder(term_value(ladder)));
	if ((!grants || withheld == TERM_TRUE) && !can_be(terms, ladder, LADDER_PROHIBIT) &&
	    !can_be(terms, ladder, LADDER_CONFLICT))
		return term_leave(terms, start, TERM_CONST | ranked(OUT_NOTHING, 0));
	terms->work[start + 1] = withheld;
	return term_cons(terms, TERM_SAYS, 0, start);
}

static uint32_t make_silence(struct terms *terms, uint32_t result, uint32_t start)
{
	uint32_t on = terms->work[start];

	if (on == TERM_FALSE)
		return term_leave(terms, start, TERM_CONST | ranked(OUT_NOTHING, 0));
	if (on == TERM_TRUE)
		return term_leave(terms, start, TERM_CONST | result);
	return term_cons(terms, TERM_SILENCE, result, start);
}

/* The outcome ------------------------------------------------------------------------------------- */

/* Where a grant no longer matters, it does not matter either where it is withheld. */
static uint32_t without_cut(struct terms *terms, uint32_t part, uint32_t best)
{
	const struct term *term = &terms->list[part];
	uint32_t start = terms->nwork, ladder;

	if (rank_class(best) <= OUT_GRANTED || term->kind != TERM_SAYS ||
	    term_is_const(terms->pool[term->first + 1]))
		return part;
	ladder = terms->pool[term->first];
	term_push(terms, ladder);
	term_push(terms, TERM_FALSE);
	return make_says(terms, start);
}

/* The condition under which a part says anything. */
static uint32_t part_on(const struct terms *terms, uint32_t part)
{
	const struct term *term = &terms->list[part];

	if (term->kind == TERM_SILENCE)
		return terms->pool[term->first];
	part = terms->pool[term->first];
	return term_is_const(part) ? TERM_TRUE : terms->pool[terms->list[part].first];
}

/* What a part says wherever it says anything; TERM_CONST: that varies. */
static uint32_t part_sure(const struct terms *terms, uint32_t part)
{
	const struct term *term = &terms->list[part], *tree;

	if (term->kind == TERM_SILENCE)
		return term->result;
	if (term_is_const(terms->pool[term->first]) || terms->pool[term->first + 1] != TERM_FALSE)
		return TERM_CONST;
	tree = &terms->list[terms->pool[term->first]];
	if (tree->kind != TERM_TREE || tree->count > 1)
		return TERM_CONST;
	return outcome_of_ladder(tree->result);
}

/* What is true below has no level; term_implies() says no wherever `a` lies below `b`. */
static uint32_t level_of(const struct terms *terms, uint32_t on)
{
	return term_is_const(on) ? UINT32_MAX : terms->list[on].level;
}

/*
 * Leaves out what never matters: where it speaks, another part speaks too, and what that says stands
 * higher. Of two that say the same the first stays.
 */
static void drop_idle(struct terms *terms, uint32_t start)
{
	uint32_t end = terms->nwork, kept = start;

	/* Above the list: what is sure, as its place, how high it stands, and where it speaks, with its level. */
	for (uint32_t i = start; i < end; i++) {
		uint32_t part = terms->work[i], sure = part_sure(terms, part), on = part_on(terms, part);

		if (sure == TERM_CONST)
			continue;
		term_push(terms, i);
		term_push(terms, height(sure));
		term_push(terms, on);
		term_push(terms, level_of(terms, on));
	}
	for (uint32_t i = start; i < end; i++) {
		uint32_t part = terms->work[i], high = terms->list[part].height;
		uint32_t on = part_on(terms, part), level = term_is_const(on) ? 0 : level_of(terms, on);
		bool idle = false;

		for (uint32_t j = end; j < terms->nwork && !idle; j += 4)
			idle = terms->work[j + 1] >= high && terms->work[j + 3] >= level && terms->work[j] != i &&
			       term_implies(terms, on, terms->work[j + 2]) &&
			       (terms->work[j] < i || terms->work[j + 1] > high ||
				part_sure(terms, part) == TERM_CONST);
		if (!idle)
			terms->work[kept++] = part;
	}
	terms->nwork = kept;
}

static uint32_t make_outcome(struct terms *terms, uint32_t best, uint32_t start)
{
	uint32_t kept = start;

	for (uint32_t i = start; i < terms->nwork; i++) {
		uint32_t value = term_value(terms->work[i]);

		if (term_is_const(terms->work[i]) && height(value) > height(best))
			best = value;
	}
	for (uint32_t i = start; i < terms->nwork; i++) {
		uint32_t part = terms->work[i];

		if (term_is_const(part) || terms->list[part].height <= height(best))
			continue;
		part = without_cut(terms, part, best);
		terms->work[kept++] = part;
	}
	terms->nwork = kept;
	if (kept == start)
		return TERM_CONST | best;
	term_make_set(terms, start);
	drop_idle(terms, start);
	return term_cons(terms, TERM_OUTCOME, best, start);
}

/* Determinations ---------------------------------------------------------------------------------- */

static uint32_t make_last(struct terms *terms, uint32_t result, uint32_t start)
{
	uint32_t kept = start;

	for (uint32_t i = start; i < terms->nwork; i += 2) {
		if (terms->work[i + 1] == TERM_FALSE)
			continue;
		if (terms->work[i + 1] == TERM_TRUE) {
			result = term_value(terms->work[i]);
			break;
		}
		terms->work[kept++] = terms->work[i];
		terms->work[kept++] = terms->work[i + 1];
	}
	terms->nwork = kept;
	if (kept == start)
		return TERM_CONST | result;
	return term_cons(terms, TERM_LAST, result, start);
}

/* The decision ------------------------------------------------------------------------------------ */

/*
 * What a duty waits on, by what it waited on, when this much is known of the outcome; DUES: it will not
 * be due.
 */
static void due_after(const struct terms *terms, uint32_t outcome, enum due *ret_due)
{
	bool granted = can_be(terms, outcome, OUT_GRANTED);
	bool forbidden = can_be(terms, outcome, OUT_FORBIDDEN);
	uint32_t classes = 0;

	for (uint32_t class_ = 0; class_ < TERM_RANKED; class_++)
		classes += can_be(terms, outcome, class_);
	ret_due[DUE_ALWAYS] = DUE_ALWAYS;
	ret_due[DUE_DENIED] = !granted ? DUE_ALWAYS : classes == 1 ? DUES : DUE_DENIED;
	ret_due[DUE_GRANTED] = !granted ? DUES : classes == 1 ? DUE_ALWAYS : DUE_GRANTED;
	ret_due[DUE_FORBIDDEN] = !forbidden ? DUES : classes == 1 ? DUE_ALWAYS : DUE_FORBIDDEN;
}

/*
 * What is said of a duty by neighbours that come to the same is joined; what is due goes from the list
 * into `duties`, and what else is said of the same duty goes with it.
 */
static void take_dues(struct terms *terms, uint32_t first, const enum due *due_of, uint64_t *duties)
{
	uint32_t end = terms->nwork, kept = first;

	for (uint32_t i = first; i < end; i += 2) {
		uint32_t duty = term_value(terms->work[i]) / DUES, when = terms->work[i + 1], key;
		enum due due = due_of[term_value(terms->work[i]) % DUES];

		if (when == TERM_FALSE || due == DUES || *duties >> duty & 1)
			continue;
		key = due_key(duty, due);
		if (kept > first && terms->work[kept - 2] == key) {
			when = term_join(terms, TERM_OR, terms->work[kept - 1], when);
			kept -= 2;
		}
		if (due == DUE_ALWAYS && when == TERM_TRUE) {
			*duties |= 1ull << duty;
			continue;
		}
		terms->work[kept++] = key;
		terms->work[kept++] = when;
	}
	terms->nwork = kept;
}

static uint32_t make_decision(struct terms *terms, uint32_t start)
{
	uint32_t first = start + 1 + DUTY_WORDS, outcome = terms->work[start];
	enum due due_of[DUES];
	uint64_t duties = 0;

	for (uint32_t i = 0; i < DUTY_WORDS; i++)
		duties |= (uint64_t)term_value(terms->work[start + 1 + i]) << (DUTY_BITS * i);
	due_after(terms, outcome, due_of);
	take_dues(terms, first, due_of, &duties);
	if (term_is_const(outcome) && terms->nwork == first) {
		uint32_t decided = term_decided(terms, term_value(outcome), duties);

		return term_leave(terms, start, TERM_CONST | decided);
	}
	for (uint32_t i = 0; i < DUTY_WORDS; i++) {
		uint32_t word = duties >> (DUTY_BITS * i) & ((1u << DUTY_BITS) - 1);

		terms->work[start + 1 + i] = TERM_CONST | word;
	}
	return term_cons(terms, TERM_DECISION, 0, start);
}

uint32_t term_make_rule(struct terms *terms, enum term_kind kind, uint32_t result, uint32_t start)
{
	switch (kind) {
	case TERM_TREE:
	case TERM_SPOKEN:
		return make_tree(terms, kind, result, start);
	case TERM_WITHHOLDS:
		return make_withholds(terms, start);
	case TERM_IS:
		return make_is(terms, result, start);
	case TERM_SAYS:
		return make_says(terms, start);
	case TERM_SILENCE:
		return make_silence(terms, result, start);
	case TERM_OUTCOME:
		return make_outcome(terms, result, start);
	case TERM_LAST:
		return make_last(terms, result, start);
	case TERM_DECISION:
		return make_decision(terms, start);
	case TERM_ATOM:
	case TERM_AND:
	case TERM_OR:
		break;
	}
	return term_leave(terms, start, TERM_FALSE);
}
