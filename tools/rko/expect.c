/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rko/expect.h"

#include <stdio.h>
#include <string.h>

#include "tools/common/cli.h"

/* What can be expected of every question; besides it, what the question answers. */
static const char *const parts[] = { "outcome", "by", "duties", "redact", "stands_until", "nearest", "lacking", "possible",
				     "would_settle", "readings", "hangs_on", "pending", "excepted", "because" };

struct compare {
	struct yaml_files *files;
	const struct rko_explanation *found;
	struct buf *out;
	bool bad;
};

static void bad(struct compare *compare, yaml_place place, const char *words)
{
	yaml_fault(compare->files, DIAG_YAML_SHAPE, place, "%s", words);
	compare->bad = true;
}

/* Lists of words ----------------------------------------------------------------------------------- */

enum { WORDS_MAX = 512 };

struct words {
	const char *list[WORDS_MAX];
	size_t count;
};

static void add_word(struct words *words, const char *word)
{
	if (words->count < WORDS_MAX)
		words->list[words->count++] = word;
}

static void print_words(struct buf *out, const struct words *words)
{
	buf_char(out, '[');
	for (size_t i = 0; i < words->count; i++)
		buf_printf(out, "%s%s", i ? ", " : "", words->list[i]);
	buf_char(out, ']');
}

static bool has_word(const struct words *words, const char *word)
{
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->list[i], word) == 0)
			return true;
	return false;
}

static bool same_words(const struct words *a, const struct words *b)
{
	for (size_t i = 0; i < a->count; i++)
		if (!has_word(b, a->list[i]))
			return false;
	for (size_t i = 0; i < b->count; i++)
		if (!has_word(a, b->list[i]))
			return false;
	return true;
}

static bool is_list(struct compare *compare, const struct yaml_node *node)
{
	if (node->kind == YAML_LIST)
		return true;
	yaml_fault(compare->files, DIAG_YAML_SHAPE, node->place, "a list is expected here%s%.*s%s",
		   node->kind == YAML_TEXT ? ": [" : "", TEXT_ARG(node->text), node->kind == YAML_TEXT ? "]" : "");
	compare->bad = true;
	return false;
}

static bool read_words(struct compare *compare, const struct yaml_node *node, struct words *words)
{
	if (!is_list(compare, node))
		return false;
	for (size_t i = 0; i < node->count; i++) {
		if (node->items[i].kind != YAML_TEXT) {
			bad(compare, node->items[i].place, "a name is expected here");
			return false;
		}
		add_word(words, node->items[i].text.at);
	}
	return true;
}

static void compare_words(struct compare *compare, const char *what, const struct yaml_node *node,
			  const struct words *found, bool first_matters)
{
	struct words expected = { .count = 0 };

	if (!read_words(compare, node, &expected))
		return;
	if (same_words(&expected, found) &&
	    (!first_matters || !expected.count || strcmp(expected.list[0], found->list[0]) == 0))
		return;
	buf_printf(compare->out, "%s: expected ", what);
	print_words(compare->out, &expected);
	buf_string(compare->out, ", found ");
	print_words(compare->out, found);
	buf_char(compare->out, '\n');
}

static void compare_word(struct compare *compare, const char *what, const struct yaml_node *node, const char *found)
{
	if (node->kind != YAML_TEXT)
		bad(compare, node->place, "one word is expected here");
	else if (strcmp(node->text.at, found) != 0)
		buf_printf(compare->out, "%s: expected %s, found %s\n", what, node->text.at,
			   *found ? found : "nothing");
}

/* Parts ------------------------------------------------------------------------------------------- */

static void rules(struct compare *compare, const char *what, const struct yaml_node *node,
		  const struct rko_why_rule *list, size_t count, bool first_matters)
{
	struct words found = { .count = 0 };

	for (size_t i = 0; i < count; i++)
		add_word(&found, list[i].name);
	compare_words(compare, what, node, &found, first_matters);
}

static const struct rko_why_duty *find_duty(const struct rko_explanation *found, const char *name)
{
	for (size_t i = 0; i < found->nduties; i++)
		if (strcmp(found->duties[i].name, name) == 0)
			return &found->duties[i];
	return NULL;
}

static void duty_details(struct compare *compare, const char *name, const struct yaml_node *details)
{
	const struct rko_why_duty *duty = find_duty(compare->found, name);

	if (details->kind != YAML_MAP) {
		bad(compare, details->place, "`of` and `due` are expected here");
		return;
	}
	for (size_t i = 0; duty && i < details->count; i++) {
		const struct yaml_pair *pair = &details->pairs[i];
		char what[160], day[RKO_DAY_TEXT] = "";

		snprintf(what, sizeof what, "duties: %s: %.*s", name, TEXT_ARG(pair->key));
		if (text_equal(pair->key, TEXT("of"))) {
			compare_word(compare, what, &pair->value, duty->bearer);
		} else if (text_equal(pair->key, TEXT("due"))) {
			if (duty->has_due)
				rko_day_text(duty->due, day);
			compare_word(compare, what, &pair->value, day);
		} else {
			bad(compare, pair->place, "`of` and `due` are expected here");
		}
	}
}

/* Names, or `name: {of: …, due: …}`. */
static void duties(struct compare *compare, const struct yaml_node *node)
{
	struct words expected = { .count = 0 }, found = { .count = 0 };

	if (!is_list(compare, node))
		return;
	for (size_t i = 0; i < node->count; i++) {
		const struct yaml_node *item = &node->items[i];

		if (item->kind == YAML_TEXT) {
			add_word(&expected, item->text.at);
		} else if (item->kind == YAML_MAP && item->count == 1) {
			add_word(&expected, item->pairs[0].key.at);
			duty_details(compare, item->pairs[0].key.at, &item->pairs[0].value);
		} else {
			bad(compare, item->place, "the name of a duty is expected here");
		}
	}
	for (size_t i = 0; i < compare->found->nduties; i++)
		if (!compare->found->duties[i].redaction)
			add_word(&found, compare->found->duties[i].name);
	if (same_words(&expected, &found))
		return;
	buf_string(compare->out, "duties: expected ");
	print_words(compare->out, &expected);
	buf_string(compare->out, ", found ");
	print_words(compare->out, &found);
	buf_char(compare->out, '\n');
}

static void redact(struct compare *compare, const struct yaml_node *node)
{
	struct words found = { .count = 0 };

	for (size_t i = 0; i < compare->found->nduties; i++)
		for (size_t j = 0; j < compare->found->duties[i].nfields; j++)
			add_word(&found, compare->found->duties[i].fields[j]);
	compare_words(compare, "redact", node, &found, false);
}

static void lacking(struct compare *compare, const struct yaml_node *node)
{
	struct words found = { .count = 0 };

	for (size_t i = 0; i < compare->found->nconditions; i++) {
		const struct rko_why_condition *condition = &compare->found->conditions[i];

		if (condition->holds <= 0)
			add_word(&found, *condition->name ? condition->name : condition->text);
	}
	compare_words(compare, "lacking", node, &found, false);
}

static void would_settle(struct compare *compare, const struct yaml_node *node)
{
	struct words found = { .count = 0 };

	for (size_t i = 0; i < compare->found->nmissing; i++) {
		const struct rko_why_missing *fact = &compare->found->missing[i];

		if (fact->kind == RKO_MISSING_OVERLAY)
			add_word(&found, text_format(&compare->files->arena, "overlay %s", fact->name).at);
		else
			add_word(&found, fact->name);
	}
	compare_words(compare, "would_settle", node, &found, false);
}

static void excepted(struct compare *compare, const struct yaml_node *node)
{
	struct words found = { .count = 0 };

	for (size_t i = 0; i < compare->found->nexcepted; i++)
		add_word(&found, text_format(&compare->files->arena, "%s by %s", compare->found->excepted[i].rule,
					     compare->found->excepted[i].by).at);
	compare_words(compare, "excepted", node, &found, false);
}

/* Those that the rules name, or those on which the answer hangs. */
static void readings(struct compare *compare, const char *key, const struct yaml_node *node, bool hangs)
{
	struct words found = { .count = 0 };

	for (size_t i = 0; i < compare->found->nreadings; i++)
		if (!hangs || compare->found->readings[i].hangs)
			add_word(&found, compare->found->readings[i].name);
	compare_words(compare, key, node, &found, false);
}

static void pending(struct compare *compare, const struct yaml_node *node)
{
	struct words found = { .count = 0 };

	for (size_t i = 0; i < compare->found->npending; i++)
		add_word(&found, compare->found->pending[i].name);
	compare_words(compare, "pending", node, &found, false);
}

static void stands_until(struct compare *compare, const struct yaml_node *node)
{
	char day[RKO_DAY_TEXT];

	rko_day_text(compare->found->until, day);
	compare_word(compare, "stands_until", node, day);
}

static bool determination(struct compare *compare, const struct yaml_pair *pair)
{
	for (size_t i = 0; i < compare->found->nanswers; i++) {
		const struct rko_why_answer *answer = &compare->found->answers[i];

		if (!text_equal(pair->key, text_from(answer->name)))
			continue;
		compare_word(compare, answer->name, &pair->value, answer->value);
		return true;
	}
	return false;
}

/* A word that is no outcome would differ from every one: it is said where it stands. */
static void outcome(struct compare *compare, const struct yaml_node *node)
{
	static const enum rko_outcome all[] = { RKO_GRANTED, RKO_FORBIDDEN, RKO_NOT_GRANTED, RKO_UNDECIDED, RKO_REFUSED };
	bool known = node->kind != YAML_TEXT;
	struct diag *diag;

	for (size_t i = 0; i < sizeof all / sizeof all[0] && !known; i++)
		known = text_equal(node->text, text_from(rko_outcome_word(all[i])));
	if (known) {
		compare_word(compare, "outcome", node, rko_outcome_word(compare->found->decision.outcome));
		return;
	}
	diag = yaml_fault(compare->files, DIAG_CASE_UNKNOWN, node->place, "`%s` is no outcome", node->text.at);
	diag_help(&compare->files->diags, diag, "the outcomes: granted, forbidden, not_granted, undecided, refused");
	compare->bad = true;
}

static void unknown_part(struct compare *compare, const struct yaml_pair *pair)
{
	struct cli_near near = cli_near(pair->key.at);
	struct diag *diag = yaml_fault(compare->files, DIAG_CASE_UNKNOWN, pair->place,
				       "`%s` is nothing that can be expected here", pair->key.at);
	struct text list = { "", 0 };

	compare->bad = true;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		cli_near_try(&near, parts[i]);
		list = text_format(&compare->files->arena, "%.*s%s%s", TEXT_ARG(list), i ? ", " : "", parts[i]);
	}
	for (size_t i = 0; i < compare->found->nanswers; i++) {
		cli_near_try(&near, compare->found->answers[i].name);
		list = text_format(&compare->files->arena, "%.*s, %s", TEXT_ARG(list), compare->found->answers[i].name);
	}
	if (near.nearest)
		diag_help(&compare->files->diags, diag, "the nearest is `%s`", near.nearest);
	else
		diag_help(&compare->files->diags, diag, "here may stand: %.*s", TEXT_ARG(list));
}

static void compare_part(struct compare *compare, const struct yaml_pair *pair)
{
	const struct rko_explanation *found = compare->found;
	const struct yaml_node *node = &pair->value;
	const char *key = pair->key.at;

	if (strcmp(key, "outcome") == 0)
		outcome(compare, node);
	else if (strcmp(key, "by") == 0)
		rules(compare, key, node, found->by, found->nby, true);
	else if (strcmp(key, "possible") == 0)
		rules(compare, key, node, found->possible, found->npossible, false);
	else if (strcmp(key, "duties") == 0)
		duties(compare, node);
	else if (strcmp(key, "redact") == 0)
		redact(compare, node);
	else if (strcmp(key, "stands_until") == 0)
		stands_until(compare, node);
	else if (strcmp(key, "nearest") == 0)
		compare_word(compare, key, node, found->nearest ? found->nearest->name : "");
	else if (strcmp(key, "lacking") == 0)
		lacking(compare, node);
	else if (strcmp(key, "would_settle") == 0)
		would_settle(compare, node);
	else if (strcmp(key, "readings") == 0)
		readings(compare, key, node, false);
	else if (strcmp(key, "hangs_on") == 0)
		readings(compare, key, node, true);
	else if (strcmp(key, "pending") == 0)
		pending(compare, node);
	else if (strcmp(key, "excepted") == 0)
		excepted(compare, node);
	else if (strcmp(key, "because") == 0)
		compare_word(compare, key, node, found->refused);
	else if (!determination(compare, pair)) {
		unknown_part(compare, pair);
	}
}

bool expect_compare(struct yaml_files *files, const struct yaml_node *expect, const struct rko_explanation *found,
		    struct buf *out)
{
	struct compare compare = { .files = files, .found = found, .out = out };

	for (size_t i = 0; i < expect->count; i++)
		compare_part(&compare, &expect->pairs[i]);
	return !compare.bad;
}
