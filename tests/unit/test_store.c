/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The store: what was known as of each generation, many readers and one writer, growing, dying in the midst, and
 * damage. Damage is done behind the store's back, with LMDB.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <lmdb.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/facts/store.h"
#include "tests/common/fixture.h"

enum { KEY = KEY_HEAD + 4, KIND = 1 };

/* A folder with a store in it. */
struct place {
	char *folder;
	char *path;
	struct store *store;
};

static struct place place_new(void)
{
	struct place place = { .folder = folder_new() };

	assert_true(asprintf(&place.path, "%s/facts", place.folder) > 0);
	return place;
}

static void place_open(struct place *place, unsigned flags, size_t map_bytes)
{
	assert_int_equal(store_open(place->path, flags, map_bytes, &place->store), RKO_OK);
}

static void place_remove(struct place *place)
{
	store_close(place->store);
	free(place->path);
	folder_remove(place->folder);
}

static struct place place_with_store(void)
{
	struct place place = place_new();

	place_open(&place, STORE_CREATE | STORE_NOSYNC, 0);
	return place;
}

/* Rows whose value is one number ---------------------------------------------------------------------- */

static size_t row_key(uint8_t key[KEY + KEY_TAIL], uint16_t kind, uint32_t id, uint32_t generation)
{
	put_be16(key, kind);
	put_be32(key + KEY_HEAD, id);
	put_be32(key + KEY, ~generation);
	return KEY + KEY_TAIL;
}

static void put(struct store_writer *writer, uint32_t id, uint32_t generation, uint32_t value, bool tombstone)
{
	uint8_t key[KEY + KEY_TAIL], row[ROW_HEAD + 4] = { 0 };
	size_t size = row_key(key, KIND, id, generation);

	put_le16(row + 8, 1);
	row[10] = tombstone ? ROW_TOMBSTONE : 0;
	put_le32(row + ROW_HEAD, value);
	put_le64(row, row_checksum(key, size, row, sizeof row));
	assert_int_equal(store_put_row(writer, key, size, row, sizeof row, false), RKO_OK);
}

static void put_generation(struct store_writer *writer, uint32_t number, int64_t recorded)
{
	struct generation generation = { .number = number, .recorded = recorded, .rows = 1 };

	assert_int_equal(store_put_generation(writer, &generation), RKO_OK);
}

static void write_one(struct store *store, uint32_t id, uint32_t generation, uint32_t value)
{
	struct store_writer *writer;

	assert_int_equal(store_write_begin(store, &writer), RKO_OK);
	put(writer, id, generation, value, false);
	put_generation(writer, generation, generation);
	assert_int_equal(store_write_commit(writer), RKO_OK);
}

/* The value, or -1 when there is no row. */
static int64_t read_one(struct store_reader *reader, uint32_t id, uint32_t generation)
{
	uint8_t key[KEY + KEY_TAIL];
	struct row row;
	bool found;

	row_key(key, KIND, id, 0);
	assert_int_equal(store_get(reader, key, KEY, generation, &row, &found), RKO_OK);
	return found ? (int64_t)get_le32(row.value + ROW_HEAD) : -1;
}

static struct store_reader *reader_now(struct store *store)
{
	struct store_reader *reader;

	assert_int_equal(store_reader_open(store, &reader), RKO_OK);
	assert_int_equal(store_reader_renew(reader), RKO_OK);
	return reader;
}

/* Opening --------------------------------------------------------------------------------------------- */

static void opening(void **state)
{
	struct place place = place_new();
	struct store *other = NULL;

	(void)state;
	assert_int_equal(store_open(place.path, 0, 0, &other), RKO_FACTS_MISSING);
	assert_int_equal(store_open(place.path, STORE_WRITE, 0, &other), RKO_FACTS_MISSING);
	assert_int_equal(mkdir(place.path, 0700), 0);	/* a folder that is no store */
	assert_int_equal(store_open(place.path, 0, 0, &other), RKO_FACTS_MISSING);
	place_open(&place, STORE_CREATE, 0);
	assert_int_equal(store_open(place.path, 0, 0, &other), RKO_ARGUMENT);	/* twice in one process */
	store_close(place.store);
	place_open(&place, 0, 0);
	store_close(place.store);
	place_open(&place, STORE_CREATE, 0);	/* what is there is kept */
	assert_null(other);
	place_remove(&place);
}

static void a_path_through_a_link_is_the_same_store(void **state)
{
	struct place place = place_with_store();
	struct store *other = NULL;
	char *link;

	(void)state;
	assert_true(asprintf(&link, "%s/link", place.folder) > 0);
	assert_int_equal(symlink("facts", link), 0);
	assert_int_equal(store_open(link, 0, 0, &other), RKO_ARGUMENT);
	free(link);
	place_remove(&place);
}

/* The same folder by another name is the same store; another one in its place is not, unless it took a file along. */
static void a_store_is_its_files(void **state)
{
	struct place place = place_with_store();
	struct store *other = NULL;
	char command[600];

	(void)state;
	snprintf(command, sizeof command, "cd %s && cp -a facts second && mv facts first && cp -a second facts", place.folder);
	assert_int_equal(system(command), 0);
	assert_int_equal(store_open(place.path, 0, 0, &other), RKO_OK);
	store_close(other);
	snprintf(command, sizeof command, "%s/first", place.folder);
	assert_int_equal(store_open(command, 0, 0, &other), RKO_ARGUMENT);
	assert_int_equal(errno, EBUSY);
	snprintf(command, sizeof command, "cd %s && ln -f first/lock.mdb facts/lock.mdb", place.folder);
	assert_int_equal(system(command), 0);
	errno = 0;
	assert_int_equal(store_open(place.path, 0, 0, &other), RKO_ARGUMENT);	/* other data, and the locks of the first */
	assert_int_equal(errno, EBUSY);
	place_remove(&place);
}

/* As nobody, in a child: root may do everything. Gives the child's status. */
static int as_nobody(const char *path, unsigned flags)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		struct store *store;

		if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
			_exit(250);
		errno = 0;
		status = (int)store_open(path, flags, 0, &store);
		_exit(status == RKO_OK || errno == EACCES ? status : 251);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void folders_that_may_not_be_written(void **state)
{
	struct place place = place_with_store();
	char *path;

	(void)state;
	store_close(place.store);
	place.store = NULL;
	assert_int_equal(chmod(place.folder, 0555), 0);
	assert_true(asprintf(&path, "%s/new", place.folder) > 0);
	assert_int_equal(as_nobody(path, STORE_CREATE), RKO_IO);
	assert_int_equal(as_nobody(place.path, STORE_CREATE), RKO_FACTS_UNREADABLE);
	assert_int_equal(as_nobody(place.path, 0), RKO_FACTS_UNREADABLE);
	free(path);
	place_remove(&place);
}

/* What was known ------------------------------------------------------------------------------------- */

enum { IDS = 40, GENERATIONS = 30 };

/* By id and generation: what a row says from then on; -1 removed, -2 nothing said. */
static int64_t said[IDS][GENERATIONS + 1];

static int64_t known(uint32_t id, uint32_t generation)
{
	for (uint32_t g = generation; g; g--)
		if (said[id][g] != -2)
			return said[id][g];
	return -1;
}

static void write_history(struct store *store)
{
	uint32_t dice = 1;

	for (uint32_t generation = 1; generation <= GENERATIONS; generation++) {
		struct store_writer *writer;

		assert_int_equal(store_write_begin(store, &writer), RKO_OK);
		for (uint32_t id = 0; id < IDS; id++) {
			bool removed;

			dice = dice * 1103515245 + 12345;
			said[id][generation] = -2;
			if ((dice >> 16) % 4 && !(id == 3))	/* one row that every generation changes */
				continue;
			removed = (dice >> 20) % 3 == 0;
			said[id][generation] = removed ? -1 : (int64_t)(dice >> 8);
			put(writer, id * 7, generation, dice >> 8, removed);
		}
		put_generation(writer, generation, 1000 * generation);
		assert_int_equal(store_write_commit(writer), RKO_OK);
	}
}

static void check_scan(struct store_reader *reader, uint32_t generation)
{
	struct store_cursor cursor = { .key_size = 0 };
	uint8_t prefix[KEY_HEAD];
	struct row row;
	uint32_t id = 0;
	bool found;

	put_be16(prefix, KIND);
	for (;;) {
		assert_int_equal(store_next(reader, &cursor, prefix, sizeof prefix, generation, &row, &found), RKO_OK);
		while (id < IDS && known(id, generation) < 0)
			id++;
		assert_int_equal(found, id < IDS);
		if (!found)
			return;
		assert_int_equal(get_be32(row.key + KEY_HEAD), id * 7);
		assert_int_equal(get_le32(row.value + ROW_HEAD), known(id, generation));
		assert_true(row_generation(&row) <= generation);
		if (id % 5 == 0)	/* a look elsewhere does not disturb the scan */
			read_one(reader, 3 * 7, generation);
		id++;
	}
}

static void check_history(struct store_reader *reader, uint32_t id)
{
	struct store_cursor cursor = { .key_size = 0 };
	uint8_t key[KEY + KEY_TAIL];
	struct row row;
	bool found;

	row_key(key, KIND, id * 7, 0);
	for (uint32_t generation = GENERATIONS; generation; generation--) {
		if (said[id][generation] == -2)
			continue;
		assert_int_equal(store_history(reader, &cursor, key, KEY, &row, &found), RKO_OK);
		assert_true(found);
		assert_int_equal(row_generation(&row), generation);
		assert_int_equal(row_is_tombstone(&row), said[id][generation] == -1);
		if (said[id][generation] >= 0)
			assert_int_equal(get_le32(row.value + ROW_HEAD), said[id][generation]);
	}
	assert_int_equal(store_history(reader, &cursor, key, KEY, &row, &found), RKO_OK);
	assert_false(found);
}

static void as_of_every_generation(void **state)
{
	struct place place = place_with_store();
	struct store_reader *reader;

	(void)state;
	write_history(place.store);
	reader = reader_now(place.store);
	for (uint32_t generation = 0; generation <= GENERATIONS; generation++) {
		for (uint32_t id = 0; id < IDS; id++) {
			assert_int_equal(read_one(reader, id * 7, generation), known(id, generation));
			assert_int_equal(read_one(reader, id * 7 + 1, generation), -1);
		}
		check_scan(reader, generation);
	}
	for (uint32_t id = 0; id < IDS; id++)
		check_history(reader, id);
	store_reader_close(reader);
	place_remove(&place);
}

static void generations_and_recorded_times(void **state)
{
	static const int64_t recorded[] = { 0, 100, 200, 150, 300 };	/* a clock that was set back */
	static const struct { int64_t at; uint32_t number; } asked[] = {
		{ 99, 0 }, { 100, 1 }, { 149, 1 }, { 150, 3 }, { 199, 3 }, { 200, 3 }, { 299, 3 }, { 300, 4 },
		{ INT64_MAX, 4 }, { INT64_MIN, 0 },
	};
	struct place place = place_with_store();
	struct generation generation;
	struct store_reader *reader = reader_now(place.store);

	(void)state;
	assert_int_equal(store_newest(reader, &generation), RKO_OK);
	assert_int_equal(generation.number, 0);
	assert_int_equal(store_generation(reader, 1, &generation), RKO_FACTS_GENERATION);
	store_reader_reset(reader);
	for (uint32_t i = 1; i < 5; i++) {
		struct store_writer *writer;

		assert_int_equal(store_write_begin(place.store, &writer), RKO_OK);
		put_generation(writer, i, recorded[i]);
		assert_int_equal(store_write_commit(writer), RKO_OK);
	}
	assert_int_equal(store_reader_renew(reader), RKO_OK);
	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
		assert_int_equal(store_generation_at(reader, asked[i].at, &generation), RKO_OK);
		assert_int_equal(generation.number, asked[i].number);
	}
	assert_int_equal(store_generation(reader, 3, &generation), RKO_OK);
	assert_int_equal(generation.recorded, 150);
	assert_int_equal(store_generation(reader, 5, &generation), RKO_FACTS_GENERATION);
	store_reader_close(reader);
	place_remove(&place);
}

static void refreshes(void **state)
{
	struct place place = place_with_store();
	struct store_reader *reader;
	struct store_writer *writer;
	int64_t instant;
	bool found;

	(void)state;
	assert_int_equal(store_write_begin(place.store, &writer), RKO_OK);
	assert_int_equal(store_put_refreshed(writer, 7, 2, 1000), RKO_OK);
	assert_int_equal(store_put_refreshed(writer, 7, 5, -5), RKO_OK);
	assert_int_equal(store_put_refreshed(writer, 8, 3, 9), RKO_OK);
	assert_int_equal(store_write_commit(writer), RKO_OK);
	reader = reader_now(place.store);
	for (uint32_t generation = 0; generation < 8; generation++) {
		assert_int_equal(store_refreshed(reader, 7, generation, &instant, &found), RKO_OK);
		assert_int_equal(found, generation >= 2);
		if (found)
			assert_int_equal(instant, generation >= 5 ? -5 : 1000);
		assert_int_equal(store_refreshed(reader, 6, generation, &instant, &found), RKO_OK);
		assert_false(found);
		assert_int_equal(store_refreshed(reader, 9, generation, &instant, &found), RKO_OK);
		assert_false(found);
	}
	store_reader_close(reader);
	place_remove(&place);
}

static void strings(void **state)
{
	struct place place = place_with_store();
	char longest[LIMIT_ID_BYTES + 1];
	struct store_reader *reader;
	struct store_writer *writer;
	struct text name;
	uint32_t number;

	(void)state;
	memset(longest, 'x', sizeof longest);
	assert_int_equal(store_write_begin(place.store, &writer), RKO_OK);
	assert_int_equal(store_put_name(writer, 0, TEXT("liisa"), true), RKO_OK);
	assert_int_equal(store_put_number(writer, TEXT("liisa"), 0, false), RKO_OK);
	assert_int_equal(store_put_name(writer, 1, (struct text){ longest, LIMIT_ID_BYTES }, true), RKO_OK);
	assert_int_equal(store_put_number(writer, (struct text){ longest, LIMIT_ID_BYTES }, 1, false), RKO_OK);
	assert_int_equal(store_write_commit(writer), RKO_OK);
	reader = reader_now(place.store);
	assert_int_equal(store_names(reader, &number), RKO_OK);
	assert_int_equal(number, 2);
	assert_int_equal(store_number(reader, TEXT("liisa"), &number), RKO_OK);
	assert_int_equal(number, 0);
	assert_int_equal(store_number(reader, (struct text){ longest, LIMIT_ID_BYTES }, &number), RKO_OK);
	assert_int_equal(number, 1);
	assert_int_equal(store_number(reader, (struct text){ longest, LIMIT_ID_BYTES + 1 }, &number), RKO_OK);
	assert_int_equal(number, STRING_NONE);
	assert_int_equal(store_number(reader, TEXT("liis"), &number), RKO_OK);
	assert_int_equal(number, STRING_NONE);
	assert_int_equal(store_number(reader, TEXT(""), &number), RKO_OK);
	assert_int_equal(number, STRING_NONE);
	assert_int_equal(store_name(reader, 0, &name), RKO_OK);
	assert_true(text_equal(name, TEXT("liisa")));
	assert_int_equal(store_name(reader, 2, &name), RKO_FACTS_DAMAGED);	/* a row spoke of it */
	store_reader_close(reader);
	place_remove(&place);
}

/* Readers and writers --------------------------------------------------------------------------------- */

static void a_reader_sees_one_state(void **state)
{
	struct place place = place_with_store();
	struct store_reader *reader;
	uint64_t before;

	(void)state;
	write_one(place.store, 1, 1, 10);
	reader = reader_now(place.store);
	before = store_reader_state(reader);
	write_one(place.store, 1, 2, 20);
	assert_int_equal(read_one(reader, 1, UINT32_MAX), 10);
	assert_int_equal(store_reader_state(reader), before);
	store_reader_reset(reader);
	assert_int_equal(store_reader_renew(reader), RKO_OK);
	assert_int_equal(read_one(reader, 1, UINT32_MAX), 20);
	assert_int_not_equal(store_reader_state(reader), before);
	store_reader_close(reader);
	place_remove(&place);
}

static void what_is_aborted_is_not_there(void **state)
{
	struct place place = place_with_store();
	struct store_reader *reader;
	struct store_writer *writer;

	(void)state;
	write_one(place.store, 1, 1, 10);
	assert_int_equal(store_write_begin(place.store, &writer), RKO_OK);
	put(writer, 1, 2, 20, false);
	assert_int_equal(read_one(store_writer_reader(writer), 1, UINT32_MAX), 20);
	store_write_abort(writer);
	reader = reader_now(place.store);
	assert_int_equal(read_one(reader, 1, UINT32_MAX), 10);
	store_reader_close(reader);
	place_remove(&place);
}

enum { ADDERS = 4, ADDED = 50 };

/* Reads the newest value and writes one more: lost when two do it at once. */
static void add_one(struct store *store)
{
	struct generation newest;
	struct store_writer *writer;
	int64_t value;

	assert_int_equal(store_write_begin(store, &writer), RKO_OK);
	assert_int_equal(store_newest(store_writer_reader(writer), &newest), RKO_OK);
	value = read_one(store_writer_reader(writer), 1, newest.number);
	put(writer, 1, newest.number + 1, (uint32_t)(value + 1), false);
	put_generation(writer, newest.number + 1, 0);
	assert_int_equal(store_write_commit(writer), RKO_OK);
}

static void *add_in_a_thread(void *store)
{
	for (int i = 0; i < ADDED; i++)
		add_one(store);
	return NULL;
}

static void writers_wait_for_each_other(void **state)
{
	struct place place = place_new();
	pid_t children[ADDERS];
	pthread_t threads[ADDERS];
	struct store_reader *reader;
	int status;

	(void)state;
	place_open(&place, STORE_CREATE | STORE_NOSYNC, 0);
	write_one(place.store, 1, 1, 0);
	store_close(place.store);
	for (int i = 0; i < ADDERS; i++) {
		children[i] = fork();	/* no store is open: a child opens its own */
		if (children[i] == 0) {
			struct store *store;

			if (store_open(place.path, STORE_WRITE | STORE_NOSYNC, 0, &store) != RKO_OK)
				_exit(1);
			add_in_a_thread(store);
			store_close(store);
			_exit(0);
		}
	}
	place_open(&place, STORE_WRITE | STORE_NOSYNC, 0);
	for (int i = 0; i < ADDERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, add_in_a_thread, place.store), 0);
	for (int i = 0; i < ADDERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (int i = 0; i < ADDERS; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	reader = reader_now(place.store);
	assert_int_equal(read_one(reader, 1, UINT32_MAX), 2 * ADDERS * ADDED);
	store_reader_close(reader);
	place_remove(&place);
}

/* Runs in a child until it is killed: says through the pipe that it has come so far. */
static pid_t child_that_hangs(const char *path, unsigned flags, void (*act)(struct store *store))
{
	int ready[2];
	pid_t child;
	char byte;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct store *store;

		if (store_open(path, flags, 0, &store) != RKO_OK)
			_exit(1);
		act(store);
		if (write(ready[1], "!", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return child;
}

static void kill_child(pid_t child)
{
	int status;

	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
}

static void read_for_ever(struct store *store) { reader_now(store); }

static void write_for_ever(struct store *store)
{
	struct store_writer *writer;

	assert_int_equal(store_write_begin(store, &writer), RKO_OK);
	put(writer, 1, 2, 99, false);
}

static void a_killed_reader_is_forgotten(void **state)
{
	struct place place = place_with_store();
	pid_t child;
	int dead;

	(void)state;
	write_one(place.store, 1, 1, 10);
	store_close(place.store);
	child = child_that_hangs(place.path, 0, read_for_ever);
	place_open(&place, STORE_WRITE | STORE_NOSYNC, 0);
	assert_int_equal(store_clean(place.store, &dead), RKO_OK);
	assert_int_equal(dead, 0);	/* it lives */
	kill_child(child);
	assert_int_equal(store_clean(place.store, &dead), RKO_OK);
	assert_int_equal(dead, 1);
	assert_int_equal(store_clean(place.store, &dead), RKO_OK);
	assert_int_equal(dead, 0);
	place_remove(&place);
}

/* A writer forgets dead readers by itself, so that their pages are used again. */
static void a_killed_reader_does_not_fill_the_store(void **state)
{
	struct place place = place_with_store();
	size_t before, after, map;
	pid_t child;
	int dead;

	(void)state;
	for (uint32_t i = 1; i < 200; i++)
		write_one(place.store, i, i, i);
	store_close(place.store);
	child = child_that_hangs(place.path, 0, read_for_ever);
	place_open(&place, STORE_WRITE | STORE_NOSYNC, 0);	/* who opens a store alone begins with no readers */
	kill_child(child);
	store_size(place.store, &before, &map);
	for (uint32_t i = 0; i < 500; i++)	/* every one changes the same pages */
		write_one(place.store, 1, 1000 + i % 2, i);
	store_size(place.store, &after, &map);
	assert_true(after < before + 100 * 4096);
	assert_int_equal(store_clean(place.store, &dead), RKO_OK);
	assert_int_equal(dead, 0);
	place_remove(&place);
}

static void a_killed_writer_leaves_nothing(void **state)
{
	struct place place = place_with_store();
	struct store_reader *reader;
	pid_t child;

	(void)state;
	write_one(place.store, 1, 1, 10);
	store_close(place.store);
	child = child_that_hangs(place.path, STORE_WRITE | STORE_NOSYNC, write_for_ever);
	kill_child(child);
	place_open(&place, STORE_WRITE | STORE_NOSYNC, 0);
	reader = reader_now(place.store);
	assert_int_equal(read_one(reader, 1, UINT32_MAX), 10);
	store_reader_reset(reader);
	write_one(place.store, 1, 2, 20);	/* the lock is free */
	assert_int_equal(store_reader_renew(reader), RKO_OK);
	assert_int_equal(read_one(reader, 1, UINT32_MAX), 20);
	store_reader_close(reader);
	place_remove(&place);
}

/* Growing --------------------------------------------------------------------------------------------- */

enum { BLOCK = 4000, BLOCKS = 256 };

/* About a megabyte of new rows from an id on. */
static enum rko_status put_megabyte(struct store_writer *writer, uint32_t from)
{
	static uint8_t row[ROW_HEAD + BLOCK];
	enum rko_status status = RKO_OK;

	for (uint32_t i = 0; i < BLOCKS && status == RKO_OK; i++) {
		uint8_t key[KEY + KEY_TAIL];
		size_t size = row_key(key, KIND, from + i, 1);

		put_le16(row + 8, 1);
		put_le32(row + ROW_HEAD, from + i);
		put_le64(row, row_checksum(key, size, row, sizeof row));
		status = store_put_row(writer, key, size, row, sizeof row, false);
	}
	return status;
}

static enum rko_status write_megabyte(struct store *store, uint32_t from)
{
	struct store_writer *writer;
	enum rko_status status = store_write_begin(store, &writer);

	assert_int_equal(status, RKO_OK);
	status = put_megabyte(writer, from);
	if (status != RKO_OK) {
		store_write_abort(writer);
		return status;
	}
	return store_write_commit(writer);
}

struct watcher {
	struct store *store;
	bool stop;		/* atomic */
	uint64_t reads;
};

static void *read_all_the_time(void *context)
{
	struct watcher *watcher = context;
	struct store_reader *reader;

	assert_int_equal(store_reader_open(watcher->store, &reader), RKO_OK);
	while (!__atomic_load_n(&watcher->stop, __ATOMIC_SEQ_CST)) {
		assert_int_equal(store_reader_renew(reader), RKO_OK);
		assert_int_equal(read_one(reader, 0, 1), 0);
		if (watcher->reads++ % 3 == 0) {	/* closed while it reads */
			store_reader_close(reader);
			assert_int_equal(store_reader_open(watcher->store, &reader), RKO_OK);
		} else {
			store_reader_reset(reader);
		}
	}
	store_reader_close(reader);
	return NULL;
}

/* Two readers in this process and one in another while the map is replaced. */
static void readers_over_a_growing_map(void **state)
{
	enum { READERS = 2 };
	struct place place = place_with_store();
	struct watcher watchers[READERS] = { { 0 } };
	pthread_t threads[READERS];
	int ends[2], status;
	pid_t child;

	(void)state;
	assert_int_equal(write_megabyte(place.store, 0), RKO_OK);
	store_close(place.store);
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		struct store_reader *reader;
		struct store *store;
		char byte;

		if (store_open(place.path, 0, 0, &store) != RKO_OK)
			_exit(1);
		reader = reader_now(store);
		store_reader_reset(reader);
		close(ends[1]);
		if (read(ends[0], &byte, 1) != 1)	/* until the parent has made the map larger */
			_exit(2);
		if (store_reader_renew(reader) != RKO_OK)
			_exit(3);
		_exit(read_one(reader, 150 * BLOCKS, 1) == 150 * BLOCKS ? 0 : 4);
	}
	place_open(&place, STORE_WRITE | STORE_NOSYNC, 0);
	for (int i = 0; i < READERS; i++) {
		watchers[i].store = place.store;
		assert_int_equal(pthread_create(&threads[i], NULL, read_all_the_time, &watchers[i]), 0);
	}
	for (uint32_t i = 1; i <= 160; i++) {
		enum rko_status written = write_megabyte(place.store, i * BLOCKS);

		while (written == RKO_FACTS_FULL) {
			assert_int_equal(store_grow(place.store, 0), RKO_OK);
			written = write_megabyte(place.store, i * BLOCKS);
		}
		assert_int_equal(written, RKO_OK);
	}
	for (int i = 0; i < READERS; i++) {
		__atomic_store_n(&watchers[i].stop, true, __ATOMIC_SEQ_CST);
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_true(watchers[i].reads > 0);
	}
	assert_int_equal(write(ends[1], "!", 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(ends[0]);
	close(ends[1]);
	place_remove(&place);
}

static void growing_ends_at_the_bound(void **state)
{
	struct place place = place_new();
	struct store_reader *reader;
	enum rko_status status;
	uint32_t written = 0;
	size_t used, map;

	(void)state;
	place_open(&place, STORE_CREATE | STORE_NOSYNC, 80u << 20);
	for (;;) {
		status = write_megabyte(place.store, written * BLOCKS);
		if (status == RKO_FACTS_FULL)
			status = store_grow(place.store, 0);
		else
			written++;
		if (status != RKO_OK)
			break;
	}
	assert_int_equal(status, RKO_FACTS_FULL);
	store_size(place.store, &used, &map);
	assert_int_equal(map, 80u << 20);
	assert_true(written > 30 && used <= map);
	reader = reader_now(place.store);	/* what was stored is there, what was not is not */
	assert_int_equal(read_one(reader, (written - 1) * BLOCKS, 1), (written - 1) * BLOCKS);
	assert_int_equal(read_one(reader, written * BLOCKS, 1), -1);
	store_reader_close(reader);
	assert_int_equal(store_grow(place.store, 1u << 30), RKO_OK);	/* as far as it may */
	store_size(place.store, &used, &map);
	assert_int_equal(map, 80u << 20);
	place_remove(&place);
}

/* A disk that takes no more: a bound on the size of files stands for it. */
static void a_full_disk(void **state)
{
	struct place place = place_with_store();
	struct store_reader *reader;
	pid_t child;
	int status;

	(void)state;
	assert_int_equal(write_megabyte(place.store, 0), RKO_OK);
	store_close(place.store);
	child = fork();
	if (child == 0) {
		struct rlimit limit = { 4u << 20, 4u << 20 };
		struct store *store;
		enum rko_status written = RKO_OK;

		signal(SIGXFSZ, SIG_IGN);
		if (setrlimit(RLIMIT_FSIZE, &limit) || store_open(place.path, STORE_WRITE, 0, &store) != RKO_OK)
			_exit(1);
		for (uint32_t i = 1; i < 40 && written == RKO_OK; i++)
			written = write_megabyte(store, i * BLOCKS);
		_exit(written == RKO_FACTS_FULL || written == RKO_IO ? 0 : 100 + (int)written);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	place_open(&place, STORE_WRITE | STORE_NOSYNC, 0);
	reader = reader_now(place.store);
	for (uint32_t i = 0; i < BLOCKS; i++)
		assert_int_equal(read_one(reader, i, 1), i);
	assert_int_equal(read_one(reader, 39 * BLOCKS, 1), -1);
	store_reader_reset(reader);
	assert_int_equal(write_megabyte(place.store, 100 * BLOCKS), RKO_OK);	/* room again */
	store_reader_close(reader);
	place_remove(&place);
}

/* Damage --------------------------------------------------------------------------------------------- */

struct entry {
	uint8_t key[64], value[128];
	size_t key_size, size;
};

/* Changes a database with LMDB alone. `change` gives false to leave the entry as it is. */
static void damage(const char *path, const char *database, bool (*change)(struct entry *entry, void *context),
		   void *context)
{
	struct entry entries[64];
	size_t count = 0;
	MDB_val key, value;
	MDB_cursor *cursor;
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, 8), 0);
	assert_int_equal(mdb_env_open(env, path, MDB_NOSYNC, 0640), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, database, 0, &dbi), 0);
	assert_int_equal(mdb_cursor_open(txn, dbi, &cursor), 0);
	while (count < 64 && mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
		struct entry *entry = &entries[count++];

		assert_true(key.mv_size <= sizeof entry->key && value.mv_size <= sizeof entry->value);
		memcpy(entry->key, key.mv_data, entry->key_size = key.mv_size);
		memcpy(entry->value, value.mv_data, entry->size = value.mv_size);
	}
	mdb_cursor_close(cursor);
	assert_true(count > 0);
	for (size_t i = 0; i < count; i++) {
		if (!change(&entries[i], context))
			continue;
		key = (MDB_val){ entries[i].key_size, entries[i].key };
		value = (MDB_val){ entries[i].size, entries[i].value };
		assert_int_equal(mdb_put(txn, dbi, &key, &value, 0), 0);
	}
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

/* Of the row with id i, byte i of the value. */
static bool flip_byte_of_its_number(struct entry *entry, void *context)
{
	uint32_t id = get_be32(entry->key + KEY_HEAD);

	(void)context;
	if (id >= entry->size)
		return false;
	entry->value[id] ^= 0x40;
	return true;
}

static void every_byte_of_a_row(void **state)
{
	struct place place = place_with_store();
	struct store_cursor cursor = { .key_size = 0 };
	uint8_t key[KEY + KEY_TAIL], prefix[KEY_HEAD];
	struct store_reader *reader;
	struct row row;
	bool found;

	(void)state;
	for (uint32_t i = 0; i < ROW_HEAD + 5; i++)	/* the last one stays whole */
		write_one(place.store, i, i + 1, i);
	store_close(place.store);
	damage(place.path, "rows", flip_byte_of_its_number, NULL);
	place_open(&place, 0, 0);
	reader = reader_now(place.store);
	for (uint32_t i = 0; i < ROW_HEAD + 4; i++) {
		row_key(key, KIND, i, 0);
		found = true;
		assert_int_equal(store_get(reader, key, KEY, UINT32_MAX, &row, &found), RKO_FACTS_DAMAGED);
		assert_false(found);
		cursor = (struct store_cursor){ .key_size = 0 };
		assert_int_equal(store_history(reader, &cursor, key, KEY, &row, &found), RKO_FACTS_DAMAGED);
		assert_false(found);
		cursor = (struct store_cursor){ .key_size = 0 };
		assert_int_equal(store_next(reader, &cursor, key, KEY, UINT32_MAX, &row, &found), RKO_FACTS_DAMAGED);
		assert_false(found);
	}
	assert_int_equal(read_one(reader, ROW_HEAD + 4, UINT32_MAX), ROW_HEAD + 4);
	put_be16(prefix, KIND);
	cursor = (struct store_cursor){ .unbounded = true, .removed = true };
	assert_int_equal(store_next(reader, &cursor, prefix, KEY_HEAD, UINT32_MAX, &row, &found), RKO_FACTS_DAMAGED);
	store_reader_close(reader);
	place_remove(&place);
}

/* A row that is whole, under the key of another. */
static bool swap_ids(struct entry *entry, void *context)
{
	(void)context;
	put_be32(entry->key + KEY_HEAD, get_be32(entry->key + KEY_HEAD) == 1 ? 2 : 1);
	return true;
}

/* The same row in an earlier or later generation. */
static bool other_generation(struct entry *entry, void *context)
{
	(void)context;
	put_be32(entry->key + KEY, ~2u);
	return true;
}

static void a_row_under_another_key(void **state)
{
	struct place place = place_with_store();
	uint8_t key[KEY + KEY_TAIL];
	struct store_reader *reader;
	struct row row;
	bool found;

	(void)state;
	write_one(place.store, 1, 1, 10);
	write_one(place.store, 2, 1, 20);
	store_close(place.store);
	damage(place.path, "rows", swap_ids, NULL);
	place_open(&place, 0, 0);
	reader = reader_now(place.store);
	for (uint32_t i = 1; i <= 2; i++) {
		row_key(key, KIND, i, 0);
		assert_int_equal(store_get(reader, key, KEY, 1, &row, &found), RKO_FACTS_DAMAGED);
	}
	store_reader_close(reader);
	place_remove(&place);

	place = place_with_store();
	write_one(place.store, 1, 1, 10);
	store_close(place.store);
	damage(place.path, "rows", other_generation, NULL);
	place_open(&place, 0, 0);
	reader = reader_now(place.store);
	row_key(key, KIND, 1, 0);
	assert_int_equal(store_get(reader, key, KEY, 2, &row, &found), RKO_FACTS_DAMAGED);
	assert_int_equal(read_one(reader, 1, 1), 10);	/* the old one is still what it was */
	store_reader_close(reader);
	place_remove(&place);
}

struct flip {
	size_t at;
	size_t size;	/* of the first entry that was looked at */
	bool done;
};

/* One byte of the first entry whose key does not say the format. */
static bool flip_at(struct entry *entry, void *context)
{
	struct flip *flip = context;

	if (flip->done || (entry->key_size == 6 && memcmp(entry->key, "format", 6) == 0))
		return false;
	flip->done = true;
	flip->size = entry->size;
	if (flip->at >= entry->size)
		return false;
	entry->value[flip->at] ^= 0x01;
	return true;
}

static bool keep_on(void *context, struct text what, struct text value)
{
	(void)context;
	(void)what;
	(void)value;
	return true;
}

static enum rko_status read_entry(struct store_reader *reader, const char *database)
{
	struct generation generation;
	struct text text;
	int64_t instant;
	uint32_t number;
	bool found;

	if (strcmp(database, "ids") == 0)
		return store_number(reader, TEXT("liisa"), &number);
	if (strcmp(database, "names") == 0)
		return store_name(reader, 0, &text);
	if (strcmp(database, "schema") == 0) {
		enum rko_status status = store_values(reader, TEXT("k "), keep_on, NULL);

		assert_int_equal(store_value(reader, TEXT("k record"), &text, &found), status);
		return status;
	}
	if (strcmp(database, "refreshed") == 0)
		return store_refreshed(reader, 7, 1, &instant, &found);
	assert_int_equal(store_generation(reader, 1, &generation), store_newest(reader, &generation));
	return store_newest(reader, &generation);
}

/* Every byte of what is no row, in each of the other databases. */
static void every_byte_of_other_values(void **state)
{
	static const char *const databases[] = { "ids", "names", "schema", "meta", "refreshed" };

	(void)state;
	for (size_t i = 0; i < sizeof databases / sizeof databases[0]; i++) {
		bool refreshed = strcmp(databases[i], "refreshed") == 0;
		struct flip flip = { .size = 1 };

		for (; flip.at <= flip.size; flip.at++) {
			struct place place = place_with_store();
			struct store_reader *reader;
			struct store_writer *writer;
			enum rko_status expected;

			assert_int_equal(store_write_begin(place.store, &writer), RKO_OK);
			assert_int_equal(store_put_name(writer, 0, TEXT("liisa"), true), RKO_OK);
			assert_int_equal(store_put_number(writer, TEXT("liisa"), 0, false), RKO_OK);
			assert_int_equal(store_put_value(writer, TEXT("k record"), TEXT("1\nid string -")), RKO_OK);
			if (refreshed)
				assert_int_equal(store_put_refreshed(writer, 7, 1, 1000), RKO_OK);
			else
				put_generation(writer, 1, 1000);
			assert_int_equal(store_write_commit(writer), RKO_OK);
			store_close(place.store);
			flip.done = false;
			damage(place.path, refreshed ? "meta" : databases[i], flip_at, &flip);
			expected = flip.at < flip.size ? RKO_FACTS_DAMAGED : RKO_OK;
			place_open(&place, 0, 0);
			reader = reader_now(place.store);
			assert_int_equal(read_entry(reader, databases[i]), expected);
			store_reader_close(reader);
			place_remove(&place);
		}
		assert_true(flip.size >= 8);
	}
}

static bool other_format(struct entry *entry, void *context)
{
	const uint32_t *format = context;

	if (entry->key_size != 6 || memcmp(entry->key, "format", 6) != 0)
		return false;
	put_le32(entry->value, *format);
	return true;
}

static bool flip_format_checksum(struct entry *entry, void *context)
{
	(void)context;
	if (entry->key_size != 6 || memcmp(entry->key, "format", 6) != 0)
		return false;
	entry->value[4] ^= 1;
	return true;
}

static void a_store_of_another_format(void **state)
{
	struct place place = place_with_store();
	uint32_t formats[] = { STORE_FORMAT + 1, STORE_FORMAT };
	struct store *store = NULL;

	(void)state;
	store_close(place.store);
	damage(place.path, "schema", other_format, &formats[0]);
	assert_int_equal(store_open(place.path, 0, 0, &store), RKO_FACTS_SCHEMA);
	assert_int_equal(store_open(place.path, STORE_CREATE, 0, &store), RKO_FACTS_SCHEMA);
	damage(place.path, "schema", other_format, &formats[1]);
	place_open(&place, 0, 0);
	store_close(place.store);
	damage(place.path, "schema", flip_format_checksum, NULL);
	assert_int_equal(store_open(place.path, 0, 0, &store), RKO_FACTS_DAMAGED);
	assert_null(store);
	place.store = NULL;
	place_remove(&place);
}

/* Whatever lies where the store should be. */
static void a_file_that_is_no_store(void **state)
{
	struct place place = place_new();
	char zeros[8192] = { 0 };
	struct store *store = NULL;

	(void)state;
	assert_int_equal(mkdir(place.path, 0700), 0);
	free(file_write(place.path, "data.mdb", zeros, sizeof zeros));
	assert_int_equal(store_open(place.path, 0, 0, &store), RKO_FACTS_DAMAGED);
	assert_int_equal(store_open(place.path, STORE_CREATE, 0, &store), RKO_FACTS_DAMAGED);
	free(file_write(place.path, "data.mdb", "no store", 8));
	assert_int_not_equal(store_open(place.path, 0, 0, &store), RKO_OK);
	assert_null(store);
	free(place.path);
	place.path = file_write(place.folder, "file", "a file", 6);
	assert_int_not_equal(store_open(place.path, 0, 0, &store), RKO_OK);
	assert_int_not_equal(store_open(place.path, STORE_CREATE, 0, &store), RKO_OK);
	place_remove(&place);
}

/* Decisions ------------------------------------------------------------------------------------------- */

struct nth {
	uint32_t wanted, seen;
};

/* One bit of the n-th row, behind its checksum. */
static bool flip_nth(struct entry *entry, void *context)
{
	struct nth *nth = context;

	if (nth->seen++ != nth->wanted)
		return false;
	entry->value[entry->size - 1] ^= 0x10;
	return true;
}

static struct rko_decision decide(struct rko_session *session, struct rko_policy *policy, const char *action,
				  const char *customer, const char *copy)
{
	struct rko_decision decision;
	struct rko_request *request;

	assert_int_equal(rko_request_new(policy, "library", &request), RKO_OK);
	rko_request_action(request, action);
	rko_request_set(request, "customer", customer);
	rko_request_set(request, "copy", copy);
	rko_request_set(request, "channel", "desk");
	rko_request_set(request, "wishes", "book");
	rko_request_at(request, instant("2026-06-15T12:00+03:00"));
	rko_decide(session, request, &decision);
	decision.because = decision.rule_name = "";
	decision.trace = NULL;
	rko_request_free(request);
	return decision;
}

enum { ASKED = 5 };

static void decide_all(const char *path, struct rko_policy *policy, struct rko_decision decisions[ASKED])
{
	static const char *const asked[ASKED][3] = {
		{ "lend", "liisa", "c1" },    { "reserve", "kaisa", "c1" }, { "renew", "liisa", "c1" },
		{ "lend", "pekka", "c2" },    { "reserve", "pekka", "c3" },
	};
	struct rko_facts *facts;
	struct rko_session *session;

	assert_int_equal(rko_facts_open(path, 0, &facts, NULL), RKO_OK);
	assert_int_equal(rko_session_open(policy, facts, &session, NULL), RKO_OK);
	for (int i = 0; i < ASKED; i++)
		decisions[i] = decide(session, policy, asked[i][0], asked[i][1], asked[i][2]);
	rko_session_close(session);
	rko_facts_close(facts);
}

/* Whichever row is damaged: what reads it is denied with a status, what does not is as before. */
static void damaged_rows_deny(void **state)
{
	struct rko_policy *policy = policy_compile(NULL, "tests/common/library.rko");
	char *folder = folder_new(), *path, *yaml = file_read("tests/common/library.yaml", NULL);
	struct rko_decision whole[ASKED], damaged[ASKED];
	struct rko_facts *facts = facts_new(folder);
	uint32_t rows = (uint32_t)facts_load(facts, policy, yaml).rows, noticed = 0;

	(void)state;
	assert_true(asprintf(&path, "%s/facts", folder) > 0);
	rko_facts_close(facts);
	decide_all(path, policy, whole);
	assert_int_equal(whole[1].outcome, RKO_GRANTED);
	for (uint32_t i = 0; i < rows; i++) {
		struct nth nth = { .wanted = i };

		damage(path, "rows", flip_nth, &nth);
		assert_int_equal(nth.seen, rows);
		decide_all(path, policy, damaged);
		for (int j = 0; j < ASKED; j++) {
			if (damaged[j].status == RKO_OK) {
				assert_int_equal(damaged[j].outcome, whole[j].outcome);
				assert_int_equal(damaged[j].rule, whole[j].rule);
				continue;
			}
			noticed++;
			assert_int_equal(damaged[j].status, RKO_FACTS_DAMAGED);
			assert_int_equal(damaged[j].outcome, RKO_NOT_GRANTED);
			assert_int_equal(damaged[j].duties, 0);
		}
		nth.seen = 0;
		damage(path, "rows", flip_nth, &nth);	/* and back */
	}
	assert_true(noticed >= rows);
	decide_all(path, policy, damaged);
	for (int j = 0; j < ASKED; j++)
		assert_int_equal(damaged[j].outcome, whole[j].outcome);
	free(path);
	free(yaml);
	folder_remove(folder);
	rko_policy_unref(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opening),
		cmocka_unit_test(a_path_through_a_link_is_the_same_store),
		cmocka_unit_test(a_store_is_its_files),
		cmocka_unit_test(folders_that_may_not_be_written),
		cmocka_unit_test(as_of_every_generation),
		cmocka_unit_test(generations_and_recorded_times),
		cmocka_unit_test(refreshes),
		cmocka_unit_test(strings),
		cmocka_unit_test(a_reader_sees_one_state),
		cmocka_unit_test(what_is_aborted_is_not_there),
		cmocka_unit_test(writers_wait_for_each_other),
		cmocka_unit_test(a_killed_reader_is_forgotten),
		cmocka_unit_test(a_killed_reader_does_not_fill_the_store),
		cmocka_unit_test(a_killed_writer_leaves_nothing),
		cmocka_unit_test(readers_over_a_growing_map),
		cmocka_unit_test(growing_ends_at_the_bound),
		cmocka_unit_test(a_full_disk),
		cmocka_unit_test(every_byte_of_a_row),
		cmocka_unit_test(a_row_under_another_key),
		cmocka_unit_test(every_byte_of_other_values),
		cmocka_unit_test(a_store_of_another_format),
		cmocka_unit_test(a_file_that_is_no_store),
		cmocka_unit_test(damaged_rows_deny),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
