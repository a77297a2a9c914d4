/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/bench/tape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/world.h"

const char *const tape_databases[TAPE_DATABASES] = { "rows", "ids", "names", "schema", "meta" };

void tape_init(struct tape *tape, uint32_t questions)
{
	*tape = (struct tape){ .ends = calloc(questions + 1, sizeof *tape->ends) };
	if (!tape->ends)
		world_fail("no memory");
}

void tape_release(struct tape *tape)
{
	free(tape->ends);
	free(tape->ops);
}

void tape_add(struct tape *tape, const struct tape_op *op, const void *key)
{
	size_t step = tape_step(op);

	if (tape->about.bytes + step > tape->cap) {
		tape->cap = tape->cap ? tape->cap * 2 : 1u << 20;
		tape->ops = realloc(tape->ops, tape->cap);
		if (!tape->ops || tape->cap > UINT32_MAX)
			world_fail("the tape does not fit in memory");
	}
	memset(tape->ops + tape->about.bytes, 0, step);
	memcpy(tape->ops + tape->about.bytes, op, sizeof *op);
	if (op->key_size)
		memcpy(tape->ops + tape->about.bytes + sizeof *op, key, op->key_size);
	tape->about.bytes += step;
	tape->about.counts[op->what]++;
}

void tape_end(struct tape *tape)
{
	tape->ends[tape->about.questions++] = (uint32_t)tape->about.bytes;
}

void tape_write(const struct tape *tape, const char *path)
{
	FILE *file = fopen(path, "wb");
	bool good = file && fwrite(&tape->about, sizeof tape->about, 1, file) == 1 &&
		    fwrite(tape->ends, sizeof *tape->ends, tape->about.questions, file) == tape->about.questions &&
		    fwrite(tape->ops, 1, tape->about.bytes, file) == tape->about.bytes;

	if (!file || fclose(file) || !good)
		world_fail("%s: cannot be written", path);
}

void tape_read(struct tape *tape, const char *path)
{
	FILE *file = fopen(path, "rb");
	struct tape_about about;

	if (!file || fread(&about, sizeof about, 1, file) != 1)
		world_fail("%s: cannot be read", path);
	tape_init(tape, about.questions);
	tape->about = about;
	tape->ops = malloc(about.bytes);
	if (!tape->ops || fread(tape->ends, sizeof *tape->ends, about.questions, file) != about.questions ||
	    fread(tape->ops, 1, about.bytes, file) != about.bytes)
		world_fail("%s: cannot be read", path);
	fclose(file);
}

/* FNV-1a: only to tell different finds apart. */
static uint64_t add_bytes(uint64_t sum, const uint8_t *at, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sum = (sum ^ at[i]) * 0x100000001b3ull;
	return sum;
}

uint64_t tape_sum(const void *key, size_t key_size, const void *value, size_t size)
{
	return add_bytes(add_bytes(0xcbf29ce484222325ull, key, key_size), value, size);
}
