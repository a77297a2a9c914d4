/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * I2, I4, I6, I7. Images: what the verifier refuses, and that what it lets through can be used.
 *
 * A table damages one place of a good image at a time and says which check must refuse it, with which words. That no
 * check is left out is read from verify*.c themselves. Random damage follows: SEED=n and ROUNDS=n.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <rko/compile.h>
#include <rko/explain.h>

#include "engine/base/buf.h"
#include "engine/base/limits.h"
#include "engine/image/image.h"
#include "tests/common/fixture.h"

#define LIBRARY "tests/common/library.rko"

/* An image that may be changed ----------------------------------------------------------------------- */

struct copy {
	uint8_t *bytes;
	size_t size;
	struct image image;	/* of the good one that was copied: tables to look things up in */
};

enum { ROOM = 65536 };	/* behind the image, for damage that makes it longer */

static uint8_t *good;
static size_t good_size;

static struct image_head *head_of(struct copy *copy)
{
	return (struct image_head *)copy->bytes;
}

/* Writes one field of one element of a table. */
#define WRITE(copy, member, index, field, to) \
	memcpy((copy)->bytes + head_of(copy)->section[IMAGE_SECTION_##member].at + \
		       (index) * sizeof *((struct image *)0)->member + \
		       offsetof(__typeof__(*((struct image *)0)->member), field), \
	       &(__typeof__(((__typeof__(*((struct image *)0)->member) *)0)->field)){ to }, \
	       sizeof ((__typeof__(*((struct image *)0)->member) *)0)->field)

static struct copy copy_good(void)
{
	struct copy copy = { .bytes = calloc(1, good_size + ROOM), .size = good_size };
	struct image_fault fault;

	assert_non_null(copy.bytes);
	memcpy(copy.bytes, good, good_size);
	assert_int_equal(image_open(good, good_size, &copy.image, &fault), RKO_OK);
	return copy;
}

/* The digest of what the copy holds now: damage is to be found by the checks behind it. */
static void seal(uint8_t *bytes, size_t size)
{
	image_digest(bytes, size, ((struct image_head *)bytes)->digest);
}

/* Opens exactly those bytes, so that the sanitizer sees a look behind them. */
static enum rko_status open_exactly(const uint8_t *bytes, size_t size, struct image_fault *fault)
{
	uint8_t *exact = malloc(size ? size : 1);
	struct image image;
	enum rko_status status;

	assert_non_null(exact);
	memcpy(exact, bytes, size);
	*fault = (struct image_fault){ 0 };
	status = image_open(exact, size, &image, fault);
	free(exact);
	return status;
}

static void words_at(struct copy *copy, enum image_section_id section, uint32_t index, uint32_t value)
{
	memcpy(copy->bytes + head_of(copy)->section[section].at + index * 4, &value, 4);
}

/* Finding places -------------------------------------------------------------------------------------- */

static uint32_t codeset(const struct image *image, const char *name)
{
	for (uint32_t i = 0; i < image->n_codesets; i++)
		if (strcmp(image_string(image, image->codesets[i].name), name) == 0)
			return i;
	fail_msg("no code set %s", name);
	return 0;
}

static uint32_t rule(const struct image *image, const char *name)
{
	for (uint32_t i = 0; i < image->n_rules; i++)
		if (strcmp(image_string(image, image->rules[i].name), name) == 0)
			return i;
	fail_msg("no rule %s", name);
	return 0;
}

static const struct image_plan *question_plan(const struct image *image)
{
	return &image->plans[image->questions[0].plan];
}

/* Of the question's plan; within the plan. */
static uint32_t value(const struct image *image, const char *name)
{
	const struct image_plan *plan = question_plan(image);

	for (uint32_t i = 0; i < plan->values.count; i++)
		if (strcmp(image_string(image, image->values[plan->values.first + i].name), name) == 0)
			return i;
	fail_msg("no value %s", name);
	return 0;
}

/* Of the question's plan; within the whole table. */
static uint32_t slot(const struct image *image, const char *name)
{
	const struct image_plan *plan = question_plan(image);

	for (uint32_t i = 0; i < plan->slots.count; i++)
		if (strcmp(image_string(image, image->slots[plan->slots.first + i].name), name) == 0)
			return plan->slots.first + i;
	fail_msg("no slot %s", name);
	return 0;
}

static uint32_t scan(const struct image *image, const char *name)
{
	const struct image_plan *plan = question_plan(image);

	for (uint32_t i = 0; i < plan->scans.count; i++)
		if (strcmp(image_string(image, image->scans[plan->scans.first + i].name), name) == 0)
			return plan->scans.first + i;
	fail_msg("no list %s", name);
	return 0;
}

/* The first feature of a kind in the question's plan, with at least so many dates; within the whole table. */
static uint32_t feature(const struct image *image, uint32_t kind, uint32_t cuts)
{
	const struct image_plan *plan = question_plan(image);

	for (uint32_t i = plan->features.first; i < plan->features.first + plan->features.count; i++)
		if (image->features[i].kind == kind && image->features[i].cuts.count >= cuts)
			return i;
	fail_msg("no feature of kind %u", kind);
	return 0;
}

static uint32_t record(const struct image *image, const char *name)
{
	for (uint32_t i = 0; i < image->n_records; i++)
		if (strcmp(image_string(image, image->records[i].name), name) == 0)
			return i;
	fail_msg("no record %s", name);
	return 0;
}

static uint32_t field(const struct image *image, const char *of, const char *name)
{
	const struct image_record *about = &image->records[record(image, of)];

	for (uint32_t i = 0; i < about->fields.count; i++)
		if (strcmp(image_string(image, image->fields[about->fields.first + i].name), name) == 0)
			return about->fields.first + i;
	fail_msg("no field %s", name);
	return 0;
}

static uint32_t arity(const struct image *image, const struct image_plan *plan, uint32_t word)
{
	return image->features[plan->features.first + image->nodes[plan->nodes.first + word]].nclasses;
}

/* The first two nodes of the question's plan that ask one feature, side by side. */
static void neighbours(const struct image *image, uint32_t *ret_a, uint32_t *ret_b)
{
	const struct image_plan *plan = question_plan(image);
	const uint32_t *words = image->nodes + plan->nodes.first;

	for (uint32_t a = 0;;) {
		uint32_t b = a + 1 + arity(image, plan, a);

		assert_true(b < plan->nodes.count);
		if (words[a] == words[b]) {
			*ret_a = a;
			*ret_b = b;
			return;
		}
		a = b;
	}
}

/* Damage ------------------------------------------------------------------------------------------- */

enum { BAD = 0x7fffff00, OFF = 9999 };	/* a string, and an index, that there is not */
#define TRUTH(value) (IMAGE_TERMINAL | (value))

typedef void damage_fn(struct copy *copy);

/* 1-9: the file */
static void magic(struct copy *copy) { head_of(copy)->magic[3] ^= 1; }
static void newer(struct copy *copy) { head_of(copy)->format++; }
static void other_endian(struct copy *copy) { head_of(copy)->format = __builtin_bswap32(head_of(copy)->format); }
static void longer_head(struct copy *copy) { head_of(copy)->size++; }
static void more_tables(struct copy *copy) { head_of(copy)->sections++; }
static void no_seal(struct copy *copy) { copy->bytes[copy->size - 20] ^= 1; }
static void moved_table(struct copy *copy) { head_of(copy)->section[IMAGE_SECTION_codes].at += 8; }
static void huge_table(struct copy *copy) { head_of(copy)->section[IMAGE_SECTION_codes].count = UINT32_MAX; }

static void between_tables(struct copy *copy)
{
	uint32_t count = head_of(copy)->section[IMAGE_SECTION_strings].count;

	assert_int_not_equal(count % 8, 0);
	copy->bytes[head_of(copy)->section[IMAGE_SECTION_strings].at + count] = 1;
}

static void behind_tables(struct copy *copy)
{
	copy->size += 8;
	head_of(copy)->size += 8;
}

static void strings_begin(struct copy *copy) { copy->bytes[head_of(copy)->section[IMAGE_SECTION_strings].at] = 'x'; }
static void put_string(struct copy *copy, const char *bytes)
{
	memcpy(copy->bytes + head_of(copy)->section[IMAGE_SECTION_strings].at + 1, bytes, strlen(bytes));
}
static void latin_1(struct copy *copy) { put_string(copy, "\xe4 a"); }
static void overlong(struct copy *copy) { put_string(copy, "\xe0\x80\x80"); }
static void surrogate(struct copy *copy) { put_string(copy, "\xed\xa0\x80"); }
static void beyond_unicode(struct copy *copy) { put_string(copy, "\xf4\x90\x80\x80"); }
static void long_overlong(struct copy *copy) { put_string(copy, "\xf0\x80\x80\x80"); }
static void control(struct copy *copy) { put_string(copy, "\x1b"); }
static void mid_string(struct copy *copy) { head_of(copy)->policy += 1; }
static void no_day(struct copy *copy) { head_of(copy)->force_from = INT32_MIN; }

/* 10-18: vocabulary */
static void codeset_name(struct copy *copy) { WRITE(copy, codesets, 1, name, BAD); }
static void codeset_codes(struct copy *copy) { WRITE(copy, codesets, 1, codes.first, 0); }
static void codeset_attribute(struct copy *copy) { WRITE(copy, codesets, 1, attribute_set, OFF); }
static void codes_over(struct copy *copy)
{
	uint32_t last = copy->image.n_codesets - 1;

	WRITE(copy, codesets, last, codes.count, copy->image.codesets[last].codes.count - 1);
}
static void one_yesno(struct copy *copy)
{
	WRITE(copy, codesets, 0, codes.count, 1);
	WRITE(copy, codesets, 1, codes.first, 1);
	WRITE(copy, codesets, 1, codes.count, copy->image.codesets[1].codes.count + 1);
}
static void code_name(struct copy *copy) { WRITE(copy, codes, 0, official, BAD); }
static void code_attribute(struct copy *copy)
{
	uint32_t shelf = copy->image.codesets[codeset(&copy->image, "shelf")].codes.first;

	WRITE(copy, codes, shelf, attribute, 4);
}
static void record_name(struct copy *copy) { WRITE(copy, records, 0, name, BAD); }
static void record_flags(struct copy *copy) { WRITE(copy, records, 0, flags, 4); }
static void record_fields(struct copy *copy) { WRITE(copy, records, 0, fields.first, 1); }
static void record_key(struct copy *copy) { WRITE(copy, records, 0, nkey, 0); }
static void record_valid(struct copy *copy) { WRITE(copy, records, record(&copy->image, "card"), valid[0], 0); }
static void record_changed(struct copy *copy)
{
	WRITE(copy, records, record(&copy->image, "card"), changed, OFF);
}
static void field_changed(struct copy *copy)
{
	WRITE(copy, fields, copy->image.records[record(&copy->image, "card")].fields.first, changed, OFF);
}
static void record_musts(struct copy *copy)
{
	uint32_t branch = record(&copy->image, "branch");

	assert_int_equal(copy->image.records[branch].plan, IMAGE_NONE);
	WRITE(copy, records, branch, musts.count, 1);
}
static void record_plan(struct copy *copy) { WRITE(copy, records, record(&copy->image, "card"), plan, OFF); }
static void fields_over(struct copy *copy)
{
	uint32_t last = copy->image.n_records - 1;

	WRITE(copy, records, last, valid[0], IMAGE_NONE);
	WRITE(copy, records, last, valid[1], IMAGE_NONE);
	WRITE(copy, records, last, fields.count, copy->image.records[last].fields.count - 1);
}
static void key_open(struct copy *copy) { WRITE(copy, fields, 0, flags, IMAGE_FIELD_KEY | IMAGE_FIELD_OPEN); }
static void field_name(struct copy *copy) { WRITE(copy, fields, 0, name, BAD); }
static void field_bound(struct copy *copy) { WRITE(copy, fields, field(&copy->image, "branch", "kinds"), bound, 257); }
static void field_key(struct copy *copy) { WRITE(copy, fields, 1, flags, IMAGE_FIELD_KEY); }
static void field_type(struct copy *copy) { WRITE(copy, fields, 1, target, OFF); }
static void field_kind(struct copy *copy) { WRITE(copy, fields, 1, kind, 9); }
static void field_derived(struct copy *copy)
{
	uint32_t last = field(&copy->image, "copy", "last");

	WRITE(copy, fields, last, derive[1], last - copy->image.records[record(&copy->image, "copy")].fields.first);
}
static void layer_area(struct copy *copy) { WRITE(copy, layers, 1, code, OFF); }
static void layer_name(struct copy *copy) { WRITE(copy, layers, 0, name, BAD); }
static void layer_force(struct copy *copy) { WRITE(copy, layers, 1, force.flags, 8); }
static void second_base(struct copy *copy) { WRITE(copy, layers, 1, codeset, IMAGE_NONE); }
static void no_base(struct copy *copy)	/* a file without that table */
{
	struct image_head *head = head_of(copy);
	uint32_t at = head->section[IMAGE_SECTION_layers].at;
	uint32_t size = copy->image.n_layers * (uint32_t)sizeof *copy->image.layers;

	assert_int_equal(size % 8, 0);
	memmove(copy->bytes + at, copy->bytes + at + size, copy->size - at - size);
	head->section[IMAGE_SECTION_layers].count = 0;
	for (int i = IMAGE_SECTION_layers + 1; i < IMAGE_SECTIONS; i++)
		head->section[i].at -= size;
	copy->size -= size;
	head->size -= size;
}
static void source_name(struct copy *copy) { WRITE(copy, sources, 0, id, BAD); }
static void source_kind(struct copy *copy) { WRITE(copy, sources, 0, kind, OFF); }
static void source_passages(struct copy *copy) { WRITE(copy, sources, 0, passages.first, 1); }
static void passages_over(struct copy *copy)
{
	uint32_t last = copy->image.n_sources - 1;

	WRITE(copy, sources, last, passages.count, copy->image.sources[last].passages.count - 1);
}
static void passage_source(struct copy *copy) { WRITE(copy, passages, 0, source, 1); }
static void reading_passage(struct copy *copy) { WRITE(copy, readings, 0, passage, OFF); }
static void reading_confirmed(struct copy *copy) { WRITE(copy, readings, 0, confirmed_on, INT32_MAX); }
static void reading_chosen(struct copy *copy) { WRITE(copy, readings, 0, chosen, 2); }
static void option_name(struct copy *copy) { WRITE(copy, options, 1, name, BAD); }
static void options_over(struct copy *copy) { WRITE(copy, readings, 0, options.count, 1); }

/* 20-29: plans */
static void slot_record(struct copy *copy) { WRITE(copy, slots, 0, record, OFF); }
static void slot_name(struct copy *copy) { WRITE(copy, slots, 0, name, BAD); }
static void slot_row(struct copy *copy) { WRITE(copy, slots, 0, row, 64); }
static void slot_kind(struct copy *copy) { WRITE(copy, slots, 0, kind, 9); }
static void slot_keys(struct copy *copy) { WRITE(copy, slots, slot(&copy->image, "customer"), keys.count, OFF); }
static void link_from(struct copy *copy) { WRITE(copy, slots, slot(&copy->image, "loan"), from, OFF); }
static uint32_t value_of_kind(const struct image *image, uint32_t kind)
{
	for (uint32_t i = 0; i < image->n_values; i++)
		if (image->values[i].kind == kind)
			return i;
	fail_msg("no value of kind %u", kind);
	return 0;
}
static void value_kind(struct copy *copy) { WRITE(copy, values, 0, kind, 9); }
static void value_name(struct copy *copy) { WRITE(copy, values, 0, name, BAD); }
static void value_row(struct copy *copy) { WRITE(copy, values, 0, row, 64); }
static void value_input(struct copy *copy) { WRITE(copy, values, value_of_kind(&copy->image, IMAGE_VALUE_REQUEST), of, OFF); }
static void value_slot(struct copy *copy) { WRITE(copy, values, value_of_kind(&copy->image, IMAGE_VALUE_FIELD), of, OFF); }
static void value_list(struct copy *copy) { WRITE(copy, values, value_of_kind(&copy->image, IMAGE_VALUE_ROWS), of, OFF); }
static void value_field(struct copy *copy) { WRITE(copy, values, value_of_kind(&copy->image, IMAGE_VALUE_FIELD), field, OFF); }
static void finding_shape(struct copy *copy)
{
	uint32_t careful = record(&copy->image, "careful");

	WRITE(copy, records, careful, valid[0], copy->image.records[careful].valid[1]);
}
static void finding_codes(struct copy *copy) { WRITE(copy, fields, field(&copy->image, "careful", "finding"), target, 1); }
static void link_through_set(struct copy *copy)
{
	words_at(copy, IMAGE_SECTION_keys, copy->image.slots[slot(&copy->image, "loan")].keys.first,
		 value(&copy->image, "card.friends") | IMAGE_KEY_EACH);
}
static void slot_input(struct copy *copy) { WRITE(copy, slots, slot(&copy->image, "customer"), from, OFF); }
static void slot_input_of_other(struct copy *copy) { WRITE(copy, slots, slot(&copy->image, "customer"), from, 1); }
static void slot_list(struct copy *copy) { WRITE(copy, slots, slot(&copy->image, "denial"), from, OFF); }
static void slot_reference(struct copy *copy)
{
	WRITE(copy, slots, slot(&copy->image, "copy.branch"), from, value(&copy->image, "customer.guardian"));
}
static void slot_reference_after(struct copy *copy) { WRITE(copy, slots, slot(&copy->image, "copy.branch"), from, OFF); }
static void slot_half_key(struct copy *copy) { WRITE(copy, slots, slot(&copy->image, "loan"), keys.count, 1); }
static void slot_key_of_other(struct copy *copy)
{
	words_at(copy, IMAGE_SECTION_keys, copy->image.slots[slot(&copy->image, "loan")].keys.first,
		 value(&copy->image, "channel"));
}
static void scan_bound(struct copy *copy) { WRITE(copy, scans, 0, bound, 257); }
static void scan_where(struct copy *copy) { WRITE(copy, scans, scan(&copy->image, "denial"), where, TRUTH(2)); }
static void scan_where_of_other_row(struct copy *copy)
{
	const struct image *image = &copy->image;

	WRITE(copy, scans, scan(image, "denial"), where, image->scans[scan(image, "loans")].where);
}
static void scan_key(struct copy *copy) { WRITE(copy, scans, 0, keys.count, 0); }
static void scan_name(struct copy *copy) { WRITE(copy, scans, 0, name, BAD); }
static void scan_record(struct copy *copy) { WRITE(copy, scans, 0, record, OFF); }
static void scan_row(struct copy *copy) { WRITE(copy, scans, scan(&copy->image, "family"), record, 0); }
static void pivot(struct copy *copy) { WRITE(copy, plans, copy->image.questions[0].plan, pivot, IMAGE_NONE); }
static void feature_name(struct copy *copy) { WRITE(copy, features, 0, name, BAD); }
static void feature_row(struct copy *copy) { WRITE(copy, features, 0, row, 64); }
static void feature_value(struct copy *copy)
{
	WRITE(copy, features, feature(&copy->image, IMAGE_FEATURE_CODE, 0), a, value(&copy->image, "today"));
}
static void feature_second(struct copy *copy) { WRITE(copy, features, feature(&copy->image, IMAGE_FEATURE_CODE, 0), b, OFF); }
static void feature_second_of_slot(struct copy *copy)
{
	uint32_t about = feature(&copy->image, IMAGE_FEATURE_PRESENT, 0);

	assert_int_not_equal(copy->image.features[about].a, IMAGE_NONE);
	WRITE(copy, features, about, b, OFF);
}
static void feature_list(struct copy *copy) { WRITE(copy, features, 0, scan, 0); }
static void feature_dates(struct copy *copy) { WRITE(copy, features, 0, cuts.count, 1); }
static void feature_root(struct copy *copy) { WRITE(copy, features, feature(&copy->image, IMAGE_FEATURE_SOME, 0), root, TRUTH(2)); }
static void feature_size(struct copy *copy) { WRITE(copy, features, 0, size, copy->image.features[0].size + 1); }
static void feature_classes(struct copy *copy) { WRITE(copy, features, 0, nclasses, 0); }
static void class_order(struct copy *copy) { WRITE(copy, features, 0, classes, copy->image.features[0].classes + 1); }
static void class_empty(struct copy *copy) { WRITE(copy, features, 0, nclasses, copy->image.features[0].nclasses + 1); }
static void cut_flags(struct copy *copy) { WRITE(copy, cuts, 0, flags, 4); }
static void cut_far(struct copy *copy) { WRITE(copy, cuts, 0, count, 90001); }
static void cut_order(struct copy *copy)
{
	uint32_t first = copy->image.features[feature(&copy->image, IMAGE_FEATURE_CALENDAR, 2)].cuts.first;

	WRITE(copy, cuts, first + 1, count, copy->image.cuts[first].count);
}
static void plan_slots(struct copy *copy) { WRITE(copy, plans, 0, slots.count, OFF); }
static void plan_of_both(struct copy *copy) { WRITE(copy, plans, copy->image.questions[0].plan, record, 0); }
static void plan_second(struct copy *copy)
{
	uint32_t card = copy->image.records[record(&copy->image, "card")].plan;

	WRITE(copy, records, record(&copy->image, "card"), plan, IMAGE_NONE);
	WRITE(copy, records, record(&copy->image, "card"), musts.count, 0);
	WRITE(copy, plans, card, record, IMAGE_NONE);
	WRITE(copy, plans, card, question, 0);
}

/* 30-35: diagrams */
static uint32_t first_word(struct copy *copy) { return question_plan(&copy->image)->nodes.first; }
static void node_feature(struct copy *copy) { words_at(copy, IMAGE_SECTION_nodes, first_word(copy), OFF); }
static void node_cut(struct copy *copy)
{
	WRITE(copy, plans, copy->image.questions[0].plan, nodes.count, question_plan(&copy->image)->nodes.count - 1);
}
static void child_itself(struct copy *copy) { words_at(copy, IMAGE_SECTION_nodes, first_word(copy) + 1, 0); }
static void child_within(struct copy *copy)	/* a place inside a node */
{
	uint32_t a, b;

	neighbours(&copy->image, &a, &b);
	words_at(copy, IMAGE_SECTION_nodes, first_word(copy) + b + 1, a + 1);
}
static void child_same_level(struct copy *copy)
{
	uint32_t a, b;

	neighbours(&copy->image, &a, &b);
	words_at(copy, IMAGE_SECTION_nodes, first_word(copy) + b + 1, a);
}
static void children_one(struct copy *copy)
{
	const struct image_plan *plan = question_plan(&copy->image);

	for (uint32_t i = 0; i < arity(&copy->image, plan, 0); i++)
		words_at(copy, IMAGE_SECTION_nodes, plan->nodes.first + 1 + i, TRUTH(0));
}
static void nodes_swapped(struct copy *copy)
{
	uint32_t a, b, count, first = first_word(copy);

	neighbours(&copy->image, &a, &b);
	count = b - a;
	for (uint32_t i = 0; i < count; i++) {
		words_at(copy, IMAGE_SECTION_nodes, first + a + i, copy->image.nodes[first + b + i]);
		words_at(copy, IMAGE_SECTION_nodes, first + b + i, copy->image.nodes[first + a + i]);
	}
}
static void node_twice(struct copy *copy)
{
	uint32_t a, b, first = first_word(copy);

	neighbours(&copy->image, &a, &b);
	for (uint32_t i = 0; i < b - a; i++)
		words_at(copy, IMAGE_SECTION_nodes, first + b + i, copy->image.nodes[first + a + i]);
}
static void unreached(struct copy *copy)
{
	for (uint32_t i = 0; i < copy->image.n_conjuncts; i++)
		WRITE(copy, conjuncts, i, root, TRUTH(1));
}

/* A feature of the question whose last answer shares its class with another. */
static uint32_t shared_last_class(const struct image *image)
{
	const struct image_plan *plan = question_plan(image);

	for (uint32_t i = plan->features.first; i < plan->features.first + plan->features.count; i++) {
		const struct image_feature *about = &image->features[i];
		const uint8_t *classes = image->classes + about->classes;

		if (about->nclasses < about->size && memchr(classes, classes[about->size - 1], about->size - 1))
			return i;
	}
	fail_msg("no feature with such a class");
	return 0;
}

/* Gives every node of the feature one child more, the same as that of class `same`; `moved` by old word. */
static uint32_t widen_nodes(const struct image *image, uint32_t of, uint32_t same, uint32_t *words, uint32_t *moved)
{
	const struct image_plan *plan = question_plan(image);
	const uint32_t *old = image->nodes + plan->nodes.first;
	uint32_t out = 0;

	for (uint32_t word = 0; word < plan->nodes.count;) {
		uint32_t children = arity(image, plan, word);

		moved[word] = out;
		words[out++] = old[word];
		for (uint32_t i = 0; i < children; i++)
			words[out++] = image_is_terminal(old[word + 1 + i]) ? old[word + 1 + i] : moved[old[word + 1 + i]];
		if (plan->features.first + old[word] == of) {
			words[out] = words[out - children + same];
			out++;
		}
		word += 1 + children;
	}
	return out;
}

/* Puts other words, more of them, in the place of the question's. */
static void replace_nodes(struct copy *copy, const uint32_t *words, uint32_t count)
{
	const struct image *image = &copy->image;
	const struct image_plan *plan = question_plan(image);
	struct image_head *head = head_of(copy);
	uint32_t end = plan->nodes.first + plan->nodes.count, more = count - plan->nodes.count;
	uint32_t from = head->section[IMAGE_SECTION_nodes].at, behind = head->section[IMAGE_SECTION_nodes + 1].at;
	uint32_t shift = (from + (image->n_nodes + more) * 4 + 7) / 8 * 8 - behind;

	assert_true(shift < ROOM);
	memmove(copy->bytes + behind + shift, copy->bytes + behind, copy->size - behind);
	memset(copy->bytes + from + plan->nodes.first * 4, 0, behind + shift - from - plan->nodes.first * 4);
	memcpy(copy->bytes + from + plan->nodes.first * 4, words, count * 4);
	memcpy(copy->bytes + from + (end + more) * 4, image->nodes + end, (image->n_nodes - end) * 4);
	head->section[IMAGE_SECTION_nodes].count += more;
	for (int i = IMAGE_SECTION_nodes + 1; i < IMAGE_SECTIONS; i++)
		head->section[i].at += shift;
	copy->size += shift;
	head->size = copy->size;
	WRITE(copy, plans, image->questions[0].plan, nodes.count, count);
	for (uint32_t i = 0; i < image->n_plans; i++)
		if (image->plans[i].nodes.first >= end)
			WRITE(copy, plans, i, nodes.first, image->plans[i].nodes.first + more);
}

static uint32_t moved_ref(const uint32_t *moved, uint32_t ref)
{
	return image_is_terminal(ref) ? ref : moved[ref];
}

/* Every reference into the question's nodes. */
static void move_refs(struct copy *copy, const uint32_t *moved)
{
	const struct image *image = &copy->image;
	const struct image_plan *plan = question_plan(image);
	struct image_range scans = plan->scans, features = plan->features, musts = image->questions[0].musts;

	for (uint32_t i = scans.first; i < scans.first + scans.count; i++)
		WRITE(copy, scans, i, where, moved_ref(moved, image->scans[i].where));
	for (uint32_t i = features.first; i < features.first + features.count; i++)
		if (image->features[i].kind == IMAGE_FEATURE_SOME)
			WRITE(copy, features, i, root, moved_ref(moved, image->features[i].root));
	for (uint32_t i = musts.first; i < musts.first + musts.count; i++)
		WRITE(copy, musts, i, root, moved_ref(moved, image->musts[i].root));
	for (uint32_t i = 0; i < image->n_answers; i++)
		WRITE(copy, answers, i, root, moved_ref(moved, image->answers[i].root));
	for (uint32_t i = 0; i < image->n_rules; i++) {
		WRITE(copy, rules, i, on, moved_ref(moved, image->rules[i].on));
		WRITE(copy, rules, i, root_on, moved_ref(moved, image->rules[i].root_on));
		if (image->rules[i].open != IMAGE_NONE)
			WRITE(copy, rules, i, open, moved_ref(moved, image->rules[i].open));
		WRITE(copy, rules, i, ladder, moved_ref(moved, image->rules[i].ladder));
	}
	for (uint32_t i = 0; i < image->n_conjuncts; i++)
		WRITE(copy, conjuncts, i, root, moved_ref(moved, image->conjuncts[i].root));
	for (uint32_t i = 0; i < image->n_notes; i++)
		WRITE(copy, notes, i, root, moved_ref(moved, image->notes[i].root));
	for (uint32_t i = 0; i < image->n_dues; i++)
		WRITE(copy, dues, i, guard, moved_ref(moved, image->dues[i].guard));
	WRITE(copy, questions, 0, root, moved_ref(moved, image->questions[0].root));
	WRITE(copy, questions, 0, analysis, moved_ref(moved, image->questions[0].analysis));
	for (uint32_t i = 0; i < image->n_told; i++)
		WRITE(copy, told, i, root, moved_ref(moved, image->told[i].root));
}

/* One class becomes two that every node treats alike: the same function in other bytes. */
static void class_split(struct copy *copy)
{
	const struct image *image = &copy->image;
	uint32_t of = shared_last_class(image), count = question_plan(image)->nodes.count;
	const struct image_feature *about = &image->features[of];
	uint32_t last = about->classes + about->size - 1;
	uint32_t *words = calloc(2 * count, sizeof *words), *moved = calloc(count, sizeof *moved);

	assert_true(words && moved);
	replace_nodes(copy, words, widen_nodes(image, of, image->classes[last], words, moved));
	move_refs(copy, moved);
	copy->bytes[head_of(copy)->section[IMAGE_SECTION_classes].at + last] = (uint8_t)about->nclasses;
	WRITE(copy, features, of, nclasses, about->nclasses + 1);
	free(words);
	free(moved);
}

static void moves(struct copy *copy)
{
	uint32_t about = feature(&copy->image, IMAGE_FEATURE_POSITION, 0);

	WRITE(copy, features, about, flags, copy->image.features[about].flags ^ IMAGE_MOVES);
}
static void value_hangs(struct copy *copy)
{
	uint32_t at = question_plan(&copy->image)->values.first + value(&copy->image, "card.kinds");

	WRITE(copy, values, at, flags, copy->image.values[at].flags ^ IMAGE_HANGS_PIVOT);
}
static void slot_hangs(struct copy *copy) { WRITE(copy, slots, slot(&copy->image, "loan"), row, 0); }
static void scan_hangs(struct copy *copy)
{
	uint32_t theirs = scan(&copy->image, "theirs");

	WRITE(copy, scans, theirs, flags, copy->image.scans[theirs].flags ^ IMAGE_HANGS_PIVOT);
}
static void feature_hangs(struct copy *copy)
{
	uint32_t about = feature(&copy->image, IMAGE_FEATURE_MEMBER, 0);

	WRITE(copy, features, about, flags, copy->image.features[about].flags ^ IMAGE_HANGS_PIVOT);
}

/* 36: circles */
static void some_asks_itself(struct copy *copy)
{
	WRITE(copy, features, feature(&copy->image, IMAGE_FEATURE_SOME, 0), root,
	      copy->image.rules[rule(&copy->image, "refused-by-denial")].on);
}
/* The rows of a family's cards are chosen by whether a kind is among the kinds of the family's cards. */
static void list_asks_itself(struct copy *copy)
{
	const struct image *image = &copy->image;
	const struct image_plan *plan = question_plan(image);
	const uint32_t *words = image->nodes + plan->nodes.first;
	uint32_t inside = feature(image, IMAGE_FEATURE_INSIDE, 0) - plan->features.first;

	for (uint32_t word = 0; word < plan->nodes.count; word += 1 + arity(image, plan, word)) {
		if (words[word] != inside || words[word + 1] != TRUTH(0) || words[word + 2] != TRUTH(1))
			continue;
		WRITE(copy, scans, scan(image, "family"), where, word);
		return;
	}
	fail_msg("no node asks that");
}

/* 40-55: rules, duties, questions */
static uint32_t lending(struct copy *copy) { return rule(&copy->image, "lending"); }
static void rule_name(struct copy *copy) { WRITE(copy, rules, 0, name, BAD); }
static void rule_layer(struct copy *copy) { WRITE(copy, rules, 0, layer, OFF); }
static void rule_list(struct copy *copy) { WRITE(copy, rules, 0, parents.count, OFF); }
static void rule_cites_nothing_there(struct copy *copy)
{
	words_at(copy, IMAGE_SECTION_links, copy->image.rules[0].cites.first, OFF);
}
static void rule_circle(struct copy *copy)
{
	const struct image *image = &copy->image;
	uint32_t exception = rule(image, "not-yet");

	WRITE(copy, rules, exception, children.first, image->rules[exception].parents.first);
	WRITE(copy, rules, exception, children.count, 1);
}
static void rule_parents_circle(struct copy *copy)
{
	uint32_t about = lending(copy);

	WRITE(copy, rules, about, parents.first, copy->image.rules[about].children.first);
	WRITE(copy, rules, about, parents.count, 1);
}
static void rule_without_its_parent(struct copy *copy)
{
	WRITE(copy, rules, rule(&copy->image, "not-yet"), parents.count, 0);
}
static void rule_without_its_children(struct copy *copy) { WRITE(copy, rules, lending(copy), children.count, 0); }
static void rule_below_as_an_overlay(struct copy *copy)
{
	WRITE(copy, rules, rule(&copy->image, "not-yet"), flags, IMAGE_RULE_CUT);
}
static void rule_uncited(struct copy *copy) { WRITE(copy, rules, lending(copy), cites.count, 0); }
static void rule_on(struct copy *copy) { WRITE(copy, rules, lending(copy), on, TRUTH(2)); }
static void rule_on_row(struct copy *copy)	/* a condition that speaks of a row at hand */
{
	WRITE(copy, rules, lending(copy), root_on, copy->image.features[feature(&copy->image, IMAGE_FEATURE_SOME, 0)].root);
}
static void rule_ladder(struct copy *copy) { WRITE(copy, rules, lending(copy), ladder, TRUTH(IMAGE_RANKED(1, 4000))); }
static void rule_conjuncts(struct copy *copy) { WRITE(copy, rules, lending(copy), conjuncts.count, OFF); }
static void conjunct_root(struct copy *copy) { WRITE(copy, conjuncts, 0, root, TRUTH(2)); }
static uint32_t opened(const struct copy *copy)	/* a condition whose parts are told */
{
	for (uint32_t i = 0; i < copy->image.n_conjuncts; i++)
		if (copy->image.conjuncts[i].parts.count)
			return i;
	fail_msg("no named condition is a list");
	return 0;
}
static void conjunct_parts(struct copy *copy) { WRITE(copy, conjuncts, opened(copy), parts.count, OFF); }
static void conjunct_deep(struct copy *copy)
{
	uint32_t part = copy->image.conjuncts[opened(copy)].parts.first;

	WRITE(copy, conjuncts, part, parts.count, 1);
}
static void conjunct_cites(struct copy *copy) { WRITE(copy, conjuncts, opened(copy), cites.count, OFF); }
static uint32_t effect(const struct copy *copy, uint32_t kind)
{
	for (uint32_t i = 0; i < copy->image.n_effects; i++)
		if (copy->image.effects[i].kind == kind)
			return i;
	fail_msg("no effect of kind %u", kind);
	return 0;
}
static void effect_layer(struct copy *copy) { WRITE(copy, effects, 0, layer, BAD); }
static void effect_codes(struct copy *copy) { WRITE(copy, effects, effect(copy, IMAGE_EFFECT_CODES), codes.count, OFF); }
static void effect_cites(struct copy *copy) { WRITE(copy, effects, 0, cites.count, OFF); }
static void note_what(struct copy *copy) { WRITE(copy, notes, 0, what, BAD); }
static void note_root(struct copy *copy) { WRITE(copy, notes, 0, root, TRUTH(2)); }
static uint32_t duty(struct copy *copy, const char *name)
{
	for (uint32_t i = 0; i < copy->image.n_duties; i++)
		if (copy->image.duties[i].rule == rule(&copy->image, name))
			return i;
	fail_msg("no duty %s", name);
	return 0;
}
static void duty_rule(struct copy *copy) { WRITE(copy, duties, 0, rule, OFF); }
static void duty_bearer(struct copy *copy) { WRITE(copy, duties, duty(copy, "bring-back"), bearer, 2); }
static void duty_bearer_set(struct copy *copy) { WRITE(copy, duties, duty(copy, "bring-back"), bearer_set, OFF); }
static void duty_redacts(struct copy *copy) { WRITE(copy, duties, duty(copy, "hides"), redacts.count, OFF); }
static void duty_redact_set(struct copy *copy) { WRITE(copy, duties, duty(copy, "hides"), redact_set, OFF); }
static void duty_dues(struct copy *copy) { WRITE(copy, duties, duty(copy, "bring-back"), dues.count, OFF); }
static void due_guard(struct copy *copy) { WRITE(copy, dues, 0, guard, TRUTH(2)); }
static void due_value(struct copy *copy) { WRITE(copy, dues, 0, value, value(&copy->image, "card.kinds")); }
static void due_flags(struct copy *copy) { WRITE(copy, dues, 0, flags, 2); }
static uint32_t terminal(struct copy *copy, uint32_t outcome, bool duties)
{
	for (uint32_t i = 0; i < copy->image.n_terminals; i++)
		if (copy->image.terminals[i].outcome == outcome && (!duties || copy->image.terminals[i].duties.count))
			return i;
	fail_msg("no terminal of outcome %u", outcome);
	return 0;
}
static void terminal_witness(struct copy *copy) { WRITE(copy, terminals, terminal(copy, IMAGE_OUT_GRANTED, false), witness, IMAGE_NONE); }
static void terminal_witness_verb(struct copy *copy)
{
	WRITE(copy, terminals, terminal(copy, IMAGE_OUT_GRANTED, false), witness, rule(&copy->image, "banned"));
}
static void terminal_outcome(struct copy *copy) { WRITE(copy, terminals, terminal(copy, IMAGE_OUT_FORBIDDEN, false), outcome, IMAGE_OUT_GRANTED); }
static void terminal_unwitnessed(struct copy *copy) { WRITE(copy, terminals, terminal(copy, IMAGE_OUT_NOT_GRANTED, false), outcome, IMAGE_OUT_GRANTED); }
static void terminal_duties(struct copy *copy) { WRITE(copy, terminals, 0, duties.count, OFF); }
static void duty_order(struct copy *copy)
{
	words_at(copy, IMAGE_SECTION_duty_lists,
		 copy->image.terminals[terminal(copy, IMAGE_OUT_GRANTED, true)].duties.first, OFF);
}
static void action_name(struct copy *copy) { WRITE(copy, actions, 0, name, BAD); }
static void input_actions(struct copy *copy) { WRITE(copy, inputs, 0, found, 8); }
static void input_flags(struct copy *copy) { WRITE(copy, inputs, 0, flags, IMAGE_FIELD_KEY); }
static void input_bound(struct copy *copy)
{
	assert_true(copy->image.inputs[3].flags & IMAGE_FIELD_SET);
	WRITE(copy, inputs, 3, bound, 257);
}
static void input_type(struct copy *copy) { WRITE(copy, inputs, 0, kind, 9); }
static void input_found(struct copy *copy)
{
	assert_int_equal(copy->image.inputs[2].kind, IMAGE_TYPE_CODE);
	WRITE(copy, inputs, 2, given, 0);
	WRITE(copy, inputs, 2, found, 7);
}
static void must_of_request(struct copy *copy) { WRITE(copy, musts, copy->image.questions[0].musts.first, root, TRUTH(2)); }
static void must_of_record(struct copy *copy)
{
	WRITE(copy, musts, copy->image.records[record(&copy->image, "card")].musts.first, text, BAD);
}
static void answer_codes(struct copy *copy) { WRITE(copy, answers, 0, codeset, OFF); }
static void answer_root(struct copy *copy) { WRITE(copy, answers, 0, root, TRUTH(3)); }
static void told_number(struct copy *copy) { WRITE(copy, told, 0, number, OFF); }
static void told_kind(struct copy *copy) { WRITE(copy, told, 0, kind, IMAGE_TOLD_DUE + 1); }
static void told_root(struct copy *copy) { WRITE(copy, told, 0, root, TRUTH(IMAGE_OUT_SILENT)); }
/* Of all that is told the whole decision hangs on what is not shown. */
static void told_hidden(struct copy *copy) { WRITE(copy, told, 0, root, copy->image.questions[0].analysis); }
static void feature_hidden(struct copy *copy)
{
	const struct image_plan *plan = question_plan(&copy->image);

	for (uint32_t i = 0; i < plan->features.count; i++)
		WRITE(copy, features, plan->features.first + i, shown, 0);
}
static void question_told(struct copy *copy) { WRITE(copy, questions, 0, told.count, OFF); }
static void question_area(struct copy *copy) { WRITE(copy, questions, 0, layer_value, value(&copy->image, "today")); }
static void question_name(struct copy *copy) { WRITE(copy, questions, 0, name, BAD); }
static void question_plan_other(struct copy *copy) { WRITE(copy, questions, 0, plan, OFF); }
static void question_rules(struct copy *copy) { WRITE(copy, questions, 0, rules.count, OFF); }
static void question_actions(struct copy *copy) { WRITE(copy, questions, 0, actions.count, 0); }
static void question_root(struct copy *copy) { WRITE(copy, questions, 0, root, TRUTH(OFF)); }
static void question_root_truth(struct copy *copy) { WRITE(copy, questions, 0, root, 1); }
static void question_analysis(struct copy *copy) { WRITE(copy, questions, 0, analysis, TRUTH(IMAGE_OUT_SILENT)); }
static void question_steps(struct copy *copy) { WRITE(copy, questions, 0, max_steps, copy->image.questions[0].max_steps + 1); }
static void question_fetches(struct copy *copy) { WRITE(copy, questions, 0, max_fetches, copy->image.questions[0].max_fetches - 1); }
/* 56: AuthZEN */
static void entity_part(struct copy *copy) { WRITE(copy, entities, 0, part, OFF); }
static void entity_input(struct copy *copy) { WRITE(copy, entities, 0, id, OFF); }
static void entity_twice(struct copy *copy)
{
	WRITE(copy, entities, 1, part, copy->image.entities[0].part);
	WRITE(copy, entities, 1, type, copy->image.entities[0].type);
}

static const struct damage {
	unsigned check;
	const char *what;
	damage_fn *damage;
	const char *name;
} damages[] = {
#define DAMAGE(check, what, damage) { check, what, damage, #damage }
	DAMAGE(1, "not an image: it does not begin as one", magic),
	DAMAGE(2, "an image of another format", newer),
	DAMAGE(2, "an image of another format", other_endian),
	DAMAGE(3, "the file is cut, or longer than it says", longer_head),
	DAMAGE(3, "the file is cut, or longer than it says", more_tables),
	DAMAGE(4, "the contents do not match the digest", no_seal),
	DAMAGE(5, "a table does not lie where it should", moved_table),
	DAMAGE(5, "a table does not lie where it should", huge_table),
	DAMAGE(6, "bytes between tables are not zero", between_tables),
	DAMAGE(7, "bytes behind the last table", behind_tables),
	DAMAGE(8, "the strings do not begin and end as they should", strings_begin),
	DAMAGE(9, "a string is not UTF-8", latin_1),
	DAMAGE(9, "a string is not UTF-8", overlong),
	DAMAGE(9, "a string is not UTF-8", surrogate),
	DAMAGE(9, "a string is not UTF-8", beyond_unicode),
	DAMAGE(9, "a string is not UTF-8", long_overlong),
	DAMAGE(9, "a string is not UTF-8", control),
	DAMAGE(9, "a string does not begin where it is said to", mid_string),
	DAMAGE(9, "the days of force are out of range", no_day),
	DAMAGE(10, "a name is out of range", codeset_name),
	DAMAGE(10, "its codes are out of range", codeset_codes),
	DAMAGE(10, "its attribute is out of range", codeset_attribute),
	DAMAGE(10, "codes that belong to no set", codes_over),
	DAMAGE(10, "the set of yes and no is missing", one_yesno),
	DAMAGE(11, "a name is out of range", code_name),
	DAMAGE(11, "its attribute is out of range", code_attribute),
	DAMAGE(12, "its name or flags are out of range", record_name),
	DAMAGE(12, "its name or flags are out of range", record_flags),
	DAMAGE(12, "its fields are out of range", record_fields),
	DAMAGE(12, "its key is out of range", record_key),
	DAMAGE(12, "what it is valid by is no date", record_valid),
	DAMAGE(12, "who changes it is no bearer", record_changed),
	DAMAGE(13, "who changes it is no bearer", field_changed),
	DAMAGE(12, "its checks are out of range", record_musts),
	DAMAGE(12, "its checks are out of range", record_plan),
	DAMAGE(12, "fields that belong to no record", fields_over),
	DAMAGE(13, "a key field that identifies nothing", key_open),
	DAMAGE(13, "a name is out of range", field_name),
	DAMAGE(13, "a set without a bound", field_bound),
	DAMAGE(13, "its flags are not what its place says", field_key),
	DAMAGE(13, "its type is out of range", field_type),
	DAMAGE(13, "its type is out of range", field_kind),
	DAMAGE(14, "it is derived from no date", field_derived),
	DAMAGE(15, "its area is out of range", layer_area),
	DAMAGE(15, "its name or force is out of range", layer_name),
	DAMAGE(15, "its name or force is out of range", layer_force),
	DAMAGE(15, "only the base is of no area", second_base),
	DAMAGE(15, "there is no base", no_base),
	DAMAGE(16, "a name or force is out of range", source_name),
	DAMAGE(16, "its kind is out of range", source_kind),
	DAMAGE(16, "its passages are out of range", source_passages),
	DAMAGE(16, "passages that belong to no source", passages_over),
	DAMAGE(17, "it is out of range", passage_source),
	DAMAGE(18, "it is out of range", reading_passage),
	DAMAGE(18, "it is out of range", reading_confirmed),
	DAMAGE(18, "its options are out of range", reading_chosen),
	DAMAGE(18, "an option is out of range", option_name),
	DAMAGE(18, "options that belong to no reading", options_over),
	DAMAGE(19, "it is out of range", effect_layer),
	DAMAGE(19, "its codes are out of range", effect_codes),
	DAMAGE(19, "it cites what there is not", effect_cites),
	DAMAGE(20, "its record is out of range", slot_record),
	DAMAGE(20, "its record or name is out of range", slot_name),
	DAMAGE(20, "its row is out of range", slot_row),
	DAMAGE(20, "a slot of no kind", slot_kind),
	DAMAGE(20, "it is found in two ways", slot_keys),
	DAMAGE(20, "it is found in two ways", link_from),
	DAMAGE(21, "a value of no kind", value_kind),
	DAMAGE(21, "its name or flags are out of range", value_name),
	DAMAGE(21, "its row is out of range", value_row),
	DAMAGE(21, "it is of no input", value_input),
	DAMAGE(21, "it is of no slot", value_slot),
	DAMAGE(21, "it is of no list", value_list),
	DAMAGE(21, "its record has no such field", value_field),
	DAMAGE(22, "a finding has another shape", finding_shape),
	DAMAGE(22, "a finding has another shape", finding_codes),
	DAMAGE(22, "a whole key runs through no set", link_through_set),
	DAMAGE(22, "it is of no input", slot_input),
	DAMAGE(22, "the input is of another record", slot_input_of_other),
	DAMAGE(22, "it is the row of no list", slot_list),
	DAMAGE(22, "it refers to another record", slot_reference),
	DAMAGE(22, "its reference is not known before it", slot_reference_after),
	DAMAGE(22, "its key is not the record's", slot_half_key),
	DAMAGE(22, "its key is not the record's", slot_key_of_other),
	DAMAGE(23, "its bound is out of range", scan_bound),
	DAMAGE(23, "its condition is no diagram over its row", scan_where),
	DAMAGE(23, "its condition is no diagram over its row", scan_where_of_other_row),
	DAMAGE(23, "its key is not the record's", scan_key),
	DAMAGE(23, "its record or name is out of range", scan_name),
	DAMAGE(23, "its record or row is out of range", scan_record),
	DAMAGE(23, "its row is another's", scan_row),
	DAMAGE(23, "the pivot is another", pivot),
	DAMAGE(24, "its name, dates or codes are out of range", feature_name),
	DAMAGE(24, "its row is out of range", feature_row),
	DAMAGE(25, "its values are not of the kinds it needs", feature_value),
	DAMAGE(25, "its values are not of the kinds it needs", feature_second),
	DAMAGE(25, "its values are not of the kinds it needs", feature_second_of_slot),
	DAMAGE(25, "its values are not of the kinds it needs", feature_list),
	DAMAGE(25, "its values are not of the kinds it needs", feature_dates),
	DAMAGE(25, "its condition is no diagram over its row", feature_root),
	DAMAGE(26, "it has more or fewer answers than it can give", feature_size),
	DAMAGE(26, "its classes are out of range", feature_classes),
	DAMAGE(27, "its classes are not numbered by their least answer", class_order),
	DAMAGE(27, "a class without an answer", class_empty),
	DAMAGE(28, "a date is out of range", cut_flags),
	DAMAGE(28, "a date is out of range", cut_far),
	DAMAGE(28, "fixed dates are not in order", cut_order),
	DAMAGE(29, "its tables are out of range", plan_slots),
	DAMAGE(29, "its tables are out of range", plan_of_both),
	DAMAGE(29, "its question or record has another plan", plan_second),
	DAMAGE(30, "a node asks no feature", node_feature),
	DAMAGE(30, "a node is cut", node_cut),
	DAMAGE(31, "a child is no earlier node", child_itself),
	DAMAGE(31, "a child is no earlier node", child_within),
	DAMAGE(31, "a child asks no later feature", child_same_level),
	DAMAGE(32, "a node whose children are all one", children_one),
	DAMAGE(32, "nodes are not in order, or stand twice", nodes_swapped),
	DAMAGE(32, "nodes are not in order, or stand twice", node_twice),
	DAMAGE(33, "a node that nothing reaches", unreached),
	DAMAGE(34, "two classes that nothing tells apart", class_split),
	DAMAGE(35, "whether it moves with today is said wrongly", moves),
	DAMAGE(35, "it hangs on something else", value_hangs),
	DAMAGE(35, "it hangs on something else", slot_hangs),
	DAMAGE(35, "it hangs on something else", scan_hangs),
	DAMAGE(35, "it hangs on something else", feature_hangs),
	DAMAGE(36, "what it asks leads back to itself", some_asks_itself),
	DAMAGE(36, "what it asks leads back to itself", list_asks_itself),
	DAMAGE(40, "a name, kind or force is out of range", rule_name),
	DAMAGE(40, "a name, kind or force is out of range", rule_layer),
	DAMAGE(41, "a list is out of range", rule_list),
	DAMAGE(41, "a list names what there is not", rule_cites_nothing_there),
	DAMAGE(41, "exceptions form a circle", rule_circle),
	DAMAGE(41, "exceptions form a circle", rule_parents_circle),
	DAMAGE(41, "a rule and its exception do not name one another", rule_without_its_parent),
	DAMAGE(41, "a rule and its exception do not name one another", rule_without_its_children),
	DAMAGE(41, "a rule and its exception do not name one another", rule_below_as_an_overlay),
	DAMAGE(42, "a rule that cites nothing", rule_uncited),
	DAMAGE(43, "its condition is no diagram of this plan", rule_on),
	DAMAGE(43, "its condition is no diagram of this plan", rule_on_row),
	DAMAGE(43, "its ladder is no diagram of this plan", rule_ladder),
	DAMAGE(44, "its conditions are out of range", rule_conjuncts),
	DAMAGE(44, "a condition is out of range", conjunct_root),
	DAMAGE(44, "what a condition demands is out of range", conjunct_parts),
	DAMAGE(44, "conditions within conditions within conditions", conjunct_deep),
	DAMAGE(44, "a condition cites what there is not", conjunct_cites),
	DAMAGE(45, "a note names what there is not", note_what),
	DAMAGE(45, "a note is no diagram of this plan", note_root),
	DAMAGE(46, "it is out of range", duty_rule),
	DAMAGE(46, "its bearer is out of range", duty_bearer),
	DAMAGE(46, "its bearer is out of range", duty_bearer_set),
	DAMAGE(46, "what it redacts is out of range", duty_redacts),
	DAMAGE(46, "what it redacts is out of range", duty_redact_set),
	DAMAGE(47, "its due dates are out of range", duty_dues),
	DAMAGE(47, "a due date is no diagram of this plan", due_guard),
	DAMAGE(47, "a due date counts from no date", due_value),
	DAMAGE(47, "a due date is out of range", due_flags),
	DAMAGE(48, "an answer without a rule that gives it", terminal_witness),
	DAMAGE(48, "an answer without a rule that gives it", terminal_witness_verb),
	DAMAGE(48, "an answer without a rule that gives it", terminal_outcome),
	DAMAGE(48, "an answer without a rule that gives it", terminal_unwitnessed),
	DAMAGE(49, "its duties are out of range", terminal_duties),
	DAMAGE(49, "its duties are not in order", duty_order),
	DAMAGE(50, "a name is out of range", action_name),
	DAMAGE(50, "its actions are out of range", input_actions),
	DAMAGE(50, "its flags or bound are out of range", input_flags),
	DAMAGE(50, "its flags or bound are out of range", input_bound),
	DAMAGE(50, "its name or type is out of range", input_type),
	DAMAGE(50, "what is found is no record", input_found),
	DAMAGE(51, "it is out of range", must_of_request),
	DAMAGE(51, "it is out of range", must_of_record),
	DAMAGE(52, "it is out of range", answer_codes),
	DAMAGE(52, "it is no diagram of this plan", answer_root),
	DAMAGE(53, "its area is out of range", question_area),
	DAMAGE(53, "its name or plan is out of range", question_name),
	DAMAGE(53, "its name or plan is out of range", question_plan_other),
	DAMAGE(53, "its tables are out of range", question_rules),
	DAMAGE(53, "its tables are out of range", question_actions),
	DAMAGE(53, "its tables are out of range", question_told),
	DAMAGE(54, "what decides is no diagram of this plan", question_root),
	DAMAGE(54, "what decides is no diagram of this plan", question_root_truth),
	DAMAGE(54, "the analysis is no diagram of this plan", question_analysis),
	DAMAGE(55, "its bounds are not what its diagrams say", question_steps),
	DAMAGE(55, "its bounds are not what its diagrams say", question_fetches),
	DAMAGE(56, "it is out of range", entity_part),
	DAMAGE(56, "it is out of range", entity_input),
	DAMAGE(56, "its type is there twice", entity_twice),
	DAMAGE(57, "it is about nothing", told_number),
	DAMAGE(57, "it is about nothing", told_kind),
	DAMAGE(57, "it is no diagram of this plan", told_root),
	DAMAGE(58, "it hangs on what whoever asks may not know", told_hidden),
	DAMAGE(58, "it hangs on what whoever asks may not know", feature_hidden),
};

enum { DAMAGES = sizeof damages / sizeof damages[0] };

static enum rko_status status_of_check(unsigned check)
{
	return check == 2 ? RKO_IMAGE_VERSION : check == 4 ? RKO_IMAGE_DIGEST : RKO_IMAGE_INVALID;
}

static void each_check_refuses(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < DAMAGES; i++) {
		struct copy copy = copy_good();
		struct image_fault fault;
		enum rko_status status;

		damages[i].damage(&copy);
		if (damages[i].check != 4)
			seal(copy.bytes, copy.size);
		status = open_exactly(copy.bytes, copy.size, &fault);
		if (status != status_of_check(damages[i].check) || fault.check != damages[i].check ||
		    strcmp(fault.what, damages[i].what) != 0) {
			print_message("%s: expected check %u (%s), found %s, check %u (%s), %s %u\n", damages[i].name,
				      damages[i].check, damages[i].what, rko_status_word(status), fault.check,
				      fault.what ? fault.what : "", fault.section ? fault.section : "", fault.index);
			wrong++;
		}
		free(copy.bytes);
	}
	assert_int_equal(wrong, 0);
}

/* What only memory that runs out can bring about, and what has a test of its own. */
static bool exempt(unsigned check, const char *what)
{
	return strcmp(what, "memory ran out") == 0 || (check == 55 && strcmp(what, "its cost cannot be computed") == 0) ||
	       (check == 41 && strcmp(what, "an exception is reached in too many ways") == 0);
}

static bool has_damage(unsigned check, const char *what)
{
	for (size_t i = 0; i < DAMAGES; i++)
		if (damages[i].check == check && strcmp(damages[i].what, what) == 0)
			return true;
	return exempt(check, what);
}

/* Where a call ends, and the last text in quotes before it. */
static const char *last_quoted(const char *at, char *text, size_t room)
{
	unsigned depth = 1;

	*text = '\0';
	for (; depth; at++) {
		if (*at == '"') {
			const char *end = strchr(at + 1, '"');

			snprintf(text, room, "%.*s", (int)(end - at - 1), at + 1);
			at = end;
		}
		depth += *at == '(';
		depth -= *at == ')';
	}
	return at;
}

/* The checks of one file; those that no damage triggers are counted. */
static size_t checks_of(const char *path, size_t *missing)
{
	char *text = file_read(path, NULL);
	size_t calls = 0;

	for (const char *at = text; *at; at++) {
		char what[200];
		unsigned check;
		int skip = 0;

		if ((sscanf(at, "REQUIRE(%u,%n", &check, &skip) != 1 || !skip) &&
		    (sscanf(at, "refuse(v, %u,%n", &check, &skip) != 1 || !skip) &&
		    (sscanf(at, "refuse(&v, %u,%n", &check, &skip) != 1 || !skip))
			continue;
		at = last_quoted(at + skip, what, sizeof what) - 1;
		calls++;
		if (!has_damage(check, what)) {
			print_message("nothing triggers check %u: %s\n", check, what);
			++*missing;
		}
	}
	free(text);
	return calls;
}

/* Every REQUIRE and refuse() of the verifier has a line in the table above. */
static void no_check_is_left_out(void **state)
{
	size_t calls = 0, missing = 0;
	glob_t files;

	(void)state;
	assert_int_equal(glob("engine/image/verify*.c", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++)
		calls += checks_of(files.gl_pathv[i], &missing);
	globfree(&files);
	assert_true(calls > 100);
	assert_int_equal(missing, 0);
}

/* Random damage ------------------------------------------------------------------------------------ */

struct dice {
	uint64_t state;
};

static uint32_t roll(struct dice *dice, uint32_t sides)
{
	dice->state ^= dice->state << 13;
	dice->state ^= dice->state >> 7;
	dice->state ^= dice->state << 17;
	return sides ? (uint32_t)((dice->state >> 16) % sides) : 0;
}

static uint64_t environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

/* A word that could do harm: near the old one, near a bound, or what stands for nothing. */
static uint32_t odd_word(struct dice *dice, uint32_t old)
{
	switch (roll(dice, 8)) {
	case 0:
		return old + 1;
	case 1:
		return old - 1;
	case 2:
		return old ^ 1u << roll(dice, 32);
	case 3:
		return IMAGE_NONE;
	case 4:
		return IMAGE_TERMINAL | roll(dice, 8);
	case 5:
		return roll(dice, 8);
	case 6:
		return roll(dice, 4000);
	}
	return IMAGE_KEY_EACH | roll(dice, 40);
}

/* Each table is hit as often as any other, however small it is. */
static void damage_at_random(struct dice *dice, uint8_t *bytes)
{
	struct image_head *head = (struct image_head *)bytes;
	static const size_t sizes[] = {
#define SECTION(member, type) sizeof(type),
#include "engine/image/sections.def"
#undef SECTION
	};
	uint32_t at, section = roll(dice, IMAGE_SECTIONS), word;

	if (!head->section[section].count)
		return;
	at = head->section[section].at + roll(dice, head->section[section].count * (uint32_t)sizes[section]);
	if (sizes[section] == 1) {
		bytes[at] = (uint8_t)odd_word(dice, bytes[at]);
		return;
	}
	at -= at % 4;
	memcpy(&word, bytes + at, 4);
	word = odd_word(dice, word);
	memcpy(bytes + at, &word, 4);
}

struct use {
	const char *policy;
	const char *facts;		/* a text, or a file */
	const char *const *requests;	/* "action field=value …" */
};

static const char *const library_requests[] = {
	"lend customer=liisa copy=c1 channel=desk wishes=book wishes=score",
	"lend customer=pekka copy=c2 channel=net wishes=film",
	"reserve customer=liisa copy=c3 channel=net wishes=game",
	"renew customer=liisa copy=c1 channel=desk wishes=",
	"reserve customer=kaisa copy=c2 channel=desk wishes=book",
	"lend customer=nobody copy=c1 channel=desk wishes=book",
	NULL,
};

static const char *const documents_requests[] = {
	"view user=liisa document=d1 network=office managed=yes",
	"edit user=pekka document=d2 network=internet managed=no",
	"delete user=liisa document=d2 network=vpn managed=yes",
	NULL,
};

static const char documents_facts[] =
	"user:\n  liisa: {staff: yes}\n  pekka: {staff: no}\n"
	"folder:\n"
	"  f1: {owner: liisa, label: internal, site: harbour}\n"
	"  f2: {owner: pekka, label: confidential, site: headquarters}\n"
	"member:\n  - {folder: f1, user: pekka, role: guest, begins: 2026-01-01, ends: open}\n"
	"document:\n"
	"  d1: {folder: f1, author: pekka, state: published}\n"
	"  d2: {folder: f2, author: liisa, state: draft}\n"
	"refreshed: 2026-06-15T11:00+03:00\n";

static const struct use uses[] = {
	{ LIBRARY, "tests/common/library.yaml", library_requests },
	{ "examples/documents", documents_facts, documents_requests },
};

/* What a field or value is wrong about is remembered by the request and refuses the decision. */
static void say(struct rko_request *request, const char *words)
{
	char text[200], *at = text, *word;

	snprintf(text, sizeof text, "%s", words);
	rko_request_clear(request);
	rko_request_action(request, strsep(&at, " "));
	while ((word = strsep(&at, " "))) {
		char *name = strsep(&word, "=");

		if (*word)
			rko_request_set(request, name, word);
		else
			rko_request_set_empty(request, name);
	}
	rko_request_at(request, instant("2026-06-15T12:00+03:00"));
}

/* Decides, explains and counts days with every request; what comes out is not judged. */
static uint64_t use_session(struct rko_session *session, struct rko_policy *policy, const struct use *use)
{
	struct rko_request *request;
	uint64_t granted = 0;

	if (!rko_policy_questions(policy) ||
	    rko_request_new(policy, strcmp(use->policy, LIBRARY) == 0 ? "library" : "documents", &request) != RKO_OK)
		return 0;
	for (size_t i = 0; use->requests[i]; i++) {
		struct rko_explanation *explanation = NULL;
		struct rko_decision decision;
		rko_day until, since;

		say(request, use->requests[i]);
		if (rko_decide(session, request, &decision) == RKO_OK)
			granted += decision.outcome == RKO_GRANTED;
		else
			assert_int_equal(decision.outcome, RKO_NOT_GRANTED);
		rko_decide_until(session, request, &decision, &until, &since);
		if (rko_explain(session, request, NULL, RKO_EN, &explanation) == RKO_OK)
			assert_non_null(rko_explanation_text(explanation, RKO_TEXT_LONG, 80));
		rko_explanation_free(explanation);
	}
	rko_request_free(request);
	return granted;
}

static void use_image(const uint8_t *bytes, size_t size, struct rko_facts *facts, const struct use *use)
{
	struct rko_policy *policy;
	struct rko_session *session;
	struct image_fault fault;
	struct buf dump = { 0 };
	struct image image;

	assert_int_equal(rko_policy_from(bytes, size, &policy, NULL), RKO_OK);
	assert_int_equal(image_open(bytes, size, &image, &fault), RKO_OK);
	image_dump(&dump, &image);
	buf_release(&dump);
	if (rko_session_open(policy, facts, &session, NULL) == RKO_OK) {
		use_session(session, policy, use);
		rko_session_close(session);
	}
	rko_policy_unref(policy);
}

static void damage_policy(const struct use *use, uint64_t rounds, struct dice *dice)
{
	struct rko_policy *policy = policy_compile(NULL, use->policy);
	char *folder = folder_new(), *text;
	struct rko_facts *facts = facts_new(folder);
	struct rko_session *session;
	uint64_t accepted = 0;
	size_t size;
	uint8_t *bytes = image_compile(NULL, use->policy, &size), *copy = malloc(size);

	assert_non_null(copy);
	text = access(use->facts, R_OK) == 0 ? file_read(use->facts, NULL) : strdup(use->facts);
	facts_load(facts, policy, text);
	free(text);
	assert_int_equal(rko_session_open(policy, facts, &session, NULL), RKO_OK);
	assert_true(use_session(session, policy, use) >= 1);	/* the requests reach something */
	rko_session_close(session);
	for (uint64_t i = 0; i < rounds; i++) {
		struct image_fault fault;

		memcpy(copy, bytes, size);
		for (uint32_t j = roll(dice, 3) + 1; j; j--)
			damage_at_random(dice, copy);
		seal(copy, size);
		if (open_exactly(copy, size, &fault) != RKO_OK)
			continue;
		accepted++;
		use_image(copy, size, facts, use);
	}
	print_message("%s: %llu of %llu damaged images passed\n", use->policy, (unsigned long long)accepted,
		      (unsigned long long)rounds);
	assert_true(accepted > 0 && accepted < rounds);
	rko_facts_close(facts);
	folder_remove(folder);
	free(bytes);
	free(copy);
	rko_policy_unref(policy);
}

static void random_damage_does_no_harm(void **state)
{
	struct dice dice = { environment("SEED", 1) * 0x9e3779b97f4a7c15ull + 1 };
	uint64_t rounds = environment("ROUNDS", 5000);

	(void)state;
	for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++)
		damage_policy(&uses[i], rounds, &dice);
}

/* Whole files -------------------------------------------------------------------------------------- */

/* Cut anywhere, it is no image; sealed again or not. */
/* As many ways as the language allows, and then one exception that stands under another rule than it was written to. */
static void ways_are_counted(void **state)
{
	struct buf text = { 0 };
	struct image_fault fault = { 0 };
	struct image image;
	uint8_t *bytes;
	uint32_t from, to;
	size_t size;

	(void)state;
	buf_string(&text, "vocabulary words version \"1\"\ncodes source_kind  act\n"
			  "source RULES act \"1\" in force 2017-01-01 ..\n  passage \"1\" en \"It is.\"\n"
			  "codes hue  red, blue\n"
			  "request access\n  asks en \"May they?\"\n  actions enter\n  given hue : hue\n"
			  "policy words version \"1\"\nchapter access\n"
			  "rule r\n  grant enter\n  when hue in { red, blue }\n  cite RULES \"1\"\n"
			  "exception a1 to r\n  withhold\n  when hue = red\n  cite RULES \"1\"\n"
			  "exception b1 to r\n  withhold\n  when hue = blue\n  cite RULES \"1\"\n");
	for (unsigned i = 2; i <= 9; i++)	/* a9 and b9 stand under r in 256 ways */
		buf_printf(&text, "exception a%u to a%u, b%u\n  %s\n  when hue = red\n  cite RULES \"1\"\n"
				  "exception b%u to a%u, b%u\n  %s\n  when hue = blue\n  cite RULES \"1\"\n",
			   i, i - 1, i - 1, i % 2 ? "withhold" : "grant", i, i - 1, i - 1, i % 2 ? "withhold" : "grant");
	bytes = image_compile(text.at, NULL, &size);
	assert_int_equal(LIMIT_WAYS, 256);
	assert_int_equal(image_open(bytes, size, &image, &fault), RKO_OK);
	from = image.rules[rule(&image, "a9")].parents.first;
	to = rule(&image, "b9");
	memcpy(bytes + ((struct image_head *)bytes)->section[IMAGE_SECTION_links].at + from * 4, &to, 4);
	seal(bytes, size);
	assert_int_equal(open_exactly(bytes, size, &fault), RKO_IMAGE_INVALID);
	assert_int_equal(fault.check, 41);
	assert_string_equal(fault.what, "an exception is reached in too many ways");
	free(bytes);
	buf_release(&text);
}

static void cut_files_are_refused(void **state)
{
	(void)state;
	for (size_t size = 0; size < good_size; size += size < 2000 ? 1 : 97) {
		struct copy copy = copy_good();
		struct image_fault fault;

		assert_int_not_equal(open_exactly(copy.bytes, size, &fault), RKO_OK);
		if (size >= sizeof(struct image_head)) {
			head_of(&copy)->size = size;
			seal(copy.bytes, size);
			assert_int_equal(open_exactly(copy.bytes, size, &fault), RKO_IMAGE_INVALID);
		}
		free(copy.bytes);
	}
}

/* Any one bit that changes is noticed by the digest, or by what stands before it. */
static void every_bit_counts(void **state)
{
	uint8_t *bytes = malloc(good_size);
	struct image_fault fault;
	struct image image;

	(void)state;
	assert_non_null(bytes);
	memcpy(bytes, good, good_size);
	for (size_t bit = 0; bit < good_size * 8; bit += bit < 4096 ? 1 : 61) {
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(image_open(bytes, good_size, &image, &fault), RKO_OK);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(image_open(bytes, good_size, &image, &fault), RKO_OK);
	free(bytes);
}

static void a_file_that_cannot_be_used(void **state)
{
	char *folder = folder_new(), *path, *missing;
	struct rko_policy *policy = NULL;
	struct rko_fault fault;
	struct copy copy = copy_good();

	(void)state;
	assert_true(asprintf(&missing, "%s/missing.image", folder) > 0);
	assert_int_equal(rko_policy_open(missing, &policy, &fault), RKO_IO);
	assert_non_null(strstr(fault.text, "missing.image: No such file"));
	assert_int_equal(rko_policy_open(folder, &policy, &fault), RKO_IMAGE_INVALID);
	path = file_write(folder, "empty.image", "", 0);
	assert_int_equal(rko_policy_open(path, &policy, &fault), RKO_IMAGE_INVALID);
	free(path);
	path = file_write(folder, "text.image", "policy documents\n", 17);
	assert_int_equal(rko_policy_open(path, &policy, &fault), RKO_IMAGE_INVALID);
	assert_non_null(strstr(fault.text, "check 1 of the image fails"));
	free(path);
	newer(&copy);
	seal(copy.bytes, copy.size);
	path = file_write(folder, "newer.image", copy.bytes, copy.size);
	assert_int_equal(rko_policy_open(path, &policy, &fault), RKO_IMAGE_VERSION);
	assert_string_equal(fault.text, rko_status_meaning(RKO_IMAGE_VERSION));
	free(path);
	no_seal(&copy);
	head_of(&copy)->format = IMAGE_FORMAT;
	path = file_write(folder, "damaged.image", copy.bytes, copy.size);
	assert_int_equal(rko_policy_open(path, &policy, NULL), RKO_IMAGE_DIGEST);
	assert_int_equal(chmod(path, 0), 0);
	if (geteuid() != 0)	/* nothing is unreadable for root */
		assert_int_equal(rko_policy_open(path, &policy, &fault), RKO_IO);
	free(path);
	assert_int_equal(rko_policy_open(NULL, &policy, &fault), RKO_ARGUMENT);
	assert_int_equal(rko_policy_from(good, 0, &policy, &fault), RKO_ARGUMENT);
	assert_null(policy);
	free(missing);
	free(copy.bytes);
	folder_remove(folder);
}

/* A file larger than an image may be is not even read. */
static void too_large_a_file(void **state)
{
	char *folder = folder_new(), *path = file_write(folder, "large.image", good, good_size);
	struct rko_policy *policy = NULL;
	struct rko_fault fault;

	(void)state;
	assert_int_equal(truncate(path, (off_t)LIMIT_IMAGE_BYTES + 1), 0);
	assert_int_equal(rko_policy_open(path, &policy, &fault), RKO_IMAGE_INVALID);
	assert_non_null(strstr(fault.text, "at most 67108864 bytes"));
	assert_int_equal(truncate(path, LIMIT_IMAGE_BYTES), 0);	/* the most: looked at, and found wrong */
	assert_int_equal(rko_policy_open(path, &policy, &fault), RKO_IMAGE_INVALID);
	assert_non_null(strstr(fault.text, "check 3 of the image fails"));
	free(path);
	folder_remove(folder);
}

static void *compile_files(const char *const *paths, size_t count, size_t *ret_size)
{
	struct rko_compiler *compiler;
	const void *image;
	void *copy;

	assert_int_equal(rko_compiler_new(&compiler), RKO_OK);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(rko_compiler_add(compiler, paths[i]), RKO_OK);
	assert_int_equal(rko_compiler_run(compiler, RKO_STAGE_IMAGE), RKO_OK);
	image = rko_compiler_image(compiler, ret_size);
	copy = malloc(*ret_size);
	assert_non_null(copy);
	memcpy(copy, image, *ret_size);
	rko_compiler_free(compiler);
	return copy;
}

static void order_of_files_is_no_matter(void **state)
{
	const char *reversed[64];
	size_t size, other_size;
	void *image, *again;
	glob_t files;

	(void)state;
	assert_int_equal(glob("policies/*/*.rko", 0, NULL, &files), 0);
	assert_true(files.gl_pathc > 20 && files.gl_pathc <= 64);
	for (size_t i = 0; i < files.gl_pathc; i++)
		reversed[i] = files.gl_pathv[files.gl_pathc - 1 - i];
	image = compile_files((const char *const *)files.gl_pathv, files.gl_pathc, &size);
	again = compile_files(reversed, files.gl_pathc, &other_size);
	assert_int_equal(size, other_size);
	assert_memory_equal(image, again, size);
	globfree(&files);
	free(again);
	free(image);
}

/* A comment more, and the image is another only by its digests, and by the lines on which its rules stand. */
static void digests_tell_texts_apart(void **state)
{
	char *text = file_read(LIBRARY, NULL), *other;
	size_t size, other_size;
	uint8_t *image, *again;

	(void)state;
	assert_true(asprintf(&other, "%s-- a comment\n", text) > 0);
	image = image_compile(text, NULL, &size);
	again = image_compile(other, NULL, &other_size);
	assert_int_equal(size, other_size);
	assert_memory_not_equal(((struct image_head *)image)->digest, ((struct image_head *)again)->digest, 32);
	assert_memory_not_equal(((struct image_head *)image)->sources_digest, ((struct image_head *)again)->sources_digest, 32);
	assert_memory_equal(image + sizeof(struct image_head), again + sizeof(struct image_head),
			    size - sizeof(struct image_head));
	free(text);
	free(other);
	free(image);
	free(again);
}

static void what_is_said_of_a_policy(void **state)
{
	struct rko_policy *policy;
	struct rko_policy_about about;
	struct image_head head;
	struct rko_question_about question;
	char from[RKO_DAY_TEXT], to[RKO_DAY_TEXT];

	(void)state;
	memcpy(&head, good, sizeof head);
	assert_int_equal(rko_policy_from(good, good_size, &policy, NULL), RKO_OK);
	rko_policy_about(policy, &about);
	assert_memory_equal(about.digest, head.digest, RKO_DIGEST_BYTES);
	assert_memory_equal(about.sources_digest, head.sources_digest, RKO_DIGEST_BYTES);
	assert_string_equal(about.modules, "library 1, espoo");
	assert_int_equal(about.size, good_size);
	rko_day_text(about.force_from, from);
	rko_day_text(about.force_to, to);
	assert_string_equal(from, "2017-01-01");
	assert_string_equal(to, "2199-12-31");
	assert_int_equal(rko_policy_questions(policy), 1);
	assert_int_equal(rko_policy_question(policy, "lainaus"), RKO_NOTHING);
	rko_question_about(policy, rko_policy_question(policy, "library"), RKO_FI, &question);
	assert_string_equal(question.asks, "May this customer do this to this copy?");
	assert_int_equal(question.actions, 3);
	assert_int_equal(question.fields, 4);
	assert_int_equal(question.answers, 1);
	assert_int_equal(question.duties, 2);
	assert_true(question.most_fetches > 0 && question.most_steps > 0);
	rko_policy_unref(policy);
}

/* The text has every table, and every rule, record of the plan, list, feature and node. */
static void the_dump_has_everything(void **state)
{
	struct copy copy = copy_good();
	const struct image *image = &copy.image;
	const struct image_plan *plan = question_plan(image);
	struct buf text = { 0 };
	char needle[400];

	(void)state;
	image_dump(&text, image);
	assert_false(buf_failed(&text));
#define HAS(...) \
	do { \
		snprintf(needle, sizeof needle, __VA_ARGS__); \
		if (!strstr(text.at, needle)) \
			fail_msg("not in the dump: %s", needle); \
	} while (0)
#define SECTION(member, type) HAS("  %-11s %7u  %8zu bytes\n", #member, image->n_##member, image->n_##member * sizeof(type));
#include "engine/image/sections.def"
#undef SECTION
	for (uint32_t i = 0; i < image->n_rules; i++)
		HAS("rule %u  %s: on ", i, image_string(image, image->rules[i].name));
	for (uint32_t i = 0; i < plan->slots.count; i++)
		HAS("slot %u  %s: ", i, image_string(image, image->slots[plan->slots.first + i].name));
	for (uint32_t i = 0; i < plan->values.count; i++)
		HAS("value %u  %s\n", i, image_string(image, image->values[plan->values.first + i].name));
	for (uint32_t i = 0; i < plan->scans.count; i++)
		HAS("list %u  %s, at most %u", i, image_string(image, image->scans[plan->scans.first + i].name),
		    image->scans[plan->scans.first + i].bound);
	for (uint32_t i = 0; i < plan->features.count; i++)
		HAS("feature %u  %s: ", i, image_string(image, image->features[plan->features.first + i].name));
	for (uint32_t word = 0; word < plan->nodes.count; word += 1 + arity(image, plan, word))
		HAS("node @%u  %u:", word, image->nodes[plan->nodes.first + word]);
	for (uint32_t i = 0; i < image->n_records; i++)
		HAS("record %s", image_string(image, image->records[i].name));
	for (uint32_t i = 0; i < image->n_codesets; i++)
		HAS("codes %s", image_string(image, image->codesets[i].name));
	for (uint32_t i = 0; i < image->n_codes; i++)
		HAS(" %s", image_string(image, image->codes[i].name));
	for (uint32_t i = 0; i < image->n_passages; i++)
		HAS("passage %s", image_string(image, image->passages[i].name));
	for (uint32_t i = 0; i < image->n_readings; i++)
		HAS("reading %s", image_string(image, image->readings[i].name));
	for (uint32_t i = 0; i < image->n_terminals; i++)
		HAS("  terminal =%u  ", i);
	for (uint32_t i = 0; i < image->n_duties; i++)
		HAS("  duty %u  ", i);
#undef HAS
	buf_release(&text);
	free(copy.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_check_refuses),
		cmocka_unit_test(no_check_is_left_out),
		cmocka_unit_test(ways_are_counted),
		cmocka_unit_test(cut_files_are_refused),
		cmocka_unit_test(every_bit_counts),
		cmocka_unit_test(a_file_that_cannot_be_used),
		cmocka_unit_test(too_large_a_file),
		cmocka_unit_test(order_of_files_is_no_matter),
		cmocka_unit_test(digests_tell_texts_apart),
		cmocka_unit_test(what_is_said_of_a_policy),
		cmocka_unit_test(the_dump_has_everything),
		cmocka_unit_test(random_damage_does_no_harm),
	};

	good = image_compile(NULL, LIBRARY, &good_size);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
