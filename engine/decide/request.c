/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/decide/request.h"

#include <stdlib.h>

enum rko_status rko_request_new(struct rko_policy *policy, const char *question, struct rko_request **ret_request)
{
	struct rko_request *request;
	uint32_t number = rko_policy_question(policy, question);

	if (number == RKO_NOTHING)
		return RKO_ARGUMENT;
	request = calloc(1, sizeof *request);
	if (!request)
		return RKO_NO_MEMORY;
	request->policy = rko_policy_ref(policy);
	request->question = number;
	request->view = &policy->questions[number];
	request->fields = calloc(request->view->nfields + 1, sizeof *request->fields);
	request->elements = calloc(LIMIT_REQUEST_ELEMENTS, sizeof *request->elements);
	request->text = malloc(LIMIT_REQUEST_BYTES);
	if (!request->fields || !request->elements || !request->text) {
		rko_request_free(request);
		return RKO_NO_MEMORY;
	}
	rko_request_clear(request);
	*ret_request = request;
	return RKO_OK;
}

void rko_request_free(struct rko_request *request)
{
	if (!request)
		return;
	rko_policy_unref(request->policy);
	free(request->fields);
	free(request->elements);
	free(request->text);
	free(request);
}

void rko_request_clear(struct rko_request *request)
{
	memset(request->fields, 0, request->view->nfields * sizeof *request->fields);
	request->nelements = 0;
	request->text_len = 0;
	request->action = IMAGE_NONE;
	request->has_instant = false;
	request->instant = 0;
	request->has_day = false;
	request->generation = 0;
	request->refusal = RKO_REFUSED_NOT;
	request->refused_field = IMAGE_NONE;
	request->refused_name[0] = '\0';
	request->refused_code[0] = '\0';
}

/* The first mistake is the one that is told. */
static enum rko_status refuse(struct rko_request *request, enum rko_refusal refusal, uint32_t field,
			      struct text name)
{
	if (request->refusal != RKO_REFUSED_NOT)
		return RKO_ARGUMENT;
	request->refusal = refusal;
	request->refused_field = field;
	if (field == IMAGE_NONE) {
		size_t length = name.len < sizeof request->refused_name ? name.len : sizeof request->refused_name - 1;

		memcpy(request->refused_name, name.at, length);
		request->refused_name[length] = '\0';
	}
	return RKO_ARGUMENT;
}

enum rko_status rko_request_action(struct rko_request *request, const char *action)
{
	const struct image *image = &request->policy->image;
	const struct image_question *question = request->view->question;

	for (uint32_t i = 0; i < question->actions.count; i++) {
		if (strcmp(image_string(image, image->actions[question->actions.first + i].name), action) == 0) {
			request->action = i;
			return RKO_OK;
		}
	}
	return refuse(request, RKO_REFUSED_ACTION, IMAGE_NONE, text_from(action));
}

void rko_request_at(struct rko_request *request, int64_t instant)
{
	request->has_instant = true;
	request->instant = instant;
}

enum rko_status rko_request_on(struct rko_request *request, rko_day day)
{
	if (!day_valid(day))
		return refuse(request, RKO_REFUSED_INSTANT, IMAGE_NONE, TEXT("day"));
	request->has_day = true;
	request->day = day;
	return RKO_OK;
}

void rko_request_as_of(struct rko_request *request, uint32_t generation)
{
	request->generation = generation;
}

/* Values ------------------------------------------------------------------------------------------ */

/* An id: a word, not too long, and none of those that mean something else. */
static bool is_id(struct text text)
{
	return text.len <= LIMIT_ID_BYTES && text_is_word(text) && !text_equal(text, TEXT("none")) &&
	       !text_equal(text, TEXT("open")) && !text_equal(text, TEXT("unknown"));
}

static bool read_value(struct rko_request *request, const struct request_field *field, struct text text,
		       bool element, struct said_value *ret)
{
	day_t day;

	*ret = (struct said_value){ .said = SAID_FACT };
	if (!element && field->flags & IMAGE_FIELD_NONE && text_equal(text, TEXT("none"))) {
		ret->fact = FACT_NONE;
		return true;
	}
	if (!element && field->flags & IMAGE_FIELD_OPEN && text_equal(text, TEXT("open"))) {
		ret->fact = FACT_OPEN;
		return true;
	}
	if (!element && field->flags & IMAGE_FIELD_UNKNOWN && text_equal(text, TEXT("unknown"))) {
		ret->fact = FACT_UNKNOWN;
		return true;
	}
	switch (field->kind) {
	case IMAGE_TYPE_CODE:
		ret->fact = (int32_t)policy_code(request->policy, field->target, text);
		return (uint32_t)ret->fact != IMAGE_NONE;
	case IMAGE_TYPE_DATE:
		if (!day_parse(text, &day))
			return false;
		ret->fact = day;
		return true;
	default:
		ret->said = SAID_TEXT;
		ret->text_at = request->text_len;
		ret->text_len = (uint32_t)text.len;
		return is_id(text);
	}
}

static enum rko_status keep(struct rko_request *request, uint32_t number, struct text text,
			    struct said_value value)
{
	struct said_value *said = &request->fields[number];

	if (value.said == SAID_TEXT) {
		if (text.len > LIMIT_REQUEST_BYTES - request->text_len)
			return refuse(request, RKO_REFUSED_LIMIT, number, text);
		memcpy(request->text + request->text_len, text.at, text.len);
		request->text_len += (uint32_t)text.len;
	}
	if (!(request->view->fields[number].flags & IMAGE_FIELD_SET)) {
		*said = value;
		return RKO_OK;
	}
	if (request->nelements == LIMIT_REQUEST_ELEMENTS)
		return refuse(request, RKO_REFUSED_LIMIT, number, text);
	request->elements[request->nelements++] = value;
	if (said->said == SAID_SET && said->last)
		request->elements[said->last - 1].next = request->nelements;
	else
		*said = (struct said_value){ .said = SAID_SET, .first = request->nelements };
	said->last = request->nelements;
	return RKO_OK;
}

static enum rko_status refuse_value(struct rko_request *request, uint32_t number, struct text name, struct text value)
{
	bool first = request->refusal == RKO_REFUSED_NOT;

	if (first && request->view->fields[number].kind == IMAGE_TYPE_CODE && value.len < sizeof request->refused_code &&
	    value.len) {
		memcpy(request->refused_code, value.at, value.len);
		request->refused_code[value.len] = '\0';
	}
	return refuse(request, RKO_REFUSED_VALUE, number, name);
}

static uint32_t find_field(const struct rko_request *request, struct text name)
{
	return map_get(&request->view->names, name);
}

static enum rko_status say(struct rko_request *request, uint32_t number, struct text name, struct text text)
{
	const struct request_field *about = &request->view->fields[number];
	bool set = about->flags & IMAGE_FIELD_SET;
	struct said_value said;

	if (about->flags & IMAGE_FIELD_DERIVED)
		return refuse(request, RKO_REFUSED_NO_FIELD, IMAGE_NONE, name);
	if (request->fields[number].said != SAID_NOT && !(set && request->fields[number].last))
		return refuse(request, RKO_REFUSED_TWICE, number, name);
	if (!read_value(request, about, text, set, &said))
		return refuse_value(request, number, name, text);
	return keep(request, number, text, said);
}

enum rko_status rko_request_set_n(struct rko_request *request, const char *field, size_t field_length,
				  const char *value, size_t length)
{
	struct text name = { field, field_length };
	uint32_t number = find_field(request, name);

	if (number == MAP_NONE)
		return refuse(request, RKO_REFUSED_NO_FIELD, IMAGE_NONE, name);
	return say(request, number, name, (struct text){ value, length });
}

enum rko_status rko_request_set(struct rko_request *request, const char *field, const char *value)
{
	return rko_request_set_n(request, field, strlen(field), value, strlen(value));
}

enum rko_status rko_request_set_empty(struct rko_request *request, const char *field)
{
	uint32_t number = find_field(request, text_from(field));

	if (number == MAP_NONE)
		return refuse(request, RKO_REFUSED_NO_FIELD, IMAGE_NONE, text_from(field));
	if (!(request->view->fields[number].flags & IMAGE_FIELD_SET))
		return refuse(request, RKO_REFUSED_VALUE, number, text_from(field));
	if (request->fields[number].said != SAID_NOT)
		return refuse(request, RKO_REFUSED_TWICE, number, text_from(field));
	request->fields[number] = (struct said_value){ .said = SAID_SET };
	return RKO_OK;
}

/* One field open ---------------------------------------------------------------------------------- */

enum rko_status request_copy(const struct rko_request *request, struct rko_request **ret_request)
{
	struct rko_request *copy;
	enum rko_status status = rko_request_new(
		request->policy, policy_string(request->policy, request->view->question->name), &copy);
	struct said_value *fields, *elements;
	char *text;

	if (status != RKO_OK)
		return status;
	fields = copy->fields;
	elements = copy->elements;
	text = copy->text;
	memcpy(fields, request->fields, request->view->nfields * sizeof *fields);
	memcpy(elements, request->elements, request->nelements * sizeof *elements);
	memcpy(text, request->text, request->text_len);
	*copy = *request;
	copy->fields = fields;
	copy->elements = elements;
	copy->text = text;
	*ret_request = copy;
	return RKO_OK;
}

enum rko_status request_open(const struct rko_request *request, struct text field, struct rko_request **ret_request,
			     uint32_t *ret_field)
{
	uint32_t number = find_field(request, field);

	if (number == MAP_NONE || request->view->fields[number].flags & (IMAGE_FIELD_SET | IMAGE_FIELD_DERIVED))
		return RKO_ARGUMENT;
	*ret_field = number;
	return request_copy(request, ret_request);
}

void request_vary(struct rko_request *copy, const struct rko_request *request, uint32_t field, struct text value)
{
	copy->fields[field] = request->fields[field];
	copy->text_len = request->text_len;
	copy->refusal = request->refusal;
	copy->refused_field = request->refused_field;
	say(copy, field, copy->view->fields[field].name, value);
}

/* Restoring --------------------------------------------------------------------------------------- */

static bool is_fact(const struct rko_request *request, const struct request_field *field, int32_t fact)
{
	if (fact == FACT_NONE)
		return field->flags & IMAGE_FIELD_NONE;
	if (fact == FACT_OPEN)
		return field->flags & IMAGE_FIELD_OPEN;
	if (fact == FACT_UNKNOWN)
		return field->flags & IMAGE_FIELD_UNKNOWN;
	if (field->kind == IMAGE_TYPE_DATE)
		return day_valid(fact);
	return field->kind == IMAGE_TYPE_CODE && fact >= 0 &&
	       (uint32_t)fact < request->policy->image.codesets[field->target].codes.count;
}

bool request_restore(struct rko_request *request, uint32_t number, uint8_t form, const uint8_t *bytes, size_t size)
{
	const struct request_field *field;
	struct said_value *said, value = { .said = form };
	struct text text = { (const char *)bytes, size };

	if (number >= request->view->nfields)
		return false;
	field = &request->view->fields[number];
	said = &request->fields[number];
	if (field->flags & IMAGE_FIELD_DERIVED || (said->said != SAID_NOT && !(said->said == SAID_SET && said->last)))
		return false;
	switch ((enum said)form) {
	case SAID_FACT:
		if (size != 4 || !is_fact(request, field, (int32_t)get_le32(bytes)))
			return false;
		value.fact = (int32_t)get_le32(bytes);
		if (field->flags & IMAGE_FIELD_SET && value.fact <= FACT_UNKNOWN)
			return false;	/* no element */
		break;
	case SAID_TEXT:
		if (field->kind == IMAGE_TYPE_CODE || field->kind == IMAGE_TYPE_DATE || !is_id(text))
			return false;
		value.text_at = request->text_len;
		value.text_len = (uint32_t)size;
		break;
	case SAID_SET:
		if (size || !(field->flags & IMAGE_FIELD_SET) || said->said != SAID_NOT)
			return false;
		*said = value;
		return true;
	case SAID_NOT:
	default:
		return false;
	}
	return keep(request, number, text, value) == RKO_OK;
}

/* Completeness ------------------------------------------------------------------------------------ */

static bool fits_bound(const struct rko_request *request, const struct request_field *field,
		       const struct said_value *said)
{
	uint32_t bound, count = 0;

	if (said->said != SAID_SET)
		return true;
	bound = field->bound ? field->bound : LIMIT_SET_ELEMENTS;
	for (uint32_t i = said->first; i; i = request->elements[i - 1].next)
		count++;
	return count <= bound;
}

/* What was said for a date of a given record; a derived one is the first of two that is not none. */
static const struct said_value *said_date(const struct rko_request *request, uint32_t at, uint32_t record,
					  uint32_t field, uint32_t *ret_field)
{
	const struct image_field *about = record_field(&request->policy->image, record, field);
	const struct said_value *first;

	if (!(about->flags & IMAGE_FIELD_DERIVED)) {
		*ret_field = at + field;
		return &request->fields[*ret_field];
	}
	first = said_date(request, at, record, about->derive[0], ret_field);
	if (first->said == SAID_FACT && first->fact == FACT_NONE)
		return said_date(request, at, record, about->derive[1], ret_field);
	return first;
}

/* A record that is given does not end before it begins. Sets *ret_field to its end. */
static bool ends_before_it_begins(const struct rko_request *request, uint32_t input, uint32_t *ret_field)
{
	const struct question_view *view = request->view;
	const struct image *image = &request->policy->image;
	uint32_t at = view->record_at[input], record = image->inputs[view->question->inputs.first + input].target;
	const struct said_value *begins, *ends;

	if (at == IMAGE_NONE || image->records[record].valid[0] == IMAGE_NONE)
		return false;
	begins = said_date(request, at, record, image->records[record].valid[0], ret_field);
	ends = said_date(request, at, record, image->records[record].valid[1], ret_field);
	return begins->said == SAID_FACT && ends->said == SAID_FACT && day_valid(begins->fact) &&
	       day_valid(ends->fact) && begins->fact > ends->fact;
}

enum rko_refusal request_complete(const struct rko_request *request, uint32_t *ret_field)
{
	const struct question_view *view = request->view;
	const uint8_t *carries = view->carries + (size_t)request->action * view->nfields;

	for (uint32_t i = 0; i < view->nfields; i++) {
		bool said = request->fields[i].said != SAID_NOT;

		*ret_field = i;
		if (said && carries[i] == CARRIES_NOT)
			return RKO_REFUSED_NOT_CARRIED;
		if (!said && carries[i] == CARRIES_MUST)
			return RKO_REFUSED_MISSING;
		if (!fits_bound(request, &view->fields[i], &request->fields[i]))
			return RKO_REFUSED_LIMIT;
	}
	for (uint32_t i = 0; i < view->question->inputs.count; i++)
		if (ends_before_it_begins(request, i, ret_field))
			return RKO_REFUSED_VALUE;
	*ret_field = IMAGE_NONE;
	return RKO_REFUSED_NOT;
}

/* Words ------------------------------------------------------------------------------------------- */

const char *rko_outcome_word(enum rko_outcome outcome)
{
	static const char *const words[] = { "not_granted", "granted", "forbidden", "undecided", "refused" };

	return (unsigned)outcome < sizeof words / sizeof words[0] ? words[outcome] : "unknown";
}

const char *rko_refusal_word(enum rko_refusal refusal)
{
	static const char *const words[] = {
		"",		"instant",   "action",	  "no_such_field", "missing", "not_carried",
		"said_twice",	"bad_value", "not_found", "exists",	   "must",    "limit",
	};

	return (unsigned)refusal < sizeof words / sizeof words[0] ? words[refusal] : "unknown";
}
