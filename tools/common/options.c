/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/common/options.h"

#include <string.h>

#include "engine/base/buf.h"

bool options_instant(const struct cli *cli, const char *option, const char *word, int64_t *ret_instant)
{
	if (rko_instant_parse(word, ret_instant) == RKO_OK)
		return true;
	cli_usage(cli, "--%s takes an instant such as 2026-07-10T10:00+03:00", option);
	return false;
}

bool options_format(const struct cli *cli, const char *word, unsigned formats, enum format *ret_format)
{
	static const char *const words[] = {
		[FORMAT_TEXT] = "text", [FORMAT_JSON] = "json",	  [FORMAT_HTML] = "html",
		[FORMAT_FHIR] = "fhir", [FORMAT_JUNIT] = "junit", [FORMAT_TAP] = "tap",
	};
	struct buf takes = { 0 };

	for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (!(formats & FORMATS(i)))
			continue;
		if (strcmp(word, words[i]) == 0) {
			*ret_format = (enum format)i;
			buf_release(&takes);
			return true;
		}
		/* "text, json or html": what is the last is told by nothing being left behind it. */
		buf_printf(&takes, "%s%s", !takes.len ? "" : formats >> (i + 1) ? ", " : " or ", words[i]);
	}
	cli_usage(cli, "--format takes %s, not `%s`", takes.at, word);
	buf_release(&takes);
	return false;
}

static int add_policy(struct options *options, const char *path)
{
	if (options->npolicies == OPTIONS_POLICIES)
		return cli_usage(options->cli, "more than %d policies", OPTIONS_POLICIES);
	options->policies[options->npolicies++] = path;
	return EXIT_GRANTED;
}

int options_take(struct options *options, int option, const char *value)
{
	bool good = true;

	switch (option) {
	case OPTION_POLICY:
		return add_policy(options, value);
	case OPTION_STORE:
		options->store = value;
		break;
	case OPTION_AT:
		good = options->has_at = options_instant(options->cli, "at", value, &options->at);
		break;
	case OPTION_AS_OF:
		good = cli_generation(options->cli, value, &options->as_of);
		break;
	case OPTION_FORMAT:
		good = options_format(options->cli, value, options->formats ? options->formats : FORMATS_TEXT_JSON,
				      &options->format);
		break;
	default:
		good = cli_language(options->cli, value);
	}
	return good ? EXIT_GRANTED : EXIT_INPUT;
}

int options_open_policy(struct options *options)
{
	int result = EXIT_GRANTED;

	options->policy = cli_policy(options->cli, options->policies, options->npolicies, &result);
	return options->policy ? EXIT_GRANTED : result;
}

int options_open_facts(struct options *options, unsigned flags)
{
	struct rko_fault fault;
	enum rko_status status = rko_facts_open(options->store, flags, &options->facts, &fault);

	if (status == RKO_OK)
		return EXIT_GRANTED;
	cli_error("%s", fault.text);
	return cli_exit_status(status);
}

int options_open(struct options *options)
{
	struct rko_fault fault;
	enum rko_status status;
	int result;

	if (!options->npolicies || !options->store)
		return cli_usage(options->cli,
				 "say by which policy and which facts: --policy=IMAGE-OR-FOLDER --store=FOLDER");
	result = options_open_policy(options);
	if (result == EXIT_GRANTED)
		result = options_open_facts(options, 0);
	if (result != EXIT_GRANTED)
		return result;
	status = rko_session_open(options->policy, options->facts, &options->session, &fault);
	if (status == RKO_OK)
		return EXIT_GRANTED;
	cli_error("%s", fault.text);
	return cli_exit_status(status);
}

void options_close(struct options *options)
{
	rko_session_close(options->session);
	rko_facts_close(options->facts);
	rko_policy_unref(options->policy);
}
