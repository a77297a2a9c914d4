/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Fuzz: what the targets of tests/fuzz share. A target takes bytes and holds them against what must be true of any
 * bytes; it says so and aborts when it is not. libFuzzer hands it bytes that it makes up, replay.c the kept ones.
 *
 * The policies, stores and folders that a target works with are made when it is first called, by the fixtures of
 * tests/common, and live as long as the process: an input leaves nothing behind that the next one could notice.
 */
#ifndef RKO_TESTS_FUZZ_H
#define RKO_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rko/explain.h>

#include "tests/common/fixture.h"

/* A target. Gives 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Says what does not hold, and aborts. */
_Noreturn void fuzz_fail(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
#define HOLDS(condition, ...) \
	do { \
		if (!(condition)) \
			fuzz_fail(__FILE__, __LINE__, __VA_ARGS__); \
	} while (0)

/* The bytes of an input, taken from its front. What is not there any more is 0. */
struct fuzz_bytes {
	const uint8_t *at;
	size_t left;
};
uint32_t fuzz_take(struct fuzz_bytes *bytes, unsigned width);
/* At most `most` bytes, as many as the next two say. */
struct fuzz_bytes fuzz_piece(struct fuzz_bytes *bytes, size_t most);

/* A folder that goes when the process ends. */
const char *fuzz_folder(void);
/* A path under which a program can read these bytes; until the next call. */
const char *fuzz_file(const void *data, size_t size);
/* Whether a text is JSON, as jansson reads it when it is strict. */
bool fuzz_is_json(const char *text, size_t size);

/* An explanation can be told: in words, and as JSON that can be read. */
void fuzz_explain(struct rko_explanation *why);
/*
 * Asks what nobody would: `rounds` requests of every question, with values that a field can have or cannot, and decides
 * them. Whatever comes out must be a decision: no failure of our own, rule and duties inside of the policy, a permit
 * only with a rule. One in `closer` (0: none) is explained and decided a second time. Gives how many were granted.
 */
unsigned fuzz_ask(struct rko_policy *policy, struct rko_session *session, unsigned rounds, unsigned closer,
		  uint64_t seed);

#endif
