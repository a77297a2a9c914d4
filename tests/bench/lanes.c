/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/bench/lanes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/decide/session.h"
#include "tests/bench/tape.h"

struct lane {
	pid_t child;
	int go, done;		/* pipes */
	struct lane_turn *turn;
	size_t bytes;
};

enum { CLASSES = 256 };

/* What a lane's own process has. */
struct runner {
	const struct lane_setup *setup;
	struct lane_turn *turn;
	uint32_t clock_ns;
	/* The engine's */
	struct rko_policy *policy;
	struct rko_facts *facts;
	struct rko_session *session;
	struct rko_request *request;
	struct world_script *scripts[2];
	uint8_t *classes;	/* of the hot series, by question and feature */
	uint32_t *ends;
	/* The floor's */
	struct floor *floor;
	struct tape tapes[2];
};

static uint64_t ns_of(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int compare_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* What it takes to look at the clock twice: it is in every latency and is taken away again. */
static uint32_t clock_cost(void)
{
	uint32_t costs[1001];

	for (int i = 0; i < 1001; i++) {
		uint64_t from = ns_of(CLOCK_MONOTONIC);

		costs[i] = (uint32_t)(ns_of(CLOCK_MONOTONIC) - from);
	}
	qsort(costs, 1001, sizeof *costs, compare_u32);
	return costs[500];
}

static void must(enum rko_status status, const char *what)
{
	if (status != RKO_OK)
		world_fail("%s: %s", what, rko_status_word(status));
}

static uint32_t since(const struct runner *runner, uint64_t from)
{
	uint64_t ns = ns_of(CLOCK_MONOTONIC) - from;

	return ns > runner->clock_ns ? (uint32_t)(ns - runner->clock_ns) : 0;
}

/* The engine --------------------------------------------------------------------------------------- */

static void open_engine(struct runner *runner)
{
	const struct lane_setup *setup = runner->setup;

	must(rko_policy_open(setup->image, &runner->policy, NULL), setup->image);
	must(rko_facts_open(setup->store, 0, &runner->facts, NULL), setup->store);
	must(rko_session_open(runner->policy, runner->facts, &runner->session, NULL), "a session");
	must(rko_request_new(runner->policy, "access", &runner->request), "a request");
	for (int s = 0; s < 2; s++) {
		runner->scripts[s] = calloc(setup->questions[s], sizeof **runner->scripts);
		if (!runner->scripts[s])
			world_fail("no memory");
		for (uint32_t n = 0; n < setup->questions[s]; n++) {
			struct world_question question = world_question(&setup->world, (uint32_t)s, n);

			world_script(&setup->world, &question, &runner->scripts[s][n]);
		}
	}
}

static void time_engine(struct runner *runner)
{
	struct lane_turn *turn = runner->turn;
	struct rko_decision decision;

	for (uint32_t i = 0; i < turn->count; i++) {
		uint64_t from;

		world_say(&runner->scripts[turn->series][turn->from + i], runner->request);
		from = ns_of(CLOCK_MONOTONIC);
		rko_decide(runner->session, runner->request, &decision);
		turn->latencies[i] = since(runner, from);
		turn->wrong += decision.status != RKO_OK;
	}
}

static void bulk(struct runner *runner)
{
	struct lane_turn *turn = runner->turn;
	uint64_t from = ns_of(CLOCK_MONOTONIC), cpu = ns_of(CLOCK_THREAD_CPUTIME_ID);
	struct rko_decision decision;

	for (uint32_t i = 0; i < turn->count; i++) {
		world_say(&runner->scripts[turn->series][turn->from + i], runner->request);
		if (turn->task == LANE_BULK)
			turn->wrong += rko_decide(runner->session, runner->request, &decision) != RKO_OK;
	}
	turn->cpu_ns = ns_of(CLOCK_THREAD_CPUTIME_ID) - cpu;
	turn->ns = ns_of(CLOCK_MONOTONIC) - from;
}

static void count(struct runner *runner)
{
	struct lane_turn *turn = runner->turn;
	struct rko_decision decision;

	memset(turn->outcomes, 0, sizeof turn->outcomes);
	turn->trace_bytes = 0;
	for (uint32_t i = 0; i < turn->count; i++) {
		world_say(&runner->scripts[turn->series][turn->from + i], runner->request);
		turn->wrong += rko_decide(runner->session, runner->request, &decision) != RKO_OK;
		turn->outcomes[decision.outcome]++;
		turn->trace_bytes += decision.trace_size;
	}
}

/* The features as the last candidate had them, and what that candidate came to. */
static bool take_classes(struct runner *runner, uint32_t n)
{
	const struct rko_session *session = runner->session;
	const struct bind *bind = &session->bind;
	const struct verdict *verdict = &session->verdict;
	uint8_t *classes = runner->classes + (size_t)n * CLASSES;

	if (!verdict->ncandidates)
		return false;
	runner->ends[n] = verdict->candidates[verdict->ncandidates - 1].terminal;
	if (runner->ends[n] == IMAGE_NONE)
		return false;
	for (uint32_t i = 0; i < bind->view->nfeatures; i++) {
		const struct bound_feature *feature = &bind->features[i];
		bool bound = feature->stamp == bind->stamps[bind->view->feature_lasts[i]];

		classes[i] = bound && feature->answer != ANSWER_UNKNOWN ? (uint8_t)bind_class(bind, i) : 0;
	}
	return true;
}

/* Refused questions have no walk: their place is taken by the one before. */
static void prepare_walks(struct runner *runner, uint32_t count)
{
	struct rko_decision decision;

	runner->classes = calloc(count, CLASSES);
	runner->ends = calloc(count, sizeof *runner->ends);
	if (!runner->classes || !runner->ends)
		world_fail("no memory");
	for (uint32_t n = 0; n < count; n++) {
		world_say(&runner->scripts[1][n], runner->request);
		must(rko_decide(runner->session, runner->request, &decision), "a decision");
		if ((decision.outcome == RKO_REFUSED || !take_classes(runner, n)) && n) {
			memcpy(runner->classes + (size_t)n * CLASSES, runner->classes + (size_t)(n - 1) * CLASSES, CLASSES);
			runner->ends[n] = runner->ends[n - 1];
		}
	}
}

static void walk_alone(struct runner *runner)
{
	struct lane_turn *turn = runner->turn;
	const struct image *image = &runner->policy->image;
	const struct question_view *view = &runner->policy->questions[rko_policy_question(runner->policy, "access")];
	uint32_t root = view->question->root, rounds = 20;
	uint64_t from;

	if (!runner->classes)
		prepare_walks(runner, runner->setup->questions[1]);
	from = ns_of(CLOCK_MONOTONIC);
	for (uint32_t round = 0; round < rounds; round++)
		for (uint32_t n = 0; n < turn->count; n++)
			turn->wrong += image_walk(image, view->view->plan, root, runner->classes + (size_t)n * CLASSES) !=
				       runner->ends[n];
	turn->ns = (ns_of(CLOCK_MONOTONIC) - from) / rounds;
}

static void run_engine(struct runner *runner)
{
	switch (runner->turn->task) {
	case LANE_TIME:
		time_engine(runner);
		break;
	case LANE_BULK:
	case LANE_SAY:
		bulk(runner);
		break;
	case LANE_WALK:
	case LANE_CHECK:
		walk_alone(runner);
		break;
	case LANE_COUNT:
		count(runner);
		break;
	case LANE_MEMORY:
	case LANE_END:
		break;
	}
}

/* The floor ---------------------------------------------------------------------------------------- */

static void open_floor(struct runner *runner, enum lane_kind kind)
{
	runner->floor = floor_open(runner->setup->store);
	for (int s = 0; s < 2; s++)
		tape_read(&runner->tapes[s], runner->setup->tapes[kind][s]);
}

/* As the engine's request was just said, the operations were just copied: both lie in the cache. */
static void run_floor(struct runner *runner)
{
	struct lane_turn *turn = runner->turn;
	uint8_t here[16384] __attribute__((aligned(16)));

	for (uint32_t i = 0; i < turn->count; i++) {
		size_t size;
		const uint8_t *at = tape_question(&runner->tapes[turn->series], turn->from + i, &size);
		uint64_t from;

		if (size > sizeof here)
			world_fail("the operations of one decision do not fit");
		memcpy(here, at, size);
		from = ns_of(CLOCK_MONOTONIC);
		if (turn->task == LANE_CHECK)
			turn->wrong += floor_check(runner->floor, here, size);
		else
			floor_run(runner->floor, here, size);
		turn->latencies[i] = since(runner, from);
	}
}

/* Processes ---------------------------------------------------------------------------------------- */

static void read_memory(struct lane_turn *turn)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[200];
	unsigned long kib;

	while (file && fgets(line, sizeof line, file)) {
		if (sscanf(line, "VmRSS: %lu", &kib) == 1)
			turn->rss = kib * 1024;
		else if (sscanf(line, "RssAnon: %lu", &kib) == 1)
			turn->rss_private = kib * 1024;
	}
	if (file)
		fclose(file);
}

static bool is_engine(enum lane_kind kind)
{
	return kind == LANE_ENGINE || kind == LANE_UNTRACED;
}

static void __attribute__((noreturn)) run_child(const struct lane_setup *setup, struct lane_turn *turn,
						enum lane_kind kind, int go, int done)
{
	struct runner runner = { .setup = setup, .turn = turn };
	char byte;

	if (is_engine(kind))
		open_engine(&runner);
	else
		open_floor(&runner, kind);
	while (read(go, &byte, 1) == 1 && turn->task != LANE_END) {
		runner.clock_ns = turn->clock_ns = clock_cost();
		turn->wrong = 0;
		if (turn->task == LANE_MEMORY)
			read_memory(turn);
		else if (is_engine(kind))
			run_engine(&runner);
		else
			run_floor(&runner);
		if (write(done, "", 1) != 1)
			break;
	}
	_exit(0);
}

static size_t turn_bytes(const struct lane_setup *setup)
{
	uint32_t most = setup->questions[0] > setup->questions[1] ? setup->questions[0] : setup->questions[1];

	return sizeof(struct lane_turn) + most * sizeof(uint32_t);
}

static struct lane_turn *map_turn(const struct lane_setup *setup, int memory)
{
	struct lane_turn *turn = mmap(NULL, turn_bytes(setup), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);

	if (turn == MAP_FAILED)
		world_fail("no memory");
	return turn;
}

enum { WORD_MEMORY, WORD_GO, WORD_DONE, WORD_GRANTS, WORD_UNIFORM, WORD_HOT, NUMBERS,
       WORD_IMAGE = NUMBERS, WORD_STORE, WORDS };

static void run_program(const struct lane_setup *setup, enum lane_kind kind, int memory, int go, int done)
{
	const char *program = setup->engines[kind];
	char numbers[NUMBERS][16], *argv[WORDS + 2] = { (char *)(uintptr_t)program };

	snprintf(numbers[WORD_MEMORY], 16, "%d", memory);
	snprintf(numbers[WORD_GO], 16, "%d", go);
	snprintf(numbers[WORD_DONE], 16, "%d", done);
	snprintf(numbers[WORD_GRANTS], 16, "%u", setup->world.grants);
	snprintf(numbers[WORD_UNIFORM], 16, "%u", setup->questions[0]);
	snprintf(numbers[WORD_HOT], 16, "%u", setup->questions[1]);
	for (int i = 0; i < NUMBERS; i++)
		argv[1 + i] = numbers[i];
	argv[1 + WORD_IMAGE] = (char *)(uintptr_t)setup->image;
	argv[1 + WORD_STORE] = (char *)(uintptr_t)setup->store;
	execv(program, argv);
	world_fail("%s cannot be run", program);
}

void lane_serve(char **words, int count)
{
	struct lane_setup setup = { 0 };
	uint32_t numbers[NUMBERS];

	if (count != WORDS)
		world_fail("the program of a lane; `bench` runs it");
	for (int i = 0; i < NUMBERS; i++)
		numbers[i] = (uint32_t)strtoul(words[i], NULL, 10);
	setup.image = words[WORD_IMAGE];
	setup.store = words[WORD_STORE];
	world_init(&setup.world, numbers[WORD_GRANTS]);
	setup.questions[0] = numbers[WORD_UNIFORM];
	setup.questions[1] = numbers[WORD_HOT];
	run_child(&setup, map_turn(&setup, (int)numbers[WORD_MEMORY]), LANE_ENGINE, (int)numbers[WORD_GO],
		  (int)numbers[WORD_DONE]);
}

struct lane *lane_open(const struct lane_setup *setup, enum lane_kind kind)
{
	struct lane *lane = calloc(1, sizeof *lane);
	int go[2], done[2], memory = memfd_create("turn", 0);

	if (!lane || memory < 0 || ftruncate(memory, (off_t)turn_bytes(setup)) < 0 || pipe(go) < 0 || pipe(done) < 0)
		world_fail("a lane cannot be opened");
	lane->bytes = turn_bytes(setup);
	lane->turn = map_turn(setup, memory);
	lane->child = fork();
	if (lane->child < 0)
		world_fail("a lane cannot be opened");
	if (lane->child == 0) {
		close(go[1]);
		close(done[0]);
		if (is_engine(kind))
			run_program(setup, kind, memory, go[0], done[1]);
		run_child(setup, lane->turn, kind, go[0], done[1]);
	}
	close(memory);
	close(go[0]);
	close(done[1]);
	lane->go = go[1];
	lane->done = done[0];
	return lane;
}

struct lane_turn *lane_run(struct lane *lane, enum lane_task task, uint32_t series, uint32_t from, uint32_t count)
{
	char byte;

	lane->turn->task = task;
	lane->turn->series = series;
	lane->turn->from = from;
	lane->turn->count = count;
	if (write(lane->go, "", 1) != 1 || read(lane->done, &byte, 1) != 1)
		world_fail("a lane ended early");
	return lane->turn;
}

void lane_close(struct lane *lane)
{
	lane->turn->task = LANE_END;
	if (write(lane->go, "", 1) == 1)
		waitpid(lane->child, NULL, 0);
	close(lane->go);
	close(lane->done);
	munmap(lane->turn, lane->bytes);
	free(lane);
}
