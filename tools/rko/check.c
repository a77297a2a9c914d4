/* SPDX-License-Identifier: EUPL-1.2 */
/* check, compile, dump, explain and version: what the compiler has to say. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rko/compile.h>
#include <rko/policy.h>

#include "engine/base/buf.h"
#include "engine/base/limits.h"
#include "tools/common/options.h"
#include "tools/rko/commands.h"

/* Compiling --------------------------------------------------------------------------------------- */

struct job {
	struct cli *cli;
	struct rko_compiler *compiler;
	enum rko_messages form;
	bool notes, all, report;
	FILE *messages;
};

static int start(struct job *job, char **paths, int count)
{
	if (count == 0)
		return cli_usage(job->cli, "name a policy file or a folder");
	if (!cli_all_there((const char *const *)paths, (size_t)count))
		return EXIT_INPUT;
	for (int i = 0; i < count; i++) {
		if (cli_is_image(paths[i])) {
			cli_error("%s: this is a compiled image; name the texts of the policy", paths[i]);
			return EXIT_INPUT;
		}
	}
	if (rko_compiler_new(&job->compiler) != RKO_OK) {
		cli_error("memory ran out");
		return EXIT_INTERNAL;
	}
	for (int i = 0; i < count; i++)
		rko_compiler_add(job->compiler, paths[i]);
	return EXIT_GRANTED;
}

static int finish(struct job *job, enum rko_status status)
{
	const char *messages = rko_compiler_messages(job->compiler, job->form, job->all ? 0 : LIMIT_SHOWN_ERRORS,
						     job->notes);

	if (messages && (*messages || job->form == RKO_MESSAGES_JSON))
		fputs(messages, job->messages);
	return cli_exit_status(status);
}

static bool read_form(struct job *job, const char *word)
{
	enum format format;

	if (!options_format(job->cli, word, FORMATS_TEXT_JSON, &format))
		return false;
	if (format == FORMAT_JSON) {
		job->form = RKO_MESSAGES_JSON;
		job->messages = stdout;
	} else {
		job->form = job->cli->colour_err ? RKO_MESSAGES_COLOUR : RKO_MESSAGES_TEXT;
		job->messages = stderr;
	}
	return true;
}

/* check ------------------------------------------------------------------------------------------- */

static int run_check(struct cli *cli, int argc, char **argv)
{
	static const struct option options[] = {
		TAKES_FORMAT, { "notes", no_argument, NULL, 'n' },
		{ "all", no_argument, NULL, 'a' },	    { "report", no_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	struct job job = { .cli = cli, .form = cli->colour_err ? RKO_MESSAGES_COLOUR : RKO_MESSAGES_TEXT,
			   .messages = stderr };
	enum rko_status status;
	int option, result;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case OPTION_FORMAT:
			if (!read_form(&job, optarg))
				return EXIT_INPUT;
			break;
		case 'n':
			job.notes = true;
			break;
		case 'a':
			job.all = true;
			break;
		case 'r':
			job.report = true;
			break;
		default:
			return cli_bad_option(cli, argv, options);
		}
	}
	result = start(&job, argv + optind, argc - optind);
	if (result != EXIT_GRANTED)
		return result;
	status = rko_compiler_run(job.compiler, RKO_STAGE_IMAGE);
	result = finish(&job, status);
	if (job.form != RKO_MESSAGES_JSON) {
		size_t notes = rko_compiler_notes(job.compiler), size;
		const void *image = rko_compiler_image(job.compiler, &size);

		if (job.report && rko_compiler_report(job.compiler))
			fputs(rko_compiler_report(job.compiler), stdout);
		if (image)
			printf("no errors, %zu warning%s, %zu note%s; the image has %zu bytes%s\n",
			       rko_compiler_warnings(job.compiler), rko_compiler_warnings(job.compiler) == 1 ? "" : "s",
			       notes, notes == 1 ? "" : "s", size,
			       notes && !job.notes ? " (--notes shows the notes)" : "");
	}
	rko_compiler_free(job.compiler);
	return result;
}

const struct command command_check = {
	.name = "check",
	.summary = "Looks at policies and says what is wrong with them",
	.usage = "[--format=text|json] [--notes] [--all] [--report] FILE-OR-FOLDER…",
	.help = "Everything is checked that a compile checks, the diagrams and the proof included; nothing is written.\n\n"
		"  --format=json  the messages as one JSON object, on standard output\n"
		"  --notes        notes too: texts that are missing in a language, pending codes, …\n"
		"  --all          every error, not only the first 20\n"
		"  --report       sizes of the diagrams and the worst case of a decision\n\n"
		"examples:\n"
		"  rko check policies/\n"
		"  rko check --notes --report policies/national policies/ekhva\n"
		"  rko check --format=json policies/ | jq '.diagnostics[].code'\n",
	.run = run_check,
};

/* compile ----------------------------------------------------------------------------------------- */

static int run_compile(struct cli *cli, int argc, char **argv)
{
	static const struct option options[] = {
		TAKES_FORMAT, { "output", required_argument, NULL, 'o' },
		{ "report", no_argument, NULL, 'r' },	    { NULL, 0, NULL, 0 },
	};
	struct job job = { .cli = cli, .form = cli->colour_err ? RKO_MESSAGES_COLOUR : RKO_MESSAGES_TEXT,
			   .messages = stderr };
	const char *output = NULL;
	enum rko_status status;
	int option, result;

	while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
		switch (option) {
		case 'o':
			output = optarg;
			break;
		case OPTION_FORMAT:
			if (!read_form(&job, optarg))
				return EXIT_INPUT;
			break;
		case 'r':
			job.report = true;
			break;
		default:
			return cli_bad_option(cli, argv, options);
		}
	}
	if (!output)
		return cli_usage(cli, "say where the image goes: -o policy.image");
	result = start(&job, argv + optind, argc - optind);
	if (result != EXIT_GRANTED)
		return result;
	status = rko_compiler_run(job.compiler, RKO_STAGE_IMAGE);
	result = finish(&job, status);
	if (result == EXIT_GRANTED) {
		size_t size;
		const void *image = rko_compiler_image(job.compiler, &size);

		result = cli_write(output, image, size);
		if (job.report && rko_compiler_report(job.compiler))
			fputs(rko_compiler_report(job.compiler), stdout);
	}
	rko_compiler_free(job.compiler);
	return result;
}

const struct command command_compile = {
	.name = "compile",
	.summary = "Compiles policies to an image that decisions are made by",
	.usage = "-o IMAGE [--format=text|json] [--report] FILE-OR-FOLDER…",
	.help = "The same texts give the same bytes. The image is written beside its place and then put there whole;\n"
		"with errors nothing is written.\n\n"
		"  -o, --output=IMAGE  where it goes\n"
		"  --format=json       the messages as one JSON object, on standard output\n"
		"  --report            sizes of the diagrams and the worst case of a decision\n\n"
		"examples:\n"
		"  rko compile -o policy.image policies/\n",
	.run = run_compile,
};

/* dump -------------------------------------------------------------------------------------------- */

static bool read_stage(const char *word, enum rko_stage *ret_stage)
{
	static const char *const words[] = { "tokens", "ast", "check", "rules", "diagram", "image" };

	for (int i = 0; i < 6; i++) {
		if (strcmp(word, words[i]) == 0) {
			*ret_stage = (enum rko_stage)i;
			return true;
		}
	}
	return false;
}

static int run_dump(struct cli *cli, int argc, char **argv)
{
	static const struct option options[] = {
		{ "after", required_argument, NULL, 'a' }, { NULL, 0, NULL, 0 },
	};
	struct job job = { .cli = cli, .form = cli->colour_err ? RKO_MESSAGES_COLOUR : RKO_MESSAGES_TEXT,
			   .messages = stderr };
	enum rko_stage stage = RKO_STAGE_CHECK;
	const char *dump;
	int option, result;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'a')
			return cli_bad_option(cli, argv, options);
		if (!read_stage(optarg, &stage))
			return cli_usage(cli, "--after takes tokens, ast, check, rules, diagram or image, not `%s`",
					 optarg);
	}
	result = start(&job, argv + optind, argc - optind);
	if (result != EXIT_GRANTED)
		return result;
	result = finish(&job, rko_compiler_run(job.compiler, stage));
	dump = rko_compiler_dump(job.compiler, stage);
	if (dump)
		fputs(dump, stdout);
	rko_compiler_free(job.compiler);
	return result;
}

const struct command command_dump = {
	.name = "dump",
	.summary = "Shows what a stage of the compiler makes of policies",
	.usage = "[--after=tokens|ast|check|rules|diagram|image] FILE-OR-FOLDER…",
	.help = "For those who want to see how a policy becomes a diagram. The default is --after=check: what the names\n"
		"mean and which rules there are.\n\n"
		"examples:\n"
		"  rko dump --after=rules policies/ | less\n",
	.run = run_dump,
};

/* explain ----------------------------------------------------------------------------------------- */

static int compare_codes(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return x < y ? -1 : x > y;
}

static int list_codes(void)
{
	unsigned codes[1000];
	const char *text;
	size_t count = 0;

	while (count < sizeof codes / sizeof codes[0] && (codes[count] = rko_code_at(count)) != 0)
		count++;
	qsort(codes, count, sizeof codes[0], compare_codes);
	for (size_t i = 0; i < count; i++)
		printf("RKO%04u  %s\n", codes[i], rko_explain_code(codes[i], &text));
	return EXIT_GRANTED;
}

static int run_explain(struct cli *cli, int argc, char **argv)
{
	static const struct option options[] = { { NULL, 0, NULL, 0 } };
	const char *word, *title, *text;
	unsigned long code;
	char *end;

	if (getopt_long(argc, argv, "", options, NULL) != -1)
		return cli_bad_option(cli, argv, options);
	if (optind == argc)
		return list_codes();
	if (argc - optind > 1)
		return cli_usage(cli, "one code at a time");
	word = argv[optind];
	if (strncasecmp(word, "rko", 3) == 0)
		word += 3;
	errno = 0;
	code = strtoul(word, &end, 10);
	title = *end || end == word || !isdigit((unsigned char)*word) || code > 9999
			? NULL : rko_explain_code((unsigned)code, &text);
	if (!title)
		return cli_usage(cli, "there is no code `%s`; without one, all are listed", argv[optind]);
	printf("RKO%04lu: %s\n\n%s", code, title, text);
	return EXIT_GRANTED;
}

const struct command command_explain = {
	.name = "explain",
	.summary = "Tells the long form of a message",
	.usage = "[CODE]",
	.help = "Without a code, every code and its title.\n\n"
		"examples:\n"
		"  rko explain RKO0417\n",
	.run = run_explain,
};

/* version ----------------------------------------------------------------------------------------- */

static int run_version(struct cli *cli, int argc, char **argv)
{
	static const struct option options[] = { { NULL, 0, NULL, 0 } };

	if (getopt_long(argc, argv, "", options, NULL) != -1)
		return cli_bad_option(cli, argv, options);
	if (optind < argc)
		return cli_usage(cli, "`%s` is more than this takes", argv[optind]);
	printf("rko %s\nimage format %u, time zone table %s (%s)\n", rko_version(), rko_image_format(),
	       rko_zone_version(), rko_zone_name());
	return EXIT_GRANTED;
}

const struct command command_version = {
	.name = "version",
	.summary = "Says which version this is",
	.usage = "",
	.help = "Also the format of images, and the version of the time zone table that decisions use.\n\n"
		"examples:\n"
		"  rko version\n",
	.run = run_version,
};
