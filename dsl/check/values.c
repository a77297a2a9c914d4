/* SPDX-License-Identifier: EUPL-1.2 */
/* Values that have a name: constants, sets, parameters and what overlays set them to. */
#include "dsl/check/vocabulary.h"

static bool add_codes(struct model *model, struct part *part, const struct node *node,
		      const struct codeset *codes, bool *has);

void report_one_code(struct model *model, const struct node *name)
{
	struct text braces = text_format(model->arena, "{ %.*s }", TEXT_ARG(name->text));
	struct diag *diag = diag_add(model->diags, DIAG_TYPE, name->span,
				     "`%.*s` is one code, and a set of codes is needed here", TEXT_ARG(name->text));

	diag_fix(model->diags, diag, name->span, braces, "write `%.*s`", TEXT_ARG(braces));
}

/* The codes of a named set; its code set is settled by the first use when the set itself cannot tell. */
static bool add_named(struct model *model, struct part *part, const struct node *name,
		      const struct codeset *codes, bool *has)
{
	struct named_set *set;
	struct diag *diag;

	if (!find_global(model, part, name->text, NULL) && codeset_find(codes, name->text) != NOWHERE) {
		report_one_code(model, name);
		return false;
	}
	set = need_global(model, part, DECL_SET, name);
	if (!set || !set_resolve(model, set))
		return false;
	set->used = true;
	if (set->value.kind != CONST_CODES || set->value.codes != codes) {
		diag = diag_add(model->diags, DIAG_TYPE, name->name,
				"`%.*s` is not a set of %.*s", TEXT_ARG(name->text),
				TEXT_ARG(codes->name));
		diag_also(model->diags, diag, set->span, "declared here");
		return false;
	}
	for (uint32_t i = 0; i < codes->count; i++)
		has[i] |= set->value.has[i];
	return true;
}

static bool add_codes(struct model *model, struct part *part, const struct node *node,
		      const struct codeset *codes, bool *has)
{
	bool fine = true;

	if (node->kind == N_PATH && !node->first->next)
		return add_named(model, part, node->first, codes, has);
	if (node->kind != N_BRACES) {
		diag_add(model->diags, DIAG_TYPE, node->span, "a set of %.*s is needed here",
			 TEXT_ARG(codes->name));
		return false;
	}
	for (const struct node *name = node->first; name; name = name->next) {
		uint32_t code = need_code(model, codes, name->text, name->span);

		if (code == NOWHERE)
			fine = false;
		else
			has[code] = true;
	}
	return fine;
}

/* No set has them all: which one is odd is said of the set that has most of them. */
static void report_odd_code(struct model *model, const struct node *braces)
{
	struct codeset *best = NULL;
	uint32_t most = 0;

	for (uint32_t i = 0; i < model->ncodesets; i++) {
		uint32_t have = 0;

		for (const struct node *name = braces->first; name; name = name->next)
			have += codeset_find(model->codesets[i], name->text) != NOWHERE;
		if (have > most) {
			most = have;
			best = model->codesets[i];
		}
	}
	if (!best) {
		diag_add(model->diags, DIAG_UNKNOWN_CODE, braces->span, "no code set has these codes");
		return;
	}
	for (const struct node *name = braces->first; name; name = name->next) {
		struct near near = near_init(name->text);
		struct diag *diag;

		if (codeset_find(best, name->text) != NOWHERE)
			continue;
		diag = diag_add(model->diags, DIAG_UNKNOWN_CODE, name->span,
				"`%.*s` is not a code of %.*s, as the others are", TEXT_ARG(name->text),
				TEXT_ARG(best->name));
		for (uint32_t i = 0; i < best->count; i++)
			near_try(&near, best->codes[i].name);
		near_help(model, diag, name->span, &near);
		return;
	}
}

/* Whether a part sees the set, and all names of a list are its codes. */
static bool holds_all(const struct part *part, const struct codeset *set, const struct node *braces)
{
	bool all = true, seen = false;

	for (uint32_t i = 0; i < part->nsees; i++)
		seen |= part->sees[i] == set->module;
	for (const struct node *name = braces->first; name && all; name = name->next)
		all = codeset_find(set, name->text) != NOWHERE;
	return all && seen;
}

struct codeset *codes_holding(struct model *model, const struct part *part, const struct node *braces)
{
	struct codeset *found = NULL;
	struct diag *diag;

	if (!braces->first) {
		diag = diag_add(model->diags, DIAG_AMBIGUOUS, braces->span,
				"an empty set does not say of which codes it is");
		diag_help(model->diags, diag, "write {} where it is used");
		return NULL;
	}
	for (uint32_t i = 0; i < model->ncodesets; i++) {
		struct codeset *set = model->codesets[i];

		if (!holds_all(part, set, braces))
			continue;
		if (found) {
			diag = diag_add(model->diags, DIAG_AMBIGUOUS, braces->span, "these codes are in %.*s and in %.*s",
					TEXT_ARG(found->name), TEXT_ARG(set->name));
			diag_help(model->diags, diag,
				  "write `every %.*s except …`, or name the codes where they are used",
				  TEXT_ARG(found->name));
			return NULL;
		}
		found = set;
	}
	if (!found)
		report_odd_code(model, braces);
	return found;
}

/* `set name = value` of no parameter: either the name or the braces are wrong. */
static void report_no_set(struct model *model, const struct named_set *set, const struct node *value)
{
	struct near near = near_init(set->name);
	struct diag *diag;

	if (value->kind == N_PATH && !value->first->next) {	/* one code, most likely */
		diag = diag_add(model->diags, DIAG_TYPE, value->span, "a set is { codes } or `every` code set");
		diag_help(model->diags, diag, "write { %.*s }; a value is given only to a parameter of the base",
			  TEXT_ARG(value->first->text));
		return;
	}
	for (uint32_t i = 0; i < model->nparameters; i++) {
		const struct parameter *parameter = model->parameters[i];
		struct decl hidden = { DECL_PARAMETER, parameter->name, parameter->span, parameter->module, NULL };

		if (parameter->layer)	/* of another overlay: nobody else gives it a value */
			continue;
		if (!text_equal(parameter->name, set->name)) {
			near_try(&near, parameter->name);
			continue;
		}
		report_hidden(model, set->part, set->node, &hidden);
		return;
	}
	diag = diag_add(model->diags, DIAG_UNKNOWN_NAME, set->span, "there is no parameter `%.*s`", TEXT_ARG(set->name));
	diag_help(model->diags, diag, "a value is given only to a parameter of the base; a set of codes is { … } or `every …`");
	near_help(model, diag, set->span, &near);
}

static bool resolve_set(struct model *model, struct named_set *set)
{
	const struct node *value = set->node->first;
	struct codeset *codes = NULL;
	bool fine = true;

	if (value->kind == N_EVERY) {
		codes = need_global(model, set->part, DECL_CODES, value);
	} else if (value->kind == N_BRACES) {
		codes = codes_holding(model, set->part, value);
	} else {
		report_no_set(model, set, value);
		return false;
	}
	if (!codes)
		return false;
	set->value = (struct constant){ .kind = CONST_CODES, .codes = codes };
	set->value.has = ARENA_ARRAY(model->arena, codes->count, bool);
	if (value->kind == N_BRACES)
		return add_codes(model, set->part, value, codes, set->value.has);
	for (uint32_t i = 0; i < codes->count; i++)
		set->value.has[i] = true;
	for (const struct node *less = value->first; less; less = less->next) {
		bool *without = ARENA_ARRAY(model->arena, codes->count, bool);

		if (!add_codes(model, set->part, less, codes, without))
			fine = false;
		for (uint32_t i = 0; i < codes->count; i++)
			set->value.has[i] &= !without[i];
	}
	return fine;
}

bool set_resolve(struct model *model, struct named_set *set)
{
	struct height height;

	if (set->resolved) {
		height_met(model, set->height);
		return set->value.kind == CONST_CODES && set->value.has;
	}
	if (set->resolving) {
		diag_add(model->diags, DIAG_RECURSIVE, set->span, "the set `%.*s` is made of itself",
			 TEXT_ARG(set->name));
		return false;
	}
	if (!height_room(model, set->name, set->span))
		return false;
	set->resolving = true;
	height = height_begin(model);
	if (!resolve_set(model, set))
		set->value.has = NULL;
	if (!height_end(model, height, set->name, set->span, &set->height))
		set->value.has = NULL;
	set->resolving = false;
	set->resolved = true;
	return set->value.has != NULL;
}

/* Constants -------------------------------------------------------------------------------------- */

static bool refuse_constant(struct model *model, const struct node *node, const struct type *type)
{
	diag_add(model->diags, DIAG_TYPE, node->span, "%s is needed here", type_word(model, type));
	return false;
}

/* A code, or a set of them. */
static bool constant_codes(struct model *model, struct part *part, const struct node *node, const struct type *type,
			   struct constant *constant)
{
	constant->codes = type->codes;
	if (type->set) {
		constant->kind = CONST_CODES;
		constant->has = ARENA_ARRAY(model->arena, type->codes->count, bool);
		return add_codes(model, part, node, type->codes, constant->has);
	}
	constant->kind = CONST_CODE;
	if (node->kind == N_WORD && type->codes == model->yesno &&
	    (node->number == WORD_YES || node->number == WORD_NO)) {
		constant->code = node->number == WORD_YES ? YESNO_YES : YESNO_NO;
		return true;
	}
	if (node->kind != N_PATH || node->first->next || type->codes == model->yesno)
		return refuse_constant(model, node, type);
	constant->code = need_code(model, type->codes, node->first->text, node->span);
	return constant->code != NOWHERE;
}

static bool constant_duration(struct model *model, const struct node *node, const struct type *type,
			      struct constant *constant)
{
	bool days = text_equal(node->text, TEXT("days"));

	if (node->kind != N_DURATION)
		return refuse_constant(model, node, type);
	if (node->number > (days ? 36500 : 1200)) {
		diag_add(model->diags, DIAG_TYPE, node->span, "this is longer than a hundred years");
		return false;
	}
	constant->kind = CONST_DURATION;
	constant->number = (int32_t)node->number;
	constant->unit = days ? UNIT_DAYS : UNIT_MONTHS;
	return true;
}

bool constant_resolve(struct model *model, struct part *part, const struct node *node,
		      const struct type *type, struct constant *ret)
{
	struct constant constant = { 0 };
	bool fine = true;

	if (node->kind == N_WORD && node->number == WORD_NONE && type->none) {
		constant.kind = CONST_NONE;
	} else if (node->kind == N_WORD && node->number == WORD_UNKNOWN && type->unknown) {
		constant.kind = CONST_UNKNOWN;
	} else if (type->kind == KIND_CODE) {
		fine = constant_codes(model, part, node, type, &constant);
	} else if (type->kind == KIND_DURATION) {
		fine = constant_duration(model, node, type, &constant);
	} else if (type->kind == KIND_DATE && node->kind == N_DATE) {
		constant.kind = CONST_DATE;
		constant.number = (int32_t)node->number;
	} else {
		fine = refuse_constant(model, node, type);
	}
	if (fine)
		*ret = constant;
	return fine;
}

/* Parameters ------------------------------------------------------------------------------------- */

static bool constant_equal(const struct constant *a, const struct constant *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case CONST_CODE:
		return a->code == b->code;
	case CONST_CODES:
		for (uint32_t i = 0; i < a->codes->count; i++)
			if (a->has[i] != b->has[i])
				return false;
		return true;
	case CONST_DATE:
		return a->number == b->number;
	case CONST_DURATION:
		return a->number == b->number && a->unit == b->unit;
	case CONST_NONE:
	case CONST_UNKNOWN:
		return true;
	}
	return false;
}

/* Whether a date, or a duration of the same unit, is not after another. */
static bool not_after(const struct constant *a, const struct constant *b)
{
	if (a->kind != b->kind || (a->kind == CONST_DURATION && a->unit != b->unit))
		return false;
	return (a->kind == CONST_DATE || a->kind == CONST_DURATION) && a->number <= b->number;
}

static bool allowed(struct model *model, struct part *part, const struct parameter *parameter,
		    const struct constant *value)
{
	if (!parameter->allows)
		return false;
	if (!parameter->allows->first)
		return true;
	for (const struct node *range = parameter->allows->first; range; range = range->next) {
		struct constant from = { 0 }, to = { 0 };
		bool lower = range->number == RANGE_FROM || range->number == RANGE_BOTH;
		bool upper = range->number == RANGE_TO || range->number == RANGE_BOTH;

		if (!constant_resolve(model, part, range->first, &parameter->type, &from))
			return true;	/* reported there */
		if (range->number == RANGE_ONE) {
			if (constant_equal(&from, value))
				return true;
			continue;
		}
		if (range->number == RANGE_TO)
			to = from;
		else if (upper && !constant_resolve(model, part, range->last, &parameter->type, &to))
			return true;
		if ((!lower || not_after(&from, value)) && (!upper || not_after(value, &to)))
			return true;
	}
	return false;
}

void check_parameter(struct model *model, struct part *part, struct node *node)
{
	struct parameter *parameter = find_own(model, part, DECL_PARAMETER, node);
	const struct node *value = node->first->next;
	struct type type;

	if (!parameter)
		return;
	if (!type_resolve(model, part, node_child(node, N_TYPE), &parameter->type))
		return;
	if (parameter->type.kind == KIND_REF || parameter->type.kind == KIND_ID ||
	    parameter->type.kind == KIND_OID) {
		diag_add(model->diags, DIAG_TYPE, node->first->span,
			 "a parameter is a date, a duration, a code, yes or no, or a set of codes");
		return;
	}
	parameter->allows = node_child(node, N_ALLOWS);
	if (value->kind == N_ALLOWS)
		value = value->next;
	type = parameter->type;
	type.unknown = true;	/* the base may leave it to the overlays */
	if (constant_resolve(model, part, value, &type, &parameter->value) && parameter->allows &&
	    parameter->value.kind != CONST_UNKNOWN && !allowed(model, part, parameter, &parameter->value)) {
		struct diag *diag = diag_add(model->diags, DIAG_NOT_ALLOWED, value->span,
					     "`%.*s` does not allow its own value", TEXT_ARG(parameter->name));

		diag_also(model->diags, diag, parameter->allows->span, "it allows these");
	}
	cites_take(model, part, &parameter->cites, node);
	labels_take(model, &parameter->says, node_child(node, N_SAYS));
}

static void add_setting(struct model *model, struct part *part, struct parameter *parameter,
			const struct node *node)
{
	struct setting setting = { .span = node->span };
	struct diag *diag;

	setting.layer = &model->layers[model->modules[part->module].layer];
	if (setting.layer == model->layers) {
		diag = diag_add(model->diags, DIAG_MISPLACED, node->name,
				"the base gives `%.*s` its value where it is declared",
				TEXT_ARG(parameter->name));
		diag_also(model->diags, diag, parameter->span, "declared here");
		return;
	}
	if (!type_known(&parameter->type) ||
	    !constant_resolve(model, part, node->first, &parameter->type, &setting.value))
		return;
	if (!allowed(model, part, parameter, &setting.value)) {
		diag = diag_add(model->diags, DIAG_NOT_ALLOWED, node->first->span,
				"the base does not allow this value of `%.*s`",
				TEXT_ARG(parameter->name));
		diag_also(model->diags, diag,
			  parameter->allows ? parameter->allows->span : parameter->span,
			  parameter->allows ? "it allows these" : "it allows no other value than its own");
		return;
	}
	cites_take(model, part, &setting.cites, node);
	setting.rests = rests_take(model, part, node);
	setting.force = setting.layer->force;
	if (setting.cites.count)
		setting.force = force_of_layer(model, setting.layer, &setting.cites, node->name,
					       text_format(model->arena, "the value of `%.*s`",
							   TEXT_ARG(parameter->name)));
	else if (!node_child(node, N_CITE))
		diag_add(model->diags, DIAG_NO_CITATION, node->name,
			 "`set %.*s` says nothing about where the value comes from: add `cite`",
			 TEXT_ARG(parameter->name));
	parameter->settings = arena_grow(model->arena, parameter->settings, parameter->nsettings,
					 &parameter->cap, sizeof *parameter->settings);
	parameter->settings[parameter->nsettings++] = setting;
}

void check_setting(struct model *model, struct part *part, struct node *node)
{
	struct decl *decl = find_global(model, part, node->text, NULL);

	if (decl && decl->kind == DECL_PARAMETER) {
		add_setting(model, part, decl->thing, node);
		return;
	}
	if (decl && decl->kind == DECL_SET) {
		struct cites ignored = { 0 };

		set_resolve(model, decl->thing);
		cites_take(model, part, &ignored, node);
		rests_take(model, part, node);
	}
}

/* Two overlays of one area, in force together, set a parameter to different values. */
void settings_check(struct model *model)
{
	for (uint32_t p = 0; p < model->nparameters; p++) {
		struct parameter *parameter = model->parameters[p];

		for (uint32_t i = 0; i < parameter->nsettings; i++) {
			for (uint32_t j = 0; j < i; j++) {
				struct setting *a = &parameter->settings[i], *b = &parameter->settings[j];
				struct force both = force_meet(a->force, b->force);
				struct diag *diag;

				if (a->layer->set != b->layer->set || a->layer->code != b->layer->code ||
				    force_empty(both) || constant_equal(&a->value, &b->value))
					continue;
				diag = diag_add(model->diags, DIAG_SETTINGS_CLASH, a->span,
						"`%.*s` is set to two values in force %.*s",
						TEXT_ARG(parameter->name),
						TEXT_ARG(force_text(model, both)));
				diag_also(model->diags, diag, b->span, "and here");
			}
		}
	}
}
