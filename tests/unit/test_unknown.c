/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What is not known (docs/semantics.md § 7): registers that lag, open registers, fields and judgements that are
 * missing, values an area has not set, tables with cells that have not been seen; `none` is something else. What is
 * asked for is what settles the question and nothing more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/common/asking.h"

static const char library[] =
	"refreshed: 2026-01-01T12:00+02:00\n"
	"branch:\n"
	"  a: {town: sipoo, kinds: [book], number: none}\n"
	"  e: {town: espoo, kinds: [book], number: none}\n"
	"customer:\n"
	"  ann: {group: adult, town: sipoo, guardian: none, banned: no, likes: [book], note: unknown}\n"
	"  eve: {group: adult, town: none, guardian: ann, banned: no, likes: unknown, note: unknown}\n"
	"  kim: {group: child, town: sipoo, guardian: ann, banned: no, likes: [], note: unknown}\n"
	"copy:\n"
	"  book: {shelf: a1, kind: book, state: shelved, branch: a, bought: 2020-01-01, removed: none, planned: open}\n"
	"  game: {shelf: a1, kind: game, state: shelved, branch: a, bought: 2020-01-01, removed: none, planned: open}\n"
	"  film: {shelf: f1, kind: film, state: shelved, branch: a, bought: 2020-01-01, removed: none, planned: open}\n"
	"  there: {shelf: a1, kind: book, state: shelved, branch: e, bought: 2020-01-01, removed: none, planned: open}\n"
	"card:\n"
	"  - {customer: ann, number: k1, way: own_card, kinds: [book, game, film], friends: [], begins: 2020-01-01, ends: open}\n"
	"  - {customer: eve, number: k1, way: own_card, kinds: [book, film], friends: [ann], begins: 2020-01-01, ends: open}\n"
	"  - {customer: kim, number: k1, way: own_card, kinds: [book, game], friends: [eve], begins: 2020-01-01, ends: open}\n"
	"loan:\n"
	"  - {customer: ann, copy: film, begins: 2025-12-20, ends: 2026-01-20}\n"
	"  - {customer: eve, copy: book, begins: 2025-12-20, ends: 2026-01-20}\n"
	"  - {customer: kim, copy: book, begins: 2025-12-20, ends: 2026-01-20}\n"
	"  - {customer: kim, copy: game, begins: 2025-12-20, ends: 2026-01-20}\n";

static struct asking *open_library(const char *more)
{
	struct asking *asking = asking_open(NULL, "tests/common/library.rko", "library", library);

	if (more)
		facts_load(asking->facts, asking->policy, more);
	return asking;
}

#define RESERVE(who, what) "reserve customer=" who " copy=" what " channel=desk wishes=book"
#define LEND(who, what) "lend customer=" who " copy=" what " channel=desk wishes=book"
#define RENEW(who, what) "renew customer=" who " copy=" what " channel=desk wishes=book"

/* Absence is believed for as long as the register says, to the second. */
static void a_register_that_lags(void **state)
{
	struct asking *asking = open_library("remove:\n  card:\n    - {customer: ann, number: k1}\n");
	int64_t refreshed = instant("2026-01-01T12:00+02:00");

	(void)state;
	asking->at = refreshed + 86400;
	expect_by(asking, RESERVE("ann", "book"), RKO_NOT_GRANTED, "");
	asking->at = refreshed + 86401;
	expect_missing(asking, RESERVE("ann", "book"), "card");
	/* What is there is known, however old. */
	expect_by(asking, RESERVE("eve", "book"), RKO_GRANTED, "lending");
	facts_load(asking->facts, asking->policy, "refreshed: {card: 2026-01-02T12:00:01+02:00}\n");
	expect_by(asking, RESERVE("ann", "book"), RKO_NOT_GRANTED, "");
	/* As was known then. */
	rko_request_as_of(asking->request, 2);
	assert_int_equal(ask_decide(asking).outcome, RKO_UNDECIDED);
	asking_close(asking);
}

static void a_register_that_was_never_refreshed(void **state)
{
	struct asking *asking = asking_open(NULL, "tests/common/library.rko", "library", strchr(library, '\n') + 1);

	(void)state;
	expect_by(asking, RESERVE("ann", "book"), RKO_GRANTED, "lending");
	facts_load(asking->facts, asking->policy, "remove:\n  card:\n    - {customer: ann, number: k1}\n");
	expect_missing(asking, RESERVE("ann", "book"), "card");
	asking_close(asking);
}

/* Of an open register nobody knows that a row is not there; one that is there is known. */
static void an_open_register(void **state)
{
	struct asking *asking = open_library(NULL);

	(void)state;
	expect_missing(asking, LEND("ann", "book"), "denial");
	facts_load(asking->facts, asking->policy,
		   "denial:\n  - {customer: ann, number: d1, kind: film, begins: 2025-01-01, ends: open}\n");
	expect_missing(asking, LEND("ann", "book"), "denial");
	facts_load(asking->facts, asking->policy,
		   "denial:\n  - {customer: ann, number: d2, kind: book, begins: 2025-01-01, ends: open}\n");
	expect_by(asking, LEND("ann", "book"), RKO_FORBIDDEN, "refused-by-denial");
	/* Where nothing could grant, nothing is asked. */
	expect_by(asking, "lend customer=ann copy=book channel=desk wishes=", RKO_FORBIDDEN, "refused-by-denial");
	expect_by(asking, "lend customer=eve copy=game channel=desk wishes=book", RKO_NOT_GRANTED, "");
	asking_close(asking);
}

static void none_is_not_unknown(void **state)
{
	struct asking *asking = open_library(NULL);

	(void)state;
	/* An unknown set may be within another; an empty one is not. */
	expect_missing(asking, RENEW("eve", "book"), "customer.likes");
	expect_by(asking, RENEW("kim", "book"), RKO_NOT_GRANTED, "");
	/* A town that is none equals no town: eve has a guardian, a friend with the kind, and no town. */
	facts_load(asking->facts, asking->policy,
		   "card:\n  - {customer: eve, number: k1, way: own_card, kinds: [film], friends: [ann], begins: 2020-01-01, ends: open}\n");
	expect_by(asking, RESERVE("eve", "book"), RKO_NOT_GRANTED, "");
	facts_load(asking->facts, asking->policy,
		   "customer:\n  eve: {group: adult, town: sipoo, guardian: ann, banned: no, likes: unknown, note: unknown}\n");
	expect_by(asking, RESERVE("eve", "book"), RKO_GRANTED, "friends-of-friends");
	asking_close(asking);
}

/* A judgement holds on the days for which it was found. */
static void a_judgement(void **state)
{
	struct asking *asking = open_library(NULL);
	struct rko_explanation *why;

	(void)state;
	expect_missing(asking, RESERVE("ann", "game"), "careful");
	why = ask_why(asking);
	assert_int_equal(why->missing[0].kind, RKO_MISSING_JUDGEMENT);
	assert_string_equal(why->missing[0].asks, "Does this customer handle copies with care?");
	assert_string_equal(why->missing[0].bearer, "library");
	assert_non_null(strstr(rko_explanation_text(why, 0, 100), "? judgement: Does this customer"));
	rko_explanation_free(why);
	facts_load(asking->facts, asking->policy,
		   "careful:\n  - {customer: ann, finding: yes, begins: 2026-02-01, ends: 2026-02-28}\n"
		   "  - {customer: kim, finding: no, begins: 2026-01-01, ends: open}\n");
	ask_words(asking, RESERVE("ann", "game"));
	assert_int_equal(rko_request_on(asking->request, 20484), RKO_OK);	/* 2026-01-31 */
	assert_int_equal(ask_decide(asking).outcome, RKO_UNDECIDED);
	assert_int_equal(ask_decide(asking).stands_until, 20484);
	rko_request_on(asking->request, 20485);
	assert_int_equal(ask_decide(asking).outcome, RKO_GRANTED);
	assert_int_equal(ask_decide(asking).stands_until, 20512);	/* 2026-02-28 */
	rko_request_on(asking->request, 20513);
	assert_int_equal(ask_decide(asking).outcome, RKO_UNDECIDED);
	expect_by(asking, RESERVE("kim", "game"), RKO_NOT_GRANTED, "");
	asking_close(asking);
}

/* An area whose own rules are not in force yet might say anything. */
static void an_area_without_its_rules(void **state)
{
	struct asking *asking = open_library(NULL);
	struct rko_explanation *why;

	(void)state;
	expect_missing(asking, RESERVE("ann", "there"), "espoo");
	why = ask_why(asking);
	assert_int_equal(why->missing[0].kind, RKO_MISSING_OVERLAY);
	assert_int_equal(why->until, 20512);	/* the day before 2026-03-01 */
	rko_explanation_free(why);
	ask_words(asking, RESERVE("ann", "there"));
	rko_request_on(asking->request, 20513);
	assert_int_equal(ask_decide(asking).outcome, RKO_GRANTED);
	/* Where no rule of any area could open it, the area is not asked. */
	expect_by(asking, "reserve customer=ann copy=there channel=desk wishes=", RKO_NOT_GRANTED, "");
	asking_close(asking);
}

/* A ceiling with a cell that has not been seen takes nothing away, and is named. */
static void a_cell_that_has_not_been_seen(void **state)
{
	struct asking *asking = open_library(NULL);
	struct rko_explanation *why;

	(void)state;
	expect_by(asking, RENEW("ann", "film"), RKO_GRANTED, "renewing");
	why = ask_why(asking);
	assert_int_equal(why->npending, 1);
	assert_string_equal(why->pending[0].name, "ceiling");
	assert_string_equal(why->pending[0].label, "ceiling");	/* without a label, its name */
	rko_explanation_free(why);
	asking_close(asking);
}

/* A value that the law leaves to the area, that has none when the area is silent. */
static const char counties[] =
	"vocabulary counties  version \"1\"\n"
	"  closed refreshed within 1 day\n"
	"codes source_kind  act\n"
	"codes county  north, south, west\n"
	"record place  closed\n"
	"  key    id : id\n"
	"  field  county : county\n"
	"  field  opened : date\n"
	"  field  lit    : yesno or unknown\n"
	"  field  warm   : yesno or unknown\n"
	"request enter\n"
	"  asks    en \"May one enter?\"\n"
	"  actions enter\n"
	"  found   place : place\n"
	"  given   late  : yesno\n"
	"  layer by place.county except west\n"
	"source A act \"1/2020\"  in force 2020-01-01 ..\n"
	"  passage \"1\" en \"The county says for how long.\"\n"
	"policy counties  version \"1\"\n"
	"  uses counties\n"
	"chapter enter\n"
	"parameter span : duration  allows any = unknown\n"
	"rule new\n"
	"  grant enter\n"
	"  when not after place.opened + span\n"
	"  cite A \"1\"\n"
	"rule lit\n"
	"  grant enter\n"
	"  when place.lit and place.warm and late\n"
	"  cite A \"1\"\n"
	"exception dark to new\n"
	"  withhold\n"
	"  when not place.lit\n"
	"  cite A \"1\"\n"
	"overlay north for county north\n"
	"  in force 2020-01-01 ..\n"
	"  uses counties\n"
	"set span = 10 days  cite A \"1\"\n"
	"overlay south for county south\n"
	"  in force 2020-01-01 ..\n"
	"  uses counties\n";

static void a_value_that_nobody_has_set(void **state)
{
	struct asking *asking = asking_open(counties, NULL, "enter",
		"refreshed: 2026-01-01T12:00+02:00\n"
		"place:\n"
		"  n: {county: north, opened: 2025-12-22, lit: yes, warm: no}\n"
		"  m: {county: north, opened: 2025-12-21, lit: yes, warm: no}\n"
		"  s: {county: south, opened: 2025-12-22, lit: yes, warm: no}\n"
		"  dark: {county: south, opened: 2025-12-22, lit: no, warm: no}\n"
		"  dim: {county: south, opened: 2025-12-22, lit: unknown, warm: no}\n"
		"  cold: {county: north, opened: 2025-12-01, lit: unknown, warm: no}\n"
		"  both: {county: north, opened: 2025-12-01, lit: unknown, warm: unknown}\n");
	struct rko_explanation *why;

	(void)state;
	expect_by(asking, "enter place=n late=no", RKO_GRANTED, "new");
	expect_by(asking, "enter place=m late=no", RKO_NOT_GRANTED, "");
	expect_missing(asking, "enter place=s late=no", "span");
	why = ask_why(asking);
	assert_int_equal(why->missing[0].kind, RKO_MISSING_PARAMETER);
	rko_explanation_free(why);
	expect_by(asking, "enter place=dark late=no", RKO_NOT_GRANTED, "");
	/* Both are needed; and only what can change something is asked for. */
	expect_missing(asking, "enter place=dim late=yes", "place.lit span");
	expect_by(asking, "enter place=cold late=yes", RKO_NOT_GRANTED, "");
	expect_missing(asking, "enter place=both late=yes", "place.lit place.warm");
	expect_by(asking, "enter place=both late=no", RKO_NOT_GRANTED, "");
	asking_close(asking);
}

/* A row that was stored before its kind had the field, and one with a code that the policy does not have. */
static void facts_of_another_version(void **state)
{
#define VERSION(colours, fields, cond) \
	"vocabulary v  version \"1\"\n  closed refreshed within 1 day\n" \
	"codes source_kind  act\ncodes colour  " colours "\n" \
	"record thing  closed\n  key id : id\n  field colour : colour\n" fields \
	"request look\n  asks en \"May it be seen?\"\n  actions look\n  found thing : thing\n" \
	"source A act \"1/2020\"  in force 2020-01-01 ..\n  passage \"1\" en \"x\"\n" \
	"policy v  version \"1\"\n  uses v\nchapter look\n" \
	"rule shown\n  grant look\n  when thing.colour = red" cond "\n  cite A \"1\"\n"
	struct asking *asking = asking_open(VERSION("red, green, blue", "", ""), NULL, "look",
					    "refreshed: 2026-01-01T12:00+02:00\n"
					    "thing:\n  r: {colour: red}\n  b: {colour: blue}\n  g: {colour: green}\n");
	struct rko_policy *fewer = policy_compile(VERSION("red, green", "", ""), NULL);
	struct rko_policy *more = policy_compile(VERSION("red, green, blue", "  field known : yesno\n", " or thing.known"), NULL);
	struct asking then = { .facts = asking->facts, .at = asking->at, .policy = fewer };

	(void)state;
	expect_by(asking, "look thing=b", RKO_NOT_GRANTED, "");
	assert_int_equal(rko_session_open(fewer, asking->facts, &then.session, NULL), RKO_OK);
	assert_int_equal(rko_request_new(fewer, "look", &then.request), RKO_OK);
	expect_by(&then, "look thing=r", RKO_GRANTED, "shown");
	ask_failing(&then, "look thing=b", RKO_FACTS_SCHEMA);
	rko_request_free(then.request);
	rko_session_close(then.session);

	then.policy = more;
	assert_int_equal(rko_session_open(more, asking->facts, &then.session, NULL), RKO_OK);
	assert_int_equal(rko_request_new(more, "look", &then.request), RKO_OK);
	expect_by(&then, "look thing=r", RKO_GRANTED, "shown");
	expect_missing(&then, "look thing=b", "thing.known");
	rko_request_free(then.request);
	rko_session_close(then.session);
	rko_policy_unref(fewer);
	rko_policy_unref(more);
	asking_close(asking);
}

/* Facts that contradict what their load would have guaranteed: they were loaded by a policy that asked less. */
static void facts_that_cannot_be(void **state)
{
#define LOOSE(owner, must) \
	"vocabulary v  version \"1\"\n  closed refreshed within 1 day\n" \
	"codes source_kind  act\n" \
	"record person  closed\n  key id : id\n  field staff : yesno\n" \
	"record thing  closed\n  key id : id\n  field owner : " owner "\n  field hot : yesno\n  field cold : yesno\n" must \
	"request look\n  asks en \"May it be seen?\"\n  actions look\n  found thing : thing\n" \
	"source A act \"1/2020\"  in force 2020-01-01 ..\n  passage \"1\" en \"x\"\n" \
	"policy v  version \"1\"\n  uses v\nchapter look\n"
	struct asking *asking = asking_open(LOOSE("id", "") "rule shown\n  grant look\n  when thing.hot\n  cite A \"1\"\n", NULL,
					    "look",
					    "refreshed: 2026-01-01T12:00+02:00\n"
					    "person:\n  ann: {staff: yes}\n"
					    "thing:\n  a: {owner: ann, hot: yes, cold: no}\n"
					    "  b: {owner: nobody, hot: yes, cold: no}\n"
					    "  c: {owner: ann, hot: yes, cold: yes}\n");
	struct rko_policy *policy = policy_compile(LOOSE("ref person", "  must not hot or not cold\n")
		"rule shown\n  grant look\n  when thing.owner.staff\n  cite A \"1\"\n"
		"exception burnt to shown\n  prohibit\n  when thing.hot\n  cite A \"1\"\n"
		"exception frozen to shown\n  withhold\n  when thing.cold\n  cite A \"1\"\n", NULL);
	struct asking now = { .facts = asking->facts, .at = asking->at, .policy = policy };

	(void)state;
	expect_by(asking, "look thing=b", RKO_GRANTED, "shown");
	assert_int_equal(rko_session_open(policy, asking->facts, &now.session, NULL), RKO_OK);
	assert_int_equal(rko_request_new(policy, "look", &now.request), RKO_OK);
	expect_by(&now, "look thing=a", RKO_FORBIDDEN, "burnt");
	ask_failing(&now, "look thing=b", RKO_FACTS_INCONSISTENT);	/* refers to nobody */
	ask_failing(&now, "look thing=c", RKO_FACTS_INCONSISTENT);	/* two exceptions contradict one another */
	rko_request_free(now.request);
	rko_session_close(now.session);
	rko_policy_unref(policy);
	asking_close(asking);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_register_that_lags),
		cmocka_unit_test(a_register_that_was_never_refreshed),
		cmocka_unit_test(an_open_register),
		cmocka_unit_test(none_is_not_unknown),
		cmocka_unit_test(a_judgement),
		cmocka_unit_test(an_area_without_its_rules),
		cmocka_unit_test(a_cell_that_has_not_been_seen),
		cmocka_unit_test(a_value_that_nobody_has_set),
		cmocka_unit_test(facts_of_another_version),
		cmocka_unit_test(facts_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
