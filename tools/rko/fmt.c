/* SPDX-License-Identifier: EUPL-1.2 */
/* fmt: policies in the layout of the language. */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rko/compile.h>

#include "engine/base/buf.h"
#include "engine/base/limits.h"
#include "tools/rko/commands.h"

struct format {
	struct cli *cli;
	bool check;
	size_t seen, changed;
	int result;
};

static void worse(struct format *format, int result)
{
	if (result > format->result)
		format->result = result;
}

static bool read_all(FILE *file, struct buf *text)
{
	char block[65536];
	size_t got;

	while ((got = fread(block, 1, sizeof block, file)) > 0 && text->len <= LIMIT_FILE_BYTES)
		buf_add(text, block, got);
	return !ferror(file) && !buf_failed(text);
}

static void format_text(struct format *format, const char *path, struct text text)
{
	char *out, *messages;
	size_t length;
	enum rko_status status = rko_format(path, text.at, text.len, &out, &length, &messages);

	if (status != RKO_OK) {
		if (messages)
			fputs(messages, stderr);
		else
			cli_error("%s: %s", path, rko_status_meaning(status));
		worse(format, cli_exit_status(status));
		free(messages);
		return;
	}
	format->seen++;
	if (strcmp(path, "-") == 0) {
		fwrite(out, 1, length, stdout);
	} else if (length != text.len || memcmp(out, text.at, length) != 0) {
		format->changed++;
		if (format->check) {
			printf("%s\n", path);
			worse(format, EXIT_DENIED);
		} else {
			worse(format, cli_write(path, out, length));
		}
	}
	free(out);
}

static void format_file(struct format *format, const char *path)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *file = standard ? stdin : fopen(path, "rb");
	struct buf text = { 0 };

	if (!file || !read_all(file, &text)) {
		cli_error("%s: %s", path, strerror(errno));
		worse(format, EXIT_INPUT);
	} else {
		format_text(format, path, buf_view(&text));
	}
	if (file && !standard)
		fclose(file);
	buf_release(&text);
}

static int is_policy(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && (length > 4 || entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN);
}

static void format_path(struct format *format, const char *path, bool named)
{
	struct dirent **list;
	struct stat about;
	size_t length = strlen(path);
	int count;

	if (strcmp(path, "-") == 0) {
		format_file(format, path);
		return;
	}
	if (stat(path, &about) != 0) {
		cli_error("%s: %s", path, strerror(errno));
		worse(format, EXIT_INPUT);
		return;
	}
	if (!S_ISDIR(about.st_mode)) {
		if (named && length > 5 && strcmp(path + length - 5, ".yaml") == 0) {
			cli_error("%s: this is no policy: cases and facts are written in YAML", path);
			worse(format, EXIT_INPUT);
			return;
		}
		if (named || (length > 4 && strcmp(path + length - 4, ".rko") == 0))
			format_file(format, path);
		return;
	}
	count = scandir(path, &list, is_policy, alphasort);
	if (count < 0) {
		cli_error("%s: %s", path, strerror(errno));
		worse(format, EXIT_INPUT);
		return;
	}
	for (int i = 0; i < count; i++) {
		struct buf below = { 0 };

		buf_printf(&below, "%s%s%s", path, path[length - 1] == '/' ? "" : "/", list[i]->d_name);
		if (!buf_failed(&below))
			format_path(format, below.at, false);
		buf_release(&below);
		free(list[i]);
	}
	free(list);
}

static int run_fmt(struct cli *cli, int argc, char **argv)
{
	static const struct option options[] = {
		{ "check", no_argument, NULL, 'c' }, { NULL, 0, NULL, 0 },
	};
	struct format format = { .cli = cli };
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'c')
			return cli_bad_option(cli, argv, options);
		format.check = true;
	}
	if (optind == argc)
		return cli_usage(cli, "name a policy file or a folder, or - for standard input");
	for (int i = optind; i < argc; i++)
		format_path(&format, argv[i], true);
	if (format.changed)
		fprintf(stderr, "%zu of %zu files %s\n", format.changed, format.seen,
			format.check ? "would change" : "changed");
	return format.result;
}

const struct command command_fmt = {
	.name = "fmt",
	.summary = "Lays policies out as the language likes it",
	.usage = "[--check] FILE-OR-FOLDER…",
	.help = "Only white space changes, comments stay, and doing it twice changes nothing more.\n\n"
		"  --check  changes nothing, lists what would change, and ends with 1 when there is such a file\n\n"
		"examples:\n"
		"  rko fmt policies/\n"
		"  rko fmt --check policies/\n"
		"  rko fmt - < draft.rko > tidy.rko\n",
	.run = run_fmt,
};
