/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/base/source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/arena.h"

void sources_init(struct sources *sources, struct arena *arena)
{
	*sources = (struct sources){ .arena = arena };
}

uint32_t source_add(struct sources *sources, struct text path, struct text text)
{
	sources->list = arena_grow(sources->arena, sources->list, sources->count, &sources->cap,
				   sizeof *sources->list);
	sources->list[sources->count] = (struct source){
		.path = text_copy(sources->arena, path),
		.text = text_copy(sources->arena, text),
	};
	return (uint32_t)sources->count++;
}

/* The whole of an open file. SOURCE_NO_MEMORY leaves it to the caller to give up, with the file closed. */
static enum source_fault read_all(struct arena *arena, int fd, size_t max, struct text *ret_text)
{
	jmp_buf *escape = arena->escape;
	struct stat about;
	char *data;
	size_t got = 0;

	if (fstat(fd, &about) < 0)
		return SOURCE_UNREADABLE;
	if (!S_ISREG(about.st_mode)) {
		errno = S_ISDIR(about.st_mode) ? EISDIR : EINVAL;
		return SOURCE_UNREADABLE;
	}
	if (about.st_size < 0 || (uintmax_t)about.st_size > max)
		return SOURCE_TOO_LARGE;
	arena->escape = NULL;
	data = arena_alloc(arena, (size_t)about.st_size + 1);
	arena->escape = escape;
	if (!data)
		return SOURCE_NO_MEMORY;
	while (got < (size_t)about.st_size) {
		ssize_t n = read(fd, data + got, (size_t)about.st_size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return SOURCE_UNREADABLE;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	*ret_text = (struct text){ data, got };
	return SOURCE_OK;
}

enum source_fault source_read(struct sources *sources, const char *path, size_t max,
			      uint32_t *ret_source)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum source_fault fault;
	struct text text;
	int saved;

	if (fd < 0)
		return SOURCE_UNREADABLE;
	fault = read_all(sources->arena, fd, max, &text);
	saved = errno;
	close(fd);
	errno = saved;
	if (fault == SOURCE_NO_MEMORY)
		arena_give_up(sources->arena);
	if (fault != SOURCE_OK)
		return fault;
	*ret_source = source_add(sources, text_from(path), (struct text){ NULL, 0 });
	sources->list[*ret_source].text = text;
	return SOURCE_OK;
}

static void find_lines(struct sources *sources, struct source *source)
{
	uint32_t count = 1, line = 0;

	if (source->lines)
		return;
	for (size_t i = 0; i < source->text.len; i++)
		count += source->text.at[i] == '\n';
	source->lines = ARENA_ARRAY(sources->arena, count, uint32_t);
	source->lines[line++] = 0;
	for (size_t i = 0; i < source->text.len; i++)
		if (source->text.at[i] == '\n')
			source->lines[line++] = (uint32_t)i + 1;
	source->nlines = count;
}

void source_locate(struct sources *sources, uint32_t number, uint32_t at, uint32_t *ret_line,
		   uint32_t *ret_column)
{
	struct source *source = &sources->list[number];
	uint32_t low = 0, high, column = 1;

	find_lines(sources, source);
	high = source->nlines;
	while (high - low > 1) {
		uint32_t middle = (low + high) / 2;

		if (source->lines[middle] <= at)
			low = middle;
		else
			high = middle;
	}
	for (uint32_t i = source->lines[low]; i < at && i < source->text.len; i++)
		column += ((unsigned char)source->text.at[i] & 0xc0) != 0x80;
	*ret_line = low + 1;
	*ret_column = column;
}

struct text source_line(struct sources *sources, uint32_t number, uint32_t line)
{
	struct source *source = &sources->list[number];
	size_t from, to;

	find_lines(sources, source);
	if (line < 1 || line > source->nlines)
		return (struct text){ source->text.at + source->text.len, 0 };
	from = source->lines[line - 1];
	to = line < source->nlines ? source->lines[line] - 1 : source->text.len;
	if (to > from && source->text.at[to - 1] == '\r')
		to--;
	return (struct text){ source->text.at + from, to - from };
}
