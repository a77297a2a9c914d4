/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * AST: what was written, and where. One kind of node for everything; nodes.def says what each kind holds.
 * Meaning (what a name stands for, what type an expression has) is given by later passes and kept
 * beside the tree, never in it.
 */
#ifndef RKO_DSL_AST_H
#define RKO_DSL_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/diag.h"
#include "engine/base/source.h"

struct arena;
struct buf;
struct token;

enum node_kind {
#define NODE(name, word) N_##name,
#include "dsl/syntax/nodes.def"
#undef NODE
	NODE_KINDS
};

enum part_kind { PART_VOCABULARY, PART_POLICY, PART_OVERLAY, PART_TRANSLATION };
enum lang { LANG_FI, LANG_SV, LANG_EN, LANGS };
enum type_flags {
	TYPE_SET = 1,
	TYPE_REF = 2,
	TYPE_OR_NONE = 4,
	TYPE_OR_OPEN = 8,
	TYPE_OR_UNKNOWN = 16,
};
enum range_kind { RANGE_ONE, RANGE_FROM, RANGE_TO, RANGE_BOTH };
enum link_kind { LINK_THE, LINK_SOME, LINK_EACH, LINK_ROWS };
enum verb { VERB_GRANT, VERB_PROHIBIT, VERB_WITHHOLD, VERB_REDACT };
enum trigger_kind { ON_GRANTED, ON_DENIED, ON_ALWAYS, ON_FORBIDDEN };
enum outcome_word { WORD_GRANTED, WORD_FORBIDDEN, WORD_NOT_GRANTED, WORD_UNDECIDED, WORD_REFUSED };
enum test_kind {
	TEST_BARE,	/* a judgement, a condition or a yes/no value by itself */
	TEST_EQ,
	TEST_NE,
	TEST_IN,
	TEST_NOT_IN,
	TEST_OVERLAPS,
	TEST_HAS,
	TEST_IS_PHASE,
	TEST_MISSING,
	TEST_EXISTS,
	TEST_BEFORE,
	TEST_AFTER,
	TEST_ON_OR_AFTER,
	TEST_WITHIN,	/* [operand, inside] or [inside]; inside is a path, or of[path word] */
};
enum phase { PHASE_COMING = 1, PHASE_CURRENT, PHASE_PAST };
enum word { WORD_NONE, WORD_OPEN, WORD_UNKNOWN, WORD_PENDING, WORD_YES, WORD_NO };

struct node {
	enum node_kind kind;
	struct span span;	/* the whole of it */
	struct span name;	/* of the text, for kinds that have one */
	struct text text;
	int64_t number;
	struct node *first;	/* children */
	struct node *last;
	struct node *next;	/* sibling */
};

struct node *node_new(struct arena *arena, enum node_kind kind, struct span span);
/* A node whose text and name are the token's. */
struct node *node_named(struct arena *arena, enum node_kind kind, struct span span,
			const struct token *name);
/* Adds a child at the end; a NULL child is left out. Gives the parent. */
struct node *node_add(struct node *parent, struct node *child);
/* Adds all children of `list`. */
struct node *node_add_all(struct node *parent, struct node *list);

/* The first child of a kind, or NULL. */
struct node *node_child(const struct node *node, enum node_kind kind);
/* The next sibling of the same kind, or NULL. */
struct node *node_more(const struct node *node);
unsigned node_count(const struct node *node);

const char *node_word(enum node_kind kind);
/* One node a line, indented, with line:column of each when `places`. */
void ast_dump(struct buf *out, struct sources *sources, const struct node *node, bool places);

#endif
