/* SPDX-License-Identifier: EUPL-1.2 */
/* What was built, in words: for `rko dump --after=diagram` and the report of a build. */
#include "dsl/diagram/passes.h"
#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/image/format.h"

static const char *outcome_word(uint32_t class_)
{
	static const char *const words[] = { "not granted", "silent", "granted", "forbidden", "inconsistent" };

	return words[class_];
}

static void dump_terminal(struct buf *out, const struct decision *decision, uint32_t number)
{
	const struct terminal *terminal = &decision->terminals[number];
	uint32_t class_ = rank_class(terminal->outcome);
	uint64_t bits = decision->duty_sets[terminal->duties].bits;

	buf_printf(out, "%s", outcome_word(class_));
	if (class_ != OUT_NOTHING && class_ != OUT_INCONSISTENT)
		buf_printf(out, " by %.*s", TEXT_ARG(decision->rules[terminal->outcome & RANK_MASK].rule->name));
	for (uint32_t i = 0; i < decision->nduties; i++)
		if (bits >> i & 1)
			buf_printf(out, ", %.*s", TEXT_ARG(decision->rules[decision->duties[i]].rule->name));
}

/* What a diagram ends in: a terminal of the decision, or a code of an answer. */
typedef void dump_end_fn(struct buf *out, const struct decision *decision, const void *about, uint32_t value);

static void dump_outcome(struct buf *out, const struct decision *decision, const void *about, uint32_t value)
{
	(void)about;
	dump_terminal(out, decision, value);
}

static void dump_code(struct buf *out, const struct decision *decision, const void *about, uint32_t value)
{
	const struct define *define = about;

	(void)decision;
	if (value)	/* the code + 1 */
		buf_text(out, define->codes->codes[value - 1].name);
	else
		buf_string(out, "no value");
}

/* Nodes are numbered as they are met, so that a dump says nothing of how the diagram came about. */
struct dumper {
	struct buf *out;
	struct decision *decision;
	dump_end_fn *end;
	const void *about;
	uint32_t *numbers;		/* by node; 0: not met yet */
	bool *shown;
	uint32_t met;
};

static uint32_t number_of(struct dumper *dumper, dd node)
{
	if (!dumper->numbers[node])
		dumper->numbers[node] = ++dumper->met;
	return dumper->numbers[node];
}

static void dump_node(struct dumper *dumper, dd node)
{
	struct decision *decision = dumper->decision;
	struct buf *out = dumper->out;
	uint32_t level, feature;

	if (dd_is_terminal(node) || dumper->shown[node])
		return;
	dumper->shown[node] = true;
	level = dd_level(&decision->dds, node);
	feature = decision->plan.order[level];
	buf_printf(out, "  n%u  %.*s\n", number_of(dumper, node), TEXT_ARG(decision->plan.features[feature].name));
	for (uint32_t i = 0; i < decision->dds.arity[level]; i++) {
		dd child = dd_children(&decision->dds, node)[i];

		buf_printf(out, "      %.*s -> ", TEXT_ARG(plan_class_text(&decision->plan, feature, i)));
		if (dd_is_terminal(child))
			dumper->end(out, decision, dumper->about, dd_value(child));
		else
			buf_printf(out, "n%u", number_of(dumper, child));
		buf_char(out, '\n');
	}
	for (uint32_t i = 0; i < decision->dds.arity[level]; i++)
		dump_node(dumper, dd_children(&decision->dds, node)[i]);
}

static void dump_diagram(struct buf *out, struct decision *decision, dd root, dump_end_fn *end, const void *about)
{
	struct dumper dumper = {
		.out = out, .decision = decision, .end = end, .about = about,
		.numbers = ARENA_ARRAY(decision->arena, decision->dds.count + 1, uint32_t),
		.shown = ARENA_ARRAY(decision->arena, decision->dds.count + 1, bool),
	};

	if (dd_is_terminal(root)) {
		buf_string(out, "  always: ");
		end(out, decision, about, dd_value(root));
		buf_char(out, '\n');
	}
	dump_node(&dumper, root);
	buf_char(out, '\n');
}

void decision_dump(struct buf *out, struct decision *decision)
{
	buf_printf(out, "request %.*s\n", TEXT_ARG(decision->question->name));
	dump_diagram(out, decision, decision->root, dump_outcome, NULL);
	for (uint32_t i = 0; i < decision->nanswers; i++) {
		buf_printf(out, "answer %.*s\n", TEXT_ARG(decision->answers[i].define->name));
		dump_diagram(out, decision, decision->answers[i].value, dump_code, decision->answers[i].define);
	}
}

static void report_told(struct buf *out, const struct decision *decision)
{
	uint32_t shown = 0, rules = 0, duties = 0, nodes = 0;

	for (uint32_t i = 0; decision->shown && i < decision->plan.nfeatures; i++)
		shown += decision->shown[i] != 0;
	for (uint32_t i = 0; i < decision->ntold; i++) {
		const struct told *told = &decision->told[i];

		nodes += dd_size(&decision->dds, told->root);
		rules += told->kind == IMAGE_TOLD_RULE;
		duties += told->kind == IMAGE_TOLD_DUTY_GRANTED || told->kind == IMAGE_TOLD_DUTY_DENIED;
	}
	buf_printf(out, "  whoever asks      may know %u of the features, and be told %u rules and %u duties (%u nodes)\n",
		   shown, rules, duties, nodes);
}

void decision_report(struct buf *out, struct decision *decision)
{
	struct dds *dds = &decision->dds;
	const struct plan *plan = &decision->plan;
	uint32_t largest = 0, total = 0;
	struct text name = { "", 0 };

	decision_count(decision);
	for (uint32_t i = 0; i < decision->nrules; i++) {
		const struct built_rule *built = &decision->rules[i];
		uint32_t size;

		if (built->rule->item != ITEM_RULE && !built->rule->cut)
			continue;
		size = dd_size(dds, built->ladder);
		total += size;
		if (size > largest) {
			largest = size;
			name = built->rule->name;
		}
	}
	buf_printf(out, "%.*s\n", TEXT_ARG(decision->question->name));
	buf_printf(out, "  features          %u, over %u records and %u lists\n", plan->nfeatures, plan->nslots,
		   plan->nscans);
	buf_printf(out, "  deciding diagram  %u nodes, %u terminals (outcome and witness alone: %u nodes)\n",
		   dd_size(dds, decision->root), decision->nterminals, dd_size(dds, decision->outcome));
	buf_printf(out, "  possible cells    %u nodes; %.3g cells: %.3g decided by a rule, %.3g silent on purpose\n",
		   dd_size(dds, decision->possible), decision->cells, decision->decided, decision->silent);
	buf_printf(out, "  analysis diagram  %u nodes\n", dd_size(dds, decision->analysis));
	buf_printf(out, "  ladders           %u nodes in all, the largest %u (%.*s)\n", total, largest,
		   TEXT_ARG(name));
	report_told(out, decision);
	if (decision->max_steps)
		buf_printf(out, "  a decision takes  at most %u steps for each candidate, and %u rows looked up\n",
			   decision->max_steps, decision->max_fetches);
	buf_printf(out, "  proved            %u ladders, %u slices, %s (%u states), %u random cells\n",
		   decision->proof.ladders, decision->proof.slices,
		   decision->proof.whole ? "and the whole" : "not the whole: past its bound",
		   decision->proof.states, decision->proof.cells);
}
