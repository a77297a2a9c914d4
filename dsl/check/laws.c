/* SPDX-License-Identifier: EUPL-1.2 */
/* Laws and examples: what must hold of the rules, and the facts they are about. */
#include "dsl/check/rules.h"

/* Facts that are given ---------------------------------------------------------------------------- */

static struct cond *hits(const struct scope *scope, struct operand *place, const bool *has,
			 bool wanted, bool negative, struct span span)
{
	struct cond *cond = cond_new(scope, COND_HITS, span);
	uint32_t count = place->type.codes->count;

	cond->a = place;
	cond->negative = negative;
	cond->set = (struct constant){ .kind = CONST_CODES, .codes = place->type.codes };
	cond->set.has = ARENA_ARRAY(scope->model->arena, count, bool);
	for (uint32_t i = 0; i < count; i++)
		cond->set.has[i] = has[i] == wanted;
	return cond;
}

/* A set-valued place is exactly a constant set: it has each of its codes and none besides. */
static struct cond *exactly(const struct scope *scope, struct operand *place,
			    const struct constant *set, struct span span)
{
	uint32_t count = set->codes->count;
	struct cond *all = cond_new(scope, COND_AND, span);

	all->list = ARENA_ARRAY(scope->model->arena, count + 1, struct cond *);
	for (uint32_t i = 0; i < count; i++) {
		bool *one = ARENA_ARRAY(scope->model->arena, count, bool);

		if (!set->has[i])
			continue;
		one[i] = true;
		all->list[all->count++] = hits(scope, place, one, true, false, span);
	}
	all->list[all->count++] = hits(scope, place, set->has, false, true, span);
	return all;
}

static bool take_given(const struct scope *scope, const struct node *node, struct given_value *given)
{
	struct model *model = scope->model;
	struct node *test = node_new(model->arena, N_TEST, node->span);
	struct node *path = arena_copy(model->arena, node->first, sizeof *node);
	struct node *value = arena_copy(model->arena, node->last, sizeof *node);
	struct operand *place;

	given->span = node->span;
	path->next = value->next = NULL;
	if (value->kind == N_PHASE) {
		test->number = TEST_IS_PHASE;
		given->cond = cond_resolve(scope, node_add(node_add(test, path), value));
		return given->cond != NULL;
	}
	place = operand_resolve(scope, path, NULL);
	if (!place)
		return false;
	if (place->kind == OPERAND_PLACE)
		given->place = place;
	if (value->kind == N_WORD && value->number == WORD_UNKNOWN) {
		if (place->kind != OPERAND_PLACE) {
			diag_add(model->diags, DIAG_BAD_TEST, node->span, "only a fact can be unknown");
			return false;
		}
		given->value.kind = CONST_UNKNOWN;
		return true;
	}
	if (place->kind == OPERAND_PLACE && place->type.set && place->type.kind == KIND_CODE) {
		if (!constant_resolve(model, scope->part, value, &place->type, &given->value))
			return false;
		given->cond = exactly(scope, place, &given->value, node->span);
		return true;
	}
	test->number = TEST_EQ;
	given->cond = cond_resolve(scope, node_add(node_add(test, path), value));
	if (given->cond && given->cond->kind == COND_IN) {
		given->value.kind = CONST_CODE;
		given->value.codes = given->cond->set.codes;
		for (uint32_t i = 0; i < given->value.codes->count; i++)
			if (given->cond->set.has[i])
				given->value.code = i;
	} else {
		given->value.kind = CONST_NONE;
	}
	return given->cond != NULL;
}

static bool take_givens(const struct scope *scope, const struct node *parent,
			struct given_value **ret_list, uint32_t *ret_count)
{
	uint32_t count = 0;
	bool fine = true;

	*ret_list = ARENA_ARRAY(scope->model->arena, node_count(parent), struct given_value);
	for (const struct node *node = parent->first; node; node = node->next)
		if (node->kind == N_GIVEN)
			fine &= take_given(scope, node, &(*ret_list)[count++]);
	*ret_count = count;
	return fine;
}

/* Laws ------------------------------------------------------------------------------------------- */

static bool take_never_asks(struct model *model, const struct question *question, const struct rule *item,
			    struct law *law)
{
	const struct node *node = item->node->first;
	bool fine = text_equal(node->text, question->name);

	if (!fine) {
		struct diag *diag = diag_add(model->diags, DIAG_WRONG_KIND, node->name,
					     "the law stands in the chapter %.*s", TEXT_ARG(question->name));

		diag_fix(model->diags, diag, node->name, question->name, "write `%.*s`", TEXT_ARG(question->name));
	}
	law->asks = ARENA_ARRAY(model->arena, node_count(node), struct record *);
	for (const struct node *name = node->first; name; name = name->next) {
		struct record *record = need_global(model, item->part, DECL_RECORD, name);

		if (record)
			law->asks[law->nasks++] = record;
	}
	return fine;
}

void check_law(struct model *model, struct question *question, struct rule *item)
{
	struct scope scope = scope_of(model, question, item->part);
	struct law *law = ARENA_NEW(model->arena, struct law);
	const struct node *node = item->node->first, *when = node_child(node, N_WHEN);
	bool fine = true;

	rule_cites(model, item);
	law->name = item->name;
	law->span = item->span;
	law->layer = item->layer;
	law->kind = node->kind;
	law->cites = item->cites;
	switch (node->kind) {
	case N_NEVER:
		law->actions = node_child(node, N_ON)
				       ? actions_take(model, question, node_child(node, N_ON)) : 0;
		scope.actions = law->actions;
		law->when = cond_resolve(&scope, when->first);
		fine = law->when != NULL;
		break;
	case N_NEVER_ASKS:
		fine = take_never_asks(model, question, item, law);
		break;
	default:
		scope.actions = law->actions = actions_take(model, question, node_child(node, N_ON));
		fine = take_givens(&scope, node, &law->if_given, &law->nif);
		fine &= take_givens(&scope, node_child(node, N_THAN), &law->then_given, &law->nthen);
		break;
	}
	if (fine)
		PUSH(model, question, laws, cap_laws, law);
}

/* Examples --------------------------------------------------------------------------------------- */

/* The rules by which a step of an example comes out so. False after a report. */
static bool take_step_rules(const struct scope *scope, const struct node *by, struct example_step *step)
{
	struct model *model = scope->model;
	bool fine = true;

	step->by = ARENA_ARRAY(model->arena, by ? node_count(by) : 0, struct rule *);
	for (const struct node *name = by ? by->first : NULL; name; name = name->next) {
		struct rule *item = need_item(model, scope->question, scope->layer, name);

		if (item && item->item != ITEM_RULE && item->item != ITEM_EXCEPTION && item->item != ITEM_SILENT) {
			struct diag *diag = diag_add(model->diags, DIAG_WRONG_KIND, name->span,
						     "`%.*s` is %s, and decides nothing", TEXT_ARG(name->text),
						     item_word(item));

			diag_also(model->diags, diag, item->span, "declared here");
			item = NULL;
		}
		if (item)
			step->by[step->nby++] = item;
		else
			fine = false;
	}
	return fine;
}

static bool take_step(const struct scope *of_example, const struct node *node, struct example_step *step)
{
	struct scope scope = *of_example;
	const struct node *day = node_child(node, N_DATE);
	bool fine;

	step->span = node->span;
	scope.actions = step->action = action_take(scope.model, scope.question, node->text, node->name);
	step->outcome = (enum outcome_word)node->number;
	step->has_day = day != NULL;
	step->day = day ? (day_t)day->number : 0;
	fine = step->action != 0 && take_givens(&scope, node, &step->given, &step->ngiven);
	fine &= take_step_rules(&scope, node_child(node, N_BY_RULES), step);
	if (step->outcome == WORD_REFUSED) {
		diag_add(scope.model->diags, DIAG_BAD_TEST, node->span,
			 "an example speaks of facts, and a refusal is about the request: write a case");
		return false;
	}
	return fine;
}

void check_example(struct model *model, struct question *question, const struct loose *loose)
{
	struct scope scope = scope_of(model, question, loose->part);
	struct example *example = ARENA_NEW(model->arena, struct example);
	bool fine = true;

	example->name = loose->node->text;
	example->span = loose->node->name;
	example->layer = scope.layer;
	example->steps = ARENA_ARRAY(model->arena, node_count(loose->node), struct example_step);
	for (const struct node *node = loose->node->first; node; node = node->next)
		fine &= take_step(&scope, node, &example->steps[example->nsteps++]);
	if (fine)
		PUSH(model, question, examples, cap_examples, example);
}
