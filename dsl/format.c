/* SPDX-License-Identifier: EUPL-1.2 */
/* The formatter's front: a text in, its layout or what is wrong with it out. */
#include <rko/compile.h>

#include <stdlib.h>

#include "dsl/syntax/fmt.h"
#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/limits.h"

struct format {
	struct arena arena;
	struct sources sources;
	struct diags diags;
	struct text name;
	struct text text;
	struct buf layout;
	struct buf messages;
};

static void report_length(struct format *format, size_t length)
{
	diag_add(&format->diags, DIAG_LIMIT_FILE, SPAN_NONE,
		 "%.*s: a policy file has at most %u bytes, not %zu", TEXT_ARG(format->name),
		 LIMIT_FILE_BYTES, length);
}

/* Whether there is a layout; else there are messages. */
static bool lay_out(struct format *format)
{
	if (format->text.len > LIMIT_FILE_BYTES) {
		report_length(format, format->text.len);
	} else {
		uint32_t source = source_add(&format->sources, format->name, format->text);

		if (fmt_source(&format->layout, &format->diags, source)) {
			if (format->layout.len <= LIMIT_FILE_BYTES)
				return true;
			report_length(format, format->layout.len);
		}
	}
	diags_finish(&format->diags);
	diags_text(&format->diags, &format->messages, false, LIMIT_SHOWN_ERRORS, false);
	return false;
}

static enum rko_status run(struct format *format)
{
	jmp_buf escape;
	bool laid_out;

	if (setjmp(escape)) {
		format->arena.escape = NULL;
		return RKO_NO_MEMORY;
	}
	format->arena.escape = &escape;
	laid_out = lay_out(format);
	format->arena.escape = NULL;
	if (!laid_out)
		return buf_failed(&format->messages) ? RKO_NO_MEMORY : RKO_POLICY_ERRORS;
	if (buf_failed(&format->layout))
		return RKO_NO_MEMORY;
	/* The layout will replace what a person wrote: better none than one with other words. */
	if (!fmt_same(format->sources.list[0].text, buf_view(&format->layout)))
		return RKO_INTERNAL;
	return RKO_OK;
}

/* The bytes of a buf for the caller to free; an empty one gives an empty text. NULL: no memory. */
static char *hand_over(struct buf *buf)
{
	char *at;

	buf_add(buf, NULL, 0);
	at = buf_failed(buf) ? NULL : buf->at;
	if (at)
		*buf = (struct buf){ 0 };
	return at;
}

enum rko_status rko_format(const char *name, const char *text, size_t length, char **ret_text,
			   size_t *ret_length, char **ret_messages)
{
	struct format format = { .name = text_from(name), .text = { text, length } };
	enum rko_status status;

	*ret_text = *ret_messages = NULL;
	*ret_length = 0;
	arena_init(&format.arena, LIMIT_COMPILE_BYTES);
	sources_init(&format.sources, &format.arena);
	diags_init(&format.diags, &format.arena, &format.sources);
	status = run(&format);
	if (status == RKO_OK) {
		*ret_length = format.layout.len;
		*ret_text = hand_over(&format.layout);
		if (!*ret_text)
			status = RKO_NO_MEMORY;
	} else if (status == RKO_POLICY_ERRORS) {
		*ret_messages = hand_over(&format.messages);
		if (!*ret_messages)
			status = RKO_NO_MEMORY;
	}
	buf_release(&format.layout);
	buf_release(&format.messages);
	arena_free(&format.arena);
	return status;
}
