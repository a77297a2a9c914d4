/* SPDX-License-Identifier: EUPL-1.2 */
/* What must hold: of a request before it is answered, and of rows before they are stored. */
#include "dsl/check/passes.h"

void check_record_musts(struct model *model, struct part *part, struct node *node)
{
	struct record *record = find_own(model, part, DECL_RECORD, node);
	struct scope scope = { .model = model, .part = part, .self = record };
	uint32_t count = 0;

	if (!record)
		return;
	for (const struct node *child = node->first; child; child = child->next)
		count += child->kind == N_MUST;
	record->musts = ARENA_ARRAY(model->arena, count, struct cond *);
	record->must_spans = ARENA_ARRAY(model->arena, count, struct span);
	for (const struct node *child = node->first; child; child = child->next) {
		struct cond *cond = child->kind == N_MUST ? cond_resolve(&scope, child->first) : NULL;

		if (!cond)
			continue;
		record->must_spans[record->nmusts] = child->span;
		record->musts[record->nmusts++] = cond;
	}
}

/* Of requests ------------------------------------------------------------------------------------ */

/* The actions that carry every request field the condition names. */
static uint32_t carried_by(const struct question *question, const struct cond *cond);

static uint32_t operand_carried(const struct question *question, const struct operand *operand)
{
	uint32_t bits = UINT32_MAX;

	if (!operand)
		return bits;
	if (operand->kind == OPERAND_PLACE && operand->place.base == BASE_REQUEST) {
		const struct request_field *field = &question->fields[operand->place.field];

		bits &= field->given | field->found;
	}
	for (int i = 0; i < 2; i++)
		bits &= operand_carried(question, operand->parts[i]);
	for (uint32_t i = 0; i < operand->count; i++)
		bits &= operand_carried(question, operand->list[i]);
	return bits;
}

static uint32_t carried_by(const struct question *question, const struct cond *cond)
{
	uint32_t bits = operand_carried(question, cond->a) & operand_carried(question, cond->b);

	for (uint32_t i = 0; i < cond->count; i++)
		bits &= carried_by(question, cond->list[i]);
	return bits;
}

void check_request_must(struct model *model, struct question *question, const struct node *node)
{
	struct scope scope = scope_of(model, question, question->part);
	struct cond *cond;

	scope.request_only = true;
	cond = cond_resolve(&scope, node->first);
	if (!cond)
		return;
	question->must_actions[question->nmusts] =
		carried_by(question, cond) & actions_take(model, question, NULL);
	question->must_spans[question->nmusts] = node->span;
	question->musts[question->nmusts++] = cond;
}
