/* SPDX-License-Identifier: EUPL-1.2 */
/* Questions: what a chapter declares, its judgements, and all that belongs to it checked in order. */
#include "dsl/check/passes.h"

/* Declarations of a chapter ---------------------------------------------------------------------- */

void declare_statement(struct model *model, struct part *part, struct question *question,
		       struct node *node)
{
	uint32_t layer = model->modules[part->module].layer;
	struct arena *arena = model->arena;

#define NEW(type, list, decl) \
	do { \
		struct type *thing = ARENA_NEW(arena, struct type); \
		thing->name = node->text; \
		thing->span = node->name; \
		thing->layer = layer; \
		thing->node = node; \
		thing->part = part; \
		thing->index = question->n##list; \
		if (declare_in(model, question, layer, decl, node->text, node->name, \
			       thing)) \
			PUSH(model, question, list, cap_##list, thing); \
	} while (0)

	switch (node->kind) {
	case N_LINK:
		NEW(link, links, DECL_LINK);
		break;
	case N_DEFINE:
		NEW(define, defines, DECL_DEFINE);
		break;
	case N_TABLE:
		NEW(table, tables, DECL_TABLE);
		break;
	case N_COND:
		NEW(named_cond, conds, DECL_COND);
		break;
	case N_JUDGEMENT:
		NEW(judgement, judgements, DECL_JUDGEMENT);
		break;
	default:
		break;
	}
#undef NEW
}

/* A name of the chapter may not be the name of a request field: a condition could mean either. */
static void check_field_names(struct model *model, struct question *question)
{
	for (uint32_t i = 0; i < question->nfields; i++) {
		for (uint32_t layer = 0; layer < model->nlayers; layer++) {
			struct decl *decl = find_named(model, question, layer, question->fields[i].name);
			struct diag *diag;

			if (!decl)
				continue;
			diag = diag_add(model->diags, DIAG_DUPLICATE, decl->span,
					"`%.*s` is already a field of the request",
					TEXT_ARG(decl->name));
			diag_also(model->diags, diag, question->fields[i].span, "declared here");
			break;
		}
	}
}

/* Judgements ------------------------------------------------------------------------------------- */

/* Findings of a judgement are facts: a record kind of its own, keyed by what it is judged per. */
static void judgement_record(struct model *model, struct judgement *judgement)
{
	static const struct {
		const char *name;
		enum type_kind kind;
		bool open;
	} rest[] = {
		{ "finding", KIND_CODE, false },
		{ "begins", KIND_DATE, false },
		{ "ends", KIND_DATE, true },
	};
	struct record *record = ARENA_NEW(model->arena, struct record);
	uint32_t count = judgement->nper + 3;

	*record = (struct record){
		.index = model->nrecords,
		.name = judgement->name,
		.span = judgement->span,
		.module = judgement->part->module,
		.open = true,
		.judgement = judgement,
		.valid = { judgement->nper + 1, judgement->nper + 2 },
	};
	map_init(&record->names, model->arena);
	record->fields = ARENA_ARRAY(model->arena, count, struct field);
	for (uint32_t i = 0; i < judgement->nper; i++) {
		const struct place *place = &judgement->per[i];
		struct field *field = &record->fields[record->nfields];
		struct text name = place->nsteps
					   ? place->records[place->nsteps - 1]
						     ->fields[place->steps[place->nsteps - 1]].name
					   : span_text(model->sources, place->span);

		field->name = name;
		field->span = place->span;
		field->type = place->type;
		field->key = true;
		field->derive[0] = field->derive[1] = NOWHERE;
		if (record_field(record, name) != NOWHERE)
			field->name = text_format(model->arena, "%.*s%u", TEXT_ARG(name), i + 1);
		map_set(&record->names, field->name, record->nfields++);
		record->nkey++;
	}
	for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++) {
		struct field *field = &record->fields[record->nfields];

		field->name = text_from(rest[i].name);
		field->span = judgement->span;
		field->type = (struct type){ .kind = rest[i].kind, .open = rest[i].open,
					     .codes = model->yesno };
		field->derive[0] = field->derive[1] = NOWHERE;
		map_set(&record->names, field->name, record->nfields++);
	}
	judgement->record = record;
	PUSH(model, model, records, cap_records, record);
}

static void check_judgement(struct model *model, struct question *question,
			    struct judgement *judgement)
{
	const struct node *node = judgement->node, *per = node_child(node, N_PER);
	struct scope scope = scope_of(model, question, judgement->part);

	judgement->bearer = need_bearer(model, node_child(node, N_NAME));
	labels_take(model, &judgement->asks, node_child(node, N_ASKS));
	if (node_count(per) > LIMIT_KEY_SLOTS) {
		diag_add(model->diags, DIAG_LIMIT_FIELDS, per->span, "a judgement is made per %d things at most",
			 LIMIT_KEY_SLOTS);
		return;
	}
	judgement->per = ARENA_ARRAY(model->arena, node_count(per), struct place);
	for (const struct node *path = per->first; path; path = path->next) {
		struct place *place = &judgement->per[judgement->nper];

		if (!place_resolve(&scope, path, place))
			return;
		if (place->type.set || place->type.kind == KIND_DATE || place->attribute) {
			diag_add(model->diags, DIAG_TYPE, path->span,
				 "a judgement is made per id, code or record, and this is %s",
				 type_word(model, &place->type));
			return;
		}
		judgement->nper++;
	}
	for (uint32_t i = 0; i < model->nrecords; i++) {
		struct diag *diag;

		if (!text_equal(model->records[i]->name, judgement->name))
			continue;
		diag = diag_add(model->diags, DIAG_DUPLICATE, judgement->span,
				"the findings of `%.*s` need a record of that name, and it is taken",
				TEXT_ARG(judgement->name));
		diag_also(model->diags, diag, model->records[i]->span, "declared here");
		return;
	}
	judgement_record(model, judgement);
}

/* The chapter as a whole -------------------------------------------------------------------------- */

/* The determinations that are answers of the request. */
static void check_answers(struct model *model, struct question *question)
{
	const struct node *answers = node_child(question->node, N_ANSWERS);

	if (!answers)
		return;
	question->answers = ARENA_ARRAY(model->arena, node_count(answers), struct define *);
	question->answer_spans = ARENA_ARRAY(model->arena, node_count(answers), struct span);
	for (const struct node *name = answers->first; name; name = name->next) {
		struct decl *decl = find_named(model, question, 0, name->text);
		struct near near = near_init(name->text);
		struct diag *diag;

		if (decl && decl->kind == DECL_DEFINE && ((struct define *)decl->thing)->codes) {
			((struct define *)decl->thing)->used = true;
			question->answer_spans[question->nanswers] = name->span;
			question->answers[question->nanswers++] = decl->thing;
			continue;
		}
		if (decl && decl->kind != DECL_DEFINE) {
			report_kind(model, name, decl, decl_word(DECL_DEFINE));
			continue;
		}
		if (decl) {
			diag = diag_add(model->diags, DIAG_TYPE, name->span,
					"an answer is a code, and `%.*s` is a date", TEXT_ARG(name->text));
			diag_also(model->diags, diag, decl->span, "declared here");
			continue;
		}
		diag = diag_add(model->diags, DIAG_UNKNOWN_NAME, name->span,
				"chapter %.*s has no determination `%.*s`",
				TEXT_ARG(question->name), TEXT_ARG(name->text));
		for (uint32_t i = 0; i < question->ndefines; i++)
			near_try(&near, question->defines[i]->name);
		near_help(model, diag, name->span, &near);
	}
}

void check_question(struct model *model, struct question *question)
{
	check_field_names(model, question);
	for (uint32_t i = 0; i < question->nlinks; i++)
		link_resolve(model, question, question->links[i]);
	check_pivot(model, question);
	for (uint32_t i = 0; i < question->ntables; i++)
		check_table(model, question, question->tables[i]);
	for (uint32_t i = 0; i < question->njudgements; i++)
		check_judgement(model, question, question->judgements[i]);
	for (uint32_t i = 0; i < question->nlinks; i++)
		check_where(model, question, question->links[i]);
	for (uint32_t i = 0; i < question->ndefines; i++)
		define_resolve(model, question, question->defines[i]);
	for (uint32_t i = 0; i < question->nconds; i++)
		named_resolve(model, question, question->conds[i]);
	check_circles(model, question);
	check_answers(model, question);
}
