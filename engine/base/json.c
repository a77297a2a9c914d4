/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/base/json.h"

static void new_line(struct json_writer *json)
{
	if (!json->indent)
		return;
	buf_char(json->out, '\n');
	buf_repeat(json->out, ' ', (size_t)json->indent * json->depth);
}

/* What stands between the last value, or the bracket, and the next. */
static void next(struct json_writer *json)
{
	if (json->more)
		buf_char(json->out, ',');
	if (json->depth)
		new_line(json);
	json->more = true;
}

static void begin_value(struct json_writer *json)
{
	if (!json->named)
		next(json);
	json->named = false;
}

static void begin(struct json_writer *json, char bracket)
{
	begin_value(json);
	buf_char(json->out, bracket);
	json->depth++;
	json->more = false;
}

static void end(struct json_writer *json, char bracket)
{
	json->depth--;
	if (json->more)
		new_line(json);
	buf_char(json->out, bracket);
	json->more = true;
}

void jw_object(struct json_writer *json)
{
	begin(json, '{');
}

void jw_object_end(struct json_writer *json)
{
	end(json, '}');
}

void jw_array(struct json_writer *json)
{
	begin(json, '[');
}

void jw_array_end(struct json_writer *json)
{
	end(json, ']');
}

static void colon(struct json_writer *json)
{
	buf_add(json->out, ": ", json->indent ? 2 : 1);
	json->named = true;
}

void jw_name_of(struct json_writer *json, const char *name, size_t length)
{
	char *room;

	next(json);
	room = buf_room(json->out, length + 2);
	if (!room)
		return;
	room[0] = '"';
	memcpy(room + 1, name, length);
	room[length + 1] = '"';
	json->out->len += length + 2;
	colon(json);
}

void jw_any_name(struct json_writer *json, const char *name)
{
	next(json);
	buf_json(json->out, text_from(name));
	colon(json);
}

void jw_string(struct json_writer *json, const char *text)
{
	begin_value(json);
	buf_json(json->out, text_from(text));
}

void jw_integer(struct json_writer *json, int64_t value)
{
	begin_value(json);
	buf_printf(json->out, "%lld", (long long)value);
}

void jw_bool(struct json_writer *json, bool value)
{
	begin_value(json);
	buf_string(json->out, value ? "true" : "false");
}

void jw_null(struct json_writer *json)
{
	begin_value(json);
	buf_string(json->out, "null");
}
