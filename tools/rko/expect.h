/* SPDX-License-Identifier: EUPL-1.2 */
/* Expect: what a case expects against what came out, in words where they differ. */
#ifndef RKO_TOOLS_EXPECT_H
#define RKO_TOOLS_EXPECT_H

#include <rko/explain.h>

#include "engine/base/buf.h"
#include "tools/common/cases.h"

/*
 * Adds a line to `out` for everything that is otherwise than expected. False after a diagnostic: the expectation
 * itself cannot be read.
 */
bool expect_compare(struct yaml_files *files, const struct yaml_node *expect, const struct rko_explanation *found,
		    struct buf *out);

#endif
