/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/audit/record.h"

#include <sodium.h>

#include "engine/audit/bytes.h"
#include "engine/decide/request.h"

enum { REQUEST_INSTANT = 1, REQUEST_DAY = 2 };

/* Where things lie in the body of a decision. */
enum {
	AT_REQUEST_SIZE = 4,
	AT_TRACE_SIZE = 8,
	AT_WORDS_SIZE = 12,
	AT_ID = 16,
	AT_SALT = 32,
	SALT_BYTES = 16,
	DECISION_HEAD = AT_SALT + SALT_BYTES,
};

const char *record_kind_word(enum record_kind kind)
{
	static const char *const words[] = { "", "decision", "checkpoint", "opened", "set_aside", "expired",
					     "explained" };

	return (unsigned)kind < sizeof words / sizeof words[0] ? words[kind] : "";
}

/* Writing ----------------------------------------------------------------------------------------- */

static void add_value(struct buf *out, const struct rko_request *request, const struct request_field *field,
		      const struct said_value *said)
{
	const struct image *image = &request->policy->image;
	char day[DAY_TEXT];

	if (said->said == SAID_TEXT) {
		add_text(out, said_text(request, said));
	} else if (said->fact == FACT_NONE) {
		add_text(out, TEXT("none"));
	} else if (said->fact == FACT_OPEN) {
		add_text(out, TEXT("open"));
	} else if (said->fact == FACT_UNKNOWN) {
		add_text(out, TEXT("unknown"));
	} else if (field->kind == IMAGE_TYPE_CODE) {
		const struct image_code *codes = &image->codes[image->codesets[field->target].codes.first];

		add_string(out, image_string(image, codes[said->fact].name));
	} else {
		day_print(said->fact, day);
		add_string(out, day);
	}
}

static void add_field(struct buf *out, const struct rko_request *request, uint32_t number)
{
	const struct request_field *field = &request->view->fields[number];
	const struct said_value *said = &request->fields[number];
	bool set = said->said == SAID_SET;
	uint32_t count = 0;

	add_text(out, field->name);
	add_8(out, set);
	for (uint32_t i = set ? said->first : 0; i; i = request->elements[i - 1].next)
		count++;
	add_16(out, set ? count : 1);
	if (!set)
		add_value(out, request, field, said);
	for (uint32_t i = set ? said->first : 0; i; i = request->elements[i - 1].next)
		add_value(out, request, field, &request->elements[i - 1]);
}

void record_request(struct buf *out, const struct rko_request *request)
{
	const struct question_view *view = request->view;
	const struct image *image = &request->policy->image;
	uint32_t count = 0, action = request->action, refused = request->refused_field;

	add_8(out, (uint8_t)((request->has_instant ? REQUEST_INSTANT : 0) | (request->has_day ? REQUEST_DAY : 0)));
	add_8(out, (uint8_t)request->refusal);
	add_16(out, 0);
	add_32(out, request->generation);
	add_64(out, (uint64_t)(request->has_instant ? request->instant : 0));
	add_32(out, (uint32_t)(request->has_day ? request->day : 0));
	add_string(out, image_string(image, view->question->name));
	add_string(out, action == IMAGE_NONE ? "" :
		   image_string(image, image->actions[view->question->actions.first + action].name));
	add_text(out, refused == IMAGE_NONE ? TEXT("") : view->fields[refused].name);
	for (uint32_t i = 0; i < view->nfields; i++)
		count += request->fields[i].said != SAID_NOT;
	add_16(out, count);
	for (uint32_t i = 0; i < view->nfields; i++)
		if (request->fields[i].said != SAID_NOT)
			add_field(out, request, i);
}

static void add_words(struct buf *out, const struct rko_audit_asker *asker, const struct rko_request *request,
		      const struct rko_decision *decision)
{
	const struct image *image = &request->policy->image;
	const struct image_question *question = request->view->question;

	add_safe(out, asker ? asker->caller : NULL);
	add_safe(out, asker ? asker->correlation : NULL);
	add_string(out, decision->rule_name);
	add_16(out, (uint32_t)__builtin_popcountll(decision->duties));
	for (uint32_t i = 0; i < question->duties.count && i < RECORD_DUTIES; i++) {
		const struct image_duty *duty = &image->duties[question->duties.first + i];

		if (decision->duties >> i & 1)
			add_string(out, image_string(image, image->rules[question->rules.first + duty->rule].name));
	}
}

void record_decision(struct buf *out, const struct rko_audit_asker *asker, const struct rko_request *request,
		     const struct rko_decision *decision, uint8_t id[RKO_AUDIT_ID_BYTES])
{
	size_t begin = out->len, request_end, words_end;
	uint8_t random[RKO_AUDIT_ID_BYTES + SALT_BYTES];

	randombytes_buf(random, sizeof random);
	memcpy(id, random, RKO_AUDIT_ID_BYTES);
	add_head(out, RECORD_DECISION);
	add_32(out, 0);
	add_32(out, (uint32_t)decision->trace_size);
	add_32(out, 0);
	buf_add(out, random, sizeof random);
	record_request(out, request);
	request_end = out->len;
	add_words(out, asker, request, decision);
	words_end = out->len;
	buf_add(out, decision->trace, decision->trace_size);
	if (buf_failed(out))
		return;
	put_le32(out->at + begin + AT_REQUEST_SIZE, (uint32_t)(request_end - begin - DECISION_HEAD));
	put_le32(out->at + begin + AT_WORDS_SIZE, (uint32_t)(words_end - request_end));
}

void record_checkpoint(struct buf *out, const char *text)
{
	add_head(out, RECORD_CHECKPOINT);
	buf_string(out, text);
}

void record_opened(struct buf *out, bool made)
{
	add_head(out, RECORD_OPENED);
	add_string(out, rko_version());
	add_8(out, made);
}

void record_aside(struct buf *out, const char *file, uint64_t bytes, const struct hash *hash)
{
	add_head(out, RECORD_ASIDE);
	add_string(out, file);
	add_64(out, bytes);
	buf_add(out, hash->at, HASH_BYTES);
}

void record_expired(struct buf *out, uint64_t first, uint32_t month)
{
	add_head(out, RECORD_EXPIRED);
	add_64(out, first);
	add_32(out, month);
}

/* Reading ----------------------------------------------------------------------------------------- */

bool record_field_next(struct record_request *request, struct record_field *ret_field)
{
	struct rest rest = rest_of(request->fields);
	struct record_field field;
	uint8_t set;

	if (!request->nfields)
		return false;
	field.name = take_text(&rest);
	set = take_8(&rest);
	field.set = set;
	field.nvalues = take_16(&rest);
	field.values = (struct text){ (const char *)rest.at, rest.len };
	for (uint32_t i = 0; i < field.nvalues && !rest.failed; i++)
		take_text(&rest);
	if (rest.failed || set > 1 || (!set && field.nvalues != 1))
		return false;
	field.values.len -= rest.len;
	request->nfields--;
	request->fields = (struct text){ (const char *)rest.at, rest.len };
	*ret_field = field;
	return true;
}

bool record_value_next(struct record_field *field, struct text *ret_value)
{
	struct rest rest = rest_of(field->values);
	struct text value;

	if (!field->nvalues)
		return false;
	value = take_text(&rest);
	if (rest.failed)
		return false;
	field->nvalues--;
	field->values = (struct text){ (const char *)rest.at, rest.len };
	*ret_value = value;
	return true;
}

bool record_request_read(struct text bytes, struct record_request *request)
{
	struct rest rest = rest_of(bytes);
	struct record_request walk;
	struct record_field field;
	uint8_t flags = take_8(&rest);

	request->has_instant = flags & REQUEST_INSTANT;
	request->has_day = flags & REQUEST_DAY;
	request->refusal = (enum rko_refusal)take_8(&rest);
	if (take_16(&rest) || flags & ~(REQUEST_INSTANT | REQUEST_DAY) || request->refusal > RKO_REFUSED_LIMIT)
		return false;
	request->generation = take_32(&rest);
	request->instant = (int64_t)take_64(&rest);
	request->day = (rko_day)take_32(&rest);
	request->question = take_text(&rest);
	request->action = take_text(&rest);
	request->refused_field = take_text(&rest);
	request->nfields = take_16(&rest);
	request->fields = (struct text){ (const char *)rest.at, rest.len };
	if (rest.failed || !request->question.len)
		return false;
	walk = *request;
	while (record_field_next(&walk, &field))
		;
	return !walk.nfields && !walk.fields.len;
}

static bool read_words(struct text words, struct record_decision *decision)
{
	struct rest rest = rest_of(words);

	decision->caller = take_text(&rest);
	decision->correlation = take_text(&rest);
	decision->rule = take_text(&rest);
	decision->nduties = take_16(&rest);
	if (decision->nduties > RECORD_DUTIES)
		return false;
	for (uint32_t i = 0; i < decision->nduties; i++)
		decision->duties[i] = take_text(&rest);
	return all_taken(&rest);
}

static bool read_trace(struct text trace, struct trace_head *head)
{
	if (trace.len < sizeof *head)
		return false;
	memcpy(head, trace.at, sizeof *head);
	return memcmp(head->magic, TRACE_MAGIC, sizeof head->magic) == 0 && head->format == TRACE_FORMAT &&
	       head->size == trace.len;
}

static bool read_decision(struct rest rest, struct record_decision *decision)
{
	uint32_t request = take_32(&rest), trace = take_32(&rest), words = take_32(&rest);
	const char *at;

	memcpy(decision->id, take(&rest, RKO_AUDIT_ID_BYTES), RKO_AUDIT_ID_BYTES);
	take(&rest, SALT_BYTES);
	at = (const char *)rest.at;
	if (rest.failed || rest.len != (uint64_t)request + words + trace)
		return false;
	decision->bytes = (struct text){ at, request };
	decision->trace = (struct text){ at + request + words, trace };
	return record_request_read(decision->bytes, &decision->request) &&
	       read_words((struct text){ at + request, words }, decision) &&
	       read_trace(decision->trace, &decision->head);
}

static bool read_made(struct rest *rest, struct record *record)
{
	uint8_t made;

	record->opened.version = take_text(rest);
	made = take_8(rest);
	record->opened.made = made;
	return all_taken(rest) && made <= 1;
}

static bool read_aside(struct rest *rest, struct record *record)
{
	record->aside.file = take_text(rest);
	record->aside.bytes = take_64(rest);
	memcpy(record->aside.hash.at, take(rest, HASH_BYTES), HASH_BYTES);
	return all_taken(rest);
}

bool record_read(const void *body, size_t size, struct record *record)
{
	struct rest rest = { body, size, false };
	uint8_t kind = take_8(&rest), format = take_8(&rest);

	if (take_16(&rest) || rest.failed || format != RECORD_FORMAT)
		return false;
	record->kind = (enum record_kind)kind;
	switch (record->kind) {
	case RECORD_DECISION:
		return read_decision(rest, &record->decision);
	case RECORD_CHECKPOINT:
		record->checkpoint = (struct text){ (const char *)rest.at, rest.len };
		return true;
	case RECORD_OPENED:
		return read_made(&rest, record);
	case RECORD_ASIDE:
		return read_aside(&rest, record);
	case RECORD_EXPIRED:
		record->expired.first = take_64(&rest);
		record->expired.month = take_32(&rest);
		return all_taken(&rest);
	case RECORD_EXPLAINED:
		return explained_read(body, size, &record->explained);
	}
	return false;
}
