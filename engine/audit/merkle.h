/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Merkle: the hash tree of RFC 6962 over the leaves of a log, and its proofs.
 *
 * A `range` is what one has to remember of so many leaves in order to add more: the hashes of the full subtrees
 * that they make, the largest first, one for each 1 bit of their number.
 *
 * Proofs are made in one pass over the leaves: a `wish` names the subtrees whose hashes the proof needs, every
 * leaf is shown to it in order, and it then holds the proof. Knows nothing of files.
 */
#ifndef RKO_AUDIT_MERKLE_H
#define RKO_AUDIT_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/audit/sha.h"

enum { MERKLE_HEIGHT = 64, PROOF_HASHES = 2 * MERKLE_HEIGHT };

bool hash_equal(const struct hash *a, const struct hash *b);

/* The hash of a leaf, of a node, and of `first` and two hashes behind each other. */
struct hash merkle_leaf(const void *data, size_t size);
struct hash merkle_node(const struct hash *left, const struct hash *right);
struct hash hash_pair(uint8_t first, const struct hash *left, const struct hash *right);

struct merkle_range {
	uint64_t count;
	struct hash hashes[MERKLE_HEIGHT];
};

/* How many hashes so many leaves leave. */
unsigned merkle_range_hashes(uint64_t count);
void merkle_add(struct merkle_range *range, const struct hash *leaf);
/* The root of what was added; of nothing, the hash of nothing. */
struct hash merkle_root(const struct merkle_range *range);

/* Proofs ------------------------------------------------------------------------------------------ */

struct merkle_proof {
	unsigned count;
	struct hash hashes[PROOF_HASHES];
};

struct merkle_wish {
	unsigned count;		/* hashes wanted, in the order of the proof */
	struct {
		uint64_t from, to;
		struct merkle_range range;	/* of [from, to) */
	} parts[PROOF_HASHES];
};

/* RFC 6962 2.1.1 and 2.1.2: that leaf `at` is in the tree of `size`; that the tree of `old` begins that of `size`. */
void merkle_wish_inclusion(struct merkle_wish *wish, uint64_t at, uint64_t size);
void merkle_wish_consistency(struct merkle_wish *wish, uint64_t old, uint64_t size);
/* Leaf number `at`. Leaves come in order; they may begin where `start` ended. */
void merkle_wish_leaf(struct merkle_wish *wish, uint64_t at, const struct hash *leaf);
/* The leaves before the first that is shown, when they are gone: only their range is left. */
void merkle_wish_start(struct merkle_wish *wish, const struct merkle_range *start);
/* False when some leaf that is needed was not shown. */
bool merkle_wish_proof(const struct merkle_wish *wish, struct merkle_proof *ret_proof);

bool merkle_check_inclusion(const struct hash *leaf, uint64_t at, uint64_t size, const struct merkle_proof *proof,
			    const struct hash *root);
bool merkle_check_consistency(uint64_t old, uint64_t size, const struct merkle_proof *proof,
			      const struct hash *old_root, const struct hash *root);

#endif
