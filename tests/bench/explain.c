/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * How long an explanation takes: every case of the policies, in every language, as a structure, in words with the
 * ladders, as JSON, and as a page of HTML. The figure of a case is the middle of some rounds; what is shown is the middle, the most and
 * others of the cases with the same outcome, so that each case weighs the same.
 *
 *   build/bench/explain [--rounds=N] [--self-check] [POLICIES]
 */
#include <getopt.h>
#include <glob.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/range.h"
#include "tests/common/fixture.h"
#include "tools/common/cases.h"
#include "tools/common/cli.h"
#include "tools/common/sheet.h"

enum part { PART_IN_WORDS, PART_AS_JSON, PART_AS_PAGE, PART_STRUCTURE, PART_WORDS, PART_JSON, PART_PAGE, PARTS };
enum { OUTCOMES = RKO_REFUSED + 1, ROUNDS_MOST = 99, CASES_MOST = 1000, LANGUAGES = RKO_EN + 1 };

static const char *const part_words[PARTS] = {
	"explained, in words", "explained, as JSON", "explained, as a page", "  structure alone", "  words alone",
	"  JSON alone", "  page alone",
};

/* By outcome. */
struct figures {
	double us[PARTS][CASES_MOST * LANGUAGES];
	size_t count;
	double slowest;		/* in words */
	char slowest_id[40];
};

struct bench {
	const char *policies;
	unsigned rounds;
	struct figures figures[OUTCOMES];
	size_t cases, wrong;
};

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static double now(void)
{
	return clock_seconds(CLOCK_PROCESS_CPUTIME_ID) * 1e6;
}

static void write_page(struct rko_explanation *why, const struct rko_policy *policy, enum rko_language language)
{
	struct sheet sheet = { .language = language };
	struct buf out = { 0 };

	sheet_add(&sheet, &(struct sheet_decision){ .why = why, .policy = policy });
	must(sheet_finish(&sheet, &out), "no memory");
	sheet_release(&sheet);
	buf_release(&out);
}

/* One explanation, each part by itself; nothing is kept from one to the next. False: it says less than all. */
static bool explain_once(const struct rko_policy *policy, struct rko_session *session, const struct rko_request *request,
			 enum rko_language language, double us[PARTS], enum rko_outcome *ret_outcome)
{
	struct rko_explanation *why;
	double from = now(), at;
	bool whole;

	must(rko_explain(session, request, NULL, language, &why) == RKO_OK, "an explanation failed");
	at = now();
	us[PART_STRUCTURE] = at - from;
	must(rko_explanation_text(why, RKO_TEXT_LONG | RKO_TEXT_WHY, 100) != NULL, "no memory");
	from = now();
	us[PART_WORDS] = from - at;
	must(rko_explanation_json(why, 0) != NULL, "no memory");
	at = now();
	us[PART_JSON] = at - from;
	write_page(why, policy, language);
	us[PART_PAGE] = now() - at;
	us[PART_IN_WORDS] = us[PART_STRUCTURE] + us[PART_WORDS];
	us[PART_AS_JSON] = us[PART_STRUCTURE] + us[PART_JSON];
	us[PART_AS_PAGE] = us[PART_STRUCTURE] + us[PART_PAGE];
	*ret_outcome = why->decision.outcome;
	whole = why->reproduced && !why->incomplete && !why->changes_incomplete;
	rko_explanation_free(why);
	return whole;
}

static void explain_case(struct bench *bench, const struct rko_policy *policy, struct rko_session *session, const struct rko_request *request,
			 const struct test_case *about, enum rko_language language)
{
	double rounds[PARTS][ROUNDS_MOST], us[PARTS];
	enum rko_outcome outcome = RKO_NOT_GRANTED;
	struct figures *figures;

	for (unsigned round = 0; round < bench->rounds; round++) {
		bench->wrong += !explain_once(policy, session, request, language, us, &outcome);
		for (int part = 0; part < PARTS; part++)
			rounds[part][round] = us[part];
	}
	figures = &bench->figures[outcome];
	for (int part = 0; part < PARTS; part++)
		figures->us[part][figures->count] = range_of(rounds[part], bench->rounds).middle;
	if (figures->us[PART_IN_WORDS][figures->count] > figures->slowest) {
		figures->slowest = figures->us[PART_IN_WORDS][figures->count];
		snprintf(figures->slowest_id, sizeof figures->slowest_id, "%.*s", TEXT_ARG(about->id));
	}
	figures->count++;
}

static void open_case(struct bench *bench, struct fact_reader *reader, struct rko_policy *policy,
		      const struct test_case *about)
{
	char *folder = folder_new();
	struct rko_facts *facts = facts_new(folder);
	struct rko_session *session;
	struct rko_request *request;

	must(case_load(reader, policy, facts, about) == RKO_OK &&
	     rko_session_open(policy, facts, &session, NULL) == RKO_OK, "a case cannot be loaded");
	request = case_request(reader, policy, facts, about);
	must(request != NULL, "a case asks nothing");
	for (int language = 0; language < LANGUAGES; language++)
		explain_case(bench, policy, session, request, about, (enum rko_language)language);
	bench->cases++;
	rko_request_free(request);
	rko_session_close(session);
	rko_facts_close(facts);
	folder_remove(folder);
}

static void every_case(struct bench *bench)
{
	struct rko_policy *policy = policy_compile(NULL, bench->policies);
	struct yaml_files files;
	struct fact_reader reader = { .files = &files, .policy = policy };
	struct case_list cases = { 0 };
	char pattern[300];
	glob_t found;

	yaml_files_init(&files);
	snprintf(pattern, sizeof pattern, "%s/cases/*.yaml", bench->policies);
	must(glob(pattern, 0, NULL, &found) == 0, "there are no cases");
	for (size_t i = 0; i < found.gl_pathc; i++)
		must(cases_read(&reader, found.gl_pathv[i], &cases), found.gl_pathv[i]);
	must(cases.count <= CASES_MOST, "there are too many cases");
	for (size_t i = 0; i < cases.count; i++)
		if (!cases.list[i]->outside.len)
			open_case(bench, &reader, policy, cases.list[i]);
	globfree(&found);
	yaml_files_free(&files);
	rko_policy_unref(policy);
}

static void show(struct bench *bench, enum rko_outcome outcome)
{
	struct figures *figures = &bench->figures[outcome];

	if (!figures->count)
		return;
	printf("  %s, %zu cases; the slowest is %s\n", rko_outcome_word(outcome), figures->count / LANGUAGES,
	       figures->slowest_id);
	for (int part = 0; part < PARTS; part++) {
		struct range range = range_of(figures->us[part], figures->count);

		printf("    %-20s p50 %5.0f   p90 %5.0f   p99 %5.0f   most %5.0f us\n", part_words[part], range.middle,
		       figures->us[part][figures->count * 9 / 10], figures->us[part][figures->count * 99 / 100], range.most);
	}
}

static void check(struct bench *bench)
{
	bool all = true;

	for (int outcome = 0; outcome < OUTCOMES; outcome++)
		all &= bench->figures[outcome].count > 0;
	printf("%sok 1 - cases of every outcome are explained\n", all ? "" : "not ");
	printf("%sok 2 - every explanation is whole, and its changes are\n1..2\n", bench->wrong ? "not " : "");
	exit(!all || bench->wrong);
}

static void run(struct bench *bench, int argc, char **argv)
{
	static const struct option options[] = {
		{ "rounds", required_argument, NULL, 'r' }, { "self-check", no_argument, NULL, 'c' }, { NULL, 0, NULL, 0 },
	};
	bool checks = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == '?')
			exit(2);
		checks |= option == 'c';
		if (option == 'r')
			bench->rounds = (unsigned)strtoul(optarg, NULL, 10);
	}
	must(bench->rounds && bench->rounds <= ROUNDS_MOST, "--rounds: from 1 to 99");
	if (optind < argc)
		bench->policies = argv[optind];
	every_case(bench);
	if (checks)
		check(bench);
	printf("explanations of %zu cases in %d languages; processor time, of each the middle of %u rounds\n", bench->cases,
	       LANGUAGES, bench->rounds);
	for (int outcome = 0; outcome < OUTCOMES; outcome++)
		show(bench, (enum rko_outcome)outcome);
}

int main(int argc, char **argv)
{
	static struct bench bench = { .policies = "policies", .rounds = 9 };

	if (setjmp(cli_no_memory))
		return 1;
	run(&bench, argc, argv);
	return 0;
}
