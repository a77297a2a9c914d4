/* SPDX-License-Identifier: EUPL-1.2 */
/* What the kinds of an explanation are called: as JSON, the commands and the documentation say them. */
#include <rko/explain.h>

const char *rko_test_word(enum rko_test test)
{
	static const char *const words[] = {
		[RKO_TEST_CODE] = "code", [RKO_TEST_EXISTS] = "exists", [RKO_TEST_OPEN] = "open",
		[RKO_TEST_SAME] = "same", [RKO_TEST_MEMBER] = "member", [RKO_TEST_HAS] = "has",
		[RKO_TEST_OVERLAPS] = "overlaps", [RKO_TEST_INSIDE] = "inside", [RKO_TEST_DATE] = "date",
		[RKO_TEST_SOME] = "some", [RKO_TEST_FINDING] = "finding", [RKO_TEST_UNTOLD] = "untold",
		[RKO_TEST_READING] = "reading", [RKO_TEST_ACTION] = "action",
	};

	return words[test];
}

const char *rko_seen_word(enum rko_seen seen)
{
	static const char *const words[] = {
		[RKO_SEEN_VALUE] = "value", [RKO_SEEN_NONE] = "none", [RKO_SEEN_OPEN] = "open",
		[RKO_SEEN_UNKNOWN] = "unknown", [RKO_SEEN_UNEXAMINED] = "not_examined",
	};

	return words[seen];
}

const char *rko_effect_word(enum rko_effect effect)
{
	static const char *const words[] = {
		[RKO_EFFECT_WITHHOLDS] = "withholds", [RKO_EFFECT_WIDENS] = "widens", [RKO_EFFECT_SETS] = "sets",
	};

	return words[effect];
}

const char *rko_ladder_word(enum rko_ladder ladder)
{
	static const char *const words[] = {
		[RKO_LADDER_DECIDES] = "decides", [RKO_LADDER_STOPPED] = "stopped",
		[RKO_LADDER_POSSIBLE] = "possible", [RKO_LADDER_NEAREST] = "nearest",
	};

	return words[ladder];
}
