/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Search: who may do this, to what may this be done, what may be done. Every candidate is one row of the facts and
 * is decided, and recorded, like any question; so a page looks at a bounded number of candidates, and goes on from
 * there with a token. All pages of a search are decided on the generation of the facts that the first one saw.
 *
 * What is no record in the facts cannot be listed: a search for it is refused with 501, never answered with an empty
 * list.
 */
#include "tools/rkod/handlers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include <rko/load.h>

#include "engine/base/limits.h"
#include "tools/rkod/answer.h"
#include "tools/rkod/json.h"

enum {
	KEY_BYTES = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
	NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	PLACE_BYTES = sizeof(uint32_t) + LIMIT_ID_BYTES,	/* the generation, and the last id */
	SEALED_BYTES = NONCE_BYTES + PLACE_BYTES + TAG_BYTES,
	BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
	TOKEN_TEXT = sodium_base64_ENCODED_LEN(SEALED_BYTES, BASE64),
};

struct page {
	uint32_t generation;		/* 0: the first page */
	char behind[LIMIT_ID_BYTES + 1];	/* the last candidate that earlier pages have looked at */
	uint64_t limit;			/* results at most */
	bool asked;			/* the request had a page */
	char *said;			/* everything else of the request, in one form */
};

struct candidates {
	char *id[256];			/* CONFIG: search-candidates is at most that many */
	size_t count, most;
	bool more, failed;
};

/* Tokens ---------------------------------------------------------------------------------------------- */

/*
 * A token says where a page ended, to nobody but this process: which candidates there are is not for the caller. It is
 * bound to what the search asked. A token of another process is refused, and the search begins anew.
 */
static unsigned char token_key[KEY_BYTES];

void search_start(void)
{
	randombytes_buf(token_key, sizeof token_key);
}

static void seal(const struct page *page, uint32_t generation, const char *last, char token[TOKEN_TEXT])
{
	unsigned char place[PLACE_BYTES], sealed[SEALED_BYTES];
	size_t length = strnlen(last, LIMIT_ID_BYTES), size = sizeof generation + length;

	memcpy(place, &generation, sizeof generation);
	memcpy(place + sizeof generation, last, length);
	randombytes_buf(sealed, NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE_BYTES, NULL, place, size, (const unsigned char *)page->said,
						   strlen(page->said), NULL, sealed, token_key);
	sodium_bin2base64(token, TOKEN_TEXT, sealed, NONCE_BYTES + size + TAG_BYTES, BASE64);
}

static bool open_token(struct page *page, const char *token)
{
	unsigned char place[PLACE_BYTES], sealed[SEALED_BYTES];
	unsigned long long size;
	size_t length;

	if (sodium_base642bin(sealed, sizeof sealed, token, strlen(token), NULL, &length, NULL, BASE64) != 0 ||
	    length < NONCE_BYTES + sizeof page->generation + TAG_BYTES)
		return false;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(place, &size, NULL, sealed + NONCE_BYTES, length - NONCE_BYTES,
						       (const unsigned char *)page->said, strlen(page->said), sealed,
						       token_key) != 0)
		return false;
	memcpy(&page->generation, place, sizeof page->generation);
	memcpy(page->behind, place + sizeof page->generation, size - sizeof page->generation);
	return true;
}

/* The request without its page, with its members in order: what the token of its next page is bound to. */
static char *said_of(const json_t *body)
{
	json_t *rest = json_copy((json_t *)(uintptr_t)body);
	char *text = NULL;

	if (rest) {
		json_object_del(rest, "page");
		text = json_dumps(rest, JSON_COMPACT | JSON_SORT_KEYS);
	}
	json_decref(rest);
	return text;
}

static bool read_page(const json_t *body, const struct config *config, struct page *page, struct ask_fault *fault)
{
	const json_t *said = json_member(body, "page"), *token, *limit;

	page->limit = (uint64_t)config->search_candidates;
	if (!said)
		return true;
	page->asked = true;
	*fault = (struct ask_fault){ "wrong_type", "/page", "Expected an object." };
	if (!json_is_object(said))
		return false;
	limit = json_member(said, "limit");
	*fault = (struct ask_fault){ "wrong_type", "/page/limit", "Expected a number of at least 1." };
	if (limit && (!json_is_integer(limit) || json_integer_value(limit) < 1))
		return false;
	if (limit && (uint64_t)json_integer_value(limit) < page->limit)
		page->limit = (uint64_t)json_integer_value(limit);
	token = json_member(said, "token");
	*fault = (struct ask_fault){ "token", "/page/token", "This token is of another search, or has ended." };
	if (!token)
		return true;
	if (!json_is_string(token))
		return false;
	return !*json_string_value(token) || open_token(page, json_string_value(token));
}

/* Candidates ------------------------------------------------------------------------------------------ */

static int collect(void *context, const struct rko_fact *fact)
{
	struct candidates *found = context;

	if (found->count == found->most) {
		found->more = true;
		return 0;
	}
	found->id[found->count] = strndup(fact->values[0].text, fact->values[0].length);
	if (!found->id[found->count]) {
		found->failed = true;
		return 0;
	}
	found->count++;
	return 1;
}

static void candidates_free(struct candidates *found)
{
	for (size_t i = 0; i < found->count; i++)
		free(found->id[i]);
}

/* The kind of record that an entity's id names; RKO_NOTHING when it names none. */
static uint32_t kind_of(const struct sitting *sitting, const struct map_entity *entity)
{
	return *entity->kind ? rko_policy_kind(sitting->ground->policy, entity->kind) : RKO_NOTHING;
}

static bool list_candidates(struct sitting *sitting, uint32_t kind, const struct page *page, struct candidates *found)
{
	struct rko_value behind = { .kind = RKO_VALUE_TEXT, .text = page->behind, .length = strlen(page->behind) };
	struct facts_seen seen = ground_seen();
	enum rko_status status;

	found->most = (size_t)sitting->exchange->config->search_candidates;
	sitting->generation = page->generation ? page->generation : seen.generation;
	status = rko_facts_read_behind(ground_facts(sitting->ground), sitting->ground->policy, kind,
				       page->generation ? &behind : NULL, sitting->generation, collect, found);
	if (status == RKO_OK && !found->failed)
		return true;
	exchange_unavailable(sitting->exchange, found->failed ? "no_memory" : rko_status_word(status),
			     "The facts could not be read.");
	return false;
}

/* Subjects and resources ------------------------------------------------------------------------------ */

/* False when a decision failed: a list that lacks somebody without saying so would mislead. */
static bool decide_candidates(struct sitting *sitting, struct ask *ask, struct entity *searched,
			      const struct candidates *found, const struct page *page, uint64_t *ret_looked)
{
	struct buf *out = &sitting->exchange->out;
	uint64_t results = 0;
	size_t i;

	for (i = 0; i < found->count && results < page->limit; i++) {
		struct verdict verdict;

		searched->id = found->id[i];
		sitting_decide(sitting, ask, &verdict);
		if (verdict.failure) {
			exchange_unavailable(sitting->exchange, verdict.failure, "A candidate could not be decided.");
			return false;
		}
		if (!verdict.permit)
			continue;
		buf_string(out, results++ ? ",{\"type\":" : "{\"type\":");
		buf_json(out, text_from(searched->type));
		buf_string(out, ",\"id\":");
		buf_json(out, text_from(searched->id));
		buf_char(out, '}');
	}
	*ret_looked = i;
	return true;
}

static void put_page(struct sitting *sitting, const struct page *page, const struct candidates *found, uint64_t looked)
{
	struct buf *out = &sitting->exchange->out;
	char token[TOKEN_TEXT] = "";

	if (looked && (found->more || looked < found->count))
		seal(page, sitting->generation, found->id[looked - 1], token);
	if (*token || page->asked)
		buf_printf(out, ",\"page\":{\"next_token\":\"%s\"}", token);
}

static enum handled search_kind(struct sitting *sitting, struct ask *ask, struct entity *searched, uint32_t kind,
				const struct page *page)
{
	struct candidates found = { .count = 0 };
	uint64_t looked = 0;

	if (list_candidates(sitting, kind, page, &found)) {
		sitting->exchange->status = 200;
		buf_string(&sitting->exchange->out, "{\"results\":[");
		if (decide_candidates(sitting, ask, searched, &found, page, &looked)) {
			buf_char(&sitting->exchange->out, ']');
			put_page(sitting, page, &found, looked);
			buf_char(&sitting->exchange->out, '}');
		}
	}
	candidates_free(&found);
	return sitting_end(sitting);
}

static enum handled nothing_found(struct exchange *exchange, const struct page *page)
{
	exchange->status = 200;
	buf_printf(&exchange->out, "{\"results\":[]%s}", page->asked ? ",\"page\":{\"next_token\":\"\"}" : "");
	return HANDLED;
}

/* What the policy does not know is in nobody's hands: an empty list, as the standard says. */
static enum handled search_entity(struct sitting *sitting, struct ask *ask, enum rko_part part, const struct page *page)
{
	struct entity *searched = part == RKO_SUBJECT ? &ask->subject : &ask->resource;
	const struct map_action *action = mapping_action(sitting->ground->mapping, ask->action);
	const struct map_entity *entity = NULL;
	uint32_t kind = RKO_NOTHING;
	bool any = false;

	if (action)
		entity = mapping_entity(sitting->ground->mapping, action->question, part, searched->type, &any);
	if (entity && entity->found >> action->bit & 1)
		kind = kind_of(sitting, entity);
	if (kind != RKO_NOTHING)
		return search_kind(sitting, ask, searched, kind, page);
	if (!action || (!entity && any))
		nothing_found(sitting->exchange, page);
	else
		exchange_error(sitting->exchange, 501, "not_listed", part == RKO_SUBJECT ? "/subject/type" : "/resource/type",
			       "The policy takes these from the caller, not from the facts, so they cannot be listed.");
	return sitting_end(sitting);
}

/* Actions ----------------------------------------------------------------------------------------------- */

static bool fits(const struct mapping *mapping, uint32_t question, const struct ask *ask)
{
	bool any;

	return (mapping_entity(mapping, question, RKO_SUBJECT, ask->subject.type, &any) || !any) &&
	       (mapping_entity(mapping, question, RKO_RESOURCE, ask->resource.type, &any) || !any);
}

static enum handled search_actions(struct sitting *sitting, struct ask *ask, const struct page *page)
{
	const struct mapping *mapping = sitting->ground->mapping;
	struct exchange *exchange = sitting->exchange;
	unsigned results = 0;

	exchange->status = 200;
	buf_string(&exchange->out, "{\"results\":[");
	for (uint32_t i = 0; i < mapping->nactions; i++) {
		struct verdict verdict;

		if (!fits(mapping, mapping->actions[i].question, ask))
			continue;
		ask->action = mapping->actions[i].name;
		sitting_decide(sitting, ask, &verdict);
		if (verdict.failure) {
			exchange_unavailable(exchange, verdict.failure, "An action could not be decided.");
			return sitting_end(sitting);
		}
		if (!verdict.permit)
			continue;
		buf_string(&exchange->out, results++ ? ",{\"name\":" : "{\"name\":");
		buf_json(&exchange->out, text_from(ask->action));
		buf_char(&exchange->out, '}');
	}
	buf_printf(&exchange->out, "]%s}", page->asked ? ",\"page\":{\"next_token\":\"\"}" : "");
	return sitting_end(sitting);
}

/* --------------------------------------------------------------------------------------------------------- */

static enum handled search_body(struct exchange *exchange, const json_t *body, enum ask_open open, struct page *page)
{
	struct ask_fault fault;
	struct sitting sitting;
	struct ask ask;

	if (!ask_read(body, NULL, open, exchange->config, &ask, &fault) ||
	    !read_page(body, exchange->config, page, &fault))
		return exchange_error(exchange, 400, fault.code, fault.at, fault.message);
	if (!sitting_begin(&sitting, exchange))
		return HANDLED;
	/* An id that was sent for what is searched is to be ignored. */
	if (open == ASK_ACTION)
		return search_actions(&sitting, &ask, page);
	return search_entity(&sitting, &ask, open == ASK_SUBJECT ? RKO_SUBJECT : RKO_RESOURCE, page);
}

static enum handled search(struct exchange *exchange, enum ask_open open)
{
	enum handled handled = HANDLED;
	json_t *body = read_body(exchange, &handled);
	struct page page = { .generation = 0 };

	if (!body)
		return handled;
	page.said = said_of(body);
	if (page.said)
		handled = search_body(exchange, body, open, &page);
	else
		handled = exchange_unavailable(exchange, "no_memory", "Memory ran out.");
	json_text_free(page.said);
	json_done(body);
	return handled;
}

enum handled handle_search_subject(struct exchange *exchange)
{
	return search(exchange, ASK_SUBJECT);
}

enum handled handle_search_resource(struct exchange *exchange)
{
	return search(exchange, ASK_RESOURCE);
}

enum handled handle_search_action(struct exchange *exchange)
{
	return search(exchange, ASK_ACTION);
}
