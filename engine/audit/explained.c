/* SPDX-License-Identifier: EUPL-1.2 */
/* The record of an explanation: it reads more of the facts than the decision did, and a person sees it. */
#include <sodium.h>

#include "engine/audit/bytes.h"
#include "engine/decide/request.h"

enum { USE_BY_DECISION = 1 };
enum { FORM_REQUESTER = 1, FORM_REPRODUCED = 2 };

/* Where things lie in the body. */
enum {
	AT_REQUEST_SIZE = 4,
	AT_WORDS_SIZE = 8,
	SALT_BYTES = 16,
};

/* Writing ----------------------------------------------------------------------------------------- */

static bool same_row(const struct rko_why_record *a, const struct rko_why_record *b)
{
	if (strcmp(a->kind, b->kind) != 0 || a->nkey != b->nkey || a->generation != b->generation)
		return false;
	for (size_t i = 0; i < a->nkey; i++)
		if (strcmp(a->key[i].value, b->key[i].value) != 0)
			return false;
	return true;
}

/* What the request gave itself, and what is not there, was read nowhere; a row that has two names was read once. */
static bool is_use(const struct rko_explanation *explanation, size_t number)
{
	const struct rko_why_record *record = &explanation->records[number];

	if (record->seen != RKO_SEEN_VALUE || record->given || record->nkey > UINT8_MAX)
		return false;
	for (size_t i = 0; i < number; i++)
		if (!explanation->records[i].given && same_row(&explanation->records[i], record))
			return false;
	return true;
}

static bool decision_read(const struct rko_explanation *explanation, size_t number)
{
	for (size_t i = number; i < explanation->nrecords; i++)
		if (explanation->records[i].by_decision &&
		    same_row(&explanation->records[i], &explanation->records[number]))
			return true;
	return false;
}

static void add_use(struct buf *out, const struct rko_explanation *explanation, size_t number)
{
	const struct rko_why_record *record = &explanation->records[number];

	add_8(out, decision_read(explanation, number) ? USE_BY_DECISION : 0);
	add_32(out, record->generation);
	add_string(out, record->kind);
	add_8(out, (uint8_t)record->nkey);
	for (size_t i = 0; i < record->nkey; i++)
		add_string(out, record->key[i].value);
}

static void add_uses(struct buf *out, const struct rko_explanation *explanation)
{
	uint32_t count = 0;

	for (size_t i = 0; i < explanation->nrecords; i++)
		count += is_use(explanation, i);
	add_32(out, count);
	for (size_t i = 0; i < explanation->nrecords; i++)
		if (is_use(explanation, i))
			add_use(out, explanation, i);
}

void record_explained(struct buf *out, const struct rko_audit_asker *asker, const struct rko_request *request,
		      const struct rko_decision *decision, const struct rko_explanation *explanation,
		      const uint8_t of[RKO_AUDIT_ID_BYTES], uint8_t id[RKO_AUDIT_ID_BYTES])
{
	static const uint8_t unknown[RKO_AUDIT_ID_BYTES];
	size_t begin = out->len, request_begin, request_end, words_end;
	uint8_t random[RKO_AUDIT_ID_BYTES + SALT_BYTES];
	struct hash trace = sha_of(decision->trace, decision->trace_size);

	randombytes_buf(random, sizeof random);
	memcpy(id, random, RKO_AUDIT_ID_BYTES);
	add_head(out, RECORD_EXPLAINED);
	add_32(out, 0);
	add_32(out, 0);
	buf_add(out, random, sizeof random);
	buf_add(out, of ? of : unknown, RKO_AUDIT_ID_BYTES);
	buf_add(out, trace.at, HASH_BYTES);
	buf_add(out, request->policy->image.head->digest, RKO_DIGEST_BYTES);
	add_32(out, decision->generation);
	add_8(out, (explanation->requester ? FORM_REQUESTER : 0) | (explanation->reproduced ? FORM_REPRODUCED : 0));
	add_8(out, (uint8_t)explanation->language);
	add_8(out, (uint8_t)decision->outcome);
	add_8(out, 0);
	request_begin = out->len;
	record_request(out, request);
	request_end = out->len;
	add_safe(out, asker ? asker->caller : NULL);
	add_safe(out, asker ? asker->correlation : NULL);
	add_string(out, decision->rule_name);
	words_end = out->len;
	add_uses(out, explanation);
	if (buf_failed(out))
		return;
	put_le32(out->at + begin + AT_REQUEST_SIZE, (uint32_t)(request_end - request_begin));
	put_le32(out->at + begin + AT_WORDS_SIZE, (uint32_t)(words_end - request_end));
}

/* Reading ----------------------------------------------------------------------------------------- */

bool record_key_next(struct record_use *use, struct text *ret_value)
{
	struct rest rest = rest_of(use->key);
	struct text value;

	if (!use->nkey)
		return false;
	value = take_text(&rest);
	if (rest.failed)
		return false;
	use->nkey--;
	use->key = (struct text){ (const char *)rest.at, rest.len };
	*ret_value = value;
	return true;
}

bool record_use_next(struct record_explained *explained, struct record_use *ret_use)
{
	struct rest rest = rest_of(explained->uses);
	struct record_use use;
	uint8_t flags;

	if (!explained->nuses)
		return false;
	flags = take_8(&rest);
	use.by_decision = flags & USE_BY_DECISION;
	use.generation = take_32(&rest);
	use.kind = take_text(&rest);
	use.nkey = take_8(&rest);
	use.key = (struct text){ (const char *)rest.at, rest.len };
	for (uint32_t i = 0; i < use.nkey && !rest.failed; i++)
		take_text(&rest);
	if (rest.failed || flags & ~USE_BY_DECISION || !use.kind.len)
		return false;
	use.key.len -= rest.len;
	explained->nuses--;
	explained->uses = (struct text){ (const char *)rest.at, rest.len };
	*ret_use = use;
	return true;
}

static bool read_uses(struct rest rest, struct record_explained *explained)
{
	struct record_explained walk;
	struct record_use use;

	explained->nuses = take_32(&rest);
	explained->uses = (struct text){ (const char *)rest.at, rest.len };
	if (rest.failed)
		return false;
	walk = *explained;
	while (record_use_next(&walk, &use))
		;
	return !walk.nuses && !walk.uses.len;
}

static bool read_words(struct text words, struct record_explained *explained)
{
	struct rest rest = rest_of(words);

	explained->caller = take_text(&rest);
	explained->correlation = take_text(&rest);
	explained->rule = take_text(&rest);
	return all_taken(&rest);
}

/* Language, outcome and form: of those there are. */
static bool read_form(struct rest *rest, struct record_explained *explained)
{
	uint8_t form = take_8(rest), language = take_8(rest), outcome = take_8(rest);

	explained->requester = form & FORM_REQUESTER;
	explained->reproduced = form & FORM_REPRODUCED;
	explained->language = (enum rko_language)language;
	explained->outcome = (enum rko_outcome)outcome;
	return !take_8(rest) && !(form & ~(FORM_REQUESTER | FORM_REPRODUCED)) && language <= RKO_EN &&
	       outcome <= RKO_REFUSED;
}

bool explained_read(const void *body, size_t size, struct record_explained *explained)
{
	struct rest rest = { body, size, false };
	struct text request, words;

	take(&rest, RECORD_HEAD);
	request.len = take_32(&rest);
	words.len = take_32(&rest);
	memcpy(explained->id, take(&rest, RKO_AUDIT_ID_BYTES), RKO_AUDIT_ID_BYTES);
	take(&rest, SALT_BYTES);
	memcpy(explained->of, take(&rest, RKO_AUDIT_ID_BYTES), RKO_AUDIT_ID_BYTES);
	memcpy(explained->trace.at, take(&rest, HASH_BYTES), HASH_BYTES);
	memcpy(explained->policy, take(&rest, RKO_DIGEST_BYTES), RKO_DIGEST_BYTES);
	explained->generation = take_32(&rest);
	if (!read_form(&rest, explained))
		return false;
	request.at = (const char *)take(&rest, request.len);
	words.at = (const char *)take(&rest, words.len);
	return !rest.failed && record_request_read(request, &explained->request) && read_words(words, explained) &&
	       read_uses(rest, explained);
}
