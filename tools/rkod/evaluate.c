/* SPDX-License-Identifier: EUPL-1.2 */
/* The standard's evaluation and evaluations. */
#include "tools/rkod/handlers.h"

#include <stdio.h>
#include <string.h>

#include "tools/rkod/answer.h"
#include "tools/rkod/json.h"

static enum handled body_error(struct exchange *exchange, const struct json_fault *fault)
{
	char at[32];

	snprintf(at, sizeof at, "byte %zu", fault->at);
	if (strcmp(fault->code, "no_memory") == 0)
		return exchange_unavailable(exchange, fault->code, fault->message);
	return exchange_error(exchange, 400, fault->code, at, fault->message);
}

json_t *read_body(struct exchange *exchange, enum handled *ret_handled)
{
	struct json_fault fault;
	json_t *body;

	json_anew();
	body = json_strict(buf_view(&exchange->body), &fault);
	if (!body)
		*ret_handled = body_error(exchange, &fault);
	return body;
}

/* One question, with the whole body as the item. */
static enum handled evaluate_one(struct exchange *exchange, const json_t *body)
{
	struct ask_fault fault;
	struct sitting sitting;
	struct verdict verdict;
	struct ask ask;

	if (!ask_read(body, NULL, ASK_WHOLE, exchange->config, &ask, &fault))
		return exchange_error(exchange, 400, fault.code, fault.at, fault.message);
	if (!sitting_begin(&sitting, exchange))
		return HANDLED;
	sitting_decide(&sitting, &ask, &verdict);
	exchange->status = 200;
	if (verdict.failure)
		exchange_unavailable(exchange, verdict.failure, "No decision could be made.");
	else
		answer_verdict(&sitting, &ask, &verdict, NULL);
	return sitting_end(&sitting);
}

enum handled handle_evaluation(struct exchange *exchange)
{
	enum handled handled = HANDLED;
	json_t *body = read_body(exchange, &handled);

	if (body)
		handled = evaluate_one(exchange, body);
	json_done(body);
	return handled;
}

/* Many at once ---------------------------------------------------------------------------------------- */

enum semantic { EXECUTE_ALL, DENY_ON_FIRST_DENY, PERMIT_ON_FIRST_PERMIT };
static const char *const semantic_words[] = { "execute_all", "deny_on_first_deny", "permit_on_first_permit" };

static bool read_semantic(const json_t *body, enum semantic *ret_semantic, struct ask_fault *fault)
{
	const json_t *options = json_member(body, "options"), *word;

	*ret_semantic = EXECUTE_ALL;
	if (!options)
		return true;
	if (!json_is_object(options)) {
		*fault = (struct ask_fault){ "wrong_type", "/options", "Expected an object." };
		return false;
	}
	word = json_member(options, "evaluations_semantic");
	for (unsigned i = 0; word && i < 3; i++) {
		if (!json_is_string(word) || strcmp(json_string_value(word), semantic_words[i]) != 0)
			continue;
		*ret_semantic = (enum semantic)i;
		return true;
	}
	*fault = (struct ask_fault){ "unknown_value", "/options/evaluations_semantic",
				     "Expected execute_all, deny_on_first_deny or permit_on_first_permit." };
	return !word;
}

static bool ends(enum semantic semantic, bool permit)
{
	return (semantic == DENY_ON_FIRST_DENY && !permit) || (semantic == PERMIT_ON_FIRST_PERMIT && permit);
}

/* True when the semantic ends the batch with this item. */
static bool evaluate_item(struct sitting *sitting, const json_t *item, const json_t *defaults, enum semantic semantic)
{
	const char *stopped = semantic_words[semantic];
	struct buf *out = &sitting->exchange->out;
	struct ask_fault fault;
	struct verdict verdict;
	struct ask ask;
	bool last;

	if (!ask_read(item, defaults, ASK_WHOLE, sitting->exchange->config, &ask, &fault)) {
		last = ends(semantic, false);
		answer_fault(out, 400, &fault, last ? stopped : NULL);
		return last;
	}
	sitting_decide(sitting, &ask, &verdict);
	last = ends(semantic, verdict.permit);
	answer_verdict(sitting, &ask, &verdict, last ? stopped : NULL);
	return last;
}

static enum handled evaluate_many(struct exchange *exchange, const json_t *body, const json_t *items)
{
	struct ask_fault fault;
	struct sitting sitting;
	enum semantic semantic;

	if (!read_semantic(body, &semantic, &fault))
		return exchange_error(exchange, 400, fault.code, fault.at, fault.message);
	if (json_array_size(items) > (size_t)exchange->config->batch_items)
		return exchange_error(exchange, 400, "too_many", "/evaluations", "More questions than are allowed at once.");
	if (!sitting_begin(&sitting, exchange))
		return HANDLED;
	exchange->status = 200;
	buf_string(&exchange->out, "{\"evaluations\":[");
	for (size_t i = 0; i < json_array_size(items); i++) {
		if (i)
			buf_char(&exchange->out, ',');
		if (evaluate_item(&sitting, json_array_get(items, i), body, semantic))
			break;
	}
	buf_string(&exchange->out, "]}");
	return sitting_end(&sitting);
}

enum handled handle_evaluations(struct exchange *exchange)
{
	enum handled handled = HANDLED;
	json_t *body = read_body(exchange, &handled);
	const json_t *items;

	if (!body)
		return handled;
	items = json_member(body, "evaluations");
	if (items && !json_is_array(items))
		handled = exchange_error(exchange, 400, "wrong_type", "/evaluations", "Expected an array.");
	else if (!items || !json_array_size(items))
		handled = evaluate_one(exchange, body);
	else
		handled = evaluate_many(exchange, body, items);
	json_done(body);
	return handled;
}
