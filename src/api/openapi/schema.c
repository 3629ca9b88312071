#include "api/openapi/parts.h"
#include "auth/role.h"
#include "schema/unset.h"

const struct resource openapi_faults = {
	.name = "faults",
	.type_name = "Faults",
	.doc = "All errors of the request: lists of messages by the path of the member.",
};

const struct resource openapi_anything = {
	.name = "anything",
	.type_name = "Anything",
	.doc = "An object with members of any kind.",
};

void openapi_text(struct openapi *openapi, const char *name, const char *text)
{
	writer_text(&openapi->writer, name, str_from(text));
}

void openapi_raw(struct openapi *openapi, const char *name, const char *json)
{
	writer_json(&openapi->writer, name, str_from(json));
}

static const char *const suffixes[] = {
	[SCHEMA_READ] = "",
	[SCHEMA_SELECTED] = "",
	[SCHEMA_WRITTEN] = ".Written",
	[SCHEMA_INSERT] = ".Insert",
	[SCHEMA_UPDATE] = ".Update",
	[SCHEMA_KEYED] = ".Update",
	[SCHEMA_ITEM] = ".Item",
};

bool openapi_selects(const struct route *route)
{
	for (unsigned i = 0; i < route->parameter_count; i++) {
		if (strcmp(route->parameters[i].name, "select") == 0)
			return true;
	}
	return false;
}

enum schema_use openapi_answer_use(const struct openapi *openapi, const struct route *route)
{
	bool writes = route->access == ACCESS_KEY && route_permission(route) != PERMISSION_READ;

	if (openapi_selects(route) || openapi_payload(route) == OPENAPI_BULK)
		return SCHEMA_SELECTED;
	return writes && !openapi->contract->family.change_answers &&
		       openapi_payload(route) == OPENAPI_ROW
		   ? SCHEMA_WRITTEN
		   : SCHEMA_READ;
}

bool openapi_shows(const struct field *field, enum schema_use use)
{
	uint32_t flags = field->flags;

	if (flags & FIELD_HIDDEN)
		return false;
	if (schema_is_read(use))
		return !(flags & FIELD_WRITEONLY) || !(flags & FIELD_OMIT_ABSENT) ||
		       (flags & FIELD_ECHO);
	if ((use == SCHEMA_KEYED || use == SCHEMA_ITEM) && (flags & FIELD_KEY))
		return true;
	if ((flags & FIELD_READONLY) || (field->relation != NULL && !(flags & FIELD_OWNED)))
		return false;
	return use == SCHEMA_INSERT || use == SCHEMA_ITEM || !(flags & FIELD_CREATE_ONLY);
}

bool openapi_requires(const struct field *field, enum schema_use use)
{
	switch (use) {
	case SCHEMA_READ:
		return !(field->flags & (FIELD_OMIT_ABSENT | FIELD_XML_ONLY));
	case SCHEMA_SELECTED:
	case SCHEMA_WRITTEN:
	case SCHEMA_KEYED:
		return field->flags & FIELD_KEY;
	case SCHEMA_INSERT:
	case SCHEMA_ITEM:
		return field->flags & FIELD_REQUIRED;
	default:
		return false;
	}
}

static bool is_nullable(const struct field *field, enum schema_use use)
{
	if (schema_is_read(use) && (field->flags & (FIELD_WRITEONLY | FIELD_ECHO)))
		return true;
	if (!schema_is_read(use))
		return !(field->flags & FIELD_KEY) && unset_takes_null(field, use == SCHEMA_INSERT);
	if (field_holds(field) == VALUE_LIST && !(field->flags & FIELD_ON_DEMAND))
		return false;
	return !(field->flags & (FIELD_KEY | FIELD_REQUIRED | FIELD_NOT_NULL));
}

void openapi_xml(struct openapi *openapi, const char *name, const char *xml_namespace, bool list)
{
	struct writer *writer = &openapi->writer;

	writer_object_begin(writer, "xml");
	if (name != NULL)
		openapi_text(openapi, "name", name);
	if (xml_namespace != NULL)
		openapi_text(openapi, "namespace", xml_namespace);
	if (list)
		writer_boolean(writer, "wrapped", true);
	writer_object_end(writer);
}

/* The first field from `number` on that is shown; the count of fields when there is none. */
static unsigned next_shown(const struct resource *resource, enum schema_use use, unsigned number)
{
	while (number < resource->field_count && !openapi_shows(&resource->fields[number], use))
		number++;
	return number;
}

/*
 * Envelopes are made anew for each route, and one type may stand in two tables: they are the same
 * when their members are.
 */
static bool is_same(const struct resource *a, const struct resource *b, enum schema_use use)
{
	unsigned i = next_shown(a, use, 0), j = next_shown(b, use, 0);

	while (i < a->field_count && j < b->field_count) {
		if (strcmp(a->fields[i].name, b->fields[j].name) != 0 ||
		    a->fields[i].type != b->fields[j].type)
			return false;
		i = next_shown(a, use, i + 1);
		j = next_shown(b, use, j + 1);
	}
	return i == a->field_count && j == b->field_count;
}

/*
 * Remembers a schema. NULL when there are too many, or when two types have one name.
 */
static struct schema_entry *need_schema(
    struct openapi *openapi, const struct resource *resource, enum schema_use use, const char *name)
{
	struct schema_entry *entry;

	for (unsigned i = 0; i < openapi->schema_count; i++) {
		entry = &openapi->schemas[i];
		if (strcmp(entry->name, name) == 0)
			return entry->use == use && is_same(entry->resource, resource, use) ? entry
											    : NULL;
	}
	if (openapi->schema_count == OPENAPI_SCHEMAS_MAX)
		return NULL;
	entry = &openapi->schemas[openapi->schema_count++];
	*entry = (struct schema_entry){
		.contract = openapi->contract,
		.resource = resource,
		.use = use,
		.part_use = use,
		.name = name,
		.xml_name = resource->type_name,
		.xml_namespace =
		    resource == openapi->plain ? NULL : openapi->contract->family.xml_namespace,
	};
	return entry;
}

static void refer(struct openapi *openapi, const struct schema_entry *entry)
{
	if (entry == NULL)
		openapi->writer.out->failed = true;
	else
		openapi_text(openapi, "$ref",
		    arena_printf(openapi->arena, "#/components/schemas/%s", entry->name));
}

void openapi_reference(
    struct openapi *openapi, const struct resource *resource, enum schema_use use, const char *root)
{
	const char *type = root != NULL ? root : resource->type_name;
	struct schema_entry *entry = need_schema(openapi, resource, use,
	    arena_printf(
		openapi->arena, "%s.%s%s", openapi->contract->family.name, type, suffixes[use]));

	if (entry != NULL)
		entry->xml_name = type;
	refer(openapi, entry);
}

void openapi_envelope(
    struct openapi *openapi, const struct resource *envelope, enum schema_use part_use)
{
	const char *suffix = part_use == SCHEMA_WRITTEN ? suffixes[SCHEMA_WRITTEN] : "";
	struct schema_entry *entry =
	    need_schema(openapi, envelope, schema_is_read(part_use) ? SCHEMA_READ : SCHEMA_INSERT,
		arena_printf(openapi->arena, "%s.%s%s", openapi->contract->family.name,
		    envelope->type_name, suffix));

	if (entry != NULL)
		entry->part_use = part_use;
	refer(openapi, entry);
}

/* Whether the member of an item says whose it is, which the row that owns it says already. */
static bool names_owner(
    const struct openapi *openapi, const struct resource *item, const struct field *member)
{
	for (unsigned i = 0; i < openapi->schema_count; i++) {
		const struct resource *owner = openapi->schemas[i].resource;

		for (unsigned j = 0; j < owner->field_count; j++) {
			const struct field *field = &owner->fields[j];

			if ((field->flags & FIELD_OWNED) && field->relation->target == item &&
			    strcmp(field->relation->foreign, member->name) == 0)
				return true;
		}
	}
	return false;
}

static void write_required(
    struct openapi *openapi, const struct resource *resource, enum schema_use use)
{
	struct writer *writer = &openapi->writer;
	bool any = false;

	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];

		if (!openapi_shows(field, use) || !openapi_requires(field, use) ||
		    (use == SCHEMA_ITEM && names_owner(openapi, resource, field)))
			continue;
		if (!any)
			writer_array_begin(writer, "required", "name");
		any = true;
		openapi_text(openapi, NULL, field->name);
	}
	if (any)
		writer_array_end(writer);
}

static void write_properties(
    struct openapi *openapi, const struct resource *resource, enum schema_use use)
{
	struct writer *writer = &openapi->writer;

	writer_object_begin(writer, "properties");
	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];

		if (openapi_shows(field, use))
			openapi_field(
			    openapi, field->name, resource, field, use, is_nullable(field, use));
	}
	writer_object_end(writer);
}

static void write_schema(struct openapi *openapi, const struct schema_entry *entry)
{
	struct writer *writer = &openapi->writer;

	writer_object_begin(writer, entry->name);
	openapi_text(openapi, "type", "object");
	openapi_text(openapi, "description", entry->resource->doc);
	openapi_schema_notes(openapi, entry->resource, entry->use);
	if (entry->resource == &openapi_faults)
		openapi_raw(openapi, "additionalProperties",
		    "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}");
	if (entry->resource->field_count > 0) {
		write_properties(openapi, entry->resource, entry->use);
		write_required(openapi, entry->resource, entry->use);
	}
	openapi_xml(openapi, entry->xml_name, entry->xml_namespace, false);
	writer_object_end(writer);
}

void openapi_schemas(struct openapi *openapi)
{
	struct writer *writer = &openapi->writer;

	writer_object_begin(writer, "schemas");
	/* Writing one may need further ones. */
	for (unsigned i = 0; i < openapi->schema_count; i++) {
		openapi->contract = openapi->schemas[i].contract;
		openapi->part_use = openapi->schemas[i].part_use;
		write_schema(openapi, &openapi->schemas[i]);
	}
	writer_object_end(writer);
}
