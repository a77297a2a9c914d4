/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/common/sheet.h"

#include <string.h>

#include "tools/common/sheet_page.h"

/* Citations --------------------------------------------------------------------------------------- */

/* Which source this is on the sheet, from 1: the same place is told once in full. */
static int cite_number(struct article *article, const struct rko_cite *cite)
{
	const struct rko_cite *const *list = (const struct rko_cite *const *)(const void *)article->cites.at;
	size_t count = article->cites.len / sizeof *list;

	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i]->source, cite->source) == 0 && strcmp(list[i]->passage, cite->passage) == 0)
			return (int)i + 1;
	buf_add(&article->cites, &cite, sizeof cite);
	return (int)count + 1;
}

void sheet_cites(struct article *article, const struct rko_cite *cites, size_t count, size_t see)
{
	for (size_t i = 0; i < count; i++) {
		const char *id = *cites[i].id ? cites[i].id : cites[i].source;
		int number = cite_number(article, &cites[i]);

		if (i && i == count - see)
			html(article->out, "; %s ", word(article, WORD_SEE_ALSO));
		else if (i)
			buf_string(article->out, "; ");
		html(article->out, "%s, %s <a href=\"#s%d-l%d\">[%d]</a>", id, cites[i].passage, (int)article->number, number,
		     number);
	}
}

/* "1.1.2024 alkaen", "1.1.2024–31.12.2026" or nothing. */
static void days(struct article *article, rko_day from, rko_day to)
{
	struct sheet_day first = sheet_day(article->language, from), last = sheet_day(article->language, to);
	bool finnish = article->language == RKO_FI;

	if (*first.text && *last.text)
		html(article->out, "%s–%s", first.text, last.text);
	else if (*first.text)
		html(article->out, finnish ? "%s %s" : "%s %s", finnish ? first.text : word(article, WORD_FROM),
		     finnish ? word(article, WORD_FROM) : first.text);
	else if (*last.text)
		html(article->out, "%s %s", finnish ? last.text : word(article, WORD_UNTIL),
		     finnish ? word(article, WORD_UNTIL) : last.text);
	else
		html(article->out, "%s", word(article, WORD_OPEN_END));
}

static void quote(struct article *article, const struct rko_cite *cite)
{
	bool finnish_only = article->language != RKO_FI && !*cite->original;

	if (!*cite->says)
		return;
	/* Where there is no translation, the words are the Finnish ones. */
	html(article->out, "<blockquote lang=\"%s\">%s</blockquote>\n", rko_language_word(finnish_only ? RKO_FI : article->language),
	     cite->says);
	if (*cite->original)
		html(article->out, "<p class=\"small\">%s:</p><blockquote lang=\"fi\">%s</blockquote>\n",
		     word(article, WORD_TRANSLATED), cite->original);
}

static bool among(const struct rko_why_rule *rules, size_t count, const struct rko_cite *cite)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j + rules[i].nsee < rules[i].ncites; j++)
			if (strcmp(rules[i].cites[j].source, cite->source) == 0 &&
			    strcmp(rules[i].cites[j].passage, cite->passage) == 0)
				return true;
	return false;
}

/* Whether the words of a passage stand beside a rule already. */
static bool quoted(const struct rko_explanation *why, const struct rko_cite *cite)
{
	return among(why->by, why->nby, cite) ||
	       (why->decision.outcome == RKO_UNDECIDED && among(why->possible, why->npossible, cite));
}

static bool ends_sentence(const char *text)
{
	size_t length = strlen(text);

	return length && text[length - 1] == '.';
}

/* That of an Act or a decree follows its title; where and when something was told stands in brackets. */
static bool is_number(const char *id)
{
	return *id >= '0' && *id <= '9';
}

static void sources(struct article *article)
{
	const struct rko_cite *const *list = (const struct rko_cite *const *)(const void *)article->cites.at;
	size_t count = article->cites.len / sizeof *list;
	bool elsewhere = false;

	if (!count)
		return;
	sheet_section(article, WORD_SOURCES, "sources");
	if (article->language != RKO_FI)
		html(article->out, "<p class=\"small lead\">%s</p>\n", word(article, WORD_OWN_TRANSLATION));
	for (size_t i = 0; i < count && !elsewhere; i++)
		elsewhere = *list[i]->seen != '\0';
	if (elsewhere)
		html(article->out, "<p class=\"small lead\">%s</p>\n", word(article, WORD_READ_ELSEWHERE));
	for (size_t i = 0; i < count; i++) {
		const struct rko_cite *cite = list[i];

		html(article->out, "<div class=\"cite\" id=\"s%d-l%d\"><p>[%d] %s%s%s%s, <strong>%s</strong>", (int)article->number,
		     (int)i + 1, (int)i + 1, cite->title, !*cite->id ? "" : is_number(cite->id) ? " " : " (", cite->id,
		     *cite->id && !is_number(cite->id) ? ")" : "", cite->passage);
		buf_string(article->out, ends_sentence(cite->passage) ? "" : ".");
		buf_string(article->out, " <span class=\"force\">");
		if (cite->pending) {
			html(article->out, "%s", word(article, WORD_FORCE_PENDING));
		} else {
			html(article->out, "%s ", word(article, WORD_IN_FORCE));
			days(article, cite->from, cite->to);
			buf_char(article->out, '.');
		}
		if (*cite->seen)
			html(article->out, " %s: %s.", word(article, WORD_READ), cite->seen);
		buf_string(article->out, "</span></p>\n");
		if (!quoted(article->why, cite))
			quote(article, cite);
		buf_string(article->out, "</div>\n");
	}
	buf_string(article->out, "</section>\n");
}

/* Parts ------------------------------------------------------------------------------------------- */

void sheet_section(struct article *article, enum sheet_word heading, const char *style)
{
	html(article->out, "<section class=\"%s\" aria-labelledby=\"s%d-h%d\">\n<h2 id=\"s%d-h%d\">%s</h2>\n", style,
	     (int)article->number, (int)heading, (int)article->number, (int)heading, word(article, heading));
}

static void item(struct article *article, const char *name, const char *value)
{
	if (*value)
		html(article->out, "<dt>%s</dt><dd>%s</dd>\n", name, value);
}

/* The same of what a program sent, in its own words. */
static void technical(struct article *article, const char *name, const char *value)
{
	if (*value)
		html(article->out, "<dt>%s</dt><dd><code>%s</code></dd>\n", name, value);
}

static void head(struct article *article)
{
	static const struct {
		const char *style, *mark;
	} looks[] = {
		[RKO_NOT_GRANTED] = { "denied", "✘" }, [RKO_GRANTED] = { "granted", "✔" },
		[RKO_FORBIDDEN] = { "denied", "✘" },   [RKO_UNDECIDED] = { "open", "?" },
		[RKO_REFUSED] = { "open", "!" },
	};
	const struct rko_explanation *why = article->why;
	enum rko_outcome outcome = why->decision.outcome;
	bool failed = why->decision.status != RKO_OK, listed = why->lists && outcome != RKO_REFUSED && !failed;
	struct buf sentence = { 0 };

	html(article->out, "<p class=\"kind\">%s</p>\n", word(article, why->requester ? WORD_FORM : WORD_SHEET));
	if (article->about->title)
		html(article->out, "<p class=\"subject\">%s</p>\n", article->about->title);
	sheet_outcome(why, &sentence);
	buf_char(&sentence, '\0');
	html(article->out, "<div class=\"outcome %s\">\n", listed ? "listed" : failed ? "open" : looks[outcome].style);
	html(article->out, "<p class=\"badge\"><span aria-hidden=\"true\">%s</span> %s</p>\n",
	     listed ? "•" : failed ? "!" : looks[outcome].mark,
	     failed || listed ? word(article, failed ? WORD_FAILED : WORD_DUTIES)
			      : sheet_outcome_word(article->language, outcome));
	html(article->out, "<h1>%s</h1>\n", sentence.at ? sentence.at : "");
	buf_reset(&sentence);
	if (!failed && outcome != RKO_REFUSED && !why->requester) {
		sheet_stands(why, &sentence);
		html(article->out, "<p>%s</p>\n", sentence.at ? sentence.at : "");
	}
	article->out->failed |= sentence.failed;
	buf_release(&sentence);
	buf_string(article->out, "</div>\n");
}

/* What whoever reads the rest must know first. */
static void notes(struct article *article)
{
	const struct rko_explanation *why = article->why;

	if (!why->reproduced)
		html(article->out, "<p class=\"note\"><strong>%s</strong> %s (%s%s%s)</p>\n", word(article, WORD_NOTE),
		     word(article, WORD_DIFFERS), sheet_outcome_word(article->language, why->was), *why->was_rule ? ", " : "",
		     why->was_rule ? why->was_rule : "");
	if (why->frozen)
		html(article->out, "<p class=\"note\"><strong>%s</strong> %s</p>\n", word(article, WORD_NOTE),
		     word(article, WORD_FROZEN));
	if (why->incomplete)
		html(article->out, "<p class=\"note\"><strong>%s</strong> %s</p>\n", word(article, WORD_NOTE),
		     word(article, WORD_INCOMPLETE));
}

static bool has_instant(const struct rko_explanation *why)
{
	return why->decision.refusal != RKO_REFUSED_INSTANT;
}

/* What the request said; a date as dates are written. */
static void said(struct article *article, const struct rko_why_said *about)
{
	const char *value = *about->value_label ? about->value_label : about->value;
	rko_day day;

	if (rko_day_parse(about->value, &day) == RKO_OK)
		item(article, about->label, sheet_day(article->language, day).text);
	else
		item(article, *about->label ? about->label : about->name, value);
}

static void question(struct article *article)
{
	const struct rko_explanation *why = article->why;

	sheet_section(article, WORD_QUESTION, "question");
	html(article->out, "<p>%s</p>\n<dl>\n", why->asks);
	item(article, word(article, WORD_ACTION), *why->action_label ? why->action_label : why->action);
	if (has_instant(why)) {
		item(article, word(article, WORD_INSTANT), sheet_instant(article->language, why->decision.instant).text);
		item(article, word(article, WORD_DAY_ASKED), sheet_day(article->language, why->decision.today).text);
	}
	for (size_t i = 0; i < why->nsaid; i++)
		said(article, &why->said[i]);
	buf_string(article->out, "</dl>\n</section>\n");
}

static void rule(struct article *article, const struct rko_why_rule *about)
{
	html(article->out, "<div class=\"rule\">\n<p><strong>%s</strong>", *about->says ? about->says : about->name);
	buf_string(article->out, *about->says ? ".</p>\n" : "</p>\n");
	html(article->out, "<p class=\"refs\"><code>%s</code>", about->name);
	if (*about->layer)
		html(article->out, " · %s (%s)", word(article, WORD_OVERLAY), about->layer);
	html(article->out, " · %s ", word(article, WORD_IN_FORCE));
	days(article, about->from, about->to);
	buf_string(article->out, "</p>\n<p class=\"refs\">");
	sheet_cites(article, about->cites, about->ncites, about->nsee);
	buf_string(article->out, "</p>\n");
	/* The words the answer rests on stand beside it. */
	for (size_t i = 0; i + about->nsee < about->ncites; i++)
		quote(article, &about->cites[i]);
	buf_string(article->out, "</div>\n");
}

static void excepted(struct article *article)
{
	const struct rko_explanation *why = article->why;

	if (!why->nexcepted)
		return;
	html(article->out, "<table><caption>%s</caption><thead><tr><th scope=\"col\">%s</th><th scope=\"col\">%s</th></tr></thead>"
	     "<tbody>\n", word(article, WORD_EXCEPTED), word(article, WORD_WOULD_SPEAK), word(article, WORD_GIVES_WAY_TO));
	for (size_t i = 0; i < why->nexcepted; i++)
		html(article->out, "<tr><th scope=\"row\">%s <code>%s</code></th><td>%s <code>%s</code></td></tr>\n",
		     why->excepted[i].rule_says, why->excepted[i].rule, why->excepted[i].by_says, why->excepted[i].by);
	buf_string(article->out, "</tbody></table>\n");
}

/* What failed, and of a list what failed of the record that came nearest. */
static void failed_tests(struct article *article, const struct rko_why_test *const *list, size_t count)
{
	if (!count)
		return;
	buf_string(article->out, "<ul>\n");
	for (size_t i = 0; i < count; i++) {
		const char *says = rko_why_test_says(article->about->why, list[i]);

		html(article->out, "<li>%s", says ? says : "");
		for (size_t j = 0; j < list[i]->nnested; j++) {
			const struct rko_why_test *nested = &list[i]->nested[j];

			if (nested->holds != 1)
				failed_tests(article, &nested, 1);
		}
		buf_string(article->out, "</li>\n");
	}
	buf_string(article->out, "</ul>\n");
}

/* In short, why the rule that came closest does not grant; the ladder below has all of it. */
static void short_reason(struct article *article)
{
	const struct rko_why_ladder *ladder = rko_why_nearest(article->why);
	const struct rko_why_test *list[RKO_FAILING_MOST];

	if (!ladder || !ladder->failing)
		return;
	html(article->out, "<p>%s: <strong>%s</strong>. %s:</p>\n<ul>\n", word(article, WORD_TO_NEAREST),
	     *ladder->rule.says ? ladder->rule.says : ladder->rule.name, word(article, WORD_FAILS));
	for (size_t i = 0; i < ladder->nconditions; i++) {
		const struct rko_why_condition *condition = &ladder->conditions[i];
		size_t count = rko_why_failing(ladder, i, list);

		if (condition->holds == 1 || (!*condition->says && !count))
			continue;
		html(article->out, "<li>%s%s%s", *condition->says ? condition->says : word(article, WORD_THESE_NOT),
		     condition->holds < 0 ? " – " : "", condition->holds < 0 ? word(article, WORD_NOT_KNOWN) : "");
		failed_tests(article, list, count);
		buf_string(article->out, "</li>\n");
	}
	if (!ladder->in_force)
		html(article->out, "<li>%s</li>\n", word(article, WORD_FAILS_FORCE));
	if (article->why->nearest_excepted)
		html(article->out, "<li>%s</li>\n", word(article, WORD_FAILS_EXCEPTED));
	buf_string(article->out, "</ul>\n");
}

static void reasons(struct article *article)
{
	const struct rko_explanation *why = article->why;
	bool not_granted = why->decision.outcome == RKO_NOT_GRANTED && !why->lists;

	if (!why->nby && !not_granted && !why->nexcepted && !(why->npossible && why->decision.outcome == RKO_UNDECIDED))
		return;
	sheet_section(article, WORD_REASONS, "reasons");
	if (not_granted)
		html(article->out, "<p>%s</p>\n", word(article, why->nby ? WORD_SILENT : WORD_NO_RULE));
	if (not_granted && !why->requester)
		short_reason(article);
	for (size_t i = 0; i < why->nby; i++) {
		html(article->out, "<h3>%s</h3>\n", word(article, i ? WORD_ALSO_BY : WORD_DECIDED_BY));
		rule(article, &why->by[i]);
	}
	if (why->decision.outcome == RKO_UNDECIDED && why->npossible) {
		html(article->out, "<h3>%s</h3>\n", word(article, WORD_POSSIBLE));
		for (size_t i = 0; i < why->npossible; i++)
			rule(article, &why->possible[i]);
	}
	excepted(article);
	buf_string(article->out, "</section>\n");
}

static void missing(struct article *article)
{
	static const enum sheet_word kinds[] = {
		[RKO_MISSING_JUDGEMENT] = WORD_JUDGEMENT, [RKO_MISSING_OVERLAY] = WORD_AREA_RULES,
		[RKO_MISSING_PARAMETER] = WORD_PARAMETER, [RKO_MISSING_RECORD] = WORD_RECORD,
		[RKO_MISSING_FIELD] = WORD_FIELD,	  [RKO_MISSING_REQUEST] = WORD_REQUEST,
	};
	const struct rko_explanation *why = article->why;

	if (why->decision.outcome != RKO_UNDECIDED)
		return;
	sheet_section(article, WORD_MISSING, "missing");
	html(article->out, "<p>%s</p>\n", word(article, why->nmissing ? WORD_MISSING_SAYS : WORD_UNSETTLED));
	if (why->nmissing)
		html(article->out, "<table><thead><tr><th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
		     "<th scope=\"col\">%s</th></tr></thead><tbody>\n",
		     word(article, WORD_WHAT), word(article, WORD_KIND), word(article, WORD_WHOSE));
	for (size_t i = 0; i < why->nmissing; i++) {
		const struct rko_why_missing *fact = &why->missing[i];

		html(article->out, "<tr><th scope=\"row\">%s</th>", fact->label);
		html(article->out, "<td>%s</td><td>%s</td></tr>\n", word(article, kinds[fact->kind]), fact->bearer_label);
	}
	buf_string(article->out, why->nmissing ? "</tbody></table>\n</section>\n" : "</section>\n");
}

/* What would have to change: each way is a list of all that it takes. */
static void changes(struct article *article)
{
	struct rko_explanation *why = article->about->why;

	if (!why->nchanges)
		return;
	sheet_section(article, why->requester ? WORD_COULD : WORD_CHANGES, "changes");
	html(article->out, "<p>%s</p>\n", word(article, why->requester ? WORD_COULD_SAY : WORD_CHANGES_SAY));
	for (size_t i = 0; i < why->nchanges; i++) {
		const struct rko_why_change *change = &why->changes[i];
		/* The rule is named where it is another one. */
		bool named = *change->opens_says && (!i || strcmp(change->opens, why->changes[i - 1].opens) != 0);

		html(article->out, "<div class=\"cite\"><h3>%s %d%s%s</h3>\n<ul>\n", word(article, WORD_WAY), (int)i + 1,
		     named ? ": " : "", named ? change->opens_says : "");
		for (size_t j = 0; j < change->nsteps; j++) {
			const struct rko_why_step *step = &change->steps[j];
			const char *says = rko_why_step_says(why, step);

			html(article->out, "<li>%s", says ? says : "");
			buf_string(article->out, step->nneeds && step->kind != RKO_CHANGE_JUDGEMENT ? "<ul>\n" : "");
			for (size_t k = 0; k < step->nneeds && step->kind != RKO_CHANGE_JUDGEMENT; k++) {
				says = rko_why_need_says(why, &step->needs[k]);
				html(article->out, "<li>%s</li>\n", says ? says : "");
			}
			buf_string(article->out, step->nneeds && step->kind != RKO_CHANGE_JUDGEMENT ? "</ul></li>\n" : "</li>\n");
		}
		buf_string(article->out, "</ul></div>\n");
	}
	if (why->changes_incomplete)
		html(article->out, "<p>%s</p>\n", word(article, WORD_CHANGES_MORE));
	buf_string(article->out, "</section>\n");
}

static void keeping(struct article *article, const struct rko_why_duty *duty)
{
	bool years = duty->keep_months && duty->keep % 12 == 0;

	if (duty->keep)
		html(article->out, "<p class=\"small\">%s: %d %s</p>", word(article, WORD_KEEP),
		     years ? duty->keep / 12 : duty->keep,
		     word(article, years ? WORD_YEARS : duty->keep_months ? WORD_MONTHS : WORD_DAYS));
}

static void duty_row(struct article *article, const struct rko_why_duty *duty)
{
	struct sheet_day due = sheet_day(article->language, duty->due);

	buf_string(article->out, "<tr><th scope=\"row\">");
	if (duty->redaction) {
		html(article->out, "%s: ", word(article, WORD_HIDDEN));
		for (size_t i = 0; i < duty->nfields; i++)
			html(article->out, "%s%s", i ? ", " : "", duty->field_labels[i]);
		html(article->out, "%s%s", *duty->says ? " – " : "", duty->says);
	} else {
		html(article->out, "%s", *duty->says ? duty->says : duty->name);
	}
	keeping(article, duty);
	html(article->out, "</th><td>%s</td><td>%s</td><td class=\"refs\">", duty->bearer_label,
	     duty->has_due && *due.text ? due.text : duty->redaction ? "" : word(article, WORD_NO_DATE));
	sheet_cites(article, duty->cites, duty->ncites, duty->nsee);
	buf_string(article->out, "</td></tr>\n");
}

static void duties(struct article *article)
{
	const struct rko_explanation *why = article->why;

	if (!why->nduties && !why->lists)
		return;
	sheet_section(article, WORD_DUTIES, "duties");
	if (!why->nduties) {
		html(article->out, "<p>%s</p>\n</section>\n", word(article, why->requester ? WORD_NONE_TOLD : WORD_NO_DUTIES));
		return;
	}
	html(article->out, "<table><thead><tr><th scope=\"col\">%s</th><th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
	     "<th scope=\"col\">%s</th></tr></thead><tbody>\n", word(article, WORD_DUTY), word(article, WORD_BEARER),
	     word(article, WORD_DUE), word(article, WORD_BASIS));
	for (size_t i = 0; i < why->nduties; i++)
		duty_row(article, &why->duties[i]);
	buf_string(article->out, "</tbody></table>\n</section>\n");
}

static void answers(struct article *article)
{
	const struct rko_explanation *why = article->why;

	if (!why->nanswers)
		return;
	sheet_section(article, WORD_ANSWERS, "answers");
	buf_string(article->out, "<dl>\n");
	for (size_t i = 0; i < why->nanswers; i++)
		item(article, why->answers[i].label,
		     *why->answers[i].value ? why->answers[i].value_label : word(article, WORD_NOT_KNOWN));
	buf_string(article->out, "</dl>\n</section>\n");
}

static void otherwise(struct article *article, const struct rko_why_otherwise *then)
{
	html(article->out, "<p>%s: %s", word(article, WORD_OTHERWISE), then->option_says);
	if (*then->with)
		html(article->out, ", %s %s", word(article, WORD_TOGETHER), then->with);
	html(article->out, " → <strong>%s</strong>", sheet_outcome_word(article->language, then->outcome));
	if (*then->rule)
		html(article->out, ": %s <code>%s</code>", then->rule_says, then->rule);
	buf_string(article->out, "</p>\n");
}

static void readings(struct article *article, int hangs)
{
	const struct rko_explanation *why = article->why;
	bool any = false;

	for (size_t i = 0; i < why->nreadings; i++) {
		const struct rko_why_reading *reading = &why->readings[i];

		if (reading->confirmed || reading->hangs != hangs)
			continue;
		if (!any) {
			sheet_section(article, hangs ? WORD_READINGS : WORD_OTHER_READINGS, "readings");
			html(article->out, "<p>%s</p>\n", word(article, hangs ? WORD_READINGS_SAY : WORD_OTHER_READINGS_SAY));
		}
		any = true;
		html(article->out, "<div class=\"cite\"><p>%s: <strong>%s</strong> <code>%s</code></p>\n", word(article, WORD_TAKEN),
		     reading->option_says, reading->name);
		for (size_t j = 0; j < reading->notherwise; j++)
			otherwise(article, &reading->otherwise[j]);
		buf_string(article->out, "</div>\n");
	}
	if (any)
		buf_string(article->out, "</section>\n");
}

static void pending(struct article *article)
{
	const struct rko_explanation *why = article->why;

	for (size_t i = 0; i < why->npending; i++)
		html(article->out, "<p class=\"note\"><strong>%s</strong> %s: %s</p>\n", word(article, WORD_NOTE),
		     word(article, WORD_PENDING), why->pending[i].label);
}

/* What of the request it is: in words, and a field also by the name under which it is said. */
static void refused_what(struct article *article)
{
	const struct rko_explanation *why = article->why;
	bool must = why->decision.refusal == RKO_REFUSED_MUST;

	if (!*why->refused_label)
		technical(article, word(article, WORD_REFUSED_FIELD), why->refused);
	else if (must)
		item(article, word(article, WORD_REFUSED_MUST), why->refused_label);
	else
		html(article->out, "<dt>%s</dt><dd>%s <code>%s</code></dd>\n", word(article, WORD_REFUSED_FIELD),
		     why->refused_label, why->refused);
}

static void refused(struct article *article)
{
	const struct rko_explanation *why = article->why;

	sheet_section(article, WORD_WHY_REFUSED, "refused");
	buf_string(article->out, "<dl>\n");
	item(article, word(article, WORD_REFUSED_WHY), rko_refusal_says(why->decision.refusal, article->language));
	refused_what(article);
	technical(article, word(article, WORD_REFUSED_NEAR), why->refused_near);
	technical(article, word(article, WORD_REFUSED_TAKES), why->refused_takes);
	buf_string(article->out, "</dl>\n</section>\n");
}

static void failure(struct article *article)
{
	enum rko_status status = article->why->decision.status;

	sheet_section(article, WORD_FAILED, "refused");
	html(article->out, "<p lang=\"en\"><code>%s</code>: %s</p>\n</section>\n", rko_status_word(status),
	     rko_status_meaning(status));
}

enum { HEX_GROUP = 4 };	/* bytes, so that lines can break */

static void trace(struct article *article)
{
	if (!article->about->trace || !article->about->trace_size)
		return;
	html(article->out, "<details><summary>%s (%d %s)</summary><p class=\"hex\">", word(article, WORD_TRACE),
	     (int)article->about->trace_size, word(article, WORD_BYTES));
	buf_hex(article->out, article->about->trace, article->about->trace_size, HEX_GROUP);
	buf_string(article->out, "</p></details>\n");
}

static void appendix(struct article *article)
{
	const struct rko_explanation *why = article->why;
	struct rko_policy_about about;
	char instant[RKO_INSTANT_TEXT];

	rko_policy_about(article->about->policy, &about);
	sheet_section(article, WORD_APPENDIX, "appendix");
	html(article->out, "<dl>\n<dt>%s</dt><dd><code>%s %s: %s</code></dd>\n", word(article, WORD_OUTCOME_WORD), why->question,
	     why->action, why->decision.status == RKO_OK ? rko_outcome_word(why->decision.outcome)
							 : rko_status_word(why->decision.status));
	if (why->nby)
		html(article->out, "<dt>%s</dt><dd>", word(article, WORD_RULE_NAMES));
	for (size_t i = 0; i < why->nby; i++)
		html(article->out, "%s<code>%s</code> (%s:%d)", i ? ", " : "", why->by[i].name, why->by[i].file,
		     (int)why->by[i].line);
	buf_string(article->out, why->nby ? "</dd>\n" : "");
	html(article->out, "<dt>%s</dt><dd class=\"hex\">", word(article, WORD_POLICY));
	buf_hex(article->out, about.digest, sizeof about.digest, HEX_GROUP);
	buf_string(article->out, "</dd>\n");
	item(article, word(article, WORD_MODULES), about.modules);
	if (has_instant(why) && rko_instant_text(why->decision.instant, instant) == RKO_OK)
		item(article, word(article, WORD_INSTANT), instant);
	html(article->out, "<dt>%s</dt><dd>%d</dd>\n", word(article, WORD_GENERATION), (int)why->decision.generation);
	html(article->out, "<dt>%s</dt><dd>%s, %s</dd>\n</dl>\n", word(article, WORD_ZONE), rko_zone_name(), rko_zone_version());
	sheet_records(article);
	trace(article);
	buf_string(article->out, "</section>\n");
}

/* Pages ------------------------------------------------------------------------------------------- */

/* What whoever asks may be told. */
static void told(struct article *article)
{
	const struct rko_explanation *why = article->why;

	if (!why->lists && (why->nby || why->decision.outcome != RKO_GRANTED)) {
		sheet_section(article, WORD_REASONS, "reasons");
		if (!why->nby)
			html(article->out, "<p>%s</p>\n", word(article, WORD_NOT_TOLD));
		for (size_t i = 0; i < why->nby; i++) {
			html(article->out, "<h3>%s</h3>\n", word(article, WORD_GENERAL));
			rule(article, &why->by[i]);
		}
		buf_string(article->out, "</section>\n");
	}
	duties(article);
	changes(article);
	answers(article);
}

static void decided(struct article *article)
{
	missing(article);
	reasons(article);
	changes(article);
	sheet_ladders(article);
	pending(article);
	readings(article, 1);
	duties(article);
	sheet_times(article);
	answers(article);
	readings(article, 0);
}

void sheet_add(struct sheet *sheet, const struct sheet_decision *decision)
{
	const struct rko_explanation *why = decision->why;
	struct article article = { .out = &sheet->body, .about = decision, .why = why, .language = sheet->language,
				   .number = ++sheet->count };

	if (sheet->count == 1)
		sheet_outcome(why, &sheet->title);
	buf_string(article.out, "<article>\n");
	head(&article);
	notes(&article);
	question(&article);
	if (why->decision.status != RKO_OK)
		failure(&article);
	else if (why->decision.outcome == RKO_REFUSED)
		refused(&article);
	else if (why->requester)
		told(&article);
	else
		decided(&article);
	sources(&article);
	if (!why->requester)
		appendix(&article);
	buf_string(article.out, "</article>\n");
	sheet->body.failed |= article.cites.failed;
	buf_release(&article.cites);
}

bool sheet_finish(struct sheet *sheet, struct buf *out)
{
	html(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\" />\n"
	     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n"
	     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\" />\n"
	     "<title>%s</title>\n<style>\n", rko_language_word(sheet->language), sheet->title.at ? sheet->title.at : "");
	buf_string(out, sheet_style);
	buf_string(out, "</style>\n</head>\n<body>\n<main>\n");
	buf_text(out, buf_view(&sheet->body));
	buf_string(out, "</main>\n</body>\n</html>\n");
	return !buf_failed(out) && !buf_failed(&sheet->body) && !buf_failed(&sheet->title);
}

void sheet_release(struct sheet *sheet)
{
	buf_release(&sheet->title);
	buf_release(&sheet->body);
}
