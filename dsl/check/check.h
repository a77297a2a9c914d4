/* SPDX-License-Identifier: EUPL-1.2 */
/* What the passes of the checker share. Only files of dsl/check include this. */
#ifndef RKO_DSL_CHECK_H
#define RKO_DSL_CHECK_H

#include "dsl/check/model.h"
#include "engine/base/arena.h"
#include "engine/base/limits.h"

/* Where a path, an operand or a condition stands: what its words can mean. */
struct scope {
	struct model *model;
	struct part *part;
	uint32_t layer;
	struct question *question;	/* NULL outside of a chapter */
	struct record *self;		/* whose fields are meant by bare names, or NULL */
	struct link *row;		/* the link whose rows are looked at one by one, or NULL */
	bool self_is_row;		/* bare names are fields of `row` */
	bool request_only;		/* a `must` of a request: its fields only */
	bool unknown_allowed;		/* `= unknown` may stand: examples */
	uint32_t actions;		/* for which alone it is asked; 0: for any of the question's */
};

/* Of what stands in a chapter. */
static inline struct scope scope_of(struct model *model, struct question *question, struct part *part)
{
	return (struct scope){
		.model = model,
		.part = part,
		.layer = model->modules[part->module].layer,
		.question = question,
	};
}

static inline struct cond *cond_new(const struct scope *scope, enum cond_kind kind, struct span span)
{
	struct cond *cond = ARENA_NEW(scope->model->arena, struct cond);

	cond->kind = kind;
	cond->span = span;
	return cond;
}

#define PUSH(model, owner, list, cap, item) \
	((owner)->list = arena_grow((model)->arena, (owner)->list, (owner)->n##list, \
				    &(owner)->cap, sizeof *(owner)->list), \
	 (owner)->list[(owner)->n##list++] = (item))

/* modules.c ------------------------------------------------------------------------------------ */

/* Parts, modules, layers, and what each part sees: before anything is declared. */
void check_modules(struct model *model, struct node **files, uint32_t count);
/* Whose overlay each is: needs the vocabulary, and so comes after the codes. */
void check_layers(struct model *model);

/* names.c ---------------------------------------------------------------------------------------- */

/* What a declaration is called in messages: "a record", "a condition". */
const char *decl_word(enum decl_kind kind);
/* Declares a global name in the part's module; reports a second declaration. */
void declare(struct model *model, struct part *part, enum decl_kind kind, const struct node *node,
	     void *thing);
/* Declares a name in a question, in a layer. */
bool declare_in(struct model *model, struct question *question, uint32_t layer,
		enum decl_kind kind, struct text name, struct span span, void *thing);
/* A global name as the part sees it, or NULL; says nothing. `ret_hidden`: it exists in a module not used. */
struct decl *find_global(struct model *model, const struct part *part, struct text name,
			 struct decl **ret_hidden);
/* What the statement itself declares; NULL where it is a second declaration, which was reported. */
void *find_own(struct model *model, const struct part *part, enum decl_kind kind, const struct node *node);
/* As find_global(), for a name of one kind; reports what is wrong. NULL after a report. */
void *need_global(struct model *model, const struct part *part, enum decl_kind kind,
		  const struct node *name);
/* Names that a part sees from two modules: nothing says which is meant. */
void check_clashes(struct model *model);
/* Reports a second clause of a kind, of which only the first would be read. */
void clause_once(struct model *model, const struct node *node, enum node_kind kind, const char *what);
/* The name stands for another kind of thing than the one that is needed. */
/* That the part does not use the module of the name; once for each module. */
void report_hidden(struct model *model, const struct part *part, const struct node *name,
		   const struct decl *hidden);
void report_kind(struct model *model, const struct node *name, const struct decl *decl, const char *needed);
/* A name in a question as the layer sees it, or NULL. */
struct decl *find_named(const struct model *model, const struct question *question, uint32_t layer,
			struct text name);
/* Whether a `shown to` names an audience that there is; reports it. */
bool check_audience(struct model *model, const struct node *node);
struct question *find_question(const struct model *model, struct text name);
/* There is no request of the name of this chapter. */
void report_request(struct model *model, const struct node *chapter);
/*
 * What a name stands for is looked up between these two. Names that stand for names that stand for names … have
 * a bound, whatever the order they are declared in: height_end() reports what is past it, and is then false.
 */
struct height {
	unsigned saved;
};
struct height height_begin(struct model *model);
bool height_end(struct model *model, struct height begun, struct text name, struct span span,
		unsigned *ret_height);
/* False, after a report, where too many names are being looked up already. */
bool height_room(struct model *model, struct text name, struct span span);
/* A name that was looked up before was met again. */
void height_met(struct model *model, unsigned height);

/* Collects near names and offers the nearest. */
struct near {
	struct text wanted;
	struct text best;
	unsigned distance;
	unsigned limit;			/* as far as what is offered */
};
struct near near_init(struct text wanted);
void near_try(struct near *near, struct text name);
/* Adds the help line and the fix, when a name is near enough. */
void near_help(struct model *model, struct diag *diag, struct span span, const struct near *near);

/* texts.c -------------------------------------------------------------------------------------- */

const char *lang_word(enum lang lang);
/* The texts said of a thing; reports a second one in a language. */
void labels_take(struct model *model, struct labels *labels, const struct node *parent);

/* codes.c -------------------------------------------------------------------------------------- */

struct codeset *codeset_new(struct model *model, uint32_t module, struct text name, struct span span);
uint32_t codeset_find(const struct codeset *set, struct text name);
/* Reports an unknown code; NOWHERE after a report. */
uint32_t need_code(struct model *model, const struct codeset *set, struct text name, struct span span);
/* A code of the set `bearer`; NOWHERE after a report. */
uint32_t need_bearer(struct model *model, const struct node *name);
void check_codes(struct model *model, struct part *part, struct node *node);
void check_codes_attributes(struct model *model, struct part *part, struct node *node);

/* types.c -------------------------------------------------------------------------------------- */

/* False after a report: the type is left as it was. */
bool type_resolve(struct model *model, const struct part *part, const struct node *node,
		  struct type *ret_type);
/* What something of a type is called in messages: "a date", "a code of sector". */
const char *type_word(struct model *model, const struct type *type);
/* False for the type of something whose type could not be resolved, which was reported there. */
static inline bool type_known(const struct type *type)
{
	return type->kind != KIND_CODE || type->codes;
}

/* records.c ------------------------------------------------------------------------------------ */

/* A field by its name, or NOWHERE. */
uint32_t record_field(const struct record *record, struct text name);
/* A freshness bound, which is in days; reports one that is not. */
uint32_t duration_seconds(struct model *model, const struct node *node);
void check_record(struct model *model, struct part *part, struct node *node);

/* authzen.c -------------------------------------------------------------------------------------- */

void check_entities(struct model *model, struct question *question);

/* sources.c -------------------------------------------------------------------------------------- */

void check_source(struct model *model, struct part *part, struct node *node);
struct passage *need_passage(struct model *model, const struct part *part, const struct node *ref);
void cites_take(struct model *model, const struct part *part, struct cites *cites,
		const struct node *parent);
struct force force_from(struct model *model, const struct node *node);
struct force force_always(void);
struct force force_meet(struct force a, struct force b);
bool force_empty(struct force force);
bool force_covers(struct force outer, struct force inner);
struct text force_text(struct model *model, struct force force);
/* Every citation but the first must be in force for as long as what cites it. */
void check_cover(struct model *model, const struct cites *cites, struct force force, const char *what,
		 const char *help);
/* The force of what an overlay sets or widens: its own days and its first citation's. Reports what is wrong. */
struct force force_of_layer(struct model *model, const struct layer *layer, const struct cites *cites,
			    struct span span, struct text what);
struct reading *rests_take(struct model *model, struct part *part, const struct node *parent);
void check_reading(struct model *model, struct part *part, struct node *node);

/* values.c --------------------------------------------------------------------------------------- */

void check_parameter(struct model *model, struct part *part, struct node *node);
void check_setting(struct model *model, struct part *part, struct node *node);
bool set_resolve(struct model *model, struct named_set *set);
/* A constant of a type; reports what does not fit. */
bool constant_resolve(struct model *model, struct part *part, const struct node *node,
		      const struct type *type, struct constant *ret);
void settings_check(struct model *model);
/* A code stands where a set of codes is needed. */
void report_one_code(struct model *model, const struct node *name);
/* The one code set that has all the names of a list; NULL after a report. */
struct codeset *codes_holding(struct model *model, const struct part *part, const struct node *names);

/* request.c -------------------------------------------------------------------------------------- */

void check_request(struct model *model, struct part *part, struct node *node);
void check_request_lines(struct model *model, struct question *question);
/* One action as a bit, or (by the name of the question) all of them; 0 after a report. */
uint32_t action_take(struct model *model, const struct question *question, struct text name, struct span span);
/* Those of a list; NULL: all. */
uint32_t actions_take(struct model *model, const struct question *question, const struct node *list);

/* musts.c -------------------------------------------------------------------------------------- */

/* Of rows of a record, once all records are known. */
void check_record_musts(struct model *model, struct part *part, struct node *node);
/* Of a request, once its fields are known: a line of it. Room for it is in the question. */
void check_request_must(struct model *model, struct question *question, const struct node *node);

/* question.c ------------------------------------------------------------------------------------- */

void declare_statement(struct model *model, struct part *part, struct question *question,
		       struct node *node);
void check_question(struct model *model, struct question *question);

/* link.c ----------------------------------------------------------------------------------------- */

/* What its key stands for; `where` comes later, by check_where(), since it may name other links. */
bool link_resolve(struct model *model, struct question *question, struct link *link);
void check_where(struct model *model, struct question *question, struct link *link);
/* That no `where` hangs in the end on the rows it chooses; each must have been checked. */
void check_circles(struct model *model, struct question *question);
/* Finds the one `each` link. */
void check_pivot(struct model *model, struct question *question);

/* define.c --------------------------------------------------------------------------------------- */

bool define_resolve(struct model *model, struct question *question, struct define *define);
bool named_resolve(struct model *model, struct question *question, struct named_cond *named);

/* table.c ---------------------------------------------------------------------------------------- */

void check_table(struct model *model, struct question *question, struct table *table);

/* items.c, rules.c ------------------------------------------------------------------------------- */

/* Declares a rule, an exception, a duty, a silence or a law; others are kept for check_rules(). */
void declare_item(struct model *model, struct part *part, struct question *question, struct node *node);
void check_rules(struct model *model, struct question *question);

/* place.c ---------------------------------------------------------------------------------------- */

uint32_t find_request_field(const struct question *question, struct text name);
/* Whether a bare name is a field of the record at hand. */
bool is_own_field(const struct scope *scope, struct text name);
/* What a name stands for in the chapter, or NULL: in a request there is no chapter yet. */
struct decl *find_in_chapter(const struct scope *scope, struct text name);
/* Nothing is called so where it stands. */
void report_word(const struct scope *scope, const struct node *name);
bool place_resolve(const struct scope *scope, const struct node *path, struct place *ret_place);
/* Whether the place can be none: its field, or a record on the way to it. */
bool may_lack(const struct scope *scope, const struct place *place);
/* That a test for absence can come out both ways; reports one that cannot. */
bool lack_is_open(const struct scope *scope, const struct node *node, const struct place *place,
		  const char *lack);

/* operand.c -------------------------------------------------------------------------------------- */

struct operand *operand_new(const struct scope *scope, enum operand_kind kind, struct span span);
/* `wanted`: the type of what it is compared with, or NULL. NULL after a report. */
struct operand *operand_resolve(const struct scope *scope, const struct node *node,
				const struct type *wanted);

/* compare.c -------------------------------------------------------------------------------------- */

/* Each is NULL after a report. */
struct cond *compare_equal(const struct scope *scope, const struct node *node);
struct cond *compare_in(const struct scope *scope, const struct node *node);
struct cond *compare_has(const struct scope *scope, const struct node *node);
/* `inside`: that all on the left are on the right, else that one is. */
struct cond *compare_sets(const struct scope *scope, const struct node *node,
			  const struct node *left, const struct node *right, bool inside);
/* That something is yes, or no. */
struct cond *compare_yesno(const struct scope *scope, const struct node *node, struct operand *a,
			   uint32_t code, bool negative);
/* Reports that the operand is not asked so; NULL. */
struct cond *refuse_test(const struct scope *scope, const struct node *node,
			 const struct operand *operand, const char *what, const char *help);

/* cond.c ----------------------------------------------------------------------------------------- */

/* NULL after a report. */
struct cond *cond_resolve(const struct scope *scope, const struct node *node);

/* window.c ------------------------------------------------------------------------------------- */

void check_window(struct model *model, struct part *part, struct node *node);

/* unused.c ------------------------------------------------------------------------------------- */

/* At the end, where there are no errors. */
void check_unused(struct model *model);
void check_confirmed(struct model *model);

/* labels.c --------------------------------------------------------------------------------------- */

void check_translation(struct model *model, struct part *part);
void check_labels(struct model *model);

#endif
