/* SPDX-License-Identifier: EUPL-1.2 */
/* Audit: small logs for tests, of records that need no policy. */
#ifndef RKO_TESTS_AUDIT_H
#define RKO_TESTS_AUDIT_H

#include "engine/audit/log.h"
#include "engine/audit/verify.h"

/* A new log FOLDER/audit; gives its path, which the caller frees. */
char *audit_new(const char *folder);
/* Opens it with small segments. `io` NULL: the system's. Whatever fails fails the test at hand. */
struct rko_audit *audit_begin(const char *path, const struct audit_io *io);

/* The batch number `seed` of `count` records, whose bodies are about `size` bytes; made again, it is the same. */
void audit_batch(struct rko_audit_batch *batch, int seed, unsigned count, unsigned size);
/* Appends it; what fails fails the test. */
void audit_put(struct rko_audit *audit, int seed, unsigned count, unsigned size);
/* Whether a body is record `index` of batch `seed`. */
bool audit_is(const void *body, size_t size, int *ret_seed, unsigned *ret_index);

struct verify_found audit_look(const char *path, const struct checkpoint *outside, size_t count);

#endif
