/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a syntax error advises. People bring words and signs from other languages, put clauses in another order, or
 * forget a part; this knows the usual ones and says what is written here. It only looks at the token that did not
 * fit, the one before it, and what could have stood there. Included by parse_driver.h only.
 */

/* What did not fit, and what could have stood there. */
struct misfit {
	const struct parser *parser;
	const yysymbol_kind_t *expected;
	int count;
	yysymbol_kind_t symbol;
};

static bool expects(const struct misfit *misfit, yysymbol_kind_t symbol)
{
	for (int i = 0; i < misfit->count; i++)
		if (misfit->expected[i] == symbol)
			return true;
	return false;
}

/* Whether a word stands in a list, between anything but letters; ASCII letters in either case. */
static bool listed(const char *list, struct text word)
{
	for (const char *at = list; word.len && strlen(at) >= word.len; at++)
		if (strncasecmp(at, word.at, word.len) == 0 && (at == list || at[-1] == ' ') &&
		    !strchr("abcdefghijklmnopqrstuvwxyz", at[word.len] | 32))
			return true;
	return false;
}

/* Words that begin a statement, which stands at the beginning of a line. */
static const char STATEMENTS[] = "vocabulary policy overlay translation chapter phrase codes record request source set parameter "
				 "reading window link define table cond judgement rule exception widen duty law silent example";

static bool on_one_line(const struct parser *parser, uint32_t from, uint32_t to)
{
	return from <= to && !memchr(parser->lexer.text.at + from, '\n', to - from);
}

/* A word for which there is another one here, where that one could stand; YYEMPTY when there is none. */
static yysymbol_kind_t other_word(const struct misfit *misfit)
{
	static const struct {
		const char *words;
		yysymbol_kind_t here;
	} known[] = {
		{ "allow allows permit permits grants", YYSYMBOL_GRANT },
		{ "forbid forbids deny denies disallow disallows block prohibits", YYSYMBOL_PROHIBIT },
		{ "if jos where", YYSYMBOL_WHEN },
		{ "allowed permitted", YYSYMBOL_GRANTED },
		{ "prohibited", YYSYMBOL_FORBIDDEN },
		{ "because basis according", YYSYMBOL_CITE },
		{ "valid effective", YYSYMBOL_IN_FORCE },
		{ "vrk pv päivä päivää vuorokausi vuorokautta dagar dygn", YYSYMBOL_DAYS },
		{ "kk kuukausi kuukautta månad månader", YYSYMBOL_MONTHS },
		{ "v vuosi vuotta år", YYSYMBOL_YEARS },
		{ "sääntö regel", YYSYMBOL_RULE },
		{ "poikkeus undantag", YYSYMBOL_EXCEPTION },
		{ "velvollisuus skyldighet", YYSYMBOL_DUTY },
		{ "lähde källa", YYSYMBOL_SOURCE },
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (expects(misfit, known[i].here) && listed(known[i].words, misfit->parser->ahead.text))
			return known[i].here;
	return YYSYMBOL_YYEMPTY;
}

/* The clauses of a statement in their order, when one of them stands where it cannot. */
static const char *clauses_of(const struct misfit *misfit)
{
	static const struct {
		int statement;
		const char *clauses;
	} known[] = {
		{ TOK_RULE, "grant (or prohibit or redact), when, in force, delegates, rests on, cite, says, shown to" },
		{ TOK_EXCEPTION, "to, grant (or withhold or prohibit), when, in force, cite, says, shown to" },
		{ TOK_DUTY, "of, on, when, due, keep, rests on, cite, says, shown to" },
		{ TOK_WIDEN, "when, under, cite, says" },
		{ TOK_SILENT, "on, when, cite, says" },
		{ TOK_COND, "when, cite, says" },
		{ TOK_SOURCE, "in force, by, title, passage" },
		{ TOK_SET, "cite, rests on" },
		{ TOK_PARAMETER, "allows, cite, says" },
		{ TOK_READING, "of, option, chosen, on, by, because, confirmed (or unconfirmed)" },
	};
	const struct token *ahead = &misfit->parser->ahead;

	if (!ahead->first || expects(misfit, YYSYMBOL_STRING) || expects(misfit, YYSYMBOL_GRANTED))
		return NULL;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (misfit->parser->statement.kind == known[i].statement &&
		    memmem(known[i].clauses, strlen(known[i].clauses), ahead->text.at, ahead->text.len))
			return known[i].clauses;
	return NULL;
}

/* `rule old personal`: a name in two words. */
static bool name_in_two_words(const struct parser *parser)
{
	const struct token *a = &parser->before, *b = &parser->ahead;
	uint32_t from = parser->statement.span.at + parser->statement.span.len;

	return a->kind == TOK_NAME && b->kind == TOK_NAME && parser->statement.kind &&
	       parser->statement.kind != TOK_PHRASE && from < a->span.at &&
	       on_one_line(parser, from, b->span.at) &&
	       strspn(parser->lexer.text.at + from, " \t") == a->span.at - from;
}

static bool digit_follows(const struct parser *parser)
{
	const char *next = parser->ahead.text.at + parser->ahead.text.len;

	return next < parser->lexer.text.at + parser->lexer.text.len && *next >= '0' && *next <= '9';
}

/* `1,5` or `1.5`. */
static bool between_numbers(const struct misfit *misfit)
{
	return (misfit->symbol == YYTRANSLATE('.') || misfit->symbol == YYTRANSLATE(',')) &&
	       misfit->parser->before.kind == TOK_INT && digit_follows(misfit->parser);
}

/* Of numbers, dates and times of force. */
static const char *advice_on_times(const struct misfit *misfit)
{
	const struct parser *parser = misfit->parser;
	struct text word = parser->ahead.text;

	if (between_numbers(misfit))
		return "numbers are whole: `45 days`, not `1.5 months`";
	if (misfit->symbol == YYTRANSLATE('.') && parser->before.kind == TOK_DOTS)
		return "two dots are enough: `2026-06-15 ..`";
	if (misfit->symbol == YYTRANSLATE('-') && digit_follows(parser) && !expects(misfit, YYTRANSLATE('-')))
		return "a number has no sign: the word before or behind it says in which direction";
	if (parser->before.kind == TOK_INT && expects(misfit, YYSYMBOL_DAYS)) {
		if (listed("week weeks viikko viikkoa vk vecka veckor", word))
			return "a week is `7 days`";
		if (listed("hour hours h minute minutes tunti tuntia timme timmar", word))
			return "time is counted in whole days: `2 days`";
		return "a duration is a number and `days`, `months` or `years`";
	}
	if (expects(misfit, YYSYMBOL_DOTS) || (expects(misfit, YYSYMBOL_DATE) && expects(misfit, YYSYMBOL_PENDING) &&
					       misfit->count == 2)) {
		if (parser->before.kind == TOK_DATE || parser->before.kind == TOK_IN_FORCE)
			return "from a day on: `2026-06-15 ..`; to a last day: `2026-06-15 .. 2026-12-31`";
	}
	if (parser->before.kind == TOK_DOTS && expects(misfit, YYSYMBOL_PENDING))
		return "behind the dots stands the last day, or nothing; an end that will come and is not known is `pending`";
	if ((misfit->symbol == YYSYMBOL_AFTER || misfit->symbol == YYSYMBOL_BEFORE) &&
	    parser->statement.kind == TOK_DUTY && expects(misfit, YYTRANSLATE('+')))
		return "a date is moved with + and -: `episode.ended + 7 days`";
	if (expects(misfit, YYSYMBOL_BEFORE) && expects(misfit, YYSYMBOL_ON_OR_AFTER) &&
	    listed("on between until by since from till through during", word))
		return "dates are compared with `before d`, `after d`, `on or after d`, `= d`; a whole interval is a `window`";
	return NULL;
}

/* Of signs and words in conditions and lists. */
static const char *advice_on_conditions(const struct misfit *misfit)
{
	const struct parser *parser = misfit->parser;
	struct text word = parser->ahead.text;
	bool ends_condition = expects(misfit, YYSYMBOL_AND) || expects(misfit, YYSYMBOL_OR);

	if ((misfit->symbol == YYSYMBOL_OR && expects(misfit, YYSYMBOL_AND)) ||
	    (misfit->symbol == YYSYMBOL_AND && expects(misfit, YYSYMBOL_OR)))
		return "`and` and `or` are mixed only with parentheses: a and (b or c)";
	if (misfit->symbol == YYTRANSLATE('=') && parser->before.kind == '=')
		return "a single = compares";
	if (parser->before.kind == TOK_IS || (parser->before.kind == TOK_NOT && expects(misfit, YYSYMBOL_CURRENT) &&
					      !expects(misfit, YYSYMBOL_NAME)))
		return "behind `is` stands `current`, `coming`, `past` or `missing`; a value is compared with = and !=";
	if ((misfit->symbol == YYTRANSLATE('(') || misfit->symbol == YYTRANSLATE('[')) &&
	    expects(misfit, YYTRANSLATE('{')))
		return "a list of codes stands in braces: { a, b }";
	if (misfit->symbol == YYTRANSLATE(',') && parser->statement.kind == TOK_SET && !ends_condition)
		return "a list of codes stands in braces: { a, b }";
	if ((misfit->symbol == YYSYMBOL_EXCEPT || listed("unless but except", word)) && ends_condition)
		return "what a rule does not mean stands in an `exception` to it, or behind `and not`";
	if (misfit->symbol == YYSYMBOL_ELSE)
		return "the case for all the rest is: case VALUE otherwise";
	return NULL;
}

/* `cite A "1 §", "2 §"`: a text behind a text and a comma. */
static bool second_passage(const struct parser *parser)
{
	const struct token *comma = &parser->before;

	return comma->kind == ',' && comma->span.at && parser->lexer.text.at[comma->span.at - 1] == '"';
}

/* What to do about it; empty when nothing is known. */
static struct text advice(const struct misfit *misfit, struct arena *arena)
{
	const struct parser *parser = misfit->parser;
	const char *found = advice_on_conditions(misfit);

	if (!found)
		found = advice_on_times(misfit);
	if (found)
		return text_from(found);
	if (misfit->symbol == YYSYMBOL_STRING && expects(misfit, YYSYMBOL_NAME))
		return second_passage(parser) ? TEXT("a source stands before every passage: cite A \"1 §\", A \"2 §\"")
					      : TEXT("names and codes are written without quotes");
	if (parser->before.kind == TOK_STRING && parser->before.span.at + parser->before.span.len == parser->ahead.span.at)
		return TEXT("inside a text, quote with ” or »");
	if (parser->before.kind == TOK_NAME && parser->ahead.kind == TOK_NAME && expects(misfit, YYTRANSLATE(',')) &&
	    on_one_line(parser, parser->before.span.at, parser->ahead.span.at))
		return TEXT("several names are separated by commas");
	if (parser->before.kind == ',' && parser->ahead.first)
		return TEXT("behind the comma another element is expected; behind the last one stands none");
	if (name_in_two_words(parser))
		return text_format(arena, "a name is one word; its parts are joined: %.*s-%.*s",
				   TEXT_ARG(parser->before.text), TEXT_ARG(parser->ahead.text));
	found = clauses_of(misfit);
	return found ? text_format(arena, "its clauses, each at most once and in this order: %s", found) : TEXT("");
}
