/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rkod/log.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static enum log_level most = LOG_INFO;

void log_level_set(enum log_level level)
{
	most = level;
}

/* A line is built on the stack, so that logging works when memory has run out. What does not fit is cut. */
struct line {
	char at[1024];
	size_t len;
};

static void put(struct line *line, char byte)
{
	if (line->len < sizeof line->at - 4)
		line->at[line->len++] = byte;
}

static void put_text(struct line *line, const char *text)
{
	put(line, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			put(line, '\\');
		put(line, (unsigned char)*text < ' ' ? ' ' : *text);
	}
	put(line, '"');
}

static void put_number(struct line *line, int64_t number)
{
	char digits[24];

	snprintf(digits, sizeof digits, "%lld", (long long)number);
	for (const char *at = digits; *at; at++)
		put(line, *at);
}

static void put_time(struct line *line)
{
	struct timespec now;
	struct tm utc;
	char text[40];
	size_t length;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	length = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + length, sizeof text - length, ".%03ldZ", now.tv_nsec / 1000000);
	put_text(line, text);
}

static _Atomic uint64_t lost;

uint64_t log_lost(void)
{
	return atomic_load_explicit(&lost, memory_order_relaxed);
}

/*
 * A collector that does not read holds up nobody: a line that would have to wait is lost, and counted. Under one lock, so
 * that the room that was seen is there; a pipe that has room has it for a whole line.
 */
static void write_line(const struct line *line)
{
	static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;
	struct pollfd room = { .fd = STDERR_FILENO, .events = POLLOUT };

	pthread_mutex_lock(&writing);
	if (poll(&room, 1, 0) != 1 || write(STDERR_FILENO, line->at, line->len) != (ssize_t)line->len)
		atomic_fetch_add_explicit(&lost, 1, memory_order_relaxed);
	pthread_mutex_unlock(&writing);
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
	static const char *const words[] = { "error", "warning", "info", "debug" };
	struct line line = { .len = 0 };

	if (level > most)
		return;
	for (const char *at = "{\"time\":"; *at; at++)
		put(&line, *at);
	put_time(&line);
	for (const char *at = ",\"level\":"; *at; at++)
		put(&line, *at);
	put_text(&line, words[level]);
	for (const char *at = ",\"event\":"; *at; at++)
		put(&line, *at);
	put_text(&line, event);
	for (; fields->key; fields++) {
		put(&line, ',');
		put_text(&line, fields->key);
		put(&line, ':');
		if (fields->text)
			put_text(&line, fields->text);
		else
			put_number(&line, fields->number);
	}
	/* Room was kept for these: a line that was cut is not well-formed, but it is one line. */
	line.at[line.len++] = '}';
	line.at[line.len++] = '\n';
	write_line(&line);
}
