/* SPDX-License-Identifier: EUPL-1.2 */
/* Words and sentences of the sheet. A sentence is whole in each language: nothing is glued that would have to bend. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/date.h"
#include "tools/common/sheet_page.h"

static const char *const words[WORDS][3] = {
#define WORD(name, fi, sv, en) [WORD_##name] = { fi, sv, en },
#include "tools/common/sheet_words.def"
#undef WORD
};

const char *sheet_word(enum rko_language language, enum sheet_word word)
{
	return words[word][language];
}

/* Writing ----------------------------------------------------------------------------------------- */

/* What stands for a byte that cannot stand there itself; NULL when it can. */
static const char *instead_of(char byte)
{
	switch (byte) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return ((unsigned char)byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f ? "\xef\xbf\xbd" : NULL;
	}
}

void html_escape(struct buf *out, const char *text)
{
	const char *end = text + strlen(text), *from = text;	/* what is not yet written */

	while (text < end) {
		size_t size = (unsigned char)*text < 0x80 ? 1 : text_character(text, (size_t)(end - text));
		const char *instead = size ? instead_of(*text) : "\xef\xbf\xbd";

		if (instead) {
			buf_add(out, from, (size_t)(text - from));
			buf_string(out, instead);
			from = text + 1;
		}
		text += size ? size : 1;
	}
	buf_add(out, from, (size_t)(end - from));
}

void html(struct buf *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	for (const char *at = format; *at; at++) {
		size_t plain = strcspn(at, "%");

		buf_add(out, at, plain);
		at += plain;
		if (!*at)
			break;
		at++;
		if (*at == 's')
			html_escape(out, va_arg(args, const char *));
		else if (*at == 'd')
			buf_printf(out, "%d", va_arg(args, int));
		else
			buf_char(out, '%');
	}
	va_end(args);
}

/* Sentences --------------------------------------------------------------------------------------- */

struct sheet_day sheet_day(enum rko_language language, rko_day day)
{
	struct sheet_day out = { "" };

	if (!day_valid(day))
		return out;
	day_say(day, language == RKO_EN, out.text);
	return out;
}

struct sheet_instant sheet_instant(enum rko_language language, int64_t instant)
{
	static const char *const at[3] = { "%s klo %.2s.%.2s", "%s kl. %.2s.%.2s", "%s, %.2s:%.2s" };
	struct sheet_instant out = { "" };
	char exact[RKO_INSTANT_TEXT];
	day_t day;

	/* YYYY-MM-DDTHH:MM:SS+HH:MM */
	if (zone_day(instant, &day) && rko_instant_text(instant, exact) == RKO_OK)
		snprintf(out.text, sizeof out.text, at[language], sheet_day(language, day).text, exact + 11, exact + 14);
	return out;
}

/* %1$s: the action, %2$s: the day. A denial goes on with the rule, or with what the nearest one lacks. */
static const char *const outcomes[][3] = {
	[RKO_NOT_GRANTED] = { "”%1$s” ei ole sallittu %2$s: mikään sääntö ei sitä myönnä",
			      "”%1$s” är inte tillåtet %2$s: ingen regel beviljar det",
			      "“%1$s” is not allowed on %2$s: no rule grants it" },
	[RKO_GRANTED] = { "”%1$s” on sallittu %2$s.", "”%1$s” är tillåtet %2$s.", "“%1$s” is allowed on %2$s." },
	[RKO_FORBIDDEN] = { "”%1$s” on kielletty %2$s", "”%1$s” är förbjudet %2$s", "“%1$s” is forbidden on %2$s" },
	[RKO_UNDECIDED] = { "”%1$s” on ratkaisematta %2$s: jokin ratkaiseva tieto puuttuu, eikä lupaa vielä ole.",
			    "”%1$s” är oavgjort %2$s: någon avgörande uppgift saknas, och det är ännu inte tillåtet.",
			    "“%1$s” is undecided on %2$s: a fact that would settle it is missing, and it is not allowed yet." },
	[RKO_REFUSED] = { "Pyyntöä ”%1$s” ei voitu ratkaista, koska pyynnössä on virhe. Lupaa ei ole.",
			  "Begäran ”%1$s” kunde inte avgöras eftersom den innehåller ett fel. Det är inte tillåtet.",
			  "The request “%1$s” could not be decided because it has an error. It is not allowed." },
};
static const char *const not_granted_told[3] = { "”%1$s” ei ole sallittu %2$s.", "”%1$s” är inte tillåtet %2$s.",
						 "“%1$s” is not allowed on %2$s." };
static const char *const listed[3] = { "Mitä on tehtävä %2$s: ”%1$s”.", "Vad som ska göras %2$s: ”%1$s”.",
				       "What must be done on %2$s: “%1$s”." };
static const char *const failed[3] = { "Pyynnöstä ”%1$s” ei saatu ratkaisua. Lupaa ei ole.",
				       "Begäran ”%1$s” fick inget avgörande. Det är inte tillåtet.",
				       "The request “%1$s” got no decision. It is not allowed." };

static const char *const outcome_words[][3] = {
	[RKO_NOT_GRANTED] = { "ei myönnetty", "inte beviljat", "not granted" },
	[RKO_GRANTED] = { "myönnetty", "beviljat", "granted" },
	[RKO_FORBIDDEN] = { "kielletty", "förbjudet", "forbidden" },
	[RKO_UNDECIDED] = { "ratkaisematta", "oavgjort", "undecided" },
	[RKO_REFUSED] = { "pyyntöä ei tutkittu", "begäran avvisad", "request refused" },
};

const char *sheet_outcome_word(enum rko_language language, enum rko_outcome outcome)
{
	return outcome_words[outcome][language];
}

/* Puts %1$s and %2$s of a sentence in their places. */
static void fill(struct buf *out, const char *sentence, const char *first, const char *second)
{
	for (const char *at = sentence; *at; at++) {
		if (strncmp(at, "%1$s", 4) == 0 || strncmp(at, "%2$s", 4) == 0) {
			buf_string(out, at[1] == '1' ? first : second);
			at += 3;
		} else {
			buf_char(out, *at);
		}
	}
}

/* Of the rule that came closest a condition that does not hold, one with a name first; and how many others do not. */
static void nearest_lacks(const struct rko_explanation *why, struct buf *out)
{
	static const char *const lacks[3] = { ", eikä lähimmän säännön ehto ”%1$s” täyty",
					      ", och villkoret ”%1$s” i den närmaste regeln uppfylls inte",
					      ", and the condition “%1$s” of the nearest rule does not hold" };
	static const char *const one[3] = { " (eikä 1 muu)", " (inte heller 1 annat)", " (nor does 1 other)" };
	static const char *const more[3] = { " (eikä %1$s muuta)", " (inte heller %1$s andra)", " (nor do %1$s others)" };
	const struct rko_why_condition *said = NULL;
	char number[16];
	int failing = 0;

	for (size_t i = 0; i < why->nconditions; i++) {
		const struct rko_why_condition *condition = &why->conditions[i];

		failing += condition->holds == 0;
		if (condition->holds == 0 && *condition->says && (!said || (!*said->name && *condition->name)))
			said = condition;
	}
	if (!said || why->nby)
		return;
	fill(out, lacks[why->language], said->says, "");
	snprintf(number, sizeof number, "%d", failing - 1);
	if (failing > 1)
		fill(out, (failing == 2 ? one : more)[why->language], number, "");
}

void sheet_outcome(const struct rko_explanation *why, struct buf *out)
{
	const char *action = *why->action_label ? why->action_label : why->asks;
	const char *sentence = outcomes[why->decision.outcome][why->language];
	bool whole = why->decision.status != RKO_OK || why->lists || why->requester;

	if (!*action)
		action = why->question;
	if (why->requester && why->decision.outcome == RKO_NOT_GRANTED)
		sentence = not_granted_told[why->language];
	if (why->decision.status != RKO_OK)
		sentence = failed[why->language];
	else if (why->lists && why->decision.outcome != RKO_REFUSED)
		sentence = listed[why->language];
	fill(out, sentence, action, sheet_day(why->language, why->decision.today).text);
	if (!whole && why->decision.outcome == RKO_NOT_GRANTED)
		nearest_lacks(why, out);
	if (!whole && why->decision.outcome == RKO_FORBIDDEN && why->nby && *why->by[0].says)
		buf_printf(out, ": %s", why->by[0].says);
	if (!whole && (why->decision.outcome == RKO_NOT_GRANTED || why->decision.outcome == RKO_FORBIDDEN))
		buf_char(out, '.');
}

void sheet_stands(const struct rko_explanation *why, struct buf *out)
{
	static const char *const both[3] = { "Ratkaisu on sama %1$s–%2$s, jos tiedot eivät muutu.",
					     "Avgörandet är detsamma %1$s–%2$s om uppgifterna inte ändras.",
					     "The answer is the same from %1$s to %2$s unless the facts change." };
	static const char *const until[3] = { "Ratkaisu on sama %2$s saakka, jos tiedot eivät muutu.",
					      "Avgörandet är detsamma till och med %2$s om uppgifterna inte ändras.",
					      "The answer is the same until %2$s unless the facts change." };
	static const char *const since[3] = { "Ratkaisu on sama %1$s alkaen toistaiseksi, jos tiedot eivät muutu.",
					      "Avgörandet är detsamma från och med %1$s tills vidare om uppgifterna inte ändras.",
					      "The answer is the same from %1$s until further notice unless the facts change." };
	static const char *const always[3] = { "Ratkaisu on sama toistaiseksi, jos tiedot eivät muutu.",
					       "Avgörandet är detsamma tills vidare om uppgifterna inte ändras.",
					       "The answer is the same until further notice unless the facts change." };
	bool first = day_valid(why->since), last = day_valid(why->until);
	const char *const *sentence = first && last ? both : last ? until : first ? since : always;

	fill(out, sentence[why->language], sheet_day(why->language, why->since).text,
	     sheet_day(why->language, why->until).text);
}
