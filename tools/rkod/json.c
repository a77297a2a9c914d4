/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rkod/json.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

/* Memory -------------------------------------------------------------------------------------------- */

enum { SCRATCH_BYTES = 128 << 10, ALIGN = 16 };

static __thread struct {
	_Alignas(ALIGN) char bytes[SCRATCH_BYTES];
	size_t used;
	bool spilled;			/* something came from the heap */
} scratch;

static bool started;

static void *take(size_t size)
{
	size_t rounded = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	void *at;

	if (rounded < size || rounded > sizeof scratch.bytes - scratch.used) {
		scratch.spilled = true;
		return malloc(size);
	}
	at = scratch.bytes + scratch.used;
	scratch.used += rounded;
	return at;
}

static void give_back(void *memory)
{
	uintptr_t at = (uintptr_t)memory, first = (uintptr_t)scratch.bytes;

	if (at < first || at >= first + sizeof scratch.bytes)
		free(memory);
}

void json_start(void)
{
	json_set_alloc_funcs(take, give_back);
	/* By itself the library reads /dev/urandom, which is shut by then, and would go by the time of day: then a caller
	   could send names that all fall into one place of its tables. */
	json_object_seed(randombytes_random() | 1);
	started = true;
}

void json_text_free(char *text)
{
	give_back(text);
}

void json_anew(void)
{
	scratch.used = 0;
	scratch.spilled = false;
}

void json_done(json_t *json)
{
	if (!started || scratch.spilled)
		json_decref(json);
}

/* Reading ------------------------------------------------------------------------------------------- */

static json_t *fail(struct json_fault *fault, const char *code, const char *message, size_t at)
{
	*fault = (struct json_fault){ code, message, at };
	return NULL;
}

/* The end of the string that begins at `at`, or the end of the text. */
static size_t skip_string(struct text text, size_t at)
{
	for (at++; at < text.len && text.at[at] != '"'; at++)
		if (text.at[at] == '\\')
			at++;
	return at;
}

static bool exceed(struct json_fault *fault, bool depth, size_t at)
{
	if (depth)
		fail(fault, "json_depth", "Nested deeper than 16 levels.", at);
	else
		fail(fault, "json_values", "More than 20000 values.", at);
	return false;
}

/* Depth and commas are counted on the bytes: outside of strings a bracket or comma is one, in any JSON. */
static bool within_bounds(struct text text, struct json_fault *fault)
{
	unsigned depth = 0, values = 0;

	for (size_t i = 0; i < text.len; i++) {
		switch (text.at[i]) {
		case '"':
			i = skip_string(text, i);
			continue;
		case '{':
		case '[':
			depth++;
			values++;
			break;
		case '}':
		case ']':
			depth -= depth > 0;
			continue;
		case ',':
			values++;
			break;
		default:
			continue;
		}
		if (depth > JSON_DEPTH || values > JSON_VALUES)
			return exceed(fault, depth > JSON_DEPTH, i);
	}
	return true;
}

/* Its own messages quote the text, so only the kind of error goes on. */
static json_t *explain(struct json_fault *fault, const json_error_t *error)
{
	size_t at = error->position > 0 ? (size_t)error->position : 0;

	switch (json_error_code(error)) {
	case json_error_duplicate_key:
		return fail(fault, "json_duplicate_name", "A name is there twice in one object.", at);
	case json_error_invalid_utf8:
		return fail(fault, "json_utf8", "The text is not UTF-8, or has a lone surrogate.", at);
	case json_error_numeric_overflow:
		return fail(fault, "json_number", "A number is too large: a whole one has at most 64 bits, another is a double.", at);
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return fail(fault, "json_nul", "A string holds a NUL.", at);
	case json_error_out_of_memory:
		return fail(fault, "no_memory", "Memory ran out.", at);
	default:
		return fail(fault, "json_syntax", "This is not JSON.", at);
	}
}

json_t *json_strict(struct text text, struct json_fault *fault)
{
	json_error_t error;
	json_t *json;

	if (!text.len)
		return fail(fault, "empty_body", "The body is empty; expected a JSON object.", 0);
	if (!within_bounds(text, fault))
		return NULL;
	json = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		return explain(fault, &error);
	if (!json_is_object(json)) {
		json_decref(json);
		return fail(fault, "not_an_object", "Expected a JSON object.", 0);
	}
	return json;
}

json_t *json_member(const json_t *object, const char *name)
{
	json_t *member = json_object_get(object, name);

	return member && !json_is_null(member) ? member : NULL;
}
