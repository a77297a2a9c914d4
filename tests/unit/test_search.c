/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Asking in reverse, on every case of the policies: a filter gives what deciding one by one gives, and the intervals
 * are what deciding on every single day gives. Then what a search finds, and the bounds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rko/explain.h>
#include <rko/search.h>

#include "engine/base/date.h"
#include "engine/decide/request.h"
#include "tests/common/asking.h"
#include "tools/common/cases.h"
#include "tools/common/cli.h"

struct asked {
	const struct test_case *about;
	struct rko_policy *policy;
	struct rko_facts *facts;
	struct rko_session *session;
	struct rko_request *request;
};

typedef void look_fn(struct asked *asked);

/* Every case -------------------------------------------------------------------------------------- */

static void look_at_case(struct fact_reader *reader, struct rko_policy *policy, const struct test_case *about,
			 look_fn *look)
{
	struct asked asked = { .about = about, .policy = policy };
	char *folder = folder_new();

	asked.facts = facts_new(folder);
	assert_int_equal(case_load(reader, policy, asked.facts, about), RKO_OK);
	assert_int_equal(rko_session_open(policy, asked.facts, &asked.session, NULL), RKO_OK);
	asked.request = case_request(reader, policy, asked.facts, about);
	assert_non_null(asked.request);
	look(&asked);
	rko_request_free(asked.request);
	rko_session_close(asked.session);
	rko_facts_close(asked.facts);
	folder_remove(folder);
}

/* Gives how many cases there were. */
static size_t look_at_cases(look_fn *look)
{
	static const char *const names[] = { "baseline", "eligibility", "extra", "matters", "pirkanmaa", "registers", "rest",
					     "technology", "transition", "who", "windows" };
	struct rko_policy *policy = policy_compile(NULL, "policies");
	size_t cases = 0;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct yaml_files files;
		struct fact_reader reader = { .files = &files, .policy = policy };
		struct case_list list = { 0 };
		char path[100];

		snprintf(path, sizeof path, "policies/cases/%s.yaml", names[i]);
		yaml_files_init(&files);
		assert_true(cases_read(&reader, path, &list));
		for (size_t j = 0; j < list.count; j++) {
			if (list.list[j]->outside.len)
				continue;
			look_at_case(&reader, policy, list.list[j], look);
			cases++;
		}
		yaml_files_free(&files);
	}
	rko_policy_unref(policy);
	return cases;
}

/* Filter ------------------------------------------------------------------------------------------ */

enum { VALUES = 64 };

struct values {
	char *at[VALUES];
	size_t count;
};

static void add_value(struct values *values, const char *text, size_t length)
{
	if (values->count < VALUES)
		values->at[values->count++] = strndup(text, length);
}

static int add_row(void *context, const struct rko_fact *fact)
{
	struct values *values = context;

	add_value(values, fact->values[0].text, fact->values[0].length);
	return values->count < VALUES / 2;
}

/* What a field could be: what the case says, what the facts or the codes have, and what none of them knows. */
static void find_values(struct asked *asked, const struct request_field *field, const struct said_value *said,
			struct values *values)
{
	const struct image *image = &asked->policy->image;

	if (said->said == SAID_TEXT)
		add_value(values, asked->request->text + said->text_at, said->text_len);
	add_value(values, "nobody-knows-it", 15);
	add_value(values, "no value", 8);
	add_value(values, "none", 4);
	if (said->said == SAID_TEXT)
		add_value(values, asked->request->text + said->text_at, said->text_len);
	/* Ids that the request says elsewhere, stored or not. */
	for (uint32_t i = 0; i < asked->request->view->nfields; i++)
		if (asked->request->fields[i].said == SAID_TEXT)
			add_value(values, asked->request->text + asked->request->fields[i].text_at,
				  asked->request->fields[i].text_len);
	if (field->kind == IMAGE_TYPE_REF && image->records[field->target].nkey == 1)
		assert_int_equal(rko_facts_read(asked->facts, asked->policy, field->target, NULL, 0, 0, 0, add_row, values),
				 RKO_OK);
	for (uint32_t i = 0; field->kind == IMAGE_TYPE_CODE && i < image->codesets[field->target].codes.count; i++) {
		const char *name = image_string(image, image->codes[image->codesets[field->target].codes.first + i].name);

		add_value(values, name, strlen(name));
	}
	if (field->kind == IMAGE_TYPE_DATE)
		for (int i = 0; i < 3; i++)
			add_value(values, ((const char *const[]){ "2020-01-01", "2026-07-01", "2030-12-31" })[i], 10);
}

static size_t compared, granted_of_them;

static void compare_values(struct asked *asked, uint32_t number, const struct values *values)
{
	struct rko_filtered found[VALUES];
	struct rko_request *open, *said;
	const char *name = asked->request->view->fields[number].name.at;
	uint32_t generation = 0;
	enum rko_status status;

	assert_int_equal(request_copy(asked->request, &open), RKO_OK);
	open->fields[number].said = SAID_NOT;
	status = rko_filter(asked->session, open, name, (const char *const *)values->at, values->count, found,
			    &generation);
	for (size_t i = 0; i < values->count; i++) {
		struct rko_decision alone;

		assert_int_equal(request_copy(open, &said), RKO_OK);
		rko_request_set(said, name, values->at[i]);
		rko_decide(asked->session, said, &alone);
		if (found[i].status != alone.status || found[i].outcome != alone.outcome ||
		    found[i].duties != alone.duties || found[i].refusal != alone.refusal)
			fail_msg("%s: %s=%s is %s (%s) at once and %s (%s) alone", asked->about->id.at, name, values->at[i],
				 rko_outcome_word(found[i].outcome), rko_refusal_word(found[i].refusal),
				 rko_outcome_word(alone.outcome), rko_refusal_word(alone.refusal));
		if (alone.status == RKO_OK && status == RKO_OK)
			assert_int_equal(generation, alone.generation);
		compared++;
		granted_of_them += alone.outcome == RKO_GRANTED;
		rko_request_free(said);
	}
	rko_request_free(open);
}

static void filter_every_field(struct asked *asked)
{
	const struct question_view *view = asked->request->view;

	for (uint32_t i = 0; i < view->nfields; i++) {
		struct values values = { .count = 0 };

		if (asked->request->fields[i].said == SAID_NOT || view->fields[i].flags & IMAGE_FIELD_SET)
			continue;
		find_values(asked, &view->fields[i], &asked->request->fields[i], &values);
		compare_values(asked, i, &values);
		for (size_t j = 0; j < values.count; j++)
			free(values.at[j]);
	}
}

static void filter_is_one_by_one(void **state)
{
	(void)state;
	assert_in_range(look_at_cases(filter_every_field), 150, 10000);
	assert_in_range(compared, 10000, 1000000);
	assert_in_range(granted_of_them, 1000, 1000000);
}

/* Intervals --------------------------------------------------------------------------------------- */

static size_t boundaries, only_reasons, only_others, scenarios, undecided, of_kind[3];

static bool same_rules(const struct rko_interval *interval, const struct rko_explanation *why)
{
	if (interval->nby != why->nby)
		return false;
	for (size_t i = 0; i < why->nby; i++) {
		bool there = false;

		for (size_t j = 0; j < interval->nby; j++)
			there |= strcmp(interval->by[j], why->by[i].name) == 0;
		if (!there)
			return false;
	}
	return true;
}

/* The day that a cause names is the boundary. */
static void check_cause(const struct asked *asked, const struct rko_cause *cause, rko_day boundary)
{
	day_t day = cause->date;

	if (cause->kind == RKO_CAUSE_DATE)
		assert_true(day_add(cause->date, cause->offset, cause->months ? UNIT_MONTHS : UNIT_DAYS, &day));
	if (day + cause->ends != boundary)
		fail_msg("%s: the cause `%s` is of another day than %d", asked->about->id.at, cause->says, boundary);
	assert_true(strlen(cause->says) > 15);
	of_kind[cause->kind]++;
}

/* On the day before and on the day itself the answers and reasons are those of the two intervals. */
static void check_boundary(struct asked *asked, const struct rko_interval *before, const struct rko_interval *after)
{
	const struct rko_interval *const both[] = { before, after };

	for (int i = 0; i < 2; i++) {
		struct rko_explanation *why;

		rko_request_on(asked->request, after->from - 1 + i);
		assert_int_equal(rko_explain(asked->session, asked->request, NULL, RKO_EN, &why), RKO_OK);
		assert_true(same_rules(both[i], why));
		assert_int_equal(both[i]->outcome, why->decision.outcome);
		assert_int_equal(both[i]->rule, why->decision.rule);
		rko_explanation_free(why);
	}
	assert_int_equal(after->from, before->to + 1);
	assert_int_equal(after->same_answer, before->outcome == after->outcome && before->duties == after->duties);
	if (!after->ncauses)
		fail_msg("%s: nothing ends the interval to %d", asked->about->id.at, before->to);
	for (size_t i = 0; i < after->ncauses; i++)
		check_cause(asked, &after->causes[i], after->from);
	boundaries++;
	only_reasons += after->same_answer;
	only_others += after->same_answer && before->rule == after->rule;
	if (after->same_answer && before->rule == after->rule && before->nby == after->nby)
		assert_memory_not_equal(before->by, after->by, before->nby * sizeof *before->by);
}

static void every_day(struct asked *asked)
{
	struct rko_decision decision;
	struct rko_intervals *found;
	const struct rko_interval *interval;
	rko_day from, to;

	rko_decide(asked->session, asked->request, &decision);
	from = decision.today - 182;
	to = decision.today + 183;
	assert_int_equal(rko_intervals(asked->session, asked->request, from, to, RKO_EN, &found), RKO_OK);
	assert_int_equal(found->refusal, decision.refusal);
	if (decision.outcome == RKO_REFUSED) {
		assert_int_equal(found->count, 0);
		assert_string_equal(found->because, decision.because);
		rko_intervals_free(found);
		return;
	}
	assert_int_equal(found->generation, decision.generation);
	assert_true(found->count > 0 && found->list[0].from == from && found->list[found->count - 1].to == to);
	interval = found->list;
	for (rko_day day = from; day <= to; day++) {
		interval += day > interval->to;
		rko_request_on(asked->request, day);
		assert_int_equal(rko_decide(asked->session, asked->request, &decision), RKO_OK);
		if (decision.outcome != interval->outcome || decision.duties != interval->duties ||
		    decision.rule != interval->rule)
			fail_msg("%s: day %d is %s by `%s`, the interval %s by `%s`", asked->about->id.at, day,
				 rko_outcome_word(decision.outcome), decision.rule_name, rko_outcome_word(interval->outcome),
				 interval->rule_name);
	}
	for (size_t i = 0; i < found->count; i++)
		undecided += found->list[i].outcome == RKO_UNDECIDED;
	for (size_t i = 1; i < found->count; i++)
		check_boundary(asked, &found->list[i - 1], &found->list[i]);
	scenarios++;
	rko_intervals_free(found);
}

static void intervals_are_every_day(void **state)
{
	(void)state;
	look_at_cases(every_day);
	assert_in_range(scenarios, 150, 10000);
	assert_in_range(boundaries, 200, 100000);
	assert_in_range(only_reasons, 1, 100000);
	assert_in_range(only_others, 1, 100000);
	assert_in_range(undecided, 5, 100000);
	assert_in_range(of_kind[RKO_CAUSE_DATE], 100, 100000);
	assert_in_range(of_kind[RKO_CAUSE_CALENDAR], 20, 100000);
}

/* A small library --------------------------------------------------------------------------------- */

static struct asking *library(const char *more)
{
	char *yaml = file_read("tests/common/library.yaml", NULL);
	struct asking *asking = asking_open(NULL, "tests/common/library.rko", "library", yaml);

	if (more)
		facts_load(asking->facts, asking->policy, more);
	asking->at = instant("2026-06-15T12:00+03:00");
	free(yaml);
	return asking;
}

static rko_day day_of(const char *text)
{
	rko_day day;

	assert_int_equal(rko_day_parse(text, &day), RKO_OK);
	return day;
}

/* Intervals in words: "outcome until day; …", and against every single day. */
static void expect_intervals(struct asking *asking, const char *words, const char *from, const char *to,
			     const char *expected, struct rko_intervals **ret)
{
	char found[400] = "";
	const struct rko_interval *interval;

	ask_words(asking, words);
	assert_int_equal(rko_intervals(asking->session, asking->request, day_of(from), day_of(to), RKO_EN, ret), RKO_OK);
	for (size_t i = 0; i < (*ret)->count; i++) {
		char day[RKO_DAY_TEXT];
		size_t length = strlen(found);

		rko_day_text((*ret)->list[i].to, day);
		snprintf(found + length, sizeof found - length, "%s%s %s", i ? "; " : "",
			 rko_outcome_word((*ret)->list[i].outcome), day);
	}
	assert_string_equal(found, expected);
	interval = (*ret)->list;
	for (rko_day day = day_of(from); day <= day_of(to); day++) {
		struct rko_decision decision;

		interval += day > interval->to;
		rko_request_on(asking->request, day);
		decision = ask_decide(asking);
		assert_int_equal(decision.outcome, interval->outcome);
		assert_int_equal(decision.duties, interval->duties);
	}
}

/* A month before the last of March, across both changes of the clock. */
static void month_ends(void **state)
{
	struct asking *asking = library("loan:\n  - {customer: liisa, copy: c1, begins: 2026-03-31, ends: 2026-06-20}\n");
	struct rko_intervals *found;

	(void)state;
	expect_intervals(asking, "renew customer=liisa copy=c1 channel=desk wishes=book", "2026-01-01", "2026-12-31",
			 "not_granted 2026-02-27; undecided 2026-02-28; granted 2026-07-04; not_granted 2026-12-31", &found);
	assert_int_equal(found->list[1].ncauses, 1);
	assert_string_equal(found->list[1].causes[0].says,
			    "the first day is 28 February 2026, 1 month before 31 March 2026: loan.begins");
	assert_string_equal(found->list[1].causes[0].key, "liisa c1");
	assert_string_equal(found->list[1].causes[0].key_label, "liisa · c1");
	assert_int_equal(found->list[1].causes[0].offset, -1);
	assert_int_equal(found->list[1].causes[0].months, 1);
	/* Until its overlay is in force nobody knows what Espoo says. */
	assert_string_equal(found->list[2].causes[0].says, "the first day in force is 1 March 2026: the area's own rules, espoo (espoo)");
	assert_string_equal(found->list[3].causes[0].says, "the last day is 4 July 2026, 14 days after 20 June 2026: loan.ends");
	assert_int_equal(found->list[3].nflips, 1);
	assert_string_equal(found->list[3].flips[0].name, "time-to-renew");
	assert_int_equal(found->list[3].flips[0].holds, 0);
	rko_intervals_free(found);
	asking_close(asking);
}

static void findings_and_overlays(void **state)
{
	struct asking *asking = library(
		"copy:\n  c4: {shelf: a1, kind: game, state: shelved, branch: b2, bought: 2020-01-01, removed: none, planned: open}\n");
	struct rko_intervals *found;

	(void)state;
	/* The finding is for 2026; afterwards nobody has judged. */
	expect_intervals(asking, "reserve customer=liisa copy=c4 channel=desk wishes=game", "2026-06-01", "2027-05-31",
			 "granted 2026-12-31; undecided 2027-05-31", &found);
	assert_int_equal(found->list[1].causes[0].kind, RKO_CAUSE_FINDING);
	assert_string_equal(found->list[1].causes[0].name, "careful");
	assert_string_equal(found->list[1].causes[0].key, "liisa");
	assert_int_equal(found->list[1].causes[0].ends, 1);
	rko_intervals_free(found);
	/* What is lost is lent only by the overlay, from its first day. */
	expect_intervals(asking, "reserve customer=liisa copy=c3 channel=desk wishes=game", "2026-02-01", "2026-11-30",
			 "undecided 2026-02-28; granted 2026-11-30", &found);
	assert_int_equal(found->list[1].causes[0].kind, RKO_CAUSE_CALENDAR);
	assert_string_equal(found->list[1].causes[0].says, "the first day in force is 1 March 2026: the area's own rules, espoo (espoo)");
	rko_intervals_free(found);
	asking_close(asking);
}

static void what_is_no_range(void **state)
{
	struct asking *asking = library(NULL);
	struct rko_intervals *found = NULL;
	rko_day day = day_of("2026-06-15");

	(void)state;
	ask_words(asking, "renew customer=liisa copy=c1 channel=desk wishes=book");
	assert_int_equal(rko_intervals(asking->session, asking->request, day, day - 1, RKO_EN, &found), RKO_ARGUMENT);
	assert_int_equal(rko_intervals(asking->session, asking->request, DAY_MIN - 1, day, RKO_EN, &found), RKO_ARGUMENT);
	assert_int_equal(rko_intervals(asking->session, asking->request, day, DAY_MAX + 1, RKO_EN, &found), RKO_ARGUMENT);
	assert_int_equal(rko_intervals(asking->session, asking->request, day, RKO_DAY_OPEN, RKO_EN, &found), RKO_ARGUMENT);
	assert_null(found);
	/* From the first day there is to the last. */
	assert_int_equal(rko_intervals(asking->session, asking->request, DAY_MIN, DAY_MAX, RKO_EN, &found), RKO_OK);
	assert_int_equal(found->list[0].from, DAY_MIN);
	assert_int_equal(found->list[found->count - 1].to, DAY_MAX);
	rko_intervals_free(found);
	rko_request_as_of(asking->request, 99);
	assert_int_equal(rko_intervals(asking->session, asking->request, day, day, RKO_EN, &found), RKO_FACTS_GENERATION);
	asking_close(asking);
}

/* Bounds ------------------------------------------------------------------------------------------ */

static const char **many_ids(size_t count, char **ret_text)
{
	const char **ids = calloc(count, sizeof *ids);
	char *text = malloc(count * 12);

	assert_true(ids && text);
	for (size_t i = 0; i < count; i++) {
		ids[i] = text + i * 12;
		snprintf(text + i * 12, 12, "c%zu", i);
	}
	*ret_text = text;
	return ids;
}

static void filter_bounds(void **state)
{
	struct asking *asking = library(NULL);
	struct rko_filtered *found = calloc(RKO_FILTER_MOST + 1, sizeof *found);
	char *text;
	const char **ids = many_ids(RKO_FILTER_MOST + 1, &text);
	uint32_t generation = 0;

	(void)state;
	assert_non_null(found);
	ask_words(asking, "reserve customer=liisa channel=desk wishes=book");
	assert_int_equal(rko_filter(asking->session, asking->request, "copy", ids, RKO_FILTER_MOST, found, &generation), RKO_OK);
	assert_int_equal(generation, 1);
	assert_int_equal(found[1].outcome, RKO_GRANTED);
	assert_int_equal(found[0].refusal, RKO_REFUSED_NOT_FOUND);
	assert_int_equal(found[RKO_FILTER_MOST - 1].refusal, RKO_REFUSED_NOT_FOUND);
	assert_int_equal(rko_filter(asking->session, asking->request, "copy", ids, RKO_FILTER_MOST + 1, found, NULL),
			 RKO_LIMIT);
	for (size_t i = 0; i <= RKO_FILTER_MOST; i++)
		assert_true(found[i].status == RKO_LIMIT && found[i].outcome == RKO_NOT_GRANTED);
	assert_int_equal(rko_filter(asking->session, asking->request, "wishes", ids, 3, found, NULL), RKO_ARGUMENT);
	assert_int_equal(rko_filter(asking->session, asking->request, "copies", ids, 3, found, NULL), RKO_ARGUMENT);
	assert_int_equal(found[1].status, RKO_ARGUMENT);
	assert_int_equal(rko_filter(asking->session, asking->request, "copy", ids, 0, found, NULL), RKO_OK);
	rko_request_as_of(asking->request, 2);
	assert_int_equal(rko_filter(asking->session, asking->request, "copy", ids, 3, found, NULL), RKO_FACTS_GENERATION);
	assert_int_equal(found[1].status, RKO_FACTS_GENERATION);
	assert_int_equal(found[1].outcome, RKO_NOT_GRANTED);
	/* A request that says the field already is refused for every value. */
	ask_words(asking, "reserve customer=liisa copy=c1 channel=desk wishes=book");
	assert_int_equal(rko_filter(asking->session, asking->request, "copy", ids, 3, found, NULL), RKO_OK);
	assert_int_equal(found[1].refusal, RKO_REFUSED_TWICE);
	free(found);
	free(text);
	free(ids);
	asking_close(asking);
}

/* A refusal or an unknown id leaves nothing behind for the values after it. */
static void nothing_is_left_behind(void **state)
{
	static const char two[] =
		"vocabulary two  version \"1\"\n\ncodes source_kind\n  act  en \"Act\"\n\n"
		"source LA  act \"1/2000\"  in force 2000-01-01 ..\n  passage \"1 §\"  en \"The same.\"\n\n"
		"request same\n  asks     en \"Are they the same?\"\n  actions  look\n  given    a : id\n  given    b : id\n\n"
		"policy two  version \"1\"\n  uses two\n\nchapter same\n\n"
		"rule same\n  grant look\n  when a = b\n  cite LA \"1 §\"\n";
	const char *ids[3000] = { "aaa", "bbb", "ccc", "bbb" }, *copies[] = { "c1", "c3", "c1" };
	struct asking *asking = asking_open(two, NULL, "same", NULL);
	struct rko_filtered found[3000];
	char names[3000][8];

	(void)state;
	for (int i = 4; i < 3000; i++) {
		snprintf(names[i], sizeof names[i], "n%d", i);
		ids[i] = i == 2500 ? "bbb" : names[i];
	}
	ask_words(asking, "look b=bbb");
	assert_int_equal(rko_filter(asking->session, asking->request, "a", ids, 3000, found, NULL), RKO_OK);
	for (int i = 0; i < 3000; i++)
		assert_int_equal(found[i].outcome, i == 1 || i == 3 || i == 2500 ? RKO_GRANTED : RKO_NOT_GRANTED);
	asking_close(asking);
	asking = library(NULL);
	ask_words(asking, "reserve customer=nobody channel=desk wishes=book wishes=game");
	assert_int_equal(rko_filter(asking->session, asking->request, "copy", copies, 3, found, NULL), RKO_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(found[i].refusal, RKO_REFUSED_NOT_FOUND);
	asking_close(asking);
}

/* Searching --------------------------------------------------------------------------------------- */

struct shown {
	char words[400];
	size_t count;
};

static int add_shown(void *context, const struct rko_found *found)
{
	struct shown *shown = context;
	size_t length = strlen(shown->words);

	if (shown->count++ < 12)
		snprintf(shown->words + length, sizeof shown->words - length, "%s%s %s", length ? "; " : "", found->value,
			 rko_outcome_word(found->decision->outcome));
	return 1;
}

static enum rko_status search_for(struct asking *asking, const char *words, struct rko_search search,
				  struct rko_searched *ret, const char *expected)
{
	struct shown shown = { .count = 0 };
	struct rko_fault fault;
	enum rko_status status;

	ask_words(asking, words);
	status = rko_search(asking->session, asking->request, &search, add_shown, &shown, ret, &fault);
	assert_int_equal(status == RKO_OK, fault.text[0] == '\0');
	assert_string_equal(shown.words, expected);
	assert_true(status == RKO_OK || !shown.count);
	return status;
}

static void searching(void **state)
{
	static const struct rko_where in_espoo[] = { { "branch", "b1" } }, liked[] = { { "likes", "score" } },
				      of_liisa[] = { { "customer", "liisa" } }, no_such[] = { { "town", "espoo" } };
	const char *lend = "reserve customer=liisa channel=desk wishes=book wishes=game", *who = "reserve copy=c1 channel=desk wishes=book";
	struct asking *asking = library(NULL);
	struct rko_searched page;

	(void)state;
	assert_int_equal(search_for(asking, lend, (struct rko_search){ .field = "copy" }, &page,
				    "c1 granted; c2 not_granted; c3 granted"), RKO_OK);
	assert_string_equal(page.token, "");
	assert_int_equal(search_for(asking, lend, (struct rko_search){ .field = "copy", .where = in_espoo, .nwhere = 1 }, &page,
				    "c1 granted; c3 granted"), RKO_OK);
	assert_int_equal(search_for(asking, who, (struct rko_search){ .field = "customer", .where = liked, .nwhere = 1 }, &page,
				    "liisa granted"), RKO_OK);
	assert_int_equal(search_for(asking, who, (struct rko_search){ .field = "customer", .among_kind = "card",
								     .among_field = "friends", .where = of_liisa, .nwhere = 1 },
				    &page, "kaisa granted"), RKO_OK);
	assert_int_equal(search_for(asking, "reserve customer=liisa copy=c1 wishes=book", (struct rko_search){ .field = "channel" },
				    &page, "desk granted; net not_granted"), RKO_OK);
	/* Pages. The second sees the facts of the first, whatever has come since. */
	assert_int_equal(search_for(asking, lend, (struct rko_search){ .field = "copy", .limit = 1 }, &page, "c1 granted"),
			 RKO_OK);
	assert_string_equal(page.token, "1.c1");
	facts_load(asking->facts, asking->policy,
		   "copy:\n  c0: {shelf: a1, kind: book, state: shelved, branch: b1, bought: 2020-01-01, removed: none, planned: open}\n"
		   "  c9: {shelf: a1, kind: book, state: shelved, branch: b1, bought: 2020-01-01, removed: none, planned: open}\n");
	assert_int_equal(search_for(asking, lend, (struct rko_search){ .field = "copy", .limit = 9, .token = page.token }, &page,
				    "c2 not_granted; c3 granted"), RKO_OK);
	assert_string_equal(page.token, "");
	assert_int_equal(page.generation, 1);
	/* What cannot be asked. */
	assert_int_equal(search_for(asking, lend, (struct rko_search){ .field = "copy", .where = no_such, .nwhere = 1 }, &page, ""),
			 RKO_ARGUMENT);
	assert_int_equal(search_for(asking, lend, (struct rko_search){ .field = "copies" }, &page, ""), RKO_ARGUMENT);
	assert_int_equal(search_for(asking, lend, (struct rko_search){ .field = "copy", .among_kind = "shelves" }, &page, ""),
			 RKO_ARGUMENT);
	assert_int_equal(search_for(asking, lend, (struct rko_search){ .field = "copy", .among_kind = "" }, &page, ""),
			 RKO_ARGUMENT);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(search_for(asking, lend, (struct rko_search){
			.field = "copy", .token = ((const char *const[]){ "c1", "1", "1.", "0.c1", "99999999999.c1" })[i] }, &page, ""),
				 RKO_ARGUMENT);
	assert_int_equal(search_for(asking, lend, (struct rko_search){ .field = "copy", .token = "7.c1" }, &page, ""),
			 RKO_FACTS_GENERATION);
	assert_int_equal(search_for(asking, lend, (struct rko_search){ .field = "copy", .limit = RKO_SEARCH_MOST + 1 }, &page, ""),
			 RKO_LIMIT);
	asking_close(asking);
}

/* One row more than may fit, and one value more than a page may have. */
static void search_bounds(void **state)
{
	struct asking *asking = library(NULL);
	struct rko_searched page;
	struct rko_search search = { .field = "customer", .among_kind = "denial", .among_field = "number",
				     .limit = RKO_SEARCH_MOST };
	struct rko_fault fault;
	struct shown shown = { .count = 0 };

	(void)state;
	ask_words(asking, "reserve copy=c1 channel=desk wishes=book");
	for (int more = 0; more < 2; more++) {
		/* There is one denial already. */
		size_t first = more ? RKO_SEARCH_ROWS : 1, count = more ? 1 : RKO_SEARCH_ROWS - 1, size;
		char *yaml = NULL;
		FILE *out = open_memstream(&yaml, &size);

		assert_non_null(out);
		fputs("denial:\n", out);
		for (size_t i = first; i < first + count; i++)
			fprintf(out, "  - {customer: kaisa, number: n%zu, kind: none, begins: 2026-01-01, ends: open}\n", i);
		fclose(out);
		facts_load(asking->facts, asking->policy, yaml);
		free(yaml);
		assert_int_equal(rko_search(asking->session, asking->request, &search, add_shown, &shown, &page, &fault),
				 more ? RKO_LIMIT : RKO_OK);
		assert_int_equal(page.decided, more ? 0 : RKO_SEARCH_MOST);
		assert_int_equal(page.token[0] != '\0', !more);
	}
	assert_int_equal(shown.count, RKO_SEARCH_MOST);
	asking_close(asking);
}

int main(void)
{
	/* Where the reader of files goes when memory runs out. */
	if (setjmp(cli_no_memory))
		return 1;

	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filter_is_one_by_one),
		cmocka_unit_test(intervals_are_every_day),
		cmocka_unit_test(month_ends),
		cmocka_unit_test(findings_and_overlays),
		cmocka_unit_test(what_is_no_range),
		cmocka_unit_test(filter_bounds),
		cmocka_unit_test(nothing_is_left_behind),
		cmocka_unit_test(searching),
		cmocka_unit_test(search_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
