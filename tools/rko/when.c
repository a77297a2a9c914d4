/* SPDX-License-Identifier: EUPL-1.2 */
/* when: on which days of a year the answer is what, why it changes, and a line of the year. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <rko/explain.h>
#include <rko/search.h>

#include "engine/base/buf.h"
#include "engine/base/date.h"
#include "tools/common/ask.h"
#include "tools/rko/commands.h"
#include "tools/rko/outcomes.h"

struct when {
	struct ask ask;
	bool has_from, has_to;
	rko_day from, to, today;
	struct rko_intervals *found;
};

enum word { WORD_BECAUSE, WORD_HOLDS, WORD_HOLDS_NOT, WORD_NOT_KNOWN, WORD_SAME, WORD_TODAY, WORD_DUTIES, WORD_NONE,
	    WORD_RULE, WORD_BY };

static const char *word(const struct when *when, enum word which)
{
	static const char *const words[][3] = {
		[WORD_BECAUSE] = { "koska", "eftersom", "because" },
		[WORD_HOLDS] = { "alkaa täyttyä", "börjar uppfyllas", "holds from then on" },
		[WORD_HOLDS_NOT] = { "lakkaa täyttymästä", "upphör att uppfyllas", "holds no longer" },
		[WORD_NOT_KNOWN] = { "ei ole enää tiedossa", "är inte längre känt", "is no longer known" },
		[WORD_SAME] = { "vastaus on sama, perusteet muuttuvat", "svaret är detsamma, grunderna ändras",
				"the same answer, for other reasons" },
		[WORD_TODAY] = { "kysytty päivä", "den dag som frågan gäller", "the day that is asked about" },
		[WORD_DUTIES] = { "tehtävät:", "skyldigheter:", "duties:" },
		[WORD_NONE] = { "ei tehtäviä", "inga skyldigheter", "no duties" },
		[WORD_BY] = { "viimeistään", "senast", "by" },
		[WORD_RULE] = { "ratkaisee", "avgör", "decides" },
	};

	return words[which][when->ask.with.cli->language];
}

/* The range ------------------------------------------------------------------------------------------ */

static day_t months_from(day_t day, int32_t months, int32_t days)
{
	day_t out = day;

	if (day_add(day, months, UNIT_MONTHS, &out))
		day_add(out, days, UNIT_DAYS, &out);
	return out;
}

/* Without a range: the year around the day. With one end: the year from or to there. */
static int find_range(struct when *when)
{
	struct rko_decision decision;

	rko_decide(when->ask.with.session, when->ask.request, &decision);
	when->today = decision.today;
	if (!when->has_from && !when->has_to) {
		when->from = months_from(when->today, -6, 0);
		when->to = months_from(when->today, 6, -1);
	} else if (!when->has_from) {
		when->from = months_from(when->to, -12, 1);
	} else if (!when->has_to) {
		when->to = months_from(when->from, 12, -1);
	}
	if (when->to < when->from)
		return cli_usage(when->ask.with.cli, "--to is before --from");
	return EXIT_GRANTED;
}

/* The line of the year ------------------------------------------------------------------------------- */

/* The interval that a cell shows: of those that touch it the shortest, so that none is lost beside a long one. */
static const struct rko_interval *of_cell(const struct rko_intervals *found, rko_day from, rko_day to)
{
	const struct rko_interval *best = NULL;

	for (size_t i = 0; i < found->count; i++) {
		const struct rko_interval *here = &found->list[i];

		if (here->to < from || here->from > to)
			continue;
		if (!best || here->to - here->from < best->to - best->from)
			best = here;
	}
	return best;
}

struct line {
	size_t cells;
	int64_t days;
	rko_day from;
};

static rko_day cell_begins(const struct line *line, size_t cell)
{
	return line->from + (rko_day)((int64_t)cell * line->days / (int64_t)line->cells);
}

static size_t cell_of(const struct line *line, rko_day day)
{
	size_t cell = 0;

	while (cell + 1 < line->cells && cell_begins(line, cell + 1) <= day)
		cell++;
	return cell;
}

/* Numbers of months above the cells in which they begin, as far as there is room. */
static void print_months(const struct line *line)
{
	char *ruler = malloc(line->cells + 8);
	size_t free_from = 0;

	if (!ruler)
		return;
	memset(ruler, ' ', line->cells + 8);
	for (rko_day day = line->from; day < line->from + line->days; day++) {
		char name[8];
		int year, month, number;
		size_t cell = cell_of(line, day), length;

		day_to_civil(day, &year, &month, &number);
		if (number != 1 || cell < free_from)
			continue;
		if (month == 1)
			length = (size_t)snprintf(name, sizeof name, "%d", year);
		else
			length = (size_t)snprintf(name, sizeof name, "%d", month);
		if (cell + length > line->cells)
			continue;
		memcpy(ruler + cell, name, length);
		free_from = cell + length + 1;
	}
	ruler[line->cells] = '\0';
	for (size_t end = line->cells; end && ruler[end - 1] == ' '; end--)
		ruler[end - 1] = '\0';
	printf("  %s\n", ruler);
	free(ruler);
}

static void print_line(const struct when *when)
{
	const struct rko_intervals *found = when->found;
	bool colour = when->ask.with.cli->colour_out, lists = found->lists;
	struct line line = { .days = (int64_t)found->to - found->from + 1, .from = found->from };

	line.cells = when->ask.with.cli->width > 4 ? when->ask.with.cli->width - 4 : 1;
	if ((int64_t)line.cells > line.days)
		line.cells = (size_t)line.days;
	print_months(&line);
	fputs("  ", stdout);
	for (size_t i = 0; i < line.cells; i++) {
		const struct rko_interval *here = of_cell(found, cell_begins(&line, i), cell_begins(&line, i + 1) - 1);

		if (lists)
			fputs(here->duties ? "▒" : "·", stdout);
		else
			printf("%s%s%s", colour ? outcome_colour(here->outcome) : "", outcome_block(here->outcome),
			       colour ? "\033[0m" : "");
	}
	putchar('\n');
	if (when->today >= found->from && when->today <= found->to)
		printf("  %*s▲ %s\n", (int)cell_of(&line, when->today), "", word(when, WORD_TODAY));
	putchar('\n');
}

/* The table ------------------------------------------------------------------------------------------ */

static struct outcome_day day_of(const struct when *when, rko_day day)
{
	return outcome_day(when->ask.with.cli->language, day);
}

/* Columns of UTF-8 text. */
static size_t columns(const char *text, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

/* A reason: indented, and broken between words where the terminal ends. */
static void print_reason(const struct when *when, const struct buf *reason)
{
	enum { INDENT = 6, MORE = 8 };
	const char *at = reason->len ? reason->at : "";
	size_t column = INDENT;

	printf("%*s", INDENT, "");
	while (*at) {
		size_t length = strcspn(at, " "), wide = columns(at, length);

		if (column > MORE && column + 1 + wide > when->ask.with.cli->width) {
			printf("\n%*s", MORE, "");
			column = MORE;
		} else if (column > INDENT) {
			putchar(' ');
			column++;
		}
		printf("%.*s", (int)length, at);
		column += wide;
		at += length + (at[length] == ' ');
	}
	putchar('\n');
}

/* What the tests of a condition say that the policy gives no name, as the explanation of a day has it. */
static bool say_tests(struct rko_explanation *why, const struct rko_why_condition *list, size_t count,
		      const struct rko_flip *flip, struct buf *out)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i].text, flip->text) != 0)
			continue;
		for (size_t j = 0; j < list[i].ntests; j++)
			buf_printf(out, "%s%s", j ? "; " : "", rko_why_test_says(why, &list[i].tests[j]));
		return list[i].ntests != 0;
	}
	return false;
}

/* Of a ladder that the explanation has, the rule's own conditions and those of its exceptions. */
static bool say_condition(struct rko_explanation *why, const struct rko_flip *flip, struct buf *out)
{
	for (size_t i = 0; i < why->nladders; i++) {
		const struct rko_why_ladder *ladder = &why->ladders[i];

		if (strcmp(ladder->rule.name, flip->rule) == 0 &&
		    say_tests(why, ladder->conditions, ladder->nconditions, flip, out))
			return true;
		for (size_t j = 0; j < ladder->nexceptions; j++)
			if (strcmp(ladder->exceptions[j].rule.name, flip->rule) == 0 &&
			    say_tests(why, ladder->exceptions[j].conditions, ladder->exceptions[j].nconditions, flip, out))
				return true;
	}
	return false;
}

/* A condition without a name, as it is on the first day of the interval or was on the day before. */
static void say_unnamed(const struct when *when, rko_day day, const struct rko_flip *flip, struct buf *out)
{
	bool said = false;

	for (int back = 0; back < 2 && !said; back++) {
		struct rko_explanation *why = NULL;

		rko_request_on(when->ask.request, day - back);
		if (rko_explain(when->ask.with.session, when->ask.request, NULL, when->ask.with.cli->language, &why) == RKO_OK)
			said = say_condition(why, flip, out);
		rko_explanation_free(why);
	}
	if (!said)
		buf_string(out, flip->text);
}

static void print_flip(const struct when *when, rko_day day, const struct rko_flip *flip)
{
	struct buf text = { 0 };

	buf_printf(&text, "%s: ", word(when, flip->holds > 0 ? WORD_HOLDS : flip->holds ? WORD_NOT_KNOWN : WORD_HOLDS_NOT));
	if (*flip->says)
		buf_printf(&text, "%s%s%s%s", flip->says, *flip->name ? " (" : "", flip->name, *flip->name ? ")" : "");
	else
		say_unnamed(when, day, flip, &text);
	print_reason(when, &text);
	buf_release(&text);
}

static void print_reasons(const struct when *when, const struct rko_interval *interval)
{
	for (size_t i = 0; i < interval->ncauses; i++) {
		const struct rko_cause *cause = &interval->causes[i];
		struct buf text = { 0 };

		buf_printf(&text, "%s %s%s%s%s", word(when, WORD_BECAUSE), cause->says, *cause->key ? " [" : "",
			   cause->key_label, *cause->key ? "]" : "");
		print_reason(when, &text);
		buf_release(&text);
	}
	for (size_t i = 0; i < interval->nflips; i++)
		print_flip(when, interval->from, &interval->flips[i]);
}

static void print_duty(const struct when *when, const struct rko_duty_about *duty, const struct rko_explanation *why)
{
	struct buf text = { 0 };
	const struct rko_why_duty *found = NULL;

	for (size_t i = 0; why && i < why->nduties; i++)
		if (strcmp(why->duties[i].name, duty->name) == 0)
			found = &why->duties[i];
	buf_printf(&text, "• %s%s%s (%s)", found ? found->bearer_label : "", found && *found->bearer_label ? ": " : "",
		   *duty->says ? duty->says : duty->name, duty->name);
	if (found && found->has_due && found->due != RKO_DAY_OPEN)
		buf_printf(&text, ", %s %s", word(when, WORD_BY), day_of(when, found->due).text);
	print_reason(when, &text);
	buf_release(&text);
}

/* Who bears them and by when is in the explanation of the interval's first day: within it neither changes. */
static void print_duties(const struct when *when, const struct rko_interval *interval)
{
	enum rko_language language = when->ask.with.cli->language;
	struct rko_explanation *why = NULL;

	rko_request_on(when->ask.request, interval->from);
	rko_explain(when->ask.with.session, when->ask.request, NULL, language, &why);
	for (uint32_t i = 0; i < 64; i++) {
		struct rko_duty_about duty;

		if (!(interval->duties >> i & 1))
			continue;
		rko_question_duty(when->ask.with.policy, when->found->question, i, language, &duty);
		print_duty(when, &duty, why);
	}
	rko_explanation_free(why);
}

/* A deciding rule by what it says, its name behind it. */
static void print_rule(const struct when *when, const char *name)
{
	struct rko_question_about about;
	struct rko_rule_about rule = { .says = "" };
	struct buf text = { 0 };

	rko_question_about(when->ask.with.policy, when->found->question, when->ask.with.cli->language, &about);
	for (uint32_t i = 0; i < about.rules; i++) {
		rko_question_rule(when->ask.with.policy, when->found->question, i, when->ask.with.cli->language, &rule);
		if (strcmp(rule.name, name) == 0)
			break;
		rule.says = "";
	}
	buf_printf(&text, "%s: %s%s%s%s", word(when, WORD_RULE), rule.says, *rule.says ? " (" : "", name, *rule.says ? ")" : "");
	print_reason(when, &text);
	buf_release(&text);
}

static void print_interval(const struct when *when, const struct rko_interval *interval)
{
	bool colour = when->ask.with.cli->colour_out;

	printf("  %s – %s  ", day_of(when, interval->from).text, day_of(when, interval->to).text);
	if (when->found->lists)
		fputs(word(when, interval->duties ? WORD_DUTIES : WORD_NONE), stdout);
	else
		printf("%s%s %s%s", colour ? outcome_colour(interval->outcome) : "", outcome_mark(interval->outcome),
		       outcome_in(when->ask.with.cli->language, interval->outcome), colour ? "\033[0m" : "");
	if (interval->same_answer && !when->found->lists)
		printf("  (%s)", word(when, WORD_SAME));
	putchar('\n');
	for (size_t i = 0; i < interval->nby && !when->found->lists; i++)
		print_rule(when, interval->by[i]);
	if (when->found->lists)
		print_duties(when, interval);
	print_reasons(when, interval);
}

static void print_text(const struct when *when)
{
	struct rko_question_about about;

	rko_question_about(when->ask.with.policy, when->found->question, when->ask.with.cli->language, &about);
	printf("%s\n\n", about.asks);
	print_line(when);
	for (size_t i = 0; i < when->found->count; i++)
		print_interval(when, &when->found->list[i]);
}

/* JSON ----------------------------------------------------------------------------------------------- */

static json_t *day_json(rko_day day)
{
	char text[RKO_DAY_TEXT];

	rko_day_text(day, text);
	return json_string(text);
}

static json_t *cause_json(const struct rko_cause *cause)
{
	static const char *const kinds[] = { "date", "finding", "calendar" };
	json_t *out = json_pack("{s:s, s:s, s:s, s:o, s:b}", "kind", kinds[cause->kind], "name", cause->name, "label",
				cause->label, "date", day_json(cause->date), "ends", cause->ends);

	if (cause->kind == RKO_CAUSE_DATE)
		json_object_set_new(out, cause->months ? "months" : "days", json_integer(cause->offset));
	if (*cause->key)
		json_object_set_new(out, "key", json_string(cause->key));
	if (*cause->key_label)
		json_object_set_new(out, "key_label", json_string(cause->key_label));
	json_object_set_new(out, "says", json_string(cause->says));
	return out;
}

static json_t *interval_json(const struct when *when, const struct rko_interval *interval)
{
	json_t *out = json_pack("{s:o, s:o, s:s}", "from", day_json(interval->from), "to", day_json(interval->to),
				"outcome", when->found->lists ? "listed" : rko_outcome_word(interval->outcome));
	json_t *by = json_array(), *duties = json_array(), *causes = json_array(), *flips = json_array();

	for (size_t i = 0; i < interval->nby; i++)
		json_array_append_new(by, json_string(interval->by[i]));
	for (uint32_t i = 0; i < 64; i++) {
		struct rko_duty_about duty;

		if (!(interval->duties >> i & 1))
			continue;
		rko_question_duty(when->ask.with.policy, when->found->question, i, when->ask.with.cli->language, &duty);
		json_array_append_new(duties, json_string(duty.name));
	}
	for (size_t i = 0; i < interval->ncauses; i++)
		json_array_append_new(causes, cause_json(&interval->causes[i]));
	for (size_t i = 0; i < interval->nflips; i++) {
		const struct rko_flip *flip = &interval->flips[i];
		json_t *one = json_pack("{s:s, s:s, s:s, s:s}", "rule", flip->rule, "name", flip->name, "text", flip->text,
					"says", flip->says);

		json_object_set_new(one, "holds", flip->holds < 0 ? json_null() : json_boolean(flip->holds));
		json_array_append_new(flips, one);
	}
	json_object_set_new(out, "by", by);
	json_object_set_new(out, "duties", duties);
	json_object_set_new(out, "same_answer", json_boolean(interval->same_answer));
	json_object_set_new(out, "because", causes);
	json_object_set_new(out, "conditions", flips);
	return out;
}

static void print_json(const struct when *when)
{
	struct rko_question_about about;
	json_t *out, *list = json_array();

	rko_question_about(when->ask.with.policy, when->found->question, when->ask.with.cli->language, &about);
	for (size_t i = 0; i < when->found->count; i++)
		json_array_append_new(list, interval_json(when, &when->found->list[i]));
	out = json_pack("{s:s, s:o, s:o, s:o, s:I, s:o}", "question", about.name, "from", day_json(when->found->from), "to",
			day_json(when->found->to), "day", day_json(when->today), "generation",
			(json_int_t)when->found->generation, "intervals", list);
	json_dumpf(out, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(out);
}

/* ---------------------------------------------------------------------------------------------------- */

/* Granted on some day: 0; else undecided on some: 2; else 1. What only lists duties has done so. */
static int exit_of(const struct rko_intervals *found)
{
	int result = EXIT_DENIED;

	if (found->lists)
		return EXIT_GRANTED;
	for (size_t i = 0; i < found->count; i++) {
		if (found->list[i].outcome == RKO_GRANTED)
			return EXIT_GRANTED;
		if (found->list[i].outcome == RKO_UNDECIDED)
			result = EXIT_UNDECIDED;
	}
	return result;
}

static int run(struct when *when, char **words, int count)
{
	int result = ask_open(&when->ask, words, count);
	enum rko_status status;

	if (result != EXIT_GRANTED)
		return result;
	if (*when->ask.open)
		return cli_usage(when->ask.with.cli, "every field has a value here; `rko who-can` and `rko what-can` leave one open");
	result = find_range(when);
	if (result != EXIT_GRANTED)
		return result;
	status = rko_intervals(when->ask.with.session, when->ask.request, when->from, when->to, when->ask.with.cli->language,
			       &when->found);
	if (status != RKO_OK) {
		cli_error("%s", rko_status_meaning(status));
		return cli_exit_status(status);
	}
	if (when->found->refusal != RKO_REFUSED_NOT)
		return ask_refused(&when->ask, when->ask.request);
	if (when->ask.with.format == FORMAT_JSON)
		print_json(when);
	else
		print_text(when);
	return exit_of(when->found);
}

static int run_when(struct cli *cli, int argc, char **argv)
{
	static const struct option options[] = {
		ASK_OPTIONS,
		{ "from", required_argument, NULL, 'F' }, { "to", required_argument, NULL, 'T' },
		{ NULL, 0, NULL, 0 },
	};
	struct when when = { .ask.with.cli = cli };
	int option, result = EXIT_GRANTED;

	while (result == EXIT_GRANTED && (option = getopt_long(argc, argv, OPTIONS_SHORT, options, NULL)) != -1) {
		switch (option) {
		case 'F':
		case 'T':
			if (rko_day_parse(optarg, option == 'F' ? &when.from : &when.to) != RKO_OK)
				return cli_usage(cli, "--%s takes a day such as 2026-07-10", option == 'F' ? "from" : "to");
			*(option == 'F' ? &when.has_from : &when.has_to) = true;
			break;
		case '?':
			return cli_bad_option(cli, argv, options);
		default:
			result = options_take(&when.ask.with, option, optarg);
		}
	}
	if (result == EXIT_GRANTED)
		result = run(&when, argv + optind, argc - optind);
	rko_intervals_free(when.found);
	ask_close(&when.ask);
	return result;
}

const struct command command_when = {
	.name = "when",
	.summary = "Tells on which days the answer is what, and why it changes",
	.usage = "--policy=IMAGE-OR-FOLDER --store=FOLDER [OPTION]… QUESTION ACTION FIELD=VALUE…",
	.help = "On the facts as they are known, for every day of the year around the instant: a line of the year, and the\n"
		"days from which something else holds, each with the date or the law behind it. Ends with 0 when it is granted\n"
		"on some day, with 2 when it is undecided on some, else with 1.\n\n"
		HELP_POLICY
		HELP_STORE
		HELP_AT
		"  --from=DAY          the first day; else half a year before the instant, or a year before --to\n"
		"  --to=DAY            the last day; else half a year after the instant, or a year after --from\n"
		HELP_AS_OF
		HELP_LANG
		"  --format=json       the intervals as JSON\n\n"
		"examples:\n"
		"  rko when -p policy.image -s facts --at=2026-07-10T10:00+03:00 access read user=kaisa \\\n"
		"      unit=kukkakoti_u1 work_task=priv_implementation purpose=service \\\n"
		"      identification=professional_card client=aino register=ekhva system=x_jarjestelma \\\n"
		"      channel=kanta document=aino_merkinta\n"
		"  rko when -p policy.image -s facts --at=2026-07-10T10:00+03:00 --from=2026-01-01 --to=2026-12-31 \\\n"
		"      obligations list episode=palvelu_liisa\n",
	.run = run_when,
};
