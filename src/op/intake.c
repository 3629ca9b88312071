/*
 * What a request brings: its parameters and its body, within the limits.
 */
#include "base/limits.h"
#include "codec/json_lenient.h"
#include "codec/reader.h"
#include "op/operation.h"

static int refuse_media_type(const struct request *request, struct error *error)
{
	struct str type = str_slice(negotiate_media_type(request->content_type), 0, 100);

	if (type.length == 0 || str_utf8_valid(type) < type.length)
		return error_set(error, ERROR_MEDIA_TYPE,
		    "The request contains an entity body but no Content-Type header. The inferred "
		    "media type "
		    "'application/octet-stream' is not supported for this resource.");
	return error_set(error, ERROR_MEDIA_TYPE,
	    "The request entity's media type '" STR_FORMAT "' is not supported for this resource.",
	    STR_ARGUMENTS(type));
}

static int read_xml(struct operation *operation, const struct limits *limits, struct error *error)
{
	const struct route *route = operation->route;
	const char *type = route->body_type != NULL ? route->body_type : route->body->type_name;
	const struct xml_root root = {
		.name = route->flags & ROUTE_BODY_LIST
			    ? arena_printf(operation->context.arena, "ArrayOf%s", type)
			    : type,
		.xml_namespace = operation->contract->family.xml_namespace,
	};

	return xml_read(operation->context.arena, limits, operation->request->body, &root, 1,
	    &operation->body, error);
}

static int read_json(struct operation *operation, const struct limits *limits, struct error *error)
{
	struct str text = operation->request->body;

	if (operation_speaks(operation, DIALECT_LENIENT_JSON))
		text = json_make_strict(operation->context.arena, text);
	if (text.data == NULL)
		return error_set(
		    error, ERROR_TOO_LARGE, "The request needs more memory than allowed.");
	return json_read(operation->context.arena, limits, text, &operation->body, error);
}

/*
 * A list may be larger than other bodies, and needs memory in proportion: for its tree, its rows
 * and what is stored already.
 */
#define LIST_MEMORY 16

int operation_read_body(struct operation *operation, struct error *error)
{
	const struct request *request = operation->request;
	const struct limits list = limits_of_list(&operation->context.settings->limits);
	const struct limits *limits = operation->route->flags & ROUTE_BODY_LIST
					  ? &list
					  : &operation->context.settings->limits;

	if (operation->route->body == NULL)
		return 0;
	if (request->body_too_large || request->body.length > (size_t)limits->body_bytes)
		return error_set(error, ERROR_TOO_LARGE,
		    "The request body is longer than %lld bytes.", (long long)limits->body_bytes);
	if (request->body_broken)
		return error_set(
		    error, ERROR_MALFORMED, "The request body is shorter than its Content-Length.");
	if (request->body.length == 0)
		return 0;
	if (operation->route->flags & ROUTE_BODY_LIST)
		arena_widen(operation->context.arena, request->body.length * LIST_MEMORY);
	switch (negotiate_body(request->content_type)) {
	case BODY_MEDIA_JSON:
		return read_json(operation, limits, error);
	case BODY_MEDIA_XML:
		return read_xml(operation, limits, error);
	case BODY_MEDIA_FORM:
		return form_read(
		    operation->context.arena, limits, request->body, &operation->body, error);
	default:
		return refuse_media_type(request, error);
	}
}

int operation_read_parameters(struct operation *operation, struct error *error)
{
	const struct route *route = operation->route;
	struct limits limits = operation->context.settings->limits;

	if (operation_speaks(operation, DIALECT_ALL_ROWS))
		limits.list_rows = INT32_MAX;
	return parameters_read(operation->context.arena, &limits, operation->request->query,
	    route->parameters, route->parameter_count,
	    operation->contract->family.strict_parameters &&
		!operation_speaks(operation, DIALECT_UNKNOWN_PARAMETERS),
	    (operation->contract->family.credentials & CREDENTIAL_PARAMETER)
		? CREDENTIAL_PARAMETER_NAME
		: NULL,
	    &operation->parameters, error);
}
