/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/decide/policy.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/date.h"
#include "engine/base/limits.h"

/* Plans at hand ------------------------------------------------------------------------------------ */

struct value_about value_about(const struct plan_view *view, const struct image *image, uint32_t number)
{
	const struct image_value *value = &view->values[number];
	struct value_about about = { IMAGE_TYPE_DATE, 0, IMAGE_NONE, 0 };
	const struct image_field *field;

	switch (value->kind) {
	case IMAGE_VALUE_REQUEST: {
		const struct image_input *input = &image->inputs[view->question->inputs.first + value->of];

		return (struct value_about){ input->kind, input->flags, input->target,
					     input->bound ? input->bound : LIMIT_SET_ELEMENTS };
	}
	case IMAGE_VALUE_FIELD:
		field = record_field(image, view->slots[value->of].record, value->field);
		return (struct value_about){ field->kind, field->flags, field->target,
					     field->bound ? field->bound : LIMIT_SET_ELEMENTS };
	case IMAGE_VALUE_ROWS:
		field = record_field(image, view->scans[value->of].record, value->field);
		about = (struct value_about){ field->kind, field->flags | IMAGE_FIELD_SET, field->target,
					      view->scans[value->of].bound };
		if (field->flags & IMAGE_FIELD_SET)
			about.bound *= field->bound ? field->bound : LIMIT_SET_ELEMENTS;
		return about;
	}
	return about;
}

static uint8_t lasts(uint32_t row, uint32_t flags)
{
	if (row != IMAGE_NONE)
		return (uint8_t)(LASTS_ROW + row);
	return flags & IMAGE_HANGS_PIVOT ? LASTS_CANDIDATE : LASTS_DECISION;
}

static void view_plan(struct rko_policy *policy, uint32_t number)
{
	const struct image *image = &policy->image;
	const struct image_plan *plan = &image->plans[number];
	struct plan_view *view = &policy->plans[number];
	struct arena *arena = &policy->arena;

	*view = (struct plan_view){
		.plan = plan,
		.question = plan->question == IMAGE_NONE ? NULL : &image->questions[plan->question],
		.slots = image->slots + plan->slots.first,
		.values = image->values + plan->values.first,
		.scans = image->scans + plan->scans.first,
		.features = image->features + plan->features.first,
		.words = image->nodes + plan->nodes.first,
		.nslots = plan->slots.count,
		.nvalues = plan->values.count,
		.nscans = plan->scans.count,
		.nfeatures = plan->features.count,
		.slot_lasts = ARENA_ARRAY(arena, plan->slots.count + 1, uint8_t),
		.value_lasts = ARENA_ARRAY(arena, plan->values.count + 1, uint8_t),
		.scan_lasts = ARENA_ARRAY(arena, plan->scans.count + 1, uint8_t),
		.feature_lasts = ARENA_ARRAY(arena, plan->features.count + 1, uint8_t),
		.elements_at = ARENA_ARRAY(arena, plan->values.count + 1, uint32_t),
		.rows_at = ARENA_ARRAY(arena, plan->scans.count + 1, uint32_t),
	};
	for (uint32_t i = 0; i < view->nslots; i++)
		view->slot_lasts[i] = lasts(view->slots[i].row, view->slots[i].flags);
	for (uint32_t i = 0; i < view->nfeatures; i++)
		view->feature_lasts[i] = lasts(view->features[i].row, view->features[i].flags);
	for (uint32_t i = 0; i < view->nvalues; i++) {
		struct value_about about = value_about(view, image, i);

		view->value_lasts[i] = lasts(view->values[i].row, view->values[i].flags);
		view->elements_at[i] = view->nelements;
		if (about.flags & IMAGE_FIELD_SET)
			view->nelements += about.bound;
	}
	for (uint32_t i = 0; i < view->nscans; i++) {
		view->scan_lasts[i] = lasts(IMAGE_NONE, view->scans[i].flags);
		view->rows_at[i] = view->nrows;
		view->nrows += view->scans[i].bound;
	}
}

static void add_request_field(struct question_view *view, struct request_field field)
{
	map_set(&view->names, field.name, view->nfields);
	view->fields[view->nfields++] = field;
}

/* A record that is given is said by its fields; one that is found, by its id. What is new need not have its id yet. */
static enum carries carries(const struct image *image, const struct question_view *view, uint32_t number,
			    uint32_t action)
{
	const struct request_field *field = &view->fields[number];
	const struct image_input *input = &image->inputs[view->question->inputs.first + field->input];
	bool given = input->given >> action & 1, found = input->found >> action & 1;
	bool record = view->record_at[field->input] != IMAGE_NONE, carried;

	if (field->field == IMAGE_NONE)
		carried = found || (given && !record);
	else
		carried = given && !(field->flags & IMAGE_FIELD_DERIVED);
	if (!carried)
		return CARRIES_NOT;
	if (field->flags & IMAGE_FIELD_UNKNOWN || (field->field != IMAGE_NONE && field->flags & IMAGE_FIELD_KEY))
		return CARRIES;
	return CARRIES_MUST;
}

/* Whether a record is looked up because the request names it, or because a record that it may give refers to it. */
static bool is_named(const struct plan_view *view, const struct image_slot *slot)
{
	const struct image_value *from;

	if (slot->kind != IMAGE_SLOT_REF)
		return slot->kind == IMAGE_SLOT_REQUEST;
	from = &view->values[slot->from];
	return from->kind == IMAGE_VALUE_FIELD && view->slots[from->of].kind == IMAGE_SLOT_REQUEST;
}

static void view_named(struct question_view *view, struct arena *arena)
{
	view->named = ARENA_ARRAY(arena, view->view->nslots + 1, uint32_t);
	for (uint32_t i = 0; i < view->view->nslots; i++)
		if (is_named(view->view, &view->view->slots[i]))
			view->named[view->nnamed++] = i;
}

static void view_question(struct rko_policy *policy, uint32_t number)
{
	const struct image *image = &policy->image;
	const struct image_question *question = &image->questions[number];
	struct question_view *view = &policy->questions[number];
	struct arena *arena = &policy->arena;
	uint32_t room = question->inputs.count;

	view->question = question;
	view->view = &policy->plans[question->plan];
	map_init(&view->names, arena);
	for (uint32_t i = 0; i < question->inputs.count; i++) {
		const struct image_input *input = &image->inputs[question->inputs.first + i];

		if (input->kind == IMAGE_TYPE_REF)
			room += image->records[input->target].fields.count;
	}
	view->fields = ARENA_ARRAY(arena, room + 1, struct request_field);
	view->record_at = ARENA_ARRAY(arena, question->inputs.count + 1, uint32_t);
	view->slot_of = ARENA_ARRAY(arena, question->inputs.count + 1, uint32_t);
	view->terminal_duties = ARENA_ARRAY(arena, question->terminals.count + 1, uint64_t);
	for (uint32_t i = 0; i < question->inputs.count; i++) {
		const struct image_input *input = &image->inputs[question->inputs.first + i];

		view->slot_of[i] = view->record_at[i] = IMAGE_NONE;
		add_request_field(view, (struct request_field){
			i, IMAGE_NONE, text_from(image_string(image, input->name)), input->kind, input->flags,
			input->target, input->bound });
	}
	for (uint32_t i = 0; i < view->view->nslots; i++)
		if (view->view->slots[i].kind == IMAGE_SLOT_REQUEST)
			view->slot_of[view->view->slots[i].from] = i;
	for (uint32_t i = 0; i < question->inputs.count; i++) {
		const struct image_input *input = &image->inputs[question->inputs.first + i];
		const struct image_record *record;

		if (!input->given || view->slot_of[i] == IMAGE_NONE)
			continue;
		record = &image->records[input->target];
		view->record_at[i] = view->nfields;
		for (uint32_t j = 0; j < record->fields.count; j++) {
			const struct image_field *field = &image->fields[record->fields.first + j];

			add_request_field(view, (struct request_field){
				i, j, text_format(arena, "%s.%s", image_string(image, input->name),
						  image_string(image, field->name)),
				field->kind, field->flags, field->target, field->bound });
		}
	}
	view->carries = ARENA_ARRAY(arena, (size_t)question->actions.count * view->nfields + 1, uint8_t);
	for (uint32_t i = 0; i < question->actions.count; i++)
		for (uint32_t j = 0; j < view->nfields; j++)
			view->carries[i * view->nfields + j] = (uint8_t)carries(image, view, j, i);
	view_named(view, arena);
	for (uint32_t i = 0; i < question->terminals.count; i++) {
		const struct image_terminal *terminal = &image->terminals[question->terminals.first + i];

		for (uint32_t j = 0; j < terminal->duties.count; j++)
			view->terminal_duties[i] |= 1ull << image->duty_lists[terminal->duties.first + j];
	}
}

static void view_codes(struct rko_policy *policy, uint32_t number)
{
	const struct image *image = &policy->image;
	const struct image_codeset *set = &image->codesets[number];

	map_init(&policy->codes[number], &policy->arena);
	for (uint32_t i = 0; i < set->codes.count; i++)
		map_set(&policy->codes[number],
			text_from(image_string(image, image->codes[set->codes.first + i].name)), i);
}

uint32_t policy_code(const struct rko_policy *policy, uint32_t set, struct text name)
{
	return map_get(&policy->codes[set], name);	/* MAP_NONE is IMAGE_NONE */
}

/* Opening ----------------------------------------------------------------------------------------- */

void fault_say(struct rko_fault *fault, const char *format, ...)
{
	va_list args;

	if (!fault)
		return;
	va_start(args, format);
	vsnprintf(fault->text, sizeof fault->text, format, args);
	va_end(args);
}

/* Memory that runs out on the way jumps to whoever called. */
static void view_all(struct rko_policy *policy)
{
	const struct image *image = &policy->image;
	struct arena *arena = &policy->arena;

	policy->plans = ARENA_ARRAY(arena, image->n_plans + 1, struct plan_view);
	policy->questions = ARENA_ARRAY(arena, image->n_questions + 1, struct question_view);
	policy->codes = ARENA_ARRAY(arena, image->n_codesets + 1, struct map);
	for (uint32_t i = 0; i < image->n_plans; i++)
		view_plan(policy, i);
	for (uint32_t i = 0; i < image->n_questions; i++)
		view_question(policy, i);
	for (uint32_t i = 0; i < image->n_codesets; i++)
		view_codes(policy, i);
}

static enum rko_status prepare(struct rko_policy *policy, struct rko_fault *fault)
{
	struct image_fault why = { 0 };
	enum rko_status status = image_open(policy->bytes, policy->size, &policy->image, &why);
	jmp_buf escape;

	if (status == RKO_IMAGE_INVALID)
		fault_say(fault, "check %u of the image fails: %s (%s %u)", why.check, why.what,
		    why.section ? why.section : "head", why.index);
	else if (status != RKO_OK)
		fault_say(fault, "%s", rko_status_meaning(status));
	if (status != RKO_OK)
		return status;
	policy->arena.escape = &escape;
	if (setjmp(escape)) {
		policy->arena.escape = NULL;
		fault_say(fault, "%s", rko_status_meaning(RKO_NO_MEMORY));
		return RKO_NO_MEMORY;
	}
	view_all(policy);
	policy->arena.escape = NULL;
	return RKO_OK;
}

static enum rko_status finish(struct rko_policy *policy, struct rko_policy **ret_policy, struct rko_fault *fault)
{
	enum rko_status status;

	policy->refs = 1;
	arena_init(&policy->arena, 256u << 20);
	status = prepare(policy, fault);
	if (status == RKO_OK)
		*ret_policy = policy;
	else
		rko_policy_unref(policy);
	return status;
}

enum rko_status rko_policy_open(const char *path, struct rko_policy **ret_policy, struct rko_fault *fault)
{
	struct rko_policy *policy;
	struct stat about;
	void *bytes;
	int file;

	if (fault)
		fault->text[0] = '\0';
	if (!path || !ret_policy)
		return RKO_ARGUMENT;
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || fstat(file, &about) < 0) {
		fault_say(fault, "%s: %s", path, strerror(errno));
		if (file >= 0)
			close(file);
		return RKO_IO;
	}
	if (!S_ISREG(about.st_mode) || about.st_size <= 0 || about.st_size > (off_t)LIMIT_IMAGE_BYTES) {
		fault_say(fault, "%s is not a file of at most %u bytes", path, LIMIT_IMAGE_BYTES);
		close(file);
		return RKO_IMAGE_INVALID;
	}
	bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, file, 0);
	close(file);
	if (bytes == MAP_FAILED) {
		fault_say(fault, "%s: %s", path, strerror(errno));
		return errno == ENOMEM ? RKO_NO_MEMORY : RKO_IO;
	}
	policy = calloc(1, sizeof *policy);
	if (!policy) {
		munmap(bytes, (size_t)about.st_size);
		return RKO_NO_MEMORY;
	}
	policy->bytes = bytes;
	policy->size = (size_t)about.st_size;
	policy->mapped = true;
	return finish(policy, ret_policy, fault);
}

enum rko_status rko_policy_from(const void *image, size_t size, struct rko_policy **ret_policy,
				struct rko_fault *fault)
{
	struct rko_policy *policy;

	if (fault)
		fault->text[0] = '\0';
	if (!image || !size || !ret_policy || size > LIMIT_IMAGE_BYTES)
		return RKO_ARGUMENT;
	policy = calloc(1, sizeof *policy);
	if (!policy)
		return RKO_NO_MEMORY;
	policy->size = size;
	policy->bytes = aligned_alloc(64, (size + 63) / 64 * 64);
	if (!policy->bytes) {
		free(policy);
		return RKO_NO_MEMORY;
	}
	memcpy(policy->bytes, image, size);
	return finish(policy, ret_policy, fault);
}

struct rko_policy *rko_policy_ref(struct rko_policy *policy)
{
	__atomic_add_fetch(&policy->refs, 1, __ATOMIC_RELAXED);
	return policy;
}

void rko_policy_unref(struct rko_policy *policy)
{
	if (!policy || __atomic_sub_fetch(&policy->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	if (policy->mapped)
		munmap(policy->bytes, policy->size);
	else
		free(policy->bytes);
	arena_free(&policy->arena);
	free(policy);
}

/* Asking about it --------------------------------------------------------------------------------- */

void rko_policy_about(const struct rko_policy *policy, struct rko_policy_about *ret)
{
	const struct image_head *head = policy->image.head;

	*ret = (struct rko_policy_about){
		.modules = policy_string(policy, head->policy),
		.compiler = policy_string(policy, head->compiler),
		.force_from = head->force_from,
		.force_to = head->force_to,
		.size = policy->size,
	};
	memcpy(ret->digest, head->digest, sizeof ret->digest);
	memcpy(ret->sources_digest, head->sources_digest, sizeof ret->sources_digest);
}

uint32_t rko_policy_questions(const struct rko_policy *policy)
{
	return policy->image.n_questions;
}

uint32_t rko_policy_question(const struct rko_policy *policy, const char *name)
{
	for (uint32_t i = 0; i < policy->image.n_questions; i++)
		if (strcmp(policy_string(policy, policy->image.questions[i].name), name) == 0)
			return i;
	return RKO_NOTHING;
}

void rko_question_about(const struct rko_policy *policy, uint32_t number, enum rko_language language,
			struct rko_question_about *ret)
{
	const struct image_question *question = &policy->image.questions[number];

	*ret = (struct rko_question_about){
		.name = policy_string(policy, question->name),
		.asks = image_label_text(&policy->image, &question->asks, language, question->name),
		.actions = question->actions.count,
		.fields = question->inputs.count,
		.answers = question->answers.count,
		.rules = question->rules.count,
		.duties = question->duties.count,
		.lists = !question->grants,
		.most_fetches = question->max_fetches,
		.most_steps = question->max_steps,
	};
}

const char *rko_question_action(const struct rko_policy *policy, uint32_t number, uint32_t action)
{
	const struct image_question *question = &policy->image.questions[number];

	return policy_string(policy, policy->image.actions[question->actions.first + action].name);
}

const char *rule_verb(const struct image_rule *rule)
{
	static const char *const verbs[] = { "grant", "prohibit", "withhold", "redact" };

	switch (rule->item) {
	case IMAGE_ITEM_SILENT:
		return "silent";
	case IMAGE_ITEM_DUTY:
		return "duty";
	case IMAGE_ITEM_LAW:
		return "law";
	}
	return verbs[rule->verb];
}

void rko_question_rule(const struct rko_policy *policy, uint32_t question, uint32_t number,
		       enum rko_language language, struct rko_rule_about *ret)
{
	const struct image *image = &policy->image;
	const struct image_rule *rule = &image->rules[image->questions[question].rules.first + number];

	*ret = (struct rko_rule_about){
		.name = image_string(image, rule->name),
		.says = image_label_text(image, &rule->says, language, 0),
		.verb = rule_verb(rule),
		.layer = rule->layer ? image_string(image, image->layers[rule->layer].name) : "",
		.file = image_string(image, rule->file),
		.line = rule->line,
	};
}

void rko_question_field(const struct rko_policy *policy, uint32_t number, uint32_t field,
			enum rko_language language, struct rko_field_about *ret)
{
	const struct image *image = &policy->image;
	const struct image_question *question = &image->questions[number];
	const struct image_input *input = &image->inputs[question->inputs.first + field];

	*ret = (struct rko_field_about){
		.name = image_string(image, input->name),
		.label = image_label_text(image, &input->label, language, input->name),
		.kind = RKO_FIELD_ID,
		.type = "id",
		.given = input->given,
		.found = input->found,
		.set = !!(input->flags & IMAGE_FIELD_SET),
		.may_be_none = !!(input->flags & IMAGE_FIELD_NONE),
		.may_be_open = !!(input->flags & IMAGE_FIELD_OPEN),
	};
	if (input->kind == IMAGE_TYPE_CODE) {
		ret->kind = RKO_FIELD_CODE;
		ret->type = image_string(image, image->codesets[input->target].name);
	} else if (input->kind == IMAGE_TYPE_DATE) {
		ret->kind = RKO_FIELD_DATE;
		ret->type = "date";
	} else if (input->kind == IMAGE_TYPE_REF) {
		ret->kind = RKO_FIELD_RECORD;
		ret->type = image_string(image, image->records[input->target].name);
	}
}

int rko_question_says(const struct rko_policy *policy, uint32_t question, const char *field, size_t length)
{
	const struct question_view *view = &policy->questions[question];
	uint32_t number = map_get(&view->names, (struct text){ field, length });

	if (number == MAP_NONE || view->fields[number].flags & IMAGE_FIELD_DERIVED)
		return 0;
	return view->fields[number].flags & IMAGE_FIELD_SET ? 2 : 1;
}

uint32_t rko_question_entities(const struct rko_policy *policy, uint32_t question)
{
	return policy->image.questions[question].entities.count;
}

void rko_question_entity(const struct rko_policy *policy, uint32_t number, uint32_t entity,
			 struct rko_entity_about *ret)
{
	const struct image *image = &policy->image;
	const struct question_view *view = &policy->questions[number];
	const struct image_entity *about = &image->entities[view->question->entities.first + entity];
	const struct image_input *input;

	*ret = (struct rko_entity_about){
		.part = (enum rko_part)about->part,
		.type = image_string(image, about->type),
		.id = about->id == IMAGE_NONE ? RKO_NOTHING : about->id,
		.id_given = "",
		.fields = image->links + about->fields.first,
		.nfields = about->fields.count,
	};
	if (about->id == IMAGE_NONE)
		return;
	input = &image->inputs[view->question->inputs.first + about->id];
	if (!input->given)
		return;
	/* A record that is given is said by its fields, of which the key comes first. */
	if (view->record_at[about->id] != IMAGE_NONE)
		ret->id_given = view->fields[view->record_at[about->id]].name.at;
	else
		ret->id_given = image_string(image, input->name);
}

void rko_question_duty(const struct rko_policy *policy, uint32_t question, uint32_t number,
		       enum rko_language language, struct rko_duty_about *ret)
{
	const struct image *image = &policy->image;
	const struct image_duty *duty = &image->duties[image->questions[question].duties.first + number];
	const struct image_rule *rule = &image->rules[image->questions[question].rules.first + duty->rule];

	*ret = (struct rko_duty_about){
		.name = image_string(image, rule->name),
		.says = image_label_text(image, &rule->says, language, 0),
		.bearer = "",
		.redaction = rule->item == IMAGE_ITEM_REDACT,
		.fields = duty->redacts.count,
	};
	if (duty->bearer != IMAGE_NONE && duty->bearer_set != IMAGE_NONE)
		ret->bearer = image_string(image, image->codes[image->codesets[duty->bearer_set].codes.first +
							       duty->bearer].name);
}

const char *rko_question_duty_field(const struct rko_policy *policy, uint32_t question, uint32_t number, uint32_t field)
{
	const struct image *image = &policy->image;
	const struct image_duty *duty = &image->duties[image->questions[question].duties.first + number];

	return image_string(image, image->codes[image->codesets[duty->redact_set].codes.first +
						image->links[duty->redacts.first + field]].name);
}

/* Days and instants ------------------------------------------------------------------------------- */

void rko_day_text(rko_day day, char text[RKO_DAY_TEXT])
{
	if (day == RKO_DAY_OPEN || !day_valid(day))
		strcpy(text, "open");
	else
		day_print(day, text);
}

enum rko_status rko_instant_text(int64_t instant, char text[RKO_INSTANT_TEXT])
{
	day_t day;

	if (!zone_day(instant, &day))
		return RKO_CLOCK_RANGE;
	instant_print(instant, text);
	return RKO_OK;
}

enum rko_status rko_instant_parse(const char *text, int64_t *ret_instant)
{
	return instant_parse(text_from(text), ret_instant) ? RKO_OK : RKO_ARGUMENT;
}

enum rko_status rko_day_parse(const char *text, rko_day *ret_day)
{
	return day_parse(text_from(text), ret_day) ? RKO_OK : RKO_ARGUMENT;
}

const char *rko_language_word(enum rko_language language)
{
	static const char *const words[] = { "fi", "sv", "en" };

	return (unsigned)language < sizeof words / sizeof words[0] ? words[language] : "unknown";
}

const char *rko_zone_name(void)
{
	return zone_name();
}

const char *rko_zone_version(void)
{
	return zone_version();
}

unsigned rko_image_format(void)
{
	return IMAGE_FORMAT;
}
