/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the files of the layout share: fmt.c (reads and writes), fmt_clauses.c (what the language thinks of each
 * clause), fmt_mark.c (each word gets its place), fmt_lines.c (words fall into lines), fmt_place.c (lines share
 * columns). For them alone.
 */
#ifndef RKO_DSL_FMT_PARTS_H
#define RKO_DSL_FMT_PARTS_H

#include "dsl/syntax/fmt.h"

struct arena;

enum { NOWHERE = UINT32_MAX };

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

/* Whether the line is a comment and nothing else. */
static inline bool is_comment(const struct line *line)
{
	return line->first == line->end;
}

/* fmt_clauses.c */
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

/* The clause that a word begins in a statement, or NULL; `first`: no clause of it has begun a line yet. */
const struct clause *fmt_clause(int statement, int word, bool first);

/* fmt_mark.c */
void fmt_mark(struct fmt *fmt);

/* fmt_lines.c */
void fmt_lines(struct fmt *fmt);

/* fmt_place.c */
void fmt_place(struct fmt *fmt);
/*
 * Whether two words, with white space between, would be read as one: `in` and something called
 * `force`. They were two because a stroke or the end of the text followed at once, and so it must
 * stay.
 */
bool fmt_would_merge(const struct fmt *fmt, uint32_t first);

#endif
