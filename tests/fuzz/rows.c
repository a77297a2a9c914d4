/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rows of the store. An input takes the place of a stored row's bytes, with its checksum put right: whoever can write the
 * file can compute one. Reading, deciding, explaining and loading come to an end, with an answer or with a status that
 * says that the facts are damaged.
 *
 *   row u8 | what stands behind the checksum
 */
#include <stdlib.h>
#include <string.h>

#include "engine/facts/facts.h"
#include "engine/facts/schema.h"
#include "tests/fuzz/lib/fuzz.h"

enum { ROW_MOST = 1024, ROWS_MOST = 64, KINDS_MOST = 32, ROUNDS = 12, CLOSER = 12 };

struct stored {
	uint8_t key[LIMIT_KEY_BYTES + KEY_TAIL], *value;
	uint32_t key_size, size;
};

static struct rko_policy *policy;
static struct rko_facts *facts;
static struct rko_session *session;
static struct stored rows[ROWS_MOST];
static size_t nrows;

static void keep_row(const struct row *row)
{
	struct stored *stored = &rows[nrows++];

	memcpy(stored->key, row->key, row->key_size);
	stored->key_size = row->key_size;
	stored->size = row->size;
	stored->value = malloc(row->size);
	memcpy(stored->value, row->value, row->size);
}

static void keep_rows(void)
{
	struct store_reader *reader;

	HOLDS(store_reader_open(facts->store, &reader) == RKO_OK && store_reader_renew(reader) == RKO_OK, "no reader");
	for (uint16_t kind = 0; kind < KINDS_MOST; kind++) {
		struct store_cursor cursor = { .unbounded = true };
		uint8_t prefix[KEY_HEAD];
		struct row row;
		bool found;

		put_be16(prefix, kind);
		while (nrows < ROWS_MOST &&
		       store_next(reader, &cursor, prefix, sizeof prefix, UINT32_MAX, &row, &found) == RKO_OK && found)
			keep_row(&row);
	}
	store_reader_close(reader);
	HOLDS(nrows > 5, "no rows");
}

static void begin(void)
{
	char *yaml = file_read("tests/common/library.yaml", NULL);

	policy = policy_compile(NULL, "tests/common/library.rko");
	facts = facts_new(fuzz_folder());
	facts_load(facts, policy, yaml);
	free(yaml);
	keep_rows();
	HOLDS(rko_session_open(policy, facts, &session, NULL) == RKO_OK, "no session");
}

static void put(const struct stored *row, const uint8_t *value, size_t size)
{
	struct store_writer *writer;

	HOLDS(store_write_begin(facts->store, &writer) == RKO_OK, "no writer");
	HOLDS(store_put_row(writer, row->key, row->key_size, value, size, false) == RKO_OK, "the row cannot be put");
	HOLDS(store_write_commit(writer) == RKO_OK, "no commit");
}

/* What those who read facts may say of a row that cannot be. */
static bool is_fault(enum rko_status status)
{
	return status == RKO_OK || (status >= RKO_FACTS_UNREADABLE && status <= RKO_FACTS_CANDIDATES) ||
	       status == RKO_FACTS_REFUSED || status == RKO_CLOCK_RANGE;
}

static int see_row(void *context, const struct rko_fact *fact)
{
	for (size_t i = 0; i < fact->count; i++) {
		const struct rko_value *value = &fact->values[i];

		if (value->kind == RKO_VALUE_TEXT)
			HOLDS(value->length && text_is_clean((struct text){ value->text, value->length }), "a text that is none");
		for (size_t j = 0; value->kind == RKO_VALUE_SET && j < value->length; j++)
			HOLDS(value->elements[j].kind == RKO_VALUE_TEXT && value->elements[j].length, "an element that is none");
	}
	++*(unsigned *)context;
	return 1;
}

static void read_back(void)
{
	unsigned seen = 0;

	for (uint32_t kind = 0; kind < rko_policy_kinds(policy); kind++) {
		enum rko_status status = rko_facts_read(facts, policy, kind, NULL, 0, 0, kind & 1, see_row, &seen);

		HOLDS(is_fault(status), "reading ends with %s", rko_status_word(status));
	}
}

static void load_again(void)
{
	struct load_result result = facts_try(facts, policy, "denial:\n  - {customer: liisa, number: d9, kind: none, "
					      "begins: 2026-01-01, ends: open, no_such_field: 1}\n", SIZE_MAX, RECORDED + 9);

	HOLDS(result.status != RKO_OK && is_fault(result.status), "a load ends with %s", rko_status_word(result.status));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct stored *row;
	uint8_t value[8 + ROW_MOST];
	size_t length;

	if (!session)
		begin();
	if (size < 1 || size > ROW_MOST)
		return 0;
	row = &rows[data[0] % nrows];
	length = 8 + size - 1;
	memcpy(value + 8, data + 1, size - 1);
	put_le64(value, row_checksum(row->key, row->key_size, value, length));
	put(row, value, length);
	read_back();
	fuzz_ask(policy, session, ROUNDS, CLOSER, size);
	load_again();
	put(row, row->value, row->size);
	return 0;
}
