/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Log: one JSON object a line on standard error, for a journal or a collector.
 *
 *   LOG(LOG_INFO, "started", FIELD("threads", 2), FIELD("policy", shown(digest)));
 *
 * What a caller or a fact says never gets here. A field is a number, or a text that shown() vouches for; FIELD()
 * of a plain string or of a struct said does not compile.
 */
#ifndef RKOD_LOG_H
#define RKOD_LOG_H

#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* A text known to hold no id and no fact: a path of the operator, a digest, a word of the program. */
struct shown {
	const char *text;
};
static inline struct shown shown(const char *text)
{
	return (struct shown){ text };
}

/* A text that a caller said. There is no way to log one. */
struct said {
	const char *at;
	size_t len;
};

struct log_field {
	const char *key;
	const char *text;	/* NULL: the number */
	int64_t number;
};

static inline struct log_field log_text(const char *key, struct shown value)
{
	return (struct log_field){ key, value.text ? value.text : "", 0 };
}

static inline struct log_field log_number(const char *key, int64_t value)
{
	return (struct log_field){ key, NULL, value };
}

#define FIELD(key, value) \
	_Generic((value), struct shown: log_text, _Bool: log_number, int: log_number, unsigned: log_number, long: log_number, \
		 unsigned long: log_number, long long: log_number, unsigned long long: log_number)(key, value)

#define LOG(level, event, ...) \
	log_write(level, event, (const struct log_field[]){ __VA_ARGS__ __VA_OPT__(,) { NULL, NULL, 0 } })

void log_level_set(enum log_level level);
/* Lines that nobody took in time. */
uint64_t log_lost(void);
void log_write(enum log_level level, const char *event, const struct log_field *fields);

#endif
