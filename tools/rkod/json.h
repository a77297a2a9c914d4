/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * JSON as it comes from outside: I-JSON (RFC 7493) and nothing else. UTF-8 without lone surrogates, no name twice in
 * one object (escapes undone), no NUL, nothing behind the end; bounded in depth and in the count of values before
 * anything is built.
 */
#ifndef RKOD_JSON_H
#define RKOD_JSON_H

#include <jansson.h>

#include "engine/base/text.h"

enum { JSON_DEPTH = 16, JSON_VALUES = 20000 };

struct json_fault {
	const char *code;		/* "empty_body", "json_syntax", "json_duplicate_name", … */
	const char *message;
	size_t at;			/* byte of the body, counted from 0 */
};

/* The object that the text is; NULL and a fault when it is none. A new reference. */
json_t *json_strict(struct text text, struct json_fault *ret_fault);

/* A member that is there and not null; else NULL. */
json_t *json_member(const json_t *object, const char *name);

#endif
