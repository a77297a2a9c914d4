/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Record: what the body of a record says (docs/audit.md), written from a request and its decision, and read back.
 * Reading trusts nothing: a body may come from anywhere. Knows nothing of files or hashes.
 */
#ifndef RKO_AUDIT_RECORD_H
#define RKO_AUDIT_RECORD_H

#include <rko/audit.h>
#include <rko/explain.h>

#include "engine/audit/merkle.h"
#include "engine/base/buf.h"
#include "engine/decide/trace.h"

enum record_kind {
	RECORD_DECISION = 1,
	RECORD_CHECKPOINT,
	RECORD_OPENED,
	RECORD_ASIDE,
	RECORD_EXPIRED,
	RECORD_EXPLAINED,
};
const char *record_kind_word(enum record_kind kind);

enum { RECORD_FORMAT = 1, RECORD_HEAD = 4, RECORD_DUTIES = 64 };

/* What a request said, as it lies in a record. */
struct record_request {
	bool has_instant, has_day;
	enum rko_refusal refusal;	/* the first mistake, before it was asked */
	uint32_t generation;
	int64_t instant;
	rko_day day;
	struct text question, action, refused_field;
	uint32_t nfields;
	struct text fields;		/* for record_field_next() */
};

struct record_field {
	struct text name;
	bool set;
	uint32_t nvalues;
	struct text values;		/* for record_value_next() */
};

struct record_decision {
	uint8_t id[RKO_AUDIT_ID_BYTES];
	struct text bytes;		/* of the request */
	struct record_request request;
	struct text caller, correlation, rule;
	uint32_t nduties;
	struct text duties[RECORD_DUTIES];
	struct trace_head head;		/* of the trace */
	struct text trace;		/* all of it */
};

/* That a decision was explained: to whom, and which records of the facts that took. */
struct record_explained {
	uint8_t id[RKO_AUDIT_ID_BYTES];
	uint8_t of[RKO_AUDIT_ID_BYTES];	/* id of the decision's record; zeros: not known */
	struct hash trace;		/* of the trace that was explained */
	uint8_t policy[RKO_DIGEST_BYTES];
	uint32_t generation;
	bool requester;			/* the requester's form */
	bool reproduced;		/* the decision came out the same again */
	enum rko_language language;
	enum rko_outcome outcome;
	struct record_request request;
	struct text caller, correlation, rule;
	uint32_t nuses;
	struct text uses;		/* for record_use_next() */
};

/* A record of the facts that an explanation consulted. */
struct record_use {
	bool by_decision;		/* the decision had read it too */
	uint32_t generation;		/* that made it known */
	struct text kind;
	uint32_t nkey;
	struct text key;		/* for record_key_next() */
};

struct record {
	enum record_kind kind;
	union {
		struct record_decision decision;
		struct record_explained explained;
		struct text checkpoint;
		struct {
			struct text version;
			bool made;
		} opened;
		struct {
			struct text file;
			uint64_t bytes;
			struct hash hash;
		} aside;
		struct {
			uint64_t first;
			uint32_t month;
		} expired;
	};
};

/* Everything points into the body. False when it is none: of another kind or format, cut, or with bytes too many. */
bool record_read(const void *body, size_t size, struct record *ret_record);
/* The next field of a request, the next value of a field; false at the end. What was read by record_read() is whole. */
bool record_field_next(struct record_request *request, struct record_field *ret_field);
bool record_value_next(struct record_field *field, struct text *ret_value);
/* The next record that an explanation consulted, the next value of its key. The same. */
bool record_use_next(struct record_explained *explained, struct record_use *ret_use);
bool record_key_next(struct record_use *use, struct text *ret_value);

/* Writing: adds a body to `out`. A failed allocation is remembered there. */
void record_decision(struct buf *out, const struct rko_audit_asker *asker, const struct rko_request *request,
		     const struct rko_decision *decision, uint8_t id[RKO_AUDIT_ID_BYTES]);
/* `of` may be NULL. */
void record_explained(struct buf *out, const struct rko_audit_asker *asker, const struct rko_request *request,
		      const struct rko_decision *decision, const struct rko_explanation *explanation,
		      const uint8_t of[RKO_AUDIT_ID_BYTES], uint8_t id[RKO_AUDIT_ID_BYTES]);
void record_checkpoint(struct buf *out, const char *text);
void record_opened(struct buf *out, bool made);
void record_aside(struct buf *out, const char *file, uint64_t bytes, const struct hash *hash);
void record_expired(struct buf *out, uint64_t first, uint32_t month);

/* The request alone, in the one way of writing it. */
void record_request(struct buf *out, const struct rko_request *request);
bool record_request_read(struct text bytes, struct record_request *ret_request);

/* What record_read() does with the body of an explanation. */
bool explained_read(const void *body, size_t size, struct record_explained *ret_explained);

#endif
