/* SPDX-License-Identifier: EUPL-1.2 */
/* Place: lines of one shape that stand together share their columns; every word and comment is put where it stands. */
#include "dsl/syntax/fmt_parts.h"

#include <stdlib.h>

#include "dsl/syntax/lexer.h"
#include "engine/base/arena.h"

enum {
	MARGIN = 47,	/* where comments behind a line begin, if the line leaves room */
	FARTHEST = 120,	/* a line that would hang farther in than this … */
	CLOSE = 8,	/* … stands here: also a bound on what the white space can come to */
};

/* Columns -------------------------------------------------------------------------------------- */

bool fmt_would_merge(const struct fmt *fmt, uint32_t first)
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

	if (fmt->words[at].kind == '-' && at > 1 && fmt_would_merge(fmt, at - 2))
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

/* Words and comments --------------------------------------------------------------------------- */

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

void fmt_place(struct fmt *fmt)
{
	align(fmt);
	for (uint32_t i = 0; i < fmt->nlines; i++)
		if (!is_comment(&fmt->lines[i]))
			place_words(fmt, &fmt->lines[i]);
	place_comments(fmt);
	place_notes(fmt);
}
