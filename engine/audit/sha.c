/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/audit/sha.h"

#include <nettle/sha2.h>

/*
 * The library's state lies in the caller's: its layout is part of what the library's soname promises, so one that is
 * larger comes with another header, and does not compile.
 */
_Static_assert(sizeof(struct sha256_ctx) <= sizeof(struct sha), "room for the state");
_Static_assert(_Alignof(struct sha256_ctx) <= _Alignof(struct sha), "aligned for the state");
_Static_assert(SHA256_DIGEST_SIZE == HASH_BYTES, "a hash is a digest");

static struct sha256_ctx *inside(struct sha *state)
{
	return (struct sha256_ctx *)state;
}

void sha_init(struct sha *state)
{
	sha256_init(inside(state));
}

void sha_add(struct sha *state, const void *data, size_t size)
{
	/* No bytes may have no address, but not in the library. */
	if (size)
		sha256_update(inside(state), size, data);
}

struct hash sha_end(struct sha *state)
{
	struct hash hash;

	sha256_digest(inside(state), HASH_BYTES, hash.at);
	return hash;
}

struct hash sha_of(const void *data, size_t size)
{
	struct sha state;

	sha_init(&state);
	sha_add(&state, data, size);
	return sha_end(&state);
}
