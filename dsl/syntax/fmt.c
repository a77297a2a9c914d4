/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Layout in four steps, each over the whole text:
 *
 *   read    the words, and the comments that stand between them
 *   mark    each word gets its place: may it begin a line, how far in, does a column begin with it
 *   lines   the words fall into lines; comments and blank lines find where they belong
 *   place   lines of one shape that stand together share their columns; then everything is written
 *
 * What the language thinks of the layout of its clauses is one table, in fmt_clauses.c. The text has
 * been parsed before, so a word found by that table is the clause it seems to be.
 *
 * Nothing here may look at the spaces the author wrote, only at the line ends; and a line end that
 * is written must be one that would be written again. So a second formatting changes nothing.
 */
#include "dsl/syntax/fmt_parts.h"

#include "dsl/syntax/lexer.h"
#include "dsl/syntax/parse.h"
#include "dsl/syntax/unicode.h"
#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "grammar.h"

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
		merges = fmt_would_merge(fmt, line->end - 2);	/* be they on two lines */
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
	fmt_mark(&fmt);
	fmt_lines(&fmt);
	fmt_place(&fmt);
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
