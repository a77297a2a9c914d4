/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Note: checkpoints as text and the keys that sign them, as C2SP tlog-checkpoint and Go's sumdb/note write them
 * (docs/audit.md). Knows nothing of files or records.
 */
#ifndef RKO_AUDIT_NOTE_H
#define RKO_AUDIT_NOTE_H

#include <rko/audit.h>

#include "engine/audit/merkle.h"
#include "engine/base/text.h"

enum { NOTE_SEED_BYTES = 32, NOTE_PUBLIC_BYTES = 32, NOTE_SECRET_BYTES = 64, NOTE_SIGNATURE_BYTES = 64 };

struct note_key {
	char origin[RKO_AUDIT_NAME_BYTES + 1];
	uint8_t public[NOTE_PUBLIC_BYTES];
	bool secret_known;
	uint8_t secret[NOTE_SECRET_BYTES];
};

struct checkpoint {
	uint64_t size;
	struct hash root;
	int64_t at;		/* seconds since 1970; 0: not said */
};

/* Printable ASCII without blanks and `+`, not too long, not empty. */
bool note_is_origin(struct text text);

/* A new key. The other way round: forgets the secret. */
void note_key_make(struct note_key *ret_key, struct text origin);
void note_key_forget(struct note_key *key);
/* As text, without a line feed: the public key, and PRIVATE+KEY+… */
void note_key_text(const struct note_key *key, char text[RKO_AUDIT_KEY_TEXT]);
void note_key_secret_text(const struct note_key *key, char text[RKO_AUDIT_KEY_TEXT]);
bool note_key_parse(struct text text, struct note_key *ret_key);
bool note_key_secret_parse(struct text text, struct note_key *ret_key);

/* The key must know its secret. */
void note_sign(const struct note_key *key, const struct checkpoint *checkpoint,
	       char text[RKO_AUDIT_CHECKPOINT_TEXT]);

enum note_fault {
	NOTE_OK,
	NOTE_MALFORMED,		/* not a checkpoint */
	NOTE_UNREADABLE,	/* the system gave no bytes of it; errno */
	NOTE_ORIGIN,		/* of another log */
	NOTE_UNSIGNED,		/* not by this key */
	NOTE_FORGED,		/* by this key's name, but not by it */
};
const char *note_fault_meaning(enum note_fault fault);
/* Other signatures and other lines behind the root are let be. */
enum note_fault note_open(const struct note_key *key, struct text text, struct checkpoint *ret_checkpoint);

/* Base64 as in RFC 4648, with padding, one way of writing only. */
enum { HASH_BASE64 = 45 };
void hash_base64(const struct hash *hash, char text[HASH_BASE64]);
bool hash_from_base64(struct text text, struct hash *ret_hash);

#endif
