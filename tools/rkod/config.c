/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rkod/config.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { TEXT, PATH, NUMBER, WORD, LIST, OCTAL };

struct setting {
	const char *name;
	enum kind kind;
	size_t at;			/* in struct config */
	long least, most;		/* NUMBER; LIST: most entries */
	long usual;			/* NUMBER, WORD, OCTAL */
	const char *const *words;	/* WORD, in the order of the values */
	const char *help;
};

static const char *const telling_words[] = { "bare", "requester", "reasons", "explain", NULL };
static const char *const language_words[] = { "fi", "sv", "en", NULL };
static const char *const confine_words[] = { "reduced", "full", "off", NULL };
static const char *const level_words[] = { "error", "warning", "info", "debug", NULL };

#define AT(member) offsetof(struct config, member)
static const struct setting settings[] = {
	{ "policy", PATH, AT(policy), 0, 0, 0, NULL, "the compiled image; replace it by rename, then send SIGHUP" },
	{ "facts", PATH, AT(facts), 0, 0, 0, NULL, "folder of the fact store" },
	{ "listen", LIST, AT(listens), 0, CONFIG_LISTENS, 0, NULL,
	  "unix:PATH, tcp:ADDRESS:PORT, tls:ADDRESS:PORT or systemd; up to 4" },
	{ "audit", PATH, AT(audit), 0, 0, 0, NULL,
	  "folder of the record; else FACTS.audit, which is made; `none`: nothing is recorded" },
	{ "audit-key", PATH, AT(audit_key), 0, 0, 0, NULL, "key that signs checkpoints; else `key` in the folder" },
	{ "tell", WORD, AT(tell), 0, 0, TELL_BARE, telling_words, "what an answer tells when nobody asks" },
	{ "tell-most", WORD, AT(tell_most), 0, 0, TELL_REQUESTER, telling_words,
	  "what it tells at the most; else requester" },
	{ "language", WORD, AT(language), 0, 0, RKO_FI, language_words, "of reasons, when nobody asks" },
	{ "keep-seconds", NUMBER, AT(keep_seconds), 0, 3600, 0, NULL, "how long a caller may keep a permit" },
	{ "facts-max-age", NUMBER, AT(facts_max_age), 0, 31536000, 0, NULL,
	  "seconds after which the facts are too old to decide on; 0: any age" },
	{ "clock-step", NUMBER, AT(clock_step), 1, 86400, 60, NULL, "seconds by which the clock may jump forward" },
	{ "allow-uid", LIST, AT(allow_uids), 0, CONFIG_ALLOWED, 0, NULL,
	  "who may ask on Unix sockets; else the uid of rkod and root" },
	{ "allow-client", LIST, AT(allow_clients), 0, CONFIG_ALLOWED, 0, NULL,
	  "common names of client certificates that may ask; else every one that the CA signed" },
	{ "host", LIST, AT(hosts), 0, CONFIG_ALLOWED, 0, NULL,
	  "names by which TCP callers may call this; localhost and the address are known" },
	{ "tls-certificate", PATH, AT(tls_certificate), 0, 0, 0, NULL, "PEM" },
	{ "tls-key", PATH, AT(tls_key), 0, 0, 0, NULL, "PEM" },
	{ "tls-client-ca", PATH, AT(tls_client_ca), 0, 0, 0, NULL, "PEM; callers must show a certificate of it" },
	{ "public-url", TEXT, AT(public_url), 0, 0, 0, NULL, "https://… under which callers know this" },
	{ "route", LIST, AT(routes), 0, CONFIG_ROUTES, 0, NULL,
	  "for gateways: METHOD PATH ACTION SUBJECT-TYPE RESOURCE-TYPE; see docs/sidecar.md" },
	{ "threads", NUMBER, AT(threads), 1, 64, 2, NULL, "that answer, for each listener" },
	{ "connections", NUMBER, AT(connections), 1, 10000, 512, NULL, "open at once, for each listener" },
	{ "connections-per-peer", NUMBER, AT(connections_per_peer), 1, 10000, 256, NULL,
	  "open at once for one uid or address" },
	{ "body-bytes", NUMBER, AT(body_bytes), 256, 1048576, 65536, NULL, "of one question" },
	{ "batch-bytes", NUMBER, AT(batch_bytes), 256, 16777216, 1048576, NULL, "of many at once" },
	{ "batch-items", NUMBER, AT(batch_items), 1, 256, 256, NULL, "questions asked at once" },
	{ "request-seconds", NUMBER, AT(request_seconds), 1, 300, 5, NULL, "for a whole request to come in" },
	{ "idle-seconds", NUMBER, AT(idle_seconds), 1, 3600, 60, NULL, "between requests of a connection" },
	{ "audit-seconds", NUMBER, AT(audit_seconds), 1, 60, 2, NULL, "for the record to be on the disk; then 503" },
	{ "drain-seconds", NUMBER, AT(drain_seconds), 0, 300, 10, NULL, "for answers under way when stopping" },
	{ "search-candidates", NUMBER, AT(search_candidates), 1, 256, 256, NULL, "decided for one page of a search" },
	{ "socket-mode", OCTAL, AT(socket_mode), 0, 0777, 0660, NULL, "of Unix sockets" },
	{ "confine", WORD, AT(confine), 0, 0, CONFINE_REDUCED, confine_words,
	  "full: no start without Landlock and seccomp; reduced: with what there is; off" },
	{ "log", WORD, AT(log_level), 0, 0, 2, level_words, "how much is logged" },
	{ "demo-clock", TEXT, AT(clock), 0, 0, 0, NULL, "for demos only: start at this instant instead of now" },
};
enum { SETTINGS = sizeof settings / sizeof settings[0] };

static bool complain(const char *where, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "rkod: %s", where);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return false;
}

static bool set_number(long *to, const struct setting *setting, const char *value, const char *where)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(value, &end, setting->kind == OCTAL ? 8 : 10);
	if (end == value || *end || errno || number < setting->least || number > setting->most)
		return complain(where, "%s is `%s`; expected a%s number from %ld to %ld", setting->name, value,
				setting->kind == OCTAL ? "n octal" : "", setting->least, setting->most);
	*to = number;
	return true;
}

static bool set_word(long *to, const struct setting *setting, const char *value, const char *where)
{
	for (long i = 0; setting->words[i]; i++) {
		if (strcmp(setting->words[i], value) == 0) {
			*to = i;
			return true;
		}
	}
	fprintf(stderr, "rkod: %s%s is `%s`; expected", where, setting->name, value);
	for (long i = 0; setting->words[i]; i++)
		fprintf(stderr, "%s %s", i ? "," : "", setting->words[i]);
	fputc('\n', stderr);
	return false;
}

static bool add(struct listed *list, const struct setting *setting, const char *value, bool option, const char *where)
{
	if (option && !list->from_option) {
		list->count = 0;
		list->from_option = true;
	}
	if (list->count == (size_t)setting->most)
		return complain(where, "more than %ld of %s", setting->most, setting->name);
	list->text[list->count++] = value;
	return true;
}

/* `where` is empty for an option, else file and line. */
static const struct setting *find(const char *name)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (strcmp(settings[i].name, name) == 0)
			return &settings[i];
	return NULL;
}

static bool set(struct config *config, const char *name, char *value, const char *where)
{
	const struct setting *setting = find(name);
	bool option = !*where;
	void *to;

	if (!setting)
		return complain(where, "there is no setting `%s`; `rkod --help` lists them", name);
	if (!*value)
		return complain(where, "%s has no value", name);
	to = (char *)config + setting->at;
	switch (setting->kind) {
	case PATH:
		if (!option && *value != '/' && strcmp(value, "none") != 0)
			return complain(where, "%s is `%s`; a path in a configuration file begins with /", name, value);
		/* fall through */
	case TEXT:
		*(const char **)to = value;
		return true;
	case NUMBER:
	case OCTAL:
		return set_number(to, setting, value, where);
	case WORD:
		return set_word(to, setting, value, where);
	case LIST:
		return add(to, setting, value, option, where);
	}
	return false;
}

/* The file ------------------------------------------------------------------------------------------ */

enum { FILE_BYTES = 65536 };

static char *trim(char *text)
{
	char *end;

	while (*text == ' ' || *text == '\t')
		text++;
	end = text + strlen(text);
	while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	return text;
}

static bool set_line(struct config *config, char *line, const char *where, bool *said)
{
	char *equals, *name;

	line = trim(line);
	if (!*line || *line == '#')
		return true;
	equals = strchr(line, '=');
	if (!equals)
		return complain(where, "found `%s`; expected `name = value`", line);
	*equals = '\0';
	name = trim(line);
	for (size_t i = 0; i < SETTINGS; i++) {
		if (strcmp(settings[i].name, name) != 0 || settings[i].kind == LIST)
			continue;
		if (said[i])
			return complain(where, "%s is set a second time", name);
		said[i] = true;
	}
	return set(config, name, trim(equals + 1), where);
}

/* Whoever can write the file decides who gets data. */
static bool fit_to_read(const char *path, const struct stat *about)
{
	if (!S_ISREG(about->st_mode))
		return complain(path, " is not a file");
	if (about->st_mode & (S_IWGRP | S_IWOTH))
		return complain(path, " can be written by others than its owner; chmod go-w");
	if (about->st_uid != 0 && about->st_uid != geteuid())
		return complain(path, " belongs to another user; root or the user of rkod must own it");
	if (about->st_size > FILE_BYTES)
		return complain(path, " has more than %d bytes", FILE_BYTES);
	return true;
}

static char *read_file(const char *path)
{
	int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat about;
	char *text = NULL;
	ssize_t size;

	if (file < 0 || fstat(file, &about) < 0) {
		complain(path, ": %s", strerror(errno));
	} else if (fit_to_read(path, &about) && (text = calloc(1, FILE_BYTES + 2)) != NULL) {
		size = read(file, text, FILE_BYTES + 1);
		if (size < 0 || memchr(text, '\0', (size_t)size)) {
			complain(path, size < 0 ? " cannot be read" : " holds a NUL byte");
			free(text);
			text = NULL;
		}
	}
	if (file >= 0)
		close(file);
	return text;
}

static char *file_text;	/* lives as long as the settings that point into it */

static bool set_file(struct config *config, const char *path)
{
	bool said[SETTINGS] = { false };
	char *line, *next;
	unsigned number = 0;

	if (file_text)
		return complain("", "one configuration file is enough");
	file_text = read_file(path);
	if (!file_text)
		return false;
	for (line = file_text; line; line = next) {
		char where[512];

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		snprintf(where, sizeof where, "%s:%u: ", path, ++number);
		if (!set_line(config, line, where, said))
			return false;
	}
	return true;
}

/* Arguments ----------------------------------------------------------------------------------------- */

static void help(void)
{
	puts("usage: rkod --policy=IMAGE --facts=FOLDER --listen=unix:PATH [--NAME=VALUE]…\n"
	     "       rkod --config=FILE\n\n"
	     "Answers AuthZEN requests: may this subject do this to that resource? Every decision is on the disk\n"
	     "before the answer leaves, and whatever goes wrong is a denial.\n");
	for (size_t i = 0; i < SETTINGS; i++) {
		const struct setting *setting = &settings[i];

		printf("  --%-22s %s", setting->name, setting->help);
		if (setting->kind == NUMBER)
			printf(" [%ld]", setting->usual);
		if (setting->kind == OCTAL)
			printf(" [%lo]", (unsigned long)setting->usual);
		for (long j = 0; setting->words && setting->words[j]; j++)
			printf("%s%s%s", j ? ", " : " [", setting->words[j], setting->words[j + 1] ? "" : "]");
		putchar('\n');
	}
	puts("\nSIGHUP takes up a new policy and new facts, SIGTERM finishes what is under way and stops.");
}

static bool take_option(struct config *config, char *name, char *value, bool file_only)
{
	bool is_file = strcmp(name, "config") == 0;

	if (is_file != file_only)
		return true;
	if (is_file && !*value)
		return complain("", "--config has no value");
	return is_file ? set_file(config, value) : set(config, name, value, "");
}

/* One pass for the file, one for the options, which win. */
static bool take_arguments(struct config *config, int argc, char **argv, bool file_only)
{
	for (int i = 1; i < argc; i++) {
		char *word = argv[i], *value = strchr(word, '=');
		size_t length = value ? (size_t)(value - word) : strlen(word);
		char name[32], nothing[] = "";

		if (strncmp(word, "--", 2) != 0 || length - 2 >= sizeof name)
			return complain("", "found `%s`; expected --NAME=VALUE", word);
		memcpy(name, word + 2, length - 2);
		name[length - 2] = '\0';
		if (!value && i + 1 == argc && find(name))
			return complain("", "%s has no value", word);
		if (!take_option(config, name, value ? value + 1 : i + 1 < argc ? argv[++i] : nothing, file_only))
			return false;
	}
	return true;
}

/* Users are listed by number or by name; from here on by number. */
static bool name_users(struct config *config)
{
	static char numbers[CONFIG_ALLOWED][16];

	for (size_t i = 0; i < config->allow_uids.count; i++) {
		const char *text = config->allow_uids.text[i];
		const struct passwd *user;

		/* the greatest number is nobody's: it stands for `unknown` */
		if (*text && strspn(text, "0123456789") == strlen(text) && strlen(text) <= 10 &&
		    strtoull(text, NULL, 10) < (uid_t)-1)
			continue;
		user = getpwnam(text);
		if (!user)
			return complain("", "allow-uid is `%s`; expected a number, or the name of a user of this machine", text);
		snprintf(numbers[i], sizeof numbers[i], "%lu", (unsigned long)user->pw_uid);
		config->allow_uids.text[i] = numbers[i];
	}
	return true;
}

static bool complete(const struct config *config)
{
	if (!config->policy || !config->facts || !config->listens.count)
		return complain("", "say at least --policy=IMAGE --facts=FOLDER --listen=unix:PATH");
	if (config->tell > config->tell_most)
		return complain("", "tell is `%s`, more than tell-most (`%s`) allows; set tell-most to as much, "
				"if callers may be told what users may not", telling_words[config->tell],
				telling_words[config->tell_most]);
	if (!config->tls_certificate != !config->tls_key)
		return complain("", "tls-certificate and tls-key go together");
	if (config->tls_client_ca && !config->tls_certificate)
		return complain("", "tls-client-ca needs tls-certificate and tls-key");
	if (config->public_url && (strncmp(config->public_url, "https://", 8) != 0 ||
				   strpbrk(config->public_url, "?#\"\\ ")))
		return complain("", "public-url is `%s`; expected https:// without query and fragment",
				config->public_url);
	return true;
}

bool config_read(struct config *config, int argc, char **argv, bool *ret_done)
{
	*ret_done = false;
	memset(config, 0, sizeof *config);
	for (size_t i = 0; i < SETTINGS; i++)
		if (settings[i].kind == NUMBER || settings[i].kind == WORD || settings[i].kind == OCTAL)
			*(long *)((char *)config + settings[i].at) = settings[i].usual;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			help();
			*ret_done = true;
			return true;
		}
		if (strcmp(argv[i], "--version") == 0) {
			printf("rkod, image format %u, zone table %s\n", rko_image_format(), rko_zone_version());
			*ret_done = true;
			return true;
		}
	}
	return take_arguments(config, argc, argv, true) && take_arguments(config, argc, argv, false) &&
	       name_users(config) && complete(config);
}
