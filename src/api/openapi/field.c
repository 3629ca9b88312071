/*
 * The schema of one field.
 */
#include "api/openapi/parts.h"

#define NAMESPACE_ARRAYS "http://schemas.microsoft.com/2003/10/Serialization/Arrays"

/* Element name of a member by the family's rule; what a handler looks up by itself has none. */
static const char *element_name(const struct openapi *openapi, const char *name)
{
	if (!openapi->contract->family.xml_pascal_case || name[0] == '\0')
		return name;
	return arena_printf(openapi->arena, "%c%s", str_upper(name[0]), name + 1);
}

/* What a type that stands for several is. */
static const char *const scalar_types[] = { "boolean", "number", "string" };

/* "type": one word, or a list of them, with "null" if it may be null. */
static void write_type_list(struct openapi *openapi, const char *type, bool nullable)
{
	struct writer *writer = &openapi->writer;
	bool scalar = strcmp(type, "scalar") == 0;

	if (!nullable && !scalar) {
		openapi_text(openapi, "type", type);
		return;
	}
	writer_array_begin(writer, "type", "type");
	for (unsigned i = 0; scalar && i < COUNT_OF(scalar_types); i++)
		openapi_text(openapi, NULL, scalar_types[i]);
	if (!scalar)
		openapi_text(openapi, NULL, type);
	if (nullable)
		openapi_text(openapi, NULL, "null");
	writer_array_end(writer);
}

/* One type alone: null stands beside it. */
static void write_nullable(struct openapi *openapi, const char *type, bool nullable)
{
	openapi_text(openapi, "type", type);
	if (nullable)
		writer_boolean(&openapi->writer, "nullable", true);
}

static void write_type(struct openapi *openapi, const char *type, bool nullable)
{
	struct writer *writer = &openapi->writer;

	if (openapi->dialect->type_lists) {
		write_type_list(openapi, type, nullable);
		return;
	}
	if (strcmp(type, "scalar") != 0) {
		write_nullable(openapi, type, nullable);
	} else {
		writer_array_begin(writer, "anyOf", "schema");
		for (unsigned i = 0; i < COUNT_OF(scalar_types); i++) {
			writer_object_begin(writer, NULL);
			write_nullable(openapi, scalar_types[i], nullable);
			writer_object_end(writer);
		}
		writer_array_end(writer);
	}
}

/* Owned rows are replaced as a whole, so each is sent as a new one. */
enum schema_use openapi_part_use(enum schema_use use, const struct field *field)
{
	const struct resource *target = field->relation != NULL ? field->relation->target : NULL;
	bool keyed;

	if (schema_is_read(use) || !(field->flags & FIELD_OWNED))
		return use;
	/* Bodies that are not stored, such as mails, have lists without keys. */
	keyed =
	    target->table != NULL && !(target->fields[resource_key(target)].flags & FIELD_HIDDEN);
	return keyed ? SCHEMA_ITEM : SCHEMA_INSERT;
}

/* What is of no area holds no data of a row: it stands around one. */
static void refer(struct openapi *openapi, const struct resource *resource, enum schema_use use)
{
	if ((use == SCHEMA_WRITTEN || use == SCHEMA_SELECTED) && resource->area == AREA_NONE)
		openapi_envelope(openapi, resource, use);
	else
		openapi_reference(openapi, resource, use, NULL);
}

/* Whether a reference stands in a list of schemas of its own. */
static bool is_wrapped(const struct openapi *openapi, bool nullable, bool beside)
{
	return nullable || (beside && !openapi->dialect->reference_siblings);
}

void openapi_reference_begin(struct openapi *openapi, bool nullable, bool beside)
{
	if (!is_wrapped(openapi, nullable, beside))
		return;
	writer_array_begin(
	    &openapi->writer, openapi->dialect->null_type ? "anyOf" : "allOf", "schema");
	writer_object_begin(&openapi->writer, NULL);
}

void openapi_reference_end(struct openapi *openapi, bool nullable, bool beside)
{
	struct writer *writer = &openapi->writer;

	if (!is_wrapped(openapi, nullable, beside))
		return;
	writer_object_end(writer);
	if (nullable && openapi->dialect->null_type)
		openapi_raw(openapi, NULL, "{\"type\":\"null\"}");
	writer_array_end(writer);
	if (nullable && !openapi->dialect->null_type)
		write_nullable(openapi, "object", true);
}

void openapi_list(struct openapi *openapi, const struct resource *resource, enum schema_use use,
    const char *xml_name, const char *item_name)
{
	struct writer *writer = &openapi->writer;

	writer_object_begin(writer, "items");
	if (item_name != NULL)
		openapi_reference(openapi, resource, use, item_name);
	else
		refer(openapi, resource, use);
	writer_object_end(writer);
	openapi_xml(openapi, xml_name,
	    xml_name != NULL ? openapi->contract->family.xml_namespace : NULL, true);
}

/* Lists of plain values; in DataContract their items are in a namespace of their own. */
static void write_scalar_list(struct openapi *openapi, const struct field *field)
{
	struct writer *writer = &openapi->writer;
	const struct field_type_info *type = field_type_info(field->type);

	writer_integer(writer, "maxItems", field->max);
	writer_object_begin(writer, "items");
	openapi_text(openapi, "type", type->items->openapi_type);
	if (type->items->openapi_format != NULL)
		openapi_text(openapi, "format", type->items->openapi_format);
	openapi_xml(openapi, type->xml_item,
	    openapi->contract->family.xml_namespace != NULL ? NAMESPACE_ARRAYS : NULL, false);
	writer_object_end(writer);
}

/* Whether JSON has the numbers of an enumeration, and XML its words. */
static bool is_numbered(const struct field *field)
{
	return field->enumeration != NULL && field_holds(field) == VALUE_INTEGER;
}

static void write_enumeration(struct openapi *openapi, const struct field *field, bool nullable)
{
	const struct enumeration *words = field->enumeration;
	struct writer *writer = &openapi->writer;

	writer_array_begin(writer, "enum", "value");
	for (unsigned i = 0; i < words->count; i++) {
		if (is_numbered(field))
			writer_integer(writer, NULL, words->enumerators[i].number);
		else
			openapi_text(openapi, NULL, words->enumerators[i].name);
	}
	if (nullable)
		writer_null(writer, NULL);
	writer_array_end(writer);
	if (!is_numbered(field))
		return;
	writer_array_begin(writer, "x-enum-varnames", "name");
	for (unsigned i = 0; i < words->count; i++)
		openapi_text(openapi, NULL, words->enumerators[i].name);
	writer_array_end(writer);
}

/* Length, range, format: what a value must keep to. */
static void write_rules(struct openapi *openapi, const struct field *field, enum schema_use use)
{
	const struct field_type_info *type = field_type_info(field->type);
	const char *format = type->openapi_format;
	struct writer *writer = &openapi->writer;

	if (type->openapi_local_format != NULL && schema_is_read(use) &&
	    openapi->contract->family.json_time == TIMESTAMP_LOCAL)
		format = type->openapi_local_format;
	if (format != NULL)
		openapi_text(openapi, "format", format);
	if (type->text == TEXT_FREE && field->max > 0)
		writer_integer(writer, "maxLength", field->max);
	if (type->text == TEXT_FREE && !schema_is_read(use) && (field->flags & FIELD_REQUIRED))
		writer_integer(writer, "minLength", 1);
	if (field->least != 0 || field->most != 0) {
		writer_integer(writer, "minimum", field->least);
		writer_integer(writer, "maximum", field->most);
	}
	if (type->openapi_values == NULL)
		return;
	/* Maps that older programs have left may hold more than scalars. */
	if (schema_is_read(use) && type->openapi_stored_any) {
		writer_boolean(writer, "additionalProperties", true);
	} else {
		writer_object_begin(writer, "additionalProperties");
		write_type(openapi, type->openapi_values, true);
		writer_object_end(writer);
	}
}

/*
 * The column's default, as JSON: not as a word of the schema, since typed clients send such a value
 * where their program has set none, and rules see the difference.
 */
static void write_default(struct openapi *openapi, const struct field *field)
{
	const char *fallback = field->fallback;
	enum lexical lexical = field_type_info(field->type)->lexical;

	if (lexical == LEXICAL_LITERAL || lexical == LEXICAL_JSON)
		openapi_raw(openapi, "x-default", fallback);
	else
		openapi_text(openapi, "x-default", fallback);
}

static void write_schema_example(struct openapi *openapi, const char *example)
{
	struct writer *writer = &openapi->writer;

	if (!openapi->dialect->example_lists) {
		openapi_raw(openapi, "example", example);
		return;
	}
	writer_array_begin(writer, "examples", "example");
	openapi_raw(openapi, NULL, example);
	writer_array_end(writer);
}

static void write_description(struct openapi *openapi, const struct resource *resource,
    const struct field *field, enum schema_use use)
{
	const char *text = field->doc;
	const struct enumeration *words = field->enumeration;

	if (text == NULL)
		return;
	for (unsigned i = 0; is_numbered(field) && i < words->count; i++)
		text = arena_printf(openapi->arena, "%s%s %d = %s%s", text, i == 0 ? "" : ",",
		    (int)words->enumerators[i].number, words->enumerators[i].name,
		    i + 1 == words->count ? "; XML has the word." : "");
	if (use == SCHEMA_SELECTED && field_is_large(field) && !(field->flags & FIELD_NOT_STORED))
		text = arena_printf(openapi->arena,
		    "%s Lists leave out what is longer than %d characters, unless select names "
		    "it.",
		    text, FIELD_LISTED_MAX);
	if (field->flags & FIELD_OWNER_CHANGES)
		text = arena_printf(
		    openapi->arena, "%s The %s may change it.", text, owner_name(resource->owner));
	openapi_text(openapi, "description", text);
}

static void write_scalar(struct openapi *openapi, const struct resource *resource,
    const struct field *field, enum schema_use use, bool nullable)
{
	const char *example = openapi_example(openapi, resource, field);

	write_type(openapi, field_type_info(field->type)->openapi_type, nullable);
	write_rules(openapi, field, use);
	if (field->enumeration != NULL)
		write_enumeration(openapi, field, nullable);
	if (field_type_info(field->type)->items != NULL)
		write_scalar_list(openapi, field);
	if ((use == SCHEMA_INSERT || use == SCHEMA_ITEM) && field->fallback != NULL)
		write_default(openapi, field);
	if (example != NULL)
		write_schema_example(openapi, example);
}

void openapi_field(struct openapi *openapi, const char *name, const struct resource *resource,
    const struct field *field, enum schema_use use, bool nullable)
{
	struct writer *writer = &openapi->writer;
	const char *element = element_name(openapi, field->name);
	bool list = field_type_info(field->type)->openapi_type[0] == 'a';
	bool renamed = strcmp(element, field->name) != 0;

	writer_object_begin(writer, name);
	if (field_holds(field) == VALUE_LIST) {
		write_type(openapi, "array", nullable);
		if (field->max > 0)
			writer_integer(writer, "maxItems", field->max);
		openapi_list(openapi, field->relation->target,
		    openapi_part_use(openapi->part_use, field), renamed ? element : NULL, NULL);
	} else if (field->object != NULL || field->relation != NULL) {
		openapi_reference_begin(openapi, nullable, true);
		refer(openapi, field->object != NULL ? field->object : field->relation->target,
		    openapi_part_use(openapi->part_use, field));
		openapi_reference_end(openapi, nullable, true);
	} else {
		write_scalar(openapi, resource, field, use, nullable);
	}
	write_description(openapi, resource, field, use);
	if (field->flags & FIELD_DEPRECATED)
		writer_boolean(writer, "deprecated", true);
	if (schema_is_read(use) && (field->flags & FIELD_READONLY))
		writer_boolean(writer, "readOnly", true);
	if (!schema_is_read(use) && (field->flags & FIELD_WRITEONLY))
		writer_boolean(writer, "writeOnly", true);
	if (resource != NULL)
		openapi_member_notes(openapi, resource, field, use);
	if (field_holds(field) != VALUE_LIST && (renamed || list))
		openapi_xml(openapi, renamed ? element : NULL, NULL, list);
	writer_object_end(writer);
}
