/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Segments of a record. An input is bodies, which are framed here so that checks and hashes are right; or, when its
 * first byte is odd, bytes behind the head of a segment as they are.
 *
 * Reading and verifying come to an end and agree; what was framed is found again, in order, byte by byte; a body that is
 * read can be shown as JSON and as FHIR, and written again it is the same; and a proof of any record holds.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "engine/audit/verify.h"
#include "tests/common/audit.h"
#include "tests/fuzz/lib/fuzz.h"
#include "tools/common/audit.h"

enum { INPUT_MOST = 16 << 10, BODIES_MOST = 64, MONTH = 202601 };

static const int64_t second = 1000000000;
static char *path;
static struct folder folder;
static int segment;

static void begin(void)
{
	const struct segment_name name = { .month = MONTH };
	char file[FOLDER_NAME], month[FOLDER_MONTH_NAME];

	path = audit_new(fuzz_folder());
	HOLDS(folder_open(path, &folder, NULL) == RKO_OK, "no log");
	month_path(MONTH, month);
	segment_path(&name, file);
	HOLDS(mkdirat(folder.file, month, 0700) == 0, "no folder");
	segment = openat(folder.file, file, O_RDWR | O_CREAT, 0600);
	HOLDS(segment >= 0, "no segment");
}

/* The log ----------------------------------------------------------------------------------------- */

struct framed {
	struct buf bytes;	/* a whole segment */
	struct front front;
	struct fuzz_bytes bodies[BODIES_MOST];
	size_t count;
};

static void add_head(struct framed *framed)
{
	struct segment_head head = { .month = MONTH, .begun = RECORDED * second, .log = folder.log };
	uint8_t at[SEGMENT_HEAD];

	segment_head_write(&head, at);
	buf_add(&framed->bytes, at, sizeof at);
}

static void add_bodies(struct framed *framed, struct fuzz_bytes *input)
{
	int64_t written = RECORDED * second;

	while (input->left && framed->count < BODIES_MOST) {
		struct fuzz_bytes body = fuzz_piece(input, INPUT_MOST);
		uint8_t *frame = calloc(1, frame_bytes(body.left));

		memcpy(frame + FRAME_HEAD, body.at, body.left);
		frame_write(frame, body.left, 0, written += second, &framed->front);
		buf_add(&framed->bytes, frame, frame_bytes(body.left));
		free(frame);
		framed->bodies[framed->count++] = body;
	}
}

static void write_segment(const struct buf *bytes)
{
	HOLDS(ftruncate(segment, 0) == 0 && pwrite(segment, bytes->at, bytes->len, 0) == (ssize_t)bytes->len,
	      "the segment cannot be written");
}

/* Bodies ------------------------------------------------------------------------------------------ */

static void check_json(json_t *json)
{
	char *text = json ? json_dumps(json, 0) : NULL;
	json_t *again = text ? json_loads(text, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL) : NULL;

	HOLDS(again, "a record cannot be shown");
	json_decref(again);
	free(text);
	json_decref(json);
}

/* Kinds that are written from what was read. Only our own version is written, and only text without a NUL. */
static void check_again(const struct record *record, const struct entry *entry)
{
	struct buf out = { 0 }, text = { 0 };

	switch (record->kind) {
	case RECORD_CHECKPOINT:
		buf_add(&text, record->checkpoint.at, record->checkpoint.len);
		buf_char(&text, '\0');
		record_checkpoint(&out, text.at);
		break;
	case RECORD_ASIDE:
		buf_add(&text, record->aside.file.at, record->aside.file.len);
		buf_char(&text, '\0');
		record_aside(&out, text.at, record->aside.bytes, &record->aside.hash);
		break;
	case RECORD_EXPIRED:
		record_expired(&out, record->expired.first, record->expired.month);
		break;
	case RECORD_OPENED:
		record_opened(&out, record->opened.made);
		if (record->opened.version.len != strlen(rko_version()) ||
		    memcmp(record->opened.version.at, rko_version(), record->opened.version.len) != 0)
			buf_reset(&out);
		break;
	case RECORD_DECISION:
	case RECORD_EXPLAINED:
		break;
	}
	if (out.len && (!text.len || !memchr(text.at, '\0', text.len - 1)))
		HOLDS(out.len == entry->size && memcmp(out.at, entry->body, out.len) == 0, "written again it is another record");
	buf_release(&out);
	buf_release(&text);
}

static void look_at(const struct entry *entry)
{
	struct audit_filter filter;
	struct audit_roles roles = { .count = 0 };
	struct record record;

	if (!record_read(entry->body, entry->size, &record))
		return;
	HOLDS(*record_kind_word(record.kind), "a kind without a word");
	audit_filter_init(&filter);
	HOLDS(audit_filter_where(&filter, "customer=liisa"), "no filter");
	audit_filter_takes(&filter, entry, &record);
	check_json(audit_json(entry, &record, true));
	check_again(&record, entry);
	if (record.kind != RECORD_DECISION && record.kind != RECORD_EXPLAINED)
		return;
	audit_roles_add(&roles, "patient=customer");
	check_json(audit_fhir(entry, &record, &roles, "audit.example/test"));
}

/* What must hold ---------------------------------------------------------------------------------- */

/* Goes through the records; gives how they end. */
static enum walk_step read_all(bool follow, const struct framed *framed, uint64_t *ret_count)
{
	struct walk walk;
	struct entry entry;
	enum walk_step step;
	uint64_t count = 0;

	HOLDS(walk_open(&walk, &folder, follow, NULL) == RKO_OK, "the log cannot be read");
	while ((step = walk_next(&walk, &entry)) == WALK_RECORD) {
		if (framed->count)
			HOLDS(count < framed->count && entry.size == framed->bodies[count].left &&
			      memcmp(entry.body, framed->bodies[count].at, entry.size) == 0, "another body than was written");
		count++;
		look_at(&entry);
	}
	HOLDS(step == WALK_END || step == WALK_BAD, "reading fails");
	HOLDS(step == WALK_END || walk.bad.what, "bad, and nothing says why");
	walk_close(&walk);
	*ret_count = count;
	return step;
}

static void check_proof(uint64_t at, uint64_t size)
{
	const struct prove_wish wish = { .at = at, .size = size };
	struct prove_found found = { 0 };

	HOLDS(audit_prove(&folder, &wish, &found) == RKO_OK, "no proof of record %llu", (unsigned long long)at);
	HOLDS(merkle_check_inclusion(&found.leaf, at, size, &found.proof, &found.root), "a proof that does not hold");
	HOLDS(!merkle_check_inclusion(&found.leaf, at + 1, size, &found.proof, &found.root), "a proof of another place holds");
	free(found.leaf_data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes input = { data, size };
	struct framed framed = { .count = 0 };
	struct verify_found found;
	enum walk_step step, follow;
	uint64_t count, followed;

	if (!path)
		begin();
	if (size < 2 || size > INPUT_MOST)
		return 0;
	add_head(&framed);
	if (fuzz_take(&input, 1) & 1)
		buf_add(&framed.bytes, input.at, input.left);
	else
		add_bodies(&framed, &input);
	write_segment(&framed.bytes);
	step = read_all(false, &framed, &count);
	follow = read_all(true, &framed, &followed);
	HOLDS(!framed.count || (step == WALK_END && count == framed.count), "what was framed is not found");
	HOLDS(followed <= count && (follow == WALK_BAD || step == WALK_END), "who looks closer sees less");
	found = audit_look(path, NULL, 0);
	HOLDS(found.bad || (follow == WALK_END && found.records == followed), "a log is good that cannot be read");
	HOLDS(!found.bad || *found.what, "bad, and nothing says why");
	if (!found.bad && followed)
		check_proof(followed / 2, followed);
	buf_release(&framed.bytes);
	return 0;
}
