/* SPDX-License-Identifier: EUPL-1.2 */
/* What the subcommands of `rko audit` share: their options, an open log, progress. */
#ifndef RKO_TOOLS_RKO_AUDITING_H
#define RKO_TOOLS_RKO_AUDITING_H

#include <time.h>

#include "engine/audit/log.h"
#include "engine/audit/verify.h"
#include "tools/common/audit.h"
#include "tools/common/cli.h"
#include "tools/common/recording.h"

enum { CHECKPOINTS_MAX = 64 };

struct auditing {
	struct cli *cli;
	const char *origin, *key, *public_key, *store, *against, *before, *old;
	const char *checkpoints[CHECKPOINTS_MAX];
	size_t ncheckpoints;
	struct audit_filter filter;
	struct audit_roles roles;
	struct recording recording;	/* of explanations */
	bool as_corrected, json, fhir, whole, quiet;
	char **arguments;
	int count;

	const char *path;
	struct folder folder;
	bool open;
	time_t told;			/* when progress was last shown */
	bool showed;
};

/* Opens the log that the next argument names. Gives EXIT_GRANTED, or how to end; then it has been said why. */
int auditing_open(struct auditing *job);
/* A checkpoint from a file, signed with this key. False after a message. *ret_text (NULL: not wanted) is the caller's. */
bool auditing_checkpoint(const struct note_key *key, const char *path, struct checkpoint *ret_checkpoint,
			 char **ret_text);
/* A line that goes over itself, about once a second, on a terminal. The context is the auditing. */
walk_progress_fn auditing_progress;
void auditing_progress_end(struct auditing *job);
/* The walk ended badly: says where. Gives how to end. */
int auditing_bad(struct auditing *job, const struct walk_bad *bad);
/* The next record that is wanted. *ret_result when there is none: EXIT_GRANTED at the end, else how to end. */
bool auditing_next(struct auditing *job, struct walk *walk, struct entry *entry, struct record *record, int *ret_result);
/* A number of a record; false after a message. */
bool auditing_number(struct auditing *job, const char *word, uint64_t *ret_number);
void auditing_print(json_t *json, bool indented);

/* Tells again why it was decided so, from the log's image and the facts of then. Gives how to end. */
int audit_explain(struct auditing *job, const struct record_decision *then);

/* Subcommands: each gives how to end, after a message where it is not well. audit_keep.c, audit_verify.c */
int audit_run_init(struct auditing *job);
int audit_run_checkpoint(struct auditing *job);
int audit_run_expire(struct auditing *job);
int audit_run_verify(struct auditing *job);
/* audit_find.c, audit_prove.c, audit_replay.c */
int audit_run_show(struct auditing *job);
int audit_run_search(struct auditing *job);
int audit_run_export(struct auditing *job);
int audit_run_prove(struct auditing *job);
int audit_run_check_proof(struct auditing *job);
int audit_run_replay(struct auditing *job);

#endif
