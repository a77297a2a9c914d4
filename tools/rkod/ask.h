/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Ask: one AuthZEN request as it was said, checked for form alone. What it means to a policy is mapping.h's.
 */
#ifndef RKOD_ASK_H
#define RKOD_ASK_H

#include <stdbool.h>

#include <jansson.h>

#include <rko/policy.h>

#include "tools/rkod/config.h"

struct entity {
	const char *type;
	const char *id;			/* NULL: it is what is searched for */
	const json_t *properties;	/* NULL: none */
};

struct ask {
	struct entity subject, resource;
	const char *action;		/* NULL: it is what is searched for */
	const json_t *action_properties;
	const json_t *context;
	enum telling tell;
	enum rko_language language;
};

/* What a search leaves open. */
enum ask_open { ASK_WHOLE, ASK_SUBJECT, ASK_RESOURCE, ASK_ACTION };

struct ask_fault {
	const char *code;
	const char *at;			/* JSON pointer within the item */
	const char *message;
};

/*
 * Reads an item; what it does not have itself comes from `defaults` (may be NULL). A member of the item replaces the
 * default as a whole, but for a type, id or name that it lacks. Strings belong to the JSON. False and a fault when
 * a member is missing or is of another type.
 */
bool ask_read(const json_t *item, const json_t *defaults, enum ask_open open, const struct config *config,
	      struct ask *ret_ask, struct ask_fault *ret_fault);

#endif
