/* SPDX-License-Identifier: EUPL-1.2 */
/* Lines: the words fall into lines; comments and blank lines find where they belong. */
#include "dsl/syntax/fmt_parts.h"

#include <string.h>

#include "dsl/syntax/parse.h"
#include "grammar.h"

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

void fmt_lines(struct fmt *fmt)
{
	make_lines(fmt);
	settle_blanks(fmt);
	count_paragraphs(fmt);
}
