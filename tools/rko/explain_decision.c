/* SPDX-License-Identifier: EUPL-1.2 */
/* explain-decision: why a decision came out as it did, from its trace. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rko/explain.h>

#include "tools/common/options.h"
#include "tools/common/recording.h"
#include "tools/rko/commands.h"

enum { TRACE_MOST = 1 << 20 };

struct job {
	struct options with;
	struct recording recording;
	bool brief;
	void *trace;
	size_t size;
};

/* The whole file; more than a trace can be is none. */
static bool read_trace(struct job *job, const char *path)
{
	FILE *file = fopen(path, "rb");

	job->trace = malloc(TRACE_MOST + 1);
	if (file && job->trace)
		job->size = fread(job->trace, 1, TRACE_MOST + 1, file);
	if (!file || !job->trace || ferror(file)) {
		cli_error("%s: the trace cannot be read: %s", path, strerror(errno));
		if (file)
			fclose(file);
		return false;
	}
	fclose(file);
	if (job->size > TRACE_MOST) {
		cli_error("%s: this is no trace of a decision: it has more than %d bytes", path, TRACE_MOST);
		return false;
	}
	return true;
}

static int show(struct job *job, struct rko_explanation *why)
{
	if (job->with.format == FORMAT_JSON) {
		const char *json = rko_explanation_json(why, RKO_JSON_INDENTED);

		puts(json ? json : "");
	} else {
		unsigned flags = (job->with.cli->colour_out ? RKO_TEXT_COLOUR : 0) | (job->brief ? 0 : RKO_TEXT_WHY);
		const char *text = rko_explanation_text(why, flags, job->with.cli->width);

		fputs(text ? text : "", stdout);
	}
	/* As a difference is one, that it does not come out the same is a failure of the record or of the store. */
	return why->reproduced ? EXIT_GRANTED : EXIT_DENIED;
}

/* What is not recorded is not shown. */
static bool keep_record(struct job *job, const struct rko_explanation *why)
{
	struct rko_request *request;
	struct rko_decision decision;
	bool kept;

	if (!job->recording.log)
		return true;
	if (rko_trace_read(job->with.policy, job->trace, job->size, &request, &decision, NULL) != RKO_OK)
		return false;
	kept = recording_explained(&job->recording, request, &decision, why, NULL);
	rko_request_free(request);
	return kept;
}

static int explain(struct job *job, const char *path)
{
	struct rko_explanation *why = NULL;
	struct rko_fault fault = { 0 };
	enum rko_status status;
	int result;

	if (!read_trace(job, path))
		return EXIT_INPUT;
	result = options_open(&job->with);
	if (result == EXIT_GRANTED)
		result = recording_open(&job->recording);
	if (result != EXIT_GRANTED)
		return result;
	status = rko_explain_trace(job->with.session, job->trace, job->size, job->with.cli->language, &why, &fault);
	if (!why) {
		cli_error("%s: %s", path, fault.text[0] ? fault.text : rko_status_meaning(status));
		return cli_exit_status(status);
	}
	result = keep_record(job, why) ? show(job, why) : EXIT_INTERNAL;
	rko_explanation_free(why);
	return result;
}

static int run_explain_decision(struct cli *cli, int argc, char **argv)
{
	static const struct option options[] = {
		TAKES_POLICY, TAKES_STORE, TAKES_FORMAT, TAKES_LANG, TAKES_AUDIT,
		{ "short", no_argument, NULL, 'S' }, { NULL, 0, NULL, 0 },
	};
	struct job job = { .with.cli = cli, .recording.command = "rko explain-decision" };
	int option, result;

	while ((option = getopt_long(argc, argv, OPTIONS_SHORT, options, NULL)) != -1) {
		if (option == '?')
			return cli_bad_option(cli, argv, options);
		if (option == 'S')
			job.brief = true;
		else if (option == 'A')
			job.recording.log = optarg;
		else if (options_take(&job.with, option, optarg) != EXIT_GRANTED)
			return EXIT_INPUT;
	}
	if (optind + 1 != argc)
		return cli_usage(cli, "name one file with a trace, as rko decide --trace=FILE writes it");
	result = explain(&job, argv[optind]);
	if (!recording_close(&job.recording) && result != EXIT_INPUT)
		result = EXIT_INTERNAL;
	free(job.trace);
	options_close(&job.with);
	return result;
}

const struct command command_explain_decision = {
	.name = "explain-decision",
	.summary = "Explains an old decision from its trace",
	.usage = "--policy=IMAGE --store=FOLDER [OPTION]… TRACE",
	.help = "The policy is the one that decided, the facts are read as they were known then. However much has been\n"
		"loaded since, the text is the same. Ends with 1 when the decision does not come out the same again.\n"
		"An explanation reads more than the decision did: let those run it who may know that, and keep a\n"
		"record of it.\n\n"
		"  -p, --policy=PATH   the image that decided\n"
		HELP_STORE
		HELP_LANG
		"  --format=json       the explanation as JSON\n"
		"  --short             without the ladder\n"
		"  --audit=LOG         records there, before it is shown, that it was explained, to whom, and which records\n"
		"                      of the facts that took\n\n"
		"examples:\n"
		"  rko decide -p policy.image -s facts --trace=decision.trace issue_grant issue issuer_unit=ekhva_ohjaus …\n"
		"  rko explain-decision -p policy.image -s facts --lang=sv decision.trace\n",
	.run = run_explain_decision,
};
