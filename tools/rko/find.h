/* SPDX-License-Identifier: EUPL-1.2 */
/* What `who-can` and `what-can` share: a question with one field open, and the values for which it is granted. */
#ifndef RKO_TOOLS_FIND_H
#define RKO_TOOLS_FIND_H

#include <rko/policy.h>

#include "tools/common/options.h"

/* `part`: whose id is left open when no field is said to be. */
int find_values(struct cli *cli, int argc, char **argv, enum rko_part part);

#define FIND_OPTIONS                                                                                         \
	HELP_POLICY                                                                                          \
	HELP_STORE                                                                                           \
	HELP_AT                                                                                              \
	HELP_AS_OF                                                                                           \
	"  --among=KIND.FIELD  look at the values of this field of the stored rows of a kind\n"              \
	"  --where=FIELD=VALUE only at rows of which this is true; may be given several times\n"             \
	"  --all               also those that are denied or undecided, each with its outcome\n"             \
	"  --limit=N           decide for N values at most; what is left over is said\n"                     \
	"  --token=TOKEN       go on where a page ended\n"                                                   \
	"  --lang=fi|sv|en     language of what is said beside the values\n"                                 \
	"  --format=json       as JSON\n"

#endif
