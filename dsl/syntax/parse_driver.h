/* SPDX-License-Identifier: EUPL-1.2 */
/* What the generated parser needs beside its actions. Included by grammar.y only, at its end. */

#include "dsl/syntax/parse_advice.h"

/* At most `most` bytes of what was written, cut between characters. */
static struct text shown(struct text text, size_t most)
{
	if (text.len <= most)
		return text;
	while (most && ((unsigned char)text.at[most] & 0xc0) == 0x80)
		most--;
	return (struct text){ text.at, most };
}

/* Whether a word is one of those that stand in a list, with one space between. */
static bool has_word(const char *list, struct text word)
{
	for (const char *at = list, *end; *at; at = *end ? end + 1 : end) {
		end = strchrnul(at, ' ');
		if (text_equal((struct text){ at, (size_t)(end - at) }, word))
			return true;
	}
	return false;
}

static const char NAMES_USE[] = "names use letters a–z å ä ö, digits, _ and - between them";

/* What to write instead of a sign that has no meaning. */
static const char *instead_of(struct text sign)
{
	static const struct {
		const char *signs, *help;
	} known[] = {
		{ "“ ” „ « » ‘ ’ '", "a text stands between two straight quotes: \"…\"" },
		{ "<> ≠", "what is another is asked with !=" },
		{ "< > <= >= => =< ≤ ≥", "dates are compared with `before`, `after` and `on or after`" },
		{ "& && | ||", "conditions are joined with `and` and `or`" },
		{ "!", "write `not`, or `!=` between two things" },
		{ "# / // * /* */", "a comment begins with --" },
		{ "– — −", "parts of a name are joined with a hyphen -, and a comment begins with --" },
		{ ";", "nothing stands between statements or behind them: delete it" },
		{ "§ % €", "such a sign stands only inside a text: \"…\"" },
		{ "\u00a0 \u2007 \u2009 \u202f", "it looks like a space: delete it and type a space" },
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0] && sign.len; i++)
		if (has_word(known[i].signs, sign))
			return known[i].help;
	return NAMES_USE;
}

static void report_date(struct parser *parser, const struct token *token)
{
	struct text text = shown(token->text, 40);
	struct diag *diag = diag_add(parser->diags, DIAG_BAD_DATE, token->span, "there is no date %.*s%s",
				     TEXT_ARG(text), text.len < token->text.len ? "…" : "");
	char copy[16], meant[40];
	int a, b, c, end = 0;
	day_t day;

	snprintf(copy, sizeof copy, "%.*s", TEXT_ARG(text));
	if (text.len < sizeof copy && sscanf(copy, "%4d%*[-./]%2d%*[-./]%4d%n", &a, &b, &c, &end) == 3 && !copy[end]) {
		bool day_first = memchr(copy, '.', text.len);

		snprintf(meant, sizeof meant, "%04d-%02d-%02d", day_first ? c : a, b, day_first ? a : c);
		if (day_parse(text_from(meant), &day)) {
			diag_fix(parser->diags, diag, token->span, text_copy(parser->arena, text_from(meant)),
				 "write `%s`: year, month, day", meant);
			return;
		}
		if (!day_first && a >= 1900 && a < 2200 && b >= 1 && b <= 12 && c > 28 && c <= 31) {
			while (!day_parse(text_from(meant), &day))
				snprintf(meant, sizeof meant, "%04d-%02d-%02d", a, b, --c);
			diag_help(parser->diags, diag, "that month has %d days", c);
			return;
		}
	}
	diag_help(parser->diags, diag, "a date is written 2026-06-15 and lies between 1900-01-01 and 2199-12-31");
}

/* Where a line ends that begins at or before `at`. */
static uint32_t line_end(const struct parser *parser, uint32_t at)
{
	const char *end = memchr(parser->lexer.text.at + at, '\n', parser->lexer.text.len - at);

	return end ? (uint32_t)(end - parser->lexer.text.at) : (uint32_t)parser->lexer.text.len;
}

/* The quotes in a line from `at`. */
static unsigned quotes_in(const struct parser *parser, uint32_t at, uint32_t end)
{
	unsigned count = 0;

	for (; at < end; at++)
		count += parser->lexer.text.at[at] == '"';
	return count;
}

/* A text that was written over lines: goes on behind its end, so that its words are not read as the language. */
static void skip_rest_of_text(struct parser *parser)
{
	enum { LINES = 4 };
	uint32_t at = parser->lexer.at;

	for (int i = 0; i < LINES && at < parser->lexer.text.len; i++) {
		uint32_t begin = line_end(parser, at) + 1, end;

		if (begin >= parser->lexer.text.len)
			return;
		end = line_end(parser, begin);
		if (quotes_in(parser, begin, end) % 2) {
			const char *quote = memchr(parser->lexer.text.at + begin, '"', end - begin);

			parser->lexer.at = (uint32_t)(quote - parser->lexer.text.at) + 1;
			return;
		}
		if (quotes_in(parser, begin, end) || begin == end)
			return;
		at = begin;
	}
}

/* Whether the character is a quote of a text processor. */
static bool is_fancy_quote(struct text sign)
{
	return has_word("“ ” „ « » ‘ ’ '", sign);
}

/* A text between quotes of another form, on one line: makes it a text. */
static bool take_fancy_text(struct parser *parser, struct token *token)
{
	const char *base = parser->lexer.text.at;
	uint32_t from = token->span.at + token->span.len, end = line_end(parser, from);

	if (!is_fancy_quote(token->text))
		return false;
	for (uint32_t at = from; at < end;) {
		size_t len = text_character(base + at, end - at);
		struct text sign = { base + at, len ? len : 1 };

		if (is_fancy_quote(sign) || *sign.at == '"') {
			token->kind = TOK_STRING;
			token->text = (struct text){ base + from, at - from };
			parser->lexer.at = at + (uint32_t)sign.len;
			token->span.len = parser->lexer.at - token->span.at;
			return true;
		}
		at += (uint32_t)sign.len;
	}
	return false;
}

/* Signs that belong together, such as >=, are one. */
static void join_signs(struct parser *parser, struct token *token)
{
	const char *const base = parser->lexer.text.at;

	if (!strchr("<>&|/*", *token->text.at))
		return;
	while (parser->lexer.at < parser->lexer.text.len && strchr("<>=&|/*", base[parser->lexer.at]) &&
	       token->text.len < 2)
		token->text.len++, token->span.len++, parser->lexer.at++;
}

/* A sign that has no meaning. Of several in a line that call for the same, one is reported. True when it became a text. */
static bool fault_sign(struct parser *parser, struct token *token)
{
	const char *const base = parser->lexer.text.at;
	const char *line = memrchr(base, '\n', token->span.at);
	uint32_t line_at = line ? (uint32_t)(line - base) + 1 : 0;
	const char *help;
	bool text, blank;
	struct diag *diag;

	join_signs(parser, token);
	help = instead_of(token->text);
	blank = has_word("\u00a0 \u2007 \u2009 \u202f", token->text);
	if (parser->skip && on_one_line(parser, parser->ahead.span.at, token->span.at))
		return false;	/* behind an error in the same line */
	if (parser->sign_line != line_at + 1 || parser->sign_help != help || help == NAMES_USE) {
		parser->sign_line = line_at + 1;
		parser->sign_help = help;
		if (blank)
			diag = diag_add(parser->diags, DIAG_BAD_CHARACTER, token->span,
					"here stands a no-break space, as text processors make them");
		else
			diag = diag_add(parser->diags, DIAG_BAD_CHARACTER, token->span,
					"`%.*s` has no meaning here", TEXT_ARG(token->text));
		diag_help(parser->diags, diag, "%s", help);
	}
	text = take_fancy_text(parser, token);
	if (!text && token->first && has_word("# // /* — –", token->text))
		parser->lexer.at = line_end(parser, token->span.at);
	if (token->first && !text)
		parser->lexer.line_begins = true;
	return text;
}

/*
 * Reports a fault of the lexer and makes the token what it was meant to be, so that one slip is not reported
 * twice. False when it is nothing at all and is left out.
 */
static bool fault(struct parser *parser, struct token *token)
{
	struct diags *diags = parser->diags;
	struct diag *diag;
	const struct text text = shown(token->text, 40);
	const char *more = text.len < token->text.len ? "…" : "";

	switch (token->kind) {
	case LEX_BAD_NUMBER:
		diag = diag_add(diags, DIAG_BAD_NUMBER, token->span,
				"`%.*s%s` is neither a number nor a name", TEXT_ARG(text), more);
		diag_help(diags, diag, "a name begins with a letter; a date is written 2026-06-15");
		token->kind = token->text.len > 10 && token->text.at[4] == '-' ? TOK_DATE : TOK_NAME;
		return true;
	case LEX_BAD_DATE:
		report_date(parser, token);
		token->kind = TOK_DATE;
		return true;
	case LEX_OPEN_STRING:
		diag = diag_add(diags, DIAG_OPEN_STRING, token->span,
				"this text in quotes does not end on its line");
		diag_help(diags, diag, "close it with \"; inside a text, quote with ” or »");
		token->kind = TOK_STRING;
		token->text = (struct text){ token->text.at + 1, token->text.len - 1 };
		skip_rest_of_text(parser);
		return true;
	case LEX_LARGE_NUMBER:
		diag_add(diags, DIAG_BAD_NUMBER, token->span, "the number %.*s%s is too large", TEXT_ARG(text),
			 more);
		token->kind = TOK_INT;
		return true;
	default:
		return fault_sign(parser, token);
	}
}

/* Names and texts have bounds; what exceeds them is reported and used all the same. */
static void check_length(struct parser *parser, const struct token *token)
{
	if (token->kind == TOK_NAME && token->text.len > LIMIT_NAME_BYTES)
		diag_add(parser->diags, DIAG_LIMIT_NAME, token->span,
			 "this name has %zu bytes; at most %d are allowed", token->text.len,
			 LIMIT_NAME_BYTES);
	if (token->kind == TOK_STRING && token->text.len > LIMIT_STRING_BYTES)
		diag_add(parser->diags, DIAG_LIMIT_STRING, token->span,
			 "this text has %zu bytes; at most %d are allowed", token->text.len,
			 LIMIT_STRING_BYTES);
}

static void stop(struct parser *parser)
{
	parser->stopped = true;
	parser->lexer.at = (uint32_t)parser->lexer.text.len;
}

static void check_size(struct parser *parser, const struct token *token)
{
	if (parser->stopped || token->kind == LEX_END)
		return;
	if (++parser->tokens > LIMIT_TOKENS) {
		diag_add(parser->diags, DIAG_LIMIT_TOKENS, token->span,
			 "the file has more than %u words and signs", LIMIT_TOKENS);
		stop(parser);
	}
	if (token->kind == '(' && ++parser->parentheses > LIMIT_NESTING) {
		diag_add(parser->diags, DIAG_LIMIT_NESTING, token->span,
			 "parentheses are nested more than %d deep", LIMIT_NESTING);
		stop(parser);
	}
	if (token->kind == ')' && parser->parentheses)
		parser->parentheses--;
}

static int rko_yylex(RKO_YYSTYPE *value, struct span *span, struct parser *parser)
{
	struct token token;

	parser->after_fault = false;
	for (;;) {
		lexer_next(&parser->lexer, &token);
		if (token.kind < 0 && !fault(parser, &token)) {
			parser->after_fault = true;
			continue;
		}
		check_size(parser, &token);
		if (parser->stopped)
			token.kind = LEX_END;
		if (token_begins_statement(token.kind) && token.first)
			parser->parentheses = 0;
		if (!parser->skip || token.kind == LEX_END)
			break;
		if (token_begins_statement(token.kind) && token.first)
			break;
	}
	parser->skip = false;
	if (token_begins_statement(token.kind) && token.first)
		parser->statement = token;
	check_length(parser, &token);
	parser->before = parser->ahead;
	parser->ahead = token;
	*span = token.span;
	switch (token.kind) {
	case TOK_NAME:
	case TOK_GRANT:
		value->TOK_NAME = token;
		break;
	case TOK_STRING:
	case TOK_INT:
	case TOK_DATE:
		value->TOK_NAME = token;
		break;
	}
	return token.kind;
}

/*
 * After an error: whether the token at hand is to be left out. One that begins a statement is tried again,
 * once; otherwise the next one that does is looked for.
 */
static bool recover(struct parser *parser)
{
	const struct token *ahead = &parser->ahead;

	if (ahead->kind == LEX_END)
		return false;
	if (token_begins_statement(ahead->kind) && ahead->first && parser->retried != ahead->span.at + 1) {
		parser->retried = ahead->span.at + 1;
		return false;
	}
	parser->skip = true;
	return true;
}

/* Only for the parser's own stack: syntax errors go through yyreport_syntax_error(). */
static void rko_yyerror(const struct span *span, struct parser *parser, const char *message)
{
	(void)message;
	diag_add(parser->diags, DIAG_LIMIT_NESTING, *span, "this is nested too deeply to be read");
}

const char *token_name(int kind)
{
	return yysymbol_name(YYTRANSLATE(kind));
}

/* Writes up to four alternatives, or nothing when there are too many to be of help. */
static struct text alternatives(struct parser *parser, const yysymbol_kind_t *expected, int count)
{
	struct text list = { "", 0 };
	int ends = 0;

	for (int i = 0; i < count; i++)
		ends |= expected[i] == YYSYMBOL_YYEOF;
	if (count - ends < 1 || count - ends > 4)
		return list;
	for (int i = 0, said = 0; i < count; i++) {
		const char *name = yysymbol_name(expected[i]);
		const char sign[] = { name[1], '\0' };
		bool word = expected[i] != YYSYMBOL_NAME && expected[i] != YYSYMBOL_STRING &&
			    expected[i] != YYSYMBOL_INT && expected[i] != YYSYMBOL_DATE;

		if (expected[i] == YYSYMBOL_YYEOF)
			continue;
		if (name[0] == '\'')	/* a sign: its name has quotes of its own */
			name = sign;
		list = text_format(parser->arena, word ? "%.*s%s`%s`" : "%.*s%sa %s",
				   TEXT_ARG(list), said == 0 ? "" : said + 1 == count - ends ? " or " : ", ",
				   name);
		said++;
	}
	return list;
}

static struct text found(struct parser *parser)
{
	const struct token *token = &parser->ahead;

	if (token->kind == LEX_END)
		return TEXT("the file ends too early");
	if (token->kind == TOK_STRING)
		return TEXT("a text in quotes does not fit here");
	return text_format(parser->arena, "`%.*s` does not fit here", TEXT_ARG(token->text));
}

static bool is_keyword(yysymbol_kind_t symbol)
{
	return symbol != YYSYMBOL_NAME && symbol != YYSYMBOL_STRING && symbol != YYSYMBOL_INT &&
	       symbol != YYSYMBOL_DATE;
}

/* A name that is nearly a word that could stand here, or means the same in another language. */
static void offer_keyword(struct parser *parser, struct diag *diag, const struct misfit *misfit)
{
	struct text name = parser->ahead.text, best = { "", 0 };
	unsigned distance = name.len < 3 ? 1 : name.len < 5 ? 2 : 3;	/* nearer than this */
	yysymbol_kind_t other = other_word(misfit);

	for (int i = 0; i < misfit->count && parser->ahead.kind == TOK_NAME && other == YYSYMBOL_YYEMPTY; i++) {
		struct text word = text_from(yysymbol_name(misfit->expected[i]));
		unsigned here = text_alike(name, word) ? 0 : text_distance(name, word, distance);

		if (!is_keyword(misfit->expected[i]) || here >= distance ||
		    (!parser->ahead.first && listed(STATEMENTS, word)))
			continue;
		distance = here;
		best = word;
	}
	if (other != YYSYMBOL_YYEMPTY)
		best = text_from(yysymbol_name(other));
	if (best.len)
		diag_fix(parser->diags, diag, parser->ahead.span, best, "did you mean `%.*s`?", TEXT_ARG(best));
}

/* Whether a word of the language stands where a name should. */
static bool word_as_name(const struct misfit *misfit, bool said)
{
	struct text text = misfit->parser->ahead.text;

	return expects(misfit, YYSYMBOL_NAME) && is_keyword(misfit->symbol) && misfit->symbol != YYSYMBOL_YYEOF &&
	       (said || !misfit->parser->ahead.first) && text.len && (text.at[0] | 32) >= 'a' &&
	       (text.at[0] | 32) <= 'z';
}

static int yyreport_syntax_error(const yypcontext_t *context, struct parser *parser)
{
	enum { MANY = 160 };
	yysymbol_kind_t expected[MANY];
	struct misfit misfit = { parser, expected, yypcontext_expected_tokens(context, expected, MANY),
				 yypcontext_token(context) };
	struct text list, help;
	struct diag *diag;

	if (misfit.count == YYENOMEM)
		return YYENOMEM;
	/* A bound that was passed, or a sign without meaning just before, was reported. */
	if (parser->stopped || parser->after_fault)
		return 0;
	list = alternatives(parser, expected, misfit.count);
	diag = diag_add(parser->diags, DIAG_SYNTAX, *yypcontext_location(context), "%.*s",
			TEXT_ARG(found(parser)));
	if (list.len)
		diag_label(parser->diags, diag, "expected %.*s", TEXT_ARG(list));
	if (parser->statement.kind && !on_one_line(parser, parser->statement.span.at, parser->ahead.span.at))
		diag_also(parser->diags, diag, parser->statement.span, "in this statement");
	offer_keyword(parser, diag, &misfit);
	help = advice(&misfit, parser->arena);
	if (help.len)
		diag_help(parser->diags, diag, "%.*s", TEXT_ARG(help));
	else if (word_as_name(&misfit, list.len > 0))
		diag_help(parser->diags, diag, "`%.*s` is a word of the language and cannot be a name",
			  TEXT_ARG(parser->ahead.text));
	parser->skip = !(token_begins_statement(parser->ahead.kind) && parser->ahead.first);
	return 0;
}

struct node *parse_source(struct arena *arena, struct diags *diags, uint32_t source)
{
	struct parser parser = { .arena = arena, .diags = diags };
	struct text text = diags->sources->list[source].text;

	lexer_init(&parser.lexer, source, text);
	stacks = arena;
	if (rko_yyparse(&parser) != 0 || !parser.file)
		parser.file = node_new(arena, N_FILE, (struct span){ source, 0, 0 });
	parser.file->span = (struct span){ source, 0, (uint32_t)text.len };
	return parser.file;
}

void tokens_dump(struct buf *out, struct sources *sources, uint32_t source)
{
	struct lexer lexer;
	struct token token;
	uint32_t line, column;

	lexer_init(&lexer, source, sources->list[source].text);
	for (;;) {
		lexer_next(&lexer, &token);
		if (token.kind == LEX_END)
			break;
		source_locate(sources, source, token.span.at, &line, &column);
		buf_printf(out, "%u:%u\t%s\t", line, column,
			   token.kind < 0 ? "fault" : token_name(token.kind));
		buf_text(out, span_text(sources, token.span));
		buf_char(out, '\n');
	}
}
