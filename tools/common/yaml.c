/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/common/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

#include "engine/base/buf.h"
#include "engine/base/limits.h"
#include "tools/common/cli.h"

struct yaml {
	struct yaml_files *files;
	uint32_t source;
	yaml_parser_t parser;
	yaml_event_t event;	/* the next one, when `ahead` */
	bool ahead;
	bool failed;
	unsigned depth;
	size_t done;
	/* Keys of the maps that are entered step by step, to find one that stands twice. */
	struct {
		struct text *keys;
		yaml_place *places;
		size_t count, cap, cap_places;
		bool map;
	} open[LIMIT_YAML_DEPTH + 1];
	struct arena keys;
};

/* Files ------------------------------------------------------------------------------------------- */

static void out_of_memory(void)
{
	longjmp(cli_no_memory, 1);
}

void yaml_files_init(struct yaml_files *files)
{
	*files = (struct yaml_files){ 0 };
	arena_init(&files->arena, SIZE_MAX / 4);
	files->arena.escape = &cli_no_memory;
	sources_init(&files->sources, &files->arena);
	diags_init(&files->diags, &files->arena, &files->sources);
}

void yaml_files_free(struct yaml_files *files)
{
	arena_free(&files->arena);
}

/* Places: source, line and column from 0, as libyaml counts them (columns are characters). */
static yaml_place place_of(uint32_t source, yaml_mark_t mark)
{
	uint64_t column = mark.column < 0xfffff ? mark.column : 0xfffff;

	return (uint64_t)source << 52 | (uint64_t)(mark.line & 0xffffffff) << 20 | column;
}

static struct span span_of(struct yaml_files *files, yaml_place place)
{
	uint32_t source = (uint32_t)(place >> 52), line = (uint32_t)(place >> 20), column = place & 0xfffff;
	struct text text;
	size_t at = 0, end;
	const char *stops = ",]}\n";

	if (source >= files->sources.count)
		return SPAN_NONE;
	text = source_line(&files->sources, source, line + 1);
	while (column && at < text.len) {
		at++;
		while (at < text.len && ((unsigned char)text.at[at] & 0xc0) == 0x80)
			at++;
		column--;
	}
	/* To the end of the word. */
	end = at;
	while (end < text.len && !strchr(stops, text.at[end]) &&
	       !(text.at[end] == ':' && (end + 1 == text.len || text.at[end + 1] == ' ')) &&
	       !(text.at[end] == ' ' && end + 1 < text.len && text.at[end + 1] == '#'))
		end++;
	while (end > at && text.at[end - 1] == ' ')
		end--;
	if (end == at)
		end = at < text.len ? at + 1 : at;
	return (struct span){ source, (uint32_t)(text.at + at - files->sources.list[source].text.at),
			      (uint32_t)(end - at) };
}

struct diag *yaml_fault(struct yaml_files *files, enum diag_code code, yaml_place place, const char *format, ...)
{
	char text[800];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return diag_add(&files->diags, code, span_of(files, place), "%s", text);
}

void yaml_also(struct yaml_files *files, struct diag *diag, yaml_place place, const char *words)
{
	diag_also(&files->diags, diag, span_of(files, place), "%s", words);
}

void yaml_locate(const struct yaml_files *files, yaml_place place, struct text *ret_name, uint32_t *ret_line)
{
	uint32_t source = (uint32_t)(place >> 52);
	struct text path = source < files->sources.count ? files->sources.list[source].path : TEXT("?");
	size_t at = path.len;

	while (at && path.at[at - 1] != '/')
		at--;
	*ret_name = (struct text){ path.at + at, path.len - at };
	*ret_line = (uint32_t)(place >> 20) + 1;
}

struct text yaml_where(struct yaml_files *files, yaml_place place)
{
	uint32_t source = (uint32_t)(place >> 52);

	if (source >= files->sources.count)
		return TEXT("?");
	return text_format(&files->arena, "%.*s:%u:%u", TEXT_ARG(files->sources.list[source].path),
			   (uint32_t)(place >> 20) + 1, (uint32_t)(place & 0xfffff) + 1);
}

static bool read_standard_input(struct yaml_files *files, size_t most, uint32_t *ret_source)
{
	struct buf text = { 0 };
	char block[65536];
	ssize_t got;

	while ((got = read(STDIN_FILENO, block, sizeof block)) > 0 && text.len <= most)
		buf_add(&text, block, (size_t)got);
	if (buf_failed(&text))
		out_of_memory();
	if (got < 0 || text.len > most) {
		diag_add(&files->diags, got < 0 ? DIAG_UNREADABLE : DIAG_YAML_LIMIT, SPAN_NONE,
			 got < 0 ? "standard input cannot be read" : "standard input has more than %zu bytes", most);
		buf_release(&text);
		return false;
	}
	*ret_source = source_add(&files->sources, TEXT("<stdin>"), buf_view(&text));
	buf_release(&text);
	return true;
}

static bool read_source(struct yaml_files *files, const char *path, size_t most, uint32_t *ret_source)
{
	if (strcmp(path, "-") == 0)
		return read_standard_input(files, most, ret_source);
	switch (source_read(&files->sources, path, most, ret_source)) {
	case SOURCE_OK:
		return true;
	case SOURCE_UNREADABLE:
		diag_add(&files->diags, DIAG_UNREADABLE, SPAN_NONE, "%s: %m", path);
		return false;
	case SOURCE_TOO_LARGE:
		diag_add(&files->diags, DIAG_YAML_LIMIT, SPAN_NONE, "%s has more than %zu bytes", path, most);
		return false;
	case SOURCE_NO_MEMORY:
		break;
	}
	return false;
}

static void begin_document(struct yaml *yaml);

struct yaml *yaml_open(struct yaml_files *files, const char *path, size_t most_bytes)
{
	struct yaml *yaml;
	struct text text;
	uint32_t source;

	if (!read_source(files, path, most_bytes, &source))
		return NULL;
	yaml = calloc(1, sizeof *yaml);
	if (!yaml || !yaml_parser_initialize(&yaml->parser))
		out_of_memory();
	yaml->files = files;
	yaml->source = source;
	arena_init(&yaml->keys, SIZE_MAX / 4);
	yaml->keys.escape = &cli_no_memory;
	text = files->sources.list[source].text;
	if (text.len >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0)	/* a byte order mark, as some editors write */
		text = files->sources.list[source].text = (struct text){ text.at + 3, text.len - 3 };
	yaml_parser_set_encoding(&yaml->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&yaml->parser, (const unsigned char *)text.at, text.len);
	begin_document(yaml);
	return yaml;
}

void yaml_close(struct yaml *yaml)
{
	if (!yaml)
		return;
	if (yaml->ahead)
		yaml_event_delete(&yaml->event);
	yaml_parser_delete(&yaml->parser);
	arena_free(&yaml->keys);
	free(yaml);
}

bool yaml_failed(const struct yaml *yaml)
{
	return yaml->failed;
}

void yaml_progress(const struct yaml *yaml, size_t *ret_done, size_t *ret_of)
{
	*ret_done = yaml->done;
	*ret_of = yaml->files->sources.list[yaml->source].text.len;
}

/* Events ------------------------------------------------------------------------------------------ */

static void fault(struct yaml *yaml, enum diag_code code, yaml_mark_t mark, const char *words)
{
	if (!yaml->failed)
		yaml_fault(yaml->files, code, place_of(yaml->source, mark), "%s", words);
	yaml->failed = true;
}

/* What to do about what libyaml says; NULL when its words must do. */
static const char *parser_help(const struct yaml *yaml, const char *problem, yaml_mark_t mark)
{
	struct text line = source_line(&yaml->files->sources, yaml->source, (uint32_t)mark.line + 1);

	if (memchr(line.at, '\t', line.len) && strstr(problem, "cannot start any token"))
		return "here stands a tab; YAML is indented with spaces";
	if (strstr(problem, "mapping values are not allowed") || strstr(problem, "could not find expected ':'"))
		return "an entry is `name: value` with a space behind the colon; a value with a colon in it stands in quotes";
	if (strstr(problem, "expected ',' or"))
		return "elements are separated by commas, and what [ or { opens, ] or } closes";
	if (strstr(problem, "did not find expected"))
		return "lines of one list or map begin in one column";
	return NULL;
}

static void parser_fault(struct yaml *yaml)
{
	const char *problem = yaml->parser.problem ? yaml->parser.problem : "it cannot be read";
	yaml_mark_t mark = yaml->parser.problem_mark;

	if (yaml->parser.error == YAML_MEMORY_ERROR)
		out_of_memory();
	if (yaml->parser.error == YAML_READER_ERROR) {	/* not UTF-8: no mark, but an offset */
		struct text text = yaml->files->sources.list[yaml->source].text;
		size_t offset = yaml->parser.problem_offset < text.len ? yaml->parser.problem_offset : text.len;

		if (!yaml->failed)
			diag_add(&yaml->files->diags, DIAG_YAML_SYNTAX,
				 (struct span){ yaml->source, (uint32_t)offset, offset < text.len ? 1 : 0 },
				 strcmp(problem, "control characters are not allowed") == 0
					 ? "a control character has no place here" : "the file is not UTF-8 text: %s",
				 problem);
		yaml->failed = true;
		return;
	}
	if (!yaml->failed) {
		struct diag *diag = yaml_fault(yaml->files, DIAG_YAML_SYNTAX, place_of(yaml->source, mark), "%s", problem);
		const char *help = parser_help(yaml, problem, mark);

		if (help)
			diag_help(&yaml->files->diags, diag, "%s", help);
	}
	yaml->failed = true;
}

/* The next event, looked at once: what is not used here is refused. */
static const yaml_event_t *peek(struct yaml *yaml)
{
	const yaml_event_t *event = &yaml->event;
	bool tagged = false, anchored = false;

	if (yaml->failed)
		return NULL;
	if (yaml->ahead)
		return event;
	if (!yaml_parser_parse(&yaml->parser, &yaml->event)) {
		parser_fault(yaml);
		return NULL;
	}
	yaml->ahead = true;
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		anchored = true;
		break;
	case YAML_SCALAR_EVENT:
		anchored = event->data.scalar.anchor;
		tagged = event->data.scalar.tag;
		if (event->data.scalar.length > LIMIT_YAML_SCALAR)
			fault(yaml, DIAG_YAML_LIMIT, event->start_mark, "a value has more than 2000 bytes");
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchored = event->data.sequence_start.anchor;
		tagged = event->data.sequence_start.tag;
		break;
	case YAML_MAPPING_START_EVENT:
		anchored = event->data.mapping_start.anchor;
		tagged = event->data.mapping_start.tag;
		break;
	default:
		break;
	}
	if (anchored)
		fault(yaml, DIAG_YAML_FEATURE, event->start_mark, "anchors (&) and aliases (*) are not used here");
	if (tagged)
		fault(yaml, DIAG_YAML_FEATURE, event->start_mark, "tags (!) are not used here");
	return yaml->failed ? NULL : event;
}

static void drop(struct yaml *yaml)
{
	yaml->done = yaml->parser.offset;
	yaml_event_delete(&yaml->event);
	yaml->ahead = false;
}

static void begin_document(struct yaml *yaml)
{
	const yaml_event_t *event = peek(yaml);

	if (event && event->type == YAML_STREAM_START_EVENT) {
		drop(yaml);
		event = peek(yaml);
	}
	if (event && event->type == YAML_DOCUMENT_START_EVENT)
		drop(yaml);
	else if (event)
		fault(yaml, DIAG_YAML_SHAPE, event->start_mark, "the file is empty");
}

/* After the top value: nothing may follow. */
static void end_document(struct yaml *yaml)
{
	const yaml_event_t *event = peek(yaml);

	if (event && event->type == YAML_DOCUMENT_END_EVENT) {
		drop(yaml);
		event = peek(yaml);
	}
	if (event && event->type != YAML_STREAM_END_EVENT)
		fault(yaml, DIAG_YAML_FEATURE, event->start_mark, "a file holds one document");
}

bool yaml_peek(struct yaml *yaml, enum yaml_kind *ret_kind, yaml_place *ret_place)
{
	const yaml_event_t *event = peek(yaml);

	if (!event)
		return false;
	*ret_place = place_of(yaml->source, event->start_mark);
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		*ret_kind = YAML_TEXT;
		return true;
	case YAML_SEQUENCE_START_EVENT:
		*ret_kind = YAML_LIST;
		return true;
	case YAML_MAPPING_START_EVENT:
		*ret_kind = YAML_MAP;
		return true;
	default:
		return false;
	}
}

static bool deeper(struct yaml *yaml, yaml_mark_t mark, bool map)
{
	if (yaml->depth == LIMIT_YAML_DEPTH) {
		fault(yaml, DIAG_YAML_LIMIT, mark, "the file is nested too deeply");
		return false;
	}
	yaml->depth++;
	yaml->open[yaml->depth].count = 0;
	yaml->open[yaml->depth].map = map;
	return true;
}

static void shallower(struct yaml *yaml)
{
	drop(yaml);
	if (--yaml->depth == 0)
		end_document(yaml);
}

bool yaml_enter_map(struct yaml *yaml)
{
	const yaml_event_t *event = peek(yaml);

	if (!event)
		return false;
	if (event->type != YAML_MAPPING_START_EVENT) {
		/* `kind:` with nothing behind it: no entries. */
		if (event->type == YAML_SCALAR_EVENT && event->data.scalar.length == 0 && yaml->depth) {
			drop(yaml);
			return false;
		}
		fault(yaml, DIAG_YAML_SHAPE, event->start_mark, "entries of the form `name: value` are expected here");
		return false;
	}
	if (!deeper(yaml, event->start_mark, true))
		return false;
	drop(yaml);
	return true;
}

static bool known_key(struct yaml *yaml, struct text key, yaml_place place)
{
	unsigned at = yaml->depth;
	struct diag *diag;

	/* Maps of very many entries are rows by their ids: a row that stands twice is found when it is loaded. */
	if (yaml->open[at].count >= 256)
		return false;
	for (size_t i = 0; i < yaml->open[at].count; i++) {
		if (!text_equal(yaml->open[at].keys[i], key))
			continue;
		diag = yaml_fault(yaml->files, DIAG_YAML_DUPLICATE, place, "`%.*s` is stated twice", TEXT_ARG(key));
		yaml_also(yaml->files, diag, yaml->open[at].places[i], "the first one");
		yaml->failed = true;
		return true;
	}
	yaml->open[at].keys = arena_grow(&yaml->keys, yaml->open[at].keys, yaml->open[at].count,
					 &yaml->open[at].cap, sizeof *yaml->open[at].keys);
	yaml->open[at].places = arena_grow(&yaml->keys, yaml->open[at].places, yaml->open[at].count,
					   &yaml->open[at].cap_places, sizeof *yaml->open[at].places);
	yaml->open[at].keys[yaml->open[at].count] = text_copy(&yaml->keys, key);
	yaml->open[at].places[yaml->open[at].count++] = place;
	return false;
}

static bool take_key(struct yaml *yaml, struct arena *arena, struct text *ret_key, yaml_place *ret_place)
{
	const yaml_event_t *event = peek(yaml);
	struct text key;

	if (!event)
		return false;
	if (event->type != YAML_SCALAR_EVENT) {
		fault(yaml, DIAG_YAML_SHAPE, event->start_mark, "a name is expected here");
		return false;
	}
	key = (struct text){ (const char *)event->data.scalar.value, event->data.scalar.length };
	*ret_place = place_of(yaml->source, event->start_mark);
	if (text_equal(key, TEXT("<<"))) {
		fault(yaml, DIAG_YAML_FEATURE, event->start_mark, "merge keys (<<) are not used here");
		return false;
	}
	*ret_key = text_copy(arena, key);
	drop(yaml);
	return true;
}

bool yaml_next_key(struct yaml *yaml, struct text *ret_key, yaml_place *ret_place)
{
	const yaml_event_t *event = peek(yaml);

	if (!event)
		return false;
	if (event->type == YAML_MAPPING_END_EVENT) {
		shallower(yaml);
		return false;
	}
	if (!take_key(yaml, &yaml->keys, ret_key, ret_place))
		return false;
	return !known_key(yaml, *ret_key, *ret_place);
}

bool yaml_enter_list(struct yaml *yaml)
{
	const yaml_event_t *event = peek(yaml);

	if (!event)
		return false;
	if (event->type != YAML_SEQUENCE_START_EVENT) {
		fault(yaml, DIAG_YAML_SHAPE, event->start_mark, "a list is expected here");
		return false;
	}
	if (!deeper(yaml, event->start_mark, false))
		return false;
	drop(yaml);
	return true;
}

bool yaml_next_item(struct yaml *yaml)
{
	const yaml_event_t *event = peek(yaml);

	if (!event)
		return false;
	if (event->type != YAML_SEQUENCE_END_EVENT)
		return true;
	shallower(yaml);
	return false;
}

/* Trees ------------------------------------------------------------------------------------------- */

static bool take_node(struct yaml *yaml, struct arena *arena, struct yaml_node *node);

static bool take_list(struct yaml *yaml, struct arena *arena, struct yaml_node *node)
{
	size_t cap = 0;

	if (!yaml_enter_list(yaml))
		return false;
	node->kind = YAML_LIST;
	while (yaml_next_item(yaml)) {
		node->items = arena_grow(arena, node->items, node->count, &cap, sizeof *node->items);
		if (!take_node(yaml, arena, &node->items[node->count]))
			return false;
		node->count++;
	}
	return !yaml->failed;
}

static bool take_map(struct yaml *yaml, struct arena *arena, struct yaml_node *node)
{
	size_t cap = 0;

	if (!yaml_enter_map(yaml))
		return false;
	node->kind = YAML_MAP;
	for (;;) {
		const yaml_event_t *event = peek(yaml);
		struct yaml_pair pair = { .key = { 0 } };

		if (!event)
			return false;
		if (event->type == YAML_MAPPING_END_EVENT) {
			shallower(yaml);
			return !yaml->failed;
		}
		if (!take_key(yaml, arena, &pair.key, &pair.place))
			return false;
		for (size_t i = 0; i < node->count; i++) {
			struct diag *diag;

			if (!text_equal(node->pairs[i].key, pair.key))
				continue;
			diag = yaml_fault(yaml->files, DIAG_YAML_DUPLICATE, pair.place, "`%.*s` is stated twice",
					  TEXT_ARG(pair.key));
			yaml_also(yaml->files, diag, node->pairs[i].place, "the first one");
			yaml->failed = true;
			return false;
		}
		if (!take_node(yaml, arena, &pair.value))
			return false;
		node->pairs = arena_grow(arena, node->pairs, node->count, &cap, sizeof *node->pairs);
		node->pairs[node->count++] = pair;
	}
}

static bool take_node(struct yaml *yaml, struct arena *arena, struct yaml_node *node)
{
	const yaml_event_t *event = peek(yaml);

	*node = (struct yaml_node){ .kind = YAML_TEXT };
	if (!event)
		return false;
	node->place = place_of(yaml->source, event->start_mark);
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
		node->text = text_copy(arena, (struct text){ (const char *)event->data.scalar.value,
							     event->data.scalar.length });
		drop(yaml);
		if (!yaml->depth)
			end_document(yaml);
		return true;
	case YAML_SEQUENCE_START_EVENT:
		return take_list(yaml, arena, node);
	case YAML_MAPPING_START_EVENT:
		return take_map(yaml, arena, node);
	default:
		fault(yaml, DIAG_YAML_SHAPE, event->start_mark, "a value is expected here");
		return false;
	}
}

bool yaml_take(struct yaml *yaml, struct arena *arena, struct yaml_node *ret_node)
{
	return take_node(yaml, arena, ret_node);
}

bool yaml_read(struct yaml_files *files, const char *path, size_t most_bytes, struct yaml_node *ret_root)
{
	struct yaml *yaml = yaml_open(files, path, most_bytes);
	enum yaml_kind kind;
	yaml_place place;
	bool read;

	if (!yaml)
		return false;
	read = yaml_peek(yaml, &kind, &place);
	if (read && kind != YAML_MAP) {
		yaml_fault(files, DIAG_YAML_SHAPE, place, "the file holds entries of the form `name: value`");
		read = false;
	}
	read = read && yaml_take(yaml, &files->arena, ret_root) && !yaml->failed;
	yaml_close(yaml);
	return read;
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
	struct text wanted = text_from(key);

	if (!map || map->kind != YAML_MAP)
		return NULL;
	for (size_t i = 0; i < map->count; i++)
		if (text_equal(map->pairs[i].key, wanted))
			return &map->pairs[i].value;
	return NULL;
}
