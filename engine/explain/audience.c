/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What whoever asks may be told.
 *
 * A feature is shown when all that its answer comes from may be known: what the caller said, the day, the policy, and
 * fields that the vocabulary shows, of rows that are looked up by nothing else. All others are hidden. Two situations
 * look alike when the caller said the same and the shown features have the same answers.
 *
 * Nothing here ever looks at a hidden feature. Diagrams are followed with every branch of what is hidden (or unknown)
 * taken, and only what all of the ends have in common is told. So what is told depends on the shown features alone,
 * and on one thing more: whether the answer was granted or not, which whoever asks sees anyway.
 *
 * Of the ends with that answer there may be few, or one, and it may be that which a hidden fact leads to: a duty that
 * waits for a certain prohibition, or has a hidden condition, would then name it. Such a duty is told only where the
 * ends with the other answer have it too, or there are none.
 */
#include "engine/explain/explain.h"

#include <stdlib.h>

struct audience {
	struct explain *explain;
	struct bind *bind;
	const struct plan_view *view;
	uint8_t *hidden;	/* by feature */
	uint8_t *seen;		/* by word: met in this walk */
	uint32_t nwords;
};

/* What is shown ----------------------------------------------------------------------------------- */

static bool root_shown(struct audience *audience, uint32_t ref);

/* That there is a row of this kind may be known when something of it may. */
static bool record_shown(const struct audience *audience, uint32_t number)
{
	const struct image *image = audience->explain->image;
	const struct image_record *record = &image->records[number];

	for (uint32_t i = 0; i < record->fields.count; i++)
		if (image->fields[record->fields.first + i].flags & IMAGE_FIELD_SHOWN)
			return true;
	return false;
}

static bool said_by_caller(const struct audience *audience, const struct image_slot *slot)
{
	const struct image *image = audience->explain->image;
	const struct image_question *question = audience->explain->question->question;

	return slot->kind == IMAGE_SLOT_REQUEST &&
	       image->inputs[question->inputs.first + slot->from].given >> audience->bind->action & 1;
}

static bool value_shown(struct audience *audience, uint32_t number);

static bool keys_shown(struct audience *audience, struct image_range keys)
{
	const struct image *image = audience->explain->image;

	for (uint32_t i = 0; i < keys.count; i++)
		if (!value_shown(audience, image->keys[keys.first + i] & ~IMAGE_KEY_EACH))
			return false;
	return true;
}

static bool scan_shown(struct audience *audience, uint32_t number)
{
	const struct image_scan *scan = &audience->view->scans[number];

	return record_shown(audience, scan->record) && keys_shown(audience, scan->keys) &&
	       root_shown(audience, scan->where);
}

static bool slot_shown(struct audience *audience, uint32_t number)
{
	const struct image_slot *slot = &audience->view->slots[number];

	switch ((enum image_slot_kind)slot->kind) {
	case IMAGE_SLOT_REQUEST:
		return said_by_caller(audience, slot) || record_shown(audience, slot->record);
	case IMAGE_SLOT_LINK:
		return record_shown(audience, slot->record) && keys_shown(audience, slot->keys);
	case IMAGE_SLOT_REF:
		return record_shown(audience, slot->record) && value_shown(audience, slot->from);
	case IMAGE_SLOT_ROW:
		/* Its scan asks about the row itself in turn: the keys are what matters here. */
		return slot->from != IMAGE_NONE && record_shown(audience, slot->record) &&
		       keys_shown(audience, audience->view->scans[slot->from].keys);
	case IMAGE_SLOT_FINDING:
		return false;
	}
	return false;
}

static bool field_shown(const struct audience *audience, uint32_t record, uint32_t field)
{
	const struct image *image = audience->explain->image;

	return image->fields[image->records[record].fields.first + field].flags & IMAGE_FIELD_SHOWN;
}

static bool value_shown(struct audience *audience, uint32_t number)
{
	const struct image_value *value = &audience->view->values[number];

	switch ((enum image_value_kind)value->kind) {
	case IMAGE_VALUE_REQUEST:
	case IMAGE_VALUE_TODAY:
		return true;
	case IMAGE_VALUE_FIELD: {
		const struct image_slot *slot = &audience->view->slots[value->of];

		return said_by_caller(audience, slot) ||
		       (slot_shown(audience, value->of) && field_shown(audience, slot->record, value->field));
	}
	case IMAGE_VALUE_ROWS:
		return scan_shown(audience, value->of) &&
		       field_shown(audience, audience->view->scans[value->of].record, value->field);
	}
	return false;
}

static bool feature_shown(struct audience *audience, uint32_t number)
{
	const struct image_feature *feature = &audience->view->features[number];

	switch ((enum image_feature_kind)feature->kind) {
	case IMAGE_FEATURE_ACTION:
	case IMAGE_FEATURE_GAP:
	case IMAGE_FEATURE_READING:
		return true;
	case IMAGE_FEATURE_CODE:
	case IMAGE_FEATURE_OPEN:
	case IMAGE_FEATURE_HITS:
	case IMAGE_FEATURE_CALENDAR:
		return value_shown(audience, feature->a);
	case IMAGE_FEATURE_PRESENT:
		return feature->a != IMAGE_NONE ? value_shown(audience, feature->a) : slot_shown(audience, feature->b);
	case IMAGE_FEATURE_EQUAL:
	case IMAGE_FEATURE_MEMBER:
	case IMAGE_FEATURE_OVERLAPS:
	case IMAGE_FEATURE_INSIDE:
	case IMAGE_FEATURE_POSITION:
		return value_shown(audience, feature->a) && value_shown(audience, feature->b);
	case IMAGE_FEATURE_SOME:
		return scan_shown(audience, feature->scan) && root_shown(audience, feature->root);
	case IMAGE_FEATURE_FINDING:
		return false;
	}
	return false;
}

/* Conditions on a row are small; they are walked as trees. */
static bool root_shown(struct audience *audience, uint32_t ref)
{
	const uint32_t *words = audience->view->words;

	if (image_is_terminal(ref))
		return true;
	if (!feature_shown(audience, words[ref]))
		return false;
	for (uint32_t i = 0; i < audience->view->features[words[ref]].nclasses; i++)
		if (!root_shown(audience, words[ref + 1 + i]))
			return false;
	return true;
}

/* The rows of the pivot, and so which candidates there are, may be known only as a whole. */
static void find_hidden(struct audience *audience)
{
	uint32_t pivot = audience->view->plan->pivot;
	bool rows = pivot == IMAGE_NONE || scan_shown(audience, pivot);

	for (uint32_t i = 0; i < audience->view->nfeatures; i++)
		audience->hidden[i] = !feature_shown(audience, i) ||
				      (!rows && audience->view->feature_lasts[i] == LASTS_CANDIDATE);
}

/* Following --------------------------------------------------------------------------------------- */

typedef void take_end(void *context, uint32_t value);

static bool follow(struct audience *audience, uint32_t ref, take_end *take, void *context)
{
	const uint32_t *words = audience->view->words;

	while (!image_is_terminal(ref)) {
		uint32_t feature = words[ref], answer = ANSWER_UNKNOWN;

		if (audience->seen[ref])
			return true;
		audience->seen[ref] = 1;
		if (!audience->hidden[feature])
			answer = bind_feature(audience->bind, feature);
		if (answer == ANSWER_FAILED)
			return false;
		if (answer == ANSWER_UNKNOWN) {
			for (uint32_t i = 0; i < audience->view->features[feature].nclasses; i++)
				if (!follow(audience, words[ref + 1 + i], take, context))
					return false;
			return true;
		}
		ref = words[ref + 1 + bind_class(audience->bind, feature)];
	}
	take(context, image_value_of(ref));
	return true;
}

/* Every end that the shown features leave open. False when something could not be read. */
static bool ends_of(struct audience *audience, uint32_t ref, take_end *take, void *context)
{
	memset(audience->seen, 0, audience->nwords);
	return follow(audience, ref, take, context);
}

struct single {
	bool any, many;
	uint32_t value;
};

static void take_single(void *context, uint32_t value)
{
	struct single *single = context;

	single->many |= single->any && single->value != value;
	single->any = true;
	single->value = value;
}

/* The one value that a diagram has whatever is hidden, or IMAGE_NONE. */
static uint32_t certain(struct audience *audience, uint32_t ref)
{
	struct single single = { .value = IMAGE_NONE };

	if (!ends_of(audience, ref, take_single, &single) || single.many || !single.any)
		return IMAGE_NONE;
	return single.value;
}

/* Telling ----------------------------------------------------------------------------------------- */

/* What is in every one of the candidates' ends so far. */
struct common {
	struct audience *audience;
	bool granted;		/* the answer that whoever asks has seen */
	bool any;
	uint64_t duties;	/* of the ends with that answer */
	uint64_t surely;	/* of all ends */
};

static void take_terminal(void *context, uint32_t value)
{
	struct common *common = context;
	const struct question_view *question = common->audience->explain->question;
	const struct image_terminal *terminal =
		&common->audience->explain->image->terminals[question->question->terminals.first + value];

	if (terminal->outcome == IMAGE_OUT_INCONSISTENT)
		return;
	common->surely &= question->terminal_duties[value];
	if ((terminal->outcome == IMAGE_OUT_GRANTED) != common->granted)
		return;
	common->duties &= question->terminal_duties[value];
	common->any = true;
}

struct told {
	uint64_t duties;
	uint32_t *ladder, *answer;	/* what every candidate has in common; IMAGE_NONE: nothing */
	uint32_t candidates;
	bool failed;
};

/* Duties that wait for nothing but the answer and what may be known. */
static uint64_t plain_duties(struct audience *audience)
{
	const struct explain *explain = audience->explain;
	const struct image_range duties = explain->question->question->duties;
	uint64_t plain = 0;

	for (uint32_t i = 0; i < duties.count; i++) {
		const struct image_duty *duty = &explain->image->duties[duties.first + i];

		if (!duty->prohibited && certain(audience, explain->rules[duty->rule].on) != IMAGE_NONE)
			plain |= 1ull << i;
	}
	return plain;
}

static void meet(uint32_t *known, uint32_t value, bool first)
{
	*known = first || *known == value ? value : IMAGE_NONE;
}

static void tell_candidate(struct audience *audience, struct told *told, bool granted)
{
	const struct explain *explain = audience->explain;
	const struct image_question *question = explain->question->question;
	struct common common = { .audience = audience, .granted = granted, .duties = UINT64_MAX, .surely = UINT64_MAX };
	bool first = told->candidates++ == 0;

	if (!ends_of(audience, question->root, take_terminal, &common))
		told->failed = true;
	if (common.any)
		told->duties &= common.surely | (common.duties & plain_duties(audience));
	for (uint32_t i = 0; i < explain->nrules; i++)
		if (explain->rules[i].ladder != IMAGE_NONE)
			meet(&told->ladder[i], certain(audience, explain->rules[i].ladder), first);
	for (uint32_t i = 0; i < question->answers.count; i++)
		meet(&told->answer[i], certain(audience, explain->image->answers[question->answers.first + i].root), first);
}

/* The candidates that may be known, as a verdict that came to nothing yet. */
static bool tell_candidates(struct audience *audience, struct told *told, bool granted)
{
	struct bind *bind = audience->bind;
	uint32_t pivot = audience->view->plan->pivot;
	struct verdict *verdict = &audience->explain->session->verdict;

	if (pivot == IMAGE_NONE || !scan_shown(audience, pivot)) {
		tell_candidate(audience, told, granted);
		return true;
	}
	if (!walk_candidates(bind, verdict))
		return false;
	for (uint32_t i = 0; i < verdict->ncandidates; i++) {
		walk_candidate(bind, verdict, i);
		tell_candidate(audience, told, granted);
	}
	return true;
}

static void tell_rules(struct explain *explain, const struct told *told, bool granted)
{
	struct rko_why_rule *list = ARENA_ARRAY(explain->arena, explain->nrules + 1, struct rko_why_rule);
	uint32_t class_ = granted ? IMAGE_LADDER_GRANT : IMAGE_LADDER_PROHIBIT;

	for (uint32_t i = 0; i < explain->nrules; i++) {
		uint32_t value = explain->rules[i].ladder == IMAGE_NONE ? IMAGE_NONE : told->ladder[i];

		if (value != IMAGE_NONE && IMAGE_CLASS(value) == class_)
			list[explain->out->nby++] = explain_rule(explain, IMAGE_RANK(value));
	}
	explain->out->by = list;
}

static void tell_answers(struct explain *explain, const struct told *told)
{
	const struct image *image = explain->image;
	const struct image_question *question = explain->question->question;
	struct rko_why_answer *list = ARENA_ARRAY(explain->arena, question->answers.count + 1, struct rko_why_answer);

	for (uint32_t i = 0; i < question->answers.count; i++) {
		const struct image_answer *answer = &image->answers[question->answers.first + i];
		const struct image_code *code;

		if (told->answer[i] == IMAGE_NONE || !told->answer[i])
			continue;
		code = &image->codes[image->codesets[answer->codeset].codes.first + told->answer[i] - 1];
		list[explain->out->nanswers++] = (struct rko_why_answer){
			.name = explain_string(explain, answer->name),
			.label = explain_label(explain, &answer->label, answer->name),
			.value = explain_string(explain, code->name),
			.value_label = explain_label(explain, &code->label, code->name),
		};
	}
	explain->out->answers = list;
}

/* A due date is told when all it comes from may be known. */
static bool due_shown(struct audience *audience, const struct image_duty *duty, const struct told *told)
{
	for (uint32_t i = 0; i < duty->dues.count; i++) {
		const struct image_due *due = &audience->explain->image->dues[duty->dues.first + i];
		uint32_t truth = certain(audience, due->guard);

		if (told->candidates != 1 || truth == IMAGE_NONE ||
		    (truth && due->value != IMAGE_NONE && !value_shown(audience, due->value)))
			return false;
	}
	return true;
}

static void tell_duties(struct audience *audience, const struct told *told)
{
	struct explain *explain = audience->explain;
	const struct image_question *question = explain->question->question;
	struct rko_why_duty *list = ARENA_ARRAY(explain->arena, question->duties.count + 1, struct rko_why_duty);

	for (uint32_t i = 0; i < question->duties.count; i++) {
		const struct image_duty *duty = &explain->image->duties[question->duties.first + i];

		if (!(told->duties >> i & 1))
			continue;
		explain->out->decision.duties |= 1ull << i;
		list[explain->out->nduties++] = explain_duty(explain, i, due_shown(audience, duty, told));
	}
	explain->out->duties = list;
}

void explain_requester(struct explain *explain)
{
	const struct plan_view *view = explain->bind->view;
	uint32_t nanswers = explain->question->question->answers.count;
	bool granted = explain->out->decision.outcome == RKO_GRANTED;
	struct audience audience = { .explain = explain, .bind = explain->bind, .view = view,
				     .nwords = view->plan->nodes.count };
	struct told told = { .duties = UINT64_MAX };

	audience.hidden = ARENA_ARRAY(explain->arena, view->nfeatures + 1, uint8_t);
	audience.seen = ARENA_ARRAY(explain->arena, audience.nwords + 1, uint8_t);
	told.ladder = ARENA_ARRAY(explain->arena, explain->nrules + 1, uint32_t);
	told.answer = ARENA_ARRAY(explain->arena, nanswers + 1, uint32_t);
	find_hidden(&audience);
	if (!tell_candidates(&audience, &told, granted) || told.failed || !told.candidates)
		return;
	if (told.duties == UINT64_MAX)
		told.duties = 0;
	tell_rules(explain, &told, granted);
	tell_answers(explain, &told);
	tell_duties(&audience, &told);
}
