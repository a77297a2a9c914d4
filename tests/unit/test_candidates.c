/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * I12. Links with many rows (docs/semantics.md § 5): none, one, many, as many as the bound and one more; one row that
 * fulfils everything; the pivot, whose candidates are asked one by one and combined.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/buf.h"
#include "tests/common/asking.h"

/* Made at 2026-01-01: `booked` wants a booking that began at most a month ago or begins in three days, not past. */
static const char ground[] =
	"refreshed: 2026-01-01T12:00+02:00\n"
	"maker:\n  ann: {level: basic, staff: no}\n  bob: {level: basic, staff: yes}\n"
	"tool:\n  saw: {kind: saw, state: good, site: north, owner: none, bought: 2020-01-01}\n"
	"  broken: {kind: saw, state: broken, site: north, owner: none, bought: 2020-01-01}\n"
	"training:\n  - {maker: ann, kind: saw, begins: 2020-01-01, ends: open}\n"
	"steady:\n  - {maker: ann, tool: saw, finding: no, begins: 2020-01-01, ends: open}\n"
	"  - {maker: ann, tool: broken, finding: no, begins: 2020-01-01, ends: open}\n";

enum { PAY = 2 };	/* duties in the order of their names: look, pay, tell */

static struct asking *open_with(const char *facts)
{
	struct asking *asking = asking_open(NULL, "tests/unit/workshop.rko", "workshop", ground);

	if (*facts)
		facts_load(asking->facts, asking->policy, facts);
	return asking;
}

static void rows_of(struct buf *out, const char *kind, int count, const char *rest)
{
	buf_printf(out, "%s:\n", kind);
	for (int i = 0; i < count; i++) {
		buf_string(out, "  - {");
		buf_printf(out, rest, i);
		buf_string(out, "}\n");
	}
}

#define USE "use maker=ann tool=saw hour=daytime guests="

static void more_rows_than_the_bound_is_a_failure(void **state)
{
	static const struct {
		const char *kind, *row;
		enum rko_outcome outcome;
		const char *rule;
	} links[] = {
		{ "booking", "tool: saw, maker: ann, number: n%d, stage: agreed, paid: yes, begins: 2026-01-01, ends: open",
		  RKO_GRANTED, "booked" },
		{ "ban", "maker: ann, number: b%d, kind: saw, begins: 2026-01-01, ends: open", RKO_FORBIDDEN, "banned" },
		{ "helper", "tool: saw, maker: h%d", RKO_NOT_GRANTED, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
		for (int count = 4; count <= 5; count++) {
			struct buf facts = { 0 };
			struct asking *asking;

			buf_string(&facts, "maker:\n");
			for (int h = 0; h < 5; h++)
				buf_printf(&facts, "  h%d: {level: basic, staff: no}\n", h);
			rows_of(&facts, links[i].kind, count, links[i].row);
			asking = open_with(facts.at);
			if (count == 4)
				expect_by(asking, USE, links[i].outcome, links[i].rule);
			else
				ask_failing(asking, USE, RKO_FACTS_CANDIDATES);
			/* What the answer does not hang on is not read. */
			expect_by(asking, "scrap maker=ann tool=saw hour=daytime", RKO_NOT_GRANTED, "");
			asking_close(asking);
			buf_release(&facts);
		}
	}
}

/* Rows that were removed are none; as of an earlier generation they are there. */
static void removed_rows_do_not_count(void **state)
{
	struct buf facts = { 0 };
	struct asking *asking;

	(void)state;
	rows_of(&facts, "booking", 5,
		"tool: saw, maker: ann, number: n%d, stage: agreed, paid: yes, begins: 2026-01-01, ends: open");
	asking = open_with(facts.at);
	ask_failing(asking, USE, RKO_FACTS_CANDIDATES);
	facts_load(asking->facts, asking->policy, "remove:\n  booking:\n    - {tool: saw, maker: ann, number: n2}\n");
	expect_by(asking, USE, RKO_GRANTED, "booked");
	rko_request_as_of(asking->request, 2);
	{
		struct rko_decision decision;

		assert_int_equal(rko_decide(asking->session, asking->request, &decision), RKO_FACTS_CANDIDATES);
		assert_int_equal(decision.outcome, RKO_NOT_GRANTED);
	}
	rko_request_as_of(asking->request, 1);
	assert_int_equal(ask_decide(asking).outcome, RKO_NOT_GRANTED);
	facts_load(asking->facts, asking->policy,
		   "remove:\n  booking:\n    - {tool: saw, maker: ann, number: n0}\n"
		   "    - {tool: saw, maker: ann, number: n1}\n    - {tool: saw, maker: ann, number: n3}\n"
		   "    - {tool: saw, maker: ann, number: n4}\n");
	expect_by(asking, USE, RKO_NOT_GRANTED, "");
	/* What was removed may come again. */
	facts_load(asking->facts, asking->policy,
		   "booking:\n  - {tool: saw, maker: ann, number: n2, stage: agreed, paid: yes, begins: 2026-01-01, ends: open}\n");
	expect_by(asking, USE, RKO_GRANTED, "booked");
	asking_close(asking);
	buf_release(&facts);
}

/* A booking for ann; the tool and what it is. */
#define BOOKING(tool, number, stage, paid, begins, ends) "  - {tool: " tool ", maker: ann, number: " number \
	", stage: " stage ", paid: " paid ", begins: " begins ", ends: " ends "}\n"

struct combined {
	const char *what, *facts, *tool;
	enum rko_outcome outcome;
	const char *rule;
	uint64_t pay;
	const char *candidate;
};

static const struct combined combined[] = {
	{ "no booking", "", "saw", RKO_NOT_GRANTED, "", 0, "" },
	{ "one that fits", "booking:\n" BOOKING("saw", "n1", "agreed", "yes", "2026-01-01", "open"), "saw", RKO_GRANTED,
	  "booked", 0, "n1" },
	{ "one of three fits", "booking:\n" BOOKING("saw", "n1", "agreed", "yes", "2025-06-01", "2025-12-31")
	  BOOKING("saw", "n2", "agreed", "yes", "2026-01-01", "2026-01-01")
	  BOOKING("saw", "n3", "agreed", "yes", "2026-02-01", "open"), "saw", RKO_GRANTED, "booked", 0, "n2" },
	/* One is not past and the other not too early: no single booking fits. */
	{ "what two fulfil together is fulfilled by none", "booking:\n"
	  BOOKING("saw", "n1", "agreed", "yes", "2025-12-15", "2025-12-31")
	  BOOKING("saw", "n2", "agreed", "yes", "2026-01-05", "open"), "saw", RKO_NOT_GRANTED, "", 0, NULL },
	{ "one that is only asked for is no candidate", "booking:\n"
	  BOOKING("saw", "n1", "asked", "yes", "2026-01-01", "open"), "saw", RKO_NOT_GRANTED, "", 0, "" },
	{ "that of another tool", "booking:\n" BOOKING("broken", "n1", "agreed", "yes", "2026-01-01", "open"), "saw",
	  RKO_NOT_GRANTED, "", 0, "" },
	{ "the one that lasts longest is told", "booking:\n"
	  BOOKING("saw", "n1", "agreed", "yes", "2025-12-30", "2026-01-05")
	  BOOKING("saw", "n2", "agreed", "yes", "2025-12-30", "2026-01-09")
	  BOOKING("saw", "n3", "agreed", "yes", "2025-12-30", "2026-01-07"), "saw", RKO_GRANTED, "booked", 0, "n2" },
	{ "of equals the first by key", "booking:\n" BOOKING("saw", "n2", "agreed", "yes", "2026-01-01", "open")
	  BOOKING("saw", "n1", "agreed", "yes", "2026-01-01", "open"), "saw", RKO_GRANTED, "booked", 0, NULL },
	{ "a duty of any that grants", "booking:\n" BOOKING("saw", "n1", "agreed", "yes", "2026-01-01", "open")
	  BOOKING("saw", "n2", "agreed", "no", "2026-01-01", "2026-01-02"), "saw", RKO_GRANTED, "booked", PAY, "n1" },
	{ "no duty of one that does not grant", "booking:\n" BOOKING("saw", "n1", "agreed", "yes", "2026-01-01", "open")
	  BOOKING("saw", "n2", "agreed", "no", "2025-06-01", "2025-07-02"), "saw", RKO_GRANTED, "booked", 0, "n1" },
	/* A prohibition inside the rule: of that candidate only. */
	{ "every candidate is forbidden", "booking:\n" BOOKING("broken", "n1", "agreed", "yes", "2026-01-01", "open")
	  BOOKING("broken", "n2", "agreed", "yes", "2025-12-20", "open"), "broken", RKO_FORBIDDEN, "broken", 0, NULL },
	{ "one candidate is forbidden", "booking:\n" BOOKING("broken", "n1", "agreed", "yes", "2026-01-01", "open")
	  BOOKING("broken", "n2", "agreed", "yes", "2025-06-01", "open"), "broken", RKO_NOT_GRANTED, "", 0, NULL },
	{ "one candidate is forbidden, another ground opens for the other", "booking:\n"
	  BOOKING("broken", "n1", "agreed", "yes", "2026-01-01", "open")
	  BOOKING("broken", "n2", "agreed", "yes", "2025-06-01", "open")
	  "helper:\n  - {tool: broken, maker: ann}\n", "broken", RKO_GRANTED, "by-helpers", 0, "n2" },
	{ "a prohibition that does not speak of bookings beats every one", "booking:\n"
	  BOOKING("saw", "n1", "agreed", "yes", "2026-01-01", "open")
	  "ban:\n  - {maker: ann, number: b1, kind: saw, begins: 2025-01-01, ends: 2026-01-01}\n", "saw", RKO_FORBIDDEN,
	  "banned", 0, NULL },
};

static void candidates_are_combined(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof combined / sizeof combined[0]; i++) {
		const struct combined *about = &combined[i];
		struct asking *asking = open_with(about->facts);
		struct rko_explanation *why;
		struct rko_decision decision;
		char words[100];

		print_message("  %s\n", about->what);
		snprintf(words, sizeof words, "use maker=ann tool=%s hour=daytime guests=", about->tool);
		expect_by(asking, words, about->outcome, about->rule);
		decision = ask_decide(asking);
		assert_int_equal(decision.duties & PAY, about->pay);
		why = ask_why(asking);
		if (about->candidate)
			assert_string_equal(why->candidate, about->candidate);
		rko_explanation_free(why);
		asking_close(asking);
	}
}

/* `some`: one and the same row fulfils the whole. */
static void one_row_fulfils_the_whole(void **state)
{
	static const struct {
		const char *rows;
		bool banned;
	} bans[] = {
		{ "  - {maker: bob, number: b1, kind: saw, begins: 2025-01-01, ends: open}\n", false },
		{ "  - {maker: ann, number: b1, kind: oven, begins: 2025-01-01, ends: open}\n", false },
		{ "  - {maker: ann, number: b1, kind: saw, begins: 2025-01-01, ends: 2025-12-31}\n", false },
		{ "  - {maker: ann, number: b1, kind: saw, begins: 2026-01-02, ends: open}\n", false },
		{ "  - {maker: ann, number: b1, kind: saw, begins: 2026-01-01, ends: 2026-01-01}\n", true },
		{ "  - {maker: ann, number: b1, kind: oven, begins: 2025-01-01, ends: open}\n"
		  "  - {maker: ann, number: b2, kind: saw, begins: 2025-01-01, ends: 2025-12-31}\n", false },
		{ "  - {maker: ann, number: b1, kind: oven, begins: 2025-01-01, ends: open}\n"
		  "  - {maker: ann, number: b2, kind: lathe, begins: 2025-01-01, ends: open}\n"
		  "  - {maker: ann, number: b3, kind: saw, begins: 2025-01-01, ends: open}\n", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bans / sizeof bans[0]; i++) {
		struct buf facts = { 0 };
		struct asking *asking;

		buf_printf(&facts, "ban:\n%s", bans[i].rows);
		asking = open_with(facts.at);
		expect_by(asking, USE, bans[i].banned ? RKO_FORBIDDEN : RKO_NOT_GRANTED, bans[i].banned ? "banned" : "");
		asking_close(asking);
		buf_release(&facts);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_rows_than_the_bound_is_a_failure),
		cmocka_unit_test(removed_rows_do_not_count),
		cmocka_unit_test(candidates_are_combined),
		cmocka_unit_test(one_row_fulfils_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
