/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Diag: what is wrong with a text that a person wrote, where, and what to do.
 *
 * A diagnostic is data: a permanent code, a place, a message, up to two places more, a help line and
 * perhaps a fix. diag_codes.def lists the codes; a code is never given a second meaning. Diagnostics
 * are collected, sorted by place and shown once; nothing here prints or exits.
 */
#ifndef RKO_BASE_DIAG_H
#define RKO_BASE_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/source.h"
#include "engine/base/text.h"

struct arena;
struct buf;

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE };

enum diag_code {
#define DIAG(number, severity, name, title, text) DIAG_##name = number,
#include "engine/base/diag_codes.def"
#undef DIAG
};

struct diag_about {
	unsigned number;
	enum severity severity;
	const char *title;	/* a few words */
	const char *text;	/* the long form: why, and an example of wrong and right */
};

/* Every code, in order of number. */
extern const struct diag_about diag_abouts[];
extern const size_t diag_about_count;
/* NULL when there is no such code. */
const struct diag_about *diag_about(unsigned number);

enum { DIAG_MORE = 2 };

struct diag_place {
	struct span span;
	struct text label;
};

struct diag {
	enum diag_code code;
	struct diag_place main;
	struct text message;
	struct diag_place more[DIAG_MORE];
	unsigned nmore;
	struct text help;
	struct span fix_span;		/* what to replace, when fix_label is set */
	struct text fix_text;
	struct text fix_label;
	uint32_t order;			/* of arrival, the last sort key */
};

struct diags {
	struct arena *arena;
	struct sources *sources;
	struct diag **list;
	size_t count;
	size_t cap;
	size_t errors;
	size_t warnings;
};

void diags_init(struct diags *diags, struct arena *arena, struct sources *sources);

/* Adds one. Never NULL; what comes back may be given more places, help and a fix. */
struct diag *diag_add(struct diags *diags, enum diag_code code, struct span span,
		      const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The words under the carets. */
void diag_label(struct diags *diags, struct diag *diag, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* A second or third place; silently left out beyond that. */
void diag_also(struct diags *diags, struct diag *diag, struct span span, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void diag_help(struct diags *diags, struct diag *diag, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void diag_fix(struct diags *diags, struct diag *diag, struct span span, struct text replacement,
	      const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Sorts by place and drops repetitions of one code at one place. */
void diags_finish(struct diags *diags);

enum { DIAG_SHOW_ALL = 0 };
/* At most `most` errors (DIAG_SHOW_ALL: all) and every warning before the last of them; notes if asked. */
void diags_text(struct diags *diags, struct buf *out, bool colour, size_t most, bool notes);
/* One JSON object: {"diagnostics":[…],"errors":n,"warnings":n}. */
void diags_json(struct diags *diags, struct buf *out, bool notes);

#endif
