/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Arena: memory that lives and dies together.
 *
 * An arena belongs to one lifetime (a compile, a policy, a load). Memory comes zeroed, is never
 * given back piece by piece, and goes with arena_free(). An arena has a maximum. What happens
 * past it is the owner's choice:
 *
 *   escape set    arena_alloc() jumps there: the compiler's passes never see NULL
 *   escape unset  arena_alloc() returns NULL and the arena remembers that it was exhausted
 *
 * Layer 1: knows nothing of policies, facts or files.
 */
#ifndef RKO_BASE_ARENA_H
#define RKO_BASE_ARENA_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *chunk;	/* newest first */
	char *next;			/* free space of the newest chunk */
	char *end;
	size_t used;			/* bytes handed out, for reports */
	size_t reserved;		/* bytes taken from malloc */
	size_t max;			/* bound on reserved */
	bool zeroes;			/* what is free in the newest chunk is */
	bool exhausted;
	bool at_max;			/* the last failure was of `max`, and not of malloc */
	jmp_buf *escape;		/* see above; may be NULL */
};

/* `max` is in bytes. Does not allocate. */
void arena_init(struct arena *arena, size_t max);
/* Frees everything; the arena may be used again. Accepts a zeroed arena. */
void arena_free(struct arena *arena);
/* The same, but the escape stays, and perhaps some memory for what comes next. */
void arena_reset(struct arena *arena);

/* `size` zeroed bytes, aligned for any type; never NULL for want of size. */
void *arena_alloc(struct arena *arena, size_t size);
/* `count` zeroed elements; checks the multiplication. */
void *arena_array(struct arena *arena, size_t count, size_t size);
void *arena_copy(struct arena *arena, const void *data, size_t size);

/*
 * Makes room for one element more: returns `old`, or a larger copy of it. `*cap` is the capacity in
 * elements and is updated. The old copy stays in the arena (at most as much again).
 */
void *arena_grow(struct arena *arena, void *old, size_t used, size_t *cap, size_t size);

/* What arena_alloc() does past the maximum, for an owner who finds elsewhere that memory is out. NULL. */
void *arena_give_up(struct arena *arena);

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, count, type) ((type *)arena_array((arena), (count), sizeof(type)))

#endif
