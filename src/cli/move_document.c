/*
 * Files of JSON, XML and CSV, and folders of them, as a source of an import.
 */
#include "cli/move_document.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK ((size_t)256 * 1024)
#define MEMORY_MOST ((size_t)512 * 1024 * 1024)
#define PIECE ((size_t)64 * 1024)

int move_document_fail(struct move_document *document, const char *reason)
{
	return error_set_detail(document->error, ERROR_INVALID, "%s: %s", document->name, reason);
}

int move_document_fail_file(struct move_document *document, const char *what)
{
	return error_set_detail(document->error, ERROR_INVALID, "%s cannot be %s (%s)",
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
		return move_document_fail_file(document, "read");
	if (status.st_size >= INT_MAX)
		return move_document_fail(document, "it is longer than 2 GiB; divide it");
	data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fileno(stream), 0);
	if (data == MAP_FAILED)
		return move_document_fail_file(document, "read");
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
		return move_document_fail_file(document, "read");
	if (first == EOF)
		return move_document_fail(document, "it is empty");
	if (first >= 0xfe)
		return move_document_fail(document, "it is no UTF-8; UTF-16, perhaps");
	document->matched = false;
	if ((strchr("[{<", first) != NULL ? read_text(document, stream, first)
					  : move_document_read_csv(document, stream)) != 0)
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
	(void)move_document_fail_file(document, "read");
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
		(void)move_document_fail_file(document, "opened");
		return NULL;
	}
	if (!standard && fstat(fileno(stream), &status) == 0 && S_ISREG(status.st_mode))
		return stream;
	copy = copy_stream(document, stream);
	if (!standard)
		fclose(stream);
	return copy;
}

static int read_file(struct move_document *document, const struct move_document_file *file)
{
	FILE *stream;
	int result;

	document->file = file;
	document->name = name_of(file);
	stream = open_stream(document);
	if (stream == NULL)
		return -1;
	result = read_stream(document, stream);
	fclose(stream);
	return result;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* All files of a folder, by name; those that are hidden are not meant. */
static int read_folder(struct move_document *document, const struct move_document_file *folder)
{
	struct dirent **entries;
	int count = scandir(folder->name, &entries, is_visible, alphasort), result = 0;

	document->name = folder->name;
	if (count < 0)
		return move_document_fail_file(document, "read");
	if (count == 0)
		result = move_document_fail(document, "the folder is empty");
	for (int i = 0; i < count; i++) {
		struct move_document_file file = *folder;

		/* What was left of rows is told by it. */
		file.name =
		    arena_printf(document->names, "%s/%s", folder->name, entries[i]->d_name);
		if (result == 0)
			result = read_file(document, &file);
		free(entries[i]);
	}
	free(entries);
	document->file = folder;
	return result;
}

static int read_any(struct move_document *document, const struct move_document_file *file)
{
	struct stat status;

	return stat(file->name, &status) == 0 && S_ISDIR(status.st_mode)
		   ? read_folder(document, file)
		   : read_file(document, file);
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
		if (read_any(document, &files[i]) != 0)
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
