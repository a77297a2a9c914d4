/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/explain/words.h"

#include <stdio.h>

#include "engine/base/num.h"

enum { STEP = sizeof(uint64_t) };

/* How many of eight bytes begin a character; the others are 10xxxxxx. */
static size_t beginnings(const char *at)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t bytes = get_le64(at);

	return STEP - ((bytes >> 7 & ~bytes >> 6 & ones) * ones >> 56);
}

/* Whether a byte begins a column; colours take no room. */
static bool takes_room(char byte, bool *escape)
{
	bool room;

	*escape |= byte == '\033';
	room = !*escape && ((unsigned char)byte & 0xc0) != 0x80;
	*escape &= byte != 'm';
	return room;
}

/* How far `room` columns reach, in bytes, and how many columns that are. */
static size_t reach(struct text text, size_t room, size_t *ret_columns)
{
	bool escape = false, plain = !memchr(text.at, '\033', text.len);
	size_t at = 0, column = 0;

	for (size_t more; plain && at + STEP <= text.len; at += STEP, column += more) {
		more = beginnings(text.at + at);
		if (more > room - column)
			break;
	}
	for (; at < text.len; at++) {
		bool more = takes_room(text.at[at], &escape);

		if (more && column == room)
			break;
		column += more;
	}
	*ret_columns = column;
	return at;
}

static size_t columns(struct text text)
{
	size_t count;

	reach(text, SIZE_MAX, &count);
	return count;
}

/* The words that fit into `room` columns, the first in any case; what is left stays in *text, without the blank. */
static struct text line_of(struct text *text, size_t room)
{
	struct text line = { text->at, 0 };
	const char *blank;
	size_t column;

	line.len = reach(*text, room, &column);
	if (line.len < text->len && text->at[line.len] != ' ') {
		blank = memrchr(text->at, ' ', line.len);
		if (!blank)
			blank = memchr(text->at + line.len, ' ', text->len - line.len);
		line.len = blank ? (size_t)(blank - text->at) : text->len;
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

struct day_words day_words(const struct words *words, day_t day)
{
	struct day_words out;

	explain_print_day(words->about->language, day, out.text);
	return out;
}
