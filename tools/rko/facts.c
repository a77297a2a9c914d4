/* SPDX-License-Identifier: EUPL-1.2 */
/* facts: loading rows, and looking at them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rko/load.h>

#include "engine/base/limits.h"
#include "tools/common/facts.h"
#include "tools/common/options.h"
#include "tools/rko/commands.h"

struct facts_job {
	struct options with;
	bool has_recorded;
	int64_t recorded;
	bool quiet;
	bool sources;
};

static int failed(enum rko_status status)
{
	cli_error("%s: %s", rko_status_word(status), rko_status_meaning(status));
	return cli_exit_status(status);
}

/* load -------------------------------------------------------------------------------------------- */

struct show {
	const char *path;
	bool terminal;
	bool shown;
	struct timespec last;
};

static bool time_to_show(struct show *show)
{
	struct timespec now;

	if (!show->terminal)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if ((now.tv_sec - show->last.tv_sec) * 1000 + (now.tv_nsec - show->last.tv_nsec) / 1000000 < 200)
		return false;
	show->last = now;
	show->shown = true;
	return true;
}

static void show_bytes(void *context, size_t done, size_t of)
{
	struct show *show = context;

	if (time_to_show(show))
		fprintf(stderr, "\r\033[K%s: %zu %%", show->path, of ? done * 100 / of : 100);
}

static void show_rows(void *context, const char *doing, uint64_t done, uint64_t of)
{
	struct show *show = context;

	if (!time_to_show(show))
		return;
	if (of)
		fprintf(stderr, "\r\033[K%s: %llu of %llu rows", doing, (unsigned long long)done, (unsigned long long)of);
	else
		fprintf(stderr, "\r\033[K%s: %llu rows", doing, (unsigned long long)done);
}

static void show_end(const struct show *show)
{
	if (show->shown)
		fputs("\r\033[K", stderr);
}

static int load_files(struct facts_job *job, char **paths, int count, struct yaml_files *files)
{
	struct fact_reader reader = { .files = files, .policy = job->with.policy };
	struct show show = { .terminal = isatty(STDERR_FILENO) && !job->quiet };
	enum rko_status status = RKO_OK;
	struct rko_loaded loaded;
	struct rko_load *load;
	struct rko_fault fault;
	bool good = true;

	status = rko_load_begin(job->with.facts, job->with.policy, &load, &fault);
	if (status != RKO_OK) {
		cli_error("%s", fault.text);
		return cli_exit_status(status);
	}
	rko_load_watch(load, show_rows, &show);
	for (int i = 0; i < count && good && status == RKO_OK; i++) {
		struct facts_file file;

		show.path = paths[i];
		good = facts_file(&reader, load, paths[i], &file, show_bytes, &show, &status);
		if (file.has_recorded && !job->has_recorded) {
			job->recorded = file.recorded;
			job->has_recorded = true;
		}
	}
	if (good && status == RKO_OK && !files->diags.errors)
		status = rko_load_commit(load, job->has_recorded ? job->recorded : (int64_t)time(NULL), &loaded);
	show_end(&show);
	facts_faults(&reader, load);
	rko_load_free(load);
	if (!cli_diagnostics(job->with.cli, files) || !good) {
		fputs("nothing was stored\n", stderr);
		return EXIT_INPUT;
	}
	if (status != RKO_OK)
		return failed(status);
	if (!job->quiet)
		printf("generation %u: %llu rows stored, %llu removed, %llu known already\n", loaded.generation,
		       (unsigned long long)loaded.rows, (unsigned long long)loaded.removed,
		       (unsigned long long)loaded.same);
	return EXIT_GRANTED;
}

static int run_load(struct facts_job *job, char **arguments, int count)
{
	struct yaml_files files;
	int result;

	if (!count)
		return cli_usage(job->with.cli, "load: name a file of facts, or - for standard input");
	result = options_open_policy(&job->with);
	if (result == EXIT_GRANTED)
		result = options_open_facts(&job->with, RKO_FACTS_CREATE);
	if (result != EXIT_GRANTED)
		return result;
	yaml_files_init(&files);
	result = load_files(job, arguments, count, &files);
	yaml_files_free(&files);
	return result;
}

/* dump, get, history -------------------------------------------------------------------------------- */

struct printer {
	const struct rko_policy *policy;
	struct rko_kind_about kind;
	bool history, sources;
	uint64_t rows;
};

/* What YAML would read as something else is put in quotes. */
static void print_word(const char *text, size_t length)
{
	bool plain = length > 0 && strchr("-?:,[]{}#&*!|>'\"%@` ", text[0]) == NULL;

	for (size_t i = 0; i < length && plain; i++)
		plain = strchr(",[]{}#\"'\\", text[i]) == NULL && !(text[i] == ':' && (i + 1 == length || text[i + 1] == ' '));
	if (plain)
		printf("%.*s", (int)length, text);
	else {
		putchar('\'');
		for (size_t i = 0; i < length; i++) {
			if (text[i] == '\'')
				putchar('\'');
			putchar(text[i]);
		}
		putchar('\'');
	}
}

static void print_value(const struct rko_value *value)
{
	if (value->kind == RKO_VALUE_TEXT) {
		print_word(value->text, value->length);
		return;
	}
	putchar('[');
	for (size_t i = 0; i < value->length; i++) {
		if (i)
			fputs(", ", stdout);
		print_word(value->elements[i].text, value->elements[i].length);
	}
	putchar(']');
}

static void print_fields(const struct printer *printer, const struct rko_fact *fact, uint32_t first)
{
	struct rko_kind_field_about field;
	bool any = false;

	putchar('{');
	for (uint32_t i = first; i < fact->count; i++) {
		if (fact->values[i].kind == RKO_VALUE_MISSING)
			continue;
		rko_kind_field(printer->policy, fact->kind, i, RKO_FI, &field);
		printf("%s%s: ", any ? ", " : "", field.name);
		print_value(&fact->values[i]);
		any = true;
	}
	putchar('}');
}

/* Which generation made a row known, and where it was read. */
static void print_origin(const struct rko_fact *fact)
{
	char recorded[RKO_INSTANT_TEXT] = "?";

	rko_instant_text(fact->recorded, recorded);
	printf("  # generation %u, %s", fact->generation, recorded);
	if (*fact->source)
		printf(", %s", fact->source);
	if (fact->line)
		printf("%s%llu", *fact->source ? ":" : ", line ", (unsigned long long)fact->line);
	puts(fact->removed ? ": removed" : "");
}

/* Rows as `rko facts load` reads them; in a history with what made each known. */
static int print_fact(void *context, const struct rko_fact *fact)
{
	struct printer *printer = context;

	if (!printer->rows++)
		printf("%s:\n", printer->kind.name);
	if (printer->history || printer->sources)
		print_origin(fact);
	fputs(fact->removed ? "  # " : "  ", stdout);
	if (printer->kind.key_fields == 1 && !printer->history) {
		print_value(&fact->values[0]);
		fputs(": ", stdout);
		print_fields(printer, fact, 1);
	} else {
		fputs("- ", stdout);
		print_fields(printer, fact, 0);
	}
	putchar('\n');
	return !ferror(stdout);
}

static void print_refreshed(struct facts_job *job, bool *begun, uint32_t kind)
{
	char text[RKO_INSTANT_TEXT];
	struct rko_kind_about about;
	int64_t instant;
	int found;

	if (rko_facts_refreshed(job->with.facts, job->with.policy, kind, job->with.as_of, &instant, &found) != RKO_OK || !found ||
	    rko_instant_text(instant, text) != RKO_OK)
		return;
	rko_kind_about(job->with.policy, kind, &about);
	if (!*begun)
		fputs("refreshed:\n", stdout);
	*begun = true;
	printf("  %s: %s\n", about.name, text);
}

static int find_kind(const struct facts_job *job, const char *name, uint32_t *ret_kind)
{
	struct rko_kind_about about;
	struct cli_near near = cli_near(name);

	*ret_kind = rko_policy_kind(job->with.policy, name);
	if (*ret_kind != RKO_NOTHING)
		return EXIT_GRANTED;
	for (uint32_t i = 0; i < rko_policy_kinds(job->with.policy); i++) {
		rko_kind_about(job->with.policy, i, &about);
		cli_near_try(&near, about.name);
	}
	return cli_usage(job->with.cli, "the policy has no kind of fact `%s`%s", name, cli_near_words(&near).text);
}

static int dump_kind(struct facts_job *job, uint32_t kind)
{
	struct printer printer = { .policy = job->with.policy, .sources = job->sources };
	enum rko_status status;

	rko_kind_about(job->with.policy, kind, &printer.kind);
	status = rko_facts_read(job->with.facts, job->with.policy, kind, NULL, 0, job->with.as_of, 0, print_fact, &printer);
	return status == RKO_OK ? EXIT_GRANTED : failed(status);
}

static int run_dump(struct facts_job *job, char **names, int count)
{
	int result = options_open_policy(&job->with);
	bool begun = false;

	if (result == EXIT_GRANTED)
		result = options_open_facts(&job->with, 0);
	for (uint32_t i = 0; result == EXIT_GRANTED && !count && i < rko_policy_kinds(job->with.policy); i++)
		result = dump_kind(job, i);
	for (uint32_t i = 0; result == EXIT_GRANTED && !count && i < rko_policy_kinds(job->with.policy); i++)
		print_refreshed(job, &begun, i);
	for (int i = 0; i < count && result == EXIT_GRANTED; i++) {
		uint32_t kind;

		result = find_kind(job, names[i], &kind);
		if (result == EXIT_GRANTED)
			result = dump_kind(job, kind);
	}
	return result;
}

static int run_get(struct facts_job *job, char **arguments, int count, bool history)
{
	struct printer printer = { .history = history, .sources = job->sources };
	struct rko_value key[LIMIT_KEY_SLOTS];
	enum rko_status status;
	uint32_t kind;
	int result;

	if (count < 1 || count > LIMIT_KEY_SLOTS + 1)
		return cli_usage(job->with.cli, "name a kind of fact and the start of its key");
	result = options_open_policy(&job->with);
	if (result == EXIT_GRANTED)
		result = find_kind(job, arguments[0], &kind);
	if (result == EXIT_GRANTED)
		result = options_open_facts(&job->with, 0);
	if (result != EXIT_GRANTED)
		return result;
	printer.policy = job->with.policy;
	rko_kind_about(job->with.policy, kind, &printer.kind);
	if ((uint32_t)count - 1 > printer.kind.key_fields)
		return cli_usage(job->with.cli, "%s has a key of %u fields", printer.kind.name, printer.kind.key_fields);
	for (int i = 1; i < count; i++)
		key[i - 1] = (struct rko_value){ .kind = RKO_VALUE_TEXT, .text = arguments[i],
						 .length = strlen(arguments[i]) };
	status = rko_facts_read(job->with.facts, job->with.policy, kind, key, (size_t)count - 1, job->with.as_of, history, print_fact,
				&printer);
	if (status == RKO_ARGUMENT)
		return cli_usage(job->with.cli, "a part of the key is no code of its set");
	if (status != RKO_OK)
		return failed(status);
	if (!printer.rows) {
		fprintf(stderr, "there is no such row\n");
		return EXIT_DENIED;
	}
	return EXIT_GRANTED;
}

/* info -------------------------------------------------------------------------------------------- */

static int run_info(struct facts_job *job)
{
	char recorded[RKO_INSTANT_TEXT] = "never";
	struct rko_facts_about about;
	enum rko_status status;
	int result = options_open_facts(&job->with, 0);

	if (result != EXIT_GRANTED)
		return result;
	status = rko_facts_about(job->with.facts, &about);
	if (status != RKO_OK)
		return failed(status);
	if (about.generation)
		rko_instant_text(about.recorded, recorded);
	printf("generation %u, recorded %s\n%zu KiB used of %zu KiB\n", about.generation, recorded, about.used / 1024,
	       about.most / 1024);
	return EXIT_GRANTED;
}

/* All --------------------------------------------------------------------------------------------- */

static int run_action(struct facts_job *job, const char *action, char **arguments, int count)
{
	static const char *const actions[] = { "load", "dump", "get", "history", "info" };
	struct cli_near near = cli_near(action);
	bool known = false;

	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
		known |= strcmp(action, actions[i]) == 0;
		cli_near_try(&near, actions[i]);
	}
	if (!known)
		return cli_usage(job->with.cli, "there is no `%s` here%s: load, dump, get, history, info", action,
				 cli_near_words(&near).text);
	if (!job->with.store)
		return cli_usage(job->with.cli, "%s: say where the facts are: --store=FOLDER", action);
	if (strcmp(action, "info") == 0)
		return count ? cli_usage(job->with.cli, "info: `%s` is more than this takes", *arguments) : run_info(job);
	if (!job->with.npolicies)
		return cli_usage(job->with.cli, "%s: say by which policy: --policy=IMAGE-OR-FOLDER", action);
	if (strcmp(action, "load") == 0)
		return run_load(job, arguments, count);
	if (strcmp(action, "dump") == 0)
		return run_dump(job, arguments, count);
	return run_get(job, arguments, count, strcmp(action, "history") == 0);
}

static int run_facts(struct cli *cli, int argc, char **argv)
{
	static const struct option options[] = {
		TAKES_POLICY, TAKES_STORE, TAKES_AS_OF,
		{ "recorded", required_argument, NULL, 'r' }, { "quiet", no_argument, NULL, 'q' },
		{ "sources", no_argument, NULL, 'S' },
		{ NULL, 0, NULL, 0 },
	};
	struct facts_job job = { .with.cli = cli };
	int option, result;

	while ((option = getopt_long(argc, argv, OPTIONS_SHORT "q", options, NULL)) != -1) {
		switch (option) {
		case 'r':
			job.has_recorded = options_instant(cli, "recorded", optarg, &job.recorded);
			if (!job.has_recorded)
				return EXIT_INPUT;
			break;
		case 'q':
			job.quiet = true;
			break;
		case 'S':
			job.sources = true;
			break;
		case '?':
			return cli_bad_option(cli, argv, options);
		default:
			if (options_take(&job.with, option, optarg) != EXIT_GRANTED)
				return EXIT_INPUT;
		}
	}
	if (optind == argc)
		return cli_usage(cli, "say what to do: load, dump, get, history, info");
	result = run_action(&job, argv[optind], argv + optind + 1, argc - optind - 1);
	options_close(&job.with);
	return result;
}

const struct command command_facts = {
	.name = "facts",
	.summary = "Loads facts, and looks at them",
	.usage = "load|dump|get|history|info --store=FOLDER --policy=IMAGE-OR-FOLDER [ARGUMENT]…",
	.help = "  load FILE…           every row of the files is checked and stored, whole or not at all; makes the store\n"
		"  dump [KIND…]         all rows, as load reads them\n"
		"  get KIND [KEY…]      the rows whose key begins so\n"
		"  history KIND [KEY…]  every version of them, the newest first\n"
		"  info                 generation and size\n\n"
		HELP_STORE
		HELP_POLICY
		HELP_AS_OF
		"  --recorded=INSTANT  when what is loaded became known; else now\n"
		"  --sources           above each row of dump and get: generation, file and line it came from\n"
		"  -q, --quiet         no progress, no closing line\n\n"
		"examples:\n"
		"  rko facts load --store=facts --policy=policy.image policies/demo/facts.yaml\n"
		"  rko facts get --store=facts --policy=policy.image rko_grant ekhva liisa\n"
		"  rko facts history --store=facts --policy=policy.image episode e1\n",
	.run = run_facts,
};
