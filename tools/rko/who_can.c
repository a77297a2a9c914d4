/* SPDX-License-Identifier: EUPL-1.2 */
/* who-can: those of whom the facts know that may do this. */
#include "tools/rko/commands.h"
#include "tools/rko/find.h"

static int run(struct cli *cli, int argc, char **argv)
{
	return find_values(cli, argc, argv, RKO_SUBJECT);
}

const struct command command_who_can = {
	.name = "who-can",
	.summary = "Tells who may do this, of those whom the facts know",
	.usage = "--policy=IMAGE-OR-FOLDER --store=FOLDER [OPTION]… QUESTION ACTION FIELD=VALUE…",
	.help = "Decides the question for everyone who stands in the facts, and prints those to whom it is granted, a line each.\n"
		"The field that says who asks is left out, or another one is said as FIELD=?. Ends with 0 when it is granted to\n"
		"somebody, with 2 when it is undecided for somebody, else with 1.\n\n"
		FIND_OPTIONS
		"\nexamples:\n"
		"  rko who-can -p policy.image -s facts --at=2026-07-10T10:00+03:00 access read \\\n"
		"      unit=kukkakoti_u1 work_task=priv_implementation purpose=service \\\n"
		"      identification=professional_card client=liisa register=ekhva system=x_jarjestelma \\\n"
		"      channel=kanta document=liisa_merkinta\n",
	.run = run,
};
