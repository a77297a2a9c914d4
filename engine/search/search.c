/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The values that the facts know for a field of a request, all of them decided by the filter. Which values those are
 * is read from rows, so a search finds who is on record, and tells among whom it looked.
 */
#include <stdio.h>
#include <stdlib.h>

#include <rko/load.h>

#include "engine/decide/filter.h"

/* Where to look ------------------------------------------------------------------------------------- */

/* The place of a request's field in a key, or IMAGE_NONE. `*ret_said`: how many other parts are fields of it too. */
static uint32_t part_of_key(const struct rko_policy *policy, const struct plan_view *view, struct image_range keys,
			    uint32_t input, uint32_t *ret_said)
{
	uint32_t place = IMAGE_NONE;

	*ret_said = 0;
	for (uint32_t i = 0; i < keys.count; i++) {
		uint32_t part = policy->image.keys[keys.first + i];
		const struct image_value *value = &view->values[part & ~IMAGE_KEY_EACH];

		if (part & IMAGE_KEY_EACH || value->kind != IMAGE_VALUE_REQUEST)
			continue;
		if (value->of == input)
			place = i;
		else
			++*ret_said;
	}
	return place;
}

struct best {
	uint32_t record, place, said;
};

static void try_key(const struct rko_policy *policy, const struct plan_view *view, uint32_t record,
		    struct image_range keys, uint32_t input, struct best *best)
{
	uint32_t said, place = part_of_key(policy, view, keys, input, &said);

	if (place == IMAGE_NONE || (best->record != IMAGE_NONE && said <= best->said))
		return;
	*best = (struct best){ record, place, said };
}

enum rko_status rko_search_among(const struct rko_policy *policy, uint32_t question, const char *field,
				 struct rko_among *ret)
{
	const struct image *image = &policy->image;
	const struct question_view *asked = &policy->questions[question];
	const struct plan_view *view = asked->view;
	uint32_t number = map_get(&asked->names, text_from(field));
	const struct request_field *about;
	struct best best = { IMAGE_NONE, 0, 0 };
	bool listed;

	if (number == MAP_NONE)
		return RKO_ARGUMENT;
	about = &asked->fields[number];
	if (about->kind == IMAGE_TYPE_CODE) {
		*ret = (struct rko_among){ .kind = "", .listed = true,
					   .field = policy_string(policy, image->codesets[about->target].name) };
		return RKO_OK;
	}
	listed = about->kind == IMAGE_TYPE_REF && image->records[about->target].nkey == 1;
	if (listed)
		best = (struct best){ about->target, 0, 0 };
	for (uint32_t i = 0; !listed && about->field == IMAGE_NONE && i < view->nslots; i++)
		if (view->slots[i].kind == IMAGE_SLOT_LINK)
			try_key(policy, view, view->slots[i].record, view->slots[i].keys, about->input, &best);
	for (uint32_t i = 0; !listed && about->field == IMAGE_NONE && i < view->nscans; i++)
		try_key(policy, view, view->scans[i].record, view->scans[i].keys, about->input, &best);
	if (best.record == IMAGE_NONE)
		return RKO_ARGUMENT;
	*ret = (struct rko_among){
		.kind = policy_string(policy, image->records[best.record].name),
		.field = policy_string(policy, record_field(image, best.record, best.place)->name),
		.listed = listed,
	};
	return RKO_OK;
}

/* Values -------------------------------------------------------------------------------------------- */

struct search {
	struct rko_session *session;
	const struct rko_request *request;
	const struct rko_search *about;
	struct rko_policy *policy;
	struct rko_fault *fault;
	uint32_t record, field;		/* that is looked through */
	uint32_t where[LIMIT_FIELDS];	/* fields of the record */
	struct rko_value key[LIMIT_KEY_SLOTS];
	uint32_t nkey;
	uint32_t generation;
	char token[RKO_SEARCH_TOKEN];	/* a copy: the caller may hand in the one of the page that is filled */
	struct text after;		/* of the token; empty: from the beginning */
	char **values;
	size_t count, cap, rows;
	enum rko_status status;
};

static enum rko_status __attribute__((format(printf, 2, 0)))
wrong(const struct search *search, const char *format, const char *word)
{
	fault_say(search->fault, format, word);
	return RKO_ARGUMENT;
}

static uint32_t record_field_named(const struct search *search, const char *name)
{
	const struct image_record *record = &search->policy->image.records[search->record];

	for (uint32_t i = 0; i < record->fields.count; i++)
		if (strcmp(policy_string(search->policy,
					 record_field(&search->policy->image, search->record, i)->name), name) == 0)
			return i;
	return IMAGE_NONE;
}

static bool is_value(const struct rko_value *value, const char *word)
{
	if (value->kind == RKO_VALUE_TEXT)
		return text_equal((struct text){ value->text, value->length }, text_from(word));
	for (size_t i = 0; value->kind == RKO_VALUE_SET && i < value->length; i++)
		if (is_value(&value->elements[i], word))
			return true;
	return false;
}

static bool fits(const struct search *search, const struct rko_fact *fact)
{
	for (size_t i = 0; i < search->about->nwhere; i++)
		if (!is_value(&fact->values[search->where[i]], search->about->where[i].value))
			return false;
	return true;
}

static bool add_value(struct search *search, const struct rko_value *value)
{
	struct text text = { value->text, value->length };
	char *copy;

	if (value->kind != RKO_VALUE_TEXT || text_equal(text, TEXT("none")) || text_equal(text, TEXT("unknown")) ||
	    (search->after.len && text_compare(text, search->after) <= 0))
		return true;
	if (search->count == search->cap) {
		size_t cap = search->cap ? search->cap * 2 : 1024;
		char **values = realloc(search->values, cap * sizeof *values);

		if (!values)
			return false;
		search->values = values;
		search->cap = cap;
	}
	copy = strndup(text.at, text.len);
	if (copy)
		search->values[search->count++] = copy;
	return copy != NULL;
}

static int take_row(void *context, const struct rko_fact *fact)
{
	struct search *search = context;
	const struct rko_value *value = &fact->values[search->field];
	bool kept = true;

	if (!fits(search, fact))
		return 1;
	if (++search->rows > RKO_SEARCH_ROWS) {
		search->status = RKO_LIMIT;
		fault_say(search->fault, "more than %d rows fit", RKO_SEARCH_ROWS);
		return 0;
	}
	if (value->kind == RKO_VALUE_SET)
		for (size_t i = 0; i < value->length && kept; i++)
			kept = add_value(search, &value->elements[i]);
	else
		kept = add_value(search, value);
	if (!kept)
		search->status = RKO_NO_MEMORY;
	return kept;
}

static int compare_values(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In order, each once. */
static void sort_values(struct search *search)
{
	size_t kept = 0;

	if (search->count)
		qsort(search->values, search->count, sizeof *search->values, compare_values);
	for (size_t i = 0; i < search->count; i++) {
		if (kept && strcmp(search->values[kept - 1], search->values[i]) == 0)
			free(search->values[i]);
		else
			search->values[kept++] = search->values[i];
	}
	search->count = kept;
}

/* The codes that the open field takes. */
static enum rko_status find_codes(struct search *search)
{
	const struct image *image = &search->policy->image;
	const struct question_view *asked = &search->policy->questions[search->request->question];
	const struct request_field *about = &asked->fields[map_get(&asked->names, text_from(search->about->field))];
	const struct image_codeset *set = &image->codesets[about->target];

	for (uint32_t i = 0; i < set->codes.count; i++) {
		struct text name = text_from(image_string(image, image->codes[set->codes.first + i].name));

		if (!add_value(search, &(struct rko_value){ .kind = RKO_VALUE_TEXT, .text = name.at, .length = name.len }))
			return RKO_NO_MEMORY;
	}
	sort_values(search);
	return RKO_OK;
}

static enum rko_status find_values(struct search *search)
{
	enum rko_status status;

	if (search->record == RKO_NOTHING)
		return find_codes(search);
	status = rko_facts_read(search->session->facts, search->policy, search->record, search->key, search->nkey,
				search->generation, 0, take_row, search);
	if (status == RKO_OK)
		status = search->status;
	if (status == RKO_ARGUMENT)
		return wrong(search, "a value cannot stand in the key of `%s`",
			     policy_string(search->policy, search->policy->image.records[search->record].name));
	sort_values(search);
	return status;
}

/* What is asked ------------------------------------------------------------------------------------- */

/* Fields that begin the key, as long as each is given. */
static void find_key(struct search *search)
{
	uint32_t nkey = search->policy->image.records[search->record].nkey;

	for (uint32_t part = 0; part < nkey; part++) {
		uint32_t had = search->nkey;

		for (size_t i = 0; i < search->about->nwhere && search->nkey == had; i++)
			if (search->where[i] == part)
				search->key[search->nkey++] = (struct rko_value){
					.kind = RKO_VALUE_TEXT,
					.text = search->about->where[i].value,
					.length = strlen(search->about->where[i].value),
				};
		if (search->nkey == had)
			return;
	}
}

static enum rko_status find_where(struct search *search)
{
	if (search->about->nwhere > LIMIT_FIELDS) {
		fault_say(search->fault, "more than %d conditions", LIMIT_FIELDS);
		return RKO_LIMIT;
	}
	for (size_t i = 0; i < search->about->nwhere; i++) {
		search->where[i] = record_field_named(search, search->about->where[i].field);
		if (search->where[i] == IMAGE_NONE)
			return wrong(search, "the rows have no field `%s`", search->about->where[i].field);
	}
	if (search->about->nwhere)
		find_key(search);
	return RKO_OK;
}

/* "GENERATION.VALUE", as the page before gave it. */
static enum rko_status read_token(struct search *search)
{
	const char *token = search->token;
	unsigned long generation;
	char *end;

	if (!*token)
		return RKO_OK;
	generation = strtoul(token, &end, 10);
	if (*token < '1' || *token > '9' || *end != '.' || !end[1] || generation > UINT32_MAX)
		return wrong(search, "`%s` is no token of a page", token);
	search->generation = (uint32_t)generation;
	search->after = text_from(end + 1);
	return RKO_OK;
}

static enum rko_status find_place(struct search *search)
{
	struct rko_among among = { search->about->among_kind, search->about->among_field, 0 };

	if (!among.kind && rko_search_among(search->policy, search->request->question, search->about->field,
					    &among) != RKO_OK)
		return wrong(search, "nothing stored tells which values `%s` takes: say among which", search->about->field);
	search->record = *among.kind ? rko_policy_kind(search->policy, among.kind) : RKO_NOTHING;
	if (!*among.kind && !search->about->among_kind)
		return search->about->nwhere ? wrong(search, "`%s` takes codes, of which nothing more is true",
						     search->about->field) : RKO_OK;
	if (search->record == RKO_NOTHING)
		return wrong(search, "the policy has no kind of record `%s`", among.kind);
	if (!among.field)
		among.field = policy_string(search->policy, record_field(&search->policy->image, search->record, 0)->name);
	search->field = record_field_named(search, among.field);
	if (search->field == IMAGE_NONE ||
	    record_field(&search->policy->image, search->record, search->field)->flags & IMAGE_FIELD_DERIVED)
		return wrong(search, "the rows have no field `%s`", among.field);
	return RKO_OK;
}

static enum rko_status prepare(struct search *search)
{
	struct rko_facts_about about;
	enum rko_status status;

	if (search->about->limit > RKO_SEARCH_MOST) {
		fault_say(search->fault, "one page has at most %d values", RKO_SEARCH_MOST);
		return RKO_LIMIT;
	}
	status = find_place(search);
	if (status == RKO_OK)
		status = find_where(search);
	search->generation = search->request->generation;
	if (status == RKO_OK)
		status = read_token(search);
	if (status == RKO_OK && !search->generation) {
		status = rko_facts_about(search->session->facts, &about);
		search->generation = about.generation;
	}
	return status;
}

/* Deciding ------------------------------------------------------------------------------------------ */

static void show_page(const struct search *search, const struct rko_filtered *filtered, size_t count,
		      rko_found_fn *show, void *context)
{
	for (size_t i = 0; i < count; i++) {
		struct rko_found found = { .value = search->values[i], .decision = &filtered[i] };

		if (!show(context, &found))
			return;
	}
}

static enum rko_status decide_page(struct search *search, rko_found_fn *show, void *context, struct rko_searched *ret)
{
	size_t most = search->about->limit ? search->about->limit : RKO_SEARCH_MOST;
	size_t count = search->count < most ? search->count : most;
	struct rko_filtered *filtered = calloc(count + 1, sizeof *filtered);
	enum rko_status status;

	if (!filtered)
		return RKO_NO_MEMORY;
	status = filter_as_of(search->session, search->request, search->generation, search->about->field,
			      (const char *const *)search->values, count, filtered, NULL);
	if (status == RKO_ARGUMENT)
		fault_say(search->fault, "`%s` is no field of the question that takes one value", search->about->field);
	if (status == RKO_OK) {
		ret->decided = count;
		if (count < search->count)
			snprintf(ret->token, sizeof ret->token, "%u.%s", search->generation, search->values[count - 1]);
		show_page(search, filtered, count, show, context);
	}
	free(filtered);
	return status;
}

enum rko_status rko_search(struct rko_session *session, const struct rko_request *request,
			   const struct rko_search *about, rko_found_fn *show, void *context,
			   struct rko_searched *ret_searched, struct rko_fault *fault)
{
	struct search search = { .session = session, .request = request, .about = about, .policy = session->policy,
				 .fault = fault };
	enum rko_status status = RKO_ARGUMENT;

	if (fault)
		fault->text[0] = '\0';
	if (about->token)
		snprintf(search.token, sizeof search.token, "%s", about->token);
	*ret_searched = (struct rko_searched){ .decided = 0 };
	if (request->policy == session->policy)
		status = prepare(&search);
	if (status == RKO_OK)
		status = find_values(&search);
	if (status == RKO_OK) {
		ret_searched->generation = search.generation;
		status = decide_page(&search, show, context, ret_searched);
	}
	for (size_t i = 0; i < search.count; i++)
		free(search.values[i]);
	free(search.values);
	if (status != RKO_OK && fault && !fault->text[0])
		fault_say(fault, "%s", rko_status_meaning(status));
	return status;
}
