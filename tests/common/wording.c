/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/common/wording.h"

#include <string.h>

static bool is_inside(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_' ||
	       byte == '.' || byte == '-' || (byte & 0x80);
}

static bool ends_with(struct text word, const char *end)
{
	size_t length = strlen(end);

	return word.len >= length && memcmp(word.at + word.len - length, end, length) == 0;
}

/* `a.b`, `a_b`; not `kanta.fi`, `facts.yaml`, `24.6.2026`, `esim.` */
static bool is_raw(struct text word)
{
	bool raw = false;

	if (!word.len || word.at[0] < 'a' || word.at[0] > 'z' || ends_with(word, ".fi") || ends_with(word, ".yaml") ||
	    ends_with(word, ".rko"))
		return false;
	for (size_t i = 0; i < word.len; i++) {
		if (!(word.at[i] >= 'a' && word.at[i] <= 'z') && !(word.at[i] >= '0' && word.at[i] <= '9') &&
		    word.at[i] != '_' && word.at[i] != '.')
			return false;
		raw |= word.at[i] == '_' || (word.at[i] == '.' && i + 1 < word.len);
	}
	return raw;
}

/* Whether a row of the case, or what it asks, has this id. */
static bool is_id(struct text word, const struct test_case *about, const struct rko_policy *policy)
{
	for (size_t i = 0; i < about->nrows; i++) {
		const struct fact_row *row = &about->rows[i].row;
		struct rko_kind_about kind;

		rko_kind_about(policy, row->kind, &kind);
		for (uint32_t j = 0; j < kind.fields; j++) {
			struct rko_kind_field_about field;

			rko_kind_field(policy, row->kind, j, RKO_EN, &field);
			if (row->fields[j] && row->fields[j]->kind == YAML_TEXT && field.kind != RKO_FIELD_CODE &&
			    text_equal(row->fields[j]->text, word))
				return true;
		}
	}
	return false;
}

struct text wording_raw(struct text text, const struct test_case *about, const struct rko_policy *policy)
{
	for (size_t at = 0; at < text.len;) {
		struct text word = { text.at + at, 0 };

		while (at + word.len < text.len && is_inside(word.at[word.len]))
			word.len++;
		at += word.len ? word.len : 1;
		while (word.len && (word.at[word.len - 1] == '.' || word.at[word.len - 1] == '-'))
			word.len--;
		if (is_raw(word) && !is_id(word, about, policy))
			return word;
	}
	return (struct text){ "", 0 };
}

/* Behind the end of an element that is left out, or NULL when this is none. */
static const char *left_out(const char *tag)
{
	static const char *const elements[][2] = {
		{ "<style", "</style>" }, { "<code", "</code>" }, { "<section class=\"appendix\"", "</section>" },
	};

	for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
		if (strncmp(tag, elements[i][0], strlen(elements[i][0])) == 0)
			return strstr(tag, elements[i][1]) + strlen(elements[i][1]);
	return NULL;
}

struct buf wording_of_page(const char *page)
{
	struct buf out = { 0 };

	while (*page) {
		const char *behind = *page == '<' ? left_out(page) : NULL;

		if (behind) {
			page = behind;
		} else if (*page == '<') {
			page = strchr(page, '>') + 1;
		} else {
			buf_char(&out, *page++);
			continue;
		}
		buf_char(&out, ' ');
	}
	return out;
}
