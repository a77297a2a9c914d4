/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rko/find.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <rko/search.h>

#include "tools/common/ask.h"
#include "tools/rko/outcomes.h"

enum { WHERE_MAX = 32 };

struct find {
	struct ask ask;
	enum rko_part part;
	bool all;
	char among[2 * LIMIT_NAME_BYTES + 2];
	char where_names[WHERE_MAX][LIMIT_NAME_BYTES + 1];
	struct rko_where where[WHERE_MAX];
	struct rko_search search;
	struct rko_among place;		/* where it looks, to be told */
	const char *field_label;	/* what the open field is called */
	struct rko_searched searched;
	json_t *list;
	size_t granted, undecided, refused, seen;
	enum rko_refusal refusal;	/* of all that were refused, while it is one */
	bool mixed;
	bool lists;			/* the question grants nothing: what has duties is found */
	uint32_t question;
	char first[LIMIT_ID_BYTES + 1];
};

enum word { WORD_AMONG, WORD_MORE, WORD_OTHERS };

static const char *word(const struct find *find, enum word which)
{
	static const char *const words[][3] = {
		[WORD_AMONG] = { "%s: löytyi %zu, tarkasteltu %zu (%s%s%s)\n", "%s: %zu hittades, %zu granskades (%s%s%s)\n",
				 "%s: found %zu, looked at %zu (%s%s%s)\n" },
		[WORD_MORE] = { "Jatkuu: --token=%s\n", "Fortsätter: --token=%s\n", "There is more: --token=%s\n" },
		[WORD_OTHERS] = { "Muita voi olla: rivit eivät luettele kaikkia.\n",
				  "Det kan finnas andra: raderna räknar inte upp alla.\n",
				  "There may be others: the rows do not list everybody.\n" },
	};

	return words[which][find->ask.with.cli->language];
}

/* Options -------------------------------------------------------------------------------------------- */

static int read_where(struct find *find, const char *value)
{
	const char *equals = strchr(value, '=');
	struct rko_where *where = &find->where[find->search.nwhere];
	char *name;

	if (!equals || equals == value || !equals[1] || equals - value > LIMIT_NAME_BYTES)
		return cli_usage(find->ask.with.cli, "--where takes FIELD=VALUE, not `%s`", value);
	if (find->search.nwhere == WHERE_MAX)
		return cli_usage(find->ask.with.cli, "more than %d conditions", WHERE_MAX);
	name = find->where_names[find->search.nwhere++];
	snprintf(name, LIMIT_NAME_BYTES + 1, "%.*s", (int)(equals - value), value);
	*where = (struct rko_where){ .field = name, .value = equals + 1 };
	return EXIT_GRANTED;
}

static int read_among(struct find *find, const char *value)
{
	char *point;

	if (strlen(value) >= sizeof find->among)
		return cli_usage(find->ask.with.cli, "--among takes KIND.FIELD, not `%s`", value);
	strcpy(find->among, value);
	point = strchr(find->among, '.');
	if (point)
		*point++ = '\0';
	find->search.among_kind = find->among;
	find->search.among_field = point && *point ? point : NULL;
	return EXIT_GRANTED;
}

static int read_limit(struct find *find, const char *value)
{
	unsigned long limit;
	char *end;

	errno = 0;
	limit = strtoul(value, &end, 10);
	if (*value < '1' || *value > '9' || *end || errno || limit > RKO_SEARCH_MOST)
		return cli_usage(find->ask.with.cli, "--limit takes a number from 1 to %d, not `%s`", RKO_SEARCH_MOST, value);
	find->search.limit = limit;
	return EXIT_GRANTED;
}

static int read_option(struct find *find, int option, const char *value)
{
	switch (option) {
	case 'm':
		return read_among(find, value);
	case 'w':
		return read_where(find, value);
	case 'n':
		return read_limit(find, value);
	case 't':
		find->search.token = value;
		return EXIT_GRANTED;
	case 'A':
		find->all = true;
		return EXIT_GRANTED;
	default:
		return options_take(&find->ask.with, option, value);
	}
}

/* Which field ---------------------------------------------------------------------------------------- */

/* The field that says the id of the subject or the resource, by how AuthZEN asks the question. */
static const char *field_of_part(const struct rko_policy *policy, uint32_t question, enum rko_part part)
{
	for (uint32_t i = 0; i < rko_question_entities(policy, question); i++) {
		struct rko_entity_about about;
		struct rko_field_about field;

		rko_question_entity(policy, question, i, &about);
		if (about.part != part || about.id == RKO_NOTHING)
			continue;
		rko_question_field(policy, question, about.id, RKO_EN, &field);
		return field.name;
	}
	return NULL;
}

/* What the open field is called, where the question has such a field. */
static const char *label_of_field(const struct find *find)
{
	struct rko_question_about about;

	rko_question_about(find->ask.with.policy, find->question, find->ask.with.cli->language, &about);
	for (uint32_t i = 0; i < about.fields; i++) {
		struct rko_field_about field;

		rko_question_field(find->ask.with.policy, find->question, i, find->ask.with.cli->language, &field);
		if (strcmp(field.name, find->search.field) == 0)
			return *field.label ? field.label : field.name;
	}
	return find->search.field;
}

static int find_field(struct find *find, const char *question)
{
	struct rko_question_about about;

	find->question = rko_policy_question(find->ask.with.policy, question);
	rko_question_about(find->ask.with.policy, find->question, find->ask.with.cli->language, &about);
	find->lists = about.lists;
	find->search.field = *find->ask.open ? find->ask.open
					     : field_of_part(find->ask.with.policy, find->question, find->part);
	if (!find->search.field)
		return cli_usage(find->ask.with.cli, "say which field is open: FIELD=?");
	find->field_label = label_of_field(find);
	find->place = (struct rko_among){ find->search.among_kind, find->search.among_field, 0 };
	if (!find->place.kind)
		rko_search_among(find->ask.with.policy, find->question, find->search.field, &find->place);
	return EXIT_GRANTED;
}

/* Showing -------------------------------------------------------------------------------------------- */

static bool is_hit(const struct find *find, const struct rko_filtered *decision)
{
	return find->lists ? decision->duties != 0 : decision->outcome == RKO_GRANTED;
}

static void count(struct find *find, const struct rko_found *found)
{
	const struct rko_filtered *decision = found->decision;

	if (!find->seen++)
		snprintf(find->first, sizeof find->first, "%s", found->value);
	find->granted += is_hit(find, decision);
	find->undecided += decision->outcome == RKO_UNDECIDED;
	if (decision->outcome != RKO_REFUSED)
		return;
	find->mixed |= find->refused && find->refusal != decision->refusal;
	find->refusal = decision->refusal;
	find->refused++;
}

static json_t *duties_of(const struct find *find, const struct rko_filtered *decision)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < 64; i++) {
		struct rko_duty_about duty;

		if (!(decision->duties >> i & 1))
			continue;
		rko_question_duty(find->ask.with.policy, find->question, i, find->ask.with.cli->language, &duty);
		json_array_append_new(list, json_string(duty.name));
	}
	return list;
}

static void show_duties(const struct find *find, const struct rko_found *found)
{
	const char *between = "  ";

	fputs(found->value, stdout);
	for (uint32_t i = 0; i < 64; i++) {
		struct rko_duty_about duty;

		if (!(found->decision->duties >> i & 1))
			continue;
		rko_question_duty(find->ask.with.policy, find->question, i, find->ask.with.cli->language, &duty);
		printf("%s%s", between, *duty.says ? duty.says : duty.name);
		between = " · ";
	}
	putchar('\n');
}

static void show_text(const struct find *find, const struct rko_found *found)
{
	bool colour = find->ask.with.cli->colour_out;
	enum rko_outcome outcome = found->decision->outcome;

	if (find->lists)
		show_duties(find, found);
	else if (find->all)
		printf("%s%s %s%s  %s\n", colour ? outcome_colour(outcome) : "", outcome_mark(outcome), found->value,
		       colour ? "\033[0m" : "", outcome_in(find->ask.with.cli->language, outcome));
	else
		puts(found->value);
}

static int show(void *context, const struct rko_found *found)
{
	struct find *find = context;
	enum rko_outcome outcome = found->decision->outcome;

	count(find, found);
	/* What cannot be asked about is not there for this question, whoever asks. */
	if (outcome == RKO_REFUSED || (!find->all && !is_hit(find, found->decision)))
		return 1;
	if (find->ask.with.format == FORMAT_JSON)
		json_array_append_new(find->list, json_pack("{s:s, s:s, s:o}", "value", found->value, "outcome",
							    find->lists ? "listed" : rko_outcome_word(outcome), "duties",
							    duties_of(find, found->decision)));
	else
		show_text(find, found);
	return 1;
}

/* What is said beside the values goes where it is in nobody's way. */
static void show_end(const struct find *find)
{
	const char *kind = find->place.kind ? find->place.kind : "", *field = find->place.field ? find->place.field : "";

	fflush(stdout);
	fprintf(stderr, word(find, WORD_AMONG), find->field_label, find->granted, find->seen, kind, *kind && *field ? "." : "", field);
	if (!find->place.listed)
		fputs(word(find, WORD_OTHERS), stderr);
	if (*find->searched.token)
		fprintf(stderr, word(find, WORD_MORE), find->searched.token);
}

static void show_json(struct find *find, const char *question)
{
	json_t *out = json_pack("{s:s, s:s, s:{s:s, s:s}, s:b, s:I, s:I, s:o}", "question", question, "field",
				find->search.field, "among", "kind", find->place.kind ? find->place.kind : "", "field",
				find->place.field ? find->place.field : "", "listed", find->place.listed, "generation",
				(json_int_t)find->searched.generation, "decided", (json_int_t)find->searched.decided,
				"values", json_incref(find->list));

	if (*find->searched.token)
		json_object_set_new(out, "next", json_string(find->searched.token));
	json_dumpf(out, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(out);
}

/* The request itself is wrong when it is for every value, for one and the same reason. */
static bool is_refused(const struct find *find)
{
	return find->seen && find->refused == find->seen && !find->mixed && find->refusal != RKO_REFUSED_MUST;
}

static int run(struct find *find, char **words, int nwords)
{
	struct rko_fault fault;
	enum rko_status status;
	int result = ask_open(&find->ask, words, nwords);

	if (result == EXIT_GRANTED)
		result = find_field(find, words[0]);
	if (result != EXIT_GRANTED)
		return result;
	find->list = json_array();
	find->search.where = find->where;
	status = rko_search(find->ask.with.session, find->ask.request, &find->search, show, find, &find->searched, &fault);
	if (status != RKO_OK) {
		cli_error("%s", fault.text);
		return status == RKO_LIMIT ? EXIT_INPUT : cli_exit_status(status);
	}
	if (is_refused(find)) {
		rko_request_set(find->ask.request, find->search.field, find->first);
		return ask_refused(&find->ask, find->ask.request);
	}
	if (find->ask.with.format == FORMAT_JSON)
		show_json(find, words[0]);
	else
		show_end(find);
	return find->granted ? EXIT_GRANTED : find->undecided ? EXIT_UNDECIDED : EXIT_DENIED;
}

int find_values(struct cli *cli, int argc, char **argv, enum rko_part part)
{
	static const struct option options[] = {
		ASK_OPTIONS,
		{ "among", required_argument, NULL, 'm' }, { "where", required_argument, NULL, 'w' },
		{ "all", no_argument, NULL, 'A' },	   { "limit", required_argument, NULL, 'n' },
		{ "token", required_argument, NULL, 't' }, { NULL, 0, NULL, 0 },
	};
	struct find find = { .ask.with.cli = cli, .part = part };
	int option, result = EXIT_GRANTED;

	while (result == EXIT_GRANTED && (option = getopt_long(argc, argv, OPTIONS_SHORT, options, NULL)) != -1)
		result = option == '?' ? cli_bad_option(cli, argv, options) : read_option(&find, option, optarg);
	if (result == EXIT_GRANTED)
		result = run(&find, argv + optind, argc - optind);
	json_decref(find.list);
	ask_close(&find.ask);
	return result;
}
