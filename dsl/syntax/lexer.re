/* SPDX-License-Identifier: EUPL-1.2 */
#include "dsl/syntax/lexer.h"

#include <stddef.h>

#include "dsl/syntax/ast.h"
#include "grammar.h"

void lexer_init(struct lexer *lexer, uint32_t source, struct text text)
{
	*lexer = (struct lexer){ .source = source, .text = text, .line_begins = true };
}

/*
 * Words of two parts are one token with white space between. `in force` must not take the head of a longer name,
 * so each has a longer rule, with a `tail` that goes on as a name does: it wins where there is such a name, and
 * gives the first word alone. Nothing is asked of what else follows: a comment, a sign or the end of the text.
 */
static int scan(struct lexer *lexer, uint32_t *ret_from)
{
	const char *const base = lexer->text.at;
	const char *const limit = base + lexer->text.len;
	const char *cursor = base + lexer->at;
	const char *marker = cursor, *start;

	/*!re2c
	re2c:define:YYCTYPE = "unsigned char";
	re2c:define:YYCURSOR = cursor;
	re2c:define:YYMARKER = marker;
	re2c:define:YYLIMIT = limit;
	re2c:yyfill:enable = 0;
	re2c:eof = 0;
	re2c:encoding:utf8 = 1;
	*/

again:
	start = cursor;
	*ret_from = (uint32_t)(start - base);
#define GIVE(kind) \
	do { \
		lexer->at = (uint32_t)(cursor - base); \
		return (kind); \
	} while (0)
	/* The first word only: what follows stays. */
#define GIVE_FIRST(word, kind) \
	do { \
		cursor = start + sizeof(word) - 1; \
		GIVE(kind); \
	} while (0)

	/*!re2c
	/* å ä ö by number: re2c reads its own input byte by byte. */
	finnish = [\u00c5\u00c4\u00d6\u00e5\u00e4\u00f6];
	letter = [A-Za-z] | finnish;
	digit = [0-9];
	inner = letter | digit | "_";
	name = letter inner* ("-" inner+)*;
	gap = [ \t\r\n]+;
	tail = "-"? inner;

	$ { GIVE(LEX_END); }
	* { GIVE(LEX_BAD_BYTE); }
	[\x80-\U0010ffff] { GIVE(LEX_BAD_BYTE); }
	"\r"? "\n" { lexer->line_begins = true; lexer->breaks++; goto again; }
	[ \t]+ { goto again; }
	"--" [^\n\r]* {
		if (!lexer->trivia)
			goto again;
		GIVE(LEX_COMMENT);
	}

	"in" gap "force" { GIVE(TOK_IN_FORCE); }
	"in" gap "force" tail { GIVE_FIRST("in", TOK_IN); }
	"not" gap "in" { GIVE(TOK_NOT_IN); }
	"not" gap "in" tail { GIVE_FIRST("not", TOK_NOT); }
	"on" gap "or" gap "after" { GIVE(TOK_ON_OR_AFTER); }
	"on" gap "or" gap "after" tail { GIVE_FIRST("on", TOK_ON); }
	"set" gap "of" { GIVE(TOK_SET_OF); }
	"set" gap "of" tail { GIVE_FIRST("set", TOK_SET); }
	"at" gap "most" { GIVE(TOK_AT_MOST); }
	"at" gap "most" tail { GIVE_FIRST("at", TOK_NAME); }
	"earliest" gap "of" { GIVE(TOK_EARLIEST_OF); }
	"earliest" gap "of" tail { GIVE_FIRST("earliest", TOK_NAME); }
	"latest" gap "of" { GIVE(TOK_LATEST_OF); }
	"latest" gap "of" tail { GIVE_FIRST("latest", TOK_NAME); }
	"layer" gap "by" { GIVE(TOK_LAYER_BY); }
	"changed" gap "by" { GIVE(TOK_CHANGED_BY); }
	"layer" gap "by" tail { GIVE_FIRST("layer", TOK_NAME); }
	"shown" gap "to" { GIVE(TOK_SHOWN_TO); }
	"shown" gap "to" tail { GIVE_FIRST("shown", TOK_NAME); }
	"rests" gap "on" { GIVE(TOK_RESTS_ON); }
	"rests" gap "on" tail { GIVE_FIRST("rests", TOK_NAME); }
	"not" gap "granted" { GIVE(TOK_NOT_GRANTED); }
	"not" gap "granted" tail { GIVE_FIRST("not", TOK_NOT); }

	"actions" { GIVE(TOK_ACTIONS); }
	"after" { GIVE(TOK_AFTER); }
	"allows" { GIVE(TOK_ALLOWS); }
	"always" { GIVE(TOK_ALWAYS); }
	"and" { GIVE(TOK_AND); }
	"answers" { GIVE(TOK_ANSWERS); }
	"any" { GIVE(TOK_ANY); }
	"ask" { GIVE(TOK_ASK); }
	"asks" { GIVE(TOK_ASKS); }
	"authzen" { GIVE(TOK_AUTHZEN); }
	"because" { GIVE(TOK_BECAUSE); }
	"before" { GIVE(TOK_BEFORE); }
	"blank" { GIVE(TOK_BLANK); }
	"by" { GIVE(TOK_BY); }
	"case" { GIVE(TOK_CASE); }
	"chapter" { GIVE(TOK_CHAPTER); }
	"chosen" { GIVE(TOK_CHOSEN); }
	"cite" { GIVE(TOK_CITE); }
	"closed" { GIVE(TOK_CLOSED); }
	"codes" { GIVE(TOK_CODES); }
	"columns" { GIVE(TOK_COLUMNS); }
	"coming" { GIVE(TOK_COMING); }
	"cond" { GIVE(TOK_COND); }
	"confirmed" { GIVE(TOK_CONFIRMED); }
	"current" { GIVE(TOK_CURRENT); }
	"day" { GIVE(TOK_DAY); }
	"days" { GIVE(TOK_DAYS); }
	"define" { GIVE(TOK_DEFINE); }
	"delegates" { GIVE(TOK_DELEGATES); }
	"denied" { GIVE(TOK_DENIED); }
	"derive" { GIVE(TOK_DERIVE); }
	"due" { GIVE(TOK_DUE); }
	"duty" { GIVE(TOK_DUTY); }
	"each" { GIVE(TOK_EACH); }
	"else" { GIVE(TOK_ELSE); }
	"en" { GIVE(TOK_EN); }
	"every" { GIVE(TOK_EVERY); }
	"example" { GIVE(TOK_EXAMPLE); }
	"except" { GIVE(TOK_EXCEPT); }
	"exception" { GIVE(TOK_EXCEPTION); }
	"exists" { GIVE(TOK_EXISTS); }
	"expect" { GIVE(TOK_EXPECT); }
	"fi" { GIVE(TOK_FI); }
	"field" { GIVE(TOK_FIELD); }
	"for" { GIVE(TOK_FOR); }
	"forbidden" { GIVE(TOK_FORBIDDEN); }
	"found" { GIVE(TOK_FOUND); }
	"given" { GIVE(TOK_GIVEN); }
	"grant" { GIVE(TOK_GRANT); }
	"granted" { GIVE(TOK_GRANTED); }
	"has" { GIVE(TOK_HAS); }
	"implies" { GIVE(TOK_IMPLIES); }
	"in" { GIVE(TOK_IN); }
	"is" { GIVE(TOK_IS); }
	"judgement" { GIVE(TOK_JUDGEMENT); }
	"keep" { GIVE(TOK_KEEP); }
	"key" { GIVE(TOK_KEY); }
	"law" { GIVE(TOK_LAW); }
	"legend" { GIVE(TOK_LEGEND); }
	"link" { GIVE(TOK_LINK); }
	"missing" { GIVE(TOK_MISSING); }
	"month" { GIVE(TOK_MONTH); }
	"months" { GIVE(TOK_MONTHS); }
	"must" { GIVE(TOK_MUST); }
	"never" { GIVE(TOK_NEVER); }
	"no" { GIVE(TOK_NO); }
	"none" { GIVE(TOK_NONE); }
	"not" { GIVE(TOK_NOT); }
	"of" { GIVE(TOK_OF); }
	"official" { GIVE(TOK_OFFICIAL); }
	"on" { GIVE(TOK_ON); }
	"open" { GIVE(TOK_OPEN); }
	"option" { GIVE(TOK_OPTION); }
	"or" { GIVE(TOK_OR); }
	"others" { GIVE(TOK_OTHERS); }
	"otherwise" { GIVE(TOK_OTHERWISE); }
	"overlaps" { GIVE(TOK_OVERLAPS); }
	"overlay" { GIVE(TOK_OVERLAY); }
	"parameter" { GIVE(TOK_PARAMETER); }
	"passage" { GIVE(TOK_PASSAGE); }
	"past" { GIVE(TOK_PAST); }
	"pending" { GIVE(TOK_PENDING); }
	"per" { GIVE(TOK_PER); }
	"phrase" { GIVE(TOK_PHRASE); }
	"policy" { GIVE(TOK_POLICY); }
	"prohibit" { GIVE(TOK_PROHIBIT); }
	"reading" { GIVE(TOK_READING); }
	"record" { GIVE(TOK_RECORD); }
	"redact" { GIVE(TOK_REDACT); }
	"ref" { GIVE(TOK_REF); }
	"refreshed" { GIVE(TOK_REFRESHED); }
	"refused" { GIVE(TOK_REFUSED); }
	"request" { GIVE(TOK_REQUEST); }
	"row" { GIVE(TOK_ROW); }
	"rows" { GIVE(TOK_ROWS); }
	"rule" { GIVE(TOK_RULE); }
	"says" { GIVE(TOK_SAYS); }
	"see" { GIVE(TOK_SEE); }
	"seen" { GIVE(TOK_SEEN); }
	"set" { GIVE(TOK_SET); }
	"silent" { GIVE(TOK_SILENT); }
	"some" { GIVE(TOK_SOME); }
	"source" { GIVE(TOK_SOURCE); }
	"sv" { GIVE(TOK_SV); }
	"table" { GIVE(TOK_TABLE); }
	"the" { GIVE(TOK_THE); }
	"title" { GIVE(TOK_TITLE); }
	"to" { GIVE(TOK_TO); }
	"translation" { GIVE(TOK_TRANSLATION); }
	"unconfirmed" { GIVE(TOK_UNCONFIRMED); }
	"undecided" { GIVE(TOK_UNDECIDED); }
	"under" { GIVE(TOK_UNDER); }
	"unknown" { GIVE(TOK_UNKNOWN); }
	"uses" { GIVE(TOK_USES); }
	"valid" { GIVE(TOK_VALID); }
	"version" { GIVE(TOK_VERSION); }
	"vocabulary" { GIVE(TOK_VOCABULARY); }
	"when" { GIVE(TOK_WHEN); }
	"where" { GIVE(TOK_WHERE); }
	"widen" { GIVE(TOK_WIDEN); }
	"window" { GIVE(TOK_WINDOW); }
	"with" { GIVE(TOK_WITH); }
	"withhold" { GIVE(TOK_WITHHOLD); }
	"within" { GIVE(TOK_WITHIN); }
	"year" { GIVE(TOK_YEAR); }
	"years" { GIVE(TOK_YEARS); }
	"yes" { GIVE(TOK_YES); }

	name { GIVE(TOK_NAME); }
	digit{4} "-" digit{2} "-" digit{2} { GIVE(TOK_DATE); }
	digit{4} "-" digit{2} "-" digit{2} inner+ { GIVE(LEX_BAD_NUMBER); }
	digit+ "-" digit+ "-" digit+ | digit+ "." digit+ "." digit+ | digit+ "/" digit+ "/" digit+ { GIVE(LEX_BAD_DATE); }
	digit+ { GIVE(TOK_INT); }
	digit+ (letter | "_") inner* ("-" inner+)* { GIVE(LEX_BAD_NUMBER); }
	["] [^"\n\r\x00]* ["] { GIVE(TOK_STRING); }
	["] [^"\n\r\x00]* { GIVE(LEX_OPEN_STRING); }
	"!=" { GIVE(TOK_NE); }
	"->" { GIVE(TOK_ARROW); }
	".." { GIVE(TOK_DOTS); }
	[=,:()[\]{}+.\-] { GIVE((unsigned char)*start); }
	*/
#undef GIVE
#undef GIVE_FIRST
}

static int64_t to_number(struct text text)
{
	int64_t number = 0;

	for (size_t i = 0; i < text.len; i++)
		number = number * 10 + (text.at[i] - '0');
	return number;
}

void lexer_next(struct lexer *lexer, struct token *ret_token)
{
	struct token token = { 0 };
	uint32_t from;
	day_t day;

	lexer->breaks = 0;
	token.kind = scan(lexer, &from);
	token.span = (struct span){ lexer->source, from, lexer->at - from };
	token.text = (struct text){ lexer->text.at + from, lexer->at - from };
	token.first = lexer->line_begins;
	lexer->line_begins = false;
	switch (token.kind) {
	case TOK_STRING:
		token.text = (struct text){ token.text.at + 1, token.text.len - 2 };
		break;
	case TOK_INT:
		if (token.text.len > 9)
			token.kind = LEX_LARGE_NUMBER;
		else
			token.number = to_number(token.text);
		break;
	case TOK_DATE:
		if (day_parse(token.text, &day))
			token.number = day;
		else
			token.kind = LEX_BAD_DATE;
		break;
	}
	*ret_token = token;
}

bool token_begins_statement(int kind)
{
	switch (kind) {
	case TOK_VOCABULARY:
	case TOK_POLICY:
	case TOK_OVERLAY:
	case TOK_TRANSLATION:
	case TOK_CHAPTER:
	case TOK_PHRASE:
	case TOK_CODES:
	case TOK_RECORD:
	case TOK_REQUEST:
	case TOK_SOURCE:
	case TOK_SET:
	case TOK_PARAMETER:
	case TOK_READING:
	case TOK_WINDOW:
	case TOK_LINK:
	case TOK_DEFINE:
	case TOK_TABLE:
	case TOK_COND:
	case TOK_JUDGEMENT:
	case TOK_RULE:
	case TOK_EXCEPTION:
	case TOK_WIDEN:
	case TOK_DUTY:
	case TOK_LAW:
	case TOK_SILENT:
	case TOK_EXAMPLE:
		return true;
	}
	return false;
}
