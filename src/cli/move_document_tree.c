/*
 * Where rows stand in documents: the paths of a kind's tables, found in JSON item by item and in
 * XML as a whole; members of rows become cells.
 */
#include "cli/move_document.h"
#include "codec/reader.h"
#include "codec/writer.h"

#define ITEM "[]"
#define DOCUMENT "."

/* Of one row, or of all that has no place in any. */
static const struct limits limits = { .body_values = 1000000, .body_depth = 64 };

/* --- paths --- */

static const char *join_member(struct move_document *document, const char *path, struct str name)
{
	struct buf escaped = { 0 };
	const char *joined;

	/* As JSON pointers do, so that a name with a "/" is no path. */
	for (size_t i = 0; i < name.length; i++) {
		if (name.data[i] == '/')
			buf_append_text(&escaped, "~1");
		else
			buf_append_char(&escaped, name.data[i]);
	}
	joined = arena_printf(document->arena, "%s%s" STR_FORMAT, path, path[0] != '\0' ? "/" : "",
	    STR_ARGUMENTS(buf_str(&escaped)));
	buf_free(&escaped);
	return joined;
}

static const char *join_item(struct move_document *document, const char *path)
{
	return arena_printf(document->arena, "%s" ITEM, path);
}

/* Whether the table's rows may stand in this file, in rows of `within` (NULL = in none). */
static bool is_sought(const struct move_document *document, const struct move_table *table,
    const struct move_table *within)
{
	const struct move_table *alone = document->file->table;

	if (within != NULL)
		return table->within != NULL && strcmp(table->within, within->name) == 0;
	return table->within == NULL && table->paths != NULL && (alone == NULL || alone == table);
}

/* One of the table's paths that is `path`, or, where it `leads`, one that goes on from it. */
static bool has_path(const struct move_table *table, const char *path, bool leads)
{
	struct str rest = str_from(table->paths), one,
		   from = str_from(path[0] != '\0' || leads ? path : DOCUMENT);

	while (str_next_word(&rest, &one)) {
		if (!leads && str_equal_ignore_case(one, from))
			return true;
		if (leads && one.length > from.length && !str_equal(one, STR(DOCUMENT)) &&
		    str_starts_with_ignore_case(one, from) &&
		    (from.length == 0 || strchr("/[", one.data[from.length]) != NULL))
			return true;
	}
	return false;
}

static int find_table(
    const struct move_document *document, const struct move_table *within, const char *path)
{
	for (unsigned i = 0; i < document->kind->table_count; i++) {
		const struct move_table *table = &document->kind->tables[i];

		if (is_sought(document, table, within) && has_path(table, path, false))
			return (int)i;
	}
	return -1;
}

/* A file of one table may be the list of its rows, whatever the paths say. */
static int find_root_table(const struct move_document *document, const char *path)
{
	const struct move_table *alone = document->file->table;

	if (alone != NULL && strcmp(path, ITEM) == 0)
		return (int)move_table_number(document->kind, alone->name);
	return find_table(document, NULL, path);
}

static bool leads_on(const struct move_document *document, const char *path)
{
	if (path[0] == '\0')
		return true;
	for (unsigned i = 0; i < document->kind->table_count; i++) {
		const struct move_table *table = &document->kind->tables[i];

		if (is_sought(document, table, NULL) && has_path(table, path, true))
			return true;
	}
	return false;
}

static bool is_ignored(const struct move_document *document, const char *path)
{
	const char *ignored = document->kind->documents->ignored;
	struct str rest = str_from(ignored != NULL ? ignored : ""), one;

	while (str_next_word(&rest, &one)) {
		if (str_equal_ignore_case(one, str_from(path)))
			return true;
	}
	return false;
}

/* What has a value and no place; nothing is dropped without a word. */
static void note_left(struct move_document *document, const char *path, const struct node *node)
{
	if (node->kind == NODE_NULL || is_ignored(document, path) ||
	    (node->text.length == 0 && node->child_count == 0))
		return;
	move_document_note_left(document, path[0] != '\0' ? path : "the document");
}

/* --- rows --- */

struct nested {
	unsigned table;
	const struct node *list;
	struct nested *next;
};

struct reading {
	struct move_document *document;
	struct move_document_row row;
	struct nested *nested; /* lists of rows that stand in this one */
};

static struct str print_node(struct move_document *document, const struct node *node)
{
	struct buf json = { 0 };
	struct writer writer;
	struct str text = { NULL, 0 };

	writer_init(&writer, MEDIA_JSON, NULL, &json);
	writer_node(&writer, STR(""), node);
	if (!json.failed)
		text = arena_str(document->arena, buf_str(&json));
	buf_free(&json);
	return text;
}

static bool add_nested(struct reading *reading, int table, const struct node *list)
{
	struct nested *nested = arena_alloc(reading->document->arena, sizeof(*nested));

	if (nested == NULL)
		return false;
	*nested = (struct nested){ (unsigned)table, list, reading->nested };
	reading->nested = nested;
	return true;
}

/* Whether a member of the object at that path is a column of the table, or has rows. */
static bool holds_known(
    const struct move_document *document, const struct move_table *table, const char *path)
{
	struct str begin = str_from(arena_printf(document->arena, "%s/", path));
	struct str named = str_from(arena_printf(document->arena, "`%s/", path));

	for (unsigned i = 0; i < table->column_count; i++) {
		struct str sql = str_from(table->columns[i].sql);

		if (str_starts_with_ignore_case(sql, begin) || str_contains_ignore_case(sql, named))
			return true;
	}
	for (const char *const *pair = table->renames; pair != NULL && *pair != NULL; pair += 2) {
		if (str_starts_with_ignore_case(str_from(pair[0]), begin))
			return true;
	}
	for (unsigned i = 0; i < document->kind->table_count; i++) {
		const struct move_table *other = &document->kind->tables[i];

		if (is_sought(document, other, table) && has_path(other, path, true))
			return true;
	}
	return false;
}

static bool add_members(struct reading *reading, const struct node *object, const char *path);

static bool add_member(struct reading *reading, const struct node *node, const char *path)
{
	struct move_document *document = reading->document;
	const struct move_table *table = &document->kind->tables[reading->row.table];
	struct str name = str_from(path);
	struct str text = node->text;
	int nested = -1;

	if (node->kind == NODE_NULL)
		return true;
	if (node->kind == NODE_OBJECT || node->kind == NODE_ARRAY)
		nested = find_table(document, table, join_item(document, path));
	if (nested >= 0)
		return add_nested(reading, nested, node);
	if (node->kind == NODE_OBJECT && !move_document_has_column(table, name) &&
	    holds_known(document, table, path))
		return add_members(reading, node, path);
	if (node->kind == NODE_OBJECT || node->kind == NODE_ARRAY)
		text = print_node(document, node);
	return text.data != NULL && move_document_add_cell(document, &reading->row,
					move_document_column(table, name), text);
}

static bool add_members(struct reading *reading, const struct node *object, const char *path)
{
	for (const struct node *node = object->children; node != NULL; node = node->next) {
		const char *name = join_member(reading->document, path, node->name);

		if (name == NULL || !add_member(reading, node, name))
			return false;
	}
	return true;
}

static struct str key_of(const struct reading *reading)
{
	const char *key = reading->document->kind->tables[reading->row.table].keys[0];

	for (unsigned i = 0; i < reading->row.count; i++) {
		if (str_equal_ignore_case(reading->row.cells[i].column, str_from(key)))
			return reading->row.cells[i].text;
	}
	return STR("");
}

static int put_nested(struct reading *reading)
{
	for (const struct nested *nested = reading->nested; nested != NULL; nested = nested->next) {
		for (const struct node *node = nested->list->children; node != NULL;
		     node = node->next) {
			if (move_document_put_node(reading->document, nested->table, node,
				key_of(reading), reading->row.line) != 0)
				return -1;
		}
	}
	return 0;
}

int move_document_put_node(struct move_document *document, unsigned table, const struct node *node,
    struct str parent, unsigned line)
{
	struct reading reading = { .document = document,
		.row = { .table = table, .parent = parent, .line = line } };

	if (node->kind != NODE_OBJECT)
		reading.row.fault = "is no object with members";
	else if (!add_members(&reading, node, ""))
		return error_out_of_memory(document->error);
	return move_document_put(document, &reading.row) != 0 ? -1 : put_nested(&reading);
}

/* --- JSON --- */

struct json {
	struct move_document *document;
	struct json_cursor cursor;
	size_t counted; /* up to there, lines were counted */
	unsigned line;
};

static unsigned line_at(struct json *json)
{
	for (; json->counted < json->cursor.at; json->counted++)
		json->line += json->cursor.text.data[json->counted] == '\n';
	return json->line;
}

static int fail_json(struct json *json, const struct error *error)
{
	return move_document_fail(json->document,
	    error->message != NULL ? error->message : error_code_message(error->code));
}

static int take_byte(struct json *json, char byte, const char *expected)
{
	struct error error;

	error_init(&error, json->document->arena);
	return json_cursor_take(&json->cursor, byte, expected, &error) == 0
		   ? 0
		   : fail_json(json, &error);
}

static int read_node(struct json *json, struct node **node)
{
	struct error error;

	error_init(&error, json->document->arena);
	return json_cursor_read(&json->cursor, json->document->arena, &limits, node, &error) == 0
		   ? 0
		   : fail_json(json, &error);
}

static int walk_json(struct json *json, const char *path);

static int walk_items(struct json *json, const char *path)
{
	const char *item = join_item(json->document, path);
	int table = find_root_table(json->document, item);

	if (take_byte(json, '[', "'['") != 0)
		return -1;
	if (table >= 0)
		json->document->matched = true;
	if (json_cursor_peek(&json->cursor) == ']')
		return take_byte(json, ']', "']'");
	for (;;) {
		const struct arena_mark mark = arena_mark(json->document->arena);

		if (walk_json(json, item) != 0)
			return -1;
		arena_go_back(json->document->arena, &mark);
		if (json_cursor_peek(&json->cursor) != ',')
			return take_byte(json, ']', "',' or ']'");
		json->cursor.at++;
	}
}

static int walk_members(struct json *json, const char *path)
{
	if (take_byte(json, '{', "'{'") != 0)
		return -1;
	if (json_cursor_peek(&json->cursor) == '}')
		return take_byte(json, '}', "'}'");
	for (;;) {
		const struct arena_mark mark = arena_mark(json->document->arena);
		struct node *name;

		if (json_cursor_peek(&json->cursor) != '"')
			return take_byte(json, '"', "a member name in double quotes");
		if (read_node(json, &name) != 0 ||
		    take_byte(json, ':', "':' after the member name") != 0 ||
		    walk_json(json, join_member(json->document, path, name->text)) != 0)
			return -1;
		arena_go_back(json->document->arena, &mark);
		if (json_cursor_peek(&json->cursor) != ',')
			return take_byte(json, '}', "',' or '}'");
		json->cursor.at++;
	}
}

/* Goes down where rows may stand, and reads whole what is a row, or has no place. */
static int walk_json(struct json *json, const char *path)
{
	int byte = json_cursor_peek(&json->cursor);
	unsigned line = line_at(json);
	int table = path != NULL ? find_root_table(json->document, path) : -1;
	struct node *node;

	if (path == NULL)
		return error_out_of_memory(json->document->error);
	if (table >= 0 && (byte == '{' || path[0] != '\0')) {
		json->document->matched = true;
		return read_node(json, &node) == 0
			   ? move_document_put_node(json->document, (unsigned)table, node,
				 (struct str){ NULL, 0 }, line)
			   : -1;
	}
	if (byte == '[' && leads_on(json->document, path))
		return walk_items(json, path);
	if (byte == '{' && leads_on(json->document, path))
		return walk_members(json, path);
	if (read_node(json, &node) != 0)
		return -1;
	note_left(json->document, path, node);
	return 0;
}

int move_document_read_json(struct move_document *document, struct str text)
{
	struct json json = { .document = document, .line = 1 };
	struct error error;

	error_init(&error, document->arena);
	if (json_cursor_open(&json.cursor, text, &error) != 0)
		return fail_json(&json, &error);
	/* Several documents may stand behind each other: JSON Lines, or answers put together. */
	while (json_cursor_peek(&json.cursor) >= 0) {
		if (walk_json(&json, "") != 0)
			return -1;
		arena_reset(document->arena);
	}
	return 0;
}

/* --- XML --- */

static int walk_xml(struct move_document *document, const struct node *node, const char *path);

static bool has_rows(const struct move_document *document, const char *path)
{
	return find_root_table(document, path) >= 0 || leads_on(document, path);
}

/* An element may be an item of the list that its parent is, or a member by its name. */
static int walk_element(struct move_document *document, const struct node *node, const char *path)
{
	const char *item = join_item(document, path);
	const char *member = join_member(document, path, node->name);

	if (item == NULL || member == NULL)
		return error_out_of_memory(document->error);
	return walk_xml(document, node,
	    has_rows(document, item) && !has_rows(document, member) ? item : member);
}

static int walk_xml(struct move_document *document, const struct node *node, const char *path)
{
	int table = find_root_table(document, path);

	if (table >= 0 && node->kind == NODE_OBJECT) {
		document->matched = true;
		return move_document_put_node(
		    document, (unsigned)table, node, (struct str){ NULL, 0 }, 0);
	}
	if (!leads_on(document, path)) {
		note_left(document, path, node);
		return 0;
	}
	if (find_root_table(document, join_item(document, path)) >= 0)
		document->matched = true;
	for (const struct node *child = node->children; child != NULL; child = child->next) {
		if (walk_element(document, child, path) != 0)
			return -1;
	}
	return 0;
}

int move_document_read_xml(struct move_document *document, struct str text)
{
	const struct move_documents *kind = document->kind->documents;
	static const struct limits whole = { .body_values = INT64_MAX, .body_depth = 64 };
	struct body body;
	struct error error;

	error_init(&error, document->arena);
	if (kind->root_count == 0)
		return move_document_fail(document, "it is XML; JSON or CSV is expected");
	if (xml_read(document->arena, &whole, text, kind->roots, kind->root_count, &body, &error) !=
	    0)
		return move_document_fail(document,
		    error.message != NULL ? error.message : error_code_message(error.code));
	return body.root != NULL ? walk_xml(document, body.root, "") : 0;
}
