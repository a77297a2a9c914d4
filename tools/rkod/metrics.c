/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rkod/metrics.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Upper bounds in microseconds: from one decision to what a slow disk takes. */
static const unsigned bounds[] = { 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 50000, 250000, 1000000 };
enum { BOUNDS = sizeof bounds / sizeof bounds[0] };

struct histogram {
	_Atomic uint64_t in[BOUNDS + 1];
	_Atomic uint64_t sum_ns;
};

static struct histogram decided, answered;
static _Atomic uint64_t counts[METRICS];
static struct rule_count *_Atomic rules;
static pthread_mutex_t adding = PTHREAD_MUTEX_INITIALIZER;

static void observe(struct histogram *histogram, uint64_t ns)
{
	unsigned bucket = 0;

	while (bucket < BOUNDS && ns > (uint64_t)bounds[bucket] * 1000)
		bucket++;
	atomic_fetch_add_explicit(&histogram->in[bucket], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&histogram->sum_ns, ns, memory_order_relaxed);
}

void metrics_add(enum metric metric, uint64_t count)
{
	atomic_fetch_add_explicit(&counts[metric], count, memory_order_relaxed);
}

void metrics_decided(uint64_t ns)
{
	observe(&decided, ns);
}

void metrics_answered(uint64_t ns)
{
	observe(&answered, ns);
}

static struct rule_count *new_rule(const char *question, const char *rule)
{
	struct rule_count *count = calloc(1, sizeof *count);

	if (!count)
		return NULL;
	count->question = strdup(question);
	count->rule = strdup(rule);
	if (!count->question || !count->rule) {
		free(count->question);
		free(count->rule);
		free(count);
		return NULL;
	}
	count->next = atomic_load(&rules);
	atomic_store(&rules, count);
	return count;
}

struct rule_count *metrics_rule(const char *question, const char *rule)
{
	struct rule_count *count;

	pthread_mutex_lock(&adding);
	for (count = atomic_load(&rules); count; count = count->next)
		if (strcmp(count->rule, rule) == 0 && strcmp(count->question, question) == 0)
			break;
	if (!count)
		count = new_rule(question, rule);
	pthread_mutex_unlock(&adding);
	return count;
}

void metrics_free(void)
{
	struct rule_count *count = atomic_exchange(&rules, NULL);

	while (count) {
		struct rule_count *next = count->next;

		free(count->question);
		free(count->rule);
		free(count);
		count = next;
	}
}

/* Text ---------------------------------------------------------------------------------------------- */

static void write_histogram(struct buf *out, const char *name, const char *help, const struct histogram *histogram)
{
	uint64_t sum = 0;

	buf_printf(out, "# HELP %s %s\n# TYPE %s histogram\n", name, help, name);
	for (unsigned i = 0; i <= BOUNDS; i++) {
		sum += atomic_load(&histogram->in[i]);
		if (i < BOUNDS)
			buf_printf(out, "%s_bucket{le=\"%g\"} %llu\n", name, bounds[i] / 1e6, (unsigned long long)sum);
		else
			buf_printf(out, "%s_bucket{le=\"+Inf\"} %llu\n", name, (unsigned long long)sum);
	}
	buf_printf(out, "%s_sum %.9f\n%s_count %llu\n", name, (double)atomic_load(&histogram->sum_ns) / 1e9, name,
		   (unsigned long long)sum);
}

static void write_rules(struct buf *out)
{
	buf_string(out, "# HELP rkod_decisions_total Decisions by question, outcome and deciding rule.\n"
			"# TYPE rkod_decisions_total counter\n");
	for (const struct rule_count *count = atomic_load(&rules); count; count = count->next) {
		for (unsigned i = 0; i < OUTCOMES; i++) {
			uint64_t number = atomic_load(&count->by[i]);

			if (!number)
				continue;
			buf_string(out, "rkod_decisions_total{question=");
			buf_json(out, text_from(count->question));
			buf_printf(out, ",outcome=\"%s\",rule=", rko_outcome_word((enum rko_outcome)i));
			buf_json(out, text_from(count->rule));
			buf_printf(out, "} %llu\n", (unsigned long long)number);
		}
	}
}

void metrics_write(struct buf *out)
{
	static const struct {
		const char *name, *help;
	} about[METRICS] = {
		[METRIC_REQUESTS] = { "requests", "HTTP requests that were read." },
		[METRIC_BAD_REQUESTS] = { "bad_requests", "Requests refused for their form." },
		[METRIC_REFUSED_PEERS] = { "refused_peers", "Requests of callers who may not ask." },
		[METRIC_UNAVAILABLE] = { "unavailable", "Requests answered with 503." },
		[METRIC_FAILED_DECISIONS] = { "failed_decisions", "Decisions that could not be made, and were denials." },
		[METRIC_FETCHES] = { "fact_fetches", "Rows of facts looked up." },
		[METRIC_RELOADS] = { "reloads", "Policies and facts taken up." },
		[METRIC_FAILED_RELOADS] = { "failed_reloads", "Reloads that failed; the old policy went on." },
		[METRIC_AUDIT_LATE] = { "audit_late", "Answers given up because their record was not on the disk in time." },
		[METRIC_FAILED_CERTIFICATES] = { "failed_certificates", "New certificates refused; the old one went on." },
		[METRIC_CUT_CONNECTIONS] = { "cut_connections", "Connections cut for being too slow, too idle or too many." },
	};

	for (unsigned i = 0; i < METRICS; i++)
		buf_printf(out, "# HELP rkod_%s_total %s\n# TYPE rkod_%s_total counter\nrkod_%s_total %llu\n",
			   about[i].name, about[i].help, about[i].name, about[i].name,
			   (unsigned long long)atomic_load(&counts[i]));
	write_rules(out);
	write_histogram(out, "rkod_decision_seconds", "Time to make one decision.", &decided);
	write_histogram(out, "rkod_request_seconds", "Time from a whole request to its answer.", &answered);
}
