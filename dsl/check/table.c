/* SPDX-License-Identifier: EUPL-1.2 */
/* Tables: two sets of codes, and what each cell says. */
#include "dsl/check/scope.h"

/* The head of a table names a code set, or a place whose codes are meant. */
static struct codeset *table_codes(struct model *model, struct question *question,
				   const struct table *table, const struct node *path)
{
	struct scope scope = scope_of(model, question, table->part);
	struct decl *decl = path->first->next
				    ? NULL : find_global(model, table->part, path->first->text, NULL);
	struct place place;

	if (decl && decl->kind == DECL_CODES)
		return decl->thing;
	if (!place_resolve(&scope, path, &place))
		return NULL;
	if (place.type.kind == KIND_CODE && !place.type.set)
		return place.type.codes;
	diag_add(model->diags, DIAG_TYPE, path->span, "a table is spanned by codes, and this is %s",
		 type_word(model, &place.type));
	return NULL;
}

static bool *cell_of_constant(struct model *model, struct table *table, const struct node *value,
			      const struct text *word)
{
	struct type type = { .kind = KIND_CODE, .codes = table->values };
	bool *has = ARENA_ARRAY(model->arena, table->values->count, bool);
	struct constant constant;
	uint32_t code;

	if (value && value->kind == N_WORD && value->number == WORD_NONE && table->at_most)
		return has;
	if (value && value->kind == N_BRACES && table->at_most)
		type.set = true;
	if (word) {
		code = codeset_find(table->values, *word);
		if (code == NOWHERE)
			return NULL;
		has[code] = true;
		return has;
	}
	if (!constant_resolve(model, table->part, value, &type, &constant))
		return NULL;
	if (constant.kind == CONST_CODES)
		return constant.has;
	has[constant.code] = true;
	return has;
}

/* What a cell says; false after a report. A pending cell gives NULL. */
static bool cell_value(struct model *model, struct table *table, const struct node *cell, bool **ret)
{
	const struct node *legend = node_child(table->node, N_LEGEND);
	const struct node *blank = node_child(table->node, N_BLANK);
	struct near near = near_init(cell->text);
	struct diag *diag;

	*ret = NULL;
	if (text_equal(cell->text, TEXT("."))) {
		if (!blank) {
			diag = diag_add(model->diags, DIAG_TABLE, cell->span, "this cell is empty");
			diag_help(model->diags, diag, "say what empty cells mean with `blank`, or fill it");
			return false;
		}
		if (blank->first->kind == N_WORD && blank->first->number == WORD_PENDING)
			return true;
		*ret = cell_of_constant(model, table, blank->first, NULL);
		return *ret != NULL;
	}
	if (text_equal(cell->text, TEXT("pending")))
		return true;
	if (text_equal(cell->text, TEXT("none")) && table->at_most) {
		*ret = ARENA_ARRAY(model->arena, table->values->count, bool);
		return true;
	}
	for (const struct node *meaning = legend ? legend->first : NULL; meaning;
	     meaning = meaning->next) {
		near_try(&near, meaning->text);
		if (!text_equal(meaning->text, cell->text))
			continue;
		*ret = cell_of_constant(model, table, meaning->first, NULL);
		return *ret != NULL;
	}
	*ret = cell_of_constant(model, table, NULL, &cell->text);
	if (*ret)
		return true;
	diag = diag_add(model->diags, DIAG_TABLE, cell->span,
			"`%.*s` is neither a code of %.*s nor in the legend", TEXT_ARG(cell->text),
			TEXT_ARG(table->values->name));
	for (uint32_t i = 0; i < table->values->count; i++)
		near_try(&near, table->values->codes[i].name);
	near_help(model, diag, cell->span, &near);
	return false;
}

static bool check_row(struct model *model, struct table *table, const struct node *row,
		      const uint32_t *columns, uint32_t ncolumns, bool *seen)
{
	uint32_t code = need_code(model, table->rows, row->text, row->name), i = 0;
	bool fine = true;

	if (code == NOWHERE)
		return false;
	if (seen[code]) {
		diag_add(model->diags, DIAG_TABLE, row->name, "the row `%.*s` stands twice",
			 TEXT_ARG(row->text));
		return false;
	}
	seen[code] = true;
	if (node_count(row) != ncolumns) {
		diag_add(model->diags, DIAG_TABLE, row->span,
			 "the row `%.*s` has %u cell%s and the table %u column%s", TEXT_ARG(row->text),
			 node_count(row), node_count(row) == 1 ? "" : "s", ncolumns, ncolumns == 1 ? "" : "s");
		return false;
	}
	for (const struct node *cell = row->first; cell; cell = cell->next, i++) {
		uint32_t at = code * table->columns->count + columns[i];
		bool *has;

		table->cells[at] = cell->span;
		if (!cell_value(model, table, cell, &has)) {
			fine = false;
			continue;
		}
		table->has[at] = has;
		table->npending += has == NULL;
	}
	return fine;
}

/* Cells that no row or column names: what `blank` says, or an error. */
static void fill_rest(struct model *model, struct table *table, const bool *rows, const bool *columns)
{
	const struct node *blank = node_child(table->node, N_BLANK);
	bool pending = blank && blank->first->kind == N_WORD && blank->first->number == WORD_PENDING;
	bool *value = blank && !pending ? cell_of_constant(model, table, blank->first, NULL) : NULL;
	bool reported = false;
	struct diag *diag;

	if (blank && !pending && !value)
		return;
	for (uint32_t r = 0; r < table->rows->count; r++) {
		for (uint32_t c = 0; c < table->columns->count; c++) {
			uint32_t at = r * table->columns->count + c;

			if (rows[r] && columns[c])
				continue;
			table->has[at] = value;
			table->cells[at] = table->span;
			table->npending += pending;
			if (blank || reported)
				continue;
			reported = true;
			diag = diag_add(model->diags, DIAG_TABLE, table->span,
					rows[r] ? "the table has no column for `%.*s`"
						: "the table has no row for `%.*s`",
					TEXT_ARG(rows[r] ? table->columns->codes[c].name
							 : table->rows->codes[r].name));
			diag_help(model->diags, diag, "add it, or say with `blank` what cells that are not written mean");
		}
	}
}

static void check_legend(struct model *model, const struct node *legend)
{
	for (const struct node *mark = legend ? legend->first : NULL; mark; mark = mark->next) {
		for (const struct node *other = legend->first; other != mark; other = other->next) {
			struct diag *diag;

			if (!text_equal(mark->text, other->text))
				continue;
			diag = diag_add(model->diags, DIAG_DUPLICATE, mark->name, "the legend has the mark `%.*s` twice",
					TEXT_ARG(mark->text));
			diag_also(model->diags, diag, other->name, "here first");
		}
	}
}

void check_table(struct model *model, struct question *question, struct table *table)
{
	const struct node *node = table->node, *names = node_child(node, N_COLUMNS);
	bool *rows, *columns;
	uint32_t *order, count = 0;
	size_t cells;
	bool fine = true;

	table->at_most = node->number;
	check_legend(model, node_child(node, N_LEGEND));
	table->rows = table_codes(model, question, table, node->first);
	table->columns = table_codes(model, question, table, node->first->next);
	if (text_equal(node_child(node, N_NAME)->text, TEXT("yesno")))
		table->values = model->yesno;
	else
		table->values = need_global(model, table->part, DECL_CODES, node_child(node, N_NAME));
	cites_take(model, table->part, &table->cites, node);
	table->rests = rests_take(model, table->part, node);
	if (!table->rows || !table->columns || !table->values) {
		table->rows = table->columns = NULL;
		return;
	}
	if (!table->cites.count && !node_child(node, N_CITE))
		diag_add(model->diags, DIAG_NO_CITATION, node->name, "the table `%.*s` cites nothing",
			 TEXT_ARG(node->text));
	cells = (size_t)table->rows->count * table->columns->count;
	table->has = ARENA_ARRAY(model->arena, cells, bool *);
	table->cells = ARENA_ARRAY(model->arena, cells, struct span);
	rows = ARENA_ARRAY(model->arena, table->rows->count, bool);
	columns = ARENA_ARRAY(model->arena, table->columns->count, bool);
	order = ARENA_ARRAY(model->arena, node_count(names), uint32_t);
	for (const struct node *name = names->first; name; name = name->next) {
		uint32_t code = need_code(model, table->columns, name->text, name->span);

		if (code != NOWHERE && columns[code])
			diag_add(model->diags, DIAG_TABLE, name->span, "the column `%.*s` stands twice",
				 TEXT_ARG(name->text));
		if (code == NOWHERE || columns[code]) {
			fine = false;
			continue;
		}
		columns[code] = true;
		order[count++] = code;
	}
	for (const struct node *row = node->first; row && fine; row = row->next)
		if (row->kind == N_ROW)
			fine &= check_row(model, table, row, order, count, rows);
	if (fine)
		fill_rest(model, table, rows, columns);
	for (size_t i = 0; fine && table->npending && !table->at_most && i < cells; i++) {
		if (table->has[i])
			continue;
		diag_add(model->diags, DIAG_TABLE, table->cells[i],
			 "only an `at most` table can have pending cells: here a cell must say something");
		break;
	}
}
