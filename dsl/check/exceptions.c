/* SPDX-License-Identifier: EUPL-1.2 */
/* Exceptions: to which rules each is, how deep and in how many ways they stand above one another, and their verbs. */
#include "dsl/check/rules.h"

/* Parents ---------------------------------------------------------------------------------------- */

static void add_child(struct model *model, struct rule *parent, struct rule *child)
{
	parent->children = arena_grow(model->arena, parent->children, parent->nchildren,
				      &parent->cap_children, sizeof *parent->children);
	parent->children[parent->nchildren++] = child;
}

static void refuse_parent(struct model *model, const struct node *name, const struct rule *parent, const char *why,
			  const char *help)
{
	struct diag *diag = diag_add(model->diags, DIAG_EXCEPTION, name->span, "%s", why);

	diag_also(model->diags, diag, parent->span, "`%.*s` is %s", TEXT_ARG(parent->name),
		  item_word(parent));
	if (help)
		diag_help(model->diags, diag, "%s", help);
}

/* An overlay's exception to a rule of the base: it withholds the whole result, or is refused. */
static bool may_cut(struct model *model, const struct rule *rule, const struct node *name,
		    const struct rule *parent)
{
	if (parent->item == ITEM_EXCEPTION)
		refuse_parent(model, name, parent, "an overlay adds no exception inside a rule of the base",
			      "withhold the whole result of the base rule, or prohibit");
	else if (parent->verb == VERB_PROHIBIT)
		refuse_parent(model, name, parent, "an overlay cannot lift a prohibition of the base", NULL);
	else if (rule->verb != VERB_WITHHOLD)
		refuse_parent(model, name, parent, "under a rule of the base an overlay's exception only withholds",
			      "to prohibit, write a rule of the overlay; to widen, `widen`");
	else
		return true;
	return false;
}

static void take_parent(struct model *model, struct question *question, struct rule *rule,
			const struct node *name)
{
	struct rule *parent = need_item(model, question, rule->layer, name);

	if (!parent)
		return;
	if (parent->item != ITEM_RULE && parent->item != ITEM_EXCEPTION) {
		refuse_parent(model, name, parent, "only rules and exceptions have exceptions", NULL);
		return;
	}
	if (parent == rule) {
		refuse_parent(model, name, parent, "an exception to itself", NULL);
		return;
	}
	if (parent->layer != rule->layer) {
		if (!may_cut(model, rule, name, parent))
			return;
		rule->cut = true;
	}
	rule->parents[rule->nparents++] = parent;
	if (!rule->cut)
		add_child(model, parent, rule);
}

void check_exception(struct model *model, struct question *question, struct rule *rule)
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

/* Heights ---------------------------------------------------------------------------------------- */

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
static void report_height(struct model *model, const struct rule *rule)
{
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

void check_exceptions(struct model *model, struct question *question)
{
	struct rule **stack = ARENA_ARRAY(model->arena, question->nrules + 1, struct rule *);

	for (uint32_t i = 0; i < question->nrules; i++)
		climb(stack, question->rules[i]);
	for (uint32_t i = 0; i < question->nrules; i++)
		report_height(model, question->rules[i]);
	for (uint32_t i = 0; i < question->nrules; i++) {
		struct rule *rule = question->rules[i];

		if (rule->circular || rule->height > LIMIT_NESTING || rule->ways > LIMIT_WAYS)
			rule->nparents = 0;
	}
}

/* Verbs ------------------------------------------------------------------------------------------ */

/* The verb at the root above; all roots of a rule are alike, which is checked when parents are taken. */
static enum verb root_verb(const struct rule *rule)
{
	unsigned steps = 0;

	while (rule->item == ITEM_EXCEPTION && rule->nparents && !rule->cut && steps++ < LIMIT_NESTING)
		rule = rule->parents[0];
	return rule->verb;
}

void check_verb(struct model *model, struct rule *rule)
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
