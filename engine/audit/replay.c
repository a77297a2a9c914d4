/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/audit/replay.h"

#include <stdio.h>

#include "engine/decide/bind.h"
#include "engine/facts/facts.h"
#include "engine/facts/store.h"

/* The request ------------------------------------------------------------------------------------- */

static void set_field(struct rko_request *request, struct record_field field)
{
	char name[LIMIT_NAME_BYTES * 2 + 2];
	struct text value;

	if (field.set && !field.nvalues && field.name.len < sizeof name) {
		memcpy(name, field.name.at, field.name.len);
		name[field.name.len] = '\0';
		rko_request_set_empty(request, name);
	}
	while (record_value_next(&field, &value))
		rko_request_set_n(request, field.name.at, field.name.len, value.at, value.len);
}

enum rko_status replay_request(struct rko_policy *policy, const struct record_request *from,
			       struct rko_request **ret_request)
{
	struct record_request rest = *from;
	struct record_field field;
	struct rko_request *request;
	char name[LIMIT_NAME_BYTES + 1];
	enum rko_status status;

	if (from->question.len >= sizeof name || from->action.len >= sizeof name)
		return RKO_ARGUMENT;
	snprintf(name, sizeof name, "%.*s", TEXT_ARG(from->question));
	status = rko_request_new(policy, name, &request);
	if (status != RKO_OK)
		return status;
	snprintf(name, sizeof name, "%.*s", TEXT_ARG(from->action));
	if (from->action.len)
		rko_request_action(request, name);
	while (record_field_next(&rest, &field))
		set_field(request, field);
	if (from->has_instant)
		rko_request_at(request, from->instant);
	if (from->has_day)
		rko_request_on(request, from->day);
	rko_request_as_of(request, from->generation);
	/* A mistake of then came before anything that could be one now. */
	if (from->refusal != RKO_REFUSED_NOT) {
		uint32_t refused = from->refused_field.len ? map_get(&request->view->names, from->refused_field) : MAP_NONE;

		request->refusal = from->refusal;
		request->refused_field = refused == MAP_NONE ? IMAGE_NONE : refused;
	}
	*ret_request = request;
	return RKO_OK;
}

/* Comparing --------------------------------------------------------------------------------------- */

/* One entry behind another; false at the end, or when the trace is cut. */
static bool next_entry(struct text *rest, const uint8_t **ret_entry)
{
	const uint8_t *at = (const uint8_t *)rest->at;

	if (rest->len < 2 || rest->len < 2u + at[1])
		return false;
	*ret_entry = at;
	rest->at += 2 + at[1];
	rest->len -= 2u + at[1];
	return true;
}

static bool has_key(const uint8_t *entry)
{
	return (entry[0] == TRACE_SLOT || entry[0] == TRACE_ROW || entry[0] == TRACE_CANDIDATE) && entry[1] >= 7;
}

/*
 * Keys of rows that were not there: the same but for kinds that the store had not then, and for strings that it had no
 * number for. Fields of keys are 2 or 4 bytes wide.
 */
static bool same_absent_key(const uint8_t *recorded, const uint8_t *again, uint32_t size)
{
	uint32_t at = 0;

	if (size >= KEY_HEAD && get_be16(recorded) == KIND_NOT_STORED)
		at = KEY_HEAD;
	while (at + 2 <= size) {
		if (memcmp(recorded + at, again + at, 2) == 0) {
			at += 2;
			continue;
		}
		if (at + 4 > size || get_be32(recorded + at) < BIND_NEW_ID || get_be32(recorded + at) >= STRING_MAX)
			return false;
		at += 4;
	}
	return at == size;
}

static bool same_entry(const uint8_t *recorded, const uint8_t *again, uint32_t *named)
{
	if (memcmp(recorded, again, 2u + recorded[1]) == 0)
		return true;
	/* kind, size, number, state, and no row in either */
	if (recorded[0] != TRACE_SLOT || !has_key(recorded) || memcmp(recorded, again, 2 + 7) != 0 ||
	    get_le32(recorded + 5) != 0 || !same_absent_key(recorded + 9, again + 9, recorded[1] - 7u))
		return false;
	++*named;
	return true;
}

bool replay_same(struct text recorded, struct text again, uint32_t *ret_named)
{
	const uint8_t *one, *other;

	*ret_named = 0;
	if (text_equal(recorded, again))
		return true;
	if (recorded.len != again.len || recorded.len < sizeof(struct trace_head) ||
	    memcmp(recorded.at, again.at, sizeof(struct trace_head)) != 0)
		return false;
	recorded.at += sizeof(struct trace_head);
	recorded.len -= sizeof(struct trace_head);
	again.at += sizeof(struct trace_head);
	again.len -= sizeof(struct trace_head);
	while (recorded.len) {
		if (!next_entry(&recorded, &one) || !next_entry(&again, &other) || one[1] != other[1] ||
		    !same_entry(one, other, ret_named))
			return false;
	}
	return true;
}

/* What became of the facts ------------------------------------------------------------------------ */

static enum rko_status generation_of(struct store_reader *reader, const uint8_t *key, uint32_t size,
				     uint32_t generation, uint32_t *ret_generation)
{
	uint8_t room[LIMIT_KEY_BYTES + KEY_TAIL];
	enum rko_status status;
	struct row row;
	bool found = false;

	*ret_generation = 0;
	if (!generation || size > LIMIT_KEY_BYTES)
		return RKO_OK;
	memcpy(room, key, size);
	status = store_get(reader, room, size, generation, &row, &found);
	if (status == RKO_OK && found)
		*ret_generation = row_generation(&row);
	return status;
}

static enum rko_status count_rows(struct store_reader *reader, struct text trace, uint32_t then, uint32_t now,
				  struct replay_rows *rows)
{
	const uint8_t *entry;

	if (trace.len < sizeof(struct trace_head))
		return RKO_OK;
	trace.at += sizeof(struct trace_head);
	trace.len -= sizeof(struct trace_head);
	while (next_entry(&trace, &entry)) {
		uint32_t before, after;
		enum rko_status status;

		if (!has_key(entry))
			continue;
		status = generation_of(reader, entry + 9, entry[1] - 7u, then, &before);
		if (status == RKO_OK)
			status = generation_of(reader, entry + 9, entry[1] - 7u, now, &after);
		if (status != RKO_OK)
			return status;
		if (before == after)
			continue;
		rows->late |= !before;
		rows->removed |= !after;
		rows->corrected |= before && after;
	}
	return RKO_OK;
}

enum rko_status replay_rows(struct rko_facts *facts, struct text recorded, struct text again, uint32_t then,
			    uint32_t now, struct replay_rows *ret_rows)
{
	struct store_reader *reader;
	enum rko_status status = store_reader_open(facts->store, &reader);

	*ret_rows = (struct replay_rows){ 0 };
	if (status != RKO_OK)
		return status;
	status = store_reader_renew(reader);
	if (status == RKO_OK)
		status = count_rows(reader, recorded, then, now, ret_rows);
	if (status == RKO_OK)
		status = count_rows(reader, again, then, now, ret_rows);
	store_reader_close(reader);
	return status;
}
