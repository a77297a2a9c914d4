/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"

const struct diag_about diag_abouts[] = {
#define DIAG(number, severity, name, title, text) \
	{ number, SEVERITY_##severity, title, text },
#include "engine/base/diag_codes.def"
#undef DIAG
};

const size_t diag_about_count = sizeof diag_abouts / sizeof diag_abouts[0];

const struct diag_about *diag_about(unsigned number)
{
	for (size_t i = 0; i < diag_about_count; i++)
		if (diag_abouts[i].number == number)
			return &diag_abouts[i];
	return NULL;
}

void diags_init(struct diags *diags, struct arena *arena, struct sources *sources)
{
	*diags = (struct diags){ .arena = arena, .sources = sources };
}

static struct text format_text(struct arena *arena, const char *format, va_list args)
{
	va_list again;
	int length;
	char *copy;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		length = 0;
	copy = arena_alloc(arena, (size_t)length + 1);
	vsnprintf(copy, (size_t)length + 1, format, args);
	return (struct text){ copy, (size_t)length };
}

struct diag *diag_add(struct diags *diags, enum diag_code code, struct span span,
		      const char *format, ...)
{
	struct diag *diag = ARENA_NEW(diags->arena, struct diag);
	va_list args;

	va_start(args, format);
	diag->message = format_text(diags->arena, format, args);
	va_end(args);
	diag->code = code;
	diag->main.span = span;
	diag->order = (uint32_t)diags->count;
	diags->list = arena_grow(diags->arena, diags->list, diags->count, &diags->cap,
				 sizeof(struct diag *));
	diags->list[diags->count++] = diag;
	switch (diag_about(code)->severity) {
	case SEVERITY_ERROR:
		diags->errors++;
		break;
	case SEVERITY_WARNING:
		diags->warnings++;
		break;
	case SEVERITY_NOTE:
		break;
	}
	return diag;
}

void diag_label(struct diags *diags, struct diag *diag, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	diag->main.label = format_text(diags->arena, format, args);
	va_end(args);
}

void diag_also(struct diags *diags, struct diag *diag, struct span span, const char *format, ...)
{
	va_list args;

	if (diag->nmore == DIAG_MORE)
		return;
	va_start(args, format);
	diag->more[diag->nmore].label = format_text(diags->arena, format, args);
	va_end(args);
	diag->more[diag->nmore++].span = span;
}

void diag_help(struct diags *diags, struct diag *diag, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	diag->help = format_text(diags->arena, format, args);
	va_end(args);
}

void diag_fix(struct diags *diags, struct diag *diag, struct span span, struct text replacement,
	      const char *format, ...)
{
	va_list args;

	va_start(args, format);
	diag->fix_label = format_text(diags->arena, format, args);
	va_end(args);
	diag->fix_span = span;
	diag->fix_text = text_copy(diags->arena, replacement);
}

static int compare_place(const void *a, const void *b)
{
	const struct diag *x = *(struct diag *const *)a, *y = *(struct diag *const *)b;

	if (x->main.span.source != y->main.span.source)	/* SOURCE_NONE is the largest: last */
		return x->main.span.source < y->main.span.source ? -1 : 1;
	if (x->main.span.at != y->main.span.at)
		return x->main.span.at < y->main.span.at ? -1 : 1;
	if (x->code != y->code)
		return x->code < y->code ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static bool same(const struct diag *a, const struct diag *b)
{
	return a->code == b->code && a->main.span.source == b->main.span.source &&
	       a->main.span.at == b->main.span.at && text_equal(a->message, b->message);
}

void diags_finish(struct diags *diags)
{
	size_t kept = 0;

	if (!diags->count)
		return;
	qsort(diags->list, diags->count, sizeof(struct diag *), compare_place);
	diags->errors = diags->warnings = 0;
	for (size_t i = 0; i < diags->count; i++) {
		enum severity severity = diag_about(diags->list[i]->code)->severity;

		if (kept && same(diags->list[kept - 1], diags->list[i]))
			continue;
		diags->errors += severity == SEVERITY_ERROR;
		diags->warnings += severity == SEVERITY_WARNING;
		diags->list[kept++] = diags->list[i];
	}
	diags->count = kept;
}

/* Text ------------------------------------------------------------------------------------------ */

struct style {
	const char *error, *warning, *note, *frame, *strong, *off;
};

static const struct style plain = { "", "", "", "", "", "" };
static const struct style coloured = { "\033[1;31m", "\033[1;33m", "\033[1;36m", "\033[34m",
				       "\033[1m",    "\033[0m" };

static const char *severity_word(enum severity severity)
{
	static const char *const words[] = { "error", "warning", "note" };

	return words[severity];
}

static const char *severity_colour(const struct style *style, enum severity severity)
{
	switch (severity) {
	case SEVERITY_ERROR:
		return style->error;
	case SEVERITY_WARNING:
		return style->warning;
	case SEVERITY_NOTE:
		return style->note;
	}
	return "";
}

/* Columns from `from` to `to` of a line: characters, a tab counts as one. */
static size_t width(struct text line, size_t from, size_t to)
{
	size_t columns = 0;

	for (size_t i = from; i < to && i < line.len; i++)
		columns += ((unsigned char)line.at[i] & 0xc0) != 0x80;
	return columns;
}

/* Bytes of the character that begins here; 0 when none does, or when a terminal would obey it. */
static size_t plain_character(struct text text, size_t at)
{
	unsigned char c = (unsigned char)text.at[at];
	size_t size = text_character(text.at + at, text.len - at);
	bool control = c < 0x20 || c == 0x7f || (size == 2 && c == 0xc2 && (unsigned char)text.at[at + 1] < 0xa0);

	return control ? 0 : size;
}

/*
 * What a person wrote, in a column each character: a control character, which a terminal would obey, and a byte that
 * is no character are shown as a mark.
 */
static void author_text(struct buf *out, struct text text)
{
	for (size_t i = 0; i < text.len;) {
		size_t size = plain_character(text, i);

		if (size)
			buf_add(out, text.at + i, size);
		else if (text.at[i] == '\t')
			buf_char(out, ' ');
		else if (((unsigned char)text.at[i] & 0xc0) != 0x80)
			buf_string(out, "\xef\xbf\xbd");	/* U+FFFD */
		i += size ? size : 1;
	}
}

/*
 * The part of a line that is shown: all of it, or, where it is very long, what stands around the carets. Cut between
 * characters; `*begins` and `*ends` are moved with it.
 */
static struct text shown_part(struct text line, size_t *begins, size_t *ends, bool *ret_before, bool *ret_behind)
{
	enum { MOST = 240, BEFORE = 80 };
	size_t from = 0, to = line.len;

	*ret_before = *ret_behind = false;
	if (line.len <= MOST)
		return line;
	if (*begins > BEFORE)
		from = *begins - BEFORE;
	if (to - from > MOST)
		to = from + MOST;
	while (from > 0 && ((unsigned char)line.at[from] & 0xc0) == 0x80)
		from--;
	while (to < line.len && ((unsigned char)line.at[to] & 0xc0) == 0x80)
		to++;
	*begins -= from;
	*ends = *ends > to ? to - from : *ends - from;
	*ret_before = from > 0;
	*ret_behind = to < line.len;
	return (struct text){ line.at + from, to - from };
}

static void place_text(struct diags *diags, struct buf *out, const struct style *style,
		       const struct diag_place *place, const char *arrow, char caret,
		       const char *caret_colour, int gutter)
{
	const struct source *source = &diags->sources->list[place->span.source];
	uint32_t line, column;
	struct text quoted;
	size_t begins, ends, carets;
	bool before, behind;

	source_locate(diags->sources, place->span.source, place->span.at, &line, &column);
	quoted = source_line(diags->sources, place->span.source, line);
	begins = (size_t)(place->span.at - (uint32_t)(quoted.at - source->text.at));
	ends = begins + place->span.len;
	if (ends > quoted.len)
		ends = quoted.len;
	quoted = shown_part(quoted, &begins, &ends, &before, &behind);
	buf_printf(out, "%*s%s%s%s %.*s:%u:%u\n", gutter, "", style->frame, arrow, style->off,
		   TEXT_ARG(source->path), line, column);
	buf_printf(out, "%*s %s|%s\n", gutter, "", style->frame, style->off);
	buf_printf(out, "%s%*u |%s %s", style->frame, gutter, line, style->off, before ? "…" : "");
	author_text(out, quoted);
	buf_printf(out, "%s\n%*s %s|%s %s", behind ? "…" : "", gutter, "", style->frame, style->off,
		   before ? " " : "");
	buf_repeat(out, ' ', width(quoted, 0, begins));
	carets = width(quoted, begins, ends);
	buf_string(out, caret_colour);
	buf_repeat(out, caret, carets ? carets : 1);
	if (place->label.len)
		buf_printf(out, " %.*s", TEXT_ARG(place->label));
	buf_printf(out, "%s\n", style->off);
}

/* Digits of the largest line number that the diagnostic shows. */
static int gutter_width(struct diags *diags, const struct diag *diag)
{
	uint32_t largest = 1, line, column;
	int digits = 1;

	if (diag->main.span.source != SOURCE_NONE) {
		source_locate(diags->sources, diag->main.span.source, diag->main.span.at, &line,
			      &column);
		largest = line;
	}
	for (unsigned i = 0; i < diag->nmore; i++) {
		if (diag->more[i].span.source == SOURCE_NONE)
			continue;
		source_locate(diags->sources, diag->more[i].span.source, diag->more[i].span.at,
			      &line, &column);
		if (line > largest)
			largest = line;
	}
	while (largest >= 10) {
		largest /= 10;
		digits++;
	}
	return digits;
}

/* Text of several lines, the later ones indented as far as the first begins. */
static void lines_text(struct buf *out, struct text text, size_t indent)
{
	while (text.len) {
		const char *end = memchr(text.at, '\n', text.len);
		size_t line = end ? (size_t)(end - text.at) : text.len, gone = line + (end ? 1 : 0);

		author_text(out, (struct text){ text.at, line });
		text = (struct text){ text.at + gone, text.len - gone };
		if (end)
			buf_char(out, '\n');
		if (end && text.len)
			buf_repeat(out, ' ', indent);
	}
}

static void diag_text(struct diags *diags, struct buf *out, const struct style *style,
		      const struct diag *diag)
{
	enum severity severity = diag_about(diag->code)->severity;
	const char *colour = severity_colour(style, severity);
	int gutter = gutter_width(diags, diag);

	buf_printf(out, "%s%s[RKO%04u]%s%s: ", colour, severity_word(severity), diag->code,
		   style->off, style->strong);
	lines_text(out, diag->message, 0);
	buf_printf(out, "%s\n", style->off);
	if (diag->main.span.source != SOURCE_NONE)
		place_text(diags, out, style, &diag->main, "-->", '^', colour, gutter);
	for (unsigned i = 0; i < diag->nmore; i++) {
		if (diag->more[i].span.source != SOURCE_NONE)
			place_text(diags, out, style, &diag->more[i], ":::", '-', style->frame,
				   gutter);
		else
			buf_printf(out, "%*s %s=%s %.*s\n", gutter, "", style->frame, style->off,
				   TEXT_ARG(diag->more[i].label));
	}
	if (diag->help.len) {
		buf_printf(out, "%*s %s=%s help: ", gutter, "", style->frame, style->off);
		lines_text(out, diag->help, (size_t)gutter + 9);
		buf_char(out, '\n');
	}
	if (diag->fix_label.len)
		buf_printf(out, "%*s %s=%s fix: %.*s\n", gutter, "", style->frame, style->off,
			   TEXT_ARG(diag->fix_label));
	buf_char(out, '\n');
}

void diags_text(struct diags *diags, struct buf *out, bool colour, size_t most, bool notes)
{
	const struct style *style = colour ? &coloured : &plain;
	size_t errors = 0;

	for (size_t i = 0; i < diags->count; i++) {
		enum severity severity = diag_about(diags->list[i]->code)->severity;
		bool error = severity == SEVERITY_ERROR;

		if (severity == SEVERITY_NOTE && !notes)
			continue;
		if (error && most && errors == most) {
			buf_printf(out, "… and %zu %s more\n", diags->errors - errors,
				   diags->errors - errors == 1 ? "error" : "errors");
			return;
		}
		errors += error;
		diag_text(diags, out, style, diags->list[i]);
	}
}

/* JSON ------------------------------------------------------------------------------------------ */

static void span_json(struct diags *diags, struct buf *out, struct span span)
{
	uint32_t line, column, end_line, end_column;

	if (span.source == SOURCE_NONE) {
		buf_string(out, "\"file\":null");
		return;
	}
	source_locate(diags->sources, span.source, span.at, &line, &column);
	source_locate(diags->sources, span.source, span.at + span.len, &end_line, &end_column);
	buf_string(out, "\"file\":");
	buf_json(out, diags->sources->list[span.source].path);
	buf_printf(out, ",\"line\":%u,\"column\":%u,\"end_line\":%u,\"end_column\":%u,\"offset\":%u,"
			"\"length\":%u",
		   line, column, end_line, end_column, span.at, span.len);
}

static void diag_json(struct diags *diags, struct buf *out, const struct diag *diag)
{
	buf_printf(out, "{\"code\":\"RKO%04u\",\"severity\":\"%s\",\"message\":", diag->code,
		   severity_word(diag_about(diag->code)->severity));
	buf_json(out, diag->message);
	buf_char(out, ',');
	span_json(diags, out, diag->main.span);
	if (diag->main.label.len) {
		buf_string(out, ",\"label\":");
		buf_json(out, diag->main.label);
	}
	if (diag->nmore) {
		buf_string(out, ",\"also\":[");
		for (unsigned i = 0; i < diag->nmore; i++) {
			buf_string(out, i ? ",{\"label\":" : "{\"label\":");
			buf_json(out, diag->more[i].label);
			buf_char(out, ',');
			span_json(diags, out, diag->more[i].span);
			buf_char(out, '}');
		}
		buf_char(out, ']');
	}
	if (diag->help.len) {
		buf_string(out, ",\"help\":");
		buf_json(out, diag->help);
	}
	if (diag->fix_label.len) {
		buf_string(out, ",\"fix\":{\"label\":");
		buf_json(out, diag->fix_label);
		buf_string(out, ",\"text\":");
		buf_json(out, diag->fix_text);
		buf_char(out, ',');
		span_json(diags, out, diag->fix_span);
		buf_char(out, '}');
	}
	buf_char(out, '}');
}

void diags_json(struct diags *diags, struct buf *out, bool notes)
{
	bool first = true;

	buf_string(out, "{\"diagnostics\":[");
	for (size_t i = 0; i < diags->count; i++) {
		if (!notes && diag_about(diags->list[i]->code)->severity == SEVERITY_NOTE)
			continue;
		if (!first)
			buf_string(out, ",\n");
		first = false;
		diag_json(diags, out, diags->list[i]);
	}
	buf_printf(out, "],\"errors\":%zu,\"warnings\":%zu}\n", diags->errors, diags->warnings);
}
