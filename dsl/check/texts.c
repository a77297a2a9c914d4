/* SPDX-License-Identifier: EUPL-1.2 */
/* Texts in the languages, as they are said of a thing. */
#include "dsl/check/vocabulary.h"

const char *lang_word(enum lang lang)
{
	static const char *const words[LANGS] = { "fi", "sv", "en" };

	return words[lang];
}

/* Where a text that is a piece of a source stands. */
static struct span place_of_text(const struct model *model, struct text text)
{
	for (uint32_t i = 0; i < model->sources->count; i++) {
		const struct text *whole = &model->sources->list[i].text;

		if (text.at >= whole->at && text.at < whole->at + whole->len)
			return (struct span){ i, (uint32_t)(text.at - whole->at), (uint32_t)text.len };
	}
	return SPAN_NONE;
}

void labels_take(struct model *model, struct labels *labels, const struct node *parent)
{
	if (!parent)
		return;
	for (const struct node *child = parent->first; child; child = child->next) {
		if (child->kind != N_LABEL)
			continue;
		if (labels->in[child->number].len) {
			struct diag *diag = diag_add(model->diags, DIAG_DUPLICATE_LABEL, child->span,
						     "a second text in %s", lang_word((enum lang)child->number));

			diag_also(model->diags, diag, place_of_text(model, labels->in[child->number]), "here first");
			continue;
		}
		labels->in[child->number] = child->text;
	}
}
