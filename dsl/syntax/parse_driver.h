/* SPDX-License-Identifier: EUPL-1.2 */
/* What the generated parser needs beside its actions. Included by grammar.y only, at its end. */

/* At most `most` bytes of what was written, cut between characters. */
static struct text shown(struct text text, size_t most)
{
	if (text.len <= most)
		return text;
	while (most && ((unsigned char)text.at[most] & 0xc0) == 0x80)
		most--;
	return (struct text){ text.at, most };
}

/* What to write instead of a sign that has no meaning. */
static const char *instead_of(struct text sign)
{
	static const struct {
		const char *signs, *help;
	} known[] = {
		{ "“ ” „ « » ‘ ’ '", "a text stands between two straight quotes: \"…\"" },
		{ "< > ≤ ≥", "dates are compared with `before`, `after` and `on or after`" },
		{ "& |", "conditions are joined with `and` and `or`" },
		{ "!", "write `not`, or `!=` between two things" },
		{ "# / *", "a comment begins with --" },
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0] && sign.len; i++)
		if (memmem(known[i].signs, strlen(known[i].signs), sign.at, sign.len))
			return known[i].help;
	return "names use letters a–z å ä ö, digits, _ and - between them";
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
		diag = diag_add(diags, DIAG_BAD_DATE, token->span, "there is no date %.*s%s", TEXT_ARG(text),
				more);
		diag_help(diags, diag,
			  "a date is written 2026-06-15 and lies between 1900-01-01 and 2199-12-31");
		token->kind = TOK_DATE;
		return true;
	case LEX_OPEN_STRING:
		diag = diag_add(diags, DIAG_OPEN_STRING, token->span,
				"this text in quotes does not end on its line");
		diag_help(diags, diag, "close it with \"; inside a text, quote with ” or »");
		token->kind = TOK_STRING;
		token->text = (struct text){ token->text.at + 1, token->text.len - 1 };
		return true;
	case LEX_LARGE_NUMBER:
		diag_add(diags, DIAG_BAD_NUMBER, token->span, "the number %.*s%s is too large", TEXT_ARG(text),
			 more);
		token->kind = TOK_INT;
		return true;
	default:
		diag = diag_add(diags, DIAG_BAD_CHARACTER, token->span,
				"`%.*s` has no meaning here", TEXT_ARG(text));
		diag_help(diags, diag, "%s", instead_of(text));
		return false;
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

static bool expects(const yysymbol_kind_t *expected, int count, yysymbol_kind_t symbol)
{
	for (int i = 0; i < count; i++)
		if (expected[i] == symbol)
			return true;
	return false;
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

static bool on_one_line(const struct parser *parser, uint32_t from, uint32_t to)
{
	return from <= to && !memchr(parser->lexer.text.at + from, '\n', to - from);
}

/* A name that is nearly a word that could stand here. */
static void offer_keyword(struct parser *parser, struct diag *diag, const yysymbol_kind_t *expected, int count)
{
	struct text name = parser->ahead.text, best = { "", 0 };
	unsigned distance = name.len < 3 ? 1 : name.len < 5 ? 2 : 3;	/* nearer than this */

	for (int i = 0; i < count && parser->ahead.kind == TOK_NAME; i++) {
		struct text word = text_from(yysymbol_name(expected[i]));
		unsigned here = text_distance(name, word, distance);

		if (expected[i] == YYSYMBOL_NAME || expected[i] == YYSYMBOL_STRING ||
		    expected[i] == YYSYMBOL_INT || expected[i] == YYSYMBOL_DATE || here >= distance)
			continue;
		distance = here;
		best = word;
	}
	if (best.len)
		diag_fix(parser->diags, diag, parser->ahead.span, best, "did you mean `%.*s`?", TEXT_ARG(best));
}

static int yyreport_syntax_error(const yypcontext_t *context, struct parser *parser)
{
	enum { MANY = 160 };
	yysymbol_kind_t expected[MANY];
	int count = yypcontext_expected_tokens(context, expected, MANY);
	yysymbol_kind_t symbol = yypcontext_token(context);
	struct text list;
	struct diag *diag;

	if (count == YYENOMEM)
		return YYENOMEM;
	/* A bound that was passed, or a sign without meaning just before, was reported. */
	if (parser->stopped || parser->after_fault)
		return 0;
	list = alternatives(parser, expected, count);
	diag = diag_add(parser->diags, DIAG_SYNTAX, *yypcontext_location(context), "%.*s",
			TEXT_ARG(found(parser)));
	if (list.len)
		diag_label(parser->diags, diag, "expected %.*s", TEXT_ARG(list));
	if (parser->statement.kind && !on_one_line(parser, parser->statement.span.at, parser->ahead.span.at))
		diag_also(parser->diags, diag, parser->statement.span, "in this statement");
	offer_keyword(parser, diag, expected, count);
	if ((symbol == YYSYMBOL_OR && expects(expected, count, YYSYMBOL_AND)) ||
	    (symbol == YYSYMBOL_AND && expects(expected, count, YYSYMBOL_OR)))
		diag_help(parser->diags, diag,
			  "`and` and `or` are mixed only with parentheses: a and (b or c)");
	else if (expects(expected, count, YYSYMBOL_NAME) && symbol != YYSYMBOL_NAME &&
		 symbol != YYSYMBOL_YYEOF && (list.len || !parser->ahead.first) &&
		 parser->ahead.text.len && symbol != YYSYMBOL_STRING && symbol != YYSYMBOL_INT &&
		 symbol != YYSYMBOL_DATE && (parser->ahead.text.at[0] | 32) >= 'a' &&
		 (parser->ahead.text.at[0] | 32) <= 'z')
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
