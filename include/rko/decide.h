/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Deciding: a request, a session, a decision.
 *
 *   rko_policy_open("policy.image", &policy, NULL);
 *   rko_facts_open("facts", 0, &facts, NULL);
 *   rko_session_open(policy, facts, &session, NULL);
 *   rko_request_new(policy, "access", &request);
 *
 *   rko_request_clear(request);
 *   rko_request_action(request, "read");
 *   rko_request_set(request, "user", "n");
 *   …
 *   rko_request_at(request, time(NULL));
 *   if (rko_decide(session, request, &decision) == RKO_OK && decision.outcome == RKO_GRANTED)
 *           …
 *
 * A session and a request belong to one thread at a time; policies and facts may be shared. rko_decide()
 * allocates nothing and takes no lock. It reads the newest state of the facts, and nothing else: no clock, no
 * environment.
 */
#ifndef RKO_DECIDE_H
#define RKO_DECIDE_H

#include <stddef.h>
#include <stdint.h>

#include <rko/facts.h>
#include <rko/policy.h>
#include <rko/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Requests ------------------------------------------------------------------------------------------ */

struct rko_request;

/* RKO_ARGUMENT when the policy has no such question, RKO_NO_MEMORY. */
enum rko_status rko_request_new(struct rko_policy *policy, const char *question, struct rko_request **ret_request);
/* Accepts NULL. */
void rko_request_free(struct rko_request *request);
/* Forgets everything but the question. */
void rko_request_clear(struct rko_request *request);

/*
 * What a request says is copied. A mistake (an unknown action, field or code, a date that is none, a field said
 * twice) gives RKO_ARGUMENT and is remembered: a decision on the request is then `refused` and says why. So
 * a caller may leave all of these unchecked.
 *
 * A field is named as the policy names it; a field of a record that the request gives is `record.field`. Such a
 * record need not have its id yet; with the id of one that is stored the request is refused.
 * A value is a code, a date (YYYY-MM-DD), an id, or the words `none` and `open` where the policy allows them.
 * A field that is a set is said once for each element; rko_request_set_empty() says that it has none.
 */
enum rko_status rko_request_action(struct rko_request *request, const char *action);
enum rko_status rko_request_set(struct rko_request *request, const char *field, const char *value);
enum rko_status rko_request_set_n(struct rko_request *request, const char *field, size_t field_length,
				  const char *value, size_t length);
enum rko_status rko_request_set_empty(struct rko_request *request, const char *field);
/* The instant for which is asked, in seconds since 1970. Must be said. */
void rko_request_at(struct rko_request *request, int64_t instant);
/*
 * Asks what would be on another day than the instant's, on the same facts: what is recorded is taken to be as it
 * is known at the instant. RKO_ARGUMENT when the day is out of range.
 */
enum rko_status rko_request_on(struct rko_request *request, rko_day day);
/* What was known as of a generation of the facts. 0, or not said: the newest. */
void rko_request_as_of(struct rko_request *request, uint32_t generation);

/* Sessions ------------------------------------------------------------------------------------------ */

struct rko_session;

/*
 * RKO_FACTS_SCHEMA when the facts do not fit the policy's records, RKO_FACTS_BUSY when there are too many
 * readers, RKO_NO_MEMORY. Holds the policy; the facts must outlive it. Memory is taken here and never later.
 */
enum rko_status rko_session_open(struct rko_policy *policy, struct rko_facts *facts, struct rko_session **ret_session,
				 struct rko_fault *ret_fault);
/* Accepts NULL. */
void rko_session_close(struct rko_session *session);
/*
 * Makes the session fit a store whose kinds or codes have changed, after a decision gave RKO_FACTS_SCHEMA.
 * Allocates. RKO_FACTS_SCHEMA when they cannot be made to fit, RKO_NO_MEMORY.
 */
enum rko_status rko_session_refresh(struct rko_session *session);

/* Decisions ----------------------------------------------------------------------------------------- */

enum rko_outcome {
	RKO_NOT_GRANTED,	/* no rule grants; nothing that is unknown could change that */
	RKO_GRANTED,		/* the only permit */
	RKO_FORBIDDEN,		/* a rule prohibits */
	RKO_UNDECIDED,		/* something that is not known could still open it */
	RKO_REFUSED,		/* the request itself is wrong */
};
const char *rko_outcome_word(enum rko_outcome outcome);

enum rko_refusal {
	RKO_REFUSED_NOT,
	RKO_REFUSED_INSTANT,	/* none was said, or it is out of range */
	RKO_REFUSED_ACTION,	/* none was said, or there is no such action */
	RKO_REFUSED_NO_FIELD,	/* a field that the question has not */
	RKO_REFUSED_MISSING,	/* a field that the action needs was not said */
	RKO_REFUSED_NOT_CARRIED, /* a field that this action does not carry was said */
	RKO_REFUSED_TWICE,	/* a field was said twice */
	RKO_REFUSED_VALUE,	/* not a code of the set, not a date, not an id, or too long */
	RKO_REFUSED_NOT_FOUND,	/* what the field names is not in the facts */
	RKO_REFUSED_EXISTS,	/* a record that the request gives is in the facts already */
	RKO_REFUSED_MUST,	/* something that the policy demands of every request does not hold */
	RKO_REFUSED_LIMIT,	/* more than a request may hold */
};
const char *rko_refusal_word(enum rko_refusal refusal);

struct rko_decision {
	enum rko_status status;		/* other than RKO_OK: outcome is RKO_NOT_GRANTED */
	enum rko_outcome outcome;
	uint32_t question, action;
	uint32_t rule;			/* the first deciding rule, or RKO_NOTHING */
	const char *rule_name;		/* its name, or "" */
	uint64_t duties;		/* duties of the question that are due, a bit each */
	rko_day today;			/* civil date of the instant */
	rko_day stands_until;		/* on these facts the answer is the same at least to the end of this day */
	int64_t instant;
	uint32_t generation;		/* of the facts that were read */
	enum rko_refusal refusal;
	const char *because;		/* refused: the field, or the text of what must hold; else "" */
	uint32_t fetches;		/* rows looked up */
	/* The trace: what was read and what came of it, see docs/trace.md. Lives until the next decision. */
	const void *trace;
	size_t trace_size;
};

/*
 * Decides. The status is also in the decision, which is set in any case: a failure is a denial. RKO_FACTS_*,
 * RKO_IMAGE_*, RKO_CLOCK_RANGE; RKO_ARGUMENT when the request is of another policy.
 *
 * Strings of the decision belong to the policy.
 */
enum rko_status rko_decide(struct rko_session *session, const struct rko_request *request,
			   struct rko_decision *ret_decision);

/*
 * The first and the last day of the answer, exactly: beyond them the outcome or the duties differ on the same
 * facts. RKO_DAY_OPEN when it always was or always will be so. Decides again at every boundary, and reads more
 * than the decision did. The decision is one that this request was given. A status of rko_decide(), or
 * RKO_NO_MEMORY.
 */
enum rko_status rko_decide_until(struct rko_session *session, const struct rko_request *request,
				 const struct rko_decision *decision, rko_day *ret_until, rko_day *ret_since);

/* Stored traces ------------------------------------------------------------------------------------- */

/* The digest of the policy that a trace is of. RKO_ARGUMENT, and the fault says why, when it is no trace. */
enum rko_status rko_trace_policy(const void *trace, size_t size, uint8_t ret_digest[RKO_DIGEST_BYTES],
				 struct rko_fault *ret_fault);
/*
 * Reads a stored trace back: the request that was asked, on the generation it was decided on, and the decision it
 * came to. With both, rko_explain() explains what was decided then. The caller frees the request; the decision's
 * trace is the bytes that were handed in. A name that the request misspelt is not in the trace, nor which text did
 * not hold: `because` is then empty. RKO_ARGUMENT, and the fault says why, when the bytes are no trace, are damaged,
 * or are of another policy; RKO_NO_MEMORY. A change that leaves a trace that could be is not seen here, but by the
 * record that keeps it, and by an explanation that is not `reproduced`.
 */
enum rko_status rko_trace_read(struct rko_policy *policy, const void *trace, size_t size,
			       struct rko_request **ret_request, struct rko_decision *ret_decision,
			       struct rko_fault *ret_fault);

#ifdef __cplusplus
}
#endif

#endif
