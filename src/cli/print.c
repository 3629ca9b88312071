#include "cli/print.h"

#include "cli/session.h"
#include "codec/reader.h"
#include "schema/resource.h"

/* Memory for a list of texts while it is printed. */
#define LIST_BLOCK ((size_t)4096)
#define LIST_MEMORY ((size_t)16 * 1024 * 1024)

static const struct {
	enum permission bit;
	const char *word;
} permission_words[] = {
	{ PERMISSION_READ, "read" },
	{ PERMISSION_UPDATE, "update" },
	{ PERMISSION_DELETE, "delete" },
	{ PERMISSION_CREATE, "create" },
};

void print_permissions(struct buf *out, unsigned permissions, const char *separator)
{
	size_t start = out->length;

	for (size_t i = 0; i < COUNT_OF(permission_words); i++) {
		if ((permissions & permission_words[i].bit) == 0)
			continue;
		if (out->length > start)
			buf_append_text(out, separator);
		buf_append_text(out, permission_words[i].word);
	}
	if (out->length == start)
		buf_append_text(out, "none");
}

/* A JSON list of texts, with commas between; nothing for people to read is "-". */
static void append_list(struct buf *out, struct str text)
{
	struct arena *arena = arena_new(LIST_BLOCK, LIST_MEMORY);
	const struct node *list = arena != NULL ? json_read_stored(arena, text) : NULL;
	const struct node *item = list != NULL ? list->children : NULL;

	if (item == NULL)
		buf_append_char(out, '-');
	for (; item != NULL; item = item->next) {
		buf_append_visible(out, item->text);
		if (item->next != NULL)
			buf_append_char(out, ',');
	}
	arena_free(arena);
}

static void append_value(struct buf *out, enum print_kind kind, const struct bind *value)
{
	char uuid[UUID_TEXT_LENGTH];

	if (value->null) {
		buf_append_char(out, '-');
		return;
	}
	switch (kind) {
	case PRINT_TEXT:
	case PRINT_NUMBERS:
		buf_append_visible(out, value->text);
		break;
	case PRINT_LIST:
		append_list(out, value->text);
		break;
	case PRINT_INTEGER:
		buf_append_int64(out, value->integer);
		break;
	case PRINT_BOOLEAN:
		buf_append_text(out, value->integer != 0 ? "yes" : "no");
		break;
	case PRINT_UUID:
		uuid_print(&value->uuid, uuid);
		buf_append(out, uuid, sizeof(uuid));
		break;
	case PRINT_MOMENT:
		timestamp_print(out, value->integer, TIMESTAMP_UTC);
		break;
	case PRINT_PERMISSIONS:
		print_permissions(out, (unsigned)value->integer, ",");
		break;
	}
}

enum command_status print_buffer(struct session *session, struct buf *text)
{
	enum command_status status = COMMAND_OK;

	if (text->failed)
		status = session_fail(session, "Out of memory.");
	else if (text->length > 0)
		fwrite(text->data, 1, text->length, session->out);
	buf_free(text);
	return status;
}

void print_object(struct session *session, const struct print_column *columns, unsigned count,
    const struct bind *values)
{
	struct print_json json;

	print_json_begin(&json);
	print_add_row(&json.writer, columns, count, values);
	(void)print_json_end(session, &json);
}

static enum command_status print_json(struct session *session, const struct print_column *columns,
    unsigned count, const struct result *result)
{
	struct print_json json;

	print_json_begin(&json);
	writer_array_begin(&json.writer, NULL, "row");
	for (unsigned r = 0; r < result->count; r++)
		print_add_row(&json.writer, columns, count, result->rows[r]);
	writer_array_end(&json.writer);
	return print_json_end(session, &json);
}

void print_table_begin(
    struct print_table *table, const struct print_column *columns, unsigned count)
{
	*table = (struct print_table){ .columns = columns, .count = count };
	for (unsigned i = 0; i < count; i++)
		table->widths[i] = strlen(columns[i].title);
}

void print_table_add(struct print_table *table, const struct bind *values)
{
	for (unsigned i = 0; i < table->count; i++) {
		size_t start = table->cells.length, length;

		append_value(&table->cells, table->columns[i].kind, &values[i]);
		length = str_utf8_length(
		    str_slice(buf_str(&table->cells), start, table->cells.length - start));
		if (length > table->widths[i])
			table->widths[i] = length;
		buf_append_char(&table->cells, '\n');
	}
}

/* One cell with the blanks that bring it to its column's width; the last column needs none. */
static void append_cell(
    const struct print_table *table, struct buf *text, struct str cell, unsigned column)
{
	bool last = column + 1 == table->count;

	buf_append_str(text, cell);
	for (size_t i = str_utf8_length(cell); !last && i < table->widths[column] + 2; i++)
		buf_append_char(text, ' ');
	if (last)
		buf_append_char(text, '\n');
}

enum command_status print_table_end(struct session *session, struct print_table *table)
{
	struct buf text = { .failed = table->cells.failed };
	struct str rest = buf_str(&table->cells), cell;
	unsigned column = 0;

	for (unsigned i = 0; i < table->count; i++)
		append_cell(table, &text, str_from(table->columns[i].title), i);
	while (rest.length > 0 && str_next(&rest, '\n', &cell)) {
		append_cell(table, &text, cell, column);
		column = (column + 1) % table->count;
	}
	buf_free(&table->cells);
	return print_buffer(session, &text);
}

static enum command_status print_for_people(struct session *session,
    const struct print_column *columns, unsigned count, const struct result *result)
{
	struct print_table table;

	print_table_begin(&table, columns, count);
	for (unsigned r = 0; r < result->count; r++)
		print_table_add(&table, result->rows[r]);
	return print_table_end(session, &table);
}

enum command_status print_rows(struct session *session, const struct print_column *columns,
    unsigned count, const struct result *result)
{
	return session->json ? print_json(session, columns, count, result)
			     : print_for_people(session, columns, count, result);
}

enum command_status print_lines(struct session *session, const struct print_column *columns,
    unsigned count, const struct bind *values)
{
	struct buf text = { 0 };
	int width = 0;

	for (unsigned i = 0; i < count; i++)
		width =
		    (int)strlen(columns[i].title) > width ? (int)strlen(columns[i].title) : width;
	for (unsigned i = 0; i < count; i++) {
		buf_printf(&text, "%-*s  ", width, columns[i].title);
		append_value(&text, columns[i].kind, &values[i]);
		buf_append_char(&text, '\n');
	}
	return print_buffer(session, &text);
}
