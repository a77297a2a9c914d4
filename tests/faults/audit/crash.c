/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Kills the process that writes a log, cuts its power, fails its calls, and looks each time whether the log still has
 * every record that was acknowledged, in order, and is otherwise good.
 *
 *   crash random|step|power|error|lying [how many] [seed]
 *
 *   random   kill -9 at a random moment, four threads writing
 *   step     kill -9 before, in the middle of and after each call of the system
 *   power    the same, and what was not synced is lost, kept or torn by sectors of 512 bytes, at random
 *   error    each call fails, once or from then on: no room, an error of the disk, a write that stays short
 *   lying    a sync fails and the pages are lost all the same, while the next sync succeeds
 *
 * The writer tells what was acknowledged through a pipe, which outlives it.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "tests/common/audit.h"
#include "tests/common/fixture.h"

enum { THREADS = 4, BATCHES = 40, LOG_ROUNDS = 20, SECTOR = 512, STRIDE = 61 };

enum mode { RANDOM, STEP, POWER, ERROR, LYING };

static uint64_t state;

static uint32_t random_below(uint32_t bound)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 11) % bound;
}

/* The calls of the system ------------------------------------------------------------------------- */

enum { BEFORE, MIDDLE, AFTER, MOMENTS };

/* What is to happen, at which call. Shared with the parent, who reads how many calls there were. */
struct plan {
	enum mode mode;
	int at;			/* the call; 0: none */
	int moment;
	int error;
	bool onwards, once;
	int calls;		/* so far */
	int happened;
};
static struct plan *plan;

/* Bytes of files that the disk may not have yet: what stood there before, to be put back when the power goes. */
struct dirty {
	struct dirty *next;
	int file;		/* a descriptor of our own */
	ino_t inode;
	uint64_t at;
	size_t size;
	bool lost;		/* a sync that failed has dropped it: it comes back only if it is written again */
	uint8_t was[];
};
static struct dirty *dirt;	/* newest first */

static void remember(int file, size_t size, off_t at)
{
	struct dirty *one = malloc(sizeof *one + size);
	struct stat about;
	ssize_t got;

	fstat(file, &about);
	one->file = dup(file);
	one->inode = about.st_ino;
	one->at = (uint64_t)at;
	one->size = size;
	one->lost = false;
	memset(one->was, 0, size);
	got = pread(file, one->was, size, at);
	(void)got;
	/* Where a lost write lies below, the disk has what was there before that one. */
	for (struct dirty *other = dirt; other; other = other->next)
		for (size_t i = 0; other->lost && other->inode == one->inode && i < size; i++)
			if (one->at + i >= other->at && one->at + i < other->at + other->size)
				one->was[i] = other->was[one->at + i - other->at];
	one->next = dirt;
	dirt = one;
}

/* `after` was written again over all of `one`. */
static bool covers(const struct dirty *after, const struct dirty *one)
{
	return !after->lost && after->inode == one->inode && after->at <= one->at &&
	       after->at + after->size >= one->at + one->size;
}

static void synced(int file)
{
	struct stat about;

	fstat(file, &about);
	for (struct dirty **at = &dirt; *at;) {
		struct dirty *one = *at;
		bool safe = one->inode == about.st_ino && !one->lost;

		for (struct dirty *after = dirt; one->inode == about.st_ino && !safe && after != one; after = after->next)
			safe = covers(after, one);
		if (!safe) {
			at = &one->next;
			continue;
		}
		/* A later one may be what makes an earlier one safe: the list goes from the newest, so look first. */
		for (struct dirty *before = one->next; before && !one->lost; before = before->next)
			if (before->lost && covers(one, before))
				before->lost = false;
		*at = one->next;
		close(one->file);
		free(one);
	}
}

/* The power goes: of what is not synced some sectors are there and some are not. */
static void lose(void)
{
	for (struct dirty *one = dirt; one; one = one->next) {
		unsigned how = random_below(4);

		for (size_t i = 0; i < one->size;) {
			size_t sector = SECTOR - (one->at + i) % SECTOR, size = one->size - i < sector ? one->size - i : sector;
			bool back = one->lost || how == 0 || (how == 1 && random_below(2));

			if (back && pwrite(one->file, one->was + i, size, (off_t)(one->at + i)) < 0)
				abort();
			i += size;
		}
	}
}

static void die(void)
{
	plan->happened = 1;
	if (plan->mode == POWER || plan->mode == LYING)
		lose();
	kill(getpid(), SIGKILL);
	pause();
}

/* One call more. True when it is to fail. */
static bool comes(int moment)
{
	if (moment == BEFORE)
		plan->calls++;
	if (!plan->at || plan->calls < plan->at || (plan->calls > plan->at && !plan->onwards))
		return false;
	if (plan->mode == ERROR) {
		if (moment != BEFORE)
			return false;
		plan->happened = 1;
		errno = plan->error;
		return true;
	}
	if ((plan->mode == STEP || plan->mode == POWER) && moment == plan->moment)
		die();
	return false;
}

static ssize_t my_pwrite(int file, const void *data, size_t size, off_t at)
{
	ssize_t wrote;

	if (comes(BEFORE)) {
		if (plan->moment == MIDDLE && size > 1)	/* a part of it, and the next call fails */
			return pwrite(file, data, size / 2, at);
		return -1;
	}
	if (plan->mode == POWER || plan->mode == LYING)
		remember(file, size, at);
	if (plan->at == plan->calls && plan->moment == MIDDLE && plan->mode != ERROR) {
		wrote = pwrite(file, data, size / 2, at);
		(void)wrote;
		comes(MIDDLE);
	}
	wrote = pwrite(file, data, size, at);
	comes(AFTER);
	return wrote;
}

static int sync_with(int (*call)(int), int file)
{
	int result;

	if (comes(BEFORE))
		return -1;
	comes(MIDDLE);
	if (plan->mode == LYING && plan->at == plan->calls) {
		plan->happened = 1;
		for (struct dirty *one = dirt; one; one = one->next)
			one->lost = true;
		errno = EIO;
		return -1;
	}
	result = plan->mode == STEP || plan->mode == RANDOM ? call(file) : 0;
	synced(file);
	comes(AFTER);
	return result;
}

static int my_fdatasync(int file)
{
	return sync_with(fdatasync, file);
}

static int my_fsync(int file)
{
	return sync_with(fsync, file);
}

#define AROUND(call) \
	int result; \
	if (comes(BEFORE)) \
		return -1; \
	comes(MIDDLE); \
	result = call; \
	comes(AFTER); \
	return result

static int my_openat(int folder, const char *path, int flags, mode_t mode)
{
	AROUND(audit_io_system.openat(folder, path, flags, mode));
}

static int my_fallocate(int file, int mode, off_t at, off_t size)
{
	AROUND(fallocate(file, mode, at, size));
}

static int my_ftruncate(int file, off_t size)
{
	AROUND(ftruncate(file, size));
}

static int my_renameat(int from_folder, const char *from, int to_folder, const char *to)
{
	AROUND(renameat(from_folder, from, to_folder, to));
}

static int my_mkdirat(int folder, const char *path, mode_t mode)
{
	AROUND(mkdirat(folder, path, mode));
}

static int my_unlinkat(int folder, const char *path, int flags)
{
	AROUND(unlinkat(folder, path, flags));
}

static int64_t my_now(void)
{
	return audit_io_system.now();
}

static const struct audit_io my_io = {
	.openat = my_openat, .pwrite = my_pwrite, .fdatasync = my_fdatasync, .fsync = my_fsync,
	.fallocate = my_fallocate, .ftruncate = my_ftruncate, .renameat = my_renameat, .mkdirat = my_mkdirat,
	.unlinkat = my_unlinkat, .now = my_now,
};

/* The writer, a process of its own ---------------------------------------------------------------- */

struct acknowledged {
	int seed;
	unsigned count;
	uint64_t sequence;
};

static struct rko_audit *audit;
static int told;		/* the pipe's end */
static int first_seed;

static unsigned records_of(int seed)
{
	return 1 + (unsigned)seed % 3;
}

static unsigned size_of(int seed)
{
	return 100 + (unsigned)seed * 37 % 2900;
}

/* Appends batches of its own numbers until the log fails or all are done. */
static void *append(void *context)
{
	int thread = (int)(intptr_t)context;
	struct rko_audit_batch *batch;

	if (rko_audit_batch_new(&batch) != RKO_OK)
		abort();
	for (int i = 0; i < BATCHES; i++) {
		struct acknowledged one = { .seed = first_seed + i * THREADS + thread };
		enum rko_status status;

		one.count = records_of(one.seed);
		audit_batch(batch, one.seed, one.count, size_of(one.seed));
		status = rko_audit_append(audit, batch, &one.sequence);
		if (status != RKO_OK)
			break;
		if (write(told, &one, sizeof one) != sizeof one)
			abort();
	}
	/* What has failed stays so. */
	if (plan->mode == ERROR || plan->mode == LYING) {
		struct rko_audit_about about;

		rko_audit_about(audit, &about);
		audit_batch(batch, 0, 1, 10);
		if (about.status != RKO_OK && rko_audit_append(audit, batch, NULL) != RKO_AUDIT_FAILED)
			abort();
	}
	rko_audit_batch_free(batch);
	return NULL;
}

static void writer(const char *path, unsigned threads)
{
	const struct rko_audit_options options = { .segment_bytes = 64 << 10, .checkpoint_records = 32 };
	pthread_t all[THREADS];
	struct rko_fault fault;
	enum rko_status status;

	/* A sync that lies is followed by one more opening, and then the power goes. */
	for (int round = 0; round < (plan->mode == LYING ? 2 : 1); round++) {
		status = audit_open_with(path, &options, &my_io, &audit, &fault);
		if (status != RKO_OK) {
			if (!plan->happened)
				fprintf(stderr, "could not be opened: %s\n", fault.text);
			_exit(plan->happened ? 0 : 1);
		}
		first_seed += round * 10000;
		for (unsigned i = 0; i < threads; i++)
			if (pthread_create(&all[i], NULL, append, (void *)(intptr_t)i) != 0)
				abort();
		for (unsigned i = 0; i < threads; i++)
			pthread_join(all[i], NULL);
		if (plan->mode == LYING && round == 1)
			die();
		rko_audit_close(audit);
	}
	_exit(0);
}

/* The parent -------------------------------------------------------------------------------------- */

static struct acknowledged *list;
static size_t listed, room;

static void note(const struct acknowledged *one)
{
	if (listed == room) {
		room = room ? 2 * room : 1024;
		list = realloc(list, room * sizeof *list);
	}
	list[listed++] = *one;
}

static int by_sequence(const void *a, const void *b)
{
	const struct acknowledged *one = a, *other = b;

	return one->sequence < other->sequence ? -1 : one->sequence > other->sequence;
}

static int complain(const char *path, const char *what, uint64_t record)
{
	printf("LOST: %s, record %llu; mode %d, call %d, moment %d, error %d; the log is in %s\n", what,
	       (unsigned long long)record, plan->mode, plan->at, plan->moment, plan->error, path);
	return 1;
}

/* Every acknowledged batch stands where it was said to stand, and is what was given. */
static int look_for_all(const char *path)
{
	struct rko_audit_batch *batch;
	struct folder folder;
	struct entry entry;
	struct walk walk;
	size_t at = 0;
	unsigned index = 0;
	int result = 0;

	if (listed)
		qsort(list, listed, sizeof *list, by_sequence);
	assert_int_equal(rko_audit_batch_new(&batch), RKO_OK);
	assert_int_equal(folder_open(path, &folder, NULL), RKO_OK);
	assert_int_equal(walk_open(&walk, &folder, false, NULL), RKO_OK);
	while (!result && at < listed && walk_next(&walk, &entry) == WALK_RECORD) {
		size_t from;

		if (entry.sequence < list[at].sequence)
			continue;
		if (!index)
			audit_batch(batch, list[at].seed, list[at].count, size_of(list[at].seed));
		from = index ? batch->ends[index - 1] : 0;
		if (entry.size != batch->ends[index] - from || memcmp(entry.body, batch->bytes.at + from, entry.size) != 0)
			result = complain(path, "another record", entry.sequence);
		if (++index == list[at].count) {
			index = 0;
			at++;
		}
	}
	if (!result && at < listed)
		result = complain(path, "records are gone", list[at].sequence);
	walk_close(&walk);
	folder_close(&folder);
	rko_audit_batch_free(batch);
	return result;
}

/* Opens the log as whoever comes next does, and looks at it. */
static int look(const char *path)
{
	const struct rko_audit_options options = { .segment_bytes = 64 << 10, .checkpoint_records = 32 };
	struct verify_found found;
	struct rko_audit *next;
	struct rko_fault fault;

	if (rko_audit_open(path, &options, &next, &fault) != RKO_OK) {
		puts(fault.text);
		return complain(path, "the log does not open", 0);
	}
	audit_put(next, 1, 1, 50);
	if (rko_audit_close(next) != RKO_OK)
		return complain(path, "the log does not close", 0);
	found = audit_look(path, NULL, 0);
	if (found.bad) {
		printf("%s: %s\n", found.where, found.what);
		return complain(path, "the log is not good", found.bad_first);
	}
	return look_for_all(path);
}

/* Runs the writer until it ends, is killed, or (random) this kills it. */
static int run(const char *path, unsigned threads, int after_us)
{
	struct acknowledged one;
	int pipes[2], status;
	ssize_t got;
	pid_t child;

	if (pipe(pipes) != 0)
		abort();
	/* What is acknowledged must not have to wait for us. */
	fcntl(pipes[1], F_SETPIPE_SZ, 1 << 20);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		close(pipes[0]);
		told = pipes[1];
		writer(path, threads);
	}
	close(pipes[1]);
	if (after_us >= 0) {
		usleep((useconds_t)after_us);
		kill(child, SIGKILL);
	}
	while ((got = read(pipes[0], &one, sizeof one)) == sizeof one)
		note(&one);
	close(pipes[0]);
	waitpid(child, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status))
		return complain(path, "the writer gave up", 0);
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		return complain(path, "the writer broke", (uint64_t)WTERMSIG(status));
	return 0;
}

static void set_plan(enum mode mode, unsigned long round, int call)
{
	static const int errors[] = { ENOSPC, EIO, EDQUOT };

	plan->mode = mode;
	plan->at = mode == RANDOM ? 0 : call;
	plan->moment = mode == ERROR ? (round % 4 == 3 ? MIDDLE : BEFORE) : (int)(round % MOMENTS);
	plan->error = errors[round % 3];
	plan->onwards = mode == ERROR && round & 1;
	plan->calls = plan->happened = 0;
}

int main(int argc, char **argv)
{
	static const char *const modes[] = { "random", "step", "power", "error", "lying" };
	unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 10) : 50, seed = argc > 3 ? strtoul(argv[3], NULL, 10) : 1;
	unsigned long total = 0, happened = 0;
	char *folder = NULL, *path = NULL;
	unsigned mode = 0;
	int call = 0, calls = 0, result = 0;

	while (mode < 5 && (argc < 2 || strcmp(argv[1], modes[mode]) != 0))
		mode++;
	if (mode == 5 || sodium_init() < 0) {
		fputs("usage: crash random|step|power|error|lying [how many] [seed]\n", stderr);
		return 3;
	}
	plan = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (unsigned long round = 0; round < count && !result; round++) {
		state = (seed * 0x9e3779b97f4a7c15u + round + 1) * 0xbf58476d1ce4e5b9u;
		if (round % LOG_ROUNDS == 0) {
			if (folder) {
				free(path);
				folder_remove(folder);
			}
			folder = folder_new();
			path = audit_new(folder);
			total += listed;
			listed = 0;
		}
		first_seed = (int)(round % LOG_ROUNDS) * THREADS * BATCHES + 1;
		set_plan((enum mode)mode, round, call);
		result = run(path, mode == RANDOM || mode == ERROR ? THREADS : 1,
			     mode == RANDOM ? (int)random_below(60000) : -1);
		happened += mode == RANDOM || plan->happened;
		/* Nothing happens in the first round, which tells how many calls there are. Then each comes at its time. */
		if (!round)
			calls = plan->calls;
		call = calls ? 1 + (int)((round / (mode == ERROR ? 1 : MOMENTS) * STRIDE) % (unsigned long)calls) : 0;
		if (!result)
			result = look(path);
	}
	total += listed;
	if (!result) {
		printf("%s: %lu times, %lu of them hit; %lu batches acknowledged, none lost\n", modes[mode], count, happened,
		       total);
		free(path);
		folder_remove(folder);
	}
	return result || (count && !happened);
}
