/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Bodies of AuthZEN requests, through the sidecar's own handlers. Whatever comes, the answer is JSON; what jansson does
 * not take when it is strict is refused; a body that says the same in other bytes has the same answer, alone and in a
 * batch; and nothing is a failure of the service.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "tests/fuzz/lib/fuzz.h"
#include "tools/rkod/clock.h"
#include "tools/rkod/ground.h"
#include "tools/rkod/handlers.h"
#include "tools/rkod/record.h"

enum { BODY_MOST = 8 << 10, CLOCK_STEP = 60 };

static struct config config = {
	.audit = "none", .tell = TELL_REASONS, .tell_most = TELL_EXPLAIN, .language = RKO_EN, .keep_seconds = 60,
	.audit_seconds = 2, .batch_items = 16, .search_candidates = 64, .body_bytes = 65536, .batch_bytes = 65536,
};

/* The time of day is not compared: the sidecar's clock goes on between two answers. */
static void mask_times(char *text)
{
	for (; (text = strchr(text, 'T')); text++)
		if (strlen(text) > 9 && text[3] == ':' && text[6] == ':')
			memset(text + 1, '0', 8);
}

static void begin(void)
{
	struct rko_policy *policy = policy_compile(NULL, "tests/common/library.rko");
	struct rko_facts *facts = facts_new(fuzz_folder());
	char *yaml = file_read("tests/common/library.yaml", NULL), *path;
	struct rko_fault fault = { "" };
	size_t size;
	void *image = image_compile(NULL, "tests/common/library.rko", &size);

	facts_load(facts, policy, yaml);
	rko_facts_close(facts);
	config.policy = file_write(fuzz_folder(), "image", image, size);
	HOLDS(asprintf(&path, "%s/facts", fuzz_folder()) > 0, "memory ran out");
	config.facts = path;
	log_level_set(LOG_ERROR);
	HOLDS(record_prepare(&config) && ground_load(&config, &fault) == RKO_OK && record_open(&config, &fault) == RKO_OK, "%s", fault.text);
	HOLDS(clock_start(CLOCK_STEP, "2026-06-15T12:00+03:00"), "no clock");
	search_start();
	free(image);
	free(yaml);
	rko_policy_unref(policy);
}

/* Answers ----------------------------------------------------------------------------------------- */

struct answer {
	unsigned status;
	char *text;
	json_t *json;
};

static struct answer ask(enum handled (*handle)(struct exchange *), const char *body, size_t size)
{
	struct exchange exchange = { .config = &config, .caller = "uid:0", .status = 500 };
	struct answer answer;

	buf_add(&exchange.body, body, size);
	HOLDS(handle(&exchange) == HANDLED, "an answer waits, and nothing is recorded");
	answer.status = exchange.status;
	HOLDS(exchange.out.len && !buf_failed(&exchange.out), "an empty answer");
	answer.text = strndup(exchange.out.at, exchange.out.len);
	mask_times(answer.text);
	answer.json = json_loads(answer.text, JSON_REJECT_DUPLICATES, NULL);
	HOLDS(answer.json, "the answer is not JSON: %s", answer.text);
	HOLDS(answer.status == 200 || answer.status == 400, "status %u: %s", answer.status, answer.text);
	buf_release(&exchange.body);
	buf_release(&exchange.out);
	return answer;
}

static void answer_free(struct answer *answer)
{
	json_decref(answer->json);
	free(answer->text);
}

static const char *code_of(const struct answer *answer)
{
	const char *code = json_string_value(json_object_get(json_object_get(answer->json, "error"), "code"));

	HOLDS(answer->status == 200 || code, "refused, and no code: %s", answer->text);
	return code ? code : "";
}

/* What must hold ---------------------------------------------------------------------------------- */

/* The same in other bytes: members in another order, escapes, blanks. */
static void check_rewritten(const json_t *body, const struct answer *answer)
{
	char *other = json_dumps(body, JSON_SORT_KEYS | JSON_INDENT(3) | JSON_ENSURE_ASCII);
	struct answer again = ask(handle_evaluation, other, strlen(other));

	HOLDS(again.status == 200 && strcmp(again.text, answer->text) == 0, "in other bytes it is answered otherwise:\n%s\n%s",
	      answer->text, again.text);
	answer_free(&again);
	free(other);
}

static void check_batch(json_t *body, const struct answer *answer)
{
	json_t *batch = json_pack("{s:[O,O]}", "evaluations", body, body);
	char *text = json_dumps(batch, JSON_COMPACT);
	struct answer many = ask(handle_evaluations, text, strlen(text));
	const json_t *list = json_object_get(many.json, "evaluations");

	if (strncmp(code_of(&many), "json_", 5) == 0)	/* one level deeper is one too many */
		list = NULL;
	else
		HOLDS(many.status == 200 && json_array_size(list) == 2, "a batch of two: %s", many.text);
	for (size_t i = 0; i < json_array_size(list); i++)
		HOLDS(json_equal(json_array_get(list, i), answer->json), "in a batch it is answered otherwise:\n%s\n%s",
		      answer->text, many.text);
	answer_free(&many);
	json_decref(batch);
	free(text);
}

static void check_permit(const struct answer *answer)
{
	const json_t *decision = json_object_get(answer->json, "decision");
	const json_t *context = json_object_get(answer->json, "context");
	const char *outcome = json_string_value(json_object_get(context, "outcome"));

	HOLDS(json_is_boolean(decision), "no decision: %s", answer->text);
	if (outcome)
		HOLDS(json_is_true(decision) == (strcmp(outcome, "granted") == 0), "I1: only `granted` permits: %s",
		      answer->text);
}

static void check_evaluation(const char *data, size_t size)
{
	json_error_t error;
	json_t *body = json_loadb(data, size, JSON_REJECT_DUPLICATES, &error);
	struct answer answer = ask(handle_evaluation, data, size);

	HOLDS(json_is_object(body) || answer.status == 400, "what is no object of JSON is answered: %s", answer.text);
	if (answer.status == 200) {
		check_permit(&answer);
		check_rewritten(body, &answer);
		check_batch(body, &answer);
	} else {
		code_of(&answer);
	}
	answer_free(&answer);
	json_decref(body);
}

static void check_others(const char *data, size_t size)
{
	enum handled (*const handlers[])(struct exchange *) = {
		handle_evaluations, handle_search_subject, handle_search_resource, handle_search_action,
	};

	for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++) {
		struct answer answer = ask(handlers[i], data, size);

		code_of(&answer);
		answer_free(&answer);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!config.policy)
		begin();
	if (size > BODY_MOST)
		return 0;
	check_evaluation((const char *)data, size);
	check_others((const char *)data, size);
	return 0;
}
