/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * World: synthetic facts and questions for the benchmark, on the real policies. All people, companies and
 * identifiers are made up; all of it follows from the number of grants alone, so that every program of the
 * benchmark sees the same world without handing it around.
 *
 * Two counties; companies with units that work for one of them; clients with three or four services each, in
 * different units; four grants for a service, of which one can be in use: 1 000 000 grants lie among 1 650 000
 * rows. A question is made from one service drawn at random, and the outcome that it must come to is known.
 */
#ifndef TESTS_BENCH_WORLD_H
#define TESTS_BENCH_WORLD_H

#include <rko/decide.h>
#include <rko/load.h>

struct world {
	uint32_t grants, episodes, clients, documents;
};

/* `grants` is rounded down to whole tens of services in either county. */
void world_init(struct world *world, uint32_t grants);

struct world_loaded {
	uint64_t rows;
	/* In the library only, without making up the rows: on the wall's clock and of the processor. */
	uint64_t stage_ns, commit_ns, cpu_ns;
	struct rko_loaded loaded;
};

/* Stores the whole world. Ends the program with a message when that fails. */
void world_load(const struct world *world, struct rko_policy *policy, struct rko_facts *facts,
		struct world_loaded *ret_loaded);
/* The whole world as a file of facts. Gives how many rows it has. */
uint64_t world_write_yaml(const struct world *world, const struct rko_policy *policy, const char *path);

/* What a question is about, in the order in which the shares are shown. */
enum world_ask {
	ASK_READ, ASK_WRITE, ASK_SEARCH, ASK_CORRECT, ASK_ELSEWHERE, ASK_ENDED, ASK_WRONG_TASK, ASK_NO_DOCUMENT,
	ASKS
};
extern const char *const world_ask_words[ASKS];

/* One question: where it was drawn from. */
struct world_question {
	uint32_t episode;
	uint8_t ask;		/* enum world_ask */
	uint8_t user;		/* of the unit */
};

/* The n-th question of a series; a series is a sequence of its own. */
struct world_question world_question(const struct world *world, uint32_t series, uint32_t n);
/* The words of a question, made ready so that saying them costs what it costs a caller. */
enum { WORLD_SAID = 28 };
struct world_said {
	const char *field, *value;
};
struct world_script {
	const char *action;
	int64_t instant;
	struct world_said said[WORLD_SAID];
	uint32_t count;
	char text[900];
	size_t used;
};
/* The script must stay where it is. */
void world_script(const struct world *world, const struct world_question *question, struct world_script *ret_script);
/* Says it, as a caller would. */
void world_say(const struct world_script *script, struct rko_request *request);
enum rko_outcome world_expected(const struct world_question *question);

/* Ends the program with a message. */
void world_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
