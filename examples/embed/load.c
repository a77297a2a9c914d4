/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Loads one row of facts. docs/embedding.md goes through it.
 *
 *   cc load.c $(pkg-config --cflags --libs rko) -o load
 *   ./load policy.image facts client liisa2 safety_ban=no safety_ban_to=open temporary_id=no
 *
 * The words after the kind are its key, then FIELD=VALUE; a field that is a set takes one value here.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <rko/load.h>

enum { FIELDS_MAX = 64 };

/* A row has a value for each field of its kind, in the kind's order. False after a message. */
static int make_row(const struct rko_policy *policy, uint32_t kind, char **words, int count, struct rko_value *elements,
		    struct rko_value *values)
{
	struct rko_kind_about about;

	rko_kind_about(policy, kind, &about);
	for (int i = 0; i < count; i++) {
		const char *equals = strchr(words[i], '='), *text = equals ? equals + 1 : words[i];
		struct rko_kind_field_about field;
		uint32_t at = (uint32_t)i;

		for (uint32_t j = 0; equals && j <= about.fields; j++) {
			if (j == about.fields) {
				fprintf(stderr, "%s has no field %s\n", about.name, words[i]);
				return 0;
			}
			rko_kind_field(policy, kind, j, RKO_EN, &field);
			at = j;
			if (strlen(field.name) == (size_t)(equals - words[i]) &&
			    strncmp(field.name, words[i], (size_t)(equals - words[i])) == 0)
				break;
		}
		rko_kind_field(policy, kind, at, RKO_EN, &field);
		elements[at] = (struct rko_value){ .kind = RKO_VALUE_TEXT, .text = text, .length = strlen(text) };
		values[at] = elements[at];
		if (field.set)
			values[at] = (struct rko_value){ .kind = RKO_VALUE_SET, .length = 1, .elements = &elements[at] };
	}
	return 1;
}

static int load(struct rko_facts *facts, struct rko_policy *policy, uint32_t kind, char **words, int count)
{
	struct rko_value elements[FIELDS_MAX] = { 0 }, values[FIELDS_MAX] = { 0 };	/* missing until said */
	struct rko_kind_about about;
	struct rko_loaded loaded;
	struct rko_fault fault;
	struct rko_load *load;
	enum rko_status status;
	size_t kept = 0;

	rko_kind_about(policy, kind, &about);
	if ((uint32_t)count > about.fields || !make_row(policy, kind, words, count, elements, values))
		return 3;
	status = rko_load_begin(facts, policy, &load, &fault);
	if (status != RKO_OK) {
		fprintf(stderr, "%s\n", fault.text);
		return 5;
	}
	status = rko_load_row(load, kind, values, about.fields, 1);
	if (status == RKO_OK)
		status = rko_load_commit(load, time(NULL), &loaded);
	rko_load_faults(load, &kept);
	for (size_t i = 0; i < kept; i++) {
		const struct rko_load_fault *one = rko_load_fault(load, i);

		fprintf(stderr, "RKO%04u: %s%s%s\n", one->code, one->text, one->help ? "; " : "", one->help ? one->help : "");
	}
	rko_load_free(load);
	if (status != RKO_OK) {
		fprintf(stderr, "%s: %s\n", rko_status_word(status), rko_status_meaning(status));
		return status == RKO_FACTS_REFUSED ? 3 : 5;
	}
	printf("generation %u: %llu stored, %llu known already\n", loaded.generation, (unsigned long long)loaded.rows,
	       (unsigned long long)loaded.same);
	return 0;
}

int main(int argc, char **argv)
{
	struct rko_policy *policy = NULL;
	struct rko_facts *facts = NULL;
	struct rko_fault fault = { "" };
	int result = 3;

	if (argc < 5) {
		fputs("usage: load IMAGE STORE KIND KEY… FIELD=VALUE…\n", stderr);
		return 3;
	}
	if (rko_policy_open(argv[1], &policy, &fault) != RKO_OK ||
	    rko_facts_open(argv[2], RKO_FACTS_CREATE, &facts, &fault) != RKO_OK)
		fprintf(stderr, "%s\n", fault.text);
	else if (rko_policy_kind(policy, argv[3]) == RKO_NOTHING)
		fprintf(stderr, "the policy has no kind of fact %s\n", argv[3]);
	else
		result = load(facts, policy, rko_policy_kind(policy, argv[3]), argv + 4, argc - 4);
	rko_facts_close(facts);
	rko_policy_unref(policy);
	return result;
}
