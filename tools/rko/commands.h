/* SPDX-License-Identifier: EUPL-1.2 */
/* The subcommands, a file each. */
#ifndef RKO_TOOLS_COMMANDS_H
#define RKO_TOOLS_COMMANDS_H

#include "tools/common/cli.h"

extern const struct command command_check, command_compile, command_dump, command_decide, command_facts,
	command_test, command_explain_decision, command_fmt, command_explain, command_version, command_audit,
	command_when, command_who_can, command_what_can;

#endif
