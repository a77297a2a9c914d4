/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A decision as FHIR R4 AuditEvent, in the form that IHE BasicAudit gives to authorization decisions (AuthZconsent), and
 * that it was explained as the reading of patient records.
 * Which field of the request is the user or the client is said by the one who exports: a policy has names of its own.
 * Fields without a role become details of the event, so that nothing is left out.
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "tools/common/audit.h"

#define DCM "http://dicom.nema.org/resources/ontology/DCM"
#define HL7 "http://terminology.hl7.org/CodeSystem/"

const char *const audit_role_words[] = {
	"user", "organization", "patient", "purpose", "client", "custodian", "consent", "data", NULL,
};

bool audit_roles_add(struct audit_roles *roles, const char *word)
{
	const char *equals = strchr(word, '=');
	unsigned i = 0;

	if (!equals || !equals[1] || roles->count == AUDIT_ROLES_MAX)
		return false;
	while (audit_role_words[i] && !text_equal(text_from(audit_role_words[i]),
						  (struct text){ word, (size_t)(equals - word) }))
		i++;
	if (!audit_role_words[i])
		return false;
	roles->list[roles->count++] = (struct audit_role){ audit_role_words[i], text_from(equals + 1) };
	return true;
}

static void put(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static json_t *string_of(struct text text)
{
	return json_stringn(text.at, text.len);
}

static json_t *coding(const char *system, const char *code, const char *display)
{
	return json_pack("{s:s, s:s, s:s}", "system", system, "code", code, "display", display);
}

static json_t *concept(const char *system, const char *code, const char *display)
{
	return json_pack("{s:[o]}", "coding", coding(system, code, display));
}

/* A reference by an identifier only: what is there is the policy's own id. */
static json_t *reference(struct text value)
{
	return json_pack("{s:{s:o}}", "identifier", "value", string_of(value));
}

static const char *role_of(const struct audit_roles *roles, struct text field)
{
	for (size_t i = 0; i < roles->count; i++)
		if (text_equal(roles->list[i].field, field))
			return roles->list[i].role;
	return "";
}

static bool is(const char *role, const char *word)
{
	return strcmp(role, word) == 0;
}

static json_t *agent(json_t *type, struct text who, bool requestor)
{
	return json_pack("{s:o, s:o, s:b}", "type", type, "who", reference(who), "requestor", requestor);
}

/* An entity with a type; `role` may be NULL. */
static json_t *entity(json_t *type, json_t *role, struct text what)
{
	json_t *out = json_pack("{s:o, s:o}", "type", type, "what", reference(what));

	if (role)
		put(out, "role", role);
	return out;
}

/* One value of a field that has a role. False when the role has no place of its own. */
static bool add_value(json_t *agents, json_t *entities, const char *role, struct text value)
{
	if (is(role, "user"))
		json_array_append_new(agents, agent(concept(HL7 "v3-ParticipationType", "IRCP", "information recipient"), value,
						    true));
	else if (is(role, "organization"))
		json_array_append_new(agents, agent(concept(HL7 "v3-RoleClass", "PROV", "healthcare provider"), value, false));
	else if (is(role, "client"))
		json_array_append_new(agents, agent(concept(DCM, "110150", "Application"), value, false));
	else if (is(role, "custodian"))
		json_array_append_new(agents, agent(concept(HL7 "v3-ParticipationType", "CST", "custodian"), value, false));
	else if (is(role, "patient"))
		json_array_append_new(entities, entity(coding(HL7 "audit-entity-type", "1", "Person"),
						       coding(HL7 "object-role", "1", "Patient"), value));
	else if (is(role, "consent"))
		json_array_append_new(entities, entity(coding("http://hl7.org/fhir/resource-types", "Consent", "Consent"), NULL,
						       value));
	else if (is(role, "data"))
		json_array_append_new(entities, entity(coding(HL7 "audit-entity-type", "2", "System Object"),
						       coding(HL7 "object-role", "3", "Report"), value));
	else
		return false;
	return true;
}

/* FHIR has no empty strings: what is empty, such as the action of a question that has none, is left out. */
static void add_detail(json_t *details, const char *type, struct text value)
{
	if (!value.len)
		return;
	json_array_append_new(details, json_pack("{s:s, s:o}", "type", type, "valueString", string_of(value)));
}

static void add_fields(struct record_request request, const struct audit_roles *roles, json_t *agents, json_t *entities,
		       json_t *details, json_t *purposes)
{
	struct record_field field;
	struct text value;

	while (record_field_next(&request, &field)) {
		const char *role = role_of(roles, field.name);
		char name[LIMIT_NAME_BYTES * 2 + 2];

		snprintf(name, sizeof name, "%.*s", TEXT_ARG(field.name));
		while (record_value_next(&field, &value)) {
			if (is(role, "purpose"))
				json_array_append_new(purposes, json_pack("{s:o}", "text", string_of(value)));
			else if (!add_value(agents, entities, role, value))
				add_detail(details, name, value);
		}
	}
}

/* What an event is put together from. */
struct event {
	json_t *agents, *entities, *details, *purposes;
};

static void add_number(json_t *details, const char *type, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRIu64, number);
	add_detail(details, type, text_from(text));
}

static void add_hex(json_t *details, const char *type, const uint8_t *bytes, size_t size)
{
	char text[2 * RKO_DIGEST_BYTES + 1];

	sodium_bin2hex(text, sizeof text, bytes, size);
	add_detail(details, type, text_from(text));
}

/* Who asked and for what; `policy` and `generation` join the event with the record. */
static struct event event_of(const struct entry *entry, const struct record *record, const struct audit_roles *roles,
			     const char *origin, const uint8_t *policy, uint32_t generation)
{
	struct event event = { json_array(), json_array(), json_array(), json_array() };
	struct audit_asked asked;

	json_array_append_new(event.agents, agent(concept(HL7 "extra-security-role-type", "authserver",
							  "authorization server"), text_from(origin), false));
	if (!audit_asked(record, &asked))
		return event;
	if (asked.caller.len)
		json_array_append_new(event.agents, agent(concept(DCM, "110150", "Application"), asked.caller, false));
	add_detail(event.details, "question", asked.request->question);
	add_detail(event.details, "action", asked.request->action);
	add_number(event.details, "record", entry->sequence);
	add_hex(event.details, "policy", policy, RKO_DIGEST_BYTES);
	add_number(event.details, "generation", generation);
	add_detail(event.details, "rule", asked.rule);
	add_detail(event.details, "correlation", asked.correlation);
	add_fields(*asked.request, roles, event.agents, event.entities, event.details, event.purposes);
	return event;
}

/* Takes what `event` holds. */
static json_t *finish(struct event *event, json_t *out, const char *name, const char *origin)
{
	/* Where the fields without a role go; R4 wants a `what` or a name. */
	json_array_append_new(event->entities, json_pack("{s:o, s:o, s:s, s:o}", "type",
							 coding(HL7 "audit-entity-type", "2", "System Object"), "role",
							 coding(HL7 "object-role", "13", "Security Resource"), "name", name,
							 "detail", event->details));
	if (json_array_size(event->purposes))
		put(out, "purposeOfEvent", event->purposes);
	else
		json_decref(event->purposes);
	put(out, "agent", event->agents);
	put(out, "source", json_pack("{s:s, s:o, s:[o]}", "site", origin, "observer", reference(text_from(origin)), "type",
				     coding(HL7 "security-source-type", "6", "Security Server")));
	put(out, "entity", event->entities);
	return out;
}

static json_t *decision_event(const struct entry *entry, const struct record *record, const struct audit_roles *roles,
			      const char *origin)
{
	const struct record_decision *decision = &record->decision;
	const struct trace_head *head = &decision->head;
	bool granted = head->status == RKO_OK && head->outcome == RKO_GRANTED;
	struct event event = event_of(entry, record, roles, origin, head->policy, head->generation);
	char id[RKO_AUDIT_ID_TEXT], time[AUDIT_TIME_TEXT];
	json_t *out;

	rko_audit_id_text(decision->id, id);
	audit_time_text(entry->written, time);
	for (uint32_t i = 0; i < decision->nduties; i++)
		add_detail(event.details, "duty", decision->duties[i]);
	out = json_pack("{s:s, s:s, s:o, s:[o], s:s, s:s, s:s, s:s}", "resourceType", "AuditEvent", "id", id, "type",
			coding(DCM, "110113", "Security Alert"), "subtype",
			coding("https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType", "AuthZ-Consent",
			       "Authorization Decision using Roles and Consent"),
			"action", "E", "recorded", time, "outcome", granted ? "0" : "8", "outcomeDesc",
			audit_outcome(head));
	return finish(&event, out, "decision", origin);
}

/* A record of the facts that was consulted: its kind, and its key as it is written there. */
static json_t *use_entity(struct record_use use)
{
	struct buf key = { 0 }, name = { 0 };
	struct text value;
	json_t *out;

	while (record_key_next(&use, &value))
		buf_printf(&key, "%s%.*s", key.len ? " " : "", TEXT_ARG(value));
	buf_printf(&name, "%.*s", TEXT_ARG(use.kind));
	out = entity(coding(HL7 "audit-entity-type", "2", "System Object"), coding(HL7 "object-role", "4", "Domain Resource"),
		     buf_view(&key));
	put(out, "description", json_string(buf_failed(&name) ? "" : name.at));
	buf_release(&key);
	buf_release(&name);
	return out;
}

/* Somebody had it told: the facts that were consulted were read. */
static json_t *explained_event(const struct entry *entry, const struct record *record,
			       const struct audit_roles *roles, const char *origin)
{
	static const uint8_t unknown[RKO_AUDIT_ID_BYTES];
	struct record_explained explained = record->explained;
	struct event event = event_of(entry, record, roles, origin, explained.policy, explained.generation);
	char id[RKO_AUDIT_ID_TEXT], time[AUDIT_TIME_TEXT];
	struct record_use use;

	rko_audit_id_text(explained.id, id);
	audit_time_text(entry->written, time);
	if (memcmp(explained.of, unknown, sizeof unknown) != 0)
		add_hex(event.details, "of", explained.of, sizeof explained.of);
	add_hex(event.details, "trace", explained.trace.at, HASH_BYTES);
	add_detail(event.details, "decided", text_from(rko_outcome_word(explained.outcome)));
	add_detail(event.details, "for", text_from(explained.requester ? "requester" : "reviewer"));
	while (record_use_next(&explained, &use))
		json_array_append_new(event.entities, use_entity(use));
	return finish(&event, json_pack("{s:s, s:s, s:o, s:s, s:s, s:s}", "resourceType", "AuditEvent", "id", id, "type",
					coding(DCM, "110110", "Patient Record"), "action", "R", "recorded", time, "outcome",
					"0"), "explanation", origin);
}

json_t *audit_fhir(const struct entry *entry, const struct record *record, const struct audit_roles *roles,
		   const char *origin)
{
	return (record->kind == RECORD_EXPLAINED ? explained_event : decision_event)(entry, record, roles, origin);
}
