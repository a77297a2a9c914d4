/* SPDX-License-Identifier: EUPL-1.2 */
/* An explanation in words: what came of it, by which rule, what must be done, until when. */
#include <stdio.h>

#include "engine/explain/words.h"

enum phrase {
	SAY_GRANTED, SAY_FORBIDDEN, SAY_NOT_GRANTED, SAY_UNDECIDED, SAY_REFUSED, SAY_LIST, SAY_FAILED,
	SAY_NO_RULE, SAY_NOT_TOLD, SAY_GENERAL, SAY_NONE_TOLD, SAY_SILENT, SAY_NEAREST, SAY_NOT_IN_FORCE, SAY_EXCEPTED, SAY_DUTIES, SAY_NOTHING_DUE, SAY_BY,
	SAY_KEEP, SAY_MONTHS, SAY_DAYS, SAY_YEARS, SAY_HIDE, SAY_MISSING, SAY_JUDGEMENT, SAY_OVERLAY,
	SAY_PARAMETER, SAY_RECORD, SAY_FIELD, SAY_REQUEST, SAY_READING, SAY_NAMED,
	SAY_OTHERWISE, SAY_TOGETHER, SAY_PENDING, SAY_STANDS, SAY_ALWAYS,
	SAY_SEE, SAY_GAVE_WAY, SAY_EXCEPTION, SAY_INCOMPLETE, SAY_DIFFERS, SAY_POSSIBLE, SAY_UNSETTLED, SAY_NEAR, SAY_TAKES,
	SAY_SINCE, SAY_UNTIL, SAY_FROZEN, SAY_WAS,
};

static const char *const phrases[][3] = {
	[SAY_GRANTED] = { "MYÖNNETTY", "BEVILJAT", "GRANTED" },
	[SAY_FORBIDDEN] = { "KIELLETTY", "FÖRBJUDET", "FORBIDDEN" },
	[SAY_NOT_GRANTED] = { "EI MYÖNNETTY", "INTE BEVILJAT", "NOT GRANTED" },
	[SAY_UNDECIDED] = { "RATKAISEMATTA", "OAVGJORT", "UNDECIDED" },
	[SAY_REFUSED] = { "PYYNTÖÄ EI TUTKITTU", "BEGÄRAN AVVISAD", "REQUEST REFUSED" },
	[SAY_LIST] = { "TEHTÄVÄT", "SKYLDIGHETER", "DUTIES" },
	[SAY_FAILED] = { "EI PÄÄTÖSTÄ", "INGET BESLUT", "NO DECISION" },
	[SAY_NO_RULE] = { "Mikään sääntö ei myönnä tätä.", "Ingen regel beviljar detta.", "No rule grants this." },
	[SAY_NOT_TOLD] = { "Perusteita ei eritellä kysyjälle.", "Grunderna specificeras inte för den som frågar.",
			   "The grounds are not set out to whoever asks." },
	[SAY_GENERAL] = { "Yleinen sääntö:", "Allmän regel:", "General rule:" },
	[SAY_NONE_TOLD] = { "Tehtäviä, jotka kysyjälle kerrotaan, ei ole.", "Det finns inga uppgifter som den som frågar får veta.",
			    "There are no duties that whoever asks is told of." },
	[SAY_SILENT] = { "Jätetty tarkoituksella myöntämättä:", "Avsiktligt inte beviljat:", "Left ungranted on purpose:" },
	[SAY_NEAREST] = { "Lähin myöntävä sääntö", "Närmaste beviljande regel", "Nearest granting rule" },
	[SAY_NOT_IN_FORCE] = { "ei ole voimassa tänä päivänä", "är inte i kraft denna dag", "not in force on this day" },
	[SAY_EXCEPTED] = { "poikkeus estää", "ett undantag hindrar", "an exception stands in the way" },
	[SAY_DUTIES] = { "Tehtävä:", "Att göra:", "To do:" },
	[SAY_NOTHING_DUE] = { "Mitään ei ole tehtävänä.", "Inget att göra.", "Nothing is due." },
	[SAY_BY] = { "viimeistään", "senast", "by" },
	[SAY_KEEP] = { "säilytetään", "bevaras", "kept for" },
	[SAY_MONTHS] = { "kuukautta", "månader", "months" },
	[SAY_DAYS] = { "päivää", "dagar", "days" },
	[SAY_YEARS] = { "vuotta", "år", "years" },
	[SAY_HIDE] = { "Ei näytetä:", "Visas inte:", "Hidden:" },
	[SAY_MISSING] = { "Ratkeaa, kun tiedetään:", "Avgörs när man vet:", "Settled once this is known:" },
	[SAY_JUDGEMENT] = { "harkinta", "bedömning", "judgement" },
	[SAY_OVERLAY] = { "alueen omat säännöt", "områdets egna regler", "the area's own rules" },
	[SAY_PARAMETER] = { "alueen asettama arvo", "områdets värde", "a value the area sets" },
	[SAY_RECORD] = { "tieto", "uppgift", "record" },
	[SAY_FIELD] = { "kenttä", "fält", "field" },
	[SAY_REQUEST] = { "pyynnön tieto", "uppgift i begäran", "in the request" },
	[SAY_READING] = { "Riippuu tulkinnasta, jota ei ole vahvistettu", "Beror på en tolkning som inte har bekräftats",
			  "Hangs on a reading that nobody has confirmed" },
	[SAY_NAMED] = { "Säännöt mainitsevat myös tulkintoja, jotka eivät tässä muuta vastausta",
			"Reglerna nämner också tolkningar som inte ändrar svaret här",
			"The rules also name readings that do not change the answer here" },
	[SAY_OTHERWISE] = { "Toisin tulkittuna", "Med en annan tolkning", "Read otherwise" },
	[SAY_TOGETHER] = { "yhdessä tulkinnan kanssa", "tillsammans med tolkningen", "together with the reading" },
	[SAY_PENDING] = { "Nojaa taulukkoon, jonka tätä kohtaa säännöstön laatijat eivät ole nähneet",
			  "Vilar på en tabell vars punkt i fråga regelverkets författare inte har sett",
			  "Rests on a table of which the authors of the policy have not seen this cell" },
	[SAY_STANDS] = { "Pysyy samana näillä tiedoilla", "Gäller med dessa uppgifter", "Stands on these facts" },
	[SAY_ALWAYS] = { "toistaiseksi", "tills vidare", "with no end" },
	[SAY_SEE] = { "ks.", "se", "see" },
	[SAY_GAVE_WAY] = { "väistyy", "ger vika", "gives way" },
	[SAY_EXCEPTION] = { "poikkeus", "undantag", "exception" },
	[SAY_INCOMPLETE] = { "Kaikkea perusteluun tarvittavaa ei voitu lukea.", "Allt som förklaringen behöver kunde inte läsas.",
			     "Not everything the explanation needs could be read." },
	[SAY_DIFFERS] = { "Päätös ei toistu samana.", "Beslutet upprepas inte lika.",
			  "The decision does not come out the same again." },
	[SAY_POSSIBLE] = { "Voisi ratkaista:", "Kunde avgöra:", "Could decide:" },
	[SAY_UNSETTLED] = { "Tieto, josta tämä riippuu, puuttuu.", "En uppgift som detta beror på saknas.",
			    "A fact on which this hangs is missing." },
	[SAY_NEAR] = { "lähin on", "närmast är", "the nearest is" },
	[SAY_TAKES] = { "mahdolliset", "möjliga", "it takes" },
	[SAY_FROZEN] = { "Tietoja ei voitu enää lukea; tämä nojaa vain päätöksen jälkeen.",
			 "Uppgifterna kan inte längre läsas; detta bygger endast på beslutets spår.",
			 "The facts can no longer be read; this rests on the decision's trace alone." },
	[SAY_WAS] = { "Alkuperäinen päätös", "Det ursprungliga beslutet", "The original decision" },
	[SAY_SINCE] = { "alkaen", "från", "from" },
	[SAY_UNTIL] = { "asti", "till", "until" },
};

static const char *say(const struct words *words, enum phrase phrase)
{
	return phrases[phrase][words->about->language];
}

/* Parts ------------------------------------------------------------------------------------------- */

/* Sources and places in them; in the long form a line each, with their words. */
static void cites(struct words *words, const char *indent, const struct rko_cite *list, size_t count, size_t see)
{
	bool wordy = words->flags & RKO_TEXT_LONG;
	struct buf text = { 0 };
	const char *source = "";

	words_colour(words, "2");
	for (size_t i = 0; i < count && wordy; i++) {
		const struct rko_cite *cite = &list[i];

		words_line(words, indent, strlen(indent) + 2, "%s%s%s, %s%s%s%s", i >= count - see ? say(words, SAY_SEE) : "",
		     i >= count - see ? " " : "", words_title(words, cite), cite->passage, *cite->says ? ": ”" : "", cite->says, *cite->says ? "”" : "");
	}
	for (size_t i = 0; i + see < count && !wordy; i++) {
		const char *id = *list[i].id ? list[i].id : list[i].source;

		/* A source is named once for the passages that follow one another. */
		if (strcmp(source, list[i].source) == 0)
			buf_printf(&text, ", %s", list[i].passage);
		else
			buf_printf(&text, "%s%s %s", i ? "; " : "", id, list[i].passage);
		source = list[i].source;
	}
	if (text.len)
		words_paragraph(words, indent, strlen(indent), buf_view(&text));
	words_colour(words, "0");
	buf_release(&text);
}

static void rule(struct words *words, const struct rko_why_rule *about)
{
	words_line(words, "    ", 6, "%s", words_rule(words, about));
	cites(words, "      ", about->cites, about->ncites, about->nsee);
	if (words->flags & RKO_TEXT_LONG)
		words_line(words, "      ", 6, "%s:%u", about->file, about->line);
}

/* How each outcome is said. */
static const struct {
	enum phrase phrase;
	const char *mark, *colour;
} heads[] = {
	[RKO_NOT_GRANTED] = { SAY_NOT_GRANTED, "✘", "1;31" }, [RKO_GRANTED] = { SAY_GRANTED, "✔", "1;32" },
	[RKO_FORBIDDEN] = { SAY_FORBIDDEN, "✘", "1;31" },     [RKO_UNDECIDED] = { SAY_UNDECIDED, "?", "1;33" },
	[RKO_REFUSED] = { SAY_REFUSED, "!", "1;33" },
};

static void heading(struct words *words)
{
	const struct rko_explanation *about = words->about;
	const char *mark = heads[about->decision.outcome].mark, *code = heads[about->decision.outcome].colour;
	const char *phrase = say(words, heads[about->decision.outcome].phrase);

	if (about->decision.status != RKO_OK) {
		phrase = say(words, SAY_FAILED);
		mark = "!";
	} else if (about->lists && about->decision.outcome != RKO_REFUSED) {
		phrase = say(words, SAY_LIST);
		mark = "•";
		code = "1";
	}
	buf_string(words->out, "  ");
	words_colour(words, code);
	buf_printf(words->out, "%s %s", mark, phrase);
	words_colour(words, "0");
	buf_printf(words->out, "  %s", *about->action_label ? about->action_label : about->question);
	if (about->decision.refusal != RKO_REFUSED_INSTANT)
		buf_printf(words->out, " · %s", day_words(words, about->decision.today).text);
	if (words->flags & RKO_TEXT_LONG)
		buf_printf(words->out, "  (%s %s)", about->question, about->action);
	buf_char(words->out, '\n');
}

static void why(struct words *words)
{
	const struct rko_explanation *about = words->about;

	switch (about->decision.outcome) {
	case RKO_NOT_GRANTED:
		if (about->lists)
			return;
		if (about->requester)
			words_line(words, "    ", 4, "%s", say(words, about->nby ? SAY_GENERAL : SAY_NOT_TOLD));
		else if (about->nby)
			words_line(words, "    ", 4, "%s", say(words, SAY_SILENT));
		else
			words_line(words, "    ", 4, "%s", say(words, SAY_NO_RULE));
		break;
	case RKO_UNDECIDED:
		if (!about->nmissing)
			words_line(words, "    ", 4, "%s", say(words, SAY_UNSETTLED));
		break;
	default:
		break;
	}
	for (size_t i = 0; i < about->nby && !(words->flags & RKO_TEXT_WHY); i++)
		rule(words, &about->by[i]);
}

/* A condition that does not hold, and in the long form one that does. */
static void reason(struct words *words, const struct rko_why_ladder *ladder, size_t number)
{
	const struct rko_why_condition *condition = &words->about->conditions[number];
	const char *mark = condition->holds > 0 ? "      ✔ " : condition->holds == 0 ? "      ✘ " : "      ? ";

	bool known = ladder && number < ladder->nconditions;

	/* One without a name is what its tests say, never the text of the policy. */
	if (!*condition->says && known && condition->holds == 1 && words_held(words, &ladder->conditions[number], 6))
		return;
	if (!*condition->says && known && words_failing(words, ladder, number, 6))
		return;
	words_colour(words, condition->holds > 0 ? "32" : condition->holds == 0 ? "31" : "33");
	words_line(words, mark, 8, "%s%s", words->flags & RKO_TEXT_COLOUR ? "\033[0m" : "", words_condition(words, condition));
	if (known)
		words_failing(words, ladder, number, 10);
}

static void nearest(struct words *words)
{
	const struct rko_explanation *about = words->about;
	const struct rko_why_ladder *ladder = rko_why_nearest(about);

	if (!about->nearest || about->decision.outcome != RKO_NOT_GRANTED)
		return;
	words_line(words, "    ", 6, "%s: %s", say(words, SAY_NEAREST), words_rule(words, about->nearest));
	for (size_t i = 0; i < about->nconditions; i++)
		if (about->conditions[i].holds <= 0 || words->flags & RKO_TEXT_LONG)
			reason(words, ladder, i);
	if (!about->nearest_in_force)
		words_line(words, "      ✘ ", 8, "%s", say(words, SAY_NOT_IN_FORCE));
	if (about->nearest_excepted)
		words_line(words, "      ✘ ", 8, "%s", say(words, SAY_EXCEPTED));
}

static void excepted(struct words *words)
{
	const struct rko_explanation *about = words->about;

	for (size_t i = 0; i < about->nexcepted; i++)
		words_line(words, "    ", 6, "%s: %s → %s: %s", say(words, SAY_GAVE_WAY),
			   words_named(words, about->excepted[i].rule_says, about->excepted[i].rule), say(words, SAY_EXCEPTION),
			   words_named(words, about->excepted[i].by_says, about->excepted[i].by));
}

static void duty(struct words *words, const struct rko_why_duty *about)
{
	struct buf text = { 0 };
	bool years = about->keep_months && about->keep % 12 == 0;

	if (about->redaction) {
		buf_printf(&text, "%s ", say(words, SAY_HIDE));
		for (size_t i = 0; i < about->nfields; i++)
			buf_printf(&text, "%s%s", i ? ", " : "", about->field_labels[i]);
		if (*about->says)
			buf_printf(&text, " – %s", about->says);
	} else {
		if (*about->bearer_label)
			buf_printf(&text, "%s: ", about->bearer_label);
		buf_string(&text, *about->says ? about->says : about->name);
		if (about->has_due)
			buf_printf(&text, ", %s %s", say(words, SAY_BY), day_words(words, about->due).text);
		if (about->keep)
			buf_printf(&text, " (%s %d %s)", say(words, SAY_KEEP), years ? about->keep / 12 : about->keep,
				   say(words, years ? SAY_YEARS : about->keep_months ? SAY_MONTHS : SAY_DAYS));
	}
	words_paragraph(words, "      • ", 8, buf_view(&text));
	buf_release(&text);
	if (words->flags & RKO_TEXT_LONG)
		cites(words, "        ", about->cites, about->ncites, about->nsee);
}

static void duties(struct words *words)
{
	const struct rko_explanation *about = words->about;

	if (about->nduties)
		words_line(words, "    ", 4, "%s", say(words, SAY_DUTIES));
	else if (about->lists && about->decision.outcome != RKO_REFUSED)
		words_line(words, "    ", 4, "%s", say(words, about->requester ? SAY_NONE_TOLD : SAY_NOTHING_DUE));
	for (size_t i = 0; i < about->nduties; i++)
		duty(words, &about->duties[i]);
}

static void missing(struct words *words)
{
	static const enum phrase kinds[] = {
		[RKO_MISSING_JUDGEMENT] = SAY_JUDGEMENT, [RKO_MISSING_OVERLAY] = SAY_OVERLAY,
		[RKO_MISSING_PARAMETER] = SAY_PARAMETER, [RKO_MISSING_RECORD] = SAY_RECORD,
		[RKO_MISSING_FIELD] = SAY_FIELD,	 [RKO_MISSING_REQUEST] = SAY_REQUEST,
	};
	const struct rko_explanation *about = words->about;

	if (about->nmissing)
		words_line(words, "    ", 4, "%s", say(words, SAY_MISSING));
	for (size_t i = 0; i < about->nmissing; i++) {
		const struct rko_why_missing *fact = &about->missing[i];

		words_line(words, "      ? ", 8, "%s: %s%s%s%s", say(words, kinds[fact->kind]), fact->label,
			   *fact->bearer_label ? " (" : "", fact->bearer_label, *fact->bearer_label ? ")" : "");
	}
	if (about->decision.outcome == RKO_UNDECIDED && about->npossible && words->flags & RKO_TEXT_LONG) {
		words_line(words, "    ", 4, "%s", say(words, SAY_POSSIBLE));
		for (size_t i = 0; i < about->npossible; i++)
			rule(words, &about->possible[i]);
	}
}

static void otherwise(struct words *words, const struct rko_why_reading *reading)
{
	for (size_t i = 0; i < reading->notherwise; i++) {
		const struct rko_why_otherwise *then = &reading->otherwise[i];
		struct buf text = { 0 };

		buf_printf(&text, "%s (%s", say(words, SAY_OTHERWISE), then->option_says);
		if (*then->with)
			buf_printf(&text, ", %s: %s", say(words, SAY_TOGETHER), words_named(words, then->with_says, then->with));
		buf_printf(&text, "): %s", say(words, heads[then->outcome].phrase));
		if (*then->rule)
			buf_printf(&text, " – %s", words_named(words, then->rule_says, then->rule));
		words_paragraph(words, "        ", 10, buf_view(&text));
		words->out->failed |= buf_failed(&text);
		buf_release(&text);
	}
}

static void readings(struct words *words, enum phrase phrase, int hangs)
{
	const struct rko_explanation *about = words->about;
	bool any = false;

	for (size_t i = 0; i < about->nreadings; i++) {
		if (about->readings[i].confirmed || about->readings[i].hangs != hangs)
			continue;
		if (!any)
			words_line(words, "    ", 4, "%s:", say(words, phrase));
		any = true;
		words_line(words, "      ~ ", 8, "%s", words_named(words, about->readings[i].option_says, about->readings[i].name));
		otherwise(words, &about->readings[i]);
	}
}

static void rests(struct words *words)
{
	const struct rko_explanation *about = words->about;

	readings(words, SAY_READING, 1);
	if (words->flags & RKO_TEXT_LONG)
		readings(words, SAY_NAMED, 0);
	for (size_t i = 0; i < about->npending; i++)
		words_line(words, "    ", 6, "%s: %s", say(words, SAY_PENDING), about->pending[i].label);
}

/* What the question determines beside its outcome. */
static void answers(struct words *words)
{
	const struct rko_explanation *about = words->about;

	for (size_t i = 0; i < about->nanswers; i++)
		if (*about->answers[i].value)
			words_line(words, "    ", 6, "%s: %s", about->answers[i].label, about->answers[i].value_label);
}

static void stands(struct words *words)
{
	const struct rko_explanation *about = words->about;
	bool since = about->since != RKO_DAY_OPEN, until = about->until != RKO_DAY_OPEN;
	struct day_words first = day_words(words, about->since), last = day_words(words, about->until);

	words_colour(words, "2");
	if (since && until)
		words_line(words, "    ", 6, "%s: %s – %s.", say(words, SAY_STANDS), first.text, last.text);
	else if (until && words->about->language == RKO_FI)
		words_line(words, "    ", 6, "%s: %s %s.", say(words, SAY_STANDS), last.text, say(words, SAY_UNTIL));
	else if (until)
		words_line(words, "    ", 6, "%s: %s %s.", say(words, SAY_STANDS), say(words, SAY_UNTIL), last.text);
	else if (since && words->about->language == RKO_FI)
		words_line(words, "    ", 6, "%s: %s %s, %s.", say(words, SAY_STANDS), first.text, say(words, SAY_SINCE),
		     say(words, SAY_ALWAYS));
	else if (since)
		words_line(words, "    ", 6, "%s: %s %s, %s.", say(words, SAY_STANDS), say(words, SAY_SINCE), first.text,
		     say(words, SAY_ALWAYS));
	else
		words_line(words, "    ", 6, "%s: %s.", say(words, SAY_STANDS), say(words, SAY_ALWAYS));
	words_colour(words, "0");
}

const char *rko_refusal_says(enum rko_refusal refusal, enum rko_language language)
{
	static const char *const reasons[][3] = {
		[RKO_REFUSED_NOT] = { "", "", "" },
		[RKO_REFUSED_INSTANT] = { "ajanhetkeä ei ole annettu tai se ei kelpaa", "tidpunkten saknas eller duger inte",
					  "no instant was given, or it is out of range" },
		[RKO_REFUSED_ACTION] = { "toimintoa ei ole annettu tai sitä ei ole", "åtgärden saknas eller finns inte",
					 "no action was given, or there is no such action" },
		[RKO_REFUSED_NO_FIELD] = { "kysymyksessä ei ole tällaista tietoa", "frågan har ingen sådan uppgift",
					   "the question has no such field" },
		[RKO_REFUSED_MISSING] = { "tieto puuttuu", "uppgiften saknas", "the field is missing" },
		[RKO_REFUSED_NOT_CARRIED] = { "tieto ei kuulu tähän toimintoon", "uppgiften hör inte till åtgärden",
					      "this action does not carry the field" },
		[RKO_REFUSED_TWICE] = { "tieto on annettu kahdesti", "uppgiften har getts två gånger",
					"the field was given twice" },
		[RKO_REFUSED_VALUE] = { "arvo ei kelpaa", "värdet duger inte", "the field cannot have this value" },
		[RKO_REFUSED_NOT_FOUND] = { "nimettyä ei ole", "det nämnda finns inte", "what is named does not exist" },
		[RKO_REFUSED_EXISTS] = { "annettu on jo tallennettu", "det givna finns redan",
					 "what is given exists already" },
		[RKO_REFUSED_MUST] = { "pyynnön on aina täytettävä tämä ehto", "begäran måste alltid uppfylla detta villkor",
					 "the request must always fulfil this condition" },
		[RKO_REFUSED_LIMIT] = { "liian paljon tietoa", "för mycket uppgifter", "more than a request may hold" },
	};

	return reasons[refusal][language];
}

static void refusal(struct words *words)
{
	const struct rko_explanation *about = words->about;
	bool near = *about->refused_near, takes = *about->refused_takes;
	/* The words say already that it is the instant or the action. */
	bool told = !*about->refused || strcmp(about->refused, "instant") == 0 || strcmp(about->refused, "action") == 0;

	const char *what = about->decision.refusal == RKO_REFUSED_MUST && *about->refused_label
				   ? about->refused_label : words_named(words, about->refused_label, about->refused);

	words_line(words, "    ", 4, "%s%s%s", rko_refusal_says(about->decision.refusal, about->language), told ? "" : ": ",
		   told ? "" : what);
	if (near)
		words_line(words, "      ", 8, "%s %s", say(words, SAY_NEAR), about->refused_near);
	if (takes)
		words_line(words, "      ", 8, "%s: %s", say(words, SAY_TAKES), about->refused_takes);
}

const char *rko_explanation_text(struct rko_explanation *explanation, unsigned flags, size_t width)
{
	struct explained *explained = (struct explained *)explanation;
	struct words words = { .out = &explained->text, .about = explanation, .flags = flags, .width = width };

	buf_reset(words.out);
	heading(&words);
	if (explanation->decision.status != RKO_OK) {
		words_line(&words, "    ", 4, "%s: %s", rko_status_word(explanation->decision.status),
		     rko_status_meaning(explanation->decision.status));
	} else if (explanation->decision.outcome == RKO_REFUSED) {
		refusal(&words);
	} else {
		why(&words);
		if (flags & RKO_TEXT_WHY) {
			words_ladders(&words);
		} else {
			nearest(&words);
			excepted(&words);
		}
		missing(&words);
		words_changes(&words);
		answers(&words);
		duties(&words);
		rests(&words);
		if (!explanation->requester)
			stands(&words);
		if (flags & RKO_TEXT_WHY)
			words_records(&words);
	}
	if (explanation->frozen)
		words_line(&words, "    ", 4, "%s", say(&words, SAY_FROZEN));
	else if (explanation->incomplete)
		words_line(&words, "    ", 4, "%s", say(&words, SAY_INCOMPLETE));
	if (!explanation->reproduced)
		words_line(&words, "    ", 4, "%s %s: %s%s%s.", say(&words, SAY_DIFFERS), say(&words, SAY_WAS),
			   say(&words, heads[explanation->was].phrase), *explanation->was_rule ? ", " : "",
			   explanation->was_rule);
	buf_release(&words.line);
	return buf_failed(words.out) ? NULL : words.out->at;
}
