/* SPDX-License-Identifier: EUPL-1.2 */
#include "dsl/syntax/ast.h"

#include "dsl/syntax/lexer.h"
#include "engine/base/arena.h"
#include "engine/base/buf.h"

struct node *node_new(struct arena *arena, enum node_kind kind, struct span span)
{
	struct node *node = ARENA_NEW(arena, struct node);

	node->kind = kind;
	node->span = span;
	node->name = SPAN_NONE;
	return node;
}

struct node *node_named(struct arena *arena, enum node_kind kind, struct span span,
			const struct token *name)
{
	struct node *node = node_new(arena, kind, span);

	node->name = name->span;
	node->text = name->text;
	node->number = name->number;
	return node;
}

struct node *node_add(struct node *parent, struct node *child)
{
	if (!child)
		return parent;
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	while (parent->last->next)
		parent->last = parent->last->next;
	return parent;
}

struct node *node_add_all(struct node *parent, struct node *list)
{
	return list ? node_add(parent, list->first) : parent;
}

struct node *node_child(const struct node *node, enum node_kind kind)
{
	for (struct node *child = node->first; child; child = child->next)
		if (child->kind == kind)
			return child;
	return NULL;
}

struct node *node_more(const struct node *node)
{
	for (struct node *next = node->next; next; next = next->next)
		if (next->kind == node->kind)
			return next;
	return NULL;
}

unsigned node_count(const struct node *node)
{
	unsigned count = 0;

	for (const struct node *child = node->first; child; child = child->next)
		count++;
	return count;
}

const char *node_word(enum node_kind kind)
{
	static const char *const words[NODE_KINDS] = {
#define NODE(name, word) [N_##name] = word,
#include "dsl/syntax/nodes.def"
#undef NODE
	};

	return words[kind];
}

static void dump(struct buf *out, struct sources *sources, const struct node *node, bool places,
		 unsigned depth)
{
	uint32_t line, column;

	buf_repeat(out, ' ', depth * 2);
	buf_string(out, node_word(node->kind));
	if (node->text.at) {
		buf_char(out, ' ');
		if (node->kind == N_STRING || node->kind == N_LABEL || node->kind == N_PASSAGE)
			buf_json(out, node->text);
		else
			buf_text(out, node->text);
	}
	if (node->kind == N_DATE) {
		char date[DAY_TEXT];

		day_print((day_t)node->number, date);
		buf_printf(out, " %s", date);
	} else if (node->number) {
		buf_printf(out, " #%lld", (long long)node->number);
	}
	if (places && node->span.source != SOURCE_NONE) {
		source_locate(sources, node->span.source, node->span.at, &line, &column);
		buf_printf(out, " @%u:%u", line, column);
	}
	buf_char(out, '\n');
	for (const struct node *child = node->first; child; child = child->next)
		dump(out, sources, child, places, depth + 1);
}

void ast_dump(struct buf *out, struct sources *sources, const struct node *node, bool places)
{
	dump(out, sources, node, places, 0);
}
