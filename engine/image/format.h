/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The image: a compiled policy as one file, mapped read-only and used where it lies.
 *
 * Little-endian, no pointers: references are indices into the file's own tables (sections.def), a string is an
 * offset into `strings` where a NUL ends it, and 0 is the empty string. A range is a first index and a count.
 * IMAGE_NONE stands for "no such thing". Nothing in a file may be used before image_verify() has looked at
 * all of it.
 *
 * Decision diagrams lie in `nodes` as words. A node is its feature, then one reference for each of the
 * feature's classes. A reference is the node's offset within its plan's words, or IMAGE_TERMINAL and a value.
 * Children come before their parents; nodes of one plan are sorted by feature, later features first, and then
 * by their children; no two are equal and none has children that are all one. So equal functions are equal
 * references, and equal policies equal bytes.
 *
 * This is the contract between the compiler (dsl/) and the engine: both include it, neither the other.
 */
#ifndef RKO_IMAGE_FORMAT_H
#define RKO_IMAGE_FORMAT_H

#include <stdint.h>

#define IMAGE_MAGIC "RKOIMAGE"

enum { IMAGE_FORMAT = 6, IMAGE_DIGEST_BYTES = 32, IMAGE_LANGS = 3 };

#define IMAGE_NONE UINT32_MAX
#define IMAGE_NOBODY 0xfffffffeu
#define IMAGE_TERMINAL 0x80000000u

enum image_section_id {
#define SECTION(member, type) IMAGE_SECTION_##member,
#include "engine/image/sections.def"
#undef SECTION
	IMAGE_SECTIONS
};

struct image_range {
	uint32_t first;
	uint32_t count;
};

struct image_head {
	char magic[8];
	uint32_t format;
	uint32_t sections;		/* IMAGE_SECTIONS */
	uint64_t size;			/* of the whole file, bytes */
	uint8_t digest[IMAGE_DIGEST_BYTES];	/* BLAKE2b-256 of the file with these bytes zero */
	uint8_t sources_digest[IMAGE_DIGEST_BYTES];	/* of the policy texts */
	int32_t force_from;		/* first day on which some rule is in force */
	int32_t force_to;		/* last day, or the greatest day there is */
	uint32_t compiler;		/* string: version of the compiler */
	uint32_t policy;		/* string: modules and their versions */
	struct {
		uint32_t at;		/* byte offset, a multiple of 8 */
		uint32_t count;		/* elements */
	} section[IMAGE_SECTIONS];
};

struct image_label {
	uint32_t in[IMAGE_LANGS];	/* fi, sv, en; 0: not given */
};

/* Vocabulary --------------------------------------------------------------------------------------- */

enum { IMAGE_PENDING = 1, IMAGE_OTHERS = 2 };

/* The first code set is `yesno` with the codes no and yes. */
struct image_codeset {
	uint32_t name;
	uint32_t official;
	uint32_t flags;			/* IMAGE_PENDING */
	struct image_range codes;
	uint32_t attribute_name;	/* 0: none */
	uint32_t attribute_set;
};

struct image_code {
	uint32_t name;
	uint32_t official;
	uint32_t flags;			/* IMAGE_PENDING, IMAGE_OTHERS */
	uint32_t attribute;		/* within the attribute's set, or IMAGE_NONE */
	struct image_label label;
};

enum image_type_kind {
	IMAGE_TYPE_CODE,
	IMAGE_TYPE_DATE,
	IMAGE_TYPE_ID,			/* ids, oids and references are strings that the store numbers */
	IMAGE_TYPE_OID,
	IMAGE_TYPE_REF,
};

enum {
	IMAGE_FIELD_SET = 1,
	IMAGE_FIELD_NONE = 2,		/* may be none */
	IMAGE_FIELD_OPEN = 4,		/* may be open */
	IMAGE_FIELD_UNKNOWN = 8,	/* a row may lack it */
	IMAGE_FIELD_KEY = 16,
	IMAGE_FIELD_DERIVED = 32,
	IMAGE_FIELD_SHOWN = 64,		/* whoever asks may know it */
};

struct image_field {
	uint32_t name;
	uint32_t kind;			/* enum image_type_kind */
	uint32_t flags;
	uint32_t target;		/* code set or record */
	uint32_t bound;			/* of a set: elements at most */
	uint32_t derive[2];		/* fields of the record: the first, or where it is none the second */
	uint32_t changed;		/* as of the record */
	struct image_label label;
};

enum { IMAGE_RECORD_OPEN = 1, IMAGE_RECORD_FINDING = 2 };

struct image_record {
	uint32_t name;
	uint32_t flags;
	uint32_t refreshed;		/* seconds within which absence is believed; 0: always */
	struct image_range fields;	/* the key first */
	uint32_t nkey;
	uint32_t valid[2];		/* fields, or IMAGE_NONE */
	uint32_t changed;		/* who can change it: code of the set `bearer`, IMAGE_NONE: not said, IMAGE_NOBODY */
	uint32_t plan;			/* of its checks, or IMAGE_NONE */
	struct image_range musts;
};

enum { IMAGE_FORCE_PENDING = 1, IMAGE_FORCE_OPEN = 2, IMAGE_FORCE_END_PENDING = 4 };

struct image_force {
	int32_t from, to;
	uint32_t flags;
};

/* Layer 0 is the base. */
struct image_layer {
	uint32_t name;
	uint32_t codeset;		/* IMAGE_NONE: the base */
	uint32_t code;
	struct image_force force;
	struct image_label label;
};

struct image_source {
	uint32_t name;
	uint32_t kind_set;		/* code set and code of its kind */
	uint32_t kind;
	uint32_t id;
	uint32_t by;
	struct image_force force;
	struct image_label title;
	struct image_range passages;
};

struct image_passage {
	uint32_t name;
	uint32_t source;
	uint32_t seen;
	struct image_label label;
};

struct image_reading {
	uint32_t name;
	uint32_t passage;
	struct image_range options;
	uint32_t chosen;
	int32_t on;
	uint32_t by;
	uint32_t because;
	uint32_t confirmed;		/* 1: by a reviewer */
	int32_t confirmed_on;
	uint32_t confirmed_by;
};

struct image_option {
	uint32_t name;
	struct image_label label;
};

/* Questions ---------------------------------------------------------------------------------------- */

enum image_root_kind {
	IMAGE_ROOT_TRUTH,		/* 0 and 1 */
	IMAGE_ROOT_TERMINAL,		/* an index into the question's terminals */
	IMAGE_ROOT_OUTCOME,		/* enum image_outcome, or IMAGE_OUT_IMPOSSIBLE */
	IMAGE_ROOT_LADDER,		/* enum image_ladder and the rule: IMAGE_RANKED */
	IMAGE_ROOT_VALUE,		/* a code + 1; 0: none */
};

enum image_outcome {
	IMAGE_OUT_NOT_GRANTED,
	IMAGE_OUT_SILENT,		/* left ungranted on purpose */
	IMAGE_OUT_GRANTED,
	IMAGE_OUT_FORBIDDEN,
	IMAGE_OUT_INCONSISTENT,
	IMAGE_OUT_IMPOSSIBLE = 15,
};

enum image_ladder {
	IMAGE_LADDER_SILENT,
	IMAGE_LADDER_GRANT,
	IMAGE_LADDER_PROHIBIT,
	IMAGE_LADDER_WITHHOLD,
	IMAGE_LADDER_CONFLICT,
};

#define IMAGE_RANK_BITS 12
#define IMAGE_RANKED(class_, rank) ((uint32_t)(class_) << IMAGE_RANK_BITS | (rank))
#define IMAGE_RANK(result) ((result) & ((1u << IMAGE_RANK_BITS) - 1))
#define IMAGE_CLASS(result) ((result) >> IMAGE_RANK_BITS)

struct image_question {
	uint32_t name;
	struct image_label asks;
	uint32_t plan;
	struct image_range actions;
	struct image_range inputs;
	uint32_t layer_value;		/* value of the plan whose code is the area, or IMAGE_NONE */
	struct image_range musts;
	struct image_range answers;
	struct image_range rules;	/* in canonical order: a rank counts from the first */
	struct image_range duties;
	struct image_range terminals;
	struct image_range told;	/* what whoever asks may be told */
	struct image_range entities;	/* how AuthZEN asks it; none: it does not */
	uint32_t root;			/* IMAGE_ROOT_TERMINAL: decides */
	uint32_t analysis;		/* IMAGE_ROOT_OUTCOME over the possible cells */
	uint32_t grants;		/* 1: some rule can grant; 0: the question only lists duties */
	uint32_t max_fetches;		/* rows looked up by a decision at the most */
	uint32_t max_steps;		/* nodes walked for one candidate at the most */
};

struct image_action {
	uint32_t name;
	struct image_label label;
};

/* One field of a request. */
struct image_input {
	uint32_t name;
	uint32_t kind;			/* enum image_type_kind; a record is IMAGE_TYPE_REF */
	uint32_t flags;			/* IMAGE_FIELD_SET, _NONE, _OPEN */
	uint32_t target;
	uint32_t bound;
	uint32_t given;			/* actions, by bit */
	uint32_t found;
	struct image_label label;
};

enum image_entity_part { IMAGE_SUBJECT, IMAGE_RESOURCE, IMAGE_ACTION, IMAGE_CONTEXT };

/* What a part of an AuthZEN request says. Subjects and resources have a type, unlike within a question. */
struct image_entity {
	uint32_t part;			/* enum image_entity_part */
	uint32_t type;			/* string; 0: action and context */
	uint32_t id;			/* input of the question that the id says, or IMAGE_NONE */
	struct image_range fields;	/* of links: inputs that the properties say */
};

/* What must hold of a request, or of a row that is loaded. */
struct image_must {
	uint32_t root;			/* IMAGE_ROOT_TRUTH in the plan of the question or record */
	uint32_t actions;
	uint32_t text;			/* as written */
};

/* A determination that is returned beside the outcome. */
struct image_answer {
	uint32_t name;
	uint32_t codeset;
	uint32_t root;			/* IMAGE_ROOT_VALUE */
	struct image_label label;
};

enum image_told_kind {
	IMAGE_TOLD_OPENS,		/* IMAGE_ROOT_OUTCOME: granted where it may be, not granted where it cannot be */
	IMAGE_TOLD_RULE,		/* the rest IMAGE_ROOT_TRUTH, but: that a rule decides */
	IMAGE_TOLD_ANSWER,		/* IMAGE_ROOT_VALUE */
	IMAGE_TOLD_DUTY_GRANTED,	/* a duty is due where it is granted */
	IMAGE_TOLD_DUTY_DENIED,		/* or where it is not */
	IMAGE_TOLD_DUE,			/* by when it is due */
};

/*
 * One thing that whoever asks may be told, as a diagram over what they may know: on the way to its end, for each action,
 * lie only features that are `shown` for it.
 */
struct image_told {
	uint32_t kind;
	uint32_t number;		/* rule, answer or duty of the question; OPENS: 0 */
	uint32_t root;
};

/* Plans -------------------------------------------------------------------------------------------- */

/* What the binder works through. Indices within a plan count from its own ranges. */
struct image_plan {
	uint32_t question;		/* or IMAGE_NONE */
	uint32_t record;		/* whose checks these are, or IMAGE_NONE */
	struct image_range slots;
	struct image_range values;
	struct image_range scans;
	struct image_range features;	/* in the order of asking */
	struct image_range nodes;	/* words */
	uint32_t pivot;			/* scan, or IMAGE_NONE */
};

enum image_slot_kind {
	IMAGE_SLOT_REQUEST,		/* a record of the request */
	IMAGE_SLOT_LINK,		/* by its whole key */
	IMAGE_SLOT_REF,			/* by a reference */
	IMAGE_SLOT_ROW,			/* the row of a scan, the candidate of the pivot, the row being checked */
	IMAGE_SLOT_FINDING,		/* of a judgement */
};

enum { IMAGE_HANGS_PIVOT = 1, IMAGE_MAY_LACK = 2, IMAGE_HAS_NONE = 4, IMAGE_MOVES = 8 };

struct image_slot {
	uint32_t kind;
	uint32_t record;
	uint32_t name;			/* as an author writes it */
	uint32_t from;			/* REQUEST: input; REF: value; ROW: scan, or IMAGE_NONE */
	struct image_range keys;	/* LINK, FINDING: values */
	uint32_t flags;			/* IMAGE_HANGS_PIVOT, IMAGE_MAY_LACK */
	uint32_t row;			/* scan on whose row it hangs, or IMAGE_NONE */
	uint32_t judgement_role;	/* FINDING: code of the bearer, or IMAGE_NONE */
	struct image_label asks;	/* FINDING: what is judged; LINK, ROW: what the link is called */
	uint32_t shown;			/* actions, by bit: whoever asks may know whether it is there */
};

enum image_value_kind {
	IMAGE_VALUE_REQUEST,		/* an input */
	IMAGE_VALUE_TODAY,
	IMAGE_VALUE_FIELD,		/* a field of a slot */
	IMAGE_VALUE_ROWS,		/* a field of all rows of a scan */
};

struct image_value {
	uint32_t kind;
	uint32_t of;			/* input, slot or scan */
	uint32_t field;			/* within the record */
	uint32_t name;
	uint32_t flags;			/* IMAGE_HANGS_PIVOT, IMAGE_MAY_LACK */
	uint32_t row;
};

enum { IMAGE_KEY_EACH = 0x80000000u };	/* on a key of a scan: runs through a set */

enum image_scan_kind { IMAGE_SCAN_SOME, IMAGE_SCAN_EACH, IMAGE_SCAN_ROWS };

struct image_scan {
	uint32_t kind;
	uint32_t record;
	uint32_t name;
	struct image_range keys;
	uint32_t row;			/* slot */
	uint32_t where;			/* IMAGE_ROOT_TRUTH */
	uint32_t bound;
	uint32_t flags;			/* IMAGE_HANGS_PIVOT: its keys do */
	uint32_t shown;			/* actions, by bit: whoever asks may know which rows there are */
};

enum image_feature_kind {
	IMAGE_FEATURE_ACTION,
	IMAGE_FEATURE_CODE,
	IMAGE_FEATURE_PRESENT,		/* of value a, or (a IMAGE_NONE) of slot b */
	IMAGE_FEATURE_OPEN,
	IMAGE_FEATURE_EQUAL,
	IMAGE_FEATURE_MEMBER,		/* a in b */
	IMAGE_FEATURE_HITS,		/* a has one of bits */
	IMAGE_FEATURE_OVERLAPS,
	IMAGE_FEATURE_INSIDE,		/* a is not empty and inside b */
	IMAGE_FEATURE_POSITION,		/* of date a against b */
	IMAGE_FEATURE_CALENDAR,		/* of date a */
	IMAGE_FEATURE_SOME,		/* rows of scan that fulfil root */
	IMAGE_FEATURE_FINDING,		/* slot b */
	IMAGE_FEATURE_GAP,		/* always unknown; a: the value whose test is open, if it is one's */
	IMAGE_FEATURE_READING,		/* the option of reading b that is taken; only asked behind `open` */
};

struct image_feature {
	uint32_t kind;
	uint32_t a, b;
	uint32_t scan;
	uint32_t root;			/* SOME: IMAGE_ROOT_TRUTH over the row's features */
	struct image_range cuts;
	struct image_range bits;	/* HITS: one bit a code */
	uint32_t size;			/* answers, none included as the last */
	uint32_t flags;			/* IMAGE_HANGS_PIVOT, IMAGE_HAS_NONE, IMAGE_MOVES: with today */
	uint32_t row;			/* scan on whose row it hangs, or IMAGE_NONE */
	uint32_t classes;		/* into `classes`: one byte an answer */
	uint32_t nclasses;
	uint32_t shown;			/* actions, by bit: whoever asks may know the answer */
	uint32_t name;
};

enum { IMAGE_CUT_MONTHS = 1, IMAGE_CUT_AFTER = 2 };

struct image_cut {
	int32_t count;			/* days or months from the date b; CALENDAR: the day */
	uint32_t flags;			/* IMAGE_CUT_AFTER: one day more */
};

struct image_terminal {
	uint32_t outcome;		/* enum image_outcome */
	uint32_t witness;		/* rule of the question, or IMAGE_NONE */
	struct image_range duties;	/* of duty_lists: duties of the question */
};

/* Rules -------------------------------------------------------------------------------------------- */

enum image_item {
	IMAGE_ITEM_RULE,
	IMAGE_ITEM_EXCEPTION,
	IMAGE_ITEM_DUTY,
	IMAGE_ITEM_REDACT,
	IMAGE_ITEM_SILENT,
	IMAGE_ITEM_LAW,
};

enum image_verb { IMAGE_GRANT, IMAGE_PROHIBIT, IMAGE_WITHHOLD, IMAGE_REDACT };

enum { IMAGE_RULE_CUT = 1 };		/* an overlay's exception: withholds the result of a base rule */

struct image_rule {
	uint32_t name;
	uint32_t item;
	uint32_t verb;
	uint32_t layer;
	uint32_t flags;
	uint32_t actions;
	uint32_t on;			/* IMAGE_ROOT_TRUTH: the rule's own condition, actions and force */
	uint32_t root_on;		/* of a base rule: with what overlays add */
	uint32_t open;			/* `on` by the options of readings; IMAGE_NONE: it names no reading */
	uint32_t ladder;		/* IMAGE_ROOT_LADDER, of a root; else IMAGE_NONE */
	struct image_force force;
	struct image_range parents;	/* of links: rules of the question */
	struct image_range children;
	struct image_range conjuncts;
	struct image_range cites;	/* of links: passages; the first governs force */
	struct image_range see;
	struct image_range notes;
	struct image_label says;
	uint32_t file;			/* string: module and file name */
	uint32_t line;
};

/* A part of a rule's condition, as written. */
struct image_conjunct {
	uint32_t name;			/* of the named condition, or 0 */
	uint32_t text;
	uint32_t root;			/* IMAGE_ROOT_TRUTH */
	struct image_label says;
	struct image_range parts;	/* of conjuncts: what a named condition demands; a part has none of its own */
	struct image_range cites;	/* of links: passages of a named condition */
	struct image_range see;
};

enum { IMAGE_NOTE_READING, IMAGE_NOTE_PENDING, IMAGE_NOTE_EFFECT };

/* What an answer resting on the rule names where `root` holds. */
struct image_note {
	uint32_t kind;
	uint32_t what;			/* a reading, the string of a table's name, or an effect */
	uint32_t root;
	struct image_label label;	/* PENDING: what the table is called */
};

enum image_effect_kind {
	IMAGE_EFFECT_WIDENS,		/* a rule */
	IMAGE_EFFECT_CODES,		/* sets a parameter to a code, or to a set of codes */
	IMAGE_EFFECT_DATE,
	IMAGE_EFFECT_DAYS,
	IMAGE_EFFECT_MONTHS,
	IMAGE_EFFECT_NONE,		/* to none */
};

/* What an overlay does beside its own rules: sets a parameter, or widens a rule. */
struct image_effect {
	uint32_t kind;
	uint32_t name;			/* of the parameter, or of the rule */
	struct image_label label;
	uint32_t layer;
	int32_t number;			/* DATE, DAYS, MONTHS */
	uint32_t codeset;		/* CODES; else IMAGE_NONE */
	struct image_range codes;	/* of links: codes of the set */
	struct image_range cites;	/* of links: passages */
	struct image_range see;
};

enum { IMAGE_DUE_NONE, IMAGE_DUE_DATE, IMAGE_DUE_EARLIEST, IMAGE_DUE_LATEST };

struct image_duty {
	uint32_t rule;			/* of the question */
	uint32_t bearer;		/* code of the set, or IMAGE_NONE */
	uint32_t bearer_set;
	uint32_t due;			/* IMAGE_DUE_… */
	uint32_t parts;			/* of an earliest or latest */
	struct image_range dues;
	int32_t keep;			/* 0: not said */
	uint32_t keep_months;		/* 1: in months, else in days */
	struct image_range redacts;	/* of links: codes */
	uint32_t redact_set;
	uint32_t prohibited;		/* 1: some of its triggers wait for a prohibition, not only for a denial */
};

/* One way a due date comes about: where `guard` holds, the value (or the day) plus count. */
struct image_due {
	uint32_t guard;
	uint32_t value;			/* IMAGE_NONE: the day */
	int32_t day;
	int32_t count;
	uint32_t flags;			/* IMAGE_CUT_MONTHS */
	uint32_t part;
};

#endif
