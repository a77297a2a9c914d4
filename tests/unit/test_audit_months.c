/* SPDX-License-Identifier: EUPL-1.2 */
/* The record and the calendar: a folder for each month, clocks that jump, months that are taken away. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "tests/common/audit.h"
#include "tests/common/fixture.h"

/* The system's calls with a clock of the test's own, and one write or removal that fails. */
static int64_t wall;
static bool no_records;		/* the first write of records into a new segment fails */
static unsigned removals;	/* so many succeed */

static int64_t own_now(void)
{
	return wall;
}

static ssize_t own_pwrite(int file, const void *data, size_t size, off_t at)
{
	if (no_records && at == SEGMENT_HEAD) {
		errno = EIO;
		return -1;
	}
	return pwrite(file, data, size, at);
}

static int own_unlinkat(int folder, const char *path, int flags)
{
	if (strstr(path, ".seg") && !removals--) {
		errno = EIO;
		return -1;
	}
	return unlinkat(folder, path, flags);
}

static struct audit_io own;

static void set_clock(const char *instant)
{
	int64_t seconds;

	assert_int_equal(rko_instant_parse(instant, &seconds), RKO_OK);
	wall = seconds * 1000000000;
}

static int set_up(void **state)
{
	(void)state;
	own = audit_io_system;
	own.now = own_now;
	own.pwrite = own_pwrite;
	own.unlinkat = own_unlinkat;
	no_records = false;
	removals = 1000;
	set_clock("2026-01-15T12:00+02:00");
	return 0;
}

/* The months of the segments that there are, in their order: "2026-06 2026-07" */
static const char *months(const char *path)
{
	static char text[400];
	struct segment_list list;
	struct folder folder;
	size_t used = 0;

	assert_int_equal(folder_open(path, &folder, NULL), RKO_OK);
	assert_int_equal(folder_segments(&folder, &list), RKO_OK);
	text[0] = '\0';
	for (size_t i = 0; i < list.count; i++) {
		month_path(list.names[i].month, text + used);
		used += 7;
		text[used++] = i + 1 < list.count ? ' ' : '\0';
	}
	segment_list_free(&list);
	folder_close(&folder);
	return text;
}

static void put_at(struct rko_audit *audit, const char *instant)
{
	static int seed;

	set_clock(instant);
	audit_put(audit, seed++, 1, 100);
}

static void good(const char *path, uint64_t records)
{
	struct verify_found found = audit_look(path, NULL, 0);

	assert_string_equal(found.what, "");
	assert_false(found.bad);
	assert_int_equal(found.records, records);
}

/* Months are Helsinki's, in summer as in winter. */
static void month_begins_at_midnight_in_helsinki(void **state)
{
	char *folder = folder_new(), *path = audit_new(folder);
	struct rko_audit *audit = audit_begin(path, &own);

	(void)state;
	put_at(audit, "2026-01-31T21:59:59Z");
	assert_string_equal(months(path), "2026-01");
	put_at(audit, "2026-01-31T22:00:00Z");
	assert_string_equal(months(path), "2026-01 2026-02");
	/* clocks go forward on the 29th of March and back on the 25th of October */
	put_at(audit, "2026-03-29T00:59:59Z");
	put_at(audit, "2026-03-29T01:00:00Z");
	put_at(audit, "2026-06-30T20:59:59Z");
	put_at(audit, "2026-06-30T21:00:00Z");
	put_at(audit, "2026-10-25T00:59:59Z");
	put_at(audit, "2026-10-25T01:00:00Z");
	put_at(audit, "2026-10-31T21:59:59Z");
	put_at(audit, "2026-10-31T22:00:00Z");
	assert_string_equal(months(path), "2026-01 2026-02 2026-03 2026-06 2026-07 2026-10 2026-11");
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	good(path, 12);
	free(path);
	folder_remove(folder);
}

/* A clock that was set back turns neither the order of the records round nor that of the months; also when it is so at the start. */
static void month_does_not_go_back(void **state)
{
	char *folder = folder_new(), *path = audit_new(folder);
	struct rko_audit *audit = audit_begin(path, &own);

	(void)state;
	put_at(audit, "2026-03-01T00:00+02:00");
	put_at(audit, "2026-02-10T12:00+02:00");
	assert_string_equal(months(path), "2026-01 2026-03");
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	audit = audit_begin(path, &own);
	put_at(audit, "2026-02-11T12:00+02:00");
	put_at(audit, "2026-03-01T00:00:01+02:00");
	put_at(audit, "2026-04-01T00:00+03:00");
	assert_string_equal(months(path), "2026-01 2026-03 2026-04");
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	good(path, 9);
	free(path);
	folder_remove(folder);
}

/* A crash between the name of a new segment and its first record leaves it empty; the next month may have come meanwhile. */
static void empty_segment_of_another_month_is_not_in_the_way(void **state)
{
	char *folder = folder_new(), *path = audit_new(folder);
	struct rko_audit *audit = audit_begin(path, &own);
	struct rko_audit_batch *batch;

	(void)state;
	put_at(audit, "2026-01-31T12:00+02:00");
	set_clock("2026-02-28T12:00+02:00");
	no_records = true;
	assert_int_equal(rko_audit_batch_new(&batch), RKO_OK);
	audit_batch(batch, 7, 1, 100);
	assert_int_equal(rko_audit_append(audit, batch, NULL), RKO_IO);
	rko_audit_batch_free(batch);
	assert_int_not_equal(rko_audit_close(audit), RKO_OK);
	no_records = false;
	assert_string_equal(months(path), "2026-01 2026-02");
	set_clock("2026-03-01T12:00+02:00");
	audit = audit_begin(path, &own);
	put_at(audit, "2026-03-01T12:01+02:00");
	assert_string_equal(months(path), "2026-01 2026-03");
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	audit = audit_begin(path, &own);
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	good(path, 7);
	free(path);
	folder_remove(folder);
}

/* Taking away ------------------------------------------------------------------------------------- */

/* A log of four months with two records and more in each. */
static struct rko_audit *four_months(const char *path)
{
	struct rko_audit *audit = audit_begin(path, &own);

	put_at(audit, "2026-01-10T12:00+02:00");
	put_at(audit, "2026-02-10T12:00+02:00");
	put_at(audit, "2026-02-11T12:00+02:00");
	put_at(audit, "2026-03-10T12:00+02:00");
	put_at(audit, "2026-03-11T12:00+02:00");
	put_at(audit, "2026-04-10T12:00+03:00");
	assert_string_equal(months(path), "2026-01 2026-02 2026-03 2026-04");
	return audit;
}

static void months_are_taken_away(void **state)
{
	char *folder = folder_new(), *path = audit_new(folder), text[RKO_AUDIT_CHECKPOINT_TEXT];
	struct rko_audit *audit = four_months(path);
	struct checkpoint outside;
	struct verify_found found;
	struct rko_fault fault;
	struct folder at;
	uint64_t first = 0;
	size_t segments = 0;

	(void)state;
	assert_int_equal(rko_audit_checkpoint(audit, text), RKO_OK);
	/* a slip would take all but the last */
	assert_int_equal(audit_expire(audit, 206203, &first, &segments, &fault), RKO_ARGUMENT);
	assert_string_equal(months(path), "2026-01 2026-02 2026-03 2026-04");
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	audit = audit_begin(path, &own);
	assert_int_equal(audit_expire(audit, 202603, &first, &segments, &fault), RKO_OK);
	assert_int_equal(first, 4);
	assert_int_equal(segments, 2);
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	assert_string_equal(months(path), "2026-03 2026-04");
	assert_int_equal(folder_open(path, &at, NULL), RKO_OK);
	assert_int_equal(note_open(&at.key, text_from(text), &outside), NOTE_OK);
	folder_close(&at);
	found = audit_look(path, &outside, 1);
	assert_string_equal(found.what, "");
	assert_int_equal(found.first, 4);
	audit = audit_begin(path, &own);
	assert_int_equal(audit_expire(audit, 202603, &first, &segments, &fault), RKO_ARGUMENT);
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	found = audit_look(path, &outside, 1);
	assert_string_equal(found.what, "");
	free(path);
	folder_remove(folder);
}

/* Half of a record behind the last one, as a crash leaves it: it is set aside when the log is opened. */
static struct rko_audit *tear(const char *path, struct rko_audit *audit)
{
	struct segment_list list;
	struct folder folder;
	char name[FOLDER_NAME], whole[400];
	struct rko_audit_about about;
	size_t size;
	char *data;
	FILE *file;

	assert_int_equal(rko_audit_close(audit), RKO_OK);
	assert_int_equal(folder_open(path, &folder, NULL), RKO_OK);
	assert_int_equal(folder_segments(&folder, &list), RKO_OK);
	segment_path(&list.names[list.count - 1], name);
	segment_list_free(&list);
	folder_close(&folder);
	snprintf(whole, sizeof whole, "%s/%s", path, name);
	data = file_read(whole, &size);
	while (!data[size - 1])
		size--;
	free(data);
	file = fopen(whole, "r+b");
	assert_non_null(file);
	assert_int_equal(fseek(file, (long)((size + 7) & ~7ul), SEEK_SET), 0);
	assert_int_equal(fwrite("half of a record", 1, 16, file), 16);
	assert_int_equal(fclose(file), 0);
	audit = audit_begin(path, &own);
	rko_audit_about(audit, &about);
	assert_int_equal(about.set_aside, 1);
	return audit;
}

static bool count_one(void *context, const char *path, uint64_t record)
{
	unsigned *count = context;

	(void)path;
	(void)record;
	++*count;
	return true;
}

static unsigned asides(const char *path)
{
	struct folder folder;
	unsigned count = 0;

	assert_int_equal(folder_open(path, &folder, NULL), RKO_OK);
	assert_int_equal(folder_asides(&folder, count_one, &count), RKO_OK);
	folder_close(&folder);
	return count;
}

/* They hold what records hold, and are kept as long. */
static void torn_ends_go_with_their_month(void **state)
{
	char *folder = folder_new(), *path = audit_new(folder);
	struct rko_audit *audit = audit_begin(path, &own);
	struct rko_fault fault;
	uint64_t first = 0;
	size_t segments = 0;

	(void)state;
	assert_int_equal(asides(path), 0);
	put_at(audit, "2026-01-20T12:00+02:00");
	audit = tear(path, audit);
	put_at(audit, "2026-02-20T12:00+02:00");
	audit = tear(path, audit);
	put_at(audit, "2026-03-20T12:00+02:00");
	assert_int_equal(asides(path), 2);
	assert_int_equal(audit_expire(audit, 202602, &first, &segments, &fault), RKO_OK);
	assert_int_equal(rko_audit_close(audit), RKO_OK);
	assert_int_equal(asides(path), 1);
	assert_string_equal(audit_look(path, NULL, 0).what, "");
	free(path);
	folder_remove(folder);
}

/* Whatever ends it in between, what stays is whole and goes on. */
static void taking_away_may_end_anywhere(void **state)
{
	for (unsigned most = 0; most < 3; most++) {
		char *folder = folder_new(), *path = audit_new(folder);
		struct rko_audit *audit;
		struct rko_fault fault;
		uint64_t first = 0;
		size_t segments = 0;

		set_up(state);
		audit = four_months(path);
		removals = most;
		assert_int_equal(audit_expire(audit, 202604, &first, &segments, &fault), RKO_IO);
		rko_audit_close(audit);
		removals = 1000;
		assert_string_equal(audit_look(path, NULL, 0).what, "");
		assert_int_equal(audit_look(path, NULL, 0).segments, 4 - most);
		audit = audit_begin(path, &own);
		assert_int_equal(audit_expire(audit, 202604, &first, &segments, &fault), RKO_OK);
		assert_int_equal(segments, 3 - most);
		assert_int_equal(rko_audit_close(audit), RKO_OK);
		assert_string_equal(audit_look(path, NULL, 0).what, "");
		assert_string_equal(months(path), "2026-04");
		free(path);
		folder_remove(folder);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(month_begins_at_midnight_in_helsinki, set_up),
		cmocka_unit_test_setup(month_does_not_go_back, set_up),
		cmocka_unit_test_setup(empty_segment_of_another_month_is_not_in_the_way, set_up),
		cmocka_unit_test_setup(months_are_taken_away, set_up),
		cmocka_unit_test_setup(torn_ends_go_with_their_month, set_up),
		cmocka_unit_test_setup(taking_away_may_end_anywhere, set_up),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
