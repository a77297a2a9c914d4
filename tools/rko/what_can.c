/* SPDX-License-Identifier: EUPL-1.2 */
/* what-can: the documents, cases or whatever the facts know to which this may be done. */
#include "tools/rko/commands.h"
#include "tools/rko/find.h"

static int run(struct cli *cli, int argc, char **argv)
{
	return find_values(cli, argc, argv, RKO_RESOURCE);
}

const struct command command_what_can = {
	.name = "what-can",
	.summary = "Tells to what this may be done, of what the facts know",
	.usage = "--policy=IMAGE-OR-FOLDER --store=FOLDER [OPTION]… QUESTION ACTION FIELD=VALUE…",
	.help = "Decides the question for every document, case or whatever the field that says to what it is done can name, and\n"
		"prints those for which it is granted, a line each. That field is left out, or another one is said as FIELD=?.\n"
		"Of a question that only lists duties, those that have some are printed, with them. Ends with 0 when it is granted\n"
		"for something, with 2 when it is undecided for something, else with 1.\n\n"
		FIND_OPTIONS
		"\nexamples:\n"
		"  rko what-can -p policy.image -s facts --at=2026-07-10T10:00+03:00 --where=matter=asia_liisa \\\n"
		"      access read user=kaisa unit=kukkakoti_u1 work_task=priv_implementation purpose=service \\\n"
		"      identification=professional_card client=liisa register=ekhva system=x_jarjestelma \\\n"
		"      channel=kanta\n"
		"  rko what-can -p policy.image -s facts --where=unit=kukkakoti_u1 obligations list episode=?\n",
	.run = run,
};
