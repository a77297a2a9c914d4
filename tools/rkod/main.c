/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * rkod: answers AuthZEN requests by a policy and facts. The order of the start is the order of trust: settings,
 * sockets, policy and facts, then the process shuts itself in, and only then it reads what callers send.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <sodium.h>

#include "tools/rkod/clock.h"
#include "tools/rkod/config.h"
#include "tools/rkod/ground.h"
#include "tools/rkod/handlers.h"
#include "tools/rkod/http.h"
#include "tools/rkod/json.h"
#include "tools/rkod/log.h"
#include "tools/rkod/record.h"
#include "tools/rkod/shut.h"
#include "tools/rkod/sockets.h"
#include "tools/rkod/tls.h"

enum exit_code { EXIT_DONE = 0, EXIT_REFUSED = 3, EXIT_RECORD = 5 };
enum { TICK_MS = 100, TICKS_A_SECOND = 10 };

static _Atomic bool stopping;

static int open_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	/* Blocked here, and so in every thread that is started later. */
	if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
		return -1;
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void tell_policy(const char *event)
{
	struct ground *ground = ground_take();

	if (!ground)
		return;
	record_keep(ground->policy);
	LOG(LOG_INFO, event, FIELD("policy", shown(ground->digest)), FIELD("generation", ground_seen().generation),
	    FIELD("number", ground->number));
	ground_drop(ground);
}

/* When the new files are not good, connections go on with the old ones. */
static void reload_tls(const struct config *config)
{
	struct rko_fault fault;

	if (!config->tls_certificate)
		return;
	if (tls_load(config, &fault) == RKO_OK) {
		LOG(LOG_INFO, "certificate_taken", FIELD("until", tls_about().until));
		return;
	}
	metrics_add(METRIC_FAILED_CERTIFICATES, 1);
	LOG(LOG_ERROR, "certificate_refused", FIELD("why", shown(fault.text)));
}

/* A new policy and new facts, if they are good; a new certificate; and the record again, if it had failed. */
static void reload(const struct config *config)
{
	struct rko_audit_about about;
	struct rko_fault fault;
	enum rko_status status;

	sockets_notify("RELOADING=1");
	clock_confirm();
	status = ground_load(config, &fault);
	metrics_add(status == RKO_OK ? METRIC_RELOADS : METRIC_FAILED_RELOADS, 1);
	if (status == RKO_OK)
		tell_policy("reloaded");
	else
		LOG(LOG_ERROR, "reload_failed", FIELD("status", shown(rko_status_word(status))),
		    FIELD("why", shown(fault.text)));
	reload_tls(config);
	if (record_state(&about) != RKO_OK) {
		status = record_reopen(config, &fault);
		LOG(status == RKO_OK ? LOG_INFO : LOG_ERROR, "record_reopened",
		    FIELD("status", shown(rko_status_word(status))), FIELD("why", shown(fault.text)));
	}
	if (!atomic_load(&stopping))
		sockets_notify("READY=1");
}

/* Reloading waits for the disk, and the main thread must not: it is what gives up on a disk that is too slow. */
static _Atomic bool reload_wanted, reloading;

static void *reload_apart(void *context)
{
	reload(context);
	atomic_store(&reloading, false);
	return NULL;
}

static void start_reload(struct config *config)
{
	pthread_t thread;

	if (!atomic_load(&reload_wanted) || atomic_exchange(&reloading, true))
		return;
	atomic_store(&reload_wanted, false);
	if (pthread_create(&thread, NULL, reload_apart, config) == 0) {
		pthread_detach(thread);
		return;
	}
	atomic_store(&reloading, false);
	atomic_store(&reload_wanted, true);	/* at the next tick */
}

static void tick(const struct config *config, unsigned count)
{
	int64_t now;

	http_reap();
	record_reap(config->audit_seconds);
	if (count % TICKS_A_SECOND != 0)
		return;
	clock_now(&now);	/* the clock is watched whether somebody asks or not */
	ground_look();
}

/* Until a signal says to stop. */
static void serve(struct config *config, int signals)
{
	struct pollfd wait = { .fd = signals, .events = POLLIN };
	struct signalfd_siginfo signal;

	for (unsigned count = 0;; count++) {
		poll(&wait, 1, TICK_MS);
		while (read(signals, &signal, sizeof signal) == (ssize_t)sizeof signal) {
			if (signal.ssi_signo != SIGHUP)
				return;
			atomic_store(&reload_wanted, true);
		}
		start_reload(config);
		tick(config, count);
	}
}

/* Finishes what is under way, for as long as the operator allows. */
static int drain(const struct config *config)
{
	uint64_t until = clock_steady() + (uint64_t)config->drain_seconds * 1000000000u;
	enum rko_status status;

	atomic_store(&stopping, true);
	sockets_notify("STOPPING=1");
	http_quiesce();
	while ((http_busy() || atomic_load(&reloading)) && clock_steady() < until) {
		poll(NULL, 0, TICK_MS / 10);
		tick(config, 1);
	}
	if (http_busy())
		LOG(LOG_WARNING, "answers_given_up", FIELD("requests", http_busy()));
	record_end();	/* HTTP does not stop while an answer waits */
	if (atomic_load(&reloading)) {
		/* It uses what would be given back. Every record that was acknowledged is on the disk. */
		LOG(LOG_ERROR, "stopped_while_reloading");
		_exit(EXIT_RECORD);
	}
	http_stop();
	tls_free();
	status = record_close();
	ground_end();
	metrics_free();
	LOG(LOG_INFO, "stopped", FIELD("record", shown(rko_status_word(status))));
	return status == RKO_OK ? EXIT_DONE : EXIT_RECORD;
}

static bool prepare(const struct config *config)
{
	struct rko_fault fault;
	enum rko_status status;

	if (!gateway_check(config) || !http_listen(config))
		return false;
	status = tls_load(config, &fault);
	if (status == RKO_OK)
		status = ground_load(config, &fault);
	if (status != RKO_OK) {
		fprintf(stderr, "rkod: %s\n", fault.text);
		return false;
	}
	sockets_notify("STATUS=starting");
	if (!record_prepare(config) || !shut_in(config, record_folder()))
		return false;
	status = record_open(config, &fault);
	if (status != RKO_OK)
		fprintf(stderr, "rkod: %s\n", fault.text);
	return status == RKO_OK;
}

int main(int argc, char **argv)
{
	struct config config;
	int signals;
	bool done;

	if (!config_read(&config, argc, argv, &done))
		return EXIT_REFUSED;
	if (done)
		return EXIT_DONE;
	log_level_set((enum log_level)config.log_level);
	signals = open_signals();
	if (signals < 0 || sodium_init() < 0) {
		fprintf(stderr, "rkod: %s\n", strerror(errno));
		return EXIT_REFUSED;
	}
	json_start();
	search_start();
	if (!clock_start(config.clock_step, config.clock)) {
		fprintf(stderr, "rkod: demo-clock is `%s`; expected an instant such as 2026-07-10T10:00+03:00\n",
			config.clock);
		return EXIT_REFUSED;
	}
	if (!prepare(&config) || !http_start(&config)) {
		record_end();
		http_stop();
		tls_free();
		record_close();
		ground_end();
		metrics_free();
		return EXIT_REFUSED;
	}
	tell_policy("started");
	if (clock_is_demo())
		LOG(LOG_WARNING, "demo_clock", FIELD("start", shown(config.clock)));
	sockets_notify("READY=1");
	serve(&config, signals);
	return drain(&config);
}
