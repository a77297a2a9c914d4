/* SPDX-License-Identifier: EUPL-1.2 */
/* What would have to change, as JSON. */
#include "engine/explain/json.h"

#include "engine/base/date.h"

static void put_need(struct json_writer *json, const struct rko_why_need *need)
{
	static const char *const kinds[] = { "one_of", "days", "open", "some", "none", "same", "different", "has",
					     "has_not", "has_all", "within", "each" };

	jw_object(json);
	member_text(json, "field", need->field);
	member_text(json, "label", need->label);
	member_text(json, "seen", need->seen);
	if (need->row != RKO_NOTHING) {
		member_integer(json, "row", need->row);
		member_words(json, "stored", need->stored, need->nstored);
	}
	member_text(json, "needed", kinds[need->kind]);
	if (need->nvalues)
		member_words(json, "values", need->values, need->nvalues);
	member_text(json, "other", need->other);
	if (need->nothers)
		member_words(json, "others", need->others, need->nothers);
	if (need->other_row != RKO_NOTHING) {
		member_integer(json, "other_row", need->other_row);
		member_text(json, "other_field", need->other_field);
	}
	if (need->kind == RKO_NEED_DAYS) {
		if (need->from > DAY_MIN)
			member_day(json, "from", need->from);
		if (need->to != RKO_DAY_OPEN)
			member_day(json, "to", need->to);
	}
	jw_object_end(json);
}

static void put_row_key(struct json_writer *json, const struct rko_why_row *row)
{
	jw_name(json, "key");
	jw_array(json);
	for (size_t i = 0; i < row->nkey; i++) {
		jw_object(json);
		member_text(json, "field", row->key[i].field);
		if (row->key[i].nvalues)
			member_words(json, "values", row->key[i].values, row->key[i].nvalues);
		if (row->key[i].row != RKO_NOTHING) {
			member_integer(json, "row", row->key[i].row);
			member_text(json, "of", row->key[i].of);
		}
		jw_object_end(json);
	}
	jw_array_end(json);
}

static void put_row(struct json_writer *json, const struct rko_why_row *row)
{
	jw_object(json);
	member_text(json, "record", row->record);
	member_bool(json, "exists", row->exists);
	if (row->from != RKO_NOTHING) {
		member_integer(json, "from", row->from);
		member_text(json, "by", row->by);
	}
	put_row_key(json, row);
	jw_object_end(json);
}

static void put_step(struct json_writer *json, const struct rko_why_step *step)
{
	static const char *const kinds[] = { "time", "judgement", "record", "no_record", "field", "parameter", "overlay",
					     "request" };

	jw_object(json);
	member_text(json, "kind", kinds[step->kind]);
	member_text(json, "name", step->name);
	member_text(json, "record", step->record);
	member_text(json, "asks", step->asks);
	member_text(json, "who", step->who);
	member_text(json, "who_label", step->who_label);
	if (step->kind == RKO_CHANGE_TIME) {
		member_day(json, "from", step->from);
		member_day(json, "to", step->to);
	}
	jw_name(json, "needs");
	jw_array(json);
	for (size_t i = 0; i < step->nneeds; i++)
		put_need(json, &step->needs[i]);
	jw_array_end(json);
	jw_name(json, "rows");
	jw_array(json);
	for (size_t i = 0; i < step->nrows; i++)
		put_row(json, &step->rows[i]);
	jw_array_end(json);
	jw_object_end(json);
}

void json_changes(struct json_writer *json, const struct rko_explanation *why)
{
	jw_name(json, "changes");
	jw_array(json);
	for (size_t i = 0; i < why->nchanges; i++) {
		jw_object(json);
		member_text(json, "opens", why->changes[i].opens);
		member_text(json, "opens_says", why->changes[i].opens_says);
		jw_name(json, "steps");
		jw_array(json);
		for (size_t j = 0; j < why->changes[i].nsteps; j++)
			put_step(json, &why->changes[i].steps[j]);
		jw_array_end(json);
		jw_object_end(json);
	}
	jw_array_end(json);
}
