/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What would have to change, in words. Each language has one pattern for each kind of step and need, in which labels
 * and values stand behind a colon as they are in the vocabulary: nothing has to be inflected.
 */
#include <string.h>

#include "engine/explain/words.h"

enum turn {
	TURN_ONCE, TURN_RULE, TURN_OR_RULE, TURN_WOULD, TURN_OR, TURN_INCOMPLETE, TURN_FROM, TURN_BETWEEN, TURN_JUDGED, TURN_RECORD, TURN_NO_RECORD, TURN_FIELD,
	TURN_PARAMETER, TURN_OVERLAY, TURN_REQUEST, TURN_BY, TURN_JUDGE, TURN_LAW, TURN_NOW, TURN_IS_OPEN, TURN_IS, TURN_IS_NOT,
	TURN_SAME, TURN_OTHER, TURN_HAS, TURN_HAS_NOT, TURN_HAS_ALL, TURN_WITHIN, TURN_EACH, TURN_LATER, TURN_EARLIER, TURN_DAYS,
	TURN_WORD_OR, TURN_COULD, TURN_ASK, TURN_OBSTACLES,
};

static const char *const turns[][3] = {
	[TURN_ONCE] = { "Myönnettäisiin, kun", "Skulle beviljas när", "Would be granted once" },
	[TURN_RULE] = { "Sääntö", "Regeln", "The rule" },
	[TURN_OR_RULE] = { "tai sääntö", "eller regeln", "or the rule" },
	[TURN_WOULD] = { "myöntäisi, kun", "skulle bevilja när", "would grant once" },
	[TURN_OR] = { "tai kun", "eller när", "or once" },
	[TURN_INCOMPLETE] = { "Kaikkia muutoksia ei ole tutkittu.", "Alla ändringar har inte undersökts.",
			      "Not all changes have been looked at." },
	[TURN_FROM] = { "on %s tai myöhempi päivä", "det är den %s eller senare", "it is %s or later" },
	[TURN_BETWEEN] = { "on jokin päivä välillä %s – %s", "det är en dag under tiden %s – %s",
			   "it is a day from %s to %s" },
	[TURN_JUDGED] = { "on harkittu – %s – ja tulos on: %s", "det har bedömts – %s – och resultatet är: %s",
			  "it has been judged – %s – and found: %s" },
	[TURN_RECORD] = { "on merkintä: %s", "det finns en anteckning: %s", "there is a record: %s" },
	[TURN_NO_RECORD] = { "merkintää ei enää ole: %s", "en anteckning inte längre finns: %s",
			     "a record is there no longer: %s" },
	[TURN_FIELD] = { "merkintä muuttuu: %s", "en anteckning ändras: %s", "a record changes: %s" },
	[TURN_PARAMETER] = { "on päätetty arvosta %s", "värdet %s har bestämts", "the value of %s has been decided" },
	[TURN_OVERLAY] = { "alueen omat säännöt ovat voimassa", "områdets egna regler är i kraft",
			   "the area's own rules are in force" },
	[TURN_REQUEST] = { "pyydetään toisin", "begäran är en annan", "something else is asked" },
	[TURN_BY] = { "voi muuttaa", "kan ändras av", "can be changed by" },
	[TURN_JUDGE] = { "ratkaisee", "avgörs av", "decided by" },
	[TURN_LAW] = { "laki tai linjaus", "lag eller riktlinje", "law or policy" },
	[TURN_NOW] = { "nyt", "nu", "now" },
	[TURN_IS_OPEN] = { "toistaiseksi", "tills vidare", "open" },
	[TURN_IS] = { "on merkitty", "har antecknats", "is recorded" },
	[TURN_IS_NOT] = { "ei ole", "saknas", "none" },
	[TURN_SAME] = { "sama kuin: %s", "samma som: %s", "the same as: %s" },
	[TURN_OTHER] = { "muu kuin: %s", "en annan än: %s", "another than: %s" },
	[TURN_HAS] = { "mukana on: %s", "innehåller: %s", "includes: %s" },
	[TURN_HAS_NOT] = { "mukana ei saa olla: %s", "får inte innehålla: %s", "must not include: %s" },
	[TURN_HAS_ALL] = { "mukana on kaikki: %s", "innehåller allt i: %s", "includes all of: %s" },
	[TURN_WITHIN] = { "jotakin, ja vain: %s", "något, och bara: %s", "something, and only: %s" },
	[TURN_EACH] = { "kullekin oma merkintä: %s", "en egen anteckning för var och en: %s",
			"a record for each of: %s" },
	[TURN_LATER] = { "%s tai myöhemmin", "%s eller senare", "%s or later" },
	[TURN_EARLIER] = { "%s tai aiemmin", "%s eller tidigare", "%s or earlier" },
	[TURN_DAYS] = { "%s – %s", "%s – %s", "%s – %s" },
	[TURN_WORD_OR] = { "tai", "eller", "or" },
	/* For whoever asks: the way is open only as far as they may know, and they can see to it. */
	[TURN_COULD] = { "Voitaisiin myöntää, kun", "Kunde beviljas när", "Could be granted once" },
	[TURN_ASK] = { "pyydä tältä taholta", "be denna part", "ask" },
	[TURN_OBSTACLES] = { "Muitakin esteitä voi olla; niitä ei kerrota kysyjälle.",
			     "Det kan finnas andra hinder; de anges inte för den som frågar.",
			     "There may be other obstacles; whoever asks is not told of them." },
};

static const char *turn(const struct words *words, enum turn phrase)
{
	return turns[phrase][words->about->language];
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
/* A phrase of `turns` with its one or two words. */
static void put_turn(const struct words *words, struct buf *text, enum turn phrase, const char *a, const char *b)
{
	buf_printf(text, turn(words, phrase), a, b);
}
#pragma GCC diagnostic pop

enum { VALUES_SHOWN = 4 };

static void put_values(const struct words *words, struct buf *text, const struct rko_why_need *need)
{
	size_t shown = need->nvalues > VALUES_SHOWN ? VALUES_SHOWN : need->nvalues;

	for (size_t i = 0; i < shown; i++) {
		if (i && i + 1 == need->nvalues)
			buf_printf(text, " %s ", turn(words, TURN_WORD_OR));
		else if (i)
			buf_string(text, ", ");
		buf_string(text, need->value_labels[i]);
	}
	if (shown < need->nvalues)
		buf_string(text, ", …");
}

static void put_days(const struct words *words, struct buf *text, const struct rko_why_need *need)
{
	bool early = need->from <= DAY_MIN, late = need->to == RKO_DAY_OPEN;
	struct day_words from = day_words(words, early ? need->to : need->from), to = day_words(words, need->to);

	if (!early && need->from == need->to)
		buf_string(text, from.text);
	else
		put_turn(words, text, late ? TURN_LATER : early ? TURN_EARLIER : TURN_DAYS, from.text, to.text);
}

static const char *seen_words(const struct words *words, const struct rko_why_need *need)
{
	return strcmp(need->seen, "none") == 0 ? turn(words, TURN_IS_NOT)
	       : strcmp(need->seen, "open") == 0 ? turn(words, TURN_IS_OPEN) : need->seen_label;
}

static void put_need(const struct words *words, struct buf *text, const struct rko_why_need *need)
{
	static const enum turn compared[] = {
		[RKO_NEED_SAME] = TURN_SAME, [RKO_NEED_DIFFERENT] = TURN_OTHER, [RKO_NEED_HAS] = TURN_HAS,
		[RKO_NEED_HAS_NOT] = TURN_HAS_NOT, [RKO_NEED_HAS_ALL] = TURN_HAS_ALL, [RKO_NEED_WITHIN] = TURN_WITHIN,
	};
	struct buf values = { 0 };
	rko_day seen;

	if (*need->label)
		buf_printf(text, "%s: ", need->label);
	switch (need->kind) {
	case RKO_NEED_ONE_OF:
		put_values(words, text, need);
		break;
	case RKO_NEED_DAYS:
		put_days(words, text, need);
		break;
	case RKO_NEED_OPEN:
		buf_string(text, turn(words, TURN_IS_OPEN));
		break;
	case RKO_NEED_SOME:
		buf_string(text, turn(words, TURN_IS));
		break;
	case RKO_NEED_NONE:
		buf_string(text, turn(words, TURN_IS_NOT));
		break;
	case RKO_NEED_SAME:
	case RKO_NEED_DIFFERENT:
	case RKO_NEED_HAS:
	case RKO_NEED_HAS_NOT:
	case RKO_NEED_HAS_ALL:
	case RKO_NEED_WITHIN:
		put_values(words, &values, need);
		put_turn(words, text, compared[need->kind], *need->other ? need->other_label : buf_view(&values).at, "");
		break;
	case RKO_NEED_EACH:
		for (size_t i = 0; i < need->nothers; i++)
			buf_printf(&values, "%s%s", i ? ", " : "", need->others[i]);
		put_turn(words, text, TURN_EACH, buf_view(&values).at, "");
		break;
	}
	buf_release(&values);
	if (*need->seen && rko_day_parse(need->seen, &seen) == RKO_OK)
		buf_printf(text, " (%s %s)", turn(words, TURN_NOW), day_words(words, seen).text);
	else if (*need->seen)
		buf_printf(text, " (%s %s)", turn(words, TURN_NOW), seen_words(words, need));
}

static void put_step(const struct words *words, struct buf *text, const struct rko_why_step *step)
{
	static const enum turn named[] = {
		[RKO_CHANGE_RECORD] = TURN_RECORD, [RKO_CHANGE_NO_RECORD] = TURN_NO_RECORD,
		[RKO_CHANGE_FIELD] = TURN_FIELD, [RKO_CHANGE_PARAMETER] = TURN_PARAMETER,
		[RKO_CHANGE_OVERLAY] = TURN_OVERLAY, [RKO_CHANGE_REQUEST] = TURN_REQUEST,
	};

	switch (step->kind) {
	case RKO_CHANGE_TIME:
		put_turn(words, text, step->to == RKO_DAY_OPEN ? TURN_FROM : TURN_BETWEEN,
			 day_words(words, step->from).text, day_words(words, step->to).text);
		break;
	case RKO_CHANGE_JUDGEMENT:
		put_turn(words, text, TURN_JUDGED, *step->asks ? step->asks : step->name,
			 step->nneeds ? step->needs[0].value_labels[0] : "");
		break;
	case RKO_CHANGE_RECORD:
	case RKO_CHANGE_NO_RECORD:
	case RKO_CHANGE_FIELD:
	case RKO_CHANGE_PARAMETER:
	case RKO_CHANGE_OVERLAY:
	case RKO_CHANGE_REQUEST:
		put_turn(words, text, named[step->kind], *step->label ? step->label : step->name, "");
		break;
	}
	if (*step->who)
		buf_printf(text, " – %s: %s", turn(words, words->about->requester ? TURN_ASK
						  : step->kind == RKO_CHANGE_JUDGEMENT ? TURN_JUDGE : TURN_BY), step->who_label);
	else if (step->kind == RKO_CHANGE_PARAMETER || step->kind == RKO_CHANGE_OVERLAY)
		buf_printf(text, " – %s: %s", turn(words, TURN_BY), turn(words, TURN_LAW));
}

static void change_step(struct words *words, const struct rko_why_step *step)
{
	struct buf text = { 0 };

	put_step(words, &text, step);
	words_paragraph(words, "      • ", 8, buf_view(&text));
	for (size_t i = 0; i < step->nneeds && step->kind != RKO_CHANGE_JUDGEMENT; i++) {
		buf_reset(&text);
		put_need(words, &text, &step->needs[i]);
		words_paragraph(words, "          ", 12, buf_view(&text));
	}
	words->out->failed |= buf_failed(&text);
	buf_release(&text);
}

/* With the rule that would grant, where it is not the one that was named before. */
static void change_heading(struct words *words, size_t number)
{
	static const char *const opening[] = { "”", "”", "“" };
	const struct rko_explanation *about = words->about;
	const struct rko_why_change *change = &about->changes[number];
	const char *rule = turn(words, number ? TURN_OR_RULE : TURN_RULE), *would = turn(words, TURN_WOULD);

	if (!*change->opens || (number && strcmp(change->opens, about->changes[number - 1].opens) == 0))
		words_line(words, "    ", 6, "%s:", turn(words, number ? TURN_OR : about->requester ? TURN_COULD : TURN_ONCE));
	else if (*change->opens_says)
		words_line(words, "    ", 6, "%s %s%s” (%s) %s:", rule, opening[about->language], change->opens_says,
			   change->opens, would);
	else
		words_line(words, "    ", 6, "%s %s %s:", rule, change->opens, would);
}

void words_changes(struct words *words)
{
	const struct rko_explanation *about = words->about;

	for (size_t i = 0; i < about->nchanges; i++) {
		const struct rko_why_change *change = &about->changes[i];

		change_heading(words, i);
		for (size_t j = 0; j < change->nsteps; j++)
			change_step(words, &change->steps[j]);
	}
	if (about->changes_incomplete)
		words_line(words, "    ", 4, "%s", turn(words, TURN_INCOMPLETE));
	if (about->requester && about->nchanges)
		words_line(words, "    ", 4, "%s", turn(words, TURN_OBSTACLES));
}

/* For forms other than text, which lay the parts out themselves. */
static const char *say_part(struct rko_explanation *explanation, const struct rko_why_step *step,
			    const struct rko_why_need *need)
{
	struct explained *explained = (struct explained *)explanation;
	struct words words = { .out = &explained->text, .about = explanation };

	buf_reset(words.out);
	buf_string(words.out, "");
	if (step)
		put_step(&words, words.out, step);
	else
		put_need(&words, words.out, need);
	return buf_failed(words.out) ? NULL : words.out->at;
}

const char *rko_why_step_says(struct rko_explanation *explanation, const struct rko_why_step *step)
{
	return say_part(explanation, step, NULL);
}

const char *rko_why_need_says(struct rko_explanation *explanation, const struct rko_why_need *need)
{
	return say_part(explanation, NULL, need);
}
