/*
 * SQLite files as sources of an import, and the private ones that dumps are read into.
 */
#include "cli/move_source_file.h"

/* Nobody writes there, and nothing is stored beside it. */
#define URI_FORMAT "file:%s?mode=ro"

static int fail_file(struct move_source_file *source, struct error *error)
{
	return error_set_detail(error, ERROR_UNAVAILABLE, "%s cannot be read (%s)",
	    source->source.label, sqlite3_errmsg(source->database));
}

static struct str cell_at(sqlite3_stmt *statement, int column)
{
	const char *data;

	if (sqlite3_column_type(statement, column) == SQLITE_NULL)
		return (struct str){ NULL, 0 };
	data = sqlite3_column_blob(statement, column);
	return (struct str){ data != NULL ? data : "",
		(size_t)sqlite3_column_bytes(statement, column) };
}

static int step_all(struct move_source_file *source, sqlite3_stmt *statement, unsigned columns,
    move_take *take, void *data, struct error *error)
{
	struct str cells[MOVE_CELLS_MAX];
	int status;

	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		for (unsigned i = 0; i < columns; i++) {
			/* Numbers as text, the bytes of blobs as they are. */
			if (sqlite3_column_type(statement, (int)i) != SQLITE_BLOB)
				(void)sqlite3_column_text(statement, (int)i);
			cells[i] = cell_at(statement, (int)i);
		}
		if (take(data, cells, error) != 0)
			return -1;
	}
	return status == SQLITE_DONE ? 0 : fail_file(source, error);
}

static int select_rows(struct move_source *base, const char *sql, unsigned columns, move_take *take,
    void *data, struct error *error)
{
	struct move_source_file *source = (struct move_source_file *)base;
	sqlite3_stmt *statement;
	int result;

	if (sqlite3_prepare_v2(source->database, sql, -1, &statement, NULL) != SQLITE_OK)
		return fail_file(source, error);
	result = step_all(source, statement, columns, take, data, error);
	sqlite3_finalize(statement);
	return result;
}

static void close_file(struct move_source *base)
{
	sqlite3_close(((struct move_source_file *)base)->database);
}

void move_source_append_name(struct buf *out, struct str name)
{
	buf_append_char(out, '`');
	for (size_t i = 0; i < name.length; i++) {
		if (name.data[i] == '`')
			buf_append_char(out, '`');
		buf_append_char(out, name.data[i]);
	}
	buf_append_text(out, "` ");
}

const struct move_source_kind move_source_file_kind = {
	.schema = "SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p "
		  "WHERE m.type = 'table' ORDER BY m.name, p.cid",
	.exact = "CAST(%s AS BLOB)",
	.select = select_rows,
	.close = close_file,
};

/* What would mean something in a URI is written as digits. */
static const char *file_uri(struct arena *arena, const char *file)
{
	struct buf path = { 0 };
	const char *uri;

	for (const char *at = file; *at != '\0'; at++) {
		if (strchr("%?#", *at) != NULL)
			buf_printf(&path, "%%%02X", (unsigned)(unsigned char)*at);
		else
			buf_append_char(&path, *at);
	}
	buf_append_char(&path, '\0');
	uri = path.failed ? NULL : arena_printf(arena, URI_FORMAT, path.data);
	buf_free(&path);
	return uri;
}

int move_source_begin_file(struct move_source_file *source, struct arena *arena, const char *uri,
    const char *label, int flags, struct error *error)
{
	*source = (struct move_source_file){
		.source = { .kind = &move_source_file_kind, .label = label, .arena = arena }
	};
	if (sqlite3_open_v2(uri, &source->database, flags, NULL) == SQLITE_OK)
		return 0;
	(void)fail_file(source, error);
	close_file(&source->source);
	return -1;
}

struct move_source_file *move_source_new_file(
    struct arena *arena, const char *uri, const char *label, int flags, struct error *error)
{
	struct move_source_file *source = arena_alloc(arena, sizeof(*source));

	if (source == NULL || uri == NULL) {
		(void)error_out_of_memory(error);
		return NULL;
	}
	return move_source_begin_file(source, arena, uri, label, flags, error) == 0 ? source : NULL;
}

struct move_source *move_source_open_file(
    struct arena *arena, const char *file, struct error *error)
{
	struct move_source_file *source = move_source_new_file(
	    arena, file_uri(arena, file), file, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, error);

	return source != NULL ? &source->source : NULL;
}
