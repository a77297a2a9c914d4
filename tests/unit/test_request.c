/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Requests: every way in which one is refused, with its field; what a field may hold and what not; records that a
 * request gives; the day that is asked about; the bounds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/limits.h"
#include "tests/common/asking.h"

static const char text[] =
	"vocabulary post  version \"1\"\n"
	"  closed refreshed within 1 day\n"
	"codes source_kind  house\n"
	"codes colour  red, green, blue\n"
	"codes size    small, large\n"
	"record person  closed\n"
	"  key    id : id\n"
	"  field  size : size\n"
	"record parcel  closed\n"
	"  key    id : id\n"
	"  field  sender  : ref person\n"
	"  field  other   : ref person or none\n"
	"  field  colours : set of colour  at most 3\n"
	"  field  tags    : set of id  at most 256\n"
	"  field  more    : set of id  at most 256\n"
	"  field  size    : size or unknown\n"
	"  field  sent    : date\n"
	"  field  arrives : date or open\n"
	"  field  moved   : date or none\n"
	"  derive last = moved else sent\n"
	"request post\n"
	"  asks    en \"May it be done?\"\n"
	"  actions send, look, call\n"
	"  given   parcel : parcel  for send\n"
	"  found   parcel : parcel  for look\n"
	"  found   person : person  for look, call\n"
	"  given   size   : size\n"
	"  given   on_day : date or none  for call\n"
	"  given   tags   : set of id  at most 256  for call\n"
	"  given   marks  : set of id  at most 256  for call\n"
	"  must    size = small or person.size = large or parcel.sent before parcel.arrives\n"
	"source H house \"House rules\"  in force 2020-01-01 ..\n"
	"  passage \"1\" en \"Small things are sent.\"\n"
	"policy post  version \"1\"\n"
	"  uses post\n"
	"chapter post\n"
	"rule small\n"
	"  grant send, look, call\n"
	"  when size = small\n"
	"  cite H \"1\"\n"
	"rule red-ones\n"
	"  grant send\n"
	"  when size = large and (parcel.colours has red or parcel.last before 2026-01-01 or parcel.size = large\n"
	"       or parcel.other.size = large or parcel.tags overlaps parcel.more)\n"
	"  cite H \"1\"\n"
	"rule called\n"
	"  grant call\n"
	"  when size = large and on_day after 2026-01-01\n"
	"  cite H \"1\"\n";


static struct asking *asking;

static int set_up(void **state)
{
	(void)state;
	asking = asking_open(text, NULL, "post",
			     "refreshed: 2026-01-01T12:00+02:00\n"
			     "person:\n  ann: {size: small}\n  bob: {size: large}\n"
			     "parcel:\n  p1: {sender: ann, other: none, colours: [red], tags: [], more: [], size: small, "
			     "sent: 2026-02-01, arrives: open, moved: none}\n"
			     "  p2: {sender: ann, other: none, colours: [red], tags: [], more: [], size: small, "
			     "sent: 2026-02-01, arrives: 2026-02-01, moved: none}\n");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	asking_close(asking);
	return 0;
}

static void expect_outcome(const char *words, enum rko_outcome outcome)
{
	struct rko_decision decision = ask(asking, words);

	if (decision.outcome != outcome)
		fail_msg("`%s`: expected %s, found %s (%s %s)", words, rko_outcome_word(outcome),
			 rko_outcome_word(decision.outcome), rko_refusal_word(decision.refusal), decision.because);
}

static void expect_refusal_of(const char *words, enum rko_refusal refusal, const char *because)
{
	struct rko_decision decision = ask_decide(asking);

	if (decision.outcome != RKO_REFUSED || decision.refusal != refusal || strcmp(decision.because, because) != 0)
		fail_msg("`%s`: expected refused for %s of %s, found %s for %s of %s", words, rko_refusal_word(refusal), because,
			 rko_outcome_word(decision.outcome), rko_refusal_word(decision.refusal), decision.because);
	assert_int_equal(decision.duties, 0);
	assert_int_equal(decision.rule, RKO_NOTHING);
	assert_string_equal(decision.rule_name, "");
	assert_true(decision.trace_size > 0);
}

static void expect_refusal(const char *words, enum rko_refusal refusal, const char *because)
{
	ask_words(asking, words);
	expect_refusal_of(words, refusal, because);
}

#define LOOK "look person=ann parcel=p1 size=small"
#define CALL "call person=ann size=small on_day=none marks= tags="
#define SEND "send size=small parcel.sender=ann parcel.other=none parcel.colours=red parcel.tags= parcel.more= " \
	     "parcel.sent=2026-03-01 parcel.arrives=2026-03-05 parcel.moved=none"

static void requests_that_are_right(void **state)
{
	(void)state;
	expect_outcome(LOOK, RKO_GRANTED);
	expect_outcome(CALL, RKO_GRANTED);
	expect_outcome(SEND, RKO_GRANTED);
	expect_outcome(SEND " parcel.id=p3 parcel.size=large", RKO_GRANTED);
	expect_outcome("size=small parcel=p1 person=ann look", RKO_GRANTED);	/* in any order */
}

static void fields(void **state)
{
	(void)state;
	expect_refusal("", RKO_REFUSED_ACTION, "action");
	expect_refusal("size=small", RKO_REFUSED_ACTION, "action");
	expect_refusal("sned size=small", RKO_REFUSED_ACTION, "sned");
	expect_refusal(LOOK " weight=3", RKO_REFUSED_NO_FIELD, "weight");
	expect_refusal(LOOK " weight=", RKO_REFUSED_NO_FIELD, "weight");
	expect_refusal(LOOK " person.size=small", RKO_REFUSED_NO_FIELD, "person.size");	/* never said: found */
	expect_refusal(SEND " parcel.weight=3", RKO_REFUSED_NO_FIELD, "parcel.weight");
	expect_refusal(SEND " parcel.last=2026-03-01", RKO_REFUSED_NO_FIELD, "parcel.last");	/* derived */
	expect_refusal("look parcel=p1 size=small", RKO_REFUSED_MISSING, "person");
	expect_refusal("look person=ann size=small", RKO_REFUSED_MISSING, "parcel");
	expect_refusal("look person=ann parcel=p1", RKO_REFUSED_MISSING, "size");
	expect_refusal("call person=ann size=small on_day=none tags=", RKO_REFUSED_MISSING, "marks");
	expect_refusal("send size=small parcel.sender=ann", RKO_REFUSED_MISSING, "parcel.other");
	expect_refusal(LOOK " on_day=none", RKO_REFUSED_NOT_CARRIED, "on_day");
	expect_refusal(CALL " parcel=p1", RKO_REFUSED_NOT_CARRIED, "parcel");
	expect_refusal(LOOK " parcel.size=small", RKO_REFUSED_NOT_CARRIED, "parcel.size");
	expect_refusal(SEND " person=ann", RKO_REFUSED_NOT_CARRIED, "person");
	expect_refusal(LOOK " size=small", RKO_REFUSED_TWICE, "size");
	expect_refusal(LOOK " size=large", RKO_REFUSED_TWICE, "size");
	expect_refusal(CALL " tags=x", RKO_REFUSED_TWICE, "tags");	/* none, and then one */
	expect_refusal(CALL " tags=", RKO_REFUSED_TWICE, "tags");
	expect_refusal("call person=ann size=small on_day=none marks= tags=x tags=", RKO_REFUSED_TWICE, "tags");
	expect_refusal(LOOK " size=tiny weight=3", RKO_REFUSED_TWICE, "size");	/* the first mistake is told */
}

static void values(void **state)
{
	char words[600] = "look parcel=p1 size=small person=";
	size_t length = strlen(words);

	(void)state;
	expect_refusal("look person=ann parcel=p1 size=tiny", RKO_REFUSED_VALUE, "size");
	expect_refusal("look person=ann parcel=p1 size=none", RKO_REFUSED_VALUE, "size");
	expect_refusal("look person=ann parcel=p1 size=Small", RKO_REFUSED_VALUE, "size");
	expect_refusal("look person=ann parcel=p1 size=", RKO_REFUSED_VALUE, "size");
	expect_refusal("look person=none parcel=p1 size=small", RKO_REFUSED_VALUE, "person");
	expect_refusal("look person=unknown parcel=p1 size=small", RKO_REFUSED_VALUE, "person");
	expect_refusal("look person=open parcel=p1 size=small", RKO_REFUSED_VALUE, "person");
	expect_refusal("look person= parcel=p1 size=small", RKO_REFUSED_VALUE, "person");
	expect_refusal("look person=a\tb parcel=p1 size=small", RKO_REFUSED_VALUE, "person");
	expect_refusal("look person=a\177b parcel=p1 size=small", RKO_REFUSED_VALUE, "person");
	/* What is not UTF-8 could not be shown to anybody later. */
	expect_refusal("look person=a\xe4 parcel=p1 size=small", RKO_REFUSED_VALUE, "person");
	expect_refusal("look person=\xed\xa0\x80 parcel=p1 size=small", RKO_REFUSED_VALUE, "person");
	expect_refusal("look person=\xc3\xa4 parcel=p1 size=small", RKO_REFUSED_NOT_FOUND, "person");
	expect_refusal("call person=ann size=small marks= tags= on_day=open", RKO_REFUSED_VALUE, "on_day");
	expect_refusal("call person=ann size=small marks= tags= on_day=2026-02-29", RKO_REFUSED_VALUE, "on_day");
	expect_refusal("call person=ann size=small marks= tags= on_day=2026-2-1", RKO_REFUSED_VALUE, "on_day");
	expect_refusal("call person=ann size=small marks= tags= on_day=2200-01-01", RKO_REFUSED_VALUE, "on_day");
	expect_outcome("call person=ann size=small marks= tags= on_day=2199-12-31", RKO_GRANTED);
	expect_refusal("call person=ann size=small marks= tags=none on_day=none", RKO_REFUSED_VALUE, "tags");
	memset(words + length, 'x', LIMIT_ID_BYTES + 1);
	words[length + LIMIT_ID_BYTES + 1] = '\0';
	expect_refusal(words, RKO_REFUSED_VALUE, "person");
	words[length + LIMIT_ID_BYTES] = '\0';
	expect_refusal(words, RKO_REFUSED_NOT_FOUND, "person");	/* as long as an id may be */
}

static void what_is_named(void **state)
{
	(void)state;
	expect_refusal("look person=eve parcel=p1 size=small", RKO_REFUSED_NOT_FOUND, "person");
	expect_refusal("look person=ann parcel=p9 size=small", RKO_REFUSED_NOT_FOUND, "parcel");
	expect_refusal(SEND " parcel.id=p1", RKO_REFUSED_EXISTS, "parcel.id");
	expect_refusal("send size=small parcel.sender=ann parcel.other=eve parcel.colours= parcel.tags= parcel.more= "
		       "parcel.sent=2026-03-01 parcel.arrives=open parcel.moved=none", RKO_REFUSED_NOT_FOUND,
		       "parcel.other");
}

/* What a policy demands of every request whose action carries what it speaks of. */
static void musts(void **state)
{
	(void)state;
	expect_refusal("look person=ann parcel=p2 size=large", RKO_REFUSED_MUST,
		       "must size = small or person.size = large or parcel.sent before parcel.arrives");
	expect_outcome("look person=ann parcel=p1 size=large", RKO_NOT_GRANTED);
	expect_outcome("look person=bob parcel=p2 size=large", RKO_NOT_GRANTED);
	expect_outcome("call person=ann size=large on_day=none marks= tags=", RKO_NOT_GRANTED);
	expect_outcome("call person=bob size=large on_day=2026-02-01 marks= tags=", RKO_GRANTED);
}

static void records_that_are_given(void **state)
{
	(void)state;
#define LARGE "send size=large parcel.sender=ann parcel.tags= parcel.arrives=open "
	expect_outcome(LARGE "parcel.other=none parcel.colours=red parcel.more= parcel.sent=2026-03-01 parcel.moved=none",
		       RKO_GRANTED);
	/* A field that a row may lack is not known when it is not said: size = large would open it. */
	expect_outcome(LARGE "parcel.other=none parcel.colours=blue parcel.more= parcel.sent=2026-03-01 parcel.moved=none",
		       RKO_UNDECIDED);
	expect_outcome(LARGE "parcel.other=none parcel.colours= parcel.more= parcel.sent=2026-03-01 parcel.moved=none "
		       "parcel.size=small", RKO_NOT_GRANTED);
	expect_outcome(LARGE "parcel.other=none parcel.colours= parcel.more= parcel.sent=2026-03-01 parcel.moved=none "
		       "parcel.size=unknown", RKO_UNDECIDED);
	/* A record behind a given one is found, and a derived date follows. */
	expect_outcome(LARGE "parcel.other=bob parcel.colours= parcel.more= parcel.sent=2026-03-01 parcel.moved=none "
		       "parcel.size=small", RKO_GRANTED);
	expect_outcome(LARGE "parcel.other=none parcel.colours= parcel.more= parcel.sent=2026-03-01 parcel.moved=2025-01-01 "
		       "parcel.size=small", RKO_GRANTED);
	expect_outcome(LARGE "parcel.other=none parcel.colours= parcel.more= parcel.sent=2025-03-01 parcel.moved=2026-01-01 "
		       "parcel.size=small", RKO_NOT_GRANTED);
#undef LARGE
}

static void the_instant(void **state)
{
	struct rko_explanation *why;
	struct rko_decision decision;

	(void)state;
	ask_words(asking, LOOK);
	rko_request_clear(asking->request);
	expect_refusal_of("nothing", RKO_REFUSED_INSTANT, "instant");
	ask_words(asking, LOOK);
	rko_request_at(asking->request, INT64_MAX);
	expect_refusal_of("the end of time", RKO_REFUSED_INSTANT, "instant");
	assert_int_equal(rko_explain(asking->session, asking->request, NULL, RKO_EN, &why), RKO_OK);
	assert_null(strstr(rko_explanation_text(why, 0, 100), "1970"));
	rko_explanation_free(why);
	ask_words(asking, LOOK);
	rko_request_at(asking->request, INT64_MIN);
	expect_refusal_of("the beginning of time", RKO_REFUSED_INSTANT, "instant");
	assert_int_equal(rko_request_on(asking->request, 84006), RKO_ARGUMENT);	/* 2200-01-01 */
	ask_words(asking, LOOK);
	assert_int_equal(rko_request_on(asking->request, -25568), RKO_ARGUMENT);	/* 1899-12-31 */
	expect_refusal_of("a day that there is not", RKO_REFUSED_INSTANT, "day");
	/* Every answer tells its day, a refusal too. */
	ask_words(asking, "look size=tiny");
	decision = ask_decide(asking);
	assert_int_equal(decision.outcome, RKO_REFUSED);
	assert_int_equal(decision.today, 20454);
	ask_words(asking, LOOK);
	rko_request_as_of(asking->request, 2);
	assert_int_equal(rko_decide(asking->session, asking->request, &decision), RKO_FACTS_GENERATION);
	assert_int_equal(decision.outcome, RKO_NOT_GRANTED);
	assert_int_equal(decision.status, RKO_FACTS_GENERATION);
	assert_int_equal(decision.today, 20454);
}

/* The civil day is Helsinki's: at its midnight, in winter and in summer, and on the days of 23 and 25 hours. */
static void the_day_in_helsinki(void **state)
{
	static const struct {
		const char *at, *day;
	} days[] = {
		{ "2026-01-14T23:59:59+02:00", "2026-01-14" }, { "2026-01-15T00:00+02:00", "2026-01-15" },
		{ "2026-01-14T21:59:59Z", "2026-01-14" },      { "2026-01-14T22:00Z", "2026-01-15" },
		{ "2026-07-14T20:59:59Z", "2026-07-14" },      { "2026-07-14T21:00Z", "2026-07-15" },
		{ "2026-03-28T21:59:59Z", "2026-03-28" },      { "2026-03-28T22:00Z", "2026-03-29" },
		{ "2026-03-29T20:59:59Z", "2026-03-29" },      { "2026-03-29T21:00Z", "2026-03-30" },
		{ "2026-10-24T20:59:59Z", "2026-10-24" },      { "2026-10-24T21:00Z", "2026-10-25" },
		{ "2026-10-25T21:59:59Z", "2026-10-25" },      { "2026-10-25T22:00Z", "2026-10-26" },
	};
	char day[RKO_DAY_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
		ask_words(asking, LOOK);
		rko_request_at(asking->request, instant(days[i].at));
		rko_day_text(ask_decide(asking).today, day);
		assert_string_equal(day, days[i].day);
	}
}

/* `count` elements of a set of ids. */
static void say_many(const char *field, int count, const char *before)
{
	char id[40];

	for (int i = 0; i < count; i++) {
		snprintf(id, sizeof id, "%s%d", before, i);
		rko_request_set(asking->request, field, id);
	}
}

static void bounds(void **state)
{
	char id[LIMIT_ID_BYTES + 1] = "";

	(void)state;
	/* A set holds what its type says. */
	ask_words(asking, SEND " parcel.colours=green parcel.colours=blue");
	assert_int_equal(ask_decide(asking).outcome, RKO_GRANTED);
	ask_words(asking, SEND " parcel.colours=green parcel.colours=blue parcel.colours=red");
	expect_refusal_of("four colours", RKO_REFUSED_LIMIT, "parcel.colours");
	/* All sets together. */
	ask_words(asking, "call person=ann size=small on_day=none");
	say_many("marks", 256, "m");
	say_many("tags", 256, "t");
	assert_int_equal(ask_decide(asking).outcome, RKO_GRANTED);
	ask_words(asking, "call person=ann size=small on_day=none");
	say_many("marks", 256, "m");
	say_many("tags", 257, "t");
	expect_refusal_of("257 tags", RKO_REFUSED_LIMIT, "tags");
	ask_words(asking, "call person=ann size=small on_day=none marks=");
	say_many("tags", LIMIT_REQUEST_ELEMENTS + 1, "t");
	expect_refusal_of("1025 elements", RKO_REFUSED_LIMIT, "tags");
	/* All ids together. */
	for (int more = 0; more < 2; more++) {
		size_t left = LIMIT_REQUEST_BYTES - 3 + (size_t)more;

		ask_words(asking, "call person=ann size=small on_day=none marks=");
		while (left) {
			size_t length = left < LIMIT_ID_BYTES ? left : LIMIT_ID_BYTES;

			memset(id, 'x', length);
			id[length] = '\0';
			rko_request_set(asking->request, "tags", id);
			left -= length;
		}
		if (more)
			expect_refusal_of("one byte more", RKO_REFUSED_LIMIT, "tags");
		else
			assert_int_equal(ask_decide(asking).outcome, RKO_GRANTED);
	}
}

/* What may have been meant. */
static void hints(void **state)
{
	static const struct {
		const char *words, *near, *takes;
	} tries[] = {
		{ "snd", "send", "send, look, call" },
		{ "look persom=ann", "person", "" },
		{ "look person=ann parcel=p1 size=smal", "small", "small, large" },
		{ "look person=ann parcel=p1 size=enormous", "", "small, large" },
		{ "look person=ann parcel=p1", "", "small, large" },
		{ "look person=eve parcel=p1 size=small", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		struct rko_explanation *why;

		ask_words(asking, tries[i].words);
		assert_int_equal(rko_explain(asking->session, asking->request, NULL, RKO_EN, &why), RKO_OK);
		assert_int_equal(why->decision.outcome, RKO_REFUSED);
		assert_string_equal(why->refused_near, tries[i].near);
		assert_string_equal(why->refused_takes, tries[i].takes);
		rko_explanation_free(why);
	}
}

static void of_another_policy(void **state)
{
	struct rko_policy *other = policy_compile(NULL, "examples/documents");
	struct rko_request *request;
	struct rko_decision decision;

	(void)state;
	assert_int_equal(rko_request_new(other, "post", &request), RKO_ARGUMENT);
	assert_int_equal(rko_request_new(other, "documents", &request), RKO_OK);
	assert_int_equal(rko_decide(asking->session, request, &decision), RKO_ARGUMENT);
	assert_int_equal(decision.outcome, RKO_NOT_GRANTED);
	rko_request_free(request);
	rko_policy_unref(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_that_are_right), cmocka_unit_test(fields),
		cmocka_unit_test(values),		   cmocka_unit_test(what_is_named),
		cmocka_unit_test(musts),		   cmocka_unit_test(records_that_are_given),
		cmocka_unit_test(the_instant),		   cmocka_unit_test(the_day_in_helsinki),
		cmocka_unit_test(bounds),		   cmocka_unit_test(hints),
		cmocka_unit_test(of_another_policy),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
