/* SPDX-License-Identifier: EUPL-1.2 */
/* Rules: what decides, what is due, what must hold; citations and force; examples. */
#include "dsl/check/check.h"

#include <stdlib.h>

/* Declarations ----------------------------------------------------------------------------------- */

static const char *item_word(const struct rule *rule)
{
	switch (rule->item) {
	case ITEM_RULE:
		return rule->verb == VERB_GRANT ? "a rule that grants" : "a rule that prohibits";
	case ITEM_EXCEPTION:
		return "an exception";
	case ITEM_DUTY:
		return "a duty";
	case ITEM_REDACT:
		return "a redaction";
	case ITEM_SILENT:
		return "a silence";
	case ITEM_LAW:
		return "a law";
	}
	return "";
}

void declare_item(struct model *model, struct part *part, struct question *question,
		  struct node *node)
{
	struct rule *rule = ARENA_NEW(model->arena, struct rule);

	if (node->kind == N_WIDEN || node->kind == N_EXAMPLE) {
		PUSH(model, question, loose, cap_loose, ((struct loose){ node, part }));
		return;
	}
	rule->name = node->text;
	rule->span = node->name;
	rule->node = node;
	rule->part = part;
	rule->layer = model->modules[part->module].layer;
	rule->bearer = NOWHERE;
	switch (node->kind) {
	case N_RULE:
		rule->verb = (enum verb)node->number;
		rule->item = rule->verb == VERB_REDACT ? ITEM_REDACT : ITEM_RULE;
		break;
	case N_EXCEPTION:
		rule->verb = (enum verb)node->number;
		rule->item = ITEM_EXCEPTION;
		break;
	case N_DUTY:
		rule->item = ITEM_DUTY;
		break;
	case N_SILENT:
		rule->item = ITEM_SILENT;
		break;
	default:
		rule->item = ITEM_LAW;
		break;
	}
	if (declare_in(model, question, rule->layer, DECL_ITEM, node->text, node->name, rule))
		PUSH(model, question, rules, cap_rules, rule);
}

static struct rule *need_item(struct model *model, struct question *question, uint32_t layer,
			      const struct node *name, const char *what)
{
	struct decl *decl = find_named(model, question, layer, name->text);
	struct near near = near_init(name->text);
	struct diag *diag;

	if (decl && decl->kind == DECL_ITEM)
		return decl->thing;
	if (decl) {
		report_kind(model, name, decl, "a rule");
		return NULL;
	}
	diag = diag_add(model->diags, DIAG_UNKNOWN_NAME, name->name.source == SOURCE_NONE ? name->span
											  : name->name,
			"chapter %.*s has no %s `%.*s`", TEXT_ARG(question->name), what,
			TEXT_ARG(name->text));
	for (uint32_t i = 0; i < question->nrules; i++)
		if (!question->rules[i]->layer || question->rules[i]->layer == layer)
			near_try(&near, question->rules[i]->name);
	near_help(model, diag, name->span, &near);
	return NULL;
}

/* Citations and force ---------------------------------------------------------------------------- */

static void take_force(struct model *model, struct rule *rule)
{
	const struct node *clause = node_child(rule->node, N_FORCE);
	const struct layer *layer = &model->layers[rule->layer];
	struct force own = force_from(model, clause), law;
	struct diag *diag;

	rule->force = force_always();
	if (!rule->cites.count)
		return;
	law = rule->cites.list[0]->source->force;
	if (law.pending) {
		rule->force.pending = true;
		diag = diag_add(model->diags, DIAG_PENDING, rule->span,
				"`%.*s` is not in force: it is not known since when %.*s is",
				TEXT_ARG(rule->name), TEXT_ARG(rule->cites.list[0]->source->name));
		diag_also(model->diags, diag, rule->cites.spans[0], "the first citation governs force");
		return;
	}
	if (clause && !own.pending && !force_covers(law, own)) {
		diag = diag_add(model->diags, DIAG_OUTSIDE_FORCE, clause->span,
				"%.*s is in force %.*s, and the rule would reach beyond it",
				TEXT_ARG(rule->cites.list[0]->source->name),
				TEXT_ARG(force_text(model, law)));
		diag_also(model->diags, diag, rule->cites.spans[0], "the first citation governs force");
	}
	rule->force = force_meet(force_meet(law, own), layer->force);
	if (rule->force.pending) {
		diag_add(model->diags, DIAG_PENDING, rule->span,
			 "`%.*s` is not in force: its day is pending", TEXT_ARG(rule->name));
		return;
	}
	if (force_empty(own) || force_empty(law) || force_empty(layer->force))
		return;		/* reported where it is written */
	if (force_empty(rule->force)) {
		diag = diag_add(model->diags, DIAG_EMPTY_FORCE, rule->span,
				"`%.*s` is in force on no day", TEXT_ARG(rule->name));
		diag_also(model->diags, diag, rule->cites.spans[0], "this source is in force %.*s",
			  TEXT_ARG(force_text(model, law)));
		if (rule->layer)
			diag_also(model->diags, diag, layer->span, "and the overlay %.*s",
				  TEXT_ARG(force_text(model, layer->force)));
		return;
	}
	check_cover(model, &rule->cites, rule->force, "the rule",
		    "cite it under `see`, narrow the rule with `in force`, or cite it first");
}

/* Nothing decides by an exception that withholds. */
static void take_shown(struct model *model, struct rule *rule)
{
	const struct node *node = node_child(rule->node, N_SHOWN);
	struct diag *diag;

	if (!node || !check_audience(model, node))
		return;
	rule->shown = node->span;
	if (rule->item != ITEM_EXCEPTION || rule->verb != VERB_WITHHOLD)
		return;
	diag = diag_add(model->diags, DIAG_AUDIENCE, node->span, "`%.*s` withholds, so no answer names it",
			TEXT_ARG(rule->name));
	diag_help(model->diags, diag, "rules that grant or prohibit, and duties, are told to whoever asks");
}

static void take_cites(struct model *model, struct rule *rule)
{
	struct diag *diag;

	cites_take(model, rule->part, &rule->cites, rule->node);
	if (!rule->cites.count && !node_child(rule->node, N_CITE)) {
		diag = diag_add(model->diags, DIAG_NO_CITATION, rule->span, "%s must cite: `%.*s` cites nothing",
				item_word(rule), TEXT_ARG(rule->name));
		diag_help(model->diags, diag, "add a line: cite SOURCE \"passage\"");
	}
	labels_take(model, &rule->says, node_child(rule->node, N_SAYS));
	take_shown(model, rule);
	rule->rests = rests_take(model, rule->part, rule->node);
	if (rule->item != ITEM_LAW)
		take_force(model, rule);
}

/* Rules and exceptions --------------------------------------------------------------------------- */

static void take_delegation(struct model *model, struct question *question, struct rule *rule)
{
	struct scope scope = scope_of(model, question, rule->part);
	const struct node *node = node_child(rule->node, N_DELEGATES);
	struct diag *diag;

	if (!node)
		return;
	if (rule->layer || rule->verb != VERB_GRANT) {
		diag_add(model->diags, DIAG_MISPLACED, node->span,
			 "only a rule of the base that grants can delegate");
		return;
	}
	rule->delegated = ARENA_ARRAY(model->arena, node_count(node), struct place);
	for (const struct node *path = node->first; path; path = path->next) {
		struct place *place = &rule->delegated[rule->ndelegated];

		if (path->kind != N_PATH)
			continue;
		if (!place_resolve(&scope, path, place))
			return;
		if (place->type.kind != KIND_CODE || place->type.set) {
			diag = diag_add(model->diags, DIAG_TYPE, path->span,
					"what is delegated is a code, and this is %s",
					type_word(model, &place->type));
			diag_help(model->diags, diag,
				  "delegate the feature whose values an overlay may add");
			return;
		}
		rule->ndelegated++;
	}
	rule->delegated_where = cond_resolve(&scope, node_child(node, N_WHERE)->first);
	rule->delegated_under = need_passage(model, rule->part, node_child(node, N_REF));
}

static void add_child(struct model *model, struct rule *parent, struct rule *child)
{
	parent->children = arena_grow(model->arena, parent->children, parent->nchildren,
				      &parent->cap_children, sizeof *parent->children);
	parent->children[parent->nchildren++] = child;
}

static void refuse_parent(struct model *model, const struct rule *rule, const struct node *name,
			  const struct rule *parent, const char *why, const char *help)
{
	struct diag *diag = diag_add(model->diags, DIAG_EXCEPTION, name->span, "%s", why);

	diag_also(model->diags, diag, parent->span, "`%.*s` is %s", TEXT_ARG(parent->name),
		  item_word(parent));
	if (help)
		diag_help(model->diags, diag, "%s", help);
	(void)rule;
}

/* The verb at the root above; all roots of a rule are alike, which is checked when parents are taken. */
static enum verb root_verb(const struct rule *rule)
{
	unsigned steps = 0;

	while (rule->item == ITEM_EXCEPTION && rule->nparents && !rule->cut && steps++ < LIMIT_NESTING)
		rule = rule->parents[0];
	return rule->verb;
}

static void take_parent(struct model *model, struct question *question, struct rule *rule,
			const struct node *name)
{
	struct rule *parent = need_item(model, question, rule->layer, name, "rule");

	if (!parent)
		return;
	if (parent->item != ITEM_RULE && parent->item != ITEM_EXCEPTION) {
		refuse_parent(model, rule, name, parent, "only rules and exceptions have exceptions", NULL);
		return;
	}
	if (parent == rule) {
		refuse_parent(model, rule, name, parent, "an exception to itself", NULL);
		return;
	}
	if (parent->layer != rule->layer) {	/* an overlay's, to a rule of the base */
		if (parent->item == ITEM_EXCEPTION) {
			refuse_parent(model, rule, name, parent,
				      "an overlay adds no exception inside a rule of the base",
				      "withhold the whole result of the base rule, or prohibit");
			return;
		}
		if (parent->verb == VERB_PROHIBIT) {
			refuse_parent(model, rule, name, parent,
				      "an overlay cannot lift a prohibition of the base", NULL);
			return;
		}
		if (rule->verb != VERB_WITHHOLD) {
			refuse_parent(model, rule, name, parent,
				      "under a rule of the base an overlay's exception only withholds",
				      "to prohibit, write a rule of the overlay; to widen, `widen`");
			return;
		}
		rule->cut = true;
	}
	rule->parents[rule->nparents++] = parent;
	if (!rule->cut)
		add_child(model, parent, rule);
}

static void check_exception(struct model *model, struct question *question, struct rule *rule)
{
	const struct node *to = node_child(rule->node, N_TO);

	rule->parents = ARENA_ARRAY(model->arena, node_count(to), struct rule *);
	for (const struct node *name = to->first; name; name = name->next)
		take_parent(model, question, rule, name);
	for (uint32_t i = 1; i < rule->nparents; i++)
		if (rule->cut != (rule->parents[i]->layer != rule->layer))
			diag_add(model->diags, DIAG_EXCEPTION, to->span,
				 "an exception is to rules of the overlay or to rules of the base, not to both");
}

/* What is known of a rule when everything above it is. */
static void settle_height(struct rule *rule)
{
	rule->ways = rule->nparents ? 0 : 1;
	for (uint32_t i = 0; i < rule->nparents; i++) {
		const struct rule *parent = rule->parents[i];

		if (parent->height + 1 > rule->height)
			rule->height = parent->height + 1;
		if (__builtin_add_overflow(rule->ways, parent->ways, &rule->ways))
			rule->ways = UINT32_MAX;
	}
	rule->look = LOOK_DONE;
}

/* Upwards from a rule, depth first, with a stack of its own: an author's chain may be as long as a file. */
static void climb(struct rule **stack, struct rule *from)
{
	uint32_t count = 0;

	if (from->look != LOOK_NOT_YET)
		return;
	from->look = LOOK_INSIDE;
	stack[count++] = from;
	while (count) {
		struct rule *rule = stack[count - 1], *parent;

		if (rule->climbed == rule->nparents) {
			settle_height(rule);
			count--;
			continue;
		}
		parent = rule->parents[rule->climbed++];
		if (parent->look == LOOK_INSIDE) {
			parent->circular = true;
		} else if (parent->look == LOOK_NOT_YET) {
			parent->look = LOOK_INSIDE;
			stack[count++] = parent;
		}
	}
}

/* Not those that hang on one that does. */
static bool passes_ways(const struct rule *rule)
{
	for (uint32_t i = 0; i < rule->nparents; i++)
		if (rule->parents[i]->ways > LIMIT_WAYS)
			return false;
	return rule->ways > LIMIT_WAYS;
}

/*
 * Exceptions to exceptions have bounds: how many stand above one another, and in how many ways one is reached, since
 * the ladders of the rules are walked way by way. Those past a bound are reported where it is passed.
 */
static void check_heights(struct model *model, struct question *question)
{
	struct rule **stack = ARENA_ARRAY(model->arena, question->nrules + 1, struct rule *);

	for (uint32_t i = 0; i < question->nrules; i++)
		climb(stack, question->rules[i]);
	for (uint32_t i = 0; i < question->nrules; i++) {
		struct rule *rule = question->rules[i];

		if (rule->circular)
			diag_add(model->diags, DIAG_RECURSIVE, rule->span,
				 "the exception `%.*s` is in the end an exception to itself", TEXT_ARG(rule->name));
		else if (rule->height == LIMIT_NESTING + 1)
			diag_add(model->diags, DIAG_LIMIT_NESTING, rule->span,
				 "`%.*s` is an exception to exceptions to exceptions, more than %d deep",
				 TEXT_ARG(rule->name), LIMIT_NESTING);
		else if (rule->height <= LIMIT_NESTING && passes_ways(rule))
			diag_add(model->diags, DIAG_LIMIT_NESTING, rule->span,
				 "`%.*s` stands under the rules above it in %u ways; at most %d are allowed",
				 TEXT_ARG(rule->name), rule->ways, LIMIT_WAYS);
	}
	for (uint32_t i = 0; i < question->nrules; i++) {
		struct rule *rule = question->rules[i];

		if (rule->circular || rule->height > LIMIT_NESTING || rule->ways > LIMIT_WAYS)
			rule->nparents = 0;
	}
}

/* After all parents are known. */
static void check_verb(struct model *model, struct rule *rule)
{
	enum verb above;
	struct diag *diag;

	if (rule->item != ITEM_EXCEPTION || !rule->nparents)
		return;
	above = root_verb(rule->parents[0]);
	for (uint32_t i = 1; i < rule->nparents; i++) {
		if (root_verb(rule->parents[i]) == above)
			continue;
		diag = diag_add(model->diags, DIAG_EXCEPTION, rule->span,
				"`%.*s` is an exception to rules of different kinds", TEXT_ARG(rule->name));
		diag_also(model->diags, diag, rule->parents[0]->span, "%s", item_word(rule->parents[0]));
		diag_also(model->diags, diag, rule->parents[i]->span, "%s", item_word(rule->parents[i]));
	}
	if (rule->verb != VERB_GRANT || (above == VERB_GRANT && !rule->layer))
		return;
	diag = diag_add(model->diags, rule->layer ? DIAG_OVERLAY_GRANTS : DIAG_EXCEPTION, rule->span,
			rule->layer ? "an overlay cannot grant"
				    : "under a prohibition an exception cannot grant");
	diag_also(model->diags, diag, rule->parents[0]->span, "%s", item_word(rule->parents[0]));
	diag_help(model->diags, diag,
		  "`withhold` lifts the prohibition; what is then granted is for the granting rules to say");
}

static void check_overlay_rule(struct model *model, const struct rule *rule)
{
	struct diag *diag;

	if (rule->layer && rule->item == ITEM_RULE && rule->verb == VERB_GRANT) {
		diag = diag_add(model->diags, DIAG_OVERLAY_GRANTS, rule->span, "an overlay cannot grant");
		diag_help(model->diags, diag,
			  "an overlay prohibits, withholds, sets parameters, adds duties, and widens what a "
			  "base rule delegates");
	}
	if (rule->layer && rule->item == ITEM_SILENT)
		diag_add(model->diags, DIAG_MISPLACED, rule->span,
			 "what is left ungranted is for the base to say");
}

static void check_rule(struct model *model, struct question *question, struct rule *rule)
{
	struct scope scope = scope_of(model, question, rule->part);
	const struct node *when = node_child(rule->node, N_WHEN);

	take_cites(model, rule);
	scope.actions = rule->actions = actions_take(model, question, node_child(rule->node, N_ON));
	rule->when = when ? cond_resolve(&scope, when->first) : NULL;
	check_overlay_rule(model, rule);
	if (rule->item == ITEM_RULE)
		take_delegation(model, question, rule);
	if (rule->item == ITEM_EXCEPTION)
		check_exception(model, question, rule);
}

/* Duties ----------------------------------------------------------------------------------------- */

static void check_redaction(struct model *model, struct question *question, struct rule *rule)
{
	const struct node *names = node_child(rule->node, N_REDACT);

	(void)question;
	rule->redact_set = codes_holding(model, rule->part, names);
	if (!rule->redact_set)
		return;
	rule->redacts = ARENA_ARRAY(model->arena, node_count(names), uint32_t);
	for (const struct node *name = names->first; name; name = name->next)
		rule->redacts[rule->nredacts++] = codeset_find(rule->redact_set, name->text);
	rule->triggers = ARENA_ARRAY(model->arena, 1, struct trigger);
	rule->triggers[0] = (struct trigger){ .action = rule->actions, .kind = ON_GRANTED,
					      .span = rule->span };
	rule->ntriggers = 1;
}

static void take_triggers(struct model *model, struct question *question, struct rule *rule)
{
	rule->triggers = ARENA_ARRAY(model->arena, node_count(rule->node), struct trigger);
	for (const struct node *node = rule->node->first; node; node = node->next) {
		struct trigger *trigger = &rule->triggers[rule->ntriggers];
		struct node name, list = { .kind = N_ON };
		struct diag *diag;

		if (node->kind != N_TRIGGER)
			continue;
		name = (struct node){ .kind = N_NAME, .text = node->text, .span = node->name,
				      .name = node->name };
		list.first = list.last = &name;
		trigger->action = actions_take(model, question, &list);
		trigger->kind = (enum trigger_kind)node->number;
		trigger->span = node->span;
		if (node->first) {
			trigger->by = need_item(model, question, rule->layer, node->first, "rule");
			if (trigger->by && trigger->by->verb != VERB_PROHIBIT) {
				diag = diag_add(model->diags, DIAG_DUTY, node->first->span,
						"`%.*s` does not prohibit", TEXT_ARG(node->first->text));
				diag_also(model->diags, diag, trigger->by->span, "%s",
					  item_word(trigger->by));
				trigger->by = NULL;
			}
			if (trigger->by && trigger->by->item == ITEM_EXCEPTION) {
				diag_add(model->diags, DIAG_DUTY, node->first->span,
					 "name the rule, not its exception");
				trigger->by = NULL;
			}
		}
		rule->actions |= trigger->action;
		rule->ntriggers++;
	}
}

static void check_duty(struct model *model, struct question *question, struct rule *rule)
{
	static const struct type duration = { .kind = KIND_DURATION };
	struct scope scope = scope_of(model, question, rule->part);
	const struct node *bearer = node_child(rule->node, N_NAME);
	const struct node *when = node_child(rule->node, N_WHEN), *due = node_child(rule->node, N_DUE);
	const struct node *keep = node_child(rule->node, N_KEEP);
	struct diag *diag;

	take_cites(model, rule);
	if (model->bearers) {
		rule->bearer = need_code(model, model->bearers, bearer->text, bearer->span);
	} else {
		diag = diag_add(model->diags, DIAG_NEEDS_CODES, bearer->span,
				"no code set says who bears duties");
		diag_help(model->diags, diag,
			  "declare `codes bearer`, for example: codes bearer organiser, producer");
	}
	take_triggers(model, question, rule);
	scope.actions = rule->actions;
	rule->when = when ? cond_resolve(&scope, when->first) : NULL;
	if (due) {
		static const struct type date = { .kind = KIND_DATE };

		rule->due = operand_resolve(&scope, due->first, &date);
		if (rule->due && (rule->due->type.kind != KIND_DATE || rule->due->type.set)) {
			diag_add(model->diags, DIAG_TYPE, due->first->span,
				 "a duty is due on a date, and this is %s",
				 type_word(model, &rule->due->type));
			rule->due = NULL;
		}
		for (uint32_t i = 0; rule->due && i < rule->due->count; i++)
			if (rule->due->list[i]->count)
				diag_add(model->diags, DIAG_TYPE, rule->due->list[i]->span,
					 "the earliest or latest of several dates is not counted from another such date");
	}
	if (keep)
		constant_resolve(model, rule->part, keep->first, &duration, &rule->keep);
	if (!node_child(rule->node, N_SAYS)) {
		diag = diag_add(model->diags, DIAG_DUTY, rule->span, "the duty `%.*s` does not say what to do",
				TEXT_ARG(rule->name));
		diag_help(model->diags, diag, "add a line: says fi \"…\"");
	}
}

static void check_widening(struct model *model, struct question *question, const struct loose *loose)
{
	const struct node *node = loose->node;
	struct scope scope = scope_of(model, question, loose->part);
	struct widening *widening = ARENA_NEW(model->arena, struct widening);
	struct passage *under;
	struct diag *diag;

	widening->layer = &model->layers[scope.layer];
	widening->span = node->name;
	if (!scope.layer) {
		diag_add(model->diags, DIAG_MISPLACED, node->name, "only an overlay widens");
		return;
	}
	widening->rule = need_item(model, question, 0, node, "rule");
	widening->when = cond_resolve(&scope, node_child(node, N_WHEN)->first);
	under = need_passage(model, loose->part, node_child(node, N_REF));
	cites_take(model, loose->part, &widening->cites, node);
	labels_take(model, &widening->says, node_child(node, N_SAYS));
	widening->force = widening->layer->force;
	if (widening->cites.count)
		widening->force = force_of_layer(model, widening->layer, &widening->cites, node->name,
						 text_format(model->arena, "the widening of `%.*s`",
							     TEXT_ARG(node->text)));
	else if (!node_child(node, N_CITE))
		diag_add(model->diags, DIAG_NO_CITATION, node->name, "a widening must cite");
	if (!widening->rule || !widening->when || !under)
		return;
	if (!widening->rule->delegated_under) {
		diag = diag_add(model->diags, DIAG_NOT_DELEGATED, node->name,
				"`%.*s` delegates nothing", TEXT_ARG(node->text));
		diag_also(model->diags, diag, widening->rule->span, "%s", item_word(widening->rule));
		return;
	}
	if (widening->rule->delegated_under != under) {
		diag = diag_add(model->diags, DIAG_NOT_DELEGATED, node_child(node, N_REF)->span,
				"`%.*s` delegates under %.*s \"%.*s\"", TEXT_ARG(node->text),
				TEXT_ARG(widening->rule->delegated_under->source->name),
				TEXT_ARG(widening->rule->delegated_under->name));
		diag_also(model->diags, diag, widening->rule->span, "declared here");
		return;
	}
	PUSH(model, question, widenings, cap_widenings, widening);
}

/* Laws and examples ------------------------------------------------------------------------------ */

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

static void check_law(struct model *model, struct question *question, struct rule *item)
{
	struct scope scope = scope_of(model, question, item->part);
	struct law *law = ARENA_NEW(model->arena, struct law);
	const struct node *node = item->node->first, *when = node_child(node, N_WHEN);
	bool fine = true;

	take_cites(model, item);
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
		if (!text_equal(node->text, question->name)) {
			struct diag *diag = diag_add(model->diags, DIAG_WRONG_KIND, node->name,
						     "the law stands in the chapter %.*s",
						     TEXT_ARG(question->name));

			diag_fix(model->diags, diag, node->name, question->name, "write `%.*s`",
				 TEXT_ARG(question->name));
			fine = false;
		}
		law->asks = ARENA_ARRAY(model->arena, node_count(node), struct record *);
		for (const struct node *name = node->first; name; name = name->next) {
			struct record *record = need_global(model, item->part, DECL_RECORD, name);

			if (record)
				law->asks[law->nasks++] = record;
		}
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

static void check_example(struct model *model, struct question *question, const struct loose *loose)
{
	struct scope scope = scope_of(model, question, loose->part);
	struct example *example = ARENA_NEW(model->arena, struct example);
	bool fine = true;

	example->name = loose->node->text;
	example->span = loose->node->name;
	example->layer = scope.layer;
	example->steps = ARENA_ARRAY(model->arena, node_count(loose->node), struct example_step);
	for (const struct node *node = loose->node->first; node; node = node->next) {
		struct example_step *step = &example->steps[example->nsteps++];
		const struct node *day = node_child(node, N_DATE), *by = node_child(node, N_BY_RULES);
		struct node name = { .kind = N_NAME, .text = node->text, .span = node->name,
				     .name = node->name };
		struct node list = { .kind = N_ON, .first = &name, .last = &name };

		step->span = node->span;
		scope.actions = step->action = actions_take(model, question, &list);
		step->outcome = (enum outcome_word)node->number;
		step->has_day = day != NULL;
		step->day = day ? (day_t)day->number : 0;
		fine &= step->action != 0 && take_givens(&scope, node, &step->given, &step->ngiven);
		step->by = ARENA_ARRAY(model->arena, by ? node_count(by) : 0, struct rule *);
		for (const struct node *rule = by ? by->first : NULL; rule; rule = rule->next) {
			struct rule *item = need_item(model, question, scope.layer, rule, "rule");

			if (item && item->item != ITEM_RULE && item->item != ITEM_EXCEPTION &&
			    item->item != ITEM_SILENT) {
				struct diag *diag = diag_add(model->diags, DIAG_WRONG_KIND, rule->span,
							     "`%.*s` is %s, and decides nothing",
							     TEXT_ARG(rule->text), item_word(item));

				diag_also(model->diags, diag, item->span, "declared here");
				item = NULL;
			}
			if (item)
				step->by[step->nby++] = item;
			else
				fine = false;
		}
		if (step->outcome == WORD_REFUSED) {
			diag_add(model->diags, DIAG_BAD_TEST, node->span,
				 "an example speaks of facts, and a refusal is about the request: write a case");
			fine = false;
		}
	}
	if (fine)
		PUSH(model, question, examples, cap_examples, example);
}

/* The canonical order of rules: by name, then by layer. */
static int compare_rules(const void *a, const void *b)
{
	const struct rule *x = *(struct rule *const *)a, *y = *(struct rule *const *)b;
	int order = text_compare(x->name, y->name);

	if (order)
		return order;
	return x->layer < y->layer ? -1 : x->layer > y->layer;
}

void check_rules(struct model *model, struct question *question)
{
	uint32_t rank = 0;

	if (question->nrules)
		qsort(question->rules, question->nrules, sizeof(struct rule *), compare_rules);
	for (uint32_t i = 0; i < question->nrules; i++) {
		struct rule *rule = question->rules[i];

		rule->rank = rank++;
		switch (rule->item) {
		case ITEM_RULE:
		case ITEM_EXCEPTION:
		case ITEM_SILENT:
			check_rule(model, question, rule);
			break;
		case ITEM_REDACT:
			check_rule(model, question, rule);
			check_redaction(model, question, rule);
			break;
		case ITEM_DUTY:
			check_duty(model, question, rule);
			break;
		case ITEM_LAW:
			check_law(model, question, rule);
			break;
		}
	}
	check_heights(model, question);
	for (uint32_t i = 0; i < question->nrules; i++)
		check_verb(model, question->rules[i]);
	for (uint32_t i = 0; i < question->nloose; i++) {
		if (question->loose[i].node->kind == N_WIDEN)
			check_widening(model, question, &question->loose[i]);
		else
			check_example(model, question, &question->loose[i]);
	}
}
