/* SPDX-License-Identifier: EUPL-1.2 */
/* audit: makes a record of decisions, checks it, and looks into it. */
#include "tools/rko/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/common/options.h"
#include "tools/rko/commands.h"

/* Shared ------------------------------------------------------------------------------------------ */

int auditing_open(struct auditing *job)
{
	struct rko_fault fault;
	enum rko_status status;

	if (!job->count)
		return cli_usage(job->cli, "say which log: its folder");
	job->path = job->arguments[0];
	job->arguments++;
	job->count--;
	status = folder_open(job->path, &job->folder, &fault);
	if (status != RKO_OK) {
		cli_error("%s", fault.text);
		return cli_exit_status(status);
	}
	job->open = true;
	if (job->public_key) {
		struct note_key key;

		if (!note_key_parse(text_from(job->public_key), &key))
			return cli_usage(job->cli, "--public-key takes a key as `rko audit init` prints it");
		if (strcmp(key.origin, job->folder.key.origin) != 0 ||
		    memcmp(key.public, job->folder.key.public, sizeof key.public) != 0) {
			cli_error("%s: this log has another key than the one given: it is another log", job->path);
			return EXIT_DENIED;
		}
	}
	return EXIT_GRANTED;
}

bool auditing_checkpoint(struct auditing *job, const struct note_key *key, const char *path,
			 struct checkpoint *ret_checkpoint, char **ret_text)
{
	size_t size;
	char *text = io_get(AT_FDCWD, path, RKO_AUDIT_CHECKPOINT_TEXT, &size);
	enum note_fault fault;

	(void)job;
	if (!text) {
		cli_error("%s: %s", path, errno == EFBIG ? "not a checkpoint" : strerror(errno));
		return false;
	}
	fault = note_open(key, (struct text){ text, size }, ret_checkpoint);
	if (fault != NOTE_OK)
		cli_error("%s: %s", path, note_fault_meaning(fault));
	if (fault == NOTE_OK && ret_text)
		*ret_text = text;
	else
		free(text);
	return fault == NOTE_OK;
}

void auditing_progress(void *context, uint64_t done, uint64_t of)
{
	struct auditing *job = context;
	time_t now = time(NULL);

	if (job->quiet || !isatty(STDERR_FILENO) || now == job->told || !of)
		return;
	/* Nothing in the first second: most logs are read by then. */
	if (job->told) {
		fprintf(stderr, "\r\033[K%" PRIu64 " of %" PRIu64 " MB, %d %%", done >> 20, of >> 20,
			(int)(done * 100 / of));
		job->showed = true;
	}
	job->told = now;
}

void auditing_progress_end(struct auditing *job)
{
	if (job->showed)
		fputs("\r\033[K", stderr);
	job->showed = false;
}

int auditing_bad(struct auditing *job, const struct walk_bad *bad)
{
	char path[FOLDER_NAME];

	auditing_progress_end(job);
	segment_path(&bad->segment, path);
	cli_error("%s/%s, byte %" PRIu64 ": record %" PRIu64 ": %s; `rko audit verify` tells more", job->path, path,
		  bad->offset, bad->record, bad->what);
	return EXIT_INTERNAL;
}

bool auditing_next(struct auditing *job, struct walk *walk, struct entry *entry, struct record *record, int *ret_result)
{
	for (;;) {
		enum walk_step step = walk_next(walk, entry);

		*ret_result = EXIT_GRANTED;
		if (step == WALK_END)
			break;
		if (step == WALK_BAD) {
			*ret_result = auditing_bad(job, &walk->bad);
			break;
		}
		if (step == WALK_FAILED) {
			cli_error("%s: %s", job->path, strerror(errno));
			*ret_result = EXIT_INTERNAL;
			break;
		}
		if (!record_read(entry->body, entry->size, record)) {
			cli_error("record %" PRIu64 " is none that this version knows", entry->sequence);
			*ret_result = EXIT_INTERNAL;
			break;
		}
		if (audit_filter_takes(&job->filter, entry, record))
			return true;
	}
	auditing_progress_end(job);
	return false;
}

bool auditing_number(struct auditing *job, const char *word, uint64_t *ret_number)
{
	char *end;

	errno = 0;
	*ret_number = strtoull(word, &end, 10);
	if (*word >= '0' && *word <= '9' && !*end && !errno)
		return true;
	cli_usage(job->cli, "`%s` is no number of a record: they count from 0", word);
	return false;
}

void auditing_print(json_t *json, bool indented)
{
	json_dumpf(json, stdout, indented ? JSON_INDENT(2) : JSON_COMPACT);
	putchar('\n');
	json_decref(json);
}

/* init, checkpoint, expire ------------------------------------------------------------------------ */

static int failed(const struct rko_fault *fault, enum rko_status status)
{
	cli_error("%s", fault->text[0] ? fault->text : rko_status_meaning(status));
	return cli_exit_status(status);
}

static int run_init(struct auditing *job)
{
	char text[RKO_AUDIT_KEY_TEXT];
	struct rko_fault fault;
	enum rko_status status;
	int result;

	if (!job->origin || job->count != 1)
		return cli_usage(job->cli, "say what the log is called and where: init --origin=NAME FOLDER");
	status = rko_audit_init(job->arguments[0], job->origin, job->key, &fault);
	if (status != RKO_OK)
		return failed(&fault, status);
	result = auditing_open(job);
	if (result != EXIT_GRANTED)
		return result;
	note_key_text(&job->folder.key, text);
	puts(text);
	return EXIT_GRANTED;
}

/* A log that was never closed or written for a while has none yet: then one is signed. */
static enum rko_status sign_first(struct auditing *job, struct rko_fault *fault)
{
	const struct rko_audit_options with = { .key_file = job->key };
	struct rko_audit *audit;
	enum rko_status status = rko_audit_open(job->path, &with, &audit, fault);

	return status == RKO_OK ? rko_audit_close(audit) : status;
}

static int run_checkpoint(struct auditing *job)
{
	struct checkpoint checkpoint;
	struct rko_fault fault = { 0 };
	enum rko_status status;
	enum note_fault note;
	int result = auditing_open(job);
	size_t size;
	char *text;

	if (result != EXIT_GRANTED)
		return result;
	if (!folder_checkpoint(&job->folder, &checkpoint, &note) && note == NOTE_OK) {
		status = sign_first(job, &fault);
		if (status != RKO_OK)
			return failed(&fault, status);
		folder_checkpoint(&job->folder, &checkpoint, &note);
	}
	text = note == NOTE_OK ? io_get(job->folder.file, "checkpoint", RKO_AUDIT_CHECKPOINT_TEXT, &size) : NULL;
	if (!text) {
		cli_error("%s/checkpoint: %s", job->path, note == NOTE_OK ? strerror(errno) : note_fault_meaning(note));
		return EXIT_INTERNAL;
	}
	fputs(text, stdout);
	free(text);
	return EXIT_GRANTED;
}

/* Four digits, a dash, two digits, and a month that there is: what this says is taken away. */
static bool read_month(const char *word, uint32_t *ret_month)
{
	static const char form[] = "0000-00";
	unsigned long month;

	if (!word || strlen(word) != sizeof form - 1)
		return false;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == '-' ? word[i] != '-' : word[i] < '0' || word[i] > '9')
			return false;
	month = strtoul(word + 5, NULL, 10);
	*ret_month = (uint32_t)(strtoul(word, NULL, 10) * 100 + month);
	return month >= 1 && month <= 12;
}

static int run_expire(struct auditing *job)
{
	const struct rko_audit_options options = { .key_file = job->key };
	struct rko_audit *audit;
	struct rko_fault fault;
	enum rko_status status;
	uint64_t first;
	size_t segments;
	uint32_t month;
	int result = auditing_open(job);

	if (result != EXIT_GRANTED)
		return result;
	if (!read_month(job->before, &month))
		return cli_usage(job->cli, "say which month is the first to stay: --before=2026-07");
	status = rko_audit_open(job->path, &options, &audit, &fault);
	if (status != RKO_OK)
		return failed(&fault, status);
	status = audit_expire(audit, month, &first, &segments, &fault);
	if (rko_audit_close(audit) != RKO_OK && status == RKO_OK)
		status = RKO_IO;
	if (status != RKO_OK)
		return failed(&fault, status);
	printf("%zu segments taken away; the log begins with record %" PRIu64 "\n", segments, first);
	return EXIT_GRANTED;
}

/* verify ------------------------------------------------------------------------------------------ */

static void print_bad(const struct verify_found *found)
{
	if (found->bad_first == found->bad_last)
		printf("BAD: record %" PRIu64 ": %s\n", found->bad_first, found->what);
	else
		printf("BAD: the first bad record is one of %" PRIu64 " to %" PRIu64 ": %s\n", found->bad_first,
		       found->bad_last, found->what);
	if (found->where[0])
		printf("  %s\n", found->where);
}

static void print_good(const struct verify_found *found)
{
	char root[HASH_BASE64], from[AUDIT_TIME_TEXT], to[AUDIT_TIME_TEXT];

	hash_base64(&found->root, root);
	printf("good: %" PRIu64 " records, %" PRIu64 " decisions, ", found->records, found->decisions);
	if (found->explanations)
		printf("%" PRIu64 " explanations, ", found->explanations);
	printf("%zu segments, root %s\n", found->segments, root);
	if (found->records > found->first) {
		audit_time_text(found->from, from);
		audit_time_text(found->to, to);
		printf("  written %s to %s\n", from, to);
	}
	printf("  %" PRIu64 " checkpoints of its own hold; the newest covers %" PRIu64 " records\n", found->checkpoints,
	       found->covered);
	if (found->first)
		printf("  records before %" PRIu64 " were taken away when their time was over\n", found->first);
	if (found->aside)
		printf("  after a crash a torn end was set aside %" PRIu64 " times: see `aside/`\n", found->aside);
	if (found->unreachable)
		printf("  %" PRIu64 " of the outside checkpoints are of records that were taken away\n", found->unreachable);
	if (found->busy)
		puts("  another process is writing it: what came meanwhile was not looked at");
}

static int run_verify(struct auditing *job)
{
	struct checkpoint outside[CHECKPOINTS_MAX];
	const struct verify_with with = {
		.outside = outside, .noutside = job->ncheckpoints, .progress = auditing_progress, .context = job,
	};
	struct verify_found found;
	enum rko_status status;
	int result = auditing_open(job);

	if (result != EXIT_GRANTED)
		return result;
	for (size_t i = 0; i < job->ncheckpoints; i++)
		if (!auditing_checkpoint(job, &job->folder.key, job->checkpoints[i], &outside[i], NULL))
			return EXIT_INPUT;
	status = audit_verify(&job->folder, &with, &found);
	auditing_progress_end(job);
	if (status != RKO_OK) {
		cli_error("%s: %s", job->path, errno ? strerror(errno) : rko_status_meaning(status));
		return cli_exit_status(status);
	}
	if (found.bad) {
		print_bad(&found);
		return EXIT_DENIED;
	}
	print_good(&found);
	if (!job->ncheckpoints)
		puts("  without a checkpoint from outside nobody can tell whether its end was cut off");
	return EXIT_GRANTED;
}

/* The command ------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int (*run)(struct auditing *job);
} actions[] = {
	{ "init", run_init },	  { "verify", run_verify },	{ "checkpoint", run_checkpoint },
	{ "show", audit_run_show },	  { "search", audit_run_search }, { "export", audit_run_export },
	{ "prove", audit_run_prove }, { "check-proof", audit_run_check_proof },
	{ "replay", audit_run_replay }, { "expire", run_expire },
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
