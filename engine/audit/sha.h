/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Sha: SHA-256 (FIPS 180-4), which all hashes of a log are. Takes no memory and cannot fail. Which library computes it
 * only sha.c knows; signatures and random bytes are libsodium's (docs/decisions/0020).
 */
#ifndef RKO_AUDIT_SHA_H
#define RKO_AUDIT_SHA_H

#include <stddef.h>
#include <stdint.h>

enum { HASH_BYTES = 32 };

struct hash {
	uint8_t at[HASH_BYTES];
};

/* Of `size` bytes; `data` may be NULL when there are none. */
struct hash sha_of(const void *data, size_t size);

/* Of what comes in pieces: sha_init(), sha_add() for each, sha_end() once. */
struct sha {
	uint64_t room[14];	/* the library's */
};

void sha_init(struct sha *state);
void sha_add(struct sha *state, const void *data, size_t size);
struct hash sha_end(struct sha *state);

#endif
