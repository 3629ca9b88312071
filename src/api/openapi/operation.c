#include "api/contracts.h"
#include "api/openapi/parts.h"
#include "auth/role.h"
#include "op/bulk.h"

/* Roles that may do it in an area, but not in the other one; empty = none. */
static const char *list_roles(
    struct openapi *openapi, enum permission permission, enum area area, enum area other)
{
	unsigned count;
	const struct role *roles = role_table(&count);
	const char *text = "";

	for (unsigned i = 0; i < count; i++) {
		if ((roles[i].permissions[area] & permission) &&
		    !(roles[i].permissions[other] & permission))
			text = arena_printf(openapi->arena, "%s%s%s", text,
			    text[0] == '\0' ? "" : ", ", roles[i].name);
	}
	return text;
}

/* Who may call it, from the table of roles. */
static void write_permission(struct openapi *openapi, const struct route *route)
{
	enum permission permission = route_permission(route);
	const char *text = arena_printf(openapi->arena,
	    route->access == ACCESS_GROUP || route->access == ACCESS_USER_KEY
		? "If a key is required, it needs %s on %s, granted by the roles: %s."
		: "Needs %s on %s, granted by the roles: %s.",
	    permission_name(permission), area_name(route->area),
	    list_roles(openapi, permission, route->area, AREA_NONE));

	if (route_admits_owners(route))
		text =
		    arena_printf(openapi->arena, "%s For %s alone, also granted by the roles: %s.",
			text, owner_rows(route->resource->owner),
			list_roles(
			    openapi, permission, owner_area(route->resource->owner), route->area));
	openapi_text(openapi, "description", text);
}

/* The same of operations that ask for no key. */
static const char *const callers[ACCESS__MAX] = {
	[ACCESS_PUBLIC] = "Anybody may call it.",
	[ACCESS_CLIENT] = "For API clients, by their secret.",
	[ACCESS_REGISTRATION] = "Needs a token of registration as a bearer token.",
	[ACCESS_SIGHT] = "Needs read on any area; the answer has what the caller may read.",
	[ACCESS_SESSION] = "For a browser that has signed in, about its own session.",
	[ACCESS_OPERATOR] = "Only for addresses of the option operator_networks.",
	[ACCESS_ACCOUNT] =
	    "Needs a hosting account's own key, and has the account's own rows alone.",
};

#define NOBODY "{}"
#define API_KEY "{\"apiKey\":[]}"
#define BEARER "{\"bearer\":[]}"
#define CLIENT "{\"client\":[]}"
#define USER_KEY "{\"userKey\":[]}"
#define REGISTRATION "{\"registration\":[]}"
/* A session's cookie; what changes something needs the session's token, too. */
static const char cookie[] = "{\"session\":[],\"csrf\":[]}";
static const char cookie_to_read[] = "{\"session\":[]}";

/* The same token as a bearer's, with what it must bring. */
static void write_scope(struct openapi *openapi, const struct route *route)
{
	struct writer *writer = &openapi->writer;

	writer_object_begin(writer, NULL);
	writer_array_begin(writer, OPENAPI_OAUTH, "scope");
	openapi_text(openapi, NULL, permission_name(route_permission(route)));
	writer_array_end(writer);
	writer_object_end(writer);
}

static void write_security(struct openapi *openapi, const struct route *route)
{
	/* Each is enough; without any, nobody is asked. */
	static const char *const ways[ACCESS__MAX][5] = {
		[ACCESS_KEY] = { API_KEY, BEARER, cookie },
		[ACCESS_SIGHT] = { API_KEY, BEARER, cookie },
		[ACCESS_GROUP] = { NOBODY, API_KEY, BEARER },
		[ACCESS_CLIENT] = { NOBODY, CLIENT },
		[ACCESS_KEY_OR_CLIENT] = { API_KEY, BEARER, CLIENT },
		[ACCESS_REGISTRATION] = { REGISTRATION },
		[ACCESS_USER_KEY] = { NOBODY, USER_KEY, API_KEY, BEARER },
		[ACCESS_SESSION] = { cookie },
		[ACCESS_ACCOUNT] = { API_KEY, BEARER },
	};
	/* Of families that take them; signatures have no scheme of OpenAPI. */
	static const struct {
		uint32_t way;
		const char *scheme;
	} further[] = {
		{ CREDENTIAL_PARAMETER, "{\"apiKeyParameter\":[]}" },
	};
	const char *const *way = ways[route->access];

	writer_array_begin(&openapi->writer, "security", "scheme");
	for (; *way != NULL; way++)
		openapi_raw(openapi, NULL,
		    *way == cookie && route->method == METHOD_GET ? cookie_to_read : *way);
	if (route_takes_key(route) && route->access != ACCESS_ACCOUNT)
		write_scope(openapi, route);
	for (size_t i = 0; i < COUNT_OF(further) && route_takes_key(route); i++) {
		if (openapi->contract->family.credentials & further[i].way)
			openapi_raw(openapi, NULL, further[i].scheme);
	}
	writer_array_end(&openapi->writer);
}

/* A member of rows. */
struct member {
	const struct resource *resource;
	const struct field *field;
};

/* The member that the number-th capture of a route is of; its field is NULL where there is none. */
static struct member key_of(const struct route *route, unsigned number)
{
	const struct resource *resource = route->resource;

	if (number >= route->key_count)
		return (struct member){ resource, NULL };
	return (struct member){ resource,
		&resource->fields[resource_field(resource, route->keys[number])] };
}

/*
 * Handlers look up by themselves what a path names: it is a row that has a path of its own, which
 * the path begins with.
 */
static struct member key_before(
    const struct contract *contract, const struct route *route, unsigned number, struct str end)
{
	size_t length = (size_t)(end.data - route->path);

	for (unsigned i = 0; i < contract->route_count; i++) {
		const struct route *other = &contract->routes[i];

		if (strlen(other->path) == length &&
		    strncmp(other->path, route->path, length) == 0 && number < other->key_count)
			return key_of(other, number);
	}
	return (struct member){ route->resource, NULL };
}

/* The member that the number-th capture names, before `rest` of the path. */
static struct member find_capture(struct openapi *openapi, const struct route *route,
    unsigned number, struct str name, struct str rest)
{
	static const struct field text = { STRING("", NULL, 0), .doc = "What to look for.",
		.example = "\"ada\"" };
	struct member found = key_of(route, number);
	int same;

	if (found.field == NULL || resource_referred(found.resource, found.field) == NULL)
		found = key_before(openapi->contract, route, number, rest);
	if (found.field != NULL)
		return found;
	found = key_of(route, number);
	if (found.field != NULL)
		return found;
	same = route->resource != NULL ? resource_field(route->resource,
					     arena_copy(openapi->arena, name.data, name.length))
				       : -1;
	return (
	    struct member){ route->resource, same >= 0 ? &route->resource->fields[same] : &text };
}

static void write_path_parameter(struct openapi *openapi, const struct route *route,
    unsigned number, struct str name, struct str rest)
{
	struct writer *writer = &openapi->writer;
	struct member member = find_capture(openapi, route, number, name, rest);
	const struct field *field = member.field;
	const char *example = openapi_example(openapi, member.resource, field);

	writer_object_begin(writer, NULL);
	writer_text(writer, "name", name);
	openapi_text(openapi, "in", "path");
	writer_boolean(writer, "required", true);
	openapi_text(openapi, "description", field->doc != NULL ? field->doc : "Identifier.");
	if (member.resource != NULL)
		openapi_reference_note(openapi, member.resource, field);
	if (example != NULL)
		openapi_raw(openapi, "example", example);
	openapi_field(openapi, "schema", NULL,
	    &(struct field){ .name = field->name,
		.type = field->type,
		.max = field->max,
		.least = field->least,
		.most = field->most,
		.check = field->check,
		.enumeration = field->enumeration,
		.example = example },
	    SCHEMA_UPDATE, false);
	writer_object_end(writer);
}

static void write_parameter_schema(struct openapi *openapi, const struct parameter *parameter)
{
	struct writer *writer = &openapi->writer;
	bool ranged = parameter->least != 0 || parameter->most != 0;
	int64_t fallback = parameter->fallback;

	writer_object_begin(writer, "schema");
	switch (parameter->kind) {
	case PARAMETER_INTEGER:
		openapi_text(openapi, "type", "integer");
		openapi_text(openapi, "format", parameter->most > INT32_MAX ? "int64" : "int32");
		if (ranged) {
			writer_integer(writer, "minimum", parameter->least);
			writer_integer(writer, "maximum", parameter->most);
		}
		if (!ranged || (fallback >= parameter->least && fallback <= parameter->most))
			writer_integer(writer, "default", fallback);
		break;
	case PARAMETER_BOOLEAN:
		openapi_text(openapi, "type", "boolean");
		writer_boolean(writer, "default", fallback != 0);
		break;
	case PARAMETER_TEXT:
		openapi_text(openapi, "type", "string");
		if (parameter->most > 0)
			writer_integer(writer, "maxLength", parameter->most);
		break;
	case PARAMETER_WORD:
		openapi_text(openapi, "type", "string");
		writer_array_begin(writer, "enum", "word");
		for (const char *const *word = parameter->words; *word != NULL; word++)
			openapi_text(openapi, NULL, *word);
		writer_array_end(writer);
		openapi_text(openapi, "default", parameter->words[fallback]);
		break;
	case PARAMETER_TEXT_LIST:
		openapi_text(openapi, "type", "array");
		writer_integer(writer, "maxItems", PARAMETER_LIST_MAX);
		writer_object_begin(writer, "items");
		openapi_text(openapi, "type", "string");
		if (parameter->most > 0)
			writer_integer(writer, "maxLength", parameter->most);
		writer_object_end(writer);
		break;
	}
	writer_object_end(writer);
}

static void write_parameter(
    struct openapi *openapi, const struct parameter *parameter, const struct resource *resource)
{
	struct writer *writer = &openapi->writer;

	writer_object_begin(writer, NULL);
	openapi_text(openapi, "name", parameter->name);
	openapi_text(openapi, "in", "query");
	if (parameter->required)
		writer_boolean(writer, "required", true);
	openapi_text(openapi, "description", parameter->doc);
	openapi_parameter_example(openapi, parameter, resource);
	write_parameter_schema(openapi, parameter);
	writer_object_end(writer);
}

static void write_header_parameters(struct openapi *openapi, const struct route *route)
{
	bool etag = openapi_has_etag(openapi->contract, route);

	if (route->method == METHOD_POST && !(route->flags & ROUTE_NO_REPLAY))
		openapi_raw(openapi, NULL, "{\"$ref\":\"#/components/parameters/IdempotencyKey\"}");
	if ((etag && route->method == METHOD_GET) || (route->flags & ROUTE_VERSION))
		openapi_raw(openapi, NULL, "{\"$ref\":\"#/components/parameters/IfNoneMatch\"}");
	if (etag && (route->method == METHOD_PUT || route->method == METHOD_DELETE))
		openapi_raw(openapi, NULL, "{\"$ref\":\"#/components/parameters/IfMatch\"}");
}

static void write_parameters(struct openapi *openapi, const struct route *route)
{
	struct str rest = str_from(route->path), part;
	unsigned number = 0;

	writer_array_begin(&openapi->writer, "parameters", "parameter");
	while (str_next(&rest, '/', &part)) {
		if (part.length > 0 && part.data[0] == '{')
			write_path_parameter(openapi, route, number++,
			    str_slice(part, 1, part.length - 2), str_slice(part, part.length, 0));
	}
	for (unsigned i = 0; i < route->parameter_count; i++)
		write_parameter(openapi, &route->parameters[i], route->resource);
	write_header_parameters(openapi, route);
	writer_array_end(&openapi->writer);
}

/* A row inside a member of the body, and what stands beside it. */
static const struct resource *wrap_body(struct openapi *openapi, const struct route *route)
{
	const struct resource *beside = route->body_beside;
	unsigned count = 1 + (beside != NULL ? beside->field_count : 0);
	struct field *fields = arena_alloc_array(openapi->arena, count, sizeof(*fields));
	struct resource *wrapped = arena_alloc(openapi->arena, sizeof(*wrapped));

	if (fields == NULL || wrapped == NULL)
		return NULL;
	fields[0] = (struct field){ .name = route->body_member,
		.type = FIELD_OBJECT,
		.object = route->body,
		.flags = FIELD_REQUIRED,
		.doc = route->body->doc };
	for (unsigned i = 1; i < count; i++)
		fields[i] = beside->fields[i - 1];
	*wrapped = (struct resource){ .name = "request",
		.type_name = route->body_type != NULL ? route->body_type : route->body->type_name,
		.fields = fields,
		.field_count = count,
		.doc = route->doc };
	return wrapped;
}

static enum schema_use body_use(const struct route *route)
{
	if (route->flags & ROUTE_KEY_IN_BODY)
		return SCHEMA_KEYED;
	return route->method == METHOD_PUT ? SCHEMA_UPDATE : SCHEMA_INSERT;
}

/* What a body is made of, for its schema and for its example. */
struct sent_body {
	const struct resource *resource; /* NULL without memory */
	enum schema_use use, part_use;
};

static struct sent_body describe_body(struct openapi *openapi, const struct route *route)
{
	enum schema_use use = body_use(route);

	if (route->body_member == NULL)
		return (struct sent_body){ route->body, use, use };
	return (struct sent_body){ wrap_body(openapi, route), SCHEMA_INSERT, use };
}

static void write_body_schema(
    struct openapi *openapi, const struct route *route, const struct sent_body *body)
{
	struct writer *writer = &openapi->writer;
	const char *type = route->body_type != NULL ? route->body_type : route->body->type_name;

	writer_object_begin(writer, "schema");
	if (route->flags & ROUTE_BODY_LIST) {
		openapi_text(openapi, "type", "array");
		openapi_list(openapi, body->resource, body->use,
		    arena_printf(openapi->arena, "ArrayOf%s", type), route->body_type);
		if (route->shape == SHAPE_BULK) {
			writer_integer(writer, "minItems", 1);
			writer_integer(writer, "maxItems", BULK_ROWS_MOST);
		}
	} else if (route->body_member != NULL) {
		openapi_envelope(openapi, body->resource, body->part_use);
	} else {
		openapi_reference(openapi, body->resource, body->use, route->body_type);
	}
	writer_object_end(writer);
}

static void write_body(struct openapi *openapi, const struct route *route)
{
	/* An example in XML would be a text, which no tool holds against the schema. */
	static const struct {
		const char *name;
		bool has_example;
	} media[] = { { "application/json", true }, { "application/xml", false },
		{ "application/x-www-form-urlencoded", true } };
	struct writer *writer = &openapi->writer;
	unsigned first = route->flags & ROUTE_FORM ? 2 : 0;
	unsigned end = openapi->contract->family.json_only && first == 0 ? 1 : COUNT_OF(media);
	struct sent_body body = describe_body(openapi, route);

	if (body.resource == NULL)
		return;
	writer_object_begin(writer, "requestBody");
	writer_boolean(writer, "required", !(route->flags & ROUTE_BODY_OPTIONAL));
	writer_object_begin(writer, "content");
	for (unsigned i = first; i < end; i++) {
		writer_object_begin(writer, media[i].name);
		write_body_schema(openapi, route, &body);
		if (media[i].has_example)
			openapi_body_example(openapi, body.resource, body.use, body.part_use,
			    route->flags & ROUTE_BODY_LIST);
		writer_object_end(writer);
	}
	writer_object_end(writer);
	writer_object_end(writer);
}

static void write_operation(struct openapi *openapi, const struct route *route)
{
	struct writer *writer = &openapi->writer;
	struct str summary = str_from(route->doc);
	const char *name = request_method_name(route->method);
	char method[16] = { 0 };

	for (size_t i = 0; i < sizeof(method) - 1 && name[i] != '\0'; i++)
		method[i] = str_lower(name[i]);
	if (str_ends_with(summary, STR(".")))
		summary.length--;
	writer_object_begin(writer, method);
	openapi_text(openapi, "operationId", openapi_operation_name(openapi, route));
	writer_text(writer, "summary", summary);
	if (route->flags & ROUTE_DEPRECATED)
		writer_boolean(writer, "deprecated", true);
	if (route_has_area(route))
		write_permission(openapi, route);
	else
		openapi_text(openapi, "description", callers[route->access]);
	writer_array_begin(writer, "tags", "tag");
	openapi_text(openapi, NULL, openapi_tag(openapi->contract, route));
	writer_array_end(writer);
	write_security(openapi, route);
	openapi_operation_notes(openapi, route);
	write_parameters(openapi, route);
	if (route->body != NULL)
		write_body(openapi, route);
	openapi_answers(openapi, route);
	writer_object_end(writer);
}

static bool is_first_of_path(const struct contract *contract, const struct route *route)
{
	for (const struct route *earlier = contract->routes; earlier != route; earlier++) {
		if (strcmp(earlier->path, route->path) == 0)
			return false;
	}
	return true;
}

static void write_family(struct openapi *openapi, const struct contract *contract)
{
	const struct route *end = contract->routes + contract->route_count;

	openapi->contract = contract;
	for (const struct route *route = contract->routes; route != end; route++) {
		if (!is_first_of_path(contract, route))
			continue;
		writer_object_begin(&openapi->writer, route->path);
		for (const struct route *same = route; same != end; same++) {
			if (strcmp(same->path, route->path) == 0)
				write_operation(openapi, same);
		}
		writer_object_end(&openapi->writer);
	}
}

void openapi_paths(struct openapi *openapi)
{
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	writer_object_begin(&openapi->writer, "paths");
	for (unsigned i = 0; i < count; i++) {
		if (contracts[i]->route_count > 0)
			write_family(openapi, contracts[i]);
	}
	writer_object_end(&openapi->writer);
}
