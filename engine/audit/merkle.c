/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/audit/merkle.h"

#include <string.h>

enum { LEAF_PREFIX = 0, NODE_PREFIX = 1 };

bool hash_equal(const struct hash *a, const struct hash *b)
{
	return memcmp(a->at, b->at, HASH_BYTES) == 0;
}

struct hash merkle_leaf(const void *data, size_t size)
{
	static const uint8_t prefix = LEAF_PREFIX;
	struct sha state;

	sha_init(&state);
	sha_add(&state, &prefix, 1);
	sha_add(&state, data, size);
	return sha_end(&state);
}

struct hash hash_pair(uint8_t first, const struct hash *left, const struct hash *right)
{
	uint8_t data[1 + 2 * HASH_BYTES];

	data[0] = first;
	memcpy(data + 1, left->at, HASH_BYTES);
	memcpy(data + 1 + HASH_BYTES, right->at, HASH_BYTES);
	return sha_of(data, sizeof data);
}

struct hash merkle_node(const struct hash *left, const struct hash *right)
{
	return hash_pair(NODE_PREFIX, left, right);
}

unsigned merkle_range_hashes(uint64_t count)
{
	return (unsigned)__builtin_popcountll(count);
}

void merkle_add(struct merkle_range *range, const struct hash *leaf)
{
	unsigned hashes = merkle_range_hashes(range->count);
	struct hash hash = *leaf;

	for (uint64_t rest = range->count; rest & 1; rest >>= 1)
		hash = merkle_node(&range->hashes[--hashes], &hash);
	range->hashes[hashes] = hash;
	range->count++;
}

struct hash merkle_root(const struct merkle_range *range)
{
	unsigned hashes = merkle_range_hashes(range->count);
	struct hash root;

	if (!hashes)
		return sha_of(NULL, 0);
	root = range->hashes[--hashes];
	while (hashes)
		root = merkle_node(&range->hashes[--hashes], &root);
	return root;
}

/* Making proofs ----------------------------------------------------------------------------------- */

static void want(struct merkle_wish *wish, uint64_t from, uint64_t to)
{
	unsigned part = wish->count++;

	memset(&wish->parts[part], 0, sizeof wish->parts[part]);
	wish->parts[part].from = from;
	wish->parts[part].to = to;
}

/* The largest power of two below a size of at least 2. */
static uint64_t split(uint64_t size)
{
	return 1ull << (63 - __builtin_clzll(size - 1));
}

/* The RFC names a path from the leaf upwards; walking down gives it the other way round. */
static void turn(struct merkle_wish *wish, unsigned from)
{
	for (unsigned i = from, j = wish->count; i + 1 < j; i++, j--) {
		uint64_t swap_from = wish->parts[i].from, swap_to = wish->parts[i].to;

		wish->parts[i].from = wish->parts[j - 1].from;
		wish->parts[i].to = wish->parts[j - 1].to;
		wish->parts[j - 1].from = swap_from;
		wish->parts[j - 1].to = swap_to;
	}
}

void merkle_wish_inclusion(struct merkle_wish *wish, uint64_t at, uint64_t size)
{
	uint64_t from = 0;

	wish->count = 0;
	while (size > 1) {
		uint64_t left = split(size);

		if (at < left) {
			want(wish, from + left, from + size);
			size = left;
		} else {
			want(wish, from, from + left);
			from += left;
			at -= left;
			size -= left;
		}
	}
	turn(wish, 0);
}

void merkle_wish_consistency(struct merkle_wish *wish, uint64_t old, uint64_t size)
{
	uint64_t from = 0;
	bool whole = true;	/* the part that holds the old tree's end is the old tree itself */

	wish->count = 0;
	if (!old || old == size)
		return;
	while (old != size) {
		uint64_t left = split(size);

		if (old <= left) {
			want(wish, from + left, from + size);
			size = left;
		} else {
			want(wish, from, from + left);
			from += left;
			old -= left;
			size -= left;
			whole = false;
		}
	}
	if (!whole)
		want(wish, from, from + size);
	turn(wish, 0);
}

void merkle_wish_leaf(struct merkle_wish *wish, uint64_t at, const struct hash *leaf)
{
	for (unsigned i = 0; i < wish->count; i++)
		if (at >= wish->parts[i].from && at < wish->parts[i].to)
			merkle_add(&wish->parts[i].range, leaf);
}

/*
 * A subtree of a range stands for its leaves: a wished part that is such a subtree is known, and one that begins
 * with it goes on from it. No wished part lies inside one of them, unless what it is for is gone too.
 */
void merkle_wish_start(struct merkle_wish *wish, const struct merkle_range *start)
{
	uint64_t from = 0;
	unsigned hashes = merkle_range_hashes(start->count);

	for (unsigned i = 0; i < hashes; i++) {
		uint64_t size = 1ull << (63 - __builtin_clzll(start->count - from));

		for (unsigned j = 0; j < wish->count; j++) {
			struct merkle_range *range = &wish->parts[j].range;

			if (wish->parts[j].from + range->count != from || from + size > wish->parts[j].to)
				continue;
			range->hashes[merkle_range_hashes(range->count)] = start->hashes[i];
			range->count += size;
		}
		from += size;
	}
}

bool merkle_wish_proof(const struct merkle_wish *wish, struct merkle_proof *ret_proof)
{
	for (unsigned i = 0; i < wish->count; i++) {
		if (wish->parts[i].range.count != wish->parts[i].to - wish->parts[i].from)
			return false;
		ret_proof->hashes[i] = merkle_root(&wish->parts[i].range);
	}
	ret_proof->count = wish->count;
	return true;
}

/* Checking proofs, as RFC 9162 2.1.3.2 and 2.1.4.2 do --------------------------------------------------- */

bool merkle_check_inclusion(const struct hash *leaf, uint64_t at, uint64_t size, const struct merkle_proof *proof,
			    const struct hash *root)
{
	uint64_t node = at, last = size - 1;
	struct hash hash = *leaf;

	if (at >= size)
		return false;
	for (unsigned i = 0; i < proof->count; i++) {
		if (!last)
			return false;
		if (node & 1 || node == last) {
			hash = merkle_node(&proof->hashes[i], &hash);
			while (!(node & 1) && node) {
				node >>= 1;
				last >>= 1;
			}
		} else {
			hash = merkle_node(&hash, &proof->hashes[i]);
		}
		node >>= 1;
		last >>= 1;
	}
	return !last && hash_equal(&hash, root);
}

bool merkle_check_consistency(uint64_t old, uint64_t size, const struct merkle_proof *proof,
			      const struct hash *old_root, const struct hash *root)
{
	uint64_t node = old - 1, last = size - 1;
	struct hash first, second;
	unsigned i = 0;

	if (!old || old > size)
		return false;
	if (old == size)
		return !proof->count && hash_equal(old_root, root);
	while (node & 1) {
		node >>= 1;
		last >>= 1;
	}
	if (!node) {		/* the old tree is one full subtree, and its root is left out */
		first = second = *old_root;
	} else {
		if (!proof->count)
			return false;
		first = second = proof->hashes[i++];
	}
	for (; i < proof->count; i++) {
		if (!last)
			return false;
		if (node & 1 || node == last) {
			first = merkle_node(&proof->hashes[i], &first);
			second = merkle_node(&proof->hashes[i], &second);
			while (!(node & 1) && node) {
				node >>= 1;
				last >>= 1;
			}
		} else {
			second = merkle_node(&second, &proof->hashes[i]);
		}
		node >>= 1;
		last >>= 1;
	}
	return !last && hash_equal(&first, old_root) && hash_equal(&second, root);
}
