/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Ladders, over every scenario of policies/cases: the three languages say the same, slot by slot; the JSON keeps to its
 * schema; what a ladder says agrees with the answer; an old decision's text stays as it is when facts are loaded after
 * it. For some scenarios text and JSON are compared with tests/golden/explanations:
 *
 *   UPDATE=1 build/tests/unit/test_ladder      writes them anew, to be looked at before they are committed
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glob.h>
#include <cmocka.h>

#include "engine/explain/words.h"
#include "tests/common/asking.h"
#include "tests/common/wording.h"
#include "tools/common/cases.h"
#include "tools/common/cli.h"
#include "tools/common/why_json.h"

#define GOLDEN "tests/golden/explanations"

static const char *const golden[] = {
	"S-01", "S-08", "S-10a", "S-14", "S-15b", "S-17", "S-24", "S-29", "S-40a", "S-42a", "S-83a", "S-104a", "S-116b",
	"S-171b", "X-21", "X-22",
};

enum { GOLDENS = sizeof golden / sizeof golden[0], LANGUAGES = 3, WIDTH = 100 };

static const char *const languages[] = { "fi", "sv", "en" };

static struct rko_policy *policy;
static struct yaml_files files;
static struct fact_reader reader = { .files = &files };
static struct case_list list;
static json_t *schema;

static int set_up(void **state)
{
	glob_t paths;

	(void)state;
	policy = policy_compile(NULL, "policies");
	reader.policy = policy;
	yaml_files_init(&files);
	assert_int_equal(glob("policies/cases/*.yaml", 0, NULL, &paths), 0);
	for (size_t i = 0; i < paths.gl_pathc; i++)
		assert_true(cases_read(&reader, paths.gl_pathv[i], &list));
	globfree(&paths);
	assert_true(list.count > 150);
	schema = json_load_file("docs/schema/explanation.schema.json", 0, NULL);
	assert_non_null(schema);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	json_decref(schema);
	yaml_files_free(&files);
	rko_policy_unref(policy);
	return 0;
}

/* A scenario with its facts in a store. */
struct scene {
	const struct test_case *about;
	char *folder;
	struct rko_facts *facts;
	struct rko_session *session;
	struct rko_request *request;
	struct rko_decision decision;
	void *trace;	/* a copy */
	size_t size;
};

static struct scene open_scene(const struct test_case *about)
{
	struct scene scene = { .about = about, .folder = folder_new() };

	scene.facts = facts_new(scene.folder);
	assert_int_equal(case_load(&reader, policy, scene.facts, about), RKO_OK);
	assert_int_equal(rko_session_open(policy, scene.facts, &scene.session, NULL), RKO_OK);
	scene.request = case_request(&reader, policy, scene.facts, about);
	assert_non_null(scene.request);
	assert_int_equal(rko_decide(scene.session, scene.request, &scene.decision), RKO_OK);
	scene.size = scene.decision.trace_size;
	scene.trace = malloc(scene.size);
	assert_non_null(scene.trace);
	memcpy(scene.trace, scene.decision.trace, scene.size);
	return scene;
}

static void close_scene(struct scene *scene)
{
	free(scene->trace);
	rko_request_free(scene->request);
	rko_session_close(scene->session);
	rko_facts_close(scene->facts);
	folder_remove(scene->folder);
}

static struct rko_explanation *explain(const struct scene *scene, enum rko_language language)
{
	struct rko_explanation *why = NULL;

	assert_int_equal(rko_explain(scene->session, scene->request, &scene->decision, language, &why), RKO_OK);
	if (!why->reproduced || why->incomplete)
		fail_msg("%s: not explained", scene->about->id.at);
	return why;
}

static const struct test_case *case_of(const char *id)
{
	for (size_t i = 0; i < list.count; i++)
		if (strcmp(list.list[i]->id.at, id) == 0)
			return list.list[i];
	fail_msg("there is no scenario %s", id);
	return NULL;
}

static char *text_of(struct rko_explanation *why)
{
	char *text = strdup(rko_explanation_text(why, RKO_TEXT_WHY, WIDTH));

	assert_non_null(text);
	return text;
}

/* Schema ------------------------------------------------------------------------------------------- */

/*
 * Checks JSON against the part of JSON Schema that docs/schema uses: $ref to #/$defs, type, enum, properties, required,
 * additionalProperties, items. Anything else in a schema fails the test.
 */
struct place {
	char path[400];
};

static const json_t *resolve(const json_t *rule)
{
	const char *ref = json_string_value(json_object_get(rule, "$ref"));
	const json_t *def;

	if (!ref)
		return rule;
	assert_int_equal(strncmp(ref, "#/$defs/", 8), 0);
	def = json_object_get(json_object_get(schema, "$defs"), ref + 8);
	if (!def)
		fail_msg("the schema has no %s", ref);
	return def;
}

static bool is_of_type(const json_t *value, const char *type)
{
	return strcmp(type, "string") == 0    ? json_is_string(value)
	       : strcmp(type, "integer") == 0 ? json_is_integer(value)
	       : strcmp(type, "boolean") == 0 ? json_is_boolean(value)
	       : strcmp(type, "null") == 0    ? json_is_null(value)
	       : strcmp(type, "array") == 0   ? json_is_array(value)
	       : strcmp(type, "object") == 0  ? json_is_object(value) : false;
}

static bool fits(const json_t *rule, const json_t *value, const char *path, struct place *ret_where);

static bool type_fits(const json_t *rule, const json_t *value)
{
	const json_t *type = json_object_get(rule, "type"), *one;
	size_t i;

	if (!type)
		return true;
	if (json_is_string(type))
		return is_of_type(value, json_string_value(type));
	json_array_foreach(type, i, one)
		if (is_of_type(value, json_string_value(one)))
			return true;
	return false;
}

static bool enum_fits(const json_t *rule, const json_t *value)
{
	const json_t *words = json_object_get(rule, "enum"), *one;
	size_t i;

	json_array_foreach(words, i, one)
		if (json_equal(one, value))
			return true;
	return !words;
}

static bool members_fit(const json_t *rule, const json_t *value, const char *path, struct place *ret_where)
{
	const json_t *required = json_object_get(rule, "required"), *more = json_object_get(rule, "additionalProperties");
	const json_t *one;
	const char *key;
	size_t i;

	json_array_foreach(required, i, one) {
		if (!json_object_get(value, json_string_value(one))) {
			snprintf(ret_where->path, sizeof ret_where->path, "%s: no %s", path, json_string_value(one));
			return false;
		}
	}
	json_object_foreach((json_t *)(uintptr_t)value, key, one) {
		const json_t *member = json_object_get(json_object_get(rule, "properties"), key);
		char below[300];

		snprintf(below, sizeof below, "%.250s.%s", path, key);
		if (!member && more && !json_is_true(more))
			member = more;
		if (json_is_false(member)) {
			snprintf(ret_where->path, sizeof ret_where->path, "%s is not in the schema", below);
			return false;
		}
		if (member && !fits(member, one, below, ret_where))
			return false;
	}
	return true;
}

static bool fits(const json_t *unresolved, const json_t *value, const char *path, struct place *ret_where)
{
	static const char known[] = " $schema $id title description $defs type enum properties required additionalProperties items ";
	const json_t *rule = resolve(unresolved), *items = json_object_get(rule, "items"), *one;
	const char *key;
	size_t i;

	json_object_foreach((json_t *)(uintptr_t)rule, key, one) {
		char word[64];

		snprintf(word, sizeof word, " %s ", key);
		if (!strstr(known, word))
			fail_msg("the schema says `%s`, which nobody checks", key);
	}
	if (!type_fits(rule, value) || !enum_fits(rule, value)) {
		snprintf(ret_where->path, sizeof ret_where->path, "%s is of another kind", path);
		return false;
	}
	if (json_is_array(value) && items) {
		json_array_foreach(value, i, one) {
			char below[300];

			snprintf(below, sizeof below, "%.250s[%zu]", path, i);
			if (!fits(items, one, below, ret_where))
				return false;
		}
	}
	return !json_is_object(value) || members_fit(rule, value, path, ret_where);
}

/* The same bytes that jansson writes of what it reads there; the tree is the caller's. */
static json_t *read_json(struct rko_explanation *why, const char *id)
{
	static const struct { unsigned ours; size_t theirs; } forms[] = {
		{ RKO_JSON_INDENTED, JSON_INDENT(2) }, { 0, JSON_COMPACT },
	};
	json_t *json = NULL;

	for (size_t i = 0; i < 2; i++) {
		const char *text = rko_explanation_json(why, forms[i].ours);
		json_error_t error;
		char *again;

		json_decref(json);
		json = json_loads(text, JSON_REJECT_DUPLICATES, &error);
		if (!json)
			fail_msg("%s: %s at byte %d", id, error.text, error.position);
		again = json_dumps(json, forms[i].theirs);
		if (strcmp(text, again) != 0)
			fail_msg("%s: JSON in another form than jansson's", id);
		free(again);
	}
	return json;
}

static void the_schema_refuses(void **state)
{
	struct scene scene = open_scene(case_of("S-24"));
	struct rko_explanation *why = explain(&scene, RKO_FI);
	json_t *json = why_json(why), *ladder = json_array_get(json_object_get(json, "ladders"), 0);
	struct place where;

	(void)state;
	assert_true(fits(schema, json, "", &where));
	json_object_set_new(json, "outcome", json_string("perhaps"));
	assert_false(fits(schema, json, "", &where));
	json_object_set_new(json, "outcome", json_string("granted"));
	json_object_set_new(ladder, "more", json_true());
	assert_false(fits(schema, json, "", &where));
	assert_string_equal(where.path, ".ladders[0].more is not in the schema");
	json_object_del(ladder, "more");
	json_object_del(ladder, "role");
	assert_false(fits(schema, json, "", &where));
	json_object_set_new(ladder, "role", json_integer(1));
	assert_false(fits(schema, json, "", &where));
	json_decref(json);
	rko_explanation_free(why);
	close_scene(&scene);
}

/* Languages ---------------------------------------------------------------------------------------- */

static int compare_words(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The places of a pattern in order: "{0}{2}". */
static void places_of(const char *pattern, char ret_places[32])
{
	char found[8][4];
	size_t count = 0;

	for (const char *at = pattern; (at = strchr(at, '{')) && count < 8; at++)
		snprintf(found[count++], sizeof found[0], "%.3s", at);
	qsort(found, count, sizeof found[0], compare_words);
	ret_places[0] = '\0';
	for (size_t i = 0; i < count; i++)
		strcat(ret_places, found[i]);
}

static void sentences_have_the_same_places(void **state)
{
	unsigned count = 0;

	(void)state;
	for (; words_pattern(count, RKO_FI); count++) {
		char places[LANGUAGES][32];

		for (int i = 0; i < LANGUAGES; i++) {
			assert_true(*words_pattern(count, (enum rko_language)i));
			places_of(words_pattern(count, (enum rko_language)i), places[i]);
			if (strcmp(places[i], places[0]) != 0)
				fail_msg("`%s` has other places than `%s`", words_pattern(count, (enum rko_language)i),
					 words_pattern(count, RKO_FI));
		}
	}
	assert_in_range(count, 80, 300);
}

/* Takes away what is words: the rest must be the same in every language. Counts the words, which must not be empty. */
static size_t take_words(json_t *json)
{
	static const char *const keys[] = { "label", "says", "value_label", "title", "original", "area", "language", "asks",
					    "who_label", "rule_says", "by_says", "other_label", "option_says", "with_says", "opens_says",
					    "bearer_label" };
	size_t count = 0, i;
	const char *key;
	json_t *value;
	void *next;

	if (json_is_array(json))
		json_array_foreach(json, i, value)
			count += take_words(value);
	for (i = 0; json_is_object(json) && i < sizeof keys / sizeof keys[0]; i++)
		count += json_object_del(json, keys[i]) == 0 && strcmp(keys[i], "original") != 0;
	/* What an overlay sets is said in words. */
	if (json_is_object(json) && json_object_get(json, "effect"))
		json_object_del(json, "value");
	/* A day is written otherwise; its code is the same. */
	json_object_foreach_safe(json, next, key, value)
		count += take_words(value);
	return count;
}

static void languages_say_the_same(struct rko_explanation *const why[LANGUAGES], const char *id)
{
	json_t *said[LANGUAGES];
	size_t words[LANGUAGES];

	for (int i = 0; i < LANGUAGES; i++) {
		said[i] = why_json(why[i]);
		words[i] = take_words(said[i]);
		if (words[i] != words[0] || !json_equal(said[i], said[0]))
			fail_msg("%s: %s says something else than fi", id, languages[i]);
	}
	for (int i = 0; i < LANGUAGES; i++)
		json_decref(said[i]);
}

/* Goldens ------------------------------------------------------------------------------------------ */

static void compare_golden(const char *id, const char *language, const char *form, const char *found)
{
	char path[200], *expected;

	snprintf(path, sizeof path, GOLDEN "/%s.%s.%s", id, language, form);
	if (getenv("UPDATE")) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		assert_true(fputs(found, file) >= 0);
		assert_int_equal(fclose(file), 0);
		return;
	}
	expected = file_read(path, NULL);
	if (strcmp(expected, found) != 0) {
		size_t at = 0;

		while (expected[at] && expected[at] == found[at])
			at++;
		fail_msg("%s differs at byte %zu: expected `%.80s`, found `%.80s`; look at it, then run with UPDATE=1", path, at,
			 expected + at, found + at);
	}
	free(expected);
}

static bool is_golden(const char *id)
{
	for (size_t i = 0; i < GOLDENS; i++)
		if (strcmp(golden[i], id) == 0)
			return true;
	return false;
}

static void compare_goldens(struct rko_explanation *const why[LANGUAGES], const char *id)
{
	for (int i = 0; i < LANGUAGES; i++) {
		json_t *json = why_json(why[i]);
		char *dumped = json_dumps(json, JSON_INDENT(1)), *text = text_of(why[i]), *line = malloc(strlen(dumped) + 2);

		strcpy(line, dumped);
		strcat(line, "\n");
		compare_golden(id, languages[i], "txt", text);
		compare_golden(id, languages[i], "json", line);
		free(line);
		free(text);
		free(dumped);
		json_decref(json);
	}
}

/* Every scenario ----------------------------------------------------------------------------------- */

static size_t held(const struct rko_why_ladder *ladder)
{
	size_t count = 0;

	for (size_t i = 0; i < ladder->nconditions; i++)
		count += ladder->conditions[i].holds == 1;
	return count;
}

/* A condition holds as its tests do: all of a chain, or the fewest that stand in the way. */
static void check_condition(const struct rko_why_condition *condition, const char *id)
{
	size_t failing = 0;

	for (size_t i = 0; i < condition->ntests; i++)
		failing += condition->tests[i].holds != 1;
	if (!condition->nparts && (condition->holds == 1) != (failing == 0))
		fail_msg("%s: `%s` holds: %d, and %zu of its tests fail", id, condition->text, condition->holds, failing);
	for (size_t i = 0; i < condition->nparts; i++)
		check_condition(&condition->parts[i], id);
	for (size_t i = 0, holding = 0; i < condition->nparts; i++) {
		holding += condition->parts[i].holds == 1;
		if (i + 1 == condition->nparts && (holding == condition->nparts) != (condition->holds == 1))
			fail_msg("%s: the parts of `%s` come to something else", id, condition->name);
	}
}

/* Which of the changes shown would open it; time opens no rule. */
static size_t opened(const struct rko_explanation *why, const char *rule)
{
	for (size_t i = 0; i < why->nchanges; i++)
		if (strcmp(why->changes[i].opens, rule) == 0)
			return i;
	return why->nchanges;
}

/* Those that a change would open come first, then those of which the least fails. */
static int is_nearer(const struct rko_explanation *why, const struct rko_why_ladder *a, const struct rko_why_ladder *b)
{
	size_t x = opened(why, a->rule.name), y = opened(why, b->rule.name);

	return x != y ? x < y : a->failing < b->failing;
}

static void check_ladders(const struct rko_explanation *why, const char *id)
{
	size_t deciding = 0;

	for (size_t i = 0; i < why->nladders; i++) {
		const struct rko_why_ladder *ladder = &why->ladders[i];

		for (size_t j = 0; j < ladder->nconditions; j++)
			check_condition(&ladder->conditions[j], id);
		deciding += ladder->role == RKO_LADDER_DECIDES;
		if (i && ladder->role < why->ladders[i - 1].role)
			fail_msg("%s: the ladders are out of order", id);
		if (ladder->role == RKO_LADDER_DECIDES && (ladder->holds != 1 || !ladder->in_force ||
							     (!ladder->widened && held(ladder) != ladder->nconditions)))
			fail_msg("%s: %s decides and does not hold", id, ladder->rule.name);
		if (ladder->role == RKO_LADDER_NEAREST && !ladder->failing && why->decision.outcome != RKO_FORBIDDEN)
			fail_msg("%s: %s fails nowhere and does not decide", id, ladder->rule.name);
		if (i && ladder->role == RKO_LADDER_NEAREST && why->ladders[i - 1].role == RKO_LADDER_NEAREST &&
		    is_nearer(why, ladder, &why->ladders[i - 1]))
			fail_msg("%s: %s is nearer than the one before", id, ladder->rule.name);
	}
	if ((why->decision.outcome == RKO_GRANTED || why->decision.outcome == RKO_FORBIDDEN) != (deciding > 0) && !why->nby)
		fail_msg("%s: nothing decides", id);
	if (why->nby && !deciding)
		fail_msg("%s: a rule decides and has no ladder", id);
	if (why->nby && strcmp(why->ladders[0].rule.name, why->by[0].name) != 0 && !why->ladders[0].nexceptions)
		fail_msg("%s: the first ladder is not the witness's", id);
}

static void check_records(const struct rko_explanation *why, const char *id)
{
	for (size_t i = 0; i < why->nrecords; i++) {
		const struct rko_why_record *record = &why->records[i];

		if (!record->given && (record->seen == RKO_SEEN_VALUE) != (record->generation > 0))
			fail_msg("%s: %s has generation %u", id, record->name, record->generation);
		if (record->generation && (!strstr(record->source, ".yaml") || !record->line))
			fail_msg("%s: %s was read from `%s`, line %llu", id, record->name, record->source,
				 (unsigned long long)record->line);
		for (size_t j = 0; j < record->nkey; j++)
			if (!*record->key[j].value_label && !record->given)
				fail_msg("%s: %s has no %s", id, record->name, record->key[j].name);
	}
}

/*
 * What a reviewer reads has labels, and no name that only the author of the policy knows. A refusal speaks to whoever
 * wrote the request, in the names of its fields.
 */
static void check_wording(struct rko_explanation *why, const struct test_case *about)
{
	char *text = text_of(why);
	struct text raw = wording_raw(text_from(text), about, policy);

	if (raw.len && why->decision.outcome != RKO_REFUSED)
		fail_msg("%s: `%.*s` is no word for people:\n%s", about->id.at, TEXT_ARG(raw), text);
	free(text);
	for (size_t i = 0; i < why->nchanges; i++)
		for (size_t j = 0; j < why->changes[i].nsteps; j++) {
			const struct rko_why_step *step = &why->changes[i].steps[j];

			if (step->kind >= RKO_CHANGE_RECORD && step->kind != RKO_CHANGE_OVERLAY &&
			    step->kind != RKO_CHANGE_REQUEST && !*step->label)
				fail_msg("%s: a step on %s has no label", about->id.at, step->name);
		}
}

static void every_scenario(void **state)
{
	size_t explained = 0, compared = 0;

	(void)state;
	for (size_t i = 0; i < list.count; i++) {
		const char *id = list.list[i]->id.at;
		struct rko_explanation *why[LANGUAGES];
		struct scene scene;

		if (list.list[i]->outside.len)
			continue;
		scene = open_scene(list.list[i]);
		for (int j = 0; j < LANGUAGES; j++) {
			struct place where = { "" };
			json_t *json;

			why[j] = explain(&scene, (enum rko_language)j);
			check_wording(why[j], list.list[i]);
			json = read_json(why[j], id);
			if (!fits(schema, json, "", &where))
				fail_msg("%s: %s", id, where.path);
			json_decref(json);
		}
		if (why[0]->decision.outcome != RKO_REFUSED && !why[0]->lists) {
			check_ladders(why[0], id);
			check_records(why[0], id);
		}
		languages_say_the_same(why, id);
		if (is_golden(id)) {
			compare_goldens(why, id);
			compared++;
		}
		for (int j = 0; j < LANGUAGES; j++)
			rko_explanation_free(why[j]);
		close_scene(&scene);
		explained++;
	}
	assert_true(explained > 150);
	assert_int_equal(compared, GOLDENS);
}

/* Old decisions ------------------------------------------------------------------------------------ */

/* Loads something else about whatever the scenario has: every client and every grant is gone, and a new one is there. */
static void load_later(const struct scene *scene)
{
	static const char later[] = "client:\n  a-later-one: {safety_ban: yes, safety_ban_to: open, temporary_id: yes}\n"
				    "will:\n  - {client: a-later-one, informed: no, consent_from: none, consent_ends: open, "
				    "denied_controllers: [], denied_service_tasks: [], denied_documents: []}\n";
	struct load_result result = facts_try(scene->facts, policy, later, SIZE_MAX, (int64_t)1 << 32);

	if (result.status != RKO_OK)
		fail_msg("%s", result.messages);
}

static void change_all(const struct scene *scene)
{
	struct test_case other = *scene->about;

	/* The facts of another scenario on top: the same people, other registers. */
	other = *case_of(strncmp(scene->about->id.at, "S-104", 5) == 0 ? "S-01" : "S-104c");
	for (size_t i = 0; i < other.nrows; i++) {
		other.rows[i].has_recorded = true;
		other.rows[i].recorded = (int64_t)1 << 32;
	}
	assert_int_equal(case_load(&reader, policy, scene->facts, &other), RKO_OK);
}

static void an_old_decision_keeps_its_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < GOLDENS; i++) {
		struct scene scene = open_scene(case_of(golden[i]));
		char *before[LANGUAGES];

		for (int j = 0; j < LANGUAGES; j++) {
			struct rko_explanation *why = explain(&scene, (enum rko_language)j);

			before[j] = text_of(why);
			rko_explanation_free(why);
		}
		load_later(&scene);
		if (strncmp(golden[i], "S-0", 3) == 0)
			change_all(&scene);
		assert_int_equal(rko_session_refresh(scene.session), RKO_OK);
		for (int j = 0; j < LANGUAGES; j++) {
			struct rko_explanation *why = NULL;
			char *after;

			assert_int_equal(rko_explain_trace(scene.session, scene.trace, scene.size, (enum rko_language)j, &why, NULL),
					 RKO_OK);
			assert_true(why->reproduced && !why->frozen);
			after = text_of(why);
			assert_string_equal(after, before[j]);
			free(after);
			free(before[j]);
			rko_explanation_free(why);
		}
		close_scene(&scene);
	}
}

/* In a store where nothing of it is left, what the trace says is told and the rest is not examined. */
static void what_is_gone_is_not_examined(void **state)
{
	struct scene scene = open_scene(case_of("S-24")), empty;
	struct rko_explanation *why = NULL;
	char *folder = folder_new(), *text;

	(void)state;
	empty = (struct scene){ .facts = facts_new(folder) };
	facts_load(empty.facts, policy, "client:\n  nobody: {safety_ban: no, safety_ban_to: open, temporary_id: no}\n");
	assert_int_equal(rko_session_open(policy, empty.facts, &empty.session, NULL), RKO_OK);
	assert_int_equal(rko_explain_trace(empty.session, scene.trace, scene.size, RKO_EN, &why, NULL), RKO_OK);
	assert_true(why->frozen && why->reproduced && why->incomplete);
	assert_int_equal(why->decision.outcome, RKO_NOT_GRANTED);
	assert_int_equal(why->nrecords, 0);
	text = text_of(why);
	assert_non_null(strstr(text, "not examined"));
	assert_non_null(strstr(text, "this rests on the decision's trace alone"));
	free(text);
	rko_explanation_free(why);
	rko_session_close(empty.session);
	rko_facts_close(empty.facts);
	folder_remove(folder);
	close_scene(&scene);
}

/* A record that was tampered with so that it claims another outcome: that is told. */
static void a_difference_is_told(void **state)
{
	struct scene scene = open_scene(case_of("S-24"));
	struct trace_head *head = scene.trace;
	struct rko_explanation *why = NULL;
	char *text;

	(void)state;
	head->outcome = RKO_GRANTED;
	assert_int_equal(rko_explain_trace(scene.session, scene.trace, scene.size, RKO_EN, &why, NULL), RKO_OK);
	assert_false(why->reproduced);
	assert_int_equal(why->decision.outcome, RKO_NOT_GRANTED);
	assert_int_equal(why->was, RKO_GRANTED);
	text = text_of(why);
	assert_non_null(strstr(text, "The decision does not come out the same again. The original decision: GRANTED"));
	free(text);
	rko_explanation_free(why);
	close_scene(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sentences_have_the_same_places),
		cmocka_unit_test(the_schema_refuses),
		cmocka_unit_test(every_scenario),
		cmocka_unit_test(an_old_decision_keeps_its_text),
		cmocka_unit_test(what_is_gone_is_not_examined),
		cmocka_unit_test(a_difference_is_told),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
