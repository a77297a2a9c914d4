/* SPDX-License-Identifier: EUPL-1.2 */
/* A record that a request gives is held to what its rows are: its `must` lines, and that it ends after it begins. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <rko/decide.h>

#include "tests/common/fixture.h"

static const char text[] =
	"vocabulary rooms  version \"1\"\n"
	"  closed refreshed within 1 day\n"
	"codes source_kind  house\n"
	"record room  closed\n"
	"  key   id : id\n"
	"  field free : yesno\n"
	"record booking  closed\n"
	"  key    id : id\n"
	"  field  room    : ref room\n"
	"  field  asked   : ref room\n"
	"  field  begins  : date\n"
	"  field  ends    : date or open\n"
	"  valid  [begins, ends]\n"
	"  must   room = asked\n"
	"request rooms\n"
	"  asks    en \"May it be booked?\"\n"
	"  actions book, look\n"
	"  given   booking : booking  for book\n"
	"  found   booking : booking  for look\n"
	"source H house \"House rules\"  in force 2020-01-01 ..\n"
	"  passage \"1\" en \"An open room may be booked.\"\n"
	"policy rooms  version \"1\"\n"
	"  uses rooms\n"
	"chapter rooms\n"
	"rule booked\n"
	"  grant book, look\n"
	"  when booking.room.free\n"
	"  cite H \"1\"\n";

struct world {
	struct rko_policy *policy;
	char *folder;
	struct rko_facts *facts;
	struct rko_session *session;
	struct rko_request *request;
};

static int set_up(void **state)
{
	static struct world world;

	world.policy = policy_compile(text, NULL);
	world.folder = folder_new();
	world.facts = facts_new(world.folder);
	facts_load(world.facts, world.policy, "room:\n  a: {free: yes}\n  b: {free: yes}\nbooking: {}\n");
	assert_int_equal(rko_session_open(world.policy, world.facts, &world.session, NULL), RKO_OK);
	assert_int_equal(rko_request_new(world.policy, "rooms", &world.request), RKO_OK);
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	rko_request_free(world->request);
	rko_session_close(world->session);
	rko_facts_close(world->facts);
	folder_remove(world->folder);
	rko_policy_unref(world->policy);
	return 0;
}

static struct rko_decision book(struct world *world, const char *room, const char *asked, const char *begins,
				const char *ends)
{
	struct rko_decision decision;

	rko_request_clear(world->request);
	rko_request_action(world->request, "book");
	rko_request_set(world->request, "booking.room", room);
	rko_request_set(world->request, "booking.asked", asked);
	rko_request_set(world->request, "booking.begins", begins);
	rko_request_set(world->request, "booking.ends", ends);
	rko_request_at(world->request, instant("2026-01-01T13:00+02:00"));
	assert_int_equal(rko_decide(world->session, world->request, &decision), RKO_OK);
	return decision;
}

static void test_what_is_right_is_decided(void **state)
{
	assert_int_equal(book(*state, "a", "a", "2026-02-01", "2026-02-01").outcome, RKO_GRANTED);
	assert_int_equal(book(*state, "a", "a", "2026-02-01", "open").outcome, RKO_GRANTED);
}

static void test_a_must_of_the_record_is_asked(void **state)
{
	struct rko_decision decision = book(*state, "a", "b", "2026-02-01", "open");

	assert_int_equal(decision.outcome, RKO_REFUSED);
	assert_int_equal(decision.refusal, RKO_REFUSED_MUST);
	assert_string_equal(decision.because, "booking: must room = asked");
}

static void test_an_end_before_the_beginning_is_refused(void **state)
{
	struct rko_decision decision = book(*state, "a", "a", "2026-02-02", "2026-02-01");

	assert_int_equal(decision.outcome, RKO_REFUSED);
	assert_int_equal(decision.refusal, RKO_REFUSED_VALUE);
	assert_string_equal(decision.because, "booking.ends");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_right_is_decided),
		cmocka_unit_test(test_a_must_of_the_record_is_asked),
		cmocka_unit_test(test_an_end_before_the_beginning_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
