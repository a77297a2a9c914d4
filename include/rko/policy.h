/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Policies: a compiled image, verified and ready to decide by.
 *
 * A policy never changes once it is open and may be used by any number of threads. It lives until its last
 * user lets go: who opens it holds it, and so does every session and request made from it.
 */
#ifndef RKO_POLICY_H
#define RKO_POLICY_H

#include <stddef.h>
#include <stdint.h>

#include <rko/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rko_policy;

enum { RKO_DIGEST_BYTES = 32 };

/* Languages of labels and explanations. */
enum rko_language { RKO_FI, RKO_SV, RKO_EN };
/* Its code, as in BCP 47: fi, sv, en. */
const char *rko_language_word(enum rko_language language);

/* What stands where there is no such question, rule, field or code. */
#define RKO_NOTHING UINT32_MAX

/*
 * Days count from 1970-01-01 and lie between 1900-01-01 and 2199-12-31. An instant is seconds from
 * 1970-01-01T00:00:00Z.
 */
typedef int32_t rko_day;
#define RKO_DAY_OPEN INT32_MAX	/* without an end */

enum { RKO_DAY_TEXT = 11, RKO_INSTANT_TEXT = 26 };
/* YYYY-MM-DD; `open` for RKO_DAY_OPEN. */
void rko_day_text(rko_day day, char text[RKO_DAY_TEXT]);
/* YYYY-MM-DDTHH:MM:SS+HH:MM in Europe/Helsinki. RKO_CLOCK_RANGE. */
enum rko_status rko_instant_text(int64_t instant, char text[RKO_INSTANT_TEXT]);
/* Reads YYYY-MM-DDTHH:MM[:SS] and Z or an offset, which must be there. RKO_ARGUMENT. */
enum rko_status rko_instant_parse(const char *text, int64_t *ret_instant);
/* Reads YYYY-MM-DD. RKO_ARGUMENT. */
enum rko_status rko_day_parse(const char *text, rko_day *ret_day);

/* The zone whose civil dates decide, the version of its table, and the format of the images this library reads. */
const char *rko_zone_name(void);
const char *rko_zone_version(void);
unsigned rko_image_format(void);

/* Why a call failed, as a line of English; empty when it did not. Never holds a fact or an id. */
struct rko_fault {
	char text[240];
};

/*
 * Opens an image file: maps it and looks at every byte of it. RKO_IO (errno), RKO_IMAGE_VERSION,
 * RKO_IMAGE_DIGEST, RKO_IMAGE_INVALID, RKO_NO_MEMORY. `ret_fault` may be NULL. The file must be replaced by
 * renaming another over it, never written to while it is open.
 */
enum rko_status rko_policy_open(const char *path, struct rko_policy **ret_policy, struct rko_fault *ret_fault);
/* The same for an image in memory, which is copied. */
enum rko_status rko_policy_from(const void *image, size_t size, struct rko_policy **ret_policy,
				struct rko_fault *ret_fault);
struct rko_policy *rko_policy_ref(struct rko_policy *policy);
/* Lets go. Accepts NULL. */
void rko_policy_unref(struct rko_policy *policy);

struct rko_policy_about {
	uint8_t digest[RKO_DIGEST_BYTES];
	uint8_t sources_digest[RKO_DIGEST_BYTES];
	const char *modules;		/* names and versions of the policy's modules */
	const char *compiler;		/* version of the compiler */
	rko_day force_from, force_to;	/* days on which some rule is in force; force_to may be the last there is */
	size_t size;			/* of the image, bytes */
};
void rko_policy_about(const struct rko_policy *policy, struct rko_policy_about *ret_about);

/* Questions count from 0. RKO_NOTHING when there is none of that name. */
uint32_t rko_policy_questions(const struct rko_policy *policy);
uint32_t rko_policy_question(const struct rko_policy *policy, const char *name);

struct rko_question_about {
	const char *name;
	const char *asks;		/* the question in the language asked for */
	uint32_t actions, fields, answers, rules, duties;
	int lists;			/* 1: grants nothing, only lists what is to be done */
	uint32_t most_fetches;		/* rows that one decision looks up at the most */
	uint32_t most_steps;		/* nodes that it walks for one candidate at the most */
};
void rko_question_about(const struct rko_policy *policy, uint32_t question, enum rko_language language,
			struct rko_question_about *ret_about);
const char *rko_question_action(const struct rko_policy *policy, uint32_t question, uint32_t action);

struct rko_rule_about {
	const char *name;
	const char *says;
	const char *verb;		/* grant, prohibit, withhold, redact, silent, duty, law */
	const char *layer;		/* the overlay it belongs to, or "" for the base */
	const char *file;		/* module/file.rko */
	uint32_t line;
};
void rko_question_rule(const struct rko_policy *policy, uint32_t question, uint32_t rule,
		       enum rko_language language, struct rko_rule_about *ret_about);

enum rko_field_kind { RKO_FIELD_CODE, RKO_FIELD_DATE, RKO_FIELD_ID, RKO_FIELD_RECORD };
struct rko_field_about {
	const char *name;
	const char *label;
	enum rko_field_kind kind;
	const char *type;		/* code set or kind of record; "id", "date" */
	uint32_t given, found;		/* by action, a bit each: said by the caller, or looked up by the id said */
	int set, may_be_none, may_be_open;
};
void rko_question_field(const struct rko_policy *policy, uint32_t question, uint32_t field,
			enum rko_language language, struct rko_field_about *ret_about);

/*
 * Whether a request of the question may say a field of that name: a field of it, or `record.field` of a record that
 * is given. 0: no, 1: one value, 2: a set.
 */
int rko_question_says(const struct rko_policy *policy, uint32_t question, const char *field, size_t length);

/*
 * How a question is asked in the AuthZEN Authorization API: which part of its request says which field. No
 * entity: the policy does not say, and the question is not asked that way.
 */
enum rko_part { RKO_SUBJECT, RKO_RESOURCE, RKO_ACTION, RKO_CONTEXT };
struct rko_entity_about {
	enum rko_part part;
	const char *type;		/* of a subject or resource; else "" */
	uint32_t id;			/* field that the id says, or RKO_NOTHING */
	const char *id_given;		/* the name to say it by for actions that give the record; else "" */
	const uint32_t *fields;		/* that the properties say, each by its own name */
	uint32_t nfields;
};
uint32_t rko_question_entities(const struct rko_policy *policy, uint32_t question);
void rko_question_entity(const struct rko_policy *policy, uint32_t question, uint32_t entity,
			 struct rko_entity_about *ret_about);

/* What a duty asks for: a bit of rko_decision.duties each. */
struct rko_duty_about {
	const char *name;
	const char *says;
	const char *bearer;		/* code, or "" */
	int redaction;			/* hides fields instead of demanding something */
	uint32_t fields;		/* how many */
};
void rko_question_duty(const struct rko_policy *policy, uint32_t question, uint32_t duty,
		       enum rko_language language, struct rko_duty_about *ret_about);
/* The code of a field that a redaction hides. */
const char *rko_question_duty_field(const struct rko_policy *policy, uint32_t question, uint32_t duty, uint32_t field);

#ifdef __cplusplus
}
#endif

#endif
