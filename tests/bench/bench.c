/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The benchmark: compiles the real policies, stores a synthetic world, and measures loading and deciding. Deciding is
 * measured against a floor: a process that does the LMDB operations of the same decisions and nothing else. What is
 * measured and how is in docs/performance.md.
 *
 *   bench [--rows=N] [--dir=FOLDER] [--keep] [--self-check] [POLICIES]
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rko/compile.h>

#include "engine/decide/trace.h"
#include "tests/bench/lanes.h"
#include "tests/bench/range.h"
#include "tests/bench/tape.h"

extern char **environ;

enum { UNIFORM, HOT, SERIES };

struct bench {
	const char *policies, *tool, *recorder, *engine, *untraced;
	char dir[200];
	char image[240], store[240], tapes[LANES][SERIES][240];
	uint32_t rows;
	bool keep, check;
	struct world world;
	struct lane_setup setup;
	struct tape_about about[LANES][SERIES];
};

/* Numbers ------------------------------------------------------------------------------------------ */

static int compare_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static double mean_below(const uint32_t *sorted, size_t count, double share)
{
	size_t n = (size_t)((double)count * share);
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += sorted[i];
	return n ? sum / (double)n : 0;
}

static double at_share(const uint32_t *sorted, size_t count, double share)
{
	return sorted[(size_t)((double)(count - 1) * share)];
}

static double cpu_seconds(const struct rusage *usage)
{
	return (double)usage->ru_utime.tv_sec + (double)usage->ru_stime.tv_sec +
	       ((double)usage->ru_utime.tv_usec + (double)usage->ru_stime.tv_usec) / 1e6;
}

static double thread_seconds(void)
{
	return clock_seconds(CLOCK_THREAD_CPUTIME_ID);
}

/* Files and programs ------------------------------------------------------------------------------- */

static size_t file_size(const char *path)
{
	struct stat about;

	return stat(path, &about) == 0 ? (size_t)about.st_size : 0;
}

static void make_folder(struct bench *bench)
{
	const char *tmp = getenv("TMPDIR");

	if (!bench->dir[0]) {
		snprintf(bench->dir, sizeof bench->dir, "%s/rko-bench.XXXXXX", tmp && *tmp ? tmp : "/tmp");
		if (!mkdtemp(bench->dir))
			world_fail("%s: %s", bench->dir, strerror(errno));
	} else if (mkdir(bench->dir, 0750) < 0) {
		world_fail("%s: %s", bench->dir, strerror(errno));
	}
	snprintf(bench->image, sizeof bench->image, "%s/policy.image", bench->dir);
	snprintf(bench->store, sizeof bench->store, "%s/facts", bench->dir);
	for (int lane = LANE_FLOOR; lane < LANES; lane++)
		for (int s = 0; s < SERIES; s++)
			snprintf(bench->tapes[lane][s], sizeof bench->tapes[lane][s], "%s/tape.%d.%d", bench->dir, lane, s);
}

/* Runs a program to its end. */
static void run_program(const char *const *argv, struct rusage *ret_usage)
{
	pid_t child;
	int status;

	if (posix_spawn(&child, argv[0], NULL, NULL, (char *const *)(uintptr_t)argv, environ))
		world_fail("%s cannot be run", argv[0]);
	if (wait4(child, &status, 0, ret_usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
		world_fail("%s failed", argv[0]);
}

static void remove_folder(const struct bench *bench)
{
	struct rusage usage;

	if (bench->keep)
		printf("\nkept in %s\n", bench->dir);
	else
		run_program((const char *const[]){ "/bin/rm", "-rf", "--", bench->dir, NULL }, &usage);
}

/* The machine -------------------------------------------------------------------------------------- */

static void say_machine(void)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[256], model[200] = "unknown processor";
	struct utsname name;
	double load[1] = { 0 };

	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "model name : %199[^\n]", model) == 1)
			break;
	if (file)
		fclose(file);
	uname(&name);
	getloadavg(load, 1);
	printf("machine    %s, %ld processors, %s %s, load %.1f\n", model, sysconf(_SC_NPROCESSORS_ONLN), name.sysname,
	       name.release, load[0]);
}

/* Compiling ---------------------------------------------------------------------------------------- */

static double compile_once(const struct bench *bench, bool keep_image)
{
	struct rko_compiler *compiler;
	double from = thread_seconds(), took;
	const void *image;
	size_t size;
	FILE *file;

	if (rko_compiler_new(&compiler) != RKO_OK)
		world_fail("no memory");
	rko_compiler_add(compiler, bench->policies);
	if (rko_compiler_run(compiler, RKO_STAGE_IMAGE) != RKO_OK)
		world_fail("%s: %s", bench->policies, rko_compiler_messages(compiler, RKO_MESSAGES_TEXT, 3, 0));
	took = thread_seconds() - from;
	image = rko_compiler_image(compiler, &size);
	if (keep_image) {
		file = fopen(bench->image, "wb");
		if (!file || fwrite(image, 1, size, file) != size || fclose(file))
			world_fail("%s: cannot be written", bench->image);
	}
	rko_compiler_free(compiler);
	return took;
}

enum { COMPILES = 9 };

static void bench_compile(const struct bench *bench)
{
	double seconds[COMPILES];
	struct range range;

	for (int i = 0; i < COMPILES; i++)
		seconds[i] = compile_once(bench, i == 0);
	range = range_of(seconds, COMPILES);
	printf("compile    %.0f ms of CPU [%.0f..%.0f] for %s with every proof; image %.0f KiB\n", range.middle * 1e3,
	       range.least * 1e3, range.most * 1e3, bench->policies, (double)file_size(bench->image) / 1024);
}

static void bench_open(const struct bench *bench)
{
	double seconds[21];
	struct range range;

	for (int i = 0; i < 21; i++) {
		struct rko_policy *policy;
		double from = thread_seconds();

		if (rko_policy_open(bench->image, &policy, NULL) != RKO_OK)
			world_fail("%s: cannot be opened", bench->image);
		seconds[i] = thread_seconds() - from;
		rko_policy_unref(policy);
	}
	range = range_of(seconds, 21);
	printf("open image %.2f ms of CPU [%.2f..%.2f]: mapped, its digest and every byte looked at\n", range.middle * 1e3,
	       range.least * 1e3, range.most * 1e3);
}

/* Loading ------------------------------------------------------------------------------------------ */

static void bench_load(const struct bench *bench)
{
	struct rko_facts_about about;
	struct world_loaded loaded;
	struct rko_policy *policy;
	struct rko_facts *facts;

	if (rko_policy_open(bench->image, &policy, NULL) != RKO_OK ||
	    rko_facts_open(bench->store, RKO_FACTS_CREATE, &facts, NULL) != RKO_OK)
		world_fail("%s: a store cannot be made", bench->store);
	world_load(&bench->world, policy, facts, &loaded);
	rko_facts_about(facts, &about);
	printf("load       %.0f k rows/s of CPU, %.0f k rows/s on the clock: %lu rows, %.2f s to take them, %.2f s to check,\n"
	       "           store and sync them\n",
	       (double)loaded.rows / (double)loaded.cpu_ns * 1e6,
	       (double)loaded.rows / (double)(loaded.stage_ns + loaded.commit_ns) * 1e6, loaded.rows,
	       (double)loaded.stage_ns / 1e9, (double)loaded.commit_ns / 1e9);
	printf("store      %.0f MiB, %.0f bytes a row; %u grants\n", (double)about.used / 1048576,
	       (double)about.used / (double)loaded.rows, bench->world.grants);
	rko_facts_close(facts);
	rko_policy_unref(policy);
}

static void bench_yaml(const struct bench *bench)
{
	struct rko_policy *policy;
	char path[240], store[240];
	struct rusage usage;
	struct world world;
	uint64_t rows;

	world_init(&world, bench->world.grants < 20000 ? bench->world.grants : 20000);
	snprintf(path, sizeof path, "%s/world.yaml", bench->dir);
	snprintf(store, sizeof store, "%s/from-yaml", bench->dir);
	if (rko_policy_open(bench->image, &policy, NULL) != RKO_OK)
		world_fail("%s: cannot be opened", bench->image);
	rows = world_write_yaml(&world, policy, path);
	rko_policy_unref(policy);
	run_program((const char *const[]){ bench->tool, "facts", "load", "--quiet", "--policy", bench->image,
					   "--store", store, path, NULL },
		    &usage);
	printf("from YAML  %.0f k rows/s of CPU: %lu rows, %.1f MiB of text, by `rko facts load`\n",
	       (double)rows / cpu_seconds(&usage) / 1e3, rows, (double)file_size(path) / 1048576);
}

/* Deciding ----------------------------------------------------------------------------------------- */

static void record(struct bench *bench)
{
	char grants[16], series[16], questions[16];
	struct rusage usage;
	struct tape tape;

	for (int s = 0; s < SERIES; s++) {
		snprintf(grants, sizeof grants, "%u", bench->world.grants);
		snprintf(series, sizeof series, "%d", s);
		snprintf(questions, sizeof questions, "%u", bench->setup.questions[s]);
		run_program((const char *const[]){ bench->recorder, bench->image, bench->store, grants, series, questions,
						   bench->tapes[LANE_FLOOR][s], bench->tapes[LANE_FLOOR_KEPT][s], NULL },
			    &usage);
		for (int lane = LANE_FLOOR; lane < LANES; lane++) {
			tape_read(&tape, bench->tapes[lane][s]);
			bench->about[lane][s] = tape.about;
			tape_release(&tape);
		}
	}
}

static double operations(const struct bench *bench, enum lane_kind floor, uint32_t series)
{
	const struct tape_about *about = &bench->about[floor][series];

	return (double)(about->counts[TAPE_CURSOR_GET] + about->counts[TAPE_GET]) / about->questions;
}

static void say_questions(const struct bench *bench)
{
	const struct tape_about *about = &bench->about[LANE_FLOOR][UNIFORM];
	double n = about->questions;

	printf("questions  %u drawn at random, outcomes known before:", about->questions);
	for (unsigned i = 0; i < 5; i++)
		if (about->outcomes[i])
			printf(" %s %.0f %%", rko_outcome_word((enum rko_outcome)i), about->outcomes[i] / n * 100);
	printf("\n           one decision: %.1f rows asked for, trace %.0f bytes\n", (double)about->fetches / n,
	       (double)about->trace_bytes / n);
	printf("           allocations %u, locks %u, system calls %s, in %u decisions\n", about->allocations, about->locks,
	       about->calls ? "SOME" : "none", about->questions);
}

enum { ROUNDS = 41, TURN = 2000 };

struct samples {
	uint32_t *at;
	size_t count;
};

static void keep(struct samples *samples, const struct lane_turn *turn)
{
	memcpy(samples->at + samples->count, turn->latencies, turn->count * sizeof *samples->at);
	samples->count += turn->count;
}

static void say_samples(const char *who, const struct samples *samples)
{
	double mean = mean_below(samples->at, samples->count, 0.99);

	printf("    %-8s p50 %6.0f   p99 %6.0f   p99.9 %6.0f   mean %6.0f ns   %7.0f a second\n", who,
	       at_share(samples->at, samples->count, 0.5), at_share(samples->at, samples->count, 0.99),
	       at_share(samples->at, samples->count, 0.999), mean, 1e9 / mean);
}

struct round {
	double middle[LANES], mean[LANES];
};

/* Each lane has its turn; who begins changes from round to round. */
static void one_round(struct lane *lanes[LANES], uint32_t series, uint32_t from, uint32_t count, uint32_t first,
		      struct samples *samples, struct round *ret)
{
	for (uint32_t i = 0; i < LANES; i++) {
		uint32_t which = (first + i) % LANES;
		struct lane_turn *turn = lane_run(lanes[which], LANE_TIME, series, from, count);

		if (turn->wrong)
			world_fail("%lu decisions failed", turn->wrong);
		keep(&samples[which], turn);
		qsort(turn->latencies, count, sizeof *turn->latencies, compare_u32);
		ret->middle[which] = at_share(turn->latencies, count, 0.5);
		ret->mean[which] = mean_below(turn->latencies, count, 0.99);
	}
}

static void say_ratio(const struct round *rounds, enum lane_kind other, const char *what)
{
	double middles[ROUNDS], means[ROUNDS];
	struct range middle, mean;

	for (int i = 0; i < ROUNDS; i++) {
		middles[i] = rounds[i].middle[LANE_ENGINE] / rounds[i].middle[other];
		means[i] = rounds[i].mean[LANE_ENGINE] / rounds[i].mean[other];
	}
	middle = range_of(middles, ROUNDS);
	mean = range_of(means, ROUNDS);
	printf("    engine / %s  p50 %.3f [%.2f..%.2f]   mean %.3f [%.2f..%.2f]\n", what, middle.middle, middle.least,
	       middle.most, mean.middle, mean.least, mean.most);
}

static void bench_series(const struct bench *bench, struct lane *lanes[LANES], uint32_t series, const char *what)
{
	uint32_t questions = bench->setup.questions[series], count = questions < TURN ? questions : TURN;
	struct samples samples[LANES] = { { 0 } };
	struct round rounds[ROUNDS];

	for (int i = 0; i < LANES; i++) {
		samples[i].at = malloc(ROUNDS * (size_t)count * sizeof *samples[i].at);
		if (!samples[i].at)
			world_fail("no memory");
		lane_run(lanes[i], LANE_TIME, series, 0, questions);	/* warm */
	}
	for (uint32_t round = 0; round < ROUNDS; round++)
		one_round(lanes, series, round * count % (questions / count * count), count, round, samples, &rounds[round]);
	for (int i = 0; i < LANES; i++)
		qsort(samples[i].at, samples[i].count, sizeof *samples[i].at, compare_u32);
	printf("\ndecisions, %s; %d rounds of %u, in turn\n", what, ROUNDS, count);
	say_samples("engine", &samples[LANE_ENGINE]);
	say_samples("no trace", &samples[LANE_UNTRACED]);
	say_samples("floor", &samples[LANE_FLOOR]);
	say_samples("kept", &samples[LANE_FLOOR_KEPT]);
	printf("    floor: %.1f LMDB operations, each row and id of a decision once; kept: the %.1f that the engine did\n",
	       operations(bench, LANE_FLOOR, series), operations(bench, LANE_FLOOR_KEPT, series));
	say_ratio(rounds, LANE_FLOOR, "floor   ");
	say_ratio(rounds, LANE_FLOOR_KEPT, "kept    ");
	say_ratio(rounds, LANE_UNTRACED, "no trace");
	for (int i = 0; i < LANES; i++)
		free(samples[i].at);
}

static struct range per_question(struct lane *lane, enum lane_task task, uint32_t series, uint32_t count)
{
	double ns[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		struct lane_turn *turn = lane_run(lane, task, series, 0, count);

		if (turn->wrong)
			world_fail("%lu walks came to something else", turn->wrong);
		ns[i] = (double)(task == LANE_WALK ? turn->ns : turn->cpu_ns) / count;
	}
	return range_of(ns, ROUNDS);
}

static void bench_parts(const struct bench *bench, struct lane *engine)
{
	uint32_t count = bench->setup.questions[HOT];
	struct range walk = per_question(engine, LANE_WALK, HOT, count), say = per_question(engine, LANE_SAY, HOT, count),
		     bulk = per_question(engine, LANE_BULK, HOT, count);
	struct lane_turn *turn;

	printf("\nthe diagram alone, features given     %.0f ns [%.0f..%.0f]\n", walk.middle, walk.least, walk.most);
	printf("saying the request, hot               %.0f ns [%.0f..%.0f]\n", say.middle, say.least, say.most);
	printf("said and decided, hot                 %.0f ns [%.0f..%.0f], %.0f a second and core\n", bulk.middle, bulk.least,
	       bulk.most, 1e9 / bulk.middle);
	turn = lane_run(engine, LANE_MEMORY, HOT, 0, 0);
	printf("memory of the deciding process        %.0f MiB resident, of which %.0f MiB are its own (%.0f MiB: questions of this benchmark)\n",
	       (double)turn->rss / 1048576, (double)turn->rss_private / 1048576,
	       (double)(bench->setup.questions[0] + bench->setup.questions[1]) * sizeof(struct world_script) / 1048576);
}

static void bench_decide(struct bench *bench)
{
	struct lane *lanes[LANES];
	char hot[80];

	record(bench);
	say_questions(bench);
	fflush(stdout);
	for (int i = 0; i < LANES; i++)
		lanes[i] = lane_open(&bench->setup, (enum lane_kind)i);
	bench_series(bench, lanes, UNIFORM, "uniform random");
	fflush(stdout);
	snprintf(hot, sizeof hot, "hot (%u questions)", bench->setup.questions[HOT]);
	bench_series(bench, lanes, HOT, hot);
	bench_parts(bench, lanes[LANE_ENGINE]);
	for (int i = 0; i < LANES; i++)
		lane_close(lanes[i]);
}

/* Checking ----------------------------------------------------------------------------------------- */

static unsigned checks, bad_checks;

static void check(bool good, const char *what)
{
	bad_checks += !good;
	printf("%sok %u - %s\n", good ? "" : "not ", ++checks, what);
}

/* The two engines come to the same; one writes its trace, and of the other's there is the head alone. */
static void check_engines(const struct bench *bench, struct lane *lanes[LANES])
{
	uint32_t count = bench->setup.questions[UNIFORM];
	const struct lane_turn *traced = lane_run(lanes[LANE_ENGINE], LANE_COUNT, UNIFORM, 0, count),
			       *untraced = lane_run(lanes[LANE_UNTRACED], LANE_COUNT, UNIFORM, 0, count);

	check(!traced->wrong && !untraced->wrong &&
		      memcmp(traced->outcomes, untraced->outcomes, sizeof traced->outcomes) == 0,
	      "the engine without its trace comes to the same");
	check(traced->trace_bytes == bench->about[LANE_FLOOR][UNIFORM].trace_bytes, "the engine's traces are whole");
	check(untraced->trace_bytes == count * sizeof(struct trace_head), "without, nothing of them is written");
}

static void self_check(struct bench *bench)
{
	const struct tape_about *about = bench->about[LANE_FLOOR_KEPT];
	struct lane *lanes[LANES];
	bool good = true;

	record(bench);	/* ends the program when an outcome is not the one that is known */
	check(true, "every decision comes to the outcome that is known");
	check(about[0].counts[TAPE_CURSOR_GET] && about[0].counts[TAPE_GET] &&
		      about[0].counts[TAPE_RENEW] == about[0].questions &&
		      about[0].counts[TAPE_RESET] == about[0].questions,
	      "each decision opens and closes one state of the facts");
	if (about[0].allocations != UINT32_MAX)
		check(!about[0].allocations && !about[1].allocations, "deciding allocates nothing");
	check(!about[0].locks && !about[1].locks, "deciding takes no lock");
	check(!about[0].calls && !about[1].calls, "deciding calls no kernel");
	for (int i = 0; i < LANES; i++)
		lanes[i] = lane_open(&bench->setup, (enum lane_kind)i);
	for (int lane = LANE_FLOOR; lane < LANES; lane++)
		for (uint32_t s = 0; s < SERIES; s++)
			good &= !lane_run(lanes[lane], LANE_CHECK, s, 0, bench->setup.questions[s])->wrong;
	check(good, "the floors' operations find what the engine's found");
	check(operations(bench, LANE_FLOOR_KEPT, HOT) < operations(bench, LANE_FLOOR, HOT),
	      "a session that remembers asks LMDB for less");
	check(!lane_run(lanes[LANE_ENGINE], LANE_CHECK, HOT, 0, bench->setup.questions[HOT])->wrong,
	      "the diagram comes to the same when the features are given");
	check_engines(bench, lanes);
	for (int i = 0; i < LANES; i++)
		lane_close(lanes[i]);
	printf("1..%u\n", checks);
}

/* Running ------------------------------------------------------------------------------------------ */

static void read_options(struct bench *bench, int argc, char **argv)
{
	static const struct option options[] = {
		{ "rows", required_argument, NULL, 'r' },  { "dir", required_argument, NULL, 'd' },
		{ "keep", no_argument, NULL, 'k' },	   { "self-check", no_argument, NULL, 'c' },
		{ "tool", required_argument, NULL, 't' },  { "recorder", required_argument, NULL, 'p' },
		{ "engine", required_argument, NULL, 'e' }, { "untraced", required_argument, NULL, 'u' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (option) {
		case 'r':
			bench->rows = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'd':
			snprintf(bench->dir, sizeof bench->dir, "%s", optarg);
			break;
		case 'k':
			bench->keep = true;
			break;
		case 'c':
			bench->check = true;
			break;
		case 't':
			bench->tool = optarg;
			break;
		case 'p':
			bench->recorder = optarg;
			break;
		case 'e':
			bench->engine = optarg;
			break;
		case 'u':
			bench->untraced = optarg;
			break;
		default:
			exit(2);
		}
	}
	if (optind < argc)
		bench->policies = argv[optind];
}

static void prepare(struct bench *bench)
{
	make_folder(bench);
	/* Of 1 652 000 rows a million are grants; some thousands are there at any size. */
	world_init(&bench->world, (uint32_t)((uint64_t)bench->rows * 1000 / 1650));
	bench->setup = (struct lane_setup){
		.image = bench->image,
		.store = bench->store,
		.engines = { bench->engine, bench->untraced },
		.world = bench->world,
		.questions = { bench->check ? 1000 : 50000, bench->check ? 300 : 2000 },
	};
	for (int lane = LANE_FLOOR; lane < LANES; lane++)
		for (int s = 0; s < SERIES; s++)
			bench->setup.tapes[lane][s] = bench->tapes[lane][s];
}

int main(int argc, char **argv)
{
	struct bench bench = { .policies = "policies", .tool = "build/rko", .recorder = "build/bench/record",
			       .engine = "build/bench/lane", .untraced = "build/bench/lane-untraced", .rows = 1650000 };

	read_options(&bench, argc, argv);
	prepare(&bench);
	if (bench.check) {
		compile_once(&bench, true);
		bench_load(&bench);
		self_check(&bench);
	} else {
		say_machine();
		bench_compile(&bench);
		bench_open(&bench);
		fflush(stdout);
		bench_load(&bench);
		bench_yaml(&bench);
		fflush(stdout);
		bench_decide(&bench);
	}
	fflush(stdout);
	remove_folder(&bench);
	return bad_checks != 0;
}
