/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The recorder: decides every question of a series and writes down which LMDB operations that took. The functions it
 * stands in for are found before LMDB's own and the C library's, so it sees each call; it is a program of its own so
 * that what is timed elsewhere is not in its way.
 *
 *   record IMAGE STORE GRANTS SERIES QUESTIONS TAPE TAPE
 *
 * On the first tape nothing is remembered from one decision to the next: what LMDB must do for a decision that looks
 * up each row and each id once. On the second are the operations that a session did that went through the whole
 * series before.
 */
#include <dlfcn.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/seccomp.h>
#include <unistd.h>

#include "engine/decide/session.h"
#include "tests/bench/tape.h"
#include "tests/bench/world.h"

static struct tape *tape;	/* NULL: nothing is written down */
static bool counting;
static uint32_t allocations, locks;

/* LMDB --------------------------------------------------------------------------------------------- */

static uint8_t database_of[64];	/* by dbi */

#define REAL(name) \
	static __typeof__(name) *real; \
	if (!real) \
		*(void **)&real = dlsym(RTLD_NEXT, #name)

int mdb_dbi_open(MDB_txn *txn, const char *name, unsigned flags, MDB_dbi *dbi)
{
	REAL(mdb_dbi_open);
	int code = real(txn, name, flags, dbi);

	for (int i = 0; !code && i < TAPE_DATABASES; i++)
		if (name && strcmp(name, tape_databases[i]) == 0 && *dbi < sizeof database_of)
			database_of[*dbi] = (uint8_t)i;
	return code;
}

static void note(enum tape_what what, MDB_dbi dbi, unsigned move, const MDB_val *asked, int code, const MDB_val *key,
		 const MDB_val *value)
{
	struct tape_op op = { .what = (uint8_t)what, .database = database_of[dbi], .move = (uint8_t)move, .code = code };

	if (!tape)
		return;
	if (asked && asked->mv_size > UINT8_MAX)
		world_fail("a key of %zu bytes does not fit on the tape", asked->mv_size);
	if (asked)
		op.key_size = (uint8_t)asked->mv_size;
	if (key && !code)
		op.found = tape_sum(key->mv_data, key->mv_size, value->mv_data, value->mv_size);
	tape_add(tape, &op, asked ? asked->mv_data : NULL);
}

int mdb_txn_renew(MDB_txn *txn)
{
	REAL(mdb_txn_renew);
	int code = real(txn);

	note(TAPE_RENEW, 0, 0, NULL, code, NULL, NULL);
	return code;
}

void mdb_txn_reset(MDB_txn *txn)
{
	REAL(mdb_txn_reset);
	real(txn);
	note(TAPE_RESET, 0, 0, NULL, 0, NULL, NULL);
}

int mdb_cursor_renew(MDB_txn *txn, MDB_cursor *cursor)
{
	REAL(mdb_cursor_renew);
	int code = real(txn, cursor);

	note(TAPE_CURSOR_RENEW, mdb_cursor_dbi(cursor), 0, NULL, code, NULL, NULL);
	return code;
}

int mdb_cursor_get(MDB_cursor *cursor, MDB_val *key, MDB_val *value, MDB_cursor_op move)
{
	REAL(mdb_cursor_get);
	bool seeks = move == MDB_SET || move == MDB_SET_KEY || move == MDB_SET_RANGE;
	MDB_val asked = *key;
	int code = real(cursor, key, value, move);

	note(TAPE_CURSOR_GET, mdb_cursor_dbi(cursor), move, seeks ? &asked : NULL, code, key, value);
	return code;
}

int mdb_get(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *value)
{
	REAL(mdb_get);
	int code = real(txn, dbi, key, value);

	note(TAPE_GET, dbi, 0, key, code, key, value);
	return code;
}

/* Memory and locks --------------------------------------------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__)
#define COUNTS_MEMORY 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define COUNTS_MEMORY 0
#endif
#endif
#ifndef COUNTS_MEMORY
#define COUNTS_MEMORY 1
#endif

#if COUNTS_MEMORY
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void __libc_free(void *);
extern void *__libc_memalign(size_t, size_t);

static void count_allocation(void)
{
	allocations += counting;
}

void *malloc(size_t size)
{
	count_allocation();
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	count_allocation();
	return __libc_calloc(count, size);
}

void *realloc(void *at, size_t size)
{
	count_allocation();
	return __libc_realloc(at, size);
}

void free(void *at)
{
	count_allocation();
	__libc_free(at);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	count_allocation();
	return __libc_memalign(alignment, size);
}

int posix_memalign(void **ret, size_t alignment, size_t size)
{
	count_allocation();
	*ret = __libc_memalign(alignment, size);
	return 0;
}
#endif

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	REAL(pthread_mutex_lock);
	locks += counting;
	return real(mutex);
}

int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
	REAL(pthread_mutex_trylock);
	locks += counting;
	return real(mutex);
}

int pthread_rwlock_rdlock(pthread_rwlock_t *lock)
{
	REAL(pthread_rwlock_rdlock);
	locks += counting;
	return real(lock);
}

int pthread_rwlock_wrlock(pthread_rwlock_t *lock)
{
	REAL(pthread_rwlock_wrlock);
	locks += counting;
	return real(lock);
}

/* Deciding ----------------------------------------------------------------------------------------- */

struct recorder {
	struct world world;
	uint32_t series, questions;
	struct rko_policy *policy;
	struct rko_facts *facts;
	struct rko_session *session;
	struct rko_request *request;
};

static void must(enum rko_status status, const char *what)
{
	if (status != RKO_OK)
		world_fail("record: %s: %s", what, rko_status_word(status));
}

static void decide(struct recorder *recorder, uint32_t n, struct rko_decision *decision)
{
	struct world_question question = world_question(&recorder->world, recorder->series, n);
	struct world_script script;

	world_script(&recorder->world, &question, &script);
	world_say(&script, recorder->request);
	counting = true;
	rko_decide(recorder->session, recorder->request, decision);
	counting = false;
	if (decision->status != RKO_OK || decision->outcome != world_expected(&question))
		world_fail("question %u of series %u (%s) came to %s (%s, %s%s) and not to %s", n, recorder->series,
			   world_ask_words[question.ask], rko_outcome_word(decision->outcome),
			   rko_status_word(decision->status), decision->rule_name, decision->because,
			   rko_outcome_word(world_expected(&question)));
}

static void count(struct recorder *recorder, struct tape_about *about)
{
	struct rko_decision decision;

	allocations = locks = 0;
	for (uint32_t n = 0; n < recorder->questions; n++) {
		decide(recorder, n, &decision);
		about->outcomes[decision.outcome]++;
		about->fetches += decision.fetches;
		about->trace_bytes += decision.trace_size;
	}
	about->allocations = COUNTS_MEMORY ? allocations : UINT32_MAX;
	about->locks = locks;
}

static void record(struct recorder *recorder, bool forget, struct tape *to)
{
	struct rko_decision decision;

	/* The first time round is for what a session reads once: it belongs to no decision. */
	for (int round = 0; round < 2; round++) {
		for (uint32_t n = 0; n < recorder->questions; n++) {
			if (forget)
				store_reader_forget(recorder->session->reader);
			tape = round ? to : NULL;
			decide(recorder, n, &decision);
			tape = NULL;
			if (round)
				tape_end(to);
		}
	}
}

/*
 * Whether a decision calls the kernel: a child that may do nothing but end is killed if it does. It opens the store for
 * itself, as LMDB must not be taken through a fork.
 */
static bool calls_kernel(struct recorder *recorder, const char *store)
{
	struct rko_decision decision;
	pid_t child = fork();
	int status;

	if (child < 0)
		world_fail("record: fork failed");
	if (child == 0) {
		struct recorder own = *recorder;

		must(rko_facts_open(store, 0, &own.facts, NULL), store);
		must(rko_session_open(own.policy, own.facts, &own.session, NULL), "opening a session");
		for (uint32_t n = 0; n < own.questions; n++)
			decide(&own, n, &decision);
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) < 0)
			syscall(SYS_exit, 2);
		for (uint32_t n = 0; n < own.questions; n++)
			decide(&own, n, &decision);
		syscall(SYS_exit, 0);
	}
	if (waitpid(child, &status, 0) < 0 || (WIFEXITED(status) && WEXITSTATUS(status)))
		world_fail("record: the child that may not call the kernel could not be started");
	return !WIFEXITED(status);
}

int main(int argc, char **argv)
{
	struct recorder recorder = { .series = 0 };
	bool calls;

	if (argc != 8)
		world_fail("usage: record IMAGE STORE GRANTS SERIES QUESTIONS TAPE TAPE");
	world_init(&recorder.world, (uint32_t)strtoul(argv[3], NULL, 10));
	recorder.series = (uint32_t)strtoul(argv[4], NULL, 10);
	recorder.questions = (uint32_t)strtoul(argv[5], NULL, 10);
	must(rko_policy_open(argv[1], &recorder.policy, NULL), argv[1]);
	must(rko_request_new(recorder.policy, "access", &recorder.request), "a request");
	calls = calls_kernel(&recorder, argv[2]);
	must(rko_facts_open(argv[2], 0, &recorder.facts, NULL), argv[2]);
	must(rko_session_open(recorder.policy, recorder.facts, &recorder.session, NULL), "a session");
	for (int i = 0; i < 2; i++) {
		struct tape to;

		tape_init(&to, recorder.questions);
		record(&recorder, i == 0, &to);
		count(&recorder, &to.about);
		to.about.calls = calls;
		tape_write(&to, argv[6 + i]);
		tape_release(&to);
	}
	rko_session_close(recorder.session);
	rko_request_free(recorder.request);
	rko_facts_close(recorder.facts);
	rko_policy_unref(recorder.policy);
	return 0;
}
