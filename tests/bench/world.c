/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/bench/world.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COUNTIES = 2, COMPANIES = 100, UNITS_OF_COMPANY = 4, UNITS = COMPANIES * UNITS_OF_COMPANY, USERS_OF_UNIT = 5,
       SYSTEMS = 10, GRANTS_OF_EPISODE = 4 };

static const char *const counties[COUNTIES] = { "ekhva", "pirha" };
static const char *const services[] = { "yhteisollinen_asuminen", "asumisen_tuki", "ymparivuorokautinen" };
enum { SERVICES = 3 };

const char *const world_ask_words[ASKS] = {
	"read", "write", "search", "correct", "read in another unit", "read after the service", "a task of the other sector",
	"a document that is not there",
};

void world_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("bench: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

/* Ten services belong to three clients (three, three and four), four grants to each, a document to four of ten. */
void world_init(struct world *world, uint32_t grants)
{
	uint32_t episodes = grants / GRANTS_OF_EPISODE / 20 * 20;

	if (!episodes)
		episodes = 20;
	*world = (struct world){
		.grants = episodes * GRANTS_OF_EPISODE,
		.episodes = episodes,
		.clients = episodes / 10 * 3,
		.documents = episodes / 10 * 4,
	};
}

/* Who is where ------------------------------------------------------------------------------------- */

/* splitmix64: numbers that look drawn, the same every time. */
static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ull;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

static uint32_t client_of(uint32_t episode)
{
	uint32_t place = episode % 10;

	return episode / 10 * 3 + (place < 3 ? 0 : place < 6 ? 1 : 2);
}

static uint32_t nth_of_client(uint32_t episode)
{
	static const uint8_t nth[10] = { 0, 1, 2, 0, 1, 2, 0, 1, 2, 3 };

	return nth[episode % 10];
}

/* The first half of the clients lives in one county, the other half in the other. */
static uint32_t county_of(const struct world *world, uint32_t episode)
{
	return episode >= world->episodes / 2;
}

static uint32_t unit_of(const struct world *world, uint32_t episode)
{
	uint32_t quarter = UNITS / COUNTIES / 4;

	return county_of(world, episode) * (UNITS / COUNTIES) + nth_of_client(episode) * quarter +
	       (uint32_t)(mix(client_of(episode)) % quarter);
}

static const char *service_of(uint32_t episode)
{
	return services[mix(client_of(episode)) / 64 % SERVICES];
}

/* One service in ten has ended long ago; it has documents. */
static bool has_ended(uint32_t episode)
{
	return episode % 10 == 2;
}

/* The first, third, seventh and tenth of ten services have a document. */
static bool has_document(uint32_t episode)
{
	return 1u << episode % 10 & 0x245;
}

static uint32_t document_of(uint32_t episode)
{
	static const uint8_t nth[10] = { 0, 0, 1, 0, 0, 0, 2, 0, 0, 3 };

	return episode / 10 * 4 + nth[episode % 10];
}

/* Identifiers -------------------------------------------------------------------------------------- */

enum { BATCH_ROWS = 1024, FIELDS = 24, BATCH_BYTES = BATCH_ROWS * 16 * 48 };

/* Rows that were made up and not yet handed on. A field is a text; `[a b]` is a set; NULL is derived. */
struct row {
	uint32_t kind;
	const char *fields[FIELDS];
};

struct batch {
	struct row rows[BATCH_ROWS];
	uint32_t count;
	char text[BATCH_BYTES];
	size_t used;
};

/* A text that lives as long as the batch. */
__attribute__((format(printf, 2, 3))) static const char *text(struct batch *batch, const char *format, ...)
{
	char *at = batch->text + batch->used;
	va_list args;

	va_start(args, format);
	batch->used += (size_t)vsnprintf(at, sizeof batch->text - batch->used, format, args) + 1;
	va_end(args);
	if (batch->used > sizeof batch->text)
		world_fail("the texts of a batch of rows do not fit");
	return at;
}

static const char *client_id(struct batch *b, uint32_t client)
{
	return text(b, "%016lx", mix(client + (1ull << 40)));
}

static const char *episode_id(struct batch *b, uint32_t episode)
{
	return text(b, "%016lx", mix(episode + (2ull << 40)));
}

static const char *grant_id(struct batch *b, uint32_t grant)
{
	return text(b, "%016lx", mix(grant + (3ull << 40)));
}

static const char *unit_id(struct batch *b, uint32_t unit)
{
	return text(b, "1.2.246.10.%u.10.%u", 10000000 + unit / UNITS_OF_COMPANY, unit % UNITS_OF_COMPANY);
}

static const char *user_id(struct batch *b, uint32_t unit, uint32_t user)
{
	return text(b, "u-%04u-%u", unit, user);
}

static const char *company_id(struct batch *b, uint32_t company)
{
	return text(b, "yritys-%03u", company);
}

static const char *keeper_id(struct batch *b, uint32_t company)
{
	return text(b, "rekisteri-%03u", company);
}

static const char *system_id(struct batch *b, uint32_t system)
{
	return text(b, "jarjestelma-%02u", system);
}

static const char *matter_id(struct batch *b, uint32_t client)
{
	return text(b, "1.2.246.10.99999984.12.2026.%u", 10000000 + client);
}

static const char *decision_id(struct batch *b, uint32_t client)
{
	return text(b, "1.2.246.10.99999984.14.2026.%u", 10000000 + client);
}

static const char *document_id(struct batch *b, uint32_t document)
{
	return text(b, "1.2.246.10.99999992.14.2026.%u", 10000000 + document);
}

/* Rows --------------------------------------------------------------------------------------------- */

/* Where rows go: into a load, or into a file. */
struct maker {
	const struct world *world;
	struct batch *batch;
	uint32_t kind;		/* of the rows being made */
	uint32_t (*find_kind)(void *sink, const char *name);
	void (*take)(void *sink, const struct batch *batch);
	void *sink;
};

static void flush(struct maker *maker)
{
	if (maker->batch->count)
		maker->take(maker->sink, maker->batch);
	maker->batch->count = 0;
	maker->batch->used = 0;
}

static void begin_kind(struct maker *maker, const char *name)
{
	flush(maker);
	maker->kind = maker->find_kind(maker->sink, name);
}

/* Before a row whose fields are in the batch already. */
static struct batch *next_row(struct maker *maker)
{
	if (maker->batch->count == BATCH_ROWS)
		flush(maker);
	return maker->batch;
}

static void put_row(struct maker *maker, const char *const *fields, size_t count)
{
	struct row *row = &maker->batch->rows[maker->batch->count++];

	row->kind = maker->kind;
	memcpy(row->fields, fields, count * sizeof *fields);
}

#define ROW(...) \
	do { \
		struct batch *b = next_row(maker); \
		(void)b; \
		const char *const fields_[] = { __VA_ARGS__ }; \
		put_row(maker, fields_, sizeof fields_ / sizeof fields_[0]); \
	} while (0)

static void make_systems(struct maker *maker)
{
	begin_kind(maker, "client_system");
	for (uint32_t i = 0; i < SYSTEMS; i++)
		ROW(system_id(b, i), "client", "yes", "two", "yes", "no", "no", "usable");
	for (int i = 0; i < COUNTIES; i++)
		ROW(text(b, "%s-jarjestelma", counties[i]), "client", "yes", "two", "yes", "no", "no", "usable");
	begin_kind(maker, "commissioning_test");
	for (uint32_t i = 0; i < SYSTEMS; i++)
		for (int j = 0; j < COUNTIES; j++)
			ROW(system_id(b, i), counties[j], "passed");
}

static void make_companies(struct maker *maker)
{
	begin_kind(maker, "controller");
	for (int i = 0; i < COUNTIES; i++)
		ROW(counties[i], "county", counties[i], text(b, "%s-jarjestelma", counties[i]), "yes");
	for (uint32_t i = 0; i < COMPANIES; i++)
		ROW(keeper_id(b, i), "provider", "none", "none", "yes");
	begin_kind(maker, "organisation");
	for (uint32_t i = 0; i < COMPANIES; i++)
		ROW(company_id(b, i), "private", keeper_id(b, i),
		    "[yhteisollinen_asuminen asumisen_tuki ymparivuorokautinen]", "no");
	begin_kind(maker, "membership");
	for (int i = 0; i < COUNTIES; i++)
		ROW(counties[i], "[]", "2026-01-01", "open");
	for (uint32_t i = 0; i < COMPANIES; i++)
		ROW(company_id(b, i), "[ekhva pirha]", "2026-01-15", "open");
	begin_kind(maker, "contract");
	for (uint32_t i = 0; i < COMPANIES; i++)
		ROW(counties[i * COUNTIES / COMPANIES], company_id(b, i), text(b, "sopimus-%03u", i), "purchase_contract",
		    "[yhteisollinen_asuminen asumisen_tuki ymparivuorokautinen]", "yes", "2025-01-01", "open");
}

static void make_units(struct maker *maker)
{
	begin_kind(maker, "unit");
	for (uint32_t i = 0; i < UNITS; i++)
		ROW(unit_id(b, i), company_id(b, i / UNITS_OF_COMPANY), unit_id(b, i), "ordinary", "direct", "2020-01-01",
		    "open");
	begin_kind(maker, "user_entry");
	for (uint32_t i = 0; i < UNITS; i++)
		for (uint32_t j = 0; j < USERS_OF_UNIT; j++)
			ROW(user_id(b, i, j), unit_id(b, i), "[priv_implementation]", "2025-01-01", "open");
	begin_kind(maker, "usage_right");
	for (uint32_t i = 0; i < UNITS; i++) {
		for (uint32_t j = 0; j < USERS_OF_UNIT; j++) {
			for (uint32_t k = 0; k < SERVICES; k++)
				ROW(user_id(b, i, j), unit_id(b, i), "priv_implementation", "iakkaat", services[k],
				    "[read write]");
			ROW(user_id(b, i, j), unit_id(b, i), "priv_implementation", "iakkaat", "none", "[read]");
		}
	}
}

/* The first of a client's services. */
static bool is_first(uint32_t episode)
{
	return nth_of_client(episode) == 0;
}

static void make_clients(struct maker *maker)
{
	const struct world *world = maker->world;

	begin_kind(maker, "client");
	for (uint32_t i = 0; i < world->clients; i++)
		ROW(client_id(b, i), i % 50 ? "no" : "yes", "open", "no");
	begin_kind(maker, "matter");
	for (uint32_t e = 0; e < world->episodes; e++)
		if (is_first(e))
			ROW(matter_id(b, client_of(e)), counties[county_of(world, e)], "iakkaat", "other_matter", "no", "no");
	begin_kind(maker, "matter_client");
	for (uint32_t i = 0; i < world->clients; i++)
		ROW(matter_id(b, i), client_id(b, i), "2025-02-10", "open");
	begin_kind(maker, "service_decision");
	for (uint32_t e = 0; e < world->episodes; e++)
		if (is_first(e))
			ROW(matter_id(b, client_of(e)), client_id(b, client_of(e)), "iakkaat", service_of(e),
			    decision_id(b, client_of(e)), "2025-02-20", "2025-03-01", "open");
}

static void make_episodes(struct maker *maker)
{
	const struct world *world = maker->world;

	begin_kind(maker, "episode");
	for (uint32_t e = 0; e < world->episodes; e++) {
		const char *end = has_ended(e) ? "2026-04-30" : "open";

		ROW(episode_id(b, e), client_id(b, client_of(e)), unit_id(b, unit_of(world, e)),
		    counties[county_of(world, e)], "iakkaat", service_of(e), "purchase", "2025-03-01", "2025-03-01", end,
		    "2025-03-01", has_ended(e) ? end : "none", "yes", "yes", "no", "no", "no", NULL, NULL);
	}
}

/* One that is over, one that is in use unless the service has ended, two that were nullified. */
static void make_grants(struct maker *maker)
{
	const struct world *world = maker->world;

	begin_kind(maker, "rko_grant");
	for (uint32_t e = 0; e < world->episodes; e++) {
		for (uint32_t i = 0; i < GRANTS_OF_EPISODE; i++) {
			bool over = i == 0 || (i == 1 && has_ended(e));

			ROW(counties[county_of(world, e)], client_id(b, client_of(e)), unit_id(b, unit_of(world, e)),
			    "iakkaat", service_of(e), grant_id(b, e * GRANTS_OF_EPISODE + i), episode_id(b, e),
			    i < 2 ? "active" : "nullified", "2025-12-15", i == 1 && !over ? "2026-02-01" : "2025-12-20",
			    over ? "2026-01-31" : "open", i == 1 ? "2026-02-02" : "none");
		}
	}
}

static void make_documents(struct maker *maker)
{
	const struct world *world = maker->world;

	begin_kind(maker, "document");
	for (uint32_t e = 0; e < world->episodes; e++) {
		if (!has_document(e))
			continue;
		ROW(document_id(b, document_of(e)), document_id(b, document_of(e)), counties[county_of(world, e)], "social",
		    "arki", "final", matter_id(b, client_of(e)), text(b, "[%s]", client_id(b, client_of(e))), "iakkaat",
		    service_of(e), episode_id(b, e), unit_id(b, unit_of(world, e)), "2026-03-10", "2026-03-10", "two", "no");
	}
}

static void make_all(struct maker *maker)
{
	maker->batch = malloc(sizeof *maker->batch);
	if (!maker->batch)
		world_fail("no memory");
	maker->batch->count = 0;
	maker->batch->used = 0;
	make_systems(maker);
	make_companies(maker);
	make_units(maker);
	make_clients(maker);
	make_episodes(maker);
	make_grants(maker);
	make_documents(maker);
	flush(maker);
	free(maker->batch);
}

/* Into a load -------------------------------------------------------------------------------------- */

static const char refreshed_at[] = "2026-07-10T06:00+03:00";
static const char asked_at[] = "2026-07-10T10:00+03:00";

static int64_t instant_of(const char *words)
{
	int64_t instant;

	if (rko_instant_parse(words, &instant) != RKO_OK)
		world_fail("%s is no instant", words);
	return instant;
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

enum { ELEMENTS = 4 };

struct load_sink {
	struct rko_policy *policy;
	struct rko_load *load;
	uint64_t rows, ns, cpu_ns;
	uint32_t fields[64];	/* by kind */
	struct rko_value values[BATCH_ROWS][FIELDS];
	struct rko_value elements[BATCH_ROWS][2 * ELEMENTS];
};

static uint32_t load_kind(void *context, const char *name)
{
	struct load_sink *sink = context;
	uint32_t kind = rko_policy_kind(sink->policy, name);
	struct rko_kind_about about;

	if (kind == RKO_NOTHING)
		world_fail("the policy has no record %s", name);
	rko_kind_about(sink->policy, kind, &about);
	sink->fields[kind] = about.fields;
	return kind;
}

/* `[a b]` to elements; gives how many. */
static size_t split(const char *set, struct rko_value *elements)
{
	size_t count = 0;

	for (const char *at = set + 1; *at != ']';) {
		size_t length = strcspn(at, " ]");

		elements[count++] = (struct rko_value){ .kind = RKO_VALUE_TEXT, .text = at, .length = length };
		at += length + (at[length] == ' ');
	}
	return count;
}

static void to_values(struct load_sink *sink, const struct batch *batch, uint32_t r)
{
	const struct row *row = &batch->rows[r];
	struct rko_value *elements = sink->elements[r];

	for (uint32_t i = 0; i < sink->fields[row->kind]; i++) {
		const char *field = row->fields[i];
		struct rko_value *value = &sink->values[r][i];

		*value = (struct rko_value){ .kind = RKO_VALUE_MISSING };
		if (!field)
			continue;
		if (field[0] != '[') {
			*value = (struct rko_value){ .kind = RKO_VALUE_TEXT, .text = field, .length = strlen(field) };
			continue;
		}
		*value = (struct rko_value){ .kind = RKO_VALUE_SET, .elements = elements };
		value->length = split(field, elements);
		elements += value->length;
	}
}

static void fail_load(struct rko_load *load, enum rko_status status)
{
	size_t kept;

	rko_load_faults(load, &kept);
	world_fail("load: %s%s%s", rko_status_word(status), kept ? ": " : "", kept ? rko_load_fault(load, 0)->text : "");
}

static void load_batch(void *context, const struct batch *batch)
{
	struct load_sink *sink = context;
	uint64_t from, cpu;

	for (uint32_t r = 0; r < batch->count; r++)
		to_values(sink, batch, r);
	from = now_ns(CLOCK_MONOTONIC);
	cpu = now_ns(CLOCK_THREAD_CPUTIME_ID);
	for (uint32_t r = 0; r < batch->count; r++) {
		uint32_t kind = batch->rows[r].kind;
		enum rko_status status = rko_load_row(sink->load, kind, sink->values[r], sink->fields[kind], 0);

		if (status != RKO_OK)
			fail_load(sink->load, status);
	}
	sink->cpu_ns += now_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
	sink->ns += now_ns(CLOCK_MONOTONIC) - from;
	sink->rows += batch->count;
}

void world_load(const struct world *world, struct rko_policy *policy, struct rko_facts *facts,
		struct world_loaded *ret)
{
	struct load_sink *sink = calloc(1, sizeof *sink);
	struct maker maker = { .world = world, .find_kind = load_kind, .take = load_batch, .sink = sink };
	enum rko_status status;
	uint64_t from, cpu;

	if (!sink)
		world_fail("no memory");
	sink->policy = policy;
	status = rko_load_begin(facts, policy, &sink->load, NULL);
	if (status != RKO_OK)
		world_fail("load: %s", rko_status_word(status));
	make_all(&maker);
	for (uint32_t i = 0; i < rko_policy_kinds(policy); i++)
		rko_load_refreshed(sink->load, i, instant_of(refreshed_at));
	from = now_ns(CLOCK_MONOTONIC);
	cpu = now_ns(CLOCK_THREAD_CPUTIME_ID);
	status = rko_load_commit(sink->load, instant_of(refreshed_at), &ret->loaded);
	ret->cpu_ns = sink->cpu_ns + now_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
	ret->commit_ns = now_ns(CLOCK_MONOTONIC) - from;
	if (status != RKO_OK)
		fail_load(sink->load, status);
	ret->rows = sink->rows;
	ret->stage_ns = sink->ns;
	rko_load_free(sink->load);
	free(sink);
}

/* Into a file -------------------------------------------------------------------------------------- */

struct file_sink {
	FILE *file;
	const struct rko_policy *policy;
	struct rko_kind_about about;
	uint64_t rows;
};

static uint32_t file_kind(void *context, const char *name)
{
	struct file_sink *sink = context;
	uint32_t kind = rko_policy_kind(sink->policy, name);

	rko_kind_about(sink->policy, kind, &sink->about);
	fprintf(sink->file, "\n%s:\n", name);
	return kind;
}

static void write_row(struct file_sink *sink, const struct row *row)
{
	bool named = sink->about.key_fields == 1;
	const char *comma = "";

	if (named)
		fprintf(sink->file, "  %s: {", row->fields[0]);
	else
		fputs("  - {", sink->file);
	for (uint32_t i = named; i < sink->about.fields; i++) {
		struct rko_kind_field_about field;

		if (!row->fields[i])
			continue;
		rko_kind_field(sink->policy, row->kind, i, RKO_FI, &field);
		fprintf(sink->file, "%s%s: ", comma, field.name);
		for (const char *at = row->fields[i]; *at; at++)
			fputs(*at == ' ' ? ", " : (char[]){ *at, 0 }, sink->file);
		comma = ", ";
	}
	fputs("}\n", sink->file);
}

static void write_batch(void *context, const struct batch *batch)
{
	struct file_sink *sink = context;

	for (uint32_t r = 0; r < batch->count; r++)
		write_row(sink, &batch->rows[r]);
	sink->rows += batch->count;
}

uint64_t world_write_yaml(const struct world *world, const struct rko_policy *policy, const char *path)
{
	struct file_sink sink = { .file = fopen(path, "w"), .policy = policy };
	struct maker maker = { .world = world, .find_kind = file_kind, .take = write_batch, .sink = &sink };

	if (!sink.file)
		world_fail("%s: cannot be written", path);
	fprintf(sink.file, "recorded: %s\nrefreshed: %s\n", refreshed_at, refreshed_at);
	make_all(&maker);
	if (fclose(sink.file))
		world_fail("%s: cannot be written", path);
	return sink.rows;
}

/* Questions ---------------------------------------------------------------------------------------- */

/* Of a hundred. Every tenth service has ended: who reads there is denied. */
static const struct {
	enum world_ask ask;
	uint32_t share;
} asks[] = {
	{ ASK_READ, 55 }, { ASK_WRITE, 15 }, { ASK_SEARCH, 10 }, { ASK_CORRECT, 5 },
	{ ASK_ELSEWHERE, 10 }, { ASK_WRONG_TASK, 3 }, { ASK_NO_DOCUMENT, 2 },
};

struct world_question world_question(const struct world *world, uint32_t series, uint32_t n)
{
	uint64_t drawn = mix(((uint64_t)series << 32) + n), share = drawn % 100;
	struct world_question question = { .user = (uint8_t)(drawn >> 8) % USERS_OF_UNIT };
	uint32_t i = 0;

	question.episode = (uint32_t)(mix(drawn) % world->episodes);
	while (share >= asks[i].share)
		share -= asks[i++].share;
	question.ask = asks[i].ask;
	/* The question is about a document; there is one for the service before or behind. */
	while (question.ask != ASK_WRITE && question.ask != ASK_SEARCH && !has_document(question.episode))
		question.episode = (question.episode + 1) % world->episodes;
	if (question.ask <= ASK_CORRECT && has_ended(question.episode))
		question.ask = ASK_ENDED;
	return question;
}

enum rko_outcome world_expected(const struct world_question *question)
{
	switch ((enum world_ask)question->ask) {
	case ASK_READ:
	case ASK_WRITE:
	case ASK_SEARCH:
	case ASK_CORRECT:
		return RKO_GRANTED;
	case ASK_ELSEWHERE:
	case ASK_ENDED:
		return RKO_NOT_GRANTED;
	case ASK_WRONG_TASK:
		return RKO_FORBIDDEN;
	case ASK_NO_DOCUMENT:
		return RKO_REFUSED;
	case ASKS:
		break;
	}
	return RKO_REFUSED;
}

static void add(struct world_script *script, const char *field, const char *value)
{
	struct world_said *said = &script->said[script->count++];

	said->field = field;
	said->value = script->text + script->used;
	script->used += (size_t)snprintf(script->text + script->used, sizeof script->text - script->used, "%s", value) + 1;
	if (script->count == WORLD_SAID || script->used > sizeof script->text)
		world_fail("a question does not fit");
}

static void add_new_document(struct world_script *script, struct batch *b, const struct world *world, uint32_t e)
{
	add(script, "document.original", "uusi");
	add(script, "document.controller", counties[county_of(world, e)]);
	add(script, "document.register", "social");
	add(script, "document.type", "arki");
	add(script, "document.state", "final");
	add(script, "document.matter", matter_id(b, client_of(e)));
	add(script, "document.clients", client_id(b, client_of(e)));
	add(script, "document.service_task", "iakkaat");
	add(script, "document.service", service_of(e));
	add(script, "document.episode", episode_id(b, e));
	add(script, "document.author_unit", unit_id(b, unit_of(world, e)));
	add(script, "document.event", "2026-07-10");
	add(script, "document.created", "2026-07-10");
	add(script, "document.phase", "two");
	add(script, "document.hidden_in_mykanta", "no");
}

void world_script(const struct world *world, const struct world_question *question, struct world_script *script)
{
	static const char *const actions[ASKS] = { "read", "write", "search", "correct", "read", "read", "read", "read" };
	static struct batch scratch;	/* for its texts only */
	uint32_t e = question->episode, unit = unit_of(world, e);
	struct batch *b = &scratch;

	b->used = 0;
	/* Another company's unit of the same county. */
	if (question->ask == ASK_ELSEWHERE)
		unit = unit / (UNITS / COUNTIES) * (UNITS / COUNTIES) + (unit + UNITS_OF_COMPANY) % (UNITS / COUNTIES);
	script->count = 0;
	script->used = 0;
	script->action = actions[question->ask];
	script->instant = instant_of(asked_at);
	add(script, "user", user_id(b, unit, question->user));
	add(script, "purpose", "service");
	add(script, "identification", "professional_card");
	add(script, "unit", unit_id(b, unit));
	add(script, "work_task", question->ask == ASK_WRONG_TASK ? "pub_implementation" : "priv_implementation");
	add(script, "client", client_id(b, client_of(e)));
	add(script, "register", counties[county_of(world, e)]);
	add(script, "system", system_id(b, unit % SYSTEMS));
	add(script, "channel", "kanta");
	if (question->ask == ASK_WRITE)
		add_new_document(script, b, world, e);
	else if (question->ask == ASK_NO_DOCUMENT)
		add(script, "document", "1.2.246.10.99999992.14.2026.1");
	else if (question->ask != ASK_SEARCH)
		add(script, "document", document_id(b, document_of(e)));
}

void world_say(const struct world_script *script, struct rko_request *request)
{
	rko_request_clear(request);
	rko_request_action(request, script->action);
	rko_request_at(request, script->instant);
	for (uint32_t i = 0; i < script->count; i++)
		rko_request_set(request, script->said[i].field, script->said[i].value);
}
