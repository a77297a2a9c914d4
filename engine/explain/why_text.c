/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The ladders in words. Every line is a pattern with numbered places, the same places in each language; what stands
 * in them are labels of the vocabulary, values and days, behind a colon and never inflected. So a label reads right in
 * any sentence, and the three languages cannot say different things (tests/unit/test_ladder.c).
 */
#include "engine/explain/words.h"

#include <stdio.h>

enum pattern {
	/* headings */
	P_DECIDES, P_STOPPED, P_POSSIBLE, P_NEAREST, P_FREE, P_EXCEPTIONS, P_OVERLAY, P_WINDOWS, P_RECORDS,
	P_NOT_IN_FORCE, P_WIDENED,
	/* sources */
	P_SOURCE, P_SOURCE_SEE, P_QUOTE, P_ORIGINAL, P_FORCE_BOTH, P_FORCE_FROM, P_FORCE_UNSEEN,
	/* exceptions and overlays */
	P_APPLIES, P_APPLIES_NOT, P_APPLIES_PERHAPS, P_LIFTED, P_ABOVE, P_SETS, P_WIDENS, P_WITHHOLDS,
	/* windows */
	P_BEFORE, P_INSIDE, P_AFTER,
	/* intervals */
	P_FROM, P_TO, P_FROM_TO, P_SPAN, P_NEVER, P_NO_END, P_ON_DATE, P_DAYS_BEFORE, P_DAYS_AFTER, P_MONTHS_BEFORE, P_MONTHS_AFTER,
	P_ONE_DAY_BEFORE, P_ONE_DAY_AFTER, P_ONE_MONTH_BEFORE, P_ONE_MONTH_AFTER,
	/* values */
	P_NONE, P_UNKNOWN, P_UNEXAMINED, P_OR, P_BUT, P_OR_NONE, P_YES, P_NO, P_EMPTY,
	/* tests: held, and not */
	P_CODE, P_CODE_NOT, P_EXISTS, P_EXISTS_NO, P_EXISTS_NOT, P_EXISTS_NO_NOT, P_OPEN_NOT, P_OPEN_NO_NOT,
	P_SAME, P_SAME_NO, P_SAME_NOT, P_SAME_NO_NOT, P_MEMBER, P_MEMBER_NO, P_MEMBER_NOT, P_MEMBER_NO_NOT,
	P_HAS_NOT, P_HAS_NO_NOT, P_OVERLAPS, P_OVERLAPS_NO, P_OVERLAPS_NOT, P_OVERLAPS_NO_NOT,
	P_WITHIN, P_WITHIN_NO, P_WITHIN_NOT, P_WITHIN_NO_NOT, P_DATE, P_DATE_NOT, P_DATE_OPEN, P_DATE_NONE, P_DATE_UNSEEN,
	P_SOME, P_SOME_NO, P_SOME_NOT, P_SOME_NO_NOT, P_UNTOLD, P_READING, P_READING_NOT,
	/* records */
	P_THESE, P_THESE_NOT, P_HOLDS_ALWAYS, P_HOLDS_NEVER, P_WINDOW, P_NO_RECORDS, P_UNKNOWN_RECORDS,
	P_INSTANT, P_RECORD, P_RECORD_FROM, P_RECORD_LINE, P_RECORD_BARE_LINE, P_RECORD_GIVEN, P_RECORD_NONE, P_RECORD_UNKNOWN, P_ONLY_HERE, P_NOT_FITTING,
	PATTERNS
};

static const char *const patterns[PATTERNS][3] = {
	[P_DECIDES] = { "Ratkaisee: {0}", "Avgör: {0}", "Decides: {0}" },
	[P_STOPPED] = { "Täyttyy, mutta poikkeus estää: {0}", "Uppfylls, men ett undantag hindrar: {0}",
			"Holds, but an exception stands in the way: {0}" },
	[P_POSSIBLE] = { "Voisi ratkaista: {0}", "Kunde avgöra: {0}", "Could decide: {0}" },
	[P_NEAREST] = { "Myöntäisi, jos kaikki täyttyisi: {0} (täyttymättä: {1})",
			"Skulle bevilja om allt uppfylldes: {0} (ouppfyllda: {1})",
			"Would grant if all of it held: {0} (failing: {1})" },
	[P_FREE] = { "Myöntäisi ilman kieltoa: {0}", "Skulle bevilja utan förbudet: {0}", "Would grant but for the prohibition: {0}" },
	[P_EXCEPTIONS] = { "Poikkeukset:", "Undantag:", "Exceptions:" },
	[P_OVERLAY] = { "Alueen omat säännöt, {0}:", "Områdets egna regler, {0}:", "The area's own rules, {0}:" },
	[P_WINDOWS] = { "Ajat:", "Tider:", "Times:" },
	[P_RECORDS] = { "Tiedot, joita katsottiin:", "Uppgifter som granskades:", "Records that were consulted:" },
	[P_NOT_IN_FORCE] = { "Sääntö ei ole voimassa tänä päivänä", "Regeln är inte i kraft denna dag",
			     "The rule is not in force on this day" },
	[P_WIDENED] = { "Sääntö ulottuu tähän vain alueen laajennuksella", "Regeln når hit endast genom områdets utvidgning",
			"The rule reaches this only as the area has widened it" },
	[P_SOURCE] = { "{0}, {1}{2}", "{0}, {1}{2}", "{0}, {1}{2}" },
	[P_SOURCE_SEE] = { "ks. {0}, {1}{2}", "se {0}, {1}{2}", "see {0}, {1}{2}" },
	[P_QUOTE] = { ": ”{0}”", ": ”{0}”", ": “{0}”" },
	[P_ORIGINAL] = { "suomeksi: ”{0}”", "på finska: ”{0}”", "in Finnish: “{0}”" },
	[P_FORCE_BOTH] = { " (voimassa {0}–{1})", " (i kraft {0}–{1})", " (in force {0} – {1})" },
	[P_FORCE_FROM] = { " (voimassa {0} alkaen)", " (i kraft från {0})", " (in force from {0})" },
	[P_FORCE_UNSEEN] = { " (voimassaoloaikaa ei tiedetä)", " (giltighetstiden är inte känd)", " (when it is in force is not known)" },
	[P_APPLIES] = { "{0}: soveltuu", "{0}: gäller", "{0}: applies" },
	[P_APPLIES_NOT] = { "{0}: ei sovellu", "{0}: gäller inte", "{0}: does not apply" },
	[P_APPLIES_PERHAPS] = { "{0}: ei tiedetä, soveltuuko", "{0}: inte känt om det gäller", "{0}: not known whether it applies" },
	[P_LIFTED] = { "täyttyy, mutta poikkeus siitä kumoaa sen", "uppfylls, men ett undantag från det upphäver det",
		       "holds, but an exception to it lifts it" },
	[P_ABOVE] = { "se, mistä tämä poikkeaa, ei täyty", "det som detta avviker från uppfylls inte",
		      "what this excepts does not hold" },
	[P_SETS] = { "asettaa: {0} = {1}", "fastställer: {0} = {1}", "sets: {0} = {1}" },
	[P_WIDENS] = { "laajentaa: {0}", "utvidgar: {0}", "widens: {0}" },
	[P_WITHHOLDS] = { "estää: {0}", "hindrar: {0}", "withholds: {0}" },
	[P_BEFORE] = { "{0}: {1} – päivä {2} on ennen", "{0}: {1} – dagen {2} är före", "{0}: {1} – {2} is before it" },
	[P_INSIDE] = { "{0}: {1} – päivä {2} kuuluu", "{0}: {1} – dagen {2} hör till", "{0}: {1} – {2} is in it" },
	[P_AFTER] = { "{0}: {1} – päivä {2} on jälkeen", "{0}: {1} – dagen {2} är efter", "{0}: {1} – {2} is after it" },
	[P_FROM] = { "aikaisintaan {0}", "tidigast {0}", "at the earliest {0}" },
	[P_TO] = { "viimeistään {0}", "senast {0}", "at the latest {0}" },
	[P_FROM_TO] = { "aikaisintaan {0} ja viimeistään {1}", "tidigast {0} och senast {1}",
			"at the earliest {0} and at the latest {1}" },
	[P_SPAN] = { "{0} – {1}", "{0} – {1}", "{0} – {1}" },
	[P_NEVER] = { "ei minään päivänä", "ingen dag", "on no day" },
	[P_NO_END] = { "toistaiseksi ({0})", "tills vidare ({0})", "with no end ({0})" },
	[P_ON_DATE] = { "{0} ({1})", "{0} ({1})", "{0} ({1})" },
	[P_DAYS_BEFORE] = { "{0} ({1} päivää ennen tätä: {2} {3})", "{0} ({1} dagar före detta: {2} {3})",
			    "{0} ({1} days before this: {2} {3})" },
	[P_DAYS_AFTER] = { "{0} ({1} päivää tämän jälkeen: {2} {3})", "{0} ({1} dagar efter detta: {2} {3})",
			   "{0} ({1} days after this: {2} {3})" },
	[P_MONTHS_BEFORE] = { "{0} ({1} kuukautta ennen tätä: {2} {3})", "{0} ({1} månader före detta: {2} {3})",
			      "{0} ({1} months before this: {2} {3})" },
	[P_MONTHS_AFTER] = { "{0} ({1} kuukautta tämän jälkeen: {2} {3})", "{0} ({1} månader efter detta: {2} {3})",
			     "{0} ({1} months after this: {2} {3})" },
	[P_ONE_DAY_BEFORE] = { "{0} ({1} päivä ennen tätä: {2} {3})", "{0} ({1} dag före detta: {2} {3})",
			       "{0} ({1} day before this: {2} {3})" },
	[P_ONE_DAY_AFTER] = { "{0} ({1} päivä tämän jälkeen: {2} {3})", "{0} ({1} dag efter detta: {2} {3})",
			      "{0} ({1} day after this: {2} {3})" },
	[P_ONE_MONTH_BEFORE] = { "{0} ({1} kuukausi ennen tätä: {2} {3})", "{0} ({1} månad före detta: {2} {3})",
				 "{0} ({1} month before this: {2} {3})" },
	[P_ONE_MONTH_AFTER] = { "{0} ({1} kuukausi tämän jälkeen: {2} {3})", "{0} ({1} månad efter detta: {2} {3})",
				"{0} ({1} month after this: {2} {3})" },
	[P_NONE] = { "ei ole", "finns inte", "none" },
	[P_UNKNOWN] = { "ei tiedetä", "inte känt", "not known" },
	[P_UNEXAMINED] = { "ei tutkittu", "inte undersökt", "not examined" },
	[P_OR] = { "{0} tai {1}", "{0} eller {1}", "{0} or {1}" },
	[P_BUT] = { "muu kuin {0}", "något annat än {0}", "anything but {0}" },
	[P_OR_NONE] = { "{0} (tai ei mitään)", "{0} (eller ingenting)", "{0} (or none)" },
	[P_YES] = { "kyllä", "ja", "yes" },
	[P_NO] = { "ei", "nej", "no" },
	[P_EMPTY] = { "tyhjä", "tomt", "empty" },
	[P_CODE] = { "{0}: {1}", "{0}: {1}", "{0}: {1}" },
	[P_CODE_NOT] = { "{0}: {1} – tarvitaan: {2}", "{0}: {1} – det som behövs: {2}", "{0}: {1} – needed: {2}" },
	[P_EXISTS] = { "{0}: löytyy", "{0}: finns", "{0}: found" },
	[P_EXISTS_NO] = { "{0}: ei löydy", "{0}: finns inte", "{0}: not found" },
	[P_EXISTS_NOT] = { "{0}: {1} – pitäisi löytyä", "{0}: {1} – borde finnas", "{0}: {1} – should be there" },
	[P_EXISTS_NO_NOT] = { "{0}: {1} – ei saisi löytyä", "{0}: {1} – får inte finnas", "{0}: {1} – must not be there" },
	[P_OPEN_NOT] = { "{0}: {1} – pitäisi olla toistaiseksi", "{0}: {1} – borde gälla tills vidare",
			 "{0}: {1} – should have no end" },
	[P_OPEN_NO_NOT] = { "{0}: {1} – pitäisi olla päivä", "{0}: {1} – borde vara en dag", "{0}: {1} – should be a day" },
	[P_SAME] = { "{0}: {1}, {2}: {3} – samat", "{0}: {1}, {2}: {3} – samma", "{0}: {1}, {2}: {3} – the same" },
	[P_SAME_NO] = { "{0}: {1}, {2}: {3} – eri", "{0}: {1}, {2}: {3} – olika", "{0}: {1}, {2}: {3} – different" },
	[P_SAME_NOT] = { "{0}: {1}, {2}: {3} – pitäisi olla samat", "{0}: {1}, {2}: {3} – borde vara samma",
			 "{0}: {1}, {2}: {3} – should be the same" },
	[P_SAME_NO_NOT] = { "{0}: {1}, {2}: {3} – ei saisi olla sama", "{0}: {1}, {2}: {3} – får inte vara samma",
			    "{0}: {1}, {2}: {3} – must not be the same" },
	[P_MEMBER] = { "{0}: {1} – kuuluu näihin: {2}: {3}", "{0}: {1} – hör till dessa: {2}: {3}",
		       "{0}: {1} – is one of these: {2}: {3}" },
	[P_MEMBER_NO] = { "{0}: {1} – ei kuulu näihin: {2}: {3}", "{0}: {1} – hör inte till dessa: {2}: {3}",
			  "{0}: {1} – is none of these: {2}: {3}" },
	[P_MEMBER_NOT] = { "{0}: {1} – pitäisi kuulua näihin: {2}: {3}", "{0}: {1} – borde höra till dessa: {2}: {3}",
			   "{0}: {1} – should be one of these: {2}: {3}" },
	[P_MEMBER_NO_NOT] = { "{0}: {1} – ei saisi kuulua näihin: {2}: {3}", "{0}: {1} – får inte höra till dessa: {2}: {3}",
			      "{0}: {1} – must be none of these: {2}: {3}" },
	[P_HAS_NOT] = { "{0}: {1} – pitäisi sisältää: {2}", "{0}: {1} – borde omfatta: {2}", "{0}: {1} – should contain: {2}" },
	[P_HAS_NO_NOT] = { "{0}: {1} – ei saisi sisältää: {2}", "{0}: {1} – får inte omfatta: {2}",
			   "{0}: {1} – must not contain: {2}" },
	[P_OVERLAPS] = { "{0}: {1}, {2}: {3} – yhteistä on", "{0}: {1}, {2}: {3} – något är gemensamt",
			 "{0}: {1}, {2}: {3} – something in common" },
	[P_OVERLAPS_NO] = { "{0}: {1}, {2}: {3} – yhteistä ei ole", "{0}: {1}, {2}: {3} – inget är gemensamt",
			    "{0}: {1}, {2}: {3} – nothing in common" },
	[P_OVERLAPS_NOT] = { "{0}: {1}, {2}: {3} – pitäisi olla yhteistä", "{0}: {1}, {2}: {3} – något borde vara gemensamt",
			     "{0}: {1}, {2}: {3} – should have something in common" },
	[P_OVERLAPS_NO_NOT] = { "{0}: {1}, {2}: {3} – ei saisi olla yhteistä", "{0}: {1}, {2}: {3} – inget får vara gemensamt",
				"{0}: {1}, {2}: {3} – must have nothing in common" },
	[P_WITHIN] = { "{0}: {1} – kaikki kuuluvat näihin: {2}: {3}", "{0}: {1} – alla hör till dessa: {2}: {3}",
		       "{0}: {1} – all are among these: {2}: {3}" },
	[P_WITHIN_NO] = { "{0}: {1} – kaikki eivät kuulu näihin: {2}: {3}", "{0}: {1} – alla hör inte till dessa: {2}: {3}",
			  "{0}: {1} – not all are among these: {2}: {3}" },
	[P_WITHIN_NOT] = { "{0}: {1} – kaikkien pitäisi kuulua näihin: {2}: {3}", "{0}: {1} – alla borde höra till dessa: {2}: {3}",
			   "{0}: {1} – all should be among these: {2}: {3}" },
	[P_WITHIN_NO_NOT] = { "{0}: {1} – kaikki eivät saisi kuulua näihin: {2}: {3}",
			      "{0}: {1} – alla får inte höra till dessa: {2}: {3}",
			      "{0}: {1} – must not all be among these: {2}: {3}" },
	[P_DATE] = { "{0}: {1} – vaaditaan: {2}", "{0}: {1} – krävs: {2}", "{0}: {1} – required: {2}" },
	[P_DATE_NOT] = { "{0}: {1} – pitäisi olla {2}", "{0}: {1} – borde vara {2}", "{0}: {1} – should be {2}" },
	[P_DATE_OPEN] = { "{0}: {1} – loppua ei ole: {2}", "{0}: {1} – det finns inget slut: {2}", "{0}: {1} – there is no end: {2}" },
	[P_DATE_NONE] = { "{0}: {1}, {2}: {3} – päiviä ei voi verrata", "{0}: {1}, {2}: {3} – dagarna kan inte jämföras",
			  "{0}: {1}, {2}: {3} – the days cannot be compared" },
	[P_DATE_UNSEEN] = { "{0}: {1}, {2}: {3}", "{0}: {1}, {2}: {3}", "{0}: {1}, {2}: {3}" },
	[P_SOME] = { "{0}: ehdon täyttävä löytyy (katsottu: {1})", "{0}: en som uppfyller villkoret finns (granskade: {1})",
		     "{0}: one that fulfils the condition is there (looked at: {1})" },
	[P_SOME_NO] = { "{0}: ehdon täyttävää ei löydy (katsottu: {1})", "{0}: ingen som uppfyller villkoret finns (granskade: {1})",
			"{0}: none that fulfils the condition is there (looked at: {1})" },
	[P_SOME_NOT] = { "{0}: ehdon täyttävän pitäisi löytyä (katsottu: {1})",
			 "{0}: en som uppfyller villkoret borde finnas (granskade: {1})",
			 "{0}: one that fulfils the condition should be there (looked at: {1})" },
	[P_SOME_NO_NOT] = { "{0}: ehdon täyttävää ei saisi löytyä (katsottu: {1})",
			    "{0}: ingen som uppfyller villkoret får finnas (granskade: {1})",
			    "{0}: none that fulfils the condition may be there (looked at: {1})" },
	[P_UNTOLD] = { "{0}: alue ei ole ilmoittanut tätä", "{0}: området har inte angett detta",
		       "{0}: the area has not told this" },
	[P_READING] = { "Tulkinta {0}: {1}", "Tolkningen {0}: {1}", "The reading {0}: {1}" },
	[P_READING_NOT] = { "Tulkinta {0}: {1} – toisin olisi: {2}", "Tolkningen {0}: {1} – annars vore det: {2}",
			    "The reading {0}: {1} – otherwise it would be: {2}" },
	[P_THESE] = { "Nämä täyttyvät:", "Dessa är uppfyllda:", "These hold:" },
	[P_THESE_NOT] = { "Näiden pitäisi täyttyä:", "Dessa borde vara uppfyllda:", "These should hold:" },
	[P_HOLDS_ALWAYS] = { "Ehto täyttyy aina", "Villkoret är alltid uppfyllt", "The condition always holds" },
	[P_HOLDS_NEVER] = { "Ehto ei voi täyttyä", "Villkoret kan inte uppfyllas", "The condition cannot hold" },
	[P_WINDOW] = { "Ehdon aika", "Villkorets tid", "Time of the condition" },
	[P_NO_RECORDS] = { "{0}: ei löydy", "{0}: finns inte", "{0}: not found" },
	[P_UNKNOWN_RECORDS] = { "{0}: ei tiedetä", "{0}: inte känt", "{0}: not known" },
	[P_INSTANT] = { "{0} klo {1}.{2}", "{0} kl. {1}.{2}", "{0} at {1}:{2}" },
	[P_RECORD] = { "{0}: {1}, kirjattu {2}, sukupolvi {3}", "{0}: {1}, registrerad {2}, generation {3}",
		       "{0}: {1}, recorded {2}, generation {3}" },
	[P_RECORD_FROM] = { "{0}: {1}, kirjattu {2}, sukupolvi {3}, luettu: {4}",
			    "{0}: {1}, registrerad {2}, generation {3}, från {4}",
			    "{0}: {1}, recorded {2}, generation {3}, from {4}" },
	[P_RECORD_LINE] = { "{0}: {1}, kirjattu {2}, sukupolvi {3}, luettu: {4}, rivi {5}",
			    "{0}: {1}, registrerad {2}, generation {3}, från {4}, rad {5}",
			    "{0}: {1}, recorded {2}, generation {3}, from {4}, line {5}" },
	[P_RECORD_BARE_LINE] = { "{0}: {1}, kirjattu {2}, sukupolvi {3}, rivi {5}",
				 "{0}: {1}, registrerad {2}, generation {3}, rad {5}",
				 "{0}: {1}, recorded {2}, generation {3}, line {5}" },
	[P_RECORD_GIVEN] = { "{0}: pyynnössä annettu", "{0}: gavs i begäran", "{0}: given in the request" },
	[P_RECORD_NONE] = { "{0}: {1} – ei löydy", "{0}: {1} – finns inte", "{0}: {1} – not found" },
	[P_RECORD_UNKNOWN] = { "{0}: {1} – ei tiedetä", "{0}: {1} – inte känt", "{0}: {1} – not known" },
	[P_ONLY_HERE] = { "{0} (vain perustelua varten)", "{0} (endast för motiveringen)", "{0} (only for the explanation)" },
	[P_NOT_FITTING] = { "{0} (ei kelpaa tähän)", "{0} (duger inte här)", "{0} (of no use here)" },
};

const char *words_pattern(unsigned number, enum rko_language language)
{
	return number < PATTERNS ? patterns[number][language] : NULL;
}

/* Filling ------------------------------------------------------------------------------------------ */

enum { PLACES = 6 };

struct filling {
	const char *at[PLACES];
};

static void fill(struct buf *out, const char *pattern, const struct filling *filling)
{
	for (;;) {
		const char *place = strchr(pattern, '{');

		if (!place)
			break;
		buf_add(out, pattern, (size_t)(place - pattern));
		buf_string(out, filling->at[place[1] - '0']);
		pattern = place + 3;
	}
	buf_string(out, pattern);
}

/* A text that lives as long as the explanation. */
static const char *filled(const struct words *words, enum pattern pattern, struct filling filling)
{
	struct explained *explained = (struct explained *)(uintptr_t)words->about;
	struct buf text = { .arena = &explained->arena };

	fill(&text, patterns[pattern][words->about->language], &filling);
	return text.at ? text.at : "";
}

#define FILL(words, pattern, ...) filled((words), (pattern), (struct filling){ { __VA_ARGS__ } })

static void put(struct words *words, const char *first, enum pattern pattern, struct filling filling)
{
	struct buf text = { 0 };

	fill(&text, patterns[pattern][words->about->language], &filling);
	words_paragraph(words, first, words->indent + 2, buf_view(&text));
	if (buf_failed(&text))
		words->out->failed = true;
	buf_release(&text);
}

static void put_text(struct words *words, const char *first, const char *text)
{
	words_paragraph(words, first, words->indent + 2, text_from(text));
}

/* The blanks that begin a line, and a mark: held, not held, not known, or none. */
enum { FIRST_BYTES = 96 };

struct first {
	char text[FIRST_BYTES];
};

static struct first begin(const struct words *words, const char *mark)
{
	size_t indent = words->indent < FIRST_BYTES - 16 ? words->indent : FIRST_BYTES - 16;
	struct first out;

	memset(out.text, ' ', indent);
	strcpy(out.text + indent, mark);
	return out;
}

static const char *mark_of(int holds)
{
	return holds > 0 ? "✔ " : holds == 0 ? "✘ " : "? ";
}

static const char *number_text(const struct words *words, long long number)
{
	struct explained *explained = (struct explained *)(uintptr_t)words->about;

	return text_format(&explained->arena, "%lld", number).at;
}

static const char *day_text(const struct words *words, rko_day day)
{
	struct explained *explained = (struct explained *)(uintptr_t)words->about;
	char text[EXPLAIN_DAY];

	explain_print_day(words->about->language, day, text);
	return text_copy(&explained->arena, text_from(text)).at;
}

/* Values ------------------------------------------------------------------------------------------- */

enum { LISTED_MOST = 12 };

static const char *list_text(const struct words *words, const struct rko_why_value *values, size_t count, bool either)
{
	struct explained *explained = (struct explained *)(uintptr_t)words->about;
	struct text out = TEXT("");
	size_t shown = count > LISTED_MOST ? LISTED_MOST : count;

	if (count == 1)
		return values->label;
	for (size_t i = 0; i < shown; i++) {
		const char *label = values[i].label;

		if (either && i > 0 && i + 1 == count)
			return FILL(words, P_OR, out.at, label);
		out = text_format(&explained->arena, "%.*s%s%s", TEXT_ARG(out), i ? ", " : "", label);
	}
	return count > shown ? text_format(&explained->arena, "%.*s …", TEXT_ARG(out)).at : out.at;
}

static const char *seen_text(const struct words *words, const struct rko_why_thing *thing)
{
	switch (thing->seen) {
	case RKO_SEEN_VALUE:
		return thing->nvalues ? list_text(words, thing->values, thing->nvalues, false) : FILL(words, P_EMPTY, "");
	case RKO_SEEN_NONE:
		return FILL(words, P_NONE, "");
	case RKO_SEEN_OPEN:
		return day_text(words, RKO_DAY_OPEN);
	case RKO_SEEN_UNKNOWN:
		return FILL(words, P_UNKNOWN, "");
	case RKO_SEEN_UNEXAMINED:
		break;
	}
	return FILL(words, P_UNEXAMINED, "");
}

static const char *needed_text(const struct words *words, const struct rko_why_test *test)
{
	const char *list = test->nneeded ? list_text(words, test->needed, test->nneeded, true) : FILL(words, P_NONE, "");

	if (test->needed_but)
		list = FILL(words, P_BUT, list);
	return test->none_will_do && test->nneeded && !test->needed_but ? FILL(words, P_OR_NONE, list) : list;
}

static const char *end_text(const struct words *words, const struct rko_why_end *end)
{
	static const enum pattern ways[2][2][2] = {	/* months, before, one */
		{ { P_DAYS_AFTER, P_ONE_DAY_AFTER }, { P_DAYS_BEFORE, P_ONE_DAY_BEFORE } },
		{ { P_MONTHS_AFTER, P_ONE_MONTH_AFTER }, { P_MONTHS_BEFORE, P_ONE_MONTH_BEFORE } },
	};
	int32_t count = end->count < 0 ? -end->count : end->count;

	if (!*end->name)
		return day_text(words, end->day);
	if (end->day == RKO_DAY_OPEN)
		return FILL(words, P_NO_END, end->label);
	if (!count)
		return FILL(words, P_ON_DATE, day_text(words, end->day), end->label);
	return FILL(words, ways[end->months][end->count < 0][count == 1], day_text(words, end->day), number_text(words, count),
		    end->label, day_text(words, end->anchor));
}

/* What a day should be. */
static const char *interval_text(const struct words *words, const struct rko_why_end *from, const struct rko_why_end *to)
{
	bool begins = from->day != RKO_DAY_OPEN, ends = to->day != RKO_DAY_OPEN;

	if (begins && ends)
		return FILL(words, P_FROM_TO, end_text(words, from), end_text(words, to));
	if (begins)
		return FILL(words, P_FROM, end_text(words, from));
	return ends ? FILL(words, P_TO, end_text(words, to)) : FILL(words, P_NEVER, "");
}

/* From when to when. */
static const char *span_text(const struct words *words, const struct rko_why_window *window)
{
	bool begins = window->from.day != RKO_DAY_OPEN, ends = window->to.day != RKO_DAY_OPEN;

	if (!begins)
		return ends ? FILL(words, P_TO, end_text(words, &window->to)) : end_text(words, &window->to);
	return FILL(words, P_SPAN, begins ? end_text(words, &window->from) : "", end_text(words, &window->to));
}

/* Tests -------------------------------------------------------------------------------------------- */

/* Held, held as no; not held, though it should, though it should not. */
struct four {
	enum pattern held, held_no, failed, failed_no;
};

static enum pattern one_of(const struct four *four, const struct rko_why_test *test)
{
	if (test->holds == 1)
		return test->wanted ? four->held : four->held_no;
	return test->wanted ? four->failed : four->failed_no;
}

static const struct four fours[] = {
	[RKO_TEST_EXISTS] = { P_EXISTS, P_EXISTS_NO, P_EXISTS_NOT, P_EXISTS_NO_NOT },
	[RKO_TEST_OPEN] = { P_CODE, P_CODE, P_OPEN_NOT, P_OPEN_NO_NOT },
	[RKO_TEST_SAME] = { P_SAME, P_SAME_NO, P_SAME_NOT, P_SAME_NO_NOT },
	[RKO_TEST_MEMBER] = { P_MEMBER, P_MEMBER_NO, P_MEMBER_NOT, P_MEMBER_NO_NOT },
	[RKO_TEST_HAS] = { P_CODE, P_CODE, P_HAS_NOT, P_HAS_NO_NOT },
	[RKO_TEST_OVERLAPS] = { P_OVERLAPS, P_OVERLAPS_NO, P_OVERLAPS_NOT, P_OVERLAPS_NO_NOT },
	[RKO_TEST_INSIDE] = { P_WITHIN, P_WITHIN_NO, P_WITHIN_NOT, P_WITHIN_NO_NOT },
	[RKO_TEST_SOME] = { P_SOME, P_SOME_NO, P_SOME_NOT, P_SOME_NO_NOT },
};

static const char *exists_text(const struct words *words, const struct rko_why_test *test)
{
	const char *seen = test->about.seen == RKO_SEEN_VALUE && !test->about.nvalues ? FILL(words, P_YES, "")
										     : seen_text(words, &test->about);

	return FILL(words, one_of(&fours[RKO_TEST_EXISTS], test), test->about.label, seen);
}

static const char *date_text(const struct words *words, const struct rko_why_test *test)
{
	bool compared = test->about.seen == RKO_SEEN_VALUE || test->about.seen == RKO_SEEN_OPEN;

	if (*test->other.name)
		compared &= test->other.seen == RKO_SEEN_VALUE || test->other.seen == RKO_SEEN_OPEN;
	if (!compared)
		return FILL(words, test->about.seen == RKO_SEEN_UNEXAMINED || test->other.seen == RKO_SEEN_UNEXAMINED
					   ? P_DATE_UNSEEN : P_DATE_NONE, test->about.label, seen_text(words, &test->about), test->other.label,
			    *test->other.name ? seen_text(words, &test->other) : "");
	if (test->holds == 1 && test->from.day == RKO_DAY_OPEN && test->to.day == RKO_DAY_OPEN)
		return FILL(words, P_DATE_OPEN, test->about.label, seen_text(words, &test->about), test->to.label);
	return FILL(words, test->holds == 1 ? P_DATE : P_DATE_NOT, test->about.label, seen_text(words, &test->about),
		    interval_text(words, &test->from, &test->to));
}

static const char *finding_text(const struct words *words, const struct rko_why_test *test)
{
	return FILL(words, test->holds == 1 ? P_CODE : P_CODE_NOT, test->about.label, seen_text(words, &test->about),
		    FILL(words, test->wanted ? P_YES : P_NO, ""));
}

static const char *test_text(const struct words *words, const struct rko_why_test *test)
{
	const struct rko_why_thing *about = &test->about, *other = &test->other;

	switch (test->test) {
	case RKO_TEST_CODE:
	case RKO_TEST_ACTION:
		return FILL(words, test->holds == 1 ? P_CODE : P_CODE_NOT, about->label, seen_text(words, about),
			    test->holds == 1 ? "" : needed_text(words, test));
	case RKO_TEST_HAS:
		return FILL(words, one_of(&fours[test->test], test), about->label, seen_text(words, about),
			    needed_text(words, test));
	case RKO_TEST_EXISTS:
		return exists_text(words, test);
	case RKO_TEST_OPEN:
	case RKO_TEST_SAME:
	case RKO_TEST_MEMBER:
	case RKO_TEST_OVERLAPS:
	case RKO_TEST_INSIDE:
		return FILL(words, one_of(&fours[test->test], test), about->label, seen_text(words, about), other->label,
			    seen_text(words, other));
	case RKO_TEST_DATE:
		return date_text(words, test);
	case RKO_TEST_SOME:
		return FILL(words, one_of(&fours[test->test], test), about->label,
			    about->seen == RKO_SEEN_UNEXAMINED ? FILL(words, P_UNEXAMINED, "")
							       : number_text(words, (long long)test->looked_at));
	case RKO_TEST_FINDING:
		return finding_text(words, test);
	case RKO_TEST_UNTOLD:
		return FILL(words, P_UNTOLD, about->label);
	case RKO_TEST_READING:
		break;
	}
	return FILL(words, test->holds == 1 ? P_READING : P_READING_NOT, about->label, seen_text(words, about),
		    test->holds == 1 ? "" : needed_text(words, test));
}

static void tests(struct words *words, const struct rko_why_test *list, size_t count, bool all)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].holds == 1 && !all)
			continue;
		put_text(words, begin(words, mark_of(list[i].holds)).text, test_text(words, &list[i]));
		words->indent += 2;
		tests(words, list[i].nested, list[i].nnested, all);
		words->indent -= 2;
	}
}

size_t words_failing(struct words *words, const struct rko_why_ladder *ladder, size_t number, size_t indent)
{
	const struct rko_why_test *list[RKO_FAILING_MOST];
	size_t count = rko_why_failing(ladder, number, list);

	words->indent = indent;
	for (size_t i = 0; i < count; i++)
		tests(words, list[i], 1, false);
	return count;
}

size_t words_held(struct words *words, const struct rko_why_condition *condition, size_t indent)
{
	words->indent = indent;
	tests(words, condition->tests, condition->ntests, true);
	return condition->ntests;
}

const char *rko_why_test_says(struct rko_explanation *explanation, const struct rko_why_test *test)
{
	const struct words words = { .about = explanation };

	return test_text(&words, test);
}

/* Sources ------------------------------------------------------------------------------------------ */

static const char *force_text(const struct words *words, const struct rko_cite *cite)
{
	if (cite->pending)
		return FILL(words, P_FORCE_UNSEEN, "");
	return cite->to == RKO_DAY_OPEN ? FILL(words, P_FORCE_FROM, day_text(words, cite->from))
					: FILL(words, P_FORCE_BOTH, day_text(words, cite->from), day_text(words, cite->to));
}

const char *words_title(const struct words *words, const struct rko_cite *cite)
{
	struct explained *explained = (struct explained *)(uintptr_t)words->about;
	bool number = *cite->id >= '0' && *cite->id <= '9';

	return *cite->id ? text_format(&explained->arena, number ? "%s %s" : "%s (%s)", cite->title, cite->id).at : cite->title;
}

/* Each source with its title and force; what it says where `quotes`. */
static void sources(struct words *words, const struct rko_cite *list, size_t count, size_t see, bool quotes)
{
	words_colour(words, "2");
	for (size_t i = 0; i < count; i++) {
		struct explained *explained = (struct explained *)(uintptr_t)words->about;
		const char *title = quotes || !*list[i].id ? words_title(words, &list[i]) : list[i].id, *text;

		if (!quotes && i + see >= count)
			continue;
		text = FILL(words, i + see >= count ? P_SOURCE_SEE : P_SOURCE, title, list[i].passage,
			    force_text(words, &list[i]));
		if (quotes && *list[i].says)
			text = text_format(&explained->arena, "%s%s", text, FILL(words, P_QUOTE, list[i].says)).at;
		put_text(words, begin(words, "§ ").text, text);
		if (quotes && *list[i].original)
			put(words, begin(words, "  ").text, P_ORIGINAL, (struct filling){ { list[i].original } });
	}
	words_colour(words, "0");
}

/* Conditions --------------------------------------------------------------------------------------- */

const char *words_named(const struct words *words, const char *says, const char *name)
{
	struct explained *explained = (struct explained *)(uintptr_t)words->about;

	if (!*says || strcmp(says, name) == 0)
		return name;
	return text_format(&explained->arena, "%s (%s)", says, name).at;
}

/* What a condition is called; one without a name is what its tests say, and never the text of the policy. */
const char *words_condition(const struct words *words, const struct rko_why_condition *about)
{
	if (*about->says)
		return *about->name ? words_named(words, about->says, about->name) : about->says;
	if (about->ntests || about->nparts)
		return FILL(words, about->holds == 1 ? P_THESE : P_THESE_NOT, "");
	return FILL(words, about->holds == 1 ? P_HOLDS_ALWAYS : P_HOLDS_NEVER, "");
}

static void condition(struct words *words, const struct rko_why_condition *about, bool all)
{
	bool wordy = all || about->holds != 1 || !*about->says;

	if (!*about->says && about->ntests == 1 && !about->nparts) {	/* the test says it all */
		tests(words, about->tests, 1, true);
		return;
	}
	words_colour(words, about->holds > 0 ? "32" : about->holds == 0 ? "31" : "33");
	put_text(words, begin(words, mark_of(about->holds)).text, words_condition(words, about));
	words_colour(words, "0");
	words->indent += 4;
	if (wordy && about->ncites)
		sources(words, about->cites, about->ncites, about->nsee, false);
	for (size_t i = 0; i < about->nparts && wordy; i++)
		condition(words, &about->parts[i], all);
	if (wordy)
		tests(words, about->tests, about->ntests, true);
	words->indent -= 4;
}

const char *words_rule(const struct words *words, const struct rko_why_rule *rule)
{
	struct explained *explained = (struct explained *)(uintptr_t)words->about;

	return text_format(&explained->arena, "%s%s%s%s%s%s", rule->says, *rule->says ? " (" : "", rule->name,
			   *rule->layer ? ", " : "", rule->layer, *rule->says ? ")" : "").at;
}

/* Ladders ------------------------------------------------------------------------------------------ */

static void exception(struct words *words, const struct rko_why_exception *about)
{
	enum pattern pattern = about->applies == 1 ? P_APPLIES : about->applies == 0 ? P_APPLIES_NOT : P_APPLIES_PERHAPS;
	size_t indent = words->indent;

	words->indent += 2 * about->depth;
	put(words, begin(words, about->applies == 1 ? "! " : about->applies == 0 ? "– " : "? ").text, pattern,
	    (struct filling){ { words_rule(words, &about->rule) } });
	words->indent += 4;
	if (!about->in_force)
		put(words, begin(words, mark_of(0)).text, P_NOT_IN_FORCE, (struct filling){ { "" } });
	for (size_t i = 0; i < about->nconditions; i++)
		if (about->applies == 1 || about->conditions[i].holds != 1)
			condition(words, &about->conditions[i], about->applies == 1);
	if (about->applies == 0 && about->holds == 1)
		put(words, begin(words, mark_of(0)).text, about->reached ? P_LIFTED : P_ABOVE, (struct filling){ { "" } });
	if (about->applies == 1)
		sources(words, about->rule.cites, about->rule.ncites, about->rule.nsee, true);
	words->indent = indent;
}

static void overlay(struct words *words, const struct rko_why_overlay *about)
{
	static const enum pattern effects[] = {
		[RKO_EFFECT_WITHHOLDS] = P_WITHHOLDS, [RKO_EFFECT_WIDENS] = P_WIDENS, [RKO_EFFECT_SETS] = P_SETS,
	};

	put(words, begin(words, "• ").text, effects[about->effect], (struct filling){ { about->label, about->value } });
	words->indent += 4;
	sources(words, about->cites, about->ncites, about->nsee, true);
	words->indent -= 4;
}

static void windows(struct words *words, const struct rko_why_ladder *about)
{
	put(words, begin(words, "").text, P_WINDOWS, (struct filling){ { "" } });
	words->indent += 2;
	for (size_t i = 0; i < about->nwindows; i++) {
		const struct rko_why_window *window = &about->windows[i];

		put(words, begin(words, mark_of(window->stands == 0)).text,
		    window->stands < 0 ? P_BEFORE : window->stands > 0 ? P_AFTER : P_INSIDE,
		    (struct filling){ { *window->says ? window->says : FILL(words, P_WINDOW, ""),
					span_text(words, window),
					day_text(words, words->about->decision.today) } });
	}
	words->indent -= 2;
}

static void ladder(struct words *words, const struct rko_why_ladder *about)
{
	static const enum pattern roles[] = {
		[RKO_LADDER_DECIDES] = P_DECIDES, [RKO_LADDER_STOPPED] = P_STOPPED,
		[RKO_LADDER_POSSIBLE] = P_POSSIBLE, [RKO_LADDER_NEAREST] = P_NEAREST,
	};
	bool all = about->role == RKO_LADDER_DECIDES || about->role == RKO_LADDER_STOPPED;
	bool freely = about->role == RKO_LADDER_NEAREST && !about->failing;

	buf_char(words->out, '\n');
	words->indent = 4;
	words_colour(words, "1");
	put(words, begin(words, "").text, freely ? P_FREE : roles[about->role],
	    (struct filling){ { words_rule(words, &about->rule), number_text(words, (long long)about->failing) } });
	words_colour(words, "0");
	words->indent = 6;
	sources(words, about->rule.cites, about->rule.ncites, about->rule.nsee, all);
	if (!about->in_force)
		put(words, begin(words, mark_of(0)).text, P_NOT_IN_FORCE, (struct filling){ { "" } });
	if (about->widened)
		put(words, begin(words, "• ").text, P_WIDENED, (struct filling){ { "" } });
	for (size_t i = 0; i < about->nconditions; i++)
		condition(words, &about->conditions[i], all);
	if (about->nwindows)
		windows(words, about);
	if (about->nexceptions)
		put(words, begin(words, "").text, P_EXCEPTIONS, (struct filling){ { "" } });
	for (size_t i = 0; i < about->nexceptions; i++)
		exception(words, &about->exceptions[i]);
	if (about->noverlays)
		put(words, begin(words, "").text, P_OVERLAY, (struct filling){ { about->overlays[0].layer_label } });
	words->indent = 8;
	for (size_t i = 0; i < about->noverlays; i++)
		overlay(words, &about->overlays[i]);
}

/* Records ------------------------------------------------------------------------------------------ */

static const char *key_text(const struct words *words, const struct rko_why_record *record)
{
	struct explained *explained = (struct explained *)(uintptr_t)words->about;
	struct text out = TEXT("");

	for (size_t i = 0; i < record->nkey; i++)
		out = text_format(&explained->arena, "%.*s%s%s", TEXT_ARG(out), i ? " · " : "", record->key[i].value_label);
	return out.at;
}

/* An instant of the zone to the minute. */
static const char *instant_text(const struct words *words, int64_t instant)
{
	struct explained *explained = (struct explained *)(uintptr_t)words->about;
	char text[RKO_INSTANT_TEXT];
	day_t day;

	if (rko_instant_text(instant, text) != RKO_OK || !zone_day(instant, &day))
		return "?";
	return FILL(words, P_INSTANT, day_text(words, day),
		    text_copy(&explained->arena, (struct text){ text[11] == '0' ? text + 12 : text + 11, text[11] == '0' ? 1 : 2 }).at,
		    text_copy(&explained->arena, (struct text){ text + 14, 2 }).at);
}

static const char *record_text(const struct words *words, const struct rko_why_record *about)
{
	static const enum pattern from[2][2] = { { P_RECORD, P_RECORD_FROM }, { P_RECORD_BARE_LINE, P_RECORD_LINE } };

	if (about->given)
		return FILL(words, P_RECORD_GIVEN, about->label);
	if (about->seen == RKO_SEEN_NONE)
		return FILL(words, about->nkey ? P_RECORD_NONE : P_NO_RECORDS, about->label, key_text(words, about));
	if (about->seen != RKO_SEEN_VALUE)
		return FILL(words, about->nkey ? P_RECORD_UNKNOWN : P_UNKNOWN_RECORDS, about->label,
			    key_text(words, about));
	return FILL(words, from[about->line != 0][*about->source != '\0'], about->label, key_text(words, about),
		    instant_text(words, about->recorded), number_text(words, about->generation), about->source,
		    number_text(words, (long long)about->line));
}

static void records(struct words *words)
{
	const struct rko_explanation *about = words->about;

	buf_char(words->out, '\n');
	words->indent = 4;
	put(words, begin(words, "").text, P_RECORDS, (struct filling){ { "" } });
	words->indent = 6;
	for (size_t i = 0; i < about->nrecords; i++) {
		const char *text = record_text(words, &about->records[i]);

		if (about->records[i].fits == 0)
			text = FILL(words, P_NOT_FITTING, text);
		if (!about->records[i].by_decision && !about->records[i].given)
			text = FILL(words, P_ONLY_HERE, text);
		put_text(words, begin(words, "• ").text, text);
	}
}

void words_ladders(struct words *words)
{
	for (size_t i = 0; i < words->about->nladders; i++)
		ladder(words, &words->about->ladders[i]);
	if (words->about->nladders)
		buf_char(words->out, '\n');
}

void words_records(struct words *words)
{
	if (words->about->nrecords)
		records(words);
}
