/*
 * Field types: ONE row per type, with everything that differs between types.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "schema/number.h"
#include "schema/resource.h"

#define PARSE_ARGUMENTS                                                          \
	struct arena *arena, const struct field *field, enum body_format format, \
	    const struct node *node, struct value *value, const char **reason

static bool is_scalar(const struct node *node)
{
	return node->kind == NODE_BOOLEAN || node->kind == NODE_NUMBER || node->kind == NODE_TEXT;
}

static bool parse_boolean(PARSE_ARGUMENTS)
{
	struct str text = str_trim(node->text);
	bool numbers = format == BODY_XML; /* xsd:boolean knows 1 and 0 too, in exact case */

	(void)arena, (void)field;
	*reason = "true or false";
	if (node->kind != (format == BODY_JSON ? NODE_BOOLEAN : NODE_TEXT))
		return false;
	if (numbers && (str_equal(text, STR("1")) || str_equal(text, STR("0"))))
		value->boolean = text.data[0] == '1';
	else if (numbers ? str_equal(text, STR("true")) : str_equal_ignore_case(text, STR("true")))
		value->boolean = true;
	else if (numbers ? str_equal(text, STR("false"))
			 : str_equal_ignore_case(text, STR("false")))
		value->boolean = false;
	else
		return false;
	return true;
}

static bool parse_integer(const struct field *field, const struct node *node, int64_t least,
    int64_t most, struct value *value, const char **reason, struct arena *arena)
{
	if (field->least != 0 || field->most != 0) {
		least = field->least;
		most = field->most;
	}
	*reason =
	    arena_printf(arena, "an integer from %lld to %lld", (long long)least, (long long)most);
	if (node->kind != NODE_NUMBER && node->kind != NODE_TEXT)
		return false;
	if (!str_to_int64(str_trim(node->text), &value->integer))
		return false;
	return value->integer >= least && value->integer <= most;
}

static bool parse_int32(PARSE_ARGUMENTS)
{
	(void)format;
	return parse_integer(field, node, INT32_MIN, INT32_MAX, value, reason, arena);
}

static bool parse_int64(PARSE_ARGUMENTS)
{
	(void)format;
	return parse_integer(field, node, INT64_MIN, INT64_MAX, value, reason, arena);
}

static bool parse_double(PARSE_ARGUMENTS)
{
	struct str text = str_trim(node->text);
	const char *copy;

	(void)field, (void)format;
	*reason = "a number";
	if ((node->kind != NODE_NUMBER && node->kind != NODE_TEXT) || !number_is_valid(text))
		return false;
	copy = arena_copy(arena, text.data, text.length);
	if (copy == NULL)
		return false;
	value->real = strtod(copy, NULL);
	return isfinite(value->real);
}

static bool parse_decimal(PARSE_ARGUMENTS)
{
	(void)field, (void)format;
	*reason = "a number with at most 15 digits before the point";
	return (node->kind == NODE_NUMBER || node->kind == NODE_TEXT) &&
	       number_round(arena, str_trim(node->text), &value->text);
}

/* A literal may be any whole number, so that a comparison beyond the member's range matches
 * nothing.
 */
static bool parse_integer_literal(PARSE_ARGUMENTS)
{
	(void)arena, (void)field, (void)format;
	*reason = "a whole number";
	return number_to_int64(str_trim(node->text), &value->integer);
}

static bool parse_decimal_literal(PARSE_ARGUMENTS)
{
	(void)field, (void)format;
	*reason = "a number with at most 15 digits before the point";
	return number_round_literal(arena, str_trim(node->text), &value->text);
}

static bool parse_text(PARSE_ARGUMENTS)
{
	(void)arena, (void)format;
	*reason = "text";
	if (node->kind != NODE_TEXT && node->kind != NODE_NUMBER)
		return false;
	if (str_utf8_length(node->text) > field->max) {
		*reason =
		    arena_printf(arena, "text of at most %u characters", (unsigned)field->max);
		return false;
	}
	value->text = node->text;
	return true;
}

static bool parse_uuid(PARSE_ARGUMENTS)
{
	(void)arena, (void)field, (void)format;
	*reason = "a GUID";
	return node->kind == NODE_TEXT && uuid_parse(node->text, &value->uuid);
}

static bool parse_datetime(PARSE_ARGUMENTS)
{
	(void)arena, (void)field, (void)format;
	*reason = "a date and time such as 2026-01-31T12:00:00Z";
	return node->kind == NODE_TEXT && timestamp_parse(node->text, &value->integer);
}

static bool parse_date(PARSE_ARGUMENTS)
{
	(void)arena, (void)field, (void)format;
	*reason = "a date such as 2026-01-31";
	return node->kind == NODE_TEXT && timestamp_parse_date(node->text, &value->integer);
}

/* "a, b or c" of an enumeration, for messages. */
static const char *list_words(struct arena *arena, const struct enumeration *enumeration)
{
	const char *words = "";

	for (unsigned i = 0; i < enumeration->count; i++) {
		const char *before = i == 0 ? "" : i + 1 == enumeration->count ? " or " : ", ";

		words =
		    arena_printf(arena, "%s%s%s", words, before, enumeration->enumerators[i].name);
	}
	return words;
}

static bool parse_enum(PARSE_ARGUMENTS)
{
	const struct enumerator *word;

	(void)format;
	*reason = list_words(arena, field->enumeration);
	if (node->kind != NODE_NUMBER && node->kind != NODE_TEXT)
		return false;
	if (str_to_int64(str_trim(node->text), &value->integer))
		return enumeration_name(field->enumeration, value->integer) != NULL;
	word = enumeration_find(field->enumeration, str_trim(node->text));
	if (word == NULL)
		return false;
	value->integer = word->number;
	return true;
}

static bool parse_code(PARSE_ARGUMENTS)
{
	const struct enumerator *word;

	(void)format;
	*reason = list_words(arena, field->enumeration);
	if (node->kind != NODE_TEXT)
		return false;
	word = enumeration_find(field->enumeration, node->text);
	if (word == NULL)
		return false;
	value->text = str_from(word->name);
	return true;
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
    const struct node *node, struct value *value, const char **reason, bool numbers)
{
	struct buf json = { 0 };
	unsigned count = 0;
	bool good = true;

	*reason = arena_printf(
	    arena, "a list of at most %u %s", (unsigned)field->max, numbers ? "integers" : "texts");
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

			good = parse_int32(arena, &any, format, item, &number, &ignored);
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
	return parse_list(arena, field, format, node, value, reason, false);
}

static bool parse_int32_list(PARSE_ARGUMENTS)
{
	return parse_list(arena, field, format, node, value, reason, true);
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

#define PRINT_ARGUMENTS                                                        \
	struct buf *out, const struct field *field, const struct value *value, \
	    const struct print_style *style

static void print_boolean(PRINT_ARGUMENTS)
{
	(void)field, (void)style;
	buf_append_text(out, value->boolean ? "true" : "false");
}

static void print_integer(PRINT_ARGUMENTS)
{
	(void)field, (void)style;
	buf_append_int64(out, value->integer);
}

/* The shortest text that reads back as the same number. */
static void print_double(PRINT_ARGUMENTS)
{
	char text[32];

	(void)field, (void)style;
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value->real);
		if (digits == 17 || strtod(text, NULL) == value->real)
			break;
	}
	buf_append_text(out, text);
}

/* The column pads to four places: 12.5000 is printed as 12.5. */
static void print_decimal(PRINT_ARGUMENTS)
{
	struct str text = value->text;

	(void)field, (void)style;
	if (str_find(text, '.') < text.length) {
		while (text.data[text.length - 1] == '0')
			text.length--;
		if (text.data[text.length - 1] == '.')
			text.length--;
	}
	buf_append_str(out, text);
}

static void print_uuid(PRINT_ARGUMENTS)
{
	char text[UUID_TEXT_LENGTH];

	(void)field, (void)style;
	uuid_print(&value->uuid, text);
	buf_append(out, text, sizeof(text));
}

static void print_datetime(PRINT_ARGUMENTS)
{
	(void)field;
	timestamp_print(out, value->integer, style->time);
}

static void print_date(PRINT_ARGUMENTS)
{
	(void)field;
	if (style->date_as_time)
		timestamp_print_midnight(out, value->integer);
	else
		timestamp_print(out, value->integer, TIMESTAMP_DATE_ONLY);
}

static void print_enum(PRINT_ARGUMENTS)
{
	const char *name = enumeration_name(field->enumeration, value->integer);

	if (style->enum_as_name && name != NULL)
		buf_append_text(out, name);
	else
		buf_append_int64(out, value->integer);
}

static int compare_integer(const struct value *a, const struct value *b)
{
	return (a->integer > b->integer) - (a->integer < b->integer);
}

static int compare_boolean(const struct value *a, const struct value *b)
{
	return a->boolean - b->boolean;
}

static int compare_real(const struct value *a, const struct value *b)
{
	return (a->real > b->real) - (a->real < b->real);
}

static int compare_text(const struct value *a, const struct value *b)
{
	size_t common = a->text.length < b->text.length ? a->text.length : b->text.length;
	int order = common > 0 ? memcmp(a->text.data, b->text.data, common) : 0;

	return order != 0 ? order
			  : (a->text.length > b->text.length) - (a->text.length < b->text.length);
}

static int compare_uuid(const struct value *a, const struct value *b)
{
	return memcmp(a->uuid.bytes, b->uuid.bytes, sizeof(a->uuid.bytes));
}

static const struct field_type_info types[FIELD_TYPE__MAX] = {
	[FIELD_BOOLEAN] = { .name = "boolean",
	    .value_type = true,
	    .lexical = LEXICAL_LITERAL,
	    .bind = BIND_INTEGER,
	    .sql_types = "tinyint",
	    .openapi_type = "boolean",
	    .example = "true",
	    .parse = parse_boolean,
	    .print = print_boolean,
	    .compare = compare_boolean },
	[FIELD_INT32] = { .name = "int32",
	    .value_type = true,
	    .lexical = LEXICAL_LITERAL,
	    .bind = BIND_INTEGER,
	    .sql_types = "int smallint tinyint",
	    .openapi_type = "integer",
	    .openapi_format = "int32",
	    .example = "1",
	    .parse = parse_int32,
	    .parse_literal = parse_integer_literal,
	    .print = print_integer,
	    .compare = compare_integer },
	[FIELD_INT64] = { .name = "int64",
	    .value_type = true,
	    .lexical = LEXICAL_LITERAL,
	    .bind = BIND_INTEGER,
	    .sql_types = "bigint",
	    .openapi_type = "integer",
	    .openapi_format = "int64",
	    .example = "1",
	    .parse = parse_int64,
	    .parse_literal = parse_integer_literal,
	    .print = print_integer,
	    .compare = compare_integer },
	[FIELD_DOUBLE] = { .name = "double",
	    .value_type = true,
	    .lexical = LEXICAL_LITERAL,
	    .bind = BIND_REAL,
	    .sql_types = "double",
	    .openapi_type = "number",
	    .openapi_format = "double",
	    .example = "0.5",
	    .parse = parse_double,
	    .print = print_double,
	    .compare = compare_real },
	[FIELD_DECIMAL] = { .name = "decimal",
	    .value_type = true,
	    .lexical = LEXICAL_LITERAL,
	    .bind = BIND_TEXT,
	    .sql_types = "decimal",
	    .openapi_type = "number",
	    .example = "19.9",
	    .parse = parse_decimal,
	    .parse_literal = parse_decimal_literal,
	    .print = print_decimal },
	[FIELD_STRING] = { .name = "string",
	    .lexical = LEXICAL_TEXT,
	    .bind = BIND_TEXT,
	    .sql_types = "varchar char text mediumtext longtext",
	    .openapi_type = "string",
	    .example = "\"text\"",
	    .parse = parse_text,
	    .compare = compare_text },
	[FIELD_UUID] = { .name = "uuid",
	    .value_type = true,
	    .lexical = LEXICAL_QUOTED,
	    .bind = BIND_UUID,
	    .sql_types = "uuid",
	    .openapi_type = "string",
	    .openapi_format = "uuid",
	    .example = "\"53a15dd6-8768-4aa5-9ba6-770d614daeab\"",
	    .parse = parse_uuid,
	    .print = print_uuid,
	    .compare = compare_uuid },
	[FIELD_DATETIME] = { .name = "datetime",
	    .value_type = true,
	    .lexical = LEXICAL_QUOTED,
	    .bind = BIND_TIME,
	    .sql_types = "datetime",
	    .openapi_type = "string",
	    .openapi_format = "date-time",
	    .example = "\"2026-01-31T12:00:00Z\"",
	    .parse = parse_datetime,
	    .print = print_datetime,
	    .compare = compare_integer },
	[FIELD_DATE] = { .name = "date",
	    .value_type = true,
	    .lexical = LEXICAL_QUOTED,
	    .bind = BIND_DATE,
	    .sql_types = "date",
	    .openapi_type = "string",
	    .openapi_format = "date",
	    .example = "\"2026-01-31\"",
	    .parse = parse_date,
	    .print = print_date,
	    .compare = compare_integer },
	[FIELD_ENUM] = { .name = "enumeration",
	    .value_type = true,
	    .lexical = LEXICAL_LITERAL,
	    .bind = BIND_INTEGER,
	    .sql_types = "int smallint tinyint",
	    .openapi_type = "integer",
	    .openapi_format = "int32",
	    .example = "0",
	    .parse = parse_enum,
	    .print = print_enum,
	    .compare = compare_integer },
	[FIELD_CODE] = { .name = "code",
	    .lexical = LEXICAL_TEXT,
	    .bind = BIND_TEXT,
	    .sql_types = "varchar char",
	    .openapi_type = "string",
	    .example = "\"word\"",
	    .parse = parse_code,
	    .compare = compare_text },
	[FIELD_STRING_LIST] = { .name = "list of strings",
	    .lexical = LEXICAL_JSON,
	    .bind = BIND_TEXT,
	    .sql_types = "longtext",
	    .openapi_type = "array",
	    .example = "[\"text\"]",
	    .parse = parse_string_list },
	[FIELD_INT32_LIST] = { .name = "list of int32",
	    .lexical = LEXICAL_JSON,
	    .bind = BIND_TEXT,
	    .sql_types = "longtext",
	    .openapi_type = "array",
	    .example = "[1]",
	    .parse = parse_int32_list },
	[FIELD_BINARY] = { .name = "binary",
	    .lexical = LEXICAL_TEXT,
	    .bind = BIND_BINARY,
	    .sql_types = "binary varbinary",
	    .openapi_type = "string",
	    .openapi_format = "binary",
	    .example = "\"\"" },
	[FIELD_MAP] = { .name = "map",
	    .lexical = LEXICAL_JSON,
	    .bind = BIND_TEXT,
	    .sql_types = "longtext",
	    .openapi_type = "object",
	    .example = "{\"name\":\"text\"}",
	    .parse = parse_map },
	[FIELD_SCALAR] = { .name = "scalar",
	    .lexical = LEXICAL_JSON,
	    .bind = BIND_TEXT,
	    .sql_types = "longtext",
	    .openapi_type = "scalar",
	    .example = "\"text\"",
	    .parse = parse_scalar },
	[FIELD_STRING_MAP] = { .name = "map of strings",
	    .lexical = LEXICAL_JSON,
	    .bind = BIND_TEXT,
	    .sql_types = "longtext",
	    .openapi_type = "object",
	    .example = "{\"name\":\"text\"}",
	    .parse = parse_string_map },
	[FIELD_OBJECT] = { .name = "object",
	    .lexical = LEXICAL_NESTED,
	    .bind = BIND_NONE,
	    .openapi_type = "object" },
	[FIELD_ONE] = { .name = "relation",
	    .lexical = LEXICAL_NESTED,
	    .bind = BIND_NONE,
	    .openapi_type = "object" },
	[FIELD_MANY] = { .name = "list of relations",
	    .lexical = LEXICAL_NESTED,
	    .bind = BIND_NONE,
	    .openapi_type = "array" },
};

const struct field_type_info *field_type_info(enum field_type type)
{
	return &types[type];
}

const char *enumeration_name(const struct enumeration *enumeration, int64_t number)
{
	for (unsigned i = 0; i < enumeration->count; i++) {
		if (enumeration->enumerators[i].number == number)
			return enumeration->enumerators[i].name;
	}
	return NULL;
}

const struct enumerator *enumeration_find(const struct enumeration *enumeration, struct str name)
{
	for (unsigned i = 0; i < enumeration->count; i++) {
		if (str_equal_ignore_case(str_from(enumeration->enumerators[i].name), name))
			return &enumeration->enumerators[i];
	}
	return NULL;
}
