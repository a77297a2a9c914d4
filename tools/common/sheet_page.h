/* SPDX-License-Identifier: EUPL-1.2 */
/* Sheet, within: how HTML is written, the words of the page, and its parts. */
#ifndef RKO_TOOLS_SHEET_PAGE_H
#define RKO_TOOLS_SHEET_PAGE_H

#include "tools/common/sheet.h"

/*
 * Writes HTML. %s takes a string, which is escaped so that it is only ever text; %d an int, %% a percent sign. Whatever
 * else is in the format is written as it is, so the format must be a literal of ours.
 */
void html(struct buf *out, const char *format, ...);
/* The same text with nothing that means something to HTML; a byte that is no UTF-8 or no text becomes U+FFFD. */
void html_escape(struct buf *out, const char *text);

enum sheet_word {
#define WORD(name, fi, sv, en) WORD_##name,
#include "tools/common/sheet_words.def"
#undef WORD
	WORDS
};
const char *sheet_word(enum rko_language language, enum sheet_word word);

struct sheet_day {
	char text[32];
};
struct sheet_day sheet_day(enum rko_language language, rko_day day);
/* An instant to the minute, in the zone of the decisions; the appendix has it exactly. */
struct sheet_instant {
	char text[64];
};
struct sheet_instant sheet_instant(enum rko_language language, int64_t instant);
/* The sentence of the outcome, and the one of how long it stands; `out` is text, not HTML. */
void sheet_outcome(const struct rko_explanation *why, struct buf *out);
void sheet_stands(const struct rko_explanation *why, struct buf *out);
/* What an outcome is called: "kielletty"; a mark for the eye and the name of a style. */
const char *sheet_outcome_word(enum rko_language language, enum rko_outcome outcome);

/* An article while it is written. */
struct article {
	struct buf *out;
	const struct sheet_decision *about;
	const struct rko_explanation *why;
	enum rko_language language;
	unsigned number;		/* makes ids its own */
	struct buf cites;		/* const struct rko_cite *: those that were referred to, each once */
};

static inline const char *word(const struct article *article, enum sheet_word word)
{
	return sheet_word(article->language, word);
}

/* A section with its heading; closes with "</section>\n". */
void sheet_section(struct article *article, enum sheet_word heading, const char *style);
/* Cited places, in short, each with the number of its full form in the list of sources. */
void sheet_cites(struct article *article, const struct rko_cite *cites, size_t count, size_t see);

/* What one end of an interval is counted from. */
void sheet_end(struct article *article, const struct rko_why_end *end);

extern const char sheet_style[];	/* CSS */

/* Parts, each in a file of its own. Each writes nothing when it has nothing to say. */
void sheet_ladders(struct article *article);	/* sheet_ladder.c */
void sheet_times(struct article *article);	/* sheet_time.c */
void sheet_records(struct article *article);	/* sheet_records.c */

#endif
