/* SPDX-License-Identifier: EUPL-1.2 */
/* audit: the command with its options; each subcommand is in a file beside this. */
#include "tools/rko/auditing.h"

#include <sodium.h>
#include <string.h>

#include "tools/common/options.h"
#include "tools/rko/commands.h"

static const struct {
	const char *name;
	int (*run)(struct auditing *job);
} actions[] = {
	{ "init", audit_run_init },	{ "verify", audit_run_verify },	{ "checkpoint", audit_run_checkpoint },
	{ "show", audit_run_show },	{ "search", audit_run_search },	{ "export", audit_run_export },
	{ "prove", audit_run_prove },	{ "check-proof", audit_run_check_proof },
	{ "replay", audit_run_replay },	{ "expire", audit_run_expire },
};
enum { ACTIONS = sizeof actions / sizeof actions[0] };

static int run_action(struct auditing *job, const char *action)
{
	struct cli_near near = cli_near(action);

	for (size_t i = 0; i < ACTIONS; i++) {
		if (strcmp(action, actions[i].name) == 0)
			return actions[i].run(job);
		cli_near_try(&near, actions[i].name);
	}
	return cli_usage(job->cli, "there is no `%s` here%s: init, verify, checkpoint, show, search, export, prove, "
			 "check-proof, replay, expire", action, cli_near_words(&near).text);
}

static bool set_instant(struct auditing *job, const char *option, const char *word, int64_t after, int64_t *ret_time)
{
	int64_t instant;

	if (!options_instant(job->cli, option, word, &instant))
		return false;
	*ret_time = instant * 1000000000 + after;
	return true;
}

static bool set_format(struct auditing *job, const char *word)
{
	enum format format;

	if (!options_format(job->cli, word, FORMATS_TEXT_JSON | FORMATS(FORMAT_FHIR), &format))
		return false;
	job->json = format == FORMAT_JSON;
	job->fhir = format == FORMAT_FHIR;
	return true;
}

static bool set_outcome(struct auditing *job, const char *word)
{
	job->filter.outcome = word;
	if (!audit_is_outcome(word)) {
		cli_usage(job->cli, "--outcome takes granted, not_granted, forbidden, undecided, refused or a failure such as "
			  "facts_damaged, not `%s`", word);
		return false;
	}
	return true;
}

enum {
	OPTION_ORIGIN = OPTION_OWN, OPTION_KEY, OPTION_PUBLIC_KEY, OPTION_CHECKPOINT, OPTION_OLD, OPTION_WHERE, OPTION_QUESTION,
	OPTION_ACTION, OPTION_OUTCOME, OPTION_RULE, OPTION_CALLER, OPTION_SINCE, OPTION_UNTIL, OPTION_AS,
	OPTION_WHOLE, OPTION_AGAINST, OPTION_AS_CORRECTED, OPTION_BEFORE,
};

static const struct option options[] = {
	TAKES_STORE, TAKES_FORMAT, TAKES_LANG, TAKES_AUDIT,
	{ "origin", required_argument, NULL, OPTION_ORIGIN },
	{ "key", required_argument, NULL, OPTION_KEY },
	{ "public-key", required_argument, NULL, OPTION_PUBLIC_KEY },
	{ "checkpoint", required_argument, NULL, OPTION_CHECKPOINT },
	{ "old", required_argument, NULL, OPTION_OLD },
	{ "where", required_argument, NULL, OPTION_WHERE },
	{ "question", required_argument, NULL, OPTION_QUESTION },
	{ "action", required_argument, NULL, OPTION_ACTION },
	{ "outcome", required_argument, NULL, OPTION_OUTCOME },
	{ "rule", required_argument, NULL, OPTION_RULE },
	{ "caller", required_argument, NULL, OPTION_CALLER },
	{ "since", required_argument, NULL, OPTION_SINCE },
	{ "until", required_argument, NULL, OPTION_UNTIL },
	{ "as", required_argument, NULL, OPTION_AS },
	{ "whole", no_argument, NULL, OPTION_WHOLE },
	{ "against", required_argument, NULL, OPTION_AGAINST },
	{ "as-corrected", no_argument, NULL, OPTION_AS_CORRECTED },
	{ "before", required_argument, NULL, OPTION_BEFORE },
	{ "quiet", no_argument, NULL, 'q' },
	{ NULL, 0, NULL, 0 },
};

/* False after a message. */
static bool set_option(struct auditing *job, int option, const char *value)
{
	switch (option) {
	case OPTION_ORIGIN: job->origin = value; return true;
	case OPTION_KEY: job->key = value; return true;
	case OPTION_PUBLIC_KEY: job->public_key = value; return true;
	case OPTION_OLD: job->old = value; return true;
	case OPTION_QUESTION: job->filter.question = value; return true;
	case OPTION_ACTION: job->filter.action = value; return true;
	case OPTION_RULE: job->filter.rule = value; return true;
	case OPTION_CALLER: job->filter.caller = value; return true;
	case OPTION_WHOLE: job->whole = true; return true;
	case OPTION_AGAINST: job->against = value; return true;
	case OPTION_AS_CORRECTED: job->as_corrected = true; return true;
	case OPTION_BEFORE: job->before = value; return true;
	case OPTION_LANG: return cli_language(job->cli, value);
	case OPTION_OUTCOME: return set_outcome(job, value);
	case OPTION_FORMAT: return set_format(job, value);
	case OPTION_SINCE: return set_instant(job, "since", value, 0, &job->filter.times.from);
	case OPTION_UNTIL: return set_instant(job, "until", value, 999999999, &job->filter.times.to);
	case OPTION_STORE: job->store = value; return true;
	case 'A': job->recording.log = value; return true;
	case 'q': job->quiet = true; return true;
	case OPTION_CHECKPOINT:
		if (job->ncheckpoints < CHECKPOINTS_MAX) {
			job->checkpoints[job->ncheckpoints++] = value;
			return true;
		}
		cli_usage(job->cli, "too many checkpoints");
		return false;
	case OPTION_WHERE:
		if (audit_filter_where(&job->filter, value))
			return true;
		cli_usage(job->cli, "--where takes FIELD=VALUE, at most %d times", AUDIT_WHERE_MAX);
		return false;
	default:
		if (audit_roles_add(&job->roles, value))
			return true;
		cli_usage(job->cli, "--as takes ROLE=FIELD; roles are user, organization, patient, purpose, client, custodian, "
			  "consent, data");
		return false;
	}
}

static int run_audit(struct cli *cli, int argc, char **argv)
{
	struct auditing job = { .cli = cli, .recording.command = "rko audit show" };
	int option, result;

	if (sodium_init() < 0)
		return EXIT_INTERNAL;
	audit_filter_init(&job.filter);
	while ((option = getopt_long(argc, argv, "s:q", options, NULL)) != -1) {
		if (option == '?' || option == ':')
			return cli_bad_option(cli, argv, options);
		if (!set_option(&job, option, optarg))
			return EXIT_INPUT;
	}
	if (optind == argc)
		return cli_usage(cli, "say what to do: init, verify, checkpoint, show, search, export, prove, check-proof, replay, "
				 "expire");
	job.arguments = argv + optind + 1;
	job.count = argc - optind - 1;
	result = run_action(&job, argv[optind]);
	if (job.open)
		folder_close(&job.folder);
	return result;
}

const struct command command_audit = {
	.name = "audit",
	.summary = "Makes a record of decisions, checks it, looks into it",
	.usage = "init|verify|checkpoint|show|search|export|prove|check-proof|replay|expire [OPTION]… [ARGUMENT]…",
	.help = "  init --origin=NAME LOG            an empty log in a new folder, and its key; prints the public key\n"
		"  verify LOG                        every byte; names the first bad record\n"
		"  checkpoint LOG                    its newest signed checkpoint, to be kept elsewhere\n"
		"  show LOG RECORD|ID                one record; with --store also why, told again from the facts of then\n"
		"  search LOG                        those that are wanted, a line each\n"
		"  export LOG                        the same as JSON lines, or as FHIR\n"
		"  prove LOG RECORD                  a proof that it is in the log\n"
		"  prove --old=FILE LOG              a proof that the log then is the beginning of the log now\n"
		"  check-proof --public-key=KEY FILE…  checks proofs, without the log\n"
		"  replay --store=FOLDER LOG         makes the decisions again, and compares\n"
		"  expire --before=MONTH LOG         takes away the months before it\n\n"
		"which records are wanted:\n"
		"  --where=FIELD=VALUE   the request said so; may be given several times\n"
		"  --question=NAME       of this question\n"
		"  --action=NAME         for this action\n"
		"  --outcome=WORD        granted, not_granted, forbidden, undecided, refused, or a failure\n"
		"  --rule=NAME           decided by this rule\n"
		"  --caller=NAME         asked by this program\n"
		"  --since=INSTANT       written then or later\n"
		"  --until=INSTANT       written then or earlier\n\n"
		"  --origin=NAME         what the log is called in its checkpoints\n"
		"  --key=FILE            the signing key; else `key` in the log's folder\n"
		"  --public-key=KEY      the log must have this key\n"
		"  --checkpoint=FILE     kept outside: the log must continue it; prove: for these records\n"
		"  --old=FILE            prove: the older checkpoint\n"
		"  --format=text|json|fhir\n"
		"  --as=ROLE=FIELD       fhir: what a field of the request means: user, organization, patient, purpose,\n"
		"                        client, custodian, consent, data\n"
		"  --whole               json: with the record's bytes in base64\n"
		"  -s, --store=FOLDER    where the facts are\n"
		"  --lang=fi|sv|en       show: language of the reasons\n"
		"  --audit=LOG           show: records there, before they are shown, that the reasons were told, and to whom\n"
		"  --against=IMAGE       replay: by this policy\n"
		"  --as-corrected        replay: on the facts as they are known now\n"
		"  --before=MONTH        expire: the first month that stays, such as 2026-07\n"
		"  -q, --quiet           no progress\n\n"
		"examples:\n"
		"  rko audit init --origin=audit.county.example/rkod-1 audit\n"
		"  rko audit verify --checkpoint=june.txt audit\n"
		"  rko audit search --where=client=liisa --since=2026-01-01T00:00+02:00 audit\n"
		"  rko audit replay --store=facts --against=new.image audit\n",
	.run = run_audit,
};
