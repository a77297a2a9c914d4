/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Explanations in words: the three languages say the same things, colours change no word, lines keep to their width,
 * and every part of a reason is there: rules with their sources, exceptions, duties, readings, the interval.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/explain/words.h"
#include "tests/common/asking.h"
#include "tools/common/cases.h"
#include "tools/common/cli.h"

static struct asking *asking;
static struct yaml_files files;
static struct case_list list;

static int set_up(void **state)
{
	struct fact_reader reader = { .files = &files };
	char *yaml = file_read("policies/demo/facts.yaml", NULL);

	(void)state;
	asking = asking_open(NULL, "policies", "access", yaml);
	reader.policy = asking->policy;
	yaml_files_init(&files);
	assert_true(cases_read(&reader, "policies/demo/questions.yaml", &list));
	free(yaml);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	yaml_files_free(&files);
	asking_close(asking);
	return 0;
}

/* The explanation of a question of the demo; the caller frees it. */
static struct rko_explanation *explain(size_t number, enum rko_language language)
{
	struct rko_request *request = request_from(&files, asking->policy, &list.list[number]->request);
	struct rko_explanation *why;

	assert_non_null(request);
	rko_request_at(request, list.list[number]->at);
	assert_int_equal(rko_explain(asking->session, request, NULL, language, &why), RKO_OK);
	assert_true(why->reproduced && !why->incomplete);
	rko_request_free(request);
	return why;
}

static char *text_of(struct rko_explanation *why, unsigned flags, size_t width)
{
	char *text = strdup(rko_explanation_text(why, flags, width));

	assert_non_null(text);
	return text;
}

static size_t number_of(const char *number)
{
	for (size_t i = 0; i < list.count; i++)
		if (strcmp(list.list[i]->id.at, number) == 0)
			return i;
	fail_msg("the demo has no question `%s`", number);
	return 0;
}

/* How often a word stands in a text. */
static size_t count(const char *text, const char *word)
{
	size_t found = 0;

	while ((text = strstr(text, word))) {
		text += strlen(word);
		found++;
	}
	return found;
}

static void the_languages_say_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < list.count; i++) {
		struct rko_explanation *en = explain(i, RKO_EN);
		char *english = text_of(en, 0, 0);

		for (int language = RKO_FI; language < RKO_EN; language++) {
			struct rko_explanation *why = explain(i, (enum rko_language)language);
			char *text = text_of(why, 0, 0);

			assert_int_equal(why->decision.outcome, en->decision.outcome);
			assert_int_equal(why->nby, en->nby);
			for (size_t k = 0; k < why->nby; k++) {
				assert_string_equal(why->by[k].name, en->by[k].name);
				assert_int_equal(why->by[k].ncites, en->by[k].ncites);
				assert_string_not_equal(why->by[k].says, en->by[k].says);
			}
			assert_int_equal(why->nduties, en->nduties);
			assert_int_equal(why->nreadings, en->nreadings);
			assert_int_equal(why->nanswers, en->nanswers);
			assert_int_equal(why->until, en->until);
			assert_string_not_equal(why->action_label, en->action_label);
			/* As many lines, points and marks; and no word is left in English. */
			assert_int_equal(count(text, "\n"), count(english, "\n"));
			assert_int_equal(count(text, "•"), count(english, "•"));
			assert_int_equal(count(text, "✘"), count(english, "✘"));
			assert_int_equal(count(text, "GRANTED") + count(text, "Stands"), 0);
			free(text);
			rko_explanation_free(why);
		}
		free(english);
		rko_explanation_free(en);
	}
}

static void without_colours(char *text)
{
	char *to = text;

	for (const char *from = text; *from;) {
		if (*from == '\033') {
			from = strchr(from, 'm') + 1;
			continue;
		}
		*to++ = *from++;
	}
	*to = '\0';
}

static void colours_change_no_word(void **state)
{
	static const unsigned forms[] = { 0, RKO_TEXT_LONG };

	(void)state;
	for (size_t i = 0; i < list.count; i++) {
		struct rko_explanation *why = explain(i, RKO_FI);

		for (size_t f = 0; f < 2; f++) {
			char *plain = text_of(why, forms[f], 80), *coloured = text_of(why, forms[f] | RKO_TEXT_COLOUR, 80);

			assert_null(strchr(plain, '\033'));
			assert_non_null(strchr(coloured, '\033'));
			without_colours(coloured);
			assert_string_equal(coloured, plain);
			free(plain);
			free(coloured);
		}
		rko_explanation_free(why);
	}
}

static size_t widest(const char *text)
{
	size_t most = 0, columns = 0;

	for (; *text; text++) {
		columns = *text == '\n' ? 0 : columns + (((unsigned char)*text & 0xc0) != 0x80);
		if (columns > most)
			most = columns;
	}
	return most;
}

static void lines_keep_to_their_width(void **state)
{
	(void)state;
	for (size_t i = 0; i < list.count; i++) {
		struct rko_explanation *why = explain(i, RKO_FI);

		for (size_t width = 60; width <= 120; width += 20) {
			char *text = text_of(why, RKO_TEXT_LONG, width);

			/* The heading is one line. */
			if (widest(strchr(text, '\n')) > width)
				fail_msg("%zu columns instead of %zu:\n%s", widest(text), width, text);
			free(text);
		}
		rko_explanation_free(why);
	}
}

static void the_parts_of_a_reason(void **state)
{
	struct rko_explanation *why = explain(number_of("liisa-lukeminen"), RKO_EN);
	char *text = text_of(why, RKO_TEXT_LONG, 0);

	(void)state;
	assert_non_null(strstr(text, "  ✔ GRANTED  Read the document · 10 July 2026  (access read)\n"));
	assert_non_null(strstr(text, "    The producer's employee may read the data needed in giving the service (producer-reads)\n"));
	assert_non_null(strstr(text, " 703/2023, 9 § 1 mom.: ”"));
	assert_non_null(strstr(text, "      see "));
	assert_non_null(strstr(text, "      national/access.rko:"));
	assert_non_null(strstr(text, "(kept for 12 years)"));
	assert_non_null(strstr(text, " (who-ends)\n"));
	assert_non_null(strstr(text, "have not seen this cell: The widest rights that the decree allows"));
	assert_non_null(strstr(text, "Stands on these facts: from 24 June 2026, with no end."));
	free(text);
	rko_explanation_free(why);

	why = explain(number_of("matti-kirjaaminen"), RKO_EN);
	text = text_of(why, 0, 0);
	assert_non_null(strstr(text, "No rule grants this."));
	assert_non_null(strstr(text, "    Nearest granting rule: The producer stores the data of the service in the organiser's register (producer-writes)\n"));
	assert_non_null(strstr(text, "      ✘ Kind of use: Register-internal use by the register access right\n"));
	assert_non_null(strstr(text, "    The rule “The producer stores the data of the service in the organiser's "
				     "register” (producer-writes) would grant once:\n"
				     "      • there is a record: Matter number received by the unit – can be "
				     "changed by: The organiser\n"
				     "      • there is a record: Register access right – can be changed by: The organiser\n"
				     "          State of the right: Given\n"));
	assert_non_null(strstr(text, "      • The producer: The data are delivered to the organiser"));
	free(text);
	rko_explanation_free(why);

	why = explain(number_of("aino-turvakielto"), RKO_EN);
	assert_int_equal(why->duties[why->nduties - 1].redaction, 1);
	text = text_of(why, 0, 0);
	assert_non_null(strstr(text, "      • Hidden: Home municipality, "));
	free(text);
	rko_explanation_free(why);

	why = explain(number_of("martti-valmistelu"), RKO_EN);
	text = text_of(why, 0, 0);
	assert_int_equal(why->lists, 1);
	assert_non_null(strstr(text, "  • DUTIES"));
	assert_non_null(strstr(text, ", by 31 August 2026\n"));
	free(text);
	rko_explanation_free(why);
}

/* A decision that does not come out as it did is said to. */
static void another_decision_is_not_reproduced(void **state)
{
	struct rko_request *request = request_from(&files, asking->policy, &list.list[number_of("liisa-lukeminen")]->request);
	struct rko_decision decision;
	struct rko_explanation *why;

	(void)state;
	rko_request_at(request, list.list[0]->at);
	assert_int_equal(rko_decide(asking->session, request, &decision), RKO_OK);
	decision.outcome = RKO_FORBIDDEN;
	assert_int_equal(rko_explain(asking->session, request, &decision, RKO_EN, &why), RKO_OK);
	assert_false(why->reproduced);
	assert_int_equal(why->decision.outcome, RKO_GRANTED);
	assert_non_null(strstr(rko_explanation_text(why, 0, 0), "The decision does not come out the same again."));
	rko_explanation_free(why);
	rko_request_free(request);
}

/* Lines keep to the width, words stay whole, and nothing is put in or left out. */
static void assert_paragraph(size_t width, const char *first, size_t indent, const char *text, const char *expected)
{
	struct buf out = { 0 };
	struct words words = { .out = &out, .width = width };

	words_paragraph(&words, first, indent, text_from(text));
	assert_string_equal(out.at, expected);
	buf_reset(&out);
	words_line(&words, first, indent, "%s%s", text, "");
	assert_string_equal(out.at, expected);
	buf_release(&words.line);
	buf_release(&out);
}

static void paragraphs_keep_to_the_width(void **state)
{
	(void)state;
	assert_paragraph(0, "- ", 2, "sana toinen kolmas", "- sana toinen kolmas\n");
	assert_paragraph(13, "- ", 2, "sana toinen kolmas", "- sana toinen\n  kolmas\n");
	assert_paragraph(12, "- ", 2, "sana toinen kolmas", "- sana\n  toinen\n  kolmas\n");
	assert_paragraph(7, "", 1, "pää työ a", "pää työ\n a\n");
	assert_paragraph(4, "- ", 2, "pitkäsanainen a", "- pitkäsanainen\n  a\n");
	assert_paragraph(10, "", 0, "\033[1mpunainen\033[0m a b", "\033[1mpunainen\033[0m a\nb\n");
	assert_paragraph(1, "", 0, "", "\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_languages_say_the_same), cmocka_unit_test(colours_change_no_word),
		cmocka_unit_test(lines_keep_to_their_width),  cmocka_unit_test(the_parts_of_a_reason),
		cmocka_unit_test(another_decision_is_not_reproduced), cmocka_unit_test(paragraphs_keep_to_the_width),
	};

	/* Where the reader of files goes when memory runs out. */
	if (setjmp(cli_no_memory))
		return 1;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
