/* SPDX-License-Identifier: EUPL-1.2 */
/* Types: what a field, a parameter or a value may be. */
#include "dsl/check/vocabulary.h"

#include <string.h>

/* Nothing that a type can be is called so, or it is not seen from here. */
static void report_type(struct model *model, const struct part *part, const struct node *node, const struct decl *decl,
			const struct decl *hidden)
{
	struct near near = near_init(node->text);
	struct diag *diag;

	if (decl || node->number & TYPE_REF) {
		need_global(model, part, DECL_RECORD, node);
		return;
	}
	if (hidden) {
		need_global(model, part, hidden->kind, node);
		return;
	}
	diag = diag_add(model->diags, DIAG_UNKNOWN_NAME, node->name, "there is no type `%.*s`", TEXT_ARG(node->text));
	diag_help(model->diags, diag, "a type is id, oid, date, yesno, a code set, or a record");
	for (uint32_t i = 0; i < model->ncodesets; i++)
		near_try(&near, model->codesets[i]->name);
	for (uint32_t i = 0; i < model->nrecords; i++)
		near_try(&near, model->records[i]->name);
	near_help(model, diag, node->name, &near);
}

/* What a type's name stands for. False after a report. */
static bool type_named(struct model *model, const struct part *part, const struct node *node, struct type *type)
{
	static const struct {
		const char *name;
		enum type_kind kind;
	} plain[] = {
		{ "date", KIND_DATE }, { "duration", KIND_DURATION }, { "id", KIND_ID }, { "oid", KIND_OID },
	};
	const struct decl *decl;
	struct decl *hidden;

	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
		if (text_equal(node->text, text_from(plain[i].name))) {
			type->kind = plain[i].kind;
			return true;
		}
	}
	type->kind = KIND_CODE;
	type->codes = model->yesno;
	if (text_equal(node->text, TEXT("yesno")))
		return true;
	decl = find_global(model, part, node->text, &hidden);
	if (decl && decl->kind == DECL_CODES && !(node->number & TYPE_REF)) {
		type->codes = decl->thing;
		return true;
	}
	type->kind = KIND_REF;
	type->codes = NULL;
	if (decl && decl->kind == DECL_RECORD) {
		type->record = decl->thing;
		return true;
	}
	report_type(model, part, node, decl, hidden);
	return false;
}

/* Whether what is said beside the type's name fits with it. Reports what does not. */
static bool shape_fits(struct model *model, const struct node *node, const struct node *most, const struct type *type)
{
	if (most && !type->set) {
		diag_help(model->diags,
			  diag_add(model->diags, DIAG_TYPE, most->span, "`at most` is said of a set, and this is one value"),
			  "leave it out, or write `set of %.*s`", TEXT_ARG(node->text));
		return false;
	}
	if (most && !type->bound) {
		diag_add(model->diags, DIAG_TYPE, most->span, "a set of at most 0 elements has none");
		return false;
	}
	if (type->set && type->bound > LIMIT_SET_ELEMENTS) {
		diag_add(model->diags, DIAG_LIMIT_CODES, node->span,
			 "a set may have at most %d elements", LIMIT_SET_ELEMENTS);
		return false;
	}
	if (type->open && type->kind != KIND_DATE) {
		diag_add(model->diags, DIAG_TYPE, node->span, "only a date can be open");
		return false;
	}
	if (type->set && (type->none || type->open)) {
		struct diag *diag = diag_add(model->diags, DIAG_TYPE, node->span,
					     "a set is never none: it may be empty");

		diag_help(model->diags, diag, "leave out `or %s`", type->none ? "none" : "open");
		return false;
	}
	return true;
}

bool type_resolve(struct model *model, const struct part *part, const struct node *node,
		  struct type *ret_type)
{
	const struct node *most = node_child(node, N_AT_MOST);
	struct type type = {
		.set = node->number & TYPE_SET,
		.none = node->number & TYPE_OR_NONE,
		.open = node->number & TYPE_OR_OPEN,
		.unknown = node->number & TYPE_OR_UNKNOWN,
		.bound = most ? (uint32_t)most->number : 0,
	};

	if (!type_named(model, part, node, &type) || !shape_fits(model, node, most, &type))
		return false;
	if (type.set && !type.bound)
		type.bound = type.kind == KIND_CODE ? type.codes->count : LIMIT_SET_ELEMENTS;
	if (type.bound > LIMIT_SET_ELEMENTS)
		type.bound = LIMIT_SET_ELEMENTS;
	*ret_type = type;
	return true;
}

static const char *article(struct text name)
{
	return name.len && strchr("aeiouAEIOU\xc3", name.at[0]) ? "an " : "a ";	/* å ä ö begin with 0xc3 */
}

const char *type_word(struct model *model, const struct type *type)
{
	const char *of = type->set ? "a set of " : "";

	if (!type_known(type))
		return "of an unknown type";
	switch (type->kind) {
	case KIND_CODE:
		if (type->codes == model->yesno && !type->set)
			return "yes or no";
		return text_format(model->arena, "%s%.*s", type->set ? of : "a code of ",
				   TEXT_ARG(type->codes->name)).at;
	case KIND_DATE:
		return type->set ? "a set of dates" : "a date";
	case KIND_DURATION:
		return "a duration";
	case KIND_ID:
		return type->set ? "a set of ids" : "an id";
	case KIND_OID:
		return type->set ? "a set of oids" : "an oid";
	case KIND_REF:
		return text_format(model->arena, "%s%s%.*s", of, type->set ? "" : article(type->record->name),
				   TEXT_ARG(type->record->name)).at;
	}
	return "";
}
