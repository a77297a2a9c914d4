/* SPDX-License-Identifier: EUPL-1.2 */
/* Words: what text.c and why_text.c write with: paragraphs that keep to a width, colours, days. */
#ifndef RKO_EXPLAIN_WORDS_H
#define RKO_EXPLAIN_WORDS_H

#include "engine/explain/explain.h"

struct words {
	struct buf *out;
	const struct rko_explanation *about;
	unsigned flags;
	size_t width;
	size_t indent;	/* of why_text.c: columns before a line */
	struct buf line;	/* of words_line(): its memory serves the next one too; released by who made the words */
};

/* A paragraph: its first line behind `first`, the others indented by `indent`. */
void words_paragraph(struct words *words, const char *first, size_t indent, struct text text);
void words_line(struct words *words, const char *first, size_t indent, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* An escape sequence by its number, when colours are wanted. */
void words_colour(struct words *words, const char *code);

/* A day as people write it. */
struct day_words {
	char text[EXPLAIN_DAY];
};
struct day_words day_words(const struct words *words, day_t day);

/* change_text.c */
void words_changes(struct words *words);

/* why_text.c */
void words_ladders(struct words *words);
void words_records(struct words *words);
/* What the policy says of something, with its name behind it: a rule with its layer, a condition. */
const char *words_named(const struct words *words, const char *says, const char *name);
const char *words_rule(const struct words *words, const struct rko_why_rule *rule);
const char *words_condition(const struct words *words, const struct rko_why_condition *condition);
/* The title of a source with its number, as in an Act, or in brackets with where and when it was given. */
const char *words_title(const struct words *words, const struct rko_cite *cite);
/* The tests that keep one condition of a ladder from holding, as rko_why_failing() gives them; how many. */
size_t words_failing(struct words *words, const struct rko_why_ladder *ladder, size_t number, size_t indent);
/* All the tests of one that holds. */
size_t words_held(struct words *words, const struct rko_why_condition *condition, size_t indent);
/* A sentence with numbered places, by number; NULL behind the last. */
const char *words_pattern(unsigned number, enum rko_language language);

#endif
