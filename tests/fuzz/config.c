/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Configuration files of the sidecar. A file that is refused says why, and where; what is accepted lies within every
 * bound that the table of settings names, and written down again it is the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/lib/fuzz.h"

/* Messages are looked at, not shown. */
static FILE *messages;
#undef stderr
#define stderr messages
#include "tools/rkod/config.c"

enum { TEXT_MOST = 8 << 10 };

static bool read_text(const void *text, size_t size, struct config *config, char **ret_path)
{
	char *path = strdup(fuzz_file(text, size));
	char *arguments[] = { NULL, NULL, NULL };
	bool good, done;

	free(file_text);
	file_text = NULL;
	HOLDS(asprintf(&arguments[1], "--config=%s", path) > 0, "memory ran out");
	good = config_read(config, 2, arguments, &done);
	HOLDS(!done, "there is nothing to be done");
	free(arguments[1]);
	*ret_path = path;
	return good;
}

static void check_number(const struct setting *setting, long number)
{
	long words = 0;

	if (setting->kind != WORD) {
		HOLDS(number >= setting->least && number <= setting->most, "%s is %ld", setting->name, number);
		return;
	}
	while (setting->words[words])
		words++;
	HOLDS(number >= 0 && number < words, "%s is none of its words", setting->name);
}

/* One setting, checked, and as lines of a file. */
static void write_setting(const struct config *config, const struct setting *setting, FILE *out)
{
	const void *at = (const char *)config + setting->at;
	const struct listed *list = at;
	const char *text;
	long number;

	switch (setting->kind) {
	case PATH:
	case TEXT:
		text = *(const char *const *)at;
		HOLDS(!text || (*text && (setting->kind == TEXT || *text == '/' || strcmp(text, "none") == 0)), "%s is `%s`",
		      setting->name, text);
		if (text)
			fprintf(out, "%s = %s\n", setting->name, text);
		break;
	case LIST:
		HOLDS(list->count <= (size_t)setting->most && list->count <= CONFIG_ROUTES, "%s has too many", setting->name);
		for (size_t i = 0; i < list->count; i++)
			fprintf(out, "%s=%s\n", setting->name, list->text[i]);
		break;
	case NUMBER:
	case OCTAL:
	case WORD:
		number = *(const long *)at;
		check_number(setting, number);
		if (setting->kind == WORD)
			fprintf(out, "\t%s = %s \n", setting->name, setting->words[number]);
		else
			fprintf(out, setting->kind == OCTAL ? "%s = %lo\n" : "%s = %ld\n", setting->name, number);
		break;
	}
}

static char *write_all(const struct config *config, size_t *ret_size)
{
	char *text;
	FILE *out = open_memstream(&text, ret_size);

	for (size_t i = 0; i < SETTINGS; i++)
		write_setting(config, &settings[i], out);
	fclose(out);
	return text;
}

/* Some line says what is wrong; when it is about a line of the file, it says which. */
static void check_refusal(const char *path, const char *words)
{
	char *prefix;
	unsigned line = 0;

	HOLDS(strncmp(words, "rkod: ", 6) == 0 && strchr(words, '\n'), "refused, and no reason: %s", words);
	HOLDS(asprintf(&prefix, "rkod: %s:", path) > 0, "memory ran out");
	if (strncmp(words, prefix, strlen(prefix)) == 0)
		HOLDS(sscanf(words + strlen(prefix), "%u:", &line) == 1 && line, "no line: %s", words);
	free(prefix);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config config, other;
	char *words = NULL, *path, *other_path, *first, *second;
	size_t length, first_size, second_size;

	if (size > TEXT_MOST)
		return 0;
	messages = open_memstream(&words, &length);
	if (read_text(data, size, &config, &path)) {
		first = write_all(&config, &first_size);
		HOLDS(read_text(first, first_size, &other, &other_path), "written again it is refused:\n%s\n%s", first, words);
		second = write_all(&other, &second_size);
		HOLDS(first_size == second_size && memcmp(first, second, first_size) == 0, "written again it is another:\n%s\n%s",
		      first, second);
		free(other_path);
		free(first);
		free(second);
		fclose(messages);
	} else {
		fclose(messages);
		check_refusal(path, words);
	}
	free(words);
	free(path);
	return 0;
}
