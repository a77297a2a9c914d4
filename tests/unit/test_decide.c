/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * I1. Deciding against a direct reading of docs/semantics.md. The policy workshop.rko is written out here once more, as
 * trees of conditions over plain values, and evaluated as the text says: unknown facts by trying all their
 * completions, intervals day by day. Random facts and requests must come out the same both ways. Nothing of the
 * engine is used on this side but its dates.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rko/explain.h>

#include "engine/base/buf.h"
#include "engine/base/date.h"
#include "tests/common/fixture.h"

/* The policy, read directly ------------------------------------------------------------------------- */

enum { USE, REPAIR, SCRAP, ACTIONS };
enum { DAYTIME, NIGHT };
enum { NORTH, SOUTH };
enum { BASIC, TRAINED, MASTER };
enum { SAW, LATHE, OVEN, KINDS };
enum { GOOD, WORN, BROKEN, NO_STATE };
enum { DUTY_LOOK = 1, DUTY_PAY = 2, DUTY_TELL = 4 };

struct span {
	bool exists;
	day_t begins, ends;	/* RKO_DAY_OPEN: without an end */
};

/* Everything that a rule asks, known: a cell. */
struct cell {
	day_t day;
	int action, hour, site, level, kind, state;
	bool visitor, staff, owner, helper, banned, steady;
	bool unsettled, gap;	/* the south's overlay is not in force; what it may say */
	day_t bought;
	struct span training, booking;
	bool paid;
};

static bool current(const struct span *span, day_t day)
{
	return span->exists && span->begins <= day && day <= span->ends;
}

static day_t plus(day_t day, int count, enum span_unit unit)
{
	day_t out = 0;

	assert_true(day_add(day, count, unit, &out));
	return out;
}

static bool south_speaks(const struct cell *x)
{
	return x->site == SOUTH && day_from_civil(2026, 4, 1) <= x->day && x->day <= day_from_civil(2026, 9, 30);
}

static bool booking_fits(const struct cell *x)
{
	const struct span *booking = &x->booking;

	return booking->exists && x->day <= booking->ends &&
	       plus(booking->begins, south_speaks(x) ? -10 : -3, UNIT_DAYS) <= x->day &&
	       x->day <= plus(booking->begins, 1, UNIT_MONTHS) && current(&x->training, x->day);
}

static bool booked(const struct cell *x)
{
	if (x->unsettled && x->gap && x->hour == DAYTIME && booking_fits(x))
		return true;
	if (south_speaks(x) && x->kind == OVEN && x->hour == DAYTIME && x->staff && booking_fits(x))
		return true;
	return booking_fits(x) && x->kind != OVEN;
}

static bool worn(const struct cell *x) { return x->state == WORN; }
static bool masters(const struct cell *x) { return x->level == MASTER; }
static bool night(const struct cell *x) { return x->hour == NIGHT; }
static bool broken(const struct cell *x) { return x->state == BROKEN; }
static bool alone(const struct cell *x) { return x->level != BASIC && x->steady; }
static bool helping(const struct cell *x) { return x->helper; }
static bool owning(const struct cell *x) { return x->owner; }
static bool visitors(const struct cell *x) { return x->visitor; }
static bool mending(const struct cell *x) { return x->staff && x->state != GOOD; }
static bool banned(const struct cell *x) { return x->banned; }
static bool staff(const struct cell *x) { return x->staff; }
static bool south_night(const struct cell *x) { return south_speaks(x) && x->hour == NIGHT; }
static bool south_new(const struct cell *x)
{
	return south_speaks(x) && x->day < plus(x->bought, 6, UNIT_MONTHS);
}

enum verb { GRANT, PROHIBIT, WITHHOLD };
enum { ROOT = -1, CUTS = -2 };	/* CUTS: a tree of the overlay that may withhold the rule `owners` */

static const struct node {
	const char *name;
	enum verb verb;
	int parent;
	unsigned actions;
	bool (*holds)(const struct cell *);
} nodes[] = {
	{ "booked", GRANT, ROOT, 1 << USE, booked },
	{ "worn", WITHHOLD, 0, 1 << USE, worn },
	{ "masters", GRANT, 1, 1 << USE, masters },
	{ "not-at-night", WITHHOLD, 2, 1 << USE, night },
	{ "broken", PROHIBIT, 0, 1 << USE, broken },
	{ "alone", GRANT, ROOT, 1 << USE, alone },
	{ "by-helpers", GRANT, ROOT, 1 << USE | 1 << REPAIR, helping },
	{ "owners", GRANT, ROOT, 1 << USE | 1 << REPAIR | 1 << SCRAP, owning },
	{ "no-visitors", WITHHOLD, 7, 1 << USE, visitors },
	{ "mended-by-staff", GRANT, ROOT, 1 << REPAIR, mending },
	{ "banned", PROHIBIT, ROOT, 1 << USE | 1 << REPAIR, banned },
	{ "staff-may-mend", WITHHOLD, 10, 1 << REPAIR, staff },
	{ "closed-at-night", PROHIBIT, ROOT, 1 << REPAIR | 1 << SCRAP, south_night },
	{ "not-the-new", WITHHOLD, CUTS, 1 << USE | 1 << REPAIR | 1 << SCRAP, south_new },
};
enum { NODES = sizeof nodes / sizeof nodes[0], OWNERS = 7 };

/* § 3: what a tree says, and which of its nodes say it. */
struct value {
	bool speaks;
	enum verb verb;
	unsigned by;
};

static struct value value_of(const struct cell *x, int number)
{
	const struct node *node = &nodes[number];
	struct value out = { .speaks = false };

	if (!(node->actions >> x->action & 1) || !node->holds(x))
		return out;
	for (int i = 0; i < NODES; i++) {
		struct value child;

		if (nodes[i].parent != number)
			continue;
		child = value_of(x, i);
		if (!child.speaks)
			continue;
		if (out.speaks && out.verb != child.verb)
			fail_msg("a conflict: the policy of the test has one");
		out = (struct value){ true, child.verb, out.by | child.by };
	}
	return out.speaks ? out : (struct value){ true, node->verb, 1u << number };
}

/* § 4: outcome, deciding nodes, duties. */
struct answer {
	enum rko_outcome outcome;
	unsigned by;
	uint64_t duties;
};

static struct answer answer_of(const struct cell *x)
{
	unsigned grants = 0, forbids = 0;
	struct answer out = { RKO_NOT_GRANTED, 0, 0 };

	for (int i = 0; i < NODES; i++) {
		struct value value = nodes[i].parent == ROOT ? value_of(x, i) : (struct value){ .speaks = false };
		bool cut = (x->unsettled && !x->gap) || (i == OWNERS && value_of(x, NODES - 1).speaks);

		if (value.speaks && value.verb == PROHIBIT)
			forbids |= value.by;
		if (value.speaks && value.verb == GRANT && !cut)
			grants |= value.by;
	}
	if (forbids)
		out = (struct answer){ RKO_FORBIDDEN, forbids, 0 };
	else if (grants)
		out = (struct answer){ RKO_GRANTED, grants, 0 };
	if (out.outcome == RKO_GRANTED && x->action == USE && x->booking.exists && !x->paid)
		out.duties |= DUTY_PAY;
	if (out.outcome == RKO_GRANTED && x->action == USE && south_speaks(x) && x->kind == OVEN)
		out.duties |= DUTY_LOOK;
	if (out.outcome != RKO_GRANTED && x->action != REPAIR)
		out.duties |= DUTY_TELL;
	return out;
}

/* Facts --------------------------------------------------------------------------------------------- */

enum { MAKERS = 3, TOOLS = 2, ROWS = 3 };

struct world {
	day_t day;		/* around which everything lies */
	struct { int level; bool staff; } makers[MAKERS];
	struct { int kind, state, site, owner; day_t bought; } tools[TOOLS];
	struct span trainings[MAKERS][KINDS];
	struct { struct span span; int kind; } bans[MAKERS][ROWS];
	struct { struct span span; bool agreed, paid; } bookings[TOOLS][MAKERS][ROWS];
	bool helpers[TOOLS][MAKERS];
	struct { struct span span; bool found; } steady[MAKERS][TOOLS];
	bool stale_training, stale_ban, stale_booking, stale_helper;
};

static const char *const kinds[] = { "saw", "lathe", "oven" }, *const states[] = { "good", "worn", "broken", "unknown" },
	*const sites[] = { "north", "south" }, *const levels[] = { "basic", "trained", "master" },
	*const actions[] = { "use", "repair", "scrap" }, *const hours[] = { "daytime", "night" };

static uint64_t dice = 88172645463325252u;

static int any(int below)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (int)((dice >> 20) % (uint64_t)below);
}

static bool chance(int of)
{
	return any(of) == 0;
}

static struct span any_span(day_t day, int of)
{
	struct span span = { !chance(of), day + any(81) - 50, RKO_DAY_OPEN };

	if (!chance(4))
		span.ends = span.begins + any(80);
	return span;
}

static struct world any_world(void)
{
	struct world w = { .day = day_from_civil(2026, 3, 10) + any(230) };

	for (int m = 0; m < MAKERS; m++) {
		w.makers[m].level = any(3);
		w.makers[m].staff = chance(3);
		for (int k = 0; k < KINDS; k++)
			w.trainings[m][k] = any_span(w.day, 3);
		for (int i = 0; i < ROWS; i++) {
			w.bans[m][i].span = any_span(w.day, 1);
			w.bans[m][i].span.exists = chance(6);
			w.bans[m][i].kind = any(KINDS);
		}
	}
	for (int t = 0; t < TOOLS; t++) {
		w.tools[t].kind = any(KINDS);
		w.tools[t].state = chance(2) ? GOOD : any(chance(3) ? 4 : 3);
		w.tools[t].site = any(2);
		w.tools[t].owner = any(MAKERS + 1) - 1;
		w.tools[t].bought = w.day - any(400);
		for (int m = 0; m < MAKERS; m++) {
			w.helpers[t][m] = chance(6);
			w.steady[m][t].span = any_span(w.day, 5);
			w.steady[m][t].span.begins -= 30;
			w.steady[m][t].found = chance(2);
			for (int i = 0; i < ROWS; i++) {
				w.bookings[t][m][i].span = any_span(w.day, 2);
				w.bookings[t][m][i].agreed = !chance(4);
				w.bookings[t][m][i].paid = chance(2);
			}
		}
	}
	w.stale_training = chance(6);
	w.stale_ban = chance(6);
	w.stale_booking = chance(6);
	w.stale_helper = chance(6);
	return w;
}

static void write_span(struct buf *out, const struct span *span)
{
	char begins[RKO_DAY_TEXT], ends[RKO_DAY_TEXT];

	rko_day_text(span->begins, begins);
	rko_day_text(span->ends, ends);
	buf_printf(out, "begins: %s, ends: %s}\n", begins, ends);
}

static void write_makers(struct buf *out, const struct world *w)
{
	buf_string(out, "maker:\n");
	for (int m = 0; m < MAKERS; m++)
		buf_printf(out, "  m%d: {level: %s, staff: %s}\n", m, levels[w->makers[m].level],
			   w->makers[m].staff ? "yes" : "no");
	buf_string(out, "training:\n");
	for (int m = 0; m < MAKERS; m++) {
		for (int k = 0; k < KINDS; k++) {
			if (!w->trainings[m][k].exists)
				continue;
			buf_printf(out, "  - {maker: m%d, kind: %s, ", m, kinds[k]);
			write_span(out, &w->trainings[m][k]);
		}
	}
	buf_string(out, "ban:\n");
	for (int m = 0; m < MAKERS; m++) {
		for (int i = 0; i < ROWS; i++) {
			if (!w->bans[m][i].span.exists)
				continue;
			buf_printf(out, "  - {maker: m%d, number: b%d, kind: %s, ", m, i, kinds[w->bans[m][i].kind]);
			write_span(out, &w->bans[m][i].span);
		}
	}
}

static void write_tools(struct buf *out, const struct world *w)
{
	char day[RKO_DAY_TEXT], owner[8];

	buf_string(out, "tool:\n");
	for (int t = 0; t < TOOLS; t++) {
		rko_day_text(w->tools[t].bought, day);
		snprintf(owner, sizeof owner, "m%d", w->tools[t].owner);
		buf_printf(out, "  t%d: {kind: %s, state: %s, site: %s, owner: %s, bought: %s}\n", t,
			   kinds[w->tools[t].kind], states[w->tools[t].state], sites[w->tools[t].site],
			   w->tools[t].owner < 0 ? "none" : owner, day);
	}
	buf_string(out, "helper:\n");
	for (int t = 0; t < TOOLS; t++)
		for (int m = 0; m < MAKERS; m++)
			if (w->helpers[t][m])
				buf_printf(out, "  - {tool: t%d, maker: m%d}\n", t, m);
	buf_string(out, "booking:\n");
	for (int t = 0; t < TOOLS; t++) {
		for (int m = 0; m < MAKERS; m++) {
			for (int i = 0; i < ROWS; i++) {
				if (!w->bookings[t][m][i].span.exists)
					continue;
				buf_printf(out, "  - {tool: t%d, maker: m%d, number: n%d, stage: %s, paid: %s, ", t, m, i,
					   w->bookings[t][m][i].agreed ? "agreed" : "asked",
					   w->bookings[t][m][i].paid ? "yes" : "no");
				write_span(out, &w->bookings[t][m][i].span);
			}
		}
	}
	buf_string(out, "steady:\n");
	for (int m = 0; m < MAKERS; m++) {
		for (int t = 0; t < TOOLS; t++) {
			if (!w->steady[m][t].span.exists)
				continue;
			buf_printf(out, "  - {maker: m%d, tool: t%d, finding: %s, ", m, t,
				   w->steady[m][t].found ? "yes" : "no");
			write_span(out, &w->steady[m][t].span);
		}
	}
}

/* As a file of facts. A kind without rows is left out: it would be no map and no list. */
static void write_world(struct buf *out, const struct world *w)
{
	char day[RKO_DAY_TEXT], before[RKO_DAY_TEXT];
	struct buf rows = { 0 };

	rko_day_text(w->day, day);
	rko_day_text(w->day - 2, before);
	buf_printf(out, "refreshed: {maker: %sT00:00+02:00, tool: %sT00:00+02:00, training: %sT00:00+02:00, "
		   "ban: %sT00:00+02:00, booking: %sT00:00+02:00, helper: %sT00:00+02:00}\n", day, day,
		   w->stale_training ? before : day, w->stale_ban ? before : day, w->stale_booking ? before : day,
		   w->stale_helper ? before : day);
	write_makers(&rows, w);
	write_tools(&rows, w);
	for (const char *line = rows.at; *line;) {
		const char *next = strchr(line, '\n') + 1;

		if (line[0] == ' ' || next[0] == ' ')
			buf_text(out, (struct text){ line, (size_t)(next - line) });
		line = next;
	}
	buf_release(&rows);
}

/* Completions --------------------------------------------------------------------------------------- */

struct ask {
	int maker, tool, action, hour;
	bool visitor;
};

/* Facts that may be unknown, by the names under which an explanation asks for them. */
enum fact { STATE, BANS, HELPERS, STEADY, OVERLAY, TRAINING, BOOKINGS, FACTS };
static const char *const fact_names[] = { "tool.state", "ban", "helpers", "steady", "south", "trained", "booking" };

/* What is known of a cell, and a bit for each fact that is not. */
struct view {
	struct cell cell;
	unsigned unknown;
};

/* Spans that lie in every possible way around a day, `none` first. */
static struct span some_span(day_t day, int number)
{
	static const int begins[] = { -60, -15, -1, 0, 1, 3, 5, 10, 40 };
	struct span out = { number > 0, 0, RKO_DAY_OPEN };

	out.begins = day + begins[(number + 8) % 9];
	if (number > 9)
		out.ends = number > 18 ? out.begins : day - 1;
	return out;
}
enum { SPANS = 28 };

static int take(int *number, int of)
{
	int taken = *number % of;

	*number /= of;
	return taken;
}

/* One completion of what is not known; false when there are no more of them. */
static bool complete(const struct view *view, int number, struct cell *x)
{
	*x = view->cell;
	if (view->unknown >> STATE & 1)
		x->state = take(&number, 3);
	if (view->unknown >> BANS & 1)
		x->banned = take(&number, 2);
	if (view->unknown >> HELPERS & 1)
		x->helper = take(&number, 2);
	if (view->unknown >> STEADY & 1)
		x->steady = take(&number, 2);
	if (view->unknown >> OVERLAY & 1)
		x->gap = take(&number, 2);
	if (view->unknown >> TRAINING & 1)	/* only whether it is current matters: today is its day, or there is none */
		x->training = (struct span){ take(&number, 2), x->day, x->day };
	if (view->unknown >> BOOKINGS & 1) {
		x->booking = some_span(x->day, take(&number, SPANS));
		x->paid = take(&number, 2);
	}
	return number == 0;
}

/* § 7 for one candidate: all outcomes, and what they bring. */
struct answers {
	unsigned may;	/* a bit for each outcome */
	uint64_t duties[3];
	unsigned by[3];
};

static struct answers all_answers(const struct view *view)
{
	struct answers out = { 0 };
	struct cell x;

	for (int i = 0; complete(view, i, &x); i++) {
		struct answer one;

		if (x.booking.exists && x.booking.ends < x.booking.begins)
			continue;	/* cannot be */
		one = answer_of(&x);
		out.may |= 1u << one.outcome;
		out.duties[one.outcome] |= one.duties;
		out.by[one.outcome] |= one.by;
	}
	return out;
}

static struct view view_of(const struct world *w, const struct ask *ask, day_t day)
{
	const struct span *training = &w->trainings[ask->maker][w->tools[ask->tool].kind];
	bool found = current(&w->steady[ask->maker][ask->tool].span, day);
	struct view out = { .cell = {
		.day = day, .action = ask->action, .hour = ask->hour, .site = w->tools[ask->tool].site,
		.level = w->makers[ask->maker].level, .kind = w->tools[ask->tool].kind,
		.state = w->tools[ask->tool].state, .visitor = ask->visitor, .staff = w->makers[ask->maker].staff,
		.owner = w->tools[ask->tool].owner == ask->maker, .helper = w->helpers[ask->tool][ask->maker],
		.steady = found && w->steady[ask->maker][ask->tool].found, .bought = w->tools[ask->tool].bought,
		.training = *training,
	} };

	for (int i = 0; i < ROWS; i++)
		out.cell.banned |= current(&w->bans[ask->maker][i].span, day) &&
				   w->bans[ask->maker][i].kind == out.cell.kind;
	out.cell.unsettled = out.cell.site == SOUTH && !south_speaks(&out.cell);
	out.unknown = (unsigned)(out.cell.state == NO_STATE) << STATE | (unsigned)(!out.cell.banned && w->stale_ban) << BANS |
		      (unsigned)(!out.cell.helper && w->stale_helper) << HELPERS | (unsigned)!found << STEADY |
		      (unsigned)out.cell.unsettled << OVERLAY |
		      (unsigned)(!training->exists && w->stale_training) << TRAINING;
	return out;
}

/* § 5: the decision for every candidate, combined. */
struct reference {
	enum rko_outcome outcome;
	uint64_t duties;
	unsigned by[ROWS + 2];	/* of each candidate that has the outcome */
	int nby;
	bool known;		/* nothing was unknown */
};

static void combine(struct reference *out, const struct answers *all, const bool *sure, int count)
{
	const unsigned grants = 1u << RKO_GRANTED, forbids = 1u << RKO_FORBIDDEN;
	bool granted = false, all_grant = true, possible = false, forbidden = true, some_sure = false;

	for (int i = 0; i < count; i++) {
		granted |= sure[i] && all[i].may == grants;
		all_grant &= all[i].may == grants;
		possible |= (all[i].may & grants) != 0;
		forbidden &= all[i].may == forbids;
		some_sure |= sure[i];
	}
	granted |= all_grant && !some_sure;	/* whatever rows there are, and if there are none */
	out->outcome = granted ? RKO_GRANTED : possible ? RKO_UNDECIDED : forbidden ? RKO_FORBIDDEN : RKO_NOT_GRANTED;
	for (int i = 0; i < count && out->outcome != RKO_UNDECIDED; i++) {
		if (out->outcome != RKO_GRANTED && all[i].may == forbids && !forbidden)
			continue;
		out->duties |= all[i].duties[out->outcome];
		if (out->outcome != RKO_GRANTED || (all[i].may == grants && (sure[i] || !some_sure)))
			out->by[out->nby++] = all[i].by[out->outcome];
	}
}

/* `learned`: facts that have become known, as `cell` has them. */
static struct reference reference_with(const struct world *w, const struct ask *ask, const struct view *known,
				       unsigned learned)
{
	struct view view = { known->cell, known->unknown & ~learned };
	struct answers all[ROWS + 2];
	bool sure[ROWS + 2];
	struct reference out = { .known = !view.unknown && !w->stale_booking };
	int count = 0;

	for (int i = 0; i < ROWS; i++) {
		if (!w->bookings[ask->tool][ask->maker][i].span.exists || !w->bookings[ask->tool][ask->maker][i].agreed)
			continue;
		view.cell.booking = w->bookings[ask->tool][ask->maker][i].span;
		view.cell.paid = w->bookings[ask->tool][ask->maker][i].paid;
		sure[count] = true;
		all[count++] = all_answers(&view);
	}
	view.cell.booking.exists = false;
	if (!count || w->stale_booking) {
		view.unknown |= (unsigned)w->stale_booking << BOOKINGS;
		sure[count] = !w->stale_booking;
		all[count++] = all_answers(&view);
	}
	combine(&out, all, sure, count);
	return out;
}

static struct reference reference(const struct world *w, const struct ask *ask, day_t day)
{
	struct view view = view_of(w, ask, day);

	return reference_with(w, ask, &view, 0);
}

/* § 7: a set of facts settles a question when every way to learn them leaves one answer, or no permit. */
static bool settles(const struct world *w, const struct ask *ask, day_t day, unsigned facts)
{
	struct view view = view_of(w, ask, day), learning = { view.cell, view.unknown & facts }, with = view;

	for (int i = 0; complete(&learning, i, &with.cell); i++)
		if (reference_with(w, ask, &with, facts).outcome == RKO_UNDECIDED)
			return false;
	return true;
}

/* Comparing ----------------------------------------------------------------------------------------- */

struct ground {
	struct rko_policy *policy;
	char *folder;
	struct rko_facts *facts;
	struct rko_session *session;
	struct rko_request *request;
	struct buf yaml;
	struct world world;
};

static void open_ground(struct ground *ground, struct rko_policy *policy)
{
	*ground = (struct ground){ .policy = policy, .folder = folder_new(), .world = any_world() };
	write_world(&ground->yaml, &ground->world);
	ground->facts = facts_new(ground->folder);
	facts_load(ground->facts, policy, ground->yaml.at);
	assert_int_equal(rko_session_open(policy, ground->facts, &ground->session, NULL), RKO_OK);
	assert_int_equal(rko_request_new(policy, "workshop", &ground->request), RKO_OK);
}

static void close_ground(struct ground *ground)
{
	rko_request_free(ground->request);
	rko_session_close(ground->session);
	rko_facts_close(ground->facts);
	folder_remove(ground->folder);
	buf_release(&ground->yaml);
}

static struct ask any_ask(void)
{
	struct ask ask = { any(MAKERS), any(TOOLS), any(ACTIONS), any(2), chance(3) };

	ask.visitor &= ask.action == USE;
	return ask;
}

static void put_ask(const struct ground *ground, const struct ask *ask)
{
	char maker[8], tool[8];

	snprintf(maker, sizeof maker, "m%d", ask->maker);
	snprintf(tool, sizeof tool, "t%d", ask->tool);
	rko_request_clear(ground->request);
	rko_request_action(ground->request, actions[ask->action]);
	rko_request_set(ground->request, "maker", maker);
	rko_request_set(ground->request, "tool", tool);
	rko_request_set(ground->request, "hour", hours[ask->hour]);
	if (ask->action == USE && ask->visitor) {
		rko_request_set(ground->request, "guests", "child");
		rko_request_set(ground->request, "guests", "visitor");
	} else if (ask->action == USE) {
		rko_request_set_empty(ground->request, "guests");
	}
	/* Half a day after the registers were refreshed. */
	rko_request_at(ground->request, (int64_t)ground->world.day * 86400 + 10 * 3600);
}

static void __attribute__((noreturn, format(printf, 4, 5)))
differ(const struct ground *ground, const struct ask *ask, day_t day, const char *format, ...)
{
	char words[400], text[RKO_DAY_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof words, format, args);
	va_end(args);
	rko_day_text(day, text);
	/* cmocka's own messages are cut short. */
	fprintf(stderr, "%s\nm%d %ss t%d at %s%s on %s, of\n%s", words, ask->maker, actions[ask->action], ask->tool,
		hours[ask->hour], ask->visitor ? " with a visitor" : "", text, ground->yaml.at);
	fail();
	abort();
}

/* The first deciding rule by name of some candidate that has the outcome. */
static bool is_witness(const struct reference *expected, const char *name)
{
	for (int i = 0; i < expected->nby; i++) {
		const char *first = "";

		for (int n = 0; n < NODES; n++)
			if (expected->by[i] >> n & 1 && (!*first || strcmp(nodes[n].name, first) < 0))
				first = nodes[n].name;
		if (strcmp(first, name) == 0)
			return true;
	}
	return expected->nby == 0 && !*name;
}

static struct reference compare(const struct ground *ground, const struct ask *ask, day_t day,
				struct rko_decision *decision)
{
	struct reference expected = reference(&ground->world, ask, day);

	put_ask(ground, ask);
	if (day != ground->world.day)
		assert_int_equal(rko_request_on(ground->request, day), RKO_OK);
	assert_int_equal(rko_decide(ground->session, ground->request, decision), RKO_OK);
	if (decision->outcome != expected.outcome)
		differ(ground, ask, day, "expected %s, found %s by %s", rko_outcome_word(expected.outcome),
		       rko_outcome_word(decision->outcome), decision->rule_name);
	if (expected.outcome == RKO_UNDECIDED)
		return expected;
	if (!is_witness(&expected, decision->rule_name))
		differ(ground, ask, day, "%s, but `%s` is no first deciding rule", rko_outcome_word(expected.outcome),
		       decision->rule_name);
	if (decision->duties != expected.duties)
		differ(ground, ask, day, "expected duties %llx, found %llx", (unsigned long long)expected.duties,
		       (unsigned long long)decision->duties);
	return expected;
}

enum { WORLDS = 200, ASKS = 24, SCAN = 500 };

static void outcomes_are_those_of_the_reference(void **state)
{
	size_t counts[5] = { 0 }, unknown = 0;

	for (int i = 0; i < WORLDS; i++) {
		struct ground ground;

		open_ground(&ground, *state);
		for (int j = 0; j < ASKS; j++) {
			struct ask ask = any_ask();
			struct rko_decision decision;

			unknown += !compare(&ground, &ask, ground.world.day + (j % 3 ? 0 : any(61) - 30), &decision).known;
			counts[decision.outcome]++;
		}
		close_ground(&ground);
	}
	/* Each of them was really tried. */
	assert_in_range(counts[RKO_GRANTED], 300, WORLDS * ASKS);
	assert_in_range(counts[RKO_NOT_GRANTED], 300, WORLDS * ASKS);
	assert_in_range(counts[RKO_FORBIDDEN], 300, WORLDS * ASKS);
	assert_in_range(counts[RKO_UNDECIDED], 300, WORLDS * ASKS);
	assert_in_range(unknown, 500, WORLDS * ASKS - 500);	/* and as many with nothing unknown */
}

/* § 4: every deciding node, not only the first. */
static void deciding_rules_are_those_of_the_reference(void **state)
{
	size_t several = 0;

	for (int i = 0; i < WORLDS; i++) {
		struct ground ground;

		open_ground(&ground, *state);
		for (int j = 0; j < ASKS / 2; j++) {
			struct ask ask = any_ask();
			struct rko_explanation *why;
			struct rko_decision decision;
			struct reference expected = compare(&ground, &ask, ground.world.day, &decision);
			unsigned by = 0;
			bool good = false;

			if (!expected.known || decision.outcome == RKO_NOT_GRANTED)
				continue;
			assert_int_equal(rko_explain(ground.session, ground.request, &decision, RKO_EN, &why), RKO_OK);
			assert_true(why->reproduced && !why->incomplete);
			for (size_t k = 0; k < why->nby; k++)
				for (int n = 0; n < NODES; n++)
					by |= (unsigned)(strcmp(nodes[n].name, why->by[k].name) == 0) << n;
			for (int k = 0; k < expected.nby; k++)
				good |= expected.by[k] == by;
			if (!good)
				differ(&ground, &ask, ground.world.day, "expected rules %x, found %x", expected.by[0], by);
			several += why->nby > 1;
			rko_explanation_free(why);
		}
		close_ground(&ground);
	}
	assert_in_range(several, 20, WORLDS * ASKS);
}

/* § 10: exactly as a scan day by day, in both directions. */
static void intervals_are_those_of_a_scan(void **state)
{
	size_t ends = 0, begins = 0, longer = 0;

	for (int i = 0; i < WORLDS; i++) {
		struct ground ground;

		open_ground(&ground, *state);
		for (int j = 0; j < 4; j++) {
			struct ask ask = any_ask();
			day_t day = ground.world.day, until, since, last = day, first = day;
			struct rko_decision decision;
			struct reference here = compare(&ground, &ask, day, &decision), there;

			if (here.outcome == RKO_UNDECIDED)
				continue;	/* its duties are not defined */
			assert_int_equal(rko_decide_until(ground.session, ground.request, &decision, &until, &since), RKO_OK);
			for (there = here; there.outcome == here.outcome && there.duties == here.duties && last < day + SCAN;)
				there = reference(&ground.world, &ask, ++last);
			for (there = here; there.outcome == here.outcome && there.duties == here.duties && first > day - SCAN;)
				there = reference(&ground.world, &ask, --first);
			if (last == day + SCAN ? until < last : until != last - 1)
				differ(&ground, &ask, day, "until: expected %d days more, found %d", last - 1 - day, until - day);
			if (first == day - SCAN ? since != RKO_DAY_OPEN && since > first : since != first + 1)
				differ(&ground, &ask, day, "since: expected %d days less, found %d", day - first - 1, day - since);
			if (decision.stands_until > until)
				differ(&ground, &ask, day, "the path bound is later than the exact one");
			ends += last < day + SCAN;
			begins += first > day - SCAN;
			longer += until > decision.stands_until;
		}
		close_ground(&ground);
	}
	assert_in_range(ends, 200, WORLDS * 4);
	assert_in_range(begins, 200, WORLDS * 4);
	assert_in_range(longer, 20, WORLDS * 4);	/* the exact one says more than the path */
}

static unsigned fact_of(const char *name)
{
	for (unsigned i = 0; i < FACTS; i++)
		if (strcmp(fact_names[i], name) == 0)
			return 1u << i;
	fail_msg("`%s` is no unknown fact", name);
	return 0;
}

/* What is named settles the question, and nothing of it can be left out. */
static void what_would_settle_is_minimal(void **state)
{
	size_t sizes[FACTS + 1] = { 0 };

	for (int i = 0; i < WORLDS; i++) {
		struct ground ground;

		open_ground(&ground, *state);
		for (int j = 0; j < ASKS; j++) {
			struct ask ask = any_ask();
			struct rko_explanation *why;
			struct rko_decision decision;
			unsigned facts = 0;

			compare(&ground, &ask, ground.world.day, &decision);
			if (decision.outcome != RKO_UNDECIDED || ground.world.stale_booking)
				continue;
			assert_int_equal(rko_explain(ground.session, ground.request, &decision, RKO_EN, &why), RKO_OK);
			assert_true(why->reproduced && !why->incomplete);
			for (size_t k = 0; k < why->nmissing; k++)
				facts |= fact_of(why->missing[k].name);
			sizes[why->nmissing]++;
			if (!settles(&ground.world, &ask, ground.world.day, facts))
				differ(&ground, &ask, ground.world.day, "facts %x do not settle it", facts);
			for (unsigned one = 1; one < 1u << FACTS; one <<= 1)
				if (facts & one && settles(&ground.world, &ask, ground.world.day, facts & ~one))
					differ(&ground, &ask, ground.world.day, "facts %x settle it without %x", facts, one);
			rko_explanation_free(why);
		}
		close_ground(&ground);
	}
	assert_int_equal(sizes[0], 0);
	assert_in_range(sizes[1], 100, WORLDS * ASKS);
	assert_in_range(sizes[2], 30, WORLDS * ASKS);
	assert_in_range(sizes[3], 5, WORLDS * ASKS);
}

int main(void)
{
	struct rko_policy *policy = policy_compile(NULL, "tests/unit/workshop.rko");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(outcomes_are_those_of_the_reference, policy),
		cmocka_unit_test_prestate(deciding_rules_are_those_of_the_reference, policy),
		cmocka_unit_test_prestate(intervals_are_those_of_a_scan, policy),
		cmocka_unit_test_prestate(what_would_settle_is_minimal, policy),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	rko_policy_unref(policy);
	return failed;
}
