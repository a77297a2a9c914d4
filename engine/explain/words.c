/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/explain/words.h"

#include <stdio.h>

/* Colours take no room. */
static size_t columns(struct text text)
{
	size_t count = 0;
	bool escape = false;

	for (size_t i = 0; i < text.len; i++) {
		escape |= text.at[i] == '\033';
		count += !escape && ((unsigned char)text.at[i] & 0xc0) != 0x80;
		escape &= text.at[i] != 'm';
	}
	return count;
}

/* A paragraph: its first line behind `first`, the others indented by `indent`. */
void words_paragraph(struct words *words, const char *first, size_t indent, struct text text)
{
	size_t column = columns(text_from(first));
	bool begun = false;

	buf_string(words->out, first);
	while (text.len) {
		const char *space = memchr(text.at, ' ', text.len);
		struct text word = { text.at, space ? (size_t)(space - text.at) : text.len };

		if (begun && words->width && column + 1 + columns(word) > words->width) {
			buf_char(words->out, '\n');
			buf_repeat(words->out, ' ', indent);
			column = indent;
			begun = false;
		}
		if (begun) {
			buf_char(words->out, ' ');
			column++;
		}
		buf_text(words->out, word);
		column += columns(word);
		begun = true;
		text.at += word.len + (space ? 1 : 0);
		text.len -= word.len + (space ? 1 : 0);
	}
	buf_char(words->out, '\n');
}

void words_line(struct words *words, const char *first, size_t indent, const char *format, ...)
{
	struct buf text = { 0 };
	va_list args;

	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	words_paragraph(words, first, indent, buf_view(&text));
	if (buf_failed(&text))
		words->out->failed = true;
	buf_release(&text);
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
