/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/common/fixture.h"

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <rko/compile.h>

#include "engine/base/buf.h"
#include "tools/common/cli.h"
#include "tools/common/facts.h"

/* Policies ---------------------------------------------------------------------------------------- */

void *image_compile(const char *text, const char *path, size_t *ret_size)
{
	struct rko_compiler *compiler;
	const void *image;
	void *copy;

	assert_int_equal(rko_compiler_new(&compiler), RKO_OK);
	if (text)
		assert_int_equal(rko_compiler_add_text(compiler, "test/test.rko", text, strlen(text)), RKO_OK);
	if (path)
		assert_int_equal(rko_compiler_add(compiler, path), RKO_OK);
	if (rko_compiler_run(compiler, RKO_STAGE_IMAGE) != RKO_OK)
		fail_msg("%s", rko_compiler_messages(compiler, RKO_MESSAGES_TEXT, 0, 0));
	image = rko_compiler_image(compiler, ret_size);
	assert_non_null(image);
	copy = malloc(*ret_size);
	assert_non_null(copy);
	memcpy(copy, image, *ret_size);
	rko_compiler_free(compiler);
	return copy;
}

struct rko_policy *policy_compile(const char *text, const char *path)
{
	struct rko_policy *policy = NULL;
	struct rko_fault fault;
	size_t size;
	void *image = image_compile(text, path, &size);

	if (rko_policy_from(image, size, &policy, &fault) != RKO_OK)
		fail_msg("%s", fault.text);
	free(image);
	return policy;
}

/* Files ------------------------------------------------------------------------------------------- */

char *folder_new(void)
{
	char *folder = strdup("/tmp/rko-test-XXXXXX");

	assert_non_null(folder);
	if (!mkdtemp(folder))
		fail_msg("no folder can be made in /tmp: %s", strerror(errno));
	return folder;
}

static int remove_entry(const char *path, const struct stat *about, int type, struct FTW *at)
{
	(void)about;
	(void)type;
	(void)at;
	return remove(path);
}

/* So that what a test has made read-only can be emptied. */
static int open_entry(const char *path, const struct stat *about, int type, struct FTW *at)
{
	(void)about;
	(void)at;
	return type == FTW_D || type == FTW_DNR ? chmod(path, 0700) : 0;
}

void folder_remove(char *folder)
{
	if (!folder)
		return;
	nftw(folder, open_entry, 16, FTW_PHYS);
	nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free(folder);
}

static char *join(const char *folder, const char *name)
{
	char *path;

	assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
	return path;
}

char *file_write(const char *folder, const char *name, const void *data, size_t size)
{
	char *path = join(folder, name);
	FILE *file = fopen(path, "wb");

	if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0)
		fail_msg("%s: %s", path, strerror(errno));
	return path;
}

char *file_read(const char *path, size_t *ret_size)
{
	FILE *file = fopen(path, "rb");
	struct stat about;
	char *data;

	if (!file || fstat(fileno(file), &about) < 0)
		fail_msg("%s: %s", path, strerror(errno));
	data = calloc((size_t)about.st_size + 1, 1);
	assert_non_null(data);
	assert_int_equal(fread(data, 1, (size_t)about.st_size, file), about.st_size);
	fclose(file);
	if (ret_size)
		*ret_size = (size_t)about.st_size;
	return data;
}

/* Facts ------------------------------------------------------------------------------------------- */

struct rko_facts *facts_new(const char *folder)
{
	struct rko_facts *facts = NULL;
	struct rko_fault fault;
	char *path = join(folder, "facts");

	if (rko_facts_open(path, RKO_FACTS_CREATE | RKO_FACTS_NOSYNC, &facts, &fault) != RKO_OK)
		fail_msg("%s", fault.text);
	free(path);
	return facts;
}

/* What was said, with the folder's name left out so that tests can compare it. */
static void keep_messages(struct yaml_files *files, const char *folder, struct load_result *result)
{
	struct buf text = { 0 };
	size_t kept = 0, skip = strlen(folder) + 1;

	diags_finish(&files->diags);
	for (size_t i = 0; i < files->diags.count && i + 1 < sizeof result->codes / sizeof result->codes[0]; i++)
		result->codes[i] = files->diags.list[i]->code;
	diags_text(&files->diags, &text, false, DIAG_SHOW_ALL, true);
	for (size_t i = 0; i < text.len && kept + 1 < sizeof result->messages; i++) {
		while (text.len - i > skip && memcmp(text.at + i, folder, skip - 1) == 0 && text.at[i + skip - 1] == '/')
			i += skip;
		result->messages[kept++] = text.at[i];
	}
	result->messages[kept] = '\0';
	buf_release(&text);
}

static void load_file(struct rko_facts *facts, struct rko_policy *policy, const char *path, int64_t recorded,
		      struct yaml_files *files, struct load_result *result)
{
	struct fact_reader reader = { .files = files, .policy = policy };
	struct rko_load *load = NULL;
	struct facts_file file;
	struct rko_fault fault;
	bool good;

	result->status = rko_load_begin(facts, policy, &load, &fault);
	if (result->status != RKO_OK)
		return;
	good = facts_file(&reader, load, path, &file, NULL, NULL, &result->status);
	if (good && result->status == RKO_OK && !files->diags.errors)
		result->status = rko_load_commit(load, file.has_recorded ? file.recorded : recorded, &result->loaded);
	facts_faults(&reader, load);
	if (result->status == RKO_OK && (!good || files->diags.errors))
		result->status = RKO_FACTS_REFUSED;
	rko_load_free(load);
}

struct load_result facts_try(struct rko_facts *facts, struct rko_policy *policy, const char *yaml, size_t size,
			     int64_t recorded)
{
	struct load_result result = { .status = RKO_OK };
	char *folder = folder_new(), *path;
	struct yaml_files files;

	path = file_write(folder, "facts.yaml", yaml, size == SIZE_MAX ? strlen(yaml) : size);
	if (setjmp(cli_no_memory))
		fail_msg("memory ran out");
	yaml_files_init(&files);
	load_file(facts, policy, path, recorded, &files, &result);
	keep_messages(&files, folder, &result);
	yaml_files_free(&files);
	free(path);
	folder_remove(folder);
	return result;
}

struct rko_loaded facts_load(struct rko_facts *facts, struct rko_policy *policy, const char *yaml)
{
	struct load_result result = facts_try(facts, policy, yaml, SIZE_MAX, RECORDED);

	if (result.status != RKO_OK)
		fail_msg("%s\n%s", rko_status_word(result.status), result.messages);
	return result.loaded;
}

int64_t instant(const char *text)
{
	int64_t at = 0;

	if (rko_instant_parse(text, &at) != RKO_OK)
		fail_msg("`%s` is no instant", text);
	return at;
}
