/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What an AuthZEN request says to a policy: each part to its fields, a caller never over a fact, and nothing that is
 * half understood.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/common/fixture.h"

/* The sidecar's own files: it is a program, and has no library to link. */
#undef fail
#define fail ask_fail
#include "tools/rkod/ask.c"
#undef fail
#define fail json_fail
#include "tools/rkod/json.c"
#undef fail
#include "tools/rkod/mapping.c"

static const char policy_text[] =
	"vocabulary work  version \"1\"\n"
	"codes source_kind  book en \"Book\"\n"
	"codes label  plain, secret\n"
	"record person  closed\n  key id : id\n  field staff : yesno\n"
	"record paper  closed\n  key id : id\n  field label : label\n  field owners : set of person at most 4\n"
	"  field made : date or none\n"
	"request work\n  asks en \"May they?\"\n  actions read, write, list\n"
	"  found user : person\n  found paper : paper for read\n  given paper : paper for write\n"
	"  given urgent : yesno\n  given labels : set of label\n"
	"  authzen subject user \"the person\"\n  authzen resource paper with urgent\n  authzen action with labels\n"
	"source B  book \"Book\"  in force 2020-01-01 ..\n  passage \"1\"  en \"One.\"\n"
	"policy work  version \"1\"\n  uses work\nchapter work\n"
	"rule reads\n  grant read\n  when user.staff and paper.label in labels\n  cite B \"1\"\n"
	"rule writes\n  grant write\n  when user.staff and paper.label = plain and urgent and paper.made != none\n  cite B \"1\"\n"
	"rule lists\n  grant list\n  when user.staff and urgent\n  cite B \"1\"\n";

static const char facts_text[] = "person:\n  ann: {staff: yes}\n  ben: {staff: no}\n"
				 "paper:\n  p1: {label: plain, owners: [ann], made: none}\n"
				 "  p2: {label: secret, owners: [], made: 2026-01-01}\n";

static struct {
	char *folder;
	struct rko_policy *policy;
	struct rko_facts *facts;
	struct rko_session *session;
	struct mapping *mapping;
	struct config config;
} world;

static int begin(void **state)
{
	(void)state;
	json_start();
	world.policy = policy_compile(policy_text, NULL);
	world.folder = folder_new();
	world.facts = facts_new(world.folder);
	facts_load(world.facts, world.policy, facts_text);
	assert_int_equal(rko_session_open(world.policy, world.facts, &world.session, NULL), RKO_OK);
	world.mapping = mapping_new(world.policy);
	world.config.tell_most = TELL_REASONS;
	return world.mapping ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	mapping_free(world.mapping);
	rko_session_close(world.session);
	rko_facts_close(world.facts);
	folder_remove(world.folder);
	rko_policy_unref(world.policy);
	return 0;
}

/* "granted", "refused bad_value urgent", or the code and place of what is wrong with the form. */
static const char *decide_body(struct text body)
{
	static char word[256];
	const struct map_action *action;
	struct json_fault json_fault;
	struct rko_decision decision;
	struct rko_request *request;
	struct ask_fault fault;
	struct ask ask;
	json_t *json;

	json_anew();
	json = json_strict(body, &json_fault);
	if (!json)
		return json_fault.code;
	if (!ask_read(json, NULL, ASK_WHOLE, &world.config, &ask, &fault)) {
		snprintf(word, sizeof word, "%s %s", fault.code, fault.at);
		json_decref(json);
		return word;
	}
	action = mapping_action(world.mapping, ask.action);
	assert_int_equal(rko_request_new(world.policy, "work", &request), RKO_OK);
	if (action)
		mapping_say(world.mapping, action, &ask, request);
	rko_request_at(request, RECORDED + 60);
	rko_decide(world.session, request, &decision);
	assert_int_equal(decision.status, RKO_OK);
	snprintf(word, sizeof word, "%s%s%s%s%s", rko_outcome_word(decision.outcome),
		 decision.outcome == RKO_REFUSED ? " " : "", rko_refusal_word(decision.refusal),
		 decision.outcome == RKO_REFUSED && *decision.because ? " " : "",
		 decision.outcome == RKO_REFUSED ? decision.because : "");
	rko_request_free(request);
	json_decref(json);
	return word;
}

static void comes_out(const char *expected, const char *body)
{
	assert_string_equal(decide_body(text_from(body)), expected);
}

#define ANN "\"subject\":{\"type\":\"the person\",\"id\":\"ann\"}"
#define READ(labels) "\"action\":{\"name\":\"read\",\"properties\":{\"labels\":" labels "}}"
#define WRITE "\"action\":{\"name\":\"write\",\"properties\":{\"labels\":[]}}"
#define PAPER(id, properties) "\"resource\":{\"type\":\"paper\",\"id\":\"" id "\",\"properties\":{" properties "}}"
#define NEW PAPER("p9", "\"urgent\":true,\"label\":\"plain\",\"owners\":[\"ann\"],\"made\":\"2026-01-01\"")

static void found_is_found(void **state)
{
	(void)state;
	comes_out("granted", "{" ANN "," READ("[\"plain\"]") "," PAPER("p1", "\"urgent\":false") "}");
	comes_out("not_granted", "{" ANN "," READ("[\"plain\"]") "," PAPER("p2", "\"urgent\":false") "}");
	/* Whatever the caller says of it beside its id. */
	comes_out("not_granted", "{" ANN "," READ("[\"plain\"]") "," PAPER("p2", "\"urgent\":false,\"label\":\"plain\"") "}");
	comes_out("not_granted", "{" ANN "," READ("[\"plain\"]") ","
		  PAPER("p2", "\"urgent\":false,\"paper.label\":\"plain\",\"paper\":\"p1\",\"id\":\"p1\"") "}");
	comes_out("not_granted", "{\"subject\":{\"type\":\"the person\",\"id\":\"ben\",\"properties\":{\"staff\":true}},"
		  READ("[\"plain\"]") "," PAPER("p1", "\"urgent\":false") "}");
	comes_out("refused not_found paper", "{" ANN "," READ("[]") "," PAPER("p3", "\"urgent\":false") "}");
	comes_out("refused not_found user", "{\"subject\":{\"type\":\"the person\",\"id\":\"eve\"}," READ("[]") ","
		  PAPER("p1", "\"urgent\":false") "}");
}

static void given_is_given(void **state)
{
	(void)state;
	comes_out("granted", "{" ANN "," WRITE "," NEW "}");
	comes_out("refused missing paper.label",
		  "{" ANN "," WRITE "," PAPER("p9", "\"urgent\":true,\"owners\":[],\"made\":\"none\"") "}");
	comes_out("refused missing paper.made",
		  "{" ANN "," WRITE "," PAPER("p9", "\"urgent\":true,\"label\":\"plain\",\"owners\":[],\"made\":null") "}");
	comes_out("not_granted",
		  "{" ANN "," WRITE "," PAPER("p9", "\"urgent\":true,\"label\":\"plain\",\"owners\":[],\"made\":\"none\"") "}");
	comes_out("not_granted",
		  "{" ANN "," WRITE "," PAPER("p9", "\"urgent\":true,\"label\":\"secret\",\"owners\":[],\"made\":\"2026-01-01\"") "}");
	/* The id of one that is stored is no new one; a property cannot give it another id. */
	comes_out("refused exists paper.id",
		  "{" ANN "," WRITE "," PAPER("p1", "\"urgent\":true,\"label\":\"plain\",\"owners\":[],\"made\":\"2026-01-01\"") "}");
	comes_out("refused exists paper.id", "{" ANN "," WRITE ","
		  PAPER("p1", "\"id\":\"p9\",\"urgent\":true,\"label\":\"plain\",\"owners\":[],\"made\":\"2026-01-01\"") "}");
	/* What the record does not have is ignored. */
	comes_out("granted", "{" ANN "," WRITE ","
		  PAPER("p9", "\"colour\":{\"r\":1},\"urgent\":true,\"label\":\"plain\",\"owners\":[],\"made\":\"2026-01-01\"") "}");
}

static void values(void **state)
{
	(void)state;
#define URGENT(value) "{" ANN "," READ("[\"plain\"]") "," PAPER("p1", "\"urgent\":" value) "}"
#define LABELS(value) "{" ANN "," READ(value) "," PAPER("p1", "\"urgent\":true") "}"
	comes_out("granted", URGENT("true"));
	comes_out("granted", URGENT("\"yes\""));
	comes_out("refused bad_value urgent", URGENT("1"));
	comes_out("refused bad_value urgent", URGENT("\"perhaps\""));
	comes_out("refused bad_value urgent", URGENT("\"\""));
	comes_out("refused bad_value urgent", URGENT("[true]"));
	comes_out("refused bad_value urgent", URGENT("{\"is\":true}"));
	comes_out("refused missing urgent", URGENT("null"));
	comes_out("not_granted", LABELS("[]"));
	comes_out("granted", LABELS("[\"secret\",\"plain\"]"));
	comes_out("refused bad_value labels", LABELS("\"plain\""));
	comes_out("refused bad_value labels", LABELS("[\"plain\",7]"));
	comes_out("refused bad_value labels", LABELS("[[\"plain\"]]"));
	comes_out("refused bad_value labels", LABELS("[\"plain\",null]"));
	comes_out("refused bad_value labels", LABELS("[\"Plain\"]"));
	comes_out("refused bad_value user", "{\"subject\":{\"type\":\"the person\",\"id\":\"ann \"}," READ("[]") ","
		  PAPER("p1", "\"urgent\":true") "}");
	comes_out("refused bad_value user", "{\"subject\":{\"type\":\"the person\",\"id\":\"\"}," READ("[]") ","
		  PAPER("p1", "\"urgent\":true") "}");
}

static void types_and_actions(void **state)
{
	(void)state;
	comes_out("refused no_such_field subject.type", "{\"subject\":{\"type\":\"user\",\"id\":\"ann\"}," READ("[\"plain\"]") ","
		  PAPER("p1", "\"urgent\":true") "}");
	comes_out("refused no_such_field resource.type", "{" ANN "," READ("[\"plain\"]")
		  ",\"resource\":{\"type\":\"book\",\"id\":\"p1\"}}");
	comes_out("refused action action", "{" ANN ",\"action\":{\"name\":\"burn\"}," PAPER("p1", "") "}");
	/* An action that has no paper does not take one. */
	comes_out("refused not_carried paper",
		  "{" ANN ",\"action\":{\"name\":\"list\",\"properties\":{\"labels\":[]}}," PAPER("p1", "\"urgent\":true") "}");
	comes_out("missing_member /resource/id", "{" ANN "," READ("[]") ",\"resource\":{\"type\":\"paper\"}}");
	comes_out("unknown_value /context/rko/tell", "{" ANN "," READ("[]") "," PAPER("p1", "") ",\"context\":{\"rko\":{\"tell\":7}}}");
}

static void what_is_told(void **state)
{
	struct json_fault json_fault;
	struct ask_fault fault;
	struct ask ask;
	json_t *json;

	(void)state;
	json_anew();
	json = json_strict(text_from("{" ANN "," READ("[]") "," PAPER("p1", "")
				     ",\"context\":{\"rko\":{\"tell\":\"explain\",\"language\":\"sv\"}}}"), &json_fault);
	assert_non_null(json);
	assert_true(ask_read(json, NULL, ASK_WHOLE, &world.config, &ask, &fault));
	assert_int_equal(ask.tell, TELL_REASONS);	/* no more than the operator allows */
	assert_int_equal(ask.language, RKO_SV);
	json_decref(json);
}

/* A body that was changed is a permit only if it still says what a permit needs. */
static void changed_bodies(void **state)
{
	static const char good[] = "{" ANN "," READ("[\"plain\"]") "," PAPER("p1", "\"urgent\":false") ",\"context\":{\"a\":[1,{\"b\":null}]}}";
	uint64_t seed = 0x9e3779b97f4a7c15u;
	unsigned permits = 0, others = 0;

	(void)state;
	for (int round = 0; round < 30000; round++) {
		char *body = malloc(sizeof good);	/* of its own, so that reading beyond it is seen */
		size_t size = sizeof good - 1;
		const char *came;

		memcpy(body, good, size);
		for (int change = 0; change < 1 + round % 3; change++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			if (seed >> 60 == 0)
				size = (seed >> 20) % size + 1;
			else
				body[(seed >> 20) % size] = (seed >> 58 & 1) ? (char)(seed >> 40) : "{}[]\":,\\01"[(seed >> 40) % 10];
		}
		came = decide_body((struct text){ body, size });
		if (strcmp(came, "granted") == 0) {
			permits++;
			assert_non_null(memmem(body, size, "\"ann\"", 5));
			assert_non_null(memmem(body, size, "\"read\"", 6));
			assert_non_null(memmem(body, size, "\"plain\"", 7));
			assert_non_null(memmem(body, size, "\"p1\"", 4));
		} else {
			others++;
		}
		free(body);
	}
	assert_true(permits > 100 && others > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found_is_found),    cmocka_unit_test(given_is_given), cmocka_unit_test(values),
		cmocka_unit_test(types_and_actions), cmocka_unit_test(what_is_told),   cmocka_unit_test(changed_bodies),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
