/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Lexer: bytes in; kind, place and value out. It gives no messages and allocates nothing. The text
 * must end in a NUL and must have passed unicode_check(), so that only well-formed UTF-8 comes here.
 */
#ifndef RKO_DSL_LEXER_H
#define RKO_DSL_LEXER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/date.h"
#include "engine/base/source.h"

struct token {
	int kind;		/* enum yytokentype of the grammar, or a LEX_… fault */
	struct span span;
	struct text text;	/* as written; a string without its quotes */
	int64_t number;		/* an integer, or the day number of a date */
	bool first;		/* first of its line */
};

/* Faults and what the formatter wants to see. Negative, so that no token has the number. */
enum {
	LEX_END = 0,
	LEX_COMMENT = -1,	/* only with `trivia` */
	LEX_BAD_BYTE = -2,	/* a character that begins no token */
	LEX_BAD_NUMBER = -3,	/* a digit followed by a letter */
	LEX_BAD_DATE = -4,	/* looks like a date and is none */
	LEX_OPEN_STRING = -5,	/* a string that does not end on its line */
	LEX_LARGE_NUMBER = -6,
};

struct lexer {
	uint32_t source;
	struct text text;
	uint32_t at;
	bool trivia;		/* give comments too */
	bool line_begins;	/* nothing but white space since the last line end */
	uint32_t breaks;	/* line ends before the token last given */
};

void lexer_init(struct lexer *lexer, uint32_t source, struct text text);
/* The next token. After a fault the lexer goes on behind it. Gives LEX_END for ever at the end. */
void lexer_next(struct lexer *lexer, struct token *ret_token);

/* What the token is called in a message: `rule`, name, string. NULL for a number that is no token. */
const char *token_name(int kind);
/* Whether the token begins a statement or a part: where the parser finds its feet after an error. */
bool token_begins_statement(int kind);

#endif
