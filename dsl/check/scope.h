/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Scope: what words mean where they stand. Paths, operands and conditions are resolved in a scope; what they name is resolved
 * when it is first named, so these files lean on one another. For the files of dsl/check alone.
 */
#ifndef RKO_DSL_CHECK_SCOPE_H
#define RKO_DSL_CHECK_SCOPE_H

#include "dsl/check/vocabulary.h"

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

/* place.c -------------------------------------------------------------------------------------- */

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

/* operand.c ------------------------------------------------------------------------------------ */

struct operand *operand_new(const struct scope *scope, enum operand_kind kind, struct span span);
/* `wanted`: the type of what it is compared with, or NULL. NULL after a report. */
struct operand *operand_resolve(const struct scope *scope, const struct node *node,
				const struct type *wanted);

/* compare.c ------------------------------------------------------------------------------------ */

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

/* cond.c --------------------------------------------------------------------------------------- */

/* NULL after a report. */
struct cond *cond_resolve(const struct scope *scope, const struct node *node);

/* link.c --------------------------------------------------------------------------------------- */

/* What its key stands for; `where` comes later, by check_where(), since it may name other links. */
bool link_resolve(struct model *model, struct question *question, struct link *link);
void check_where(struct model *model, struct question *question, struct link *link);
/* That no `where` hangs in the end on the rows it chooses; each must have been checked. */
void check_circles(struct model *model, struct question *question);
/* Finds the one `each` link. */
void check_pivot(struct model *model, struct question *question);

/* define.c ------------------------------------------------------------------------------------- */

bool define_resolve(struct model *model, struct question *question, struct define *define);
bool named_resolve(struct model *model, struct question *question, struct named_cond *named);

/* table.c -------------------------------------------------------------------------------------- */

void check_table(struct model *model, struct question *question, struct table *table);

/* window.c ------------------------------------------------------------------------------------- */

void check_window(struct model *model, struct part *part, struct node *node);

/* musts.c -------------------------------------------------------------------------------------- */

/* Of rows of a record, once all records are known. */
void check_record_musts(struct model *model, struct part *part, struct node *node);
/* Of a request, once its fields are known: a line of it. Room for it is in the question. */
void check_request_must(struct model *model, struct question *question, const struct node *node);

#endif
