/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What is said would turn the answer does turn it: for every denied scenario of the policies each change that is shown is
 * written into the facts, step by step from its structure, loaded and decided again. With all of its steps it
 * is granted; with every part of them it is not. What a step leaves open is filled with anything, several times over.
 * A change that no fact can make is counted by its name, a scenario without a change has a reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/date.h"
#include "engine/decide/policy.h"
#include "tests/common/fixture.h"
#include "tests/common/world.h"
#include "tools/common/cases.h"
#include "tools/common/cli.h"

enum { SEEDS = 48, GOOD_SEEDS = 6, MOST_STEPS = 6 };

struct figures {
	size_t denied, refused, offered, none;		/* scenarios: of the denied, with a change and without one */
	size_t changes, applied, turned, time, law;
	size_t written;					/* times that a whole change was loaded */
	size_t parts, parts_written;			/* parts of changes, and times that one was decided */
	size_t needs, needed;				/* of steps that facts do, and those without which it does not turn */
	size_t faults;
};

struct turning {
	struct fact_reader *reader;
	struct rko_policy *policy;
	const struct test_case *about;
	struct figures *figures;
	uint32_t question;
	char why[400];		/* the last time that facts could not be made */
};

/* What is wrong is told with the others: the list is what one wants to see. */
static void fault(struct turning *turning, size_t change, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void fault(struct turning *turning, size_t change, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s, change %zu: ", turning->about->id.at, change + 1);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	turning->figures->faults++;
}

/* A case at hand ---------------------------------------------------------------------------------- */

struct asked {
	char *folder;
	struct rko_facts *facts;
	struct rko_session *session;
	struct rko_request *request;
};

/* The facts of a case as they were known at its instant: what was recorded later is no fact yet. */
static struct test_case known_then(struct turning *turning, const struct test_case *about)
{
	struct test_case out = *about;

	out.rows = ARENA_ARRAY(&turning->reader->files->arena, about->nrows + 1, struct case_row);
	out.nrows = 0;
	for (size_t i = 0; i < about->nrows; i++)
		if (!about->rows[i].has_recorded || about->rows[i].recorded <= about->at)
			out.rows[out.nrows++] = about->rows[i];
	return out;
}

static void load(struct turning *turning, const struct test_case *about, struct asked *asked)
{
	*asked = (struct asked){ .folder = folder_new() };
	asked->facts = facts_new(asked->folder);
	assert_int_equal(case_load(turning->reader, turning->policy, asked->facts, about), RKO_OK);
}

static struct rko_decision decide(struct turning *turning, const struct test_case *about, struct asked *asked)
{
	struct rko_decision decision;

	asked->request = case_request(turning->reader, turning->policy, asked->facts, about);
	assert_non_null(asked->request);
	assert_int_equal(rko_session_open(turning->policy, asked->facts, &asked->session, NULL), RKO_OK);
	assert_int_equal(rko_decide(asked->session, asked->request, &decision), RKO_OK);
	return decision;
}

static void done(struct asked *asked)
{
	rko_session_close(asked->session);
	rko_request_free(asked->request);
	rko_facts_close(asked->facts);
	folder_remove(asked->folder);
}

/* Changes ----------------------------------------------------------------------------------------- */

/* The field of a request, with the record that is given around it. */
static struct yaml_node asked_otherwise(struct arena *arena, const char *field, const char *value)
{
	const char *dot = strchr(field, '.');
	struct yaml_node out = { .kind = YAML_MAP, .count = 1 };

	out.pairs = ARENA_NEW(arena, struct yaml_pair);
	out.pairs->key = text_copy(arena, (struct text){ field, dot ? (size_t)(dot - field) : strlen(field) });
	out.pairs->value = dot ? asked_otherwise(arena, dot + 1, value)
			       : (struct yaml_node){ .kind = YAML_TEXT, .text = text_copy(arena, text_from(value)) };
	return out;
}

static bool may_be_open(const struct turning *turning, const char *name)
{
	struct rko_question_about about;

	rko_question_about(turning->policy, turning->question, RKO_EN, &about);
	for (uint32_t i = 0; i < about.fields; i++) {
		struct rko_field_about field;

		rko_question_field(turning->policy, turning->question, i, RKO_EN, &field);
		if (strcmp(field.name, name) == 0)
			return field.may_be_open;
	}
	return false;
}

static bool ask_otherwise(struct turning *turning, struct world *world, const struct rko_why_step *step, uint32_t seed,
			  struct test_case *about)
{
	struct arena *arena = &turning->reader->files->arena;

	for (size_t i = 0; i < step->nneeds; i++) {
		const char *value = world_choose(world, &step->needs[i], may_be_open(turning, step->needs[i].field), seed);
		struct yaml_node part;

		if (!value) {
			snprintf(world->lacks, sizeof world->lacks, "no value for `%s`", step->needs[i].field);
			return false;
		}
		part = asked_otherwise(arena, step->needs[i].field, value);
		about->request = request_merge(arena, &about->request, &part);
	}
	return step->nneeds;
}

enum applied { NOT_WRITTEN, NOT_TAKEN, TURNED, NOT_TURNED };

/* The steps of `mask`, decided again. */
static enum applied try_steps(struct turning *turning, const struct rko_why_change *change, unsigned mask, uint32_t seed,
			      struct rko_decision *ret_decision)
{
	struct test_case about = known_then(turning, turning->about);
	enum applied out = NOT_WRITTEN;
	struct asked asked;
	struct world world;
	char why[256];
	rko_day today;
	bool good = true;

	load(turning, &about, &asked);
	assert_true(zone_day(about.at, &today));
	world_read(&world, turning->policy, asked.facts, 0, about.has_day ? about.day : today);
	for (size_t i = 0; good && i < change->nsteps; i++)
		if (mask >> i & 1)
			good = change->steps[i].kind == RKO_CHANGE_REQUEST
				       ? ask_otherwise(turning, &world, &change->steps[i], seed, &about)
				       : world_apply(&world, &change->steps[i], seed * 8 + (uint32_t)i);
	if (!good) {
		snprintf(turning->why, sizeof turning->why, "%s", world.lacks);
	} else if (world_load(&world, asked.facts, about.at, why) != RKO_OK) {
		snprintf(turning->why, sizeof turning->why, "refused: %s", why);
		out = NOT_TAKEN;
	} else {
		*ret_decision = decide(turning, &about, &asked);
		out = ret_decision->outcome == RKO_GRANTED ? TURNED : NOT_TURNED;
	}
	world_free(&world);
	done(&asked);
	return out;
}

/* With the values with which all steps turn it, no part of them does. */
static void try_parts(struct turning *turning, size_t number, const struct rko_why_change *change, uint32_t seed)
{
	unsigned all = (1u << change->nsteps) - 1;

	for (unsigned mask = 1; mask < all; mask++) {
		struct rko_decision decision;
		enum applied applied = try_steps(turning, change, mask, seed, &decision);

		turning->figures->parts_written += applied == TURNED || applied == NOT_TURNED;
		if (applied == TURNED)
			fault(turning, number, "the steps %#x of %#x are enough (seed %u, %s)", mask, all, seed,
			      decision.rule_name);
	}
}

static void try_change(struct turning *turning, size_t number, const struct rko_why_change *change)
{
	struct figures *figures = turning->figures;
	unsigned all = (1u << change->nsteps) - 1, good = 0;
	bool turned = true;

	turning->why[0] = '\0';
	for (uint32_t seed = 1; seed <= SEEDS && good < GOOD_SEEDS; seed++) {
		struct rko_decision decision;
		enum applied applied = try_steps(turning, change, all, seed, &decision);

		if (applied == NOT_WRITTEN || applied == NOT_TAKEN)
			continue;
		good++;
		if (applied == NOT_TURNED) {
			fault(turning, number, "it does not turn: %s by `%s` (seed %u)",
			      rko_outcome_word(decision.outcome), decision.rule_name, seed);
			turned = false;
			break;
		}
		try_parts(turning, number, change, seed);
	}
	figures->written += good;
	figures->applied += good > 0;
	figures->turned += good && turned;
	figures->parts += good ? all - 1 : 0;
	if (!good)
		fault(turning, number, "no facts can be so: %s", turning->why);
}

/*
 * The same with one need left out of one step: then facts are written of which some do not turn it. Shows that this test
 * notices a step that is told wrong, and that each need is needed.
 */
static bool notices(struct turning *turning, const struct rko_why_change *change, size_t step, size_t need)
{
	struct rko_why_step steps[MOST_STEPS];
	struct rko_why_need needs[40];
	struct rko_why_change without = *change;
	size_t kept = 0;

	memcpy(steps, change->steps, change->nsteps * sizeof *steps);
	assert_in_range(steps[step].nneeds, 1, sizeof needs / sizeof needs[0]);
	for (size_t i = 0; i < steps[step].nneeds; i++)
		if (i != need)
			needs[kept++] = steps[step].needs[i];
	steps[step].needs = needs;
	steps[step].nneeds = kept;
	without.steps = steps;
	for (uint32_t seed = 1; seed <= SEEDS; seed++) {
		struct rko_decision decision;

		if (try_steps(turning, &without, (1u << change->nsteps) - 1, seed, &decision) == NOT_TURNED)
			return true;
	}
	return false;
}

/* A field that is to be otherwise, and that is not asked to be anything, stays as it is. */
static void try_needs(struct turning *turning, size_t number, const struct rko_why_change *change)
{
	for (size_t i = 0; i < change->nsteps; i++) {
		for (size_t j = 0; j < change->steps[i].nneeds; j++) {
			if (change->steps[i].kind == RKO_CHANGE_REQUEST)
				continue;
			turning->figures->needs++;
			if (notices(turning, change, i, j))
				turning->figures->needed++;
			else
				print_message("%s, change %zu, step %zu: `%s` need not be said\n", turning->about->id.at,
					      number + 1, i + 1, change->steps[i].needs[j].field);
		}
	}
}

/* Nothing is asked to change that nobody can change, and no key. */
static void look_at_step(struct turning *turning, size_t number, const struct rko_why_step *step)
{
	const struct image *image = &turning->policy->image;
	uint32_t kind = step->nrows ? rko_policy_kind(turning->policy, step->rows[0].record) : RKO_NOTHING;

	if (step->kind == RKO_CHANGE_RECORD || step->kind == RKO_CHANGE_NO_RECORD) {
		if (kind == RKO_NOTHING || image->records[kind].changed == IMAGE_NOBODY)
			fault(turning, number, "`%s` is not changed by anybody", step->name);
	}
	if (step->kind != RKO_CHANGE_FIELD)
		return;
	if (kind == RKO_NOTHING || step->nneeds == 0 || !step->rows[0].exists) {
		fault(turning, number, "it is not told which record changes");
		return;
	}
	for (uint32_t i = 0; i < image->records[kind].fields.count; i++) {
		const struct image_field *field = record_field(image, kind, i);

		if (strcmp(image_string(image, field->name), step->needs[0].stored[0]) == 0 &&
		    (field->changed == IMAGE_NOBODY || field->flags & IMAGE_FIELD_KEY))
			fault(turning, number, "`%s` of `%s` is not changed by anybody", step->needs[0].field, step->name);
	}
}

/* Time -------------------------------------------------------------------------------------------- */

/* The outcome at another instant, on the same facts, known to be as they are then too. */
static enum rko_outcome at_instant(struct turning *turning, int64_t at)
{
	struct test_case about = known_then(turning, turning->about);
	struct rko_decision decision;
	struct asked asked;

	about.at = at;
	about.has_day = false;
	load(turning, &about, &asked);
	decision = decide(turning, &about, &asked);
	done(&asked);
	return decision.outcome;
}

static void try_time(struct turning *turning, size_t number, const struct rko_why_step *step, rko_day today)
{
	int64_t from = zone_day_start(step->from);

	turning->figures->time++;
	if (step->from <= today || step->to < step->from)
		fault(turning, number, "it names a time that has passed");
	if (at_instant(turning, from) != RKO_GRANTED || at_instant(turning, from - 1) == RKO_GRANTED)
		fault(turning, number, "the first instant is another");
	else if (step->to != RKO_DAY_OPEN && (at_instant(turning, zone_day_start(step->to + 1) - 1) != RKO_GRANTED ||
					      at_instant(turning, zone_day_start(step->to + 1)) == RKO_GRANTED))
		fault(turning, number, "the last instant is another");
	else
		turning->figures->turned++;
}

/* Scenarios --------------------------------------------------------------------------------------- */

static bool is_law(const struct rko_why_change *change)
{
	for (size_t i = 0; i < change->nsteps; i++)
		if (change->steps[i].kind == RKO_CHANGE_PARAMETER || change->steps[i].kind == RKO_CHANGE_OVERLAY)
			return true;
	return false;
}

static void try_changes(struct turning *turning, const struct rko_explanation *why)
{
	struct figures *figures = turning->figures;

	for (size_t i = 0; i < why->nchanges; i++) {
		const struct rko_why_change *change = &why->changes[i];

		figures->changes++;
		assert_in_range(change->nsteps, 1, MOST_STEPS);
		if (change->steps[0].kind == RKO_CHANGE_TIME)
			try_time(turning, i, change->steps, why->decision.today);
		else if (is_law(change))
			figures->law++;
		else {
			for (size_t j = 0; j < change->nsteps; j++)
				look_at_step(turning, i, &change->steps[j]);
			try_change(turning, i, change);
			try_needs(turning, i, change);
		}
	}
}

static void try_case(struct turning *turning)
{
	struct test_case about = known_then(turning, turning->about);
	struct figures *figures = turning->figures;
	struct rko_explanation *why;
	struct rko_decision decision;
	struct asked asked;

	load(turning, &about, &asked);
	decision = decide(turning, &about, &asked);
	assert_int_equal(rko_explain(asked.session, asked.request, &decision, RKO_EN, &why), RKO_OK);
	turning->question = rko_policy_question(turning->policy, why->question);
	figures->refused += decision.outcome == RKO_REFUSED;
	if (decision.outcome != RKO_GRANTED && decision.outcome != RKO_REFUSED && !why->lists) {
		figures->denied++;
		*(why->nchanges ? &figures->offered : &figures->none) += 1;
		/* None is shown only when all were looked at. test_change.c has a reason for each, by its id. */
		if (why->changes_incomplete)
			fault(turning, 0, "not all changes were looked at");
		try_changes(turning, why);
	}
	rko_explanation_free(why);
	done(&asked);
}

static void every_change_turns(void **state)
{
	static const char *const names[] = { "eligibility", "extra", "matters", "pirkanmaa", "registers", "rest",
					     "technology", "transition", "who", "windows" };
	const char *only = getenv("ONLY");	/* one scenario, while something is looked for */
	struct yaml_files files;
	struct rko_policy *policy = policy_compile(NULL, "policies");
	struct fact_reader reader = { .files = &files, .policy = policy };
	struct case_list list = { 0 };
	struct figures figures = { 0 };

	(void)state;
	yaml_files_init(&files);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char path[80];

		snprintf(path, sizeof path, "policies/cases/%s.yaml", names[i]);
		assert_true(cases_read(&reader, path, &list));
	}
	for (size_t i = 0; i < list.count; i++) {
		struct turning turning = { .reader = &reader, .policy = policy, .about = list.list[i], .figures = &figures };

		if (!list.list[i]->outside.len && (!only || strcmp(only, list.list[i]->id.at) == 0))
			try_case(&turning);
	}
	print_message("denied: %zu, with a change %zu, without one %zu (refused besides: %zu)\n"
		      "changes: %zu, of time %zu, of law or policy %zu, written into facts %zu (%zu times), turned %zu\n"
		      "parts that do not turn it: %zu (decided %zu times)\n"
		      "demands: %zu, of which %zu are noticed when they are left out\n",
		      figures.denied, figures.offered, figures.none, figures.refused, figures.changes, figures.time,
		      figures.law, figures.applied, figures.written, figures.turned, figures.parts,
		      figures.parts_written, figures.needs, figures.needed);
	assert_int_equal(figures.faults, 0);
	if (!only) {
		assert_int_equal(figures.turned + figures.law, figures.changes);
		assert_int_equal(figures.offered + figures.none, figures.denied);
		assert_in_range(figures.denied, 90, 200);
		assert_in_range(figures.written, 4 * figures.applied, GOOD_SEEDS * figures.applied);
		assert_in_range(figures.needs - figures.needed, 0, 6);
	}
	yaml_files_free(&files);
	rko_policy_unref(policy);
}

int main(void)
{
	/* Where the reader of files goes when memory runs out. */
	if (setjmp(cli_no_memory))
		return 1;

	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_change_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
