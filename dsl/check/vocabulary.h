/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Vocabulary: what declarations outside of chapters give, and what the rest needs of them. For the files of dsl/check
 * alone.
 */
#ifndef RKO_DSL_CHECK_VOCABULARY_H
#define RKO_DSL_CHECK_VOCABULARY_H

#include "dsl/check/names.h"

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

/* sources.c ------------------------------------------------------------------------------------ */

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

/* values.c ------------------------------------------------------------------------------------- */

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

#endif
