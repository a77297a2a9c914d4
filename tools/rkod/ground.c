/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rkod/ground.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/rkod/clock.h"

static pthread_mutex_t switching = PTHREAD_MUTEX_INITIALIZER;
static struct ground *current;
static struct facts_seen seen = { RKO_FACTS_MISSING, 0, 0 };

/* Facts --------------------------------------------------------------------------------------------- */

/* A store may be open once in a process, so grounds on the same store share it. */
struct facts_handle {
	int refs;		/* atomic */
	struct rko_facts *facts;
	dev_t device;
	ino_t inode;
};

static bool same_store(const struct facts_handle *handle, const char *path)
{
	char file[4096];
	struct stat about;

	return snprintf(file, sizeof file, "%s/data.mdb", path) < (int)sizeof file && stat(file, &about) == 0 &&
	       about.st_dev == handle->device && about.st_ino == handle->inode;
}

static void facts_drop(struct facts_handle *handle)
{
	if (!handle || __atomic_sub_fetch(&handle->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	rko_facts_close(handle->facts);
	free(handle);
}

static enum rko_status facts_new(const char *path, struct facts_handle **ret_handle, struct rko_fault *fault)
{
	struct facts_handle *handle = calloc(1, sizeof *handle);
	enum rko_status status;
	char file[4096];
	struct stat about;

	if (!handle)
		return RKO_NO_MEMORY;
	status = rko_facts_open(path, 0, &handle->facts, fault);
	if (status != RKO_OK) {
		free(handle);
		return status;
	}
	handle->refs = 1;
	if (snprintf(file, sizeof file, "%s/data.mdb", path) < (int)sizeof file && stat(file, &about) == 0) {
		handle->device = about.st_dev;
		handle->inode = about.st_ino;
	}
	*ret_handle = handle;
	return RKO_OK;
}

static enum rko_status facts_take(const char *path, struct facts_handle **ret_handle, struct rko_fault *fault)
{
	struct ground *ground = ground_take();
	enum rko_status status;

	if (ground && same_store(ground->facts, path)) {
		*ret_handle = ground->facts;
		__atomic_add_fetch(&ground->facts->refs, 1, __ATOMIC_RELAXED);
		status = RKO_OK;
	} else {
		status = facts_new(path, ret_handle, fault);
	}
	ground_drop(ground);
	return status;
}

/* Policy -------------------------------------------------------------------------------------------- */

enum { IMAGE_MOST = 64 << 20 };

static enum rko_status io_fault(struct rko_fault *fault, const char *path, const char *what)
{
	snprintf(fault->text, sizeof fault->text, "%s: %s", path, what);
	return RKO_IO;
}

static enum rko_status use_image(const char *path, const char *bytes, size_t size, struct rko_policy **ret_policy,
				 struct rko_fault *fault)
{
	struct rko_fault found = { "" };
	enum rko_status status = rko_policy_from(bytes, size, ret_policy, &found);

	if (status != RKO_OK)
		snprintf(fault->text, sizeof fault->text, "%.100s: %.130s", path, found.text);
	return status;
}

/* Read once into memory: what was verified is what is used, whatever happens to the file. */
static enum rko_status open_policy(const char *path, struct rko_policy **ret_policy, struct rko_fault *fault)
{
	int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	enum rko_status status;
	struct stat about;
	ssize_t got = 0;
	size_t size = 0;
	char *bytes;

	if (file < 0 || fstat(file, &about) < 0 || !S_ISREG(about.st_mode) || about.st_size > IMAGE_MOST) {
		status = io_fault(fault, path, file < 0 ? strerror(errno) : "is not a file of a policy image's size");
		if (file >= 0)
			close(file);
		return status;
	}
	bytes = malloc((size_t)about.st_size + 1);
	while (bytes && size < (size_t)about.st_size &&
	       (got = read(file, bytes + size, (size_t)about.st_size - size)) > 0)
		size += (size_t)got;
	close(file);
	if (!bytes)
		return RKO_NO_MEMORY;
	if (got < 0)
		status = io_fault(fault, path, strerror(errno));
	else if (!size)
		status = io_fault(fault, path, "is empty; expected an image that `rko compile` wrote");
	else
		status = use_image(path, bytes, size, ret_policy, fault);
	free(bytes);
	return status;
}

static bool make_counts(struct ground *ground)
{
	ground->questions = rko_policy_questions(ground->policy);
	ground->counts = calloc(ground->questions + 1, sizeof *ground->counts);
	if (!ground->counts)
		return false;
	for (uint32_t i = 0; i < ground->questions; i++) {
		struct rko_question_about about;

		rko_question_about(ground->policy, i, RKO_EN, &about);
		ground->counts[i] = calloc(about.rules + 1, sizeof *ground->counts[i]);
		if (!ground->counts[i])
			return false;
		for (uint32_t j = 0; j <= about.rules; j++) {
			struct rko_rule_about rule = { .name = "" };

			if (j < about.rules)
				rko_question_rule(ground->policy, i, j, RKO_EN, &rule);
			ground->counts[i][j] = metrics_rule(about.name, rule.name);
			if (!ground->counts[i][j])
				return false;
		}
	}
	return true;
}

void ground_count(const struct ground *ground, const struct rko_decision *decision)
{
	struct rko_question_about about;
	uint32_t rule = decision->rule;

	rko_question_about(ground->policy, decision->question, RKO_EN, &about);
	if (rule >= about.rules)
		rule = about.rules;
	atomic_fetch_add_explicit(&ground->counts[decision->question][rule]->by[decision->outcome], 1,
				  memory_order_relaxed);
	metrics_add(METRIC_FETCHES, decision->fetches);
}

/* Grounds ------------------------------------------------------------------------------------------- */

static void worker_free(struct worker *worker)
{
	if (!worker)
		return;
	for (uint32_t i = 0; worker->requests && i < worker->ground->questions; i++)
		rko_request_free(worker->requests[i]);
	free(worker->requests);
	rko_session_close(worker->session);
	rko_audit_batch_free(worker->batch);
	free(worker);
}

static void ground_free(struct ground *ground)
{
	while (ground->idle) {
		struct worker *worker = ground->idle;

		ground->idle = worker->next;
		worker_free(worker);
	}
	for (uint32_t i = 0; ground->counts && i < ground->questions; i++)
		free(ground->counts[i]);
	free(ground->counts);
	mapping_free(ground->mapping);
	rko_policy_unref(ground->policy);
	facts_drop(ground->facts);
	pthread_mutex_destroy(&ground->lock);
	free(ground);
}

void ground_drop(struct ground *ground)
{
	if (ground && __atomic_sub_fetch(&ground->refs, 1, __ATOMIC_ACQ_REL) == 0)
		ground_free(ground);
}

struct ground *ground_take(void)
{
	struct ground *ground;

	pthread_mutex_lock(&switching);
	ground = current;
	if (ground)
		__atomic_add_fetch(&ground->refs, 1, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&switching);
	return ground;
}

static struct ground *switch_to(struct ground *ground)
{
	struct ground *old;

	pthread_mutex_lock(&switching);
	old = current;
	current = ground;
	if (ground)
		ground->number = old ? old->number + 1 : 1;
	pthread_mutex_unlock(&switching);
	return old;
}

static enum rko_status open_all(struct ground *ground, const struct config *config, struct rko_fault *fault)
{
	enum rko_status status = open_policy(config->policy, &ground->policy, fault);
	struct rko_policy_about about;
	struct worker *worker;

	if (status != RKO_OK)
		return status;
	rko_policy_about(ground->policy, &about);
	for (int i = 0; i < RKO_DIGEST_BYTES; i++)
		snprintf(ground->digest + 2 * i, 3, "%02x", about.digest[i]);
	status = facts_take(config->facts, &ground->facts, fault);
	if (status != RKO_OK)
		return status;
	ground->mapping = mapping_new(ground->policy);
	if (!ground->mapping || !make_counts(ground))
		return RKO_NO_MEMORY;
	if (ground->mapping->first == RKO_NOTHING) {
		snprintf(fault->text, sizeof fault->text, "%s: no request of the policy has `authzen` lines, so nothing "
			 "can be asked; see docs/sidecar.md", config->policy);
		return RKO_IMAGE_INVALID;
	}
	/* A session shows whether policy and facts fit one another, before anybody asks. */
	worker = calloc(1, sizeof *worker);
	if (!worker)
		return RKO_NO_MEMORY;
	status = rko_session_open(ground->policy, ground->facts->facts, &worker->session, fault);
	worker->ground = ground;
	worker_free(worker);
	return status;
}

enum rko_status ground_load(const struct config *config, struct rko_fault *fault)
{
	struct ground *ground = calloc(1, sizeof *ground);
	enum rko_status status;

	fault->text[0] = '\0';
	if (!ground)
		return RKO_NO_MEMORY;
	ground->refs = 1;
	pthread_mutex_init(&ground->lock, NULL);
	status = open_all(ground, config, fault);
	if (status != RKO_OK) {
		if (!fault->text[0])
			snprintf(fault->text, sizeof fault->text, "%s", rko_status_meaning(status));
		ground_free(ground);
		return status;
	}
	ground_drop(switch_to(ground));
	ground_look();
	return RKO_OK;
}

void ground_end(void)
{
	ground_drop(switch_to(NULL));
}

struct rko_facts *ground_facts(const struct ground *ground)
{
	return ground->facts->facts;
}

/* Workers ------------------------------------------------------------------------------------------- */

static struct worker *worker_new(struct ground *ground)
{
	struct worker *worker = calloc(1, sizeof *worker);

	if (!worker)
		return NULL;
	worker->ground = ground;
	worker->requests = calloc(ground->questions + 1, sizeof *worker->requests);
	if (!worker->requests || rko_audit_batch_new(&worker->batch) != RKO_OK ||
	    rko_session_open(ground->policy, ground->facts->facts, &worker->session, NULL) != RKO_OK) {
		worker_free(worker);
		return NULL;
	}
	return worker;
}

struct worker *ground_worker(struct ground *ground)
{
	struct worker *worker;

	pthread_mutex_lock(&ground->lock);
	worker = ground->idle;
	if (worker)
		ground->idle = worker->next;
	pthread_mutex_unlock(&ground->lock);
	return worker ? worker : worker_new(ground);
}

void ground_worker_back(struct worker *worker)
{
	struct ground *ground;

	if (!worker)
		return;
	ground = worker->ground;
	rko_audit_batch_clear(worker->batch);
	pthread_mutex_lock(&ground->lock);
	worker->next = ground->idle;
	ground->idle = worker;
	pthread_mutex_unlock(&ground->lock);
}

struct rko_request *worker_request(struct worker *worker, uint32_t question)
{
	struct rko_request **request = &worker->requests[question];
	struct rko_question_about about;

	if (*request) {
		rko_request_clear(*request);
		return *request;
	}
	rko_question_about(worker->ground->policy, question, RKO_EN, &about);
	if (rko_request_new(worker->ground->policy, about.name, request) != RKO_OK)
		return NULL;
	return *request;
}

/* The ticker ---------------------------------------------------------------------------------------- */

void ground_look(void)
{
	struct ground *ground = ground_take();
	struct facts_seen now = { RKO_FACTS_MISSING, 0, 0 };
	struct rko_facts_about about;

	if (!ground)
		return;
	now.status = rko_facts_about(ground->facts->facts, &about);
	if (now.status == RKO_OK) {
		now.generation = about.generation;
		now.recorded = about.recorded;
	}
	ground_drop(ground);
	pthread_mutex_lock(&switching);
	seen = now;
	pthread_mutex_unlock(&switching);
	if (!clock_is_demo() && now.status == RKO_OK)
		clock_seen(now.recorded);
}

struct facts_seen ground_seen(void)
{
	struct facts_seen copy;

	pthread_mutex_lock(&switching);
	copy = seen;
	pthread_mutex_unlock(&switching);
	return copy;
}
