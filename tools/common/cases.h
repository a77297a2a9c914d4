/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Cases: facts as differences from a baseline, a request, an instant, and what is expected (docs/cases.md). A case
 * is put together here, and its facts and its request made; what comes of it is somebody else's.
 */
#ifndef RKO_TOOLS_CASES_H
#define RKO_TOOLS_CASES_H

#include "tools/common/facts.h"
#include "tools/common/requests.h"

/* A row of a case, and when it became known; 0: before everything. */
struct case_row {
	struct fact_row row;
	bool has_recorded;
	int64_t recorded;
};

struct case_refresh {
	uint32_t kind;
	int64_t instant;
};

struct test_case {
	struct text id, name;
	struct text file;
	yaml_place place;
	struct text outside;		/* why the engine has no part in it; or empty */
	const struct yaml_node *rules;	/* of the domain, or NULL */
	const struct yaml_node *expect;	/* NULL when outside */
	struct yaml_node request;
	int64_t at;
	bool has_day;
	rko_day day;			/* asked about instead of the instant's */
	struct case_row *rows;
	size_t nrows;
	struct case_refresh *refreshed;
	size_t nrefreshed;
};

struct case_list {
	struct test_case **list;
	size_t count, cap;
};

/*
 * Reads a file of cases, and the one it is based on, and adds its cases. Lives in the arena of the reader's files.
 * False after a diagnostic.
 */
bool cases_read(struct fact_reader *reader, const char *path, struct case_list *list);
/*
 * Loads the facts of a case into an empty store, in the order in which they became known. RKO_FACTS_REFUSED after
 * diagnostics, or a status of the load.
 */
enum rko_status case_load(struct fact_reader *reader, struct rko_policy *policy, struct rko_facts *facts,
			  const struct test_case *about);
/* What the case asks, at its instant and as was known then; NULL after a diagnostic. The caller frees it. */
struct rko_request *case_request(struct fact_reader *reader, struct rko_policy *policy, struct rko_facts *facts,
				 const struct test_case *about);

#endif
