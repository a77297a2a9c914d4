/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Many threads, one policy that is replaced while they work. docs/embedding.md goes through it.
 *
 *   cc threads.c $(pkg-config --cflags --libs rko) -pthread -o threads
 *   ./threads policy.image facts 2026-07-10T10:00+03:00 access read user=kaisa client=liisa …
 *
 * Each worker asks the same question 1000 times, and the policy is opened anew half-way.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <rko/decide.h>

enum { WORKERS = 4, DECISIONS = 1000 };

/* What every thread shares. `version` tells the workers, without a lock, that there is another policy. */
static struct {
	pthread_mutex_t lock;
	struct rko_policy *policy;
	atomic_uint version;
	struct rko_facts *facts;
} shared = { .lock = PTHREAD_MUTEX_INITIALIZER };

static pthread_barrier_t half_way, replaced;
static int nwords;
static char **words;
static int64_t at;

/* What one thread has for itself. */
struct worker {
	pthread_t thread;
	struct rko_session *session;
	struct rko_request *request;
	unsigned version, policies;
	unsigned granted, failed;
};

static void fill(struct rko_request *request)
{
	rko_request_clear(request);
	rko_request_action(request, words[1]);
	for (int i = 2; i < nwords; i++) {
		const char *equals = strchr(words[i], '=');

		if (equals)
			rko_request_set_n(request, words[i], (size_t)(equals - words[i]), equals + 1, strlen(equals + 1));
	}
	rko_request_at(request, at);
}

/* A session and a request belong to a policy: with another policy the worker takes new ones. */
static int take_policy(struct worker *worker)
{
	struct rko_policy *policy;
	enum rko_status status;

	pthread_mutex_lock(&shared.lock);
	worker->version = atomic_load(&shared.version);
	policy = rko_policy_ref(shared.policy);
	pthread_mutex_unlock(&shared.lock);

	rko_request_free(worker->request);
	rko_session_close(worker->session);
	worker->request = NULL;
	worker->session = NULL;
	status = rko_session_open(policy, shared.facts, &worker->session, NULL);
	if (status == RKO_OK)
		status = rko_request_new(policy, words[0], &worker->request);
	rko_policy_unref(policy);	/* session and request hold it */
	worker->policies++;
	return status == RKO_OK;
}

/* One decision. A store whose kinds of rows have changed needs the session to look at it again, once. */
static void decide(struct worker *worker)
{
	struct rko_decision decision;

	if (worker->version != atomic_load(&shared.version) && !take_policy(worker)) {
		worker->failed++;
		return;
	}
	fill(worker->request);
	if (rko_decide(worker->session, worker->request, &decision) == RKO_FACTS_SCHEMA &&
	    rko_session_refresh(worker->session) == RKO_OK)
		rko_decide(worker->session, worker->request, &decision);
	if (decision.status != RKO_OK)
		worker->failed++;
	else if (decision.outcome == RKO_GRANTED)
		worker->granted++;
}

static void *work(void *argument)
{
	struct worker *worker = argument;

	for (int i = 0; i < DECISIONS; i++) {
		if (i == DECISIONS / 2) {
			pthread_barrier_wait(&half_way);
			pthread_barrier_wait(&replaced);
		}
		decide(worker);
	}
	rko_request_free(worker->request);
	rko_session_close(worker->session);
	return NULL;
}

static int replace(const char *path)
{
	struct rko_policy *policy, *old;
	struct rko_fault fault;

	if (rko_policy_open(path, &policy, &fault) != RKO_OK) {
		fprintf(stderr, "%s\n", fault.text);	/* and everybody goes on with the old one */
		return 0;
	}
	pthread_mutex_lock(&shared.lock);
	old = shared.policy;
	shared.policy = policy;
	atomic_fetch_add(&shared.version, 1);
	pthread_mutex_unlock(&shared.lock);
	rko_policy_unref(old);	/* lives until its last session is closed */
	return 1;
}

int main(int argc, char **argv)
{
	static struct worker workers[WORKERS];
	unsigned granted = 0, failed = 0, policies = 0;
	struct rko_fault fault;

	if (argc < 6 || rko_instant_parse(argv[3], &at) != RKO_OK) {
		fputs("usage: threads IMAGE STORE INSTANT QUESTION ACTION FIELD=VALUE…\n", stderr);
		return 3;
	}
	words = argv + 4;
	nwords = argc - 4;
	if (rko_facts_open(argv[2], 0, &shared.facts, &fault) != RKO_OK) {
		fprintf(stderr, "%s\n", fault.text);
		return 5;
	}
	pthread_barrier_init(&half_way, NULL, WORKERS + 1);
	pthread_barrier_init(&replaced, NULL, WORKERS + 1);
	if (!replace(argv[1]))
		return 5;
	for (int i = 0; i < WORKERS; i++)
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
			return 5;
	pthread_barrier_wait(&half_way);
	replace(argv[1]);
	pthread_barrier_wait(&replaced);
	for (int i = 0; i < WORKERS; i++) {
		pthread_join(workers[i].thread, NULL);
		granted += workers[i].granted;
		failed += workers[i].failed;
		policies += workers[i].policies;
	}
	printf("%d threads, %u granted, %u failed, each thread took %u policies\n", WORKERS, granted, failed,
	       policies / WORKERS);
	rko_facts_close(shared.facts);
	rko_policy_unref(shared.policy);
	return failed ? 5 : 0;
}
