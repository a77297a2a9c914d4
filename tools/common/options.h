/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Options: those that several commands have: by which policy, on which facts, for which instant, how it is printed.
 * What each is called, how it is read and what the help says of it stands here; a command lists the ones it takes.
 */
#ifndef RKO_TOOLS_OPTIONS_H
#define RKO_TOOLS_OPTIONS_H

#include <getopt.h>

#include <rko/decide.h>

#include "tools/common/cli.h"

enum { OPTIONS_POLICIES = 64 };

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_HTML, FORMAT_FHIR, FORMAT_JUNIT, FORMAT_TAP };

/* What the words of --format may be, a bit for each. */
#define FORMATS(format)	  (1u << (format))
#define FORMATS_TEXT_JSON (FORMATS(FORMAT_TEXT) | FORMATS(FORMAT_JSON))

struct options {
	struct cli *cli;
	unsigned formats;	/* that the command prints; 0: text and JSON */
	const char *policies[OPTIONS_POLICIES];
	size_t npolicies;
	const char *store;
	bool has_at;
	int64_t at;
	uint32_t as_of;
	enum format format;
	struct rko_policy *policy;
	struct rko_facts *facts;
	struct rko_session *session;
};

/* `val` of each; those of a command's own begin behind them, or are letters. */
enum {
	OPTION_POLICY = 'p', OPTION_STORE = 's',
	OPTION_AT = 256, OPTION_AS_OF, OPTION_FORMAT, OPTION_LANG, OPTION_OWN,
};

/* The short ones, for getopt_long(). */
#define OPTIONS_SHORT  "p:s:"

#define TAKES_POLICY { "policy", required_argument, NULL, OPTION_POLICY }
#define TAKES_STORE  { "store", required_argument, NULL, OPTION_STORE }
#define TAKES_AT     { "at", required_argument, NULL, OPTION_AT }
#define TAKES_AS_OF  { "as-of", required_argument, NULL, OPTION_AS_OF }
#define TAKES_FORMAT { "format", required_argument, NULL, OPTION_FORMAT }
#define TAKES_LANG   { "lang", required_argument, NULL, OPTION_LANG }

#define HELP_POLICY "  -p, --policy=PATH   an image, or policy texts; may be given several times\n"
#define HELP_STORE  "  -s, --store=FOLDER  where the facts are\n"
#define HELP_AT	    "  --at=INSTANT        for which instant; else now\n"
#define HELP_AS_OF  "  --as-of=GENERATION  as the facts were known then\n"
#define HELP_LANG   "  --lang=fi|sv|en     language of the reasons\n"

/* Takes one of those options. EXIT_GRANTED, or how to end: the message has been printed. */
int options_take(struct options *options, int option, const char *value);
/* Opens the policy, the facts, and a session on both. The same. */
int options_open_policy(struct options *options);
int options_open_facts(struct options *options, unsigned flags);
int options_open(struct options *options);
/* Accepts what was never opened. */
void options_close(struct options *options);

/* The word of a --format, one of `formats`. False, and says so, for anything else. */
bool options_format(const struct cli *cli, const char *word, unsigned formats, enum format *ret_format);
/* An instant, of the option of that name. The same. */
bool options_instant(const struct cli *cli, const char *option, const char *word, int64_t *ret_instant);

#endif
