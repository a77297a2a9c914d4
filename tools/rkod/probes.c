/* SPDX-License-Identifier: EUPL-1.2 */
/* What operators and machines ask about the service itself. Nothing here tells how many or which people. */
#include "tools/rkod/handlers.h"

#include <stdio.h>
#include <string.h>

#include "tools/rkod/clock.h"
#include "tools/rkod/ground.h"
#include "tools/rkod/metrics.h"
#include "tools/rkod/record.h"
#include "tools/rkod/shut.h"
#include "tools/rkod/tls.h"

enum handled handle_healthz(struct exchange *exchange)
{
	exchange->status = 200;
	buf_string(&exchange->out, "{\"alive\":true}");
	return HANDLED;
}

struct check {
	const char *name;
	const char *state;	/* "good", or a code */
	bool good;
};

static struct check check_policy(struct ground *ground)
{
	return (struct check){ "policy", ground ? "good" : "policy_unavailable", ground != NULL };
}

static struct check check_facts(const struct config *config, int64_t now, bool clock_good)
{
	struct facts_seen facts = ground_seen();

	if (facts.status != RKO_OK)
		return (struct check){ "facts", rko_status_word(facts.status), false };
	if (config->facts_max_age && (!clock_good || now - facts.recorded > config->facts_max_age))
		return (struct check){ "facts", "facts_stale", false };
	return (struct check){ "facts", "good", true };
}

static struct check check_audit(const struct config *config)
{
	struct rko_audit_about about;
	enum rko_status status = record_state(&about);

	if (!record_wanted())
		return (struct check){ "audit", "off", true };
	if (status != RKO_OK)
		return (struct check){ "audit", rko_status_word(status), false };
	if (about.oldest_ns > (uint64_t)config->audit_seconds * 1000000000u)
		return (struct check){ "audit", "audit_slow", false };
	return (struct check){ "audit", "good", true };
}

static struct check check_tls(void)
{
	enum tls_state state = tls_about().state;

	return (struct check){ "tls", tls_word(state), state != TLS_EXPIRED };
}

enum handled handle_readyz(struct exchange *exchange)
{
	struct ground *ground = ground_take();
	int64_t now = 0;
	enum clock_state clock = clock_now(&now);
	struct check checks[] = {
		check_policy(ground),
		check_facts(exchange->config, now, clock == CLOCK_GOOD),
		check_audit(exchange->config),
		{ "clock", clock_is_demo() && clock == CLOCK_GOOD ? "demo" : clock_word(clock), clock == CLOCK_GOOD },
		check_tls(),
	};
	bool ready = true;

	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
		ready = ready && checks[i].good;
	exchange->status = ready ? 200 : 503;
	buf_printf(&exchange->out, "{\"ready\":%s", ready ? "true" : "false");
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
		buf_printf(&exchange->out, ",\"%s\":\"%s\"", checks[i].name, checks[i].state);
	buf_printf(&exchange->out, ",\"confined\":\"%s\"", shut_word());
	if (ground)
		buf_printf(&exchange->out, ",\"digest\":\"%s\",\"generation\":%u", ground->digest, ground_seen().generation);
	buf_char(&exchange->out, '}');
	ground_drop(ground);
	return HANDLED;
}

static void gauge(struct buf *out, const char *name, const char *help, double value)
{
	buf_printf(out, "# HELP rkod_%s %s\n# TYPE rkod_%s gauge\nrkod_%s %.15g\n", name, help, name, name, value);
}

static void write_audit(struct buf *out)
{
	struct rko_audit_about about;
	bool good = record_state(&about) == RKO_OK;

	gauge(out, "audit_good", "1: decisions can be recorded.", good && record_wanted());
	if (!record_wanted())
		return;
	gauge(out, "audit_waiting", "Decisions whose record is not on the disk yet.", (double)about.waiting);
	gauge(out, "audit_lag_seconds", "How long the oldest of them has waited.", (double)about.oldest_ns / 1e9);
	gauge(out, "audit_records", "Records on the disk.", (double)about.records);
	gauge(out, "audit_syncs", "Times the disk was waited for since the start.", (double)about.syncs);
	gauge(out, "audit_sync_seconds", "Time that took together.", (double)about.sync_ns / 1e9);
	gauge(out, "audit_disk_free_bytes", "Room left for the record.", (double)about.disk_free);
}

static void write_tls(struct buf *out)
{
	struct tls_about about = tls_about();

	if (about.state == TLS_OFF)
		return;
	gauge(out, "tls_good", "1: the newest certificate is in use, and has not expired.", about.state == TLS_GOOD);
	gauge(out, "tls_certificate_expires_seconds", "When it does, in seconds since 1970.", (double)about.until);
}

enum handled handle_metrics(struct exchange *exchange)
{
	struct facts_seen facts = ground_seen();
	struct ground *ground = ground_take();
	int64_t now = 0;
	bool clock = clock_now(&now) == CLOCK_GOOD;

	exchange->status = 200;
	exchange->type = "text/plain; version=0.0.4; charset=utf-8";
	metrics_write(&exchange->out);
	buf_printf(&exchange->out, "# HELP rkod_lost_log_lines_total Lines of the log that nobody took in time.\n"
		   "# TYPE rkod_lost_log_lines_total counter\nrkod_lost_log_lines_total %llu\n",
		   (unsigned long long)log_lost());
	gauge(&exchange->out, "clock_good", "1: the clock is believed.", clock);
	gauge(&exchange->out, "facts_good", "1: the facts can be read.", facts.status == RKO_OK);
	gauge(&exchange->out, "facts_generation", "Newest generation of the facts.", facts.generation);
	if (clock)
		gauge(&exchange->out, "facts_age_seconds", "Since they were recorded.", (double)(now - facts.recorded));
	write_audit(&exchange->out);
	write_tls(&exchange->out);
	if (ground)
		buf_printf(&exchange->out, "# HELP rkod_policy_info The policy in use.\n# TYPE rkod_policy_info gauge\n"
			   "rkod_policy_info{digest=\"%s\"} 1\n", ground->digest);
	ground_drop(ground);
	return HANDLED;
}

/* Where the service is, for those who look it up: as the operator says, else as the caller called it. */
static void base_url(struct exchange *exchange, char *url, size_t size)
{
	const char *host;

	exchange_asked_header(exchange, "Host", &host);
	if (exchange->config->public_url)
		snprintf(url, size, "%s", exchange->config->public_url);
	else
		snprintf(url, size, "https://%s", host && strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
								       "0123456789.-:[]") == strlen(host)
							     ? host : "localhost");
	if (*url && url[strlen(url) - 1] == '/')
		url[strlen(url) - 1] = '\0';
}

enum handled handle_configuration(struct exchange *exchange)
{
	static const struct {
		const char *name, *path;
	} members[] = {
		{ "access_evaluation_endpoint", "/access/v1/evaluation" },
		{ "access_evaluations_endpoint", "/access/v1/evaluations" },
		{ "search_subject_endpoint", "/access/v1/search/subject" },
		{ "search_resource_endpoint", "/access/v1/search/resource" },
		{ "search_action_endpoint", "/access/v1/search/action" },
	};
	char url[512];

	base_url(exchange, url, sizeof url);
	exchange->status = 200;
	buf_string(&exchange->out, "{\"policy_decision_point\":");
	buf_json(&exchange->out, text_from(url));
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		char whole[600];
		bool served = false;

		for (const struct route *route = routes; route->path; route++)
			served = served || strcmp(route->path, members[i].path) == 0;
		if (!served)
			continue;
		snprintf(whole, sizeof whole, "%s%s", url, members[i].path);
		buf_printf(&exchange->out, ",\"%s\":", members[i].name);
		buf_json(&exchange->out, text_from(whole));
	}
	buf_char(&exchange->out, '}');
	return HANDLED;
}
