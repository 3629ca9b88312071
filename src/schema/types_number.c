/*
 * Types: truth values and numbers.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/language.h"
#include "schema/number.h"
#include "schema/types.h"

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
	if ((node->kind == NODE_NUMBER || node->kind == NODE_TEXT) &&
	    str_to_int64(str_trim(node->text), &value->integer) && value->integer >= least &&
	    value->integer <= most)
		return true;
	*reason = language_printf(
	    arena, "an integer from %lld to %lld", (long long)least, (long long)most);
	return false;
}

bool types_parse_int32(PARSE_ARGUMENTS)
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

int types_compare_integers(const struct value *a, const struct value *b)
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

static bool is_zero(const struct node *node)
{
	int64_t number;

	return (node->kind == NODE_NUMBER || node->kind == NODE_TEXT) &&
	       str_to_int64(str_trim(node->text), &number) && number == 0;
}

const struct field_type_info type_boolean = {
	.name = "boolean",
	.value_type = true,
	.holds = VALUE_BOOLEAN,
	.lexical = LEXICAL_LITERAL,
	.bind = BIND_INTEGER,
	.sql_types = "tinyint",
	.openapi_type = "boolean",
	.example = "true",
	.literals = LITERAL_BOOLEAN,
	.literal_name = "true or false",
	.parse = parse_boolean,
	.print = print_boolean,
	.compare = compare_boolean,
};

const struct field_type_info type_int32 = {
	.name = "int32",
	.value_type = true,
	.holds = VALUE_INTEGER,
	.lexical = LEXICAL_LITERAL,
	.bind = BIND_INTEGER,
	.sql_types = "int smallint tinyint",
	.openapi_type = "integer",
	.openapi_format = "int32",
	.example = "1",
	.literals = LITERAL_NUMBER,
	.is_ordered = true,
	.is_zero = is_zero,
	.parse = types_parse_int32,
	.parse_literal = parse_integer_literal,
	.print = print_integer,
	.compare = types_compare_integers,
};

const struct field_type_info type_int64 = {
	.name = "int64",
	.value_type = true,
	.holds = VALUE_INTEGER,
	.lexical = LEXICAL_LITERAL,
	.bind = BIND_INTEGER,
	.sql_types = "bigint",
	.openapi_type = "integer",
	.openapi_format = "int64",
	.example = "1",
	.literals = LITERAL_NUMBER,
	.is_ordered = true,
	.is_zero = is_zero,
	.parse = parse_int64,
	.parse_literal = parse_integer_literal,
	.print = print_integer,
	.compare = types_compare_integers,
};

const struct field_type_info type_double = {
	.name = "double",
	.value_type = true,
	.holds = VALUE_REAL,
	.lexical = LEXICAL_LITERAL,
	.bind = BIND_REAL,
	.sql_types = "double",
	.openapi_type = "number",
	.openapi_format = "double",
	.example = "0.5",
	.literals = LITERAL_NUMBER,
	.is_ordered = true,
	.parse = parse_double,
	.print = print_double,
	.compare = compare_real,
};

const struct field_type_info type_decimal = {
	.name = "decimal",
	.value_type = true,
	.holds = VALUE_TEXT,
	.lexical = LEXICAL_LITERAL,
	.bind = BIND_TEXT,
	.sql_types = "decimal",
	.openapi_type = "number",
	.example = "19.9",
	.sql_value = "CAST(? AS DECIMAL(30,15))",
	.literals = LITERAL_NUMBER,
	.literal_reason = true,
	.is_ordered = true,
	.parse = parse_decimal,
	.parse_literal = parse_decimal_literal,
	.print = print_decimal,
};
