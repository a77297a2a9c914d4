/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * audit replay: makes recorded decisions again. By the same image and the facts as they were known then the same bytes
 * must come out. By another image, or on the facts as they are known now, other answers may: each is listed with
 * what explains it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rko/explain.h>

#include "engine/audit/replay.h"
#include "tools/rko/auditing.h"

enum { POLICIES_KEPT = 64 };

struct judge {
	uint8_t digest[RKO_DIGEST_BYTES];
	struct rko_policy *policy;
	struct rko_session *session;
};

/* A decision made again, in the form of a record. */
struct again {
	struct buf bytes;
	struct record record;
	struct rko_decision decision;
};

struct replaying {
	struct auditing *job;
	struct rko_facts *facts;
	uint32_t newest;		/* generation of the facts */
	struct judge judges[POLICIES_KEPT];
	size_t njudges;
	struct judge against;
	struct again then, law, facts_now, both;
	uint64_t decisions, same, named, unrepeatable, defects, differ;
	uint64_t by_law, by_late, by_correction, by_refresh, by_both;
};

/* Judges ------------------------------------------------------------------------------------------ */

static int open_judge(struct replaying *job, const char *path, int at, struct judge *judge)
{
	struct rko_fault fault = { 0 };
	enum rko_status status;
	size_t size;
	char *image = io_get(at, path, LIMIT_IMAGE_BYTES, &size);

	if (!image) {
		cli_error("%s: %s", path, strerror(errno));
		return EXIT_INPUT;
	}
	status = rko_policy_from(image, size, &judge->policy, &fault);
	free(image);
	if (status == RKO_OK)
		status = rko_session_open(judge->policy, job->facts, &judge->session, &fault);
	if (status == RKO_OK)
		return EXIT_GRANTED;
	cli_error("%s: %s", path, fault.text[0] ? fault.text : rko_status_meaning(status));
	return cli_exit_status(status);
}

static void close_judge(struct judge *judge)
{
	rko_session_close(judge->session);
	rko_policy_unref(judge->policy);
	*judge = (struct judge){ 0 };
}

/* The policy by which a decision was made, from the log's own copy. NULL when that is gone. */
static struct judge *judge_of(struct replaying *job, const uint8_t *digest)
{
	char path[IMAGE_PATH];
	struct judge *judge;

	for (size_t i = 0; i < job->njudges; i++)
		if (memcmp(job->judges[i].digest, digest, RKO_DIGEST_BYTES) == 0)
			return job->judges[i].session ? &job->judges[i] : NULL;
	if (job->njudges == POLICIES_KEPT)
		close_judge(&job->judges[--job->njudges]);
	judge = &job->judges[job->njudges++];
	memcpy(judge->digest, digest, RKO_DIGEST_BYTES);
	image_path(digest, path);
	return open_judge(job, path, job->job->folder.file, judge) == EXIT_GRANTED ? judge : NULL;
}

/* Deciding again ---------------------------------------------------------------------------------- */

static bool decide_again(const struct judge *judge, const struct record_request *asked, uint32_t generation,
			 struct again *again)
{
	struct rko_request *request;
	uint8_t id[RKO_AUDIT_ID_BYTES];
	enum rko_status status = replay_request(judge->policy, asked, &request);

	if (status == RKO_ARGUMENT)
		return false;
	if (status != RKO_OK)
		longjmp(cli_no_memory, 1);
	rko_request_as_of(request, generation);
	rko_decide(judge->session, request, &again->decision);
	buf_reset(&again->bytes);
	record_decision(&again->bytes, NULL, request, &again->decision, id);
	rko_request_free(request);
	if (buf_failed(&again->bytes))
		longjmp(cli_no_memory, 1);
	return record_read(again->bytes.at, again->bytes.len, &again->record);
}

static bool has_duty(const struct record_decision *decision, struct text name)
{
	for (uint32_t i = 0; i < decision->nduties; i++)
		if (text_equal(decision->duties[i], name))
			return true;
	return false;
}

/* The outcome and the duties; which rule said so first is told, but is no difference. */
static bool same_answer(const struct record_decision *a, const struct record_decision *b)
{
	if (a->head.status != b->head.status || a->head.outcome != b->head.outcome || a->nduties != b->nduties)
		return false;
	for (uint32_t i = 0; i < a->nduties; i++)
		if (!has_duty(b, a->duties[i]))
			return false;
	return true;
}

/* Telling ----------------------------------------------------------------------------------------- */

static json_t *answer_json(const struct record_decision *decision)
{
	json_t *duties = json_array();

	for (uint32_t i = 0; i < decision->nduties; i++)
		json_array_append_new(duties, json_stringn(decision->duties[i].at, decision->duties[i].len));
	return json_pack("{s:s, s:o, s:o}", "outcome", audit_outcome(&decision->head), "rule",
			 json_stringn(decision->rule.at, decision->rule.len), "duties", duties);
}

static void print_answer(const struct record_decision *decision)
{
	printf("%s", audit_outcome(&decision->head));
	if (decision->rule.len)
		printf(" (%.*s)", TEXT_ARG(decision->rule));
	for (uint32_t i = 0; i < decision->nduties; i++)
		printf(" +%.*s", TEXT_ARG(decision->duties[i]));
}

/* `now` NULL: it cannot be decided at all. */
static void tell(struct replaying *job, const struct entry *entry, const struct record_decision *then,
		 const struct record_decision *now, const char *because)
{
	char time[AUDIT_TIME_TEXT], id[RKO_AUDIT_ID_TEXT];

	auditing_progress_end(job->job);
	audit_time_text(entry->written, time);
	rko_audit_id_text(then->id, id);
	if (job->job->json) {
		auditing_print(json_pack("{s:I, s:s, s:s, s:o, s:o, s:s}", "record", (json_int_t)entry->sequence, "id", id,
					 "written", time, "then", answer_json(then), "now",
					 now ? answer_json(now) : json_null(), "because", because), false);
		return;
	}
	printf("record %" PRIu64 ", %s, %.*s %.*s: ", entry->sequence, time, TEXT_ARG(then->request.question),
	       TEXT_ARG(then->request.action));
	print_answer(then);
	printf(" -> ");
	if (now)
		print_answer(now);
	else
		printf("nothing");
	printf("; because: %s\n", because);
}

/* One decision ------------------------------------------------------------------------------------ */

/* The same image, the same facts: the same bytes. */
static bool repeats(struct replaying *job, const struct entry *entry, const struct record_decision *then,
		    const struct judge *judge)
{
	uint32_t named = 0;

	if (decide_again(judge, &then->request, then->head.generation, &job->then) &&
	    replay_same(then->trace, job->then.record.decision.trace, &named)) {
		job->same++;
		job->named += named > 0;
		return true;
	}
	job->defects++;
	tell(job, entry, then, &job->then.record.decision, "a defect, or not the facts that were there");
	return false;
}

/* Why the same image says something else on the facts of now. */
static const char *why_facts(struct replaying *job, const struct record_decision *then)
{
	struct replay_rows rows;

	if (replay_rows(job->facts, then->trace, job->facts_now.record.decision.trace, then->head.generation, job->newest,
			&rows) != RKO_OK)
		return "a defect, or not the facts that were there";
	if (rows.corrected || rows.removed) {
		job->by_correction++;
		return rows.late ? "a correction, and a late fact" : "a correction";
	}
	if (rows.late) {
		job->by_late++;
		return "a late fact";
	}
	job->by_refresh++;
	return "it became known later that there is no more";
}

static void compare(struct replaying *job, const struct entry *entry, const struct record_decision *then,
		    const struct judge *judge)
{
	const struct judge *last = job->job->against ? &job->against : judge;
	uint32_t generation = job->job->as_corrected ? job->newest : then->head.generation;
	bool law, facts, decided = decide_again(last, &then->request, generation, &job->both);
	const struct record_decision *now = decided ? &job->both.record.decision : NULL;
	const char *because = "law and facts together";

	if (now && same_answer(then, now))
		return;
	job->differ++;
	law = job->job->against && (!decide_again(&job->against, &then->request, then->head.generation, &job->law) ||
				    !same_answer(then, &job->law.record.decision));
	facts = job->job->as_corrected && decide_again(judge, &then->request, job->newest, &job->facts_now) &&
		!same_answer(then, &job->facts_now.record.decision);
	job->by_law += law;
	job->by_both += !law && !facts;
	if (law && facts) {
		char both[96];

		snprintf(both, sizeof both, "law, and %s", why_facts(job, then));
		tell(job, entry, then, now, both);
		return;
	}
	if (law)
		because = now ? "law" : "law: the question is not in that policy";
	else if (facts)
		because = why_facts(job, then);
	tell(job, entry, then, now, because);
}

static void replay(struct replaying *job, const struct entry *entry, const struct record_decision *then)
{
	const struct judge *judge;

	job->decisions++;
	/* What failed then need not fail again, and where there were no facts there are some now. */
	if (then->head.status != RKO_OK || !then->head.generation) {
		job->unrepeatable++;
		return;
	}
	judge = judge_of(job, then->head.policy);
	if (!judge) {
		job->defects++;
		tell(job, entry, then, NULL, "the image of its policy is gone");
		return;
	}
	if (repeats(job, entry, then, judge) && (job->job->against || job->job->as_corrected))
		compare(job, entry, then, judge);
}

/* All of them ------------------------------------------------------------------------------------- */

static int summary(const struct replaying *job)
{
	FILE *out = job->job->json ? stderr : stdout;

	fprintf(out, "%" PRIu64 " decisions, %" PRIu64 " the same byte for byte", job->decisions, job->same);
	if (job->named)
		fprintf(out, " (in %" PRIu64 " of them an id has a number that the store did not know then)", job->named);
	if (job->unrepeatable)
		fprintf(out, ", %" PRIu64 " not repeated: they had failed, or there were no facts", job->unrepeatable);
	fprintf(out, ", %" PRIu64 " defects\n", job->defects);
	if (job->job->against || job->job->as_corrected)
		fprintf(out, "%" PRIu64 " would come out otherwise: law %" PRIu64 ", late fact %" PRIu64 ", correction %" PRIu64
			", known to be no more %" PRIu64 ", law and facts together %" PRIu64 "\n", job->differ, job->by_law,
			job->by_late, job->by_correction, job->by_refresh, job->by_both);
	return job->defects || job->differ ? EXIT_DENIED : EXIT_GRANTED;
}

static int go_through(struct replaying *job)
{
	struct record record;
	struct entry entry;
	struct walk walk;
	enum rko_status status = walk_open(&walk, &job->job->folder, false, &job->job->filter.times);
	int result = EXIT_GRANTED;

	if (status != RKO_OK) {
		cli_error("%s: %s", job->job->path, status == RKO_AUDIT_DAMAGED ? walk.bad.what : strerror(errno));
		return cli_exit_status(status);
	}
	walk.progress = auditing_progress;
	walk.context = job->job;
	job->job->filter.kinds = AUDIT_DECISIONS;
	while (auditing_next(job->job, &walk, &entry, &record, &result))
		replay(job, &entry, &record.decision);
	walk_close(&walk);
	return result == EXIT_GRANTED ? summary(job) : result;
}

static int open_all(struct replaying *job)
{
	struct rko_facts_about about;
	struct rko_fault fault = { 0 };
	enum rko_status status = rko_facts_open(job->job->store, 0, &job->facts, &fault);

	if (status == RKO_OK)
		status = rko_facts_about(job->facts, &about);
	if (status != RKO_OK) {
		cli_error("%s", fault.text[0] ? fault.text : rko_status_meaning(status));
		return cli_exit_status(status);
	}
	job->newest = about.generation;
	return job->job->against ? open_judge(job, job->job->against, AT_FDCWD, &job->against) : EXIT_GRANTED;
}

static void release(struct replaying *job)
{
	for (size_t i = 0; i < job->njudges; i++)
		close_judge(&job->judges[i]);
	close_judge(&job->against);
	rko_facts_close(job->facts);
	buf_release(&job->then.bytes);
	buf_release(&job->law.bytes);
	buf_release(&job->facts_now.bytes);
	buf_release(&job->both.bytes);
	free(job);
}

/* What is not recorded is not shown. */
static bool keep_record(struct auditing *auditing, const struct judge *judge, const struct record_decision *then,
			const struct rko_explanation *why)
{
	struct rko_request *request;
	struct rko_decision decision;
	bool kept;

	if (!auditing->recording.log)
		return true;
	if (rko_trace_read(judge->policy, then->trace.at, then->trace.len, &request, &decision, NULL) != RKO_OK)
		return false;
	kept = recording_explained(&auditing->recording, request, &decision, why, then->id);
	rko_request_free(request);
	return kept;
}

static int tell_again(struct replaying *job, const struct judge *judge, const struct record_decision *then)
{
	struct cli *cli = job->job->cli;
	struct rko_explanation *why = NULL;
	struct rko_request *request = NULL;
	const char *text = NULL;
	uint32_t named;

	if (replay_request(judge->policy, &then->request, &request) == RKO_OK) {
		rko_request_as_of(request, then->head.generation);
		decide_again(judge, &then->request, then->head.generation, &job->then);
		rko_explain(judge->session, request, &job->then.decision, cli->language, &why);
	}
	if (why && keep_record(job->job, judge, then, why))
		text = rko_explanation_text(why, RKO_TEXT_LONG | (cli->colour_out ? RKO_TEXT_COLOUR : 0), cli->width);
	if (text && !replay_same(then->trace, job->then.record.decision.trace, &named))
		puts("This is not what was decided then: a defect, or not the facts that were there.");
	if (text)
		fputs(text, stdout);
	rko_explanation_free(why);
	rko_request_free(request);
	return text ? EXIT_GRANTED : EXIT_INTERNAL;
}

/* show --store: the reasons, told again from the image and the facts of then. */
int audit_explain(struct auditing *auditing, const struct record_decision *then)
{
	struct replaying *job = calloc(1, sizeof *job);
	const struct judge *judge = NULL;
	int result;

	if (!job)
		longjmp(cli_no_memory, 1);
	job->job = auditing;
	result = open_all(job);
	if (result == EXIT_GRANTED)
		result = recording_open(&auditing->recording);
	if (result == EXIT_GRANTED) {
		judge = judge_of(job, then->head.policy);
		result = judge ? tell_again(job, judge, then) : EXIT_INTERNAL;
	}
	if (!recording_close(&auditing->recording))
		result = EXIT_INTERNAL;
	release(job);
	return result;
}

int audit_run_replay(struct auditing *auditing)
{
	struct replaying *job;
	int result = auditing_open(auditing);

	if (result != EXIT_GRANTED)
		return result;
	if (!auditing->store || auditing->count)
		return cli_usage(auditing->cli, "say where the facts are, and nothing behind the log: replay --store=FOLDER LOG");
	job = calloc(1, sizeof *job);
	if (!job)
		longjmp(cli_no_memory, 1);
	job->job = auditing;
	result = open_all(job);
	if (result == EXIT_GRANTED)
		result = go_through(job);
	release(job);
	return result;
}
