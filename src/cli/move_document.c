/*
 * Files of JSON, XML and CSV as a source of an import.
 */
#include "cli/move_document.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/csv_file.h"

#define BLOCK ((size_t)256 * 1024)
#define MEMORY_MOST ((size_t)512 * 1024 * 1024)
#define PIECE ((size_t)64 * 1024)

int move_document_fail(struct move_document *document, const char *reason)
{
	return error_set_detail(document->error, ERROR_INVALID, "%s: %s", document->name, reason);
}

static int fail_file(struct move_document *document, const char *what)
{
	return error_set_detail(document->error, ERROR_UNAVAILABLE, "%s cannot be %s (%s)",
	    document->name, what, strerror(errno));
}

const struct move_document_left *move_document_left(const struct move_source *source)
{
	return ((const struct move_document *)source)->left;
}

static const char *name_of(const struct move_document_file *file)
{
	return strcmp(file->name, "-") == 0 ? "standard input" : file->name;
}

/* --- CSV --- */

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
			    table->keys[i]);
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

static int read_csv(struct move_document *document, FILE *stream)
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
		return fail_file(document, "read to its end");
	if (status < 0)
		return error_out_of_memory(document->error);
	document->matched = csv->count > 0;
	return status == 0 ? 0 : -1;
}

/* --- files --- */

/* The first byte that says what it is. */
static int first_byte(FILE *stream)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t marked = 0;
	int byte;

	do
		byte = getc(stream);
	while (byte != EOF && ((marked < 3 && byte == (unsigned char)mark[marked] && ++marked) ||
				  strchr(" \t\r\n", byte) != NULL));
	rewind(stream);
	return byte;
}

static int read_text(struct move_document *document, FILE *stream, int first)
{
	struct stat status;
	struct str text;
	void *data;
	int result;

	if (fstat(fileno(stream), &status) != 0)
		return fail_file(document, "read");
	if (status.st_size >= INT_MAX)
		return move_document_fail(document, "it is longer than 2 GiB; divide it");
	data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fileno(stream), 0);
	if (data == MAP_FAILED)
		return fail_file(document, "read");
	text = (struct str){ data, (size_t)status.st_size };
	result = first == '<' ? move_document_read_xml(document, text)
			      : move_document_read_json(document, text);
	munmap(data, (size_t)status.st_size);
	return result;
}

static int read_stream(struct move_document *document, FILE *stream)
{
	int first = first_byte(stream);

	if (ferror(stream))
		return fail_file(document, "read");
	if (first == EOF)
		return move_document_fail(document, "it is empty");
	if (first >= 0xfe)
		return move_document_fail(document, "it is no UTF-8; UTF-16, perhaps");
	document->matched = false;
	if ((strchr("[{<", first) != NULL ? read_text(document, stream, first)
					  : read_csv(document, stream)) != 0)
		return -1;
	arena_reset(document->arena);
	if (document->matched)
		return 0;
	return move_document_fail(
	    document, arena_printf(document->arena, "there is no %s in it",
			  document->file->table != NULL ? "list of objects"
							: document->kind->documents->holds));
}

/* What comes from a pipe is kept in a file that nobody else sees. */
static FILE *copy_stream(struct move_document *document, FILE *from)
{
	FILE *copy = tmpfile();
	char piece[PIECE];
	size_t length;

	while (copy != NULL && (length = fread(piece, 1, sizeof(piece), from)) > 0) {
		if (fwrite(piece, 1, length, copy) != length)
			break;
	}
	if (copy != NULL && !ferror(from) && fflush(copy) == 0 && !ferror(copy)) {
		rewind(copy);
		return copy;
	}
	(void)fail_file(document, "read");
	if (copy != NULL)
		fclose(copy);
	return NULL;
}

static FILE *open_stream(struct move_document *document)
{
	bool standard = strcmp(document->file->name, "-") == 0;
	FILE *stream = standard ? stdin : fopen(document->file->name, "re"), *copy;
	struct stat status;

	if (stream == NULL) {
		(void)fail_file(document, "opened");
		return NULL;
	}
	if (!standard && fstat(fileno(stream), &status) == 0 && S_ISREG(status.st_mode))
		return stream;
	copy = copy_stream(document, stream);
	if (!standard)
		fclose(stream);
	return copy;
}

static int read_file(struct move_document *document)
{
	FILE *stream = open_stream(document);
	int result;

	if (stream == NULL)
		return -1;
	result = read_stream(document, stream);
	fclose(stream);
	return result;
}

static int read_files(
    struct move_document *document, const struct move_document_file *files, unsigned count)
{
	sqlite3 *database = document->source.database;

	document->name = document->source.source.label;
	(void)sqlite3_exec(database, "BEGIN", NULL, NULL, NULL);
	if (move_document_make_tables(document) != 0)
		return -1;
	for (unsigned i = 0; i < count; i++) {
		document->file = &files[i];
		document->name = name_of(&files[i]);
		if (read_file(document) != 0)
			return -1;
	}
	move_document_end_tables(document);
	if (sqlite3_exec(database, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		return error_set_detail(document->error, ERROR_UNAVAILABLE,
		    "what was read cannot be stored (%s)", sqlite3_errmsg(database));
	return move_source_read_names(&document->source.source, document->error);
}

static const char *label_of(
    struct arena *arena, const struct move_document_file *files, unsigned count)
{
	const char *first = name_of(&files[0]);

	return count == 1 ? first : arena_printf(arena, "%s and %u more", first, count - 1);
}

struct move_source *move_document_open(struct arena *arena, const struct move_kind *kind,
    const struct move_document_file *files, unsigned count, struct error *error)
{
	struct move_document *document = arena_alloc(arena, sizeof(*document));
	int result;

	if (document == NULL) {
		(void)error_out_of_memory(error);
		return NULL;
	}
	*document = (struct move_document){ .kind = kind,
		.names = arena,
		.arena = arena_new(BLOCK, MEMORY_MOST),
		.tables =
		    arena_alloc_array(arena, kind->table_count, sizeof(struct move_document_table)),
		.error = error };
	if (document->arena == NULL || document->tables == NULL) {
		arena_free(document->arena);
		(void)error_out_of_memory(error);
		return NULL;
	}
	memset(document->tables, 0, kind->table_count * sizeof(document->tables[0]));
	if (move_source_begin_file(&document->source, arena, "", label_of(arena, files, count),
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, error) != 0) {
		arena_free(document->arena);
		return NULL;
	}
	result = read_files(document, files, count);
	arena_free(document->arena);
	document->arena = NULL;
	if (result == 0)
		return &document->source.source;
	move_document_end_tables(document);
	move_source_close(&document->source.source);
	return NULL;
}
