/* SPDX-License-Identifier: EUPL-1.2 */
/* The record: the hash tree, checkpoints, frames, what a record says, the log itself. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include <rko/audit.h>

#include "engine/audit/log.h"
#include "engine/audit/record.h"
#include "engine/audit/verify.h"
#include "engine/audit/writer.h"
#include "tests/common/audit.h"
#include "tests/common/fixture.h"

/* The hash tree ----------------------------------------------------------------------------------- */

static struct hash unhex(const char *hex)
{
	struct hash hash;
	size_t length;

	assert_int_equal(sodium_hex2bin(hash.at, sizeof hash.at, hex, strlen(hex), NULL, &length, NULL), 0);
	assert_int_equal(length, sizeof hash.at);
	return hash;
}

/* Leaves and roots that implementations of RFC 6962 test with. */
static const char *const leaves[] = {
	"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
};
static const char *const roots[] = {
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};
enum { LEAVES = sizeof leaves / sizeof leaves[0] };

static struct hash leaf_of(unsigned number)
{
	uint8_t data[32];
	size_t length;

	sodium_hex2bin(data, sizeof data, leaves[number], strlen(leaves[number]), NULL, &length, NULL);
	return merkle_leaf(data, length);
}

static void tree_has_the_roots_of_the_rfc(void **state)
{
	struct merkle_range range = { 0 };

	(void)state;
	for (unsigned i = 0;; i++) {
		struct hash root = merkle_root(&range), expected = unhex(roots[i]);

		assert_memory_equal(root.at, expected.at, HASH_BYTES);
		if (i == LEAVES)
			break;
		root = leaf_of(i);
		merkle_add(&range, &root);
	}
}

struct path {
	uint64_t at, size;
	unsigned count;
	const char *hashes[4];
};

static void proofs_are_those_of_the_rfc(void **state)
{
	static const struct path inclusions[] = {
		{ 0, 1, 0, { 0 } },
		{ 0, 8, 3, { "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
			     "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			     "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4" } },
		{ 5, 8, 3, { "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
			     "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
			     "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" } },
		{ 2, 3, 1, { "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" } },
		{ 1, 5, 3, { "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
			     "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			     "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b" } },
	};
	static const struct path consistencies[] = {
		{ 1, 1, 0, { 0 } },
		{ 1, 8, 3, { "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
			     "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			     "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4" } },
		{ 6, 8, 3, { "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
			     "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
			     "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" } },
		{ 2, 5, 2, { "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			     "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b" } },
	};
	struct merkle_wish *wish = calloc(1, sizeof *wish);

	(void)state;
	for (unsigned consistency = 0; consistency < 2; consistency++) {
		const struct path *paths = consistency ? consistencies : inclusions;
		size_t count = consistency ? sizeof consistencies / sizeof *consistencies : sizeof inclusions / sizeof *inclusions;

		for (size_t i = 0; i < count; i++) {
			struct merkle_proof proof;

			if (consistency)
				merkle_wish_consistency(wish, paths[i].at, paths[i].size);
			else
				merkle_wish_inclusion(wish, paths[i].at, paths[i].size);
			for (unsigned leaf = 0; leaf < LEAVES; leaf++) {
				struct hash hash = leaf_of(leaf);

				merkle_wish_leaf(wish, leaf, &hash);
			}
			assert_true(merkle_wish_proof(wish, &proof));
			assert_int_equal(proof.count, paths[i].count);
			for (unsigned j = 0; j < proof.count; j++) {
				struct hash expected = unhex(paths[i].hashes[j]);

				assert_memory_equal(proof.hashes[j].at, expected.at, HASH_BYTES);
			}
		}
	}
	free(wish);
}

enum { TREE = 70 };

static struct hash numbered(uint64_t number)
{
	return merkle_leaf(&number, sizeof number);
}

static struct hash root_of(uint64_t size)
{
	struct merkle_range range = { 0 };

	for (uint64_t i = 0; i < size; i++) {
		struct hash leaf = numbered(i);

		merkle_add(&range, &leaf);
	}
	return merkle_root(&range);
}

/* Every proof of every tree up to a size holds, also when what was before `from` is a range only; none holds elsewhere. */
static void every_proof_holds_and_no_other(void **state)
{
	struct merkle_wish *wish = calloc(1, sizeof *wish);

	(void)state;
	for (uint64_t size = 1; size <= TREE; size += size < 20 ? 1 : 7) {
		struct hash root = root_of(size);

		for (uint64_t at = 0; at < size; at++) {
			struct hash leaf = numbered(at), old = root_of(at);
			struct merkle_proof proof;

			for (uint64_t from = 0; from <= at; from += 1 + at / 5) {
				struct merkle_range start = { 0 };

				merkle_wish_inclusion(wish, at, size);
				for (uint64_t i = 0; i < from; i++) {
					struct hash one = numbered(i);

					merkle_add(&start, &one);
				}
				merkle_wish_start(wish, &start);
				for (uint64_t i = from; i < size; i++) {
					struct hash one = numbered(i);

					merkle_wish_leaf(wish, i, &one);
				}
				assert_true(merkle_wish_proof(wish, &proof));
				assert_true(merkle_check_inclusion(&leaf, at, size, &proof, &root));
				assert_false(merkle_check_inclusion(&root, at, size, &proof, &root) && size > 1);
				assert_false(merkle_check_inclusion(&leaf, at + 1, size, &proof, &root));
				if (proof.count) {
					proof.hashes[proof.count / 2].at[5] ^= 1;
					assert_false(merkle_check_inclusion(&leaf, at, size, &proof, &root));
					proof.count--;
					assert_false(merkle_check_inclusion(&leaf, at, size, &proof, &root));
				}
			}
			if (!at)
				continue;
			merkle_wish_consistency(wish, at, size);
			for (uint64_t i = 0; i < size; i++) {
				struct hash one = numbered(i);

				merkle_wish_leaf(wish, i, &one);
			}
			assert_true(merkle_wish_proof(wish, &proof));
			assert_true(merkle_check_consistency(at, size, &proof, &old, &root));
			assert_false(merkle_check_consistency(at, size, &proof, &root, &root));
			assert_false(merkle_check_consistency(at, size, &proof, &old, &old));
			if (proof.count) {
				proof.hashes[proof.count - 1].at[31] ^= 0x80;
				assert_false(merkle_check_consistency(at, size, &proof, &old, &root));
			}
		}
	}
	free(wish);
}

/* Checkpoints ------------------------------------------------------------------------------------- */

static void checkpoint_is_a_signed_note(void **state)
{
	struct checkpoint checkpoint = { .size = 4711, .root = numbered(1), .at = 1783666800 }, again;
	char text[RKO_AUDIT_CHECKPOINT_TEXT], key_text[RKO_AUDIT_KEY_TEXT];
	struct note_key key, other, public;

	(void)state;
	note_key_make(&key, TEXT("audit.example/1"));
	note_key_make(&other, TEXT("audit.example/1"));
	note_key_secret_text(&key, key_text);
	assert_true(note_key_secret_parse(text_from(key_text), &public));
	assert_memory_equal(public.secret, key.secret, sizeof key.secret);
	note_key_text(&key, key_text);
	assert_true(note_key_parse(text_from(key_text), &public));
	assert_false(public.secret_known);
	note_sign(&key, &checkpoint, text);
	assert_memory_equal(text, "audit.example/1\n4711\n", 21);
	assert_non_null(strstr(text, "\ntime 2026-07-10T07:00:00Z\n\n\xe2\x80\x94 audit.example/1 "));
	assert_int_equal(note_open(&public, text_from(text), &again), NOTE_OK);
	assert_int_equal(again.size, 4711);
	assert_int_equal(again.at, checkpoint.at);
	assert_true(hash_equal(&again.root, &checkpoint.root));
	assert_int_equal(note_open(&other, text_from(text), &again), NOTE_UNSIGNED);
	strcpy(other.origin, "audit.example/2");
	assert_int_equal(note_open(&other, text_from(text), &again), NOTE_ORIGIN);
	for (size_t i = 0; text[i]; i++) {
		text[i] ^= 1;
		assert_int_not_equal(note_open(&public, text_from(text), &again), NOTE_OK);
		text[i] ^= 1;
	}
	key_text[strlen(key_text) - 3] ^= 1;
	assert_false(note_key_parse(text_from(key_text), &public));
}

/* A vector made with Go's sumdb/note: the key that its documentation shows. */
static void keys_are_those_of_other_programs(void **state)
{
	static const char public[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
	static const char secret[] = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
	char text[RKO_AUDIT_KEY_TEXT];
	struct note_key key;

	(void)state;
	assert_true(note_key_parse(TEXT(public), &key));
	note_key_text(&key, text);
	assert_string_equal(text, public);
	assert_true(note_key_secret_parse(TEXT(secret), &key));
	note_key_text(&key, text);
	assert_string_equal(text, public);
}

/* The log ----------------------------------------------------------------------------------------- */

static void whole_log_is_verified(void **state)
{
	char *folder = folder_new(), *path = audit_new(folder);
	struct rko_audit *audit = audit_begin(path, NULL);
	struct verify_found found;

	(void)state;
	for (int i = 0; i < 300; i++)
		audit_put(audit, i, 1 + i % 3, 200 + (unsigned)i * 7);
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	found = audit_look(path, NULL, 0);
	assert_false(found.bad);
	assert_true(found.segments > 3);
	/* 600 records, one that it began, one checkpoint when it was closed */
	assert_int_equal(found.records, 602);
	assert_int_equal(found.checkpoints, 1);
	assert_int_equal(found.covered, 601);
	free(path);
	folder_remove(folder);
}

static void second_writer_is_turned_away(void **state)
{
	char *folder = folder_new(), *path = audit_new(folder);
	struct rko_audit *audit = audit_begin(path, NULL), *other;
	struct rko_fault fault;

	(void)state;
	assert_int_equal(rko_audit_open(path, NULL, &other, &fault), RKO_AUDIT_BUSY);
	assert_true(audit_look(path, NULL, 0).busy);
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	assert_false(audit_look(path, NULL, 0).busy);
	assert_int_equal(rko_audit_open(path, NULL, &audit, &fault), RKO_OK);
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	free(path);
	folder_remove(folder);
}

static void key_must_be_its_own_and_closed(void **state)
{
	char *folder = folder_new(), *path = audit_new(folder), name[300], moved[300];
	struct rko_audit *audit;
	struct rko_fault fault;

	(void)state;
	snprintf(name, sizeof name, "%s/key", path);
	snprintf(moved, sizeof moved, "%s/elsewhere", folder);
	assert_int_equal(chmod(name, 0640), 0);
	assert_int_equal(rko_audit_open(path, NULL, &audit, &fault), RKO_AUDIT_KEY);
	assert_int_equal(chmod(name, 0600), 0);
	assert_int_equal(rename(name, moved), 0);
	assert_int_equal(rko_audit_open(path, NULL, &audit, &fault), RKO_AUDIT_KEY);
	assert_int_equal(rko_audit_open(path, &(struct rko_audit_options){ .key_file = moved }, &audit, &fault), RKO_OK);
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	assert_int_equal(rko_audit_open(folder, NULL, &audit, &fault), RKO_AUDIT_MISSING);
	assert_int_equal(rko_audit_init(path, "x", NULL, &fault), RKO_ARGUMENT);
	snprintf(name, sizeof name, "%s/other", folder);
	assert_int_equal(rko_audit_init(name, "two words", NULL, &fault), RKO_ARGUMENT);
	assert_int_equal(rko_audit_init(name, "other", moved, &fault), RKO_ARGUMENT);
	free(path);
	folder_remove(folder);
}

/* Bytes written behind the end of a log that was not closed, or over it. */
static void scribble(const char *path, long at, const void *bytes, size_t size)
{
	FILE *file = fopen(path, "r+b");

	assert_non_null(file);
	assert_int_equal(fseek(file, at, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static char *last_segment(const char *path)
{
	struct folder folder;
	struct segment_list list;
	char name[FOLDER_NAME], *out = malloc(400);

	assert_int_equal(folder_open(path, &folder, NULL), RKO_OK);
	assert_int_equal(folder_segments(&folder, &list), RKO_OK);
	segment_path(&list.names[list.count - 1], name);
	snprintf(out, 400, "%s/%s", path, name);
	segment_list_free(&list);
	folder_close(&folder);
	return out;
}

static void torn_end_is_set_aside(void **state)
{
	char *folder = folder_new(), *path = audit_new(folder), *segment;
	struct rko_audit *audit = audit_begin(path, NULL);
	struct verify_found found;
	struct rko_audit_about about;
	size_t size;
	char *data;

	(void)state;
	audit_put(audit, 0, 1, 100);
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	segment = last_segment(path);
	data = file_read(segment, &size);
	while (!data[size - 1])
		size--;
	scribble(segment, (long)((size + 7) & ~7ul), "half of a record", 16);
	found = audit_look(path, NULL, 0);
	assert_true(found.bad);
	audit = audit_begin(path, NULL);
	rko_audit_about(audit, &about);
	assert_int_equal(about.set_aside, 1);
	audit_put(audit, 1, 1, 100);
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	found = audit_look(path, NULL, 0);
	assert_false(found.bad);
	assert_int_equal(found.aside, 1);
	free(data);
	free(segment);
	free(path);
	folder_remove(folder);
}

/* What was acknowledged and is gone is no torn end. */
static void damage_is_not_taken_for_a_torn_end(void **state)
{
	char *folder = folder_new(), *path = audit_new(folder), *segment;
	struct rko_audit *audit = audit_begin(path, NULL);
	struct rko_fault fault;
	size_t size;
	char *data;

	(void)state;
	audit_put(audit, 0, 1, 100);
	audit_put(audit, 1, 1, 100);
	audit_put(audit, 2, 1, 100);
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	segment = last_segment(path);
	data = file_read(segment, &size);
	/* the second record: later ones came with later writes */
	scribble(segment, SEGMENT_HEAD + 104 + 70, "x", 1);
	assert_int_equal(rko_audit_open(path, NULL, &audit, &fault), RKO_AUDIT_DAMAGED);
	scribble(segment, 0, data, size);
	/* the last ones: the checkpoint in the folder covers more */
	memset(data + SEGMENT_HEAD + 2 * 104, 0, size - SEGMENT_HEAD - 2 * 104);
	scribble(segment, 0, data, size);
	assert_int_equal(rko_audit_open(path, NULL, &audit, &fault), RKO_AUDIT_DAMAGED);
	assert_null(strstr(fault.text, "torn"));
	free(data);
	free(segment);
	free(path);
	folder_remove(folder);
}

static void outside_checkpoint_shows_what_was_cut_off(void **state)
{
	char *folder = folder_new(), *path = audit_new(folder), text[RKO_AUDIT_CHECKPOINT_TEXT], *segment, *data;
	struct rko_audit *audit = audit_begin(path, NULL);
	struct checkpoint outside;
	struct verify_found found;
	struct folder at;
	size_t size;

	(void)state;
	audit_put(audit, 0, 1, 100);
	segment = last_segment(path);
	data = file_read(segment, &size);
	audit_put(audit, 1, 5, 100);
	assert_int_equal(rko_audit_checkpoint(audit, text), RKO_OK);
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	assert_int_equal(folder_open(path, &at, NULL), RKO_OK);
	assert_int_equal(note_open(&at.key, text_from(text), &outside), NOTE_OK);
	folder_close(&at);
	assert_int_equal(outside.size, 7);
	assert_false(audit_look(path, &outside, 1).bad);
	/* the log as it was before, and without the checkpoint that lies beside it */
	scribble(segment, 0, data, size);
	snprintf(text, sizeof text, "%s/checkpoint", path);
	assert_int_equal(unlink(text), 0);
	assert_false(audit_look(path, NULL, 0).bad);
	found = audit_look(path, &outside, 1);
	assert_true(found.bad);
	assert_int_equal(found.bad_first, 2);
	assert_int_equal(found.bad_last, 6);
	free(data);
	free(segment);
	free(path);
	folder_remove(folder);
}

static void proofs_of_a_log_hold(void **state)
{
	char *folder = folder_new(), *path = audit_new(folder);
	struct rko_audit *audit = audit_begin(path, NULL);
	struct prove_found *found = malloc(sizeof *found);
	struct folder at;
	struct hash leaf;

	(void)state;
	for (int i = 0; i < 100; i++)
		audit_put(audit, i, 1, 900);
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	assert_int_equal(folder_open(path, &at, NULL), RKO_OK);
	for (uint64_t i = 0; i < 102; i += 7) {
		assert_int_equal(audit_prove(&at, &(struct prove_wish){ .at = i, .size = 102 }, found), RKO_OK);
		leaf = merkle_leaf(found->leaf_data, found->leaf_size);
		assert_true(merkle_check_inclusion(&leaf, i, 102, &found->proof, &found->root));
		free(found->leaf_data);
	}
	assert_int_equal(audit_prove(&at, &(struct prove_wish){ .consistency = true, .at = 33, .size = 102 }, found), RKO_OK);
	assert_true(merkle_check_consistency(33, 102, &found->proof, &found->old_root, &found->root));
	assert_int_equal(audit_prove(&at, &(struct prove_wish){ .at = 5, .size = 103 }, found), RKO_ARGUMENT);
	assert_int_equal(audit_prove(&at, &(struct prove_wish){ .at = 5, .size = 5 }, found), RKO_ARGUMENT);
	folder_close(&at);
	free(found);
	free(path);
	folder_remove(folder);
}

/* Spare segments ------------------------------------------------------------------------------------ */

struct paced {
	int file;		/* of the folder */
	unsigned calls, most;	/* given up with the last */
};

static bool pace(void *context)
{
	struct paced *paced = context;
	struct stat about;

	/* The room is set aside at once and is filled from one call to the next. */
	assert_int_equal(fstatat(paced->file, "spare.new", &about, 0), 0);
	assert_int_equal(about.st_size, 1 << 20);
	return ++paced->calls < paced->most;
}

static void spare_segment_is_made_piece_by_piece(void **state)
{
	char *folder = folder_new(), *path = audit_new(folder);
	struct paced paced = { .most = 100 };
	struct folder at;
	struct stat about;
	char bytes[4096];
	int spare;

	(void)state;
	assert_int_equal(folder_open(path, &at, NULL), RKO_OK);
	paced.file = at.file;
	spare = writer_make_spare(&at, 1 << 20, pace, &paced);
	assert_true(spare >= 0);
	assert_int_equal(paced.calls, 4);
	assert_int_equal(fstat(spare, &about), 0);
	assert_true(about.st_blocks * 512 >= 1 << 20);	/* none of it is a hole */
	for (off_t from = 0; from < about.st_size; from += sizeof bytes) {
		assert_int_equal(pread(spare, bytes, sizeof bytes, from), sizeof bytes);
		assert_true(sodium_is_zero((const unsigned char *)bytes, sizeof bytes));
	}
	close(spare);
	paced.calls = 0;
	paced.most = 2;
	assert_int_equal(writer_make_spare(&at, 1 << 20, pace, &paced), -1);
	assert_int_equal(paced.calls, 2);
	assert_int_equal(fstatat(at.file, "spare.new", &about, 0), -1);
	folder_close(&at);
	free(path);
	folder_remove(folder);
}

/* Where none can be made, it is not tried again with each write: a try takes from the disk what there is. */
static void spare_segment_is_not_tried_again_and_again(void **state)
{
	char *folder = folder_new(), *path = audit_new(folder);
	_Alignas(struct inotify_event) char events[4096];
	struct rko_audit *audit = audit_begin(path, NULL);
	struct rlimit before, least;
	struct rko_audit_about about;
	unsigned tries = 0;
	int notify = inotify_init1(IN_NONBLOCK);	/* alike in a row are told once, so that a file goes is asked for too */
	ssize_t size;

	(void)state;
	assert_true(notify >= 0);
	assert_true(inotify_add_watch(notify, path, IN_CREATE | IN_DELETE) >= 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	least = before;
	least.rlim_cur = (64 << 10) - 1;	/* what there is can be written, another file of that size not */
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &least), 0);
	for (int i = 0; i < 110; i++)
		audit_put(audit, i, 1, 400);
	rko_audit_about(audit, &about);
	assert_int_equal(about.status, RKO_OK);
	assert_true(about.segment_free < 16 << 10);
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	while ((size = read(notify, events, sizeof events)) > 0)
		for (ssize_t at = 0; at < size; at += (ssize_t)(sizeof(struct inotify_event) +
								((struct inotify_event *)(events + at))->len))
			tries += ((struct inotify_event *)(events + at))->mask & IN_CREATE &&
				 strcmp(((struct inotify_event *)(events + at))->name, "spare.new") == 0;
	assert_true(tries <= 1);
	close(notify);
	free(path);
	folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tree_has_the_roots_of_the_rfc),
		cmocka_unit_test(proofs_are_those_of_the_rfc),
		cmocka_unit_test(every_proof_holds_and_no_other),
		cmocka_unit_test(checkpoint_is_a_signed_note),
		cmocka_unit_test(keys_are_those_of_other_programs),
		cmocka_unit_test(whole_log_is_verified),
		cmocka_unit_test(second_writer_is_turned_away),
		cmocka_unit_test(key_must_be_its_own_and_closed),
		cmocka_unit_test(torn_end_is_set_aside),
		cmocka_unit_test(damage_is_not_taken_for_a_torn_end),
		cmocka_unit_test(outside_checkpoint_shows_what_was_cut_off),
		cmocka_unit_test(proofs_of_a_log_hold),
		cmocka_unit_test(spare_segment_is_made_piece_by_piece),
		cmocka_unit_test(spare_segment_is_not_tried_again_and_again),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
