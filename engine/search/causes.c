/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Why an answer, or what it rests on, is otherwise from a day on. Of all that changes on that day only that is named
 * which the decision looked at on both days and found otherwise: its trace tells. Where the traces have nothing in
 * common that changed (another number of candidates), everything that changes that day is named.
 */
#include "engine/search/intervals.h"

#include <stdio.h>

/* What the decision saw ----------------------------------------------------------------------------- */

enum { NOT_SEEN = 0xffff, SEEN_UNKNOWN = 0xfffe };

/* By candidate and feature: the class seen. What lasts for the decision is seen under the candidate 0. */
struct seen {
	uint16_t *classes;
	uint32_t nfeatures, ncandidates;
};

static struct seen seen_new(struct making *making)
{
	const struct plan_view *view = making->question->view;
	struct seen seen = { .nfeatures = view->nfeatures, .ncandidates = CANDIDATES_MAX + 1 };

	seen.classes = ARENA_ARRAY(making->arena, (size_t)seen.ncandidates * seen.nfeatures + 1, uint16_t);
	memset(seen.classes, 0xff, (size_t)seen.ncandidates * seen.nfeatures * sizeof *seen.classes);
	return seen;
}

static void read_feature(struct making *making, struct seen *seen, uint32_t candidate, const uint8_t *at)
{
	const struct plan_view *view = making->question->view;
	uint32_t feature = get_le16(at), answer = get_le16(at + 2);

	if (feature >= seen->nfeatures || candidate >= seen->ncandidates)
		return;
	if (view->feature_lasts[feature] != LASTS_CANDIDATE)
		candidate = 0;
	seen->classes[candidate * seen->nfeatures + feature] =
		answer == ANSWER_UNKNOWN ? (uint16_t)SEEN_UNKNOWN
					 : making->image->classes[view->features[feature].classes + answer];
}

static void read_trace(struct making *making, struct seen *seen)
{
	const struct trace *trace = &making->session->trace;
	uint32_t candidate = 0;

	for (uint32_t at = sizeof(struct trace_head); at + 2 <= trace_len(trace); at += 2u + trace->at[at + 1]) {
		const uint8_t *entry = trace->at + at + 2;

		if (trace->at[at] == TRACE_CANDIDATE)
			candidate = get_le16(entry);
		else if (trace->at[at] == TRACE_FEATURE)
			read_feature(making, seen, candidate, entry);
	}
}

/* One side of the boundary -------------------------------------------------------------------------- */

struct side {
	struct seen seen;
	uint8_t *truths;		/* by conjunct of the question's rules, of those that matter: enum truth */
};

static uint32_t count_conjuncts(const struct making *making)
{
	const struct image_range rules = making->question->question->rules;
	uint32_t count = 0;

	for (uint32_t i = 0; i < rules.count; i++)
		count += making->image->rules[rules.first + i].conjuncts.count;
	return count;
}

static void look_at_conditions(struct making *making, const uint8_t *matters, struct side *side)
{
	const struct image_range rules = making->question->question->rules;
	struct bind *bind = &making->session->bind;
	uint32_t at = 0;

	for (uint32_t i = 0; i < rules.count; i++) {
		const struct image_rule *rule = &making->image->rules[rules.first + i];

		for (uint32_t j = 0; j < rule->conjuncts.count; j++, at++)
			if (matters[i])
				side->truths[at] = (uint8_t)bind_truth(
					bind, making->image->conjuncts[rule->conjuncts.first + j].root);
	}
}

/* Decides once more, keeps what it saw, and looks at the conditions for the candidate that is reported. */
static enum rko_status look_at_side(struct making *making, day_t day, const uint8_t *matters, struct side *ret)
{
	struct decide_as as = { .day = &day, .keep = true };
	struct rko_decision decision;
	enum rko_status status;

	ret->seen = seen_new(making);
	ret->truths = ARENA_ARRAY(making->arena, count_conjuncts(making) + 1, uint8_t);
	status = session_decide(making->session, making->request, &as, &decision);
	if (status != RKO_OK)
		return status;
	read_trace(making, &ret->seen);
	making->session->bind.trace = NULL;
	walk_candidate(&making->session->bind, &making->session->verdict, making->session->verdict.reported);
	look_at_conditions(making, matters, ret);
	making->session->bind.status = RKO_OK;	/* conditions that cannot be read are not told */
	return RKO_OK;
}

/* What is otherwise --------------------------------------------------------------------------------- */

/* By feature: seen on both days, and otherwise. */
static void find_changed(const struct side *before, const struct side *after, uint8_t *changed)
{
	uint32_t nfeatures = before->seen.nfeatures;

	for (uint32_t i = 0; i < before->seen.ncandidates * nfeatures; i++) {
		uint16_t was = before->seen.classes[i], is = after->seen.classes[i];

		if (was != NOT_SEEN && is != NOT_SEEN && was != is)
			changed[i % nfeatures] = 1;
	}
}

static bool value_of_rows(const struct plan_view *view, uint32_t value, uint32_t scan)
{
	return value != IMAGE_NONE && value < view->nvalues && view->values[value].kind == IMAGE_VALUE_ROWS &&
	       view->values[value].of == scan;
}

/* Whether a feature is made from the rows of a scan. */
static bool of_rows(const struct plan_view *view, const struct image_feature *feature, uint32_t scan)
{
	switch (feature->kind) {
	case IMAGE_FEATURE_SOME:
		return feature->scan == scan;
	case IMAGE_FEATURE_MEMBER:
	case IMAGE_FEATURE_INSIDE:
	case IMAGE_FEATURE_OVERLAPS:
		return value_of_rows(view, feature->a, scan) || value_of_rows(view, feature->b, scan);
	case IMAGE_FEATURE_HITS:
		return value_of_rows(view, feature->a, scan);
	}
	return false;
}

/* Whether the cut is behind something that changed: its own feature, or one made from the rows in which it is. */
static bool is_behind(const struct plan_view *view, const struct cut *cut, const uint8_t *changed)
{
	uint32_t row = view->features[cut->feature].row;

	if (changed[cut->feature])
		return true;
	for (uint32_t i = 0; i < view->nfeatures && row != IMAGE_NONE; i++)
		if (changed[i] && of_rows(view, &view->features[i], row))
			return true;
	return false;
}

/* Words --------------------------------------------------------------------------------------------- */

struct day_words {
	char text[24];
};

static struct day_words day_words(enum rko_language language, day_t day)
{
	struct day_words out;

	day_say(day, language == RKO_EN, out.text);
	return out;
}

/* By language, unit, and one or several. Finnish counts in the partitive. */
static const char *unit_word(enum rko_language language, bool months, int32_t count)
{
	static const char *const words[3][2][2] = {
		{ { "päivä", "päivää" }, { "kuukausi", "kuukautta" } },
		{ { "dag", "dagar" }, { "månad", "månader" } },
		{ { "day", "days" }, { "month", "months" } },
	};

	return words[language][months][count != 1];
}

/* What a date is called; as the policy writes it where it has no label. */
static const char *called(const struct rko_cause *cause)
{
	return *cause->label ? cause->label : cause->name;
}

/* A rule or a source: its label and its name. */
static struct text named(struct making *making, const struct rko_cause *cause)
{
	if (!*cause->label || strcmp(cause->label, cause->name) == 0)
		return text_from(cause->name);
	return text_format(making->arena, "%s (%s)", cause->label, cause->name);
}

/* "the last day is 14 August 2026, 14 days after 31 July 2026: …" */
static const char *say_date(struct making *making, const struct rko_cause *cause, day_t day)
{
	static const char *const plain[3][2] = {
		{ "ensimmäinen päivä on %s: %s", "viimeinen päivä on %s: %s" },
		{ "första dagen är %s: %s", "sista dagen är %s: %s" },
		{ "the first day is %s: %s", "the last day is %s: %s" },
	};
	static const char *const away[3][2][2] = {
		{ { "ensimmäinen päivä on %s, %d %s päivän %s jälkeen: %s", "ensimmäinen päivä on %s, %d %s ennen päivää %s: %s" },
		  { "viimeinen päivä on %s, %d %s päivän %s jälkeen: %s", "viimeinen päivä on %s, %d %s ennen päivää %s: %s" } },
		{ { "första dagen är %s, %d %s efter den %s: %s", "första dagen är %s, %d %s före den %s: %s" },
		  { "sista dagen är %s, %d %s efter den %s: %s", "sista dagen är %s, %d %s före den %s: %s" } },
		{ { "the first day is %s, %d %s after %s: %s", "the first day is %s, %d %s before %s: %s" },
		  { "the last day is %s, %d %s after %s: %s", "the last day is %s, %d %s before %s: %s" } },
	};
	enum rko_language language = making->made->out.language;
	int32_t count = cause->offset < 0 ? -cause->offset : cause->offset;
	struct day_words here = day_words(language, cause->ends ? day - 1 : day);
	const char *name = called(cause);

	if (!count)
		return text_format(making->arena, plain[language][cause->ends], here.text, name).at;
	return text_format(making->arena, away[language][cause->ends][cause->offset < 0], here.text, (int)count,
			   unit_word(language, cause->months, count), day_words(language, cause->date).text, name).at;
}

static const char *say_finding(struct making *making, const struct rko_cause *cause)
{
	static const char *const begins[] = { "ensimmäinen päivä, jota ratkaistu harkinta koskee, on",
					      "första dagen som bedömningen gäller är",
					      "the first day that the judgement is for is" };
	static const char *const ends[] = { "viimeinen päivä, jota ratkaistu harkinta koskee, on",
					    "sista dagen som bedömningen gäller är",
					    "the last day that the judgement is for is" };
	enum rko_language language = making->made->out.language;

	return text_format(making->arena, "%s %s: %s", (cause->ends ? ends : begins)[language],
			   day_words(language, cause->date).text, cause->label).at;
}

static const char *say_calendar(struct making *making, const struct rko_cause *cause)
{
	static const char *const begins[] = { "ensimmäinen voimassaolopäivä on", "första dagen i kraft är",
					      "the first day in force is" };
	static const char *const ends[] = { "viimeinen voimassaolopäivä on", "sista dagen i kraft är",
					    "the last day in force is" };
	static const char *const day[] = { "säännöissä nimetty päivä on", "dagen som reglerna nämner är",
					   "the day that the rules name is" };
	enum rko_language language = making->made->out.language;
	struct day_words words = day_words(language, cause->date);

	if (!*cause->name)
		return text_format(making->arena, "%s %s", day[language], words.text).at;
	return text_format(making->arena, "%s %s: %.*s", (cause->ends ? ends : begins)[language], words.text,
			   TEXT_ARG(named(making, cause))).at;
}

/* Causes -------------------------------------------------------------------------------------------- */

struct causes {
	struct making *making;
	struct rko_cause *list;
	size_t count, cap;
	day_t day;
};

static const char *label_of(const struct making *making, const struct image_label *label, uint32_t name)
{
	return image_label_text(making->image, label, making->made->out.language, name);
}

static const char *value_label(struct making *making, const struct image_value *value);

/* What a slot is called, and what a field of it is: from the outside in, as explanations call things. */
static const char *slot_label(struct making *making, uint32_t number)
{
	const struct plan_view *view = making->question->view;
	const struct image_slot *slot = &view->slots[number];

	if (slot->kind == IMAGE_SLOT_REF)
		return value_label(making, &view->values[slot->from]);
	if (slot->kind == IMAGE_SLOT_REQUEST) {
		const struct image_input *input = &making->image->inputs[view->question->inputs.first + slot->from];

		return label_of(making, &input->label, input->name);
	}
	return label_of(making, &slot->asks, slot->name);
}

static const char *value_label(struct making *making, const struct image_value *value)
{
	const struct plan_view *view = making->question->view;

	if (value->kind == IMAGE_VALUE_FIELD) {
		const struct image_field *field = record_field(making->image, view->slots[value->of].record, value->field);
		const char *inner = label_of(making, &field->label, 0);

		return *inner ? text_format(making->arena, "%s › %s", slot_label(making, value->of), inner).at : "";
	}
	if (value->kind == IMAGE_VALUE_REQUEST) {
		const struct image_input *input = &making->image->inputs[view->question->inputs.first + value->of];

		return label_of(making, &input->label, 0);
	}
	return "";
}

static bool same_cause(const struct rko_cause *a, const struct rko_cause *b)
{
	return a->kind == b->kind && a->date == b->date && a->offset == b->offset && a->months == b->months &&
	       a->ends == b->ends && strcmp(a->name, b->name) == 0 && strcmp(a->key, b->key) == 0;
}

static void add_cause(struct causes *causes, struct rko_cause cause)
{
	struct arena *arena = causes->making->arena;

	for (size_t i = 0; i < causes->count; i++)
		if (same_cause(&causes->list[i], &cause))
			return;
	cause.name = text_copy(arena, text_from(cause.name)).at;
	cause.label = text_copy(arena, text_from(cause.label)).at;
	cause.says = cause.kind == RKO_CAUSE_DATE      ? say_date(causes->making, &cause, causes->day)
		     : cause.kind == RKO_CAUSE_FINDING ? say_finding(causes->making, &cause)
						       : say_calendar(causes->making, &cause);
	causes->list = arena_grow(arena, causes->list, causes->count, &causes->cap, sizeof *causes->list);
	causes->list[causes->count++] = cause;
}

/* The key of the row with the date: its codes and ids with blanks, and in words. The snapshot is open. */
static void tell_key(struct making *making, const struct cut *cut, struct rko_cause *ret_cause)
{
	static const char *const none[] = { "ei ole", "finns inte", "none" };
	const struct image *image = making->image;
	const struct binding *binding = making->session->binding;
	struct text codes = TEXT(""), words = TEXT("");
	uint32_t record;

	ret_cause->key = ret_cause->key_label = "";
	if (!cut->key_size)
		return;
	record = making->question->view->slots[cut->slot].record;
	for (uint32_t i = 0; i < image->records[record].nkey; i++) {
		const struct image_field *field = record_field(image, record, i);
		const uint8_t *at = cut->key + binding->records[record].key_at[i];
		struct text part = TEXT("none"), label;
		const char *named = NULL;

		if (field->kind == IMAGE_TYPE_CODE) {
			const struct bound_codes *bound = &binding->codes[field->target];
			uint32_t stored = get_be16(at);

			if (stored < bound->nfrom && bound->from[stored] != CODE_UNKNOWN) {
				const struct image_code *code =
					&image->codes[image->codesets[field->target].codes.first + bound->from[stored]];

				part = text_from(image_string(image, code->name));
				named = label_of(making, &code->label, code->name);
			}
		} else if (get_be32(at) < STRING_MAX &&
			   store_name(making->session->reader, get_be32(at), &part) != RKO_OK) {
			part = TEXT("?");
		}
		label = named ? text_from(named) : text_equal(part, TEXT("none")) ? text_from(none[making->made->out.language]) : part;
		codes = text_format(making->arena, "%.*s%s%.*s", TEXT_ARG(codes), i ? " " : "", TEXT_ARG(part));
		words = text_format(making->arena, "%.*s%s%.*s", TEXT_ARG(words), i ? " · " : "", TEXT_ARG(label));
	}
	ret_cause->key = codes.at;
	ret_cause->key_label = words.at;
}

static void add_date(struct causes *causes, const struct cut *cut)
{
	struct making *making = causes->making;
	const struct plan_view *view = making->question->view;
	const struct image_feature *feature = &view->features[cut->feature];
	const struct image_cut *about = &making->image->cuts[feature->cuts.first + cut->number];
	const struct image_value *value = &view->values[feature->b];
	struct rko_cause cause = {
		.kind = RKO_CAUSE_DATE,
		.name = image_string(making->image, value->name),
		.label = "",
		.date = cut->anchor,
		.offset = about->count,
		.months = about->flags & IMAGE_CUT_MONTHS ? 1 : 0,
		.ends = about->flags & IMAGE_CUT_AFTER ? 1 : 0,
	};

	tell_key(making, cut, &cause);
	cause.label = value_label(making, value);
	add_cause(causes, cause);
}

static void add_finding(struct causes *causes, const struct cut *cut)
{
	struct making *making = causes->making;
	const struct image_slot *slot =
		&making->question->view->slots[making->question->view->features[cut->feature].b];

	struct rko_cause cause = {
		.kind = RKO_CAUSE_FINDING,
		.name = image_string(making->image, slot->name),
		.label = label_of(making, &slot->asks, slot->name),
		.date = cut->anchor,
		.ends = cut->number == 1,
	};

	tell_key(making, cut, &cause);
	add_cause(causes, cause);
}

/* Whether something in force begins or has ended on a day: 1, -1, or 0. */
static int turns(const struct image_force *force, day_t day)
{
	if (force->flags & IMAGE_FORCE_PENDING)
		return 0;
	if (force->from == day)
		return 1;
	return !(force->flags & IMAGE_FORCE_OPEN) && force->to != DAY_MAX && force->to + 1 == day ? -1 : 0;
}

static void add_force(struct causes *causes, int turn, uint32_t name, const char *label)
{
	add_cause(causes, (struct rko_cause){
		.kind = RKO_CAUSE_CALENDAR,
		.name = image_string(causes->making->image, name),
		.label = label,
		.date = turn > 0 ? causes->day : causes->day - 1,
		.ends = turn < 0,
		.key = "",
		.key_label = "",
	});
}

static void add_layer(struct causes *causes, const struct image_layer *layer)
{
	static const char *const own[] = { "alueen omat säännöt, %s", "områdets egna regler, %s", "the area's own rules, %s" };
	const struct making *making = causes->making;

	add_force(causes, turns(&layer->force, causes->day), layer->name,
		  text_format(making->arena, own[making->made->out.language],
			      label_of(making, &layer->label, layer->name)).at);
}

/* What is in force from this day on or no longer: of a rule its governing source, else its layer, else it itself. */
static bool add_force_of(struct causes *causes, const struct image_rule *rule)
{
	const struct making *making = causes->making;
	const struct image *image = making->image;
	const struct image_layer *layer = &image->layers[rule->layer];
	const struct image_source *source = NULL;

	if (!turns(&rule->force, causes->day))
		return false;
	if (rule->cites.count)
		source = &image->sources[image->passages[image->links[rule->cites.first]].source];
	if (source && turns(&source->force, causes->day))
		add_force(causes, turns(&source->force, causes->day), source->name,
			  label_of(making, &source->title, source->name));
	else if (rule->layer && turns(&layer->force, causes->day))
		add_layer(causes, layer);
	else
		add_force(causes, turns(&rule->force, causes->day), rule->name, label_of(making, &rule->says, 0));
	return true;
}

/* The overlay of the area that is asked about. */
static bool add_overlay(struct causes *causes)
{
	struct making *making = causes->making;
	struct bind *bind = &making->session->bind;
	uint32_t value = making->question->question->layer_value;
	int32_t area = value == IMAGE_NONE ? FACT_NONE : bind_fact(bind, value);
	bool any = false;

	bind->status = RKO_OK;
	for (uint32_t i = 1; i < making->image->n_layers && area >= 0; i++) {
		const struct image_layer *layer = &making->image->layers[i];

		if (layer->code != (uint32_t)area || !turns(&layer->force, causes->day))
			continue;
		add_layer(causes, layer);
		any = true;
	}
	return any;
}

static void add_calendar(struct causes *causes, const uint8_t *matters)
{
	const struct image_range rules = causes->making->question->question->rules;
	bool any = false;

	for (uint32_t i = 0; i < rules.count; i++)
		if (matters[i])
			any |= add_force_of(causes, &causes->making->image->rules[rules.first + i]);
	if (!any)
		any = add_overlay(causes);
	for (uint32_t i = 0; i < rules.count && !any; i++)
		any = add_force_of(causes, &causes->making->image->rules[rules.first + i]);
	if (!any)
		add_cause(causes, (struct rko_cause){ .kind = RKO_CAUSE_CALENDAR, .name = "", .label = "",
						      .date = causes->day, .key = "", .key_label = "" });
}

static void add_cut(struct causes *causes, const struct cut *cut, const uint8_t *matters)
{
	switch (causes->making->question->view->features[cut->feature].kind) {
	case IMAGE_FEATURE_POSITION:
		add_date(causes, cut);
		break;
	case IMAGE_FEATURE_FINDING:
		add_finding(causes, cut);
		break;
	case IMAGE_FEATURE_CALENDAR:
		add_calendar(causes, matters);
		break;
	}
}

/* Conditions that turned ---------------------------------------------------------------------------- */

/* Of rules that do not matter no truth is known on either side. */
static void find_flips(struct making *making, const struct side *before, const struct side *after,
		       struct rko_interval *ret)
{
	const struct image_range rules = making->question->question->rules;
	struct rko_flip *list = ARENA_ARRAY(making->arena, count_conjuncts(making) + 1, struct rko_flip);
	uint32_t at = 0;

	for (uint32_t i = 0; i < rules.count; i++) {
		const struct image_rule *rule = &making->image->rules[rules.first + i];

		for (uint32_t j = 0; j < rule->conjuncts.count; j++, at++) {
			const struct image_conjunct *part = &making->image->conjuncts[rule->conjuncts.first + j];
			unsigned truth = after->truths[at];

			if (truth == before->truths[at] || !truth || !before->truths[at])
				continue;
			list[ret->nflips++] = (struct rko_flip){
				.rule = image_string(making->image, rule->name),
				.name = image_string(making->image, part->name),
				.says = label_of(making, &part->says, 0),
				.text = image_string(making->image, part->text),
				.holds = truth == TRUTH_YES ? 1 : truth == TRUTH_NO ? 0 : -1,
			};
		}
	}
	ret->flips = list;
}

/* The rules on which either answer rests, or came closest to resting. */
static uint8_t *what_matters(struct making *making, const struct reason *before, const struct reason *after)
{
	const struct reason *const both[] = { before, after };
	uint8_t *matters = ARENA_ARRAY(making->arena, making->question->question->rules.count + 1, uint8_t);

	for (int i = 0; i < 2; i++) {
		for (size_t j = 0; j < both[i]->nby; j++)
			matters[both[i]->by[j]] = 1;
		if (both[i]->nearest != IMAGE_NONE)
			matters[both[i]->nearest] = 1;
	}
	return matters;
}

enum rko_status causes_find(struct making *making, const struct cut *cuts, size_t ncuts, const struct reason *before,
			    const struct reason *after, struct rko_interval *ret)
{
	uint8_t *changed = ARENA_ARRAY(making->arena, making->question->view->nfeatures + 1, uint8_t);
	struct causes causes = { .making = making, .day = cuts->day };
	uint8_t *matters = what_matters(making, before, after);
	struct side was, is;
	enum rko_status status = look_at_side(making, cuts->day - 1, matters, &was);

	if (status != RKO_OK)
		return status;
	session_done(making->session);
	status = look_at_side(making, cuts->day, matters, &is);
	if (status != RKO_OK)
		return status;
	find_changed(&was, &is, changed);
	for (size_t i = 0; i < ncuts; i++)
		if (is_behind(making->question->view, &cuts[i], changed))
			add_cut(&causes, &cuts[i], matters);
	for (size_t i = 0; i < ncuts && !causes.count; i++)
		add_cut(&causes, &cuts[i], matters);
	find_flips(making, &was, &is, ret);
	session_done(making->session);
	ret->causes = causes.list;
	ret->ncauses = causes.count;
	return RKO_OK;
}
