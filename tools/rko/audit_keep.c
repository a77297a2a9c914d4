/* SPDX-License-Identifier: EUPL-1.2 */
/* audit init, checkpoint, expire: what whoever keeps a log does with it. */
#include "tools/rko/auditing.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failed(const struct rko_fault *fault, enum rko_status status)
{
	cli_error("%s", fault->text[0] ? fault->text : rko_status_meaning(status));
	return cli_exit_status(status);
}

int audit_run_init(struct auditing *job)
{
	char text[RKO_AUDIT_KEY_TEXT];
	struct rko_fault fault;
	enum rko_status status;
	int result;

	if (!job->origin || job->count != 1)
		return cli_usage(job->cli, "say what the log is called and where: init --origin=NAME FOLDER");
	status = rko_audit_init(job->arguments[0], job->origin, job->key, &fault);
	if (status != RKO_OK)
		return failed(&fault, status);
	result = auditing_open(job);
	if (result != EXIT_GRANTED)
		return result;
	note_key_text(&job->folder.key, text);
	puts(text);
	return EXIT_GRANTED;
}

/* A log that was never closed or written for a while has none yet: then one is signed. */
static enum rko_status sign_first(struct auditing *job, struct rko_fault *fault)
{
	const struct rko_audit_options with = { .key_file = job->key };
	struct rko_audit *audit;
	enum rko_status status = rko_audit_open(job->path, &with, &audit, fault);

	return status == RKO_OK ? rko_audit_close(audit) : status;
}

int audit_run_checkpoint(struct auditing *job)
{
	struct checkpoint checkpoint;
	struct rko_fault fault = { 0 };
	enum rko_status status;
	enum note_fault note;
	int result = auditing_open(job);
	size_t size;
	char *text;

	if (result != EXIT_GRANTED)
		return result;
	if (!folder_checkpoint(&job->folder, &checkpoint, &note) && note == NOTE_OK) {
		status = sign_first(job, &fault);
		if (status != RKO_OK)
			return failed(&fault, status);
		folder_checkpoint(&job->folder, &checkpoint, &note);
	}
	text = note == NOTE_OK ? io_get(job->folder.file, "checkpoint", RKO_AUDIT_CHECKPOINT_TEXT, &size) : NULL;
	if (!text) {
		cli_error("%s/checkpoint: %s", job->path, note == NOTE_OK ? strerror(errno) : note_fault_meaning(note));
		return EXIT_INTERNAL;
	}
	fputs(text, stdout);
	free(text);
	return EXIT_GRANTED;
}

/* Four digits, a dash, two digits, and a month that there is: what this says is taken away. */
static bool read_month(const char *word, uint32_t *ret_month)
{
	static const char form[] = "0000-00";
	unsigned long month;

	if (!word || strlen(word) != sizeof form - 1)
		return false;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == '-' ? word[i] != '-' : word[i] < '0' || word[i] > '9')
			return false;
	month = strtoul(word + 5, NULL, 10);
	*ret_month = (uint32_t)(strtoul(word, NULL, 10) * 100 + month);
	return month >= 1 && month <= 12;
}

int audit_run_expire(struct auditing *job)
{
	const struct rko_audit_options options = { .key_file = job->key };
	struct rko_audit *audit;
	struct rko_fault fault;
	enum rko_status status;
	uint64_t first;
	size_t segments;
	uint32_t month;
	int result = auditing_open(job);

	if (result != EXIT_GRANTED)
		return result;
	if (!read_month(job->before, &month))
		return cli_usage(job->cli, "say which month is the first to stay: --before=2026-07");
	status = rko_audit_open(job->path, &options, &audit, &fault);
	if (status != RKO_OK)
		return failed(&fault, status);
	status = audit_expire(audit, month, &first, &segments, &fault);
	if (rko_audit_close(audit) != RKO_OK && status == RKO_OK)
		status = RKO_IO;
	if (status != RKO_OK)
		return failed(&fault, status);
	printf("%zu segments taken away; the log begins with record %" PRIu64 "\n", segments, first);
	return EXIT_GRANTED;
}
