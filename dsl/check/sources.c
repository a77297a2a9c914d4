/* SPDX-License-Identifier: EUPL-1.2 */
/* Sources: statutes and decisions, their passages, citations, stretches of force, and readings. */
#include "dsl/check/vocabulary.h"

/* Force ------------------------------------------------------------------------------------------ */

struct force force_always(void)
{
	return (struct force){ .open = true, .from = DAY_MIN, .to = DAY_MAX };
}

/* Most likely the two dots were forgotten, and with them every other day. */
static void report_one_day(struct model *model, const struct node *node)
{
	struct text written = span_text(model->sources, node->span);
	struct diag *diag = diag_add(model->diags, DIAG_ONE_DAY, node->span, "in force on this day alone, and on no other");

	diag_help(model->diags, diag, "for one day write both ends: in force DAY .. DAY");
	diag_fix(model->diags, diag, node->span, text_format(model->arena, "%.*s ..", TEXT_ARG(written)),
		 "from that day on: `%.*s ..`", TEXT_ARG(written));
}

struct force force_from(struct model *model, const struct node *node)
{
	struct force force = force_always();
	const struct node *from, *to;

	if (!node)
		return force;
	from = node->first;
	to = from->next;
	if (from->kind == N_WORD) {
		force.pending = true;
		return force;
	}
	force.from = (day_t)from->number;
	if (to && to->kind == N_WORD) {
		force.end_pending = true;
	} else if (to) {
		force.open = false;
		force.to = (day_t)to->number;
	} else if (!node->number) {	/* `in force 2026-06-01` without `..`: that day alone */
		force.open = false;
		force.to = force.from;
		report_one_day(model, node);
	}
	if (force.to < force.from)
		diag_add(model->diags, DIAG_EMPTY_FORCE, node->span,
			 "this stretch ends before it begins");
	return force;
}

struct force force_meet(struct force a, struct force b)
{
	struct force both = {
		.pending = a.pending || b.pending,
		.from = a.from > b.from ? a.from : b.from,
		.to = a.to < b.to ? a.to : b.to,
		.open = a.open && b.open,
	};

	both.end_pending = both.open && (a.end_pending || b.end_pending);
	return both;
}

bool force_empty(struct force force)
{
	return force.pending || force.to < force.from;
}

bool force_covers(struct force outer, struct force inner)
{
	return !outer.pending && outer.from <= inner.from && outer.to >= inner.to;
}

struct text force_text(struct model *model, struct force force)
{
	char from[DAY_TEXT], to[DAY_TEXT];

	if (force.pending)
		return TEXT("pending");
	day_print(force.from, from);
	day_print(force.to, to);
	if (force.open && force.from == DAY_MIN)
		return TEXT("always");
	return text_format(model->arena, "%s ..%s%s", from, force.open ? "" : " ",
			   force.open ? (force.end_pending ? " pending" : "") : to);
}

/* Sources ---------------------------------------------------------------------------------------- */

static struct text names_text(struct model *model, const struct node *list)
{
	struct text text = { "", 0 };

	if (!list)
		return text;
	for (const struct node *name = list->first; name; name = name->next)
		text = text_format(model->arena, "%.*s%s%.*s", TEXT_ARG(text), text.len ? ", " : "",
				   TEXT_ARG(name->text));
	return text;
}

static void add_passage(struct model *model, struct law_source *source, const struct node *node)
{
	struct passage *passage = &source->passages[source->count];
	uint32_t old = map_get(&source->names, node->text);

	if (old != MAP_NONE) {
		struct diag *diag = diag_add(model->diags, DIAG_DUPLICATE, node->name,
					     "%.*s has the passage \"%.*s\" twice",
					     TEXT_ARG(source->name), TEXT_ARG(node->text));

		diag_also(model->diags, diag, source->passages[old].span, "here first");
		return;
	}
	passage->source = source;
	passage->name = node->text;
	passage->span = node->name;
	passage->seen = names_text(model, node_child(node, N_SEEN));
	passage->index = model->npassages++;
	labels_take(model, &passage->labels, node);
	map_set(&source->names, node->text, source->count++);
}

void check_source(struct model *model, struct part *part, struct node *node)
{
	struct law_source *source = ARENA_NEW(model->arena, struct law_source);
	const struct node *kind = node_child(node, N_NAME);
	const struct node *by = node_child(node, N_BY);
	uint32_t count = 0;

	*source = (struct law_source){
		.index = model->nlaws,
		.name = node->text,
		.span = node->name,
		.module = part->module,
		.id = node_child(node, N_STRING)->text,
		.by = by ? by->text : (struct text){ 0 },
		.kind = NOWHERE,
	};
	map_init(&source->names, model->arena);
	source->force = force_from(model, node_child(node, N_FORCE));
	labels_take(model, &source->title, node_child(node, N_TITLE));
	for (const struct node *child = node->first; child; child = child->next)
		count += child->kind == N_PASSAGE;
	source->passages = ARENA_ARRAY(model->arena, count ? count : 1, struct passage);
	for (const struct node *child = node->first; child; child = child->next)
		if (child->kind == N_PASSAGE)
			add_passage(model, source, child);
	if (!model->source_kinds) {
		struct diag *diag = diag_add(model->diags, DIAG_NEEDS_CODES, kind->span,
					     "no code set says what kinds of sources there are");

		diag_help(model->diags, diag,
			  "declare `codes source_kind`, for example: codes source_kind act, decree");
	} else {
		source->kind = need_code(model, model->source_kinds, kind->text, kind->span);
	}
	declare(model, part, DECL_SOURCE, node, source);
	PUSH(model, model, laws, cap_laws, source);
}

static bool same_digits(struct text a, struct text b)
{
	size_t i = 0, j = 0;

	for (;;) {
		while (i < a.len && (a.at[i] < '0' || a.at[i] > '9'))
			i++;
		while (j < b.len && (b.at[j] < '0' || b.at[j] > '9'))
			j++;
		if (i == a.len || j == b.len)
			return i == a.len && j == b.len;
		if (a.at[i++] != b.at[j++])
			return false;
	}
}

struct passage *need_passage(struct model *model, const struct part *part, const struct node *ref)
{
	struct law_source *source = need_global(model, part, DECL_SOURCE, ref);
	const struct node *name = ref->first;
	uint32_t passage;
	struct near near = near_init(name->text);
	struct diag *diag;

	if (!source)
		return NULL;
	passage = map_get(&source->names, name->text);
	if (passage != MAP_NONE)
		return &source->passages[passage];
	diag = diag_add(model->diags, DIAG_UNKNOWN_PASSAGE, name->span,
			"%.*s has no passage \"%.*s\"", TEXT_ARG(source->name), TEXT_ARG(name->text));
	diag_also(model->diags, diag, source->span, "only the passages listed here can be cited");
	for (uint32_t i = 0; i < source->count; i++)
		if (same_digits(source->passages[i].name, name->text))	/* 12 § is not nearly 13 § */
			near_try(&near, source->passages[i].name);
	if (memmem(name->text.at, name->text.len, "\u00a0", 2))
		diag_help(model->diags, diag, "a no-break space stands in these quotes: it looks like a space, and is another character");
	if (near.best.len)
		near.best = text_format(model->arena, "\"%.*s\"", TEXT_ARG(near.best));
	near_help(model, diag, name->span, &near);
	return NULL;
}

static uint32_t take_refs(struct model *model, const struct part *part, const struct node *list,
			  struct passage ***ret_list, struct span **ret_spans)
{
	uint32_t count = 0;

	if (!list)
		return 0;
	*ret_list = ARENA_ARRAY(model->arena, node_count(list), struct passage *);
	if (ret_spans)
		*ret_spans = ARENA_ARRAY(model->arena, node_count(list), struct span);
	for (const struct node *ref = list->first; ref; ref = ref->next) {
		struct passage *passage = need_passage(model, part, ref);

		if (!passage)
			continue;
		if (ret_spans)
			(*ret_spans)[count] = ref->span;
		(*ret_list)[count++] = passage;
	}
	return count;
}

void cites_take(struct model *model, const struct part *part, struct cites *cites,
		const struct node *parent)
{
	cites->count = take_refs(model, part, node_child(parent, N_CITE), &cites->list, &cites->spans);
	cites->nsee = take_refs(model, part, node_child(parent, N_SEE), &cites->see, NULL);
}

void check_cover(struct model *model, const struct cites *cites, struct force force, const char *what,
		 const char *help)
{
	for (uint32_t i = 1; i < cites->count; i++) {
		const struct law_source *source = cites->list[i]->source;
		struct diag *diag;

		if (force_covers(source->force, force))
			continue;
		if (source->force.pending)
			diag = diag_add(model->diags, DIAG_NOT_COVERED, cites->spans[i],
					"it is not known when %.*s is in force, so it does not cover %s, in force %.*s",
					TEXT_ARG(source->name), what, TEXT_ARG(force_text(model, force)));
		else
			diag = diag_add(model->diags, DIAG_NOT_COVERED, cites->spans[i],
					"%.*s is in force %.*s and does not cover %s, in force %.*s",
					TEXT_ARG(source->name), TEXT_ARG(force_text(model, source->force)), what,
					TEXT_ARG(force_text(model, force)));
		diag_help(model->diags, diag, "%s", help);
	}
}

struct force force_of_layer(struct model *model, const struct layer *layer, const struct cites *cites,
			    struct span span, struct text what)
{
	struct force law = cites->list[0]->source->force, force = force_meet(layer->force, law);
	struct diag *diag;

	if (force.pending) {
		diag = diag_add(model->diags, DIAG_PENDING, span, "%.*s is not in force: its day is pending",
				TEXT_ARG(what));
		diag_also(model->diags, diag, cites->spans[0], "the first citation governs force");
	} else if (force_empty(force) && !force_empty(layer->force) && !force_empty(law)) {
		diag = diag_add(model->diags, DIAG_EMPTY_FORCE, span, "%.*s is in force on no day", TEXT_ARG(what));
		diag_also(model->diags, diag, cites->spans[0], "this source is in force %.*s",
			  TEXT_ARG(force_text(model, law)));
		diag_also(model->diags, diag, layer->span, "and the overlay %.*s",
			  TEXT_ARG(force_text(model, layer->force)));
	} else if (!force_empty(force)) {
		check_cover(model, cites, force, what.at, "cite it under `see`, or cite it first");
	}
	return force;
}

/* Readings --------------------------------------------------------------------------------------- */

struct reading *rests_take(struct model *model, struct part *part, const struct node *parent)
{
	const struct node *rests = node_child(parent, N_RESTS);
	struct reading *reading = rests ? need_global(model, part, DECL_READING, rests) : NULL;

	if (reading)
		reading->used = true;
	return reading;
}

void check_reading(struct model *model, struct part *part, struct node *node)
{
	struct reading *reading = find_own(model, part, DECL_READING, node);
	const struct node *chosen = node_child(node, N_CHOSEN);
	const struct node *settled = node_child(node, N_SETTLED);
	struct near near;

	if (!reading)
		return;
	reading->of = need_passage(model, part, node_child(node, N_REF));
	reading->options = ARENA_ARRAY(model->arena, node_count(node), struct option);
	reading->chosen = NOWHERE;
	near = near_init(chosen->text);
	for (const struct node *child = node->first; child; child = child->next) {
		struct option *option = &reading->options[reading->noptions];

		if (child->kind != N_OPTION)
			continue;
		for (uint32_t i = 0; i < reading->noptions; i++)
			if (text_equal(reading->options[i].name, child->text))
				diag_also(model->diags,
					  diag_add(model->diags, DIAG_DUPLICATE, child->name,
						   "the reading has the option `%.*s` twice",
						   TEXT_ARG(child->text)),
					  reading->options[i].span, "here first");
		option->name = child->text;
		option->span = child->name;
		labels_take(model, &option->labels, child);
		near_try(&near, child->text);
		if (text_equal(child->text, chosen->text))
			reading->chosen = reading->noptions;
		reading->noptions++;
	}
	if (reading->noptions < 2)
		diag_add(model->diags, DIAG_READING, node->name,
			 "a reading has at least two options: what else could the text mean?");
	if (reading->chosen == NOWHERE) {
		struct diag *diag = diag_add(model->diags, DIAG_UNKNOWN_NAME, chosen->name,
					     "the reading %.*s has no option `%.*s`",
					     TEXT_ARG(reading->name), TEXT_ARG(chosen->text));

		near_help(model, diag, chosen->name, &near);
		reading->chosen = 0;
	}
	reading->on = (day_t)node_child(chosen, N_DATE)->number;
	reading->by = node_child(chosen, N_BY)->text;
	reading->because = node_child(node, N_BECAUSE)->text;
	reading->confirmed = settled->number;
	if (reading->confirmed) {
		reading->confirmed_on = (day_t)node_child(settled, N_DATE)->number;
		reading->confirmed_by = node_child(settled, N_BY)->text;
	}
}
