/* SPDX-License-Identifier: EUPL-1.2 */
/* audit verify: reads every byte, and names the first bad record. */
#include "tools/rko/auditing.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print_bad(const struct verify_found *found)
{
	if (found->bad_first == found->bad_last)
		printf("BAD: record %" PRIu64 ": %s\n", found->bad_first, found->what);
	else
		printf("BAD: the first bad record is one of %" PRIu64 " to %" PRIu64 ": %s\n", found->bad_first,
		       found->bad_last, found->what);
	if (found->where[0])
		printf("  %s\n", found->where);
}

static void print_good(const struct verify_found *found)
{
	char root[HASH_BASE64], from[AUDIT_TIME_TEXT], to[AUDIT_TIME_TEXT];

	hash_base64(&found->root, root);
	printf("good: %" PRIu64 " records, %" PRIu64 " decisions, ", found->records, found->decisions);
	if (found->explanations)
		printf("%" PRIu64 " explanations, ", found->explanations);
	printf("%zu segments, root %s\n", found->segments, root);
	if (found->records > found->first) {
		audit_time_text(found->from, from);
		audit_time_text(found->to, to);
		printf("  written %s to %s\n", from, to);
	}
	printf("  %" PRIu64 " checkpoints of its own hold; the newest covers %" PRIu64 " records\n", found->checkpoints,
	       found->covered);
	if (found->first)
		printf("  records before %" PRIu64 " were taken away when their time was over\n", found->first);
	if (found->aside)
		printf("  after a crash a torn end was set aside %" PRIu64 " times: see `aside/`\n", found->aside);
	if (found->unreachable)
		printf("  %" PRIu64 " of the outside checkpoints are of records that were taken away\n", found->unreachable);
	if (found->busy)
		puts("  another process is writing it: what came meanwhile was not looked at");
}

int audit_run_verify(struct auditing *job)
{
	struct checkpoint outside[CHECKPOINTS_MAX];
	const struct verify_with with = {
		.outside = outside, .noutside = job->ncheckpoints, .progress = auditing_progress, .context = job,
	};
	struct verify_found found;
	enum rko_status status;
	int result = auditing_open(job);

	if (result != EXIT_GRANTED)
		return result;
	for (size_t i = 0; i < job->ncheckpoints; i++)
		if (!auditing_checkpoint(&job->folder.key, job->checkpoints[i], &outside[i], NULL))
			return EXIT_INPUT;
	status = audit_verify(&job->folder, &with, &found);
	auditing_progress_end(job);
	if (status != RKO_OK) {
		cli_error("%s: %s", job->path, errno ? strerror(errno) : rko_status_meaning(status));
		return cli_exit_status(status);
	}
	if (found.bad) {
		print_bad(&found);
		return EXIT_DENIED;
	}
	print_good(&found);
	if (!job->ncheckpoints)
		puts("  without a checkpoint from outside nobody can tell whether its end was cut off");
	return EXIT_GRANTED;
}
