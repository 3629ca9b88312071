/*
 * Members of the document that OpenAPI has no word for: who may call, what an operation is about,
 * and what members of rows are to those who show, choose and search rows.
 */
#include "api/contracts.h"
#include "api/openapi/parts.h"
#include "query/path.h"

/* "API key" is apiKey: the name of a table as one word. */
const char *openapi_word(struct openapi *openapi, const char *name)
{
	struct str rest = str_from(name), part;
	struct buf text = { 0 };
	const char *word;

	while (str_next(&rest, ' ', &part)) {
		for (size_t i = 0; i < part.length; i++) {
			bool upper = i == 0 && text.length > 0;

			buf_append_char(
			    &text, upper ? str_upper(part.data[i]) : str_lower(part.data[i]));
		}
	}
	word = arena_copy(openapi->arena, text.data, text.length);
	buf_free(&text);
	return word != NULL ? word : "";
}

static bool has_resource(const struct family *family, const struct resource *resource)
{
	for (unsigned i = 0; i < family->resource_count; i++) {
		if (family->resources[i] == resource)
			return true;
	}
	return false;
}

/* The resource as this family calls it; one of another family has that one's name before it. */
static void write_resource(
    struct openapi *openapi, const char *member, const struct resource *resource)
{
	const char *word = openapi_word(openapi, resource->name);
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	for (unsigned i = 0; i < count; i++) {
		if (contracts[i] != openapi->contract &&
		    !has_resource(&openapi->contract->family, resource) &&
		    has_resource(&contracts[i]->family, resource))
			word =
			    arena_printf(openapi->arena, "%s.%s", contracts[i]->family.name, word);
	}
	openapi_text(openapi, member, word);
}

/* --- operations --- */

static const char *const kinds[SHAPE__MAX] = {
	[SHAPE_ROW] = "item",
	[SHAPE_NULLABLE] = "item",
	[SHAPE_COUNT] = "count",
	[SHAPE_NOTHING] = "action",
	[SHAPE_LIST] = "list",
	[SHAPE_QUERY] = "list",
	[SHAPE_GET] = "item",
	[SHAPE_INSERT] = "insert",
	[SHAPE_BULK] = "bulk",
	[SHAPE_UPDATE] = "update",
	[SHAPE_DELETE] = "delete",
};

const char *openapi_kind(const struct route *route)
{
	if (route_lists(route))
		return kinds[SHAPE_LIST];
	if (route->shape < SHAPE_LIST && route->method != METHOD_GET)
		return kinds[SHAPE_NOTHING];
	return route->media != NULL ? "file" : kinds[route->shape];
}

/* The rows that are listed, or changed, at a path of the family; NULL where there are none. */
static const struct resource *rows_at(const struct contract *contract, struct str path)
{
	for (unsigned i = 0; i < contract->route_count; i++) {
		const struct route *route = &contract->routes[i];

		if (str_equal(str_from(route->path), path) && route->resource != NULL &&
		    route->resource->table != NULL)
			return route->resource;
	}
	return NULL;
}

const struct resource *openapi_about(const struct contract *contract, const struct route *route)
{
	struct str path = str_from(route->path);
	const struct resource *found;

	if (route->resource != NULL && route->resource->table != NULL)
		return route->resource;
	found = rows_at(contract, path);
	if (found != NULL)
		return found;
	/* What is done to one row stands below its path, or that of the list that it is in. */
	while (path.length > 0 && path.data[path.length - 1] != '}')
		path.length--;
	found = rows_at(contract, path);
	while (path.length > 0 && path.data[path.length - 1] != '/')
		path.length--;
	if (found == NULL && path.length > 0)
		found = rows_at(contract, str_slice(path, 0, path.length - 1));
	return found;
}

void openapi_operation_notes(struct openapi *openapi, const struct route *route)
{
	const struct resource *about = openapi_about(openapi->contract, route);
	struct writer *writer = &openapi->writer;

	writer_object_begin(writer, "x-access");
	if (route->access != ACCESS_KEY)
		openapi_text(openapi, "other", access_name(route->access));
	if (route_takes_key(route)) {
		openapi_text(openapi, "area", area_name(route->area));
		openapi_text(openapi, "permission", permission_name(route_permission(route)));
		if (route_admits_owners(route))
			writer_boolean(writer, "own", true);
	}
	writer_object_end(writer);
	openapi_text(openapi, "x-kind", openapi_kind(route));
	if (about != NULL)
		write_resource(openapi, "x-resource", about);
}

/* --- schemas --- */

void openapi_schema_notes(
    struct openapi *openapi, const struct resource *resource, enum schema_use use)
{
	if (!schema_is_read(use))
		return;
	if (resource->area != AREA_NONE)
		openapi_text(openapi, "x-area", area_name(resource->area));
	if (resource->table != NULL)
		write_resource(openapi, "x-resource", resource);
}

/* Whether some list of the family takes a filter. */
static bool has_filters(const struct contract *contract)
{
	for (unsigned i = 0; i < contract->route_count; i++) {
		if (contract->routes[i].shape == SHAPE_QUERY)
			return true;
	}
	return false;
}

/* How a value that nobody may find in logs is shown. */
static const char *secrecy(const struct field *field)
{
	if (field->flags & FIELD_ECHO)
		return "once";
	return field->flags & FIELD_MASKED ? "masked" : "never";
}

void openapi_reference_note(
    struct openapi *openapi, const struct resource *resource, const struct field *field)
{
	const struct resource *referred = (field->flags & FIELD_KEY) && resource->table != NULL
					      ? resource
					      : resource_referred(resource, field);

	if (referred != NULL)
		write_resource(openapi, "x-references", referred);
}

void openapi_member_notes(struct openapi *openapi, const struct resource *resource,
    const struct field *field, enum schema_use use)
{
	struct writer *writer = &openapi->writer;
	const struct resource *referred = resource_referred(resource, field);
	bool stored = resource->table != NULL && schema_is_read(use);

	if (stored && (field->flags & FIELD_KEY))
		writer_boolean(writer, "x-key", true);
	if (referred != NULL)
		write_resource(openapi, "x-references", referred);
	if (field->flags & FIELD_SECRET)
		openapi_text(openapi, "x-secret", secrecy(field));
	if (stored && path_compares(field) && has_filters(openapi->contract))
		writer_boolean(writer, "x-filter", true);
}
