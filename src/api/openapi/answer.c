#include "api/contracts.h"
#include "api/openapi/parts.h"
#include "op/bulk.h"

#define NAMESPACE_SERIALIZATION "http://schemas.microsoft.com/2003/10/Serialization/"

/* Statuses that errors have, in the order of the document. */
static const int statuses[] = { 400, 401, 403, 404, 409, 412, 413, 414, 415, 422, 429, 500, 503 };

enum openapi_payload openapi_payload(const struct route *route)
{
	switch (route->shape) {
	case SHAPE_NOTHING:
	case SHAPE_DELETE:
		return OPENAPI_NOTHING;
	case SHAPE_PAGE:
	case SHAPE_LIST:
	case SHAPE_QUERY:
		return OPENAPI_LIST;
	case SHAPE_COUNT:
		return OPENAPI_COUNT;
	case SHAPE_TEXT:
		return OPENAPI_TEXT;
	case SHAPE_BULK:
		return OPENAPI_BULK;
	default:
		return route->resource != NULL ? OPENAPI_ROW : OPENAPI_NOTHING;
	}
}

const struct resource *openapi_bulk(struct arena *arena, const struct route *route)
{
	const struct resource *result = op_bulk_describe(arena, route, &openapi_faults);
	struct relation *relation = arena_alloc(arena, sizeof(*relation));
	struct field *fields = arena_alloc_array(arena, 3, sizeof(*fields));
	struct resource *answer = arena_alloc(arena, sizeof(*answer));

	if (result == NULL || relation == NULL || fields == NULL || answer == NULL)
		return NULL;
	relation->target = result;
	fields[0] = (struct field){ .name = BULK_RESULTS,
		.type = FIELD_MANY,
		.relation = relation,
		.flags = FIELD_NOT_NULL,
		.doc = "What became of each row of the request, in order." };
	fields[1] = (struct field){ INT32(BULK_REFUSED, NULL), .flags = FIELD_NOT_NULL,
		.doc = "Number of rows that were not stored.", .example = "0" };
	fields[2] = (struct field){ INT32(BULK_STORED, NULL), .flags = FIELD_NOT_NULL,
		.doc = "Number of rows that were stored." };
	*answer = (struct resource){ .name = "answer",
		.type_name = route->answer_type != NULL ? route->answer_type : "BulkResponse",
		.fields = fields,
		.field_count = 3,
		.doc = route->doc };
	return answer;
}

int openapi_payload_field(
    struct arena *arena, const struct route *route, const char *name, struct field *field)
{
	struct relation *relation;

	*field =
	    (struct field){ .name = name, .flags = FIELD_NOT_NULL, .doc = "What was asked for." };
	switch (openapi_payload(route)) {
	case OPENAPI_ROW:
		field->type = FIELD_OBJECT;
		field->object = route->resource;
		return 0;
	case OPENAPI_LIST:
		relation = arena_alloc(arena, sizeof(*relation));
		if (relation == NULL)
			return -1;
		relation->target = route->resource;
		field->type = FIELD_MANY;
		field->relation = relation;
		return 0;
	case OPENAPI_COUNT:
		field->type = FIELD_INT32;
		return 0;
	case OPENAPI_TEXT:
		field->type = FIELD_STRING;
		return 0;
	case OPENAPI_BULK:
		field->type = FIELD_OBJECT;
		field->object = openapi_bulk(arena, route);
		return field->object != NULL ? 0 : -1;
	default:
		field->type = FIELD_OBJECT;
		field->object = &openapi_anything;
		return 0;
	}
}

/* Whether a path names the row that a route is about: the key may stand in the route's body. */
static bool is_of_row(const struct route *route, const char *path)
{
	struct str rest = str_from(path);
	size_t length = strlen(route->path);

	if (strcmp(path, route->path) == 0)
		return true;
	if (!(route->flags & ROUTE_KEY_IN_BODY) || !str_starts_with(rest, str_from(route->path)))
		return false;
	rest = str_slice(rest, length, rest.length);
	return str_starts_with(rest, STR("/{")) &&
	       str_find(str_slice(rest, 1, rest.length), '/') == rest.length - 1;
}

bool openapi_has_etag(const struct contract *contract, const struct route *route)
{
	for (unsigned i = 0; i < contract->route_count; i++) {
		const struct route *other = &contract->routes[i];

		if ((other->flags & ROUTE_ETAG) && other->method == METHOD_GET &&
		    is_of_row(route, other->path))
			return true;
	}
	return false;
}

static int success_status(const struct contract *contract, const struct route *route)
{
	if (route->status != 0)
		return route->status;
	if (route->method == METHOD_DELETE)
		return contract->family.delete_status;
	return route->method == METHOD_POST ? contract->family.insert_status : 200;
}

/* Path values that are no text may be of a wrong form. */
static bool has_typed_key(const struct route *route)
{
	for (unsigned i = 0; i < route->key_count; i++) {
		int number = resource_field(route->resource, route->keys[i]);

		if (!field_is_free_text(&route->resource->fields[number]))
			return true;
	}
	return false;
}

/* Whether what is written may be what another row has already: no change is of what is read-only.
 */
static bool may_repeat(const struct route *route)
{
	const struct resource *resource = route->resource;

	for (unsigned i = 0; i < resource->unique_count; i++) {
		int number = resource_field(resource, resource->uniques[i].member);

		if (route->method == METHOD_POST ||
		    !(resource->fields[number].flags & FIELD_READONLY))
			return true;
	}
	for (unsigned i = 0; route->method == METHOD_POST && i < resource->field_count; i++) {
		if (resource->fields[i].flags & FIELD_CHOOSABLE)
			return true;
	}
	return false;
}

/* Codes of the errors that an operation can give, as a mask. */
static uint32_t possible_errors(const struct contract *contract, const struct route *route)
{
	uint32_t errors = route->errors | ERROR_BIT(ERROR_BUSY) | ERROR_BIT(ERROR_UNAVAILABLE);
	const struct resource *resource = route->resource;
	bool writes = route->method == METHOD_POST || route->method == METHOD_PUT ||
		      route->method == METHOD_PATCH;

	if (route->method != METHOD_GET)
		errors |= ERROR_BIT(ERROR_OUTCOME_UNKNOWN);
	if (contract->family.strict_parameters || route->parameter_count > 0 ||
	    has_typed_key(route))
		errors |= ERROR_BIT(ERROR_INVALID);
	if (openapi_selects(route) && route_lists(route))
		errors |= ERROR_BIT(ERROR_TOO_LARGE);
	if (route->body != NULL)
		errors |= ERROR_BIT(ERROR_INVALID) | ERROR_BIT(ERROR_MALFORMED) |
			  ERROR_BIT(ERROR_TOO_LARGE) | ERROR_BIT(ERROR_MEDIA_TYPE);
	if (route_takes_key(route))
		errors |= ERROR_BIT(ERROR_UNAUTHENTICATED) | ERROR_BIT(ERROR_TOO_MANY) |
			  ERROR_BIT(ERROR_FORBIDDEN) | ERROR_BIT(ERROR_URI_TOO_LONG) |
			  ERROR_BIT(ERROR_INTERNAL);
	if (route->access == ACCESS_SESSION)
		errors |= ERROR_BIT(ERROR_UNAUTHENTICATED) | ERROR_BIT(ERROR_TOO_MANY) |
			  ERROR_BIT(ERROR_FORBIDDEN);
	if (route->access == ACCESS_OPERATOR)
		errors |= ERROR_BIT(ERROR_FORBIDDEN);
	if ((strchr(route->path, '{') != NULL || (route->flags & ROUTE_KEY_IN_BODY)) &&
	    route->shape != SHAPE_NULLABLE)
		errors |= ERROR_BIT(ERROR_NOT_FOUND);
	if (writes && resource != NULL && may_repeat(route))
		errors |= ERROR_BIT(ERROR_CONFLICT);
	if (route->method == METHOD_DELETE && resource != NULL && resource->dependant_count > 0)
		errors |= ERROR_BIT(ERROR_IN_USE);
	if ((route->method == METHOD_PUT || route->method == METHOD_DELETE) &&
	    openapi_has_etag(contract, route))
		errors |= ERROR_BIT(ERROR_STALE);
	if (route->method == METHOD_POST && !(route->flags & ROUTE_NO_REPLAY))
		errors |= ERROR_BIT(ERROR_MISMATCH);
	return errors;
}

static bool has_status(uint32_t errors, int status)
{
	for (unsigned code = ERROR_NONE + 1; code < ERROR__MAX; code++) {
		if ((errors & ERROR_BIT(code)) && response_status((enum error_code)code) == status)
			return true;
	}
	return false;
}

static void write_header(struct openapi *openapi, const char *name, const char *component)
{
	openapi_raw(openapi, name,
	    arena_printf(openapi->arena, "{\"$ref\":\"#/components/headers/%s\"}", component));
}

/* --- success --- */

static void write_row(struct openapi *openapi, const struct route *route)
{
	enum schema_use use = openapi_answer_use(openapi, route);

	openapi_reference_begin(openapi, route->shape == SHAPE_NULLABLE, false);
	openapi_reference(openapi, route->resource, use, route->answer_type);
	openapi_reference_end(openapi, route->shape == SHAPE_NULLABLE, false);
}

static void write_payload(struct openapi *openapi, const struct route *route)
{
	const struct resource *bulk;

	switch (openapi_payload(route)) {
	case OPENAPI_BULK:
		bulk = openapi_bulk(openapi->arena, route);
		if (bulk != NULL)
			openapi_envelope(openapi, bulk, SCHEMA_SELECTED);
		break;
	case OPENAPI_LIST:
		openapi_text(openapi, "type", "array");
		openapi_list(openapi, route->resource, openapi_answer_use(openapi, route),
		    arena_printf(openapi->arena, "ArrayOf%s", route->resource->type_name), NULL);
		break;
	case OPENAPI_COUNT:
		openapi_text(openapi, "type", "integer");
		openapi_text(openapi, "format", "int32");
		openapi_xml(openapi, "int", NAMESPACE_SERIALIZATION, false);
		break;
	case OPENAPI_ROW:
		write_row(openapi, route);
		break;
	default:
		openapi_text(openapi, "type", "object");
		break;
	}
}

static void write_success_schema(struct openapi *openapi, const struct route *route)
{
	const struct contract *contract = openapi->contract;
	const struct resource *envelope = contract->describe_answer != NULL
					      ? contract->describe_answer(openapi->arena, route)
					      : NULL;

	writer_object_begin(&openapi->writer, "schema");
	if (envelope != NULL)
		openapi_envelope(openapi, envelope, openapi_answer_use(openapi, route));
	else
		write_payload(openapi, route);
	writer_object_end(&openapi->writer);
}

/* Rows alone, whose members are those of the rows in the list. */
static void write_rows_content(struct openapi *openapi)
{
	openapi_raw(openapi, "text/csv",
	    "{\"schema\":{\"type\":\"string\",\"description\":\"A head with the paths of the "
	    "members, and a record for each row.\"}}");
	openapi_raw(openapi, "application/x-ndjson",
	    "{\"schema\":{\"type\":\"string\",\"description\":\"Each row as JSON on a line of its "
	    "own.\"}}");
}

static void write_success_content(struct openapi *openapi, const struct route *route)
{
	static const char *const both[] = { "application/json", "application/xml" };
	const char *const *media = route->media != NULL ? &route->media : both;
	unsigned count = route->media != NULL ? 1 : COUNT_OF(both);
	struct writer *writer = &openapi->writer;

	writer_object_begin(writer, "content");
	for (unsigned i = 0; i < count; i++) {
		writer_object_begin(writer, media[i]);
		if (route->media == NULL || strcmp(media[i], "application/json") == 0)
			write_success_schema(openapi, route);
		else
			openapi_raw(openapi, "schema",
			    str_ends_with(str_from(media[i]), STR("+json"))
				? "{\"type\":\"object\"}"
				: "{\"type\":\"string\"}");
		writer_object_end(writer);
	}
	if (route->media == NULL && route_lists(route))
		write_rows_content(openapi);
	writer_object_end(writer);
}

static void write_success(
    struct openapi *openapi, const struct route *route, int status, const char *description)
{
	struct writer *writer = &openapi->writer;

	writer_object_begin(writer, arena_printf(openapi->arena, "%d", status));
	openapi_text(openapi, "description", description);
	writer_object_begin(writer, "headers");
	write_header(openapi, "X-Request-Id", "RequestId");
	if (route->flags & ROUTE_ETAG)
		write_header(openapi, "ETag", "ETag");
	if (route->flags & ROUTE_VERSION) {
		write_header(openapi, "ETag", "VersionTag");
		write_header(openapi, "Hello-Interval", "HelloInterval");
	}
	if (status == 201 && route->shape != SHAPE_BULK)
		write_header(openapi, "Location", "Location");
	if (openapi_selects(route) && route_lists(route)) {
		write_header(openapi, "X-Total-Count", "TotalCount");
		write_header(openapi, "Link", "Link");
	}
	writer_object_end(writer);
	if (status != 204)
		write_success_content(openapi, route);
	writer_object_end(writer);
}

static void write_successes(struct openapi *openapi, const struct route *route)
{
	int status = success_status(openapi->contract, route);

	if (route->shape == SHAPE_BULK) {
		write_success(openapi, route, BULK_STATUS_ALL, "All rows are stored.");
		write_success(openapi, route, BULK_STATUS_SOME,
		    "Some rows are not stored (mode=each); the results tell which, and why.");
		return;
	}
	write_success(openapi, route, status,
	    status == 201   ? "Created."
	    : status == 204 ? "Success; the answer has no body."
			    : "Success.");
}

void openapi_answers(struct openapi *openapi, const struct route *route)
{
	uint32_t errors = possible_errors(openapi->contract, route);
	struct writer *writer = &openapi->writer;

	writer_object_begin(writer, "responses");
	write_successes(openapi, route);
	if ((route->method == METHOD_GET && (route->flags & ROUTE_ETAG)) ||
	    (route->flags & ROUTE_VERSION))
		openapi_raw(openapi, "304", "{\"$ref\":\"#/components/responses/NotModified\"}");
	for (unsigned i = 0; i < COUNT_OF(statuses); i++) {
		if (!has_status(errors, statuses[i]))
			continue;
		openapi_raw(openapi, arena_printf(openapi->arena, "%d", statuses[i]),
		    arena_printf(openapi->arena, "{\"$ref\":\"#/components/responses/%s.%d\"}",
			openapi->contract->family.name, statuses[i]));
	}
	writer_object_end(writer);
}

/* --- errors --- */

/* What the general error writer writes, by the family's names. */
static const struct resource *shape_body(struct openapi *openapi)
{
	const struct error_shape *shape = &openapi->contract->family.error;
	struct field *fields = arena_alloc_array(openapi->arena, 2, sizeof(*fields));
	struct resource *body = arena_alloc(openapi->arena, sizeof(*body));

	if (fields == NULL || body == NULL)
		return NULL;
	fields[0] = (struct field){ .name = shape->message,
		.type = FIELD_STRING,
		.flags = FIELD_NOT_NULL,
		.doc = "What is wrong, in a sentence." };
	fields[1] = (struct field){ .name = shape->faults,
		.type = FIELD_OBJECT,
		.object = &openapi_faults,
		.flags = FIELD_NOT_NULL | FIELD_OMIT_ABSENT,
		.doc = openapi_faults.doc };
	*body = (struct resource){ .name = "error",
		.type_name = shape->xml_root,
		.fields = fields,
		.field_count = 2,
		.doc = "Body of every error." };
	openapi->plain = body;
	return body;
}

/* The error's body as the program writes it. */
static void write_example(struct openapi *openapi, const struct route *route, enum error_code code)
{
	struct error error;
	struct response response = { 0 };
	const struct answer answer = {
		.media = { .format = MEDIA_JSON },
		.contract = openapi->contract,
		.route = route,
		.arena = openapi->arena,
	};

	error_init(&error, openapi->arena);
	if (code == ERROR_INVALID)
		error_add_fault(&error, "name", "The name field is required.");
	else
		error.code = code;
	envelope_error(&response, &answer, &error);
	writer_object_begin(&openapi->writer, error_code_word(code));
	openapi_text(openapi, "summary", error_code_message(code));
	openapi_raw(openapi, "value", response.body.data);
	writer_object_end(&openapi->writer);
	response_free(&response);
}

static void write_error_content(
    struct openapi *openapi, const struct resource *body, uint32_t errors, int status)
{
	struct writer *writer = &openapi->writer;

	writer_object_begin(writer, "content");
	writer_object_begin(writer, "application/json");
	writer_object_begin(writer, "schema");
	openapi_reference(openapi, body, SCHEMA_READ, NULL);
	writer_object_end(writer);
	writer_object_begin(writer, "examples");
	for (unsigned code = ERROR_NONE + 1; code < ERROR__MAX; code++) {
		if ((errors & ERROR_BIT(code)) && response_status((enum error_code)code) == status)
			write_example(openapi, openapi->contract->routes, (enum error_code)code);
	}
	writer_object_end(writer);
	writer_object_end(writer);
	if (!openapi->contract->family.json_only) {
		writer_object_begin(writer, "application/xml");
		writer_object_begin(writer, "schema");
		openapi_reference(openapi, body, SCHEMA_READ, NULL);
		writer_object_end(writer);
		writer_object_end(writer);
	}
	writer_object_end(writer);
}

static const char *describe_status(struct openapi *openapi, uint32_t errors, int status)
{
	const char *text = "";

	for (unsigned code = ERROR_NONE + 1; code < ERROR__MAX; code++) {
		if ((errors & ERROR_BIT(code)) && response_status((enum error_code)code) == status)
			text = arena_printf(openapi->arena, "%s%s%s", text,
			    text[0] != '\0' ? " Or: " : "",
			    error_code_message((enum error_code)code));
	}
	return text;
}

static void write_error_answer(
    struct openapi *openapi, const struct resource *body, uint32_t errors, int status)
{
	struct writer *writer = &openapi->writer;

	writer_object_begin(
	    writer, arena_printf(openapi->arena, "%s.%d", openapi->contract->family.name, status));
	openapi_text(openapi, "description", describe_status(openapi, errors, status));
	writer_object_begin(writer, "headers");
	write_header(openapi, "X-Request-Id", "RequestId");
	if (status == 401)
		write_header(openapi, "WWW-Authenticate", "WWWAuthenticate");
	if (status == 503 && (errors & ERROR_BIT(ERROR_OUTCOME_UNKNOWN))) {
		write_header(openapi, "Retry-After", "RetryAfterUnlessUnknown");
		write_header(openapi, "Outcome", "Outcome");
	} else if (status == 503 || status == 429) {
		write_header(openapi, "Retry-After", "RetryAfter");
	}
	writer_object_end(writer);
	write_error_content(openapi, body, errors, status);
	writer_object_end(writer);
}

static void write_family_errors(struct openapi *openapi, const struct contract *contract)
{
	const struct resource *body = contract->family.error_body;
	uint32_t errors = 0;

	openapi->contract = contract;
	if (body == NULL)
		body = shape_body(openapi);
	for (unsigned i = 0; i < contract->route_count; i++)
		errors |= possible_errors(contract, &contract->routes[i]);
	for (unsigned i = 0; i < COUNT_OF(statuses) && body != NULL; i++) {
		if (has_status(errors, statuses[i]))
			write_error_answer(openapi, body, errors, statuses[i]);
	}
}

void openapi_error_answers(struct openapi *openapi)
{
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	writer_object_begin(&openapi->writer, "responses");
	openapi_raw(openapi, "NotModified",
	    "{\"description\":\"The caller has this very answer already (If-None-Match).\","
	    "\"headers\":{\"ETag\":{\"$ref\":\"#/components/headers/ETag\"},"
	    "\"X-Request-Id\":{\"$ref\":\"#/components/headers/RequestId\"}}}");
	for (unsigned i = 0; i < count; i++) {
		if (contracts[i]->route_count > 0)
			write_family_errors(openapi, contracts[i]);
	}
	writer_object_end(&openapi->writer);
}
