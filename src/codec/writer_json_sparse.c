/*
 * JSON without the members that are 0, "", false or null, as Json.NET writes it where default
 * values are ignored. Items of arrays stay, since their places count.
 */
#include "codec/writer_scope.h"

static bool is_member(const struct writer *writer)
{
	return writer->depth > 0 && !writer->scopes[writer->depth - 1].is_array;
}

/* Decimals are texts: "0.0000". */
static bool is_zero_number(struct str text)
{
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] != '0' && text.data[i] != '.')
			return false;
	}
	return true;
}

/* Moments are none: the first of 1970 is a day as any other. */
static bool is_zero(const struct field *field, const struct value *value)
{
	const struct field_type_info *type = field_type_info(field->type);

	switch (type->holds) {
	case VALUE_BOOLEAN:
		return !value->boolean;
	case VALUE_INTEGER:
		return value->integer == 0 && type->lexical != LEXICAL_QUOTED;
	case VALUE_REAL:
		return value->real == 0;
	case VALUE_TEXT:
		return type->lexical == LEXICAL_LITERAL ? is_zero_number(value->text)
							: value->text.length == 0;
	default:
		return false;
	}
}

static void write_null(struct writer *writer, const char *name)
{
	if (!is_member(writer))
		writer_json_null(writer, name);
}

static void write_null_value(struct writer *writer, const char *name, const struct field *field)
{
	if (!is_member(writer))
		writer_json_null_value(writer, name, field);
}

static void write_token(struct writer *writer, const char *name, struct str text)
{
	bool zero = is_zero_number(text) || str_equal(text, STR("false"));

	if (!zero || !is_member(writer))
		writer_json_token(writer, name, text);
}

static void write_text(struct writer *writer, const char *name, struct str text)
{
	if (text.length > 0 || !is_member(writer))
		writer_json_text(writer, name, text);
}

static void write_value(
    struct writer *writer, const char *name, const struct field *field, const struct value *value)
{
	if (!is_zero(field, value) || !is_member(writer))
		writer_json_value(writer, name, field, value);
}

const struct writer_format writer_format_json_sparse = {
	.name = "json",
	.letter = 's',
	.whole = &writer_format_json,
	WRITER_JSON_STRUCTURE,
	.null = write_null,
	.null_value = write_null_value,
	.token = write_token,
	.text = write_text,
	.value = write_value,
};
