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

/*
 * Values are built in memory of the thread's own, one request after the other; what does not fit comes from the heap.
 * json_start() is called once, before any thread builds one; without it all comes from the heap. json_anew() begins a request: nothing that this thread has
 * built before may be used any more, or given back.
 */
void json_start(void);
void json_anew(void);
/*
 * Ends what json_anew() began, in place of json_decref() of the only reference: a value whose parts are all of that
 * memory need not be walked to give each of them back. Accepts NULL.
 */
void json_done(json_t *json);
/* Gives back what json_dumps() gave: it is of the same memory. Accepts NULL. */
void json_text_free(char *text);

/* A member that is there and not null; else NULL. */
json_t *json_member(const json_t *object, const char *name);

#endif
