/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Sheet: the records that were consulted: which, their ids, when they became known, and the file and line they were read
 * from. First those that the decision itself read, then those that only the sheet needed. For reviewers alone.
 */
#include <stdio.h>
#include <string.h>

#include "tools/common/sheet_page.h"

static bool is_told(const struct rko_why_record *record)
{
	return record->seen == RKO_SEEN_VALUE && !record->given;
}

/* The id, as its key fields; of what was not found, what was looked for. */
static void key(struct article *article, const struct rko_why_record *record)
{
	bool any = false;

	for (size_t i = 0; i < record->nkey; i++) {
		const char *value = record->key[i].value_label;

		if (!*value || strcmp(value, "?") == 0)		/* not known: what it hangs on is not */
			continue;
		html(article->out, "%s%s", any ? " · " : "", value);
		any = true;
	}
}

static void origin(struct article *article, const struct rko_why_record *record)
{
	if (*record->source)
		html(article->out, "%s", record->source);
	if (record->line) {
		char number[24];

		snprintf(number, sizeof number, "%llu", (unsigned long long)record->line);
		html(article->out, "%s%s %s", *record->source ? ", " : "", word(article, WORD_LINE), number);
	}
	if (!*record->source && !record->line)
		html(article->out, "%s", word(article, WORD_NOT_TOLD_ORIGIN));
}

static void row(struct article *article, const struct rko_why_record *record)
{
	static const enum sheet_word absent[] = {
		[RKO_SEEN_VALUE] = WORD_GIVEN,	   [RKO_SEEN_NONE] = WORD_NO_RECORD,
		[RKO_SEEN_OPEN] = WORD_NO_RECORD,  [RKO_SEEN_UNKNOWN] = WORD_NOT_KNOWN,
		[RKO_SEEN_UNEXAMINED] = WORD_UNEXAMINED,
	};

	html(article->out, "<tr><th scope=\"row\">%s%s%s%s</th><td>", record->label, record->fits == 0 ? " (" : "",
	     record->fits == 0 ? word(article, WORD_NOT_FITTING) : "", record->fits == 0 ? ")" : "");
	key(article, record);
	if (is_told(record)) {
		html(article->out, "</td><td>%s</td><td>", sheet_instant(article->language, record->recorded).text);
		origin(article, record);
	} else {
		html(article->out, "</td><td colspan=\"2\">%s", word(article, absent[record->seen]));
	}
	buf_string(article->out, "</td></tr>\n");
}

/* A record that several links lead to is told once. */
static bool told_before(const struct rko_explanation *why, size_t number)
{
	const struct rko_why_record *record = &why->records[number];

	for (size_t i = 0; i < number; i++) {
		const struct rko_why_record *other = &why->records[i];
		bool same = strcmp(other->label, record->label) == 0 && other->nkey == record->nkey &&
			    other->by_decision == record->by_decision && other->fits == record->fits;

		for (size_t j = 0; j < record->nkey && same; j++)
			same = strcmp(other->key[j].value, record->key[j].value) == 0;
		if (same)
			return true;
	}
	return false;
}

static void list(struct article *article, bool by_decision)
{
	const struct rko_explanation *why = article->why;
	bool any = false;

	for (size_t i = 0; i < why->nrecords; i++) {
		if ((why->records[i].by_decision || why->records[i].given) != by_decision || told_before(why, i))
			continue;
		if (!any)
			html(article->out, "<table class=\"records\"><caption>%s</caption><thead><tr><th scope=\"col\">%s</th>"
			     "<th scope=\"col\">%s</th><th scope=\"col\">%s</th><th scope=\"col\">%s</th></tr></thead><tbody>\n",
			     word(article, by_decision ? WORD_RECORDS : WORD_RECORDS_BESIDE), word(article, WORD_RECORD_NAME),
			     word(article, WORD_KEY), word(article, WORD_RECORDED), word(article, WORD_ORIGIN));
		any = true;
		row(article, &why->records[i]);
	}
	buf_string(article->out, any ? "</tbody></table>\n" : "");
}

void sheet_records(struct article *article)
{
	list(article, true);
	list(article, false);
}
