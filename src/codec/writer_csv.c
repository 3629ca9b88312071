/*
 * CSV (RFC 4180): a head with the paths of the members, and a record for each row. Null is an empty
 * cell, an empty text is "". Lists and maps are JSON in their cell.
 */
#include "codec/row.h"
#include "codec/writer_scope.h"

#define LINE_END "\r\n"

/* Formulas begin with these, the last four in full width. */
static const char *const formula_beginnings[] = { "=", "+", "-", "@", "\t", "\r", "\n",
	"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0" };

/* Spreadsheets take what follows for a text; so that it can be taken away again, it is doubled. */
#define GUARD "'"

static bool is_guarded(const struct writer *writer, struct str text)
{
	if (writer->format->keeps_formulas)
		return false;
	for (unsigned i = 0; i < COUNT_OF(formula_beginnings); i++) {
		if (str_starts_with(text, str_from(formula_beginnings[i])))
			return true;
	}
	return str_starts_with(text, STR(GUARD));
}

static bool is_plain(struct str text)
{
	for (size_t i = 0; i < text.length; i++) {
		if (strchr(",;\t\"\r\n", text.data[i]) != NULL)
			return false;
	}
	return text.length > 0 && text.data[0] != ' ' && text.data[text.length - 1] != ' ';
}

static void append_quoted(struct buf *out, const char *guard, struct str text)
{
	size_t start = 0;

	buf_append_char(out, '"');
	buf_append_text(out, guard);
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] != '"')
			continue;
		buf_append(out, text.data + start, i + 1 - start);
		start = i;
	}
	buf_append(out, text.data + start, text.length - start);
	buf_append_char(out, '"');
}

static void append_text(struct writer *writer, struct str text)
{
	bool guarded = is_guarded(writer, text);

	if (!guarded && is_plain(text))
		buf_append_str(writer->out, text);
	else
		append_quoted(writer->out, guarded ? GUARD : "", text);
}

/* A text, number or boolean that is kept as JSON: the cell has the bare text, as XML has. */
static void append_scalar(struct writer *writer, struct str text)
{
	struct arena *arena;
	const struct node *stored = writer_read_stored(writer, text, &arena);

	if (stored != NULL && stored->kind == NODE_TEXT)
		append_text(writer, stored->text);
	else if (stored != NULL && stored->kind != NODE_NULL)
		buf_append_str(writer->out, stored->text);
	arena_free(arena);
}

/* What consists of rows. */
static void append_rows(struct writer *writer, const struct field *field, const struct value *value)
{
	struct buf json = { 0 };
	struct writer inner;

	writer_init(&inner, MEDIA_JSON, writer->family, &json);
	if (field_holds(field) == VALUE_LIST)
		row_write_list(
		    &inner, NULL, field->relation->target, value->list.rows, value->list.count);
	else
		row_write(&inner, NULL, value->row);
	append_quoted(writer->out, "", buf_str(&json));
	writer->out->failed = writer->out->failed || json.failed;
	buf_free(&json);
}

static void append_value(
    struct writer *writer, const struct field *field, const struct value *value)
{
	const struct field_type_info *type = field_type_info(field->type);

	if (type->lexical == LEXICAL_TEXT)
		append_text(writer, value->text);
	else if (type->lexical == LEXICAL_NESTED)
		append_rows(writer, field, value);
	else if (type->lexical != LEXICAL_JSON)
		type->print(writer->out, field, value, &writer->style);
	else if (type->xml_item != NULL)
		append_quoted(writer->out, "", value->text);
	else
		append_scalar(writer, value->text);
}

static void begin_cell(struct writer *writer)
{
	struct writer_scope *record = writer_scope(writer);

	if (!record->is_empty)
		buf_append_char(writer->out, ',');
	record->is_empty = false;
}

/* The columns of a member that is a row itself; NULL where the member is one column. */
static const struct row *part_of(const struct row *columns, unsigned number)
{
	return field_holds(&columns->resource->fields[number]) == VALUE_ROW &&
		       row_filled(columns, number)
		   ? columns->values[number].row
		   : NULL;
}

static void write_names(struct writer *writer, const struct row *columns, struct buf *path)
{
	size_t outer = path->length;

	for (unsigned i = 0; i < columns->resource->field_count; i++) {
		const struct row *part = part_of(columns, i);

		if (!row_shows(writer, columns, i))
			continue;
		buf_append_text(path, columns->resource->fields[i].name);
		if (part != NULL) {
			buf_append_char(path, '.');
			write_names(writer, part, path);
		} else {
			begin_cell(writer);
			append_text(writer, buf_str(path));
		}
		buf_truncate(path, outer);
	}
}

/* `row` may be NULL, where a part is: all its cells are empty. */
static void write_cells(struct writer *writer, const struct row *columns, const struct row *row)
{
	for (unsigned i = 0; i < columns->resource->field_count; i++) {
		const struct row *part = part_of(columns, i);
		bool filled = row != NULL && row_filled(row, i);

		if (!row_shows(writer, columns, i))
			continue;
		if (part != NULL) {
			write_cells(writer, part, filled ? row->values[i].row : NULL);
			continue;
		}
		begin_cell(writer);
		if (filled)
			append_value(writer, &row->resource->fields[i], &row->values[i]);
	}
}

static void end_record(struct writer *writer)
{
	buf_append_text(writer->out, LINE_END);
	writer_scope(writer)->is_empty = true;
}

static void begin_rows(struct writer *writer, const struct row *columns)
{
	struct buf path = { 0 };

	writer_scope_push(writer, (struct writer_scope){ .is_array = true });
	write_names(writer, columns, &path);
	end_record(writer);
	writer->out->failed = writer->out->failed || path.failed;
	buf_free(&path);
}

static void write_rows(
    struct writer *writer, const struct row *columns, struct row *const *rows, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		write_cells(writer, columns, rows[i]);
		end_record(writer);
	}
}

static void end_rows(struct writer *writer)
{
	writer->depth--;
}

#define CSV_FUNCTIONS \
	WRITER_JSON_FUNCTIONS, .begin_rows = begin_rows, .rows = write_rows, .end_rows = end_rows

const struct writer_format writer_format_csv = {
	.name = "csv",
	.letter = 'c',
	.type_parameters = "; header=present",
	.rows_only = true,
	CSV_FUNCTIONS,
};

const struct writer_format writer_format_csv_kept = {
	.name = "csv-kept",
	.letter = 'k',
	.type_parameters = "; header=present; formulas=kept",
	.rows_only = true,
	.keeps_formulas = true,
	CSV_FUNCTIONS,
};
