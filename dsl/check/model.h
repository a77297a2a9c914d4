/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Model: the checked policy. Every name is resolved, every expression has a type, every citation is known.
 *
 *   syntax trees -> names.c (who is who) -> codes.c, records.c, values.c, sources.c
 *   -> request.c, question.c, rules.c -> model
 *
 * The model says what was written, in terms of declarations; it knows nothing of features, diagrams or
 * images. Everything lives in the arena of the compile. Conditions keep their shape: named conditions stay
 * named, so that explanations can speak of them.
 */
#ifndef RKO_DSL_MODEL_H
#define RKO_DSL_MODEL_H

#include "dsl/syntax/ast.h"
#include "engine/base/date.h"
#include "engine/base/map.h"

enum { NOWHERE = UINT32_MAX };

struct labels {
	struct text in[LANGS];		/* empty: not given */
};

/* Modules and layers --------------------------------------------------------------------------- */

struct module {
	struct text name;
	struct span span;
	uint32_t layer;
	struct text version;
	bool used;
};

/* One part of one file: what its statements may see. */
struct part {
	struct node *node;
	uint32_t module;
	enum part_kind kind;
	uint32_t *sees;			/* modules, its own first */
	uint32_t nsees;
	bool *told;			/* modules of which it was said that it does not use them */
	bool lost;			/* of an overlay or a module that nothing declares: said, and then left alone */
	bool outside;			/* it was said that something needs a chapter */
};

/* A stretch of civil dates. `pending`: not in force on any day. */
struct force {
	bool pending;
	bool end_pending;		/* an end was promised and is not known: open until then */
	bool open;			/* no end */
	day_t from;
	day_t to;
};

/* Layer 0 is the base; each overlay is a layer of one area. */
struct layer {
	struct text name;
	struct span span;
	struct codeset *set;		/* of an overlay: whose area */
	uint32_t code;
	struct force force;
	struct labels labels;
};

/* Vocabulary ----------------------------------------------------------------------------------- */

struct code {
	struct text name;
	struct span span;
	struct text official;
	bool pending;			/* the official code has not been seen */
	bool others;			/* catches official codes that have no name */
	uint32_t attribute;		/* code of the attribute's set, or NOWHERE */
	struct labels labels;
};

struct codeset {
	uint32_t index;
	struct text name;
	struct span span;
	uint32_t module;
	struct text official;
	bool pending;
	struct code *codes;
	uint32_t count;
	struct map names;
	struct text attribute;		/* name of the attribute, or empty */
	struct codeset *attribute_set;
};

/* The set of `yes` and `no`, which every policy has. */
enum { YESNO_NO, YESNO_YES };

enum type_kind { KIND_CODE, KIND_DATE, KIND_DURATION, KIND_ID, KIND_OID, KIND_REF };

struct type {
	enum type_kind kind;
	bool set;
	bool none, open, unknown;	/* lawfully empty; lawfully open; a row may lack it */
	struct codeset *codes;		/* KIND_CODE */
	struct record *record;		/* KIND_REF */
	uint32_t bound;			/* of a set: elements at most */
};

struct field {
	struct text name;
	struct span span;
	struct type type;
	bool key;
	bool shown;			/* to the requester */
	uint32_t derive[2];		/* of a derived date: fields, or NOWHERE */
	uint32_t changed;		/* as of the record; 0: as the record */
	struct labels labels;
};

enum { CHANGED_BY_NOBODY = 0xffffffff };

struct record {
	uint32_t index;
	struct text name;
	struct span span;
	uint32_t module;
	bool open;			/* absent means unknown */
	uint32_t refreshed;		/* seconds; 0: no bound */
	struct field *fields;		/* the key first */
	uint32_t nfields;
	uint32_t nkey;
	struct map names;
	uint32_t valid[2];		/* fields, or NOWHERE */
	uint32_t changed;		/* who can change it: 1 + code of the bearers, 0: not said, CHANGED_BY_NOBODY */
	struct cond **musts;
	struct span *must_spans;
	uint32_t nmusts;
	struct judgement *judgement;	/* a record kind made for a judgement */
};

/* Sources -------------------------------------------------------------------------------------- */

struct passage {
	struct law_source *source;
	struct text name;
	struct span span;
	struct labels labels;
	struct text seen;
	uint32_t index;			/* among all passages */
};

struct law_source {
	uint32_t index;
	struct text name;
	struct span span;
	uint32_t module;
	uint32_t kind;			/* code of the set `source_kind` */
	struct text id;
	struct force force;
	struct text by;
	struct labels title;
	struct passage *passages;
	uint32_t count;
	struct map names;
};

struct cites {
	struct passage **list;		/* cited: the first governs force */
	struct span *spans;
	uint32_t count;
	struct passage **see;		/* guidance without force */
	uint32_t nsee;
};

/* Values that have a name ---------------------------------------------------------------------- */

/* A constant: what a parameter or a set can be. */
struct constant {
	enum { CONST_CODE, CONST_CODES, CONST_DATE, CONST_DURATION, CONST_NONE, CONST_UNKNOWN } kind;
	struct codeset *codes;
	uint32_t code;
	bool *has;			/* CONST_CODES: by code */
	int32_t number;			/* days or months, or a day number */
	enum span_unit unit;
};

struct named_set {
	struct text name;
	struct span span;
	uint32_t module;
	struct node *node;
	struct part *part;
	bool resolving, resolved;
	unsigned height;
	struct constant value;		/* CONST_CODES, or of any kind (a named value) */
	bool used;
};

struct setting {
	struct layer *layer;
	struct constant value;
	struct span span;
	struct cites cites;
	struct reading *rests;
	struct force force;
};

struct parameter {
	uint32_t index;
	struct text name;
	struct span span;
	uint32_t module;
	uint32_t layer;
	struct type type;
	struct node *allows;
	struct constant value;		/* when nobody sets it */
	struct cites cites;
	struct labels says;
	struct setting *settings;
	uint32_t nsettings;
	size_t cap;
	bool used;
};

struct option {
	struct text name;
	struct span span;
	struct labels labels;
};

struct reading {
	uint32_t index;
	struct text name;
	struct span span;
	uint32_t module;
	struct passage *of;
	struct option *options;
	uint32_t noptions;
	uint32_t chosen;
	day_t on;
	struct text by;
	struct text because;
	bool confirmed;
	day_t confirmed_on;
	struct text confirmed_by;
	bool used;
};

struct window {
	struct text name;
	struct span span;
	uint32_t module;
	struct record *record;
	struct operand *bounds[2];
	bool used;
};

/* Places, operands, conditions ----------------------------------------------------------------- */

enum base_kind {
	BASE_REQUEST,	/* a field of the request */
	BASE_LINK,	/* a record of a link, or the row that is looked at */
	BASE_SELF,	/* the record a window, a `must` or a `where` speaks of */
};

/* A resolved path: from a base through fields. */
struct place {
	enum base_kind base;
	uint32_t field;			/* BASE_REQUEST: index of the field */
	struct link *link;
	struct record *self;
	uint32_t *steps;		/* fields, each of the record reached before it */
	struct record **records;	/* records[i] has the field steps[i] */
	uint32_t nsteps;
	bool attribute;			/* ends in the attribute of a code */
	bool rows;			/* a field of all rows of a `rows` link: a set */
	struct type type;		/* of what it reaches; a record reached is KIND_REF */
	struct span span;
};

enum operand_kind {
	OPERAND_PLACE,
	OPERAND_CONSTANT,
	OPERAND_PARAMETER,
	OPERAND_DEFINE,
	OPERAND_SHIFT,		/* a date plus or minus a duration */
	OPERAND_EARLIEST,
	OPERAND_LATEST,
	OPERAND_LOOKUP,
	OPERAND_TODAY,
};

struct operand {
	enum operand_kind kind;
	struct type type;
	struct span span;
	struct place place;
	struct constant constant;
	struct parameter *parameter;
	struct define *define;
	int sign;			/* OPERAND_SHIFT */
	struct operand *parts[2];	/* shift: date and duration; lookup: row and column */
	struct operand **list;		/* earliest, latest */
	uint32_t count;
	struct table *table;
};

enum cond_kind {
	COND_AND,
	COND_OR,
	COND_NOT,
	COND_NAMED,
	COND_JUDGEMENT,
	COND_READS,
	COND_SOME,		/* `no` when negative */
	COND_TRUE,
	COND_IN,		/* a code place in a constant set of codes */
	COND_DEFINE_IN,		/* a determination in a constant set of codes */
	COND_LOOKUP_IN,		/* a cell of a table */
	COND_PARAMETER,		/* a yes/no parameter */
	COND_IN_PARAMETER,	/* a code place in a set-valued parameter */
	COND_NONE,		/* a place is none */
	COND_OPEN,		/* a date is open */
	COND_EXISTS,		/* a record is there */
	COND_EQUAL,		/* two places are the same */
	COND_MEMBER,		/* a place in a set-valued place */
	COND_HITS,		/* a set-valued place has one of a constant set */
	COND_HITS_PARAMETER,
	COND_COVERED,		/* a set-valued place is not empty and inside a constant set */
	COND_OVERLAPS,		/* two set-valued places */
	COND_INSIDE,		/* a set-valued place is not empty and inside another */
	COND_PHASE,		/* today against the valid interval of a record */
	COND_ORDER,		/* a date point before, after, on or after, or equal to a date */
	COND_WINDOW,		/* a date point in a window */
};

struct cond {
	enum cond_kind kind;
	bool negative;			/* the negated atom: false where the place is none */
	struct span span;
	struct cond **list;		/* and, or; not: one */
	uint32_t count;
	struct named_cond *named;
	struct judgement *judgement;
	struct reading *reading;
	uint32_t option;
	struct link *link;
	struct operand *a, *b;
	struct constant set;
	struct parameter *parameter;
	struct define *define;
	struct window *window;
	enum phase phase;
	enum test_kind order;		/* TEST_BEFORE, TEST_AFTER, TEST_ON_OR_AFTER, TEST_EQ */
};

/* Of a search for circles: see check_circles(). */
enum look { LOOK_NOT_YET, LOOK_INSIDE, LOOK_DONE };

struct named_cond {
	struct text name;
	struct span span;
	uint32_t layer;
	struct node *node;
	struct part *part;
	struct cond *cond;
	struct cites cites;
	struct labels says;
	bool resolving, resolved;
	enum look look;
	unsigned height;		/* names behind names */
	uint32_t index;
	bool used;
};

/* A question: a request and all that is said about it ------------------------------------------- */

struct request_field {
	struct text name;
	struct span span;
	struct type type;		/* a record: KIND_REF */
	uint32_t given;			/* actions for which the caller supplies it */
	uint32_t found;			/* actions for which it is read from the facts */
	struct cites cites;
	struct labels labels;
};

/* What a part of an AuthZEN request says: subject, resource, action or context. */
enum entity_part { ENTITY_SUBJECT, ENTITY_RESOURCE, ENTITY_ACTION, ENTITY_CONTEXT };

struct entity {
	enum entity_part part;
	struct text type;		/* of a subject or resource */
	uint32_t id;			/* the field that its id says, or NOWHERE */
	uint32_t *fields;		/* that its properties say */
	uint32_t nfields;
	struct span span;
};

struct key_part {
	struct place place;
	bool each;			/* runs through the elements of a set */
};

struct link {
	struct text name;
	struct span span;
	uint32_t layer;
	enum link_kind kind;
	struct record *record;
	struct node *node;
	struct part *part;
	struct key_part *keys;
	uint32_t nkeys;
	uint32_t bound;
	struct cond *where;
	bool resolving, resolved;
	enum look look;
	unsigned height;
	uint32_t index;
	bool used;
	struct labels labels;
};

struct define_case {
	uint32_t value;			/* a code, or */
	day_t day;			/* a date */
	struct cond *when;		/* NULL: otherwise */
	struct span span;
	struct cites cites;
	struct define_case *except;
	uint32_t nexcept;
};

struct define {
	struct text name;
	struct span span;
	uint32_t layer;
	struct node *node;
	struct part *part;
	struct codeset *codes;		/* NULL: a date */
	struct define_case *cases;
	uint32_t ncases;
	bool resolving, resolved;
	enum look look;
	unsigned height;
	uint32_t index;
	bool used;
	struct labels labels;
};

enum { CELL_BLANK_NONE = UINT32_MAX, CELL_PENDING = UINT32_MAX - 1 };

struct table {
	struct text name;
	struct span span;
	uint32_t layer;
	struct node *node;
	struct part *part;
	struct codeset *rows, *columns, *values;
	bool at_most;			/* cells are sets of values; a pending cell has every value */
	bool **has;			/* [row * columns + column] -> which values; NULL: pending */
	struct span *cells;
	uint32_t npending;
	struct cites cites;
	struct reading *rests;
	uint32_t index;
	bool used;
	struct labels labels;
};

struct judgement {
	struct text name;
	struct span span;
	uint32_t layer;
	struct node *node;
	struct part *part;
	uint32_t bearer;
	struct place *per;
	uint32_t nper;
	struct labels asks;
	struct record *record;		/* where findings are kept */
	uint32_t index;
	bool used;
};

enum item_kind { ITEM_RULE, ITEM_EXCEPTION, ITEM_DUTY, ITEM_REDACT, ITEM_SILENT, ITEM_LAW };

struct trigger {
	uint32_t action;
	enum trigger_kind kind;
	struct rule *by;
	struct span span;
};

struct widening {
	struct rule *rule;
	struct layer *layer;
	struct force force;
	struct cond *when;
	struct span span;
	struct cites cites;
	struct labels says;
};

/* A rule, an exception, a silence, a duty or a redaction. */
struct rule {
	enum item_kind item;
	enum verb verb;
	struct text name;
	struct span span;		/* of the name */
	struct node *node;
	struct part *part;
	uint32_t layer;
	uint32_t actions;		/* bits */
	struct cond *when;		/* NULL: always */
	struct force force;		/* with the parent's and the overlay's taken in */
	struct cites cites;
	struct labels says;
	struct span shown;		/* `shown to requester`; len 0: not said */
	struct reading *rests;
	struct rule **parents;		/* of an exception */
	uint32_t nparents;
	struct rule **children;
	uint32_t nchildren;
	size_t cap_children;
	bool cut;			/* an overlay's exception to a base grant */
	enum look look;			/* of the search for circles of exceptions */
	bool circular;
	uint32_t climbed;		/* parents looked at so far */
	uint32_t height;		/* exceptions above one another, this one counted; a rule: 0 */
	uint32_t ways;			/* in which it is reached from the rules above it; a rule: 1 */
	/* delegation */
	struct place *delegated;
	uint32_t ndelegated;
	struct cond *delegated_where;
	struct passage *delegated_under;
	/* duties and redactions */
	uint32_t bearer;
	struct trigger *triggers;
	uint32_t ntriggers;
	struct operand *due;
	struct constant keep;
	uint32_t *redacts;		/* codes */
	uint32_t nredacts;
	struct codeset *redact_set;
	uint32_t rank;			/* place in the canonical order: by name, then by layer */
};

struct given_value {
	struct cond *cond;		/* what is given, as a condition */
	struct operand *place;
	struct constant value;
	struct span span;
};

struct law {
	struct text name;
	struct span span;
	uint32_t layer;
	enum node_kind kind;		/* N_NEVER, N_NEVER_ASKS, N_IMPLIES */
	uint32_t actions;		/* N_NEVER: 0 means never at all */
	struct cond *when;
	struct record **asks;
	uint32_t nasks;
	struct given_value *if_given, *then_given;
	uint32_t nif, nthen;
	struct cites cites;
};

struct example_step {
	uint32_t action;
	enum outcome_word outcome;
	struct given_value *given;
	uint32_t ngiven;
	bool has_day;
	day_t day;
	struct rule **by;
	uint32_t nby;
	struct span span;
};

struct example {
	struct text name;
	struct span span;
	uint32_t layer;
	struct example_step *steps;
	uint32_t nsteps;
};

struct question {
	uint32_t index;
	struct text name;
	struct span span;
	uint32_t module;
	struct labels asks;
	struct node *node;
	struct part *part;
	struct text *actions;
	struct span *action_spans;
	struct labels *action_labels;
	uint32_t nactions;
	struct request_field *fields;
	uint32_t nfields;
	struct cond **musts;
	uint32_t *must_actions;		/* actions that carry every field the must names */
	struct span *must_spans;
	uint32_t nmusts;
	struct place *layer_by;		/* NULL: no overlays */
	bool *layer_except;		/* codes that have the base rules alone */
	bool layer_except_none;
	struct span layer_span;
	struct define **answers;
	struct span *answer_spans;
	uint32_t nanswers;
	struct entity *entities;	/* how AuthZEN asks it; none: it does not */
	uint32_t nentities;

	struct map named;		/* everything declared in the chapter: by layer and name */
	struct link **links;
	uint32_t nlinks;
	size_t cap_links;
	struct define **defines;
	uint32_t ndefines;
	size_t cap_defines;
	struct table **tables;
	uint32_t ntables;
	size_t cap_tables;
	struct named_cond **conds;
	uint32_t nconds;
	size_t cap_conds;
	struct judgement **judgements;
	uint32_t njudgements;
	size_t cap_judgements;
	struct rule **rules;		/* every item */
	uint32_t nrules;
	size_t cap_rules;
	struct widening **widenings;
	uint32_t nwidenings;
	size_t cap_widenings;
	struct law **laws;
	uint32_t nlaws;
	size_t cap_laws;
	struct example **examples;
	uint32_t nexamples;
	size_t cap_examples;
	struct link *pivot;
	struct loose {			/* widenings and examples, until they are checked */
		struct node *node;
		struct part *part;
	} *loose;
	uint32_t nloose;
	size_t cap_loose;
};

struct model {
	struct arena *arena;
	struct diags *diags;
	struct sources *sources;
	struct module *modules;
	uint32_t nmodules;
	size_t cap_modules;
	struct part *parts;
	uint32_t nparts;
	struct layer *layers;
	uint32_t nlayers;
	struct map globals;		/* module and name -> declaration */
	struct decl *decls;
	uint32_t ndecls;
	bool untaken;			/* a name or a chapter could not be taken: what hangs on it is not looked for */
	size_t cap_decls;

	struct codeset **codesets;
	uint32_t ncodesets;
	size_t cap_codesets;
	struct codeset *yesno;
	struct codeset *bearers;	/* the set named `bearer`, or NULL */
	struct codeset *source_kinds;	/* the set named `source_kind`, or NULL */
	struct record **records;
	uint32_t nrecords;
	size_t cap_records;
	struct law_source **laws;
	uint32_t nlaws;
	size_t cap_laws;
	uint32_t npassages;
	struct named_set **sets;
	uint32_t nsets;
	size_t cap_sets;
	struct parameter **parameters;
	uint32_t nparameters;
	size_t cap_parameters;
	struct reading **readings;
	uint32_t nreadings;
	size_t cap_readings;
	struct window **windows;
	uint32_t nwindows;
	size_t cap_windows;
	struct question **questions;
	uint32_t nquestions;
	size_t cap_questions;

	/* Names that stand for others: how many are being looked up, and the tallest of those met. */
	unsigned depth;
	unsigned height;
};

enum decl_kind {
	DECL_CODES,
	DECL_RECORD,
	DECL_REQUEST,
	DECL_SOURCE,
	DECL_SET,
	DECL_PARAMETER,
	DECL_READING,
	DECL_WINDOW,
	/* in a question */
	DECL_LINK,
	DECL_DEFINE,
	DECL_TABLE,
	DECL_COND,
	DECL_JUDGEMENT,
	DECL_ITEM,		/* a rule, an exception, a duty, a redaction, a silence, a law */
};

struct decl {
	enum decl_kind kind;
	struct text name;
	struct span span;
	uint32_t module;
	void *thing;
};

/*
 * Checks the parsed files. Always gives a model; it may be lowered only when diags has no error.
 * `files` are in the order of their paths, so that results do not depend on the order of arguments.
 */
struct model *model_check(struct arena *arena, struct diags *diags, struct node **files, uint32_t count);

/* For `rko dump --after=check`. */
void model_dump(struct buf *out, const struct model *model);

#endif
