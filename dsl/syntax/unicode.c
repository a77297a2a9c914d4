/* SPDX-License-Identifier: EUPL-1.2 */
#include "dsl/syntax/unicode.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "engine/base/arena.h"

enum { FIRST_MARK = 0x300 };	/* the least character that joins the one before it */

enum script { SCRIPT_NEUTRAL, SCRIPT_LATIN, SCRIPT_GREEK, SCRIPT_CYRILLIC, SCRIPT_OTHER };

/* The alphabets whose letters look like Latin ones; everything else that is a letter is `other`. */
static enum script script_of(utf8proc_int32_t c)
{
	if (c < 0x80)
		return (c | 32) >= 'a' && (c | 32) <= 'z' ? SCRIPT_LATIN : SCRIPT_NEUTRAL;
	switch (utf8proc_category(c)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
		break;
	default:
		return SCRIPT_NEUTRAL;
	}
	if (c <= 0x24f || (c >= 0x1e00 && c <= 0x1eff) || c == 0xaa || c == 0xba)
		return SCRIPT_LATIN;
	if ((c >= 0x370 && c <= 0x3ff) || (c >= 0x1f00 && c <= 0x1fff))
		return SCRIPT_GREEK;
	if ((c >= 0x400 && c <= 0x52f) || (c >= 0x1c80 && c <= 0x1c8f))
		return SCRIPT_CYRILLIC;
	return SCRIPT_OTHER;
}

static const char *script_name(enum script script)
{
	static const char *const names[] = { "", "Latin", "Greek", "Cyrillic", "another" };

	return names[script];
}

/* Control characters, formats (direction marks, joiners), private use, unassigned, line separators. */
static bool hidden(utf8proc_int32_t c)
{
	if (c < 0x80)
		return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
	switch (utf8proc_category(c)) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return true;
	default:
		return c == 0x3164 || c == 0x115f || c == 0x1160 || c == 0xffa0;	/* fillers */
	}
}

static bool is_direction(utf8proc_int32_t c)
{
	return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e ||
	       c == 0x200f || c == 0x61c;
}

struct word {
	uint32_t at;		/* where the word began */
	enum script script;
	bool mixed;
};

static void end_word(struct diags *diags, uint32_t source, struct word *word, uint32_t end)
{
	struct diag *diag;

	if (word->mixed) {
		struct span span = { source, word->at, end - word->at };

		diag = diag_add(diags, DIAG_MIXED_SCRIPT, span,
				"this word mixes Latin letters with letters of another alphabet");
		diag_help(diags, diag, "retype it: some of its letters only look Latin");
	}
	*word = (struct word){ .at = end };
}

static void look_at(struct diags *diags, uint32_t source, struct word *word, utf8proc_int32_t c,
		    uint32_t at, uint32_t length, bool code)
{
	enum script script = script_of(c);
	/* A hyphen joins the parts of a name; in a text it may stand between words of two alphabets. */
	bool inside = script != SCRIPT_NEUTRAL || (c >= '0' && c <= '9') || c == '_' || (c == '-' && code) ||
		      (c >= FIRST_MARK && utf8proc_category(c) == UTF8PROC_CATEGORY_MN);
	struct span span = { source, at, length };
	struct diag *diag;

	if (hidden(c)) {
		diag = diag_add(diags, DIAG_HIDDEN_CHARACTER, span,
				is_direction(c) ? "U+%04X changes the direction in which text is shown"
				: c == 0xfeff && !at ? "the file begins with U+%04X, a byte order mark"
						     : "U+%04X cannot be seen",
				(unsigned)c);
		diag_fix(diags, diag, span, TEXT(""), "delete the character");
	}
	if (!inside) {
		end_word(diags, source, word, at);
		word->at = at + length;
		return;
	}
	if (script == SCRIPT_NEUTRAL)
		return;
	if (word->script == SCRIPT_NEUTRAL)
		word->script = script;
	else if (word->script != script)
		word->mixed = true;
}

/*
 * Names are written in Latin letters; a name wholly in look-alikes is caught here, since the lexer would
 * only say that the character has no meaning.
 */
static bool look_alike(struct diags *diags, uint32_t source, utf8proc_int32_t c, uint32_t at,
		       uint32_t length, bool code)
{
	enum script script = script_of(c);
	struct diag *diag;

	if (!code || (script != SCRIPT_GREEK && script != SCRIPT_CYRILLIC))
		return false;
	diag = diag_add(diags, DIAG_MIXED_SCRIPT, (struct span){ source, at, length },
			"U+%04X is a %s letter", (unsigned)c, script_name(script));
	diag_help(diags, diag, "names are written in Latin letters; retype it");
	return true;
}

/* Where the character that the byte belongs to begins. */
static size_t character_at(struct text text, size_t at)
{
	while (at > 0 && ((unsigned char)text.at[at] & 0xc0) == 0x80)
		at--;
	return at;
}

static bool is_mark(struct text text, size_t at)
{
	utf8proc_int32_t c;

	if (at >= text.len ||
	    utf8proc_iterate((const utf8proc_uint8_t *)text.at + at, (utf8proc_ssize_t)(text.len - at), &c) <= 0)
		return false;
	return utf8proc_category(c) == UTF8PROC_CATEGORY_MN;
}

/* Shows the first character that is not in composed form: a letter with its marks. */
static void report_parts(struct text text, size_t at, struct diags *diags, uint32_t source)
{
	utf8proc_int32_t c = 0;
	size_t end;
	struct diag *diag;
	struct span span;

	at = character_at(text, at);
	while (at > 0 && is_mark(text, at))
		at = character_at(text, at - 1);
	end = at + (size_t)utf8proc_iterate((const utf8proc_uint8_t *)text.at + at,
					    (utf8proc_ssize_t)(text.len - at), &c);
	span = (struct span){ source, (uint32_t)at, (uint32_t)(end - at) };
	if (is_mark(text, end)) {
		while (is_mark(text, end))
			for (end++; end < text.len && character_at(text, end) != end; end++)
				;
		span.len = (uint32_t)(end - at);
		diag = diag_add(diags, DIAG_NOT_NFC, span, "this character is written in parts");
	} else {
		diag = diag_add(diags, DIAG_NOT_NFC, span,
				"U+%04X is an old form of a character that has another number", (unsigned)c);
	}
	diag_help(diags, diag, "retype it, or convert the file to Unicode's composed form (NFC)");
}

/* Only characters below U+0300, and dashes and quotes from U+2010 on: each is composed, and no mark among them. */
static bool plainly_composed(struct text text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (c < 0x80)
			continue;
		if (c >= 0xc2 && c <= 0xcb)
			i++;
		else if (c == 0xe2 && text.len - i > 2 && (unsigned char)text.at[i + 1] == 0x80 &&
			 (unsigned char)text.at[i + 2] >= 0x90)
			i += 2;
		else
			return false;
	}
	return true;
}

static bool composed(struct text text, struct diags *diags, uint32_t source)
{
	utf8proc_uint8_t *nfc = NULL;
	utf8proc_ssize_t length;
	size_t at = 0;

	if (plainly_composed(text))
		return true;

	length = utf8proc_map((const utf8proc_uint8_t *)text.at, (utf8proc_ssize_t)text.len, &nfc,
			      UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	if (length < 0)
		return true;	/* not well-formed: reported already */
	if ((size_t)length == text.len && memcmp(nfc, text.at, text.len) == 0) {
		free(nfc);
		return true;
	}
	while (at < text.len && at < (size_t)length && (char)nfc[at] == text.at[at])
		at++;
	free(nfc);
	report_parts(text, at, diags, source);
	return false;
}

bool unicode_check(struct diags *diags, uint32_t source)
{
	struct text text = diags->sources->list[source].text;
	struct word word = { 0 };
	size_t before = diags->errors, at = 0;
	bool comment = false, quoted = false;

	while (at < text.len) {
		utf8proc_int32_t c = (unsigned char)text.at[at];
		utf8proc_ssize_t length = 1;

		if (c >= 0x80)
			length = utf8proc_iterate((const utf8proc_uint8_t *)text.at + at,
						  (utf8proc_ssize_t)(text.len - at), &c);

		if (length <= 0) {
			diag_add(diags, DIAG_BAD_UTF8, (struct span){ source, (uint32_t)at, 1 },
				 "the byte 0x%02x here is not UTF-8", (unsigned char)text.at[at]);
			return false;
		}
		if (c == '\r' && text.at[at + 1] != '\n') {	/* a NUL follows the text */
			struct span span = { source, (uint32_t)at, 1 };
			struct diag *diag = diag_add(diags, DIAG_HIDDEN_CHARACTER, span,
						     "a carriage return that ends no line");

			diag_fix(diags, diag, span, TEXT("\n"), "end the line with a line feed");
		}
		if (c == '\n')
			comment = quoted = false;
		else if (c == '"' && !comment)
			quoted = !quoted;
		else if (c == '-' && !quoted && at + 1 < text.len && text.at[at + 1] == '-')
			comment = true;
		if (look_alike(diags, source, c, (uint32_t)at, (uint32_t)length, !comment && !quoted))
			word = (struct word){ .at = (uint32_t)at };
		else
			look_at(diags, source, &word, c, (uint32_t)at, (uint32_t)length, !comment && !quoted);
		at += (size_t)length;
	}
	end_word(diags, source, &word, (uint32_t)at);
	composed(text, diags, source);
	return diags->errors == before;
}
