/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/audit/frame.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { CHAIN_PREFIX = 2, CHECK_BYTES = 8 };

/* Where things lie in the head of a segment. */
enum {
	AT_FORMAT = 8,
	AT_MONTH = 12,
	AT_FIRST = 16,
	AT_BEGUN = 24,
	AT_LOG = 32,
	AT_CHAIN = 64,
	AT_TREE = 96,
	AT_HASH = SEGMENT_HEAD - HASH_BYTES,
};

size_t zeros(const uint8_t *at, size_t size)
{
	size_t i = 0;
	uint64_t word;

	for (; i + sizeof word <= size; i += sizeof word) {
		memcpy(&word, at + i, sizeof word);
		if (word)
			break;
	}
	while (i < size && !at[i])
		i++;
	return i;
}

/* Records ----------------------------------------------------------------------------------------- */

static void move_on(struct front *front, const struct hash *leaf)
{
	front->chain = hash_pair(CHAIN_PREFIX, &front->chain, leaf);
	merkle_add(&front->tree, leaf);
}

static struct hash leaf_of(const uint8_t *at, size_t size)
{
	return merkle_leaf(at + FRAME_LEAF, FRAME_HEAD - FRAME_LEAF + size);
}

void frame_write(uint8_t *at, size_t size, uint32_t batch, int64_t written, struct front *front)
{
	struct hash leaf;

	memset(at + FRAME_HEAD + size, 0, frame_bytes(size) - FRAME_HEAD - size);
	put_le32(at + 40, (uint32_t)size);
	put_le32(at + 44, batch);
	put_le64(at + 48, front->tree.count);
	put_le64(at + 56, (uint64_t)written);
	leaf = leaf_of(at, size);
	move_on(front, &leaf);
	memcpy(at + CHECK_BYTES, front->chain.at, HASH_BYTES);
	put_le64(at, XXH3_64bits(at + CHECK_BYTES, FRAME_HEAD - CHECK_BYTES + size));
}

enum frame_state frame_read(const uint8_t *at, size_t room, struct frame *ret_frame)
{
	struct frame frame;
	size_t bytes;

	if (room < FRAME_HEAD)
		return zeros(at, room) == room ? FRAME_END : FRAME_CUT;
	if (zeros(at, FRAME_HEAD) == FRAME_HEAD)
		return FRAME_END;
	frame.check = get_le64(at);
	memcpy(frame.chain.at, at + CHECK_BYTES, HASH_BYTES);
	frame.size = get_le32(at + 40);
	frame.batch = get_le32(at + 44);
	frame.sequence = get_le64(at + 48);
	frame.written = (int64_t)get_le64(at + 56);
	bytes = frame_bytes(frame.size);
	if (frame.size > FRAME_BODY_MAX || bytes > room)
		return FRAME_CUT;
	if (frame.check != XXH3_64bits(at + CHECK_BYTES, FRAME_HEAD - CHECK_BYTES + frame.size))
		return FRAME_DAMAGED;
	bytes -= FRAME_HEAD + frame.size;
	if (zeros(at + FRAME_HEAD + frame.size, bytes) != bytes)
		return FRAME_DAMAGED;
	*ret_frame = frame;
	return FRAME_WHOLE;
}

enum frame_order frame_follow(const uint8_t *at, const struct frame *frame, struct front *front,
			      struct hash *ret_leaf)
{
	struct hash leaf, chain;

	if (frame->sequence != front->tree.count)
		return FRAME_OTHER;
	leaf = leaf_of(at, frame->size);
	chain = hash_pair(CHAIN_PREFIX, &front->chain, &leaf);
	if (!hash_equal(&chain, &frame->chain))
		return FRAME_CHAIN;
	front->chain = chain;
	merkle_add(&front->tree, &leaf);
	*ret_leaf = leaf;
	return FRAME_NEXT;
}

/* Heads of segments ------------------------------------------------------------------------------- */

static size_t tree_bytes(const struct front *front)
{
	return merkle_range_hashes(front->tree.count) * (size_t)HASH_BYTES;
}

bool front_equal(const struct front *a, const struct front *b)
{
	return a->tree.count == b->tree.count && hash_equal(&a->chain, &b->chain) &&
	       memcmp(a->tree.hashes, b->tree.hashes, tree_bytes(a)) == 0;
}

void segment_head_write(const struct segment_head *head, uint8_t at[SEGMENT_HEAD])
{
	struct hash hash;

	memset(at, 0, SEGMENT_HEAD);
	memcpy(at, SEGMENT_MAGIC, 8);
	put_le32(at + AT_FORMAT, SEGMENT_FORMAT);
	put_le32(at + AT_MONTH, head->month);
	put_le64(at + AT_FIRST, head->front.tree.count);
	put_le64(at + AT_BEGUN, (uint64_t)head->begun);
	memcpy(at + AT_LOG, head->log.at, HASH_BYTES);
	memcpy(at + AT_CHAIN, head->front.chain.at, HASH_BYTES);
	memcpy(at + AT_TREE, head->front.tree.hashes, tree_bytes(&head->front));
	hash = sha_of(at, AT_HASH);
	memcpy(at + AT_HASH, hash.at, HASH_BYTES);
}

bool segment_head_read(const uint8_t at[SEGMENT_HEAD], struct segment_head *ret_head)
{
	uint8_t again[SEGMENT_HEAD];
	struct segment_head head;

	memset(&head, 0, sizeof head);
	head.month = get_le32(at + AT_MONTH);
	head.begun = (int64_t)get_le64(at + AT_BEGUN);
	head.front.tree.count = get_le64(at + AT_FIRST);
	memcpy(head.log.at, at + AT_LOG, HASH_BYTES);
	memcpy(head.front.chain.at, at + AT_CHAIN, HASH_BYTES);
	memcpy(head.front.tree.hashes, at + AT_TREE, tree_bytes(&head.front));
	segment_head_write(&head, again);
	if (memcmp(at, again, SEGMENT_HEAD) != 0)
		return false;
	*ret_head = head;
	return true;
}
