/*
 * Members of the document that OpenAPI has no word for: who may call, what an operation is about,
 * and what members of rows are to those who show, choose and search rows.
 */
#include "api/openapi/parts.h"
#include "query/path.h"

static void write_resource(
    struct openapi *openapi, const char *member, const struct resource *resource)
{
	openapi_text(openapi, member, openapi_word(openapi, resource));
}

/* --- operations --- */

void openapi_operation_notes(struct openapi *openapi, const struct route *route)
{
	const struct resource *about = openapi_about(openapi->contract, route);
	struct writer *writer = &openapi->writer;

	writer_object_begin(writer, "x-access");
	if (route->access != ACCESS_KEY)
		openapi_text(openapi, "other", access_name(route->access));
	if (route_has_area(route)) {
		openapi_text(openapi, "area", area_name(route->area));
		openapi_text(openapi, "permission", permission_name(route_permission(route)));
		if (route_admits_owners(route))
			openapi_text(openapi, "own", area_name(owner_area(route->resource->owner)));
	}
	writer_object_end(writer);
	openapi_text(openapi, "x-kind", openapi_kind(route));
	if (about != NULL)
		write_resource(openapi, "x-resource", about);
}

/* --- schemas --- */

static void write_audit_names(struct openapi *openapi, const struct resource *resource)
{
	writer_array_begin(&openapi->writer, "x-audit", "name");
	openapi_text(openapi, NULL, resource_audit_name(resource));
	for (unsigned i = 1; resource->audited_as != NULL && resource->audited_as[i] != NULL; i++)
		openapi_text(openapi, NULL, resource->audited_as[i]);
	writer_array_end(&openapi->writer);
}

void openapi_schema_notes(
    struct openapi *openapi, const struct resource *resource, enum schema_use use)
{
	if (!schema_is_read(use))
		return;
	if (resource->area != AREA_NONE)
		openapi_text(openapi, "x-area", area_name(resource->area));
	if (resource->table == NULL)
		return;
	write_resource(openapi, "x-resource", resource);
	write_audit_names(openapi, resource);
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
	const struct resource *referred = resource_referred(resource, field);

	if (referred == NULL && (field->flags & FIELD_KEY) && resource->table != NULL)
		referred = resource;
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
