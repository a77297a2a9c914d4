/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Checkpoints, keys and proofs. What is accepted is what would be written: a key to the byte, a checkpoint in what it
 * says. A proof of the right tree holds, and with anything changed it does not. The first byte says which of these.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/audit/note.h"
#include "engine/base/buf.h"
#include "tests/fuzz/lib/fuzz.h"

enum { TEXT_MOST = 2048, LEAVES_MOST = 200 };

static struct note_key key;

static void begin(void)
{
	uint8_t seed[NOTE_SEED_BYTES] = { 7 };

	strcpy(key.origin, "audit.example/test");
	crypto_sign_ed25519_seed_keypair(key.public, key.secret, seed);
	key.secret_known = true;
}

/* Checkpoints ------------------------------------------------------------------------------------- */

/* What was opened, signed and opened again, says the same. */
static void check_checkpoint(const struct checkpoint *checkpoint)
{
	char text[RKO_AUDIT_CHECKPOINT_TEXT];
	struct checkpoint again = { 0 };

	note_sign(&key, checkpoint, text);
	HOLDS(note_open(&key, text_from(text), &again) == NOTE_OK, "it cannot be opened again:\n%s", text);
	HOLDS(again.size == checkpoint->size && hash_equal(&again.root, &checkpoint->root), "another tree");
	HOLDS(again.at == checkpoint->at, "another time: %lld, %lld\n%s", (long long)checkpoint->at, (long long)again.at, text);
}

static void open_text(struct text text)
{
	struct checkpoint checkpoint;
	enum note_fault fault = note_open(&key, text, &checkpoint);

	HOLDS(*note_fault_meaning(fault), "a fault without words");
	if (fault == NOTE_OK)
		check_checkpoint(&checkpoint);
}

/* A body that this key signs: what is wrong with it then is its form. */
static void open_signed(struct text body)
{
	static const char *const empty = "a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
	struct checkpoint any = { 0 };
	struct buf text = { 0 };
	char line[RKO_AUDIT_CHECKPOINT_TEXT], written[128];
	uint8_t bytes[4 + NOTE_SIGNATURE_BYTES];
	const char *dash;

	if (!body.len || body.at[body.len - 1] != '\n')
		body = text_from(empty);
	/* The key's name stands in any signature of it. */
	note_sign(&key, &any, line);
	dash = strrchr(line, ' ') + 1;
	HOLDS(sodium_base642bin(bytes, sizeof bytes, dash, strlen(dash), "\n", NULL, NULL,
				sodium_base64_VARIANT_ORIGINAL) == 0, "no base64");
	crypto_sign_ed25519_detached(bytes + 4, NULL, (const uint8_t *)body.at, body.len, key.secret);
	sodium_bin2base64(written, sizeof written, bytes, sizeof bytes, sodium_base64_VARIANT_ORIGINAL);
	buf_add(&text, body.at, body.len);
	buf_printf(&text, "\n\xe2\x80\x94 %s %s\n", key.origin, written);
	open_text(buf_view(&text));
	if (text.len > 3) {	/* one bit less */
		struct checkpoint checkpoint;

		text.at[body.len / 2] = (char)(text.at[body.len / 2] ^ 1);
		HOLDS(note_open(&key, buf_view(&text), &checkpoint) != NOTE_OK, "a forgery is opened");
	}
	buf_release(&text);
}

/* Keys -------------------------------------------------------------------------------------------- */

static void parse_keys(struct text text)
{
	char again[RKO_AUDIT_KEY_TEXT];
	struct note_key parsed;
	struct hash hash;

	if (note_key_parse(text, &parsed)) {
		note_key_text(&parsed, again);
		HOLDS(text_equal(text, text_from(again)), "a key is written in another way:\n%s", again);
	}
	if (note_key_secret_parse(text, &parsed)) {
		note_key_secret_text(&parsed, again);
		HOLDS(text_equal(text, text_from(again)), "a secret key is written in another way");
	}
	if (hash_from_base64(text, &hash)) {
		hash_base64(&hash, again);
		HOLDS(text_equal(text, text_from(again)), "a hash is written in another way");
	}
}

/* The same with the key's name put right, which nobody guesses. */
static void parse_named(struct text text)
{
	struct note_key made = { .secret_known = true };
	struct text origin = { text.at, text.len < RKO_AUDIT_NAME_BYTES ? text.len : RKO_AUDIT_NAME_BYTES };
	char written[RKO_AUDIT_KEY_TEXT];
	struct note_key parsed;

	if (!note_is_origin(origin))
		return;
	memcpy(made.origin, origin.at, origin.len);
	memcpy(made.public, key.public, sizeof made.public);
	memcpy(made.secret, key.secret, sizeof made.secret);
	note_key_text(&made, written);
	HOLDS(note_key_parse(text_from(written), &parsed) && strcmp(parsed.origin, made.origin) == 0, "its own key: %s", written);
	parse_keys(text_from(written));
	note_key_secret_text(&made, written);
	HOLDS(note_key_secret_parse(text_from(written), &parsed), "its own secret key");
}

/* Proofs ------------------------------------------------------------------------------------------ */

struct tree {
	uint32_t size, old;
	struct hash leaves[LEAVES_MOST];
	struct hash root, old_root;
};

static void grow(struct tree *tree, struct fuzz_bytes *input)
{
	struct merkle_range range = { 0 };

	tree->size = 1 + fuzz_take(input, 1) % (LEAVES_MOST - 1);
	tree->old = fuzz_take(input, 1) % (tree->size + 1);
	for (uint32_t i = 0; i < tree->size; i++) {
		uint8_t data[5] = { (uint8_t)i, (uint8_t)(input->left ? input->at[i % input->left] : 0) };

		tree->leaves[i] = merkle_leaf(data, sizeof data);
		if (i == tree->old)
			tree->old_root = merkle_root(&range);
		merkle_add(&range, &tree->leaves[i]);
	}
	tree->root = merkle_root(&range);
	if (tree->old == tree->size)
		tree->old_root = tree->root;
}

static void make_proof(const struct tree *tree, bool consistency, struct merkle_proof *ret_proof)
{
	static struct merkle_wish wish;

	memset(&wish, 0, sizeof wish);
	if (consistency)
		merkle_wish_consistency(&wish, tree->old, tree->size);
	else
		merkle_wish_inclusion(&wish, tree->old, tree->size);
	for (uint32_t i = 0; i < tree->size; i++)
		merkle_wish_leaf(&wish, i, &tree->leaves[i]);
	HOLDS(merkle_wish_proof(&wish, ret_proof), "no proof");
}

/* Changes a proof. False: it is the same. */
static bool spoil(struct merkle_proof *proof, struct fuzz_bytes *input)
{
	uint32_t how = fuzz_take(input, 1), at = fuzz_take(input, 1);

	if (how % 3 == 0 && proof->count < PROOF_HASHES) {
		memset(&proof->hashes[proof->count++], (int)at, sizeof(struct hash));
		return true;
	}
	if (!proof->count)
		return false;
	if (how % 3 == 1)
		proof->count--;
	else
		proof->hashes[at % proof->count].at[how / 3 % HASH_BYTES] ^= 1;
	return true;
}

static void check_proofs(struct fuzz_bytes *input)
{
	static struct tree tree;
	struct merkle_proof proof;
	uint64_t wrong;

	grow(&tree, input);
	make_proof(&tree, true, &proof);
	HOLDS(merkle_check_consistency(tree.old, tree.size, &proof, &tree.old_root, &tree.root) == (tree.old > 0), "%u in %u",
	      tree.old, tree.size);
	if (spoil(&proof, input))
		HOLDS(!merkle_check_consistency(tree.old, tree.size, &proof, &tree.old_root, &tree.root),
		      "a spoilt proof of %u in %u holds", tree.old, tree.size);
	if (tree.old == tree.size)
		return;
	make_proof(&tree, false, &proof);
	HOLDS(merkle_check_inclusion(&tree.leaves[tree.old], tree.old, tree.size, &proof, &tree.root), "leaf %u", tree.old);
	if (spoil(&proof, input))
		HOLDS(!merkle_check_inclusion(&tree.leaves[tree.old], tree.old, tree.size, &proof, &tree.root),
		      "a spoilt proof of leaf %u in %u holds", tree.old, tree.size);
	/* Whatever sizes it is said to be of. */
	wrong = (uint64_t)fuzz_take(input, 4) << 32 | fuzz_take(input, 4);
	if (wrong != tree.old)
		HOLDS(!merkle_check_inclusion(&tree.leaves[tree.old], wrong, tree.size, &proof, &tree.root), "of another place");
	merkle_check_inclusion(&tree.leaves[tree.old], wrong / 3, wrong, &proof, &tree.root);
	merkle_check_consistency(wrong / 3, wrong, &proof, &tree.old_root, &tree.root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes input = { data, size };
	uint32_t which = fuzz_take(&input, 1) % 5;
	struct text text = { (const char *)input.at, input.left };

	if (!key.secret_known)
		begin();
	if (!size || size > TEXT_MOST)
		return 0;
	switch (which) {
	case 0:
		open_text(text);
		break;
	case 1:
		open_signed(text);
		break;
	case 2:
		parse_keys(text);
		break;
	case 3:
		parse_named(text);
		break;
	default:
		check_proofs(&input);
		break;
	}
	return 0;
}
