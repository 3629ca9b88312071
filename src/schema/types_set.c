/*
 * Types: lists and maps that one column keeps as JSON, and rows that belong to a row.
 */
#include "base/language.h"
#include "schema/types.h"

static bool is_scalar(const struct node *node)
{
	return node->kind == NODE_BOOLEAN || node->kind == NODE_NUMBER || node->kind == NODE_TEXT;
}

/* Calls for each item: children of a JSON or XML list, or all form values of the same name. */
static const struct node *first_item(const struct node *node, enum body_format format)
{
	return format == BODY_FORM && node->kind != NODE_ARRAY ? node : node->children;
}

static const struct node *next_item(
    const struct node *node, const struct node *item, enum body_format format)
{
	const struct node *next = item->next;

	if (format != BODY_FORM || node->kind == NODE_ARRAY)
		return next;
	while (next != NULL && !str_equal_ignore_case(next->name, node->name))
		next = next->next;
	return next;
}

/* Lists become JSON text, which is what their column holds. */
static bool parse_list(struct arena *arena, const struct field *field, enum body_format format,
    const struct node *node, struct value *value, bool numbers)
{
	struct buf json = { 0 };
	unsigned count = 0;
	bool good = true;

	if (format == BODY_JSON && node->kind != NODE_ARRAY)
		return false;
	/* An empty element is an empty list; a text is none. */
	if (format == BODY_XML && str_trim(node->text).length > 0)
		return false;
	buf_append_char(&json, '[');
	for (const struct node *item = first_item(node, format); item != NULL && good;
	     item = next_item(node, item, format)) {
		struct value number;
		const char *ignored;

		if (count++ > 0)
			buf_append_char(&json, ',');
		good =
		    count <= field->max && (item->kind == NODE_TEXT || item->kind == NODE_NUMBER);
		if (good && numbers) {
			const struct field any = { .name = field->name };

			good = types_parse_int32(arena, &any, format, item, &number, &ignored);
			buf_append_int64(&json, good ? number.integer : 0);
		} else if (good) {
			buf_append_json_string(&json, item->text);
		}
	}
	buf_append_char(&json, ']');
	value->text = good ? arena_str(arena, buf_str(&json)) : (struct str){ NULL, 0 };
	buf_free(&json);
	return value->text.data != NULL;
}

static bool parse_string_list(PARSE_ARGUMENTS)
{
	if (parse_list(arena, field, format, node, value, false))
		return true;
	*reason = language_printf(arena, "a list of at most %u texts", (unsigned)field->max);
	return false;
}

static bool parse_int32_list(PARSE_ARGUMENTS)
{
	if (parse_list(arena, field, format, node, value, true))
		return true;
	*reason = language_printf(arena, "a list of at most %u integers", (unsigned)field->max);
	return false;
}

/* One entry of a map: any JSON scalar keeps its kind, unless all are to be texts. */
static void append_map_entry(
    struct buf *json, struct str name, const struct node *scalar, bool texts)
{
	if (json->length > 1)
		buf_append_char(json, ',');
	buf_append_json_string(json, name);
	buf_append_char(json, ':');
	if (scalar->kind == NODE_NULL)
		buf_append_text(json, "null");
	else if (texts || scalar->kind == NODE_TEXT)
		buf_append_json_string(json, scalar->text);
	else
		buf_append_str(json, scalar->text);
}

static bool parse_entries(struct arena *arena, enum body_format format, const struct node *node,
    struct value *value, bool texts)
{
	struct buf json = { 0 };
	/* XML writes a dictionary as elements with a Key and a Value, forms as items with both. */
	bool pairs = format == BODY_XML || (format == BODY_FORM && node->kind == NODE_ARRAY);
	bool empty = node->kind == NODE_ARRAY && node->child_count == 0;
	bool good = pairs || empty || node->kind == NODE_OBJECT;

	if (str_trim(node->text).length > 0)
		return false;
	buf_append_char(&json, '{');
	for (const struct node *entry = node->children; entry != NULL && good;
	     entry = entry->next) {
		const struct node *scalar = entry;
		struct str name = entry->name;

		if (pairs) {
			const struct node *key = node_member(entry, format, STR("Key"));

			scalar = node_member(entry, format, STR("Value"));
			good = key != NULL && scalar != NULL;
			name = good ? key->text : name;
		}
		good = good && (is_scalar(scalar) || scalar->kind == NODE_NULL);
		if (good)
			append_map_entry(&json, name, scalar, texts);
	}
	buf_append_char(&json, '}');
	value->text = good ? arena_str(arena, buf_str(&json)) : (struct str){ NULL, 0 };
	buf_free(&json);
	return value->text.data != NULL;
}

static bool parse_map(PARSE_ARGUMENTS)
{
	(void)field;
	*reason = "an object whose members are text, numbers, true, false or null";
	return parse_entries(arena, format, node, value, false);
}

static bool parse_scalar(PARSE_ARGUMENTS)
{
	struct buf json = { 0 };

	(void)field;
	(void)format;
	*reason = "text, a number, true or false";
	if (!is_scalar(node))
		return false;
	if (node->kind == NODE_TEXT)
		buf_append_json_string(&json, node->text);
	else
		buf_append_str(&json, node->text);
	value->text = arena_str(arena, buf_str(&json));
	buf_free(&json);
	return value->text.data != NULL;
}

static bool parse_string_map(PARSE_ARGUMENTS)
{
	(void)field;
	*reason = "an object whose members are text or null";
	return parse_entries(arena, format, node, value, true);
}

const struct field_type_info type_string_list = {
	.name = "list of strings",
	.holds = VALUE_TEXT,
	.needs = TYPE_NEEDS_MAXIMUM,
	.lexical = LEXICAL_JSON,
	.bind = BIND_TEXT,
	.sql_types = "longtext",
	.openapi_type = "array",
	.example = "[\"text\"]",
	.items = &type_string,
	.xml_item = "string",
	.parse = parse_string_list,
};

const struct field_type_info type_int32_list = {
	.name = "list of int32",
	.holds = VALUE_TEXT,
	.needs = TYPE_NEEDS_MAXIMUM,
	.lexical = LEXICAL_JSON,
	.bind = BIND_TEXT,
	.sql_types = "longtext",
	.openapi_type = "array",
	.example = "[1]",
	.items = &type_int32,
	.xml_item = "int",
	.parse = parse_int32_list,
};

const struct field_type_info type_map = {
	.name = "map",
	.holds = VALUE_TEXT,
	.lexical = LEXICAL_JSON,
	.bind = BIND_TEXT,
	.sql_types = "longtext",
	.openapi_type = "object",
	.example = "{\"name\":\"text\"}",
	.openapi_values = "scalar",
	.openapi_stored_any = true,
	.xml_item = "KeyValueOfstringanyType",
	.parse = parse_map,
};

const struct field_type_info type_string_map = {
	.name = "map of strings",
	.holds = VALUE_TEXT,
	.lexical = LEXICAL_JSON,
	.bind = BIND_TEXT,
	.sql_types = "longtext",
	.openapi_type = "object",
	.example = "{\"name\":\"text\"}",
	.openapi_values = "string",
	.xml_item = "KeyValueOfstringstring",
	.has_text_values = true,
	.parse = parse_string_map,
};

const struct field_type_info type_scalar = {
	.name = "scalar",
	.holds = VALUE_TEXT,
	.lexical = LEXICAL_JSON,
	.bind = BIND_TEXT,
	.sql_types = "longtext",
	.openapi_type = "scalar",
	.example = "\"text\"",
	.parse = parse_scalar,
};

const struct field_type_info type_object = {
	.name = "object",
	.holds = VALUE_ROW,
	.needs = TYPE_NEEDS_PART,
	.lexical = LEXICAL_NESTED,
	.bind = BIND_NONE,
	.openapi_type = "object",
};

const struct field_type_info type_one = {
	.name = "relation",
	.holds = VALUE_ROW,
	.needs = TYPE_NEEDS_RELATION,
	.lexical = LEXICAL_NESTED,
	.bind = BIND_NONE,
	.openapi_type = "object",
};

const struct field_type_info type_many = {
	.name = "list of relations",
	.holds = VALUE_LIST,
	.needs = TYPE_NEEDS_RELATION,
	.lexical = LEXICAL_NESTED,
	.bind = BIND_NONE,
	.openapi_type = "array",
};
