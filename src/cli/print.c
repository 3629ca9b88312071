#include "cli/print.h"

#include "cli/session.h"
#include "codec/reader.h"
#include "schema/resource.h"

#define COLUMNS_MAX 16

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

/* Names may hold anything; a terminal must not be told to do things by them. */
static void append_visible(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.length; i++) {
		bool control = (unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f;

		buf_append_char(out, control ? '?' : text.data[i]);
	}
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
		append_visible(out, item->text);
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
		append_visible(out, value->text);
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

/* One cell with the blanks that bring it to its column's width; the last column needs none. */
static void append_cell(struct buf *text, const struct buf *cell, size_t width, bool last)
{
	size_t length = str_utf8_length(buf_str(cell));

	buf_append_str(text, buf_str(cell));
	for (size_t i = length; !last && i < width + 2; i++)
		buf_append_char(text, ' ');
	if (last)
		buf_append_char(text, '\n');
}

static void measure(const struct print_column *columns, unsigned count, const struct result *result,
    size_t widths[COLUMNS_MAX])
{
	struct buf cell = { 0 };

	for (unsigned c = 0; c < count; c++) {
		widths[c] = strlen(columns[c].title);
		for (unsigned r = 0; r < result->count; r++) {
			size_t length;

			buf_reset(&cell, 4096);
			append_value(&cell, columns[c].kind, &result->rows[r][c]);
			length = str_utf8_length(buf_str(&cell));
			if (length > widths[c])
				widths[c] = length;
		}
	}
	buf_free(&cell);
}

static enum command_status print_table(struct session *session, const struct print_column *columns,
    unsigned count, const struct result *result)
{
	struct buf text = { 0 }, cell = { 0 };
	size_t widths[COLUMNS_MAX];

	measure(columns, count, result, widths);
	for (unsigned c = 0; c < count; c++) {
		buf_reset(&cell, 4096);
		buf_append_text(&cell, columns[c].title);
		append_cell(&text, &cell, widths[c], c + 1 == count);
	}
	for (unsigned r = 0; r < result->count; r++) {
		for (unsigned c = 0; c < count; c++) {
			buf_reset(&cell, 4096);
			append_value(&cell, columns[c].kind, &result->rows[r][c]);
			append_cell(&text, &cell, widths[c], c + 1 == count);
		}
	}
	buf_free(&cell);
	return print_buffer(session, &text);
}

enum command_status print_rows(struct session *session, const struct print_column *columns,
    unsigned count, const struct result *result)
{
	return session->json ? print_json(session, columns, count, result)
			     : print_table(session, columns, count, result);
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
