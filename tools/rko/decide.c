/* SPDX-License-Identifier: EUPL-1.2 */
/* decide: one question, or all of a file, with reasons. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rko/explain.h>

#include "tools/common/ask.h"
#include "tools/common/cases.h"
#include "tools/common/recording.h"
#include "tools/common/sheet.h"
#include "tools/common/why_json.h"
#include "tools/rko/commands.h"
#include "tools/rko/expect.h"

struct deciding {
	struct options with;
	const char *questions;
	bool has_day, requester, brief, long_form, why;
	const char *trace;	/* where the decision's trace goes, or NULL */
	rko_day day;
	struct recording recording;
	struct yaml_files files;
	json_t *list;		/* of a file of questions */
	struct sheet sheet;	/* --format=html: what has been decided so far */
	size_t differ;		/* came out otherwise than the file expects */
};

/* The outcome in one word; of a file of questions, behind the question's id. */
static void brief(const struct rko_decision *decision, const char *id, bool listed)
{
	printf("%s%s%s\n", id ? id : "", id ? ": " : "",
	       decision->status != RKO_OK ? rko_status_word(decision->status)
	       : listed			  ? "listed" : rko_outcome_word(decision->outcome));
}

/* A question that only lists duties has done so, unless it was refused or failed. */
static bool has_listed(const struct deciding *job, const struct rko_decision *decision)
{
	struct rko_question_about about;

	rko_question_about(job->with.policy, decision->question, job->with.cli->language, &about);
	return about.lists && decision->status == RKO_OK && decision->outcome != RKO_REFUSED;
}

static void show_wrong(const struct buf *wrong)
{
	const char *line = wrong->len ? wrong->at : "";

	if (*line)
		puts("    otherwise than expected:");
	while (*line) {
		size_t length = strcspn(line, "\n");

		printf("      %.*s\n", (int)length, line);
		line += length + (line[length] == '\n');
	}
}

static bool keep_trace(const char *path, const struct rko_decision *decision)
{
	FILE *file = fopen(path, "wb");
	bool written = file && fwrite(decision->trace, 1, decision->trace_size, file) == decision->trace_size;

	if (file && fclose(file) != 0)
		written = false;
	if (!written)
		cli_error("%s: the trace could not be written: %s", path, strerror(errno));
	return written;
}

/* Decides and prints. `id`, `title`: of a question of a file, else NULL. Gives how to end. */
static int decide(struct deciding *job, const struct rko_request *request, const char *id, const char *title,
		  const struct yaml_node *expect)
{
	struct rko_explanation *why = NULL;
	struct rko_decision decision;
	struct buf wrong = { 0 }, trace = { 0 };
	unsigned flags = job->with.cli->colour_out ? RKO_TEXT_COLOUR : 0;
	uint8_t id_of_record[RKO_AUDIT_ID_BYTES];
	bool told = !job->brief || job->with.format != FORMAT_TEXT;	/* more than the outcome */
	bool listed;
	int result;

	rko_decide(job->with.session, request, &decision);
	if (!recording_decided(&job->recording, request, &decision, id_of_record))
		return EXIT_INTERNAL;
	if (job->trace && !keep_trace(job->trace, &decision))
		return EXIT_INTERNAL;
	listed = has_listed(job, &decision);
	result = listed ? EXIT_GRANTED : cli_exit(&decision);
	if (job->requester)
		expect = NULL;	/* which is about what reviewers see */
	if (!told && !expect && !job->requester) {
		brief(&decision, id, listed);
		return result;
	}
	/* Explaining decides again. */
	buf_add(&trace, decision.trace, decision.trace_size);
	(job->requester ? rko_explain_requester : rko_explain)(job->with.session, request, &decision, job->with.cli->language, &why);
	if (!why) {
		buf_release(&trace);
		cli_error("memory ran out");
		return EXIT_INTERNAL;
	}
	decision.trace = trace.at;
	if (told && !recording_explained(&job->recording, request, &decision, why, id_of_record)) {
		buf_release(&trace);
		rko_explanation_free(why);
		return EXIT_INTERNAL;
	}
	if (job->requester && !listed)
		result = cli_exit(&why->decision);
	if (expect && (!expect_compare(&job->files, expect, why, &wrong) || wrong.len))
		job->differ++;
	if (job->with.format == FORMAT_JSON) {
		json_t *json = why_json(why);

		if (title) {
			json_object_set_new(json, "id", json_string(id));
			json_object_set_new(json, "title", json_string(title));
		}
		if (wrong.len)
			json_object_set_new(json, "otherwise", json_string(wrong.at));
		if (job->list)
			json_array_append_new(job->list, json);
		else {
			json_dumpf(json, stdout, JSON_INDENT(2));
			putchar('\n');
			json_decref(json);
		}
	} else if (job->with.format == FORMAT_HTML) {
		sheet_add(&job->sheet, &(struct sheet_decision){ why, job->with.policy, title, trace.at, trace.len });
	} else if (job->brief) {
		brief(&why->decision, id, listed);
	} else {
		const char *text = rko_explanation_text(why, flags | (job->long_form ? RKO_TEXT_LONG : 0) |
							     (job->why ? RKO_TEXT_WHY : 0), job->with.cli->width);

		if (title)
			printf("%s%s%s\n", job->with.cli->colour_out ? "\033[1m" : "", title,
			       job->with.cli->colour_out ? "\033[0m" : "");
		fputs(text ? text : "", stdout);
		show_wrong(&wrong);
		if (title)
			putchar('\n');
	}
	buf_release(&wrong);
	buf_release(&trace);
	rko_explanation_free(why);
	return result;
}

/* Prints the page of all that was decided. */
static int finish_sheet(struct deciding *job, int result)
{
	struct buf page = { 0 };

	if (sheet_finish(&job->sheet, &page)) {
		fwrite(page.at, 1, page.len, stdout);
	} else {
		cli_error("memory ran out");
		result = EXIT_INTERNAL;
	}
	buf_release(&page);
	return result;
}

/* A file of questions ------------------------------------------------------------------------------ */

static bool named(const struct test_case *about, char **ids, int count)
{
	for (int i = 0; i < count; i++)
		if (text_equal(about->id, text_from(ids[i])))
			return true;
	return count == 0;
}

/* Whether every id that was named is one of the file's. */
static bool all_known(const struct deciding *job, const struct case_list *cases, char **ids, int count)
{
	for (int i = 0; i < count; i++) {
		struct cli_near near = cli_near(ids[i]);
		bool known = false;

		for (size_t j = 0; j < cases->count; j++) {
			known |= text_equal(cases->list[j]->id, text_from(ids[i]));
			cli_near_try(&near, cases->list[j]->id.at);
		}
		if (!known) {
			cli_usage(job->with.cli, "%s has no question `%s`%s", job->questions, ids[i],
				  cli_near_words(&near).text);
			return false;
		}
	}
	return true;
}

static int decide_case(struct deciding *job, const struct test_case *about)
{
	struct rko_request *request = request_from(&job->files, job->with.policy, &about->request);
	int result;

	if (!request) {
		cli_diagnostics(job->with.cli, &job->files);
		return EXIT_INPUT;
	}
	rko_request_at(request, job->with.has_at ? job->with.at : about->at);
	if (job->has_day || about->has_day)
		rko_request_on(request, job->has_day ? job->day : about->day);
	rko_request_as_of(request, job->with.as_of);
	result = decide(job, request, about->id.at, about->name.at, about->expect);
	rko_request_free(request);
	/* The outcomes of many questions are no way to end; a failure is. */
	return result == EXIT_INTERNAL ? result : EXIT_GRANTED;
}

static int decide_file(struct deciding *job, char **ids, int count)
{
	struct fact_reader reader = { .files = &job->files, .policy = job->with.policy };
	struct case_list cases = { 0 };
	int result = EXIT_GRANTED;
	size_t asked = 0;

	if (!cases_read(&reader, job->questions, &cases)) {
		cli_diagnostics(job->with.cli, &job->files);
		return EXIT_INPUT;
	}
	if (!all_known(job, &cases, ids, count))
		return EXIT_INPUT;
	if (job->with.format == FORMAT_JSON)
		job->list = json_array();
	for (size_t i = 0; i < cases.count && result != EXIT_INPUT; i++) {
		int one;

		if (!named(cases.list[i], ids, count) || cases.list[i]->outside.len)
			continue;
		one = decide_case(job, cases.list[i]);
		if (one != EXIT_GRANTED)
			result = one;
		asked++;
	}
	if (job->list) {
		json_dumpf(job->list, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(job->list);
	}
	if (!cli_diagnostics(job->with.cli, &job->files) || result == EXIT_INPUT)
		return EXIT_INPUT;
	if (!asked)
		return cli_usage(job->with.cli, "%s has no question that the engine answers", job->questions);
	if (job->differ) {
		fprintf(stderr, "%zu of %zu came out otherwise than expected\n", job->differ, asked);
		return EXIT_DENIED;
	}
	return result;
}

/* One question on the command line ------------------------------------------------------------------ */

static int decide_words(struct deciding *job, char **words, int count)
{
	struct rko_request *request;
	int result = ask_words(job->with.cli, job->with.policy, words, count, NULL, &request);

	if (result != EXIT_GRANTED)
		return result;
	rko_request_at(request, job->with.has_at ? job->with.at : (int64_t)time(NULL));
	if (job->has_day)
		rko_request_on(request, job->day);
	rko_request_as_of(request, job->with.as_of);
	result = decide(job, request, NULL, NULL, NULL);
	rko_request_free(request);
	return result;
}

static int run(struct deciding *job, char **arguments, int count)
{
	int result = options_open(&job->with);

	if (result == EXIT_GRANTED)
		result = recording_open(&job->recording);
	if (result != EXIT_GRANTED)
		return result;
	if (job->questions && job->trace)
		return cli_usage(job->with.cli, "--trace takes the trace of one decision, not of a file of questions");
	if (job->questions)
		return decide_file(job, arguments, count);
	return decide_words(job, arguments, count);
}

static int run_decide(struct cli *cli, int argc, char **argv)
{
	static const struct option options[] = {
		TAKES_POLICY, TAKES_STORE, TAKES_AT, TAKES_AS_OF, TAKES_FORMAT, TAKES_LANG,
		{ "on", required_argument, NULL, 'o' },	   { "questions", required_argument, NULL, 'q' },
		{ "for", required_argument, NULL, 'F' },   { "long", no_argument, NULL, 'L' },
		{ "why", no_argument, NULL, 'w' },	   { "trace", required_argument, NULL, 't' },
		{ "brief", no_argument, NULL, 'b' },	   TAKES_AUDIT,
		{ NULL, 0, NULL, 0 },
	};
	struct deciding job = {
		.with = { .cli = cli, .formats = FORMATS_TEXT_JSON | FORMATS(FORMAT_HTML) },
		.recording.command = "rko decide",
	};
	int option, result;

	while ((option = getopt_long(argc, argv, OPTIONS_SHORT, options, NULL)) != -1) {
		switch (option) {
		case 'o':
			if (rko_day_parse(optarg, &job.day) != RKO_OK)
				return cli_usage(cli, "--on takes a day such as 2026-07-10");
			job.has_day = true;
			break;
		case 'q':
			job.questions = optarg;
			break;
		case 'L':
			job.long_form = true;
			break;
		case 'F':
			job.requester = strcmp(optarg, "requester") == 0;
			if (!job.requester && strcmp(optarg, "reviewer") != 0)
				return cli_usage(cli, "--for takes reviewer or requester, not `%s`", optarg);
			break;
		case 'w':
			job.why = true;
			break;
		case 't':
			job.trace = optarg;
			break;
		case 'b':
			job.brief = true;
			break;
		case 'A':
			job.recording.log = optarg;
			break;
		case '?':
			return cli_bad_option(cli, argv, options);
		default:
			if (options_take(&job.with, option, optarg) != EXIT_GRANTED)
				return EXIT_INPUT;
		}
	}
	yaml_files_init(&job.files);
	job.sheet.language = cli->language;
	result = run(&job, argv + optind, argc - optind);
	if (job.sheet.count)
		result = finish_sheet(&job, result);
	sheet_release(&job.sheet);
	if (!recording_close(&job.recording) && result != EXIT_INPUT)
		result = EXIT_INTERNAL;
	options_close(&job.with);
	yaml_files_free(&job.files);
	return result;
}

const struct command command_decide = {
	.name = "decide",
	.summary = "Decides, and says why",
	.usage = "--policy=IMAGE-OR-FOLDER --store=FOLDER [OPTION]… QUESTION ACTION FIELD=VALUE…",
	.help = "A field that is a set is said once for each element, `FIELD=` when it has none; a field of a record that\n"
		"the request gives is RECORD.FIELD=VALUE. The exit status tells the outcome;\n"
		"a question that only lists duties ends with 0.\n\n"
		HELP_POLICY
		HELP_STORE
		HELP_AT
		"  --on=DAY            what would be on that day, on the same facts\n"
		HELP_AS_OF
		"  --questions=FILE    every case of a file, or those whose ids are named; the file's facts are not used. Ends\n"
		"                      with 1 when one comes out otherwise than the file expects\n"
		"  --for=requester     what whoever asks may be told, not what reviewers see\n"
		HELP_LANG
		"  --format=json       the explanation as JSON\n"
		"  --format=html       a decision sheet: one page of HTML, for a screen and for A4 paper\n"
		"  --why               the ladder: every condition with what was seen and what is needed, exceptions,\n"
		"                      the area's own rules, dates, the words of the sources, each record\n"
		"  --long              with titles of sources, every condition, and where the rules stand\n"
		"  --trace=FILE        writes the decision's trace there, for rko explain-decision\n"
		"  --audit=LOG         records every decision there before it is shown, and every explanation\n"
		"  --brief             the outcome in one word\n\n"
		"examples:\n"
		"  rko decide -p policy.image -s facts --at=2026-07-10T10:00+03:00 access read user=kaisa \\\n"
		"      unit=kukkakoti_u1 work_task=priv_implementation purpose=service \\\n"
		"      identification=professional_card client=liisa register=ekhva system=x_jarjestelma \\\n"
		"      channel=kanta document=liisa_merkinta\n"
		"  rko decide -p policy.image -s facts --questions=policies/demo/questions.yaml --lang=sv\n",
	.run = run_decide,
};
