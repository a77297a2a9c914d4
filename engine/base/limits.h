/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Limits: every bound on what a person or a program can hand us, in one place. A bound is a promise
 * in the documentation (docs/limits.md) and has a test at the bound and one past it.
 */
#ifndef RKO_BASE_LIMITS_H
#define RKO_BASE_LIMITS_H

/* Policy text */
#define LIMIT_FILE_BYTES (1u << 20)	/* one .rko file */
#define LIMIT_FILES 512			/* files of one compile */
#define LIMIT_TOKENS 200000u		/* tokens of one file */
#define LIMIT_NAME_BYTES 64		/* an identifier */
#define LIMIT_STRING_BYTES 2000		/* a quoted text */
#define LIMIT_NESTING 64		/* parentheses in a condition; links behind links */
#define LIMIT_WAYS 256			/* in which one exception is reached from the rules above it */
#define LIMIT_COMPILE_BYTES (1ull << 30) /* memory of one compile */
#define LIMIT_SHOWN_ERRORS 20		/* errors shown in one run */

/* What a policy may declare */
#define LIMIT_CODES 4000		/* codes of one set */
#define LIMIT_FIELDS 64			/* fields of one record */
#define LIMIT_KEY_SLOTS 8		/* fields of one key */
#define LIMIT_SET_ELEMENTS 256		/* elements of one set-valued field */
#define LIMIT_CANDIDATES 256		/* rows of one `some`, `each` or `rows` link */
#define LIMIT_FEATURES 250		/* features of one question */
#define LIMIT_CLASSES 250		/* values of one feature that the rules tell apart */
#define LIMIT_SLOTS 200			/* records one decision may read, links and references */
#define LIMIT_LISTS 64			/* lists of rows one decision may look through */
#define LIMIT_ACTIONS 31		/* actions of one request: a bit each */
#define LIMIT_DUTIES 64			/* duties and redactions of one question */
#define LIMIT_NODES 400000u		/* nodes of one question's diagram */
#define LIMIT_PROOF_STATES 400000u	/* states of the second builder for a whole decision */

/* Images */
#define LIMIT_IMAGE_BYTES (64u << 20)

/* Facts */
#define LIMIT_ID_BYTES 128		/* an opaque id */
#define LIMIT_ROW_BYTES 4096		/* one encoded row */
#define LIMIT_KEY_BYTES 64		/* one encoded key with its generation */
#define LIMIT_SCAN_ROWS 4096		/* rows looked at for one list of candidates, removed ones too */
#define LIMIT_LOAD_ERRORS 20		/* faults shown for one load */
#define LIMIT_LOAD_SOURCES 65535	/* what the rows of one load are read from: files, messages */

/* Requests */
#define LIMIT_REQUEST_BYTES (16u << 10)	/* ids of one request, together */
#define LIMIT_REQUEST_ELEMENTS 1024	/* elements of its sets, together */

/* Fixtures: YAML with facts, cases and requests */
#define LIMIT_YAML_BYTES (1u << 30)
#define LIMIT_YAML_DEPTH 12
#define LIMIT_YAML_SCALAR 2000
#define LIMIT_YAML_CASE_BYTES (16u << 20) /* case and request files, which are read whole */

#endif
