/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Layout in four steps, each over the whole text:
 *
 *   read    the words, and the comments that stand between them
 *   mark    each word gets its place: may it begin a line, how far in, does a column begin with it
 *   lines   the words fall into lines; comments and blank lines find where they belong
 *   align   lines of one shape that stand together share their columns; then everything is written
 *
 * What the language thinks of the layout of its clauses is one table, `clauses`. The text has been
 * parsed before, so a word found by that table is the clause it seems to be.
 *
 * Nothing here may look at the spaces the author wrote, only at the line ends; and a line end that
 * is written must be one that would be written again. So a second formatting changes nothing.
 */
#include "dsl/syntax/fmt.h"

#include <stdlib.h>

#include "dsl/syntax/lexer.h"
#include "dsl/syntax/parse.h"
#include "dsl/syntax/unicode.h"
#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/limits.h"
#include "grammar.h"

enum { NOWHERE = UINT32_MAX };

enum {
	MARGIN = 47,	/* where comments behind a line begin, if the line leaves room */
	FARTHEST = 120,	/* a line that would hang farther in than this … */
	CLOSE = 8,	/* … stands here: also a bound on what the white space can come to */
};

enum place {
	FLOWS,		/* stays on the line of the word before it */
	KEEPS,		/* begins a line where the author began one */
	BEGINS,		/* always begins a line */
};

/* Lines that look alike share their columns: in a run of statements, or all over one statement. */
enum shape {
	PLAIN,
	SETS, PARAMETERS, WINDOWS, LINKS, LISTS, PHRASES,
	LAST_OF_RUNS = PHRASES,
	VALUES, FIELDS, DERIVES, GIVENS, PASSAGES, OPTIONS, CASES, EXCEPTS, CELLS,
};

struct note {
	struct text text;
	uint32_t breaks;	/* line ends before it; none: it stands behind a word */
};

struct fmt_word {
	int kind;
	struct text text;
	uint32_t width;		/* in characters */
	uint32_t breaks;	/* line ends before it, as the author wrote them */
	uint32_t note;		/* the comments between the word before and this one */
	uint32_t nnotes;

	enum place place;
	bool begins_statement;
	bool airy;		/* a blank line before it is the author's choice */
	enum shape shape;	/* of the line that begins here */
	uint32_t column;	/* head of this column in a line that has a shape; 0: of none */
	uint32_t gap;		/* spaces before it */
	uint32_t pad;		/* at the beginning of a line it takes so much room */
	uint32_t under;		/* at the beginning of a line it stands under this word … */
	int shift;		/* … so much to the right; under NOWHERE: so far in */

	uint32_t at;		/* where it stands: the head of a column first, then the others */
};

struct line {
	uint32_t first;		/* words; none in a line that is a comment */
	uint32_t end;
	const struct note *note;	/* the comment, alone or behind the words */
	uint32_t statement;	/* its number; NOWHERE between statements */
	uint32_t paragraph;
	uint32_t in;		/* spaces before it */
	uint32_t width;		/* with them, without the comment */
	uint32_t note_at;
	bool blank;		/* a blank line before it */
	bool aligned;
};

struct fmt {
	struct arena *arena;
	const struct sources *sources;
	struct fmt_word *words;	/* and one behind the last, LEX_END */
	uint32_t nwords;
	struct note *notes;
	struct line *lines;
	uint32_t nlines;
};

/* Read ----------------------------------------------------------------------------------------- */

static uint32_t count_characters(struct text text)
{
	uint32_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += ((unsigned char)text.at[i] & 0xc0) != 0x80;
	return count;
}

static bool is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* A word of two parts may have any white space between them; it gets one space. */
static struct text close_up(struct arena *arena, struct text text)
{
	char *copy = arena_alloc(arena, text.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++)
		if (!is_space(text.at[i]))
			copy[len++] = text.at[i];
		else if (copy[len - 1] != ' ')
			copy[len++] = ' ';
	return (struct text){ copy, len };
}

static struct text trim_end(struct text text)
{
	while (text.len && is_space(text.at[text.len - 1]))
		text.len--;
	return text;
}

static struct text word_text(const struct fmt *fmt, const struct token *token)
{
	struct text text = span_text(fmt->sources, token->span);

	return token->kind == TOK_STRING ? text : close_up(fmt->arena, text);
}

static void make_room(struct fmt *fmt, struct lexer lexer)
{
	struct token token;
	size_t notes = 0, words = 0;

	do {
		lexer_next(&lexer, &token);
		if (token.kind == LEX_COMMENT)
			notes++;
		else
			words++;
	} while (token.kind != LEX_END);
	fmt->words = ARENA_ARRAY(fmt->arena, words, struct fmt_word);
	fmt->notes = ARENA_ARRAY(fmt->arena, notes + 1, struct note);
	fmt->lines = ARENA_ARRAY(fmt->arena, words + notes, struct line);
}

static void read_words(struct fmt *fmt, uint32_t source)
{
	struct lexer lexer;
	struct token token;
	uint32_t notes = 0, used = 0;

	lexer_init(&lexer, source, fmt->sources->list[source].text);
	lexer.trivia = true;
	make_room(fmt, lexer);
	do {
		lexer_next(&lexer, &token);
		if (token.kind == LEX_COMMENT) {
			struct text text = trim_end(span_text(fmt->sources, token.span));

			fmt->notes[notes++] = (struct note){ text, lexer.breaks };
			continue;
		}
		struct text text = word_text(fmt, &token);

		fmt->words[fmt->nwords++] = (struct fmt_word){
			.kind = token.kind,
			.text = text,
			.width = count_characters(text),
			.breaks = lexer.breaks,
			.note = used,
			.nnotes = notes - used,
		};
		used = notes;
	} while (token.kind != LEX_END);
	fmt->nwords--;
}

/* Clauses -------------------------------------------------------------------------------------- */

enum {
	HANG = 255,		/* as an indent: under the last anchor of the statement */

	CONDITION = 1,		/* what follows is a condition */
	FIRST = 2,		/* only before the first clause that begins a line */
	AIRY = 4,		/* a blank line before it may stay */
	ANCHOR = 8,		/* what hangs, hangs under this */
	LISTS_ON = 16,		/* a list follows, whose further lines stand under its first word */
	OPENS = 32,		/* what follows may begin a line, two in */
};

struct clause {
	int statement;		/* the word that begins the statement; 0: any */
	int word;
	enum place place;
	uint8_t indent;		/* of a line that begins here */
	uint8_t gap;		/* spaces before it on a line that goes on */
	uint8_t pad;		/* room it takes at the beginning of a line */
	enum shape shape;	/* of a line that begins here */
	uint8_t column;
	uint8_t flags;
};

/* Statement, word, place, indent, gap, pad, shape, column, flags. The first that fits is taken. */
static const struct clause clauses[] = {
	{ TOK_OVERLAY, TOK_FOR, FLOWS, 0, 2, 0, PLAIN, 0, 0 },

	{ TOK_RECORD, TOK_CLOSED, FLOWS, 0, 2, 0, PLAIN, 0, FIRST },
	{ TOK_RECORD, TOK_OPEN, FLOWS, 0, 2, 0, PLAIN, 0, FIRST },
	{ TOK_RECORD, TOK_REFRESHED, FLOWS, 0, 2, 0, PLAIN, 0, 0 },
	{ TOK_RECORD, TOK_KEY, BEGINS, 2, 0, 8, PLAIN, 0, AIRY },
	{ TOK_RECORD, TOK_FIELD, BEGINS, 2, 0, 8, FIELDS, 0, AIRY },
	{ TOK_RECORD, TOK_DERIVE, BEGINS, 2, 0, 8, DERIVES, 0, AIRY },
	{ TOK_RECORD, TOK_VALID, BEGINS, 2, 0, 8, PLAIN, 0, AIRY },
	{ TOK_RECORD, TOK_MUST, BEGINS, 2, 0, 8, PLAIN, 0, CONDITION | AIRY },
	{ TOK_RECORD, TOK_CHANGED_BY, BEGINS, 2, 0, 0, PLAIN, 0, AIRY },
	{ TOK_RECORD, TOK_FOR, FLOWS, 0, 1, 0, PLAIN, 0, LISTS_ON },
	{ TOK_RECORD, TOK_SHOWN_TO, BEGINS, 2, 0, 8, PLAIN, 0, AIRY },
	{ TOK_RECORD, TOK_WITH, FLOWS, 0, 2, 0, PLAIN, 0, LISTS_ON },
	{ TOK_RECORD, ':', FLOWS, 0, 1, 0, PLAIN, 1, 0 },
	{ TOK_RECORD, '=', FLOWS, 0, 1, 0, PLAIN, 1, 0 },
	{ TOK_RECORD, TOK_AT_MOST, FLOWS, 0, 2, 0, PLAIN, 2, 0 },

	{ TOK_REQUEST, TOK_ASKS, BEGINS, 2, 0, 9, PLAIN, 0, AIRY },
	{ TOK_REQUEST, TOK_ACTIONS, BEGINS, 2, 0, 9, PLAIN, 0, AIRY },
	{ TOK_REQUEST, TOK_GIVEN, BEGINS, 2, 0, 9, GIVENS, 0, AIRY },
	{ TOK_REQUEST, TOK_FOUND, BEGINS, 2, 0, 9, GIVENS, 0, AIRY },
	{ TOK_REQUEST, TOK_MUST, BEGINS, 2, 0, 9, PLAIN, 0, CONDITION | AIRY },
	{ TOK_REQUEST, TOK_LAYER_BY, BEGINS, 2, 0, 9, PLAIN, 0, AIRY },
	{ TOK_REQUEST, TOK_ANSWERS, BEGINS, 2, 0, 9, PLAIN, 0, AIRY },
	{ TOK_REQUEST, TOK_AUTHZEN, BEGINS, 2, 0, 9, PLAIN, 0, AIRY },
	{ TOK_REQUEST, TOK_WITH, FLOWS, 0, 2, 0, PLAIN, 0, LISTS_ON },
	{ TOK_REQUEST, ':', FLOWS, 0, 1, 0, PLAIN, 1, 0 },
	{ TOK_REQUEST, TOK_AT_MOST, FLOWS, 0, 2, 0, PLAIN, 0, 0 },
	{ TOK_REQUEST, TOK_FOR, FLOWS, 0, 2, 0, PLAIN, 2, LISTS_ON },
	{ TOK_REQUEST, TOK_CITE, KEEPS, 4, 2, 0, PLAIN, 2, ANCHOR },
	{ TOK_REQUEST, TOK_EXCEPT, FLOWS, 0, 2, 0, PLAIN, 0, LISTS_ON },

	{ TOK_SOURCE, TOK_IN_FORCE, FLOWS, 0, 2, 0, PLAIN, 0, 0 },
	{ TOK_SOURCE, TOK_BY, BEGINS, 2, 0, 6, PLAIN, 0, 0 },
	{ TOK_SOURCE, TOK_TITLE, BEGINS, 2, 0, 6, PLAIN, 0, 0 },
	{ TOK_SOURCE, TOK_PASSAGE, BEGINS, 2, 0, 0, PASSAGES, 0, AIRY },
	{ TOK_SOURCE, TOK_SEEN, FLOWS, 0, 2, 0, PLAIN, 1, LISTS_ON },

	{ TOK_SET, '=', FLOWS, 0, 1, 0, PLAIN, 1, OPENS },
	{ TOK_SET, TOK_CITE, KEEPS, 2, 2, 0, PLAIN, 2, ANCHOR },
	{ TOK_SET, TOK_RESTS_ON, KEEPS, 2, 2, 0, PLAIN, 3, 0 },

	{ TOK_PARAMETER, ':', FLOWS, 0, 1, 0, PLAIN, 1, 0 },
	{ TOK_PARAMETER, TOK_AT_MOST, FLOWS, 0, 2, 0, PLAIN, 0, 0 },
	{ TOK_PARAMETER, TOK_ALLOWS, FLOWS, 0, 2, 0, PLAIN, 0, LISTS_ON },
	{ TOK_PARAMETER, '=', FLOWS, 0, 1, 0, PLAIN, 0, OPENS },
	{ TOK_PARAMETER, TOK_CITE, KEEPS, 2, 2, 0, PLAIN, 0, ANCHOR },

	{ TOK_READING, TOK_OF, FLOWS, 0, 2, 0, PLAIN, 0, FIRST },
	{ TOK_READING, TOK_OPTION, BEGINS, 2, 0, 0, OPTIONS, 0, AIRY },
	{ TOK_READING, TOK_CHOSEN, BEGINS, 2, 0, 0, OPTIONS, 0, 0 },
	{ TOK_READING, TOK_ON, FLOWS, 0, 2, 0, PLAIN, 1, ANCHOR },
	{ TOK_READING, TOK_BY, FLOWS, 0, 2, 0, PLAIN, 0, 0 },
	{ TOK_READING, TOK_BECAUSE, KEEPS, HANG, 2, 0, PLAIN, 0, 0 },
	{ TOK_READING, TOK_CONFIRMED, BEGINS, 2, 0, 0, PLAIN, 0, 0 },
	{ TOK_READING, TOK_UNCONFIRMED, BEGINS, 2, 0, 0, PLAIN, 0, 0 },

	{ TOK_WINDOW, '=', FLOWS, 0, 1, 0, PLAIN, 1, OPENS },

	{ TOK_LINK, '=', FLOWS, 0, 1, 0, PLAIN, 1, 0 },
	{ TOK_LINK, '[', FLOWS, 0, 1, 0, PLAIN, 3, 0 },
	{ TOK_LINK, TOK_AT_MOST, KEEPS, 2, 2, 0, PLAIN, 4, 0 },
	{ TOK_LINK, TOK_WHERE, KEEPS, 2, 2, 0, PLAIN, 0, CONDITION },

	{ TOK_DEFINE, TOK_CASE, BEGINS, 2, 0, 0, CASES, 0, AIRY },
	{ TOK_DEFINE, TOK_EXCEPT, BEGINS, 4, 0, 0, EXCEPTS, 0, 0 },
	{ TOK_DEFINE, TOK_WHEN, FLOWS, 0, 2, 0, PLAIN, 1, CONDITION | ANCHOR },
	{ TOK_DEFINE, TOK_OTHERWISE, FLOWS, 0, 2, 0, PLAIN, 1, ANCHOR },
	{ TOK_DEFINE, TOK_CITE, BEGINS, HANG, 0, 0, PLAIN, 0, ANCHOR },

	{ TOK_TABLE, TOK_BLANK, FLOWS, 0, 2, 0, PLAIN, 0, 0 },
	{ TOK_TABLE, TOK_LEGEND, BEGINS, 2, 0, 0, PLAIN, 0, 0 },
	{ TOK_TABLE, TOK_COLUMNS, BEGINS, 2, 0, 0, CELLS, 0, 0 },
	{ TOK_TABLE, TOK_ROW, BEGINS, 2, 0, 0, CELLS, 0, AIRY },

	{ TOK_JUDGEMENT, TOK_BY, BEGINS, 2, 0, 5, PLAIN, 0, 0 },
	{ TOK_JUDGEMENT, TOK_PER, FLOWS, 0, 2, 0, PLAIN, 0, LISTS_ON },
	{ TOK_JUDGEMENT, TOK_ASKS, BEGINS, 2, 0, 5, PLAIN, 0, 0 },

	{ TOK_RULE, TOK_GRANT, BEGINS, 2, 0, 0, PLAIN, 0, FIRST },
	{ TOK_RULE, TOK_PROHIBIT, BEGINS, 2, 0, 0, PLAIN, 0, FIRST },
	{ TOK_RULE, TOK_REDACT, BEGINS, 2, 0, 0, PLAIN, 0, FIRST },
	{ TOK_RULE, TOK_ON, BEGINS, 2, 0, 0, PLAIN, 0, 0 },
	{ TOK_RULE, TOK_DELEGATES, BEGINS, 2, 0, 0, PLAIN, 0, 0 },
	{ TOK_RULE, TOK_WHERE, KEEPS, 4, 1, 0, PLAIN, 0, CONDITION },
	{ TOK_RULE, TOK_UNDER, KEEPS, 4, 1, 0, PLAIN, 0, 0 },

	{ TOK_EXCEPTION, TOK_GRANT, BEGINS, 2, 0, 0, PLAIN, 0, FIRST },
	{ TOK_EXCEPTION, TOK_WITHHOLD, BEGINS, 2, 0, 0, PLAIN, 0, FIRST },
	{ TOK_EXCEPTION, TOK_PROHIBIT, BEGINS, 2, 0, 0, PLAIN, 0, FIRST },

	{ TOK_WIDEN, TOK_UNDER, BEGINS, 2, 0, 0, PLAIN, 0, 0 },

	{ TOK_DUTY, TOK_OF, BEGINS, 2, 0, 5, PLAIN, 0, FIRST },
	{ TOK_DUTY, TOK_ON, BEGINS, 2, 0, 5, PLAIN, 0, 0 },
	{ TOK_DUTY, TOK_DUE, BEGINS, 2, 0, 5, PLAIN, 0, 0 },
	{ TOK_DUTY, TOK_KEEP, BEGINS, 2, 0, 5, PLAIN, 0, 0 },

	{ TOK_LAW, TOK_WITH, FLOWS, 0, 1, 0, PLAIN, 0, LISTS_ON },
	{ TOK_LAW, TOK_IMPLIES, KEEPS, 4, 2, 0, PLAIN, 0, 0 },

	{ TOK_EXAMPLE, TOK_ASK, BEGINS, 2, 0, 0, PLAIN, 0, AIRY },
	{ TOK_EXAMPLE, TOK_WITH, FLOWS, 0, 2, 0, PLAIN, 0, LISTS_ON },
	{ TOK_EXAMPLE, TOK_EXPECT, BEGINS, 4, 0, 0, PLAIN, 0, 0 },

	{ 0, TOK_VERSION, FLOWS, 0, 2, 0, PLAIN, 0, 0 },
	{ 0, TOK_USES, BEGINS, 2, 0, 0, PLAIN, 0, 0 },
	{ 0, TOK_CLOSED, BEGINS, 2, 0, 0, PLAIN, 0, 0 },
	{ 0, TOK_IN_FORCE, BEGINS, 2, 0, 0, PLAIN, 0, 0 },
	{ 0, TOK_WHEN, BEGINS, 2, 0, 0, PLAIN, 0, CONDITION },
	{ 0, TOK_RESTS_ON, BEGINS, 2, 0, 0, PLAIN, 0, 0 },
	{ 0, TOK_CITE, BEGINS, 2, 0, 0, PLAIN, 0, ANCHOR },
	{ 0, TOK_SEE, KEEPS, HANG, 2, 5, PLAIN, 0, 0 },
	{ 0, TOK_SAYS, BEGINS, 2, 0, 0, PLAIN, 0, 0 },
	{ 0, TOK_SHOWN_TO, BEGINS, 2, 0, 0, PLAIN, 0, 0 },
};

/* Mark ----------------------------------------------------------------------------------------- */

enum { DEEP = LIMIT_NESTING + 8 };

/* Where a line stands that begins inside a clause or a bracket. */
struct frame {
	uint32_t under;
	int shift;
};

struct marker {
	struct fmt_word *words;
	int statement;		/* the word that began it */
	uint32_t start;
	unsigned begun;		/* clauses of it that begin a line */
	enum shape shape;	/* of the clause */
	bool condition;
	uint32_t cell;		/* in a row of a table: how many cells there were */
	uint32_t anchor;
	uint32_t opened;	/* the word behind a clause that OPENS */
	uint32_t label;		/* the first of the labels being read */
	struct frame frames[DEEP];
	unsigned depth;		/* brackets that are open */
};

static bool is_label(int kind)
{
	return kind == TOK_FI || kind == TOK_SV || kind == TOK_EN;
}

static bool opens(int kind)
{
	return kind == '(' || kind == '[' || kind == '{';
}

static bool closes(int kind)
{
	return kind == ')' || kind == ']' || kind == '}';
}

static bool ends_line_before(const struct fmt_word *word)
{
	return word->breaks || word->nnotes;
}

static bool begins_statement(const struct fmt_word *word)
{
	if (word->kind == TOK_READING)	/* also `reading r is option`, in a condition */
		return word[1].kind == TOK_NAME && word[2].kind == TOK_OF;
	return token_begins_statement(word->kind);
}

static uint32_t usual_gap(const struct fmt_word *before, const struct fmt_word *word)
{
	switch (word->kind) {
	case ',':
	case ')':
	case ']':
	case '.':
		return 0;
	case '}':
		return before->kind != '{';
	case '[':		/* of a table is close to its name, an interval is not */
		return before->kind != TOK_NAME;
	}
	return before->kind != '(' && before->kind != '[' && before->kind != '.';
}

static void put_under(struct fmt_word *word, uint32_t under, int shift)
{
	word->under = under;
	word->shift = shift;
}

static void put_in(struct fmt_word *word, int indent)
{
	put_under(word, NOWHERE, indent);
}

static struct frame *innermost(struct marker *marker)
{
	return &marker->frames[marker->depth < DEEP ? marker->depth : DEEP - 1];
}

static void start_clause(struct marker *marker, uint32_t at, uint32_t room)
{
	marker->depth = 0;
	marker->frames[0] = (struct frame){ at, (int)room };
	marker->label = NOWHERE;
	marker->condition = false;
}

static enum shape shape_of_statement(int kind)
{
	switch (kind) {
	case TOK_SET:
		return SETS;
	case TOK_PARAMETER:
		return PARAMETERS;
	case TOK_WINDOW:
		return WINDOWS;
	case TOK_LINK:
		return LINKS;
	case TOK_CODES:
		return LISTS;
	case TOK_PHRASE:
		return PHRASES;
	}
	return PLAIN;
}

static void start_statement(struct marker *marker, uint32_t at)
{
	struct fmt_word *word = &marker->words[at];

	word->place = BEGINS;
	word->begins_statement = true;
	word->gap = 0;
	word->shape = shape_of_statement(word->kind);
	put_in(word, 0);
	marker->statement = word->kind;
	marker->start = at;
	marker->begun = 0;
	marker->shape = word->shape;
	marker->cell = NOWHERE;
	marker->anchor = at;
	marker->opened = NOWHERE;
	start_clause(marker, at, 4);
}

/* Words that begin a clause elsewhere, and mean something else in a condition. */
static bool belongs_to_condition(int kind)
{
	return kind == TOK_WITH || kind == TOK_OF || kind == TOK_OPEN || kind == TOK_GRANT ||
	       kind == '=' || kind == '[';
}

static const struct clause *find_clause(const struct marker *marker, int word)
{
	if (word == TOK_NAME || word == TOK_STRING || marker->depth)
		return NULL;
	if (marker->condition && belongs_to_condition(word))
		return NULL;
	for (size_t i = 0; i < sizeof clauses / sizeof clauses[0]; i++) {
		const struct clause *clause = &clauses[i];

		if (clause->word == word &&
		    (!clause->statement || clause->statement == marker->statement) &&
		    !(clause->flags & FIRST && marker->begun))
			return clause;
	}
	return NULL;
}

static void mark_clause(struct marker *marker, uint32_t at, const struct clause *clause)
{
	struct fmt_word *word = &marker->words[at];
	uint32_t room = clause->pad > word->width + 1 ? clause->pad : word->width + 1;

	word->place = clause->place;
	word->gap = clause->gap;
	word->pad = clause->pad;
	word->shape = clause->shape;
	word->column = clause->column;
	word->airy = clause->flags & AIRY;
	if (clause->indent == HANG)
		put_under(word, marker->anchor, 0);
	else if (clause->indent)
		put_in(word, clause->indent);
	if (clause->flags & ANCHOR)
		marker->anchor = at;
	if (clause->place == BEGINS) {
		marker->begun++;
		marker->shape = clause->shape;
		marker->cell = clause->shape == CELLS ? 0 : NOWHERE;
	}
	if (clause->flags & OPENS) {
		marker->opened = at + 1;
		start_clause(marker, at + 1, 0);
	} else if (clause->place != FLOWS || clause->flags & (CONDITION | LISTS_ON | ANCHOR)) {
		start_clause(marker, at, room);
	}
	if (clause->flags & CONDITION)
		marker->condition = true;
}

/* Columns of labels go by language, so that a missing one leaves its place empty. */
static uint32_t column_of_label(enum shape shape, int kind, bool first)
{
	uint32_t language = kind == TOK_FI ? 0 : kind == TOK_SV ? 1 : 2;

	switch (shape) {
	case VALUES:
		return 3 + language;
	case PASSAGES:
		return 2 + language;
	case OPTIONS:		/* `on` of the chosen one stands under the first label */
		return first ? 1 : 1 + language;
	case PHRASES:
		return first;
	default:
		return 0;
	}
}

static void mark_label(struct marker *marker, uint32_t at)
{
	struct fmt_word *word = &marker->words[at];
	bool first = marker->label == NOWHERE;

	word->column = column_of_label(marker->shape, word->kind, first);
	word->gap = !first || word->column ? 2 : 1;
	if (first) {
		marker->label = at;
		return;
	}
	word->place = marker->shape == PHRASES ? BEGINS : KEEPS;
	put_under(word, marker->label, 0);
}

/* `and` and `or` end where the word that opens the condition ends: what they join is one column. */
static void mark_joint(struct marker *marker, struct fmt_word *word)
{
	word->place = KEEPS;
	if (!marker->depth)
		word->shift -= (int)word->width + 1;
}

static void mark_cell(struct marker *marker, struct fmt_word *word)
{
	if (word[-1].kind == TOK_ROW)
		return;
	word->column = ++marker->cell;
	word->gap = 2;
}

/* What neither a clause nor a sign tells: words known by where they stand. */
static void mark_by_place(struct marker *marker, uint32_t at)
{
	struct fmt_word *word = &marker->words[at];

	switch (marker->statement) {
	case TOK_TABLE:
		if (marker->cell != NOWHERE && word->place != BEGINS)
			mark_cell(marker, word);
		break;
	case TOK_SOURCE:
		if (at == marker->start + 2)	/* its kind */
			word->gap = 2;
		break;
	case TOK_LAW:
		if (at == marker->start + 2) {	/* what must hold */
			word->place = BEGINS;
			put_in(word, 2);
			marker->begun++;
			start_clause(marker, at, word->width + 1);
		}
		break;
	case TOK_LINK:
		if (at == marker->start + 4)	/* the record */
			word->column = 2;
		break;
	}
	if (at == marker->opened) {
		word->place = KEEPS;
		put_in(word, 2);
	}
}

static void mark_word(struct marker *marker, uint32_t at)
{
	struct fmt_word *word = &marker->words[at];
	const struct clause *clause;

	if (closes(word->kind) && marker->depth)
		marker->depth--;
	word->gap = at ? usual_gap(word - 1, word) : 0;
	put_under(word, innermost(marker)->under, innermost(marker)->shift);
	if (begins_statement(word)) {
		start_statement(marker, at);
		return;
	}
	clause = find_clause(marker, word->kind);
	if (clause)
		mark_clause(marker, at, clause);
	else if (is_label(word->kind))
		mark_label(marker, at);
	else if (marker->condition && (word->kind == TOK_AND || word->kind == TOK_OR))
		mark_joint(marker, word);
	else if (word[-1].kind == ',')
		word->place = KEEPS;
	mark_by_place(marker, at);
	if (opens(word->kind)) {
		marker->depth++;
		*innermost(marker) = (struct frame){ at, word->kind == '{' ? 2 : 1 };
	}
}

/* Codes: their values have no word that begins them -------------------------------------------- */

struct value {
	uint32_t name;		/* its first word */
	uint32_t code;		/* these three: NOWHERE when not written */
	uint32_t attribute;
	uint32_t label;
	uint32_t end;
	bool after_comma;
};

static bool next_value(const struct fmt_word *words, uint32_t *at, uint32_t end,
		       struct value *ret_value)
{
	struct value value = { *at, NOWHERE, NOWHERE, NOWHERE, 0, false };

	if (*at >= end)
		return false;
	value.after_comma = words[*at].kind == ',';
	value.name = *at += value.after_comma;
	*at += words[*at].kind == TOK_OTHERS ? 2 : 1;
	if (words[*at].kind == TOK_STRING || words[*at].kind == TOK_PENDING)
		value.code = (*at)++;
	if (words[*at].kind == '(') {
		value.attribute = *at;
		*at += 3;
	}
	if (is_label(words[*at].kind))
		value.label = *at;
	while (is_label(words[*at].kind))
		*at += 2;
	value.end = *at;
	*ret_value = value;
	return true;
}

/*
 * One value to a line, or all in a row behind the name of the set? In lines when they have labels,
 * or when the author wrote them so without commas.
 */
static bool stand_in_lines(const struct fmt_word *words, uint32_t at, uint32_t end)
{
	unsigned count = 0;
	bool labels = false, commas = false, breaks = false;
	struct value value;

	while (next_value(words, &at, end, &value)) {
		count++;
		labels |= value.label != NOWHERE;
		commas |= value.after_comma;
		breaks |= ends_line_before(&words[value.name]);
	}
	return labels ? count > 1 || breaks : breaks && !commas;
}

static void mark_part(struct fmt_word *word, uint32_t gap, uint32_t column)
{
	word->gap = gap;
	word->column = column;
}

static void mark_labels(struct fmt_word *words, const struct value *value, bool lines)
{
	for (uint32_t i = value->label; i < value->end; i += 2) {
		bool first = i == value->label;

		mark_part(&words[i], first && !lines ? 1 : 2,
			  lines ? column_of_label(VALUES, words[i].kind, first) : 0);
		words[i].place = first ? FLOWS : KEEPS;
		if (!first)
			put_under(&words[i], value->label, 0);
	}
}

static void mark_value(struct fmt_word *words, const struct value *value, bool lines)
{
	struct fmt_word *name = &words[value->name];

	name->place = lines ? BEGINS : KEEPS;
	name->shape = lines ? VALUES : PLAIN;
	name->airy = lines;
	put_in(name, 2);
	if (value->code != NOWHERE)
		mark_part(&words[value->code], lines ? 2 : 1, lines);
	if (value->attribute != NOWHERE)
		mark_part(&words[value->attribute], lines ? 2 : 1, lines ? 2 : 0);
	if (value->label != NOWHERE)
		mark_labels(words, value, lines);
}

static void mark_codes(struct fmt_word *words, uint32_t start, uint32_t end)
{
	uint32_t at = start + 2;
	struct value value;
	bool lines;

	if (words[at].kind == TOK_OFFICIAL) {
		words[at].gap = 2;
		at += 2;
	}
	if (words[at].kind == TOK_WITH) {
		words[at].gap = 2;
		at += 4;
	}
	lines = stand_in_lines(words, at, end);
	words[at].column = !lines;
	while (next_value(words, &at, end, &value)) {
		words[value.name].gap = value.after_comma ? 1 : 2;
		mark_value(words, &value, lines);
	}
}

static void mark(struct fmt *fmt)
{
	struct marker marker = { .words = fmt->words };

	for (uint32_t i = 0; i < fmt->nwords; i++) {
		int statement = marker.statement;
		uint32_t start = marker.start;

		mark_word(&marker, i);
		if (statement == TOK_CODES && fmt->words[i].begins_statement)
			mark_codes(fmt->words, start, i);
	}
	if (marker.statement == TOK_CODES)
		mark_codes(fmt->words, marker.start, fmt->nwords);
}

/* Lines ---------------------------------------------------------------------------------------- */

/*
 * Whether the author began a line here, or next to here where the language has it begin: behind a
 * comma, before `and` and `or`. A comment in between keeps them as they are.
 */
static bool author_began(const struct fmt_word *word)
{
	if (word->breaks)
		return true;
	if (word[-1].kind == ',' && word[-1].breaks && !word[-1].nnotes)
		return true;
	return (word->kind == TOK_AND || word->kind == TOK_OR) && word[1].breaks && !word[1].nnotes;
}

static bool begins_line(const struct fmt *fmt, uint32_t at)
{
	const struct fmt_word *word = &fmt->words[at];

	if (at == 0 || word->nnotes || word->place == BEGINS)
		return true;
	return word->place == KEEPS && author_began(word);
}

static struct line *add_line(struct fmt *fmt, uint32_t at, uint32_t breaks)
{
	struct line *line = &fmt->lines[fmt->nlines++];

	line->first = line->end = at;
	line->blank = breaks > 1 && fmt->nlines > 1;
	line->statement = NOWHERE;
	return line;
}

/* The first may stand behind the word before; the others have lines of their own. */
static void add_notes(struct fmt *fmt, uint32_t at)
{
	const struct fmt_word *word = &fmt->words[at];

	for (uint32_t i = word->note; i < word->note + word->nnotes; i++) {
		const struct note *note = &fmt->notes[i];

		if (at && !note->breaks)
			fmt->lines[fmt->nlines - 1].note = note;
		else
			add_line(fmt, at, note->breaks)->note = note;
	}
}

static void make_lines(struct fmt *fmt)
{
	uint32_t statement = 0;

	for (uint32_t i = 0; i < fmt->nwords; i++) {
		add_notes(fmt, i);
		statement += fmt->words[i].begins_statement;
		if (begins_line(fmt, i))
			add_line(fmt, i, fmt->words[i].breaks)->statement = statement;
		fmt->lines[fmt->nlines - 1].end = i + 1;
	}
	add_notes(fmt, fmt->nwords);
}

static bool is_comment(const struct line *line)
{
	return line->first == line->end;
}

/* Like `-- 2. The matter -----`: it speaks of what follows. */
static bool is_heading(const struct line *line)
{
	struct text text = line->note->text;

	return text.len > 6 && memcmp(text.at + text.len - 3, "---", 3) == 0;
}

/*
 * How many of the comments between two statements, or behind the last, belong to the first one:
 * those that follow it directly and are cut off from what comes then by a blank line.
 */
static uint32_t count_own_comments(const struct fmt *fmt, uint32_t from, uint32_t to)
{
	uint32_t end = from + 1;

	if (from == to || fmt->lines[from].blank)
		return 0;
	while (end < to && !fmt->lines[end].blank)
		end++;
	if (end == to && end < fmt->nlines && !fmt->lines[end].blank)
		return 0;
	for (uint32_t i = from; i < end; i++)
		if (is_heading(&fmt->lines[i]))
			return 0;
	return end - from;
}

/* The lines of a statement: from its head to behind its last line of words. */
struct extent {
	uint32_t first;
	uint32_t end;
};

/* The statement that begins at `first` or behind the comments there. */
static bool next_statement(const struct fmt *fmt, uint32_t first, struct extent *ret_extent)
{
	struct extent extent;

	while (first < fmt->nlines && is_comment(&fmt->lines[first]))
		first++;
	if (first == fmt->nlines)
		return false;
	extent.first = first;
	extent.end = first + 1;
	for (uint32_t i = first + 1; i < fmt->nlines; i++)
		if (!is_comment(&fmt->lines[i])) {
			if (fmt->lines[i].statement != fmt->lines[first].statement)
				break;
			extent.end = i + 1;
		}
	*ret_extent = extent;
	return true;
}

/* Inside a statement blank lines stay where things are listed. A comment goes with what follows. */
static void settle_inside(struct fmt *fmt, const struct extent *extent)
{
	uint32_t from = extent->first + 1;

	for (uint32_t i = from; i < extent->end; i++) {
		struct line *line = &fmt->lines[i];

		line->statement = fmt->lines[extent->first].statement;
		if (is_comment(line))
			continue;
		if (!fmt->words[line->first].airy)
			for (uint32_t j = from; j <= i; j++)
				fmt->lines[j].blank = false;
		from = i + 1;
	}
	if (extent->end > extent->first + 1)
		fmt->lines[extent->first + 1].blank = false;
}

/* Whether there need be no blank line between two statements, if the author wrote none. */
static bool stand_together(const struct fmt *fmt, const struct extent *a, const struct extent *b)
{
	int first = fmt->words[fmt->lines[a->first].first].kind;
	int second = fmt->words[fmt->lines[b->first].first].kind;

	if (first == TOK_TRANSLATION)
		return second == TOK_CHAPTER;
	if (first != second)
		return false;
	if (first == TOK_SET || first == TOK_LINK || first == TOK_PHRASE)
		return true;	/* of many lines too */
	return a->end == a->first + 1 && b->end == b->first + 1;
}

static void settle_between(struct fmt *fmt, const struct extent *a, const struct extent *b)
{
	uint32_t own = count_own_comments(fmt, a->end, b->first);

	for (uint32_t i = a->end; i < a->end + own; i++)
		fmt->lines[i].statement = fmt->lines[a->first].statement;
	if (!stand_together(fmt, a, b))
		fmt->lines[a->end + own].blank = true;
}

static void settle_end(struct fmt *fmt, const struct extent *last)
{
	uint32_t own = count_own_comments(fmt, last->end, fmt->nlines);

	for (uint32_t i = last->end; i < last->end + own; i++)
		fmt->lines[i].statement = fmt->lines[last->first].statement;
	if (last->end < fmt->nlines && !own)
		fmt->lines[last->end].blank = true;
}

/* Blank lines, and which statement each comment belongs to. */
static void settle_blanks(struct fmt *fmt)
{
	struct extent extent, next;

	if (!next_statement(fmt, 0, &extent))
		return;
	settle_inside(fmt, &extent);
	while (next_statement(fmt, extent.end, &next)) {
		settle_between(fmt, &extent, &next);
		settle_inside(fmt, &next);
		extent = next;
	}
	settle_end(fmt, &extent);
}

static void count_paragraphs(struct fmt *fmt)
{
	uint32_t paragraph = 0;

	for (uint32_t i = 0; i < fmt->nlines; i++)
		fmt->lines[i].paragraph = paragraph += fmt->lines[i].blank;
}

/* Align ---------------------------------------------------------------------------------------- */

/*
 * Whether two words, with white space between, would be read as one: `in` and something called
 * `force`. They were two because a stroke or the end of the text followed at once, and so it must
 * stay.
 */
static bool would_merge(const struct fmt *fmt, uint32_t first)
{
	const struct fmt_word *a = &fmt->words[first], *b = a + 1;
	struct lexer lexer;
	struct token token;

	if (b->nnotes)
		return false;
	lexer_init(&lexer, 0, text_format(fmt->arena, "%.*s %.*s ", TEXT_ARG(a->text),
					  TEXT_ARG(b->text)));
	lexer_next(&lexer, &token);
	return token.span.len > a->text.len;
}

static uint32_t spacing(const struct fmt *fmt, const struct line *line, uint32_t at)
{
	const struct fmt_word *before = &fmt->words[at - 1];

	if (fmt->words[at].kind == '-' && at > 1 && would_merge(fmt, at - 2))
		return 0;
	if (at - 1 == line->first && before->pad)
		return before->pad > before->width ? before->pad - before->width : 1;
	return fmt->words[at].gap;
}

struct demand {
	uint32_t at;		/* where the column may begin at the earliest, for this row */
	uint32_t price;		/* if it stands out */
	bool wastes;		/* white space before the column is waste in this row */
};

/* What a row costs that stands out, in spaces: so many for each row of its block, and at least. */
struct penalty {
	uint32_t each;
	uint32_t least;
};

static const struct penalty
	behind_names = { 16, 60 },	/* of about one length, and read down the column */
	behind_texts = { 2, 24 },
	behind_cells = { 1 << 16, 0 };	/* never stand out */

static struct penalty penalty_of(enum shape shape, uint32_t column)
{
	switch (shape) {
	case CELLS:
		return behind_cells;
	case LISTS:		/* some have an official code before it */
	case PASSAGES:
		return behind_texts;
	case SETS:
	case GIVENS:
	case OPTIONS:
		return column > 1 ? behind_texts : behind_names;
	case VALUES:
	case LINKS:
		return column > 3 ? behind_texts : behind_names;
	default:
		return behind_names;
	}
}

static int compare_demands(const void *a, const void *b)
{
	const struct demand *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/*
 * Where a column begins. Everything in line would be simple, but one long text would push the
 * column of all the others far away. So a row may stand out, at a price; white space costs what it
 * is. The cheapest stop is taken.
 */
static uint32_t choose_stop(struct demand *demands, size_t count)
{
	uint64_t best = UINT64_MAX, out = 0, sum = 0, inside = 0;
	uint32_t stop = 0;

	qsort(demands, count, sizeof *demands, compare_demands);
	for (size_t i = 0; i < count; i++)
		out += demands[i].price;
	for (size_t i = 0; i < count; i++) {
		uint64_t cost;

		out -= demands[i].price;
		sum += demands[i].wastes ? demands[i].at : 0;
		inside += demands[i].wastes;
		cost = inside * demands[i].at - sum + out;
		if (cost <= best) {
			best = cost;
			stop = demands[i].at;
		}
	}
	return stop;
}

static uint32_t price_of(struct penalty penalty, size_t count)
{
	uint64_t price = (uint64_t)penalty.each * count;

	return price > penalty.least ? (uint32_t)price : penalty.least;
}

struct row {
	const struct line *line;
	uint32_t next;		/* the word that waits for its column; the line's end: none */
	uint32_t column;	/* the last one that was reached */
	uint32_t at;		/* the end of what stands before */
};

/* Goes on to the next column. */
static void advance(const struct fmt *fmt, struct row *row)
{
	for (; row->next < row->line->end; row->next++) {
		const struct fmt_word *word = &fmt->words[row->next];

		if (word->column > row->column)
			return;
		if (row->next > row->line->first)
			row->at += spacing(fmt, row->line, row->next);
		row->at += word->width;
	}
}

static uint32_t next_column(const struct fmt *fmt, const struct row *rows, size_t nrows)
{
	uint32_t column = NOWHERE;

	for (size_t i = 0; i < nrows; i++)
		if (rows[i].next < rows[i].line->end && fmt->words[rows[i].next].column < column)
			column = fmt->words[rows[i].next].column;
	return column;
}

static bool has_column(const struct fmt *fmt, const struct row *row, uint32_t column)
{
	return row->next < row->line->end && fmt->words[row->next].column == column;
}

static uint32_t gap_of_column(const struct fmt *fmt, const struct row *rows, size_t nrows,
			      uint32_t column)
{
	uint32_t gap = 0;

	for (size_t i = 0; i < nrows; i++)
		if (has_column(fmt, &rows[i], column) && fmt->words[rows[i].next].gap > gap)
			gap = fmt->words[rows[i].next].gap;
	return gap;
}

/* Columns that few rows have, and the others end clear of if they can. */
static bool keeps_clear(enum shape shape)
{
	return shape == SETS || shape == GIVENS;
}

/*
 * What the rows ask of a column. In one that comes from further left something is missing, and the
 * white space says so.
 */
static size_t gather_demands(const struct fmt *fmt, const struct row *rows, size_t nrows,
			     uint32_t column, struct demand *ret_demands)
{
	enum shape shape = fmt->words[rows[0].line->first].shape;
	uint32_t price = price_of(penalty_of(shape, column), nrows), before = 0;
	uint32_t gap = gap_of_column(fmt, rows, nrows, column);
	size_t count = 0;

	for (size_t i = 0; i < nrows; i++)
		if (rows[i].column > before)
			before = rows[i].column;
	for (size_t i = 0; i < nrows; i++) {
		const struct row *row = &rows[i];

		if (has_column(fmt, row, column))
			ret_demands[count++] =
				(struct demand){ row->at + gap, price, row->column == before };
		else if (row->next == row->line->end)
			ret_demands[count++] = (struct demand){ row->at + gap, price / 2, false };
	}
	return count;
}

/* Gives the column its place, and goes on in the rows that have it. */
static void align_column(struct fmt *fmt, struct row *rows, size_t nrows, uint32_t column,
			 struct demand *demands)
{
	uint32_t gap = gap_of_column(fmt, rows, nrows, column);
	uint32_t stop = choose_stop(demands, gather_demands(fmt, rows, nrows, column, demands));

	for (size_t i = 0; i < nrows; i++) {
		struct row *row = &rows[i];

		if (!has_column(fmt, row, column))
			continue;
		row->at = row->at + gap > stop ? row->at + gap : stop;
		fmt->words[row->next].at = row->at;
		row->at += fmt->words[row->next++].width;
		row->column = column;
		advance(fmt, row);
	}
}

/* Forgets the rows that have ended. */
static size_t drop_ended(struct row *rows, size_t nrows)
{
	size_t count = 0;

	for (size_t i = 0; i < nrows; i++)
		if (rows[i].next < rows[i].line->end)
			rows[count++] = rows[i];
	return count;
}

/* The keys of a single link stand close to its record, those of a run in a column. */
static void part_keys(struct fmt *fmt, const struct line *line)
{
	for (uint32_t i = line->first; i < line->end; i++)
		if (fmt->words[i].kind == '[' && fmt->words[i].column)
			fmt->words[i].gap = 2;
}

static void align_rows(struct fmt *fmt, struct row *rows, size_t nrows, struct demand *demands)
{
	enum shape shape = fmt->words[rows[0].line->first].shape;

	for (size_t i = 0; i < nrows; i++) {
		if (shape == LINKS && nrows > 1)
			part_keys(fmt, rows[i].line);
		rows[i].at = (uint32_t)fmt->words[rows[i].line->first].shift;
		advance(fmt, &rows[i]);
	}
	if (!keeps_clear(shape))
		nrows = drop_ended(rows, nrows);
	for (;;) {
		uint32_t column = next_column(fmt, rows, nrows);

		if (column == NOWHERE)
			break;
		align_column(fmt, rows, nrows, column, demands);
		if (!keeps_clear(shape))
			nrows = drop_ended(rows, nrows);
	}
}

/* Whether a line has its columns together with the one that begins at `first`. */
static bool same_block(const struct fmt *fmt, const struct line *first, const struct line *line)
{
	enum shape shape = fmt->words[first->first].shape;

	if (is_comment(line) || fmt->words[line->first].shape != shape)
		return false;
	return shape <= LAST_OF_RUNS || line->statement == first->statement;
}

static void align_block(struct fmt *fmt, uint32_t from, struct row *rows, struct demand *demands)
{
	const struct line *first = &fmt->lines[from];
	bool runs = fmt->words[first->first].shape <= LAST_OF_RUNS;
	size_t nrows = 0;

	for (uint32_t i = from; i < fmt->nlines; i++) {
		struct line *line = &fmt->lines[i];

		if (runs ? line->paragraph != first->paragraph
			 : line->statement != first->statement && !is_comment(line))
			break;
		if (!same_block(fmt, first, line))
			continue;
		line->aligned = true;
		rows[nrows++] = (struct row){ .line = line, .next = line->first };
	}
	align_rows(fmt, rows, nrows, demands);
}

static void align(struct fmt *fmt)
{
	struct row *rows = ARENA_ARRAY(fmt->arena, fmt->nlines + 1, struct row);
	struct demand *demands = ARENA_ARRAY(fmt->arena, fmt->nlines + 1, struct demand);

	for (uint32_t i = 0; i < fmt->nlines; i++) {
		const struct line *line = &fmt->lines[i];

		if (!is_comment(line) && !line->aligned && fmt->words[line->first].shape != PLAIN)
			align_block(fmt, i, rows, demands);
	}
}

/* Puts the words of a line where they stand. Those of the lines before have their places. */
static void place_words(struct fmt *fmt, struct line *line)
{
	const struct fmt_word *first = &fmt->words[line->first];
	int in = first->shift + (first->under == NOWHERE ? 0 : (int)fmt->words[first->under].at);
	uint32_t column = 0;

	line->in = in < 0 ? 0 : in > FARTHEST ? CLOSE : (uint32_t)in;
	line->width = line->in;
	for (uint32_t i = line->first; i < line->end; i++) {
		struct fmt_word *word = &fmt->words[i];

		if (first->shape != PLAIN && word->column > column) {
			column = word->column;
			line->width = word->at;
		} else if (i > line->first) {
			line->width += spacing(fmt, line, i);
		}
		word->at = line->width;
		line->width += word->width;
	}
}

/*
 * A comment of its own line stands like what follows it in its statement; behind the last line two
 * in, if there is something to be in.
 */
static void place_comments(struct fmt *fmt)
{
	const struct line *line = NULL;
	uint32_t in = 0;

	for (uint32_t i = 0; i < fmt->nlines; i++) {
		if (!is_comment(&fmt->lines[i]))
			in = fmt->words[fmt->lines[i].first].begins_statement ? 0 : 2;
		else if (fmt->lines[i].statement != NOWHERE)
			fmt->lines[i].in = in;
	}
	for (uint32_t i = fmt->nlines; i--;) {
		if (!is_comment(&fmt->lines[i]))
			line = &fmt->lines[i];
		else if (line && line->statement == fmt->lines[i].statement)
			fmt->lines[i].in = line->in;
	}
}

/* Comments behind lines: in the margin, and one under the other as far as a paragraph goes. */
static void place_notes_of(struct fmt *fmt, uint32_t from, uint32_t to, struct demand *demands)
{
	size_t count = 0;
	uint32_t stop;

	for (uint32_t i = from; i < to; i++) {
		struct line *line = &fmt->lines[i];

		if (is_comment(line) || !line->note)
			continue;
		line->note_at = line->width + 2 > MARGIN ? line->width + 2 : MARGIN;
		demands[count++] = (struct demand){ line->note_at, 0, true };
	}
	for (size_t i = 0; i < count; i++)
		demands[i].price = price_of(behind_texts, count);
	stop = choose_stop(demands, count);
	for (uint32_t i = from; i < to; i++)
		if (fmt->lines[i].note_at < stop)
			fmt->lines[i].note_at = stop;
}

static void place_notes(struct fmt *fmt)
{
	struct demand *demands = ARENA_ARRAY(fmt->arena, fmt->nlines + 1, struct demand);

	for (uint32_t from = 0, to = 1; from < fmt->nlines; from = to++) {
		while (to < fmt->nlines && fmt->lines[to].paragraph == fmt->lines[from].paragraph)
			to++;
		place_notes_of(fmt, from, to, demands);
	}
}

static void place(struct fmt *fmt)
{
	for (uint32_t i = 0; i < fmt->nlines; i++)
		if (!is_comment(&fmt->lines[i]))
			place_words(fmt, &fmt->lines[i]);
	place_comments(fmt);
	place_notes(fmt);
}

/* Write ---------------------------------------------------------------------------------------- */

static void write_line(struct buf *out, const struct fmt *fmt, const struct line *line)
{
	uint32_t at = 0;
	bool merges = false;

	for (uint32_t i = line->first; i < line->end; i++) {
		const struct fmt_word *word = &fmt->words[i];

		buf_repeat(out, ' ', word->at - at);
		buf_text(out, word->text);
		at = word->at + word->width;
	}
	if (!is_comment(line) && line->end > 1 && (line->note || line->end == fmt->nwords))
		merges = would_merge(fmt, line->end - 2);	/* be they on two lines */
	if (line->note) {
		uint32_t stop = is_comment(line) ? line->in : merges ? at : line->note_at;

		buf_repeat(out, ' ', stop - at);
		buf_text(out, line->note->text);
	} else if (merges && line->end == fmt->nwords) {
		return;		/* even a line end would make them one */
	}
	buf_char(out, '\n');
}

bool fmt_source(struct buf *out, struct diags *diags, uint32_t source)
{
	struct fmt fmt = { .arena = diags->arena, .sources = diags->sources };
	size_t errors = diags->errors;

	if (!unicode_check(diags, source))
		return false;
	parse_source(diags->arena, diags, source);
	if (diags->errors != errors)
		return false;
	read_words(&fmt, source);
	mark(&fmt);
	make_lines(&fmt);
	settle_blanks(&fmt);
	count_paragraphs(&fmt);
	align(&fmt);
	place(&fmt);
	for (uint32_t i = 0; i < fmt.nlines; i++) {
		if (fmt.lines[i].blank)
			buf_char(out, '\n');
		write_line(out, &fmt, &fmt.lines[i]);
	}
	return true;
}

/* Same ----------------------------------------------------------------------------------------- */

static bool same_token(const struct token *a, const struct token *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == LEX_COMMENT)
		return text_equal(trim_end(a->text), trim_end(b->text));
	if (a->kind == TOK_NAME || a->kind == TOK_STRING || a->kind == TOK_INT || a->kind < 0)
		return text_equal(a->text, b->text);
	return a->number == b->number;
}

bool fmt_same(struct text a, struct text b)
{
	struct lexer x, y;
	struct token in_a, in_b;

	lexer_init(&x, 0, a);
	lexer_init(&y, 0, b);
	x.trivia = y.trivia = true;
	do {
		lexer_next(&x, &in_a);
		lexer_next(&y, &in_b);
		if (!same_token(&in_a, &in_b))
			return false;
	} while (in_a.kind != LEX_END);
	return true;
}
