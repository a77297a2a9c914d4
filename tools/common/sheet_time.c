/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Sheet: the times, drawn and as a list. The drawing has nothing that the list has not: the day asked about, windows
 * with the days they are counted from, when duties are due, and how long the answer stands.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/base/date.h"
#include "tools/common/sheet_page.h"

enum { WIDE = 760, EDGE = 12, TOP = 26, ROW = 46, BAR = 14, FAR = 550, LABEL = 96, TICKS = 9, TICK = 66 };

struct bar {
	const char *label;
	rko_day from, to;		/* RKO_DAY_OPEN: goes on */
	rko_day core_from, core_to;	/* what it is counted from: before and behind it is hatched */
	bool answer;
};

struct event {
	rko_day day;
	unsigned order;			/* in which it was found: keeps the sorting the same */
	enum sheet_word what;
	const char *label;
	const struct rko_why_end *end;	/* of a window, or NULL */
};

struct times {
	struct article *article;
	struct buf bars;		/* struct bar */
	struct buf events;		/* struct event */
	rko_day first, last;		/* what is drawn */
	size_t nbars;
};

static const struct bar *bars(const struct times *times)
{
	return (const struct bar *)(const void *)times->bars.at;
}

static size_t nevents(const struct times *times)
{
	return times->events.len / sizeof(struct event);
}

/* Collecting -------------------------------------------------------------------------------------- */

static void add_event(struct times *times, rko_day day, enum sheet_word what, const char *label,
		      const struct rko_why_end *end)
{
	struct event event = { day, (unsigned)nevents(times), what, label, end };

	if (!day_valid(day))
		return;
	for (size_t i = 0; i < nevents(times); i++) {
		struct event had;

		memcpy(&had, times->events.at + i * sizeof had, sizeof had);
		if (had.day == day && had.what == what && strcmp(had.label, label) == 0)
			return;
	}
	buf_add(&times->events, &event, sizeof event);
}

static void add_bar(struct times *times, struct bar bar)
{
	for (size_t i = 0; i < times->nbars; i++) {
		const struct bar *had = &bars(times)[i];

		if (strcmp(had->label, bar.label) == 0 && had->from == bar.from && had->to == bar.to)
			return;
	}
	buf_add(&times->bars, &bar, sizeof bar);
	times->nbars = times->bars.len / sizeof bar;
}

static void add_window(struct times *times, const struct rko_why_window *window)
{
	struct bar bar = { .label = *window->says ? window->says : word(times->article, WORD_WINDOW), .from = window->from.day,
			   .to = window->to.day };

	if (bar.from == RKO_DAY_OPEN && bar.to == RKO_DAY_OPEN)
		return;
	bar.core_from = *window->from.name && window->from.count < 0 ? window->from.anchor : bar.from;
	bar.core_to = *window->to.name && window->to.count > 0 ? window->to.anchor : bar.to;
	add_bar(times, bar);
	add_event(times, bar.from, WORD_BEGINS, bar.label, &window->from);
	add_event(times, bar.to, WORD_ENDS, bar.label, &window->to);
	if (*window->from.name && window->from.count)
		add_event(times, window->from.anchor, WORD_DATE, window->from.label, NULL);
	if (*window->to.name && window->to.count)
		add_event(times, window->to.anchor, WORD_DATE, window->to.label, NULL);
}

static void collect(struct times *times)
{
	const struct rko_explanation *why = times->article->why;

	for (size_t i = 0; i < why->nladders; i++)
		for (size_t j = 0; j < why->ladders[i].nwindows; j++)
			add_window(times, &why->ladders[i].windows[j]);
	add_event(times, why->decision.today, WORD_DAY_OF_ANSWER, "", NULL);
	for (size_t i = 0; i < why->nduties; i++)
		if (why->duties[i].has_due)
			add_event(times, why->duties[i].due, WORD_DUE,
				  *why->duties[i].says ? why->duties[i].says : why->duties[i].name, NULL);
	add_event(times, why->since, WORD_STANDS_FIRST, "", NULL);
	add_event(times, why->until, WORD_STANDS_LAST, "", NULL);
	add_bar(times, (struct bar){ word(times->article, WORD_ANSWER_STANDS), why->since, why->until, why->since,
				     why->until, true });
}

static int by_day(const void *left, const void *right)
{
	const struct event *a = left, *b = right;

	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static void take(struct times *times, rko_day day)
{
	rko_day today = times->article->why->decision.today;

	if (day < today - FAR || day > today + FAR)
		return;
	times->first = day < times->first ? day : times->first;
	times->last = day > times->last ? day : times->last;
}

/* What is drawn: all days but those far from the one asked about, and some room. */
static void span(struct times *times, const struct event *events)
{
	int room;

	times->first = times->last = times->article->why->decision.today;
	for (size_t i = 0; i < nevents(times); i++)
		take(times, events[i].day);
	room = (times->last - times->first) / 12;
	room = room < 10 ? 10 : room;
	times->first -= room;
	times->last += room;
}

/* Drawing ----------------------------------------------------------------------------------------- */

static int across(const struct times *times, rko_day day)
{
	if (day < times->first)
		day = times->first;
	if (day > times->last)
		day = times->last;
	return EDGE + (int)((int64_t)(day - times->first) * (WIDE - 2 * EDGE) / (times->last - times->first));
}

/* A label that fits the drawing; the list below it has the whole. */
static void label(struct times *times, const char *text)
{
	struct buf cut = { 0 };
	size_t count = 0;
	const char *at = text;

	while (*at && count < LABEL) {
		size_t size = text_character(at, strlen(at));

		at += size ? size : 1;
		count++;
	}
	buf_add(&cut, text, (size_t)(at - text));
	buf_string(&cut, *at ? "…" : "");
	html(times->article->out, "%s", buf_failed(&cut) || !cut.at ? "" : cut.at);
	times->article->out->failed |= cut.failed;
	buf_release(&cut);
}

static void axis(struct times *times, int bottom)
{
	static const char *const names[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	static const int steps[] = { 1, 2, 3, 6, 12 };
	struct buf *out = times->article->out;
	int months = (times->last - times->first) / 30, step = 12, y, m, d, free = 0;

	for (size_t i = sizeof steps / sizeof *steps; i-- > 0;)
		if (months / steps[i] < TICKS)
			step = steps[i];
	html(out, "<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" />\n", EDGE, bottom, WIDE - EDGE, bottom);
	day_to_civil(times->first, &y, &m, &d);
	for (m = (m - 1) / step * step + 1;; m += step) {
		rko_day day = day_from_civil(y + (m - 1) / 12, (m - 1) % 12 + 1, 1);
		int x = across(times, day);

		if (day > times->last)
			break;
		if (day < times->first)
			continue;
		html(out, "<line class=\"grid\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" />\n", x, TOP, x, bottom);
		if ((x > WIDE - TICK ? x - TICK : x) < free)	/* would touch the one before */
			continue;
		free = x > WIDE - TICK ? x : x + TICK;
		html(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">", x, bottom + 18, x > WIDE - TICK ? "end" : "start");
		if (times->article->language == RKO_EN)
			html(out, "%s %d</text>\n", names[(m - 1) % 12], y + (m - 1) / 12);
		else
			html(out, "1.%d.%d</text>\n", (m - 1) % 12 + 1, y + (m - 1) / 12);
	}
}

static void box(struct times *times, rko_day from, rko_day to, int y, const char *style)
{
	int x1 = across(times, from), x2 = across(times, to + 1 > to ? to + 1 : to);

	if (x2 <= x1)
		x2 = x1 + 2;
	html(times->article->out, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" />\n", style, x1, y, x2 - x1, BAR);
}

static void hatch(struct times *times, rko_day from, rko_day to, int y)
{
	int x1 = across(times, from), x2 = across(times, to);

	if (x2 > x1)
		html(times->article->out, "<rect class=\"edge\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"url(#s%d-hatch)\" />\n",
		     x1, y, x2 - x1, BAR, (int)times->article->number);
}

/* An arrow where a bar goes on beyond the drawing. */
static void arrow(struct times *times, int x, int y, int ahead, bool answer)
{
	html(times->article->out, "<path class=\"%s\" d=\"M %d %d l %d %d l %d %d z\" />\n", answer ? "answer" : "core", x, y - 2,
	     ahead, BAR / 2 + 2, -ahead, BAR / 2 + 2);
}

static void draw_bar(struct times *times, const struct bar *bar, int y)
{
	bool from_far = bar->from == RKO_DAY_OPEN || bar->from < times->first;
	bool to_far = bar->to == RKO_DAY_OPEN || bar->to > times->last;
	rko_day from = from_far ? times->first : bar->from, to = to_far ? times->last : bar->to;
	rko_day core_from = bar->core_from == RKO_DAY_OPEN || bar->core_from < from ? from : bar->core_from;
	rko_day core_to = bar->core_to == RKO_DAY_OPEN || bar->core_to > to ? to : bar->core_to;

	html(times->article->out, "<text x=\"%d\" y=\"%d\">", EDGE, y + 12);
	label(times, bar->label);
	buf_string(times->article->out, "</text>\n");
	y += 18;
	if (core_from <= core_to)
		box(times, core_from, core_to, y, bar->answer ? "answer" : "core");
	hatch(times, from, core_from, y);
	if (core_to < to)
		hatch(times, core_to + 1, to + 1, y);
	if (from_far)
		arrow(times, EDGE, y, -EDGE + 2, bar->answer);
	if (to_far)
		arrow(times, WIDE - EDGE, y, EDGE - 2, bar->answer);
}

/* Diamonds on a row of their own: when duties are due. */
static void draw_dues(struct times *times, const struct event *events, int y)
{
	struct buf *out = times->article->out;
	bool any = false;

	for (size_t i = 0; i < nevents(times); i++) {
		int x = across(times, events[i].day);

		if (events[i].what != WORD_DUE)
			continue;
		if (!any)
			html(out, "<text x=\"%d\" y=\"%d\">%s ◆</text>\n", EDGE, y + 12, word(times->article, WORD_DUTIES));
		any = true;
		html(out, "<path class=\"due\" d=\"M %d %d l 8 8 l -8 8 l -8 -8 z\" />\n", x, y + 17);
		html(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n", x > WIDE - 130 ? x - 12 : x + 12, y + 30,
		     x > WIDE - 130 ? "end" : "start", sheet_day(times->article->language, events[i].day).text);
	}
}

static void draw_now(struct times *times, int bottom)
{
	struct buf *out = times->article->out;
	rko_day today = times->article->why->decision.today;
	int x = across(times, today);

	html(out, "<line class=\"now\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" />\n", x, TOP - 6, x, bottom);
	html(out, "<text class=\"day\" x=\"%d\" y=\"14\" text-anchor=\"%s\">%s: %s</text>\n", x,
	     x > WIDE - 130 ? "end" : x < 130 ? "start" : "middle", word(times->article, WORD_DAY_OF_ANSWER),
	     sheet_day(times->article->language, today).text);
}

static void draw(struct times *times, const struct event *events)
{
	struct buf *out = times->article->out;
	int number = (int)times->article->number;
	bool dues = false;
	int bottom;

	for (size_t i = 0; i < nevents(times); i++)
		dues |= events[i].what == WORD_DUE;
	bottom = TOP + ((int)times->nbars + dues) * ROW + 4;
	html(out, "<figure>\n<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-labelledby=\"s%d-drawn\">\n", number);
	html(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"s%d-drawn\">\n",
	     WIDE, bottom + 28, number);
	html(out, "<title id=\"s%d-drawn\">%s</title>\n", number, word(times->article, WORD_DRAWN));
	html(out, "<defs><pattern id=\"s%d-hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
	     "patternTransform=\"rotate(45)\"><line class=\"hatch\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\" /></pattern></defs>\n", number);
	axis(times, bottom);
	for (size_t i = 0; i < times->nbars; i++)
		draw_bar(times, &bars(times)[i], TOP + (int)i * ROW);
	if (dues)
		draw_dues(times, events, TOP + (int)times->nbars * ROW);
	draw_now(times, bottom);
	html(out, "</svg>\n</div>\n<figcaption class=\"small\">%s</figcaption>\n</figure>\n",
	     word(times->article, times->nbars > 1 ? WORD_LEGEND_WINDOWS : WORD_LEGEND));
}

static void list(struct times *times, const struct event *events)
{
	struct article *article = times->article;

	html(article->out, "<table><caption>%s</caption><thead><tr><th scope=\"col\">%s</th><th scope=\"col\">%s</th></tr></thead>"
	     "<tbody>\n", word(article, WORD_TIMES_LIST), word(article, WORD_WHEN), word(article, WORD_WHAT));
	for (size_t i = 0; i < nevents(times); i++) {
		const struct event *event = &events[i];
		bool mine = event->what == WORD_DAY_OF_ANSWER;

		html(article->out, "<tr><th scope=\"row\">%s</th><td>", sheet_day(article->language, event->day).text);
		if (event->what == WORD_DATE)
			html(article->out, "%s", event->label);
		else if (*event->label)
			html(article->out, "%s: %s", word(article, event->what), event->label);
		else
			html(article->out, "%s%s", mine ? "→ " : "", word(article, event->what));
		if (event->end && *event->end->name) {
			buf_string(article->out, " – ");
			sheet_end(article, event->end);
		}
		buf_string(article->out, "</td></tr>\n");
	}
	buf_string(article->out, "</tbody></table>\n");
}

void sheet_times(struct article *article)
{
	struct times times = { .article = article };
	struct event *events;

	if (article->why->lists && !article->why->nduties)
		return;
	collect(&times);
	events = (struct event *)(void *)times.events.at;
	if (buf_failed(&times.events) || buf_failed(&times.bars) || !events) {
		article->out->failed = true;
	} else {
		qsort(events, nevents(&times), sizeof *events, by_day);
		span(&times, events);
		sheet_section(article, WORD_TIMES, "times");
		draw(&times, events);
		list(&times, events);
		buf_string(article->out, "</section>\n");
	}
	buf_release(&times.events);
	buf_release(&times.bars);
}
