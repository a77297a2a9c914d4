/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What would have to change: the sets of facts that are shown are exactly the smallest ones, by trying every set; each
 * opens the decision, and no part of it does; no impossible cell is among them; for every scenario of the policies that
 * is denied there is one, or it is said here why not. Written into facts: test_change_turns.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/explain/change.h"
#include "tests/common/asking.h"
#include "tools/common/cases.h"
#include "tools/common/cli.h"

/* A search, with all that it found still at hand ------------------------------------------------- */

struct found {
	struct explained explained;
	struct explain explain;
	struct change change;
	struct rko_session *session;
	struct rko_decision decision;
};

/* False: granted, refused, or nothing but duties. */
static bool begin(struct found *found, struct rko_session *session, const struct rko_request *request)
{
	struct decide_as as = { .keep = true, .every = true };
	const struct question_view *view = request->view;

	memset(found, 0, sizeof *found);
	found->session = session;
	assert_int_equal(session_decide(session, request, &as, &found->decision), RKO_OK);
	if (found->decision.outcome == RKO_GRANTED || found->decision.outcome == RKO_REFUSED || !view->question->grants) {
		session_done(session);
		return false;
	}
	session->bind.trace = NULL;
	arena_init(&found->explained.arena, 256u << 20);
	arena_init(&found->explained.scratch, 256u << 20);
	found->explain = (struct explain){
		.arena = &found->explained.arena, .scratch = &found->explained.scratch, .out = &found->explained.out,
		.session = session, .bind = &session->bind, .image = &session->policy->image, .question = view,
		.rules = session->policy->image.rules + view->question->rules.first,
		.nrules = view->question->rules.count, .language = RKO_EN };
	found->explain.slot_labels = ARENA_ARRAY(found->explain.arena, session->bind.view->nslots + 1, const char *);
	found->explain.value_labels = ARENA_ARRAY(found->explain.arena, session->bind.view->nvalues + 1, const char *);
	change_init(&found->change, &found->explain);
	change_search(&found->change, false);
	if (!found->change.nfound)
		change_search(&found->change, true);
	assert_int_equal(session->bind.status, RKO_OK);
	return true;
}

static void end(struct found *found)
{
	session_done(found->session);
	arena_free(&found->explained.arena);
	arena_free(&found->explained.scratch);
}

static bool some_unknown(const struct change *change)
{
	for (uint32_t i = 0; i < change->view->nfeatures; i++)
		if (change->view->features[i].row == IMAGE_NONE && change->now[i] == IMAGE_NONE &&
		    change->view->features[i].kind != IMAGE_FEATURE_READING &&
		    change->view->features[i].kind != IMAGE_FEATURE_GAP)
			return true;
	return false;
}

/* Every set of facts ------------------------------------------------------------------------------ */

/* Whether some possible cell is granted that differs in what these facts touch: by following every way. */
static bool opens(const struct change *change, uint64_t facts, uint32_t a, uint32_t w)
{
	const uint32_t *words = change->view->words;
	uint32_t fa = image_is_terminal(a) ? UINT32_MAX : words[a], fw = image_is_terminal(w) ? UINT32_MAX : words[w];
	uint32_t feature = fa < fw ? fa : fw;

	if (feature == UINT32_MAX)
		return image_value_of(a) == IMAGE_OUT_GRANTED && image_value_of(w);
	for (uint32_t i = 0; i < change->view->features[feature].nclasses; i++)
		if ((i == change->now[feature] || change->touch[feature] & facts) &&
		    opens(change, facts, fa == feature ? words[a + 1 + i] : a, fw == feature ? words[w + 1 + i] : w))
			return true;
	return false;
}

static bool was_found(const struct change *change, uint64_t facts)
{
	for (size_t i = 0; i < change->nfound; i++)
		if (change->found[i].facts == facts)
			return true;
	return false;
}

static bool holds_found(const struct change *change, uint64_t facts)
{
	for (size_t i = 0; i < change->nfound; i++)
		if (!(change->found[i].facts & ~facts))
			return true;
	return false;
}

/* All sets over the facts of the candidate at hand; gives how many minimal ones there are. */
static size_t try_all(struct found *found, uint32_t candidate)
{
	struct change *change = &found->change;
	const struct image_scan *scans = change->view->scans;
	uint32_t pivot = change->view->plan->pivot, analysis = found->explain.question->question->analysis;
	uint64_t allowed = 0, begun = 0;
	size_t count = 0;

	change_candidate(change, candidate);
	assert_false(some_unknown(change));
	for (uint32_t i = 0; i < change->nfacts; i++) {
		if (change->facts[i].kind != RKO_CHANGE_REQUEST)
			allowed |= 1ull << i;
		if (change->to_be && change->facts[i].kind == RKO_CHANGE_RECORD && change->facts[i].slot == scans[pivot].row)
			begun |= 1ull << i;
	}
	assert_in_range(__builtin_popcountll(allowed), 1, 16);
	for (uint64_t facts = allowed;; facts = (facts - 1) & allowed) {
		uint32_t where = change->to_be ? scans[pivot].where : (IMAGE_TERMINAL | 1);
		bool minimal = !(begun & ~facts) && opens(change, facts, analysis, where);

		for (uint64_t left = facts & ~begun; left && minimal; left &= left - 1)
			minimal = !opens(change, facts & ~(left & ~(left - 1)), analysis, where);
		count += minimal;
		if (minimal && !was_found(change, facts) && __builtin_popcountll(facts) <= 3)
			assert_true(holds_found(change, facts));	/* a smaller one, of another candidate */
		if (!minimal && was_found(change, facts))
			for (size_t i = 0; i < change->nfound; i++)
				assert_true(change->found[i].facts != facts || change->found[i].candidate != candidate);
		if (!facts)
			break;
	}
	return count;
}

static const char rooms[] =
	"vocabulary rooms  version \"1\"\n"
	"codes source_kind  rules en \"Rules\"\n"
	"codes bearer  office, keeper\n"
	"codes level  low, high\n"
	"record person  closed\n"
	"  key    id : id\n"
	"  field  level : level\n"
	"  field  born  : date\n"
	"  changed by office\n"
	"  changed by none for born\n"
	"record room  closed\n"
	"  key    id : id\n"
	"  field  locked : yesno\n"
	"  field  opens  : date\n"
	"  changed by keeper\n"
	"record pass  closed\n"
	"  key    person : ref person, number : id\n"
	"  field  level  : level\n"
	"  field  begins : date\n"
	"  field  ends   : date or open\n"
	"  valid  [begins, ends]\n"
	"  changed by office\n"
	"record ban  closed\n"
	"  key    person : ref person, room : ref room\n"
	"  field  until : date\n"
	"  changed by keeper\n"
	"request enter\n"
	"  asks     en \"May one?\"\n"
	"  actions  enter\n"
	"  found    person : person\n"
	"  found    room   : room\n"
	"source R  rules \"Rules\"  in force 2020-01-01 ..\n"
	"  passage \"1\"  en \"One.\"\n"
	"policy rooms  version \"1\"\n"
	"  uses rooms\n"
	"chapter enter\n"
	"link pass = each pass [person]  at most 4\n"
	"link ban = the ban [person, room]\n"
	"rule with-a-pass\n"
	"  grant enter\n"
	"  when pass is current and (pass.level = high or person.level = high) and on or after room.opens\n"
	"  cite R \"1\"\n"
	"exception locked to with-a-pass\n"
	"  withhold\n"
	"  when room.locked and person.level = low\n"
	"  cite R \"1\"\n"
	"rule banned\n"
	"  prohibit enter\n"
	"  when ban exists and ban.until on or after 2026-01-01\n"
	"  cite R \"1\"\n";

static void the_sets_are_the_smallest(void **state)
{
	static const char *const questions[] = {
		"enter person=anna room=hall", "enter person=anna room=vault", "enter person=bo room=hall",
		"enter person=bo room=vault", "enter person=cia room=attic", "enter person=cia room=vault",
	};
	struct asking *asking = asking_open(rooms, NULL, "enter",
		"person:\n  anna: {level: low, born: 1990-01-01}\n  bo: {level: low, born: 1990-01-01}\n"
		"  cia: {level: high, born: 1990-01-01}\n"
		"room:\n  hall: {locked: no, opens: 2025-01-01}\n  vault: {locked: yes, opens: 2027-01-01}\n"
		"  attic: {locked: no, opens: 2027-01-01}\n"
		"pass:\n  - {person: bo, number: p1, level: low, begins: 2025-01-01, ends: open}\n"
		"  - {person: bo, number: p2, level: high, begins: 2025-01-01, ends: 2025-06-30}\n"
		"  - {person: cia, number: p3, level: low, begins: 2025-01-01, ends: open}\n"
		"ban:\n  - {person: cia, room: vault, until: 2026-12-31}\n  - {person: bo, room: vault, until: 2026-12-31}\n");
	size_t minimal = 0;

	(void)state;
	for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
		struct found found;

		ask_words(asking, questions[i]);
		assert_true(begin(&found, asking->session, asking->request));
		assert_false(found.change.incomplete || found.change.overflow);
		assert_true(found.change.nfound);
		for (uint32_t c = 0; c < change_candidates(&found.change); c++)
			if (c >= asking->session->verdict.ncandidates ||
			    asking->session->verdict.candidates[c].kind != CANDIDATE_NONE ||
			    asking->session->verdict.candidates[c].sure)
				minimal += try_all(&found, c);
		end(&found);
	}
	assert_in_range(minimal, 12, 200);
	asking_close(asking);
}

/* The scenarios of the policies -------------------------------------------------------------------- */

static void override(struct change *change, uint32_t feature, uint32_t class_)
{
	struct bound_feature *bound = &change->bind->features[feature];

	bound->stamp = change->bind->stamps[change->view->feature_lasts[feature]];
	bound->answer = 0;
	bound->class_ = (uint8_t)class_;
}

enum { NEVER, SURELY, IMPOSSIBLE };

/*
 * Whether it can be granted when these facts change, whatever is unknown comes to. `done`: by node, what it gave, plus
 * one; NULL at the beginning.
 */
static unsigned opens_surely(const struct change *change, uint64_t facts, uint32_t ref, uint8_t *done)
{
	const uint32_t *words = change->view->words;
	unsigned count[3] = { 0 }, out;
	uint8_t *memory = done;
	uint32_t feature, now;
	bool chosen;

	if (image_is_terminal(ref))
		return image_value_of(ref) == IMAGE_OUT_GRANTED ? SURELY
		       : image_value_of(ref) == IMAGE_OUT_IMPOSSIBLE ? IMPOSSIBLE : NEVER;
	if (!memory)
		assert_non_null(memory = calloc(change->view->plan->nodes.count, 1));
	if (memory[ref])
		return memory[ref] - 1u;
	feature = words[ref];
	now = change->now[feature];
	chosen = change->touch[feature] & facts;
	for (uint32_t i = 0; i < change->view->features[feature].nclasses; i++)
		if (chosen || now == IMAGE_NONE || now == i)
			count[opens_surely(change, facts, words[ref + 1 + i], memory)]++;
	if (chosen)
		out = count[SURELY] ? SURELY : count[NEVER] ? NEVER : IMPOSSIBLE;
	else
		out = count[NEVER] ? NEVER : count[SURELY] ? SURELY : IMPOSSIBLE;
	memory[ref] = (uint8_t)(out + 1);
	if (!done)
		free(memory);
	return out;
}

/* With the answers found it is granted; with those of a part of the facts in any way at all it is not. */
static size_t check_found(struct found *found, const struct change_found *one)
{
	struct change *change = &found->change;
	uint32_t analysis = found->explain.question->question->analysis;
	struct bound_feature *kept;
	size_t parts = 0;

	change_candidate(change, one->candidate);
	for (uint64_t left = one->facts; left; left &= left - 1) {
		uint64_t part = left & ~(left - 1);

		if (change->to_be && change->facts[__builtin_ctzll(part)].candidate == change->candidate)
			continue;	/* without the row that is to be there is nothing to look at */
		assert_int_not_equal(opens_surely(change, one->facts & ~part, analysis, NULL), SURELY);
		parts++;
	}
	kept = malloc(change->view->nfeatures * sizeof *kept);
	assert_non_null(kept);
	memcpy(kept, change->bind->features, change->view->nfeatures * sizeof *kept);
	for (uint32_t i = 0; i < one->count; i++)
		if (one->answers[i].class_ != IMAGE_NONE)
			override(change, one->answers[i].feature, one->answers[i].class_);
	assert_int_equal(walk_may(change->bind, analysis, true, NULL), MAY_GRANT);
	memcpy(change->bind->features, kept, change->view->nfeatures * sizeof *kept);
	free(kept);
	return parts;
}

/* Denied for ever: nothing that can change would open them. */
static const struct {
	const char *id, *why;
} exceptions[] = {
	{ "S-05b", "the document names another service task than its matter: what it is about does not change" },
	{ "S-08", "an administrative work task does not reach entries, whoever has it" },
	{ "S-09", "a work task of public social welfare in a private unit" },
	{ "S-47b", "the system asked with is no client information system" },
	{ "S-56a", "the same, a patient information system" },
	{ "S-157", "the same, a system in no register" },
	{ "S-76", "a service that the client buys herself does not belong to the county's register" },
	{ "S-89a", "a county is not the controller of shelter services" },
	{ "S-89b", "the same, for a document" },
	{ "S-90", "the document that is to be stored names no matter: another is to be stored" },
	{ "S-91", "the document that is to be stored names a matter of planning" },
	{ "S-99", "the document that is to be stored names no matter" },
	{ "X-02", "a private work task in a public unit" },
	{ "X-06", "the document is of another unit" },
	{ "X-15", "who asks is not the organiser" },
	{ "X-25", "a public work task in a private unit" },
};

static bool excepted(const char *id)
{
	for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++)
		if (strcmp(exceptions[i].id, id) == 0)
			return true;
	return false;
}

/* Whatever facts changed, all of them at once and what is asked too, it would not be granted. */
static void check_closed(struct found *found, const char *id)
{
	struct change *change = &found->change;
	uint32_t analysis = found->explain.question->question->analysis;

	for (uint32_t i = 0; i < change_candidates(change); i++) {
		change_candidate(change, i);
		if (opens_surely(change, UINT64_MAX, analysis, NULL) == SURELY)
			fail_msg("%s: something would open candidate %u", id, i);
	}
}

struct counts {
	size_t denied, closed, changes, parts, steps;	/* the most steps of one search */
};

static void try_case(struct fact_reader *reader, struct rko_policy *policy, const struct test_case *about,
		     struct counts *counts)
{
	char *folder = folder_new();
	struct rko_facts *facts = facts_new(folder);
	struct rko_session *session;
	struct rko_request *request;
	struct found found;

	assert_int_equal(case_load(reader, policy, facts, about), RKO_OK);
	request = case_request(reader, policy, facts, about);
	assert_non_null(request);
	assert_int_equal(rko_session_open(policy, facts, &session, NULL), RKO_OK);
	if (begin(&found, session, request)) {
		counts->denied++;
		if (!found.change.nfound != excepted(about->id.at))
			fail_msg("%s: %s", about->id.at, found.change.nfound ? "something opens it" : "nothing opens it");
		counts->closed += !found.change.nfound;
		if (!found.change.nfound)
			check_closed(&found, about->id.at);
		for (size_t i = 0; i < found.change.nfound; i++)
			counts->parts += check_found(&found, &found.change.found[i]);
		counts->changes += found.change.nfound;
		assert_false(found.change.incomplete || found.change.overflow);
		if (found.change.steps > counts->steps)
			counts->steps = found.change.steps;
		end(&found);
	}
	rko_session_close(session);
	rko_request_free(request);
	rko_facts_close(facts);
	folder_remove(folder);
}

static void every_denied_scenario(void **state)
{
	static const char *const names[] = { "eligibility", "extra", "matters", "pirkanmaa", "registers", "rest",
					     "technology", "transition", "who", "windows" };
	struct yaml_files files;
	struct rko_policy *policy = policy_compile(NULL, "policies");
	struct fact_reader reader = { .files = &files, .policy = policy };
	struct case_list list = { 0 };
	struct counts counts = { 0 };

	(void)state;
	yaml_files_init(&files);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char path[80];

		snprintf(path, sizeof path, "policies/cases/%s.yaml", names[i]);
		assert_true(cases_read(&reader, path, &list));
	}
	for (size_t i = 0; i < list.count; i++)
		if (!list.list[i]->outside.len)
			try_case(&reader, policy, list.list[i], &counts);
	print_message("%zu denied, %zu for ever, %zu changes, %zu parts that do not do, %zu steps at the most\n",
		      counts.denied, counts.closed, counts.changes, counts.parts, counts.steps);
	assert_in_range(counts.denied, 90, 200);
	assert_int_equal(counts.closed, sizeof exceptions / sizeof exceptions[0]);
	assert_in_range(counts.parts, 60, 1000);
	yaml_files_free(&files);
	rko_policy_unref(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sets_are_the_smallest),
		cmocka_unit_test(every_denied_scenario),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
