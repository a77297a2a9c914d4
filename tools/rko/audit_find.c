/* SPDX-License-Identifier: EUPL-1.2 */
/* audit show, search, export: records, for people and for programs. */
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "tools/rko/auditing.h"

static void print_texts(const char *name, struct record_field field)
{
	struct text value;
	const char *between = "";

	printf("  %-16s ", name);
	while (record_value_next(&field, &value)) {
		printf("%s%.*s", between, TEXT_ARG(value));
		between = ", ";
	}
	putchar('\n');
}

/* A field of the printout that may be empty, and then is left out. */
static void print_line(const char *name, struct text text)
{
	if (text.len)
		printf("  %-16s %.*s\n", name, TEXT_ARG(text));
}

static void print_id(const char *name, const uint8_t id[RKO_AUDIT_ID_BYTES])
{
	char text[RKO_AUDIT_ID_TEXT];

	rko_audit_id_text(id, text);
	print_line(name, text_from(text));
}

static void print_hex(const char *name, const uint8_t *bytes, size_t size)
{
	char hex[2 * RKO_DIGEST_BYTES + 1];

	sodium_bin2hex(hex, sizeof hex, bytes, size);
	print_line(name, text_from(hex));
}

/* Who asked, and for what. */
static void print_asked(const struct audit_asked *asked)
{
	struct record_request request = *asked->request;
	struct record_field field;
	char text[128];

	print_line("caller", asked->caller);
	print_line("correlation", asked->correlation);
	print_line("question", request.question);
	print_line("action", request.action);
	if (request.has_instant && rko_instant_text(request.instant, text) == RKO_OK)
		print_line("instant", text_from(text));
	if (request.has_day) {
		rko_day_text(request.day, text);
		print_line("asked for day", text_from(text));
	}
	while (record_field_next(&request, &field)) {
		snprintf(text, sizeof text, "%.*s", TEXT_ARG(field.name));
		print_texts(text, field);
	}
	print_line("outcome", text_from(asked->outcome));
}

static void print_decision(const struct record *record)
{
	const struct record_decision *decision = &record->decision;
	const struct trace_head *head = &decision->head;
	struct audit_asked asked;

	print_id("id", decision->id);
	if (audit_asked(record, &asked))
		print_asked(&asked);
	if (head->refusal)
		print_line("refused", text_from(rko_refusal_word((enum rko_refusal)head->refusal)));
	print_line("refused field", decision->request.refused_field);
	print_line("rule", decision->rule);
	for (uint32_t i = 0; i < decision->nduties; i++)
		print_line("duty", decision->duties[i]);
	print_hex("policy", head->policy, sizeof head->policy);
	printf("  %-16s %u\n  %-16s %zu bytes, %u rows looked up\n", "facts generation", head->generation, "trace",
	       decision->trace.len, head->fetches);
}

/* A record of the facts that was consulted: its kind and key. */
static void print_use(struct record_use use)
{
	struct text value;

	printf("  %-16s %.*s", use.by_decision ? "consulted" : "consulted anew", TEXT_ARG(use.kind));
	while (record_key_next(&use, &value))
		printf(" %.*s", TEXT_ARG(value));
	printf(", generation %u\n", use.generation);
}

static void print_explained(const struct record *record)
{
	static const uint8_t unknown[RKO_AUDIT_ID_BYTES];
	struct record_explained explained = record->explained;
	struct audit_asked asked;
	struct record_use use;

	print_id("id", explained.id);
	if (memcmp(explained.of, unknown, sizeof unknown) != 0)
		print_id("of decision", explained.of);
	print_hex("trace", explained.trace.at, HASH_BYTES);
	print_line("told to", text_from(explained.requester ? "the requester" : "a reviewer"));
	print_line("language", text_from(rko_language_word(explained.language)));
	if (!explained.reproduced)
		print_line("reproduced", TEXT("no: it came out otherwise"));
	if (audit_asked(record, &asked))
		print_asked(&asked);
	print_line("rule", explained.rule);
	while (record_use_next(&explained, &use))
		print_use(use);
	print_hex("policy", explained.policy, sizeof explained.policy);
	printf("  %-16s %u\n", "facts generation", explained.generation);
}

static void print_record(const struct entry *entry, const struct record *record)
{
	char time[AUDIT_TIME_TEXT];

	audit_time_text(entry->written, time);
	printf("record %" PRIu64 ", %s, written %s\n", entry->sequence, record_kind_word(record->kind), time);
	switch (record->kind) {
	case RECORD_DECISION:
		print_decision(record);
		break;
	case RECORD_EXPLAINED:
		print_explained(record);
		break;
	case RECORD_CHECKPOINT:
		fwrite(record->checkpoint.at, 1, record->checkpoint.len, stdout);
		break;
	case RECORD_OPENED:
		printf("  %s by version %.*s\n", record->opened.made ? "made" : "opened", TEXT_ARG(record->opened.version));
		break;
	case RECORD_ASIDE:
		printf("  %" PRIu64 " bytes are in %.*s\n", record->aside.bytes, TEXT_ARG(record->aside.file));
		break;
	case RECORD_EXPIRED:
		printf("  the first record that was kept is %" PRIu64 "\n", record->expired.first);
		break;
	}
}

/* What was asked and what came out, on one line; of an explanation, who had it explained. */
static void print_brief(const struct entry *entry, const struct record *record)
{
	struct record_request request;
	char time[AUDIT_TIME_TEXT];
	struct record_field field;
	struct audit_asked asked;

	if (!audit_asked(record, &asked))
		return;
	request = *asked.request;
	audit_time_text(entry->written, time);
	printf("%" PRIu64 " %s %s %.*s %.*s", entry->sequence, time,
	       record->kind == RECORD_EXPLAINED ? "explained" : asked.outcome, TEXT_ARG(request.question),
	       TEXT_ARG(request.action));
	while (record_field_next(&request, &field)) {
		const char *between = "";
		struct text value;

		printf(" %.*s=", TEXT_ARG(field.name));
		while (record_value_next(&field, &value)) {
			printf("%s%.*s", between, TEXT_ARG(value));
			between = ",";
		}
	}
	if (record->kind == RECORD_EXPLAINED)
		printf(" (to %.*s)", TEXT_ARG(asked.caller));
	putchar('\n');
}

static int open_walk(struct auditing *job, struct walk *walk)
{
	enum rko_status status = walk_open(walk, &job->folder, false, &job->filter.times);

	walk->progress = auditing_progress;
	walk->context = job;
	if (status == RKO_OK)
		return EXIT_GRANTED;
	cli_error("%s: %s", job->path, status == RKO_AUDIT_DAMAGED ? walk->bad.what : strerror(errno));
	return cli_exit_status(status);
}

static void put_record(struct auditing *job, const struct entry *entry, const struct record *record, bool indented)
{
	if (job->fhir)
		auditing_print(audit_fhir(entry, record, &job->roles, job->folder.key.origin), indented);
	else
		auditing_print(audit_json(entry, record, job->whole), indented);
}

/* show -------------------------------------------------------------------------------------------- */

/* A number, or the 32 digits of an id. */
static bool read_wanted(struct auditing *job, const char *word, bool *ret_by_id, uint8_t id[RKO_AUDIT_ID_BYTES],
			uint64_t *ret_number)
{
	size_t length;

	*ret_by_id = strlen(word) == 2 * RKO_AUDIT_ID_BYTES &&
		     sodium_hex2bin(id, RKO_AUDIT_ID_BYTES, word, strlen(word), NULL, &length, NULL) == 0 &&
		     length == RKO_AUDIT_ID_BYTES;
	return *ret_by_id || auditing_number(job, word, ret_number);
}

static bool has_id(const struct record *record, const uint8_t id[RKO_AUDIT_ID_BYTES])
{
	const uint8_t *found = record->kind == RECORD_DECISION	  ? record->decision.id
			       : record->kind == RECORD_EXPLAINED ? record->explained.id : NULL;

	return found && memcmp(found, id, RKO_AUDIT_ID_BYTES) == 0;
}

static bool has_fhir(const struct record *record)
{
	struct audit_asked asked;

	return audit_asked(record, &asked);
}

int audit_run_show(struct auditing *job)
{
	uint8_t id[RKO_AUDIT_ID_BYTES];
	struct record record;
	struct entry entry;
	struct walk walk;
	uint64_t number = 0;
	bool by_id, found = false;
	int result = auditing_open(job);

	if (result != EXIT_GRANTED)
		return result;
	if (job->count != 1)
		return cli_usage(job->cli, "say which record: its number, or the id of a decision");
	if (!read_wanted(job, job->arguments[0], &by_id, id, &number))
		return EXIT_INPUT;
	result = open_walk(job, &walk);
	while (result == EXIT_GRANTED && !found && auditing_next(job, &walk, &entry, &record, &result))
		found = by_id ? has_id(&record, id) : entry.sequence == number;
	auditing_progress_end(job);
	if (found && (job->json || (job->fhir && has_fhir(&record))))
		put_record(job, &entry, &record, true);
	else if (found)
		print_record(&entry, &record);
	if (found && job->store && record.kind == RECORD_DECISION)
		result = audit_explain(job, &record.decision);
	walk_close(&walk);
	if (!found && result == EXIT_GRANTED) {
		cli_error("%s: there is no such record", job->path);
		result = EXIT_DENIED;
	}
	return result;
}

/* search and export ------------------------------------------------------------------------------- */

static int go_through(struct auditing *job, bool text)
{
	struct record record;
	struct entry entry;
	struct walk walk;
	int result = auditing_open(job);

	if (result != EXIT_GRANTED)
		return result;
	if (job->count)
		return cli_usage(job->cli, "`%s` is more than this takes", job->arguments[0]);
	job->filter.kinds = text || job->fhir ? AUDIT_ASKED : AUDIT_ALL;
	result = open_walk(job, &walk);
	while (result == EXIT_GRANTED && auditing_next(job, &walk, &entry, &record, &result)) {
		if (text)
			print_brief(&entry, &record);
		else
			put_record(job, &entry, &record, false);
	}
	walk_close(&walk);
	return result;
}

int audit_run_search(struct auditing *job)
{
	return go_through(job, !job->json && !job->fhir);
}

int audit_run_export(struct auditing *job)
{
	return go_through(job, false);
}
