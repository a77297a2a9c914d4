/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * I8. The proof of a build: that it holds for sound builds, and that it fails when anything is wrong. A proof
 * that cannot fail proves nothing, so most of this breaks what was built and sees that it is noticed.
 *
 * SEED=n and POLICIES=n choose the random policies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dsl/check/model.h"
#include "dsl/diagram/build.h"
#include "dsl/diagram/passes.h"
#include "dsl/diagram/prove.h"
#include "dsl/emit/emit.h"
#include "dsl/syntax/parse.h"
#include "dsl/syntax/unicode.h"
#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/limits.h"
#include "engine/image/image.h"

/* A policy compiled from a text -------------------------------------------------------------------- */

struct policy {
	struct arena arena;
	struct sources sources;
	struct diags diags;
	struct model *model;
	struct decision *decision;
	struct buf bytes;
	struct image image;
	jmp_buf escape;
};

static void show(struct policy *policy)
{
	struct buf text = { 0 };

	diags_text(&policy->diags, &text, false, DIAG_SHOW_ALL, false);
	fprintf(stderr, "%.*s", (int)text.len, text.at ? text.at : "");
	buf_release(&text);
}

/* One question with its possible cells; no analyses, since the texts here may be odd. */
static struct policy *build(const char *text)
{
	static const uint32_t readings[1];
	struct policy *policy = calloc(1, sizeof *policy);
	struct node *file;

	assert_non_null(policy);
	arena_init(&policy->arena, LIMIT_COMPILE_BYTES);
	if (setjmp(policy->escape))
		fail_msg("out of memory");
	policy->arena.escape = &policy->escape;
	sources_init(&policy->sources, &policy->arena);
	diags_init(&policy->diags, &policy->arena, &policy->sources);
	source_add(&policy->sources, TEXT("test.rko"), text_from(text));
	assert_true(unicode_check(&policy->diags, 0));
	file = parse_source(&policy->arena, &policy->diags, 0);
	policy->model = model_check(&policy->arena, &policy->diags, &file, 1);
	if (policy->diags.errors) {
		show(policy);
		fprintf(stderr, "%s\n", text);
	}
	assert_int_equal(policy->diags.errors, 0);
	policy->decision = decision_build(policy->model, policy->model->questions[0], readings);
	assert_int_equal(policy->diags.errors, 0);
	decision_possible(policy->decision);
	policy->diags.count = 0;
	return policy;
}

static void write_image(struct policy *policy)
{
	struct image_fault fault;

	buf_reset(&policy->bytes);
	emit_image(&policy->bytes, policy->model, &policy->decision, &policy->diags);
	assert_true(policy->bytes.len > 0);
	assert_int_equal(image_open(policy->bytes.at, policy->bytes.len, &policy->image, &fault), RKO_OK);
}

static void release(struct policy *policy)
{
	buf_release(&policy->bytes);
	arena_free(&policy->arena);
	free(policy);
}

/* Proves, gives how often it failed, and forgets that. */
static size_t failures(struct policy *policy)
{
	size_t found = 0;

	decision_prove(policy->decision);
	for (size_t i = 0; i < policy->diags.count; i++)
		found += policy->diags.list[i]->code == DIAG_PROOF_FAILS;
	policy->diags.count = policy->diags.errors = 0;
	return found;
}

static size_t image_failures(struct policy *policy)
{
	size_t found = 0;

	decision_prove_image(policy->decision, &policy->image);
	for (size_t i = 0; i < policy->diags.count; i++)
		found += policy->diags.list[i]->code == DIAG_PROOF_FAILS;
	policy->diags.count = policy->diags.errors = 0;
	return found;
}

static const struct rule *rule_named(const struct policy *policy, const char *name)
{
	for (uint32_t i = 0; i < policy->decision->nrules; i++)
		if (text_equal(policy->decision->rules[i].rule->name, text_from(name)))
			return policy->decision->rules[i].rule;
	fail_msg("no rule %s", name);
	return NULL;
}

#define VOCABULARY \
	"vocabulary words  version \"1\"\n" \
	"codes source_kind  handbook en \"Handbook\"\n" \
	"codes bearer  keeper\n" \
	"codes area    north, south, east\n" \
	"codes label   open_to_all, internal, secret\n" \
	"codes role    reader, editor, guest\n" \
	"codes way     call, visit\n"

#define BASE \
	"source HB  handbook \"Handbook\"  in force 2020-01-01 ..\n" \
	"  passage \"1\" en \"A passage.\"\n" \
	"policy base  version \"1\"\n" \
	"  uses words\n" \
	"chapter access\n"

static const char everything[] =
	VOCABULARY
	"request access\n"
	"  asks en \"May they?\"\n"
	"  actions view, edit\n"
	"  given area  : area\n"
	"  given label : label\n"
	"  given role  : role\n"
	"  given own   : yesno\n"
	"  given way   : way  for view\n"
	"  answers route\n"
	"  layer by area  except east\n"
	BASE
	"define route : way\n"
	"  case call   when label = secret\n"
	"    except visit  when own\n"
	"  case visit  otherwise\n"
	"rule members\n"
	"  grant view, edit\n"
	"  when role in { reader, editor }\n"
	"  delegates role where label != secret under HB \"1\"\n"
	"  cite HB \"1\"\n"
	"exception secret-ones to members\n"
	"  withhold\n"
	"  when label = secret\n"
	"  cite HB \"1\"\n"
	"exception one-s-own to secret-ones\n"
	"  grant view\n"
	"  when own\n"
	"  cite HB \"1\"\n"
	"exception not-by-call to one-s-own\n"
	"  prohibit\n"
	"  when way = call\n"
	"  cite HB \"1\"\n"
	"rule owners\n"
	"  grant view, edit\n"
	"  when own\n"
	"  cite HB \"1\"\n"
	"rule guests-edit-nothing\n"
	"  prohibit edit\n"
	"  when role = guest\n"
	"  in force 2026-01-01 .. 2026-06-30\n"
	"  cite HB \"1\"\n"
	"exception but-open-things to guests-edit-nothing\n"
	"  withhold\n"
	"  when label = open_to_all\n"
	"  cite HB \"1\"\n"
	"exception least-of-all-secrets to guests-edit-nothing\n"
	"  prohibit\n"
	"  when label = secret\n"
	"  cite HB \"1\"\n"
	"silent for-later on edit\n"
	"  when label = internal\n"
	"  cite HB \"1\"\n"
	"duty note-it of keeper\n"
	"  on view granted, edit denied\n"
	"  when label != open_to_all\n"
	"  cite HB \"1\"\n"
	"  says en \"Write it down.\"\n"
	"duty tell of keeper\n"
	"  on access forbidden by guests-edit-nothing\n"
	"  cite HB \"1\"\n"
	"  says en \"Tell them.\"\n"
	"overlay north  for area north\n"
	"  in force 2026-03-01 ..\n"
	"  uses words\n"
	"chapter access\n"
	"widen members\n"
	"  when role = guest and own\n"
	"  under HB \"1\"\n"
	"  cite HB \"1\"\n"
	"exception not-in-the-north to owners\n"
	"  withhold edit\n"
	"  when label = internal\n"
	"  cite HB \"1\"\n";

/* What holds --------------------------------------------------------------------------------------- */

static void sound_builds_are_proved(void **state)
{
	struct policy *policy = build(everything);
	const struct proof *proof = &policy->decision->proof;

	(void)state;
	assert_int_equal(failures(policy), 0);
	assert_true(proof->whole);
	assert_int_equal(proof->ladders, 4);
	assert_int_equal(proof->slices, 2 * 3);
	assert_true(proof->states > 0);
	write_image(policy);
	assert_int_equal(image_failures(policy), 0);
	assert_true(proof->cells >= 1000);
	release(policy);
}

/* The same proof from the same text: nothing of it hangs on the run. */
static void proofs_repeat(void **state)
{
	struct policy *a = build(everything), *b = build(everything);

	(void)state;
	assert_int_equal(failures(a), 0);
	assert_int_equal(failures(b), 0);
	assert_int_equal(a->decision->proof.states, b->decision->proof.states);
	release(a);
	release(b);
}

/* Where the whole is past the bound, it is proved slice by slice. */
static void slices_are_proved_where_the_whole_is_too_large(void **state)
{
	struct policy *policy = build(everything);
	struct proof *proof = &policy->decision->proof;
	uint32_t whole, parts;

	(void)state;
	decision_prove_within(policy->decision, 10);
	parts = proof->states;
	decision_prove(policy->decision);
	whole = proof->states;
	assert_true(whole > parts);
	for (uint32_t limit = 10; limit < whole; limit += 10) {
		decision_prove_within(policy->decision, limit);
		assert_int_equal(policy->diags.errors, 0);
		if (proof->whole)
			break;
		assert_true(proof->slices <= 2 * 3);
		parts = proof->slices;
	}
	/* Just below the whole every slice was within the bound. */
	assert_true(proof->whole);
	assert_int_equal(parts, 2 * 3);
	release(policy);
}

/* A slice that fails is noticed as the whole is. */
static void wrong_slices_are_noticed(void **state)
{
	struct policy *policy = build(everything);
	struct decision *decision = policy->decision;
	uint32_t limit = 10;

	(void)state;
	do {
		limit += 10;
		decision_prove_within(decision, limit);
	} while (decision->proof.slices < 2 * 3);
	assert_false(decision->proof.whole);
	decision->root = dd_if(&decision->dds, decision->rules[0].on_dd, dd_terminal(0), decision->root);
	decision_prove_within(decision, limit);
	assert_int_equal(policy->diags.errors, 1);
	assert_int_equal(policy->diags.list[0]->code, DIAG_PROOF_FAILS);
	release(policy);
}

/* What fails --------------------------------------------------------------------------------------- */

/* The nodes and terminals that a diagram is made of. */
static void mark(const struct dds *dds, dd node, bool *seen, bool *terminals)
{
	if (dd_is_terminal(node)) {
		terminals[dd_value(node)] = true;
		return;
	}
	if (seen[node])
		return;
	seen[node] = true;
	for (uint32_t i = 0; i < dds->arity[dd_level(dds, node)]; i++)
		mark(dds, dd_children(dds, node)[i], seen, terminals);
}

static bool *mark_all(struct policy *policy, bool **ret_terminals)
{
	struct decision *decision = policy->decision;
	bool *seen = ARENA_ARRAY(&policy->arena, decision->dds.count, bool);

	*ret_terminals = ARENA_ARRAY(&policy->arena, decision->nterminals, bool);
	mark(&decision->dds, decision->root, seen, *ret_terminals);
	return seen;
}

/* Every child of every node of the deciding diagram, turned to what another class leads to. */
static void a_turned_child_is_noticed(void **state)
{
	struct policy *policy = build(everything);
	struct dds *dds = &policy->decision->dds;
	bool *terminals, *seen = mark_all(policy, &terminals);
	uint32_t turned = 0, count = dds->count;

	(void)state;
	for (uint32_t node = 0; node < count; node++) {
		dd *children = &dds->pool[dds->nodes[node].first];
		uint32_t arity = dds->arity[dds->nodes[node].level];

		for (uint32_t i = 0; i < arity && seen[node]; i++) {
			dd old = children[i], other = children[(i + 1) % arity];

			if (old == other)
				continue;
			children[i] = other;
			assert_true(failures(policy) > 0);
			children[i] = old;
			turned++;
		}
	}
	assert_true(turned > 50);
	assert_int_equal(failures(policy), 0);
	release(policy);
}

static void an_exchanged_terminal_is_noticed(void **state)
{
	struct policy *policy = build(everything);
	struct decision *decision = policy->decision;
	bool *terminals;
	uint32_t exchanged = 0;

	(void)state;
	mark_all(policy, &terminals);
	for (uint32_t i = 0; i < decision->nterminals; i++) {
		struct terminal old = decision->terminals[i];

		if (!terminals[i])	/* left over from the building */
			continue;
		decision->terminals[i] = decision->terminals[(i + 1) % decision->nterminals];
		assert_int_equal(failures(policy), 1);
		decision->terminals[i] = old;
		exchanged++;
	}
	assert_true(exchanged > 4);
	decision->root = dd_terminal(0);
	assert_int_equal(failures(policy), 1);
	release(policy);
}

static void a_lost_duty_is_noticed(void **state)
{
	struct policy *policy = build(everything);
	struct decision *decision = policy->decision;

	(void)state;
	for (uint32_t i = 0; i < decision->nduty_sets; i++) {
		uint64_t old = decision->duty_sets[i].bits;

		decision->duty_sets[i].bits = old ^ 1;
		assert_int_equal(failures(policy), 1);
		decision->duty_sets[i].bits = old;
	}
	release(policy);
}

static bool mentions(struct text text, const char *what)
{
	return memmem(text.at, text.len, what, strlen(what)) != NULL;
}

/* The message names the rule and a cell, and what both sides say of it. */
static void a_wrong_ladder_is_named(void **state)
{
	struct policy *policy = build(everything);
	struct decision *decision = policy->decision;
	struct built_rule *built = &decision->rules[rule_named(policy, "members")->rank];
	dd old = built->ladder;
	const struct diag *diag;

	(void)state;
	built->ladder = decision->rules[rule_named(policy, "owners")->rank].ladder;
	decision_prove(decision);
	assert_int_equal(policy->diags.errors, 1);
	diag = policy->diags.list[0];
	assert_int_equal(diag->code, DIAG_PROOF_FAILS);
	assert_true(mentions(diag->message, "the tree of `members`"));
	assert_true(mentions(diag->message, "\n  role: "));
	assert_true(mentions(diag->help, "the rules say: "));
	policy->diags.count = policy->diags.errors = 0;
	built->ladder = old;
	assert_int_equal(failures(policy), 0);
	release(policy);
}

static void wrong_conditions_are_noticed(void **state)
{
	struct policy *policy = build(everything);
	struct decision *decision = policy->decision;

	(void)state;
	for (uint32_t i = 0; i < decision->nrules; i++) {
		struct built_rule *built = &decision->rules[i];
		dd on = built->on_dd, root_on = built->root_on;

		built->on_dd = on == DD_TRUE ? DD_FALSE : DD_TRUE;
		assert_int_equal(failures(policy), 1);
		built->on_dd = on;
		built->root_on = DD_FALSE;
		assert_int_equal(failures(policy), 1);
		built->root_on = root_on;
		for (uint32_t j = 0; j < built->nconjuncts; j++) {
			dd old = built->conjuncts[j].holds;

			built->conjuncts[j].holds = DD_TRUE;
			assert_int_equal(failures(policy), 1);
			built->conjuncts[j].holds = old;
		}
	}
	decision->answers[0].value = dd_terminal(1);
	assert_int_equal(failures(policy), 1);
	release(policy);
}

/* Two answers that a rule tells apart share a class: by classes alone nothing could be seen. */
static void coarse_classes_are_noticed(void **state)
{
	struct policy *policy = build(everything);
	struct plan *plan = &policy->decision->plan;
	uint32_t number = feature_code(plan, plan_value_request(plan, 2));
	struct feature *role = &plan->features[number];

	(void)state;
	assert_int_equal(role->size, 3);
	assert_true(role->class_of[1] != role->class_of[2]);
	role->class_of[2] = role->class_of[1];
	assert_int_equal(failures(policy), 1);
	release(policy);
}

/* The image ---------------------------------------------------------------------------------------- */

/* The image's own tables are read-only; a copy stands in for them. */
static void *replace(struct policy *policy, const void *table, size_t size)
{
	return arena_copy(&policy->arena, table, size);
}

static void wrong_image_words_are_noticed(void **state)
{
	struct policy *policy = build(everything);
	struct image *image = &policy->image;
	const struct image_question *question;
	uint32_t *nodes, *duties;
	struct image_terminal *terminals;
	uint8_t *classes;

	(void)state;
	write_image(policy);
	question = &image->questions[0];
	image->nodes = nodes = replace(policy, image->nodes, image->n_nodes * sizeof *nodes);
	nodes[question->root + 1] = nodes[question->root + 2];
	assert_int_equal(image_failures(policy), 1);
	nodes[question->root + 1] = IMAGE_TERMINAL;
	assert_int_equal(image_failures(policy), 1);
	write_image(policy);
	image->terminals = terminals =
		replace(policy, image->terminals, image->n_terminals * sizeof *terminals);
	for (uint32_t i = 0; i < image->n_terminals; i++) {
		struct image_terminal old = terminals[i];

		terminals[i].outcome = (old.outcome + 1) % (IMAGE_OUT_INCONSISTENT + 1);
		assert_int_equal(image_failures(policy), 1);
		terminals[i] = old;
		terminals[i].witness = old.witness == IMAGE_NONE ? 1 : IMAGE_NONE;
		assert_int_equal(image_failures(policy), 1);
		terminals[i] = old;
	}
	image->duty_lists = duties = replace(policy, image->duty_lists, image->n_duty_lists * sizeof *duties);
	duties[0] ^= 1;
	assert_int_equal(image_failures(policy), 1);
	duties[0] ^= 1;
	assert_int_equal(image_failures(policy), 0);
	image->classes = classes = replace(policy, image->classes, image->n_classes);
	classes[image->features[0].classes] ^= 1;
	assert_int_equal(image_failures(policy), 1);
	release(policy);
}

/* Builder and image agree with one another and not with the rules: only the cells can tell. */
static void cells_tell_image_from_rules(void **state)
{
	struct policy *policy = build(everything);
	struct decision *decision = policy->decision;
	uint32_t owners = ranked(OUT_GRANTED, rule_named(policy, "owners")->rank);
	uint32_t members = ranked(OUT_GRANTED, rule_named(policy, "members")->rank);

	(void)state;
	for (uint32_t i = 0; i < decision->nterminals; i++)
		if (decision->terminals[i].outcome == owners)
			decision->terminals[i].outcome = members;
	emit_image(&policy->bytes, policy->model, &policy->decision, &policy->diags);
	assert_int_equal(policy->diags.count, 1);
	assert_int_equal(policy->diags.list[0]->code, DIAG_PROOF_FAILS);
	assert_true(mentions(policy->diags.list[0]->help, "`owners`"));
	assert_true(mentions(policy->diags.list[0]->help, "`members`"));
	release(policy);
}

/* What was once wrong ------------------------------------------------------------------------------ */

static const struct feature *field(struct policy *policy, uint32_t number, uint32_t *ret_feature)
{
	struct plan *plan = &policy->decision->plan;

	*ret_feature = feature_code(plan, plan_value_request(plan, number));
	return &plan->features[*ret_feature];
}

/* Everything that will be in force is. */
static void let_it_be_late(struct treewalk *walk)
{
	for (uint32_t i = 0; i < walk->plan->nfeatures; i++)
		if (walk->plan->features[i].kind == FEATURE_CALENDAR)
			walk->answer[i] = walk->plan->features[i].ncuts;
}

/* A duty on one action only, where no rule tells the actions apart. */
static void duties_tell_actions_apart(void **state)
{
	static const char text[] =
		VOCABULARY
		"request access\n"
		"  asks en \"May they?\"\n"
		"  actions view, edit\n"
		"  given own : yesno\n"
		"  given way : way  for view\n"
		BASE
		"rule owners\n"
		"  grant access\n"
		"  when own\n"
		"  cite HB \"1\"\n"
		"rule nobody-calls\n"
		"  prohibit access\n"
		"  when way = call\n"
		"  cite HB \"1\"\n"
		"duty note-it of keeper\n"
		"  on view granted, edit denied\n"
		"  cite HB \"1\"\n"
		"  says en \"Write it down.\"\n";
	struct policy *policy = build(text);
	struct forest forest;
	struct treewalk walk;
	uint32_t own, way;

	(void)state;
	assert_int_equal(failures(policy), 0);
	write_image(policy);
	assert_int_equal(image_failures(policy), 0);
	forest_init(&forest, policy->decision);
	treewalk_init(&walk, &forest);
	field(policy, 0, &own);
	field(policy, 1, &way);
	walk.answer[way] = 1;
	let_it_be_late(&walk);
	for (uint32_t action = 0; action < 2; action++) {
		for (uint32_t answer = 0; answer < 2; answer++) {
			walk.answer[forest.action] = action;
			walk.answer[own] = answer;
			assert_int_equal(treewalk_decide(&walk).duties, action != answer);
		}
	}
	release(policy);
}

/* A field that one action carries is none for the other, which no rule need say. */
static void what_is_not_carried_can_be_missing(void **state)
{
	static const char text[] =
		VOCABULARY
		"request access\n"
		"  asks en \"May they?\"\n"
		"  actions view, edit\n"
		"  given way : way  for view\n"
		BASE
		"rule callers\n"
		"  grant access\n"
		"  when way = call\n"
		"  cite HB \"1\"\n";
	struct policy *policy = build(text);
	const struct decision *decision = policy->decision;
	const struct feature *feature, *action;
	uint32_t number;
	dd node;

	(void)state;
	feature = field(policy, 0, &number);
	action = &decision->plan.features[decision->plan.order[0]];
	assert_true(feature->none);
	node = dd_fix(&policy->decision->dds, decision->possible, action->level, action->class_of[1]);
	node = dd_fix(&policy->decision->dds, node, feature->level, feature->class_of[feature->size - 1]);
	assert_int_equal(node, DD_TRUE);
	release(policy);
}

/* An overlay withholds a grant; what is prohibited under the same rule stays prohibited. */
static void a_withheld_rule_still_prohibits(void **state)
{
	static const char text[] =
		VOCABULARY
		"request access\n"
		"  asks en \"May they?\"\n"
		"  actions view, edit\n"
		"  given area  : area\n"
		"  given own   : yesno\n"
		"  given label : label  for view\n"
		"  layer by area  except south, east\n"
		BASE
		"rule owners\n"
		"  grant view\n"
		"  when own\n"
		"  cite HB \"1\"\n"
		"exception not-secrets to owners\n"
		"  prohibit\n"
		"  when label = secret\n"
		"  cite HB \"1\"\n"
		"rule everybody\n"
		"  grant view\n"
		"  when label != internal\n"
		"  cite HB \"1\"\n"
		"overlay north  for area north\n"
		"  uses words\n"
		"chapter access\n"
		"exception not-here to owners\n"
		"  withhold\n"
		"  when own\n"
		"  cite HB \"1\"\n";
	struct policy *policy = build(text);
	struct decision *decision = policy->decision;
	struct forest forest;
	struct treewalk walk;
	uint32_t feature;

	(void)state;
	assert_int_equal(failures(policy), 0);
	forest_init(&forest, decision);
	treewalk_init(&walk, &forest);
	field(policy, 0, &feature);
	walk.answer[feature] = 0;
	field(policy, 1, &feature);
	walk.answer[feature] = YES;
	field(policy, 2, &feature);
	walk.answer[feature] = 2;
	let_it_be_late(&walk);
	assert_int_equal(treewalk_decide(&walk).outcome,
			 ranked(OUT_FORBIDDEN, rule_named(policy, "not-secrets")->rank));
	release(policy);
}

/* Random policies ---------------------------------------------------------------------------------- */

struct maker {
	uint64_t random;
	struct buf text;
	uint32_t nfields;
	uint32_t size[8];
	bool none[8];
	uint32_t names;
};

static uint32_t draw(struct maker *maker, uint32_t below)
{
	uint64_t z = maker->random += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return (uint32_t)((z ^ z >> 31) >> 32) % below;
}

static void make_test(struct maker *maker)
{
	uint32_t field = draw(maker, maker->nfields), code = draw(maker, maker->size[field]);

	if (maker->none[field] && draw(maker, 3) == 0) {
		buf_printf(&maker->text, "f%u %s none", field, draw(maker, 2) ? "=" : "!=");
		return;
	}
	switch (draw(maker, 4)) {
	case 0:
		buf_printf(&maker->text, "f%u != c%u", field, code);
		break;
	case 1:
		buf_printf(&maker->text, "f%u in { c%u, c%u }", field, code,
			   (code + 1) % maker->size[field]);
		break;
	case 2:
		buf_printf(&maker->text, "not f%u = c%u", field, code);
		break;
	default:
		buf_printf(&maker->text, "f%u = c%u", field, code);
		break;
	}
}

static void make_cond(struct maker *maker, uint32_t depth)
{
	uint32_t parts = depth ? 1 + draw(maker, 3) : 1;
	const char *word = draw(maker, 2) ? "and" : "or";

	if (parts == 1) {
		make_test(maker);
		return;
	}
	for (uint32_t i = 0; i < parts; i++) {
		buf_printf(&maker->text, "%s%s", i ? " " : "", i ? word : "");
		buf_string(&maker->text, i ? " (" : "(");
		make_cond(maker, depth - 1);
		buf_char(&maker->text, ')');
	}
}

static void make_when(struct maker *maker, uint32_t depth)
{
	buf_string(&maker->text, "  when ");
	make_cond(maker, depth);
	buf_char(&maker->text, '\n');
}

static const char *actions(struct maker *maker)
{
	static const char *const words[] = { "access", "access", "view", "edit", "view, drop", "edit, drop" };

	return words[draw(maker, 6)];
}

static void make_force(struct maker *maker)
{
	static const char *const words[] = { "2026-01-01 ..", "2026-01-01 .. 2026-06-30", "2026-04-01 .." };

	if (draw(maker, 5) == 0)
		buf_printf(&maker->text, "  in force %s\n", words[draw(maker, 3)]);
}

enum under { UNDER_GRANT, UNDER_PROHIBITION, UNDER_OTHERS_GRANT, UNDER_CUT };

static void make_exceptions(struct maker *maker, const char *to, enum under under, uint32_t depth)
{
	static const char *const verbs[][3] = {
		[UNDER_GRANT] = { "grant", "withhold", "prohibit" },
		[UNDER_PROHIBITION] = { "withhold", "withhold", "prohibit" },
		[UNDER_OTHERS_GRANT] = { "withhold", "withhold", "withhold" },
		[UNDER_CUT] = { "withhold", "prohibit", "prohibit" },
	};

	for (uint32_t i = draw(maker, depth == 3 ? 4 : 3); i > 0; i--) {
		char name[16];

		snprintf(name, sizeof name, "e%u", maker->names++);
		buf_printf(&maker->text, "exception %s to %s\n  %s", name, to, verbs[under][draw(maker, 3)]);
		buf_printf(&maker->text, "%s\n", draw(maker, 4) ? "" : " view");
		make_when(maker, 1);
		make_force(maker);
		buf_string(&maker->text, "  cite HB \"1\"\n");
		if (depth > 1)
			make_exceptions(maker, name, under == UNDER_OTHERS_GRANT ? UNDER_CUT : under,
					depth - 1);
	}
}

static void make_duties(struct maker *maker, const char *prefix, uint32_t count, const char *prohibition)
{
	static const char *const kinds[] = { "granted", "denied", "always", "forbidden" };
	static const char *const single[] = { "view", "edit", "drop", "access" };

	for (uint32_t i = 0; i < count; i++) {
		uint32_t triggers = 1 + draw(maker, 3);

		buf_printf(&maker->text, "duty %s%u of keeper\n  on ", prefix, i);
		for (uint32_t j = 0; j < triggers; j++) {
			uint32_t kind = draw(maker, 4);

			buf_printf(&maker->text, "%s%s ", j ? ", " : "", single[draw(maker, 4)]);
			buf_string(&maker->text, kinds[kind]);
			if (kind == 3 && prohibition && draw(maker, 2))
				buf_printf(&maker->text, " by %s", prohibition);
		}
		buf_char(&maker->text, '\n');
		if (draw(maker, 3))
			make_when(maker, 1);
		buf_string(&maker->text, "  cite HB \"1\"\n  says en \"Do it.\"\n");
	}
}

static void make_overlay(struct maker *maker, const char *area, uint32_t grants, uint32_t delegates)
{
	buf_printf(&maker->text, "overlay %s-own  for area %s\n", area, area);
	if (draw(maker, 2))
		buf_string(&maker->text, "  in force 2026-01-01 ..\n");
	buf_string(&maker->text, "  uses words\nchapter access\n");
	for (uint32_t i = 0; i < grants; i++) {
		char to[16];

		if (draw(maker, 2))
			continue;
		snprintf(to, sizeof to, "g%u", i);
		make_exceptions(maker, to, UNDER_OTHERS_GRANT, 3);
	}
	for (uint32_t i = 0; i < delegates; i++) {
		if (draw(maker, 3) == 0)
			continue;
		buf_printf(&maker->text, "widen g%u\n", i);
		make_when(maker, 2);
		buf_string(&maker->text, "  under HB \"1\"\n  cite HB \"1\"\n");
	}
	if (draw(maker, 2)) {
		buf_printf(&maker->text, "rule p-%s\n  prohibit %s\n", area, actions(maker));
		make_when(maker, 2);
		buf_string(&maker->text, "  cite HB \"1\"\n");
	}
	make_duties(maker, area, draw(maker, 2), NULL);
}

static void make_request(struct maker *maker)
{
	static const char *const excepts[] = { "", "  except east", "  except south, east",
					       "  except north, south, east" };

	maker->nfields = 4 + draw(maker, 2);
	buf_string(&maker->text, VOCABULARY);
	for (uint32_t i = 0; i < maker->nfields; i++) {
		maker->size[i] = 2 + draw(maker, 2);
		maker->none[i] = i && draw(maker, 3) == 0;
		buf_printf(&maker->text, "codes k%u  c0, c1%s\n", i, maker->size[i] > 2 ? ", c2" : "");
	}
	buf_string(&maker->text, "request access\n  asks en \"May they?\"\n  actions view, edit, drop\n"
				 "  given area : area\n");
	for (uint32_t i = 0; i < maker->nfields; i++)
		buf_printf(&maker->text, "  given f%u : k%u%s%s\n", i, i, maker->none[i] ? " or none" : "",
			   /* what can be asked for being none is carried by every action: else it may always be */
			   maker->none[i] || (i && draw(maker, 4)) ? "" : "  for view");
	buf_printf(&maker->text, "  answers route\n  layer by area%s\n", excepts[draw(maker, 4)]);
}

static void make_define(struct maker *maker)
{
	/* Every policy asks for a field that not every action carries. */
	buf_string(&maker->text, "define route : way\n  case call  when (f0 = c0) or (");
	make_cond(maker, 1);
	buf_char(&maker->text, ')');
	if (draw(maker, 2)) {
		buf_string(&maker->text, "\n    except visit  when ");
		make_cond(maker, 1);
	}
	if (draw(maker, 2)) {
		buf_string(&maker->text, "\n  case visit  when ");
		make_cond(maker, 1);
	} else {
		buf_string(&maker->text, "\n  case visit  otherwise");
	}
	buf_char(&maker->text, '\n');
}

static void make_policy(struct maker *maker)
{
	uint32_t grants = 2 + draw(maker, 2), prohibitions = 1 + draw(maker, 2);
	uint32_t delegates = draw(maker, 3);	/* the first of the grants */
	char name[16];

	make_request(maker);
	buf_string(&maker->text, BASE);
	make_define(maker);
	for (uint32_t i = 0; i < grants; i++) {
		buf_printf(&maker->text, "rule g%u\n  grant %s\n", i, actions(maker));
		make_when(maker, 2);
		make_force(maker);
		if (i < delegates) {
			buf_printf(&maker->text, "  delegates f%u%s where ", i, draw(maker, 2) ? ", f2" : "");
			make_cond(maker, 1);
			buf_string(&maker->text, " under HB \"1\"\n");
		}
		buf_string(&maker->text, "  cite HB \"1\"\n");
		snprintf(name, sizeof name, "g%u", i);
		make_exceptions(maker, name, UNDER_GRANT, 3);
	}
	for (uint32_t i = 0; i < prohibitions; i++) {
		buf_printf(&maker->text, "rule p%u\n  prohibit %s\n", i, actions(maker));
		make_when(maker, 2);
		make_force(maker);
		buf_string(&maker->text, "  cite HB \"1\"\n");
		snprintf(name, sizeof name, "p%u", i);
		make_exceptions(maker, name, UNDER_PROHIBITION, 2);
	}
	for (uint32_t i = draw(maker, 3); i-- > 0;) {
		buf_printf(&maker->text, "silent s%u on %s\n", i, actions(maker));
		make_when(maker, 1);
		buf_string(&maker->text, "  cite HB \"1\"\n");
	}
	make_duties(maker, "d", draw(maker, 4), "p0");
	make_overlay(maker, "north", grants, delegates);
	if (draw(maker, 2))
		make_overlay(maker, "south", grants, delegates);
}

static uint32_t walk_to(const struct decision *decision, const struct treewalk *walk, dd node)
{
	while (!dd_is_terminal(node)) {
		uint32_t feature = decision->plan.order[dd_level(&decision->dds, node)];

		node = dd_children(&decision->dds, node)
			[decision->plan.features[feature].class_of[walk->answer[feature]]];
	}
	return dd_value(node);
}

static void check_cell(const struct decision *decision, struct treewalk *walk)
{
	struct walked walked = treewalk_decide(walk);
	uint32_t value = walk_to(decision, walk, decision->root);
	const struct terminal *terminal = &decision->terminals[value];

	assert_int_equal(terminal->outcome, walked.outcome);
	assert_int_equal(decision->duty_sets[terminal->duties].bits, walked.duties);
	for (uint32_t i = 0; i < decision->nrules; i++) {
		const struct built_rule *built = &decision->rules[i];

		if (is_root(built->rule))
			assert_int_equal(walk_to(decision, walk, built->ladder), walk->ladders[i]);
	}
	value = walk_to(decision, walk, decision->answers[0].value);
	assert_int_equal(value, treewalk_answer(walk, 0));
}

static uint32_t check_cells(struct decision *decision)
{
	const struct plan *plan = &decision->plan;
	struct forest forest;
	struct treewalk walk;
	uint32_t cells = 0, at;

	forest_init(&forest, decision);
	treewalk_init(&walk, &forest);
	do {
		check_cell(decision, &walk);
		cells++;
		for (at = 0; at < plan->nfeatures; at++) {
			if (++walk.answer[at] < plan->features[at].size)
				break;
			walk.answer[at] = 0;
		}
	} while (at < plan->nfeatures);
	return cells;
}

/* Bottom-up, top-down and tree walk agree on every cell, and so does the written image. */
static void random_policies_are_proved(void **state)
{
	const char *given = getenv("SEED"), *wanted = getenv("POLICIES");
	uint64_t seed = given ? strtoull(given, NULL, 0) : 1;
	uint32_t count = wanted ? (uint32_t)atoi(wanted) : 40;
	uint64_t cells = 0, states = 0, nodes = 0;

	(void)state;
	for (uint32_t i = 0; i < count; i++, seed++) {
		struct maker maker = { .random = seed };
		struct policy *policy;

		make_policy(&maker);
		buf_char(&maker.text, '\0');
		print_message("seed %llu\r", (unsigned long long)seed);
		policy = build(maker.text.at);
		if (failures(policy))
			fail_msg("seed %llu\n%s", (unsigned long long)seed, maker.text.at);
		assert_true(policy->decision->proof.whole);
		cells += check_cells(policy->decision);
		write_image(policy);
		assert_int_equal(image_failures(policy), 0);
		states += policy->decision->proof.states;
		nodes += dd_size(&policy->decision->dds, policy->decision->root);
		release(policy);
		buf_release(&maker.text);
	}
	print_message("%u policies: %llu cells, %llu nodes, %llu states\n", count,
		      (unsigned long long)cells, (unsigned long long)nodes, (unsigned long long)states);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_builds_are_proved),
		cmocka_unit_test(proofs_repeat),
		cmocka_unit_test(slices_are_proved_where_the_whole_is_too_large),
		cmocka_unit_test(wrong_slices_are_noticed),
		cmocka_unit_test(a_turned_child_is_noticed),
		cmocka_unit_test(an_exchanged_terminal_is_noticed),
		cmocka_unit_test(a_lost_duty_is_noticed),
		cmocka_unit_test(a_wrong_ladder_is_named),
		cmocka_unit_test(wrong_conditions_are_noticed),
		cmocka_unit_test(coarse_classes_are_noticed),
		cmocka_unit_test(wrong_image_words_are_noticed),
		cmocka_unit_test(cells_tell_image_from_rules),
		cmocka_unit_test(duties_tell_actions_apart),
		cmocka_unit_test(what_is_not_carried_can_be_missing),
		cmocka_unit_test(a_withheld_rule_still_prohibits),
		cmocka_unit_test(random_policies_are_proved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
