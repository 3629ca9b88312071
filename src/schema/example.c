#include "schema/example.h"

#define SAMPLE_TEXT "text"

/* Identifiers look like those of the rows that they are of. */
static const struct field *example_of(const struct resource *resource, const struct field *field)
{
	const struct resource *referred =
	    resource != NULL && field->example == NULL ? resource_referred(resource, field) : NULL;
	const struct field *key =
	    referred != NULL ? &referred->fields[resource_key(referred)] : field;

	return key->type == field->type ? key : field;
}

static const char *print_sample(struct arena *arena, const struct field *field,
    const struct value *sample, const struct print_style *style)
{
	struct buf text = { 0 };
	const char *copy;

	buf_append_char(&text, '"');
	field_type_info(field->type)->print(&text, field, sample, style);
	buf_append_char(&text, '"');
	copy = text.failed ? NULL : arena_copy(arena, text.data, text.length);
	buf_free(&text);
	return copy;
}

const char *field_example(struct arena *arena, const struct resource *resource,
    const struct field *field, const struct print_style *style)
{
	const struct field_type_info *type = field_type_info(field->type);

	field = example_of(resource, field);
	if (field->example != NULL)
		return field->example;
	if (field->enumeration != NULL && field_holds(field) == VALUE_INTEGER)
		return arena_printf(arena, "%d", (int)field->enumeration->enumerators[0].number);
	if (field->enumeration != NULL)
		return arena_printf(arena, "\"%s\"", field->enumeration->enumerators[0].name);
	if (type->text == TEXT_FREE &&
	    (field->check != NULL || field->max < sizeof(SAMPLE_TEXT) - 1))
		return NULL;
	if (field->least > 1)
		return arena_printf(arena, "%lld", (long long)field->least);
	return type->sample == NULL ? type->example
				    : print_sample(arena, field, type->sample, style);
}
