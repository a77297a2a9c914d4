/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Facts in YAML, into a store that is thrown away. A file that is refused says where; one that is stored and loaded
 * once more changes nothing (I10); and what is read back from the store can be loaded into another, and is the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/lib/fuzz.h"

enum { TEXT_MOST = 8 << 10, ROUNDS = 10, LATER = RECORDED + 365 * 86400 };

static struct rko_policy *policy;

struct copy {
	struct rko_load *load;
	uint64_t rows;
};

static int copy_row(void *context, const struct rko_fact *fact)
{
	struct copy *copy = context;
	enum rko_status status = rko_load_row(copy->load, fact->kind, fact->values, fact->count, 1);

	HOLDS(status == RKO_OK, "a row that was stored cannot be loaded: %s", rko_status_word(status));
	copy->rows++;
	return 1;
}

/* Every row that is there now goes into another store. */
static void copy_store(struct rko_facts *facts)
{
	char *folder = folder_new();
	struct rko_facts *other = facts_new(folder);
	struct copy copy = { 0 };
	struct rko_loaded loaded;
	enum rko_status status;

	HOLDS(rko_load_begin(other, policy, &copy.load, NULL) == RKO_OK, "no load");
	for (uint32_t kind = 0; kind < rko_policy_kinds(policy); kind++)
		HOLDS(rko_facts_read(facts, policy, kind, NULL, 0, 0, 0, copy_row, &copy) == RKO_OK, "cannot be read back");
	status = rko_load_commit(copy.load, LATER, &loaded);
	HOLDS(status == RKO_OK, "what a store holds is refused by another: %s, %s", rko_status_word(status),
	      rko_load_faults(copy.load, NULL) ? rko_load_fault(copy.load, 0)->text : "");
	HOLDS(loaded.rows == copy.rows, "%llu rows were read, %llu are stored", (unsigned long long)copy.rows,
	      (unsigned long long)loaded.rows);
	rko_load_free(copy.load);
	rko_facts_close(other);
	folder_remove(folder);
}

static void ask(struct rko_facts *facts)
{
	struct rko_session *session;

	HOLDS(rko_session_open(policy, facts, &session, NULL) == RKO_OK, "no session");
	fuzz_ask(policy, session, ROUNDS, ROUNDS, 1);
	rko_session_close(session);
}

/* A store with a file in it, which is not used again. */
static void look(struct rko_facts *facts, const char *text, size_t size, const struct rko_loaded *loaded)
{
	struct load_result again = facts_try(facts, policy, text, size, LATER);

	HOLDS(again.status == RKO_OK, "the same again is refused: %s", again.messages);
	HOLDS(again.loaded.rows == 0 && again.loaded.removed == 0, "the same again is something else");
	HOLDS(again.loaded.generation <= loaded->generation + 1, "generations were made");
	copy_store(facts);
	ask(facts);
}

/* Whether a message has a place. The name of the file may be in the file too. */
static bool says_where(const char *messages)
{
	unsigned line, column;

	for (const char *at = messages; (at = strstr(at, "--> facts.yaml:")); at++)
		if (sscanf(at, "--> facts.yaml:%u:%u\n", &line, &column) == 2 && line && column)
			return true;
	return false;
}

static void check_refusal(const struct load_result *result)
{
	HOLDS(result->status == RKO_FACTS_REFUSED, "a load ends with %s", rko_status_word(result->status));
	HOLDS(result->codes[0] >= 1201 && result->codes[0] <= 1299, "refused by %u:\n%s", result->codes[0], result->messages);
	HOLDS(says_where(result->messages), "no place:\n%s", result->messages);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rko_facts *facts;
	static char *folder;
	struct load_result result;

	if (!policy)
		policy = policy_compile(NULL, "tests/common/library.rko");
	if (!facts) {
		folder = folder_new();
		facts = facts_new(folder);
		folder_remove(folder);
	}
	if (size > TEXT_MOST)
		return 0;
	result = facts_try(facts, policy, (const char *)data, size, LATER);
	if (result.status != RKO_OK) {
		check_refusal(&result);
		return 0;
	}
	if (!result.loaded.generation)
		return 0;
	look(facts, (const char *)data, size, &result.loaded);
	rko_facts_close(facts);
	facts = NULL;
	return 0;
}
