/*
 * CSV as a document: its first line names the columns, each other one is a row of one table.
 */
#include "cli/csv_file.h"
#include "cli/move_document.h"

struct csv {
	struct move_document *document;
	unsigned table;
	struct str names[CSV_FILE_FIELDS_MAX];
	unsigned count; /* 0 = the header line was not read */
};

/* Rows without a key could not be told apart. */
static const char *check_keys(const struct csv *csv)
{
	const struct move_table *table = &csv->document->kind->tables[csv->table];

	for (size_t i = 0; i < COUNT_OF(table->keys) && table->keys[i] != NULL; i++) {
		bool found = false;

		for (unsigned j = 0; j < csv->count && !found; j++)
			found = str_equal_ignore_case(csv->names[j], str_from(table->keys[i]));
		if (!found)
			return arena_printf(csv->document->arena,
			    csv->count == 1 && str_find(csv->names[0], ';') < csv->names[0].length
				? "there is no column \"%s\"; separate columns by commas"
				: "there is no column \"%s\"",
			    move_key_name(table, (unsigned)i));
	}
	return NULL;
}

static int take_header(struct csv *csv, const struct csv_file_record *record)
{
	struct move_document *document = csv->document;
	const char *reason = record->fault;

	for (unsigned i = 0; i < record->count && reason == NULL; i++) {
		csv->names[i] = move_document_column(&document->kind->tables[csv->table],
		    arena_str(document->names, str_trim(record->fields[i])));
		if (csv->names[i].length == 0)
			reason = "a column has no name";
		for (unsigned j = 0; j < i && reason == NULL; j++) {
			if (str_equal_ignore_case(csv->names[i], csv->names[j]))
				reason = arena_printf(document->arena,
				    "the column \"" STR_FORMAT "\" is there twice",
				    STR_ARGUMENTS(str_slice(csv->names[i], 0, 80)));
		}
	}
	csv->count = record->count;
	if (reason == NULL)
		reason = check_keys(csv);
	return reason == NULL ? 0
			      : move_document_fail(document, arena_printf(document->arena,
								 "line %u: %s; the first line "
								 "must name the columns",
								 record->line, reason));
}

static int take_record(void *data, const struct csv_file_record *record)
{
	struct csv *csv = data;
	struct move_document *document = csv->document;
	struct move_document_row row = {
		.table = csv->table, .line = record->line, .fault = record->fault
	};

	if (csv->count == 0)
		return take_header(csv, record) == 0 ? 0 : 1;
	if (row.fault == NULL && record->count != csv->count)
		row.fault = arena_printf(document->arena, "has %u fields, but there are %u columns",
		    record->count, csv->count);
	for (unsigned i = 0; i < record->count && row.fault == NULL; i++) {
		/* An empty field is null. */
		if (record->fields[i].length > 0 &&
		    !move_document_add_cell(document, &row, csv->names[i], record->fields[i]))
			return -1;
	}
	if (move_document_put(document, &row) != 0)
		return 1;
	arena_reset(document->arena);
	return 0;
}

int move_document_read_csv(struct move_document *document, FILE *stream)
{
	const struct move_table *table = document->file->table;
	struct csv *csv = arena_alloc(document->names, sizeof(*csv));
	int status;

	if (csv == NULL)
		return error_out_of_memory(document->error);
	*csv = (struct csv){ .document = document,
		.table = move_table_number(
		    document->kind, table != NULL ? table->name : document->kind->first) };
	status = csv_file_read(stream, take_record, csv);
	if (status < 0 && ferror(stream))
		return move_document_fail_file(document, "read to its end");
	if (status < 0)
		return error_out_of_memory(document->error);
	document->matched = csv->count > 0;
	return status == 0 ? 0 : -1;
}
