/* SPDX-License-Identifier: EUPL-1.2 */
/* Mark: each word gets its place: may it begin a line, how far in, does a column begin with it. */
#include "dsl/syntax/fmt_parts.h"

#include "dsl/syntax/parse.h"
#include "engine/base/limits.h"
#include "grammar.h"

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
	return fmt_clause(marker->statement, word, !marker->begun);
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

void fmt_mark(struct fmt *fmt)
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
