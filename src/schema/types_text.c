/*
 * Types: texts, words of an enumeration, identifiers and bytes.
 */
#include "base/language.h"
#include "schema/types.h"

static bool parse_text(PARSE_ARGUMENTS)
{
	(void)arena, (void)format;
	*reason = "text";
	if (node->kind != NODE_TEXT && node->kind != NODE_NUMBER)
		return false;
	if (str_utf8_length(node->text) > field->max) {
		*reason =
		    language_printf(arena, "text of at most %u characters", (unsigned)field->max);
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

/* "a, b or c" of an enumeration, for messages. */
static const char *list_words(struct arena *arena, const struct enumeration *enumeration)
{
	const char *words = "";

	for (unsigned i = 0; i < enumeration->count; i++) {
		const char *before = i == 0                        ? ""
				     : i + 1 == enumeration->count ? language_text(" or ")
								   : ", ";

		words =
		    arena_printf(arena, "%s%s%s", words, before, enumeration->enumerators[i].name);
	}
	return words;
}

/* Tells what was expected: put together only where something else came. */
static bool expect_words(struct arena *arena, const struct field *field, const char **reason)
{
	*reason = list_words(arena, field->enumeration);
	return false;
}

static bool find_enum(const struct field *field, const struct node *node, int64_t *number)
{
	const struct enumerator *word;

	if (node->kind != NODE_NUMBER && node->kind != NODE_TEXT)
		return false;
	if (str_to_int64(str_trim(node->text), number))
		return enumeration_name(field->enumeration, *number) != NULL;
	word = enumeration_find(field->enumeration, str_trim(node->text));
	if (word == NULL)
		return false;
	*number = word->number;
	return true;
}

static bool parse_enum(PARSE_ARGUMENTS)
{
	(void)format;
	return find_enum(field, node, &value->integer) || expect_words(arena, field, reason);
}

static bool parse_code(PARSE_ARGUMENTS)
{
	const struct enumerator *word =
	    node->kind == NODE_TEXT ? enumeration_find(field->enumeration, node->text) : NULL;

	(void)format;
	if (word == NULL)
		return expect_words(arena, field, reason);
	value->text = str_from(word->name);
	return true;
}

static void print_uuid(PRINT_ARGUMENTS)
{
	char text[UUID_TEXT_LENGTH];

	(void)field, (void)style;
	uuid_print(&value->uuid, text);
	buf_append(out, text, sizeof(text));
}

static void print_enum(PRINT_ARGUMENTS)
{
	const char *name = enumeration_name(field->enumeration, value->integer);

	if (style->enum_as_name && name != NULL)
		buf_append_text(out, name);
	else
		buf_append_int64(out, value->integer);
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

static bool is_zero_uuid(const struct node *node)
{
	struct uuid id;

	return node->kind == NODE_TEXT && uuid_parse(node->text, &id) && uuid_is_zero(&id);
}

static struct value make_uuid(void)
{
	return (struct value){ .uuid = uuid_new() };
}

const struct field_type_info type_string = {
	.name = "string",
	.holds = VALUE_TEXT,
	.text = TEXT_FREE,
	.needs = TYPE_NEEDS_MAXIMUM,
	.lexical = LEXICAL_TEXT,
	.bind = BIND_TEXT,
	.sql_types = "varchar char text mediumtext longtext",
	.openapi_type = "string",
	.example = "\"text\"",
	.literals = LITERAL_TEXT,
	.literal_name = "text in quotes",
	.is_ordered = true,
	.parse = parse_text,
	.compare = compare_text,
};

const struct field_type_info type_code = {
	.name = "code",
	.holds = VALUE_TEXT,
	.text = TEXT_WORDS,
	.needs = TYPE_NEEDS_WORDS,
	.lexical = LEXICAL_TEXT,
	.bind = BIND_TEXT,
	.sql_types = "varchar char",
	.openapi_type = "string",
	.example = "\"word\"",
	.literals = LITERAL_TEXT,
	.literal_reason = true,
	.is_ordered = true,
	.parse = parse_code,
	.compare = compare_text,
};

const struct field_type_info type_enum = {
	.name = "enumeration",
	.value_type = true,
	.holds = VALUE_INTEGER,
	.needs = TYPE_NEEDS_WORDS,
	.lexical = LEXICAL_LITERAL,
	.bind = BIND_INTEGER,
	.sql_types = "int smallint tinyint",
	.openapi_type = "integer",
	.openapi_format = "int32",
	.example = "0",
	.literals = LITERAL_NUMBER | LITERAL_TEXT,
	.literal_reason = true,
	.is_ordered = true,
	.parse = parse_enum,
	.print = print_enum,
	.compare = types_compare_integers,
};

const struct field_type_info type_uuid = {
	.name = "uuid",
	.value_type = true,
	.holds = VALUE_UUID,
	.lexical = LEXICAL_QUOTED,
	.bind = BIND_UUID,
	.sql_types = "uuid",
	.openapi_type = "string",
	.openapi_format = "uuid",
	.example = "\"53a15dd6-8768-4aa5-9ba6-770d614daeab\"",
	.literals = LITERAL_TEXT,
	.is_zero = is_zero_uuid,
	.make = make_uuid,
	.parse = parse_uuid,
	.print = print_uuid,
	.compare = compare_uuid,
};

const struct field_type_info type_binary = {
	.name = "binary",
	.holds = VALUE_TEXT,
	.needs = TYPE_NEEDS_HIDING,
	.lexical = LEXICAL_TEXT,
	.bind = BIND_BINARY,
	.sql_types = "binary varbinary",
	.openapi_type = "string",
	.openapi_format = "binary",
	.example = "\"\"",
};
