/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/fuzz/lib/fuzz.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include <rko/explain.h>

#include "engine/decide/policy.h"
#include "engine/decide/request.h"
#include "tools/common/why_json.h"

_Noreturn void fuzz_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "\n%s:%d: does not hold: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	fflush(NULL);
	abort();
}

/* Inputs ------------------------------------------------------------------------------------------ */

uint32_t fuzz_take(struct fuzz_bytes *bytes, unsigned width)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < width && bytes->left; i++, bytes->at++, bytes->left--)
		value |= (uint32_t)*bytes->at << 8 * i;
	return value;
}

struct fuzz_bytes fuzz_piece(struct fuzz_bytes *bytes, size_t most)
{
	size_t size = fuzz_take(bytes, 2);
	struct fuzz_bytes piece = { bytes->at, size < most ? size : most };

	if (piece.left > bytes->left)
		piece.left = bytes->left;
	bytes->at += piece.left;
	bytes->left -= piece.left;
	return piece;
}

/* Files ------------------------------------------------------------------------------------------- */

static char *folder;

static void remove_folder(void)
{
	folder_remove(folder);
	folder = NULL;
}

const char *fuzz_folder(void)
{
	if (!folder) {
		folder = folder_new();
		atexit(remove_folder);
	}
	return folder;
}

/* In memory: a target that writes a thousand files a second wears out nothing. */
const char *fuzz_file(const void *data, size_t size)
{
	static char path[64];
	static int file = -1;

	if (file < 0) {
		file = memfd_create("input", MFD_CLOEXEC);
		fchmod(file, 0600);	/* some readers look who may write it */
	}
	HOLDS(file >= 0 && ftruncate(file, 0) == 0 && pwrite(file, data, size, 0) == (ssize_t)size, "no memory for a file");
	snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	return path;
}

bool fuzz_is_json(const char *text, size_t size)
{
	json_error_t error;
	json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);

	json_decref(json);
	return json;
}

/* Asking ------------------------------------------------------------------------------------------ */

static uint64_t state;

/* xorshift64*: the same numbers everywhere. */
static uint32_t below(uint32_t bound)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * 0x2545f4914f6cdd1dull) >> 33) % (bound ? bound : 1);
}

static const char *some_value(const struct rko_policy *policy, const struct request_field *field)
{
	/* Ids of tests/common/library.yaml, and days around them. */
	static const char *const ids[] = { "liisa", "pekka", "kaisa", "b1", "b2", "c1", "c2", "c3", "k1", "new", "1.2.3" };
	static const char *const days[] = { "2026-06-15", "2026-06-16", "1900-01-01", "2199-12-31", "2026-01-01", "2027-02-29" };
	const struct image *image = &policy->image;

	switch (below(20)) {
	case 0:
		return "none";
	case 1:
		return "open";
	case 2:
		return ids[below(sizeof ids / sizeof ids[0])];
	}
	if (field->kind == IMAGE_TYPE_CODE) {
		const struct image_range codes = image->codesets[field->target].codes;

		return codes.count ? image_string(image, image->codes[codes.first + below(codes.count)].name) : "";
	}
	if (field->kind == IMAGE_TYPE_DATE)
		return days[below(sizeof days / sizeof days[0])];
	return ids[below(sizeof ids / sizeof ids[0])];
}

/* Most requests carry what their action carries, so that they come as far as the rules. */
static void say_fields(struct rko_request *request, uint32_t action)
{
	const struct question_view *view = request->view;

	for (uint32_t i = 0; i < view->nfields; i++) {
		const struct request_field *field = &view->fields[i];
		bool carried = view->carries[action * view->nfields + i] != CARRIES_NOT;
		bool set = field->flags & IMAGE_FIELD_SET;

		if (below(25) == 0)
			carried = !carried;
		if (carried && set && below(3) == 0)
			rko_request_set_empty(request, field->name.at);
		for (uint32_t n = carried ? set ? below(4) : 1 : 0; n; n--)
			rko_request_set(request, field->name.at, some_value(request->policy, field));
	}
}

/* What a decision may fail with when its image or its facts are made up: never with a contradiction inside. */
static bool may_fail(enum rko_status status)
{
	return (status >= RKO_FACTS_MISSING && status <= RKO_FACTS_GENERATION) || status == RKO_CLOCK_RANGE ||
	       status == RKO_LIMIT;
}

static void check_decision(const struct rko_policy *policy, const struct rko_decision *decision)
{
	const struct image_question *question = &policy->image.questions[decision->question];

	HOLDS(decision->status == RKO_OK || may_fail(decision->status), "a decision fails with %s",
	      rko_status_word(decision->status));
	HOLDS(decision->status == RKO_OK || decision->outcome == RKO_NOT_GRANTED, "a failure is no denial");
	HOLDS(decision->rule == RKO_NOTHING || decision->rule < question->rules.count, "there is no rule %u", decision->rule);
	HOLDS(question->duties.count == 64 || !(decision->duties >> question->duties.count), "there is no such duty");
	HOLDS(decision->outcome != RKO_GRANTED || question->grants, "a question that only lists duties grants");
	HOLDS(decision->outcome != RKO_GRANTED || decision->rule != RKO_NOTHING, "a permit without a rule");
	HOLDS((decision->outcome == RKO_REFUSED) == (decision->refusal != RKO_REFUSED_NOT), "refused, and not");
	HOLDS(decision->fetches <= question->max_fetches, "%u rows were looked up, and %u are the most", decision->fetches,
	      question->max_fetches);
}

void fuzz_explain(struct rko_explanation *why)
{
	const char *text = rko_explanation_text(why, RKO_TEXT_LONG | RKO_TEXT_WHY, 80);
	const char *json = rko_explanation_json(why, 0);

	HOLDS(text && *text, "an explanation without words");
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
		HOLDS(text_is_clean((struct text){ line, strcspn(line, "\n") }), "an explanation that is no text: %s", line);
	HOLDS(json && fuzz_is_json(json, strlen(json)), "an explanation whose JSON nobody can read");
}

/* Of what was decided: deciding again says the same, its trace is read back, its reasons can be told. */
static void look_closer(struct rko_session *session, const struct rko_request *request,
			const struct rko_decision *decision)
{
	struct rko_explanation *why = NULL;
	struct rko_decision again;
	uint8_t digest[RKO_DIGEST_BYTES];

	HOLDS(rko_trace_policy(decision->trace, decision->trace_size, digest, NULL) == RKO_OK, "its trace is none");
	rko_explain(session, request, decision, (enum rko_language)below(3), &why);
	if (why) {
		HOLDS(why->reproduced || decision->status != RKO_OK, "an explanation comes to another end");
		fuzz_explain(why);
	}
	rko_explanation_free(why);
	rko_decide(session, request, &again);
	HOLDS(again.outcome == decision->outcome && again.status == decision->status && again.rule == decision->rule &&
	      again.duties == decision->duties && again.stands_until == decision->stands_until,
	      "the same request is decided in another way");
}

unsigned fuzz_ask(struct rko_policy *policy, struct rko_session *session, unsigned rounds, unsigned closer, uint64_t seed)
{
	unsigned granted = 0;

	state = seed * 0x9e3779b97f4a7c15ull + 1;
	for (uint32_t question = 0; question < rko_policy_questions(policy); question++) {
		const struct image_question *asked = &policy->image.questions[question];
		struct rko_request *request;

		/* By its name, which another question may have too. */
		HOLDS(rko_request_new(policy, image_string(&policy->image, asked->name), &request) == RKO_OK,
		      "a question cannot be asked");
		for (unsigned round = 0; round < rounds; round++) {
			const struct image_question *meant = request->view->question;
			uint32_t action = below(meant->actions.count);
			struct rko_decision decision;

			rko_request_clear(request);
			rko_request_action(request, image_string(&policy->image, policy->image.actions[meant->actions.first + action].name));
			say_fields(request, request->action == IMAGE_NONE ? action : request->action);
			rko_request_at(request, RECORDED + 86400 * (int64_t)below(400));
			rko_decide(session, request, &decision);
			check_decision(policy, &decision);
			granted += decision.outcome == RKO_GRANTED;
			if (closer && round % closer == 0)
				look_closer(session, request, &decision);
		}
		rko_request_free(request);
	}
	return granted;
}
