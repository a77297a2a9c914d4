/* SPDX-License-Identifier: EUPL-1.2 */
/* Sheet: the ladders: a rule, its conditions with what was seen and what is needed, its exceptions, the overlay's part. */
#include "tools/common/sheet_page.h"

static const enum sheet_word truth[] = { WORD_UNKNOWN, WORD_NO, WORD_YES };

/* A mark for the eye, and the same in a word. */
static void holds(struct article *article, int value)
{
	html(article->out, "<td class=\"mark\"><span aria-hidden=\"true\">%s</span> %s</td>",
	     value > 0 ? "✔" : value == 0 ? "✘" : "?", word(article, truth[value < 0 ? 0 : value > 0 ? 2 : 1]));
}

static void values(struct article *article, const struct rko_why_value *list, size_t count, const char *between)
{
	for (size_t i = 0; i < count; i++)
		html(article->out, "%s%s", i == 0 ? "" : i + 1 == count ? between : ", ",
		     *list[i].label ? list[i].label : list[i].code);
}

/* `record`: it is asked whether there is one, which has no value to show. */
static void seen(struct article *article, const struct rko_why_thing *thing, bool record)
{
	struct sheet_day day = sheet_day(article->language, thing->day);

	switch (thing->seen) {
	case RKO_SEEN_VALUE:
		if (thing->nvalues)
			values(article, thing->values, thing->nvalues, ", ");
		else
			html(article->out, "%s", *day.text ? day.text : word(article, record ? WORD_THERE_IS : WORD_NOTHING));
		break;
	case RKO_SEEN_NONE:
		html(article->out, "%s", word(article, WORD_NO_RECORD));
		break;
	case RKO_SEEN_OPEN:
		html(article->out, "%s", word(article, WORD_NO_END));
		break;
	case RKO_SEEN_UNKNOWN:
		html(article->out, "%s", word(article, WORD_NOT_KNOWN));
		break;
	case RKO_SEEN_UNEXAMINED:
		html(article->out, "%s", word(article, WORD_UNEXAMINED));
		break;
	}
}

/* "7 päivää ennen: Palvelu alkaa 1.7.2026" */
void sheet_end(struct article *article, const struct rko_why_end *about)
{
	static const enum sheet_word units[2][2][2] = {	/* months, before, one */
		{ { WORD_DAYS_AFTER, WORD_DAY_AFTER }, { WORD_DAYS_BEFORE, WORD_DAY_BEFORE } },
		{ { WORD_MONTHS_AFTER, WORD_MONTH_AFTER }, { WORD_MONTHS_BEFORE, WORD_MONTH_BEFORE } },
	};
	int count = about->count < 0 ? -about->count : about->count;
	enum sheet_word unit = units[about->months != 0][about->count < 0][count == 1];

	if (about->count)
		html(article->out, "%d %s: %s %s", count, word(article, unit), about->label,
		     sheet_day(article->language, about->anchor).text);
	else
		html(article->out, "%s", about->label);
}

/* `alone`: the word for an interval that has this end only, or -1. */
static void end(struct article *article, const struct rko_why_end *about, int alone)
{
	struct sheet_day day = sheet_day(article->language, about->day);
	const char *with = alone < 0 ? "" : word(article, (enum sheet_word)alone);
	bool behind = article->language == RKO_FI;

	html(article->out, "%s%s%s%s%s", behind ? "" : with, *with && !behind ? " " : "", day.text, *with && behind ? " " : "",
	     behind ? with : "");
	if (!*about->name)
		return;
	buf_string(article->out, " (");
	sheet_end(article, about);
	buf_char(article->out, ')');
}

static void interval(struct article *article, const struct rko_why_end *from, const struct rko_why_end *to)
{
	bool first = from->day != RKO_DAY_OPEN, last = to->day != RKO_DAY_OPEN;

	if (first)
		end(article, from, last ? -1 : WORD_FROM);
	buf_string(article->out, first && last ? " – " : "");
	if (last)
		end(article, to, first ? -1 : WORD_UNTIL);
	if (!first && !last)
		html(article->out, "%s", word(article, WORD_OPEN_END));
}

/* What of another thing would do: "sama kuin Asiakas". */
static void beside(struct article *article, const struct rko_why_test *test, enum sheet_word yes, enum sheet_word no)
{
	html(article->out, "%s %s (", word(article, test->wanted ? yes : no), test->other.label);
	seen(article, &test->other, false);
	buf_char(article->out, ')');
}

static bool has_days(const struct rko_why_test *test)
{
	return test->from.day != RKO_DAY_OPEN || test->to.day != RKO_DAY_OPEN;
}

/* On no day it would come out otherwise: what it is counted from has no end. */
static bool any_day(const struct rko_why_test *test)
{
	return test->test == RKO_TEST_DATE && test->holds > 0 && !has_days(test);
}

static void needed(struct article *article, const struct rko_why_test *test)
{
	struct buf either = { 0 };

	buf_printf(&either, " %s ", word(article, WORD_OR));
	if (buf_failed(&either)) {
		article->out->failed = true;
		return;
	}
	switch (test->test) {
	case RKO_TEST_CODE: case RKO_TEST_HAS: case RKO_TEST_READING: case RKO_TEST_ACTION:
		if (test->test == RKO_TEST_HAS)
			html(article->out, "%s ", word(article, test->wanted ? WORD_ONE_OF : WORD_NONE_OF));
		if (test->needed_but)
			html(article->out, "%s ", word(article, test->nneeded ? WORD_ANY_BUT : WORD_ANY));
		values(article, test->needed, test->nneeded, either.at);
		if (test->none_will_do)
			html(article->out, "%s%s", test->nneeded ? either.at : "", word(article, WORD_NOTHING));
		break;
	case RKO_TEST_EXISTS:
		html(article->out, "%s", word(article, test->wanted ? WORD_THERE_IS : WORD_NO_RECORD));
		break;
	case RKO_TEST_OPEN:
		html(article->out, "%s", word(article, test->wanted ? WORD_NO_END : WORD_AN_END));
		break;
	case RKO_TEST_SAME:
		beside(article, test, WORD_SAME_AS, WORD_OTHER_THAN);
		break;
	case RKO_TEST_MEMBER:
		beside(article, test, WORD_ONE_OF, WORD_NONE_OF);
		break;
	case RKO_TEST_OVERLAPS:
		beside(article, test, WORD_SHARES_WITH, WORD_SHARES_NOT);
		break;
	case RKO_TEST_INSIDE:
		beside(article, test, WORD_ALL_IN, WORD_NOT_ALL_IN);
		break;
	case RKO_TEST_DATE:
		if (any_day(test)) {
			html(article->out, "%s: %s", test->to.label, word(article, WORD_NO_END));
		} else if (!has_days(test) && *test->other.name) {	/* there is nothing to compare with */
			html(article->out, "%s: ", test->other.label);
			seen(article, &test->other, false);
		} else {
			interval(article, &test->from, &test->to);
		}
		break;
	case RKO_TEST_SOME:
		html(article->out, "%s", word(article, test->wanted ? WORD_A_RECORD_WITH : WORD_NO_RECORD_WITH));
		break;
	case RKO_TEST_FINDING:
		html(article->out, "%s", word(article, test->wanted ? WORD_YES : WORD_NO));
		break;
	case RKO_TEST_UNTOLD:
		html(article->out, "%s", word(article, WORD_AREA_TELLS));
		break;
	}
	buf_release(&either);
}

/* `inner`: below something that is itself below a condition. */
static void test_row(struct article *article, const struct rko_why_test *test, bool inner)
{
	html(article->out, "<tr class=\"%s%s\"><th scope=\"row\">%s</th><td>", inner ? "part inner" : "part",
	     test->holds > 0 ? "" : " fails", *test->about.label ? test->about.label : test->about.name);
	seen(article, &test->about, test->test == RKO_TEST_EXISTS || (test->test == RKO_TEST_SOME && test->looked_at));
	buf_string(article->out, "</td><td>");
	needed(article, test);
	buf_string(article->out, "</td>");
	holds(article, test->holds);
	buf_string(article->out, "</tr>\n");
	/* Of the record that came nearest: what it fulfils and what not. */
	for (size_t i = 0; i < test->nnested; i++)
		if (!any_day(&test->nested[i]))
			test_row(article, &test->nested[i], true);
}

/* What a condition is called; one without a name is what its tests say. Its text is for who wrote it. */
static const char *condition_says(const struct article *article, const struct rko_why_condition *condition)
{
	if (*condition->says)
		return condition->says;
	if (!condition->ntests && !condition->nparts)
		return word(article, WORD_NO_TESTS);
	return word(article, condition->holds > 0 ? WORD_THESE : WORD_THESE_NOT);
}

/* A condition, its tests below it, then the parts of a named list. A part has no parts of its own. */
static void condition_head(struct article *article, const struct rko_why_condition *condition)
{
	html(article->out, "<tr class=\"%s\"><th scope=\"row\" colspan=\"3\">%s", condition->holds > 0 ? "whole" : "whole fails",
	     condition_says(article, condition));
	if (condition->ncites) {
		buf_string(article->out, " <span class=\"refs\">(");
		sheet_cites(article, condition->cites, condition->ncites, condition->nsee);
		buf_string(article->out, ")</span>");
	}
	buf_string(article->out, "</th>");
	holds(article, condition->holds);
	buf_string(article->out, "</tr>\n");
}

static void condition_rows(struct article *article, const struct rko_why_condition *condition)
{
	/* One test says it all of a condition without a name. */
	if (*condition->says || condition->ntests != 1)
		condition_head(article, condition);
	for (size_t i = 0; i < condition->ntests; i++)
		if (!*condition->says || !any_day(&condition->tests[i]))
			test_row(article, &condition->tests[i], false);
	for (size_t i = 0; i < condition->nparts; i++) {
		const struct rko_why_condition *part = &condition->parts[i];

		if (*part->says || !part->ntests)
			html(article->out, "<tr class=\"part%s\"><th scope=\"row\" colspan=\"3\">%s</th>",
			     part->holds > 0 ? "" : " fails", condition_says(article, part));
		if (*part->says || !part->ntests) {
			holds(article, part->holds);
			buf_string(article->out, "</tr>\n");
		}
		for (size_t j = 0; j < part->ntests; j++)
			if (!any_day(&part->tests[j]))
				test_row(article, &part->tests[j], *part->says != '\0');	/* below the name of the part */
	}
}

static void extra_row(struct article *article, enum sheet_word what, int value)
{
	html(article->out, "<tr class=\"%s\"><th scope=\"row\" colspan=\"3\">%s</th>", value ? "whole" : "whole fails",
	     word(article, what));
	holds(article, value);
	buf_string(article->out, "</tr>\n");
}

static void table_head(struct article *article)
{
	html(article->out, "<table><thead><tr><th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
	     "<th scope=\"col\">%s</th><th scope=\"col\">%s</th></tr></thead><tbody>\n", word(article, WORD_CONDITION),
	     word(article, WORD_SEEN), word(article, WORD_NEEDED), word(article, WORD_HOLDS));
}

/* Today's shorter form: the granting rule that came closest, without what was seen. */
static void nearest(struct article *article)
{
	const struct rko_explanation *why = article->why;

	sheet_section(article, WORD_NEAREST, "ladders");
	html(article->out, "<p><strong>%s</strong> <code>%s</code></p>\n<p>%s</p>\n",
	     *why->nearest->says ? why->nearest->says : "", why->nearest->name, word(article, WORD_NEAREST_SAYS));
	html(article->out, "<p class=\"refs\">");
	sheet_cites(article, why->nearest->cites, why->nearest->ncites, why->nearest->nsee);
	html(article->out, "</p>\n<table><thead><tr><th scope=\"col\" colspan=\"3\">%s</th><th scope=\"col\">%s</th></tr></thead>"
	     "<tbody>\n", word(article, WORD_CONDITION), word(article, WORD_HOLDS));
	for (size_t i = 0; i < why->nconditions; i++)
		condition_rows(article, &why->conditions[i]);
	extra_row(article, WORD_NOT_IN_FORCE, why->nearest_in_force);
	extra_row(article, WORD_EXCEPTED_TOO, !why->nearest_excepted);
	buf_string(article->out, "</tbody></table>\n</section>\n");
}

static void exceptions(struct article *article, const struct rko_why_ladder *ladder)
{
	if (!ladder->nexceptions)
		return;
	html(article->out, "<table><caption>%s</caption><thead><tr><th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
	     "<th scope=\"col\">%s</th></tr></thead><tbody>\n", word(article, WORD_TRIED), word(article, WORD_EXCEPTION),
	     word(article, WORD_BASIS), word(article, WORD_APPLIES));
	for (size_t i = 0; i < ladder->nexceptions; i++) {
		const struct rko_why_exception *tried = &ladder->exceptions[i];

		html(article->out, "<tr class=\"%s\"><th scope=\"row\">%s", tried->depth > 1 ? "part" : "whole",
		     *tried->rule.says ? tried->rule.says : tried->rule.name);
		html(article->out, " <code>%s</code>%s%s%s</th><td class=\"refs\">", tried->rule.name,
		     *tried->rule.layer ? " (" : "", tried->rule.layer, *tried->rule.layer ? ")" : "");
		sheet_cites(article, tried->rule.cites, tried->rule.ncites, tried->rule.nsee);
		buf_string(article->out, "</td>");
		holds(article, tried->applies);
		buf_string(article->out, "</tr>\n");
	}
	buf_string(article->out, "</tbody></table>\n");
}

static void overlays(struct article *article, const struct rko_why_ladder *ladder)
{
	static const enum sheet_word effects[] = {
		[RKO_EFFECT_WITHHOLDS] = WORD_WITHHOLDS, [RKO_EFFECT_WIDENS] = WORD_WIDENS, [RKO_EFFECT_SETS] = WORD_SETS,
	};

	if (ladder->noverlays)
		html(article->out, "<p class=\"lead\"><strong>%s</strong></p>\n", word(article, WORD_OVERLAY_DOES));
	for (size_t i = 0; i < ladder->noverlays; i++) {
		const struct rko_why_overlay *overlay = &ladder->overlays[i];

		html(article->out, "<p>%s %s: %s %s%s", overlay->layer_label, word(article, effects[overlay->effect]),
		     *overlay->label ? overlay->label : overlay->name, *overlay->value ? "= " : "", overlay->value);
		buf_string(article->out, " <span class=\"refs\">");
		sheet_cites(article, overlay->cites, overlay->ncites, overlay->nsee);
		buf_string(article->out, "</span></p>\n");
	}
}

static void ladder_part(struct article *article, const struct rko_why_ladder *ladder)
{
	static const enum sheet_word roles[] = {
		[RKO_LADDER_DECIDES] = WORD_TO_DECISION, [RKO_LADDER_STOPPED] = WORD_TO_STOPPED,
		[RKO_LADDER_POSSIBLE] = WORD_TO_POSSIBLE, [RKO_LADDER_NEAREST] = WORD_TO_NEAREST,
	};

	html(article->out, "<h3>%s: %s</h3>\n<p class=\"refs\"><code>%s</code>", word(article, roles[ladder->role]),
	     *ladder->rule.says ? ladder->rule.says : ladder->rule.name, ladder->rule.name);
	if (ladder->rule.ncites)
		buf_string(article->out, " · ");
	sheet_cites(article, ladder->rule.cites, ladder->rule.ncites, ladder->rule.nsee);
	buf_string(article->out, "</p>\n");
	table_head(article);
	for (size_t i = 0; i < ladder->nconditions; i++)
		condition_rows(article, &ladder->conditions[i]);
	extra_row(article, WORD_NOT_IN_FORCE, ladder->in_force);
	buf_string(article->out, "</tbody></table>\n");
	exceptions(article, ladder);
	overlays(article, ladder);
}

void sheet_ladders(struct article *article)
{
	const struct rko_explanation *why = article->why;

	if (!why->nladders) {
		if (why->nearest && why->decision.outcome == RKO_NOT_GRANTED && !why->lists)
			nearest(article);
		return;
	}
	sheet_section(article, WORD_LADDERS, "ladders");
	for (size_t i = 0; i < why->nladders; i++)
		ladder_part(article, &why->ladders[i]);
	buf_string(article->out, "</section>\n");
}
