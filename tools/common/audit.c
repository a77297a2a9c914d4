/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/common/audit.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/date.h"

/* Which are wanted -------------------------------------------------------------------------------- */

void audit_filter_init(struct audit_filter *filter)
{
	memset(filter, 0, sizeof *filter);
	filter->times = (struct walk_times){ INT64_MIN, INT64_MAX };
}

bool audit_filter_where(struct audit_filter *filter, const char *word)
{
	const char *equals = strchr(word, '=');

	if (!equals || equals == word || filter->nwhere == AUDIT_WHERE_MAX)
		return false;
	filter->where[filter->nwhere++] = (struct audit_where){
		.field = { word, (size_t)(equals - word) }, .value = text_from(equals + 1),
	};
	return true;
}

static bool has_value(struct record_request request, const struct audit_where *where)
{
	struct record_field field;
	struct text value;

	while (record_field_next(&request, &field)) {
		if (!text_equal(field.name, where->field))
			continue;
		if (!field.nvalues)
			return !where->value.len;
		while (record_value_next(&field, &value))
			if (text_equal(value, where->value))
				return true;
	}
	return false;
}

static bool is_word(const char *wanted, struct text found)
{
	return !wanted || text_equal(text_from(wanted), found);
}

bool audit_asked(const struct record *record, struct audit_asked *asked)
{
	if (record->kind == RECORD_DECISION)
		*asked = (struct audit_asked){
			.outcome = audit_outcome(&record->decision.head),
			.caller = record->decision.caller,
			.correlation = record->decision.correlation,
			.rule = record->decision.rule,
			.request = &record->decision.request,
		};
	else if (record->kind == RECORD_EXPLAINED)
		*asked = (struct audit_asked){
			.outcome = rko_outcome_word(record->explained.outcome),
			.caller = record->explained.caller,
			.correlation = record->explained.correlation,
			.rule = record->explained.rule,
			.request = &record->explained.request,
		};
	else
		return false;
	return true;
}

bool audit_filter_takes(const struct audit_filter *filter, const struct entry *entry, const struct record *record)
{
	struct audit_asked asked;

	if (entry->written < filter->times.from || entry->written > filter->times.to)
		return false;
	if (filter->kinds == AUDIT_DECISIONS && record->kind != RECORD_DECISION)
		return false;
	if (!audit_asked(record, &asked))
		return filter->kinds == AUDIT_ALL && !filter->nwhere && !filter->question && !filter->action &&
		       !filter->outcome && !filter->rule && !filter->caller;
	if (!is_word(filter->question, asked.request->question) || !is_word(filter->action, asked.request->action) ||
	    !is_word(filter->outcome, text_from(asked.outcome)) || !is_word(filter->rule, asked.rule) ||
	    !is_word(filter->caller, asked.caller))
		return false;
	for (size_t i = 0; i < filter->nwhere; i++)
		if (!has_value(*asked.request, &filter->where[i]))
			return false;
	return true;
}

const char *audit_outcome(const struct trace_head *head)
{
	return head->status == RKO_OK ? rko_outcome_word((enum rko_outcome)head->outcome)
				      : rko_status_word((enum rko_status)head->status);
}

bool audit_is_outcome(const char *word)
{
	for (int i = RKO_NOT_GRANTED; i <= RKO_REFUSED; i++)
		if (strcmp(word, rko_outcome_word((enum rko_outcome)i)) == 0)
			return true;
	for (int i = 1; i < 256; i++)
		if (strcmp(word, rko_status_word((enum rko_status)i)) == 0 && strcmp(word, "unknown") != 0)
			return true;
	return false;
}

/* JSON -------------------------------------------------------------------------------------------- */

void audit_time_text(int64_t written, char text[AUDIT_TIME_TEXT])
{
	char seconds[RKO_INSTANT_TEXT];

	if (rko_instant_text(written / 1000000000, seconds) != RKO_OK)
		snprintf(text, AUDIT_TIME_TEXT, "%lld", (long long)written);
	else
		snprintf(text, AUDIT_TIME_TEXT, "%.19s.%03d%s", seconds, (int)(written / 1000000 % 1000), seconds + 19);
}

static json_t *text_json(struct text text)
{
	return json_stringn(text.at, text.len);
}

static void put(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static void put_text(json_t *object, const char *key, struct text text)
{
	if (text.len)
		put(object, key, text_json(text));
}

static void put_instant(json_t *object, const char *key, int64_t instant)
{
	char text[RKO_INSTANT_TEXT];

	if (rko_instant_text(instant, text) == RKO_OK)
		put(object, key, json_string(text));
}

static void put_day(json_t *object, const char *key, rko_day day)
{
	char text[RKO_DAY_TEXT];

	if (day != RKO_DAY_OPEN && !day_valid(day))
		return;
	rko_day_text(day, text);
	put(object, key, json_string(text));
}

json_t *audit_base64(const void *data, size_t size)
{
	size_t room = sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_ORIGINAL);
	char *text = malloc(room);
	json_t *out = NULL;

	if (text) {
		sodium_bin2base64(text, room, data, size, sodium_base64_VARIANT_ORIGINAL);
		out = json_string(text);
	}
	free(text);
	return out;
}

uint8_t *audit_from_base64(const json_t *text, size_t *ret_size)
{
	size_t length = json_string_length(text);
	uint8_t *data = json_is_string(text) ? malloc(length + 1) : NULL;

	if (!data || sodium_base642bin(data, length + 1, json_string_value(text), length, NULL, ret_size, NULL,
				       sodium_base64_VARIANT_ORIGINAL) != 0) {
		free(data);
		return NULL;
	}
	return data;
}

static json_t *field_json(struct record_field field)
{
	json_t *list = field.set ? json_array() : NULL;
	struct text value;

	while (record_value_next(&field, &value)) {
		if (!list)
			return text_json(value);
		json_array_append_new(list, text_json(value));
	}
	return list;
}

static void put_request(json_t *out, struct record_request request)
{
	json_t *fields = json_object();
	struct record_field field;

	put_text(out, "question", request.question);
	put_text(out, "action", request.action);
	if (request.has_instant)
		put_instant(out, "instant", request.instant);
	if (request.has_day)
		put_day(out, "on", request.day);
	if (request.generation)
		put(out, "as_of", json_integer(request.generation));
	while (record_field_next(&request, &field))
		json_object_setn_new(fields, field.name.at, field.name.len, field_json(field));
	put(out, "request", fields);
}

static json_t *hex_json(const uint8_t *bytes, size_t size)
{
	char hex[2 * RKO_DIGEST_BYTES + 1];

	sodium_bin2hex(hex, sizeof hex, bytes, size);
	return json_string(hex);
}

static void put_asked(json_t *out, const struct record *record)
{
	struct audit_asked asked;

	if (!audit_asked(record, &asked))
		return;
	put_text(out, "caller", asked.caller);
	put_text(out, "correlation", asked.correlation);
	put_request(out, *asked.request);
}

static void put_decision(json_t *out, const struct record_decision *decision)
{
	const struct trace_head *head = &decision->head;
	json_t *duties = json_array();

	put(out, "id", hex_json(decision->id, sizeof decision->id));
	put(out, "outcome", json_string(rko_outcome_word((enum rko_outcome)head->outcome)));
	if (head->status != RKO_OK)
		put(out, "status", json_string(rko_status_word((enum rko_status)head->status)));
	if (head->refusal) {
		put(out, "refused", json_string(rko_refusal_word((enum rko_refusal)head->refusal)));
		put_text(out, "refused_field", decision->request.refused_field);
	}
	put_text(out, "rule", decision->rule);
	for (uint32_t i = 0; i < decision->nduties; i++)
		json_array_append_new(duties, text_json(decision->duties[i]));
	put(out, "duties", duties);
	put_day(out, "today", head->today);
	put_day(out, "stands_until", head->stands_until);
	put(out, "generation", json_integer(head->generation));
	put(out, "policy", hex_json(head->policy, sizeof head->policy));
	put(out, "zone", json_stringn(head->zone, strnlen(head->zone, sizeof head->zone)));
}

static json_t *use_json(struct record_use use)
{
	json_t *out = json_object(), *key = json_array();
	struct text value;

	put_text(out, "kind", use.kind);
	while (record_key_next(&use, &value))
		json_array_append_new(key, text_json(value));
	put(out, "key", key);
	put(out, "generation", json_integer(use.generation));
	put(out, "by_decision", json_boolean(use.by_decision));
	return out;
}

static void put_explained(json_t *out, struct record_explained explained)
{
	static const uint8_t unknown[RKO_AUDIT_ID_BYTES];
	json_t *uses = json_array();
	struct record_use use;

	put(out, "id", hex_json(explained.id, sizeof explained.id));
	if (memcmp(explained.of, unknown, sizeof unknown) != 0)
		put(out, "of", hex_json(explained.of, sizeof explained.of));
	put(out, "trace", hex_json(explained.trace.at, HASH_BYTES));
	put(out, "for", json_string(explained.requester ? "requester" : "reviewer"));
	put(out, "language", json_string(rko_language_word(explained.language)));
	put(out, "reproduced", json_boolean(explained.reproduced));
	put(out, "outcome", json_string(rko_outcome_word(explained.outcome)));
	put_text(out, "rule", explained.rule);
	while (record_use_next(&explained, &use))
		json_array_append_new(uses, use_json(use));
	put(out, "consulted", uses);
	put(out, "generation", json_integer(explained.generation));
	put(out, "policy", hex_json(explained.policy, sizeof explained.policy));
}

json_t *audit_json(const struct entry *entry, const struct record *record, bool whole)
{
	json_t *out = json_object();
	char time[AUDIT_TIME_TEXT];

	audit_time_text(entry->written, time);
	put(out, "record", json_integer((json_int_t)entry->sequence));
	put(out, "written", json_string(time));
	put(out, "kind", json_string(record_kind_word(record->kind)));
	switch (record->kind) {
	case RECORD_DECISION:
		put_asked(out, record);
		put_decision(out, &record->decision);
		break;
	case RECORD_EXPLAINED:
		put_asked(out, record);
		put_explained(out, record->explained);
		break;
	case RECORD_CHECKPOINT:
		put_text(out, "checkpoint", record->checkpoint);
		break;
	case RECORD_OPENED:
		put_text(out, "version", record->opened.version);
		put(out, "made", json_boolean(record->opened.made));
		break;
	case RECORD_ASIDE:
		put_text(out, "file", record->aside.file);
		put(out, "bytes", json_integer((json_int_t)record->aside.bytes));
		put(out, "hash", hex_json(record->aside.hash.at, HASH_BYTES));
		break;
	case RECORD_EXPIRED:
		put(out, "first_kept", json_integer((json_int_t)record->expired.first));
		break;
	}
	if (whole)
		put(out, "leaf", audit_base64(entry->leaf_data, entry->leaf_size));
	return out;
}
