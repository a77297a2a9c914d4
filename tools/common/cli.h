/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Cli: what the subcommands share: how they end, what they print on, how options are read.
 */
#ifndef RKO_TOOLS_CLI_H
#define RKO_TOOLS_CLI_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rko/explain.h>
#include <rko/policy.h>

#include "tools/common/yaml.h"

/* How a command ends. Stable: scripts and services rely on it. */
enum {
	EXIT_GRANTED = 0,	/* granted; or done, and nothing is wrong */
	EXIT_DENIED = 1,	/* forbidden or not granted; or: some test failed */
	EXIT_UNDECIDED = 2,
	EXIT_INPUT = 3,		/* bad options, files, facts or requests; a refused request */
	EXIT_POLICY = 4,	/* the policy has errors */
	EXIT_INTERNAL = 5,	/* memory, disk, a damaged store */
};

/* Where memory that runs out leads: main() waits there and ends the program. */
extern jmp_buf cli_no_memory;

struct cli {
	const char *command;	/* name of the subcommand */
	bool colour_out, colour_err;
	size_t width;		/* of the terminal; 100 when it is none */
	enum rko_language language;
};

struct command {
	const char *name;
	const char *summary;
	const char *usage;	/* lines behind `rko NAME` */
	const char *help;	/* options and examples */
	int (*run)(struct cli *cli, int argc, char **argv);
};

/* An error of usage: says it, and how to ask for help. Gives EXIT_INPUT. */
int cli_usage(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/*
 * The same for what getopt_long() gave '?' for: an option that is not known, with the nearest, or one that lacks its
 * value. getopt's own messages are switched off.
 */
struct option;
int cli_bad_option(const struct cli *cli, char **argv, const struct option *options);
/* Something that did not work. Prints `rko: …`. */
void cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Shows and forgets diagnostics about files. False when one of them is an error. */
bool cli_diagnostics(const struct cli *cli, struct yaml_files *files);
/* The number of a generation, from 1. False, and says so, for anything else. */
bool cli_generation(const struct cli *cli, const char *word, uint32_t *ret_generation);
/* Whether all of these are there; says of the first that is not why. */
bool cli_all_there(const char *const *paths, size_t count);

/*
 * The name that is nearest to a word, of those that were tried: `nearest` is NULL when none is near.
 *
 *   struct cli_near near = cli_near("chek");
 *   cli_near_try(&near, "check"); …
 */
struct cli_near {
	const char *word, *nearest;
	unsigned distance;
};
struct cli_near cli_near(const char *word);
void cli_near_try(struct cli_near *near, const char *name);
/* "; the nearest is `check`", or nothing. */
struct cli_near_words {
	char text[160];
} cli_near_words(const struct cli_near *near);

/* fi, sv or en. False, and says so, for anything else. */
bool cli_language(struct cli *cli, const char *word);
/* The exit code of a decision, and of a status. */
int cli_exit(const struct rko_decision *decision);
int cli_exit_status(enum rko_status status);

/*
 * Writes a file whole: beside its place first and then over it, so that whoever has the old one open keeps it, with the
 * permissions of the old one. Gives EXIT_GRANTED; else it has said why, nothing has changed, and it gives EXIT_INPUT
 * when no file can be there, EXIT_INTERNAL when the disk fails.
 */
int cli_write(const char *path, const void *bytes, size_t size);
/* Whether a file begins as an image does. */
bool cli_is_image(const char *path);
/*
 * A policy from what was named: an image file, or policy texts (files and folders), which are compiled. On
 * failure messages have been printed and *ret_exit says how to end.
 */
struct rko_policy *cli_policy(const struct cli *cli, const char *const *paths, size_t count, int *ret_exit);

#endif
