/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/explain/words.h"

#include <stdio.h>

/* Colours take no room. */
static size_t columns(struct text text)
{
	bool escape = false;
	size_t count = 0;

	if (!memchr(text.at, '\033', text.len)) {
		for (size_t i = 0; i < text.len; i++)
			count += ((unsigned char)text.at[i] & 0xc0) != 0x80;
		return count;
	}
	for (size_t i = 0; i < text.len; i++) {
		escape |= text.at[i] == '\033';
		count += !escape && ((unsigned char)text.at[i] & 0xc0) != 0x80;
		escape &= text.at[i] != 'm';
	}
	return count;
}

/* The words that fit into `room` columns, the first in any case; what is left stays in *text, without the blank. */
static struct text line_of(struct text *text, size_t room)
{
	struct text line = { text->at, 0 };
	size_t column = 0;

	while (line.len < text->len) {
		size_t begin = line.len + (line.len > 0);
		const char *at = text->at + begin, *space = memchr(at, ' ', text->len - begin);
		size_t length = space ? (size_t)(space - at) : text->len - begin;
		size_t wide = columns((struct text){ at, length });

		if (line.len && column + 1 + wide > room)
			break;
		column += (line.len > 0) + wide;
		line.len = begin + length;
	}
	text->at += line.len + (line.len < text->len);
	text->len -= line.len + (line.len < text->len);
	return line;
}

/* A paragraph: its first line behind `first`, the others indented by `indent`. */
void words_paragraph(struct words *words, const char *first, size_t indent, struct text text)
{
	size_t column = columns(text_from(first));

	buf_string(words->out, first);
	if (!words->width || !text.len || column + columns(text) <= words->width) {
		buf_text(words->out, text);
		buf_char(words->out, '\n');
		return;
	}
	for (bool begun = false; text.len; begun = true) {
		if (begun) {
			buf_repeat(words->out, ' ', indent);
			column = indent;
		}
		buf_text(words->out, line_of(&text, words->width > column ? words->width - column : 0));
		buf_char(words->out, '\n');
	}
}

void words_line(struct words *words, const char *first, size_t indent, const char *format, ...)
{
	va_list args;

	buf_reset(&words->line);
	va_start(args, format);
	buf_vprintf(&words->line, format, args);
	va_end(args);
	words_paragraph(words, first, indent, buf_view(&words->line));
	words->out->failed |= buf_failed(&words->line);
}

void words_colour(struct words *words, const char *code)
{
	if (words->flags & RKO_TEXT_COLOUR)
		buf_printf(words->out, "\033[%sm", code);
}

void explain_print_day(enum rko_language language, day_t day, char text[EXPLAIN_DAY])
{
	static const char *const always[] = { "toistaiseksi", "tills vidare", "with no end" };

	if (day_valid(day))
		day_say(day, language == RKO_EN, text);
	else
		snprintf(text, EXPLAIN_DAY, "%s", always[language]);
}
