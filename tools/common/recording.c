/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/common/recording.h"

#include <stdio.h>
#include <unistd.h>

#include "tools/common/cli.h"

int recording_open(struct recording *recording)
{
	struct rko_fault fault = { 0 };
	enum rko_status status;

	if (!recording->log)
		return EXIT_GRANTED;
	status = rko_audit_open(recording->log, NULL, &recording->audit, &fault);
	if (status == RKO_OK && rko_audit_batch_new(&recording->batch) != RKO_OK)
		status = RKO_NO_MEMORY;
	if (status == RKO_OK)
		return EXIT_GRANTED;
	if (fault.text[0])
		cli_error("%s", fault.text);
	else
		cli_error("%s: %s", recording->log, rko_status_meaning(status));
	return cli_exit_status(status);
}

/* Who asks: the command, and the user of this machine that runs it. */
static void name_caller(const struct recording *recording, char caller[RKO_AUDIT_NAME_BYTES])
{
	snprintf(caller, RKO_AUDIT_NAME_BYTES, "%s uid:%u", recording->command, (unsigned)getuid());
}

static bool append(struct recording *recording, enum rko_status status, const char *what)
{
	if (status == RKO_OK)
		status = rko_audit_append(recording->audit, recording->batch, NULL);
	if (status != RKO_OK)
		cli_error("%s: the %s could not be recorded: %s", recording->log, what, rko_status_meaning(status));
	return status == RKO_OK;
}

bool recording_decided(struct recording *recording, const struct rko_request *request,
		       const struct rko_decision *decision, uint8_t id[RKO_AUDIT_ID_BYTES])
{
	char caller[RKO_AUDIT_NAME_BYTES];
	const struct rko_audit_asker asker = { .caller = caller };

	if (!recording->audit)
		return true;
	name_caller(recording, caller);
	rko_audit_batch_clear(recording->batch);
	return append(recording, rko_audit_batch_add(recording->batch, &asker, request, decision, id), "decision");
}

bool recording_explained(struct recording *recording, const struct rko_request *request,
			 const struct rko_decision *decision, const struct rko_explanation *explanation,
			 const uint8_t of[RKO_AUDIT_ID_BYTES])
{
	char caller[RKO_AUDIT_NAME_BYTES];
	const struct rko_audit_asker asker = { .caller = caller };

	if (!recording->audit)
		return true;
	name_caller(recording, caller);
	rko_audit_batch_clear(recording->batch);
	return append(recording, rko_audit_batch_explained(recording->batch, &asker, request, decision, explanation, of, NULL),
		      "explanation");
}

bool recording_close(struct recording *recording)
{
	enum rko_status status;

	rko_audit_batch_free(recording->batch);
	status = rko_audit_close(recording->audit);
	recording->batch = NULL;
	recording->audit = NULL;
	if (status != RKO_OK)
		cli_error("%s: the log could not be closed: %s", recording->log, rko_status_meaning(status));
	return status == RKO_OK;
}
