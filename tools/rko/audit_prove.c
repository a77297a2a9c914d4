/* SPDX-License-Identifier: EUPL-1.2 */
/* audit prove, check-proof: for those who hold a checkpoint and not the log. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/rko/auditing.h"

/* prove ------------------------------------------------------------------------------------------- */

/* The checkpoint that the proof leads to: the one that was named, or the newest of the log. */
static bool find_checkpoint(struct auditing *job, struct checkpoint *ret_checkpoint, char **ret_text)
{
	enum note_fault fault;
	size_t size;

	if (job->ncheckpoints)
		return auditing_checkpoint(&job->folder.key, job->checkpoints[0], ret_checkpoint, ret_text);
	if (!folder_checkpoint(&job->folder, ret_checkpoint, &fault)) {
		cli_error("%s/checkpoint: %s", job->path, fault == NOTE_OK ? "there is none yet" : note_fault_meaning(fault));
		return false;
	}
	*ret_text = io_get(job->folder.file, "checkpoint", RKO_AUDIT_CHECKPOINT_TEXT, &size);
	return *ret_text != NULL;
}

static json_t *hashes_json(const struct merkle_proof *proof)
{
	json_t *list = json_array();
	char text[HASH_BASE64];

	for (unsigned i = 0; i < proof->count; i++) {
		hash_base64(&proof->hashes[i], text);
		json_array_append_new(list, json_string(text));
	}
	return list;
}

static void print_proof(const struct prove_wish *wish, const struct prove_found *found, const char *checkpoint,
			const char *old)
{
	json_t *out = json_object();

	json_object_set_new(out, "proof", json_string(wish->consistency ? "consistency" : "inclusion"));
	if (!wish->consistency) {
		json_object_set_new(out, "record", json_integer((json_int_t)wish->at));
		json_object_set_new(out, "leaf", audit_base64(found->leaf_data, found->leaf_size));
	}
	json_object_set_new(out, "hashes", hashes_json(&found->proof));
	if (old)
		json_object_set_new(out, "old_checkpoint", json_string(old));
	json_object_set_new(out, "checkpoint", json_string(checkpoint));
	auditing_print(out, true);
}

static int prove(struct auditing *job, struct prove_wish *wish, const struct checkpoint *checkpoint,
		 const struct checkpoint *older, const char *text, const char *old)
{
	struct prove_found *found = calloc(1, sizeof *found);
	enum rko_status status = found ? audit_prove(&job->folder, wish, found) : RKO_NO_MEMORY;
	int result = EXIT_GRANTED;

	auditing_progress_end(job);
	if (status == RKO_AUDIT_DAMAGED) {
		result = auditing_bad(job, &found->bad);
	} else if (status == RKO_ARGUMENT) {
		cli_error("%s: the checkpoint covers %" PRIu64 " records, and the log has not that one, or has it no more",
			  job->path, checkpoint->size);
		result = EXIT_INPUT;
	} else if (status != RKO_OK) {
		cli_error("%s: %s", job->path, rko_status_meaning(status));
		result = EXIT_INTERNAL;
	} else if (!hash_equal(&found->root, &checkpoint->root) ||
		   (wish->consistency && !hash_equal(&found->old_root, &older->root))) {
		cli_error("%s: the log's records are not those that the checkpoint covers; `rko audit verify` tells more",
			  job->path);
		result = EXIT_DENIED;
	} else {
		print_proof(wish, found, text, old);
	}
	if (found)
		free(found->leaf_data);
	free(found);
	return result;
}

int audit_run_prove(struct auditing *job)
{
	struct checkpoint checkpoint, older = { 0 };
	struct prove_wish wish = { .consistency = job->old, .progress = auditing_progress, .context = job };
	char *text = NULL, *old = NULL;
	int result = auditing_open(job);

	if (result != EXIT_GRANTED)
		return result;
	if (job->count != !job->old)
		return cli_usage(job->cli, "say which record: prove LOG RECORD; or --old=CHECKPOINT and no record");
	if (!job->old && !auditing_number(job, job->arguments[0], &wish.at))
		return EXIT_INPUT;
	if (!find_checkpoint(job, &checkpoint, &text))
		return EXIT_INPUT;
	if (job->old && !auditing_checkpoint(&job->folder.key, job->old, &older, &old)) {
		free(text);
		return EXIT_INPUT;
	}
	wish.size = checkpoint.size;
	if (job->old)
		wish.at = older.size;
	result = prove(job, &wish, &checkpoint, &older, text, old);
	free(text);
	free(old);
	return result;
}

/* check-proof ------------------------------------------------------------------------------------- */

static bool read_hashes(const json_t *list, struct merkle_proof *proof)
{
	proof->count = 0;
	if (!json_is_array(list) || json_array_size(list) > PROOF_HASHES)
		return false;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);

		if (!json_is_string(one) ||
		    !hash_from_base64((struct text){ json_string_value(one), json_string_length(one) },
				      &proof->hashes[proof->count++]))
			return false;
	}
	return true;
}

static bool read_note(const json_t *text, const struct note_key *key, struct checkpoint *ret_checkpoint,
		      const char **ret_what)
{
	enum note_fault fault = !json_is_string(text) ? NOTE_MALFORMED :
		note_open(key, (struct text){ json_string_value(text), json_string_length(text) }, ret_checkpoint);

	if (fault != NOTE_OK)
		*ret_what = note_fault_meaning(fault);
	return fault == NOTE_OK;
}

/* What a leaf holds, when it is a record; and that it is the one that the proof is about. */
static bool print_leaf(const uint8_t *leaf, size_t size, uint64_t at)
{
	const size_t head = FRAME_HEAD - FRAME_LEAF;
	struct entry entry = { .leaf_data = leaf, .leaf_size = size };
	struct record record;

	if (size < head || get_le64(leaf + 8) != at || get_le32(leaf) != size - head ||
	    !record_read(leaf + head, size - head, &record))
		return false;
	entry.sequence = at;
	entry.written = (int64_t)get_le64(leaf + 16);
	auditing_print(audit_json(&entry, &record, false), true);
	return true;
}

static const char *check_inclusion(const json_t *proof, const struct checkpoint *checkpoint,
				   const struct merkle_proof *hashes)
{
	const json_t *record = json_object_get(proof, "record");
	const char *what = NULL;
	struct hash leaf;
	size_t size;
	uint8_t *data = audit_from_base64(json_object_get(proof, "leaf"), &size);

	if (!data || !json_is_integer(record) || json_integer_value(record) < 0) {
		free(data);
		return "not a proof as `rko audit prove` makes it";
	}
	leaf = merkle_leaf(data, size);
	if (!merkle_check_inclusion(&leaf, (uint64_t)json_integer_value(record), checkpoint->size, hashes,
				    &checkpoint->root))
		what = "the record is not at that place in the log that the checkpoint covers";
	else if (!print_leaf(data, size, (uint64_t)json_integer_value(record)))
		what = "it is in the log, but no record that this version knows";
	free(data);
	return what;
}

/* NULL when it holds, else what is wrong. */
static const char *check(const json_t *proof, const struct note_key *key)
{
	const json_t *kind = json_object_get(proof, "proof");
	struct checkpoint checkpoint, old;
	struct merkle_proof hashes;
	const char *what = NULL;

	if (!json_is_string(kind) || !read_hashes(json_object_get(proof, "hashes"), &hashes))
		return "not a proof as `rko audit prove` makes it";
	if (!read_note(json_object_get(proof, "checkpoint"), key, &checkpoint, &what))
		return what;
	if (strcmp(json_string_value(kind), "inclusion") == 0)
		return check_inclusion(proof, &checkpoint, &hashes);
	if (strcmp(json_string_value(kind), "consistency") != 0)
		return "not a proof as `rko audit prove` makes it";
	if (!read_note(json_object_get(proof, "old_checkpoint"), key, &old, &what))
		return what;
	if (!merkle_check_consistency(old.size, checkpoint.size, &hashes, &old.root, &checkpoint.root))
		return "the log then is not the beginning of the log that the newer checkpoint covers";
	printf("the first %" PRIu64 " of %" PRIu64 " records are the same\n", old.size, checkpoint.size);
	return NULL;
}

int audit_run_check_proof(struct auditing *job)
{
	int result = EXIT_GRANTED;
	struct note_key key;

	if (!job->public_key || !note_key_parse(text_from(job->public_key), &key))
		return cli_usage(job->cli, "say by which key: --public-key=KEY, as `rko audit init` prints it");
	if (!job->count)
		return cli_usage(job->cli, "say which proofs: their files");
	for (int i = 0; i < job->count; i++) {
		json_error_t error;
		json_t *proof = json_load_file(job->arguments[i], JSON_REJECT_DUPLICATES, &error);
		const char *what;

		if (!proof) {
			cli_error("%s:%d:%d: %s", job->arguments[i], error.line, error.column, error.text);
			return EXIT_INPUT;
		}
		what = check(proof, &key);
		printf("%s: %s\n", job->arguments[i], what ? what : "the proof holds");
		if (what)
			result = EXIT_DENIED;
		json_decref(proof);
	}
	return result;
}
