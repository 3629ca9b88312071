/*
 * Types: moments and days.
 */
#include "schema/types.h"

/* 2026-01-31T12:00:00Z */
static const struct value sample = { .integer = INT64_C(1769860800) * MICROSECONDS_PER_SECOND };

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

static bool is_unset(const struct node *node)
{
	return node->kind == NODE_TEXT && timestamp_is_unset(node->text);
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

const struct field_type_info type_datetime = {
	.name = "datetime",
	.value_type = true,
	.holds = VALUE_INTEGER,
	.lexical = LEXICAL_QUOTED,
	.bind = BIND_TIME,
	.sql_types = "datetime",
	.openapi_type = "string",
	.openapi_format = "date-time",
	.example = "\"2026-01-31T12:00:00Z\"",
	.openapi_local_format = "date-time-local",
	.sample = &sample,
	.literals = LITERAL_TEXT | LITERAL_TIME,
	.is_ordered = true,
	.is_zero = is_unset,
	.zero_is_unset = true,
	.parse = parse_datetime,
	.print = print_datetime,
	.compare = types_compare_integers,
};

const struct field_type_info type_date = {
	.name = "date",
	.value_type = true,
	.holds = VALUE_INTEGER,
	.lexical = LEXICAL_QUOTED,
	.bind = BIND_DATE,
	.sql_types = "date",
	.openapi_type = "string",
	.openapi_format = "date",
	.example = "\"2026-01-31\"",
	.literals = LITERAL_TEXT | LITERAL_TIME,
	.is_ordered = true,
	.is_zero = is_unset,
	.zero_is_unset = true,
	.parse = parse_date,
	.print = print_date,
	.compare = types_compare_integers,
};
