/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Json: writing JSON into a buf, value by value, compact or indented as jansson does it. Nothing is built and nothing
 * allocated but what the buf takes; the owner asks buf_failed() once. Whoever writes sees to it that each object or
 * array that is opened is closed, that in an object a name stands before each value, and that no name comes twice.
 * Reading JSON is not for here.
 */
#ifndef RKO_BASE_JSON_H
#define RKO_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/buf.h"

struct json_writer {
	struct buf *out;
	unsigned indent;	/* columns for each level; 0: all on one line, without blanks */
	unsigned depth;
	bool more;		/* something stands before in what is open */
	bool named;		/* a name was written, its value is next */
};

void jw_object(struct json_writer *json);
void jw_object_end(struct json_writer *json);
void jw_array(struct json_writer *json);
void jw_array_end(struct json_writer *json);
/* A name that has nothing to escape. */
void jw_name_of(struct json_writer *json, const char *name, size_t length);
/* Any other: its text is as in jw_string(). */
void jw_any_name(struct json_writer *json, const char *name);
/* Text of UTF-8; a byte that is none becomes U+FFFD. */
void jw_string(struct json_writer *json, const char *text);
void jw_integer(struct json_writer *json, int64_t value);
void jw_bool(struct json_writer *json, bool value);
void jw_null(struct json_writer *json);

static inline void jw_name(struct json_writer *json, const char *name)
{
	jw_name_of(json, name, strlen(name));
}

#endif
