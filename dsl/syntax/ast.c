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

/* What a node's number stands for, where it is an enumeration of ast.h. */
static const char *number_word(const struct node *node)
{
	static const char *const parts[] = { "vocabulary", "policy", "overlay", "translation" };
	static const char *const langs[] = { "fi", "sv", "en" };
	static const char *const ranges[] = { "one", "from", "to", "both" };
	static const char *const links[] = { "the", "some", "each", "rows" };
	static const char *const verbs[] = { "grant", "prohibit", "withhold", "redact" };
	static const char *const triggers[] = { "granted", "denied", "always", "forbidden" };
	static const char *const outcomes[] = { "granted", "forbidden", "not granted", "undecided", "refused" };
	static const char *const tests[] = { "bare", "=", "!=", "in", "not in", "overlaps", "has", "is", "missing",
					     "exists", "before", "after", "on or after", "within" };
	static const char *const phases[] = { "not past", "not current", "not coming", "", "coming", "current",
					      "past" };
	static const char *const words[] = { "none", "open", "unknown", "pending", "yes", "no" };
	static const char *const lackings[] = { "closed", "open" };
	static const char *const quantities[] = { "some", "no" };
#define WORD(list, number) \
	((number) >= 0 && (size_t)(number) < sizeof(list) / sizeof(list)[0] ? (list)[number] : "?")

	switch (node->kind) {
	case N_PART:
		return WORD(parts, node->number);
	case N_LABEL:
		return WORD(langs, node->number);
	case N_RANGE:
		return WORD(ranges, node->number);
	case N_LINK:
		return WORD(links, node->number);
	case N_RULE:
	case N_EXCEPTION:
		return WORD(verbs, node->number);
	case N_TRIGGER:
		return WORD(triggers, node->number);
	case N_STEP:
		return WORD(outcomes, node->number);
	case N_TEST:
		return WORD(tests, node->number);
	case N_PHASE:
		return WORD(phases, node->number + PHASE_PAST);
	case N_WORD:
		return WORD(words, node->number);
	case N_RECORD:
		return WORD(lackings, node->number);
	case N_SOME:
		return WORD(quantities, node->number);
	default:
		return NULL;
	}
#undef WORD
}

static void dump_type_flags(struct buf *out, int64_t flags)
{
	static const struct {
		int64_t flag;
		const char *word;
	} all[] = {
		{ TYPE_SET, " set of" },	    { TYPE_REF, " ref" },
		{ TYPE_OR_NONE, " or none" },	    { TYPE_OR_OPEN, " or open" },
		{ TYPE_OR_UNKNOWN, " or unknown" },
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (flags & all[i].flag)
			buf_string(out, all[i].word);
}

static void dump_text(struct buf *out, const struct node *node)
{
	if (!node->text.at)
		return;
	switch (node->kind) {
	case N_DATE:		/* told as a number */
	case N_AT_MOST:
		return;
	case N_STRING:
	case N_LABEL:
	case N_PASSAGE:
	case N_VERSION:
	case N_OFFICIAL:
	case N_BY:
	case N_BECAUSE:
	case N_EXAMPLE:
		buf_char(out, ' ');
		buf_json(out, node->text);
		return;
	default:
		buf_char(out, ' ');
		buf_text(out, node->text);
	}
}

static void dump_number(struct buf *out, const struct node *node)
{
	const char *word = number_word(node);
	char date[DAY_TEXT];

	if (word) {
		buf_printf(out, " (%s)", word);
	} else if (node->kind == N_DATE) {
		day_print((day_t)node->number, date);
		buf_printf(out, " %s", date);
	} else if (node->kind == N_TYPE) {
		dump_type_flags(out, node->number);
	} else if (node->number) {
		buf_printf(out, " #%lld", (long long)node->number);
	}
}

static void dump(struct buf *out, struct sources *sources, const struct node *node, bool places,
		 unsigned depth)
{
	uint32_t line, column;

	buf_repeat(out, ' ', depth * 2);
	buf_string(out, node_word(node->kind));
	dump_text(out, node);
	dump_number(out, node);
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
