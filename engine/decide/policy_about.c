/* SPDX-License-Identifier: EUPL-1.2 */
/* What an open policy says of itself: its questions, their fields, rules and duties. */
#include "engine/decide/policy.h"

void rko_policy_about(const struct rko_policy *policy, struct rko_policy_about *ret)
{
	const struct image_head *head = policy->image.head;

	*ret = (struct rko_policy_about){
		.modules = policy_string(policy, head->policy),
		.compiler = policy_string(policy, head->compiler),
		.force_from = head->force_from,
		.force_to = head->force_to,
		.size = policy->size,
	};
	memcpy(ret->digest, head->digest, sizeof ret->digest);
	memcpy(ret->sources_digest, head->sources_digest, sizeof ret->sources_digest);
}

uint32_t rko_policy_questions(const struct rko_policy *policy)
{
	return policy->image.n_questions;
}

uint32_t rko_policy_question(const struct rko_policy *policy, const char *name)
{
	for (uint32_t i = 0; i < policy->image.n_questions; i++)
		if (strcmp(policy_string(policy, policy->image.questions[i].name), name) == 0)
			return i;
	return RKO_NOTHING;
}

void rko_question_about(const struct rko_policy *policy, uint32_t number, enum rko_language language,
			struct rko_question_about *ret)
{
	const struct image_question *question = &policy->image.questions[number];

	*ret = (struct rko_question_about){
		.name = policy_string(policy, question->name),
		.asks = image_label_text(&policy->image, &question->asks, language, question->name),
		.actions = question->actions.count,
		.fields = question->inputs.count,
		.answers = question->answers.count,
		.rules = question->rules.count,
		.duties = question->duties.count,
		.lists = !question->grants,
		.most_fetches = question->max_fetches,
		.most_steps = question->max_steps,
	};
}

const char *rko_question_action(const struct rko_policy *policy, uint32_t number, uint32_t action)
{
	const struct image_question *question = &policy->image.questions[number];

	return policy_string(policy, policy->image.actions[question->actions.first + action].name);
}

const char *rule_verb(const struct image_rule *rule)
{
	static const char *const verbs[] = { "grant", "prohibit", "withhold", "redact" };

	switch (rule->item) {
	case IMAGE_ITEM_SILENT:
		return "silent";
	case IMAGE_ITEM_DUTY:
		return "duty";
	case IMAGE_ITEM_LAW:
		return "law";
	}
	return verbs[rule->verb];
}

void rko_question_rule(const struct rko_policy *policy, uint32_t question, uint32_t number,
		       enum rko_language language, struct rko_rule_about *ret)
{
	const struct image *image = &policy->image;
	const struct image_rule *rule = &image->rules[image->questions[question].rules.first + number];

	*ret = (struct rko_rule_about){
		.name = image_string(image, rule->name),
		.says = image_label_text(image, &rule->says, language, 0),
		.verb = rule_verb(rule),
		.layer = rule->layer ? image_string(image, image->layers[rule->layer].name) : "",
		.file = image_string(image, rule->file),
		.line = rule->line,
	};
}

void rko_question_field(const struct rko_policy *policy, uint32_t number, uint32_t field,
			enum rko_language language, struct rko_field_about *ret)
{
	const struct image *image = &policy->image;
	const struct image_question *question = &image->questions[number];
	const struct image_input *input = &image->inputs[question->inputs.first + field];

	*ret = (struct rko_field_about){
		.name = image_string(image, input->name),
		.label = image_label_text(image, &input->label, language, input->name),
		.kind = RKO_FIELD_ID,
		.type = "id",
		.given = input->given,
		.found = input->found,
		.set = !!(input->flags & IMAGE_FIELD_SET),
		.may_be_none = !!(input->flags & IMAGE_FIELD_NONE),
		.may_be_open = !!(input->flags & IMAGE_FIELD_OPEN),
	};
	if (input->kind == IMAGE_TYPE_CODE) {
		ret->kind = RKO_FIELD_CODE;
		ret->type = image_string(image, image->codesets[input->target].name);
	} else if (input->kind == IMAGE_TYPE_DATE) {
		ret->kind = RKO_FIELD_DATE;
		ret->type = "date";
	} else if (input->kind == IMAGE_TYPE_REF) {
		ret->kind = RKO_FIELD_RECORD;
		ret->type = image_string(image, image->records[input->target].name);
	}
}

int rko_question_says(const struct rko_policy *policy, uint32_t question, const char *field, size_t length)
{
	const struct question_view *view = &policy->questions[question];
	uint32_t number = map_get(&view->names, (struct text){ field, length });

	if (number == MAP_NONE || view->fields[number].flags & IMAGE_FIELD_DERIVED)
		return 0;
	return view->fields[number].flags & IMAGE_FIELD_SET ? 2 : 1;
}

uint32_t rko_question_entities(const struct rko_policy *policy, uint32_t question)
{
	return policy->image.questions[question].entities.count;
}

void rko_question_entity(const struct rko_policy *policy, uint32_t number, uint32_t entity,
			 struct rko_entity_about *ret)
{
	const struct image *image = &policy->image;
	const struct question_view *view = &policy->questions[number];
	const struct image_entity *about = &image->entities[view->question->entities.first + entity];
	const struct image_input *input;

	*ret = (struct rko_entity_about){
		.part = (enum rko_part)about->part,
		.type = image_string(image, about->type),
		.id = about->id == IMAGE_NONE ? RKO_NOTHING : about->id,
		.id_given = "",
		.fields = image->links + about->fields.first,
		.nfields = about->fields.count,
	};
	if (about->id == IMAGE_NONE)
		return;
	input = &image->inputs[view->question->inputs.first + about->id];
	if (!input->given)
		return;
	/* A record that is given is said by its fields, of which the key comes first. */
	if (view->record_at[about->id] != IMAGE_NONE)
		ret->id_given = view->fields[view->record_at[about->id]].name.at;
	else
		ret->id_given = image_string(image, input->name);
}

void rko_question_duty(const struct rko_policy *policy, uint32_t question, uint32_t number,
		       enum rko_language language, struct rko_duty_about *ret)
{
	const struct image *image = &policy->image;
	const struct image_duty *duty = &image->duties[image->questions[question].duties.first + number];
	const struct image_rule *rule = &image->rules[image->questions[question].rules.first + duty->rule];

	*ret = (struct rko_duty_about){
		.name = image_string(image, rule->name),
		.says = image_label_text(image, &rule->says, language, 0),
		.bearer = "",
		.redaction = rule->item == IMAGE_ITEM_REDACT,
		.fields = duty->redacts.count,
	};
	if (duty->bearer != IMAGE_NONE && duty->bearer_set != IMAGE_NONE)
		ret->bearer = image_string(image, image->codes[image->codesets[duty->bearer_set].codes.first +
							       duty->bearer].name);
}

const char *rko_question_duty_field(const struct rko_policy *policy, uint32_t question, uint32_t number, uint32_t field)
{
	const struct image *image = &policy->image;
	const struct image_duty *duty = &image->duties[image->questions[question].duties.first + number];

	return image_string(image, image->codes[image->codesets[duty->redact_set].codes.first +
						image->links[duty->redacts.first + field]].name);
}
