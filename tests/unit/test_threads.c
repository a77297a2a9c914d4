/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * I3, I5. Deciding beside loading: every answer is of one generation, whatever is loaded meanwhile; and a decision takes
 * neither memory nor a lock. malloc() and the locks of pthreads are counted here by standing before those of libc.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/common/fixture.h"
#include "tools/common/cases.h"
#include "tools/common/cli.h"

/* Counting ------------------------------------------------------------------------------------------ */

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

#ifndef SANITIZED
static _Thread_local size_t taken, locked;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
int pthread_mutex_lock(pthread_mutex_t *mutex);
int pthread_rwlock_rdlock(pthread_rwlock_t *lock);
int pthread_rwlock_wrlock(pthread_rwlock_t *lock);

void *malloc(size_t size)
{
	taken++;
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	taken++;
	return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	taken++;
	return __libc_realloc(old, size);
}

/* The function of libc behind the one of this name here. */
#define BEHIND(name) ((__typeof__(name) *)(uintptr_t)dlsym(RTLD_NEXT, #name))

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	locked++;
	return BEHIND(pthread_mutex_lock)(mutex);
}

int pthread_rwlock_rdlock(pthread_rwlock_t *lock)
{
	locked++;
	return BEHIND(pthread_rwlock_rdlock)(lock);
}

int pthread_rwlock_wrlock(pthread_rwlock_t *lock)
{
	locked++;
	return BEHIND(pthread_rwlock_wrlock)(lock);
}

struct demo {
	struct rko_policy *policy;
	char *folder;
	struct rko_facts *facts;
	struct rko_session *session;
};

/* Every question of the demo, from the first decision of a session on. */
static size_t count_over(struct demo *demo, const struct rko_request *request, uint32_t *ret_fetches)
{
	struct rko_decision decision;
	size_t before_taken = taken, before_locked = locked, found;

	assert_int_equal(rko_decide(demo->session, request, &decision), RKO_OK);
	found = taken - before_taken + (locked - before_locked);
	*ret_fetches += decision.fetches;
	return found;
}

static void a_decision_takes_nothing(void **state)
{
	struct demo demo = { .policy = policy_compile(NULL, "policies"), .folder = folder_new() };
	char *yaml = file_read("policies/demo/facts.yaml", NULL);
	struct yaml_files files;
	struct fact_reader reader = { .files = &files, .policy = demo.policy };
	struct case_list list = { 0 };
	uint32_t fetches = 0;
	size_t before;
	void *volatile block;

	(void)state;
	demo.facts = facts_new(demo.folder);
	facts_load(demo.facts, demo.policy, yaml);
	before = taken;
	block = malloc(1);
	free(block);
	assert_int_equal(taken, before + 1);	/* what is counted here is really called */
	before = locked;
	assert_int_equal(rko_session_open(demo.policy, demo.facts, &demo.session, NULL), RKO_OK);
	assert_true(taken > before + 1 && locked > before);	/* also by the store */
	yaml_files_init(&files);
	assert_true(cases_read(&reader, "policies/demo/questions.yaml", &list));
	for (size_t i = 0; i < list.count; i++) {
		struct rko_request *request = request_from(&files, demo.policy, &list.list[i]->request);

		assert_non_null(request);
		rko_request_at(request, list.list[i]->at);
		assert_int_equal(count_over(&demo, request, &fetches), 0);
		rko_request_free(request);
	}
	assert_in_range(fetches, 50, 10000);
	yaml_files_free(&files);
	free(yaml);
	rko_session_close(demo.session);
	rko_facts_close(demo.facts);
	folder_remove(demo.folder);
	rko_policy_unref(demo.policy);
}
#else
static void a_decision_takes_nothing(void **state)
{
	(void)state;
	skip();	/* the sanitizers stand before malloc() themselves */
}
#endif

/* Readers and a writer ------------------------------------------------------------------------------ */

enum { READERS = 4, LOADS = 60 };

/* What the writer loads by turns. Half of the one with half of the other would be granted by a rule of its own. */
static const char *const loads[2] = {
	"document:\n  budget: {folder: plans, author: anna, state: draft}\n"
	"member:\n  - {folder: plans, user: bengt, role: auditor, begins: 2020-01-01, ends: open}\n",
	"document:\n  budget: {folder: plans, author: anna, state: published}\n"
	"member:\n  - {folder: plans, user: bengt, role: reader, begins: 2020-01-01, ends: open}\n",
};

struct shared {
	struct rko_policy *policy;
	struct rko_facts *facts;
	atomic_bool done, failed;
	atomic_size_t decided;
	atomic_uint seen;	/* generations, the last that some reader has seen */
};

static struct rko_request *ask(struct rko_policy *policy)
{
	struct rko_request *request;

	if (rko_request_new(policy, "documents", &request) != RKO_OK)
		return NULL;
	rko_request_action(request, "view");
	rko_request_set(request, "user", "bengt");
	rko_request_set(request, "document", "budget");
	rko_request_set(request, "network", "vpn");
	rko_request_set(request, "managed", "yes");
	rko_request_at(request, RECORDED);
	return request;
}

/* Generation 1 is the ground; then the two loads take turns. */
static bool fits(const struct rko_decision *decision)
{
	if (decision->status != RKO_OK)
		return false;
	if (decision->generation < 2)
		return decision->outcome == RKO_NOT_GRANTED;
	if (decision->generation % 2)
		return decision->outcome == RKO_GRANTED && strcmp(decision->rule_name, "members") == 0;
	return decision->outcome == RKO_NOT_GRANTED;
}

/* What went wrong, or NULL; cmocka's assertions are for its own thread. */
static const char *read_until_done(struct shared *shared)
{
	struct rko_session *session;
	struct rko_request *request = ask(shared->policy);
	const char *wrong = NULL;
	uint32_t before = 0;

	if (!request || rko_session_open(shared->policy, shared->facts, &session, NULL) != RKO_OK)
		return "no session";
	while (!wrong) {
		bool last = shared->done;
		struct rko_decision newest, old;

		rko_request_as_of(request, 0);
		rko_decide(session, request, &newest);
		if (!fits(&newest))
			wrong = "an answer that is of no generation";
		else if (newest.generation < before)
			wrong = "a generation that goes back";
		rko_request_as_of(request, 1 + newest.generation / 2);
		rko_decide(session, request, &old);
		if (!fits(&old) || old.generation != 1 + newest.generation / 2)
			wrong = "an answer that is not of the generation that was asked for";
		before = newest.generation;
		shared->seen = before;
		shared->decided++;
		if (last)
			break;
	}
	rko_session_close(session);
	rko_request_free(request);
	return wrong;
}

static void *read_on(void *context)
{
	struct shared *shared = context;
	const char *wrong = read_until_done(shared);

	shared->failed |= wrong != NULL;
	return (void *)(uintptr_t)wrong;
}

static void every_answer_is_of_one_generation(void **state)
{
	struct shared shared = { .policy = policy_compile(NULL, "examples/documents") };
	char *folder = folder_new();
	pthread_t readers[READERS];

	(void)state;
	shared.facts = facts_new(folder);
	facts_load(shared.facts, shared.policy,
		   "refreshed: 2026-01-01T12:00+02:00\n"
		   "user:\n  anna: {staff: yes}\n  bengt: {staff: no}\n"
		   "folder:\n  plans: {owner: anna, label: internal, site: headquarters}\n"
		   "document:\n  budget: {folder: plans, author: anna, state: archived}\n");
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, read_on, &shared), 0);
	for (int i = 0; i < LOADS; i++) {
		size_t before = shared.decided;

		assert_int_equal(facts_load(shared.facts, shared.policy, loads[i % 2]).generation, i + 2);
		while (shared.decided < before + READERS && !shared.failed)	/* the readers see much of it */
			sched_yield();
	}
	shared.done = true;
	for (int i = 0; i < READERS; i++) {
		void *wrong;

		assert_int_equal(pthread_join(readers[i], &wrong), 0);
		if (wrong)
			fail_msg("%s", (const char *)wrong);
	}
	assert_int_equal(shared.seen, LOADS + 1);
	assert_true(shared.decided >= LOADS);
	rko_facts_close(shared.facts);
	folder_remove(folder);
	rko_policy_unref(shared.policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_decision_takes_nothing),
		cmocka_unit_test(every_answer_is_of_one_generation),
	};

	/* Where the reader of files goes when memory runs out. */
	if (setjmp(cli_no_memory))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
