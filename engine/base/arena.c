/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct arena_chunk {
	struct arena_chunk *older;
	size_t size;
	max_align_t data[];
};

enum { CHUNK_MIN = 64 * 1024, CHUNK_KEPT = 4 * CHUNK_MIN, CHUNK_HUGE = 4 << 20, PAGE = 4096 };

void arena_init(struct arena *arena, size_t max)
{
	*arena = (struct arena){ .max = max };
}

void arena_free(struct arena *arena)
{
	struct arena_chunk *chunk = arena->chunk;

	while (chunk) {
		struct arena_chunk *older = chunk->older;

		free(chunk);
		chunk = older;
	}
	arena_init(arena, arena->max);
}

/* The newest chunk stays when it is small: what is handed out and emptied again and again takes no new memory. */
void arena_reset(struct arena *arena)
{
	struct arena_chunk *chunk = arena->chunk && arena->chunk->size <= CHUNK_KEPT ? arena->chunk : NULL;
	struct arena kept = *arena;

	if (chunk) {
		arena->chunk = chunk->older;
		chunk->older = NULL;
	}
	arena_free(arena);
	arena->escape = kept.escape;
	if (!chunk)
		return;
	arena->chunk = chunk;
	arena->next = (char *)chunk->data;
	arena->end = kept.end;
	arena->reserved = chunk->size;
}

void *arena_give_up(struct arena *arena)
{
	arena->exhausted = true;
	if (arena->escape)
		longjmp(*arena->escape, 1);
	return NULL;
}

/* A compile's diagrams fill much memory once and look at it everywhere: large pages make both cheaper. */
static void prefer_large_pages(struct arena_chunk *chunk)
{
	uintptr_t from = ((uintptr_t)chunk + PAGE - 1) / PAGE * PAGE;
	uintptr_t end = ((uintptr_t)chunk->data + chunk->size) / PAGE * PAGE;

	if (chunk->size >= CHUNK_HUGE)
		madvise((void *)from, end - from, MADV_HUGEPAGE);	/* a hint: nothing hangs on it */
}

static bool add_chunk(struct arena *arena, size_t size)
{
	size_t want = arena->reserved / 4;	/* grow with use, so that chunks stay few */
	struct arena_chunk *chunk;

	if (want < CHUNK_MIN)
		want = CHUNK_MIN;
	if (want < size)
		want = size;
	if (want > arena->max - arena->reserved)
		want = size;
	arena->at_max = want > arena->max - arena->reserved;
	if (arena->at_max)
		return false;
	/* Large chunks come from the kernel as zeroes; of others only what is handed out is made so. */
	arena->zeroes = want >= CHUNK_HUGE;
	chunk = arena->zeroes ? calloc(1, sizeof *chunk + want) : malloc(sizeof *chunk + want);
	if (!chunk)
		return false;
	chunk->older = arena->chunk;
	chunk->size = want;
	prefer_large_pages(chunk);
	arena->chunk = chunk;
	arena->reserved += want;
	arena->next = (char *)chunk->data;
	arena->end = arena->next + want;
	return true;
}

/* Bytes that may hold anything. */
static void *take(struct arena *arena, size_t size)
{
	const size_t align = sizeof(max_align_t);
	void *result;

	if (size > SIZE_MAX - align)
		return arena_give_up(arena);
	if (!size)	/* nothing is something too: NULL means that memory ran out */
		size = 1;
	size = (size + align - 1) / align * align;
	if (size > (size_t)(arena->end - arena->next) && !add_chunk(arena, size))
		return arena_give_up(arena);
	result = arena->next;
	arena->next += size;
	arena->used += size;
	return result;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	void *result = take(arena, size);

	return result && !arena->zeroes ? memset(result, 0, size) : result;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		return arena_give_up(arena);
	return arena_alloc(arena, bytes);
}

void *arena_copy(struct arena *arena, const void *data, size_t size)
{
	void *copy = take(arena, size);

	if (copy && size)
		memcpy(copy, data, size);
	return copy;
}

void *arena_grow(struct arena *arena, void *old, size_t used, size_t *cap, size_t size)
{
	size_t larger, bytes;
	char *copy;

	if (used < *cap)
		return old;
	larger = *cap ? *cap * 2 : 8;
	if (__builtin_mul_overflow(larger, size, &bytes))
		return arena_give_up(arena);
	copy = take(arena, bytes);
	if (!copy)
		return NULL;
	if (used)
		memcpy(copy, old, used * size);
	if (!arena->zeroes)
		memset(copy + used * size, 0, bytes - used * size);
	*cap = larger;
	return copy;
}
