/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The grammar of .rko. LALR(1) without conflicts and without precedence. Actions only build nodes: what
 * names mean is decided by later passes. docs/language.md has the same grammar as EBNF; a test compares.
 */
%require "3.8"
%define api.pure full
%define api.prefix {rko_yy}
%define api.token.prefix {TOK_}
%define api.location.type {struct span}
%define api.value.type union
%define parse.error custom
%define parse.lac full
%locations
%param {struct parser *parser}
%expect 0

%code requires {
#include "dsl/syntax/parse.h"
}

%code {
#include <stdio.h>

#include "engine/base/buf.h"
#include "engine/base/arena.h"
#include "engine/base/limits.h"

#define YYMAXDEPTH 4000
/* The parser's stacks grow in the arena of the parse: they go with it, however the parse ends. */
#define YYMALLOC(size) arena_alloc(stacks, (size))
#define YYFREE(memory) ((void)(memory))
static _Thread_local struct arena *stacks;	/* the generated code gives YYMALLOC no context */
#define YYLLOC_DEFAULT(current, rhs, n) \
	((current) = (n) ? span_join(YYRHSLOC(rhs, 1), YYRHSLOC(rhs, n)) \
			 : (struct span){ YYRHSLOC(rhs, 0).source, \
					  YYRHSLOC(rhs, 0).at + YYRHSLOC(rhs, 0).len, 0 })

static int rko_yylex(RKO_YYSTYPE *value, struct span *span, struct parser *parser);
static void rko_yyerror(const struct span *span, struct parser *parser, const char *message);
static bool recover(struct parser *parser);

#define MAKE(kind, span) node_new(parser->arena, N_##kind, (span))
#define NAMED(kind, span, token) node_named(parser->arena, N_##kind, (span), &(token))
#define LIST() node_new(parser->arena, N_FILE, SPAN_NONE)

static struct node *numbered(struct node *node, int64_t number)
{
	node->number = number;
	return node;
}

/* Widens the span of a node that gains parts. */
static struct node *spanned(struct node *node, struct span span)
{
	node->span = span;
	return node;
}

static struct node *with(struct node *node, struct node *a, struct node *b, struct node *c)
{
	return node_add(node_add(node_add(node, a), b), c);
}

/* A rule's effect is a list of `on` and `redact`, the verb its number. */
static struct node *effect(struct node *list, enum verb verb)
{
	return numbered(list, verb);
}
}

%token <struct token> NAME "name" STRING "text in quotes" INT "number" DATE "date"
%token IN_FORCE "in force" NOT_IN "not in" ON_OR_AFTER "on or after" SET_OF "set of"
%token AT_MOST "at most" EARLIEST_OF "earliest of" LATEST_OF "latest of" LAYER_BY "layer by" CHANGED_BY "changed by"
%token RESTS_ON "rests on" SHOWN_TO "shown to" NOT_GRANTED "not granted"
%token NE "!=" ARROW "->" DOTS ".."
%token ACTIONS "actions" AFTER "after" ALLOWS "allows" ALWAYS "always" AND "and" ANSWERS "answers"
%token ANY "any" ASK "ask" ASKS "asks" AUTHZEN "authzen" BECAUSE "because" BEFORE "before" BLANK "blank" BY "by"
%token CASE "case" CHAPTER "chapter" CHOSEN "chosen" CITE "cite" CLOSED "closed" CODES "codes"
%token COLUMNS "columns" COMING "coming" COND "cond" CONFIRMED "confirmed" CURRENT "current"
%token DAY "day" DAYS "days" DEFINE "define" DELEGATES "delegates" DENIED "denied" DERIVE "derive"
%token DUE "due" DUTY "duty" EACH "each" ELSE "else" EN "en" EVERY "every" EXAMPLE "example"
%token EXCEPT "except" EXCEPTION "exception" EXISTS "exists" EXPECT "expect" FI "fi" FIELD "field"
%token FOR "for" FORBIDDEN "forbidden" FOUND "found" GIVEN "given" GRANTED "granted" HAS "has"
%token <struct token> GRANT "grant"
%token IMPLIES "implies" IN "in" IS "is" JUDGEMENT "judgement" KEEP "keep" KEY "key" LAW "law"
%token LEGEND "legend" LINK "link" MISSING "missing" MONTH "month" MONTHS "months" MUST "must"
%token NEVER "never" NO "no" NONE "none" NOT "not" OF "of" OFFICIAL "official" ON "on" OPEN "open"
%token OPTION "option" OR "or" OTHERS "others" OTHERWISE "otherwise" OVERLAPS "overlaps"
%token OVERLAY "overlay" PARAMETER "parameter" PASSAGE "passage" PAST "past" PENDING "pending"
%token PER "per" PHRASE "phrase" POLICY "policy" PROHIBIT "prohibit" READING "reading"
%token RECORD "record" REDACT "redact" REF "ref" REFRESHED "refreshed" REFUSED "refused"
%token REQUEST "request" ROW "row" ROWS "rows" RULE "rule" SAYS "says" SEE "see" SEEN "seen"
%token SET "set" SILENT "silent" SOME "some" SOURCE "source" SV "sv" TABLE "table" THE "the"
%token TITLE "title" TO "to" TRANSLATION "translation" UNCONFIRMED "unconfirmed"
%token UNDECIDED "undecided" UNDER "under" UNKNOWN "unknown" USES "uses" VALID "valid"
%token VERSION "version" VOCABULARY "vocabulary" WHEN "when" WHERE "where" WIDEN "widen"
%token WINDOW "window" WITH "with" WITHHOLD "withhold" WITHIN "within" YEAR "year" YEARS "years"
%token YES "yes"

%type <struct token> word
%type <struct node *> parts part header overlay_for preambles preamble statements statement phrases
%type <struct node *> codes official code_values code_value code attribute others
%type <struct node *> record refreshed refreshed_opt slots slot type lacking at_most record_lines
%type <struct node *> record_line request request_lines request_line for_actions lone_names lone
%type <struct node *> entity_type properties_opt
%type <struct node *> source source_by source_title passages seen setting set_value every_except
%type <struct node *> operands parameter allows allowed_list allowed reading options option settled
%type <struct node *> window interval link keys key where define cases case unlesses unless table
%type <struct node *> blank legend meanings columns rows cells cell condition judgement paths rule
%type <struct node *> effect delegates exception actions_opt widen duty triggers trigger due keep law
%type <struct node *> invariant silent example steps step step_by step_day givens given chapter
%type <struct node *> cond ands ors atom quantified test inside value word_value operand primary span
%type <struct node *> force force_opt moment rests cites cites_opt see refs ref says says_opt labels
%type <struct node *> labels_opt label path name_list names braces
%type <int> phase order quantity verb outcome lacking_word part_kind given_found link_kind
%type <struct span> within

%%

file:
  lead parts			{ parser->file = $parts; }
;

lead:
  %empty
| error
;

parts:
  %empty			{ $$ = MAKE(FILE, @$); }
| parts part			{ $$ = spanned(node_add($1, $part), @$); }
;

part:
  header statements		{ $$ = spanned(node_add_all($header, $statements), @$); }
| "translation" NAME phrases	{ $$ = numbered(node_add_all(NAMED(PART, @$, $NAME), $phrases),
						PART_TRANSLATION); }
;

header:
  part_kind NAME "version" STRING preambles
				{ $$ = node_add_all(node_add(numbered(NAMED(PART, @$, $NAME), $part_kind),
					NAMED(VERSION, @STRING, $STRING)), $preambles); }
| "overlay" NAME overlay_for preambles
				{ $$ = node_add_all(node_add(numbered(NAMED(PART, @$, $NAME), PART_OVERLAY),
					$overlay_for), $preambles); }
;

part_kind:
  "vocabulary"			{ $$ = PART_VOCABULARY; }
| "policy"			{ $$ = PART_POLICY; }
;

overlay_for:
  %empty			{ $$ = NULL; }
| "for" NAME[set] NAME[code]	{ $$ = with(MAKE(FOR, @$), NAMED(NAME, @set, $set), NAMED(NAME, @code, $code), NULL); }
;

preambles:
  %empty			{ $$ = LIST(); }
| preambles preamble		{ $$ = node_add($1, $preamble); }
;

preamble:
  "uses" names			{ $$ = node_add_all(MAKE(USES, @$), $names); }
| force
| "closed" refreshed		{ $$ = $refreshed; }
;

statements:
  %empty			{ $$ = LIST(); }
| statements statement		{ $$ = node_add($1, $statement); }
;

statement:
  codes | record | request | source | chapter | setting | parameter | reading | window | link | define
| table | condition | judgement | rule | exception | widen | duty | law | silent | example
| error				{ $$ = NULL; if (recover(parser)) yyclearin; yyerrok; }
;

chapter:
  "chapter" NAME		{ $$ = NAMED(CHAPTER, @$, $NAME); }
;

phrases:
  %empty			{ $$ = LIST(); }
| phrases chapter		{ $$ = node_add($1, $chapter); }
| phrases "phrase" path labels	{ $$ = node_add($1, node_add_all(node_add(MAKE(PHRASE, span_join(@2, @labels)), $path), $labels)); }
| phrases error			{ $$ = $1; if (recover(parser)) yyclearin; yyerrok; }
;

/* Codes ------------------------------------------------------------------------------------------ */

codes:
  "codes" NAME official attribute code_values others
				{ $$ = node_add(node_add_all(with(NAMED(CODES, @$, $NAME), $official,
					$attribute, NULL), $code_values), $others); }
;

official:
  %empty			{ $$ = NULL; }
| "official" code		{ $$ = $code; }
;

code:
  STRING			{ $$ = NAMED(OFFICIAL, @$, $STRING); }
| "pending"			{ $$ = numbered(MAKE(OFFICIAL, @$), 1); }
;

attribute:
  %empty			{ $$ = NULL; }
| "with" NAME[name] ':' NAME[set]
				{ $$ = node_add(NAMED(ATTRIBUTE, @$, $name), NAMED(NAME, @set, $set)); }
;

code_values:
  code_value			{ $$ = node_add(LIST(), $1); }
| code_values code_value	{ $$ = node_add($1, $2); }
| code_values ',' code_value	{ $$ = node_add($1, $3); }
;

code_value:
  NAME labels_opt		{ $$ = node_add_all(NAMED(CODE, @$, $NAME), $labels_opt); }
| NAME code labels_opt		{ $$ = node_add_all(node_add(NAMED(CODE, @$, $NAME), $code), $labels_opt); }
| NAME[name] '(' NAME[value] ')' labels_opt
				{ $$ = node_add_all(node_add(NAMED(CODE, @$, $name), NAMED(NAME, @value, $value)), $labels_opt); }
| NAME[name] code '(' NAME[value] ')' labels_opt
				{ $$ = node_add_all(with(NAMED(CODE, @$, $name), $code, NAMED(NAME, @value, $value), NULL), $labels_opt); }
;

others:
  %empty			{ $$ = NULL; }
| "others" NAME labels_opt	{ $$ = node_add_all(NAMED(OTHERS, @$, $NAME), $labels_opt); }
;

/* Records ---------------------------------------------------------------------------------------- */

record:
  "record" NAME lacking_word refreshed_opt "key" slots record_lines
				{ $$ = node_add_all(with(numbered(NAMED(RECORD, @$, $NAME), $lacking_word),
					$refreshed_opt, node_add_all(MAKE(KEY, @slots), $slots), NULL), $record_lines); }
;

lacking_word:
  "closed"			{ $$ = 0; }
| "open"			{ $$ = 1; }
;

refreshed_opt:
  %empty			{ $$ = NULL; }
| refreshed
;

refreshed:
  "refreshed" "within" span	{ $$ = node_add(MAKE(REFRESHED, @$), $span); }
;

slots:
  slot				{ $$ = node_add(LIST(), $1); }
| slots ',' slot		{ $$ = node_add($1, $3); }
;

slot:
  NAME ':' type			{ $$ = node_add(NAMED(FIELD, @$, $NAME), $type); }
;

type:
  NAME lacking at_most		{ $$ = numbered(node_add(NAMED(TYPE, @$, $NAME), $at_most), $lacking ? $lacking->number : 0); }
| "set of" NAME lacking at_most	{ $$ = numbered(node_add(NAMED(TYPE, @$, $NAME), $at_most), TYPE_SET | ($lacking ? $lacking->number : 0)); }
| "ref" NAME lacking at_most	{ $$ = numbered(node_add(NAMED(TYPE, @$, $NAME), $at_most), TYPE_REF | ($lacking ? $lacking->number : 0)); }
;

lacking:
  %empty			{ $$ = NULL; }
| "or" "none"			{ $$ = numbered(MAKE(TYPE, @$), TYPE_OR_NONE); }
| "or" "open"			{ $$ = numbered(MAKE(TYPE, @$), TYPE_OR_OPEN); }
| "or" "unknown"		{ $$ = numbered(MAKE(TYPE, @$), TYPE_OR_UNKNOWN); }
;

at_most:
  %empty			{ $$ = NULL; }
| "at most" INT			{ $$ = NAMED(AT_MOST, @$, $INT); }
;

record_lines:
  %empty			{ $$ = LIST(); }
| record_lines record_line	{ $$ = node_add($1, $2); }
;

record_line:
  "field" slot			{ $$ = spanned($slot, @$); }
| "derive" NAME '=' path[a] "else" path[b]
				{ $$ = with(NAMED(DERIVE, @$, $NAME), $a, $b, NULL); }
| "valid" interval		{ $$ = node_add_all(MAKE(VALID, @$), $interval); }
| "must" cond			{ $$ = node_add(MAKE(MUST, @$), $cond); }
| "changed by" lone		{ $$ = node_add(MAKE(CHANGED, @$), $lone); }
| "changed by" lone "for" names	{ $$ = node_add_all(node_add(MAKE(CHANGED, @$), $lone), $names); }
| "shown to" NAME[audience] properties_opt
				{ $$ = node_add(NAMED(SHOWN, @$, $audience), $properties_opt); }
;

/* Requests --------------------------------------------------------------------------------------- */

request:
  "request" NAME "asks" labels "actions" names request_lines
				{ $$ = node_add_all(with(NAMED(REQUEST, @$, $NAME),
					node_add_all(MAKE(ASKS, @labels), $labels),
					node_add_all(MAKE(ACTIONS, @names), $names), NULL), $request_lines); }
;

request_lines:
  %empty			{ $$ = LIST(); }
| request_lines request_line	{ $$ = node_add($1, $2); }
;

request_line:
  given_found slot for_actions cites_opt
				{ $$ = $slot; $$->kind = $given_found; $$->span = @$;
				  node_add($$, $for_actions); node_add_all($$, $cites_opt); }
| "must" cond			{ $$ = node_add(MAKE(MUST, @$), $cond); }
| "answers" names		{ $$ = node_add_all(MAKE(ANSWERS, @$), $names); }
| "layer by" path		{ $$ = node_add(MAKE(LAYER, @$), $path); }
| "layer by" path "except" lone_names
				{ $$ = node_add_all(node_add(MAKE(LAYER, @$), $path), $lone_names); }
| "authzen" NAME[part] NAME[id] entity_type properties_opt
				{ $$ = with(NAMED(AUTHZEN, @$, $part), NAMED(NAME, @id, $id), $entity_type, $properties_opt); }
| "authzen" NAME[part] "with" names
				{ $$ = node_add(NAMED(AUTHZEN, @$, $part), node_add_all(MAKE(PROPERTIES, @names), $names)); }
;

entity_type:
  %empty			{ $$ = NULL; }
| STRING			{ $$ = NAMED(STRING, @$, $STRING); }
;

properties_opt:
  %empty			{ $$ = NULL; }
| "with" names			{ $$ = node_add_all(MAKE(PROPERTIES, @names), $names); }
;

given_found:
  "given"			{ $$ = N_GIVEN; }
| "found"			{ $$ = N_FOUND; }
;

for_actions:
  %empty			{ $$ = NULL; }
| "for" names			{ $$ = node_add_all(MAKE(FOR, @$), $names); }
;

lone_names:
  lone				{ $$ = node_add(LIST(), $1); }
| lone_names ',' lone		{ $$ = node_add($1, $3); }
;

lone:
  NAME				{ $$ = NAMED(NAME, @$, $NAME); }
| "none"			{ $$ = numbered(MAKE(WORD, @$), WORD_NONE); }
;

/* Sources ---------------------------------------------------------------------------------------- */

source:
  "source" NAME[name] NAME[kind] STRING force source_by source_title passages
				{ $$ = node_add_all(node_add(with(with(NAMED(SOURCE, @$, $name),
					NAMED(NAME, @kind, $kind), NAMED(STRING, @STRING, $STRING), $force),
					$source_by, $source_title, NULL), NULL), $passages); }
;

source_by:
  %empty			{ $$ = NULL; }
| "by" STRING			{ $$ = NAMED(BY, @$, $STRING); }
;

source_title:
  %empty			{ $$ = NULL; }
| "title" labels		{ $$ = node_add_all(MAKE(TITLE, @$), $labels); }
;

passages:
  %empty			{ $$ = LIST(); }
| passages "passage" STRING seen labels
				{ $$ = node_add($1, node_add_all(node_add(NAMED(PASSAGE, span_join(@2, @labels), $STRING), $seen), $labels)); }
;

seen:
  %empty			{ $$ = NULL; }
| "seen" "in" names		{ $$ = node_add_all(MAKE(SEEN, @$), $names); }
;

/* Values ----------------------------------------------------------------------------------------- */

setting:
  "set" NAME '=' set_value cites_opt rests
				{ $$ = node_add(node_add_all(node_add(NAMED(SET, @$, $NAME), $set_value), $cites_opt), $rests); }
;

set_value:
  value
| "every" NAME every_except	{ $$ = node_add_all(NAMED(EVERY, @$, $NAME), $every_except); }
;

every_except:
  %empty			{ $$ = NULL; }
| "except" operands		{ $$ = $operands; }
;

operands:
  operand			{ $$ = node_add(LIST(), $1); }
| operands ',' operand		{ $$ = node_add($1, $3); }
;

parameter:
  "parameter" NAME ':' type allows '=' value cites_opt says_opt
				{ $$ = node_add(node_add_all(with(NAMED(PARAMETER, @$, $NAME), $type, $allows,
					$value), $cites_opt), $says_opt); }
;

allows:
  %empty			{ $$ = NULL; }
| "allows" "any"		{ $$ = MAKE(ALLOWS, @$); }
| "allows" allowed_list		{ $$ = node_add_all(MAKE(ALLOWS, @$), $allowed_list); }
;

allowed_list:
  allowed			{ $$ = node_add(LIST(), $1); }
| allowed_list ',' allowed	{ $$ = node_add($1, $3); }
;

allowed:
  value				{ $$ = numbered(node_add(MAKE(RANGE, @$), $1), RANGE_ONE); }
| value ".."			{ $$ = numbered(node_add(MAKE(RANGE, @$), $1), RANGE_FROM); }
| value[a] ".." value[b]	{ $$ = numbered(with(MAKE(RANGE, @$), $a, $b, NULL), RANGE_BOTH); }
| ".." value			{ $$ = numbered(node_add(MAKE(RANGE, @$), $2), RANGE_TO); }
;

reading:
  "reading" NAME[name] "of" ref options "chosen" NAME[chosen] "on" DATE[on] "by" STRING[by] "because" STRING[why] settled
				{ $$ = with(node_add_all(node_add(NAMED(READING, @$, $name), $ref), $options),
					with(NAMED(CHOSEN, span_join(@6, @by), $chosen), NAMED(DATE, @on, $on),
					     NAMED(BY, @by, $by), NULL),
					NAMED(BECAUSE, @why, $why), $settled); }
;

options:
  option			{ $$ = node_add(LIST(), $1); }
| options option		{ $$ = node_add($1, $2); }
;

option:
  "option" NAME labels		{ $$ = node_add_all(NAMED(OPTION, @$, $NAME), $labels); }
;

settled:
  "unconfirmed"			{ $$ = MAKE(SETTLED, @$); }
| "confirmed" "on" DATE "by" STRING
				{ $$ = numbered(with(MAKE(SETTLED, @$), NAMED(DATE, @DATE, $DATE),
					NAMED(BY, @STRING, $STRING), NULL), 1); }
;

window:
  "window" NAME[name] "of" NAME[record] '=' interval
				{ $$ = node_add_all(node_add(NAMED(WINDOW, @$, $name), NAMED(NAME, @record, $record)), $interval); }
;

interval:
  '[' operand[a] ',' operand[b] ']'
				{ $$ = with(LIST(), $a, $b, NULL); }
;

link:
  "link" word '=' link_kind NAME '[' keys ']' at_most where
				{ $$ = with(with(numbered(NAMED(LINK, @$, $word), $link_kind),
					NAMED(NAME, @NAME, $NAME), spanned($keys, @keys), $at_most), $where, NULL, NULL); }
;

link_kind:
  "the"				{ $$ = LINK_THE; }
| "some"			{ $$ = LINK_SOME; }
| "each"			{ $$ = LINK_EACH; }
| "rows"			{ $$ = LINK_ROWS; }
;

keys:
  key				{ $$ = node_add(MAKE(KEYS, @$), $1); }
| keys ',' key			{ $$ = node_add($1, $3); }
;

key:
  path
| "each" path			{ $$ = node_add(MAKE(EACH, @$), $path); }
;

where:
  %empty			{ $$ = NULL; }
| "where" cond			{ $$ = node_add(MAKE(WHERE, @$), $cond); }
;

/* Determinations --------------------------------------------------------------------------------- */

define:
  "define" NAME[name] ':' NAME[set] cases
				{ $$ = node_add_all(node_add(NAMED(DEFINE, @$, $name), NAMED(NAME, @set, $set)), $cases); }
;

cases:
  case				{ $$ = node_add(LIST(), $1); }
| cases case			{ $$ = node_add($1, $2); }
;

case:
  "case" value "when" cond cites_opt unlesses
				{ $$ = node_add_all(node_add_all(with(MAKE(CASE, @$), $value, $cond, NULL), $cites_opt), $unlesses); }
| "case" value "otherwise" cites_opt unlesses
				{ $$ = node_add_all(node_add_all(with(MAKE(CASE, @$), $value, MAKE(OTHERWISE, @3), NULL), $cites_opt), $unlesses); }
;

unlesses:
  %empty			{ $$ = LIST(); }
| unlesses unless		{ $$ = node_add($1, $2); }
;

unless:
  "except" value "when" cond cites_opt
				{ $$ = node_add_all(with(MAKE(UNLESS, @$), $value, $cond, NULL), $cites_opt); }
;

table:
  "table" NAME[name] ':' path[row] ',' path[column] "->" NAME[values] blank cites_opt rests legend columns rows
				{ $$ = node_add_all(with(node_add(node_add_all(node_add(with(NAMED(TABLE, @$, $name), $row, $column,
					NAMED(NAME, @values, $values)), $blank), $cites_opt), $rests), $legend, $columns, NULL), $rows); }
| "table" NAME[name] ':' path[row] ',' path[column] "->" "at most" NAME[values] blank cites_opt rests legend columns rows
				{ $$ = numbered(node_add_all(with(node_add(node_add_all(node_add(with(NAMED(TABLE, @$, $name), $row, $column,
					NAMED(NAME, @values, $values)), $blank), $cites_opt), $rests), $legend, $columns, NULL), $rows), 1); }
;

blank:
  %empty			{ $$ = NULL; }
| "blank" value			{ $$ = node_add(MAKE(BLANK, @$), $value); }
;

legend:
  %empty			{ $$ = NULL; }
| "legend" meanings		{ $$ = node_add_all(MAKE(LEGEND, @$), $meanings); }
;

meanings:
  NAME '=' value		{ $$ = node_add(LIST(), node_add(NAMED(MEANING, @$, $NAME), $value)); }
| meanings ',' NAME '=' value	{ $$ = node_add($1, node_add(NAMED(MEANING, span_join(@NAME, @value), $NAME), $value)); }
;

columns:
  "columns" NAME		{ $$ = node_add(MAKE(COLUMNS, @$), NAMED(NAME, @NAME, $NAME)); }
| columns NAME			{ $$ = spanned(node_add($1, NAMED(NAME, @NAME, $NAME)), @$); }
;

rows:
  "row" NAME cells		{ $$ = node_add(LIST(), node_add_all(NAMED(ROW, @$, $NAME), $cells)); }
| rows "row" NAME cells		{ $$ = node_add($1, node_add_all(NAMED(ROW, span_join(@2, @cells), $NAME), $cells)); }
;

cells:
  cell				{ $$ = node_add(LIST(), $1); }
| cells cell			{ $$ = node_add($1, $2); }
;

cell:
  NAME				{ $$ = NAMED(CELL, @$, $NAME); }
| "yes"				{ $$ = numbered(MAKE(CELL, @$), WORD_YES); $$->text = TEXT("yes"); }
| "no"				{ $$ = numbered(MAKE(CELL, @$), WORD_NO); $$->text = TEXT("no"); }
| "none"			{ $$ = numbered(MAKE(CELL, @$), WORD_NONE); $$->text = TEXT("none"); }
| "pending"			{ $$ = numbered(MAKE(CELL, @$), WORD_PENDING); $$->text = TEXT("pending"); }
| '.'				{ $$ = MAKE(CELL, @$); $$->text = TEXT("."); }
;

condition:
  "cond" NAME "when" cond cites_opt says_opt
				{ $$ = node_add(node_add_all(node_add(NAMED(COND, @$, $NAME), $cond), $cites_opt), $says_opt); }
;

judgement:
  "judgement" NAME[name] "by" NAME[bearer] "per" paths "asks" labels
				{ $$ = with(NAMED(JUDGEMENT, @$, $name), NAMED(NAME, @bearer, $bearer),
					node_add_all(MAKE(PER, @paths), $paths), node_add_all(MAKE(ASKS, @labels), $labels)); }
;

paths:
  path				{ $$ = node_add(LIST(), $1); }
| paths ',' path		{ $$ = node_add($1, $3); }
;

/* Rules ------------------------------------------------------------------------------------------ */

rule:
  "rule" NAME effect "when" cond force_opt delegates rests cites_opt says_opt shown_opt
				{ $$ = numbered(NAMED(RULE, @$, $NAME), $effect->number);
				  node_add_all($$, $effect);
				  with($$, node_add(MAKE(WHEN, @cond), $cond), $force_opt, $delegates);
				  node_add($$, $rests); node_add_all($$, $cites_opt); node_add($$, $says_opt);
				  node_add($$, $shown_opt); }
;

effect:
  "grant" names			{ $$ = effect(node_add(LIST(), node_add_all(MAKE(ON, @names), $names)), VERB_GRANT); }
| "prohibit" names		{ $$ = effect(node_add(LIST(), node_add_all(MAKE(ON, @names), $names)), VERB_PROHIBIT); }
| "redact" names[what] "on" names[actions]
				{ $$ = effect(with(LIST(), node_add_all(MAKE(REDACT, @what), $what),
					node_add_all(MAKE(ON, @actions), $actions), NULL), VERB_REDACT); }
;

delegates:
  %empty			{ $$ = NULL; }
| "delegates" paths "where" cond "under" ref
				{ $$ = with(node_add_all(MAKE(DELEGATES, @$), $paths), node_add(MAKE(WHERE, @cond), $cond), $ref, NULL); }
;

exception:
  "exception" NAME "to" names verb actions_opt "when" cond force_opt cites_opt says_opt shown_opt
				{ $$ = numbered(NAMED(EXCEPTION, @$, $NAME), $verb);
				  with($$, node_add_all(MAKE(TO, @names), $names), $actions_opt, node_add(MAKE(WHEN, @cond), $cond));
				  node_add($$, $force_opt); node_add_all($$, $cites_opt); node_add($$, $says_opt);
				  node_add($$, $shown_opt); }
;

verb:
  "grant"			{ $$ = VERB_GRANT; }
| "withhold"			{ $$ = VERB_WITHHOLD; }
| "prohibit"			{ $$ = VERB_PROHIBIT; }
;

actions_opt:
  %empty			{ $$ = NULL; }
| names				{ $$ = node_add_all(MAKE(ON, @$), $1); }
;

widen:
  "widen" NAME "when" cond "under" ref cites_opt says_opt
				{ $$ = with(NAMED(WIDEN, @$, $NAME), node_add(MAKE(WHEN, @cond), $cond), $ref, NULL);
				  node_add_all($$, $cites_opt); node_add($$, $says_opt); }
;

duty:
  "duty" NAME[name] "of" NAME[bearer] "on" triggers due_when due keep rests cites_opt says_opt shown_opt
				{ $$ = node_add_all(node_add(NAMED(DUTY, @$, $name), NAMED(NAME, @bearer, $bearer)), $triggers);
				  with($$, $due_when, $due, $keep);
				  node_add($$, $rests); node_add_all($$, $cites_opt); node_add($$, $says_opt);
				  node_add($$, $shown_opt); }
;

%type <struct node *> due_when;
due_when:
  %empty			{ $$ = NULL; }
| "when" cond			{ $$ = node_add(MAKE(WHEN, @cond), $cond); }
;

triggers:
  trigger			{ $$ = node_add(LIST(), $1); }
| triggers ',' trigger		{ $$ = node_add($1, $3); }
;

trigger:
  NAME "granted"		{ $$ = numbered(NAMED(TRIGGER, @$, $NAME), ON_GRANTED); }
| NAME "denied"			{ $$ = numbered(NAMED(TRIGGER, @$, $NAME), ON_DENIED); }
| NAME "always"			{ $$ = numbered(NAMED(TRIGGER, @$, $NAME), ON_ALWAYS); }
| NAME "forbidden"		{ $$ = numbered(NAMED(TRIGGER, @$, $NAME), ON_FORBIDDEN); }
| NAME[action] "forbidden" "by" NAME[rule]
				{ $$ = numbered(node_add(NAMED(TRIGGER, @$, $action), NAMED(NAME, @rule, $rule)), ON_FORBIDDEN); }
;

due:
  %empty			{ $$ = NULL; }
| "due" operand			{ $$ = node_add(MAKE(DUE, @$), $operand); }
;

keep:
  %empty			{ $$ = NULL; }
| "keep" span			{ $$ = node_add(MAKE(KEEP, @$), $span); }
;

law:
  "law" NAME invariant cites_opt
				{ $$ = node_add_all(node_add(NAMED(LAW, @$, $NAME), $invariant), $cites_opt); }
;

invariant:
  "never" "when" cond		{ $$ = node_add(MAKE(NEVER, @$), node_add(MAKE(WHEN, @cond), $cond)); }
| "never" "granted" names "when" cond
				{ $$ = with(MAKE(NEVER, @$), node_add_all(MAKE(ON, @names), $names), node_add(MAKE(WHEN, @cond), $cond), NULL); }
| NAME "never" "asks" names	{ $$ = node_add_all(NAMED(NEVER_ASKS, @$, $NAME), $names); }
| "granted" names "with" givens[a] "implies" "granted" "with" givens[b]
				{ $$ = node_add(node_add_all(node_add(MAKE(IMPLIES, @$), node_add_all(MAKE(ON, @names), $names)), $a),
					node_add_all(MAKE(THAN, @b), $b)); }
;

silent:
  "silent" NAME "on" names "when" cond cites_opt says_opt
				{ $$ = with(NAMED(SILENT, @$, $NAME), node_add_all(MAKE(ON, @names), $names), node_add(MAKE(WHEN, @cond), $cond), NULL);
				  node_add_all($$, $cites_opt); node_add($$, $says_opt); }
;

example:
  "example" STRING steps	{ $$ = node_add_all(NAMED(EXAMPLE, @$, $STRING), $steps); }
;

steps:
  step				{ $$ = node_add(LIST(), $1); }
| steps step			{ $$ = node_add($1, $2); }
;

step:
  "ask" NAME step_day "with" givens "expect" outcome step_by
				{ $$ = node_add(node_add_all(node_add(numbered(NAMED(STEP, @$, $NAME), $outcome), $step_day), $givens), $step_by); }
;

step_day:
  %empty			{ $$ = NULL; }
| "on" DATE			{ $$ = NAMED(DATE, @DATE, $DATE); }
;

step_by:
  %empty			{ $$ = NULL; }
| "by" names			{ $$ = node_add_all(MAKE(BY_RULES, @$), $names); }
;

outcome:
  "granted"			{ $$ = WORD_GRANTED; }
| "forbidden"			{ $$ = WORD_FORBIDDEN; }
| "not granted"			{ $$ = WORD_NOT_GRANTED; }
| "undecided"			{ $$ = WORD_UNDECIDED; }
| "refused"			{ $$ = WORD_REFUSED; }
;

givens:
  given				{ $$ = node_add(LIST(), $1); }
| givens ',' given		{ $$ = node_add($1, $3); }
;

given:
  path '=' value		{ $$ = with(MAKE(GIVEN, @$), $path, $value, NULL); }
| path "is" phase		{ $$ = with(MAKE(GIVEN, @$), $path, numbered(MAKE(PHASE, @phase), $phase), NULL); }
;

/* Conditions ------------------------------------------------------------------------------------- */

cond:
  atom
| ands				{ $$ = spanned($1, @$); }
| ors				{ $$ = spanned($1, @$); }
;

ands:
  atom[a] "and" atom[b]		{ $$ = with(MAKE(AND, @$), $a, $b, NULL); }
| ands "and" atom		{ $$ = node_add($1, $3); }
;

ors:
  atom[a] "or" atom[b]		{ $$ = with(MAKE(OR, @$), $a, $b, NULL); }
| ors "or" atom			{ $$ = node_add($1, $3); }
;

atom:
  '(' cond ')'			{ $$ = $cond; }
| "not" atom			{ $$ = node_add(MAKE(NOT, @$), $2); }
| quantified
| operand			{ $$ = numbered(node_add(MAKE(TEST, @$), $1), TEST_BARE); }
| operand test			{ $$ = spanned($test, @$);
				  $operand->next = $test->first;
				  if (!$test->first)
					$test->last = $operand;
				  $test->first = $operand; }
| order operand			{ $$ = numbered(node_add(MAKE(TEST, @$), $operand), $order); }
| within inside			{ $$ = numbered(node_add(MAKE(TEST, @$), $inside), TEST_WITHIN); }
| "reading" NAME[name] "is" NAME[option]
				{ $$ = node_add(NAMED(READS, @$, $name), NAMED(NAME, @option, $option)); }
;

quantified:
  quantity word			{ $$ = numbered(NAMED(SOME, @$, $word), $quantity); }
| quantity word "is" phase	{ $$ = numbered(node_add(NAMED(SOME, @$, $word), numbered(MAKE(PHASE, @phase), $phase)), $quantity); }
| quantity word "with" '(' cond ')'
				{ $$ = numbered(node_add(NAMED(SOME, @$, $word), $cond), $quantity); }
;

quantity:
  "some"			{ $$ = 0; }
| "no"				{ $$ = 1; }
;

test:
  '=' value			{ $$ = numbered(node_add(MAKE(TEST, @$), $value), TEST_EQ); }
| "!=" value			{ $$ = numbered(node_add(MAKE(TEST, @$), $value), TEST_NE); }
| "in" operand			{ $$ = numbered(node_add(MAKE(TEST, @$), $operand), TEST_IN); }
| "not in" operand		{ $$ = numbered(node_add(MAKE(TEST, @$), $operand), TEST_NOT_IN); }
| "overlaps" operand		{ $$ = numbered(node_add(MAKE(TEST, @$), $operand), TEST_OVERLAPS); }
| "has" NAME			{ $$ = numbered(node_add(MAKE(TEST, @$), NAMED(NAME, @NAME, $NAME)), TEST_HAS); }
| "is" phase			{ $$ = numbered(node_add(MAKE(TEST, @$), numbered(MAKE(PHASE, @phase), $phase)), TEST_IS_PHASE); }
| "is" "not" phase		{ $$ = numbered(node_add(MAKE(TEST, @$), numbered(MAKE(PHASE, @phase), -$phase)), TEST_IS_PHASE); }
| "is" "missing"		{ $$ = numbered(MAKE(TEST, @$), TEST_MISSING); }
| "exists"			{ $$ = numbered(MAKE(TEST, @$), TEST_EXISTS); }
| order operand			{ $$ = numbered(node_add(MAKE(TEST, @$), $operand), $order); }
| within inside			{ $$ = numbered(node_add(MAKE(TEST, @$), $inside), TEST_WITHIN); }
;

order:
  "before"			{ $$ = TEST_BEFORE; }
| "after"			{ $$ = TEST_AFTER; }
| "on or after"			{ $$ = TEST_ON_OR_AFTER; }
;

within:
  "within"			{ $$ = @$; }
;

inside:
  path				{ $$ = node_add(MAKE(WITHIN, @$), $path); }
| path "of" word		{ $$ = with(MAKE(WITHIN, @$), $path, NAMED(NAME, @word, $word), NULL); }
;

phase:
  "coming"			{ $$ = PHASE_COMING; }
| "current"			{ $$ = PHASE_CURRENT; }
| "past"			{ $$ = PHASE_PAST; }
;

value:
  operand
| word_value
;

word_value:
  "none"			{ $$ = numbered(MAKE(WORD, @$), WORD_NONE); }
| "open"			{ $$ = numbered(MAKE(WORD, @$), WORD_OPEN); }
| "unknown"			{ $$ = numbered(MAKE(WORD, @$), WORD_UNKNOWN); }
| "pending"			{ $$ = numbered(MAKE(WORD, @$), WORD_PENDING); }
| "yes"				{ $$ = numbered(MAKE(WORD, @$), WORD_YES); }
| "no"				{ $$ = numbered(MAKE(WORD, @$), WORD_NO); }
;

operand:
  primary
| primary '+' span		{ $$ = numbered(with(MAKE(SHIFT, @$), $primary, $span, NULL), 1); }
| primary '-' span		{ $$ = numbered(with(MAKE(SHIFT, @$), $primary, $span, NULL), -1); }
| primary '+' NAME		{ $$ = numbered(with(MAKE(SHIFT, @$), $primary, NAMED(NAME, @NAME, $NAME), NULL), 1); }
| primary '-' NAME		{ $$ = numbered(with(MAKE(SHIFT, @$), $primary, NAMED(NAME, @NAME, $NAME), NULL), -1); }
;

primary:
  path
| DATE				{ $$ = NAMED(DATE, @$, $DATE); $$->text = (struct text){ 0 }; }
| span
| braces
| NAME '[' path[a] ',' path[b] ']'
				{ $$ = with(NAMED(LOOKUP, @$, $NAME), $a, $b, NULL); }
| "earliest of" '(' operands ')'
				{ $$ = node_add_all(MAKE(EARLIEST, @$), $operands); }
| "latest of" '(' operands ')'	{ $$ = node_add_all(MAKE(LATEST, @$), $operands); }
;

braces:
  '{' '}'			{ $$ = MAKE(BRACES, @$); }
| '{' names '}'			{ $$ = node_add_all(MAKE(BRACES, @$), $names); }
;

span:
  INT "day"			{ $$ = numbered(MAKE(DURATION, @$), $INT.number); $$->text = TEXT("days"); }
| INT "days"			{ $$ = numbered(MAKE(DURATION, @$), $INT.number); $$->text = TEXT("days"); }
| INT "month"			{ $$ = numbered(MAKE(DURATION, @$), $INT.number); $$->text = TEXT("months"); }
| INT "months"			{ $$ = numbered(MAKE(DURATION, @$), $INT.number); $$->text = TEXT("months"); }
| INT "year"			{ $$ = numbered(MAKE(DURATION, @$), $INT.number * 12); $$->text = TEXT("months"); }
| INT "years"			{ $$ = numbered(MAKE(DURATION, @$), $INT.number * 12); $$->text = TEXT("months"); }
;

/* Clauses ---------------------------------------------------------------------------------------- */

force_opt:
  %empty			{ $$ = NULL; }
| force
;

force:
  "in force" moment		{ $$ = node_add(MAKE(FORCE, @$), $moment); }
| "in force" moment ".."	{ $$ = numbered(node_add(MAKE(FORCE, @$), $moment), 1); }
| "in force" moment[a] ".." moment[b]
				{ $$ = numbered(with(MAKE(FORCE, @$), $a, $b, NULL), 1); }
;

moment:
  DATE				{ $$ = NAMED(DATE, @$, $DATE); $$->text = (struct text){ 0 }; }
| "pending"			{ $$ = numbered(MAKE(WORD, @$), WORD_PENDING); }
;

rests:
  %empty			{ $$ = NULL; }
| "rests on" NAME		{ $$ = NAMED(RESTS, @$, $NAME); }
;

cites_opt:
  %empty			{ $$ = NULL; }
| cites
;

cites:
  "cite" refs see		{ $$ = with(LIST(), node_add_all(MAKE(CITE, @refs), $refs), $see, NULL); }
;

see:
  %empty			{ $$ = NULL; }
| "see" refs			{ $$ = node_add_all(MAKE(SEE, @$), $refs); }
;

refs:
  ref				{ $$ = node_add(LIST(), $1); }
| refs ',' ref			{ $$ = node_add($1, $3); }
;

ref:
  NAME STRING			{ $$ = node_add(NAMED(REF, @$, $NAME), NAMED(STRING, @STRING, $STRING)); }
;

says_opt:
  %empty			{ $$ = NULL; }
| says
;

says:
  "says" labels			{ $$ = node_add_all(MAKE(SAYS, @$), $labels); }
;

%type <struct node *> shown_opt;
shown_opt:
  %empty			{ $$ = NULL; }
| "shown to" NAME[audience]	{ $$ = NAMED(SHOWN, @$, $audience); }
;

labels_opt:
  %empty			{ $$ = LIST(); }
| labels
;

labels:
  label				{ $$ = node_add(LIST(), $1); }
| labels label			{ $$ = node_add($1, $2); }
;

label:
  "fi" STRING			{ $$ = NAMED(LABEL, @$, $STRING); $$->number = LANG_FI; }
| "sv" STRING			{ $$ = NAMED(LABEL, @$, $STRING); $$->number = LANG_SV; }
| "en" STRING			{ $$ = NAMED(LABEL, @$, $STRING); $$->number = LANG_EN; }
;

path:
  word				{ $$ = node_add(MAKE(PATH, @$), NAMED(NAME, @word, $word)); }
| path '.' NAME			{ $$ = spanned(node_add($1, NAMED(NAME, @NAME, $NAME)), @$); }
;

word:
  NAME
| GRANT
;

names:
  name_list			{ $$ = $1; }
;

name_list:
  NAME				{ $$ = node_add(LIST(), NAMED(NAME, @NAME, $NAME)); }
| name_list ',' NAME		{ $$ = node_add($1, NAMED(NAME, @NAME, $NAME)); }
;

%%

#include "dsl/syntax/parse_driver.h"
