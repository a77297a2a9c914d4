/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/common/cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rko/compile.h>

#include "engine/base/buf.h"
#include "engine/base/limits.h"
#include "engine/image/format.h"

jmp_buf cli_no_memory;

int cli_usage(const struct cli *cli, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "rko %s: ", cli->command);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\nTry `rko %s --help`.\n", cli->command);
	return EXIT_INPUT;
}

struct cli_near cli_near(const char *word)
{
	return (struct cli_near){ .word = word, .distance = (unsigned)strlen(word) / 3 + 1 };
}

void cli_near_try(struct cli_near *near, const char *name)
{
	unsigned distance = text_distance(text_from(near->word), text_from(name), near->distance);

	if (distance >= near->distance + (near->nearest ? 0 : 1))
		return;
	near->distance = distance;
	near->nearest = name;
}

struct cli_near_words cli_near_words(const struct cli_near *near)
{
	struct cli_near_words out = { "" };

	if (near->nearest)
		snprintf(out.text, sizeof out.text, "; the nearest is `%s`", near->nearest);
	return out;
}

/* The option a word begins or names, or NULL. */
static const struct option *find_option(const struct option *options, const char *name, size_t length)
{
	for (; options->name; options++)
		if (strncmp(options->name, name, length) == 0 && strlen(options->name) == length)
			return options;
	return NULL;
}

int cli_bad_option(const struct cli *cli, char **argv, const struct option *options)
{
	const char *word = argv[optind - 1];
	size_t length = strcspn(word, "=");
	const struct option *known = NULL;
	struct cli_near near;
	char name[64];

	for (const struct option *option = options; option->name && !known; option++)
		if (optopt && option->val == optopt)
			known = option;
	if (known && known->has_arg != no_argument)
		return cli_usage(cli, "`--%s` needs a value", known->name);
	if (optopt && !known)
		return cli_usage(cli, "there is no option `-%c`", optopt);
	if (known || (length > 2 && find_option(options, word + 2, length - 2)))
		return cli_usage(cli, "`%.*s` takes no value", (int)length, word);
	snprintf(name, sizeof name, "%.*s", (int)length, word);
	near = cli_near(name + 2);
	for (; options->name; options++)
		cli_near_try(&near, options->name);
	if (near.nearest)
		return cli_usage(cli, "there is no option `%s`; the nearest is `--%s`", name, near.nearest);
	return cli_usage(cli, "there is no option `%s`", name);
}

bool cli_generation(const struct cli *cli, const char *word, uint32_t *ret_generation)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(word, &end, 10);
	if (*word < '0' || *word > '9' || *end || errno || !number || number > UINT32_MAX) {
		cli_usage(cli, "--as-of takes the number of a generation, not `%s`", word);
		return false;
	}
	*ret_generation = (uint32_t)number;
	return true;
}

bool cli_all_there(const char *const *paths, size_t count)
{
	struct stat about;

	for (size_t i = 0; i < count; i++) {
		if (stat(paths[i], &about) != 0) {
			cli_error("%s: %s", paths[i], strerror(errno));
			return false;
		}
	}
	return true;
}

void cli_error(const char *format, ...)
{
	va_list args;

	fputs("rko: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

bool cli_diagnostics(const struct cli *cli, struct yaml_files *files)
{
	struct buf text = { 0 };
	bool clean = files->diags.errors == 0;

	if (!files->diags.count)
		return true;
	diags_finish(&files->diags);
	diags_text(&files->diags, &text, cli->colour_err, LIMIT_SHOWN_ERRORS, false);
	fputs(text.at ? text.at : "", stderr);
	buf_release(&text);
	files->diags.count = files->diags.errors = files->diags.warnings = 0;
	return clean;
}

bool cli_language(struct cli *cli, const char *word)
{
	for (int i = RKO_FI; i <= RKO_EN; i++) {
		if (strcmp(word, rko_language_word((enum rko_language)i)) == 0) {
			cli->language = (enum rko_language)i;
			return true;
		}
	}
	cli_usage(cli, "--lang takes fi, sv or en, not `%s`", word);
	return false;
}

int cli_exit_status(enum rko_status status)
{
	switch (status) {
	case RKO_OK:
		return EXIT_GRANTED;
	case RKO_ARGUMENT:
	case RKO_FACTS_REFUSED:
	case RKO_FACTS_MISSING:
	case RKO_FACTS_GENERATION:
	case RKO_FACTS_SCHEMA:
	case RKO_CLOCK_RANGE:
	case RKO_IMAGE_INVALID:
	case RKO_IMAGE_VERSION:
	case RKO_IMAGE_DIGEST:
	case RKO_AUDIT_MISSING:
	case RKO_AUDIT_BUSY:
	case RKO_AUDIT_KEY:
		return EXIT_INPUT;
	case RKO_POLICY_ERRORS:
	case RKO_LIMIT:
		return EXIT_POLICY;
	default:
		return EXIT_INTERNAL;
	}
}

int cli_exit(const struct rko_decision *decision)
{
	if (decision->status != RKO_OK)
		return cli_exit_status(decision->status);
	switch (decision->outcome) {
	case RKO_GRANTED:
		return EXIT_GRANTED;
	case RKO_UNDECIDED:
		return EXIT_UNDECIDED;
	case RKO_REFUSED:
		return EXIT_INPUT;
	case RKO_FORBIDDEN:
	case RKO_NOT_GRANTED:
		break;
	}
	return EXIT_DENIED;
}

static bool write_beside(const char *path, const char *beside, const void *bytes, size_t size)
{
	FILE *file = fopen(beside, "wb");
	struct stat old;
	bool good = file && fwrite(bytes, 1, size, file) == size;

	if (good && stat(path, &old) == 0)
		good = fchmod(fileno(file), old.st_mode & 07777) == 0;
	good = good && fflush(file) == 0 && fsync(fileno(file)) == 0;
	if (file && fclose(file) != 0)
		good = false;
	if (good && rename(beside, path) == 0)
		return true;
	if (file) {
		int error = errno;

		unlink(beside);
		errno = error;
	}
	return false;
}

int cli_write(const char *path, const void *bytes, size_t size)
{
	struct buf beside = { 0 };
	int result = EXIT_INTERNAL;

	buf_printf(&beside, "%s.new", path);
	if (buf_failed(&beside)) {
		cli_error("memory ran out");
	} else if (write_beside(path, beside.at, bytes, size)) {
		result = EXIT_GRANTED;
	} else {
		int error = errno;

		cli_error("%s: %s", path, strerror(error));
		if (error == ENOENT || error == ENOTDIR || error == EISDIR || error == EACCES || error == EROFS ||
		    error == ENAMETOOLONG)
			result = EXIT_INPUT;
	}
	buf_release(&beside);
	return result;
}

bool cli_is_image(const char *path)
{
	char magic[sizeof IMAGE_MAGIC - 1];
	FILE *file = fopen(path, "rb");
	struct stat about;
	bool image;

	if (!file)
		return false;
	image = fstat(fileno(file), &about) == 0 && S_ISREG(about.st_mode) &&
		fread(magic, 1, sizeof magic, file) == sizeof magic && memcmp(magic, IMAGE_MAGIC, sizeof magic) == 0;
	fclose(file);
	return image;
}

static bool is_empty(const char *path)
{
	struct stat about;

	return stat(path, &about) == 0 && S_ISREG(about.st_mode) && about.st_size == 0;
}

static struct rko_policy *compile(const struct cli *cli, const char *const *paths, size_t count, int *ret_exit)
{
	struct rko_compiler *compiler;
	struct rko_policy *policy = NULL;
	struct rko_fault fault;
	enum rko_status status = rko_compiler_new(&compiler);
	const void *image;
	size_t size;

	if (status != RKO_OK) {
		*ret_exit = EXIT_INTERNAL;
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		rko_compiler_add(compiler, paths[i]);
	status = rko_compiler_run(compiler, RKO_STAGE_IMAGE);
	if (rko_compiler_errors(compiler) || rko_compiler_warnings(compiler)) {
		const char *messages = rko_compiler_messages(
			compiler, cli->colour_err ? RKO_MESSAGES_COLOUR : RKO_MESSAGES_TEXT, LIMIT_SHOWN_ERRORS, 0);

		fputs(messages ? messages : "", stderr);
	}
	image = rko_compiler_image(compiler, &size);
	if (status == RKO_OK && image) {
		status = rko_policy_from(image, size, &policy, &fault);
		if (status != RKO_OK)
			cli_error("%s", fault.text);
	}
	rko_compiler_free(compiler);
	*ret_exit = cli_exit_status(status);
	return policy;
}

struct rko_policy *cli_policy(const struct cli *cli, const char *const *paths, size_t count, int *ret_exit)
{
	struct rko_policy *policy;
	struct rko_fault fault;
	enum rko_status status;

	*ret_exit = EXIT_INPUT;
	if (!cli_all_there(paths, count))
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (count > 1 && cli_is_image(paths[i])) {
			cli_error("%s: an image is a whole policy; name it alone", paths[i]);
			return NULL;
		}
		if (is_empty(paths[i])) {
			cli_error("%s: the file is empty: neither an image nor the text of a policy", paths[i]);
			return NULL;
		}
	}
	if (count != 1 || !cli_is_image(paths[0]))
		return compile(cli, paths, count, ret_exit);
	status = rko_policy_open(paths[0], &policy, &fault);
	if (status == RKO_OK)
		return policy;
	cli_error("%s: %s", paths[0], fault.text);
	*ret_exit = cli_exit_status(status);
	return NULL;
}
