/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/facts/facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *why_not(enum rko_status status)
{
	if (status == RKO_ARGUMENT && errno == EBUSY)
		return "is open in this process already, or its lock.mdb is: a store is replaced as a whole folder";
	if (status == RKO_ARGUMENT && errno == ENOTSUP)
		return "lies on a network; a store must be on a disk of this machine";
	return rko_status_meaning(status);
}

enum rko_status rko_facts_open(const char *path, unsigned flags, struct rko_facts **ret_facts,
			       struct rko_fault *fault)
{
	struct rko_facts *facts;
	enum rko_status status;
	unsigned store_flags = 0;

	if (fault)
		fault->text[0] = '\0';
	if (!path || !ret_facts)
		return RKO_ARGUMENT;
	facts = calloc(1, sizeof *facts);
	if (!facts)
		return RKO_NO_MEMORY;
	if (flags & (RKO_FACTS_WRITE | RKO_FACTS_CREATE))
		store_flags |= STORE_WRITE;
	if (flags & RKO_FACTS_CREATE)
		store_flags |= STORE_CREATE;
	if (flags & RKO_FACTS_NOSYNC)
		store_flags |= STORE_NOSYNC;
	facts->writable = store_flags & STORE_WRITE;
	errno = 0;
	status = store_open(path, store_flags, 0, &facts->store);
	if (status == RKO_OK) {
		*ret_facts = facts;
		return RKO_OK;
	}
	if (fault)
		snprintf(fault->text, sizeof fault->text, "%s: %s%s%s", path, why_not(status),
			 errno && status != RKO_ARGUMENT ? ": " : "", errno && status != RKO_ARGUMENT ? strerror(errno) : "");
	free(facts);
	return status;
}

void rko_facts_close(struct rko_facts *facts)
{
	if (!facts)
		return;
	store_close(facts->store);
	free(facts);
}

static enum rko_status read_generation(struct rko_facts *facts, int64_t instant, struct generation *ret)
{
	struct store_reader *reader;
	enum rko_status status = store_reader_begin(facts->store, &reader);

	if (status != RKO_OK)
		return status;
	status = store_generation_at(reader, instant, ret);
	store_reader_close(reader);
	return status;
}

enum rko_status rko_facts_about(struct rko_facts *facts, struct rko_facts_about *ret)
{
	struct generation newest;
	enum rko_status status = read_generation(facts, INT64_MAX, &newest);

	if (status != RKO_OK)
		return status;
	*ret = (struct rko_facts_about){ .generation = newest.number, .recorded = newest.recorded };
	store_size(facts->store, &ret->used, &ret->most);
	return RKO_OK;
}

enum rko_status rko_facts_generation_at(struct rko_facts *facts, int64_t instant, uint32_t *ret_generation)
{
	struct generation generation;
	enum rko_status status = read_generation(facts, instant, &generation);

	if (status != RKO_OK)
		return status;
	if (!generation.number)
		return RKO_FACTS_GENERATION;
	*ret_generation = generation.number;
	return RKO_OK;
}
