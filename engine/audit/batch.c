/* SPDX-License-Identifier: EUPL-1.2 */
#include <sodium.h>
#include <stdlib.h>

#include "engine/audit/frame.h"
#include "engine/audit/log.h"
#include "engine/audit/record.h"
#include "engine/decide/request.h"

enum rko_status rko_audit_batch_new(struct rko_audit_batch **ret_batch)
{
	struct rko_audit_batch *batch = sodium_init() < 0 ? NULL : calloc(1, sizeof *batch);

	if (!batch)
		return RKO_NO_MEMORY;
	*ret_batch = batch;
	return RKO_OK;
}

void rko_audit_batch_free(struct rko_audit_batch *batch)
{
	if (!batch)
		return;
	rko_audit_batch_clear(batch);
	buf_release(&batch->bytes);
	free(batch);
}

void rko_audit_batch_clear(struct rko_audit_batch *batch)
{
	buf_reset(&batch->bytes);
	batch->count = 0;
	rko_policy_unref(batch->policy);
	batch->policy = NULL;
}

size_t rko_audit_batch_count(const struct rko_audit_batch *batch)
{
	return batch->count;
}

/* Whether the decision is of this request's policy and question, and has its trace. */
static bool belongs(const struct rko_request *request, const struct rko_decision *decision)
{
	struct trace_head head;	/* a trace that lies in a record lies anywhere */

	if (!decision->trace || decision->trace_size < sizeof head)
		return false;
	memcpy(&head, decision->trace, sizeof head);
	return decision->question == request->question &&
	       memcmp(head.policy, request->policy->image.head->digest, sizeof head.policy) == 0;
}

/* Whether one more of this policy may come. */
static enum rko_status admits(const struct rko_audit_batch *batch, const struct rko_request *request,
			      const struct rko_decision *decision)
{
	if (!belongs(request, decision) || (batch->policy && batch->policy != request->policy))
		return RKO_ARGUMENT;
	return batch->count == RKO_AUDIT_BATCH ? RKO_LIMIT : RKO_OK;
}

/* Ends the body that was written from `before` on; one that failed is taken away again. */
static enum rko_status end_body(struct rko_audit_batch *batch, const struct rko_request *request, size_t before)
{
	enum rko_status status = buf_failed(&batch->bytes) ? RKO_NO_MEMORY
				 : batch->bytes.len - before > FRAME_BODY_MAX ? RKO_LIMIT : RKO_OK;

	if (status != RKO_OK) {
		batch->bytes.failed = false;
		batch->bytes.len = before;
		return status;
	}
	if (!batch->policy)
		batch->policy = rko_policy_ref(request->policy);
	batch->ends[batch->count++] = (uint32_t)batch->bytes.len;
	return RKO_OK;
}

enum rko_status rko_audit_batch_add(struct rko_audit_batch *batch, const struct rko_audit_asker *asker,
				    const struct rko_request *request, const struct rko_decision *decision,
				    uint8_t ret_id[RKO_AUDIT_ID_BYTES])
{
	uint8_t id[RKO_AUDIT_ID_BYTES];
	size_t before = batch->bytes.len;
	enum rko_status status = admits(batch, request, decision);

	if (status != RKO_OK)
		return status;
	record_decision(&batch->bytes, asker, request, decision, id);
	status = end_body(batch, request, before);
	if (status == RKO_OK && ret_id)
		memcpy(ret_id, id, sizeof id);
	return status;
}

enum rko_status rko_audit_batch_explained(struct rko_audit_batch *batch, const struct rko_audit_asker *asker,
					  const struct rko_request *request, const struct rko_decision *decision,
					  const struct rko_explanation *explanation,
					  const uint8_t of[RKO_AUDIT_ID_BYTES],
					  uint8_t ret_id[RKO_AUDIT_ID_BYTES])
{
	uint8_t id[RKO_AUDIT_ID_BYTES];
	size_t before = batch->bytes.len;
	enum rko_status status = admits(batch, request, decision);

	if (status != RKO_OK)
		return status;
	record_explained(&batch->bytes, asker, request, decision, explanation, of, id);
	status = end_body(batch, request, before);
	if (status == RKO_OK && ret_id)
		memcpy(ret_id, id, sizeof id);
	return status;
}

void rko_audit_id_text(const uint8_t id[RKO_AUDIT_ID_BYTES], char text[RKO_AUDIT_ID_TEXT])
{
	sodium_bin2hex(text, RKO_AUDIT_ID_TEXT, id, RKO_AUDIT_ID_BYTES);
}
