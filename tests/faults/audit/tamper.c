/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Tampers with a small log in every way that one can think of, one at a time, and looks whether `verify` finds it
 * when it is given a checkpoint that was kept outside.
 *
 *   tamper [how many] [seed]
 *
 * Says how often it tried each way. Ends with 1 at the first that was not found, or was found at the wrong record,
 * and says with which seed and number it comes again.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "tests/common/audit.h"
#include "tests/common/fixture.h"

enum { FILES = 12, RECORDS = 400 };

/* A file of the log as it was, and as it is now. */
struct file {
	char path[400];
	uint8_t *data, *now;
	size_t size, size_now;
	bool segment, gone, changed;
};

struct place {
	unsigned file;
	size_t at, bytes;	/* of the frame */
};

static struct file files[FILES], older[FILES];
static unsigned nfiles, nolder;
static struct place places[RECORDS];
static unsigned nrecords;
static char *path;
static struct checkpoint outside;
static struct note_key key;
static uint64_t state;

static uint32_t random_below(uint32_t bound)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 11) % bound;
}

/* The log ----------------------------------------------------------------------------------------- */

static void take(struct file *into, unsigned *count, const char *name, bool segment)
{
	struct file *file = &into[*count];

	if (snprintf(file->path, sizeof file->path, "%s/%s", path, name) < 0 || *count == FILES)
		abort();
	file->data = (uint8_t *)file_read(file->path, &file->size);
	file->now = malloc(1 << 18);
	file->segment = segment;
	++*count;
}

static void take_all(struct file *into, unsigned *count)
{
	struct segment_list list;
	struct folder folder;
	char name[FOLDER_NAME];

	assert_int_equal(folder_open(path, &folder, NULL), RKO_OK);
	assert_int_equal(folder_segments(&folder, &list), RKO_OK);
	for (size_t i = 0; i < list.count; i++) {
		segment_path(&list.names[i], name);
		take(into, count, name, true);
	}
	take(into, count, "log", false);
	take(into, count, "checkpoint", false);
	key = folder.key;
	segment_list_free(&list);
	folder_close(&folder);
}

static void find_records(void)
{
	for (unsigned i = 0; i < nfiles; i++) {
		size_t at = SEGMENT_HEAD;
		struct frame frame;

		while (files[i].segment && frame_read(files[i].data + at, files[i].size - at, &frame) == FRAME_WHOLE) {
			places[nrecords++] = (struct place){ i, at, frame_bytes(frame.size) };
			at += frame_bytes(frame.size);
		}
	}
}

/* Three segments, a checkpoint every so often; half-way a copy of it all, for those who put the clock back. */
static void make_log(const char *folder)
{
	const struct rko_audit_options options = { .segment_bytes = 64 << 10, .checkpoint_records = 16 };
	char text[RKO_AUDIT_CHECKPOINT_TEXT];
	struct rko_audit *audit;

	path = audit_new(folder);
	assert_int_equal(rko_audit_open(path, &options, &audit, NULL), RKO_OK);
	for (int i = 0; i < 60; i++)
		audit_put(audit, i, 1 + (unsigned)i % 3, 300 + (unsigned)i * 31 % 900);
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	take_all(older, &nolder);
	assert_int_equal(rko_audit_open(path, &options, &audit, NULL), RKO_OK);
	for (int i = 60; i < 130; i++)
		audit_put(audit, i, 1 + (unsigned)i % 3, 300 + (unsigned)i * 31 % 900);
	assert_int_equal(rko_audit_checkpoint(audit, text), RKO_OK);
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	take_all(files, &nfiles);
	assert_int_equal(note_open(&key, text_from(text), &outside), NOTE_OK);
	find_records();
}

static void put(const char *to, const uint8_t *data, size_t size)
{
	FILE *file = fopen(to, "wb");

	if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0)
		abort();
}

static void begin(void)
{
	for (unsigned i = 0; i < nfiles; i++) {
		memcpy(files[i].now, files[i].data, files[i].size);
		files[i].size_now = files[i].size;
		files[i].gone = files[i].changed = false;
	}
}

/* Writes what differs; says whether anything does. */
static bool apply(void)
{
	bool any = false;

	for (unsigned i = 0; i < nfiles; i++) {
		struct file *file = &files[i];

		file->changed = file->gone || file->size != file->size_now ||
				memcmp(file->data, file->now, file->size) != 0;
		any |= file->changed;
		if (file->gone)
			unlink(file->path);
		else if (file->changed)
			put(file->path, file->now, file->size_now);
	}
	return any;
}

static void restore(void)
{
	for (unsigned i = 0; i < nfiles; i++)
		if (files[i].changed)
			put(files[i].path, files[i].data, files[i].size);
}

/* The ways ---------------------------------------------------------------------------------------- */

enum { ANYWHERE = -1 };

/* Each changes `now` of some files, and gives the record that must be named, or ANYWHERE. */
static int flip_in_record(void)
{
	unsigned record = random_below(nrecords);
	const struct place *place = &places[record];

	files[place->file].now[place->at + random_below((uint32_t)place->bytes)] ^= (uint8_t)(1u << random_below(8));
	return (int)record;
}

static int flip_anywhere(void)
{
	struct file *file = &files[random_below(nfiles)];

	file->now[random_below((uint32_t)file->size)] ^= (uint8_t)(1u << random_below(8));
	return ANYWHERE;
}

static int scribble(void)
{
	struct file *file = &files[random_below(nfiles)];
	size_t from = random_below((uint32_t)file->size), size = 1 + random_below(300);

	for (size_t i = from; i < file->size && i < from + size; i++)
		file->now[i] = (uint8_t)random_below(256);
	return ANYWHERE;
}

/*
 * What is taken away is something that the outside checkpoint covers. It cannot cover the record of itself, which is
 * the last: that nobody can miss.
 */

/* Takes `bytes` out of a file; zeros come in at its end. */
static void take_out(struct file *file, size_t at, size_t bytes)
{
	memmove(file->now + at, file->now + at + bytes, file->size - at - bytes);
	memset(file->now + file->size - bytes, 0, bytes);
}

static int delete_record(void)
{
	unsigned record = random_below((uint32_t)outside.size);

	take_out(&files[places[record].file], places[record].at, places[record].bytes);
	return (int)record;
}

static int repeat_record(void)
{
	unsigned record = random_below(nrecords);
	const struct place *place = &places[record];
	struct file *file = &files[place->file];

	memmove(file->now + place->at + place->bytes, file->now + place->at, file->size - place->at - place->bytes);
	return ANYWHERE;
}

static int swap_records(void)
{
	unsigned first = random_below(nrecords), second = random_below(nrecords), other;
	const struct place *a, *b;
	struct file *file;
	size_t between;
	uint8_t *middle;

	if (first > second)
		other = first, first = second, second = other;
	a = &places[first], b = &places[second];
	file = &files[a->file];
	if (first == second || a->file != b->file)
		return flip_in_record();
	between = b->at - a->at - a->bytes;
	middle = malloc(between + 1);
	memcpy(middle, file->now + a->at + a->bytes, between);
	memcpy(file->now + a->at, file->data + b->at, b->bytes);
	memcpy(file->now + a->at + b->bytes, middle, between);
	memcpy(file->now + a->at + b->bytes + between, file->data + a->at, a->bytes);
	free(middle);
	return (int)first;
}

static int cut_file(void)
{
	unsigned record = random_below((uint32_t)outside.size);
	struct file *file = &files[places[record].file];

	file->size_now = places[record].at + random_below((uint32_t)places[record].bytes);
	return ANYWHERE;
}

static int wipe_end(void)
{
	unsigned record = random_below((uint32_t)outside.size);
	struct file *file = &files[places[record].file];

	memset(file->now + places[record].at, 0, file->size - places[record].at);
	return ANYWHERE;
}

static int delete_file(void)
{
	struct file *file = &files[random_below(nfiles)];

	/* Without its copy of the checkpoint the log is as it was. */
	file->gone = file->segment || strstr(file->path, "/log");
	return file->gone ? ANYWHERE : flip_in_record();
}

static int swap_files(void)
{
	unsigned a = random_below(nfiles), b = random_below(nfiles);

	if (a == b)
		return flip_in_record();
	files[a].size_now = files[b].size;
	files[b].size_now = files[a].size;
	memcpy(files[a].now, files[b].data, files[b].size);
	memcpy(files[b].now, files[a].data, files[a].size);
	return ANYWHERE;
}

/* The log as it was earlier, with or without its own newer checkpoint. */
static int go_back(void)
{
	bool checkpoint_too = random_below(2);

	for (unsigned i = 0; i < nfiles; i++) {
		struct file *file = &files[i];
		unsigned at = 0;

		while (at < nolder && strcmp(older[at].path, file->path) != 0)
			at++;
		if (at == nolder) {
			file->gone = true;
		} else if (file->segment || checkpoint_too) {
			memcpy(file->now, older[at].data, older[at].size);
			file->size_now = older[at].size;
		}
	}
	return ANYWHERE;
}

/*
 * One who knows the format: writes every check, chain and head anew from a record on, after changing it or leaving
 * it out. Only the signatures stay as they were.
 */
static void write_anew(unsigned changed, bool leave_out)
{
	struct front front = { 0 };
	unsigned record = 0;

	for (unsigned i = 0; i < nfiles && files[i].segment; i++) {
		struct segment_head head;
		size_t at = SEGMENT_HEAD;

		if (!segment_head_read(files[i].data, &head))
			abort();
		head.front = front;
		if (record > changed)
			segment_head_write(&head, files[i].now);
		memset(files[i].now + at, 0, files[i].size - at);
		for (; record < nrecords && places[record].file == i; record++) {
			const uint8_t *from = files[i].data + places[record].at;
			size_t size = get_le32(from + 40), bytes = places[record].bytes;

			if (record == changed && leave_out)
				continue;
			memcpy(files[i].now + at, from, bytes);
			if (record == changed)
				files[i].now[at + FRAME_HEAD + 8 + random_below((uint32_t)size - 9)] ^= 1;
			frame_write(files[i].now + at, size, get_le32(from + 44), (int64_t)get_le64(from + 56), &front);
			at += bytes;
		}
	}
}

static int change_and_write_anew(void)
{
	write_anew(random_below((uint32_t)outside.size), false);
	return ANYWHERE;
}

static int leave_out_and_write_anew(void)
{
	write_anew(random_below((uint32_t)outside.size), true);
	return ANYWHERE;
}

static const struct way {
	const char *name;
	int (*change)(void);
} ways[] = {
	{ "a bit of a record", flip_in_record },
	{ "a bit of a file", flip_anywhere },
	{ "random bytes", scribble },
	{ "a record deleted", delete_record },
	{ "a record repeated", repeat_record },
	{ "two records swapped", swap_records },
	{ "a file cut off", cut_file },
	{ "the end wiped", wipe_end },
	{ "a file deleted", delete_file },
	{ "two files swapped", swap_files },
	{ "an older log in its place", go_back },
	{ "a record changed, the rest written anew", change_and_write_anew },
	{ "a record left out, the rest written anew", leave_out_and_write_anew },
};
enum { WAYS = sizeof ways / sizeof ways[0] };

/* Looking ----------------------------------------------------------------------------------------- */

/* Found, and at that record when it is known. *ret_at is the first bad record. */
static bool is_found(int expected, uint64_t *ret_at)
{
	const struct verify_with with = { .outside = &outside, .noutside = 1 };
	struct verify_found found = { 0 };
	struct folder folder;
	enum rko_status status = folder_open(path, &folder, NULL);

	*ret_at = UINT64_MAX;
	if (status != RKO_OK)
		return status == RKO_AUDIT_DAMAGED || status == RKO_AUDIT_MISSING;
	/* The key is what the one who looks has, not what lies in the folder. */
	folder.key = key;
	status = audit_verify(&folder, &with, &found);
	folder_close(&folder);
	*ret_at = found.bad_first;
	if (status != RKO_OK || !found.bad)
		return false;
	return expected == ANYWHERE || (found.bad_first == (uint64_t)expected && found.bad_last == (uint64_t)expected);
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000, seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
	unsigned long tried[WAYS] = { 0 }, same = 0;
	char *folder = folder_new();
	uint64_t at;

	if (sodium_init() < 0)
		return 1;
	make_log(folder);
	if (is_found(ANYWHERE, &at)) {
		printf("the log is not good to begin with\n");
		return 1;
	}
	for (unsigned long i = 0; i < count; i++) {
		unsigned way;
		int expected;

		state = (seed * 0x9e3779b97f4a7c15u + i + 1) * 0xbf58476d1ce4e5b9u;
		way = random_below(WAYS);
		begin();
		expected = ways[way].change();
		if (!apply()) {
			same++;
			continue;
		}
		if (!is_found(expected, &at)) {
			printf("NOT FOUND: %s, seed %lu, number %lu: expected record %d, found %lld; the log is in %s\n",
			       ways[way].name, seed, i, expected, (long long)at, path);
			return 1;
		}
		restore();
		tried[way]++;
	}
	for (unsigned i = 0; i < WAYS; i++)
		printf("%8lu %s\n", tried[i], ways[i].name);
	printf("%lu tamperings of a log of %u records, every one found; %lu changed nothing\n", count - same, nrecords, same);
	folder_remove(folder);
	return 0;
}
