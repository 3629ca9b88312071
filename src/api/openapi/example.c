/*
 * Examples of what callers send. Whoever sends one as it is, with identifiers of rows that there
 * are, succeeds.
 */
#include "schema/example.h"

#include "api/openapi/parts.h"

const char *openapi_example(
    struct openapi *openapi, const struct resource *resource, const struct field *field)
{
	const struct print_style style = { .time = openapi->contract->family.json_time };

	return field_example(openapi->arena, resource, field, &style);
}

static bool is_sent(const struct field *field, enum schema_use use)
{
	if (!openapi_shows(field, use) || (field->flags & FIELD_XML_ONLY))
		return false;
	return openapi_requires(field, use) || (field->flags & FIELD_TYPICAL);
}

static void write_row(struct openapi *openapi, const char *name, const struct resource *resource,
    enum schema_use use, enum schema_use part_use);

static void write_member(struct openapi *openapi, const struct resource *resource,
    const struct field *field, enum schema_use part_use)
{
	const char *example;

	if (field->relation != NULL || field->object != NULL)
		part_use = openapi_part_use(part_use, field);
	if (field_holds(field) == VALUE_LIST) {
		writer_array_begin(&openapi->writer, field->name, "item");
		write_row(openapi, NULL, field->relation->target, part_use, part_use);
		writer_array_end(&openapi->writer);
	} else if (field_holds(field) == VALUE_ROW) {
		write_row(openapi, field->name, field->object, part_use, part_use);
	} else {
		example = openapi_example(openapi, resource, field);
		if (example != NULL)
			openapi_raw(openapi, field->name, example);
	}
}

static void write_row(struct openapi *openapi, const char *name, const struct resource *resource,
    enum schema_use use, enum schema_use part_use)
{
	writer_object_begin(&openapi->writer, name);
	for (unsigned i = 0; i < resource->field_count; i++) {
		if (is_sent(&resource->fields[i], use))
			write_member(openapi, resource, &resource->fields[i], part_use);
	}
	writer_object_end(&openapi->writer);
}

void openapi_body_example(struct openapi *openapi, const struct resource *body, enum schema_use use,
    enum schema_use part_use, bool list)
{
	if (list)
		writer_array_begin(&openapi->writer, "example", "item");
	write_row(openapi, list ? NULL : "example", body, use, part_use);
	if (list)
		writer_array_end(&openapi->writer);
}

void openapi_parameter_example(
    struct openapi *openapi, const struct parameter *parameter, const struct resource *resource)
{
	const char *text = parameter->sample != NULL && resource != NULL
			       ? parameter->sample(openapi->arena, resource)
			       : parameter->example;
	struct writer *writer = &openapi->writer;

	if (text == NULL)
		return;
	switch (parameter->kind) {
	case PARAMETER_TEXT_LIST:
		writer_array_begin(writer, "example", "item");
		openapi_text(openapi, NULL, text);
		writer_array_end(writer);
		break;
	case PARAMETER_INTEGER:
		openapi_raw(openapi, "example", text);
		break;
	default:
		openapi_text(openapi, "example", text);
		break;
	}
}
