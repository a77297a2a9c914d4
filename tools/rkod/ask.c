/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rkod/ask.h"

#include <string.h>

#include "tools/rkod/json.h"

static bool fail(struct ask_fault *fault, const char *code, const char *at, const char *message)
{
	*fault = (struct ask_fault){ code, at, message };
	return false;
}

/* Where an error is, and how it is called, for each member that must be there. */
struct must_have {
	const char *name, *at;
};

/* A member's own member, or the default's. False: missing, or no string. */
static bool take_string(const json_t *own, const json_t *usual, struct must_have what, const char **ret_text,
			struct ask_fault *fault)
{
	const json_t *text = json_member(own, what.name);

	if (!text && usual)
		text = json_member(usual, what.name);
	if (!text)
		return fail(fault, "missing_member", what.at, "This member is missing.");
	if (!json_is_string(text))
		return fail(fault, "wrong_type", what.at, "Expected a string.");
	*ret_text = json_string_value(text);
	return true;
}

static bool take_object(const json_t *own, const char *name, const char *at, const json_t **ret_object,
			struct ask_fault *fault)
{
	*ret_object = json_member(own, name);
	if (*ret_object && !json_is_object(*ret_object))
		return fail(fault, "wrong_type", at, "Expected an object.");
	return true;
}

/* An entity of the item or of the defaults. *ret_usual: where the item's lacks something. */
static bool take_entity(const json_t *item, const json_t *defaults, struct must_have what, const json_t **ret_own,
			const json_t **ret_usual, struct ask_fault *fault)
{
	const json_t *own = json_member(item, what.name);
	const json_t *usual = defaults ? json_member(defaults, what.name) : NULL;

	if ((own && !json_is_object(own)) || (usual && !json_is_object(usual)))
		return fail(fault, "wrong_type", what.at, "Expected an object.");
	if (!own && !usual)
		return fail(fault, "missing_member", what.at, "This member is missing.");
	*ret_own = own ? own : usual;
	*ret_usual = own ? usual : NULL;
	return true;
}

static bool read_subject(const json_t *item, const json_t *defaults, bool open, struct entity *ret,
			 struct ask_fault *fault)
{
	const json_t *own, *usual;

	return take_entity(item, defaults, (struct must_have){ "subject", "/subject" }, &own, &usual, fault) &&
	       take_string(own, usual, (struct must_have){ "type", "/subject/type" }, &ret->type, fault) &&
	       (open || take_string(own, usual, (struct must_have){ "id", "/subject/id" }, &ret->id, fault)) &&
	       take_object(own, "properties", "/subject/properties", &ret->properties, fault);
}

static bool read_resource(const json_t *item, const json_t *defaults, bool open, struct entity *ret,
			  struct ask_fault *fault)
{
	const json_t *own, *usual;

	return take_entity(item, defaults, (struct must_have){ "resource", "/resource" }, &own, &usual, fault) &&
	       take_string(own, usual, (struct must_have){ "type", "/resource/type" }, &ret->type, fault) &&
	       (open || take_string(own, usual, (struct must_have){ "id", "/resource/id" }, &ret->id, fault)) &&
	       take_object(own, "properties", "/resource/properties", &ret->properties, fault);
}

static bool read_action(const json_t *item, const json_t *defaults, struct ask *ret, struct ask_fault *fault)
{
	const json_t *own, *usual;

	return take_entity(item, defaults, (struct must_have){ "action", "/action" }, &own, &usual, fault) &&
	       take_string(own, usual, (struct must_have){ "name", "/action/name" }, &ret->action, fault) &&
	       take_object(own, "properties", "/action/properties", &ret->action_properties, fault);
}

/* What the caller wants told: {"rko": {"tell": "reasons", "language": "sv"}} in the context. */
static bool read_wishes(const struct config *config, struct ask *ret, struct ask_fault *fault)
{
	static const char *const tells[] = { "bare", "requester", "reasons", "explain" };
	const json_t *wishes = json_member(ret->context, "rko"), *tell, *language;
	int found = -1;

	ret->tell = (enum telling)config->tell;
	ret->language = (enum rko_language)config->language;
	if (!wishes)
		return true;
	tell = json_member(wishes, "tell");
	for (int i = 0; tell && i <= TELL_EXPLAIN; i++)
		if (json_is_string(tell) && strcmp(json_string_value(tell), tells[i]) == 0)
			found = i;
	if (tell && found < 0)
		return fail(fault, "unknown_value", "/context/rko/tell", "Expected bare, requester, reasons or explain.");
	if (tell)
		ret->tell = found < config->tell_most ? (enum telling)found : (enum telling)config->tell_most;
	found = -1;
	language = json_member(wishes, "language");
	for (int i = RKO_FI; language && i <= RKO_EN; i++)
		if (json_is_string(language) && strcmp(json_string_value(language), rko_language_word((enum rko_language)i)) == 0)
			found = i;
	if (language && found < 0)
		return fail(fault, "unknown_value", "/context/rko/language", "Expected fi, sv or en.");
	if (language)
		ret->language = (enum rko_language)found;
	return true;
}

bool ask_read(const json_t *item, const json_t *defaults, enum ask_open open, const struct config *config,
	      struct ask *ret, struct ask_fault *fault)
{
	const json_t *context;

	memset(ret, 0, sizeof *ret);
	if (!json_is_object(item))
		return fail(fault, "wrong_type", "", "Expected an object.");
	if (!read_subject(item, defaults, open == ASK_SUBJECT, &ret->subject, fault) ||
	    (open != ASK_ACTION && !read_action(item, defaults, ret, fault)) ||
	    !read_resource(item, defaults, open == ASK_RESOURCE, &ret->resource, fault) ||
	    !take_object(item, "context", "/context", &context, fault))
		return false;
	if (!context && defaults && !take_object(defaults, "context", "/context", &context, fault))
		return false;
	ret->context = context;
	return read_wishes(config, ret, fault);
}
