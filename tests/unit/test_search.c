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

static size_t boundaries, only_reasons, scenarios;

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
}

int main(void)
{
	/* Where the reader of files goes when memory runs out. */
	if (setjmp(cli_no_memory))
		return 1;

	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filter_is_one_by_one),
		cmocka_unit_test(intervals_are_every_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
