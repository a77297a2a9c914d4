/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Wording: whether a text for people holds a name that only the author of a policy knows, such as `document.service_task`:
 * a word with an underscore, or names joined by a dot. Ids of the facts that a case has, and files, may be named.
 *
 * Knows facts and cases; not explanations.
 */
#ifndef RKO_TESTS_WORDING_H
#define RKO_TESTS_WORDING_H

#include "engine/base/buf.h"
#include "tools/common/cases.h"

/* The first such word of a text, or one of length 0. */
struct text wording_raw(struct text text, const struct test_case *about, const struct rko_policy *policy);
/* The text of a page: no tags, no style, nothing that is set as code, nothing of the technical appendix. */
struct buf wording_of_page(const char *page);

#endif
