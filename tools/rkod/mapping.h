/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Mapping: which field of which question each part of an AuthZEN request says. The policy declares it (`authzen` in
 * its request); here it is looked up once for each policy and then followed.
 */
#ifndef RKOD_MAPPING_H
#define RKOD_MAPPING_H

#include <stdbool.h>

#include <rko/decide.h>

#include "tools/rkod/ask.h"

/* A field, with what a value for it needs to be known of it. */
struct map_field {
	const char *name;
	size_t length;
	bool set;			/* takes an array */
};

struct map_entity {
	enum rko_part part;
	const char *type;
	uint32_t id;			/* field, or RKO_NOTHING */
	const char *id_found, *id_given;	/* how to say it where it is found, and where it is given */
	uint32_t found, given;		/* actions, by bit */
	const char *kind;		/* of record that the id names, or "" */
	const char *prefix;		/* "record." of one that is given, or NULL */
	uint32_t nfields;
	struct map_field *fields;	/* that properties say */
};

struct map_action {
	const char *name;
	uint32_t question, bit;
};

struct mapping {
	const struct rko_policy *policy;
	struct map_action *actions;
	uint32_t nactions;
	struct map_question {
		struct map_entity *entities;
		uint32_t nentities;
	} *questions;
	uint32_t nquestions;
	uint32_t first;			/* the first question that can be asked; RKO_NOTHING: none can */
};

/* NULL when memory ran out. */
struct mapping *mapping_new(const struct rko_policy *policy);
/* Accepts NULL. */
void mapping_free(struct mapping *mapping);

/* NULL when no question that can be asked has this action. */
const struct map_action *mapping_action(const struct mapping *mapping, const char *name);
/* The entity of a part and type, or NULL. *ret_any: the question has lines for this part. */
const struct map_entity *mapping_entity(const struct mapping *mapping, uint32_t question, enum rko_part part,
					const char *type, bool *ret_any);

/*
 * Says to the request what the caller asked. Mistakes become mistakes of the request, which is then refused; a type
 * that the question does not know becomes one too.
 */
void mapping_say(const struct mapping *mapping, const struct map_action *action, const struct ask *ask,
		 struct rko_request *request);

#endif
