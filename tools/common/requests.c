/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/common/requests.h"

#include <stdio.h>

#include "tools/common/cli.h"

uint32_t request_question(struct yaml_files *files, const struct rko_policy *policy, const struct yaml_node *map,
			  const struct yaml_pair **ret_pair)
{
	for (size_t i = 0; i < map->count; i++) {
		uint32_t question = rko_policy_question(policy, map->pairs[i].key.at);

		if (question == RKO_NOTHING)
			continue;
		*ret_pair = &map->pairs[i];
		return question;
	}
	yaml_fault(files, DIAG_REQUEST_VALUE, map->place,
		   "the request names no question of the policy: `access: read`, for instance");
	return RKO_NOTHING;
}

static void set_field(struct rko_request *request, struct text name, const struct yaml_node *value)
{
	switch (value->kind) {
	case YAML_TEXT:
		rko_request_set_n(request, name.at, name.len, value->text.at, value->text.len);
		break;
	case YAML_LIST:
		if (!value->count)
			rko_request_set_empty(request, name.at);
		for (size_t i = 0; i < value->count; i++)
			rko_request_set_n(request, name.at, name.len,
					  value->items[i].kind == YAML_TEXT ? value->items[i].text.at : "",
					  value->items[i].kind == YAML_TEXT ? value->items[i].text.len : 0);
		break;
	case YAML_MAP:
		break;
	}
}

struct rko_request *request_from(struct yaml_files *files, struct rko_policy *policy, const struct yaml_node *map)
{
	const struct yaml_pair *asked = NULL;
	uint32_t question = request_question(files, policy, map, &asked);
	struct rko_question_about about;
	struct rko_request *request;

	if (question == RKO_NOTHING)
		return NULL;
	rko_question_about(policy, question, RKO_FI, &about);
	if (rko_request_new(policy, about.name, &request) != RKO_OK)
		longjmp(cli_no_memory, 1);
	rko_request_action(request, asked->value.kind == YAML_TEXT ? asked->value.text.at : "");
	for (size_t i = 0; i < map->count; i++) {
		const struct yaml_pair *pair = &map->pairs[i];

		if (pair == asked)
			continue;
		set_field(request, pair->key, &pair->value);
		for (size_t j = 0; pair->value.kind == YAML_MAP && j < pair->value.count; j++)
			set_field(request,
				  text_format(&files->arena, "%.*s.%.*s", TEXT_ARG(pair->key),
					      TEXT_ARG(pair->value.pairs[j].key)),
				  &pair->value.pairs[j].value);
	}
	return request;
}

static bool is_absent(const struct yaml_node *node)
{
	return node->kind == YAML_TEXT && text_equal(node->text, TEXT("absent"));
}

struct yaml_node request_merge(struct arena *arena, const struct yaml_node *base, const struct yaml_node *change)
{
	struct yaml_node out = { .kind = YAML_MAP };
	size_t room = (base ? base->count : 0) + (change ? change->count : 0);

	out.place = change ? change->place : base ? base->place : 0;
	out.pairs = ARENA_ARRAY(arena, room + 1, struct yaml_pair);
	for (size_t i = 0; base && i < base->count; i++)
		out.pairs[out.count++] = base->pairs[i];
	for (size_t i = 0; change && i < change->count; i++) {
		const struct yaml_pair *pair = &change->pairs[i];
		size_t at = 0;

		while (at < out.count && !text_equal(out.pairs[at].key, pair->key))
			at++;
		if (is_absent(&pair->value)) {
			if (at < out.count)
				out.pairs[at] = out.pairs[--out.count];
			continue;
		}
		if (at == out.count) {
			out.pairs[out.count++] = *pair;
		} else if (out.pairs[at].value.kind == YAML_MAP && pair->value.kind == YAML_MAP) {
			struct yaml_node before = out.pairs[at].value;

			out.pairs[at].value = request_merge(arena, &before, &pair->value);
		} else {
			out.pairs[at] = *pair;
		}
	}
	return out;
}
