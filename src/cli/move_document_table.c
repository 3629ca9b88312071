/*
 * Rows of documents on their way into the import's own SQLite file. Columns come as members do;
 * rows of one key are one row.
 */
#include "cli/move_document.h"

#define COLUMNS_MOST 500 /* of one table */
#define LEFT_MOST 100
#define NAME_MOST 200 /* longest name of a column, in bytes */

static struct move_document_table *table_of(struct move_document *document, unsigned number)
{
	return &document->tables[number];
}

static int fail_database(struct move_document *document)
{
	return error_set_detail(document->error, ERROR_UNAVAILABLE, "%s cannot be read (%s)",
	    document->name, sqlite3_errmsg(document->source.database));
}

static int run_statement(struct move_document *document, struct buf *sql)
{
	int status = SQLITE_NOMEM;

	buf_append_char(sql, '\0');
	if (!sql->failed)
		status = sqlite3_exec(document->source.database, sql->data, NULL, NULL, NULL);
	buf_free(sql);
	return status == SQLITE_OK ? 0 : fail_database(document);
}

bool move_document_has_column(const struct move_table *table, struct str name)
{
	for (unsigned i = 0; i < table->column_count; i++) {
		if (str_equal_ignore_case(name, str_from(table->columns[i].sql)))
			return true;
	}
	return false;
}

struct str move_document_column(const struct move_table *table, struct str name)
{
	for (const char *const *pair = table->renames; pair != NULL && *pair != NULL; pair += 2) {
		if (str_equal_ignore_case(name, str_from(pair[0])))
			return str_from(pair[1]);
	}
	return name;
}

void move_document_note_left(struct move_document *document, const char *path)
{
	struct move_document_left *left;

	for (left = document->left; left != NULL; left = left->next) {
		if (strcmp(left->path, path) == 0)
			return;
	}
	if (document->left_count == LEFT_MOST)
		return;
	left = arena_alloc(document->names, sizeof(*left));
	if (left == NULL)
		return;
	*left = (struct move_document_left){ .path = arena_printf(document->names, "%s", path) };
	document->left_count++;
	if (document->last_left == NULL)
		document->left = left;
	else
		document->last_left->next = left;
	document->last_left = left;
}

/* --- columns --- */

static int find_column(const struct move_document_table *table, struct str name)
{
	for (unsigned i = 0; i < table->column_count; i++) {
		if (str_equal_ignore_case(table->columns[i], name))
			return (int)i;
	}
	return -1;
}

static int remember_column(
    struct move_document *document, struct move_document_table *table, struct str name)
{
	if (table->column_count == table->column_capacity) {
		unsigned capacity = table->column_capacity > 0 ? 2 * table->column_capacity : 64;
		struct str *grown = arena_alloc_array(document->names, capacity, sizeof(grown[0]));

		if (grown == NULL)
			return error_out_of_memory(document->error);
		if (table->column_count > 0)
			memcpy(grown, table->columns, table->column_count * sizeof(grown[0]));
		table->columns = grown;
		table->column_capacity = capacity;
	}
	table->columns[table->column_count++] = arena_str(document->names, name);
	return arena_exhausted(document->names) ? error_out_of_memory(document->error) : 0;
}

static int add_known(struct move_document *document, struct move_document_table *table,
    const char *name, struct buf *sql)
{
	if (find_column(table, str_from(name)) >= 0)
		return 0;
	buf_printf(sql, ", `%s` TEXT", name);
	return remember_column(document, table, str_from(name));
}

/* All that the kind knows is there, whatever the documents have: expressions may name it. */
static int make_table(struct move_document *document, unsigned number)
{
	static const char *const own[] = { MOVE_DOCUMENT_PLACE, MOVE_DOCUMENT_FAULT, MOVE_PARENT };
	const struct move_table *kind = &document->kind->tables[number];
	struct move_document_table *table = table_of(document, number);
	struct buf sql = { 0 };
	int result = 0;

	buf_append_text(&sql, "CREATE TABLE ");
	move_source_append_name(&sql, str_from(kind->name));
	buf_append_text(&sql, "(`" MOVE_ROW "` INTEGER PRIMARY KEY, `" MOVE_DOCUMENT_TIMES
			      "` INTEGER DEFAULT 1, `" MOVE_DOCUMENT_DIFFERS "` INTEGER DEFAULT 0");
	for (size_t i = 0; i < COUNT_OF(own) && result == 0; i++)
		result = add_known(document, table, own[i], &sql);
	for (size_t i = 0; i < COUNT_OF(kind->keys) && kind->keys[i] != NULL && result == 0; i++)
		result = add_known(document, table, kind->keys[i], &sql);
	for (unsigned i = 0; i < kind->column_count && result == 0; i++) {
		if (move_is_name(kind->columns[i].sql))
			result = add_known(document, table, kind->columns[i].sql, &sql);
	}
	if (kind->newest != NULL && result == 0)
		result = add_known(document, table, kind->newest, &sql);
	if (!kind->apart)
		buf_printf(&sql, ", UNIQUE (`%s`", kind->keys[0]);
	if (!kind->apart && kind->keys[1] != NULL)
		buf_printf(&sql, ", `%s`", kind->keys[1]);
	buf_append_text(&sql, kind->apart ? ")" : "))");
	if (result == 0)
		return run_statement(document, &sql);
	buf_free(&sql);
	return -1;
}

int move_document_make_tables(struct move_document *document)
{
	for (unsigned i = 0; i < document->kind->table_count; i++) {
		if (make_table(document, i) != 0)
			return -1;
	}
	return 0;
}

/* What is known is there already: more than so many others are told together, by no name. */
static bool has_room(struct move_document *document, unsigned number, struct str name)
{
	if (table_of(document, number)->column_count < COLUMNS_MOST && name.length <= NAME_MOST)
		return true;
	move_document_note_left(document, arena_printf(document->arena, "further members of %s",
					      document->kind->tables[number].name));
	return false;
}

static int add_column(struct move_document *document, unsigned number, struct str name)
{
	struct move_document_table *table = table_of(document, number);
	struct buf sql = { 0 };

	buf_append_text(&sql, "ALTER TABLE ");
	move_source_append_name(&sql, str_from(document->kind->tables[number].name));
	buf_append_text(&sql, " ADD COLUMN ");
	move_source_append_name(&sql, name);
	buf_append_text(&sql, " TEXT");
	return run_statement(document, &sql) != 0 ? -1 : remember_column(document, table, name);
}

/* --- rows --- */

bool move_document_add_cell(struct move_document *document, struct move_document_row *row,
    struct str column, struct str text)
{
	if (row->count == row->capacity) {
		unsigned capacity = row->capacity > 0 ? 2 * row->capacity : 32;
		struct move_document_cell *grown =
		    arena_alloc_array(document->arena, capacity, sizeof(grown[0]));

		if (grown == NULL)
			return false;
		if (row->count > 0)
			memcpy(grown, row->cells, row->count * sizeof(grown[0]));
		row->cells = grown;
		row->capacity = capacity;
	}
	row->cells[row->count++] = (struct move_document_cell){ column, text };
	return true;
}

static bool is_without_member(const struct move_table *kind, struct str name)
{
	for (unsigned i = 0; i < kind->column_count; i++) {
		if (str_equal_ignore_case(name, str_from(kind->columns[i].sql)))
			return kind->columns[i].member == NULL;
	}
	return true;
}

/* What the row says counts from now on, and of two in the same state the later one. */
static void append_change(struct buf *sql, const struct move_table *kind,
    const struct move_document_table *table, const int *columns, unsigned count)
{
	buf_printf(sql, " ON CONFLICT (`%s`", kind->keys[0]);
	if (kind->keys[1] != NULL)
		buf_printf(sql, ", `%s`", kind->keys[1]);
	buf_append_text(sql, ") DO UPDATE SET `" MOVE_DOCUMENT_TIMES "` = `" MOVE_DOCUMENT_TIMES
			     "` + 1, `" MOVE_DOCUMENT_DIFFERS "` = `" MOVE_DOCUMENT_DIFFERS "`");
	for (unsigned i = 0; i < count && kind->newest == NULL; i++) {
		struct str name = table->columns[columns[i]];

		if (name.data[0] == '/' || is_without_member(kind, name))
			continue;
		buf_append_text(sql, " OR ");
		move_source_append_name(sql, name);
		buf_append_text(sql, " <> excluded.");
		move_source_append_name(sql, name);
		buf_append_text(sql, "IS TRUE");
	}
	for (unsigned i = 0; i < count; i++) {
		buf_append_char(sql, ',');
		move_source_append_name(sql, table->columns[columns[i]]);
		buf_append_text(sql, " = excluded.");
		move_source_append_name(sql, table->columns[columns[i]]);
	}
	for (unsigned i = 0; i < count && kind->newest != NULL; i++) {
		if (!str_equal_ignore_case(table->columns[columns[i]], str_from(kind->newest)))
			continue;
		buf_printf(sql, " WHERE `%s` IS NULL OR `%s` <= excluded.`%s`", kind->newest,
		    kind->newest, kind->newest);
	}
}

static void append_insert(struct buf *sql, const struct move_table *kind,
    const struct move_document_table *table, const int *columns, unsigned count)
{
	buf_append_text(sql, "INSERT INTO ");
	move_source_append_name(sql, str_from(kind->name));
	for (unsigned i = 0; i < count; i++) {
		buf_append_text(sql, i == 0 ? "(" : ", ");
		move_source_append_name(sql, table->columns[columns[i]]);
	}
	for (unsigned i = 0; i < count; i++)
		buf_printf(sql, "%s?%u", i == 0 ? ") VALUES (" : ", ", i + 1);
	buf_append_char(sql, ')');
	if (!kind->apart)
		append_change(sql, kind, table, columns, count);
	buf_append_char(sql, '\0');
}

/* The statement for these columns; that of the row before as a rule. */
static sqlite3_stmt *prepare(
    struct move_document *document, unsigned number, const int *columns, unsigned count)
{
	struct move_document_table *table = table_of(document, number);
	struct buf sql = { 0 };

	append_insert(&sql, &document->kind->tables[number], table, columns, count);
	if (!sql.failed && table->statement != NULL &&
	    str_equal(buf_str(&sql), buf_str(&table->sql))) {
		buf_free(&sql);
		(void)sqlite3_reset(table->statement);
		return table->statement;
	}
	sqlite3_finalize(table->statement);
	table->statement = NULL;
	buf_free(&table->sql);
	table->sql = sql;
	if (sql.failed || sqlite3_prepare_v2(document->source.database, sql.data, -1,
			      &table->statement, NULL) != SQLITE_OK)
		return NULL;
	return table->statement;
}

/* A member that stands there twice, in other letters, counts once. */
static bool is_twice(const int *columns, unsigned count, int column)
{
	for (unsigned i = 0; i < count; i++) {
		if (columns[i] == column)
			return true;
	}
	return false;
}

/* An empty key is none. */
static bool is_empty_key(const struct move_table *kind, const struct move_document_cell *cell)
{
	for (size_t i = 0; i < COUNT_OF(kind->keys) && kind->keys[i] != NULL; i++) {
		if (str_equal_ignore_case(cell->column, str_from(kind->keys[i])))
			return cell->text.length == 0;
	}
	return false;
}

static int find_columns(struct move_document *document, struct move_document_row *row, int *columns)
{
	struct move_document_table *table = table_of(document, row->table);
	unsigned kept = 0;

	for (unsigned i = 0; i < row->count; i++) {
		int column = find_column(table, row->cells[i].column);

		if (column < 0 && !has_room(document, row->table, row->cells[i].column))
			continue;
		if (column < 0) {
			if (add_column(document, row->table, row->cells[i].column) != 0)
				return -1;
			column = (int)table->column_count - 1;
		}
		if (is_twice(columns, kept, column) ||
		    is_empty_key(&document->kind->tables[row->table], &row->cells[i]))
			continue;
		columns[kept] = column;
		row->cells[kept++] = row->cells[i];
	}
	row->count = kept;
	return 0;
}

static int store_row(struct move_document *document, const struct move_document_row *row)
{
	struct move_document_row copy = *row;
	int *columns = arena_alloc_array(document->arena, row->count, sizeof(columns[0]));
	sqlite3_stmt *statement;

	if (columns == NULL)
		return error_out_of_memory(document->error);
	if (find_columns(document, &copy, columns) != 0)
		return -1;
	statement = prepare(document, copy.table, columns, copy.count);
	if (statement == NULL)
		return fail_database(document);
	for (unsigned i = 0; i < copy.count; i++) {
		struct str text = copy.cells[i].text;

		if (sqlite3_bind_text64(statement, (int)i + 1, text.data, text.length,
			SQLITE_STATIC, SQLITE_UTF8) != SQLITE_OK)
			return fail_database(document);
	}
	if (sqlite3_step(statement) != SQLITE_DONE)
		return fail_database(document);
	(void)sqlite3_reset(statement);
	return 0;
}

int move_document_put(struct move_document *document, const struct move_document_row *row)
{
	struct move_document_row whole = *row;
	const char *place = row->line > 0
				? arena_printf(document->arena, "%s:%u", document->name, row->line)
				: document->name;
	bool good =
	    move_document_add_cell(document, &whole, STR(MOVE_DOCUMENT_PLACE), str_from(place));

	if (row->parent.data != NULL)
		good =
		    good && move_document_add_cell(document, &whole, STR(MOVE_PARENT), row->parent);
	if (row->fault != NULL)
		good = good && move_document_add_cell(document, &whole, STR(MOVE_DOCUMENT_FAULT),
				   str_from(row->fault));
	if (!good)
		return error_out_of_memory(document->error);
	return store_row(document, &whole);
}

void move_document_end_tables(struct move_document *document)
{
	for (unsigned i = 0; i < document->kind->table_count; i++) {
		sqlite3_finalize(document->tables[i].statement);
		document->tables[i].statement = NULL;
		buf_free(&document->tables[i].sql);
	}
}
