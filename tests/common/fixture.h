/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Fixture: what tests of the engine need again and again: a policy compiled from a text, a folder of its own, a
 * store of facts in it, facts loaded from YAML. Whatever cannot be had fails the test at hand (cmocka).
 *
 *   struct rko_policy *policy = policy_compile(NULL, "examples/documents");
 *   char *folder = folder_new();
 *   struct rko_facts *facts = facts_new(folder);
 *
 *   facts_load(facts, policy, "user:\n  liisa: {staff: yes}\n");
 *   …
 *   rko_facts_close(facts);
 *   folder_remove(folder);
 *   rko_policy_unref(policy);
 *
 * tests/common/library.rko is a small policy with every construct of the language, library.yaml are facts for it.
 * Tests run in the root of the repository.
 */
#ifndef RKO_TESTS_FIXTURE_H
#define RKO_TESTS_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rko/decide.h>
#include <rko/load.h>
#include <rko/policy.h>

/*
 * The image of a text (may be NULL), of a file or folder (may be NULL), or of both together. The caller frees it.
 * The messages are printed, and the test fails, when the policy has errors.
 */
void *image_compile(const char *text, const char *path, size_t *ret_size);
/* The same, opened; rko_policy_unref() lets go. */
struct rko_policy *policy_compile(const char *text, const char *path);

/* A new empty folder; folder_remove() deletes it with all that is in it and frees its name. */
char *folder_new(void);
void folder_remove(char *folder);
/* Writes FOLDER/NAME and gives its path, which the caller frees. */
char *file_write(const char *folder, const char *name, const void *data, size_t size);
/* The bytes of a file, a NUL behind them; the caller frees them. `ret_size` may be NULL. */
char *file_read(const char *path, size_t *ret_size);

/* An empty store FOLDER/facts, open for loading and not synced. */
struct rko_facts *facts_new(const char *folder);

enum { RECORDED = 1767261600 };	/* 2026-01-01T12:00+02:00: when facts_load() says that things became known */

struct load_result {
	enum rko_status status;		/* RKO_FACTS_REFUSED also when the file has faults */
	struct rko_loaded loaded;	/* when RKO_OK */
	unsigned codes[8];		/* of the first faults, 1201 …, in the order of places; 0 ends them */
	char messages[8000];		/* as `rko facts load` shows them; the file is `facts.yaml` */
};
/* Loads a text of YAML as `rko facts load` does; `size` SIZE_MAX: to its NUL. */
struct load_result facts_try(struct rko_facts *facts, struct rko_policy *policy, const char *yaml, size_t size,
			     int64_t recorded);
/* The same for what must go well. */
struct rko_loaded facts_load(struct rko_facts *facts, struct rko_policy *policy, const char *yaml);

/* The instant of a text such as 2026-06-15T12:00+03:00. */
int64_t instant(const char *text);

#endif
