/* SPDX-License-Identifier: EUPL-1.2 */
/* What was built, in words: for `rko dump --after=diagram` and the report of a build. */
#include "dsl/diagram/build.h"
#include "engine/base/arena.h"
#include "engine/base/buf.h"

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

static void dump_node(struct buf *out, struct decision *decision, dd node, bool *seen)
{
	uint32_t level, feature;

	if (dd_is_terminal(node) || seen[node])
		return;
	seen[node] = true;
	level = dd_level(&decision->dds, node);
	feature = decision->plan.order[level];
	buf_printf(out, "  n%u  %.*s\n", node, TEXT_ARG(decision->plan.features[feature].name));
	for (uint32_t i = 0; i < decision->dds.arity[level]; i++) {
		dd child = dd_children(&decision->dds, node)[i];

		buf_printf(out, "      %.*s -> ", TEXT_ARG(plan_class_text(&decision->plan, feature, i)));
		if (dd_is_terminal(child))
			dump_terminal(out, decision, dd_value(child));
		else
			buf_printf(out, "n%u", child);
		buf_char(out, '\n');
	}
	for (uint32_t i = 0; i < decision->dds.arity[level]; i++)
		dump_node(out, decision, dd_children(&decision->dds, node)[i], seen);
}

void decision_dump(struct buf *out, struct decision *decision)
{
	bool *seen = ARENA_ARRAY(decision->arena, decision->dds.count + 1, bool);

	buf_printf(out, "request %.*s\n", TEXT_ARG(decision->question->name));
	if (dd_is_terminal(decision->root)) {
		buf_string(out, "  always: ");
		dump_terminal(out, decision, dd_value(decision->root));
		buf_char(out, '\n');
	}
	dump_node(out, decision, decision->root, seen);
	buf_char(out, '\n');
}

void decision_report(struct buf *out, struct decision *decision)
{
	struct dds *dds = &decision->dds;
	const struct plan *plan = &decision->plan;
	uint32_t largest = 0, total = 0;
	struct text name = { "", 0 };

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
	if (decision->max_steps)
		buf_printf(out, "  a decision takes  at most %u steps for each candidate, and %u rows looked up\n",
			   decision->max_steps, decision->max_fetches);
	buf_printf(out, "  proved            %u ladders, %u slices, %s (%u states), %u random cells\n",
		   decision->proof.ladders, decision->proof.slices,
		   decision->proof.whole ? "and the whole" : "not the whole: past its bound",
		   decision->proof.states, decision->proof.cells);
}
