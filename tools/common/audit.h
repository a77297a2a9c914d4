/* SPDX-License-Identifier: EUPL-1.2 */
/* Audit: what the commands that read a record share: which records are wanted, and a record as JSON and as FHIR. */
#ifndef RKO_TOOLS_AUDIT_H
#define RKO_TOOLS_AUDIT_H

#include <jansson.h>

#include "engine/audit/read.h"

enum { AUDIT_WHERE_MAX = 32, AUDIT_ROLES_MAX = 16 };

/* Which records are wanted: all of what is said must hold. */
struct audit_filter {
	struct audit_where {
		struct text field, value;
	} where[AUDIT_WHERE_MAX];
	size_t nwhere;
	const char *question, *action, *outcome, *rule, *caller;	/* NULL: any */
	struct walk_times times;	/* when it was written */
	enum audit_kinds { AUDIT_ALL, AUDIT_ASKED, AUDIT_DECISIONS } kinds;	/* asked: decisions and explanations */
};

/* What decisions and explanations have in common. */
struct audit_asked {
	const char *outcome;		/* in a word; the status when it failed */
	struct text caller, correlation, rule;
	const struct record_request *request;
};
/* False: the record is neither. It points into the record. */
bool audit_asked(const struct record *record, struct audit_asked *ret_asked);

void audit_filter_init(struct audit_filter *filter);
/* FIELD=VALUE. A set has the value when one of its elements is it. False: not of that form, or too many. */
bool audit_filter_where(struct audit_filter *filter, const char *word);
/* False when the word is no outcome and no status: granted, not_granted, …, facts_damaged, … */
bool audit_is_outcome(const char *word);
bool audit_filter_takes(const struct audit_filter *filter, const struct entry *entry, const struct record *record);

/* What came out, in a word: the outcome, or the status when it failed. */
const char *audit_outcome(const struct trace_head *head);
/* YYYY-MM-DDTHH:MM:SS.mmm+HH:MM */
enum { AUDIT_TIME_TEXT = 32 };
void audit_time_text(int64_t written, char text[AUDIT_TIME_TEXT]);

/* A record as a JSON object; `whole`: with its bytes in base64, for those who check proofs. */
json_t *audit_json(const struct entry *entry, const struct record *record, bool whole);
json_t *audit_base64(const void *data, size_t size);
/* The bytes of a base64 string; free() them. NULL when it is none. */
uint8_t *audit_from_base64(const json_t *text, size_t *ret_size);

/*
 * What the fields of a policy's requests mean to FHIR. A policy has its own names, so this is said by whoever exports.
 */
struct audit_roles {
	struct audit_role {
		const char *role;	/* of audit_role_words */
		struct text field;
	} list[AUDIT_ROLES_MAX];
	size_t count;
};
extern const char *const audit_role_words[];	/* ends with NULL */
/* ROLE=FIELD; false when there is no such role, or too many. */
bool audit_roles_add(struct audit_roles *roles, const char *word);
/* A decision, or that it was explained, as FHIR R4 AuditEvent, after IHE BasicAudit. */
json_t *audit_fhir(const struct entry *entry, const struct record *record, const struct audit_roles *roles,
		   const char *origin);

#endif
