/* SPDX-License-Identifier: EUPL-1.2 */
/* Windows: from one date of a record to another. */
#include "dsl/check/scope.h"

/* A bound that is a date of the record, moved by a fixed time or not at all. */
static bool fixed_bound(const struct operand *bound, const struct place **ret_place, int32_t ret_days[2])
{
	const struct operand *date = bound, *moved = NULL;
	int32_t count;

	if (bound->kind == OPERAND_SHIFT) {
		date = bound->parts[0];
		moved = bound->parts[1];
	}
	if (date->kind != OPERAND_PLACE || (moved && moved->kind != OPERAND_CONSTANT))
		return false;
	count = moved ? moved->constant.number * bound->sign : 0;
	*ret_place = &date->place;
	ret_days[0] = ret_days[1] = count;
	if (moved && moved->constant.unit == UNIT_MONTHS) {	/* of 28 to 31 days */
		ret_days[0] *= count < 0 ? 31 : 28;
		ret_days[1] *= count < 0 ? 28 : 31;
	}
	return true;
}

/* Both bounds are counted from one date, and the last day lies before the first. */
static bool is_empty(const struct window *window)
{
	const struct place *places[2];
	int32_t days[2][2];

	for (int i = 0; i < 2; i++)
		if (!fixed_bound(window->bounds[i], &places[i], days[i]))
			return false;
	if (places[0]->nsteps != places[1]->nsteps || days[0][0] <= days[1][1])
		return false;
	for (uint32_t i = 0; i < places[0]->nsteps; i++)
		if (places[0]->steps[i] != places[1]->steps[i])
			return false;
	return true;
}

void check_window(struct model *model, struct part *part, struct node *node)
{
	static const struct type date = { .kind = KIND_DATE };
	struct window *window;
	struct scope scope = { .model = model, .part = part };
	const struct node *bound;

	window = find_own(model, part, DECL_WINDOW, node);
	if (!window)
		return;
	window->record = need_global(model, part, DECL_RECORD, node_child(node, N_NAME));
	if (!window->record)
		return;
	scope.self = window->record;
	bound = node->first->next;
	for (int i = 0; i < 2; i++, bound = bound->next) {
		window->bounds[i] = operand_resolve(&scope, bound, &date);
		if (window->bounds[i] && window->bounds[i]->type.kind == KIND_DATE &&
		    !window->bounds[i]->type.set)
			continue;
		if (window->bounds[i])
			diag_add(model->diags, DIAG_TYPE, bound->span, "a window has dates for its bounds");
		window->record = NULL;
		return;
	}
	if (is_empty(window)) {
		struct diag *diag = diag_add(model->diags, DIAG_UNREACHABLE, window->span,
					     "the window `%.*s` has no day: it ends before it begins",
					     TEXT_ARG(window->name));

		diag_help(model->diags, diag, "its first day stands first: [first, last]");
	}
}
