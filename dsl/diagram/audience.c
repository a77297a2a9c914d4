/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What whoever asks may be told, as diagrams over what they may know.
 *
 * A feature is shown when all that its answer comes from may be known: what the caller said, the day, the policy, and
 * fields that the vocabulary shows, of rows that are looked up by nothing else. The others are hidden. What is shown
 * hangs on the action: a record that a request gives is known for that action. A situation is what the shown features
 * answer, together with all that the hidden ones may answer beside it in a possible cell.
 *
 * Each thing that could be told (that a rule decides, a determination, a duty, its date, that nothing can be granted)
 * becomes a diagram in which the hidden features no longer occur: true where it holds whatever they answer. So two
 * situations that look alike are told alike, because the diagrams cannot tell them apart. The verifier looks for
 * hidden features in them again, and prove_image.c holds them against the rules.
 *
 * Beside what is shown a duty hangs on whether the answer was `granted`, which whoever asks sees. Of the cells with
 * that answer there may be few, or one, and it may be that which a hidden fact leads to: a duty that waits for a certain
 * prohibition, or has a hidden condition, would then name it. Such a duty is told only where it is due with either
 * answer.
 *
 * An author who writes `shown to requester` at a rule or duty says that it is told wherever it decides or is due. Where
 * that would give something away, the policy is refused with the two situations.
 */
#include "dsl/diagram/passes.h"

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/image/format.h"

/* What is shown ----------------------------------------------------------------------------------- */

/* All as sets of actions, by bit. */
enum { ALWAYS = UINT32_MAX };

static uint32_t feature_shown(struct decision *decision, uint32_t number);
static uint32_t value_shown(struct decision *decision, uint32_t number);

/* That there is a row of this kind may be known when something of it may. */
static uint32_t record_shown(const struct record *record)
{
	for (uint32_t i = 0; i < record->nfields; i++)
		if (record->fields[i].shown)
			return ALWAYS;
	return 0;
}

static uint32_t keys_shown(struct decision *decision, const uint32_t *keys, uint32_t count)
{
	uint32_t shown = ALWAYS;

	for (uint32_t i = 0; i < count; i++)
		shown &= value_shown(decision, keys[i]);
	return shown;
}

/* Conditions on a row are small; they are walked as trees. */
static uint32_t root_shown(struct decision *decision, dd root)
{
	const struct dds *dds = &decision->dds;
	uint32_t shown;

	if (dd_is_terminal(root))
		return ALWAYS;
	shown = feature_shown(decision, decision->plan.order[dd_level(dds, root)]);
	for (uint32_t i = 0; shown && i < dds->arity[dd_level(dds, root)]; i++)
		shown &= root_shown(decision, dd_children(dds, root)[i]);
	return shown;
}

static uint32_t prefix_shown(struct decision *decision, const struct scan *scan)
{
	return record_shown(scan->link->record) & keys_shown(decision, scan->keys, scan->nkeys);
}

static uint32_t scan_shown(struct decision *decision, uint32_t number)
{
	const struct scan *scan = &decision->plan.scans[number];

	return prefix_shown(decision, scan) & root_shown(decision, decision_dd(decision, scan->where));
}

static uint32_t said_by_caller(const struct decision *decision, const struct slot *slot)
{
	return slot->kind == SLOT_REQUEST ? decision->question->fields[slot->field].given : 0;
}

static uint32_t slot_shown(struct decision *decision, uint32_t number)
{
	const struct slot *slot = &decision->plan.slots[number];

	switch (slot->kind) {
	case SLOT_REQUEST:
		return said_by_caller(decision, slot) | record_shown(slot->record);
	case SLOT_LINK:
		return record_shown(slot->record) & keys_shown(decision, slot->keys, slot->nkeys);
	case SLOT_REF:
		return record_shown(slot->record) & value_shown(decision, slot->value);
	case SLOT_ROW:
		/* Its scan asks about the row itself in turn: the keys are what matters here. */
		return slot->scan == NOWHERE ? 0 : prefix_shown(decision, &decision->plan.scans[slot->scan]);
	case SLOT_FINDING:
		return 0;
	}
	return 0;
}

static uint32_t field_shown(const struct record *record, uint32_t field)
{
	return record->fields[field].shown ? ALWAYS : 0;
}

static uint32_t value_shown(struct decision *decision, uint32_t number)
{
	const struct value *value = &decision->plan.values[number];

	switch (value->kind) {
	case VALUE_REQUEST:
	case VALUE_TODAY:
		return ALWAYS;
	case VALUE_FIELD: {
		const struct slot *slot = &decision->plan.slots[value->slot];

		return said_by_caller(decision, slot) |
		       (slot_shown(decision, value->slot) & field_shown(slot->record, value->field));
	}
	case VALUE_ROWS:
		return scan_shown(decision, value->scan) &
		       field_shown(decision->plan.scans[value->scan].link->record, value->field);
	}
	return 0;
}

static uint32_t feature_shown(struct decision *decision, uint32_t number)
{
	const struct feature *feature = &decision->plan.features[number];

	switch (feature->kind) {
	case FEATURE_ACTION:
	case FEATURE_GAP:
	case FEATURE_READING:
		return ALWAYS;
	case FEATURE_CODE:
	case FEATURE_OPEN:
	case FEATURE_HITS:
	case FEATURE_CALENDAR:
		return value_shown(decision, feature->a);
	case FEATURE_PRESENT:
		return feature->a == NOWHERE ? slot_shown(decision, feature->b) : value_shown(decision, feature->a);
	case FEATURE_EQUAL:
	case FEATURE_MEMBER:
	case FEATURE_OVERLAPS:
	case FEATURE_INSIDE:
	case FEATURE_POSITION:
		return value_shown(decision, feature->a) & value_shown(decision, feature->b);
	case FEATURE_SOME:
		return scan_shown(decision, feature->scan) &
		       root_shown(decision, decision_dd(decision, feature->expr));
	case FEATURE_FINDING:
		return 0;
	}
	return 0;
}

/* Situations -------------------------------------------------------------------------------------- */

/* What a tree says of the outcome, and all results that it may come to. */
struct tree_part {
	dd part;
	uint32_t *results, nresults;
};

/* Some of the possible cells, and the situations of them. */
struct cells {
	dd cells, known;
};

struct audience {
	struct decision *decision;
	struct dds *dds;
	uint32_t action;		/* level of the action, or NOWHERE: no condition asks it */
	uint32_t nclasses;		/* of actions */
	uint32_t *actions;		/* by class: which, by bit */
	bool **hidden;			/* by class, by level */
	struct dd_fold *folds;		/* by class: the hidden levels done away with */
	struct tree_part *parts;	/* by rule: what its tree says */
	struct cells possible, granted, denied;
	size_t cap_told;
};

/* The situations in which some answers of the hidden features make `a` true and `b` false. */
static dd possibly_but(const struct audience *audience, dd a, dd b)
{
	dd all = DD_FALSE;

	if (audience->action == NOWHERE)
		return dd_fold(audience->dds, &audience->folds[0], a, b);
	for (uint32_t i = 0; i < audience->nclasses; i++)
		all = dd_if(audience->dds, dd_level_is(audience->dds, audience->action, i),
			    dd_fold(audience->dds, &audience->folds[i], a, b), all);
	return all;
}

/* The situations in which some answers of the hidden features make it true. */
static dd possibly(const struct audience *audience, dd a)
{
	return possibly_but(audience, a, DD_FALSE);
}

/* The situations in which it is true of every one of the cells `among`, of which there is one. */
static dd surely(const struct audience *audience, const struct cells *among, dd a)
{
	return dd_and(audience->dds, among->known, dd_not(audience->dds, possibly_but(audience, among->cells, a)));
}

static struct cells cells(const struct audience *audience, dd where)
{
	dd here = dd_and(audience->dds, audience->decision->possible, where);

	return (struct cells){ here, possibly(audience, here) };
}

/* The actions, by bit, as a condition on what is asked. */
static dd in_actions(const struct audience *audience, uint32_t actions)
{
	dd all = DD_FALSE;

	if (audience->action == NOWHERE)
		return (actions & audience->actions[0]) == audience->actions[0] ? DD_TRUE : DD_FALSE;
	for (uint32_t i = 0; i < audience->nclasses; i++)
		if ((actions & audience->actions[i]) == audience->actions[i])
			all = dd_or(audience->dds, all, dd_level_is(audience->dds, audience->action, i));
	return all;
}

static void find_actions(struct audience *audience)
{
	const struct plan *plan = &audience->decision->plan;
	uint32_t nactions = audience->decision->question->nactions, all = (uint32_t)((1ull << nactions) - 1);

	audience->action = NOWHERE;
	audience->nclasses = 1;
	for (uint32_t i = 0; i < plan->nfeatures; i++) {
		if (plan->features[i].kind != FEATURE_ACTION)
			continue;
		audience->action = plan->features[i].level;
		audience->nclasses = plan->features[i].nclasses;
		audience->actions = ARENA_ARRAY(plan->arena, audience->nclasses, uint32_t);
		for (uint32_t j = 0; j < nactions; j++)
			audience->actions[plan->features[i].class_of[j]] |= 1u << j;
		return;
	}
	audience->actions = ARENA_ARRAY(plan->arena, 1, uint32_t);
	audience->actions[0] = all;
}

/* The rows of the pivot, and so which candidates there are, may be known only as a whole. */
static void find_hidden(struct audience *audience)
{
	struct decision *decision = audience->decision;
	struct plan *plan = &decision->plan;
	uint32_t rows;

	decision->shown = ARENA_ARRAY(decision->arena, plan->nfeatures + 1, uint32_t);
	decision->rows_shown = ARENA_ARRAY(decision->arena, plan->nscans + 1, uint32_t);
	for (uint32_t i = 0; i < plan->nscans; i++)
		decision->rows_shown[i] = scan_shown(decision, i);
	rows = plan->pivot == NOWHERE ? ALWAYS : decision->rows_shown[plan->pivot];
	decision->slots_shown = ARENA_ARRAY(decision->arena, plan->nslots + 1, uint32_t);
	for (uint32_t i = 0; i < plan->nslots; i++)
		decision->slots_shown[i] = slot_shown(decision, i) & (plan->slots[i].pivot ? rows : (uint32_t)ALWAYS);
	audience->hidden = ARENA_ARRAY(decision->arena, audience->nclasses, bool *);
	for (uint32_t i = 0; i < audience->nclasses; i++)
		audience->hidden[i] = ARENA_ARRAY(decision->arena, plan->nfeatures + 1, bool);
	for (uint32_t i = 0; i < plan->nfeatures; i++) {
		uint32_t shown = feature_shown(decision, i);

		if (plan->features[i].pivot)
			shown &= rows;
		for (uint32_t j = 0; j < audience->nclasses; j++) {
			bool here = (shown & audience->actions[j]) == audience->actions[j];

			audience->hidden[j][plan->features[i].level] = !here;
			decision->shown[i] |= here ? audience->actions[j] : 0;
		}
	}
}

/* The level from which on what is hidden for two classes of actions is the same. */
static uint32_t alike_from(const struct audience *audience, uint32_t one, uint32_t other)
{
	uint32_t level = audience->dds->nlevels;

	while (level > audience->action + 1 && audience->hidden[one][level - 1] == audience->hidden[other][level - 1])
		level--;
	return level;
}

/* Below the action, classes share what is worked out as far as the same is hidden for them. */
static void make_folds(struct audience *audience)
{
	uint32_t nlevels = audience->dds->nlevels;

	audience->folds = ARENA_ARRAY(audience->decision->arena, audience->nclasses, struct dd_fold);
	for (uint32_t i = 0; i < audience->nclasses; i++) {
		uint32_t own = dd_new_op(audience->dds), *ops = ARENA_ARRAY(audience->decision->arena, nlevels + 1, uint32_t);

		for (uint32_t level = 0; level < nlevels; level++)
			ops[level] = own;
		for (uint32_t j = i; j-- > 0;)
			for (uint32_t level = alike_from(audience, i, j); level < nlevels; level++)
				ops[level] = audience->folds[j].ops[level];
		audience->folds[i] = (struct dd_fold){ audience->hidden[i], ops, audience->action, i };
	}
}

/* What is told ------------------------------------------------------------------------------------ */

static void add_told(struct audience *audience, uint32_t kind, uint32_t number, dd root)
{
	struct decision *decision = audience->decision;

	decision->told = arena_grow(decision->arena, decision->told, decision->ntold, &audience->cap_told,
				    sizeof *decision->told);
	decision->told[decision->ntold++] = (struct told){ kind, number, root };
}

/* Where something can be granted, where nothing can, and what does not occur. */
static void tell_opens(struct audience *audience)
{
	dd root = dd_if(audience->dds, audience->possible.known, dd_terminal(OUT_NOTHING),
			dd_terminal(ANALYSIS_IMPOSSIBLE));

	add_told(audience, IMAGE_TOLD_OPENS, 0,
		 dd_if(audience->dds, audience->granted.known, dd_terminal(OUT_GRANTED), root));
}

static uint32_t is_result(void *context, uint32_t result)
{
	return result == *(const uint32_t *)context;
}

static void find_parts(struct audience *audience)
{
	struct decision *decision = audience->decision;

	audience->parts = ARENA_ARRAY(decision->arena, decision->nrules + 1, struct tree_part);
	for (uint32_t i = 0; i < decision->nrules; i++) {
		struct tree_part *part = &audience->parts[i];

		part->part = decision_part(decision, &decision->rules[i]);
		part->results = dd_values(audience->dds, part->part, &part->nresults);
	}
}

static bool may_say(const struct tree_part *part, uint32_t result)
{
	for (uint32_t i = 0; i < part->nresults; i++)
		if (part->results[i] == result)
			return true;
	return false;
}

/* Where some tree comes to this rule: it decides, unless another rule forbids what it grants. */
static dd speaks(const struct audience *audience, const struct rule *rule)
{
	uint32_t wanted = ranked(rule->verb == VERB_GRANT ? OUT_GRANTED : OUT_FORBIDDEN, rule->rank);
	uint32_t op = dd_new_op(audience->dds);
	dd all = DD_FALSE;

	for (uint32_t i = 0; i < audience->decision->nrules; i++)
		if (may_say(&audience->parts[i], wanted))
			all = dd_or(audience->dds, all,
				    dd_map(audience->dds, op, audience->parts[i].part, is_result, &wanted));
	return all;
}

/* Two situations that look alike ----------------------------------------------------------------- */

/* Answers by level; UINT32_MAX: any. */
struct pair {
	uint32_t *alike;		/* of shown features */
	uint32_t *one, *other;		/* of hidden ones, where they differ */
};

static dd fix(const struct audience *audience, dd a, const uint32_t *class_of)
{
	for (uint32_t level = 0; level < audience->decision->plan.nfeatures; level++)
		if (class_of[level] != UINT32_MAX)
			a = dd_fix(audience->dds, a, level, class_of[level]);
	return a;
}

/* A path that names as little as may be: what does not occur need not be excluded. */
static void find_alike(const struct audience *audience, dd alike, uint32_t *ret_path)
{
	dd enough = dd_or(audience->dds, alike, dd_not(audience->dds, audience->possible.known));

	dd_path(audience->dds, alike, ret_path);
	if (audience->action != NOWHERE && ret_path[audience->action] == UINT32_MAX)
		ret_path[audience->action] = 0;
	for (uint32_t level = audience->decision->plan.nfeatures; level-- > 0;) {
		uint32_t class_ = ret_path[level];

		if (class_ == UINT32_MAX || level == audience->action)
			continue;
		ret_path[level] = UINT32_MAX;
		if (fix(audience, enough, ret_path) != DD_TRUE)
			ret_path[level] = class_;
	}
}

/* One cell in which it holds, and one that is as much like it as can be, in which it does not. */
static struct pair find_pair(const struct audience *audience, dd holds, dd fails)
{
	struct decision *decision = audience->decision;
	uint32_t nlevels = decision->plan.nfeatures;
	const bool *hidden;
	struct pair pair;

	pair.alike = ARENA_ARRAY(decision->arena, nlevels + 1, uint32_t);
	pair.one = ARENA_ARRAY(decision->arena, nlevels + 1, uint32_t);
	pair.other = ARENA_ARRAY(decision->arena, nlevels + 1, uint32_t);
	find_alike(audience, dd_and(audience->dds, possibly(audience, holds), possibly(audience, fails)), pair.alike);
	hidden = audience->hidden[audience->action == NOWHERE ? 0 : pair.alike[audience->action]];
	dd_path(audience->dds, fix(audience, holds, pair.alike), pair.one);
	fails = fix(audience, fails, pair.alike);
	for (uint32_t shown = 2; shown-- > 0;)
		for (uint32_t level = 0; level < nlevels; level++) {
			dd same = fails;

			if (pair.one[level] == UINT32_MAX || hidden[level] == shown)
				continue;
			same = dd_fix(audience->dds, fails, level, pair.one[level]);
			if (same == DD_FALSE)
				continue;
			fails = same;
			pair.one[level] = UINT32_MAX;
		}
	dd_path(audience->dds, fails, pair.other);
	for (uint32_t level = 0; level < nlevels; level++)
		if (pair.one[level] == UINT32_MAX)
			pair.other[level] = UINT32_MAX;
	return pair;
}

static void put_answers(const struct audience *audience, struct buf *text, const char *first, const uint32_t *class_of)
{
	const struct plan *plan = &audience->decision->plan;

	buf_string(text, first);
	for (uint32_t level = 0; level < plan->nfeatures; level++)
		if (class_of[level] != UINT32_MAX)
			buf_printf(text, "\n  %.*s: %.*s", TEXT_ARG(plan->features[plan->order[level]].name),
				   TEXT_ARG(plan_class_text(plan, plan->order[level], class_of[level])));
}

/* There are situations that look alike, and it holds in one and not in the other. */
static void refuse(struct audience *audience, const struct rule *rule, dd holds, dd fails, const char *word)
{
	struct decision *decision = audience->decision;
	struct pair pair = find_pair(audience, holds, fails);
	struct buf text = { .arena = decision->arena };
	struct diag *diag;

	put_answers(audience, &text, "", pair.alike);
	put_answers(audience, &text, text_format(decision->arena, "\nit %s if", word).at, pair.one);
	put_answers(audience, &text, "\nand not if", pair.other);
	diag = diag_add(decision->diags, DIAG_TELLS_HIDDEN, rule->shown,
			"`%.*s` would tell what whoever asks may not know, for example when%.*s", TEXT_ARG(rule->name),
			TEXT_ARG(buf_view(&text)));
	diag_also(decision->diags, diag, rule->span, "this rests on it");
	diag_help(decision->diags, diag,
		  "leave the line out: it is then told only where it follows from what is shown; or let it rest on shown "
		  "facts alone; or show those facts in the vocabulary");
}

/* Rules --------------------------------------------------------------------------------------------- */

static void tell_rule(struct audience *audience, const struct rule *rule)
{
	struct decision *decision = audience->decision;
	dd here, not_here, told;

	if ((rule->item != ITEM_RULE && rule->item != ITEM_EXCEPTION) ||
	    (rule->verb != VERB_GRANT && rule->verb != VERB_PROHIBIT))
		return;
	here = speaks(audience, rule);
	told = surely(audience, &audience->possible, here);
	if (told != DD_FALSE)
		add_told(audience, IMAGE_TOLD_RULE, rule->rank, told);
	not_here = dd_not(audience->dds, here);
	if (!rule->shown.len || dd_disjoint(audience->dds, possibly_but(audience, decision->possible, not_here),
					    possibly_but(audience, decision->possible, here)))
		return;
	refuse(audience, rule, dd_and(audience->dds, decision->possible, here),
	       dd_and(audience->dds, decision->possible, not_here), "holds");
}

static void tell_answer(struct audience *audience, uint32_t number)
{
	struct decision *decision = audience->decision;
	const struct built_define *answer = &decision->answers[number];
	uint32_t op;
	dd told = dd_terminal(0);

	for (uint32_t code = 1; code <= answer->define->codes->count; code++) {
		op = dd_new_op(audience->dds);
		told = dd_if(audience->dds,
			     surely(audience, &audience->possible,
				    dd_map(audience->dds, op, answer->value, is_result, &code)),
			     dd_terminal(code), told);
	}
	if (told != dd_terminal(0))
		add_told(audience, IMAGE_TOLD_ANSWER, number, told);
}

/* Duties -------------------------------------------------------------------------------------------- */

static bool waits_for_prohibition(const struct rule *rule)
{
	for (uint32_t i = 0; i < rule->ntriggers; i++)
		if (rule->triggers[i].kind == ON_FORBIDDEN)
			return true;
	return false;
}

/* Waits for nothing but the answer and what may be known. */
static dd plain_duty(struct audience *audience, const struct rule *rule)
{
	dd on = decision_rule(audience->decision, rule)->on_dd;

	if (waits_for_prohibition(rule))
		return DD_FALSE;
	return dd_or(audience->dds, surely(audience, &audience->possible, on),
		     surely(audience, &audience->possible, dd_not(audience->dds, on)));
}

/* Where it is due, of the cells with that answer; what it says of others has no meaning. */
static dd due_among(struct decision *decision, const struct rule *rule, bool granted)
{
	if (!granted && waits_for_prohibition(rule))
		return decision_due(decision, rule, decision->outcome);
	return decision_due(decision, rule, dd_terminal(ranked(granted ? OUT_GRANTED : OUT_NOTHING, 0)));
}

/* `due` is told where it is `told`, which hangs on nothing hidden, and that leaves something out. */
static bool tells_hidden(struct audience *audience, const struct rule *rule, const struct cells *among, dd due, dd told)
{
	struct decision *decision = audience->decision;
	struct dds *dds = audience->dds;
	dd untold = dd_not(dds, told), fails = dd_not(dds, due);

	if (dd_disjoint(dds, possibly_but(audience, among->cells, fails), untold))
		return false;
	untold = dd_and(dds, dd_and(dds, among->cells, due), untold);
	fails = dd_and(dds, among->cells, fails);
	if (dd_disjoint(dds, possibly(audience, untold), possibly(audience, fails)))
		fails = dd_and(dds, decision->possible, dd_not(dds, decision_due(decision, rule, decision->outcome)));
	refuse(audience, rule, untold, fails, "is due");
	return true;
}

static void tell_duty(struct audience *audience, uint32_t number)
{
	struct decision *decision = audience->decision;
	struct dds *dds = audience->dds;
	const struct rule *rule = decision->rules[decision->duties[number]].rule;
	const struct cells *among[] = { &audience->denied, &audience->granted };
	dd plain = plain_duty(audience, rule), due[2], sure[2], always;

	for (int granted = 0; granted < 2; granted++) {
		due[granted] = due_among(decision, rule, granted);
		sure[granted] = dd_not(dds, possibly_but(audience, among[granted]->cells, due[granted]));
	}
	always = dd_and(dds, sure[false], sure[true]);
	for (int granted = 0; granted < 2; granted++) {
		dd told = dd_and(dds, among[granted]->known, dd_or(dds, always, dd_and(dds, plain, sure[granted])));

		if (told != DD_FALSE)
			add_told(audience, granted ? IMAGE_TOLD_DUTY_GRANTED : IMAGE_TOLD_DUTY_DENIED, number, told);
		if (rule->shown.len && tells_hidden(audience, rule, among[granted], due[granted], told))
			return;
	}
}

/* A due date is told when all it comes from may be known. */
static void tell_due(struct audience *audience, uint32_t number)
{
	struct decision *decision = audience->decision;
	struct dds *dds = audience->dds;
	const struct built_rule *built = &decision->rules[decision->duties[number]];
	dd told = audience->possible.known;

	if (!built->rule->due)
		return;
	for (uint32_t i = 0; i < built->due.count; i++) {
		const struct lowered_date *date = &built->due.dates[i];
		dd guard = decision_dd(decision, date->guard);
		dd yes = surely(audience, &audience->possible, guard);

		if (date->value != NOWHERE)
			yes = dd_and(dds, yes, in_actions(audience, value_shown(decision, date->value)));
		if (date->value != NOWHERE && decision->plan.values[date->value].pivot)
			yes = dd_and(dds, yes, in_actions(audience, decision->rows_shown[decision->plan.pivot]));
		told = dd_and(dds, told, dd_or(dds, yes, surely(audience, &audience->possible, dd_not(dds, guard))));
	}
	if (told != DD_FALSE)
		add_told(audience, IMAGE_TOLD_DUE, number, told);
}

void decision_audience(struct decision *decision)
{
	struct audience audience = { .decision = decision, .dds = &decision->dds };
	dd granted = decision_outcome_is(decision, decision->outcome, OUT_GRANTED);

	find_actions(&audience);
	find_hidden(&audience);
	make_folds(&audience);
	find_parts(&audience);
	audience.possible = cells(&audience, DD_TRUE);
	audience.granted = cells(&audience, granted);
	audience.denied = cells(&audience, dd_not(audience.dds, granted));
	if (audience.granted.cells != DD_FALSE)
		tell_opens(&audience);
	for (uint32_t i = 0; i < decision->nrules && !decision->dds.full; i++)
		tell_rule(&audience, decision->rules[i].rule);
	for (uint32_t i = 0; i < decision->nanswers && !decision->dds.full; i++)
		tell_answer(&audience, i);
	for (uint32_t i = 0; i < decision->nduties && !decision->dds.full; i++) {
		tell_duty(&audience, i);
		tell_due(&audience, i);
	}
	decision_full(decision, NULL);
}
