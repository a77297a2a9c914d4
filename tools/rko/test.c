/* SPDX-License-Identifier: EUPL-1.2 */
/* test: runs cases against policies. */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/map.h"
#include "tools/common/cases.h"
#include "tools/common/options.h"
#include "tools/common/sheet.h"
#include "tools/rko/commands.h"
#include "tools/rko/expect.h"

struct outcome {
	const struct test_case *about;
	bool passed, outside;
	const char *wrong;	/* what is otherwise than expected, a line each */
	const char *text;	/* the decision in words */
	double seconds;
};

struct tests {
	struct options with;
	const char *filter;
	bool verbose, coverage;
	struct yaml_files files;
	struct fact_reader reader;
	struct case_list cases;
	struct outcome *outcomes;
	size_t passed, failed, outside;
	struct map decided;	/* names of rules that decided in some case, or whose duty was due */
	struct map passages;	/* passages that such a rule cites */
	char folder[64];	/* for stores */
	struct sheet sheet;	/* --format=html: the cases so far */
	struct map said;	/* faults that were shown: one in the facts of many cases is shown once */
};

/* Stores ------------------------------------------------------------------------------------------ */

static void remove_store(const char *path)
{
	static const char *const names[] = { "data.mdb", "lock.mdb" };
	char name[PATH_MAX];

	for (int i = 0; i < 2; i++) {
		snprintf(name, sizeof name, "%s/%s", path, names[i]);
		unlink(name);
	}
	rmdir(path);
}

/* Running ----------------------------------------------------------------------------------------- */

static void mark_rule(struct tests *tests, const char *name, const struct rko_cite *cites, size_t ncites)
{
	map_set(&tests->decided, text_from(name), 1);
	for (size_t i = 0; i < ncites; i++)
		map_set(&tests->passages,
			text_format(&tests->files.arena, "%s %s", cites[i].source, cites[i].passage), 1);
}

static void mark_decided(struct tests *tests, const struct rko_explanation *why)
{
	for (size_t i = 0; i < why->nby; i++)
		mark_rule(tests, why->by[i].name, why->by[i].cites, why->by[i].ncites);
	for (size_t i = 0; i < why->nduties; i++)
		mark_rule(tests, why->duties[i].name, why->duties[i].cites, why->duties[i].ncites);
	for (size_t i = 0; i < why->nexcepted; i++)
		mark_rule(tests, why->excepted[i].by, NULL, 0);
	for (size_t i = 0; i < why->npossible; i++)
		mark_rule(tests, why->possible[i].name, why->possible[i].cites, why->possible[i].ncites);
}

static void add_sheet(struct tests *tests, const struct test_case *about, struct rko_explanation *why, const struct buf *trace)
{
	struct text title = text_format(&tests->files.arena, "%.*s  %.*s", TEXT_ARG(about->id), TEXT_ARG(about->name));

	tests->sheet.language = tests->with.cli->language;
	sheet_add(&tests->sheet, &(struct sheet_decision){ why, tests->with.policy, title.at, trace->at, trace->len });
}

static bool decide_case(struct tests *tests, struct rko_facts *facts, const struct test_case *about,
			struct outcome *outcome)
{
	struct rko_explanation *why = NULL;
	struct rko_session *session = NULL;
	struct rko_request *request = NULL;
	struct rko_decision decision;
	struct rko_fault fault;
	struct buf wrong = { 0 }, trace = { 0 };
	enum rko_status status;
	bool good = false;

	if (rko_session_open(tests->with.policy, facts, &session, &fault) != RKO_OK) {
		cli_error("%s", fault.text);
		return false;
	}
	request = case_request(&tests->reader, tests->with.policy, facts, about);
	if (!request)
		goto out;
	rko_decide(session, request, &decision);
	if (tests->with.format == FORMAT_HTML)	/* explaining decides again */
		buf_add(&trace, decision.trace, decision.trace_size);
	status = rko_explain(session, request, &decision, tests->with.cli->language, &why);
	if (!why) {
		cli_error("%s", rko_status_meaning(status));
		goto out;
	}
	good = expect_compare(&tests->files, about->expect, why, &wrong);
	if (status != RKO_OK)
		buf_printf(&wrong, "status: %s: %s\n", rko_status_word(status), rko_status_meaning(status));
	if (!why->reproduced)
		buf_string(&wrong, "the explanation does not come to the decision\n");
	if (why->incomplete)
		buf_string(&wrong, "the explanation is incomplete\n");
	mark_decided(tests, why);
	if (tests->with.format == FORMAT_HTML)
		add_sheet(tests, about, why, &trace);
	outcome->passed = good && !wrong.len;
	outcome->wrong = text_copy(&tests->files.arena, buf_view(&wrong)).at;
	if (!outcome->passed || tests->verbose) {
		const char *text = rko_explanation_text(
			why, (tests->with.cli->colour_out && tests->with.format == FORMAT_TEXT ? (unsigned)RKO_TEXT_COLOUR : 0) | RKO_TEXT_LONG,
			tests->with.cli->width);

		outcome->text = text_copy(&tests->files.arena, text_from(text)).at;
	}
out:
	buf_release(&wrong);
	buf_release(&trace);
	rko_explanation_free(why);
	rko_request_free(request);
	rko_session_close(session);
	return good;
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* False when the case itself cannot be run. */
static bool run_case(struct tests *tests, const struct test_case *about, struct outcome *outcome)
{
	double begun = seconds_now();
	char path[sizeof tests->folder + 16];
	struct rko_facts *facts;
	struct rko_fault fault;
	enum rko_status status;
	bool good;

	*outcome = (struct outcome){ .about = about, .wrong = "", .text = "" };
	if (about->outside.len) {
		outcome->outside = true;
		return true;
	}
	snprintf(path, sizeof path, "%s/facts", tests->folder);
	if (rko_facts_open(path, RKO_FACTS_CREATE | RKO_FACTS_NOSYNC, &facts, &fault) != RKO_OK) {
		cli_error("%s", fault.text);
		return false;
	}
	status = case_load(&tests->reader, tests->with.policy, facts, about);
	if (status != RKO_OK && status != RKO_FACTS_REFUSED)
		cli_error("%s", rko_status_meaning(status));
	good = status == RKO_OK && decide_case(tests, facts, about, outcome);
	rko_facts_close(facts);
	remove_store(path);
	outcome->seconds = seconds_now() - begun;
	return good;
}

static bool chosen(const struct tests *tests, const struct test_case *about)
{
	if (!tests->filter)
		return true;
	return fnmatch(tests->filter, about->id.at, 0) == 0 || strstr(about->name.at, tests->filter) ||
	       strstr(about->file.at, tests->filter);
}

/* Reports ----------------------------------------------------------------------------------------- */

static const char *colour(const struct tests *tests, const char *code)
{
	static char out[16];

	if (!tests->with.cli->colour_out)
		return "";
	snprintf(out, sizeof out, "\033[%sm", code);
	return out;
}

static void indent_lines(const char *text, const char *indent)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		printf("%s%.*s\n", indent, (int)length, text);
		text += length + (text[length] == '\n');
	}
}

static void report_text(const struct tests *tests, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct outcome *outcome = &tests->outcomes[i];
		const struct test_case *about = outcome->about;

		if (outcome->passed && !tests->verbose)
			continue;
		if (outcome->outside) {
			if (tests->verbose)
				printf("- %s  %s\n    outside: %s\n", about->id.at, about->name.at, about->outside.at);
			continue;
		}
		printf("%s%s", colour(tests, outcome->passed ? "32" : "1;31"), outcome->passed ? "✔" : "✘");
		printf("%s %s  %s\n", colour(tests, "0"), about->id.at, about->name.at);
		if (!outcome->passed)
			printf("    %s\n", yaml_where((struct yaml_files *)(uintptr_t)&tests->files, about->place).at);
		indent_lines(outcome->wrong, "    ");
		indent_lines(outcome->text, "  | ");
	}
}

static json_t *list_of(const struct yaml_node *node)
{
	json_t *list = json_array();

	for (size_t i = 0; node && node->kind == YAML_LIST && i < node->count; i++)
		json_array_append_new(list, json_string(node->items[i].text.at));
	return list;
}

static void report_json(const struct tests *tests, size_t count)
{
	json_t *cases = json_array(), *root;

	for (size_t i = 0; i < count; i++) {
		const struct outcome *outcome = &tests->outcomes[i];

		json_array_append_new(
			cases, json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:s}", "id", outcome->about->id.at, "name",
					 outcome->about->name.at, "file", outcome->about->file.at, "result",
					 outcome->outside ? "outside" : outcome->passed ? "passed" : "failed",
					 "rules", list_of(outcome->about->rules), "wrong", outcome->wrong,
					 "decision", outcome->text));
	}
	root = json_pack("{s:o, s:I, s:I, s:I}", "cases", cases, "passed", (json_int_t)tests->passed, "failed",
			 (json_int_t)tests->failed, "outside", (json_int_t)tests->outside);
	json_dumpf(root, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII * 0);
	putchar('\n');
	json_decref(root);
}

static void print_xml_n(const char *text, size_t length)
{
	for (; length; text++, length--) {
		switch (*text) {
		case '&':
			fputs("&amp;", stdout);
			break;
		case '<':
			fputs("&lt;", stdout);
			break;
		case '>':
			fputs("&gt;", stdout);
			break;
		case '"':
			fputs("&quot;", stdout);
			break;
		default:
			if ((unsigned char)*text >= 0x20 || *text == '\n' || *text == '\t')
				putchar(*text);
		}
	}
}

static void print_xml(const char *text)
{
	print_xml_n(text, strlen(text));
}

static void report_junit(const struct tests *tests, size_t count)
{
	printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"rko\" tests=\"%zu\" failures=\"%zu\" "
	       "skipped=\"%zu\">\n", count, tests->failed, tests->outside);
	for (size_t i = 0; i < count; i++) {
		const struct outcome *outcome = &tests->outcomes[i];

		fputs("  <testcase classname=\"", stdout);
		print_xml(outcome->about->file.at);
		fputs("\" name=\"", stdout);
		print_xml(outcome->about->id.at);
		fputs(": ", stdout);
		print_xml(outcome->about->name.at);
		printf("\" time=\"%.6f\"", outcome->seconds);
		if (outcome->outside) {
			fputs("><skipped message=\"", stdout);
			print_xml(outcome->about->outside.at);
			fputs("\"/></testcase>\n", stdout);
		} else if (outcome->passed) {
			fputs("/>\n", stdout);
		} else {
			fputs("><failure message=\"", stdout);
			print_xml_n(outcome->wrong, strcspn(outcome->wrong, "\n"));
			fputs("\">", stdout);
			print_xml(outcome->wrong);
			print_xml(outcome->text);
			fputs("</failure></testcase>\n", stdout);
		}
	}
	fputs("</testsuite>\n", stdout);
}

static void report_tap(const struct tests *tests, size_t count)
{
	printf("TAP version 13\n1..%zu\n", count);
	for (size_t i = 0; i < count; i++) {
		const struct outcome *outcome = &tests->outcomes[i];

		printf("%s %zu - %s %s%s%s\n", outcome->passed || outcome->outside ? "ok" : "not ok", i + 1,
		       outcome->about->id.at, outcome->about->name.at, outcome->outside ? " # SKIP " : "",
		       outcome->about->outside.at ? outcome->about->outside.at : "");
		indent_lines(outcome->wrong, "# ");
		indent_lines(outcome->text, "# ");
	}
}

/* The sheets of all cases on standard output; which of them came out otherwise beside it. */
static bool report_html(struct tests *tests, size_t count)
{
	struct buf page = { 0 };
	bool good = sheet_finish(&tests->sheet, &page);

	if (good)
		fwrite(page.at, 1, page.len, stdout);
	else
		cli_error("memory ran out");
	buf_release(&page);
	sheet_release(&tests->sheet);
	for (size_t i = 0; i < count; i++)
		if (!tests->outcomes[i].passed && !tests->outcomes[i].outside)
			fprintf(stderr, "✘ %s  %s\n%s", tests->outcomes[i].about->id.at, tests->outcomes[i].about->name.at,
				tests->outcomes[i].wrong);
	return good;
}

/* Rules that no case has decided by, and passages that no such rule cites. */
static void report_coverage(const struct tests *tests)
{
	size_t rules = 0, decided = 0;
	bool list = tests->coverage;

	for (uint32_t q = 0; q < rko_policy_questions(tests->with.policy); q++) {
		struct rko_question_about question;

		rko_question_about(tests->with.policy, q, RKO_FI, &question);
		for (uint32_t i = 0; i < question.rules; i++) {
			struct rko_rule_about rule;

			rko_question_rule(tests->with.policy, q, i, RKO_FI, &rule);
			if (strcmp(rule.verb, "law") == 0)
				continue;
			rules++;
			if (map_get(&tests->decided, text_from(rule.name)) != MAP_NONE)
				decided++;
			else if (list)
				printf("no case: %s %s (%s:%u)\n", question.name, rule.name, rule.file, rule.line);
		}
	}
	printf("%zu of %zu rules and duties decide, or may decide, in some case; they cite %zu passages\n", decided, rules,
	       tests->passages.count);
}

/* Finding files ----------------------------------------------------------------------------------- */

static bool ends_in(const char *name, const char *end)
{
	size_t a = strlen(name), b = strlen(end);

	return a > b && strcmp(name + a - b, end) == 0;
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Of a folder: every .yaml below a folder called `cases`. */
static bool find_cases(struct tests *tests, const char *path, bool inside, bool named)
{
	const char *base = strrchr(path, '/');
	struct dirent **list;
	struct stat about;
	bool good = true;
	int count;

	if (stat(path, &about) != 0) {
		cli_error("%s: %s", path, strerror(errno));
		return false;
	}
	if (!S_ISDIR(about.st_mode)) {
		if ((inside || named) && ends_in(path, ".yaml"))
			return cases_read(&tests->reader, path, &tests->cases);
		return true;
	}
	inside |= strcmp(base ? base + 1 : path, "cases") == 0;
	count = scandir(path, &list, not_hidden, alphasort);
	for (int i = 0; i < count; i++) {
		struct text below = text_format(&tests->files.arena, "%s/%s", path, list[i]->d_name);

		good = good && find_cases(tests, below.at, inside, false);
		free(list[i]);
	}
	if (count >= 0)
		free(list);
	return good;
}

/* All --------------------------------------------------------------------------------------------- */

/* What keeps a case from being run. */
static void show_fault(struct tests *tests, const struct test_case *about)
{
	struct diags *diags = &tests->files.diags;
	struct buf text = { 0 };

	diags_finish(diags);
	diags_text(diags, &text, false, LIMIT_SHOWN_ERRORS, false);
	if (map_get(&tests->said, buf_view(&text)) == MAP_NONE) {
		fprintf(stderr, "%s %s cannot be run:\n", about->id.at, about->name.at);
		map_set(&tests->said, text_copy(&tests->files.arena, buf_view(&text)), 1);
		cli_diagnostics(tests->with.cli, &tests->files);
	}
	diags->count = diags->errors = diags->warnings = 0;
	buf_release(&text);
}

static int run_all(struct tests *tests)
{
	size_t count = 0;

	tests->outcomes = ARENA_ARRAY(&tests->files.arena, tests->cases.count + 1, struct outcome);
	for (size_t i = 0; i < tests->cases.count; i++) {
		const struct test_case *about = tests->cases.list[i];
		struct outcome *outcome = &tests->outcomes[count];

		if (!chosen(tests, about))
			continue;
		if (!run_case(tests, about, outcome)) {
			show_fault(tests, about);
			outcome->passed = false;
			if (!*outcome->wrong)
				outcome->wrong = "it cannot be run";
		}
		count++;
		tests->passed += outcome->passed;
		tests->outside += outcome->outside;
		tests->failed += !outcome->passed && !outcome->outside;
	}
	if (!count) {
		cli_error(tests->cases.count ? "no case matches `%s`" : "there are no cases: they are the .yaml files in "
			  "folders called `cases`, and files that are named", tests->filter);
		return EXIT_INPUT;
	}
	switch (tests->with.format) {
	case FORMAT_TEXT:
		report_text(tests, count);
		if (!tests->filter || tests->coverage)
			report_coverage(tests);
		printf("%zu passed, %zu failed, %zu outside the engine\n", tests->passed, tests->failed, tests->outside);
		break;
	case FORMAT_JSON:
		report_json(tests, count);
		break;
	case FORMAT_JUNIT:
		report_junit(tests, count);
		break;
	case FORMAT_HTML:
		if (!report_html(tests, count))
			return EXIT_INTERNAL;
		break;
	case FORMAT_FHIR:	/* not one of its formats */
		break;
	case FORMAT_TAP:
		report_tap(tests, count);
		break;
	}
	return tests->failed ? EXIT_DENIED : EXIT_GRANTED;
}

static bool make_folder(struct tests *tests)
{
	const char *parent = getenv("TMPDIR");
	struct stat about;

	if (!parent || strlen(parent) > 30)
		parent = stat("/dev/shm", &about) == 0 && S_ISDIR(about.st_mode) ? "/dev/shm" : "/tmp";
	snprintf(tests->folder, sizeof tests->folder, "%s/rko-test-XXXXXX", parent);
	return mkdtemp(tests->folder) != NULL;
}

static int run_tests(struct tests *tests, char **paths, int npaths)
{
	int result = options_open_policy(&tests->with);
	bool good = true;

	if (result != EXIT_GRANTED)
		return result;
	if (!cli_all_there((const char *const *)paths, (size_t)npaths)) {
		options_close(&tests->with);
		return EXIT_INPUT;
	}
	yaml_files_init(&tests->files);
	tests->reader = (struct fact_reader){ .files = &tests->files, .policy = tests->with.policy };
	map_init(&tests->decided, &tests->files.arena);
	map_init(&tests->passages, &tests->files.arena);
	map_init(&tests->said, &tests->files.arena);
	for (int i = 0; i < npaths && good; i++)
		good = find_cases(tests, paths[i], false, true);
	if (!cli_diagnostics(tests->with.cli, &tests->files) || !good) {
		result = EXIT_INPUT;
	} else if (!make_folder(tests)) {
		cli_error("%s: %s", tests->folder, strerror(errno));
		result = EXIT_INTERNAL;
	} else {
		result = run_all(tests);
		rmdir(tests->folder);
	}
	yaml_files_free(&tests->files);
	options_close(&tests->with);
	return result;
}

static int run_test(struct cli *cli, int argc, char **argv)
{
	static const struct option options[] = {
		TAKES_POLICY, TAKES_FORMAT, TAKES_LANG,
		{ "filter", required_argument, NULL, 'f' }, { "verbose", no_argument, NULL, 'v' },
		{ "coverage", no_argument, NULL, 'c' },	    { NULL, 0, NULL, 0 },
	};
	static struct tests tests;
	int option, result = EXIT_GRANTED;

	tests.with.cli = cli;
	tests.with.formats = FORMATS_TEXT_JSON | FORMATS(FORMAT_HTML) | FORMATS(FORMAT_JUNIT) | FORMATS(FORMAT_TAP);
	while ((option = getopt_long(argc, argv, "p:f:v", options, NULL)) != -1) {
		switch (option) {
		case 'f':
			tests.filter = optarg;
			break;
		case 'v':
			tests.verbose = true;
			break;
		case 'c':
			tests.coverage = true;
			break;
		case '?':
			return cli_bad_option(cli, argv, options);
		default:
			if (options_take(&tests.with, option, optarg) != EXIT_GRANTED)
				return EXIT_INPUT;
		}
	}
	if (optind == argc)
		return cli_usage(cli, "name a folder with policies and their cases");
	/* Without --policy, what is named holds the policies too. */
	if (!tests.with.npolicies) {
		for (int i = optind; i < argc && result == EXIT_GRANTED; i++)
			if (!ends_in(argv[i], ".yaml"))
				result = options_take(&tests.with, OPTION_POLICY, argv[i]);
		if (!tests.with.npolicies)
			return cli_usage(cli, "say by which policies the cases are decided: --policy=IMAGE-OR-FOLDER");
	}
	return result == EXIT_GRANTED ? run_tests(&tests, argv + optind, argc - optind) : result;
}

const struct command command_test = {
	.name = "test",
	.summary = "Runs cases: facts, a request, an instant, and what is expected",
	.usage = "[--policy=IMAGE-OR-FOLDER]… [--filter=PATTERN] [--format=text|json|html|junit|tap] FILE-OR-FOLDER…",
	.help = "Cases are the .yaml files in folders called `cases`, and files that are named. Without --policy the\n"
		"policies are those in the folders that are named.\n\n"
		"  --filter=PATTERN  cases whose id matches (*, ?), or whose name or file has it in it\n"
		"  --verbose         the decision in words for every case, not only for failed ones\n"
		"  --format=html     the decision sheets of the cases, on one page\n"
		"  --coverage        lists the rules that decide in no case\n"
		"  --lang=fi|sv|en   language of decisions\n\n"
		"examples:\n"
		"  rko test policies/\n"
		"  rko test --filter='S-2*' --verbose policies/\n"
		"  rko test --filter=S-40a --format=html policies/ > sheet.html\n"
		"  rko test --policy=policy.image --format=junit policies/cases > report.xml\n",
	.run = run_test,
};
