/* SPDX-License-Identifier: EUPL-1.2 */
/* An open log, as the subcommands of `rko audit` go through it. */
#include "tools/rko/auditing.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int auditing_open(struct auditing *job)
{
	struct rko_fault fault;
	enum rko_status status;

	if (!job->count)
		return cli_usage(job->cli, "say which log: its folder");
	job->path = job->arguments[0];
	job->arguments++;
	job->count--;
	status = folder_open(job->path, &job->folder, &fault);
	if (status != RKO_OK) {
		cli_error("%s", fault.text);
		return cli_exit_status(status);
	}
	job->open = true;
	if (job->public_key) {
		struct note_key key;

		if (!note_key_parse(text_from(job->public_key), &key))
			return cli_usage(job->cli, "--public-key takes a key as `rko audit init` prints it");
		if (strcmp(key.origin, job->folder.key.origin) != 0 ||
		    memcmp(key.public, job->folder.key.public, sizeof key.public) != 0) {
			cli_error("%s: this log has another key than the one given: it is another log", job->path);
			return EXIT_DENIED;
		}
	}
	return EXIT_GRANTED;
}

bool auditing_checkpoint(const struct note_key *key, const char *path,
			 struct checkpoint *ret_checkpoint, char **ret_text)
{
	size_t size;
	char *text = io_get(AT_FDCWD, path, RKO_AUDIT_CHECKPOINT_TEXT, &size);
	enum note_fault fault;

	if (!text) {
		cli_error("%s: %s", path, errno == EFBIG ? "not a checkpoint" : strerror(errno));
		return false;
	}
	fault = note_open(key, (struct text){ text, size }, ret_checkpoint);
	if (fault != NOTE_OK)
		cli_error("%s: %s", path, note_fault_meaning(fault));
	if (fault == NOTE_OK && ret_text)
		*ret_text = text;
	else
		free(text);
	return fault == NOTE_OK;
}

void auditing_progress(void *context, uint64_t done, uint64_t of)
{
	struct auditing *job = context;
	time_t now = time(NULL);

	if (job->quiet || !isatty(STDERR_FILENO) || now == job->told || !of)
		return;
	/* Nothing in the first second: most logs are read by then. */
	if (job->told) {
		fprintf(stderr, "\r\033[K%" PRIu64 " of %" PRIu64 " MB, %d %%", done >> 20, of >> 20,
			(int)(done * 100 / of));
		job->showed = true;
	}
	job->told = now;
}

void auditing_progress_end(struct auditing *job)
{
	if (job->showed)
		fputs("\r\033[K", stderr);
	job->showed = false;
}

int auditing_bad(struct auditing *job, const struct walk_bad *bad)
{
	char path[FOLDER_NAME];

	auditing_progress_end(job);
	segment_path(&bad->segment, path);
	cli_error("%s/%s, byte %" PRIu64 ": record %" PRIu64 ": %s; `rko audit verify` tells more", job->path, path,
		  bad->offset, bad->record, bad->what);
	return EXIT_INTERNAL;
}

bool auditing_next(struct auditing *job, struct walk *walk, struct entry *entry, struct record *record, int *ret_result)
{
	for (;;) {
		enum walk_step step = walk_next(walk, entry);

		*ret_result = EXIT_GRANTED;
		if (step == WALK_END)
			break;
		if (step == WALK_BAD) {
			*ret_result = auditing_bad(job, &walk->bad);
			break;
		}
		if (step == WALK_FAILED) {
			cli_error("%s: %s", job->path, strerror(errno));
			*ret_result = EXIT_INTERNAL;
			break;
		}
		if (!record_read(entry->body, entry->size, record)) {
			cli_error("record %" PRIu64 " is none that this version knows", entry->sequence);
			*ret_result = EXIT_INTERNAL;
			break;
		}
		if (audit_filter_takes(&job->filter, entry, record))
			return true;
	}
	auditing_progress_end(job);
	return false;
}

bool auditing_number(struct auditing *job, const char *word, uint64_t *ret_number)
{
	char *end;

	errno = 0;
	*ret_number = strtoull(word, &end, 10);
	if (*word >= '0' && *word <= '9' && !*end && !errno)
		return true;
	cli_usage(job->cli, "`%s` is no number of a record: they count from 0", word);
	return false;
}

void auditing_print(json_t *json, bool indented)
{
	json_dumpf(json, stdout, indented ? JSON_INDENT(2) : JSON_COMPACT);
	putchar('\n');
	json_decref(json);
}
