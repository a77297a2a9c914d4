/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * I15. What whoever asks may be told (rko_explain_requester()): two situations that look alike to them, and are both granted
 * or both not, give the same answer, whatever the facts are that they may not know.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/buf.h"
#include "engine/decide/validity.h"
#include "tests/common/asking.h"
#include "tools/common/why_json.h"

/* Units and grants are shown; clients, their files and their denials are not. */
static const char text[] =
	"vocabulary files  version \"1\"\n"
	"codes source_kind  house\n"
	"codes bearer  of_unit, of_county\n"
	"codes topic  adult, child\n"
	"codes way  kanta, paper\n"
	"record unit  closed\n"
	"  key   id : id\n"
	"  field busy : yesno\n"
	"  shown to requester\n"
	"record client  closed\n"
	"  key   id : id\n"
	"  field safe : yesno\n"
	"record permit  closed\n"
	"  key   client : ref client, unit : ref unit, number : id\n"
	"  field begins : date\n"
	"  field ends : date or open\n"
	"  valid [begins, ends]\n"
	"  shown to requester\n"
	"record file  closed\n"
	"  key   id : id\n"
	"  field client : ref client\n"
	"  field topic : topic\n"
	"  field keeper : ref unit or none\n"
	"record denial  open\n"
	"  key   client : ref client\n"
	"  field whole : yesno\n"
	"request files\n"
	"  asks    en \"May it be read or written?\"\n"
	"  actions read, write\n"
	"  found   unit : unit\n"
	"  found   client : client\n"
	"  found   file : file  for read\n"
	"  must    file.client = client\n"
	"  answers way\n"
	"source H house \"House rules\"  in force 2020-01-01 ..\n"
	"  passage \"1\" en \"A file may be used by permit.\"\n"
	"policy files  version \"1\"\n"
	"  uses files\n"
	"chapter files\n"
	"link permit = each permit [client, unit]  at most 4\n"
	"link denial = the denial [client]\n"
	"link another = some permit [client, file.keeper]  at most 4\n"
	"define way : way\n"
	"  case kanta when permit is current\n"
	"  case paper otherwise\n"
	"judgement fit  by of_unit  per client\n"
	"  asks en \"Is it fit to be read?\"\n"
	"rule by-permit\n"
	"  grant read, write\n"
	"  when permit is current\n"
	"  cite H \"1\"\n"
	"  says en \"By permit\"\n"
	"rule no-busy-unit\n"
	"  prohibit read, write\n"
	"  when unit.busy\n"
	"  cite H \"1\"\n"
	"  says en \"Not in a busy unit\"\n"
	"rule a-denial\n"
	"  prohibit read, write\n"
	"  when denial exists and denial.whole\n"
	"  cite H \"1\"\n"
	"  says en \"SECRET denial\"\n"
	"rule a-child\n"
	"  prohibit read\n"
	"  when file.topic = child and not fit\n"
	"  cite H \"1\"\n"
	"  says en \"SECRET child\"\n"
	"rule busy-keeper\n"
	"  prohibit read\n"
	"  when file.keeper exists and file.keeper.busy\n"
	"  cite H \"1\"\n"
	"  says en \"SECRET keeper\"\n"
	"rule another-permit\n"
	"  prohibit read\n"
	"  when some another is current\n"
	"  cite H \"1\"\n"
	"  says en \"SECRET another\"\n"
	"duty log\n"
	"  of of_unit\n"
	"  on read always, write always\n"
	"  cite H \"1\"\n"
	"  says en \"Enter it in the log\"\n"
	"duty send-on-paper\n"
	"  of of_unit\n"
	"  on write denied\n"
	"  when way = paper\n"
	"  due 2026-03-01\n"
	"  cite H \"1\"\n"
	"  says en \"Send it on paper\"\n"
	"duty wait\n"
	"  of of_unit\n"
	"  on write forbidden by no-busy-unit\n"
	"  cite H \"1\"\n"
	"  says en \"Wait\"\n"
	"duty tell-county\n"
	"  of of_county\n"
	"  on read forbidden by a-child, write forbidden by a-denial\n"
	"  cite H \"1\"\n"
	"  says en \"SECRET tell the county\"\n"
	"duty hide\n"
	"  of of_unit\n"
	"  on read granted, write granted\n"
	"  when client.safe\n"
	"  cite H \"1\"\n"
	"  says en \"SECRET hide the address\"\n";

/* Every mix of what may not be known, for every mix of what may: a client each, all at once. */
enum { BUSY = 2, PERMITS = 8, SAFE = 2, TOPICS = 3, DENIALS = 3, FITS = 5 };

struct world {
	struct asking *asking;
	unsigned most_forms;	/* different full forms in one group of those that look alike */
};

static void client_name(char name[32], int busy, int permits, int hidden)
{
	snprintf(name, 32, "c%d_%d_%d", busy, permits, hidden);
}

static void permit_rows(struct buf *permit, const char *name, int busy, int permits)
{
	static const char *const days[][2] = {
		{ "2025-01-01", "2025-12-31" }, { "2025-01-01", "open" }, { "2027-03-01", "2027-05-31" },
	};

	/* None, or some of: one that is over, one that holds, one that is to come. */
	for (int i = 0; i < 3; i++)
		if (permits >> i & 1)
			buf_printf(permit, "  - {client: %s, unit: u%d, number: n%d, begins: %s, ends: %s}\n", name, busy, i,
				   days[i][0], days[i][1]);
}

static void hidden_rows(struct buf *client, struct buf *file, struct buf *denial, struct buf *fit, const char *name,
			int hidden)
{
	/* No finding; two for today, one of them for some days more; two that are to come, before and after a permit does. */
	static const char *const findings[FITS][3] = {
		{ "" }, { "no", "2025-01-01", "open" }, { "yes", "2025-01-01", "2027-01-31" },
		{ "yes", "2027-02-01", "open" }, { "yes", "2027-04-01", "2027-04-30" },
	};
	int safe = hidden % SAFE, topic = hidden / SAFE % TOPICS, denied = hidden / SAFE / TOPICS % DENIALS;
	int fits = hidden / SAFE / TOPICS / DENIALS;

	buf_printf(client, "  %s: {safe: %s}\n", name, safe ? "yes" : "no");
	if (topic)
		buf_printf(file, "  f%s: {client: %s, topic: %s, keeper: %s}\n", name, name, topic == 1 ? "adult" : "child",
			   safe ? "u1" : fits % 4 ? "u0" : "none");
	if (denied)
		buf_printf(denial, "  - {client: %s, whole: %s}\n", name, denied == 1 ? "no" : "yes");
	if (fits)
		buf_printf(fit, "  - {client: %s, finding: %s, begins: %s, ends: %s}\n", name, findings[fits][0],
			   findings[fits][1], findings[fits][2]);
}

enum { HIDDEN = SAFE * TOPICS * DENIALS * FITS };

static int set_up(void **state)
{
	static struct world world;
	struct buf client = { 0 }, file = { 0 }, denial = { 0 }, fit = { 0 }, permit = { 0 }, all = { 0 };
	char name[32];

	for (int busy = 0; busy < BUSY; busy++)
		for (int permits = 0; permits < PERMITS; permits++)
			for (int hidden = 0; hidden < HIDDEN; hidden++) {
				client_name(name, busy, permits, hidden);
				permit_rows(&permit, name, busy, permits);
				hidden_rows(&client, &file, &denial, &fit, name, hidden);
			}
	buf_printf(&all, "unit:\n  u0: {busy: no}\n  u1: {busy: yes}\nclient:\n%sfile:\n%sdenial:\n%sfit:\n%spermit:\n%s",
		   client.at, file.at, denial.at, fit.at, permit.at);
	world.asking = asking_open(text, NULL, "files", all.at);
	buf_release(&client);
	buf_release(&file);
	buf_release(&denial);
	buf_release(&fit);
	buf_release(&permit);
	buf_release(&all);
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	asking_close(((struct world *)*state)->asking);
	return 0;
}

/* All that the form says but what was asked, in JSON and in words; the caller frees it. */
static char *form_of(struct rko_explanation *why)
{
	json_t *json = why_json(why);
	struct buf out = { 0 };
	char *dumped;

	json_object_del(json, "request");
	dumped = json_dumps(json, JSON_INDENT(1) | JSON_SORT_KEYS);
	buf_printf(&out, "%s\n%s", dumped, rko_explanation_text(why, RKO_TEXT_LONG | RKO_TEXT_WHY, 0));
	free(dumped);
	json_decref(json);
	return out.at;
}

/* The form for whoever asks; the decision, and the full form, beside it. */
static char *ask_form(struct asking *asking, const char *words, struct rko_decision *ret_decision, char **ret_full)
{
	struct rko_explanation *why;
	char *form;

	ask_words(asking, words);
	assert_int_equal(rko_decide(asking->session, asking->request, ret_decision), RKO_OK);
	assert_int_equal(rko_explain(asking->session, asking->request, NULL, RKO_EN, &why), RKO_OK);
	*ret_full = form_of(why);
	rko_explanation_free(why);
	assert_int_equal(rko_explain_requester(asking->session, asking->request, NULL, RKO_EN, &why), RKO_OK);
	assert_int_equal(why->decision.outcome,
			 ret_decision->outcome == RKO_GRANTED ? RKO_GRANTED : RKO_NOT_GRANTED);
	/* What is told is true. */
	if (ret_decision->outcome != RKO_UNDECIDED && ret_decision->outcome != RKO_REFUSED)
		assert_int_equal(why->decision.duties & ~ret_decision->duties, 0);
	form = form_of(why);
	rko_explanation_free(why);
	return form;
}

/* All that look alike: the same action, unit and permits. */
static void group_is_one(struct world *world, const char *action, int busy, int permits)
{
	char *first[2] = { NULL, NULL }, *fulls[HIDDEN], name[32], words[160];
	unsigned forms = 0;

	for (int hidden = 0; hidden < HIDDEN; hidden++) {
		struct rko_decision decision;
		bool read = strcmp(action, "read") == 0, known = false;
		char *form;

		client_name(name, busy, permits, hidden);
		snprintf(words, sizeof words, "%s unit=u%d client=%s%s%s", action, busy, name, read ? " file=f" : "", read ? name : "");
		form = ask_form(world->asking, words, &decision, &fulls[hidden]);
		if (strstr(form, "SECRET"))
			fail_msg("`%s` tells:\n%s", words, form);
		if (!first[decision.outcome == RKO_GRANTED])
			first[decision.outcome == RKO_GRANTED] = strdup(form);
		assert_string_equal(form, first[decision.outcome == RKO_GRANTED]);
		free(form);
		for (int i = 0; i < hidden; i++)
			known |= strcmp(fulls[i], fulls[hidden]) == 0;
		forms += !known;
	}
	if (forms > world->most_forms)
		world->most_forms = forms;
	for (int i = 0; i < HIDDEN; i++)
		free(fulls[i]);
	free(first[0]);
	free(first[1]);
}

static void alike_situations_are_told_alike(void **state)
{
	struct world *world = *state;

	for (int busy = 0; busy < BUSY; busy++)
		for (int permits = 0; permits < PERMITS; permits++) {
			group_is_one(world, "read", busy, permits);
			group_is_one(world, "write", busy, permits);
		}
	/* Reviewers do see them apart. */
	assert_true(world->most_forms > 10);
}

static void tells(struct world *world, const char *words, const char *needle, bool told)
{
	struct rko_decision decision;
	char *full, *form = ask_form(world->asking, words, &decision, &full);

	if (!strstr(form, needle) != !told)
		fail_msg("`%s`: `%s` is %s in:\n%s", words, needle, told ? "not" : "there", form);
	free(form);
	free(full);
}

static void what_rests_on_shown_facts_is_told(void **state)
{
	struct world *world = *state;

	tells(world, "write unit=u1 client=c1_2_0", "Not in a busy unit", true);
	tells(world, "write unit=u1 client=c1_2_0", "Wait", true);
	tells(world, "write unit=u0 client=c0_2_0", "Wait", false);
	tells(world, "write unit=u0 client=c0_0_0", "Send it on paper, by 1 March 2026", true);
	tells(world, "write unit=u0 client=c0_0_0", "paper", true);
	tells(world, "write unit=u0 client=c0_2_6", "By permit", true);
	tells(world, "write unit=u0 client=c0_2_12", "paper", false);	/* forbidden by a denial: the way is Kanta */
	tells(world, "write unit=u0 client=c0_2_12", "The grounds are not set out", true);
}

/* Where shown facts alone rule a grant out, what of them would have to change; else nothing, whatever is in the way. */
static void changes_of_shown_facts_are_told(void **state)
{
	struct world *world = *state;

	tells(world, "write unit=u0 client=c0_1_0", "Could be granted once", true);
	tells(world, "write unit=u0 client=c0_1_0", "There may be other obstacles", true);
	tells(world, "write unit=u0 client=c0_1_0", "a record changes: permit", true);
	tells(world, "write unit=u0 client=c0_1_0", "ends: 1 January 2026 or later", true);
	tells(world, "write unit=u1 client=c1_2_0", "busy: no (now yes)", true);
	tells(world, "write unit=u0 client=c0_2_12", "Could be granted", false);	/* forbidden by a denial */
	tells(world, "write unit=u0 client=c0_2_6", "Could be granted", false);	/* it is granted */
	tells(world, "read unit=u0 client=c0_2_28 file=fc0_2_28", "Could be granted", false);
}

static void asked_at(struct world *world, const char *instant)
{
	assert_int_equal(rko_instant_parse(instant, &world->asking->at), RKO_OK);
}

/* What the form says of time; both RKO_DAY_OPEN: nothing. It stands first. */
static void told_days(struct world *world, const char *words, rko_day *ret_from, rko_day *ret_to)
{
	struct rko_explanation *why;

	ask_words(world->asking, words);
	assert_int_equal(rko_explain_requester(world->asking->session, world->asking->request, NULL, RKO_EN, &why), RKO_OK);
	assert_false(why->incomplete);
	*ret_from = *ret_to = RKO_DAY_OPEN;
	for (size_t i = 0; i < why->nchanges; i++) {
		const struct rko_why_change *change = &why->changes[i];

		assert_int_equal(change->steps[0].kind == RKO_CHANGE_TIME && i, 0);
		if (change->steps[0].kind != RKO_CHANGE_TIME)
			continue;
		assert_int_equal(change->nsteps, 1);
		assert_string_equal(change->opens, "");
		*ret_from = change->steps[0].from;
		*ret_to = change->steps[0].to;
	}
	rko_explanation_free(why);
}

static void told_from(struct world *world, const char *words, const char *from, const char *to)
{
	char days[2][RKO_DAY_TEXT] = { "", "" };
	rko_day told[2];

	told_days(world, words, &told[0], &told[1]);
	for (int i = 0; i < 2; i++)
		if (told[i] != RKO_DAY_OPEN)
			rko_day_text(told[i], days[i]);
	if (strcmp(days[0], from) != 0 || strcmp(days[1], to) != 0)
		fail_msg("`%s`: expected `%s` to `%s`, found `%s` to `%s`", words, from, to, days[0], days[1]);
}

/* A permit that is to come: the form says when, whatever a hidden finding does on which day. */
static void the_day_from_which_it_could_be_granted_is_told(void **state)
{
	struct world *world = *state;
	int64_t now = world->asking->at;
	struct rko_decision decision;
	char *full;

	tells(world, "write unit=u0 client=c0_4_6", "it is a day from 1 March 2027 to 31 May 2027", true);
	told_from(world, "write unit=u0 client=c0_4_6", "2027-03-01", "2027-05-31");
	told_from(world, "write unit=u0 client=c0_5_6", "2027-03-01", "2027-05-31");
	told_from(world, "write unit=u0 client=c0_1_6", "", "");		/* the permit is over */
	told_from(world, "write unit=u0 client=c0_6_6", "", "");		/* it is granted */
	told_from(world, "write unit=u0 client=c0_6_12", "", "");	/* forbidden by a denial */
	told_from(world, "write unit=u1 client=c1_4_6", "", "");		/* a busy unit is busy then too */
	/* A child's file, which reviewers see to be fit to be read in April alone. */
	free(ask_form(world->asking, "read unit=u0 client=c0_4_82 file=fc0_4_82", &decision, &full));
	assert_non_null(strstr(full, "it is a day from 1 April 2027 to 30 April 2027"));
	free(full);
	told_from(world, "read unit=u0 client=c0_4_82 file=fc0_4_82", "2027-03-01", "2027-05-31");
	asked_at(world, "2027-02-28T23:59:59+02:00");
	told_from(world, "write unit=u0 client=c0_4_6", "2027-03-01", "2027-05-31");
	asked_at(world, "2027-03-01T00:00:00+02:00");
	expect_by(world->asking, "write unit=u0 client=c0_4_6", RKO_GRANTED, "by-permit");
	told_from(world, "write unit=u0 client=c0_4_6", "", "");
	asked_at(world, "2027-05-31T23:59:59+03:00");
	expect_by(world->asking, "write unit=u0 client=c0_4_6", RKO_GRANTED, "by-permit");
	asked_at(world, "2027-06-01T00:00:00+03:00");
	expect_by(world->asking, "write unit=u0 client=c0_4_6", RKO_NOT_GRANTED, "");
	told_from(world, "write unit=u0 client=c0_4_6", "", "");
	world->asking->at = now;
}

/* The days on which something changes, of what is hidden or of what is shown. */
static size_t days_of(struct world *world, bool shown, bool hidden_ones)
{
	struct rko_session *session = world->asking->session;
	struct decide_as as = { .keep = true };
	struct rko_decision decision;
	struct cuts cuts;
	size_t count = 0;

	ask_words(world->asking, "read unit=u0 client=c0_4_82 file=fc0_4_82");
	assert_int_equal(session_decide(session, world->asking->request, &as, &decision), RKO_OK);
	assert_int_equal(cuts_find(session, shown, &cuts), RKO_OK);
	session_done(session);
	for (size_t i = 0; i < cuts.count; i++)
		count += !(session->bind.view->features[cuts.list[i].feature].shown >> decision.action & 1) == hidden_ones;
	cuts_free(&cuts);
	return count;
}

static void hidden_days_are_not_looked_at(void **state)
{
	assert_int_not_equal(days_of(*state, false, true), 0);
	assert_int_equal(days_of(*state, true, true), 0);
	assert_int_not_equal(days_of(*state, true, false), 0);
	assert_int_equal(days_of(*state, true, false), days_of(*state, false, false));
}

/* The client is unknown: told like a client who may be known. */
static void what_is_not_there_is_told_like_what_may_not_be_used(void **state)
{
	struct world *world = *state;
	struct rko_decision decision;
	char *full, *ghost, *known;

	known = ask_form(world->asking, "write unit=u0 client=c0_0_0", &decision, &full);
	assert_int_not_equal(decision.outcome, RKO_REFUSED);
	free(full);
	ghost = ask_form(world->asking, "write unit=u0 client=nobody", &decision, &full);
	assert_int_equal(decision.refusal, RKO_REFUSED_NOT_FOUND);
	assert_string_equal(known, ghost);
	free(full);
	free(known);
	known = ghost;
	ghost = ask_form(world->asking, "read unit=u0 client=c0_0_0 file=fc0_0_2", &decision, &full);	/* another's file */
	assert_int_equal(decision.refusal, RKO_REFUSED_MUST);
	free(full);
	free(known);
	known = ask_form(world->asking, "read unit=u0 client=c0_0_2 file=fc0_0_2", &decision, &full);
	assert_string_equal(known, ghost);
	free(full);
	free(known);
	free(ghost);
}

static void a_wrong_request_is_refused_with_the_reason(void **state)
{
	struct world *world = *state;
	struct rko_explanation *why;

	ask_words(world->asking, "write unit=u0");
	assert_int_equal(rko_explain_requester(world->asking->session, world->asking->request, NULL, RKO_EN, &why), RKO_OK);
	assert_int_equal(why->decision.outcome, RKO_REFUSED);
	assert_string_equal(why->refused, "client");
	rko_explanation_free(why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alike_situations_are_told_alike),
		cmocka_unit_test(what_rests_on_shown_facts_is_told),
		cmocka_unit_test(changes_of_shown_facts_are_told),
		cmocka_unit_test(the_day_from_which_it_could_be_granted_is_told),
		cmocka_unit_test(hidden_days_are_not_looked_at),
		cmocka_unit_test(what_is_not_there_is_told_like_what_may_not_be_used),
		cmocka_unit_test(a_wrong_request_is_refused_with_the_reason),
	};

	return cmocka_run_group_tests_name("audience", tests, set_up, tear_down);
}
