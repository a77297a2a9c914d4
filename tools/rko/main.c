/* SPDX-License-Identifier: EUPL-1.2 */
/* rko: the tool for those who write policies, load facts and read decisions. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <rko/status.h>

#include "tools/rko/commands.h"

static const struct command *const commands[] = {
	&command_check,    &command_compile, &command_dump, &command_decide, &command_explain_decision,
	&command_when,     &command_who_can, &command_what_can, &command_facts, &command_test,
	&command_fmt,      &command_explain, &command_audit, &command_version,
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_help(FILE *out)
{
	fputs("usage: rko COMMAND [OPTION]… [ARGUMENT]…\n\n"
	      "May this user of this unit read or write this document of this case now? rko compiles policies that\n"
	      "say so, keeps the facts they ask about, and decides, with reasons.\n\n", out);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-16s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n`rko COMMAND --help` tells more and shows examples.\n\n"
	      "exit status: 0 granted, or done; 1 denied, or a test failed; 2 undecided; 3 bad input;\n"
	      "             4 the policy has errors; 5 something broke\n", out);
}

static void print_command_help(const struct command *command)
{
	printf("usage: rko %s %s\n\n%s.\n\n%s", command->name, command->usage, command->summary, command->help);
}

/* Colours where they are seen: on a terminal, unless the environment says no. */
static bool wants_colour(int file)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	return isatty(file) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

static size_t terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
		return size.ws_col < 120 ? size.ws_col : 120;
	return 100;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct cli cli = {
		.command = command->name,
		.colour_out = wants_colour(STDOUT_FILENO),
		.colour_err = wants_colour(STDERR_FILENO),
		.width = terminal_width(),
		.language = RKO_FI,
	};
	int result;

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			print_command_help(command);
			return EXIT_GRANTED;
		}
	}
	result = command->run(&cli, argc, argv);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		cli_error("the output could not be written");
		return EXIT_INTERNAL;
	}
	return result;
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(name, commands[i]->name) == 0)
			return commands[i];
	return NULL;
}

static int no_such_command(const char *name)
{
	struct cli_near near = cli_near(name);

	for (size_t i = 0; i < COMMANDS; i++)
		cli_near_try(&near, commands[i]->name);
	cli_error("there is no command `%s`%s", name, cli_near_words(&near).text);
	fputs("Try `rko --help`.\n", stderr);
	return EXIT_INPUT;
}

static int help(int argc, char **argv)
{
	const struct command *command = argc > 2 ? find(argv[2]) : NULL;

	if (argc > 2 && !command)
		return no_such_command(argv[2]);
	if (command)
		print_command_help(command);
	else
		print_help(stdout);
	return EXIT_GRANTED;
}

int main(int argc, char **argv)
{
	const struct command *command;

	opterr = 0;
	if (setjmp(cli_no_memory)) {
		cli_error("memory ran out");
		return EXIT_INTERNAL;
	}
	if (argc < 2) {
		print_help(stderr);
		return EXIT_INPUT;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
		return help(argc, argv);
	if (strcmp(argv[1], "--version") == 0)
		return run(&command_version, argc - 1, argv + 1);
	command = find(argv[1]);
	return command ? run(command, argc - 1, argv + 1) : no_such_command(argv[1]);
}
