/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Parse: a text becomes a syntax tree. After a syntax error the parser looks for the next word that
 * begins a statement at the beginning of a line and goes on there, so one run shows several errors.
 */
#ifndef RKO_DSL_PARSE_H
#define RKO_DSL_PARSE_H

#include "dsl/syntax/ast.h"
#include "dsl/syntax/lexer.h"

struct parser {
	struct arena *arena;
	struct diags *diags;
	struct lexer lexer;
	struct node *file;		/* the result */
	struct token statement;		/* the word that began the statement being read */
	struct token ahead;		/* the token last given to the grammar */
	struct token before;		/* the one before it */
	uint32_t tokens;
	unsigned parentheses;
	bool skip;			/* look for the next statement */
	uint32_t retried;		/* where the last token stands that was tried again, + 1 */
	bool after_fault;		/* before `ahead` something was left out and reported */
	bool stopped;			/* past a limit: give no more tokens */
	uint32_t sign_line;		/* where the line begins in which a sign was last reported, + 1 */
	const char *sign_help;		/* and what was said to do about it */
};

/* Always gives a file node; with errors it holds the statements that could be read. */
struct node *parse_source(struct arena *arena, struct diags *diags, uint32_t source);

/* Tokens, one a line, for `rko dump --after=tokens`. */
void tokens_dump(struct buf *out, struct sources *sources, uint32_t source);

#endif
