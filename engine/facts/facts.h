/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef RKO_FACTS_FACTS_H
#define RKO_FACTS_FACTS_H

#include <rko/facts.h>

#include "engine/facts/store.h"

struct rko_facts {
	struct store *store;
	bool writable;
};

#endif
