/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Replay: runs a target on files, without libFuzzer: those of its kept corpus, or those that are named.
 *
 *   build/tests/fuzz/trace [FILE]…        from the root of the repository
 *
 * A target that fails ends the program; the last line says on which file.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/lib/fuzz.h"

static unsigned done;

static void run(const char *path)
{
	size_t size;
	char *data = file_read(path, &size);
	/* Not a byte more than the input has: reading past it is to be seen. */
	uint8_t *exact = malloc(size ? size : 1);

	HOLDS(exact, "memory ran out");
	memcpy(exact, data, size);
	free(data);
	printf("# %s\n", path);
	LLVMFuzzerTestOneInput(exact, size);
	printf("ok %u - %s\n", ++done, path);
	free(exact);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void run_corpus(const char *name)
{
	char folder[256], path[600];
	struct dirent **entries;
	int count;

	snprintf(folder, sizeof folder, "tests/fuzz/corpus/%s", name);
	count = scandir(folder, &entries, visible, alphasort);
	HOLDS(count > 0, "%s: there is no kept corpus; run this in the root of the repository", folder);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
		run(path);
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc; i++)
		run(argv[i]);
	if (argc == 1)
		run_corpus(name ? name + 1 : argv[0]);
	printf("1..%u\n", done);
	return 0;
}
