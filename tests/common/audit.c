/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/common/audit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

char *audit_new(const char *folder)
{
	char *path = malloc(strlen(folder) + sizeof "/audit");

	sprintf(path, "%s/audit", folder);
	assert_int_equal(rko_audit_init(path, "audit.example/test", NULL, NULL), RKO_OK);
	return path;
}

struct rko_audit *audit_begin(const char *path, const struct audit_io *io)
{
	const struct rko_audit_options options = { .segment_bytes = 64 << 10 };
	struct rko_audit *audit = NULL;
	struct rko_fault fault;
	enum rko_status status = audit_open_with(path, &options, io ? io : &audit_io_system, &audit, &fault);

	if (status != RKO_OK)
		fprintf(stderr, "%s\n", fault.text);
	assert_int_equal(status, RKO_OK);
	return audit;
}

/*
 * A record of what opened the log is the only kind whose text is free: a version of any length. Bodies say their
 * batch and their number in it, and are filled up with letters.
 */
void audit_batch(struct rko_audit_batch *batch, int seed, unsigned count, unsigned size)
{
	struct buf text = { 0 };

	rko_audit_batch_clear(batch);
	for (unsigned i = 0; i < count; i++) {
		uint8_t head[6] = { 3, 1 };

		buf_reset(&text);
		buf_printf(&text, "%d %u ", seed, i);
		while (text.len < size)
			buf_char(&text, (char)('a' + (text.len * 7 + (unsigned)seed) % 26));
		put_le16(head + 4, (uint16_t)text.len);
		buf_add(&batch->bytes, head, sizeof head);
		buf_add(&batch->bytes, text.at, text.len);
		buf_add(&batch->bytes, "", 1);
		batch->ends[batch->count++] = (uint32_t)batch->bytes.len;
	}
	buf_release(&text);
}

bool audit_is(const void *body, size_t size, int *ret_seed, unsigned *ret_index)
{
	const char *text = body;

	return size > 8 && text[0] == 3 && sscanf(text + 6, "%d %u ", ret_seed, ret_index) == 2;
}

void audit_put(struct rko_audit *audit, int seed, unsigned count, unsigned size)
{
	struct rko_audit_batch *batch;

	assert_int_equal(rko_audit_batch_new(&batch), RKO_OK);
	audit_batch(batch, seed, count, size);
	assert_int_equal(rko_audit_append(audit, batch, NULL), RKO_OK);
	rko_audit_batch_free(batch);
}

struct verify_found audit_look(const char *path, const struct checkpoint *outside, size_t count)
{
	const struct verify_with with = { .outside = outside, .noutside = count };
	struct verify_found found = { 0 };
	struct folder folder;

	assert_int_equal(folder_open(path, &folder, NULL), RKO_OK);
	assert_int_equal(audit_verify(&folder, &with, &found), RKO_OK);
	folder_close(&folder);
	return found;
}
