/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Request: what a caller says, checked against the policy as it is said. Ids stay text until a session gives
 * them the store's numbers.
 */
#ifndef RKO_DECIDE_REQUEST_H
#define RKO_DECIDE_REQUEST_H

#include <rko/decide.h>

#include "engine/base/date.h"
#include "engine/base/limits.h"
#include "engine/decide/policy.h"
#include "engine/facts/rows.h"

enum said { SAID_NOT, SAID_FACT, SAID_TEXT, SAID_SET };

struct said_value {
	uint8_t said;		/* enum said */
	int32_t fact;		/* SAID_FACT: a code, a date, FACT_NONE, FACT_OPEN */
	uint32_t text_at;	/* SAID_TEXT: an id */
	uint32_t text_len;
	uint32_t first, last;	/* SAID_SET: of `elements`, +1; 0: empty */
	uint32_t next;		/* of an element: the next one, +1 */
};

struct rko_request {
	struct rko_policy *policy;
	const struct question_view *view;
	uint32_t question;
	uint32_t action;	/* IMAGE_NONE: not said */
	bool has_instant;
	int64_t instant;
	bool has_day;
	day_t day;		/* asked about instead of the instant's */
	uint32_t generation;
	enum rko_refusal refusal;	/* the first mistake */
	uint32_t refused_field;		/* of the view, or IMAGE_NONE */
	char refused_name[LIMIT_NAME_BYTES * 2 + 2];	/* a field that is none */
	char refused_code[LIMIT_NAME_BYTES + 1];	/* what was said for a field of codes, to find the nearest; else "" */
	struct said_value *fields;	/* by field of the view */
	struct said_value *elements;
	uint32_t nelements;
	char *text;
	uint32_t text_len;
};

static inline struct text said_text(const struct rko_request *request, const struct said_value *said)
{
	return (struct text){ request->text + said->text_at, said->text_len };
}

/* Whether everything that the action needs was said and nothing else. Sets *ret_field (of the view). */
enum rko_refusal request_complete(const struct rko_request *request, uint32_t *ret_field);

/* A copy, with its mistakes. RKO_NO_MEMORY. rko_request_free() frees it. */
enum rko_status request_copy(const struct rko_request *request, struct rko_request **ret_request);
/*
 * A copy in which one field, which takes a single value and is named, will be said again and again. RKO_ARGUMENT when
 * it takes none or a set; RKO_NO_MEMORY. rko_request_free() frees it.
 */
enum rko_status request_open(const struct rko_request *request, struct text field, struct rko_request **ret_request,
			     uint32_t *ret_field);
/* Forgets what the copy said beyond `request`, which it was made from, and says the field. */
void request_vary(struct rko_request *copy, const struct rko_request *request, uint32_t field, struct text value);

/* Says again what a trace says that was said: a form (enum said) and its bytes. False when that cannot be. */
bool request_restore(struct rko_request *request, uint32_t field, uint8_t said, const uint8_t *bytes, size_t size);

#endif
