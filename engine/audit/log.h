/* SPDX-License-Identifier: EUPL-1.2 */
/* Log: the parts of rko_audit_*() that tests and commands reach around the public door for. */
#ifndef RKO_AUDIT_LOG_H
#define RKO_AUDIT_LOG_H

#include <rko/audit.h>

#include "engine/audit/io.h"
#include "engine/base/buf.h"

/* As rko_audit_open(), with other calls of the system. `io` must outlive the log. */
enum rko_status audit_open_with(const char *folder, const struct rko_audit_options *options,
				const struct audit_io *io, struct rko_audit **ret_audit, struct rko_fault *fault);
/*
 * Takes away the months before `month` (202607): records that the first one kept is what follows, and only then
 * removes. RKO_ARGUMENT when there is nothing to take, or that month has not begun: it would be a slip. Nobody else may use the log.
 */
enum rko_status audit_expire(struct rko_audit *audit, uint32_t month, uint64_t *ret_first, size_t *ret_segments,
			     struct rko_fault *fault);

/* Bodies of records behind each other, which is what a batch is. */
struct rko_audit_batch {
	struct rko_policy *policy;	/* held; NULL while it is empty */
	struct buf bytes;
	uint32_t count;
	uint32_t ends[RKO_AUDIT_BATCH];	/* of each body */
};

#endif
