/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Names: who is who. What a name stands for as a file and a layer see it; near names for messages; and the bound on names
 * that stand for names. For the files of dsl/check alone.
 */
#ifndef RKO_DSL_CHECK_NAMES_H
#define RKO_DSL_CHECK_NAMES_H

#include "dsl/check/model.h"
#include "engine/base/arena.h"
#include "engine/base/limits.h"

/* Adds to a list of the model, of a question, … */
#define PUSH(model, owner, list, cap, item) \
	((owner)->list = arena_grow((model)->arena, (owner)->list, (owner)->n##list, \
				    &(owner)->cap, sizeof *(owner)->list), \
	 (owner)->list[(owner)->n##list++] = (item))

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
/* That the part does not use the module of the name; once for each module. */
void report_hidden(struct model *model, const struct part *part, const struct node *name,
		   const struct decl *hidden);
/* The name stands for another kind of thing than the one that is needed. */
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

#endif
