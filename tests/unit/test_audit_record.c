/* SPDX-License-Identifier: EUPL-1.2 */
/* The record of real decisions: what it says, that it is made again, batches, callers by the hundred, months. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "engine/audit/replay.h"
#include "tests/common/audit.h"
#include "tests/common/fixture.h"

static const char yaml[] =
	"user:\n  liisa: {staff: yes}\n  pekka: {staff: no}\n"
	"folder:\n  palkat: {owner: liisa, label: internal, site: headquarters}\n"
	"member:\n  - {folder: palkat, user: pekka, role: reader, begins: 2025-01-01, ends: open}\n"
	"document:\n  taulukko: {folder: palkat, author: liisa, state: published}\n";

struct world {
	char *folder;
	struct rko_policy *policy;
	struct rko_facts *facts;
	struct rko_session *session;
	struct rko_request *request;
	struct rko_decision decision;
};

static void begin(struct world *world)
{
	world->folder = folder_new();
	world->policy = policy_compile(NULL, "examples/documents");
	world->facts = facts_new(world->folder);
	facts_load(world->facts, world->policy, yaml);
	assert_int_equal(rko_session_open(world->policy, world->facts, &world->session, NULL), RKO_OK);
	assert_int_equal(rko_request_new(world->policy, "documents", &world->request), RKO_OK);
}

static void end(struct world *world)
{
	rko_request_free(world->request);
	rko_session_close(world->session);
	rko_facts_close(world->facts);
	rko_policy_unref(world->policy);
	folder_remove(world->folder);
}

/* `words`: FIELD=VALUE, separated by blanks. */
static void ask(struct world *world, const char *action, const char *words)
{
	char copy[256], *word, *rest;

	snprintf(copy, sizeof copy, "%s", words);
	rko_request_clear(world->request);
	rko_request_action(world->request, action);
	for (word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		char *equals = strchr(word, '=');

		*equals = '\0';
		rko_request_set(world->request, word, equals + 1);
	}
	rko_request_at(world->request, RECORDED + 3600);
	rko_decide(world->session, world->request, &world->decision);
}

static void record_says_what_was_asked_and_answered(void **state)
{
	static const char *const fields[][2] = {
		{ "user", "pekka" }, { "document", "taulukko" }, { "network", "vpn" }, { "managed", "no" },
	};
	const struct rko_audit_asker asker = { .caller = "uid:990", .correlation = "a\nb\x80 c" };
	uint8_t id[RKO_AUDIT_ID_BYTES];
	struct record_field field;
	struct record record;
	struct text value;
	struct world world;
	struct buf body = { 0 };
	size_t i = 0;

	(void)state;
	begin(&world);
	ask(&world, "view", "user=pekka document=taulukko network=vpn managed=no");
	assert_int_equal(world.decision.outcome, RKO_GRANTED);
	record_decision(&body, &asker, world.request, &world.decision, id);
	assert_true(record_read(body.at, body.len, &record));
	assert_int_equal(record.kind, RECORD_DECISION);
	assert_memory_equal(record.decision.id, id, sizeof id);
	assert_true(text_equal(record.decision.caller, TEXT("uid:990")));
	assert_true(text_equal(record.decision.correlation, TEXT("a?b? c")));
	assert_true(text_equal(record.decision.rule, TEXT("members")));
	assert_true(text_equal(record.decision.request.question, TEXT("documents")));
	assert_true(text_equal(record.decision.request.action, TEXT("view")));
	assert_int_equal(record.decision.request.instant, RECORDED + 3600);
	assert_int_equal(record.decision.head.generation, 1);
	while (record_field_next(&record.decision.request, &field)) {
		assert_true(text_equal(field.name, text_from(fields[i][0])));
		assert_true(record_value_next(&field, &value));
		assert_true(text_equal(value, text_from(fields[i++][1])));
		assert_false(record_value_next(&field, &value));
	}
	assert_int_equal(i, 4);
	assert_int_equal(record.decision.trace.len, world.decision.trace_size);
	assert_memory_equal(record.decision.trace.at, world.decision.trace, world.decision.trace_size);
	buf_release(&body);
	end(&world);
}

/* Nothing that is cut or changed is read beyond its end (the sanitizers watch), and no part of a record is one. */
static void damaged_bodies_are_no_records(void **state)
{
	uint8_t id[RKO_AUDIT_ID_BYTES];
	struct record record;
	struct world world;
	struct buf body = { 0 };

	(void)state;
	begin(&world);
	ask(&world, "edit", "user=pekka document=taulukko network=vpn managed=no");
	record_decision(&body, NULL, world.request, &world.decision, id);
	for (size_t i = 0; i < body.len; i++) {
		uint8_t *part = malloc(i + 1);

		memcpy(part, body.at, i);
		assert_false(record_read(part, i, &record));
		free(part);
	}
	for (size_t i = 0; i < body.len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			uint8_t *changed = malloc(body.len);

			memcpy(changed, body.at, body.len);
			changed[i] ^= (uint8_t)(1 << bit);
			if (record_read(changed, body.len, &record))
				assert_int_equal(record.kind, RECORD_DECISION);
			free(changed);
		}
	}
	buf_release(&body);
	end(&world);
}

/* Writes the record of an explanation of what was decided last, as it is told to a reviewer or to the requester. */
static void explain_into(struct world *world, struct buf *body, bool requester, const uint8_t *of,
			 uint8_t id[RKO_AUDIT_ID_BYTES])
{
	const struct rko_audit_asker asker = { .caller = "uid:990" };
	struct rko_decision decision = world->decision;
	struct rko_explanation *why;
	struct buf trace = { 0 };

	buf_add(&trace, decision.trace, decision.trace_size);
	decision.trace = trace.at;
	assert_int_equal((requester ? rko_explain_requester : rko_explain)(world->session, world->request, &world->decision,
									    RKO_SV, &why), RKO_OK);
	record_explained(body, &asker, world->request, &decision, why, of, id);
	rko_explanation_free(why);
	buf_release(&trace);
}

static void explanation_says_to_whom_and_what_it_read(void **state)
{
	static const uint8_t of[RKO_AUDIT_ID_BYTES] = { 1, 2, 3 }, unknown[RKO_AUDIT_ID_BYTES];
	uint8_t id[RKO_AUDIT_ID_BYTES], hash[HASH_BYTES];
	unsigned documents = 0, members = 0;
	struct record record;
	struct record_field field;
	struct record_use use, earlier;
	struct text value;
	struct world world;
	struct buf body = { 0 };

	(void)state;
	begin(&world);
	ask(&world, "edit", "user=pekka document=taulukko network=vpn managed=no");
	assert_int_equal(world.decision.outcome, RKO_NOT_GRANTED);
	crypto_hash_sha256(hash, world.decision.trace, world.decision.trace_size);
	explain_into(&world, &body, false, of, id);
	assert_true(record_read(body.at, body.len, &record));
	assert_int_equal(record.kind, RECORD_EXPLAINED);
	assert_memory_equal(record.explained.id, id, sizeof id);
	assert_memory_equal(record.explained.of, of, sizeof of);
	assert_memory_equal(record.explained.trace.at, hash, sizeof hash);
	assert_false(record.explained.requester);
	assert_true(record.explained.reproduced);
	assert_int_equal(record.explained.language, RKO_SV);
	assert_int_equal(record.explained.outcome, RKO_NOT_GRANTED);
	assert_true(text_equal(record.explained.caller, TEXT("uid:990")));
	assert_true(text_equal(record.explained.request.action, TEXT("edit")));
	assert_true(record_field_next(&record.explained.request, &field));
	assert_true(text_equal(field.name, TEXT("user")));
	memset(&earlier, 0, sizeof earlier);
	while (record_use_next(&record.explained, &use)) {
		assert_int_equal(use.generation, 1);
		assert_false(text_equal(use.kind, earlier.kind) && text_equal(use.key, earlier.key));
		earlier = use;
		documents += text_equal(use.kind, TEXT("document"));
		members += text_equal(use.kind, TEXT("member"));
		assert_true(record_key_next(&use, &value));
		if (text_equal(use.kind, TEXT("document")))
			assert_true(text_equal(value, TEXT("taulukko")));
	}
	assert_int_equal(documents, 1);
	assert_int_equal(members, 1);
	/* what the requester is told consulted nothing that he may know of; by which record is not known here */
	buf_reset(&body);
	explain_into(&world, &body, true, NULL, id);
	assert_true(record_read(body.at, body.len, &record));
	assert_true(record.explained.requester);
	assert_memory_equal(record.explained.of, unknown, sizeof unknown);
	assert_false(record_use_next(&record.explained, &use));
	buf_release(&body);
	end(&world);
}

static void damaged_explanations_are_no_records(void **state)
{
	uint8_t id[RKO_AUDIT_ID_BYTES];
	struct record record;
	struct world world;
	struct buf body = { 0 };

	(void)state;
	begin(&world);
	ask(&world, "edit", "user=pekka document=taulukko network=vpn managed=no");
	explain_into(&world, &body, false, NULL, id);
	for (size_t i = 0; i < body.len; i++) {
		uint8_t *part = malloc(i + 1);

		memcpy(part, body.at, i);
		assert_false(record_read(part, i, &record));
		memcpy(part, body.at, i + 1);
		part[i] ^= 0x80;
		record_read(part, i + 1, &record);
		free(part);
	}
	buf_char(&body, 0);
	assert_false(record_read(body.at, body.len, &record));
	buf_release(&body);
	end(&world);
}

static void same_question_is_the_same_bytes(void **state)
{
	struct buf one = { 0 }, other = { 0 };
	struct world world;

	(void)state;
	begin(&world);
	ask(&world, "view", "user=pekka document=taulukko network=vpn managed=no");
	record_request(&one, world.request);
	ask(&world, "view", "managed=no network=vpn document=taulukko user=pekka");
	record_request(&other, world.request);
	assert_true(text_equal(buf_view(&one), buf_view(&other)));
	buf_release(&one);
	buf_release(&other);
	end(&world);
}

/* Whatever came of it then comes of it again: grants, denials, every way to be refused. */
static void decisions_are_made_again(void **state)
{
	static const char *const asked[][3] = {
		{ "view", "user=pekka document=taulukko network=vpn managed=no", "" },
		{ "publish", "user=pekka document=taulukko network=vpn managed=no", "" },
		{ "view", "user=pekka network=vpn managed=no", "missing" },
		{ "look", "user=pekka document=taulukko network=vpn managed=no", "action" },
		{ "view", "user=pekka document=taulukko network=lan managed=no", "bad_value" },
		{ "view", "user=pekka user=liisa document=taulukko network=vpn managed=no", "said_twice" },
		{ "view", "user=pekka document=taulukko network=vpn managed=no shoe=42", "no_such_field" },
		{ "view", "user=matti document=taulukko network=vpn managed=no", "not_found" },
	};
	uint8_t id[RKO_AUDIT_ID_BYTES];
	struct world world;
	struct buf bodies[8] = { { 0 } };

	(void)state;
	begin(&world);
	for (size_t i = 0; i < 8; i++) {
		ask(&world, asked[i][0], asked[i][1]);
		assert_string_equal(rko_refusal_word(world.decision.refusal), asked[i][2]);
		record_decision(&bodies[i], NULL, world.request, &world.decision, id);
	}
	/* Later there is somebody of whom nobody knew then. */
	facts_load(world.facts, world.policy, "user:\n  matti: {staff: yes}\n");
	for (size_t i = 0; i < 8; i++) {
		struct rko_request *request;
		struct record record;
		uint32_t named;

		assert_true(record_read(bodies[i].at, bodies[i].len, &record));
		assert_int_equal(replay_request(world.policy, &record.decision.request, &request), RKO_OK);
		rko_request_as_of(request, record.decision.head.generation);
		rko_decide(world.session, request, &world.decision);
		assert_true(replay_same(record.decision.trace,
					(struct text){ world.decision.trace, world.decision.trace_size }, &named));
		assert_int_equal(named, i == 7);
		/* On other facts it is not the same. */
		rko_request_as_of(request, 2);
		rko_decide(world.session, request, &world.decision);
		assert_false(replay_same(record.decision.trace,
					 (struct text){ world.decision.trace, world.decision.trace_size }, &named));
		rko_request_free(request);
		buf_release(&bodies[i]);
	}
	end(&world);
}

/* A mistaken caller may have sent anything; what was no value of a field is not written down. */
static void what_was_refused_is_not_recorded(void **state)
{
	uint8_t id[RKO_AUDIT_ID_BYTES];
	struct world world;
	struct buf body = { 0 };

	(void)state;
	begin(&world);
	ask(&world, "secretaction", "user=pekka document=taulukko network=secretvalue managed=no secretfield=secretvalue");
	record_decision(&body, NULL, world.request, &world.decision, id);
	assert_null(memmem(body.at, body.len, "secret", 6));
	buf_release(&body);
	end(&world);
}

static void batches_are_bounded_and_of_one_policy(void **state)
{
	struct rko_policy *other = policy_compile(NULL, "tests/common/library.rko");
	struct rko_audit_batch *batch;
	struct rko_request *request;
	struct rko_decision forged;
	struct world world;

	(void)state;
	begin(&world);
	assert_int_equal(rko_audit_batch_new(&batch), RKO_OK);
	ask(&world, "view", "user=pekka document=taulukko network=vpn managed=no");
	for (int i = 0; i < RKO_AUDIT_BATCH; i++)
		assert_int_equal(rko_audit_batch_add(batch, NULL, world.request, &world.decision, NULL), RKO_OK);
	assert_int_equal(rko_audit_batch_add(batch, NULL, world.request, &world.decision, NULL), RKO_LIMIT);
	assert_int_equal(rko_audit_batch_count(batch), RKO_AUDIT_BATCH);
	rko_audit_batch_clear(batch);
	assert_int_equal(rko_request_new(other, "library", &request), RKO_OK);
	assert_int_equal(rko_audit_batch_add(batch, NULL, request, &world.decision, NULL), RKO_ARGUMENT);
	forged = world.decision;
	forged.trace = NULL;
	assert_int_equal(rko_audit_batch_add(batch, NULL, world.request, &forged, NULL), RKO_ARGUMENT);
	assert_int_equal(rko_audit_batch_count(batch), 0);
	rko_request_free(request);
	rko_policy_unref(other);
	rko_audit_batch_free(batch);
	end(&world);
}

static void decisions_are_kept_with_their_image(void **state)
{
	struct rko_audit_batch *batch;
	struct verify_found found;
	struct rko_audit *audit;
	uint64_t sequence = 0;
	struct world world;
	char *path;

	(void)state;
	begin(&world);
	path = audit_new(world.folder);
	audit = audit_begin(path, NULL);
	assert_int_equal(rko_audit_batch_new(&batch), RKO_OK);
	assert_int_equal(rko_audit_append(audit, batch, NULL), RKO_OK);	/* of nothing */
	for (int i = 0; i < 16; i++) {
		ask(&world, i & 1 ? "view" : "delete", "user=pekka document=taulukko network=vpn managed=no");
		assert_int_equal(rko_audit_batch_add(batch, NULL, world.request, &world.decision, NULL), RKO_OK);
	}
	assert_int_equal(rko_audit_append(audit, batch, &sequence), RKO_OK);
	assert_int_equal(sequence, 1);
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	found = audit_look(path, NULL, 0);
	assert_false(found.bad);
	assert_int_equal(found.decisions, 16);
	rko_audit_batch_free(batch);
	free(path);
	end(&world);
}

/* Many callers ------------------------------------------------------------------------------------ */

enum { CALLERS = 8, EACH = 60 };

struct counted {
	struct rko_audit *audit;
	int seed;
	uint64_t called, last;
	enum rko_status status;
	bool unordered;
};

static void count(void *context, enum rko_status status, uint64_t sequence)
{
	struct counted *counted = context;

	counted->unordered |= counted->called && status == RKO_OK && sequence <= counted->last;
	counted->last = sequence;
	counted->status = status == RKO_OK ? counted->status : status;
	__atomic_add_fetch(&counted->called, 1, __ATOMIC_RELEASE);
}

static void *submit(void *context)
{
	struct counted *counted = context;
	struct rko_audit_batch *batch;

	if (rko_audit_batch_new(&batch) != RKO_OK)
		abort();
	for (int i = 0; i < EACH; i++) {
		audit_batch(batch, counted->seed + i, 1 + (unsigned)i % 4, 500);
		if (i % 3 == 0 ? rko_audit_append(counted->audit, batch, NULL) != RKO_OK
			       : rko_audit_submit(counted->audit, batch, count, counted) != RKO_OK)
			abort();
	}
	rko_audit_batch_free(batch);
	return NULL;
}

static void callers_share_writes(void **state)
{
	/* little room to wait in, so that they must wait for it */
	const struct rko_audit_options options = { .segment_bytes = 64 << 10, .reserve_bytes = 3000 };
	char *folder = folder_new(), *path = audit_new(folder);
	struct rko_audit *audit = NULL;
	struct counted counted[CALLERS] = { { 0 } };
	struct rko_audit_about about;
	struct verify_found found;
	pthread_t threads[CALLERS];

	(void)state;
	assert_int_equal(rko_audit_open(path, &options, &audit, NULL), RKO_OK);
	for (int i = 0; i < CALLERS; i++) {
		counted[i] = (struct counted){ .audit = audit, .seed = i * EACH };
		assert_int_equal(pthread_create(&threads[i], NULL, submit, &counted[i]), 0);
	}
	for (int i = 0; i < CALLERS; i++)
		pthread_join(threads[i], NULL);
	rko_audit_about(audit, &about);
	assert_int_equal(about.status, RKO_OK);
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	for (int i = 0; i < CALLERS; i++) {
		assert_int_equal(counted[i].called, EACH - EACH / 3);
		assert_int_equal(counted[i].status, RKO_OK);
		assert_false(counted[i].unordered);
	}
	assert_true(about.syncs < CALLERS * EACH);
	found = audit_look(path, NULL, 0);
	assert_false(found.bad);
	assert_int_equal(found.records, CALLERS * (EACH / 4 * 10) + 1 + found.checkpoints);
	free(path);
	folder_remove(folder);
}

/* Who reads a log while it is written sees a good log, that grows. */
static void log_is_read_while_it_is_written(void **state)
{
	char *folder = folder_new(), *path = audit_new(folder);
	struct counted counted = { .audit = audit_begin(path, NULL) };
	uint64_t records = 0;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, submit, &counted), 0);
	for (int i = 0; i < 40; i++) {
		struct verify_found found = audit_look(path, NULL, 0);

		assert_false(found.bad);
		assert_true(found.busy);
		assert_true(found.records >= records);
		records = found.records;
	}
	pthread_join(thread, NULL);
	assert_int_equal(rko_audit_close(counted.audit), RKO_OK);
	free(path);
	folder_remove(folder);
}

/* Failures ---------------------------------------------------------------------------------------- */

static struct audit_io io;
static int syncs_left;
static int64_t clock_now;

static int failing_sync(int file)
{
	if (syncs_left-- > 0)
		return fdatasync(file);
	errno = EIO;
	return -1;
}

static void failed_log_takes_nothing_more(void **state)
{
	char *folder = folder_new(), *path = audit_new(folder);
	struct counted counted = { 0 };
	struct rko_audit_batch *batch;
	struct rko_audit_about about;
	struct rko_audit *audit;
	char text[RKO_AUDIT_CHECKPOINT_TEXT];

	(void)state;
	io = audit_io_system;
	io.fdatasync = failing_sync;
	syncs_left = 2;
	audit = audit_begin(path, &io);
	assert_int_equal(rko_audit_batch_new(&batch), RKO_OK);
	audit_batch(batch, 0, 3, 100);
	assert_int_equal(rko_audit_append(audit, batch, NULL), RKO_OK);
	assert_int_equal(rko_audit_append(audit, batch, NULL), RKO_IO);
	syncs_left = 100;	/* the disk is well again: that does not help this file */
	assert_int_equal(rko_audit_append(audit, batch, NULL), RKO_AUDIT_FAILED);
	assert_int_equal(rko_audit_submit(audit, batch, count, &counted), RKO_AUDIT_FAILED);
	assert_int_equal(rko_audit_checkpoint(audit, text), RKO_AUDIT_FAILED);
	rko_audit_about(audit, &about);
	assert_int_equal(about.status, RKO_AUDIT_FAILED);
	assert_int_equal(about.reason, RKO_IO);
	assert_int_equal(about.error, EIO);
	assert_int_equal(about.decisions, 3);
	assert_int_equal(about.waiting, 0);
	assert_int_equal(rko_audit_close(audit), RKO_AUDIT_FAILED);
	assert_int_equal(counted.called, 0);
	audit = audit_begin(path, NULL);
	assert_int_equal(rko_audit_append(audit, batch, NULL), RKO_OK);
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	assert_false(audit_look(path, NULL, 0).bad);
	rko_audit_batch_free(batch);
	free(path);
	folder_remove(folder);
}

/* Months ------------------------------------------------------------------------------------------ */

static int64_t set_clock(void)
{
	return clock_now;
}

static void in_month(const char *path, const char *when, int seed)
{
	struct rko_audit *audit;

	clock_now = instant(when) * 1000000000;
	audit = audit_begin(path, &io);
	for (int i = 0; i < 30; i++)
		audit_put(audit, seed + i, 2, 700);
	assert_int_equal(rko_audit_close(audit), RKO_OK);
}

static void months_are_taken_away_with_a_record_of_it(void **state)
{
	char *folder = folder_new(), *path = audit_new(folder), *name;
	struct prove_found *proof = malloc(sizeof *proof);
	struct checkpoint newest;
	struct verify_found found;
	enum note_fault fault;
	struct rko_audit *audit;
	struct folder at;
	uint64_t first;
	size_t segments;

	(void)state;
	io = audit_io_system;
	io.now = set_clock;
	in_month(path, "2026-01-31T23:00+02:00", 0);
	in_month(path, "2026-02-01T00:30+02:00", 100);
	in_month(path, "2026-03-15T12:00+02:00", 200);
	in_month(path, "2026-02-28T12:00+02:00", 300);	/* the clock was set back: the records go on in March */
	name = malloc(strlen(path) + 100);
	sprintf(name, "%s/2026-03", path);
	assert_int_equal(access(name, F_OK), 0);
	found = audit_look(path, NULL, 0);
	assert_false(found.bad);
	audit = audit_begin(path, &io);
	assert_int_equal(audit_expire(audit, 202601, &first, &segments, NULL), RKO_ARGUMENT);
	assert_int_equal(audit_expire(audit, 202603, &first, &segments, NULL), RKO_OK);
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	sprintf(name, "%s/2026-02", path);
	assert_int_equal(access(name, F_OK), -1);
	found = audit_look(path, NULL, 0);
	assert_false(found.bad);
	assert_int_equal(found.first, first);
	/* what stayed can still be proved to be of the whole */
	assert_int_equal(folder_open(path, &at, NULL), RKO_OK);
	assert_true(folder_checkpoint(&at, &newest, &fault));
	for (uint64_t i = first; i < newest.size; i += 11) {
		struct prove_wish wish = { .at = i, .size = newest.size };

		assert_int_equal(audit_prove(&at, &wish, proof), RKO_OK);
		assert_true(merkle_check_inclusion(&proof->leaf, i, newest.size, &proof->proof, &newest.root));
		free(proof->leaf_data);
	}
	assert_int_equal(audit_prove(&at, &(struct prove_wish){ .at = first - 1, .size = newest.size }, proof), RKO_ARGUMENT);
	folder_close(&at);
	/* the same without a record is a gap */
	sprintf(name, "rm -r '%s'/2026-03/%018llu.seg", path, (unsigned long long)first);
	assert_int_equal(system(name), 0);
	found = audit_look(path, NULL, 0);
	assert_true(found.bad);
	free(proof);
	free(name);
	free(path);
	folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(record_says_what_was_asked_and_answered),
		cmocka_unit_test(damaged_bodies_are_no_records),
		cmocka_unit_test(explanation_says_to_whom_and_what_it_read),
		cmocka_unit_test(damaged_explanations_are_no_records),
		cmocka_unit_test(same_question_is_the_same_bytes),
		cmocka_unit_test(decisions_are_made_again),
		cmocka_unit_test(what_was_refused_is_not_recorded),
		cmocka_unit_test(batches_are_bounded_and_of_one_policy),
		cmocka_unit_test(decisions_are_kept_with_their_image),
		cmocka_unit_test(callers_share_writes),
		cmocka_unit_test(log_is_read_while_it_is_written),
		cmocka_unit_test(failed_log_takes_nothing_more),
		cmocka_unit_test(months_are_taken_away_with_a_record_of_it),
	};

	return sodium_init() < 0 || cmocka_run_group_tests(tests, NULL, NULL);
}
